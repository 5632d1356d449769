/* Which sentences carry the text: SumBasic (a sentence weighs as much as its words do on
 * average), with a bonus for the place where writers put what matters, the head of a
 * paragraph.
 * Linear in the length of the text. */
#include "makers/lesson/plan/plan.h"

double *stem_shares(struct arena *a, const struct lexicon *l, const struct doc *d)
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

double sentence_weight(const struct sentence *s, const double *p)
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

void sentences_rank(struct arena *a, const struct lexicon *l, struct doc *d)
{
	double *p = stem_shares(a, l, d);
	double max = 0;
	for (struct sentence *s = d->sentences; s; s = s->next) {
		s->rank = sentence_weight(s, p);
		if (s->is_whole && s->rank > max)
			max = s->rank;
	}
	for (struct sentence *s = d->sentences; s; s = s->next)
		s->rank = max > 0 && s->rank < max ? s->rank / max : 1;
}
