/* The one writer: takes every command that waits, applies them in one transaction,
 * commits once, then answers.
 *
 * (1) A reply always means durable: `reply` is posted only after COMMIT returned.
 * (2) Each command happens entirely or not at all, and a refused one does not disturb
 *     the others of its batch.  (For that `apply` may be called twice in a batch, the
 *     first time undone: writer.c, apply_chain_once.)
 * (3) Memory follows the disk: participants change their memory in after_commit only.
 * (4) A failed COMMIT is unknown: the whole batch is answered RC_UNKNOWN and `fatal`
 *     ends the process, which recovers by opening again (but not when the disk was full:
 *     then the frame that commits never was on it).  When SQLite has rolled back
 *     by itself (disk full, I/O error before COMMIT) nothing happened and each command
 *     is answered so.
 * (5) Time is a floor kept in the database plus the monotonic clock: it never goes
 *     back, and a jump of the wall clock changes nothing.
 * (6) Events get their numbers at the end of the batch, so they are dense per tenant
 *     whatever was undone.
 *
 * The thread is optional: a simulator calls writer_batch() itself.
 */
#ifndef TAKT_STORE_WRITER_H
#define TAKT_STORE_WRITER_H

#include "base/base.h"
#include "store/scope.h"
#include "sys/count.h"
#include "sys/loop.h"
#include "sys/mailbox.h"

struct arena;
struct db;
struct env;
struct store;
struct writer;

/* An open batch. */
struct tx {
	struct db *db;
	struct store *store;
	struct writer *writer;
	struct arena *arena; /* ends with the batch */
	const struct env *env;
	int64_t now_ms; /* engine time, ms since 1970 */
	/* What causes the present change, as of struct command; empty: the engine itself. */
	struct str origin;
};

/* One change somebody asks for.  Embedded as the first member of a request; it moves
 * to the engine thread with its arena and moves back with the reply. */
struct command {
	struct mailbox_node node;  /* on the way to the engine; first, so that it casts back */
	struct loop_message reply; /* posted after the commit; fn set by the asker */
	/* Inside the transaction.  Fills the request's result.  Any outcome but RC_OK
	 * undoes what it did. */
	enum rc (*apply)(struct command *c, struct tx *tx, struct err *err);
	/* After the commit, when apply was RC_OK: memory follows.  May be NULL. */
	void (*committed)(struct command *c, struct tx *tx);
	void *owner; /* the queue, flow, … that apply works on */
	void *asker; /* the asker's own, for its reply */
	struct scope scope;
	/* Which request asks: "REQUEST_ID" or "REQUEST_ID TRACEPARENT"; borrowed from it. */
	struct str origin;
	int64_t posted_us;
	bool is_urgent; /* completions: never shed */
	bool is_parked; /* set by apply: answered later through writer_answer() */
	enum rc rc;     /* the outcome, valid in reply */
	struct err err;
};

static inline struct command *command_of_reply(struct loop_message *m)
{
	return (struct command *)((char *)m - offsetof(struct command, reply));
}

/* An engine that takes part in every batch. */
struct participant {
	/* Work that is due, and work caused by the commands of this batch; inside the
	 * transaction, after the commands.  Returns true when it did something, so that
	 * the others are asked again (bounded).  An IO outcome in *rc undoes the batch. */
	bool (*before_commit)(struct participant *p, struct tx *tx, enum rc *rc, struct err *err);
	/* A command begins; it is undone alone (the batch goes on).  Both may be NULL.  For
	 * memory that is changed along with the transaction. */
	void (*command_begins)(struct participant *p);
	void (*command_undone)(struct participant *p);
	/* The last word before COMMIT, once, when nobody has anything to do any more: what
	 * was counted in memory goes to the disk.  May be NULL; must cause no events. */
	enum rc (*flush)(struct participant *p, struct tx *tx, struct err *err);
	void (*after_commit)(struct participant *p, struct tx *tx);
	void (*after_rollback)(struct participant *p);
	/* Behind each batch, outside the transaction.  May be NULL. */
	void (*between)(struct participant *p);
	/* Engine time at which before_commit or between wants to run without any command;
	 * INT64_MAX: never.  Asked after each batch. */
	int64_t (*next_due_ms)(struct participant *p);
	struct participant *next;
};

