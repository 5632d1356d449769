/* Definitions that stand before the name: "the … is called X", "a … that …, called X", and what
 * a term is used for: "think of X as a …". */
#include "makers/lesson/plan/definitions_priv.h"

#include "makers/lesson/plan/termcues.h"

/* The token of "called", "known as" and their like before the term; SIZE_MAX when none. */
static uint32_t naming_before(const struct sentence *s, uint32_t from)
{
	uint32_t i = from;
	while (i > 0 &&
	       (at_quote(s, i - 1) || at_article(s, i - 1) || one_of(low(s, i - 1), "its their")))
		i--;
	if (i > 0 && one_of(low(s, i - 1), "called termed named dubbed"))
		return i - 1;
	if (i > 1 && one_of(low(s, i - 1), "as") && one_of(low(s, i - 2), "known"))
		return i - 2;
	if (i > 2 && one_of(low(s, i - 1), "as") && one_of(low(s, i - 2), "to") &&
	    one_of(low(s, i - 3), "referred"))
		return i - 3;
	return UINT32_MAX;
}

/* The sentence's subject, up to `to`: whole, and naming what it speaks of. */
static bool is_full_subject(const struct sentence *s, uint32_t to)
{
	uint32_t i = s->lead;
	enum tag t = tag_at(s, i);
	bool is_open = at_article(s, i) || (one_of(low(s, i), "all") && at_article(s, i + 1)) ||
	               s->tokens[i].word->is_gerund || t == TAG_NOUN || t == TAG_ADJECTIVE;
	if (!is_open || (one_of(low(s, i), "the") && one_of(low(s, i + 1), "term word process")))
		return false;
	bool is_relative = false;
	for (; i < to; i++) {
		is_relative |= one_of(low(s, i), "that which who where when") ||
		               (one_of(low(s, i), ",") && s->tokens[i + 1].word->is_gerund);
		if (one_of(low(s, i), "; :") || at_dash(s, i) ||
		    (!is_relative && one_of(low(s, i), ", is are was were")))
			return false;
	}
	return true;
}

/* "a protein coat that …, called the capsid": the phrase before, back to its article. */
static bool read_phrase_before(const struct sentence *s, uint32_t to, struct span *ret)
{
	while (to > 0 && (one_of(low(s, to - 1), ", (") || tag_at(s, to - 1) == TAG_ADVERB))
		to--;
	for (uint32_t i = to; i > s->lead && i + 10 > to; i--) {
		enum tag t = tag_at(s, i - 1);
		bool is_verb = t == TAG_VERB && !s->tokens[i - 1].word->is_past && i < to;
		if (t == TAG_PUNCT || t == TAG_BE || t == TAG_HAVE || t == TAG_MODAL ||
		    t == TAG_PRONOUN || is_verb)
			return false;
		if (one_of(low(s, i - 1), "a an")) {
			*ret = (struct span){ i - 1, to };
			return ends_in_noun(s, to) && !is_praise(s, i);
		}
	}
	return false;
}

/* "think of X as a …", "use the term X to refer to the …" */
bool read_meant_definition(const struct sentence *s, const struct term_cue *cue, struct span *ret)
{
	uint32_t i = behind_term(s, cue->to);
	if (one_of(low(s, i), "as"))
		i++;
	else if (cue->from == 0 || !one_of(low(s, cue->from - 1), "term word"))
		return false;
	else if (one_of(low(s, i), "to") && one_of(low(s, i + 1), "describe mean denote indicate"))
		i += 2;
	else if (one_of(low(s, i), "to") && one_of(low(s, i + 1), "refer"))
		i += 3;
	else
		return false;
	*ret = (struct span){ i, definition_end(s, i) };
	return begins_definition(s, i, true);
}

bool read_named_definition(const struct sentence *s, const struct term_cue *cue, struct span *ret)
{
	uint32_t name = naming_before(s, cue->from);
	if (name == UINT32_MAX || name < 3)
		return false;
	uint32_t be = name - 1;
	if (one_of(low(s, be), "also"))
		return false; /* another name, and no word on what it is */
	while (be > 0 && tag_at(s, be) == TAG_ADVERB)
		be--;
	uint32_t verb = behind_term(s, cue->to) + 1; /* "…, called cytokinesis, is the …" */
	if (one_of(low(s, verb - 1), ",") && one_of(low(s, verb), "is are") &&
	    behind_defining_verb(s, verb) > 0) {
		*ret = (struct span){ behind_defining_verb(s, verb),
			              definition_end(s, behind_defining_verb(s, verb)) };
		return true;
	}
	if (one_of(low(s, be), "are") && one_of(low(s, cue->to), ", and or"))
		return false; /* "The stages are called X, Y, and Z" */
	if (one_of(low(s, be), "is are")) {
		*ret = (struct span){ s->lead, be };
		return is_full_subject(s, be);
	}
	return read_phrase_before(s, name, ret);
}

/* "An increase in a nation's output is economic growth." */
bool read_equated_definition(const struct sentence *s, const struct term_cue *cue, struct span *ret)
{
	uint32_t be = cue->from - (cue->from > 0 && at_article(s, cue->from - 1));
	if (be < 4 || !one_of(low(s, cue->to), ".") || !one_of(low(s, be - 1), "is") ||
	    !one_of(low(s, s->lead), "a an") || is_praise(s, s->lead + 1))
		return false;
	*ret = (struct span){ s->lead, be - 1 };
	return is_full_subject(s, be - 1);
}
