/* The metrics in Prometheus' text format: see metrics.h. */
#include <math.h>

#include "observe/metrics.h"

#include "base/str.h"
#include "observe/overview.h"
#include "observe/requests.h"
#include "sys/count.h"

void metrics_head(struct buf *out, const char *metric, const char *help, enum metric_type type)
{
	static const char *const types[] = { [METRIC_COUNTER] = "counter",
		                             [METRIC_GAUGE] = "gauge",
		                             [METRIC_HISTOGRAM] = "histogram" };
	assert((size_t)type < ARRAY_LEN(types));
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", metric, help, metric, types[type]);
}

/* Whole numbers as such: a counter must not lose its last digits to an exponent.  15
 * digits hold a time since 1970 to the microsecond. */
static void add_value(struct buf *out, double v)
{
	if (isnan(v))
		buf_addz(out, "NaN");
	else if (isinf(v))
		buf_addz(out, v > 0 ? "+Inf" : "-Inf");
	else if (v == floor(v) && fabs(v) < 1e15)
		buf_add_i64(out, (int64_t)v);
	else
		buf_addf(out, "%.15g", v);
}

static void add_label_value(struct buf *out, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		if (c == '\\' || c == '"')
			buf_addc(out, '\\');
		if (c == '\n')
			buf_addz(out, "\\n");
		else
			buf_addc(out, c);
	}
}

/* One sample; with a label when `label` is not NULL. */
static void sample(struct buf *out, const char *metric, const char *label, struct str value,
                   double v)
{
	buf_addz(out, metric);
	if (label) {
		buf_addf(out, "{%s=\"", label);
		add_label_value(out, value);
		buf_addz(out, "\"}");
	}
	buf_addc(out, ' ');
	add_value(out, v);
	buf_addc(out, '\n');
}

/* What the system does not say is left out: a wrong number is worse than none. */
static void single(struct buf *out, const char *metric, const char *help, enum metric_type type,
                   double v)
{
	if (v < 0)
		return;
	metrics_head(out, metric, help, type);
	sample(out, metric, NULL, (struct str){ 0 }, v);
}

/* --- What is counted --- */

static void add_counters(struct buf *out)
{
	for (size_t i = 0; i < COUNT_COUNT; i++) {
		const struct count_info *info = &count_infos[i];
		metrics_head(out, info->metric, info->help,
		             info->type == COUNT_TYPE_COUNTER ? METRIC_COUNTER : METRIC_GAUGE);
		buf_addf(out, "%s %lld\n", info->metric, (long long)count_get((enum count)i));
	}
}

static void add_refused(struct buf *out)
{
	static const char metric[] = "takt_engine_refused_total";
	metrics_head(out, metric, "Commands refused, by the code of the error", METRIC_COUNTER);
	for (size_t i = 0; i < CODE_COUNT; i++) {
		int64_t n = atomic_load_explicit(&count_refused[i], memory_order_relaxed);
		if (n)
			sample(out, metric, "code", str_z(code_text((enum code)i)), (double)n);
	}
}

static void add_histogram(struct buf *out, enum histogram h)
{
	const struct histogram_info *info = &histogram_infos[h];
	int64_t spans[HISTOGRAM_BOUNDS_MAX + 1], sum, so_far = 0;
	size_t n;
	const int64_t *bounds = histogram_bounds(h, &n);
	double unit = info->unit == HISTOGRAM_SECONDS ? 1e6 : 1;
	histogram_get(h, spans, &sum);
	metrics_head(out, info->metric, info->help, METRIC_HISTOGRAM);
	for (size_t i = 0; i < n; i++) {
		so_far += spans[i];
		buf_addf(out, "%s_bucket{le=\"%g\"} %lld\n", info->metric, (double)bounds[i] / unit,
		         (long long)so_far);
	}
	so_far += spans[n];
	buf_addf(out, "%s_bucket{le=\"+Inf\"} %lld\n%s_sum ", info->metric, (long long)so_far,
	         info->metric);
	add_value(out, (double)sum / unit);
	buf_addf(out, "\n%s_count %lld\n", info->metric, (long long)so_far);
}

/* --- What a look shows --- */

