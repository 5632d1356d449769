/* Insides of libtakt: the handle, and how a call is made and answered. */
#ifndef TAKT_CLIENT_PRIV_H
#define TAKT_CLIENT_PRIV_H

#include "base/arena.h"
#include "base/base.h"
#include "base/str.h"
#include "client/takt.h"
#include "codec/json.h"
#include "http/client.h"

enum {
	BODY_MAX = 32 << 20,
	REPLY_MAX = 16 << 20,
	BLOB_MAX = 64 << 20,
	TRIES_MAX = 6, /* of a call whose answer was lost */
	ARENA_BLOCK = 4096,
};

struct takt {
	struct http_client *http;
	char *url, *unix_path, *bearer;
	int64_t timeout_ms;
	bool (*is_cancelled)(void *ctx);
	void *ctx;
};

/* Failures become the public error; both return its outcome. */
enum takt_outcome takt_problem(struct takt_error *e, const struct err *err);
enum takt_outcome takt_say(struct takt_error *e, enum code code, const char *fmt, ...) PRINTF(3, 4);

/* A body of JSON is sent, the answer parsed into `a`.  `key` may be NULL. */
struct ask {
	const char *method, *path;
	const struct buf *body; /* NULL: none */
	const char *key;
	const char *request_id; /* NULL: none */
	bool is_repeatable;
	int64_t timeout_ms;
};
enum takt_outcome takt_ask(struct takt *t, const struct ask *ask, struct arena *a,
                           const struct json **ret, struct takt_error *e);

/* Copies a text member into a fixed array, cut if need be. */
void takt_member(const struct json *v, const char *name, char *to, size_t size);
/* A member's JSON as C string; NULL when it is absent or null. */
const char *takt_raw(struct arena *a, const struct json *v, const char *name);
const char *takt_text(struct arena *a, const struct json *v, const char *name); /* "" if none */

/* HEAD ID TAIL with the id percent-encoded: ids come from people. */
const char *takt_path(struct arena *a, const char *head, const char *id, const char *tail);

/* Waits, asking is_cancelled now and then.  False: cancelled. */
bool takt_pause(const struct takt *t, int64_t ms);
/* "0193…-…": 12 hex digits of milliseconds, then randomness; sorts by time. */
enum { KEY_TEXT_MAX = 40 };
void takt_new_key(char ret[KEY_TEXT_MAX]);

/* Server-sent events: bytes in any pieces become whole events. */
struct sse {
	struct buf line, data;
	char type[64];
	int64_t seq; /* of the event being read; −1: none */
	bool has_data, is_after_cr;
	bool is_broken; /* a line or an event was larger than the limit */
};
void sse_init(struct sse *s);
void sse_fini(struct sse *s);
/* Calls fn for each whole event; false when fn ended it or the stream is broken. */
bool sse_feed(struct sse *s, struct str bytes, bool (*fn)(void *ctx, const struct sse *event),
              void *ctx);

#endif
