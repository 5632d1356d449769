/* What a text without grammar is about.
 *
 * A term is a word that the text uses again and again where nouns stand: behind an article,
 * or with a capital inside a sentence.  A definition is a sentence that begins "X is a …"
 * (Hearst 1992), by the language's own words for it; a long form stands before its letters in
 * brackets and has them in their order (Schwartz and Hearst 2003).
 */
#include <utf8proc.h>

#include "makers/lesson/plan/shallow.h"

enum {
	TERM_LETTERS_MIN = 4,
	TERM_LETTERS_MIN_BARE = 6, /* where no article tells a noun */
	TERM_COUNT_MIN = 2,
	DEFINED_TOKENS_MAX = 4,
	DEFINITION_WORDS_MIN = 4,
	LETTERS_MAX = 8,
	LONG_FORM_BYTES_MAX = 120
};

/* --- Words that the text is about --- */

static uint32_t letters_in(struct str s)
{
	uint32_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

static bool is_word(const struct sentence *s, uint32_t i)
{
	return i < s->n && s->tokens[i].tag == TAG_OTHER;
}

/* The article before the token, as a bit; 0 where none stands. */
static uint32_t article_before(const struct sentence *s, uint32_t i, const struct language *l)
{
	uint32_t bit = 1;
	struct str rest = str_z(i > 0 && is_word(s, i - 1) ? l->articles : "");
	for (; rest.len > 0 && bit != 0; bit <<= 1)
		if (str_eq(str_cut(rest, ' ', &rest), low(s, i - 1)))
			return bit;
	return 0;
}

/* Behind an article, with a capital, or (where neither tells) anywhere. */
static bool may_be_noun(const struct sentence *s, uint32_t i, const struct language *l)
{
	const struct token *t = &s->tokens[i];
	if (!is_word(s, i) || t->word->is_stop)
		return false;
	uint32_t letters = letters_in(low(s, i));
	if (l->has_noun_capitals)
		return t->is_capital && i > 0 && letters >= TERM_LETTERS_MIN;
	if (*l->articles)
		return letters >= TERM_LETTERS_MIN && 0 != article_before(s, i, l);
	return letters >= TERM_LETTERS_MIN_BARE;
}

/* "a new ship": behind "a", an adjective stands before a further word that says something. */
static bool is_followed_by_content(const struct sentence *s, uint32_t i)
{
	return is_word(s, i + 1) && s->tokens[i + 1].word->fixed == TAG_OTHER;
}

bool shallow_stands_as_noun(const struct planner *p, const struct sentence *s, uint32_t i)
{
	const struct language *l = p->doc->language;
	bool is_name = (i > 1 && s->tokens[i - 1].is_capital && is_word(s, i - 1) &&
	                !s->tokens[i - 1].word->is_stop) ||
	               (is_followed_by_content(s, i) && s->tokens[i + 1].is_capital);
	return may_be_noun(s, i, l) && !is_name &&
	       (l->has_noun_capitals || !*l->articles || !is_followed_by_content(s, i));
}

static size_t bucket_of(const struct terms *ts, const struct word *w)
{
	return w->stem_id % ts->n_buckets;
}

static struct term *find_term(const struct terms *ts, const struct word *w)
{
	for (struct term *t = ts->buckets[bucket_of(ts, w)]; t; t = t->hash_next)
		if (t->head->stem_id == w->stem_id)
			return t;
	return NULL;
}

struct term *shallow_term_at(const struct planner *p, const struct sentence *s, uint32_t i)
{
	struct term *t = is_word(s, i) ? find_term(p->terms, s->tokens[i].word) : NULL;
	return t && t->as_noun >= TERM_COUNT_MIN && t->as_noun > t->as_other * 2 ? t : NULL;
}

static void add_term(struct planner *p, const struct sentence *s, uint32_t i)
{
	struct terms *ts = p->terms;
	struct word *w = s->tokens[i].word;
	struct term *t = find_term(ts, w);
	if (!t) {
		t = arena_new(p->arena, struct term, 1);
		t->text = sentence_span(s, i, i + 1);
		t->key = w->stem;
		t->head = w;
		t->n_tokens = 1;
		t->index = ts->n++;
		t->kind = s->tokens[i].is_capital ? TERM_NAME : TERM_COMMON;
		t->hash_next = ts->buckets[bucket_of(ts, w)];
		ts->buckets[bucket_of(ts, w)] = t;
		*ts->last = t;
		ts->last = &t->next;
	}
	t->articles |= article_before(s, i, p->doc->language);
	if (shallow_stands_as_noun(p, s, i))
		t->as_noun++;
	else
		t->as_other++;
}

static void note_place(struct term *t, uint32_t sentence)
{
	if (t->n_places == 0 || t->places[t->n_places - 1] != sentence)
		t->places[t->n_places++] = sentence;
}

/* A term counts wherever its stem stands, as a noun or not. */
static void count_terms(struct planner *p)
{
	for (int pass = 0; pass < 2; pass++) {
		for (const struct sentence *s = p->doc->sentences; s; s = s->next)
			for (uint32_t i = 0; i < s->n; i++) {
				struct term *t = is_word(s, i)
				                         ? find_term(p->terms, s->tokens[i].word)
				                         : NULL;
				if (t && pass == 0)
					t->count++;
				else if (t)
					note_place(t, s->index);
			}
		for (struct term *t = p->terms->first; t && pass == 0; t = t->next)
			t->places = arena_new(p->arena, uint32_t, t->count);
	}
}

/* Behind one and the same article somewhere: of one gender and number, as far as that shows. */
bool shallow_are_alike(const struct planner *p, const struct term *a, const struct term *b)
{
	return a != b && a->kind == b->kind &&
	       (!*p->doc->language->articles || (a->articles & b->articles) != 0);
}

/* --- Definitions --- */

/* End of "X" in "[Ein] X ist ein …"; `from` itself when the sentence is none of these. */
static uint32_t defined_end(const struct sentence *s, uint32_t from, const struct language *l)
{
	uint32_t i = from;
	while (is_word(s, i) && i < from + DEFINED_TOKENS_MAX && !one_of(low(s, i), l->copulas))
		i++;
	bool is_defined = i > from && one_of(low(s, i), l->copulas) &&
	                  one_of(low(s, i + 1), l->indefinite) && !s->tokens[from].word->is_stop &&
	                  !s->tokens[i - 1].word->is_stop;
	return is_defined ? i : from;
}

static void find_definition(struct planner *p, struct sentence *s)
{
	const struct language *l = p->doc->language;
	uint32_t from = one_of(low(s, 0), l->articles) && *l->articles ? 1 : 0;
	if (!s->is_sound || from >= s->n)
		return;
	uint32_t to = defined_end(s, from, l);
	uint32_t end = s->n;
	while (end > to && tag_at(s, end - 1) == TAG_PUNCT)
		end--;
	if (to == from || end < to + 2 + DEFINITION_WORDS_MIN)
		return;
	struct str term = sentence_span(s, from, to), what = sentence_span(s, to + 1, end);
	if (span_stands_in(p->arena, p->lexicon, term, what))
		return;
	struct fact *f = fact_add(p->arena, p->terms, FACT_DEFINITION, s, term, what);
	f->from = from;
	f->to = to;
	f->score = 1;
}

/* --- Long forms --- */

static size_t decode(struct str s, utf8proc_int32_t *ret, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len && n < max;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)s.ptr + i,
		                                        (utf8proc_ssize_t)(s.len - i), &c);
		if (len <= 0)
			return 0;
		ret[n++] = utf8proc_tolower(c);
		i += (size_t)len;
	}
	return n;
}

