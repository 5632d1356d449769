/* http/gate: the pure half of promise (1).  The other half, over sockets, is
 * tests/api/test_http_gate.py. */
#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "http/gate.h"

static struct arena *a;
static struct request_head head;

static void setup(void)
{
	a = arena_create(4096);
}

/* The status with which a text is refused, 0 when it is let in, -1 when more is wanted. */
static int verdict(struct str text, size_t head_max)
{
	struct gate_scan g = { 0 };
	struct refusal r;
	size_t taken = 0;
	if (!gate_scan(&g, text, head_max, &taken, &r))
		return r.status ? r.status : -1;
	ck_assert_uint_eq(taken, text.len);
	r = gate_read_head(a, text, &head);
	ck_assert(!r.status || r.reason);
	return r.status;
}

#define HOST "Host: x\r\n"

START_TEST(test_a_head_is_read)
{
	setup();
	ck_assert_int_eq(verdict(STR("PUT /a%20b?c=d?e HTTP/1.1\r\nhost: [::1]:80\r\nX:\t y \r\n"
	                             "content-LENGTH: 007\r\n\r\n"),
	                         1000),
	                 0);
	ck_assert_int_eq(head.method, HTTP_PUT);
	ck_assert_str(head.target, "/a%20b?c=d?e");
	ck_assert_str(head.path, "/a%20b");
	ck_assert_str(head.query, "c=d?e");
	ck_assert_uint_eq(head.n_headers, 3);
	ck_assert_str(head.headers[1].name, "X");
	ck_assert_str(head.headers[1].value, "y");
	ck_assert_uint_eq(head.content_length, 7);
	ck_assert(head.is_keep_alive && !head.is_http10 && !head.is_chunked);
	arena_destroy(a);
}
END_TEST

START_TEST(test_keep_alive)
{
	setup();
	static const struct {
		struct str text;
		bool is_keep_alive;
	} cases[] = {
		{ STR_INIT("GET / HTTP/1.1\r\n" HOST "\r\n"), true },
		{ STR_INIT("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), false },
		{ STR_INIT("GET / HTTP/1.1\r\n" HOST "Connection: a, CLOSE\r\n\r\n"), false },
		{ STR_INIT("GET / HTTP/1.0\r\n\r\n"), false },
		{ STR_INIT("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), true },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ck_assert_int_eq(verdict(cases[i].text, 1000), 0);
		ck_assert_msg(head.is_keep_alive == cases[i].is_keep_alive, "%s",
		              cases[i].text.ptr);
	}
	arena_destroy(a);
}
END_TEST

START_TEST(test_no_byte_but_the_allowed_is_let_in)
{
	setup();
	for (int c = 0; c < 256; c++) {
		char name[] = "GET / HTTP/1.1\r\nHost: x\r\nA?B: c\r\n\r\n";
		char value[] = "GET / HTTP/1.1\r\nHost: x\r\nA: b?c\r\n\r\n";
		char target[] = "GET /?b HTTP/1.1\r\nHost: x\r\n\r\n";
		*strchr(name, '?') = (char)c;
		*strchr(value, '?') = (char)c;
		*strchr(target, '?') = (char)c;
		bool is_alnum =
		        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool is_token = is_alnum || (c && strchr("!#$%&'*+-.^_`|~", c));
		ck_assert_msg((verdict((struct str){ name, sizeof name - 1 }, 1000) == 0) ==
		                      (is_token || c == ':'),
		              "byte %d in a name", c);
		ck_assert_msg((verdict((struct str){ value, sizeof value - 1 }, 1000) == 0) ==
		                      (c == '\t' || (c >= ' ' && c != 0x7f)),
		              "byte %d in a value", c);
		ck_assert_msg((verdict((struct str){ target, sizeof target - 1 }, 1000) == 0) ==
		                      (c > ' ' && c < 0x7f && c != '#'),
		              "byte %d in a target", c);
	}
	arena_destroy(a);
}
END_TEST

START_TEST(test_the_limit_is_exact)
{
	setup();
	struct str text = STR("GET / HTTP/1.1\r\n" HOST "\r\n");
	ck_assert_int_eq(verdict(text, text.len), 0);
	ck_assert_int_eq(verdict(text, text.len - 1), 431);
	ck_assert_int_eq(verdict(str_sub(text, 0, text.len - 1), text.len), -1);
	arena_destroy(a);
}
END_TEST

START_TEST(test_a_hundred_headers_and_no_more)
{
	setup();
	struct buf b = BUF_INIT(10000);
	buf_add(&b, STR("GET / HTTP/1.1\r\n" HOST));
	for (int i = 0; i < 99; i++)
		buf_addf(&b, "A: %d\r\n", i);
	size_t len = b.len;
	buf_add(&b, STR("\r\n"));
	ck_assert_int_eq(verdict(buf_str(&b), 10000), 0);
	ck_assert_uint_eq(head.n_headers, 100);
	ck_assert_str(head.headers[99].value, "98");
	b.len = len;
	buf_add(&b, STR("A: 99\r\n\r\n"));
	ck_assert_int_eq(verdict(buf_str(&b), 10000), 431);
	buf_fini(&b);
	arena_destroy(a);
}
END_TEST

/* What lies behind the head is neither looked at nor taken. */
START_TEST(test_the_rest_is_left)
{
	setup();
	struct gate_scan g = { 0 };
	struct refusal r;
	size_t taken;
	struct str text = STR("GET / HTTP/1.1\r\n" HOST "\r\n\0\n rest");
	ck_assert(gate_scan(&g, text, 1000, &taken, &r));
	ck_assert_uint_eq(taken, text.len - 7);
	arena_destroy(a);
}
END_TEST

UNIT_MAIN("http/gate", test_a_head_is_read, test_keep_alive, test_no_byte_but_the_allowed_is_let_in,
          test_the_limit_is_exact, test_a_hundred_headers_and_no_more, test_the_rest_is_left)
