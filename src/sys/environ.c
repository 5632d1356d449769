/* The environment of the process: see environ.h. */
#include <pwd.h>
#include <strings.h>
#include <unistd.h>

#include "sys/environ.h"

extern char **environ;

const char *environ_get(const char *name)
{
	return getenv(name);
}

const char *environ_at(size_t i)
{
	return environ[i];
}

const char *const *environ_all(void)
{
	return (const char *const *)environ;
}

/* The first of the three that is set and not empty decides, as in setlocale(3). */
bool environ_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

const char *environ_home(void)
{
	const char *home = getenv("HOME");
	if (home && *home)
		return home;
	const struct passwd *user = getpwuid(getuid());
	return user ? user->pw_dir : NULL;
}
