/* The auditor of workflows: what the outside world is entitled to believe of runs and of the
 * work in them, three-valued as in audit.h.
 *
 * Runs are known by the number in their input; a piece of work by (run, sub-run, step, item)
 * and by whether it does or undoes: all of that stands in its task's input.
 *
 * Safety, checked when work is given out and after every crash:
 *	(1) an acknowledged run is there, one that never was is not, none is there twice
 *	(2) an item of a step is one task; work whose end was acknowledged is not given out
 *	    again, and its output is what the step has recorded, each item in its place
 *	(3) nothing is undone that was not done, nothing twice, the last first; a run that
 *	    has ended has undone all, or names what it could not undo
 *	(4) a timer is not early; an event that came early is taken, in order, and once
 *	(5) an approval needs that many different actors, and those who said yes
 *	(6) a run that has ended stays so, one start and one end of each step are told, and no
 *	    run ends for a reason that nobody gave
 *	(7) a sub-run ends with the run above it: its work is given out no more
 *	(8) a fork records what its source has recorded before the step, and performs none of it
 *	(9) when the engine says that nothing is due, nothing is
 */
#ifndef TAKT_TESTS_SIM_AUDIT_FLOW_H
#define TAKT_TESTS_SIM_AUDIT_FLOW_H

#include "audit.h"
#include "flow/flow.h"

enum {
	TALES_MAX = 512,
	TALE_SUBS = 4,  /* 0: the run itself */
	TALE_STEPS = 4, /* a, b, c, d */
	TALE_ITEMS = 4,
	TALE_ACTORS = 4,
	OUTPUTS_KEPT = 32,
};

enum tale_kind { TALE_LINE, TALE_WAITS, TALE_ABOVE, TALE_KINDS };

/* One item of one step, or its undoing. */
struct work {
	int64_t task; /* 0: nobody has seen it */
	enum known done;
	bool may_have_landed;       /* a completion whose outcome nobody knows */
	int64_t said[OUTPUTS_KEPT]; /* outputs that were said, the newest first */
	int64_t output;             /* the one that counts, when done is YES; 0: not known */
	bool may_fail;              /* somebody said that it failed */
};

struct tale {
	enum known started;
	int64_t id; /* 0: not known */
	enum tale_kind kind;
	int64_t items, subs, timer_ms;
	bool is_longer;             /* step d is performed */
	int64_t fork_of, fork_from; /* number of a tale, −1: none; a step */
	bool may_cancel, may_skip, may_resume, may_reject;
	unsigned said_yes, heard_yes; /* bit masks of actors */
	int64_t events_said;          /* the number of the last */
	int64_t heard_event_ms;       /* when the first was acknowledged; 0: none */
	int64_t stopped_at;           /* the batch in which it was seen to be; 0: not yet */
	bool is_over;                 /* as far as was seen */
	enum run_state end;
	struct work work[TALE_SUBS][TALE_STEPS][TALE_ITEMS][2]; /* done, undone */
};

/* Which work a task's input names. */
struct work_place {
	int64_t run, sub, step, item, is_undo;
};

enum { TASKS_READ_MAX = 4096 };

struct audit_flow {
	struct tale tales[TALES_MAX];
	int64_t n, batches;
	struct read_run {
		int64_t id, seen_at; /* and its place in `seen` */
		enum run_state state;
	} read[TALES_MAX * TALE_SUBS]; /* runs that were read with all they have, after their end */
	size_t n_read;
	struct read_task {
		int64_t id; /* 0: free */
		struct work_place place;
	} tasks[TASKS_READ_MAX]; /* whose input was read; where, their ids say */
	size_t n_tasks;
	const char *complaint;
	int64_t about;
};

bool work_place_read(struct str input, struct work_place *ret);
struct work *work_at(struct audit_flow *a, const struct work_place *p); /* NULL: none of ours */
int64_t work_number(const struct work_place *p);

void flow_complain(struct audit_flow *a, const char *what, int64_t about);
/* Somebody was given this task. */
void audit_given(struct audit_flow *a, const struct lease *l);
/* A start or a fork was answered. */
void audit_started(struct audit_flow *a, int64_t number, int64_t id, enum rc rc, bool is_repeat);
/* A completion says this output, and is answered. */
void audit_said(struct work *w, int64_t serial);
void audit_heard(struct audit_flow *a, const struct work_place *p, const struct holder_command *h,
                 int64_t serial);
struct flow_world {
	struct flow *flow;
	struct queue *queue;
	struct store *store;
	struct scope scope;
};
/* The run fails or is cancelled: from now on there is nothing new for the runs below. */
void audit_stopped(struct audit_flow *a, struct tale *t);
void audit_idle(struct audit_flow *a, const struct flow_world *w, int64_t now_ms);
/* Compares everything with the store; turns each maybe into what is there.  What was read after
 * its end is only looked at in the list again, which is much faster, unless is_last. */
void audit_runs(struct audit_flow *a, const struct flow_world *w, bool is_last);
/* At the end, when all have had their turn. */
void audit_rest(struct audit_flow *a, const struct flow_world *w);

#endif
