/* queue/: gates, settings, deadlines, sessions, callbacks, dead letters, history, turns. */
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

/* --- Short ways to say things --- */

static enum rc try_submit(struct task_new t, struct task_submitted *ret)
{
	struct submit_command s;
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = &t;
	s.n = 1;
	s.results = ret;
	enum rc rc = world_do(&w, &s.c);
	if (rc != RC_OK)
		ck_assert_str_eq(code_text(s.c.err.code), code_text(CODE_QUEUE_FULL));
	return rc;
}

static int64_t submit(struct task_new t)
{
	struct task_submitted ret;
	if (!t.kind.len)
		t.kind = STR("demo");
	ck_assert_ok(try_submit(t, &ret));
	return ret.id;
}

static int64_t submit_key(const char *key, int64_t max)
{
	return submit((struct task_new){ .key = str_z(key), .key_max = max });
}

static enum rc set(const char *name, enum queue_verb verb, struct queue_settings settings)
{
	struct queue_command k;
	queue_command_init(&k, w.queue, w.scope, verb);
	k.name = str_z(name);
	k.settings = settings;
	return world_do(&w, &k.c);
}

static void must_set(const char *name, struct queue_settings settings)
{
	ck_assert_ok(set(name, QUEUE_PUT, settings));
}

static enum task_state state(int64_t id)
{
	return world_task(&w, id).state;
}

static const char *reason(int64_t id)
{
	return world_task(&w, id).reason;
}

static void end(const struct lease *l, enum holder_verb verb)
{
	struct holder_command h;
	ck_assert_ok(world_hold(&w, l, verb, &h));
}

static size_t lease_many(const char *kind, int64_t max, struct lease *ret)
{
	struct str kinds[] = { str_z(kind) };
	struct lease_command l;
	lease_command_init(&l, w.queue, w.scope, w.arena);
	l.kinds = kinds;
	l.n_kinds = 1;
	l.tasks_max = max;
	ck_assert_ok(world_do(&w, &l.c));
	for (size_t i = 0; i < l.n_leases; i++)
		ret[i] = l.leases[i];
	return l.n_leases;
}

static struct queue_info info(const char *name)
{
	struct queue_info ret;
	ck_assert_ok(queue_get(w.queue, w.scope, str_z(name), w.arena, &ret, NULL));
	return ret;
}

static int64_t count_in(const char *name, enum task_state s)
{
	return info(name).count.by_state[s];
}

/* Work in slices goes on in the batches that follow. */
static void settle(void)
{
	for (int i = 0; i < 200 && w.next_due_ms <= writer_now_ms(w.writer); i++)
		world_tick(&w);
}

/* --- Concurrency --- */

START_TEST(test_a_key_bounds_what_is_under_way)
{
	setup();
	struct lease l[4];
	int64_t a = submit_key("k", 2), b = submit_key("k", 2), c = submit_key("k", 2);
	int64_t other = submit_key("o", 1);
	ck_assert_int_eq(state(a), TASK_READY);
	ck_assert_int_eq(state(b), TASK_READY);
	ck_assert_int_eq(state(c), TASK_BLOCKED);
	ck_assert_int_eq(state(other), TASK_READY);
	ck_assert_str_eq(reason(c), "waiting_for_capacity");
	ck_assert_str(world_task(&w, c).reason_detail, "concurrency key k: 2 of 2 under way");
	ck_assert_uint_eq(lease_many("demo", 4, l), 3);
	end(&l[0], HOLDER_COMPLETE);
	ck_assert_int_eq(state(c), TASK_READY); /* in the same commit */
	end(&l[1], HOLDER_COMPLETE);
	struct lease last;
	ck_assert(world_lease(&w, "demo", &last));
	ck_assert_int_eq(last.task, c);
	ck_assert_str(last.key, "k");
	teardown();
}
END_TEST

START_TEST(test_the_next_of_a_line_is_the_most_urgent_then_the_oldest)
{
	setup();
	struct lease l;
	submit_key("k", 1);
	int64_t old = submit_key("k", 1), young = submit_key("k", 1);
	int64_t urgent = submit((struct task_new){ .key = STR("k"), .priority = 5 });
	const int64_t order[] = { urgent, old, young };
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		ck_assert(world_lease(&w, "demo", &l));
		end(&l, HOLDER_COMPLETE);
		ck_assert_int_eq(state(order[i]), TASK_READY);
	}
	teardown();
}
END_TEST

START_TEST(test_completing_gets_the_next_of_its_own_key)
{
	setup();
	struct lease l;
	submit_key("k", 1);
	int64_t second = submit_key("k", 1);
	ck_assert(world_lease(&w, "demo", &l));
	struct str kinds[] = { STR("demo") };
	struct lease_command next;
	lease_command_init(&next, w.queue, w.scope, w.arena);
	next.kinds = kinds;
	next.n_kinds = 1;
	struct holder_command h;
	holder_command_init(&h, w.queue, w.scope, HOLDER_COMPLETE);
	h.task = l.task;
	h.attempt = l.attempt;
	h.token = l.token;
	h.next = &next;
	ck_assert_ok(world_do(&w, &h.c));
	ck_assert_uint_eq(next.n_leases, 1);
	ck_assert_int_eq(next.leases[0].task, second);
	teardown();
}
END_TEST

