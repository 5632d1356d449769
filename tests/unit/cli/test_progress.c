/* How runs look: a terminal is played back from what is written, at 80 and 40 columns. */
#include <stdio.h>

#include "../unit.h"

#include "base/arena.h"
#include "cli/progress.h"
#include "codec/json.h"

static const char run_text[] =
        "{\"id\":\"run_1\",\"workflow\":\"lesson\",\"version\":2,\"state\":\"running\","
        "\"created_at\":\"2026-11-21T00:00:00.000Z\",\"finished_at\":null,\"error\":null,"
        "\"steps\":["
        "{\"name\":\"plan\",\"kind\":\"lesson.plan\",\"state\":\"succeeded\",\"each\":false,"
        "\"started_at\":\"2026-11-21T00:00:00.000Z\",\"finished_at\":"
        "\"2026-11-21T00:00:01.250Z\",\"attempt\":1},"
        "{\"name\":\"a step with a name that is far too long for any line of this world\","
        "\"kind\":\"k\",\"state\":\"running\",\"each\":false,\"progress\":0.5,"
        "\"message\":\"drawing \\u001b[31mred\\u0007 and a long way to go until the end of it "
        "all, 東京 東京 東京 東京 東京 東京 東京 東京\","
        "\"started_at\":\"2026-11-21T00:00:02.000Z\",\"after\":[\"plan\"]},"
        "{\"name\":\"check\",\"kind\":\"lesson.check\",\"state\":\"running\",\"each\":true,"
        "\"items\":8,\"items_done\":2,\"items_failed\":1,\"after\":[\"plan\"],"
        "\"started_at\":\"2026-11-21T00:00:02.000Z\"},"
        "{\"name\":\"report\",\"kind\":\"lesson.report\",\"state\":\"waiting\",\"each\":false}]}";

static struct arena *arena;

static void read_run(const char *text, struct run_view *ret)
{
	const struct json *v;
	if (!arena)
		arena = arena_create(4096);
	ck_assert_ok(json_read(arena, str_dup(arena, str_z(text)), NULL, &v, NULL));
	run_view_read(arena, v, ret);
}

/* No line is wider than the terminal, no byte steers it but our colours. */
static void check_lines(struct str out, int width)
{
	while (out.len) {
		struct str line = str_cut(out, '\n', &out);
		ck_assert_uint_eq(utf8_check(line), line.len);
		struct buf plain = BUF_INIT(4096);
		for (size_t i = 0; i < line.len; i++) {
			if (line.ptr[i] == '\033') {
				while (i < line.len && line.ptr[i] != 'm')
					i++;
				continue;
			}
			ck_assert_int_ge((unsigned char)line.ptr[i], 0x20);
			buf_addc(&plain, line.ptr[i]);
		}
		ck_assert_msg(text_columns(buf_str(&plain)) < width, "%d columns: " STR_FMT,
		              text_columns(buf_str(&plain)), STR_ARG(buf_str(&plain)));
		buf_fini(&plain);
	}
}

static size_t render(struct look l, struct buf *out)
{
	struct run_view r;
	read_run(run_text, &r);
	l.now_ms = 1795219207500; /* 2026-11-21T00:00:07.500Z */
	return progress_render(&r, &l, out);
}

START_TEST(lines_fit_the_terminal)
{
	static const int widths[] = { 80, 40, 20, 200 };
	for (size_t i = 0; i < ARRAY_LEN(widths); i++)
		for (int taste = 0; taste < 4; taste++) {
			struct buf out = BUF_INIT(1 << 16);
			struct look l = { .width = widths[i],
				          .is_utf8 = taste & 1,
				          .has_colour = taste & 2 };
			ck_assert_uint_eq(render(l, &out), 4);
			if (widths[i] >= 40)
				check_lines(buf_str(&out), widths[i]);
			buf_fini(&out);
		}
}
END_TEST

static bool says(const struct buf *out, const char *word)
{
	return str_find(buf_str(out), str_z(word), 0) != SIZE_MAX;
}

