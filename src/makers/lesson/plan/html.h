/* A page of HTML, as a browser saves it, becomes Markdown: see html.c.  For markdown.c. */
#ifndef TAKT_MAKERS_LESSON_PLAN_HTML_H
#define TAKT_MAKERS_LESSON_PLAN_HTML_H

#include "makers/lesson/plan/plan.h"

/* By the file's name or by how the text begins: Markdown may begin with a tag, too. */
bool is_html(struct str name, struct str text);
/* The matter of a page, appended; *ret: its first main heading, else its title without the
 * site's name, and its description. */
void html_page_to_markdown(struct arena *a, struct str page, struct buf *out, struct front *ret);
/* A piece of HTML inside Markdown, without its lists: those are navigation and notes. */
void html_piece_to_markdown(struct arena *a, struct str piece, struct buf *out);

#endif