START_TEST(test_a_place_comes_back_however_a_task_ends)
{
	setup();
	struct lease l;
	struct cancel_command k;
	int64_t ids[6];
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ids[i] = submit((struct task_new){ .key = STR("k"), .attempts_max = 1 });
	ck_assert(world_lease(&w, "demo", &l));
	end(&l, HOLDER_FAIL); /* fails for good */
	ck_assert_int_eq(state(ids[1]), TASK_READY);
	cancel_command_init(&k, w.queue, w.scope);
	k.task = ids[1];
	ck_assert_ok(world_do(&w, &k.c)); /* cancelled while ready */
	ck_assert_int_eq(state(ids[2]), TASK_READY);
	k.task = ids[3];
	ck_assert_ok(world_do(&w, &k.c)); /* cancelled while blocked: no place of its own */
	ck_assert_int_eq(state(ids[4]), TASK_BLOCKED);
	for (int i = 0; i <= LEASE_LOST_MAX; i++) { /* lost until it fails */
		ck_assert(world_lease(&w, "demo", &l));
		ck_assert_int_eq(l.task, ids[2]);
		world_sleep(&w, LEASE_MS_DEFAULT);
		world_tick(&w);
	}
	ck_assert_int_eq(state(ids[4]), TASK_READY);
	ck_assert(world_lease(&w, "demo", &l));
	end(&l, HOLDER_RETURN); /* keeps its place */
	ck_assert_int_eq(state(ids[5]), TASK_BLOCKED);
	teardown();
}
END_TEST

START_TEST(test_a_retry_gives_its_place_away_while_it_waits)
{
	setup();
	struct lease l;
	int64_t a = submit((struct task_new){
	        .key = STR("k"), .retry_base_ms = 10000, .retry_cap_ms = 10000 });
	int64_t b = submit_key("k", 1);
	do { /* full jitter may draw nothing: then it is ready at once */
		ck_assert(world_lease(&w, "demo", &l));
		end(&l, HOLDER_FAIL);
	} while (state(a) == TASK_READY);
	ck_assert_str_eq(reason(a), "backoff");
	ck_assert_int_eq(state(b), TASK_READY);
	world_sleep(&w, 10000);
	world_tick(&w);
	ck_assert_int_eq(state(a), TASK_BLOCKED); /* the key was not waited for */
	ck_assert(world_lease(&w, "demo", &l));
	ck_assert_int_eq(l.task, b);
	end(&l, HOLDER_COMPLETE);
	ck_assert_int_eq(state(a), TASK_READY);
	teardown();
}
END_TEST

START_TEST(test_a_queue_bounds_what_is_under_way_and_a_key_within_it)
{
	setup();
	struct lease l[8];
	must_set("q", (struct queue_settings){ .concurrency_max = 2 });
	struct task_new plain = { .queue = STR("q") };
	struct task_new keyed = { .queue = STR("q"), .key = STR("k") };
	int64_t k1 = submit(keyed), k2 = submit(keyed), p1 = submit(plain), p2 = submit(plain);
	ck_assert_int_eq(state(k1), TASK_READY);
	ck_assert_int_eq(state(k2), TASK_BLOCKED); /* by its key */
	ck_assert_int_eq(state(p1), TASK_READY);
	ck_assert_int_eq(state(p2), TASK_BLOCKED); /* by the queue */
	ck_assert_str(world_task(&w, p2).reason_detail, "queue q: 2 of 2 under way");
	ck_assert_uint_eq(lease_many("demo", 8, l), 2);
	end(&l[0], HOLDER_COMPLETE); /* k1: k2 has the key now, and stands behind p2 or not */
	ck_assert_int_eq(count_in("q", TASK_READY), 1);
	ck_assert_int_eq(count_in("q", TASK_LEASED), 1);
	end(&l[1], HOLDER_COMPLETE);
	ck_assert_int_eq(state(k2), TASK_READY);
	ck_assert_int_eq(state(p2), TASK_READY);
	teardown();
}
END_TEST

START_TEST(test_a_lowered_limit_holds_at_once_and_a_raised_one_lets_pass)
{
	setup();
	struct lease l[8];
	for (int i = 0; i < 6; i++)
		world_submit(&w, "demo");
	must_set("demo", (struct queue_settings){ .concurrency_max = 2 });
	ck_assert_uint_eq(lease_many("demo", 8, l), 2);
	ck_assert_int_eq(count_in("demo", TASK_BLOCKED), 4);
	must_set("demo", (struct queue_settings){ .concurrency_max = 5 });
	ck_assert_int_eq(count_in("demo", TASK_READY), 3);
	must_set("demo", (struct queue_settings){ 0 });
	ck_assert_int_eq(count_in("demo", TASK_READY), 4);
	ck_assert_uint_eq(lease_many("demo", 8, l), 4);
	teardown();
}
END_TEST

START_TEST(test_a_paused_queue_gives_nothing_and_others_of_the_kind_do)
{
	setup();
	struct lease l[8];
	int64_t a = submit((struct task_new){ .queue = STR("slow") });
	ck_assert_ok(set("slow", QUEUE_PAUSE, (struct queue_settings){ 0 }));
	int64_t b = submit((struct task_new){ .queue = STR("slow") });
	int64_t c = submit((struct task_new){ .queue = STR("fast") });
	ck_assert_str_eq(reason(a), "paused");
	ck_assert_str_eq(reason(b), "paused");
	ck_assert_uint_eq(lease_many("demo", 8, l), 1);
	ck_assert_int_eq(l[0].task, c);
	world_stop(&w); /* it stays paused */
	world_start(&w);
	ck_assert_uint_eq(lease_many("demo", 8, l), 0);
	ck_assert_ok(set("slow", QUEUE_RESUME, (struct queue_settings){ 0 }));
	ck_assert_uint_eq(lease_many("demo", 8, l), 2);
	teardown();
}
END_TEST

