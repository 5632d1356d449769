/* Which subschemas there are, under which URIs, and where a reference leads.
 *
 * A document is walked once along the keywords that hold subschemas; so an "$id"
 * inside a const or under an unknown keyword is data and names nothing.  Documents
 * given beside the root are walked when a reference first needs them; the metaschemas
 * of the draft stand last in line.
 */
#include <stdarg.h>

#include "codec/schema_priv.h"

#include "base/arena.h"
#include "codec/hex.h"

/* --- tables --- */

static uint64_t hash_of(struct str key)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.ptr[i]) * 0x100000001b3u;
	return h ^ h >> 32;
}

static struct slot *table_slot(const struct table *t, struct str key)
{
	size_t i = hash_of(key) & (t->cap - 1);
	while (t->slots[i].value && !str_eq(t->slots[i].key, key))
		i = (i + 1) & (t->cap - 1);
	return &t->slots[i];
}

void *table_find(const struct table *t, struct str key)
{
	return t->cap ? table_slot(t, key)->value : NULL;
}

static void table_grow(struct table *t)
{
	struct table old = *t;
	t->cap = old.cap ? old.cap * 2 : 32;
	t->slots = xcalloc(t->cap, sizeof *t->slots);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].value)
			*table_slot(t, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void table_add(struct table *t, struct str key, void *value)
{
	assert(value);
	if (t->n * 2 >= t->cap)
		table_grow(t);
	struct slot *slot = table_slot(t, key);
	if (slot->value)
		return;
	*slot = (struct slot){ key, value };
	t->n++;
}

/* --- errors --- */

/* Writes the pointer of `target` behind ret[n]; false when it is not below v. */
static bool find_pointer(const struct json *v, const struct json *target, struct buf *out)
{
	size_t index = 0;
	if (v == target)
		return true;
	json_each(child, v) {
		size_t before = out->len;
		struct place_of up = { .v = v }, at = { &up, child, index++ };
		char token[96];
		schema_pointer_text(&at, token, sizeof token);
		buf_addz(out, token);
		if (find_pointer(child, target, out))
			return true;
		out->len = before;
	}
	return false;
}

enum rc schema_bad(const struct schema *s, const struct json *place, struct err *err,
                   const char *fmt, ...)
{
	char text[200];
	va_list ap;
	if (!err)
		return RC_INVALID;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(err, CODE_BAD_SCHEMA, "%s", text);
	struct buf pointer = BUF_INIT(1 << 16);
	bool is_found = find_pointer(s->root_json, place, &pointer);
	for (size_t i = 0; i < s->options.n_docs && !is_found; i++) {
		buf_clear(&pointer);
		buf_add(&pointer, s->options.docs[i].uri);
		buf_addc(&pointer, '#');
		is_found = find_pointer(s->options.docs[i].value, place, &pointer);
	}
	struct str brief = text_brief(buf_str(&pointer), sizeof err->place - 1);
	err_at(err, STR_FMT, STR_ARG(brief));
	buf_fini(&pointer);
	return RC_INVALID;
}

/* --- walking a document --- */

static struct str address_key(struct schema *s, const struct json *json)
{
	return str_dup(s->arena, (struct str){ (const char *)&json, sizeof json });
}

static struct node *find_node(const struct schema *s, const struct json *json)
{
	return table_find(&s->by_json, (struct str){ (const char *)&json, sizeof json });
}

static struct node *index_node(struct schema *s, const struct json *json, struct resource *resource)
{
	struct node *n = find_node(s, json);
	if (n)
		return n;
	n = arena_new(s->arena, struct node, 1);
	n->json = json;
	n->resource = resource;
	table_add(&s->by_json, address_key(s, json), n);
	return n;
}

static void queue_node(struct schema *s, struct node *n)
{
	if (n->is_compiled)
		return;
	n->is_compiled = true;
	n->next_to_compile = s->to_compile;
	s->to_compile = n;
}

struct node *schema_node(struct schema *s, const struct json *json, struct resource *resource)
{
	struct node *n = index_node(s, json, resource);
	queue_node(s, n);
	if (!n->resource->is_entered) { /* a dynamic reference may lead to its anchors */
		n->resource->is_entered = true;
		for (struct dynamic_anchor *d = n->resource->dynamics; d; d = d->next)
			queue_node(s, d->node);
	}
	return n;
}

struct node *schema_dynamic(const struct resource *r, struct str name)
{
	for (struct dynamic_anchor *d = r->dynamics; d; d = d->next)
		if (str_eq(d->name, name))
			return d->node;
	return NULL;
}

static void add_anchor(struct schema *s, struct node *n, struct str name)
{
	table_add(&s->by_uri,
	          str_fmt(s->arena, STR_FMT "#" STR_FMT, STR_ARG(n->resource->uri), STR_ARG(name)),
	          n);
}

static enum rc text_keyword(const struct schema *s, const struct json *schema, const char *name,
                            struct str *ret, struct err *err)
{
	const struct json *v = json_get(schema, str_z(name));
	*ret = (struct str){ 0 };
	if (!v)
		return RC_OK;
	if (v->type != JSON_STRING)
		return schema_bad(s, v, err, "%s must be a string", name);
	*ret = v->text;
	return RC_OK;
}

static enum rc index_names(struct schema *s, struct node *n, struct err *err)
{
	struct str anchor, dynamic;
	enum rc rc = text_keyword(s, n->json, "$anchor", &anchor, err);
	if (rc == RC_OK)
		rc = text_keyword(s, n->json, "$dynamicAnchor", &dynamic, err);
	if (rc != RC_OK)
		return rc;
	if (anchor.len)
		add_anchor(s, n, anchor);
	if (!dynamic.len)
		return RC_OK;
	add_anchor(s, n, dynamic);
	struct dynamic_anchor *d = arena_new(s->arena, struct dynamic_anchor, 1);
	*d = (struct dynamic_anchor){ dynamic, n, n->resource->dynamics };
	if (n->resource->is_entered)
		schema_node(s, n->json, n->resource);
	n->resource->dynamics = d;
	return RC_OK;
}

static const struct json *find_document(const struct schema *s, struct str uri)
{
	for (size_t i = 0; i < s->options.n_docs; i++)
		if (str_eq(s->options.docs[i].uri, uri))
			return s->options.docs[i].value;
	return NULL;
}

/* A dialect without the validation vocabulary ignores its keywords.  A dialect that
 * nobody described is taken for the draft's own. */
static bool has_validation(const struct schema *s, const struct json *schema)
{
	struct str dialect = json_get_str(schema, "$schema", (struct str){ 0 });
	const struct json *vocabulary = json_getz(find_document(s, dialect), "$vocabulary");
	return !vocabulary ||
	       json_getz(vocabulary, "https://json-schema.org/draft/2020-12/vocab/validation");
}

/* The resource of a subschema: a new one when it has an "$id", else its parent's. */
static enum rc index_resource(struct schema *s, const struct json *json, struct str base,
                              struct resource *parent, struct resource **ret, struct err *err)
{
	struct str id, fragment;
	enum rc rc = text_keyword(s, json, "$id", &id, err);
	if (rc != RC_OK)
		return rc;
	if (parent && !id.len) {
		*ret = parent;
		return RC_OK;
	}
	struct resource *r = arena_new(s->arena, struct resource, 1);
	r->root = json;
	r->uri = uri_cut_fragment(uri_resolve(s->arena, base, id), &fragment);
	r->has_validation = json_getz(json, "$schema") || !parent ? has_validation(s, json)
	                                                          : parent->has_validation;
	if (fragment.len)
		return schema_bad(s, json_getz(json, "$id"), err, "$id must not have a fragment");
	*ret = r;
	return RC_OK;
}

static enum rc index_tree(struct schema *s, const struct json *json, struct str base,
                          struct resource *parent, struct err *err);

static enum rc index_children(struct schema *s, const struct json *schema, struct resource *r,
                              struct err *err)
{
	json_each(member, schema) {
		enum schema_holds holds = schema_holds(member->name);
		enum rc rc = RC_OK;
		if (holds == SCHEMA_HOLDS_ONE)
			rc = index_tree(s, member, r->uri, r, err);
		else if (holds != SCHEMA_HOLDS_NONE)
			for (const struct json *c = member->first; c && rc == RC_OK; c = c->next)
				rc = index_tree(s, c, r->uri, r, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc index_tree(struct schema *s, const struct json *json, struct str base,
                          struct resource *parent, struct err *err)
{
	struct resource *r = parent;
	enum rc rc = RC_OK;
	if (json->type == JSON_OBJECT)
		rc = index_resource(s, json, base, parent, &r, err);
	if (rc != RC_OK || json->type != JSON_OBJECT) {
		if (rc == RC_OK && parent)
			index_node(s, json, parent);
		return rc;
	}
	struct node *n = index_node(s, json, r);
	if (r != parent)
		table_add(&s->by_uri, r->uri, n);
	rc = index_names(s, n, err);
	return rc == RC_OK ? index_children(s, json, r, err) : rc;
}

enum rc schema_index(struct schema *s, const struct json *document, struct str uri,
                     struct node **ret, struct err *err)
{
	if (document->type == JSON_OBJECT) {
		enum rc rc = index_tree(s, document, uri, NULL, err);
		if (rc != RC_OK)
			return rc;
	} else {
		struct resource *r = arena_new(s->arena, struct resource, 1);
		*r = (struct resource){ .uri = uri, .root = document, .has_validation = true };
		index_node(s, document, r);
	}
	*ret = find_node(s, document);
	/* Also under the URI it was given with, which its own $id may have changed. */
	table_add(&s->by_uri, uri, *ret);
	return RC_OK;
}

/* --- references --- */

static enum rc index_given(struct schema *s, struct str uri, bool is_any, struct err *err)
{
	for (size_t i = 0; i < s->options.n_docs; i++) {
		const struct schema_doc *doc = &s->options.docs[i];
		struct node *unused;
		if (s->is_doc_indexed[i] || (!is_any && !str_eq(doc->uri, uri)))
			continue;
		s->is_doc_indexed[i] = true;
		enum rc rc = schema_index(s, doc->value, doc->uri, &unused, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc index_metaschemas(struct schema *s, struct err *err)
{
	if (s->is_meta_indexed)
		return RC_OK;
	s->is_meta_indexed = true;
	for (size_t i = 0; i < metaschemas_count; i++) {
		const struct json *document;
		struct node *unused;
		enum rc rc = json_read(s->arena, str_z(metaschemas[i].text), NULL, &document, err);
		assert(rc == RC_OK); /* they are ours */
		rc = schema_index(s, document, str_z(metaschemas[i].uri), &unused, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* Brings in documents until `uri` is known: the one of that name, then the draft's, then
 * all others that were given (one may name itself so). */
static enum rc find_resource(struct schema *s, struct str uri, struct node **ret, struct err *err)
{
	enum rc rc = RC_OK;
	*ret = table_find(&s->by_uri, uri);
	for (int step = 0; step < 3 && !*ret && rc == RC_OK; step++) {
		rc = step == 1 ? index_metaschemas(s, err) : index_given(s, uri, step == 2, err);
		*ret = table_find(&s->by_uri, uri);
	}
	return rc;
}

/* Walks a JSON Pointer below a node; a subschema on the way may change the resource. */
static struct node *walk_pointer(struct schema *s, struct node *from, struct str pointer,
                                 struct err *err)
{
	const struct json *v = from->json;
	struct resource *r = from->resource;
	while (v && pointer.len) {
		size_t end = str_find(pointer, STR("/"), 1);
		end = end == SIZE_MAX ? pointer.len : end;
		v = json_pointer(v, str_sub(pointer, 0, end));
		pointer = str_sub(pointer, end, SIZE_MAX);
		struct node *known = v ? find_node(s, v) : NULL;
		if (known)
			r = known->resource;
	}
	if (!v || (v->type != JSON_OBJECT && v->type != JSON_BOOL))
		return NULL;
	/* A subschema under an unknown keyword is met here for the first time. */
	if (!find_node(s, v) && index_tree(s, v, r->uri, r, err) != RC_OK)
		return NULL;
	return find_node(s, v);
}

enum rc schema_resolve(struct schema *s, const struct node *from, struct str reference,
                       struct node **ret, struct err *err)
{
	struct str fragment, decoded;
	struct str uri = uri_resolve(s->arena, from->resource->uri, reference);
	struct str main = uri_cut_fragment(uri, &fragment);
	struct node *found;
	enum rc rc = find_resource(s, main, &found, err);
	if (rc != RC_OK)
		return rc;
	struct str brief = text_brief(reference, 80);
	if (!found)
		return schema_bad(s, from->json, err,
		                  "the reference \"" STR_FMT "\" leads to no document that is here",
		                  STR_ARG(brief));
	if (percent_decode(s->arena, fragment, false, &decoded) != RC_OK)
		return schema_bad(s, from->json, err, "the reference \"" STR_FMT "\" is malformed",
		                  STR_ARG(brief));
	if (decoded.len && decoded.ptr[0] != '/')
		found = table_find(&s->by_uri,
		                   str_fmt(s->arena, STR_FMT "#" STR_FMT,
		                           STR_ARG(found->resource->uri), STR_ARG(decoded)));
	else if (decoded.len)
		found = walk_pointer(s, found, decoded, err);
	if (!found)
		return schema_bad(s, from->json, err, "the reference \"" STR_FMT "\" leads nowhere",
		                  STR_ARG(brief));
	*ret = schema_node(s, found->json, found->resource);
	return RC_OK;
}
