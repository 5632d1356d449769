/* compensate.c: what has succeeded is undone, in the right order, each once. */
#include "world.h"

/* c waits for b, b for a; the last fails.  Undoing is `other`: the agent gives back what it
 * gets, and world.performed tells the order. */
static const char trip[] = "{'name':'trip','steps':{"
                           "'flight':{'kind':'echo','input':'f','compensate':{'kind':'other'}},"
                           "'hotel':{'kind':'echo','input':'h','after':['flight'],"
                           "'compensate':{'kind':'other','input':{'id':{'ref':'/output'},"
                           "'for':{'ref':'/input/who'},'with':{'ref':'/steps/flight/output'}}}},"
                           "'mail':{'kind':'echo','input':'m','after':['hotel']},"
                           "'pay':{'kind':'fail','after':['mail']}}}";

static void check_trip(struct world *w, int64_t id)
{
	static const char *const story[] = { "echo \"f\"",
		                             "echo \"h\"",
		                             "echo \"m\"",
		                             "fail null",
		                             "other {\"id\":\"h\",\"for\":\"me\",\"with\":\"f\"}",
		                             "other {\"input\":\"f\",\"output\":\"f\"}" };
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str(run.error, "{\"code\":\"broken\",\"message\":\"it broke\",\"step\":\"pay\"}");
	ck_assert_uint_eq(w->n_performed, ARRAY_LEN(story));
	for (size_t i = 0; i < ARRAY_LEN(story); i++)
		ck_assert_str(w->performed[i], story[i]);
	ck_assert_str_eq(run.steps[0].undoing, "succeeded");
	ck_assert_str_eq(run.steps[1].undoing, "succeeded");
	ck_assert_str_eq(run.steps[2].undoing, "");
	ck_assert_int_eq(run.steps[0].state, STEP_SUCCEEDED);
}

START_TEST(test_finished_steps_are_undone_in_reverse)
{
	struct world *w = world_create();
	int64_t id = begin(w, trip, "{'who':'me'}");
	for (int i = 0; i < 4; i++)
		turn(w, 1);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_COMPENSATING);
	settle(w);
	run = see(w, id);
	ck_assert_str_eq(run.steps[1].undoing, "running");
	ck_assert_str_eq(run.steps[0].undoing, "");
	ck_assert_int_ne(run.steps[1].undo_task, 0);
	ck_assert_int_eq(cancel(w, id), RC_CONFLICT);
	work(w, id);
	check_trip(w, id);
	struct str last;
	ck_assert_uint_eq(events_of(w, id, "run.compensating", &last), 1);
	ck_assert_uint_eq(events_of(w, id, "run.compensation", &last), 4);
	ck_assert_str(last, "{\"step\":\"flight\",\"state\":\"succeeded\"}");
	ck_assert_uint_eq(events_of(w, id, "run.failed", &last), 1);
	world_destroy(w);
}
END_TEST

START_TEST(test_each_is_undone_once_across_restarts)
{
	struct world *w = world_create();
	int64_t id = begin(w, trip, "{'who':'me'}");
	for (int i = 0; i < 100 && !run_is_over(see(w, id).state); i++) {
		restart(w);
		batch(w, NULL);
		restart(w);
		settle(w);
		turn(w, 1);
	}
	check_trip(w, id);
	world_destroy(w);
}
END_TEST

START_TEST(test_cancelling_undoes_too)
{
	struct world *w = world_create();
	int64_t id = begin(w, trip, "{'who':'me'}");
	turn(w, 1);
	struct lease *leases;
	ck_assert_uint_eq(lease(w, 1, &leases), 1); /* the hotel is under way */
	ck_assert_ok(cancel(w, id));
	ck_assert_ok(cancel(w, id));
	ck_assert_int_eq(see(w, id).state, RUN_COMPENSATING);
	ck_assert_int_eq(answer(w, &leases[0]), RC_LOST);
	ck_assert_int_eq(send_event(w, id, "e", "1"), RC_CONFLICT);
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_CANCELLED);
	ck_assert_str_eq(run.steps[0].undoing, "succeeded");
	ck_assert_str_eq(run.steps[1].undoing, "");
	ck_assert_int_eq(run.steps[1].state, STEP_CANCELLED);
	ck_assert_str_has(run.error, "cancelled on request");
	world_destroy(w);
}
END_TEST

