/* The loop: see loop.h.
 *
 * A turn is: wait in epoll, read the clock, run the handlers of what was fetched (the
 * mailbox is one of them), run the timers that are due, run what was deferred.
 *
 * (1) A handler may remove any watch.  What was already fetched for it is struck from
 *     the list of this turn, so a freed watch is never touched.
 * (2) A timer that is set while timers run waits for the next turn, so a timer that
 *     sets itself to now cannot starve the descriptors.
 * (3) The mailbox is a stack swung by compare-and-swap, as in mailbox.c; only the post
 *     on an empty one writes to the eventfd.
 * (4) Timers with the same due time run in the order in which they were set.
 *
 * tests/unit/sys/test_loop.c checks them.
 */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sys/loop.h"

#include "sys/count.h"
#include "sys/env.h"
#include "sys/file.h"

enum { EVENTS_PER_TURN = 256 };

struct timer_entry {
	int64_t due_ms;
	uint64_t serial;
	struct loop_timer *timer;
};

struct loop {
	const struct env *env;
	int epoll, wake;
	struct loop_watch wake_watch;
	_Atomic(struct loop_message *) newest;
	atomic_bool is_stopping;
	int64_t now_ms, turn_us; /* when this turn began */

	struct epoll_event events[EVENTS_PER_TURN];
	int n_events, event_at;

	struct timer_entry *heap; /* from 1; heap[0] is not used */
	size_t n_timers, heap_cap;
	uint64_t next_serial;

	struct loop_message *deferred, **deferred_last;
	struct loop_message *running; /* those of this turn still to come */
};

static void read_clock(struct loop *l)
{
	l->turn_us = env_mono_us(l->env);
	l->now_ms = l->turn_us / 1000;
}

/* The mailbox */

static void take_messages(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct loop *l = (struct loop *)((char *)w - offsetof(struct loop, wake_watch));
	uint64_t count;
	ssize_t n = read(l->wake, &count, sizeof count);
	(void)n; /* EAGAIN: somebody read it before us; the stack tells the truth */
	struct loop_message *m = atomic_exchange(&l->newest, NULL), *oldest = NULL;
	while (m) {
		struct loop_message *next = m->next;
		m->next = oldest;
		oldest = m;
		m = next;
	}
	while (oldest) {
		m = oldest;
		oldest = m->next;
		m->fn(m); /* may free m */
	}
}

static void wake(struct loop *l)
{
	uint64_t one = 1;
	int saved = errno; /* may run in a signal handler */
	ssize_t n = write(l->wake, &one, sizeof one);
	(void)n; /* can only fail when the counter is full, and then a wake-up is due */
	errno = saved;
}

void loop_post(struct loop *l, struct loop_message *chain)
{
	assert(chain);
	struct loop_message *newest = NULL, *oldest = chain;
	while (chain) {
		struct loop_message *next = chain->next;
		assert(chain->fn);
		chain->next = newest;
		newest = chain;
		chain = next;
	}
	struct loop_message *top = atomic_load_explicit(&l->newest, memory_order_relaxed);
	do
		oldest->next = top;
	while (!atomic_compare_exchange_weak(&l->newest, &top, newest));
	if (!top)
		wake(l);
}

void loop_defer(struct loop *l, struct loop_message *m)
{
	assert(m->fn);
	m->next = NULL;
	*l->deferred_last = m;
	l->deferred_last = &m->next;
}

/* Only what waits now: what is deferred meanwhile has its turn after the descriptors,
 * so that a handler which defers itself again starves nobody. */
static void run_deferred(struct loop *l)
{
	assert(!l->running);
	l->running = l->deferred;
	l->deferred = NULL;
	l->deferred_last = &l->deferred;
	while (l->running) {
		struct loop_message *m = l->running;
		l->running = m->next;
		m->fn(m); /* may defer more, may free m */
	}
}

void loop_defer_cancel(struct loop *l, struct loop_message *m)
{
	for (struct loop_message **at = &l->running; *at; at = &(*at)->next) {
		if (*at == m) {
			*at = m->next;
			return;
		}
	}
	for (struct loop_message **at = &l->deferred; *at; at = &(*at)->next) {
		if (*at == m) {
			*at = m->next;
			if (!*at)
				l->deferred_last = at;
			return;
		}
	}
}

/* Timers */

static bool is_before(const struct timer_entry *a, const struct timer_entry *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->serial < b->serial;
}

static void heap_put(struct loop *l, size_t at, struct timer_entry e)
{
	l->heap[at] = e;
	e.timer->heap_at = at;
}

static void sift_up(struct loop *l, size_t at, struct timer_entry e)
{
	while (at > 1 && is_before(&e, &l->heap[at / 2])) {
		heap_put(l, at, l->heap[at / 2]);
		at /= 2;
	}
	heap_put(l, at, e);
}

static void sift_down(struct loop *l, size_t at, struct timer_entry e)
{
	for (;;) {
		size_t child = at * 2;
		if (child > l->n_timers)
			break;
		if (child < l->n_timers && is_before(&l->heap[child + 1], &l->heap[child]))
			child++;
		if (!is_before(&l->heap[child], &e))
			break;
		heap_put(l, at, l->heap[child]);
		at = child;
	}
	heap_put(l, at, e);
}

void loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	size_t at = t->heap_at;
	if (at == 0)
		return;
	assert(at <= l->n_timers && l->heap[at].timer == t);
	t->heap_at = 0;
	struct timer_entry last = l->heap[l->n_timers--];
	if (last.timer == t)
		return;
	if (at > 1 && is_before(&last, &l->heap[at / 2]))
		sift_up(l, at, last);
	else
		sift_down(l, at, last);
}

void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t due_ms)
{
	assert(t->fn);
	loop_timer_clear(l, t);
	if (l->n_timers + 2 > l->heap_cap) {
		l->heap_cap = l->heap_cap ? l->heap_cap * 2 : 64;
		l->heap = xrealloc(l->heap, l->heap_cap * sizeof *l->heap);
	}
	t->due_ms = due_ms;
	sift_up(l, ++l->n_timers, (struct timer_entry){ due_ms, l->next_serial++, t });
}

static void run_timers(struct loop *l)
{
	uint64_t serial_end = l->next_serial;
	while (l->n_timers && l->heap[1].due_ms <= l->now_ms && l->heap[1].serial < serial_end) {
		struct loop_timer *t = l->heap[1].timer;
		loop_timer_clear(l, t);
		t->fn(t);
	}
}

/* Milliseconds epoll may wait: until the first timer, rounded so as not to be early. */
static int wait_ms(const struct loop *l)
{
	if (l->deferred)
		return 0;
	if (l->n_timers == 0)
		return -1;
	int64_t left = l->heap[1].due_ms - env_mono_ms(l->env);
	return (int)int64_max(0, int64_min(left, INT_MAX));
}

/* Descriptors */

static uint32_t to_epoll(unsigned events)
{
	return (events & LOOP_READ ? (uint32_t)EPOLLIN : 0u) |
	       (events & LOOP_WRITE ? (uint32_t)EPOLLOUT : 0u) |
	       (events & LOOP_HALF_OPEN ? 0u : (uint32_t)EPOLLRDHUP);
}

static unsigned from_epoll(uint32_t events)
{
	return (events & (uint32_t)EPOLLIN ? (unsigned)LOOP_READ : 0u) |
	       (events & (uint32_t)EPOLLOUT ? (unsigned)LOOP_WRITE : 0u) |
	       (events & (uint32_t)(EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? (unsigned)LOOP_HANGUP : 0u);
}

enum rc loop_add(struct loop *l, struct loop_watch *w, int fd, unsigned events)
{
	assert(w->fn && !w->is_added && fd >= 0);
	struct epoll_event e = { .events = to_epoll(events), .data.ptr = w };
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		return errno == ENOSPC || errno == ENOMEM ? RC_LIMIT : RC_INVALID;
	w->fd = fd;
	w->events = events;
	w->is_added = true;
	return RC_OK;
}

void loop_set(struct loop *l, struct loop_watch *w, unsigned events)
{
	assert(w->is_added);
	if (w->events == events)
		return;
	struct epoll_event e = { .events = to_epoll(events), .data.ptr = w };
	int failed = epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &e);
	assert(!failed); /* can only fail when w->fd was closed behind our back */
	w->events = events;
}

void loop_remove(struct loop *l, struct loop_watch *w)
{
	if (!w->is_added)
		return;
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->is_added = false;
	for (int i = l->event_at; i < l->n_events; i++)
		if (l->events[i].data.ptr == w)
			l->events[i].data.ptr = NULL;
}

static void run_events(struct loop *l)
{
	for (l->event_at = 0; l->event_at < l->n_events; l->event_at++) {
		struct epoll_event *e = &l->events[l->event_at];
		struct loop_watch *w = e->data.ptr;
		if (w)
			w->fn(w, from_epoll(e->events));
	}
	l->n_events = 0;
}

/* Life */

static enum rc open_descriptors(struct loop *l)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll < 0 || l->wake < 0)
		return RC_IO;
	l->wake_watch.fn = take_messages;
	return loop_add(l, &l->wake_watch, l->wake, LOOP_READ);
}

enum rc loop_create(struct loop **ret, const struct env *env, struct err *err)
{
	struct loop *l = xcalloc(1, sizeof *l);
	l->env = env;
	l->epoll = l->wake = -1;
	l->deferred_last = &l->deferred;
	if (open_descriptors(l) != RC_OK) {
		enum rc rc = err_set(err, CODE_IO, "no event loop: %s", strerror(errno));
		loop_destroy(l);
		return rc;
	}
	read_clock(l);
	*ret = l;
	return RC_OK;
}

void loop_destroy(struct loop *l)
{
	if (!l)
		return;
	close_fd(&l->epoll);
	close_fd(&l->wake);
	free(l->heap);
	free(l);
}

void loop_run(struct loop *l)
{
	read_clock(l);
	while (!atomic_exchange(&l->is_stopping, false)) {
		run_deferred(l);
		histogram_add(HISTOGRAM_LOOP_TURN, env_mono_us(l->env) - l->turn_us);
		int n = epoll_wait(l->epoll, l->events, EVENTS_PER_TURN, wait_ms(l));
		assert(n >= 0 || errno == EINTR);
		l->n_events = n > 0 ? n : 0;
		read_clock(l);
		run_events(l);
		run_timers(l);
	}
	run_deferred(l);
}

void loop_stop(struct loop *l)
{
	atomic_store(&l->is_stopping, true);
	wake(l);
}

int64_t loop_now_ms(const struct loop *l)
{
	return l->now_ms;
}
