/* Parts of speech: function words by a list, names by their capitals, the others by what
 * WordNet counts and by the word before.  A guess that is wrong costs a question, for what
 * is made of a sentence asks for certain ends. */
#include "makers/lesson/plan/plan.h"

static bool is_number_word(const struct sentence *s, const struct token *t)
{
	char c = s->text.ptr[t->at];
	if (c == '$')
		return t->len > 1;
	if (!(c >= '0' && c <= '9'))
		return t->word->fixed == TAG_NUMBER;
	for (uint32_t i = 0; i < t->len; i++)
		if (!strchr("0123456789.,:%+", s->text.ptr[t->at + i]))
			return false;
	return true;
}

static bool is_name(const struct sentence *s, uint32_t i)
{
	const struct token *t = &s->tokens[i];
	if (!t->is_capital && !t->is_upper)
		return false;
	if (t->word->is_stop && t->word->fixed != TAG_OTHER && !t->is_upper)
		return false;
	bool is_first = i == 0 || s->tokens[i - 1].tag == TAG_PUNCT;
	if (!is_first || t->is_upper)
		return true;
	return t->word->count_lower == 0 && t->word->count_inside > 0;
}

static bool noun_may_follow(enum tag before)
{
	return before == TAG_DETERMINER || before == TAG_POSSESSIVE || before == TAG_ADJECTIVE ||
	       before == TAG_PREPOSITION || before == TAG_NUMBER;
}

static bool verb_must_follow(enum tag before)
{
	return before == TAG_TO || before == TAG_MODAL || before == TAG_DO;
}

static enum tag after_be(const struct word *w)
{
	if (w->is_past || w->is_gerund)
		return TAG_VERB;
	return w->a >= w->n ? TAG_ADJECTIVE : TAG_NOUN;
}

static enum tag noun_or_adjective(const struct word *w)
{
	if (w->is_past && w->n <= 1)
		return TAG_ADJECTIVE;
	if (w->is_plural)
		return TAG_NOUN;
	return w->a > w->n ? TAG_ADJECTIVE : w->n > 0 ? TAG_NOUN : TAG_ADJECTIVE;
}

/* The most likely part of speech of a content word, given the one before. */
static enum tag guess(const struct word *w, enum tag before, const struct word *prev)
{
	uint32_t best = w->n;
	if (verb_must_follow(before) && w->v > 0 && !w->is_plural)
		return TAG_VERB;
	if (before == TAG_BE || before == TAG_HAVE)
		return w->r > w->n + w->v + w->a ? TAG_ADVERB : after_be(w);
	if (noun_may_follow(before) && w->n + w->a > 0 && w->r <= w->n + w->a)
		return noun_or_adjective(w);
	if (noun_may_follow(before) && w->is_past)
		return TAG_ADJECTIVE;
	if ((before == TAG_PRONOUN || before == TAG_WH) && w->v > 0)
		return w->v >= w->a && w->v * 2 >= w->n ? TAG_VERB : noun_or_adjective(w);
	if (before == TAG_NOUN && prev && prev->is_plural && w->v > w->n && !w->is_plural)
		return TAG_VERB;
	if ((before == TAG_NOUN || before == TAG_PROPER) && w->is_third && w->v > w->n)
		return TAG_VERB;
	if (w->is_past || (w->is_gerund && w->n <= w->v))
		return TAG_VERB;
	enum tag tag = TAG_NOUN;
	if (w->v > best) {
		best = w->v;
		tag = TAG_VERB;
	}
	if (w->a > best) {
		best = w->a;
		tag = TAG_ADJECTIVE;
	}
	if (w->r > best)
		tag = TAG_ADVERB;
	return tag;
}

static bool is_finite(const struct token *t)
{
	return t->tag == TAG_BE || t->tag == TAG_HAVE || t->tag == TAG_MODAL || t->tag == TAG_DO ||
	       (t->tag == TAG_VERB && !t->word->is_gerund);
}

/* "The process centers on people.": a sentence has a verb, so the noun that may be one is,
 * where a subject stands before it and an object or a preposition behind. */
static void find_lost_verb(struct sentence *s)
{
	struct token *found = NULL;
	if (s->n < 7 || !str_ends(s->text, STR(".")) || s->tokens[0].tag != TAG_DETERMINER)
		return;
	for (uint32_t i = 0; i < s->n; i++)
		if (is_finite(&s->tokens[i]))
			return;
	for (uint32_t i = 2; i + 2 < s->n && !found; i++) {
		struct token *t = &s->tokens[i];
		enum tag before = s->tokens[i - 1].tag, after = s->tokens[i + 1].tag;
		if (t->tag == TAG_NOUN && t->word->is_third && t->word->v > 0 &&
		    !s->tokens[i - 1].word->is_plural &&
		    (before == TAG_NOUN || before == TAG_PROPER) &&
		    (after == TAG_PREPOSITION || after == TAG_DETERMINER))
			found = t;
	}
	if (found)
		found->tag = TAG_VERB;
}

void sentence_tag(struct sentence *s)
{
	enum tag before = TAG_PUNCT;
	const struct word *prev = NULL;
	for (uint32_t i = 0; i < s->n; i++) {
		struct token *t = &s->tokens[i];
		if (t->tag != TAG_PUNCT) {
			if (is_number_word(s, t))
				t->tag = TAG_NUMBER;
			else if (is_name(s, i))
				t->tag = TAG_PROPER;
			else if (t->word->fixed != TAG_OTHER)
				t->tag = t->word->fixed;
			else
				t->tag = guess(t->word, before, prev);
		}
		if (t->tag != TAG_ADVERB)
			before = t->tag;
		prev = t->word;
	}
	find_lost_verb(s);
}
