/* The laws of the schema validator.  The input is an array: a schema and a value.
 *
 * (1) Compiling and checking end, whatever they are given.
 * (2) The verdict is the same when asked again, with and without words for it.
 * (3) "not" turns the verdict round, and "allOf" of the schema keeps it, unless the
 *     effort was too much.
 * (4) A place in an error is a JSON Pointer, "" or beginning with a slash.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "codec/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_exhausted(const struct err *err)
{
	struct str text = str_z(err->text);
	return str_find(text, STR("too many steps"), 0) != SIZE_MAX ||
	       str_find(text, STR("too long"), 0) != SIZE_MAX ||
	       str_find(text, STR("without end"), 0) != SIZE_MAX;
}

/* {"KEYWORD": the schema} as a new document, whose $ref "#" would mean something else:
 * so only for schemas that do not refer. */
static void check_wrapped(struct arena *a, const struct json *schema, const struct json *value,
                          const char *fmt, enum rc expected)
{
	const struct json *outer;
	struct schema *s = NULL;
	struct err err = { 0 };
	struct str text = str_fmt(a, fmt, STR_ARG(schema->raw));
	struct json_limits wide = { SIZE_MAX, 512, UINT32_MAX };
	if (json_read(a, text, &wide, &outer, NULL) != RC_OK)
		return;
	if (schema_compile(outer, NULL, &s, NULL) != RC_OK)
		return;
	enum rc rc = schema_check(s, value, a, &err);
	assert(rc == expected || is_exhausted(&err));
	schema_destroy(s);
}

static void check_value(struct arena *a, const struct schema *s, const struct json *schema,
                        const struct json *value)
{
	struct err err = { 0 };
	enum rc rc = schema_check(s, value, a, &err), silent = schema_check(s, value, a, NULL);
	assert(rc == silent && (rc == RC_OK || rc == RC_INVALID));
	if (rc != RC_OK) {
		assert(err.code == CODE_SCHEMA && err.text[0]);
		assert(err.place[0] == '\0' || err.place[0] == '/');
	}
	if (is_exhausted(&err) || str_find(schema->raw, STR("$"), 0) != SIZE_MAX ||
	    str_find(schema->raw, STR("\\"), 0) != SIZE_MAX)
		return;
	check_wrapped(a, schema, value, "{\"not\":" STR_FMT "}", rc == RC_OK ? RC_INVALID : RC_OK);
	check_wrapped(a, schema, value, "{\"allOf\":[" STR_FMT ",true]}", rc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct schema_options options = { .assert_formats = false };
	struct err err = { 0 };
	const struct json *both;
	struct schema *s = NULL;
	struct str in = { (const char *)data, size };
	if (json_read(a, in, NULL, &both, NULL) != RC_OK || both->type != JSON_ARRAY ||
	    both->count < 2)
		return 0;
	if (schema_compile(both->first, &options, &s, &err) != RC_OK) {
		assert(err.code == CODE_BAD_SCHEMA && err.text[0]);
		return 0;
	}
	for (const struct json *value = both->first->next; value; value = value->next)
		check_value(a, s, both->first, value);
	schema_destroy(s);
	options.assert_formats = true;
	if (schema_compile(both->first, &options, &s, &err) != RC_OK)
		abort();
	enum rc rc = schema_check(s, both->first->next, a, &err);
	assert(rc == RC_OK || err.text[0]);
	schema_destroy(s);
	return 0;
}
