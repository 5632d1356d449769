/* splitmix64, and FNV-1a over what was told. */
#include "chance.h"

static uint64_t state, sum;

void chance_begin(uint64_t seed)
{
	state = seed;
	sum = 14695981039346656037u;
}

uint64_t next_random(void)
{
	state += 0x9e3779b97f4a7c15u;
	uint64_t z = state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t below(uint64_t n)
{
	return next_random() % n;
}

bool one_in(unsigned n)
{
	return n && below(n) == 0;
}

void trace(uint64_t what)
{
	sum = (sum ^ what) * 1099511628211u;
}

uint64_t trace_sum(void)
{
	return sum;
}
