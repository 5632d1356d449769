/* Many seeds, a process each.
 *
 *	NAME FROM TO [STEPS]     runs the seeds; the last line is "N passed, N failed"
 *	NAME --lie FROM TO       the same on a disk that lies about fsync: must be found out
 *	NAME SEED                one seed in this process, with its trace; for a debugger */
#ifndef TAKT_TESTS_SIM_SEEDS_H
#define TAKT_TESTS_SIM_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

struct told {
	const char *complaint; /* the first thing that was wrong; NULL: nothing */
	long long about;
	unsigned long long things, ops; /* tasks or runs; operations of the disk */
};

struct story {
	const char *name;
	struct told (*tell)(uint64_t seed, int steps, bool does_lie);
};

int seeds_main(const struct story *s, int argc, char **argv);

#endif
