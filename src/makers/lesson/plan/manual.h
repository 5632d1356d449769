/* What manual.c knows of single lines: manual_lines.c. */
#ifndef TAKT_MAKERS_LESSON_PLAN_MANUAL_H
#define TAKT_MAKERS_LESSON_PLAN_MANUAL_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct buf;

struct manual_line {
	struct str text; /* trimmed */
	size_t indent;   /* columns; a tab goes on to the next multiple of eight */
};

/* Cuts the first line off; and looks at it only. */
struct manual_line manual_read_line(struct str *rest);
struct manual_line manual_next_line(struct str rest);
/* The indent of the page's paragraphs. */
size_t manual_indent(struct str text);

/* Where the tag at the head of a line ends: at two blanks or more, else at its end. */
size_t manual_tag_end(struct str text);
bool manual_is_option(struct str tag); /* "-q", ".help", "+x" */
bool manual_is_status(struct str tag); /* "0", "126": what a program ends with */
/* What a tag may be: an option, or one word without an end; no sentence, no bullet. */
bool manual_is_tag(struct str tag);

/* "TAR(1)      GNU Manual      TAR(1)" above, "GNU      July 2020      TAR(1)" below */
bool manual_is_running_head(const struct manual_line *l);
/* "tar - an archiving utility" below NAME → "tar: an archiving utility", as Markdown; empty
 * when there is none. */
struct str manual_title(struct arena *a, struct str text);
/* "EXIT STATUS" shouts: "Exit status". */
void manual_add_heading(struct buf *out, struct str text);

#endif
