/* codec/json: what RFC 8259 lets in and keeps out, what a tree promises, writing. */
#include "../unit.h"

#include <math.h>

#include "base/arena.h"
#include "codec/json.h"

static struct arena *arena;

static const struct json *must_read(const char *text)
{
	struct err err = { 0 };
	const struct json *v = NULL;
	if (!arena)
		arena = arena_create(4096);
	enum rc rc = json_read(arena, str_z(text), NULL, &v, &err);
	ck_assert_msg(rc == RC_OK, "%s: %s at %s", text, err.text, err.place);
	return v;
}

#define CASE(text) STR_INIT(text)

/* --- conformance: accepted, refused --- */

static const struct str accepted[] = {
	CASE("null"),
	CASE("true"),
	CASE("false"),
	CASE("0"),
	CASE("-0"),
	CASE("1"),
	CASE("-1"),
	CASE("123456789012345678"),
	CASE("9223372036854775807"),
	CASE("-9223372036854775808"),
	CASE("9223372036854775808"),
	CASE("123456789012345678901234567890"),
	CASE("0.0"),
	CASE("0.5"),
	CASE("-0.5"),
	CASE("1.000"),
	CASE("1e5"),
	CASE("1E5"),
	CASE("1e+5"),
	CASE("1e-5"),
	CASE("0e0"),
	CASE("0E+00"),
	CASE("1.5e300"),
	CASE("1e400"),
	CASE("-1e400"),
	CASE("1e-400"),
	CASE("0e99999999999999999999"),
	CASE("\"\""),
	CASE("\"a\""),
	CASE("\"\x7f\""),
	CASE("\"'\""),
	CASE("\"/\""),
	CASE("\"\\/\""),
	CASE("\"\\\"\""),
	CASE("\"\\\\\""),
	CASE("\"\\b\\f\\n\\r\\t\""),
	CASE("\"\\u0000\""),
	CASE("\"\\u0041\""),
	CASE("\"\\uABCD\\uabcd\""),
	CASE("\"\\uD83D\\uDE00\""),
	CASE("\"\\uFFFF\\uFFFE\""),
	CASE("\"\\uDBFF\\uDFFF\""),
	CASE("\"\xc3\xa9\""),
	CASE("\"\xe2\x82\xac\""),
	CASE("\"\xf0\x9f\x98\x80\""),
	CASE("\"\xf4\x8f\xbf\xbf\""),
	CASE("\"\xef\xbf\xbf\""),
	CASE("\"\xed\x9f\xbf\""),
	CASE("\"\xe2\x80\xa8\xe2\x80\xa9\""),
	CASE("[]"),
	CASE("[[]]"),
	CASE("[1]"),
	CASE("[1,2]"),
	CASE("[ 1 , 2 ]"),
	CASE("[null,true,false]"),
	CASE("[\"\"]"),
	CASE("[[],{},[{}]]"),
	CASE("{}"),
	CASE("{\"a\":1}"),
	CASE("{\"\":0}"),
	CASE("{\"a\":{},\"b\":[]}"),
	CASE("{ \"a\" : 1 , \"b\" : 2 }"),
	CASE("{\"a\":1,\"A\":1}"),
	CASE("{\"a\":{\"a\":{\"a\":1}}}"),
	CASE(" \t\r\n1\t\r\n "),
	CASE("[\n1\n]"),
	CASE("[-0]"),
	CASE("{\"\\u00e9\":1}"),
	CASE("\"a\\\\\\\"b\""),
	CASE("\"1234567\\n\""),
	CASE("\"12345678\\n\""),
	CASE("\"123456789012345\xc3\xa9\""),
	CASE("[1,[2,[3,[4,[5]]]]]"),
};

