/* Many seeds, a process each.
 *
 *	NAME FROM TO [OPERATIONS]    runs the seeds, of 1,000 operations each; the last lines are
 *	                             "N operations" and "N passed, N failed"
 *	NAME --lie FROM TO           the same on a disk that lies about fsync: must be found out
 *	NAME SEED                    one seed in this process, with its trace; for a debugger
 *
 * An operation is what somebody asks of the engine.  The database is made once, and each seed
 * begins with it: what a start that is cut short leaves behind is for tests/fault. */
#ifndef TAKT_TESTS_SIM_SEEDS_H
#define TAKT_TESTS_SIM_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

struct told {
	const char *complaint; /* the first thing that was wrong; NULL: nothing */
	long long about;
	unsigned long long things, ops; /* tasks or runs; operations of the disk */
	unsigned long long said;        /* operations */
};

struct story {
	const char *name;
	void (*begin)(void); /* makes the database; aborts when it can't */
	struct told (*tell)(uint64_t seed, int operations, bool does_lie);
};

int seeds_main(const struct story *s, int argc, char **argv);

#endif
