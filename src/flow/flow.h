/* Workflows: definitions, runs, steps.  Stands on queue/; a step's work is a task.
 *
 *	definition.c  a document → a checked definition; errors point at the place
 *	reference.c   {"ref": "/steps/plan/output/title"}
 *	start.c       definitions are stored; runs begin, are cancelled
 *	advance.c     what may start now (`when`, `each`), what has ended: the heart
 *	step_end.c    how a step ends: the outputs of its items, or why it failed
 *	values.c      what references find in a run
 *	part.c        parts of large outputs
 *	wait.c        timers and events
 *	approve.c     approvals
 *	child.c       steps that are runs of other workflows
 *	compensate.c  what is undone when a run fails or is cancelled
 *	resume.c      what could not be undone is tried again, or skipped
 *	fork.c        a new run from a recorded step of another
 *	end.c         how steps and runs end: rows, events, tasks that are left
 *	retention.c   when runs are forgotten, and what stays of them
 *	flow.c        whose turn it is, within the bounds of a batch
 *	read.c        runs and workflows for people
 *
 * A run is a function of what is recorded: definition, input, and the outputs of
 * finished steps.  A step that is recorded as finished is never performed again.
 *
 * A definition (JSON, or YAML read by codec/yaml.h):
 *
 *	name: lesson
 *	description: one line
 *	input: {…}                    a JSON Schema; optional
 *	steps:
 *	  plan:
 *	    kind: lesson.plan         the task's kind
 *	    input: {brief: {ref: /input/brief}, limit: 20}
 *	    retry: {attempts: 3, base_ms: 500, cap_ms: 60000}
 *	    timeout_ms: 60000
 *	    priority: 5
 *	  check:
 *	    kind: lesson.check
 *	    after: [generate]         besides what its references say
 *	    each: {ref: /steps/generate/output/checks}     or a literal array
 *	    max_parallel: 4           0 or absent: no limit
 *	    on_error: collect         fail (default) | collect
 *	    input: {check: {ref: /item}, number: {ref: /index}}
 *	    when: {value: {ref: /steps/plan/output/questions}, schema: {minimum: 1}}
 *	  pause:
 *	    wait: {timer_ms: 60000}   or {until: "2027-01-31T08:00:00Z"}; both may be references
 *	  paid:
 *	    wait: {event: paid, match: {value: {order: {ref: /input/order}}, schema: {…}},
 *	           timeout_ms: 86400000, on_timeout: continue}     fail (default) | continue
 *	  sure:
 *	    approve: {prompt: Publish?, show: {ref: /steps/plan/output}, approvers: 2,
 *	              expires_ms: 86400000, on_expiry: reject}     reject (default) | continue
 *	  rest:
 *	    workflow: other@3         a run of its own; without @ the newest version
 *	    input: {ref: /steps/paid/output}                       each, max_parallel, on_error
 *	    compensate: {kind: refund, input: {id: {ref: /output/id}}}     also on other steps
 *	output: {ref: /steps/report/output}                 optional
 *	retention_ms: 604800000       how long its ended runs are kept; optional
 *
 * A step has one of `kind`, `workflow`, `wait` and `approve`.
 *
 * A reference is an object with the one member `ref` that is a string: /input…,
 * /steps/NAME/output…, and in the input of an `each` /item… and /index.  It makes its step
 * wait for the one it names; steps without a path between them run side by side.  Their
 * order in the document means nothing, a circle is refused.  A reference that finds nothing
 * fails the step with bad_reference.
 *
 * A step whose `when` does not hold is skipped: its output, and all below it, is null, and
 * steps behind it run.  An `each` step's output is the array of its items' outputs, in
 * order, at most 1 MiB together (output_too_large); with `collect` a failed item gives
 * {"error": …} in its place.  An input that is left out is null.  A step that fails ends the
 * run: what is under way is cancelled, the run has failed, and its error is
 * {"code", "message", "step", "item"}, the last two where they apply (item from 1).
 *
 * Large outputs.  What a task gives above 256 KiB is kept as an artifact (artifact/output.h),
 * and recorded is its descriptor {"$artifact", "sha256", "size", "media_type"}.  References
 * into it, and to the whole of one up to 1 MiB, are read and passed on as ever, at most
 * 1 MiB each (too_large); a reference to the whole of a larger one, and one in the run's
 * output, gives the descriptor.
 *
 * Waits.  They are rows, survive a restart and hold no worker.  A timer's output is null.
 * An event is sent to a run (POST /v1/runs/ID/events); those that come early are kept for
 * the run, and each step takes the first, in the order they came, whose name is its own and
 * whose data contains `match.value` (objects: each member named there; else: equal) and
 * fits `match.schema`; its output is the data.  After `timeout_ms` the step fails with
 * code timeout, or goes on with null.
 *
 * Approvals.  What is shown is put together once, and its SHA-256 is pinned: a decision
 * names the hash of what was seen, and another hash is refused (CODE_APPROVAL_CHANGED).
 * `approvers` different actors must approve; one who rejects fails the step with code
 * rejected.  After expiry it is rejected, or goes on with {"approved": false}; nothing is
 * ever approved by time.  Output: {"approved": true, "by": [{actor, at, comment}]}.
 *
 * Sub-workflows.  The child begins in the transaction that begins its step, as its actor;
 * it is cancelled with its parent.  At most RUN_DEPTH_MAX deep and RUN_FAMILY_MAX below
 * one root, so a workflow may start itself, and ends.
 *
 * Compensation.  When a run fails or is cancelled, all that is under way is cancelled,
 * also the runs below with their own compensation; then what has succeeded and has
 * `compensate` is undone, the last to finish first, the items of an `each` from the last to
 * the first (also those of an `each` that did not succeed as a whole), one task at a time.
 * Its input is {"input", "output"} of what is undone, unless the definition gives one, with
 * {ref: /output…} for that output.  A compensation that fails ends the run at once in
 * compensation_failed, with {"compensation": {code, message, step, item}} in its error.
 * Such a run can be resumed: the compensation that failed is tried again, or skipped with a
 * reason, and the others follow.
 *
 * Low disk.  Below the low-water mark of the disk no run begins, and none begins a step or
 * an item: its step says waiting_for_disk.  What is under way may end.
 *
 * Forks.  A new run that takes over the recorded outputs of all steps that are not behind
 * `from`, as far as these steps and all before them are the same in its version; nothing of
 * what it took over is performed, or undone, by it.
 *
 * Events: workflow.stored {name, version}, run.started {workflow, version}, run.step {step,
 * state, items?, error?} for running, succeeded, failed, skipped, cancelled; run.succeeded,
 * run.failed {error}, run.cancelled {error}; run.event {name}, run.approval {step, decision, hash,
 * comment?}, run.compensating {error}, run.compensation {step, item?, state, error?},
 * run.compensation_failed {error}, run.resumed {step, item?, skip, reason?}.
 */
