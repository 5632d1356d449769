/* Questions about one sentence of a text without grammar.
 *
 *	number      a figure left out of it
 *	choice      … with others in its place; a defined term left out of its definition
 *	true_false  a figure, or a defined term, changed for another
 *	cloze       a word that the text is about, left out
 *	short       a term by its definition, letters by their long form
 */
#include "makers/lesson/plan/shallow.h"

enum {
	CLOZE_COUNT_MIN = 3,
	CLOZE_WORDS_MIN = 9,
	DISTRACTORS_MIN = 3,
	SHARED_MAX = 1 /* content words that another term's sentences may share */
};

static double worth(const struct sentence *s)
{
	return 0.4 + 0.5 * s->rank - (s->n_words > 28 ? 0.1 : 0);
}

static struct question *add(struct planner *p, struct questions *all, enum question_type type,
                            struct sentence *s, double score, int difficulty)
{
	struct question *q = question_add(p, all, type, s, score);
	q->explanation = say_of(p, "text_says", s->text);
	q->difficulty = difficulty;
	return q;
}

static struct str gapped(struct planner *p, const struct sentence *s, uint32_t from, uint32_t to)
{
	return shallow_with(p, s, from, to, STR("_____"));
}

/* --- True or false --- */

static void ask_judgement(struct planner *p, struct questions *all, struct sentence *s,
                          uint32_t from, uint32_t to, struct str by, double score)
{
	struct question *q = add(p, all, Q_TRUE_FALSE, s, score, 2);
	q->answer = sentence_span(s, from, to);
	q->replacement = by;
	q->prompt = shallow_with(p, s, from, to, by);
	struct str parts[] = { q->answer, by, s->text };
	q->explanation = language_say(p->arena, p->doc->language, "false_says", parts, 3);
	struct question *twin = add(p, all, Q_TRUE_FALSE, s, score - 0.05, 1);
	twin->is_true = true;
	twin->answer = q->answer;
	twin->prompt = s->text;
	twin->explanation = say_of(p, "true_says", s->text);
}

/* --- Figures --- */

static void ask_figure(struct planner *p, struct questions *all, struct sentence *s, uint32_t i)
{
	struct distractors d = { .n = 0 };
	struct str figure = sentence_span(s, i, i + 1);
	struct question *q = add(p, all, Q_NUMBER, s, worth(s) + 0.25, 3);
	q->answer = q->number = figure;
	q->is_number = true;
	q->prompt = say_of(p, "gap_figure", gapped(p, s, i, i + 1));
	distract_number(p, figure, s, &d);
	if (d.n == 0)
		return;
	ask_judgement(p, all, s, i, i + 1, d.text[0], worth(s) + 0.2);
	if (d.n < DISTRACTORS_MIN)
		return;
	q = add(p, all, Q_CHOICE, s, worth(s) + 0.2, 2);
	q->answer = figure;
	q->is_number = true;
	q->distractors = d;
	q->prompt = say_of(p, "gap_figure", gapped(p, s, i, i + 1));
}

/* --- Defined terms --- */

/* Another term that is defined, behind the same article and of as many words. */
static bool is_sibling(const struct fact *f, const struct fact *other)
{
	const struct sentence *a = f->sentence, *b = other->sentence;
	bool has_article = f->from > 0, other_has = other->from > 0;
	return other != f && other->kind == FACT_DEFINITION && has_article == other_has &&
	       (!has_article || str_eq(low(a, 0), low(b, 0))) &&
	       a->tokens[f->from].is_capital == b->tokens[other->from].is_capital &&
	       f->to - f->from == other->to - other->from && !str_eq_nocase(f->term, other->term);
}

static void ask_definition(struct planner *p, struct questions *all, const struct fact *f)
{
	struct sentence *s = f->sentence;
	struct distractors d = { .n = 0 };
	struct question *q = add(p, all, Q_SHORT, s, worth(s) + 0.35, 3);
	q->answer = f->term;
	q->prompt = say_of(p, "term_of", f->definition);
	struct str lower = lower_case(p->arena, f->term);
	if (!str_eq(lower, f->term))
		q->accepted[q->n_accepted++] = lower;
	for (const struct fact *x = p->terms->facts; x && d.n < 3; x = x->next)
		if (is_sibling(f, x) && !span_stands_in(p->arena, p->lexicon, x->term, s->text))
			d.text[d.n++] = x->term;
	if (d.n == 0)
		return;
	ask_judgement(p, all, s, f->from, f->to, d.text[p->seed % d.n], worth(s) + 0.25);
	if (d.n < DISTRACTORS_MIN)
		return;
	q = add(p, all, Q_CHOICE, s, worth(s) + 0.4, 2);
	q->answer = f->term;
	q->distractors = d;
	q->prompt = say_of(p, "gap_choice", gapped(p, s, f->from, f->to));
}

