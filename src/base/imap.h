/* A map from int64 to int64: open addressing, grows by doubling, never shrinks.  Only
 * looked up, never walked, so its order can't reach a decision. */
#ifndef TAKT_BASE_IMAP_H
#define TAKT_BASE_IMAP_H

#include "base/base.h"

struct imap_slot {
	int64_t key, value;
	bool is_used;
};
struct imap {
	struct imap_slot *slots;
	size_t n, cap;
};

void imap_fini(struct imap *m);
/* The value's place, valid until the next imap_put; NULL when the key is not there. */
int64_t *imap_get(const struct imap *m, int64_t key);
/* The value's place; a new key begins with 0. */
int64_t *imap_put(struct imap *m, int64_t key);

#endif
