/* Where a sentence has an end that can be told from its beginning: the clause behind
 * "because", "so that", "to" or "by", what follows "When …,", and what is said about the
 * subject.  Which of them may be asked for (`is_key`) and which are alternatives only. */
#include "makers/lesson/plan/endings.h"

enum {
	KEY_WORDS_MIN = 4,
	KEY_WORDS_MAX = 19,
	PREDICATE_WORDS_MAX = 24,
	INTRO_MAX = 16,
	LONG_ENOUGH = 6,
	ADVISED_MIN = 6
};

static uint32_t end_of(const struct sentence *s)
{
	uint32_t n = s->n;
	while (n > 0 && one_of(low(s, n - 1), ". \xe2\x80\x9d \""))
		n--;
	return n;
}

static bool has_verb_in(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		enum tag t = tag_at(s, i);
		if (t == TAG_BE || t == TAG_HAVE || t == TAG_MODAL || t == TAG_DO ||
		    (t == TAG_VERB && !s->tokens[i].word->is_gerund &&
		     (i == from || tag_at(s, i - 1) != TAG_TO)))
			return true;
	}
	return false;
}

/* "to" of a purpose: not "able to", "want to", "how to", nor the preposition. */
static bool is_purpose(const struct sentence *s, uint32_t i)
{
	if (tag_at(s, i) != TAG_TO || tag_at(s, i + 1) != TAG_VERB ||
	    s->tokens[i + 1].word->is_gerund || s->tokens[i + 1].word->is_third ||
	    s->tokens[i + 1].word->is_past)
		return false;
	if (i == 0 ||
	    one_of(low(s, i - 1), "need needs ability way ways how likely time opportunity right"))
		return false;
	enum tag before = tag_at(s, i - 1);
	return before == TAG_NOUN || before == TAG_PROPER ||
	       one_of(low(s, i - 1), "order , ) together you");
}

/* "the use of PDFs to share content runs deep": the sentence goes on behind the purpose. */
static bool goes_on(const struct sentence *s, uint32_t i)
{
	for (uint32_t k = i + 2; k + 1 < s->n; k++) {
		enum tag t = tag_at(s, k);
		if (t == TAG_WH || one_of(low(s, k), "that so if because while"))
			return false;
		if (t == TAG_BE || t == TAG_HAVE || t == TAG_MODAL ||
		    (t == TAG_VERB && s->tokens[k].word->is_third))
			return true;
	}
	return false;
}

/* Behind the last ", but" and the like before token i. */
static uint32_t clause_head(const struct sentence *s, uint32_t i)
{
	for (uint32_t k = i; k > s->lead + 1; k--)
		if (one_of(low(s, k - 1), "but although while and") && one_of(low(s, k - 2), ","))
			return k;
	return s->lead;
}

static bool cue_at(const struct sentence *s, uint32_t i, enum cue *cue, uint32_t *from)
{
	*from = i + 1;
	if (one_of(low(s, i), "because") && !one_of(low(s, i + 1), "of , it") &&
	    !one_of(low(s, i - 1), "just only not simply merely partly")) {
		*cue = CUE_REASON;
		return true;
	}
	if (one_of(low(s, i), "so") && one_of(low(s, i + 1), "that") &&
	    !one_of(low(s, s->lead), "if when")) {
		*cue = CUE_AIM;
		*from = i + 2;
		return true;
	}
	if (is_purpose(s, i) && !goes_on(s, i) && has_verb_in(s, clause_head(s, i), i)) {
		*cue = CUE_PURPOSE;
		*from = i;
		return true;
	}
	if (one_of(low(s, i), "by") && i + 1 < s->n && s->tokens[i + 1].word->is_gerund &&
	    tag_at(s, i - 1) != TAG_PREPOSITION && !one_of(low(s, i + 1), "far")) {
		*cue = CUE_MEANS;
		*from = i;
		return true;
	}
	return false;
}

static bool is_shown_whole(const struct sentence *s, uint32_t from, uint32_t to)
{
	int round = 0;
	for (uint32_t i = from; i < to; i++) {
		round += one_of(low(s, i), "( [") ? 1 : one_of(low(s, i), ") ]") ? -1 : 0;
		if (round < 0 ||
		    one_of(low(s, i),
		           "\xe2\x80\x9c \xe2\x80\x9d \" ; : \xe2\x80\x94 \xe2\x80\x93 ... ?"))
			return false;
	}
	return round == 0;
}

static bool names_no_person(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (one_of(low(s, i),
		           "we our us i my me mine this these those here he she his her"))
			return false;
	return true;
}

