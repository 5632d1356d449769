/* Which terms matter: what a glossary of the text would list, best first.
 *
 * Candidates are noun phrases and the parts of them that end in a noun.  They are weighed
 * by length and count (after the C-value of Frantzi, Ananiadou and Mima 2000), by how many
 * paragraphs use them, and by what the text does with them: defines them, gives an
 * abbreviation, sets them in italics or quotes, names a section after them (the cues of
 * Muresan and Klavans 2002).
 */
#include <math.h>

#include "makers/lesson/plan/plan.h"

enum { BUCKETS = 8192, SPAN_MAX = 4 };

struct candidate {
	struct str key, text;
	uint32_t n_tokens, count;
	uint32_t n_blocks, last_block;
	bool is_set_off, is_defined, is_title, is_upper;
	double score;
	struct candidate *hash_next, *next;
};

struct table {
	struct planner *p;
	struct candidate *buckets[BUCKETS], *first, **last;
	size_t n;
};

static uint32_t hash(struct str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 16777619u;
	return h % BUCKETS;
}

static struct candidate *find(const struct table *t, struct str key)
{
	struct candidate *c = t->buckets[hash(key)];
	while (c && !str_eq(c->key, key))
		c = c->hash_next;
	return c;
}

static bool is_plain_word(const struct sentence *s, uint32_t i)
{
	const struct word *w = s->tokens[i].word;
	return w->is_stop && s->tokens[i].tag != TAG_PROPER;
}

static void note(struct table *t, const struct sentence *s, uint32_t from, uint32_t to)
{
	struct str text = sentence_span(s, from, to);
	struct str key = normal_form(t->p->arena, t->p->lexicon, text);
	struct candidate *c = key.len > 1 ? find(t, key) : NULL;
	if (!c && key.len > 1) {
		c = arena_new(t->p->arena, struct candidate, 1);
		*c = (struct candidate){
			.key = key, .text = text, .n_tokens = to - from, .last_block = UINT32_MAX
		};
		c->is_upper = token_is_abbreviation(s, from);
		c->hash_next = t->buckets[hash(key)];
		t->buckets[hash(key)] = c;
		*t->last = c;
		t->last = &c->next;
		t->n++;
	}
	if (!c)
		return;
	c->count++;
	c->n_blocks += c->last_block != s->block->index;
	c->last_block = s->block->index;
}

/* The phrase, and the parts of it that could be terms by themselves. */
static void note_phrase(struct table *t, const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		for (uint32_t k = i + 1; k <= to && k <= i + SPAN_MAX; k++) {
			bool is_noun = tag_at(s, k - 1) == TAG_NOUN ||
			               tag_at(s, k - 1) == TAG_PROPER ||
			               s->tokens[k - 1].word->is_gerund;
			if (!is_noun || is_plain_word(s, i) || is_plain_word(s, k - 1))
				continue;
			note(t, s, i, k);
		}
}

/* “working copy”, 'object': set off by quotes and nothing else in them. */
static bool is_quoted(const struct sentence *s, uint32_t from, uint32_t to)
{
	return from > 0 && one_of(low(s, from - 1), "\" \xe2\x80\x9c ' \xe2\x80\x98") &&
	       one_of(low(s, to), "\" \xe2\x80\x9d ' \xe2\x80\x99");
}

static void note_set_off(struct table *t)
{
	struct planner *p = t->p;
	for (const struct phrase *x = p->doc->emphasised; x; x = x->next) {
		struct candidate *c = find(t, normal_form(p->arena, p->lexicon, x->text));
		if (c)
			c->is_set_off = true;
	}
	for (const struct mention *m = p->terms->mentions; m; m = m->next)
		if (is_quoted(m->sentence, m->from, m->to)) {
			struct candidate *c = find(t, m->term->key);
			if (c)
				c->is_set_off = true;
		}
	for (const struct fact *f = p->terms->facts; f; f = f->next) {
		struct candidate *c = find(t, normal_form(p->arena, p->lexicon, f->term));
		struct candidate *d =
		        f->kind == FACT_ALIAS || f->kind == FACT_EXPANSION
		                ? find(t, normal_form(p->arena, p->lexicon, f->definition))
		                : NULL;
		if (c && f->kind != FACT_ACTION)
			c->is_defined = true;
		if (d)
			d->is_defined = true;
	}
}

static void note_titles(struct table *t)
{
	struct planner *p = t->p;
	for (struct candidate *c = t->first; c; c = c->next) {
		c->is_title = span_stands_in(p->arena, p->lexicon, c->text, p->doc->title);
		for (const struct section *s = p->doc->sections; s && !c->is_title; s = s->next)
			c->is_title = c->count > 1 && s->title.len < 200 &&
			              str_find(s->folded, c->key, 0) != SIZE_MAX;
	}
}

/* The weights were set on the documents that tests/bench/eval_terms.py names for it.  Tried
 * there and left out: less for a phrase's part by what its longer forms count, and less for
 * words that WordNet calls common, for a glossary defines "object" and "function", too.  Tried
 * and left out because other books lost by it: "list" and "type", which say little in most
 * texts, as terms by themselves; weights fitted to 16 features by logistic regression gained
 * less than 2 points on the chapters they were not fitted to. */
static void score(struct candidate *c)
{
	c->score = log2(3.5 + c->n_tokens) * log2(2 + c->n_blocks) * c->count;
	c->score *= c->is_set_off ? 1.2 : 1;
	c->score *= c->is_defined ? 2 : 1;
	c->score *= c->is_title ? 1.4 : 1;
	c->score *= c->is_upper ? 1.2 : 1;
	if (c->n_tokens > 1 && c->count == 1 && !c->is_set_off && !c->is_defined)
		c->score *= 0.55;
}

static int by_score(const void *a, const void *b)
{
	const struct candidate *x = *(const struct candidate *const *)a;
	const struct candidate *y = *(const struct candidate *const *)b;
	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	return str_cmp(x->key, y->key);
}

size_t key_terms(struct planner *p, struct str *ret, size_t max)
{
	struct table *t = arena_new(p->arena, struct table, 1);
	t->p = p;
	t->last = &t->first;
	for (struct section *s = p->doc->sections; s; s = s->next)
		s->folded = normal_form(p->arena, p->lexicon, s->title);
	for (const struct mention *m = p->terms->mentions; m; m = m->next)
		note_phrase(t, m->sentence, m->from, m->to);
	note_set_off(t);
	note_titles(t);
	struct candidate **sorted = arena_new(p->arena, struct candidate *, t->n + 1);
	size_t n = 0;
	for (struct candidate *c = t->first; c; c = c->next) {
		score(c);
		sorted[n++] = c;
	}
	qsort(sorted, n, sizeof(struct candidate *), by_score);
	n = n < max ? n : max;
	for (size_t i = 0; i < n; i++)
		ret[i] = sorted[i]->text;
	return n;
}
