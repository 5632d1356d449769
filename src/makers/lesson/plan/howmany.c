/* How a figure is asked for outright: how many, in which year, what percentage.
 *
 * A form is used only where it comes out right and has one answer; otherwise amounts.c shows
 * the sentence with a gap.
 */
#include "makers/lesson/plan/amounts.h"

/* Somebody or something named elsewhere; "we" is put into words, and "US" is no pronoun. */
static bool has_other_person(const struct sentence *s, uint32_t from)
{
	for (uint32_t i = from; i < s->n; i++)
		if (!s->tokens[i].is_upper && one_of(low(s, i), "you your they their it its them"))
			return true;
	return false;
}

/* The first token behind the figure that is not asked about any more. */
static uint32_t asked_end(const struct amount *x)
{
	for (uint32_t i = x->to; i < x->s->n; i++)
		if (one_of(low(x->s, i), ": ; \xe2\x80\x94"))
			return i;
	return x->s->n;
}

struct str amount_gapped(struct planner *p, const struct amount *x, struct str gap)
{
	struct sentence s = *x->s;
	s.n = asked_end(x);
	struct str said = say_with(p, &s, x->from, x->to, gap);
	return s.n == x->s->n ? said : str_fmt(p->arena, STR_FMT ".", STR_ARG(said));
}

/* Tokens of the bound itself: "more than" has two. */
static uint32_t bound_from(const struct sentence *s, uint32_t i)
{
	if (i > 0 && one_of(low(s, i - 1), "about almost nearly around approximately roughly some "
	                                   "over under only just exactly"))
		return i - 1;
	return i > 1 && one_of(low(s, i - 1), "than") ? i - 2 : i;
}

/* Behind the counted noun and what hangs on it: "jars of honey". */
static uint32_t counted_end(const struct sentence *s, uint32_t i)
{
	uint32_t end = phrase_end(s, i);
	if (end == i || !s->tokens[end - 1].word->is_plural)
		return i;
	uint32_t of = one_of(low(s, end + 1), "the a an") ? end + 2 : end + 1;
	if (one_of(low(s, end), "of") && phrase_end(s, of) > of)
		return phrase_end(s, of);
	return end;
}

/* "How many cards did the authors create …?"; empty when it does not come out right. */
static struct str how_many(struct planner *p, const struct amount *x)
{
	const struct sentence *s = x->s;
	uint32_t end = counted_end(s, x->to), before = bound_from(s, x->from);
	uint32_t last = asked_end(x);
	if (end == x->to || end > last || has_other_person(s, end))
		return NOTHING;
	struct str noun = sentence_span(s, x->to, end);
	struct str rest = without_end(end < last ? say_inside(p, s, end, last) : NOTHING);
	if (before == s->lead && is_finite_verb(s, end, true))
		return str_fmt(p->arena,
		               "According to the text, %show many " STR_FMT " " STR_FMT "?",
		               x->bound, STR_ARG(noun), STR_ARG(rest));
	if (before == s->lead + 2 && one_of(low(s, s->lead), "there") &&
	    one_of(low(s, s->lead + 1), "are were"))
		return str_fmt(p->arena,
		               "According to the text, %show many " STR_FMT " " STR_FMT
		               " there%s" STR_FMT "?",
		               x->bound, STR_ARG(noun), STR_ARG(low(s, s->lead + 1)),
		               rest.len > 0 ? " " : "", STR_ARG(rest));
	struct clause c;
	if (!clause_at(s, s->lead, s->n, &c) || c.verb + 1 != before)
		return NOTHING;
	c.to = before;
	struct str asked = inverted(p, s, &c);
	if (asked.len == 0)
		return NOTHING;
	return str_fmt(p->arena,
	               "According to the text, %show many " STR_FMT " " STR_FMT "%s" STR_FMT "?",
	               x->bound, STR_ARG(noun), STR_ARG(str_trim(asked)), rest.len > 0 ? " " : "",
	               STR_ARG(rest));
}

/* "in 2016", "in late 2015", "in October 2018": where the "in" stands; 0 when it does not. */
static uint32_t year_phrase(const struct sentence *s, uint32_t i)
{
	uint32_t at = i;
	if (at > s->lead &&
	    one_of(low(s, at - 1), "late early mid january february march april may "
	                           "june july august september october november "
	                           "december"))
		at--;
	return at > s->lead && one_of(low(s, at - 1), "in") ? at - 1 : UINT32_MAX;
}

/* What follows the year and still says what happened: "as an idea", up to a comma. */
static struct str year_rest(struct planner *p, const struct sentence *s, uint32_t i)
{
	uint32_t end = i;
	while (end < s->n && !one_of(low(s, end), ", ; : . ! ?"))
		end++;
	if (end == i)
		return NOTHING;
	return str_fmt(p->arena, " " STR_FMT, STR_ARG(say_inside(p, s, i, end)));
}

