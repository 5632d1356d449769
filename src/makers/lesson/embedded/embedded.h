/* The files that every lesson is made of, inside the program: Luau modules from
 * roblox/, page templates, languages, the spec's schema.  Written at build time by tools/embed. */
#ifndef TAKT_MAKERS_LESSON_EMBEDDED_EMBEDDED_H
#define TAKT_MAKERS_LESSON_EMBEDDED_EMBEDDED_H

#include "base/base.h"

struct embedded {
	const char *name; /* path in the source tree */
	const unsigned char *bytes;
	size_t len;
};
extern const struct embedded lesson_embedded[];
extern const size_t lesson_embedded_n;

/* Static bytes.  A name that is not there is a bug. */
struct str embedded_find(const char *name) MUST_USE;

#endif
