/* The auditor of workflows: see audit_flow.h. */
#include "audit_flow.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "store/db.h"
#include "store/store.h"

void flow_complain(struct audit_flow *a, const char *what, int64_t about)
{
	if (a->complaint)
		return;
	a->complaint = what;
	a->about = about;
}

/* --- Work --- */

bool work_place_read(struct str input, struct work_place *ret)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	const struct json *v;
	if (json_read(arena, input, NULL, &v, NULL) != RC_OK || v->type != JSON_OBJECT)
		return false;
	*ret = (struct work_place){ .run = json_get_int(v, "r", -1),
		                    .sub = json_get_int(v, "u", -1),
		                    .step = json_get_int(v, "s", 0),
		                    .item = json_get_int(v, "i", 0),
		                    .is_undo = json_get_int(v, "undo", 0) };
	return true;
}

struct work *work_at(struct audit_flow *a, const struct work_place *p)
{
	if (p->run < 0 || p->run >= a->n || p->sub < 0 || p->sub >= TALE_SUBS || p->step < 0 ||
	    p->step >= TALE_STEPS || p->item < 0 || p->item >= TALE_ITEMS)
		return NULL;
	return &a->tales[p->run].work[p->sub][p->step][p->item][p->is_undo != 0];
}

int64_t work_number(const struct work_place *p)
{
	return (((p->run * 10 + p->sub) * 10 + p->step) * 10 + p->item) * 10 + p->is_undo;
}

/* All that was finished after it must be undone before it. */
static void check_order(struct audit_flow *a, const struct work_place *p)
{
	struct tale *t = &a->tales[p->run];
	for (int64_t s = p->step; s < TALE_STEPS - 1; s++)
		for (int64_t i = 0; i < TALE_ITEMS; i++) {
			struct work *w = t->work[p->sub][s][i];
			bool is_later = s > p->step || i > p->item;
			if (is_later && w[0].done == KNOWN_YES && w[1].done == KNOWN_NO &&
			    !t->may_skip)
				flow_complain(a, "undone before what came later", work_number(p));
		}
}

static void check_undo(struct audit_flow *a, const struct work_place *p, const struct work *w)
{
	const struct tale *t = &a->tales[p->run];
	if (t->work[p->sub][p->step][p->item][0].done == KNOWN_NO)
		flow_complain(a, "undone though it was never done", work_number(p));
	if (w->done == KNOWN_YES)
		flow_complain(a, "undone twice", work_number(p));
	if (t->is_over && t->end == RUN_SUCCEEDED && p->sub == 0)
		flow_complain(a, "undone after a good end", work_number(p));
	check_order(a, p);
}

/* One task for each piece of work; only what is resumed is tried by another one. */
static void check_task(struct audit_flow *a, const struct work_place *p, struct work *w,
                       int64_t task)
{
	bool may_change = p->is_undo && a->tales[p->run].may_resume;
	if (w->task && w->task != task && !may_change)
		flow_complain(a, "two tasks for one piece of work", work_number(p));
	w->task = task;
}

void audit_stopped(struct audit_flow *a, struct tale *t)
{
	if (!t->stopped_at)
		t->stopped_at = a->batches;
}

/* Cancelling takes a few batches: each run below gets its turn. */
enum { STOPPING_BATCHES = 8 };

static void check_stopped(struct audit_flow *a, const struct work_place *p)
{
	const struct tale *t = &a->tales[p->run];
	if (!p->is_undo && t->stopped_at && a->batches > t->stopped_at + STOPPING_BATCHES)
		flow_complain(a, "new work of a run that was stopped", work_number(p));
}

/* What it goes on from is what was recorded, in a fork by its source. */
static void check_from(struct audit_flow *a, const struct work_place *p, struct str input)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	const struct tale *t = &a->tales[p->run];
	const struct work *w = &t->work[p->sub][0][0][0];
	const struct json *v, *from;
	if (json_read(arena, input, NULL, &v, NULL) != RC_OK || !(from = json_getz(v, "from")))
		return;
	if (w->done == KNOWN_NO && t->fork_of >= 0)
		w = &a->tales[t->fork_of].work[0][0][0][0];
	if (w->done == KNOWN_YES && w->output && (!from->is_int || from->integer != w->output))
		flow_complain(a, "it goes on from what was not recorded", work_number(p));
}

