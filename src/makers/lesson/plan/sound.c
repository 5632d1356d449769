/* Which sentences stand on their own.
 *
 * A sentence may be asked about when a reader who sees nothing else understands it: it
 * is whole, of middling length, names what it speaks of (no "this", no "they" in front),
 * is no question, no instruction to click somewhere, and no half of a list.  When in
 * doubt it is left out: a wrong question is worse than none.
 */
#include "makers/lesson/plan/plan.h"

enum { WORDS_MIN = 7, WORDS_MAX = 36, TWO_LETTERS_MIN = 3 };

/* Connectives that tie a sentence to the one before and can be left out. */
static uint32_t connective(const struct sentence *s)
{
	static const char *const phrases[] = {
		"in addition", "for example", "for instance",       "in fact",
		"in short",    "of course",   "in general",         "in particular",
		"in contrast", "as a result", "note that",          "in other words",
		"in total",    "above all",   "at least initially", "last but not least"
	};
	if (one_of(low(s, 0),
	           "additionally however similarly further furthermore moreover likewise "
	           "finally therefore thus consequently nevertheless nonetheless meanwhile "
	           "also indeed overall unfortunately fortunately clearly importantly "
	           "specifically ideally generally first second third next lastly") &&
	    str_eqz(low(s, 1), ","))
		return 2;
	if (one_of(low(s, 0), "finally") && tag_at(s, 1) == TAG_DETERMINER)
		return 1;
	if (one_of(low(s, 0), "but and yet so therefore thus hence moreover") &&
	    tag_at(s, 1) != TAG_PUNCT &&
	    !one_of(low(s, 1), "it they this that these those he she while if when as how what"))
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
		struct str rest = str_z(phrases[i]);
		uint32_t n = 0;
		while (rest.len > 0 && str_eq(str_cut(rest, ' ', &rest), low(s, n)))
			n++;
		if (rest.len == 0 && n >= 2 && str_eqz(low(s, n - 1), "that"))
			return n;
		if (rest.len == 0 && str_eqz(low(s, n), ",") && n >= 2)
			return n + 1;
	}
	return 0;
}

/* "This option …" behind an option's lead: the question names it (questions.c). */
static bool names_option(const struct sentence *s, uint32_t i)
{
	return is_of_option(s) && one_of(low(s, i), "this") &&
	       one_of(low(s, i + 1), "option flag switch command subcommand variable setting mode "
	                             "parameter field key directive keyword value function");
}

bool is_generic_noun(struct str w)
{
	return one_of(w, "string strings value values error errors default defaults object objects "
	                 "array arrays argument arguments option options number numbers function "
	                 "functions method methods format formats result results name names type "
	                 "types property properties parameter parameters field fields callback "
	                 "emitter instance instances case cases example examples");
}

static bool starts_unresolved(const struct sentence *s, uint32_t i)
{
	struct str w = low(s, i);
	if (one_of(w, "yes no well obviously sure okay"))
		return true;
	if (one_of(w, "because") && !one_of(low(s, i + 1), "of it they this that these"))
		return false; /* a reason in front: what it explains follows the comma */
	if (one_of(w, "instead") && one_of(low(s, i + 1), "of"))
		return false;
	if (names_option(s, i) || (one_of(w, "instead") && is_of_option(s)))
		return false;
	if (one_of(w,
	           "this these those that it they he she him her his its their such here another "
	           "other others both either neither so but and or nor then because once there "
	           "also instead yet thus what who how why where perhaps maybe again still "
	           "rather otherwise after before until even though although while if when as "
	           "since not one each none some such most many several few all"))
		return !one_of(
		        w, "one each some most many several few all after before until even though "
		           "although while if when as since there not");
	return false;
}

static bool is_bare_subject_end(const struct token *t)
{
	return t->tag == TAG_BE || t->tag == TAG_HAVE || t->tag == TAG_MODAL ||
	       t->tag == TAG_VERB || t->tag == TAG_DO || t->tag == TAG_ADVERB ||
	       t->tag == TAG_PUNCT || t->tag == TAG_PRONOUN;
}

/* "0 is a likely sign", "If set, will be used": of what, stands elsewhere. */
static bool has_no_subject(const struct sentence *s, uint32_t i)
{
	if (tag_at(s, i) == TAG_NUMBER &&
	    (tag_at(s, i + 1) == TAG_BE || tag_at(s, i + 1) == TAG_MODAL))
		return true;
	if (!one_of(low(s, i), "if when unless"))
		return false;
	for (uint32_t k = i + 1; k + 1 < s->n; k++)
		if (one_of(low(s, k), ","))
			return tag_at(s, k + 1) == TAG_MODAL || tag_at(s, k + 1) == TAG_BE;
	return false;
}

