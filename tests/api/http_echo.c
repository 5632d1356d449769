/* A server of nothing but http/server.h, for the raw-socket tests (test_http_gate.py) and
 * for measuring the HTTP floor alone.
 *
 *	http_echo [--head-max N] [--body-max N] [--pending-max N] [--connections-max N]
 *	          [--idle-ms N] [--head-ms N] [--body-ms N] [--unix PATH]
 *
 * Prints "port N" when it listens, and stops (draining) at SIGTERM.
 *
 *	/hello          "hello"
 *	/small-body     like the default, but a body of at most 16 bytes
 *	/later          answers in the next turn of the loop, by a message from a thread
 *	/poll           never answers; a hang-up is counted
 *	/poll-answer    answers "woken" when somebody asks for /wake
 *	/wake           wakes all of those, says how many
 *	/quiet          never answers until /wake; has no on_gone
 *	/gone           how many hang-ups were told
 *	/pending        how many exchanges are pending
 *	/large?N        N bytes at once
 *	/stream?N       N pieces of 1,000 bytes, each after the last has drained
 *	/flood          writes without asking until the reader is too far behind
 *	/floods         how many of those were stopped
 *	/events         a stream that stays open
 *	/injected       a header whose value has a line break
 *	/nothing        204
 *	anything else   what was seen: method, target, headers, length and sum of the body */
#include <signal.h>
#include <unistd.h>

#include "base/arena.h"
#include "http/server.h"
#include "sys/env.h"
#include "sys/listen.h"
#include "sys/loop.h"
#include "sys/process.h"
#include "sys/thread.h"

struct waiter {
	struct http_exchange *x;
	struct waiter *next, **at;
	bool is_poll;
};

static struct loop *loop;
static struct http_server *server;
static struct pool *pool;
static struct waiter *waiters;
static long n_gone, n_floods;

static void say(struct http_exchange *x, struct str text)
{
	http_respond(x, 200, STR("text/plain"), NULL, 0, text);
}

static void say_number(struct http_exchange *x, long n)
{
	say(x, str_fmt(x->arena, "%ld\n", n));
}

static void unlink_waiter(struct waiter *w)
{
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
}

static void on_waiter_gone(struct http_exchange *x)
{
	n_gone++;
	if (x->user)
		unlink_waiter(x->user);
	say(x, STR("nobody hears this"));
}

static void wait_here(struct http_exchange *x, bool is_poll)
{
	struct waiter *w = arena_new(x->arena, struct waiter, 1);
	*w = (struct waiter){ .x = x, .next = waiters, .at = &waiters, .is_poll = is_poll };
	if (waiters)
		waiters->at = &w->next;
	waiters = w;
	x->user = w;
	if (is_poll)
		x->on_gone = on_waiter_gone;
}

static void wake_all(struct http_exchange *x)
{
	long n = 0;
	while (waiters) {
		struct waiter *w = waiters;
		unlink_waiter(w);
		say(w->x, STR("woken"));
		n++;
	}
	say_number(x, n);
}

/* An answer that comes from another thread. */
struct later {
	struct job job;
	struct loop_message message;
	struct http_exchange *x;
};

static void later_answer(struct loop_message *m)
{
	struct later *l = (struct later *)((char *)m - offsetof(struct later, message));
	say(l->x, str_fmt(l->x->arena, "later " STR_FMT, STR_ARG(l->x->query)));
}

static void later_work(struct job *j)
{
	struct later *l = (struct later *)j;
	l->message.fn = later_answer;
	loop_post(loop, &l->message);
}

static void answer_later(struct http_exchange *x)
{
	struct later *l = arena_new(x->arena, struct later, 1);
	l->job.fn = later_work;
	l->x = x;
	pool_submit(pool, &l->job);
}

static void large(struct http_exchange *x)
{
	uint64_t n = 0;
	enum rc rc = str_to_u64(x->query, &n);
	if (rc != RC_OK || n > 100 * 1000 * 1000)
		n = 0;
	char *bytes = arena_bytes(x->arena, (size_t)n);
	memset(bytes, 'x', (size_t)n);
	say(x, (struct str){ bytes, (size_t)n });
}

