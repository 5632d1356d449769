/* The closest known name by edit distance (insert, delete, replace a byte): see nearest.h.
 * A suggestion that shares too little with what was written would only puzzle, so of three
 * bytes one may differ, and one more, but not more than three.  Who wrote the beginning of a name
 * was as good as there. */
#include "base/nearest.h"

#include "base/str.h"

static size_t least_of(size_t a, size_t b, size_t c)
{
	return size_min(size_min(a, b), c);
}

static size_t edit_distance(struct str a, struct str b)
{
	size_t row[NEAREST_NAME_MAX + 1];
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t replaced = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
			diagonal = row[j];
			row[j] = least_of(replaced, row[j] + 1, row[j - 1] + 1);
		}
	}
	return row[b.len];
}

struct nearest nearest_begin(struct str name)
{
	size_t allowed = size_min(3, 1 + name.len / 3);
	return (struct nearest){ .name = name, .distance = allowed + 1 };
}

void nearest_offer(struct nearest *n, struct str known)
{
	if (n->name.len > NEAREST_NAME_MAX || known.len > NEAREST_NAME_MAX)
		return;
	bool is_beginning = n->name.len >= 2 && str_starts(known, n->name);
	size_t distance = is_beginning ? 1 : edit_distance(n->name, known);
	if (distance >= n->distance)
		return;
	n->distance = distance;
	n->best = known;
}
