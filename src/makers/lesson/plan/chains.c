/* Steps told within one sentence, to be put in order:
 *
 *	"to frame experiments, run them, measure their effectiveness, and …"
 *	"reads the request, then writes the answer, and finally closes the file"
 *	"by listing the parts (e.g., …), naming them, and then weighing each"
 *	"in three phases: planning, building, and testing"
 *
 * Verbs side by side are a sequence only when the sentence says so: by "then" and its like,
 * or because what follows speaks of what the first step made ("them", "their").  Questions
 * that a text puts with "First, … Next, … Finally, …" are a sequence, too.
 */
#include "makers/lesson/plan/namings.h"
#include "makers/lesson/plan/plaintext.h"
#include "makers/lesson/plan/sequences.h"

enum {
	LINKS_MIN = 2,
	STEP_WORDS_MAX = 20,
	STEP_BYTES_MIN = 6,
	QUESTION_WORDS_MAX = 20,
	PHASED_WORDS_MIN = 6
};

enum form { FORM_NONE, FORM_BASE, FORM_THIRD, FORM_PAST, FORM_GERUND };

struct chain {
	uint32_t from[ITEMS_MAX], to[ITEMS_MAX];
	size_t n, n_links;
	bool ends_with_then; /* ", and then": all that stands before came before */
};

static enum form form_at(const struct sentence *s, uint32_t i)
{
	const struct word *w = i < s->n ? s->tokens[i].word : NULL;
	if (!w || w->v == 0 || w->fixed != TAG_OTHER || tag_at(s, i) == TAG_PROPER)
		return FORM_NONE;
	if (w->is_gerund)
		return FORM_GERUND;
	if (w->is_past && !one_of(w->text, "read set put cut let spread"))
		return FORM_PAST; /* those may be either, and mostly are not */
	if (w->is_third)
		return w->v > w->n ? FORM_THIRD : FORM_NONE;
	return w->is_plural ? FORM_NONE : FORM_BASE;
}

static bool is_then(struct str w)
{
	return one_of(w, "then finally next afterwards lastly subsequently");
}

/* Behind ", and then" at token i. */
static uint32_t skip_joint(const struct sentence *s, uint32_t i, bool *has_then)
{
	while (one_of(low(s, i), ", and") || is_then(low(s, i))) {
		*has_then |= is_then(low(s, i));
		i++;
	}
	return i;
}

/* Speaks of something that stands before. */
static bool refers_back(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (one_of(low(s, i), "it them its their"))
			return true;
	return false;
}

static bool is_end(const struct sentence *s, uint32_t i)
{
	return i >= s->n || one_of(low(s, i), ". ; : ? ! ( ) \xe2\x80\x94 \xe2\x80\x93");
}

static bool add_step(const struct sentence *s, struct chain *c, uint32_t from, uint32_t to)
{
	if (to > from && one_of(low(s, to - 1), ")")) /* an example at its end is not shown */
		while (to > from && !one_of(low(s, to), "("))
			to--;
	struct str text = to > from ? sentence_span(s, from, to) : (struct str){ "", 0 };
	if (c->n == ITEMS_MAX || to < from + 2 || text.len < STEP_BYTES_MIN ||
	    words_in(text) > STEP_WORDS_MAX || memchr(text.ptr, '"', text.len))
		return false;
	for (uint32_t i = from; i < to; i++)
		if (one_of(low(s, i), "we our us i my me or if unless while which who not "
		                      "\xe2\x80\x9c \xe2\x80\x9d"))
			return false;
	c->from[c->n] = from;
	c->to[c->n++] = to;
	return true;
}

/* Behind what stands in brackets at token i. */
static uint32_t behind_brackets(const struct sentence *s, uint32_t i)
{
	if (!one_of(low(s, i), "("))
		return i;
	for (uint32_t k = i + 1; k < s->n; k++)
		if (one_of(low(s, k), ")"))
			return k + 1;
	return i;
}