static const struct str refused[] = {
	CASE(""),
	CASE(" "),
	CASE("\n"),
	CASE("nul"),
	CASE("nulll"),
	CASE("Null"),
	CASE("TRUE"),
	CASE("tru"),
	CASE("truefalse"),
	CASE("1 2"),
	CASE("1,"),
	CASE(",1"),
	CASE("+1"),
	CASE("-"),
	CASE("--1"),
	CASE("- 1"),
	CASE("01"),
	CASE("-01"),
	CASE("00"),
	CASE("1."),
	CASE(".5"),
	CASE("-.5"),
	CASE("1.e5"),
	CASE("1e"),
	CASE("1e+"),
	CASE("1e-"),
	CASE("1e5.5"),
	CASE("1ee5"),
	CASE("0x1F"),
	CASE("1_000"),
	CASE("NaN"),
	CASE("Infinity"),
	CASE("-Infinity"),
	CASE("1f"),
	CASE("\xef\xbc\x91"),
	CASE("\""),
	CASE("\"a"),
	CASE("\"\\"),
	CASE("\"\\\""),
	CASE("'a'"),
	CASE("\"\\x41\""),
	CASE("\"\\a\""),
	CASE("\"\\'\""),
	CASE("\"\\u\""),
	CASE("\"\\u1\""),
	CASE("\"\\u12\""),
	CASE("\"\\u123\""),
	CASE("\"\\u123g\""),
	CASE("\"\\U0041\""),
	CASE("\"\\uD800\""),
	CASE("\"\\uDC00\""),
	CASE("\"\\uD800x\""),
	CASE("\"\\uD800\\n\""),
	CASE("\"\\uD800\\uD800\""),
	CASE("\"\\uD83D\\u0041\""),
	CASE("\"\\uDE00\\uD83D\""),
	CASE("\"a\nb\""),
	CASE("\"a\tb\""),
	CASE("\"\0\""),
	CASE("\"a\x1f\""),
	CASE("\"\\\n\""),
	CASE("\"\x80\""),
	CASE("\"\xff\""),
	CASE("\"\xc0\x80\""),
	CASE("\"\xc1\xbf\""),
	CASE("\"\xe0\x80\x80\""),
	CASE("\"\xed\xa0\x80\""),
	CASE("\"\xf4\x90\x80\x80\""),
	CASE("\"\xf5\x80\x80\x80\""),
	CASE("\"\xe2\x82\""),
	CASE("\"\xc3\""),
	CASE("\"\\\xc3\xa9\""),
	CASE("[1"),
	CASE("[1,"),
	CASE("[1,]"),
	CASE("[,1]"),
	CASE("[,]"),
	CASE("[1 2]"),
	CASE("[1;2]"),
	CASE("]"),
	CASE("[1]]"),
	CASE("[1}"),
	CASE("[\"a\""),
	CASE("[1,,2]"),
	CASE("[/**/1]"),
	CASE("[1] // x"),
	CASE("{"),
	CASE("}"),
	CASE("{\"a\""),
	CASE("{\"a\":"),
	CASE("{\"a\":1"),
	CASE("{\"a\":1,"),
	CASE("{\"a\":1,}"),
	CASE("{\"a\" 1}"),
	CASE("{\"a\"=1}"),
	CASE("{\"a\"}"),
	CASE("{a:1}"),
	CASE("{'a':1}"),
	CASE("{1:1}"),
	CASE("{null:1}"),
	CASE("{[]:1}"),
	CASE("{,}"),
	CASE("{\"a\":1 \"b\":2}"),
	CASE("{\"a\"::1}"),
	CASE("{\"a\":1]"),
	CASE("{\"a\":1,\"a\":1}"),
	CASE("{\"a\":1,\"\\u0061\":2}"),
	CASE("{\"\":1,\"b\":2,\"\":3}"),
	CASE("{\"a\\u0000\":1}"),
	CASE("\xef\xbb\xbf"
	     "1"),
	CASE("1\0"),
	CASE("\0"),
	CASE("[1]\x0c"),
	CASE("\x0b[]"),
	CASE("\xc2\xa0[]"),
	CASE("*"),
	CASE("<a/>"),
	CASE("undefined"),
	CASE("[1]x"),
	CASE("\"a\"b"),
	CASE("\"a\" \"b\""),
	CASE("{}{}"),
	CASE("[][]"),
	CASE("\xfe\xff\0"
	     "1"),
};

START_TEST(test_what_the_rfc_allows_is_read)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
		struct err err = { 0 };
		const struct json *v;
		enum rc rc = json_read(a, accepted[i], NULL, &v, &err);
		ck_assert_msg(rc == RC_OK, STR_FMT ": %s", STR_ARG(accepted[i]), err.text);
		ck_assert(str_eq(v->raw, str_trim(accepted[i])));
	}
}
END_TEST

START_TEST(test_what_the_rfc_refuses_is_refused)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct err err = { 0 };
		const struct json *v = NULL;
		enum rc rc = json_read(a, refused[i], NULL, &v, &err);
		ck_assert_msg(rc == RC_INVALID, "accepted: " STR_FMT, STR_ARG(refused[i]));
		ck_assert(err.code == CODE_JSON_SYNTAX || err.code == CODE_UTF8);
		ck_assert(err.text[0] && err.place[0] && !v);
	}
}
END_TEST

