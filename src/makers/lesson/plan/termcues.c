/* Cues: where a sentence introduces a word as a term.
 *
 *	defined    X is a …; X refers to …; An X organism is one that …
 *	named      called X, known as X, the term X; they call this … an X
 *	glossed    X (…), X, a …, X, which is …, X — the …
 *	alias      X, or Y
 *	answer     The simplest kind is the X.
 *	topic      X … at the head of a sentence, without an article
 *
 * These are patterns of Hearst (1992), Muresan and Klavans (2002) and Navigli and Velardi
 * (2010).  facts.c reads some of them, too, but there what is said of the term must be fit
 * to be shown; here only the term is wanted, so that a cue may be read more freely. */
#include "makers/lesson/plan/plan.h"

enum { TERM_MAX = 5 };

struct cues {
	const struct sentence *s;
	struct term_cue *list;
	size_t n, max;
};

static bool is_quote(const struct sentence *s, uint32_t i)
{
	return one_of(low(s, i), "\" \xe2\x80\x9c \xe2\x80\x9d ' \xe2\x80\x98 \xe2\x80\x99");
}

static bool is_article(const struct sentence *s, uint32_t i)
{
	return one_of(low(s, i), "the a an");
}

static bool is_dash(const struct sentence *s, uint32_t i)
{
	return one_of(low(s, i), "\xe2\x80\x94 \xe2\x80\x93");
}

/* What a term may consist of: also "demanded" in "quantity demanded". */
static bool is_term_token(const struct sentence *s, uint32_t i)
{
	enum tag t = tag_at(s, i);
	if (i >= s->n || t == TAG_PUNCT || one_of(low(s, i), "unlike") ||
	    (s->tokens[i].word->fixed != TAG_OTHER && t != TAG_PROPER))
		return false;
	return t == TAG_NOUN || t == TAG_PROPER || t == TAG_ADJECTIVE ||
	       (t == TAG_VERB && (s->tokens[i].word->is_gerund || s->tokens[i].word->is_past));
}

/* The tagger takes "schedule" in "a demand schedule" for a verb; but a verb in its base form
 * does not follow a noun in the singular, and what may be a noun is one there. */
bool is_noun_after_all(const struct sentence *s, uint32_t i)
{
	if (i == 0 || tag_at(s, i) != TAG_VERB || tag_at(s, i - 1) == TAG_PUNCT)
		return false;
	const struct word *w = s->tokens[i].word, *before = s->tokens[i - 1].word;
	enum tag next = tag_at(s, i + 1);
	bool is_base =
	        !w->is_third && !w->is_gerund && (!w->is_past || !str_ends(w->text, STR("ed")));
	if (w->n == 0 || before->fixed != TAG_OTHER || before->is_plural || !is_base)
		return false;
	return !w->is_past || next == TAG_PUNCT || next == TAG_VERB || next == TAG_BE;
}

static void add(struct cues *c, enum term_cue_kind kind, uint32_t from, uint32_t to)
{
	if (c->n == c->max || to <= from || to - from > TERM_MAX || !says_something(c->s, from, to))
		return;
	c->list[c->n++] = (struct term_cue){ .kind = kind, .from = from, .to = to };
}

/* "called virology studies viruses" */
static bool is_verb_with_object(const struct sentence *s, uint32_t i)
{
	const struct word *w = s->tokens[i].word;
	return w->is_third && w->v > 0 && !s->tokens[i - 1].word->is_plural &&
	       tag_at(s, i + 1) != TAG_PUNCT && tag_at(s, i + 1) != TAG_PREPOSITION &&
	       tag_at(s, i + 1) != TAG_CONJUNCTION;
}

