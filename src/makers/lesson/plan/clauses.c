/* Questions about reasons, purposes and means.
 *
 * A clause behind "because", "so that", "to" or "by" says why, what for or how; it is the
 * key, and other clauses of that form in the text are the alternatives, so that grammar
 * never tells which is right.  A reason's alternatives may also be statements of the text:
 * true by themselves, but not what it gives as the reason.
 */
#include "makers/lesson/plan/plan.h"

enum {
	CLAUSES_MAX = 600,
	KEY_WORDS_MIN = 4,
	KEY_WORDS_MAX = 19,
	PREDICATE_WORDS_MAX = 24,
	INTRO_MAX = 16,
	LONG_ENOUGH = 6,
	SHARED_MAX = 2
};

enum cue {
	CUE_REASON,
	CUE_AIM,
	CUE_PURPOSE,
	CUE_MEANS,
	CUE_STATEMENT,
	CUE_PREDICATE,
	CUE_ADVICE,     /* "When there are two, pick one": what to do then */
	CUE_CONSEQUENCE /* "When something breaks, engineers …": what follows */
};

struct ending {
	enum cue cue;
	struct sentence *sentence;
	uint32_t from, to;           /* the clause as it is shown */
	uint32_t main_from, main_to; /* what it belongs to */
	uint32_t words;
	bool is_plural; /* of a predicate: goes with a plural, or with either */
	bool is_free;
	bool is_key; /* may be asked for; the others are alternatives only */
};

struct endings {
	struct ending list[CLAUSES_MAX];
	size_t n;
};

static uint32_t end_of(const struct sentence *s)
{
	uint32_t n = s->n;
	while (n > 0 && one_of(low(s, n - 1), ". \xe2\x80\x9d \""))
		n--;
	return n;
}

static bool has_verb_in(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		enum tag t = tag_at(s, i);
		if (t == TAG_BE || t == TAG_HAVE || t == TAG_MODAL || t == TAG_DO ||
		    (t == TAG_VERB && !s->tokens[i].word->is_gerund &&
		     (i == from || tag_at(s, i - 1) != TAG_TO)))
			return true;
	}
	return false;
}

/* "to" of a purpose: not "able to", "want to", "how to", nor the preposition. */
static bool is_purpose(const struct sentence *s, uint32_t i)
{
	if (tag_at(s, i) != TAG_TO || tag_at(s, i + 1) != TAG_VERB ||
	    s->tokens[i + 1].word->is_gerund || s->tokens[i + 1].word->is_third ||
	    s->tokens[i + 1].word->is_past)
		return false;
	if (i == 0 ||
	    one_of(low(s, i - 1), "need needs ability way ways how likely time opportunity right"))
		return false;
	enum tag before = tag_at(s, i - 1);
	return before == TAG_NOUN || before == TAG_PROPER ||
	       one_of(low(s, i - 1), "order , ) together you");
}

/* "the use of PDFs to share content runs deep": the sentence goes on behind the purpose. */
static bool goes_on(const struct sentence *s, uint32_t i)
{
	for (uint32_t k = i + 2; k + 1 < s->n; k++) {
		enum tag t = tag_at(s, k);
		if (t == TAG_WH || one_of(low(s, k), "that so if because while"))
			return false;
		if (t == TAG_BE || t == TAG_HAVE || t == TAG_MODAL ||
		    (t == TAG_VERB && s->tokens[k].word->is_third))
			return true;
	}
	return false;
}

/* Behind the last ", but" and the like before token i. */
static uint32_t clause_head(const struct sentence *s, uint32_t i)
{
	for (uint32_t k = i; k > s->lead + 1; k--)
		if (one_of(low(s, k - 1), "but although while and") && one_of(low(s, k - 2), ","))
			return k;
	return s->lead;
}

static bool cue_at(const struct sentence *s, uint32_t i, enum cue *cue, uint32_t *from)
{
	*from = i + 1;
	if (one_of(low(s, i), "because") && !one_of(low(s, i + 1), "of , it")) {
		*cue = CUE_REASON;
		return true;
	}
	if (one_of(low(s, i), "so") && one_of(low(s, i + 1), "that")) {
		*cue = CUE_AIM;
		*from = i + 2;
		return true;
	}
	if (is_purpose(s, i) && !goes_on(s, i) && has_verb_in(s, clause_head(s, i), i)) {
		*cue = CUE_PURPOSE;
		*from = i;
		return true;
	}
	if (one_of(low(s, i), "by") && i + 1 < s->n && s->tokens[i + 1].word->is_gerund &&
	    !one_of(low(s, i + 1), "far")) {
		*cue = CUE_MEANS;
		*from = i;
		return true;
	}
	return false;
}

