/* Behind many tasks: see scene.h.  The queue is filled with --tasks tasks; then memory, the
 * time of a lease (to that of a server with an empty queue, by turns, so that the disk's mood
 * hits both alike), and the time to be ready again after a stop and after kill -9 under load.
 * Then the tasks are completed, and the lists are asked. */
#include "bench/scene.h"

#include "base/arena.h"
#include "base/str.h"
#include "bench/latency.h"
#include "bench/talk.h"
#include "codec/json.h"
#include "sys/env.h"

enum { PAIRS = 9, PROBES = 60, FILL_CONNECTIONS = 8, RESTARTS = 3, HURRY_MS = 500, GETS = 100 };
#define NO_END_MS (INT64_C(3600) * 1000)

/* A talk that goes through and times the leases: the second word of each lifecycle. */
struct probe {
	struct talk talk;
	struct talk *life;
	int words;
	int64_t said_us;
	struct latencies leases;
};

static struct str probe_say(struct talk *t, int line)
{
	struct probe *p = (struct probe *)t;
	struct str bytes = p->life->say(p->life, line);
	p->said_us = env_mono_us(&env_system);
	return bytes;
}

static enum rc probe_hear(struct talk *t, int line, int status, struct str body, bool *ret_is_end,
                          struct err *err)
{
	struct probe *p = (struct probe *)t;
	if (p->words++ % 3 == 1)
		latency_add(&p->leases, env_mono_us(&env_system) - p->said_us);
	return p->life->hear(p->life, line, status, body, ret_is_end, err);
}

static enum rc lease_p50_us(struct bench *b, const struct served *served, double *ret,
                            struct err *err)
{
	struct load_result r;
	struct arena_mark mark = arena_mark(b->arena);
	struct probe p = { .talk = { .say = probe_say, .hear = probe_hear },
		           .life = talk_lifecycle(b->arena, served->key, "bench", 1) };
	struct load_plan plan = { .port = served->port,
		                  .talk = &p.talk,
		                  .connections = 1,
		                  .ms = NO_END_MS,
		                  .rounds_max = PROBES };
	enum rc rc = load_run(&plan, &r, err);
	latency_sort(&p.leases);
	*ret = (double)latency_at(&p.leases, 500);
	latencies_fini(&p.leases);
	arena_rewind(b->arena, mark);
	return rc;
}

/* So many batches on some connections; the talk is used up. */
static enum rc run_batches(struct bench *b, struct talk *talk, int64_t tasks, struct err *err)
{
	struct load_result r;
	struct load_plan plan = { .port = b->takt.port,
		                  .talk = talk,
		                  .connections = FILL_CONNECTIONS,
		                  .ms = NO_END_MS,
		                  .rounds_max = tasks / TALK_BATCH };
	enum rc rc = load_run(&plan, &r, err);
	talk_end(talk);
	return rc;
}

static enum rc fill(struct bench *b, struct err *err)
{
	struct talk *talk = talk_submit_batches(b->arena, b->takt.key, FILL_CONNECTIONS);
	return run_batches(b, talk, b->o.tasks, err);
}

/* By turns with the server beside, whose queue is empty. */
static enum rc compare_leases(struct bench *b, struct err *err)
{
	double deep_us, empty_us;
	enum rc rc = RC_OK;
	for (int i = 0; i < PAIRS && rc == RC_OK; i++) {
		rc = lease_p50_us(b, &b->beside, &empty_us, err);
		if (rc == RC_OK)
			rc = lease_p50_us(b, &b->takt, &deep_us, err);
		if (rc == RC_OK)
			figure_put(&b->figures, FIGURE_lease_million_ratio, deep_us / empty_us);
	}
	return rc;
}

static enum rc measure_leases(struct bench *b, struct err *err)
{
	enum rc rc = fill(b, err);
	if (rc != RC_OK)
		return rc;
	figure_put(&b->figures, FIGURE_rss_million_kb,
	           (double)served_rss_kb(b->arena, b->takt.pid));
	struct served deep = b->takt;
	rc = bench_start(b, "empty", true, err);
	if (rc == RC_OK)
		b->beside = b->takt;
	b->takt = deep;
	if (rc == RC_OK)
		rc = compare_leases(b, err);
	served_stop(&b->beside);
	return rc;
}

