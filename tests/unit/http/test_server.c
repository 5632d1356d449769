/* http/server from inside: what its callbacks promise.  What goes over the wire is tested
 * by tests/api/test_http_gate.py.
 *
 * One thread: the client's end of a connection is a raw socket whose buffers hold what
 * is sent; the loop runs until a callback stops it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "http/server.h"
#include "sys/count.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/listen.h"
#include "sys/loop.h"

static struct loop *loop;
static struct http_server *server;
static int port;
static void (*request_fn)(struct http_exchange *x);

static int n_done, n_gone, done_status;
static size_t done_bytes;
static char done_path[32];

static void on_request(void *ctx, struct http_exchange *x)
{
	ck_assert_ptr_eq(ctx, &port);
	request_fn(x);
}

static void on_done(void *ctx, const struct http_exchange *x, int status, size_t bytes_out)
{
	ck_assert_ptr_eq(ctx, &port);
	n_done++;
	done_status = status;
	done_bytes = bytes_out;
	snprintf(done_path, sizeof done_path, STR_FMT, STR_ARG(x->path));
	loop_stop(loop);
}

static void setup(void (*fn)(struct http_exchange *x))
{
	struct http_server_options o = {
		.limits = http_limits_default,
		.env = &env_system,
		.on_request = on_request,
		.on_done = on_done,
		.ctx = &port,
	};
	o.limits.pending_max = 100000;
	int fd;
	request_fn = fn;
	ck_assert_ok(loop_create(&loop, &env_system, NULL));
	server = http_server_create(loop, &o);
	ck_assert_ok(socket_listen_tcp(":0", &fd, NULL));
	port = socket_port(fd);
	ck_assert_ok(http_server_listen(server, fd, NULL));
}

static void teardown(void)
{
	http_server_destroy(server);
	loop_destroy(loop);
}

static int ask(const char *path)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_port = htons((uint16_t)port),
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	char request[200];
	int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
	ck_assert_int_eq(write(fd, request, (size_t)n), n);
	return fd;
}

static struct str answer_on(int fd)
{
	static char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof bytes);
	return (struct str){ bytes, n > 0 ? (size_t)n : 0 };
}

static void respond_path(struct http_exchange *x)
{
	ck_assert_uint_eq(http_server_pending(server), 1);
	http_respond(x, 201, STR("text/plain"), NULL, 0, x->path);
	ck_assert_uint_eq(http_server_pending(server), 0);
	ck_assert_int_eq(n_done, 0); /* no callback from inside */
}

START_TEST(test_on_done_comes_after_the_last_byte_with_the_exchange_whole)
{
	setup(respond_path);
	int fd = ask("/some/path");
	loop_run(loop);
	struct str s = answer_on(fd);
	ck_assert_int_eq(n_done, 1);
	ck_assert_int_eq(done_status, 201);
	ck_assert_uint_eq(done_bytes, s.len);
	ck_assert_str_eq(done_path, "/some/path");
	ck_assert(str_ends(s, STR("\r\n\r\n/some/path")));
	close(fd);
	teardown();
}
END_TEST

/* The second request answers the first. */
static struct http_exchange *first;

static void answer_the_other(struct http_exchange *x)
{
	if (!first) {
		first = x;
		return;
	}
	http_respond(first, 200, STR("text/plain"), NULL, 0, STR("to the first"));
	http_respond(x, 200, STR("text/plain"), NULL, 0, STR("to the second"));
}

START_TEST(test_any_exchange_can_be_answered_from_any_handler)
{
	setup(answer_the_other);
	int a = ask("/a"), b = ask("/b");
	while (n_done < 2)
		loop_run(loop);
	ck_assert(str_ends(answer_on(a), STR("to the first")));
	ck_assert(str_ends(answer_on(b), STR("to the second")));
	teardown();
}
END_TEST

static void note_gone(struct http_exchange *x)
{
	n_gone++;
	http_respond(x, 200, STR("text/plain"), NULL, 0, STR("harmless"));
	loop_stop(loop);
}

static void wait_for_ever(struct http_exchange *x)
{
	x->on_gone = note_gone;
	loop_stop(loop);
}

START_TEST(test_a_gone_client_is_told_once_and_counted)
{
	setup(wait_for_ever);
	int64_t before = count_get(COUNT_HTTP_HANGUPS);
	int fd = ask("/");
	loop_run(loop);
	ck_assert_uint_eq(http_server_pending(server), 1);
	ck_assert_int_eq(n_gone, 0);
	close(fd);
	loop_run(loop);
	ck_assert_int_eq(n_gone, 1);
	ck_assert_uint_eq(http_server_pending(server), 0);
	ck_assert_int_eq(count_get(COUNT_HTTP_HANGUPS), before + 1);
	teardown();
	ck_assert_int_eq(n_gone, 1);
	ck_assert_int_eq(n_done, 0);
	ck_assert_int_eq(count_get(COUNT_HTTP_OPEN), 0);
}
END_TEST

START_TEST(test_destroying_tells_who_waits)
{
	setup(wait_for_ever);
	int fd = ask("/");
	loop_run(loop);
	teardown();
	ck_assert_int_eq(n_gone, 1);
	ck_assert_uint_eq(answer_on(fd).len, 0);
	close(fd);
}
END_TEST

static void stop(struct loop_message *m)
{
	(void)m;
	loop_stop(loop);
}

static struct loop_message stop_message = { .fn = stop };

static void overflow_and_end(struct http_exchange *x)
{
	static const char piece[50000];
	enum rc rc = RC_OK;
	http_stream_begin(x, 200, STR("text/plain"), NULL, 0, NULL);
	for (int i = 0; rc == RC_OK; i++) {
		ck_assert_int_lt(i, 1000);
		rc = http_stream_write(x, (struct str){ piece, sizeof piece });
	}
	ck_assert_int_eq(rc, RC_LIMIT);
	http_stream_end(x);
	ck_assert_uint_eq(http_server_pending(server), 0);
	loop_post(loop, &stop_message);
}

START_TEST(test_a_stream_without_on_gone_is_let_go_by_its_end)
{
	setup(overflow_and_end);
	int fd = ask("/");
	loop_run(loop);
	ck_assert_int_eq(n_done, 0);
	close(fd);
	teardown();
}
END_TEST

static void on_drained(void *ctx)
{
	ck_assert_ptr_eq(ctx, &loop);
	loop_stop(loop);
}

START_TEST(test_draining_nothing_ends_in_the_loop)
{
	setup(respond_path);
	http_server_drain(server, on_drained, &loop);
	loop_run(loop);
	teardown();
}
END_TEST

static void destroy_in_callback(void *ctx)
{
	on_drained(ctx);
	http_server_destroy(server);
	server = NULL;
}

START_TEST(test_a_drained_server_may_be_destroyed_at_once)
{
	setup(wait_for_ever);
	int fd = ask("/");
	loop_run(loop);
	http_server_drain(server, destroy_in_callback, &loop);
	close(fd);
	loop_run(loop); /* the hang-up */
	loop_run(loop); /* the end of draining */
	ck_assert_ptr_null(server);
	teardown();
}
END_TEST

UNIT_MAIN("http/server", test_on_done_comes_after_the_last_byte_with_the_exchange_whole,
          test_any_exchange_can_be_answered_from_any_handler,
          test_a_gone_client_is_told_once_and_counted, test_destroying_tells_who_waits,
          test_a_stream_without_on_gone_is_let_go_by_its_end,
          test_draining_nothing_ends_in_the_loop, test_a_drained_server_may_be_destroyed_at_once)
