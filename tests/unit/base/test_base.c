/* base/: outcomes, arenas, views, buffers. */
#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"

START_TEST(test_err_carries_code_place_and_text)
{
	struct err err;
	ck_assert_int_eq(err_set(&err, CODE_LEASE_LOST, "task %d", 7), RC_LOST);
	ck_assert_int_eq(err_at(&err, "/steps/%d", 2), RC_LOST);
	ck_assert_int_eq(err_prefix(&err, "completing"), RC_LOST);
	ck_assert_str_eq(err.text, "completing: task 7");
	ck_assert_str_eq(err.place, "/steps/2");
	ck_assert_str_eq(code_text(err.code), "lease_lost");
	ck_assert_int_eq(code_find(STR("lease_lost")), CODE_LEASE_LOST);
	ck_assert_int_eq(code_find(STR("no such")), CODE_NONE);
	ck_assert_int_eq(err_set(NULL, CODE_IO, "nobody listens"), RC_IO);
}
END_TEST

START_TEST(test_err_text_is_cut_not_overrun)
{
	struct err err;
	char long_text[600];
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	err_set(&err, CODE_IO, "%s", long_text);
	err_prefix(&err, "before");
	ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
	memset(long_text, 'x', sizeof err.text - 2);
	memcpy(long_text + sizeof err.text - 2, "\xe2\x82\xac",
	       4); /* the last that fits is its first byte */
	err_set(&err, CODE_IO, "%s", long_text);
	ck_assert_uint_eq(utf8_check(str_z(err.text)), strlen(err.text));
	ck_assert_uint_eq(strlen(err.text), sizeof err.text - 2);
}
END_TEST

START_TEST(test_arena_gives_back_to_a_mark)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(64);
	char *first = arena_bytes(a, 10);
	memset(first, 1, 10);
	struct arena_mark m = arena_mark(a);
	for (int i = 0; i < 100; i++) {
		int64_t *p = arena_new(a, int64_t, 16);
		ck_assert_uint_eq((uintptr_t)p % _Alignof(int64_t), 0);
		ck_assert_int_eq(p[15], 0);
		p[15] = i;
	}
	arena_rewind(a, m);
	ck_assert_int_eq(first[9], 1);
	arena_clear(a);
	ck_assert_ptr_nonnull(arena_bytes(a, 5000));
}
END_TEST

/* Every request that is a little larger than the first block took twice as much as the last. */
START_TEST(test_an_arena_used_again_and_again_does_not_grow)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(1000);
	for (int i = 0; i < 50; i++) {
		for (int piece = 0; piece < 15; piece++)
			memset(arena_bytes(a, 100), piece, 100);
		ck_assert_uint_eq(arena_used(a), 1500);
		ck_assert_uint_ge(arena_held(a), 1500);
		ck_assert_uint_le(arena_held(a), 4000);
		arena_clear(a);
	}
}
END_TEST

START_TEST(test_numbers_are_exact_or_refused)
{
	uint64_t u;
	int64_t i;
	ck_assert_ok(str_to_u64(STR("18446744073709551615"), &u));
	ck_assert_uint_eq(u, UINT64_MAX);
	ck_assert_int_eq(str_to_u64(STR("18446744073709551616"), &u), RC_LIMIT);
	ck_assert_int_eq(str_to_u64(STR(""), &u), RC_INVALID);
	ck_assert_int_eq(str_to_u64(STR("1 "), &u), RC_INVALID);
	ck_assert_ok(str_to_i64(STR("-9223372036854775808"), &i));
	ck_assert_int_eq(i, INT64_MIN);
	ck_assert_int_eq(str_to_i64(STR("9223372036854775808"), &i), RC_LIMIT);
	ck_assert_int_eq(str_to_i64(STR("-"), &i), RC_INVALID);
}
END_TEST

START_TEST(test_views_cut_find_and_trim)
{
	struct str rest;
	ck_assert_str(str_cut(STR("a=b=c"), '=', &rest), "a");
	ck_assert_str(rest, "b=c");
	ck_assert_str(str_cut(STR("abc"), '=', &rest), "abc");
	ck_assert_uint_eq(rest.len, 0);
	ck_assert_uint_eq(str_find(STR("xaab"), STR("ab"), 0), 2);
	ck_assert_uint_eq(str_find(STR("xaab"), STR("ab"), 3), SIZE_MAX);
	ck_assert_uint_eq(str_find(STR(""), STR("a"), 0), SIZE_MAX);
	ck_assert_str(str_trim(STR(" \t a b\n")), "a b");
	ck_assert(str_eq_nocase(STR("Host"), STR("hOST")));
	ck_assert_int_lt(str_cmp(STR("ab"), STR("abc")), 0);
}
END_TEST

START_TEST(test_utf8_is_checked_as_rfc_3629_says)
{
	ck_assert_uint_eq(utf8_check(STR("plain ascii, long enough for words")), 34);
	ck_assert_uint_eq(utf8_check(STR("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 9);
	ck_assert_uint_eq(utf8_check(STR("a\xc0\x80")), 1);         /* overlong */
	ck_assert_uint_eq(utf8_check(STR("a\xed\xa0\x80")), 1);     /* surrogate */
	ck_assert_uint_eq(utf8_check(STR("a\xf4\x90\x80\x80")), 1); /* above U+10FFFF */
	ck_assert_uint_eq(utf8_check(STR("ab\xe2\x82")), 2);        /* cut short */
}
END_TEST

START_TEST(test_buf_stops_at_its_maximum_and_says_so)
{
	struct buf b = BUF_INIT(10);
	buf_addz(&b, "12345");
	buf_addf(&b, "%d", 678);
	ck_assert_int_eq(buf_rc(&b), RC_OK);
	buf_addz(&b, "9ab");
	buf_addc(&b, 'z');
	ck_assert_int_eq(buf_rc(&b), RC_LIMIT);
	ck_assert_str(buf_str(&b), "12345678");
	buf_clear(&b);
	buf_add_i64(&b, -120);
	ck_assert_str(buf_str(&b), "-120");
	buf_drop(&b, 1);
	ck_assert_str(buf_str(&b), "120");
	buf_fini(&b);
}
END_TEST

UNIT_MAIN("base", test_err_carries_code_place_and_text, test_err_text_is_cut_not_overrun,
          test_arena_gives_back_to_a_mark, test_an_arena_used_again_and_again_does_not_grow,
          test_numbers_are_exact_or_refused, test_views_cut_find_and_trim,
          test_utf8_is_checked_as_rfc_3629_says, test_buf_stops_at_its_maximum_and_says_so)
