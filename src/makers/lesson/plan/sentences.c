/* Blocks → sentences → tagged tokens, and which sentences stand on their own.
 *
 * A sentence may be asked about when a reader who sees nothing else understands it: it
 * is whole, of middling length, names what it speaks of (no "this", no "they" in front),
 * is no question, no instruction to click somewhere, and no half of a list.  When in
 * doubt it is left out: a wrong question is worse than none.
 */
#include <utf8proc.h>

#include "makers/lesson/plan/plan.h"

enum { WORDS_MIN = 7, WORDS_MAX = 36 };

/* --- Characters --- */

static size_t char_at(struct str s, size_t i, utf8proc_int32_t *c)
{
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.ptr + i,
	                                      (utf8proc_ssize_t)(s.len - i), c);
	return n > 0 ? (size_t)n : 1;
}

static bool is_letter(utf8proc_int32_t c)
{
	utf8proc_category_t k = utf8proc_category(c);
	return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_ME;
}

static bool is_upper_case(utf8proc_int32_t c)
{
	return utf8proc_category(c) == UTF8PROC_CATEGORY_LU;
}

static bool is_digit(utf8proc_int32_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_apostrophe(utf8proc_int32_t c)
{
	return c == '\'' || c == 0x2019;
}

/* --- Where sentences end --- */

static bool is_abbreviation(struct str word)
{
	static const char *const known[] = { "mr",   "mrs",    "ms",   "dr",  "prof", "st",  "no",
		                             "fig",  "vs",     "e.g",  "i.e", "cf",   "inc", "ltd",
		                             "co",   "corp",   "jr",   "sr",  "gen",  "sen", "rep",
		                             "gov",  "approx", "dept", "est", "vol",  "pp",  "ed",
		                             "al",   "eds",    "jan",  "feb", "mar",  "apr", "aug",
		                             "sept", "oct",    "nov",  "dec" };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq_nocase(word, str_z(known[i])))
			return true;
	return word.len == 1 && word.ptr[0] >= 'A' && word.ptr[0] <= 'Z';
}

static bool is_initials(struct str word) /* U.S, D.C */
{
	return word.len >= 3 && word.ptr[1] == '.' && word.ptr[0] >= 'A' && word.ptr[0] <= 'Z';
}

static bool starts_sentence(struct str rest)
{
	static const char *const words[] = { "The ", "In ", "It ",   "We ", "This ", "These ",
		                             "A ",   "An ", "They ", "He ", "She ",  "But ",
		                             "For ", "As ", "On ",   "At ", "Its ",  "Our " };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_starts(rest, str_z(words[i])))
			return true;
	return false;
}

static struct str word_before(struct str text, size_t from, size_t at)
{
	size_t i = at;
	while (i > from && text.ptr[i - 1] != ' ' && text.ptr[i - 1] != '\n' &&
	       text.ptr[i - 1] != '(')
		i--;
	return str_sub(text, i, at - i);
}

/* Bytes of closing quotes and brackets at `at`. */
static size_t closing(struct str s, size_t at)
{
	size_t i = at;
	while (i < s.len) {
		utf8proc_int32_t c;
		size_t n = char_at(s, i, &c);
		if (c != '"' && c != ')' && c != ']' && c != '\'' && c != 0x201d && c != 0x2019)
			break;
		i += n;
	}
	return i - at;
}

static bool opens_sentence(struct str s, size_t at)
{
	utf8proc_int32_t c;
	while (at < s.len) {
		size_t n = char_at(s, at, &c);
		if (c != '"' && c != '(' && c != '[' && c != '\'' && c != 0x201c && c != 0x2018 &&
		    c != 0xbf && c != 0xa1)
			return !is_letter(c) || utf8proc_category(c) != UTF8PROC_CATEGORY_LL;
		at += n;
	}
	return true;
}

