/* As much of an HTTP message as a benchmark reads: where it ends and what it says first. */
#ifndef TAKT_BENCH_ANSWER_H
#define TAKT_BENCH_ANSWER_H

#include "base/base.h"

struct answer {
	int status; /* 0 for a request */
	size_t head_len, body_len;
};

/* False when it is not whole yet. */
bool answer_read(struct str bytes, struct answer *ret);

#endif
