/* Facts: what the text says that something is, does, is called or stands for.
 *
 * They come from cues ("X is a ...", "X, a ..., does", "X refers to ...", "a X, which is
 * ...", a lead "X: ...", "Long Form (LF)") after Hearst's and Navigli's patterns; a fact
 * whose term or definition cannot be cut out whole is left.
 */
#include "makers/lesson/plan/plan.h"

/* --- Facts --- */

struct fact *fact_add(struct arena *a, struct terms *ts, enum fact_kind kind, struct sentence *s,
                      struct str term, struct str definition)
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
struct str without_end(struct str s)
{
	while (s.len > 0 && strchr(".;, ", s.ptr[s.len - 1]))
		s.len--;
	return s;
}

uint32_t words_in(struct str s)
{
	uint32_t n = s.len > 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == ' ';
	return n;
}

/* --- What something is or does --- */

static uint32_t skip_quotes(const struct sentence *s, uint32_t i)
{
	while (i < s->n &&
	       one_of(low(s, i), "\xe2\x80\x9c \xe2\x80\x9d \" ' \xe2\x80\x98 \xe2\x80\x99"))
		i++;
	return i;
}

bool is_finite_verb(const struct sentence *s, uint32_t i, bool is_plural)
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
	return (w->is_third && w->v > w->n) || (w->is_past && tag_at(s, i + 1) != TAG_PREPOSITION &&
	                                        !one_of(low(s, i + 1), "through via using"));
}

/* The noun phrase a sentence begins with, and the verb that follows it. */
bool find_subject(const struct sentence *s, struct subject *ret)
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
	if (one_of(low(s, verb), "is") && one_of(low(s, i), "the") && tag_at(s, i + 1) == TAG_NOUN)
		return !s->tokens[i + 1].word->is_stop ||
		       one_of(low(s, i + 1), "information process");
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

/* Before ", which …" and the like, when enough is left. */
static uint32_t definition_end(const struct sentence *s, uint32_t from)
{
	for (uint32_t i = from + 6; i + 1 < s->n; i++)
		if (one_of(low(s, i), "; \xe2\x80\x94 :") ||
		    (one_of(low(s, i), ",") && one_of(low(s, i + 1), "which but so although")))
			return i;
	return s->n;
}

