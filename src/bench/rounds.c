/* Rates and latencies: see scene.h.  A round is echo, submits, submits with idempotency
 * keys, lifecycles, both in batches, dispatch to waiting workers, and the disk alone.  The
 * machine's mood hits all of a round alike, so ratios are taken within a round and only then
 * the median over the rounds. */
#include "bench/scene.h"

#include "base/arena.h"
#include "base/str.h"
#include "bench/disk.h"
#include "bench/dispatch.h"
#include "bench/talk.h"
#include "bench/wire.h"
#include "sys/env.h"

enum {
	DISK_WRITES = 200,
	DISPATCH_RATE = 1000,
	DISPATCH_WORKERS = 16,
	MAKERS = 2,
	FAN_ITEMS = 10000
};

struct rounds {
	struct bench *b;
	struct talk *plain, *keyed, *batches, *life, *lives;
};

static void put(struct rounds *s, enum figure which, double value)
{
	figure_put(&s->b->figures, which, value);
}

static enum rc run_load(struct rounds *s, const struct served *served, struct talk *talk,
                        struct load_result *ret, double *ret_cpu_us, struct err *err)
{
	struct arena *a = s->b->arena;
	struct load_plan plan = { .port = served->port,
		                  .talk = talk,
		                  .connections = (int)s->b->o.connections,
		                  .ms = s->b->o.round_ms };
	int64_t before = served_cpu_us(a, served->pid);
	enum rc rc = load_run(&plan, ret, err);
	if (rc != RC_OK)
		return rc;
	*ret_cpu_us = (double)(served_cpu_us(a, served->pid) - before) / (double)ret->rounds;
	return RC_OK;
}

static enum rc count_batches(struct rounds *s, double *commits, double *commands, struct err *err)
{
	struct str text;
	enum rc rc = bench_ask(s->b, "/metrics", &text, err);
	*commits = metric_of(text, "takt_store_commits_total");
	*commands = metric_of(text, "takt_engine_commands_total");
	return rc;
}

static enum rc measure_submits(struct rounds *s, double echo_per_s, struct err *err)
{
	struct load_result r;
	double cpu_us, commits[2], commands[2];
	enum rc rc = count_batches(s, &commits[0], &commands[0], err);
	if (rc == RC_OK)
		rc = run_load(s, &s->b->takt, s->plain, &r, &cpu_us, err);
	if (rc == RC_OK)
		rc = count_batches(s, &commits[1], &commands[1], err);
	if (rc != RC_OK)
		return rc;
	s->b->figures.acknowledged += r.rounds;
	put(s, FIGURE_submit_per_s, rounds_per_s(&r));
	put(s, FIGURE_submit_ratio, rounds_per_s(&r) / echo_per_s);
	put(s, FIGURE_submit_p50_us, (double)r.p50_us);
	put(s, FIGURE_submit_p99_us, (double)r.p99_us);
	put(s, FIGURE_submit_cpu_us, cpu_us);
	if (commits[1] > commits[0])
		put(s, FIGURE_batch_mean, (commands[1] - commands[0]) / (commits[1] - commits[0]));
	rc = run_load(s, &s->b->takt, s->keyed, &r, &cpu_us, err);
	if (rc != RC_OK)
		return rc;
	s->b->figures.acknowledged += r.rounds;
	put(s, FIGURE_keyed_per_s, rounds_per_s(&r));
	put(s, FIGURE_keyed_ratio, rounds_per_s(&r) / echo_per_s);
	put(s, FIGURE_keyed_cpu_us, cpu_us);
	return RC_OK;
}

static enum rc measure_batches(struct rounds *s, struct err *err)
{
	struct load_result r;
	double cpu_us;
	enum rc rc = run_load(s, &s->b->takt, s->batches, &r, &cpu_us, err);
	if (rc != RC_OK)
		return rc;
	s->b->figures.acknowledged += r.rounds * TALK_BATCH;
	put(s, FIGURE_submit_batch_per_s, rounds_per_s(&r) * TALK_BATCH);
	rc = run_load(s, &s->b->takt, s->lives, &r, &cpu_us, err);
	if (rc != RC_OK)
		return rc;
	put(s, FIGURE_lifecycle_batch_per_s, rounds_per_s(&r) * TALK_BATCH);
	put(s, FIGURE_lifecycle_batch_cpu_us, cpu_us / TALK_BATCH);
	return RC_OK;
}

static enum rc measure_lifecycles(struct rounds *s, struct err *err)
{
	struct load_result r;
	double cpu_us;
	enum rc rc = run_load(s, &s->b->takt, s->life, &r, &cpu_us, err);
	if (rc != RC_OK)
		return rc;
	put(s, FIGURE_lifecycle_per_s, rounds_per_s(&r));
	put(s, FIGURE_lifecycle_p50_us, (double)r.p50_us);
	put(s, FIGURE_lifecycle_cpu_us, cpu_us);
	return RC_OK;
}

static enum rc measure_dispatch(struct rounds *s, struct err *err)
{
	struct dispatch_result r;
	enum rc rc = dispatch_run(s->b->takt.port, s->b->takt.key, DISPATCH_RATE, s->b->o.round_ms,
	                          DISPATCH_WORKERS, &r, err);
	if (rc != RC_OK)
		return rc;
	put(s, FIGURE_dispatch_p50_us, (double)r.p50_us);
	put(s, FIGURE_dispatch_p99_us, (double)r.p99_us);
	return RC_OK;
}