struct stream {
	uint64_t left;
};

static void stream_more(struct http_exchange *x)
{
	static const char piece[1000];
	struct stream *s = x->user;
	if (s->left == 0) {
		http_stream_end(x);
		return;
	}
	s->left--;
	enum rc rc = http_stream_write(x, (struct str){ piece, sizeof piece });
	assert(rc == RC_OK);
}

static void stream(struct http_exchange *x)
{
	struct stream *s = arena_new(x->arena, struct stream, 1);
	if (str_to_u64(x->query, &s->left) != RC_OK)
		s->left = 1;
	x->user = s;
	http_stream_begin(x, 200, STR("application/octet-stream"), NULL, 0, stream_more);
}

static void on_flood_gone(struct http_exchange *x)
{
	(void)x;
	n_floods++;
}

static void flood(struct http_exchange *x)
{
	static const char piece[100000];
	x->on_gone = on_flood_gone;
	http_stream_begin(x, 200, STR("application/octet-stream"), NULL, 0, NULL);
	while (http_stream_write(x, (struct str){ piece, sizeof piece }) == RC_OK)
		;
}

static void on_events_gone(struct http_exchange *x)
{
	(void)x;
	n_gone++;
}

static void events(struct http_exchange *x)
{
	x->on_gone = on_events_gone;
	http_stream_begin(x, 200, STR("text/event-stream"), NULL, 0, NULL);
	enum rc rc = http_stream_write(x, STR("data: first\n\n"));
	assert(rc == RC_OK);
}

static void injected(struct http_exchange *x)
{
	const struct http_header h = { STR("X-Back"), STR("a\r\nX-Evil: 1") };
	http_respond(x, 200, STR("text/plain"), &h, 1, STR("ok"));
}

static void seen(struct http_exchange *x)
{
	struct buf b = BUF_INIT(1 << 20);
	uint32_t sum = 2166136261u;
	for (size_t i = 0; i < x->body.len; i++)
		sum = (sum ^ (unsigned char)x->body.ptr[i]) * 16777619u;
	buf_addf(&b,
	         "method " STR_FMT "\ntarget " STR_FMT "\npath " STR_FMT "\nquery " STR_FMT "\n",
	         STR_ARG(http_method_text(x->method)), STR_ARG(x->target), STR_ARG(x->path),
	         STR_ARG(x->query));
	for (size_t i = 0; i < x->n_headers; i++)
		buf_addf(&b, "header " STR_FMT "=" STR_FMT "\n", STR_ARG(x->headers[i].name),
		         STR_ARG(x->headers[i].value));
	buf_addf(&b, "body %zu %08x\nunix %d\n", x->body.len, sum, x->is_unix);
	say(x, buf_str(&b));
	buf_fini(&b);
}

static void do_hello(struct http_exchange *x)
{
	say(x, STR("hello"));
}

static void do_poll(struct http_exchange *x)
{
	wait_here(x, true);
}

static void do_quiet(struct http_exchange *x)
{
	wait_here(x, false);
}

static void do_gone(struct http_exchange *x)
{
	say_number(x, n_gone);
}

static void do_floods(struct http_exchange *x)
{
	say_number(x, n_floods);
}

static void do_pending(struct http_exchange *x)
{
	say_number(x, (long)http_server_pending(server));
}

static void do_nothing(struct http_exchange *x)
{
	http_respond(x, 204, (struct str){ 0 }, NULL, 0, (struct str){ 0 });
}

static const struct {
	const char *path;
	void (*fn)(struct http_exchange *x);
} routes[] = {
	{ "/hello", do_hello },      { "/later", answer_later }, { "/poll", do_poll },
	{ "/poll-answer", do_poll }, { "/quiet", do_quiet },     { "/wake", wake_all },
	{ "/gone", do_gone },        { "/pending", do_pending }, { "/large", large },
	{ "/stream", stream },       { "/flood", flood },        { "/floods", do_floods },
	{ "/events", events },       { "/injected", injected },  { "/nothing", do_nothing },
};

