/* Keywords of a subschema → the fields of its node; and the life of a schema.
 *
 * One table says for each keyword what its value must be and where it is kept.  Nodes
 * are compiled from a queue, so that references may go round in circles.
 */
#include "codec/schema_priv.h"

#include "base/arena.h"

enum kind {
	KIND_SCHEMA,      /* a subschema → struct node * */
	KIND_SCHEMAS,     /* an array of them, not empty → struct nodes */
	KIND_SCHEMA_MAP,  /* name → subschema → struct entries */
	KIND_PATTERN_MAP, /* pattern → subschema → struct entries */
	KIND_SCHEMA_DEFS, /* kept for references only */
	KIND_REF,         /* → struct node * */
	KIND_DYNAMIC_REF, /* → dynamic_ref and dynamic_name */
	KIND_TYPES,       /* → types */
	KIND_ARRAY,       /* any array → const struct json * */
	KIND_NAMES,       /* an array of strings → const struct json * */
	KIND_NAMES_MAP,   /* name → array of strings → const struct json * */
	KIND_ANY,         /* → const struct json * */
	KIND_NUMBER,      /* → const struct json * */
	KIND_POSITIVE,    /* a number above 0 → const struct json * */
	KIND_COUNT,       /* an integer from 0 → int64_t */
	KIND_BOOL,        /* → bool */
	KIND_PATTERN,     /* → struct pattern * */
	KIND_FORMAT,      /* → format and format_name */
};

struct keyword {
	const char *name;
	enum kind kind;
	bool is_validation; /* belongs to the validation vocabulary */
	size_t offset;
};

#define AT(member) offsetof(struct node, member)
static const struct keyword keywords[] = {
	{ "$ref", KIND_REF, false, AT(ref) },
	{ "$dynamicRef", KIND_DYNAMIC_REF, false, AT(dynamic_ref) },
	{ "$defs", KIND_SCHEMA_DEFS, false, 0 },
	{ "definitions", KIND_SCHEMA_DEFS, false, 0 },
	{ "allOf", KIND_SCHEMAS, false, AT(all_of) },
	{ "anyOf", KIND_SCHEMAS, false, AT(any_of) },
	{ "oneOf", KIND_SCHEMAS, false, AT(one_of) },
	{ "not", KIND_SCHEMA, false, AT(not ) },
	{ "if", KIND_SCHEMA, false, AT(if_) },
	{ "then", KIND_SCHEMA, false, AT(then) },
	{ "else", KIND_SCHEMA, false, AT(else_) },
	{ "prefixItems", KIND_SCHEMAS, false, AT(prefix_items) },
	{ "items", KIND_SCHEMA, false, AT(items) },
	{ "contains", KIND_SCHEMA, false, AT(contains) },
	{ "properties", KIND_SCHEMA_MAP, false, AT(properties) },
	{ "patternProperties", KIND_PATTERN_MAP, false, AT(pattern_properties) },
	{ "additionalProperties", KIND_SCHEMA, false, AT(additional_properties) },
	{ "propertyNames", KIND_SCHEMA, false, AT(property_names) },
	{ "dependentSchemas", KIND_SCHEMA_MAP, false, AT(dependent_schemas) },
	{ "unevaluatedItems", KIND_SCHEMA, false, AT(unevaluated_items) },
	{ "unevaluatedProperties", KIND_SCHEMA, false, AT(unevaluated_properties) },
	{ "type", KIND_TYPES, true, AT(types) },
	{ "enum", KIND_ARRAY, true, AT(enumeration) },
	{ "const", KIND_ANY, true, AT(constant) },
	{ "minimum", KIND_NUMBER, true, AT(minimum) },
	{ "maximum", KIND_NUMBER, true, AT(maximum) },
	{ "exclusiveMinimum", KIND_NUMBER, true, AT(exclusive_minimum) },
	{ "exclusiveMaximum", KIND_NUMBER, true, AT(exclusive_maximum) },
	{ "multipleOf", KIND_POSITIVE, true, AT(multiple_of) },
	{ "minLength", KIND_COUNT, true, AT(min_length) },
	{ "maxLength", KIND_COUNT, true, AT(max_length) },
	{ "pattern", KIND_PATTERN, true, AT(pattern) },
	{ "minItems", KIND_COUNT, true, AT(min_items) },
	{ "maxItems", KIND_COUNT, true, AT(max_items) },
	{ "minContains", KIND_COUNT, true, AT(min_contains) },
	{ "maxContains", KIND_COUNT, true, AT(max_contains) },
	{ "uniqueItems", KIND_BOOL, true, AT(unique_items) },
	{ "minProperties", KIND_COUNT, true, AT(min_properties) },
	{ "maxProperties", KIND_COUNT, true, AT(max_properties) },
	{ "required", KIND_NAMES, true, AT(required) },
	{ "dependentRequired", KIND_NAMES_MAP, true, AT(dependent_required) },
	{ "format", KIND_FORMAT, false, 0 },
};
#undef AT

static const struct keyword *find_keyword(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		if (str_eqz(name, keywords[i].name))
			return &keywords[i];
	return NULL;
}

