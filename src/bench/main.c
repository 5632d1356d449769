/* takt-bench: how fast is takt on this machine, and how fast could anything be?
 *
 * One run starts two servers, `takt serve` on a fresh folder and a bare echo, and asks both
 * the same bytes in turns: a round is echo, submits, submits with idempotency keys, whole
 * lifecycles, dispatch to waiting workers, and then the disk alone.  The machine's mood hits all of
 * a round alike, so ratios are taken within a round and only then the median over the rounds.
 *
 * Usage: takt-bench --takt PROGRAM --folder FOLDER [--json] [--rounds N] [--round-ms N]
 *                   [--connections N]
 *
 * FOLDER is created, and removed at the end; its disk is what is measured.  `takt bench`
 * fills these in.  Exit code 0; 1 when an acknowledged task is missing; 2 usage; 5 a server
 * failed. */
#include "base/arena.h"
#include "base/str.h"
#include "bench/disk.h"
#include "bench/dispatch.h"
#include "bench/echo.h"
#include "bench/figures.h"
#include "bench/load.h"
#include "bench/served.h"
#include "bench/talk.h"
#include "bench/wire.h"
#include "codec/json.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/terminal.h"

enum { DISK_WRITES = 200, REPORT_MAX = 64 * 1024 };
enum { DISPATCH_RATE = 1000, DISPATCH_WORKERS = 16 };
enum { BENCH_OK = 0, BENCH_LOST = 1, BENCH_USAGE = 2, BENCH_FAILED = 5 };

struct options {
	const char *takt, *folder;
	int64_t rounds, round_ms, connections;
	bool is_json;
};

struct bench {
	struct options o;
	struct arena *arena;
	struct served takt, echo;
	struct talk *plain, *keyed, *batches, *life, *lives;
	struct figures figures;
};

/* Options */

static bool take_number(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	return text && str_to_i64(str_z(text), ret) == RC_OK && *ret >= min && *ret <= max;
}

static bool take_option(struct options *o, const char *name, const char *value)
{
	if (strcmp(name, "--takt") == 0)
		return (o->takt = value) != NULL;
	if (strcmp(name, "--folder") == 0)
		return (o->folder = value) != NULL;
	if (strcmp(name, "--rounds") == 0)
		return take_number(value, 1, ROUNDS_MAX, &o->rounds);
	if (strcmp(name, "--round-ms") == 0)
		return take_number(value, 10, 600000, &o->round_ms);
	if (strcmp(name, "--connections") == 0)
		return take_number(value, 1, LOAD_CONNECTIONS_MAX, &o->connections);
	return false;
}

static bool read_options(int argc, char **argv, struct options *ret)
{
	struct options o = { .rounds = 3, .round_ms = 1000, .connections = 64 };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			o.is_json = true;
		else if (!take_option(&o, argv[i], argv[i + 1]))
			return false;
		else
			i++;
	}
	*ret = o;
	return o.takt && o.folder;
}

/* Measuring */

static void put(struct bench *b, enum figure which, int round, double value)
{
	b->figures.values[which][round] = value;
}

static double per_s(const struct load_result *r)
{
	return (double)r->rounds * 1e6 / (double)r->us;
}

static enum rc run_load(struct bench *b, const struct served *s, struct talk *talk,
                        struct load_result *ret, double *ret_cpu_us, struct err *err)
{
	int64_t before = served_cpu_us(b->arena, s->pid);
	enum rc rc = load_run(s->port, talk, (int)b->o.connections, b->o.round_ms, ret, err);
	if (rc != RC_OK)
		return rc;
	*ret_cpu_us = (double)(served_cpu_us(b->arena, s->pid) - before) / (double)ret->rounds;
	return RC_OK;
}

/* "name value" in the text of GET /metrics. */
static double metric(struct str text, const char *name)
{
	size_t at = 0, len = strlen(name);
	while ((at = str_find(text, str_z(name), at)) != SIZE_MAX) {
		if ((at == 0 || text.ptr[at - 1] == '\n') && text.ptr[at + len] == ' ')
			return strtod(text.ptr + at + len, NULL);
		at += len;
	}
	return 0;
}

static enum rc ask(struct bench *b, const char *path, struct str *ret, struct err *err)
{
	struct buf body = BUF_INIT(1 << 20);
	struct str request = str_fmt(b->arena,
	                             "GET %s HTTP/1.1\r\nHost: localhost\r\n"
	                             "Authorization: Bearer " STR_FMT "\r\n\r\n",
	                             path, STR_ARG(b->takt.key));
	enum rc rc = wire_ask(b->takt.port, request, 200, &body, err);
	*ret = str_z(str_dupz(b->arena, buf_str(&body)));
	buf_fini(&body);
	return rc;
}