/* The steps from the verb at token `at` on; false when one of them cannot be cut out. */
static bool read_chain(const struct sentence *s, uint32_t at, struct chain *ret)
{
	enum form form = form_at(s, at);
	uint32_t from = at;
	*ret = (struct chain){ .n = 0 };
	if (form == FORM_NONE)
		return false;
	for (uint32_t i = at + 1;; i++) {
		i = behind_brackets(s, i);
		bool has_then = false, is_comma = one_of(low(s, i), ",");
		if (!is_end(s, i) && !is_comma && !one_of(low(s, i), "and") && !is_then(low(s, i)))
			continue;
		uint32_t next = is_end(s, i) ? i : skip_joint(s, i, &has_then);
		if (!is_end(s, i) && form_at(s, next) != form) {
			if (is_comma || has_then)
				return false; /* a list, or a clause with another subject */
			continue;
		}
		if (!add_step(s, ret, from, i))
			return false;
		if (is_end(s, i))
			return true;
		uint32_t to = next + 1;
		while (!is_end(s, to) && !one_of(low(s, to), ","))
			to++;
		ret->n_links += has_then || refers_back(s, next, to);
		ret->ends_with_then = has_then;
		from = next;
		i = next;
	}
}

/* Where a row of verbs may begin: "to frame", "you can run", "The server reads", "Open". */
static bool may_begin(const struct sentence *s, uint32_t i)
{
	enum tag before = i > s->lead ? tag_at(s, i - 1) : TAG_PUNCT;
	if (i == s->lead)
		return is_imperative(s);
	if (form_at(s, i) == FORM_GERUND)
		return one_of(low(s, i - 1), "by");
	if (form_at(s, i) == FORM_BASE)
		/* "To reach the pier, lower …": what it is for is no step. */
		return (before == TAG_TO && i > s->lead + 1) || before == TAG_MODAL ||
		       one_of(low(s, i - 1), "they we you") ||
		       (one_of(low(s, i - 1), ",") && is_imperative(s));
	return tag_at(s, i) == TAG_VERB && (before == TAG_NOUN || before == TAG_PROPER);
}

static struct str named_title(const struct sentence *s)
{
	struct str t = s->block->section->title;
	bool is_of_any_page = is_one_of(t, "description|options|notes|configuration|overview|"
	                                   "summary|introduction|background");
	return !is_of_any_page && t.len <= 120 ? t : (struct str){ "", 0 };
}

/* By the beginning of the sentence, when that stands on its own, else by the heading. */
static struct str chain_prompt(struct planner *p, const struct sentence *s, uint32_t at)
{
	struct str title = named_title(s);
	if (s->is_sound && can_be_put(s) && at >= s->lead + 2)
		return str_fmt(p->arena,
		               "Put these steps in the order of the text: \xe2\x80\x9c" STR_FMT
		               " \xe2\x80\xa6\xe2\x80\x9d",
		               STR_ARG(say(p, s, s->lead, at)));
	if (title.len == 0)
		return title;
	return str_fmt(p->arena,
	               "Put these steps in the order of the text (\xe2\x80\x9c" STR_FMT
	               "\xe2\x80\x9d).",
	               STR_ARG(title));
}

/* Of three, one that speaks of what the first made is enough: the last is behind "and". */
static bool is_short_row(const struct chain *c)
{
	return c->n == ITEMS_MIN && c->n_links > 0;
}

static void order_chain(struct planner *p, struct questions *all, struct sentence *s)
{
	for (uint32_t at = s->lead; at + 6 < s->n; at++) {
		struct chain c;
		struct events x = { .n = 0 };
		if (!may_begin(s, at) || !read_chain(s, at, &c) || c.n < ITEMS_MIN ||
		    (c.n_links < LINKS_MIN && !c.ends_with_then && !is_short_row(&c)) ||
		    refers_back(s, c.from[0], c.to[0]))
			continue;
		struct str prompt = chain_prompt(p, s, at);
		for (size_t i = 0; i < c.n; i++)
			x.list[x.n++] =
			        (struct event){ s, sentence_span(s, c.from[i], c.to[i]), 0 };
		if (prompt.len > 0)
			order_add(p, all, &x, s->text, prompt, named_title(s),
			          c.n_links >= LINKS_MIN || c.ends_with_then ? 0.95 : 0.75);
		return;
	}
}

