/* Insides of the queue, shared by its files and by tests/unit/queue. */
#ifndef TAKT_QUEUE_QUEUE_PRIV_H
#define TAKT_QUEUE_QUEUE_PRIV_H

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "queue/agent_priv.h"
#include "queue/gate.h"
#include "queue/queue.h"
#include "store/db.h"
#include "store/store.h"
#include "sys/count.h"
#include "sys/env.h"
#include "sys/planted.h"

enum {
	SLICE = 200,           /* rows of one kind of due work in one round of a batch */
	BUDGET = 1000,         /* rows that gates, sweeps and sending back may move in one batch */
	LIST_ROWS_SOON = 1000, /* that a page of a list looks at first, in each table … */
	LIST_ROWS_MAX = 50 * 1000,    /* … and at most, if it is not full yet */
	HISTORY_AFTER_MS = 60 * 1000, /* a repeated word finds its task at the first look */
};

/* All waiters of one tenant for one kind, in the order they came; tenant 0: those who
 * work for all. */
struct line {
	int64_t tenant;
	char *kind; /* owned */
	size_t kind_len;
	struct waiting *first, *last;
	struct line *next_in_bucket;
	struct line *next_hinted;
	bool is_hinted; /* a task of this kind became ready in this batch */
};

/* A waiter's place in one line; lives in its command's arena. */
struct waiting {
	struct lease_command *who;
	struct line *line;
	struct waiting *next, *prev;
};

enum { LINE_BUCKETS = 1024, GATE_BUCKETS = 4096, TURNS = 256 };

struct gate_kept {
	struct gate *gate;
	struct gate_state state;
};

/* Whose turn it is among the tenants, for workers who ask for the same kinds. */
struct turn {
	uint64_t kinds; /* hash of them; 0: free */
	int64_t tenant, left;
};

struct queue {
	struct participant participant; /* first: casts back */
	struct store *store;
	struct writer *writer;
	const struct env *env;
	int64_t disk_low_bytes;
	int64_t list_rows_soon, list_rows_max; /* LIST_ROWS_SOON, LIST_ROWS_MAX */
	enum rc (*on_end)(void *ctx, struct tx *tx, const struct task_end *end, struct err *err);
	void *on_end_ctx;
	struct buf scratch; /* event data, error objects; engine thread */
	int64_t retention_ms, event_retention_ms;
	int64_t sweep_due_ms, events_swept; /* history.c */
	int64_t budget;                     /* left in this batch */

	/* gate.c */
	struct gate *gates[GATE_BUCKETS];
	size_t n_gates;
	struct gate *gates_dirty, *gates_opening;
	struct gate_kept *kept; /* as it was before the present command */
	size_t n_kept, cap_kept;
	uint64_t command_serial;
	bool is_time_asked; /* which gates time has opened, in this batch */

	struct turn turns[TURNS];
	struct agents agents;

	/* Waiters, all of them by deadline, and by kind in lines. */
	struct lease_command *waiting_first, *waiting_last;
	struct lease_command *settling; /* fresh or granted in this batch */
	int64_t next_due_ms;            /* as the open batch leaves it */
	int64_t n_waiting;
	struct line *buckets[LINE_BUCKETS];
	struct line *hinted;
	bool is_hint_all; /* somebody left empty-handed with work behind what was passed over */
	bool has_sweeps;  /* dead.c: there may be some */
	bool is_swept;    /* history.c, in this batch */
};

/* The row of a task as its holder sees it. */
struct task_row {
	enum task_state state;
	enum gate_place place;
	int64_t id, attempt, run, step, item, failures, attempts_max, retry_base_ms, retry_cap_ms;
	int64_t lease_ms, lease_began_ms, attempt_ms, lost, run_at_ms;
	int64_t second_term_ms; /* until when it lasts at least, live at a restart; or 0 */
	int64_t agent;          /* whose lease it is; 0: nobody's that is registered */
	struct lease_token token;
	bool has_token;
	struct str kind, queue, key; /* in tx->arena, like the following */
	struct str callback_kind, callback_input;
};

/* state.c: the table of transitions. */
bool task_can_move(enum task_state from, enum task_state to);

