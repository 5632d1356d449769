/* The best set of questions that go together (conflicts.c): types are mixed, sections are
 * spread.  Greedy by score, with what has been chosen lowering the worth of more of the
 * same; where a type is missing, again with each of its candidates first; then in the order
 * of the text. */
#include "makers/lesson/plan/plan.h"

enum {
	MATCHES_MAX = 2,
	ORDERS_MAX = 2,
	DENIALS_MAX = 2,
	QUESTIONS_ENOUGH = 10,
	QUESTIONS_FEW = 8,
	TRIED_MAX = 12,  /* of one type */
	KNOWN_MAX = 2000 /* questions whose pairs are remembered */
};

enum known { KNOWN_NOT, KNOWN_FAIR, KNOWN_CONFLICT };

static const double VARIED_MIN = 0.55, LEAD_MIN = 0.4;

struct choice {
	struct planner *p;
	struct question **picked;
	size_t n, max;
	double score_min; /* below this nothing is taken */
	bool with_plain;
	unsigned excess; /* per cent of a type's share that may be added to it */
	size_t of_type[Q_TYPES];
	size_t n_true, n_denials;
	uint8_t *known; /* of each pair, whether they conflict; NULL where they are too many */
	size_t n_all;
};

/* Asked again and again while sets are tried: answered once for each pair. */
static bool conflict_between(struct choice *c, const struct question *a, const struct question *b)
{
	if (!c->known)
		return questions_conflict(c->p, a, b);
	uint8_t *known = &c->known[a->index * c->n_all + b->index];
	if (*known == KNOWN_NOT) {
		bool is_conflict = questions_conflict(c->p, a, b);
		*known = c->known[b->index * c->n_all + a->index] =
		        is_conflict ? KNOWN_CONFLICT : KNOWN_FAIR;
	}
	return *known == KNOWN_CONFLICT;
}

static bool conflicts(struct choice *c, const struct question *q)
{
	for (size_t i = 0; i < c->n; i++)
		if (conflict_between(c, q, c->picked[i]))
			return true;
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
	case Q_NUMBER:
		return c->max / 6 + 1;
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
		v += q->type == Q_ORDER || q->type == Q_MATCH ? 0.45 : 0.35;
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
		if (q->is_picked || (q->is_plain && !c->with_plain) ||
		    (q->is_denial && c->n_denials >= DENIALS_MAX + c->excess / 100) ||
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

static void take(struct choice *c, struct question *q)
{
	q->is_picked = true;
	c->of_type[q->type]++;
	c->n_denials += q->is_denial;
	c->n_true += q->type == Q_TRUE_FALSE && q->is_true;
	c->picked[c->n++] = q;
}

static void take_best(struct choice *c, struct questions *all, size_t max)
{
	while (c->n < max) {
		struct question *q = best_left(c, all);
		if (!q)
			break;
		take(c, q);
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

static void start(struct choice *c, struct questions *all, struct question *const *first,
                  size_t n_first)
{
	c->n = c->n_true = c->n_denials = 0;
	memset(c->of_type, 0, sizeof(c->of_type));
	for (struct question *q = all->first; q; q = q->next)
		q->is_picked = false;
	for (size_t i = 0; i < n_first; i++)
		take(c, first[i]);
}

static void fill(struct choice *c, struct questions *all)
{
	c->score_min = 0.45;
	c->excess = 0;
	c->with_plain = false;
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

/* A further type is worth two questions of a lesson that has not enough; but a lesson too
 * short to teach with is none. */
static bool is_better(const struct choice *a, const struct choice *b)
{
	if ((a->n < QUESTIONS_FEW) != (b->n < QUESTIONS_FEW))
		return b->n < QUESTIONS_FEW;
	size_t n = a->n < QUESTIONS_ENOUGH ? a->n : QUESTIONS_ENOUGH;
	size_t m = b->n < QUESTIONS_ENOUGH ? b->n : QUESTIONS_ENOUGH;
	size_t worth = n + 2 * types_of(a), other = m + 2 * types_of(b);
	return worth != other ? worth > other : types_of(a) > types_of(b);
}

static bool may_lead(const struct question *q, enum question_type type)
{
	return q->type == type && !q->is_plain && q->score >= LEAD_MIN;
}

/* What rests on several sentences finds no room once others are chosen: for a type that is
 * missing, each of its candidates is tried as the first of all. */
static void try_type(struct choice *best, struct questions *all, enum question_type type,
                     struct question **first, size_t *n_first)
{
	struct choice c = *best;
	struct question *found = NULL;
	size_t tried = 0;
	c.picked = arena_new(best->p->arena, struct question *, best->max + Q_TYPES + 1);
	for (struct question *q = all->first; q && tried < TRIED_MAX; q = q->next) {
		if (!may_lead(q, type))
			continue;
		start(&c, all, first, *n_first);
		if (conflicts(&c, q))
			continue;
		tried++;
		take(&c, q);
		fill(&c, all);
		if (!is_better(&c, best))
			continue;
		struct question **spare = best->picked;
		*best = c;
		c.picked = spare;
		found = q;
	}
	if (found)
		first[(*n_first)++] = found;
}

static void know_conflicts(struct choice *c, struct questions *all)
{
	uint32_t n = 0;
	for (struct question *q = all->first; q; q = q->next)
		q->index = n++;
	c->n_all = n;
	c->known = n <= KNOWN_MAX ? arena_new(c->p->arena, uint8_t, (size_t)n * n) : NULL;
}

static void drop_told(struct planner *p, struct questions *all)
{
	struct question **next = &all->first;
	while (*next) {
		if (!is_told_by_title(p, *next)) {
			next = &(*next)->next;
			continue;
		}
		*next = (*next)->next;
		all->n--;
	}
	all->last = next;
}

size_t questions_select(struct planner *p, struct questions *all, size_t max,
                        struct question ***ret)
{
	static const enum question_type rare[] = { Q_ORDER, Q_MATCH,  Q_NUMBER,    Q_SHORT,
		                                   Q_CLOZE, Q_CHOICE, Q_TRUE_FALSE };
	struct choice best = { .p = p, .max = max };
	struct question *first[Q_TYPES];
	size_t n_first = 0;
	best.picked = arena_new(p->arena, struct question *, max + Q_TYPES + 1);
	drop_told(p, all);
	know_conflicts(&best, all);
	start(&best, all, first, 0);
	fill(&best, all);
	for (size_t i = 0; i < ARRAY_LEN(rare) && best.known; i++)
		if (best.of_type[rare[i]] == 0)
			try_type(&best, all, rare[i], first, &n_first);
	sort_by_place(best.picked, best.n);
	balance(&best, all);
	*ret = best.picked;
	return best.n;
}