/* The term that begins at `i`, behind articles and quotes; where it ends, or `i`. */
static uint32_t term_after(const struct sentence *s, uint32_t i, uint32_t *from)
{
	while (i < s->n && (is_quote(s, i) || tag_at(s, i) == TAG_DETERMINER ||
	                    tag_at(s, i) == TAG_POSSESSIVE || tag_at(s, i) == TAG_ADVERB))
		i++;
	uint32_t to = i;
	if (i < s->n && tag_at(s, i) == TAG_VERB && s->tokens[i].word->n > 0)
		to++; /* "the term demand": no verb may stand here */
	while ((is_term_token(s, to) && !(to > i && is_verb_with_object(s, to))) ||
	       (to > i && is_noun_after_all(s, to)))
		to++;
	/* "molecules found in …": what follows belongs to the verb */
	while (to > i + 1 && tag_at(s, to - 1) == TAG_VERB && tag_at(s, to) == TAG_PREPOSITION)
		to--;
	*from = i;
	return to;
}

/* Before "(ABBR)" or "(or region of a molecule)". */
static uint32_t before_brackets(const struct sentence *s, uint32_t i)
{
	if (i < 3 || !one_of(low(s, i - 1), ")"))
		return i;
	for (uint32_t k = i - 1; k > 0 && k + 12 > i; k--)
		if (one_of(low(s, k), "("))
			return k;
	return i;
}

/* The term that stops at `to`, before quotes and "(ABBR)"; where it begins, or *to. */
static uint32_t term_before(const struct sentence *s, uint32_t *to)
{
	uint32_t i = before_brackets(s, *to);
	while (i > 0 && is_quote(s, i - 1))
		i--;
	*to = i;
	while (i > 0 && (is_term_token(s, i - 1) || is_noun_after_all(s, i - 1)))
		i--;
	/* "cells containing lipids": a verb behind a noun is none of the term's words */
	while (i > 0 && i + 1 < *to && tag_at(s, i) == TAG_VERB &&
	       (tag_at(s, i - 1) == TAG_NOUN || tag_at(s, i - 1) == TAG_PROPER ||
	        tag_at(s, i - 1) == TAG_PRONOUN))
		i++;
	return i;
}

/* Whether a clause may begin with the phrase at `from` (an article before it left out). */
static bool begins_clause(const struct sentence *s, uint32_t from)
{
	while (from > 0 && is_quote(s, from - 1))
		from--;
	if (from > 0 && is_article(s, from - 1))
		from--;
	if (from == 0 || from == s->lead)
		return true;
	enum tag t = tag_at(s, from - 1);
	return t == TAG_PUNCT || t == TAG_CONJUNCTION ||
	       one_of(low(s, from - 1), "that while because if when where although so");
}

static bool is_predicate(const struct sentence *s, uint32_t i)
{
	if (one_of(low(s, i), "a an the one any those what"))
		return !one_of(low(s, i + 1), "same reason result way problem only most");
	if (one_of(low(s, i), "defined where when"))
		return true;
	uint32_t at = i; /* "single-celled or colonial organisms" */
	while (at < i + 4 && (tag_at(s, at) == TAG_ADJECTIVE || one_of(low(s, at), ", or and")))
		at++;
	return phrase_end(s, i) > i || phrase_end(s, at) > at;
}

static bool is_defining_verb(const struct sentence *s, uint32_t i)
{
	struct str w = low(s, i);
	if (one_of(w, "is are"))
		return is_predicate(s, i + 1 + (tag_at(s, i + 1) == TAG_ADVERB));
	if (one_of(w, "refers refer")) /* not "economists refer to this as …" */
		return one_of(low(s, i + 1), "to") &&
		       !one_of(low(s, i + 2), "this these that it them");
	if (one_of(w, "consists consist"))
		return one_of(low(s, i + 1), "of");
	if (one_of(w, "occurs occur exists exist"))
		return one_of(low(s, i + 1), "when if");
	return one_of(w, "means mean describes describe denotes denote states comprises comprise");
}

/* "An amphipathic molecule is one that …" defines the adjective. */
static void add_defined(struct cues *c, uint32_t from, uint32_t to, uint32_t verb)
{
	const struct sentence *s = c->s;
	bool is_of_kind = one_of(low(s, verb + 1), "one") &&
	                  one_of(low(s, verb + 2), "that who in which whose");
	is_of_kind &= to - from == 2 && tag_at(s, from) == TAG_ADJECTIVE;
	add(c, CUE_DEFINED, from, is_of_kind ? to - 1 : to);
}

