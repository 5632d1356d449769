/* Everything at once, in random order: restarts in the middle, batches that the disk undoes,
 * leases that are dropped, events and decisions that come early, late and twice.  Whatever
 * the order, what is recorded as finished is performed once, and all of it is undone once
 * when the run fails or is cancelled. */
#include "world.h"

static uint64_t seed;

static uint64_t draw(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static const char inner[] = "{'name':'inner','steps':{"
                            "'nap':{'wait':{'timer_ms':500}},"
                            "'work':{'kind':'echo','after':['nap'],'input':{'ref':'/input'}}},"
                            "'output':{'ref':'/steps/work/output'}}";
static const char storm[] =
        "{'name':'storm','steps':{"
        "'a':{'kind':'echo','input':'a','compensate':{'kind':'other'}},"
        "'all':{'kind':'echo','each':[10,12,14],'max_parallel':2,'after':['a'],"
        "'input':{'ref':'/item'},'compensate':{'kind':'other','input':{'ref':'/output'}}},"
        "'subs':{'workflow':'inner','each':[20,22],'input':{'ref':'/item'},'after':['a'],"
        "'compensate':{'kind':'other','input':{'ref':'/output'}}},"
        "'go':{'wait':{'event':'go','match':{'value':{'n':1}}}},"
        "'sure':{'approve':{'prompt':'?','show':{'ref':'/steps/all/output'},'approvers':2}},"
        "'last':{'kind':'odd','after':['subs','go','sure'],'input':{'ref':'/input'},"
        "'compensate':{'kind':'other','input':'last'}},"
        "'end':{'kind':'echo','after':['last'],'input':'end'}},"
        "'output':{'ref':'/steps/go/output'}}";

static size_t count(const struct world *w, const char *what)
{
	size_t n = 0;
	for (size_t i = 0; i < w->n_performed; i++)
		n += str_eqz(w->performed[i], what);
	return n;
}

static enum rc undo_apply(struct command *c, struct tx *tx, struct err *err)
{
	(void)c;
	db_rollback(tx->db);
	return err_set(err, CODE_IO, "the disk has gone");
}

/* A batch that does not happen, with an event and a vote in it. */
static void lose_batch(struct world *w, int64_t run)
{
	struct command bad = { .apply = undo_apply, .reply.fn = reply_nothing };
	struct run_event_command e;
	run_event_command_init(&e, w->flow, alice);
	e.run = run;
	e.name = STR("go");
	e.data = STR("{\"n\":1,\"lost\":true}");
	e.c.reply.fn = reply_nothing;
	e.c.node.next = &bad.node;
	batch(w, &e.c);
	ck_assert_int_ne(e.c.rc, RC_OK);
}

static void vote(struct world *w, int64_t run)
{
	struct approval a;
	if (approval_get(w->flow, alice, run, STR("sure"), w->arena, &a, NULL) != RC_OK)
		return;
	int64_t actor = 7 + (int64_t)draw(3);
	ck_assert_ok(decide(w, run, "sure", true, actor, a.hash));
}

static void act(struct world *w, int64_t run)
{
	struct lease *dropped;
	switch (draw(10)) {
	case 0:
		restart(w);
		break;
	case 1:
		lose_batch(w, run);
		break;
	case 2:
		lease(w, 1, &dropped); /* its holder dies */
		break;
	case 3:
		send_event(w, run, "go", draw(3) ? "{'n':2}" : "{'n':1}");
		break;
	case 4:
		vote(w, run);
		break;
	case 5:
		later(w, (int64_t)draw(90000));
		break;
	case 6:
		batch(w, NULL);
		break;
	default:
		turn(w, 1 + (int64_t)draw(3));
		break;
	}
}

static void check_world(const struct world *w, struct run run, const char *last)
{
	static const char *const done[] = { "echo \"a\"", "echo 10", "echo 12",
		                            "echo 14",    "echo 20", "echo 22" };
	static const char *const undone[] = { "other {\"input\":\"a\",\"output\":\"a\"}",
		                              "other 10",
		                              "other 12",
		                              "other 14",
		                              "other 20",
		                              "other 22" };
	bool is_good = run.state == RUN_SUCCEEDED;
	for (size_t i = 0; i < ARRAY_LEN(done); i++) {
		size_t n = count(w, done[i]);
		ck_assert_msg(n == 1 || (n == 0 && run.state == RUN_CANCELLED), "%s: %zu times",
		              done[i], n);
		ck_assert_uint_eq(count(w, undone[i]), is_good ? 0 : n);
	}
	ck_assert_uint_eq(count(w, last), run.state == RUN_CANCELLED ? count(w, last) : 1);
	ck_assert_uint_eq(count(w, "echo \"end\""), is_good);
	if (is_good)
		ck_assert_str(run.output, "{\"n\":1}");
}

static void weather(uint64_t number)
{
	struct world *w = world_create();
	seed = number * 0x9e3779b97f4a7c15u + 1;
	bool fails = draw(3) == 0, is_cancelled = draw(4) == 0;
	ck_assert_ok(put(w, inner, NULL));
	int64_t id = begin(w, storm, fails ? "1" : "2");
	uint64_t cancel_at = draw(120);
	for (uint64_t i = 0; i < 3000 && !run_is_over(see(w, id).state); i++) {
		if (is_cancelled && i == cancel_at)
			ck_assert_int_ne(cancel(w, id), RC_NOT_FOUND);
		act(w, id);
	}
	settle(w);
	struct run run = see(w, id);
	ck_assert_msg(run_is_over(run.state), "seed %llu: the run does not end",
	              (unsigned long long)number);
	if (!is_cancelled)
		ck_assert_int_eq(run.state, fails ? RUN_FAILED : RUN_SUCCEEDED);
	check_world(w, run, fails ? "odd 1" : "odd 2");
	world_destroy(w);
}

START_TEST(test_some_seeds)
{
	for (uint64_t n = 1; n <= 12; n++)
		weather(n);
}
END_TEST

START_TEST(test_more_seeds)
{
	for (uint64_t n = 13; n <= 24; n++)
		weather(n);
}
END_TEST

UNIT_MAIN("flow/storm", test_some_seeds, test_more_seeds)
