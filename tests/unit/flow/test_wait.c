/* wait.c, approve.c: timers, events, approvals, on a real store, also across restarts. */
#include "world.h"

/* --- Timers --- */

static const char timer[] = "{'name':'timer','steps':{'pause':{'wait':{'timer_ms':60000}},"
                            "'then':{'kind':'echo','after':['pause'],"
                            "'input':{'ref':'/steps/pause/output'}}}}";

START_TEST(test_a_timer_holds_nobody_and_survives_a_restart)
{
	struct world *w = world_create();
	int64_t id = begin(w, timer, "null");
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_WAITING);
	ck_assert_str_eq(run.steps[0].reason, "waiting_for_timer");
	ck_assert_str_eq(run.steps[0].type, "timer");
	int64_t until = run.steps[0].until_ms;
	ck_assert_int_ge(until - writer_now_ms(w->writer), 59000);
	restart(w);
	ck_assert_int_eq(batch(w, NULL), until); /* the writer sleeps till then */
	later(w, 59000);
	settle(w);
	ck_assert_int_eq(see(w, id).steps[0].state, STEP_RUNNING);
	later(w, 1001);
	settle(w);
	run = see(w, id);
	ck_assert_int_eq(run.steps[0].state, STEP_SUCCEEDED);
	ck_assert_int_eq(run.steps[0].items_done, 1);
	ck_assert_int_eq(run.state, RUN_RUNNING);
	work(w, id);
	ck_assert(has_performed(w, "echo null"));
	ck_assert_int_eq(see(w, id).state, RUN_SUCCEEDED);
	/* No timer is due any more: the engine rests. */
	ck_assert_int_gt(batch(w, NULL), writer_now_ms(w->writer) + 1000);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_timer_may_be_a_reference)
{
	struct world *w = world_create();
	static const char text[] =
	        "{'name':'t','steps':{'a':{'wait':{'timer_ms':{'ref':'/input/ms'}}},"
	        "'b':{'wait':{'until':{'ref':'/input/at'}}}}}";
	int64_t id = begin(w, text, "{'ms':0,'at':'2001-01-01T00:00:00Z'}");
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_SUCCEEDED);
	ck_assert_ok(start(w, "t", "{'ms':5,'at':'2100-01-01T00:00:00+01:00'}", &id));
	later(w, 6);
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.steps[0].state, STEP_SUCCEEDED);
	ck_assert_int_eq(run.steps[1].until_ms, INT64_C(4102441200000));
	ck_assert_int_eq(run.state, RUN_WAITING);
	static const char *const bad[] = { "{'ms':-1,'at':'2001-01-01T00:00:00Z'}",
		                           "{'ms':1.5,'at':'2001-01-01T00:00:00Z'}",
		                           "{'ms':9e18,'at':'2001-01-01T00:00:00Z'}",
		                           "{'ms':'1','at':'2001-01-01T00:00:00Z'}",
		                           "{'ms':1,'at':'tomorrow'}",
		                           "{'ms':1,'at':1}",
		                           "{'ms':1}" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ck_assert_ok(start(w, "t", bad[i], &id));
		settle(w);
		ck_assert_msg(see(w, id).state == RUN_FAILED, "%s", bad[i]);
	}
	world_destroy(w);
}
END_TEST

START_TEST(test_many_timers_wake_in_slices)
{
	struct world *w = world_create();
	int64_t ids[300];
	ck_assert_ok(put(w, "{'name':'t','steps':{'a':{'wait':{'timer_ms':1000}}}}", NULL));
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ck_assert_ok(start(w, "t", "null", &ids[i]));
	settle(w);
	later(w, 1001);
	w->rows_max = 0;
	settle(w);
	ck_assert_int_le(w->rows_max, 1100);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ck_assert_int_eq(see(w, ids[i]).state, RUN_SUCCEEDED);
	world_destroy(w);
}
END_TEST

