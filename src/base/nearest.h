/* "Did you mean …": the known name that is closest to a mistyped one. */
#ifndef TAKT_BASE_NEAREST_H
#define TAKT_BASE_NEAREST_H

#include "base/base.h"

enum { NEAREST_NAME_MAX = 64 }; /* longer names are not compared */

struct nearest {
	struct str name; /* what was written */
	struct str best; /* empty while nothing is close enough */
	size_t distance;
};
struct nearest nearest_begin(struct str name);
/* Offers one known name; of equally close ones the first stays. */
void nearest_offer(struct nearest *n, struct str known);

#endif
