/* The metrics in Prometheus' text format (0.0.4): counters and histograms of sys/count.h,
 * requests by route, and what a look at the engine shows (observe/overview.h).
 *
 * Labels are bounded: routes are templates, codes are those of base.h, queues are the
 * OVERVIEW_QUEUES that wait longest, and QUEUE_REST for all others. */
#ifndef TAKT_OBSERVE_METRICS_H
#define TAKT_OBSERVE_METRICS_H

#include "base/base.h"

struct buf;
struct overview;

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* The label of what is added up: no name of a queue has brackets. */
#define METRICS_QUEUE_REST "(rest)"

/* Any thread.  Appends everything.  What does not fit shows in buf_rc(). */
void metrics_text(struct buf *out, const struct overview *o);

/* The two lines above the samples of a metric. */
void metrics_head(struct buf *out, const char *metric, const char *help, enum metric_type type);

#endif
