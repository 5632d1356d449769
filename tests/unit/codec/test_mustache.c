/* codec/mustache: errors, strictness, bounds.  What a template means is the matter of
 * test_mustache_suite. */
#include "../unit.h"

#include "base/arena.h"
#include "codec/mustache.h"

static enum rc render(const char *tmpl, const char *value, const char *partials, bool is_strict,
                      size_t max, struct buf *out, struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	const struct json *v, *p;
	ck_assert_ok(json_read(a, str_z(value), NULL, &v, NULL));
	ck_assert_ok(json_read(a, str_z(partials), NULL, &p, NULL));
	struct mustache_options options = { .partials = p, .is_strict = is_strict };
	*err = (struct err){ 0 };
	buf_init(out, max);
	return mustache_render(a, str_z(tmpl), v, &options, out, err);
}

START_TEST(test_what_is_wrong_has_a_place)
{
	static const struct {
		const char *tmpl, *place;
		bool is_strict;
		enum rc rc;
	} cases[] = {
		{ "a\n {{b", "2:2", false, RC_INVALID },
		{ "{{#a}}x", "1:1", false, RC_INVALID },
		{ "{{#a}}{{/b}}", "1:7", false, RC_INVALID },
		{ "x{{/a}}", "1:2", false, RC_INVALID },
		{ "{{}}", "1:1", false, RC_INVALID },
		{ "{{=a=}}", "1:1", false, RC_INVALID },
		{ "ok\n{{typo}}", "2:1", true, RC_INVALID },
		{ "{{>typo}}", "1:1", true, RC_INVALID },
		{ "{{>bad}}", "bad:2:3", false, RC_INVALID },
		{ "{{>self}}", "self:1:1", false, RC_LIMIT },
		{ "{{>two}}", "two:1:1", false, RC_LIMIT },
	};
	static const char partials[] = "{\"bad\":\"x\\n  {{#y}}\",\"self\":\"{{>self}}\","
	                               "\"two\":\"{{>two}}{{>two}}\"}";
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err;
		struct buf out;
		ck_assert_int_eq(render(cases[i].tmpl, "{\"a\":1}", partials, cases[i].is_strict,
		                        1000, &out, &err),
		                 cases[i].rc);
		ck_assert_str_eq(err.place, cases[i].place);
		ck_assert(err.text[0]);
		buf_fini(&out);
	}
}
END_TEST

START_TEST(test_values_render_as_they_are)
{
	struct err err;
	struct buf out;
	ck_assert_ok(render("{{n}} {{b}} {{z}}|{{s}} {{{s}}} {{&l}}{{^e}}-{{/e}}{{#o}}{{x}}{{/o}}",
	                    "{\"n\":1.50,\"b\":true,\"z\":null,\"s\":\"<'&\\\">\",\"l\":[1, 2],"
	                    "\"e\":\"\",\"o\":{\"x\":7}}",
	                    "{}", false, 1000, &out, &err));
	ck_assert_str(buf_str(&out), "1.50 true |&lt;&#39;&amp;&quot;&gt; <'&\"> [1, 2]-7");
	buf_fini(&out);
}
END_TEST

START_TEST(test_strict_lets_sections_ask)
{
	struct err err;
	struct buf out;
	ck_assert_ok(render("{{#x}}a{{/x}}{{^x}}b{{/x}}{{y}}", "{\"y\":null}", "{}", true, 1000,
	                    &out, &err));
	ck_assert_str(buf_str(&out), "b");
	buf_fini(&out);
}
END_TEST

START_TEST(test_a_result_that_is_too_large_is_refused)
{
	struct err err;
	struct buf out;
	ck_assert_int_eq(render("{{#a}}{{#a}}{{#a}}xxxx{{/a}}{{/a}}{{/a}}",
	                        "{\"a\":[1,2,3,4,5,6,7,8,9]}", "{}", false, 100, &out, &err),
	                 RC_LIMIT);
	ck_assert_uint_le(out.len, 100);
	buf_fini(&out);
}
END_TEST

/* Nothing is written, yet the loops would run for hours. */
START_TEST(test_effort_is_bounded)
{
	struct err err;
	struct buf out, list = BUF_INIT(100000);
	buf_addz(&list, "{\"a\":[1");
	for (int i = 0; i < 999; i++)
		buf_addz(&list, ",1");
	buf_addz(&list, "]}");
	buf_addc(&list, '\0');
	ck_assert_int_eq(render("{{#a}}{{#a}}{{#a}}{{#a}}{{b}}{{/a}}{{/a}}{{/a}}{{/a}}", list.ptr,
	                        "{}", false, 100, &out, &err),
	                 RC_LIMIT);
	buf_fini(&out);
	buf_fini(&list);
}
END_TEST

UNIT_MAIN("codec/mustache", test_what_is_wrong_has_a_place, test_values_render_as_they_are,
          test_strict_lets_sections_ask, test_a_result_that_is_too_large_is_refused,
          test_effort_is_bounded)