START_TEST(test_much_that_was_paused_comes_back_in_slices)
{
	setup();
	struct task_new tasks[TASK_BATCH_MAX];
	struct task_submitted results[TASK_BATCH_MAX];
	struct submit_command s;
	for (size_t i = 0; i < TASK_BATCH_MAX; i++)
		tasks[i] = (struct task_new){ .kind = STR("demo") };
	ck_assert_ok(set("demo", QUEUE_PAUSE, (struct queue_settings){ 0 }));
	for (int i = 0; i < 6; i++) {
		submit_command_init(&s, w.queue, w.scope);
		s.tasks = tasks;
		s.n = TASK_BATCH_MAX;
		s.results = results;
		ck_assert_ok(world_do(&w, &s.c));
	}
	ck_assert_int_eq(count_in("demo", TASK_BLOCKED), 3000);
	ck_assert_ok(set("demo", QUEUE_RESUME, (struct queue_settings){ 0 }));
	int64_t at_once = count_in("demo", TASK_READY);
	ck_assert_int_ge(at_once, 500);
	ck_assert_int_le(at_once, BUDGET);
	ck_assert_int_le(w.next_due_ms, writer_now_ms(w.writer));
	settle();
	ck_assert_int_eq(count_in("demo", TASK_READY), 3000);
	/* Paused again: they are sent back as workers look at them. */
	ck_assert_ok(set("demo", QUEUE_PAUSE, (struct queue_settings){ 0 }));
	struct lease l;
	ck_assert(!world_lease(&w, "demo", &l));
	settle();
	teardown();
}
END_TEST

/* --- Rates --- */

START_TEST(test_a_rate_lets_start_so_many_in_a_period)
{
	setup();
	struct lease l[16];
	must_set("demo", (struct queue_settings){ .rate_n = 2, .rate_period_ms = 1000 });
	int64_t last = 0;
	for (int i = 0; i < 10; i++)
		last = world_submit(&w, "demo");
	ck_assert_uint_eq(lease_many("demo", 16, l), 2);
	ck_assert_str_eq(reason(last), "rate_limited");
	int64_t until_ms = world_task(&w, last).reason_until_ms;
	ck_assert_int_eq(until_ms, writer_now_ms(w.writer) + 500);
	ck_assert_int_eq(w.next_due_ms, until_ms); /* the engine wakes by itself */
	world_sleep(&w, 499);
	ck_assert_uint_eq(lease_many("demo", 16, l), 0);
	world_sleep(&w, 1);
	world_tick(&w);
	ck_assert_uint_eq(lease_many("demo", 16, l), 1);
	world_sleep(&w, 60000); /* a rest fills the bucket, no more */
	world_tick(&w);
	ck_assert_uint_eq(lease_many("demo", 16, l), 2);
	teardown();
}
END_TEST

START_TEST(test_a_burst_and_a_restart)
{
	setup();
	struct lease l[16];
	must_set("demo",
	         (struct queue_settings){ .rate_n = 1, .rate_period_ms = 1000, .rate_burst = 3 });
	for (int i = 0; i < 10; i++)
		world_submit(&w, "demo");
	ck_assert_uint_eq(lease_many("demo", 16, l), 3);
	world_stop(&w);
	world_start(&w);
	ck_assert_uint_eq(lease_many("demo", 16, l), 0); /* starting again is no trick */
	world_sleep(&w, 1000);
	world_tick(&w);
	ck_assert_uint_eq(lease_many("demo", 16, l), 1);
	teardown();
}
END_TEST

START_TEST(test_a_lost_lease_does_not_get_round_the_rate)
{
	setup();
	struct lease l[4];
	must_set("demo", (struct queue_settings){ .rate_n = 1, .rate_period_ms = 3600 * 1000 });
	int64_t id = world_submit(&w, "demo");
	ck_assert_uint_eq(lease_many("demo", 4, l), 1);
	world_sleep(&w, LEASE_MS_DEFAULT);
	world_tick(&w);
	ck_assert_uint_eq(lease_many("demo", 4, l), 0);
	ck_assert_str_eq(reason(id), "rate_limited");
	world_sleep(&w, 3600 * 1000);
	world_tick(&w);
	ck_assert_uint_eq(lease_many("demo", 4, l), 1);
	teardown();
}
END_TEST

/* --- Depth, defaults --- */

START_TEST(test_a_full_queue_refuses_and_repeats_are_welcome)
{
	setup();
	struct task_submitted ret;
	struct lease l;
	must_set("demo", (struct queue_settings){ .depth_max = 2 });
	struct task_new keyed = { .kind = STR("demo"), .idempotency_key = STR("one") };
	int64_t first = submit(keyed);
	submit((struct task_new){ .delay_ms = 1000 });
	ck_assert_int_eq(try_submit((struct task_new){ .kind = STR("demo") }, &ret), RC_LIMIT);
	keyed.idempotency_key = STR("two");
	ck_assert_int_eq(try_submit(keyed, &ret), RC_LIMIT);
	ck_assert_int_eq(count_in("demo", TASK_READY), 1); /* nothing happened */
	keyed.idempotency_key = STR("one");
	ck_assert_ok(try_submit(keyed, &ret));
	ck_assert_int_eq(ret.id, first);
	ck_assert(world_lease(&w, "demo", &l)); /* under way is not waiting */
	ck_assert_ok(try_submit((struct task_new){ .kind = STR("demo") }, &ret));
	world_stop(&w);
	world_start(&w);
	ck_assert_int_eq(try_submit((struct task_new){ .kind = STR("demo") }, &ret), RC_LIMIT);
	teardown();
}
END_TEST

START_TEST(test_a_batch_over_the_depth_is_refused_whole)
{
	setup();
	struct task_new tasks[3] = { { .kind = STR("demo") },
		                     { .kind = STR("demo"), .key = STR("k") },
		                     { .kind = STR("demo"), .key = STR("k") } };
	struct task_submitted ret[3];
	struct submit_command s;
	must_set("demo", (struct queue_settings){ .depth_max = 2 });
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = tasks;
	s.n = 3;
	s.results = ret;
	ck_assert_int_eq(world_do(&w, &s.c), RC_LIMIT);
	ck_assert_int_eq(count_in("demo", TASK_READY) + count_in("demo", TASK_BLOCKED), 0);
	s.n = 2;
	ck_assert_ok(world_do(&w, &s.c)); /* neither queue nor key remember what was undone */
	ck_assert_int_eq(count_in("demo", TASK_READY), 2);
	teardown();
}
END_TEST