/* The names that Prometheus' own client libraries use, so that dashboards fit. */
static void add_process(struct buf *out, const struct overview_process *p)
{
	single(out, "process_resident_memory_bytes", "Resident memory of the server", METRIC_GAUGE,
	       (double)p->memory_bytes);
	single(out, "process_virtual_memory_bytes", "Address space of the server", METRIC_GAUGE,
	       (double)p->virtual_bytes);
	single(out, "process_open_fds", "Open file descriptors", METRIC_GAUGE, (double)p->fds);
	single(out, "process_max_fds", "Most file descriptors it may open", METRIC_GAUGE,
	       (double)p->fds_max);
	single(out, "process_cpu_seconds_total", "Processor time spent, user and system",
	       METRIC_COUNTER, p->cpu_seconds);
	single(out, "process_start_time_seconds", "Start of the process since 1970", METRIC_GAUGE,
	       (double)p->started_ms / 1000);
}

static void add_store(struct buf *out, const struct store_figures *s)
{
	single(out, "takt_store_database_bytes", "Size of the database", METRIC_GAUGE,
	       (double)s->database_bytes);
	single(out, "takt_store_wal_bytes", "Size of the write-ahead log's file", METRIC_GAUGE,
	       (double)s->wal_bytes);
	single(out, "takt_store_free_bytes", "Free space on the data folder's disk", METRIC_GAUGE,
	       (double)s->free_bytes);
	single(out, "takt_store_readers", "Connections that read now", METRIC_GAUGE,
	       (double)s->readers);
	single(out, "takt_store_oldest_reader_seconds",
	       "How long the longest reader has had its connection, and so perhaps its snapshot",
	       METRIC_GAUGE, (double)s->oldest_reader_us / 1e6);
}

static void queue_tasks(struct buf *out, const struct overview_queue *q, struct str name)
{
	for (enum task_state s = TASK_SCHEDULED; s <= TASK_LEASED; s++) {
		buf_addz(out, "takt_queue_tasks{queue=\"");
		add_label_value(out, name);
		buf_addf(out, "\",state=\"%s\"} %lld\n", task_state_text(s),
		         (long long)q->by_state[s]);
	}
}

static void queue_age(struct buf *out, const struct overview_queue *q, struct str name)
{
	if (q->oldest_ms >= 0)
		sample(out, "takt_queue_oldest_ready_seconds", "queue", name,
		       (double)q->oldest_ms / 1000);
}

static void each_queue(struct buf *out, const struct overview *o,
                       void (*fn)(struct buf *, const struct overview_queue *, struct str))
{
	for (size_t i = 0; i < o->n_queues; i++)
		fn(out, &o->queues[i], o->queues[i].name);
	if (o->n_rest)
		fn(out, &o->rest, STR(METRICS_QUEUE_REST));
}

static void add_engine(struct buf *out, const struct overview *o)
{
	static const char runs[] = "takt_runs";
	metrics_head(out, "takt_queue_tasks", "Tasks that have not ended, by queue and state",
	             METRIC_GAUGE);
	each_queue(out, o, queue_tasks);
	metrics_head(out, "takt_queue_oldest_ready_seconds",
	             "Age of the oldest task of a queue that is ready", METRIC_GAUGE);
	each_queue(out, o, queue_age);
	single(out, "takt_dead_letters", "Dead letters there are, counted up to 10000",
	       METRIC_GAUGE, (double)o->dead);
	metrics_head(out, runs, "Runs by state, each counted up to 10000", METRIC_GAUGE);
	for (enum run_state s = RUN_RUNNING; s < RUN_STATES; s++)
		if (!run_is_over(s) || s == RUN_COMPENSATION_FAILED)
			sample(out, runs, "state", str_z(run_state_text(s)), (double)o->runs[s]);
	metrics_head(out, "takt_build_info", "Always 1; what runs", METRIC_GAUGE);
	buf_addf(out, "takt_build_info{version=\"%s\",schema=\"%lld\"} 1\n", o->version,
	         (long long)o->schema_version);
}

void metrics_text(struct buf *out, const struct overview *o)
{
	add_counters(out);
	add_refused(out);
	for (enum histogram h = 0; h < HISTOGRAM_COUNT; h++)
		add_histogram(out, h);
	add_engine(out, o);
	add_store(out, &o->store);
	add_process(out, &o->process);
	requests_text(out);
}
