/* Insides of the queue, shared by its files and by tests/unit/queue. */
#ifndef TAKT_QUEUE_QUEUE_PRIV_H
#define TAKT_QUEUE_QUEUE_PRIV_H

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "queue/queue.h"
#include "store/db.h"
#include "store/store.h"
#include "sys/count.h"
#include "sys/env.h"

enum { SLICE = 200 /* rows of one kind of due work in one round of a batch */ };

/* All waiters of one tenant for one kind, in the order they came. */
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

enum { LINE_BUCKETS = 1024 };

struct queue {
	struct participant participant; /* first: casts back */
	struct store *store;
	struct writer *writer;
	const struct env *env;
	int64_t disk_low_bytes;
	enum rc (*on_end)(void *ctx, struct tx *tx, const struct task_end *end, struct err *err);
	void *on_end_ctx;
	struct buf scratch; /* event data, error objects; engine thread */
	int64_t idempotency_swept_ms;

	/* Waiters, all of them by deadline, and by kind in lines. */
	struct lease_command *waiting_first, *waiting_last;
	struct lease_command *settling; /* fresh or granted in this batch */
	int64_t next_due_ms;            /* as the open batch leaves it */
	int64_t n_waiting;
	struct line *buckets[LINE_BUCKETS];
	struct line *hinted;
};

/* The row of a task as its holder sees it. */
struct task_row {
	enum task_state state;
	int64_t id, attempt, run, step, item, failures, attempts_max, retry_base_ms, retry_cap_ms;
	int64_t lease_ms, lease_began_ms, timeout_ms, lost, run_at_ms;
	struct lease_token token;
	bool has_token;
	struct str kind; /* in tx->arena */
};

/* state.c: the table of transitions. */
bool task_can_move(enum task_state from, enum task_state to);

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

/* retry.c: an attempt has failed: again, or for good. */
enum rc task_attempt_failed(struct queue *q, struct tx *tx, struct scope scope,
                            struct task_row *row, struct str error, bool is_final,
                            int64_t *ret_retry_at_ms, struct err *err) MUST_USE;
/* Full jitter: a random part of the cap that doubles with every failure. */
int64_t retry_wait_ms(const struct env *env, int64_t failures, int64_t base_ms, int64_t cap_ms);

/* lease.c */
void lease_hint(struct queue *q, int64_t tenant, struct str kind); /* a task became ready */
enum rc lease_expire(struct queue *q, struct tx *tx, bool *did, struct err *err) MUST_USE;
/* wait.c */
void wait_enter(struct queue *q, struct lease_command *l, int64_t now_ms);
void wait_leave(struct queue *q, struct lease_command *l);
void wait_grant(struct queue *q, struct tx *tx, struct lease_command *l); /* answered now */
void wait_settle(struct queue *q, bool is_committed);                     /* the batch is over */
struct line *wait_line(struct queue *q, int64_t tenant, struct str kind, bool create);
void wait_unhint(struct queue *q);
enum rc lease_grant(struct queue *q, struct tx *tx, struct lease_command *l,
                    struct err *err) MUST_USE;

#endif
