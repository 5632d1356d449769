/* makers/lesson/review and the reports: findings lead back to the spec, and into the formats
 * of other tools. */
#include "fixture.h"

#include "makers/lesson/report.h"
#include "makers/lesson/report_formats.h"
#include "makers/lesson/review.h"

static struct arena *a;
static struct review review;
static struct err err;

static enum rc run(const char *from, const char *to)
{
	a = arena_create(1 << 16);
	err = (struct err){ 0 };
	struct str text = spec_text(a, "every-type");
	if (from)
		text = edited(a, text, from, to);
	return lesson_review(a, spec_read(a, text), &review, &err);
}

static uint32_t count(const char *list)
{
	return json_get(review.spec, str_z(list))->count;
}

START_TEST(a_good_spec_stays_as_it_is)
{
	ck_assert_ok(run(NULL, NULL));
	ck_assert_int_eq(review.rounds, 1);
	ck_assert_ptr_null(review.drops);
	ck_assert(str_eq(review.spec->raw, str_trim(spec_text(a, "every-type"))));
	arena_destroy(a);
}
END_TEST

START_TEST(a_question_that_a_check_names_goes)
{
	ck_assert_ok(run("\"answer\": \"Groundwater\"", "\"answer\": \"Ice\""));
	ck_assert_int_eq(review.rounds, 2);
	ck_assert_uint_eq(count("questions"), 9);
	ck_assert_str(review.drops->id, "q3");
	ck_assert_str(str_z(review.drops->check), "answers");
	ck_assert_ptr_null(review.drops->next);
	ck_assert_uint_eq(str_find(review.spec->raw, STR("\"q3\""), 0), SIZE_MAX);
	arena_destroy(a);
}
END_TEST

START_TEST(the_first_and_the_last_question_can_go)
{
	ck_assert_ok(run("\"answer\": \"Condensation\"", "\"answer\": \"Ice\""));
	ck_assert_uint_eq(count("questions"), 9);
	ck_assert_str(review.drops->id, "q1");
	arena_destroy(a);
	ck_assert_ok(run("\"answer\": \"3\"", "\"answer\": \"4\""));
	ck_assert_uint_eq(count("questions"), 9);
	ck_assert_str(review.drops->id, "q10");
	arena_destroy(a);
}
END_TEST

START_TEST(a_bad_distractor_goes_while_others_are_left)
{
	ck_assert_ok(run("\"Infiltration\"", "\"condensation\""));
	ck_assert_uint_eq(count("questions"), 10);
	ck_assert_uint_eq(json_pointer(review.spec, STR("/questions/0/distractors"))->count, 2);
	ck_assert_str(review.drops->what, "condensation");
	arena_destroy(a);
	ck_assert_ok(run("\"In glaciers\"", "\"the oceans\"")); /* of two, none can go */
	ck_assert_uint_eq(count("questions"), 9);
	ck_assert_str(review.drops->id, "q8");
	arena_destroy(a);
}
END_TEST

START_TEST(a_term_without_its_source_goes)
{
	ck_assert_ok(run("\"definition\": \"the change of", "\"definition\": \"a change of"));
	ck_assert_uint_eq(count("terms"), 1);
	ck_assert_uint_eq(count("questions"), 10);
	ck_assert_str(review.drops->id, "t1");
	arena_destroy(a);
}
END_TEST

START_TEST(when_nothing_is_left_it_says_so)
{
	struct str text = STR("{\"title\":\"T\",\"sections\":[{\"id\":\"s1\",\"title\":\"S\"}],"
	                      "\"questions\":[{\"id\":\"q1\",\"type\":\"short\",\"section\":\"s1\","
	                      "\"difficulty\":1,\"prompt\":\"P\",\"explanation\":\"E\",\"source\":"
	                      "\"S\",\"answer\":\"A\",\"accepted\":[]}]}");
	a = arena_create(1 << 16);
	/* The pages want what the schema wants. */
	struct str whole =
	        edited(a, text, "{\"title\"",
	               "{\"language\":\"en\",\"summary\":\"x\",\"source\":{\"name\":\"n\"},"
	               "\"objectives\":[\"o\"],\"terms\":[],\"title\"");
	ck_assert_int_eq(lesson_review(a, spec_read(a, whole), &review, &err), RC_INVALID);
	ck_assert_int_eq(err.code, CODE_NOTHING_TO_ASK);
	arena_destroy(a);
}
END_TEST

#define CHECKS                                                                                     \
	"[{\"name\":\"gift\",\"title\":\"G\",\"verdict\":\"fail\",\"evidence\":\"1 finding\","     \
	"\"findings\":[{\"place\":\"exports/a b.gift:7\",\"text\":\"<&\\\"'\\u0001\\uffff]]>\"},"  \
	"{\"place\":\"spec.json#/questions/3\",\"text\":\"bad\"}]},"                               \
	"{\"name\":\"luau\",\"title\":\"L\",\"verdict\":\"not_run\",\"evidence\":\"not run: tool " \
	"missing (node)\",\"findings\":[]},"                                                       \
	"{\"name\":\"csv\",\"title\":\"C\",\"verdict\":\"pass\",\"evidence\":\"8 "                 \
	"read\",\"findings\":"                                                                     \
	"[]}]"

