/* The laws of the YAML reader, for any bytes:
 *
 * (1) raw of the root is JSON text of an equal value.
 * (2) The verdict does not depend on the caller's wish for an error, and a refusal
 *     names a line and column.
 * (3) JSON in block-free form is YAML: what the JSON reader accepts and libyaml accepts
 *     is the same value.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "codec/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_places(const struct json *v, size_t size)
{
	assert(v->at <= size);
	json_each(child, v)
		check_places(child, size);
}

static void check_accepted(struct arena *a, const struct json *v, size_t size)
{
	const struct json *again;
	struct json_limits wide = { SIZE_MAX, 512, UINT32_MAX };
	enum rc rc = json_read(a, v->raw, &wide, &again, NULL);
	assert(rc == RC_OK && json_equal(v, again));
	check_places(v, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct err err = { 0 };
	const struct json *v, *same, *json;
	unsigned line, column;
	struct str in = { (const char *)data, size };
	enum rc rc = yaml_read(a, in, NULL, &v, &err);
	enum rc rc_silent = yaml_read(a, in, NULL, &same, NULL);
	assert(rc == rc_silent);
	if (rc != RC_OK) {
		int found = sscanf(err.place, "%u:%u", &line, &column);
		assert(err.rc == rc && err.text[0] && found == 2);
		return 0;
	}
	check_accepted(a, v, size);
	if (json_read(a, in, NULL, &json, NULL) == RC_OK)
		assert(json_equal(v, json));
	return 0;
}