/* --- Phases --- */

/* "in three phases: planning, building, and testing" */
static void order_phases(struct planner *p, struct questions *all, struct sentence *s)
{
	for (uint32_t i = s->lead + 1; i + 5 < s->n; i++) {
		if (!one_of(low(s, i), "phases stages steps") ||
		    !one_of(low(s, i + 1), ": are \xe2\x80\x94"))
			continue;
		struct naming x = { .sentence = s, .at = i + 2 };
		struct events e = { .n = 0 };
		naming_read_parts(&x);
		if (x.n < ITEMS_MIN || x.n > ITEMS_MAX || x.at > x.parts[0].from)
			return;
		for (size_t k = 0; k < x.n; k++)
			e.list[e.n++] = (struct event){ s, part_text(s, &x.parts[k]), 0 };
		order_add(p, all, &e, s->text,
		          str_fmt(p->arena,
		                  "Put these in the order of the text: \xe2\x80\x9c" STR_FMT
		                  ": \xe2\x80\xa6\xe2\x80\x9d",
		                  STR_ARG(say(p, s, s->lead, i + 1))),
		          named_title(s), 1.0);
		return;
	}
}

/* --- Questions that lead through a matter --- */

static int place_of(const struct sentence *s)
{
	if (!one_of(low(s, 1), ","))
		return 0;
	return one_of(low(s, 0), "first")                             ? 1
	       : one_of(low(s, 0), "next second secondly then third") ? 2
	       : one_of(low(s, 0), "finally last lastly")             ? 3
	                                                              : 0;
}

static bool is_led_question(const struct sentence *s)
{
	return str_ends(s->text, STR("?")) && place_of(s) > 0 && s->n_words >= 4 &&
	       s->n_words <= QUESTION_WORDS_MAX && !has_person(s, 2, 2);
}

static void order_led_questions(struct planner *p, struct questions *all)
{
	struct events x = { .n = 0 };
	bool is_over = false;
	for (struct sentence *s = p->doc->sentences; s && !is_over; s = s->next) {
		if (!is_led_question(s) || s->block->section->is_aside)
			continue;
		int place = place_of(s);
		if (place == 1 ||
		    (x.n > 0 && x.list[0].sentence->block->section != s->block->section))
			x.n = 0;
		if ((place == 1) != (x.n == 0) || x.n == ITEMS_MAX)
			continue;
		uint32_t to = s->n - 1;
		x.list[x.n++] = (struct event){ s, sentence_span(s, 2, to), 0 };
		is_over = place == 3;
	}
	struct str title = x.n > 0 ? named_title(x.list[0].sentence) : (struct str){ "", 0 };
	if (!is_over || x.n < ITEMS_MIN || title.len == 0)
		return;
	struct buf b = BUF_INIT(8192);
	for (size_t i = 0; i < x.n; i++)
		buf_addf(&b, "%s" STR_FMT, i ? "\n" : "", STR_ARG(x.list[i].sentence->text));
	order_add(p, all, &x, str_dup(p->arena, buf_str(&b)),
	          str_fmt(p->arena,
	                  "Which of these questions does the text tell you to ask first, which "
	                  "next, and which last (\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d)?",
	                  STR_ARG(title)),
	          title, 0.8);
	buf_fini(&b);
}

void order_chains(struct planner *p, struct questions *all)
{
	for (struct sentence *s = p->doc->sentences; s; s = s->next) {
		if (s->block->is_aside || s->block->section->is_aside ||
		    s->block->kind == BLOCK_QUOTE)
			continue;
		if (s->is_whole)
			order_chain(p, all, s);
		if (s->n_words >= PHASED_WORDS_MIN && s->text.len <= PLAN_SENTENCE_MAX)
			order_phases(p, all, s); /* mostly commas: no prose, but a list */
	}
	order_led_questions(p, all);
}
