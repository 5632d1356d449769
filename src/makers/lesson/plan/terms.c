/* Noun phrases with their counts, abbreviations with what they stand for, and facts: what
 * the text says that something is or does.
 *
 * A noun phrase is a run of adjectives and nouns (names may be joined by "of" and "for").
 * Whether both its ends are certain is kept with each mention, because only then may the
 * phrase be cut out of the sentence.  Facts come from cues: "X is a …", "X, a …, …",
 * "X refers to …", "X helps …", a bold lead "X: …", and "Long Form (LF)".
 */
#include <math.h>

#include "makers/lesson/plan/plan.h"

enum { TERM_BUCKETS = 4096, PHRASE_MAX = 6, PLACES_FIRST = 4, INITIALS_MAX = 8 };

static struct str low(const struct sentence *s, uint32_t i)
{
	return i < s->n ? s->tokens[i].word->text : (struct str){ "", 0 };
}

static bool one_of(struct str w, const char *list)
{
	struct str rest = str_z(list);
	while (rest.len > 0)
		if (str_eq(str_cut(rest, ' ', &rest), w))
			return true;
	return false;
}

static enum tag tag_at(const struct sentence *s, uint32_t i)
{
	return i < s->n ? s->tokens[i].tag : TAG_PUNCT;
}

/* --- Noun phrases --- */

static bool is_naming_gerund(const struct sentence *s, uint32_t i)
{
	const struct token *t = &s->tokens[i];
	if (!t->word->is_gerund || i == 0 || tag_at(s, i - 1) != TAG_NOUN ||
	    s->tokens[i - 1].word->is_plural)
		return false;
	enum tag next = tag_at(s, i + 1);
	return next == TAG_BE || next == TAG_MODAL || next == TAG_PUNCT || next == TAG_CONJUNCTION;
}

static bool is_phrase_token(const struct sentence *s, uint32_t i)
{
	enum tag t = tag_at(s, i);
	if (s->tokens[i].word->fixed != TAG_OTHER && t != TAG_PROPER)
		return false;
	return t == TAG_NOUN || t == TAG_PROPER || t == TAG_ADJECTIVE || is_naming_gerund(s, i);
}

static uint32_t joined_name(const struct sentence *s, uint32_t i)
{
	if (tag_at(s, i - 1) != TAG_PROPER || !one_of(low(s, i), "of for"))
		return 0;
	if (tag_at(s, i + 1) == TAG_PROPER)
		return 1;
	return one_of(low(s, i + 1), "the") && tag_at(s, i + 2) == TAG_PROPER ? 2 : 0;
}

/* End of the noun phrase at `from`; `from` itself when there is none. */
static uint32_t phrase_end(const struct sentence *s, uint32_t from)
{
	uint32_t i = from;
	while (i < s->n) {
		if (i > from && tag_at(s, i) == TAG_PREPOSITION && joined_name(s, i) > 0)
			i += joined_name(s, i);
		else if (!is_phrase_token(s, i))
			break;
		else
			i++;
	}
	while (i > from && tag_at(s, i - 1) != TAG_NOUN && tag_at(s, i - 1) != TAG_PROPER &&
	       !is_naming_gerund(s, i - 1))
		i--;
	return i;
}

static bool is_clear_before(const struct sentence *s, uint32_t i)
{
	if (i == 0)
		return true;
	enum tag t = tag_at(s, i - 1);
	return t == TAG_DETERMINER || t == TAG_POSSESSIVE || t == TAG_PREPOSITION ||
	       t == TAG_CONJUNCTION || t == TAG_BE || t == TAG_HAVE || t == TAG_NUMBER ||
	       (t == TAG_PUNCT && !one_of(low(s, i - 1), "- / & ' #")) ||
	       (t == TAG_VERB && s->tokens[i - 1].word->v > s->tokens[i - 1].word->n);
}

