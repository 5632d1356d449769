/* fork.c: a new run from a recorded step of another. */
#include "world.h"

static const char chain[] =
        "{'name':'chain','steps':{"
        "'a':{'kind':'echo','input':{'ref':'/input/a'}},"
        "'side':{'kind':'echo','each':[1,2],'input':{'ref':'/item'}},"
        "'b':{'kind':'echo','input':[{'ref':'/steps/a/output'},{'ref':'/input/b'}]},"
        "'c':{'kind':'%s','input':[{'ref':'/steps/b/output'},{'ref':'/steps/side/output'}]}},"
        "'output':{'ref':'/steps/c/output'}}";

static const char *chain_text(struct world *w, const char *kind)
{
	char text[600];
	snprintf(text, sizeof text, chain, kind);
	return str_dupz(w->arena, str_z(text));
}

static enum rc fork_run(struct world *w, int64_t run, const char *from, const char *patch,
                        int64_t version, struct run_fork_command *ret)
{
	run_fork_command_init(ret, w->flow, alice);
	ret->run = run;
	ret->from = str_z(from);
	ret->input = quoted(w, patch);
	ret->version = version;
	return apply(w, &ret->c);
}

START_TEST(test_a_fork_performs_only_what_stands_behind)
{
	struct world *w = world_create();
	struct run_fork_command k;
	int64_t id = begin(w, chain_text(w, "other"), "{'a':1,'b':2}");
	work(w, id);
	size_t before = w->n_performed;
	ck_assert_ok(fork_run(w, id, "b", "{'b':3,'a':null,'x':{'y':1}}", 0, &k));
	ck_assert_int_eq(k.reused, 2);
	restart(w);
	struct run run = see(w, k.fork);
	ck_assert_int_eq(run.state, RUN_RUNNING);
	ck_assert_int_eq(run.forked_from, id);
	ck_assert_str(run.forked_step, "b");
	ck_assert(run.steps[0].is_reused);
	ck_assert_int_eq(run.steps[1].items_done, 2);
	ck_assert(!run.steps[2].is_reused);
	work(w, k.fork);
	run = see(w, k.fork);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.output, "[[1,3],[1,2]]");
	ck_assert_str(run.input, "{\"b\":3,\"x\":{\"y\":1}}");
	ck_assert_int_eq(run.steps_done, 4);
	ck_assert_uint_eq(w->n_performed, before + 2);
	ck_assert_str(see(w, id).output, "[[1,2],[1,2]]");
	/* A fork of the fork stands on copies of copies. */
	ck_assert_ok(fork_run(w, k.fork, "c", "", 0, &k));
	ck_assert_int_eq(k.reused, 3);
	work(w, k.fork);
	ck_assert_str(see(w, k.fork).output, "[[1,3],[1,2]]");
	ck_assert_uint_eq(w->n_performed, before + 3);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_failed_run_goes_on_in_a_mended_version)
{
	struct world *w = world_create();
	struct run_fork_command k;
	int64_t version;
	int64_t id = begin(w, chain_text(w, "fail"), "{'a':1,'b':2}");
	work(w, id);
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	ck_assert_ok(put(w, chain_text(w, "other"), &version));
	ck_assert_int_eq(version, 2);
	size_t before = w->n_performed;
	ck_assert_ok(fork_run(w, id, "c", "", 2, &k));
	work(w, k.fork);
	ck_assert_int_eq(see(w, k.fork).version, 2);
	ck_assert_str(see(w, k.fork).output, "[[1,2],[1,2]]");
	ck_assert_uint_eq(w->n_performed, before + 1);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_step_that_was_changed_is_performed_anew)
{
	struct world *w = world_create();
	struct run_fork_command k;
	int64_t id = begin(w, chain_text(w, "other"), "{'a':1,'b':2}");
	work(w, id);
	ck_assert_ok(
	        put(w,
	            "{'name':'chain','steps':{"
	            "'a':{'kind':'echo','input':'changed'},"
	            "'side':{'input':{'ref':'/item'},'each':[1,2],'kind':'echo'},"
	            "'b':{'kind':'echo','input':[{'ref':'/steps/a/output'},{'ref':'/input/b'}]},"
	            "'new':{'kind':'echo','input':[{'ref':'/steps/b/output'},"
	            "{'ref':'/steps/side/output'}]}},'output':{'ref':'/steps/new/output'}}",
	            NULL));
	ck_assert_ok(fork_run(w, id, "new", "", 2, &k));
	ck_assert_int_eq(k.reused, 1); /* `side`, whatever the order of its members */
	work(w, k.fork);
	ck_assert_str(see(w, k.fork).output, "[[\"changed\",2],[1,2]]");
	world_destroy(w);
}
END_TEST

