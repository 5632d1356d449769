/* What is told in its order, to be put in order: beside numbered lists (orders.c)
 *
 *	dates       "… in 2016", "In October 2018 …": events with three dates or more
 *	cues        "First, …  Then …  Finally, …" in one section
 *
 * The date or the cue is cut off, for it would tell.  What is left stands in the text, and
 * what has no whole verb phrase is left out.
 */
#include "makers/lesson/plan/sequences.h"

enum { EVENT_WORDS_MIN = 4, EVENT_WORDS_MAX = 26 };

void order_add(struct planner *p, struct questions *all, const struct events *x, struct str source,
               struct str prompt, struct str title, double score)
{
	struct question *q = question_add(p, all, Q_ORDER, x->list[0].sentence, score);
	for (size_t i = 0; i < x->n; i++)
		q->items[q->n_items++] = x->list[i].text;
	q->title = title;
	q->sentence = NULL;
	q->source = source;
	q->difficulty = 2;
	q->prompt = prompt;
	q->explanation = str_fmt(p->arena, "The text gives this order:\n" STR_FMT, STR_ARG(source));
}

static struct str sources_of(struct planner *p, const struct events *x)
{
	struct buf b = BUF_INIT(8192);
	for (size_t i = 0; i < x->n; i++)
		buf_addf(&b, "%s" STR_FMT, i ? "\n" : "", STR_ARG(x->list[i].sentence->text));
	struct str ret = str_dup(p->arena, buf_str(&b));
	buf_fini(&b);
	return ret;
}

/* --- Dates --- */

static uint32_t month_of(struct str w)
{
	static const char *const names[] = { "january",   "february", "march",    "april",
		                             "may",       "june",     "july",     "august",
		                             "september", "october",  "november", "december" };
	for (uint32_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqz(w, names[i]))
			return i + 1;
	return 0;
}

static uint32_t number_of(struct str w)
{
	uint32_t v = 0;
	for (size_t i = 0; i < w.len; i++) {
		if (w.ptr[i] < '0' || w.ptr[i] > '9' || w.len > 4)
			return 0;
		v = v * 10 + (uint32_t)(w.ptr[i] - '0');
	}
	return v;
}

static bool is_year(struct str w)
{
	uint32_t v = w.len == 4 ? number_of(w) : 0;
	return v >= 1000 && v < 2100;
}

struct date {
	uint32_t from, to; /* tokens, preposition included */
	uint32_t day;
};

/* "in 2016", "in October 2018", "on February 28, 2019" at token i. */
static bool date_at(const struct sentence *s, uint32_t i, struct date *ret)
{
	if (!one_of(low(s, i), "in on"))
		return false;
	uint32_t k = i + 1, month, day = 0;
	k += one_of(low(s, k), "late early mid the");
	month = month_of(low(s, k));
	if (month > 0) {
		k++;
		day = !is_year(low(s, k)) ? number_of(low(s, k)) : 0;
		k += day > 0;
		k += one_of(low(s, k), ",");
	}
	if (day > 31 || !is_year(low(s, k)) || one_of(low(s, k + 1), "- \xe2\x80\x93 and or"))
		return false;
	ret->from = i;
	ret->to = k + 1;
	ret->day = number_of(low(s, k)) * 512 + month * 32 + day;
	return true;
}

static bool is_past_clause(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		const struct word *w = s->tokens[i].word;
		if (one_of(w->text, "was were had did") ||
		    (tag_at(s, i) == TAG_VERB && w->is_past && !w->is_third))
			return true;
		if (one_of(w->text, "will would may might could"))
			return false;
	}
	return false;
}

static bool is_tellable(const struct sentence *s, uint32_t from, uint32_t to)
{
	int round = 0;
	if (from + 2 >= to ||
	    one_of(low(s, from), "it they this that these those he she which who even though "
	                         "although while because since"))
		return false;
	for (uint32_t i = from; i < to; i++) {
		round += one_of(low(s, i), "(") ? 1 : one_of(low(s, i), ")") ? -1 : 0;
		if (one_of(low(s, i),
		           "we our us i my me you your ? \xe2\x80\x9c \xe2\x80\x9d \" ; :"))
			return false;
	}
	uint32_t words = words_in(sentence_span(s, from, to));
	return round == 0 && words >= EVENT_WORDS_MIN && words <= EVENT_WORDS_MAX;
}

/* The event beside its date: what follows "In 2016," or stands before "in 2016". */
static bool event_of(struct sentence *s, const struct date *d, struct event *ret)
{
	uint32_t from, to;
	if (d->from == s->lead) {
		from = d->to + one_of(low(s, d->to), ",");
		for (to = from; to < s->n && !one_of(low(s, to), ". ! ; ("); to++)
			if (one_of(low(s, to), ",") && to >= from + 5)
				break;
	} else {
		from = s->lead + one_of(low(s, s->lead), "when");
		to = d->from;
		if (to < s->n && one_of(low(s, to - 1), ","))
			to--;
	}
	if (!is_past_clause(s, from, to) || !is_tellable(s, from, to))
		return false;
	for (uint32_t i = from; i < to; i++)
		if (is_year(low(s, i)) || month_of(low(s, i)) == 10)
			return false; /* a second date */
	*ret = (struct event){ s, sentence_span(s, from, to), d->day };
	return true;
}

