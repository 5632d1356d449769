/* What is told in its order, to be put in order: beside numbered lists (orders.c)
 *
 *	dates       "… in 2016", "In October 2018 …": events with three dates or more
 *	cues        "First, …  Then …  Finally, …" in one section
 *	stages      headings such as "Planning the study", "Analysis" below one heading
 *	a series    "looks for a, b, and c, in that order"
 *	a session   the commands of one example
 *
 * The date or the cue is cut off, for it would tell.  What is left stands in the text, and
 * what has no whole verb phrase is left out.
 */
#include "makers/lesson/plan/plan.h"

enum {
	ITEMS_MIN = 3,
	ITEMS_MAX = 6,
	EVENT_WORDS_MIN = 4,
	EVENT_WORDS_MAX = 26,
	ALIKE_WORDS = 3,
	STAGES_MIN = 3
};

struct event {
	struct sentence *sentence;
	struct str text;
	uint32_t day; /* year * 512 + month * 32 + day; 0 where the text does not say */
};

struct events {
	struct event list[ITEMS_MAX];
	size_t n;
};

/* --- The question --- */

static void add_order(struct planner *p, struct questions *all, const struct events *x,
                      struct str source, struct str prompt, double score)
{
	struct question *q = question_add(p, all, Q_ORDER, x->list[0].sentence, score);
	for (size_t i = 0; i < x->n; i++)
		q->items[q->n_items++] = x->list[i].text;
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
	    one_of(low(s, from), "it they this that these those he she which who"))
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
		add_order(p, all, &x, sources_of(p, &x),
		          STR("Put these events in the order in which they happened, "
		              "the earliest first."),
		          1.1);
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
		add_order(p, all, x, sources_of(p, x), prompt, 1.0);
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

/* --- Stages --- */

/* "Planning the study", "Analysis", "Development and testing": work that is done. */
static bool is_stage(struct planner *p, struct str title)
{
	struct str rest = lower_case(p->arena, title), first = str_cut(rest, ' ', &rest);
	const struct word *w = lexicon_word(p->lexicon, first);
	if (title.len < 4 || title.len > 60 || memchr(title.ptr, '?', title.len))
		return false;
	return (w->is_gerund && w->v > 0) ||
	       one_of(first, "analysis discovery research design development acquisition launch "
	                     "evaluation testing preparation implementation deployment delivery "
	                     "maintenance review installation verification") ||
	       str_ends(rest, STR("process"));
}

static bool has_start_word(struct planner *p, struct str title)
{
	struct str rest, first = str_cut(lower_case(p->arena, title), ' ', &rest);
	return one_of(first, "getting starting planning preparing discovery preparation research");
}

/* The headings below one heading, when all of them are stages of one piece of work and one
 * says where it starts. */
static void order_stages(struct planner *p, struct questions *all)
{
	for (const struct section *top = p->doc->sections; top; top = top->next) {
		struct buf b = BUF_INIT(1000);
		struct events x = { .n = 0 };
		struct sentence *any = NULL;
		bool is_whole = true, has_start = false;
		for (const struct section *s = top->next; s && s->level > top->level; s = s->next) {
			if (s->level != top->level + 1 || s->is_aside)
				continue;
			if (str_find(lower_case(p->arena, s->title), STR("lessons"), 0) != SIZE_MAX)
				continue; /* behind the work, and always the last */
			is_whole &= is_stage(p, s->title) && x.n < ITEMS_MAX;
			if (!is_whole)
				break;
			has_start |= has_start_word(p, s->title);
			x.list[x.n++] = (struct event){ any, s->title, 0 };
			buf_addf(&b, "%s" STR_FMT, b.len ? "\n" : "", STR_ARG(s->title));
		}
		for (struct sentence *s = p->doc->sentences; s && !any; s = s->next)
			if (s->block->section == top->next)
				any = s;
		if (is_whole && has_start && any && x.n >= STAGES_MIN && top->title.len > 0) {
			x.list[0].sentence = any;
			add_order(p, all, &x, str_dup(p->arena, buf_str(&b)),
			          str_fmt(p->arena,
			                  "Put these stages of the work in the order of the text "
			                  "(\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d).",
			                  STR_ARG(top->title)),
			          0.9);
		}
		buf_fini(&b);
	}
}

/* --- A series --- */

