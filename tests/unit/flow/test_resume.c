/* resume.c: what could not be undone is tried again or given up, and the rest follows. */
#include "world.h"

static const char trip[] = "{'name':'trip','steps':{"
                           "'a':{'kind':'echo','input':'a','compensate':{'kind':'other'}},"
                           "'b':{'kind':'echo','input':'b','after':['a'],"
                           "'compensate':{'kind':'fail'}},"
                           "'c':{'kind':'echo','input':'c','after':['b'],"
                           "'compensate':{'kind':'other'}},"
                           "'d':{'kind':'fail','after':['c']}}}";

static enum rc resume(struct world *w, int64_t run, bool is_skipping, const char *reason)
{
	struct run_resume_command k;
	run_resume_command_init(&k, w->flow, alice);
	k.run = run;
	k.is_skipping = is_skipping;
	k.reason = str_z(reason);
	enum rc rc = apply(w, &k.c);
	if (rc == RC_OK)
		ck_assert_int_eq(k.state, RUN_COMPENSATING);
	return rc;
}

static int64_t begin_stuck(struct world *w, const char *document)
{
	int64_t id = begin(w, document, "null");
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_COMPENSATION_FAILED);
	return id;
}

static void check_mended(struct world *w, int64_t id, enum run_state end, size_t n)
{
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, end);
	ck_assert_uint_eq(w->n_performed, n);
	ck_assert_str(w->performed[n - 1], "other {\"input\":\"a\",\"output\":\"a\"}");
	ck_assert_str_eq(run.steps[0].undoing, "succeeded");
	ck_assert_str_eq(run.steps[2].undoing, "succeeded");
	ck_assert_uint_eq(str_find(run.error, STR("compensation"), 0), SIZE_MAX);
}

START_TEST(test_it_is_tried_again_and_the_rest_follows)
{
	struct world *w = world_create();
	int64_t id = begin_stuck(w, trip);
	struct str last;
	ck_assert_ok(resume(w, id, false, ""));
	work(w, id); /* it fails once more */
	ck_assert_int_eq(see(w, id).state, RUN_COMPENSATION_FAILED);
	ck_assert_str_has(see(w, id).error, "\"compensation\":{\"code\":\"broken\"");
	w->is_mended = true;
	ck_assert_ok(resume(w, id, false, ""));
	ck_assert_ok(resume(w, id, false, "")); /* as after a lost reply */
	ck_assert_int_eq(see(w, id).state, RUN_COMPENSATING);
	ck_assert_int_eq(see(w, id).finished_ms, 0);
	restart(w);
	work(w, id);
	/* a b c, d fails; c undone, b fails thrice as a task, once each time; a last */
	check_mended(w, id, RUN_FAILED, 4 + 1 + 3 + 1);
	ck_assert_str_eq(see(w, id).steps[1].undoing, "succeeded");
	ck_assert_uint_eq(events_of(w, id, "run.resumed", &last), 2);
	ck_assert_str(last, "{\"step\":\"b\",\"skip\":false}");
	ck_assert_uint_eq(events_of(w, id, "run.failed", &last), 1);
	world_destroy(w);
}
END_TEST

START_TEST(test_it_is_skipped_with_a_reason_and_the_record_says_so)
{
	struct world *w = world_create();
	int64_t id = begin_stuck(w, trip);
	struct str last;
	ck_assert_ok(resume(w, id, true, "undone by hand"));
	ck_assert_int_eq(resume(w, id, true, "again"), RC_CONFLICT);
	restart(w);
	work(w, id);
	check_mended(w, id, RUN_FAILED, 4 + 2 + 1);
	ck_assert_str_eq(see(w, id).steps[1].undoing, "skipped");
	ck_assert_uint_eq(events_of(w, id, "run.resumed", &last), 1);
	ck_assert_str(last, "{\"step\":\"b\",\"skip\":true,\"reason\":\"undone by hand\"}");
	world_destroy(w);
}
END_TEST

