/* What an option, a command or a status means: asked from the name.
 *
 *	choice  "What does “-k” do, according to the text?"  what others of the page do
 *	true_false  "The text says that “-k” does this: …", with one word turned round
 *	match   "Match each exit status with what it means."
 *
 * All alternatives begin as the key does (with an order, or with a verb in the third
 * person), so that grammar does not tell; which option does this is asked in options.c.
 */
#include "makers/lesson/plan/plan.h"

enum { WORDS_MIN = 3, STATUS_PAIRS_MIN = 3, STATUS_PAIRS_MAX = 5, STATUS_BYTES_MAX = 200 };

/* --- What it does --- */

enum opening { OPENS_OTHERWISE, OPENS_WITH_ORDER, OPENS_WITH_THIRD };

static enum opening opening_of(const struct fact *f)
{
	const struct sentence *s = f->sentence;
	const struct word *w = s->tokens[0].word;
	if (w->is_third && w->v >= w->n && w->v > 0)
		return OPENS_WITH_THIRD;
	return is_imperative(s) && (tag_at(s, 0) == TAG_VERB || w->v > 0) && !w->is_plural
	               ? OPENS_WITH_ORDER
	               : OPENS_OTHERWISE;
}

static bool has_like_length(struct str a, struct str b)
{
	uint32_t n = words_in(a), m = words_in(b);
	return n <= m * 2 + 2 && m <= n * 2 + 2;
}

static bool is_fair(struct planner *p, const struct fact *key, const struct fact *x)
{
	return x != key && x->kind == FACT_OPTION && opening_of(x) == opening_of(key) &&
	       words_in(x->definition) >= WORDS_MIN && is_clear_option(p, x) &&
	       has_like_length(key->definition, x->definition) && !options_are_alike(key, x);
}

static bool is_new(const struct fact *const *taken, size_t n, const struct fact *x)
{
	for (size_t i = 0; i < n; i++)
		if (taken[i] == x || options_are_alike(taken[i], x) ||
		    taken[i]->sentence->tokens[0].word == x->sentence->tokens[0].word)
			return false; /* two alike among four would stand out */
	return true;
}

/* Those that stand near on the page first: neighbours are of one matter. */
static void distract_meaning(struct planner *p, const struct fact *key, struct distractors *ret)
{
	const struct fact *taken[3];
	uint32_t at = key->sentence->block->index;
	ret->n = 0;
	while (ret->n < 3) {
		const struct fact *best = NULL;
		uint32_t best_gap = UINT32_MAX;
		for (const struct fact *x = p->terms->facts; x; x = x->next) {
			uint32_t i = x->sentence->block->index, gap = i > at ? i - at : at - i;
			if (gap < best_gap && is_fair(p, key, x) && is_new(taken, ret->n, x)) {
				best = x;
				best_gap = gap;
			}
		}
		if (!best)
			return;
		taken[ret->n] = best;
		ret->text[ret->n++] = best->definition;
	}
}

void ask_meaning(struct planner *p, struct questions *all, const struct fact *f)
{
	struct distractors d;
	struct str shown = option_shown(p, f);
	bool is_option = f->term.ptr[0] == '-' || f->term.ptr[0] == '.' || f->term.ptr[0] == '+';
	if (!is_option || shown.len == 0 || opening_of(f) == OPENS_OTHERWISE)
		return; /* its name says what it does */
	distract_meaning(p, f, &d);
	if (d.n < 3)
		return;
	/* By turns with the question for its name: a list asked one way is a drill. */
	bool is_turn = f->sentence->block->index % 2 == 0;
	struct question *q = question_add(p, all, Q_CHOICE, f->sentence, is_turn ? 0.95 : 0.65);
	q->prompt =
	        str_fmt(p->arena,
	                "What does \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d do, according to the text?",
	                STR_ARG(shown));
	q->answer = f->definition;
	q->distractors = d;
	q->source = f->source;
	q->difficulty = 2;
	q->explanation = text_says(p, f->source);
}

/* --- Whether it does that --- */