#ifndef TAKT_FLOW_FLOW_H
#define TAKT_FLOW_FLOW_H

#include "base/base.h"
#include "flow/definition.h" /* workflow_check() */
#include "store/scope.h"
#include "store/writer.h"

struct arena;
struct flow;
struct json;
struct output_part;
struct queue;

/* Stored: never renumber. */
enum run_state {
	RUN_RUNNING,
	RUN_SUCCEEDED,
	RUN_FAILED,
	RUN_CANCELLED,
	RUN_WAITING,      /* for a time, an event or a person, and for nothing else */
	RUN_COMPENSATING, /* has failed or was cancelled; finished steps are undone */
	RUN_COMPENSATION_FAILED,
	RUN_STATES
};
bool run_is_over(enum run_state s);
const char *run_state_text(enum run_state s);
bool run_state_parse(struct str text, enum run_state *ret);

enum step_state {
	STEP_WAITING, /* for the steps before it */
	STEP_RUNNING, /* tasks submitted, or being submitted in slices */
	STEP_SUCCEEDED,
	STEP_FAILED,
	STEP_SKIPPED,
	STEP_CANCELLED,
	STEP_STATES
};
const char *step_state_text(enum step_state s);

enum {
	WORKFLOW_NAME_MAX = 64, /* [a-z][a-z0-9_-]* */
	WORKFLOW_BYTES_MAX = 256 << 10,
	WORKFLOW_STEPS_MAX = 200,
	EACH_ITEMS_MAX = 10000,
	ADVANCE_SLICE = 50,     /* tasks submitted by one run in one batch; tests/bench/fan_out.c */
	RUN_DEPTH_MAX = 8,      /* runs above a run */
	RUN_FAMILY_MAX = 10000, /* runs below one that has none above */
	RUN_EVENTS_MAX = 1000,  /* kept for a run, not yet taken */
	EVENT_NAME_MAX = 100,   /* [a-zA-Z0-9._-]+ */
	EVENT_DATA_MAX = 256 << 10,
	APPROVAL_SHOW_MAX = 256 << 10,
	APPROVAL_COMMENT_MAX = 1000,
	RESUME_REASON_MAX = 1000,
	APPROVAL_HASH_BYTES = 32,
};

