/* Questions about what is named side by side: examples and enumerations.
 *
 *	"…, such as X, Y, or Z"     "Which of these does the text name as an example of …?"
 *	"Bots monitor X, Y, and Z"  "According to the text, which of these do bots monitor?"
 *
 * The key is one of the things named.  The alternatives are of the same form: things that
 * other sentences name side by side, or gerunds of theirs.
 */
#include "makers/lesson/plan/plan.h"

enum { PARTS_MAX = 8, PART_WORDS_MAX = 9, LISTINGS_MAX = 300, ENUMERATED_MIN = 3 };

struct part {
	uint32_t from, to; /* tokens */
};

struct naming {
	struct sentence *sentence;
	struct part parts[PARTS_MAX];
	size_t n;
	uint32_t head_from, head_to; /* what they are examples of; empty for an enumeration */
	uint32_t at;                 /* the token the list begins with */
};

struct namings {
	struct naming list[LISTINGS_MAX];
	size_t n;
};

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

/* Reads "X, Y, and Z" from token `at`; 0 parts when it is not one to its end. */
static void read_parts(struct naming *x)
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
	if (x->n > 0 && all->n < LISTINGS_MAX)
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
		read_parts(&x);
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
	read_parts(&x);
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

static struct str part_text(const struct sentence *s, const struct part *x)
{
	return sentence_span(s, x->from, x->to);
}

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
	struct str prompt = best.n >= 2 ? naming_prompt(p, x) : (struct str){ "", 0 };
	if (prompt.len == 0)
		return;
	struct question *q =
	        question_add(p, all, Q_CHOICE, s, sentence_worth(s) + (best.n >= 3 ? 0.5 : 0.4));
	q->prompt = prompt;
	q->answer = part_text(s, key);
	q->distractors = best;
	q->difficulty = 2;
	q->explanation = text_says(p, s->text);
}

void ask_examples(struct planner *p, struct questions *all)
{
	struct namings *namings = arena_new(p->arena, struct namings, 1);
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_whole && !s->block->is_aside && !s->block->section->is_aside) {
			size_t n = namings->n;
			read_examples(namings, s);
			if (namings->n == n)
				read_enumeration(namings, s);
			read_gerunds(namings, s);
		}
	for (size_t i = 0; i < namings->n; i++) {
		struct sentence *s = namings->list[i].sentence;
		bool is_list = namings->list[i].at < s->n;
		if (is_list && s->is_sound && can_be_put(s) && !is_imperative(s))
			ask_naming(p, all, namings, &namings->list[i]);
	}
}
