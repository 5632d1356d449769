/* anyOf and oneOf, and which alternative an error should speak of.
 *
 * A value that fits none of the alternatives usually was meant as one of them.  The
 * best guess: an alternative whose constants (the discriminator, `"type": "quiz"`) are
 * there; then one of the right type; among equals the one that fails deepest inside the
 * value.  When only the discriminator is wrong, the error lists what it may be.
 */
#include "codec/schema_priv.h"

#include "base/arena.h"

enum fit { FIT_WRONG_TYPE, FIT_WRONG_CONSTANT, FIT_OPEN, FIT_CONSTANT };

enum { REFS_FOLLOWED = 8, VALUES_SHOWN = 32 };

/* --- which branch was meant --- */

static const struct node *follow(const struct node *n)
{
	for (int i = 0; i < REFS_FOLLOWED && n->ref; i++)
		n = n->ref;
	return n;
}

/* Compares the constants of a branch with the members; *wrong is a member that
 * differs. */
static enum fit fit_of(const struct node *branch, const struct json *v, const struct json **wrong,
                       const struct json **wanted)
{
	enum fit fit = FIT_OPEN;
	const struct node *n = follow(branch);
	if (n->types && !(n->types & schema_type_bits(v)))
		return FIT_WRONG_TYPE;
	if (v->type != JSON_OBJECT)
		return FIT_OPEN;
	for (size_t i = 0; i < n->properties.n; i++) {
		const struct json *constant = follow(n->properties.list[i].node)->constant;
		const struct json *is = constant ? json_get(v, n->properties.list[i].name) : NULL;
		if (!is)
			continue;
		if (!json_equal(constant, is)) {
			*wrong = is;
			*wanted = constant;
			return FIT_WRONG_CONSTANT;
		}
		fit = FIT_CONSTANT;
	}
	return fit;
}

struct best {
	struct report report;
	enum fit fit;
	bool is_set;
};

static void consider(struct check *c, const struct node *branch, const struct place_of *at,
                     enum fit fit, struct best *best)
{
	struct report *outer = c->report, mine = { 0 };
	if (best->is_set && fit < best->fit)
		return;
	c->report = &mine;
	check_node(c, branch, at, NULL);
	c->report = outer;
	if (best->is_set && fit == best->fit && mine.depth <= best->report.depth)
		return;
	*best = (struct best){ mine, fit, true };
}

/* All branches of the right type want another constant in one and the same member. */
static bool report_discriminator(struct check *c, const struct place_of *at,
                                 const struct json *member, const struct json *const *wanted,
                                 size_t n)
{
	char text[180];
	struct place_of place = { .up = at, .v = member };
	schema_values_text(wanted, n, text, sizeof text);
	return check_fail(c, &place, n == 1 ? "must be %s" : "must be one of %s", text);
}

static bool report_types(struct check *c, const struct nodes *branches, const struct place_of *at)
{
	char text[100];
	unsigned types = 0;
	for (size_t i = 0; i < branches->n; i++)
		types |= follow(branches->list[i])->types;
	schema_types_text(types, text, sizeof text);
	return check_fail(c, at, "must be %s, is %s", text, schema_type_of(at->v));
}

static bool report_none(struct check *c, const struct nodes *branches, const struct place_of *at)
{
	const struct json *wanted[VALUES_SHOWN], *member = NULL;
	size_t n_wanted = 0;
	bool is_one_member = true;
	struct best best = { 0 };
	if (!c->report || c->report->is_set)
		return false;
	for (size_t i = 0; i < branches->n; i++) {
		const struct json *wrong = NULL, *constant = NULL;
		enum fit fit = fit_of(branches->list[i], at->v, &wrong, &constant);
		is_one_member = is_one_member && (!wrong || !member || member == wrong);
		member = wrong ? wrong : member;
		if (wrong && n_wanted < VALUES_SHOWN)
			wanted[n_wanted++] = constant;
		consider(c, branches->list[i], at, fit, &best);
	}
	if (best.fit == FIT_WRONG_TYPE)
		return report_types(c, branches, at);
	if (best.fit == FIT_WRONG_CONSTANT && is_one_member)
		return report_discriminator(c, at, member, wanted, n_wanted);
	bool is_plain = best.fit == FIT_CONSTANT || branches->n == 1;
	*c->report = best.report;
	if (!is_plain)
		snprintf(c->report->text, sizeof c->report->text,
		         "fits none of %zu alternatives; the nearest: %.180s", branches->n,
		         best.report.text);
	return false;
}

