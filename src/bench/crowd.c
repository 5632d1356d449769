/* Many connections that mostly wait: see scene.h.  Agents in long polls, of which some hang
 * up; readers of the event stream while submits come at a fixed rate. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "bench/scene.h"

#include "base/arena.h"
#include "base/str.h"
#include "bench/talk.h"
#include "bench/wire.h"
#include "sys/env.h"
#include "sys/file.h"

enum { HANGUPS = 100, NOTICE_MS_MAX = 10 * 1000, EVENTS_PER_S = 200, STREAM_MS = 3000 };
enum { RECEIVE_MAX = 256 * 1024 };

struct crowd {
	struct bench *b;
	int *fds;
	int n;
};

static void crowd_fini(struct crowd *c)
{
	for (int i = 0; i < c->n; i++)
		close_fd(&c->fds[i]);
	free(c->fds);
}

static double now_ms(void)
{
	return (double)env_mono_us(&env_system) / 1000;
}

static enum rc open_one(struct crowd *c, struct str request, struct err *err)
{
	enum rc rc = wire_connect(c->b->takt.port, &c->fds[c->n], err);
	if (rc != RC_OK)
		return rc;
	return wire_send(c->fds[c->n++], request, err);
}

/* Until a metric is what it should be; how long that took. */
static enum rc await_metric(struct bench *b, const char *name, double wanted, double *ret_ms,
                            struct err *err)
{
	double began_ms = now_ms(), is = -1;
	for (;;) {
		struct str text;
		enum rc rc = bench_ask(b, "/metrics", &text, err);
		if (rc != RC_OK)
			return rc;
		is = metric_of(text, name);
		*ret_ms = now_ms() - began_ms;
		if (is == wanted)
			return RC_OK;
		if (*ret_ms > NOTICE_MS_MAX)
			return err_set(err, CODE_IO, "%s is %.0f, not %.0f, after %d ms", name, is,
			               wanted, NOTICE_MS_MAX);
	}
}

/* --- Agents --- */

