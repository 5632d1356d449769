/* queue/: the promises of design 4, one by one, on a real store. */
#include "../unit.h"
#include "../world.h"

#include "queue/queue_priv.h"

static struct world w;

static void setup(void)
{
	world_open(&w);
}

static void teardown(void)
{
	world_close(&w);
}

START_TEST(test_a_task_goes_from_submit_to_success)
{
	setup();
	int64_t id = world_submit(&w, "demo");
	ck_assert_int_eq(world_task(&w, id).state, TASK_READY);
	ck_assert_str_eq(world_task(&w, id).reason, "waiting_for_agent");
	struct lease l;
	ck_assert(world_lease(&w, "demo", &l));
	ck_assert_int_eq(l.task, id);
	ck_assert_int_eq(l.attempt, 1);
	ck_assert_str(l.input, "{\"n\":1}");
	struct lease none;
	ck_assert(!world_lease(&w, "demo", &none)); /* one live lease at most */
	struct holder_command h;
	ck_assert_ok(world_hold(&w, &l, HOLDER_COMPLETE, &h));
	struct task t = world_task(&w, id);
	ck_assert_int_eq(t.state, TASK_SUCCEEDED);
	ck_assert_str(t.output, "{\"ok\":true}");
	ck_assert_str_eq(t.reason, "");
	/* A lost reply: the same word again is answered the same. */
	ck_assert_ok(world_hold(&w, &l, HOLDER_COMPLETE, &h));
	ck_assert_int_eq(h.state, TASK_SUCCEEDED);
	/* … but not with another token, nor another verb. */
	l.token.bytes[0] ^= 1;
	ck_assert_int_eq(world_hold(&w, &l, HOLDER_COMPLETE, &h), RC_LOST);
	teardown();
}
END_TEST

START_TEST(test_a_stale_holder_changes_nothing)
{
	setup();
	int64_t id = world_submit(&w, "demo");
	struct lease old, fresh;
	struct holder_command h;
	ck_assert(world_lease(&w, "demo", &old));
	world_sleep(&w, LEASE_MS_DEFAULT + 1);
	world_tick(&w);
	ck_assert(world_lease(&w, "demo", &fresh));
	ck_assert_int_eq(fresh.task, id);
	ck_assert_int_eq(fresh.attempt, 2);
	const enum holder_verb verbs[] = { HOLDER_COMPLETE, HOLDER_FAIL, HOLDER_HEARTBEAT,
		                           HOLDER_RETURN };
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		ck_assert_int_eq(world_hold(&w, &old, verbs[i], &h), RC_LOST);
		ck_assert_int_eq(h.c.err.code, CODE_LEASE_LOST);
	}
	ck_assert_int_eq(world_task(&w, id).state, TASK_LEASED);
	ck_assert_int_eq(world_task(&w, id).lost, 1);
	ck_assert_ok(world_hold(&w, &fresh, HOLDER_COMPLETE, &h));
	teardown();
}
END_TEST

START_TEST(test_a_holder_whose_lease_was_lost_is_told_so_before_the_next_has_it)
{
	setup();
	int64_t id = world_submit(&w, "demo");
	struct lease l;
	struct holder_command h;
	ck_assert(world_lease(&w, "demo", &l));
	world_sleep(&w, LEASE_MS_DEFAULT + 1);
	world_tick(&w);
	const enum holder_verb verbs[] = { HOLDER_COMPLETE, HOLDER_FAIL, HOLDER_HEARTBEAT,
		                           HOLDER_RETURN };
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		ck_assert_int_eq(world_hold(&w, &l, verbs[i], &h), RC_LOST);
	ck_assert_int_eq(world_task(&w, id).state, TASK_READY);
	teardown();
}
END_TEST

