/* Plausible but false alternatives.
 *
 * A term's come from the text: same kind, same number, same sort of thing, and never
 * joined with the right answer, used near the sentence or said about the same matter, so
 * that the text itself does not make them right.  A number's keep its format and are no
 * number of the text.  An abbreviation's change one word for another of that initial.
 */
#include "makers/lesson/plan/plan.h"

enum { LEXNAME_UNKNOWN = 255 };

bool span_stands_in(struct arena *a, struct lexicon *l, struct str span, struct str text)
{
	struct str x = normal_form(a, l, span), y = normal_form(a, l, text);
	if (x.len == 0)
		return false;
	for (size_t at = str_find(y, x, 0); at != SIZE_MAX; at = str_find(y, x, at + 1)) {
		bool is_start = at == 0 || y.ptr[at - 1] == ' ';
		bool is_end = at + x.len == y.len || y.ptr[at + x.len] == ' ';
		if (is_start && is_end)
			return true;
	}
	return false;
}

/* --- Terms --- */

enum sort { SORT_OTHER, SORT_BODY, SORT_PERSON, SORT_PLACE };

static enum sort sort_of(const struct planner *p, const struct term *t)
{
	static const char bodies[] = "agency department institute office bureau foundation "
	                             "administration center centre university alliance corporation "
	                             "council community ministry commission committee service "
	                             "services company library museum archives institutes fund";
	struct str long_form = t->expansion.len > 0 ? t->expansion : t->text;
	struct str rest = lower_case(p->arena, long_form), word;
	while (rest.len > 0) {
		word = str_cut(rest, ' ', &rest);
		bool is_head = rest.len == 0 || str_starts(rest, STR("of ")) ||
		               str_starts(rest, STR("for "));
		if (is_head && one_of(word, bodies))
			return SORT_BODY;
	}
	if (t->kind == TERM_COMMON)
		return SORT_OTHER;
	uint8_t k = wordnet_lexname(p->wordnet, lower_case(p->arena, t->text));
	if (k == 0 && t->n_tokens > 1)
		k = wordnet_lexname(p->wordnet, t->head->text);
	return k == 15 ? SORT_PLACE : k == 18 ? SORT_PERSON : SORT_OTHER;
}

bool is_of_known_sort(const struct planner *p, const struct term *t)
{
	return sort_of(p, t) != SORT_OTHER;
}

bool is_place_name(const struct planner *p, const struct term *t)
{
	return t->kind == TERM_NAME && sort_of(p, t) == SORT_PLACE;
}

static bool shares_word(struct str a, struct str b) /* of two normal forms */
{
	while (a.len > 0) {
		struct str w = str_cut(a, ' ', &a);
		struct str rest = b;
		while (rest.len > 0)
			if (str_eq(str_cut(rest, ' ', &rest), w) && w.len > 2)
				return true;
	}
	return false;
}

uint32_t shared_stems(const struct sentence *a, const struct sentence *b)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < a->n; i++) {
		if (a->tokens[i].tag == TAG_PUNCT || a->tokens[i].word->is_stop)
			continue;
		for (uint32_t k = 0; k < b->n; k++)
			if (b->tokens[k].tag != TAG_PUNCT &&
			    a->tokens[i].word->stem_id == b->tokens[k].word->stem_id) {
				n++;
				break;
			}
	}
	return n;
}

static const struct sentence *nth(const struct sentence *s, uint32_t index)
{
	while (s && s->index < index)
		s = s->next;
	return s;
}

/* Whether the text brings the candidate close to what the sentence says. */
static bool may_be_true(const struct planner *p, const struct term *t, const struct term *x,
                        const struct sentence *s)
{
	const struct sentence *at = p->doc->sentences;
	for (uint32_t i = 0; i < x->n_places; i++) {
		uint32_t k = x->places[i];
		at = nth(at, k);
		if (!at || at->block == s->block || (k + 1 >= s->index && k <= s->index + 1))
			return true;
		if (shared_stems(s, at) >= 3)
			return true;
		for (uint32_t j = 0; j < t->n_places; j++)
			if (t->places[j] == k)
				return true; /* side by side: siblings that may both be right */
	}
	return false;
}

static double closeness(struct planner *p, const struct term *t, const struct term *x)
{
	double c = 0;
	if (t->kind == TERM_COMMON && x->head->lexname != 0 && x->head->lexname == t->head->lexname)
		c += 2;
	if (t->first->block->section->parent == x->first->block->section->parent)
		c += 0.5;
	c += t->n_tokens == x->n_tokens ? 0.7 : 0;
	c += x->count > 1 ? 0.6 : 0;
	c += ((x->index * 2654435761u ^ p->seed) >> 16 & 0xff) / 2048.0;
	return c;
}

