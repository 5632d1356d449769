/* What the engine looks like now: GET /metrics for Prometheus, GET /v1/status for people,
 * dashboards and `takt top`.  One question, a bounded answer.
 *
 * Queues, runs and dead letters are those of who asks; the figures of the engine, the
 * store and the process are the whole server's. */
#include "api/rest/rest.h"
#include "observe/metrics.h"
#include "observe/overview.h"
#include "observe/requests.h"
#include "sys/count.h"
#include "sys/self.h"

enum { ACTIVE_RUNS = 20 };

static enum rc look(struct request *r, struct overview *o, struct err *err)
{
	const struct api_options *a = &r->api->o;
	const struct overview_sources from = { .store = a->store,
		                               .queue = a->queue,
		                               .flow = a->flow,
		                               .writer = a->writer,
		                               .version = TAKT_VERSION,
		                               .schema_version = a->schema_version };
	return overview_read(&from, r->scope, r->arena, o, err);
}

/* --- Metrics --- */

static enum rc metrics_on_pool(struct request *r, struct err *err)
{
	struct overview o;
	enum rc rc = look(r, &o, err);
	if (rc != RC_OK)
		return rc;
	r->content_type = STR(METRICS_CONTENT_TYPE);
	metrics_text(&r->out, &o);
	return RC_OK;
}

enum rc system_metrics(struct request *r, struct err *err)
{
	(void)err;
	return request_read(r, metrics_on_pool);
}

/* --- Status --- */

static void put_count(struct json_out *o, const char *key, enum count c)
{
	json_put_int(o, key, count_get(c));
}

static void put_recent(struct json_out *o, const char *key, enum histogram h)
{
	double unit = histogram_infos[h].unit == HISTOGRAM_SECONDS ? 1000 : 1;
	json_key(o, str_z(key));
	json_begin_object(o);
	json_keyz(o, "p50");
	json_double(o, (double)histogram_recent(h, 50) / unit);
	json_keyz(o, "p99");
	json_double(o, (double)histogram_recent(h, 99) / unit);
	json_end_object(o);
}

static int64_t refused_total(void)
{
	int64_t all = 0;
	for (size_t i = 0; i < CODE_COUNT; i++)
		all += atomic_load_explicit(&count_refused[i], memory_order_relaxed);
	return all;
}

static void put_engine(struct json_out *o)
{
	json_keyz(o, "engine");
	json_begin_object(o);
	put_count(o, "commands", COUNT_COMMANDS);
	json_put_int(o, "refused", refused_total());
	put_count(o, "shed", COUNT_SHED);
	put_count(o, "waiting", COUNT_PENDING);
	put_count(o, "commits", COUNT_COMMITS);
	put_count(o, "events", COUNT_EVENTS);
	put_recent(o, "batch", HISTOGRAM_BATCH);
	put_recent(o, "wait_ms", HISTOGRAM_WAIT);
	put_recent(o, "commit_ms", HISTOGRAM_COMMIT);
	put_recent(o, "loop_ms", HISTOGRAM_LOOP_TURN);
	json_end_object(o);
	json_keyz(o, "http");
	json_begin_object(o);
	json_put_int(o, "requests", requests_total());
	put_count(o, "connections", COUNT_HTTP_OPEN);
	put_count(o, "pollers", COUNT_POLLERS);
	put_count(o, "streams", COUNT_STREAMS);
	put_count(o, "streams_dropped", COUNT_STREAMS_DROPPED);
	put_count(o, "pool_waiting", COUNT_POOL_WAITING);
	json_end_object(o);
}

static void put_tasks(struct json_out *o, const struct overview *v)
{
	json_keyz(o, "tasks");
	json_begin_object(o);
	put_count(o, "submitted", COUNT_TASKS_SUBMITTED);
	put_count(o, "leased", COUNT_TASKS_LEASED);
	put_count(o, "succeeded", COUNT_TASKS_SUCCEEDED);
	put_count(o, "failed", COUNT_TASKS_FAILED);
	put_count(o, "cancelled", COUNT_TASKS_CANCELLED);
	put_count(o, "retried", COUNT_TASKS_RETRIED);
	put_count(o, "leases_lost", COUNT_LEASES_LOST);
	put_count(o, "late", COUNT_LATE);
	json_put_int(o, "dead", v->dead);
	json_end_object(o);
}

static void put_states(struct json_out *o, const struct overview_queue *q)
{
	for (enum task_state s = TASK_SCHEDULED; s <= TASK_LEASED; s++)
		json_put_int(o, task_state_text(s), q->by_state[s]);
	json_keyz(o, "oldest_ms");
	if (q->oldest_ms >= 0)
		json_int(o, q->oldest_ms);
	else
		json_null(o);
}

static void put_queues(struct json_out *o, const struct overview *v)
{
	json_keyz(o, "queues");
	json_begin_array(o);
	for (size_t i = 0; i < v->n_queues; i++) {
		const struct overview_queue *q = &v->queues[i];
		json_begin_object(o);
		json_put_str(o, "name", q->name);
		put_states(o, q);
		json_put_bool(o, "paused", q->is_paused);
		json_put_int(o, "ended_today", q->ended_today);
		json_end_object(o);
	}
	json_end_array(o);
	json_keyz(o, "queues_rest");
	json_begin_object(o);
	json_put_int(o, "queues", (int64_t)v->n_rest);
	put_states(o, &v->rest);
	json_end_object(o);
}

