/* The JSON reader: see json.h.
 *
 * One pass over the bytes, one arena node per value; text is copied only when it has
 * escapes.  The promises:
 *
 * (1) Work is linear in the input (times the logarithm of an object's members, for
 *     duplicate keys), whatever the input.
 * (2) Recursion is bounded by depth_max, which is at most JSON_DEPTH_MAX.
 * (3) Nothing is read behind the end of the input; no terminator is assumed.
 * (4) An error says what was found, what was expected, and where.
 *
 * tests/unit/codec/test_json.c holds the cases; tests/fuzz/codec/fuzz_json.c the laws.
 */
#include "codec/json_priv.h"

#include "base/arena.h"
#include "codec/yaml.h"

enum { JSON_DEPTH_MAX = 512, INT_DIGITS_FAST = 18 };

const struct json_limits json_limits_default = {
	.bytes_max = 1 << 20,
	.depth_max = 64,
	.values_max = 100000,
};

struct reader {
	const char *begin, *p, *end;
	struct arena *arena;
	struct json_limits limits;
	bool may_repeat_keys;
	uint32_t depth, values;
	struct err *err;
};

/* Classes of bytes: blank between tokens, plain inside strings, digits. */
enum { BLANK = 1, PLAIN = 2, DIGIT = 4 };
#define P2(c) [c] = PLAIN, [c + 1] = PLAIN
#define P8(c) P2(c), P2(c + 2), P2(c + 4), P2(c + 6)
#define P32(c) P8(c), P8(c + 8), P8(c + 16), P8(c + 24)
#define D(c) [c] = PLAIN | DIGIT
static const unsigned char class_of[256] = {
	['\t'] = BLANK, ['\n'] = BLANK, ['\r'] = BLANK, [' '] = BLANK | PLAIN,
	['!'] = PLAIN, /* not the quote */
	P2(0x23),       P2(0x25),       P2(0x27),       P2(0x29),
	P2(0x2b),       P2(0x2d),       ['/'] = PLAIN,  D('0'),
	D('1'),         D('2'),         D('3'),         D('4'),
	D('5'),         D('6'),         D('7'),         D('8'),
	D('9'),         P2(0x3a),       P2(0x3c),       P2(0x3e),
	P8(0x40),       P8(0x48),       P8(0x50),       P2(0x58),
	P2(0x5a), /* not the backslash */
	P2(0x5d),       ['_'] = PLAIN,  P32(0x60),
};

static inline bool is_class(char c, int class)
{
	return class_of[(unsigned char)c] & class;
}

/* --- errors --- */

static enum rc at_byte(const struct reader *r, const char *at)
{
	unsigned line, column;
	if (!r->err)
		return RC_INVALID;
	text_place((struct str){ r->begin, (size_t)(r->end - r->begin) }, (size_t)(at - r->begin),
	           &line, &column);
	return err_at(r->err, "%u:%u", line, column);
}

static void describe(const struct reader *r, const char *at, char *ret, size_t size)
{
	if (at >= r->end)
		snprintf(ret, size, "the end of the text");
	else if (*at > ' ' && *at < 0x7f)
		snprintf(ret, size, "'%c'", *at);
	else if (r->end - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		snprintf(ret, size, "a byte order mark");
	else
		snprintf(ret, size, "byte 0x%02x", (unsigned)(unsigned char)*at);
}

static enum rc expected(struct reader *r, const char *at, const char *what)
{
	char found[32];
	describe(r, at, found, sizeof found);
	err_set(r->err, CODE_JSON_SYNTAX, "expected %s, found %s", what, found);
	at_byte(r, at);
	return RC_INVALID;
}

static enum rc refuse(struct reader *r, const char *at, enum code code, const char *sentence)
{
	err_set(r->err, code, "%s", sentence);
	at_byte(r, at);
	return code_rc(code);
}

static enum rc over_limit(struct reader *r, const char *at, const char *what, size_t limit)
{
	err_set(r->err, CODE_JSON_LIMIT, "%s than the limit of %zu", what, limit);
	at_byte(r, at);
	return RC_LIMIT;
}

/* --- tokens --- */

static inline void skip_blanks(struct reader *r)
{
	while (r->p < r->end && is_class(*r->p, BLANK))
		r->p++;
}

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && is_class(*p, DIGIT))
		p++;
	return p;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits at p; -1 when there are none. */