struct flow_options {
	struct store *store;
	struct queue *queue;
	struct writer *writer;
	int64_t retention_ms; /* of ended runs; 0: RETENTION_MS_DEFAULT */
	/* Reads a part of a large output and answers (part.h); engine thread, must not wait. */
	void (*read_part)(void *ctx, struct output_part *p);
	void *read_part_ctx;
};
/* Registers with writer and queue; finds the runs that were under way. */
enum rc flow_create(const struct flow_options *o, struct flow **ret, struct err *err) MUST_USE;
void flow_destroy(struct flow *f);

/* Stores a definition; the newest version's bytes again give that version. */
struct workflow_put_command {
	struct command c;
	struct str document; /* JSON */
	/* results */
	char name[WORKFLOW_NAME_MAX + 1];
	int64_t version; /* from 1, per name */
	bool is_new;
};
void workflow_put_command_init(struct workflow_put_command *w, struct flow *f, struct scope scope);

struct run_start_command {
	struct command c;
	struct str workflow;        /* name */
	int64_t version;            /* 0: the newest */
	struct str input;           /* raw JSON; checked against the workflow's schema */
	struct str idempotency_key; /* empty: none; one more start with it gives the same run */
	/* results */
	int64_t run;
	bool is_duplicate;
};
void run_start_command_init(struct run_start_command *r, struct flow *f, struct scope scope);

/* Cancels the run and what it has under way; RC_OK also when it was cancelled before.
 * CODE_WRONG_STATE when it has ended otherwise. */
struct run_cancel_command {
	struct command c;
	int64_t run;
	struct str reason;
	enum run_state state; /* the result: cancelled, or first compensating */
};
void run_cancel_command_init(struct run_cancel_command *r, struct flow *f, struct scope scope);

/* Undoes on what is left of a run in compensation_failed: the one that failed once more,
 * or without it.  RC_OK also when it compensates already.  CODE_WRONG_STATE otherwise. */
struct run_resume_command {
	struct command c;
	int64_t run;
	bool is_skipping;     /* what failed is given up */
	struct str reason;    /* for people; it stands in the record */
	enum run_state state; /* the result: compensating */
};
void run_resume_command_init(struct run_resume_command *k, struct flow *f, struct scope scope);

/* Something has happened that a run may wait for.  CODE_WRONG_STATE when it has ended,
 * CODE_QUEUE_FULL when it keeps RUN_EVENTS_MAX already. */
struct run_event_command {
	struct command c;
	int64_t run;
	struct str name, data;      /* raw JSON; empty: null */
	struct str idempotency_key; /* empty: none */
	bool is_duplicate;          /* the result */
};
void run_event_command_init(struct run_event_command *e, struct flow *f, struct scope scope);

/* One actor's decision.  Saying the same again is RC_OK and nothing new.
 * CODE_APPROVAL_CHANGED when `hash` is not that of what is shown, CODE_WRONG_STATE when
 * nothing is to be decided there. */
struct approval_command {
	struct command c;
	int64_t run;
	struct str step;
	bool is_approving;
	unsigned char hash[APPROVAL_HASH_BYTES];
	struct str comment;
	bool is_duplicate; /* the result */
};
void approval_command_init(struct approval_command *a, struct flow *f, struct scope scope);

struct run_fork_command {
	struct command c;
	int64_t run;
	struct str from;            /* the step to perform anew */
	int64_t version;            /* 0: the version of that run */
	struct str input;           /* merge patch (RFC 7396) of its input; empty: as it was */
	struct str idempotency_key; /* empty: none */
	/* results */
	int64_t fork;
	int64_t reused; /* steps taken over */
	bool is_duplicate;
};
void run_fork_command_init(struct run_fork_command *k, struct flow *f, struct scope scope);