static bool is_clear_after(const struct sentence *s, uint32_t i)
{
	if (i >= s->n)
		return true;
	const struct token *t = &s->tokens[i];
	if (t->tag == TAG_PUNCT)
		return !one_of(t->word->text, "- / & ' ( # \xe2\x80\x99");
	if (t->tag == TAG_VERB)
		return t->word->v > 3 * t->word->n;
	if ((t->tag == TAG_DETERMINER || t->tag == TAG_PRONOUN || t->tag == TAG_POSSESSIVE) &&
	    i > 0 && s->tokens[i - 1].word->v > 0)
		return false; /* "customer experiences the service": a verb after all */
	return t->tag == TAG_PREPOSITION || t->tag == TAG_CONJUNCTION || t->tag == TAG_BE ||
	       t->tag == TAG_HAVE || t->tag == TAG_MODAL || t->tag == TAG_TO || t->tag == TAG_WH ||
	       t->tag == TAG_DETERMINER || t->tag == TAG_PRONOUN || t->tag == TAG_DO;
}

static bool is_abbreviation(const struct sentence *s, uint32_t i)
{
	const struct token *t = &s->tokens[i];
	uint32_t upper = 0;
	for (uint32_t k = 0; k < t->len; k++) {
		char c = s->text.ptr[t->at + k];
		if (c >= 'A' && c <= 'Z')
			upper++;
		else if (!(c == 's' && k + 1 == t->len))
			return false;
	}
	return upper >= 2 && upper <= INITIALS_MAX;
}

/* --- The table of terms --- */

static uint32_t hash(struct str s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 16777619u;
	return h;
}

static struct term *find_term(const struct terms *t, struct str key)
{
	struct term *x = t->buckets[hash(key) % TERM_BUCKETS];
	while (x && !str_eq(x->key, key))
		x = x->hash_next;
	return x;
}

static void describe(struct term *t, const struct sentence *s, uint32_t from, uint32_t to)
{
	t->n_tokens = to - from;
	t->head = s->tokens[to - 1].word;
	for (uint32_t i = from; i < to; i++)
		if (tag_at(s, i) == TAG_PREPOSITION) {
			t->head = s->tokens[i - 1].word;
			break;
		}
	bool is_name = true;
	for (uint32_t i = from; i < to; i++)
		is_name &= tag_at(s, i) == TAG_PROPER || tag_at(s, i) == TAG_PREPOSITION ||
		           tag_at(s, i) == TAG_DETERMINER;
	for (uint32_t i = from; i < to; i++)
		t->has_name |= tag_at(s, i) == TAG_PROPER;
	t->kind = to - from == 1 && is_abbreviation(s, from) ? TERM_ABBREVIATION
	          : is_name                                  ? TERM_NAME
	                                                     : TERM_COMMON;
	char last = t->text.ptr[t->text.len - 1];
	t->is_plural = t->kind == TERM_ABBREVIATION ? last == 's' : t->head->is_plural;
	t->is_vowel = strchr("aeiouAEIOU", t->text.ptr[0]) != NULL;
}

/* A common noun's capital at the head of a sentence is not its own. */
static struct str without_capital(struct arena *a, const struct sentence *s, uint32_t from,
                                  struct str text)
{
	const struct token *t = &s->tokens[from];
	if (t->tag == TAG_PROPER || t->is_upper || text.ptr[0] < 'A' || text.ptr[0] > 'Z')
		return text;
	return str_fmt(a, "%c" STR_FMT, text.ptr[0] + 32, STR_ARG(str_sub(text, 1, text.len)));
}

static struct term *add_term(struct arena *a, struct lexicon *l, struct terms *ts,
                             const struct sentence *s, uint32_t from, uint32_t to)
{
	struct str text = sentence_span(s, from, to);
	struct str key = normal_form(a, l, text);
	struct term *t = find_term(ts, key);
	if (!t) {
		t = arena_new(a, struct term, 1);
		t->text = text;
		t->key = key;
		t->first = (struct sentence *)(uintptr_t)s;
		t->index = ts->n++;
		describe(t, s, from, to);
		if (t->kind == TERM_COMMON)
			t->text = without_capital(a, s, from, text);
		uint32_t at = hash(key) % TERM_BUCKETS;
		t->hash_next = ts->buckets[at];
		ts->buckets[at] = t;
		*ts->last = t;
		ts->last = &t->next;
	}
	t->count++;
	if (t->n_places > 0 && t->places[t->n_places - 1] == s->index)
		return t;
	if (t->n_places == t->cap_places) {
		uint32_t cap = t->cap_places ? t->cap_places * 2 : PLACES_FIRST;
		uint32_t *grown = arena_new(a, uint32_t, cap);
		if (t->n_places > 0)
			memcpy(grown, t->places, t->n_places * sizeof(*grown));
		t->places = grown;
		t->cap_places = cap;
	}
	t->places[t->n_places++] = s->index;
	return t;
}

