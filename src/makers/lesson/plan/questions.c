/* Candidates of each type, each with a score; select.c takes the best that go together.
 *
 * Every candidate rests on one sentence that stands on its own (or on a list, or on a
 * few facts) and its key is a span of it.  Forms are few and fixed, so that a prompt is
 * grammatical whatever the text:
 *
 *	choice      "Which of these <predicate>?"   the subject of a fact
 *	            "How many …?", "In which year …?", "Which number completes …?"
 *	            reasons, purposes, predicates: clauses.c; lists: lists.c
 *	cloze       "Complete the sentence: … _____ …"
 *	short       "Which term does the text describe as “…”?"
 *	            "What does <ABBR> stand for?", "By which other name …?"
 *	true_false  a sentence with one decisive word replaced or its "not" left out, or the
 *	            sentence as it is where that could have been done
 *	match       terms and what the text says of them
 *	order       the steps of a numbered list that says it is a sequence
 */
#include "makers/lesson/plan/plan.h"

enum { FAMILIAR_MAX = 8 /* of WordNet's counts: rarer words are terms */ };

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

static bool is_hedged(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(s->tokens[i].word->text, "may might could perhaps probably maybe seem "
		                                    "seems hope think believe feel "
		                                    "will would sometimes want wanted"))
			return true;
	return false;
}

static bool is_negated(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->tokens[i].tag == TAG_NOT ||
		    one_of(s->tokens[i].word->text,
		           "no without unless n't don't doesn't didn't can't "
		           "cannot isn't aren't wasn't weren't won't unlike "
		           "rather instead none"))
			return true;
	return false;
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

/* --- Numbers and opposites --- */

static bool stands_once(const struct sentence *s, struct str span)
{
	size_t at = str_find(s->text, span, 0);
	return at != SIZE_MAX && str_find(s->text, span, at + 1) == SIZE_MAX;
}

static bool has_word_in(const struct sentence *s, const char *list)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(low(s, i), list))
			return true;
	return false;
}

/* An order is quoted as the advice that it is. */
static struct str as_advice(struct planner *p, const struct sentence *s, struct str statement)
{
	return is_imperative(s)
	               ? str_fmt(p->arena, "The text advises: \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d",
	                         STR_ARG(statement))
	               : statement;
}

static struct question *add_false(struct planner *p, struct questions *all, struct sentence *s,
                                  uint32_t from, uint32_t to, struct str by, double score)
{
	struct question *q = question_add(p, all, Q_TRUE_FALSE, s, score);
	q->answer = sentence_span(s, from, to);
	q->replacement = by;
	q->prompt = as_advice(p, s, say_with(p, s, from, to, by));
	q->explanation = str_fmt(p->arena,
	                         "False: the text says \xe2\x80\x9c" STR_FMT
	                         "\xe2\x80\x9d, not \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d. " STR_FMT,
	                         STR_ARG(q->answer), STR_ARG(by), STR_ARG(s->text));
	q->difficulty = 2;
	return q;
}

/* A counted noun behind the number: "56 cards". */
static uint32_t counted_end(const struct sentence *s, uint32_t i)
{
	uint32_t end = phrase_end(s, i);
	if (end == i || !s->tokens[end - 1].word->is_plural)
		return i;
	uint32_t of = one_of(low(s, end + 1), "the a an") ? end + 2 : end + 1;
	if (one_of(low(s, end), "of") && phrase_end(s, of) > of)
		return phrase_end(s, of); /* "jars of honey" */
	return end;
}

static bool is_round_word(struct str w)
{
	return one_of(w, "about over almost nearly around approximately only just exactly");
}

