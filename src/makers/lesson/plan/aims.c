/* Objectives: what a learner can do afterwards, in verbs that can be observed (Bloom's
 * remember and understand; the text alone cannot promise more): define, explain why,
 * distinguish, list the steps, state the numbers, describe.  Each rests on something that
 * the text defines, gives a reason for, lists or says; none only names a heading, unless
 * nothing else is found.
 */
#include "makers/lesson/plan/plan.h"

enum {
	DEFINED_MAX = 3,
	REASONS_MAX = 2,
	ABBREVIATIONS_MAX = 4,
	TITLE_BYTES_MAX = 120,
	SUBJECT_BYTES_MAX = 70,
	KEY_TERMS_SEEN = 40,
	WORD_BYTES_MIN = 8, /* shorter ones are too common to say anything */
	AIMS_ENOUGH = 5
};

static void aim(struct aims *x, struct str text)
{
	for (size_t i = 0; i < x->n; i++)
		if (str_eq(x->text[i], text))
			return;
	if (x->n < ARRAY_LEN(x->text) && text.len > 0 && text.len <= PLAN_LINE_MAX)
		x->text[x->n++] = text;
}

/* As inside a sentence: "Journey maps" stood at the head of one. */
static struct str inside(struct planner *p, const struct fact *f)
{
	return f->sentence && f->from < f->to ? say_inside(p, f->sentence, f->from, f->to)
	                                      : f->term;
}

/* "“a”, “b” and “c”" */
static struct str listed(struct planner *p, const struct str *names, size_t n)
{
	struct buf b = BUF_INIT(PLAN_LINE_MAX * 4);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s\u201c" STR_FMT "\u201d",
		         i == 0      ? ""
		         : i + 1 < n ? ", "
		                     : " and ",
		         STR_ARG(names[i]));
	struct str ret = str_dup(p->arena, buf_str(&b));
	buf_fini(&b);
	return ret;
}

static void aim_to_define(struct planner *p, struct aims *x, const struct fact **terms, size_t n)
{
	struct str names[DEFINED_MAX];
	size_t done = 0;
	for (size_t i = 0; i < n && done < DEFINED_MAX; i++)
		if (terms[i]->kind == FACT_DEFINITION)
			names[done++] = inside(p, terms[i]);
	struct str all = listed(p, names, done);
	if (done > 0)
		aim(x, str_fmt(p->arena, "Define " STR_FMT ".", STR_ARG(all)));
}

static void aim_to_explain(struct aims *x, struct question **q, size_t n)
{
	size_t done = 0;
	for (size_t i = 0; i < n && done < REASONS_MAX; i++)
		if (q[i]->aim.len > 0) {
			aim(x, q[i]->aim);
			done++;
		}
}

static void aim_to_order(struct planner *p, struct aims *x, struct question **q, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (q[i]->type == Q_ORDER && q[i]->title.len > 0)
			aim(x, str_fmt(p->arena,
			               "List the steps of \xe2\x80\x9c" STR_FMT
			               "\xe2\x80\x9d in their order.",
			               STR_ARG(q[i]->title)));
}

static bool is_opposite(struct str a, struct str b) /* unhappy path, happy path */
{
	static const char *const prefixes[] = { "un", "in", "non-", "non", "dis" };
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t n = strlen(prefixes[i]);
		if (a.len == b.len + n && str_starts(a, str_z(prefixes[i])) &&
		    str_eq(str_sub(a, n, a.len), b))
			return true;
	}
	return false;
}

/* In the same sentences, again and again: the text itself sets them side by side. */
static bool stand_together(const struct term *a, const struct term *b)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < a->n_places; i++)
		for (uint32_t k = 0; k < b->n_places; k++)
			n += a->places[i] == b->places[k];
	return n >= 2;
}

/* Two terms that differ in their first word: "happy path" and "unhappy path". */
static bool is_twin(const struct term *a, const struct term *b)
{
	if (a->n_tokens != 2 || b->n_tokens != 2 || a->head->stem_id != b->head->stem_id ||
	    a->kind == TERM_NAME || b->kind == TERM_NAME)
		return false;
	return a->count >= 2 && b->count >= 2 && !str_eq(a->key, b->key) && !a->head->is_stop &&
	       (is_opposite(a->key, b->key) || is_opposite(b->key, a->key) ||
	        (a->is_plural == b->is_plural && stand_together(a, b)));
}

static void aim_to_distinguish(struct planner *p, struct aims *x)
{
	for (const struct term *a = p->terms->first; a; a = a->next)
		for (const struct term *b = a->next; b; b = b->next)
			if (is_twin(a, b)) {
				aim(x,
				    str_fmt(p->arena, "Distinguish " STR_FMT " from " STR_FMT ".",
				            STR_ARG(a->text), STR_ARG(b->text)));
				return;
			}
}