enum schema_holds schema_holds(struct str keyword)
{
	const struct keyword *k = find_keyword(keyword);
	if (!k)
		return str_eqz(keyword, "contentSchema") ? SCHEMA_HOLDS_ONE : SCHEMA_HOLDS_NONE;
	if (k->kind == KIND_SCHEMA)
		return SCHEMA_HOLDS_ONE;
	if (k->kind == KIND_SCHEMAS)
		return SCHEMA_HOLDS_LIST;
	return k->kind == KIND_SCHEMA_MAP || k->kind == KIND_PATTERN_MAP ||
	                       k->kind == KIND_SCHEMA_DEFS
	               ? SCHEMA_HOLDS_MAP
	               : SCHEMA_HOLDS_NONE;
}

/* --- values of keywords --- */

static enum rc must_be(const struct schema *s, const struct json *v, const char *what,
                       struct err *err)
{
	struct str name = text_brief(v->name, 60);
	return schema_bad(s, v, err, "%s" STR_FMT "%smust be %s, is %s", name.len ? "\"" : "",
	                  STR_ARG(name), name.len ? "\" " : "", what, schema_type_of(v));
}

static enum rc read_schema(struct schema *s, struct node *n, const struct json *v,
                           struct node **ret, struct err *err)
{
	if (v->type != JSON_OBJECT && v->type != JSON_BOOL)
		return must_be(s, v, "a schema (an object or a boolean)", err);
	*ret = schema_node(s, v, n->resource);
	return RC_OK;
}

