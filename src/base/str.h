/* Working with views of bytes (struct str) and with growing buffers (struct buf). */
#ifndef TAKT_BASE_STR_H
#define TAKT_BASE_STR_H

#include "base/base.h"

struct arena;

struct str str_z(const char *z); /* a view of a C string; NULL gives an empty view */
bool str_eq(struct str a, struct str b);
bool str_eqz(struct str a, const char *b);
bool str_eq_nocase(struct str a, struct str b); /* ASCII only */
int str_cmp(struct str a, struct str b);        /* bytewise, then by length */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Offset of the first `needle` at or after `from`; SIZE_MAX when there is none. */
size_t str_find(struct str s, struct str needle, size_t from);
struct str str_sub(struct str s, size_t from, size_t len); /* clamped to s */
struct str str_trim(struct str s);                         /* ASCII white space */
/* Splits s at the first sep.  What follows sep is left in *rest. */
struct str str_cut(struct str s, char sep, struct str *rest);

struct str str_dup(struct arena *a, struct str s);
/* A C string for a library or the system; a NUL inside s ends it early, so views
 * from outside are checked for NUL first. */
char *str_dupz(struct arena *a, struct str s);
struct str str_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

/* Decimal only, no sign for u64, whole string.  RC_INVALID or RC_LIMIT. */
enum rc str_to_u64(struct str s, uint64_t *ret) MUST_USE;
enum rc str_to_i64(struct str s, int64_t *ret) MUST_USE;

/* Offset of the first byte that is not well-formed UTF-8 (RFC 3629: no surrogates,
 * no overlong forms, at most U+10FFFF); s.len when all is well. */
size_t utf8_check(struct str s);

/* A buffer that grows, and is told at birth how far.  All additions after one that
 * did not fit are ignored and buf_rc() tells, so that a writer checks once. */
struct buf {
	char *ptr;
	size_t len, cap, max;
	bool is_full; /* something did not fit */
};
#define BUF_INIT(limit)                                                                            \
	{                                                                                          \
		.max = (limit)                                                                     \
	}
void buf_init(struct buf *b, size_t max); /* caller owns the struct … */
void buf_fini(struct buf *b);             /* … and gives back what it holds */
void buf_clear(struct buf *b);            /* empty, memory kept, usable again */
void buf_add(struct buf *b, struct str s);
void buf_addz(struct buf *b, const char *z);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_add_i64(struct buf *b, int64_t v);
/* At least n writable bytes behind the content, to be claimed with buf_grew();
 * NULL when they would pass the maximum. */
char *buf_room(struct buf *b, size_t n);
void buf_grew(struct buf *b, size_t n);
void buf_drop(struct buf *b, size_t n);  /* removes the first n bytes */
struct str buf_str(const struct buf *b); /* a view, valid until the next change */
enum rc buf_rc(const struct buf *b);     /* RC_OK or RC_LIMIT */

#endif