static enum rc open_agents(struct crowd *c, int64_t n, struct err *err)
{
	for (int64_t i = 0; i < n; i++) {
		struct arena_mark mark = arena_mark(c->b->arena);
		struct str body = str_fmt(c->b->arena,
		                          "{\"worker\":\"agent-%lld\",\"kinds\":[\"never\"],"
		                          "\"wait_ms\":60000}",
		                          (long long)i);
		struct str request = talk_post(c->b->arena, c->b->takt.key, "/v1/leases", "", body);
		enum rc rc = open_one(c, request, err);
		arena_rewind(c->b->arena, mark);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc measure_agents(struct bench *b, struct err *err)
{
	static const char pollers[] = "takt_lease_pollers";
	double ms;
	int n = (int)b->o.agents;
	AUTO(crowd_fini) struct crowd c = { .b = b };
	c.fds = xcalloc((size_t)n, sizeof *c.fds);
	enum rc rc = open_agents(&c, n, err);
	if (rc == RC_OK)
		rc = await_metric(b, pollers, n, &ms, err);
	if (rc != RC_OK)
		return rc;
	figure_put(&b->figures, FIGURE_rss_10k_agents_kb,
	           (double)served_rss_kb(b->arena, b->takt.pid));
	for (int i = 0; i < HANGUPS; i++)
		close_fd(&c.fds[--c.n]);
	rc = await_metric(b, pollers, n - HANGUPS, &ms, err);
	if (rc == RC_OK)
		figure_put(&b->figures, FIGURE_hangup_ms, ms);
	return rc;
}

/* --- Readers --- */

/* What one reader has seen so far. */
struct reader {
	int fd;
	int64_t events;
	char last; /* of what was received: an event ends with an empty line */
};

static enum rc receive_events(struct reader *r, char *room, struct err *err)
{
	size_t n;
	enum rc rc = wire_receive(r->fd, room, RECEIVE_MAX, &n, err);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < n; i++) {
		r->events += room[i] == '\n' && r->last == '\n';
		r->last = room[i];
	}
	return RC_OK;
}

struct stream {
	struct bench *b;
	struct reader *readers;
	char *room;
	int epoll, fd_submit;
	struct str submit;
};

static enum rc drain_readers(struct stream *s, int wait_ms, struct err *err)
{
	struct epoll_event events[256];
	int n = epoll_wait(s->epoll, events, ARRAY_LEN(events), wait_ms);
	for (int i = 0; i < n; i++) {
		enum rc rc = receive_events(events[i].data.ptr, s->room, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* Each submit is one event; its answer is read before the next. */
static enum rc submit_one(struct stream *s, struct err *err)
{
	char answer[4096];
	size_t n;
	enum rc rc = wire_send(s->fd_submit, s->submit, err);
	return rc == RC_OK ? wire_receive(s->fd_submit, answer, sizeof answer, &n, err) : rc;
}

static enum rc submit_at_rate(struct stream *s, int64_t *ret_submitted, struct err *err)
{
	double began_ms = now_ms();
	int64_t n = 0, all = (int64_t)STREAM_MS * EVENTS_PER_S / 1000;
	while (n < all) {
		double due_ms = began_ms + (double)n * 1000 / EVENTS_PER_S;
		enum rc rc = RC_OK;
		if (now_ms() >= due_ms) {
			rc = submit_one(s, err);
			n++;
		} else {
			rc = drain_readers(s, 1, err);
		}
		if (rc != RC_OK)
			return rc;
	}
	*ret_submitted = n;
	return RC_OK;
}

static bool all_have_seen(const struct stream *s, int64_t n)
{
	for (int64_t i = 0; i < s->b->o.readers; i++)
		if (s->readers[i].events < n)
			return false;
	return true;
}

static enum rc await_readers(struct stream *s, int64_t n, struct err *err)
{
	double began_ms = now_ms();
	while (!all_have_seen(s, n)) {
		enum rc rc = drain_readers(s, 10, err);
		if (rc != RC_OK)
			return rc;
		if (now_ms() - began_ms > NOTICE_MS_MAX)
			return err_set(err, CODE_IO, "a reader has not seen all %lld events",
			               (long long)n);
	}
	return RC_OK;
}

static enum rc stream_events(struct stream *s, struct err *err)
{
	struct bench *b = s->b;
	int64_t submitted;
	int64_t before_us = served_cpu_us(b->arena, b->takt.pid);
	double began_ms = now_ms();
	enum rc rc = submit_at_rate(s, &submitted, err);
	if (rc == RC_OK)
		rc = await_readers(s, submitted, err);
	if (rc != RC_OK)
		return rc;
	double cpu_us = (double)(served_cpu_us(b->arena, b->takt.pid) - before_us);
	figure_put(&b->figures, FIGURE_sse_cpu_share, cpu_us / ((now_ms() - began_ms) * 1000));
	return RC_OK;
}

static enum rc watch_readers(struct stream *s, const struct crowd *c, struct err *err)
{
	for (int i = 0; i < c->n; i++) {
		s->readers[i].fd = c->fds[i];
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = &s->readers[i] };
		if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, c->fds[i], &e) != 0)
			return err_set(err, CODE_IO, "epoll_ctl: %s", strerror(errno));
	}
	return RC_OK;
}

static void stream_fini(struct stream *s)
{
	close_fd(&s->epoll);
	close_fd(&s->fd_submit);
	free(s->readers);
	free(s->room);
}

static enum rc open_readers(struct crowd *c, int64_t n, struct err *err)
{
	struct bench *b = c->b;
	struct str request = str_fmt(b->arena,
	                             "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n"
	                             "Accept: text/event-stream\r\n"
	                             "Authorization: Bearer " STR_FMT "\r\n\r\n",
	                             STR_ARG(b->takt.key));
	enum rc rc = RC_OK;
	for (int64_t i = 0; i < n && rc == RC_OK; i++)
		rc = open_one(c, request, err);
	return rc;
}

static enum rc measure_readers(struct bench *b, struct err *err)
{
	double ms;
	int64_t n = b->o.readers;
	AUTO(crowd_fini) struct crowd c = { .b = b };
	AUTO(stream_fini) struct stream s = { .b = b, .fd_submit = -1 };
	struct str body = STR("{\"kind\":\"never\",\"input\":1}");
	c.fds = xcalloc((size_t)n, sizeof *c.fds);
	s.readers = xcalloc((size_t)n, sizeof *s.readers);
	s.room = xcalloc(1, RECEIVE_MAX);
	s.submit = talk_post(b->arena, b->takt.key, "/v1/tasks", "", body);
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	int64_t before_kb = served_rss_kb(b->arena, b->takt.pid);
	enum rc rc = open_readers(&c, n, err);
	if (rc == RC_OK)
		rc = await_metric(b, "takt_event_streams", (double)n, &ms, err);
	if (rc == RC_OK)
		rc = watch_readers(&s, &c, err);
	if (rc == RC_OK)
		rc = wire_connect(b->takt.port, &s.fd_submit, err);
	if (rc == RC_OK)
		rc = stream_events(&s, err);
	if (rc != RC_OK)
		return rc;
	double grown_kb = (double)(served_rss_kb(b->arena, b->takt.pid) - before_kb);
	figure_put(&b->figures, FIGURE_sse_reader_kb, grown_kb / (double)n);
	return RC_OK;
}

enum rc scene_crowd(struct bench *b, struct err *err)
{
	enum rc rc = bench_start(b, "agents", true, err);
	if (rc == RC_OK)
		rc = measure_agents(b, err);
	served_stop(&b->takt);
	if (rc == RC_OK)
		rc = bench_start(b, "readers", true, err);
	if (rc == RC_OK)
		rc = measure_readers(b, err);
	served_stop(&b->takt);
	return rc;
}
