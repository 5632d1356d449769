/* Which bug is planted: see planted.h.  Empty but in a build that plants them. */
#include "sys/planted.h"

#ifdef TAKT_PLANTED

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum planted choose(const char *wanted)
{
	static const char *const names[] = { "",
#define X(name, what) #name,
		                             PLANTED_TABLE(X)
#undef X
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], wanted) == 0)
			return (enum planted)i;
	fprintf(stderr, "PLANTED_BUG: there is no bug %s\n", wanted);
	exit(2);
}

/* Asked by any thread: all find the same. */
enum planted planted(void)
{
	static _Atomic int chosen = -1;
	if (chosen < 0) {
		const char *wanted = getenv("PLANTED_BUG");
		chosen = (int)choose(wanted ? wanted : "");
	}
	return (enum planted)chosen;
}

#endif
