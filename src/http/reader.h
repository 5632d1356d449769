/* One request from bytes that come in any pieces: the head through the gate, then the
 * body.  Pure: the server feeds it from sockets, the fuzzer from a file. */
#ifndef TAKT_HTTP_READER_H
#define TAKT_HTTP_READER_H

#include "base/base.h"
#include "base/str.h"
#include "http/chunks.h"
#include "http/gate.h"

struct arena;

enum reader_state {
	READER_HEAD,    /* wants (more of) a head */
	READER_LIMIT,   /* the head is whole: wants reader_allow() */
	READER_BODY,    /* wants (more of) a body */
	READER_DONE,    /* head and body are whole */
	READER_REFUSED, /* see refusal */
};

struct reader {
	enum reader_state state;
	struct refusal refusal;
	struct request_head head; /* from READER_LIMIT on */
	struct str body;          /* at READER_DONE */

	struct gate_scan scan;
	struct buf saved; /* of a head that comes in pieces; given back with the head */
	char *plain;      /* a body with Content-Length, in the arena … */
	size_t plain_len; /* … of which this has come */
	struct chunks chunks;
	struct buf chunked;
};

void reader_init(struct reader *r); /* also for the next request, after reader_fini */
void reader_fini(struct reader *r);
/* Nothing of a request has come yet. */
bool reader_is_fresh(const struct reader *r);

/* Takes bytes until the state changes; returns how many.  Head and body are put into
 * the arena, which must live as long as they are looked at. */
size_t reader_feed(struct reader *r, struct arena *a, struct str bytes, size_t head_max) MUST_USE;
/* At READER_LIMIT: how large a body may be.  Goes on to BODY, DONE or REFUSED (413). */
void reader_allow(struct reader *r, struct arena *a, size_t body_max);

#endif
