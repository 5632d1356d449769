/* What was measured in one run, and the middle of several. */
#ifndef TAKT_BENCH_FIGURES_H
#define TAKT_BENCH_FIGURES_H

#include "base/base.h"

/* X(name, places, unit, what it means).  Places: digits behind the point. */
#define FIGURE_TABLE(X)                                                                            \
	X(echo_per_s, 0, "/s", "requests that a bare epoll echo answers: what the machine allows") \
	X(submit_per_s, 0, "/s", "durable submits over HTTP: each is on the disk when answered")   \
	X(submit_ratio, 3, "", "submits for each request of the echo, same round")                 \
	X(submit_p50_us, 0, "us", "half of the submits are answered within")                       \
	X(submit_p99_us, 0, "us", "and 99 of 100 within")                                          \
	X(submit_cpu_us, 1, "us", "processor time of the server for each submit")                  \
	X(keyed_per_s, 0, "/s", "durable submits, each with an idempotency key")                   \
	X(keyed_ratio, 3, "", "those for each request of the echo, same round")                    \
	X(keyed_cpu_us, 1, "us", "processor time of the server for each of those")                 \
	X(lifecycle_per_s, 0, "/s", "tasks submitted, leased and completed: three requests each")  \
	X(lifecycle_p50_us, 0, "us", "half of the lifecycles take at most")                        \
	X(lifecycle_cpu_us, 1, "us", "processor time of the server for each lifecycle")            \
	X(submit_batch_per_s, 0, "/s", "durable submits, a hundred in a request")                  \
	X(lifecycle_batch_per_s, 0, "/s", "lifecycles, a hundred in each of three requests")       \
	X(lifecycle_batch_cpu_us, 1, "us", "processor time of the server for each of those")       \
	X(dispatch_p50_us, 0, "us", "from a submit to a waiting worker, at 1,000/s: half within")  \
	X(dispatch_p99_us, 0, "us", "and 99 of 100 within")                                        \
	X(dispatch_fanout_p99_us, 0, "us", "the same while a run starts 10,000 tasks")             \
	X(batch_mean, 1, "", "submits made durable by one commit")                                 \
	X(fdatasync_per_s, 0, "/s", "durable writes of 4 KiB, one after the other")                \
	X(fdatasync_p50_us, 0, "us", "half of them take at most")                                  \
	X(fdatasync_p99_us, 0, "us", "and 99 of 100 at most")                                      \
	X(ready_ms, 0, "ms", "from starting takt serve on a fresh folder to its being ready")      \
	X(rss_idle_kb, 0, "KiB", "memory of the server process before any work")                   \
	X(pss_family_kb, 0, "KiB",                                                                 \
	  "memory of supervisor, server and workers, what they share once")                        \
	X(rss_loaded_kb, 0, "KiB", "the same after the load")                                      \
	X(rss_million_kb, 0, "KiB", "memory of the server with the queued tasks")                  \
	X(lease_million_ratio, 2, "", "a lease behind the queued tasks, to one with none of them") \
	X(ready_million_ms, 0, "ms", "from starting to being ready with the queued tasks")         \
	X(ready_after_kill_ms, 0, "ms", "the same after kill -9 of all processes under load")      \
	X(history_list_ms, 1, "ms", "the slowest of the lists with the tasks in history")          \
	X(history_get_ms, 1, "ms", "a task of that history, the slowest of a hundred")             \
	X(rss_10k_agents_kb, 0, "KiB", "memory of the server with the agents in long polls")       \
	X(hangup_ms, 0, "ms", "until the last of a hundred agents that hang up is noticed")        \
	X(sse_cpu_share, 3, "", "cores the server needs for the readers at 200 events/s")          \
	X(sse_reader_kb, 1, "KiB", "memory for each reader of the event stream")

enum figure {
#define X(name, places, unit, help) FIGURE_##name,
	FIGURE_TABLE(X)
#undef X
	        FIGURES
};

enum { ROUNDS_MAX = 15 };

struct figures {
	int rounds;
	double values[FIGURES][ROUNDS_MAX];
	int n[FIGURES];              /* how many; some are measured once */
	int64_t acknowledged, found; /* submits, at the end */
	int connections;
	int64_t round_ms;
	int input_bytes;
	int64_t tasks, agents, readers; /* of the scenes behind the rounds */
};

void figure_put(struct figures *f, enum figure which, double value);
bool figure_is_measured(const struct figures *f, enum figure which);
double figure_median(const struct figures *f, enum figure which);
double figure_least(const struct figures *f, enum figure which);
double figure_most(const struct figures *f, enum figure which);

struct buf;
void report_table(const struct figures *f, struct buf *out);
void report_json(const struct figures *f, struct buf *out);

#endif
