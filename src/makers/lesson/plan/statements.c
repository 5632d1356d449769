/* Statements to be judged.
 *
 * A statement is a sentence of the text as it is, or with one decisive word turned round:
 * a number (amounts.c), a word that has an opposite, a "not".
 */
#include "makers/lesson/plan/plan.h"

enum { DENIED_WORDS_MAX = 22 };

static const double PLAIN_LOSS = 0.8; /* behind everything that asks for more */

static bool is_negated(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->tokens[i].tag == TAG_NOT ||
		    one_of(s->tokens[i].word->text,
		           "no without unless n't don't doesn't didn't can't "
		           "cannot isn't aren't wasn't weren't won't unlike "
		           "rather instead none lack lacks"))
			return true;
	return false;
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

struct question *ask_false(struct planner *p, struct questions *all, struct sentence *s,
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

static bool has_word(const struct sentence *s, struct str w)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (str_eq(s->tokens[i].word->text, w))
			return true;
	return false;
}

/* Turned round, "will be hard" and "may be the most" say something else for certain. */
static bool is_too_open(const struct sentence *s)
{
	if (!is_hedged(s))
		return false;
	bool has_may =
	        has_word_in(s, "may might could would perhaps probably maybe seem seems hope "
	                       "think believe feel sometimes want wanted");
	return has_may && !(has_word_in(s, "most") && has_word_in(s, "may might"));
}

/* "an active" → "a passive": the article goes with its word. */
static void add_opposite(struct planner *p, struct questions *all, struct sentence *s, uint32_t i,
                         struct str by)
{
	bool is_vowel = strchr("aeiou", by.ptr[0]) != NULL;
	bool is_wrong = i > s->lead && one_of(low(s, i - 1), is_vowel ? "a" : "an");
	const char *article = is_wrong && s->tokens[i - 1].is_capital ? is_vowel ? "An" : "A"
	                      : is_vowel                              ? "an"
	                                                              : "a";
	struct str span = is_wrong ? sentence_span(s, i - 1, i + 1) : sentence_span(s, i, i + 1);
	if (is_wrong && !stands_once(s, span))
		return;
	ask_false(p, all, s, is_wrong ? i - 1 : i, i + 1,
	          is_wrong ? str_fmt(p->arena, "%s " STR_FMT, article, STR_ARG(by)) : by,
	          sentence_worth(s) + 0.3);
}

/* "since they are very common": a reason turned round is none. */
static bool is_in_reason(const struct sentence *s, uint32_t at)
{
	for (uint32_t i = s->lead; i < at; i++)
		if (one_of(low(s, i), "because since"))
			return true;
	return false;
}

static void ask_opposite(struct planner *p, struct questions *all, struct sentence *s)
{
	if (is_negated(s) || is_too_open(s) || one_of(low(s, s->lead), "you"))
		return;
	bool has_may = has_word_in(s, "may might");
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
		if (one_of(low(s, i), "likely most") && one_of(low(s, i + 1), "likely"))
			continue; /* "most likely": no superlative */
		if (one_of(low(s, i), "likely unlikely") && one_of(low(s, i - 1), "less more"))
			continue;
		if (one_of(low(s, i - 1), "the") && tag_at(s, i + 1) == TAG_PUNCT)
			continue; /* "the poor" are no quality */
		if (one_of(low(s, i), "maximum minimum") && one_of(low(s, i - 1), "for"))
			continue; /* "for maximum speed": nobody wants the minimum */
		if (i > 0 && one_of(low(s, i - 1), "most") && stands_once(s, STR("most")) &&
		    !one_of(low(s, i), "recent")) {
			ask_false(p, all, s, i - 1, i, STR("least"), sentence_worth(s) + 0.3);
			return;
		}
		if (has_may || (i > 0 && one_of(low(s, i - 1), "if where when as whether")))
			continue; /* a turn of phrase */
		if (i > 1 && one_of(low(s, i - 1), "be") &&
		    one_of(low(s, i - 2), "can may might could"))
			continue; /* what can be so can also not be so */
		if (is_in_reason(s, i) ||
		    (one_of(low(s, i), "more") && one_of(low(s, i + 1), "than")))
			continue; /* absurd, and so found without reading; counted below */
		if (i > 0 && one_of(low(s, i - 1), "any every each"))
			continue; /* "any invalid name" is absurd, too */
		if (one_of(low(s, i), "include exclude") && one_of(low(s, i + 1), "only"))
			continue;
		if (one_of(low(s, i), "lowercase uppercase lower-case upper-case") &&
		    (one_of(low(s, i + 1), "-") || low(s, i + 1).len == 1))
			continue; /* "a lower-case -c" shows what it is */
		if (one_of(low(s, i), "encourage encourages"))
			continue; /* "discourage you to" is no English */
		if (one_of(low(s, i), "able") && !one_of(low(s, i + 1), "to"))
			continue;
		add_opposite(p, all, s, i, by);
		return;
	}
}

