/* Which sentences of a text without grammar stand on their own: whole, of middling length,
 * held together by function words, and beginning with none that points elsewhere. */
#include "makers/lesson/plan/shallow.h"

enum {
	WORDS_MIN = 6,
	WORDS_MAX = 36,
	FUNCTION_SHARE_MIN = 22, /* per cent; fewer: a list, a title, another language */
	FIGURE_DIGITS_MAX = 6
};

static void tag(struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct token *t = &s->tokens[i];
		char c = s->text.ptr[t->at];
		if (t->tag == TAG_PUNCT)
			continue;
		s->n_words++;
		t->tag = c >= '0' && c <= '9' ? TAG_NUMBER : TAG_OTHER;
	}
}

static bool has_mark(const struct sentence *s, const char *marks)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->tokens[i].tag == TAG_PUNCT && one_of(low(s, i), marks))
			return true;
	return false;
}

/* Function words among the words, in per cent. */
static uint32_t function_share(const struct sentence *s)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n; i++)
		n += s->tokens[i].tag == TAG_OTHER && s->tokens[i].word->fixed != TAG_OTHER;
	return s->n_words > 0 ? n * 100 / s->n_words : 0;
}

static bool points_elsewhere(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(low(s, i), "@") || str_find(low(s, i), STR("http"), 0) != SIZE_MAX ||
		    str_find(low(s, i), STR("www."), 0) != SIZE_MAX)
			return true;
	return false;
}

void shallow_judge(struct sentence *s, const struct language *l)
{
	tag(s);
	const struct token *first = &s->tokens[0];
	s->is_whole = s->text.len <= PLAN_SENTENCE_MAX && s->n_words >= WORDS_MIN &&
	              s->n_words <= 60 && (first->is_capital || first->tag == TAG_NUMBER) &&
	              ends_well(s->text) && is_balanced(s->text) &&
	              function_share(s) >= FUNCTION_SHARE_MIN && !s->block->is_aside &&
	              !s->block->section->is_aside;
	s->is_clear = s->is_whole && s->block->kind != BLOCK_QUOTE &&
	              !has_mark(s, "? ! { } | _____ \u00bf \u00a1 :") &&
	              !one_of(low(s, 0), l->loose) && !points_elsewhere(s);
	s->is_sound = s->is_clear && s->n_words <= WORDS_MAX;
}

static bool is_plain_figure(struct str w)
{
	bool ret = w.len > 0 && w.len <= FIGURE_DIGITS_MAX && w.ptr[0] != '0';
	for (size_t i = 0; i < w.len; i++)
		ret &= w.ptr[i] >= '0' && w.ptr[i] <= '9';
	return ret && !str_eqz(w, "1");
}

static bool is_in_brackets(const struct sentence *s, uint32_t at)
{
	int depth = 0;
	for (uint32_t i = 0; i < at; i++)
		depth += one_of(low(s, i), "(") - one_of(low(s, i), ")");
	return depth > 0;
}

bool shallow_figure_at(const struct sentence *s, uint32_t i)
{
	const struct token *before = i > 0 ? &s->tokens[i - 1] : NULL;
	const struct token *after = i + 1 < s->n ? &s->tokens[i + 1] : NULL;
	if (s->tokens[i].tag != TAG_NUMBER || !is_plain_figure(low(s, i)) || !before || !after ||
	    !stands_once(s, low(s, i)) || is_in_brackets(s, i))
		return false;
	/* "(3)", "§ 12", "12/13", "3. Mai" are places, ranges and days */
	bool is_joined = !after->has_gap && after->tag == TAG_PUNCT && i + 2 < s->n &&
	                 !one_of(after->word->text, ", ;");
	return before->tag == TAG_OTHER && before->len > 1 && !is_joined &&
	       after->tag != TAG_NUMBER && !one_of(after->word->text, ") ] - / \u2013 \u2014 :");
}

struct str say_so(struct planner *p, const char *key)
{
	return language_say(p->arena, p->doc->language, key, NULL, 0);
}

struct str say_of(struct planner *p, const char *key, struct str a)
{
	return language_say(p->arena, p->doc->language, key, &a, 1);
}

struct str shallow_with(struct planner *p, const struct sentence *s, uint32_t from, uint32_t to,
                        struct str by)
{
	const struct token *last = &s->tokens[to - 1];
	struct str head = str_sub(s->text, 0, s->tokens[from].at);
	struct str tail = str_sub(s->text, last->at + last->len, s->text.len);
	return str_fmt(p->arena, STR_FMT STR_FMT STR_FMT, STR_ARG(head), STR_ARG(by),
	               STR_ARG(tail));
}
