/* Text on a terminal: how wide it is, cut to fit, cleaned of what would steer it. */
#include <stdio.h>

#include "cli/progress.h"

/* The code point at s, which is well-formed; its length in *len. */
static uint32_t decode(struct str s, size_t *len)
{
	unsigned char c = (unsigned char)s.ptr[0];
	*len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (*len > s.len || utf8_check(str_sub(s, 0, *len)) != *len) {
		*len = 1;
		return 0xfffd;
	}
	uint32_t v = *len == 1 ? c : c & (0xffu >> (*len + 1));
	for (size_t i = 1; i < *len; i++)
		v = v << 6 | ((unsigned char)s.ptr[i] & 0x3f);
	return v;
}

static bool is_steering(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* East Asian wide and emoji take two columns, combining marks none. */
static int columns_of(uint32_t c)
{
	if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) || c == 0xfe0f)
		return 0;
	if ((c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
	    (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
	    (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	    (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
	    (c >= 0x20000 && c <= 0x3fffd))
		return 2;
	return 1;
}

int text_columns(struct str s)
{
	int n = 0;
	while (s.len) {
		size_t len;
		n += columns_of(decode(s, &len));
		s = str_sub(s, len, s.len);
	}
	return n;
}

static void put(struct buf *out, struct str piece, uint32_t c, bool is_utf8)
{
	if (is_steering(c))
		buf_addc(out, ' ');
	else if (c == 0xfffd || (!is_utf8 && c >= 0x80))
		buf_addc(out, '?');
	else
		buf_add(out, piece);
}

void text_fit(struct buf *out, struct str s, int columns, bool is_utf8)
{
	bool is_cut = text_columns(s) > columns;
	int ellipsis = is_utf8 ? 1 : 3;
	int room = is_cut ? columns - ellipsis : columns;
	if (room < 0)
		return;
	while (s.len) {
		size_t len;
		uint32_t c = decode(s, &len);
		room -= columns_of(c);
		if (room < 0)
			break;
		put(out, str_sub(s, 0, len), c, is_utf8);
		s = str_sub(s, len, s.len);
	}
	if (is_cut)
		buf_addz(out, is_utf8 ? "…" : "...");
}

struct str duration_text(int64_t ms, char ret[32])
{
	int64_t s = ms / 1000;
	int n;
	if (ms < 1000)
		n = snprintf(ret, 32, "%lld ms", (long long)int64_max(0, ms));
	else if (s < 10)
		n = snprintf(ret, 32, "%lld.%lld s", (long long)s, (long long)(ms % 1000 / 100));
	else if (s < 60)
		n = snprintf(ret, 32, "%lld s", (long long)s);
	else if (s < 3600)
		n = snprintf(ret, 32, "%lld min %02lld s", (long long)(s / 60),
		             (long long)(s % 60));
	else
		n = snprintf(ret, 32, "%lld h %02lld min", (long long)(s / 3600),
		             (long long)(s / 60 % 60));
	return (struct str){ ret, (size_t)n };
}
