/* A node and a value → a verdict.
 *
 * (1) The first walk only finds the verdict; a second one, after a failure, finds the
 *     words.  So the common case formats nothing.
 * (2) `marks` collects which children of the value have been evaluated.  It is asked
 *     for only where some unevaluated… stands further out, and a failing branch leaves
 *     no marks.
 * (3) Work is bounded by a budget of steps and a depth; when one is used up the whole
 *     check fails, whatever the schema's logic would make of it (`exhausted`).
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "codec/schema_priv.h"

#include "base/arena.h"

enum { STEPS_MAX = 4000000 };

/* --- budget and marks --- */

bool check_spend(struct check *c, size_t steps)
{
	if ((uint64_t)c->steps_left < steps)
		c->exhausted = "the value takes too many steps to check against the schema";
	else
		c->steps_left -= (int64_t)steps;
	return !c->exhausted;
}

struct marks marks_new(struct check *c, const struct json *v)
{
	struct marks m = { .n = v->count };
	m.bits = arena_new(c->arena, uint64_t, v->count / 64 + 1);
	return m;
}

void marks_set(struct marks *m, size_t i)
{
	assert(!m || i < m->n);
	if (m)
		m->bits[i / 64] |= (uint64_t)1 << i % 64;
}

bool marks_get(const struct marks *m, size_t i)
{
	return m->bits[i / 64] >> i % 64 & 1;
}

void marks_merge(struct marks *into, const struct marks *from)
{
	for (size_t i = 0; i < into->n / 64 + 1; i++)
		into->bits[i] |= from->bits[i];
}

bool check_quietly(struct check *c, const struct node *n, const struct place_of *at,
                   struct marks *marks)
{
	struct report *report = c->report;
	c->report = NULL;
	bool is_valid = check_node(c, n, at, marks);
	c->report = report;
	return is_valid;
}

/* --- any type --- */

static bool check_type(struct check *c, const struct node *n, const struct place_of *at)
{
	char wanted[100];
	if (!n->types || n->types & schema_type_bits(at->v))
		return true;
	if (!c->report)
		return false;
	schema_types_text(n->types, wanted, sizeof wanted);
	return check_fail(c, at, "must be %s, is %s", wanted, schema_type_of(at->v));
}

static bool check_constant(struct check *c, const struct node *n, const struct place_of *at)
{
	char wanted[160];
	if (!check_spend(c, at->v->raw.len / 64))
		return false;
	if (json_equal(n->constant, at->v))
		return true;
	if (!c->report)
		return false;
	schema_values_text(&n->constant, 1, wanted, sizeof wanted);
	return check_fail(c, at, "must be %s", wanted);
}

static bool check_enumeration(struct check *c, const struct node *n, const struct place_of *at)
{
	const struct json *some[32];
	char wanted[180];
	size_t count = 0;
	if (!check_spend(c, n->enumeration->count))
		return false;
	json_each(value, n->enumeration) {
		if (json_equal(value, at->v))
			return true;
		if (count < ARRAY_LEN(some))
			some[count++] = value;
	}
	if (!c->report)
		return false;
	schema_values_text(some, count, wanted, sizeof wanted);
	return check_fail(c, at, "must be one of %s", wanted);
}

/* --- numbers --- */

struct bound {
	const struct json *limit;
	const char *words;
	bool is_upper, is_exclusive;
};

static bool check_bound(struct check *c, struct bound b, const struct place_of *at)
{
	int order = number_compare(at->v, b.limit);
	if (b.is_upper)
		order = -order;
	if (order > 0 || (order == 0 && !b.is_exclusive))
		return true;
	struct str limit = text_brief(b.limit->raw, 40), is = text_brief(at->v->raw, 40);
	return check_fail(c, at, "must be %s " STR_FMT ", is " STR_FMT, b.words, STR_ARG(limit),
	                  STR_ARG(is));
}

