/* The metrics in Prometheus' text format: see metrics.h. */
#include <math.h>

#include "observe/metrics.h"

#include "base/str.h"
#include "observe/requests.h"
#include "sys/count.h"
#include "sys/self.h"

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

static void add_labels(struct buf *out, const struct metrics_label *labels)
{
	size_t n = 0;
	for (; n < METRICS_LABELS_MAX && labels[n].name; n++) {
		buf_addf(out, "%s%s=\"", n ? "," : "{", labels[n].name);
		add_label_value(out, labels[n].value);
		buf_addc(out, '"');
	}
	if (n)
		buf_addc(out, '}');
}

static void add_samples(struct buf *out, const struct metrics_sample *s)
{
	const char *last = NULL;
	for (; s; s = s->next) {
		if (!last || strcmp(last, s->metric) != 0)
			metrics_head(out, s->metric, s->help, s->type);
		last = s->metric;
		buf_addz(out, s->metric);
		add_labels(out, s->labels);
		buf_addc(out, ' ');
		add_value(out, s->value);
		buf_addc(out, '\n');
	}
}

static void add_counters(struct buf *out)
{
	for (size_t i = 0; i < COUNT_COUNT; i++) {
		const struct count_info *info = &count_infos[i];
		metrics_head(out, info->metric, info->help,
		             info->type == COUNT_TYPE_COUNTER ? METRIC_COUNTER : METRIC_GAUGE);
		buf_addf(out, "%s %lld\n", info->metric, (long long)count_get((enum count)i));
	}
}

/* The names that Prometheus' own client libraries use, so that dashboards fit.  What the
 * system does not say is left out: a wrong number is worse than none. */
static void add_process(struct buf *out)
{
	const struct metrics_sample samples[] = {
		{ .metric = "process_resident_memory_bytes",
		  .help = "Resident memory of the server",
		  .type = METRIC_GAUGE,
		  .value = (double)self_memory_bytes() },
		{ .metric = "process_open_fds",
		  .help = "Open file descriptors",
		  .type = METRIC_GAUGE,
		  .value = (double)self_open_fds() },
		{ .metric = "process_cpu_seconds_total",
		  .help = "Processor time spent, user and system",
		  .type = METRIC_COUNTER,
		  .value = self_cpu_seconds() },
		{ .metric = "process_start_time_seconds",
		  .help = "Start of the process since 1970",
		  .type = METRIC_GAUGE,
		  .value = (double)self_started_at_ms() / 1000 },
	};
	for (size_t i = 0; i < ARRAY_LEN(samples); i++)
		if (samples[i].value >= 0)
			add_samples(out, &samples[i]);
}

void metrics_text(struct buf *out, const struct metrics_sample *extra)
{
	add_counters(out);
	add_process(out);
	requests_text(out);
	add_samples(out, extra);
}