/* "How many cards did the authors create …?"; empty when it does not come out right. */
static struct str how_many(struct planner *p, const struct sentence *s, uint32_t i, uint32_t to)
{
	struct str none = { "", 0 };
	uint32_t end = counted_end(s, to);
	if (end == to || has_person(s, end, s->n))
		return none;
	struct str noun = sentence_span(s, to, end);
	struct str rest = without_end(end < s->n ? sentence_span(s, end, s->n) : none);
	if (i == s->lead && is_finite_verb(s, end, true))
		return str_fmt(p->arena, "According to the text, how many " STR_FMT " " STR_FMT "?",
		               STR_ARG(noun), STR_ARG(rest));
	if (i == s->lead + 2 && one_of(low(s, s->lead), "there") &&
	    one_of(low(s, s->lead + 1), "are were"))
		return str_fmt(p->arena,
		               "According to the text, how many " STR_FMT " " STR_FMT
		               " there " STR_FMT "?",
		               STR_ARG(noun), STR_ARG(low(s, s->lead + 1)), STR_ARG(rest));
	struct clause c;
	uint32_t verb_end = i > 0 && is_round_word(low(s, i - 1)) ? i - 1 : i;
	if (!clause_at(s, s->lead, s->n, &c) || c.verb + 1 != verb_end)
		return none;
	c.to = verb_end;
	struct str asked = inverted(p, s, &c);
	if (asked.len == 0)
		return none;
	return str_fmt(
	        p->arena, "According to the text, how many " STR_FMT " " STR_FMT "%s" STR_FMT "?",
	        STR_ARG(noun), STR_ARG(str_trim(asked)), rest.len > 0 ? " " : "", STR_ARG(rest));
}

/* "In which year did … ?" */
static struct str which_year(struct planner *p, const struct sentence *s, uint32_t i, uint32_t to)
{
	struct str none = { "", 0 };
	struct clause c;
	if (sentence_span(s, i, to).len != 4 || i == 0 || !one_of(low(s, i - 1), "in") ||
	    !(to >= s->n || one_of(low(s, to), ". ,")) || !clause_at(s, s->lead, i - 1, &c))
		return none;
	struct str asked = inverted(p, s, &c);
	if (asked.len == 0 || to + 1 < s->n)
		return none;
	return str_fmt(p->arena, "According to the text, in which year " STR_FMT "?",
	               STR_ARG(asked));
}

static struct str number_prompt(struct planner *p, const struct sentence *s, uint32_t i,
                                uint32_t to)
{
	struct str asked = how_many(p, s, i, to);
	if (asked.len == 0)
		asked = which_year(p, s, i, to);
	return asked;
}

static void ask_number(struct planner *p, struct questions *all, struct sentence *s)
{
	if (is_imperative(s) || has_word_in(s, "you your last"))
		return;
	for (uint32_t i = s->lead; i < s->n; i++) {
		uint32_t to;
		struct distractors d;
		if (!number_at(s, i, &to) ||
		    (i > 0 && one_of(low(s, i - 1), "the these those both")) ||
		    !stands_once(s, sentence_span(s, i, to)))
			continue;
		struct str number = sentence_span(s, i, to);
		distract_number(p, number, s, &d);
		if (d.n < 3)
			continue;
		struct str asked = number_prompt(p, s, i, to);
		struct question *q = question_add(p, all, Q_CHOICE, s,
		                                  sentence_worth(s) + (asked.len > 0 ? 0.5 : 0.35));
		q->prompt = asked.len > 0 ? asked
		                          : str_fmt(p->arena,
		                                    "Which number completes the sentence? " STR_FMT,
		                                    STR_ARG(say_with(p, s, i, to, STR("_____"))));
		q->answer = number;
		q->distractors = d;
		q->difficulty = 2;
		q->is_number = true;
		q->explanation = text_says(p, s->text);
		if (i > s->lead)
			add_false(p, all, s, i, to, d.text[p->seed % 3], sentence_worth(s) + 0.3)
			        ->is_number = true;
		return;
	}
}

static bool has_word(const struct sentence *s, struct str w)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (str_eq(s->tokens[i].word->text, w))
			return true;
	return false;
}

