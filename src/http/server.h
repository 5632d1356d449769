/* An HTTP/1.1 server on a loop.  Knows HTTP, knows nothing of takt.
 *
 * Numbered promises, each with a raw-socket test in tests/api/test_http_gate.py:
 * (1) Strict gate: refused with 400 and close are a space before the colon, bare LF,
 *     folded lines, repeated or listed Content-Length, Content-Length with
 *     Transfer-Encoding, any Transfer-Encoding but one "chunked", a missing or doubled
 *     Host (HTTP/1.1), NUL and control bytes, a bad or overflowing size, a target
 *     that does not begin with "/"; a chunked body that is not exactly framed.
 *     Likewise 417 (an expectation other than 100-continue), 501 (a method that
 *     http-parser does not know), 505 (neither HTTP/1.1 nor 1.0).
 * (2) Limits on line, headers (431), body (413, per route), connections, time to the
 *     first byte of the next request, time for a whole head and body.
 * (3) Keep-alive and pipelining: answers come in the order of the requests.
 * (4) A client that hangs up while its answer is pending is noticed within a turn of
 *     the loop (EPOLLRDHUP): `on_gone` runs, and answering then is a harmless no-op.
 * (5) The loop never blocks; a reader that does not drain is bounded by
 *     `pending_max` and closed.
 */
#ifndef TAKT_HTTP_SERVER_H
#define TAKT_HTTP_SERVER_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct loop;
struct http_server;

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_METHOD_OTHER
};
struct str http_method_text(enum http_method m);

struct http_header {
	struct str name, value; /* name as sent; value trimmed */
};

/* One exchange: a request and its answer.  Created by the server when the head is
 * complete; the body is whole when `on_request` runs.  It stays valid until it was
 * answered AND the bytes are out, or until `on_gone` has returned. */
struct http_exchange {
	enum http_method method;
	struct str target; /* as sent */
	struct str path;   /* before '?', not decoded */
	struct str query;  /* after '?', not decoded */
	const struct http_header *headers;
	size_t n_headers;
	struct str body;
	bool is_unix;        /* came over the Unix socket, from a checked peer */
	int64_t began_us;    /* monotonic: for the access log and metrics */
	struct arena *arena; /* lives as long as the exchange, or until http_request_release() */
	void *user;          /* the application's, NULL at first */
	/* Set by the application in on_request when it answers later and wants to know
	 * of a hang-up.  Not called once the answer is complete.  Without it the exchange
	 * of a client that is gone stays valid until it is answered (into the void), and
	 * a client that only writes no more (half-close) still gets its answer. */
	void (*on_gone)(struct http_exchange *x);
};

struct str http_header_get(const struct http_exchange *x, struct str name); /* no case; {0} */

/* The application has what it needs of the request: its memory goes back, and target, path,
 * query, headers and body are empty from here on.  For what is answered much later. */
void http_request_release(struct http_exchange *x);

/* Status, headers and body at once.  `headers` may be empty: Content-Length, Date and,
 * where needed, Connection are added.  The body is copied; for HEAD it is left out.  May
 * be called for any exchange from any handler on the loop's thread: bytes go out at the
 * end of the turn, and no callback runs before this returns. */
void http_respond(struct http_exchange *x, int status, struct str content_type,
                  const struct http_header *headers, size_t n_headers, struct str body);

/* Streaming (SSE, large files): chunked; for HTTP/1.0 until the connection closes.
 * http_stream_write returns RC_LIMIT when the reader is more than pending_max behind:
 * the connection is then being closed, and on_gone runs at the end of the turn; without
 * on_gone the caller lets go of the exchange by http_stream_end.  on_drained (optional)
 * runs when all that was written so far is with the kernel. */
void http_stream_begin(struct http_exchange *x, int status, struct str content_type,
                       const struct http_header *headers, size_t n_headers,
                       void (*on_drained)(struct http_exchange *x));
enum rc http_stream_write(struct http_exchange *x, struct str bytes);
void http_stream_end(struct http_exchange *x);

struct http_limits {
	size_t head_max;        /* request line and headers; 16 KiB */
	size_t body_max;        /* when body_limit() is NULL; 1 MiB */
	size_t pending_max;     /* unread output per connection; 1 MiB */
	size_t connections_max; /* 20,000 */
	int64_t idle_ms;        /* keep-alive; 75 s */
	int64_t head_ms;        /* a whole head; 10 s */
	int64_t body_ms;        /* a whole body; 60 s */
};
extern const struct http_limits http_limits_default;

struct http_server_options {
	struct http_limits limits;
	const struct env *env;
	/* Largest body for this head (route known, body not yet read). */
	size_t (*body_limit)(void *ctx, const struct http_exchange *x);
	/* A whole request has arrived.  Answer now or later, on the loop's thread. */
	void (*on_request)(void *ctx, struct http_exchange *x);
	/* The protocol gate refuses: the application makes the body of the error answer
	 * (problem+json) for status and reason.  NULL: plain text. */
	void (*on_refused)(void *ctx, int status, const char *reason, struct buf *body);
	/* After the last byte of an answer, not for refused or gone ones: for access log
	 * and metrics. */
	void (*on_done)(void *ctx, const struct http_exchange *x, int status, size_t bytes_out);
	void *ctx;
};

struct http_server *http_server_create(struct loop *loop,
                                       const struct http_server_options *o) MUST_USE;
/* Starts accepting on a listening, non-blocking socket; takes ownership of fd. */
enum rc http_server_listen(struct http_server *s, int fd, struct err *err) MUST_USE;
/* Stops accepting, closes idle connections, lets pending answers finish, then calls done
 * (from the loop).  A request that has arrived is answered; one that is arriving has 2 s,
 * and the first one of a new connection 250 ms to begin.  Streams with an on_gone get that call and
 * are ended whole. */
void http_server_drain(struct http_server *s, void (*done)(void *ctx), void *ctx);
void http_server_destroy(struct http_server *s);         /* drops what is left: on_gone runs */
size_t http_server_pending(const struct http_server *s); /* exchanges not yet answered */

#endif
