/* The metrics in Prometheus' text format (0.0.4): counters of sys/count.h, figures of the
 * process, requests by route, and what the caller adds, such as depths of queues. */
#ifndef TAKT_OBSERVE_METRICS_H
#define TAKT_OBSERVE_METRICS_H

#include "base/base.h"

struct buf;

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metrics_label {
	const char *name; /* NULL ends the list */
	struct str value; /* UTF-8; escaped as needed */
};

enum { METRICS_LABELS_MAX = 3 };

/* One number.  Those of one metric stand next to each other in the list. */
struct metrics_sample {
	const char *metric, *help; /* static; no line feed in help */
	enum metric_type type;     /* counter or gauge */
	struct metrics_label labels[METRICS_LABELS_MAX];
	double value;
	const struct metrics_sample *next;
};

/* Any thread.  Appends everything; `extra` may be NULL.  What does not fit shows in
 * buf_rc().  Reads a few files of /proc: some 50 µs. */
void metrics_text(struct buf *out, const struct metrics_sample *extra);

/* The two lines above the samples of a metric. */
void metrics_head(struct buf *out, const char *metric, const char *help, enum metric_type type);

#endif
