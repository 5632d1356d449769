/* flow/: whole runs on a real store, from the first step to the last, also when things
 * go wrong on the way. */
#include "world.h"

static const char linear[] =
        "{'name':'linear','steps':{"
        "'one':{'kind':'echo','input':{'ref':'/input'}},"
        "'two':{'kind':'other','input':{'from':{'ref':'/steps/one/output/n'}}}},"
        "'output':{'ref':'/steps/two/output'}}";

START_TEST(test_a_linear_run_hands_outputs_on)
{
	struct world *w = world_create();
	int64_t id = begin(w, linear, "{'n':5}");
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_RUNNING);
	ck_assert_int_eq(run.steps[0].state, STEP_RUNNING);
	ck_assert_str_eq(run.steps[0].reason, "waiting_for_agent");
	ck_assert_int_eq(run.steps[1].state, STEP_WAITING);
	ck_assert_str_eq(run.steps[1].reason, "waiting_for_steps");
	ck_assert_uint_eq(run.steps[1].n_after, 1);
	ck_assert_int_eq(run.steps[1].after[0], 0);
	work(w, id);
	run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.output, "{\"from\":5}");
	ck_assert_str(run.steps[0].output, "{\"n\":5}");
	ck_assert_int_eq(run.steps[0].state, STEP_SUCCEEDED);
	ck_assert_int_eq(run.steps_done, 2);
	ck_assert_int_eq(run.steps[0].items_done, 1);
	ck_assert_int_eq(run.steps[0].attempt, 1);
	ck_assert_int_gt(run.finished_ms, 0);
	ck_assert_uint_eq(w->n_performed, 2);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_diamond_runs_side_by_side_and_joins)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'diamond','steps':{"
	                   "'join':{'kind':'other','input':[{'ref':'/steps/left/output'},"
	                   "{'ref':'/steps/right/output'}]},"
	                   "'left':{'kind':'echo','after':['top'],'input':'l'},"
	                   "'right':{'kind':'echo','after':['top'],'input':'r'},"
	                   "'top':{'kind':'echo'}}}",
	                   "null");
	ck_assert_uint_eq(turn(w, 10), 1);
	ck_assert_uint_eq(turn(w, 10), 2); /* both in one lease */
	ck_assert_uint_eq(turn(w, 10), 1);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.steps[0].output, "[\"l\",\"r\"]");
	ck_assert_str(run.output, "null");
	world_destroy(w);
}
END_TEST

START_TEST(test_a_step_whose_when_does_not_hold_is_skipped)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'skip','steps':{"
	                   "'maybe':{'kind':'fail','when':{'value':{'ref':'/input/n'},"
	                   "'schema':{'minimum':10}}},"
	                   "'surely':{'kind':'echo','when':{'value':{'ref':'/input/n'},"
	                   "'schema':{'maximum':10}},"
	                   "'input':[{'ref':'/steps/maybe/output'},"
	                   "{'ref':'/steps/maybe/output/deep/1'}]}}}",
	                   "{'n':1}");
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_int_eq(run.steps[0].state, STEP_SKIPPED);
	ck_assert_int_eq(run.steps[1].state, STEP_SUCCEEDED);
	ck_assert_str(run.steps[1].output, "[null,null]");
	ck_assert_int_eq(run.steps_done, 2);
	ck_assert_uint_eq(w->n_performed, 1);
	world_destroy(w);
}
END_TEST

/* --- each --- */

static const char in_order[] = "{'name':'in_order','steps':{'all':{'kind':'echo',"
                               "'each':{'ref':'/input'},'max_parallel':3,"
                               "'input':{'i':{'ref':'/index'},'v':{'ref':'/item/v'}}}},"
                               "'output':{'ref':'/steps/all/output'}}";