static void ask_opposite(struct planner *p, struct questions *all, struct sentence *s)
{
	if (is_negated(s) || is_hedged(s) || one_of(low(s, s->lead), "you"))
		return;
	for (uint32_t i = s->lead; i < s->n; i++) {
		struct str word = sentence_span(s, i, i + 1);
		struct str by = opposite_of(p->arena, word);
		if (is_imperative(s) &&
		    !one_of(low(s, i),
		            "include always never before after internal external minimum maximum"))
			continue; /* advice turned round must not be absurd */
		if (by.len == 0 || has_word(s, by) || !stands_once(s, word) ||
		    s->tokens[i].is_capital)
			continue;
		if (one_of(low(s, i), "before after") &&
		    (i == s->lead || one_of(low(s, i + 1), "all , .")))
			continue;
		if (i > 0 && one_of(low(s, i - 1), "most") && stands_once(s, STR("most"))) {
			add_false(p, all, s, i - 1, i, STR("least"), sentence_worth(s) + 0.3);
			return;
		}
		bool is_vowel = strchr("aeiou", by.ptr[0]) != NULL;
		if (i > 0 && ((one_of(low(s, i - 1), "a") && is_vowel) ||
		              (one_of(low(s, i - 1), "an") && !is_vowel) ||
		              one_of(low(s, i - 1), "if where when as whether")))
			continue; /* the article would not fit, or a turn of phrase */
		if (i > 1 && one_of(low(s, i - 1), "be") &&
		    one_of(low(s, i - 2), "can may might could"))
			continue; /* what can be so can also not be so */
		if (one_of(low(s, i), "able") && !one_of(low(s, i + 1), "to"))
			continue;
		add_false(p, all, s, i, i + 1, by, sentence_worth(s) + 0.3);
		return;
	}
}

/* "You don't need to …" → "You need to …": where the point of a sentence is that it is not so. */
static void ask_negation(struct planner *p, struct questions *all, struct sentence *s)
{
	static const char *const plain[][2] = { { "isn't", "is" },   { "aren't", "are" },
		                                { "wasn't", "was" }, { "weren't", "were" },
		                                { "can't", "can" },  { "cannot", "can" } };
	uint32_t n = 0, at = 0, to = 0;
	struct str by = { "", 0 };
	for (uint32_t i = s->lead; i + 1 < s->n; i++) {
		bool is_do = one_of(low(s, i), "don't") ||
		             (one_of(low(s, i), "do") && one_of(low(s, i + 1), "not"));
		uint32_t verb = i + (one_of(low(s, i), "don't") ? 1 : 2);
		bool is_be_not =
		        one_of(low(s, i), "is are was were can") && one_of(low(s, i + 1), "not");
		struct str put = { "", 0 };
		for (size_t k = 0; k < ARRAY_LEN(plain); k++)
			if (str_eqz(low(s, i), plain[k][0]))
				put = str_z(plain[k][1]);
		n += tag_at(s, i) == TAG_NOT || is_do || put.len > 0 ||
		     one_of(low(s, i), "no never nor without unless but only rather instead");
		if (is_do && tag_at(s, verb) == TAG_VERB) {
			put = low(s, verb);
			at = i;
			to = verb + 1;
		} else if (put.len > 0 || is_be_not) {
			put = put.len > 0 ? put : low(s, i);
			at = i;
			to = i + (is_be_not ? 2 : 1);
		}
		by = put.len > 0 ? put : by;
	}
	bool is_counted_twice = one_of(low(s, at), "do"); /* "do" and its "not" */
	if (by.len == 0 || n != (is_counted_twice ? 2u : 1u) || tag_at(s, to) == TAG_PUNCT ||
	    one_of(low(s, to), "yet only always necessarily just") || at <= s->lead ||
	    is_hedged(s) || is_imperative(s) || !stands_once(s, sentence_span(s, at, to)))
		return;
	add_false(p, all, s, at, to, by, sentence_worth(s) + 0.35)->is_denial = true;
}

