/* part.c: references into outputs that are kept as artifacts.  Whoever keeps them is
 * pretended here; tests/api has the real one. */
#include "world.h"

#include "flow/part.h"

enum { QUESTIONS_MAX = 300 };
static struct output_part *questions[QUESTIONS_MAX];
static size_t n_open, n_total;
static const char *kept; /* the output, with single quotes; NULL: it can't be read */

static void keep_question(void *w, struct output_part *p)
{
	(void)w;
	ck_assert_uint_lt(n_open, QUESTIONS_MAX);
	questions[n_open++] = p;
	n_total++;
}

static struct world *world_with_reader(const char *output)
{
	struct world *w = world_create();
	kept = output;
	n_open = n_total = 0;
	w->read_part = keep_question;
	restart(w);
	return w;
}

static void answer_one(struct world *w, struct output_part *p)
{
	const struct json *v = NULL;
	struct err err = { .rc = RC_OK };
	if (!kept)
		err_set(&err, CODE_DAMAGED, "the bytes have changed");
	else
		ck_assert_ok(json_read(w->arena, quoted(w, kept), NULL, &v, NULL));
	if (v && !(v = json_pointer(v, p->pointer)))
		err_set(&err, CODE_BAD_REFERENCE, "finds nothing");
	if (v)
		output_part_found(p, v->raw);
	else
		output_part_failed(p, &err);
	writer_batch(w->writer, &p->c);
}

static void answer_parts(struct world *w)
{
	for (size_t i = 0; i < n_open; i++)
		answer_one(w, questions[i]);
	n_open = 0;
}

/* The process ends before the answers. */
static void forget_questions(void)
{
	for (size_t i = 0; i < n_open; i++) {
		arena_destroy(questions[i]->arena);
		free(questions[i]);
	}
	n_open = 0;
}

static void work_and_answer(struct world *w, int64_t run)
{
	for (int i = 0; i < 200 && !run_is_over(see(w, run).state); i++) {
		settle(w);
		answer_parts(w);
		settle(w);
		turn(w, 10);
	}
	ck_assert(run_is_over(see(w, run).state));
}

#define LARGE(size)                                                                                \
	"'a':{'kind':'echo','input':{'$artifact':'art_01m6wq7ze4000','sha256':'00','size':" size   \
	",'media_type':'application/json'}}"

START_TEST(test_a_reference_into_it_waits_for_the_part)
{
	struct world *w = world_with_reader("{'x':{'y':[1,2,3]},'z':7}");
	int64_t id = begin(
	        w,
	        "{'name':'t','steps':{" LARGE(
	                "300000") ",'b':{'kind':'echo','input':"
	                          "[{'ref':'/steps/a/output/x/y'},{'ref':'/steps/a/output/x/y'}]},"
	                          "'c':{'kind':'echo','when':{'value':{'ref':'/steps/a/output/z'},"
	                          "'schema':{'const':8}},'input':{'ref':'/steps/b/output'}}}}",
	        "null");
	turn(w, 1);
	settle(w);
	struct run run = see(w, id);
	ck_assert_str_eq(run.steps[1].reason, "waiting_for_output");
	ck_assert_int_eq(run.steps[1].state, STEP_WAITING);
	ck_assert_int_eq(run.state, RUN_RUNNING);
	ck_assert_uint_eq(n_total, 1); /* once, though it stands there twice */
	/* Waiting is no work. */
	ck_assert_int_gt(batch(w, NULL), writer_now_ms(w->writer));
	struct str last;
	ck_assert_uint_eq(events_of(w, id, "run.step", &last), 2);
	answer_parts(w);
	settle(w);
	ck_assert(!turn(w, 1) || has_performed(w, "echo [[1,2,3],[1,2,3]]"));
	work_and_answer(w, id);
	ck_assert_int_eq(see(w, id).steps[2].state, STEP_SKIPPED);
	ck_assert_int_eq(see(w, id).state, RUN_SUCCEEDED);
	world_destroy(w);
}
END_TEST

START_TEST(test_the_whole_is_passed_on_when_it_fits)
{
	struct world *w = world_with_reader("{'z':7}");
	const char *definition = "{'name':'%s','steps':{" LARGE(
	        "%s") ",'b':{'kind':'echo','input':{'ref':'/steps/a/output'}}},"
	              "'output':{'ref':'/steps/a/output'}}";
	char text[600];
	snprintf(text, sizeof text, definition, "fits", "1048576");
	int64_t id = begin(w, text, "null");
	work_and_answer(w, id);
	ck_assert_str(see(w, id).steps[1].output, "{\"z\":7}");
	ck_assert_str_has(see(w, id).output, "{\"$artifact\":\"art_01m6wq7ze4000\"");
	snprintf(text, sizeof text, definition, "large", "1048577");
	n_total = 0;
	id = begin(w, text, "null");
	work_and_answer(w, id);
	ck_assert_str_has(see(w, id).steps[1].output, "{\"$artifact\":\"art_01m6wq7ze4000\"");
	ck_assert_uint_eq(n_total, 0);
	world_destroy(w);
}
END_TEST