static enum rc count_batches(struct bench *b, double *commits, double *commands, struct err *err)
{
	struct str text;
	enum rc rc = ask(b, "/metrics", &text, err);
	*commits = metric(text, "takt_store_commits_total");
	*commands = metric(text, "takt_engine_commands_total");
	return rc;
}

static enum rc measure_submits(struct bench *b, int round, double echo_per_s, struct err *err)
{
	struct load_result r;
	double cpu_us, commits[2], commands[2];
	enum rc rc = count_batches(b, &commits[0], &commands[0], err);
	if (rc == RC_OK)
		rc = run_load(b, &b->takt, b->plain, &r, &cpu_us, err);
	if (rc == RC_OK)
		rc = count_batches(b, &commits[1], &commands[1], err);
	if (rc != RC_OK)
		return rc;
	b->figures.acknowledged += r.rounds;
	put(b, FIGURE_submit_per_s, round, per_s(&r));
	put(b, FIGURE_submit_ratio, round, per_s(&r) / echo_per_s);
	put(b, FIGURE_submit_p50_us, round, (double)r.p50_us);
	put(b, FIGURE_submit_p99_us, round, (double)r.p99_us);
	put(b, FIGURE_submit_cpu_us, round, cpu_us);
	if (commits[1] > commits[0])
		put(b, FIGURE_batch_mean, round,
		    (commands[1] - commands[0]) / (commits[1] - commits[0]));
	rc = run_load(b, &b->takt, b->keyed, &r, &cpu_us, err);
	if (rc != RC_OK)
		return rc;
	b->figures.acknowledged += r.rounds;
	put(b, FIGURE_keyed_per_s, round, per_s(&r));
	put(b, FIGURE_keyed_ratio, round, per_s(&r) / echo_per_s);
	put(b, FIGURE_keyed_cpu_us, round, cpu_us);
	return RC_OK;
}

static enum rc measure_batches(struct bench *b, int round, struct err *err)
{
	struct load_result r;
	double cpu_us;
	enum rc rc = run_load(b, &b->takt, b->batches, &r, &cpu_us, err);
	if (rc != RC_OK)
		return rc;
	b->figures.acknowledged += r.rounds * TALK_BATCH;
	put(b, FIGURE_submit_batch_per_s, round, per_s(&r) * TALK_BATCH);
	rc = run_load(b, &b->takt, b->lives, &r, &cpu_us, err);
	if (rc != RC_OK)
		return rc;
	put(b, FIGURE_lifecycle_batch_per_s, round, per_s(&r) * TALK_BATCH);
	put(b, FIGURE_lifecycle_batch_cpu_us, round, cpu_us / TALK_BATCH);
	return RC_OK;
}

static enum rc measure_lifecycles(struct bench *b, int round, struct err *err)
{
	struct load_result r;
	double cpu_us;
	enum rc rc = run_load(b, &b->takt, b->life, &r, &cpu_us, err);
	if (rc != RC_OK)
		return rc;
	put(b, FIGURE_lifecycle_per_s, round, per_s(&r));
	put(b, FIGURE_lifecycle_p50_us, round, (double)r.p50_us);
	put(b, FIGURE_lifecycle_cpu_us, round, cpu_us);
	return RC_OK;
}

static enum rc measure_dispatch(struct bench *b, int round, struct err *err)
{
	struct dispatch_result r;
	enum rc rc = dispatch_run(b->takt.port, b->takt.key, DISPATCH_RATE, b->o.round_ms,
	                          DISPATCH_WORKERS, &r, err);
	if (rc != RC_OK)
		return rc;
	put(b, FIGURE_dispatch_p50_us, round, (double)r.p50_us);
	put(b, FIGURE_dispatch_p99_us, round, (double)r.p99_us);
	return RC_OK;
}

static enum rc measure_round(struct bench *b, int round, struct err *err)
{
	struct load_result echo;
	struct disk_result disk;
	double cpu_us;
	enum rc rc = run_load(b, &b->echo, b->plain, &echo, &cpu_us, err);
	if (rc == RC_OK)
		rc = measure_submits(b, round, per_s(&echo), err);
	if (rc == RC_OK)
		rc = measure_lifecycles(b, round, err);
	if (rc == RC_OK)
		rc = measure_batches(b, round, err);
	if (rc == RC_OK)
		rc = measure_dispatch(b, round, err);
	if (rc == RC_OK)
		rc = disk_run(b->o.folder, DISK_WRITES, &disk, err);
	if (rc != RC_OK)
		return rc;
	put(b, FIGURE_echo_per_s, round, per_s(&echo));
	put(b, FIGURE_fdatasync_per_s, round, (double)disk.writes * 1e6 / (double)disk.us);
	put(b, FIGURE_fdatasync_p50_us, round, (double)disk.p50_us);
	put(b, FIGURE_fdatasync_p99_us, round, (double)disk.p99_us);
	put(b, FIGURE_rss_loaded_kb, round, (double)served_rss_kb(b->arena, b->takt.pid));
	return RC_OK;
}

