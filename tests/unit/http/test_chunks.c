/* http/chunks and http/reader: the same verdict for every way to cut the bytes. */
#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "http/chunks.h"
#include "http/reader.h"

/* -1: more wanted; 0: whole, with the content in *body; else the refusal. */
static int read_chunks(struct str text, size_t piece, struct buf *body, size_t *taken)
{
	struct chunks c = { 0 };
	struct refusal r;
	for (size_t at = 0; at < text.len; at += piece) {
		if (chunks_read(&c, str_sub(text, at, piece), body, taken, &r)) {
			*taken += at;
			return 0;
		}
		if (r.status)
			return r.status;
	}
	return -1;
}

START_TEST(test_chunks_in_all_piece_sizes)
{
	struct str text =
	        STR("1\r\na\r\n00A;e=\"f\"\r\nbcdefghijk\r\n0;x\r\nT: v\r\nU:\r\n\r\nrest");
	for (size_t piece = 1; piece <= text.len; piece++) {
		AUTO(buf_fini) struct buf body = BUF_INIT(11);
		size_t taken;
		ck_assert_int_eq(read_chunks(text, piece, &body, &taken), 0);
		ck_assert_str(buf_str(&body), "abcdefghijk");
		ck_assert_uint_eq(taken, text.len - 4);
	}
}
END_TEST

START_TEST(test_the_sum_of_chunks_is_limited)
{
	struct str text = STR("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
	for (size_t piece = 1; piece <= text.len; piece++) {
		AUTO(buf_fini) struct buf fits = BUF_INIT(5);
		AUTO(buf_fini) struct buf small = BUF_INIT(4);
		size_t taken;
		ck_assert_int_eq(read_chunks(text, piece, &fits, &taken), 0);
		ck_assert_int_eq(read_chunks(text, piece, &small, &taken), 413);
	}
}
END_TEST

START_TEST(test_unfinished_chunks_want_more)
{
	struct str text = STR("3\r\nabc\r\n0\r\nT: v\r\n\r\n");
	for (size_t len = 0; len < text.len; len++) {
		AUTO(buf_fini) struct buf body = BUF_INIT(5);
		size_t taken;
		ck_assert_int_eq(read_chunks(str_sub(text, 0, len), 100, &body, &taken), -1);
	}
}
END_TEST

START_TEST(test_sizes_at_the_edge)
{
	static const struct {
		const char *text;
		int verdict;
	} cases[] = {
		{ "fffffffffffffff\r\n", 413 },
		{ "ffffffffffffffff\r\n", 400 },
		{ "000000000000000\r\n\r\n", 0 },
		{ "0000000000000000\r\n\r\n", 400 },
		{ "8000000000000000\r\n", 400 },
		{ "6\r\n", 413 },
		{ "5\r\n", -1 },
		{ "G\r\n", 400 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(buf_fini) struct buf body = BUF_INIT(5);
		size_t taken;
		ck_assert_msg(read_chunks(str_z(cases[i].text), 100, &body, &taken) ==
		                      cases[i].verdict,
		              "%s", cases[i].text);
	}
}
END_TEST

/* The reader: cut anywhere, the request is the same. */

static void read_request(struct str text, size_t cut, struct arena *a, struct reader *r)
{
	size_t at = 0;
	reader_init(r);
	ck_assert(reader_is_fresh(r));
	while (at < text.len && r->state != READER_DONE && r->state != READER_REFUSED) {
		struct str piece =
		        at < cut ? str_sub(text, at, cut - at) : str_sub(text, at, text.len);
		at += reader_feed(r, a, piece, 1000);
		ck_assert(!reader_is_fresh(r));
		if (r->state == READER_LIMIT)
			reader_allow(r, a, 100);
	}
}

START_TEST(test_a_request_cut_anywhere)
{
	static const struct str texts[] = {
		STR_INIT("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
		STR_INIT("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		         "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		for (size_t cut = 0; cut <= texts[i].len; cut++) {
			AUTO(arena_destroyp) struct arena *a = arena_create(1024);
			struct reader r;
			read_request(texts[i], cut, a, &r);
			ck_assert_int_eq(r.state, READER_DONE);
			ck_assert_str(r.head.path, "/p");
			ck_assert_str(r.body, "hello");
			reader_fini(&r);
		}
	}
}
END_TEST

START_TEST(test_a_body_that_is_too_large_is_refused_before_it_comes)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(1024);
	struct reader r;
	read_request(STR("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n"), 0, a, &r);
	ck_assert_int_eq(r.state, READER_REFUSED);
	ck_assert_int_eq(r.refusal.status, 413);
	reader_fini(&r);
}
END_TEST

UNIT_MAIN("http/chunks and http/reader", test_chunks_in_all_piece_sizes,
          test_the_sum_of_chunks_is_limited, test_unfinished_chunks_want_more,
          test_sizes_at_the_edge, test_a_request_cut_anywhere,
          test_a_body_that_is_too_large_is_refused_before_it_comes)
