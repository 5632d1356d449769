/* queue/: the registry of agents.  That memory follows the transaction, what silence means and
 * when, draining, floods of names, ten thousand agents at once. */
#include "../unit.h"
#include "../world.h"

#include "queue/queue_priv.h"
#include "sys/log.h"

static struct world w;

static void setup(void)
{
	world_open(&w);
}

static void teardown(void)
{
	world_close(&w);
}

/* --- Short ways to say things --- */

static const struct str demo[] = { { "demo", 4 } };

static void ask(struct lease_command *l, const char *name, int64_t wait_ms)
{
	lease_command_init(l, w.queue, w.scope, w.arena);
	l->worker = str_z(name);
	l->kinds = demo;
	l->n_kinds = 1;
	l->wait_ms = wait_ms;
}

static bool lease_as(const char *name, struct lease *ret)
{
	struct lease_command l;
	ask(&l, name, 0);
	ck_assert_ok(world_do(&w, &l.c));
	if (l.n_leases && ret)
		*ret = l.leases[0];
	return l.n_leases > 0;
}

static struct agent_shape shape(const char *name)
{
	struct agent_shape s;
	ck_assert_ok(agent_get(w.queue, w.scope, str_z(name), w.arena, &s, NULL));
	return s;
}

static bool is_there(const char *name)
{
	struct agent_shape s;
	return agent_get(w.queue, w.scope, str_z(name), w.arena, &s, NULL) == RC_OK;
}

static const char *shown(const char *name)
{
	return agent_shown_text(shape(name).shown);
}

static enum rc put_agent(const char *name, struct agent_command *k)
{
	agent_register_init(k, w.queue, w.scope);
	k->name = str_z(name);
	k->kinds = demo;
	k->n_kinds = 1;
	return world_do(&w, &k->c);
}

static enum rc tell(const char *name,
                    void (*init)(struct agent_command *k, struct queue *q, struct scope scope))
{
	struct agent_command k;
	init(&k, w.queue, w.scope);
	k.name = str_z(name);
	return world_do(&w, &k.c);
}

static void end(const struct lease *l, enum holder_verb verb)
{
	struct holder_command h;
	ck_assert_ok(world_hold(&w, l, verb, &h));
}

/* Looks that come together, one batch after the other. */
static void pass(int64_t ms)
{
	world_sleep(&w, ms);
	for (int i = 0; i < 1000 && w.next_due_ms <= writer_now_ms(w.writer); i++)
		world_tick(&w);
}

static size_t changes(const char *name, const char **ret, size_t max)
{
	struct agent_change *list;
	size_t n;
	ck_assert_ok(
	        agent_history(w.queue, w.scope, str_z(name), 0, 200, w.arena, &list, &n, NULL));
	for (size_t i = 0; i < n && i < max; i++)
		ret[i] = list[i].what;
	return n;
}

/* What memory says, and what the disk says. */
static void check_memory(const char *name)
{
	const struct agent *a = agent_find(w.queue, w.scope.tenant, str_z(name));
	struct agent_shape s = shape(name);
	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq(a->s.held, s.held);
	ck_assert_int_eq(a->s.is_draining, s.is_draining);
	ck_assert_int_eq(agent_shown_of(a->s.state, a->s.is_draining, a->s.held), s.shown);
	ck_assert_mem_eq(&a->s.counts, &s.counts, sizeof s.counts);
}

/* --- Being known --- */

START_TEST(test_who_asks_for_work_is_known)
{
	setup();
	ck_assert(!lease_as("one", NULL));
	struct agent_shape s = shape("one");
	ck_assert_int_eq(s.shown, AGENT_IS_IDLE);
	ck_assert(s.is_implicit);
	ck_assert_uint_eq(s.n_kinds, 1);
	ck_assert_str(s.kinds[0], "demo");
	ck_assert_int_eq(s.health, 100);
	ck_assert_int_eq(w.events_seen, 1);
	ck_assert(!lease_as("one", NULL)); /* again: no news */
	ck_assert_int_eq(w.events_seen, 1);
	ck_assert(!lease_as("bad\nname", NULL)); /* works, and is nobody */
	ck_assert_int_eq(w.events_seen, 1);
	teardown();
}
END_TEST

