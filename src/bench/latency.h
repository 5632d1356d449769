/* Many durations, and where their middle and their end lie. */
#ifndef TAKT_BENCH_LATENCY_H
#define TAKT_BENCH_LATENCY_H

#include "base/base.h"

struct latencies {
	uint32_t *us;
	size_t n, cap;
};
void latency_add(struct latencies *l, int64_t us);
void latency_sort(struct latencies *l);
/* Of 1,000, `per_mille` are at most so long; sorted first.  0 when there is none. */
int64_t latency_at(const struct latencies *l, size_t per_mille);
void latencies_fini(struct latencies *l);

#endif