/* "more than 50" → "less than 50" */
static void ask_more_than(struct planner *p, struct questions *all, struct sentence *s)
{
	for (uint32_t i = s->lead + 1; i + 2 < s->n; i++)
		if (one_of(low(s, i), "more") && one_of(low(s, i + 1), "than") &&
		    s->tokens[i + 2].tag == TAG_NUMBER && !is_hedged(s)) {
			add_false(p, all, s, i, i + 1, STR("fewer"), sentence_worth(s) + 0.25);
			return;
		}
}

/* --- Gaps for terms --- */

static bool is_title_term(const struct planner *p, const struct term *t)
{
	return span_stands_in(p->arena, p->lexicon, t->text, p->doc->title);
}

static bool is_askable(const struct planner *p, const struct mention *m)
{
	const struct term *t = m->term;
	const struct sentence *s = m->sentence;
	if (!s->is_sound || !can_be_put(s) || !m->is_clear || t->text.len < 3 || t->text.len > 60 ||
	    m->from < s->lead)
		return false;
	if (!stands_once(s, sentence_span(s, m->from, m->to)))
		return false;
	if (m->from > 0 && one_of(low(s, m->from - 1), "("))
		return false; /* stands beside its long form */
	if (t->n_tokens == 1 && (t->head->is_stop || t->head->text.len < 4) &&
	    t->kind == TERM_COMMON)
		return false;
	for (uint32_t i = m->from; i < m->to; i++)
		for (uint32_t k = 0; k < s->n; k++)
			if ((k < m->from || k >= m->to) && !s->tokens[i].word->is_stop &&
			    s->tokens[k].word->stem_id == s->tokens[i].word->stem_id)
				return false; /* the rest of the sentence gives it away */
	return !is_title_term(p, t);
}

static void accept_others(struct planner *p, struct question *q, const struct term *t)
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
static void match_case(struct planner *p, struct question *q)
{
	bool is_upper = q->answer.ptr[0] >= 'A' && q->answer.ptr[0] <= 'Z';
	for (size_t i = 0; i < q->distractors.n; i++) {
		struct str d = q->distractors.text[i];
		if (is_upper && d.ptr[0] >= 'a' && d.ptr[0] <= 'z')
			q->distractors.text[i] = str_fmt(p->arena, "%c" STR_FMT, d.ptr[0] - 32,
			                                 STR_ARG(str_sub(d, 1, d.len)));
	}
}

static double term_worth(const struct term *t)
{
	double v = t->score > 12 ? 0.4 : t->score / 30;
	/* An answer that many sentences hold keeps them from being asked. */
	v -= t->n_places > 4 ? 0.025 * (double)(t->n_places - 4) : 0;
	return v + (t->kind == TERM_COMMON ? 0 : 0.15);
}

/* A word that few texts use: the gap can be filled by who has read, and by nobody else. */
static bool is_specific(const struct term *t)
{
	if (t->kind != TERM_COMMON || t->n_tokens > 1)
		return true;
	const struct word *w = t->head;
	return w->n + w->v + w->a + w->r <= FAMILIAR_MAX && t->count >= 3;
}

/* The word that the whole text is about fits every gap. */
static bool is_topic(const struct planner *p, const struct term *t)
{
	for (const struct term *x = p->terms->first; x; x = x->next)
		if (x->count > t->count && !x->head->is_stop)
			return false;
	return true;
}

/* One of several that stand side by side: any of them would fit. */
static bool is_in_list(const struct sentence *s, uint32_t from, uint32_t to)
{
	struct str before = low(s, from > 0 ? from - 1 : 0), after = low(s, to);
	return one_of(before, "and or , other") || one_of(after, "and or ,");
}