/* Bytes of the character before `at`. */
static size_t before(struct str s, size_t at)
{
	size_t i = at - 1;
	while (i > 0 && ((unsigned char)s.ptr[i] & 0xc0) == 0x80)
		i--;
	return at - i;
}

/* Where the long form begins in `text`, which ends before the bracket: from the right, each
 * letter is looked for, the first at the head of a word.  SIZE_MAX: it is none. */
static size_t long_form_start(struct str text, struct str letters)
{
	utf8proc_int32_t want[LETTERS_MAX + 1], c;
	size_t left = decode(letters, want, LETTERS_MAX + 1), at = text.len;
	while (left > 0 && left <= LETTERS_MAX && at > 0) {
		size_t n = before(text, at);
		struct str one = str_sub(text, at - n, n);
		at -= n;
		if (decode(one, &c, 1) != 1 || text.len - at > LONG_FORM_BYTES_MAX)
			return SIZE_MAX;
		bool is_head = at == 0 || strchr(" -'(", text.ptr[at - 1]);
		if (c == want[left - 1] && (left > 1 || is_head))
			left--;
	}
	return left == 0 ? at : SIZE_MAX;
}

static void find_long_form(struct planner *p, struct sentence *s, uint32_t i)
{
	struct str text = str_trim(str_sub(s->text, 0, s->tokens[i - 1].at));
	struct str letters = sentence_span(s, i, i + 1);
	size_t start = long_form_start(text, low(s, i));
	if (start == SIZE_MAX)
		return;
	struct str whole = str_sub(text, start, text.len), rest;
	struct str first = lower_case(p->arena, str_cut(whole, ' ', &rest));
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		if (f->kind == FACT_EXPANSION && str_eq(f->term, letters))
			return;
	if (whole.len < letters.len * 3 || one_of(first, p->doc->language->words) ||
	    str_find(whole, STR(","), 0) != SIZE_MAX || str_find(whole, letters, 0) != SIZE_MAX)
		return;
	struct fact *f = fact_add(p->arena, p->terms, FACT_EXPANSION, s, letters, whole);
	f->from = i;
	f->to = i + 1;
	f->score = 1;
}

static void find_long_forms(struct planner *p, struct sentence *s)
{
	for (uint32_t i = 2; s->is_whole && i + 1 < s->n; i++)
		if (s->tokens[i].is_upper && one_of(low(s, i - 1), "(") &&
		    one_of(low(s, i + 1), ")"))
			find_long_form(p, s, i);
}

void shallow_terms_find(struct planner *p)
{
	terms_init(p->arena, p->terms);
	for (struct sentence *s = p->doc->sentences; s; s = s->next) {
		if (s->block->is_aside || s->block->section->is_aside)
			continue;
		for (uint32_t i = 0; i < s->n; i++)
			if (may_be_noun(s, i, p->doc->language))
				add_term(p, s, i);
		find_definition(p, s);
		find_long_forms(p, s);
	}
	count_terms(p);
}
