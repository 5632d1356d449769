/* Rows of a table.
 *
 *	match  "Match each “Suffix” with its “Byte Equivalent” in the text's table."
 *	order  "Put these in the order of their “Byte Equivalent”, the smallest first."
 *
 * Rows of which another has the same entry are left out; so is a column whose entries the
 * first spells out, or tells by its first letter.
 */
#include <stdlib.h>

#include "makers/lesson/plan/plan.h"

enum { PAIRS_MIN = 3, PAIRS_MAX = 5, ITEMS_MIN = 4, ITEMS_MAX = 6, SHOWN_MAX = 80, NAME_MIN = 3 };

static struct str row_text(struct planner *p, const struct table *t, size_t row)
{
	struct buf b = BUF_INIT(TABLE_CELL_MAX * TABLE_COLUMNS_MAX);
	for (size_t i = 0; i < t->n_columns; i++)
		buf_addf(&b, "%s" STR_FMT, i ? " | " : "", STR_ARG(t->rows[row][i]));
	struct str ret = str_dup(p->arena, buf_str(&b));
	buf_fini(&b);
	return ret;
}

/* What stands in a row is no sentence, but a place in the text. */
static struct sentence *row_sentence(struct planner *p, const struct table *t, size_t row)
{
	struct sentence *s = arena_new(p->arena, struct sentence, 1);
	s->text = row_text(p, t, row);
	s->block = t->block;
	return s;
}

static bool is_once(const struct table *t, size_t row, size_t column)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n_rows; i++)
		n += str_eq_nocase(t->rows[i][column], t->rows[row][column]);
	return n == 1;
}

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* "lib/buffer" and "@owners/buffer": a word of one stands in the other, however written. */
static bool shares_letters(struct str left, struct str right)
{
	size_t from = 0;
	for (size_t i = 0; i <= left.len; i++) {
		if (i < left.len && is_letter(left.ptr[i]))
			continue;
		struct str word = str_sub(left, from, i - from);
		from = i + 1;
		for (size_t k = 0; word.len >= NAME_MIN && k + word.len <= right.len; k++)
			if (str_eq_nocase(str_sub(right, k, word.len), word))
				return true;
	}
	return false;
}

static bool tells(struct planner *p, struct str left, struct str right)
{
	bool is_initial = left.len == 1 && (left.ptr[0] | 32) == (right.ptr[0] | 32);
	return is_initial || shares_letters(left, right) ||
	       span_stands_in(p->arena, p->lexicon, left, right) ||
	       span_stands_in(p->arena, p->lexicon, right, left);
}

static bool may_pair(struct planner *p, const struct table *t, size_t row, size_t column)
{
	struct str left = t->rows[row][0], right = t->rows[row][column];
	return left.len > 0 && right.len > 0 && left.len <= SHOWN_MAX && right.len <= SHOWN_MAX &&
	       is_once(t, row, 0) && is_once(t, row, column) && !tells(p, left, right);
}

static void finish(struct planner *p, struct question *kept, const struct table *t)
{
	struct buf b = BUF_INIT(8192);
	for (size_t i = 0; i < kept->n_pairs; i++)
		buf_addf(&b, "%s" STR_FMT, i ? "; " : "", STR_ARG(kept->pairs[i].source));
	if (kept->n_pairs > 0)
		kept->explanation = str_dup(p->arena, buf_str(&b));
	kept->block = t->block->index;
	kept->sentence = NULL;
	kept->difficulty = 2;
	buf_fini(&b);
}

static bool match_column(struct planner *p, struct questions *all, const struct table *t,
                         size_t column)
{
	struct question q = { .n_pairs = 0 };
	for (size_t i = 0; i < t->n_rows && q.n_pairs < PAIRS_MAX; i++)
		if (may_pair(p, t, i, column)) {
			struct sentence *s = row_sentence(p, t, i);
			q.pairs[q.n_pairs++] =
			        (struct pair){ t->rows[i][0], t->rows[i][column], s->text, s };
		}
	if (q.n_pairs < PAIRS_MIN || t->head[0].len == 0 || t->head[column].len == 0)
		return false;
	struct question *kept = question_add(p, all, Q_MATCH, q.pairs[0].sentence, 0.95);
	memcpy(kept->pairs, q.pairs, sizeof(q.pairs));
	kept->n_pairs = q.n_pairs;
	kept->prompt = str_fmt(p->arena,
	                       "Match each \xe2\x80\x9c" STR_FMT "\xe2\x80\x9d with its "
	                       "\xe2\x80\x9c" STR_FMT "\xe2\x80\x9d in the text's table.",
	                       STR_ARG(t->head[0]), STR_ARG(t->head[column]));
	finish(p, kept, t);
	return true;
}

