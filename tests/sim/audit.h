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
 *	(5) of a concurrency key and of a queue no more are under way than it says, no more
 *	    start in a time than its rate says, and nothing of a paused queue
 *	(6) a session that asks again is given what it never heard of, the same lease
 *	(7) each task with a callback that has ended has exactly one, and nobody else has any
 *	(8) a dead letter is retried at most once, and only when somebody asked
 *	(9) the counts of the queues are those of their tasks
 */
#ifndef TAKT_TESTS_SIM_AUDIT_H
#define TAKT_TESTS_SIM_AUDIT_H

#include "queue/queue.h"

enum known { KNOWN_NO, KNOWN_MAYBE, KNOWN_YES };

enum { AUDIT_TASKS_MAX = 4096 };

enum { AUDIT_QUEUES = 4, AUDIT_KEYS = 3 };

struct belief {
	enum known submitted;
	int64_t id;          /* 0: not known */
	int queue, key;      /* key −1: none */
	int64_t retry_of;    /* of a retry: the id of the old task */
	int64_t deadline_ms; /* it may end unasked from then on; 0: none */
	bool has_callback, may_be_retried;
	bool is_read;     /* it was found, and read with all that belongs to it */
	bool is_end_read; /* the same, after its end */
	int callbacks;    /* found at the last look */
	enum known ended;
	unsigned may_end;         /* bit mask of enum task_state: endings somebody asked for */
	enum task_state end;      /* when ended is YES */
	int64_t attempt;          /* the newest that we know to have been granted */
	struct lease_token token; /* of that */
	int64_t lease_until_ms;   /* live before that; 0: not leased as far as we know */
	bool has_unheard;         /* a newer lease may have been granted, and nobody heard */
};

struct audit {
	struct belief tasks[AUDIT_TASKS_MAX];
	size_t n;
	const struct str *queue_names;                        /* AUDIT_QUEUES */
	int64_t queue_max[AUDIT_QUEUES], key_max[AUDIT_KEYS]; /* under way; 0: no limit */
	enum known is_paused[AUDIT_QUEUES];
	int64_t rate_n, rate_period_ms; /* of queue AUDIT_RATED */
	int64_t credit, credit_ms;
	bool may_retry_all;
	struct {
		int64_t id, of; /* a callback that was read, and the number it is about */
	} callbacks[AUDIT_TASKS_MAX];
	size_t n_callbacks;
	struct {
		int64_t seq, endings, leased; /* of the last one, and how many of a type */
		bool is_agent_removed;
	} told;                /* the events that were read */
	const char *complaint; /* the first thing that was wrong; NULL: nothing */
	int64_t about;
};

enum { AUDIT_RATED = 1 };

/* The number of a task: by its id, or by its input when that was never heard.  A retry has
 * the input of the old task and gets a number of its own.  −1: none of ours. */
int64_t audit_number(struct audit *a, int64_t id, struct str input, bool is_retry);
/* A new lease was granted at engine time now_ms: are all limits kept? */
void audit_limits(struct audit *a, int64_t number, int64_t now_ms);
/* Leases may have been granted of which nobody heard: they may time out, and tasks fail. */
void audit_unheard(struct audit *a);
/* What was answered. */
void audit_submitted(struct audit *a, int64_t number, int64_t id);
void audit_leased(struct audit *a, int64_t number, const struct lease *l, int64_t now_ms);
void audit_leased_again(struct audit *a, int64_t number, const struct lease *l);
void audit_word(struct audit *a, int64_t number, const struct holder_command *h, int64_t now_ms);
void audit_cancel(struct audit *a, int64_t number, enum rc rc);
void audit_complain(struct audit *a, const char *what, int64_t about);
/* Compares everything with the store; turns each maybe into what is there.  What was read before is
 * only looked at in the list again until it ends, and after its end, and of the events only the
 * new ones are read, which is much faster, unless is_last. */
void audit_all(struct audit *a, struct queue *q, struct store *s, struct scope scope, bool is_last);

#endif