/* settings.c */
enum rc queue_settings_read(struct db *db, int64_t tenant, struct str name,
                            struct queue_settings *ret, bool *ret_is_set, struct err *err) MUST_USE;

/* submit.c */
bool is_task_kind(struct str kind);
enum rc task_check_kind(struct str kind, const char *place, struct err *err) MUST_USE;

/* read.c */
enum rc task_row_read(struct tx *tx, int64_t tenant, int64_t id, struct task_row *ret,
                      struct err *err) MUST_USE;

/* finish.c: ends a task for good, tells flow, writes the event.  `error` is a JSON
 * object or empty. */
enum rc task_end_now(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                     enum task_state state, struct str error, struct err *err) MUST_USE;
/* {"code":…,"message":…,"detail":…} in tx->arena. */
struct str task_error_json(struct queue *q, struct tx *tx, struct str code, struct str message,
                           struct str detail);
/* An event about a task: {"kind":…,"attempt":…} and what `more` adds. */
void task_event(struct queue *q, struct tx *tx, struct scope scope, const char *type,
                const struct task_row *row, void (*more)(struct json_out *o, const void *ctx),
                const void *ctx);

/* finish.c: what every end has in common. */
enum rc task_ended(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                   enum task_state from, struct str output, struct str error,
                   struct err *err) MUST_USE;

/* retry.c: an attempt has failed: again, or for good. */
enum rc task_attempt_failed(struct queue *q, struct tx *tx, struct scope scope,
                            struct task_row *row, struct str error, bool is_final,
                            int64_t *ret_retry_at_ms, struct err *err) MUST_USE;
/* Full jitter: a random part of the cap that doubles with every failure. */
int64_t retry_wait_ms(const struct env *env, int64_t failures, int64_t base_ms, int64_t cap_ms);

/* dead.c: a slice of retrying or discarding many. */
enum rc dead_sweep(struct queue *q, struct tx *tx, struct err *err) MUST_USE;

/* due.c: delays that ended, deadlines that passed. */
enum rc due_delays(struct queue *q, struct tx *tx, bool *did, struct err *err) MUST_USE;
enum rc due_deadlines(struct queue *q, struct tx *tx, bool *did, struct err *err) MUST_USE;

/* history.c: what has ended moves, what is old goes; when it wants to look again. */
enum rc history_sweep(struct queue *q, struct tx *tx, struct err *err) MUST_USE;
enum rc history_next_due(struct queue *q, struct tx *tx, int64_t *least, struct err *err) MUST_USE;

/* turn.c: the next tenant with work of these kinds, and how many tasks it may get; 0 when
 * there is none. */
enum rc turn_next(struct queue *q, struct tx *tx, const struct lease_command *l,
                  int64_t *ret_tenant, int64_t *ret_left, struct err *err) MUST_USE;
/* That tenant got n, or has nothing more. */
void turn_used(struct queue *q, const struct lease_command *l, int64_t n, bool is_over);

/* lease.c */
void lease_hint(struct queue *q, int64_t tenant, struct str kind); /* a task became ready */
enum rc lease_expire(struct queue *q, struct tx *tx, bool *did, struct err *err) MUST_USE;
enum rc lease_grant(struct queue *q, struct tx *tx, struct lease_command *l,
                    struct err *err) MUST_USE;
/* Of a request that comes with the end of an attempt. */
enum rc lease_next(struct queue *q, struct tx *tx, struct lease_command *l,
                   struct err *err) MUST_USE;
/* What the session has and does not know of, first; then new work. */
enum rc lease_grant_session(struct queue *q, struct tx *tx, struct lease_command *l,
                            struct err *err) MUST_USE;
/* wait.c */
void wait_enter(struct queue *q, struct lease_command *l, int64_t now_ms);
void wait_leave(struct queue *q, struct lease_command *l);
void wait_grant(struct queue *q, struct tx *tx, struct lease_command *l); /* answered now */
void wait_settle(struct queue *q, bool is_committed);                     /* the batch is over */
struct line *wait_line(struct queue *q, int64_t tenant, struct str kind, bool create);
void wait_unhint(struct queue *q);
void wait_hint_all(struct queue *q);

#endif
