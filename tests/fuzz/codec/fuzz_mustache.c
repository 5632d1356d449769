/* The laws of templates.  The input is a template, a NUL, and a JSON value, whose member
 * "partials" also serves as partials.
 *
 * (1) Rendering ends, and the result keeps to the buffer.
 * (2) It is pure: twice the same template and value give the same bytes and outcome.
 * (3) A template without tags is its own result.
 * (4) With a larger buffer the result only becomes longer: the same beginning.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "codec/mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rc render(struct arena *a, struct str tmpl, const struct json *value, bool is_strict,
                      struct buf *out)
{
	struct err err = { 0 };
	struct mustache_options options = { .partials = json_getz(value, "partials"),
		                            .is_strict = is_strict };
	enum rc rc = mustache_render(a, tmpl, value, &options, out, &err);
	assert(out->len <= out->max);
	assert(rc == RC_OK || (err.rc == rc && err.text[0] && err.place[0]));
	return rc;
}

static void check_pure(struct arena *a, struct str tmpl, const struct json *value)
{
	struct buf first = BUF_INIT(4096), second = BUF_INIT(4096), large = BUF_INIT(65536);
	struct buf strict = BUF_INIT(4096);
	enum rc rc = render(a, tmpl, value, false, &first);
	enum rc rc_second = render(a, tmpl, value, false, &second);
	enum rc rc_large = render(a, tmpl, value, false, &large);
	assert(rc == rc_second && str_eq(buf_str(&first), buf_str(&second)));
	if (rc == RC_OK)
		assert(rc_large == RC_OK && str_eq(buf_str(&first), buf_str(&large)));
	if (render(a, tmpl, value, true, &strict) == RC_OK)
		assert(str_eq(buf_str(&first), buf_str(&strict)));
	if (str_find(tmpl, STR("{{"), 0) == SIZE_MAX && tmpl.len <= first.max)
		assert(rc == RC_OK && str_eq(buf_str(&first), tmpl));
	buf_fini(&first);
	buf_fini(&second);
	buf_fini(&large);
	buf_fini(&strict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	const struct json *value;
	struct str rest, in = { (const char *)data, size };
	struct str tmpl = str_cut(in, '\0', &rest);
	if (!rest.ptr || json_read(a, rest, NULL, &value, NULL) != RC_OK)
		value = NULL;
	if (!value &&
	    json_read(a, STR("{\"a\":[1,{\"b\":\"<&>\"}],\"partials\":{\"p\":\"{{>p}}x\"}}"), NULL,
	              &value, NULL) != RC_OK)
		abort();
	check_pure(a, tmpl, value);
	return 0;
}
