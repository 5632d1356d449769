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

struct step_def {
	struct str name, kind;
	const struct json *input; /* NULL: null */
	const struct json *each;  /* NULL: one task; else a reference or an array */
	const struct json *when_value, *when_schema; /* NULL: always */
	struct schema *when;                         /* compiled when_schema */
	int64_t max_parallel;                        /* 0: no limit */
	bool is_collect;
	/* As in struct task_new; 0 is the queue's default. */
	int64_t attempts_max, retry_base_ms, retry_cap_ms, timeout_ms, priority;
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
	const int64_t *order; /* the steps so that each stands behind those it waits for */
};

/* CODE_BAD_WORKFLOW with the place in the document. */
enum rc definition_read(const struct json *document, struct arena *a, struct definition **ret,
                        struct err *err) MUST_USE;
/* Compiles the schemas; definition_fini() gives back what was compiled, also after a
 * failure. */
enum rc definition_compile(struct definition *d, struct err *err) MUST_USE;
void definition_fini(struct definition *d);

/* The number of the step of that name; −1 when there is none. */
int64_t definition_find(const struct definition *d, struct str name);

#endif
