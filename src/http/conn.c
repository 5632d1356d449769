/* One connection: see server.h for the promises.
 *
 * A connection serves one exchange at a time:
 *
 *	READING --request whole--> PENDING --answered--> FLUSHING --out--> READING
 *	   |                          |                     ^
 *	   |                          +--stream--> STREAMING+
 *	   +--refused, timed out--> FLUSHING --out--> LINGERING --> closed
 *
 * (1) The application is called from here only (on_request, on_gone, on_done,
 *     on_drained), never from inside the functions that it calls: those add to `out`
 *     and put the connection on the list of the touched, which is swept at the end of
 *     the turn.  So an answer may be given from anywhere, for any exchange.
 * (2) Likewise a connection is freed by the sweep only.
 * (3) What comes while an exchange is pending is kept in `in` up to IN_MAX and read
 *     when its turn comes; one turn never reads a connection more than once.
 * (4) An idle connection holds no buffer and no arena: those are lent by the server
 *     while there is something in them.
 * (5) Deadlines move at every request, the timer in the heap does not: when it fires
 *     early, it is set again.
 *
 * Half-close: a client that writes no more gets the answers to what it sent, unless the
 * exchange that waits has an on_gone: then it counts as gone. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/conn_priv.h"

#include "base/arena.h"
#include "sys/count.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/log.h"

enum {
	IN_MAX = 64 * 1024,
	SPARE_MAX = 256 * 1024, /* a larger buffer is not kept */
	ARENA_BLOCK = 4 * 1024,
	ARENA_KEEP_MAX = 16 * 1024,
	LINGER_MS = 2000,
	DRAIN_FIRST_MS = 250,
	DRAIN_WHOLE_MS = 2000,
	LINGER_MAX = 4 * 1024 * 1024
};

static struct conn *conn_of(struct http_exchange *x)
{
	assert(x);
	return (struct conn *)x;
}

/* What is lent */

static struct arena *arena_lend(struct http_server *s)
{
	return s->n_arenas ? s->arenas[--s->n_arenas] : arena_create(ARENA_BLOCK);
}

static void arena_return(struct http_server *s, struct arena **a)
{
	if (!*a)
		return;
	if (s->n_arenas < ARENAS_MAX && arena_held(*a) <= ARENA_KEEP_MAX) {
		arena_clear(*a);
		s->arenas[s->n_arenas++] = *a;
	} else {
		arena_destroy(*a);
	}
	*a = NULL;
}

static struct buf *out_lend(struct conn *c)
{
	if (!c->out.ptr) {
		c->out = c->server->spare;
		c->out.max = SIZE_MAX / 2;
		c->server->spare = (struct buf){ 0 };
	}
	return &c->out;
}

static void out_return(struct conn *c)
{
	struct buf *spare = &c->server->spare;
	c->out_at = 0;
	buf_clear(&c->out);
	if (!spare->ptr && c->out.cap <= SPARE_MAX) {
		*spare = c->out;
		c->out = (struct buf){ 0 };
	} else {
		buf_fini(&c->out);
	}
}

static size_t out_left(const struct conn *c)
{
	return c->out.len - c->out_at;
}

/* Touching, watching, waiting */

static void touch(struct conn *c)
{
	struct http_server *s = c->server;
	if (c->is_touched)
		return;
	c->is_touched = true;
	c->next_touched = s->touched;
	s->touched = c;
	if (!s->is_sweep_due)
		loop_defer(s->loop, &s->sweep);
	s->is_sweep_due = true;
}

static bool wants_read(const struct conn *c)
{
	switch (c->state) {
	case CONN_READING:
	case CONN_PENDING:
	case CONN_STREAMING:
	case CONN_FLUSHING:
		return !c->is_eof && c->in.len < IN_MAX;
	case CONN_LINGERING:
		return true;
	case CONN_GONE:
	case CONN_CLOSED:
		break;
	}
	return false;
}

static void watch(struct conn *c)
{
	if (!c->watch.is_added)
		return;
	loop_set(c->server->loop, &c->watch,
	         (wants_read(c) ? (unsigned)LOOP_READ : 0u) |
	                 (out_left(c) ? (unsigned)LOOP_WRITE : 0u) |
	                 (c->is_half_open ? (unsigned)LOOP_HALF_OPEN : 0u));
}

