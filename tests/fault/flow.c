/* The story of runs: one with items, a condition and a good end; one that waits for a time, for
 * events that came early and for an approval; one with a run below it; one whose last step
 * fails, so that all is undone, with a failure on the way; one that is cancelled.  Whoever has
 * no clear answer asks again; the auditor (sim/audit_flow.h) compares behind the fault, and each
 * run comes to the end that it would have come to without. */
#include "base/arena.h"
#include "base/str.h"
#include "codec/hex.h"
#include "fault.h"
#include "life.h"
#include "sim/audit_flow.h"
#include "sim/tales.h"

enum { TRIES = 5, ROUNDS_MAX = 120, TASKS_MAX = 4, ROUND_MS = 600 };

static struct audit_flow audit;
static int64_t serial;

static void ignore_reply(struct loop_message *m)
{
	(void)m;
}

static enum rc ask(struct command *c)
{
	c->reply.fn = ignore_reply;
	audit.batches++;
	return life_batch(c);
}

static bool is_unsure(enum rc rc)
{
	return rc == RC_UNKNOWN || rc == RC_IO || rc == RC_BUSY;
}

static void complain(const char *what)
{
	flow_complain(&audit, what, 0);
}

static struct flow_world world(void)
{
	return (struct flow_world){ life.flow, life.queue, life.store, life.scope };
}

static void look(bool is_new)
{
	struct flow_world w = world();
	(void)is_new;
	if (!audit.complaint)
		audit_runs(&audit, &w, true);
}

/* --- What is said --- */

static void put_definition(enum tale_kind kind)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	enum rc rc = RC_IO;
	for (int i = 0; i < TRIES && is_unsure(rc); i++) {
		struct workflow_put_command w;
		workflow_put_command_init(&w, life.flow, life.scope);
		w.document = tale_document(arena, kind);
		rc = ask(&w.c);
		life_settle();
		if (rc == RC_OK && w.version != 1)
			complain("a definition was stored twice");
	}
	if (rc != RC_OK)
		complain("a definition is refused");
}

static int64_t start(struct tale tale)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	int64_t number = audit.n++;
	struct tale *t = &audit.tales[number];
	*t = tale;
	t->started = KNOWN_MAYBE;
	t->fork_of = -1;
	enum rc rc = RC_IO;
	for (int i = 0; i < TRIES && is_unsure(rc); i++) {
		struct run_start_command r;
		run_start_command_init(&r, life.flow, life.scope);
		r.workflow = str_z(tale_names[t->kind]);
		r.input = tale_input(arena, t, number);
		r.idempotency_key = str_fmt(arena, "run-%lld", (long long)number);
		if (t->started == KNOWN_NO)
			t->started = KNOWN_MAYBE;
		rc = ask(&r.c);
		audit_started(&audit, number, r.run, rc, i > 0);
		life_settle();
	}
	if (rc != RC_OK)
		complain("a run does not begin");
	return number;
}

/* Which attempts fail: the third step of a run that is so told, for good, and the first try
 * to undo its first. */
struct plan {
	int64_t run;
	bool does_fail;
};

static enum holder_verb verb_of(const struct plan *p, const struct work_place *at, int64_t attempt)
{
	if (!p->does_fail || at->run != p->run)
		return HOLDER_COMPLETE;
	bool is_last = !at->is_undo && at->step == 2;
	bool is_first_undoing = at->is_undo && at->step == 0 && attempt == 1;
	return is_last || is_first_undoing ? HOLDER_FAIL : HOLDER_COMPLETE;
}

static void perform(const struct lease *l, const struct plan *p)
{
	struct work_place at;
	struct work *w = work_place_read(l->input, &at) ? work_at(&audit, &at) : NULL;
	if (!w)
		return; /* the auditor has complained */
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	enum holder_verb verb = verb_of(p, &at, l->attempt);
	enum rc rc = RC_IO;
	int64_t said = ++serial;
	w->may_fail |= verb == HOLDER_FAIL;
	if (verb == HOLDER_COMPLETE)
		audit_said(w, said);
	for (int i = 0; i < TRIES && is_unsure(rc); i++) {
		struct holder_command h;
		holder_command_init(&h, life.queue, life.scope, verb);
		h.task = l->task;
		h.attempt = l->attempt;
		h.token = l->token;
		h.output = str_fmt(arena, "{\"v\":%lld,\"t\":%lld}", (long long)work_number(&at),
		                   (long long)said);
		h.error_code = STR("broken");
		h.error_message = STR("as told");
		h.is_final = !at.is_undo;
		if (verb == HOLDER_COMPLETE && w->done == KNOWN_NO)
			w->done = KNOWN_MAYBE;
		rc = ask(&h.c);
		audit_heard(&audit, &at, &h, said);
		life_settle();
	}
	if (rc != RC_OK)
		flow_complain(&audit, "a good word was refused", work_number(&at));
}

/* Of one session, so that an answer that was lost is given again. */
static void work(const struct plan *p)
{
	static const struct str kinds[] = { STR_INIT("w"), STR_INIT("u") };
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	struct lease_command l;
	lease_command_init(&l, life.queue, life.scope, arena);
	l.worker = l.session = STR("fault");
	l.kinds = kinds;
	l.n_kinds = ARRAY_LEN(kinds);
	l.tasks_max = TASKS_MAX;
	enum rc rc = ask(&l.c);
	for (size_t i = 0; rc == RC_OK && i < l.n_leases && !audit.complaint; i++)
		audit_given(&audit, &l.leases[i]);
	life_settle();
	for (size_t i = 0; rc == RC_OK && i < l.n_leases && !audit.complaint; i++)
		perform(&l.leases[i], p);
}

