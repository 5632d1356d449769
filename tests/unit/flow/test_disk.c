/* A disk that is nearly full: nothing new begins, what is under way ends, and no run fails
 * for it. */
#include "world.h"

#include "queue/queue_priv.h"

static const char story[] = "{'name':'t','steps':{'a':{'kind':'echo','input':1,"
                            "'compensate':{'kind':'other'}},"
                            "'all':{'kind':'echo','each':[1,2,3],'max_parallel':1,"
                            "'input':{'ref':'/item'},'after':['a']},"
                            "'last':{'kind':'odd','input':{'ref':'/input'},'after':['all']}}}";

static void fill_disk(struct world *w, bool is_full)
{
	w->queue->disk_low_bytes = is_full ? INT64_MAX : 0;
	later(w, 1001); /* free bytes are looked at once a second */
}

START_TEST(test_runs_and_definitions_are_refused)
{
	struct world *w = world_create();
	int64_t id = begin(w, story, "2");
	struct run_fork_command k;
	fill_disk(w, true);
	ck_assert_int_ne(put(w, "{'name':'n','steps':{'a':{'kind':'echo'}}}", NULL), RC_OK);
	ck_assert_str_eq(code_text(w->err.code), "disk_full");
	ck_assert_int_ne(start(w, "t", "2", &id), RC_OK);
	ck_assert_str_eq(code_text(w->err.code), "disk_full");
	run_fork_command_init(&k, w->flow, alice);
	k.run = id;
	k.from = STR("a");
	ck_assert_int_ne(apply(w, &k.c), RC_OK);
	ck_assert_str_eq(code_text(w->err.code), "disk_full");
	fill_disk(w, false);
	ck_assert_ok(start(w, "t", "2", &id));
	world_destroy(w);
}
END_TEST

START_TEST(test_what_is_under_way_ends_and_the_rest_waits)
{
	struct world *w = world_create();
	int64_t id = begin(w, story, "2");
	struct lease *leases;
	ck_assert_uint_eq(lease(w, 5, &leases), 1);
	fill_disk(w, true);
	ck_assert_ok(answer(w, &leases[0]));
	/* It looks again later, not at once. */
	ck_assert_int_gt(batch(w, NULL), writer_now_ms(w->writer));
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_RUNNING);
	ck_assert_int_eq(run.steps[0].state, STEP_SUCCEEDED);
	ck_assert_str_eq(run.steps[1].reason, "waiting_for_disk");
	ck_assert_str_eq(run.steps[2].reason, "waiting_for_steps");
	restart(w);
	fill_disk(w, true);
	batch(w, NULL);
	ck_assert_str_eq(see(w, id).steps[1].reason, "waiting_for_disk");
	fill_disk(w, false);
	settle(w);
	ck_assert_uint_eq(lease(w, 5, &leases), 1); /* the first item */
	fill_disk(w, true);
	ck_assert_ok(answer(w, &leases[0]));
	batch(w, NULL);
	ck_assert_str_eq(see(w, id).steps[1].reason, "waiting_for_disk");
	fill_disk(w, false);
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_SUCCEEDED);
	ck_assert_uint_eq(w->n_performed, 5);
	world_destroy(w);
}
END_TEST

START_TEST(test_undoing_waits_and_cancelling_does_not)
{
	struct world *w = world_create();
	int64_t id = begin(w, story, "2");
	turn(w, 1);
	settle(w);
	fill_disk(w, true);
	ck_assert_ok(cancel(w, id));
	batch(w, NULL);
	ck_assert_int_eq(see(w, id).state, RUN_COMPENSATING);
	ck_assert_uint_eq(turn(w, 5), 0); /* the item's task is cancelled, nothing is undone yet */
	fill_disk(w, false);
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_CANCELLED);
	ck_assert_uint_eq(w->n_performed, 2);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("flow/disk", test_runs_and_definitions_are_refused,
          test_what_is_under_way_ends_and_the_rest_waits,
          test_undoing_waits_and_cancelling_does_not)
