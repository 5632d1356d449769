/* http/answer: heads as bytes. */
#include "../unit.h"

#include "base/str.h"
#include "http/answer.h"

static struct buf out;

static void head_is(const struct answer_head *a, const char *expected)
{
	buf_init(&out, 10000);
	answer_add_head(&out, a);
	ck_assert_str(buf_str(&out), expected);
	buf_fini(&out);
}

START_TEST(test_heads)
{
	const struct http_header h[] = { { STR("X-A"), STR("1") }, { STR("X-B"), STR("") } };
	head_is(&(struct answer_head){ .status = 200,
	                               .content_type = STR("text/plain"),
	                               .headers = h,
	                               .n_headers = 2,
	                               .date = STR("Date: now\r\n"),
	                               .length = 12 },
	        "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain\r\n"
	        "Content-Length: 12\r\nX-A: 1\r\nX-B: \r\n\r\n");
	head_is(&(struct answer_head){ .status = 404,
	                               .framing = ANSWER_CHUNKED,
	                               .connection = ANSWER_CLOSE },
	        "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nConnection: "
	        "close\r\n\r\n");
	head_is(&(struct answer_head){ .status = 299,
	                               .framing = ANSWER_UNTIL_CLOSE,
	                               .connection = ANSWER_KEEP_ALIVE },
	        "HTTP/1.1 299 \r\nConnection: keep-alive\r\n\r\n");
	head_is(&(struct answer_head){ .status = 304, .length = 5 },
	        "HTTP/1.1 304 Not Modified\r\n\r\n");
}
END_TEST

START_TEST(test_no_byte_of_a_value_ends_its_line)
{
	const struct http_header h = { STR("A\nB"), STR("c\r\n\r\n\0d\x7f\te") };
	head_is(&(struct answer_head){ .status = 204, .headers = &h, .n_headers = 1 },
	        "HTTP/1.1 204 No Content\r\nA B: c     d \te\r\n\r\n");
}
END_TEST

START_TEST(test_date)
{
	struct answer_date d = { 0 };
	ck_assert_str(answer_date(&d, 0), "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
	ck_assert_str(answer_date(&d, INT64_C(784111777999)),
	              "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
	ck_assert_str(answer_date(&d, INT64_C(784111778000)),
	              "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
}
END_TEST

UNIT_MAIN("http/answer", test_heads, test_no_byte_of_a_value_ends_its_line, test_date)
