/* Noun phrases with their counts, abbreviations with what they stand for, and facts: what
 * the text says that something is or does.
 *
 * A noun phrase is a run of adjectives and nouns (names may be joined by "of" and "for").
 * Whether both its ends are certain is kept with each mention, because only then may the
 * phrase be cut out of the sentence.  Facts come from cues: "X is a …", "X, a …, …",
 * "X refers to …", "X helps …", a bold lead "X: …", and "Long Form (LF)".
 */
#include <math.h>

#include "makers/lesson/plan/plan.h"

enum { TERM_BUCKETS = 4096, PLACES_FIRST = 4, INITIALS_MAX = 8 };

enum tag tag_at(const struct sentence *s, uint32_t i)
{
	return i < s->n ? s->tokens[i].tag : TAG_PUNCT;
}

/* --- Noun phrases --- */

static bool is_naming_gerund(const struct sentence *s, uint32_t i)
{
	const struct token *t = &s->tokens[i];
	if (!t->word->is_gerund || i == 0 || tag_at(s, i - 1) != TAG_NOUN ||
	    s->tokens[i - 1].word->is_plural)
		return false;
	enum tag next = tag_at(s, i + 1);
	return next == TAG_BE || next == TAG_MODAL || next == TAG_PUNCT || next == TAG_CONJUNCTION;
}

bool is_phrase_token(const struct sentence *s, uint32_t i)
{
	enum tag t = tag_at(s, i);
	if (s->tokens[i].word->fixed != TAG_OTHER && t != TAG_PROPER)
		return false;
	return t == TAG_NOUN || t == TAG_PROPER || t == TAG_ADJECTIVE || is_naming_gerund(s, i);
}

static uint32_t joined_name(const struct sentence *s, uint32_t i)
{
	if (tag_at(s, i - 1) != TAG_PROPER || !one_of(low(s, i), "of for"))
		return 0;
	if (tag_at(s, i + 1) == TAG_PROPER)
		return 1;
	return one_of(low(s, i + 1), "the") && tag_at(s, i + 2) == TAG_PROPER ? 2 : 0;
}

/* "Categorical variables place the person …": behind a plural and before an article, what may
 * be a verb is one. */
static bool is_verb_after_all(const struct sentence *s, uint32_t i)
{
	const struct word *w = s->tokens[i].word, *before = s->tokens[i - 1].word;
	enum tag next = tag_at(s, i + 1);
	return tag_at(s, i) == TAG_NOUN && w->v > 0 && !w->is_plural && before->is_plural &&
	       tag_at(s, i - 1) == TAG_NOUN && (next == TAG_DETERMINER || next == TAG_POSSESSIVE);
}

/* End of the noun phrase at `from`; `from` itself when there is none. */
uint32_t phrase_end(const struct sentence *s, uint32_t from)
{
	uint32_t i = from;
	while (i < s->n) {
		if (i > from && tag_at(s, i) == TAG_PREPOSITION && joined_name(s, i) > 0)
			i += joined_name(s, i);
		else if (!is_phrase_token(s, i) || (i > from && is_verb_after_all(s, i)))
			break;
		else
			i++;
	}
	while (i > from && tag_at(s, i - 1) != TAG_NOUN && tag_at(s, i - 1) != TAG_PROPER &&
	       !is_naming_gerund(s, i - 1))
		i--;
	return i;
}

static bool is_clear_before(const struct sentence *s, uint32_t i)
{
	if (i == 0)
		return true;
	enum tag t = tag_at(s, i - 1);
	return t == TAG_DETERMINER || t == TAG_POSSESSIVE || t == TAG_PREPOSITION ||
	       t == TAG_CONJUNCTION || t == TAG_BE || t == TAG_HAVE || t == TAG_NUMBER ||
	       (t == TAG_PUNCT && !one_of(low(s, i - 1), "- / & ' #")) ||
	       (t == TAG_VERB && s->tokens[i - 1].word->v > s->tokens[i - 1].word->n);
}