START_TEST(test_of_an_each_the_other_items_follow)
{
	struct world *w = world_create();
	int64_t id = begin_stuck(w, "{'name':'t','steps':{"
	                            "'all':{'kind':'echo','each':[2,3,4],'input':{'ref':'/item'},"
	                            "'compensate':{'kind':'odd','input':{'ref':'/item'}}},"
	                            "'bad':{'kind':'fail','after':['all']}}}");
	ck_assert_str_has(see(w, id).error, "\"item\":2");
	ck_assert_ok(resume(w, id, true, ""));
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	ck_assert_str_eq(see(w, id).steps[0].undoing, "skipped");
	ck_assert_str(w->performed[w->n_performed - 3], "odd 4");
	ck_assert_str(w->performed[w->n_performed - 2], "odd 3");
	ck_assert_str(w->performed[w->n_performed - 1], "odd 2");
	world_destroy(w);
}
END_TEST

START_TEST(test_a_cancelled_run_stays_cancelled)
{
	struct world *w = world_create();
	int64_t id = begin(w, trip, "null");
	for (int i = 0; i < 3; i++)
		turn(w, 1);
	ck_assert_ok(cancel(w, id));
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_COMPENSATION_FAILED);
	w->is_mended = true;
	ck_assert_ok(resume(w, id, false, ""));
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_CANCELLED);
	ck_assert_str_has(see(w, id).error, "cancelled on request");
	world_destroy(w);
}
END_TEST

/* The run above has counted the failure when it came: not a second time. */
START_TEST(test_the_run_above_hears_of_one_end)
{
	struct world *w = world_create();
	ck_assert_ok(put(w, trip, NULL));
	int64_t id = begin(w,
	                   "{'name':'above','steps':{'subs':{'workflow':'trip','each':[1,2],"
	                   "'max_parallel':1,'on_error':'collect'}}}",
	                   "null");
	struct run_filter f = { .workflow = STR("trip"), .state = -1, .limit = 10 };
	struct run *list;
	size_t n;
	for (int i = 0; i < 12; i++)
		turn(w, 1);
	ck_assert_ok(run_list(w->flow, alice, &f, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 2);
	int64_t first = list[1].id;
	ck_assert_int_eq(list[1].state, RUN_COMPENSATION_FAILED);
	ck_assert_int_eq(see(w, id).steps[0].items_failed, 1);
	ck_assert_ok(resume(w, first, true, ""));
	work(w, first);
	ck_assert_int_eq(see(w, first).state, RUN_FAILED);
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_SUCCEEDED);
	ck_assert_int_eq(see(w, id).steps[0].items_failed, 2);
	world_destroy(w);
}
END_TEST

START_TEST(test_other_runs_are_not_resumed)
{
	struct world *w = world_create();
	int64_t failed = begin(w, "{'name':'t','steps':{'a':{'kind':'fail'}}}", "null");
	ck_assert_int_eq(resume(w, failed, false, ""), RC_CONFLICT);
	ck_assert_str_eq(code_text(w->err.code), "wrong_state");
	work(w, failed);
	ck_assert_int_eq(resume(w, failed, false, ""), RC_CONFLICT);
	ck_assert(strstr(w->err.text, "fork") != NULL);
	ck_assert_int_eq(resume(w, 12345, false, ""), RC_NOT_FOUND);
	int64_t stuck = begin_stuck(w, trip);
	struct run_resume_command k;
	run_resume_command_init(&k, w->flow, bob);
	k.run = stuck;
	ck_assert_int_eq(apply(w, &k.c), RC_NOT_FOUND);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("flow/resume", test_it_is_tried_again_and_the_rest_follows,
          test_it_is_skipped_with_a_reason_and_the_record_says_so,
          test_of_an_each_the_other_items_follow, test_a_cancelled_run_stays_cancelled,
          test_the_run_above_hears_of_one_end, test_other_runs_are_not_resumed)