START_TEST(test_each_keeps_order_and_its_parallel_limit)
{
	struct world *w = world_create();
	int64_t id =
	        begin(w, in_order,
	              "[{'v':'a'},{'v':'b'},{'v':'c'},{'v':'d'},{'v':'e'},{'v':'f'},{'v':'g'}]");
	struct lease *leases;
	size_t n = lease(w, 10, &leases);
	ck_assert_uint_eq(n, 3);
	struct run run = see(w, id);
	ck_assert_int_eq(run.steps[0].items, 7);
	ck_assert(run.steps[0].is_each);
	ck_assert_str_eq(run.steps[0].reason, "leased");
	/* The last of the three ends first; exactly one more may begin. */
	ck_assert_ok(answer(w, &leases[2]));
	struct lease *more;
	ck_assert_uint_eq(lease(w, 10, &more), 1);
	ck_assert_ok(answer(w, &more[0]));
	ck_assert_ok(answer(w, &leases[0]));
	ck_assert_ok(answer(w, &leases[1]));
	work(w, id);
	run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.output,
	              "[{\"i\":0,\"v\":\"a\"},{\"i\":1,\"v\":\"b\"},{\"i\":2,\"v\":\"c\"},"
	              "{\"i\":3,\"v\":\"d\"},{\"i\":4,\"v\":\"e\"},{\"i\":5,\"v\":\"f\"},"
	              "{\"i\":6,\"v\":\"g\"}]");
	ck_assert_int_eq(run.steps[0].items_done, 7);
	ck_assert_uint_eq(w->n_performed, 7);
	world_destroy(w);
}
END_TEST

START_TEST(test_each_of_nothing_succeeds_at_once)
{
	struct world *w = world_create();
	int64_t id = begin(w, in_order, "[]");
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.output, "[]");
	ck_assert_uint_eq(w->batches, 2); /* stored, and started to its end */
	world_destroy(w);
}
END_TEST

START_TEST(test_each_over_a_literal_with_references)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'literal','steps':{'all':{'kind':'echo',"
	                   "'each':[1,{'ref':'/input/x'},{'ref':'main','repo':'r'}],"
	                   "'input':{'ref':'/item'}}},'output':{'ref':'/steps/all/output'}}",
	                   "{'x':[2]}");
	work(w, id);
	ck_assert_str(see(w, id).output, "[1,[2],{\"ref\":\"main\",\"repo\":\"r\"}]");
	world_destroy(w);
}
END_TEST

static const char *numbers(struct world *w, int n)
{
	struct buf b = BUF_INIT(1 << 20);
	buf_addc(&b, '[');
	for (int i = 0; i < n; i++)
		buf_addf(&b, "%s%d", i ? "," : "", i);
	buf_addc(&b, ']');
	const char *text = str_dupz(w->arena, buf_str(&b));
	buf_fini(&b);
	return text;
}

static const char thousand[] = "{'name':'thousand','steps':{'all':{'kind':'echo',"
                               "'each':{'ref':'/input'},'input':{'ref':'/item'}}},"
                               "'output':{'ref':'/steps/all/output'}}";

START_TEST(test_a_thousand_items_come_in_slices)
{
	struct world *w = world_create();
	int64_t id = begin(w, thousand, numbers(w, 1000));
	size_t before = w->batches;
	settle(w);
	ck_assert_uint_ge(w->batches - before, 1000 / ADVANCE_SLICE - 1);
	struct lease *leases;
	size_t done = 0;
	for (size_t n; (n = lease(w, 100, &leases)) > 0; done += n)
		for (size_t i = 0; i < n; i++)
			ck_assert_ok(answer(w, &leases[i]));
	ck_assert_uint_eq(done, 1000);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_uint_eq(run.output.len, strlen(numbers(w, 1000)));
	ck_assert_int_le(w->rows_max, 1000);
	world_destroy(w);
}
END_TEST

START_TEST(test_cancelling_a_thousand_items_goes_in_slices)
{
	struct world *w = world_create();
	int64_t id = begin(w, thousand, numbers(w, 1000));
	settle(w);
	w->rows_max = 0;
	struct run_cancel_command k;
	run_cancel_command_init(&k, w->flow, alice);
	k.run = id;
	k.reason = STR("enough");
	ck_assert_ok(apply(w, &k.c));
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_CANCELLED);
	ck_assert_str(run.error, "{\"code\":\"cancelled\",\"message\":\"enough\"}");
	ck_assert_int_eq(run.steps[0].state, STEP_CANCELLED);
	settle(w);
	ck_assert_int_le(w->rows_max, 1000);
	struct lease *leases;
	ck_assert_uint_eq(lease(w, 10, &leases), 0);
	struct task_filter filter = { .run = id, .state = TASK_CANCELLED, .limit = 200 };
	struct task_page page;
	ck_assert_ok(task_list(w->queue, alice, &filter, w->arena, &page, &w->err));
	ck_assert_uint_eq(page.n, 200);
	ck_assert_ok(apply(w, &k.c)); /* once more is no mistake */
	world_destroy(w);
}
END_TEST

