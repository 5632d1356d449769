/* Cues by which a term is explained where it stands: "X (…)", "X, a …", "X — the …", "X, which
 * is …", and by another name: "X, or Y". */
#include "makers/lesson/plan/termcues.h"

static bool has_verb(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to && i < s->n; i++)
		if (tag_at(s, i) == TAG_BE || tag_at(s, i) == TAG_VERB || tag_at(s, i) == TAG_HAVE)
			return true;
	return false;
}

/* "due process (fair treatment under the law)": words, no list, no source. */
static bool is_explained(const struct sentence *s, uint32_t mark)
{
	enum tag t = tag_at(s, mark + 1);
	uint32_t end = mark + 1;
	while (end < s->n && (tag_at(s, end) != TAG_PUNCT || at_quote(s, end)) &&
	       tag_at(s, end) != TAG_NUMBER)
		end++;
	return (t == TAG_NOUN || t == TAG_ADJECTIVE || t == TAG_VERB) && end > mark + 2 &&
	       one_of(low(s, end), ")");
}

/* "gibbous, from the Latin gibbus" */
static bool is_origin(const struct sentence *s, uint32_t i)
{
	i += at_article(s, i);
	return one_of(low(s, i), "greek latin french german arabic sanskrit");
}

/* What may follow a term as its gloss, behind a comma, a dash or a bracket. */
static bool is_gloss(const struct sentence *s, uint32_t mark)
{
	bool is_hedged = one_of(low(s, mark + 1), "sometimes often commonly usually also");
	struct str w = low(s, mark + 1);
	if (is_hedged && one_of(low(s, mark + 2), "called known termed"))
		return true;
	if (one_of(low(s, mark), "("))
		return is_explained(s, mark) || is_origin(s, mark + 2) ||
		       one_of(w, "a an the or also called known i.e. literally singular plural "
		                 "that") ||
		       (mark + 1 < s->n && token_is_abbreviation(s, mark + 1));
	if (at_dash(s, mark))
		return one_of(w, "a an the or literally that referred called") ||
		       tag_at(s, mark + 1) == TAG_WH;
	if (one_of(low(s, mark), ":"))
		return at_article(s, mark + 1);
	if (one_of(w, "that"))
		return one_of(low(s, mark + 2), "is");
	if (one_of(w, "in"))
		return one_of(low(s, mark + 2), "which other");
	if (one_of(w, "which where whereby"))
		return has_verb(s, mark + 2, mark + 5);
	if (one_of(w, "from"))
		return is_origin(s, mark + 2);
	return one_of(w, "a an the meaning those");
}

/* "macromolecules, large molecules that …", "glaciers — masses of ice that …",
 * "organic solidarity, social order based around …" */
static bool is_bare_gloss(const struct sentence *s, uint32_t mark)
{
	uint32_t from, end = term_after(s, mark + 1, &from);
	if (from > mark + 1 || end == from || !(one_of(low(s, mark), ", :") || at_dash(s, mark)))
		return false;
	if (one_of(low(s, end), "of"))
		end = phrase_end(s, end + 1 + at_article(s, end + 1));
	return one_of(low(s, end), "that which who") ||
	       one_of(low(s, end), "based made used designed composed");
}

/* "epiphyseal plate (growth plate)": another name, or few words; where it ends, or 0. */
static uint32_t bracket_end(const struct sentence *s, uint32_t mark)
{
	if (!one_of(low(s, mark), "("))
		return 0;
	uint32_t end = phrase_end(s, mark + 1);
	return end > mark + 1 && end <= mark + 4 && one_of(low(s, end), ")") &&
	                       tag_at(s, mark + 1) != TAG_PROPER
	               ? end
	               : 0;
}

/* "If the price rises, the quantity falls": a clause follows the comma, not a gloss. */
static bool is_clause(const struct sentence *s, uint32_t mark)
{
	if (!at_article(s, mark + 1))
		return false;
	uint32_t at = mark + 2;
	while (tag_at(s, at) == TAG_DETERMINER || tag_at(s, at) == TAG_ADVERB)
		at++;
	uint32_t end = phrase_end(s, at);
	while (end < s->n && tag_at(s, end) == TAG_ADVERB)
		end++;
	return is_finite_verb(s, end, false) || is_finite_verb(s, end, true) ||
	       is_noun_after_all(s, end);
}

