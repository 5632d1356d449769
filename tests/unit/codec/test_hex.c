/* codec/hex: hex, ids, percent-encoding. */
#include "../unit.h"

#include "base/arena.h"
#include "codec/hex.h"

START_TEST(test_hex_goes_both_ways)
{
	char text[8];
	unsigned char bytes[4];
	hex_encode("\x00\x7f\xab\xff", 4, text);
	ck_assert_str(((struct str){ text, 8 }), "007fabff");
	ck_assert_ok(hex_decode(STR("007fABff"), bytes, 4));
	ck_assert_int_eq(memcmp(bytes, "\x00\x7f\xab\xff", 4), 0);
	ck_assert_int_eq(hex_decode(STR("007fABf"), bytes, 4), RC_INVALID);
	ck_assert_int_eq(hex_decode(STR("007fABfg"), bytes, 4), RC_INVALID);
	ck_assert_int_eq(hex_decode(STR("007fABff00"), bytes, 4), RC_INVALID);
}
END_TEST

START_TEST(test_ids_go_both_ways_and_sort)
{
	static const int64_t ids[] = { 0, 1, 31, 32, 1234567890123456789, INT64_MAX };
	char text[ID_TEXT_MAX], before[ID_TEXT_MAX] = "";
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		int64_t back = -1;
		struct str s = id_text("task", ids[i], text);
		ck_assert_uint_eq(s.len, 18);
		ck_assert_ok(id_parse("task", s, &back, NULL));
		ck_assert_int_eq(back, ids[i]);
		ck_assert_int_lt(strcmp(before, text), 0);
		memcpy(before, text, sizeof before);
	}
}
END_TEST

START_TEST(test_an_id_that_is_none_is_refused)
{
	static const char *const bad[] = {
		"",
		"task_",
		"task_000000000000",
		"task_00000000000000",
		"run_0000000000000",
		"task-0000000000000",
		"task_000000000000i",
		"task_000000000000U",
		"task_8000000000000",
		"task_000000000000 ",
		"TASK_0000000000000",
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = { 0 };
		int64_t id = 7;
		ck_assert_int_eq(id_parse("task", str_z(bad[i]), &id, &err), RC_INVALID);
		ck_assert_int_eq(err.code, CODE_BAD_ID);
		ck_assert_int_eq(id, 7);
	}
}
END_TEST

START_TEST(test_percent_goes_both_ways)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(64);
	struct buf b = BUF_INIT(100);
	struct str s;
	percent_encode(&b, STR("a b/\xc3\xa9~"));
	ck_assert_str(buf_str(&b), "a%20b%2F%C3%A9~");
	ck_assert_ok(percent_decode(a, buf_str(&b), false, &s));
	ck_assert_str(s, "a b/\xc3\xa9~");
	ck_assert_ok(percent_decode(a, STR("a+b%2b"), true, &s));
	ck_assert_str(s, "a b+");
	ck_assert_ok(percent_decode(a, STR("a+b"), false, &s));
	ck_assert_str(s, "a+b");
	static const char *const bad[] = { "%", "%1", "%g0", "%00", "%ff", "a%c3", "%ed%a0%80" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_int_eq(percent_decode(a, str_z(bad[i]), false, &s), RC_INVALID);
	buf_fini(&b);
}
END_TEST

UNIT_MAIN("codec/hex", test_hex_goes_both_ways, test_ids_go_both_ways_and_sort,
          test_an_id_that_is_none_is_refused, test_percent_goes_both_ways)