START_TEST(test_what_cannot_be_forked)
{
	struct world *w = world_create();
	struct run_fork_command k;
	int64_t id = begin(w,
	                   "{'name':'strict','input':{'required':['n']},"
	                   "'steps':{'a':{'kind':'echo'}}}",
	                   "{'n':1}");
	work(w, id);
	ck_assert_int_eq(fork_run(w, id, "b", "", 0, &k), RC_INVALID);
	ck_assert_str_eq(w->err.place, "/from");
	ck_assert_int_eq(fork_run(w, 99, "a", "", 0, &k), RC_NOT_FOUND);
	ck_assert_int_eq(fork_run(w, id, "a", "", 7, &k), RC_NOT_FOUND);
	ck_assert_int_eq(fork_run(w, id, "a", "{'n':null}", 0, &k), RC_INVALID);
	ck_assert_int_eq(w->err.code, CODE_SCHEMA);
	ck_assert_int_eq(fork_run(w, id, "a", "{", 0, &k), RC_INVALID);
	run_fork_command_init(&k, w->flow, bob);
	k.run = id;
	k.from = STR("a");
	ck_assert_int_eq(apply(w, &k.c), RC_NOT_FOUND);
	struct run *list;
	size_t n;
	struct run_filter all = { .state = -1, .limit = 10 };
	ck_assert_ok(run_list(w->flow, alice, &all, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 1); /* what was refused has left nothing */
	world_destroy(w);
}
END_TEST

START_TEST(test_one_key_makes_one_fork)
{
	struct world *w = world_create();
	struct run_fork_command k;
	int64_t id = begin(w, "{'name':'t','steps':{'a':{'kind':'echo'}}}", "null"), first = 0;
	for (int i = 0; i < 2; i++) {
		run_fork_command_init(&k, w->flow, alice);
		k.run = id;
		k.from = STR("a");
		k.idempotency_key = STR("k");
		ck_assert_ok(apply(w, &k.c));
		ck_assert_int_eq(k.is_duplicate, i == 1);
		first = first ? first : k.fork;
		ck_assert_int_eq(k.fork, first);
	}
	world_destroy(w);
}
END_TEST

START_TEST(test_what_was_taken_over_is_not_undone)
{
	struct world *w = world_create();
	struct run_fork_command k;
	int64_t id = begin(w,
	                   "{'name':'t','steps':{'a':{'kind':'echo','compensate':{'kind':'other'}},"
	                   "'b':{'kind':'echo','after':['a'],'input':'b',"
	                   "'compensate':{'kind':'other'}},"
	                   "'gate':{'wait':{'event':'go'},'after':['b']},"
	                   "'c':{'kind':'fail','after':['gate']}}}",
	                   "null");
	turn(w, 1);
	turn(w, 1);
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_WAITING);
	ck_assert_ok(fork_run(w, id, "b", "", 0, &k));
	ck_assert_ok(send_event(w, k.fork, "go", "1"));
	work(w, k.fork);
	ck_assert_int_eq(see(w, k.fork).state, RUN_FAILED);
	ck_assert(has_performed(w, "other {\"input\":\"b\",\"output\":\"b\"}"));
	ck_assert(!has_performed(w, "other {\"input\":null,\"output\":null}"));
	ck_assert_int_eq(see(w, id).state, RUN_WAITING); /* untouched */
	world_destroy(w);
}
END_TEST

START_TEST(test_runs_below_are_taken_over_with_their_output)
{
	struct world *w = world_create();
	struct run_fork_command k;
	ck_assert_ok(put(w,
	                 "{'name':'inner','steps':{'a':{'kind':'echo','input':'in'}},"
	                 "'output':{'ref':'/steps/a/output'}}",
	                 NULL));
	int64_t id = begin(w,
	                   "{'name':'t','steps':{'sub':{'workflow':'inner'},"
	                   "'b':{'kind':'other','input':{'ref':'/steps/sub/output'}}}}",
	                   "null");
	work(w, id);
	ck_assert_ok(fork_run(w, id, "b", "", 0, &k));
	ck_assert_int_eq(k.reused, 1);
	work(w, k.fork);
	ck_assert_int_eq(see(w, k.fork).state, RUN_SUCCEEDED);
	ck_assert_str(see(w, k.fork).steps[1].output, "\"in\"");
	ck_assert_uint_eq(w->n_performed, 3);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("flow/fork", test_a_fork_performs_only_what_stands_behind,
          test_a_failed_run_goes_on_in_a_mended_version,
          test_a_step_that_was_changed_is_performed_anew, test_what_cannot_be_forked,
          test_one_key_makes_one_fork, test_what_was_taken_over_is_not_undone,
          test_runs_below_are_taken_over_with_their_output)
