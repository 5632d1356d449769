/* The laws of the JSON reader and writer, for any bytes:
 *
 * (1) What was read, written and read again is equal, and the second text is stable.
 * (2) raw and at of every value agree with the input.
 * (3) The verdict does not depend on where the input lies, nor on limits that it keeps.
 * (4) A refusal names a place inside the text.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t count_values(struct str in, const struct json *v, uint32_t depth, uint32_t *deepest)
{
	uint32_t n = 1, children = 0;
	assert(v->raw.ptr == in.ptr + v->at && v->at + v->raw.len <= in.len);
	*deepest = depth > *deepest ? depth : *deepest;
	json_each(child, v) {
		n += count_values(in, child, depth + 1, deepest);
		children++;
		if (v->type == JSON_OBJECT)
			assert(json_get(v, child->name) == child);
	}
	assert(children == v->count);
	return n;
}

static void check_written(struct arena *a, const struct json *v)
{
	const struct json *again;
	struct json_limits wide = { SIZE_MAX, 512, UINT32_MAX };
	struct json_out o;
	struct buf first = BUF_INIT(1 << 24), second = BUF_INIT(1 << 24);
	json_out_init(&o, &first);
	json_value(&o, v);
	assert(buf_rc(&first) == RC_OK);
	enum rc rc = json_read(a, buf_str(&first), &wide, &again, NULL);
	assert(rc == RC_OK && json_equal(v, again) && json_equal(again, v));
	json_out_init(&o, &second);
	json_value(&o, again);
	assert(str_eq(buf_str(&first), buf_str(&second)));
	buf_fini(&first);
	buf_fini(&second);
}

static void check_limits(struct arena *a, struct str in, const struct json *v)
{
	const struct json *again;
	uint32_t deepest = 0;
	uint32_t values = count_values(in, v, 0, &deepest);
	struct json_limits exact = { in.len, deepest + 1, values };
	enum rc rc = json_read(a, in, &exact, &again, NULL);
	assert(rc == RC_OK && json_equal(v, again));
	exact.values_max--;
	rc = json_read(a, in, &exact, &again, NULL);
	assert(rc == RC_LIMIT);
}

static void check_refusal(enum rc rc, const struct err *err, size_t size)
{
	unsigned line = 0, column = 0;
	assert(err->rc == rc && err->text[0]);
	int found = sscanf(err->place, "%u:%u", &line, &column);
	assert(found == 2 && line >= 1 && column >= 1 && line + column <= size + 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct err err = { 0 };
	const struct json *v, *elsewhere;
	struct str in = { (const char *)data, size };
	enum rc rc = json_read(a, in, NULL, &v, &err);
	struct str copy = str_dup(a, in);
	enum rc rc_copy = json_read(a, copy, NULL, &elsewhere, NULL);
	assert(rc == rc_copy);
	if (rc != RC_OK) {
		check_refusal(rc, &err, size);
		return 0;
	}
	assert(json_equal(v, elsewhere));
	check_limits(a, in, v);
	check_written(a, v);
	return 0;
}
