/* Maker `lesson`: brief → spec → files → checks.  Pure functions; main.c puts them on
 * the worker protocol.  Nothing here draws a random number or reads a clock: the same
 * brief gives the same spec, the same spec the same bytes.
 *
 *	plan/      a text → spec (reading Markdown, sentences, terms, questions)
 *	generate/  spec → files (Rojo project, GIFT, worksheet, preview, manifest)
 *	check/     spec + files → findings
 */
#ifndef TAKT_MAKERS_LESSON_LESSON_H
#define TAKT_MAKERS_LESSON_LESSON_H

#include "base/base.h"
#include "base/str.h"
#include "makers/files.h"

struct arena;
struct json;

struct lesson_brief {
	struct str name;   /* file name or topic, for the spec's source */
	struct str text;   /* Markdown, HTML or plain text */
	int64_t questions; /* how many to ask for, 10 … 20; 0: the planner's choice */
};

/* Writes the spec as JSON (pretty enough to edit: one member a line) into *out.
 * CODE_BRIEF_NOT_TEXT, CODE_BRIEF_TOO_SHORT, CODE_BRIEF_TOO_LONG, CODE_NOTHING_TO_ASK:
 * each text says what was found and what would be right. */
enum rc lesson_plan(struct arena *a, const struct lesson_brief *brief, struct buf *out,
                    struct err *err) MUST_USE;
/* The terms a glossary of the text would list, one a line, best first. */
enum rc lesson_key_terms(struct arena *a, const struct lesson_brief *brief, struct buf *out,
                         struct err *err) MUST_USE;

/* `spec` has passed the schema.  Adds every file of the artifact but the report. */
enum rc lesson_generate(struct arena *a, const struct json *spec, struct made_files *out,
                        struct err *err) MUST_USE;

enum check_verdict { CHECK_PASS, CHECK_FAIL, CHECK_NOT_RUN };

struct check_finding {
	struct str place; /* "spec.json#/questions/3", "game/src/…:12" */
	struct str text;
	struct check_finding *next;
};

struct check_result {
	enum check_verdict verdict;
	struct str evidence; /* one line: "14 questions, every answer stands in its source" */
	struct check_finding *findings; /* why it failed */
};

struct lesson_check {
	const char *name;  /* "answers", "gift", "stylua" */
	const char *title; /* what it proves, a sentence */
	bool is_builtin;   /* always runs; else needs a tool and may be CHECK_NOT_RUN */
	/* Never fails by itself: what goes wrong is the result. */
	void (*run)(struct arena *a, const struct json *spec, const struct made_files *files,
	            struct check_result *ret);
};
extern const struct lesson_check lesson_checks[];
extern const size_t lesson_checks_n;

#endif
