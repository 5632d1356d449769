/* makers/lesson/check/csv.c: the table of questions, read back and held against the spec.
 *
 * (1) RFC 4180 to the letter: CRLF, quotes doubled inside quotes, every row as long as the
 *     header.
 * (2) No cell begins with what a spreadsheet would run.
 * (3) The apostrophe in front of such texts taken away, every cell is what the spec says.
 */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"

#define PATH "exports/questions.csv"

enum { COLUMNS = 23, CELL_MAX = 1 << 16, OPTIONS = 8, LEFTS = 6 };
enum column {
	COLUMN_ID,
	COLUMN_TYPE,
	COLUMN_SECTION,
	COLUMN_DIFFICULTY,
	COLUMN_PROMPT,
	COLUMN_ANSWER,
	COLUMN_OPTION,
	COLUMN_LEFT = COLUMN_OPTION + OPTIONS,
	COLUMN_EXPLANATION = COLUMN_LEFT + LEFTS,
	COLUMN_SOURCE,
	COLUMN_UNIT,
};

struct csv_reader {
	struct arena *arena;
	struct str in;
	size_t at;
};

/* --- (1) reading --- */

static bool read_quoted(struct csv_reader *r, struct buf *cell)
{
	for (r->at++; r->at < r->in.len; r->at++) {
		char c = r->in.ptr[r->at];
		if (c != '"') {
			buf_addc(cell, c);
		} else if (r->at + 1 < r->in.len && r->in.ptr[r->at + 1] == '"') {
			buf_addc(cell, '"');
			r->at++;
		} else {
			r->at++;
			return true;
		}
	}
	return false;
}

static bool read_bare(struct csv_reader *r, struct buf *cell)
{
	while (r->at < r->in.len && !strchr(",\r\n", r->in.ptr[r->at])) {
		if (r->in.ptr[r->at] == '"')
			return false;
		buf_addc(cell, r->in.ptr[r->at++]);
	}
	return true;
}

/* One cell and what ends it: ',' or '\n' for CRLF; 0 when the file is wrong here. */
static char read_cell(struct csv_reader *r, struct str *ret)
{
	struct buf cell = BUF_INIT(CELL_MAX);
	bool is_quoted = r->at < r->in.len && r->in.ptr[r->at] == '"';
	bool is_fine = is_quoted ? read_quoted(r, &cell) : read_bare(r, &cell);
	*ret = str_dup(r->arena, buf_str(&cell));
	is_fine &= buf_rc(&cell) == RC_OK;
	buf_fini(&cell);
	if (is_fine && r->at < r->in.len && r->in.ptr[r->at] == ',') {
		r->at++;
		return ',';
	}
	if (is_fine && str_starts(str_sub(r->in, r->at, 2), STR("\r\n"))) {
		r->at += 2;
		return '\n';
	}
	return 0;
}

static bool read_row(struct csv_reader *r, struct str cells[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++) {
		if (read_cell(r, &cells[i]) != (i + 1 < COLUMNS ? ',' : '\n'))
			return false;
	}
	return true;
}

/* --- (2) and (3) comparing --- */

static struct str take_apostrophe(struct str cell)
{
	return str_starts(cell, STR("'")) ? str_sub(cell, 1, cell.len) : cell;
}

static bool is_harmless(struct str cell)
{
	return cell.len == 0 || !strchr("=+-@\t\r\n", cell.ptr[0]);
}

/* The texts of an array, or of one member of its objects, fill `n` columns from `first`. */
static bool are_columns(const struct str *cells, enum column first, size_t n,
                        const struct json *list, const char *member)
{
	const struct json *v = list->first;
	for (size_t i = 0; i < n; i++, v = v ? v->next : NULL) {
		struct str wanted = !v ? STR("") : member ? member_text(v, member) : v->text;
		if (!str_eq(take_apostrophe(cells[(size_t)first + i]), wanted))
			return false;
	}
	return v == NULL;
}

static bool are_answers_equal(const struct json *v, const struct str *cells)
{
	static const char *const names[] = { "distractors", "accepted", "items" };
	const struct json *options = member_list(v, "pairs");
	struct str answer = member_text(v, "answer");
	if (str_eqz(member_text(v, "type"), "true_false"))
		answer = json_get_bool(v, "is_true", true) ? STR("TRUE") : STR("FALSE");
	if (!str_eq(take_apostrophe(cells[COLUMN_ANSWER]), answer) ||
	    !are_columns(cells, COLUMN_LEFT, LEFTS, options, "left"))
		return false;
	if (options->count > 0)
		return are_columns(cells, COLUMN_OPTION, OPTIONS, options, "right");
	for (size_t i = 0; i < ARRAY_LEN(names) && options->count == 0; i++)
		options = member_list(v, names[i]);
	return are_columns(cells, COLUMN_OPTION, OPTIONS, options, NULL);
}

static void compare(struct findings *f, const struct json *v, const struct str *cells, size_t row)
{
	static const struct {
		enum column column;
		const char *member;
	} texts[] = { { COLUMN_ID, "id" },         { COLUMN_TYPE, "type" },
		      { COLUMN_PROMPT, "prompt" }, { COLUMN_EXPLANATION, "explanation" },
		      { COLUMN_SOURCE, "source" }, { COLUMN_UNIT, "unit" } };
	struct arena *a = f->arena;
	struct str place = str_fmt(a, PATH ":%zu", row);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct str cell = take_apostrophe(cells[texts[i].column]);
		if (!str_eq(cell, member_text(v, texts[i].member)))
			finding_add(f, place, "the %s is not that of the spec", texts[i].member);
	}
	struct str difficulty = str_fmt(a, "%lld", (long long)json_get_int(v, "difficulty", 0));
	if (!str_eq(cells[COLUMN_DIFFICULTY], difficulty))
		finding_add(f, place, "the difficulty is not that of the spec");
	if (!are_answers_equal(v, cells))
		finding_add(f, place, "the answers are not those of the spec");
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!is_harmless(cells[i]))
			finding_add(f, place, "column %zu would be run as a formula", i + 1);
	}
}

static void compare_all(struct findings *f, const struct json *spec, struct str bytes)
{
	struct csv_reader r = { f->arena, bytes, 3 };
	struct str cells[COLUMNS];
	size_t row = 1;
	if (!str_starts(bytes, STR("\xef\xbb\xbfid,type,section,"))) {
		finding_add(f, STR(PATH ":1"),
		            "it does not begin with a byte order mark and the "
		            "header");
		return;
	}
	bool is_fine = read_row(&r, cells);
	for (const struct json *v = member_list(spec, "questions")->first; is_fine && v;
	     v = v->next) {
		is_fine = read_row(&r, cells);
		row++;
		if (is_fine)
			compare(f, v, cells, row);
	}
	if (!is_fine)
		finding_add(f, str_fmt(f->arena, PATH ":%zu", row),
		            "the row is missing or not as RFC 4180 has it");
	else if (r.at != bytes.len)
		finding_add(f, STR(PATH), "there are more rows than the spec has questions");
}

void check_csv(struct arena *a, const struct json *spec, const struct made_files *files,
               struct check_result *ret)
{
	const struct made_file *file = made_files_find(files, STR(PATH));
	struct findings f;
	findings_init(&f, a);
	if (file)
		compare_all(&f, spec, file->bytes);
	else
		finding_add(&f, STR(PATH), "the file is missing");
	findings_end(&f, ret, "%u questions read back equal, no cell is a formula",
	             (unsigned)member_list(spec, "questions")->count);
}
