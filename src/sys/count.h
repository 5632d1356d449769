/* Counters of the process, written once in a table, exposed by observe/.
 *
 * Names follow Prometheus' conventions.  Counting is a relaxed atomic add, from any
 * thread.  A gauge is set, a counter only grows, a histogram has fixed bounds and knows
 * its newest values, from which the quantiles of GET /v1/status come.
 *
 * What the engine does inside a transaction is counted by tx_count() (store/writer.h), so
 * that it counts once, after the commit, however often it was applied.
 * docs/reference/metrics.md is held against these tables by tests/docs. */
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
	X(CHECKPOINTS, COUNTER, "takt_store_checkpoints_total",                                    \
	  "Times the write-ahead log was moved into the database")                                 \
	X(CHECKPOINTS_HELD, COUNTER, "takt_store_checkpoints_held_total",                          \
	  "Checkpoints that a reader's snapshot kept from moving everything")                      \
	X(WAL_PENDING, GAUGE, "takt_store_wal_pending_bytes",                                      \
	  "What the write-ahead log holds that the database does not")                             \
	X(COMMANDS, COUNTER, "takt_engine_commands_total", "Commands applied and made durable")    \
	X(BATCHES_AGAIN, COUNTER, "takt_engine_batches_again_total",                               \
	  "Batches applied a second time because one command had to be undone alone")              \
	X(PENDING, GAUGE, "takt_engine_commands_waiting", "Commands on their way to the engine")   \
	X(EVENTS, COUNTER, "takt_events_total", "Events written")                                  \
	X(SHED, COUNTER, "takt_engine_shed_total", "Commands refused because of overload")         \
	X(TASKS_SUBMITTED, COUNTER, "takt_tasks_submitted_total", "Tasks submitted")               \
	X(TASKS_LEASED, COUNTER, "takt_tasks_leased_total", "Leases granted")                      \
	X(TASKS_SUCCEEDED, COUNTER, "takt_tasks_succeeded_total", "Tasks that succeeded")          \
	X(TASKS_FAILED, COUNTER, "takt_tasks_failed_total", "Tasks that failed for good")          \
	X(TASKS_DEAD, COUNTER, "takt_tasks_dead_total", "Tasks that became dead letters")          \
	X(TASKS_CANCELLED, COUNTER, "takt_tasks_cancelled_total", "Tasks cancelled")               \
	X(TASKS_RETRIED, COUNTER, "takt_tasks_retried_total", "Attempts that will be retried")     \
	X(LEASES_LOST, COUNTER, "takt_leases_lost_total", "Leases that ran out unanswered")        \
	X(LATE, COUNTER, "takt_late_completions_total", "Completions refused as too late")         \
	X(POLLERS, GAUGE, "takt_lease_pollers", "Lease requests waiting now")                      \
	X(AGENTS_LIVE, GAUGE, "takt_agents_live", "Agents that are seen")                          \
	X(AGENTS_SILENT, GAUGE, "takt_agents_silent", "Agents that are not seen any more")         \
	X(AGENTS_GONE, GAUGE, "takt_agents_gone", "Agents that have not been seen for long")       \
	X(AGENTS_DRAINING, GAUGE, "takt_agents_draining", "Agents that get no new leases")         \
	X(STREAMS, GAUGE, "takt_event_streams", "Event streams open now")                          \
	X(STREAMS_DROPPED, COUNTER, "takt_event_streams_dropped_total",                            \
	  "Event streams closed because their reader was too slow")                                \
	X(POOL_WAITING, GAUGE, "takt_pool_jobs_waiting", "Reads and files waiting for a thread")   \
	X(RUNS_STARTED, COUNTER, "takt_runs_started_total", "Runs started")                        \
	X(RUNS_SUCCEEDED, COUNTER, "takt_runs_succeeded_total", "Runs that succeeded")             \
	X(RUNS_FAILED, COUNTER, "takt_runs_failed_total",                                          \
	  "Runs that failed, with those whose compensation failed")                                \
	X(RUNS_CANCELLED, COUNTER, "takt_runs_cancelled_total", "Runs cancelled")

/* Bounds are SECONDS (values are microseconds) or COMMANDS. */
#define HISTOGRAM_TABLE(X)                                                                         \
	X(BATCH, COMMANDS, "takt_engine_batch_commands", "Commands in one transaction")            \
	X(WAIT, SECONDS, "takt_engine_wait_seconds", "Time a command waited for its batch")        \
	X(APPLY, SECONDS, "takt_engine_apply_seconds", "Time a batch took before its commit")      \
	X(COMMIT, SECONDS, "takt_store_commit_seconds",                                            \
	  "Time to make a transaction durable: writing the log and the disk's sync")               \
	X(CHECKPOINT, SECONDS, "takt_store_checkpoint_seconds", "Time of a checkpoint")            \
	X(POOL_WAIT, SECONDS, "takt_pool_wait_seconds",                                            \
	  "Time a read or file waited for a thread of the pool")                                   \
	X(LOOP_TURN, SECONDS, "takt_loop_turn_seconds",                                            \
	  "Time one turn of the HTTP loop took: so much later the next event is seen")

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

/* Commands refused, by their error's code. */
extern _Atomic int64_t count_refused[CODE_COUNT];

enum histogram {
#define X(name, bounds, metric, help) HISTOGRAM_##name,
	HISTOGRAM_TABLE(X)
#undef X
	        HISTOGRAM_COUNT
};

enum { HISTOGRAM_BOUNDS_MAX = 17, HISTOGRAM_RECENT = 256 };
enum histogram_unit { HISTOGRAM_SECONDS, HISTOGRAM_COMMANDS };
struct histogram_info {
	const char *metric, *help;
	enum histogram_unit unit;
};
extern const struct histogram_info histogram_infos[HISTOGRAM_COUNT];

/* Upper bounds, inclusive, ascending; in the unit of the values. */
const int64_t *histogram_bounds(enum histogram h, size_t *ret_n);
/* Any thread. */
void histogram_add(enum histogram h, int64_t value);
/* The counts of the spans (the last: above all bounds), and the sum of the values. */
void histogram_get(enum histogram h, int64_t spans[HISTOGRAM_BOUNDS_MAX + 1], int64_t *ret_sum);
/* Of the newest HISTOGRAM_RECENT values; p is 0 … 100; 0 when there is none. */
int64_t histogram_recent(enum histogram h, int p);

#endif
