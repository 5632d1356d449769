/* Workflows: definitions, runs, steps.  Stands on queue/; a step's work is a task.
 *
 *	definition.c  a document → a checked definition; errors point at the place
 *	reference.c   {"ref": "/steps/plan/output/title"}
 *	start.c       definitions are stored; runs begin, are cancelled
 *	advance.c     what may start now (`when`, `each`), what has ended: the heart
 *	end.c         how steps and runs end: rows, events, tasks that are left
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
 *	output: {ref: /steps/report/output}                 optional
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
 * Events: workflow.stored {name, version}, run.started {workflow, version}, run.step {step,
 * state, items?, error?} for running, succeeded, failed, skipped, cancelled; run.succeeded,
 * run.failed {error}, run.cancelled {error}.
 */
#ifndef TAKT_FLOW_FLOW_H
#define TAKT_FLOW_FLOW_H

#include "base/base.h"
#include "store/scope.h"
#include "store/writer.h"

struct arena;
struct flow;
struct json;
struct queue;

enum run_state { RUN_RUNNING, RUN_SUCCEEDED, RUN_FAILED, RUN_CANCELLED, RUN_STATES };
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
	ADVANCE_SLICE = 200, /* tasks submitted by one run in one batch */
};

struct flow_options {
	struct store *store;
	struct queue *queue;
	struct writer *writer;
};
/* Registers with writer and queue; finds the runs that were under way. */
enum rc flow_create(const struct flow_options *o, struct flow **ret, struct err *err) MUST_USE;
void flow_destroy(struct flow *f);

/* Pure: is this a definition?  CODE_BAD_WORKFLOW; the place is a JSON Pointer into the
 * document, the text says what would be right (nearest known name for a typo, the cycle
 * written out as a -> b -> a). */
enum rc workflow_check(const struct json *document, struct arena *a, struct err *err) MUST_USE;

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
};
void run_cancel_command_init(struct run_cancel_command *r, struct flow *f, struct scope scope);

/* --- Reading: any thread but the engine's; results live in the arena. --- */
struct workflow {
	struct str name, description, document; /* document empty in lists */
	int64_t version, created_ms;
};
enum rc workflow_get(struct flow *f, struct scope scope, struct str name, int64_t version,
                     struct arena *a, struct workflow *ret, struct err *err) MUST_USE;
/* The newest version of each, by name, behind the name `after`. */
enum rc workflow_list(struct flow *f, struct scope scope, struct str after, size_t limit,
                      struct arena *a, struct workflow **ret, size_t *ret_n,
                      struct err *err) MUST_USE;

struct run_step {
	struct str name, kind;
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
	 * one that is furthest): "waiting_for_agent", "backoff", "leased" …; "" when ended. */
	const char *reason;
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
};
enum rc run_get(struct flow *f, struct scope scope, int64_t id, struct arena *a, struct run *ret,
                struct err *err) MUST_USE;
struct run_filter {
	struct str workflow; /* empty: any */
	int state;           /* −1: any */
	int64_t before;      /* cursor */
	size_t limit;        /* 1 … 200 */
};
enum rc run_list(struct flow *f, struct scope scope, const struct run_filter *filter,
                 struct arena *a, struct run **ret, size_t *ret_n, struct err *err) MUST_USE;

#endif
