/* The best set of questions that go together: no sentence is asked twice, no prompt holds
 * another's answer, types are mixed, sections are spread.  Greedy by score, with what has
 * been chosen lowering the worth of more of the same; then in the order of the text. */
#include "makers/lesson/plan/plan.h"

enum {
	MATCHES_MAX = 2,
	ORDERS_MAX = 2,
	DENIALS_MAX = 2,
	QUESTIONS_ENOUGH = 10,
	QUESTIONS_FEW = 8,
	ROUNDS = 4,
	PAIRS_FEW = 3
};

static const double VARIED_MIN = 0.55;

struct choice {
	struct planner *p;
	struct question **picked;
	size_t n, max;
	double score_min; /* below this nothing is taken */
	bool with_plain;
	bool is_thrifty; /* a match takes no more sentences than it must */
	unsigned excess; /* per cent of a type's share that may be added to it */
	size_t of_type[Q_TYPES];
	size_t n_true, n_denials;
	bool has_only; /* one type is wanted */
	enum question_type only;
};

static bool rests_on(const struct question *q, const struct sentence *s)
{
	if (q->sentence == s)
		return true;
	for (size_t i = 0; i < q->n_pairs; i++)
		if (q->pairs[i].sentence == s)
			return true;
	return q->type == Q_ORDER && s->text.len > 0 && str_find(q->source, s->text, 0) != SIZE_MAX;
}

static bool same_sentence(const struct question *a, const struct question *b)
{
	if (a->sentence && rests_on(b, a->sentence))
		return true;
	for (size_t i = 0; i < a->n_pairs; i++)
		if (rests_on(b, a->pairs[i].sentence))
			return true;
	return a->type == Q_ORDER && b->sentence && rests_on(a, b->sentence);
}

static uint32_t shared_words(const struct sentence *a, const struct sentence *b)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < a->n; i++) {
		const struct word *w = a->tokens[i].word;
		bool is_shared = false;
		for (uint32_t k = 0; k < b->n && !w->is_stop && a->tokens[i].tag != TAG_PUNCT; k++)
			is_shared |= b->tokens[k].word->stem_id == w->stem_id;
		n += is_shared;
	}
	return n;
}

static bool holds(struct planner *p, const struct question *a, struct str answer)
{
	if (span_stands_in(p->arena, p->lexicon, answer, a->prompt))
		return true;
	for (size_t i = 0; i < a->n_pairs; i++)
		if (span_stands_in(p->arena, p->lexicon, answer, a->pairs[i].right) ||
		    span_stands_in(p->arena, p->lexicon, answer, a->pairs[i].left))
			return true;
	for (size_t i = 0; i < a->n_items; i++)
		if (span_stands_in(p->arena, p->lexicon, answer, a->items[i]))
			return true;
	return false;
}

/* A pair that names the word, in a sentence of the same matter. */
static bool pair_tells(struct planner *p, const struct question *a, const struct question *b)
{
	for (size_t i = 0; i < a->n_pairs; i++)
		if ((span_stands_in(p->arena, p->lexicon, b->answer, a->pairs[i].right) ||
		     span_stands_in(p->arena, p->lexicon, b->answer, a->pairs[i].left)) &&
		    shared_words(a->pairs[i].sentence, b->sentence) >= 4)
			return true;
	return false;
}

/* Whether reading a tells the answer of b: it holds the answer, and either the answer is
 * a whole phrase or the two sentences speak of the same matter. */
static bool gives_away(struct planner *p, const struct question *a, const struct question *b)
{
	if (b->answer.len == 0 || b->type == Q_TRUE_FALSE || !holds(p, a, b->answer))
		return false;
	bool is_phrase = str_find(b->answer, STR(" "), 0) != SIZE_MAX;
	if (a->type == Q_ORDER)
		return false; /* steps name their subject, they do not explain it */
	if (a->type == Q_MATCH && b->sentence && !b->is_number &&
	    (!is_phrase || b->type == Q_CLOZE))
		return pair_tells(p, a, b);
	if (!a->sentence || !b->sentence)
		return true;
	uint32_t own = is_phrase ? 2 : 1; /* the answer's words are shared anyway */
	return shared_words(a->sentence, b->sentence) >= own + 2;
}

static bool same_answer(struct planner *p, const struct question *a, const struct question *b)
{
	if (a->type == Q_TRUE_FALSE && b->type == Q_TRUE_FALSE && a->answer.len > 0 &&
	    str_eq(a->answer, b->answer) && shared_words(a->sentence, b->sentence) > 0)
		return true; /* the same thing turned round twice */
	if (a->answer.len == 0 || b->answer.len == 0 ||
	    (a->type == Q_TRUE_FALSE && b->type == Q_TRUE_FALSE && !a->is_number))
		return false;
	return str_eq(normal_form(p->arena, p->lexicon, a->answer),
	              normal_form(p->arena, p->lexicon, b->answer));
}

