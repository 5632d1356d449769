/* Which terms matter: what a glossary of the text would list, best first.
 *
 * Candidates are noun phrases and their parts, "X of Y", nouns with a participle or an
 * adjective behind them, adjectives, and whatever a sentence introduces as a term
 * (termcues.c).  What is known of each is weighed in
 * termweights.c:
 *
 *   - how often it stands there, and how often it is the whole phrase and not a part of a
 *     longer one (after the C-value of Frantzi, Ananiadou and Mima 2000);
 *   - what the text does with it: introduces it, and does so where it uses it first, sets it
 *     in italics or quotes, names a section after it (the cues of Muresan and Klavans 2002);
 *   - what WordNet knows of it: a word that is rare there is a technical one (as in the
 *     contrast of a text with a general corpus: Ahmad, Gillam and Tostevin 1999), and people,
 *     places, quantities and times are seldom terms.
 */
#include <math.h>

#include "makers/lesson/plan/keyterms.h"

enum { SPAN_MAX = 5, CUES_MAX = 64 };

static uint32_t hash(struct str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 16777619u;
	return h % CANDIDATE_BUCKETS;
}

/* --- Keys: plurals folded, nothing else, for "mesenchyme" is not "mesenchymal" --- */

static struct str cut_end(struct str w, size_t n)
{
	return str_sub(w, 0, w.len - n);
}

/* The S-stemmer of Harman (1991), with the endings that it leaves an e too many. */
static struct str singular(struct arena *a, struct str w)
{
	if (w.len > 4 && str_ends(w, STR("ies")))
		return str_fmt(a, STR_FMT "y", STR_ARG(cut_end(w, 3)));
	if (w.len > 4 && (str_ends(w, STR("sses")) || str_ends(w, STR("ches")) ||
	                  str_ends(w, STR("shes")) || str_ends(w, STR("xes"))))
		return cut_end(w, 2);
	if (w.len > 3 && str_ends(w, STR("s")) && !str_ends(w, STR("ss")) &&
	    !str_ends(w, STR("us")) && !str_ends(w, STR("is")) && !str_ends(w, STR("ics")))
		return cut_end(w, 1);
	return w;
}

