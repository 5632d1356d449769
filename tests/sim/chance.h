/* Chance, drawn from the seed, and the trace of a story: the same seed tells the same. */
#ifndef TAKT_TESTS_SIM_CHANCE_H
#define TAKT_TESTS_SIM_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

void chance_begin(uint64_t seed);
uint64_t next_random(void);
uint64_t below(uint64_t n);
bool one_in(unsigned n); /* never for 0 */
void trace(uint64_t what);
uint64_t trace_sum(void);

#endif
