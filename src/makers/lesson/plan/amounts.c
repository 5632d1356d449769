/* Figures to be known: typed, chosen among others, or judged in a statement.
 *
 *	"According to the text, how many cards did the authors create?"          56  cards
 *	"According to the text, in which year did the tool begin as an idea?"  2016
 *	"According to the text, what percentage of submissions are valid?"       18  %
 *	"Complete the sentence …: … follows a _____-hour scanning guideline."    72  hours
 *
 * One figure must answer the prompt.  What only bounds or rounds it ("over", "nearly") is told
 * there; a range is left out; where the text counts the same things otherwise elsewhere, the
 * sentence itself is shown with a gap.  One and two are too easily guessed to be typed, but as
 * exit codes.
 */
#include "makers/lesson/figures/figures.h"
#include "makers/lesson/plan/plan.h"

struct amount {
	struct sentence *s;
	uint32_t from, to;       /* tokens of the figure */
	struct str span;         /* the figure as the text has it: "39%", "nine" */
	struct str number;       /* canonical */
	struct str unit;         /* may be empty */
	struct str gap;          /* what stands in its place: "_____", "_____%", "_____-hour" */
	const struct word *head; /* of what is counted; may be NULL */
	const char *bound;       /* "about", "more than", to be told; or "" */
	bool is_year, is_code, is_hyphened;
};

static struct str nothing(void)
{
	return (struct str){ "", 0 };
}

/* --- Reading --- */

/* "about", "more than" and the like, which a question must tell; NULL for what it cannot
 * ("up to", "at least"), where only the sentence itself will do. */
static const char *bound_before(const struct sentence *s, uint32_t i)
{
	struct str w = i > 0 ? low(s, i - 1) : nothing();
	struct str v = i > 1 ? low(s, i - 2) : nothing();
	if (one_of(w, "about almost nearly around approximately roughly some"))
		return "about ";
	if (one_of(w, "over") || (one_of(w, "than") && one_of(v, "more")))
		return "more than ";
	if (one_of(w, "under") || (one_of(w, "than") && one_of(v, "less fewer")))
		return "less than ";
	if (one_of(w, "to than as") || (one_of(w, "least most") && one_of(v, "at")))
		return NULL;
	return "";
}

/* Tokens of the bound itself: "more than" has two. */
static uint32_t bound_from(const struct sentence *s, uint32_t i)
{
	if (i > 0 && one_of(low(s, i - 1), "about almost nearly around approximately roughly some "
	                                   "over under only just exactly"))
		return i - 1;
	return i > 1 && one_of(low(s, i - 1), "than") ? i - 2 : i;
}

/* "5 or so", "5 or more", "5 to 7", "2016 - 2017": no single figure. */
static bool is_open_ended(const struct sentence *s, uint32_t from, uint32_t to)
{
	if (one_of(low(s, to), "or and to plus + - \xe2\x80\x93 \xe2\x80\x94") &&
	    (one_of(low(s, to + 1), "so more less fewer") || tag_at(s, to + 1) == TAG_NUMBER))
		return true;
	if (from > 1 && one_of(low(s, from - 1), "and") && tag_at(s, from - 2) == TAG_NUMBER)
		return true;
	return from > 0 && one_of(low(s, from - 1), "between - \xe2\x80\x93 or");
}

/* "exit code 125", "a status of two": a label with a meaning. */
static bool is_code(const struct sentence *s, uint32_t i)
{
	if (i < 2 || tag_at(s, i) != TAG_NUMBER)
		return false;
	bool has_of = one_of(low(s, i - 1), "of");
	struct str kind = low(s, i - (has_of ? 2 : 1));
	struct str what = i > 2 ? low(s, i - (has_of ? 3 : 2)) : nothing();
	return one_of(kind, "status") ||
	       (one_of(kind, "code value") && one_of(what, "exit return error exits"));
}

