/* Field tables: see field.h.
 *
 * Defaults of `max` (when it is 0): texts 64 KiB, integers INT64_MAX, raw values and
 * trees 1 MiB, arrays and objects 10,000 members.  `min` is 0 unless the table says
 * otherwise, so an integer that may be negative says so.  A text with a NUL inside is
 * refused: it would end early wherever it becomes a C string.
 */
#include "codec/field.h"
#include "codec/json_priv.h"

struct fields {
	const struct field *list;
	size_t n;
	const char *prefix;
	struct err *err;
};

static const char *const type_text[] = {
	[FIELD_TYPE_STR] = "a string",     [FIELD_TYPE_INT] = "an integer",
	[FIELD_TYPE_BOOL] = "a boolean",   [FIELD_TYPE_RAW] = "a value",
	[FIELD_TYPE_VALUE] = "a value",    [FIELD_TYPE_ARRAY] = "an array",
	[FIELD_TYPE_OBJECT] = "an object",
};

static const char *found_text(const struct json *v)
{
	switch (v->type) {
	case JSON_NULL:
		return "null";
	case JSON_BOOL:
		return "a boolean";
	case JSON_NUMBER:
		return "a number";
	case JSON_STRING:
		return "a string";
	case JSON_ARRAY:
		return "an array";
	case JSON_OBJECT:
		return "an object";
	}
	abort();
}

/* PREFIX/name, the name escaped as RFC 6901 wants. */
static enum rc at_name(const struct fields *f, struct str name)
{
	char token[96];
	size_t n = 0;
	if (!f->err)
		return RC_INVALID;
	name = text_brief(name, 64);
	for (size_t i = 0; i < name.len && n + 2 < sizeof token; i++) {
		char c = name.ptr[i];
		if (c == '~' || c == '/') {
			token[n++] = '~';
			c = c == '~' ? '0' : '1';
		}
		token[n++] = c;
	}
	return err_at(f->err, "%s/" STR_FMT, f->prefix, (int)n, token);
}

static enum rc out_of_range(const struct fields *f, const struct field *field)
{
	return f->err ? at_name(f, str_z(field->name)) : RC_INVALID;
}

static int64_t field_max(const struct field *field)
{
	if (field->max != 0)
		return field->max;
	switch (field->type) {
	case FIELD_TYPE_STR:
		return 64 << 10;
	case FIELD_TYPE_INT:
		return INT64_MAX;
	case FIELD_TYPE_BOOL:
		return 0;
	case FIELD_TYPE_RAW:
	case FIELD_TYPE_VALUE:
		return 1 << 20;
	case FIELD_TYPE_ARRAY:
	case FIELD_TYPE_OBJECT:
		return 10000;
	}
	abort();
}

/* One sentence for all four kinds of size: "must be 1 to 20 bytes long, is 25". */
static enum rc check_size(const struct fields *f, const struct field *field, int64_t is,
                          const char *what)
{
	int64_t max = field_max(field);
	if (is >= field->min && is <= max)
		return RC_OK;
	err_set(f->err, CODE_FIELD_RANGE, "must be %lld to %lld%s, is %lld", (long long)field->min,
	        (long long)max, what, (long long)is);
	return out_of_range(f, field);
}

static bool is_one_of(const char *list, struct str text)
{
	struct str rest = str_z(list);
	while (rest.ptr)
		if (str_eq(str_cut(rest, '|', &rest), text))
			return true;
	return false;
}

/* Is c in a set spelled as in tr, "a-zA-Z0-9._-"? */
static bool in_set(const char *set, char c)
{
	unsigned char u = (unsigned char)c;
	for (const char *p = set; *p; p++) {
		bool is_range = p[1] == '-' && p[2] != '\0';
		if (is_range && u >= (unsigned char)p[0] && u <= (unsigned char)p[2])
			return true;
		if (!is_range && *p == c)
			return true;
		p += is_range ? 2 : 0;
	}
	return false;
}

static enum rc check_text(const struct fields *f, const struct field *field, struct str text)
{
	enum rc rc = check_size(f, field, (int64_t)text.len, " bytes long");
	if (rc != RC_OK)
		return rc;
	if (field->one_of && !is_one_of(field->one_of, text)) {
		err_set(f->err, CODE_FIELD_RANGE, "must be one of %s", field->one_of);
		return out_of_range(f, field);
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\0') {
			err_set(f->err, CODE_FIELD_RANGE, "must not contain NUL");
			return out_of_range(f, field);
		}
		if (field->bytes && !in_set(field->bytes, text.ptr[i])) {
			err_set(f->err, CODE_FIELD_RANGE,
			        "may contain only the characters %s; the one at %zu is another",
			        field->bytes, i + 1);
			return out_of_range(f, field);
		}
	}
	return RC_OK;
}

