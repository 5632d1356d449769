/* Definitions: the words of a sentence that say what a term is.
 *
 *	defined    X is a …; X refers to …; X occurs when …
 *	glossed    X, a …, …; X (the …); X — the …; X, which is a …; X, or the …
 *	named      The … is called X; a … that …, called X
 *
 * A cue says where the term is; here is decided where its definition begins and ends, and
 * whether that reads as one: whole, in the present tense, without a pronoun whose noun stands
 * elsewhere, and no praise.  When in doubt there is none, for a wrong definition is worse
 * than none.  The patterns are those of Muresan and Klavans (2002) and of Navigli and Velardi
 * (2010).
 */
#include "makers/lesson/plan/definitions_priv.h"

#include "makers/lesson/plan/termcues.h"

enum { WORDS_MIN = 4, NAMED_MIN = 3, ACTION_MIN = 5, PATTERNS_MAX = 3 };

enum worth { WORTH_ACTION = 1, WORTH_GLOSSED = 3, WORTH_DEFINED = 5 };

static bool read_defined(const struct sentence *s, const struct term_cue *cue, struct span *ret)
{
	uint32_t v = behind_term(s, cue->to);
	v += one_of(low(s, v + 2), "one"); /* "An amphipathic molecule is one that …" */
	if (one_of(low(s, v), ","))
		v = insertion_end(s, v) > 0 ? insertion_end(s, v) + 1 : v;
	ret->from = behind_defining_verb(s, v);
	ret->to = ret->from > 0 ? definition_end(s, ret->from) : 0;
	return ret->from > 0;
}

/* "the people and the government, the structure of its branches, and their duties" */
static bool is_list(const struct sentence *s, uint32_t mark, uint32_t to)
{
	for (uint32_t i = mark + 1; i < to; i++)
		if (one_of(low(s, i), ",") && one_of(low(s, i + 1), "and or"))
			return true;
	return one_of(low(s, to), ",") && one_of(low(s, to + 1), "and or");
}

/* "an expansion, a peak, a recession": things, and not what they are. */
static bool has_parts(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from + 1; i < to; i++) {
		if (one_of(low(s, i), "and") && at_article(s, i + 1))
			return true;
		if (one_of(low(s, i), ",") && (at_article(s, i + 1) || one_of(low(s, i + 1), "or")))
			return true;
	}
	return false;
}

static bool in_brackets(const struct sentence *s, uint32_t mark, struct span *ret)
{
	uint32_t i = mark + 1;
	ret->to = closing_bracket(s, mark);
	if (is_list(s, mark, ret->to))
		return false;
	if (one_of(low(s, i), "that i.e") && one_of(low(s, i + 1), "is . ,"))
		i += 2 + one_of(low(s, i + 2), ",");
	ret->from = i;
	if (at_article(s, i))
		return !is_superlative(s, i + 1);
	uint32_t from, end = term_after(s, i, &from);
	return from == i && end > i && end < ret->to && ends_in_noun(s, end) &&
	       one_of(low(s, end), "that which who of for used made between");
}

/* What tells what a thing is for, or what it is made of. */
static const char actions[] =
        "contain contains give gives consist consists involve involves help helps allow allows "
        "enable enables let lets show "
        "shows emphasize "
        "emphasizes measure "
        "measures examine examines study studies protect protects control controls govern governs "
        "determine determines regulate regulates convert converts transport transports connect "
        "connects store stores link links combine combines "
        "ensure ensures prevent prevents describe describes record records identify identifies "
        "sell sells buy buys purchase purchases bring brings monitor monitors estimate estimates";

/* ", which gives advantages to one nation over others" */
static bool does_something(const struct sentence *s, uint32_t verb, struct span *ret)
{
	if (tag_at(s, verb) != TAG_VERB || s->tokens[verb].word->is_past ||
	    !one_of(low(s, verb), actions))
		return false;
	uint32_t comma = insertion_end(s, verb), end = definition_end(s, verb);
	*ret = (struct span){ verb, comma > 0 && comma < end ? comma : end };
	return true;
}

/* "To the extent that it is formed by genes, a behavior, …": what stands before the first comma
 * belongs to what opens the sentence, and behind it the subject begins. */
static bool opens_sentence(const struct sentence *s, const struct term_cue *cue)
{
	enum tag t = tag_at(s, s->lead);
	if (t != TAG_TO && t != TAG_PREPOSITION && t != TAG_WH)
		return false;
	for (uint32_t i = s->lead; i < cue->from; i++)
		if (one_of(low(s, i), ","))
			return false;
	return true;
}

