/* Candidates of each type, each with a score; select.c takes the best that go together.
 *
 * Every candidate rests on one sentence that stands on its own (or on a list, or on a
 * few facts) and its key is a span of it.  Forms are few and fixed, so that a prompt is
 * grammatical whatever the text:
 *
 *	choice      "Which of these <predicate>?"   the subject of a fact
 *	            numbers: statements.c; examples: examples.c; lists: lists.c
 *	            reasons, purposes, predicates, advice: clauses.c
 *	cloze       "Complete the sentence: … _____ …"
 *	short       "Which term does the text describe as “…”?"
 *	            "What does <ABBR> stand for?", "By which other name …?"
 *	true_false  statements.c
 *	match       terms and what the text says of them
 *	order       the steps of a numbered list that says it is a sequence
 */
#include "makers/lesson/plan/plan.h"

enum { FAMILIAR_MAX = 8 /* of WordNet's counts: rarer words are terms */ };

struct question *question_add(struct planner *p, struct questions *all, enum question_type type,
                              struct sentence *s, double score)
{
	struct question *q = arena_new(p->arena, struct question, 1);
	q->type = type;
	q->sentence = s;
	q->score = score;
	if (s) {
		q->source = s->text;
		q->section = s->block->section->parent;
		q->block = s->block->index;
	}
	*all->last = q;
	all->last = &q->next;
	all->n++;
	return q;
}

struct str text_says(struct planner *p, struct str source)
{
	return str_fmt(p->arena, "The text says: " STR_FMT, STR_ARG(source));
}

/* --- What a sentence is worth --- */

static bool is_command_at(const struct sentence *s, uint32_t i)
{
	while (i < s->n && s->tokens[i].tag == TAG_ADVERB)
		i++;
	if (i >= s->n)
		return false;
	const struct word *w = s->tokens[i].word;
	uint32_t next = i + 1;
	if (one_of(w->text, "be have do let please make take put go get give keep"))
		return true;
	if (w->v == 0 || w->fixed != TAG_OTHER || w->is_plural || w->is_gerund ||
	    s->tokens[i].tag == TAG_PROPER)
		return false;
	if (w->is_past && !one_of(w->text, "set put read cut let"))
		return false;
	enum tag after = next < s->n ? s->tokens[next].tag : TAG_PUNCT;
	return w->v * 2 >= w->n && after != TAG_BE && after != TAG_MODAL && after != TAG_VERB &&
	       after != TAG_HAVE;
}

/* "Use …", "In the first row, enter …" */
bool is_imperative(const struct sentence *s)
{
	if (is_command_at(s, s->lead))
		return true;
	enum tag first = s->lead < s->n ? s->tokens[s->lead].tag : TAG_PUNCT;
	if (first != TAG_PREPOSITION && first != TAG_TO && first != TAG_WH && first != TAG_ADVERB)
		return false;
	for (uint32_t i = s->lead; i + 1 < s->n; i++)
		if (one_of(low(s, i), ","))
			return is_command_at(s, i + 1);
	return false;
}

bool is_hedged(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(s->tokens[i].word->text, "may might could perhaps probably maybe seem "
		                                    "seems hope think believe feel "
		                                    "will would sometimes want wanted"))
			return true;
	return false;
}

double sentence_worth(const struct sentence *s)
{
	double v = 0.4 + 0.5 * s->rank;
	v -= s->is_first_person ? 0.12 : 0;
	v -= s->is_second_person ? 0.15 : 0;
	v -= is_imperative(s) ? 0.1 : 0;
	v -= is_hedged(s) ? 0.1 : 0;
	v -= s->n_words > 28 ? 0.1 : 0;
	return v;
}

/* --- Gaps for terms --- */

bool stands_once(const struct sentence *s, struct str span)
{
	size_t at = str_find(s->text, span, 0);
	return at != SIZE_MAX && str_find(s->text, span, at + 1) == SIZE_MAX;
}

static bool is_title_term(const struct planner *p, const struct term *t)
{
	return span_stands_in(p->arena, p->lexicon, t->text, p->doc->title);
}

