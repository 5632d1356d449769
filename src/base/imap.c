/* A map from int64 to int64: see imap.h. */
#include "base/imap.h"

/* The finaliser of MurmurHash3 (public domain, Austin Appleby): every bit of the key
 * reaches the low bits. */
static size_t hash(int64_t key)
{
	uint64_t h = (uint64_t)key;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53u;
	h ^= h >> 33;
	return (size_t)h;
}

static struct imap_slot *find(const struct imap *m, int64_t key)
{
	size_t at = hash(key) & (m->cap - 1);
	while (m->slots[at].is_used && m->slots[at].key != key)
		at = (at + 1) & (m->cap - 1);
	return &m->slots[at];
}

static void grow(struct imap *m)
{
	struct imap old = *m;
	m->cap = old.cap ? old.cap * 2 : 16;
	m->slots = xcalloc(m->cap, sizeof *m->slots);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].is_used)
			*find(m, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void imap_fini(struct imap *m)
{
	free(m->slots);
	*m = (struct imap){ 0 };
}

int64_t *imap_get(const struct imap *m, int64_t key)
{
	if (!m->cap)
		return NULL;
	struct imap_slot *slot = find(m, key);
	return slot->is_used ? &slot->value : NULL;
}

int64_t *imap_put(struct imap *m, int64_t key)
{
	if ((m->n + 1) * 4 > m->cap * 3)
		grow(m);
	struct imap_slot *slot = find(m, key);
	if (!slot->is_used) {
		*slot = (struct imap_slot){ .key = key, .is_used = true };
		m->n++;
	}
	return &slot->value;
}