START_TEST(test_registering_again_changes_what_is_said_and_nothing_else)
{
	setup();
	struct agent_command k;
	struct agent_label label = { STR("zone"), STR("north") };
	ck_assert_ok(put_agent("one", &k));
	ck_assert_int_eq(k.shown, AGENT_IS_STARTING);
	ck_assert_ok(put_agent("one", &k));
	ck_assert_int_eq(w.events_seen, 1);
	agent_register_init(&k, w.queue, w.scope);
	k.name = STR("one");
	k.kinds = demo;
	k.n_kinds = 1;
	k.labels = &label;
	k.n_labels = 1;
	k.version = STR("2");
	k.startup_ms = 7;
	ck_assert_ok(world_do(&w, &k.c));
	struct agent_shape s = shape("one");
	ck_assert_str(s.version, "2");
	ck_assert_int_eq(s.startup_ms, 7);
	ck_assert_uint_eq(s.n_labels, 1);
	ck_assert_str(s.labels[0].value, "north");
	ck_assert_uint_eq(s.n_kinds, 1);
	ck_assert(!lease_as("one", NULL));
	ck_assert_str_eq(shown("one"), "idle");
	const char *what[3];
	ck_assert_uint_eq(changes("one", what, 3), 3);
	ck_assert_str_eq(what[0], "started");
	ck_assert_str_eq(what[1], "changed");
	ck_assert_str_eq(what[2], "registered");
	teardown();
}
END_TEST

/* --- Outcomes --- */

START_TEST(test_every_end_of_an_attempt_counts_once)
{
	setup();
	struct lease l;
	enum holder_verb verbs[] = { HOLDER_COMPLETE, HOLDER_COMPLETE, HOLDER_FAIL, HOLDER_RETURN };
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		world_submit(&w, "demo");
		ck_assert(lease_as("one", &l));
		ck_assert_str_eq(shown("one"), "busy");
		end(&l, verbs[i]);
		end(&l, verbs[i]); /* the same word again */
	}
	ck_assert(lease_as("one", &l)); /* the one that was handed back */
	struct cancel_command k;
	cancel_command_init(&k, w.queue, w.scope);
	k.task = l.task;
	ck_assert_ok(world_do(&w, &k.c));
	world_submit(&w, "demo");
	ck_assert(lease_as("one", &l));
	pass(LEASE_MS_DEFAULT + 1);
	struct agent_shape s = shape("one");
	ck_assert_int_eq(s.counts.succeeded, 2);
	ck_assert_int_eq(s.counts.failed, 1);
	ck_assert_int_eq(s.counts.returned, 1);
	ck_assert_int_eq(s.counts.cancelled, 1);
	ck_assert_int_eq(s.counts.lost, 1);
	ck_assert_int_eq(s.held, 0);
	ck_assert_int_lt(s.health, 100);
	ck_assert_int_eq(s.targets.failures_ppm, 500000);
	check_memory("one");
	world_stop(&w);
	world_start(&w);
	check_memory("one");
	teardown();
}
END_TEST

START_TEST(test_health_fades_back)
{
	ck_assert_int_eq(agent_health(AGENT_IS_IDLE, 0, 0), 100);
	ck_assert_int_eq(agent_health(AGENT_IS_IDLE, 50 * 1000, 0), 95);
	ck_assert_int_eq(agent_health(AGENT_IS_IDLE, 0, 50 * 1000), 90);
	ck_assert_int_eq(agent_health(AGENT_IS_SILENT, 0, 0), 50);
	ck_assert_int_eq(agent_health(AGENT_IS_GONE, 0, 0), 0);
	ck_assert_int_eq(agent_health(AGENT_IS_BUSY, 500 * 1000, 500 * 1000), 0);
	setup();
	struct lease l;
	world_submit(&w, "demo");
	ck_assert(lease_as("one", &l));
	end(&l, HOLDER_FAIL);
	int64_t before = shape("one").health;
	ck_assert_int_eq(before, 95);
	for (int i = 0; i < 60; i++) {
		world_submit(&w, "demo");
		ck_assert(lease_as("one", &l));
		end(&l, HOLDER_COMPLETE);
	}
	ck_assert_int_eq(shape("one").health, 100);
	teardown();
}
END_TEST

