/* Counters of the process, written once in a table, exposed by observe/.
 *
 * Names follow Prometheus' conventions.  Counting is a relaxed atomic add, from any
 * thread.  A gauge is set, a counter only grows, a histogram has fixed bounds. */
#ifndef TAKT_SYS_COUNT_H
#define TAKT_SYS_COUNT_H

#include <stdatomic.h>

#include "base/base.h"

#define COUNT_TABLE(X)                                                                             \
	X(HTTP_CONNECTIONS, COUNTER, "takt_http_connections_total", "Connections accepted")        \
	X(HTTP_OPEN, GAUGE, "takt_http_connections_open", "Connections open now")                  \
	X(HTTP_REFUSED, COUNTER, "takt_http_refused_total",                                        \
	  "Requests refused by the protocol gate")                                                 \
	X(HTTP_HANGUPS, COUNTER, "takt_http_hangups_total", "Clients gone before their answer")    \
	X(COMMITS, COUNTER, "takt_store_commits_total", "Transactions made durable")               \
	X(COMMANDS, COUNTER, "takt_engine_commands_total", "Commands applied by the engine")       \
	X(BATCH_LAST, GAUGE, "takt_engine_batch_commands", "Commands in the last batch")           \
	X(COMMIT_US, COUNTER, "takt_store_commit_microseconds_total", "Time spent committing")     \
	X(SHED, COUNTER, "takt_engine_shed_total", "Commands refused because of overload")         \
	X(TASKS_SUBMITTED, COUNTER, "takt_tasks_submitted_total", "Tasks submitted")               \
	X(TASKS_LEASED, COUNTER, "takt_tasks_leased_total", "Leases granted")                      \
	X(TASKS_SUCCEEDED, COUNTER, "takt_tasks_succeeded_total", "Tasks that succeeded")          \
	X(TASKS_FAILED, COUNTER, "takt_tasks_failed_total", "Tasks that failed for good")          \
	X(TASKS_CANCELLED, COUNTER, "takt_tasks_cancelled_total", "Tasks cancelled")               \
	X(TASKS_RETRIED, COUNTER, "takt_tasks_retried_total", "Attempts that will be retried")     \
	X(LEASES_LOST, COUNTER, "takt_leases_lost_total", "Leases that ran out unanswered")        \
	X(LATE, COUNTER, "takt_late_completions_total", "Completions refused as too late")         \
	X(POLLERS, GAUGE, "takt_lease_pollers", "Lease requests waiting now")                      \
	X(STREAMS, GAUGE, "takt_event_streams", "Event streams open now")                          \
	X(RUNS_STARTED, COUNTER, "takt_runs_started_total", "Runs started")                        \
	X(RUNS_ENDED, COUNTER, "takt_runs_ended_total", "Runs that ended")

enum count {
#define X(name, type, metric, help) COUNT_##name,
	COUNT_TABLE(X)
#undef X
	        COUNT_COUNT
};

enum count_type { COUNT_TYPE_COUNTER, COUNT_TYPE_GAUGE };
struct count_info {
	const char *metric, *help;
	enum count_type type;
};
extern const struct count_info count_infos[COUNT_COUNT];
extern _Atomic int64_t count_values[COUNT_COUNT];

static inline void count_add(enum count c, int64_t n)
{
	atomic_fetch_add_explicit(&count_values[c], n, memory_order_relaxed);
}

static inline void count_set(enum count c, int64_t v)
{
	atomic_store_explicit(&count_values[c], v, memory_order_relaxed);
}

static inline int64_t count_get(enum count c)
{
	return atomic_load_explicit(&count_values[c], memory_order_relaxed);
}

#endif