static void insert_event(struct events *x, struct event e)
{
	size_t at = x->n;
	for (size_t i = 0; i < x->n; i++)
		if (x->list[i].day / 512 == e.day / 512 &&
		    (x->list[i].day == e.day || x->list[i].day % 512 == 0 || e.day % 512 == 0))
			return; /* nobody knows which was first */
	while (at > 0 && x->list[at - 1].day > e.day) {
		x->list[at] = x->list[at - 1];
		at--;
	}
	x->list[at] = e;
	x->n++;
}

static void order_dates(struct planner *p, struct questions *all)
{
	struct events x = { .n = 0 };
	for (struct sentence *s = p->doc->sentences; s && x.n < ITEMS_MAX; s = s->next) {
		if (!s->is_whole || s->block->is_aside || s->block->section->is_aside)
			continue;
		for (uint32_t i = s->lead; i + 1 < s->n; i++) {
			struct date d;
			struct event e;
			if (!date_at(s, i, &d))
				continue;
			if (event_of(s, &d, &e))
				insert_event(&x, e);
			break;
		}
	}
	if (x.n >= ITEMS_MIN)
		order_add(p, all, &x, sources_of(p, &x),
		          STR("Put these events in the order in which they happened, "
		              "the earliest first."),
		          (struct str){ "", 0 }, 1.1);
}

/* --- Cues --- */

enum rank { RANK_NONE, RANK_FIRST, RANK_NEXT, RANK_LAST };

static enum rank rank_of(struct str w)
{
	if (one_of(w, "first initially"))
		return RANK_FIRST;
	if (one_of(w, "then next afterwards afterward later second third subsequently"))
		return RANK_NEXT;
	return one_of(w, "finally lastly eventually") ? RANK_LAST : RANK_NONE;
}

/* The cue a sentence begins with or has beside its verb, and the verb phrase behind it. */
static enum rank step_of(const struct sentence *s, uint32_t *from)
{
	enum rank r = rank_of(low(s, 0));
	if (r != RANK_NONE) {
		*from = one_of(low(s, 1), ",") ? 2 : 1;
		return r;
	}
	if (one_of(low(s, 0), "after during following once") && is_past_clause(s, 0, s->n)) {
		for (uint32_t i = 2; i < 14 && i + 3 < s->n; i++)
			if (one_of(low(s, i), ",")) {
				*from = i + 1;
				return RANK_NEXT;
			}
		return RANK_NONE;
	}
	for (uint32_t i = 1; i < 10 && i + 2 < s->n; i++)
		if (one_of(low(s, i), "began started")) {
			*from = 0;
			return RANK_FIRST;
		}
	for (uint32_t i = 1; i < 6 && i + 2 < s->n; i++) {
		r = rank_of(low(s, i));
		if (r != RANK_NONE && one_of(low(s, i), "then first finally") &&
		    tag_at(s, i + 1) == TAG_VERB && !one_of(low(s, i - 1), "the , a ; and")) {
			*from = i + 1;
			return r;
		}
	}
	return RANK_NONE;
}

/* What was done: "we held a design critique to …" → "held a design critique". */
static bool read_step(struct sentence *s, uint32_t from, struct event *ret)
{
	uint32_t to = from + 1;
	from += one_of(low(s, from), "we you");
	struct date d;
	while (to < s->n && !one_of(low(s, to), ". ! ; : , (") && !date_at(s, to, &d))
		to++;
	if (tag_at(s, from) != TAG_VERB && !is_imperative(s) && !is_past_clause(s, from, to))
		return false;
	if (one_of(low(s, from), "is are was were will would"))
		return false;
	if (!is_tellable(s, from, to))
		return false;
	*ret = (struct event){ s, sentence_span(s, from, to), 0 };
	return true;
}

static void finish_steps(struct planner *p, struct questions *all, struct events *x)
{
	if (x->n >= ITEMS_MIN) {
		struct str title = x->list[0].sentence->block->section->title;
		struct str prompt = title.len > 0
		                            ? str_fmt(p->arena,
		                                      "Put these steps in the order of the text "
		                                      "(\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d).",
		                                      STR_ARG(title))
		                            : STR("Put these steps in the order of the text.");
		order_add(p, all, x, sources_of(p, x), prompt, title, 1.0);
	}
	x->n = 0;
}

static void order_cues(struct planner *p, struct questions *all)
{
	struct events x = { .n = 0 };
	const struct section *section = NULL;
	uint32_t last = 0; /* block of the step before */
	for (struct sentence *s = p->doc->sentences; s; s = s->next) {
		uint32_t from = 0;
		struct event e;
		enum rank r = s->block->is_aside ? RANK_NONE : step_of(s, &from);
		if (r == RANK_NONE)
			continue;
		bool is_start = r == RANK_FIRST;
		if (is_start || s->block->section != section || s->block->index > last + 1) {
			finish_steps(p, all, &x);
			section = is_start ? s->block->section : NULL;
		}
		last = s->block->index;
		if (!section || s->block->section->is_aside || x.n == ITEMS_MAX)
			continue;
		if (read_step(s, from, &e))
			x.list[x.n++] = e;
		else
			section = NULL; /* a step that cannot be shown: the rest is no whole */
	}
	finish_steps(p, all, &x);
}

void ask_sequences(struct planner *p, struct questions *all)
{
	order_dates(p, all);
	order_cues(p, all);
	order_chains(p, all);
	order_stages(p, all);
	order_series(p, all);
	order_rankings(p, all);
	order_sessions(p, all);
}