START_TEST(test_a_lease_from_before_the_name_was_known_counts_for_nobody)
{
	setup();
	struct lease l;
	world_submit(&w, "demo");
	ck_assert(world_lease(&w, "demo", &l)); /* without a name */
	ck_assert(!lease_as("one", NULL));
	end(&l, HOLDER_COMPLETE);
	ck_assert_int_eq(shape("one").counts.succeeded, 0);
	teardown();
}
END_TEST

/* --- Memory follows the transaction --- */

static enum rc spoil(struct command *c, struct tx *tx, struct err *err)
{
	struct lease_command l;
	ask(&l, "undone", 0);
	ck_assert_ok(agent_meet(c->owner, tx, &l, err));
	struct agent *a = agent_find(c->owner, 1, STR("one"));
	agent_leased(c->owner, tx, a, 1000);
	agent_change_row(c->owner, a)->is_draining = true;
	ck_assert_ptr_nonnull(agent_find(c->owner, 1, STR("undone")));
	return err_set(err, CODE_CONFLICT, "as meant");
}

START_TEST(test_an_undone_command_leaves_no_trace)
{
	setup();
	struct lease_command l;
	ask(&l, "one", 0);
	struct command bad = { .apply = spoil, .owner = w.queue, .scope = w.scope };
	struct lease_command other;
	ask(&other, "other", 0);
	/* The three in one batch: the middle one is undone, and with it the first pass. */
	bad.reply.fn = other.c.reply.fn = l.c.reply.fn = NULL;
	world_submit(&w, "demo");
	world_chain(&w, (struct command *[]){ &l.c, &bad, &other.c }, 3);
	ck_assert_int_eq(bad.rc, RC_CONFLICT);
	ck_assert_uint_eq(l.n_leases, 1);
	ck_assert(!is_there("undone"));
	ck_assert_ptr_null(agent_find(w.queue, 1, STR("undone")));
	ck_assert_int_eq(shape("one").held, 1);
	ck_assert(!shape("one").is_draining);
	check_memory("one");
	check_memory("other");
	ck_assert_uint_eq(shape("other").n_kinds, 1);
	teardown();
}
END_TEST

static bool is_failing;

static bool nothing_due(struct participant *p, struct tx *tx, enum rc *rc, struct err *err)
{
	(void)p;
	(void)tx;
	(void)rc;
	(void)err;
	return false;
}

static enum rc fail_flush(struct participant *p, struct tx *tx, struct err *err)
{
	(void)p;
	(void)tx;
	return is_failing ? err_set(err, CODE_IO, "as meant") : RC_OK;
}

static int64_t never(struct participant *p)
{
	(void)p;
	return INT64_MAX;
}

START_TEST(test_a_rolled_back_batch_leaves_no_trace)
{
	setup();
	static struct participant failing = { .before_commit = nothing_due,
		                              .flush = fail_flush,
		                              .next_due_ms = never };
	writer_add(w.writer, &failing);
	struct lease l;
	struct lease_command poll;
	world_submit(&w, "demo");
	world_submit(&w, "demo");
	ck_assert(lease_as("one", &l));
	is_failing = true;
	struct holder_command h;
	ck_assert_int_eq(world_hold(&w, &l, HOLDER_COMPLETE, &h), RC_IO);
	ck_assert_int_eq(tell("one", agent_drain_init), RC_IO);
	ask(&poll, "two", 1000);
	ck_assert_int_eq(world_do(&w, &poll.c), RC_IO);
	is_failing = false;
	check_memory("one");
	ck_assert_int_eq(shape("one").held, 1);
	ck_assert_ptr_null(agent_find(w.queue, 1, STR("two")));
	end(&l, HOLDER_COMPLETE);
	check_memory("one");
	ck_assert(lease_as("two", &l));
	check_memory("two");
	ck_assert_int_eq(agents_count(w.queue, 1), 2);
	teardown();
}
END_TEST

