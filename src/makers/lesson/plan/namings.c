/* Finds what the text names side by side:
 *
 *	"…, such as X, Y, or Z"     examples of what stands before
 *	"Bots monitor X, Y, and Z"  an enumeration to the end of the sentence
 *	"of making a cup of coffee" a gerund: an alternative to examples of that form
 *
 * A list that cannot be cut into whole parts is left.
 */
#include "makers/lesson/plan/namings.h"

enum { PART_WORDS_MAX = 9, ENUMERATED_MIN = 3 };

static bool ends_list(const struct sentence *s, uint32_t i)
{
	return i >= s->n || one_of(low(s, i), ". )");
}

static bool starts_clause(const struct sentence *s, uint32_t i)
{
	enum tag t = tag_at(s, i);
	return t == TAG_WH || one_of(low(s, i), "that so but because while if which who where");
}

/* A noun phrase or a gerund with what belongs to it: nothing that begins a clause. */
static bool is_part(const struct sentence *s, const struct part *x)
{
	if (x->from >= x->to || words_in(sentence_span(s, x->from, x->to)) > PART_WORDS_MAX)
		return false;
	for (uint32_t i = x->from; i < x->to; i++) {
		enum tag t = tag_at(s, i);
		if (starts_clause(s, i) || t == TAG_BE || t == TAG_MODAL || t == TAG_HAVE ||
		    t == TAG_DO || t == TAG_NOT || t == TAG_PUNCT ||
		    (t == TAG_PRONOUN && !one_of(low(s, i), "someone")) ||
		    one_of(low(s, i), "this these those more other others their its my our your "
		                      "etc well"))
			return false;
	}
	enum tag first = tag_at(s, x->from), last = tag_at(s, x->to - 1);
	bool is_verb = first == TAG_VERB && !s->tokens[x->from].word->is_gerund;
	return !is_verb && first != TAG_PREPOSITION && first != TAG_TO && first != TAG_ADVERB &&
	       (last == TAG_NOUN || last == TAG_PROPER) && says_something(s, x->from, x->to);
}

void naming_read_parts(struct naming *x)
{
	const struct sentence *s = x->sentence;
	struct part part = { x->at, x->at };
	for (uint32_t i = x->at;; i++) {
		bool is_end =
		        ends_list(s, i) || (one_of(low(s, i), ",") && starts_clause(s, i + 1));
		bool is_cut =
		        one_of(low(s, i), ",") || (one_of(low(s, i), "and or") && i > part.from);
		if (!is_end && !is_cut)
			continue;
		part.to = i;
		if (x->n == PARTS_MAX || (!is_part(s, &part) && part.to > part.from)) {
			x->n = x->head_to > 0 ? x->n : 0; /* the first examples are examples */
			return;
		}
		if (part.to > part.from)
			x->parts[x->n++] = part;
		if (is_end)
			return;
		part.from = i + 1;
		while (one_of(low(s, part.from), "and or even"))
			part.from++;
		i = part.from - 1;
	}
}

void naming_read_words(struct naming *x)
{
	const struct sentence *s = x->sentence;
	for (uint32_t i = x->at; i < s->n && x->n < PARTS_MAX; i += 2) {
		while (one_of(low(s, i), "and or"))
			i++;
		enum tag t = tag_at(s, i);
		if (t == TAG_PUNCT || t == TAG_DETERMINER || t == TAG_WH || low(s, i).len < 2)
			return;
		for (size_t k = 0; k < x->n; k++)
			if (s->tokens[x->parts[k].from].word == s->tokens[i].word)
				return;
		bool is_last = one_of(low(s, i - 1), "and or");
		if (!one_of(low(s, i + 1), ",") && !is_last && !one_of(low(s, i + 1), "and or"))
			return; /* a word of something longer */
		x->parts[x->n++] = (struct part){ i, i + 1 };
		if (is_last || !one_of(low(s, i + 1), ","))
			return;
	}
}

/* The plural noun phrase that ends before the cue. */
static bool read_head(struct naming *x, uint32_t cue)
{
	const struct sentence *s = x->sentence;
	uint32_t to = cue;
	if (to > s->lead && one_of(low(s, to - 1), ","))
		to--;
	if (to <= s->lead + 1 || !s->tokens[to - 1].word->is_plural)
		return false;
	uint32_t from = to - 1;
	while (from > s->lead && phrase_end(s, from - 1) == to)
		from--;
	if (one_of(low(s, from), "things ways others examples"))
		return false;
	x->head_from = from;
	x->head_to = to;
	return phrase_end(s, from) == to;
}

static void add_naming(struct namings *all, const struct naming *x)
{
	if (x->n > 0 && all->n < NAMINGS_MAX)
		all->list[all->n++] = *x;
}

static void read_examples(struct namings *all, struct sentence *s)
{
	for (uint32_t i = s->lead + 2; i + 2 < s->n; i++) {
		struct naming x = { .sentence = s };
		bool is_such = one_of(low(s, i), "such") && one_of(low(s, i + 1), "as");
		if (!is_such && !one_of(low(s, i), "including") &&
		    !(one_of(low(s, i), "like") && one_of(low(s, i - 1), ",")))
			continue;
		x.at = is_such ? i + 2 : i + 1;
		if (!read_head(&x, i))
			continue;
		naming_read_parts(&x);
		add_naming(all, &x);
		return;
	}
}

/* What follows the verb, when it is a list to the end of the sentence. */
static void read_enumeration(struct namings *all, struct sentence *s)
{
	struct clause c;
	if (!clause_at(s, s->lead, s->n, &c) || tag_at(s, c.verb) == TAG_BE)
		return;
	struct naming x = { .sentence = s, .at = c.verb + 1 };
	if (tag_at(s, c.verb) == TAG_MODAL && tag_at(s, x.at) == TAG_VERB)
		x.at++;
	else if (tag_at(s, c.verb) != TAG_VERB)
		return;
	naming_read_parts(&x);
	if (x.n >= ENUMERATED_MIN)
		add_naming(all, &x);
}

/* "as making a cup of coffee": an alternative to examples of that form. */
static void read_gerunds(struct namings *all, struct sentence *s)
{
	for (uint32_t i = s->lead + 1; i + 3 < s->n; i++) {
		struct naming x = { .sentence = s, .n = 1, .at = s->n };
		uint32_t to = i + 1;
		if (!s->tokens[i].word->is_gerund || !one_of(low(s, i - 1), "as of for in from on"))
			continue;
		while (to < s->n && tag_at(s, to) != TAG_PUNCT && !one_of(low(s, to), "and or to"))
			to++;
		x.parts[0] = (struct part){ i, to };
		if (to >= i + 3 && is_part(s, &x.parts[0]))
			add_naming(all, &x);
	}
}

struct str part_text(const struct sentence *s, const struct part *x)
{
	return sentence_span(s, x->from, x->to);
}

const struct namings *namings_find(struct planner *p)
{
	struct namings *all = arena_new(p->arena, struct namings, 1);
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_whole && !s->block->is_aside && !s->block->section->is_aside) {
			size_t n = all->n;
			read_examples(all, s);
			if (all->n == n)
				read_enumeration(all, s);
			read_gerunds(all, s);
		}
	return all;
}