static bool is_askable(const struct planner *p, const struct mention *m)
{
	const struct term *t = m->term;
	const struct sentence *s = m->sentence;
	if (!s->is_sound || !can_be_put(s) || !m->is_clear || t->text.len < 3 || t->text.len > 60 ||
	    m->from < s->lead)
		return false;
	if (!stands_once(s, sentence_span(s, m->from, m->to)))
		return false;
	if (m->from > 0 && one_of(low(s, m->from - 1), "("))
		return false; /* stands beside its long form */
	if (t->n_tokens == 1 && (t->head->is_stop || t->head->text.len < 4) &&
	    t->kind == TERM_COMMON)
		return false;
	for (uint32_t i = m->from; i < m->to; i++)
		for (uint32_t k = 0; k < s->n; k++)
			if ((k < m->from || k >= m->to) && !s->tokens[i].word->is_stop &&
			    s->tokens[k].word->stem_id == s->tokens[i].word->stem_id)
				return false; /* the rest of the sentence gives it away */
	return !is_title_term(p, t);
}

static void accept_others(struct planner *p, struct question *q, const struct term *t)
{
	if (t->expansion.len > 0 && !str_eq_nocase(t->expansion, q->answer))
		q->accepted[q->n_accepted++] = t->expansion;
	else if (t->alias && !str_eq_nocase(t->alias->text, q->answer))
		q->accepted[q->n_accepted++] = t->alias->text;
	struct str plain = lower_case(p->arena, q->answer);
	if (!str_eq(plain, q->answer) && t->kind != TERM_ABBREVIATION && q->n_accepted < 8)
		q->accepted[q->n_accepted++] = plain;
}

/* All alternatives begin as the key does: case must not tell. */
static void match_case(struct planner *p, struct question *q)
{
	bool is_upper = q->answer.ptr[0] >= 'A' && q->answer.ptr[0] <= 'Z';
	for (size_t i = 0; i < q->distractors.n; i++) {
		struct str d = q->distractors.text[i];
		if (is_upper && d.ptr[0] >= 'a' && d.ptr[0] <= 'z')
			q->distractors.text[i] = str_fmt(p->arena, "%c" STR_FMT, d.ptr[0] - 32,
			                                 STR_ARG(str_sub(d, 1, d.len)));
	}
}

static double term_worth(const struct term *t)
{
	double v = t->score > 12 ? 0.4 : t->score / 30;
	/* An answer that many sentences hold keeps them from being asked. */
	v -= t->n_places > 4 ? 0.025 * (double)(t->n_places - 4) : 0;
	return v + (t->kind == TERM_COMMON ? 0 : 0.15);
}

/* A word that few texts use: the gap can be filled by who has read, and by nobody else. */
static bool is_specific(const struct term *t)
{
	if (t->kind != TERM_COMMON || t->n_tokens > 1)
		return true;
	const struct word *w = t->head;
	return w->n + w->v + w->a + w->r <= FAMILIAR_MAX && t->count >= 3;
}

/* The word that the whole text is about fits every gap. */
static bool is_topic(const struct planner *p, const struct term *t)
{
	for (const struct term *x = p->terms->first; x; x = x->next)
		if (x->count > t->count && !x->head->is_stop)
			return false;
	return true;
}

/* One of several that stand side by side: any of them would fit. */
static bool is_in_list(const struct sentence *s, uint32_t from, uint32_t to)
{
	struct str before = low(s, from > 0 ? from - 1 : 0), after = low(s, to);
	return one_of(before, "and or , other") || one_of(after, "and or ,");
}

