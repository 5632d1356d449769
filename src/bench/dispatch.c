/* Dispatch latency: see dispatch.h.  One thread: a timer's worth of submits on whatever
 * connection is free, and workers that lease with a long poll, complete, lease again.  The
 * number of a task travels in its input. */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "bench/dispatch.h"

#include "base/arena.h"
#include "base/str.h"
#include "bench/answer.h"
#include "bench/latency.h"
#include "bench/talk.h"
#include "bench/wire.h"
#include "sys/env.h"
#include "sys/file.h"

enum { SUBMITTERS = 32, WORKERS_MAX = 256, ANSWER_MAX = 4096, SILENCE_MS = 20 * 1000 };
enum { CREATED = 201, OK = 200 };

enum doing { IDLE, SUBMITTING, POLLING, COMPLETING };

struct peer {
	int fd;
	enum doing doing;
	size_t in_len;
	char in[ANSWER_MAX];
};

struct dispatch {
	struct arena *arena;
	struct str key, poll;
	struct peer peers[SUBMITTERS + WORKERS_MAX]; /* the submitters first */
	int n_peers, epoll;
	int64_t began_us, gap_us;
	int64_t due, submitted, arrived, completed; /* tasks */
	struct latencies times;
};

static int64_t now_us(void)
{
	return env_mono_us(&env_system);
}

/* --- What is said --- */

static enum rc say(struct dispatch *d, struct peer *p, enum doing doing, struct str bytes,
                   struct err *err)
{
	(void)d;
	assert(p->doing == IDLE);
	p->doing = doing;
	p->in_len = 0;
	return wire_send(p->fd, bytes, err);
}

static enum rc submit(struct dispatch *d, struct peer *p, struct err *err)
{
	char body[64];
	snprintf(body, sizeof body, "{\"kind\":\"ping\",\"input\":{\"n\":%lld}}",
	         (long long)d->submitted++);
	struct str bytes = talk_post(d->arena, d->key, "/v1/tasks", "", str_z(body));
	enum rc rc = say(d, p, SUBMITTING, bytes, err);
	arena_clear(d->arena);
	return rc;
}

static enum rc poll_for_work(struct dispatch *d, struct peer *p, struct err *err)
{
	return say(d, p, POLLING, d->poll, err);
}

/* The text behind `name` in the only task of an answer, to the next comma, brace or quote. */
static struct str member(struct str body, const char *name)
{
	size_t at = str_find(body, str_z(name), 0);
	if (at == SIZE_MAX)
		return (struct str){ 0 };
	size_t from = at + strlen(name), end = from;
	while (end < body.len && !strchr(",}\"", body.ptr[end]))
		end++;
	return str_sub(body, from, end - from);
}

static enum rc complete(struct dispatch *d, struct peer *p, struct str lease, struct err *err)
{
	struct str id = member(lease, "\"id\":\""), token = member(lease, "\"token\":\"");
	struct str attempt = member(lease, "\"attempt\":");
	char path[64], body[128];
	snprintf(path, sizeof path, "/v1/tasks/" STR_FMT "/complete", STR_ARG(id));
	snprintf(body, sizeof body, "{\"token\":\"" STR_FMT "\",\"attempt\":" STR_FMT "}",
	         STR_ARG(token), STR_ARG(attempt));
	struct str bytes = talk_post(d->arena, d->key, path, "", str_z(body));
	enum rc rc = say(d, p, COMPLETING, bytes, err);
	arena_clear(d->arena);
	return rc;
}

/* --- What is heard --- */

static enum rc on_lease(struct dispatch *d, struct peer *p, struct str body, struct err *err)
{
	int64_t number;
	if (str_to_i64(member(body, "\"input\":{\"n\":"), &number) != RC_OK)
		return poll_for_work(d, p, err); /* the wait was over */
	latency_add(&d->times, now_us() - (d->began_us + number * d->gap_us));
	d->arrived++;
	return complete(d, p, body, err);
}

static enum rc on_answer(struct dispatch *d, struct peer *p, const struct answer *a,
                         struct err *err)
{
	enum doing done = p->doing;
	struct str body = { p->in + a->head_len, a->body_len };
	int wanted = done == SUBMITTING ? CREATED : OK;
	if (a->status != wanted)
		return wire_unwanted(a->status, wanted, body, err);
	p->doing = IDLE;
	switch (done) {
	case POLLING:
		return on_lease(d, p, body, err);
	case COMPLETING:
		d->completed++;
		return poll_for_work(d, p, err);
	case SUBMITTING:
	case IDLE:
		break;
	}
	return RC_OK;
}

