/* Small pure encodings: see hex.h. */
#include "codec/hex.h"

#include "base/arena.h"

enum { ID_DIGITS = 13 };

static const char hex_digits[] = "0123456789abcdef";
static const char id_digits[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* no i, l, o, u */

void hex_encode(const void *bytes, size_t n, char *ret)
{
	const unsigned char *p = bytes;
	for (size_t i = 0; i < n; i++) {
		ret[2 * i] = hex_digits[p[i] >> 4];
		ret[2 * i + 1] = hex_digits[p[i] & 15];
	}
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum rc hex_decode(struct str hex, void *ret, size_t n)
{
	unsigned char *to = ret;
	if (hex.len != 2 * n)
		return RC_INVALID;
	for (size_t i = 0; i < hex.len; i++)
		if (hex_value(hex.ptr[i]) < 0)
			return RC_INVALID;
	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)(hex_value(hex.ptr[2 * i]) << 4 |
		                        hex_value(hex.ptr[2 * i + 1]));
	return RC_OK;
}

struct str id_text(const char *prefix, int64_t id, char ret[ID_TEXT_MAX])
{
	size_t n = strlen(prefix);
	assert(id >= 0 && n > 0 && n + 1 + ID_DIGITS < ID_TEXT_MAX);
	memcpy(ret, prefix, n);
	ret[n++] = '_';
	for (int i = ID_DIGITS - 1; i >= 0; i--)
		ret[n++] = id_digits[(uint64_t)id >> (5 * i) & 31];
	ret[n] = '\0';
	return (struct str){ ret, n };
}

enum rc id_parse(const char *prefix, struct str text, int64_t *ret, struct err *err)
{
	size_t n = strlen(prefix);
	uint64_t v = 0;
	bool is_good = text.len == n + 1 + ID_DIGITS && memcmp(text.ptr, prefix, n) == 0 &&
	               text.ptr[n] == '_' && text.ptr[n + 1] <= '7';
	for (size_t i = n + 1; is_good && i < text.len; i++) {
		const char *digit = memchr(id_digits, text.ptr[i], sizeof id_digits - 1);
		is_good = digit != NULL;
		if (is_good)
			v = v << 5 | (uint64_t)(digit - id_digits);
	}
	if (!is_good)
		return err_set(
		        err, CODE_BAD_ID,
		        "must be \"%s_\" and %d characters of 0-9 and a-z without i, l, o, u",
		        prefix, ID_DIGITS);
	*ret = (int64_t)v;
	return RC_OK;
}

enum rc percent_decode(struct arena *a, struct str in, bool is_query, struct str *ret)
{
	char *out = arena_bytes(a, in.len);
	size_t n = 0;
	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];
		if (c == '%') {
			unsigned char byte;
			if (hex_decode(str_sub(in, i + 1, 2), &byte, 1) != RC_OK)
				return RC_INVALID;
			c = (char)byte;
			i += 2;
		} else if (c == '+' && is_query) {
			c = ' ';
		}
		if (c == '\0')
			return RC_INVALID;
		out[n++] = c;
	}
	if (utf8_check((struct str){ out, n }) != n)
		return RC_INVALID;
	*ret = (struct str){ out, n };
	return RC_OK;
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void percent_encode(struct buf *out, struct str in)
{
	static const char upper[] = "0123456789ABCDEF";
	for (size_t i = 0; i < in.len; i++) {
		unsigned char c = (unsigned char)in.ptr[i];
		char three[3] = { '%', upper[c >> 4], upper[c & 15] };
		if (is_unreserved(in.ptr[i]))
			buf_addc(out, in.ptr[i]);
		else
			buf_add(out, (struct str){ three, 3 });
	}
}
