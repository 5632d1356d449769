/* The cache of parsed values: see recorded.h.  Few entries, so it is walked; the least
 * recently used goes first. */
#include "flow/recorded.h"

#include "base/arena.h"

/* Outputs passed the limits of the interface when they came; put together as the output
 * of an `each` they may nest a little deeper and have more values. */
static const struct json_limits limits = {
	.bytes_max = 2 << 20,
	.depth_max = 160,
	.values_max = 1 << 20,
};

static void drop(struct recorded *r, size_t i)
{
	arena_destroy(r->docs[i].arena);
	r->docs[i] = r->docs[--r->n];
}

void recorded_clear(struct recorded *r)
{
	while (r->n)
		drop(r, r->n - 1);
}

struct recorded_doc *recorded_find(struct recorded *r, int64_t run, int64_t slot)
{
	for (size_t i = 0; i < r->n; i++) {
		struct recorded_doc *doc = &r->docs[i];
		if (doc->run != run || doc->slot != slot)
			continue;
		doc->used_at = ++r->clock;
		return doc;
	}
	return NULL;
}

static size_t bytes_held(const struct recorded *r)
{
	size_t bytes = 0;
	for (size_t i = 0; i < r->n; i++)
		bytes += arena_used(r->docs[i].arena);
	return bytes;
}

/* False when all that is left is pinned. */
static bool drop_oldest(struct recorded *r)
{
	size_t oldest = SIZE_MAX;
	for (size_t i = 0; i < r->n; i++)
		if (!r->docs[i].is_pinned &&
		    (oldest == SIZE_MAX || r->docs[i].used_at < r->docs[oldest].used_at))
			oldest = i;
	if (oldest == SIZE_MAX)
		return false;
	drop(r, oldest);
	return true;
}

const struct json *recorded_item(struct recorded_doc *doc, size_t index)
{
	const struct json *v = doc->value;
	if (v->type != JSON_ARRAY || index >= v->count)
		return NULL;
	if (!doc->item || index < doc->item_at) {
		doc->item = v->first;
		doc->item_at = 0;
	}
	for (; doc->item_at < index; doc->item_at++)
		doc->item = doc->item->next;
	return doc->item;
}

enum rc recorded_add(struct recorded *r, int64_t run, int64_t slot, struct str text,
                     struct recorded_doc **ret, struct err *err)
{
	while (r->n == RECORDED_DOCS_MAX || bytes_held(r) > RECORDED_BYTES_MAX)
		if (!drop_oldest(r))
			break;
	assert(r->n < RECORDED_DOCS_MAX); /* at most one is pinned */
	struct arena *arena = arena_create(1024);
	const struct json *value;
	enum rc rc = json_read(arena, str_dup(arena, text), &limits, &value, err);
	if (rc != RC_OK) {
		arena_destroy(arena);
		return rc;
	}
	struct recorded_doc *doc = &r->docs[r->n++];
	*doc = (struct recorded_doc){
		.run = run, .slot = slot, .arena = arena, .value = value, .used_at = ++r->clock
	};
	*ret = doc;
	return RC_OK;
}
