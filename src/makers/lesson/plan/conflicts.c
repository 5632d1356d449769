/* Which two questions do not go into one lesson: they rest on one sentence, ask the same,
 * or one tells the other's answer. */
#include "makers/lesson/plan/plan.h"

static bool rests_on(const struct question *q, const struct sentence *s)
{
	if (q->sentence == s)
		return true;
	for (size_t i = 0; i < q->n_pairs; i++)
		if (q->pairs[i].sentence == s)
			return true;
	return q->type == Q_ORDER && s->text.len > 0 && str_find(q->source, s->text, 0) != SIZE_MAX;
}

static bool same_sentence(const struct question *a, const struct question *b)
{
	if (a->sentence && rests_on(b, a->sentence))
		return true;
	for (size_t i = 0; i < a->n_pairs; i++)
		if (rests_on(b, a->pairs[i].sentence))
			return true;
	return a->type == Q_ORDER && b->sentence && rests_on(a, b->sentence);
}

static uint32_t shared_words(const struct sentence *a, const struct sentence *b)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < a->n; i++) {
		const struct word *w = a->tokens[i].word;
		bool is_shared = false;
		for (uint32_t k = 0; k < b->n && !w->is_stop && a->tokens[i].tag != TAG_PUNCT; k++)
			is_shared |= b->tokens[k].word->stem_id == w->stem_id;
		n += is_shared;
	}
	return n;
}

static bool holds(struct planner *p, const struct question *a, struct str answer)
{
	if (span_stands_in(p->arena, p->lexicon, answer, a->prompt))
		return true;
	for (size_t i = 0; i < a->n_pairs; i++)
		if (span_stands_in(p->arena, p->lexicon, answer, a->pairs[i].right) ||
		    span_stands_in(p->arena, p->lexicon, answer, a->pairs[i].left))
			return true;
	for (size_t i = 0; i < a->n_items; i++)
		if (span_stands_in(p->arena, p->lexicon, answer, a->items[i]))
			return true;
	return false;
}

/* A pair that names the word, in a sentence of the same matter. */
static bool pair_tells(struct planner *p, const struct question *a, const struct question *b)
{
	for (size_t i = 0; i < a->n_pairs; i++)
		if ((span_stands_in(p->arena, p->lexicon, b->answer, a->pairs[i].right) ||
		     span_stands_in(p->arena, p->lexicon, b->answer, a->pairs[i].left)) &&
		    shared_words(a->pairs[i].sentence, b->sentence) >= 4)
			return true;
	return false;
}

/* Whether reading a tells the answer of b: it holds the answer, and either the answer is
 * a whole phrase or the two sentences speak of the same matter. */
static bool gives_away(struct planner *p, const struct question *a, const struct question *b)
{
	if (b->answer.len == 0 || b->type == Q_TRUE_FALSE || !holds(p, a, b->answer))
		return false;
	bool is_phrase = str_find(b->answer, STR(" "), 0) != SIZE_MAX;
	if (a->type == Q_ORDER)
		return false; /* steps name their subject, they do not explain it */
	if (a->type == Q_MATCH && b->sentence && !b->is_number &&
	    (!is_phrase || b->type == Q_CLOZE))
		return pair_tells(p, a, b);
	if (!a->sentence || !b->sentence)
		return true;
	uint32_t own = is_phrase ? 2 : 1; /* the answer's words are shared anyway */
	return shared_words(a->sentence, b->sentence) >= own + 2;
}

static bool same_answer(struct planner *p, const struct question *a, const struct question *b)
{
	if (a->type == Q_TRUE_FALSE && b->type == Q_TRUE_FALSE && a->answer.len > 0 &&
	    str_eq(a->answer, b->answer) && shared_words(a->sentence, b->sentence) > 0)
		return true; /* the same thing turned round twice */
	if (a->answer.len == 0 || b->answer.len == 0 ||
	    (a->type == Q_TRUE_FALSE && b->type == Q_TRUE_FALSE && !a->is_number))
		return false;
	return str_eq(normal_form(p->arena, p->lexicon, a->answer),
	              normal_form(p->arena, p->lexicon, b->answer));
}

static uint32_t content_words(const struct sentence *s)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n; i++)
		n += s->tokens[i].tag != TAG_PUNCT && !s->tokens[i].word->is_stop;
	return n;
}

static bool shares_item(struct planner *p, const struct question *a, const struct question *b)
{
	for (size_t i = 0; i < b->n_items; i++)
		if (a->type == Q_ORDER && holds(p, a, b->items[i]))
			return true;
	return false;
}

/* "If GID is not supplied, …" and the same with UID. */
static bool differs_in_a_word(const struct sentence *a, const struct sentence *b)
{
	uint32_t n = 0;
	if (a->n != b->n || a->n < 6)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		n += a->tokens[i].word != b->tokens[i].word;
	return n <= 2;
}

/* Two sentences of the text that say nearly the same. */
static bool near_copy(struct planner *p, const struct question *a, const struct question *b)
{
	if (a->sentence && b->sentence) {
		if (differs_in_a_word(a->sentence, b->sentence))
			return true;
		uint32_t n = content_words(a->sentence), m = content_words(b->sentence);
		uint32_t shared = shared_words(a->sentence, b->sentence);
		if (shared * 10 >= (n < m ? n : m) * 6 && shared * 10 >= (n < m ? m : n) * 4 &&
		    shared >= 3)
			return true;
	}
	return shares_item(p, a, b) || str_eq(normal_form(p->arena, p->lexicon, a->source),
	                                      normal_form(p->arena, p->lexicon, b->source));
}

bool is_told_by_title(struct planner *p, const struct question *q)
{
	bool has_words = q->type == Q_CHOICE || q->type == Q_CLOZE || q->type == Q_SHORT;
	const struct section *s = q->section;
	return has_words && s && s->level > 0 && q->answer.len > 0 &&
	       span_stands_in(p->arena, p->lexicon, q->answer, s->title);
}

bool questions_conflict(struct planner *p, const struct question *a, const struct question *b)
{
	bool is_same = a->type != Q_MATCH && str_eq_nocase(a->prompt, b->prompt);
	return is_same || same_sentence(a, b) || same_sentence(b, a) || near_copy(p, a, b) ||
	       same_answer(p, a, b) || gives_away(p, a, b) || gives_away(p, b, a);
}