void audit_given(struct audit_flow *a, const struct lease *l)
{
	struct work_place p;
	struct work *w = work_place_read(l->input, &p) ? work_at(a, &p) : NULL;
	if (!w) {
		flow_complain(a, "a task that is none of ours", l->task);
		return;
	}
	if (w->done == KNOWN_YES)
		flow_complain(a, "performed again after its end", work_number(&p));
	check_task(a, &p, w, l->task);
	check_stopped(a, &p);
	check_from(a, &p, l->input);
	if (p.is_undo)
		check_undo(a, &p, w);
}

/* --- What was answered --- */

void audit_started(struct audit_flow *a, int64_t number, int64_t id, enum rc rc, bool is_repeat)
{
	struct tale *t = &a->tales[number];
	if (rc == RC_OK && t->started == KNOWN_YES && t->id && t->id != id)
		flow_complain(a, "one key, two runs", number);
	if (rc == RC_OK) {
		t->started = KNOWN_YES;
		t->id = id;
	} else if (rc != RC_UNKNOWN && !is_repeat) {
		t->started = KNOWN_NO;
	}
}

void audit_said(struct work *w, int64_t serial)
{
	memmove(w->said + 1, w->said, sizeof w->said - sizeof w->said[0]);
	w->said[0] = serial;
}

void audit_heard(struct audit_flow *a, const struct work_place *p, const struct holder_command *h,
                 int64_t serial)
{
	struct work *w = work_at(a, p);
	if (h->verb != HOLDER_COMPLETE)
		return;
	w->may_have_landed |= h->c.rc == RC_UNKNOWN;
	if (h->c.rc != RC_OK) {
		if (w->done == KNOWN_MAYBE && !w->may_have_landed)
			w->done = KNOWN_NO;
		return;
	}
	if (w->done == KNOWN_YES && w->output && w->output != serial)
		flow_complain(a, "finished twice", work_number(p));
	w->done = KNOWN_YES;
	w->output = serial;
}

/* --- One run, compared --- */

struct looking {
	struct audit_flow *a;
	const struct flow_world *world;
	struct arena *arena;
	bool *seen; /* [TALES_MAX][TALE_SUBS] */
};

static const struct json *read_json(struct arena *arena, struct str text)
{
	const struct json *v = NULL;
	if (!text.len || json_read(arena, text, NULL, &v, NULL) != RC_OK)
		return NULL;
	return v;
}

static const struct run_step *step_named(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->n_steps; i++)
		if (str_eqz(run->steps[i].name, name))
			return &run->steps[i];
	return NULL;
}

static bool was_said(const struct work *w, int64_t output)
{
	for (int i = 0; i < OUTPUTS_KEPT; i++)
		if (w->said[i] == output)
			return true;
	return false;
}

static void check_output(struct audit_flow *a, const struct work_place *p, struct work *w,
                         const struct json *output)
{
	int64_t is = json_get_int(output, "v", -1), serial = json_get_int(output, "t", 0);
	if (is != work_number(p))
		flow_complain(a, "the output of another piece of work", work_number(p));
	if (w->done == KNOWN_YES && w->output && w->output != serial)
		flow_complain(a, "another output than was acknowledged", work_number(p));
	if (!was_said(w, serial))
		flow_complain(a, "an output that nobody gave", work_number(p));
	if (w->done == KNOWN_NO)
		flow_complain(a, "recorded though nobody finished it", work_number(p));
	w->done = KNOWN_YES;
	w->output = serial;
}

static void check_succeeded(struct looking *l, const struct run_step *s, struct work_place p)
{
	const struct json *v = read_json(l->arena, s->output);
	if (!s->is_each) {
		check_output(l->a, &p, work_at(l->a, &p), v);
		return;
	}
	if (!v || v->type != JSON_ARRAY || (int64_t)v->count != s->items)
		flow_complain(l->a, "not one output for each item", work_number(&p));
	for (const struct json *o = v ? v->first : NULL; o && !l->a->complaint; o = o->next) {
		check_output(l->a, &p, work_at(l->a, &p), o);
		p.item++;
	}
}

static void check_running(struct looking *l, const struct run_step *s, struct work_place p)
{
	int64_t sure = 0, perhaps = 0;
	for (p.item = 0; p.item < TALE_ITEMS; p.item++) {
		const struct work *w = work_at(l->a, &p);
		sure += w->done == KNOWN_YES;
		perhaps += w->done != KNOWN_NO;
	}
	if (s->items_done < sure)
		flow_complain(l->a, "an acknowledged item is forgotten", work_number(&p));
	if (s->items_done > perhaps)
		flow_complain(l->a, "more items are done than were finished", work_number(&p));
}