static bool is_good_subject(const struct sentence *s, const struct subject *x, const struct term *t)
{
	if (!t || one_of(low(s, x->to - 1), "default defaults"))
		return false; /* of what, stands before */
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

bool has_person(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
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
	struct term *known = terms_lookup(ts, normal_form(a, l, term));
	if (!is_good_subject(s, &x, known) || repeats_subject(s, &x))
		return;
	bool is_definition = is_defining(s, x.verb);
	uint32_t from = is_definition ? definition_start(s, x.verb) : x.verb;
	uint32_t to = is_definition ? definition_end(s, from) : s->n;
	struct str definition = without_end(sentence_span(s, from, to));
	uint32_t words = words_in(definition);
	if (words < 5 || words > 28 || s->is_first_person ||
	    (!is_definition && (has_person(s, x.verb, s->n) || tag_at(s, x.verb) == TAG_HAVE)))
		return;
	struct fact *f =
	        fact_add(a, ts, is_definition ? FACT_DEFINITION : FACT_ACTION, s, term, definition);
	f->predicate = without_end(sentence_span(s, x.verb, to));
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
	struct term *known = terms_lookup(ts, normal_form(a, l, sentence_span(s, x.from, x.to)));
	if (!known || !says_something(s, x.from, x.to))
		return;
	struct fact *f = fact_add(a, ts, FACT_DEFINITION, s, sentence_span(s, x.from, x.to),
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
		struct term *known =
		        terms_lookup(ts, normal_form(a, l, sentence_span(s, from, to)));
		struct str definition =
		        without_end(sentence_span(s, definition_start(s, i + 1), s->n));
		if (!known || words_in(definition) < 4 ||
		    str_find(definition, STR(", and"), 0) != SIZE_MAX)
			return;
		struct fact *f =
		        fact_add(a, ts, FACT_DEFINITION, s, sentence_span(s, from, to), definition);
		f->known = known;
		f->from = from;
		f->to = to;
		f->score = 1.0;
		return;
	}
}

/* What a definition's noun may be after a mere comma; after a dash anything may. */
static bool is_class_word(struct str w)
{
	return one_of(w, "set type form kind means method way tool technique system process group "
	                 "practice program collection measure term unit device library file "
	                 "standard language network document platform service framework format");
}

/* The noun phrase that stops at `to`; its start is *from. */
static bool phrase_before(const struct sentence *s, uint32_t to, uint32_t *from)
{
	uint32_t i = to;
	while (i > 0 && is_phrase_token(s, i - 1))
		i--;
	*from = i;
	return i < to && phrase_end(s, i) == to && to - i <= 4;
}

/* "signaling, a means of …," and "weekly ships — a short email … —" within a sentence. */
static void read_apposition(struct arena *a, struct lexicon *l, struct terms *ts,
                            struct sentence *s)
{
	for (uint32_t i = 1; i + 4 < s->n; i++) {
		uint32_t from, end = i + 3;
		bool is_dash = one_of(low(s, i), "\xe2\x80\x94 \xe2\x80\x93");
		if ((!is_dash && !one_of(low(s, i), ",")) || !one_of(low(s, i + 1), "a an") ||
		    !phrase_before(s, i, &from))
			continue;
		if (!is_dash &&
		    !(is_class_word(low(s, i + 2)) && one_of(low(s, i + 3), "of that for to")))
			continue;
		while (end < s->n && !str_eq(low(s, end), low(s, i)))
			end++;
		struct term *known = terms_lookup(ts, normal_form(a, l, sentence_span(s, from, i)));
		struct str definition = without_end(sentence_span(s, i + 1, end));
		if (!known || (is_dash && end >= s->n) || words_in(definition) < 4 ||
		    words_in(definition) > 26 || s->tokens[from].word->is_stop ||
		    known->head->is_stop)
			continue;
		struct fact *f =
		        fact_add(a, ts, FACT_DEFINITION, s, sentence_span(s, from, i), definition);
		f->known = known;
		f->from = from;
		f->to = i;
		f->score = 1.0 + 0.2 * s->rank;
		return;
	}
}

/* "user types, also known as user archetypes", "(TPM) — sometimes known as VSC" */
static void read_alias(struct arena *a, struct lexicon *l, struct terms *ts, struct sentence *s)
{
	for (uint32_t i = 2; i + 3 < s->n; i++) {
		bool is_known = one_of(low(s, i), "known") && one_of(low(s, i + 1), "as");
		if ((!is_known && !one_of(low(s, i), "called")) ||
		    !one_of(low(s, i - 1), "also sometimes commonly often"))
			continue;
		uint32_t from, at = i + (is_known ? 2 : 1), to = i - 1;
		at += one_of(low(s, at), "the a an \xe2\x80\x9c") ? 1 : 0;
		uint32_t end = phrase_end(s, at);
		while (to > 0 && tag_at(s, to - 1) == TAG_PUNCT)
			to--;
		if (end == at || to == 0 || !phrase_before(s, to, &from))
			continue;
		struct fact *f = fact_add(a, ts, FACT_ALIAS, s, sentence_span(s, from, to),
		                          sentence_span(s, at, end));
		f->known = terms_lookup(ts, normal_form(a, l, f->term));
		f->from = from;
		f->to = to;
		f->score = 1;
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
	struct fact *f = fact_add(a, ts, FACT_LABEL, s, b->label, without_end(s->text));
	f->source = str_sub(b->text, 0, (size_t)(s->text.ptr - b->text.ptr) + s->text.len);
	f->score = 0.8;
}

/* The option itself is the term, what its first sentence says the definition. */
static void read_option(struct arena *a, struct terms *ts, struct block *b)
{
	struct sentence *s = b->first;
	if (b->is_aside || !s || b->label.len == 0 || b->label.len > 40 ||
	    b->label.ptr[b->label.len - 1] == '.')
		return;
	bool is_status = b->label.ptr[0] >= '0' && b->label.ptr[0] <= '9';
	if (!is_status && (b->label.len < 2 || s->n_words < 3))
		return;
	struct fact *f = fact_add(a, ts, FACT_OPTION, s, b->label, without_end(s->text));
	f->source = str_sub(b->text, 0, (size_t)(s->text.ptr - b->text.ptr) + s->text.len);
	f->score = 0.8;
}

void facts_find(struct arena *a, struct lexicon *l, const struct doc *d, struct terms *ts)
{
	for (struct sentence *s = d->sentences; s; s = s->next)
		if (s->is_whole || !s->block->section->is_aside)
			abbreviations_find(a, l, ts, s);
	for (struct sentence *s = d->sentences; s; s = s->next) {
		if (!s->is_sound)
			continue;
		read_statement(a, l, ts, s);
		read_insertion(a, l, ts, s);
		read_relative(a, l, ts, s);
		read_apposition(a, l, ts, s);
		read_alias(a, l, ts, s);
	}
	for (struct block *b = d->blocks; b; b = b->next)
		if (!b->section->is_aside && b->is_option)
			read_option(a, ts, b);
		else if (!b->section->is_aside)
			read_label(a, ts, b);
}
