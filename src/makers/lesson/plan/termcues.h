/* What the readers of cues share: where a term begins and ends beside a cue.
 *
 *	termcues.c     definitions
 *	termlists.c    answers, lists, topics
 *	termnames.c    called X, known as X
 *	termglosses.c  X (…), X, a …, X, or Y
 */
#ifndef TAKT_MAKERS_LESSON_PLAN_TERMCUES_H
#define TAKT_MAKERS_LESSON_PLAN_TERMCUES_H

#include "makers/lesson/plan/plan.h"

struct cues { /* of one sentence */
	const struct sentence *s;
	struct term_cue *list;
	size_t n, max;
};

void cues_add(struct cues *c, enum term_cue_kind kind, uint32_t from, uint32_t to);
void cues_of_names(struct cues *c);
void cues_of_glosses(struct cues *c);
void cues_of_lists(struct cues *c);

bool at_quote(const struct sentence *s, uint32_t i);
bool at_article(const struct sentence *s, uint32_t i);
bool at_dash(const struct sentence *s, uint32_t i);
/* The term that begins at `i`, behind articles and quotes; where it ends, or *from. */
uint32_t term_after(const struct sentence *s, uint32_t i, uint32_t *from);
/* The term that stops at *to, before quotes and "(ABBR)"; where it begins, or *to. */
uint32_t term_before(const struct sentence *s, uint32_t *to);
/* Whether a clause may begin with the phrase at `from` (an article before it left out). */
bool begins_clause(const struct sentence *s, uint32_t from);
bool ends_in_noun(const struct sentence *s, uint32_t to);

#endif
