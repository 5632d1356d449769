/* Which sentences carry the text: SumBasic (a sentence weighs as much as its words do on
 * average, and what a chosen sentence has said weighs less afterwards), with a bonus for
 * the places where writers put what matters: the head of a section, of a paragraph.
 * Linear in the length of the text. */
#include "makers/lesson/plan/plan.h"

enum { SUMMARY_BYTES_MAX = 1200 };

static double *stem_shares(struct arena *a, const struct lexicon *l, const struct doc *d)
{
	double *p = arena_new(a, double, lexicon_stems(l) + 1);
	double all = 0;
	for (const struct sentence *s = d->sentences; s; s = s->next)
		for (uint32_t i = 0; i < s->n; i++) {
			const struct token *t = &s->tokens[i];
			if (t->tag == TAG_PUNCT || t->word->is_stop)
				continue;
			p[t->word->stem_id] += 1;
			all += 1;
		}
	for (uint32_t i = 0; all > 0 && i < lexicon_stems(l); i++)
		p[i] /= all;
	return p;
}

static double weight(const struct sentence *s, const double *p)
{
	double sum = 0;
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct token *t = &s->tokens[i];
		if (t->tag == TAG_PUNCT || t->word->is_stop)
			continue;
		sum += p[t->word->stem_id];
		n++;
	}
	double mean = n > 3 ? sum / n : sum / 6;
	if (s->block->first == s)
		mean *= 1.25;
	if (s->is_first_person)
		mean *= 0.85;
	return s->is_sound ? mean * 1.7 : mean;
}

static void forget(const struct sentence *s, double *p)
{
	for (uint32_t i = 0; i < s->n; i++)
		p[s->tokens[i].word->stem_id] *= p[s->tokens[i].word->stem_id];
}

static struct sentence *first_of(const struct doc *d, const struct section *head)
{
	for (struct sentence *s = d->sentences; s; s = s->next)
		if (s->block->section->parent == head)
			return s;
	return NULL;
}

static bool is_in(const struct sentence *s, const struct section *head)
{
	return s->block->section->parent == head || s->block->section->is_aside;
}

static struct sentence *best_of(struct sentence *first, const struct section *head, const double *p)
{
	struct sentence *best = NULL;
	double best_weight = 0;
	bool is_head = true;
	for (struct sentence *s = first; s && is_in(s, head); s = s->next) {
		if (!s->is_whole || s->is_used || s->n_words > 45)
			continue;
		double w = weight(s, p) * (is_head ? 1.2 : 1.0);
		is_head = false;
		if (w > best_weight) {
			best_weight = w;
			best = s;
		}
	}
	return best;
}

/* Up to n whole sentences, in the order of the text. */
static struct str summarise(struct arena *a, struct sentence *first, const struct section *head,
                            double *p, int n)
{
	struct buf b = BUF_INIT(SUMMARY_BYTES_MAX);
	for (int i = 0; i < n; i++) {
		struct sentence *s = best_of(first, head, p);
		if (!s)
			break;
		s->is_used = true;
		forget(s, p);
	}
	for (struct sentence *s = first; s && is_in(s, head); s = s->next) {
		if (!s->is_used || b.len + s->text.len + 1 > SUMMARY_BYTES_MAX)
			continue;
		if (b.len > 0)
			buf_addc(&b, ' ');
		buf_add(&b, s->text);
	}
	for (struct sentence *s = first; s && is_in(s, head); s = s->next)
		s->is_used = false;
	struct str ret = str_dup(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

void sentences_rank(struct arena *a, const struct lexicon *l, struct doc *d)
{
	double *p = stem_shares(a, l, d);
	double max = 0;
	for (struct sentence *s = d->sentences; s; s = s->next) {
		s->rank = weight(s, p);
		if (s->is_whole && s->rank > max)
			max = s->rank;
	}
	for (struct sentence *s = d->sentences; s; s = s->next)
		s->rank = max > 0 && s->rank < max ? s->rank / max : 1;
	for (struct section *x = d->sections; x; x = x->next)
		if (x->index > 0 && !x->is_aside)
			x->summary = summarise(a, first_of(d, x), x, p, x->words > 350 ? 3 : 2);
}