static bool is_shown_whole(const struct sentence *s, uint32_t from, uint32_t to)
{
	int round = 0;
	for (uint32_t i = from; i < to; i++) {
		round += one_of(low(s, i), "( [") ? 1 : one_of(low(s, i), ") ]") ? -1 : 0;
		if (round < 0 ||
		    one_of(low(s, i),
		           "\xe2\x80\x9c \xe2\x80\x9d \" ; : \xe2\x80\x94 \xe2\x80\x93 ... ?"))
			return false;
	}
	return round == 0;
}

static bool names_no_person(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (one_of(low(s, i),
		           "we our us i my me mine this these those here he she his her"))
			return false;
	return true;
}

/* "to get started" ends anything. */
static bool is_telling(const struct sentence *s, uint32_t from, uint32_t to)
{
	uint32_t n = 0;
	for (uint32_t i = from; i < to; i++)
		n += tag_at(s, i) != TAG_PUNCT && !s->tokens[i].word->is_stop;
	return n >= 2 || (n == 1 && to - from >= LONG_ENOUGH);
}

static bool points_back(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (one_of(low(s, i), "they their them themselves it its both such also"))
			return true;
	return false;
}

static struct ending *add_ending(struct endings *all, struct sentence *s, uint32_t at,
                                 uint32_t from, uint32_t to, enum cue cue)
{
	struct ending e = { .cue = cue,
		            .sentence = s,
		            .from = from,
		            .to = to,
		            .main_from = s->lead,
		            .main_to = at };
	if (from >= to || all->n == CLAUSES_MAX)
		return NULL;
	e.words = words_in(sentence_span(s, from, to));
	bool is_verb_phrase = cue == CUE_PURPOSE || cue == CUE_ADVICE;
	if (e.words + (is_verb_phrase ? 1 : 0) < KEY_WORDS_MIN ||
	    e.words > (cue == CUE_PREDICATE ? PREDICATE_WORDS_MAX : KEY_WORDS_MAX) ||
	    !is_shown_whole(s, from, to) || !names_no_person(s, from, to))
		return NULL;
	e.is_key = cue != CUE_STATEMENT && cue != CUE_ADVICE && is_telling(s, from, to) &&
	           s->is_sound && can_be_put(s) && at >= s->lead + 4 &&
	           !one_of(low(s, s->lead), "there") && has_verb_in(s, s->lead, at) &&
	           is_shown_whole(s, s->lead, at);
	all->list[all->n++] = e;
	return &all->list[all->n - 1];
}

/* A subject that names something: not "many people", not a pronoun. */
static bool is_naming(const struct sentence *s, const struct clause *c)
{
	uint32_t content = 0;
	if (c->from > s->lead + 1 && tag_at(s, c->from) == TAG_PROPER)
		content++;
	if (one_of(low(s, c->from), "some many most several few any all no another "
	                            "other less one both such we there it our your"))
		return false;
	for (uint32_t i = c->from; i < c->subject_to; i++) {
		const struct token *t = &s->tokens[i];
		if (one_of(t->word->text, "we our us you your this that these those"))
			return false;
		content += !t->word->is_stop && t->tag != TAG_PUNCT;
		content += t->tag == TAG_PROPER;
		if (t->is_upper && i + 1 < c->subject_to && s->tokens[i + 1].is_capital &&
		    !s->tokens[i + 1].is_upper && i == c->from)
			return false; /* a term and the line that explains it, run together */
	}
	return content >= 2 ||
	       (content == 1 && (c->from > s->lead + 1 || s->tokens[c->from].word->count >= 2));
}

