/* A figure of a sentence, and how it is asked for; amounts.c reads it, howmany.c has the words. */
#ifndef TAKT_MAKERS_LESSON_PLAN_AMOUNTS_H
#define TAKT_MAKERS_LESSON_PLAN_AMOUNTS_H

#include "makers/lesson/plan/plan.h"

#define NOTHING ((struct str){ "", 0 })

struct amount {
	struct sentence *s;
	uint32_t from, to;       /* tokens of the figure */
	struct str span;         /* the figure as the text has it: "39%", "nine" */
	struct str number;       /* canonical */
	struct str unit;         /* may be empty */
	struct str gap;          /* what stands in its place: "_____", "_____%", "_____-hour" */
	const struct word *head; /* of what is counted; may be NULL */
	const char *bound;       /* "about", "more than", to be told; or "" */
	bool is_year, is_code, is_hyphened;
};

/* The question outright; empty where only the sentence itself will do. */
struct str amount_prompt(struct planner *p, const struct amount *x);
/* The sentence with `gap` instead of the figure, up to a colon or semicolon behind it: what
 * follows there is often a list that tells how many there are. */
struct str amount_gapped(struct planner *p, const struct amount *x, struct str gap);

#endif
