/* A table of a manual page, columns apart by gaps → a table of Markdown.
 *
 *	Suffix   Units       Byte Equivalent
 *	b        Blocks      SIZE x 512
 *
 * Only what is certain: three rows at least below a head, three columns or more that begin
 * where the head's begin, figures in the last column and none in the head.
 */
#include "makers/lesson/plan/plan.h"

enum { COLUMNS_MIN = 3, COLUMNS_MAX = 6, ROWS_MIN = 3, ROWS_MAX = 24, GAP_MIN = 2, TAB = 8 };

struct row {
	struct str cells[COLUMNS_MAX];
	size_t at[COLUMNS_MAX]; /* the column at which the cell begins */
	size_t n;
};

static size_t next_column(size_t column, char c)
{
	return c == '\t' ? column / TAB * TAB + TAB : column + 1;
}

/* The cells of a line; 0 of them where they are too many. */
static void read_row(struct str line, struct row *ret)
{
	size_t column = 0, gap = GAP_MIN, i = 0;
	ret->n = 0;
	while (i < line.len) {
		bool is_blank = line.ptr[i] == ' ' || line.ptr[i] == '\t';
		size_t after = next_column(column, line.ptr[i]);
		if (is_blank) {
			gap += line.ptr[i] == '\t' ? GAP_MIN : 1;
		} else if (gap >= GAP_MIN) {
			if (ret->n == COLUMNS_MAX) {
				ret->n = 0;
				return;
			}
			ret->at[ret->n] = column;
			ret->cells[ret->n++] = str_sub(line, i, 0);
			gap = 0;
		} else {
			gap = 0;
		}
		if (!is_blank && ret->n > 0) {
			struct str *cell = &ret->cells[ret->n - 1];
			cell->len = (size_t)(line.ptr + i + 1 - cell->ptr);
		}
		column = after;
		i++;
	}
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			return true;
	return false;
}

static bool is_head(const struct row *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->cells[i].ptr[0] < 'A' || r->cells[i].ptr[0] > 'Z' || has_digit(r->cells[i]))
			return false;
	return r->n >= COLUMNS_MIN;
}

static bool stands_below(const struct row *r, const struct row *head)
{
	for (size_t i = 0; i < r->n && r->n == head->n; i++)
		if (r->at[i] != head->at[i])
			return false;
	return r->n == head->n;
}

static void add_row(struct buf *out, const struct row *r)
{
	for (size_t i = 0; i < r->n; i++) {
		buf_addz(out, "| ");
		for (size_t k = 0; k < r->cells[i].len; k++) {
			char c = r->cells[i].ptr[k];
			if (strchr("\\<*_`[]&~|", c))
				buf_addc(out, '\\');
			buf_addc(out, c == '\t' ? ' ' : c);
		}
		buf_addc(out, ' ');
	}
	buf_addz(out, "|\n");
}

size_t manual_table(struct str text, struct buf *out)
{
	struct row head, rows[ROWS_MAX];
	struct str rest = text;
	size_t n = 0, n_figures = 0, used;
	read_row(str_cut(rest, '\n', &rest), &head);
	if (!is_head(&head))
		return 0;
	for (used = text.len - rest.len; n < ROWS_MAX && rest.len > 0; n++) {
		read_row(str_cut(rest, '\n', &rest), &rows[n]);
		if (!stands_below(&rows[n], &head))
			break;
		n_figures += has_digit(rows[n].cells[head.n - 1]);
		used = text.len - rest.len;
	}
	if (n < ROWS_MIN || n_figures < ROWS_MIN)
		return 0;
	buf_addc(out, '\n');
	add_row(out, &head);
	for (size_t i = 0; i < head.n; i++)
		buf_addz(out, "|---");
	buf_addz(out, "|\n");
	for (size_t i = 0; i < n; i++)
		add_row(out, &rows[i]);
	buf_addc(out, '\n');
	return used;
}