START_TEST(test_leases_end_by_the_engines_clock_to_the_millisecond)
{
	setup();
	int64_t id = world_submit(&w, "demo");
	struct lease l;
	ck_assert(world_lease(&w, "demo", &l));
	world_sleep(&w, LEASE_MS_DEFAULT - 1);
	world_tick(&w);
	ck_assert_int_eq(world_task(&w, id).state, TASK_LEASED);
	w.wall_ms += 3600 * 1000; /* somebody sets the wall clock: nothing expires */
	world_tick(&w);
	ck_assert_int_eq(world_task(&w, id).state, TASK_LEASED);
	ck_assert_int_eq(w.next_due_ms, writer_now_ms(w.writer) + 1);
	world_sleep(&w, 1);
	world_tick(&w);
	ck_assert_int_eq(world_task(&w, id).state, TASK_READY);
	teardown();
}
END_TEST

START_TEST(test_a_heartbeat_extends_and_tells)
{
	setup();
	int64_t id = world_submit(&w, "demo");
	struct lease l;
	struct holder_command h;
	ck_assert(world_lease(&w, "demo", &l));
	world_sleep(&w, LEASE_MS_DEFAULT - 1);
	struct str lines[] = { STR("one"), STR("\"two\"\n") };
	holder_command_init(&h, w.queue, w.scope, HOLDER_HEARTBEAT);
	h.task = l.task;
	h.attempt = l.attempt;
	h.token = l.token;
	h.progress = 0.5;
	h.message = STR("half way");
	h.log_lines = lines;
	h.n_log_lines = 2;
	ck_assert_ok(world_do(&w, &h.c));
	ck_assert_int_eq(h.ret_lease_ms, LEASE_MS_DEFAULT);
	world_sleep(&w, LEASE_MS_DEFAULT - 1);
	world_tick(&w);
	struct task t = world_task(&w, id);
	ck_assert_int_eq(t.state, TASK_LEASED);
	ck_assert(t.progress == 0.5);
	ck_assert_str(t.message, "half way");
	struct event *events;
	size_t n;
	ck_assert_ok(event_read(w.store, w.scope, &(struct event_filter){ .limit = 100 }, w.arena,
	                        &events, &n, NULL));
	ck_assert_uint_eq(n, 4);
	ck_assert_str(events[2].type, "task.progress");
	ck_assert_str(events[3].type, "task.log");
	ck_assert_str(events[3].data,
	              "{\"kind\":\"demo\",\"attempt\":1,\"lines\":[\"one\",\"\\\"two\\\"\\n\"]}");
	teardown();
}
END_TEST

START_TEST(test_failures_are_retried_then_final)
{
	setup();
	struct task_new task = {
		.kind = STR("demo"), .attempts_max = 3, .retry_base_ms = 1000, .retry_cap_ms = 1500
	};
	struct task_submitted ret;
	struct submit_command s;
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = &task;
	s.n = 1;
	s.results = &ret;
	ck_assert_ok(world_do(&w, &s.c));
	for (int attempt = 1; attempt <= 3; attempt++) {
		struct lease l;
		struct holder_command h;
		ck_assert(world_lease(&w, "demo", &l));
		ck_assert_int_eq(l.attempt, attempt);
		int64_t now_ms = writer_now_ms(w.writer);
		ck_assert_ok(world_hold(&w, &l, HOLDER_FAIL, &h));
		if (attempt == 3) {
			ck_assert_int_eq(h.state, TASK_FAILED);
			ck_assert_int_eq(h.retry_at_ms, 0);
			break;
		}
		ck_assert_int_ge(h.retry_at_ms, now_ms);
		ck_assert_int_le(h.retry_at_ms, now_ms + (attempt == 1 ? 1000 : 1500));
		world_sleep(&w, 1500);
		world_tick(&w);
	}
	struct task t = world_task(&w, ret.id);
	ck_assert_int_eq(t.state, TASK_FAILED);
	ck_assert_str(t.error, "{\"code\":\"broken\",\"message\":\"it broke\"}");
	teardown();
}
END_TEST

START_TEST(test_full_jitter_spreads_over_the_whole_span)
{
	setup();
	int64_t least = INT64_MAX, most = 0;
	for (int i = 0; i < 1000; i++) {
		int64_t wait_ms = retry_wait_ms(&w.env, 4, 100, 100000);
		least = int64_min(least, wait_ms);
		most = int64_max(most, wait_ms);
		ck_assert_int_le(wait_ms, 800);
	}
	ck_assert_int_lt(least, 40);
	ck_assert_int_gt(most, 760);
	ck_assert_int_le(retry_wait_ms(&w.env, 60, 100, 5000), 5000); /* no overflow */
	ck_assert_int_eq(retry_wait_ms(&w.env, 3, 0, 5000), 0);
	teardown();
}
END_TEST

