/* What kinds of word a spelling can be, and how often each is meant: WordNet's sense counts for
 * it and for the forms that it may be inflected from; where WordNet is missing or does not
 * know the word, its ending decides.
 */
#include "makers/lesson/plan/plan.h"

static bool ends(struct str s, const char *suffix)
{
	return str_ends(s, str_z(suffix));
}

static struct str cut(struct str s, size_t n)
{
	return str_sub(s, 0, s.len > n ? s.len - n : 0);
}

struct forms { /* the base forms a spelling may come from */
	struct arena *arena;
	struct str text[6];
	size_t n;
};

static void add_form(struct forms *f, struct str stem, const char *tail)
{
	if (stem.len >= 2 && f->n < ARRAY_LEN(f->text))
		f->text[f->n++] = str_fmt(f->arena, STR_FMT "%s", STR_ARG(stem), tail);
}

static void base_forms(struct str w, size_t cut_len, struct forms *f)
{
	struct str stem = cut(w, cut_len);
	add_form(f, stem, "");
	add_form(f, stem, "e");
	if (stem.len > 3 && stem.ptr[stem.len - 1] == stem.ptr[stem.len - 2])
		add_form(f, cut(stem, 1), "");
	if (stem.len > 2 && stem.ptr[stem.len - 1] == 'i')
		add_form(f, cut(stem, 1), "y");
}

static uint32_t best_weight(const struct wordnet *wn, const struct forms *f, enum wordnet_pos pos)
{
	uint32_t best = 0;
	for (size_t i = 0; i < f->n; i++) {
		uint32_t w[WORDNET_POS];
		wordnet_weights(wn, f->text[i], w);
		best = w[pos] > best ? w[pos] : best;
	}
	return best;
}

static bool is_plural_ending(struct str s)
{
	return s.len > 3 && ends(s, "s") && !ends(s, "ss") && !ends(s, "us") && !ends(s, "is");
}

static void weigh_inflected(struct arena *a, const struct wordnet *wn, struct word *w)
{
	struct str s = w->text;
	struct forms f = { .arena = a };
	if (is_plural_ending(s)) {
		add_form(&f, cut(s, 1), "");
		if (ends(s, "ies"))
			add_form(&f, cut(s, 3), "y");
		else if (ends(s, "es"))
			add_form(&f, cut(s, 2), "");
		uint32_t n = best_weight(wn, &f, WORDNET_NOUN),
		         v = best_weight(wn, &f, WORDNET_VERB);
		w->is_plural = n > 0 || w->n == 0;
		w->is_third = v > 0;
		w->n += n;
		w->v += v;
	} else if (s.len > 4 && ends(s, "ing")) {
		base_forms(s, 3, &f);
		uint32_t v = best_weight(wn, &f, WORDNET_VERB);
		w->is_gerund = v > 0;
		w->v += v;
	} else if (s.len > 3 && ends(s, "ed")) {
		base_forms(s, 2, &f);
		uint32_t v = best_weight(wn, &f, WORDNET_VERB);
		w->is_past = v > 0;
		w->v += v;
	}
}

static const char irregular_past[] =
        "began become came chose chosen drew drawn drove driven fell felt found gave given grew "
        "grown "
        "held kept knew known led left lost made met paid put ran read said saw seen sent set "
        "shown "
        "spent spoke spoken stood sold taught told took taken thought understood went won wore "
        "wrote "
        "written built brought bought caught broke broken hidden begun done";

static const char irregular_plural[] =
        "people children men women data criteria media mice feet teeth";

static void guess_by_ending(struct word *w)
{
	static const char *const nouns[] = { "tion", "sion", "ment", "ness", "ity", "ism", "ance",
		                             "ence", "ship", "ware", "ogy",  "age", "er",  "or" };
	static const char *const adjectives[] = { "ful", "ous", "ive",  "able", "ible",
		                                  "al",  "ic",  "less", "ish",  "ary" };
	for (size_t i = 0; i < ARRAY_LEN(adjectives); i++)
		if (ends(w->text, adjectives[i]))
			w->a = 2;
	for (size_t i = 0; i < ARRAY_LEN(nouns); i++)
		if (ends(w->text, nouns[i]))
			w->n = 3;
	if (ends(w->text, "ly"))
		w->r = 4;
	if (w->text.len > 4 && ends(w->text, "ed")) {
		w->is_past = true;
		w->v = 3;
	} else if (w->text.len > 5 && ends(w->text, "ing")) {
		w->is_gerund = true;
		w->v = 3;
	} else if (is_plural_ending(w->text)) {
		w->is_plural = true;
		w->n = 3;
	}
	if (w->n + w->v + w->a + w->r == 0)
		w->n = 1;
}

/* "tick-borne", "user-centered": adjectives in front of a noun. */
static void weigh_compound(const struct wordnet *wn, struct word *w)
{
	size_t at = SIZE_MAX;
	for (size_t i = 0; i < w->text.len; i++)
		if (w->text.ptr[i] == '-')
			at = i;
	if (at == SIZE_MAX)
		return;
	struct str tail = str_sub(w->text, at + 1, w->text.len);
	uint32_t weights[WORDNET_POS] = { 0 };
	if (w->n == 0 && wordnet_is_there(wn))
		wordnet_weights(wn, tail, weights);
	w->a += 2;
	w->n += weights[WORDNET_NOUN] > weights[WORDNET_ADJECTIVE] ? 2 : 0;
	if (is_plural_ending(tail)) {
		w->is_plural = true;
		w->n += 4;
	}
}

void word_weigh(struct arena *a, const struct wordnet *wn, struct word *w)
{
	uint32_t c[WORDNET_POS] = { 0 };
	wordnet_weights(wn, w->text, c);
	w->n = c[WORDNET_NOUN];
	w->v = c[WORDNET_VERB];
	w->a = c[WORDNET_ADJECTIVE];
	w->r = c[WORDNET_ADVERB];
	weigh_inflected(a, wn, w);
	if (one_of(w->text, irregular_past)) {
		w->is_past = true;
		w->v += 10;
	}
	if (one_of(w->text, irregular_plural))
		w->is_plural = true;
	weigh_compound(wn, w);
	if (w->n + w->v + w->a + w->r == 0)
		guess_by_ending(w);
}
