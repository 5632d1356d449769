/* The middle of several rounds: see figures.h. */
#include "bench/figures.h"

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

void figure_put(struct figures *f, enum figure which, double value)
{
	assert(f->n[which] < ROUNDS_MAX);
	f->values[which][f->n[which]++] = value;
}

bool figure_is_measured(const struct figures *f, enum figure which)
{
	return f->n[which] > 0;
}

static double nth(const struct figures *f, enum figure which, int n)
{
	double sorted[ROUNDS_MAX];
	assert(n >= 0 && n < f->n[which]);
	memcpy(sorted, f->values[which], sizeof sorted);
	qsort(sorted, (size_t)f->n[which], sizeof *sorted, by_size);
	return sorted[n];
}

double figure_median(const struct figures *f, enum figure which)
{
	int n = f->n[which];
	return (nth(f, which, (n - 1) / 2) + nth(f, which, n / 2)) / 2;
}

double figure_least(const struct figures *f, enum figure which)
{
	return nth(f, which, 0);
}

double figure_most(const struct figures *f, enum figure which)
{
	return nth(f, which, f->n[which] - 1);
}