/* --- anyOf, oneOf --- */

bool check_any_of(struct check *c, const struct node *n, const struct place_of *at,
                  struct marks *marks)
{
	bool is_any = false;
	for (size_t i = 0; i < n->any_of.n && !c->exhausted; i++) {
		is_any = check_quietly(c, n->any_of.list[i], at, marks) || is_any;
		if (is_any && !marks) /* otherwise all that fit leave their marks */
			return true;
	}
	if (c->exhausted)
		return false;
	return is_any || report_none(c, &n->any_of, at);
}

bool check_one_of(struct check *c, const struct node *n, const struct place_of *at,
                  struct marks *marks)
{
	size_t fitting = 0, first = 0, second = 0;
	for (size_t i = 0; i < n->one_of.n && fitting < 2; i++) {
		if (!check_quietly(c, n->one_of.list[i], at, fitting ? NULL : marks))
			continue;
		if (fitting++ == 0)
			first = i;
		else
			second = i;
	}
	if (c->exhausted)
		return false;
	if (fitting > 1)
		return check_fail(
		        c, at, "must fit exactly one alternative, fits number %zu and %zu of %zu",
		        first + 1, second + 1, n->one_of.n);
	return fitting == 1 || report_none(c, &n->one_of, at);
}

/* --- uniqueItems --- */

struct hashed {
	uint64_t hash;
	const struct json *v;
	size_t index;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t hash_text(struct str s)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
	return h;
}

/* Equal values (as json_equal says) have equal hashes; order of members is no matter. */
static uint64_t hash_value(const struct json *v)
{
	uint64_t h = mix(v->type, v->count), bits;
	switch (v->type) {
	case JSON_NULL:
		return h;
	case JSON_BOOL:
		return mix(h, v->boolean);
	case JSON_NUMBER:
		memcpy(&bits, &v->number, sizeof bits);
		return mix(h, v->is_int ? (uint64_t)v->integer : bits);
	case JSON_STRING:
		return mix(h, hash_text(v->text));
	case JSON_ARRAY:
		json_each(child, v)
			h = mix(h, hash_value(child));
		return h;
	case JSON_OBJECT:
		json_each(child, v)
			h += mix(hash_text(child->name), hash_value(child));
		return h;
	}
	abort();
}

static int by_hash(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static bool not_unique(struct check *c, const struct place_of *at, const struct hashed *earlier,
                       const struct hashed *later)
{
	struct place_of place = { .up = at, .v = later->v, .index = later->index };
	return check_fail(c, &place, "must not be equal to the item at %zu", earlier->index);
}

bool check_unique(struct check *c, const struct place_of *at)
{
	size_t n = 0;
	bool is_unique = true;
	if (at->v->count < 2)
		return true;
	if (!check_spend(c, at->v->raw.len / 8))
		return false;
	struct arena_mark start = arena_mark(c->arena);
	struct hashed *items = arena_new(c->arena, struct hashed, at->v->count);
	json_each(item, at->v) {
		items[n] = (struct hashed){ hash_value(item), item, n };
		n++;
	}
	qsort(items, n, sizeof *items, by_hash);
	for (size_t i = 0; i < n && is_unique; i++)
		for (size_t k = i + 1; k < n && items[k].hash == items[i].hash && is_unique; k++) {
			if (!check_spend(c, 1 + items[i].v->raw.len / 16))
				is_unique = false;
			else if (json_equal(items[i].v, items[k].v))
				is_unique = not_unique(c, at, &items[i], &items[k]);
		}
	arena_rewind(c->arena, start);
	return is_unique;
}