static void put_runs(struct json_out *o, const struct overview *v)
{
	json_keyz(o, "runs");
	json_begin_object(o);
	put_count(o, "started", COUNT_RUNS_STARTED);
	put_count(o, "succeeded", COUNT_RUNS_SUCCEEDED);
	put_count(o, "failed", COUNT_RUNS_FAILED);
	put_count(o, "cancelled", COUNT_RUNS_CANCELLED);
	for (enum run_state s = RUN_RUNNING; s < RUN_STATES; s++)
		if (!run_is_over(s) || s == RUN_COMPENSATION_FAILED)
			json_put_int(o, run_state_text(s), v->runs[s]);
	json_end_object(o);
}

static void put_agents(struct json_out *o, const struct agent_sum *a)
{
	json_keyz(o, "agents");
	json_begin_object(o);
	json_put_int(o, "known", a->agents);
	json_put_int(o, "starting", a->starting);
	json_put_int(o, "live", a->live);
	json_put_int(o, "silent", a->silent);
	json_put_int(o, "gone", a->gone);
	json_put_int(o, "draining", a->draining);
	json_put_int(o, "held", a->held);
	json_end_object(o);
}

static void put_store(struct json_out *o, const struct overview *v, int64_t low_bytes)
{
	const struct store_figures *s = &v->store;
	json_keyz(o, "store");
	json_begin_object(o);
	json_put_int(o, "database_bytes", s->database_bytes);
	json_put_int(o, "wal_bytes", s->wal_bytes);
	json_put_int(o, "free_bytes", s->free_bytes);
	json_put_int(o, "low_bytes", low_bytes);
	json_put_int(o, "readers", s->readers);
	json_put_int(o, "oldest_reader_ms", s->oldest_reader_us / 1000);
	json_end_object(o);
	const struct overview_process *p = &v->process;
	json_keyz(o, "process");
	json_begin_object(o);
	json_put_int(o, "pid", self_pid());
	json_put_int(o, "memory_bytes", p->memory_bytes);
	json_keyz(o, "cpu_seconds");
	json_double(o, p->cpu_seconds);
	json_put_int(o, "fds", p->fds);
	json_put_int(o, "fds_max", p->fds_max);
	json_end_object(o);
}

/* Newest first, of those that are not over. */
static enum rc put_active(struct request *r, struct json_out *o, struct err *err)
{
	static const enum run_state states[] = { RUN_RUNNING, RUN_COMPENSATING, RUN_WAITING };
	size_t left = ACTIVE_RUNS;
	json_keyz(o, "active_runs");
	json_begin_array(o);
	for (size_t i = 0; i < ARRAY_LEN(states) && left; i++) {
		const struct run_filter f = { .state = (int)states[i], .limit = left };
		struct run *runs;
		size_t n;
		enum rc rc = run_list(r->api->o.flow, r->scope, &f, r->arena, &runs, &n, err);
		if (rc != RC_OK)
			return rc;
		for (size_t k = 0; k < n; k++) {
			json_begin_object(o);
			put_id(o, "id", "run", runs[k].id);
			json_put_str(o, "workflow", runs[k].workflow);
			json_put_str(o, "state", str_z(run_state_text(runs[k].state)));
			put_time(o, "created_at", runs[k].created_ms);
			json_put_int(o, "steps_done", runs[k].steps_done);
			json_put_int(o, "steps_total", runs[k].steps_total);
			json_end_object(o);
		}
		left -= n;
	}
	json_end_array(o);
	return RC_OK;
}

static void put_server(struct request *r, struct json_out *o, const struct overview *v)
{
	json_put_str(o, "version", STR(TAKT_VERSION));
	json_put_int(o, "schema_version", r->api->o.schema_version);
	json_put_str(o, "state", str_z(r->state));
	put_time(o, "now", v->now_ms);
	put_time(o, "started_at", r->api->started_ms);
}

static enum rc status_on_pool(struct request *r, struct err *err)
{
	struct overview v;
	int64_t last;
	enum rc rc = look(r, &v, err);
	if (rc == RC_OK)
		rc = event_last(r->api->o.store, r->scope, &last, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_server(r, &o, &v);
	put_engine(&o);
	put_tasks(&o, &v);
	put_queues(&o, &v);
	put_runs(&o, &v);
	rc = put_active(r, &o, err);
	if (rc != RC_OK)
		return rc;
	put_agents(&o, &v.agents);
	put_store(&o, &v, r->api->o.disk_low_bytes);
	json_put_int(&o, "last_event", last);
	json_end_object(&o);
	return RC_OK;
}

/* Whether it drains is the loop's to know, so it is asked here, not on the pool. */
enum rc system_status(struct request *r, struct err *err)
{
	static char ready[] = "ready", draining[] = "draining";
	(void)err;
	r->state = r->api->is_draining ? draining : ready;
	return request_read(r, status_on_pool);
}