/* Nothing behind the end is read: every prefix of a text lies at the end of its own
 * allocation, where a sanitizer sees a byte too many. */
START_TEST(test_every_prefix_is_refused_or_whole)
{
	static const char text[] =
	        "{\"a\":[1,-2.5e3,\"x\\u00e9\\n\",true,null],\"b\":{\"c\":\"\xc3\xa9\"}}";
	for (size_t n = 0; n < sizeof text; n++) {
		AUTO(arena_destroyp) struct arena *a = arena_create(512);
		const struct json *v;
		char *copy = xstrndup(text, n);
		copy = xrealloc(copy, n ? n : 1);
		enum rc rc = json_read(a, (struct str){ copy, n }, NULL, &v, NULL);
		ck_assert_int_eq(rc, n == sizeof text - 1 ? RC_OK : RC_INVALID);
		free(copy);
	}
}
END_TEST

START_TEST(test_errors_say_where_what_and_what_else)
{
	static const struct {
		const char *text, *place, *says;
	} cases[] = {
		{ "{\"a\":1,\n \"b\" 2}", "2:6", "expected ':' after a key, found '2'" },
		{ "[1,\n2", "2:2", "expected ',' or ']', found the end of the text" },
		{ "{\"k\":1,\"k\":2}", "1:12", "the key \"k\" stands twice in one object" },
		{ "[01]", "1:2", "a number must not begin with 0" },
		{ "\"a\x01\"", "1:3", "expected text without raw control bytes, found byte 0x01" },
		{ "\xef\xbb\xbf[]", "1:1", "expected a value, found a byte order mark" },
		{ "\"ab\xff\"", "1:4", "the text is not UTF-8 here" },
	};
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };
		const struct json *v;
		ck_assert_int_eq(json_read(a, str_z(cases[i].text), NULL, &v, &err), RC_INVALID);
		ck_assert_str_eq(err.place, cases[i].place);
		ck_assert_str_eq(err.text, cases[i].says);
	}
}
END_TEST

START_TEST(test_limits_are_kept_exactly)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	struct json_limits limits = { 9, 2, 4 };
	struct err err = { 0 };
	const struct json *v;
	ck_assert_ok(json_read(a, STR("[[1,2]]  "), &limits, &v, &err));
	ck_assert_int_eq(json_read(a, STR("[[1,2]]   "), &limits, &v, &err), RC_LIMIT);
	ck_assert_int_eq(err.code, CODE_JSON_LIMIT);
	ck_assert_int_eq(json_read(a, STR("[[[]]]"), &limits, &v, &err), RC_LIMIT);
	ck_assert_str_eq(err.place, "1:3");
	ck_assert_int_eq(json_read(a, STR("[1,2,3,4]"), &limits, &v, &err), RC_LIMIT);
	ck_assert_ok(json_read(a, STR("[1,2,3]"), &limits, &v, &err));
	limits.values_max = 0;
	ck_assert_int_eq(json_read(a, STR("1"), &limits, &v, &err), RC_LIMIT);
}
END_TEST

/* Deep, wide and colliding texts: each would take minutes if work were quadratic. */
START_TEST(test_hostile_texts_end_soon)
{
	struct json_limits wide = { 8 << 20, 512, 2000000 };
	struct buf b = BUF_INIT(8 << 20);
	for (int kind = 0; kind < 4; kind++) {
		AUTO(arena_destroyp) struct arena *a = arena_create(4096);
		const struct json *v;
		buf_clear(&b);
		buf_addc(&b, kind < 2 ? '{' : '[');
		for (int i = 0; i < 100000; i++) {
			if (kind == 0)
				buf_addf(&b, "%s\"k%d\":%d", i ? "," : "", i, i);
			else if (kind == 1)
				buf_addf(&b, "%s\"the same long beginning %d\":1", i ? "," : "", i);
			else
				buf_addz(&b, kind == 2 ? (i ? ",1" : "1") : "[");
		}
		buf_addc(&b, kind < 2 ? '}' : ']');
		enum rc rc = json_read(a, buf_str(&b), &wide, &v, NULL);
		ck_assert_int_eq(rc, kind < 3 ? RC_OK : RC_LIMIT);
		if (rc == RC_OK)
			ck_assert(json_equal(v, v));
	}
	buf_fini(&b);
}
END_TEST

