/* What the lesson and each of its sections say, in a few sentences of the text.
 *
 * A sentence is fit for that when it needs no other one: no loose "this" in front, nothing
 * that points at a picture or a page.  Among those SumBasic chooses (a sentence weighs as
 * much as its words do on average, and what a chosen one has said weighs less afterwards:
 * Nenkova and Vanderwende 2005), with more weight for the head of a section, for what takes
 * up its title, and for what defines.  A section of steps or points is told by these.
 */
#include "makers/lesson/plan/plan.h"

enum {
	SUMMARY_BYTES_MAX = 1200,
	SENTENCE_WORDS_MIN = 7,
	SENTENCE_WORDS_MAX = 45,
	LONG_SECTION = 350, /* words: three sentences, else two */
	POINTS_MIN = 2,
	POINTS_BYTES_MAX = 400,
	OPTIONS_SHOWN = 6,
	LESSON_SENTENCES = 3,
	ABSTRACT_WORDS_MIN = 6
};

static bool is_about(const struct section *head, const struct sentence *s)
{
	return s->block->section->parent == head;
}

/* Sentences of a section and of those below it follow each other, with asides in between. */
static bool is_in(const struct section *head, const struct sentence *s)
{
	return is_about(head, s) || s->block->section->is_aside;
}

static struct sentence *first_of(const struct doc *d, const struct section *head)
{
	for (struct sentence *s = d->sentences; s; s = s->next)
		if (is_about(head, s))
			return s;
	return NULL;
}

static bool defines(const struct terms *ts, const struct sentence *s)
{
	for (const struct fact *f = ts->facts; f; f = f->next)
		if (f->sentence == s && f->kind == FACT_DEFINITION)
			return true;
	return false;
}

/* A content word of the title stands in the sentence. */
static bool takes_up(struct planner *p, const struct sentence *s, struct str title)
{
	while (title.len > 0) {
		struct str word = str_cut(title, ' ', &title);
		const struct word *w = word.len > 3 ? lexicon_word(p->lexicon, word) : NULL;
		for (uint32_t i = 0; w && !w->is_stop && i < s->n; i++)
			if (s->tokens[i].word->stem_id == w->stem_id)
				return true;
	}
	return false;
}

/* More than half of it is somebody else's words. */
static bool is_quotation(const struct sentence *s)
{
	size_t open = str_find(s->text, STR("\xe2\x80\x9c"), 0);
	size_t end = open == SIZE_MAX ? open : str_find(s->text, STR("\xe2\x80\x9d"), open);
	return end != SIZE_MAX && (end - open) * 2 > s->text.len;
}

static bool has_word(const struct sentence *s, const char *words)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(low(s, i), words))
			return true;
	return false;
}

static double fitness(struct planner *p, const struct sentence *s, const struct section *head,
                      const double *shares, bool is_head)
{
	double ret = sentence_weight(s, shares);
	if (is_head)
		ret *= 1.3;
	if (takes_up(p, s, head->level > 0 ? head->title : p->doc->title))
		ret *= 1.25;
	if (defines(p->terms, s))
		ret *= 1.35;
	if (s->is_second_person || is_imperative(s))
		ret *= 0.7;
	bool is_example = one_of(low(s, 0), "for") && one_of(low(s, 1), "example instance");
	if (is_example || is_quotation(s) || has_word(s, "etc"))
		ret *= 0.5;
	if (one_of(low(s, s->lead), "there it"))
		ret *= 0.7;
	return ret;
}

static struct sentence *best_of(struct planner *p, struct sentence *first,
                                const struct section *head, const double *shares)
{
	struct sentence *best = NULL;
	double best_fitness = 0;
	bool is_head = true;
	for (struct sentence *s = first; s && is_in(head, s); s = s->next) {
		if (!s->is_clear || s->is_used || s->n_words > SENTENCE_WORDS_MAX ||
		    s->n_words < SENTENCE_WORDS_MIN)
			continue;
		double f = fitness(p, s, head, shares, is_head);
		is_head = false;
		if (f > best_fitness) {
			best_fitness = f;
			best = s;
		}
	}
	return best;
}

static void forget(const struct sentence *s, double *shares)
{
	for (uint32_t i = 0; i < s->n; i++)
		shares[s->tokens[i].word->stem_id] *= shares[s->tokens[i].word->stem_id];
}

/* Without the connective that ties it to the one before. */
static struct str shown(struct planner *p, const struct sentence *s)
{
	return s->lead > 0 ? capitalised(p->arena, sentence_span(s, s->lead, s->n)) : s->text;
}

static void add_sentence(struct buf *out, struct str text)
{
	if (out->len + text.len + 1 > SUMMARY_BYTES_MAX)
		return;
	if (out->len > 0)
		buf_addc(out, ' ');
	buf_add(out, text);
}

/* Up to n sentences, in the order of the text. */
static void add_sentences(struct planner *p, struct sentence *first, const struct section *head,
                          double *shares, int n, struct buf *out)
{
	for (int i = 0; i < n; i++) {
		struct sentence *s = best_of(p, first, head, shares);
		if (!s)
			break;
		s->is_used = true;
		forget(s, shares);
	}
	for (struct sentence *s = first; s && is_in(head, s); s = s->next) {
		if (s->is_used)
			add_sentence(out, shown(p, s));
	}
}

