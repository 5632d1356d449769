/* makers/lesson/generate: the same spec gives the same bytes, and hostile texts stay texts. */
#include "fixture.h"

#include "makers/lesson/check/check_priv.h"
#include "makers/lesson/generate/parts.h"
#include "makers/lesson/generate/quiz.h"

static struct arena *a;

START_TEST(the_same_spec_gives_the_same_bytes)
{
	struct made_files one, two;
	a = arena_create(1 << 16);
	struct arena *b = arena_create(1 << 10);
	generate(a, spec_read(a, spec_text(a, "hostile")), &one);
	generate(b, spec_read(b, spec_text(b, "hostile")), &two);
	ck_assert_uint_eq(one.n, two.n);
	for (size_t i = 0; i < one.n; i++) {
		ck_assert(str_eq(one.items[i].path, two.items[i].path));
		ck_assert(str_eq(one.items[i].bytes, two.items[i].bytes));
	}
	arena_destroy(b);
	arena_destroy(a);
}
END_TEST

START_TEST(the_artifact_is_whole)
{
	static const char *const paths[] = {
		"README.md",
		"exports/questions.csv",
		"exports/questions.gift",
		"exports/worksheet.html",
		"game/default.project.json",
		"game/place.rbxlx",
		"game/src/client/UI.client.luau",
		"game/src/server/AnswerKey.luau",
		"game/src/server/Figures.luau",
		"game/src/server/GameManager.luau",
		"game/src/server/GamificationHub.luau",
		"game/src/server/Main.server.luau",
		"game/src/server/PlayerStore.luau",
		"game/src/server/Settings.luau",
		"game/src/shared/LessonData.luau",
		"game/src/shared/QuizSystem.luau",
		"manifest.json",
		"preview/index.html",
		"spec.json",
	};
	struct made_files files;
	a = arena_create(1 << 16);
	struct str text = spec_text(a, "every-type");
	generate(a, spec_read(a, text), &files);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		ck_assert_uint_gt(bytes_of(&files, paths[i]).len, 0);
	ck_assert(str_eq(bytes_of(&files, "spec.json"), text));
	arena_destroy(a);
}
END_TEST

START_TEST(options_are_shuffled_but_never_lost)
{
	struct quiz q;
	struct err err = { 0 };
	bool is_moved = false;
	a = arena_create(1 << 16);
	ck_assert_ok(quiz_read(a, spec_read(a, spec_text(a, "hostile")), &q, &err));
	for (size_t i = 0; i < q.n_questions; i++) {
		const struct quiz_question *question = &q.questions[i];
		size_t n_fixed = 0;
		if (!quiz_is_shuffled(question->kind))
			continue;
		for (size_t p = 0; p < question->n_texts; p++) {
			ck_assert_uint_lt(question->shown[p], question->n_texts);
			ck_assert_uint_eq(question->shown_at[question->shown[p]], p);
			n_fixed += question->shown[p] == p;
		}
		is_moved |= n_fixed < question->n_texts;
		if (question->kind != QUIZ_CHOICE)
			ck_assert_uint_lt(n_fixed, question->n_texts);
	}
	ck_assert(is_moved);
	arena_destroy(a);
}
END_TEST

START_TEST(the_order_does_not_favour_a_place)
{
	size_t first[3] = { 0 };
	a = arena_create(1 << 16);
	for (int i = 0; i < 300; i++) {
		struct str text = str_fmt(
		        a,
		        "{\"questions\":[{\"id\":\"q%d\",\"type\":\"choice\",\"answer\":\"a\","
		        "\"distractors\":[\"b\",\"c\"]}]}",
		        i + 1);
		struct quiz q;
		ck_assert_ok(quiz_read(a, spec_read(a, text), &q, NULL));
		first[q.questions[0].shown_at[0]]++;
	}
	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_gt(first[i], 60);
	arena_destroy(a);
}
END_TEST

static void assert_luau(const char *text, const char *literal)
{
	struct buf out = BUF_INIT(1000);
	luau_string(&out, str_z(text));
	ck_assert_str(buf_str(&out), literal);
	buf_fini(&out);
}

START_TEST(a_luau_literal_is_what_stylua_would_write)
{
	assert_luau("plain", "\"plain\"");
	assert_luau("it's", "\"it's\"");
	assert_luau("say \"hi\"", "'say \"hi\"'");
	assert_luau("\"'", "\"\\\"'\"");
	assert_luau("a\\b\nc", "\"a\\\\b\\nc\"");
	assert_luau("]] --[[", "\"]] --[[\"");
	assert_luau("\xe2\x80\xae", "\"\\u{202E}\"");
	assert_luau("\xc2\x85", "\"\\u{85}\"");
	assert_luau("\xef\xbf\xbf", "\"\\u{FFFF}\"");
	assert_luau("\xf3\xa0\x80\xa1", "\"\\u{E0021}\"");
	assert_luau("\xf0\x9f\x8c\x8d", "\"\xf0\x9f\x8c\x8d\"");
}
END_TEST

