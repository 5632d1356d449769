/* The insides of the schema validator: what a schema document is compiled to.
 *
 *	schema_uri.c       references, resolved as RFC 3986 says
 *	schema_index.c     documents → resources, anchors; a reference → its node
 *	schema_compile.c   keywords of one subschema → the fields of its node
 *	schema_check.c     a node and a value → a verdict
 *	schema_choice.c    anyOf and oneOf, and which alternative an error speaks of
 *	schema_number.c    comparing and dividing numbers exactly
 *	schema_format.c    what `format` means where it is asserted
 *	schema_report.c    verdicts in words
 */
#ifndef TAKT_CODEC_SCHEMA_PRIV_H
#define TAKT_CODEC_SCHEMA_PRIV_H

#include "codec/json_priv.h"
#include "codec/schema.h"

struct arena;
struct node;

enum { SCHEMA_DEPTH_MAX = 1024 };

struct pattern {
	struct str text;
	void *code; /* pcre2_code */
	struct pattern *next;
};

/* A part of a document with a URI of its own, against which its references stand. */
struct resource {
	struct str uri;
	const struct json *root;
	bool has_validation; /* its dialect has the validation vocabulary */
	bool is_entered;     /* one of its nodes is compiled, so its dynamic anchors are too */
	struct dynamic_anchor *dynamics;
};

struct dynamic_anchor {
	struct str name;
	struct node *node;
	struct dynamic_anchor *next;
};

struct nodes {
	struct node **list;
	size_t n;
};

struct entry { /* of properties, patternProperties, dependentSchemas */
	struct str name;
	struct pattern *pattern; /* patternProperties */
	struct node *node;
};

struct entries {
	struct entry *list; /* sorted by name */
	size_t n;
};

typedef bool schema_format(struct str text);

/* One subschema.  A keyword that is absent is NULL, 0 or -1 (counts). */
struct node {
	const struct json *json;
	struct resource *resource;
	struct node *next_to_compile;
	bool is_compiled;
	struct node *ref, *dynamic_ref;
	struct str dynamic_name; /* empty: $dynamicRef acts as $ref */
	unsigned types;          /* bits of 1 << enum schema_type; 0 is any */
	const struct json *enumeration, *constant;
	const struct json *minimum, *maximum, *exclusive_minimum, *exclusive_maximum, *multiple_of;
	int64_t min_length, max_length;
	struct pattern *pattern;
	schema_format *format;
	struct str format_name;
	int64_t min_items, max_items, min_contains, max_contains;
	bool unique_items;
	struct nodes prefix_items;
	struct node *items, *contains, *unevaluated_items;
	int64_t min_properties, max_properties;
	const struct json *required, *dependent_required;
	struct entries properties, pattern_properties, dependent_schemas;
	struct node *additional_properties, *property_names, *unevaluated_properties;
	struct nodes all_of, any_of, one_of;
	struct node * not, *if_, *then, *else_;
};

enum schema_type {
	SCHEMA_NULL,
	SCHEMA_BOOLEAN,
	SCHEMA_INTEGER,
	SCHEMA_NUMBER,
	SCHEMA_STRING,
	SCHEMA_ARRAY,
	SCHEMA_OBJECT,
	SCHEMA_TYPES
};
extern const char *const schema_type_names[SCHEMA_TYPES];

/* Tables with keys that are texts or addresses; open addressing, grows. */
struct table {
	struct slot {
		struct str key;
		void *value;
	} * slots;
	size_t n, cap;
};
void *table_find(const struct table *t, struct str key);
void table_add(struct table *t, struct str key, void *value); /* the first one stays */

struct schema {
	struct arena *arena;
	struct schema_options options;
	const struct json *root_json;
	struct node *root;
	struct pattern *patterns; /* all, to be freed */
	struct table by_uri;      /* URI, or URI#anchor → node */
	struct table by_json;     /* address of a subschema → node */
	bool *is_doc_indexed;     /* options.docs */
	bool is_meta_indexed;
	struct node *to_compile;
};

/* --- schema_uri.c --- */
struct str uri_resolve(struct arena *a, struct str base, struct str reference);
/* Splits at '#'; the fragment is a view behind it, empty when there is none. */
struct str uri_cut_fragment(struct str uri, struct str *fragment);

