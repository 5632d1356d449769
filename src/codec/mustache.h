/* Mustache templates (the six core modules of the specification, lambdas left out)
 * over a JSON value.  Rendering is pure: the same template and value give the same
 * bytes.  {{x}} is escaped by the function the caller names (HTML by default), {{{x}}}
 * and {{&x}} are not.  Numbers render as their raw JSON text, and so do arrays and
 * objects.  Falsey are: nothing, null, false, "" and the empty array.
 */
#ifndef TAKT_CODEC_MUSTACHE_H
#define TAKT_CODEC_MUSTACHE_H

#include "base/base.h"
#include "codec/json.h"

typedef void mustache_escape(struct buf *out, struct str text);
void mustache_escape_html(struct buf *out, struct str text); /* & < > " ' */
void mustache_escape_none(struct buf *out, struct str text);

struct mustache_options {
	mustache_escape *escape;     /* NULL: HTML */
	const struct json *partials; /* object: name → template text; may be NULL */
	bool is_strict;              /* {{x}} or {{>x}} that resolves to nothing is an error;
	                                a section may still ask for what is absent */
};

/* CODE_INVALID with "line:column" of the template; RC_LIMIT when the output buffer
 * is full or nesting passes 64. */
enum rc mustache_render(struct arena *a, struct str tmpl, const struct json *value,
                        const struct mustache_options *options, struct buf *out,
                        struct err *err) MUST_USE;

#endif
