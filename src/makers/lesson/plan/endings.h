/* Endings: the clauses of a sentence that say why, what for, how or what then, and what is
 * said about a subject.  endings.c finds them, clauses.c asks for one, halves.c has several
 * put together with their beginnings. */
#ifndef TAKT_MAKERS_LESSON_PLAN_ENDINGS_H
#define TAKT_MAKERS_LESSON_PLAN_ENDINGS_H

#include "makers/lesson/plan/plan.h"

enum {
	CLAUSES_MAX = 600,
	SHARED_MAX = 2 /* content words that two unlike sentences may have in common */
};

enum cue {
	CUE_REASON,
	CUE_AIM,
	CUE_PURPOSE,
	CUE_MEANS,
	CUE_STATEMENT,
	CUE_PREDICATE,
	CUE_ADVICE,     /* "When there are two, pick one": what to do then */
	CUE_CONSEQUENCE /* "When something breaks, engineers …": what follows */
};

struct ending {
	enum cue cue;
	struct sentence *sentence;
	uint32_t from, to;           /* the clause as it is shown */
	uint32_t main_from, main_to; /* what it belongs to */
	uint32_t words;
	bool is_plural; /* of a predicate: goes with a plural, or with either */
	bool is_free;
	bool is_key; /* may be asked for; the others are alternatives only */
};

struct endings {
	const struct doc *doc;
	struct ending list[CLAUSES_MAX];
	size_t n;
};
/* All of the text that stand in whole sentences of its own matter. */
void endings_find(const struct doc *d, struct endings *ret);
/* "they", "its": what stands before must be read, too. */
bool points_back(const struct sentence *s, uint32_t from, uint32_t to);
/* Behind "In the first year," and the like. */
uint32_t clause_start(const struct sentence *s);
void match_halves(struct planner *p, struct questions *all, const struct endings *endings);

#endif