static void ask_cloze(struct planner *p, struct questions *all, const struct mention *m)
{
	struct sentence *s = m->sentence;
	const struct term *t = m->term;
	bool is_single = t->count < 2; /* asked only where little else can be */
	if ((is_single && t->kind != TERM_NAME) || m->to - m->from > 3 || m->from < s->lead + 2 ||
	    !is_specific(t) || is_in_list(s, m->from, m->to) || is_imperative(s) ||
	    s->is_second_person || s->n_words < 10)
		return;
	struct question *q =
	        question_add(p, all, Q_CLOZE, s,
	                     sentence_worth(s) + term_worth(t) - (is_single ? 0.45 : 0.1) -
	                             (is_topic(p, t) ? 0.5 : 0));
	struct str letters = t->n_tokens == 1   ? STR("a word")
	                     : t->n_tokens == 2 ? STR("two words")
	                                        : STR("three words");
	if (t->kind == TERM_ABBREVIATION)
		letters = STR("an abbreviation");
	q->prompt =
	        str_fmt(p->arena, "Complete the sentence with " STR_FMT " from the text: " STR_FMT,
	                STR_ARG(letters), STR_ARG(say_with(p, s, m->from, m->to, STR("_____"))));
	q->answer = sentence_span(s, m->from, m->to);
	q->difficulty = 3;
	q->explanation = text_says(p, s->text);
	accept_others(p, q, t);
}

static void ask_gap_choice(struct planner *p, struct questions *all, const struct mention *m)
{
	struct sentence *s = m->sentence;
	struct distractors d;
	if (m->term->kind == TERM_COMMON)
		return; /* alternatives from a text seldom fit another gap */
	if (!str_eq_nocase(m->term->text, sentence_span(s, m->from, m->to)))
		return; /* singular here, plural there: the alternatives would not fit */
	distract_term(p, m->term, s, &d);
	if (d.n < 3)
		return;
	bool is_common = m->term->kind == TERM_COMMON;
	struct question *q =
	        question_add(p, all, Q_CHOICE, s,
	                     sentence_worth(s) + term_worth(m->term) - (is_common ? 0.35 : 0.1));
	q->prompt = str_fmt(p->arena, "Which of these completes the sentence? " STR_FMT,
	                    STR_ARG(say_with(p, s, m->from, m->to, STR("_____"))));
	q->answer = sentence_span(s, m->from, m->to);
	q->distractors = d;
	match_case(p, q);
	q->difficulty = 2;
	q->explanation = text_says(p, s->text);
}

/* A true statement is worth asking where the false twin would be: at a number or at a word
 * that has an opposite. */
static void ask_true(struct planner *p, struct questions *all, const struct question *twin)
{
	struct sentence *s = twin->sentence;
	if (s->n_words > 26 || twin->answer.len == 0)
		return;
	struct question *q = question_add(p, all, Q_TRUE_FALSE, s, twin->score - 0.12);
	q->is_true = true;
	q->is_denial = twin->is_denial;
	q->is_number = twin->is_number;
	q->prompt = as_advice(p, s, say(p, s, s->lead, s->n));
	q->answer = twin->answer;
	q->explanation = str_fmt(p->arena, "True. " STR_FMT, STR_ARG(text_says(p, s->text)));
	q->difficulty = 1;
}

static void ask_trues(struct planner *p, struct questions *all)
{
	const struct question *end = NULL;
	for (const struct question *q = all->first; q && q != end; q = q->next) {
		if (q->type != Q_TRUE_FALSE || q->is_true)
			continue;
		size_t n = all->n;
		ask_true(p, all, q);
		if (!end && all->n > n)
			for (end = q; end->next;)
				end = end->next;
	}
}

