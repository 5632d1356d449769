/* Small pure encodings: hex, base32 ids, percent-encoding, 128-bit hashes as text. */
#ifndef TAKT_CODEC_HEX_H
#define TAKT_CODEC_HEX_H

#include "base/base.h"
#include "base/str.h"

struct arena;

void hex_encode(const void *bytes, size_t n, char *ret /* 2 n bytes, no NUL */);
enum rc hex_decode(struct str hex, void *ret, size_t n) MUST_USE; /* exactly 2 n digits */

/* Ids: 63 bits, written as a prefix, "_" and 13 characters of Crockford's base32 in
 * lower case, so that text order is time order.  "task_01h2xcejqtf2n". */
enum { ID_TEXT_MAX = 32 };
struct str id_text(const char *prefix, int64_t id, char ret[ID_TEXT_MAX]);
/* CODE_BAD_ID when prefix, length or a character is wrong. */
enum rc id_parse(const char *prefix, struct str text, int64_t *ret, struct err *err) MUST_USE;

/* Percent-decoding of a path segment or query part ('+' is a blank only when
 * `is_query`).  RC_INVALID on a bad escape, NUL or invalid UTF-8. */
enum rc percent_decode(struct arena *a, struct str in, bool is_query, struct str *ret) MUST_USE;
void percent_encode(struct buf *out, struct str in); /* everything but unreserved */

#endif