static void check_work_step(struct looking *l, const struct run *run, const struct run_step *s,
                            struct work_place p)
{
	struct work *w = work_at(l->a, &p);
	if (s->is_reused) {
		if (w->task)
			flow_complain(l->a, "a reused step was performed", work_number(&p));
		return;
	}
	if (s->state == STEP_SUCCEEDED)
		check_succeeded(l, s, p);
	else if (s->state == STEP_RUNNING)
		check_running(l, s, p);
	else if (s->state == STEP_WAITING && w->done == KNOWN_YES)
		flow_complain(l->a, "an acknowledged step is forgotten", work_number(&p));
	if (run->state == RUN_SUCCEEDED && s->state != STEP_SUCCEEDED && s->state != STEP_SKIPPED)
		flow_complain(l->a, "a good end without all its steps", work_number(&p));
}

static struct read_task *read_task_at(struct audit_flow *a, int64_t id)
{
	size_t at = (size_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 32) % TASKS_READ_MAX;
	while (a->tasks[at].id && a->tasks[at].id != id)
		at = (at + 1) % TASKS_READ_MAX;
	return &a->tasks[at];
}

/* What a task is about never changes, so its input is read once. */
static struct work *work_of(struct looking *l, int64_t task, struct work_place *ret)
{
	struct read_task *r = read_task_at(l->a, task);
	struct task t;
	if (!r->id) {
		if (task_get(l->world->queue, l->world->scope, task, l->arena, &t, NULL) != RC_OK ||
		    !work_place_read(t.input, &r->place))
			return NULL;
		if (l->a->n_tasks < TASKS_READ_MAX / 2) {
			r->id = task;
			l->a->n_tasks++;
		}
	}
	*ret = r->place;
	return work_at(l->a, ret);
}

/* The tasks say what became of each maybe. */
static void check_tasks(struct looking *l, const struct run *run)
{
	struct task_filter f = { .state = -1, .run = run->id, .limit = 100 };
	struct task_page page;
	if (task_list(l->world->queue, l->world->scope, &f, l->arena, &page, NULL) != RC_OK) {
		flow_complain(l->a, "the tasks can't be read", 0);
		return;
	}
	if (page.n == f.limit)
		flow_complain(l->a, "a run with so many tasks is not looked at", run->id);
	for (size_t i = 0; i < page.n && !l->a->complaint; i++) {
		const struct task *t = &page.tasks[i];
		struct work_place p;
		struct work *w = work_of(l, t->id, &p);
		if (!w) {
			flow_complain(l->a, "a task of a run that is none of ours", t->id);
			return;
		}
		bool is_newest = t->id >= w->task;
		if (is_newest)
			check_task(l->a, &p, w, t->id);
		if (is_newest && w->done == KNOWN_YES && t->state != TASK_SUCCEEDED)
			flow_complain(l->a, "an acknowledged end is forgotten", work_number(&p));
		w->may_have_landed = false;
		if (is_newest && w->done != KNOWN_YES)
			w->done = t->state == TASK_SUCCEEDED ? KNOWN_YES : KNOWN_NO;
	}
}

/* --- Waits --- */

static void check_timer(struct looking *l, const struct tale *t, const struct run_step *s)
{
	if (s->state == STEP_SUCCEEDED && s->finished_ms - s->started_ms < t->timer_ms)
		flow_complain(l->a, "a timer was early", t->id);
}

struct taken {
	int64_t number; /* of the event; 0: none */
	bool is_fitting;
};

static struct taken check_event(struct looking *l, const struct tale *t, const struct run_step *s)
{
	const struct json *v = read_json(l->arena, s->output);
	if (s->state == STEP_FAILED && t->heard_event_ms && t->heard_event_ms < s->finished_ms)
		flow_complain(l->a, "an event that came in time was not kept", t->id);
	if (s->state != STEP_SUCCEEDED || !v || v->type != JSON_OBJECT)
		return (struct taken){ .number = 0 };
	int64_t number = json_get_int(v, "k", 0);
	if (number < 1 || number > t->events_said)
		flow_complain(l->a, "an event that nobody sent", t->id);
	return (struct taken){ number, json_get_int(v, "n", -1) >= 0 };
}

