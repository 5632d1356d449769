/* Whether words read as a definition by themselves. */
#include "makers/lesson/plan/definitions_priv.h"

#include "makers/lesson/plan/termcues.h"

enum { WORDS_MAX = 32 };

/* A finite verb that no relative clause has: a statement, and no name of a thing. */
bool has_main_verb(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		const struct word *w = s->tokens[i].word;
		enum tag t = tag_at(s, i);
		if (t == TAG_WH || t == TAG_TO || one_of(w->text, "that"))
			return false;
		if (t == TAG_BE || t == TAG_MODAL || t == TAG_HAVE || t == TAG_DO)
			return !one_of(w->text, "being having doing");
		if (tag_at(s, i + 1) == TAG_WH || one_of(low(s, i + 1), "that of"))
			continue; /* "user flows that …" */
		bool is_base = i > from && s->tokens[i - 1].word->is_plural;
		if (t == TAG_VERB && !w->is_gerund && !w->is_past && (w->is_third || is_base))
			return true;
	}
	return false;
}

/* Pronouns and pointers whose noun stands elsewhere. */
static bool is_loose(const struct sentence *s, uint32_t from, uint32_t to)
{
	bool is_relative = false;
	for (uint32_t i = from; i < to; i++) {
		struct str w = low(s, i);
		if (one_of(w, "we our us ours i my me mine he she him his her above below here "
		              "aforementioned preceding previous this these such latter former !"))
			return true;
		if (one_of(w, "it they them its their itself themselves") &&
		    !has_noun_in(s, from, i))
			return true;
		is_relative |= tag_at(s, i) == TAG_WH || one_of(w, "that");
		if (one_of(w, "was were did") && !is_relative)
			return true;
		if (one_of(w, "figure chapter diagram") ||
		    (one_of(w, "table section") && tag_at(s, i + 1) == TAG_NUMBER))
			return true;
	}
	return false;
}

static bool is_balanced_span(struct str s)
{
	int open = 0, quotes = 0;
	for (size_t i = 0; i < s.len; i++) {
		open += (s.ptr[i] == '(' || s.ptr[i] == '[') - (s.ptr[i] == ')' || s.ptr[i] == ']');
		quotes += s.ptr[i] == '"';
		quotes += str_starts(str_sub(s, i, s.len), STR("\xe2\x80\x9c")) +
		          str_starts(str_sub(s, i, s.len), STR("\xe2\x80\x9d"));
		if (open < 0)
			return false;
	}
	return open == 0 && quotes % 2 == 0;
}

/* The end of a quotation that began before the definition. */
static bool is_lone_quote(const struct sentence *s, const struct span *x)
{
	return at_quote(s, x->to - 1) && !is_balanced_span(sentence_span(s, x->from, x->to));
}

/* Whether it says more than the term's own words. */
static bool says_more(const struct sentence *s, const struct term_cue *cue, const struct span *x)
{
	uint32_t others = 0, own = 0;
	for (uint32_t k = cue->from; k < cue->to; k++) {
		bool is_repeated = false;
		for (uint32_t i = x->from; i < x->to; i++)
			is_repeated |= tag_at(s, i) != TAG_VERB &&
			               s->tokens[k].word->stem_id == s->tokens[i].word->stem_id;
		own += is_repeated;
	}
	for (uint32_t i = x->from; i < x->to; i++)
		others += !s->tokens[i].word->is_stop && tag_at(s, i) != TAG_PUNCT;
	return others >= 2 && (own == 0 || own < cue->to - cue->from);
}

/* "(a process called …)" is said of something else, "the (specific) point" too vague. */
static bool opens_badly(const struct sentence *s, uint32_t from)
{
	for (uint32_t i = from; i < from + 3; i++)
		if (one_of(low(s, i), "called termed named known"))
			return true;
	return one_of(low(s, from + 1), "(");
}

static bool ends_open(const struct sentence *s, uint32_t to)
{
	enum tag t = tag_at(s, to - 1);
	return t == TAG_PREPOSITION || t == TAG_CONJUNCTION || t == TAG_DETERMINER || t == TAG_TO ||
	       t == TAG_WH || one_of(low(s, to - 1), "that such including e.g i.e");
}

bool reads_as_definition(const struct sentence *s, const struct term_cue *cue, struct span *x,
                         uint32_t words_min)
{
	while (x->to > x->from && (one_of(low(s, x->to - 1), ". , ; :") || is_lone_quote(s, x)))
		x->to--;
	if (x->to <= x->from)
		return false;
	struct str text = sentence_span(s, x->from, x->to);
	uint32_t words = words_in(text);
	return words >= words_min && words <= WORDS_MAX && !is_loose(s, x->from, x->to) &&
	       is_balanced_span(text) && says_more(s, cue, x) && !opens_badly(s, x->from) &&
	       !ends_open(s, x->to) && str_find(text, STR("\n"), 0) == SIZE_MAX;
}
