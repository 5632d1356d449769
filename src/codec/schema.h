/* JSON Schema, draft 2020-12: compiles a schema document and validates values.
 *
 * Supports the core, applicator, unevaluated, validation, meta-data and content
 * vocabularies, $ref/$anchor/$dynamicRef/$dynamicAnchor and $id within the documents
 * given; `format` is annotation only, except where `assert_formats` is set.  Never
 * touches the network: a $ref to a document that was not given is CODE_BAD_SCHEMA.
 * Patterns are ECMA-262 as PCRE2 reads them (UTF, bounded match limits).
 * A "$schema" that no document here describes is read as this draft.
 *
 * Work is bounded: 1,024 subschemas deep and a budget of 4 million steps.  When either
 * is used up, the check fails (CODE_SCHEMA, no place, the text says so), whatever the
 * schema's logic would make of it.
 */
#ifndef TAKT_CODEC_SCHEMA_H
#define TAKT_CODEC_SCHEMA_H

#include "base/base.h"
#include "codec/json.h"

struct schema;

struct schema_doc { /* a document other schemas may refer to */
	struct str uri;
	const struct json *value;
};

struct schema_options {
	const struct schema_doc *docs;
	size_t n_docs;
	bool assert_formats;
};

/* `root` and the docs must outlive the schema.  Owned by the caller.  Options may be
 * NULL.  CODE_BAD_SCHEMA with the pointer into the schema. */
enum rc schema_compile(const struct json *root, const struct schema_options *options,
                       struct schema **ret, struct err *err) MUST_USE;
void schema_destroy(struct schema *s); /* NULL is fine */

/* RC_OK or CODE_SCHEMA with the JSON Pointer of the offending value as place and a
 * sentence that says what would be right.  `a` is used for scratch and rewound. */
enum rc schema_check(const struct schema *s, const struct json *value, struct arena *a,
                     struct err *err) MUST_USE;

#endif