static bool is_clear_after(const struct sentence *s, uint32_t i)
{
	if (i >= s->n)
		return true;
	const struct token *t = &s->tokens[i];
	if (t->tag == TAG_PUNCT)
		return !one_of(t->word->text, "- / & ' ( # \xe2\x80\x99");
	if (t->tag == TAG_VERB)
		return t->word->v > 3 * t->word->n;
	if ((t->tag == TAG_DETERMINER || t->tag == TAG_PRONOUN || t->tag == TAG_POSSESSIVE) &&
	    i > 0 && s->tokens[i - 1].word->v > 0)
		return false; /* "customer experiences the service": a verb after all */
	return t->tag == TAG_PREPOSITION || t->tag == TAG_CONJUNCTION || t->tag == TAG_BE ||
	       t->tag == TAG_HAVE || t->tag == TAG_MODAL || t->tag == TAG_TO || t->tag == TAG_WH ||
	       t->tag == TAG_DETERMINER || t->tag == TAG_PRONOUN || t->tag == TAG_DO;
}

bool token_is_abbreviation(const struct sentence *s, uint32_t i)
{
	const struct token *t = &s->tokens[i];
	uint32_t upper = 0;
	for (uint32_t k = 0; k < t->len; k++) {
		char c = s->text.ptr[t->at + k];
		if (c >= 'A' && c <= 'Z')
			upper++;
		else if (!(c == 's' && k + 1 == t->len))
			return false;
	}
	return upper >= 2 && upper <= INITIALS_MAX;
}

/* --- The table of terms --- */

static uint32_t hash(struct str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 16777619u;
	return h;
}

struct term *terms_lookup(const struct terms *t, struct str key)
{
	struct term *x = t->buckets[hash(key) % TERM_BUCKETS];
	while (x && !str_eq(x->key, key))
		x = x->hash_next;
	return x;
}

static void describe(struct term *t, const struct sentence *s, uint32_t from, uint32_t to)
{
	t->n_tokens = to - from;
	t->head = s->tokens[to - 1].word;
	for (uint32_t i = from; i < to; i++)
		if (tag_at(s, i) == TAG_PREPOSITION) {
			t->head = s->tokens[i - 1].word;
			break;
		}
	bool is_name = true;
	for (uint32_t i = from; i < to; i++)
		is_name &= tag_at(s, i) == TAG_PROPER || tag_at(s, i) == TAG_PREPOSITION ||
		           tag_at(s, i) == TAG_DETERMINER;
	for (uint32_t i = from; i < to; i++)
		t->has_name |= tag_at(s, i) == TAG_PROPER;
	t->kind = to - from == 1 && token_is_abbreviation(s, from) ? TERM_ABBREVIATION
	          : is_name                                        ? TERM_NAME
	                                                           : TERM_COMMON;
	char last = t->text.ptr[t->text.len - 1];
	t->is_plural = t->kind == TERM_ABBREVIATION ? last == 's' : t->head->is_plural;
	t->is_vowel = strchr("aeiouAEIOU", t->text.ptr[0]) != NULL;
}

/* A common noun's capital at the head of a sentence is not its own. */
static struct str without_capital(struct arena *a, const struct sentence *s, uint32_t from,
                                  struct str text)
{
	const struct token *t = &s->tokens[from];
	bool is_title = from + 1 < s->n && s->tokens[from + 1].is_capital &&
	                s->tokens[from].word->fixed == TAG_OTHER;
	if (t->tag == TAG_PROPER || t->is_upper || is_title || text.ptr[0] < 'A' ||
	    text.ptr[0] > 'Z')
		return text;
	return str_fmt(a, "%c" STR_FMT, text.ptr[0] + 32, STR_ARG(str_sub(text, 1, text.len)));
}