static void know_lexname(struct planner *p, struct word *w)
{
	if (w->lexname != 0)
		return;
	w->lexname = wordnet_lexname(p->wordnet, w->text);
	if (w->lexname == 0 && w->is_plural && w->text.len > 3)
		w->lexname = wordnet_lexname(p->wordnet, str_sub(w->text, 0, w->text.len - 1));
	if (w->lexname == 0 && str_ends(w->text, STR("ies")))
		w->lexname =
		        wordnet_lexname(p->wordnet, str_fmt(p->arena, STR_FMT "y",
		                                            (int)w->text.len - 3, w->text.ptr));
	if (w->lexname == 0)
		w->lexname = LEXNAME_UNKNOWN;
}

static bool same_kind(struct planner *p, const struct term *t, const struct term *x)
{
	if (t->kind != x->kind || t->is_plural != x->is_plural)
		return false;
	if (t->kind != TERM_COMMON)
		return sort_of(p, t) == sort_of(p, x) && (t->n_tokens == 1) == (x->n_tokens == 1) &&
		       (x->count > 1 || t->count == 1 || t->kind == TERM_ABBREVIATION ||
		        x->n_tokens > 1);
	know_lexname(p, x->head);
	know_lexname(p, t->head);
	if (x->has_name != t->has_name)
		return false;
	if (wordnet_is_there(p->wordnet) &&
	    (x->head->lexname != t->head->lexname || x->head->lexname == LEXNAME_UNKNOWN))
		return false;
	if (x->head->is_stop || (t->n_tokens >= 2) != (x->n_tokens >= 2))
		return false;
	return x->n_tokens >= 2 || x->count > 1;
}

static bool is_fair(struct planner *p, const struct term *t, const struct term *x,
                    const struct sentence *s)
{
	if (x == t || x == t->alias || x->text.len > 60 || x->n_tokens > t->n_tokens + 2)
		return false;
	if (!same_kind(p, t, x) || shares_word(t->key, x->key))
		return false;
	if (t->alias && shares_word(t->alias->key, x->key))
		return false;
	if (t->expansion.len > 0 &&
	    shares_word(normal_form(p->arena, p->lexicon, t->expansion), x->key))
		return false;
	if (t->kind == TERM_COMMON &&
	    wordnet_are_synonyms(p->wordnet, t->head->text, x->head->text))
		return false;
	if (span_stands_in(p->arena, p->lexicon, x->text, s->text))
		return false;
	return !may_be_true(p, t, x, s);
}

static bool is_distinct(struct planner *p, const struct distractors *d, const struct term *x)
{
	for (size_t i = 0; i < d->n; i++)
		if (str_eq(normal_form(p->arena, p->lexicon, d->text[i]), x->key) ||
		    shares_word(normal_form(p->arena, p->lexicon, d->text[i]), x->key) ||
		    (x->alias &&
		     shares_word(normal_form(p->arena, p->lexicon, d->text[i]), x->alias->key)))
			return false;
	return true;
}

static void distract_from_wordnet(struct planner *p, const struct term *t, const struct sentence *s,
                                  struct distractors *ret)
{
	struct str sib[64];
	if (t->kind != TERM_COMMON || t->n_tokens != 1 || t->is_plural)
		return;
	size_t n = wordnet_siblings(p->wordnet, p->arena, t->head->text, sib, ARRAY_LEN(sib));
	for (size_t i = 0; i < n && ret->n < 3; i++) {
		uint32_t w[WORDNET_POS];
		wordnet_weights(p->wordnet, sib[i], w);
		bool is_vowel = strchr("aeiou", sib[i].ptr[0]) != NULL;
		if (w[WORDNET_NOUN] < 20 || is_vowel != t->is_vowel ||
		    span_stands_in(p->arena, p->lexicon, sib[i], s->text) ||
		    lexicon_word(p->lexicon, sib[i])->count > 0)
			continue;
		ret->text[ret->n++] = sib[i];
	}
}

void distract_term(struct planner *p, const struct term *t, const struct sentence *s,
                   struct distractors *ret)
{
	ret->n = 0;
	if (t->kind == TERM_NAME && sort_of(p, t) == SORT_OTHER)
		return; /* names of unlike things make no fair choice */
	for (int round = 0; round < 3; round++) {
		const struct term *best = NULL;
		double best_score = 0;
		for (const struct term *x = p->terms->first; x; x = x->next) {
			if (x->kind != t->kind || x->is_plural != t->is_plural ||
			    x->is_vowel != t->is_vowel)
				continue;
			double c = closeness(p, t, x);
			if (c <= best_score || !is_distinct(p, ret, x) || !is_fair(p, t, x, s))
				continue;
			best = x;
			best_score = c;
		}
		if (!best)
			break;
		ret->text[ret->n++] = best->text;
	}
	if (ret->n == 2)
		distract_from_wordnet(p, t, s, ret);
}
