/* Candidates of each type, each with a score; select.c takes the best that go together.
 *
 * Every candidate rests on one sentence that stands on its own (or on a list, or on a
 * few facts) and its key is a span of it.  Forms are few and fixed, so that a prompt is
 * grammatical whatever the text:
 *
 *	choice      "Which of these <predicate>?"   the subject of a fact
 *	            numbers: amounts.c; examples: examples.c; lists: lists.c;
 *	            answers: interviews.c
 *	            reasons, purposes, predicates, advice: clauses.c
 *	cloze       gaps.c
 *	short       "Which term does the text describe as “…”?"
 *	            "What does <ABBR> stand for?", "By which other name …?"
 *	number      amounts.c
 *	true_false  statements.c
 *	match       matches.c, halves.c, counts.c, interviews.c
 *	order       orders.c, sequences.c, chains.c, series.c
 */
#include "makers/lesson/plan/plan.h"

enum { NAMED_WORDS_MIN = 4 };

struct question *question_add(struct planner *p, struct questions *all, enum question_type type,
                              struct sentence *s, double score)
{
	struct question *q = arena_new(p->arena, struct question, 1);
	q->type = type;
	q->sentence = s;
	q->score = score;
	if (s) {
		q->source = s->text;
		q->section = s->block->section->parent;
		q->block = s->block->index;
	}
	*all->last = q;
	all->last = &q->next;
	all->n++;
	return q;
}

struct str text_says(struct planner *p, struct str source)
{
	return str_fmt(p->arena, "The text says: " STR_FMT, STR_ARG(source));
}

/* --- What a sentence is worth --- */

static bool is_command_at(const struct sentence *s, uint32_t i)
{
	while (i < s->n && s->tokens[i].tag == TAG_ADVERB)
		i++;
	if (i >= s->n)
		return false;
	const struct word *w = s->tokens[i].word;
	uint32_t next = i + 1;
	if (one_of(w->text, "be have do let please make take put go get give keep"))
		return true;
	if (w->v == 0 || w->fixed != TAG_OTHER || w->is_plural || w->is_gerund ||
	    s->tokens[i].tag == TAG_PROPER)
		return false;
	if (w->is_past && !one_of(w->text, "set put read cut let"))
		return false;
	enum tag after = next < s->n ? s->tokens[next].tag : TAG_PUNCT;
	return w->v * 2 >= w->n && after != TAG_BE && after != TAG_MODAL && after != TAG_VERB &&
	       after != TAG_HAVE;
}

/* "Use …", "In the first row, enter …" */
bool is_imperative(const struct sentence *s)
{
	if (is_command_at(s, s->lead))
		return true;
	enum tag first = s->lead < s->n ? s->tokens[s->lead].tag : TAG_PUNCT;
	if (first != TAG_PREPOSITION && first != TAG_TO && first != TAG_WH && first != TAG_ADVERB)
		return false;
	for (uint32_t i = s->lead; i + 1 < s->n; i++)
		if (one_of(low(s, i), ","))
			return is_command_at(s, i + 1);
	return false;
}

bool is_hedged(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(s->tokens[i].word->text, "may might could perhaps probably maybe seem "
		                                    "seems hope think believe feel "
		                                    "will would sometimes want wanted"))
			return true;
	return false;
}

bool is_of_option(const struct sentence *s)
{
	return s->block->is_option && s != s->block->first;
}

double sentence_worth(const struct sentence *s)
{
	double v = 0.4 + 0.5 * s->rank;
	v -= s->is_first_person ? 0.12 : 0;
	v -= s->is_second_person ? 0.15 : 0;
	v -= is_imperative(s) ? 0.1 : 0;
	v -= is_hedged(s) ? 0.1 : 0;
	v -= s->n_words > 28 ? 0.1 : 0;
	return v;
}

/* --- What the makers share --- */

bool stands_once(const struct sentence *s, struct str span)
{
	size_t at = str_find(s->text, span, 0);
	return at != SIZE_MAX && str_find(s->text, span, at + 1) == SIZE_MAX;
}

void accept_others(struct planner *p, struct question *q, const struct term *t)
{
	if (t->expansion.len > 0 && !str_eq_nocase(t->expansion, q->answer))
		q->accepted[q->n_accepted++] = t->expansion;
	else if (t->alias && !str_eq_nocase(t->alias->text, q->answer))
		q->accepted[q->n_accepted++] = t->alias->text;
	struct str plain = lower_case(p->arena, q->answer);
	if (!str_eq(plain, q->answer) && t->kind != TERM_ABBREVIATION && q->n_accepted < 8)
		q->accepted[q->n_accepted++] = plain;
}

/* All alternatives begin as the key does: case must not tell. */
void match_case(struct planner *p, struct question *q)
{
	bool is_upper = q->answer.ptr[0] >= 'A' && q->answer.ptr[0] <= 'Z';
	for (size_t i = 0; i < q->distractors.n; i++) {
		struct str d = q->distractors.text[i];
		if (is_upper && d.ptr[0] >= 'a' && d.ptr[0] <= 'z')
			q->distractors.text[i] = str_fmt(p->arena, "%c" STR_FMT, d.ptr[0] - 32,
			                                 STR_ARG(str_sub(d, 1, d.len)));
	}
}

/* --- Facts --- */