/* "USWDS initially launched" in …: subject and past verb, and no other verb behind the year,
 * of which they might be the subject ("Tools launched in 2015 are …"). */
static bool past_clause(const struct sentence *s, uint32_t from, uint32_t in, struct clause *ret)
{
	uint32_t subject = from + (tag_at(s, from) == TAG_DETERMINER ? 1 : 0);
	uint32_t end = phrase_end(s, subject), verb = in - 1;
	if (end == subject || verb < end || !s->tokens[verb].word->is_past)
		return false;
	for (uint32_t i = end; i < verb; i++)
		if (tag_at(s, i) != TAG_ADVERB)
			return false;
	for (uint32_t i = in; i < s->n && !one_of(low(s, i), ","); i++) {
		enum tag t = tag_at(s, i);
		if (t == TAG_BE || t == TAG_HAVE || t == TAG_MODAL || t == TAG_DO || t == TAG_VERB)
			return false;
	}
	*ret = (struct clause){ .from = from, .subject_to = verb, .verb = verb, .to = in };
	return true;
}

/* "In which year did … ?" */
static struct str which_year(struct planner *p, const struct amount *x)
{
	const struct sentence *s = x->s;
	struct clause c;
	uint32_t in = x->is_year ? year_phrase(s, x->from) : UINT32_MAX;
	struct str rest = NOTHING;
	if (in == UINT32_MAX)
		return NOTHING;
	if (in == s->lead) { /* "In 2016, the team …" */
		if (!one_of(low(s, x->to), ",") || !clause_at(s, x->to + 1, s->n - 1, &c))
			return NOTHING;
	} else {
		uint32_t from = s->lead + (one_of(low(s, s->lead), "when") ? 1 : 0);
		bool is_main = from == s->lead || one_of(low(s, x->to), ",");
		if (!is_main || one_of(low(s, x->to), "and or") ||
		    (!past_clause(s, from, in, &c) && !clause_at(s, from, in, &c)))
			return NOTHING;
		rest = year_rest(p, s, x->to);
	}
	struct str asked = inverted(p, s, &c);
	if (asked.len == 0 || has_other_person(s, x->to))
		return NOTHING;
	return str_fmt(p->arena, "According to the text, in which year " STR_FMT STR_FMT "?",
	               STR_ARG(str_trim(asked)), STR_ARG(rest));
}

/* "18% of submissions are valid": the sentence begins with it and goes on with a verb. */
static struct str what_percentage(struct planner *p, const struct amount *x)
{
	const struct sentence *s = x->s;
	bool is_word = one_of(low(s, x->to), "percent");
	uint32_t of = x->to + (is_word ? 1 : 0), end = of + 1;
	if (bound_from(s, x->from) != s->lead || !one_of(low(s, of), "of") ||
	    (!is_word && !str_eqz(x->unit, "%")))
		return NOTHING;
	while (one_of(low(s, end), "the all our"))
		end++;
	if (phrase_end(s, end) == end || !is_finite_verb(s, phrase_end(s, end), true))
		return NOTHING;
	for (end = of + 1; end < s->n && !one_of(low(s, end), ", ; : ."); end++)
		;
	return str_fmt(p->arena, "According to the text, %swhat percentage " STR_FMT "?", x->bound,
	               STR_ARG(without_end(say_inside(p, s, of, end))));
}

/* Whether a sentence of the same matter has another number of the same things: then "how
 * many" would have two answers. */
static bool is_counted_otherwise(const struct planner *p, const struct amount *x)
{
	for (const struct sentence *s = p->doc->sentences; s; s = s->next)
		for (uint32_t i = 0; s != x->s && i + 1 < s->n; i++) {
			if (s->tokens[i].tag != TAG_NUMBER && !one_of(low(s, i), "no both"))
				continue;
			uint32_t end = phrase_end(s, i + 1);
			if (end > i + 1 && s->tokens[end - 1].word->stem_id == x->head->stem_id &&
			    !str_eq_nocase(sentence_span(s, i, i + 1), x->span) &&
			    shared_stems(s, x->s) > 1)
				return true;
		}
	return false;
}

struct str amount_prompt(struct planner *p, const struct amount *x)
{
	if (x->is_code || x->is_hyphened || !x->bound)
		return NOTHING;
	struct str asked = which_year(p, x);
	if (asked.len == 0 && !x->is_year)
		asked = what_percentage(p, x);
	if (asked.len == 0 && x->head && !is_counted_otherwise(p, x))
		asked = how_many(p, x);
	return asked;
}
