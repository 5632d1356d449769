/* The picture of `takt top`, on screens of several sizes, from answers good and hostile. */
#include "../unit.h"

#include "base/arena.h"
#include "cli/progress.h"
#include "cli/top_figures.h"
#include "cli/top_view.h"
#include "codec/json.h"

#define STATUS(now, submitted, cpu, ended, state)                                                  \
	"{\"version\":\"1.2.3\",\"state\":\"" state                                                \
	"\",\"started_at\":\"2026-11-21T01:00:00.000Z\","                                          \
	"\"now\":\"2026-11-21T01:02:0" now ".000Z\",\"engine\":{\"commit_ms\":{\"p50\":0.9,"       \
	"\"p99\":12},\"batch\":{\"p50\":1,\"p99\":60},\"wait_ms\":{\"p50\":0,\"p99\":1},"          \
	"\"loop_ms\":{\"p50\":0,\"p99\":1},\"waiting\":0},\"http\":{\"connections\":3},"           \
	"\"tasks\":{\"submitted\":" submitted ",\"succeeded\":5,\"failed\":0},"                    \
	"\"queues\":[{\"name\":\"a\",\"ready\":7,\"leased\":1,\"blocked\":0,\"scheduled\":0,"      \
	"\"oldest_ms\":90000,\"paused\":false,\"ended_today\":" ended "},"                         \
	"{\"name\":\"b\\u001b[2J\\nwicked-name-that-is-long-and-longer-than-any-column\","         \
	"\"ready\":12345,\"leased\":2,\"blocked\":3,\"scheduled\":4,\"oldest_ms\":null,"           \
	"\"paused\":true,\"ended_today\":0}],\"queues_rest\":{\"queues\":70,\"ready\":70,"         \
	"\"leased\":0,\"blocked\":0,\"scheduled\":0,\"oldest_ms\":10},"                            \
	"\"runs\":{\"running\":1,\"waiting\":0,\"compensating\":0,\"compensation_failed\":2},"     \
	"\"active_runs\":[{\"id\":\"run_01kdmqg3v8r1e\",\"workflow\":\"lesson\","                  \
	"\"state\":\"running\",\"created_at\":\"2026-11-21T01:01:00.000Z\",\"steps_done\":1,"      \
	"\"steps_total\":4}],\"store\":{\"free_bytes\":100,\"low_bytes\":1000,"                    \
	"\"wal_bytes\":1048576,\"database_bytes\":0},\"process\":{\"cpu_seconds\":" cpu "}}"

static struct arena *a;

static const struct json *read(const char *text)
{
	const struct json *v;
	ck_assert_ok(json_read(a, str_z(text), NULL, &v, NULL));
	return v;
}

static struct top_view view_of(int columns, int rows)
{
	a = arena_create(64 << 10);
	return (struct top_view){
		.columns = columns,
		.rows = rows,
		.is_utf8 = true,
		.address = "http://127.0.0.1:8420",
		.now = read(STATUS("4", "1700", "1.5", "30", "ready")),
		.before = read(STATUS("2", "700", "1.0", "10", "ready")),
	};
}

static struct str render(const struct top_view *v)
{
	static struct buf out;
	size_t scroll;
	buf_fini(&out);
	buf_init(&out, 1 << 20);
	top_render(v, &out, &scroll);
	ck_assert_ok(buf_rc(&out));
	return buf_str(&out);
}

static bool has(struct str text, const char *words)
{
	return str_find(text, str_z(words), 0) != SIZE_MAX;
}

/* As a terminal shows it: escape sequences take no room. */
static int width_of(struct str line)
{
	AUTO(buf_fini) struct buf seen = BUF_INIT(1 << 16);
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '\r')
			continue;
		if (line.ptr[i] != '\033') {
			buf_addc(&seen, line.ptr[i]);
			continue;
		}
		ck_assert_int_eq(line.ptr[++i], '[');
		while (line.ptr[++i] < '@')
			;
		ck_assert_ptr_nonnull(strchr("Km", line.ptr[i])); /* nothing that steers */
	}
	return text_columns(buf_str(&seen));
}

START_TEST(test_a_picture_fills_its_screen_and_no_more)
{
	static const int sizes[][2] = { { 80, 24 }, { 40, 12 }, { 132, 50 }, { 20, 6 }, { 14, 3 } };
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (int page = 0; page < TOP_PAGES; page++)
			for (int help = 0; help < 2; help++) {
				struct top_view v = view_of(sizes[i][0], sizes[i][1]);
				v.page = (enum top_page)page;
				v.is_help = help;
				v.has_marks = v.has_colour = true;
				struct str rest = render(&v);
				int lines = 0;
				while (rest.len) {
					struct str line = str_cut(rest, '\n', &rest);
					ck_assert_int_le(width_of(line), v.columns);
					lines++;
				}
				ck_assert_int_le(lines, int64_max(v.rows, 5));
				if (v.rows >= 6)
					ck_assert_int_eq(lines, v.rows);
				arena_destroy(a);
			}
}
END_TEST

