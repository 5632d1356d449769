/* Findings lead back to the spec: what a check names is repaired or taken out, and the lesson
 * is made and checked again, a bounded number of times. */
#ifndef TAKT_MAKERS_LESSON_REVIEW_H
#define TAKT_MAKERS_LESSON_REVIEW_H

#include "base/base.h"
#include "base/str.h"
#include "makers/files.h"

struct arena;
struct json;
struct json_out;

enum { REVIEW_ROUNDS_MAX = 3 };

/* One thing that was taken out of the spec. */
struct review_drop {
	struct str id;     /* "q7", "t2"; of a distractor, its question's */
	struct str what;   /* the prompt, the term, the distractor */
	const char *check; /* whose finding it was … */
	struct str reason; /* … in its words */
	int round;
	struct review_drop *next;
};

struct review {
	const struct json *spec; /* what is left */
	struct review_drop *drops;
	int rounds; /* how often the lesson was made and checked, at least 1 */
};

/* Makes the lesson in memory and runs the built-in checks, which look at every question.  A
 * finding about a distractor takes that out while two others are left, one about a question
 * the question, one about a term the term; findings about files are the generators' faults
 * and stay for the checks that follow.  The same spec gives the same result.
 * CODE_NOTHING_TO_ASK when no question is left. */
enum rc lesson_review(struct arena *a, const struct json *spec, struct review *ret,
                      struct err *err) MUST_USE;

/* A lesson that checks have failed, made anew without what they name. */
struct repair {
	struct review review;      /* the spec that is left, and what went */
	struct made_files files;   /* made from it; only when something went */
	const struct json *checks; /* of those files: an array as report_check writes it */
	bool is_sound;             /* none of them has failed */
};

/* `checks` ran on the finished files, those by outside tools among them.  What their findings
 * name goes as above, and all checks run again, at most REVIEW_ROUNDS_MAX times.  A failed
 * check that names no part of the spec is the generators' fault: no other spec would cure it,
 * so nothing is done. */
enum rc lesson_repair(struct arena *a, const struct json *spec, const struct json *checks,
                      struct repair *ret, struct err *err) MUST_USE;

/* [{"id", "what", "check", "reason", "round", "text"}]; text is all of it as a sentence. */
void review_drops(struct json_out *o, struct arena *a, const struct review *review);

#endif
