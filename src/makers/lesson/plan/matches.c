/* Terms, headings, options and abbreviations to be paired with what the text says of them. */
#include "makers/lesson/plan/plan.h"

enum { OPTIONS_SOME = 6, OPTIONS_MANY = 9 };

/* "Researchers receive …" and "Programs receive …": who receives which cannot be told. */
static bool do_the_same(const struct sentence *s, const struct fact *f)
{
	struct subject a, b;
	return f->kind == FACT_ACTION && find_subject(s, &a) && find_subject(f->sentence, &b) &&
	       tag_at(s, a.verb) == TAG_VERB &&
	       s->tokens[a.verb].word->stem_id == f->sentence->tokens[b.verb].word->stem_id;
}

static bool fits_match(struct planner *p, const struct question *q, const struct fact *f)
{
	if (f->definition.len > 200 || f->term.len > 60 ||
	    (f->kind == FACT_ACTION && f->known && is_generic_noun(f->known->head->text)))
		return false;
	if (span_stands_in(p->arena, p->lexicon, f->term, f->definition))
		return false;
	for (size_t i = 0; i < q->n_pairs; i++) {
		if (q->pairs[i].sentence == f->sentence ||
		    span_stands_in(p->arena, p->lexicon, f->term, q->pairs[i].left) ||
		    span_stands_in(p->arena, p->lexicon, q->pairs[i].left, f->term) ||
		    span_stands_in(p->arena, p->lexicon, f->term, q->pairs[i].right) ||
		    span_stands_in(p->arena, p->lexicon, q->pairs[i].left, f->definition) ||
		    do_the_same(q->pairs[i].sentence, f))
			return false;
	}
	return true;
}

static void add_pair(struct question *q, const struct fact *f)
{
	q->pairs[q->n_pairs++] = (struct pair){ f->term, f->definition, f->source, f->sentence };
}

void match_finish(struct planner *p, struct questions *all, const struct question *q,
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
			match_finish(p, all, &q,
			             "Match each heading with what the text says about it.");
			q.n_pairs = 0;
		}
		before = b;
		if (q.n_pairs < 5 && fits_match(p, &q, f))
			add_pair(&q, f);
	}
	match_finish(p, all, &q, "Match each heading with what the text says about it.");
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
	match_finish(p, all, &q, "Match each abbreviation with what it stands for.");
}

/* "Security releases … need": the first of two verbs is a noun. */
static bool is_verb_misread(const struct fact *f)
{
	const struct sentence *s = f->sentence;
	struct subject x;
	if (!find_subject(s, &x) || tag_at(s, x.verb) != TAG_VERB)
		return false;
	for (uint32_t i = x.verb + 1; i < s->n; i++) {
		enum tag t = tag_at(s, i);
		bool is_past = s->tokens[x.verb].word->is_past; /* "passed to the callback will" */
		if (t == TAG_CONJUNCTION || t == TAG_WH || (t == TAG_TO && !is_past) ||
		    t == TAG_PUNCT || one_of(low(s, i), "that if because as than"))
			return false;
		if (t == TAG_BE || t == TAG_MODAL || t == TAG_DO || t == TAG_VERB)
			return !s->tokens[i].word->is_gerund && !s->tokens[i].word->is_past;
	}
	return false;
}

/* What it is ("a tower that …"), or what it does: in one question all of one form. */
static bool is_of_form(const struct fact *f, enum fact_kind kind, bool is_plural)
{
	struct str rest, first = str_cut(f->definition, ' ', &rest);
	bool is_noun = one_of(first, "a an the one any");
	if (kind == FACT_ACTION && is_verb_misread(f))
		return false;
	if (kind == FACT_DEFINITION)
		return f->kind == FACT_DEFINITION && is_noun && !f->is_plural;
	return f->kind == FACT_ACTION && !is_noun && f->is_plural == is_plural;
}

static void match_form(struct planner *p, struct questions *all, enum fact_kind kind,
                       bool is_plural)
{
	struct question q = { .score = 0.9 };
	static const double bars[] = { 1.0, 0.8, 0.6 };
	for (size_t k = 0; k < ARRAY_LEN(bars) && q.n_pairs < 4; k++)
		for (const struct fact *f = p->terms->facts; f && q.n_pairs < 4; f = f->next)
			if (is_of_form(f, kind, is_plural) && f->score >= bars[k] &&
			    !is_of_option(f->sentence) && fits_match(p, &q, f))
				add_pair(&q, f);
	match_finish(p, all, &q, "Match each term with what the text says about it.");
}

static void match_facts(struct planner *p, struct questions *all)
{
	match_form(p, all, FACT_DEFINITION, false);
	match_form(p, all, FACT_ACTION, false);
	match_form(p, all, FACT_ACTION, true);
}

static struct str left_of_option(struct planner *p, const struct fact *f)
{
	struct str letter = option_letter(f->term);
	bool is_status = f->term.ptr[0] >= '0' && f->term.ptr[0] <= '9'; /* meanings.c */
	return is_status || !is_clear_option(p, f) ? (struct str){ "", 0 }
	       : letter.len > 0                    ? letter
	                                           : option_shown(p, f);
}

/* Those of one section.  Where there are many, others are left to be asked for singly. */
static void match_section(struct planner *p, struct questions *all, const struct fact *first)
{
	struct question q = { .score = 1.0, .is_label = true };
	const struct section *section = first->sentence->block->section;
	size_t n = 0, at = 0;
	for (const struct fact *f = first; f && f->sentence->block->section == section; f = f->next)
		n += left_of_option(p, f).len > 0;
	size_t step = n >= OPTIONS_MANY ? 3 : n >= OPTIONS_SOME ? 2 : 1;
	for (const struct fact *f = first; f && f->sentence->block->section == section;
	     f = f->next) {
		struct str left = left_of_option(p, f);
		if (left.len == 0 || at++ % step != 0 || !fits_match(p, &q, f))
			continue;
		add_pair(&q, f);
		q.pairs[q.n_pairs - 1].left = left;
		if (q.n_pairs == 4) {
			match_finish(p, all, &q, "Match each with what the text says it does.");
			q.n_pairs = 0;
		}
	}
	match_finish(p, all, &q, "Match each with what the text says it does.");
}

static void match_options(struct planner *p, struct questions *all)
{
	const struct section *section = NULL;
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		if (f->kind == FACT_OPTION && f->sentence->block->section != section) {
			section = f->sentence->block->section;
			match_section(p, all, f);
		}
}

void ask_matches(struct planner *p, struct questions *all)
{
	match_labels(p, all);
	match_options(p, all);
	match_statuses(p, all);
	match_expansions(p, all);
	match_facts(p, all);
}