/* Offset behind the sentence that begins at `from`. */
static size_t sentence_end(struct str text, size_t from)
{
	for (size_t i = from; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '\n')
			return i;
		if (c != '.' && c != '!' && c != '?')
			continue;
		size_t end = i + 1;
		while (end < text.len && strchr(".!?", text.ptr[end]))
			end++;
		end += closing(text, end);
		if (end < text.len && text.ptr[end] != ' ' && text.ptr[end] != '\n')
			continue;
		size_t next = end + 1;
		struct str word = word_before(text, from, i);
		if (c == '.' && next < text.len && text.ptr[end] == ' ') {
			if (is_abbreviation(word) || !opens_sentence(text, next))
				continue;
			if (is_initials(word) && !starts_sentence(str_sub(text, next, 8)))
				continue;
		}
		return end;
	}
	return text.len;
}

/* --- Tokens --- */

static bool joins(utf8proc_int32_t c, utf8proc_int32_t before, utf8proc_int32_t after)
{
	if (c == '-' || c == 0x2011 || c == '_')
		return (is_letter(before) || is_digit(before)) &&
		       (is_letter(after) || is_digit(after));
	if (is_apostrophe(c))
		return is_letter(before) && is_letter(after);
	if (c == '.' || c == ',' || c == ':')
		return is_digit(before) && is_digit(after);
	if (c == '&' || c == '/')
		return is_upper_case(before) && is_upper_case(after);
	return false;
}

static bool is_wordy(utf8proc_int32_t c)
{
	return is_letter(c) || is_digit(c);
}

/* End of the word at `at`: letters and digits with what may stand between them. */
static size_t word_end(struct str s, size_t at)
{
	utf8proc_int32_t before = 0, c, after;
	size_t i = at;
	while (i < s.len) {
		size_t n = char_at(s, i, &c);
		after = 0;
		if (i + n < s.len)
			(void)char_at(s, i + n, &after);
		bool is_dot_in_name = c == '.' && is_letter(before) && is_letter(after);
		if (!is_wordy(c) && !joins(c, before, after) && !is_dot_in_name &&
		    !(c == '%' && is_digit(before)) && !(c == '$' && i == at) &&
		    !(c == '+' && is_digit(before)))
			break;
		before = c;
		i += n;
	}
	/* the last point of U.S. belongs to it */
	if (i < s.len && s.ptr[i] == '.' && is_initials(str_sub(s, at, i - at)) && i - at == 3)
		i++;
	return i;
}

/* Length of "'s" or "n't"-like endings that are words of their own. */
static size_t clitic(struct str word)
{
	static const char *const tails[] = { "'s",  "\xe2\x80\x99s",    "'re", "\xe2\x80\x99re",
		                             "'ve", "\xe2\x80\x99ve",   "'ll", "\xe2\x80\x99ll",
		                             "'d",  "\xe2\x80\x99\x64", "'m",  "\xe2\x80\x99m" };
	for (size_t i = 0; i < ARRAY_LEN(tails); i++)
		if (word.len > strlen(tails[i]) && str_ends(word, str_z(tails[i])))
			return strlen(tails[i]);
	return 0;
}

struct scan {
	struct arena *arena;
	struct lexicon *lexicon;
	struct token *tokens;
	uint32_t n;
};

static void add_token(struct scan *sc, struct str text, size_t at, size_t len, bool has_gap)
{
	struct token *t = &sc->tokens[sc->n++];
	struct str spelling = str_sub(text, at, len);
	utf8proc_int32_t c = 0, d;
	(void)char_at(spelling, 0, &c);
	*t = (struct token){ .at = (uint32_t)at, .len = (uint32_t)len, .has_gap = has_gap };
	t->word = lexicon_word(sc->lexicon, spelling);
	t->is_capital = is_upper_case(c);
	uint32_t upper = 0, letters = 0;
	for (size_t i = 0; i < spelling.len;) {
		i += char_at(spelling, i, &d);
		upper += is_upper_case(d);
		letters += is_letter(d);
	}
	t->is_upper = upper >= 2 && upper * 2 > letters;
	bool is_clitic = is_apostrophe(c) && letters > 0;
	t->tag = is_wordy(c) || c == '$' || is_clitic ? TAG_OTHER : TAG_PUNCT;
}

