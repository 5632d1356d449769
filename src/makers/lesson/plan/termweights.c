/* What a candidate weighs: a sum of what is known of it.
 *
 * There are two sets of weights, for texts that explain their terms and for those that use
 * them; a text may lie between.  They were set by hand after a logistic regression on chapters
 * of textbooks and on python3.11-doc; tests/bench/eval_terms.py measures them.
 *
 * Tried and left out: how many terms the text introduces, as a sign of a textbook; whether WordNet
 * lists a phrase (it lists "gas station" as well as "opportunity cost"); endings shared with other
 * candidates; where in the text a term stands first; weights climbed on the recall itself, which
 * were worse on the books left out.
 */
#include <math.h>

#include "makers/lesson/plan/keyterms.h"

enum { FAMILY_MAX = 4 };

static const double COMMON = 0.2; /* the rarity of a word that WordNet met 50 times */

struct weights {
	double whole, count, blocks, rarity, common;
	double any_cue, two_cues, cue[CUE_KINDS], lead;
	double fresh, title, heading, set_off;
	double several, many, family, generic_head;
	double is_name, is_generic, is_loose, is_unlikely, is_upper, is_short, is_spelled_out;
};

/* Where a text defines its terms as it goes, what it defines is what its glossary lists … */
static const struct weights textbook = {
	.whole = 0.4,
	.count = 0.45,
	.blocks = -0.5,
	.rarity = 0.7,
	.common = -0.65,
	.any_cue = 1,
	.two_cues = 0.7,
	.cue = { [CUE_DEFINED] = 0.9,
	         [CUE_NAMED] = 1.1,
	         [CUE_GLOSSED] = 0.5,
	         [CUE_ALIAS] = -0.2,
	         [CUE_LISTED] = 0,
	         [CUE_ANSWER] = 1.2,
	         [CUE_TOPIC] = 1.65 },
	.lead = 0.45,
	.fresh = 0.65,
	.title = 0.7,
	.heading = 1.4,
	.set_off = 0.6,
	.several = 0.15,
	.many = -0.65,
	.family = 0.4,
	.generic_head = -0.2,
	.is_name = -1.5,
	.is_generic = -0.5,
	.is_loose = 0,
	.is_unlikely = -0.4,
	.is_upper = -1.2,
	.is_short = -0.8,
	.is_spelled_out = 0.3,
};

/* … and where it uses terms that are explained elsewhere, how often it does. */
static const struct weights manual = {
	.whole = 0.3,
	.count = 2.5,
	.blocks = 1.3,
	.rarity = 1.3,
	.any_cue = 1.9,
	.two_cues = 0.3,
	.cue = { [CUE_DEFINED] = 0.9,
	         [CUE_NAMED] = 1.1,
	         [CUE_GLOSSED] = 0.8,
	         [CUE_ALIAS] = -0.5,
	         [CUE_LISTED] = -0.7,
	         [CUE_ANSWER] = 0.2,
	         [CUE_TOPIC] = 1 },
	.fresh = 0.3,
	.title = 1.2,
	.heading = 0.5,
	.set_off = 0.6,
	.several = -0.5,
	.generic_head = -1,
	.is_name = -1,
	.is_generic = -1,
	.is_loose = -0.5,
	.is_unlikely = -1,
};

static double cue_weight(const struct candidate *c, const struct weights *w)
{
	double sum = 0;
	uint32_t n = 0;
	for (int i = 0; i < CUE_KINDS; i++) {
		sum += w->cue[i] * (c->cues[i] > 0);
		n += i <= CUE_LISTED && c->cues[i] > 0;
	}
	return sum + w->any_cue * (n > 0) + w->two_cues * (n > 1) + w->lead * (c->n_lead > 0) +
	       w->fresh * c->is_fresh;
}

static double weigh_words(const struct candidate *c, const struct weights *w)
{
	double x = w->rarity * c->rarity + w->several * (c->n_tokens > 1) +
	           w->many * (c->n_tokens > 2);
	x += w->common * (c->n_tokens == 1 && c->rarity < COMMON) +
	     w->generic_head * c->has_generic_head;
	x += w->is_name * c->is_name + w->is_generic * c->is_generic + w->is_loose * c->is_loose;
	return x + w->is_unlikely * c->is_unlikely + w->is_upper * c->is_upper +
	       w->is_short * c->is_short + w->is_spelled_out * c->is_spelled_out;
}

static double weigh(const struct candidate *c, const struct weights *w)
{
	double x = w->whole * log2(1 + c->n_whole) + w->count * log2(1 + c->count) +
	           w->blocks * log2(1 + c->n_blocks);
	x += w->title * c->is_title + w->heading * c->is_heading + w->set_off * c->is_set_off;
	x += w->family * log2(1 + fmin(c->n_family, FAMILY_MAX));
	return x + cue_weight(c, w) + weigh_words(c, w);
}

/* The last word of a phrase of several; the phrase itself of one. */
static struct str head_of(struct str key)
{
	for (size_t i = key.len; i > 0; i--)
		if (key.ptr[i - 1] == ' ')
			return str_sub(key, i, key.len);
	return key;
}

static bool is_introduced(const struct candidate *c)
{
	for (int i = 0; i < CUE_KINDS; i++)
		if (c->cues[i] > 0)
			return true;
	return false;
}

/* "elastic cartilage", "hyaline cartilage", …: terms come in families.  How many others that
 * the text introduces end in the same word. */
static void count_families(struct candidates *t)
{
	for (struct candidate *c = t->first; c; c = c->next) {
		struct candidate *head = candidate_find(t, head_of(c->key));
		if (head && c->n_tokens > 1 && is_introduced(c))
			head->n_children++;
	}
	for (struct candidate *c = t->first; c; c = c->next) {
		struct candidate *head = candidate_find(t, head_of(c->key));
		if (head && c->n_tokens > 1)
			c->n_family = head->n_children - is_introduced(c);
	}
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
	count_families(t);
	for (struct candidate *c = t->first; c; c = c->next)
		c->score = share * weigh(c, &textbook) + (1 - share) * weigh(c, &manual);
}
