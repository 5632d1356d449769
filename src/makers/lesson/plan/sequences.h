/* Events and steps in their order, and the question that has them put into it. */
#ifndef TAKT_MAKERS_LESSON_PLAN_SEQUENCES_H
#define TAKT_MAKERS_LESSON_PLAN_SEQUENCES_H

#include "makers/lesson/plan/plan.h"

enum { ITEMS_MIN = 3, ITEMS_MAX = 6 };

struct event {
	struct sentence *sentence;
	struct str text;
	uint32_t day; /* year * 512 + month * 32 + day; 0 where the text does not say */
};

struct events {
	struct event list[ITEMS_MAX];
	size_t n;
};

/* `title` names what is put in order, for the objectives; it may be empty. */
void order_add(struct planner *p, struct questions *all, const struct events *x, struct str source,
               struct str prompt, struct str title, double score);
void order_stages(struct planner *p, struct questions *all);
void order_series(struct planner *p, struct questions *all);
void order_chains(struct planner *p, struct questions *all);
void order_rankings(struct planner *p, struct questions *all);
void order_sessions(struct planner *p, struct questions *all);

#endif