START_TEST(test_lost_leases_have_their_own_limit)
{
	setup();
	int64_t id = world_submit(&w, "demo");
	struct lease l;
	for (int i = 0; i <= LEASE_LOST_MAX; i++) {
		ck_assert(world_lease(&w, "demo", &l));
		world_sleep(&w, LEASE_MS_DEFAULT);
		world_tick(&w);
	}
	struct task t = world_task(&w, id);
	ck_assert_int_eq(t.state, TASK_FAILED);
	ck_assert_uint_ne(str_find(t.error, STR("lease_lost"), 0), SIZE_MAX);
	teardown();
}
END_TEST

START_TEST(test_an_attempt_has_a_time_limit_that_heartbeats_do_not_move)
{
	setup();
	struct task_new task = { .kind = STR("demo"), .attempts_max = 1, .timeout_ms = 5000 };
	struct task_submitted ret;
	struct submit_command s;
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = &task;
	s.n = 1;
	s.results = &ret;
	ck_assert_ok(world_do(&w, &s.c));
	struct lease l;
	struct holder_command h;
	ck_assert(world_lease(&w, "demo", &l));
	ck_assert_int_eq(l.lease_ms, 5000);
	world_sleep(&w, 4000);
	ck_assert_ok(world_hold(&w, &l, HOLDER_HEARTBEAT, &h));
	ck_assert_int_eq(h.ret_lease_ms, 1000);
	world_sleep(&w, 1000);
	world_tick(&w);
	struct task t = world_task(&w, ret.id);
	ck_assert_int_eq(t.state, TASK_FAILED);
	ck_assert_uint_ne(str_find(t.error, STR("timeout"), 0), SIZE_MAX);
	teardown();
}
END_TEST

START_TEST(test_an_idempotency_key_gives_the_same_task_for_a_day)
{
	setup();
	struct task_new task = { .kind = STR("demo"),
		                 .input = STR("1"),
		                 .idempotency_key = STR("key-1") };
	struct task_submitted ret;
	struct submit_command s;
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = &task;
	s.n = 1;
	s.results = &ret;
	ck_assert_ok(world_do(&w, &s.c));
	int64_t id = ret.id;
	ck_assert(!ret.is_duplicate);
	ck_assert_ok(world_do(&w, &s.c));
	ck_assert_int_eq(ret.id, id);
	ck_assert(ret.is_duplicate);
	task.input = STR("2");
	ck_assert_int_eq(world_do(&w, &s.c), RC_CONFLICT);
	ck_assert_int_eq(s.c.err.code, CODE_KEY_REUSED);
	task.input = STR("1");
	s.c.scope.tenant = 2; /* keys belong to a tenant */
	ck_assert_ok(world_do(&w, &s.c));
	ck_assert_int_ne(ret.id, id);
	s.c.scope.tenant = 1;
	world_sleep(&w, INT64_C(25) * 3600 * 1000);
	ck_assert_ok(world_do(&w, &s.c));
	ck_assert(!ret.is_duplicate);
	teardown();
}
END_TEST