/* A deadline begins when what is waited for changes, so that a trickle of bytes does
 * not move it. */
static void wait_for(struct conn *c, enum conn_wait wait, int64_t ms)
{
	if (c->wait == wait)
		return;
	c->wait = wait;
	if (c->server->is_draining && (wait == WAIT_HEAD || wait == WAIT_BODY))
		ms = int64_min(ms, DRAIN_WHOLE_MS);
	c->deadline_ms = wait == WAIT_NOTHING ? INT64_MAX : loop_now_ms(c->server->loop) + ms;
	if (wait != WAIT_NOTHING && (!c->timer.heap_at || c->timer.due_ms > c->deadline_ms))
		loop_timer_set(c->server->loop, &c->timer, c->deadline_ms);
}

/* Closing */

static void disconnect(struct conn *c)
{
	struct http_server *s = c->server;
	loop_remove(s->loop, &c->watch);
	loop_timer_clear(s->loop, &c->timer);
	close(c->watch.fd);
	buf_fini(&c->in);
	buf_fini(&c->out);
	c->out_at = 0;
	c->on_drained = NULL;
	c->wait = WAIT_NOTHING;
	count_add(COUNT_HTTP_OPEN, -1);
}

static void close_now(struct conn *c)
{
	assert(c->state != CONN_GONE && c->state != CONN_CLOSED);
	disconnect(c);
	c->state = CONN_CLOSED;
	touch(c);
}

static bool is_held(const struct conn *c)
{
	return c->state == CONN_PENDING || c->state == CONN_STREAMING;
}

/* The client is gone (or must go) while the application holds the exchange. */
static void gone(struct conn *c)
{
	assert(is_held(c));
	count_add(COUNT_HTTP_HANGUPS, 1);
	disconnect(c);
	c->state = CONN_GONE;
	if (!c->x.on_gone)
		return; /* freed when it is answered */
	void (*on_gone)(struct http_exchange *) = c->x.on_gone;
	c->x.on_gone = NULL;
	on_gone(&c->x);
	if (c->state == CONN_GONE) {
		c->server->n_pending--;
		c->state = CONN_CLOSED;
		touch(c);
	}
}

/* For a reader that does not read: what the kernel still holds for it (megabytes) goes
 * too, and a reset tells it that the answer is not whole. */
