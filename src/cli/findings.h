/* What `takt doctor` and `takt config check` have found: each with its place and what
 * would be right; as a list for people, or as one JSON object. */
#ifndef TAKT_CLI_FINDINGS_H
#define TAKT_CLI_FINDINGS_H

#include "base/base.h"
#include "base/str.h"
#include "codec/json.h"

struct cli;

enum verdict { FINE, HINT, WRONG };

struct findings {
	const struct cli *c;
	struct buf text, json;
	struct json_out o;
	size_t count[WRONG + 1];
};

void findings_begin(struct findings *f, const struct cli *c);
/* `what` was looked at; `place` (may be NULL or "") is file:line:column, a variable, a
 * flag or a path; `remedy` may be NULL when all is well. */
void findings_say(struct findings *f, enum verdict verdict, const char *what, const char *place,
                  const char *finding, const char *remedy);
/* Prints and frees.  EXIT_OK, or EXIT_WORK_FAILED when something is wrong. */
int findings_end(struct findings *f);

#endif
