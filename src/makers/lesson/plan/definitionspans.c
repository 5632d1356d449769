/* Where a definition begins and where it ends. */
#include "makers/lesson/plan/definitions_priv.h"

#include "makers/lesson/plan/termcues.h"

enum { BRACKET_MAX = 6 };

/* --- Where it ends --- */

uint32_t closing_bracket(const struct sentence *s, uint32_t open)
{
	uint32_t i = open + 1;
	while (i < s->n && !one_of(low(s, i), ")"))
		i++;
	return i;
}

/* ", which …", ", but …", ", and it …": something else is said of it. */
static bool goes_on(const struct sentence *s, uint32_t i)
{
	if (one_of(low(s, i), "; : ?") || at_dash(s, i))
		return true;
	if (one_of(low(s, i), "because although whereas unless"))
		return true;
	if (!one_of(low(s, i), ","))
		return false;
	uint32_t noun = i + 2 + at_article(s, i + 2), end = phrase_end(s, noun);
	if (one_of(low(s, i + 1), "and or") && end > noun &&
	    (is_finite_verb(s, end, false) || is_finite_verb(s, end, true)))
		return true; /* ", and a second model shows …" */
	if (one_of(low(s, i + 1), "and or"))
		return one_of(low(s, i + 2),
		              "it they this these those that he she we you in is are "
		              "can may has have will was were there");
	return one_of(low(s, i + 1),
	              "which but so although though while whereas because since where when not "
	              "then thus making allowing however if rather with as it they this "
	              "in on at during after before by under from");
}

uint32_t definition_end(const struct sentence *s, uint32_t from)
{
	uint32_t i = from + 2;
	for (; i < s->n; i++) {
		uint32_t close = closing_bracket(s, i);
		if (!one_of(low(s, i), "(") && goes_on(s, i))
			return i;
		if (one_of(low(s, i), "(") && (close > i + BRACKET_MAX || close + 2 >= s->n))
			return i;
		if (one_of(low(s, i), "("))
			i = close;
	}
	return s->n;
}

/* "Salinity, the salt of the sea, grows …": the comma before the verb. */
uint32_t insertion_end(const struct sentence *s, uint32_t from)
{
	for (uint32_t i = from + 2; i + 1 < s->n; i++) {
		if (one_of(low(s, i), "("))
			i = closing_bracket(s, i);
		if (!one_of(low(s, i), ","))
			continue;
		uint32_t verb = i + 1;
		while (tag_at(s, verb) == TAG_ADVERB)
			verb++;
		if (is_finite_verb(s, verb, false) || is_finite_verb(s, verb, true))
			return i;
	}
	return 0;
}

/* --- Where it begins --- */

bool is_superlative(const struct sentence *s, uint32_t i)
{
	if (one_of(low(s, i),
	           "most least same first second third last next main best worst major key primary "
	           "biggest greatest other following latter former result reason cause case answer "
	           "question problem goal aim point idea number basis focus opposite way job work "
	           "home"))
		return true;
	bool is_most = tag_at(s, i) == TAG_ADJECTIVE && low(s, i).len > 5 &&
	               str_ends(low(s, i), STR("est"));
	while (is_most && (tag_at(s, i) == TAG_ADJECTIVE || one_of(low(s, i), "and most")))
		i++;
	return is_most && !one_of(low(s, phrase_end(s, i)), "of that");
}

/* "a very good …", "an important part": praise, or a mere part. */
bool is_praise(const struct sentence *s, uint32_t i)
{
	for (uint32_t k = i; k < i + 3; k++)
		if (one_of(low(s, k),
		           "very great good better best huge enormous challenge necessity problem "
		           "shame pity joy must useful valuable important big constant hot amazing "
		           "lot "
		           "key really part example result reason factor concern essential common "
		           "popular way step little bit matter relatively rather question reminder "
		           "start issue efficient effective "
		           "effort emotional special different indication priority unique "
		           "greater equivalent new"))
			return true;
	return false;
}