static struct str claimed(struct planner *p, struct str shown, struct str definition)
{
	return str_fmt(p->arena,
	               "The text says that \xe2\x80\x9c" STR_FMT
	               "\xe2\x80\x9d does this: \xe2\x80\x9c" STR_FMT ".\xe2\x80\x9d",
	               STR_ARG(shown), STR_ARG(definition));
}

/* One word turned round that decides what is done, or when: "before execution". */
static void claim_opposite(struct planner *p, struct questions *all, const struct fact *f)
{
	struct sentence *s = f->sentence;
	for (uint32_t i = 0; i < s->n; i++) {
		struct str word = sentence_span(s, i, i + 1), by = opposite_of(p->arena, word);
		bool is_name = span_stands_in(p->arena, p->lexicon, word, f->term);
		if (by.len == 0 || is_name || !stands_once(s, word) ||
		    span_stands_in(p->arena, p->lexicon, by, f->definition) ||
		    (i + 2 >= s->n && one_of(low(s, i), "before after")) ||
		    one_of(low(s, i), "can cannot able valid invalid likely"))
			continue;
		struct question *q = question_add(p, all, Q_TRUE_FALSE, s, 0.7);
		size_t at = s->tokens[i].at;
		struct str head = str_sub(f->definition, 0, at),
		           tail = str_sub(f->definition, at + word.len, f->definition.len);
		bool is_upper = word.ptr[0] >= 'A' && word.ptr[0] <= 'Z';
		q->answer = word;
		q->replacement = is_upper ? capitalised(p->arena, by) : by;
		q->prompt = claimed(p, f->term,
		                    str_fmt(p->arena, STR_FMT STR_FMT STR_FMT, STR_ARG(head),
		                            STR_ARG(q->replacement), STR_ARG(tail)));
		q->true_prompt = claimed(p, f->term, f->definition);
		q->source = f->source;
		q->difficulty = 2;
		q->explanation =
		        str_fmt(p->arena,
		                "False: it is \xe2\x80\x9c" STR_FMT
		                "\xe2\x80\x9d, not \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d. " STR_FMT,
		                STR_ARG(word), STR_ARG(q->replacement), STR_ARG(f->source));
		return;
	}
}

void ask_meaning_statements(struct planner *p, struct questions *all)
{
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		if (is_clear_option(p, f) && opening_of(f) != OPENS_OTHERWISE)
			claim_opposite(p, all, f);
}

/* --- Statuses --- */

static bool is_status(const struct fact *f)
{
	return f->kind == FACT_OPTION && f->term.ptr[0] >= '0' && f->term.ptr[0] <= '9' &&
	       f->sentence->block->list > 0 && f->definition.len <= STATUS_BYTES_MAX;
}

/* "EXIT STATUS", "RETURN VALUE": the numbers are what a program ends with. */
static bool is_of_exit(struct planner *p, const struct section *s)
{
	struct str t = lower_case(p->arena, s->title);
	return str_find(t, STR("exit"), 0) != SIZE_MAX || str_find(t, STR("return"), 0) != SIZE_MAX;
}

static bool is_taken(const struct question *q, const struct fact *f)
{
	for (size_t i = 0; i < q->n_pairs; i++)
		if (str_eq(q->pairs[i].left, f->term) ||
		    shared_stems(q->pairs[i].sentence, f->sentence) > 3)
			return true;
	return false;
}

static const struct fact *read_statuses(struct question *q, const struct fact *f)
{
	const struct section *section = f->sentence->block->section;
	for (; f && f->sentence->block->section == section; f = f->next)
		if (is_status(f) && q->n_pairs < STATUS_PAIRS_MAX && !is_taken(q, f))
			q->pairs[q->n_pairs++] =
			        (struct pair){ f->term, f->definition, f->source, f->sentence };
	return f;
}

void match_statuses(struct planner *p, struct questions *all)
{
	const struct fact *f = p->terms->facts;
	while (f) {
		struct question q = { .score = 1.0 };
		const struct section *section = f->sentence->block->section;
		if (!is_status(f) || !is_of_exit(p, section)) {
			f = f->next;
			continue;
		}
		f = read_statuses(&q, f);
		if (q.n_pairs >= STATUS_PAIRS_MIN)
			match_finish(p, all, &q,
			             "Match each exit status with what the text says it means.");
	}
}
