/* Beginnings to be put together with their endings: subjects with what is said about them,
 * statements with their purposes, and, where a text has too few of one form, any that can
 * only be put together in one way.
 *
 * Sentences that share more than a few words are never in one question: each beginning
 * must go with one ending only. */
#include "makers/lesson/plan/endings.h"

enum { PAIRS_MIN = 3, PAIRS_MAX = 4 };

static bool goes_with(struct planner *p, const struct question *q, const struct ending *e)
{
	struct str left = sentence_span(e->sentence, e->sentence->lead, e->main_to);
	if (is_of_option(e->sentence))
		return false; /* of which? */
	for (size_t i = 0; i < q->n_pairs; i++)
		if (q->pairs[i].sentence->block == e->sentence->block ||
		    shared_stems(q->pairs[i].sentence, e->sentence) > SHARED_MAX ||
		    span_stands_in(p->arena, p->lexicon, left, q->pairs[i].right) ||
		    span_stands_in(p->arena, p->lexicon, left, q->pairs[i].left))
			return false;
	return true;
}

static void finish(struct planner *p, struct questions *all, const struct question *q,
                   const char *prompt, int difficulty)
{
	if (q->n_pairs < PAIRS_MIN)
		return;
	struct buf b = BUF_INIT(3600);
	struct question *kept = question_add(p, all, Q_MATCH, q->pairs[0].sentence, q->score);
	memcpy(kept->pairs, q->pairs, sizeof(q->pairs));
	kept->n_pairs = q->n_pairs;
	kept->sentence = NULL;
	for (size_t i = 0; i < q->n_pairs; i++)
		buf_addf(&b, "%s" STR_FMT, i ? " " : "", STR_ARG(q->pairs[i].source));
	kept->explanation = str_dup(p->arena, buf_str(&b));
	kept->prompt = str_z(prompt);
	kept->difficulty = difficulty;
	buf_fini(&b);
}

static void add_pair(struct question *q, const struct ending *e, uint32_t left_from,
                     uint32_t left_to)
{
	struct sentence *s = e->sentence;
	while (e->cue == CUE_PURPOSE && left_to > left_from &&
	       one_of(low(s, left_to - 1), "in order ,"))
		left_to--;
	q->pairs[q->n_pairs++] = (struct pair){ sentence_span(s, left_from, left_to),
		                                sentence_span(s, e->from, e->to), s->text, s };
}

static bool is_predicate_pair(const struct ending *e, bool is_plural)
{
	const struct sentence *s = e->sentence;
	return e->cue == CUE_PREDICATE && e->is_key && clause_start(s) == s->lead &&
	       e->is_plural == is_plural && !points_back(s, e->from, e->to) && !s->is_first_person;
}

/* One number only: grammar must not pair them. */
static void match_predicates(struct planner *p, struct questions *all,
                             const struct endings *endings, bool is_plural)
{
	struct question q = { .score = 0.85 };
	for (double bar = 0.75; bar > 0.3 && q.n_pairs < PAIRS_MAX; bar -= 0.1)
		for (size_t i = 0; i < endings->n && q.n_pairs < PAIRS_MAX; i++) {
			const struct ending *e = &endings->list[i];
			if (is_predicate_pair(e, is_plural) && sentence_worth(e->sentence) >= bar &&
			    goes_with(p, &q, e))
				add_pair(&q, e, e->sentence->lead, e->main_to);
		}
	finish(p, all, &q, "Match each beginning with the ending that the text gives it.", 2);
}

/* What is done, and what for: the form of all ends is the same. */
static bool is_purpose_pair(const struct ending *e)
{
	const struct sentence *s = e->sentence;
	if (e->cue != CUE_PURPOSE || !e->is_key)
		return false;
	uint32_t left = words_in(sentence_span(s, s->lead, e->main_to));
	return !s->is_first_person && s->lead == 0 && left >= 4 && left <= 18 &&
	       !points_back(s, e->from, e->to) && !points_back(s, s->lead, e->main_to) &&
	       !is_hedged(s) && !one_of(low(s, e->main_to - 1), ", order") && e->from == e->main_to;
}

static void match_purposes(struct planner *p, struct questions *all, const struct endings *endings)
{
	struct question q = { .score = 0.8 };
	for (size_t i = 0; i < endings->n && q.n_pairs < PAIRS_MAX; i++) {
		const struct ending *e = &endings->list[i];
		if (is_purpose_pair(e) && goes_with(p, &q, e))
			add_pair(&q, e, 0, e->main_to);
	}
	finish(p, all, &q, "Match each statement with the purpose that the text gives it.", 3);
}

/* A whole beginning: conjunction and comma stay with it, so that the end follows at once. */
static bool is_half(const struct ending *e)
{
	const struct sentence *s = e->sentence;
	bool is_fronted = e->main_from > e->from; /* "Because …, it is so" */
	if (!e->is_key || is_fronted || s->is_first_person || e->words > 16)
		return false;
	uint32_t from = e->cue == CUE_PREDICATE ? clause_start(s) : s->lead;
	uint32_t left = words_in(sentence_span(s, from, e->from));
	return from == s->lead && left >= (e->cue == CUE_PREDICATE ? 2 : 4) && left <= 16 &&
	       !points_back(s, e->from, e->to) && !points_back(s, from, from + 3) &&
	       (e->cue == CUE_PREDICATE || !is_hedged(s));
}

static const char ANY_PROMPT[] = "Match each beginning with the ending that the text gives it.";

/* Of any form: easier, for grammar helps. */
static void match_any(struct planner *p, struct questions *all, const struct endings *endings)
{
	struct question q = { .score = 0.6 };
	for (int pass = 0; pass < 2; pass++) /* what is said of a subject last */
		for (size_t i = 0; i < endings->n && q.n_pairs < PAIRS_MAX; i++) {
			const struct ending *e = &endings->list[i];
			if ((e->cue == CUE_PREDICATE) == (pass == 1) && is_half(e) &&
			    goes_with(p, &q, e))
				add_pair(&q, e, e->sentence->lead, e->from);
		}
	finish(p, all, &q, ANY_PROMPT, 1);
	if (q.n_pairs <= PAIRS_MIN)
		return;
	/* Where sentences are few: without the first, which could be asked alone as well. */
	q.n_pairs--;
	q.score -= 0.02;
	memmove(q.pairs, q.pairs + 1, q.n_pairs * sizeof(q.pairs[0]));
	finish(p, all, &q, ANY_PROMPT, 1);
}

void match_halves(struct planner *p, struct questions *all, const struct endings *endings)
{
	match_predicates(p, all, endings, false);
	match_predicates(p, all, endings, true);
	match_purposes(p, all, endings);
	match_any(p, all, endings);
}