/* The whole */

static const char *subfolder(struct bench *b, int round)
{
	return str_dupz(b->arena, str_fmt(b->arena, "%s/%d", b->o.folder, round));
}

/* Each start is on a folder of its own: what is measured is the first start.  The last
 * server stays. */
static enum rc start_servers(struct bench *b, struct err *err)
{
	enum rc rc = RC_OK;
	for (int i = 0; i < b->o.rounds && rc == RC_OK; i++) {
		served_stop(&b->takt);
		rc = served_takt(b->arena, b->o.takt, subfolder(b, i), &b->takt, err);
		if (rc != RC_OK)
			return rc;
		put(b, FIGURE_ready_ms, i, (double)b->takt.ready_ms);
		put(b, FIGURE_rss_idle_kb, i, (double)served_rss_kb(b->arena, b->takt.pid));
	}
	return served_echo(b->arena, &b->echo, err);
}

/* What was acknowledged must be there, neither less nor more. */
static enum rc count_tasks(struct bench *b, struct err *err)
{
	struct str text;
	const struct json *v;
	enum rc rc = ask(b, "/v1/queues", &text, err);
	if (rc == RC_OK)
		rc = json_read(b->arena, text, NULL, &v, err);
	if (rc == RC_OK)
		b->figures.found = json_get_int(json_pointer(v, STR("/queues/0")), "ready", 0);
	return rc;
}

static enum rc measure(struct bench *b, struct err *err)
{
	enum rc rc = start_servers(b, err);
	if (rc != RC_OK)
		return rc;
	b->plain = talk_submit(b->arena, b->takt.key, false);
	b->keyed = talk_submit(b->arena, b->takt.key, true);
	b->life = talk_lifecycle(b->arena, b->takt.key, (int)b->o.connections);
	b->batches = talk_submit_batches(b->arena, b->takt.key, (int)b->o.connections);
	b->lives = talk_lifecycle_batches(b->arena, b->takt.key, (int)b->o.connections);
	for (int i = 0; i < b->o.rounds && rc == RC_OK; i++)
		rc = measure_round(b, i, err);
	return rc == RC_OK ? count_tasks(b, err) : rc;
}

static void report(const struct bench *b)
{
	struct buf out = BUF_INIT(REPORT_MAX);
	if (b->o.is_json)
		report_json(&b->figures, &out);
	else
		report_table(&b->figures, &out);
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
}

static int finish(struct bench *b, enum rc rc, const struct err *err)
{
	if (rc != RC_OK) {
		fprintf(stderr, "takt-bench: %s\n", err->text);
		return BENCH_FAILED;
	}
	report(b);
	if (b->figures.found == b->figures.acknowledged)
		return BENCH_OK;
	fprintf(stderr, "takt-bench: %lld submits were acknowledged, but %lld tasks are there\n",
	        (long long)b->figures.acknowledged, (long long)b->figures.found);
	return BENCH_LOST;
}

static int bench_main(const struct options *o)
{
	struct bench b = { .o = *o, .arena = arena_create(64 * 1024) };
	struct err err = { 0 };
	b.figures = (struct figures){ .rounds = (int)o->rounds,
		                      .round_ms = o->round_ms,
		                      .connections = (int)o->connections,
		                      .input_bytes = TALK_INPUT_BYTES };
	enum rc rc = folder_create(o->folder, 0700, &err);
	if (rc == RC_OK)
		rc = measure(&b, &err);
	served_stop(&b.takt);
	served_stop(&b.echo);
	talk_end(b.batches);
	talk_end(b.lives);
	int exit_code = finish(&b, rc, &err);
	if (folder_remove(o->folder, &err) != RC_OK)
		fprintf(stderr, "takt-bench: %s\n", err.text);
	arena_destroy(b.arena);
	return exit_code;
}

int main(int argc, char **argv)
{
	struct options o;
	if (argc == 2 && strcmp(argv[1], "--as-echo") == 0)
		return echo_main(3); /* the first descriptor that is handed over */
	if (!read_options(argc, argv, &o)) {
		fprintf(stderr, "usage: takt-bench --takt PROGRAM --folder FOLDER [--json]"
		                " [--rounds N] [--round-ms N] [--connections N]\n");
		return BENCH_USAGE;
	}
	return bench_main(&o);
}
