/* makers/lesson/check/luau_read.c: a lexer for Luau, and a reader of its data tables.
 *
 * Written apart from the generator, so that one's error does not hide the other's.
 * Lexed: comments, long brackets, strings of all three quotes with their escapes,
 * numbers, names, signs byte by byte.  A backquoted string counts as one string.
 */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"

enum { DEPTH_MAX = 32, STRING_MAX = 1 << 20 };

void luau_lexer_init(struct luau_lexer *l, struct arena *a, struct str source)
{
	*l = (struct luau_lexer){ a, source, 0, 1 };
}

static enum rc fail(const struct luau_lexer *l, struct err *err, const char *what)
{
	err_set(err, CODE_INVALID, "%s", what);
	return err_at(err, "%u", l->line);
}

static int peek(const struct luau_lexer *l, size_t ahead)
{
	size_t at = l->at + ahead;
	return at < l->source.len ? (unsigned char)l->source.ptr[at] : -1;
}

static void step(struct luau_lexer *l, size_t n)
{
	for (size_t i = 0; i < n && l->at < l->source.len; i++)
		l->line += l->source.ptr[l->at++] == '\n';
}

static bool is_name_byte(int c, bool is_first)
{
	bool is_digit = c >= '0' && c <= '9';
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (is_digit && !is_first);
}

/* The number of "=" in a long bracket that opens here; -1 when none does. */
static int long_bracket(const struct luau_lexer *l)
{
	size_t n = 1;
	if (peek(l, 0) != '[')
		return -1;
	while (peek(l, n) == '=')
		n++;
	return peek(l, n) == '[' ? (int)n - 1 : -1;
}

/* Past a long bracket of that level; *ret is what stands in it. */
static enum rc read_long(struct luau_lexer *l, int level, struct str *ret, struct err *err)
{
	size_t width = (size_t)level + 2;
	step(l, width);
	size_t from = l->at;
	for (; l->at < l->source.len; step(l, 1)) {
		size_t n = 1;
		if (peek(l, 0) != ']')
			continue;
		while (peek(l, n) == '=')
			n++;
		if ((int)n - 1 == level && peek(l, n) == ']') {
			*ret = str_sub(l->source, from, l->at - from);
			step(l, width);
			return RC_OK;
		}
	}
	return fail(l, err, "a long bracket is not closed");
}

static enum rc skip_blank(struct luau_lexer *l, struct err *err)
{
	for (;;) {
		int c = peek(l, 0);
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			step(l, 1);
		} else if (c == '-' && peek(l, 1) == '-') {
			struct str ignored;
			step(l, 2);
			int level = long_bracket(l);
			if (level >= 0 && read_long(l, level, &ignored, err) != RC_OK)
				return RC_INVALID;
			while (level < 0 && peek(l, 0) >= 0 && peek(l, 0) != '\n')
				step(l, 1);
		} else {
			return RC_OK;
		}
	}
}

static int hex_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_code_point(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(out, (char)c);
		return;
	}
	int tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	buf_addc(out, (char)((0xff00u >> (tail + 1) & 0xffu) | c >> (6 * tail)));
	while (tail-- > 0)
		buf_addc(out, (char)(0x80u | (c >> (6 * tail) & 0x3fu)));
}

/* Behind "\u": {XXX}. */
static bool read_code_point(struct luau_lexer *l, struct buf *out)
{
	uint32_t c = 0;
	if (peek(l, 0) != '{')
		return false;
	step(l, 1);
	while (hex_value(peek(l, 0)) >= 0 && c <= 0x10ffff) {
		c = c * 16 + (uint32_t)hex_value(peek(l, 0));
		step(l, 1);
	}
	if (peek(l, 0) != '}' || c > 0x10ffff)
		return false;
	step(l, 1);
	add_code_point(out, c);
	return true;
}

