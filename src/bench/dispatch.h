/* How long a task takes from its submit to a worker that waits for it.
 *
 * Open loop: submits are due at a fixed rate whether the one before was answered or not, and
 * a time counts from when its submit was due, so a server that stalls cannot hide it. */
#ifndef TAKT_BENCH_DISPATCH_H
#define TAKT_BENCH_DISPATCH_H

#include "base/base.h"

struct dispatch_result {
	int64_t tasks;
	int64_t p50_us, p99_us; /* from the moment a submit was due to its task at a worker */
};
/* `rate` submits a second for `ms`, to `workers` long polls; each task is completed.  CODE_IO
 * when a task does not arrive. */
enum rc dispatch_run(int port, struct str key, int rate, int64_t ms, int workers,
                     struct dispatch_result *ret, struct err *err) MUST_USE;

#endif
