/* Tables of Markdown, kept beside the text: no prose, but facts in rows.  What is asked of
 * them: rows.c. */
#include <cmark-gfm.h>

#include "makers/lesson/plan/reader.h"

static bool is_of_type(cmark_node *n, const char *type)
{
	return n && strcmp(cmark_node_get_type_string(n), type) == 0;
}

/* What of a cell is read aloud; longer ones are cut, for nobody would match them. */
static struct str cell_text(struct reader *r, cmark_node *cell)
{
	struct buf b = BUF_INIT(TABLE_CELL_MAX);
	cmark_iter *it = cmark_iter_new(cell);
	cmark_event_type ev;
	while ((ev = cmark_iter_next(it)) != CMARK_EVENT_DONE) {
		cmark_node_type t = cmark_node_get_type(cmark_iter_get_node(it));
		if (ev == CMARK_EVENT_ENTER && (t == CMARK_NODE_TEXT || t == CMARK_NODE_CODE))
			text_clean(&b, str_z(cmark_node_get_literal(cmark_iter_get_node(it))));
	}
	cmark_iter_free(it);
	struct str ret = buf_rc(&b) == RC_OK ? str_dup(r->arena, str_trim(buf_str(&b)))
	                                     : (struct str){ "", 0 };
	buf_fini(&b);
	return ret;
}

static size_t read_cells(struct reader *r, cmark_node *row, struct str *ret)
{
	size_t n = 0;
	for (cmark_node *c = cmark_node_first_child(row); c && n < TABLE_COLUMNS_MAX;
	     c = cmark_node_next(c))
		ret[n++] = cell_text(r, c);
	return n;
}

void read_table(struct reader *r, cmark_node *node)
{
	cmark_node *row = cmark_node_first_child(node);
	if (!is_of_type(row, "table_header"))
		return;
	struct table *t = arena_new(r->arena, struct table, 1);
	t->block = arena_new(r->arena, struct block, 1); /* its place; no text of its own */
	t->block->section = r->section;
	t->block->index = r->doc->n_blocks;
	t->n_columns = read_cells(r, row, t->head);
	for (row = cmark_node_next(row); row && t->n_rows < TABLE_ROWS_MAX;
	     row = cmark_node_next(row))
		if (read_cells(r, row, t->rows[t->n_rows]) == t->n_columns)
			t->n_rows++;
	t->next = r->doc->tables;
	r->doc->tables = t;
}
