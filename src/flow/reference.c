/* References in a definition: see reference.h.  Everything here is pure; the values come
 * from recorded.c while a run goes on, from a table in tests. */
#include "flow/reference.h"

bool reference_is(const struct json *v, struct str *ret)
{
	if (v->type != JSON_OBJECT || v->count != 1 || v->first->type != JSON_STRING ||
	    !str_eqz(v->first->name, "ref"))
		return false;
	*ret = v->first->text;
	return true;
}

/* Does the pointer begin with the whole tokens of `head`?  Then the rest is behind it. */
static bool begins(struct str pointer, struct str head, struct str *rest)
{
	if (!str_starts(pointer, head))
		return false;
	*rest = str_sub(pointer, head.len, SIZE_MAX);
	return rest->len == 0 || rest->ptr[0] == '/';
}

/* A pointer escapes "~" as "~0" and "/" as "~1"; any other "~" is a mistake. */
static bool is_pointer(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '~' &&
		    (i + 1 == s.len || (s.ptr[i + 1] != '0' && s.ptr[i + 1] != '1')))
			return false;
	return true;
}

static bool parse_step(struct str pointer, struct reference *ret)
{
	struct str tail;
	if (!str_starts(pointer, STR("/steps/")))
		return false;
	struct str name = str_cut(str_sub(pointer, STR("/steps/").len, SIZE_MAX), '/', &tail);
	if (!name.len || !tail.ptr || !str_starts(tail, STR("output")))
		return false;
	/* tail begins behind the slash; look at it with the slash. */
	struct str with_slash = { tail.ptr - 1, tail.len + 1 };
	*ret = (struct reference){ .source = REFERENCE_STEP, .step = name };
	return begins(with_slash, STR("/output"), &ret->rest);
}

bool reference_parse(struct str pointer, struct reference *ret)
{
	struct reference r = { .source = REFERENCE_INPUT };
	if (!is_pointer(pointer))
		return false;
	if (begins(pointer, STR("/input"), &r.rest))
		r.source = REFERENCE_INPUT;
	else if (begins(pointer, STR("/item"), &r.rest))
		r.source = REFERENCE_ITEM;
	else if (begins(pointer, STR("/output"), &r.rest))
		r.source = REFERENCE_OUTPUT;
	else if (str_eqz(pointer, "/index"))
		r.source = REFERENCE_INDEX;
	else if (!parse_step(pointer, &r))
		return false;
	*ret = r;
	return true;
}

struct resolving {
	struct reference_data *data;
	struct json_out out;
	struct err *err;
};

static enum rc resolve_reference(struct resolving *r, struct str pointer)
{
	struct reference ref;
	const struct json *value = NULL;
	bool is_known = reference_parse(pointer, &ref);
	assert(is_known); /* the definition was checked */
	enum rc rc = r->data->find(r->data, &ref, &value, r->err);
	if (rc != RC_OK)
		return rc;
	if (!value)
		return err_set(r->err, CODE_BAD_REFERENCE,
		               "the reference " STR_FMT " finds nothing",
		               STR_ARG(str_sub(pointer, 0, 160)));
	json_raw(&r->out, value->raw);
	return RC_OK;
}

static enum rc resolve(struct resolving *r, const struct json *v);

static enum rc resolve_members(struct resolving *r, const struct json *v)
{
	enum rc rc = RC_OK;
	for (const struct json *m = v->first; m && rc == RC_OK; m = m->next) {
		if (v->type == JSON_OBJECT)
			json_key(&r->out, m->name);
		rc = resolve(r, m);
	}
	return rc;
}

/* As deep as the reader let the definition nest. */
static enum rc resolve(struct resolving *r, const struct json *v)
{
	struct str pointer;
	enum rc rc;
	if (reference_is(v, &pointer))
		return resolve_reference(r, pointer);
	if (v->type == JSON_OBJECT) {
		json_begin_object(&r->out);
		rc = resolve_members(r, v);
		if (rc == RC_OK)
			json_end_object(&r->out);
		return rc;
	}
	if (v->type == JSON_ARRAY) {
		json_begin_array(&r->out);
		rc = resolve_members(r, v);
		if (rc == RC_OK)
			json_end_array(&r->out);
		return rc;
	}
	json_raw(&r->out, v->raw);
	return RC_OK;
}

/* How deep valid JSON nests; brackets inside strings do not count. */
static size_t json_depth(struct str s)
{
	size_t depth = 0, deepest = 0;
	bool in_string = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (in_string) {
			i += c == '\\';
			in_string = c != '"';
			continue;
		}
		in_string = c == '"';
		depth += c == '[' || c == '{';
		depth -= c == ']' || c == '}';
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

enum rc reference_resolve(const struct json *template, struct reference_data *data, struct buf *out,
                          struct err *err)
{
	static const struct json null_value = { .type = JSON_NULL, .raw = STR_INIT("null") };
	struct resolving r = { .data = data, .err = err };
	json_out_init(&r.out, out);
	enum rc rc = resolve(&r, template ? template : &null_value);
	if (rc != RC_OK)
		return rc;
	if (buf_rc(out) != RC_OK)
		return err_set(err, CODE_TOO_LARGE, "the value has more than %zu bytes", out->max);
	if (json_depth(buf_str(out)) > RESOLVED_DEPTH_MAX)
		return err_set(err, CODE_TOO_LARGE, "the value nests deeper than %d levels",
		               RESOLVED_DEPTH_MAX);
	return RC_OK;
}