bool has_noun_in(const struct sentence *s, uint32_t from, uint32_t i)
{
	for (uint32_t k = from; k < i; k++)
		if (tag_at(s, k) == TAG_NOUN || tag_at(s, k) == TAG_PROPER)
			return true;
	return false;
}

/* What "is" may be followed by when it defines; the length of a phrase before what tells it
 * from others, or 0. */
bool begins_definition(const struct sentence *s, uint32_t i, bool is_plural)
{
	uint32_t noun, noun_end = term_after(s, i, &noun);
	if (one_of(low(s, noun_end), "and or") && !has_noun_in(s, noun, noun_end))
		noun_end =
		        term_after(s, noun_end + 1, &noun); /* "the smallest and most basic unit" */
	if (at_article(s, i) && !has_noun_in(s, noun, noun_end))
		return false; /* "the directly observable" */
	if (one_of(low(s, i), "a an"))
		return !is_praise(s, i + 1) &&
		       !(one_of(low(s, i + 1), "number") && one_of(low(s, i + 2), "of"));
	if (one_of(low(s, i), "the"))
		return !is_superlative(s, i + 1) && !is_praise(s, i + 1);
	if (one_of(low(s, i), "what"))
		return true;
	if (one_of(low(s, i), "those any one"))
		return one_of(low(s, i + 1), "that who whose which in") ||
		       (one_of(low(s, i), "any") && tag_at(s, i + 1) == TAG_NOUN);
	while (tag_at(s, i) == TAG_ADJECTIVE && one_of(low(s, i + 1), "or and ,") &&
	       tag_at(s, i + 2) == TAG_ADJECTIVE)
		i += 2;
	uint32_t from, end = term_after(s, i, &from);
	if (one_of(low(s, end), "in") && one_of(low(s, end + 1), "that"))
		return false;
	if (from > i || end == from || !ends_in_noun(s, end) || is_praise(s, i) ||
	    tag_at(s, i) == TAG_PROPER || one_of(low(s, i), "meaning"))
		return false;
	return one_of(low(s, end), is_plural ? "that which who used made for composed of found in"
	                                     : "that which divided used of");
}

static bool is_plain_adverb(struct str w)
{
	return one_of(w, "simply basically essentially generally typically usually");
}

/* Behind the verb at `v`; 0 when it defines nothing. */
uint32_t behind_defining_verb(const struct sentence *s, uint32_t v)
{
	uint32_t i = v + 1 + is_plain_adverb(low(s, v + 1));
	if (one_of(low(s, v), "is are")) {
		if (one_of(low(s, i), "defined understood described"))
			return one_of(low(s, i + 1), "as") ? i + 2 : 0;
		if (one_of(low(s, i), "when where"))
			return i;
		if (one_of(low(s, i), "an") && one_of(low(s, i + 1), "example") &&
		    one_of(low(s, i + 2), "of"))
			i += 3;
		return begins_definition(s, i, one_of(low(s, v), "are")) ? i : 0;
	}
	if (one_of(low(s, v), "refers refer"))
		return one_of(low(s, i), "to") && !one_of(low(s, i + 1), "this these it") ? i + 1
		                                                                          : 0;
	if (one_of(low(s, v), "means"))
		return one_of(low(s, i), "that") || one_of(low(s, i), "we you it") ? 0 : i;
	if (one_of(low(s, v), "denotes"))
		return at_article(s, i) ? i : 0;
	if (one_of(low(s, v), "occurs"))
		return one_of(low(s, i), "when") ? i : 0;
	if (one_of(low(s, v), "can may") && one_of(low(s, i), "be"))
		return one_of(low(s, i + 1), "defined described understood") &&
		                       one_of(low(s, i + 2), "as")
		               ? i + 3
		               : 0;
	return 0;
}

uint32_t behind_term(const struct sentence *s, uint32_t i)
{
	while (i < s->n && at_quote(s, i))
		i++;
	if (one_of(low(s, i), "(") && closing_bracket(s, i) <= i + 3 &&
	    closing_bracket(s, i) < s->n)
		i = closing_bracket(s, i) + 1;
	return i;
}