/* --- schema_index.c --- */
enum rc schema_index(struct schema *s, const struct json *document, struct str uri,
                     struct node **ret, struct err *err) MUST_USE;
/* The node a reference of `from` leads to.  CODE_BAD_SCHEMA when there is none. */
enum rc schema_resolve(struct schema *s, const struct node *from, struct str reference,
                       struct node **ret, struct err *err) MUST_USE;
/* The node of a subschema; queued to be compiled. */
struct node *schema_node(struct schema *s, const struct json *json, struct resource *resource);
struct node *schema_dynamic(const struct resource *r, struct str name);
/* An error about a place in a schema: err->place becomes its JSON Pointer. */
enum rc schema_bad(const struct schema *s, const struct json *place, struct err *err,
                   const char *fmt, ...) PRINTF(4, 5);

/* --- schema_compile.c --- */
enum rc schema_compile_node(struct schema *s, struct node *n, struct err *err) MUST_USE;
enum schema_holds { SCHEMA_HOLDS_NONE, SCHEMA_HOLDS_ONE, SCHEMA_HOLDS_LIST, SCHEMA_HOLDS_MAP };
/* Do subschemas stand under that keyword, and how? */
enum schema_holds schema_holds(struct str keyword);

/* --- schema_pattern.c --- */
enum rc schema_pattern(struct schema *s, const struct json *place, struct str text,
                       struct pattern **ret, struct err *err) MUST_USE;
void schema_pattern_free(struct pattern *p);

/* --- schema_metaschema (generated) --- */
struct metaschema {
	const char *uri;
	const char *text;
};
extern const struct metaschema metaschemas[];
extern const size_t metaschemas_count;

/* --- schema_number.c --- */
bool number_is_integer(const struct json *v);
int number_compare(const struct json *a, const struct json *b); /* <0, 0, >0 */
bool number_is_multiple(const struct json *v, const struct json *of);

/* --- schema_format.c --- */
schema_format *schema_format_find(struct str name); /* NULL when it is not known */

/* --- checking --- */
struct place_of { /* the way from the root to a value, on the stack */
	const struct place_of *up;
	const struct json *v;
	size_t index; /* in an array */
};

struct report {
	bool is_set;
	size_t depth; /* of the place */
	char place[sizeof((struct err *)0)->place];
	char text[sizeof((struct err *)0)->text];
};

struct scope_of { /* dynamic scope: the resources entered so far */
	const struct scope_of *up;
	const struct resource *resource;
};

struct marks { /* which children a schema has evaluated; one bit each */
	uint64_t *bits;
	size_t n;
};

struct check {
	struct arena *arena;
	int64_t steps_left;
	unsigned depth;
	const char *exhausted; /* why the check had to stop; NULL while it runs */
	struct report *report; /* NULL: only the verdict is wanted */
	const struct scope_of *scope;
	void *match_data, *match_context; /* PCRE2's, made at the first pattern */
};

/* Takes from the budget; false when it is used up. */
bool check_spend(struct check *c, size_t steps);
bool check_node(struct check *c, const struct node *n, const struct place_of *at,
                struct marks *marks);
/* The same for a branch whose failure is no failure yet: nothing is reported. */
bool check_quietly(struct check *c, const struct node *n, const struct place_of *at,
                   struct marks *marks);
bool check_fail(struct check *c, const struct place_of *at, const char *fmt, ...) PRINTF(3, 4);
bool check_any_of(struct check *c, const struct node *n, const struct place_of *at,
                  struct marks *marks);
bool check_one_of(struct check *c, const struct node *n, const struct place_of *at,
                  struct marks *marks);
bool check_unique(struct check *c, const struct place_of *at);
bool check_pattern(struct check *c, const struct pattern *p, struct str text);

struct marks marks_new(struct check *c, const struct json *v);
void marks_set(struct marks *m, size_t i);
bool marks_get(const struct marks *m, size_t i);
void marks_merge(struct marks *into, const struct marks *from);

/* --- schema_report.c --- */
const char *schema_type_of(const struct json *v); /* "a string" */
unsigned schema_type_bits(const struct json *v);
/* "string or null" */
void schema_types_text(unsigned types, char *ret, size_t size);
/* The values as JSON, as many as fit: `"a", "b" …`. */
void schema_values_text(const struct json *const *values, size_t n, char *ret, size_t size);
void schema_pointer_text(const struct place_of *at, char *ret, size_t size);

#endif
