/* Cues: where a sentence introduces a word as a term.
 *
 *	defined    X is a …; X refers to …; An X organism is one that …
 *	named      called X, known as X, the term X; they call this … an X
 *	glossed    X (…), X, a …, X, which is …, X — the …
 *	alias      X, or Y
 *	listed     There are two kinds: X and Y.
 *	answer     The simplest kind is the X.
 *	topic      X … at the head of a sentence, without an article
 *
 * These are patterns of Hearst (1992), Muresan and Klavans (2002) and Navigli and Velardi
 * (2010).  facts.c reads some of them, too, but there what is said of the term must be fit
 * to be shown; here only the term is wanted, so that a cue may be read more freely. */
#include "makers/lesson/plan/termcues.h"

enum { TERM_MAX = 5 };

bool at_quote(const struct sentence *s, uint32_t i)
{
	return one_of(low(s, i), "\" \xe2\x80\x9c \xe2\x80\x9d ' \xe2\x80\x98 \xe2\x80\x99");
}

bool at_article(const struct sentence *s, uint32_t i)
{
	return one_of(low(s, i), "the a an");
}

bool at_dash(const struct sentence *s, uint32_t i)
{
	return one_of(low(s, i), "\xe2\x80\x94 \xe2\x80\x93");
}

/* What a term may consist of: also "demanded" in "quantity demanded". */
static bool is_term_token(const struct sentence *s, uint32_t i)
{
	enum tag t = tag_at(s, i);
	if (i >= s->n || t == TAG_PUNCT || one_of(low(s, i), "unlike called termed known") ||
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

void cues_add(struct cues *c, enum term_cue_kind kind, uint32_t from, uint32_t to)
{
	from += from + 1 < to && one_of(low(c->s, from), "term word"); /* "the term politics" */
	if (c->n == c->max || to <= from || to - from > TERM_MAX || !says_something(c->s, from, to))
		return;
	c->list[c->n++] = (struct term_cue){ .kind = kind, .from = from, .to = to };
}

/* "called virology studies viruses" */
static bool is_verb_with_object(const struct sentence *s, uint32_t i)
{
	const struct word *w = s->tokens[i].word;
	return w->is_third && w->v > 0 && !s->tokens[i - 1].word->is_plural &&
	       !one_of(low(s, i + 1), "that which who") && tag_at(s, i + 1) != TAG_PUNCT &&
	       tag_at(s, i + 1) != TAG_PREPOSITION && tag_at(s, i + 1) != TAG_CONJUNCTION;
}

/* "educated guesses that …" */
static bool is_plural_after_all(const struct sentence *s, uint32_t i)
{
	if (i == 0 || tag_at(s, i) != TAG_VERB || tag_at(s, i - 1) != TAG_VERB)
		return false;
	const struct word *w = s->tokens[i].word;
	return w->is_third && w->n > 0 && s->tokens[i - 1].word->is_past &&
	       one_of(low(s, i + 1), "that which who of . ,");
}

uint32_t term_after(const struct sentence *s, uint32_t i, uint32_t *from)
{
	while (i < s->n && (at_quote(s, i) || tag_at(s, i) == TAG_DETERMINER ||
	                    tag_at(s, i) == TAG_POSSESSIVE || tag_at(s, i) == TAG_ADVERB))
		i++;
	uint32_t to = i;
	if (i < s->n && tag_at(s, i) == TAG_VERB && s->tokens[i].word->n > 0 &&
	    !s->tokens[i].word->is_past && !s->tokens[i].word->is_third)
		to++; /* "the term demand": no verb may stand here */
	while ((is_term_token(s, to) && !(to > i && is_verb_with_object(s, to))) ||
	       (to > i && (is_noun_after_all(s, to) || is_plural_after_all(s, to))))
		to++;
	/* "called the bourgeoisie dominated the laborers" */
	if (to > i + 1 && tag_at(s, to - 1) == TAG_VERB && s->tokens[to - 1].word->is_past &&
	    (tag_at(s, to) == TAG_DETERMINER || tag_at(s, to) == TAG_POSSESSIVE))
		to--;
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

uint32_t term_before(const struct sentence *s, uint32_t *to)
{
	uint32_t i = before_brackets(s, *to);
	while (i > 0 && at_quote(s, i - 1))
		i--;
	*to = i;
	while (i > 0 && (is_term_token(s, i - 1) || is_noun_after_all(s, i - 1)))
		i--;
	if (i > 1 && i < *to && one_of(low(s, i - 1), "'s") && tag_at(s, i - 2) == TAG_PROPER)
		i -= 2; /* "Newton's law" */
	/* "of protecting common goods" */
	if (i > 0 && i + 1 < *to && tag_at(s, i) == TAG_VERB && s->tokens[i].word->is_gerund &&
	    s->tokens[i].word->n == 0 && tag_at(s, i - 1) == TAG_PREPOSITION)
		i++;
	/* "the town built groynes": a verb between two nouns */
	for (uint32_t k = i + 2; k < *to; k++)
		if (tag_at(s, k - 1) == TAG_VERB && s->tokens[k - 1].word->is_past &&
		    (tag_at(s, k - 2) == TAG_NOUN || tag_at(s, k - 2) == TAG_PROPER)) {
			i = k;
			break;
		}
	/* "This causes interference": a verb, whatever the tagger takes it for */
	if (i > 0 && i + 1 < *to && s->tokens[i].word->is_third &&
	    one_of(low(s, i - 1), "this that it which who"))
		i++;
	/* "Buy classes refer to …": no imperative, for a verb follows */
	if (i == s->lead + 1 && i < *to && tag_at(s, s->lead) == TAG_VERB &&
	    s->tokens[s->lead].word->n > 0 && s->tokens[s->lead].word->fixed == TAG_OTHER)
		i--;
	if (i > 0 && i + 1 < *to && tag_at(s, i) == TAG_VERB && s->tokens[i].word->is_past &&
	    tag_at(s, i - 1) == TAG_CONJUNCTION)
		i++; /* "and provided weekly ships" */
	/* "cells containing lipids": a verb behind a noun is none of the term's words */
	while (i > 0 && i + 1 < *to && tag_at(s, i) == TAG_VERB &&
	       (tag_at(s, i - 1) == TAG_NOUN || tag_at(s, i - 1) == TAG_PROPER ||
	        tag_at(s, i - 1) == TAG_PRONOUN))
		i++;
	return i;
}

bool ends_in_noun(const struct sentence *s, uint32_t to)
{
	return tag_at(s, to - 1) == TAG_NOUN || tag_at(s, to - 1) == TAG_PROPER ||
	       is_noun_after_all(s, to - 1) ||
	       (s->tokens[to - 1].word->is_gerund && s->tokens[to - 1].word->n > 0);
}

bool begins_clause(const struct sentence *s, uint32_t from)
{
	while (from > 0 && at_quote(s, from - 1))
		from--;
	if (from > 0 && one_of(low(s, from - 1), "term word"))
		from--;
	if (from > 0 && at_article(s, from - 1))
		from--;
	if (from == 0 || from == s->lead)
		return true;
	enum tag t = tag_at(s, from - 1);
	return t == TAG_PUNCT || t == TAG_CONJUNCTION ||
	       one_of(low(s, from - 1), "that while because if when where whereas although so");
}

static bool is_predicate(const struct sentence *s, uint32_t i)
{
	if (one_of(low(s, i), "a an the one any those what"))
		return !one_of(low(s, i + 1), "same reason result way problem only most");
	if (one_of(low(s, i), "defined where when composed comprised characterized located "
	                      "responsible"))
		return true;
	uint32_t at = i; /* "single-celled or colonial organisms" */
	while (at < i + 4 && (tag_at(s, at) == TAG_ADJECTIVE || one_of(low(s, at), ", or and")))
		at++;
	return phrase_end(s, i) > i || phrase_end(s, at) > at;
}

/* "economists refer to this as …" */
static bool names_another(const struct sentence *s, uint32_t i)
{
	if (!one_of(low(s, i), "this these that it them"))
		return false;
	for (uint32_t k = i + 1; k < i + 8; k++)
		if (one_of(low(s, k), "as"))
			return true;
	return false;
}

static bool is_defining_verb(const struct sentence *s, uint32_t i)
{
	struct str w = low(s, i);
	if (one_of(w, "is are"))
		return is_predicate(s, i + 1 + (tag_at(s, i + 1) == TAG_ADVERB));
	if (one_of(w, "refers refer"))
		return one_of(low(s, i + 1), "to") && !names_another(s, i + 2);
	if (one_of(w, "can may")) /* "can be defined as" */
		return one_of(low(s, i + 1), "be") &&
		       one_of(low(s, i + 2), "defined described understood thought");
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
	cues_add(c, CUE_DEFINED, from, is_of_kind ? to - 1 : to);
}

/* "Mitosis and meiosis are kinds of …": the one before "and", where the clause begins. */
static void add_partner(struct cues *c, uint32_t from)
{
	const struct sentence *s = c->s;
	uint32_t to = from - (from > 0 && at_article(s, from - 1));
	if (to < 2 || !one_of(low(s, to - 1), "and"))
		return;
	to--;
	uint32_t start = term_before(s, &to);
	if (start < to && start <= s->lead + 1 && begins_clause(s, start) && ends_in_noun(s, to))
		cues_add(c, CUE_DEFINED, start, to);
}

/* "A variable, usually notated by a capital letter, is a …" */
static void read_interrupted(struct cues *c)
{
	const struct sentence *s = c->s;
	uint32_t from, to = term_after(s, s->lead, &from), end;
	if (to == from || !one_of(low(s, to), ",") || from > s->lead + 1)
		return;
	for (end = to + 3; end + 2 < s->n && !one_of(low(s, end), ","); end++)
		;
	if (one_of(low(s, end + 1), "is are occurs occur") && is_defining_verb(s, end + 1))
		cues_add(c, CUE_DEFINED, from, to);
}

/* "What is sociology?" */
static void read_asked(struct cues *c)
{
	const struct sentence *s = c->s;
	if (!one_of(low(s, s->lead), "what") || !one_of(low(s, s->lead + 1), "is are"))
		return;
	uint32_t from, to = term_after(s, s->lead + 2, &from);
	if (to > from && one_of(low(s, to), "?") && ends_in_noun(s, to))
		cues_add(c, CUE_DEFINED, from, to);
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
		if (from == to && to == s->lead + 1 && tag_at(s, s->lead) == TAG_VERB &&
		    s->tokens[s->lead].word->n > 0)
			from = s->lead; /* "Ebb refers to …" */
		if (from < to && begins_clause(s, from)) {
			add_defined(c, from, to, v);
			add_partner(c, from);
			continue;
		}
		/* The law of demand is …: keyterms.c knows whether it is one term */
		if (from == to || from < 2 || !one_of(low(s, from - 1), "of"))
			continue;
		uint32_t head = from - 1, start = term_before(s, &head);
		if (start < head && begins_clause(s, start))
			cues_add(c, CUE_DEFINED, start, to);
	}
}

size_t term_cues_find(const struct sentence *s, struct term_cue *ret, size_t max)
{
	struct cues c = { .s = s, .list = ret, .max = max };
	read_defined(&c);
	read_asked(&c);
	read_interrupted(&c);
	cues_of_names(&c);
	cues_of_glosses(&c);
	cues_of_lists(&c);
	return c.n;
}
