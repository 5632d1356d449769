/* The strict gate: which bytes are a request head, and what the head says.  Pure: no
 * I/O, no clock, so that it can be fuzzed.
 *
 * http-parser, as Debian builds it, is lenient.  Every byte of a head passes our own
 * scanner first, which knows no leniency and sees each byte once, in order, wherever
 * the pieces were cut: so the verdict cannot depend on the cuts.  Then http-parser
 * reads the head, and what it lets through although it must not (promise (1) in
 * server.h) is refused by looking at the headers.
 *
 * tests/unit/http/test_gate.c, tests/api/test_http_gate.py, tests/fuzz/http/ */
#ifndef TAKT_HTTP_GATE_H
#define TAKT_HTTP_GATE_H

#include "base/base.h"
#include "http/server.h"

struct arena;

/* Why a request is not let in. */
struct refusal {
	int status;         /* 0: it is let in */
	const char *reason; /* a sentence, static */
};

/* The scanner: is the head whole, is each byte allowed where it stands? */
struct gate_scan {
	int state; /* 0: before the first byte */
	size_t seen;
	unsigned n_headers;
};

/* Looks at the next bytes of a head.  True when it ends among them: *ret_taken of them
 * belong to it.  False when more are needed or, with refusal->status set, when it is
 * refused.  `head_max` bounds the whole head. */
bool gate_scan(struct gate_scan *g, struct str bytes, size_t head_max, size_t *ret_taken,
               struct refusal *refusal);

struct request_head {
	enum http_method method;
	struct str target, path, query;
	const struct http_header *headers;
	size_t n_headers;
	uint64_t content_length; /* 0 when there is none */
	bool is_chunked;
	bool is_http10;
	bool is_keep_alive;
	bool expects_continue;
};

/* Reads a scanned head.  `bytes` must live as long as the result, whose views point
 * into it; headers are in the arena. */
struct refusal gate_read_head(struct arena *a, struct str bytes, struct request_head *ret) MUST_USE;

#endif