static enum rc restart(struct bench *b, enum figure which, struct err *err)
{
	served_stop(&b->takt);
	enum rc rc = bench_start(b, "depth", true, err);
	if (rc == RC_OK)
		figure_put(&b->figures, which, (double)b->takt.ready_ms);
	return rc;
}

/* In the middle of submits: what was not answered may have happened or not. */
static enum rc kill_under_load(struct bench *b, struct err *err)
{
	struct load_result r;
	struct load_plan plan = { .port = b->takt.port,
		                  .talk = talk_submit(b->arena, b->takt.key, false),
		                  .connections = (int)b->o.connections,
		                  .ms = HURRY_MS,
		                  .is_cut_off = true };
	enum rc rc = load_run(&plan, &r, err);
	served_kill(&b->takt);
	return rc;
}

static enum rc measure_restarts(struct bench *b, struct err *err)
{
	enum rc rc = RC_OK;
	for (int i = 0; i < RESTARTS && rc == RC_OK; i++)
		rc = restart(b, FIGURE_ready_million_ms, err);
	for (int i = 0; i < RESTARTS && rc == RC_OK; i++) {
		rc = kill_under_load(b, err);
		if (rc == RC_OK)
			rc = restart(b, FIGURE_ready_after_kill_ms, err);
	}
	return rc;
}

/* --- History --- */

/* All that is there, with what was submitted before the kills. */
static enum rc drain(struct bench *b, struct err *err)
{
	int64_t ready;
	enum rc rc = bench_ready(b, &ready, err);
	if (rc != RC_OK)
		return rc;
	struct talk *talk = talk_drain_batches(b->arena, b->takt.key, FILL_CONNECTIONS);
	return run_batches(b, talk, ready, err);
}

static enum rc slowest_ms(struct bench *b, const char *const *paths, size_t n, double *ret,
                          struct str *ret_last, struct err *err)
{
	*ret = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t began_us = env_mono_us(&env_system);
		enum rc rc = bench_ask(b, paths[i], ret_last, err);
		if (rc != RC_OK)
			return rc;
		double ms = (double)(env_mono_us(&env_system) - began_us) / 1000;
		if (ms > *ret)
			*ret = ms;
	}
	return RC_OK;
}

/* A hundred tasks of the newest list, each on its own. */
static enum rc get_tasks(struct bench *b, struct str list, struct err *err)
{
	const struct json *v;
	const char *paths[GETS];
	size_t n = 0;
	double ms;
	struct str last;
	enum rc rc = json_read(b->arena, list, NULL, &v, err);
	if (rc != RC_OK)
		return rc;
	const struct json *tasks = json_pointer(v, STR("/tasks"));
	for (size_t i = 0; tasks && i < tasks->count && n < GETS; i++) {
		struct str at = str_fmt(b->arena, "/tasks/%zu/id", i);
		const struct json *id = json_pointer(v, at);
		paths[n++] = str_dupz(b->arena,
		                      str_fmt(b->arena, "/v1/tasks/" STR_FMT, STR_ARG(id->text)));
	}
	rc = slowest_ms(b, paths, n, &ms, &last, err);
	if (rc == RC_OK)
		figure_put(&b->figures, FIGURE_history_get_ms, ms);
	return rc;
}

static enum rc measure_history(struct bench *b, struct err *err)
{
	static const char *const lists[] = {
		"/v1/queues",
		"/v1/tasks?limit=100",
		"/v1/tasks?limit=100&state=failed",
		"/v1/tasks?limit=100&state=succeeded",
		"/v1/tasks?limit=100&kind=bench",
		"/v1/tasks?limit=100&kind=bench&state=succeeded",
	};
	double ms;
	struct str last;
	enum rc rc = slowest_ms(b, lists, ARRAY_LEN(lists), &ms, &last, err);
	if (rc != RC_OK)
		return rc;
	figure_put(&b->figures, FIGURE_history_list_ms, ms);
	return get_tasks(b, last, err);
}

enum rc scene_depth(struct bench *b, struct err *err)
{
	enum rc rc = bench_start(b, "depth", true, err);
	if (rc == RC_OK)
		rc = measure_leases(b, err);
	if (rc == RC_OK)
		rc = measure_restarts(b, err);
	if (rc == RC_OK)
		rc = drain(b, err);
	if (rc == RC_OK)
		rc = measure_history(b, err);
	served_stop(&b->takt);
	return rc;
}