static void read_defined(struct cues *c)
{
	const struct sentence *s = c->s;
	for (uint32_t v = 1; v + 2 < s->n; v++) {
		if (!is_defining_verb(s, v))
			continue;
		uint32_t to = v;
		while (to > 0 && tag_at(s, to - 1) == TAG_ADVERB)
			to--;
		uint32_t from = term_before(s, &to);
		if (from < to && begins_clause(s, from)) {
			add_defined(c, from, to, v);
			continue;
		}
		/* The law of demand is …: keyterms.c knows whether it is one term */
		if (from == to || from < 2 || !one_of(low(s, from - 1), "of"))
			continue;
		uint32_t head = from - 1, start = term_before(s, &head);
		if (start < head && begins_clause(s, start))
			add(c, CUE_DEFINED, start, to);
	}
}

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
	if (one_of(w, "referred") && one_of(low(s, i + 1), "to") && one_of(low(s, i + 2), "as"))
		return i + 3;
	if (one_of(w, "as") && is_reference(s, i))
		return i + 1;
	if (i > 0 && one_of(w, "term terms word") && one_of(low(s, i - 1), "the"))
		return i + 1;
	if (one_of(w, "concept idea notion principle phenomenon theory process") && i > 0 &&
	    one_of(low(s, i + 1), "of") && one_of(low(s, i - 1), "the a"))
		return i + 2;
	return 0;
}

/* "call this inverse relationship … the law of demand": the end of the clause names it. */
static void read_called_object(struct cues *c, uint32_t verb)
{
	const struct sentence *s = c->s;
	uint32_t to = verb + 1;
	while (to < s->n && !one_of(low(s, to), ". ; ( ,"))
		to++;
	uint32_t end = to, from = term_before(s, &end);
	if (from < end && from > verb + 1 && tag_at(s, from - 1) == TAG_PREPOSITION &&
	    one_of(low(s, from - 1), "of")) {
		uint32_t head = from - 1, start = term_before(s, &head);
		if (start < head && is_article(s, start - 1))
			add(c, CUE_NAMED, start, end);
		return;
	}
	if (from < end && from > verb + 1 &&
	    (is_article(s, from - 1) || one_of(low(s, from - 1), "or")))
		add(c, CUE_NAMED, from, end);
	if (from > verb + 3 && is_article(s, from - 1) && one_of(low(s, from - 2), "or")) {
		uint32_t other = from - 2, start = term_before(s, &other);
		add(c, CUE_NAMED, start, other);
	}
}

static void read_named(struct cues *c)
{
	const struct sentence *s = c->s;
	for (uint32_t i = 0; i + 1 < s->n; i++) {
		if (i > 0 && one_of(low(s, i), "call calls called") &&
		    (one_of(low(s, i + 1), "this that these those it them such") ||
		     (tag_at(s, i - 1) != TAG_BE && is_article(s, i + 1))))
			read_called_object(c, i);
		uint32_t at = naming_end(s, i), from;
		if (at == 0 || at >= s->n)
			continue;
		uint32_t to = term_after(s, at, &from);
		add(c, CUE_NAMED, from, to);
		if (one_of(low(s, to), "of")) {
			uint32_t next, end = term_after(s, to + 1, &next);
			if (end > next)
				add(c, CUE_NAMED, from, end);
		}
		if (one_of(low(s, to), "or and")) {
			uint32_t end = term_after(s, to + 1, &from);
			add(c, CUE_NAMED, from, end);
		}
	}
}

static bool has_verb(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to && i < s->n; i++)
		if (tag_at(s, i) == TAG_BE || tag_at(s, i) == TAG_VERB || tag_at(s, i) == TAG_HAVE)
			return true;
	return false;
}

/* What may follow a term as its gloss, behind a comma, a dash or a bracket. */
static bool is_gloss(const struct sentence *s, uint32_t mark)
{
	struct str w = low(s, mark + 1);
	if (one_of(low(s, mark), "("))
		return one_of(w, "a an the or also called known i.e. literally singular plural "
		                 "that") ||
		       (mark + 1 < s->n && token_is_abbreviation(s, mark + 1));
	if (is_dash(s, mark))
		return one_of(w, "a an the or literally that referred called") ||
		       tag_at(s, mark + 1) == TAG_WH;
	if (one_of(w, "that"))
		return one_of(low(s, mark + 2), "is");
	if (one_of(w, "which"))
		return has_verb(s, mark + 2, mark + 4);
	return one_of(w, "a an the meaning those");
}