static void read_predicate(struct endings *all, struct sentence *s, const struct clause *c)
{
	if (!is_naming(s, c) || tag_at(s, c->verb + 1) == TAG_NOT ||
	    (tag_at(s, c->subject_to) == TAG_ADVERB && !one_of(low(s, c->subject_to), "also")) ||
	    one_of(low(s, c->verb), "would might could"))
		return;
	uint32_t to = c->verb + 5;
	while (to < c->to &&
	       !(one_of(low(s, to), ",") && one_of(low(s, to + 1), "which but so although")))
		to++;
	struct ending *e = add_ending(all, s, c->subject_to, c->subject_to, to < c->to ? to : c->to,
	                              CUE_PREDICATE);
	if (!e)
		return;
	const struct word *v = s->tokens[c->verb].word;
	e->is_plural = c->is_plural;
	e->is_free = tag_at(s, c->verb) == TAG_MODAL ||
	             (tag_at(s, c->verb) == TAG_VERB && v->is_past && !v->is_third);
	e->is_key = e->words >= 5 && is_telling(s, e->from, e->to) && can_be_put(s) &&
	            !points_back(s, c->from, c->verb);
}

/* Behind "In the first year," and the like. */
static uint32_t clause_start(const struct sentence *s)
{
	enum tag t = tag_at(s, s->lead);
	if (t != TAG_PREPOSITION && t != TAG_TO && !one_of(low(s, s->lead), "when"))
		return s->lead;
	for (uint32_t i = s->lead + 1; i < s->lead + INTRO_MAX && i + 1 < s->n; i++)
		if (one_of(low(s, i), ","))
			return i + 1;
	return s->lead;
}

/* "Because …, it is so." */
static void read_fronted(struct endings *all, struct sentence *s, uint32_t to)
{
	uint32_t from = s->lead + 1, comma = from;
	while (comma < to && !one_of(low(s, comma), ","))
		comma++;
	struct ending *e =
	        comma + 4 < to ? add_ending(all, s, comma, from, comma, CUE_REASON) : NULL;
	if (!e)
		return;
	e->main_from = comma + 1;
	e->main_to = to;
	e->is_key = s->is_sound && can_be_put(s) && has_verb_in(s, comma + 1, to) &&
	            is_shown_whole(s, comma + 1, to) &&
	            (!points_back(s, comma + 1, comma + 3) || one_of(low(s, comma + 1), "it"));
}

/* "When …, do this", "If …, that happens"; and an order as such, which is an alternative. */
static void read_condition(struct endings *all, struct sentence *s, uint32_t to)
{
	uint32_t at = s->lead;
	if (is_imperative(s) && tag_at(s, s->lead) == TAG_VERB && !s->is_first_person) {
		(void)add_ending(all, s, at, at, to, CUE_ADVICE);
		return;
	}
	if (!one_of(low(s, at), "when if once whenever as before after") ||
	    (one_of(low(s, at), "as") && !one_of(low(s, at + 1), "soon")))
		return;
	while (at < to && !one_of(low(s, at), ","))
		at++;
	uint32_t main = at + (one_of(low(s, at + 1), "then") ? 2 : 1);
	bool is_order = is_imperative(s);
	if (main + 2 >= to || !has_verb_in(s, s->lead + 1, at) ||
	    (!is_order && !has_verb_in(s, main, to)) ||
	    (tag_at(s, main) == TAG_PRONOUN && !one_of(low(s, main), "there")))
		return; /* "When listing, it …": nobody knows who */
	struct ending *e =
	        add_ending(all, s, main, main, to, is_order ? CUE_ADVICE : CUE_CONSEQUENCE);
	if (!e)
		return;
	e->main_to = at + 1; /* the comma is shown */
	e->is_key = s->is_sound && can_be_put(s) && main >= s->lead + 4 &&
	            !points_back(s, s->lead, at) && says_something(s, s->lead, at) &&
	            is_shown_whole(s, s->lead, at);
}

static void read_endings(struct endings *all, struct sentence *s)
{
	uint32_t to = end_of(s), from;
	enum cue cue;
	read_condition(all, s, to);
	if (one_of(low(s, s->lead), "because") && !one_of(low(s, s->lead + 1), "of"))
		read_fronted(all, s, to);
	for (uint32_t i = s->lead + 2; i + 2 < to; i++)
		if (cue_at(s, i, &cue, &from)) {
			(void)add_ending(all, s, i, from, to, cue);
			break; /* the first cue: what follows it belongs to it */
		}
	struct clause c;
	if (s->lead == 0 && s->is_sound && !s->is_second_person && s->n_words <= 14 &&
	    !is_imperative(s) && clause_at(s, 0, to, &c) && !one_of(low(s, 0), "we"))
		(void)add_ending(all, s, 0, 0, to, CUE_STATEMENT); /* an alternative to reasons */
	if (s->is_sound && !is_imperative(s) && clause_at(s, clause_start(s), to, &c))
		read_predicate(all, s, &c);
}

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

