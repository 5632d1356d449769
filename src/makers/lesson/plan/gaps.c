/* Gaps: a term or a name left out of a sentence, to be typed or chosen.
 *
 *	cloze   "Complete the sentence with two words from the text: … _____ …"
 *	choice  "Which of these completes the sentence? … _____ …"
 *
 * A gap is asked only where one answer fits and the rest of the sentence leads to it: the
 * sentence explains the term ("_____, or minimizing disruption"), sets it in quotation
 * marks, or it is a key term of the text; it is not repeated, and no member of a list.
 */
#include "makers/lesson/plan/plan.h"

enum {
	FAMILIAR_MAX = 8, /* of WordNet's counts: rarer words are terms */
	KEY_TERMS_MAX = 20,
	WORDS_PER_KEY_TERM = 100,
	QUOTED_MAX = 4, /* words */
	QUOTED_BYTES_MAX = 40
};

static const double PLAIN_LOSS = 0.6; /* a gap that many words would fill */

struct key_list {
	const struct str *list;
	size_t n;
};

/* Without blanks: "deepfakes" and "deep fakes" are one subject. */
static struct str joined(struct arena *a, struct str s)
{
	char *out = arena_bytes(a, s.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != ' ')
			out[n++] = s.ptr[i];
	return (struct str){ out, n };
}

