/* The middle of several rounds: see figures.h. */
#include "bench/figures.h"

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double nth(const struct figures *f, enum figure which, int n)
{
	double sorted[ROUNDS_MAX];
	assert(f->rounds > 0 && f->rounds <= ROUNDS_MAX && n < f->rounds);
	memcpy(sorted, f->values[which], sizeof sorted);
	qsort(sorted, (size_t)f->rounds, sizeof *sorted, by_size);
	return sorted[n];
}

double figure_median(const struct figures *f, enum figure which)
{
	return (nth(f, which, (f->rounds - 1) / 2) + nth(f, which, f->rounds / 2)) / 2;
}

double figure_least(const struct figures *f, enum figure which)
{
	return nth(f, which, 0);
}

double figure_most(const struct figures *f, enum figure which)
{
	return nth(f, which, f->rounds - 1);
}