START_TEST(test_what_cannot_be_read_fails_the_step)
{
	struct world *w = world_with_reader(NULL);
	const char *definition = "{'name':'t','steps':{" LARGE(
	        "300000") ",'b':{'kind':'echo','input':{'ref':'/steps/a/output/none'}}}}";
	int64_t id = begin(w, definition, "null");
	work_and_answer(w, id);
	ck_assert_str_has(see(w, id).error,
	                  "{\"code\":\"bad_reference\",\"message\":\"a large output");
	ck_assert_str_has(see(w, id).error, "\"step\":\"b\"");
	kept = "{'x':1}";
	ck_assert_ok(start(w, "t", "null", &id));
	work_and_answer(w, id);
	ck_assert_str_has(see(w, id).error, "{\"code\":\"bad_reference\"");
	world_destroy(w);
}
END_TEST

START_TEST(test_it_is_asked_for_again)
{
	struct world *w = world_with_reader("{'x':5}");
	int64_t id =
	        begin(w,
	              "{'name':'t','steps':{" LARGE(
	                      "300000") ",'b':{'kind':'echo','each':[1,2],'max_parallel':1,"
	                                "'input':[{'ref':'/item'},{'ref':'/steps/a/output/x'}]}}}",
	              "null");
	turn(w, 1);
	settle(w);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(n_open, 1);
		forget_questions();
		restart(w);
		settle(w);
	}
	answer_parts(w);
	settle(w);
	ck_assert_uint_eq(turn(w, 5), 1);
	/* The second item needs it once more, in the next life. */
	restart(w);
	work_and_answer(w, id);
	ck_assert(has_performed(w, "echo [1,5]") && has_performed(w, "echo [2,5]"));
	ck_assert_uint_eq(w->n_performed, 3);
	world_destroy(w);
}
END_TEST

START_TEST(test_items_may_come_from_it)
{
	struct world *w = world_with_reader("[{'n':2},{'n':4}]");
	int64_t id = begin(w,
	                   "{'name':'t','steps':{" LARGE(
	                           "300000") ",'b':{'kind':'odd','each':{'ref':'/steps/a/output'},"
	                                     "'input':{'ref':'/item/n'},'compensate':{'kind':"
	                                     "'other','input':{'was':{'ref':'/item/n'},'of':"
	                                     "{'ref':'/steps/a/output/1/n'}}}},"
	                                     "'c':{'kind':'fail','after':['b']}}}",
	                   "null");
	for (int i = 0; i < 100 && !run_is_over(see(w, id).state); i++) {
		settle(w);
		answer_parts(w);
		settle(w);
		turn(w, 1);
		forget_questions();
		restart(w);
	}
	ck_assert_int_eq(see(w, id).state, RUN_FAILED);
	ck_assert(has_performed(w, "other {\"was\":4,\"of\":4}"));
	ck_assert(has_performed(w, "other {\"was\":2,\"of\":4}"));
	ck_assert_uint_eq(w->n_performed, 6);
	world_destroy(w);
}
END_TEST

START_TEST(test_many_parts_share_a_bounded_cache)
{
	struct world *w = world_with_reader("{'x':5}");
	struct buf b = BUF_INIT(1 << 20);
	buf_addz(&b, "{'name':'t','steps':{" LARGE("300000") ",'b':{'kind':'echo','input':[");
	for (int i = 0; i <= PARTS_MAX; i++)
		buf_addf(&b, "%s{'ref':'/steps/a/output/x%d'}", i ? "," : "", i);
	buf_addz(&b, "]}}}");
	int64_t id = begin(w, str_dupz(w->arena, buf_str(&b)), "null");
	buf_fini(&b);
	work_and_answer(w, id);
	ck_assert_str_has(see(w, id).error, "{\"code\":\"too_large\"");
	/* Other runs push these out. */
	ck_assert_ok(put(w,
	                 "{'name':'u','steps':{" LARGE("300000") ",'b':{'kind':'echo','input':"
	                                                         "{'ref':'/steps/a/output/x'}}}}",
	                 NULL));
	for (int i = 0; i < 20; i++) {
		ck_assert_ok(start(w, "u", "null", &id));
		work_and_answer(w, id);
		ck_assert_str(see(w, id).steps[1].output, "5");
	}
	ck_assert_uint_le(w->flow->n_parts, PARTS_MAX);
	world_destroy(w);
}
END_TEST

UNIT_MAIN("flow/part", test_a_reference_into_it_waits_for_the_part,
          test_the_whole_is_passed_on_when_it_fits, test_what_cannot_be_read_fails_the_step,
          test_it_is_asked_for_again, test_items_may_come_from_it,
          test_many_parts_share_a_bounded_cache)
