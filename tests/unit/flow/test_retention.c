/* retention.c: what has ended goes after its time, with all below it and in slices; what
 * lives stays, and what a day came to. */
#include "world.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define KEPT_MS (30 * DAY_MS)

static const char one[] = "{'name':'one','steps':{'x':{'kind':'echo','input':'x'}}}";

static bool is_there(struct world *w, int64_t run)
{
	struct run r;
	enum rc rc = run_get(w->flow, alice, run, w->arena, &r, &w->err);
	ck_assert(rc == RC_OK || rc == RC_NOT_FOUND);
	return rc == RC_OK;
}

static size_t tasks_of(struct world *w, int64_t run)
{
	struct task_filter f = { .state = -1, .run = run, .limit = 200 };
	struct task_page page;
	ck_assert_ok(task_list(w->queue, alice, &f, w->arena, &page, &w->err));
	return page.n;
}

START_TEST(test_a_run_goes_after_its_time_with_its_tasks)
{
	struct world *w = world_create();
	int64_t id = begin(w, one, "null"), live = begin(w, one, "null");
	turn(w, 1);
	ck_assert_int_eq(see(w, id).state, RUN_SUCCEEDED);
	settle(w);
	later(w, KEPT_MS - 1000);
	/* The time at which it goes is the time to wake up, without any command. */
	ck_assert_int_le(batch(w, NULL), writer_now_ms(w->writer) + 1001);
	ck_assert(is_there(w, id));
	restart(w);
	later(w, 1001);
	settle(w);
	ck_assert(!is_there(w, id));
	ck_assert_uint_eq(tasks_of(w, id), 0);
	ck_assert(is_there(w, live));
	ck_assert_uint_eq(tasks_of(w, live), 1);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_workflow_may_have_its_own)
{
	struct world *w = world_create();
	int64_t id =
	        begin(w, "{'name':'t','retention_ms':5000,'steps':{'x':{'kind':'echo'}}}", "null");
	turn(w, 1);
	later(w, 4999);
	settle(w);
	ck_assert(is_there(w, id));
	later(w, 1);
	settle(w);
	ck_assert(!is_there(w, id));
	world_destroy(w);
}
END_TEST

START_TEST(test_what_stands_below_goes_with_its_root)
{
	struct world *w = world_create();
	ck_assert_ok(put(w, "{'name':'in','retention_ms':1,'steps':{'x':{'kind':'echo'}}}", NULL));
	int64_t id = begin(w,
	                   "{'name':'out','steps':{'s':{'workflow':'in','each':[1,2,3]},"
	                   "'wait':{'wait':{'event':'e'},'after':['s']}}}",
	                   "null");
	struct run_filter f = { .workflow = STR("in"), .state = -1, .limit = 10 };
	struct run *list;
	size_t n;
	turn(w, 10);
	later(w, 2 * KEPT_MS);
	settle(w);
	ck_assert_ok(run_list(w->flow, alice, &f, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 3); /* their root lives */
	ck_assert_ok(send_event(w, id, "e", "1"));
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_SUCCEEDED);
	later(w, KEPT_MS);
	settle(w);
	ck_assert(!is_there(w, id));
	ck_assert_ok(run_list(w->flow, alice, &f, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 0);
	world_destroy(w);
}
END_TEST

/* A run below that undoes its work holds the root back: nothing of it may go. */
START_TEST(test_what_is_busy_below_puts_it_off)
{
	struct world *w = world_create();
	ck_assert_ok(put(w,
	                 "{'name':'in','steps':{'x':{'kind':'echo','compensate':{'kind':'slow'}},"
	                 "'never':{'wait':{'event':'e'},'after':['x']}}}",
	                 NULL));
	int64_t id = begin(w, "{'name':'out','steps':{'s':{'workflow':'in'}}}", "null");
	turn(w, 1);
	settle(w);
	int64_t child = see(w, id).steps[0].child;
	ck_assert_ok(cancel(w, id));
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_CANCELLED);
	ck_assert_int_eq(see(w, child).state, RUN_COMPENSATING);
	later(w, KEPT_MS);
	settle(w);
	ck_assert(is_there(w, id) && is_there(w, child));
	world_destroy(w);
}
END_TEST

START_TEST(test_a_wide_run_goes_in_slices)
{
	struct world *w = world_create();
	struct buf b = BUF_INIT(1 << 20);
	buf_addz(&b, "{'name':'t','steps':{'a':{'kind':'echo','each':[");
	for (int i = 0; i < 2000; i++)
		buf_addf(&b, "%s%d", i ? "," : "", i);
	buf_addz(&b, "]}}}");
	int64_t id = begin(w, str_dupz(w->arena, buf_str(&b)), "null");
	buf_fini(&b);
	work(w, id);
	settle(w);
	later(w, KEPT_MS);
	w->rows_max = 0;
	int64_t batches = (int64_t)w->batches;
	restart(w);
	for (int i = 0; i < 100 && is_there(w, id); i++) {
		batch(w, NULL);
		if (i == 2)
			restart(w);
	}
	ck_assert(!is_there(w, id));
	ck_assert_int_le(w->rows_max, 1000);
	ck_assert_int_ge((int64_t)w->batches - batches, 5);
	ck_assert_uint_eq(tasks_of(w, id), 0);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_fork_outlives_its_source)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'t','steps':{'a':{'kind':'echo','input':'from a'},"
	                   "'b':{'wait':{'event':'e'},'after':['a']},"
	                   "'c':{'kind':'echo','input':{'ref':'/steps/a/output'},'after':['b']}}}",
	                   "null");
	struct run_fork_command k;
	turn(w, 1);
	ck_assert_ok(cancel(w, id));
	run_fork_command_init(&k, w->flow, alice);
	k.run = id;
	k.from = STR("b");
	ck_assert_ok(apply(w, &k.c));
	later(w, KEPT_MS);
	settle(w);
	ck_assert(!is_there(w, id));
	ck_assert_str(see(w, k.fork).steps[0].output, "\"from a\"");
	ck_assert_ok(send_event(w, k.fork, "e", "1"));
	work(w, k.fork);
	ck_assert_str(see(w, k.fork).steps[2].output, "\"from a\"");
	world_destroy(w);
}
END_TEST