/* --- Reading: any thread but the engine's; results live in the arena. --- */
struct workflow_day {
	int64_t day; /* since 1970 */
	int64_t succeeded, failed, cancelled, compensation_failed;
	int64_t duration_ms; /* from start to end, together */
};
enum { WORKFLOW_DAYS_MAX = 31 };
struct workflow {
	struct str name, description, document; /* document empty in lists */
	int64_t version, created_ms;
	struct workflow_day *days; /* newest first; not in lists */
	size_t n_days;
};
enum rc workflow_get(struct flow *f, struct scope scope, struct str name, int64_t version,
                     struct arena *a, struct workflow *ret, struct err *err) MUST_USE;
/* The newest version of each, by name, behind the name `after`. */
enum rc workflow_list(struct flow *f, struct scope scope, struct str after, size_t limit,
                      struct arena *a, struct workflow **ret, size_t *ret_n,
                      struct err *err) MUST_USE;

struct run_step {
	struct str name, kind; /* kind: of a task; else empty */
	const char *type;      /* "task", "workflow", "timer", "event", "approval" */
	enum step_state state;
	bool is_each;
	/* Done are those that succeeded; 1 and 0 or 1 without `each`. */
	int64_t items, items_done, items_failed;
	int64_t started_ms, finished_ms; /* 0: not yet */
	int64_t task;                    /* its task (no each); 0: none yet */
	int64_t attempt;                 /* of that task */
	double progress;                 /* 0 … 1; negative: not said */
	struct str message;              /* last reported by the holder */
	struct str output, error;        /* raw JSON */
	/* Why it does not move: "waiting_for_steps", or what its task says (of an each, the
	 * one that is furthest): "waiting_for_agent", "backoff", "leased" …; "waiting_for_disk"
	 * when it may not begin for that, "waiting_for_output" while a part of a large output
	 * is read; "" when ended. */
	const char *reason;
	struct str workflow; /* of a sub-workflow: its name */
	int64_t child;       /* its run (no each); 0: none yet */
	struct str event;    /* the name of the event it waits for */
	struct str prompt;   /* of an approval */
	struct str hash;     /* of what is shown, in hex; empty: nothing is asked now */
	int64_t approvers, approved;
	int64_t until_ms;     /* a timer ends, patience ends; 0: not known, or never */
	bool is_reused;       /* taken over by a fork */
	const char *undoing;  /* "", "running", "succeeded", "skipped", "failed" */
	int64_t undo_task;    /* the last task of it */
	const int64_t *after; /* indexes of the steps before it */
	size_t n_after;
};
struct run {
	int64_t id;
	struct str workflow;
	int64_t version;
	enum run_state state;
	struct str input, output, error; /* raw JSON; empty in lists */
	int64_t created_ms, finished_ms;
	struct run_step *steps; /* in the order of the definition; NULL in lists */
	size_t n_steps;
	int64_t steps_done; /* in lists too */
	int64_t steps_total;
	int64_t parent;         /* the run whose step this is; 0: none */
	int64_t forked_from;    /* 0: none */
	struct str forked_step; /* from which step on */
};
enum rc run_get(struct flow *f, struct scope scope, int64_t id, struct arena *a, struct run *ret,
                struct err *err) MUST_USE;
/* Runs by state, each counted up to `max`; those that have ended well or were cancelled are
 * many, and are not counted (0). */
enum rc run_counts(struct flow *f, struct scope scope, int64_t max, int64_t ret[RUN_STATES],
                   struct err *err) MUST_USE;
struct run_filter {
	struct str workflow; /* empty: any */
	int state;           /* −1: any */
	int64_t before;      /* cursor */
	size_t limit;        /* 1 … 200 */
};
enum rc run_list(struct flow *f, struct scope scope, const struct run_filter *filter,
                 struct arena *a, struct run **ret, size_t *ret_n, struct err *err) MUST_USE;

struct approval {
	int64_t run, step_no, version, asked_ms, expires_ms; /* expires_ms 0: never */
	int64_t approvers, approved;
	struct str step, workflow, prompt;
	struct str hash; /* hex */
	struct str show; /* raw JSON; empty in lists */
};
/* What waits for a decision, by run and step, behind those two. */
enum rc approval_list(struct flow *f, struct scope scope, int64_t after_run, int64_t after_step,
                      size_t limit, struct arena *a, struct approval **ret, size_t *ret_n,
                      struct err *err) MUST_USE;
enum rc approval_get(struct flow *f, struct scope scope, int64_t run, struct str step,
                     struct arena *a, struct approval *ret, struct err *err) MUST_USE;

#endif
