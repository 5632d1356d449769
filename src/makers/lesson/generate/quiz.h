/* A spec, read into structs, with everything decided that generators must agree on:
 * which option stands where, how a solution is put into words.
 *
 * The order of options is a shuffle drawn from SHA-256 of the spec's hash and the
 * question's id: it tells nothing about the key, yet the same spec always gives it.
 */
#ifndef TAKT_MAKERS_LESSON_GENERATE_QUIZ_H
#define TAKT_MAKERS_LESSON_GENERATE_QUIZ_H

#include "base/base.h"
#include "base/str.h"
#include "makers/lesson/figures/figures.h"

struct arena;
struct json;

enum quiz_kind {
	QUIZ_CHOICE,
	QUIZ_TRUE_FALSE,
	QUIZ_CLOZE,
	QUIZ_MATCH,
	QUIZ_ORDER,
	QUIZ_SHORT,
	QUIZ_NUMBER
};

struct quiz_question {
	enum quiz_kind kind;
	struct str kind_name; /* as the spec spells it */
	struct str id, section, prompt, explanation, source;
	size_t stage; /* from 0 */
	int64_t difficulty;
	struct str answer, replacement;
	bool is_true;
	struct str unit, language; /* number: the unit may be empty */
	struct figure figure;      /* number: what counts as right */
	/* choice: answer, then distractors.  cloze, short: answer, then accepted.
	 * match: the right-hand sides.  order: the items in the right order. */
	struct str *texts;
	size_t n_texts;
	struct str *lefts; /* match: left i belongs to text i */
	/* choice, match, order: place p shows texts[shown[p]]; shown_at is the inverse. */
	size_t *shown, *shown_at;
	struct str solution; /* for people, plain text, lines end with \n */
};

/* A section that has questions, in the order of the spec.  The stage behind it opens when
 * `need` questions of this one were right in one try. */
struct quiz_stage {
	struct str title;
	size_t n_questions, need;
};

/* What a player can reach, of the spec's game. */
struct quiz_level {
	struct str title;
	int64_t xp;
};
struct quiz_achievement {
	struct str id, title, text;
	struct str kind; /* "right", "streak", "passed", "stage", "perfect" */
	size_t count;
	size_t stage; /* from 1 when kind is "stage", else 0 */
};
enum { QUIZ_POINTS = 10 }; /* points for each step of difficulty */

struct quiz {
	struct str title, language, summary, source_name;
	struct str *objectives;
	size_t n_objectives;
	struct quiz_question *questions;
	size_t n_questions;
	struct quiz_stage *stages;
	size_t n_stages;
	struct quiz_level *levels;
	size_t n_levels;
	struct quiz_achievement *achievements;
	size_t n_achievements;
	struct str spec_bytes;       /* content of spec.json */
	unsigned char spec_hash[32]; /* SHA-256 of it */
};

/* Everything lives in `a` or in the spec.  CODE_SCHEMA when the value is no spec. */
enum rc quiz_read(struct arena *a, const struct json *spec, struct quiz *ret,
                  struct err *err) MUST_USE;
/* Fills stages (and each question's), levels and achievements. */
void quiz_rules(struct arena *a, const struct json *spec, struct quiz *q);
bool quiz_is_shuffled(enum quiz_kind kind);

#endif
