/* child.c: workflows within workflows. */
#include "world.h"

static const char inner[] = "{'name':'inner','input':{'required':['n']},"
                            "'steps':{'work':{'kind':'echo','input':{'ref':'/input/n'}}},"
                            "'output':{'twice':[{'ref':'/steps/work/output'},"
                            "{'ref':'/steps/work/output'}]}}";
static const char outer[] = "{'name':'outer','steps':{'sub':{'workflow':'inner',"
                            "'input':{'n':{'ref':'/input'}}}},"
                            "'output':{'ref':'/steps/sub/output/twice/1'}}";

START_TEST(test_a_child_gives_its_output)
{
	struct world *w = world_create();
	ck_assert_ok(put(w, inner, NULL));
	int64_t id = begin(w, outer, "5");
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_RUNNING);
	ck_assert_str_eq(run.steps[0].reason, "waiting_for_run");
	ck_assert_str_eq(run.steps[0].type, "workflow");
	ck_assert_int_ne(run.steps[0].child, 0);
	struct run child = see(w, run.steps[0].child);
	ck_assert_int_eq(child.parent, id);
	restart(w);
	work(w, id);
	run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.output, "5");
	ck_assert_str(run.steps[0].output, "{\"twice\":[5,5]}");
	ck_assert_uint_eq(w->n_performed, 1);
	world_destroy(w);
}
END_TEST

START_TEST(test_the_version_is_pinned)
{
	struct world *w = world_create();
	ck_assert_ok(put(w, inner, NULL));
	ck_assert_ok(
	        put(w, "{'name':'inner','steps':{'new':{'kind':'echo'}},'output':'new'}", NULL));
	int64_t id = begin(w,
	                   "{'name':'o','steps':{'old':{'workflow':'inner@1','input':{'n':1}},"
	                   "'new':{'workflow':'inner'}},"
	                   "'output':[{'ref':'/steps/old/output/twice/0'},"
	                   "{'ref':'/steps/new/output'}]}",
	                   "null");
	work(w, id);
	ck_assert_str(see(w, id).output, "[1,\"new\"]");
	world_destroy(w);
}
END_TEST

START_TEST(test_a_failing_child_fails_its_step)
{
	struct world *w = world_create();
	ck_assert_ok(put(w, "{'name':'inner','steps':{'bad':{'kind':'fail'}}}", NULL));
	int64_t id = begin(w, outer, "5");
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str(run.error, "{\"code\":\"broken\",\"message\":\"it broke\",\"step\":\"sub\"}");
	ck_assert_str_has(run.steps[0].error, "\"step\":\"bad\"");
	world_destroy(w);
}
END_TEST

START_TEST(test_a_child_that_cannot_begin_fails_its_step)
{
	struct world *w = world_create();
	int64_t id = begin(w, outer, "5");
	settle(w);
	ck_assert_str_has(see(w, id).error, "there is no workflow \\\"inner\\\"");
	ck_assert_ok(put(w,
	                 "{'name':'inner','input':{'required':['m']},"
	                 "'steps':{'a':{'kind':'echo'}}}",
	                 NULL));
	ck_assert_ok(start(w, "outer", "5", &id));
	settle(w);
	ck_assert_str_has(see(w, id).error, "\"code\":\"schema_mismatch\"");
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	world_destroy(w);
}
END_TEST

START_TEST(test_cancelling_goes_all_the_way_down)
{
	struct world *w = world_create();
	ck_assert_ok(put(w, inner, NULL));
	ck_assert_ok(put(w, outer, NULL));
	int64_t id =
	        begin(w, "{'name':'top','steps':{'a':{'workflow':'outer','input':1}}}", "null");
	settle(w);
	int64_t child = see(w, id).steps[0].child;
	int64_t grandchild = see(w, child).steps[0].child;
	ck_assert_ok(cancel(w, id));
	restart(w);
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_CANCELLED);
	ck_assert_int_eq(see(w, child).state, RUN_CANCELLED);
	ck_assert_int_eq(see(w, grandchild).state, RUN_CANCELLED);
	ck_assert_uint_eq(turn(w, 10), 0);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_cancelled_child_fails_its_step)
{
	struct world *w = world_create();
	ck_assert_ok(put(w, inner, NULL));
	int64_t id = begin(w, outer, "5");
	settle(w);
	ck_assert_ok(cancel(w, see(w, id).steps[0].child));
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	ck_assert_str_has(see(w, id).error, "\"code\":\"cancelled\"");
	world_destroy(w);
}
END_TEST