static bool is_word_byte(char c)
{
	return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') ||
	       ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static struct str fold(struct arena *a, struct str text)
{
	struct buf b = BUF_INIT(1 << 16);
	struct str s = lower_case(a, text);
	for (size_t i = 0; i < s.len;) {
		size_t from = i;
		while (i < s.len && is_word_byte(s.ptr[i]))
			i++;
		if (i > from) {
			if (b.len > 0)
				buf_addc(&b, ' ');
			buf_add(&b, singular(a, str_sub(s, from, i - from)));
		} else {
			i++;
		}
	}
	struct str ret = str_dup(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

/* --- Candidates --- */

static struct candidate *find(const struct candidates *t, struct str key)
{
	struct candidate *c = t->buckets[hash(key)];
	while (c && !str_eq(c->key, key))
		c = c->hash_next;
	return c;
}

static bool is_function_word(const struct sentence *s, uint32_t i)
{
	return (s->tokens[i].word->fixed != TAG_OTHER && tag_at(s, i) != TAG_PROPER) ||
	       one_of(low(s, i), "unlike");
}

/* "the newest agreement", "a lower price" */
static bool is_comparison(const struct sentence *s, uint32_t i)
{
	struct str w = s->tokens[i].word->text;
	return tag_at(s, i) == TAG_ADJECTIVE &&
	       ((w.len > 5 && str_ends(w, STR("est"))) ||
	        one_of(w,
	               "higher lower larger smaller greater lesser older newer younger better "
	               "worse "
	               "longer shorter earlier later faster slower bigger wider deeper further"));
}

static bool is_generic(const struct sentence *s, uint32_t i)
{
	return (s->tokens[i].word->is_stop && tag_at(s, i) != TAG_PROPER) || is_comparison(s, i);
}

/* How little WordNet has seen of a word: 1 for one that it does not know or never met in its
 * texts, towards 0 for a common one. */
static double word_rarity(const struct word *w)
{
	uint32_t uses = w->n + w->v + w->a + w->r;
	return 1 / (1 + log2(1 + uses / 3.0));
}

static void describe(struct candidates *t, struct candidate *c, const struct sentence *s,
                     uint32_t from, uint32_t to)
{
	bool is_name = true;
	for (uint32_t i = from; i < to; i++) {
		if (is_function_word(s, i))
			continue;
		double r = word_rarity(s->tokens[i].word);
		c->rarity = r > c->rarity ? r : c->rarity;
		is_name &= tag_at(s, i) == TAG_PROPER;
		c->is_loose |= i + 1 == to && tag_at(s, i) == TAG_ADJECTIVE;
		c->is_loose |= tag_at(s, i) == TAG_VERB && !is_noun_after_all(s, i);
	}
	c->is_upper = token_is_abbreviation(s, from);
	c->is_name = is_name && !c->is_upper;
	c->is_generic = is_generic(s, from) || is_generic(s, to - 1);
	static const uint8_t unlikely[] = { 15, 18, 23, 28 }; /* WordNet's lexicographer files */
	uint8_t kind = wordnet_lexname(t->p->wordnet, c->key);
	for (size_t i = 0; i < ARRAY_LEN(unlikely); i++)
		c->is_unlikely |= kind == unlikely[i];
	if (to - from == 1)
		c->is_loose |= tag_at(s, from) == TAG_ADJECTIVE;
	if (to - from > 1) {
		uint32_t w[WORDNET_POS];
		wordnet_weights(t->p->wordnet, c->key, w);
		c->is_lemma = w[WORDNET_NOUN] > 0;
	}
}

static struct candidate *note(struct candidates *t, const struct sentence *s, uint32_t from,
                              uint32_t to)
{
	struct arena *a = t->p->arena;
	struct str text = sentence_span(s, from, to), key = fold(a, text);
	struct candidate *c = key.len > 1 ? find(t, key) : NULL;
	if (!c && key.len > 1) {
		c = arena_new(a, struct candidate, 1);
		*c = (struct candidate){
			.key = key, .text = text, .n_tokens = to - from, .last_block = UINT32_MAX
		};
		c->is_capital = from == 0 && tag_at(s, from) != TAG_PROPER;
		c->first_block = s->block->index;
		c->hash_next = t->buckets[hash(key)];
		t->buckets[hash(key)] = c;
		*t->last = c;
		t->last = &c->next;
		t->n++;
		describe(t, c, s, from, to);
	}
	if (c && c->is_capital && from > 0) {
		c->text = text;
		c->is_capital = false;
	}
	return c;
}

static struct candidate *count(struct candidates *t, const struct sentence *s, uint32_t from,
                               uint32_t to)
{
	struct candidate *c = note(t, s, from, to);
	if (!c)
		return NULL;
	c->count++;
	c->n_blocks += c->last_block != s->block->index;
	c->last_block = s->block->index;
	return c;
}

static bool is_noun(const struct sentence *s, uint32_t i)
{
	return tag_at(s, i) == TAG_NOUN || tag_at(s, i) == TAG_PROPER ||
	       s->tokens[i].word->is_gerund || is_noun_after_all(s, i);
}

/* The phrase, and the parts of it that could be terms by themselves. */
static void count_phrase(struct candidates *t, const struct sentence *s, uint32_t from, uint32_t to,
                         bool is_whole)
{
	uint32_t start = from;
	while (start + 1 < to && is_generic(s, start) && tag_at(s, start) == TAG_ADJECTIVE)
		start++;
	for (uint32_t i = from; i < to; i++)
		for (uint32_t k = i + 1; k <= to && k <= i + SPAN_MAX; k++) {
			if (!is_noun(s, k - 1) || is_function_word(s, i) ||
			    !says_something(s, i, k) || (k == i + 1 && is_generic(s, i)))
				continue;
			struct candidate *c = count(t, s, i, k);
			if (c && i <= start && k == to)
				c->n_whole += is_whole;
		}
}

/* An adjective is a candidate by itself; whole where it stands behind "is". */
static void count_adjectives(struct candidates *t, const struct sentence *s, uint32_t from,
                             uint32_t to, bool is_whole)
{
	for (uint32_t i = from; i < to; i++) {
		if (tag_at(s, i) != TAG_ADJECTIVE || is_generic(s, i) || is_function_word(s, i))
			continue;
		struct candidate *c = count(t, s, i, i + 1);
		if (c)
			c->n_whole += is_whole;
	}
}

/* "law of demand", "quantity demanded": where the longer phrase ends that begins with the
 * last noun before `to`; 0 when there is none. */
static uint32_t longer_end(const struct sentence *s, uint32_t to)
{
	if (one_of(low(s, to), "of")) {
		if (one_of(low(s, to - 1), "concept notion idea term process theory phenomenon"))
			return 0;
		uint32_t next = to + 1 + one_of(low(s, to + 1), "the a an"),
		         end = phrase_end(s, next);
		return end > next && end - to < SPAN_MAX ? end : 0;
	}
	enum tag next = tag_at(s, to + 1);
	if (tag_at(s, to) == TAG_ADJECTIVE && !is_generic(s, to) && tag_at(s, to - 1) == TAG_NOUN &&
	    (next == TAG_PUNCT || next == TAG_BE || next == TAG_VERB))
		return to + 1; /* "connective tissue proper" */
	bool is_participle = to < s->n && s->tokens[to].word->is_past &&
	                     tag_at(s, to) == TAG_VERB && tag_at(s, to - 1) == TAG_NOUN;
	return is_participle && !one_of(low(s, to + 1), "by in to from with as on") ? to + 1 : 0;
}

static void count_sentence(struct candidates *t, const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n;) {
		uint32_t end = phrase_end(s, i);
		while (end > i && is_noun_after_all(s, end))
			end++;
		if (end == i) {
			count_adjectives(t, s, i, i + 1, true);
			i++;
			continue;
		}
		uint32_t longer = longer_end(s, end);
		count_phrase(t, s, i, end, longer == 0);
		count_adjectives(t, s, i, end - 1, false);
		bool is_adjective = longer > 0 && tag_at(s, longer - 1) == TAG_ADJECTIVE;
		struct candidate *c =
		        longer > 0 ? count(t, s, is_adjective ? i : end - 1, longer) : NULL;
		if (c)
			c->n_whole++;
		i = end;
	}
}

/* "diminishing marginal utility", when the text has "law of diminishing marginal utility" twice. */
static uint32_t widen(struct candidates *t, const struct sentence *s, uint32_t from, uint32_t to)
{
	uint32_t i = from;
	if (i > 0 && one_of(low(s, i - 1), "the a an"))
		i--;
	if (i < 2 || !one_of(low(s, i - 1), "of") || !is_noun(s, i - 2))
		return from;
	struct candidate *c = find(t, fold(t->p->arena, sentence_span(s, i - 2, to)));
	return c && (c->count > 1 || c->is_lemma) ? i - 2 : from;
}

static void note_cues(struct candidates *t, const struct sentence *s)
{
	struct term_cue list[CUES_MAX];
	size_t n = term_cues_find(s, list, CUES_MAX);
	for (size_t i = 0; i < n; i++) {
		uint32_t from = widen(t, s, list[i].from, list[i].to);
		struct candidate *c = note(t, s, from, list[i].to);
		if (!c)
			continue;
		c->cues[list[i].kind]++;
		c->is_fresh |= list[i].kind != CUE_TOPIC && c->first_block == s->block->index;
		if (c->count == 0) {
			c->count = c->n_whole = 1;
			c->n_blocks = 1;
		}
	}
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
	struct candidate *c = find(t, fold(t->p->arena, text));
	if (c)
		c->is_set_off = true;
}

static void note_fact(struct candidates *t, struct str text, enum term_cue_kind kind)
{
	struct candidate *c = find(t, fold(t->p->arena, text));
	if (c)
		c->cues[kind]++;
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

/* The heading without its article and what stands in brackets. */
static struct str heading_of(struct candidates *t, struct str title)
{
	size_t bracket = str_find(title, STR("("), 0);
	struct str x = fold(t->p->arena, bracket != SIZE_MAX ? str_sub(title, 0, bracket) : title);
	return str_starts(x, STR("the ")) ? str_sub(x, 4, x.len) : x;
}

static void note_titles(struct candidates *t)
{
	struct planner *p = t->p;
	struct str title = fold(p->arena, p->doc->title);
	for (struct section *s = p->doc->sections; s; s = s->next) {
		struct candidate *c = find(t, heading_of(t, s->title));
		if (c)
			c->is_heading = true;
		s->folded = fold(p->arena, s->title);
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

/* As it would stand inside a sentence. */
static struct str shown(struct arena *a, const struct candidate *c)
{
	bool is_big = c->text.len > 1 && c->text.ptr[0] >= 'A' && c->text.ptr[0] <= 'Z' &&
	              c->text.ptr[1] >= 'a' && c->text.ptr[1] <= 'z';
	if (!c->is_capital || !is_big)
		return c->text;
	return str_fmt(a, "%c" STR_FMT, c->text.ptr[0] + 32,
	               STR_ARG(str_sub(c->text, 1, c->text.len)));
}

size_t key_terms(struct planner *p, struct str *ret, size_t max)
{
	struct candidates *t = arena_new(p->arena, struct candidates, 1);
	t->p = p;
	t->last = &t->first;
	for (const struct sentence *s = p->doc->sentences; s; s = s->next)
		if (!s->block->is_aside && !s->block->section->is_aside)
			count_sentence(t, s);
	for (const struct sentence *s = p->doc->sentences; s; s = s->next)
		if (!s->block->is_aside && !s->block->section->is_aside)
			note_cues(t, s);
	note_marks(t);
	note_titles(t);
	candidates_weigh(t);
	struct candidate **sorted = arena_new(p->arena, struct candidate *, t->n + 1);
	size_t n = 0;
	for (struct candidate *c = t->first; c; c = c->next)
		sorted[n++] = c;
	qsort(sorted, n, sizeof(struct candidate *), by_score);
	n = n < max ? n : max;
	for (size_t i = 0; i < n; i++)
		ret[i] = shown(p->arena, sorted[i]);
	return n;
}