START_TEST(test_a_cancelled_wait_wakes_nobody)
{
	struct world *w = world_create();
	int64_t id = begin(w, timer, "null");
	settle(w);
	ck_assert_ok(cancel(w, id));
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_CANCELLED);
	ck_assert_int_eq(run.steps[0].state, STEP_CANCELLED);
	ck_assert_str_eq(run.steps[0].reason, "");
	later(w, 100000);
	settle(w);
	ck_assert_uint_eq(turn(w, 10), 0);
	world_destroy(w);
}
END_TEST

START_TEST(test_waits_beside_work_leave_the_run_running)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'both','steps':{'a':{'wait':{'timer_ms':1000}},"
	                   "'b':{'kind':'echo'}}}",
	                   "null");
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_RUNNING);
	turn(w, 10);
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_WAITING);
	struct run *list;
	size_t n;
	struct run_filter waiting = { .state = RUN_WAITING, .limit = 10 };
	ck_assert_ok(run_list(w->flow, alice, &waiting, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 1);
	world_destroy(w);
}
END_TEST

/* --- Events --- */

static const char paid[] = "{'name':'paid','steps':{'work':{'kind':'echo'},"
                           "'paid':{'after':['work'],'wait':{'event':'paid',"
                           "'match':{'value':{'order':{'ref':'/input/order'}},"
                           "'schema':{'properties':{'amount':{'minimum':10}}}}}}},"
                           "'output':{'ref':'/steps/paid/output'}}";

START_TEST(test_events_that_come_early_are_kept_and_taken_in_order)
{
	struct world *w = world_create();
	int64_t id = begin(w, paid, "{'order':7}");
	ck_assert_ok(send_event(w, id, "paid", "{'order':8,'amount':50}"));
	ck_assert_ok(send_event(w, id, "paid", "{'order':7,'amount':5}"));
	ck_assert_ok(send_event(w, id, "other", "{'order':7,'amount':50}"));
	ck_assert_ok(send_event(w, id, "paid", "{'order':7,'amount':50,'n':1}"));
	ck_assert_ok(send_event(w, id, "paid", "{'order':7,'amount':50,'n':2}"));
	restart(w);
	work(w, id);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.output, "{\"order\":7,\"amount\":50,\"n\":1}");
	struct str last;
	ck_assert_uint_eq(events_of(w, id, "run.event", &last), 5);
	ck_assert_str(last, "{\"name\":\"paid\"}");
	ck_assert_int_eq(send_event(w, id, "paid", "1"), RC_CONFLICT);
	ck_assert_int_eq(w->err.code, CODE_WRONG_STATE);
	world_destroy(w);
}
END_TEST

START_TEST(test_an_event_that_comes_later_wakes_its_step)
{
	struct world *w = world_create();
	int64_t id = begin(w, paid, "{'order':7}");
	turn(w, 1);
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_WAITING);
	ck_assert_str_eq(run.steps[1].reason, "waiting_for_event");
	ck_assert_str(run.steps[1].event, "paid");
	ck_assert_ok(send_event(w, id, "paid", "{'order':'7','amount':50}"));
	settle(w);
	ck_assert_int_eq(see(w, id).state, RUN_WAITING);
	restart(w);
	ck_assert_ok(send_event(w, id, "paid", "{'order':7.0}"));
	settle(w);
	ck_assert_str(see(w, id).output, "{\"order\":7.0}");
	world_destroy(w);
}
END_TEST

START_TEST(test_two_steps_take_two_events)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'two','steps':{'a':{'wait':{'event':'e'}},"
	                   "'b':{'wait':{'event':'e'}},'c':{'wait':{'event':'e'},'after':['a']}},"
	                   "'output':[{'ref':'/steps/a/output'},{'ref':'/steps/b/output'},"
	                   "{'ref':'/steps/c/output'}]}",
	                   "null");
	settle(w);
	ck_assert_ok(send_event(w, id, "e", "1"));
	ck_assert_ok(send_event(w, id, "e", "2"));
	ck_assert_ok(send_event(w, id, "e", "3"));
	settle(w);
	ck_assert_str(see(w, id).output, "[1,2,3]");
	world_destroy(w);
}
END_TEST