START_TEST(at_80_columns_there_are_bars_and_times)
{
	struct buf out = BUF_INIT(1 << 16);
	render((struct look){ .width = 80 }, &out);
	ck_assert(says(&out, "plan"));
	ck_assert(says(&out, "1.2 s"));
	ck_assert(says(&out, "#######-------"));
	ck_assert(says(&out, "50 %"));
	ck_assert(says(&out, "3/8"));
	ck_assert(says(&out, "5.5 s"));
	ck_assert(!says(&out, "\033"));
	buf_fini(&out);
}
END_TEST

START_TEST(at_40_columns_the_bar_goes_first)
{
	struct buf out = BUF_INIT(1 << 16);
	render((struct look){ .width = 40 }, &out);
	ck_assert(!says(&out, "#"));
	ck_assert(says(&out, "3/8"));
	buf_fini(&out);
}
END_TEST

START_TEST(a_message_cannot_steer_the_terminal)
{
	struct buf out = BUF_INIT(1 << 16);
	render((struct look){ .width = 120, .is_utf8 = true }, &out);
	ck_assert(says(&out, "drawing  [31mred  and"));
	buf_fini(&out);
}
END_TEST

START_TEST(plain_lines_tell_each_change_once)
{
	struct run_view before, now;
	struct buf out = BUF_INIT(1 << 16);
	read_run(run_text, &before);
	progress_plain(NULL, &before, &out);
	ck_assert(says(&out, " plan: succeeded in 1.2 s\n"));
	ck_assert(says(&out, " check: running, 3 of 8\n"));
	ck_assert(!says(&out, "report"));
	buf_clear(&out);
	progress_plain(&before, &before, &out);
	ck_assert_uint_eq(out.len, 0);
	now = before;
	struct step_view steps[4];
	memcpy(steps, before.steps, sizeof steps);
	steps[3].state = STR("failed");
	steps[3].error_message = STR("no paper");
	now.steps = steps;
	progress_plain(&before, &now, &out);
	ck_assert_str(buf_str(&out), " report: failed: no paper\n");
	buf_fini(&out);
}
END_TEST

static void draw_tree(struct look l, const char *tasks_text, struct buf *out)
{
	struct run_view r;
	const struct json *tasks = NULL;
	read_run(run_text, &r);
	r.steps[2].state = STR("failed");
	r.steps[2].error_code = STR("exit");
	r.steps[2].error_message = STR("sh ended with exit code 1");
	l.now_ms = 1795219207500;
	if (tasks_text)
		ck_assert_ok(json_read(arena, str_z(tasks_text), NULL, &tasks, NULL));
	tree_render(&r, tasks, &l, out);
}

START_TEST(the_tree_shows_states_items_and_errors)
{
	static const char tasks[] =
	        "[{\"id\":\"task_3\",\"kind\":\"lesson.check\",\"state\":\"failed\",\"attempt\":2,"
	        "\"error\":{\"code\":\"exit\",\"message\":\"line one\\nline two\"}},"
	        "{\"id\":\"task_2\",\"kind\":\"lesson.check\",\"state\":\"succeeded\"},"
	        "{\"id\":\"task_1\",\"kind\":\"lesson.plan\",\"state\":\"succeeded\"}]";
	struct buf out = BUF_INIT(1 << 16);
	draw_tree((struct look){ .width = 100, .is_utf8 = true }, tasks, &out);
	ck_assert(says(&out, "● run_1  lesson v2  running  7.5 s\n"));
	ck_assert(says(&out, "├── ✓ plan"));
	ck_assert(says(&out, "├── ✗ check"));
	ck_assert(says(&out, "2/8 items, 1 failed"));
	ck_assert(says(&out, "│   ├── ✓ [0] task_2\n"));
	ck_assert(says(&out, "│   └── ✗ [1] task_3  attempt 2\n"));
	ck_assert(says(&out, "exit: line one line two\n"));
	ck_assert(says(&out, "└── · report"));
	ck_assert(says(&out, "exit: sh ended with exit code 1"));
	buf_fini(&out);
}
END_TEST