/* "GNUmakefile, makefile, and Makefile, in that order" */
static void read_series(struct planner *p, struct questions *all, struct sentence *s, uint32_t in)
{
	uint32_t to = in, n = 0, from[ITEMS_MAX], end[ITEMS_MAX];
	while (to > 0 && one_of(low(s, to - 1), ","))
		to--;
	while (to > 0 && n < ITEMS_MAX) {
		uint32_t at = to;
		while (at > 0 && at + 4 > to &&
		       (tag_at(s, at - 1) == TAG_NOUN || tag_at(s, at - 1) == TAG_PROPER ||
		        tag_at(s, at - 1) == TAG_OTHER) &&
		       !one_of(low(s, at - 1), ", and or"))
			at--;
		if (at == to)
			return;
		from[n] = at;
		end[n++] = to;
		if (at == 0 || !one_of(low(s, at - 1), ", and"))
			break;
		while (at > 0 && one_of(low(s, at - 1), ", and"))
			at--;
		to = at;
	}
	struct events x = { .n = 0 };
	while (n > 0) {
		n--;
		if (x.n == 0 && end[n] - from[n] > 1)
			from[n] = end[n] - 1; /* "the makefiles GNUmakefile": the name alone */
		x.list[x.n++] = (struct event){ s, sentence_span(s, from[n], end[n]), 0 };
	}
	if (x.n < ITEMS_MIN)
		return;
	struct str before = x.list[0].text;
	size_t at = str_find(s->text, before, 0);
	add_order(p, all, &x, s->text,
	          str_fmt(p->arena,
	                  "In which order does the text name these? \xe2\x80\x9c" STR_FMT
	                  " \xe2\x80\xa6\xe2\x80\x9d",
	                  STR_ARG(str_trim(str_sub(s->text, 0, at)))),
	          1.0);
}

static void order_series(struct planner *p, struct questions *all)
{
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		for (uint32_t i = 4; i + 2 < s->n; i++)
			if (s->is_whole && one_of(low(s, i), "in") &&
			    one_of(low(s, i + 1), "that this") && one_of(low(s, i + 2), "order"))
				read_series(p, all, s, i);
}

/* --- A session --- */

/* Two rows inserted into one table may be inserted in either order. */
static bool begins_as_one_before(const struct block *b, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		struct str x = b->commands[i], y = b->commands[at];
		size_t n = 0, words = 0;
		for (; n < x.len && n < y.len && x.ptr[n] == y.ptr[n]; n++)
			words += x.ptr[n] == ' ';
		if (words >= ALIKE_WORDS)
			return true;
	}
	return false;
}

static void order_sessions(struct planner *p, struct questions *all)
{
	for (struct block *b = p->doc->blocks; b; b = b->next) {
		struct events x = { .n = 0 };
		if (b->n_commands < ITEMS_MIN || !b->last || b->section->is_aside ||
		    b->last->n_words < 5 || one_of(low(b->last, 0), "this these it that then"))
			continue;
		for (size_t i = 0; i < b->n_commands && x.n < ITEMS_MAX; i++)
			if (!begins_as_one_before(b, i))
				x.list[x.n++] = (struct event){ b->last, b->commands[i], 0 };
		if (x.n < ITEMS_MIN)
			continue;
		struct buf source = BUF_INIT(8192);
		buf_add(&source, b->last->text);
		for (size_t i = 0; i < x.n; i++)
			buf_addf(&source, "\n" STR_FMT, STR_ARG(x.list[i].text));
		struct str intro = say(p, b->last, b->last->lead, b->last->n);
		while (intro.len > 0 && strchr(":. ", intro.ptr[intro.len - 1]))
			intro.len--;
		add_order(p, all, &x, str_dup(p->arena, buf_str(&source)),
		          str_fmt(p->arena,
		                  "In which order does the text\xe2\x80\x99s example give these "
		                  "commands? \xe2\x80\x9c" STR_FMT ": \xe2\x80\xa6\xe2\x80\x9d",
		                  STR_ARG(intro)),
		          1.0);
		buf_fini(&source);
	}
}

void ask_sequences(struct planner *p, struct questions *all)
{
	order_dates(p, all);
	order_cues(p, all);
	order_stages(p, all);
	order_series(p, all);
	order_sessions(p, all);
}
