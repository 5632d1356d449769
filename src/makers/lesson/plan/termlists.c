/* Cues by a term's place: at the head of a sentence, at the end of "is the …", and in a list of
 * several. */
#include "makers/lesson/plan/termcues.h"

enum { PARTS_MAX = 8, PART_WORDS_MAX = 4, INSERTION_MAX = 7 };

/* Behind "is the": the term that ends the clause, or two joined by "and". */
static void read_answer(struct cues *c)
{
	const struct sentence *s = c->s;
	for (uint32_t i = 2; i + 1 < s->n; i++) {
		uint32_t from, to, next, end;
		if (!one_of(low(s, i), "is are be become becomes") ||
		    tag_at(s, i + 1) == TAG_PRONOUN)
			continue;
		to = term_after(s, i + 1, &from);
		if (to == from || tag_at(s, to - 1) == TAG_ADJECTIVE ||
		    tag_at(s, to - 1) == TAG_VERB)
			continue;
		if (one_of(low(s, to), ". , ; :"))
			cues_add(c, CUE_ANSWER, from, to);
		if (!one_of(low(s, to), "and"))
			continue;
		end = term_after(s, to + 1, &next);
		if (end > next && one_of(low(s, end), ". ;")) {
			cues_add(c, CUE_ANSWER, from, to);
			cues_add(c, CUE_ANSWER, next, end);
		}
	}
}

/* "There are three kinds of fibers: collagen fibers, elastic fibers, and …": whether what
 * stands before the colon counts what follows. */
static bool is_counted(const struct sentence *s, uint32_t colon)
{
	for (uint32_t i = colon; i > 0 && i + 16 > colon; i--)
		if (tag_at(s, i - 1) == TAG_NUMBER || one_of(low(s, i - 1), "several following"))
			return true;
	return false;
}

/* Behind "include", "divided into", "consists of": where a list begins; 0 when there is none. */
static uint32_t parts_begin(const struct sentence *s)
{
	for (uint32_t i = s->lead + 1; i + 2 < s->n; i++) {
		if (one_of(low(s, i), "include includes"))
			return i;
		if (one_of(low(s, i), "divided classified categorized separated split grouped") &&
		    one_of(low(s, i + 1), "into"))
			return i + 1;
		if (one_of(low(s, i), "consists consist composed comprised") &&
		    one_of(low(s, i + 1), "of"))
			return i + 1;
	}
	return 0;
}

/* The parts of a list behind `at`, when there are at least n_min of them and all of it is
 * one. */
static void read_parts(struct cues *c, uint32_t at, uint32_t n_min)
{
	const struct sentence *s = c->s;
	uint32_t parts[PARTS_MAX][2], n = 0;
	for (uint32_t i = at; i + 1 < s->n && n < PARTS_MAX;) {
		uint32_t from, to = term_after(s, i + 1 + one_of(low(s, i + 1), "and or"), &from);
		if (to == from || !ends_in_noun(s, to) || to - from > PART_WORDS_MAX)
			return;
		parts[n][0] = from;
		parts[n++][1] = to;
		if (one_of(low(s, to), ". ( ;"))
			break;
		if (!one_of(low(s, to), ", and or"))
			return;
		i = to;
	}
	for (uint32_t i = 0; n >= n_min && i < n; i++)
		cues_add(c, CUE_LISTED, parts[i][0], parts[i][1]);
}

/* "There are two kinds: X and Y", "These resellers include retailers, wholesalers, and
 * brokers." */
static void read_listed(struct cues *c)
{
	const struct sentence *s = c->s;
	uint32_t colon = 0, verb = parts_begin(s);
	while (colon < s->n && !one_of(low(s, colon), ": \xe2\x80\x94"))
		colon++;
	if (colon + 3 < s->n)
		read_parts(c, colon, is_counted(s, colon) ? 1 : 3);
	if (verb > 0)
		read_parts(c, verb, 2);
}

/* "During interphase, the cell …": where the phrase ends that the sentence opens with. */
static uint32_t opening_end(const struct sentence *s, uint32_t from, uint32_t *start)
{
	*start = from + 1 + one_of(low(s, from + 1), "the a an");
	uint32_t end = phrase_end(s, *start);
	return end > *start && one_of(low(s, end), ",") ? end : *start;
}

/* Behind ", on the other hand,", ", however," and "— bone and cartilage —". */
static uint32_t behind_insertion(const struct sentence *s, uint32_t i)
{
	bool is_dash = at_dash(s, i);
	if (!is_dash && (!one_of(low(s, i), ",") ||
	                 !one_of(low(s, i + 1), "on however by in also then though too")))
		return i;
	for (uint32_t k = i + 2; k < i + INSERTION_MAX; k++)
		if (str_eq(low(s, k), low(s, i)))
			return k + 1;
	return i;
}

static void read_topic(struct cues *c)
{
	const struct sentence *s = c->s;
	uint32_t from = s->lead, start;
	if (one_of(low(s, from), "in during throughout with")) {
		uint32_t end = opening_end(s, from, &start);
		cues_add(c, CUE_TOPIC, start, end);
		return;
	}
	from += one_of(low(s, from), "a an");
	uint32_t to = phrase_end(s, from);
	while (to > from && is_noun_after_all(s, to))
		to++;
	uint32_t verb = behind_insertion(s, to);
	enum tag next = tag_at(s, verb);
	if (to > from && verb < s->n &&
	    (next == TAG_BE || next == TAG_VERB || next == TAG_MODAL || next == TAG_HAVE ||
	     next == TAG_ADVERB || one_of(low(s, to), "(")))
		cues_add(c, CUE_TOPIC, from, to);
}

void cues_of_lists(struct cues *c)
{
	read_answer(c);
	read_listed(c);
	read_topic(c);
}