/* "to get started" ends anything. */
static bool is_telling(const struct sentence *s, uint32_t from, uint32_t to)
{
	uint32_t n = 0;
	for (uint32_t i = from; i < to; i++)
		n += tag_at(s, i) != TAG_PUNCT && !s->tokens[i].word->is_stop;
	return n >= 2 || (n == 1 && to - from >= LONG_ENOUGH);
}

bool points_back(const struct sentence *s, uint32_t from, uint32_t to)
{
	if (to > from && one_of(low(s, to - 1), "one ones too"))
		return true; /* "please start one" */
	for (uint32_t i = from; i < to; i++)
		if (one_of(low(s, i), "they their them themselves it its both such also"))
			return true;
	return false;
}

/* "to assess speed, and the site scored 29": the next clause is no part of the purpose. */
static uint32_t own_end(const struct sentence *s, uint32_t from, uint32_t to)
{
	for (uint32_t i = from + 2; i + 2 < to; i++) {
		enum tag next = tag_at(s, i + 2);
		bool is_subject = next == TAG_DETERMINER || next == TAG_PRONOUN ||
		                  next == TAG_POSSESSIVE || next == TAG_PROPER;
		if (one_of(low(s, i), ",") && one_of(low(s, i + 1), "and but so") && is_subject &&
		    has_verb_in(s, i + 3, to))
			return i;
	}
	return to;
}

static struct ending *add_ending(struct endings *all, struct sentence *s, uint32_t at,
                                 uint32_t from, uint32_t to, enum cue cue)
{
	struct ending e = { .cue = cue,
		            .sentence = s,
		            .from = from,
		            .to = to,
		            .main_from = s->lead,
		            .main_to = at };
	if (from >= to || all->n == CLAUSES_MAX)
		return NULL;
	if (cue == CUE_PURPOSE || cue == CUE_MEANS)
		e.to = to = own_end(s, from, to);
	e.words = words_in(sentence_span(s, from, to));
	bool is_verb_phrase = cue == CUE_PURPOSE || cue == CUE_ADVICE;
	if (e.words + (is_verb_phrase ? 1 : 0) < KEY_WORDS_MIN ||
	    e.words > (cue == CUE_PREDICATE ? PREDICATE_WORDS_MAX : KEY_WORDS_MAX) ||
	    !is_shown_whole(s, from, to) || !names_no_person(s, from, to))
		return NULL;
	e.is_key = cue != CUE_STATEMENT && cue != CUE_ADVICE && is_telling(s, from, to) &&
	           s->is_sound && can_be_put(s) && at >= s->lead + 4 &&
	           !one_of(low(s, s->lead), "there") && has_verb_in(s, s->lead, at) &&
	           is_shown_whole(s, s->lead, at);
	if (cue == CUE_PURPOSE && is_imperative(s) && at < s->lead + ADVISED_MIN)
		e.is_key = false; /* "Provide an example to …": many a purpose would do */
	all->list[all->n++] = e;
	return &all->list[all->n - 1];
}

/* A subject that names something: not "many people", not a pronoun. */
static bool is_naming(const struct sentence *s, const struct clause *c)
{
	uint32_t content = 0;
	if (c->from > s->lead + 1 && tag_at(s, c->from) == TAG_PROPER)
		content++;
	if (one_of(low(s, c->subject_to - 1), "default value values"))
		return false; /* of what, stands before */
	enum tag last = tag_at(s, c->subject_to - 1);
	if (c->subject_to <= c->from + 2 && is_generic_noun(low(s, c->subject_to - 1)))
		return false;
	if (one_of(low(s, c->from), "each every") && c->subject_to <= c->from + 2)
		return false; /* "each object": of which? */
	if (last == TAG_TO || last == TAG_PREPOSITION || last == TAG_CONJUNCTION)
		return false; /* "modules to be compiled": cut in two */
	if (one_of(low(s, c->from), "first then next finally now later once again"))
		return false; /* "First patch looks …" */
	if (one_of(low(s, c->from), "some many most several few any all no another "
	                            "other less one both such we there it our your"))
		return false;
	for (uint32_t i = c->from; i < c->subject_to; i++) {
		const struct token *t = &s->tokens[i];
		if (one_of(t->word->text, "we our us you your this that these those whose which"))
			return false;
		content += !t->word->is_stop && t->tag != TAG_PUNCT;
		content += t->tag == TAG_PROPER;
		if (t->is_upper && i + 1 < c->subject_to && s->tokens[i + 1].is_capital &&
		    !s->tokens[i + 1].is_upper && i == c->from)
			return false; /* a term and the line that explains it, run together */
	}
	return content >= 2 ||
	       (content == 1 && (c->from > s->lead + 1 || s->tokens[c->from].word->count >= 2));
}

