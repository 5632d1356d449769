/* The candidates for key terms: which words of the text could be one, and how often each
 * stands there.
 *
 * Candidates are noun phrases and their parts, "X of Y", nouns with a participle or an
 * adjective behind them, adjectives, and what the cues of termcues.c name; keyterms.c adds
 * those.  Each is known by its key, in which plurals are folded and nothing else, for
 * "mesenchyme" is not "mesenchymal".
 */
#include <math.h>

#include "makers/lesson/plan/keyterms.h"

enum { SPAN_MAX = 5 };

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

struct str candidate_key(struct arena *a, struct str text)
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

struct candidate *candidate_find(const struct candidates *t, struct str key)
{
	struct candidate *c = t->buckets[hash(key)];
	while (c && !str_eq(c->key, key))
		c = c->hash_next;
	return c;
}

struct candidate *candidate_of(const struct candidates *t, struct str text)
{
	return candidate_find(t, candidate_key(t->p->arena, text));
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
	c->is_generic = is_generic(s, from);
	c->has_generic_head = to - from > 1 && is_generic(s, to - 1);
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
	struct str text = sentence_span(s, from, to), key = candidate_key(a, text);
	struct candidate *c = key.len > 1 ? candidate_find(t, key) : NULL;
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

/* "a modified rebuy situation": what stands before it is the term as well. */
static bool is_mere_class(const struct sentence *s, uint32_t i)
{
	return one_of(low(s, i), "situation situations framework frameworks concept concepts "
	                         "term terms phenomenon phenomena scenario scenarios");
}

/* The phrase, and the parts of it that could be terms by themselves. */
static void count_phrase(struct candidates *t, const struct sentence *s, uint32_t from, uint32_t to,
                         bool is_whole)
{
	uint32_t start = from;
	while (start + 1 < to && is_generic(s, start) && tag_at(s, start) == TAG_ADJECTIVE)
		start++;
	uint32_t end = to - (to > start + 1 && is_mere_class(s, to - 1));
	for (uint32_t i = from; i < to; i++)
		for (uint32_t k = i + 1; k <= to && k <= i + SPAN_MAX; k++) {
			if (!is_noun(s, k - 1) || is_function_word(s, i) ||
			    !says_something(s, i, k) || (k == i + 1 && is_generic(s, i)))
				continue;
			struct candidate *c = count(t, s, i, k);
			if (c && i <= start && (k == to || k == end))
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

/* "a decolorizing agent", "Broca's area": the phrase with what belongs to it before. */
static void count_wider(struct candidates *t, const struct sentence *s, uint32_t from, uint32_t to)
{
	if (from < 2 || to - from > 2)
		return;
	const struct word *before = s->tokens[from - 1].word;
	bool is_participle = tag_at(s, from - 1) == TAG_VERB &&
	                     (before->is_gerund || before->is_past) &&
	                     one_of(low(s, from - 2), "a an the");
	bool is_owned = one_of(before->text, "'s") && tag_at(s, from - 2) == TAG_PROPER;
	struct candidate *c = is_participle ? count(t, s, from - 1, to)
	                      : is_owned    ? count(t, s, from - 2, to)
	                                    : NULL;
	if (c)
		c->n_whole++;
}

void candidates_count(struct candidates *t, const struct sentence *s)
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
		count_wider(t, s, i, end);
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
	struct candidate *c = candidate_of(t, sentence_span(s, i - 2, to));
	return c && (c->count > 1 || c->is_lemma) ? i - 2 : from;
}

static void introduce(struct candidates *t, struct sentence *s, const struct term_cue *cue)
{
	struct candidate *c = note(t, s, cue->from, cue->to);
	struct definition d;
	if (!c)
		return;
	c->cues[cue->kind]++;
	c->n_lead += cue->kind != CUE_TOPIC && s == s->block->first;
	c->is_fresh |= cue->kind != CUE_TOPIC && c->first_block == s->block->index;
	if (c->count == 0) {
		c->count = c->n_whole = 1;
		c->n_blocks = 1;
	}
	if (definition_at(s, cue, &d) && d.worth > c->definition.worth)
		c->definition = d;
}

void candidates_introduce(struct candidates *t, struct sentence *s, const struct term_cue *cue)
{
	struct term_cue x = *cue;
	x.from = widen(t, s, cue->from, cue->to);
	introduce(t, s, &x);
	if (x.to > x.from + 1 && is_mere_class(s, x.to - 1)) {
		x.to--;
		introduce(t, s, &x);
	}
}
