/* http-parser behind a door of our own, because its names (enum http_method …) are
 * also ours.  Reads one whole head; bodies are read by chunks.h. */
#ifndef TAKT_HTTP_PARSE_H
#define TAKT_HTTP_PARSE_H

#include "base/base.h"

enum { PARSE_HEADERS_MAX = 100 };

struct parsed_head {
	struct {
		struct str name, value;
	} headers[PARSE_HEADERS_MAX];
	size_t n_headers;
	bool is_keep_alive;
};

enum parse_result { PARSE_OK, PARSE_UNKNOWN_METHOD, PARSE_MALFORMED };

/* `bytes` is one head, the empty line included.  Views point into it.  *reason is set
 * when the result is not PARSE_OK, static. */
enum parse_result parse_head(struct str bytes, struct parsed_head *ret,
                             const char **reason) MUST_USE;

#endif