START_TEST(of_a_list_cut_short_the_tree_shows_what_failed)
{
	struct buf tasks = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
	buf_addc(&tasks, '[');
	for (int i = 0; i < TREE_TASKS_MAX; i++)
		buf_addf(&tasks, "%s{\"id\":\"task_%d\",\"kind\":\"%s\",\"state\":\"%s\"}",
		         i ? "," : "", i, i < 3 ? "lesson.check" : "lesson.plan",
		         i == 1 ? "failed" : "succeeded");
	buf_add(&tasks, (struct str){ "]", 2 }); /* with its end */
	draw_tree((struct look){ .width = 100, .is_utf8 = true }, tasks.ptr, &out);
	ck_assert(says(&out, "│   ├── ✗ task_1\n"));
	ck_assert(says(&out, "│   └── all: takt task list --run run_1\n"));
	ck_assert(!says(&out, "task_0\n"));
	ck_assert(!says(&out, " more"));
	buf_fini(&tasks);
	buf_fini(&out);
}
END_TEST

START_TEST(without_utf8_the_tree_is_ascii)
{
	struct buf out = BUF_INIT(1 << 16);
	draw_tree((struct look){ .width = 100 }, NULL, &out);
	ck_assert(says(&out, "|-- + plan"));
	ck_assert(says(&out, "`-- . report"));
	for (size_t i = 0; i < out.len; i++)
		ck_assert_int_lt((unsigned char)out.ptr[i], 0x80);
	buf_fini(&out);
}
END_TEST

START_TEST(text_is_cut_by_columns)
{
	static const struct {
		const char *in;
		int columns;
		bool is_utf8;
		const char *out;
	} cases[] = {
		{ "short", 5, true, "short" },
		{ "longer", 5, true, "long…" },
		{ "longer", 5, false, "lo..." },
		{ "東京都", 5, true, "東京…" },
		{ "東京都", 6, true, "東京都" },
		{ "a\tb\033", 9, true, "a b " },
		{ "grün", 9, false, "gr?n" },
		{ "\xff", 9, true, "?" },
		{ "x", 0, true, "" },
		{ "", 3, true, "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(100);
		text_fit(&out, str_z(cases[i].in), cases[i].columns, cases[i].is_utf8);
		buf_addc(&out, '\0');
		ck_assert_str_eq(out.ptr, cases[i].out);
		buf_fini(&out);
	}
}
END_TEST

START_TEST(durations_are_read_by_people)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = { { -5, "0 ms" },           { 999, "999 ms" }, { 1000, "1.0 s" },
		      { 9999, "9.9 s" },        { 12345, "12 s" }, { 61000, "1 min 01 s" },
		      { 3600000, "1 h 00 min" } };
	char ret[32];
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_str(duration_text(cases[i].ms, ret), cases[i].text);
}
END_TEST

START_TEST(a_run_of_another_shape_draws_without_harm)
{
	static const char *const odd[] = { "{}",
		                           "[]",
		                           "null",
		                           "{\"steps\":5}",
		                           "{\"steps\":[1,null,{}],\"state\":7}",
		                           "{\"steps\":[{\"each\":true,\"items\":0}]}" };
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		struct run_view r;
		struct buf out = BUF_INIT(1 << 16);
		struct look l = { .width = 80, .is_utf8 = true };
		read_run(odd[i], &r);
		progress_render(&r, &l, &out);
		progress_plain(NULL, &r, &out);
		tree_render(&r, NULL, &l, &out);
		buf_fini(&out);
	}
}
END_TEST

UNIT_MAIN("cli/progress", lines_fit_the_terminal, at_80_columns_there_are_bars_and_times,
          at_40_columns_the_bar_goes_first, a_message_cannot_steer_the_terminal,
          plain_lines_tell_each_change_once, the_tree_shows_states_items_and_errors,
          of_a_list_cut_short_the_tree_shows_what_failed, without_utf8_the_tree_is_ascii,
          text_is_cut_by_columns, durations_are_read_by_people,
          a_run_of_another_shape_draws_without_harm)
