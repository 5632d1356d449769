/* The insides of run.c and follow.c: one `takt serve`. */
#ifndef TAKT_SUPERVISOR_RUN_PRIV_H
#define TAKT_SUPERVISOR_RUN_PRIV_H

#include "supervisor/supervisor.h"

#include "sys/pipe.h"

struct serving {
	const struct supervisor_options *o;
	struct arena *arena;
	struct folder folder;
	int unix_fd, tcp_fd;
	struct pipe ready;
	char address[160];
	int64_t restarts;
	struct handover former; /* no children: there was no former program */
};

/* supervise_options.may_follow; ctx is the struct serving. */
enum rc run_may_follow(void *ctx, struct err *err) MUST_USE;

#endif