/* POST, with an answer that must have the status. */
static enum rc tell(struct bench *b, const char *path, struct str body, int status, struct err *err)
{
	struct buf answer = BUF_INIT(1 << 20);
	struct str request = talk_post(b->arena, b->takt.key, path, "", body);
	enum rc rc = wire_ask(b->takt.port, request, status, &answer, err);
	buf_fini(&answer);
	return rc;
}

static enum rc store_fan(struct bench *b, struct err *err)
{
	struct str body = STR("{\"name\":\"fan\",\"steps\":{\"each\":{\"kind\":\"fanned\","
	                      "\"each\":{\"ref\":\"/input\"},\"input\":{\"ref\":\"/item\"}}}}");
	return tell(b, "/v1/workflows", body, 201, err);
}

/* Nobody performs them: what is measured is how their coming disturbs the others. */
static enum rc start_fan(struct bench *b, struct err *err)
{
	struct buf body = BUF_INIT(1 << 20);
	buf_addz(&body, "{\"workflow\":\"fan\",\"input\":[0");
	for (int i = 1; i < FAN_ITEMS; i++)
		buf_addf(&body, ",%d", i);
	buf_addz(&body, "]}");
	enum rc rc = tell(b, "/v1/runs", buf_str(&body), 201, err);
	buf_fini(&body);
	return rc;
}

static enum rc measure_fan(struct rounds *s, struct err *err)
{
	struct bench *b = s->b;
	struct dispatch_result r;
	enum rc rc = start_fan(b, err);
	if (rc == RC_OK)
		rc = dispatch_run(b->takt.port, b->takt.key, DISPATCH_RATE, b->o.round_ms,
		                  DISPATCH_WORKERS, &r, err);
	if (rc == RC_OK)
		put(s, FIGURE_dispatch_fanout_p99_us, (double)r.p99_us);
	return rc;
}

static enum rc measure_round(struct rounds *s, struct err *err)
{
	struct load_result echo;
	struct disk_result disk;
	double cpu_us;
	enum rc rc = run_load(s, &s->b->echo, s->plain, &echo, &cpu_us, err);
	if (rc == RC_OK)
		rc = measure_submits(s, rounds_per_s(&echo), err);
	if (rc == RC_OK)
		rc = measure_lifecycles(s, err);
	if (rc == RC_OK)
		rc = measure_batches(s, err);
	if (rc == RC_OK)
		rc = measure_dispatch(s, err);
	if (rc == RC_OK)
		rc = measure_fan(s, err);
	if (rc == RC_OK)
		rc = disk_run(s->b->o.folder, DISK_WRITES, &disk, err);
	if (rc != RC_OK)
		return rc;
	put(s, FIGURE_echo_per_s, rounds_per_s(&echo));
	put(s, FIGURE_fdatasync_per_s, (double)disk.writes * 1e6 / (double)disk.us);
	put(s, FIGURE_fdatasync_p50_us, (double)disk.p50_us);
	put(s, FIGURE_fdatasync_p99_us, (double)disk.p99_us);
	put(s, FIGURE_rss_loaded_kb, (double)served_rss_kb(s->b->arena, s->b->takt.pid));
	return RC_OK;
}

/* --- The whole --- */

/* When the makers' processes wait for work; where there are none, after a second. */
static enum rc measure_family(struct rounds *s, struct err *err)
{
	struct bench *b = s->b;
	int64_t until_ms = env_mono_ms(&env_system) + 1000;
	struct str text;
	do {
		enum rc rc = bench_ask(b, "/metrics", &text, err);
		if (rc != RC_OK)
			return rc;
	} while (metric_of(text, "takt_lease_pollers") < MAKERS &&
	         env_mono_ms(&env_system) < until_ms);
	put(s, FIGURE_pss_family_kb, (double)served_pss_kb(b->arena, &b->takt));
	return RC_OK;
}

/* Each start is on a folder of its own: what is measured is the first start.  The last
 * server stays. */
static enum rc start_servers(struct rounds *s, struct err *err)
{
	struct bench *b = s->b;
	for (int i = 0; i < b->o.rounds; i++) {
		char name[24];
		snprintf(name, sizeof name, "round-%d", i);
		served_stop(&b->takt);
		enum rc rc = bench_start(b, name, false, err);
		if (rc != RC_OK)
			return rc;
		put(s, FIGURE_ready_ms, (double)b->takt.ready_ms);
		put(s, FIGURE_rss_idle_kb, (double)served_rss_kb(b->arena, b->takt.pid));
		rc = measure_family(s, err);
		if (rc != RC_OK)
			return rc;
	}
	return served_echo(b->arena, &b->echo, err);
}

static void make_talks(struct rounds *s)
{
	struct arena *a = s->b->arena;
	struct str key = s->b->takt.key;
	int lines = (int)s->b->o.connections;
	s->plain = talk_submit(a, key, false);
	s->keyed = talk_submit(a, key, true);
	s->life = talk_lifecycle(a, key, "life", lines);
	s->batches = talk_submit_batches(a, key, lines);
	s->lives = talk_lifecycle_batches(a, key, lines);
}

enum rc scene_rounds(struct bench *b, struct err *err)
{
	struct rounds s = { .b = b };
	enum rc rc = start_servers(&s, err);
	if (rc == RC_OK)
		rc = store_fan(b, err);
	if (rc == RC_OK)
		make_talks(&s);
	for (int i = 0; i < b->o.rounds && rc == RC_OK; i++)
		rc = measure_round(&s, err);
	if (rc == RC_OK)
		rc = bench_ready(b, &b->figures.found, err); /* as many as were acknowledged */
	served_stop(&b->takt);
	served_stop(&b->echo);
	talk_end(s.batches);
	talk_end(s.lives);
	return rc;
}
