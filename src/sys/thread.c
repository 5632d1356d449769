/* Threads and the pool: see thread.h. */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/thread.h"

#include "sys/count.h"
#include "sys/env.h"

struct thread {
	pthread_t id;
	void (*fn)(void *ctx);
	void *ctx;
	char name[16];
};

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	pthread_setname_np(pthread_self(), t->name);
	t->fn(t->ctx);
	return NULL;
}

void thread_be_nice(void)
{
	enum { NICENESS = 10 };
	/* On Linux this is of the thread, and the disk's queue follows it. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
}

enum rc thread_start(struct thread **ret, const char *name, void (*fn)(void *ctx), void *ctx,
                     struct err *err)
{
	struct thread *t = xcalloc(1, sizeof *t);
	t->fn = fn;
	t->ctx = ctx;
	snprintf(t->name, sizeof t->name, "%s", name);

	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int e = pthread_create(&t->id, NULL, thread_main, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (e != 0) {
		free(t);
		return err_set(err, CODE_IO, "the system gives no thread \"%s\": %s", name,
		               strerror(e));
	}
	*ret = t;
	return RC_OK;
}

void thread_join(struct thread *t)
{
	if (!t)
		return;
	int e = pthread_join(t->id, NULL);
	assert(e == 0);
	free(t);
}

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t has_work;
	struct job *first, **last; /* oldest first */
	size_t waiting;
	bool is_ending;
	unsigned n_threads;
	struct thread *threads[];
};

static struct job *next_job(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (!p->first && !p->is_ending)
		pthread_cond_wait(&p->has_work, &p->lock);
	struct job *j = p->first;
	if (j) {
		p->first = j->next;
		if (!p->first)
			p->last = &p->first;
		count_set(COUNT_POOL_WAITING, (int64_t)--p->waiting);
	}
	pthread_mutex_unlock(&p->lock);
	return j;
}

static void pool_main(void *ctx)
{
	struct job *j;
	while ((j = next_job(ctx)) != NULL) {
		histogram_add(HISTOGRAM_POOL_WAIT, env_mono_us(&env_system) - j->posted_us);
		j->fn(j);
	}
}

struct pool *pool_create(const char *name, unsigned threads)
{
	assert(threads > 0);
	struct pool *p = xcalloc(1, sizeof *p + threads * sizeof(struct thread *));
	p->last = &p->first;
	p->n_threads = threads;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->has_work, NULL);
	for (unsigned i = 0; i < threads; i++) {
		struct err err;
		if (thread_start(&p->threads[i], name, pool_main, p, &err) != RC_OK) {
			fprintf(stderr, "takt: %s\n", err.text);
			abort();
		}
	}
	return p;
}

void pool_submit(struct pool *p, struct job *j)
{
	assert(j && j->fn);
	j->next = NULL;
	j->posted_us = env_mono_us(&env_system);
	pthread_mutex_lock(&p->lock);
	assert(!p->is_ending);
	*p->last = j;
	p->last = &j->next;
	count_set(COUNT_POOL_WAITING, (int64_t)++p->waiting);
	pthread_cond_signal(&p->has_work);
	pthread_mutex_unlock(&p->lock);
}

size_t pool_waiting(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	size_t n = p->waiting;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void pool_destroy(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->is_ending = true;
	pthread_cond_broadcast(&p->has_work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->n_threads; i++)
		thread_join(p->threads[i]);
	assert(!p->first);
	pthread_cond_destroy(&p->has_work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