/* --- Words left out --- */

static bool stands_twice(const struct sentence *s, uint32_t at)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n; i++)
		n += s->tokens[i].word->stem_id == s->tokens[at].word->stem_id;
	return n > 1;
}

/* How many of the sentence's words stand beside the term anywhere in the text. */
static uint32_t company(const struct planner *p, const struct term *t, const struct sentence *s)
{
	uint32_t best = 0;
	for (uint32_t i = 0; i < t->n_places; i++) {
		uint32_t n = shared_stems(s, p->by_index[t->places[i]]);
		best = n > best ? n : best;
	}
	return best;
}

/* Terms like it that the text never puts beside what the sentence speaks of. */
static void distract(struct planner *p, const struct term *t, const struct sentence *s,
                     struct distractors *ret)
{
	for (const struct term *x = p->terms->first; x && ret->n < 3; x = x->next)
		if (x->count >= CLOZE_COUNT_MIN && x->as_noun > x->as_other * 2 &&
		    shallow_are_alike(p, t, x) && company(p, x, s) <= SHARED_MAX &&
		    !span_stands_in(p->arena, p->lexicon, x->text, s->text))
			ret->text[ret->n++] = x->text;
}

static void ask_word(struct planner *p, struct questions *all, struct sentence *s, uint32_t i)
{
	const struct term *t = shallow_term_at(p, s, i);
	struct distractors d = { .n = 0 };
	bool has_nouns = p->doc->language->has_noun_capitals || *p->doc->language->articles;
	if (!t || i == 0 || t->count < CLOZE_COUNT_MIN + (uint32_t)!has_nouns ||
	    stands_twice(s, i) || s->n_words < CLOZE_WORDS_MIN ||
	    !shallow_stands_as_noun(p, s, i) ||
	    span_stands_in(p->arena, p->lexicon, t->text, p->doc->title))
		return;
	double score = worth(s) + (t->count > 6 ? 0 : 0.05);
	struct question *q = add(p, all, Q_CLOZE, s, score, 3);
	q->answer = sentence_span(s, i, i + 1);
	struct str lower = lower_case(p->arena, q->answer);
	if (!str_eq(lower, q->answer))
		q->accepted[q->n_accepted++] = lower;
	q->prompt = say_of(p, "gap_words", gapped(p, s, i, i + 1));
	if (!has_nouns || !str_eq(s->tokens[i].word->text, t->head->text))
		return; /* another form: what stands beside it would tell */
	distract(p, t, s, &d);
	if (d.n < DISTRACTORS_MIN)
		return;
	q = add(p, all, Q_CHOICE, s, score - 0.1, 2);
	q->answer = sentence_span(s, i, i + 1);
	q->distractors = d;
	q->prompt = say_of(p, "gap_choice", gapped(p, s, i, i + 1));
}

static void ask_long_form(struct planner *p, struct questions *all, const struct fact *f)
{
	struct question *q = add(p, all, Q_SHORT, f->sentence, 0.9, 2);
	q->answer = f->definition;
	struct str lower = lower_case(p->arena, f->definition);
	if (!str_eq(lower, f->definition))
		q->accepted[q->n_accepted++] = lower;
	q->prompt = say_of(p, "long_form", f->term);
}

void shallow_questions_make(struct planner *p, struct questions *ret)
{
	*ret = (struct questions){ 0 };
	ret->last = &ret->first;
	planner_collect_numbers(p);
	p->by_index = arena_new(p->arena, const struct sentence *, p->doc->n_sentences + 1);
	for (const struct sentence *s = p->doc->sentences; s; s = s->next)
		p->by_index[s->index] = s;
	for (const struct fact *f = p->terms->facts; f; f = f->next) {
		if (f->kind == FACT_DEFINITION)
			ask_definition(p, ret, f);
		else
			ask_long_form(p, ret, f);
	}
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		for (uint32_t i = 0; s->is_sound && i < s->n; i++) {
			if (shallow_figure_at(s, i))
				ask_figure(p, ret, s, i);
			else
				ask_word(p, ret, s, i);
		}
	shallow_ask_sets(p, ret);
}
