/* Tasks: submitted, leased, finished, retried.  What each file decides:
 *
 *	submit.c   what becomes a task, idempotency
 *	gate.c     queues and concurrency keys: what may pass, what is blocked, what is counted
 *	settings.c the settings of a queue
 *	lease.c    who gets which task; sessions; expiry
 *	turn.c     whose turn it is among tenants
 *	wait.c     long polls
 *	holder.c   a holder's words: heartbeat, complete, fail, return
 *	finish.c   what every end has in common, callbacks, cancelling
 *	state.c    the table of transitions
 *	retry.c    whether and when a failed attempt is tried again
 *	dead.c     dead letters: retried, discarded, one or all
 *	due.c      delays and deadlines
 *	history.c  where ended tasks go; retention
 *	agent.h    who performs tasks, and how well: agent.c, agent_life.c, agent_admin.c,
 *agent_read.c read.c     one task, lists, counts
 *
 * Promises (design, 4): a task ends exactly once; at most one unexpired lease; a stale
 * holder gets CODE_LEASE_LOST and changes nothing; a submit that meets a waiting worker
 * is leased in the same commit.  tests/sim checks them after every step.
 *
 * Requests are commands: fill one in, send it with writer_send(), read the result in
 * its reply.  All pointers in a request live until the reply.
 */
#ifndef TAKT_QUEUE_QUEUE_H
#define TAKT_QUEUE_QUEUE_H

#include "base/base.h"
#include "store/scope.h"
#include "store/writer.h"

struct agent;
struct arena;
struct queue;
struct waiting;

enum task_state {
	TASK_SCHEDULED, /* waits for its time: a delay or a retry */
	TASK_BLOCKED,   /* waits for a concurrency key or rate limit */
	TASK_READY,
	TASK_LEASED,
	TASK_SUCCEEDED,
	TASK_FAILED,
	TASK_CANCELLED,
	TASK_STATES
};
const char *task_state_text(enum task_state s); /* "scheduled" … */
bool task_state_parse(struct str text, enum task_state *ret);

/* Limits; one table in docs/reference/config.md is made from these. */
enum {
	TASK_KIND_MAX = 100,      /* bytes; [a-z0-9._-] */
	TASK_INPUT_MAX = 1 << 20, /* bytes of JSON */
	TASK_OUTPUT_MAX = 1 << 20,
	TASK_ERROR_MAX = 16 << 10,
	TASK_KEY_MAX = 200,      /* an idempotency key */
	TASK_BATCH_MAX = 500,    /* tasks of one batch submit */
	TASK_PRIORITY_MAX = 100, /* −100 … 100, higher first */
	TASK_ATTEMPTS_MAX = 100,
	QUEUE_NAME_MAX = 100,      /* bytes, as of a kind */
	CONCURRENCY_KEY_MAX = 200, /* bytes */
	CONCURRENCY_MAX = 100000,
	CALLBACK_INPUT_MAX = 64 << 10,
	DEPTH_MAX = 100 * 1000 * 1000,
	RATE_MAX = 100000,
	SESSION_MAX = 100,       /* bytes */
	LEASE_HOLDING_MAX = 500, /* ids that a session says it holds */
	LEASE_KINDS_MAX = 64,
	LEASE_TASKS_MAX = 100, /* of one request */
	LEASE_MS_MIN = 1000,
	LEASE_MS_MAX = 3600 * 1000,
	LEASE_MS_DEFAULT = 60 * 1000,
	LEASE_WAIT_MS_MAX = 60 * 1000, /* a long poll */
	LEASE_LOST_MAX = 5,            /* leases a task may lose before it fails */
	LOG_LINES_MAX = 100,           /* of one heartbeat */
	LOG_LINE_MAX = 4 << 10,
	RETRY_ATTEMPTS_DEFAULT = 5,
	RETRY_BASE_MS_DEFAULT = 1000,
	RETRY_CAP_MS_DEFAULT = 5 * 60 * 1000,
	WEIGHT_MAX = 1000, /* of a tenant */
};
#define RETENTION_MS_DEFAULT (INT64_C(30) * 24 * 3600 * 1000)
enum { LEASE_TOKEN_BYTES = 16 };

