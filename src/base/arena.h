/* Memory whose pieces all end together: a request, a transaction, a message.
 *
 * An arena is a chain of blocks with a bump pointer.  It may be given a cap; the
 * caller checks sizes that come from outside before allocating, so a cap that is
 * reached is a bug and aborts.  Under AddressSanitizer each allocation is one
 * malloc, so that an overrun is seen.  Not for use from two threads at once; it
 * may move between threads.
 */
#ifndef TAKT_BASE_ARENA_H
#define TAKT_BASE_ARENA_H

#include "base/base.h"

struct arena;
struct arena_mark {
	size_t block, used;
};

/* `block_size` is the size of the first block in bytes; later blocks double up to
 * 1 MiB.  Owned by the caller; arena_destroy(NULL) is fine. */
struct arena *arena_create(size_t block_size) MUST_USE;
void arena_destroy(struct arena *a);
void arena_destroyp(struct arena **a); /* for AUTO() */

/* n objects of `size` bytes at `align`; zeroed.  Aborts on overflow or when memory
 * is gone. */
void *arena_alloc(struct arena *a, size_t n, size_t size, size_t align) MUST_USE;
#define arena_new(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type), _Alignof(type)))
/* The same, not zeroed, for bytes that are overwritten at once. */
char *arena_bytes(struct arena *a, size_t n) MUST_USE;

struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark m); /* gives back all since m */
void arena_clear(struct arena *a);                       /* all; keeps the newest block */
size_t arena_used(const struct arena *a);                /* bytes handed out */
size_t arena_held(const struct arena *a);                /* bytes of its blocks */

#endif
