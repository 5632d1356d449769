/* Walking and comparing JSON trees: see json.h. */
#include "codec/json_priv.h"

/* Up to this many members a comparison of each with each is faster than sorting. */
enum { PAIRWISE_MAX = 16 };

const struct json *json_get(const struct json *v, struct str name)
{
	if (!v || v->type != JSON_OBJECT)
		return NULL;
	json_each(member, v)
		if (str_eq(member->name, name))
			return member;
	return NULL;
}

struct str json_get_str(const struct json *v, const char *name, struct str otherwise)
{
	const struct json *member = json_get(v, str_z(name));
	return member && member->type == JSON_STRING ? member->text : otherwise;
}

int64_t json_get_int(const struct json *v, const char *name, int64_t otherwise)
{
	const struct json *member = json_get(v, str_z(name));
	return member && member->type == JSON_NUMBER && member->is_int ? member->integer
	                                                               : otherwise;
}

bool json_get_bool(const struct json *v, const char *name, bool otherwise)
{
	const struct json *member = json_get(v, str_z(name));
	return member && member->type == JSON_BOOL ? member->boolean : otherwise;
}

const struct json *json_at(const struct json *array, size_t index)
{
	if (!array || array->type != JSON_ARRAY || index >= array->count)
		return NULL;
	const struct json *item = array->first;
	while (index-- > 0)
		item = item->next;
	return item;
}

/* Compares a token of a pointer, in which ~1 is a slash and ~0 a tilde, with a name. */
static bool token_is(struct str token, struct str name)
{
	size_t i = 0, k = 0;
	for (; i < token.len && k < name.len; i++, k++) {
		char c = token.ptr[i];
		if (c == '~') {
			if (++i == token.len || (token.ptr[i] != '0' && token.ptr[i] != '1'))
				return false;
			c = token.ptr[i] == '0' ? '~' : '/';
		}
		if (c != name.ptr[k])
			return false;
	}
	return i == token.len && k == name.len;
}

static const struct json *step_into(const struct json *v, struct str token)
{
	uint64_t index;
	if (v->type == JSON_ARRAY) {
		if (token.len > 1 && token.ptr[0] == '0')
			return NULL;
		return str_to_u64(token, &index) == RC_OK ? json_at(v, (size_t)index) : NULL;
	}
	if (v->type != JSON_OBJECT)
		return NULL;
	json_each(member, v)
		if (token_is(token, member->name))
			return member;
	return NULL;
}

const struct json *json_pointer(const struct json *v, struct str pointer)
{
	if (pointer.len && pointer.ptr[0] != '/')
		return NULL;
	while (v && pointer.len) {
		size_t end = str_find(pointer, STR("/"), 1);
		if (end == SIZE_MAX)
			end = pointer.len;
		v = step_into(v, str_sub(pointer, 1, end - 1));
		pointer = str_sub(pointer, end, SIZE_MAX);
	}
	return v;
}

static int by_name(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;
	return str_cmp((*x)->name, (*y)->name);
}

const struct json **json_sorted(const struct json *object)
{
	const struct json **sorted = xmalloc((object->count + 1) * sizeof *sorted);
	size_t n = 0;
	json_each(member, object)
		sorted[n++] = member;
	assert(n == object->count);
	qsort(sorted, n, sizeof *sorted, by_name);
	return sorted;
}

static const struct json *duplicate_pairwise(const struct json *object)
{
	json_each(member, object)
		for (const struct json *other = member->next; other; other = other->next)
			if (str_eq(member->name, other->name))
				return other;
	return NULL;
}

const struct json *json_duplicate(const struct json *object)
{
	if (object->count <= PAIRWISE_MAX)
		return duplicate_pairwise(object);
	const struct json **sorted = json_sorted(object);
	const struct json *found = NULL;
	for (size_t i = 1; i < object->count && !found; i++)
		if (str_eq(sorted[i - 1]->name, sorted[i]->name))
			found = sorted[i - 1]->at > sorted[i]->at ? sorted[i - 1] : sorted[i];
	free(sorted);
	return found;
}

static bool numbers_equal(const struct json *a, const struct json *b)
{
	if (a->is_int || b->is_int)
		return a->is_int && b->is_int && a->integer == b->integer;
	if (a->number < b->number || a->number > b->number)
		return false;
	struct decimal x = decimal_parse(a->raw), y = decimal_parse(b->raw);
	return decimal_equal(&x, &y);
}

static bool arrays_equal(const struct json *a, const struct json *b)
{
	const struct json *x = a->first, *y = b->first;
	for (; x && y; x = x->next, y = y->next)
		if (!json_equal(x, y))
			return false;
	return true;
}

static bool small_objects_equal(const struct json *a, const struct json *b)
{
	json_each(member, a) {
		const struct json *other = json_get(b, member->name);
		if (!other || !json_equal(member, other))
			return false;
	}
	return true;
}

static bool large_objects_equal(const struct json *a, const struct json *b)
{
	const struct json **x = json_sorted(a), **y = json_sorted(b);
	bool is_equal = true;
	for (size_t i = 0; i < a->count && is_equal; i++)
		is_equal = str_eq(x[i]->name, y[i]->name) && json_equal(x[i], y[i]);
	free(x);
	free(y);
	return is_equal;
}

bool json_equal(const struct json *a, const struct json *b)
{
	assert(a && b);
	if (a->type != b->type || a->count != b->count)
		return false;
	switch (a->type) {
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return a->boolean == b->boolean;
	case JSON_NUMBER:
		return numbers_equal(a, b);
	case JSON_STRING:
		return str_eq(a->text, b->text);
	case JSON_ARRAY:
		return arrays_equal(a, b);
	case JSON_OBJECT:
		return a->count <= PAIRWISE_MAX ? small_objects_equal(a, b)
		                                : large_objects_equal(a, b);
	}
	abort();
}