/* --- Subjects and what is said about them --- */

static bool goes_with(struct planner *p, const struct question *q, const struct ending *e)
{
	struct str left = sentence_span(e->sentence, e->sentence->lead, e->main_to);
	for (size_t i = 0; i < q->n_pairs; i++)
		if (q->pairs[i].sentence->block == e->sentence->block ||
		    shared_stems(q->pairs[i].sentence, e->sentence) > SHARED_MAX ||
		    span_stands_in(p->arena, p->lexicon, left, q->pairs[i].right) ||
		    span_stands_in(p->arena, p->lexicon, left, q->pairs[i].left))
			return false;
	return true;
}

/* One number only: grammar must not pair them. */
static void match_predicates(struct planner *p, struct questions *all,
                             const struct endings *endings, bool is_plural)
{
	struct question q = { .score = 0.85 };
	struct buf b = BUF_INIT(3600);
	for (double bar = 0.75; bar > 0.3 && q.n_pairs < 4; bar -= 0.1)
		for (size_t i = 0; i < endings->n && q.n_pairs < 4; i++) {
			const struct ending *e = &endings->list[i];
			struct sentence *s = e->sentence;
			if (e->cue != CUE_PREDICATE || !e->is_key || clause_start(s) > s->lead ||
			    e->is_plural != is_plural || points_back(s, e->from, e->to) ||
			    sentence_worth(s) < bar || s->is_first_person || !goes_with(p, &q, e))
				continue;
			q.pairs[q.n_pairs++] =
			        (struct pair){ sentence_span(s, s->lead, e->main_to),
				               sentence_span(s, e->from, e->to), s->text, s };
		}
	if (q.n_pairs >= 3) {
		struct question *kept = question_add(p, all, Q_MATCH, q.pairs[0].sentence, q.score);
		memcpy(kept->pairs, q.pairs, sizeof(q.pairs));
		kept->n_pairs = q.n_pairs;
		kept->sentence = NULL;
		for (size_t i = 0; i < q.n_pairs; i++)
			buf_addf(&b, "%s" STR_FMT, i ? " " : "", STR_ARG(q.pairs[i].source));
		kept->explanation = str_dup(p->arena, buf_str(&b));
		kept->prompt = STR("Match each beginning with the ending that the text gives it.");
		kept->difficulty = 2;
	}
	buf_fini(&b);
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
	struct buf b = BUF_INIT(3600);
	for (size_t i = 0; i < endings->n && q.n_pairs < 4; i++) {
		const struct ending *e = &endings->list[i];
		struct sentence *s = e->sentence;
		if (!is_purpose_pair(e) || !goes_with(p, &q, e))
			continue;
		q.pairs[q.n_pairs++] =
		        (struct pair){ sentence_span(s, 0, e->main_to),
			               sentence_span(s, e->from, e->to), s->text, s };
	}
	if (q.n_pairs >= 3) {
		struct question *kept = question_add(p, all, Q_MATCH, q.pairs[0].sentence, q.score);
		memcpy(kept->pairs, q.pairs, sizeof(q.pairs));
		kept->n_pairs = q.n_pairs;
		kept->sentence = NULL;
		for (size_t i = 0; i < q.n_pairs; i++)
			buf_addf(&b, "%s" STR_FMT, i ? " " : "", STR_ARG(q.pairs[i].source));
		kept->explanation = str_dup(p->arena, buf_str(&b));
		kept->prompt = STR("Match each statement with the purpose that the text gives it.");
		kept->difficulty = 3;
	}
	buf_fini(&b);
}

void ask_clauses(struct planner *p, struct questions *all)
{
	struct endings *endings = arena_new(p->arena, struct endings, 1);
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_whole && !s->block->is_aside && !s->block->section->is_aside)
			read_endings(endings, s);
	for (size_t i = 0; i < endings->n; i++)
		if (endings->list[i].is_key)
			ask_ending(p, all, endings, &endings->list[i]);
	match_predicates(p, all, endings, false);
	match_predicates(p, all, endings, true);
	match_purposes(p, all, endings);
}
