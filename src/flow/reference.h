/* References: how a value inside a definition names what a run has recorded.
 *
 * A reference is an object with the one member `ref` that is a string:
 *
 *	/input[/…]                the run's input
 *	/steps/NAME/output[/…]    the output of a finished step
 *	/item[/…]                 the item of an `each`
 *	/index                    its number, from 0
 *	/output[/…]               what is to be undone gave (in `compensate` only)
 *
 * The rest is a JSON Pointer (RFC 6901) into that value.  Objects with more members than
 * `ref` are literal, so a literal may have a member of that name.
 */
#ifndef TAKT_FLOW_REFERENCE_H
#define TAKT_FLOW_REFERENCE_H

#include "base/base.h"
#include "codec/json.h"

enum reference_source {
	REFERENCE_INPUT,
	REFERENCE_STEP,
	REFERENCE_ITEM,
	REFERENCE_INDEX,
	REFERENCE_OUTPUT
};

struct reference {
	enum reference_source source;
	struct str step; /* of REFERENCE_STEP */
	struct str rest; /* pointer into the source; empty: all of it */
};

/* Is v a reference?  Then *ret is its pointer. */
bool reference_is(const struct json *v, struct str *ret);
/* False when the pointer has none of the forms above. */
bool reference_parse(struct str pointer, struct reference *ret);

/* Where a template's references are looked up.  `find` gives the value a reference
 * names, NULL when it finds nothing; the value is used before the next call.  Outcomes
 * other than RC_OK are the store's. */
struct reference_data {
	enum rc (*find)(struct reference_data *data, const struct reference *r,
	                const struct json **ret, struct err *err);
};

enum {
	/* A value put together may not nest deeper: with what is wrapped around it, it is
	 * still read everywhere with the default limits of codec/json.h. */
	RESOLVED_DEPTH_MAX = 56,
};

/* Writes the template's value, references replaced, as JSON.  CODE_BAD_REFERENCE with the
 * pointer that finds nothing; CODE_TOO_LARGE when it does not fit the buffer, or nests
 * too deep. */
enum rc reference_resolve(const struct json *template, struct reference_data *data, struct buf *out,
                          struct err *err) MUST_USE;

#endif
