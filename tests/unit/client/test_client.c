/* What of libtakt needs no server: events out of pieces of a stream, keys, failures. */
#include <stdio.h>

#include "../unit.h"

#include "client/client_priv.h"

static struct buf told;
static int stop_after = -1;

static bool tell(void *ctx, const struct sse *event)
{
	(void)ctx;
	buf_addf(&told, "%lld/%s/" STR_FMT ";", (long long)event->seq, event->type,
	         STR_ARG(buf_str(&event->data)));
	return --stop_after != 0;
}

static bool feed(struct str text, size_t piece)
{
	struct sse s;
	bool goes_on = true;
	sse_init(&s);
	buf_init(&told, 1 << 16);
	for (size_t at = 0; at < text.len && goes_on; at += piece)
		goes_on = sse_feed(&s, str_sub(text, at, piece), tell, NULL);
	sse_fini(&s);
	return goes_on;
}

START_TEST(events_are_whole_however_the_stream_is_cut)
{
	struct str text = STR(": hello\n\nid: 1\nevent: a.b\ndata: {\"x\":1}\n\n"
	                      "id: 2\r\nevent: c\r\ndata: one\r\ndata:two\r\n\r\n"
	                      "event: none\nid: 3\n\n"
	                      "data\n\nid: x\ndata: y\n\nunknown: z\ndata: cut off");
	for (size_t piece = 1; piece <= text.len; piece++) {
		ck_assert(feed(text, piece));
		ck_assert_str(buf_str(&told), "1/a.b/{\"x\":1};2/c/one\ntwo;-1//;-1//y;");
		buf_fini(&told);
	}
}
END_TEST

START_TEST(a_reader_that_has_enough_hears_no_more)
{
	stop_after = 1;
	ck_assert(!feed(STR("data: 1\n\ndata: 2\n\n"), 100));
	ck_assert_str(buf_str(&told), "-1//1;");
	buf_fini(&told);
}
END_TEST

START_TEST(an_endless_line_breaks_the_stream)
{
	struct sse s;
	struct buf big = BUF_INIT(1 << 20);
	sse_init(&s);
	while (big.len < 1 << 19)
		buf_addz(&big, "data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	bool goes_on = true;
	for (int i = 0; i < 16 && goes_on; i++)
		goes_on = sse_feed(&s, buf_str(&big), tell, NULL);
	ck_assert(!goes_on);
	ck_assert(s.is_broken);
	sse_fini(&s);
	buf_fini(&big);
}
END_TEST

START_TEST(keys_are_ordered_by_time_and_differ)
{
	char one[KEY_TEXT_MAX], two[KEY_TEXT_MAX];
	takt_new_key(one);
	takt_new_key(two);
	ck_assert_uint_eq(strlen(one), 33);
	ck_assert_str_ne(one, two);
	ck_assert_int_le(strncmp(one, two, 12), 0);
}
END_TEST

START_TEST(ids_cannot_leave_their_place_in_a_path)
{
	struct arena *a = arena_create(1024);
	ck_assert_str_eq(takt_path(a, "/v1/tasks/", "../runs?x=1#y", "/cancel"),
	                 "/v1/tasks/..%2Fruns%3Fx%3D1%23y/cancel");
	arena_destroy(a);
}
END_TEST

START_TEST(without_a_server_nothing_happened)
{
	struct takt_options o = { .unix_path = "/nonexistent/takt.sock" };
	struct takt_request r = { .method = "GET", .path = "/healthz" };
	struct takt_reply reply;
	struct takt_error e;
	struct takt *t;
	ck_assert_int_eq(takt_open(&o, &t, &e), TAKT_OK);
	ck_assert_int_eq(takt_request(t, &r, &reply, &e), TAKT_IO);
	ck_assert_str_eq(e.code, "no_server");
	takt_close(t);
}
END_TEST

static bool cancelled(void *ctx)
{
	return ++*(int *)ctx > 0;
}

START_TEST(a_given_up_call_is_not_tried_again)
{
	int asked = 0;
	struct takt_options o = { .unix_path = "/nonexistent/takt.sock",
		                  .is_cancelled = cancelled,
		                  .ctx = &asked };
	struct takt_submit s = { .kind = "k" };
	struct takt_submitted done;
	struct takt_error e;
	struct takt *t;
	ck_assert_int_eq(takt_open(&o, &t, &e), TAKT_OK);
	ck_assert_int_ne(takt_submit(t, &s, &done, &e), TAKT_OK);
	ck_assert_int_ge(asked, 1);
	takt_close(t);
}
END_TEST

UNIT_MAIN("client", events_are_whole_however_the_stream_is_cut,
          a_reader_that_has_enough_hears_no_more, an_endless_line_breaks_the_stream,
          keys_are_ordered_by_time_and_differ, ids_cannot_leave_their_place_in_a_path,
          without_a_server_nothing_happened, a_given_up_call_is_not_tried_again)
