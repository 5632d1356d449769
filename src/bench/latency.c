/* Many durations: see latency.h. */
#include "bench/latency.h"

void latency_add(struct latencies *l, int64_t us)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1 << 16;
		l->us = xrealloc(l->us, l->cap * sizeof *l->us);
	}
	l->us[l->n++] = (uint32_t)int64_min(us, UINT32_MAX);
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

void latency_sort(struct latencies *l)
{
	if (l->n)
		qsort(l->us, l->n, sizeof *l->us, by_size);
}

int64_t latency_at(const struct latencies *l, size_t per_mille)
{
	return l->n ? l->us[size_min(l->n * per_mille / 1000, l->n - 1)] : 0;
}

void latencies_fini(struct latencies *l)
{
	free(l->us);
	*l = (struct latencies){ 0 };
}