/* --- Silence --- */

START_TEST(test_silent_then_gone_then_back)
{
	setup();
	const char *what[8];
	ck_assert(!lease_as("one", NULL));
	pass(AGENT_SILENT_MS_DEFAULT - 1000);
	ck_assert_str_eq(shown("one"), "idle");
	pass(2000);
	ck_assert_str_eq(shown("one"), "silent");
	ck_assert_int_eq(shape("one").health, 50);
	ck_assert(!lease_as("one", NULL));
	ck_assert_str_eq(shown("one"), "idle");
	pass(AGENT_SILENT_MS_DEFAULT + 1000);
	pass(9 * AGENT_SILENT_MS_DEFAULT);
	ck_assert_str_eq(shown("one"), "gone");
	ck_assert(!lease_as("one", NULL));
	ck_assert_uint_eq(changes("one", what, 8), 6);
	ck_assert_str_eq(what[0], "back");
	ck_assert_str_eq(what[1], "gone");
	ck_assert_str_eq(what[2], "silent");
	struct agent_shape s = shape("one");
	ck_assert_int_gt(s.targets.recovery_ms, AGENT_SILENT_MS_DEFAULT);
	ck_assert_int_lt(s.targets.uptime_ppm, AGENT_TARGET_UPTIME_PPM);
	check_memory("one");
	teardown();
}
END_TEST

START_TEST(test_waiting_and_holding_are_signs_of_life)
{
	setup();
	struct lease_command poll;
	struct holder_command h;
	struct lease l;
	ask(&poll, "waits", 10 * AGENT_SILENT_MS_DEFAULT);
	ck_assert_ok(world_do(&w, &poll.c));
	world_submit(&w, "other");
	struct str other[] = { STR("other") };
	struct lease_command long_term;
	ask(&long_term, "holds", 0);
	long_term.kinds = other;
	long_term.lease_ms = 5 * AGENT_SILENT_MS_DEFAULT;
	ck_assert_ok(world_do(&w, &long_term.c));
	ck_assert_uint_eq(long_term.n_leases, 1);
	l = long_term.leases[0];
	pass(3 * AGENT_SILENT_MS_DEFAULT);
	ck_assert_str_eq(shown("waits"), "idle");
	ck_assert_str_eq(shown("holds"), "busy");
	ck_assert_ok(world_hold(&w, &l, HOLDER_HEARTBEAT, &h));
	pass(3 * AGENT_SILENT_MS_DEFAULT);
	ck_assert_str_eq(shown("holds"), "busy");
	struct withdraw_command gone;
	withdraw_command_init(&gone, w.queue, &poll);
	ck_assert_ok(world_do(&w, &gone.c)); /* it hung up */
	pass(AGENT_SILENT_MS_DEFAULT + 1000);
	ck_assert_str_eq(shown("waits"), "silent");
	teardown();
}
END_TEST

START_TEST(test_after_a_restart_everybody_has_a_full_term)
{
	setup();
	ck_assert(!lease_as("one", NULL));
	world_stop(&w);
	world_sleep(&w, 100 * AGENT_SILENT_MS_DEFAULT);
	world_start(&w);
	world_tick(&w);
	pass(AGENT_SILENT_MS_DEFAULT - 1000);
	ck_assert_str_eq(shown("one"), "idle");
	pass(2000);
	ck_assert_str_eq(shown("one"), "silent");
	teardown();
}
END_TEST

