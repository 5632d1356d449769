/* makers/lesson/review.c: see review.h.
 *
 * The spec is edited as text: the bytes of what goes are cut out, everything else stays as it
 * was written, so a person's own spec keeps its looks. */
#include "makers/lesson/review.h"

#include "base/arena.h"
#include "codec/json.h"
#include "makers/lesson/lesson.h"
#include "makers/lesson/report.h"

enum { SPEC_MAX = 8 << 20, DISTRACTORS_MIN = 2 };
#define SPEC_PLACE "spec.json#"

static const struct json_limits limits = { SPEC_MAX, 64, 1000000 };

/* --- What a finding names --- */

/* The element of the list that the pointer leads into, when it begins with `prefix`. */
static const struct json *element_at(const struct json *list, struct str pointer,
                                     const char *prefix, struct str *rest)
{
	uint64_t index;
	if (!list || !str_starts(pointer, str_z(prefix)))
		return NULL;
	pointer = str_sub(pointer, strlen(prefix), pointer.len);
	struct str number = str_cut(pointer, '/', rest);
	return str_to_u64(number, &index) == RC_OK ? json_at(list, (size_t)index) : NULL;
}

/* What is to go, and whose it is; NULL when the finding is about no part of the spec. */
static const struct json *target_of(const struct json *spec, struct str pointer,
                                    const struct json **owner)
{
	struct str rest, ignored;
	*owner = element_at(json_getz(spec, "questions"), pointer, "/questions/", &rest);
	const struct json *options = json_getz(*owner, "distractors");
	const struct json *option = element_at(options, rest, "distractors/", &ignored);
	if (*owner)
		return option && options->count > DISTRACTORS_MIN ? option : *owner;
	*owner = element_at(json_getz(spec, "terms"), pointer, "/terms/", &rest);
	return *owner;
}

/* --- Taking out --- */

struct cut {
	const struct json *target;
	struct cut *next;
};

struct round {
	struct arena *arena;
	const struct json *spec;
	int number;
	struct cut *cuts;
	struct review_drop **last;
};

static bool is_cut(const struct round *r, const struct json *target)
{
	for (const struct cut *cut = r->cuts; cut; cut = cut->next) {
		if (cut->target == target)
			return true;
	}
	return false;
}

/* Whether the place names something that goes, now or already. */
static bool take(struct round *r, const char *check, struct str place, struct str reason)
{
	const struct json *owner;
	if (!str_starts(place, STR(SPEC_PLACE)))
		return false;
	struct str pointer = str_sub(place, strlen(SPEC_PLACE), place.len);
	const struct json *target = target_of(r->spec, pointer, &owner);
	if (!target || is_cut(r, target) || is_cut(r, owner))
		return target != NULL;
	struct cut *cut = arena_new(r->arena, struct cut, 1);
	*cut = (struct cut){ target, r->cuts };
	r->cuts = cut;
	struct review_drop *drop = arena_new(r->arena, struct review_drop, 1);
	struct str named = json_get_str(owner, "prompt", json_get_str(owner, "term", STR("")));
	*drop = (struct review_drop){ .id = json_get_str(owner, "id", STR("?")),
		                      .what = target == owner ? named : target->text,
		                      .check = check,
		                      .reason = reason,
		                      .round = r->number };
	*r->last = drop;
	r->last = &drop->next;
	return true;
}

/* The list without what is cut; what stood between two elements stays before the second. */
static void add_list(struct buf *out, const struct round *r, const struct json *list);

static void add_value(struct buf *out, const struct round *r, const struct json *v)
{
	size_t at = v->at;
	json_each(child, v) {
		if (child->type != JSON_ARRAY && child->type != JSON_OBJECT)
			continue;
		buf_add(out, str_sub(r->spec->raw, at - r->spec->at, child->at - at));
		if (child->type == JSON_ARRAY)
			add_list(out, r, child);
		else
			add_value(out, r, child);
		at = child->at + child->raw.len;
	}
	buf_add(out, str_sub(r->spec->raw, at - r->spec->at, v->at + v->raw.len - at));
}

static void add_list(struct buf *out, const struct round *r, const struct json *list)
{
	size_t at = list->at + 1;
	bool is_first = true;
	buf_addc(out, '[');
	json_each(item, list) {
		struct str gap = str_sub(r->spec->raw, at - r->spec->at, item->at - at);
		at = item->at + item->raw.len;
		if (is_cut(r, item))
			continue;
		size_t comma = str_find(gap, STR(","), 0);
		if (is_first && comma != SIZE_MAX)
			gap = str_sub(gap, comma + 1, gap.len);
		buf_add(out, gap);
		add_value(out, r, item);
		is_first = false;
	}
	buf_add(out, str_sub(r->spec->raw, at - r->spec->at, list->at + list->raw.len - at));
}

static enum rc cut_spec(struct round *r, const struct json **ret, struct err *err)
{
	struct buf out = BUF_INIT(SPEC_MAX);
	add_value(&out, r, r->spec);
	struct str text = str_dup(r->arena, buf_str(&out));
	buf_fini(&out);
	return json_read(r->arena, text, &limits, ret, err);
}

/* --- Rounds --- */

