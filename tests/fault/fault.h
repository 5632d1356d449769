/* A story with one fault in it, at every place where there can be one.
 *
 * A story is told once as it should be.  Before each operation of the simulated disk, and
 * before allocations of SQLite, the teller forks: in the child just this one fails (or the
 * power goes), and the child tells the rest of the story to its end.  So every fault costs
 * only what comes behind it, two at a time.  The same is replayed without a fork by
 *
 *	NAME io 137        the 137th operation of the disk fails
 *	NAME full 137      … because there is no room
 *	NAME cut 137       … and nothing works behind it: the power is gone
 *	NAME memory 137    the 137th allocation of SQLite fails
 *
 * NAME alone does all, NAME --every 9 one place of nine; the last line is "N passed, N failed". */
#ifndef TAKT_TESTS_FAULT_FAULT_H
#define TAKT_TESTS_FAULT_FAULT_H

#include <stdbool.h>

struct disk;

struct fault_told {
	const char *complaint; /* the first thing that was wrong; NULL: nothing */
	long long about;
};
struct fault_story {
	const char *name;
	struct fault_told (*tell)(struct disk *disk);
};
int fault_main(const struct fault_story *s, int argc, char **argv);

/* Nothing fails meanwhile: the auditor looks. */
void fault_hold(bool is_held);
/* Has it happened since this was asked last? */
bool fault_was(void);

#endif
