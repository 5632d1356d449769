/* Blocks → sentences → tokens, and views of them.  What the tokens are: tags.c.  Which
 * sentences may be asked about: sound.c. */
#include <utf8proc.h>

#include "makers/lesson/plan/languages.h"
#include "makers/lesson/plan/shallow.h"

enum { ELISION_MAX = 6 };

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

/* What a point behind the word means where the language is not English. */
static bool goes_on(const struct language *l, struct str word)
{
	bool is_short_number = word.len <= 2;
	for (size_t i = 0; i < word.len; i++)
		is_short_number &= is_digit(word.ptr[i]);
	return (is_short_number && l->has_ordinal_point) || one_of(word, l->abbreviations);
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
		if (c != '"' && c != ')' && c != ']' && c != '\'' && c != 0x201d && c != 0x2019 &&
		    c != 0x201c && c != 0xbb)
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
		    c != 0x201e && c != 0xab && c != 0xbf && c != 0xa1)
			return !is_letter(c) || utf8proc_category(c) != UTF8PROC_CATEGORY_LL;
		at += n;
	}
	return true;
}

/* Offset behind the sentence that begins at `from`. */
static size_t sentence_end(struct str text, size_t from, const struct language *l)
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
		if (c == '!' && next < text.len && word.len == i - from && word.len > 7)
			continue; /* "TickTickBoom! Game by …": a name that has the mark in it */
		if (c == '.' && next < text.len && text.ptr[end] == ' ') {
			if (is_abbreviation(word) || !opens_sentence(text, next) ||
			    (l && goes_on(l, word)))
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
	const struct language *language; /* NULL: English */
	struct token *tokens;
	uint32_t n;
};

/* "l'eau": the bytes of "l'"; 0 where nothing is cut off. */
static size_t elision(struct str word)
{
	for (size_t i = 1; i < word.len && i <= ELISION_MAX; i++) {
		utf8proc_int32_t c;
		size_t n = char_at(word, i, &c);
		if (is_apostrophe(c))
			return i + n < word.len ? i + n : 0;
	}
	return 0;
}

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
		struct str word = str_sub(text, i, end - i);
		size_t head = sc->language && sc->language->has_elision ? elision(word) : 0;
		if (head > 0) {
			add_token(sc, text, i, head, has_gap);
			has_gap = false;
			i += head;
		}
		size_t tail = sc->language ? 0 : clitic(word);
		add_token(sc, text, i, end - i - tail, has_gap);
		if (tail > 0)
			add_token(sc, text, end - tail, tail, false);
		has_gap = false;
		i = end;
	}
}

/* --- All of it --- */

static void add_sentence(struct arena *a, struct lexicon *l, struct doc *d, struct block *b,
                         struct str text, struct sentence ***next)
{
	struct scan sc = { .arena = a, .lexicon = l, .language = d->language };
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

/* "There are many reasons, including:" and the items below: none of them is a statement. */
static void mark_instances(struct doc *d)
{
	static const char *const ends[] = { "including:", "such as:",  "for example:",  "e.g.:",
		                            "like:",      "examples:", "might include:" };
	bool is_list = false;
	for (struct block *b = d->blocks; b; b = b->next) {
		if (b->list == 0) {
			is_list = false;
			for (size_t i = 0; i < ARRAY_LEN(ends); i++)
				is_list |= str_ends(b->text, str_z(ends[i]));
		}
		b->is_instance = b->list > 0 && is_list;
	}
}

void sentences_read(struct arena *a, struct lexicon *l, struct doc *d)
{
	struct sentence **next = &d->sentences;
	for (struct block *b = d->blocks; b; b = b->next) {
		size_t at = b->label_len;
		while (at < b->text.len) {
			size_t end = sentence_end(b->text, at, d->language);
			struct str text = str_trim(str_sub(b->text, at, end - at));
			if (text.len > 0)
				add_sentence(a, l, d, b, text, &next);
			at = end > at ? end : at + 1;
		}
	}
	mark_instances(d);
	for (struct sentence *s = d->sentences; s; s = s->next) {
		if (d->language) {
			shallow_judge(s, d->language);
			continue;
		}
		sentence_tag(s);
		sentence_judge(s);
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