struct writer_options {
	struct store *store;
	const struct env *env;
	struct loop *loop;  /* replies are posted here; NULL: reply.fn is called directly */
	size_t pending_max; /* commands waiting; 0: 16,384 */
	int64_t shed_ms;    /* waited longer: CODE_OVERLOADED; 0: 5,000 */
	/* Engine thread, after a commit: the newest event number of a tenant. */
	void (*on_events)(void *ctx, int64_t tenant, int64_t last_seq);
	void (*fatal)(void *ctx, const struct err *err);
	void *ctx;
};

enum rc writer_create(const struct writer_options *o, struct writer **ret,
                      struct err *err) MUST_USE;
void writer_destroy(struct writer *w);
void writer_add(struct writer *w, struct participant *p); /* before the first batch */

/* With a loop: its thread; what is sent in one turn goes to the engine together, so that a
 * commit has more to carry.  Without: any thread.  Never blocks.  When too many wait, answers
 * CODE_OVERLOADED at once, through c->reply.fn. */
void writer_send(struct writer *w, struct command *c);
/* Engine thread: answers a parked command in this batch, after the commit. */
void writer_answer(struct writer *w, struct command *c, enum rc rc);

enum rc writer_start(struct writer *w, struct err *err) MUST_USE; /* its own thread */
void writer_stop(struct writer *w); /* applies what waits, then ends the thread */
/* One batch on the caller's thread (simulator, tests, start-up); commands are linked by
 * node.next, NULL for none.  Returns the engine time of the next due work. */
int64_t writer_batch(struct writer *w, struct command *chain);
int64_t writer_now_ms(const struct writer *w);   /* engine time, any thread */
int64_t writer_began_ms(const struct writer *w); /* engine time when it was created: whatever
                                                    stands in the store is older */
void writer_wake(struct writer *w); /* any thread: asks the participants when they are due */

/* --- Events: the immutable record.  Inside a batch. --- */
struct event_new {
	int64_t tenant, actor;
	const char *type; /* "task.submitted", static */
	int64_t subject;  /* id of the task, run, artifact …; its prefix is the type's */
	int64_t run;      /* the run it belongs to, 0 for none */
	struct str data;  /* a JSON object, copied; empty: {} */
};
void tx_event(struct tx *tx, const struct event_new *e);

/* Counts once the batch is durable, and not what was undone.  Inside a batch. */
void tx_count(struct tx *tx, enum count c, int64_t n);
/* The same of what a command was refused for: it stays when the command is undone. */
void tx_count_refusal(struct tx *tx, enum count c, int64_t n);

struct event {
	int64_t seq, at_ms, actor, subject, run;
	struct str type, data;
};
struct event_filter {
	int64_t after; /* seq; events behind it */
	int64_t run;   /* only of this run; 0: all */
	size_t limit;  /* 1 … 1,000 */
};
/* Any thread but the engine's.  When the events behind `after` have been dropped by
 * retention, the first is "events.gap" {from, to} (not with a filter by run).  Reads
 * through a borrowed connection, into the arena. */
enum rc event_read(struct store *s, struct scope scope, const struct event_filter *f,
                   struct arena *a, struct event **ret, size_t *ret_n, struct err *err) MUST_USE;
/* 0, or when this log was restored from a backup (ms since 1970): numbers behind its end
 * may have meant other events before. */
enum rc event_epoch(struct store *s, int64_t *ret, struct err *err) MUST_USE;
enum rc event_last(struct store *s, struct scope scope, int64_t *ret, struct err *err) MUST_USE;

#endif