START_TEST(test_a_batch_is_all_or_nothing_and_events_stay_dense)
{
	setup();
	struct task_new tasks[] = { { .kind = STR("a") },
		                    { .kind = STR("b") },
		                    { .kind = STR("C") } };
	struct task_submitted ret[3];
	struct submit_command s;
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = tasks;
	s.n = 3;
	s.results = ret;
	ck_assert_int_eq(world_do(&w, &s.c), RC_INVALID);
	ck_assert_str_eq(s.c.err.place, "/tasks/2/kind");
	struct task_page page;
	size_t n;
	ck_assert_ok(task_list(w.queue, w.scope, &(struct task_filter){ .state = -1, .limit = 10 },
	                       w.arena, &page, NULL));
	ck_assert_uint_eq(page.n, 0);
	s.tasks = &tasks[2];
	s.n = 1;
	ck_assert_int_eq(world_do(&w, &s.c), RC_INVALID);
	ck_assert_str_eq(s.c.err.place, "/kind");
	s.is_batch = true; /* one task, but in a list */
	ck_assert_int_eq(world_do(&w, &s.c), RC_INVALID);
	ck_assert_str_eq(s.c.err.place, "/tasks/0/kind");
	s.tasks = tasks;
	s.n = 3;
	tasks[2].kind = STR("c");
	ck_assert_ok(world_do(&w, &s.c));
	ck_assert_int_eq(w.events_seen, 3);
	struct event *events;
	ck_assert_ok(event_read(w.store, w.scope, &(struct event_filter){ .limit = 10 }, w.arena,
	                        &events, &n, NULL));
	ck_assert_uint_eq(n, 3);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(events[i].seq, (int64_t)i + 1);
	teardown();
}
END_TEST

START_TEST(test_order_is_priority_then_submission_across_kinds)
{
	setup();
	const struct {
		const char *kind;
		int priority;
	} in[] = { { "a", 0 }, { "b", 5 }, { "a", 5 }, { "b", -3 }, { "a", 0 } };
	const size_t want[] = { 1, 2, 0, 4, 3 };
	int64_t ids[ARRAY_LEN(in)];
	for (size_t i = 0; i < ARRAY_LEN(in); i++) {
		struct task_new task = { .kind = str_z(in[i].kind), .priority = in[i].priority };
		struct task_submitted ret;
		struct submit_command s;
		submit_command_init(&s, w.queue, w.scope);
		s.tasks = &task;
		s.n = 1;
		s.results = &ret;
		ck_assert_ok(world_do(&w, &s.c));
		ids[i] = ret.id;
	}
	struct str kinds[] = { STR("a"), STR("b") };
	struct lease_command l;
	lease_command_init(&l, w.queue, w.scope, w.arena);
	l.kinds = kinds;
	l.n_kinds = 2;
	l.tasks_max = 10;
	ck_assert_ok(world_do(&w, &l.c));
	ck_assert_uint_eq(l.n_leases, ARRAY_LEN(in));
	for (size_t i = 0; i < l.n_leases; i++)
		ck_assert_int_eq(l.leases[i].task, ids[want[i]]);
	teardown();
}
END_TEST

static int answered;

static void count_answer(struct loop_message *m)
{
	(void)m;
	answered++;
}

static void wait_for(struct lease_command *l, struct str *kinds, int64_t wait_ms)
{
	lease_command_init(l, w.queue, w.scope, w.arena);
	l->kinds = kinds;
	l->n_kinds = 1;
	l->wait_ms = wait_ms;
	l->c.reply.fn = count_answer;
	world_do(&w, &l->c);
}

START_TEST(test_a_submit_that_meets_a_waiter_is_leased_in_the_same_commit)
{
	setup();
	struct str kinds[] = { STR("demo") };
	struct lease_command first, second;
	answered = 0;
	wait_for(&first, kinds, 1000);
	wait_for(&second, kinds, 1000);
	ck_assert_int_eq(answered, 0);
	int64_t id = world_submit(&w, "demo");
	ck_assert_int_eq(answered, 1); /* first come, first served */
	ck_assert_uint_eq(first.n_leases, 1);
	ck_assert_int_eq(first.leases[0].task, id);
	ck_assert_int_eq(world_task(&w, id).state, TASK_LEASED);
	world_submit(&w, "other");
	ck_assert_int_eq(answered, 1);
	world_sleep(&w, 1000);
	world_tick(&w);
	ck_assert_int_eq(answered, 2); /* its time is over */
	ck_assert_uint_eq(second.n_leases, 0);
	teardown();
}
END_TEST

