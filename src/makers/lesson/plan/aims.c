/* Objectives: what a learner can do afterwards, in verbs that can be observed (Bloom's
 * remember and understand; the text alone cannot promise more): define, explain why,
 * distinguish, list the steps, state the numbers, describe.  Each rests on something that
 * the text defines, gives a reason for, lists or says; none only names a heading, unless
 * nothing else is found.
 */
#include "makers/lesson/plan/plan.h"

enum {
	DEFINED_MAX = 2,
	REASONS_MAX = 2,
	ABBREVIATIONS_MAX = 4,
	TITLE_BYTES_MAX = 120,
	SUBJECT_BYTES_MAX = 70
};

static void aim(struct aims *x, struct str text)
{
	for (size_t i = 0; i < x->n; i++)
		if (str_eq(x->text[i], text))
			return;
	if (x->n < ARRAY_LEN(x->text) && text.len > 0 && text.len <= PLAN_LINE_MAX)
		x->text[x->n++] = text;
}

/* As inside a sentence: "Journey maps" stood at the head of one. */
static struct str inside(struct planner *p, const struct fact *f)
{
	return f->sentence && f->from < f->to ? say_inside(p, f->sentence, f->from, f->to)
	                                      : f->term;
}

static void aim_to_define(struct planner *p, struct aims *x, const struct fact **terms, size_t n)
{
	size_t done = 0;
	for (size_t i = 0; i < n && done < DEFINED_MAX; i++) {
		const struct fact *f = terms[i];
		if (f->kind != FACT_DEFINITION)
			continue;
		aim(x, str_fmt(p->arena, "Define \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d.",
		               STR_ARG(inside(p, f))));
		done++;
	}
}

static void aim_to_explain(struct aims *x, struct question **q, size_t n)
{
	size_t done = 0;
	for (size_t i = 0; i < n && done < REASONS_MAX; i++)
		if (q[i]->aim.len > 0) {
			aim(x, q[i]->aim);
			done++;
		}
}

static void aim_to_order(struct planner *p, struct aims *x, struct question **q, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (q[i]->type == Q_ORDER && q[i]->title.len > 0)
			aim(x, str_fmt(p->arena,
			               "List the steps of \xe2\x80\x9c" STR_FMT
			               "\xe2\x80\x9d in their order.",
			               STR_ARG(q[i]->title)));
}

static bool is_opposite(struct str a, struct str b) /* unhappy path, happy path */
{
	static const char *const prefixes[] = { "un", "in", "non-", "non", "dis" };
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t n = strlen(prefixes[i]);
		if (a.len == b.len + n && str_starts(a, str_z(prefixes[i])) &&
		    str_eq(str_sub(a, n, a.len), b))
			return true;
	}
	return false;
}

/* In the same sentences, again and again: the text itself sets them side by side. */
static bool stand_together(const struct term *a, const struct term *b)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < a->n_places; i++)
		for (uint32_t k = 0; k < b->n_places; k++)
			n += a->places[i] == b->places[k];
	return n >= 2;
}

/* Two terms that differ in their first word: "happy path" and "unhappy path". */
static bool is_twin(const struct term *a, const struct term *b)
{
	if (a->n_tokens != 2 || b->n_tokens != 2 || a->head->stem_id != b->head->stem_id ||
	    a->kind == TERM_NAME || b->kind == TERM_NAME)
		return false;
	return a->count >= 2 && b->count >= 2 && !str_eq(a->key, b->key) && !a->head->is_stop &&
	       (is_opposite(a->key, b->key) || is_opposite(b->key, a->key) ||
	        (a->is_plural == b->is_plural && stand_together(a, b)));
}

static void aim_to_distinguish(struct planner *p, struct aims *x)
{
	for (const struct term *a = p->terms->first; a; a = a->next)
		for (const struct term *b = a->next; b; b = b->next)
			if (is_twin(a, b)) {
				aim(x,
				    str_fmt(p->arena, "Distinguish " STR_FMT " from " STR_FMT ".",
				            STR_ARG(a->text), STR_ARG(b->text)));
				return;
			}
}

static void aim_to_advise(struct planner *p, struct aims *x, struct question **q, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (q[i]->type != Q_MATCH || !q[i]->is_label || q[i]->n_pairs < 3)
			continue;
		aim(x, str_fmt(p->arena,
		               "Describe what the text says about \xe2\x80\x9c" STR_FMT
		               "\xe2\x80\x9d, \xe2\x80\x9c" STR_FMT
		               "\xe2\x80\x9d and \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d.",
		               STR_ARG(q[i]->pairs[0].left), STR_ARG(q[i]->pairs[1].left),
		               STR_ARG(q[i]->pairs[2].left)));
	}
}

/* The subjects that the picked questions are about. */
static void aim_to_describe(struct planner *p, struct aims *x, struct question **q, size_t n,
                            size_t max)
{
	for (size_t i = 0; i < n && x->n < max; i++) {
		struct str s = q[i]->subject, rest;
		if (s.len == 0 || s.len > SUBJECT_BYTES_MAX)
			continue;
		bool is_act = lexicon_word(p->lexicon, str_cut(s, ' ', &rest))->is_gerund;
		const char *verb = is_act               ? "Describe what "
		                   : q[i]->is_statement ? "Describe "
		                                        : "Explain the role of ";
		aim(x, str_fmt(p->arena, "%s" STR_FMT "%s.", verb, STR_ARG(s),
		               is_act ? " involves" : ""));
	}
}