static bool is_of_command_line(struct str s)
{
	return s.len > 1 && strchr("-./", s.ptr[0]) && s.ptr[1] != ' ';
}

/* What the first three of a match are, or do. */
static void aim_to_tell(struct planner *p, struct aims *x, struct question **q, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str names[3];
		bool is_option = true;
		if (q[i]->type != Q_MATCH || !q[i]->is_label || q[i]->n_pairs < 3)
			continue;
		for (size_t k = 0; k < 3; k++) {
			names[k] = q[i]->pairs[k].left;
			is_option &= is_of_command_line(names[k]);
		}
		struct str all = listed(p, names, 3);
		aim(x, str_fmt(p->arena,
		               is_option ? "Tell what " STR_FMT " do."
		                         : "Describe what the text says about " STR_FMT ".",
		               STR_ARG(all)));
	}
}

/* The subjects that the picked questions are about. */
static void aim_to_describe(struct planner *p, struct aims *x, struct question **q, size_t n,
                            size_t max)
{
	for (size_t i = 0; i < n && x->n < max; i++) {
		struct str s = q[i]->subject, rest;
		if (words_in(s) < 2 || s.len > SUBJECT_BYTES_MAX)
			continue; /* "Describe directories" asks for a book */
		bool is_act = lexicon_word(p->lexicon, str_cut(s, ' ', &rest))->is_gerund;
		const char *verb = is_act               ? "Describe what "
		                   : q[i]->is_statement ? "Describe "
		                                        : "Explain the role of ";
		aim(x, str_fmt(p->arena, "%s" STR_FMT "%s.", verb, STR_ARG(s),
		               is_act ? " involves" : ""));
	}
}

static void aim_to_spell_out(struct planner *p, struct aims *x, const struct fact **terms, size_t n)
{
	struct buf b = BUF_INIT(PLAN_LINE_MAX);
	struct str last = { "", 0 };
	size_t found = 0;
	for (size_t i = 0; i < n && found < ABBREVIATIONS_MAX; i++) {
		if (terms[i]->kind != FACT_EXPANSION)
			continue;
		if (found > 0)
			buf_addf(&b, "%s" STR_FMT, found > 1 ? ", " : "", STR_ARG(last));
		last = terms[i]->term;
		found++;
	}
	if (found == 1)
		aim(x, str_fmt(p->arena, "Spell out the abbreviation " STR_FMT ".", STR_ARG(last)));
	if (found > 1)
		aim(x, str_fmt(p->arena, "Spell out the abbreviations " STR_FMT " and " STR_FMT ".",
		               STR_ARG(buf_str(&b)), STR_ARG(last)));
	buf_fini(&b);
}

/* --- What sections and the text are about --- */

/* Key terms that say something by themselves: several words, letters that stand for some, or
 * a long word. */
static size_t telling_terms(struct planner *p, struct str *ret)
{
	struct str all[KEY_TERMS_SEEN];
	size_t n = key_terms(p, all, KEY_TERMS_SEEN), kept = 0;
	for (size_t i = 0; i < n; i++) {
		const struct word *w = lexicon_word(p->lexicon, all[i]);
		bool has_blank = str_find(all[i], STR(" "), 0) != SIZE_MAX;
		bool is_name = w->count_lower == 0 && w->count > 1;
		bool is_noun = w->n > w->a && w->n >= w->v && !w->is_past && !w->is_gerund;
		bool is_telling = !w->is_stop && all[i].len >= WORD_BYTES_MIN && is_noun;
		if ((has_blank || is_name || is_telling) && all[i].len <= SUBJECT_BYTES_MAX)
			ret[kept++] = all[i];
	}
	return kept;
}

static bool is_used_in(struct planner *p, const struct section *s, struct str term)
{
	for (const struct block *b = p->doc->blocks; b; b = b->next)
		if (b->section->parent == s && !b->is_aside &&
		    span_stands_in(p->arena, p->lexicon, term, b->text))
			return true;
	return false;
}

/* Two key terms that the section uses and that neither its title nor each other holds. */
static size_t terms_of(struct planner *p, const struct section *s, const struct str *keys,
                       size_t n_keys, bool *is_used, struct str ret[2])
{
	size_t n = 0;
	for (size_t k = 0; k < n_keys * 2 && n < 2; k++) { /* first what no other section has */
		size_t i = k % n_keys;
		if (is_used[i] != (k >= n_keys))
			continue;
		bool is_said = span_stands_in(p->arena, p->lexicon, keys[i], s->title) ||
		               (n > 0 && (span_stands_in(p->arena, p->lexicon, keys[i], ret[0]) ||
		                          span_stands_in(p->arena, p->lexicon, ret[0], keys[i])));
		if (is_said || !is_used_in(p, s, keys[i]))
			continue;
		ret[n++] = keys[i];
		is_used[i] = true;
	}
	return n;
}