START_TEST(test_what_it_says)
{
	struct top_view v = view_of(100, 0);
	struct str s = render(&v);
	ck_assert(has(s, "takt 1.2.3  ready  up 2 min 04 s  http://127.0.0.1:8420  01:02:04 UTC"));
	ck_assert(has(s, "submits 500/s  done 0/s"));
	ck_assert(has(s, "commit 0.90/12 ms  batch 1/60"));
	ck_assert(has(s, "cpu 25%")); /* half a second of two */
	ck_assert(has(s, "LOW, new work is refused"));
	ck_assert(has(s, "wal 1.0 MiB"));
	ck_assert(has(s, ">1 queues 72"));
	ck_assert(has(s, "   7       1     1m30       10"));
	ck_assert(has(s, "12.3k"));
	ck_assert(has(s, "(rest)"));
	ck_assert(has(s, "paused"));
	ck_assert(!has(s, "\033"));
	arena_destroy(a);
}
END_TEST

START_TEST(test_order_of_queues)
{
	struct top_view v = view_of(100, 0);
	v.sort = TOP_BY_READY;
	struct str s = render(&v);
	ck_assert_uint_lt(str_find(s, STR("12.3k"), 0), str_find(s, STR("1m30"), 0));
	v.sort = TOP_BY_NAME;
	s = render(&v);
	ck_assert_uint_lt(str_find(s, STR("1m30"), 0), str_find(s, STR("12.3k"), 0));
	ck_assert_uint_lt(str_find(s, STR("12.3k"), 0), str_find(s, STR("(rest)"), 0));
	arena_destroy(a);
}
END_TEST

START_TEST(test_runs_trouble_and_colours)
{
	struct top_view v = view_of(120, 24);
	v.page = TOP_RUNS;
	v.trouble = "the connection was refused";
	struct str s = render(&v);
	ck_assert(has(s, "██░░░░░░░░  1/4  running  1m04"));
	ck_assert(has(s, "2 could not be compensated"));
	ck_assert(has(s, "the connection was refused"));
	ck_assert(!has(s, "\033[31m"));
	v.has_marks = true; /* NO_COLOR: bold and reverse, no colour */
	s = render(&v);
	ck_assert(has(s, "\033[1m") && has(s, "\033[7m") && !has(s, "\033[31m"));
	v.has_colour = true;
	ck_assert(has(render(&v), "\033[31m"));
	v.is_utf8 = false;
	ck_assert(has(render(&v), "1/4"));
	ck_assert(!has(render(&v), "█"));
	arena_destroy(a);
}
END_TEST

START_TEST(test_rates_want_two_answers_of_one_server)
{
	struct top_view v = view_of(80, 24);
	ck_assert(top_rates(v.now, v.before).is_known);
	ck_assert(!top_rates(v.now, NULL).is_known);
	ck_assert(!top_rates(v.now, v.now).is_known); /* no time between them */
	/* Counters that went back: not a negative rate. */
	struct top_rates r = top_rates(v.now, read(STATUS("1", "9000", "9", "90", "ready")));
	ck_assert(r.is_known && r.submitted <= 0 && r.cpu <= 0);
	const struct json *other = read("{\"started_at\":\"2026-11-21T00:00:00.000Z\",\"now\":"
	                                "\"2026-11-21T01:02:00.000Z\"}");
	ck_assert(!top_rates(v.now, other).is_known);
	v.before = other;
	ck_assert(has(render(&v), "submits -"));
	arena_destroy(a);
}
END_TEST

START_TEST(test_an_answer_that_lacks_everything)
{
	for (int page = 0; page < TOP_PAGES; page++) {
		struct top_view v = view_of(80, 24);
		v.now = read("{}");
		v.events = v.agents = v.now;
		v.page = (enum top_page)page;
		ck_assert_uint_gt(render(&v).len, 0);
		arena_destroy(a);
	}
}
END_TEST

START_TEST(test_figures)
{
	char t[16], age[32];
	static const struct {
		double n;
		const char *text;
	} figures[] = { { 0, "0" },       { 0.004, "0" },     { 0.25, "0.25" },
		        { 7, "7" },       { 9.94, "9.9" },    { 10.4, "10" },
		        { 9999, "9999" }, { 10000, "10.0k" }, { 999949, "999.9k" },
		        { 1e6, "1.0M" },  { 2.5e9, "2.5G" },  { 3e12, "3.0T" } };
	for (size_t i = 0; i < ARRAY_LEN(figures); i++)
		ck_assert_str_eq(figure_text(figures[i].n, t), figures[i].text);
	ck_assert_str_eq(figure_bytes(0, t), "0 B");
	ck_assert_str_eq(figure_bytes(1023, t), "1023 B");
	ck_assert_str_eq(figure_bytes(1024, t), "1.0 KiB");
	ck_assert_str_eq(figure_bytes(1e15, t), "909 TiB");
	ck_assert_str_eq(figure_age(1500, age), "1.5s");
	ck_assert_str_eq(figure_age(61000, age), "1m01");
	ck_assert_str_eq(figure_age(3 * 86400e3, age), "3d00h");
}
END_TEST

UNIT_MAIN("cli/top", test_a_picture_fills_its_screen_and_no_more, test_what_it_says,
          test_order_of_queues, test_runs_trouble_and_colours,
          test_rates_want_two_answers_of_one_server, test_an_answer_that_lacks_everything,
          test_figures)