START_TEST(test_numbers_are_exact)
{
	static const struct {
		const char *text;
		bool is_int;
		int64_t integer;
		double number;
	} cases[] = {
		{ "-0", true, 0, 0 },
		{ "1.0", true, 1, 1 },
		{ "1e2", true, 100, 100 },
		{ "-120e-1", true, -12, -12 },
		{ "0.00e5", true, 0, 0 },
		{ "9007199254740993.0", true, 9007199254740993, 9007199254740992.0 },
		{ "9223372036854775807", true, INT64_MAX, 9223372036854775807.0 },
		{ "-9223372036854775808", true, INT64_MIN, -9223372036854775808.0 },
		{ "9223372036854775808", false, 0, 9223372036854775808.0 },
		{ "0.1", false, 0, 0.1 },
		{ "1e400", false, 0, HUGE_VAL },
		{ "-1e400", false, 0, -HUGE_VAL },
		{ "1e-400", false, 0, 0 },
		{ "0.1000000000000000055511151231257827021181583404541015625", false, 0, 0.1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct json *v = must_read(cases[i].text);
		ck_assert_int_eq(v->is_int, cases[i].is_int);
		ck_assert_int_eq(v->integer, cases[i].integer);
		ck_assert(v->number <= cases[i].number && v->number >= cases[i].number);
		ck_assert_str(v->raw, cases[i].text);
	}
}
END_TEST

START_TEST(test_a_tree_knows_its_bytes)
{
	const struct json *v = must_read(" {\"a\": [1, {\"b\":\"x\\ny\"} ] , \"c\":2}");
	const struct json *inner = json_pointer(v, STR("/a/1/b"));
	ck_assert_str(json_getz(v, "a")->raw, "[1, {\"b\":\"x\\ny\"} ]");
	ck_assert_uint_eq(json_getz(v, "a")->at, 7);
	ck_assert_str(inner->raw, "\"x\\ny\"");
	ck_assert_str(inner->text, "x\ny");
	ck_assert_str(inner->name, "b");
	ck_assert_uint_eq(v->count, 2);
	ck_assert_int_eq(json_get_int(v, "c", 0), 2);
	ck_assert_int_eq(json_get_int(v, "a", 7), 7);
	ck_assert_str(json_get_str(v, "c", STR("none")), "none");
	ck_assert(json_get_bool(v, "nothing", true));
	ck_assert_ptr_null(json_getz(NULL, "a"));
	ck_assert_ptr_null(json_at(json_getz(v, "a"), 2));
}
END_TEST

START_TEST(test_pointers_are_those_of_rfc_6901)
{
	const struct json *v = must_read(
	        "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"m~n\":8,\"~1\":9,\" \":7}");
	ck_assert_ptr_eq(json_pointer(v, STR("")), v);
	ck_assert_str(json_pointer(v, STR("/foo/0"))->text, "bar");
	ck_assert_int_eq(json_pointer(v, STR("/"))->integer, 0);
	ck_assert_int_eq(json_pointer(v, STR("/a~1b"))->integer, 1);
	ck_assert_int_eq(json_pointer(v, STR("/m~0n"))->integer, 8);
	ck_assert_int_eq(json_pointer(v, STR("/~01"))->integer, 9);
	ck_assert_int_eq(json_pointer(v, STR("/ "))->integer, 7);
	static const struct str nowhere[] = { CASE("foo"),
		                              CASE("/foo/2"),
		                              CASE("/foo/-"),
		                              CASE("/foo/01"),
		                              CASE("/foo/+1"),
		                              CASE("/foo/0/"),
		                              CASE("/a/b"),
		                              CASE("/m~n"),
		                              CASE("/m~2n"),
		                              CASE("//"),
		                              CASE("/foo/18446744073709551616"),
		                              CASE("/m~") };
	for (size_t i = 0; i < ARRAY_LEN(nowhere); i++)
		ck_assert_ptr_null(json_pointer(v, nowhere[i]));
}
END_TEST

START_TEST(test_equal_is_what_a_schema_means)
{
	static const char *const equal[][2] = {
		{ "1", "1.0" },
		{ "100", "1e2" },
		{ "0.5", "5e-1" },
		{ "-0", "0" },
		{ "{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}" },
		{ "\"\\u0041\"", "\"A\"" },
		{ "1e400", "10e399" },
		{ "12345678901234567890", "1234567890123456789e1" },
	};
	static const char *const different[][2] = {
		{ "1", "true" },
		{ "0", "false" },
		{ "null", "0" },
		{ "\"1\"", "1" },
		{ "[1,2]", "[2,1]" },
		{ "{\"a\":1}", "{\"a\":2}" },
		{ "{\"a\":1}", "{\"b\":1}" },
		{ "[]", "{}" },
		{ "9007199254740993", "9007199254740992" },
		{ "1e400", "1e401" },
		{ "12345678901234567890", "12345678901234567891" },
		{ "[1]", "[1,1]" },
	};
	for (size_t i = 0; i < ARRAY_LEN(equal); i++)
		ck_assert_msg(json_equal(must_read(equal[i][0]), must_read(equal[i][1])), "%s",
		              equal[i][0]);
	for (size_t i = 0; i < ARRAY_LEN(different); i++)
		ck_assert_msg(!json_equal(must_read(different[i][0]), must_read(different[i][1])),
		              "%s", different[i][0]);
}
END_TEST

/* --- writing --- */

START_TEST(test_written_is_what_was_meant)
{
	struct buf b = BUF_INIT(4096);
	struct json_out o;
	json_out_init(&o, &b);
	json_begin_object(&o);
	json_put_str(&o, "s", STR("a\"\\/\n\x01\x7f\xc3\xa9"));
	json_put_int(&o, "i", INT64_MIN);
	json_put_bool(&o, "b", false);
	json_put_raw(&o, "r", STR("[1, 2]"));
	json_keyz(&o, "list");
	json_begin_array(&o);
	json_null(&o);
	json_begin_object(&o);
	json_end_object(&o);
	json_value(&o, must_read("{\"x\" : [ 1.50 , \"\\u0041\" ]}"));
	json_end_array(&o);
	json_end_object(&o);
	ck_assert_str(buf_str(&b), "{\"s\":\"a\\\"\\\\/\\n\\u0001\x7f\xc3\xa9\","
	                           "\"i\":-9223372036854775808,\"b\":false,\"r\":[1, 2],"
	                           "\"list\":[null,{},{\"x\":[1.50,\"A\"]}]}");
	buf_fini(&b);
}
END_TEST

START_TEST(test_doubles_are_short_and_read_back)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {
		{ 0.1, "0.1" },
		{ 1.0, "1" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 5e-324, "4.94065645841247e-324" },
		{ 1e22, "1e+22" },
		{ NAN, "null" },
		{ HUGE_VAL, "null" },
		{ 1.7976931348623157e308, "1.7976931348623157e+308" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(100);
		struct json_out o;
		json_out_init(&o, &b);
		json_double(&o, cases[i].v);
		ck_assert_str(buf_str(&b), cases[i].text);
		buf_fini(&b);
	}
}
END_TEST

START_TEST(test_a_full_buffer_shows_once)
{
	struct buf b = BUF_INIT(8);
	struct json_out o;
	json_out_init(&o, &b);
	json_begin_array(&o);
	for (int i = 0; i < 100; i++)
		json_str(&o, STR("text"));
	json_end_array(&o);
	ck_assert_int_eq(buf_rc(&b), RC_LIMIT);
	ck_assert_uint_le(b.len, 8);
	buf_fini(&b);
}
END_TEST

/* A tree may be deeper than the writer's own stack. */
START_TEST(test_the_deepest_tree_is_written)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct json_limits deep = { 4096, 512, 1000 };
	char text[1024];
	memset(text, '[', 512);
	memset(text + 512, ']', 512);
	struct str in = { text, sizeof text };
	const struct json *v;
	ck_assert_ok(json_read(a, in, &deep, &v, NULL));
	struct buf b = BUF_INIT(4096);
	struct json_out o;
	json_out_init(&o, &b);
	json_value(&o, v);
	ck_assert(str_eq(buf_str(&b), in));
	buf_fini(&b);
}
END_TEST

UNIT_MAIN("codec/json", test_what_the_rfc_allows_is_read, test_what_the_rfc_refuses_is_refused,
          test_every_prefix_is_refused_or_whole, test_errors_say_where_what_and_what_else,
          test_limits_are_kept_exactly, test_hostile_texts_end_soon, test_numbers_are_exact,
          test_a_tree_knows_its_bytes, test_pointers_are_those_of_rfc_6901,
          test_equal_is_what_a_schema_means, test_written_is_what_was_meant,
          test_doubles_are_short_and_read_back, test_a_full_buffer_shows_once,
          test_the_deepest_tree_is_written)