/* --- By size --- */

struct sized {
	size_t row;
	double size;
};

/* "SIZE x 1024^3", "512": the figures at the end, behind the same words as in the others. */
static bool read_size(struct str s, struct str *words, double *ret)
{
	char text[SHOWN_MAX + 1];
	size_t from = s.len;
	if (s.len == 0 || s.len > SHOWN_MAX)
		return false;
	while (from > 0 && strchr("0123456789.^", s.ptr[from - 1]))
		from--;
	*words = str_sub(s, 0, from);
	memcpy(text, s.ptr + from, s.len - from);
	text[s.len - from] = '\0';
	char *end;
	double base = strtod(text, &end), power = 1;
	if (end == text)
		return false;
	if (*end == '^')
		power = strtod(end + 1, &end);
	if (*end != '\0' || power < 1 || power > 9 || base < 0)
		return false;
	for (*ret = 1; power >= 1; power--)
		*ret *= base;
	return true;
}

static int by_size(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;
	return x->size < y->size ? -1 : x->size > y->size ? 1 : x->row < y->row ? -1 : 1;
}

/* The column that names a row: the first, or, where that holds letters only, the next. */
static size_t naming_column(const struct table *t, size_t column)
{
	size_t longest = 0;
	for (size_t i = 0; i < t->n_rows; i++)
		longest = t->rows[i][0].len > longest ? t->rows[i][0].len : longest;
	return longest < NAME_MIN && column > 1 ? 1 : 0;
}

static size_t read_sizes(const struct table *t, size_t column, size_t name, struct sized *ret)
{
	struct str words = { NULL, 0 }, own;
	size_t n = 0;
	for (size_t i = 0; i < t->n_rows; i++) {
		double size;
		if (!read_size(t->rows[i][column], &own, &size) || !is_once(t, i, column) ||
		    !is_once(t, i, name) || t->rows[i][name].len < NAME_MIN)
			continue;
		if (words.ptr && !str_eq(words, own))
			return 0;
		words = own;
		ret[n++] = (struct sized){ i, size };
	}
	return n;
}

static void order_column(struct planner *p, struct questions *all, const struct table *t,
                         size_t column)
{
	struct sized sizes[TABLE_ROWS_MAX];
	size_t name = naming_column(t, column), n = read_sizes(t, column, name, sizes);
	if (n < ITEMS_MIN || t->head[column].len == 0)
		return;
	qsort(sizes, n, sizeof(sizes[0]), by_size);
	struct question *q = question_add(p, all, Q_ORDER, row_sentence(p, t, sizes[0].row), 0.9);
	struct buf b = BUF_INIT(8192);
	for (size_t i = 0; i < n && q->n_items < ITEMS_MAX; i++) {
		q->items[q->n_items++] = t->rows[sizes[i].row][name];
		buf_addf(&b, "%s" STR_FMT, i ? "\n" : "", STR_ARG(row_text(p, t, sizes[i].row)));
	}
	q->source = str_dup(p->arena, buf_str(&b));
	q->prompt = str_fmt(p->arena,
	                    "Put these in the order of their \xe2\x80\x9c" STR_FMT
	                    "\xe2\x80\x9d in the text's table, the smallest first.",
	                    STR_ARG(t->head[column]));
	q->explanation = str_fmt(p->arena, "The table says:\n" STR_FMT, STR_ARG(q->source));
	finish(p, q, t);
	buf_fini(&b);
}

void ask_tables(struct planner *p, struct questions *all)
{
	for (const struct table *t = p->doc->tables; t; t = t->next) {
		if (t->block->section->is_aside)
			continue;
		bool is_matched = false;
		for (size_t k = t->n_columns; k-- > 1;) {
			is_matched = is_matched || match_column(p, all, t, k);
			order_column(p, all, t, k);
		}
	}
}