/* "macromolecules, large molecules that …" */
static bool is_bare_gloss(const struct sentence *s, uint32_t mark)
{
	uint32_t end = phrase_end(s, mark + 1);
	return one_of(low(s, mark), ",") && end > mark + 1 && one_of(low(s, end), "that which who");
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
	if (!is_article(s, mark + 1))
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

static void read_glossed(struct cues *c)
{
	const struct sentence *s = c->s;
	for (uint32_t i = 1; i + 2 < s->n; i++) {
		bool is_comma = one_of(low(s, i), ",");
		if ((!is_comma && !one_of(low(s, i), "(") && !is_dash(s, i)))
			continue;
		uint32_t to = i, from = term_before(s, &to);
		if (from == to)
			continue;
		if (bracket_end(s, i) > 0) {
			add(c, CUE_GLOSSED, from, to);
			add(c, CUE_ALIAS, i + 1, bracket_end(s, i));
		} else if (is_bare_gloss(s, i) && !is_list(s, i)) {
			add(c, CUE_GLOSSED, from, to);
		} else if (one_of(low(s, i + 1), "or")) {
			uint32_t next, end = term_after(s, i + 2, &next);
			if (end == next || tag_at(s, end) != TAG_PUNCT)
				continue;
			add(c, CUE_ALIAS, from, to);
			add(c, CUE_ALIAS, next, end);
		} else if (is_gloss(s, i) && !(is_comma && (is_list(s, i) || is_clause(s, i))) &&
		           (!is_comma || begins_clause(s, from) || has_verb(s, 0, from))) {
			add(c, CUE_GLOSSED, from, to);
		}
	}
}

/* The term that ends the sentence, or stands before a comma, behind "is" or "is the". */
static void read_answer(struct cues *c)
{
	const struct sentence *s = c->s;
	for (uint32_t i = 2; i + 1 < s->n; i++) {
		uint32_t from, to;
		if (!one_of(low(s, i), "is are") || tag_at(s, i + 1) == TAG_PRONOUN)
			continue;
		to = term_after(s, i + 1, &from);
		if (to > from && tag_at(s, to - 1) != TAG_ADJECTIVE &&
		    tag_at(s, to - 1) != TAG_VERB && one_of(low(s, to), ". , ; :"))
			add(c, CUE_ANSWER, from, to);
	}
}

/* "During interphase, the cell …": where the phrase ends that the sentence opens with. */
static uint32_t opening_end(const struct sentence *s, uint32_t from, uint32_t *start)
{
	*start = from + 1 + one_of(low(s, from + 1), "the a an");
	uint32_t end = phrase_end(s, *start);
	return end > *start && one_of(low(s, end), ",") ? end : *start;
}

static void read_topic(struct cues *c)
{
	const struct sentence *s = c->s;
	uint32_t from = s->lead, start;
	if (one_of(low(s, from), "in during throughout with")) {
		uint32_t end = opening_end(s, from, &start);
		add(c, CUE_TOPIC, start, end);
		return;
	}
	from += one_of(low(s, from), "a an");
	uint32_t to = phrase_end(s, from);
	while (to > from && is_noun_after_all(s, to))
		to++;
	enum tag next = tag_at(s, to);
	if (to > from && to < s->n &&
	    (next == TAG_BE || next == TAG_VERB || next == TAG_MODAL || next == TAG_HAVE ||
	     next == TAG_ADVERB || one_of(low(s, to), "(")))
		add(c, CUE_TOPIC, from, to);
}

size_t term_cues_find(const struct sentence *s, struct term_cue *ret, size_t max)
{
	struct cues c = { .s = s, .list = ret, .max = max };
	read_defined(&c);
	read_named(&c);
	read_glossed(&c);
	read_answer(&c);
	read_topic(&c);
	return c.n;
}
