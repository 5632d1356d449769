/* Which terms matter: what a glossary of the text would list, best first.
 *
 * What could be one is in candidates.c.  What is known of each is weighed in termweights.c:
 *
 *   - how often it stands there, and how often it is the whole phrase and not a part of a
 *     longer one (after the C-value of Frantzi, Ananiadou and Mima 2000);
 *   - what the text does with it: introduces it, and does so where it uses it first, sets it
 *     in italics or quotes, names a section after it (the cues of Muresan and Klavans 2002);
 *   - what WordNet knows of it: a word that is rare there is a technical one (as in the
 *     contrast of a text with a general corpus: Ahmad, Gillam and Tostevin 1999), and people,
 *     places, quantities and times are seldom terms.
 */
#include "makers/lesson/plan/keyterms.h"

enum { CUES_MAX = 64 };

static void note_cues(struct candidates *t, struct sentence *s)
{
	if (s->text.len > PLAN_SENTENCE_MAX)
		return; /* and the time that it would take grows with the square of its length */
	struct term_cue list[CUES_MAX];
	size_t n = term_cues_find(s, list, CUES_MAX);
	for (size_t i = 0; i < n; i++)
		candidates_introduce(t, s, &list[i]);
}

/* --- What the text does with them --- */

/* “working copy”, 'object': set off by quotes and nothing else in them. */
static bool is_quoted(const struct sentence *s, uint32_t from, uint32_t to)
{
	return from > 0 && one_of(low(s, from - 1), "\" \xe2\x80\x9c ' \xe2\x80\x98") &&
	       one_of(low(s, to), "\" \xe2\x80\x9d ' \xe2\x80\x99");
}

static void set_off(struct candidates *t, struct str text)
{
	struct candidate *c = candidate_of(t, text);
	if (c)
		c->is_set_off = true;
}

static void note_fact(struct candidates *t, struct str text, enum term_cue_kind kind)
{
	struct candidate *c = candidate_of(t, text);
	if (c)
		c->cues[kind]++;
}

/* A glossary lists the long form, and the abbreviation in brackets behind it. */
static void note_expansion(struct candidates *t, const struct fact *f)
{
	struct candidate *whole = candidate_of(t, f->definition);
	struct candidate *abbreviation = candidate_of(t, f->term);
	if (!whole)
		return;
	whole->is_spelled_out = true;
	whole->is_name = false;
	if (abbreviation)
		abbreviation->is_short = true;
}

static void note_marks(struct candidates *t)
{
	struct planner *p = t->p;
	for (const struct phrase *x = p->doc->emphasised; x; x = x->next)
		set_off(t, x->text);
	for (const struct mention *m = p->terms->mentions; m; m = m->next)
		if (is_quoted(m->sentence, m->from, m->to))
			set_off(t, m->term->text);
	for (const struct fact *f = p->terms->facts; f; f = f->next) {
		if (f->kind == FACT_LABEL || f->kind == FACT_OPTION)
			note_fact(t, f->term, CUE_DEFINED);
		if (f->kind == FACT_ALIAS)
			note_fact(t, f->term, CUE_GLOSSED);
		if (f->kind == FACT_ALIAS || f->kind == FACT_EXPANSION) /* the long form */
			note_fact(t, f->definition, CUE_GLOSSED);
		if (f->kind == FACT_EXPANSION)
			note_expansion(t, f);
	}
}

/* Whether these words stand in the folded title. */
static bool stands_in(struct str title, struct str key)
{
	size_t at = str_find(title, key, 0);
	while (at != SIZE_MAX) {
		size_t end = at + key.len;
		if ((at == 0 || title.ptr[at - 1] == ' ') &&
		    (end == title.len || title.ptr[end] == ' '))
			return true;
		at = str_find(title, key, at + 1);
	}
	return false;
}