START_TEST(test_a_resumed_run_is_not_forgotten_meanwhile)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'t','steps':{'a':{'kind':'echo','compensate':{'kind':'fail'}},"
	                   "'b':{'kind':'fail','after':['a']}}}",
	                   "null");
	struct run_resume_command k;
	work(w, id);
	run_resume_command_init(&k, w->flow, alice);
	k.run = id;
	ck_assert_ok(apply(w, &k.c));
	later(w, 2 * KEPT_MS);
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_COMPENSATING);
	world_destroy(w);
}
END_TEST

START_TEST(test_what_a_day_came_to_stays)
{
	struct world *w = world_create();
	int64_t id = begin(w, one, "null");
	later(w, 1500);
	turn(w, 1);
	start(w, "one", "null", &id);
	ck_assert_ok(cancel(w, id));
	later(w, KEPT_MS + DAY_MS);
	settle(w);
	start(w, "one", "null", &id);
	turn(w, 1);
	struct workflow wf;
	ck_assert_ok(workflow_get(w->flow, alice, STR("one"), 0, w->arena, &wf, &w->err));
	ck_assert_uint_eq(wf.n_days, 2);
	ck_assert_int_eq(wf.days[0].day, wf.days[1].day + 31);
	ck_assert_int_eq(wf.days[0].succeeded, 1);
	ck_assert_int_eq(wf.days[1].succeeded, 1);
	ck_assert_int_eq(wf.days[1].cancelled, 1);
	ck_assert_int_eq(wf.days[1].duration_ms, 1500);
	ck_assert_ok(put(w, one, NULL));
	ck_assert_int_eq(workflow_get(w->flow, bob, STR("one"), 0, w->arena, &wf, &w->err),
	                 RC_NOT_FOUND);
	world_destroy(w);
}
END_TEST

/* No query walks through what is old. */
START_TEST(test_every_query_has_its_index)
{
	static const enum sql hot[] = { SQL_RUN_DUE,
		                        SQL_RUN_LOAD,
		                        SQL_RUN_LIST,
		                        SQL_RUN_LIST_OF_STATE,
		                        SQL_RUN_LIST_OF_WORKFLOW,
		                        SQL_RUN_CHILDREN,
		                        SQL_RUN_HAS_LIVE_CHILD,
		                        SQL_RUN_EXPIRED,
		                        SQL_RUN_NEXT_EXPIRY,
		                        SQL_RUN_BELOW,
		                        SQL_RUN_TASKS_DROP,
		                        SQL_STEP_LOAD,
		                        SQL_STEP_TASKS,
		                        SQL_STEP_TASK_OUTPUTS,
		                        SQL_STEP_TASK_FAILED,
		                        SQL_STEP_CHILD_OUTPUTS,
		                        SQL_WAIT_NEXT,
		                        SQL_WAIT_DUE,
		                        SQL_INBOX_LIST,
		                        SQL_INBOX_COUNT,
		                        SQL_APPROVAL_LIST,
		                        SQL_UNDO_TASK_ITEM,
		                        SQL_UNDO_CHILD_ITEM,
		                        SQL_WORKFLOW_NEWEST,
		                        SQL_WORKFLOW_DAYS };
	struct world *w = world_create();
	for (size_t i = 0; i < ARRAY_LEN(hot); i++) {
		struct buf plan = BUF_INIT(1 << 16);
		ck_assert_ok(store_explain(store_writer_db(w->store), hot[i], &plan, NULL));
		bool walks = str_find(buf_str(&plan), STR("SCAN"), 0) != SIZE_MAX &&
		             str_find(buf_str(&plan), STR("run_due"), 0) == SIZE_MAX;
		ck_assert_msg(!walks, "%d: " STR_FMT, (int)hot[i], STR_ARG(buf_str(&plan)));
		buf_fini(&plan);
	}
	world_destroy(w);
}
END_TEST

UNIT_MAIN("flow/retention", test_a_run_goes_after_its_time_with_its_tasks,
          test_a_workflow_may_have_its_own, test_what_stands_below_goes_with_its_root,
          test_what_is_busy_below_puts_it_off, test_a_wide_run_goes_in_slices,
          test_a_fork_outlives_its_source, test_a_resumed_run_is_not_forgotten_meanwhile,
          test_what_a_day_came_to_stays, test_every_query_has_its_index)
