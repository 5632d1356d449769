/* Performing tasks: leases them, keeps the leases alive, runs the handler of their kind,
 * says how it ended.
 *
 *	worker.c  the process: slots, signals, leaving
 *	agent.c   registering it as an agent
 *	slot.c    one task after the other
 *	beat.c    heartbeats and what the handler says meanwhile
 *	script.c  a handler that runs a program
 *
 * (1) A slot holds at most one task.  The handler runs in the slot's thread; heartbeats
 *     go out from a thread of their own at a third of the lease.
 * (2) A cancelled task, or a lease that is somebody else's by now, shows in
 *     worker_is_cancelled(); what the handler then says is dropped.
 * (3) SIGTERM: no new leases; what is held may finish for drain_ms and is then handed
 *     back (no attempt is used up).  A second signal hands back at once.
 * (4) A server that is away is awaited with growing pauses; a result is offered for as
 *     long as its lease may live.
 * (5) The process is one agent, its slots are its capacity.  When that is drained, it
 *     finishes what it holds, however long that takes, and ends.
 */
#ifndef TAKT_WORKER_WORKER_H
#define TAKT_WORKER_WORKER_H

#include "base/base.h"
#include "client/takt.h"

struct arena;
struct worker_job;

struct worker_kind {
	const char *kind;
	/* Ends with worker_succeed() or worker_fail(); doing neither is a failure. */
	void (*fn)(struct worker_job *job, void *ctx);
	void *ctx;
};

/* --- For handlers, in the slot's thread --- */

const struct takt_lease *worker_lease(const struct worker_job *job);
struct arena *worker_arena(struct worker_job *job); /* of this task */
struct takt *worker_client(struct worker_job *job); /* for uploads and questions */
bool worker_is_cancelled(struct worker_job *job);
void worker_progress(struct worker_job *job, double progress, const char *message);
void worker_log(struct worker_job *job, struct str line);
void worker_succeed(struct worker_job *job, const char *output_json);
void worker_fail(struct worker_job *job, const char *code, bool is_final, const char *fmt, ...)
        PRINTF(4, 5);
/* The words of a client's or of our own failure.  Invalid input is final, all else is not. */
void worker_fail_takt(struct worker_job *job, const struct takt_error *e);
void worker_fail_err(struct worker_job *job, const struct err *err);
/* JSON added to the error of the next worker_fail. */
void worker_fail_detail(struct worker_job *job, const char *json);

/* --- The process --- */

struct worker_options {
	struct takt_options server;
	const char *name; /* the agent's; NULL: made from host and process number */
	const struct worker_kind *kinds;
	size_t n_kinds;
	int slots;        /* 0: 1 */
	int64_t lease_ms; /* 0: a minute */
	int64_t drain_ms; /* 0: 20 s */
	/* Before the first lease, again until it is TAKT_OK or its failure is for good
	 * (invalid, denied); may be NULL. */
	enum takt_outcome (*on_start)(struct takt *t, void *ctx, struct takt_error *e);
	void *ctx;
};
/* Until a signal.  0, or 1 when it could not begin (said in the log). */
int worker_main(const struct worker_options *o);

#endif
