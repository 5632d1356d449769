/* The load: one thread, one epoll, so many keep-alive connections, each with one request
 * under way (closed loop).  The bytes of the request are prepared once; of an answer only
 * the status and the length are read.
 *
 * Closed loop means: a slow server is asked less, so its latencies flatter it.  The
 * figures are for comparing servers and versions, not for promising a latency. */
#ifndef TAKT_BENCH_LOAD_H
#define TAKT_BENCH_LOAD_H

#include "base/base.h"

struct buf;

enum { LOAD_CONNECTIONS_MAX = 1024, LOAD_COUNTER_DIGITS = 16 };

struct load_request {
	struct str bytes; /* head and body, as sent */
	/* Where LOAD_COUNTER_DIGITS digits stand that are to differ in each request (an
	 * idempotency key); SIZE_MAX: nowhere. */
	size_t counter_at;
	int status; /* what each answer must have */
};

struct load_result {
	int64_t answered; /* with the wanted status: acknowledged */
	int64_t us;       /* from the first request to the last answer */
	int64_t p50_us, p99_us;
};

/* Runs for `ms`, then waits for the answers that are due.  CODE_CONFLICT when an answer has
 * another status (its first bytes are in the text), CODE_IO when a connection ends.
 * `first` is the first number of the counters; they grow by one. */
enum rc load_run(int port, const struct load_request *request, int connections, int64_t ms,
                 int64_t first, struct load_result *ret, struct err *err) MUST_USE;

/* One request on a connection of its own; the body of the answer is in `ret`. */
enum rc load_ask(int port, struct str request, int status, struct buf *ret,
                 struct err *err) MUST_USE;

#endif