static bool says_something(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (!s->tokens[i].word->is_stop && s->tokens[i].len > 1)
			return true;
	return false;
}

static void read_phrases(struct arena *a, struct lexicon *l, struct terms *ts, struct sentence *s)
{
	for (uint32_t i = 0; i < s->n;) {
		uint32_t end = phrase_end(s, i), from = i;
		if (end == i) {
			i++;
			continue;
		}
		while (from + 1 < end && s->tokens[from].word->is_stop &&
		       tag_at(s, from) == TAG_ADJECTIVE)
			from++;
		if (end - from <= PHRASE_MAX && says_something(s, from, end)) {
			struct mention *m = arena_new(a, struct mention, 1);
			m->term = add_term(a, l, ts, s, from, end);
			m->sentence = s;
			m->from = from;
			m->to = end;
			m->is_clear =
			        from == i && is_clear_before(s, from) && is_clear_after(s, end);
			*ts->mentions_last = m;
			ts->mentions_last = &m->next;
		}
		i = end;
	}
}

/* --- Facts --- */

static struct fact *add_fact(struct arena *a, struct terms *ts, enum fact_kind kind,
                             struct sentence *s, struct str term, struct str definition)
{
	struct fact *f = arena_new(a, struct fact, 1);
	f->kind = kind;
	f->sentence = s;
	f->term = term;
	f->definition = definition;
	f->source = s->text;
	*ts->facts_last = f;
	ts->facts_last = &f->next;
	return f;
}

