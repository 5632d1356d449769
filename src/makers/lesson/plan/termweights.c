/* What a candidate weighs: a sum of what is known of it.
 *
 * There are two sets of weights, for texts that explain their terms and for those that use
 * them; a text may lie between.  They were set by hand after a logistic regression on chapters
 * of four textbooks and on python3.11-doc; tests/bench/eval_terms.py measures them.
 *
 * Tried and left out: how many terms the text introduces, as a sign of a textbook; whether WordNet
 * lists a phrase (it lists "gas station" as well as "opportunity cost"), the number of tokens
 * beyond two, more for a second cue of a kind.
 */
#include <math.h>

#include "makers/lesson/plan/keyterms.h"

struct weights {
	double whole, count, blocks, rarity;
	double cue[CUE_KINDS];
	double fresh, title, heading, set_off, several;
	double is_name, is_generic, is_loose, is_unlikely, is_upper;
};

/* Where a text defines its terms as it goes, what it defines is what its glossary lists … */
static const struct weights textbook = {
	.whole = 1.3,
	.count = 0.1,
	.blocks = -0.4,
	.rarity = 1.4,
	.cue = { [CUE_DEFINED] = 2.9,
	         [CUE_NAMED] = 3.1,
	         [CUE_GLOSSED] = 2.4,
	         [CUE_ALIAS] = 1.4,
	         [CUE_LISTED] = 1.2,
	         [CUE_ANSWER] = 1.7,
	         [CUE_TOPIC] = 2.1 },
	.fresh = 0.7,
	.title = 1.2,
	.heading = 1,
	.set_off = 0.3,
	.several = 1.1,
	.is_name = -0.8,
	.is_generic = -1.1,
	.is_loose = -0.7,
	.is_unlikely = -0.6,
	.is_upper = -1,
};

/* … and where it uses terms that are explained elsewhere, how often it does. */
static const struct weights manual = {
	.whole = 0.3,
	.count = 2.5,
	.blocks = 1.3,
	.rarity = 1.3,
	.cue = { [CUE_DEFINED] = 2.8,
	         [CUE_NAMED] = 3,
	         [CUE_GLOSSED] = 2.7,
	         [CUE_ALIAS] = 1.4,
	         [CUE_LISTED] = 1.2,
	         [CUE_ANSWER] = 0.2,
	         [CUE_TOPIC] = 1 },
	.fresh = 0.3,
	.title = 1.2,
	.heading = 0.5,
	.set_off = 0.6,
	.several = -0.5,
	.is_name = -1,
	.is_generic = -1,
	.is_loose = -0.5,
	.is_unlikely = -1,
};

/* What introduces a term counts once, the best of it; a second cue adds little. */
static double cue_weight(const struct candidate *c, const struct weights *w)
{
	double best = 0;
	for (int i = CUE_DEFINED; i <= CUE_LISTED; i++)
		if (c->cues[i] > 0)
			best = fmax(best, w->cue[i]) + (best > 0 ? 0.3 : 0);
	return best + w->cue[CUE_ANSWER] * (c->cues[CUE_ANSWER] > 0) +
	       w->cue[CUE_TOPIC] * (c->cues[CUE_TOPIC] > 0);
}

static double weigh(const struct candidate *c, const struct weights *w)
{
	double x = w->whole * log2(1 + c->n_whole) + w->count * log2(1 + c->count) +
	           w->blocks * log2(1 + c->n_blocks) + w->rarity * c->rarity;
	x += cue_weight(c, w) + w->fresh * c->is_fresh + w->title * c->is_title +
	     w->heading * c->is_heading;
	x += w->set_off * c->is_set_off + w->several * (c->n_tokens > 1);
	return x + w->is_name * c->is_name + w->is_generic * c->is_generic +
	       w->is_loose * c->is_loose + w->is_unlikely * c->is_unlikely +
	       w->is_upper * c->is_upper;
}

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

/* snake_case, camelCase, os.path; but GitHub is a name, and example.org a place to go. */
static bool is_identifier(struct str w)
{
	size_t dot = SIZE_MAX;
	for (size_t i = 1; i + 1 < w.len; i++) {
		if (w.ptr[i] == '_' || (is_small(w.ptr[0]) && w.ptr[i] >= 'A' && w.ptr[i] <= 'Z'))
			return true;
		if (w.ptr[i] == '.' && is_small(w.ptr[i - 1]) && is_small(w.ptr[i + 1]))
			dot = i;
	}
	return dot != SIZE_MAX && dot > 1 && dot + 2 < w.len &&
	       !one_of(str_sub(w, dot + 1, w.len), "com edu gov mil net org");
}

/* Identifiers, calls and options, per 1,000 words. */
static double code_in(const struct doc *d)
{
	double n = 0;
	for (const struct sentence *s = d->sentences; s; s = s->next)
		for (uint32_t i = 0; i < s->n; i++) {
			struct str w = str_sub(s->text, s->tokens[i].at, s->tokens[i].len);
			bool is_pair = i + 1 < s->n && !s->tokens[i + 1].has_gap &&
			               ((str_eqz(w, "(") && one_of(low(s, i + 1), ")")) ||
			                (str_eqz(w, "-") && one_of(low(s, i + 1), "-")));
			n += is_pair || is_identifier(w);
		}
	return 1000 * n / (1 + d->n_words);
}

static double ramp(double x, double from, double to)
{
	return fmax(0, fmin(1, (x - from) / (to - from)));
}

/* 1 for a text that explains its terms as it goes, 0 for one that uses terms explained
 * elsewhere: a manual, which its identifiers give away. */
static double share_of_textbook(const struct doc *d)
{
	return 1 - ramp(code_in(d), 0.5, 3);
}

void candidates_weigh(struct candidates *t)
{
	double share = share_of_textbook(t->p->doc);
	for (struct candidate *c = t->first; c; c = c->next)
		c->score = share * weigh(c, &textbook) + (1 - share) * weigh(c, &manual);
}
