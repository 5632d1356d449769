/* Numbers to be matched with what they count.
 *
 *	"Match each number with what it counts in the text."   56 = cards
 *
 * A thing is in the match only when the text counts it once: where eleven participants
 * fall into four and seven, nobody knows which is meant.
 */
#include "makers/lesson/plan/plan.h"

enum { PAIRS_MIN = 3, PAIRS_MAX = 4, COUNTED_WORDS_MAX = 9 };

struct counted {
	struct sentence *sentence;
	struct str number, thing;
	const struct word *head;
};

static bool is_article(struct str w)
{
	return one_of(w, "the a an each every");
}

/* "days from the date of submission", "submissions per month": what hangs on the noun. */
static uint32_t thing_end(const struct sentence *s, uint32_t end)
{
	for (int parts = 0; parts < 2; parts++) {
		if (!one_of(low(s, end), "of per for from in across on") || end + 1 >= s->n)
			return end;
		uint32_t from = end + 1 + (is_article(low(s, end + 1)) ? 1 : 0);
		uint32_t next = phrase_end(s, from);
		if (next == from || s->tokens[from].is_capital)
			return end;
		end = next;
	}
	return end;
}

/* The number at i and the plural noun behind it. */
static bool read_count(struct sentence *s, uint32_t i, struct counted *ret)
{
	uint32_t to;
	if (!number_at(s, i, &to) || (i > 0 && one_of(low(s, i - 1), "the these those both top")))
		return false;
	uint32_t end = phrase_end(s, to);
	if (end == to || !s->tokens[end - 1].word->is_plural || s->tokens[to].word->is_stop)
		return false;
	uint32_t last = thing_end(s, end);
	if (tag_at(s, last) == TAG_VERB || tag_at(s, last) == TAG_WH ||
	    one_of(low(s, last), "that"))
		return false; /* "two reports per month intended for others": cut short */
	ret->sentence = s;
	ret->number = sentence_span(s, i, to);
	ret->thing = sentence_span(s, to, last);
	ret->head = s->tokens[end - 1].word;
	bool is_unit = one_of(ret->head->text, "days hours minutes seconds weeks months years "
	                                       "bytes times percent ways parts things");
	return words_in(ret->thing) <= COUNTED_WORDS_MAX && (!is_unit || last > end);
}

/* Whether the text counts this noun with another number, too. */
static bool is_counted_otherwise(const struct planner *p, const struct counted *c)
{
	for (const struct sentence *s = p->doc->sentences; s; s = s->next)
		for (uint32_t i = 0; i + 1 < s->n; i++) {
			if (s->tokens[i].tag != TAG_NUMBER && !one_of(low(s, i), "no both"))
				continue;
			uint32_t end = phrase_end(s, i + 1);
			if (end > i + 1 && s->tokens[end - 1].word->stem_id == c->head->stem_id &&
			    !str_eq_nocase(sentence_span(s, i, i + 1), c->number))
				return true;
		}
	return false;
}

static bool is_alike(const struct planner *p, const struct question *q, const struct counted *c)
{
	for (size_t i = 0; i < q->n_pairs; i++)
		if (q->pairs[i].sentence == c->sentence || str_eq(q->pairs[i].left, c->number) ||
		    span_stands_in(p->arena, p->lexicon, q->pairs[i].right, c->thing) ||
		    span_stands_in(p->arena, p->lexicon, c->thing, q->pairs[i].right))
			return true;
	return false;
}

void match_counts(struct planner *p, struct questions *all)
{
	struct question q = { .score = 0.7 };
	struct buf b = BUF_INIT(3600);
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		for (uint32_t i = s->lead; s->is_whole && i + 1 < s->n; i++) {
			struct counted c;
			if (q.n_pairs < PAIRS_MAX && !s->block->is_aside &&
			    !s->block->section->is_aside && !is_hedged(s) && read_count(s, i, &c) &&
			    !is_counted_otherwise(p, &c) && !is_alike(p, &q, &c))
				q.pairs[q.n_pairs++] =
				        (struct pair){ c.number, c.thing, s->text, s };
		}
	if (q.n_pairs >= PAIRS_MIN) {
		struct question *kept = question_add(p, all, Q_MATCH, q.pairs[0].sentence, q.score);
		memcpy(kept->pairs, q.pairs, sizeof(q.pairs));
		kept->n_pairs = q.n_pairs;
		kept->sentence = NULL;
		for (size_t i = 0; i < q.n_pairs; i++)
			buf_addf(&b, "%s" STR_FMT, i ? " " : "", STR_ARG(q.pairs[i].source));
		kept->explanation = str_dup(p->arena, buf_str(&b));
		kept->prompt = STR("Match each number with what it counts in the text.");
		kept->difficulty = 2;
	}
	buf_fini(&b);
}
