/* What a sentence names side by side: examples of something, what a verb is done to, and
 * gerunds.  namings.c finds them, examples.c asks for one of them, chains.c
 * has phases put in order. */
#ifndef TAKT_MAKERS_LESSON_PLAN_NAMINGS_H
#define TAKT_MAKERS_LESSON_PLAN_NAMINGS_H

#include "makers/lesson/plan/plan.h"

enum { PARTS_MAX = 8, NAMINGS_MAX = 300 };

struct part {
	uint32_t from, to; /* tokens */
};

struct naming {
	struct sentence *sentence;
	struct part parts[PARTS_MAX];
	size_t n;
	uint32_t head_from, head_to; /* what they are examples of; empty for an enumeration */
	uint32_t at;                 /* the token the list begins with */
};

struct namings {
	struct naming list[NAMINGS_MAX];
	size_t n;
};

/* Those of all whole sentences of the text's own matter, in the planner's arena. */
const struct namings *namings_find(struct planner *p);
/* "X, Y, and Z" from token x->at; 0 parts when it is not one to its end. */
void naming_read_parts(struct naming *x);
/* The same for single words or names of any kind, up to the first that is not one. */
void naming_read_words(struct naming *x);
struct str part_text(const struct sentence *s, const struct part *x);

#endif
