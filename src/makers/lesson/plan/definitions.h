/* What a sentence says that a term is, where a cue of termcues.c introduces it. */
#ifndef TAKT_MAKERS_LESSON_PLAN_DEFINITIONS_H
#define TAKT_MAKERS_LESSON_PLAN_DEFINITIONS_H

#include "makers/lesson/plan/plan.h"

struct definition {
	struct sentence *sentence;   /* NULL: none */
	uint32_t term_from, term_to; /* tokens */
	struct str text;
	int worth;
};

/* Sets *ret and returns true when what is said there reads as a definition by itself. */
bool definition_at(struct sentence *s, const struct term_cue *cue, struct definition *ret);
/* "Capstan: a drum that the sailors turn": whether the sentence behind a label says what it is. */
bool label_is_defined(struct sentence *s);

#endif
