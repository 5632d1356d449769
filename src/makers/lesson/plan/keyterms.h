/* What the files of the key terms share: the table of candidates (candidates.c), what the
 * text does with them (keyterms.c) and what they weigh (termweights.c). */
#ifndef TAKT_MAKERS_LESSON_PLAN_KEYTERMS_H
#define TAKT_MAKERS_LESSON_PLAN_KEYTERMS_H

#include "makers/lesson/plan/definitions.h"
#include "makers/lesson/plan/plan.h"

enum { CANDIDATE_BUCKETS = 8192 };

struct candidate {
	struct str key, text;
	uint32_t n_tokens, count;
	uint32_t n_whole; /* times it was the whole phrase */
	uint32_t n_blocks, first_block, last_block;
	bool is_fresh; /* the paragraph that has it first introduces it */
	uint32_t cues[CUE_KINDS];
	uint32_t n_lead; /* … of these in the first sentence of a paragraph */
	bool is_set_off, is_title, is_heading, is_upper, is_name, is_generic, is_loose;
	bool has_generic_head; /* "nervous system" */
	bool is_spelled_out;   /* it has an abbreviation */
	bool is_short;         /* it is one, and the long form is a candidate */
	bool is_capital;       /* so far it only stood where a sentence begins */
	double rarity;
	uint32_t n_children, n_family;
	bool is_lemma;                /* WordNet lists it */
	bool is_unlikely;             /* a person, a place, a quantity, a time */
	struct definition definition; /* the best that the text has */
	double score;
	struct candidate *hash_next, *next;
};

struct candidates {
	struct planner *p;
	struct candidate *buckets[CANDIDATE_BUCKETS], *first, **last;
	size_t n;
};

/* Counts the sentence's phrases and their parts. */
void candidates_count(struct candidates *t, const struct sentence *s);
/* The sentence introduces these tokens as a term. */
void candidates_introduce(struct candidates *t, struct sentence *s, const struct term_cue *cue);
/* Lower case, plurals folded, one space between words: equal for what counts as one term. */
struct str candidate_key(struct arena *a, struct str text);
struct candidate *candidate_find(const struct candidates *t, struct str key);
struct candidate *candidate_of(const struct candidates *t, struct str text);
/* As it would stand inside a sentence. */
struct str candidate_shown(struct arena *a, const struct candidate *c);
/* Sets p->ranked, once. */
void key_terms_rank(struct planner *p);
/* Sets every candidate's score. */
void candidates_weigh(struct candidates *t);

#endif