static bool is_title_term(const struct planner *p, const struct term *t)
{
	struct str letters = joined(p->arena, t->key);
	struct str title = joined(p->arena, normal_form(p->arena, p->lexicon, p->doc->title));
	return span_stands_in(p->arena, p->lexicon, t->text, p->doc->title) ||
	       (letters.len >= 6 && str_find(title, letters, 0) != SIZE_MAX);
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

static double term_worth(const struct term *t)
{
	double v = t->score > 12 ? 0.4 : t->score / 30;
	/* An answer that many sentences hold keeps them from being asked. */
	v -= t->n_places > 4 ? 0.025 * (double)(t->n_places - 4) : 0;
	return v + (t->kind == TERM_COMMON ? 0 : 0.15);
}

/* A word of the title: the gap is filled by who has read that, and no more. */
static bool is_in_title(const struct planner *p, const struct term *t)
{
	struct str title = normal_form(p->arena, p->lexicon, p->doc->title);
	struct str rest = t->key;
	while (rest.len > 0) {
		struct str word = str_cut(rest, ' ', &rest);
		if (word.len > 3 && span_stands_in(p->arena, p->lexicon, word, title))
			return true;
	}
	return false;
}

/* A word that few texts use: the gap can be filled by who has read, and by nobody else. */
static bool is_rare(const struct term *t)
{
	const struct word *w = t->head;
	return t->kind != TERM_COMMON || t->n_tokens > 1 ||
	       w->n + w->v + w->a + w->r <= FAMILIAR_MAX;
}

static bool is_specific(const struct term *t)
{
	return is_rare(t) && (t->kind != TERM_COMMON || t->n_tokens > 1 || t->count >= 3);
}

/* "the FLAGS": a word that a manual sets in capitals. */
static bool is_word_in_capitals(const struct term *t)
{
	const struct word *w = t->head;
	return t->kind == TERM_ABBREVIATION && w->n + w->v + w->a + w->r > 0;
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
	while (from > 1 &&
	       (tag_at(s, from - 1) == TAG_DETERMINER || tag_at(s, from - 1) == TAG_POSSESSIVE))
		from--;
	struct str before = low(s, from > 0 ? from - 1 : 0), after = low(s, to);
	return one_of(before, "and or , other") || one_of(after, "and or ,");
}

/* "node:cluster", "key=value": the term is a part of something longer. */
static bool is_cut_out(const struct sentence *s, uint32_t from, uint32_t to)
{
	bool is_joined = to < s->n && !s->tokens[to].has_gap &&
	                 !one_of(low(s, to), ". , ; : ) ? ! \xe2\x80\x9d \"");
	bool is_prefix = one_of(low(s, to), ": .") && to + 1 < s->n && !s->tokens[to + 1].has_gap &&
	                 tag_at(s, to + 1) != TAG_PUNCT;
	bool is_suffix = from > 0 && !s->tokens[from].has_gap &&
	                 !one_of(low(s, from - 1), "( \xe2\x80\x9c \"");
	return is_joined || is_prefix || is_suffix;
}

/* "X, or minimizing disruption, …", "X, like walking in someone's shoes, …", "X: …": what
 * follows says what is meant; not the next of a list. */
static bool is_explained(const struct sentence *s, uint32_t from, uint32_t to)
{
	if (to + 3 >= s->n || (from > 0 && one_of(low(s, from - 1), ",")))
		return false;
	if (one_of(low(s, to), ":"))
		return true;
	if (!one_of(low(s, to), ","))
		return false;
	if (one_of(low(s, to + 1), "which"))
		return one_of(low(s, to + 2), "is are means mean") ||
		       s->tokens[to + 2].word->is_third;
	return one_of(low(s, to + 1), "like where i.e") ||
	       (one_of(low(s, to + 1), "or") && s->tokens[to + 2].word->is_gerund);
}

static bool is_quoted(const struct sentence *s, uint32_t from, uint32_t to)
{
	return from > 0 && one_of(low(s, from - 1), "\xe2\x80\x9c \"") &&
	       (one_of(low(s, to), "\xe2\x80\x9d \"") || one_of(low(s, to + 1), "\xe2\x80\x9d \""));
}

static bool is_key_term(const struct planner *p, const struct key_list *keys, const struct term *t)
{
	for (size_t i = 0; i < keys->n; i++)
		if (str_eq(normal_form(p->arena, p->lexicon, keys->list[i]), t->key))
			return true;
	return false;
}

/* Whether the rest of the sentence, or the whole text, leads to the answer. */
static bool is_knowable(const struct planner *p, const struct key_list *keys,
                        const struct mention *m)
{
	if (!is_rare(m->term))
		return false;
	return is_explained(m->sentence, m->from, m->to) ||
	       is_quoted(m->sentence, m->from, m->to) ||
	       (m->term->kind == TERM_COMMON && is_key_term(p, keys, m->term));
}

/* "will be reset", "is meant": what is done, not a thing that has a name. */
static bool is_done(const struct sentence *s, uint32_t from, uint32_t to)
{
	return to == from + 1 && from > 0 &&
	       (tag_at(s, from - 1) == TAG_BE || tag_at(s, from) == TAG_VERB);
}

/* What cannot be asked for, however well the sentence leads to it. */
static bool is_no_gap(const struct planner *p, const struct mention *m, bool is_led_to)
{
	const struct sentence *s = m->sentence;
	const struct term *t = m->term;
	if (m->from < s->lead + 2)
		return true;
	enum tag last = tag_at(s, m->to - 1);
	enum tag before = tag_at(s, m->from - 1); /* "the most _____": half a phrase */
	bool is_whole = !one_of(low(s, m->from - 1), "most more less very so too least") &&
	                before != TAG_ADVERB && before != TAG_ADJECTIVE && before != TAG_NOUN &&
	                last != TAG_PREPOSITION && last != TAG_ADVERB &&
	                !one_of(low(s, m->to - 1), "beside near within"); /* nouns, too */
	if (is_place_name(p, t))
		return true; /* a map of the world would do */
	return !is_whole || is_cut_out(s, m->from, m->to) ||
	       (m->to == m->from + 1 && is_generic_noun(low(s, m->from))) || m->to - m->from > 3 ||
	       is_word_in_capitals(t) || is_in_title(p, t) || is_done(s, m->from, m->to) ||
	       is_imperative(s) || s->n_words < 10 ||
	       (!is_explained(s, m->from, m->to) && is_in_list(s, m->from, m->to)) ||
	       (!is_led_to && (!is_specific(t) || s->is_second_person));
}

static void ask_cloze(struct planner *p, struct questions *all, const struct key_list *keys,
                      const struct mention *m)
{
	struct sentence *s = m->sentence;
	const struct term *t = m->term;
	bool is_led_to = is_knowable(p, keys, m);
	bool is_single = t->count < 2 && !is_led_to; /* asked only where little else can be */
	if ((is_single && t->kind != TERM_NAME) || is_no_gap(p, m, is_led_to))
		return;
	struct question *q =
	        question_add(p, all, Q_CLOZE, s,
	                     sentence_worth(s) + term_worth(t) + (is_led_to ? 0.15 : -0.1) -
	                             (is_single ? 0.35 : 0) - (is_topic(p, t) ? 0.5 : 0));
	if (!is_led_to && t->kind == TERM_COMMON) {
		q->is_plain = true;
		q->score -= PLAIN_LOSS;
	}
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

/* Whether the name stands alone: not "Section 508", "Guide to …", "Center for …". */
static bool is_whole_name(const struct sentence *s, uint32_t from, uint32_t to)
{
	if (s->tokens[from - 1].is_capital || one_of(low(s, from - 1), "( of") ||
	    is_in_list(s, from, to))
		return false;
	return to < s->n && !s->tokens[to].is_capital && tag_at(s, to) != TAG_NUMBER &&
	       (s->tokens[to].has_gap || one_of(low(s, to), ". ,")) &&
	       !one_of(low(s, to), "of and or for to on in (");
}

/* A name inside a sentence: plain, but who has read knows it. */
static void ask_name_gap(struct planner *p, struct questions *all, struct sentence *s)
{
	for (uint32_t i = s->lead + 3; i + 1 < s->n; i++) {
		uint32_t to = i;
		while (to < s->n && s->tokens[to].is_capital && tag_at(s, to) == TAG_PROPER &&
		       s->tokens[to].word->count_lower == 0)
			to++;
		if (to == i)
			continue;
		struct str name = sentence_span(s, i, to);
		if (is_whole_name(s, i, to) && to - i <= 3 && name.len >= 5 &&
		    stands_once(s, name) &&
		    !span_stands_in(p->arena, p->lexicon, name, p->doc->title)) {
			struct question *q =
			        question_add(p, all, Q_CLOZE, s, sentence_worth(s) - 0.3);
			q->prompt =
			        str_fmt(p->arena,
			                "Complete the sentence with a name from the text: " STR_FMT,
			                STR_ARG(say_with(p, s, i, to, STR("_____"))));
			q->answer = name;
			q->accepted[q->n_accepted++] = lower_case(p->arena, name);
			q->difficulty = 3;
			q->explanation = text_says(p, s->text);
			return;
		}
		i = to;
	}
}

static void ask_gap_choice(struct planner *p, struct questions *all, const struct mention *m)
{
	struct sentence *s = m->sentence;
	struct distractors d;
	if (m->term->kind == TERM_COMMON || is_in_list(s, m->from, m->to) ||
	    !is_of_known_sort(p, m->term))
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

static const char *words_of(uint32_t n)
{
	static const char *const names[] = { "", "a word", "two words", "three words",
		                             "four words" };
	assert(n < ARRAY_LEN(names));
	return names[n];
}

static void add_quoted_gap(struct planner *p, struct questions *all, struct sentence *s,
                           uint32_t from, uint32_t to)
{
	struct question *q = question_add(p, all, Q_CLOZE, s, sentence_worth(s) + 0.3);
	q->prompt = str_fmt(p->arena, "Complete the sentence with %s from the text: " STR_FMT,
	                    words_of(to - from), STR_ARG(say_with(p, s, from, to, STR("_____"))));
	q->answer = sentence_span(s, from, to);
	q->difficulty = 3;
	q->explanation = text_says(p, s->text);
	struct str small = lower_case(p->arena, q->answer);
	if (!str_eq(small, q->answer))
		q->accepted[q->n_accepted++] = small;
}

/* What the text sets in quotation marks: “New Technology Wednesdays”, a "target audience". */
static void ask_quoted_gap(struct planner *p, struct questions *all, struct sentence *s)
{
	for (uint32_t i = s->lead + 2; i + 3 < s->n; i++) {
		uint32_t from = i + 1, to = from;
		if (!one_of(low(s, i), "\xe2\x80\x9c \"") || one_of(low(s, i - 1), "[ ( = {"))
			continue; /* nor what is code */
		while (to < s->n && tag_at(s, to) != TAG_PUNCT)
			to++;
		struct str text = to > from ? sentence_span(s, from, to) : (struct str){ "", 0 };
		bool is_closed = one_of(low(s, to), "\xe2\x80\x9d \"") ||
		                 one_of(low(s, to + 1), "\xe2\x80\x9d \"");
		bool is_term = to >= from + 2 && to <= from + QUOTED_MAX && is_closed &&
		               text.len <= QUOTED_BYTES_MAX && says_something(s, from, to) &&
		               stands_once(s, text) && !is_in_list(s, i, to + 1) &&
		               !span_stands_in(p->arena, p->lexicon, text, p->doc->title) &&
		               s->n_words >= 10 + (to - from);
		if (is_term)
			add_quoted_gap(p, all, s, from, to);
		return;
	}
}

void ask_mentions(struct planner *p, struct questions *all)
{
	struct str list[KEY_TERMS_MAX];
	size_t n = p->doc->n_words / WORDS_PER_KEY_TERM;
	struct key_list keys = { list, key_terms(p, list, n < KEY_TERMS_MAX ? n : KEY_TERMS_MAX) };
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_sound && can_be_put(s) && !is_imperative(s))
			ask_quoted_gap(p, all, s);
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_sound && can_be_put(s) && !is_imperative(s) && !s->is_second_person &&
		    s->n_words >= 8)
			ask_name_gap(p, all, s);
	for (const struct mention *m = p->terms->mentions; m; m = m->next)
		if (is_askable(p, m)) {
			ask_cloze(p, all, &keys, m);
			if (sentence_worth(m->sentence) > 0.35)
				ask_gap_choice(p, all, m);
		}
}