/* Behind a comma: an article, or a noun with what tells it from others. */
static bool behind_comma(const struct sentence *s, const struct term_cue *cue, uint32_t mark,
                         struct span *ret)
{
	uint32_t i = mark + 1;
	if (one_of(low(s, i), "which that") && one_of(low(s, i + 1), "is are refers means")) {
		ret->from = behind_defining_verb(s, i + 1);
		ret->to = ret->from > 0 ? definition_end(s, ret->from) : 0;
		uint32_t comma = ret->from > 0 ? insertion_end(s, ret->from) : 0;
		ret->to = comma > 0 && comma < ret->to ? comma : ret->to;
		return ret->from > 0;
	}
	if (one_of(low(s, i), "which"))
		return does_something(s, i + 1, ret);
	i += one_of(low(s, i), "or") && at_article(s, i + 1) && cue->kind == CUE_GLOSSED;
	ret->from = i;
	const struct word *last = s->tokens[cue->to - 1].word;
	if (!begins_definition(s, i, true) || tag_at(s, i + 1) == TAG_PROPER ||
	    (!at_article(s, i) && last->a >= last->n))
		return false;
	if (opens_sentence(s, cue))
		return false;
	ret->to = insertion_end(s, i);
	if (ret->to > 0 || cue->from <= s->lead + 1)
		return ret->to > 0 && (!one_of(low(s, i), "the") || !is_list(s, mark, ret->to));
	ret->to = definition_end(s, i);
	return !is_list(s, mark, ret->to);
}

static bool read_glossed(const struct sentence *s, const struct term_cue *cue, struct span *ret)
{
	uint32_t mark = behind_term(s, cue->to);
	if (one_of(low(s, mark), ",") && at_quote(s, mark + 1))
		mark++; /* a comma inside the quotes */
	if (one_of(low(s, mark), "("))
		return in_brackets(s, mark, ret);
	if (one_of(low(s, mark), ",") || (mark > cue->to && one_of(low(s, mark - 1), ",")))
		return behind_comma(s, cue, mark, ret);
	if (!at_dash(s, mark) && !one_of(low(s, mark), ":"))
		return false;
	ret->from = mark + 1;
	if (!begins_definition(s, mark + 1, true))
		return false;
	uint32_t end = mark + 2;
	while (end < s->n && !at_dash(s, end) && !one_of(low(s, end), ";"))
		end++;
	ret->to = end;
	bool is_of_another = one_of(low(s, mark + 1), "the") && cue->from > 1 &&
	                     at_article(s, cue->from - 1) &&
	                     tag_at(s, cue->from - 2) == TAG_PREPOSITION;
	return !has_parts(s, mark, end) && !is_of_another; /* "a part of the lobe — the cortex" */
}

/* --- X does … --- */

/* "Wholesalers, on the other hand, purchase larger quantities …": what a kind of thing does. */
static bool read_action(const struct sentence *s, const struct term_cue *cue, struct span *ret)
{
	uint32_t v = cue->to;
	if (one_of(low(s, v), ",") && insertion_end(s, v - 2) > 0)
		v = insertion_end(s, v) + 1;
	uint32_t verb = v;
	while (tag_at(s, verb) == TAG_ADVERB)
		verb++;
	bool is_plural = s->tokens[cue->to - 1].word->is_plural;
	if (s->is_sound && cue->from <= s->lead + 1 && tag_at(s, cue->from) != TAG_PROPER &&
	    one_of(low(s, verb), "is are") &&
	    one_of(low(s, verb + 1), "made composed comprised formed characterized reinforced") &&
	    tag_at(s, verb + 2) == TAG_PREPOSITION) {
		*ret = (struct span){ verb + 1, definition_end(s, verb + 1) };
		return true;
	}
	if (!s->is_sound || cue->from > s->lead + 1 || tag_at(s, cue->from) == TAG_PROPER ||
	    tag_at(s, verb) != TAG_VERB || s->tokens[verb].word->is_past ||
	    !is_finite_verb(s, verb, is_plural) || !one_of(low(s, verb), actions))
		return false;
	*ret = (struct span){ v, definition_end(s, verb) };
	return true;
}