/* Typed, not chosen: made-up readings of an abbreviation are seldom plausible. */
static void ask_expansion(struct planner *p, struct questions *all, const struct fact *f)
{
	struct question *q = question_add(p, all, Q_SHORT, f->sentence, 0.62);
	q->prompt =
	        str_fmt(p->arena,
	                "What does the abbreviation \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d stand for?",
	                STR_ARG(f->term));
	q->answer = f->definition;
	q->difficulty = 2;
	q->explanation = text_says(p, f->source);
	struct str plain = lower_case(p->arena, q->answer);
	if (!str_eq(plain, q->answer))
		q->accepted[q->n_accepted++] = plain;
}

static void ask_which(struct planner *p, struct questions *all, const struct fact *f)
{
	struct distractors d;
	if (!f->known || f->predicate.len == 0 || !str_eq_nocase(f->known->text, f->term))
		return;
	distract_term(p, f->known, f->sentence, &d);
	if (d.n < 3)
		return;
	struct question *q = question_add(p, all, Q_CHOICE, f->sentence,
	                                  sentence_worth(f->sentence) +
	                                          (f->kind == FACT_DEFINITION ? 0.5 : 0.3));
	q->prompt = str_fmt(p->arena, "According to the text, which of these " STR_FMT "?",
	                    STR_ARG(f->predicate));
	q->answer = f->term;
	q->distractors = d;
	match_case(p, q);
	q->difficulty = 2;
	q->explanation = text_says(p, f->source);
}

static void ask_name(struct planner *p, struct questions *all, const struct fact *f)
{
	if (f->kind != FACT_DEFINITION || !f->known || words_in(f->definition) < NAMED_WORDS_MIN ||
	    one_of(f->known->head->text, "value values result results default case example"))
		return; /* "the return value": of what? */
	bool has_quote = str_find(f->definition, STR("\xe2\x80\x9c"), 0) != SIZE_MAX;
	struct question *q =
	        question_add(p, all, Q_SHORT, f->sentence, sentence_worth(f->sentence) + 0.6);
	q->prompt = has_quote ? str_fmt(p->arena,
	                                "Which term does the text explain as follows? " STR_FMT,
	                                STR_ARG(f->definition))
	                      : str_fmt(p->arena,
	                                "Which term does the text describe as "
	                                "\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d?",
	                                STR_ARG(f->definition));
	q->answer = f->term;
	q->difficulty = 3;
	q->explanation = text_says(p, f->source);
	accept_others(p, q, f->known);
}

static void ask_alias(struct planner *p, struct questions *all, const struct fact *f)
{
	struct question *q =
	        question_add(p, all, Q_SHORT, f->sentence, sentence_worth(f->sentence) + 0.45);
	q->prompt = str_fmt(p->arena,
	                    "By which other name does the text call \xe2\x80\x9c" STR_FMT
	                    "\xe2\x80\x9d?",
	                    STR_ARG(say_inside(p, f->sentence, f->from, f->to)));
	q->answer = f->definition;
	q->difficulty = 2;
	q->explanation = text_says(p, f->source);
	struct str plain = lower_case(p->arena, q->answer);
	if (!str_eq(plain, q->answer))
		q->accepted[q->n_accepted++] = plain;
}

/* "About “--etag-save”: which term …?" must not name what it asks for. */
static bool is_told_by_option(struct planner *p, const struct question *q)
{
	struct str label = q->sentence->block->label;
	return q->type != Q_TRUE_FALSE && q->answer.len > 0 &&
	       (span_stands_in(p->arena, p->lexicon, q->answer, label) ||
	        str_find(lower_case(p->arena, label), lower_case(p->arena, q->answer), 0) !=
	                SIZE_MAX);
}

/* "About “--abort”: …": a sentence behind an option's first speaks of that option. */
static void name_options(struct planner *p, struct questions *all)
{
	struct question **at = &all->first;
	for (struct question *q = all->first; q; q = q->next) {
		bool is_about = q->sentence && is_of_option(q->sentence);
		if (is_about && is_told_by_option(p, q)) {
			*at = q->next;
			all->n--;
			continue;
		}
		if (is_about)
			q->prompt = str_fmt(p->arena,
			                    "About \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d: " STR_FMT,
			                    STR_ARG(q->sentence->block->label), STR_ARG(q->prompt));
		at = &q->next;
	}
	all->last = at;
}

void questions_make(struct planner *p, struct questions *ret)
{
	*ret = (struct questions){ 0 };
	ret->last = &ret->first;
	planner_collect_numbers(p);
	ask_statements(p, ret);
	ask_clauses(p, ret);
	ask_lists(p, ret);
	ask_examples(p, ret);
	ask_interviews(p, ret);
	ask_mentions(p, ret);
	ask_identifiers(p, ret);
	for (const struct fact *f = p->terms->facts; f; f = f->next) {
		if (f->kind == FACT_EXPANSION && f->sentence->is_whole)
			ask_expansion(p, ret, f);
		else if (f->kind == FACT_ALIAS)
			ask_alias(p, ret, f);
		else if (f->kind == FACT_DEFINITION || f->kind == FACT_ACTION) {
			ask_which(p, ret, f);
			ask_name(p, ret, f);
		}
	}
	ask_options(p, ret);
	ask_commands(p, ret);
	match_commands(p, ret);
	ask_matches(p, ret);
	match_counts(p, ret);
	ask_tables(p, ret);
	ask_orders(p, ret);
	ask_sequences(p, ret);
	name_options(p, ret);
	for (const struct question *q = ret->first; q; q = q->next)
		assert(q->prompt.len > 0 && q->source.len > 0 && q->difficulty > 0);
}