static void check_approval(struct looking *l, const struct tale *t, const struct run_step *s)
{
	const struct json *v = read_json(l->arena, s->output), *by = json_getz(v, "by");
	unsigned mask = 0;
	bool is_clear = (t->heard_yes & (t->heard_yes - 1)) != 0 && !t->may_reject;
	if (s->state == STEP_FAILED && is_clear)
		flow_complain(l->a, "approved by enough, and it failed", t->id);
	if (s->state != STEP_SUCCEEDED)
		return;
	for (const struct json *o = by ? by->first : NULL; o; o = o->next) {
		int64_t actor;
		if (id_parse("key", json_get_str(o, "actor", STR("")), &actor, NULL) != RC_OK)
			actor = 0;
		if (mask & (1u << actor))
			flow_complain(l->a, "one actor counted twice", t->id);
		mask |= 1u << actor;
	}
	if (!json_get_bool(v, "approved", false) || (mask & (mask - 1)) == 0)
		flow_complain(l->a, "approved by too few", t->id);
	if (mask & ~t->said_yes)
		flow_complain(l->a, "approved by somebody who did not", t->id);
}

static void check_waits(struct looking *l, const struct tale *t, const struct run *run)
{
	check_timer(l, t, step_named(run, "t"));
	struct taken first = check_event(l, t, step_named(run, "e"));
	struct taken second = check_event(l, t, step_named(run, "e2"));
	if (first.number && !first.is_fitting)
		flow_complain(l->a, "an event was taken that does not match", t->id);
	if (second.number && second.number == first.number)
		flow_complain(l->a, "one event taken twice", t->id);
	/* e took the first that fits; what does not fit may have come before. */
	if (second.is_fitting && second.number < first.number)
		flow_complain(l->a, "events taken out of order", t->id);
	check_approval(l, t, step_named(run, "p"));
}

/* --- Ends --- */

static void check_undone(struct audit_flow *a, struct work_place p)
{
	const struct tale *t = &a->tales[p.run];
	for (p.step = 0; p.step < TALE_STEPS - 1; p.step++)
		for (p.item = 0; p.item < TALE_ITEMS; p.item++) {
			const struct work *w = t->work[p.sub][p.step][p.item];
			if (w[0].done == KNOWN_YES && w[1].done != KNOWN_YES && !t->may_skip)
				flow_complain(a, "ended, and not all is undone", work_number(&p));
		}
}

static bool any_may_fail(const struct tale *t, int64_t is_undo)
{
	for (int u = 0; u < TALE_SUBS; u++)
		for (int s = 0; s < TALE_STEPS; s++)
			for (int i = 0; i < TALE_ITEMS; i++)
				if (t->work[u][s][i][is_undo].may_fail)
					return true;
	return false;
}

static void check_reason(struct looking *l, const struct tale *t, const struct run *run)
{
	const struct json *error = read_json(l->arena, run->error);
	const struct json *compensation = json_getz(error, "compensation");
	struct str code = json_get_str(error, "code", STR(""));
	static const char *const known[] = { "",        "broken",    "rejected",
		                             "timeout", "cancelled", "lease_lost" };
	bool is_known = false;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		is_known |= str_eqz(code, known[i]);
	if (!is_known)
		flow_complain(l->a, "it failed for a strange reason", run->id);
	if (str_eqz(code, "broken") && !any_may_fail(t, 0))
		flow_complain(l->a, "failed though nobody said so", run->id);
	if (str_eqz(code, "rejected") && !t->may_reject && run->n_steps < 6)
		flow_complain(l->a, "rejected though nobody did", run->id);
	if (run->state == RUN_CANCELLED && !t->may_cancel && !run->parent)
		flow_complain(l->a, "cancelled though nobody asked", run->id);
	if (run->state == RUN_COMPENSATION_FAILED &&
	    !json_get_str(compensation, "step", STR("")).len)
		flow_complain(l->a, "what could not be undone is not named", run->id);
	if (str_eqz(json_get_str(compensation, "code", STR("")), "broken") && !any_may_fail(t, 1))
		flow_complain(l->a, "undoing failed though nobody said so", run->id);
}

