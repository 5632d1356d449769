/* Numbers of JSON: the nearest double, and the exact integer when there is one.
 *
 * The reader itself handles plain integers of up to 18 digits.  All others come here:
 * an exact decimal decides whether it is an integer (9007199254740993.0 is one that no
 * double holds), strtod gives the double.  The program never calls setlocale, so the
 * decimal point is a point.
 */
#include <math.h>

#include "codec/json_priv.h"

#include "base/arena.h"

enum { EXPONENT_MAX = 1000000000 };

int decimal_next(const char **p)
{
	if (**p == '.')
		++*p;
	return *(*p)++ - '0';
}

static int64_t exponent_parse(const char *p, const char *end)
{
	int64_t v = 0;
	bool is_negative = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end; p++)
		if (v < EXPONENT_MAX)
			v = v * 10 + (*p - '0');
	return is_negative ? -v : v;
}

struct decimal decimal_parse(struct str raw)
{
	struct decimal d = { 0 };
	const char *p = raw.ptr, *end = raw.ptr + raw.len;
	const char *last = NULL;
	bool is_fraction = false;
	size_t seen = 0;
	d.is_negative = *p == '-';
	p += d.is_negative;
	for (; p < end && *p != 'e' && *p != 'E'; p++) {
		if (*p == '.') {
			is_fraction = true;
			continue;
		}
		if (!d.digits && *p == '0') {
			d.point -= is_fraction;
			continue;
		}
		if (!d.digits)
			d.digits = p;
		seen++;
		d.point += !is_fraction;
		if (*p != '0') {
			last = p;
			d.count = seen;
		}
	}
	if (!last)
		return (struct decimal){ 0 };
	if (p < end)
		d.point += exponent_parse(p + 1, end);
	return d;
}

bool decimal_equal(const struct decimal *a, const struct decimal *b)
{
	if (a->is_negative != b->is_negative || a->count != b->count || a->point != b->point)
		return false;
	const char *p = a->digits, *q = b->digits;
	for (size_t i = 0; i < a->count; i++)
		if (decimal_next(&p) != decimal_next(&q))
			return false;
	return true;
}

bool decimal_to_i64(const struct decimal *d, int64_t *ret)
{
	/* Less than one digit before the point, or digits behind it: no integer. */
	if (d->count && (d->point < (int64_t)d->count || d->point > 19))
		return false;
	const char *p = d->digits;
	uint64_t v = 0;
	for (int64_t i = 0; i < d->point; i++) {
		unsigned digit = i < (int64_t)d->count ? (unsigned)decimal_next(&p) : 0;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit, &v))
			return false;
	}
	if (v > (uint64_t)INT64_MAX + d->is_negative)
		return false;
	*ret = d->is_negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

static double nearest_double(struct str raw, struct arena *scratch)
{
	char few[48];
	if (raw.len < sizeof few) {
		memcpy(few, raw.ptr, raw.len);
		few[raw.len] = '\0';
		return strtod(few, NULL);
	}
	struct arena_mark m = arena_mark(scratch);
	double v = strtod(str_dupz(scratch, raw), NULL);
	arena_rewind(scratch, m);
	return v;
}

void json_number_fill(struct json *v, struct arena *scratch)
{
	struct decimal d = decimal_parse(v->raw);
	v->is_int = decimal_to_i64(&d, &v->integer);
	v->number = v->is_int ? (double)v->integer : nearest_double(v->raw, scratch);
}
