/* http/client against http/server: real sockets, the server on a thread of this process. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit.h"

#include "base/arena.h"
#include "http/client.h"
#include "http/server.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/listen.h"
#include "sys/loop.h"
#include "sys/thread.h"

static struct loop *loop;
static struct http_server *server;
static struct thread *thread;
static int port;
static _Atomic int n_pieces_sent, n_served;

static void stream_more(struct http_exchange *x)
{
	if (atomic_fetch_add(&n_pieces_sent, 1) < 3)
		ck_assert_ok(http_stream_write(x, STR("piece ")));
	else
		http_stream_end(x);
}

static void on_gone(struct http_exchange *x)
{
	(void)x;
}

static void on_request(void *ctx, struct http_exchange *x)
{
	(void)ctx;
	atomic_fetch_add(&n_served, 1);
	if (str_eqz(x->path, "/stream")) {
		http_stream_begin(x, 200, STR("text/plain"), NULL, 0, stream_more);
	} else if (str_eqz(x->path, "/events")) {
		x->on_gone = on_gone;
		http_stream_begin(x, 200, STR("text/plain"), NULL, 0, NULL);
		ck_assert_ok(http_stream_write(x, STR("first")));
	} else if (str_eqz(x->path, "/never")) {
		x->on_gone = on_gone;
	} else if (str_eqz(x->path, "/moved")) {
		const struct http_header h = { STR("Location"), STR("/") };
		http_respond(x, 302, STR("text/plain"), &h, 1, STR("moved"));
	} else {
		struct str auth = http_header_get(x, STR("authorization"));
		struct str type = http_header_get(x, STR("content-type"));
		struct str key = http_header_get(x, STR("x-key"));
		struct str s = str_fmt(
		        x->arena,
		        STR_FMT " " STR_FMT " [" STR_FMT "] [" STR_FMT "] [" STR_FMT "] " STR_FMT,
		        STR_ARG(http_method_text(x->method)), STR_ARG(x->target), STR_ARG(auth),
		        STR_ARG(type), STR_ARG(key), STR_ARG(x->body));
		http_respond(x, str_eqz(x->path, "/404") ? 404 : 200, STR("text/plain"), NULL, 0,
		             s);
	}
}

static void run_loop(void *ctx)
{
	(void)ctx;
	loop_run(loop);
}

static void start_server(int fd)
{
	const struct http_server_options o = {
		.limits = http_limits_default,
		.env = &env_system,
		.on_request = on_request,
	};
	ck_assert_ok(loop_create(&loop, &env_system, NULL));
	server = http_server_create(loop, &o);
	port = socket_port(fd);
	ck_assert_ok(http_server_listen(server, fd, NULL));
	ck_assert_ok(thread_start(&thread, "server", run_loop, NULL, NULL));
}

static void start_tcp(void)
{
	int fd;
	ck_assert_ok(socket_listen_tcp(":0", &fd, NULL));
	start_server(fd);
}

static void stop_server(void)
{
	loop_stop(loop);
	thread_join(thread);
	http_server_destroy(server);
	loop_destroy(loop);
}

static struct http_client *connect_to(int to, const char *bearer)
{
	char url[64];
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", to);
	struct http_client *c;
	struct err err;
	const struct http_client_options o = { .base_url = url, .bearer = bearer };
	ck_assert_ok(http_client_create(&o, &c, &err));
	return c;
}

static struct http_reply reply = { .body = BUF_INIT(1 << 20) };

static const char *call(struct http_client *c, const struct http_call *how)
{
	struct err err;
	enum rc rc = http_client_call(c, how, &reply, &err);
	ck_assert_msg(rc == RC_OK, "%s", err.text);
	buf_addc(&reply.body, '\0');
	return reply.body.ptr;
}

START_TEST(test_calls_over_one_connection)
{
	start_tcp();
	struct http_client *c = connect_to(port, "secret");
	static const char *const headers[] = { "X-Key: 7", NULL };
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "GET", .path = "/a?b=c" }),
	                 "GET /a?b=c [Bearer secret] [] [] ");
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "POST",
	                                              .path = "/../a",
	                                              .body = STR("{}"),
	                                              .headers = headers }),
	                 "POST /../a [Bearer secret] [application/json] [7] {}");
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "PUT",
	                                              .path = "/",
	                                              .body = STR("a"),
	                                              .content_type = "text/x" }),
	                 "PUT / [Bearer secret] [text/x] [] a");
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "POST", .path = "/" }),
	                 "POST / [Bearer secret] [] [] ");
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "DELETE", .path = "/404" }),
	                 "DELETE /404 [Bearer secret] [] [] ");
	ck_assert_int_eq(reply.status, 404);
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "HEAD", .path = "/" }), "");
	ck_assert_int_eq(reply.status, 200);
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "GET", .path = "/moved" }),
	                 "moved");
	ck_assert_int_eq(reply.status, 302);
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "GET", .path = "/stream" }),
	                 "piece piece piece ");
	http_client_destroy(c);
	http_client_destroy(NULL);
	http_reply_fini(&reply);
	stop_server();
}
END_TEST

START_TEST(test_a_proxy_of_the_environment_is_not_used)
{
	start_tcp();
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	struct http_client *c = connect_to(port, NULL);
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "GET", .path = "/" }),
	                 "GET / [] [] [] ");
	http_client_destroy(c);
	http_reply_fini(&reply);
	stop_server();
}
END_TEST

START_TEST(test_a_large_body)
{
	start_tcp();
	size_t n = 1000 * 1000;
	char *bytes = xmalloc(n);
	memset(bytes, 'b', n);
	struct http_client *c = connect_to(port, NULL);
	const char *got =
	        call(c, &(struct http_call){ .method = "POST", .path = "/", .body = { bytes, n } });
	ck_assert_uint_eq(strlen(got), n + strlen("POST / [] [application/json] [] "));
	free(bytes);
	http_client_destroy(c);
	http_reply_fini(&reply);
	stop_server();
}
END_TEST

static bool keep_all(void *ctx, struct str bytes)
{
	buf_add(ctx, bytes);
	return true;
}

static bool keep_one(void *ctx, struct str bytes)
{
	buf_add(ctx, bytes);
	return false;
}

START_TEST(test_streams_come_in_pieces_and_can_be_ended)
{
	start_tcp();
	struct buf got = BUF_INIT(1000);
	struct http_client *c = connect_to(port, NULL);
	struct http_call how = {
		.method = "GET", .path = "/stream", .on_data = keep_all, .ctx = &got
	};
	call(c, &how);
	ck_assert_str(buf_str(&got), "piece piece piece ");
	buf_clear(&got);
	how.path = "/events";
	how.on_data = keep_one;
	how.timeout_ms = -1;
	call(c, &how);
	ck_assert_str(buf_str(&got), "first");
	ck_assert_int_eq(reply.status, 200);
	buf_fini(&got);
	http_client_destroy(c);
	http_reply_fini(&reply);
	stop_server();
}
END_TEST

static bool is_served(void *ctx)
{
	(void)ctx;
	return atomic_load(&n_served) > 0;
}

START_TEST(test_a_call_can_be_cancelled)
{
	start_tcp();
	struct http_client *c = connect_to(port, NULL);
	call(c, &(struct http_call){ .method = "GET",
	                             .path = "/never",
	                             .timeout_ms = -1,
	                             .is_cancelled = is_served });
	http_client_destroy(c);
	http_reply_fini(&reply);
	stop_server();
}
END_TEST

static enum code failure(struct http_client *c, const struct http_call *how)
{
	struct err err = { 0 };
	ck_assert_int_ne(http_client_call(c, how, &reply, &err), RC_OK);
	http_reply_fini(&reply);
	http_client_destroy(c);
	return err.code;
}

START_TEST(test_nothing_sent_is_told_from_unknown)
{
	const struct http_call post = {
		.method = "POST", .path = "/never", .body = STR("x"), .timeout_ms = 200
	};
	start_tcp();
	ck_assert_int_eq(failure(connect_to(port, NULL), &post), CODE_UNKNOWN_OUTCOME);
	stop_server();
	ck_assert_int_eq(failure(connect_to(port, NULL), &post), CODE_NO_SERVER);
	const struct http_client_options gone = { .base_url = "http://x",
		                                  .unix_path = "/nowhere/socket" };
	struct http_client *c;
	ck_assert_ok(http_client_create(&gone, &c, NULL));
	ck_assert_int_eq(failure(c, &post), CODE_NO_SERVER);
	const struct http_client_options file = { .base_url = "file:///etc/passwd?" };
	ck_assert_ok(http_client_create(&file, &c, NULL));
	ck_assert_int_eq(failure(c, &post), CODE_NO_SERVER);
}
END_TEST

/* Reads the request and hangs up: what a killed server looks like. */
static void accept_and_drop(void *ctx)
{
	int fd = accept(*(int *)ctx, NULL, NULL);
	char piece[1000];
	ssize_t n = read(fd, piece, sizeof piece);
	ck_assert_int_gt(n, 0);
	close(fd);
}