START_TEST(test_cancelling_while_slices_are_under_way)
{
	struct world *w = world_create();
	int64_t id = begin(w, thousand, numbers(w, 1000));
	struct run_cancel_command k;
	run_cancel_command_init(&k, w->flow, alice);
	k.run = id;
	ck_assert_ok(apply(w, &k.c));
	settle(w);
	struct lease *leases;
	ck_assert_uint_eq(lease(w, 10, &leases), 0);
	struct task_filter filter = { .run = id, .state = TASK_READY, .limit = 200 };
	struct task_page page;
	ck_assert_ok(task_list(w->queue, alice, &filter, w->arena, &page, &w->err));
	ck_assert_uint_eq(page.n, 0);
	world_destroy(w);
}
END_TEST

START_TEST(test_collect_puts_errors_in_their_places)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'collect','steps':{'all':{'kind':'odd','each':[0,1,2,3],"
	                   "'on_error':'collect','input':{'ref':'/item'}},"
	                   "'after':{'kind':'echo','after':['all']}},"
	                   "'output':{'ref':'/steps/all/output'}}",
	                   "null");
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.output, "[0,{\"error\":{\"code\":\"broken\",\"message\":\"it broke\"}},"
	                          "2,{\"error\":{\"code\":\"broken\",\"message\":\"it broke\"}}]");
	ck_assert_int_eq(run.steps[0].items_done, 2);
	ck_assert_int_eq(run.steps[0].items_failed, 2);
	ck_assert_int_eq(run.steps[1].state, STEP_SUCCEEDED);
	world_destroy(w);
}
END_TEST

START_TEST(test_one_failed_item_ends_the_run_and_cancels_the_others)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'each_fails','steps':{'all':{'kind':'odd','each':[0,1,2,4,6],"
	                   "'input':{'ref':'/item'}},'side':{'kind':'echo'}}}",
	                   "null");
	struct lease *leases;
	ck_assert_uint_eq(lease(w, 3, &leases), 3);
	for (size_t i = 0; i < 3; i++) {
		if (str_eqz(leases[i].input, "1"))
			ck_assert_ok(answer(w, &leases[i]));
	}
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_int_eq(run.steps[0].state, STEP_FAILED);
	ck_assert_str(run.error,
	              "{\"code\":\"broken\",\"message\":\"it broke\",\"step\":\"all\",\"item\":2}");
	ck_assert_int_eq(run.steps[1].state, STEP_CANCELLED);
	struct lease *more;
	ck_assert_uint_eq(lease(w, 10, &more), 0);
	ck_assert_int_eq(answer(w, &leases[0]), RC_LOST);
	world_destroy(w);
}
END_TEST

START_TEST(test_outputs_together_too_large_fail_the_step)
{
	struct world *w = world_create();
	int64_t id = begin(w, "{'name':'large','steps':{'all':{'kind':'big','each':[1,2,3,4]}}}",
	                   "null");
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert(str_find(run.error, STR("\"output_too_large\""), 0) != SIZE_MAX);
	ck_assert(str_find(run.steps[0].error, STR("\"output_too_large\""), 0) != SIZE_MAX);
	world_destroy(w);
}
END_TEST

START_TEST(test_an_input_too_large_fails_the_step)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'large','steps':{'all':{'kind':'big','each':[1,2,3]},"
	                   "'next':{'kind':'echo','input':[{'ref':'/steps/all/output'},"
	                   "{'ref':'/steps/all/output'}]}}}",
	                   "null");
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert(str_find(run.error, STR("\"too_large\""), 0) != SIZE_MAX);
	ck_assert_int_eq(run.steps[0].state, STEP_SUCCEEDED);
	world_destroy(w);
}
END_TEST

START_TEST(test_each_over_no_array_fails_the_step)
{
	struct world *w = world_create();
	int64_t id = begin(w, in_order, "{}");
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert(str_find(run.error, STR("must refer to an array"), 0) != SIZE_MAX);
	world_destroy(w);
}
END_TEST

/* --- Failing --- */

