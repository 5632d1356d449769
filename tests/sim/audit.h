/* The auditor: what the outside world is entitled to believe, three-valued.
 *
 * Each task is known by the number in its input.  An acknowledgement is a promise, a
 * lost reply is a maybe.  After every crash the whole store is compared with the
 * beliefs, and each maybe becomes what was found.
 *
 * Safety, checked all along:
 *	(1) an acknowledged submit is there; one that never was is not; none is there twice
 *	(2) an acknowledged ending stays; nothing ends twice, nothing ends unasked
 *	(3) no two live leases; no word under an old token is accepted
 *	(4) events are dense, and each task that has ended has exactly one ending event
 */
#ifndef TAKT_TESTS_SIM_AUDIT_H
#define TAKT_TESTS_SIM_AUDIT_H

#include "queue/queue.h"

enum known { KNOWN_NO, KNOWN_MAYBE, KNOWN_YES };

enum { AUDIT_TASKS_MAX = 4096 };

struct belief {
	enum known submitted;
	int64_t id; /* 0: not known */
	enum known ended;
	unsigned may_end;         /* bit mask of enum task_state: endings somebody asked for */
	enum task_state end;      /* when ended is YES */
	int64_t attempt;          /* the newest that we know to have been granted */
	struct lease_token token; /* of that */
	int64_t lease_until_ms;   /* live before that; 0: not leased as far as we know */
};

struct audit {
	struct belief tasks[AUDIT_TASKS_MAX];
	size_t n;
	const char *complaint; /* the first thing that was wrong; NULL: nothing */
	int64_t about;
};

void audit_complain(struct audit *a, const char *what, int64_t about);
/* Compares everything with the store; turns each maybe into what is there. */
void audit_all(struct audit *a, struct queue *q, struct store *s, struct scope scope);

#endif
