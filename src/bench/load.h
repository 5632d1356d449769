/* The load: one thread, one epoll, so many keep-alive connections, each with one request
 * under way (closed loop).  What is said on them is a talk: talk.h.
 *
 * Closed loop means: a slow server is asked less, so its latencies flatter it.  The
 * figures are for comparing servers and versions, not for promising a latency; for that
 * there is dispatch.h. */
#ifndef TAKT_BENCH_LOAD_H
#define TAKT_BENCH_LOAD_H

#include "base/base.h"

struct talk;

enum { LOAD_CONNECTIONS_MAX = 1024 };

struct load_result {
	int64_t rounds; /* of the talk that have ended, each as it should */
	int64_t us;     /* from the first request to the last answer */
	int64_t p50_us, p99_us;
};

struct load_plan {
	int port;
	struct talk *talk;
	int connections;
	int64_t ms;         /* how long rounds are begun */
	int64_t rounds_max; /* and at most so many; 0: no limit */
	bool is_cut_off;    /* ends at once when the time is over, in the middle of rounds */
};
/* Runs by the plan, then waits until every connection is at the end of a round.  CODE_CONFLICT
 * when an answer is not what the talk wants (its first bytes are in the text), CODE_IO when
 * a connection ends. */
enum rc load_run(const struct load_plan *plan, struct load_result *ret, struct err *err) MUST_USE;

#endif