static const char patient[] = "{'name':'patient','steps':{'a':{'wait':{'event':'e',"
                              "'timeout_ms':1000%s}}},'output':{'ref':'/steps/a/output'}}";

static const char *patient_text(struct world *w, const char *more)
{
	char text[300];
	snprintf(text, sizeof text, patient, more);
	return str_dupz(w->arena, str_z(text));
}

START_TEST(test_patience_ends)
{
	struct world *w = world_create();
	int64_t id = begin(w, patient_text(w, ""), "null");
	settle(w);
	later(w, 1001);
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str_has(run.error, "\"code\":\"timeout\"");
	ck_assert_str_has(run.error, "\"step\":\"a\"");
	id = begin(w, patient_text(w, ",'on_timeout':'continue'"), "null");
	settle(w);
	later(w, 1001);
	restart(w);
	settle(w);
	run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.output, "null");
	world_destroy(w);
}
END_TEST

START_TEST(test_what_came_in_time_wins)
{
	struct world *w = world_create();
	int64_t id = begin(w, patient_text(w, ""), "null");
	settle(w);
	later(w, 1001);
	/* The event and the end of patience are in one batch. */
	ck_assert_ok(send_event(w, id, "e", "'here'"));
	settle(w);
	ck_assert_str(see(w, id).output, "\"here\"");
	world_destroy(w);
}
END_TEST

START_TEST(test_kept_events_are_bounded)
{
	struct world *w = world_create();
	int64_t id = begin(w, paid, "{'order':7}"), n = 0;
	while (send_event(w, id, "paid", "{'order':1}") == RC_OK)
		n++;
	ck_assert_int_eq(n, RUN_EVENTS_MAX);
	ck_assert_int_eq(w->err.code, CODE_QUEUE_FULL);
	turn(w, 1);
	settle(w); /* looks at all of them, in slices */
	ck_assert_int_eq(see(w, id).state, RUN_WAITING);
	ck_assert_ok(cancel(w, id));
	settle(w);
	ck_assert_int_eq(send_event(w, id, "paid", "1"), RC_CONFLICT);
	world_destroy(w);
}
END_TEST

START_TEST(test_bad_events_are_refused)
{
	struct world *w = world_create();
	int64_t id = begin(w, paid, "{'order':7}");
	static const char *const names[] = { "", "a b", "a/b", "\xc3\xa4", "a\n" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		ck_assert_int_eq(send_event(w, id, names[i], "1"), RC_INVALID);
		ck_assert_str_eq(w->err.place, "/name");
	}
	ck_assert_int_eq(send_event(w, id, "e", "{"), RC_INVALID);
	ck_assert_int_eq(send_event(w, 12345, "e", "1"), RC_NOT_FOUND);
	struct run_event_command e;
	run_event_command_init(&e, w->flow, bob);
	e.run = id;
	e.name = STR("paid");
	ck_assert_int_eq(apply(w, &e.c), RC_NOT_FOUND);
	char *big = arena_bytes(w->arena, EVENT_DATA_MAX + 1);
	memset(big, ' ', EVENT_DATA_MAX + 1);
	run_event_command_init(&e, w->flow, alice);
	e.run = id;
	e.name = STR("paid");
	e.data = (struct str){ big, EVENT_DATA_MAX + 1 };
	ck_assert_int_eq(apply(w, &e.c), RC_LIMIT);
	world_destroy(w);
}
END_TEST