/* The superlative: the only opposite that "may be" does not soften. */
static void ask_superlative(struct planner *p, struct questions *all, struct sentence *s)
{
	if (is_negated(s) || is_too_open(s) || is_imperative(s) || !stands_once(s, STR("most")))
		return;
	for (uint32_t i = s->lead + 1; i + 1 < s->n; i++)
		if (one_of(low(s, i), "most") && one_of(low(s, i - 1), "the") &&
		    tag_at(s, i + 1) == TAG_ADJECTIVE && !one_of(low(s, i + 1), "recent likely")) {
			ask_false(p, all, s, i, i + 1, STR("least"), sentence_worth(s) + 0.3);
			return;
		}
}

/* Plain: the verb of a short statement denied.  Asked only where little else can be. */
static void ask_denial(struct planner *p, struct questions *all, struct sentence *s)
{
	struct clause c;
	if (is_negated(s) || is_hedged(s) || is_imperative(s) || s->is_second_person ||
	    s->n_words > DENIED_WORDS_MAX || !clause_at(s, s->lead, s->n, &c) ||
	    one_of(low(s, c.verb + 1), "not also only always likely") ||
	    has_word_in(s, "some any but only because if although while just all every rarely "
	                   "simply mostly largely both either"))
		return;
	struct str verb = sentence_span(s, c.verb, c.verb + 1);
	if (!one_of(low(s, c.verb),
	            s->is_first_person ? "is are was were" : "is are was were must should"))
		return;
	uint32_t to = c.verb + 2; /* with the next word: the verb alone may stand twice */
	struct str span = sentence_span(s, c.verb, to);
	if (!stands_once(s, span) || tag_at(s, to - 1) == TAG_PUNCT)
		return;
	struct str by = str_fmt(p->arena, STR_FMT " not " STR_FMT, STR_ARG(verb),
	                        STR_ARG(sentence_span(s, to - 1, to)));
	struct question *q = ask_false(p, all, s, c.verb, to, by, sentence_worth(s) - PLAIN_LOSS);
	q->is_denial = true;
	q->is_plain = true;
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
		     one_of(low(s, i), "no never nor without unless but only rather instead just");
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
	if (one_of(low(s, s->lead), "if when unless while although once"))
		return; /* the condition turned round says nothing false */
	for (uint32_t i = s->lead; i < at; i++)
		if (one_of(low(s, i), "because if since"))
			return; /* a reason turned round is absurd, and so found without reading */
	bool is_counted_twice = one_of(low(s, at), "do"); /* "do" and its "not" */
	if (by.len == 0 || n != (is_counted_twice ? 2u : 1u) || tag_at(s, to) == TAG_PUNCT ||
	    one_of(low(s, to), "yet only always necessarily just") || at <= s->lead ||
	    is_hedged(s) || is_imperative(s) || !stands_once(s, sentence_span(s, at, to)))
		return;
	ask_false(p, all, s, at, to, by, sentence_worth(s) + 0.35)->is_denial = true;
}

/* "more than 50" → "less than 50" */
static void ask_more_than(struct planner *p, struct questions *all, struct sentence *s)
{
	for (uint32_t i = s->lead + 1; i + 2 < s->n; i++)
		if (one_of(low(s, i), "more") && one_of(low(s, i + 1), "than") &&
		    s->tokens[i + 2].tag == TAG_NUMBER && !one_of(low(s, i + 2), "one 1 two 2") &&
		    !is_hedged(s)) {
			ask_false(p, all, s, i, i + 1, STR("fewer"), sentence_worth(s) + 0.25);
			return;
		}
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
	q->is_plain = twin->is_plain;
	q->is_number = twin->is_number;
	q->prompt = twin->true_prompt.len > 0 ? twin->true_prompt
	                                      : as_advice(p, s, say(p, s, s->lead, s->n));
	q->source = twin->source;
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

void ask_statements(struct planner *p, struct questions *all)
{
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_sound && can_be_put(s)) {
			ask_amounts(p, all, s);
			size_t n = all->n;
			ask_opposite(p, all, s);
			ask_superlative(p, all, s);
			ask_negation(p, all, s);
			ask_more_than(p, all, s);
			if (all->n == n)
				ask_denial(p, all, s);
		}
	ask_contrasts(p, all);
	ask_meaning_statements(p, all);
	ask_trues(p, all);
}
