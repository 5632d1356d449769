/* A mutex for the few places where two threads share memory outside a mailbox.  Held
 * for a handful of instructions, never across I/O. */
#ifndef TAKT_SYS_LOCK_H
#define TAKT_SYS_LOCK_H

#include <pthread.h>

struct lock {
	pthread_mutex_t mutex;
};

static inline void lock_init(struct lock *l)
{
	pthread_mutex_init(&l->mutex, NULL);
}

static inline void lock_fini(struct lock *l)
{
	pthread_mutex_destroy(&l->mutex);
}

static inline void lock_take(struct lock *l)
{
	pthread_mutex_lock(&l->mutex);
}

static inline void lock_give(struct lock *l)
{
	pthread_mutex_unlock(&l->mutex);
}

#endif