START_TEST(test_one_key_sends_one_event)
{
	struct world *w = world_create();
	struct run_event_command e;
	int64_t id = begin(w, paid, "{'order':7}");
	for (int i = 0; i < 2; i++) {
		run_event_command_init(&e, w->flow, alice);
		e.run = id;
		e.name = STR("paid");
		e.data = STR("{\"order\":7,\"amount\":10}");
		e.idempotency_key = STR("k");
		ck_assert_ok(apply(w, &e.c));
		ck_assert_int_eq(e.is_duplicate, i == 1);
	}
	e.data = STR("2");
	ck_assert_int_eq(apply(w, &e.c), RC_CONFLICT);
	ck_assert_int_eq(w->err.code, CODE_KEY_REUSED);
	struct str last;
	ck_assert_uint_eq(events_of(w, id, "run.event", &last), 1);
	world_destroy(w);
}
END_TEST

/* --- Approvals --- */

static const char publish[] =
        "{'name':'publish','steps':{'sure':{'approve':{'prompt':'Publish?',"
        "'show':{'text':{'ref':'/input/text'}},'approvers':2,'expires_ms':60000%s}},"
        "'then':{'kind':'echo','input':{'ref':'/steps/sure/output'}}}}";

static int64_t publishing(struct world *w, const char *more)
{
	char text[500];
	snprintf(text, sizeof text, publish, more);
	int64_t id = begin(w, text, "{'text':'Hello'}");
	settle(w);
	return id;
}

START_TEST(test_two_people_approve_what_they_saw)
{
	struct world *w = world_create();
	int64_t id = publishing(w, "");
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_WAITING);
	ck_assert_str_eq(run.steps[0].reason, "waiting_for_approval");
	restart(w);
	struct approval a = asked(w, id, "sure");
	ck_assert_str(a.show, "{\"text\":\"Hello\"}");
	ck_assert_str(a.prompt, "Publish?");
	/* SHA-256 of those bytes, by sha256sum. */
	ck_assert_str(a.hash, "ef73ae6a8b47cd3601ab3fad1fb8099eec54599cd43fc1b131df61bf50438a7e");
	ck_assert_str(run.steps[0].hash, str_dupz(w->arena, a.hash));
	ck_assert_ok(decide(w, id, "sure", true, 7, a.hash));
	ck_assert_ok(decide(w, id, "sure", true, 7, a.hash)); /* counts once */
	settle(w);
	run = see(w, id);
	ck_assert_int_eq(run.steps[0].approved, 1);
	ck_assert_int_eq(run.steps[0].state, STEP_RUNNING);
	restart(w);
	ck_assert_ok(decide(w, id, "sure", true, 8, a.hash));
	work(w, id);
	run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str_has(run.steps[0].output, "\"approved\":true");
	ck_assert_str_has(run.steps[0].output, "\"by\":[{\"actor\":\"key_");
	struct str last;
	ck_assert_uint_eq(events_of(w, id, "run.approval", &last), 2);
	ck_assert_str_has(last, "\"decision\":\"approve\"");
	/* Said again after the end: nothing new; the other way round: too late. */
	ck_assert_ok(decide(w, id, "sure", true, 8, a.hash));
	ck_assert_int_eq(decide(w, id, "sure", false, 8, a.hash), RC_CONFLICT);
	ck_assert_int_eq(w->err.code, CODE_WRONG_STATE);
	world_destroy(w);
}
END_TEST

START_TEST(test_another_hash_approves_nothing)
{
	struct world *w = world_create();
	int64_t id = publishing(w, "");
	struct str wrong = STR("0000000000000000000000000000000000000000000000000000000000000000");
	ck_assert_int_eq(decide(w, id, "sure", true, 7, wrong), RC_CONFLICT);
	ck_assert_int_eq(w->err.code, CODE_APPROVAL_CHANGED);
	ck_assert_int_eq(decide(w, id, "sure", false, 7, wrong), RC_CONFLICT);
	ck_assert_int_eq(decide(w, id, "then", true, 7, wrong), RC_NOT_FOUND);
	ck_assert_int_eq(decide(w, id, "none", true, 7, wrong), RC_NOT_FOUND);
	ck_assert_int_eq(decide(w, 99, "sure", true, 7, wrong), RC_NOT_FOUND);
	settle(w);
	ck_assert_int_eq(see(w, id).steps[0].approved, 0);
	world_destroy(w);
}
END_TEST