static enum rc on_readable(struct dispatch *d, struct peer *p, struct err *err)
{
	size_t n;
	struct answer a;
	enum rc rc = wire_receive(p->fd, p->in + p->in_len, ANSWER_MAX - p->in_len, &n, err);
	if (rc != RC_OK)
		return rc;
	p->in_len += n;
	if (answer_read((struct str){ p->in, p->in_len }, &a))
		return on_answer(d, p, &a, err);
	if (p->in_len == ANSWER_MAX)
		return err_set(err, CODE_TOO_LARGE, "an answer is too large");
	return RC_OK;
}

/* --- The clock --- */

/* All that is due; what finds no free connection stays due. */
static enum rc submit_due(struct dispatch *d, struct err *err)
{
	int64_t due = int64_min((now_us() - d->began_us) / d->gap_us + 1, d->due);
	enum rc rc = RC_OK;
	for (int i = 0; i < SUBMITTERS && d->submitted < due && rc == RC_OK; i++)
		if (d->peers[i].doing == IDLE)
			rc = submit(d, &d->peers[i], err);
	return rc;
}

static int wait_ms(const struct dispatch *d)
{
	if (d->submitted == d->due)
		return SILENCE_MS;
	int64_t next_us = d->began_us + d->submitted * d->gap_us;
	return (int)int64_max((next_us - now_us()) / 1000, 0);
}

static enum rc drive(struct dispatch *d, struct err *err)
{
	struct epoll_event events[64];
	int64_t heard_us = now_us();
	while (d->completed < d->due) {
		enum rc rc = submit_due(d, err);
		if (rc != RC_OK)
			return rc;
		int n = epoll_wait(d->epoll, events, ARRAY_LEN(events), wait_ms(d));
		if (n > 0)
			heard_us = now_us();
		else if (now_us() - heard_us >= SILENCE_MS * 1000)
			return err_set(err, CODE_IO, "%lld tasks were submitted, %lld arrived",
			               (long long)d->submitted, (long long)d->arrived);
		for (int i = 0; i < n && rc == RC_OK; i++)
			rc = on_readable(d, events[i].data.ptr, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* --- The whole --- */

static enum rc open_peers(struct dispatch *d, int port, struct err *err)
{
	for (int i = 0; i < d->n_peers; i++) {
		struct peer *p = &d->peers[i];
		enum rc rc = wire_connect(port, &p->fd, err);
		if (rc != RC_OK)
			return rc;
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = p };
		if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, p->fd, &e) != 0)
			return err_set(err, CODE_IO, "epoll_ctl: %s", strerror(errno));
		if (i >= SUBMITTERS)
			rc = poll_for_work(d, p, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static struct dispatch *dispatch_create(struct str key, int workers)
{
	struct dispatch *d = xcalloc(1, sizeof *d);
	d->arena = arena_create(4096);
	d->n_peers = SUBMITTERS + workers;
	for (int i = 0; i < d->n_peers; i++)
		d->peers[i].fd = -1;
	d->key = key;
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	return d;
}

static void dispatch_destroy(struct dispatch *d)
{
	for (int i = 0; i < d->n_peers; i++)
		close_fd(&d->peers[i].fd);
	close_fd(&d->epoll);
	arena_destroy(d->arena);
	latencies_fini(&d->times);
	free(d);
}

enum rc dispatch_run(int port, struct str key, int rate, int64_t ms, int workers,
                     struct dispatch_result *ret, struct err *err)
{
	assert(workers > 0 && workers <= WORKERS_MAX && rate > 0);
	struct arena *kept = arena_create(4096);
	struct dispatch *d = dispatch_create(key, workers);
	struct str poll = STR("{\"worker\":\"bench\",\"kinds\":[\"ping\"],\"wait_ms\":30000}");
	d->poll = talk_post(kept, key, "/v1/leases", "", poll);
	d->gap_us = 1000000 / rate;
	d->due = ms * rate / 1000;
	enum rc rc = open_peers(d, port, err);
	d->began_us = now_us();
	if (rc == RC_OK)
		rc = drive(d, err);
	latency_sort(&d->times);
	if (rc == RC_OK)
		*ret = (struct dispatch_result){ d->arrived, latency_at(&d->times, 500),
			                         latency_at(&d->times, 990) };
	dispatch_destroy(d);
	arena_destroy(kept);
	return rc;
}