START_TEST(test_a_compensation_that_fails_is_named)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'t','steps':{'a':{'kind':'echo','compensate':{'kind':'other'}},"
	                   "'b':{'kind':'echo','after':['a'],'compensate':{'kind':'fail'}},"
	                   "'c':{'kind':'fail','after':['b']}}}",
	                   "null");
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_COMPENSATION_FAILED);
	ck_assert_str(run.error, "{\"code\":\"broken\",\"message\":\"it broke\",\"step\":\"c\","
	                         "\"compensation\":{\"code\":\"broken\",\"message\":\"it broke\","
	                         "\"step\":\"b\"}}");
	ck_assert_str_eq(run.steps[1].undoing, "failed");
	ck_assert_str_eq(run.steps[0].undoing, "");
	struct str last;
	ck_assert_uint_eq(events_of(w, id, "run.compensation_failed", &last), 1);
	world_destroy(w);
}
END_TEST

START_TEST(test_an_input_that_cannot_be_made_is_named)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'t','steps':{'a':{'kind':'echo','compensate':{'kind':'other',"
	                   "'input':{'ref':'/output/none'}}},'c':{'kind':'fail','after':['a']}}}",
	                   "null");
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_COMPENSATION_FAILED);
	ck_assert_str_has(run.error, "\"compensation\":{\"code\":\"bad_reference\"");
	world_destroy(w);
}
END_TEST

static const char items[] =
        "{'name':'items','steps':{'all':{'kind':'odd','each':[2,4,6,8,7,10],"
        "'input':{'ref':'/item'},'max_parallel':1,"
        "'compensate':{'kind':'other','input':[{'ref':'/index'},{'ref':'/item'},"
        "{'ref':'/output'}]}}}}";

START_TEST(test_items_are_undone_from_the_last)
{
	struct world *w = world_create();
	int64_t id = begin(w, items, "null");
	for (int i = 0; i < 100 && !run_is_over(see(w, id).state); i++) {
		restart(w);
		settle(w);
		turn(w, 1);
	}
	static const char *const story[] = { "other [3,8,8]", "other [2,6,6]", "other [1,4,4]",
		                             "other [0,2,2]" };
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_uint_eq(w->n_performed, 5 + ARRAY_LEN(story));
	for (size_t i = 0; i < ARRAY_LEN(story); i++)
		ck_assert_str(w->performed[5 + i], story[i]);
	ck_assert_str_eq(run.steps[0].undoing, "succeeded");
	world_destroy(w);
}
END_TEST

START_TEST(test_what_succeeded_in_the_batch_of_the_failure_is_undone)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'t','steps':{'bad':{'kind':'fail'},"
	                   "'good':{'kind':'echo','compensate':{'kind':'other'}}}}",
	                   "null");
	struct lease *leases;
	struct holder_command h[2];
	ck_assert_uint_eq(lease(w, 10, &leases), 2);
	/* Both answers in one batch: the failure ends the run first. */
	for (int i = 0; i < 2; i++) {
		bool fails = str_eqz(leases[i].kind, "fail");
		holder_command_init(&h[i], w->queue, alice, fails ? HOLDER_FAIL : HOLDER_COMPLETE);
		h[i].task = leases[i].task;
		h[i].attempt = leases[i].attempt;
		h[i].token = leases[i].token;
		h[i].output = STR("1");
		h[i].error_code = STR("broken");
		h[i].is_final = true;
		h[i].c.reply.fn = reply_nothing;
	}
	h[0].c.node.next = &h[1].c.node;
	batch(w, &h[0].c);
	work(w, id);
	ck_assert(has_performed(w, "other {\"input\":null,\"output\":1}"));
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	world_destroy(w);
}
END_TEST