static uint32_t content_words(const struct sentence *s)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n; i++)
		n += s->tokens[i].tag != TAG_PUNCT && !s->tokens[i].word->is_stop;
	return n;
}

static bool shares_item(struct planner *p, const struct question *a, const struct question *b)
{
	for (size_t i = 0; i < b->n_items; i++)
		if (a->type == Q_ORDER && holds(p, a, b->items[i]))
			return true;
	return false;
}

/* "If GID is not supplied, …" and the same with UID. */
static bool differs_in_a_word(const struct sentence *a, const struct sentence *b)
{
	uint32_t n = 0;
	if (a->n != b->n || a->n < 6)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		n += a->tokens[i].word != b->tokens[i].word;
	return n <= 2;
}

/* Two sentences of the text that say nearly the same. */
static bool near_copy(struct planner *p, const struct question *a, const struct question *b)
{
	if (a->sentence && b->sentence) {
		if (differs_in_a_word(a->sentence, b->sentence))
			return true;
		uint32_t n = content_words(a->sentence), m = content_words(b->sentence);
		uint32_t shared = shared_words(a->sentence, b->sentence);
		if (shared * 10 >= (n < m ? n : m) * 6 && shared * 10 >= (n < m ? m : n) * 4 &&
		    shared >= 3)
			return true;
	}
	return shares_item(p, a, b) || str_eq(normal_form(p->arena, p->lexicon, a->source),
	                                      normal_form(p->arena, p->lexicon, b->source));
}

static bool conflicts(struct choice *c, const struct question *q)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct question *x = c->picked[i];
		bool is_same = q->type != Q_MATCH && str_eq(q->prompt, x->prompt);
		if (is_same || same_sentence(q, x) || same_sentence(x, q) ||
		    near_copy(c->p, q, x) || same_answer(c->p, q, x))
			return true;
		if (gives_away(c->p, q, x) || gives_away(c->p, x, q))
			return true;
	}
	return false;
}

static size_t type_max(const struct choice *c, enum question_type t)
{
	switch (t) {
	case Q_CHOICE:
		return c->max / 2 + 1;
	case Q_TRUE_FALSE:
		return c->max / 4 + 1;
	case Q_CLOZE:
		return c->max / 3;
	case Q_SHORT:
		return c->max / 4 + 1;
	case Q_MATCH:
		return MATCHES_MAX;
	case Q_ORDER:
		return ORDERS_MAX;
	case Q_TYPES:
		break;
	}
	return 0;
}

static double worth_now(const struct choice *c, const struct question *q)
{
	double v = q->score;
	/* Of each type one, when there is a good one; cloze and true or false come anyway. */
	if (c->of_type[q->type] == 0 && q->score >= VARIED_MIN)
		v += 0.35;
	for (size_t i = 0; i < c->n; i++) {
		if (c->picked[i]->section == q->section)
			v -= 0.03;
		if (c->picked[i]->block == q->block && q->type != Q_MATCH)
			v -= 0.12;
	}
	if (q->type == Q_TRUE_FALSE && q->is_true)
		v -= 0.1 * (double)c->n_true;
	return v;
}

static struct question *best_left(struct choice *c, struct questions *all)
{
	struct question *best = NULL;
	double best_worth = -100;
	for (struct question *q = all->first; q; q = q->next) {
		assert(q->type < Q_TYPES);
		size_t share = type_max(c, q->type);
		unsigned excess = q->type == Q_TRUE_FALSE ? c->excess / 4 : c->excess;
		if (q->is_picked || (c->has_only && q->type != c->only) ||
		    (q->is_plain && !c->with_plain) || (c->is_thrifty && q->n_pairs > PAIRS_FEW) ||
		    (q->is_denial && c->n_denials >= DENIALS_MAX) ||
		    c->of_type[q->type] >= share + (share > 2 ? share * excess / 100 : 0))
			continue;
		double v = worth_now(c, q);
		if (v <= c->score_min)
			continue; /* not good enough, of whatever type */
		v -= 0.06 * (double)c->of_type[q->type];
		if (v <= best_worth)
			continue;
		if (conflicts(c, q)) {
			q->is_picked = true; /* conflicts never go away */
			continue;
		}
		best = q;
		best_worth = v;
	}
	return best;
}

static bool comes_before(const struct question *a, const struct question *b)
{
	return a->block != b->block         ? a->block < b->block
	       : a->sentence && b->sentence ? a->sentence->index < b->sentence->index
	                                    : false;
}

static void sort_by_place(struct question **q, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct question *x = q[i];
		size_t k = i;
		for (; k > 0 && comes_before(x, q[k - 1]); k--)
			q[k] = q[k - 1];
		q[k] = x;
	}
}

