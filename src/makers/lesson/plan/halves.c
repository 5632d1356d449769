/* Beginnings to be put together with their endings: subjects with what is said about them,
 * statements and orders with their purposes, conditions with what follows from them.
 *
 * All endings of one question are of one form, so that grammar does not pair them; sentences
 * that share more than a few words (those of the title apart, which a text has everywhere)
 * are never in one question: each beginning must go with one ending only.
 */
#include "makers/lesson/plan/endings.h"

enum {
	PAIRS_MIN = 3,
	PAIRS_MAX = 4,
	SUBJECT_WORDS_MAX = 12,
	SHARED_NEAR = 1 /* of one paragraph: they speak of one matter */
};

/* Content words that both sentences have and the title has not. */
static uint32_t shared_beside_title(struct planner *p, const struct sentence *a,
                                    const struct sentence *b)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < a->n; i++) {
		const struct word *w = a->tokens[i].word;
		bool is_shared = false;
		for (uint32_t k = 0; k < b->n && !w->is_stop && tag_at(a, i) != TAG_PUNCT; k++)
			is_shared |= b->tokens[k].word->stem_id == w->stem_id;
		n += is_shared && !span_stands_in(p->arena, p->lexicon, w->text, p->doc->title);
	}
	return n;
}

/* "receive … days later" and "receive dozens …": who receives which cannot be told. */
static bool begins_as_another(const struct question *q, const struct ending *e)
{
	const struct sentence *s = e->sentence;
	bool has_auxiliary = tag_at(s, e->from) != TAG_VERB;
	struct str own = sentence_span(s, e->from, e->from + (has_auxiliary ? 2 : 1));
	for (size_t i = 0; i < q->n_pairs && e->cue == CUE_PREDICATE; i++) {
		struct str right = q->pairs[i].right;
		if (str_starts(right, own) && (right.len == own.len || right.ptr[own.len] == ' '))
			return true;
	}
	return false;
}

static bool goes_with(struct planner *p, const struct question *q, const struct ending *e)
{
	struct str left = sentence_span(e->sentence, e->sentence->lead, e->main_to);
	if (is_of_option(e->sentence))
		return false; /* of which? */
	if (begins_as_another(q, e))
		return false;
	for (size_t i = 0; i < q->n_pairs; i++)
		if (shared_beside_title(p, q->pairs[i].sentence, e->sentence) >
		            (q->pairs[i].sentence->block == e->sentence->block ? SHARED_NEAR
		                                                               : SHARED_MAX) ||
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
	struct str left = sentence_span(s, left_from, left_to);
	q->pairs[q->n_pairs++] =
	        (struct pair){ left, sentence_span(s, e->from, e->to), s->text, s };
}

/* "also", "both": of what, stands before.  A "their" in it is of its own number. */
static bool speaks_of_others(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (one_of(low(s, i), "both such also too"))
			return true;
	return false;
}

static bool is_predicate_pair(const struct ending *e, bool is_plural)
{
	const struct sentence *s = e->sentence;
	return e->cue == CUE_PREDICATE && e->is_key &&
	       words_in(sentence_span(s, s->lead, e->main_to)) <= SUBJECT_WORDS_MAX &&
	       (e->is_free || e->is_plural == is_plural) && !speaks_of_others(s, e->from, e->to) &&
	       !s->is_first_person;
}

/* One number only: grammar must not pair them. */
static void match_predicates(struct planner *p, struct questions *all,
                             const struct endings *endings, bool is_plural)
{
	struct question q = { .score = 0.85 };
	for (double bar = 0.75; bar > 0.1 && q.n_pairs < PAIRS_MAX; bar -= 0.1)
		for (size_t i = 0; i < endings->n && q.n_pairs < PAIRS_MAX; i++) {
			const struct ending *e = &endings->list[i];
			if (is_predicate_pair(e, is_plural) && sentence_worth(e->sentence) >= bar &&
			    goes_with(p, &q, e))
				add_pair(&q, e, e->sentence->lead, e->main_to);
		}
	finish(p, all, &q, "Match each beginning with the ending that the text gives it.", 2);
}

/* What is done, and what for; all statements, or all orders. */
static bool is_purpose_pair(const struct ending *e, bool is_order)
{
	const struct sentence *s = e->sentence;
	if (e->cue != CUE_PURPOSE || !e->is_key || is_imperative(s) != is_order)
		return false;
	uint32_t left = words_in(sentence_span(s, s->lead, e->main_to));
	return !s->is_first_person && s->lead == 0 && left >= 4 && left <= 18 &&
	       !points_back(s, e->from, e->to) && !points_back(s, s->lead, e->main_to) &&
	       !is_hedged(s) && !one_of(low(s, e->main_to - 1), ", order") && e->from == e->main_to;
}

static void match_purposes(struct planner *p, struct questions *all, const struct endings *endings,
                           bool is_order)
{
	struct question q = { .score = 0.8 };
	for (size_t i = 0; i < endings->n && q.n_pairs < PAIRS_MAX; i++) {
		const struct ending *e = &endings->list[i];
		if (is_purpose_pair(e, is_order) && goes_with(p, &q, e))
			add_pair(&q, e, 0, e->main_to);
	}
	finish(p, all, &q, "Match each statement with the purpose that the text gives it.", 3);
}

/* "When …," with what happens then: all statements, with comma and all. */
static bool is_condition_pair(const struct ending *e)
{
	const struct sentence *s = e->sentence;
	if (e->cue != CUE_CONSEQUENCE || !e->is_key || s->is_first_person || is_hedged(s))
		return false;
	uint32_t left = words_in(sentence_span(s, s->lead, e->main_to));
	return left >= 4 && left <= 16 && e->words <= 16 && !points_back(s, e->from, e->to);
}

static void match_conditions(struct planner *p, struct questions *all,
                             const struct endings *endings)
{
	struct question q = { .score = 0.8 };
	for (size_t i = 0; i < endings->n && q.n_pairs < PAIRS_MAX; i++) {
		const struct ending *e = &endings->list[i];
		if (is_condition_pair(e) && goes_with(p, &q, e))
			add_pair(&q, e, e->sentence->lead, e->main_to);
	}
	finish(p, all, &q, "Match each condition with what the text says follows from it.", 2);
}

/* Where sentences are few: without the first pair, which could be asked alone as well. */
static void offer_shorter(struct planner *p, struct questions *all, size_t n_before)
{
	const struct question *q = all->first;
	for (size_t i = 0; i < n_before; i++)
		q = q->next;
	for (size_t n = all->n; n > n_before; n--, q = q->next) {
		struct question less = *q;
		if (q->n_pairs <= PAIRS_MIN)
			continue;
		less.n_pairs--;
		less.score -= 0.02;
		memmove(less.pairs, less.pairs + 1, less.n_pairs * sizeof(less.pairs[0]));
		struct str prompt = q->prompt;
		finish(p, all, &less, prompt.ptr, q->difficulty);
	}
}

void match_halves(struct planner *p, struct questions *all, const struct endings *endings)
{
	size_t n = all->n;
	match_predicates(p, all, endings, false);
	match_predicates(p, all, endings, true);
	match_purposes(p, all, endings, false);
	match_purposes(p, all, endings, true);
	match_conditions(p, all, endings);
	offer_shorter(p, all, n);
}
