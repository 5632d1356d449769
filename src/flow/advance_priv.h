/* One run, being advanced: shared by what begins and ends its steps.
 *
 *	advance.c     the pass over the steps; tasks
 *	step_end.c    how a step ends
 *	part.c        parts of large outputs
 *	values.c      what references find
 *	wait.c        timers, events, approvals
 *	child.c       sub-workflows
 *	compensate.c  what is undone when a run fails */
#ifndef TAKT_FLOW_ADVANCE_PRIV_H
#define TAKT_FLOW_ADVANCE_PRIV_H

#include "flow/flow_priv.h"
#include "flow/reference.h"

struct step_record {
	bool has_begun, is_copied;
	enum step_state state;
	int64_t items, submitted, succeeded, failed, cancelled, task, child;
};

struct advance {
	struct reference_data data; /* first: casts back */
	struct flow *f;
	struct tx *tx;
	struct scope scope; /* of who started the run */
	int64_t run, root, depth;
	const struct definition *d;
	struct step_record *steps;
	int64_t n_finished;             /* the number of the step that finished last */
	const struct json *item;        /* the one whose input is put together */
	const struct json *undo_output; /* of what is being undone */
	struct json index;
	char digits[24]; /* of the index */
	int64_t slice;   /* tasks that may still be submitted or cancelled */
	bool stays_due, has_ended;
	bool waits_for_part; /* it stays in the table, and its turn comes with the answer */
	bool is_whole_kept;  /* references to the whole of a large output give its descriptor */
};

static inline bool is_done(const struct step_record *s)
{
	return s->has_begun && (s->state == STEP_SUCCEEDED || s->state == STEP_SKIPPED);
}

static inline bool is_wait(const struct step_def *def)
{
	return def->type == STEP_TIMER || def->type == STEP_EVENT || def->type == STEP_APPROVAL;
}

/* Nothing more may begin in this batch. */
static inline bool is_spent(const struct advance *a)
{
	return a->f->is_held || a->slice <= 0 || flow_room(a->f, a->tx) <= 0;
}

/* Is this failure the run's own, and not the store's? */
static inline bool is_own(enum rc rc)
{
	return rc == RC_INVALID || rc == RC_LIMIT;
}

/* values.c.  Puts a template's value together, in f->value; valid until its next use. */
void values_init(struct advance *a);
enum rc resolve(struct advance *a, const struct json *template, struct str *ret,
                struct err *err) MUST_USE;
/* The items of an `each`, pinned until unpin: their inputs look up other values. */
enum rc pin_items(struct advance *a, int64_t i, struct recorded_doc **ret,
                  struct err *err) MUST_USE;
void unpin_items(struct advance *a, int64_t i);
void set_item(struct advance *a, const struct json *item, int64_t index);

enum rc find_output(struct advance *a, int64_t step, const struct json **ret,
                    struct err *err) MUST_USE;

/* part.c: are the parts of large outputs there that the templates refer to?  What is not is
 * asked for, and the run waits. */
enum rc step_has_parts(struct advance *a, int64_t i, bool *ret, struct err *err) MUST_USE;
enum rc undo_has_parts(struct advance *a, int64_t i, bool *ret, struct err *err) MUST_USE;
enum rc end_has_parts(struct advance *a, bool *ret, struct err *err) MUST_USE;
bool reference_wants_part(const struct reference *r, int64_t size, bool is_whole_kept);
enum rc part_value(struct advance *a, int64_t step, struct str pointer, const struct json **ret,
                   struct err *err) MUST_USE;

/* step_end.c: how a step ends.  A step that has failed ends the run. */
enum rc step_end(struct advance *a, int64_t i, enum step_state state, struct str output,
                 struct str error, struct err *err) MUST_USE;
enum rc step_fail_by(struct advance *a, int64_t i, const struct err *why, struct err *err) MUST_USE;
/* Of several items that failed, the first in order is named. */
enum rc step_fail_by_item(struct advance *a, int64_t i, struct err *err) MUST_USE;
/* All items have ended well, or their errors are wanted. */
enum rc step_gather(struct advance *a, int64_t i, struct err *err) MUST_USE;
enum rc step_succeed(struct advance *a, int64_t i, struct str output, struct err *err) MUST_USE;
enum rc step_fail(struct advance *a, int64_t i, struct failure why, struct err *err) MUST_USE;
/* What a recorded error says; its texts are in `arena`. */
struct failure failure_read(struct arena *arena, struct str error);

/* wait.c: the step begins to wait; looks whether that is over. */
enum rc wait_begin(struct advance *a, int64_t i, struct err *err) MUST_USE;
enum rc wait_advance(struct advance *a, int64_t i, struct err *err) MUST_USE;
/* The step has what it waited for. */
enum rc wait_arrive(struct advance *a, int64_t i, struct str output, struct err *err) MUST_USE;
/* approve.c */
enum rc approval_advance(struct advance *a, int64_t i, int64_t approvers, bool is_over,
                         struct err *err) MUST_USE;

/* child.c: begins the run of an item; what it may not is the step's failure. */
enum rc child_start(struct advance *a, int64_t i, int64_t item, int64_t *ret,
                    struct err *err) MUST_USE;

/* compensate.c: undoes the next step, or ends the run when all are undone. */
enum rc compensate_advance(struct advance *a, enum run_state outcome, struct err *err) MUST_USE;

#endif