static void check_end(struct looking *l, struct tale *t, const struct run *run,
                      const struct work_place *p)
{
	int64_t sub = p->sub;
	if (sub == 0 && t->is_over && t->end != run->state &&
	    !(t->end == RUN_COMPENSATION_FAILED && t->may_resume))
		flow_complain(l->a, "an end did not stay", run->id);
	if (sub == 0 && run->state != RUN_RUNNING && run->state != RUN_WAITING)
		audit_stopped(l->a, t);
	if (!run_is_over(run->state)) {
		if (sub == 0)
			t->is_over = false;
		return;
	}
	if (run->state == RUN_FAILED || run->state == RUN_CANCELLED)
		check_undone(l->a, *p);
	check_reason(l, t, run);
	if (sub == 0) {
		t->is_over = true;
		t->end = run->state;
	}
}

/* --- Forks --- */

static void check_fork(struct looking *l, const struct tale *t, const struct run *run)
{
	static const char *const names[] = { "a", "b", "c" };
	struct run source;
	if (t->fork_of < 0)
		return;
	if (run_get(l->world->flow, l->world->scope, l->a->tales[t->fork_of].id, l->arena, &source,
	            NULL) != RC_OK) {
		flow_complain(l->a, "a source of a fork can't be read", t->fork_of);
		return;
	}
	if (run->forked_from != source.id)
		flow_complain(l->a, "a fork of something else", run->id);
	for (int64_t s = 0; s < t->fork_from; s++) {
		const struct run_step *was = step_named(&source, names[s]);
		const struct run_step *is = step_named(run, names[s]);
		if (was->state == STEP_SUCCEEDED && !is->is_reused)
			flow_complain(l->a, "a recorded step was not reused", run->id);
		if (is->is_reused && !str_eq(was->output, is->output))
			flow_complain(l->a, "a fork has recorded something else", run->id);
	}
}

/* --- Events --- */

/* Of each step at most one start and one end, of the run at most one start. */
static void check_told(struct looking *l, const struct run *run)
{
	struct event_filter f = { .run = run->id, .limit = 200 };
	struct event *events;
	size_t n, starts = 0;
	int begun[8] = { 0 }, ended[8] = { 0 };
	if (event_read(l->world->store, l->world->scope, &f, l->arena, &events, &n, NULL) !=
	    RC_OK) {
		flow_complain(l->a, "the events can't be read", run->id);
		return;
	}
	if (n == f.limit)
		flow_complain(l->a, "a run with so many events is not looked at", run->id);
	for (size_t i = 0; i < n; i++) {
		starts += str_eqz(events[i].type, "run.started");
		if (!str_eqz(events[i].type, "run.step"))
			continue;
		const struct json *v = read_json(l->arena, events[i].data);
		struct str name = json_get_str(v, "step", STR(""));
		for (size_t k = 0; k < run->n_steps; k++)
			if (str_eq(run->steps[k].name, name))
				(str_eqz(json_get_str(v, "state", STR("")), "running")
				         ? begun
				         : ended)[k]++;
	}
	for (size_t k = 0; k < run->n_steps; k++)
		if (begun[k] > 1 || ended[k] > 1)
			flow_complain(l->a, "a step was told to start or end twice", run->id);
	if (starts != 1)
		flow_complain(l->a, "a run did not start once", run->id);
}

/* --- All of them --- */

static void check_run(struct looking *l, const struct run *run)
{
	static const char *const names[TALE_STEPS] = { "a", "b", "c", "d" };
	struct work_place p;
	if (!work_place_read(run->input, &p) || p.run < 0 || p.run >= l->a->n || p.sub < 0 ||
	    p.sub >= TALE_SUBS) {
		flow_complain(l->a, "a run that is none of ours", run->id);
		return;
	}
	struct tale *t = &l->a->tales[p.run];
	bool *seen = &l->seen[p.run * TALE_SUBS + p.sub];
	if (*seen)
		flow_complain(l->a, "a run is there twice", p.run);
	*seen = true;
	if (p.sub == 0 && (t->started == KNOWN_NO || (t->id && t->id != run->id)))
		flow_complain(l->a, "a run that nobody started", p.run);
	if (p.sub == 0) {
		t->started = KNOWN_YES;
		t->id = run->id;
	}
	check_tasks(l, run);
	for (p.step = 0; p.step < TALE_STEPS && !l->a->complaint; p.step++) {
		const struct run_step *s = step_named(run, names[p.step]);
		if (s)
			check_work_step(l, run, s, p);
	}
	if (p.sub == 0 && t->kind == TALE_WAITS)
		check_waits(l, t, run);
	if (p.sub == 0)
		check_fork(l, t, run);
	check_end(l, t, run, &p);
	if (!run_is_over(run->state))
		return;
	check_told(l, run);
	if (l->a->n_read < ARRAY_LEN(l->a->read))
		l->a->read[l->a->n_read++] =
		        (struct read_run){ run->id, p.run * TALE_SUBS + p.sub, run->state };
}