static void take_best(struct choice *c, struct questions *all, size_t max)
{
	while (c->n < max) {
		struct question *q = best_left(c, all);
		if (!q)
			break;
		q->is_picked = true;
		c->of_type[q->type]++;
		c->n_denials += q->is_denial;
		c->n_true += q->type == Q_TRUE_FALSE && q->is_true;
		c->picked[c->n++] = q;
	}
}

static struct question *true_twin(struct questions *all, const struct question *q)
{
	for (struct question *x = all->first; x; x = x->next)
		if (x->type == Q_TRUE_FALSE && x->is_true && x->sentence == q->sentence &&
		    str_eq(x->answer, q->answer))
			return x;
	return NULL;
}

/* Puts the true statement in the false one's place, when it goes with all the others. */
static bool turn_true(struct choice *c, struct questions *all, size_t i)
{
	struct question *q = c->picked[i], *twin = true_twin(all, q), *kept = q;
	if (!twin)
		return false;
	c->picked[i] = c->picked[--c->n]; /* only the others count */
	c->picked[c->n] = q;
	if (!conflicts(c, twin))
		c->picked[c->n] = kept = twin;
	struct question *last = c->picked[c->n];
	c->picked[c->n++] = c->picked[i];
	c->picked[i] = last;
	return kept == twin;
}

/* Whoever always says "false" must not be right: every other statement is the true one,
 * or, where the second has no true form, another. */
static void balance(struct choice *c, struct questions *all)
{
	size_t n_false = 0, n_true = 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct question *q = c->picked[i];
		if (q->type != Q_TRUE_FALSE)
			continue;
		bool is_true = q->is_true || (n_false > n_true && turn_true(c, all, i));
		n_true += is_true;
		n_false += !is_true;
	}
	for (size_t i = 0; i < c->n && n_false > n_true + 1; i++) {
		const struct question *q = c->picked[i];
		if (q->type == Q_TRUE_FALSE && !q->is_true && !q->is_denial &&
		    turn_true(c, all, i)) {
			n_true++;
			n_false--;
		}
	}
}

/* The best of each of these types before all others: what rests on several sentences finds
 * no room afterwards. */
static void take_one_of_each(struct choice *c, struct questions *all, const bool *wanted)
{
	static const enum question_type rare[] = { Q_ORDER, Q_MATCH,  Q_SHORT,
		                                   Q_CLOZE, Q_CHOICE, Q_TRUE_FALSE };
	c->has_only = true;
	for (size_t i = 0; i < ARRAY_LEN(rare); i++) {
		c->only = rare[i];
		if (wanted[rare[i]] && c->n < c->max)
			take_best(c, all, c->n + 1);
	}
	c->has_only = false;
}

static void fill(struct choice *c, struct questions *all, const bool *wanted)
{
	for (struct question *q = all->first; q; q = q->next)
		q->is_picked = false;
	c->score_min = 0.45;
	take_one_of_each(c, all, wanted);
	take_best(c, all, c->max);
	/* A text with few good sentences: plainer questions, of fewer types. */
	c->score_min = -1;
	c->excess = 100;
	take_best(c, all, QUESTIONS_ENOUGH);
	/* Plain ones fill up a lesson; they do not make one. */
	c->with_plain = c->n >= PLAN_QUESTIONS_MIN;
	take_best(c, all, QUESTIONS_ENOUGH);
}

static size_t types_of(const struct choice *c)
{
	size_t n = 0;
	for (size_t i = 0; i < Q_TYPES; i++)
		n += c->of_type[i] > 0;
	return n;
}

/* More types, but not at the price of a lesson too short to teach with. */
static bool is_better(const struct choice *a, const struct choice *b)
{
	if (a->n < QUESTIONS_FEW && a->n < b->n)
		return false;
	return types_of(a) != types_of(b) ? types_of(a) > types_of(b) : a->n > b->n;
}

size_t questions_select(struct planner *p, struct questions *all, size_t max,
                        struct question ***ret)
{
	struct choice best = { .n = 0 };
	bool wanted[Q_TYPES] = { false };
	for (int round = 0; round < ROUNDS && (round == 0 || types_of(&best) < Q_TYPES); round++) {
		struct choice c = { .p = p, .max = max, .is_thrifty = round + 1 == ROUNDS };
		c.picked = arena_new(p->arena, struct question *, max + 1);
		fill(&c, all, wanted);
		if (round == 0 || is_better(&c, &best))
			best = c;
		for (size_t i = 0; i < Q_TYPES; i++)
			wanted[i] |= c.of_type[i] == 0;
	}
	sort_by_place(best.picked, best.n);
	balance(&best, all);
	*ret = best.picked;
	return best.n;
}