static void tokenize(struct scan *sc, struct str text)
{
	sc->tokens = arena_new(sc->arena, struct token, text.len + 1);
	sc->n = 0;
	bool has_gap = false;
	for (size_t i = 0; i < text.len;) {
		utf8proc_int32_t c;
		size_t n = char_at(text, i, &c);
		if (c == ' ') {
			has_gap = true;
			i += n;
			continue;
		}
		size_t end = is_wordy(c) || c == '$' ? word_end(text, i) : i + n;
		end = end > i ? end : i + n;
		size_t tail = clitic(str_sub(text, i, end - i));
		add_token(sc, text, i, end - i - tail, has_gap);
		if (tail > 0)
			add_token(sc, text, end - tail, tail, false);
		has_gap = false;
		i = end;
	}
}

/* --- Parts of speech --- */

static bool is_number_word(const struct sentence *s, const struct token *t)
{
	char c = s->text.ptr[t->at];
	if (c == '$')
		return t->len > 1;
	if (!is_digit(c))
		return t->word->fixed == TAG_NUMBER;
	for (uint32_t i = 0; i < t->len; i++)
		if (!strchr("0123456789.,:%+", s->text.ptr[t->at + i]))
			return false;
	return true;
}

static bool is_name(const struct sentence *s, uint32_t i)
{
	const struct token *t = &s->tokens[i];
	if (!t->is_capital && !t->is_upper)
		return false;
	if (t->word->is_stop && t->word->fixed != TAG_OTHER && !t->is_upper)
		return false;
	bool is_first = i == 0 || s->tokens[i - 1].tag == TAG_PUNCT;
	if (!is_first || t->is_upper)
		return true;
	return t->word->count_lower == 0 && t->word->count_inside > 0;
}

static bool noun_may_follow(enum tag before)
{
	return before == TAG_DETERMINER || before == TAG_POSSESSIVE || before == TAG_ADJECTIVE ||
	       before == TAG_PREPOSITION || before == TAG_NUMBER;
}

static bool verb_must_follow(enum tag before)
{
	return before == TAG_TO || before == TAG_MODAL || before == TAG_DO;
}

static enum tag after_be(const struct word *w)
{
	if (w->is_past || w->is_gerund)
		return TAG_VERB;
	return w->a >= w->n ? TAG_ADJECTIVE : TAG_NOUN;
}

static enum tag noun_or_adjective(const struct word *w)
{
	if (w->is_past && w->n <= 1)
		return TAG_ADJECTIVE;
	if (w->is_plural)
		return TAG_NOUN;
	return w->a > w->n ? TAG_ADJECTIVE : w->n > 0 ? TAG_NOUN : TAG_ADJECTIVE;
}

/* The most likely part of speech of a content word, given the one before. */
static enum tag guess(const struct word *w, enum tag before, const struct word *prev)
{
	uint32_t best = w->n;
	if (verb_must_follow(before) && w->v > 0 && !w->is_plural)
		return TAG_VERB;
	if (before == TAG_BE || before == TAG_HAVE)
		return w->r > w->n + w->v + w->a ? TAG_ADVERB : after_be(w);
	if (noun_may_follow(before) && w->n + w->a > 0 && w->r <= w->n + w->a)
		return noun_or_adjective(w);
	if (noun_may_follow(before) && w->is_past)
		return TAG_ADJECTIVE;
	if ((before == TAG_PRONOUN || before == TAG_WH) && w->v > 0)
		return w->v >= w->a && w->v * 2 >= w->n ? TAG_VERB : noun_or_adjective(w);
	if (before == TAG_NOUN && prev && prev->is_plural && w->v > w->n && !w->is_plural)
		return TAG_VERB;
	if ((before == TAG_NOUN || before == TAG_PROPER) && w->is_third && w->v > w->n)
		return TAG_VERB;
	if (w->is_past || (w->is_gerund && w->n <= w->v))
		return TAG_VERB;
	enum tag tag = TAG_NOUN;
	if (w->v > best) {
		best = w->v;
		tag = TAG_VERB;
	}
	if (w->a > best) {
		best = w->a;
		tag = TAG_ADJECTIVE;
	}
	if (w->r > best)
		tag = TAG_ADVERB;
	return tag;
}