static void ask_cloze(struct planner *p, struct questions *all, const struct mention *m)
{
	struct sentence *s = m->sentence;
	const struct term *t = m->term;
	bool is_single = t->count < 2; /* asked only where little else can be */
	if ((is_single && t->kind != TERM_NAME) || m->to - m->from > 3 || m->from < s->lead + 2 ||
	    !is_specific(t) || is_in_list(s, m->from, m->to) || is_imperative(s) ||
	    s->is_second_person || s->n_words < 10)
		return;
	struct question *q =
	        question_add(p, all, Q_CLOZE, s,
	                     sentence_worth(s) + term_worth(t) - (is_single ? 0.45 : 0.1) -
	                             (is_topic(p, t) ? 0.5 : 0));
	struct str letters = t->n_tokens == 1   ? STR("a word")
	                     : t->n_tokens == 2 ? STR("two words")
	                                        : STR("three words");
	if (t->kind == TERM_ABBREVIATION)
		letters = STR("an abbreviation");
	q->prompt =
	        str_fmt(p->arena, "Complete the sentence with " STR_FMT " from the text: " STR_FMT,
	                STR_ARG(letters), STR_ARG(say_with(p, s, m->from, m->to, STR("_____"))));
	q->answer = sentence_span(s, m->from, m->to);
	q->difficulty = 3;
	q->explanation = text_says(p, s->text);
	accept_others(p, q, t);
}

/* Whether the name stands alone: not "Section 508", "Guide to …", "Center for …". */
static bool is_whole_name(const struct sentence *s, uint32_t from, uint32_t to)
{
	if (s->tokens[from - 1].is_capital || one_of(low(s, from - 1), "( of and or ,"))
		return false;
	return to < s->n && !s->tokens[to].is_capital && tag_at(s, to) != TAG_NUMBER &&
	       (s->tokens[to].has_gap || one_of(low(s, to), ". ,")) &&
	       !one_of(low(s, to), "of and or for to on in (");
}

/* A name inside a sentence: plain, but who has read knows it. */
static void ask_name_gap(struct planner *p, struct questions *all, struct sentence *s)
{
	for (uint32_t i = s->lead + 3; i + 1 < s->n; i++) {
		uint32_t to = i;
		while (to < s->n && s->tokens[to].is_capital && tag_at(s, to) == TAG_PROPER &&
		       s->tokens[to].word->count_lower == 0)
			to++;
		if (to == i)
			continue;
		struct str name = sentence_span(s, i, to);
		if (is_whole_name(s, i, to) && to - i <= 3 && name.len >= 5 &&
		    stands_once(s, name) &&
		    !span_stands_in(p->arena, p->lexicon, name, p->doc->title)) {
			struct question *q =
			        question_add(p, all, Q_CLOZE, s, sentence_worth(s) - 0.3);
			q->prompt =
			        str_fmt(p->arena,
			                "Complete the sentence with a name from the text: " STR_FMT,
			                STR_ARG(say_with(p, s, i, to, STR("_____"))));
			q->answer = name;
			q->accepted[q->n_accepted++] = lower_case(p->arena, name);
			q->difficulty = 3;
			q->explanation = text_says(p, s->text);
			return;
		}
		i = to;
	}
}

static void ask_gap_choice(struct planner *p, struct questions *all, const struct mention *m)
{
	struct sentence *s = m->sentence;
	struct distractors d;
	if (m->term->kind == TERM_COMMON)
		return; /* alternatives from a text seldom fit another gap */
	if (!str_eq_nocase(m->term->text, sentence_span(s, m->from, m->to)))
		return; /* singular here, plural there: the alternatives would not fit */
	distract_term(p, m->term, s, &d);
	if (d.n < 3)
		return;
	bool is_common = m->term->kind == TERM_COMMON;
	struct question *q =
	        question_add(p, all, Q_CHOICE, s,
	                     sentence_worth(s) + term_worth(m->term) - (is_common ? 0.35 : 0.1));
	q->prompt = str_fmt(p->arena, "Which of these completes the sentence? " STR_FMT,
	                    STR_ARG(say_with(p, s, m->from, m->to, STR("_____"))));
	q->answer = sentence_span(s, m->from, m->to);
	q->distractors = d;
	match_case(p, q);
	q->difficulty = 2;
	q->explanation = text_says(p, s->text);
}

