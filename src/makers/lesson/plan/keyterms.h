/* What the files of the key terms share: the table of candidates (keyterms.c) and what they
 * weigh (termweights.c). */
#ifndef TAKT_MAKERS_LESSON_PLAN_KEYTERMS_H
#define TAKT_MAKERS_LESSON_PLAN_KEYTERMS_H

#include "makers/lesson/plan/plan.h"

enum { CANDIDATE_BUCKETS = 8192 };

struct candidate {
	struct str key, text;
	uint32_t n_tokens, count;
	uint32_t n_whole; /* times it was the whole phrase */
	uint32_t n_blocks, first_block, last_block;
	bool is_fresh; /* the paragraph that has it first introduces it */
	uint32_t cues[CUE_KINDS];
	bool is_set_off, is_title, is_heading, is_upper, is_name, is_generic, is_loose;
	bool is_capital; /* so far it only stood where a sentence begins */
	double rarity;
	bool is_lemma;    /* WordNet lists it */
	bool is_unlikely; /* a person, a place, a quantity, a time */
	double score;
	struct candidate *hash_next, *next;
};

struct candidates {
	struct planner *p;
	struct candidate *buckets[CANDIDATE_BUCKETS], *first, **last;
	size_t n;
};

/* Sets every candidate's score. */
void candidates_weigh(struct candidates *t);

#endif