struct lease_token {
	unsigned char bytes[LEASE_TOKEN_BYTES];
};

struct queue_options {
	struct store *store;
	struct writer *writer;
	const struct env *env;
	int64_t disk_low_bytes;     /* below it submits are refused (CODE_DISK_FULL) */
	int64_t retention_ms;       /* of ended tasks; 0: RETENTION_MS_DEFAULT */
	int64_t event_retention_ms; /* of events; 0: that of tasks */
};

/* Registers itself with the writer.  Leases that were live when the last server ended last one
 * full term from now. */
enum rc queue_create(const struct queue_options *o, struct queue **ret, struct err *err) MUST_USE;
void queue_destroy(struct queue *q);

/* --- What a finished task tells the engine above (flow/), inside the transaction. --- */
struct task_end {
	int64_t task, run;
	int64_t step, item;    /* as submitted */
	enum task_state state; /* SUCCEEDED, FAILED or CANCELLED */
	struct str output;     /* JSON, when succeeded */
	struct str error;      /* JSON object {code, message, …}, when failed */
	struct scope scope;
};
/* Called once for each task with a run.  An outcome but RC_OK undoes the command. */
void queue_on_end(struct queue *q,
                  enum rc (*fn)(void *ctx, struct tx *tx, const struct task_end *end,
                                struct err *err),
                  void *ctx);

/* --- Submitting --- */
struct task_new {
	struct str kind;  /* required */
	struct str queue; /* empty: named like the kind */
	struct str input; /* raw JSON; empty: null */
	int64_t priority;
	int64_t delay_ms;                    /* ready this much later */
	int64_t run_at_ms;                   /* or at this time; 0: now */
	int64_t attempts_max;                /* 0: the queue's */
	int64_t retry_base_ms, retry_cap_ms; /* 0: the queue's */
	int64_t timeout_ms;                  /* of one attempt, from lease to end; 0: the queue's */
	int64_t deadline_in_ms;              /* not ended this much later: it has failed; 0: none */
	int64_t deadline_ms;                 /* or by this time; the earlier one counts */
	struct str key;                      /* concurrency key; empty: none */
	int64_t key_max;                     /* tasks of the key under way; 0: 1 */
	struct str callback_kind;            /* submitted when this one ends; empty: none */
	struct str callback_input;           /* raw JSON, its member "input"; may be empty */
	struct str idempotency_key;          /* empty: none */
	int64_t run, step, item;             /* flow's; 0 otherwise */
	int64_t retry_of;                    /* dead.c's */
};
struct task_submitted {
	int64_t id;
	enum task_state state;
	bool is_duplicate; /* the idempotency key was seen: nothing new happened */
};
/* May there be new work?  CODE_DISK_FULL below the low-water mark.  Engine thread. */
enum rc queue_check_disk(struct queue *q, struct err *err) MUST_USE;
/* Inside a transaction, for flow/; refused only for what the task says. */
enum rc queue_submit_tx(struct queue *q, struct tx *tx, struct scope scope,
                        const struct task_new *t, struct task_submitted *ret,
                        struct err *err) MUST_USE;
/* Cancels one task of a run that is not at its end; RC_OK also when it is. */
enum rc queue_cancel_tx(struct queue *q, struct tx *tx, struct scope scope, int64_t task,
                        struct err *err) MUST_USE;

/* One or many at once: all or none.  CODE_QUEUE_FULL when a queue would hold more waiting
 * tasks than its depth_max (flow's own submits are never refused).  CODE_KEY_REUSED when a key came
 * with another body; err.place is "/tasks/3/kind" for the third of a batch. */
struct submit_command {
	struct command c;
	const struct task_new *tasks;
	size_t n;
	struct task_submitted *results; /* n, provided by the asker */
	bool is_batch;                  /* places begin with "/tasks/N", also when n is 1 */
};
void submit_command_init(struct submit_command *s, struct queue *q, struct scope scope);