START_TEST(test_the_queue_says_what_a_task_leaves_open)
{
	setup();
	struct lease l;
	must_set("demo", (struct queue_settings){ .attempts_max = 1, .timeout_ms = 2000 });
	world_submit(&w, "demo");
	ck_assert(world_lease(&w, "demo", &l));
	ck_assert_int_eq(l.attempts_max, 1);
	ck_assert_int_eq(l.timeout_ms, 2000);
	submit((struct task_new){ .attempts_max = 7, .timeout_ms = 9000 });
	ck_assert(world_lease(&w, "demo", &l));
	ck_assert_int_eq(l.attempts_max, 7);
	ck_assert_int_eq(l.timeout_ms, 9000);
	teardown();
}
END_TEST

START_TEST(test_bad_settings_name_their_place)
{
	setup();
	const struct {
		struct queue_settings k;
		const char *place;
	} bad[] = {
		{ { .depth_max = -1 }, "/depth_max" },
		{ { .depth_max = DEPTH_MAX + 1 }, "/depth_max" },
		{ { .concurrency_max = CONCURRENCY_MAX + 1 }, "/concurrency_max" },
		{ { .rate_n = 1 }, "/rate/period_ms" },
		{ { .rate_n = RATE_MAX + 1, .rate_period_ms = 1 }, "/rate/n" },
		{ { .attempts_max = TASK_ATTEMPTS_MAX + 1 }, "/attempts_max" },
		{ { .timeout_ms = -1 }, "/timeout_ms" },
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct queue_command k;
		queue_command_init(&k, w.queue, w.scope, QUEUE_PUT);
		k.name = STR("demo");
		k.settings = bad[i].k;
		ck_assert_int_eq(world_do(&w, &k.c), RC_INVALID);
		ck_assert_str_eq(k.c.err.place, bad[i].place);
	}
	ck_assert_int_eq(set("No Name", QUEUE_PUT, (struct queue_settings){ 0 }), RC_INVALID);
	ck_assert(!info("demo").count.has_settings);
	teardown();
}
END_TEST

/* --- Time --- */

START_TEST(test_a_deadline_ends_what_waits_and_what_is_leased)
{
	setup();
	struct lease l;
	struct holder_command h;
	int64_t leased = submit((struct task_new){ .deadline_in_ms = 5000 });
	ck_assert(world_lease(&w, "demo", &l));
	int64_t ready = submit((struct task_new){ .deadline_in_ms = 5000 });
	int64_t delayed = submit((struct task_new){ .deadline_in_ms = 5000, .delay_ms = 9000 });
	submit_key("k", 1);
	int64_t blocked = submit((struct task_new){ .key = STR("k"), .deadline_in_ms = 5000 });
	ck_assert_int_eq(w.next_due_ms, writer_now_ms(w.writer) + 5000);
	world_sleep(&w, 4999);
	world_tick(&w);
	ck_assert_int_eq(state(ready), TASK_READY);
	world_sleep(&w, 1);
	world_tick(&w);
	const int64_t ids[] = { leased, ready, delayed, blocked };
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		ck_assert_int_eq(state(ids[i]), TASK_FAILED);
		ck_assert_uint_ne(
		        str_find(world_task(&w, ids[i]).error, STR("deadline_exceeded"), 0),
		        SIZE_MAX);
	}
	ck_assert_ok(world_hold(&w, &l, HOLDER_HEARTBEAT, &h));
	ck_assert(h.is_cancelled);
	ck_assert_int_eq(world_hold(&w, &l, HOLDER_COMPLETE, &h), RC_LOST);
	ck_assert_int_eq(count_in("demo", TASK_LEASED), 0);
	ck_assert_int_eq(count_in("demo", TASK_BLOCKED), 0);
	ck_assert_int_eq(count_in("demo", TASK_SCHEDULED), 0);
	teardown();
}
END_TEST

START_TEST(test_nothing_is_leased_past_its_deadline)
{
	setup();
	struct lease l;
	int64_t late = submit((struct task_new){ .deadline_in_ms = 1000 });
	int64_t good = world_submit(&w, "demo");
	world_sleep(&w, 1000); /* the engine has not looked yet */
	ck_assert(!world_lease(&w, "demo", &l) || l.task == good);
	ck_assert_int_eq(state(late), TASK_FAILED);
	teardown();
}
END_TEST

START_TEST(test_a_worker_may_bound_its_attempts)
{
	setup();
	struct str kinds[] = { STR("demo") };
	struct lease_command l;
	world_submit(&w, "demo");
	submit((struct task_new){ .timeout_ms = 1500 });
	lease_command_init(&l, w.queue, w.scope, w.arena);
	l.kinds = kinds;
	l.n_kinds = 1;
	l.tasks_max = 2;
	l.timeout_ms = 3000;
	ck_assert_ok(world_do(&w, &l.c));
	ck_assert_int_eq(l.leases[0].timeout_ms, 3000);
	ck_assert_int_eq(l.leases[0].lease_ms, 3000);
	ck_assert_int_eq(l.leases[1].timeout_ms, 1500); /* the shorter one */
	world_sleep(&w, 3000);
	world_tick(&w);
	struct task t = world_task(&w, l.leases[0].task);
	ck_assert_uint_ne(str_find(t.error, STR("timeout"), 0), SIZE_MAX);
	ck_assert_int_eq(t.lost, 0);
	teardown();
}
END_TEST

/* --- Sessions --- */

static void ask(struct lease_command *l, const int64_t *holding, size_t n, int64_t max)
{
	static const struct str kinds[] = { STR_INIT("demo") };
	lease_command_init(l, w.queue, w.scope, w.arena);
	l->kinds = kinds;
	l->n_kinds = 1;
	l->tasks_max = max;
	l->session = STR("s-1");
	l->holding = holding;
	l->n_holding = n;
	ck_assert_ok(world_do(&w, &l->c));
}