static void ask_mentions(struct planner *p, struct questions *all)
{
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		if (s->is_sound && can_be_put(s) && !is_imperative(s) && !s->is_second_person &&
		    s->n_words >= 8)
			ask_name_gap(p, all, s);
	for (const struct mention *m = p->terms->mentions; m; m = m->next)
		if (is_askable(p, m)) {
			ask_cloze(p, all, m);
			if (sentence_worth(m->sentence) > 0.35)
				ask_gap_choice(p, all, m);
		}
}

/* --- Facts --- */

/* Typed, not chosen: made-up readings of an abbreviation are seldom plausible. */
static void ask_expansion(struct planner *p, struct questions *all, const struct fact *f)
{
	struct question *q = question_add(p, all, Q_SHORT, f->sentence, 0.62);
	q->prompt =
	        str_fmt(p->arena,
	                "What does the abbreviation \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d stand for?",
	                STR_ARG(f->term));
	q->answer = f->definition;
	q->difficulty = 2;
	q->explanation = text_says(p, f->source);
	struct str plain = lower_case(p->arena, q->answer);
	if (!str_eq(plain, q->answer))
		q->accepted[q->n_accepted++] = plain;
}

static void ask_which(struct planner *p, struct questions *all, const struct fact *f)
{
	struct distractors d;
	if (!f->known || f->predicate.len == 0 || !str_eq_nocase(f->known->text, f->term))
		return;
	distract_term(p, f->known, f->sentence, &d);
	if (d.n < 3)
		return;
	struct question *q = question_add(p, all, Q_CHOICE, f->sentence,
	                                  sentence_worth(f->sentence) +
	                                          (f->kind == FACT_DEFINITION ? 0.5 : 0.3));
	q->prompt = str_fmt(p->arena, "According to the text, which of these " STR_FMT "?",
	                    STR_ARG(f->predicate));
	q->answer = f->term;
	q->distractors = d;
	match_case(p, q);
	q->difficulty = 2;
	q->explanation = text_says(p, f->source);
}

static void ask_name(struct planner *p, struct questions *all, const struct fact *f)
{
	if (f->kind != FACT_DEFINITION || !f->known)
		return;
	bool has_quote = str_find(f->definition, STR("\xe2\x80\x9c"), 0) != SIZE_MAX;
	struct question *q =
	        question_add(p, all, Q_SHORT, f->sentence, sentence_worth(f->sentence) + 0.6);
	q->prompt = has_quote ? str_fmt(p->arena,
	                                "Which term does the text explain as follows? " STR_FMT,
	                                STR_ARG(f->definition))
	                      : str_fmt(p->arena,
	                                "Which term does the text describe as "
	                                "\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d?",
	                                STR_ARG(f->definition));
	q->answer = f->term;
	q->difficulty = 3;
	q->explanation = text_says(p, f->source);
	accept_others(p, q, f->known);
}

static void ask_alias(struct planner *p, struct questions *all, const struct fact *f)
{
	struct question *q =
	        question_add(p, all, Q_SHORT, f->sentence, sentence_worth(f->sentence) + 0.45);
	q->prompt = str_fmt(p->arena,
	                    "By which other name does the text call \xe2\x80\x9c" STR_FMT
	                    "\xe2\x80\x9d?",
	                    STR_ARG(say_inside(p, f->sentence, f->from, f->to)));
	q->answer = f->definition;
	q->difficulty = 2;
	q->explanation = text_says(p, f->source);
	struct str plain = lower_case(p->arena, q->answer);
	if (!str_eq(plain, q->answer))
		q->accepted[q->n_accepted++] = plain;
}

/* --- Match --- */

static bool fits_match(struct planner *p, const struct question *q, const struct fact *f)
{
	if (f->definition.len > 200 || f->term.len > 60)
		return false;
	if (span_stands_in(p->arena, p->lexicon, f->term, f->definition))
		return false;
	for (size_t i = 0; i < q->n_pairs; i++) {
		if (q->pairs[i].sentence == f->sentence ||
		    span_stands_in(p->arena, p->lexicon, f->term, q->pairs[i].left) ||
		    span_stands_in(p->arena, p->lexicon, q->pairs[i].left, f->term) ||
		    span_stands_in(p->arena, p->lexicon, f->term, q->pairs[i].right) ||
		    span_stands_in(p->arena, p->lexicon, q->pairs[i].left, f->definition))
			return false;
	}
	return true;
}

