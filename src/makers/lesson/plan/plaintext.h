/* The steps before and beside reading Markdown: what is text, how it is cleaned, what is an
 * aside, and which commands a block of code gives.  For markdown.c. */
#ifndef TAKT_MAKERS_LESSON_PLAN_PLAINTEXT_H
#define TAKT_MAKERS_LESSON_PLAN_PLAINTEXT_H

#include "makers/lesson/plan/plan.h"

enum { NESTING_MAX = 40 };

/* CODE_BRIEF_NOT_TEXT with the place, or CODE_BRIEF_TOO_LONG. */
enum rc text_check(struct str in, struct err *err) MUST_USE;
/* Appends the characters that can be seen, with one blank for any run of white space. */
void text_clean(struct buf *out, struct str s);
/* Appends text so that Markdown takes none of it for markup; is_first: a block begins with it. */
void text_escape(struct buf *out, struct str text, bool is_first);
/* Quote marks nested without end cost cmark time that grows with their square. */
void text_bound_nesting(char *text, size_t len);
/* "1. Follow the guidance" → "Follow the guidance". */
struct str title_clean(struct str t);
/* Whether it is one of "these|titles", in any case. */
bool is_one_of(struct str s, const char *titles);
bool is_aside_title(struct str t);
bool is_aside_text(struct str t);

/* sessions.c: the command or the commands that the code below a block gives. */
void block_read_code(struct arena *a, struct block *b, struct str code);

#endif
