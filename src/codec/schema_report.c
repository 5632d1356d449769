/* Verdicts in words: types, values and places as a person reads them. */
#include <stdarg.h>

#include "codec/schema_priv.h"

const char *const schema_type_names[SCHEMA_TYPES] = {
	[SCHEMA_NULL] = "null",     [SCHEMA_BOOLEAN] = "boolean", [SCHEMA_INTEGER] = "integer",
	[SCHEMA_NUMBER] = "number", [SCHEMA_STRING] = "string",   [SCHEMA_ARRAY] = "array",
	[SCHEMA_OBJECT] = "object",
};

unsigned schema_type_bits(const struct json *v)
{
	switch (v->type) {
	case JSON_NULL:
		return 1u << SCHEMA_NULL;
	case JSON_BOOL:
		return 1u << SCHEMA_BOOLEAN;
	case JSON_NUMBER:
		return 1u << SCHEMA_NUMBER | (unsigned)number_is_integer(v) << SCHEMA_INTEGER;
	case JSON_STRING:
		return 1u << SCHEMA_STRING;
	case JSON_ARRAY:
		return 1u << SCHEMA_ARRAY;
	case JSON_OBJECT:
		return 1u << SCHEMA_OBJECT;
	}
	abort();
}

const char *schema_type_of(const struct json *v)
{
	unsigned bits = schema_type_bits(v);
	for (unsigned i = 0; i < SCHEMA_TYPES; i++)
		if (bits & 1u << i)
			return schema_type_names[i];
	abort();
}

void schema_types_text(unsigned types, char *ret, size_t size)
{
	size_t n = 0;
	ret[0] = '\0';
	for (unsigned i = 0; i < SCHEMA_TYPES && n < size; i++)
		if (types & 1u << i)
			n += (size_t)snprintf(ret + n, size - n, "%s%s", n ? " or " : "",
			                      schema_type_names[i]);
}

void schema_values_text(const struct json *const *values, size_t n, char *ret, size_t size)
{
	size_t used = 0;
	ret[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		struct str raw = values[i]->raw;
		if (used + raw.len + 8 > size) {
			snprintf(ret + used, size - used, "%s…", used ? ", " : "");
			return;
		}
		used += (size_t)snprintf(ret + used, size - used, "%s" STR_FMT, used ? ", " : "",
		                         STR_ARG(raw));
	}
}

/* The last token of the way: "/3" or "/name" with ~ and / escaped. */
static void add_token(struct buf *out, const struct place_of *at)
{
	if (at->up->v->type == JSON_ARRAY) {
		buf_addf(out, "/%zu", at->index);
		return;
	}
	struct str name = text_brief(at->v->name, 60);
	buf_addc(out, '/');
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '~')
			buf_addz(out, "~0");
		else if (name.ptr[i] == '/')
			buf_addz(out, "~1");
		else
			buf_addc(out, name.ptr[i]);
	}
}

static void add_pointer(struct buf *out, const struct place_of *at)
{
	if (!at->up)
		return;
	add_pointer(out, at->up);
	add_token(out, at);
}

void schema_pointer_text(const struct place_of *at, char *ret, size_t size)
{
	struct buf b = BUF_INIT(1 << 17);
	add_pointer(&b, at);
	struct str brief = text_brief(buf_str(&b), size - 1);
	if (brief.len)
		memcpy(ret, brief.ptr, brief.len);
	ret[brief.len] = '\0';
	buf_fini(&b);
}

bool check_fail(struct check *c, const struct place_of *at, const char *fmt, ...)
{
	struct report *r = c->report;
	if (!r || r->is_set)
		return false;
	r->is_set = true;
	r->depth = 0;
	for (const struct place_of *p = at; p->up; p = p->up)
		r->depth++;
	schema_pointer_text(at, r->place, sizeof r->place);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof r->text, fmt, ap);
	va_end(ap);
	return false;
}
