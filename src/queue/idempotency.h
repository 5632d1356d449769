/* Idempotency keys: a table of their own (tenant, 128-bit hash, hash of the request,
 * result) with a window of a day, because a unique index of random keys in the main
 * table would halve the rate of submits.  Used by submit.c and by flow/. */
#ifndef TAKT_QUEUE_IDEMPOTENCY_H
#define TAKT_QUEUE_IDEMPOTENCY_H

#include "base/base.h"
#include "store/scope.h"

struct tx;

enum { IDEMPOTENCY_HASH_BYTES = 16 };
enum { IDEMPOTENCY_WINDOW_MS = 24 * 3600 * 1000 };

struct idempotency_hash {
	unsigned char bytes[IDEMPOTENCY_HASH_BYTES];
};
struct idempotency {
	struct idempotency_hash hash;    /* of the key, with its namespace */
	struct idempotency_hash request; /* of all that the request says */
};

/* BLAKE2b of the parts.  `space` ("task:", "run:") keeps kinds of requests apart. */
struct idempotency_hash idempotency_hash(const char *space, struct str bytes);

/* RC_OK with the result of the first request; RC_NOT_FOUND when the key is new;
 * CODE_KEY_REUSED when it came with another request. */
enum rc idempotency_find(struct tx *tx, struct scope scope, const struct idempotency *i,
                         int64_t *ret, struct err *err) MUST_USE;
enum rc idempotency_keep(struct tx *tx, struct scope scope, const struct idempotency *i,
                         int64_t result, struct err *err) MUST_USE;
/* Drops a slice of what has run out. */
enum rc idempotency_expire(struct tx *tx, struct err *err) MUST_USE;

#endif
