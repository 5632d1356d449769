/* makers/lesson/figures/plain.c: what people type, made plain.
 *
 * Phones and word processors put in narrow blanks, real minus signs and marks of direction,
 * and keyboards of other scripts have digits of their own.  None of it makes another number.
 */
#include "makers/lesson/figures/figures_priv.h"

#include "base/arena.h"

enum { PLAIN_MAX = 1 << 16 };

struct range {
	uint32_t from, to;
};

static bool is_within(const struct range *ranges, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

static bool is_invisible(uint32_t c)
{
	static const struct range marks[] = { { 0xad, 0xad },     { 0x61c, 0x61c },
		                              { 0x200b, 0x200f }, { 0x202a, 0x202e },
		                              { 0x2060, 0x2069 }, { 0xfeff, 0xfeff } };
	return is_within(marks, ARRAY_LEN(marks), c);
}

static bool is_blank(uint32_t c)
{
	static const struct range blanks[] = { { 0x9, 0xd },       { 0x20, 0x20 },
		                               { 0xa0, 0xa0 },     { 0x1680, 0x1680 },
		                               { 0x2000, 0x200a }, { 0x2028, 0x2029 },
		                               { 0x202f, 0x202f }, { 0x205f, 0x205f },
		                               { 0x3000, 0x3000 } };
	return is_within(blanks, ARRAY_LEN(blanks), c);
}

/* The ASCII digit of a decimal digit of another script; 0 when it is none. */
static char ascii_digit(uint32_t c)
{
	static const uint32_t zeros[] = { 0x660, 0x6f0,  0x7c0,  0x966,  0x9e6, 0xa66, 0xae6,
		                          0xb66, 0xbe6,  0xc66,  0xce6,  0xd66, 0xe50, 0xed0,
		                          0xf20, 0x1040, 0x17e0, 0x1810, 0xff10 };
	for (size_t i = 0; i < ARRAY_LEN(zeros); i++)
		if (c >= zeros[i] && c <= zeros[i] + 9)
			return (char)('0' + (c - zeros[i]));
	return 0;
}

static char ascii_sign(uint32_t c)
{
	static const struct {
		uint32_t from;
		char to;
	} signs[] = { { 0x2010, '-' },  { 0x2011, '-' }, { 0x2012, '-' }, { 0x2013, '-' },
		      { 0x2212, '-' },  { 0xfe63, '-' }, { 0xff0d, '-' }, { 0xff0b, '+' },
		      { 0x2019, '\'' }, { 0x66b, '.' },  { 0xff0e, '.' }, { 0x60c, ',' },
		      { 0x66c, ',' },   { 0xff0c, ',' }, { 0x66a, '%' },  { 0xff05, '%' } };
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (c == signs[i].from)
			return signs[i].to;
	return 0;
}

/* The code point at s[at] of well-formed UTF-8, and its length. */
static uint32_t code_point(struct str s, size_t at, size_t *len)
{
	unsigned char c = (unsigned char)s.ptr[at];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t ret = n == 1 ? c : c & (0xffu >> (n + 1));
	*len = n > s.len - at ? s.len - at : n;
	for (size_t i = 1; i < *len; i++)
		ret = ret << 6 | ((unsigned char)s.ptr[at + i] & 0x3f);
	return ret;
}

/* Of ASCII, Latin-1 and Cyrillic: their small letters come 32 places behind. */
static bool is_capital(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
	       (c >= 0x410 && c <= 0x42f);
}

static void add_code(struct buf *out, uint32_t c)
{
	if (c >= 0x80)
		buf_addc(out, (char)(0xc0 | c >> 6));
	buf_addc(out, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
}

struct str figure_plain(struct arena *a, struct str text)
{
	struct buf out = BUF_INIT(PLAIN_MAX);
	for (size_t at = 0, len; at < text.len; at += len) {
		uint32_t c = code_point(text, at, &len);
		char digit = ascii_digit(c), sign = ascii_sign(c);
		if (is_invisible(c))
			continue;
		if (digit || sign)
			buf_addc(&out, digit ? digit : sign);
		else if (is_blank(c) && out.len > 0 && out.ptr[out.len - 1] != ' ')
			buf_addc(&out, ' ');
		else if (is_capital(c))
			add_code(&out, c + 32);
		else if (!is_blank(c))
			buf_add(&out, str_sub(text, at, len));
	}
	struct str ret = str_dup(a, str_trim(buf_str(&out)));
	buf_fini(&out);
	return ret;
}