static void on_request(void *ctx, struct http_exchange *x)
{
	(void)ctx;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (str_eqz(x->path, routes[i].path)) {
			routes[i].fn(x);
			return;
		}
	}
	seen(x);
}

static void on_refused(void *ctx, int status, const char *reason, struct buf *body)
{
	(void)ctx;
	buf_addf(body, "{\"status\":%d,\"detail\":\"%s\"}\n", status, reason);
}

static size_t body_limit(void *ctx, const struct http_exchange *x)
{
	const struct http_limits *limits = ctx;
	return str_eqz(x->path, "/small-body") ? 16 : limits->body_max;
}

static int64_t parse_option(int argc, char **argv, const char *name, int64_t otherwise)
{
	for (int i = 1; i + 1 < argc; i++) {
		int64_t v;
		if (strcmp(argv[i], name) == 0 && str_to_i64(str_z(argv[i + 1]), &v) == RC_OK)
			return v;
	}
	return otherwise;
}

static const char *unix_path(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "--unix") == 0)
			return argv[i + 1];
	return NULL;
}

static struct http_limits parse_limits(int argc, char **argv)
{
	struct http_limits l = http_limits_default;
	l.head_max = (size_t)parse_option(argc, argv, "--head-max", (int64_t)l.head_max);
	l.body_max = (size_t)parse_option(argc, argv, "--body-max", (int64_t)l.body_max);
	l.pending_max = (size_t)parse_option(argc, argv, "--pending-max", (int64_t)l.pending_max);
	l.connections_max =
	        (size_t)parse_option(argc, argv, "--connections-max", (int64_t)l.connections_max);
	l.idle_ms = parse_option(argc, argv, "--idle-ms", l.idle_ms);
	l.head_ms = parse_option(argc, argv, "--head-ms", l.head_ms);
	l.body_ms = parse_option(argc, argv, "--body-ms", l.body_ms);
	return l;
}

static void die(const struct err *err)
{
	fprintf(stderr, "http_echo: %s\n", err->text);
	exit(1);
}

static void on_done_draining(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static void on_signal(struct loop_watch *w, unsigned events)
{
	(void)events;
	if (signals_next(w->fd) == 0)
		return;
	http_server_drain(server, on_done_draining, NULL);
	while (waiters) {
		struct waiter *one = waiters;
		unlink_waiter(one);
		say(one->x, STR("draining"));
	}
}

static void listen_on(int argc, char **argv)
{
	struct err err;
	int fd;
	if (socket_listen_tcp("127.0.0.1:0", &fd, &err) != RC_OK)
		die(&err);
	int port = socket_port(fd);
	if (http_server_listen(server, fd, &err) != RC_OK)
		die(&err);
	const char *path = unix_path(argc, argv);
	if (path && (socket_listen_unix(path, &fd, &err) != RC_OK ||
	             http_server_listen(server, fd, &err) != RC_OK))
		die(&err);
	printf("port %d\n", port);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct err err;
	struct http_limits limits = parse_limits(argc, argv);
	const struct http_server_options o = {
		.limits = limits,
		.env = &env_system,
		.on_request = on_request,
		.on_refused = on_refused,
		.body_limit = body_limit,
		.ctx = &limits,
	};
	static struct loop_watch signal_watch = { .fn = on_signal };
	const int signals[] = { SIGTERM };
	int signal_fd;
	if (signals_open(signals, 1, &signal_fd, &err) != RC_OK ||
	    loop_create(&loop, &env_system, &err) != RC_OK)
		die(&err);
	if (loop_add(loop, &signal_watch, signal_fd, LOOP_READ) != RC_OK)
		return 1;
	server = http_server_create(loop, &o);
	pool = pool_create("later", 1);
	listen_on(argc, argv);
	loop_run(loop);
	pool_destroy(pool);
	http_server_destroy(server);
	loop_destroy(loop);
	close(signal_fd);
	return 0;
}