static void add_pair(struct question *q, const struct fact *f)
{
	q->pairs[q->n_pairs++] = (struct pair){ f->term, f->definition, f->source, f->sentence };
}

static void finish_match(struct planner *p, struct questions *all, struct question *q,
                         const char *prompt)
{
	if (q->n_pairs < 3)
		return;
	struct question *kept = question_add(p, all, Q_MATCH, q->pairs[0].sentence, q->score);
	struct buf b = BUF_INIT(3600);
	kept->n_pairs = q->n_pairs;
	kept->is_label = q->is_label;
	kept->sentence = NULL;
	for (size_t i = 0; i < q->n_pairs; i++) {
		kept->pairs[i] = q->pairs[i];
		buf_addf(&b, "%s" STR_FMT ": " STR_FMT, i ? "; " : "", STR_ARG(q->pairs[i].left),
		         STR_ARG(q->pairs[i].right));
	}
	kept->explanation = str_dup(p->arena, buf_str(&b));
	kept->prompt = str_z(prompt);
	kept->difficulty = 2;
	buf_fini(&b);
}

static void match_labels(struct planner *p, struct questions *all)
{
	struct question q = { .score = 1.1, .is_label = true };
	const struct block *before = NULL;
	for (const struct fact *f = p->terms->facts; f; f = f->next) {
		if (f->kind != FACT_LABEL)
			continue;
		const struct block *b = f->sentence->block;
		bool is_new = !before || before->section != b->section || before->list != b->list;
		if (is_new) {
			finish_match(p, all, &q,
			             "Match each heading with what the text says about it.");
			q.n_pairs = 0;
		}
		before = b;
		if (q.n_pairs < 5 && fits_match(p, &q, f))
			add_pair(&q, f);
	}
	finish_match(p, all, &q, "Match each heading with what the text says about it.");
}

/* Sentences that can be asked nothing else first; and only where there are so many
 * abbreviations that enough is left for other questions. */
static void match_expansions(struct planner *p, struct questions *all)
{
	struct question q = { .score = 0.3 };
	size_t n = 0;
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		n += f->kind == FACT_EXPANSION;
	if (n >= 6)
		q.score = 0.72;
	for (int is_sound = 0; is_sound < 2; is_sound++)
		for (const struct fact *f = p->terms->facts; f && q.n_pairs < 5; f = f->next)
			if (f->kind == FACT_EXPANSION && f->sentence->is_sound == (is_sound == 1) &&
			    fits_match(p, &q, f))
				add_pair(&q, f);
	finish_match(p, all, &q, "Match each abbreviation with what it stands for.");
}

static void match_facts(struct planner *p, struct questions *all)
{
	struct question q = { .score = 0.9 };
	static const double bars[] = { 1.0, 0.8, 0.6 };
	for (size_t k = 0; k < ARRAY_LEN(bars) && q.n_pairs < 4; k++)
		for (const struct fact *f = p->terms->facts; f && q.n_pairs < 4; f = f->next)
			if ((f->kind == FACT_DEFINITION || f->kind == FACT_ACTION) &&
			    f->score >= bars[k] && fits_match(p, &q, f))
				add_pair(&q, f);
	finish_match(p, all, &q, "Match each term with what the text says about it.");
}

/* --- Order --- */

