/* What the files of the JSON reader share: numbers as exact decimals. */
#ifndef TAKT_CODEC_JSON_PRIV_H
#define TAKT_CODEC_JSON_PRIV_H

#include "codec/json.h"

/* A number as written, made comparable: value = ±0.d1 d2 d3 … × 10^point.  Zeros at
 * both ends of the digits are cut, so that equal numbers have equal digits.  The
 * digits stay in the text: walk them with decimal_next(). */
struct decimal {
	bool is_negative;
	size_t count;       /* of significant digits; 0 is zero */
	int64_t point;      /* power of ten in front of the first digit */
	const char *digits; /* the first significant digit */
};

/* `raw` must be a number by the grammar of RFC 8259. */
struct decimal decimal_parse(struct str raw);
/* The digit at *p as 0 … 9; moves *p behind it and behind a decimal point. */
int decimal_next(const char **p);
bool decimal_equal(const struct decimal *a, const struct decimal *b);
/* The exact integer, when it is one and fits. */
bool decimal_to_i64(const struct decimal *d, int64_t *ret);

/* Fills number, is_int and integer of a value from its raw text; `scratch` is
 * rewound. */
void json_number_fill(struct json *v, struct arena *scratch);

/* The members sorted by name (bytes, then length).  The caller frees the array. */
const struct json **json_sorted(const struct json *object) MUST_USE;

/* Of an object whose members are all read: the later one of two members with the
 * same name, or NULL.  Linear-logarithmic for large objects. */
const struct json *json_duplicate(const struct json *object);

/* Reads JSON that our own code has made, so only its depth is limited; keys may repeat
 * (the caller looks for duplicates, and knows better places to report them at). */
enum rc json_read_repeating(struct arena *a, struct str in, uint32_t depth_max,
                            const struct json **ret, struct err *err) MUST_USE;

/* The beginning of s for a message: at most `max` bytes, no character cut in two. */
struct str text_brief(struct str s, size_t max);

#endif
