/* codec/schema: what an error says, bad schemas, formats, bounded effort.  What is valid
 * at all is the matter of test_schema_suite. */
#include "../unit.h"

#include "base/arena.h"
#include "codec/schema.h"

static const struct json *parse(struct arena *a, const char *text)
{
	struct json_limits deep = { 1 << 20, 512, 100000 };
	struct err err = { 0 };
	const struct json *v = NULL;
	enum rc rc = json_read(a, str_z(text), &deep, &v, &err);
	ck_assert_msg(rc == RC_OK, "%s: %s", text, err.text);
	return v;
}

static enum rc check(const char *schema, const char *value, bool assert_formats, struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct schema_options options = { .assert_formats = assert_formats };
	struct schema *s = NULL;
	*err = (struct err){ 0 };
	enum rc rc = schema_compile(parse(a, schema), &options, &s, err);
	ck_assert_msg(rc == RC_OK, "%s: %s at %s", schema, err->text, err->place);
	rc = schema_check(s, parse(a, value), a, err);
	schema_destroy(s);
	return rc;
}

#define QUIZ                                                                                       \
	"{\"$defs\":{\"choice\":{\"properties\":{\"type\":{\"const\":\"choice\"},"                 \
	"\"options\":{\"type\":\"array\",\"minItems\":2}},\"required\":[\"type\",\"options\"]},"   \
	"\"open\":{\"properties\":{\"type\":{\"const\":\"open\"},\"answer\":{\"type\":\"string\"}" \
	"},"                                                                                       \
	"\"required\":[\"type\",\"answer\"]}},"                                                    \
	"\"items\":{\"oneOf\":[{\"$ref\":\"#/$defs/choice\"},{\"$ref\":\"#/$defs/open\"}]}}"

