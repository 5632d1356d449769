/* What a text asks and answers itself: an interview ("Q: … A: …"), a list of frequent
 * questions, headings that are questions.
 *
 *	match       questions with the first sentence of their answers
 *	choice      "Which answer does the text give?"  others of its answers
 *	true_false  "Is it …?"  "No."
 *
 * A question is used when it can be read alone.  Its answer must not repeat its words, nor
 * may another answer.
 */
#include "makers/lesson/plan/plan.h"

enum {
	TALKS_MAX = 80,
	PAIRS_MIN = 3,
	PAIRS_MAX = 4,
	ANSWER_WORDS_MIN = 4,
	ANSWER_WORDS_MAX = 30,
	LINE_BYTES_MAX = 200,
	OPENING = 4 /* words in which a pronoun points back */
};

struct talk { /* a question and what is said to it */
	struct str question;
	struct sentence *answer;
	bool is_taken;
};

struct talks {
	struct talk list[TALKS_MAX];
	size_t n;
};

/* The next word of *rest without what stands around it; empty at the end. */
static const struct word *next_word(struct planner *p, struct str *rest)
{
	while (rest->len > 0) {
		struct str w = str_cut(*rest, ' ', rest);
		while (w.len > 0 && strchr("\"'().,;:?!", w.ptr[0]))
			w = str_sub(w, 1, w.len);
		while (w.len > 0 && strchr("\"'().,;:?!", w.ptr[w.len - 1]))
			w.len--;
		if (w.len > 0)
			return lexicon_word(p->lexicon, w);
	}
	return NULL;
}

static bool stands_alone(struct planner *p, struct str question)
{
	struct str rest = question;
	const struct word *w;
	for (size_t n = 0; (w = next_word(p, &rest)); n++)
		if (one_of(w->text, "this these those here above he she him her such") ||
		    (n < OPENING && one_of(w->text, "it they that them its their")) ||
		    (n == 0 && one_of(w->text, "and or but so ok")))
			return false;
	return words_in(question) >= 4 && question.len <= LINE_BYTES_MAX;
}

/* Words with a meaning of their own that stand in both. */
static size_t shared_in(struct planner *p, struct str a, struct str b)
{
	size_t n = 0;
	const struct word *x, *y;
	for (struct str rest = a; (x = next_word(p, &rest));)
		for (struct str other = b; !x->is_stop && (y = next_word(p, &other));)
			if (x->stem_id == y->stem_id) {
				n++;
				break;
			}
	return n;
}

static bool asks_whether(struct planner *p, struct str question)
{
	const struct word *w = next_word(p, &question);
	return w &&
	       one_of(w->text, "do does did is are was were can could has have will should must");
}

static bool is_yes_or_no(const struct sentence *s)
{
	return one_of(low(s, 0), "yes no") && one_of(low(s, 1), ". , !");
}

/* --- Reading --- */

static bool is_question(struct str s)
{
	return str_ends(s, STR("?"));
}

static void add_talk(struct planner *p, struct talks *all, struct str question,
                     struct sentence *answer)
{
	if (!answer || all->n == TALKS_MAX || is_question(answer->text) ||
	    answer->block->is_aside || answer->block->section->is_aside ||
	    !stands_alone(p, question))
		return;
	all->list[all->n++] = (struct talk){ .question = question, .answer = answer };
}

static void read_talks(struct planner *p, struct talks *all)
{
	const struct section *section = NULL;
	for (struct block *b = p->doc->blocks; b; b = b->next) {
		bool is_first = b->section != section;
		section = b->section;
		if (is_first && is_question(section->title))
			add_talk(p, all, section->title, b->first);
		else if (b->first && is_question(b->first->text) && b->next &&
		         b->next->section == section && is_question(b->last->text))
			add_talk(p, all, b->first->text, b->next->first);
	}
}

static struct str source_of(struct planner *p, const struct talk *t)
{
	return str_fmt(p->arena, STR_FMT "\n" STR_FMT, STR_ARG(t->question),
	               STR_ARG(t->answer->text));
}

/* --- Answers of a sentence --- */

/* Whether the answer's first sentence answers, and says something. */
static bool is_telling(const struct sentence *s)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		if (one_of(low(s, i), "i my me above below here see"))
			return false;
		n += tag_at(s, i) != TAG_PUNCT && !s->tokens[i].word->is_stop;
	}
	return n >= 2 && s->n_words >= ANSWER_WORDS_MIN && s->n_words <= ANSWER_WORDS_MAX &&
	       s->text.len <= LINE_BYTES_MAX && str_ends(s->text, STR(".")) && !is_yes_or_no(s) &&
	       !one_of(low(s, 0), "yes no it they that these there sorry well because to");
}

static bool is_clear(struct planner *p, const struct talk *t)
{
	return is_telling(t->answer) && shared_in(p, t->question, t->answer->text) <= 1;
}

