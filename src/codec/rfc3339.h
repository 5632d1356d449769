/* Moments as text: RFC 3339 in UTC with milliseconds, "2026-11-21T01:02:03.004Z". */
#ifndef TAKT_CODEC_RFC3339_H
#define TAKT_CODEC_RFC3339_H

#include "base/base.h"

enum { RFC3339_MAX = 32 };

/* Milliseconds since 1970 → text in ret. */
struct str rfc3339_text(int64_t ms, char ret[RFC3339_MAX]);
/* Any offset, any number of fractional digits (cut to milliseconds), years 1970 … 9999.
 * RC_INVALID otherwise. */
enum rc rfc3339_parse(struct str text, int64_t *ret_ms) MUST_USE;

#endif
