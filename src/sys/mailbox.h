/* A queue of messages from any thread to one consumer thread that can sleep on it.
 *
 * (1) Posting never blocks and never takes a lock: one compare-and-swap.
 * (2) The consumer takes everything that waits at once, oldest first.
 * (3) Only the post that makes an empty mailbox non-empty wakes the consumer, and only
 *     when it sleeps: under load there is no system call on either side.
 * (4) What was written before a post is visible to the consumer that takes the node.
 */
#ifndef TAKT_SYS_MAILBOX_H
#define TAKT_SYS_MAILBOX_H

#include <stdatomic.h>

#include "base/base.h"

/* Embedded in the message; belongs to the mailbox from post to take. */
struct mailbox_node {
	struct mailbox_node *next;
};

struct mailbox {
	_Atomic(struct mailbox_node *) newest;
	_Atomic uint32_t state; /* a futex word: see mailbox.c */
};

void mailbox_init(struct mailbox *m); /* nothing to give back */

/* Any thread. */
void mailbox_post(struct mailbox *m, struct mailbox_node *node);
/* Any thread: a chain (first … NULL) in order, with at most one wake-up. */
void mailbox_post_chain(struct mailbox *m, struct mailbox_node *first);
/* Any thread, also a signal handler: ends the present or the next mailbox_wait(). */
void mailbox_interrupt(struct mailbox *m);

/* The consumer: all that waits, oldest first, linked by next; NULL when empty. */
struct mailbox_node *mailbox_take_all(struct mailbox *m) MUST_USE;
bool mailbox_is_empty(const struct mailbox *m);
/* The consumer: sleeps until something waits, an interrupt, or `deadline_us` on the
 * system's monotonic clock (INT64_MAX: none).  May return early without cause, so the
 * caller looks again. */
void mailbox_wait(struct mailbox *m, int64_t deadline_us);

#endif
