/* Every question that could be asked of a text, before a lesson is chosen from them: a rule
 * about forms of text is tested where it stands, not through what the selection leaves. */
#ifndef TAKT_TESTS_MAKERS_LESSON_CANDIDATES_H
#define TAKT_TESTS_MAKERS_LESSON_CANDIDATES_H

#include "unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "makers/lesson/plan/plan.h"

struct candidates {
	struct arena *arena;
	struct doc doc;
	struct terms terms;
	struct planner planner;
	struct questions all;
};

static inline void candidates_read(struct candidates *c, struct str text)
{
	struct err err = { 0 };
	*c = (struct candidates){ .arena = arena_create(1 << 16) };
	enum rc rc = doc_read(c->arena, STR("text.md"), text, &c->doc, &err);
	ck_assert_msg(rc == RC_OK, "%s", err.text);
	struct wordnet *wn = wordnet_open(c->arena, "/usr/share/wordnet");
	c->planner = (struct planner){ .arena = c->arena,
		                       .lexicon = lexicon_create(c->arena, wn, NULL),
		                       .wordnet = wn,
		                       .doc = &c->doc,
		                       .terms = &c->terms,
		                       .seed = 7 };
	doc_number_sections(&c->doc);
	sentences_read(c->arena, c->planner.lexicon, &c->doc);
	sentences_rank(c->arena, c->planner.lexicon, &c->doc);
	terms_find(c->arena, c->planner.lexicon, &c->doc, &c->terms);
	questions_make(&c->planner, &c->all);
}

static inline void candidates_free(struct candidates *c)
{
	lexicon_destroy(c->planner.lexicon);
	wordnet_close(c->planner.wordnet);
	arena_destroy(c->arena);
}

/* The first of that type behind `after` whose prompt holds these words. */
static inline const struct question *candidate_next(const struct candidates *c,
                                                    const struct question *after,
                                                    enum question_type type, const char *words)
{
	for (const struct question *q = after ? after->next : c->all.first; q; q = q->next)
		if (q->type == type && str_find(q->prompt, str_z(words), 0) != SIZE_MAX)
			return q;
	return NULL;
}

static inline const struct question *candidate(const struct candidates *c, enum question_type type,
                                               const char *words)
{
	return candidate_next(c, NULL, type, words);
}

/* Whether a question of that type has the answer. */
static inline bool has_answer(const struct candidates *c, enum question_type type,
                              const char *answer)
{
	for (const struct question *q = c->all.first; q; q = q->next)
		if (q->type == type && str_eqz(q->answer, answer))
			return true;
	return false;
}

static inline void ck_order(const struct question *q, size_t n, const char *const *want)
{
	ck_assert_ptr_nonnull(q);
	ck_assert_uint_eq(q->n_items, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(str_eqz(q->items[i], want[i]), STR_FMT, STR_ARG(q->items[i]));
}

/* Enough words for a lesson, in sentences of which nothing can be asked. */
#define CALM "The sea was calm. It was late. We slept well. "
#define CALM_9 CALM CALM CALM CALM CALM CALM CALM CALM CALM
#define CALM_ALL CALM_9 CALM_9 CALM_9 CALM_9 "\n\n"

#endif