START_TEST(test_a_server_that_dies_meanwhile_leaves_it_unknown)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in any = { .sin_family = AF_INET,
		                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	struct thread *t;
	ck_assert_ok(thread_start(&t, "dropper", accept_and_drop, &fd, NULL));
	const struct http_call post = { .method = "POST", .path = "/", .body = STR("x") };
	ck_assert_int_eq(failure(connect_to(socket_port(fd), NULL), &post), CODE_UNKNOWN_OUTCOME);
	thread_join(t);
	close(fd);
}
END_TEST

START_TEST(test_an_answer_beyond_the_limit)
{
	start_tcp();
	buf_init(&reply.body, 10);
	const struct http_call get = { .method = "GET", .path = "/" };
	ck_assert_int_eq(failure(connect_to(port, NULL), &get), CODE_TOO_LARGE);
	stop_server();
}
END_TEST

START_TEST(test_no_header_of_somebody_elses_choice)
{
	start_tcp();
	static const char *const headers[] = { "X-Key: 7\r\nX-Evil: 1", NULL };
	const struct http_call get = { .method = "GET", .path = "/", .headers = headers };
	ck_assert_int_eq(failure(connect_to(port, NULL), &get), CODE_BAD_REQUEST);
	struct http_client *c;
	const struct http_client_options o = { .base_url = "http://x", .bearer = "a\r\nB: c" };
	ck_assert_int_eq(http_client_create(&o, &c, NULL), RC_INVALID);
	ck_assert_int_eq(atomic_load(&n_served), 0);
	stop_server();
}
END_TEST

START_TEST(test_a_unix_socket)
{
	char folder[] = "/tmp/takt-client-XXXXXX", path[64];
	int fd;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/socket", folder);
	ck_assert_ok(socket_listen_unix(path, &fd, NULL));
	start_server(fd);
	const struct http_client_options o = { .base_url = "http://takt", .unix_path = path };
	struct http_client *c;
	ck_assert_ok(http_client_create(&o, &c, NULL));
	ck_assert_str_eq(call(c, &(struct http_call){ .method = "GET", .path = "/u" }),
	                 "GET /u [] [] [] ");
	http_client_destroy(c);
	http_reply_fini(&reply);
	stop_server();
	ck_assert_ok(folder_remove(folder, NULL));
}
END_TEST

UNIT_MAIN("http/client", test_calls_over_one_connection,
          test_a_proxy_of_the_environment_is_not_used, test_a_large_body,
          test_streams_come_in_pieces_and_can_be_ended, test_a_call_can_be_cancelled,
          test_nothing_sent_is_told_from_unknown,
          test_a_server_that_dies_meanwhile_leaves_it_unknown, test_an_answer_beyond_the_limit,
          test_no_header_of_somebody_elses_choice, test_a_unix_socket)
