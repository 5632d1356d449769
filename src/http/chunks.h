/* A chunked body, strictly: RFC 9112, 7.1.  Pure, byte by byte, so that the verdict
 * cannot depend on how the bytes were cut.
 *
 * http-parser is not used here: Debian's build checks neither the CRLF after a chunk
 * nor the LF after a size, and both are ways to smuggle a request. */
#ifndef TAKT_HTTP_CHUNKS_H
#define TAKT_HTTP_CHUNKS_H

#include "base/base.h"
#include "base/str.h"
#include "http/gate.h"

struct chunks {
	int state; /* 0: before the first size */
	unsigned n_digits;
	size_t left;  /* of the present chunk */
	size_t extra; /* bytes of extensions and trailers so far */
};

/* Takes bytes, adds the content to `body` up to body->max.  True when the body is whole:
 * *ret_taken of the bytes belong to it.  False when more are needed or, with
 * refusal->status set, when it is refused. */
bool chunks_read(struct chunks *c, struct str bytes, struct buf *body, size_t *ret_taken,
                 struct refusal *refusal);

#endif
