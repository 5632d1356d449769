/* A definition, read and checked: what advance.c goes by.
 *
 * Reading is pure and gives an immutable struct whose pieces lie in the arena and in the
 * document.  Compiling adds the schemas, which own memory of their own; only the engine
 * and workflow_check() need them. */
#ifndef TAKT_FLOW_DEFINITION_H
#define TAKT_FLOW_DEFINITION_H

#include "base/base.h"
#include "codec/json.h"

struct arena;
struct schema;

#define PATIENCE_MS_MAX (INT64_C(3660) * 24 * 3600 * 1000) /* a wait: ten years */

/* What a step does.  Stored in `step.type`: never renumber. */
enum step_type {
	STEP_TASK,     /* kind: tasks in the queue */
	STEP_CHILD,    /* workflow: runs of their own */
	STEP_TIMER,    /* wait: {timer_ms} or {until} */
	STEP_EVENT,    /* wait: {event} */
	STEP_APPROVAL, /* approve */
	STEP_TYPES
};

/* How a task is tried; as in struct task_new, where 0 is the queue's default. */
struct attempts_def {
	int64_t attempts_max, retry_base_ms, retry_cap_ms, timeout_ms;
};

struct wait_def {
	const struct json *timer_ms, *until; /* values; one of them in a timer */
	struct str event;
	const struct json *match_value, *match_schema; /* NULL: any data */
	struct schema *match;                          /* compiled match_schema */
	int64_t timeout_ms;                            /* 0: none */
	bool is_continuing;                            /* after the time-out, with null */
};

struct approve_def {
	struct str prompt;
	const struct json *show; /* NULL: null */
	int64_t approvers, expires_ms;
	bool is_continuing; /* after expiry, not approved */
};

struct compensate_def {
	struct str kind;          /* empty: the step has none */
	const struct json *input; /* NULL: {input, output} of what is undone */
	struct attempts_def attempts;
};

struct step_def {
	struct str name;
	enum step_type type;
	const struct json *source; /* all of it */
	struct str kind;           /* STEP_TASK */
	struct str workflow;       /* STEP_CHILD */
	int64_t workflow_version;  /* 0: the newest when it starts */
	struct wait_def wait;
	struct approve_def approve;
	struct compensate_def compensate;
	const struct json *input; /* NULL: null */
	const struct json *each;  /* NULL: one task; else a reference or an array */
	const struct json *when_value, *when_schema; /* NULL: always */
	struct schema *when;                         /* compiled when_schema */
	int64_t max_parallel;                        /* 0: no limit */
	bool is_collect;
	struct attempts_def attempts;
	int64_t priority;
	const int64_t *after; /* the steps it waits for, ascending */
	size_t n_after;
};

struct definition {
	struct str name, description;
	const struct json *input_schema; /* NULL: any input */
	struct schema *input;            /* compiled input_schema */
	const struct json *output;       /* NULL: null */
	struct step_def *steps;          /* in the order of the document */
	size_t n_steps;
	int64_t retention_ms; /* of ended runs; 0: the server's */
	bool is_compensating; /* some step has `compensate` */
	const int64_t *order; /* the steps so that each stands behind those it waits for */
};

/* Pure: is this a definition?  CODE_BAD_WORKFLOW; the place is a JSON Pointer into the
 * document, the text says what would be right (nearest known name for a typo, the cycle
 * written out as a -> b -> a). */
enum rc workflow_check(const struct json *document, struct arena *a, struct err *err) MUST_USE;

/* CODE_BAD_WORKFLOW with the place in the document. */
enum rc definition_read(const struct json *document, struct arena *a, struct definition **ret,
                        struct err *err) MUST_USE;
/* Compiles the schemas; definition_fini() gives back what was compiled, also after a
 * failure. */
enum rc definition_compile(struct definition *d, struct err *err) MUST_USE;
void definition_fini(struct definition *d);

/* "task", "workflow", "timer", "event", "approval". */
const char *step_type_text(enum step_type type);
/* The number of the step of that name; −1 when there is none. */
int64_t definition_find(const struct definition *d, struct str name);

#endif
