/* What limits tasks, and what is counted of them: queues and concurrency keys.
 *
 * Definition: a gate lets tasks pass one by one.  Each task has its queue's gate, and one
 * for its concurrency key if it has a key.  It passes the key's first, then the queue's;
 * then it is ready.  Before a gate without room it is blocked and stands in that gate's
 * line, which is an index of its own: whoever waits costs those who do not nothing.
 *
 * (1) A task that has passed the key's gate holds one of the key's places until it ends or
 *     is scheduled again, also while it stands before its queue's gate.  One order for
 *     all, so nobody waits in a circle.
 * (2) Under way in a queue are its ready and its leased tasks together: at most
 *     concurrency_max.  A place once given to a ready task stays given, except when the
 *     queue is paused or its limits are lowered: then lease.c sends it back.
 * (3) A rate is a bucket of credit.  Every lease takes one start; at most as many tasks
 *     are ready as there are starts.
 * (4) When a place becomes free, the best of the line (priority, then submission) passes
 *     in the same commit.
 * (5) Counts are memory that follows the transaction: changed at once, put back when a
 *     command is undone (command_begins, command_undone), written once before the COMMIT,
 *     forgotten and read again when the batch is rolled back.
 *
 * tests/unit/queue/test_limits.c and the simulation check them.
 */
#ifndef TAKT_QUEUE_GATE_H
#define TAKT_QUEUE_GATE_H

#include "base/base.h"
#include "queue/queue.h"

struct db;

enum gate_space { GATE_QUEUE_SPACE = 1, GATE_KEY_SPACE = 2 }; /* stored */
enum gate_place { GATE_NOWHERE, GATE_AT_KEY, GATE_AT_QUEUE }; /* stored in task.gate */
enum { GATES_MAX = 20000 /* kept in memory; more are read again when needed */ };

struct gate_state {
	struct queue_settings settings; /* of a queue */
	int64_t scheduled, blocked, ready, leased;
	int64_t waiting;   /* blocked tasks that stand here */
	int64_t held, max; /* of a key */
	int64_t credit, credit_ms;
	/* Of this batch, for the day's sums. */
	int64_t succeeded, failed, cancelled, duration_ms;
};

struct gate {
	int64_t tenant;
	enum gate_space space;
	char *name; /* owned */
	size_t name_len;
	struct gate_state s;
	uint64_t kept_in; /* the command in which it was kept for undoing */
	bool is_dirty, is_opening;
	struct gate *next_in_bucket, *next_dirty, *next_opening;
};

/* The two gates of a task; key is NULL when it has none.  Valid in this batch. */
struct gates {
	struct gate *queue, *key;
};
enum rc gates_find(struct queue *q, struct tx *tx, int64_t tenant, struct str queue, struct str key,
                   struct gates *ret, struct err *err) MUST_USE;

/* A task comes (from nowhere or from scheduled) and wants to pass: READY or BLOCKED, and
 * where it stands then. */
void gates_enter(struct queue *q, struct tx *tx, struct gates g, int64_t key_max,
                 enum task_state *ret_state, enum gate_place *ret_place);
/* A task leaves its gates: it ends, or is scheduled again. */
void gates_leave(struct queue *q, struct gates g, enum task_state state, enum gate_place place);
void gates_scheduled(struct queue *q, struct gates g, int64_t n); /* n more, or fewer, wait */
void gates_leased(struct queue *q, struct tx *tx, struct gates g);
void gates_unleased(struct queue *q, struct gates g);  /* leased → ready */
void gates_sent_back(struct queue *q, struct gates g); /* ready → blocked at the queue */
void gates_ended(struct queue *q, struct gates g, enum task_state state, int64_t duration_ms);
bool gates_may_lease(struct gates g, int64_t now_ms);
void gates_set(struct queue *q, struct tx *tx, struct gate *g, const struct queue_settings *to);

/* Tasks that wait for an agent, a place, or their time. */
int64_t gate_depth(const struct gate *g);
/* As the disk has it, for any thread; the settings are not among it. */
enum rc gate_state_read(struct db *db, int64_t tenant, enum gate_space space, struct str name,
                        struct gate_state *s, struct err *err) MUST_USE;
/* How many more may pass now; when the next start is due (INT64_MAX: no time tells). */
int64_t gate_room(const struct gate_state *s, enum gate_space space, int64_t now_ms);
int64_t gate_next_ms(const struct gate_state *s, enum gate_space space, int64_t now_ms);

/* Lets pass what there is room for, within the batch's budget. */
enum rc gates_open(struct queue *q, struct tx *tx, bool *did, struct err *err) MUST_USE;
/* Gates that time has opened. */
enum rc gates_due(struct queue *q, struct tx *tx, struct err *err) MUST_USE;
enum rc gates_flush(struct queue *q, struct tx *tx, struct err *err) MUST_USE;

void gates_command_begins(struct queue *q);
void gates_command_undone(struct queue *q);
void gates_settle(struct queue *q, bool is_committed); /* the batch is over */
void gates_fini(struct queue *q);

#endif
