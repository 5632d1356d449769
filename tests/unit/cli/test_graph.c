/* cli/graph.c: definitions as drawings. */
#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "cli/graph.h"
#include "codec/json.h"

static struct arena *arena;

static struct str draw(const char *text, size_t width, bool is_utf8)
{
	struct buf out = BUF_INIT(1 << 20);
	const struct json *v;
	struct err err;
	enum rc rc = json_read(arena, str_z(text), NULL, &v, &err);
	ck_assert_msg(rc == RC_OK, "%s", err.text);
	graph_render(arena, v, width, is_utf8, &out);
	struct str ret = str_dup(arena, buf_str(&out));
	buf_fini(&out);
	return ret;
}

static const char fork_text[] =
        "{\"steps\":{\"z\":{\"kind\":\"k\",\"input\":[{\"ref\":\"/steps/a/output/x\"}],"
        "\"each\":[1],\"compensate\":{\"kind\":\"u\"}},\"b\":{\"workflow\":\"w@2\","
        "\"after\":[\"a\"]},\"a\":{\"wait\":{\"event\":\"go\"}}}}";

START_TEST(test_layers_and_names)
{
	arena = arena_create(4096);
	ck_assert_str(draw(fork_text, 80, false), "+----------+\n"
	                                          "| a        |\n"
	                                          "| event go |\n"
	                                          "+----------+\n"
	                                          "    |\n"
	                                          "    v\n"
	                                          "+-----------+  +--------------+\n"
	                                          "| z  x each |  | b            |\n"
	                                          "| k         |  | workflow w@2 |\n"
	                                          "| <- a      |  | <- a         |\n"
	                                          "| undo: u   |  |              |\n"
	                                          "+-----------+  +--------------+\n");
	ck_assert(str_find(draw(fork_text, 80, true), STR("│ z  ×each │"), 0) != SIZE_MAX);
	arena_destroy(arena);
}
END_TEST

START_TEST(test_a_row_too_wide_goes_on_below)
{
	arena = arena_create(4096);
	struct str s = draw(fork_text, 20, false);
	ck_assert(str_find(s, STR("+-----------+\n+--------------+\n"), 0) != SIZE_MAX);
	arena_destroy(arena);
}
END_TEST

START_TEST(test_what_no_server_would_store_is_drawn_all_the_same)
{
	arena = arena_create(4096);
	ck_assert_uint_eq(draw("{}", 80, true).len, 0);
	ck_assert_uint_eq(draw("{\"steps\":[1]}", 80, true).len, 0);
	draw("{\"steps\":{\"a\":{\"after\":[\"b\"]},\"b\":{\"after\":[\"a\",3]}}}", 80, true);
	draw("{\"steps\":{\"a\":1,\"b\":{\"wait\":[],\"approve\":{}}}}", 1, true);
	arena_destroy(arena);
}
END_TEST

UNIT_MAIN("cli/graph", test_layers_and_names, test_a_row_too_wide_goes_on_below,
          test_what_no_server_would_store_is_drawn_all_the_same)
