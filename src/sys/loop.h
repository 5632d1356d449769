/* An epoll loop for one thread: file descriptors, timers, and a mailbox that other
 * threads may post to.  Nothing else wakes it.
 *
 * All functions but loop_post() and loop_stop() belong to the loop's thread.  A
 * handler may remove any watch or timer, its own included; events already fetched for
 * a removed watch are dropped.
 */
#ifndef TAKT_SYS_LOOP_H
#define TAKT_SYS_LOOP_H

#include "base/base.h"

struct env;
struct loop;

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_HANGUP = 4,   /* always reported … */
	LOOP_HALF_OPEN = 8 /* … except, with this asked for, that the peer writes no more */
};

/* Embedded by the owner; must stay in place while it is added. */
struct loop_watch {
	void (*fn)(struct loop_watch *w, unsigned events);
	int fd;
	unsigned events;
	bool is_added;
};

struct loop_timer {
	void (*fn)(struct loop_timer *t);
	int64_t due_ms; /* monotonic */
	size_t heap_at; /* 0: not set */
};

/* A message from another thread.  Embedded; fn runs once on the loop's thread, and may
 * free or post the message again.  Set next to NULL to post a single one. */
struct loop_message {
	void (*fn)(struct loop_message *m);
	struct loop_message *next;
};

enum rc loop_create(struct loop **ret, const struct env *env, struct err *err) MUST_USE;
void loop_destroy(struct loop *l);
void loop_run(struct loop *l);             /* until loop_stop() */
void loop_stop(struct loop *l);            /* any thread, also a signal handler */
int64_t loop_now_ms(const struct loop *l); /* read once per turn */

enum rc loop_add(struct loop *l, struct loop_watch *w, int fd, unsigned events) MUST_USE;
void loop_set(struct loop *l, struct loop_watch *w, unsigned events);
void loop_remove(struct loop *l, struct loop_watch *w); /* does not close fd; twice is fine */
void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due_ms);
void loop_timer_clear(struct loop *l, struct loop_timer *t);
/* Appends a chain of messages (first … NULL) in order: one wake-up for all. */
void loop_post(struct loop *l, struct loop_message *chain);
/* Loop's thread: runs fn at the end of this turn, before the loop waits again.  For
 * work that many handlers of one turn ask for and that is done once. */
void loop_defer(struct loop *l, struct loop_message *m);
void loop_defer_cancel(struct loop *l, struct loop_message *m); /* not deferred: fine */

#endif