START_TEST(test_an_error_says_where_and_what_would_be_right)
{
	static const struct {
		const char *schema, *value, *place, *says;
	} cases[] = {
		{ "{\"properties\":{\"n\":{\"maximum\":20}}}", "{\"n\":25}", "/n",
		  "must be at most 20, is 25" },
		{ "{\"exclusiveMinimum\":0}", "0", "", "must be more than 0, is 0" },
		{ "{\"multipleOf\":0.01}", "0.125", "", "must be a multiple of 0.01, is 0.125" },
		{ "{\"items\":{\"type\":\"string\"}}", "[\"a\",1]", "/1",
		  "must be string, is integer" },
		{ "{\"type\":[\"string\",\"null\"]}", "1.5", "",
		  "must be null or string, is number" },
		{ "{\"properties\":{\"a\":{\"required\":[\"b\"]}}}", "{\"a\":{}}", "/a",
		  "\"b\" is required" },
		{ "{\"properties\":{\"x\":{},\"y\":{}},\"additionalProperties\":false}",
		  "{\"x\":1,\"z/~\":1}", "/z~1~0", "unknown property \"z/~\"; known are x, y" },
		{ "{\"unevaluatedProperties\":false}", "{\"q\":1}", "/q",
		  "unknown property \"q\"" },
		{ "{\"enum\":[\"a\",1,null]}", "2", "", "must be one of \"a\", 1, null" },
		{ "{\"const\":{\"a\":1}}", "2", "", "must be {\"a\":1}" },
		{ "{\"minLength\":3}", "\"\xc3\xa9\xc3\xa9\"", "",
		  "must have at least 3 characters, has 2" },
		{ "{\"maxItems\":1}", "[1,2]", "", "must have at most 1 items, has 2" },
		{ "{\"pattern\":\"^a+$\"}", "\"b\"", "", "must match the pattern ^a+$" },
		{ "{\"uniqueItems\":true}", "[1,2,1.0]", "/2",
		  "must not be equal to the item at 0" },
		{ "{\"propertyNames\":{\"maxLength\":1}}", "{\"ab\":1}", "/ab",
		  "must have at most 1 characters, has 2" },
		{ "{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "",
		  "\"b\" is required beside \"a\"" },
		{ "{\"properties\":{\"a\":false}}", "{\"a\":1}", "/a", "nothing is allowed here" },
		{ "{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":1},{\"minimum\":2}]}", "1", "",
		  "must fit exactly one alternative, fits number 1 and 2 of 3" },
		{ "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\"}]}", "1", "",
		  "must be string or array, is integer" },
		{ "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"minimum\":1}}"
		  "]}",
		  "[2,0]", "/1",
		  "fits none of 2 alternatives; the nearest: must be at least 1, is 0" },
		{ QUIZ, "[{\"type\":\"choice\",\"options\":[1]}]", "/0/options",
		  "must have at least 2 items, has 1" },
		{ QUIZ, "[{\"type\":\"open\"}]", "/0", "\"answer\" is required" },
		{ QUIZ, "[{\"type\":\"essay\"}]", "/0/type",
		  "must be one of \"choice\", \"open\"" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err;
		ck_assert_int_eq(check(cases[i].schema, cases[i].value, false, &err), RC_INVALID);
		ck_assert_int_eq(err.code, CODE_SCHEMA);
		ck_assert_str_eq(err.text, cases[i].says);
		ck_assert_str_eq(err.place, cases[i].place);
	}
}
END_TEST

START_TEST(test_a_bad_schema_is_refused_with_its_place)
{
	static const struct {
		const char *schema, *place;
	} cases[] = {
		{ "1", "" },
		{ "{\"type\":\"strin\"}", "/type" },
		{ "{\"type\":[]}", "/type" },
		{ "{\"properties\":{\"a\":{\"minLength\":-1}}}", "/properties/a/minLength" },
		{ "{\"minLength\":1.5}", "/minLength" },
		{ "{\"multipleOf\":0}", "/multipleOf" },
		{ "{\"required\":[1]}", "/required/0" },
		{ "{\"required\":true}", "/required" },
		{ "{\"allOf\":[]}", "/allOf" },
		{ "{\"items\":[{}]}", "/items" },
		{ "{\"pattern\":\"(\"}", "/pattern" },
		{ "{\"patternProperties\":{\"[\":{}}}", "/patternProperties/[" },
		{ "{\"$ref\":\"#/$defs/none\"}", "" },
		{ "{\"allOf\":[{\"$ref\":\"http://example.com/other\"}]}", "/allOf/0" },
		{ "{\"$ref\":\"#none\"}", "" },
		{ "{\"$id\":\"#fragment\"}", "/$id" },
		{ "{\"$id\":5}", "/$id" },
		{ "{\"properties\":{\"a\":5}}", "/properties/a" },
		{ "{\"uniqueItems\":1}", "/uniqueItems" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(arena_destroyp) struct arena *a = arena_create(4096);
		struct schema *s = NULL;
		struct err err = { 0 };
		enum rc rc = schema_compile(parse(a, cases[i].schema), NULL, &s, &err);
		ck_assert_msg(rc == RC_INVALID && !s, "%s", cases[i].schema);
		ck_assert_int_eq(err.code, CODE_BAD_SCHEMA);
		ck_assert_str_eq(err.place, cases[i].place);
	}
}
END_TEST

START_TEST(test_effort_is_bounded)
{
	static const char *const schemas[] = {
		"{\"$ref\":\"#\"}",
		"{\"not\":{\"$ref\":\"#\"}}",
		"{\"not\":{\"pattern\":\"^(a|aa)+$\"}}",
		"{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
	};
	char text[80] = "\"";
	memset(text + 1, 'a', 60);
	memcpy(text + 61, "b\"", 3);
	for (size_t i = 0; i < ARRAY_LEN(schemas); i++) {
		struct err err;
		ck_assert_int_eq(check(schemas[i], text, false, &err), RC_INVALID);
		ck_assert_str_eq(err.place, "");
		ck_assert(strstr(err.text, "too long") || strstr(err.text, "without end") ||
		          strstr(err.text, "too many steps"));
	}
}
END_TEST

START_TEST(test_deep_values_are_checked)
{
	char value[1025] = { 0 };
	struct err err;
	memset(value, '[', 400);
	memset(value + 400, ']', 400);
	ck_assert_ok(check("{\"items\":{\"$ref\":\"#\"}}", value, false, &err));
	value[400] = '1';
	memset(value + 401, ']', 400);
	ck_assert_int_eq(
	        check("{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}", value, false, &err),
	        RC_INVALID);
	ck_assert_str_eq(err.text, "must be array, is integer");
}
END_TEST

START_TEST(test_formats_where_they_are_asserted)
{
	static const struct {
		const char *format, *good[4], *bad[8];
	} cases[] = {
		{ "date-time",
		  { "2024-02-29T12:00:00Z", "1990-12-31T23:59:60z",
		    "1998-12-31T15:59:60.123-08:00" },
		  { "2023-02-29T00:00:00Z", "2024-01-01 00:00:00Z", "2024-01-01T24:00:00Z",
		    "2024-01-01T00:00:00", "1990-12-31T22:59:60Z", "2024-1-01T00:00:00Z" } },
		{ "date",
		  { "2000-02-29" },
		  { "1900-02-29", "2024-13-01", "2024-00-10", "20240101" } },
		{ "time",
		  { "08:30:06Z", "08:30:06.5+01:00" },
		  { "8:30:06Z", "08:30Z", "08:30:06.Z" } },
		{ "duration",
		  { "P4Y", "PT0S", "P1Y2M3DT4H5M6S", "P2W" },
		  { "P", "PT", "P1YT", "P2D1Y", "P1Y2W", "1Y", "P1Y3D", "PT1D" } },
		{ "email",
		  { "a.b@example.com", "\"x y\"@a.b", "a@[127.0.0.1]", "a@[IPv6:::1]" },
		  { "a", "@b.c", "a@", ".a@b.c", "a..b@c.d", "a@-b.c", "a b@c.d" } },
		{ "hostname", { "a", "a.b-c.d1" }, { "", "-a", "a-", "a..b", "a_b", "a." } },
		{ "ipv4",
		  { "127.0.0.1" },
		  { "256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", "1.2.3." } },
		{ "ipv6",
		  { "::", "::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4" },
		  { ":", "1::2::3", "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1%x",
		    ":2:3:4:5:6:7:8", "1.2.3.4::" } },
		{ "uri",
		  { "http://a.b:80/c?d#e", "urn:x:y", "http://[::1]/", "mailto:a@b" },
		  { "//a/b", "a b:", "http://a b", "http://[::z]/", "1a:b", "http://a/%zz",
		    "a:#b#c", "http://a:x/" } },
		{ "uri-reference", { "/a", "#f", "", "//a/b?c" }, { "\\\\a", "a|b", "#a#b" } },
		{ "uuid",
		  { "2EB8AA08-aa98-11ea-b4aa-73b441d16380" },
		  { "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
		    "2eb8aa08aa98-11ea-b4aa73b441d16380x" } },
		{ "json-pointer", { "", "/a~0~1" }, { "a", "/~", "/~2" } },
		{ "relative-json-pointer", { "0", "1/a", "2#" }, { "/a", "01/a", "", "-1" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char schema[100], value[100];
		struct err err;
		snprintf(schema, sizeof schema, "{\"format\":\"%s\"}", cases[i].format);
		for (size_t k = 0; k < 4 && cases[i].good[k]; k++) {
			struct buf b = BUF_INIT(200);
			struct json_out o;
			json_out_init(&o, &b);
			json_str(&o, str_z(cases[i].good[k]));
			snprintf(value, sizeof value, STR_FMT, STR_ARG(buf_str(&b)));
			buf_fini(&b);
			ck_assert_msg(check(schema, value, true, &err) == RC_OK, "%s %s",
			              cases[i].format, value);
		}
		for (size_t k = 0; k < 8 && cases[i].bad[k]; k++) {
			struct buf b = BUF_INIT(200);
			struct json_out o;
			json_out_init(&o, &b);
			json_str(&o, str_z(cases[i].bad[k]));
			snprintf(value, sizeof value, STR_FMT, STR_ARG(buf_str(&b)));
			buf_fini(&b);
			ck_assert_msg(check(schema, value, true, &err) == RC_INVALID, "%s %s",
			              cases[i].format, value);
			ck_assert_ok(check(schema, value, false, &err));
		}
	}
}
END_TEST

UNIT_MAIN("codec/schema", test_an_error_says_where_and_what_would_be_right,
          test_a_bad_schema_is_refused_with_its_place, test_effort_is_bounded,
          test_deep_values_are_checked, test_formats_where_they_are_asserted)