static void tag_tokens(struct sentence *s)
{
	enum tag before = TAG_PUNCT;
	const struct word *prev = NULL;
	for (uint32_t i = 0; i < s->n; i++) {
		struct token *t = &s->tokens[i];
		if (t->tag != TAG_PUNCT) {
			if (is_number_word(s, t))
				t->tag = TAG_NUMBER;
			else if (is_name(s, i))
				t->tag = TAG_PROPER;
			else if (t->word->fixed != TAG_OTHER)
				t->tag = t->word->fixed;
			else
				t->tag = guess(t->word, before, prev);
		}
		if (t->tag != TAG_ADVERB)
			before = t->tag;
		prev = t->word;
	}
}

/* --- Which sentences stand on their own --- */

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
	if (one_of(low(s, 0), "but and yet so") && tag_at(s, 1) != TAG_PUNCT &&
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

static bool starts_unresolved(const struct sentence *s, uint32_t i)
{
	struct str w = low(s, i);
	if (one_of(w, "yes no well obviously sure okay"))
		return true;
	if (one_of(w, "because") && !one_of(low(s, i + 1), "of it they this that these"))
		return false; /* a reason in front: what it explains follows the comma */
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
		if (one_of(w, "last next this") &&
		    one_of(low(s, i + 1),
		           "year month week time day section post page paper chapter"))
			return true;
		if (one_of(w, "see read watch view") && i == s->lead)
			return true;
		if (one_of(w, "one") && i == s->lead &&
		    one_of(low(s, i + 1), "thing theme way time"))
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
		if (is_demonstrative(s, i))
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

static bool is_balanced(struct str s)
{
	int round = 0, curly = 0, straight = 0;
	for (size_t i = 0; i < s.len;) {
		utf8proc_int32_t c;
		i += char_at(s, i, &c);
		round += (c == '(' || c == '[') - (c == ')' || c == ']');
		curly += (c == 0x201c) - (c == 0x201d);
		straight += c == '"';
		if (round < 0 || curly < 0)
			return false;
	}
	return round == 0 && curly == 0 && straight % 2 == 0;
}

static bool ends_well(struct str s)
{
	size_t n = s.len;
	while (n > 0 && (s.ptr[n - 1] == '"' || s.ptr[n - 1] == ')'))
		n--;
	if (n >= 3 && memcmp(s.ptr + n - 3, "\xe2\x80\x9d", 3) == 0)
		n -= 3;
	return n > 0 && s.ptr[n - 1] == '.' && !(n > 2 && s.ptr[n - 2] == '.');
}

static bool starts_well(const struct sentence *s)
{
	const struct token *t = &s->tokens[0];
	if (t->tag == TAG_MODAL || (s->n > 2 && low(s, 2).len == 1 && *low(s, 2).ptr == ':'))
		return false; /* "May be any …", "Hard case: …": half of it stands elsewhere */
	return t->is_capital || t->tag == TAG_NUMBER || t->is_upper ||
	       (t->tag == TAG_PUNCT && s->n > 1 && s->tokens[1].is_capital &&
	        str_starts(s->text, STR("\xe2\x80\x9c")));
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
	uint32_t letters = 0;
	for (uint32_t i = 0; i < s->n; i++)
		letters += s->tokens[i].tag != TAG_PUNCT && s->tokens[i].tag != TAG_NUMBER;
	return letters * 10 >= s->n * 7 && has_verb(s);
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

static void judge(struct sentence *s)
{
	count_persons(s);
	s->lead = connective(s);
	if (s->lead > 0 && s->lead < s->n && s->tokens[s->lead].tag == TAG_OTHER)
		s->lead = 0;
	s->is_whole = s->text.len <= PLAN_SENTENCE_MAX && s->n_words >= 6 && s->n_words <= 60 &&
	              starts_well(s) && ends_well(s->text) && is_balanced(s->text) && is_prose(s) &&
	              !s->block->is_aside && !s->block->section->is_aside;
	uint32_t i = s->lead;
	bool is_bare = s->block->is_option && s == s->block->first; /* "Stop after …": -q does */
	s->is_sound = s->is_whole && !is_bare && s->block->kind != BLOCK_QUOTE &&
	              s->n_words >= WORDS_MIN && s->n_words <= WORDS_MAX && !says_i(s) &&
	              !has_mark(s, "? ! { } | _____") && !points_elsewhere(s) &&
	              !has_loose_pronoun(s) && !is_fragment(s) && !has_bare_subject(s, i) &&
	              (!starts_unresolved(s, i) || is_empty_it(s, i)) &&
	              (s->block->kind != BLOCK_ITEM ||
	               s->block->text.len > (s->block->is_ordered ? 40 : 60));
}

/* --- All of it --- */

static void add_sentence(struct arena *a, struct lexicon *l, struct doc *d, struct block *b,
                         struct str text, struct sentence ***next)
{
	struct scan sc = { .arena = a, .lexicon = l };
	struct sentence *s = arena_new(a, struct sentence, 1);
	s->text = text;
	s->block = b;
	s->index = d->n_sentences++;
	tokenize(&sc, text);
	s->tokens = sc.tokens;
	s->n = sc.n;
	for (uint32_t i = 0; i < s->n; i++) {
		s->tokens[i].word->count++;
		s->tokens[i].word->count_lower += !s->tokens[i].is_capital;
		s->tokens[i].word->count_inside += s->tokens[i].is_capital && i > 0;
	}
	**next = s;
	*next = &s->next;
	if (b->last)
		b->last->next_in_block = s;
	else
		b->first = s;
	b->last = s;
}

void sentences_read(struct arena *a, struct lexicon *l, struct doc *d)
{
	struct sentence **next = &d->sentences;
	for (struct block *b = d->blocks; b; b = b->next) {
		size_t at = b->label_len;
		while (at < b->text.len) {
			size_t end = sentence_end(b->text, at);
			struct str text = str_trim(str_sub(b->text, at, end - at));
			if (text.len > 0)
				add_sentence(a, l, d, b, text, &next);
			at = end > at ? end : at + 1;
		}
	}
	for (struct sentence *s = d->sentences; s; s = s->next) {
		tag_tokens(s);
		judge(s);
	}
}

unsigned doc_english(const struct doc *d)
{
	unsigned all = 0, english = 0;
	for (const struct sentence *s = d->sentences; s; s = s->next)
		for (uint32_t i = 0; i < s->n; i++) {
			if (s->tokens[i].tag == TAG_PUNCT || s->tokens[i].tag == TAG_NUMBER)
				continue;
			all++;
			english += s->tokens[i].word->fixed != TAG_OTHER;
		}
	return all > 0 ? english * 100 / all : 0;
}

struct str low(const struct sentence *s, uint32_t i)
{
	return i < s->n ? s->tokens[i].word->text : (struct str){ "", 0 };
}

struct str sentence_span(const struct sentence *s, uint32_t from, uint32_t to)
{
	assert(from < to && to <= s->n);
	uint32_t at = s->tokens[from].at;
	return str_sub(s->text, at, s->tokens[to - 1].at + s->tokens[to - 1].len - at);
}

struct str sentence_statement(struct arena *a, const struct sentence *s)
{
	uint32_t at = s->lead < s->n ? s->tokens[s->lead].at : 0;
	struct str rest = str_sub(s->text, at, s->text.len);
	if (at == 0 || rest.len == 0 || rest.ptr[0] < 'a' || rest.ptr[0] > 'z')
		return rest;
	return str_fmt(a, "%c" STR_FMT, rest.ptr[0] - 32, STR_ARG(str_sub(rest, 1, rest.len)));
}