static enum rc read_schemas(struct schema *s, struct node *n, const struct json *v,
                            struct nodes *ret, struct err *err)
{
	if (v->type != JSON_ARRAY || v->count == 0)
		return must_be(s, v, "an array of schemas, not empty", err);
	ret->list = arena_new(s->arena, struct node *, v->count);
	json_each(child, v) {
		enum rc rc = read_schema(s, n, child, &ret->list[ret->n++], err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static int entry_by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	return str_cmp(x->name, y->name);
}

static enum rc read_map(struct schema *s, struct node *n, const struct json *v, bool is_pattern,
                        struct entries *ret, struct err *err)
{
	if (v->type != JSON_OBJECT)
		return must_be(s, v, "an object of schemas", err);
	ret->list = arena_new(s->arena, struct entry, v->count);
	json_each(child, v) {
		struct entry *e = &ret->list[ret->n++];
		e->name = child->name;
		enum rc rc = read_schema(s, n, child, &e->node, err);
		if (rc == RC_OK && is_pattern)
			rc = schema_pattern(s, child, child->name, &e->pattern, err);
		if (rc != RC_OK)
			return rc;
	}
	qsort(ret->list, ret->n, sizeof *ret->list, entry_by_name);
	return RC_OK;
}

static enum rc read_ref(struct schema *s, struct node *n, const struct json *v, struct node **ret,
                        struct err *err)
{
	if (v->type != JSON_STRING)
		return must_be(s, v, "a reference (a string)", err);
	return schema_resolve(s, n, v->text, ret, err);
}

static enum rc read_dynamic_ref(struct schema *s, struct node *n, const struct json *v,
                                struct err *err)
{
	struct str fragment;
	enum rc rc = read_ref(s, n, v, &n->dynamic_ref, err);
	if (rc != RC_OK)
		return rc;
	uri_cut_fragment(v->text, &fragment);
	if (schema_dynamic(n->dynamic_ref->resource, fragment) == n->dynamic_ref)
		n->dynamic_name = fragment;
	return RC_OK;
}

static enum rc read_type(const struct schema *s, const struct json *v, unsigned *ret,
                         struct err *err)
{
	for (unsigned i = 0; v->type == JSON_STRING && i < SCHEMA_TYPES; i++)
		if (str_eqz(v->text, schema_type_names[i])) {
			*ret |= 1u << i;
			return RC_OK;
		}
	return schema_bad(s, v, err,
	                  "a type must be null, boolean, integer, number, string, array or object");
}

static enum rc read_types(const struct schema *s, const struct json *v, unsigned *ret,
                          struct err *err)
{
	if (v->type != JSON_ARRAY)
		return read_type(s, v, ret, err);
	if (v->count == 0)
		return must_be(s, v, "a list of types, not empty", err);
	json_each(child, v) {
		enum rc rc = read_type(s, child, ret, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc read_names(const struct schema *s, const struct json *v, struct err *err)
{
	if (v->type != JSON_ARRAY)
		return must_be(s, v, "an array of strings", err);
	json_each(child, v)
		if (child->type != JSON_STRING)
			return must_be(s, child, "a string", err);
	return RC_OK;
}

static enum rc read_names_map(const struct schema *s, const struct json *v, struct err *err)
{
	if (v->type != JSON_OBJECT)
		return must_be(s, v, "an object of arrays of strings", err);
	json_each(child, v) {
		enum rc rc = read_names(s, child, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* A count beyond 64 bits is as good as the largest one. */
static enum rc read_count(const struct schema *s, const struct json *v, int64_t *ret,
                          struct err *err)
{
	if (v->type != JSON_NUMBER || v->number < 0 || !number_is_integer(v))
		return must_be(s, v, "an integer from 0", err);
	*ret = v->is_int ? v->integer : INT64_MAX;
	return RC_OK;
}

static enum rc read_number(const struct schema *s, const struct json *v, bool is_positive,
                           struct err *err)
{
	if (v->type != JSON_NUMBER)
		return must_be(s, v, "a number", err);
	struct decimal d = decimal_parse(v->raw);
	if (is_positive && (d.count == 0 || d.is_negative))
		return must_be(s, v, "a number above 0", err);
	return RC_OK;
}

static enum rc read_format(const struct schema *s, struct node *n, const struct json *v,
                           struct err *err)
{
	if (v->type != JSON_STRING)
		return must_be(s, v, "a string", err);
	n->format_name = v->text;
	if (s->options.assert_formats)
		n->format = schema_format_find(v->text);
	return RC_OK;
}

/* Keeps the value itself once it has been found to be of the right kind. */
static enum rc keep(enum rc rc, const struct json *v, const struct json **to)
{
	if (rc == RC_OK)
		*to = v;
	return rc;
}

static enum rc read_keyword(struct schema *s, struct node *n, const struct keyword *k,
                            const struct json *v, struct err *err)
{
	void *to = (char *)n + k->offset;
	switch (k->kind) {
	case KIND_SCHEMA:
		return read_schema(s, n, v, to, err);
	case KIND_SCHEMAS:
		return read_schemas(s, n, v, to, err);
	case KIND_SCHEMA_MAP:
		return read_map(s, n, v, false, to, err);
	case KIND_PATTERN_MAP:
		return read_map(s, n, v, true, to, err);
	case KIND_SCHEMA_DEFS:
		return v->type == JSON_OBJECT ? RC_OK : must_be(s, v, "an object of schemas", err);
	case KIND_REF:
		return read_ref(s, n, v, to, err);
	case KIND_DYNAMIC_REF:
		return read_dynamic_ref(s, n, v, err);
	case KIND_TYPES:
		return read_types(s, v, to, err);
	case KIND_ARRAY:
		return keep(v->type == JSON_ARRAY ? RC_OK : must_be(s, v, "an array", err), v, to);
	case KIND_NAMES:
		return keep(read_names(s, v, err), v, to);
	case KIND_NAMES_MAP:
		return keep(read_names_map(s, v, err), v, to);
	case KIND_ANY:
		return keep(RC_OK, v, to);
	case KIND_NUMBER:
		return keep(read_number(s, v, false, err), v, to);
	case KIND_POSITIVE:
		return keep(read_number(s, v, true, err), v, to);
	case KIND_COUNT:
		return read_count(s, v, to, err);
	case KIND_BOOL:
		if (v->type != JSON_BOOL)
			return must_be(s, v, "a boolean", err);
		*(bool *)to = v->boolean;
		return RC_OK;
	case KIND_PATTERN:
		if (v->type != JSON_STRING)
			return must_be(s, v, "a pattern (a string)", err);
		return schema_pattern(s, v, v->text, to, err);
	case KIND_FORMAT:
		return read_format(s, n, v, err);
	}
	abort();
}

enum rc schema_compile_node(struct schema *s, struct node *n, struct err *err)
{
	n->min_length = n->max_length = n->min_items = n->max_items = -1;
	n->min_contains = n->max_contains = n->min_properties = n->max_properties = -1;
	json_each(member, n->json) {
		const struct keyword *k = find_keyword(member->name);
		if (!k || (k->is_validation && !n->resource->has_validation))
			continue;
		enum rc rc = read_keyword(s, n, k, member, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc compile_queue(struct schema *s, struct err *err)
{
	while (s->to_compile) {
		struct node *n = s->to_compile;
		s->to_compile = n->next_to_compile;
		enum rc rc = schema_compile_node(s, n, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc schema_compile(const struct json *root, const struct schema_options *options,
                       struct schema **ret, struct err *err)
{
	assert(root && ret);
	struct schema *s = xcalloc(1, sizeof *s);
	s->arena = arena_create(8192);
	s->root_json = root;
	if (options)
		s->options = *options;
	s->is_doc_indexed = arena_new(s->arena, bool, s->options.n_docs + 1);
	enum rc rc = root->type == JSON_OBJECT || root->type == JSON_BOOL
	                     ? schema_index(s, root, STR(""), &s->root, err)
	                     : must_be(s, root, "a schema (an object or a boolean)", err);
	if (rc == RC_OK) {
		schema_node(s, root, s->root->resource);
		rc = compile_queue(s, err);
	}
	if (rc == RC_OK)
		*ret = s;
	else
		schema_destroy(s);
	return rc;
}

void schema_destroy(struct schema *s)
{
	if (!s)
		return;
	for (struct pattern *p = s->patterns; p; p = p->next)
		schema_pattern_free(p);
	free(s->by_uri.slots);
	free(s->by_json.slots);
	arena_destroy(s->arena);
	free(s);
}
