/* Abbreviations with their long form: "Trusted Platform Module (TPM)".  The letters before the
 * bracket must be the initials of the words before it (after Schwartz and Hearst 2003). */
#include "makers/lesson/plan/plan.h"

struct initials { /* where the words before a bracket begin, last first */
	uint32_t token;
	char letter;
	bool is_small;
};

static size_t read_initials(const struct sentence *s, uint32_t end, struct initials *ret,
                            size_t max)
{
	size_t n = 0;
	for (uint32_t i = end; i > 0 && n < max; i--) {
		const struct token *t = &s->tokens[i - 1];
		if (t->tag == TAG_PUNCT) {
			if (one_of(t->word->text, ", . : ; ( )"))
				break;
			continue;
		}
		bool is_small = one_of(t->word->text, "of and the for to in on with");
		struct str w = t->word->text;
		for (size_t k = w.len; k > 0 && n < max; k--)
			if (k == 1 || w.ptr[k - 2] == '-' || w.ptr[k - 2] == '.')
				if (w.ptr[k - 1] != '.')
					ret[n++] =
					        (struct initials){ i - 1, w.ptr[k - 1], is_small };
	}
	return n;
}

/* First token of the words before `end` whose initials spell the abbreviation. */
static bool spell_out(const struct sentence *s, uint32_t end, struct str abbr, uint32_t *from)
{
	struct initials x[24];
	size_t n = read_initials(s, end, x, ARRAY_LEN(x)), at = 0;
	size_t left = abbr.len;
	uint32_t start = end;
	while (left > 0 && at < n) {
		char want = abbr.ptr[left - 1];
		bool is_next = x[at].is_small && at + 1 < n && x[at + 1].letter == want;
		if (x[at].letter == want && !is_next) {
			start = x[at].token;
			left--;
		} else if (!x[at].is_small) {
			return false;
		}
		at++;
	}
	*from = start;
	return left == 0 && (at >= n || x[at].token != start);
}

static struct str abbreviation_letters(const struct sentence *s, uint32_t i)
{
	struct str w = low(s, i);
	if (w.len > 2 && s->text.ptr[s->tokens[i].at + s->tokens[i].len - 1] == 's')
		w.len--;
	return w;
}

static void link_alias(struct arena *a, struct lexicon *l, struct terms *ts, struct fact *f)
{
	struct term *x = terms_lookup(ts, normal_form(a, l, f->term));
	struct term *y = terms_lookup(ts, normal_form(a, l, f->definition));
	if (x) {
		x->expansion = f->definition;
		x->alias = y;
		f->known = x;
	}
	if (y)
		y->alias = x;
}

static bool is_known_expansion(const struct terms *ts, struct str abbr)
{
	for (const struct fact *f = ts->facts; f; f = f->next)
		if (f->kind == FACT_EXPANSION && str_eq(f->term, abbr))
			return true;
	return false;
}

void abbreviations_find(struct arena *a, struct lexicon *l, struct terms *ts, struct sentence *s)
{
	for (uint32_t i = 2; i + 1 < s->n; i++) {
		uint32_t from;
		if (!one_of(low(s, i - 1), "(") || !one_of(low(s, i + 1), ")"))
			continue;
		if (!token_is_abbreviation(s, i) ||
		    !spell_out(s, i - 1, abbreviation_letters(s, i), &from))
			continue;
		uint32_t to = i - 1;
		while (to > from && tag_at(s, to - 1) == TAG_PUNCT)
			to--;
		struct str abbr = sentence_span(s, i, i + 1);
		if (to - from < 2 || is_known_expansion(ts, abbr))
			continue;
		struct fact *f =
		        fact_add(a, ts, FACT_EXPANSION, s, abbr, sentence_span(s, from, to));
		f->from = i;
		f->to = i + 1;
		f->score = 1;
		link_alias(a, l, ts, f);
	}
}