static void ask_mentions(struct planner *p, struct questions *all)
{
	for (const struct mention *m = p->terms->mentions; m; m = m->next)
		if (is_askable(p, m)) {
			ask_cloze(p, all, m);
			if (sentence_worth(m->sentence) > 0.35)
				ask_gap_choice(p, all, m);
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
	if (f->kind != FACT_DEFINITION || !f->known)
		return;
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

/* --- Match --- */

static bool fits_match(struct planner *p, const struct question *q, const struct fact *f)
{
	if (f->definition.len > 200 || f->term.len > 60)
		return false;
	if (span_stands_in(p->arena, p->lexicon, f->term, f->definition))
		return false;
	for (size_t i = 0; i < q->n_pairs; i++) {
		if (q->pairs[i].sentence == f->sentence ||
		    span_stands_in(p->arena, p->lexicon, f->term, q->pairs[i].left) ||
		    span_stands_in(p->arena, p->lexicon, q->pairs[i].left, f->term) ||
		    span_stands_in(p->arena, p->lexicon, f->term, q->pairs[i].right) ||
		    span_stands_in(p->arena, p->lexicon, q->pairs[i].left, f->definition))
			return false;
	}
	return true;
}

static void add_pair(struct question *q, const struct fact *f)
{
	q->pairs[q->n_pairs++] = (struct pair){ f->term, f->definition, f->source, f->sentence };
}

static void finish_match(struct planner *p, struct questions *all, struct question *q,
                         const char *prompt)
{
	if (q->n_pairs < 3)
		return;
	struct question *kept = question_add(p, all, Q_MATCH, q->pairs[0].sentence, q->score);
	struct buf b = BUF_INIT(3600);
	kept->n_pairs = q->n_pairs;
	kept->is_label = q->is_label;
	kept->sentence = NULL;
	for (size_t i = 0; i < q->n_pairs; i++) {
		kept->pairs[i] = q->pairs[i];
		buf_addf(&b, "%s" STR_FMT ": " STR_FMT, i ? "; " : "", STR_ARG(q->pairs[i].left),
		         STR_ARG(q->pairs[i].right));
	}
	kept->explanation = str_dup(p->arena, buf_str(&b));
	kept->prompt = str_z(prompt);
	kept->difficulty = 2;
	buf_fini(&b);
}

static void match_labels(struct planner *p, struct questions *all)
{
	struct question q = { .score = 1.1, .is_label = true };
	const struct block *before = NULL;
	for (const struct fact *f = p->terms->facts; f; f = f->next) {
		if (f->kind != FACT_LABEL)
			continue;
		const struct block *b = f->sentence->block;
		bool is_new = !before || before->section != b->section || before->list != b->list;
		if (is_new) {
			finish_match(p, all, &q,
			             "Match each heading with what the text says about it.");
			q.n_pairs = 0;
		}
		before = b;
		if (q.n_pairs < 5 && fits_match(p, &q, f))
			add_pair(&q, f);
	}
	finish_match(p, all, &q, "Match each heading with what the text says about it.");
}

/* Sentences that can be asked nothing else first; and only where there are so many
 * abbreviations that enough is left for other questions. */
static void match_expansions(struct planner *p, struct questions *all)
{
	struct question q = { .score = 0.3 };
	size_t n = 0;
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		n += f->kind == FACT_EXPANSION;
	if (n >= 6)
		q.score = 0.72;
	for (int is_sound = 0; is_sound < 2; is_sound++)
		for (const struct fact *f = p->terms->facts; f && q.n_pairs < 5; f = f->next)
			if (f->kind == FACT_EXPANSION && f->sentence->is_sound == (is_sound == 1) &&
			    fits_match(p, &q, f))
				add_pair(&q, f);
	finish_match(p, all, &q, "Match each abbreviation with what it stands for.");
}

static void match_facts(struct planner *p, struct questions *all)
{
	struct question q = { .score = 0.9 };
	static const double bars[] = { 1.0, 0.8, 0.6 };
	for (size_t k = 0; k < ARRAY_LEN(bars) && q.n_pairs < 4; k++)
		for (const struct fact *f = p->terms->facts; f && q.n_pairs < 4; f = f->next)
			if ((f->kind == FACT_DEFINITION || f->kind == FACT_ACTION) &&
			    f->score >= bars[k] && fits_match(p, &q, f))
				add_pair(&q, f);
	finish_match(p, all, &q, "Match each term with what the text says about it.");
}

/* --- Order --- */

static bool has_any(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(s, str_z(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* A numbered list is a sequence only when the text says so, and no choice of options. */
static bool says_sequence(struct planner *p, struct str s)
{
	static const char *const cues[] = { "step",          "stages",      "phases",
		                            "how it works",  "procedure",   "sequence",
		                            "in this order", "activity",    "activities",
		                            "recipe",        "instructions" };
	static const char *const options[] = { "option",  "path",    "types",  "kinds",
		                               "reasons", "factors", "one of", "next steps",
		                               "ways",    "either" };
	struct str t = lower_case(p->arena, s);
	return has_any(t, cues, ARRAY_LEN(cues)) && !has_any(t, options, ARRAY_LEN(options));
}

static struct str item_text(const struct block *b)
{
	struct str t = b->first ? b->first->text : b->text;
	while (t.len > 0 && strchr(".;:, ", t.ptr[t.len - 1]))
		t.len--;
	return t;
}

static bool is_good_item(const struct block *b)
{
	struct str t = item_text(b);
	struct str whole = b->first ? b->first->text : b->text;
	return !str_ends(whole, STR(":")) && t.len >= 8 && t.len <= 220 &&
	       str_find(t, STR("?"), 0) == SIZE_MAX && b->label_len == 0 &&
	       str_find(t, STR("\n"), 0) == SIZE_MAX && str_find(t, STR(" - "), 0) == SIZE_MAX;
}

static void ask_order(struct planner *p, struct questions *all, const struct block *intro,
                      const struct block *first)
{
	struct question q = { .score = 1.2 };
	struct buf b = BUF_INIT(3000);
	struct str title = first->section->title;
	struct str lead = intro && intro->section == first->section && intro->list == 0
	                          ? (intro->last ? intro->last->text : intro->text)
	                          : (struct str){ "", 0 };
	if (!says_sequence(p, lead) && !says_sequence(p, title))
		return;
	buf_add(&b, lead);
	for (const struct block *x = first; x && q.n_items < 6; x = x->next) {
		if (x->list == 0 || x->list > first->list)
			continue; /* a further paragraph or a list inside the item */
		if (x->list != first->list)
			break;
		if (!is_good_item(x)) {
			q.n_items = 0;
			break;
		}
		q.items[q.n_items] = item_text(x);
		buf_addf(&b, "%s%zu. " STR_FMT, b.len ? "\n" : "", ++q.n_items,
		         STR_ARG(x->first ? x->first->text : x->text));
	}
	if (q.n_items >= 3 && buf_rc(&b) == RC_OK) {
		struct question *kept = question_add(p, all, Q_ORDER, first->first, q.score);
		memcpy(kept->items, q.items, sizeof(q.items));
		kept->n_items = q.n_items;
		kept->title = title;
		kept->sentence = NULL;
		kept->source = str_dup(p->arena, buf_str(&b));
		kept->difficulty = 2;
		kept->prompt = str_fmt(p->arena,
		                       "Put these steps in the order of the text "
		                       "(\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d).",
		                       STR_ARG(title));
		kept->explanation = str_fmt(p->arena, "The text gives this order:\n" STR_FMT,
		                            STR_ARG(kept->source));
	}
	buf_fini(&b);
}

static void ask_orders(struct planner *p, struct questions *all)
{
	const struct block *before = NULL;
	uint32_t seen = 0;
	for (const struct block *b = p->doc->blocks; b; b = b->next) {
		if (b->is_ordered && b->list > seen && b->item == 1 && !b->section->is_aside) {
			seen = b->list;
			if (b->first)
				ask_order(p, all, before, b);
		}
		before = b;
	}
}

void questions_make(struct planner *p, struct questions *ret)
{
	*ret = (struct questions){ 0 };
	ret->last = &ret->first;
	planner_collect_numbers(p);
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_sound && can_be_put(s)) {
			ask_number(p, ret, s);
			ask_opposite(p, ret, s);
			ask_negation(p, ret, s);
			ask_more_than(p, ret, s);
		}
	ask_trues(p, ret);
	ask_clauses(p, ret);
	ask_lists(p, ret);
	ask_mentions(p, ret);
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
	match_labels(p, ret);
	match_expansions(p, ret);
	match_facts(p, ret);
	ask_orders(p, ret);
}
