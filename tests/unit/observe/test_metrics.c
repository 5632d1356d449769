/* The text is parsed line by line, as a scraper does. */
#include <ctype.h>
#include <errno.h>
#include <unistd.h>

#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "observe/metrics.h"
#include "observe/overview.h"
#include "observe/requests.h"
#include "sys/count.h"
#include "sys/self.h"

static const struct overview nothing = { .version = "1.2.3", .schema_version = 7 };
static const char *const routes[] = { "/v1/tasks", "/v1/tasks/{id}", "/v1/events" };

/* The value of a sample, by its name and labels exactly as written; NAN when absent. */
static double value_of(const struct buf *text, const char *sample)
{
	struct str rest = buf_str(text);
	size_t len = strlen(sample);
	while (rest.len) {
		struct str line = str_cut(rest, '\n', &rest);
		if (line.len > len && memcmp(line.ptr, sample, len) == 0 && line.ptr[len] == ' ')
			return strtod(line.ptr + len, NULL);
	}
	return -1;
}

static struct str name_end(struct str line, size_t at)
{
	size_t n = at;
	while (n < line.len &&
	       (isalnum((unsigned char)line.ptr[n]) || line.ptr[n] == '_' || line.ptr[n] == ':'))
		n++;
	ck_assert_msg(n > at && !isdigit((unsigned char)line.ptr[at]), STR_FMT, STR_ARG(line));
	return str_sub(line, at, n - at);
}

/* {name="value",…}: returns the offset behind it. */
static size_t skip_labels(struct str line, size_t at)
{
	ck_assert_int_eq(line.ptr[at], '{');
	do {
		at++;
		at += name_end(line, at).len;
		ck_assert_int_eq(line.ptr[at++], '=');
		ck_assert_int_eq(line.ptr[at++], '"');
		while (line.ptr[at] != '"') {
			if (line.ptr[at] == '\\') {
				at++;
				ck_assert_ptr_nonnull(memchr("\\\"n", line.ptr[at], 3));
			}
			at++;
			ck_assert_uint_lt(at, line.len);
		}
		at++;
	} while (line.ptr[at] == ',');
	ck_assert_int_eq(line.ptr[at], '}');
	return at + 1;
}

/* A sample belongs to the metric of the last TYPE line, with a histogram's suffix. */
static void check_sample(struct str line, struct str metric, bool is_histogram)
{
	struct str name = name_end(line, 0);
	ck_assert_msg(str_starts(name, metric), STR_FMT, STR_ARG(line));
	struct str suffix = str_sub(name, metric.len, name.len);
	ck_assert(is_histogram ? str_eqz(suffix, "_bucket") || str_eqz(suffix, "_sum") ||
	                                 str_eqz(suffix, "_count")
	                       : suffix.len == 0);
	size_t at = name.len;
	if (line.ptr[at] == '{')
		at = skip_labels(line, at);
	ck_assert_int_eq(line.ptr[at], ' ');
	char number[64] = { 0 }, *end;
	struct str value = str_sub(line, at + 1, line.len);
	ck_assert(value.len > 0 && value.len < sizeof number);
	memcpy(number, value.ptr, value.len);
	(void)strtod(number, &end);
	ck_assert_msg(*end == '\0', STR_FMT, STR_ARG(line));
}

static void check_text(const struct buf *text)
{
	struct str rest = buf_str(text), metric = { 0 }, seen[128];
	size_t n_seen = 0;
	bool is_helped = false, is_histogram = false;
	ck_assert_int_eq(rest.ptr[rest.len - 1], '\n');
	while (rest.len) {
		struct str line = str_cut(rest, '\n', &rest);
		ck_assert_uint_eq(utf8_check(line), line.len);
		if (str_starts(line, STR("# HELP "))) {
			metric = name_end(line, 7);
			for (size_t i = 0; i < n_seen; i++) /* all of a metric in one place */
				ck_assert(!str_eq(seen[i], metric));
			ck_assert_uint_lt(n_seen, ARRAY_LEN(seen));
			seen[n_seen++] = metric;
			ck_assert_uint_gt(line.len, 7 + metric.len + 1);
			is_helped = true;
		} else if (str_starts(line, STR("# TYPE "))) {
			ck_assert(is_helped && str_eq(name_end(line, 7), metric));
			struct str type = str_sub(line, 8 + metric.len, line.len);
			is_histogram = str_eqz(type, "histogram");
			ck_assert(is_histogram || str_eqz(type, "counter") ||
			          str_eqz(type, "gauge"));
			is_helped = false;
		} else {
			ck_assert(!is_helped && metric.len);
			check_sample(line, metric, is_histogram);
		}
	}
}

