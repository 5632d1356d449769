/* What this process was given by whoever started it: environment variables, its number.
 * The only reader of the environment; nobody changes it. */
#ifndef TAKT_SYS_ENVIRON_H
#define TAKT_SYS_ENVIRON_H

#include "base/base.h"

const char *environ_get(const char *name); /* NULL when unset */
const char *environ_at(size_t i);          /* "NAME=value"; NULL behind the last */
const char *const *environ_all(void);      /* as exec wants it */
bool environ_is_utf8(void);                /* LC_ALL, LC_CTYPE, LANG speak of UTF-8 */
/* The user's home: $HOME, else the system's word; NULL when neither knows. */
const char *environ_home(void);

#endif
