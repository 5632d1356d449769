/* The least that a server can do: one epoll, fixed answer.  What the machine, its kernel
 * and the load generator leave possible; everything that takt does comes on top. */
#ifndef TAKT_BENCH_ECHO_H
#define TAKT_BENCH_ECHO_H

#include "base/base.h"

/* Serves the listening socket until the process is ended; returns only on failure.  The
 * answer has status 201 and as many bytes of body as takt's to a submit. */
int echo_main(int listener);

#endif