START_TEST(test_what_a_lost_reply_gave_is_given_again)
{
	setup();
	struct lease_command first, again, other;
	world_submit(&w, "demo");
	world_submit(&w, "demo");
	int64_t third = world_submit(&w, "demo");
	ask(&first, NULL, 0, 2);
	ck_assert_uint_eq(first.n_leases, 2);
	world_sleep(&w, 1000);
	const int64_t holding[] = { first.leases[0].task };
	ask(&again, holding, 1, 5); /* it never heard of the second */
	ck_assert_uint_eq(again.n_leases, 1);
	const struct lease *x = &first.leases[1], *y = &again.leases[0];
	ck_assert(y->is_again);
	ck_assert_int_eq(y->task, x->task);
	ck_assert_int_eq(y->attempt, x->attempt);
	ck_assert_mem_eq(&y->token, &x->token, sizeof x->token);
	ck_assert_int_eq(y->lease_ms, x->lease_ms - 1000); /* its time counts on */
	ck_assert_str(y->input, "{\"n\":1}");
	const int64_t both[] = { x->task, holding[0] };
	ask(&other, both, 2, 5); /* knows all it has: something new */
	ck_assert_uint_eq(other.n_leases, 1);
	ck_assert_int_eq(other.leases[0].task, third);
	struct holder_command h;
	ck_assert_ok(world_hold(&w, y, HOLDER_COMPLETE, &h));
	world_sleep(&w, LEASE_MS_DEFAULT);
	ask(&again, NULL, 0, 5); /* what ran out is not given again under the old token */
	for (size_t i = 0; i < again.n_leases; i++)
		ck_assert(!again.leases[i].is_again);
	teardown();
}
END_TEST

/* --- Groups --- */

static size_t ask_group(enum lease_group group, struct lease_command *l)
{
	static const struct str kinds[] = { STR_INIT("a"), STR_INIT("b") };
	lease_command_init(l, w.queue, w.scope, w.arena);
	l->kinds = kinds;
	l->n_kinds = 2;
	l->tasks_max = 10;
	l->group = group;
	ck_assert_ok(world_do(&w, &l->c));
	return l->n_leases;
}

START_TEST(test_a_batch_of_one_kind_or_one_key)
{
	setup();
	struct lease_command l;
	for (int i = 0; i < 3; i++) {
		submit((struct task_new){ .kind = STR("a"), .key = STR("x"), .key_max = 9 });
		submit((struct task_new){ .kind = STR("b"), .key = STR("x"), .key_max = 9 });
		submit((struct task_new){ .kind = STR("a"), .key = STR("y"), .key_max = 9 });
	}
	submit((struct task_new){ .kind = STR("b"), .priority = 1 });
	ck_assert_uint_eq(ask_group(LEASE_GROUP_KEY, &l), 1); /* the most urgent has no key */
	ck_assert_uint_eq(ask_group(LEASE_GROUP_KEY, &l), 3);
	for (size_t i = 0; i < l.n_leases; i++) {
		ck_assert_str(l.leases[i].kind, "a");
		ck_assert_str(l.leases[i].key, "x");
	}
	ck_assert_uint_eq(ask_group(LEASE_GROUP_KIND, &l), 3);
	for (size_t i = 0; i < l.n_leases; i++)
		ck_assert_str(l.leases[i].kind, "b");
	ck_assert_uint_eq(ask_group(LEASE_GROUP_NONE, &l), 3);
	teardown();
}
END_TEST

/* --- Callbacks --- */

START_TEST(test_a_callback_comes_in_the_same_commit)
{
	setup();
	struct lease l;
	submit((struct task_new){ .callback_kind = STR("after"), .callback_input = STR("[1]") });
	int64_t doomed = submit((struct task_new){ .callback_kind = STR("after") });
	ck_assert(world_lease(&w, "demo", &l));
	end(&l, HOLDER_COMPLETE);
	ck_assert(world_lease(&w, "after", &l));
	ck_assert_uint_ne(str_find(l.input,
	                           STR("\"state\":\"succeeded\",\"output\":{\"ok\":true},"
	                               "\"input\":[1]}"),
	                           0),
	                  SIZE_MAX);
	struct cancel_command k;
	cancel_command_init(&k, w.queue, w.scope);
	k.task = doomed;
	ck_assert_ok(world_do(&w, &k.c));
	ck_assert(world_lease(&w, "after", &l));
	ck_assert_uint_ne(str_find(l.input, STR("\"state\":\"cancelled\",\"error\":{"), 0),
	                  SIZE_MAX);
	teardown();
}
END_TEST

/* --- Dead letters --- */

static int64_t dead_letter(const char *kind)
{
	struct lease l;
	int64_t id = submit((struct task_new){ .kind = str_z(kind), .attempts_max = 1 });
	ck_assert(world_lease(&w, kind, &l));
	ck_assert_int_eq(l.task, id);
	end(&l, HOLDER_FAIL);
	return id;
}

static size_t dead_letters(void)
{
	struct task_page page;
	struct task_filter f = { .state = -1, .is_dead = true, .limit = 200 };
	ck_assert_ok(task_list(w.queue, w.scope, &f, w.arena, &page, NULL));
	return page.n;
}

START_TEST(test_a_dead_letter_is_retried_once_as_a_new_task)
{
	setup();
	struct retry_command r;
	int64_t id = dead_letter("demo");
	ck_assert_uint_eq(dead_letters(), 1);
	retry_command_init(&r, w.queue, w.scope);
	r.task = id;
	ck_assert_ok(world_do(&w, &r.c));
	int64_t fresh = r.result.id;
	ck_assert_int_ne(fresh, id);
	ck_assert(!r.result.is_duplicate);
	ck_assert_int_eq(world_task(&w, fresh).retry_of, id);
	ck_assert_int_eq(world_task(&w, id).retried_as, fresh);
	ck_assert_int_eq(state(id), TASK_FAILED); /* it ended once */
	ck_assert_uint_eq(dead_letters(), 0);
	ck_assert_ok(world_do(&w, &r.c));
	ck_assert(r.result.is_duplicate);
	ck_assert_int_eq(r.result.id, fresh);
	r.task = fresh;
	ck_assert_int_eq(world_do(&w, &r.c), RC_CONFLICT); /* it is ready */
	r.task = 4711;
	ck_assert_int_eq(world_do(&w, &r.c), RC_NOT_FOUND);
	teardown();
}
END_TEST

