/* Questions on several sentences of a text without grammar, and what its learners can do. */
#include "makers/lesson/plan/shallow.h"

enum {
	PAIRS_MIN = 3,
	PAIRS_MAX = 5,
	HEAD_TOKENS_MAX = 4, /* a figure stands near the head of its sentence … */
	TAIL_BYTES_MIN = 15, /* … and what follows says enough */
	TAIL_BYTES_MAX = 140,
	STEP_BYTES_MIN = 8,
	STEP_BYTES_MAX = 220,
	AIMS_DEFINED_MAX = 2,
	AIMS_MIN = 3,
	AIMS_MAX = 5
};

/* --- Matches --- */

static bool goes_with(struct planner *p, const struct question *q, const struct pair *x)
{
	for (size_t i = 0; i < q->n_pairs; i++)
		if (str_eq_nocase(q->pairs[i].left, x->left) ||
		    span_stands_in(p->arena, p->lexicon, q->pairs[i].left, x->right) ||
		    span_stands_in(p->arena, p->lexicon, x->left, q->pairs[i].right))
			return false;
	return !span_stands_in(p->arena, p->lexicon, x->left, x->right);
}

static void add_pair(struct planner *p, struct question *q, struct sentence *s, struct str left,
                     struct str right)
{
	struct pair x = { .left = left, .right = right, .source = s->text, .sentence = s };
	if (q->n_pairs < PAIRS_MAX && goes_with(p, q, &x))
		q->pairs[q->n_pairs++] = x;
}

static void keep_match(struct planner *p, struct questions *all, const struct question *q,
                       const char *prompt, double score)
{
	if (q->n_pairs < PAIRS_MIN)
		return;
	struct question *kept = question_add(p, all, Q_MATCH, NULL, score);
	struct buf sources = BUF_INIT(8000), lines = BUF_INIT(8000);
	memcpy(kept->pairs, q->pairs, sizeof(q->pairs));
	kept->n_pairs = q->n_pairs;
	for (size_t i = 0; i < q->n_pairs; i++) {
		buf_addf(&sources, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(q->pairs[i].source));
		buf_addf(&lines, "%s" STR_FMT ": " STR_FMT, i > 0 ? "\n" : "",
		         STR_ARG(q->pairs[i].left), STR_ARG(q->pairs[i].right));
	}
	const struct block *b = q->pairs[0].sentence->block;
	kept->section = b->section->parent;
	kept->block = b->index;
	kept->source = str_dup(p->arena, buf_str(&sources));
	kept->explanation = str_dup(p->arena, buf_str(&lines));
	kept->prompt = say_so(p, prompt);
	kept->difficulty = 2;
	buf_fini(&sources);
	buf_fini(&lines);
}

static void match_facts(struct planner *p, struct questions *all, enum fact_kind kind,
                        const char *prompt)
{
	struct question q = { .n_pairs = 0 };
	for (const struct fact *f = p->terms->facts; f; f = f->next)
		if (f->kind == kind)
			add_pair(p, &q, f->sentence, f->term, f->definition);
	keep_match(p, all, &q, prompt, 1.0);
}

static bool has_number(const struct sentence *s, uint32_t from)
{
	for (uint32_t i = from; i < s->n; i++)
		if (s->tokens[i].tag == TAG_NUMBER)
			return true;
	return false;
}

/* "Im Jahr 1742 | wurde der erste Kai gebaut" */
static void match_figures(struct planner *p, struct questions *all)
{
	struct question q = { .n_pairs = 0 };
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		for (uint32_t i = 1; s->is_sound && i < s->n && i < HEAD_TOKENS_MAX; i++) {
			if (!shallow_figure_at(s, i) || has_number(s, i + 1) ||
			    tag_at(s, i + 1) == TAG_PUNCT)
				continue;
			struct str tail = without_end(sentence_span(s, i + 1, s->n));
			if (tail.len >= TAIL_BYTES_MIN && tail.len <= TAIL_BYTES_MAX)
				add_pair(p, &q, s, sentence_span(s, i, i + 1), tail);
		}
	keep_match(p, all, &q, "match_figures", 0.95);
}

/* --- Orders --- */

/* A word of the line begins like one that announces a sequence. */
static bool says_sequence(struct planner *p, struct str line)
{
	struct str words = lower_case(p->arena, line);
	while (words.len > 0) {
		struct str word = str_cut(words, ' ', &words);
		struct str rest = str_z(p->doc->language->steps);
		while (rest.len > 0) {
			struct str start = str_cut(rest, ' ', &rest);
			/* as "Arbeitsschritte" does: inside, where words are put together */
			if (str_find(word, start, 0) != SIZE_MAX)
				return true;
		}
	}
	return false;
}