START_TEST(test_what_is_gone_is_removed_in_time)
{
	setup();
	struct lease l;
	struct agent_command k;
	ck_assert(!lease_as("idle", NULL));
	world_submit(&w, "demo");
	ck_assert(lease_as("worked", &l));
	end(&l, HOLDER_COMPLETE);
	ck_assert_ok(put_agent("registered", &k));
	for (int i = 0; i < 26; i++)
		pass(3600 * 1000);
	ck_assert(!is_there("idle"));
	ck_assert(is_there("worked"));
	ck_assert(is_there("registered"));
	for (int i = 0; i < 4; i++)
		pass(RETENTION_MS_DEFAULT / 3);
	ck_assert(!is_there("worked"));
	ck_assert(!is_there("registered"));
	ck_assert_int_eq(agents_count(w.queue, 1), 0);
	teardown();
}
END_TEST

/* --- Draining --- */

START_TEST(test_draining_while_holding)
{
	setup();
	struct lease l;
	struct holder_command h;
	struct lease_command poll, again;
	world_submit(&w, "demo");
	ck_assert(lease_as("one", &l));
	ask(&poll, "one", 10000);
	ck_assert_ok(world_do(&w, &poll.c));
	ck_assert_int_eq(tell("nobody", agent_drain_init), RC_NOT_FOUND);
	ck_assert_ok(tell("one", agent_drain_init));
	ck_assert(!poll.is_waiting); /* answered at once */
	ck_assert(poll.is_draining);
	ck_assert_str_eq(shown("one"), "draining");
	ck_assert_int_eq(tell("one", agent_remove_init), RC_CONFLICT);
	world_submit(&w, "demo");
	ask(&again, "one", 10000);
	ck_assert_ok(world_do(&w, &again.c));
	ck_assert_uint_eq(again.n_leases, 0);
	ck_assert(again.is_draining && !again.is_waiting);
	ck_assert_ok(world_hold(&w, &l, HOLDER_HEARTBEAT, &h));
	ck_assert(h.is_draining);
	end(&l, HOLDER_COMPLETE);
	ck_assert_str_eq(shown("one"), "drained");
	pass(AGENT_SILENT_MS_DEFAULT + 1000);
	ck_assert_str_eq(shown("one"), "gone"); /* as planned: no outage */
	ck_assert_int_eq(shape("one").targets.uptime_ppm, 1000000);
	ck_assert_ok(tell("one", agent_resume_init));
	ck_assert(lease_as("one", &l));
	ck_assert_int_eq(shape("one").targets.uptime_ppm, 1000000);
	check_memory("one");
	teardown();
}
END_TEST

START_TEST(test_a_drained_agent_is_removed)
{
	setup();
	const char *what[3];
	ck_assert(!lease_as("one", NULL));
	ck_assert_int_eq(tell("one", agent_remove_init), RC_CONFLICT);
	ck_assert_ok(tell("one", agent_drain_init));
	ck_assert_uint_eq(changes("one", what, 3), 3);
	ck_assert_str_eq(what[0], "drained");
	ck_assert_ok(tell("one", agent_remove_init));
	ck_assert(!is_there("one"));
	ck_assert(!lease_as("one", NULL)); /* anew, and not draining */
	ck_assert_str_eq(shown("one"), "idle");
	ck_assert_int_eq(agents_count(w.queue, 1), 1);
	teardown();
}
END_TEST

START_TEST(test_a_lost_answer_is_given_again_also_when_draining)
{
	setup();
	struct lease_command l;
	world_submit(&w, "demo");
	ask(&l, "one", 0);
	l.session = STR("s");
	ck_assert_ok(world_do(&w, &l.c));
	ck_assert_ok(tell("one", agent_drain_init));
	ask(&l, "one", 0);
	l.session = STR("s");
	ck_assert_ok(world_do(&w, &l.c));
	ck_assert_uint_eq(l.n_leases, 1);
	ck_assert(l.leases[0].is_again && l.is_draining);
	ck_assert_int_eq(shape("one").held, 1);
	teardown();
}
END_TEST

/* --- Why nobody takes it, time-outs, tenants --- */

static void check_detail(int64_t task, const char *want)
{
	struct task t = world_task(&w, task);
	ck_assert_str_eq(t.reason, "waiting_for_agent");
	ck_assert_str(t.reason_detail, want);
}

