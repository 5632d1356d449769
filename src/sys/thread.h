/* Threads with a name, and a pool of a fixed number of them.
 *
 * All signals are blocked in these threads: signals are read from a descriptor by the
 * main loop (signals_open), and never interrupt a commit. */
#ifndef TAKT_SYS_THREAD_H
#define TAKT_SYS_THREAD_H

#include "base/base.h"

struct thread;

/* `name` is cut to 15 characters (what `top -H` shows).  CODE_IO when the system
 * gives no more threads. */
enum rc thread_start(struct thread **ret, const char *name, void (*fn)(void *ctx), void *ctx,
                     struct err *err) MUST_USE;
void thread_join(struct thread *t); /* waits for its end and frees it; NULL is fine */

/* The calling thread steps back: others go first when there is little time or disk. */
void thread_be_nice(void);

/* A piece of work, embedded in what it works on; stays in place until fn has begun. */
struct job {
	void (*fn)(struct job *j);
	struct job *next;
	int64_t posted_us; /* the pool's: how long it waited is counted */
};

struct pool;

/* Aborts when the threads cannot be had: it is called at start, with few. */
struct pool *pool_create(const char *name, unsigned threads) MUST_USE;
/* Any thread.  Jobs begin in the order of submission. */
void pool_submit(struct pool *p, struct job *j);
size_t pool_waiting(struct pool *p); /* jobs not yet begun: for shedding */
/* Runs what was submitted, waits for it, frees.  NULL is fine. */
void pool_destroy(struct pool *p);

#endif
