/* The arena: see arena.h.
 *
 * Blocks stand in a growing table, so that a mark is two numbers and a rewind is a
 * loop.  Freed blocks go back to malloc except one, which most requests never
 * outgrow.
 */
#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SEPARATE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SEPARATE 1
#endif
#endif
#ifndef ARENA_SEPARATE
#define ARENA_SEPARATE 0
#endif

enum { ARENA_BLOCK_MAX = 1 << 20, ARENA_ALIGN = _Alignof(max_align_t) };

struct block {
	char *ptr;
	size_t size, used;
};

struct arena {
	struct block *blocks;
	size_t n, cap;
	size_t block_size; /* of the next block */
	size_t total;
};

static struct block *add_block(struct arena *a, size_t size)
{
	if (a->n == a->cap) {
		a->cap = a->cap ? a->cap * 2 : 1; /* most have one block */
		a->blocks = xrealloc(a->blocks, a->cap * sizeof *a->blocks);
	}
	struct block *b = &a->blocks[a->n++];
	*b = (struct block){ .ptr = xmalloc(size), .size = size };
	return b;
}

struct arena *arena_create(size_t block_size)
{
	assert(block_size > 0);
	struct arena *a = xcalloc(1, sizeof *a);
	a->block_size = block_size;
	return a;
}

void arena_destroy(struct arena *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++)
		free(a->blocks[i].ptr);
	free(a->blocks);
	free(a);
}

void arena_destroyp(struct arena **a)
{
	arena_destroy(*a);
}

static void *take_separate(struct arena *a, size_t bytes)
{
	struct block *b = add_block(a, bytes ? bytes : 1);
	b->used = b->size;
	return b->ptr;
}

static void *take(struct arena *a, size_t bytes, size_t align)
{
	a->total += bytes;
	if (ARENA_SEPARATE)
		return take_separate(a, bytes);
	struct block *b = a->n ? &a->blocks[a->n - 1] : NULL;
	size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;
	if (!b || at > b->size || bytes > b->size - at) {
		b = add_block(a, bytes > a->block_size ? bytes : a->block_size);
		if (a->block_size < ARENA_BLOCK_MAX)
			a->block_size *= 2;
		at = 0;
	}
	b->used = at + bytes;
	return b->ptr + at;
}

void *arena_alloc(struct arena *a, size_t n, size_t size, size_t align)
{
	assert(a && align && (align & (align - 1)) == 0 && align <= ARENA_ALIGN);
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes))
		abort();
	void *p = take(a, bytes, align);
	memset(p, 0, bytes);
	return p;
}

char *arena_bytes(struct arena *a, size_t n)
{
	assert(a);
	return take(a, n, 1);
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->n, a->n ? a->blocks[a->n - 1].used : 0 };
}

void arena_rewind(struct arena *a, struct arena_mark m)
{
	assert(m.block <= a->n);
	while (a->n > m.block && a->n > (ARENA_SEPARATE ? 0 : 1))
		free(a->blocks[--a->n].ptr);
	if (a->n && m.block == a->n)
		a->blocks[a->n - 1].used = m.used;
	else if (a->n)
		a->blocks[a->n - 1].used = 0;
}

/* The next user probably needs as much as this one did: the largest block stays. */
void arena_clear(struct arena *a)
{
	if (a->n > 1) {
		struct block largest = a->blocks[a->n - 1];
		a->blocks[a->n - 1] = a->blocks[0];
		a->blocks[0] = largest;
	}
	arena_rewind(a, (struct arena_mark){ 0, 0 });
	a->total = 0;
}

size_t arena_used(const struct arena *a)
{
	return a->total;
}

size_t arena_held(const struct arena *a)
{
	size_t n = 0;
	for (size_t i = 0; i < a->n; i++)
		n += a->blocks[i].size;
	return n;
}