START_TEST(test_discarding_hides)
{
	setup();
	struct discard_command d;
	int64_t id = dead_letter("demo");
	discard_command_init(&d, w.queue, w.scope);
	d.task = id;
	ck_assert_ok(world_do(&w, &d.c));
	ck_assert_ok(world_do(&w, &d.c));
	ck_assert_uint_eq(dead_letters(), 0);
	ck_assert(world_task(&w, id).is_discarded);
	d.task = world_submit(&w, "demo");
	ck_assert_int_eq(world_do(&w, &d.c), RC_CONFLICT);
	teardown();
}
END_TEST

static void sweep(enum sweep_what what, const char *kind)
{
	struct sweep_command s;
	sweep_command_init(&s, w.queue, w.scope);
	s.what = what;
	s.kind = str_z(kind);
	ck_assert_ok(world_do(&w, &s.c));
}

START_TEST(test_all_dead_letters_are_retried_in_slices_across_a_restart)
{
	setup();
	enum { MANY = 1200 };
	struct lease l[100];
	int64_t other = dead_letter("other");
	must_set("demo", (struct queue_settings){ .attempts_max = 1 });
	for (int i = 0; i < MANY; i++)
		world_submit(&w, "demo");
	for (size_t n; (n = lease_many("demo", 100, l)) > 0;)
		for (size_t i = 0; i < n; i++)
			end(&l[i], HOLDER_FAIL);
	sweep(SWEEP_RETRY, "demo");
	int64_t after_one = count_in("demo", TASK_READY);
	ck_assert_int_gt(after_one, 0);
	ck_assert_int_le(after_one, 500);
	world_stop(&w);
	world_start(&w);
	world_tick(&w);
	settle();
	ck_assert_int_eq(count_in("demo", TASK_READY), MANY); /* each once */
	ck_assert_uint_eq(dead_letters(), 1);
	ck_assert_int_eq(world_task(&w, other).retried_as, 0);
	sweep(SWEEP_DISCARD, "");
	settle();
	ck_assert_uint_eq(dead_letters(), 0);
	teardown();
}
END_TEST

/* --- History --- */

static void complete_one(int64_t *ret)
{
	struct lease l;
	*ret = world_submit(&w, "demo");
	ck_assert(world_lease(&w, "demo", &l));
	end(&l, HOLDER_COMPLETE);
}

static size_t in_history(void)
{
	struct db *db = store_writer_db(w.store);
	struct rows rows;
	size_t n = 0;
	DB_QUERY(db, SQL_HISTORY_LIST, &rows, NULL, BIND_INT(1), BIND_INT(INT64_MAX), BIND_NULL,
	         BIND_INT(-1), BIND_INT(100000), BIND_INT(0));
	while (rows_next(&rows))
		n++;
	ck_assert_ok(rows_end(&rows, NULL));
	return n;
}

/* Page after page, to the last. */
static int expect_pages(struct task_filter *f, const int64_t *want, size_t n_want)
{
	size_t at = 0;
	int pages = 0;
	do {
		struct task_page page;
		ck_assert_ok(task_list(w.queue, w.scope, f, w.arena, &page, NULL));
		for (size_t i = 0; i < page.n; i++)
			ck_assert_int_eq(page.tasks[i].id, want[at++]);
		f->before = page.next;
		pages++;
	} while (f->before);
	ck_assert_uint_eq(at, n_want);
	return pages;
}

START_TEST(test_a_page_looks_at_so_many_rows)
{
	setup();
	int64_t want[4];
	for (int i = 0; i < 4; i++) {
		want[3 - i] = world_submit(&w, "rare");
		for (int k = 0; k < 30; k++)
			world_submit(&w, "demo");
	}
	w.queue->list_rows_soon = 3;
	w.queue->list_rows_max = 10;
	struct task_filter f = { .state = -1, .kind = STR("rare"), .limit = 100 };
	ck_assert_int_eq(expect_pages(&f, want, 4), 13);
	f = (struct task_filter){ .state = TASK_READY, .kind = STR("rare"), .limit = 2 };
	ck_assert_int_gt(expect_pages(&f, want, 4), 12);
	f = (struct task_filter){ .state = TASK_FAILED, .limit = 2 };
	ck_assert_int_eq(expect_pages(&f, want, 0), 13);
	int64_t id;
	for (int i = 0; i < 25; i++)
		complete_one(&id);
	world_sleep(&w, 3 * HISTORY_AFTER_MS);
	world_tick(&w);
	ck_assert_uint_eq(in_history(), 25);
	f = (struct task_filter){ .state = TASK_SUCCEEDED, .kind = STR("rare"), .limit = 10 };
	expect_pages(&f, want, 0);
	f = (struct task_filter){ .state = TASK_SUCCEEDED, .kind = STR("demo"), .limit = 7 };
	size_t n = 0;
	do {
		struct task_page page;
		ck_assert_ok(task_list(w.queue, w.scope, &f, w.arena, &page, NULL));
		n += page.n;
		f.before = page.next;
	} while (f.before);
	ck_assert_uint_eq(n, 25);
	w.queue->list_rows_soon = 10;
	w.queue->list_rows_max = 0; /* a page that is full soon looks no further */
	f = (struct task_filter){ .state = -1, .limit = 10 };
	struct task_page page;
	ck_assert_ok(task_list(w.queue, w.scope, &f, w.arena, &page, NULL));
	ck_assert_uint_eq(page.n, 10);
	teardown();
}
END_TEST

