/* Questions about reasons, purposes and means.
 *
 * A clause behind "because", "so that", "to" or "by" says why, what for or how; it is the
 * key, and other clauses of that form in the text are the alternatives, so that grammar
 * never tells which is right.  A reason's alternatives may also be statements of the text:
 * true by themselves, but not what it gives as the reason.
 */
#include "makers/lesson/plan/endings.h"

enum { SHORT_PURPOSE = 6 /* words */ };

/* --- Alternatives --- */

/* "is …", "can …", "conducted …", "helps …": of one class, else the form tells which is right. */
static int verb_class(const struct ending *e)
{
	const struct sentence *s = e->sentence;
	uint32_t i = e->from;
	while (i < e->to && tag_at(s, i) == TAG_ADVERB)
		i++;
	enum tag t = tag_at(s, i);
	if (t == TAG_BE)
		return one_of(low(s, i), "was were") ? 1 : 2;
	if (t == TAG_MODAL)
		return 3;
	return i < s->n && s->tokens[i].word->is_past && !s->tokens[i].word->is_third ? 4 : 5;
}

static bool fits_form(const struct ending *key, const struct ending *x)
{
	bool is_clause = x->cue == CUE_REASON || x->cue == CUE_AIM || x->cue == CUE_STATEMENT ||
	                 x->cue == CUE_CONSEQUENCE;
	if (key->cue == CUE_REASON || key->cue == CUE_AIM || key->cue == CUE_CONSEQUENCE)
		return is_clause;
	if (key->cue == CUE_PREDICATE && x->cue == CUE_PREDICATE)
		return verb_class(key) == verb_class(x) &&
		       (x->is_free || key->is_plural == x->is_plural);
	return x->cue == key->cue;
}

static struct str shown(struct planner *p, const struct ending *e)
{
	return say_inside(p, e->sentence, e->from, e->to);
}

/* Content words that two spans have in common. */
static uint32_t shared_between(const struct sentence *a, uint32_t from, uint32_t to,
                               const struct sentence *b, uint32_t b_from, uint32_t b_to)
{
	uint32_t n = 0;
	for (uint32_t i = from; i < to; i++)
		for (uint32_t k = b_from; k < b_to && !a->tokens[i].word->is_stop; k++)
			if (tag_at(a, i) != TAG_PUNCT &&
			    a->tokens[i].word->stem_id == b->tokens[k].word->stem_id) {
				n++;
				break;
			}
	return n;
}

static bool is_fair(const struct ending *key, const struct ending *x)
{
	const struct sentence *s = key->sentence, *o = x->sentence;
	if (x == key || !fits_form(key, x) || o->block == s->block ||
	    points_back(o, x->from, x->to))
		return false;
	if (x->words * 10 > key->words * 20 + 10 || x->words * 22 + 10 < key->words * 10)
		return false;
	if (key->cue == CUE_PREDICATE &&
	    shared_between(s, key->main_from, key->main_to, o, o->lead, o->n) > 0)
		return false; /* it may well be true of this subject too */
	if (shared_between(s, key->main_from, key->main_to, o, x->from, x->to) > 1 ||
	    shared_stems(s, o) > SHARED_MAX + 2)
		return false;
	bool is_short = key->words <= SHORT_PURPOSE && x->words <= SHORT_PURPOSE;
	if (key->cue == CUE_PURPOSE && is_short &&
	    shared_between(s, key->from, key->to, o, x->from, x->to) > 0)
		return false; /* "to format the document", "to structure the document" */
	return key->cue != CUE_PURPOSE ||
	       s->tokens[key->from + 1].word->stem_id != o->tokens[x->from + 1].word->stem_id;
}

static double closeness(const struct planner *p, const struct ending *key, const struct ending *x)
{
	double gap = (double)key->words - (double)x->words;
	double c = 1 - (gap < 0 ? -gap : gap) / 12;
	c += x->cue == key->cue ? 0.3 : 0;
	c += shared_stems(key->sentence, x->sentence) > 0 ? 0.3 : 0;
	return c + ((x->sentence->index * 2654435761u ^ p->seed) >> 16 & 0xff) / 2048.0;
}

static bool is_taken(struct planner *p, const struct distractors *d, struct str text)
{
	for (size_t i = 0; i < d->n; i++) {
		struct str rest, first = str_cut(d->text[i], ' ', &rest);
		struct str other, own = str_cut(text, ' ', &other);
		bool is_alike =
		        str_eq_nocase(first, own) &&
		        str_eq_nocase(str_cut(rest, ' ', &rest), str_cut(other, ' ', &other));
		if (is_alike || span_stands_in(p->arena, p->lexicon, text, d->text[i]) ||
		    span_stands_in(p->arena, p->lexicon, d->text[i], text))
			return true;
	}
	return false;
}