START_TEST(test_a_failing_step_cancels_what_is_under_way)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'fails','steps':{'bad':{'kind':'fail'},"
	                   "'side':{'kind':'echo'},'behind':{'kind':'echo','after':['bad']}}}",
	                   "null");
	struct lease *leases;
	ck_assert_uint_eq(lease(w, 2, &leases), 2);
	size_t bad = str_eqz(leases[0].kind, "fail") ? 0 : 1;
	ck_assert_ok(answer(w, &leases[bad]));
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str(run.error, "{\"code\":\"broken\",\"message\":\"it broke\",\"step\":\"bad\"}");
	ck_assert_str(run.steps[0].error, "{\"code\":\"broken\",\"message\":\"it broke\"}");
	ck_assert_int_eq(run.steps[0].state, STEP_FAILED);
	ck_assert_int_eq(run.steps[1].state, STEP_CANCELLED);
	ck_assert_int_eq(run.steps[2].state, STEP_CANCELLED);
	ck_assert_str_eq(run.steps[2].reason, "");
	ck_assert_int_eq(answer(w, &leases[1 - bad]), RC_LOST);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_step_is_retried_as_its_definition_says)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'retry','steps':{'once':{'kind':'flaky',"
	                   "'retry':{'attempts':2,'base_ms':5000,'cap_ms':5000}}}}",
	                   "null");
	ck_assert_uint_eq(turn(w, 1), 1);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_RUNNING);
	ck_assert_str_eq(run.steps[0].reason, "backoff");
	work(w, id);
	run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_int_eq(run.steps[0].attempt, 2);
	ck_assert_uint_eq(w->n_performed, 2);
	world_destroy(w);
}
END_TEST

START_TEST(test_one_attempt_means_no_retry)
{
	struct world *w = world_create();
	int64_t id = begin(
	        w, "{'name':'retry','steps':{'once':{'kind':'flaky','retry':{'attempts':1}}}}",
	        "null");
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_reference_that_finds_nothing_fails_the_step)
{
	struct world *w = world_create();
	int64_t id = begin(w, linear, "{'m':5}");
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str(run.error, "{\"code\":\"bad_reference\",\"message\":\"the reference "
	                         "/steps/one/output/n finds nothing\",\"step\":\"two\"}");
	ck_assert_int_eq(run.steps[0].state, STEP_SUCCEEDED);
	ck_assert_int_eq(run.steps[1].state, STEP_FAILED);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_bad_reference_in_the_output_fails_the_run)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'out','steps':{'one':{'kind':'echo'}},"
	                   "'output':{'ref':'/input/x'}}",
	                   "{}");
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str(run.error, "{\"code\":\"bad_reference\",\"message\":\"the reference /input/x "
	                         "finds nothing\"}");
	world_destroy(w);
}
END_TEST

START_TEST(test_a_bad_reference_amid_items_cancels_those_before_it)
{
	struct world *w = world_create();
	int64_t id = begin(w, in_order, "[{'v':1},{'v':2},{'w':3}]");
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	settle(w);
	struct lease *leases;
	ck_assert_uint_eq(lease(w, 10, &leases), 0);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_task_cancelled_by_hand_fails_its_step)
{
	struct world *w = world_create();
	int64_t id = begin(w, linear, "{'n':1}");
	struct cancel_command k;
	cancel_command_init(&k, w->queue, alice);
	k.task = see(w, id).steps[0].task;
	ck_assert_ok(apply(w, &k.c));
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert(str_find(run.error, STR("\"cancelled\""), 0) != SIZE_MAX);
	world_destroy(w);
}
END_TEST

/* --- Starting, cancelling --- */

START_TEST(test_the_input_is_checked_by_the_schema)
{
	struct world *w = world_create();
	int64_t id;
	ck_assert_ok(put(w,
	                 "{'name':'typed','input':{'type':'object','required':['brief'],"
	                 "'properties':{'brief':{'type':'string'}}},"
	                 "'steps':{'one':{'kind':'echo'}}}",
	                 NULL));
	ck_assert_int_eq(start(w, "typed", "{'brief':5}", &id), RC_INVALID);
	ck_assert_int_eq(w->err.code, CODE_SCHEMA);
	ck_assert_str_eq(w->err.place, "/input/brief");
	ck_assert_int_eq(start(w, "typed", "", &id), RC_INVALID);
	ck_assert_str_eq(w->err.place, "/input");
	ck_assert_int_eq(start(w, "typed", "{'brief'", &id), RC_INVALID);
	ck_assert_int_eq(w->err.code, CODE_JSON_SYNTAX);
	ck_assert_ok(start(w, "typed", "{'brief':'x'}", &id));
	ck_assert_int_eq(start(w, "nowhere", "null", &id), RC_NOT_FOUND);
	world_destroy(w);
}
END_TEST