/* Whatever the bytes, our own lexer, written apart, finds one string with that text. */
START_TEST(every_text_is_exactly_one_luau_literal)
{
	static const char signs[] = "\"'\\\n]=[-`{}$~#:%/<u09\xc3";
	a = arena_create(1 << 16);
	uint32_t state = 1;
	for (int round = 0; round < 3000; round++) {
		struct buf text = BUF_INIT(100), out = BUF_INIT(2000);
		for (int i = 0; i < 12; i++) {
			state = state * 1664525u + 1013904223u;
			char c = signs[(state >> 16) % (sizeof signs - 1)];
			buf_addc(&text, c);
			if (c == '\xc3')
				buf_addc(&text, '\xa9');
		}
		luau_string(&out, buf_str(&text));
		struct luau_lexer lexer;
		struct luau_token token;
		luau_lexer_init(&lexer, a, buf_str(&out));
		ck_assert_ok(luau_next(&lexer, &token, NULL));
		ck_assert_int_eq(token.kind, LUAU_STRING);
		ck_assert(str_eq(token.text, buf_str(&text)));
		ck_assert_ok(luau_next(&lexer, &token, NULL));
		ck_assert_int_eq(token.kind, LUAU_END);
		buf_fini(&text);
		buf_fini(&out);
	}
	arena_destroy(a);
}
END_TEST

START_TEST(hostile_texts_leave_no_mark_in_pages)
{
	struct made_files files;
	a = arena_create(1 << 16);
	generate(a, spec_read(a, spec_text(a, "hostile")), &files);
	struct str sheet = bytes_of(&files, "exports/worksheet.html");
	ck_assert_uint_eq(str_find(sheet, STR("<script"), 0), SIZE_MAX);
	ck_assert_uint_eq(str_find(sheet, STR("<img"), 0), SIZE_MAX);
	struct str page = bytes_of(&files, "preview/index.html");
	ck_assert_uint_eq(str_find(page, STR("<script>document.title"), 0), SIZE_MAX);
	ck_assert_uint_eq(str_find(page, STR("<img"), 0), SIZE_MAX);
	struct str readme = bytes_of(&files, "README.md");
	for (size_t at = 0; (at = str_find(readme, STR("<"), at)) != SIZE_MAX; at++)
		ck_assert_int_eq(readme.ptr[at - 1], '\\');
	ck_assert_uint_ne(str_find(readme, STR("\n- \\---\n"), 0), SIZE_MAX);
	ck_assert_uint_eq(str_find(readme, STR("\n# heading"), 0), SIZE_MAX);
	arena_destroy(a);
}
END_TEST

START_TEST(rules_follow_from_sections_and_questions)
{
	static const char *const ids[] = { "first_right", "streak_3",    "streak_5", "stage_1",
		                           "stage_2",     "every_stage", "perfect" };
	struct quiz q;
	a = arena_create(1 << 16);
	ck_assert_ok(quiz_read(a, spec_read(a, spec_text(a, "every-type")), &q, NULL));
	ck_assert_uint_eq(q.n_stages, 2);
	ck_assert_str(q.stages[1].title, "Back to the ground");
	ck_assert_uint_eq(q.stages[0].n_questions, 5);
	ck_assert_uint_eq(q.stages[0].need, 3);
	ck_assert_uint_eq(q.questions[0].stage, 0);
	ck_assert_uint_eq(q.questions[1].stage, 1);
	ck_assert_uint_eq(q.n_achievements, ARRAY_LEN(ids));
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		ck_assert_str(q.achievements[i].id, ids[i]);
	ck_assert_int_eq(q.levels[0].xp, 0);
	ck_assert_uint_eq(q.n_levels, 5);
	for (size_t i = 1; i < q.n_levels; i++)
		ck_assert_int_gt(q.levels[i].xp, q.levels[i - 1].xp);
	ck_assert_str(q.achievements[1].title, "3 in a row");
	ck_assert_str(q.achievements[4].title, "Stage 2 without a fault");
	arena_destroy(a);
}
END_TEST

/* What a person writes into the game of a spec is what is played. */
START_TEST(an_edited_game_is_played)
{
	struct quiz q;
	a = arena_create(1 << 16);
	struct str text = spec_text(a, "every-type");
	text = edited(a, text, "\"pass_percent\": 60", "\"pass_percent\": 100");
	text = edited(a, text, "\"title\": \"Newcomer\"", "\"title\": \"Drop\"");
	text = edited(a, text, "\"percent\": 80", "\"percent\": 100");
	text = edited(a, text, "\"count\": 5", "\"count\": 11");
	text = edited(a, text, "\"title\": \"Everything right\"", "\"title\": \"The whole sea\"");
	ck_assert_ok(quiz_read(a, spec_read(a, text), &q, NULL));
	ck_assert_uint_eq(q.stages[0].need, q.stages[0].n_questions);
	ck_assert_str(q.levels[0].title, "Drop");
	int64_t points = 0;
	for (size_t i = 0; i < q.n_questions; i++)
		points += QUIZ_POINTS * q.questions[i].difficulty;
	ck_assert_int_eq(q.levels[q.n_levels - 1].xp, points);
	ck_assert_str(q.achievements[q.n_achievements - 1].title, "The whole sea");
	for (size_t i = 0; i < q.n_achievements; i++) /* ten questions: no run of eleven */
		ck_assert(!str_eqz(q.achievements[i].id, "streak_11"));
	arena_destroy(a);
}
END_TEST

