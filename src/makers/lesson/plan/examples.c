/* Questions about what is named side by side: examples and enumerations (namings.c).
 *
 *	"…, such as X, Y, or Z"     "Which of these does the text name as an example of …?"
 *	"Bots monitor X, Y, and Z"  "According to the text, which of these do bots monitor?"
 *
 * The key is one of the things named.  The alternatives are of the same form: things that
 * other sentences name side by side, or gerunds of theirs; with fewer than three of them the
 * question is left, for what is not in the key's matter is soon found among two.
 */
#include "makers/lesson/plan/namings.h"

enum { ALTERNATIVES_MIN = 3 };

static bool is_gerund_part(const struct sentence *s, const struct part *x)
{
	return s->tokens[x->from].word->is_gerund;
}

static bool is_plural_part(const struct sentence *s, const struct part *x)
{
	return s->tokens[x->to - 1].word->is_plural;
}

static bool shares_word(const struct sentence *s, const struct sentence *o, const struct part *x)
{
	for (uint32_t i = x->from; i < x->to; i++)
		for (uint32_t k = 0; k < s->n && !o->tokens[i].word->is_stop; k++)
			if (s->tokens[k].word->stem_id == o->tokens[i].word->stem_id)
				return true;
	return false;
}

/* What other sentences name side by side, far enough from this one. */
static void distract_part(const struct namings *all, const struct naming *x, const struct part *key,
                          struct distractors *d)
{
	const struct sentence *s = x->sentence;
	uint32_t words = words_in(part_text(s, key));
	for (size_t i = 0; i < all->n; i++) {
		const struct naming *y = &all->list[i];
		const struct sentence *o = y->sentence;
		if (o->block == s->block || shared_stems(s, o) > 2)
			continue;
		for (size_t k = 0; k < y->n && d->n < 3; k++) {
			const struct part *z = &y->parts[k];
			uint32_t n = words_in(part_text(o, z));
			if (is_gerund_part(o, z) != is_gerund_part(s, key) ||
			    (!is_gerund_part(s, key) &&
			     is_plural_part(o, z) != is_plural_part(s, key)) ||
			    n > 2 * words + 1 || words > 2 * n + 1 || shares_word(s, o, z))
				continue;
			d->text[d->n++] = part_text(o, z);
			break; /* one of each: they must not form a group of their own */
		}
	}
}

static struct str naming_prompt(struct planner *p, const struct naming *x)
{
	struct sentence *s = x->sentence;
	struct clause c;
	if (x->head_to > 0)
		return str_fmt(
		        p->arena,
		        "Which of these does the text name as an example of \xe2\x80\x9c" STR_FMT
		        "\xe2\x80\x9d?",
		        STR_ARG(say_inside(p, s, x->head_from, x->head_to)));
	if (!clause_at(s, s->lead, s->n, &c))
		return (struct str){ "", 0 };
	c.to = x->at;
	struct str asked = str_trim(inverted(p, s, &c));
	return asked.len == 0
	               ? asked
	               : str_fmt(p->arena, "According to the text, which of these " STR_FMT "?",
	                         STR_ARG(asked));
}

static bool can_be_key(struct planner *p, const struct naming *x, const struct part *part)
{
	const struct sentence *s = x->sentence;
	struct str text = part_text(s, part);
	struct str head =
	        x->head_to > 0 ? sentence_span(s, x->head_from, x->head_to) : (struct str){ "", 0 };
	return text.len >= 4 && stands_once(s, text) &&
	       !span_stands_in(p->arena, p->lexicon, text, head);
}

static void ask_naming(struct planner *p, struct questions *all, const struct namings *namings,
                       const struct naming *x)
{
	struct sentence *s = x->sentence;
	struct distractors best = { .n = 0 };
	const struct part *key = NULL;
	for (size_t i = 0; i < x->n; i++) {
		struct distractors d = { .n = 0 };
		const struct part *part = &x->parts[i];
		if (!can_be_key(p, x, part))
			continue;
		distract_part(namings, x, part, &d);
		if (d.n > best.n) {
			best = d;
			key = part;
		}
	}
	struct str prompt =
	        best.n >= ALTERNATIVES_MIN ? naming_prompt(p, x) : (struct str){ "", 0 };
	if (prompt.len == 0)
		return;
	struct question *q = question_add(p, all, Q_CHOICE, s, sentence_worth(s) + 0.5);
	q->prompt = prompt;
	q->answer = part_text(s, key);
	q->distractors = best;
	q->difficulty = 2;
	q->explanation = text_says(p, s->text);
}

void ask_examples(struct planner *p, struct questions *all)
{
	const struct namings *namings = namings_find(p);
	for (size_t i = 0; i < namings->n; i++) {
		struct sentence *s = namings->list[i].sentence;
		bool is_list = namings->list[i].at < s->n;
		if (is_list && s->is_sound && can_be_put(s) && !is_imperative(s))
			ask_naming(p, all, namings, &namings->list[i]);
	}
}