START_TEST(test_one_key_starts_one_run)
{
	struct world *w = world_create();
	struct run_start_command c, again;
	ck_assert_ok(put(w, linear, NULL));
	run_start_command_init(&c, w->flow, alice);
	c.workflow = STR("linear");
	c.input = STR("{\"n\":1}");
	c.idempotency_key = STR("key-1");
	ck_assert_ok(apply(w, &c.c));
	ck_assert(!c.is_duplicate);
	again = c;
	again.run = 0;
	ck_assert_ok(apply(w, &again.c));
	ck_assert(again.is_duplicate);
	ck_assert_int_eq(again.run, c.run);
	again.input = STR("{\"n\":2}");
	ck_assert_int_eq(apply(w, &again.c), RC_CONFLICT);
	ck_assert_int_eq(w->err.code, CODE_KEY_REUSED);
	/* Another tenant's keys are others, as are its workflows. */
	run_start_command_init(&again, w->flow, bob);
	again.workflow = STR("linear");
	again.idempotency_key = STR("key-1");
	ck_assert_int_eq(apply(w, &again.c), RC_NOT_FOUND);
	world_destroy(w);
}
END_TEST

START_TEST(test_cancel_knows_the_states)
{
	struct world *w = world_create();
	struct run_cancel_command k;
	int64_t id = begin(w, linear, "{'n':1}");
	run_cancel_command_init(&k, w->flow, bob);
	k.run = id;
	ck_assert_int_eq(apply(w, &k.c), RC_NOT_FOUND);
	work(w, id);
	run_cancel_command_init(&k, w->flow, alice);
	k.run = id;
	ck_assert_int_eq(apply(w, &k.c), RC_CONFLICT);
	ck_assert_int_eq(w->err.code, CODE_WRONG_STATE);
	k.run = 12345;
	ck_assert_int_eq(apply(w, &k.c), RC_NOT_FOUND);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_run_keeps_the_version_it_began_with)
{
	struct world *w = world_create();
	int64_t version, other;
	const char *newer = "{'name':'linear','steps':{'only':{'kind':'echo','input':'new'}}}";
	int64_t id = begin(w, linear, "{'n':1}");
	ck_assert_uint_eq(turn(w, 1), 1);
	ck_assert_ok(put(w, newer, &version));
	ck_assert_int_eq(version, 2);
	ck_assert_ok(put(w, newer, &version));
	ck_assert_int_eq(version, 2); /* the same words are no new version */
	ck_assert_ok(start(w, "linear", "null", &other));
	work(w, id);
	work(w, other);
	struct run run = see(w, id);
	ck_assert_int_eq(run.version, 1);
	ck_assert_str(run.output, "{\"from\":1}");
	ck_assert_int_eq(see(w, other).version, 2);
	ck_assert_uint_eq(see(w, other).n_steps, 1);
	struct workflow *list;
	size_t n;
	ck_assert_ok(workflow_list(w->flow, alice, STR(""), 10, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(list[0].version, 2);
	struct workflow one;
	ck_assert_ok(workflow_get(w->flow, alice, STR("linear"), 1, w->arena, &one, &w->err));
	ck_assert(str_eq(one.document, quoted(w, linear)));
	ck_assert_int_eq(workflow_get(w->flow, bob, STR("linear"), 0, w->arena, &one, &w->err),
	                 RC_NOT_FOUND);
	world_destroy(w);
}
END_TEST

START_TEST(test_going_back_to_older_words_makes_them_the_newest)
{
	struct world *w = world_create();
	int64_t version;
	const char *a = "{'name':'w','steps':{'a':{'kind':'echo'}}}";
	const char *b = "{'name':'w','steps':{'b':{'kind':'echo'}}}";
	ck_assert_ok(put(w, a, &version));
	ck_assert_ok(put(w, b, &version));
	ck_assert_ok(put(w, a, &version));
	ck_assert_int_eq(version, 3);
	world_destroy(w);
}
END_TEST

/* --- Restarts --- */

START_TEST(test_a_run_goes_on_after_every_possible_restart)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'long','steps':{"
	                   "'a':{'kind':'echo','input':'a'},"
	                   "'all':{'kind':'echo','each':[0,1,2,3,4,5],'max_parallel':2,"
	                   "'after':['a'],'input':{'ref':'/item'}},"
	                   "'b':{'kind':'other','input':{'ref':'/steps/all/output'}}}}",
	                   "null");
	for (int i = 0; i < 50 && see(w, id).state == RUN_RUNNING; i++) {
		restart(w);
		settle(w);
		turn(w, 1);
	}
	ck_assert_int_eq(see(w, id).state, RUN_SUCCEEDED);
	ck_assert(has_performed(w, "other [0,1,2,3,4,5]"));
	ck_assert_uint_eq(w->n_performed, 8); /* nothing twice */
	world_destroy(w);
}
END_TEST

START_TEST(test_slices_go_on_after_a_restart)
{
	struct world *w = world_create();
	int64_t id = begin(w, thousand, numbers(w, 1000));
	int64_t submitted = 0;
	struct queue_count *counts;
	size_t n;
	for (int i = 0; i < 20 && submitted < 1000; i++) {
		restart(w);
		batch(w, NULL);
		ck_assert_ok(queue_counts(w->queue, alice, w->arena, &counts, &n, &w->err));
		ck_assert_int_gt(counts[0].by_state[TASK_READY], submitted);
		submitted = counts[0].by_state[TASK_READY];
	}
	ck_assert_int_eq(submitted, 1000);
	struct run_cancel_command k;
	run_cancel_command_init(&k, w->flow, alice);
	k.run = id;
	ck_assert_ok(apply(w, &k.c));
	restart(w);
	settle(w);
	ck_assert_ok(queue_counts(w->queue, alice, w->arena, &counts, &n, &w->err));
	ck_assert_uint_eq(n, 0);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_hundred_thousand_items_are_refused_clearly)
{
	struct world *w = world_create();
	struct buf b = BUF_INIT(1 << 20);
	buf_addz(&b, "[0");
	for (int i = 1; i < 99990; i++)
		buf_addz(&b, ",0");
	buf_addc(&b, ']');
	int64_t id = begin(w, thousand, str_dupz(w->arena, buf_str(&b)));
	buf_fini(&b);
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str_has(run.error, "99990 items, at most 10000 are allowed");
	ck_assert_uint_eq(turn(w, 10), 0);
	world_destroy(w);
}
END_TEST

/* --- Many runs, wide runs --- */

START_TEST(test_wide_runs_take_turns)
{
	struct world *w = world_create();
	int64_t wide[16], narrow;
	ck_assert_ok(put(w, thousand, NULL));
	ck_assert_ok(put(w, linear, NULL));
	const char *input = numbers(w, 1000);
	for (size_t i = 0; i < ARRAY_LEN(wide); i++)
		ck_assert_ok(start(w, "thousand", input, &wide[i]));
	ck_assert_ok(start(w, "linear", "{'n':1}", &narrow));
	/* All wide ones together need some forty batches; its turn comes in one round. */
	for (size_t i = 0; i < ARRAY_LEN(wide) / 2; i++)
		batch(w, NULL);
	ck_assert_int_eq(see(w, narrow).steps[0].state, STEP_RUNNING);
	ck_assert_int_le(w->rows_max, 1100);
	world_destroy(w);
}
END_TEST

START_TEST(test_runs_do_not_see_each_other)
{
	struct world *w = world_create();
	int64_t runs[3];
	ck_assert_ok(put(w, in_order, NULL));
	ck_assert_ok(start(w, "in_order", "[{'v':1},{'v':2},{'v':3},{'v':4}]", &runs[0]));
	ck_assert_ok(start(w, "in_order", "[{'v':5},{'v':6},{'v':7},{'v':8}]", &runs[1]));
	ck_assert_ok(start(w, "in_order", "[]", &runs[2]));
	work(w, runs[0]);
	work(w, runs[1]);
	ck_assert_str(see(w, runs[0]).output, "[{\"i\":0,\"v\":1},{\"i\":1,\"v\":2},"
	                                      "{\"i\":2,\"v\":3},{\"i\":3,\"v\":4}]");
	ck_assert_str(see(w, runs[1]).output, "[{\"i\":0,\"v\":5},{\"i\":1,\"v\":6},"
	                                      "{\"i\":2,\"v\":7},{\"i\":3,\"v\":8}]");
	world_destroy(w);
}
END_TEST

START_TEST(test_what_is_kept_of_many_runs_is_bounded)
{
	struct world *w = world_create();
	int64_t id = begin(w, in_order, "[{'v':1}]");
	for (int i = 0; i < 2 * RECORDED_DOCS_MAX; i++)
		ck_assert_ok(start(w, "in_order", "[{'v':1}]", &id));
	ck_assert_uint_le(w->flow->recorded.n, RECORDED_DOCS_MAX);
	char name[32];
	for (int i = 0; i < 2 * DEFINITIONS_MAX; i++) {
		snprintf(name, sizeof name, "w%d", i);
		struct str text =
		        str_fmt(w->arena, "{'name':'%s','steps':{'a':{'kind':'echo'}}}", name);
		ck_assert_ok(put(w, str_dupz(w->arena, text), NULL));
		ck_assert_ok(start(w, name, "null", &id));
	}
	ck_assert_uint_le(w->flow->n_definitions, DEFINITIONS_MAX);
	work(w, id);
	world_destroy(w);
}
END_TEST

START_TEST(test_many_cancelled_runs_share_a_batch)
{
	struct world *w = world_create();
	int64_t runs[4];
	const char *input = numbers(w, 400);
	ck_assert_ok(put(w, thousand, NULL));
	for (size_t i = 0; i < ARRAY_LEN(runs); i++)
		ck_assert_ok(start(w, "thousand", input, &runs[i]));
	settle(w);
	struct run_cancel_command k[4];
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		run_cancel_command_init(&k[i], w->flow, alice);
		k[i].run = runs[i];
		k[i].c.reply.fn = reply_nothing;
		if (i)
			k[i - 1].c.node.next = &k[i].c.node;
	}
	w->rows_max = 0;
	batch(w, &k[0].c);
	settle(w);
	ck_assert_int_le(w->rows_max, 1100);
	struct queue_count *counts;
	size_t n;
	ck_assert_ok(queue_counts(w->queue, alice, w->arena, &counts, &n, &w->err));
	ck_assert_uint_eq(n, 0);
	world_destroy(w);
}
END_TEST

