/* What a run has recorded, parsed and kept for a while: inputs, outputs, items.
 *
 * A run that advances a hundred times would otherwise parse the same outputs a hundred
 * times.  What is recorded never changes, so the cache is only bounded, never stale;
 * after a rollback it is cleared, as it may hold what did not happen. */
#ifndef TAKT_FLOW_RECORDED_H
#define TAKT_FLOW_RECORDED_H

#include "base/base.h"
#include "codec/json.h"

enum { RECORDED_DOCS_MAX = 64, RECORDED_BYTES_MAX = 32 << 20 };

/* Which value of a run: its input, the output of step i, the items of step i. */
enum { RECORDED_INPUT = -1, RECORDED_OUTPUT = 0, RECORDED_ITEMS = 1 << 20 };

struct recorded_doc {
	int64_t run, slot;
	struct arena *arena;
	const struct json *value;
	uint64_t used_at;
	bool is_pinned;
	const struct json *item; /* of an array: where recorded_item() was last … */
	size_t item_at;          /* … and its index */
};
struct recorded {
	struct recorded_doc docs[RECORDED_DOCS_MAX];
	size_t n;
	uint64_t clock;
};

void recorded_clear(struct recorded *r);
/* NULL when it is not (any longer) there.  Valid until the next recorded_add(). */
struct recorded_doc *recorded_find(struct recorded *r, int64_t run, int64_t slot);
/* The element of an array; NULL behind its end and when it is none.  Asked for one after the
 * other they cost the same each: the last place is kept. */
const struct json *recorded_item(struct recorded_doc *doc, size_t index);
/* Copies and parses; makes room first.  What is pinned stays. */
enum rc recorded_add(struct recorded *r, int64_t run, int64_t slot, struct str text,
                     struct recorded_doc **ret, struct err *err) MUST_USE;

#endif
