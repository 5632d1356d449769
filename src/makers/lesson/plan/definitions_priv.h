/* What the readers of definitions share.
 *
 *	definitions.c      the patterns: X is a …, X, a …, X does …
 *	definitionnames.c  … those that stand before the name
 *	definitionspans.c  where a definition begins and where it ends
 *	definitionwords.c  whether its words read as one
 */
#ifndef TAKT_MAKERS_LESSON_PLAN_DEFINITIONS_PRIV_H
#define TAKT_MAKERS_LESSON_PLAN_DEFINITIONS_PRIV_H

#include "makers/lesson/plan/definitions.h"

struct span {
	uint32_t from, to; /* tokens */
};

uint32_t closing_bracket(const struct sentence *s, uint32_t open);
/* Where the definition ends that begins at `from`: before something else is said of it. */
uint32_t definition_end(const struct sentence *s, uint32_t from);
/* Of "X, …, verb": the comma before the verb; 0 when there is none behind `from`. */
uint32_t insertion_end(const struct sentence *s, uint32_t from);
/* "the first …", "the main …", "the best …" say no more than which of several. */
bool is_superlative(const struct sentence *s, uint32_t i);
bool is_praise(const struct sentence *s, uint32_t i);
bool has_noun_in(const struct sentence *s, uint32_t from, uint32_t to);
/* Whether these words can begin a definition: an article, or a noun with what tells it from
 * others. */
bool begins_definition(const struct sentence *s, uint32_t i, bool is_plural);
/* Where the definition begins behind the verb at `v`; 0 when that defines nothing. */
uint32_t behind_defining_verb(const struct sentence *s, uint32_t v);

/* Behind the term's quotes and its "(ABBR)". */
uint32_t behind_term(const struct sentence *s, uint32_t i);

/* "think of X as a …", "use the term X to refer to the …" */
bool read_meant_definition(const struct sentence *s, const struct term_cue *cue, struct span *ret);
/* "The … is called X", "a … that …, called X", "…, called X, is the …" */
bool read_named_definition(const struct sentence *s, const struct term_cue *cue, struct span *ret);
/* "An increase in a nation's output is economic growth." */
bool read_equated_definition(const struct sentence *s, const struct term_cue *cue,
                             struct span *ret);

/* Cuts what ends a sentence; whether the rest is whole, long enough and free of pronouns whose
 * noun stands elsewhere. */
bool reads_as_definition(const struct sentence *s, const struct term_cue *cue, struct span *x,
                         uint32_t words_min);
/* A finite verb that no relative clause has: a statement, and no name of a thing. */
bool has_main_verb(const struct sentence *s, uint32_t from, uint32_t to);

#endif