/* "obtained depends on", "file systems don't", "is, the fewer": what was taken for the verb
 * is a part of the subject, or the sentence is turned round. */
static bool is_misread(const struct sentence *s, uint32_t from, uint32_t to)
{
	if (tag_at(s, from + 1) == TAG_PUNCT || one_of(low(s, from), "being"))
		return true;
	if (tag_at(s, from) != TAG_VERB)
		return false;
	for (uint32_t i = from + 1; i < to && i < from + LONG_ENOUGH; i++) {
		enum tag t = tag_at(s, i);
		if (t == TAG_CONJUNCTION || t == TAG_WH || t == TAG_TO || t == TAG_PUNCT ||
		    one_of(low(s, i), "that if because as than"))
			return false;
		if (t == TAG_BE || t == TAG_MODAL || t == TAG_DO || t == TAG_HAVE ||
		    one_of(low(s, i), "don't doesn't") ||
		    (i == from + 1 && t == TAG_VERB && !s->tokens[i].word->is_gerund &&
		     !s->tokens[i].word->is_past))
			return true;
	}
	return false;
}

static void read_predicate(struct endings *all, struct sentence *s, const struct clause *c)
{
	if (!is_naming(s, c) || tag_at(s, c->verb + 1) == TAG_NOT ||
	    (tag_at(s, c->subject_to) == TAG_ADVERB && !one_of(low(s, c->subject_to), "also")) ||
	    one_of(low(s, c->verb), "would might could"))
		return;
	uint32_t to = c->verb + 5;
	while (to < c->to &&
	       !(one_of(low(s, to), ",") &&
	         one_of(low(s, to + 1), "which but so although such including like as")))
		to++;
	struct ending *e = add_ending(all, s, c->subject_to, c->subject_to, to < c->to ? to : c->to,
	                              CUE_PREDICATE);
	if (!e)
		return;
	if (is_misread(s, e->from, e->to) ||
	    (s->tokens[e->from].is_capital && !s->tokens[e->from].is_upper))
		all->n--;
	const struct word *v = s->tokens[c->verb].word;
	e->is_plural = c->is_plural;
	e->is_free = tag_at(s, c->verb) == TAG_MODAL ||
	             (tag_at(s, c->verb) == TAG_VERB && v->is_past && !v->is_third);
	e->is_key = e->words >= 5 && is_telling(s, e->from, e->to) && can_be_put(s) &&
	            !points_back(s, c->from, c->verb);
}

uint32_t clause_start(const struct sentence *s)
{
	enum tag t = tag_at(s, s->lead);
	if (t != TAG_PREPOSITION && t != TAG_TO && !one_of(low(s, s->lead), "when"))
		return s->lead;
	for (uint32_t i = s->lead + 1; i < s->lead + INTRO_MAX && i + 1 < s->n; i++)
		if (one_of(low(s, i), ","))
			return i + 1;
	return s->lead;
}

/* "Because …, it is so." */
static void read_fronted(struct endings *all, struct sentence *s, uint32_t to)
{
	uint32_t from = s->lead + 1, comma = from;
	while (comma < to && !one_of(low(s, comma), ","))
		comma++;
	struct ending *e =
	        comma + 4 < to ? add_ending(all, s, comma, from, comma, CUE_REASON) : NULL;
	if (!e)
		return;
	e->main_from = comma + 1;
	e->main_to = to;
	e->is_key = s->is_sound && can_be_put(s) && has_verb_in(s, comma + 1, to) &&
	            is_shown_whole(s, comma + 1, to) &&
	            (!points_back(s, comma + 1, comma + 3) || one_of(low(s, comma + 1), "it"));
}

/* "otherwise …", "interleaved, …", "so that …", "also make sure …": no clause of its own. */
static bool begins_clause(const struct sentence *s, uint32_t i)
{
	enum tag t = tag_at(s, i);
	bool is_verb = t == TAG_VERB && !s->tokens[i].word->is_gerund;
	return !is_verb && t != TAG_BE && t != TAG_MODAL && t != TAG_HAVE && t != TAG_DO &&
	       !one_of(low(s, i), "otherwise so e.g e.g. i.e also note but and or that which see");
}

/* "If TABLE specified, …": a note, no sentence. */
static bool is_cut_short(const struct sentence *s, uint32_t from, uint32_t to)
{
	bool has_subject_verb = false;
	for (uint32_t i = from; i < to; i++) {
		enum tag t = tag_at(s, i);
		has_subject_verb |= t == TAG_BE || t == TAG_HAVE || t == TAG_MODAL || t == TAG_DO ||
		                    (t == TAG_VERB && !s->tokens[i].word->is_past);
	}
	return is_of_option(s) && !has_subject_verb;
}