/* A command that makes the store fail late, so that the whole batch is undone. */
static enum rc fail_apply(struct command *c, struct tx *tx, struct err *err)
{
	(void)c;
	db_rollback(tx->db);
	return err_set(err, CODE_IO, "the disk has gone");
}

START_TEST(test_memory_follows_the_disk)
{
	struct world *w = world_create();
	struct run_start_command s;
	struct workflow_put_command p;
	struct command bad = { .apply = fail_apply, .reply.fn = reply_nothing };
	int64_t id;
	/* Stored and started in a batch that does not happen … */
	workflow_put_command_init(&p, w->flow, alice);
	p.document = quoted(w, linear);
	p.c.reply.fn = reply_nothing;
	run_start_command_init(&s, w->flow, alice);
	s.workflow = STR("linear");
	s.input = STR("{\"n\":1}");
	s.c.reply.fn = reply_nothing;
	p.c.node.next = &s.c.node;
	s.c.node.next = &bad.node;
	batch(w, &p.c);
	ck_assert_int_eq(p.c.rc, RC_IO);
	ck_assert_int_eq(s.c.rc, RC_IO);
	/* … so another definition may become version 1. */
	id = begin(w, "{'name':'linear','steps':{'one':{'kind':'other','input':'new'}}}", "null");
	work(w, id);
	ck_assert_int_eq(see(w, id).version, 1);
	ck_assert(has_performed(w, "other \"new\""));
	ck_assert_uint_eq(w->n_performed, 1);
	world_destroy(w);
}
END_TEST

