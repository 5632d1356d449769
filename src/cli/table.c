/* Tables: see table.h. */
#include "cli/table.h"

#include "base/arena.h"
#include "cli/progress.h"

enum { CELL_COLUMNS = 60 };

void table_init(struct table *t, struct arena *a, size_t columns, const char *const *heads)
{
	assert(columns <= TABLE_COLUMNS);
	*t = (struct table){ .arena = a, .columns = columns };
	void *cells = arena_alloc(a, TABLE_ROWS, sizeof *t->cells, _Alignof(struct str));
	t->cells = cells;
	struct str head[TABLE_COLUMNS];
	for (size_t i = 0; i < columns; i++)
		head[i] = str_z(heads[i]);
	table_row(t, head);
}

static struct str clean(struct arena *a, struct str cell)
{
	struct buf b = BUF_INIT(8192);
	text_fit(&b, cell, CELL_COLUMNS, true);
	struct str ret = str_dup(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

void table_row(struct table *t, const struct str *cells)
{
	if (t->rows == TABLE_ROWS)
		return;
	for (size_t i = 0; i < t->columns; i++)
		t->cells[t->rows][i] = clean(t->arena, cells[i]);
	t->rows++;
}

void table_print(const struct table *t, struct buf *out)
{
	int widths[TABLE_COLUMNS] = { 0 };
	for (size_t r = 0; r < t->rows; r++)
		for (size_t i = 0; i < t->columns; i++) {
			int n = text_columns(t->cells[r][i]);
			widths[i] = n > widths[i] ? n : widths[i];
		}
	for (size_t r = 0; r < t->rows; r++) {
		for (size_t i = 0; i < t->columns; i++) {
			struct str cell = t->cells[r][i];
			buf_add(out, cell);
			for (int n = text_columns(cell); i + 1 < t->columns && n < widths[i] + 2;
			     n++)
				buf_addc(out, ' ');
		}
		buf_addc(out, '\n');
	}
}

struct str time_short(struct arena *a, struct str rfc3339)
{
	if (rfc3339.len < 19)
		return rfc3339;
	return str_fmt(a, STR_FMT " " STR_FMT, STR_ARG(str_sub(rfc3339, 5, 5)),
	               STR_ARG(str_sub(rfc3339, 11, 8)));
}