START_TEST(test_what_has_ended_moves_and_is_read_as_before)
{
	setup();
	int64_t ids[5];
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		complete_one(&ids[i]);
	int64_t live = world_submit(&w, "demo"), dead = dead_letter("fails");
	world_sleep(&w, 3 * HISTORY_AFTER_MS);
	world_tick(&w);
	ck_assert_uint_eq(in_history(), 5);
	struct task t = world_task(&w, ids[2]);
	ck_assert_int_eq(t.state, TASK_SUCCEEDED);
	ck_assert_str(t.output, "{\"ok\":true}");
	ck_assert_str(t.input, "{\"n\":1}");
	int64_t want[] = { dead, live, ids[4], ids[3], ids[2], ids[1], ids[0] };
	struct task_filter f = { .state = -1, .limit = 2 };
	expect_pages(&f, want, ARRAY_LEN(want));
	f = (struct task_filter){ .state = TASK_SUCCEEDED, .kind = STR("demo"), .limit = 100 };
	expect_pages(&f, want + 2, 5);
	ck_assert_int_eq(info("demo").days[0].succeeded, 5);
	ck_assert_int_eq(info("fails").days[0].failed, 1);
	teardown();
}
END_TEST

START_TEST(test_a_word_repeated_after_the_move_is_answered_the_same)
{
	setup();
	struct lease l;
	struct holder_command h;
	world_submit(&w, "demo");
	ck_assert(world_lease(&w, "demo", &l));
	end(&l, HOLDER_COMPLETE);
	world_sleep(&w, 3 * HISTORY_AFTER_MS);
	world_tick(&w);
	ck_assert_uint_eq(in_history(), 1);
	ck_assert_ok(world_hold(&w, &l, HOLDER_COMPLETE, &h));
	ck_assert_int_eq(h.state, TASK_SUCCEEDED);
	ck_assert_int_eq(world_hold(&w, &l, HOLDER_FAIL, &h), RC_LOST);
	teardown();
}
END_TEST

START_TEST(test_retention_forgets_tasks_and_events_and_keeps_the_sums)
{
	setup();
	int64_t id;
	must_set("demo", (struct queue_settings){ .retention_ms = 3600 * 1000 });
	for (int i = 0; i < 4; i++)
		complete_one(&id);
	world_sleep(&w, 2 * HISTORY_AFTER_MS);
	world_tick(&w);
	ck_assert_uint_eq(in_history(), 4);
	world_sleep(&w, 3600 * 1000);
	world_tick(&w);
	ck_assert_uint_eq(in_history(), 0);
	struct task t;
	ck_assert_int_eq(task_get(w.queue, w.scope, id, w.arena, &t, NULL), RC_NOT_FOUND);
	ck_assert_int_eq(info("demo").days[0].succeeded, 4);
	int64_t last_before;
	ck_assert_ok(event_last(w.store, w.scope, &last_before, NULL));
	world_sleep(&w, RETENTION_MS_DEFAULT + 3600 * 1000);
	world_tick(&w);
	struct event *events;
	size_t n;
	ck_assert_ok(event_read(w.store, w.scope, &(struct event_filter){ .limit = 100 }, w.arena,
	                        &events, &n, NULL));
	ck_assert_uint_eq(n, 2);
	ck_assert_str(events[0].type, "events.gap");
	ck_assert_int_eq(events[0].seq, last_before - 1);
	ck_assert_int_eq(events[1].seq, last_before); /* the newest carries the count */
	complete_one(&id);
	int64_t last;
	ck_assert_ok(event_last(w.store, w.scope, &last, NULL));
	ck_assert_int_eq(last, last_before + 3);
	teardown();
}
END_TEST

START_TEST(test_events_have_a_retention_of_their_own)
{
	setup();
	world_stop(&w);
	w.event_retention_ms = 3600 * 1000;
	world_start(&w);
	int64_t id;
	complete_one(&id);
	complete_one(&id);
	world_sleep(&w, 2 * 3600 * 1000);
	world_tick(&w);
	struct event *events;
	size_t n;
	ck_assert_ok(event_read(w.store, w.scope, &(struct event_filter){ .limit = 100 }, w.arena,
	                        &events, &n, NULL));
	ck_assert_uint_eq(n, 2);
	ck_assert_str(events[0].type, "events.gap");
	struct task t;
	ck_assert_ok(task_get(w.queue, w.scope, id, w.arena, &t, NULL)); /* tasks stay */
	teardown();
}
END_TEST

/* --- Turns between tenants --- */

static void add_tenant(int64_t tenant, int64_t weight)
{
	char name[24];
	struct weight_command k;
	snprintf(name, sizeof name, "t%d", (int)tenant);
	ck_assert_ok(DB_RUN(store_writer_db(w.store), SQL_TENANT_INSERT, NULL, BIND_INT(tenant),
	                    BIND_STR(str_z(name)), BIND_INT(1)));
	weight_command_init(&k, w.queue, w.scope);
	k.tenant = tenant;
	k.weight = weight;
	ck_assert_ok(world_do(&w, &k.c));
}

static int64_t submit_for(int64_t tenant)
{
	struct scope mine = w.scope;
	w.scope.tenant = tenant;
	int64_t id = world_submit(&w, "demo");
	w.scope = mine;
	return id;
}

static void lease_for_all(int64_t max, struct lease_command *l)
{
	static const struct str kinds[] = { STR_INIT("other"), STR_INIT("demo") };
	lease_command_init_all(l, w.queue, w.scope, w.arena);
	l->kinds = kinds;
	l->n_kinds = 2;
	l->tasks_max = max;
	ck_assert_ok(world_do(&w, &l->c));
}

START_TEST(test_tenants_take_turns_by_weight)
{
	setup();
	add_tenant(2, 3);
	add_tenant(3, 1);
	for (int i = 0; i < 40; i++) /* the first one's crowd is there first */
		submit_for(3);
	for (int i = 0; i < 40; i++)
		submit_for(2);
	int got[4] = { 0 };
	for (int i = 0; i < 20; i++) {
		struct lease_command l;
		lease_for_all(1, &l);
		ck_assert_uint_eq(l.n_leases, 1);
		got[l.leases[0].tenant]++;
	}
	ck_assert_int_eq(got[2], 15);
	ck_assert_int_eq(got[3], 5);
	struct lease_command l;
	lease_for_all(100, &l); /* whoever has work gets what others leave */
	ck_assert_uint_eq(l.n_leases, 60);
	teardown();
}
END_TEST