/* "… bytes. xargs adapts …": two sentences, of which the second has no capital. */
static bool holds_two(const struct sentence *s)
{
	for (uint32_t i = 1; i + 1 < s->n; i++)
		if (one_of(low(s, i), ".") && s->tokens[i + 1].has_gap && !s->tokens[i].has_gap &&
		    s->tokens[i - 1].len >= TWO_LETTERS_MIN &&
		    !one_of(low(s, i - 1), "etc e.g i.e approx incl resp"))
			return true;
	return false;
}

/* "The program proposed …": which program?  One noun behind "the" names nothing. */
static bool has_bare_subject(const struct sentence *s, uint32_t i)
{
	if (!one_of(low(s, i), "the"))
		return false;
	if (one_of(low(s, i + 1),
	           "above below following latter former same first second third next "
	           "other new old existing current initial final resulting original "
	           "previous image diagram chart table figure list last main two three "
	           "four more less"))
		return true;
	if (tag_at(s, i + 2) == TAG_PRONOUN && tag_at(s, i + 3) == TAG_VERB)
		return false; /* "The tools you use" */
	return i + 2 < s->n && s->tokens[i + 1].tag != TAG_PROPER &&
	       is_bare_subject_end(&s->tokens[i + 2]);
}

static bool points_elsewhere(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct str w = low(s, i);
		if (one_of(w,
		           "above below latter former previously aforementioned aforesaid click "
		           "download "
		           "screenshot "
		           "webinar blog article podcast footnote hereby subscribe visit email") ||
		    str_find(w, STR("http"), 0) != SIZE_MAX ||
		    str_find(w, STR("www."), 0) != SIZE_MAX)
			return true;
		if (one_of(w, "neither none") && one_of(low(s, i + 1), "is are was were"))
			return true; /* of what? */
		if (one_of(w, "last next this") &&
		    one_of(low(s, i + 1),
		           "year month week time day section post page paper chapter"))
			return true;
		if (one_of(w, "see read watch view") && i == s->lead)
			return true;
		if (one_of(w, "you") && one_of(low(s, i + 1), "can may could") &&
		    one_of(low(s, i + 2), "read see view watch find"))
			return true;
		if (one_of(w, "one") && i == s->lead &&
		    one_of(low(s, i + 1), "thing theme way time"))
			return true;
		if (one_of(w, "just") &&
		    one_of(low(s, i + 1), "discussed seen described mentioned read"))
			return true;
		if (one_of(w, "here") || (one_of(w, "and") && one_of(low(s, i + 1), "and")))
			return true;
		if (one_of(w, "following") && (i == 0 || one_of(low(s, i - 1), "the")))
			return true;
		if (one_of(w, "shown mentioned discussed described noted listed") &&
		    (i > 0 && one_of(low(s, i - 1), "as")))
			return true;
		if (one_of(w, "currently recently today now soon tomorrow yesterday upcoming") &&
		    one_of(low(s, i + 1), "scheduled working developing"))
			return true;
	}
	return false;
}

static bool is_demonstrative(const struct sentence *s, uint32_t i)
{
	struct str w = low(s, i);
	if (one_of(w, "this these those such"))
		return !(one_of(w, "such") && one_of(low(s, i + 1), "as")) &&
		       !(one_of(w, "those these") && one_of(low(s, i + 1), "who with that in of"));
	if (one_of(w, "so") && one_of(low(s, i + 1), "far"))
		return false;
	if (one_of(w, "so that") && i > 0 && one_of(low(s, i - 1), "do does did doing done"))
		return !(one_of(w, "so") && one_of(low(s, i + 1), "that"));
	if (!one_of(w, "that") || i == 0)
		return false;
	/* "that" after a preposition or verb and before a noun points at something */
	return s->tokens[i - 1].tag == TAG_PREPOSITION && !one_of(low(s, i - 1), "so than");
}

static bool opens_with_phrase(const struct sentence *s)
{
	enum tag t = s->tokens[s->lead].tag;
	return t == TAG_PREPOSITION || t == TAG_TO;
}

/* A pronoun is harmless when the sentence has named something before it. */
static bool has_loose_pronoun(const struct sentence *s)
{
	bool has_noun = false;
	for (uint32_t i = s->lead; i < s->n; i++) {
		const struct token *t = &s->tokens[i];
		struct str w = t->word->text;
		if (is_demonstrative(s, i) && !names_option(s, i))
			return true;
		if (t->tag == TAG_NOUN || t->tag == TAG_PROPER)
			has_noun = true;
		if (!has_noun &&
		    one_of(w, "it they them he she his her their its him itself "
		              "themselves") &&
		    !(one_of(w, "it") && i == s->lead))
			return true;
		if (one_of(w, "he she him"))
			return true;
		bool is_after_phrase = i > s->lead && one_of(low(s, i - 1), ",");
		if (one_of(w, "it they") && is_after_phrase && opens_with_phrase(s))
			return true; /* "To the government, it …" names nothing */
	}
	return false;
}