/* What was replaced is not told twice. */
START_TEST(a_solution_does_not_repeat_the_explanation)
{
	struct quiz q;
	a = arena_create(1 << 16);
	struct str text = spec_text(a, "every-type");
	ck_assert_ok(quiz_read(a, spec_read(a, text), &q, NULL));
	ck_assert_str(q.questions[1].solution,
	              "False. Not \u201c50 percent\u201d but \u201c97 percent\u201d.");
	text = edited(a, text, "\"explanation\": \"The oceans hold",
	              "\"explanation\": \"Not 50 percent: The oceans hold");
	ck_assert_ok(quiz_read(a, spec_read(a, text), &q, NULL));
	ck_assert_str(q.questions[1].solution, "False");
	ck_assert_str(q.questions[8].solution, "1190 cubic kilometres");
	arena_destroy(a);
}
END_TEST

START_TEST(a_question_of_no_section_has_a_stage)
{
	struct quiz q;
	struct str text = STR("{\"title\":\"T\",\"sections\":[{\"id\":\"s1\",\"title\":\"S\"},"
	                      "{\"id\":\"s1\"},{\"id\":\"s2\"}],\"questions\":["
	                      "{\"id\":\"q1\",\"type\":\"true_false\",\"section\":\"s9\"},"
	                      "{\"id\":\"q2\",\"type\":\"true_false\",\"section\":\"s1\"}]}");
	a = arena_create(1 << 12);
	ck_assert_ok(quiz_read(a, spec_read(a, text), &q, NULL));
	ck_assert_uint_eq(q.n_stages, 2);
	ck_assert_str(q.stages[0].title, "S");
	ck_assert_str(q.stages[1].title, "T");
	ck_assert_uint_eq(q.questions[0].stage, 1);
	ck_assert_uint_eq(q.questions[1].stage, 0);
	arena_destroy(a);
}
END_TEST

START_TEST(no_cell_of_the_table_is_a_formula)
{
	struct buf out = BUF_INIT(1 << 20);
	struct quiz q;
	a = arena_create(1 << 16);
	struct str text = edited(a, spec_text(a, "every-type"), "\"Infiltration\"",
	                         "\"=HYPERLINK(\\\"http://x\\\")\"");
	text = edited(a, text, "\"In glaciers\"", "\"'quoted\"");
	ck_assert_ok(quiz_read(a, spec_read(a, text), &q, NULL));
	csv_write(&out, &q);
	ck_assert_uint_ne(str_find(buf_str(&out), STR("\"'=HYPERLINK(\"\"http://x\"\")\""), 0),
	                  SIZE_MAX);
	ck_assert_uint_ne(str_find(buf_str(&out), STR("\"''quoted\""), 0), SIZE_MAX);
	buf_fini(&out);
	arena_destroy(a);
}
END_TEST

START_TEST(what_is_no_spec_is_refused)
{
	static const char *const specs[] = {
		"{}",
		"[]",
		"{\"questions\":[]}",
		"{\"questions\":{}}",
		"{\"questions\":[{\"type\":\"essay\"}]}",
		"{\"questions\":[1]}",
		"{\"questions\":[{\"type\":\"order\",\"items\":[]}]}",
		"{\"questions\":[{\"type\":\"match\"}]}",
	};
	a = arena_create(1 << 12);
	for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
		struct made_files files;
		struct err err = { 0 };
		made_files_init(&files, a);
		enum rc rc = lesson_generate(a, spec_read(a, str_z(specs[i])), &files, &err);
		ck_assert_msg(rc == RC_INVALID && err.code == CODE_SCHEMA, "%s", specs[i]);
		ck_assert_uint_eq(files.n, 0);
	}
	arena_destroy(a);
}
END_TEST

UNIT_MAIN("makers/lesson/generate", the_same_spec_gives_the_same_bytes, the_artifact_is_whole,
          options_are_shuffled_but_never_lost, the_order_does_not_favour_a_place,
          a_luau_literal_is_what_stylua_would_write, every_text_is_exactly_one_luau_literal,
          rules_follow_from_sections_and_questions, a_solution_does_not_repeat_the_explanation,
          an_edited_game_is_played, a_question_of_no_section_has_a_stage,
          no_cell_of_the_table_is_a_formula, hostile_texts_leave_no_mark_in_pages,
          what_is_no_spec_is_refused)