/* The built-in checks over the lesson of the spec; what they name goes on the list. */
static enum rc look(struct round *r, struct err *err)
{
	struct made_files files;
	made_files_init(&files, r->arena);
	enum rc rc = lesson_generate(r->arena, r->spec, &files, err);
	for (size_t i = 0; i < lesson_checks_n && rc == RC_OK; i++) {
		struct check_result result = { 0 };
		if (!lesson_checks[i].is_builtin)
			continue;
		lesson_checks[i].run(r->arena, r->spec, &files, &result);
		for (const struct check_finding *f = result.findings; f; f = f->next)
			(void)take(r, lesson_checks[i].name, f->place, f->text);
	}
	return rc;
}

static bool has_questions(const struct json *spec)
{
	const struct json *questions = json_getz(spec, "questions");
	return questions && questions->count > 0;
}

enum rc lesson_review(struct arena *a, const struct json *spec, struct review *ret, struct err *err)
{
	struct review review = { .spec = spec };
	struct review_drop **last = &review.drops;
	while (review.rounds < REVIEW_ROUNDS_MAX) {
		struct round r = { a, review.spec, ++review.rounds, NULL, last };
		enum rc rc = look(&r, err);
		if (rc == RC_OK && r.cuts)
			rc = cut_spec(&r, &review.spec, err);
		if (rc != RC_OK)
			return rc;
		if (!has_questions(review.spec))
			return err_set(err, CODE_NOTHING_TO_ASK,
			               "no question stood the checks; the last one: %s: " STR_FMT,
			               review.drops->check, STR_ARG(review.drops->reason));
		last = r.last;
		if (!r.cuts)
			break;
	}
	*ret = review;
	return RC_OK;
}

/* --- After the checks of the finished files --- */

/* Whether every failed check names only parts of the spec; they go. */
static bool take_reported(struct round *r, const struct json *checks)
{
	bool is_curable = true;
	json_each(check, checks) {
		const struct json *findings = json_getz(check, "findings");
		const char *name = str_dupz(r->arena, json_get_str(check, "name", STR("?")));
		if (!str_eqz(json_get_str(check, "verdict", STR("")), "fail"))
			continue;
		is_curable &= findings && findings->count > 0;
		json_each(f, findings)
			is_curable &= take(r, name, json_get_str(f, "place", STR("")),
			                   json_get_str(f, "text", STR("")));
	}
	return is_curable && r->cuts;
}

static enum rc check_all(struct arena *a, const struct json *spec, const struct made_files *files,
                         const struct json **ret, struct err *err)
{
	struct buf out = BUF_INIT(SPEC_MAX);
	struct json_out o;
	json_out_init(&o, &out);
	json_begin_array(&o);
	for (size_t i = 0; i < lesson_checks_n; i++) {
		struct check_result result = { 0 };
		lesson_checks[i].run(a, spec, files, &result);
		report_check(&o, &lesson_checks[i], &result);
	}
	json_end_array(&o);
	struct str text = str_dup(a, buf_str(&out));
	buf_fini(&out);
	return json_read(a, text, &limits, ret, err);
}

enum rc lesson_repair(struct arena *a, const struct json *spec, const struct json *checks,
                      struct repair *ret, struct err *err)
{
	struct repair x = { .review = { .spec = spec }, .checks = checks };
	struct review_drop **last = &x.review.drops;
	for (int i = 0; i < REVIEW_ROUNDS_MAX && report_failed(a, x.checks).len > 0; i++) {
		/* lesson_review has had its rounds; these are counted on */
		struct round r = { a, x.review.spec, REVIEW_ROUNDS_MAX + i + 1, NULL, last };
		if (!take_reported(&r, x.checks))
			break;
		enum rc rc = cut_spec(&r, &x.review.spec, err);
		if (rc == RC_OK && !has_questions(x.review.spec))
			break;
		made_files_init(&x.files, a);
		if (rc == RC_OK)
			rc = lesson_generate(a, x.review.spec, &x.files, err);
		if (rc == RC_OK)
			rc = check_all(a, x.review.spec, &x.files, &x.checks, err);
		if (rc != RC_OK)
			return rc;
		x.review.rounds++;
		last = r.last;
	}
	x.is_sound = report_failed(a, x.checks).len == 0;
	*ret = x;
	return RC_OK;
}

/* --- In words --- */

static struct str sentence(struct arena *a, const struct review_drop *drop)
{
	return str_fmt(a, "%s was dropped in round %d: \"" STR_FMT "\": " STR_FMT,
	               str_dupz(a, drop->id), drop->round, STR_ARG(drop->what),
	               STR_ARG(drop->reason));
}

void review_drops(struct json_out *o, struct arena *a, const struct review *review)
{
	json_begin_array(o);
	for (const struct review_drop *drop = review->drops; drop; drop = drop->next) {
		json_begin_object(o);
		json_put_str(o, "id", drop->id);
		json_put_str(o, "what", drop->what);
		json_put_str(o, "check", str_z(drop->check));
		json_put_str(o, "reason", drop->reason);
		json_put_int(o, "round", drop->round);
		json_put_str(o, "text", sentence(a, drop));
		json_end_object(o);
	}
	json_end_array(o);
}
