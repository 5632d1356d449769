/* Idempotency keys: a table of their own (tenant, key, hash of the request, result) with a
 * window of a day.  The key is stored as it is, not hashed: clients' keys that grow with
 * time (our SDKs', UUIDv7) then land side by side in the table, and one submit touches
 * one page instead of a random one (measured: 11 µs a submit without key, 15 with such
 * keys, 38 with hashes).  Used by submit.c and by flow/. */
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
/* Keeps the keys of unlike requests apart.  Stored: never renumber. */
enum idempotency_space { IDEMPOTENCY_TASK = 1, IDEMPOTENCY_RUN = 2, IDEMPOTENCY_EVENT = 3 };

struct idempotency {
	enum idempotency_space space;
	struct str key;
	struct idempotency_hash request; /* of all that the request says */
};

/* BLAKE2b. */
struct idempotency_hash idempotency_hash(struct str bytes);

/* Takes the key for `fresh`, the id of what is about to be made.  *ret is that id when the
 * key was free; otherwise the id of what the same request made before.  CODE_KEY_REUSED
 * when the key came with another request. */
enum rc idempotency_claim(struct tx *tx, struct scope scope, const struct idempotency *i,
                          int64_t fresh, int64_t *ret, struct err *err) MUST_USE;
/* Drops a slice of what has run out. */
enum rc idempotency_expire(struct tx *tx, struct err *err) MUST_USE;

#endif