/* "The site", "Our team": a thing that the text speaks of, not a kind of thing. */
static bool is_kind(const struct sentence *s, const struct term_cue *cue)
{
	if (cue->from == 0)
		return true;
	struct str before = low(s, cue->from - 1);
	if (one_of(before, "this that these those my our your his her their its some many most all "
	                   "several few other another each every no any"))
		return false;
	bool is_most = (tag_at(s, cue->from) == TAG_ADJECTIVE && low(s, cue->from).len > 5 &&
	                str_ends(low(s, cue->from), STR("est"))) ||
	               one_of(low(s, cue->from), "simplest easiest newest latest oldest");
	if (one_of(low(s, cue->from), "example type kind sort form part") ||
	    (one_of(before, "the") && one_of(low(s, cue->to), "are")))
		return false; /* "The data are the names of …": these data */
	if (cue->kind == CUE_DEFINED && one_of(before, "and or"))
		return false; /* "solids, liquids, and gases are the …" */
	return tag_at(s, cue->from - 1) != TAG_NUMBER && !one_of(before, "'s") && !is_most;
}

static bool is_example(const struct sentence *s)
{
	return one_of(low(s, 0), "for") && one_of(low(s, 1), "example instance");
}

/* "quantity demanded": a participle may close a term. */
static bool ends_as_term(const struct sentence *s, uint32_t to)
{
	bool is_alone = to > 1 && at_article(s, to - 2) && tag_at(s, to - 1) == TAG_ADJECTIVE;
	bool is_opening = to == s->lead + 1 && s->tokens[to - 1].word->n > 0; /* "Demand refers" */
	return ends_in_noun(s, to) || is_alone || is_opening ||
	       (to > 1 && s->tokens[to - 1].word->is_past && tag_at(s, to - 2) == TAG_NOUN);
}

static bool read(const struct sentence *s, const struct term_cue *cue, int pattern,
                 struct span *ret)
{
	switch (cue->kind) {
	case CUE_DEFINED:
		return pattern == 0 && read_defined(s, cue, ret);
	case CUE_NAMED:
		return pattern == 0   ? read_meant_definition(s, cue, ret)
		       : pattern == 1 ? read_named_definition(s, cue, ret)
		                      : read_glossed(s, cue, ret);
	case CUE_GLOSSED:
	case CUE_ALIAS:
		return pattern == 0 && read_glossed(s, cue, ret);
	case CUE_TOPIC:
		return pattern == 0 && read_action(s, cue, ret);
	case CUE_ANSWER:
		return pattern == 0 && read_equated_definition(s, cue, ret);
	case CUE_LISTED:
	case CUE_KINDS:
		break;
	}
	return false;
}

static uint32_t words_min_of(enum term_cue_kind kind)
{
	return kind == CUE_TOPIC ? ACTION_MIN : kind == CUE_NAMED ? NAMED_MIN : WORDS_MIN;
}

static int worth_of(enum term_cue_kind kind)
{
	return kind == CUE_DEFINED ? WORTH_DEFINED
	       : kind == CUE_TOPIC ? WORTH_ACTION
	                           : WORTH_GLOSSED;
}

bool definition_at(struct sentence *s, const struct term_cue *cue, struct definition *ret)
{
	bool is_of_kind = cue->kind == CUE_DEFINED && one_of(low(s, cue->to + 2), "one");
	if (!s->is_whole || !is_kind(s, cue) || one_of(low(s, s->n - 1), "?") || is_example(s) ||
	    (!is_of_kind && !ends_as_term(s, cue->to)))
		return false;
	for (int pattern = 0; pattern < PATTERNS_MAX; pattern++) {
		struct span x = { 0, 0 };
		if (!read(s, cue, pattern, &x) ||
		    !reads_as_definition(s, cue, &x, words_min_of(cue->kind)) ||
		    (cue->kind != CUE_TOPIC && has_main_verb(s, x.from, x.to)))
			continue;
		*ret = (struct definition){ .sentence = s,
			                    .term_from = cue->from,
			                    .term_to = cue->to + is_of_kind,
			                    .text = sentence_span(s, x.from, x.to),
			                    .worth = worth_of(cue->kind) + s->is_sound };
		return true;
	}
	return false;
}

bool label_is_defined(struct sentence *s)
{
	const struct term_cue none = { .kind = CUE_DEFINED };
	struct span x = { s->lead, s->n };
	uint32_t from, end = term_after(s, x.from, &from);
	for (uint32_t i = x.from; i < x.to && !one_of(low(s, i), "that which who to"); i++)
		if (tag_at(s, i) == TAG_VERB && !one_of(low(s, i + 1), "by of as"))
			return false; /* "The survey started with …" is a statement */
	bool is_phrase = one_of(low(s, x.from), "a an") ||
	                 (one_of(low(s, x.from), "the") && one_of(low(s, end), "of that which"));
	return is_phrase && begins_definition(s, x.from, true) && !has_main_verb(s, x.from, x.to) &&
	       reads_as_definition(s, &none, &x, WORDS_MIN);
}