static int32_t hex4(const char *p, const char *end)
{
	int32_t v = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);
		if (digit < 0)
			return -1;
		v = v * 16 + digit;
	}
	return v;
}

static char *put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*to++ = (char)(0xe0 | c >> 12);
		} else {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* The code point of the \u at *p (which stands on the 'u'); moves *p behind it. */
static enum rc unicode_escape(struct reader *r, const char **p, const char *end, uint32_t *ret)
{
	const char *at = *p - 1;
	int32_t high = hex4(*p + 1, end), low;
	if (high < 0)
		return expected(r, *p + 1, "four hex digits after \\u");
	*p += 5;
	*ret = (uint32_t)high;
	if (high < 0xd800 || high > 0xdfff)
		return RC_OK;
	if (high > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
		return refuse(r, at, CODE_UTF8, "half of a surrogate pair");
	low = hex4(*p + 2, end);
	if (low < 0xdc00 || low > 0xdfff)
		return refuse(r, at, CODE_UTF8, "half of a surrogate pair");
	*p += 6;
	*ret = 0x10000 + (((uint32_t)high - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
	return RC_OK;
}

static char unescaped(char c)
{
	switch (c) {
	case '"':
	case '\\':
	case '/':
		return c;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return 0;
	}
}

/* Text between quotes that has escapes.  What comes out is never longer. */
static enum rc decode(struct reader *r, struct str in, struct str *ret)
{
	char *begin = arena_bytes(r->arena, in.len), *to = begin;
	const char *p = in.ptr, *end = in.ptr + in.len;
	while (p < end) {
		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		p++; /* find_quote() saw to it that a byte follows */
		if (*p == 'u') {
			uint32_t c = 0;
			enum rc rc = unicode_escape(r, &p, end, &c);
			if (rc != RC_OK)
				return rc;
			to = put_utf8(to, c);
			continue;
		}
		*to = unescaped(*p);
		if (!*to++)
			return expected(r, p, "one of \" \\ / b f n r t u after a backslash");
		p++;
	}
	*ret = (struct str){ begin, (size_t)(to - begin) };
	return RC_OK;
}

struct quoted {
	bool has_escape, has_high;
};

/* True when all eight bytes are plain: no control, no quote, no backslash, no high
 * bit.  Each test below sets the top bit of a byte that fails. */
static inline bool eight_plain(const char *p)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t w;
	memcpy(&w, p, 8);
	uint64_t quote = w ^ ones * '"', back = w ^ ones * '\\';
	return !((w | (w - ones * 0x20) | (quote - ones) | (back - ones)) & tops);
}

/* The closing quote of the string whose text begins at p, or the byte that is wrong:
 * a control byte or the end. */
static inline const char *find_quote(const char *p, const char *end, struct quoted *q)
{
	for (;;) {
		while (end - p >= 8 && eight_plain(p))
			p += 8;
		while (p < end && is_class(*p, PLAIN))
			p++;
		if (p == end || *p == '"')
			return p;
		if (*p == '\\') {
			q->has_escape = true;
			if (end - p < 2)
				return end;
			p += (unsigned char)p[1] < ' ' ? 1 : 2;
		} else if ((unsigned char)*p >= 0x80) {
			q->has_high = true;
			p++;
		} else {
			return p;
		}
	}
}

/* The reader stands on the opening quote. */
static enum rc read_string(struct reader *r, struct str *ret)
{
	struct quoted q = { 0 };
	const char *begin = r->p + 1;
	const char *close = find_quote(begin, r->end, &q);
	if (close == r->end)
		return expected(r, close, "the closing quote of a string");
	if (*close != '"')
		return expected(r, close, "text without raw control bytes");
	struct str text = { begin, (size_t)(close - begin) };
	if (q.has_high) {
		size_t bad = utf8_check(text);
		if (bad < text.len)
			return refuse(r, begin + bad, CODE_UTF8, "the text is not UTF-8 here");
	}
	r->p = close + 1;
	if (q.has_escape)
		return decode(r, text, ret);
	*ret = text;
	return RC_OK;
}

/* Finds the end of the number; sets is_plain when it has neither fraction nor
 * exponent. */
static enum rc scan_number(struct reader *r, const char **ret, bool *is_plain)
{
	const char *p = r->p + (*r->p == '-'), *end = r->end;
	const char *digits = p;
	if (p == end || !is_class(*p, DIGIT))
		return expected(r, p, "a digit");
	p = skip_digits(p, end);
	if (*digits == '0' && p - digits > 1)
		return refuse(r, digits, CODE_JSON_SYNTAX, "a number must not begin with 0");
	const char *integer_end = p;
	if (p < end && *p == '.') {
		digits = ++p;
		p = skip_digits(p, end);
		if (p == digits)
			return expected(r, p, "a digit after the decimal point");
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		digits = p;
		p = skip_digits(p, end);
		if (p == digits)
			return expected(r, p, "a digit in the exponent");
	}
	*is_plain = p == integer_end;
	*ret = p;
	return RC_OK;
}

static enum rc read_number(struct reader *r, struct json *v)
{
	const char *begin = r->p, *end = begin;
	bool is_plain = true;
	enum rc rc = scan_number(r, &end, &is_plain);
	if (rc != RC_OK)
		return rc;
	r->p = end;
	v->type = JSON_NUMBER;
	v->raw = (struct str){ begin, (size_t)(end - begin) };
	if (!is_plain || end - begin > INT_DIGITS_FAST) {
		json_number_fill(v, r->arena);
		return RC_OK;
	}
	int64_t n = 0;
	for (const char *p = begin + (*begin == '-'); p < end; p++)
		n = n * 10 + (*p - '0');
	v->integer = *begin == '-' ? -n : n;
	v->number = (double)v->integer;
	v->is_int = true;
	return RC_OK;
}

static enum rc read_word(struct reader *r, struct json *v, struct str word, enum json_type type)
{
	struct str left = { r->p, (size_t)(r->end - r->p) };
	if (!str_starts(left, word))
		return expected(r, r->p, "a value");
	v->type = type;
	v->boolean = word.ptr[0] == 't';
	r->p += word.len;
	return RC_OK;
}

/* --- structure --- */

static enum rc read_value(struct reader *r, struct json *v);

static struct json *new_value(struct reader *r)
{
	if (r->values == r->limits.values_max)
		return NULL;
	r->values++;
	return arena_new(r->arena, struct json, 1);
}

static enum rc read_key(struct reader *r, struct str *ret)
{
	const char *at = r->p;
	if (at == r->end || *at != '"')
		return expected(r, at, "a key in quotes");
	enum rc rc = read_string(r, ret);
	if (rc != RC_OK)
		return rc;
	if (ret->len && memchr(ret->ptr, '\0', ret->len))
		return refuse(r, at, CODE_JSON_SYNTAX, "a key must not contain NUL");
	skip_blanks(r);
	if (r->p == r->end || *r->p != ':')
		return expected(r, r->p, "':' after a key");
	r->p++;
	skip_blanks(r);
	return RC_OK;
}

/* What stands between two members: RC_OK and *is_last, or an error. */
static enum rc read_separator(struct reader *r, char close, bool *is_last)
{
	skip_blanks(r);
	if (r->p == r->end || (*r->p != ',' && *r->p != close))
		return expected(r, r->p, close == '}' ? "',' or '}'" : "',' or ']'");
	*is_last = *r->p++ == close;
	if (!*is_last)
		skip_blanks(r);
	return RC_OK;
}

/* The members of an array or object, behind the opening bracket. */
static enum rc read_members(struct reader *r, struct json *v, char close)
{
	struct json **link = &v->first;
	bool is_last = false;
	skip_blanks(r);
	if (r->p < r->end && *r->p == close) {
		r->p++;
		return RC_OK;
	}
	while (!is_last) {
		struct json *child = new_value(r);
		if (!child)
			return over_limit(r, r->p, "more values", r->limits.values_max);
		enum rc rc = close == '}' ? read_key(r, &child->name) : RC_OK;
		if (rc == RC_OK)
			rc = read_value(r, child);
		if (rc == RC_OK)
			rc = read_separator(r, close, &is_last);
		if (rc != RC_OK)
			return rc;
		*link = child;
		link = &child->next;
		v->count++;
	}
	return RC_OK;
}

static enum rc duplicate_key(struct reader *r, const struct json *member)
{
	struct str name = text_brief(member->name, 80);
	err_set(r->err, CODE_JSON_SYNTAX, "the key \"" STR_FMT "\" stands twice in one object",
	        STR_ARG(name));
	at_byte(r, r->begin + member->at);
	return RC_INVALID;
}

static enum rc read_container(struct reader *r, struct json *v, char close)
{
	if (r->depth == r->limits.depth_max)
		return over_limit(r, r->p, "nested deeper", r->limits.depth_max);
	v->type = close == '}' ? JSON_OBJECT : JSON_ARRAY;
	r->p++;
	r->depth++;
	enum rc rc = read_members(r, v, close);
	r->depth--;
	if (rc != RC_OK || v->type == JSON_ARRAY)
		return rc;
	const struct json *twice = r->may_repeat_keys ? NULL : json_duplicate(v);
	return twice ? duplicate_key(r, twice) : RC_OK;
}

static enum rc read_by_first_byte(struct reader *r, struct json *v)
{
	switch (*r->p) {
	case '{':
		return read_container(r, v, '}');
	case '[':
		return read_container(r, v, ']');
	case '"':
		v->type = JSON_STRING;
		return read_string(r, &v->text);
	case 't':
		return read_word(r, v, STR("true"), JSON_BOOL);
	case 'f':
		return read_word(r, v, STR("false"), JSON_BOOL);
	case 'n':
		return read_word(r, v, STR("null"), JSON_NULL);
	default:
		if (*r->p == '-' || is_class(*r->p, DIGIT))
			return read_number(r, v);
		return expected(r, r->p, "a value");
	}
}

static enum rc read_value(struct reader *r, struct json *v)
{
	const char *begin = r->p;
	if (begin == r->end)
		return expected(r, begin, "a value");
	v->at = (size_t)(begin - r->begin);
	enum rc rc = read_by_first_byte(r, v);
	v->raw = (struct str){ begin, (size_t)(r->p - begin) };
	return rc;
}

static enum rc read_document(struct reader *r, struct json *v)
{
	skip_blanks(r);
	enum rc rc = read_value(r, v);
	if (rc != RC_OK)
		return rc;
	skip_blanks(r);
	return r->p == r->end ? RC_OK : expected(r, r->p, "the end of the text");
}

static enum rc read_all(struct reader *r, struct str in, const struct json **ret)
{
	assert(r->arena && ret && (in.ptr || in.len == 0));
	assert(r->limits.depth_max <= JSON_DEPTH_MAX);
	r->p = r->begin = in.len ? in.ptr : "";
	r->end = r->begin + in.len;
	if (in.len > r->limits.bytes_max)
		return over_limit(r, r->begin, "the text has more bytes", r->limits.bytes_max);
	struct json *root = new_value(r);
	if (!root)
		return over_limit(r, r->begin, "more values", r->limits.values_max);
	enum rc rc = read_document(r, root);
	if (rc == RC_OK)
		*ret = root;
	return rc;
}

enum rc json_read(struct arena *a, struct str in, const struct json_limits *limits,
                  const struct json **ret, struct err *err)
{
	struct reader r = { .arena = a, .err = err };
	r.limits = limits ? *limits : json_limits_default;
	return read_all(&r, in, ret);
}

enum rc json_read_repeating(struct arena *a, struct str in, uint32_t depth_max,
                            const struct json **ret, struct err *err)
{
	struct reader r = { .arena = a, .err = err, .may_repeat_keys = true };
	r.limits = (struct json_limits){ SIZE_MAX, depth_max, UINT32_MAX };
	return read_all(&r, in, ret);
}