static void end_sentence(struct buf *b)
{
	if (b->len > 0 && !strchr(".!?", b->ptr[b->len - 1]))
		buf_addc(b, '.');
}

/* The first sentence of an item, without its end. */
static struct str point_of(const struct block *b)
{
	struct str rest, line = str_cut(b->text, '\n', &rest);
	size_t end = str_find(line, STR(". "), 0);
	return end == SIZE_MAX ? without_end(line) : str_sub(line, 0, end);
}

/* The items of the section's first list, behind the line that leads in. */
static void add_points(const struct doc *d, const struct section *head, struct buf *out)
{
	const struct block *intro = NULL, *first = d->blocks;
	while (first && (first->section->parent != head || first->list == 0)) {
		if (first->section->parent == head)
			intro = first;
		first = first->next;
	}
	size_t n = 0;
	for (const struct block *b = first; b && b->list == first->list; b = b->next)
		n++;
	if (n < POINTS_MIN)
		return;
	if (intro && str_ends(intro->text, STR(":")) && intro->text.len < PLAN_LINE_MAX)
		buf_addf(out, STR_FMT " ", STR_ARG(intro->text));
	n = 0;
	for (const struct block *b = first; b && b->list == first->list; b = b->next) {
		struct str item = point_of(b);
		if (out->len + item.len > POINTS_BYTES_MAX)
			break;
		buf_addf(out, "%s" STR_FMT, n++ > 0 ? "; " : "", STR_ARG(item));
	}
	end_sentence(out);
}

/* The options, commands or files that a section of a manual explains. */
static void add_options(const struct doc *d, const struct section *head, struct buf *out)
{
	size_t n = 0;
	for (const struct block *b = d->blocks; b; b = b->next) {
		if (b->section->parent != head || !b->is_option || b->label.len == 0)
			continue;
		if (n < OPTIONS_SHOWN)
			buf_addf(out, "%s" STR_FMT, n > 0 ? ", " : "Explains ", STR_ARG(b->label));
		n++;
	}
	if (n > OPTIONS_SHOWN)
		buf_addf(out, " and %zu more", n - OPTIONS_SHOWN);
	end_sentence(out);
}

static void summarise(struct planner *p, struct section *head, double *shares)
{
	struct buf b = BUF_INIT(SUMMARY_BYTES_MAX * 2);
	struct sentence *first = first_of(p->doc, head);
	add_sentences(p, first, head, shares, head->words > LONG_SECTION ? 3 : 2, &b);
	if (b.len == 0)
		add_options(p->doc, head, &b);
	if (b.len == 0)
		add_points(p->doc, head, &b);
	head->summary = str_dup(p->arena, buf_str(&b));
	buf_fini(&b);
}

/* --- The lesson --- */

static struct str first_sentence(struct planner *p, const struct section *head)
{
	for (const struct sentence *s = p->doc->sentences; s; s = s->next)
		if (is_about(head, s) && s->is_used)
			return shown(p, s);
	return (struct str){ "", 0 };
}

/* Most of its longer words stand in what was said already. */
static bool is_said(struct planner *p, struct str said, struct str part)
{
	size_t n = 0, known = 0;
	while (part.len > 0) {
		struct str word = without_end(str_cut(part, ' ', &part));
		if (word.len < 4)
			continue;
		n++;
		known += span_stands_in(p->arena, p->lexicon, word, said);
	}
	return known * 10 > n * 7;
}

/* What the author says it is about, else the first section's summary; then what other
 * sections begin theirs with. */
static void summarise_lesson(struct planner *p)
{
	struct doc *d = p->doc;
	struct buf b = BUF_INIT(SUMMARY_BYTES_MAX * 2);
	int n = 0;
	if (words_in(d->abstract) >= ABSTRACT_WORDS_MIN && d->abstract.len <= PLAN_SENTENCE_MAX) {
		buf_add(&b, d->abstract);
		end_sentence(&b);
		n++;
	}
	for (const struct section *x = d->sections; x && n < LESSON_SENTENCES; x = x->next) {
		if (x->index == 0 || x->summary.len == 0)
			continue;
		struct str part = n > 0 ? first_sentence(p, x) : x->summary;
		if (part.len == 0 || is_said(p, buf_str(&b), part))
			continue;
		add_sentence(&b, part);
		n++;
	}
	d->summary = b.len > 0 ? str_dup(p->arena, buf_str(&b)) : d->title;
	buf_fini(&b);
}

void summaries_find(struct planner *p)
{
	double *shares = stem_shares(p->arena, p->lexicon, p->doc);
	for (struct sentence *s = p->doc->sentences; s; s = s->next)
		s->is_used = false;
	for (struct section *x = p->doc->sections; x; x = x->next)
		if (x->index > 0 && !x->is_aside)
			summarise(p, x, shares);
	summarise_lesson(p);
}