START_TEST(test_no_wake_up_is_lost_between_parking_and_submitting_in_one_batch)
{
	setup();
	struct str kinds[] = { STR("demo") };
	struct lease_command l;
	lease_command_init(&l, w.queue, w.scope, w.arena);
	l.kinds = kinds;
	l.n_kinds = 1;
	l.wait_ms = 1000;
	l.c.reply.fn = count_answer;
	struct task_new task = { .kind = STR("demo") };
	struct task_submitted ret;
	struct submit_command s;
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = &task;
	s.n = 1;
	s.results = &ret;
	s.c.reply.fn = count_answer;
	l.c.node.next = &s.c.node;
	s.c.node.next = NULL;
	answered = 0;
	writer_batch(w.writer, &l.c);
	ck_assert_int_eq(answered, 2);
	ck_assert_uint_eq(l.n_leases, 1);
	teardown();
}
END_TEST

START_TEST(test_a_withdrawn_poller_is_given_nothing)
{
	setup();
	struct str kinds[] = { STR("demo") };
	struct lease_command l;
	struct withdraw_command wd;
	answered = 0;
	wait_for(&l, kinds, 60000);
	withdraw_command_init(&wd, w.queue, &l);
	ck_assert_ok(world_do(&w, &wd.c));
	ck_assert_int_eq(answered, 1);
	ck_assert_uint_eq(l.n_leases, 0);
	int64_t id = world_submit(&w, "demo");
	ck_assert_int_eq(world_task(&w, id).state, TASK_READY);
	ck_assert_ok(world_do(&w, &wd.c)); /* twice is harmless */
	teardown();
}
END_TEST

START_TEST(test_cancelling_reaches_the_holder)
{
	setup();
	int64_t id = world_submit(&w, "demo");
	struct lease l;
	struct holder_command h;
	struct cancel_command k;
	ck_assert(world_lease(&w, "demo", &l));
	cancel_command_init(&k, w.queue, w.scope);
	k.task = id;
	ck_assert_ok(world_do(&w, &k.c));
	ck_assert_int_eq(world_task(&w, id).state, TASK_CANCELLED);
	ck_assert_ok(world_hold(&w, &l, HOLDER_HEARTBEAT, &h));
	ck_assert(h.is_cancelled);
	ck_assert_int_eq(world_hold(&w, &l, HOLDER_COMPLETE, &h), RC_LOST);
	ck_assert_ok(world_do(&w, &k.c)); /* cancelled is cancelled */
	int64_t done = world_submit(&w, "demo");
	ck_assert(world_lease(&w, "demo", &l));
	ck_assert_ok(world_hold(&w, &l, HOLDER_COMPLETE, &h));
	k.task = done;
	ck_assert_int_eq(world_do(&w, &k.c), RC_CONFLICT);
	ck_assert_int_eq(k.c.err.code, CODE_WRONG_STATE);
	k.task = 12345;
	ck_assert_int_eq(world_do(&w, &k.c), RC_NOT_FOUND);
	teardown();
}
END_TEST

START_TEST(test_handing_back_costs_no_attempt)
{
	setup();
	int64_t id = world_submit(&w, "demo");
	struct lease l;
	struct holder_command h;
	for (int i = 0; i < RETRY_ATTEMPTS_DEFAULT + 2; i++) {
		ck_assert(world_lease(&w, "demo", &l));
		ck_assert_ok(world_hold(&w, &l, HOLDER_RETURN, &h));
		ck_assert_int_eq(h.state, TASK_READY);
	}
	ck_assert_int_eq(world_task(&w, id).state, TASK_READY);
	teardown();
}
END_TEST

START_TEST(test_after_a_restart_everything_is_there_and_leases_last_a_term_more)
{
	setup();
	int64_t ready = world_submit(&w, "demo");
	int64_t leased = world_submit(&w, "other");
	struct lease l;
	struct holder_command h;
	ck_assert(world_lease(&w, "other", &l));
	world_stop(&w);
	world_sleep(&w, 10 * LEASE_MS_DEFAULT); /* a long downtime */
	world_start(&w);
	world_tick(&w);
	ck_assert_int_eq(world_task(&w, ready).state, TASK_READY);
	ck_assert_int_eq(world_task(&w, leased).state, TASK_LEASED);
	ck_assert_ok(world_hold(&w, &l, HOLDER_COMPLETE, &h));
	int64_t after = world_submit(&w, "demo");
	ck_assert_int_gt(after, leased);
	ck_assert_int_eq(w.events_seen, 5); /* dense across the restart */
	teardown();
}
END_TEST