static bool has_type(const struct field *field, const struct json *v)
{
	switch (field->type) {
	case FIELD_TYPE_STR:
		return v->type == JSON_STRING;
	case FIELD_TYPE_INT:
		return v->type == JSON_NUMBER && v->is_int;
	case FIELD_TYPE_BOOL:
		return v->type == JSON_BOOL;
	case FIELD_TYPE_RAW:
	case FIELD_TYPE_VALUE:
		return true;
	case FIELD_TYPE_ARRAY:
		return v->type == JSON_ARRAY;
	case FIELD_TYPE_OBJECT:
		return v->type == JSON_OBJECT;
	}
	abort();
}

static enum rc check_value(const struct fields *f, const struct field *field, const struct json *v)
{
	switch (field->type) {
	case FIELD_TYPE_STR:
		return check_text(f, field, v->text);
	case FIELD_TYPE_INT:
		return check_size(f, field, v->integer, "");
	case FIELD_TYPE_BOOL:
		return RC_OK;
	case FIELD_TYPE_RAW:
	case FIELD_TYPE_VALUE:
		return check_size(f, field, (int64_t)v->raw.len, " bytes long");
	case FIELD_TYPE_ARRAY:
	case FIELD_TYPE_OBJECT:
		return check_size(f, field, v->count, " members");
	}
	abort();
}

static void set_member(const struct field *field, const struct json *v, void *into)
{
	char *to = (char *)into + field->offset;
	switch (field->type) {
	case FIELD_TYPE_STR:
		memcpy(to, &v->text, sizeof v->text);
		return;
	case FIELD_TYPE_INT:
		memcpy(to, &v->integer, sizeof v->integer);
		return;
	case FIELD_TYPE_BOOL:
		memcpy(to, &v->boolean, sizeof v->boolean);
		return;
	case FIELD_TYPE_RAW:
		memcpy(to, &v->raw, sizeof v->raw);
		return;
	case FIELD_TYPE_VALUE:
	case FIELD_TYPE_ARRAY:
	case FIELD_TYPE_OBJECT:
		memcpy(to, &v, sizeof v);
		return;
	}
	abort();
}

static enum rc read_one(const struct fields *f, const struct field *field, const struct json *v,
                        void *into)
{
	if (!has_type(field, v)) {
		err_set(f->err, CODE_FIELD_TYPE, "must be %s, is %s", type_text[field->type],
		        found_text(v));
		return out_of_range(f, field);
	}
	enum rc rc = check_value(f, field, v);
	if (rc == RC_OK)
		set_member(field, v, into);
	return rc;
}

static const struct field *find_field(const struct fields *f, struct str name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eqz(name, f->list[i].name))
			return &f->list[i];
	return NULL;
}

static enum rc unknown(const struct fields *f, struct str name)
{
	char known[160] = "";
	size_t n = 0;
	for (size_t i = 0; i < f->n && n < sizeof known; i++)
		n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "",
		                      f->list[i].name);
	struct str brief = text_brief(name, 48);
	err_set(f->err, CODE_FIELD_UNKNOWN, "unknown field \"" STR_FMT "\"; known are %s",
	        STR_ARG(brief), known);
	return f->err ? at_name(f, name) : RC_INVALID;
}

static bool is_absent(const struct field *field, const struct json *v)
{
	return !v || (v->type == JSON_NULL && field->type != FIELD_TYPE_RAW);
}

static enum rc check_required(const struct fields *f, const struct json *object)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct field *field = &f->list[i];
		if (!field->is_required || !is_absent(field, json_get(object, str_z(field->name))))
			continue;
		err_set(f->err, CODE_FIELD_MISSING, "\"%s\" is required", field->name);
		return out_of_range(f, field);
	}
	return RC_OK;
}

enum rc field_read(const struct field *fields, size_t n, const struct json *object,
                   const char *pointer_prefix, void *into, struct err *err)
{
	assert(object && pointer_prefix && into);
	struct fields f = { .list = fields, .n = n, .prefix = pointer_prefix, .err = err };
	if (object->type != JSON_OBJECT) {
		err_set(err, CODE_FIELD_TYPE, "must be an object, is %s", found_text(object));
		return err ? err_at(err, "%s", pointer_prefix) : RC_INVALID;
	}
	json_each(member, object) {
		const struct field *field = find_field(&f, member->name);
		if (!field)
			return unknown(&f, member->name);
		if (is_absent(field, member))
			continue;
		enum rc rc = read_one(&f, field, member, into);
		if (rc != RC_OK)
			return rc;
	}
	return check_required(&f, object);
}
