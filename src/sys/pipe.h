/* A one-way channel between a process and its child.  Both ends are close-on-exec; a
 * child gets its end through process_options. */
#ifndef TAKT_SYS_PIPE_H
#define TAKT_SYS_PIPE_H

#include <sys/types.h>

#include "base/base.h"

struct pipe {
	int reader, writer; /* −1: closed */
};
enum rc pipe_open(struct pipe *ret, struct err *err) MUST_USE;
void pipe_close(struct pipe *p);               /* both ends */
void pipe_is_waiting(int fd, bool is_waiting); /* false: reads and writes do not block */
/* Bytes moved; 0 at the end (reading) or when the reader has gone (writing, no signal);
 * −1 when it would block. */
ssize_t pipe_read(int fd, char *to, size_t n);
ssize_t pipe_write(int fd, const char *from, size_t n);

#endif
