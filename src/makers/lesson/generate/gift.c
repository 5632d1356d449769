/* makers/lesson/generate/gift.c: Moodle GIFT.
 *
 * GIFT has seven control characters, ~ = # { } : \, which a backslash takes the meaning
 * from, and "\n" for a line end.  Four more things have a meaning that no backslash
 * removes; they are met so:
 *
 *	[html] at the start of a text   every prompt begins with [plain]; an option that
 *	                                begins with [ gets a [plain] of its own
 *	%50% at the start of an option  likewise: behind [plain] it is no weight
 *	-> in a short or match answer   is written as an arrow, U+2192
 *	// at the start of a line       texts never start a line
 *
 * GIFT shows no unit beside a field; where a prompt does not name it, "(in days)" is added.
 *
 * An order question, which GIFT does not know, becomes a match of items to places.
 * check/gift.c reads all of it back with a parser of its own.
 */
#include "makers/lesson/generate/parts.h"

#include "base/arena.h"
#include "makers/lesson/generate/quiz.h"

static void add_escaped(struct buf *out, struct str text, bool has_arrows)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (has_arrows && c == '-' && i + 1 < text.len && text.ptr[i + 1] == '>') {
			buf_addz(out, "\u2192");
			i++;
		} else if (c == '\n') {
			buf_addz(out, "\\n");
		} else {
			if (strchr("~=#{}:\\", c))
				buf_addc(out, '\\');
			buf_addc(out, c);
		}
	}
}

static void add_text(struct buf *out, struct str text, bool has_arrows)
{
	if (text.len > 0 && (text.ptr[0] == '[' || text.ptr[0] == '%'))
		buf_addz(out, "[plain]");
	add_escaped(out, text, has_arrows);
}

static void add_option(struct buf *out, char sign, struct str text, bool has_arrows)
{
	buf_addf(out, "\n\t%c", sign);
	add_text(out, text, has_arrows);
}

static void add_choice(struct buf *out, const struct quiz_question *q)
{
	for (size_t i = 0; i < q->n_texts; i++)
		add_option(out, q->shown[i] == 0 ? '=' : '~', q->texts[q->shown[i]], false);
}

static void add_pairs(struct buf *out, const struct quiz_question *q)
{
	for (size_t i = 0; i < q->n_texts; i++) {
		add_option(out, '=', q->lefts[i], true);
		buf_addz(out, " -> ");
		add_escaped(out, q->texts[i], true);
	}
}

static void add_places(struct buf *out, const struct quiz_question *q)
{
	for (size_t i = 0; i < q->n_texts; i++) {
		add_option(out, '=', q->texts[q->shown[i]], true);
		buf_addf(out, " -> %zu", q->shown[i] + 1);
	}
}

static void add_answers(struct buf *out, const struct quiz_question *q)
{
	switch (q->kind) {
	case QUIZ_CHOICE:
		add_choice(out, q);
		break;
	case QUIZ_TRUE_FALSE:
		buf_addf(out, "\n\t%s", q->is_true ? "TRUE" : "FALSE");
		break;
	case QUIZ_CLOZE:
	case QUIZ_SHORT:
		for (size_t i = 0; i < q->n_texts; i++)
			add_option(out, '=', q->texts[i], true);
		break;
	case QUIZ_NUMBER: /* the "=" for Moodle, to which a mere "0" is no answer */
		buf_addf(out, "#\n\t=" STR_FMT, STR_ARG(q->answer));
		break;
	case QUIZ_MATCH:
		add_pairs(out, q);
		break;
	case QUIZ_ORDER:
		add_places(out, q);
		break;
	}
}

static void add_question(struct buf *out, struct arena *a, const struct quiz_question *q)
{
	bool has_arrows = q->kind != QUIZ_CHOICE && q->kind != QUIZ_TRUE_FALSE;
	struct str prompt = figure_prompt(a, q->prompt, q->unit);
	buf_addf(out, "\n::" STR_FMT "::[plain]", STR_ARG(q->id));
	add_escaped(out, prompt, false);
	buf_addz(out, " {");
	add_answers(out, q);
	buf_addz(out, "\n\t####");
	add_text(out, q->explanation, has_arrows);
	buf_addz(out, "\n}\n");
}

void gift_write(struct buf *out, const struct quiz *q)
{
	struct arena *a = arena_create(1 << 12);
	buf_addz(out, "// Questions in GIFT. In Moodle: Question bank, Import, GIFT format.\n");
	for (size_t i = 0; i < q->n_questions; i++)
		add_question(out, a, &q->questions[i]);
	arena_destroy(a);
}
