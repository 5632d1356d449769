/* What the system knows about this process, for the metrics.  Each call reads the
 * system anew and costs some microseconds; -1 when the system does not say. */
#ifndef TAKT_SYS_SELF_H
#define TAKT_SYS_SELF_H

#include "base/base.h"

int64_t self_memory_bytes(void); /* resident now */
int64_t self_virtual_bytes(void);
int64_t self_open_fds(void);
int64_t self_fds_max(void);  /* the limit of this process; INT64_MAX: none */
int64_t self_fds_most(void); /* to which it may raise that limit */
int64_t self_pid(void);
double self_cpu_seconds(void);    /* user and system, all threads */
int64_t self_started_at_ms(void); /* wall clock, since 1970; to about 10 ms */

#endif