/* The heading without its article, "What is", and what stands in brackets. */
static struct str heading_of(struct candidates *t, struct str title)
{
	size_t bracket = str_find(title, STR("("), 0);
	struct str x = candidate_key(t->p->arena,
	                             bracket != SIZE_MAX ? str_sub(title, 0, bracket) : title);
	static const char *const leads[] = { "what is ", "what are ", "the ", "a ", "an " };
	for (size_t i = 0; i < ARRAY_LEN(leads); i++)
		if (str_starts(x, str_z(leads[i])))
			x = str_sub(x, strlen(leads[i]), x.len);
	return x;
}

static void mark_heading(struct candidates *t, struct str title)
{
	struct candidate *c = candidate_find(t, heading_of(t, title));
	if (c)
		c->is_heading = true;
}

/* "Velocity and Speed", "Population versus Sample": each of them has a section named after it. */
static void mark_heading_parts(struct candidates *t, struct str title)
{
	static const char *const marks[] = { ", and ", ", ", " and ", " versus ", " vs. ", ": " };
	for (size_t i = 0; i < title.len; i++)
		for (size_t k = 0; k < ARRAY_LEN(marks); k++)
			if (str_starts(str_sub(title, i, title.len), str_z(marks[k]))) {
				mark_heading(t, str_sub(title, 0, i));
				title = str_sub(title, i + strlen(marks[k]), title.len);
				i = 0;
			}
	mark_heading(t, title);
}

static void note_titles(struct candidates *t)
{
	struct planner *p = t->p;
	struct str title = candidate_key(p->arena, p->doc->title);
	for (struct section *s = p->doc->sections; s; s = s->next) {
		mark_heading(t, s->title);
		mark_heading_parts(t, s->title);
		s->folded = candidate_key(p->arena, s->title);
	}
	for (struct candidate *c = t->first; c; c = c->next) {
		c->is_title = stands_in(title, c->key);
		for (const struct section *s = p->doc->sections; s && !c->is_title; s = s->next)
			c->is_title =
			        c->count > 1 && s->title.len < 200 && stands_in(s->folded, c->key);
	}
}

/* --- The list --- */

static int by_score(const void *a, const void *b)
{
	const struct candidate *x = *(const struct candidate *const *)a;
	const struct candidate *y = *(const struct candidate *const *)b;
	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	return str_cmp(x->key, y->key);
}

struct str candidate_shown(struct arena *a, const struct candidate *c)
{
	bool is_big = c->text.len > 1 && c->text.ptr[0] >= 'A' && c->text.ptr[0] <= 'Z' &&
	              c->text.ptr[1] >= 'a' && c->text.ptr[1] <= 'z';
	if (!c->is_capital || !is_big)
		return c->text;
	return str_fmt(a, "%c" STR_FMT, c->text.ptr[0] + 32,
	               STR_ARG(str_sub(c->text, 1, c->text.len)));
}

static struct candidates *collect(struct planner *p)
{
	struct candidates *t = arena_new(p->arena, struct candidates, 1);
	t->p = p;
	t->last = &t->first;
	for (const struct sentence *s = p->doc->sentences; s; s = s->next)
		if (!s->block->is_aside && !s->block->section->is_aside)
			candidates_count(t, s);
	/* A list in disguise introduces nothing, and takes the square of its length. */
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (!s->block->is_aside && !s->block->section->is_aside &&
		    s->text.len <= PLAN_SENTENCE_MAX)
			note_cues(t, s);
	note_marks(t);
	note_titles(t);
	candidates_weigh(t);
	return t;
}

void key_terms_rank(struct planner *p)
{
	if (p->ranked)
		return;
	struct candidates *t = collect(p);
	p->ranked = arena_new(p->arena, struct candidate *, t->n + 1);
	for (struct candidate *c = t->first; c; c = c->next)
		p->ranked[p->n_ranked++] = c;
	qsort(p->ranked, p->n_ranked, sizeof(struct candidate *), by_score);
}

size_t key_terms(struct planner *p, struct str *ret, size_t max)
{
	key_terms_rank(p);
	size_t n = p->n_ranked < max ? p->n_ranked : max;
	for (size_t i = 0; i < n; i++)
		ret[i] = candidate_shown(p->arena, p->ranked[i]);
	return n;
}
