/* codec/field: tables turn objects into structs, and say what is wrong with them. */
#include "../unit.h"

#include "base/arena.h"
#include "codec/field.h"

struct thing {
	struct str kind, name, raw;
	int64_t priority;
	bool is_on;
	const struct json *any, *list, *map;
};

static const struct field fields[] = {
	FIELD_STR(struct thing, kind, .is_required = true, .min = 1, .max = 10, .bytes = "a-z._-"),
	FIELD_STR(struct thing, name, .one_of = "red|green"),
	FIELD_INT(struct thing, priority, .min = -100, .max = 100),
	FIELD_BOOL(struct thing, is_on),
	FIELD_RAW(struct thing, raw, .max = 12),
	FIELD_VALUE(struct thing, any),
	FIELD_ARRAY(struct thing, list, .min = 1, .max = 2),
	FIELD_OBJECT(struct thing, map, .max = 1),
};

static enum rc read_thing(struct arena *a, const char *text, struct thing *ret, struct err *err)
{
	const struct json *v;
	ck_assert_ok(json_read(a, str_z(text), NULL, &v, NULL));
	*err = (struct err){ 0 };
	return field_read(fields, ARRAY_LEN(fields), v, "/body", ret, err);
}

START_TEST(test_all_types_are_read_and_defaults_stay)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	struct thing t = { .priority = 5 };
	struct err err;
	ck_assert_ok(read_thing(a,
	                        "{\"kind\":\"a.b-c\",\"priority\":null,\"is_on\":true,"
	                        "\"raw\":[1, 2],\"any\":3,\"list\":[1],\"map\":{\"x\":1}}",
	                        &t, &err));
	ck_assert_str(t.kind, "a.b-c");
	ck_assert_int_eq(t.priority, 5);
	ck_assert(t.is_on);
	ck_assert_str(t.raw, "[1, 2]");
	ck_assert_int_eq(t.any->integer, 3);
	ck_assert_uint_eq(t.list->count, 1);
	ck_assert_uint_eq(t.map->count, 1);
	ck_assert_ok(read_thing(a, "{\"kind\":\"k\",\"raw\":null,\"priority\":-1e2}", &t, &err));
	ck_assert_str(t.raw, "null");
	ck_assert_int_eq(t.priority, -100);
}
END_TEST

START_TEST(test_what_is_wrong_is_named_with_its_place)
{
	static const struct {
		const char *text;
		enum code code;
		const char *place, *says;
	} cases[] = {
		{ "[]", CODE_FIELD_TYPE, "/body", "must be an object, is an array" },
		{ "{}", CODE_FIELD_MISSING, "/body/kind", "\"kind\" is required" },
		{ "{\"kind\":null}", CODE_FIELD_MISSING, "/body/kind", "\"kind\" is required" },
		{ "{\"kind\":1}", CODE_FIELD_TYPE, "/body/kind", "must be a string, is a number" },
		{ "{\"kind\":\"\"}", CODE_FIELD_RANGE, "/body/kind",
		  "must be 1 to 10 bytes long, is 0" },
		{ "{\"kind\":\"abcdefghijk\"}", CODE_FIELD_RANGE, "/body/kind",
		  "must be 1 to 10 bytes long, is 11" },
		{ "{\"kind\":\"aB\"}", CODE_FIELD_RANGE, "/body/kind",
		  "may contain only the characters a-z._-; the one at 2 is another" },
		{ "{\"kind\":\"a\",\"name\":\"re\"}", CODE_FIELD_RANGE, "/body/name",
		  "must be one of red|green" },
		{ "{\"kind\":\"a\",\"name\":\"red\\u0000\"}", CODE_FIELD_RANGE, "/body/name",
		  "must be one of red|green" },
		{ "{\"kind\":\"a\",\"priority\":101}", CODE_FIELD_RANGE, "/body/priority",
		  "must be -100 to 100, is 101" },
		{ "{\"kind\":\"a\",\"priority\":1.5}", CODE_FIELD_TYPE, "/body/priority",
		  "must be an integer, is a number" },
		{ "{\"kind\":\"a\",\"is_on\":0}", CODE_FIELD_TYPE, "/body/is_on",
		  "must be a boolean, is a number" },
		{ "{\"kind\":\"a\",\"raw\":\"12345678901\"}", CODE_FIELD_RANGE, "/body/raw",
		  "must be 0 to 12 bytes long, is 13" },
		{ "{\"kind\":\"a\",\"list\":[]}", CODE_FIELD_RANGE, "/body/list",
		  "must be 1 to 2 members, is 0" },
		{ "{\"kind\":\"a\",\"list\":{}}", CODE_FIELD_TYPE, "/body/list",
		  "must be an array, is an object" },
		{ "{\"kind\":\"a\",\"map\":{\"a\":1,\"b\":2}}", CODE_FIELD_RANGE, "/body/map",
		  "must be 0 to 1 members, is 2" },
		{ "{\"kind\":\"a\",\"pri/o\":1}", CODE_FIELD_UNKNOWN, "/body/pri~1o",
		  "unknown field \"pri/o\"; known are kind, name, priority, is_on, raw, any, list, "
		  "map" },
	};
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct thing t = { 0 };
		struct err err;
		ck_assert_int_eq(read_thing(a, cases[i].text, &t, &err), RC_INVALID);
		ck_assert_str_eq(err.text, cases[i].says);
		ck_assert_str_eq(err.place, cases[i].place);
		ck_assert_int_eq(err.code, cases[i].code);
	}
}
END_TEST

START_TEST(test_a_text_has_no_nul)
{
	static const struct field plain[] = { FIELD_STR(struct thing, name) };
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	struct thing t = { 0 };
	const struct json *v;
	ck_assert_ok(json_read(a, STR("{\"name\":\"a\\u0000b\"}"), NULL, &v, NULL));
	ck_assert_int_eq(field_read(plain, 1, v, "", &t, NULL), RC_INVALID);
}
END_TEST

UNIT_MAIN("codec/field", test_all_types_are_read_and_defaults_stay,
          test_what_is_wrong_is_named_with_its_place, test_a_text_has_no_nul)
