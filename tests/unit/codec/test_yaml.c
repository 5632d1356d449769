/* codec/yaml: YAML's core schema as JSON values, and what is refused where. */
#include "../unit.h"

#include "base/arena.h"
#include "codec/yaml.h"

START_TEST(test_yaml_becomes_json)
{
	static const struct {
		const char *yaml, *json;
	} cases[] = {
		{ "", "null" },
		{ "# only a comment\n", "null" },
		{ "a: 1\nb: [x, ~, true, False]\n", "{\"a\":1,\"b\":[\"x\",null,true,false]}" },
		{ "[+7, 007, -0, .5, 1., -1.5e3, 0x1F, 0o17]", "[7,7,-0,0.5,1.0,-1.5e3,31,15]" },
		{ "[yes, no, 1_000, 0b1, 1e, '1', \"true\"]",
		  "[\"yes\",\"no\",\"1_000\",\"0b1\",\"1e\",\"1\",\"true\"]" },
		{ "a: |\n  one\n  two\nb: >-\n  three\n  four\n",
		  "{\"a\":\"one\\ntwo\\n\",\"b\":\"three four\"}" },
		{ "k:\n  - z: 1\n    y:\n- \n", NULL },
		{ "\"1\": a\n'~': b\n", "{\"1\":\"a\",\"~\":\"b\"}" },
		{ "a: {b: [], c: {}}\r\n", "{\"a\":{\"b\":[],\"c\":{}}}" },
		{ "\"\\u0007\\x41\"", "\"\\u0007A\"" },
	};
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };
		const struct json *v = NULL;
		enum rc rc = yaml_read(a, str_z(cases[i].yaml), NULL, &v, &err);
		if (!cases[i].json) {
			ck_assert_int_eq(rc, RC_INVALID);
			continue;
		}
		ck_assert_msg(rc == RC_OK, "%s: %s", cases[i].yaml, err.text);
		ck_assert_str(v->raw, cases[i].json);
	}
}
END_TEST

START_TEST(test_what_is_refused_has_line_and_column)
{
	static const struct {
		const char *yaml, *place;
		enum code code;
	} cases[] = {
		{ "a: &x 1\n", "1:4", CODE_INVALID },
		{ "a: 1\nb: *x\n", "2:4", CODE_INVALID },
		{ "- !!str 1\n", "1:3", CODE_INVALID },
		{ "a: 1\n\xc3\xa9: 2\na: 3\n", "3:1", CODE_INVALID },
		{ "x:\n  \xc3\xa9: 1\n  \xc3\xa9: 2\n", "3:3", CODE_INVALID },
		{ "\xc3\xa9: 1\n2: x\n", "2:1", CODE_INVALID },
		{ "? [a]\n: b\n", "1:3", CODE_INVALID },
		{ "a\n---\nb\n", "2:1", CODE_INVALID },
		{ "a: .nan\n", "1:4", CODE_INVALID },
		{ "a: 0x1FFFFFFFFFFFFFFFF\n", "1:4", CODE_JSON_LIMIT },
		{ "a: b: c\n", "1:5", CODE_INVALID },
		{ "a: [1\n", "2:1", CODE_INVALID },
		{ "a: \"\xff\"\n", "1:5", CODE_UTF8 },
		{ "\"a\\0b\": 1\n", "1:1", CODE_INVALID },
	};
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = { 0 };
		const struct json *v = NULL;
		ck_assert_msg(yaml_read(a, str_z(cases[i].yaml), NULL, &v, &err) != RC_OK, "%s",
		              cases[i].yaml);
		ck_assert_str_eq(err.place, cases[i].place);
		ck_assert_int_eq(err.code, cases[i].code);
		ck_assert(err.text[0]);
	}
}
END_TEST

START_TEST(test_values_know_where_they_began)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	const struct json *v;
	struct str in = STR("\xc3\xa9: 1\nlist:\n  - \xc3\xa9\n  - {x: y}\n");
	unsigned line, column;
	ck_assert_ok(yaml_read(a, in, NULL, &v, NULL));
	text_place(in, json_pointer(v, STR("/list/1/x"))->at, &line, &column);
	ck_assert_uint_eq(line, 4);
	ck_assert_uint_eq(column, 9);
	ck_assert_str(json_pointer(v, STR("/list/0"))->raw, "\"\xc3\xa9\"");
}
END_TEST

START_TEST(test_limits_hold_for_yaml_too)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	struct json_limits limits = { 20, 2, 4 };
	const struct json *v;
	ck_assert_ok(yaml_read(a, STR("[[1,2]]"), &limits, &v, NULL));
	ck_assert_int_eq(yaml_read(a, STR("[[[]]]"), &limits, &v, NULL), RC_LIMIT);
	ck_assert_int_eq(yaml_read(a, STR("[1,2,3,4]"), &limits, &v, NULL), RC_LIMIT);
	ck_assert_int_eq(yaml_read(a, STR("aaaaaaaaaaaaaaaaaaaaa"), &limits, &v, NULL), RC_LIMIT);
}
END_TEST

/* Characters are counted along the text once, not from its beginning for each value. */
START_TEST(test_a_long_text_takes_linear_time)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct buf b = BUF_INIT(1 << 20);
	const struct json *v;
	for (int i = 0; i < 30000; i++)
		buf_addf(&b, "k%d: \xc3\xa9\n", i);
	ck_assert_ok(yaml_read(a, buf_str(&b), NULL, &v, NULL));
	ck_assert_uint_eq(v->count, 30000);
	buf_fini(&b);
}
END_TEST

UNIT_MAIN("codec/yaml", test_yaml_becomes_json, test_what_is_refused_has_line_and_column,
          test_values_know_where_they_began, test_limits_hold_for_yaml_too,
          test_a_long_text_takes_linear_time)
