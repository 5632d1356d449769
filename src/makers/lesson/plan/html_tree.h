/* The tree that tidy makes of a page: reading it, and writing it as Markdown.  For html.c.
 *
 *	html_tree.c   attributes, elements and text; which elements are no matter
 *	html_write.c  the rest as Markdown
 */
#ifndef TAKT_MAKERS_LESSON_PLAN_HTML_TREE_H
#define TAKT_MAKERS_LESSON_PLAN_HTML_TREE_H

#include <tidy/tidy.h>

#include "base/base.h"
#include "base/str.h"

struct arena;
struct buf;

/* The attribute's value, the tree's own; empty when there is none. */
struct str html_node_attribute(TidyNode n, TidyAttrId id);
struct str html_node_attribute_named(TidyNode n, const char *name);
/* The first such element below n, in the order of the text; NULL when there is none. */
TidyNode html_find(TidyNode n, TidyTagId id);
/* How many there are, n itself included. */
size_t html_count(TidyNode n, TidyTagId id);
/* The text below a node, as it stands there (appended), and cleaned. */
void html_add_text(TidyDoc doc, TidyNode n, struct buf *out);
struct str html_text(TidyDoc doc, TidyNode n, struct arena *a);
/* What no reader sees, and what surrounds the matter: menus, forms, notices. */
bool html_is_left_out(TidyNode n);

/* What is below `matter`, appended to `out`; lists and tables only with has_lists. */
void html_write(struct arena *a, TidyDoc doc, TidyNode matter, bool has_lists, struct buf *out);

#endif