static bool read_span(struct planner *p, struct amount *x)
{
	struct str bare = x->span;
	bool is_share = str_ends(bare, STR("%")), is_money = str_starts(bare, STR("$"));
	x->gap = STR("_____");
	if (is_share) {
		bare.len--;
		x->unit = STR("%");
		x->gap = STR("_____%");
	} else if (is_money) {
		bare = str_sub(bare, 1, bare.len);
		x->unit = STR("dollars");
		x->gap = STR("$_____");
	}
	return !(is_share && is_money) && figure_read(p->arena, bare, &x->number);
}

/* The noun that is counted: "56 cards", "21 submissions per month". */
static void read_unit(struct amount *x)
{
	const struct sentence *s = x->s;
	uint32_t end = phrase_end(s, x->to);
	if (x->unit.len > 0 || x->is_year || x->is_code)
		return;
	if (one_of(low(s, x->to), "percent")) {
		x->unit = STR("percent");
		return;
	}
	if (end == x->to || s->tokens[end - 1].is_capital || !s->tokens[end - 1].word->is_plural)
		return;
	x->head = s->tokens[end - 1].word;
	x->unit = sentence_span(s, end - 1, end);
}

/* "72-hour": figure and unit in one token. */
static bool read_hyphened(struct planner *p, struct amount *x, uint32_t i)
{
	static const char units[] = "second minute hour day week month year mile page step";
	struct str whole = sentence_span(x->s, i, i + 1), unit;
	x->span = str_cut(whole, '-', &unit);
	if (!one_of(unit, units) || !read_span(p, x) || x->unit.len > 0)
		return false;
	x->from = i;
	x->to = i + 1;
	x->is_hyphened = true;
	x->gap = str_fmt(p->arena, "_____-" STR_FMT, STR_ARG(unit));
	x->unit = str_fmt(p->arena, STR_FMT "s", STR_ARG(unit));
	return true;
}

static bool read_amount(struct planner *p, struct sentence *s, uint32_t i, struct amount *ret)
{
	struct amount x = { .s = s, .from = i, .to = i + 1, .bound = "" };
	x.is_code = is_code(s, i);
	if (!x.is_code && !number_at(s, i, &x.to)) {
		if (!read_hyphened(p, &x, i))
			return false;
	} else {
		x.span = sentence_span(s, i, x.to);
		x.bound = bound_before(s, i);
		x.is_year = !x.is_code && year_at(s, i);
		if (is_open_ended(s, i, x.to) || !read_span(p, &x))
			return false;
		read_unit(&x);
	}
	if ((i > 0 && one_of(low(s, i - 1), "the these those both")) || !stands_once(s, x.span))
		return false;
	*ret = x;
	return true;
}

/* --- Prompts --- */

