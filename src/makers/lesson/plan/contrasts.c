/* What a sentence sets against something else, exchanged with it:
 *
 *	true_false  "Tools should prioritize collaboration over complexity."
 *	            "… complexity over collaboration." is what the text does not say.
 *
 * Both sides are noun phrases between certain ends, and neither stands there twice.
 */
#include "makers/lesson/plan/plan.h"

enum { SIDE_MAX = 3 /* words */ };

/* Behind the words that set one against the other at token i; 0 when there are none. */
static uint32_t contrast_at(const struct sentence *s, uint32_t i)
{
	if (one_of(low(s, i), "rather") && one_of(low(s, i + 1), "than"))
		return i + 2;
	if (one_of(low(s, i), "instead") && one_of(low(s, i + 1), "of"))
		return i + 2;
	return one_of(low(s, i), "over") ? i + 1 : 0;
}

/* "prioritize X over", "prefers X to": the verb that makes "over" a contrast. */
static bool is_preference(const struct sentence *s, uint32_t from)
{
	return from > 0 &&
	       one_of(low(s, from - 1),
	              "prioritize prioritizes prioritise prioritises favor favors favour "
	              "favours prefer prefers value values choose chooses put puts");
}

static bool is_side(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (s->tokens[i].word->is_gerund || tag_at(s, i) == TAG_VERB)
			return false; /* "return a value rather than using it" */
	return to > from && to - from <= SIDE_MAX && says_something(s, from, to) &&
	       stands_once(s, sentence_span(s, from, to)) && !has_person(s, from, to);
}

static bool has_end_behind(const struct sentence *s, uint32_t to)
{
	return one_of(low(s, to), ". , ;") || tag_at(s, to) == TAG_PREPOSITION;
}

/* The noun phrase that ends before token `to`. */
static uint32_t side_before(const struct sentence *s, uint32_t to)
{
	uint32_t from = to;
	while (from > s->lead + 1 && to - from < SIDE_MAX && is_phrase_token(s, from - 1))
		from--;
	return from;
}

static void add_swapped(struct planner *p, struct questions *all, struct sentence *s, uint32_t from,
                        uint32_t to, uint32_t second, uint32_t end)
{
	struct str one = sentence_span(s, from, to), other = sentence_span(s, second, end);
	struct question *q = question_add(p, all, Q_TRUE_FALSE, s, sentence_worth(s) + 0.35);
	q->answer = sentence_span(s, from, end);
	q->replacement = str_fmt(p->arena, STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(other),
	                         STR_ARG(sentence_span(s, to, second)), STR_ARG(one));
	q->prompt = say_with(p, s, from, end, q->replacement);
	q->explanation = str_fmt(p->arena,
	                         "False: the text says \xe2\x80\x9c" STR_FMT
	                         "\xe2\x80\x9d, not \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d. " STR_FMT,
	                         STR_ARG(q->answer), STR_ARG(q->replacement), STR_ARG(s->text));
	q->difficulty = 2;
}

static void read_contrast(struct planner *p, struct questions *all, struct sentence *s)
{
	for (uint32_t i = s->lead + 2; i + 2 < s->n; i++) {
		uint32_t second = contrast_at(s, i);
		if (second == 0)
			continue;
		uint32_t from = side_before(s, i), end = phrase_end(s, second);
		bool is_over = one_of(low(s, i), "over");
		if (is_side(s, from, i) && is_side(s, second, end) && has_end_behind(s, end) &&
		    (!is_over || is_preference(s, from)))
			add_swapped(p, all, s, from, i, second, end);
		return;
	}
}

void ask_contrasts(struct planner *p, struct questions *all)
{
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_sound && can_be_put(s) && !is_hedged(s))
			read_contrast(p, all, s);
}