START_TEST(test_a_task_says_why_nobody_takes_it)
{
	setup();
	struct lease l;
	int64_t busy = world_submit(&w, "demo"), id = world_submit(&w, "demo");
	check_detail(id, "no agent that performs demo is there");
	ck_assert(lease_as("one", &l));
	check_detail(id, "1 agent that performs demo, busy");
	end(&l, HOLDER_COMPLETE);
	ck_assert_int_eq(l.task, busy);
	check_detail(id, "1 agent that performs demo, 1 with room, not asking now");
	ck_assert_ok(tell("one", agent_drain_init));
	check_detail(id, "1 agent that performs demo, draining");
	ck_assert_ok(tell("one", agent_resume_init));
	pass(AGENT_SILENT_MS_DEFAULT + 1000);
	check_detail(id, "1 agent that performs demo, silent");
	pass(10 * AGENT_SILENT_MS_DEFAULT);
	check_detail(id, "no agent that performs demo is there");
	teardown();
}
END_TEST

START_TEST(test_an_agents_time_out_bounds_its_attempts)
{
	setup();
	struct agent_command k;
	struct lease l;
	agent_register_init(&k, w.queue, w.scope);
	k.name = STR("one");
	k.kinds = demo;
	k.n_kinds = 1;
	k.timeout_ms = 2000;
	ck_assert_ok(world_do(&w, &k.c));
	world_submit(&w, "demo");
	ck_assert(lease_as("one", &l));
	ck_assert_int_eq(l.timeout_ms, 2000);
	pass(2001);
	ck_assert_int_eq(shape("one").counts.timed_out, 1);
	teardown();
}
END_TEST

START_TEST(test_tenants_have_agents_of_their_own)
{
	setup();
	struct scope mine = w.scope, other = { .tenant = 2, .actor = 9, .role = ROLE_OWNER };
	ck_assert(!lease_as("one", NULL));
	w.scope = other;
	ck_assert(!is_there("one"));
	ck_assert_int_eq(tell("one", agent_drain_init), RC_NOT_FOUND);
	ck_assert(!lease_as("one", NULL));
	ck_assert_ok(tell("one", agent_drain_init));
	struct agent_live live = { .id = shape("one").id };
	struct agent_live_command k;
	agent_live_init(&k, w.queue, mine);
	k.agents = &live;
	k.n = 1;
	ck_assert_ok(world_do(&w, &k.c));
	ck_assert_int_eq(live.seen_ms, 0);
	w.scope = mine;
	ck_assert(!shape("one").is_draining);
	struct agent_sum sum;
	ck_assert_ok(agent_sum(w.queue, mine, &sum, NULL));
	ck_assert_int_eq(sum.agents, 1);
	teardown();
}
END_TEST

/* --- Many --- */

static void crowd(struct lease_command *polls, int first, int n, int64_t wait_ms)
{
	enum { AT_ONCE = 250 };
	struct command *chain[AT_ONCE];
	for (int i = 0; i < n; i += AT_ONCE) {
		int many = n - i < AT_ONCE ? n - i : AT_ONCE;
		for (int j = 0; j < many; j++) {
			char *name = str_dupz(w.arena, str_fmt(w.arena, "agent-%d", first + i + j));
			ask(&polls[i + j], name, wait_ms);
			chain[j] = &polls[i + j].c;
		}
		world_chain(&w, chain, (size_t)many);
	}
}

