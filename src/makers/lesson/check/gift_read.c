/* makers/lesson/check/gift_read.c: reads GIFT as Moodle does, for texts in [plain].
 *
 *	question = "::" name "::" text "{" answers [ "####" text ] "}"
 *	answers  = "TRUE" | "FALSE" | "#" "=" number | { ("=" | "~") text [ "->" text ] }
 *
 * A backslash takes the meaning from ~ = # { } : \ and makes a line end of n.  Outside
 * of it each of those signs ends a text.  A "//" line is a comment, a blank line ends a
 * question.  Where a "~" option is, "->" is text: Moodle looks for "~" first.  Weights,
 * tolerances and other formats are refused: we never write them.
 */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "makers/lesson/figures/figures.h"

enum { TEXT_MAX = 1 << 16 };

struct gift_reader {
	struct arena *arena;
	struct str in;
	size_t at;
	unsigned line;
	bool has_wrong; /* the answers at hand have a "~": "->" is mere text then */
	struct err *err;
};

static enum rc fail(const struct gift_reader *r, const char *what)
{
	err_set(r->err, CODE_INVALID, "%s", what);
	return err_at(r->err, "%u", r->line);
}

static int peek(const struct gift_reader *r)
{
	return r->at < r->in.len ? (unsigned char)r->in.ptr[r->at] : -1;
}

static void step(struct gift_reader *r)
{
	r->line += r->in.ptr[r->at++] == '\n';
}

static bool is_at(const struct gift_reader *r, struct str text)
{
	return str_eq(str_sub(r->in, r->at, text.len), text);
}

static bool accept(struct gift_reader *r, struct str text)
{
	if (!is_at(r, text))
		return false;
	for (size_t i = 0; i < text.len; i++)
		step(r);
	return true;
}

static void skip_blanks(struct gift_reader *r)
{
	while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r')
		step(r);
}

static void skip_comments(struct gift_reader *r)
{
	for (skip_blanks(r); is_at(r, STR("//")); skip_blanks(r)) {
		while (peek(r) >= 0 && peek(r) != '\n')
			step(r);
	}
}

/* Decodes up to the next sign with a meaning; "->" ends the text when `is_left`. */
static enum rc read_text(struct gift_reader *r, bool is_left, struct str *ret)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	enum rc rc = RC_OK;
	accept(r, STR("[plain]"));
	for (int c; rc == RC_OK && (c = peek(r)) >= 0; step(r)) {
		if (strchr("~=#{}:", c) || (is_left && is_at(r, STR("->"))))
			break;
		if (c == '\\') {
			step(r);
			c = peek(r);
			if (c == 'n')
				c = '\n';
			else if (c <= 0 || !strchr("~=#{}:\\", c))
				rc = fail(r, "a backslash stands before a sign that needs none");
			if (c < 0)
				break;
		} else if (is_at(r, STR("\n\n"))) {
			rc = fail(r, "a blank line stands inside a question");
		}
		buf_addc(&out, (char)c);
	}
	if (rc == RC_OK)
		*ret = str_dup(r->arena, str_trim(buf_str(&out)));
	buf_fini(&out);
	return rc;
}

static enum rc read_option(struct gift_reader *r, struct gift_option *option)
{
	option->is_right = peek(r) == '=';
	step(r);
	if (peek(r) == '%' || (peek(r) == '[' && !is_at(r, STR("[plain]"))))
		return fail(r, "an option begins with a weight or a format");
	if (read_text(r, !r->has_wrong, &option->text) != RC_OK)
		return RC_INVALID;
	option->is_pair = !r->has_wrong && accept(r, STR("->"));
	if (!option->is_pair)
		return RC_OK;
	skip_blanks(r);
	return read_text(r, false, &option->partner);
}

/* Whether an unescaped "~" stands before the unescaped "}". */
static bool has_wrong_option(const struct gift_reader *r)
{
	for (size_t i = r->at; i < r->in.len && r->in.ptr[i] != '}'; i++) {
		if (r->in.ptr[i] == '~')
			return true;
		i += r->in.ptr[i] == '\\';
	}
	return false;
}

static enum rc read_options(struct gift_reader *r, struct gift_question *q)
{
	struct gift_option **last = &q->options;
	r->has_wrong = has_wrong_option(r);
	for (skip_blanks(r); peek(r) == '=' || peek(r) == '~'; skip_blanks(r)) {
		struct gift_option *option = arena_new(r->arena, struct gift_option, 1);
		if (read_option(r, option) != RC_OK)
			return RC_INVALID;
		*last = option;
		last = &option->next;
		q->n_options++;
	}
	return RC_OK;
}

static bool has_one_number(const struct gift_question *q)
{
	const struct gift_option *option = q->options;
	return q->n_options == 1 && option->is_right && !option->is_pair &&
	       figure_is_canonical(option->text);
}

static enum rc read_answers(struct gift_reader *r, struct gift_question *q)
{
	skip_blanks(r);
	q->is_true = accept(r, STR("TRUE"));
	q->has_truth = q->is_true || accept(r, STR("FALSE"));
	q->has_number = !is_at(r, STR("####")) && accept(r, STR("#"));
	if (!q->has_truth && read_options(r, q) != RC_OK)
		return RC_INVALID;
	if (q->has_number && !has_one_number(q))
		return fail(r, "behind # there must be = and one number");
	skip_blanks(r);
	if (accept(r, STR("####")) && read_text(r, false, &q->feedback) != RC_OK)
		return RC_INVALID;
	skip_blanks(r);
	return accept(r, STR("}")) ? RC_OK : fail(r, "the answers are not closed by }");
}

static enum rc read_question(struct gift_reader *r, struct gift_question *q)
{
	q->line = r->line;
	if (!accept(r, STR("::")) || read_text(r, false, &q->name) != RC_OK ||
	    !accept(r, STR("::")))
		return fail(r, "a question does not begin with ::name::");
	if (!is_at(r, STR("[plain]")))
		return fail(r, "a prompt is not in [plain]");
	if (read_text(r, false, &q->prompt) != RC_OK)
		return RC_INVALID;
	if (!accept(r, STR("{")))
		return fail(r, "a prompt is not followed by {");
	return read_answers(r, q);
}

enum rc gift_read(struct arena *a, struct str in, struct gift_question **ret, struct err *err)
{
	struct gift_reader r = { .arena = a, .in = in, .line = 1, .err = err };
	struct gift_question *first = NULL, **last = &first;
	for (skip_comments(&r); peek(&r) >= 0; skip_comments(&r)) {
		struct gift_question *q = arena_new(a, struct gift_question, 1);
		if (read_question(&r, q) != RC_OK)
			return RC_INVALID;
		*last = q;
		last = &q->next;
	}
	*ret = first;
	return RC_OK;
}
