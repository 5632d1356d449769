/* Figures of `takt top`: numbers out of an answer, rates between two, short texts. */
#ifndef TAKT_CLI_TOP_FIGURES_H
#define TAKT_CLI_TOP_FIGURES_H

#include "base/base.h"

struct json;

/* The number at a JSON Pointer; 0, or `other`, when there is none. */
double figure_of(const struct json *v, const char *pointer);
double figure_or(const struct json *v, const char *pointer, double other);

/* "7", "9999", "12.3k", "4.5M"; below 10 with what follows the point when it is not zero. */
const char *figure_text(double n, char ret[16]);
const char *figure_bytes(double n, char ret[16]); /* "12.3 MiB" */
const char *figure_age(double ms, char ret[32]);  /* "1.5s", "12m", "3h05m", "2d" */

/* How long the server of this answer has been up. */
int64_t figure_age_ms(const struct json *status);
/* From the moment `member` of v to that of the answer. */
int64_t figure_since_ms(const struct json *status, const struct json *v, const char *member);
/* Tasks of a queue that ended in a second; −1 when not known. */
double figure_queue_rate(const struct json *now, const struct json *before, const struct json *q);

#endif
