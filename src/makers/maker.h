/* maker.json: what a maker is called, what it takes, what it performs, and the workflow
 * its briefs run through.  A maker is a folder with this file and a program; the
 * supervisor finds it there, and the program stores the workflow when it starts.
 *
 *	{"name": "lesson", "description": "…", "program": "takt-maker-lesson",
 *	 "kinds": ["lesson.plan", …],
 *	 "input": {…JSON Schema of a run's input…},
 *	 "workflow": {"steps": {…}, "output": {…}}} */
#ifndef TAKT_MAKERS_MAKER_H
#define TAKT_MAKERS_MAKER_H

#include "base/base.h"

struct arena;

struct maker {
	const char *name, *description;
	const char *program; /* absolute, beside maker.json */
	const char *folder;
	const char *const *kinds;
	size_t n_kinds;
	struct str workflow; /* the definition to store, JSON */
};

/* FOLDER/maker.json; CODE_INVALID names what is wrong in it. */
enum rc maker_read(struct arena *a, const char *folder, struct maker *ret,
                   struct err *err) MUST_USE;
/* Every maker below `folder` (FOLDER/NAME/maker.json), by name; a file that is wrong is an
 * error, a folder that is not there has none. */
enum { MAKERS_MAX = 32 };
enum rc makers_find(struct arena *a, const char *folder, struct maker *ret, size_t *ret_n,
                    struct err *err) MUST_USE;
/* Where the makers of this program are: built, beside it; installed, in LIBDIR. */
const char *makers_standard_folder(struct arena *a);

#endif