START_TEST(test_a_tenant_registers_so_many_agents_and_no_more)
{
	setup();
	enum { AT_ONCE = 500 };
	static struct agent_command some[AT_ONCE];
	struct command *chain[AT_ONCE];
	struct agent_command k;
	log_setup(LOG_OFF, false, "test");
	for (int i = 0; i < AGENTS_MAX; i += AT_ONCE) {
		for (int j = 0; j < AT_ONCE; j++) {
			agent_register_init(&some[j], w.queue, w.scope);
			some[j].name = str_fmt(w.arena, "agent-%d", i + j);
			some[j].kinds = demo;
			some[j].n_kinds = 1;
			chain[j] = &some[j].c;
		}
		world_chain(&w, chain, AT_ONCE);
	}
	ck_assert_int_eq(agents_count(w.queue, 1), AGENTS_MAX);
	ck_assert_int_ne(put_agent("one-more", &k), RC_OK);
	ck_assert_int_eq(k.c.err.code, CODE_AGENTS_FULL);
	ck_assert(!is_there("one-more"));
	ck_assert_ok(put_agent("agent-7", &k)); /* who is there may say it again */
	teardown();
}
END_TEST

START_TEST(test_a_flood_of_names_ends)
{
	setup();
	enum { MORE = AGENTS_IMPLICIT_MAX + 500 };
	struct lease_command *polls = xcalloc(MORE, sizeof *polls);
	struct agent_command k;
	struct lease l;
	log_setup(LOG_OFF, false, "test");
	crowd(polls, 0, MORE, 0);
	ck_assert_int_eq(agents_count(w.queue, 1), AGENTS_IMPLICIT_MAX);
	world_submit(&w, "demo");
	ck_assert(lease_as("one more", &l)); /* works, uncounted */
	ck_assert(!is_there("one more"));
	end(&l, HOLDER_COMPLETE);
	ck_assert_ok(put_agent("honest", &k)); /* has a place */
	for (int i = 0; i < 27; i++)
		pass(3600 * 1000);
	ck_assert_int_eq(agents_count(w.queue, 1), 1);
	ck_assert(is_there("honest"));
	free(polls);
	teardown();
}
END_TEST

START_TEST(test_ten_thousand_agents_at_once)
{
	setup();
	enum { CROWD = 10 * 1000 };
	struct lease_command *polls = xcalloc(CROWD, sizeof *polls);
	crowd(polls, 0, CROWD, 50 * 1000);
	struct agent_sum sum;
	ck_assert_ok(agent_sum(w.queue, w.scope, &sum, NULL));
	ck_assert_int_eq(sum.live, CROWD);
	int64_t events = w.events_seen, changed = db_total_changes(store_writer_db(w.store));
	for (int round = 0; round < 3; round++) { /* they poll on: nothing is written */
		pass(50 * 1000);
		ck_assert(!polls[0].is_waiting);
		crowd(polls, 0, CROWD, 50 * 1000);
	}
	ck_assert_int_eq(w.events_seen, events);
	/* The clock's floor is the only thing that may have moved. */
	ck_assert_int_lt(db_total_changes(store_writer_db(w.store)) - changed, 2 * 3 * CROWD / 100);
	pass(50 * 1000);
	pass(AGENT_SILENT_MS_DEFAULT + 1000);
	ck_assert_ok(agent_sum(w.queue, w.scope, &sum, NULL));
	ck_assert_int_eq(sum.silent, CROWD);
	free(polls);
	teardown();
}
END_TEST

UNIT_MAIN("queue/agents", test_who_asks_for_work_is_known,
          test_registering_again_changes_what_is_said_and_nothing_else,
          test_every_end_of_an_attempt_counts_once, test_health_fades_back,
          test_a_lease_from_before_the_name_was_known_counts_for_nobody,
          test_an_undone_command_leaves_no_trace, test_a_rolled_back_batch_leaves_no_trace,
          test_silent_then_gone_then_back, test_waiting_and_holding_are_signs_of_life,
          test_after_a_restart_everybody_has_a_full_term, test_what_is_gone_is_removed_in_time,
          test_draining_while_holding, test_a_drained_agent_is_removed,
          test_a_lost_answer_is_given_again_also_when_draining,
          test_a_task_says_why_nobody_takes_it, test_an_agents_time_out_bounds_its_attempts,
          test_tenants_have_agents_of_their_own, test_a_flood_of_names_ends,
          test_ten_thousand_agents_at_once, test_a_tenant_registers_so_many_agents_and_no_more)
