/* Outbound HTTP by libcurl (opened at first use, see sys/library.h), blocking, for
 * child processes and the command line; never for the server's loop.
 * One connection is kept alive per client.  Not for two threads at once.
 *
 * When a kept connection turns out dead before any byte of an answer, libcurl sends the
 * request again on a new one.  So a call that must not happen twice carries an
 * Idempotency-Key, as all of ours that submit do. */
#ifndef TAKT_HTTP_CLIENT_H
#define TAKT_HTTP_CLIENT_H

#include "base/base.h"
#include "base/str.h"

struct http_client;

struct http_client_options {
	const char *base_url;  /* "http://127.0.0.1:8420"; with unix_path, only Host */
	const char *unix_path; /* NULL: TCP */
	const char *bearer;    /* NULL: no Authorization */
	int64_t connect_ms;    /* 0: 5 s */
};

struct http_call {
	const char *method;         /* "GET" … */
	const char *path;           /* begins with "/" */
	struct str body;            /* empty: none */
	const char *content_type;   /* NULL: application/json when there is a body */
	const char *const *headers; /* "Name: value" lines, NULL-terminated; may be NULL */
	int64_t timeout_ms;         /* 0: 30 s; -1: none (streams) */
	/* Set for streams: gets the body piece by piece instead of `reply`; returns
	 * false to end the transfer, which then is RC_OK. */
	bool (*on_data)(void *ctx, struct str bytes);
	/* Called about once a second and on signals; true ends the transfer, RC_OK. */
	bool (*is_cancelled)(void *ctx);
	void *ctx;
};

struct http_reply {
	int status;
	struct buf body; /* owned by the caller: http_reply_fini() */
};
void http_reply_fini(struct http_reply *r);

enum rc http_client_create(const struct http_client_options *o, struct http_client **ret,
                           struct err *err) MUST_USE;
void http_client_destroy(struct http_client *c);
/* Any status is RC_OK.  CODE_NO_SERVER when nothing was sent (refused, no socket);
 * CODE_UNKNOWN_OUTCOME when the request may have been acted upon and the answer is lost;
 * CODE_TOO_LARGE when the reply passes reply->body.max. */
enum rc http_client_call(struct http_client *c, const struct http_call *call,
                         struct http_reply *reply, struct err *err) MUST_USE;

#endif