/* "It is wise to …", "It's important …" name their subject later. */
static bool is_empty_it(const struct sentence *s, uint32_t i)
{
	if (!one_of(low(s, i), "it") || !one_of(low(s, i + 1), "is 's was takes"))
		return false;
	uint32_t k = i + 2;
	while (k < s->n && s->tokens[k].tag == TAG_ADVERB)
		k++;
	for (uint32_t j = k; j < k + 3 && j < s->n; j++)
		if (one_of(low(s, j), "to that for"))
			return one_of(low(s, k),
			              "impossible possible important wise critical crucial "
			              "essential best easy hard difficult common useful "
			              "necessary helpful vital good rare safe");
	return false;
}

static bool has_verb(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		enum tag t = s->tokens[i].tag;
		if (t == TAG_BE || t == TAG_HAVE || t == TAG_MODAL || t == TAG_DO ||
		    (t == TAG_VERB && !s->tokens[i].word->is_gerund))
			return true;
	}
	return false;
}

static bool has_mark(const struct sentence *s, const char *marks)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(low(s, i), marks))
			return true;
	return false;
}

static void count_persons(struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		s->n_words += s->tokens[i].tag != TAG_PUNCT;
		s->is_first_person |=
		        !s->tokens[i].is_upper && one_of(low(s, i), "we our us ours i my me mine");
		s->is_second_person |= one_of(low(s, i), "you your yours let");
	}
}

static bool says_i(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(low(s, i), "i my me mine"))
			return true;
	return false;
}

/* Verbless half of a list, an emoji row, code … */
static bool is_prose(const struct sentence *s)
{
	uint32_t letters = 0, n = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		letters += s->tokens[i].tag != TAG_PUNCT && s->tokens[i].tag != TAG_NUMBER;
		/* The dashes of an option belong to it. */
		n += !(one_of(low(s, i), "-") && i + 1 < s->n && !s->tokens[i + 1].has_gap);
	}
	return letters * 10 >= n * 7 && has_verb(s);
}

/* "App that provides tracking.": a name and what belongs to it, but no statement. */
static bool is_fragment(const struct sentence *s)
{
	uint32_t k = s->lead, verbs = 0;
	while (k < s->n && (s->tokens[k].tag == TAG_NOUN || s->tokens[k].tag == TAG_PROPER ||
	                    s->tokens[k].tag == TAG_ADJECTIVE || s->tokens[k].tag == TAG_NUMBER ||
	                    one_of(low(s, k), "a an the")))
		k++;
	if (!one_of(low(s, k), "that which who"))
		return false;
	for (uint32_t i = k; i < s->n; i++) {
		const struct token *t = &s->tokens[i];
		bool is_verb = t->tag == TAG_VERB && !t->word->is_gerund && !t->word->is_past;
		verbs += is_verb || t->tag == TAG_BE || t->tag == TAG_HAVE || t->tag == TAG_MODAL;
	}
	return verbs < 2;
}

/* "After a session, to clean up, issue the following command:" may stand with what follows. */
bool is_sound_intro(const struct sentence *s)
{
	char last = s->text.ptr[s->text.len - 1];
	bool is_open = last == ':' || one_of(low(s, s->n - 1), "use type run enter issue");
	return is_open && s->n_words >= WORDS_MIN && s->n_words <= WORDS_MAX && starts_well(s) &&
	       is_balanced(s->text) && !has_loose_pronoun(s) && !says_i(s) &&
	       !has_mark(s, "? ! { } | _____") && !starts_unresolved(s, s->lead) &&
	       !s->block->is_aside && !s->block->section->is_aside;
}

void sentence_judge(struct sentence *s)
{
	count_persons(s);
	s->lead = connective(s);
	if (s->lead > 0 && s->lead < s->n && s->tokens[s->lead].tag == TAG_OTHER)
		s->lead = 0;
	s->is_whole = s->text.len <= PLAN_SENTENCE_MAX && s->n_words >= 6 && s->n_words <= 60 &&
	              starts_well(s) && ends_well(s->text) && is_balanced(s->text) && is_prose(s) &&
	              !s->block->is_aside && !s->block->section->is_aside;
	uint32_t i = s->lead;
	/* "Stop after …": -q does; and what a status says is no more than its name. */
	bool is_bare = s->block->is_option &&
	               (s == s->block->first || strchr("0123456789", s->block->label.ptr[0]));
	s->is_clear = s->is_whole && !is_bare && !s->block->is_instance &&
	              s->block->kind != BLOCK_QUOTE && !has_mark(s, "? ! { } | _____") &&
	              !points_elsewhere(s) && !has_loose_pronoun(s) && !is_fragment(s) &&
	              (!starts_unresolved(s, i) || is_empty_it(s, i));
	s->is_sound = s->is_clear && s->n_words >= WORDS_MIN && s->n_words <= WORDS_MAX &&
	              !says_i(s) && !has_bare_subject(s, i) && !has_no_subject(s, i) &&
	              !holds_two(s) &&
	              (s->block->kind != BLOCK_ITEM ||
	               s->block->text.len > (s->block->is_ordered ? 40 : 60));
}
