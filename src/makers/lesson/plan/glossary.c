/* The terms that the spec lists, best first: the key terms of which the text says what they
 * are, labels with a definition behind them, abbreviations that the text uses, and a manual's
 * options. */
#include "makers/lesson/plan/keyterms.h"

enum { DEFINITION_BYTES_MAX = 1000, USES_MIN = 2, OPTIONS_MIN = 3, WORTH_IN_MANUAL = 6 };

struct glossary {
	struct planner *p;
	const struct fact **list;
	size_t n, max;
};

static bool is_listed(const struct glossary *g, const struct fact *f)
{
	for (size_t i = 0; i < g->n; i++)
		if (str_eq_nocase(g->list[i]->term, f->term) ||
		    str_eq_nocase(g->list[i]->term, f->definition))
			return true;
	return false;
}

static void list(struct glossary *g, const struct fact *f)
{
	if (g->n < g->max && f->definition.len > 0 && f->definition.len < DEFINITION_BYTES_MAX &&
	    f->term.len > 0 && f->term.len < PLAN_LINE_MAX && !is_listed(g, f))
		g->list[g->n++] = f;
}

/* Two terms of one sentence that share a definition: the better one stands. */
static bool is_taken(const struct glossary *g, const struct fact *f)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->list[i]->sentence == f->sentence &&
		    str_eq(g->list[i]->definition, f->definition))
			return true;
	return false;
}

/* As it stands where it is defined, but for a capital that is the sentence's. */
static struct str term_shown(struct arena *a, const struct definition *d)
{
	const struct sentence *s = d->sentence;
	struct str text = sentence_span(s, d->term_from, d->term_to);
	const struct token *t = &s->tokens[d->term_from];
	bool is_own = !t->is_capital || t->is_upper || tag_at(s, d->term_from) == TAG_PROPER ||
	              (d->term_to > d->term_from + 1 && s->tokens[d->term_from + 1].is_capital);
	return is_own ? text
	              : str_fmt(a, "%c" STR_FMT, text.ptr[0] + 32,
	                        STR_ARG(str_sub(text, 1, text.len)));
}

static const struct fact *defined(struct planner *p, const struct candidate *c)
{
	const struct definition *d = &c->definition;
	struct fact *f = arena_new(p->arena, struct fact, 1);
	f->kind = FACT_DEFINITION;
	f->sentence = d->sentence;
	f->term = term_shown(p->arena, d);
	f->definition = d->text;
	f->source = d->sentence->text;
	f->from = d->term_from;
	f->to = d->term_to;
	return f;
}

/* A manual speaks of its own things ("the argument, the name of a file"); what it defines, it
 * does in a sentence of its own. */
static bool is_manual_page(const struct doc *d)
{
	uint32_t options = 0;
	for (const struct block *b = d->blocks; b; b = b->next)
		options += b->is_option;
	return options >= OPTIONS_MIN;
}

static bool is_term(const struct candidate *c, bool is_manual)
{
	return c->definition.sentence && !(c->is_generic && c->n_tokens == 1) &&
	       (!is_manual || c->definition.worth >= WORTH_IN_MANUAL);
}

static void list_defined(struct glossary *g, struct candidate **ranked, size_t n)
{
	bool is_manual = is_manual_page(g->p->doc);
	for (size_t i = 0; i < n && g->n < g->max; i++) {
		if (!is_term(ranked[i], is_manual))
			continue;
		const struct fact *f = defined(g->p, ranked[i]);
		if (!is_taken(g, f))
			list(g, f);
	}
}

/* "Office", "Agency": whose short name says little of what the text teaches. */
static bool is_organisation(struct arena *a, struct str name)
{
	struct str rest = lower_case(a, name);
	while (rest.len > 0)
		if (one_of(str_cut(rest, ' ', &rest),
		           "office officer building institute institutes administration agency "
		           "department center centre alliance association university bureau "
		           "commission council committee board company corporation"))
			return true;
	return false;
}

static uint32_t uses_of(const struct planner *p, const struct fact *f)
{
	const struct term *t = terms_lookup(p->terms, normal_form(p->arena, p->lexicon, f->term));
	return t ? t->count : 0;
}

size_t glossary_find(struct planner *p, const struct fact **ret, size_t max)
{
	struct glossary g = { .p = p, .list = ret, .max = max };
	if (p->doc->language) { /* found without grammar: shallow_terms.c */
		for (const struct fact *f = p->terms->facts; f; f = f->next)
			if (f->kind == FACT_DEFINITION)
				list(&g, f);
	} else {
		key_terms_rank(p);
		list_defined(&g, p->ranked, p->n_ranked);
	}
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		if (f->kind == FACT_LABEL && label_is_defined(f->sentence))
			list(&g, f);
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		if (f->kind == FACT_EXPANSION &&
		    (uses_of(p, f) >= USES_MIN || !is_organisation(p->arena, f->definition)))
			list(&g, f);
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		if (f->kind == FACT_OPTION)
			list(&g, f);
	return g.n;
}