static void aim_to_spell_out(struct planner *p, struct aims *x, const struct fact **terms, size_t n)
{
	struct buf b = BUF_INIT(PLAN_LINE_MAX);
	struct str last = { "", 0 };
	size_t found = 0;
	for (size_t i = 0; i < n && found < ABBREVIATIONS_MAX; i++) {
		if (terms[i]->kind != FACT_EXPANSION)
			continue;
		if (found > 0)
			buf_addf(&b, "%s" STR_FMT, found > 1 ? ", " : "", STR_ARG(last));
		last = terms[i]->term;
		found++;
	}
	if (found == 1)
		aim(x, str_fmt(p->arena, "Spell out the abbreviation " STR_FMT ".", STR_ARG(last)));
	if (found > 1)
		aim(x, str_fmt(p->arena, "Spell out the abbreviations " STR_FMT " and " STR_FMT ".",
		               STR_ARG(buf_str(&b)), STR_ARG(last)));
	buf_fini(&b);
}

/* The two terms that a section uses most. */
static size_t terms_of(const struct planner *p, const struct section *s, const struct term *ret[2])
{
	double best[2] = { 0, 0 };
	size_t n = 0;
	ret[0] = ret[1] = NULL;
	for (const struct mention *m = p->terms->mentions; m; m = m->next) {
		const struct term *t = m->term;
		bool is_title = span_stands_in(p->arena, p->lexicon, t->text, s->title);
		if (m->sentence->block->section->parent != s || t == ret[0] || t == ret[1] ||
		    is_title || (t->kind == TERM_COMMON && t->n_tokens < 2) || t->head->is_stop ||
		    t->count < 2 ||
		    (ret[0] && (t->head->stem_id == ret[0]->head->stem_id ||
		                span_stands_in(p->arena, p->lexicon, t->text, ret[0]->text) ||
		                span_stands_in(p->arena, p->lexicon, ret[0]->text, t->text))))
			continue;
		if (t->score > best[0]) {
			ret[1] = ret[0];
			best[1] = best[0];
			ret[0] = t;
			best[0] = t->score;
		} else if (t->score > best[1]) {
			ret[1] = t;
			best[1] = t->score;
		}
	}
	n += ret[0] != NULL;
	n += ret[1] != NULL;
	return n;
}

/* "Define journey maps" and "What are journey maps?" are one objective. */
static bool is_aimed_at(struct planner *p, const struct aims *x, struct str title)
{
	static const char *const starts[] = { "What is a ", "What is an ", "What is ",
		                              "What are " };
	for (size_t k = 0; k < ARRAY_LEN(starts); k++) {
		if (!str_starts(title, str_z(starts[k])))
			continue;
		struct str what = str_sub(title, strlen(starts[k]), title.len - 1);
		for (size_t i = 0; i < x->n; i++)
			if (str_find(lower_case(p->arena, x->text[i]), lower_case(p->arena, what),
			             0) != SIZE_MAX)
				return true;
	}
	return false;
}

static void aim_at_sections(struct planner *p, struct aims *x, size_t max)
{
	const struct term *t[2];
	for (const struct section *s = p->doc->sections; s && x->n < max; s = s->next) {
		if (s->index == 0 || s->level == 0 || s->title.len > TITLE_BYTES_MAX ||
		    s->words < 60)
			continue;
		if (is_aimed_at(p, x, s->title))
			continue;
		if (str_ends(s->title, STR("?")))
			aim(x, str_fmt(p->arena,
			               "Answer the question \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d",
			               STR_ARG(s->title)));
		else if (terms_of(p, s, t) == 2)
			aim(x,
			    str_fmt(p->arena,
			            "Summarize \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d with the terms "
			            "\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d and \xe2\x80\x9c" STR_FMT
			            "\xe2\x80\x9d.",
			            STR_ARG(s->title), STR_ARG(t[0]->text), STR_ARG(t[1]->text)));
	}
	for (const struct section *s = p->doc->sections; s && x->n < 3; s = s->next)
		if (s->index > 0 && s->level > 0 && s->title.len <= TITLE_BYTES_MAX)
			aim(x, str_fmt(p->arena,
			               "Summarize what the text says under \xe2\x80\x9c" STR_FMT
			               "\xe2\x80\x9d.",
			               STR_ARG(s->title)));
}

/* Of a text without sections: its most frequent terms. */
static void aim_at_terms(struct planner *p, struct aims *x, size_t max)
{
	const struct term *last = NULL;
	while (x->n < max) {
		const struct term *best = NULL;
		for (const struct term *t = p->terms->first; t; t = t->next) {
			bool is_fit = t->count >= 3 && !t->head->is_stop &&
			              t->text.len <= SUBJECT_BYTES_MAX;
			bool is_new = !last || t->score < last->score ||
			              (t->score <= last->score && t->index > last->index);
			if (is_fit && is_new && (!best || t->score > best->score))
				best = t;
		}
		if (!best)
			return;
		aim(x, str_fmt(p->arena,
		               "Describe what the text says about \xe2\x80\x9c" STR_FMT
		               "\xe2\x80\x9d.",
		               STR_ARG(best->text)));
		last = best;
	}
}

void aims_find(struct planner *p, const struct fact **terms, size_t n_terms, struct question **q,
               size_t n, struct aims *ret)
{
	aim_to_define(p, ret, terms, n_terms);
	aim_to_explain(ret, q, n);
	aim_to_distinguish(p, ret);
	aim_to_order(p, ret, q, n);
	aim_to_advise(p, ret, q, n);
	aim_to_describe(p, ret, q, n, 5);
	aim_at_sections(p, ret, 5);
	if (ret->n < 5)
		aim_to_spell_out(p, ret, terms, n_terms);
	aim_at_terms(p, ret, 3);
	if (ret->n < 3)
		aim(ret, STR("Name the main points of the text."));
	if (ret->n < 3)
		aim(ret, STR("Tell true statements about the text from false ones."));
	if (ret->n < 3)
		aim(ret, STR("Use the key terms of the text in their right place."));
}