/* As many as a request may have. */
static size_t lease_a_hundred(const char *session, struct lease_command *l)
{
	struct str *demo = arena_new(w.arena, struct str, 1);
	*demo = STR("demo");
	lease_command_init(l, w.queue, w.scope, w.arena);
	l->kinds = demo;
	l->n_kinds = 1;
	l->tasks_max = LEASE_TASKS_MAX;
	l->session = str_z(session);
	ck_assert_ok(world_do(&w, &l->c));
	return l->n_leases;
}

static int count_leased(const int64_t *ids, int n)
{
	int leased = 0;
	for (int i = 0; i < n; i++)
		leased += world_task(&w, ids[i]).state == TASK_LEASED;
	return leased;
}

START_TEST(test_a_start_writes_nothing_however_many_leases_were_live)
{
	enum { MANY = 1000 };
	setup();
	int64_t ids[MANY];
	struct lease_command l;
	for (int i = 0; i < MANY; i++)
		ids[i] = world_submit(&w, "demo");
	for (int i = 0; i < MANY / LEASE_TASKS_MAX; i++)
		ck_assert_uint_eq(lease_a_hundred("", &l), LEASE_TASKS_MAX);
	world_stop(&w);
	world_sleep(&w, 10 * LEASE_MS_DEFAULT);
	world_start(&w);
	const struct db *db = store_writer_db(w.store);
	ck_assert_int_eq(db_total_changes(db), 0);
	int64_t began_ms = writer_now_ms(w.writer), before = 0;
	for (; w.next_due_ms <= began_ms; before = db_total_changes(db)) {
		world_tick(&w);
		ck_assert_int_le(db_total_changes(db) - before, MANY / 2); /* in slices */
	}
	ck_assert_int_eq(before, MANY + (MANY + SLICE - 1) / SLICE); /* and the floors of time */
	world_sleep(&w, LEASE_MS_DEFAULT - 1);
	world_tick(&w);
	ck_assert_int_eq(count_leased(ids, MANY), MANY);
	world_sleep(&w, 1);
	world_tick(&w);
	ck_assert_int_eq(count_leased(ids, MANY), 0);
	teardown();
}
END_TEST

START_TEST(test_a_second_term_is_seen_before_it_is_written)
{
	setup();
	struct lease_command first, again;
	struct holder_command h;
	world_submit(&w, "demo");
	ck_assert_uint_eq(lease_a_hundred("mine", &first), 1);
	struct lease l = first.leases[0];
	world_stop(&w);
	world_sleep(&w, 10 * LEASE_MS_DEFAULT);
	world_start(&w);
	ck_assert_uint_eq(lease_a_hundred("mine", &again), 1);
	ck_assert_int_eq(again.leases[0].task, l.task);
	ck_assert_int_eq(again.leases[0].attempt, l.attempt);
	ck_assert_int_eq(again.leases[0].lease_ms, LEASE_MS_DEFAULT);
	world_sleep(&w, LEASE_MS_DEFAULT / 2);
	ck_assert_ok(world_hold(&w, &l, HOLDER_HEARTBEAT, &h)); /* as any other: from now */
	world_sleep(&w, LEASE_MS_DEFAULT - 1);
	world_tick(&w);
	ck_assert_int_eq(world_task(&w, l.task).state, TASK_LEASED);
	world_sleep(&w, 1);
	world_tick(&w);
	ck_assert_int_eq(world_task(&w, l.task).state, TASK_READY);
	teardown();
}
END_TEST

START_TEST(test_ids_and_time_never_go_backwards)
{
	setup();
	int64_t last = world_submit(&w, "demo"), now_ms = writer_now_ms(w.writer);
	world_stop(&w);
	w.wall_ms -= INT64_C(3600) * 1000;
	w.mono_us = 5;
	world_start(&w);
	ck_assert_int_gt(writer_now_ms(w.writer), now_ms - 1);
	ck_assert_int_gt(world_submit(&w, "demo"), last);
	teardown();
}
END_TEST