static struct str step_text(const struct block *b)
{
	return without_end(b->first ? b->first->text : b->text);
}

static bool is_step(const struct block *b)
{
	struct str t = step_text(b);
	return t.len >= STEP_BYTES_MIN && t.len <= STEP_BYTES_MAX && b->label_len == 0 &&
	       str_find(t, STR("?"), 0) == SIZE_MAX && str_find(t, STR("\n"), 0) == SIZE_MAX &&
	       !str_ends(t, STR(":"));
}

static bool read_steps(const struct block *first, struct question *q, struct buf *source)
{
	for (const struct block *b = first; b && b->list == first->list; b = b->next) {
		if (!is_step(b) || q->n_items == ARRAY_LEN(q->items))
			return false;
		q->items[q->n_items++] = step_text(b);
		buf_addf(source, "%s%zu. " STR_FMT, source->len > 0 ? "\n" : "", q->n_items,
		         STR_ARG(b->first ? b->first->text : b->text));
	}
	return q->n_items >= PAIRS_MIN && buf_rc(source) == RC_OK;
}

static void ask_order(struct planner *p, struct questions *all, const struct block *intro,
                      const struct block *first)
{
	struct question q = { .n_items = 0 };
	struct buf source = BUF_INIT(3000);
	struct str title = first->section->title;
	struct str lead =
	        intro && intro->section == first->section ? intro->text : (struct str){ "", 0 };
	buf_add(&source, lead);
	bool is_sequence = first->first && first->is_ordered &&
	                   (says_sequence(p, lead) || says_sequence(p, title));
	if (is_sequence && read_steps(first, &q, &source)) {
		struct question *kept = question_add(p, all, Q_ORDER, first->first, 1.1);
		memcpy(kept->items, q.items, sizeof(q.items));
		kept->n_items = q.n_items;
		kept->source = str_dup(p->arena, buf_str(&source));
		kept->sentence = NULL;
		kept->title = title;
		kept->prompt = say_of(p, "order_steps", title);
		kept->explanation = say_of(p, "order_says", kept->source);
		kept->difficulty = 2;
	}
	buf_fini(&source);
}

void shallow_ask_sets(struct planner *p, struct questions *all)
{
	match_facts(p, all, FACT_DEFINITION, "match_terms");
	match_facts(p, all, FACT_EXPANSION, "match_long_forms");
	match_figures(p, all);
	const struct block *before = NULL;
	for (const struct block *b = p->doc->blocks; b; b = b->next) {
		if (b->list > 0 && b->item == 1 && !b->is_aside)
			ask_order(p, all, before, b);
		before = b->list == 0 ? b : before;
	}
}

/* --- Objectives --- */

static void aim(struct aims *x, struct str text)
{
	for (size_t i = 0; i < x->n; i++)
		if (str_eq(x->text[i], text))
			return;
	if (x->n < ARRAY_LEN(x->text) && text.len <= PLAN_LINE_MAX)
		x->text[x->n++] = text;
}

static void aim_at_facts(struct planner *p, struct aims *x)
{
	size_t n = 0;
	struct buf letters = BUF_INIT(200);
	for (const struct fact *f = p->terms->facts; f; f = f->next) {
		if (f->kind == FACT_DEFINITION && n++ < AIMS_DEFINED_MAX)
			aim(x, say_of(p, "aim_define", f->term));
		else if (f->kind == FACT_EXPANSION && letters.len < 40)
			buf_addf(&letters, "%s" STR_FMT, letters.len > 0 ? ", " : "",
			         STR_ARG(f->term));
	}
	if (letters.len > 0)
		aim(x, say_of(p, "aim_long_forms", buf_str(&letters)));
	buf_fini(&letters);
}

void shallow_aims_find(struct planner *p, struct question **q, size_t n, struct aims *ret)
{
	aim_at_facts(p, ret);
	for (size_t i = 0; i < n; i++)
		if (q[i]->type == Q_ORDER)
			aim(ret, say_of(p, "aim_steps", q[i]->title));
	for (const struct section *s = p->doc->sections; s && ret->n < AIMS_MAX; s = s->next)
		if (s->index > 0 && s->level > 0 && s->summary.len > 0)
			aim(ret, say_of(p, "aim_section", s->title));
	if (ret->n < AIMS_MIN)
		aim(ret, say_so(p, "aim_terms"));
	if (ret->n < AIMS_MIN)
		aim(ret, say_so(p, "aim_true_or_false"));
}