START_TEST(test_each_item_may_be_a_run)
{
	struct world *w = world_create();
	ck_assert_ok(put(w,
	                 "{'name':'inner','steps':{'a':{'kind':'odd',"
	                 "'input':{'ref':'/input'}}},'output':{'ref':'/steps/a/output'}}",
	                 NULL));
	static const char many[] =
	        "{'name':'many','steps':{'all':{'workflow':'inner','each':{'ref':'/input'},"
	        "'input':{'ref':'/item'},'max_parallel':2,'on_error':'collect'}},"
	        "'output':{'ref':'/steps/all/output'}}";
	int64_t id = begin(w, many, "[0,2,4,5,6]");
	for (int i = 0; i < 100 && !run_is_over(see(w, id).state); i++) {
		restart(w);
		settle(w);
		ck_assert_uint_le(turn(w, 10), 2);
	}
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.output, "[0,2,4,{\"error\":{\"code\":\"broken\",\"message\":\"it broke\","
	                          "\"step\":\"a\"}},6]");
	ck_assert_int_eq(run.steps[0].items_done, 4);
	ck_assert_int_eq(run.steps[0].items_failed, 1);
	ck_assert_uint_eq(w->n_performed, 5);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_workflow_that_starts_itself_comes_to_an_end)
{
	struct world *w = world_create();
	struct run *list;
	size_t n;
	int64_t id = begin(w, "{'name':'self','steps':{'again':{'workflow':'self'}}}", "null");
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str_has(run.error, "\"code\":\"too_deep\"");
	struct run_filter all = { .state = -1, .limit = 100 };
	ck_assert_ok(run_list(w->flow, alice, &all, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, RUN_DEPTH_MAX + 1);
	/* Two that start each other, many at a time: the family is bounded, and all end. */
	ck_assert_ok(put(w,
	                 "{'name':'ping','steps':{'a':{'workflow':'pong','each':[1,2,3,4,5,6,7,"
	                 "8,9,10,11,12,13,14,15]}}}",
	                 NULL));
	ck_assert_ok(put(w,
	                 "{'name':'pong','steps':{'a':{'workflow':'ping','each':[1,2,3,4,5,6,7,"
	                 "8,9,10,11,12,13,14,15]}}}",
	                 NULL));
	ck_assert_ok(start(w, "ping", "null", &id));
	for (int i = 0; i < 10000 && batch(w, NULL) <= writer_now_ms(w->writer); i++)
		;
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	struct run_filter live = { .state = RUN_RUNNING, .limit = 100 };
	ck_assert_ok(run_list(w->flow, alice, &live, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 0);
	ck_assert_int_le(w->rows_max, 1100);
	world_destroy(w);
}
END_TEST

START_TEST(test_more_workflows_than_are_kept)
{
	struct world *w = world_create();
	struct buf b = BUF_INIT(1 << 20);
	buf_addz(&b, "{'name':'wide','steps':{");
	for (int i = 0; i < 150; i++) {
		struct str text = str_fmt(
		        w->arena, "{'name':'w%d','steps':{'a':{'kind':'echo','input':%d}}}", i, i);
		ck_assert_ok(put(w, str_dupz(w->arena, text), NULL));
		buf_addf(&b, "%s's%d':{'workflow':'w%d'}", i ? "," : "", i, i);
	}
	buf_addz(&b, "}}");
	int64_t id = begin(w, str_dupz(w->arena, buf_str(&b)), "null");
	buf_fini(&b);
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_SUCCEEDED);
	ck_assert_uint_eq(w->n_performed, 150);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("flow/child", test_a_child_gives_its_output, test_the_version_is_pinned,
          test_a_failing_child_fails_its_step, test_a_child_that_cannot_begin_fails_its_step,
          test_cancelling_goes_all_the_way_down, test_a_cancelled_child_fails_its_step,
          test_each_item_may_be_a_run, test_a_workflow_that_starts_itself_comes_to_an_end,
          test_more_workflows_than_are_kept)
