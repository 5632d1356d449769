/* makers/lesson/figures: one rule for typed numbers.  The table figures.json holds the game's
 * server and the browser's preview to the same answers (tests/makers/lesson/figures.test.mjs). */
#include "fixture.h"

#include "makers/lesson/embedded/embedded.h"
#include "makers/lesson/figures/figures.h"

static struct arena *a;

static void assert_all(const struct json *row, const struct figure *f, const char *member,
                       bool is_right)
{
	const struct json *list = json_get(row, str_z(member));
	ck_assert_uint_gt(list->count, 0);
	json_each(typed, list)
		ck_assert_msg(figure_is(a, f, typed->text) == is_right,
		              "\"" STR_FMT "\" for " STR_FMT " must be %s", STR_ARG(typed->text),
		              STR_ARG(f->number), member);
}

START_TEST(the_shared_table_holds)
{
	struct str text;
	a = arena_create(1 << 16);
	ck_assert_ok(file_read(a, TESTS_ROOT "/makers/lesson/figures.json", 1 << 20, &text, NULL));
	json_each(row, spec_read(a, text)) {
		struct figure f;
		struct str number = json_get_str(row, "number", STR(""));
		ck_assert(figure_is_canonical(number));
		figure_init(a, number, json_get_str(row, "unit", STR("")),
		            json_get_str(row, "language", STR("")), &f);
		assert_all(row, &f, "right", true);
		assert_all(row, &f, "wrong", false);
	}
	arena_destroy(a);
}
END_TEST

START_TEST(only_the_shortest_form_is_canonical)
{
	static const char *const good[] = {
		"0", "-3.5", "1024", "0.125", "-1", "10", "12345678901.2345"
	};
	static const char *const bad[] = { "",
		                           "-",
		                           "-0",
		                           "0.0",
		                           "1.",
		                           ".5",
		                           "01",
		                           "+1",
		                           "1,024",
		                           "1.50",
		                           "1e3",
		                           " 1",
		                           "1 ",
		                           "--1",
		                           "nine",
		                           "1.2.3",
		                           "1234567890123456",
		                           "0.00",
		                           "-.5",
		                           "\xd9\xa1" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_msg(figure_is_canonical(str_z(good[i])), "%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!figure_is_canonical(str_z(bad[i])), "%s", bad[i]);
}
END_TEST

/* What the schema takes is what the generators take. */
START_TEST(the_schema_has_the_same_form)
{
	static const char *const answers[] = { "0",   "-3.5", "1024", "-0",   "1.50", "01",
		                               "1e3", "",     "nine", "0.05", "-0.5", "1,024" };
	a = arena_create(1 << 16);
	struct str good = spec_text(a, "every-type");
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct made_files files;
		struct str answer = str_fmt(a, "\"answer\": \"%s\"", answers[i]);
		struct str text = edited(a, good, "\"answer\": \"1190\"", str_dupz(a, answer));
		const struct json *spec = spec_read(a, text);
		generate(a, spec_read(a, good), &files);
		struct check_result result = run_check(a, "schema", spec, &files);
		bool is_form = true;
		for (const struct check_finding *f = result.findings; f; f = f->next)
			is_form &= !str_starts(f->place, STR("spec.json#/questions/8/answer"));
		ck_assert_msg(is_form == figure_is_canonical(str_z(answers[i])), "%s", answers[i]);
	}
	arena_destroy(a);
}
END_TEST

START_TEST(a_figure_of_a_text_is_read)
{
	static const struct {
		const char *text, *number;
	} reads[] = { { "1,024", "1024" },    { "nine", "9" },     { "Twenty", "20" },
		      { "3.50", "3.5" },      { "\u22124", "-4" }, { "-0", "0" },
		      { "twenty-one", NULL }, { "", NULL },        { "1e3", NULL },
		      { "39%", NULL },        { "2nd", NULL },     { "1234567890123456", NULL } };
	a = arena_create(1 << 12);
	for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
		struct str number;
		bool is_read = figure_read(a, str_z(reads[i].text), STR("en"), &number);
		ck_assert_msg(is_read == (reads[i].number != NULL), "%s", reads[i].text);
		if (is_read)
			ck_assert_str(number, reads[i].number);
	}
	arena_destroy(a);
}
END_TEST