START_TEST(every_counter_has_help_and_type)
{
	AUTO(buf_fini) struct buf text = BUF_INIT(1 << 20);
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	requests_setup(routes, ARRAY_LEN(routes));
	count_add(COUNT_COMMITS, 9007199254740993); /* more digits than a double has */
	metrics_text(&text, &nothing);
	ck_assert_ok(buf_rc(&text));
	check_text(&text);
	for (size_t i = 0; i < COUNT_COUNT; i++) {
		const struct count_info *c = &count_infos[i];
		struct str head =
		        str_fmt(a, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", c->metric, c->help,
		                c->metric, c->type == COUNT_TYPE_COUNTER ? "counter" : "gauge",
		                c->metric, (long long)count_get((enum count)i));
		ck_assert_msg(str_find(buf_str(&text), head, 0) != SIZE_MAX, "%s", c->metric);
	}
	ck_assert_uint_ne(
	        str_find(buf_str(&text), STR("takt_store_commits_total 9007199254740993\n"), 0),
	        SIZE_MAX);
}
END_TEST

START_TEST(process_figures)
{
	AUTO(buf_fini) struct buf text = BUF_INIT(1 << 20);
	int64_t fds = self_open_fds(), now_s = (int64_t)time(NULL);
	int fd = dup(0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(self_open_fds(), fds + 1);
	struct overview o = nothing;
	overview_process(&o.process);
	metrics_text(&text, &o);
	ck_assert(value_of(&text, "process_open_fds") == (double)fds + 1);
	ck_assert_int_eq(close(fd), 0);
	double memory = value_of(&text, "process_resident_memory_bytes");
	ck_assert(memory > 500e3 && memory < 1e9);
	double cpu = value_of(&text, "process_cpu_seconds_total");
	ck_assert(cpu >= 0 && cpu < 60);
	double start = value_of(&text, "process_start_time_seconds");
	ck_assert_msg(start > (double)now_s - 60 && start <= (double)now_s + 2, "%f", start);
}
END_TEST

START_TEST(requests)
{
	AUTO(buf_fini) struct buf text = BUF_INIT(1 << 20);
	requests_setup(routes, ARRAY_LEN(routes));
	requests_count(0, REQUEST_POST, 201, 400);
	requests_count(0, REQUEST_POST, 200, 700);
	requests_count(0, REQUEST_POST, 429, 1000);
	requests_count(1, REQUEST_GET, 404, 2000000);
	requests_count(3, REQUEST_OTHER, 404, 1);
	requests_count(2, REQUEST_GET, 200, 3600000000);
	requests_count(2, REQUEST_GET, 0, -5);
	metrics_text(&text, &nothing);
	check_text(&text);
#define REQUESTS(m, r, s)                                                                          \
	"takt_http_requests_total{method=\"" m "\",route=\"" r "\",status=\"" s "\"}"
	ck_assert(value_of(&text, REQUESTS("POST", "/v1/tasks", "2xx")) == 2);
	ck_assert(value_of(&text, REQUESTS("POST", "/v1/tasks", "4xx")) == 1);
	ck_assert(value_of(&text, REQUESTS("GET", "/v1/tasks/{id}", "4xx")) == 1);
	ck_assert(value_of(&text, REQUESTS("other", "none", "4xx")) == 1);
	ck_assert(value_of(&text, REQUESTS("GET", "/v1/events", "other")) == 1);
	ck_assert(value_of(&text, REQUESTS("GET", "/v1/tasks", "2xx")) == -1);
#define BUCKET(r, le) "takt_http_request_seconds_bucket{route=\"" r "\",le=\"" le "\"}"
	ck_assert(value_of(&text, BUCKET("/v1/tasks", "0.0005")) == 1);
	ck_assert(value_of(&text, BUCKET("/v1/tasks", "0.001")) == 3); /* bounds are inclusive */
	ck_assert(value_of(&text, BUCKET("/v1/tasks", "60")) == 3);
	ck_assert(value_of(&text, BUCKET("/v1/tasks", "+Inf")) == 3);
	ck_assert(value_of(&text, BUCKET("/v1/tasks/{id}", "1")) == 0);
	ck_assert(value_of(&text, BUCKET("/v1/tasks/{id}", "2.5")) == 1);
	ck_assert(value_of(&text, BUCKET("/v1/events", "60")) == 1);
	ck_assert(value_of(&text, BUCKET("/v1/events", "+Inf")) == 2);
	ck_assert(value_of(&text, "takt_http_request_seconds_sum{route=\"/v1/tasks\"}") == 0.0021);
	ck_assert(value_of(&text, "takt_http_request_seconds_count{route=\"/v1/tasks\"}") == 3);
}
END_TEST

START_TEST(a_look_at_the_engine)
{
	AUTO(buf_fini) struct buf text = BUF_INIT(1 << 20);
	struct overview_queue queues[] = {
		{ .name = STR("lesson.plan"), .by_state[TASK_READY] = 7, .oldest_ms = 1500 },
		{ .name = STR("a\"b\\c\nd"), .by_state[TASK_LEASED] = 1, .oldest_ms = -1 },
	};
	struct overview o = nothing;
	o.queues = queues;
	o.n_queues = ARRAY_LEN(queues);
	o.n_rest = 3;
	o.rest = (struct overview_queue){ .by_state[TASK_BLOCKED] = 4, .oldest_ms = 1000 };
	o.runs[RUN_WAITING] = 5;
	o.store = (struct store_figures){ .wal_bytes = 123456789012, .free_bytes = -1 };
	o.process.fds = -1;
	metrics_text(&text, &o);
	check_text(&text);
#define TASKS(q, s) "takt_queue_tasks{queue=\"" q "\",state=\"" s "\"}"
	ck_assert(value_of(&text, TASKS("lesson.plan", "ready")) == 7);
	ck_assert(value_of(&text, TASKS("lesson.plan", "leased")) == 0);
	ck_assert(value_of(&text, TASKS("a\\\"b\\\\c\\nd", "leased")) == 1);
	ck_assert(value_of(&text, TASKS("(rest)", "blocked")) == 4);
#define AGE(q) "takt_queue_oldest_ready_seconds{queue=\"" q "\"}"
	ck_assert(value_of(&text, AGE("lesson.plan")) == 1.5);
	ck_assert(value_of(&text, AGE("a\\\"b\\\\c\\nd")) == -1); /* absent */
	ck_assert(value_of(&text, AGE("(rest)")) == 1);
	ck_assert(value_of(&text, "takt_runs{state=\"waiting\"}") == 5);
	ck_assert(value_of(&text, "takt_runs{state=\"succeeded\"}") == -1);
	ck_assert(value_of(&text, "takt_build_info{version=\"1.2.3\",schema=\"7\"}") == 1);
	ck_assert_uint_ne(str_find(buf_str(&text), STR("takt_store_wal_bytes 123456789012\n"), 0),
	                  SIZE_MAX);
	/* What the system does not say is no number. */
	ck_assert_uint_eq(str_find(buf_str(&text), STR("process_open_fds"), 0), SIZE_MAX);
	ck_assert_uint_eq(str_find(buf_str(&text), STR("takt_store_free_bytes"), 0), SIZE_MAX);
}
END_TEST

START_TEST(histograms)
{
	AUTO(buf_fini) struct buf text = BUF_INIT(1 << 20);
	ck_assert_int_eq(histogram_recent(HISTOGRAM_COMMIT, 99), 0);
	for (int i = 1; i <= 100; i++)
		histogram_add(HISTOGRAM_COMMIT, i * 1000);
	histogram_add(HISTOGRAM_BATCH, 1);
	histogram_add(HISTOGRAM_BATCH, 512);
	metrics_text(&text, &nothing);
	check_text(&text);
	ck_assert_int_eq(histogram_recent(HISTOGRAM_COMMIT, 50), 50000);
	ck_assert_int_eq(histogram_recent(HISTOGRAM_COMMIT, 99), 99000);
#define COMMIT(le) "takt_store_commit_seconds_bucket{le=\"" le "\"}"
	ck_assert(value_of(&text, COMMIT("0.0005")) == 0);
	ck_assert(value_of(&text, COMMIT("0.001")) == 1); /* inclusive */
	ck_assert(value_of(&text, COMMIT("0.05")) == 50);
	ck_assert(value_of(&text, COMMIT("+Inf")) == 100);
	ck_assert(value_of(&text, "takt_store_commit_seconds_sum") == 5.05);
	ck_assert(value_of(&text, "takt_store_commit_seconds_count") == 100);
	ck_assert(value_of(&text, "takt_engine_batch_commands_bucket{le=\"500\"}") == 1);
	ck_assert(value_of(&text, "takt_engine_batch_commands_bucket{le=\"+Inf\"}") == 2);
	for (int i = 0; i < HISTOGRAM_RECENT; i++) /* the old ones are forgotten */
		histogram_add(HISTOGRAM_COMMIT, 7);
	ck_assert_int_eq(histogram_recent(HISTOGRAM_COMMIT, 100), 7);
}
END_TEST

START_TEST(small_buffer_is_told)
{
	AUTO(buf_fini) struct buf text = BUF_INIT(100);
	metrics_text(&text, &nothing);
	ck_assert_int_eq(buf_rc(&text), RC_LIMIT);
}
END_TEST

UNIT_MAIN("observe/metrics", every_counter_has_help_and_type, process_figures, requests,
          a_look_at_the_engine, histograms, small_buffer_is_told)