START_TEST(test_who_works_for_all_waits_for_all_and_speaks_for_all)
{
	setup();
	static const struct str kinds[] = { STR_INIT("demo") };
	struct lease_command l;
	add_tenant(7, 1);
	lease_command_init_all(&l, w.queue, w.scope, w.arena);
	l.kinds = kinds;
	l.n_kinds = 1;
	l.wait_ms = 1000;
	world_do(&w, &l.c);
	ck_assert_uint_eq(l.n_leases, 0);
	int64_t id = submit_for(7);
	ck_assert_uint_eq(l.n_leases, 1);
	ck_assert_int_eq(l.leases[0].task, id);
	ck_assert_int_eq(l.leases[0].tenant, 7);
	struct holder_command h;
	ck_assert_int_eq(world_hold(&w, &l.leases[0], HOLDER_COMPLETE, &h), RC_NOT_FOUND);
	holder_command_init(&h, w.queue, w.scope, HOLDER_COMPLETE);
	h.task = id;
	h.attempt = 1;
	h.token = l.leases[0].token;
	h.is_for_all = true;
	ck_assert_ok(world_do(&w, &h.c));
	ck_assert_int_eq(h.state, TASK_SUCCEEDED);
	teardown();
}
END_TEST

/* --- Statements --- */

START_TEST(test_nothing_hot_scans)
{
	static const enum sql hot[] = { SQL_TASK_READY,
		                        SQL_TASK_READY_OF_KEY,
		                        SQL_TASK_READY_TENANT,
		                        SQL_TASK_LEASE,
		                        SQL_TASK_OF_SESSION,
		                        SQL_TASK_HOLDER,
		                        SQL_TASK_HEARTBEAT,
		                        SQL_TASK_COMPLETE,
		                        SQL_TASK_END,
		                        SQL_TASK_AGAIN,
		                        SQL_TASK_PLACE,
		                        SQL_TASK_EXPIRED,
		                        SQL_TASK_DUE,
		                        SQL_TASK_OVERDUE,
		                        SQL_TASK_NEXT_EXPIRY,
		                        SQL_TASK_NEXT_DUE,
		                        SQL_TASK_NEXT_DEADLINE,
		                        SQL_GATE_LOAD,
		                        SQL_GATE_SAVE,
		                        SQL_GATE_DUE,
		                        SQL_GATE_NEXT_DUE,
		                        SQL_BLOCKED_AT_KEY,
		                        SQL_BLOCKED_AT_QUEUE,
		                        SQL_TASK_DEAD,
		                        SQL_HISTORY_COPY,
		                        SQL_HISTORY_CUT,
		                        SQL_HISTORY_EXPIRE,
		                        SQL_HISTORY_NEXT,
		                        SQL_EVENT_OLDEST,
		                        SQL_EVENT_CUT,
		                        SQL_TASK_GET,
		                        SQL_TASK_GET_HISTORY,
		                        SQL_TASK_LIST,
		                        SQL_HISTORY_LIST,
		                        SQL_HISTORY_LIST_OF_STATE,
		                        SQL_HISTORY_LIST_OF_KIND };
	setup();
	for (size_t i = 0; i < ARRAY_LEN(hot); i++) {
		struct buf plan = BUF_INIT(1 << 16);
		ck_assert_ok(store_explain(store_writer_db(w.store), hot[i], &plan, NULL));
		bool scans = str_find(buf_str(&plan), STR("SCAN"), 0) != SIZE_MAX ||
		             str_find(buf_str(&plan), STR("TEMP B-TREE"), 0) != SIZE_MAX;
		ck_assert_msg(!scans, "%s: " STR_FMT, sql_names[hot[i]], STR_ARG(buf_str(&plan)));
		buf_fini(&plan);
	}
	teardown();
}
END_TEST

UNIT_MAIN("queue/limits", test_a_key_bounds_what_is_under_way,
          test_the_next_of_a_line_is_the_most_urgent_then_the_oldest,
          test_completing_gets_the_next_of_its_own_key, test_a_place_comes_back_however_a_task_ends,
          test_a_retry_gives_its_place_away_while_it_waits,
          test_a_queue_bounds_what_is_under_way_and_a_key_within_it,
          test_a_lowered_limit_holds_at_once_and_a_raised_one_lets_pass,
          test_a_paused_queue_gives_nothing_and_others_of_the_kind_do,
          test_much_that_was_paused_comes_back_in_slices,
          test_a_rate_lets_start_so_many_in_a_period, test_a_burst_and_a_restart,
          test_a_lost_lease_does_not_get_round_the_rate,
          test_a_full_queue_refuses_and_repeats_are_welcome,
          test_a_batch_over_the_depth_is_refused_whole, test_the_queue_says_what_a_task_leaves_open,
          test_bad_settings_name_their_place, test_a_deadline_ends_what_waits_and_what_is_leased,
          test_nothing_is_leased_past_its_deadline, test_a_worker_may_bound_its_attempts,
          test_what_a_lost_reply_gave_is_given_again, test_a_batch_of_one_kind_or_one_key,
          test_a_callback_comes_in_the_same_commit,
          test_a_dead_letter_is_retried_once_as_a_new_task, test_discarding_hides,
          test_all_dead_letters_are_retried_in_slices_across_a_restart,
          test_a_page_looks_at_so_many_rows, test_what_has_ended_moves_and_is_read_as_before,
          test_a_word_repeated_after_the_move_is_answered_the_same,
          test_retention_forgets_tasks_and_events_and_keeps_the_sums,
          test_events_have_a_retention_of_their_own, test_tenants_take_turns_by_weight,
          test_who_works_for_all_waits_for_all_and_speaks_for_all, test_nothing_hot_scans)