/* Without the full stop and what else ends a sentence. */
static struct str without_end(struct str s)
{
	while (s.len > 0 && strchr(".;, ", s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static uint32_t words_in(struct str s)
{
	uint32_t n = s.len > 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == ' ';
	return n;
}

/* --- Abbreviations --- */

struct initials { /* where the words before a bracket begin, last first */
	uint32_t token;
	char letter;
	bool is_small;
};

static size_t read_initials(const struct sentence *s, uint32_t end, struct initials *ret,
                            size_t max)
{
	size_t n = 0;
	for (uint32_t i = end; i > 0 && n < max; i--) {
		const struct token *t = &s->tokens[i - 1];
		if (t->tag == TAG_PUNCT) {
			if (one_of(t->word->text, ", . : ; ( )"))
				break;
			continue;
		}
		bool is_small = one_of(t->word->text, "of and the for to in on with");
		struct str w = t->word->text;
		for (size_t k = w.len; k > 0 && n < max; k--)
			if (k == 1 || w.ptr[k - 2] == '-' || w.ptr[k - 2] == '.')
				if (w.ptr[k - 1] != '.')
					ret[n++] =
					        (struct initials){ i - 1, w.ptr[k - 1], is_small };
	}
	return n;
}

/* First token of the words before `end` whose initials spell the abbreviation. */
static bool spell_out(const struct sentence *s, uint32_t end, struct str abbr, uint32_t *from)
{
	struct initials x[24];
	size_t n = read_initials(s, end, x, ARRAY_LEN(x)), at = 0;
	size_t left = abbr.len;
	uint32_t start = end;
	while (left > 0 && at < n) {
		char want = abbr.ptr[left - 1];
		bool is_next = x[at].is_small && at + 1 < n && x[at + 1].letter == want;
		if (x[at].letter == want && !is_next) {
			start = x[at].token;
			left--;
		} else if (!x[at].is_small) {
			return false;
		}
		at++;
	}
	*from = start;
	return left == 0 && (at >= n || x[at].token != start);
}

static struct str abbreviation_letters(const struct sentence *s, uint32_t i)
{
	struct str w = low(s, i);
	if (w.len > 2 && s->text.ptr[s->tokens[i].at + s->tokens[i].len - 1] == 's')
		w.len--;
	return w;
}

static void link_alias(struct arena *a, struct lexicon *l, struct terms *ts, struct fact *f)
{
	struct term *x = find_term(ts, normal_form(a, l, f->term));
	struct term *y = find_term(ts, normal_form(a, l, f->definition));
	if (x) {
		x->expansion = f->definition;
		x->alias = y;
		f->known = x;
	}
	if (y)
		y->alias = x;
}

static bool is_known_expansion(const struct terms *ts, struct str abbr)
{
	for (const struct fact *f = ts->facts; f; f = f->next)
		if (f->kind == FACT_EXPANSION && str_eq(f->term, abbr))
			return true;
	return false;
}

static void read_abbreviations(struct arena *a, struct lexicon *l, struct terms *ts,
                               struct sentence *s)
{
	for (uint32_t i = 2; i + 1 < s->n; i++) {
		uint32_t from;
		if (!one_of(low(s, i - 1), "(") || !one_of(low(s, i + 1), ")"))
			continue;
		if (!is_abbreviation(s, i) ||
		    !spell_out(s, i - 1, abbreviation_letters(s, i), &from))
			continue;
		uint32_t to = i - 1;
		while (to > from && tag_at(s, to - 1) == TAG_PUNCT)
			to--;
		struct str abbr = sentence_span(s, i, i + 1);
		if (to - from < 2 || is_known_expansion(ts, abbr))
			continue;
		struct fact *f =
		        add_fact(a, ts, FACT_EXPANSION, s, abbr, sentence_span(s, from, to));
		f->from = i;
		f->to = i + 1;
		f->score = 1;
		link_alias(a, l, ts, f);
	}
}

/* --- What something is or does --- */

struct subject {
	uint32_t from, to; /* the phrase */
	uint32_t verb;
	bool is_plural;
};

static uint32_t skip_quotes(const struct sentence *s, uint32_t i)
{
	while (i < s->n &&
	       one_of(low(s, i), "\xe2\x80\x9c \xe2\x80\x9d \" ' \xe2\x80\x98 \xe2\x80\x99"))
		i++;
	return i;
}

static bool is_finite_verb(const struct sentence *s, uint32_t i, bool is_plural)
{
	enum tag t = tag_at(s, i);
	const struct word *w = i < s->n ? s->tokens[i].word : NULL;
	if (!w)
		return false;
	if (t == TAG_BE)
		return one_of(w->text, "is are was were");
	if (t == TAG_HAVE)
		return one_of(w->text, "has have had");
	if (t == TAG_MODAL)
		return one_of(w->text, "can will must should may");
	if (t != TAG_VERB || w->is_gerund)
		return false;
	if (is_plural)
		return !w->is_third && w->v > w->n;
	return (w->is_third && w->v > w->n) || (w->is_past && tag_at(s, i + 1) != TAG_PREPOSITION);
}

/* The noun phrase a sentence begins with, and the verb that follows it. */
static bool find_subject(const struct sentence *s, struct subject *ret)
{
	uint32_t i = s->lead;
	bool has_article = one_of(low(s, i), "the a an");
	i = skip_quotes(s, i + has_article);
	if (i >= s->n)
		return false;
	uint32_t end = phrase_end(s, i);
	if (end == i || end - i > PHRASE_MAX)
		return false;
	*ret = (struct subject){ .from = i, .to = end };
	const struct word *head = s->tokens[end - 1].word;
	ret->is_plural = head->is_plural && tag_at(s, end - 1) != TAG_PROPER;
	end = skip_quotes(s, end);
	if (one_of(low(s, end), "(") && one_of(low(s, end + 2), ")"))
		end += 3;
	while (tag_at(s, end) == TAG_ADVERB && end < s->n)
		end++;
	ret->verb = end;
	if (one_of(low(s, end), "are were have"))
		ret->is_plural = true;
	return true;
}

static bool is_judgement(const struct sentence *s, uint32_t i)
{
	for (uint32_t k = i; k < i + 3 && k < s->n; k++)
		if (one_of(low(s, k),
		           "very great good better best huge enormous challenge necessity "
		           "problem shame pity joy must long-term useful valuable important "
		           "big constant hot amazing lot key really"))
			return true;
	return false;
}

static bool is_defining(const struct sentence *s, uint32_t verb)
{
	uint32_t i = verb + 1;
	if (tag_at(s, verb) == TAG_BE && one_of(low(s, i), "a an"))
		return !is_judgement(s, i + 1);
	if (one_of(low(s, verb), "are") && is_phrase_token(s, i)) {
		for (uint32_t k = i + 1; k < i + 4 && k < s->n; k++)
			if (one_of(low(s, k), "that which who for used"))
				return tag_at(s, k - 1) == TAG_NOUN;
		return false;
	}
	return (one_of(low(s, verb), "refers refer") && one_of(low(s, i), "to")) ||
	       (one_of(low(s, verb), "is are") && one_of(low(s, i), "defined") &&
	        one_of(low(s, i + 1), "as"));
}

/* Where the definition begins behind its cue. */
static uint32_t definition_start(const struct sentence *s, uint32_t verb)
{
	if (one_of(low(s, verb), "refers refer"))
		return verb + 2;
	if (one_of(low(s, verb + 1), "defined"))
		return verb + 3;
	return verb + 1;
}

static bool is_good_subject(const struct sentence *s, const struct subject *x, const struct term *t)
{
	if (!t)
		return false;
	bool is_general = x->is_plural || (x->from > s->lead && one_of(low(s, s->lead), "a an"));
	if (is_general && is_defining(s, x->verb) && !t->head->is_stop)
		return true; /* "A beehive is a box that …" */
	if (t->kind != TERM_COMMON)
		return t->text.len > 2;
	if (!says_something(s, x->from, x->to))
		return false;
	return x->to - x->from >= 2 ? t->count >= 2 || x->from == s->lead : t->count >= 3;
}

static bool repeats_subject(const struct sentence *s, const struct subject *x)
{
	for (uint32_t i = x->verb; i < s->n; i++)
		for (uint32_t k = x->from; k < x->to; k++)
			if (!s->tokens[k].word->is_stop &&
			    s->tokens[i].word->stem_id == s->tokens[k].word->stem_id)
				return true;
	return false;
}

static bool has_person(const struct sentence *s, uint32_t from)
{
	for (uint32_t i = from; i < s->n; i++)
		if (one_of(low(s, i), "we our us you your they their it its them"))
			return true;
	return false;
}

static void read_statement(struct arena *a, struct lexicon *l, struct terms *ts, struct sentence *s)
{
	struct subject x;
	if (!find_subject(s, &x) || !is_finite_verb(s, x.verb, x.is_plural) || x.verb + 3 >= s->n)
		return;
	if (tag_at(s, x.verb + 1) == TAG_NOT || one_of(low(s, x.verb + 1), "no ,"))
		return;
	struct str term = sentence_span(s, x.from, x.to);
	struct term *known = find_term(ts, normal_form(a, l, term));
	if (!is_good_subject(s, &x, known) || repeats_subject(s, &x))
		return;
	bool is_definition = is_defining(s, x.verb);
	uint32_t from = is_definition ? definition_start(s, x.verb) : x.verb;
	struct str definition = without_end(sentence_span(s, from, s->n));
	uint32_t words = words_in(definition);
	if (words < 5 || words > 28 || s->is_first_person ||
	    (!is_definition && (has_person(s, x.verb) || tag_at(s, x.verb) == TAG_HAVE)))
		return;
	struct fact *f =
	        add_fact(a, ts, is_definition ? FACT_DEFINITION : FACT_ACTION, s, term, definition);
	f->predicate = without_end(sentence_span(s, x.verb, s->n));
	f->is_plural = x.is_plural;
	f->known = known;
	f->from = x.from;
	f->to = x.to;
	f->score = (is_definition ? 1.0 : 0.6) + (words < 18 ? 0.2 : 0) +
	           (known->count > 2 ? 0.15 : 0) + 0.3 * s->rank;
}

/* "X, a …, does …": the insertion says what X is. */
static void read_insertion(struct arena *a, struct lexicon *l, struct terms *ts, struct sentence *s)
{
	struct subject x;
	if (!find_subject(s, &x) || x.verb >= s->n)
		return;
	struct str mark = low(s, x.verb);
	if (!one_of(mark, ", \xe2\x80\x94") || !one_of(low(s, x.verb + 1), "a an"))
		return;
	uint32_t end = x.verb + 2;
	while (end < s->n && !str_eq(low(s, end), mark))
		end++;
	if (end + 1 >= s->n || !is_finite_verb(s, end + 1, x.is_plural) || end - x.verb < 4)
		return;
	struct term *known = find_term(ts, normal_form(a, l, sentence_span(s, x.from, x.to)));
	if (!known || !says_something(s, x.from, x.to))
		return;
	struct fact *f = add_fact(a, ts, FACT_DEFINITION, s, sentence_span(s, x.from, x.to),
	                          sentence_span(s, x.verb + 1, end));
	f->predicate =
	        str_fmt(a, "%s " STR_FMT, x.is_plural ? "are" : "is", STR_ARG(f->definition));
	f->is_plural = x.is_plural;
	f->known = known;
	f->from = x.from;
	f->to = x.to;
	f->score = 1.1 + 0.2 * s->rank;
}

/* "…, X, which is/refers to …": only where the rest of the sentence belongs to X. */
static void read_relative(struct arena *a, struct lexicon *l, struct terms *ts, struct sentence *s)
{
	for (uint32_t i = 2; i + 4 < s->n; i++) {
		if (!one_of(low(s, i), "which") || !is_defining(s, i + 1))
			continue;
		uint32_t to = i;
		while (to > 0 && tag_at(s, to - 1) == TAG_PUNCT)
			to--;
		uint32_t from = to;
		while (from > 0 && is_phrase_token(s, from - 1))
			from--;
		if (to == i || from == to || phrase_end(s, from) != to || to - from > 4 ||
		    from == 0)
			return;
		struct term *known = find_term(ts, normal_form(a, l, sentence_span(s, from, to)));
		struct str definition =
		        without_end(sentence_span(s, definition_start(s, i + 1), s->n));
		if (!known || words_in(definition) < 4 ||
		    str_find(definition, STR(", and"), 0) != SIZE_MAX)
			return;
		struct fact *f =
		        add_fact(a, ts, FACT_DEFINITION, s, sentence_span(s, from, to), definition);
		f->known = known;
		f->from = from;
		f->to = to;
		f->score = 1.0;
		return;
	}
}

/* A bold lead and the sentence behind it. */
static void read_label(struct arena *a, struct terms *ts, struct block *b)
{
	struct sentence *s = b->first;
	if (b->label.len < 3 || b->is_aside || !s || !s->is_whole || s->n_words > 30 ||
	    b->label.len > 40)
		return;
	if (s->is_first_person || one_of(low(s, 0), "it this these they that there such"))
		return;
	struct fact *f = add_fact(a, ts, FACT_LABEL, s, b->label, without_end(s->text));
	f->source = str_sub(b->text, 0, (size_t)(s->text.ptr - b->text.ptr) + s->text.len);
	f->score = 0.8;
}

/* --- Scores --- */

static void score_terms(struct terms *ts, struct arena *a, struct lexicon *l, const struct doc *d)
{
	struct buf b = BUF_INIT(1 << 20);
	buf_add(&b, normal_form(a, l, d->title));
	for (const struct section *x = d->sections; x; x = x->next) {
		buf_addc(&b, '\n');
		buf_add(&b, normal_form(a, l, x->title));
	}
	for (struct term *t = ts->first; t; t = t->next) {
		t->score = t->count * (1 + 0.6 * (t->n_tokens - 1));
		if (t->kind != TERM_COMMON)
			t->score *= 1.3;
		if (t->count > 1 && str_find(buf_str(&b), t->key, 0) != SIZE_MAX)
			t->score *= 1.5;
	}
	buf_fini(&b);
}

void terms_find(struct arena *a, struct lexicon *l, const struct doc *d, struct terms *ret)
{
	*ret = (struct terms){ .n_buckets = TERM_BUCKETS };
	ret->last = &ret->first;
	ret->mentions_last = &ret->mentions;
	ret->facts_last = &ret->facts;
	ret->buckets = arena_new(a, struct term *, TERM_BUCKETS);
	for (struct sentence *s = d->sentences; s; s = s->next)
		if (!s->block->is_aside && !s->block->section->is_aside)
			read_phrases(a, l, ret, s);
	for (struct sentence *s = d->sentences; s; s = s->next)
		if (s->is_whole || !s->block->section->is_aside)
			read_abbreviations(a, l, ret, s);
	for (struct sentence *s = d->sentences; s; s = s->next) {
		if (!s->is_sound)
			continue;
		read_statement(a, l, ret, s);
		read_insertion(a, l, ret, s);
		read_relative(a, l, ret, s);
	}
	for (struct block *b = d->blocks; b; b = b->next)
		if (!b->section->is_aside)
			read_label(a, ret, b);
	score_terms(ret, a, l, d);
}