/* Cancelled while nothing is finished, and in the same batch the holder finishes. */
START_TEST(test_what_succeeds_before_it_is_cancelled_is_undone)
{
	struct world *w = world_create();
	int64_t id = begin(
	        w, "{'name':'t','steps':{'good':{'kind':'echo','compensate':{'kind':'other'}}}}",
	        "null");
	struct lease *leases;
	struct run_cancel_command k;
	struct holder_command h;
	ck_assert_uint_eq(lease(w, 10, &leases), 1);
	run_cancel_command_init(&k, w->flow, alice);
	k.run = id;
	k.c.reply.fn = reply_nothing;
	holder_command_init(&h, w->queue, alice, HOLDER_COMPLETE);
	h.task = leases[0].task;
	h.attempt = leases[0].attempt;
	h.token = leases[0].token;
	h.output = STR("1");
	h.c.reply.fn = reply_nothing;
	k.c.node.next = &h.c.node;
	batch(w, &k.c);
	ck_assert_int_eq(h.c.rc, RC_OK);
	work(w, id);
	ck_assert(has_performed(w, "other {\"input\":null,\"output\":1}"));
	ck_assert_int_eq(see(w, id).state, RUN_CANCELLED);
	world_destroy(w);
}
END_TEST

START_TEST(test_runs_below_are_undone_before)
{
	struct world *w = world_create();
	ck_assert_ok(put(w,
	                 "{'name':'inner','steps':{'x':{'kind':'echo','input':'x',"
	                 "'compensate':{'kind':'other'}},"
	                 "'wait':{'wait':{'event':'never'},'after':['x']}}}",
	                 NULL));
	int64_t id =
	        begin(w,
	              "{'name':'t','steps':{'a':{'kind':'echo','input':'a',"
	              "'compensate':{'kind':'other'}},'sub':{'workflow':'inner','after':['a']},"
	              "'paid':{'wait':{'event':'e'},'compensate':{'kind':'other'}},"
	              "'late':{'wait':{'timer_ms':5000},'after':['paid']},"
	              "'bad':{'kind':'fail','after':['late']}}}",
	              "null");
	turn(w, 1);
	turn(w, 1);
	ck_assert_ok(send_event(w, id, "e", "{'cents':1}"));
	settle(w);
	later(w, 5001);
	settle(w);
	int64_t child = see(w, id).steps[1].child;
	for (int i = 0; i < 50 && !run_is_over(see(w, id).state); i++) {
		restart(w);
		settle(w);
		turn(w, 1);
	}
	ck_assert_int_eq(see(w, child).state, RUN_CANCELLED);
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	static const char *const story[] = {
		"echo \"a\"",
		"echo \"x\"",
		"fail null",
		"other {\"input\":\"x\",\"output\":\"x\"}",
		"other {\"input\":null,\"output\":{\"cents\":1}}",
		"other {\"input\":\"a\",\"output\":\"a\"}",
	};
	ck_assert_uint_eq(w->n_performed, ARRAY_LEN(story));
	for (size_t i = 0; i < ARRAY_LEN(story); i++)
		ck_assert_str(w->performed[i], story[i]);
	world_destroy(w);
}
END_TEST

START_TEST(test_without_anything_to_undo_the_run_just_fails)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'t','steps':{'bad':{'kind':'fail'},'a':{'kind':'echo',"
	                   "'after':['bad'],'compensate':{'kind':'other'}}}}",
	                   "null");
	turn(w, 1);
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_thousand_items_are_undone)
{
	struct world *w = world_create();
	struct buf b = BUF_INIT(1 << 20);
	buf_addz(&b, "{'name':'t','steps':{'a':{'kind':'echo','input':{'ref':'/item'},"
	             "'compensate':{'kind':'other'},'each':[");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%s%d", i ? "," : "", i);
	buf_addz(&b, "]},'b':{'kind':'fail','after':['a']}}}");
	int64_t id = begin(w, str_dupz(w->arena, buf_str(&b)), "null");
	buf_fini(&b);
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	ck_assert_uint_eq(w->n_performed, 2001);
	ck_assert_str(w->performed[1001], "other {\"input\":999,\"output\":999}");
	ck_assert_str(w->performed[2000], "other {\"input\":0,\"output\":0}");
	world_destroy(w);
}
END_TEST

UNIT_MAIN("flow/compensate", test_finished_steps_are_undone_in_reverse,
          test_each_is_undone_once_across_restarts, test_cancelling_undoes_too,
          test_a_compensation_that_fails_is_named, test_an_input_that_cannot_be_made_is_named,
          test_items_are_undone_from_the_last,
          test_what_succeeded_in_the_batch_of_the_failure_is_undone,
          test_what_succeeds_before_it_is_cancelled_is_undone, test_runs_below_are_undone_before,
          test_without_anything_to_undo_the_run_just_fails, test_a_thousand_items_are_undone)