/* A check by an outside tool, as its step wrote it. */
static const struct json *failed_check(const char *place)
{
	return spec_read(a, str_fmt(a,
	                            "[{\"name\": \"gift\", \"verdict\": \"pass\", "
	                            "\"findings\": []}, {\"name\": \"gift-pegjs\", "
	                            "\"verdict\": \"fail\", \"findings\": [{\"place\": "
	                            "\"%s\", \"text\": \"the answers differ\"}]}]",
	                            place));
}

/* The built-in checks will do.  StyLua has a variable of its own, and is a script of Node's. */
static void no_outside_tools(void)
{
	ck_assert_int_eq(setenv("PATH", "/nonexistent", 1), 0);
	ck_assert_int_eq(setenv("TAKT_STYLUA", "/nonexistent/stylua", 1), 0);
}

START_TEST(what_an_outside_tool_names_goes_too)
{
	struct repair r;
	a = arena_create(1 << 16);
	const struct json *spec = spec_read(a, spec_text(a, "every-type"));
	uint32_t before = json_getz(spec, "questions")->count;
	no_outside_tools();
	ck_assert_ok(lesson_repair(a, spec, failed_check("spec.json#/questions/1"), &r, &err));
	ck_assert(r.is_sound);
	ck_assert_int_eq(r.review.rounds, 1);
	ck_assert_uint_eq(json_getz(r.review.spec, "questions")->count, before - 1);
	ck_assert_str(json_get_str(json_at(json_getz(spec, "questions"), 1), "id", STR("")),
	              str_dupz(a, r.review.drops->id));
	ck_assert_str_eq(r.review.drops->check, "gift-pegjs");
	ck_assert_int_eq(r.review.drops->round, REVIEW_ROUNDS_MAX + 1);
	ck_assert_ptr_null(r.review.drops->next);
	ck_assert_ptr_nonnull(made_files_find(&r.files, STR("exports/questions.gift")));
	arena_destroy(a);
}
END_TEST

START_TEST(a_fault_of_the_generators_cures_nothing)
{
	struct repair r;
	a = arena_create(1 << 16);
	const struct json *spec = spec_read(a, spec_text(a, "every-type"));
	ck_assert_ok(
	        lesson_repair(a, spec, failed_check("src/server/Main.server.luau:3"), &r, &err));
	ck_assert(!r.is_sound);
	ck_assert_ptr_null(r.review.drops);
	ck_assert_ptr_eq(r.review.spec, spec);
	arena_destroy(a);
}
END_TEST

START_TEST(sarif_says_where)
{
	struct buf out = BUF_INIT(1 << 16);
	a = arena_create(1 << 12);
	report_sarif(&out, spec_read(a, STR(CHECKS)), NULL);
	const struct json *run = json_pointer(spec_read(a, buf_str(&out)), STR("/runs/0"));
	ck_assert_uint_eq(json_pointer(run, STR("/tool/driver/rules"))->count, 3);
	ck_assert_uint_eq(json_getz(run, "results")->count, 2);
	const struct json *at = json_pointer(run, STR("/results/0/locations/0/physicalLocation"));
	ck_assert_str(json_pointer(at, STR("/artifactLocation/uri"))->text, "exports/a%20b.gift");
	ck_assert_int_eq(json_pointer(at, STR("/region/startLine"))->integer, 7);
	at = json_pointer(run, STR("/results/1/locations/0/logicalLocations/0"));
	ck_assert_str(json_get_str(at, "fullyQualifiedName", STR("")), "/questions/3");
	at = json_pointer(run, STR("/invocations/0/toolExecutionNotifications/0/associatedRule"));
	ck_assert_str(json_get_str(at, "id", STR("")), "luau");
	buf_fini(&out);
	arena_destroy(a);
}
END_TEST

START_TEST(junit_counts_and_escapes)
{
	struct buf out = BUF_INIT(1 << 16);
	a = arena_create(1 << 12);
	report_junit(&out, spec_read(a, STR("{\"title\":\"A \\\"<lesson>\\\"\"}")),
	             spec_read(a, STR(CHECKS)));
	static const char *const parts[] = {
		"name=\"A &quot;&lt;lesson&gt;&quot;\"",
		"tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\"",
		"&lt;&amp;&quot;&#39;\?\?]]&gt;",
		"<skipped message=\"not run: tool missing (node)\"/>",
	};
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		ck_assert_msg(str_find(buf_str(&out), str_z(parts[i]), 0) != SIZE_MAX, "%s in %s",
		              parts[i], str_dupz(a, buf_str(&out)));
	buf_fini(&out);
	arena_destroy(a);
}
END_TEST

UNIT_MAIN("makers/lesson/review", a_good_spec_stays_as_it_is, a_question_that_a_check_names_goes,
          the_first_and_the_last_question_can_go, a_bad_distractor_goes_while_others_are_left,
          a_term_without_its_source_goes, when_nothing_is_left_it_says_so,
          what_an_outside_tool_names_goes_too, a_fault_of_the_generators_cures_nothing,
          sarif_says_where, junit_counts_and_escapes)
