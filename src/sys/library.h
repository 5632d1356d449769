/* Shared libraries that most processes never need are opened at first use, so that
 * the server starts in milliseconds and stays small: libcurl costs 6 MB and 8 ms at
 * exec, libarchive brings libxml2 and ICU.  See docs/decisions/. */
#ifndef TAKT_SYS_LIBRARY_H
#define TAKT_SYS_LIBRARY_H

#include "base/base.h"

struct library_symbol {
	const char *name;
	void **to; /* filled with the address */
};
/* Opens `soname` (stays open for the life of the process) and fills every symbol.
 * CODE_TOOL_MISSING names the library and Debian's package. */
enum rc library_open(const char *soname, const char *debian_package,
                     const struct library_symbol *symbols, size_t n, struct err *err) MUST_USE;

#endif