/* "When the bisection is done" of a page about git-bisect. */
static bool is_in_title(const struct doc *d, const struct word *w)
{
	for (size_t i = 0; i + w->stem.len <= d->title.len && w->stem.len > 3; i++)
		if (str_eq_nocase(str_sub(d->title, i, w->stem.len), w->stem))
			return true;
	return false;
}

/* "If the check fails", "If N is larger": which check, which N? */
static bool is_of_unknown(const struct doc *d, const struct sentence *s, uint32_t comma)
{
	uint32_t i = s->lead + 1;
	bool has_letter = false;
	for (uint32_t k = i; k < comma; k++)
		has_letter |= s->tokens[k].len == 1 && s->tokens[k].is_capital &&
		              !one_of(low(s, k), "a i");
	if (!one_of(low(s, i), "the") || tag_at(s, i + 1) == TAG_PROPER || is_of_option(s) ||
	    is_in_title(d, s->tokens[i + 1].word))
		return has_letter;
	enum tag verb = tag_at(s, i + 2);
	return verb == TAG_BE || verb == TAG_VERB || verb == TAG_HAVE || verb == TAG_MODAL ||
	       i + 2 == comma || has_letter;
}

/* "When …, Durkheim argued, they …" */
static bool is_attributed(const struct sentence *s, uint32_t main)
{
	return tag_at(s, main + 1) == TAG_VERB && one_of(low(s, main + 2), ",");
}

/* "When …, do this", "If …, that happens"; and an order as such, which is an alternative. */
static void read_condition(struct endings *all, struct sentence *s, uint32_t to)
{
	uint32_t at = s->lead;
	if (is_imperative(s) && tag_at(s, s->lead) == TAG_VERB && !s->is_first_person) {
		(void)add_ending(all, s, at, at, to, CUE_ADVICE);
		return;
	}
	if (!one_of(low(s, at), "when if once whenever as before after") ||
	    (one_of(low(s, at), "as") && !one_of(low(s, at + 1), "soon")))
		return;
	while (at < to && !one_of(low(s, at), ","))
		at++;
	uint32_t main = at + (one_of(low(s, at + 1), "then") ? 2 : 1);
	bool is_order = is_imperative(s);
	if (!begins_clause(s, main) && !is_order)
		return;
	if (main + 2 >= to || !has_verb_in(s, s->lead + 1, at) ||
	    is_cut_short(s, s->lead + 1, at) || (!is_order && !has_verb_in(s, main, to)) ||
	    (tag_at(s, main) == TAG_PRONOUN && !one_of(low(s, main), "there")))
		return; /* "When listing, it …": nobody knows who */
	struct ending *e =
	        add_ending(all, s, main, main, to, is_order ? CUE_ADVICE : CUE_CONSEQUENCE);
	if (!e)
		return;
	e->main_to = at + 1; /* the comma is shown */
	e->is_key = s->is_sound && can_be_put(s) && main >= s->lead + 4 &&
	            !is_of_unknown(all->doc, s, at) && !is_attributed(s, main) &&
	            !points_back(s, s->lead, at) && says_something(s, s->lead, at) &&
	            !one_of(low(s, s->lead + 1), "neither none either") &&
	            is_shown_whole(s, s->lead, at);
}

static void read_endings(struct endings *all, struct sentence *s)
{
	uint32_t to = end_of(s), from;
	enum cue cue;
	read_condition(all, s, to);
	if (one_of(low(s, s->lead), "because") && !one_of(low(s, s->lead + 1), "of"))
		read_fronted(all, s, to);
	for (uint32_t i = s->lead + 2; i + 2 < to; i++)
		if (cue_at(s, i, &cue, &from)) {
			(void)add_ending(all, s, i, from, to, cue);
			break; /* the first cue: what follows it belongs to it */
		}
	struct clause c;
	if (s->lead == 0 && s->is_sound && !s->is_second_person && s->n_words <= 14 &&
	    !is_imperative(s) && clause_at(s, 0, to, &c) && !one_of(low(s, 0), "we"))
		(void)add_ending(all, s, 0, 0, to, CUE_STATEMENT); /* an alternative to reasons */
	if (s->is_sound && !is_imperative(s) && clause_at(s, clause_start(s), to, &c))
		read_predicate(all, s, &c);
}

void endings_find(const struct doc *d, struct endings *ret)
{
	ret->doc = d;
	for (struct sentence *s = d->sentences; s; s = s->next)
		if (s->is_whole && !s->block->is_aside && !s->block->section->is_aside)
			read_endings(ret, s);
}
