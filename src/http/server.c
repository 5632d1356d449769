/* The server: listening, accepting, draining; the connections are conn.c's.
 * See server.h for the promises. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/conn_priv.h"

#include "base/arena.h"
#include "sys/listen.h"
#include "sys/log.h"

enum { ACCEPTS_PER_TURN = 64, ACCEPT_RETRY_MS = 100 };

const struct http_limits http_limits_default = {
	.head_max = 16 * 1024,
	.body_max = 1024 * 1024,
	.pending_max = 1024 * 1024,
	.connections_max = 20000,
	.idle_ms = 75 * 1000,
	.head_ms = 10 * 1000,
	.body_ms = 60 * 1000,
};

/* The sweep */

static void on_sweep(struct loop_message *m)
{
	struct http_server *s =
	        (struct http_server *)((char *)m - offsetof(struct http_server, sweep));
	struct conn *c = s->touched, *closed = NULL;
	s->touched = NULL;
	s->is_sweep_due = false;
	while (c) {
		struct conn *next = c->next_touched;
		c->is_touched = false;
		if (conn_is_open(c))
			conn_sweep(c);
		if (c->state == CONN_CLOSED && !c->is_touched) {
			c->next_touched = closed;
			closed = c;
		}
		c = next;
	}
	while (closed) {
		c = closed;
		closed = c->next_touched;
		conn_free(c);
	}
	if (s->is_draining && s->n_conns == 0 && s->on_drained) {
		void (*on_drained)(void *) = s->on_drained;
		s->on_drained = NULL;
		on_drained(s->drained_ctx); /* may destroy the server */
	}
}

/* Accepting */

static void accept_pause(struct http_server *s)
{
	for (size_t i = 0; i < s->n_listeners; i++)
		loop_remove(s->loop, &s->listeners[i].watch);
	s->is_accept_paused = true;
}

void server_accept_resume(struct http_server *s)
{
	s->is_accept_paused = false;
	for (size_t i = 0; i < s->n_listeners; i++) {
		struct listener *l = &s->listeners[i];
		if (!l->watch.is_added && loop_add(s->loop, &l->watch, l->fd, LOOP_READ) != RC_OK)
			log_note(LOG_ERROR, "a listening socket cannot be watched any more");
	}
}

static void on_accept_timer(struct loop_timer *t)
{
	struct http_server *s =
	        (struct http_server *)((char *)t - offsetof(struct http_server, accept_timer));
	server_accept_resume(s);
}
/* The system has no descriptor or memory for the connection that waits: look again
 * soon, instead of spinning on a socket that stays readable. */
static void accept_failed(struct http_server *s, int error)
{
	if (error == EAGAIN || error == ECONNABORTED || error == EINTR)
		return;
	LOG(LOG_WARN, "accepting a connection failed", LOG_STR("error", str_z(strerror(error))));
	accept_pause(s);
	loop_timer_set(s->loop, &s->accept_timer, loop_now_ms(s->loop) + ACCEPT_RETRY_MS);
}

static void on_listener_event(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct listener *l = (struct listener *)w;
	struct http_server *s = l->server;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		if (s->n_conns >= s->o.limits.connections_max) {
			accept_pause(s); /* conn_free() resumes */
			return;
		}
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			accept_failed(s, errno);
			return;
		}
		if (l->is_unix && !socket_peer_is_me_or_root(fd))
			close(fd);
		else
			conn_create(s, fd, l->is_unix);
	}
}

enum rc http_server_listen(struct http_server *s, int fd, struct err *err)
{
	assert(fd >= 0 && s->n_listeners < LISTENERS_MAX);
	struct listener *l = &s->listeners[s->n_listeners];
	int on = 1;
	*l = (struct listener){ .server = s, .fd = fd, .is_unix = socket_is_unix(fd) };
	l->watch.fn = on_listener_event;
	if (!l->is_unix) { /* accepted sockets inherit these */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	}
	if (loop_add(s->loop, &l->watch, fd, LOOP_READ) != RC_OK) {
		close(fd);
		return err_set(err, CODE_IO, "the listening socket cannot be watched: %s",
		               strerror(errno));
	}
	s->n_listeners++;
	return RC_OK;
}

/* Life */

struct http_server *http_server_create(struct loop *loop, const struct http_server_options *o)
{
	assert(o->on_request && o->env && o->limits.head_max > 0);
	struct http_server *s = xmalloc(sizeof *s);
	memset(s, 0, offsetof(struct http_server, read_buffer)); /* that one stays untouched */
	s->loop = loop;
	s->o = *o;
	s->sweep.fn = on_sweep;
	s->accept_timer.fn = on_accept_timer;
	return s;
}

static void close_listeners(struct http_server *s)
{
	for (size_t i = 0; i < s->n_listeners; i++) {
		loop_remove(s->loop, &s->listeners[i].watch);
		close(s->listeners[i].fd);
	}
	s->n_listeners = 0;
	s->is_accept_paused = false;
	loop_timer_clear(s->loop, &s->accept_timer);
}
void http_server_drain(struct http_server *s, void (*done)(void *ctx), void *ctx)
{
	assert(!s->is_draining);
	s->is_draining = true;
	s->on_drained = done;
	s->drained_ctx = ctx;
	close_listeners(s);
	for (struct conn *c = s->conns; c; c = c->next)
		conn_drain(c);
	if (!s->is_sweep_due) /* also when nothing is left: done is called from the loop */
		loop_defer(s->loop, &s->sweep);
	s->is_sweep_due = true;
}

static void destroy_conns(struct http_server *s)
{
	for (struct conn *c = s->conns; c; c = c->next)
		if (conn_is_open(c))
			conn_close(c);
	while (s->conns)
		conn_free(s->conns);
}

void http_server_destroy(struct http_server *s)
{
	if (!s)
		return;
	close_listeners(s);
	destroy_conns(s);
	loop_defer_cancel(s->loop, &s->sweep);
	for (size_t i = 0; i < s->n_arenas; i++)
		arena_destroy(s->arenas[i]);
	buf_fini(&s->spare);
	free(s);
}

size_t http_server_pending(const struct http_server *s)
{
	return s->n_pending;
}
