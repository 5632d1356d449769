/* Shared libraries opened at first use: see library.h. */
#include <dlfcn.h>

#include "sys/library.h"

enum rc library_open(const char *soname, const char *debian_package,
                     const struct library_symbol *symbols, size_t n, struct err *err)
{
	void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return err_set(err, CODE_TOOL_MISSING,
		               "the library %s is missing; install it with: apt install %s", soname,
		               debian_package);
	for (size_t i = 0; i < n; i++) {
		void *address = dlsym(handle, symbols[i].name);
		if (!address)
			return err_set(err, CODE_TOOL_MISSING,
			               "the library %s has no %s; a newer package %s is needed",
			               soname, symbols[i].name, debian_package);
		*symbols[i].to = address;
	}
	return RC_OK;
}