START_TEST(test_two_hundred_steps_side_by_side)
{
	struct world *w = world_create();
	struct buf b = BUF_INIT(1 << 20);
	buf_addz(&b, "{'name':'broad','steps':{");
	for (int i = 0; i < WORKFLOW_STEPS_MAX; i++)
		buf_addf(&b, "%s's%d':{'kind':'echo','input':%d}", i ? "," : "", i, i);
	buf_addz(&b, "}}");
	int64_t id = begin(w, str_dupz(w->arena, buf_str(&b)), "null");
	buf_fini(&b);
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_int_eq(run.steps_done, WORKFLOW_STEPS_MAX);
	ck_assert_uint_eq(w->n_performed, WORKFLOW_STEPS_MAX);
	ck_assert_int_le(w->rows_max, 1000);
	world_destroy(w);
}
END_TEST

/* --- Reading, events --- */

START_TEST(test_lists_filter_and_page)
{
	struct world *w = world_create();
	int64_t ids[3];
	ck_assert_ok(put(w, linear, NULL));
	ck_assert_ok(put(w, "{'name':'solo','steps':{'a':{'kind':'fail'}}}", NULL));
	ck_assert_ok(start(w, "linear", "{'n':1}", &ids[0]));
	ck_assert_ok(start(w, "solo", "null", &ids[1]));
	ck_assert_ok(start(w, "linear", "{'n':2}", &ids[2]));
	work(w, ids[0]);
	struct run *list;
	size_t n;
	struct run_filter all = { .state = -1, .limit = 2 };
	ck_assert_ok(run_list(w->flow, alice, &all, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(list[0].id, ids[2]);
	ck_assert_int_eq(list[0].steps_total, 2);
	all.before = list[1].id;
	ck_assert_ok(run_list(w->flow, alice, &all, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(list[0].id, ids[0]);
	struct run_filter failed = { .state = RUN_FAILED, .limit = 10 };
	ck_assert_ok(run_list(w->flow, alice, &failed, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 1);
	ck_assert_str(list[0].workflow, "solo");
	struct run_filter of = { .workflow = STR("linear"), .state = RUN_FAILED, .limit = 10 };
	ck_assert_ok(run_list(w->flow, alice, &of, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 0);
	of.state = -1;
	ck_assert_ok(run_list(w->flow, alice, &of, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 2);
	ck_assert_ok(run_list(w->flow, bob, &of, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 0);
	struct run run;
	ck_assert_int_eq(run_get(w->flow, bob, ids[0], w->arena, &run, &w->err), RC_NOT_FOUND);
	world_destroy(w);
}
END_TEST

START_TEST(test_events_tell_the_story)
{
	struct world *w = world_create();
	int64_t id = begin(w, linear, "{'n':1}");
	work(w, id);
	struct event *events;
	size_t n, at = 0;
	struct event_filter filter = { .run = id, .limit = 100 };
	ck_assert_ok(event_read(w->store, alice, &filter, w->arena, &events, &n, &w->err));
	static const char *const story[][2] = {
		{ "run.started", "{\"workflow\":\"linear\",\"version\":1}" },
		{ "run.step", "{\"step\":\"one\",\"state\":\"running\"}" },
		{ "run.step", "{\"step\":\"one\",\"state\":\"succeeded\"}" },
		{ "run.step", "{\"step\":\"two\",\"state\":\"running\"}" },
		{ "run.step", "{\"step\":\"two\",\"state\":\"succeeded\"}" },
		{ "run.succeeded", "{}" },
	};
	for (size_t i = 0; i < n; i++) {
		if (!str_starts(events[i].type, STR("run.")))
			continue;
		ck_assert_uint_lt(at, ARRAY_LEN(story));
		ck_assert_str(events[i].type, story[at][0]);
		ck_assert_str(events[i].data, story[at][1]);
		ck_assert_int_eq(events[i].subject, id);
		at++;
	}
	ck_assert_uint_eq(at, ARRAY_LEN(story));
	world_destroy(w);
}
END_TEST

START_TEST(test_states_have_names_both_ways)
{
	for (enum run_state s = 0; s < RUN_STATES; s++) {
		enum run_state back;
		ck_assert(run_state_parse(str_z(run_state_text(s)), &back));
		ck_assert_int_eq(back, s);
	}
	enum run_state none;
	ck_assert(!run_state_parse(STR("asleep"), &none));
}
END_TEST

UNIT_MAIN("flow/run", test_a_hundred_thousand_items_are_refused_clearly,
          test_a_linear_run_hands_outputs_on, test_a_diamond_runs_side_by_side_and_joins,
          test_a_step_whose_when_does_not_hold_is_skipped,
          test_each_keeps_order_and_its_parallel_limit, test_each_of_nothing_succeeds_at_once,
          test_each_over_a_literal_with_references, test_a_thousand_items_come_in_slices,
          test_cancelling_a_thousand_items_goes_in_slices,
          test_cancelling_while_slices_are_under_way, test_collect_puts_errors_in_their_places,
          test_one_failed_item_ends_the_run_and_cancels_the_others,
          test_outputs_together_too_large_fail_the_step, test_an_input_too_large_fails_the_step,
          test_each_over_no_array_fails_the_step, test_a_failing_step_cancels_what_is_under_way,
          test_a_step_is_retried_as_its_definition_says, test_one_attempt_means_no_retry,
          test_a_reference_that_finds_nothing_fails_the_step,
          test_a_bad_reference_in_the_output_fails_the_run,
          test_a_bad_reference_amid_items_cancels_those_before_it,
          test_a_task_cancelled_by_hand_fails_its_step, test_the_input_is_checked_by_the_schema,
          test_one_key_starts_one_run, test_cancel_knows_the_states,
          test_a_run_keeps_the_version_it_began_with,
          test_going_back_to_older_words_makes_them_the_newest,
          test_a_run_goes_on_after_every_possible_restart, test_slices_go_on_after_a_restart,
          test_wide_runs_take_turns, test_runs_do_not_see_each_other,
          test_what_is_kept_of_many_runs_is_bounded, test_many_cancelled_runs_share_a_batch,
          test_memory_follows_the_disk, test_two_hundred_steps_side_by_side,
          test_lists_filter_and_page, test_events_tell_the_story, test_states_have_names_both_ways)
