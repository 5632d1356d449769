/* Cues that name: "called X", "known as X", "the term X", "we call this an X". */
#include "makers/lesson/plan/termcues.h"

/* "refer to this pattern as" */
static bool is_reference(const struct sentence *s, uint32_t as)
{
	for (uint32_t i = as; i > 0 && i + 9 > as; i--)
		if (one_of(low(s, i - 1), "refer refers referred") && one_of(low(s, i), "to"))
			return true;
	return false;
}

/* Behind "called" and its like; 0 when there is none at `i`. */
static uint32_t naming_end(const struct sentence *s, uint32_t i)
{
	struct str w = low(s, i);
	if (one_of(w, "called termed named dubbed labeled labelled coined"))
		return i + 1;
	if (one_of(w, "known classified") && one_of(low(s, i + 1), "as"))
		return i + 2;
	if (one_of(w, "considered") && one_of(low(s, i + 1), "a an"))
		return i + 1;
	if (one_of(w, "speak speaks") && one_of(low(s, i + 1), "of"))
		return i + 2;
	if (one_of(w, "said") && one_of(low(s, i + 1), "to") && one_of(low(s, i + 2), "be"))
		return i + 3;
	if (one_of(w, "referred") && one_of(low(s, i + 1), "to") && one_of(low(s, i + 2), "as"))
		return i + 3;
	if (one_of(w, "as") && is_reference(s, i))
		return i + 1;
	if (i > 0 && one_of(w, "term terms word name label phrase expression") &&
	    one_of(low(s, i - 1), "the"))
		return i + 1;
	if (one_of(w, "concept idea notion principle phenomenon theory process") && i > 0 &&
	    one_of(low(s, i + 1), "of") &&
	    (tag_at(s, i - 1) == TAG_DETERMINER || tag_at(s, i - 1) == TAG_POSSESSIVE))
		return i + 2;
	return 0;
}

/* What is called so ends at `to`: whether its name stands there, which is then a cue. */
static bool read_name_before(struct cues *c, uint32_t verb, uint32_t to)
{
	const struct sentence *s = c->s;
	uint32_t end = to, from = term_before(s, &end);
	size_t n = c->n;
	if (from < end && from > verb + 1 && tag_at(s, from - 1) == TAG_PREPOSITION &&
	    one_of(low(s, from - 1), "of")) {
		uint32_t head = from - 1, start = term_before(s, &head);
		if (start < head && at_article(s, start - 1))
			cues_add(c, CUE_NAMED, start, end);
		return c->n > n;
	}
	if (from < end && from > verb + 2 &&
	    (at_article(s, from - 1) || one_of(low(s, from - 1), "or")))
		cues_add(c, CUE_NAMED, from, end);
	if (from > verb + 3 && at_article(s, from - 1) && one_of(low(s, from - 2), "or")) {
		uint32_t other = from - 2, start = term_before(s, &other);
		cues_add(c, CUE_NAMED, start, other);
	}
	return c->n > n;
}

/* "call this inverse relationship … the law of demand", "called the beliefs, morals, and
 * attitudes of a society the collective conscience": the end of the clause names it. */
static void read_called_object(struct cues *c, uint32_t verb)
{
	const struct sentence *s = c->s;
	uint32_t to = verb + 1, end;
	while (to < s->n && !one_of(low(s, to), ". ; ( ,"))
		to++;
	for (end = to; end < s->n && !one_of(low(s, end), ". ; ("); end++)
		;
	if (!read_name_before(c, verb, to) && end > to)
		(void)read_name_before(c, verb, end);
}

/* "define X as", "think of X as", "use X to describe", "by X we mean": behind the verb, or 0. */
static uint32_t meaning_end(const struct sentence *s, uint32_t i)
{
	bool is_thought = one_of(low(s, i), "think thought") && one_of(low(s, i + 1), "of");
	uint32_t from, to = term_after(s, i + 1 + is_thought, &from);
	if (to == from)
		return 0;
	if (is_thought)
		return one_of(low(s, to), "as") ? i + 2 : 0;
	if (one_of(low(s, i), "define defines defined"))
		return one_of(low(s, to), "as") ? i + 1 : 0;
	if (one_of(low(s, i), "use uses used"))
		return one_of(low(s, to), "to") &&
		                       one_of(low(s, to + 1), "describe denote mean refer indicate")
		               ? i + 1
		               : 0;
	return one_of(low(s, i), "by") && one_of(low(s, to + 1), "mean means meant") ? i + 1 : 0;
}

/* "call this …", "called the beliefs of a society …" */
static bool calls_something(const struct sentence *s, uint32_t i)
{
	bool is_call = one_of(low(s, i), "call calls called");
	if (!is_call &&
	    !one_of(low(s, i), "name names named term terms termed label labels labeled"))
		return false;
	return one_of(low(s, i + 1), "this that these those it them such") ||
	       (is_call && tag_at(s, i - 1) != TAG_BE && at_article(s, i + 1));
}

void cues_of_names(struct cues *c)
{
	const struct sentence *s = c->s;
	for (uint32_t i = 0; i + 1 < s->n; i++) {
		if (i > 0 && calls_something(s, i))
			read_called_object(c, i);
		uint32_t at = naming_end(s, i), from;
		at = at > 0 ? at : meaning_end(s, i);
		if (at == 0 || at >= s->n)
			continue;
		uint32_t to = term_after(s, at, &from);
		cues_add(c, CUE_NAMED, from, to);
		if (one_of(low(s, to), "of")) {
			uint32_t next, end = term_after(s, to + 1, &next);
			if (end > next)
				cues_add(c, CUE_NAMED, from, end);
		}
		if (one_of(low(s, to), "or and")) {
			uint32_t end = term_after(s, to + 1, &from);
			cues_add(c, CUE_NAMED, from, end);
		}
	}
}