/* "Define journey maps" and "What are journey maps?" are one objective. */
static bool is_aimed_at(struct planner *p, const struct aims *x, struct str title)
{
	static const char *const starts[] = { "What is a ", "What is an ", "What is ",
		                              "What are " };
	for (size_t k = 0; k < ARRAY_LEN(starts); k++) {
		if (!str_starts(title, str_z(starts[k])))
			continue;
		struct str what = str_sub(title, strlen(starts[k]), title.len - 1);
		for (size_t i = 0; i < x->n; i++)
			if (str_find(lower_case(p->arena, x->text[i]), lower_case(p->arena, what),
			             0) != SIZE_MAX)
				return true;
	}
	return false;
}

static void aim_at_sections(struct planner *p, struct aims *x, const struct str *keys,
                            size_t n_keys, size_t max)
{
	struct str t[2];
	bool is_used[KEY_TERMS_SEEN] = { false };
	for (const struct section *s = p->doc->sections; s && x->n < max; s = s->next) {
		if (s->index == 0 || s->level == 0 || s->title.len > TITLE_BYTES_MAX ||
		    s->words < 60)
			continue;
		if (is_aimed_at(p, x, s->title))
			continue;
		if (str_ends(s->title, STR("?")))
			aim(x, str_fmt(p->arena,
			               "Answer the question \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d",
			               STR_ARG(s->title)));
		else if (terms_of(p, s, keys, n_keys, is_used, t) == 2)
			aim(x, str_fmt(p->arena,
			               "Summarize the section \u201c" STR_FMT
			               "\u201d, using the terms " STR_FMT ".",
			               STR_ARG(s->title), STR_ARG(listed(p, t, 2))));
	}
	for (const struct section *s = p->doc->sections; s && x->n < 3; s = s->next)
		if (s->index > 0 && s->level > 0 && s->title.len <= TITLE_BYTES_MAX)
			aim(x, str_fmt(p->arena,
			               "Summarize what the text says under \xe2\x80\x9c" STR_FMT
			               "\xe2\x80\x9d.",
			               STR_ARG(s->title)));
}

static uint32_t blocks_with(struct planner *p, struct str term)
{
	uint32_t n = 0;
	for (const struct block *b = p->doc->blocks; b; b = b->next)
		n += !b->is_aside && span_stands_in(p->arena, p->lexicon, term, b->text);
	return n;
}

/* Of a text without sections: the key terms that most of it is about. */
static void aim_at_terms(struct planner *p, struct aims *x, const struct str *keys, size_t n_keys,
                         size_t max)
{
	uint32_t count[KEY_TERMS_SEEN];
	for (size_t i = 0; i < n_keys; i++)
		count[i] = blocks_with(p, keys[i]);
	while (x->n < max) {
		size_t best = 0;
		for (size_t i = 1; i < n_keys; i++)
			best = count[i] > count[best] ? i : best;
		if (n_keys == 0 || count[best] == 0)
			return;
		count[best] = 0;
		aim(x,
		    str_fmt(p->arena, "Describe what the text says about \u201c" STR_FMT "\u201d.",
		            STR_ARG(keys[best])));
	}
}

void aims_find(struct planner *p, const struct fact **terms, size_t n_terms, struct question **q,
               size_t n, struct aims *ret)
{
	struct str keys[KEY_TERMS_SEEN];
	size_t n_keys = telling_terms(p, keys);
	aim_to_define(p, ret, terms, n_terms);
	aim_to_explain(ret, q, n);
	aim_to_distinguish(p, ret);
	aim_to_order(p, ret, q, n);
	aim_to_tell(p, ret, q, n);
	aim_to_describe(p, ret, q, n, AIMS_ENOUGH);
	aim_at_sections(p, ret, keys, n_keys, AIMS_ENOUGH);
	if (ret->n < AIMS_ENOUGH)
		aim_to_spell_out(p, ret, terms, n_terms);
	aim_at_terms(p, ret, keys, n_keys, AIMS_ENOUGH - 1);
	if (ret->n < 3)
		aim(ret, STR("Name the main points of the text."));
	if (ret->n < 3)
		aim(ret, STR("Tell true statements about the text from false ones."));
	if (ret->n < 3)
		aim(ret, STR("Use the key terms of the text in their right place."));
}