/* Neither answer could be that of the other question. */
static bool are_apart(struct planner *p, const struct talk *a, const struct talk *b)
{
	return shared_in(p, a->question, b->answer->text) <= 1 &&
	       shared_in(p, b->question, a->answer->text) <= 1 &&
	       shared_in(p, a->question, b->question) <= 2 &&
	       shared_in(p, a->answer->text, b->answer->text) <= 1;
}

/* Every other clear answer of those that are left goes into the match. */
static void match_talks(struct planner *p, struct questions *all, struct talks *talks)
{
	struct talk *taken[PAIRS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < talks->n && n < PAIRS_MAX; i++) {
		struct talk *t = &talks->list[i];
		bool is_new = is_clear(p, t);
		for (size_t k = 0; is_new && k < n; k++)
			is_new = are_apart(p, taken[k], t);
		if (is_new)
			taken[n++] = t;
	}
	if (n < PAIRS_MIN)
		return;
	struct question *q = question_add(p, all, Q_MATCH, taken[0]->answer, 1.05);
	struct buf b = BUF_INIT(4000);
	for (size_t i = 0; i < n; i++) {
		struct sentence *s = taken[i]->answer;
		q->pairs[q->n_pairs++] =
		        (struct pair){ taken[i]->question, s->text, source_of(p, taken[i]), s };
		buf_addf(&b, "%s" STR_FMT " " STR_FMT, i ? "\n" : "", STR_ARG(taken[i]->question),
		         STR_ARG(s->text));
		taken[i]->is_taken = true;
	}
	q->sentence = NULL;
	q->explanation = str_dup(p->arena, buf_str(&b));
	q->prompt =
	        STR("Match each question with the beginning of the answer that the text gives.");
	q->difficulty = 2;
	buf_fini(&b);
}

static void ask_answer(struct planner *p, struct questions *all, const struct talks *talks,
                       const struct talk *t)
{
	struct distractors d = { .n = 0 };
	for (size_t i = 0; i < talks->n && d.n < 3; i++) {
		const struct talk *x = &talks->list[i];
		uint32_t n = x->answer->n_words, m = t->answer->n_words;
		bool is_fair = x != t && is_clear(p, x) && are_apart(p, x, t) && n <= 2 * m + 2 &&
		               m <= 2 * n + 2;
		for (size_t k = 0; is_fair && k < d.n; k++)
			is_fair = shared_in(p, d.text[k], x->answer->text) <= 1;
		if (is_fair)
			d.text[d.n++] = say(p, x->answer, 0, x->answer->n);
	}
	if (d.n < 3 || asks_whether(p, t->question)) /* "no" is soon found */
		return;
	struct question *q = question_add(p, all, Q_CHOICE, t->answer, 0.7);
	q->prompt = str_fmt(p->arena,
	                    "How does the answer begin that the text gives to this question? "
	                    "\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d",
	                    STR_ARG(t->question));
	q->answer = t->answer->text;
	q->distractors = d;
	q->source = source_of(p, t);
	q->difficulty = 2;
	q->explanation = text_says(p, q->source);
}

/* --- Yes and no --- */

/* "Yes, although …" is neither. */
static bool is_plain_answer(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(low(s, i), "although but however depends unless except partly if"))
			return false;
	return is_yes_or_no(s);
}

static void ask_whether(struct planner *p, struct questions *all, const struct talk *t)
{
	struct sentence *s = t->answer;
	struct str rest = t->question;
	if (!is_plain_answer(s) || !asks_whether(p, rest))
		return;
	const struct sentence *more = s->n_words == 1 ? s->next_in_block : NULL;
	struct str source = source_of(p, t);
	if (more)
		source = str_fmt(p->arena, STR_FMT " " STR_FMT, STR_ARG(source),
		                 STR_ARG(more->text));
	for (int is_true = 0; is_true < 2; is_true++) {
		bool says_yes = one_of(low(s, 0), "yes") == (is_true == 1);
		struct question *q = question_add(p, all, Q_TRUE_FALSE, s, is_true ? 0.6 : 0.72);
		q->is_true = is_true == 1;
		q->answer = sentence_span(s, 0, 1);
		q->replacement = is_true    ? (struct str){ "", 0 }
		                 : says_yes ? STR("yes")
		                            : STR("no");
		q->prompt = str_fmt(p->arena,
		                    "The text answers the question \xe2\x80\x9c" STR_FMT
		                    "\xe2\x80\x9d with \xe2\x80\x9c%s\xe2\x80\x9d.",
		                    STR_ARG(t->question), says_yes ? "yes" : "no");
		q->source = source;
		q->difficulty = 1;
		q->explanation = str_fmt(p->arena, "%s. The text says: " STR_FMT,
		                         is_true ? "True" : "False", STR_ARG(source));
	}
}

void ask_interviews(struct planner *p, struct questions *all)
{
	struct talks *talks = arena_new(p->arena, struct talks, 1);
	read_talks(p, talks);
	match_talks(p, all, talks);
	for (size_t i = 0; i < talks->n; i++) {
		if (!talks->list[i].is_taken && is_clear(p, &talks->list[i]))
			ask_answer(p, all, talks, &talks->list[i]);
		ask_whether(p, all, &talks->list[i]);
	}
}