/* --- Leasing --- */
/* Work of a batch that belongs together. */
enum lease_group {
	LEASE_GROUP_NONE,
	LEASE_GROUP_KIND, /* all tasks of one kind */
	LEASE_GROUP_KEY,  /* all tasks of one kind and concurrency key; one task without key */
};
struct lease {
	int64_t task, run, tenant;
	struct str kind, input, queue, key; /* in the command's arena */
	struct str origin;                  /* of the task, as in struct command */
	bool is_again;                      /* the session held it already: its reply was lost */
	int64_t attempt;                    /* from 1: the fencing number */
	int64_t attempts_max;
	int64_t lease_ms; /* a duration, never a date */
	int64_t timeout_ms;
	struct lease_token token;
};
struct lease_command {
	struct command c;
	struct arena *arena; /* results are made here */
	struct str worker;   /* the agent's name: see agent.h */
	const struct str *kinds;
	size_t n_kinds;
	int64_t tasks_max;  /* 1 … LEASE_TASKS_MAX */
	int64_t lease_ms;   /* LEASE_MS_MIN … LEASE_MS_MAX */
	int64_t timeout_ms; /* of each attempt, if the task's own is not shorter; 0: none */
	int64_t wait_ms;    /* 0: answer at once; else park until work comes */
	enum lease_group group;
	/* A text that no other worker process has.  What is leased to the session and not
	 * in `holding` is given again first, with the same token and attempt, and its time
	 * counts on: a lost reply costs nothing.  A session asks one question at a time. */
	struct str session; /* empty: none */
	const int64_t *holding;
	size_t n_holding;
	bool is_for_all;      /* tasks of every tenant, by turns; see lease_command_init_all() */
	int64_t deadline_ms;  /* internal: engine time */
	struct lease *leases; /* the result; n_leases may be 0 after the wait */
	size_t n_leases;
	bool is_draining; /* a result: the agent gets no new work and may leave */
	/* internal, see lease.c */
	struct agent *agent; /* NULL: not registered */
	struct lease_command *next_waiting, *prev_waiting, *next_settling;
	struct waiting *places; /* one in the line of each kind */
	bool is_waiting, is_fresh, is_granted;
};
void lease_command_init(struct lease_command *l, struct queue *q, struct scope scope,
                        struct arena *arena);
/* For the crew of the house: leases tasks of all tenants.  Tenants with work take turns,
 * `weight` tasks each; within a tenant by priority, then submission.  `scope` is takt's own
 * (identity_system()); the words about such a lease come with holder_command.is_for_all. */
void lease_command_init_all(struct lease_command *l, struct queue *q, struct scope scope,
                            struct arena *arena);
/* The poller has hung up.  `poller` may have been answered meanwhile: then what it was
 * given goes back to the queue (hand the leases over by lease_return_init). */
struct withdraw_command {
	struct command c;
	struct lease_command *poller; /* answered RC_OK with 0 leases if it still waits */
};
void withdraw_command_init(struct withdraw_command *w, struct queue *q,
                           struct lease_command *poller);

/* A holder's word about one attempt.  All need task, attempt and token; otherwise
 * CODE_LEASE_LOST (or CODE_NOT_FOUND for a task that never was). */
enum holder_verb {
	HOLDER_HEARTBEAT, /* extends the lease; progress and log lines become events */
	HOLDER_COMPLETE,  /* output; idempotent for the same attempt and token */
	HOLDER_FAIL,      /* error; retried by the policy unless is_final */
	HOLDER_RETURN,    /* hands it back unperformed: ready at once, no attempt used */
};
struct holder_command {
	struct command c;
	enum holder_verb verb;
	int64_t task, attempt;
	struct lease_token token;
	int64_t lease_ms;   /* heartbeat: the new term; 0: as it was */
	double progress;    /* heartbeat: 0 … 1; negative: not said */
	struct str message; /* heartbeat: what it is doing; may be empty */
	const struct str *log_lines;
	size_t n_log_lines;
	struct str output;                    /* complete: raw JSON */
	struct str error_code, error_message; /* fail */
	struct str error_detail;              /* fail: raw JSON; may be empty */
	bool is_final;                        /* fail: retrying makes no sense */
	struct lease_command *next; /* complete: lease again in the same commit; may be NULL */
	bool is_for_all;            /* the lease was for all tenants: the task's row says whose */
	/* results */
	bool is_refused; /* the task is not there or not its: nothing has changed */
	enum task_state state;
	int64_t ret_lease_ms;
	bool is_cancelled;   /* heartbeat: stop, the result is not wanted: state says why */
	bool is_draining;    /* heartbeat: finish this; there will be no new leases */
	int64_t retry_at_ms; /* fail: when it will be tried again; 0: not */
};
void holder_command_init(struct holder_command *h, struct queue *q, struct scope scope,
                         enum holder_verb verb);
