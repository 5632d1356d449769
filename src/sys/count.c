/* The values and descriptions of the counters: see count.h. */
#include <stdlib.h>

#include "sys/count.h"

const struct count_info count_infos[COUNT_COUNT] = {
#define X(name, type, metric, help) [COUNT_##name] = { metric, help, COUNT_TYPE_##type },
	COUNT_TABLE(X)
#undef X
};

_Atomic int64_t count_values[COUNT_COUNT];
_Atomic int64_t count_refused[CODE_COUNT];

/* --- Histograms --- */

struct values {
	_Atomic int64_t spans[HISTOGRAM_BOUNDS_MAX + 1];
	_Atomic int64_t sum;
	_Atomic uint64_t n;
	_Atomic int64_t recent[HISTOGRAM_RECENT];
};
static struct values values[HISTOGRAM_COUNT];

const struct histogram_info histogram_infos[HISTOGRAM_COUNT] = {
#define X(name, bounds, metric, help) [HISTOGRAM_##name] = { metric, help, HISTOGRAM_##bounds },
	HISTOGRAM_TABLE(X)
#undef X
};

static const int64_t seconds_bounds[] = { 50,     100,     200,     500,     1000,    2000,
	                                  5000,   10000,   20000,   50000,   100000,  200000,
	                                  500000, 1000000, 2000000, 5000000, 10000000 };
static const int64_t commands_bounds[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500 };

const int64_t *histogram_bounds(enum histogram h, size_t *ret_n)
{
	bool is_seconds = histogram_infos[h].unit == HISTOGRAM_SECONDS;
	*ret_n = is_seconds ? ARRAY_LEN(seconds_bounds) : ARRAY_LEN(commands_bounds);
	return is_seconds ? seconds_bounds : commands_bounds;
}

static void add(_Atomic int64_t *v, int64_t n)
{
	atomic_fetch_add_explicit(v, n, memory_order_relaxed);
}

void histogram_add(enum histogram h, int64_t value)
{
	struct values *v = &values[h];
	size_t n, i = 0;
	const int64_t *bounds = histogram_bounds(h, &n);
	value = int64_max(value, 0);
	while (i < n && value > bounds[i])
		i++;
	add(&v->spans[i], 1);
	add(&v->sum, value);
	uint64_t at = atomic_fetch_add_explicit(&v->n, 1, memory_order_relaxed);
	atomic_store_explicit(&v->recent[at % HISTOGRAM_RECENT], value, memory_order_relaxed);
}

void histogram_get(enum histogram h, int64_t spans[HISTOGRAM_BOUNDS_MAX + 1], int64_t *ret_sum)
{
	for (size_t i = 0; i <= HISTOGRAM_BOUNDS_MAX; i++)
		spans[i] = atomic_load_explicit(&values[h].spans[i], memory_order_relaxed);
	*ret_sum = atomic_load_explicit(&values[h].sum, memory_order_relaxed);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

int64_t histogram_recent(enum histogram h, int p)
{
	assert(p >= 0 && p <= 100);
	int64_t sorted[HISTOGRAM_RECENT];
	uint64_t n = atomic_load_explicit(&values[h].n, memory_order_relaxed);
	n = n < HISTOGRAM_RECENT ? n : HISTOGRAM_RECENT;
	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		sorted[i] = atomic_load_explicit(&values[h].recent[i], memory_order_relaxed);
	qsort(sorted, n, sizeof *sorted, by_value);
	return sorted[(n - 1) * (size_t)p / 100];
}