static bool is_known(struct looking *l, const struct run *listed)
{
	for (size_t i = l->a->n_read; i > 0; i--) {
		const struct read_run *r = &l->a->read[i - 1];
		if (r->id != listed->id)
			continue;
		l->seen[r->seen_at] = r->state == listed->state;
		return l->seen[r->seen_at];
	}
	return false;
}

static void look(struct looking *l, const struct run *listed)
{
	struct run run;
	if (run_is_over(listed->state) && is_known(l, listed))
		return;
	if (run_get(l->world->flow, l->world->scope, listed->id, l->arena, &run, NULL) != RC_OK)
		flow_complain(l->a, "a listed run can't be read", listed->id);
	else
		check_run(l, &run);
}

void audit_runs(struct audit_flow *a, const struct flow_world *w, bool is_last)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1 << 16);
	struct looking l = { .a = a, .world = w, .arena = arena };
	struct run_filter f = { .state = -1, .limit = 200 };
	struct run *list;
	size_t n = 0;
	l.seen = arena_new(arena, bool, TALES_MAX *TALE_SUBS);
	if (is_last) {
		a->n_read = a->n_tasks = 0;
		memset(a->tasks, 0, sizeof a->tasks);
	}
	do {
		if (run_list(w->flow, w->scope, &f, arena, &list, &n, NULL) != RC_OK) {
			flow_complain(a, "the runs can't be read", 0);
			return;
		}
		for (size_t i = 0; i < n && !a->complaint; i++) {
			struct arena_mark mark = arena_mark(arena);
			look(&l, &list[i]);
			arena_rewind(arena, mark);
			f.before = list[i].id;
		}
	} while (n == f.limit && !a->complaint);
	for (int64_t i = 0; i < a->n && !a->complaint; i++) {
		bool is_there = l.seen[i * TALE_SUBS];
		if (a->tales[i].started == KNOWN_YES && !is_there)
			flow_complain(a, "an acknowledged run is forgotten", i);
		if (!is_there)
			a->tales[i].started = KNOWN_NO;
	}
}

void audit_idle(struct audit_flow *a, const struct flow_world *w, int64_t now_ms)
{
	struct db *db;
	struct rows rows;
	if (store_reader_borrow(w->store, &db, NULL) != RC_OK)
		return; /* the disk fails just now */
	DB_QUERY(db, SQL_RUN_DUE, &rows, NULL, BIND_INT(0), BIND_INT(INT64_MAX), BIND_INT(1));
	if (rows_next(&rows))
		flow_complain(a, "a run is due, and nobody looks", rows_int(&rows, 0));
	enum rc rc = rows_end(&rows, NULL);
	if (rc == RC_OK) {
		DB_QUERY(db, SQL_WAIT_DUE, &rows, NULL, BIND_INT(now_ms), BIND_INT(1));
		if (rows_next(&rows))
			flow_complain(a, "a time has come, and nobody looks", rows_int(&rows, 1));
		rc = rows_end(&rows, NULL);
	}
	store_reader_return(w->store, db);
}

void audit_rest(struct audit_flow *a, const struct flow_world *w)
{
	static const enum run_state live[] = { RUN_RUNNING, RUN_WAITING, RUN_COMPENSATING };
	AUTO(arena_destroyp) struct arena *arena = arena_create(1 << 16);
	struct queue_count *counts;
	size_t n;
	for (size_t i = 0; i < ARRAY_LEN(live); i++) {
		struct run_filter f = { .state = (int)live[i], .limit = 1 };
		struct run *list;
		if (run_list(w->flow, w->scope, &f, arena, &list, &n, NULL) != RC_OK)
			flow_complain(a, "the runs can't be read", 0);
		else if (n)
			flow_complain(a, "a run never ends", list[0].id);
	}
	if (queue_counts(w->queue, w->scope, arena, &counts, &n, NULL) != RC_OK) {
		flow_complain(a, "the queues can't be read", 0);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (int s = TASK_SCHEDULED; s <= TASK_LEASED; s++)
			if (counts[i].by_state[s])
				flow_complain(a, "a task outlives all runs", s);
}