static bool has_any(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(s, str_z(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* A numbered list is a sequence only when the text says so, and no choice of options. */
static bool says_sequence(struct planner *p, struct str s)
{
	static const char *const cues[] = { "step",          "stages",      "phases",
		                            "how it works",  "procedure",   "sequence",
		                            "in this order", "activity",    "activities",
		                            "recipe",        "instructions" };
	static const char *const options[] = { "option",  "path",    "types",  "kinds",
		                               "reasons", "factors", "one of", "next steps",
		                               "ways",    "either" };
	struct str t = lower_case(p->arena, s);
	return has_any(t, cues, ARRAY_LEN(cues)) && !has_any(t, options, ARRAY_LEN(options));
}

static struct str item_text(const struct block *b)
{
	struct str t = b->first ? b->first->text : b->text;
	while (t.len > 0 && strchr(".;:, ", t.ptr[t.len - 1]))
		t.len--;
	return t;
}

static bool is_good_item(const struct block *b)
{
	struct str t = item_text(b);
	struct str whole = b->first ? b->first->text : b->text;
	return !str_ends(whole, STR(":")) && t.len >= 8 && t.len <= 220 &&
	       str_find(t, STR("?"), 0) == SIZE_MAX && b->label_len == 0 &&
	       str_find(t, STR("\n"), 0) == SIZE_MAX && str_find(t, STR(" - "), 0) == SIZE_MAX;
}

static void ask_order(struct planner *p, struct questions *all, const struct block *intro,
                      const struct block *first)
{
	struct question q = { .score = 1.2 };
	struct buf b = BUF_INIT(3000);
	struct str title = first->section->title;
	struct str lead = intro && intro->section == first->section && intro->list == 0
	                          ? (intro->last ? intro->last->text : intro->text)
	                          : (struct str){ "", 0 };
	if (!says_sequence(p, lead) && !says_sequence(p, title))
		return;
	buf_add(&b, lead);
	for (const struct block *x = first; x && q.n_items < 6; x = x->next) {
		if (x->list == 0 || x->list > first->list)
			continue; /* a further paragraph or a list inside the item */
		if (x->list != first->list)
			break;
		if (!is_good_item(x)) {
			q.n_items = 0;
			break;
		}
		q.items[q.n_items] = item_text(x);
		buf_addf(&b, "%s%zu. " STR_FMT, b.len ? "\n" : "", ++q.n_items,
		         STR_ARG(x->first ? x->first->text : x->text));
	}
	if (q.n_items >= 3 && buf_rc(&b) == RC_OK) {
		struct question *kept = question_add(p, all, Q_ORDER, first->first, q.score);
		memcpy(kept->items, q.items, sizeof(q.items));
		kept->n_items = q.n_items;
		kept->title = title;
		kept->sentence = NULL;
		kept->source = str_dup(p->arena, buf_str(&b));
		kept->difficulty = 2;
		kept->prompt = str_fmt(p->arena,
		                       "Put these steps in the order of the text "
		                       "(\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d).",
		                       STR_ARG(title));
		kept->explanation = str_fmt(p->arena, "The text gives this order:\n" STR_FMT,
		                            STR_ARG(kept->source));
	}
	buf_fini(&b);
}

static void ask_orders(struct planner *p, struct questions *all)
{
	const struct block *before = NULL;
	uint32_t seen = 0;
	for (const struct block *b = p->doc->blocks; b; b = b->next) {
		if (b->is_ordered && b->list > seen && b->item == 1 && !b->section->is_aside) {
			seen = b->list;
			if (b->first)
				ask_order(p, all, before, b);
		}
		before = b;
	}
}

void questions_make(struct planner *p, struct questions *ret)
{
	*ret = (struct questions){ 0 };
	ret->last = &ret->first;
	planner_collect_numbers(p);
	ask_statements(p, ret);
	ask_clauses(p, ret);
	ask_lists(p, ret);
	ask_examples(p, ret);
	ask_mentions(p, ret);
	for (const struct fact *f = p->terms->facts; f; f = f->next) {
		if (f->kind == FACT_EXPANSION && f->sentence->is_whole)
			ask_expansion(p, ret, f);
		else if (f->kind == FACT_ALIAS)
			ask_alias(p, ret, f);
		else if (f->kind == FACT_DEFINITION || f->kind == FACT_ACTION) {
			ask_which(p, ret, f);
			ask_name(p, ret, f);
		}
	}
	match_labels(p, ret);
	match_expansions(p, ret);
	match_facts(p, ret);
	ask_orders(p, ret);
}
