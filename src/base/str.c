/* Views of bytes and growing buffers: see str.h. */
#include "base/str.h"

#include <stdarg.h>

#include "base/arena.h"

struct str str_z(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_eqz(struct str a, const char *b)
{
	return str_eq(a, str_z(b));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = size_min(a.len, b.len);
	int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
	if (c != 0)
		return c;
	return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

size_t str_find(struct str s, struct str needle, size_t from)
{
	if (needle.len == 0)
		return from <= s.len ? from : SIZE_MAX;
	while (from <= s.len && s.len - from >= needle.len) {
		const char *at = memchr(s.ptr + from, needle.ptr[0], s.len - from - needle.len + 1);
		if (!at)
			return SIZE_MAX;
		if (memcmp(at, needle.ptr, needle.len) == 0)
			return (size_t)(at - s.ptr);
		from = (size_t)(at - s.ptr) + 1;
	}
	return SIZE_MAX;
}

struct str str_sub(struct str s, size_t from, size_t len)
{
	if (from > s.len)
		from = s.len;
	return (struct str){ s.len ? s.ptr + from : s.ptr, size_min(len, s.len - from) };
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	while (s.len && is_space(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	return s;
}

struct str str_cut(struct str s, char sep, struct str *rest)
{
	const char *at = s.len ? memchr(s.ptr, sep, s.len) : NULL;
	if (!at) {
		*rest = (struct str){ 0 };
		return s;
	}
	size_t n = (size_t)(at - s.ptr);
	*rest = (struct str){ at + 1, s.len - n - 1 };
	return (struct str){ s.ptr, n };
}

struct str str_dup(struct arena *a, struct str s)
{
	return (struct str){ str_dupz(a, s), s.len };
}

char *str_dupz(struct arena *a, struct str s)
{
	char *p = arena_bytes(a, s.len + 1);
	if (s.len)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

struct str str_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	char *p = arena_bytes(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){ p, (size_t)n };
}

enum rc str_to_u64(struct str s, uint64_t *ret)
{
	uint64_t v = 0;
	if (s.len == 0)
		return RC_INVALID;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return RC_INVALID;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.ptr[i] - '0'), &v))
			return RC_LIMIT;
	}
	*ret = v;
	return RC_OK;
}

enum rc str_to_i64(struct str s, int64_t *ret)
{
	bool is_negative = s.len && s.ptr[0] == '-';
	uint64_t v;
	enum rc rc = str_to_u64(str_sub(s, is_negative, s.len), &v);
	if (rc != RC_OK)
		return rc;
	if (v > (uint64_t)INT64_MAX + is_negative)
		return RC_LIMIT;
	*ret = is_negative ? (int64_t)(0 - v) : (int64_t)v;
	return RC_OK;
}

/* Length of the well-formed sequence at p, 0 when it is not.  RFC 3629, table in 4. */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
	if (p[0] < 0x80)
		return 1;
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || left < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

size_t utf8_check(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	size_t i = 0;
	while (i < s.len) {
		uint64_t word;
		while (i + 8 <= s.len && (memcpy(&word, p + i, 8), !(word & 0x8080808080808080u)))
			i += 8;
		if (i == s.len)
			break;
		size_t n = utf8_sequence(p + i, s.len - i);
		if (n == 0)
			return i;
		i += n;
	}
	return s.len;
}

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void buf_fini(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ .max = b->max };
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->is_full = false;
}

char *buf_room(struct buf *b, size_t n)
{
	if (b->is_full || n > b->max - b->len) {
		b->is_full = true;
		return NULL;
	}
	if (b->len + n > b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 256;
		while (cap < b->len + n)
			cap *= 2;
		b->ptr = xrealloc(b->ptr, cap);
		b->cap = cap;
	}
	return b->ptr + b->len;
}

void buf_grew(struct buf *b, size_t n)
{
	assert(n <= b->cap - b->len);
	b->len += n;
}

void buf_add(struct buf *b, struct str s)
{
	if (s.len == 0)
		return;
	char *to = buf_room(b, s.len);
	if (!to)
		return;
	memcpy(to, s.ptr, s.len);
	b->len += s.len;
}

void buf_addz(struct buf *b, const char *z)
{
	buf_add(b, str_z(z));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, (struct str){ &c, 1 });
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	/* vsnprintf wants room for a terminator, which then is not claimed. */
	char *to = n < INT32_MAX ? buf_room(b, (size_t)n) : NULL;
	if (to && b->len + (size_t)n + 1 > b->cap) {
		b->cap += 1;
		b->ptr = xrealloc(b->ptr, b->cap);
		to = b->ptr + b->len;
	}
	if (to) {
		vsnprintf(to, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void buf_add_i64(struct buf *b, int64_t v)
{
	char digits[24];
	char *p = digits + sizeof digits;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		*--p = '-';
	buf_add(b, (struct str){ p, (size_t)(digits + sizeof digits - p) });
}

void buf_drop(struct buf *b, size_t n)
{
	assert(n <= b->len);
	b->len -= n;
	if (b->len)
		memmove(b->ptr, b->ptr + n, b->len);
}

struct str buf_str(const struct buf *b)
{
	return (struct str){ b->ptr, b->len };
}

enum rc buf_rc(const struct buf *b)
{
	return b->is_full ? RC_LIMIT : RC_OK;
}