static bool check_number(struct check *c, const struct node *n, const struct place_of *at)
{
	const struct bound bounds[] = {
		{ n->minimum, "at least", false, false },
		{ n->maximum, "at most", true, false },
		{ n->exclusive_minimum, "more than", false, true },
		{ n->exclusive_maximum, "less than", true, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
		if (bounds[i].limit && !check_bound(c, bounds[i], at))
			return false;
	if (!n->multiple_of || number_is_multiple(at->v, n->multiple_of))
		return true;
	struct str of = text_brief(n->multiple_of->raw, 40), is = text_brief(at->v->raw, 40);
	return check_fail(c, at, "must be a multiple of " STR_FMT ", is " STR_FMT, STR_ARG(of),
	                  STR_ARG(is));
}

/* --- counts --- */

/* One sentence for lengths, items and properties; -1 is no limit. */
static bool check_count(struct check *c, int64_t is, int64_t min, int64_t max, const char *what,
                        const struct place_of *at)
{
	if (min >= 0 && is < min)
		return check_fail(c, at, "must have at least %lld %s, has %lld", (long long)min,
		                  what, (long long)is);
	if (max >= 0 && is > max)
		return check_fail(c, at, "must have at most %lld %s, has %lld", (long long)max,
		                  what, (long long)is);
	return true;
}

static int64_t count_characters(struct str s)
{
	int64_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

/* --- strings --- */

static bool check_string(struct check *c, const struct node *n, const struct place_of *at)
{
	struct str text = at->v->text;
	if ((n->min_length >= 0 || n->max_length >= 0) &&
	    !check_count(c, count_characters(text), n->min_length, n->max_length, "characters", at))
		return false;
	if (n->pattern && !check_pattern(c, n->pattern, text)) {
		struct str brief = text_brief(n->pattern->text, 120);
		return check_fail(c, at, "must match the pattern " STR_FMT, STR_ARG(brief));
	}
	if (n->format && !n->format(text)) {
		struct str brief = text_brief(n->format_name, 60);
		return check_fail(c, at, "must be a valid " STR_FMT, STR_ARG(brief));
	}
	return true;
}

/* --- arrays --- */

static bool check_contains(struct check *c, const struct node *n, const struct place_of *at,
                           struct marks *marks)
{
	int64_t found = 0;
	int64_t min = n->min_contains >= 0 ? n->min_contains : 1;
	struct place_of item = { .up = at };
	for (item.v = at->v->first; item.v; item.v = item.v->next, item.index++) {
		if (!check_quietly(c, n->contains, &item, NULL))
			continue;
		found++;
		marks_set(marks, item.index);
	}
	if (c->exhausted)
		return false;
	return check_count(c, found, min, n->max_contains, "items of the kind that is asked for",
	                   at);
}

/* prefixItems for the first, items for the rest. */
static bool check_items(struct check *c, const struct node *n, const struct place_of *at,
                        struct marks *marks)
{
	struct place_of item = { .up = at };
	for (item.v = at->v->first; item.v; item.v = item.v->next, item.index++) {
		const struct node *schema = item.index < n->prefix_items.n
		                                    ? n->prefix_items.list[item.index]
		                                    : n->items;
		if (!schema)
			return true;
		if (!check_node(c, schema, &item, NULL))
			return false;
		marks_set(marks, item.index);
	}
	return true;
}

static bool check_array(struct check *c, const struct node *n, const struct place_of *at,
                        struct marks *marks)
{
	if (!check_count(c, at->v->count, n->min_items, n->max_items, "items", at))
		return false;
	if (n->unique_items && !check_unique(c, at))
		return false;
	if ((n->prefix_items.n || n->items) && !check_items(c, n, at, marks))
		return false;
	return !n->contains || check_contains(c, n, at, marks);
}

/* --- objects --- */

static const struct node *find_entry(const struct entries *e, struct str name)
{
	size_t low = 0, high = e->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(name, e->list[middle].name);
		if (order == 0)
			return e->list[middle].node;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool is_false(const struct node *n)
{
	return n->json->type == JSON_BOOL && !n->json->boolean;
}

static bool unknown_property(struct check *c, const struct node *n, const struct place_of *at)
{
	char known[140] = "";
	size_t used = 0;
	if (!c->report)
		return false;
	for (size_t i = 0; i < n->properties.n && used < sizeof known; i++) {
		struct str name = text_brief(n->properties.list[i].name, 40);
		used += (size_t)snprintf(known + used, sizeof known - used, "%s" STR_FMT,
		                         i ? ", " : "; known are ", STR_ARG(name));
	}
	struct str shown = text_brief(str_z(known), sizeof known - 1);
	struct str name = text_brief(at->v->name, 60);
	return check_fail(c, at, "unknown property \"" STR_FMT "\"" STR_FMT, STR_ARG(name),
	                  STR_ARG(shown));
}

static bool check_member(struct check *c, const struct node *n, const struct place_of *at,
                         bool *is_evaluated)
{
	const struct node *own = find_entry(&n->properties, at->v->name);
	if (own && !check_node(c, own, at, NULL))
		return false;
	*is_evaluated = own != NULL;
	for (size_t i = 0; i < n->pattern_properties.n; i++) {
		const struct entry *e = &n->pattern_properties.list[i];
		if (!check_pattern(c, e->pattern, at->v->name))
			continue;
		*is_evaluated = true;
		if (!check_node(c, e->node, at, NULL))
			return false;
	}
	if (c->exhausted || *is_evaluated || !n->additional_properties)
		return !c->exhausted;
	*is_evaluated = true;
	if (is_false(n->additional_properties))
		return unknown_property(c, n, at);
	return check_node(c, n->additional_properties, at, NULL);
}

static bool check_members(struct check *c, const struct node *n, const struct place_of *at,
                          struct marks *marks)
{
	struct place_of member = { .up = at };
	for (member.v = at->v->first; member.v; member.v = member.v->next, member.index++) {
		bool is_evaluated = false;
		if (!check_member(c, n, &member, &is_evaluated))
			return false;
		if (is_evaluated)
			marks_set(marks, member.index);
	}
	return true;
}

static bool check_names(struct check *c, const struct node *n, const struct place_of *at)
{
	struct place_of member = { .up = at };
	json_each(v, at->v) {
		struct json name = {
			.type = JSON_STRING, .raw = v->name, .text = v->name, .name = v->name
		};
		member.v = &name;
		if (!check_node(c, n->property_names, &member, NULL))
			return false;
		member.index++;
	}
	return true;
}

static bool check_required(struct check *c, const struct json *names, const struct place_of *at,
                           const struct json *because)
{
	if (!check_spend(c, (size_t)names->count * (at->v->count / 8 + 1)))
		return false;
	json_each(name, names) {
		if (json_get(at->v, name->text))
			continue;
		struct str missing = text_brief(name->text, 60);
		if (!because)
			return check_fail(c, at, "\"" STR_FMT "\" is required", STR_ARG(missing));
		struct str why = text_brief(because->name, 60);
		return check_fail(c, at, "\"" STR_FMT "\" is required beside \"" STR_FMT "\"",
		                  STR_ARG(missing), STR_ARG(why));
	}
	return true;
}

static bool check_dependents(struct check *c, const struct node *n, const struct place_of *at,
                             struct marks *marks)
{
	if (n->dependent_required)
		json_each(names, n->dependent_required)
			if (json_get(at->v, names->name) && !check_required(c, names, at, names))
				return false;
	for (size_t i = 0; i < n->dependent_schemas.n; i++) {
		const struct entry *e = &n->dependent_schemas.list[i];
		if (json_get(at->v, e->name) && !check_node(c, e->node, at, marks))
			return false;
	}
	return true;
}

static bool check_object(struct check *c, const struct node *n, const struct place_of *at,
                         struct marks *marks)
{
	if (!check_count(c, at->v->count, n->min_properties, n->max_properties, "properties", at))
		return false;
	if ((n->properties.n || n->pattern_properties.n || n->additional_properties) &&
	    !check_members(c, n, at, marks))
		return false;
	if (n->required && !check_required(c, n->required, at, NULL))
		return false;
	if (n->property_names && !check_names(c, n, at))
		return false;
	return check_dependents(c, n, at, marks);
}

/* --- subschemas at the same place --- */

/* The outermost resource on the way here that has the anchor decides. */
static const struct node *dynamic_target(const struct check *c, const struct node *n)
{
	const struct node *target = n->dynamic_ref;
	if (!n->dynamic_name.len)
		return target;
	for (const struct scope_of *scope = c->scope; scope; scope = scope->up) {
		const struct node *outer = schema_dynamic(scope->resource, n->dynamic_name);
		target = outer ? outer : target;
	}
	return target;
}

static bool check_condition(struct check *c, const struct node *n, const struct place_of *at,
                            struct marks *marks)
{
	bool is_met = check_quietly(c, n->if_, at, marks);
	const struct node *branch = is_met ? n->then : n->else_;
	return !c->exhausted && (!branch || check_node(c, branch, at, marks));
}

static bool check_not(struct check *c, const struct node *n, const struct place_of *at)
{
	if (check_quietly(c, n->not, at, NULL))
		return check_fail(c, at, "must not be what the schema excludes here");
	return !c->exhausted;
}

static bool check_in_place(struct check *c, const struct node *n, const struct place_of *at,
                           struct marks *marks)
{
	if (n->ref && !check_node(c, n->ref, at, marks))
		return false;
	if (n->dynamic_ref && !check_node(c, dynamic_target(c, n), at, marks))
		return false;
	for (size_t i = 0; i < n->all_of.n; i++)
		if (!check_node(c, n->all_of.list[i], at, marks))
			return false;
	if (n->any_of.n && !check_any_of(c, n, at, marks))
		return false;
	if (n->one_of.n && !check_one_of(c, n, at, marks))
		return false;
	if (n->not &&!check_not(c, n, at))
		return false;
	return !n->if_ || check_condition(c, n, at, marks);
}

static bool check_unevaluated(struct check *c, const struct node *n, const struct place_of *at,
                              struct marks *marks)
{
	const struct node *rest =
	        at->v->type == JSON_OBJECT ? n->unevaluated_properties : n->unevaluated_items;
	struct place_of child = { .up = at };
	if (!rest)
		return true;
	for (child.v = at->v->first; child.v; child.v = child.v->next, child.index++) {
		if (marks_get(marks, child.index))
			continue;
		if (is_false(rest) && at->v->type == JSON_OBJECT)
			return unknown_property(c, n, &child);
		if (!check_node(c, rest, &child, NULL))
			return false;
		marks_set(marks, child.index);
	}
	return true;
}

static bool check_own(struct check *c, const struct node *n, const struct place_of *at,
                      struct marks *marks)
{
	if (!check_type(c, n, at))
		return false;
	if (n->constant && !check_constant(c, n, at))
		return false;
	if (n->enumeration && !check_enumeration(c, n, at))
		return false;
	switch (at->v->type) {
	case JSON_NULL:
	case JSON_BOOL:
		return true;
	case JSON_NUMBER:
		return check_number(c, n, at);
	case JSON_STRING:
		return check_string(c, n, at);
	case JSON_ARRAY:
		return check_array(c, n, at, marks);
	case JSON_OBJECT:
		return check_object(c, n, at, marks);
	}
	abort();
}

/* All keywords, with marks of this schema's own where somebody wants them. */
static bool check_keywords(struct check *c, const struct node *n, const struct place_of *at,
                           struct marks *marks)
{
	bool has_children = at->v->type == JSON_ARRAY || at->v->type == JSON_OBJECT;
	bool is_asking = n->unevaluated_items || n->unevaluated_properties;
	if (!has_children || (!marks && !is_asking))
		return check_own(c, n, at, NULL) && check_in_place(c, n, at, NULL);
	struct arena_mark start = arena_mark(c->arena);
	struct marks own = marks_new(c, at->v);
	bool is_valid = check_spend(c, at->v->count / 64) && check_own(c, n, at, &own) &&
	                check_in_place(c, n, at, &own) && check_unevaluated(c, n, at, &own);
	if (is_valid && marks)
		marks_merge(marks, &own);
	arena_rewind(c->arena, start);
	return is_valid;
}

static bool check_boolean(struct check *c, const struct node *n, const struct place_of *at)
{
	return n->json->boolean || check_fail(c, at, "nothing is allowed here");
}

bool check_node(struct check *c, const struct node *n, const struct place_of *at,
                struct marks *marks)
{
	if (!check_spend(c, 1))
		return false;
	if (n->json->type == JSON_BOOL)
		return check_boolean(c, n, at);
	if (c->depth == SCHEMA_DEPTH_MAX) {
		c->exhausted = "the schema refers to itself without end, or goes too deep";
		return false;
	}
	struct scope_of scope = { c->scope, n->resource };
	const struct scope_of *before = c->scope;
	if (!before || before->resource != n->resource)
		c->scope = &scope;
	c->depth++;
	bool is_valid = check_keywords(c, n, at, marks);
	c->depth--;
	c->scope = before;
	return is_valid && !c->exhausted;
}

static bool run(struct check *c, const struct schema *s, const struct json *value)
{
	struct place_of at = { .v = value };
	c->steps_left = STEPS_MAX;
	c->exhausted = NULL;
	return check_node(c, s->root, &at, NULL);
}

enum rc schema_check(const struct schema *s, const struct json *value, struct arena *a,
                     struct err *err)
{
	assert(s && value && a);
	struct arena_mark start = arena_mark(a);
	struct check c = { .arena = a };
	struct report report = { 0 };
	enum rc rc = run(&c, s, value) ? RC_OK : RC_INVALID;
	if (rc != RC_OK && err && !c.exhausted) {
		c.report = &report;
		run(&c, s, value);
	}
	if (rc != RC_OK) {
		err_set(err, CODE_SCHEMA, "%s", c.exhausted ? c.exhausted : report.text);
		err_at(err, "%s", c.exhausted ? "" : report.place);
	}
	pcre2_match_data_free(c.match_data);
	pcre2_match_context_free(c.match_context);
	arena_rewind(a, start);
	return rc;
}