static void distract_ending(struct planner *p, const struct endings *all, const struct ending *key,
                            struct distractors *ret)
{
	ret->n = 0;
	for (int round = 0; round < 3; round++) {
		const struct ending *best = NULL;
		double best_score = -10;
		for (size_t i = 0; i < all->n; i++) {
			const struct ending *x = &all->list[i];
			double c = closeness(p, key, x);
			if (c <= best_score || !is_fair(key, x))
				continue;
			struct str text = shown(p, x);
			if (is_taken(p, ret, text) || text.len > PLAN_LINE_MAX ||
			    span_stands_in(p->arena, p->lexicon, text, key->sentence->text))
				continue;
			best = x;
			best_score = c;
		}
		if (!best)
			return;
		ret->text[ret->n++] = shown(p, best);
	}
}

/* --- Questions --- */

static struct str main_clause(struct planner *p, const struct ending *e)
{
	uint32_t to = e->main_to;
	bool is_condition = e->cue == CUE_ADVICE || e->cue == CUE_CONSEQUENCE;
	while (!is_condition && to > e->main_from && one_of(low(e->sentence, to - 1), ", in order"))
		to--;
	return say(p, e->sentence, e->main_from, to);
}

static struct str why(struct planner *p, const struct ending *e)
{
	struct clause c;
	const struct sentence *s = e->sentence;
	struct str q = { "", 0 };
	uint32_t to = e->main_to;
	while (to > 0 && one_of(low(s, to - 1), ","))
		to--;
	if (to - e->main_from <= 24 && !points_back(s, e->main_from, to) &&
	    clause_at(s, e->main_from, to, &c))
		q = inverted(p, s, &c);
	if (q.len > 0)
		return str_fmt(p->arena, "According to the text, why " STR_FMT "?", STR_ARG(q));
	return str_fmt(p->arena,
	               "Which reason does the text give for this? \xe2\x80\x9c" STR_FMT
	               ".\xe2\x80\x9d",
	               STR_ARG(main_clause(p, e)));
}

static struct str what_ending(struct planner *p, const struct ending *e)
{
	const char *cue = e->cue == CUE_AIM ? " so that" : "";
	return str_fmt(p->arena,
	               "Which ending makes the statement true to the text? \xe2\x80\x9c" STR_FMT
	               "%s \xe2\x80\xa6\xe2\x80\x9d",
	               STR_ARG(main_clause(p, e)), cue);
}

static struct str what_about(struct planner *p, const struct ending *e)
{
	if (clause_start(e->sentence) > e->sentence->lead)
		return what_ending(p, e);
	return str_fmt(p->arena,
	               "What does the text say about \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d?",
	               STR_ARG(say_inside(p, e->sentence, e->sentence->lead, e->main_to)));
}

static double cue_worth(enum cue cue)
{
	static const double worth[] = {
		[CUE_REASON] = 0.75, [CUE_AIM] = 0.6,        [CUE_PURPOSE] = 0.3,
		[CUE_MEANS] = 0.4,   [CUE_STATEMENT] = 0,    [CUE_PREDICATE] = 0.25,
		[CUE_ADVICE] = 0.4,  [CUE_CONSEQUENCE] = 0.5
	};
	return worth[cue];
}

static struct str aim_clause(struct planner *p, const struct ending *e)
{
	uint32_t to = e->main_to;
	while (to > e->main_from && one_of(low(e->sentence, to - 1), ","))
		to--;
	return say_inside(p, e->sentence, e->main_from, to);
}

static void ask_ending(struct planner *p, struct questions *all, const struct endings *endings,
                       const struct ending *e)
{
	struct distractors d;
	distract_ending(p, endings, e, &d);
	if (d.n < 2)
		return;
	struct question *q = question_add(p, all, Q_CHOICE, e->sentence,
	                                  sentence_worth(e->sentence) + cue_worth(e->cue) -
	                                          (d.n < 3 ? 0.15 : 0));
	q->prompt = e->cue == CUE_REASON      ? why(p, e)
	            : e->cue == CUE_PREDICATE ? what_about(p, e)
	                                      : what_ending(p, e);
	q->answer = sentence_span(e->sentence, e->from, e->to);
	q->distractors = d;
	q->difficulty = 2;
	q->explanation = text_says(p, e->sentence->text);
	q->is_reason = e->cue == CUE_REASON;
	q->is_statement = tag_at(e->sentence, e->from) == TAG_BE;
	if (e->cue == CUE_PREDICATE && !one_of(low(e->sentence, e->main_from), "each every"))
		q->subject = say_inside(p, e->sentence, clause_start(e->sentence), e->main_to);
	if (q->is_reason)
		q->aim = str_fmt(p->arena, "Explain why " STR_FMT ".", STR_ARG(aim_clause(p, e)));
}

void ask_clauses(struct planner *p, struct questions *all)
{
	struct endings *endings = arena_new(p->arena, struct endings, 1);
	endings_find(p->doc, endings);
	for (size_t i = 0; i < endings->n; i++)
		if (endings->list[i].is_key)
			ask_ending(p, all, endings, &endings->list[i]);
	match_halves(p, all, endings);
}