static void reset_at_close(struct conn *c)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };
	setsockopt(c->watch.fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

void conn_close(struct conn *c)
{
	if (is_held(c))
		gone(c);
	else
		close_now(c);
}

/* Closing while unread bytes wait makes the kernel send a reset, and a reset may take
 * the answer with it: so first only our direction ends. */
static void linger(struct conn *c)
{
	shutdown(c->watch.fd, SHUT_WR);
	buf_fini(&c->in);
	c->state = CONN_LINGERING;
	wait_for(c, WAIT_LINGER, LINGER_MS);
}

static void exchange_fini(struct conn *c)
{
	if (c->reader)
		reader_fini(c->reader);
	c->reader = NULL;
	arena_return(c->server, &c->x.arena);
}

void conn_free(struct conn *c)
{
	struct http_server *s = c->server;
	exchange_fini(c);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	s->n_conns--;
	free(c);
	if (s->is_accept_paused && !s->accept_timer.heap_at)
		server_accept_resume(s);
}

/* Writing */

/* Gives the kernel what it takes.  False when the connection is broken. */
static bool push(struct conn *c)
{
	while (out_left(c)) {
		ssize_t n = send(c->watch.fd, c->out.ptr + c->out_at, out_left(c), MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		c->bytes_out += (size_t)n;
		c->out_at += (size_t)n;
		if (c->wait == WAIT_DRAIN) /* it drains, however slowly */
			c->wait = WAIT_NOTHING;
		if (out_left(c))
			return true;
	}
	return true;
}

void http_request_release(struct http_exchange *x)
{
	x->target = x->path = x->query = x->body = (struct str){ 0 };
	x->headers = NULL;
	x->n_headers = 0;
	exchange_fini(conn_of(x));
}

/* The answer is out: make ready for the next request, or close. */
static void exchange_done(struct conn *c)
{
	struct http_server *s = c->server;
	if (!c->is_refused && s->o.on_done)
		s->o.on_done(s->o.ctx, &c->x, c->status, c->bytes_out);
	bool is_clean = !c->is_refused && c->in.len == 0;
	exchange_fini(c);
	c->has_served = true;
	c->x = (struct http_exchange){ .is_unix = c->is_unix };
	c->on_drained = NULL;
	c->bytes_out = 0;
	if (c->is_keep_alive && !s->is_draining) {
		c->state = CONN_READING;
		wait_for(c, WAIT_IDLE, s->o.limits.idle_ms);
	} else if (is_clean || c->is_eof) {
		close_now(c);
	} else {
		linger(c);
	}
}

static void drained(struct conn *c)
{
	if (c->is_draining && c->on_drained) {
		c->is_draining = false;
		c->on_drained(&c->x);
	}
}

static void flush(struct conn *c)
{
	bool has_out = out_left(c) > 0;
	if (has_out && !push(c)) {
		conn_close(c);
		return;
	}
	if (out_left(c)) {
		wait_for(c, WAIT_DRAIN, c->server->o.limits.idle_ms);
		return;
	}
	if (has_out)
		out_return(c);
	if (c->state == CONN_FLUSHING) {
		exchange_done(c);
	} else if (is_held(c)) {
		wait_for(c, WAIT_NOTHING, 0);
		if (c->state == CONN_STREAMING)
			drained(c);
	} else if (c->state == CONN_READING && has_out) { /* that was 100 Continue */
		wait_for(c, WAIT_BODY, c->server->o.limits.body_ms);
	}
}

/* Answering */

static enum answer_connection connection_of(const struct conn *c)
{
	if (!c->is_keep_alive)
		return ANSWER_CLOSE;
	return c->is_http10 ? ANSWER_KEEP_ALIVE : ANSWER_SILENT;
}

static void begin_answer(struct conn *c, int status, struct str content_type,
                         const struct http_header *headers, size_t n_headers,
                         enum answer_framing framing, size_t length)
{
	struct http_server *s = c->server;
	if (s->is_draining || framing == ANSWER_UNTIL_CLOSE)
		c->is_keep_alive = false;
	c->status = status;
	c->has_body = answer_has_body(status) && c->x.method != HTTP_HEAD;
	const struct answer_head head = {
		.status = status,
		.content_type = content_type,
		.headers = headers,
		.n_headers = n_headers,
		.date = answer_date(&s->date, env_wall_ms(s->o.env)),
		.framing = framing,
		.length = length,
		.connection = connection_of(c),
	};
	answer_add_head(out_lend(c), &head);
}

static void answered(struct conn *c)
{
	c->server->n_pending--;
	c->x.on_gone = NULL;
	c->state = CONN_FLUSHING;
	if (!c->is_in_turn)
		touch(c);
}

/* The application lets go of an exchange whose client is gone. */
static void let_go(struct conn *c)
{
	c->server->n_pending--;
	c->state = CONN_CLOSED;
	touch(c);
}

void http_respond(struct http_exchange *x, int status, struct str content_type,
                  const struct http_header *headers, size_t n_headers, struct str body)
{
	struct conn *c = conn_of(x);
	if (c->state == CONN_GONE) {
		let_go(c);
		return;
	}
	assert(c->state == CONN_PENDING);
	begin_answer(c, status, content_type, headers, n_headers, ANSWER_LENGTH, body.len);
	if (c->has_body)
		buf_add(&c->out, body);
	answered(c);
}

void http_stream_begin(struct http_exchange *x, int status, struct str content_type,
                       const struct http_header *headers, size_t n_headers,
                       void (*on_drained)(struct http_exchange *x))
{
	struct conn *c = conn_of(x);
	if (c->state == CONN_GONE)
		return;
	assert(c->state == CONN_PENDING);
	c->is_chunked = !c->is_http10;
	begin_answer(c, status, content_type, headers, n_headers,
	             c->is_chunked ? ANSWER_CHUNKED : ANSWER_UNTIL_CLOSE, 0);
	c->on_drained = on_drained;
	c->is_draining = true;
	c->state = CONN_STREAMING;
	if (!c->is_in_turn)
		touch(c);
}

/* Is the reader too far behind?  What was not yet offered to the kernel does not
 * count. */
static bool is_behind(struct conn *c)
{
	size_t max = c->server->o.limits.pending_max;
	return out_left(c) > max && (!push(c) || out_left(c) > max);
}

/* The line before a chunk: its size in hex.  As many bytes as it has. */
static size_t write_chunk_line(size_t len, char *line)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 1;
	for (size_t rest = len >> 4; rest; rest >>= 4)
		n++;
	for (size_t i = n; i-- > 0; len >>= 4)
		line[i] = digits[len & 15];
	line[n] = '\r';
	line[n + 1] = '\n';
	return n + 2;
}

/* An event goes to thousands: room is made once, and nothing is formatted. */
static void add_chunk(struct conn *c, struct str bytes)
{
	char line[2 * sizeof(size_t) + 2];
	struct buf *out = out_lend(c);
	if (c->out_at > READ_SIZE) { /* what is out makes room */
		buf_drop(out, c->out_at);
		c->out_at = 0;
	}
	if (!c->is_chunked) {
		buf_add(out, bytes);
		return;
	}
	size_t n = write_chunk_line(bytes.len, line);
	buf_room(out, n + bytes.len + 2);
	buf_add(out, (struct str){ line, n });
	buf_add(out, bytes);
	buf_add(out, STR("\r\n"));
}

enum rc http_stream_write(struct http_exchange *x, struct str bytes)
{
	struct conn *c = conn_of(x);
	if (c->state == CONN_GONE || c->is_overflowed)
		return RC_LIMIT;
	assert(c->state == CONN_STREAMING);
	if (is_behind(c)) {
		c->is_overflowed = true;
		touch(c);
		return RC_LIMIT;
	}
	if (bytes.len && c->has_body)
		add_chunk(c, bytes);
	c->is_draining = true;
	if (!c->is_in_turn)
		touch(c);
	return RC_OK;
}

static void end_stream(struct conn *c)
{
	if (c->is_chunked && c->has_body)
		buf_add(out_lend(c), STR("0\r\n\r\n"));
	answered(c);
}

void http_stream_end(struct http_exchange *x)
{
	struct conn *c = conn_of(x);
	if (c->state == CONN_GONE) {
		let_go(c);
		return;
	}
	assert(c->state == CONN_STREAMING);
	if (!c->is_overflowed) {
		end_stream(c);
		return;
	}
	c->x.on_gone = NULL; /* half an answer must not look whole */
	reset_at_close(c);
	gone(c);
	let_go(c);
}

static void refuse(struct conn *c, struct refusal r)
{
	struct http_server *s = c->server;
	count_add(COUNT_HTTP_REFUSED, 1);
	AUTO(buf_fini) struct buf body = BUF_INIT(READ_SIZE);
	struct str type = STR("text/plain; charset=utf-8");
	if (s->o.on_refused) {
		type = STR("application/problem+json");
		s->o.on_refused(s->o.ctx, r.status, r.reason, &body);
	} else {
		buf_addf(&body, "%s\n", r.reason);
	}
	c->is_refused = true;
	c->is_keep_alive = false;
	c->x.method = HTTP_METHOD_OTHER; /* the answer has its body, whatever was asked */
	begin_answer(c, r.status, type, NULL, 0, ANSWER_LENGTH, body.len);
	buf_add(&c->out, buf_str(&body));
	c->state = CONN_FLUSHING;
	flush(c);
}

/* Reading */

static void fill_exchange(struct conn *c)
{
	const struct request_head *h = &c->reader->head;
	struct http_exchange *x = &c->x;
	x->method = h->method;
	x->target = h->target;
	x->path = h->path;
	x->query = h->query;
	x->headers = h->headers;
	x->n_headers = h->n_headers;
	x->began_us = env_mono_us(c->server->o.env);
	c->is_keep_alive = h->is_keep_alive;
	c->is_http10 = h->is_http10;
}

static void allow_body(struct conn *c, bool has_more)
{
	struct http_server *s = c->server;
	fill_exchange(c);
	reader_allow(c->reader, c->x.arena,
	             s->o.body_limit ? s->o.body_limit(s->o.ctx, &c->x) : s->o.limits.body_max);
	if (c->reader->state != READER_BODY)
		return;
	wait_for(c, WAIT_BODY, s->o.limits.body_ms);
	if (c->reader->head.expects_continue && !has_more) {
		buf_add(out_lend(c), STR("HTTP/1.1 100 Continue\r\n\r\n"));
		flush(c);
	}
}

static void hand_over(struct conn *c)
{
	struct http_server *s = c->server;
	c->x.body = c->reader->body;
	c->state = CONN_PENDING;
	c->has_body = c->is_chunked = c->is_overflowed = c->is_draining = false;
	wait_for(c, WAIT_NOTHING, 0);
	s->n_pending++;
	c->is_in_turn = true;
	s->o.on_request(s->o.ctx, &c->x);
	c->is_in_turn = false;
	if (c->state == CONN_FLUSHING || c->state == CONN_STREAMING)
		flush(c);
	if (is_held(c) && c->is_half_open && c->x.on_gone)
		gone(c);
}

static void advance(struct conn *c, bool has_more)
{
	if (c->reader->state == READER_LIMIT)
		allow_body(c, has_more);
	if (c->state != CONN_READING) /* broken while sending 100 */
		return;
	if (c->reader->state == READER_DONE)
		hand_over(c);
	else if (c->reader->state == READER_REFUSED)
		refuse(c, c->reader->refusal);
	else if (c->reader->state == READER_HEAD)
		wait_for(c, WAIT_HEAD, c->server->o.limits.head_ms);
}

static void keep(struct conn *c, struct str bytes)
{
	if (c->is_refused)
		return;
	c->in.max = SIZE_MAX / 2;
	buf_add(&c->in, bytes);
}

static void begin_reading(struct conn *c)
{
	assert(!c->x.arena);
	c->x.arena = arena_lend(c->server);
	c->reader = arena_new(c->x.arena, struct reader, 1);
	reader_init(c->reader);
}

/* Requests out of bytes, until one must wait for its answer. */
static void take(struct conn *c, struct str bytes)
{
	while (bytes.len && c->state == CONN_READING) {
		if (!c->reader)
			begin_reading(c);
		size_t n = reader_feed(c->reader, c->x.arena, bytes, c->server->o.limits.head_max);
		bytes = str_sub(bytes, n, bytes.len);
		advance(c, bytes.len > 0);
	}
	if (bytes.len && (is_held(c) || c->state == CONN_FLUSHING))
		keep(c, bytes);
	if (c->state == CONN_READING && c->is_eof)
		close_now(c); /* what came last was not a whole request */
}

/* After an answer: what came meanwhile. */
static void take_kept(struct conn *c)
{
	if (c->state != CONN_READING || (c->in.len == 0 && !c->is_eof))
		return;
	AUTO(buf_fini) struct buf kept = c->in;
	c->in = (struct buf){ 0 };
	take(c, buf_str(&kept));
}

static void got_bytes(struct conn *c, struct str bytes)
{
	switch (c->state) {
	case CONN_READING:
		take(c, bytes);
		break;
	case CONN_PENDING:
	case CONN_STREAMING:
	case CONN_FLUSHING:
		keep(c, bytes);
		break;
	case CONN_LINGERING:
		c->lingered += bytes.len;
		if (c->lingered > LINGER_MAX)
			close_now(c);
		break;
	case CONN_GONE:
	case CONN_CLOSED:
		break;
	}
}

static void got_end(struct conn *c)
{
	c->is_eof = c->is_half_open = true;
	if (c->state == CONN_READING || c->state == CONN_LINGERING)
		close_now(c);
	else if (is_held(c) && c->x.on_gone)
		gone(c);
}

static void readable(struct conn *c)
{
	struct http_server *s = c->server;
	ssize_t n = recv(c->watch.fd, s->read_buffer, sizeof s->read_buffer, 0);
	if (n > 0)
		got_bytes(c, (struct str){ s->read_buffer, (size_t)n });
	else if (n == 0)
		got_end(c);
	else if (errno != EAGAIN && errno != EINTR)
		conn_close(c);
}

/* The first hang-up may be half of one; when we have asked not to hear of halves, it
 * is whole. */
static void hung_up(struct conn *c, bool was_readable)
{
	if (is_held(c) && (c->x.on_gone || c->is_half_open)) {
		gone(c);
	} else if (c->is_half_open && !was_readable) {
		conn_close(c);
	} else {
		c->is_half_open = true;
	}
}

bool conn_is_open(const struct conn *c)
{
	return c->state != CONN_GONE && c->state != CONN_CLOSED;
}

static void on_conn_event(struct loop_watch *w, unsigned events)
{
	struct conn *c = (struct conn *)((char *)w - offsetof(struct conn, watch));
	bool was_half_open = c->is_half_open;
	if (events & LOOP_WRITE) {
		flush(c);
		take_kept(c);
	}
	if (conn_is_open(c) && (events & LOOP_READ))
		readable(c);
	/* What readable() learnt of the end is not a second sign of it. */
	if (conn_is_open(c) && (events & LOOP_HANGUP) && c->is_half_open == was_half_open)
		hung_up(c, events & LOOP_READ);
	watch(c);
}

static void on_deadline(struct loop_timer *t)
{
	struct conn *c = (struct conn *)((char *)t - offsetof(struct conn, timer));
	if (c->wait == WAIT_NOTHING)
		return;
	if (c->deadline_ms > loop_now_ms(c->server->loop)) {
		loop_timer_set(c->server->loop, &c->timer, c->deadline_ms);
		return;
	}
	switch (c->wait) {
	case WAIT_HEAD:
		refuse(c, (struct refusal){ 408, "the head of the request did not come in time" });
		break;
	case WAIT_BODY:
		refuse(c, (struct refusal){ 408, "the body of the request did not come in time" });
		break;
	case WAIT_DRAIN:
		reset_at_close(c);
		conn_close(c);
		break;
	case WAIT_IDLE:
	case WAIT_LINGER:
		conn_close(c);
		break;
	case WAIT_NOTHING:
		break;
	}
	watch(c);
}
/* The sweep */

void conn_sweep(struct conn *c)
{
	if (is_held(c) && c->is_overflowed) {
		reset_at_close(c);
		gone(c);
	}
	if (c->state == CONN_STREAMING || c->state == CONN_FLUSHING)
		flush(c);
	take_kept(c);
	watch(c);
}
/* Life */

void conn_create(struct http_server *s, int fd, bool is_unix)
{
	struct conn *c = xcalloc(1, sizeof *c);
	c->server = s;
	c->is_unix = c->x.is_unix = is_unix;
	c->watch.fn = on_conn_event;
	c->timer.fn = on_deadline;
	if (loop_add(s->loop, &c->watch, fd, LOOP_READ) != RC_OK) {
		close(fd);
		free(c);
		return;
	}
	c->next = s->conns;
	c->at = &s->conns;
	if (c->next)
		c->next->at = &c->next;
	s->conns = c;
	s->n_conns++;
	count_add(COUNT_HTTP_CONNECTIONS, 1);
	count_add(COUNT_HTTP_OPEN, 1);
	wait_for(c, WAIT_IDLE, s->o.limits.idle_ms);
}

/* What is being waited for must come sooner than it had to. */
static void hurry(struct conn *c, int64_t ms)
{
	int64_t at_ms = loop_now_ms(c->server->loop) + ms;
	if (c->deadline_ms <= at_ms)
		return;
	c->deadline_ms = at_ms;
	loop_timer_set(c->server->loop, &c->timer, at_ms);
}

/* A request that lies in the kernel already is read and answered.  A connection that never
 * had one is about to send it: its client must not see it closed, as one that keeps a
 * connection for later must expect. */
static void drain_reading(struct conn *c)
{
	readable(c);
	if (c->state != CONN_READING)
		return;
	if (c->reader && !reader_is_fresh(c->reader))
		hurry(c, DRAIN_WHOLE_MS);
	else if (c->has_served)
		close_now(c);
	else
		hurry(c, DRAIN_FIRST_MS);
}

static void drain_streaming(struct conn *c)
{
	void (*on_gone)(struct http_exchange *) = c->x.on_gone;
	c->x.on_gone = NULL;
	c->is_keep_alive = false;
	on_gone(&c->x); /* may end the stream itself */
	if (c->state == CONN_STREAMING)
		end_stream(c);
}

void conn_drain(struct conn *c)
{
	if (c->state == CONN_READING)
		drain_reading(c);
	else if (c->state == CONN_STREAMING && c->x.on_gone)
		drain_streaming(c);
	watch(c);
}

struct str http_header_get(const struct http_exchange *x, struct str name)
{
	for (size_t i = 0; i < x->n_headers; i++)
		if (str_eq_nocase(x->headers[i].name, name))
			return x->headers[i].value;
	return (struct str){ 0 };
}
