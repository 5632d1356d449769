/* What one supervisor tells the next: comes back as it was, or is refused. */
#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "supervisor/supervisor.h"
#include "sys/file.h"
#include "sys/replace.h"

static const struct handover_child children[] = { { "server", 4711, 3 },
	                                          { "lesson", 0, 1 },
	                                          { "a \"name\"", 4712, 1 } };
static const struct handover said = { .folder = "/data/folder",
	                              .address = "http://127.0.0.1:8420",
	                              .lock_fd = 5,
	                              .unix_fd = 6,
	                              .tcp_fd = -1,
	                              .ready_reader = 7,
	                              .ready_writer = 8,
	                              .restarts = 12,
	                              .children = children,
	                              .n_children = ARRAY_LEN(children) };

START_TEST(it_comes_back_as_it_was_through_sealed_memory)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	AUTO(buf_fini) struct buf text = BUF_INIT(1 << 16);
	AUTO(close_fd) int fd = -1;
	struct handover h;
	struct str read;
	handover_write(&said, &text);
	ck_assert_ok(sealed_create(buf_str(&text), &fd, NULL));
	ck_assert_ok(sealed_read(a, fd, 1 << 16, &read, NULL));
	ck_assert_ok(handover_read(a, read, &h, NULL));
	ck_assert_str_eq(h.folder, said.folder);
	ck_assert_str_eq(h.address, said.address);
	ck_assert_int_eq(h.lock_fd, 5);
	ck_assert_int_eq(h.unix_fd, 6);
	ck_assert_int_eq(h.tcp_fd, -1);
	ck_assert_int_eq(h.ready_reader, 7);
	ck_assert_int_eq(h.ready_writer, 8);
	ck_assert_int_eq(h.restarts, 12);
	ck_assert_uint_eq(h.n_children, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(h.children[i].name, children[i].name);
		ck_assert_int_eq(h.children[i].pid, children[i].pid);
		ck_assert_int_eq(h.children[i].starts, children[i].starts);
	}
}
END_TEST

START_TEST(memory_that_may_change_and_too_much_of_it_are_refused)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct str read;
	AUTO(close_fd) int fd = -1;
	ck_assert_ok(sealed_create(STR("12345"), &fd, NULL));
	ck_assert_int_eq(sealed_read(a, fd, 4, &read, NULL), RC_INVALID);
	ck_assert_ok(sealed_read(a, fd, 5, &read, NULL));
	ck_assert_int_eq(sealed_read(a, 0, 5, &read, NULL), RC_INVALID); /* no memory at all */
	ck_assert_int_eq(sealed_read(a, 999, 5, &read, NULL), RC_INVALID);
}
END_TEST

/* Each with one thing wrong. */
START_TEST(nonsense_is_refused)
{
	static const char *const from_to[][2] = {
		{ "\"version\":1", "\"version\":2" },
		{ "\"folder\":\"/data/folder\"", "\"folder\":\"\"" },
		{ "\"address\":", "\"adress\":" },
		{ "\"lock_fd\":5", "\"lock_fd\":-1" },
		{ "\"tcp_fd\":-1", "\"tcp_fd\":-2" },
		{ "\"ready_writer\":8", "\"ready_writer\":\"8\"" },
		{ "4711", "99999999999" },
		{ "\"lesson\"", "\"\"" },
		{ "\"children\":[", "\"kids\":[" },
		{ "]}", "]" },
	};
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	AUTO(buf_fini) struct buf text = BUF_INIT(1 << 16);
	handover_write(&said, &text);
	for (size_t i = 0; i < ARRAY_LEN(from_to); i++) {
		struct handover h;
		struct err err = { 0 };
		struct str from = str_z(from_to[i][0]), all = buf_str(&text);
		size_t at = str_find(all, from, 0);
		ck_assert_uint_ne(at, SIZE_MAX);
		struct str bad =
		        str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(str_sub(all, 0, at)),
		                from_to[i][1], STR_ARG(str_sub(all, at + from.len, all.len)));
		ck_assert_msg(handover_read(a, bad, &h, &err) != RC_OK, "%s", from_to[i][1]);
		ck_assert_uint_ne(strlen(err.text), 0);
	}
}
END_TEST

UNIT_MAIN("handover", it_comes_back_as_it_was_through_sealed_memory,
          memory_that_may_change_and_too_much_of_it_are_refused, nonsense_is_refused)
