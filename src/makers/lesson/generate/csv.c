/* makers/lesson/generate/csv.c: the questions as a table.
 *
 * RFC 4180: a header row, CRLF, every text in quotes, quotes doubled.  UTF-8 with a byte
 * order mark, since Excel takes anything else for the local code page.
 *
 * A spreadsheet runs a cell that begins with = + - or @ as a formula (and some with a tab).
 * Such a cell, and one that begins with an apostrophe, gets an apostrophe in front; reading
 * it back takes one leading apostrophe away.  So nothing runs and nothing is lost.
 *
 *	answer     choice: the right option.  true_false: TRUE or FALSE.  cloze, short,
 *	           number: the answer.  match, order: empty
 *	option_N   choice: the wrong options.  cloze, short: other spellings that count.
 *	           match: the right sides.  order: the items in the right order
 *	left_N     match: what belongs to option_N
 *	unit       number: what is shown beside the field; may be empty
 *
 * check/csv.c reads it back with a parser of its own.
 */
#include "makers/lesson/generate/parts.h"

#include "makers/lesson/generate/quiz.h"

enum { OPTIONS = 8, LEFTS = 6 };

static void add_cell(struct buf *out, struct str text)
{
	buf_addc(out, '"');
	if (text.len > 0 && strchr("=+-@\t\r\n'", text.ptr[0]))
		buf_addc(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, text.ptr[i]);
	}
	buf_addc(out, '"');
}

static void add_next(struct buf *out, struct str text)
{
	buf_addc(out, ',');
	add_cell(out, text);
}

static struct str answer_of(const struct quiz_question *q)
{
	switch (q->kind) {
	case QUIZ_TRUE_FALSE:
		return q->is_true ? STR("TRUE") : STR("FALSE");
	case QUIZ_CHOICE:
	case QUIZ_CLOZE:
	case QUIZ_SHORT:
	case QUIZ_NUMBER:
		return q->answer;
	case QUIZ_MATCH:
	case QUIZ_ORDER:
		break;
	}
	return STR("");
}

static void add_row(struct buf *out, const struct quiz_question *q)
{
	bool is_split = q->kind == QUIZ_CHOICE || q->kind == QUIZ_CLOZE || q->kind == QUIZ_SHORT;
	size_t first = is_split ? 1 : 0; /* the answer has a column of its own */
	add_cell(out, q->id);
	add_next(out, q->kind_name);
	add_next(out, q->section);
	buf_addf(out, ",%lld", (long long)q->difficulty);
	add_next(out, q->prompt);
	add_next(out, answer_of(q));
	for (size_t i = 0; i < OPTIONS; i++)
		add_next(out, first + i < q->n_texts ? q->texts[first + i] : STR(""));
	for (size_t i = 0; i < LEFTS; i++)
		add_next(out, q->kind == QUIZ_MATCH && i < q->n_texts ? q->lefts[i] : STR(""));
	add_next(out, q->explanation);
	add_next(out, q->source);
	add_next(out, q->unit);
	buf_addz(out, "\r\n");
}

void csv_write(struct buf *out, const struct quiz *q)
{
	buf_addz(out, "\xef\xbb\xbfid,type,section,difficulty,prompt,answer");
	for (int i = 1; i <= OPTIONS; i++)
		buf_addf(out, ",option_%d", i);
	for (int i = 1; i <= LEFTS; i++)
		buf_addf(out, ",left_%d", i);
	buf_addz(out, ",explanation,source,unit\r\n");
	for (size_t i = 0; i < q->n_questions; i++)
		add_row(out, &q->questions[i]);
}
