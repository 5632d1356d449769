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
#include "makers/lesson/plan/amounts.h"

#include "makers/lesson/figures/figures.h"

/* --- Reading --- */

/* "about", "more than" and the like, which a question must tell; NULL for what it cannot
 * ("up to", "at least"), where only the sentence itself will do. */
static const char *bound_before(const struct sentence *s, uint32_t i)
{
	struct str w = i > 0 ? low(s, i - 1) : NOTHING;
	struct str v = i > 1 ? low(s, i - 2) : NOTHING;
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
	struct str what = i > 2 ? low(s, i - (has_of ? 3 : 2)) : NOTHING;
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
	return !(is_share && is_money) && figure_read(p->arena, bare, STR("en"), &x->number);
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

/* "3 yellow:1 green", "as “$5 a day”": a ratio, or an example in somebody's words. */
static bool is_quoted_or_ratio(const struct sentence *s, uint32_t i)
{
	int open = 0;
	for (uint32_t k = s->lead; k < i; k++)
		open += one_of(low(s, k), "\xe2\x80\x9c") - one_of(low(s, k), "\xe2\x80\x9d");
	for (size_t k = s->tokens[i].at; k + 1 < s->text.len; k++)
		if (s->text.ptr[k] == ':' && s->text.ptr[k + 1] >= '0' && s->text.ptr[k + 1] <= '9')
			return true;
	return open > 0;
}

/* "util-linux 2.27", "an 8.3 format", "$0", "entering 0": versions, names, variables, keys; no
 * count is zero. */
static bool is_name_or_key(const struct amount *x)
{
	enum tag before = x->from > 0 ? tag_at(x->s, x->from - 1) : TAG_PUNCT;
	bool has_point = str_find(x->number, STR("."), 0) != SIZE_MAX;
	if (x->is_code || x->is_year || str_eqz(x->unit, "%"))
		return false;
	return str_eqz(x->number, "0") || before == TAG_PROPER ||
	       (has_point && (before == TAG_NOUN || x->unit.len == 0)) ||
	       (str_eqz(x->unit, "dollars") && x->number.len == 1);
}

static bool read_amount(struct planner *p, struct sentence *s, uint32_t i, struct amount *ret)
{
	struct amount x = { .s = s, .from = i, .to = i + 1, .bound = "", .unit = NOTHING };
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
	if ((i > 0 && one_of(low(s, i - 1), "the these those both")) || !stands_once(s, x.span) ||
	    is_quoted_or_ratio(s, i) || is_name_or_key(&x))
		return false;
	*ret = x;
	return true;
}

/* --- Questions --- */

static bool is_guessed(const struct amount *x)
{
	return !x->is_code && x->unit.len != 1 &&
	       (str_eqz(x->number, "1") || str_eqz(x->number, "2"));
}

static void ask_typed(struct planner *p, struct questions *all, const struct amount *x,
                      struct str asked)
{
	double bonus = asked.len > 0 ? 0.3 : 0.1;
	struct question *q = question_add(p, all, Q_NUMBER, x->s, sentence_worth(x->s) + bonus);
	q->prompt = asked.len > 0
	                    ? asked
	                    : str_fmt(p->arena,
	                              "Complete the sentence with a %s from the text: " STR_FMT,
	                              x->is_year ? "year" : "number",
	                              STR_ARG(amount_gapped(p, x, x->gap)));
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
	q->prompt = asked.len > 0 ? asked
	                          : str_fmt(p->arena, "Which %s completes the sentence? " STR_FMT,
	                                    x->is_year ? "year" : "number",
	                                    STR_ARG(amount_gapped(p, x, STR("_____"))));
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
	bool has_no_subject = tag_at(s, s->lead) == TAG_VERB && s->tokens[s->lead].word->is_third;
	if (is_imperative(s) || has_no_subject)
		return;
	for (uint32_t i = s->lead; i < s->n; i++) {
		struct amount x;
		struct distractors d = { .n = 0 };
		if (one_of(low(s, i), "you your last"))
			return;
		if (!read_amount(p, s, i, &x))
			continue;
		struct str asked = amount_prompt(p, &x);
		if (!is_guessed(&x))
			ask_typed(p, all, &x, asked);
		if (!x.is_hyphened && !x.is_code)
			distract_number(p, x.span, s, &d);
		if (d.n >= 3)
			ask_chosen(p, all, &x, asked, &d);
		return;
	}
}