/* Behind "\": up to three decimal digits. */
static bool read_decimal(struct luau_lexer *l, struct buf *out)
{
	int value = 0;
	for (int i = 0; i < 3 && peek(l, 0) >= '0' && peek(l, 0) <= '9'; i++) {
		value = value * 10 + (peek(l, 0) - '0');
		step(l, 1);
	}
	buf_addc(out, (char)value);
	return value < 256;
}

static bool read_escape(struct luau_lexer *l, struct buf *out)
{
	static const char names[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
	int c = peek(l, 0);
	if (c >= '0' && c <= '9')
		return read_decimal(l, out);
	step(l, 1);
	if (c == 'u')
		return read_code_point(l, out);
	if (c == 'x') {
		int high = hex_value(peek(l, 0)), low = hex_value(peek(l, 1));
		step(l, 2);
		buf_addc(out, (char)(high * 16 + low));
		return high >= 0 && low >= 0;
	}
	if (c == 'z') {
		while (peek(l, 0) == ' ' || peek(l, 0) == '\t' || peek(l, 0) == '\n')
			step(l, 1);
		return true;
	}
	const char *name = c > 0 ? strchr(names, c) : NULL;
	buf_addc(out, name ? values[name - names] : (char)c);
	return c >= 0;
}

static enum rc read_string(struct luau_lexer *l, struct str *ret, struct err *err)
{
	struct buf out = BUF_INIT(STRING_MAX);
	int quote = peek(l, 0), c;
	bool is_ok = true;
	step(l, 1);
	while (is_ok && (c = peek(l, 0)) != quote) {
		if (c < 0 || (c == '\n' && quote != '`'))
			is_ok = false;
		step(l, 1);
		if (c == '\\')
			is_ok = read_escape(l, &out);
		else
			buf_addc(&out, (char)c);
	}
	step(l, 1);
	is_ok = is_ok && buf_rc(&out) == RC_OK;
	if (is_ok)
		*ret = str_dup(l->arena, buf_str(&out));
	buf_fini(&out);
	return is_ok ? RC_OK : fail(l, err, "a string is not closed, or has a bad escape");
}

static void read_span(struct luau_lexer *l, bool is_number, struct str *ret)
{
	size_t from = l->at;
	while (is_name_byte(peek(l, 0), false) || (is_number && peek(l, 0) == '.'))
		step(l, 1);
	*ret = str_sub(l->source, from, l->at - from);
}

enum rc luau_next(struct luau_lexer *l, struct luau_token *ret, struct err *err)
{
	if (skip_blank(l, err) != RC_OK)
		return RC_INVALID;
	int c = peek(l, 0), level = long_bracket(l);
	*ret = (struct luau_token){ LUAU_END, { "", 0 }, l->line };
	if (c < 0)
		return RC_OK;
	if (c == '"' || c == '\'' || c == '`') {
		ret->kind = LUAU_STRING;
		return read_string(l, &ret->text, err);
	}
	if (level >= 0) {
		ret->kind = LUAU_STRING;
		return read_long(l, level, &ret->text, err);
	}
	if (is_name_byte(c, true) || (c >= '0' && c <= '9')) {
		ret->kind = is_name_byte(c, true) ? LUAU_NAME : LUAU_NUMBER;
		read_span(l, ret->kind == LUAU_NUMBER, &ret->text);
		return RC_OK;
	}
	ret->kind = LUAU_SIGN;
	ret->text = str_sub(l->source, l->at, 1);
	step(l, 1);
	return RC_OK;
}

/* --- Tables --- */

struct table_reader {
	struct luau_lexer lexer;
	struct luau_token token; /* the next one */
	struct err *err;
	int depth;
};

static enum rc advance(struct table_reader *r)
{
	return luau_next(&r->lexer, &r->token, r->err);
}

static bool is_sign(const struct table_reader *r, char c)
{
	return r->token.kind == LUAU_SIGN && r->token.text.ptr[0] == c;
}

static enum rc read_value(struct table_reader *r, struct json **ret);

/* [NAME =] value */
static enum rc read_field(struct table_reader *r, struct json **ret, bool *has_name)
{
	struct str name = STR("");
	*has_name = r->token.kind == LUAU_NAME && !str_eqz(r->token.text, "true") &&
	            !str_eqz(r->token.text, "false");
	if (*has_name) {
		name = r->token.text;
		if (advance(r) != RC_OK)
			return RC_INVALID;
		if (!is_sign(r, '='))
			return fail(&r->lexer, r->err, "a name in the table has no value");
		if (advance(r) != RC_OK)
			return RC_INVALID;
	}
	enum rc rc = read_value(r, ret);
	if (rc == RC_OK)
		(*ret)->name = name;
	return rc;
}

static enum rc read_fields(struct table_reader *r, struct json *table)
{
	struct json **last = &table->first;
	while (!is_sign(r, '}')) {
		bool has_name;
		if (read_field(r, last, &has_name) != RC_OK)
			return RC_INVALID;
		if (table->count > 0 && has_name != (table->type == JSON_OBJECT))
			return fail(&r->lexer, r->err, "a table mixes names and places");
		table->type = has_name ? JSON_OBJECT : JSON_ARRAY;
		table->count++;
		last = &(*last)->next;
		if (is_sign(r, ',') || is_sign(r, ';')) {
			if (advance(r) != RC_OK)
				return RC_INVALID;
		} else if (!is_sign(r, '}')) {
			return fail(&r->lexer, r->err, "a comma is missing in a table");
		}
	}
	return advance(r);
}

static enum rc read_value(struct table_reader *r, struct json **ret)
{
	struct json *v = arena_new(r->lexer.arena, struct json, 1);
	struct str text = r->token.text;
	*ret = v;
	if (is_sign(r, '{')) {
		v->type = JSON_ARRAY;
		if (++r->depth > DEPTH_MAX)
			return fail(&r->lexer, r->err, "tables are nested too deep");
		if (advance(r) != RC_OK || read_fields(r, v) != RC_OK)
			return RC_INVALID;
		r->depth--;
		return RC_OK;
	}
	if (r->token.kind == LUAU_STRING) {
		v->type = JSON_STRING;
		v->text = text;
	} else if (r->token.kind == LUAU_NUMBER && str_to_i64(text, &v->integer) == RC_OK) {
		v->type = JSON_NUMBER;
		v->is_int = true;
		v->number = (double)v->integer;
	} else if (str_eqz(text, "true") || str_eqz(text, "false")) {
		v->type = JSON_BOOL;
		v->boolean = text.ptr[0] == 't';
	} else {
		return fail(&r->lexer, r->err, "a value in the table is no literal");
	}
	return advance(r);
}

/* Up to the "{" of the first "= {". */
static enum rc find_table(struct table_reader *r)
{
	bool was_equals = false;
	for (;;) {
		if (advance(r) != RC_OK)
			return RC_INVALID;
		if (was_equals && is_sign(r, '{'))
			return RC_OK;
		if (r->token.kind == LUAU_END)
			return fail(&r->lexer, r->err, "the module has no table");
		was_equals = is_sign(r, '=');
	}
}

enum rc luau_table(struct arena *a, struct str source, const struct json **ret, struct err *err)
{
	struct table_reader r = { .err = err };
	struct json *table;
	luau_lexer_init(&r.lexer, a, source);
	if (find_table(&r) != RC_OK || read_value(&r, &table) != RC_OK)
		return RC_INVALID;
	/* Behind it only "return NAME": nothing may add to the table. */
	bool is_return = r.token.kind == LUAU_NAME && str_eqz(r.token.text, "return");
	if (!is_return || advance(&r) != RC_OK || r.token.kind != LUAU_NAME ||
	    advance(&r) != RC_OK || r.token.kind != LUAU_END)
		return fail(&r.lexer, err, "the module does more than return its table");
	*ret = table;
	return RC_OK;
}