START_TEST(test_one_rejection_decides)
{
	struct world *w = world_create();
	int64_t id = publishing(w, "");
	struct approval a = asked(w, id, "sure");
	ck_assert_ok(decide(w, id, "sure", true, 7, a.hash));
	ck_assert_ok(decide(w, id, "sure", false, 7, a.hash)); /* a second thought */
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str_has(run.error, "\"code\":\"rejected\",\"message\":\"not like this\"");
	ck_assert_uint_eq(w->n_performed, 0);
	struct approval *list;
	size_t n;
	ck_assert_ok(approval_list(w->flow, alice, 0, 0, 10, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 0);
	world_destroy(w);
}
END_TEST

START_TEST(test_time_approves_nothing)
{
	struct world *w = world_create();
	int64_t id = publishing(w, "");
	ck_assert_ok(decide(w, id, "sure", true, 7, asked(w, id, "sure").hash));
	later(w, 60001);
	restart(w);
	settle(w);
	struct run run = see(w, id);
	ck_assert_int_eq(run.state, RUN_FAILED);
	ck_assert_str_has(run.error, "\"code\":\"rejected\"");
	ck_assert_str_has(run.error, "1 of 2 approved before it expired");
	id = publishing(w, ",'on_expiry':'continue'");
	later(w, 60001);
	work(w, id);
	run = see(w, id);
	ck_assert_int_eq(run.state, RUN_SUCCEEDED);
	ck_assert_str(run.steps[0].output, "{\"by\":[],\"approved\":false}");
	world_destroy(w);
}
END_TEST

START_TEST(test_approvals_are_listed_page_by_page)
{
	struct world *w = world_create();
	struct approval *list;
	size_t n;
	int64_t a = publishing(w, ""), b = publishing(w, "");
	ck_assert_ok(approval_list(w->flow, alice, 0, 0, 1, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(list[0].run, a);
	ck_assert_str(list[0].step, "sure");
	ck_assert_str(list[0].workflow, "publish");
	ck_assert_int_eq(list[0].approvers, 2);
	ck_assert_ok(approval_list(w->flow, alice, list[0].run, list[0].step_no, 10, w->arena,
	                           &list, &n, &w->err));
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(list[0].run, b);
	ck_assert_ok(approval_list(w->flow, bob, 0, 0, 10, w->arena, &list, &n, &w->err));
	ck_assert_uint_eq(n, 0);
	struct approval one;
	ck_assert_int_eq(approval_get(w->flow, bob, a, STR("sure"), w->arena, &one, &w->err),
	                 RC_NOT_FOUND);
	world_destroy(w);
}
END_TEST

START_TEST(test_too_much_to_show_fails_the_step)
{
	struct world *w = world_create();
	int64_t id = begin(w,
	                   "{'name':'much','steps':{'big':{'kind':'big'},"
	                   "'sure':{'approve':{'prompt':'?','show':{'ref':'/steps/big/output'}}}}}",
	                   "null");
	work(w, id);
	ck_assert_str_has(see(w, id).error, "\"code\":\"too_large\"");
	world_destroy(w);
}
END_TEST

UNIT_MAIN("flow/wait", test_a_timer_holds_nobody_and_survives_a_restart,
          test_a_timer_may_be_a_reference, test_many_timers_wake_in_slices,
          test_a_cancelled_wait_wakes_nobody, test_waits_beside_work_leave_the_run_running,
          test_events_that_come_early_are_kept_and_taken_in_order,
          test_an_event_that_comes_later_wakes_its_step, test_two_steps_take_two_events,
          test_patience_ends, test_what_came_in_time_wins, test_kept_events_are_bounded,
          test_bad_events_are_refused, test_one_key_sends_one_event,
          test_two_people_approve_what_they_saw, test_another_hash_approves_nothing,
          test_one_rejection_decides, test_time_approves_nothing,
          test_approvals_are_listed_page_by_page, test_too_much_to_show_fails_the_step)