/* Is this the word of the present lease, so that it will count?  *ret_run: the task's run. */
enum rc holder_is_live(struct queue *q, struct tx *tx, struct holder_command *h, bool *ret_is_live,
                       int64_t *ret_run, struct err *err) MUST_USE;

/* Many attempts are over, in one commit.  Each word counts for itself: its c.rc and c.err
 * say what became of it; one that is refused does not disturb the others. */
enum { FINISH_MAX = LEASE_TASKS_MAX }; /* of each verb */
struct finish_command {
	struct command c;
	struct holder_command *words; /* HOLDER_COMPLETE or HOLDER_FAIL, each initialised */
	size_t n;                     /* 1 … 2 × FINISH_MAX */
	struct lease_command *next;   /* lease again in the same commit; may be NULL */
};
void finish_command_init(struct finish_command *f, struct queue *q, struct scope scope);

/* Cancels: scheduled and ready tasks end at once; a leased one ends at once for the
 * queue, and its holder learns it at the next heartbeat (is_cancelled) or completion
 * (CODE_LEASE_LOST).  CODE_WRONG_STATE when it has ended otherwise already. */
struct cancel_command {
	struct command c;
	int64_t task;
	struct str reason;
	enum task_state state; /* the result */
};
void cancel_command_init(struct cancel_command *c, struct queue *q, struct scope scope);

/* --- Dead letters: failed tasks of no run, until retried or discarded --- */

/* Submits a new task with retry_of for one that has failed or was cancelled.  Asked again
 * it gives the same task.  CODE_WRONG_STATE for others, and for tasks of a run. */
struct retry_command {
	struct command c;
	int64_t task;
	struct task_submitted result;
};
void retry_command_init(struct retry_command *r, struct queue *q, struct scope scope);

/* Hides a dead letter; RC_OK also when it is hidden already. */
struct discard_command {
	struct command c;
	int64_t task;
};
void discard_command_init(struct discard_command *d, struct queue *q, struct scope scope);

/* Retries or discards all dead letters there are now, in slices, behind the other work;
 * goes on after a restart.  Ends with the event queue.swept {what, tasks}. */
enum sweep_what { SWEEP_RETRY = 1, SWEEP_DISCARD = 2 }; /* stored: never renumber */
struct sweep_command {
	struct command c;
	enum sweep_what what;
	struct str queue, kind; /* empty: any */
	int64_t id;             /* the result */
};
void sweep_command_init(struct sweep_command *s, struct queue *q, struct scope scope);

/* --- Queues --- */

/* 0: no limit, or the default. */
struct queue_settings {
	bool is_paused;          /* nothing is leased; what is under way goes on */
	int64_t depth_max;       /* tasks that wait: more are refused */
	int64_t concurrency_max; /* tasks under way */
	int64_t rate_n;          /* starts in … */
	int64_t rate_period_ms;  /* … this time, at least 1 when rate_n is */
	int64_t rate_burst;      /* starts at once after a rest; 0: rate_n */
	int64_t attempts_max, retry_base_ms, retry_cap_ms, timeout_ms;
	int64_t retention_ms; /* of its tasks that end from now on */
};
enum queue_verb { QUEUE_PUT, QUEUE_PAUSE, QUEUE_RESUME, QUEUE_RESET };
struct queue_command {
	struct command c;
	enum queue_verb verb;
	struct str name;
	struct queue_settings settings; /* PUT: all of them; the result of every verb */
};
void queue_command_init(struct queue_command *k, struct queue *q, struct scope scope,
                        enum queue_verb verb);