static struct term *add_term(struct arena *a, struct lexicon *l, struct terms *ts,
                             const struct sentence *s, uint32_t from, uint32_t to)
{
	struct str text = sentence_span(s, from, to);
	struct str key = normal_form(a, l, text);
	struct term *t = terms_lookup(ts, key);
	if (!t) {
		t = arena_new(a, struct term, 1);
		t->text = text;
		t->key = key;
		t->first = (struct sentence *)(uintptr_t)s;
		t->index = ts->n++;
		describe(t, s, from, to);
		if (t->kind == TERM_COMMON)
			t->text = without_capital(a, s, from, text);
		uint32_t at = hash(key) % TERM_BUCKETS;
		t->hash_next = ts->buckets[at];
		ts->buckets[at] = t;
		*ts->last = t;
		ts->last = &t->next;
	}
	t->count++;
	if (t->n_places > 0 && t->places[t->n_places - 1] == s->index)
		return t;
	if (t->n_places == t->cap_places) {
		uint32_t cap = t->cap_places ? t->cap_places * 2 : PLACES_FIRST;
		uint32_t *grown = arena_new(a, uint32_t, cap);
		if (t->n_places > 0)
			memcpy(grown, t->places, t->n_places * sizeof(*grown));
		t->places = grown;
		t->cap_places = cap;
	}
	t->places[t->n_places++] = s->index;
	return t;
}

bool says_something(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (!s->tokens[i].word->is_stop && s->tokens[i].len > 1)
			return true;
	return false;
}

static void read_phrases(struct arena *a, struct lexicon *l, struct terms *ts, struct sentence *s)
{
	for (uint32_t i = 0; i < s->n;) {
		uint32_t end = phrase_end(s, i), from = i;
		if (end == i) {
			i++;
			continue;
		}
		while (from + 1 < end && s->tokens[from].word->is_stop &&
		       tag_at(s, from) == TAG_ADJECTIVE)
			from++;
		if (end - from <= PHRASE_MAX && says_something(s, from, end)) {
			struct mention *m = arena_new(a, struct mention, 1);
			m->term = add_term(a, l, ts, s, from, end);
			m->sentence = s;
			m->from = from;
			m->to = end;
			m->is_clear =
			        from == i && is_clear_before(s, from) && is_clear_after(s, end);
			*ts->mentions_last = m;
			ts->mentions_last = &m->next;
		}
		i = end;
	}
}

/* --- Scores --- */

static void score_terms(struct terms *ts, struct arena *a, struct lexicon *l, const struct doc *d)
{
	struct buf b = BUF_INIT(1 << 20);
	buf_add(&b, normal_form(a, l, d->title));
	for (const struct section *x = d->sections; x; x = x->next) {
		buf_addc(&b, '\n');
		buf_add(&b, normal_form(a, l, x->title));
	}
	for (struct term *t = ts->first; t; t = t->next) {
		t->score = t->count * (1 + 0.6 * (t->n_tokens - 1));
		if (t->kind != TERM_COMMON)
			t->score *= 1.3;
		if (t->count > 1 && str_find(buf_str(&b), t->key, 0) != SIZE_MAX)
			t->score *= 1.5;
	}
	buf_fini(&b);
}

void terms_init(struct arena *a, struct terms *ret)
{
	*ret = (struct terms){ .n_buckets = TERM_BUCKETS };
	ret->last = &ret->first;
	ret->mentions_last = &ret->mentions;
	ret->facts_last = &ret->facts;
	ret->buckets = arena_new(a, struct term *, TERM_BUCKETS);
}

void terms_find(struct arena *a, struct lexicon *l, const struct doc *d, struct terms *ret)
{
	terms_init(a, ret);
	for (struct sentence *s = d->sentences; s; s = s->next)
		if (!s->block->is_aside && !s->block->section->is_aside)
			read_phrases(a, l, ret, s);
	facts_find(a, l, d, ret);
	score_terms(ret, a, l, d);
}