START_TEST(a_figure_is_found_in_running_text)
{
	static const struct {
		const char *number, *text;
		bool is_there;
	} texts[] = {
		{ "1024", "about 1,024 bytes", true },
		{ "1024", "(1 024)", true },
		{ "1024", "v1024", false },
		{ "1024", "1024-bit keys", true },
		{ "1024", "in 1024, 300 people", true },
		{ "1024", "1024300", false },
		{ "9", "Nine of them.", true },
		{ "9", "ninety", false },
		{ "9", "9th", false },
		{ "9", "9:30", false },
		{ "9", "1.9", false },
		{ "9", "9.", true },
		{ "20", "twenty-one", false },
		{ "20", "twenty, or", true },
		{ "2", "the 2nd of 3", false },
		{ "97", "97%", true },
		{ "5", "$5 or less", true },
		{ "-5", "at -5 degrees", true },
		{ "-5", "at \u22125\u00b0C", true },
		{ "-5", "3-5 days", false },
		{ "5", "at -5 degrees", false },
		{ "0", "at -0 degrees", true },
		{ "3.5", "3.50 m", true },
		{ "3", "3.5", false },
		{ "7", "", false },
	};
	a = arena_create(1 << 12);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct figure f;
		figure_init(a, str_z(texts[i].number), STR(""), STR("en"), &f);
		ck_assert_msg(figure_stands_in(a, &f, str_z(texts[i].text)) == texts[i].is_there,
		              "%s in \"%s\"", texts[i].number, texts[i].text);
	}
	arena_destroy(a);
}
END_TEST

/* Every language that lessons are made in has its words, and its decimal sign. */
START_TEST(each_language_has_its_words)
{
	static const struct {
		const char *language, *text, *number;
	} texts[] = {
		{ "de", "Es dauert neun Tage.", "9" },
		{ "de", "Es hat 1.024 Zellen.", "1024" },
		{ "de", "Es sind 3,5 Meter.", "3.5" },
		{ "fr", "Il y a dix-sept villes.", "17" },
		{ "tr", "Evde on iki oda var.", "12" },
		{ "ru", "Пять человек пришли.", "5" },
		{ "fi", "Hän luki kahdeksan kirjaa.", "8" },
		{ "pl", "To 3,5 metra.", "3.5" },
	};
	a = arena_create(1 << 14);
	for (size_t i = 0; i < lesson_embedded_n; i++) {
		struct str code;
		if (str_find(str_z(lesson_embedded[i].name), STR("/languages/"), 0) == SIZE_MAX)
			continue;
		code = str_sub(str_z(lesson_embedded[i].name),
		               strlen("src/makers/lesson/languages/"), 2);
		for (int n = 0; n <= FIGURE_WORD_MAX; n++) {
			struct figure f;
			figure_init(a, str_fmt(a, "%d", n), STR(""), code, &f);
			ck_assert(f.has_comma);
			ck_assert_uint_gt(f.n_words, 0);
			ck_assert(figure_is(a, &f, f.words[0]));
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct figure f;
		figure_init(a, str_z(texts[i].number), STR(""), str_z(texts[i].language), &f);
		ck_assert_msg(figure_stands_in(a, &f, str_z(texts[i].text)), "%s", texts[i].text);
	}
	arena_destroy(a);
}
END_TEST

START_TEST(a_prompt_without_its_unit_gets_it)
{
	static const struct {
		const char *prompt, *unit, *wanted;
	} prompts[] = {
		{ "How long?", "days", "How long? (in days)" },
		{ "How many days?", "days", "How many days?" },
		{ "What is a day for?", "days", "What is a day for?" },
		{ "Which share, in per cent?", "%", "Which share, in per cent?" },
		{ "Which share?", "%", "Which share? (in %)" },
		{ "How long is the administration?", "minutes",
		  "How long is the administration? (in minutes)" },
		{ "How many?", "", "How many?" },
	};
	a = arena_create(1 << 12);
	for (size_t i = 0; i < ARRAY_LEN(prompts); i++)
		ck_assert_str(figure_prompt(a, str_z(prompts[i].prompt), str_z(prompts[i].unit)),
		              prompts[i].wanted);
	arena_destroy(a);
}
END_TEST

START_TEST(people_see_thousands_apart)
{
	static const struct {
		const char *number, *unit, *language, *wanted;
	} shown[] = {
		{ "300000", "people", "en", "300,000 people" },
		{ "-1234567.891", "", "en", "-1,234,567.891" },
		{ "10000", "", "de", "10\u202f000" },
		{ "2015", "", "en", "2015" },
		{ "18", "%", "en", "18%" },
		{ "18", "%", "de", "18 %" },
		{ "0.12345", "", "en", "0.12345" },
		{ "10000.5", "", "fr", "10\u202f000,5" },
	};
	a = arena_create(1 << 12);
	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		struct figure f;
		struct str number = str_z(shown[i].number), unit = str_z(shown[i].unit);
		struct str got = figure_shown(a, number, unit, str_z(shown[i].language));
		ck_assert_str(got, shown[i].wanted);
		figure_init(a, number, unit, str_z(shown[i].language), &f);
		ck_assert(figure_is(a, &f, got)); /* whoever copies it is right */
	}
	arena_destroy(a);
}
END_TEST

UNIT_MAIN("makers/lesson/figures", people_see_thousands_apart, each_language_has_its_words,
          the_shared_table_holds, only_the_shortest_form_is_canonical, the_schema_has_the_same_form,
          a_figure_of_a_text_is_read, a_figure_is_found_in_running_text,
          a_prompt_without_its_unit_gets_it)
