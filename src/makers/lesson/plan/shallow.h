/* A lesson from a text whose language has no grammar here (every one but English): what can
 * be asked when only function words, stems, capitals, figures and marks are known.
 *
 *	shallow.c        which sentences stand on their own, which figures may be asked for
 *	shallow_terms.c  definitions, long forms, words that the text is about
 *	shallow_ask.c    questions about one sentence
 *	shallow_sets.c   … about several: matches, orders; and objectives
 *
 * The spans of the text stay as they are; only what stands around them is put in the text's
 * language (languages.h).  When in doubt nothing is asked.
 */
#ifndef TAKT_MAKERS_LESSON_PLAN_SHALLOW_H
#define TAKT_MAKERS_LESSON_PLAN_SHALLOW_H

#include "makers/lesson/plan/languages.h"
#include "makers/lesson/plan/plan.h"

/* Fills tags, is_whole, is_clear and is_sound. */
void shallow_judge(struct sentence *s, const struct language *l);
/* A whole number in digits that counts or dates something and stands once. */
bool shallow_figure_at(const struct sentence *s, uint32_t i);

/* Definitions and long forms as facts, and the words that the text is about as terms. */
void shallow_terms_find(struct planner *p);
/* Whether the two words are seen behind the same article, and are written alike. */
bool shallow_are_alike(const struct planner *p, const struct term *a, const struct term *b);
/* Whether the token stands where a noun does, and is no part of a name. */
bool shallow_stands_as_noun(const struct planner *p, const struct sentence *s, uint32_t i);
/* The term of the token; NULL when it is none. */
struct term *shallow_term_at(const struct planner *p, const struct sentence *s, uint32_t i);

/* Candidates, as questions_make gives them. */
void shallow_questions_make(struct planner *p, struct questions *ret);
void shallow_ask_sets(struct planner *p, struct questions *all);
void shallow_aims_find(struct planner *p, struct question **q, size_t n, struct aims *ret);

/* The text's wording of that key around up to three parts. */
struct str say_so(struct planner *p, const char *key);
struct str say_of(struct planner *p, const char *key, struct str a);
/* The sentence with the tokens from … to replaced. */
struct str shallow_with(struct planner *p, const struct sentence *s, uint32_t from, uint32_t to,
                        struct str by);

#endif
