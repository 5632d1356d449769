/* The head of an answer, as bytes. */
#ifndef TAKT_HTTP_ANSWER_H
#define TAKT_HTTP_ANSWER_H

#include "base/base.h"
#include "base/str.h"
#include "http/server.h"

enum answer_framing { ANSWER_LENGTH, ANSWER_CHUNKED, ANSWER_UNTIL_CLOSE };
enum answer_connection { ANSWER_SILENT, ANSWER_KEEP_ALIVE, ANSWER_CLOSE };

struct answer_head {
	int status;
	struct str content_type; /* empty: none */
	const struct http_header *headers;
	size_t n_headers;
	struct str date; /* "Date: …\r\n" */
	enum answer_framing framing;
	size_t length;
	enum answer_connection connection;
};

bool answer_has_body(int status); /* 1xx, 204 and 304 have none, nor a length */
void answer_add_head(struct buf *out, const struct answer_head *a);

/* The Date line, made anew when the second changes. */
struct answer_date {
	int64_t second;
	char line[40];
	size_t len;
};
struct str answer_date(struct answer_date *d, int64_t wall_ms);

#endif