/* How many tasks a tenant gets in its turn, 1 … WEIGHT_MAX. */
struct weight_command {
	struct command c;
	int64_t tenant, weight;
};
void weight_command_init(struct weight_command *w, struct queue *q, struct scope scope);

/* Answers everybody who waits with no leases: the server goes down. */
void drain_command_init(struct command *c, struct queue *q);

/* --- Reading: any thread but the engine's; results live in the arena. --- */
struct task {
	int64_t id, run, step, item;
	enum task_state state;
	struct str kind, queue, input, output, error;
	struct str key; /* concurrency key; empty: none */
	int64_t key_max;
	int64_t deadline_ms;          /* 0: none */
	int64_t retry_of, retried_as; /* 0: none */
	bool is_discarded;
	int64_t priority, attempt, attempts_max, lost;
	int64_t created_ms, run_at_ms, lease_until_ms, finished_ms;
	struct str worker; /* of the current or last lease */
	double progress;   /* last reported; negative: none */
	struct str message;
	/* Why it does not move: waiting_for_agent, waiting_for_capacity, rate_limited, paused,
	 * delayed, backoff, leased; "" when it has ended. */
	const char *reason;
	struct str reason_detail; /* which limit, in words; may be empty */
	int64_t reason_until_ms;  /* rate_limited: the next start; 0: not known */
	int place;                /* a blocked task's, of gate.h */
};
struct task_filter {
	struct str kind; /* empty: any */
	int state;       /* enum task_state; −1: any */
	int64_t run;     /* 0: any */
	bool is_dead;    /* dead letters only */
	int64_t before;  /* cursor: ids below it; 0: from the newest */
	size_t limit;    /* 1 … 200 */
};
enum rc task_get(struct queue *q, struct scope scope, int64_t id, struct arena *a, struct task *ret,
                 struct err *err) MUST_USE;
/* Newest first, without input and output.  A page is found by looking at a bounded number of
 * rows, so it may have fewer tasks than `limit`, even none, and yet there are more. */
struct task_page {
	struct task *tasks;
	size_t n;
	int64_t next; /* task_filter.before of the next page; 0: this is the last */
};
enum rc task_list(struct queue *q, struct scope scope, const struct task_filter *f, struct arena *a,
                  struct task_page *ret, struct err *err) MUST_USE;
struct queue_count {
	struct str kind; /* the name of the queue */
	int64_t by_state[TASK_STATES];
	/* When the oldest that is ready was created; 0 when none is, or when the queue is
	 * not named like its kind and it does not stand among the oldest of all. */
	int64_t oldest_ready_ms;
	struct queue_settings settings;
	bool has_settings;
};
/* The queues that hold live tasks, by name; of at most QUEUES_MAX queues. */
enum { QUEUES_MAX = 1000 };
enum rc queue_counts(struct queue *q, struct scope scope, struct arena *a, struct queue_count **ret,
                     size_t *ret_n, struct err *err) MUST_USE;
/* All that were used or set, behind the name `after`, by name. */
enum rc queue_list(struct queue *q, struct scope scope, struct str after, size_t limit,
                   struct arena *a, struct queue_count **ret, size_t *ret_n,
                   struct err *err) MUST_USE;

/* Tasks of a queue that have ended on the day (since 1970). */
enum rc queue_ended(struct queue *q, struct scope scope, struct str name, int64_t day, int64_t *ret,
                    struct err *err) MUST_USE;
/* Dead letters, counted up to `max`. */
enum rc dead_count(struct queue *q, struct scope scope, int64_t max, int64_t *ret,
                   struct err *err) MUST_USE;

struct queue_day {
	int64_t day; /* since 1970 */
	int64_t succeeded, failed, cancelled;
	int64_t duration_ms; /* of the last attempts, together */
};
enum { QUEUE_DAYS_MAX = 31 };
struct queue_info {
	struct queue_count count;
	struct queue_day *days; /* newest first */
	size_t n_days;
};
/* A queue that nobody has set or used is there, with nothing in it. */
enum rc queue_get(struct queue *q, struct scope scope, struct str name, struct arena *a,
                  struct queue_info *ret, struct err *err) MUST_USE;

#endif