/* Somebody or something named elsewhere; "we" is put into words, and "US" is no pronoun. */
static bool has_other_person(const struct sentence *s, uint32_t from)
{
	for (uint32_t i = from; i < s->n; i++)
		if (!s->tokens[i].is_upper && one_of(low(s, i), "you your they their it its them"))
			return true;
	return false;
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
	if (end == x->to || has_other_person(s, end))
		return nothing();
	struct str noun = sentence_span(s, x->to, end);
	struct str rest = without_end(end < s->n ? say_inside(p, s, end, s->n) : nothing());
	if (before == s->lead && is_finite_verb(s, end, true))
		return str_fmt(p->arena,
		               "According to the text, %show many " STR_FMT " " STR_FMT "?",
		               x->bound, STR_ARG(noun), STR_ARG(rest));
	if (before == s->lead + 2 && one_of(low(s, s->lead), "there") &&
	    one_of(low(s, s->lead + 1), "are were"))
		return str_fmt(p->arena,
		               "According to the text, %show many " STR_FMT " " STR_FMT
		               " there " STR_FMT "?",
		               x->bound, STR_ARG(noun), STR_ARG(low(s, s->lead + 1)),
		               STR_ARG(rest));
	struct clause c;
	if (!clause_at(s, s->lead, s->n, &c) || c.verb + 1 != before)
		return nothing();
	c.to = before;
	struct str asked = inverted(p, s, &c);
	if (asked.len == 0)
		return nothing();
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
		return nothing();
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
	struct str rest = nothing();
	if (in == UINT32_MAX)
		return nothing();
	if (in == s->lead) { /* "In 2016, the team …" */
		if (!one_of(low(s, x->to), ",") || !clause_at(s, x->to + 1, s->n - 1, &c))
			return nothing();
	} else {
		uint32_t from = s->lead + (one_of(low(s, s->lead), "when") ? 1 : 0);
		bool is_main = from == s->lead || one_of(low(s, x->to), ",");
		if (!is_main || one_of(low(s, x->to), "and or") ||
		    (!past_clause(s, from, in, &c) && !clause_at(s, from, in, &c)))
			return nothing();
		rest = year_rest(p, s, x->to);
	}
	struct str asked = inverted(p, s, &c);
	if (asked.len == 0 || has_other_person(s, x->to))
		return nothing();
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
		return nothing();
	while (one_of(low(s, end), "the all our"))
		end++;
	if (phrase_end(s, end) == end || !is_finite_verb(s, phrase_end(s, end), true))
		return nothing();
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

static struct str prompt_of(struct planner *p, const struct amount *x)
{
	if (x->is_code || x->is_hyphened || !x->bound)
		return nothing();
	struct str asked = which_year(p, x);
	if (asked.len == 0 && !x->is_year)
		asked = what_percentage(p, x);
	if (asked.len == 0 && x->head && !is_counted_otherwise(p, x))
		asked = how_many(p, x);
	return asked;
}

/* --- Questions --- */

static bool is_guessed(const struct amount *x)
{
	return !x->is_code && x->unit.len != 1 &&
	       (str_eqz(x->number, "1") || str_eqz(x->number, "2"));
}

static void ask_typed(struct planner *p, struct questions *all, const struct amount *x,
                      struct str asked, struct str gapped)
{
	double bonus = asked.len > 0 ? 0.3 : 0.1;
	struct question *q = question_add(p, all, Q_NUMBER, x->s, sentence_worth(x->s) + bonus);
	q->prompt = asked.len > 0
	                    ? asked
	                    : str_fmt(p->arena,
	                              "Complete the sentence with a number from the text: " STR_FMT,
	                              STR_ARG(gapped));
	q->answer = x->span;
	q->number = x->number;
	q->unit = x->unit;
	q->difficulty = 3;
	q->is_number = true;
	q->explanation = text_says(p, x->s->text);
}

static void ask_chosen(struct planner *p, struct questions *all, const struct amount *x,
                       struct str asked, const struct distractors *d)
{
	struct sentence *s = x->s;
	struct question *q =
	        question_add(p, all, Q_CHOICE, s, sentence_worth(s) + (asked.len > 0 ? 0.5 : 0.35));
	q->prompt = asked.len > 0
	                    ? asked
	                    : str_fmt(p->arena, "Which number completes the sentence? " STR_FMT,
	                              STR_ARG(say_with(p, s, x->from, x->to, STR("_____"))));
	q->answer = x->span;
	q->distractors = *d;
	q->difficulty = 2;
	q->is_number = true;
	q->explanation = text_says(p, s->text);
	if (x->from > s->lead)
		ask_false(p, all, s, x->from, x->to, d->text[p->seed % 3], sentence_worth(s) + 0.3)
		        ->is_number = true;
}

void ask_amounts(struct planner *p, struct questions *all, struct sentence *s)
{
	if (is_imperative(s))
		return;
	for (uint32_t i = s->lead; i < s->n; i++) {
		struct amount x;
		struct distractors d = { .n = 0 };
		if (one_of(low(s, i), "you your last"))
			return;
		if (!read_amount(p, s, i, &x))
			continue;
		struct str asked = prompt_of(p, &x);
		if (!is_guessed(&x))
			ask_typed(p, all, &x, asked, say_with(p, s, x.from, x.to, x.gap));
		if (!x.is_hyphened && !x.is_code)
			distract_number(p, x.span, s, &d);
		if (d.n >= 3)
			ask_chosen(p, all, &x, asked, &d);
		return;
	}
}