/* "the pot, the stove, and the water": a list, not a gloss. */
static bool is_list(const struct sentence *s, uint32_t mark)
{
	for (uint32_t i = mark + 2; i < s->n && i < mark + 8; i++)
		if (one_of(low(s, i), ",") && one_of(low(s, i + 1), "and or the a"))
			return true;
	return mark + 3 < s->n && one_of(low(s, mark + 3), "and or");
}

/* "X, or Y," and "X — or Y"; the words before may be more than a term. */
static void read_alias(struct cues *c, uint32_t from, uint32_t to, uint32_t mark)
{
	const struct sentence *s = c->s;
	uint32_t next, end = term_after(s, mark + 2, &next);
	bool is_loose = !at_dash(s, mark);
	bool is_said = one_of(low(s, mark + 2), "the a an our your their its how what when");
	if (is_said && end > next && tag_at(s, end) != TAG_PUNCT && from < to &&
	    ends_in_noun(s, to)) {
		cues_add(c, CUE_GLOSSED, from, to); /* "X, or the strength of ties that …" */
		return;
	}
	if (end == next || tag_at(s, end) != TAG_PUNCT || (is_loose && !ends_in_noun(s, end)))
		return;
	if (from < to && (!is_loose || ends_in_noun(s, to)))
		cues_add(c, CUE_ALIAS, from, to);
	cues_add(c, CUE_ALIAS, next, end);
}

/* Whether what stands behind the mark says what the term before it is. */
static bool is_glossed(const struct sentence *s, uint32_t from, uint32_t to, uint32_t mark)
{
	if (one_of(low(s, mark + 1), "meaning"))
		return true; /* adjectives, too */
	if (!ends_in_noun(s, to))
		return false;
	if (!one_of(low(s, mark), ","))
		return is_gloss(s, mark) || is_bare_gloss(s, mark);
	if (is_list(s, mark))
		return false;
	if (is_bare_gloss(s, mark))
		return true;
	bool is_subject = from <= s->lead + 1 && begins_clause(s, from);
	return is_gloss(s, mark) &&
	       (is_subject ||
	        (!is_clause(s, mark) && (begins_clause(s, from) || has_verb(s, 0, from))));
}

/* "in a protein coat, the capsid." */
static void read_named_after(struct cues *c, uint32_t mark)
{
	const struct sentence *s = c->s;
	uint32_t from, to = term_after(s, mark + 1, &from);
	if (one_of(low(s, mark + 1), "the") && to > from && to - from <= 3 &&
	    one_of(low(s, to), ". , \xe2\x80\x94") && ends_in_noun(s, to) &&
	    tag_at(s, mark - 1) == TAG_NOUN && !is_list(s, mark))
		cues_add(c, CUE_ALIAS, from, to);
}

/* "This electron carrier, cytochrome oxidase, differs …" */
static void read_identified(struct cues *c)
{
	const struct sentence *s = c->s;
	uint32_t at = s->lead;
	if (!one_of(low(s, at), "this these that those"))
		return;
	uint32_t end = phrase_end(s, at + 1), to = phrase_end(s, end + 1);
	if (end > at + 1 && one_of(low(s, end), ",") && to > end + 1 && one_of(low(s, to), ","))
		cues_add(c, CUE_NAMED, end + 1, to);
}

/* "gyri (singular: gyrus)" */
static void read_number(struct cues *c, uint32_t mark)
{
	const struct sentence *s = c->s;
	if (!one_of(low(s, mark), "(") || !one_of(low(s, mark + 1), "singular plural"))
		return;
	uint32_t from = mark + 2 + one_of(low(s, mark + 2), ": , is");
	if (one_of(low(s, from + 1), ")"))
		cues_add(c, CUE_NAMED, from, from + 1);
}

void cues_of_glosses(struct cues *c)
{
	const struct sentence *s = c->s;
	read_identified(c);
	for (uint32_t i = 1; i + 2 < s->n; i++) {
		if (!one_of(low(s, i), ", ( :") && !at_dash(s, i))
			continue;
		read_named_after(c, i);
		read_number(c, i);
		uint32_t to = i, from = term_before(s, &to);
		if (one_of(low(s, i + 1), "or")) {
			read_alias(c, from, to, i);
			continue;
		}
		if (from == to)
			continue;
		if (bracket_end(s, i) > 0) {
			cues_add(c, CUE_GLOSSED, from, to);
			cues_add(c, CUE_ALIAS, i + 1, bracket_end(s, i));
		} else if (is_glossed(s, from, to, i)) {
			cues_add(c, CUE_GLOSSED, from, to);
		}
	}
}