START_TEST(test_tenants_do_not_see_each_other)
{
	setup();
	int64_t id = world_submit(&w, "demo");
	struct scope other = { .tenant = 2, .actor = 9, .role = ROLE_OWNER };
	struct task t;
	ck_assert_int_eq(task_get(w.queue, other, id, w.arena, &t, NULL), RC_NOT_FOUND);
	struct cancel_command k;
	cancel_command_init(&k, w.queue, other);
	k.task = id;
	ck_assert_int_eq(world_do(&w, &k.c), RC_NOT_FOUND);
	w.scope = other;
	struct lease l;
	ck_assert(!world_lease(&w, "demo", &l));
	struct event *events;
	size_t n;
	ck_assert_ok(event_read(w.store, other, &(struct event_filter){ .limit = 10 }, w.arena,
	                        &events, &n, NULL));
	ck_assert_uint_eq(n, 0);
	teardown();
}
END_TEST

START_TEST(test_delays_end_in_time_and_bad_values_are_refused)
{
	setup();
	struct task_new task = { .kind = STR("demo"), .delay_ms = 2000 };
	struct task_submitted ret;
	struct submit_command s;
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = &task;
	s.n = 1;
	s.results = &ret;
	ck_assert_ok(world_do(&w, &s.c));
	ck_assert_int_eq(ret.state, TASK_SCHEDULED);
	ck_assert_str_eq(world_task(&w, ret.id).reason, "delayed");
	ck_assert_int_eq(w.next_due_ms, writer_now_ms(w.writer) + 2000);
	world_sleep(&w, 2000);
	world_tick(&w);
	ck_assert_int_eq(world_task(&w, ret.id).state, TASK_READY);
	task = (struct task_new){ .kind = STR("demo"), .priority = 101 };
	ck_assert_int_eq(world_do(&w, &s.c), RC_INVALID);
	ck_assert_str_eq(s.c.err.place, "/priority");
	task = (struct task_new){ .kind = STR("no blanks") };
	ck_assert_int_eq(world_do(&w, &s.c), RC_INVALID);
	ck_assert_str_eq(s.c.err.place, "/kind");
	teardown();
}
END_TEST

START_TEST(test_the_table_of_transitions_lets_nothing_end_twice)
{
	const enum task_state ends[] = { TASK_SUCCEEDED, TASK_FAILED, TASK_CANCELLED };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		for (enum task_state to = 0; to < TASK_STATES; to++)
			ck_assert(!task_can_move(ends[i], to));
	ck_assert(!task_can_move(TASK_READY, TASK_SUCCEEDED));
	for (enum task_state s = 0; s < TASK_STATES; s++) {
		enum task_state back;
		ck_assert(task_state_parse(str_z(task_state_text(s)), &back));
		ck_assert_int_eq(back, s);
	}
}
END_TEST

UNIT_MAIN("queue", test_a_task_goes_from_submit_to_success, test_a_stale_holder_changes_nothing,
          test_a_holder_whose_lease_was_lost_is_told_so_before_the_next_has_it,
          test_leases_end_by_the_engines_clock_to_the_millisecond,
          test_a_heartbeat_extends_and_tells, test_failures_are_retried_then_final,
          test_full_jitter_spreads_over_the_whole_span, test_lost_leases_have_their_own_limit,
          test_an_attempt_has_a_time_limit_that_heartbeats_do_not_move,
          test_an_idempotency_key_gives_the_same_task_for_a_day,
          test_a_batch_is_all_or_nothing_and_events_stay_dense,
          test_order_is_priority_then_submission_across_kinds,
          test_a_submit_that_meets_a_waiter_is_leased_in_the_same_commit,
          test_no_wake_up_is_lost_between_parking_and_submitting_in_one_batch,
          test_a_withdrawn_poller_is_given_nothing, test_cancelling_reaches_the_holder,
          test_handing_back_costs_no_attempt,
          test_after_a_restart_everything_is_there_and_leases_last_a_term_more,
          test_a_start_writes_nothing_however_many_leases_were_live,
          test_a_second_term_is_seen_before_it_is_written, test_ids_and_time_never_go_backwards,
          test_tenants_do_not_see_each_other, test_delays_end_in_time_and_bad_values_are_refused,
          test_the_table_of_transitions_lets_nothing_end_twice)