static enum run_state state_of(int64_t number)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	struct run run = { .state = RUN_STATES };
	fault_hold(true);
	if (run_get(life.flow, life.scope, audit.tales[number].id, arena, &run, NULL) != RC_OK)
		complain("a run can't be read");
	fault_hold(false);
	return run.state;
}

/* Workers work and time goes by until the run is over. */
static void end_as(int64_t number, enum run_state expected, bool does_fail)
{
	struct plan p = { number, does_fail };
	for (int i = 0; i < ROUNDS_MAX && !audit.complaint; i++) {
		work(&p);
		if (run_is_over(state_of(number)))
			break;
		life_sleep(ROUND_MS);
	}
	if (!audit.complaint && state_of(number) != expected)
		flow_complain(&audit, "a run does not end as it should", number);
}

static void send_event(int64_t number)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	struct tale *t = &audit.tales[number];
	int64_t event = ++t->events_said;
	enum rc rc = RC_IO;
	for (int i = 0; i < TRIES && is_unsure(rc); i++) {
		struct run_event_command e;
		run_event_command_init(&e, life.flow, life.scope);
		e.run = t->id;
		e.name = STR("go");
		e.data = str_fmt(arena, "{\"n\":%lld,\"k\":%lld}", (long long)number,
		                 (long long)event);
		e.idempotency_key = str_fmt(arena, "event-%lld", (long long)event);
		rc = ask(&e.c);
		if (rc == RC_OK && !t->heard_event_ms)
			t->heard_event_ms = life_now_ms();
		life_settle();
	}
	if (rc != RC_OK)
		complain("an event is refused");
}

static enum rc vote_once(struct tale *t, int64_t actor)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	struct approval a;
	struct scope scope = life.scope;
	scope.actor = actor;
	fault_hold(true);
	enum rc rc = approval_get(life.flow, life.scope, t->id, STR("p"), arena, &a, NULL);
	fault_hold(false);
	if (rc != RC_OK)
		return RC_BUSY; /* not asked yet: the run has not had its turn again */
	struct approval_command k;
	approval_command_init(&k, life.flow, scope);
	k.run = t->id;
	k.step = STR("p");
	k.is_approving = true;
	t->said_yes |= 1u << actor;
	if (hex_decode(a.hash, k.hash, sizeof k.hash) != RC_OK)
		complain("what is shown has no hash");
	rc = ask(&k.c);
	if (rc == RC_OK)
		t->heard_yes |= 1u << actor;
	return rc;
}

/* Nothing to decide there any more, behind an answer that was lost: it has counted. */
static void vote(int64_t number, int64_t actor)
{
	bool may_have_counted = false;
	enum rc rc = RC_IO;
	for (int i = 0; i < TRIES && is_unsure(rc); i++) {
		rc = vote_once(&audit.tales[number], actor);
		life_settle();
		may_have_counted |= rc == RC_UNKNOWN;
		if (rc == RC_BUSY && may_have_counted)
			return;
		if (rc == RC_BUSY)
			work(&(struct plan){ number, false });
	}
	if (rc != RC_OK)
		complain("a vote is refused");
}

static void cancel(int64_t number)
{
	struct tale *t = &audit.tales[number];
	enum rc rc = RC_IO;
	t->may_cancel = true;
	for (int i = 0; i < TRIES && is_unsure(rc); i++) {
		struct run_cancel_command c;
		run_cancel_command_init(&c, life.flow, life.scope);
		c.run = t->id;
		rc = ask(&c.c);
		if (rc == RC_OK)
			audit_stopped(&audit, t);
		life_settle();
	}
	if (rc != RC_OK)
		complain("a run can't be cancelled");
}

/* --- The chapters --- */

static void items_and_a_condition(void)
{
	int64_t run = start((struct tale){ .kind = TALE_LINE, .items = 2, .is_longer = true });
	end_as(run, RUN_SUCCEEDED, false);
}

static void waits(void)
{
	int64_t run = start((struct tale){ .kind = TALE_WAITS, .timer_ms = 3000 });
	send_event(run); /* before anybody waits for it */
	send_event(run);
	work(&(struct plan){ run, false });
	vote(run, 1);
	if (!audit.complaint && run_is_over(state_of(run)))
		complain("one approval was enough");
	vote(run, 2);
	end_as(run, RUN_SUCCEEDED, false);
}

static void a_run_below(void)
{
	int64_t run = start((struct tale){ .kind = TALE_ABOVE, .items = 1, .subs = 1 });
	end_as(run, RUN_SUCCEEDED, false);
}

static void all_is_undone(void)
{
	int64_t run = start((struct tale){ .kind = TALE_LINE, .items = 2 });
	end_as(run, RUN_FAILED, true);
}

static void cancelled(void)
{
	int64_t run = start((struct tale){ .kind = TALE_LINE, .items = 1 });
	work(&(struct plan){ run, false });
	life.is_dead = true; /* so that what is to be undone is read from the disk */
	life_settle();
	cancel(run);
	end_as(run, RUN_CANCELLED, false);
}

static struct fault_told tell(struct disk *disk)
{
	static void (*const chapters[])(void) = { items_and_a_condition, waits, a_run_below,
		                                  all_is_undone, cancelled };
	life_begin(disk, look, complain);
	for (int i = 0; i < TALE_KINDS && !audit.complaint; i++)
		put_definition((enum tale_kind)i);
	for (size_t i = 0; i < ARRAY_LEN(chapters) && !audit.complaint; i++)
		chapters[i]();
	fault_hold(true);
	look(false);
	struct flow_world w = world();
	if (!audit.complaint)
		audit_rest(&audit, &w);
	return (struct fault_told){ audit.complaint, audit.about };
}

int main(int argc, char **argv)
{
	return fault_main(&(struct fault_story){ "flow", tell }, argc, argv);
}
