/* Finding what tools/embed has put into the program. */
#include "makers/lesson/embedded/embedded.h"

struct str embedded_find(const char *name)
{
	for (size_t i = 0; i < lesson_embedded_n; i++) {
		const struct embedded *e = &lesson_embedded[i];
		if (strcmp(e->name, name) == 0)
			return (struct str){ (const char *)e->bytes, e->len };
	}
	abort(); /* a name that embedded/meson.build does not list: a bug */
}
