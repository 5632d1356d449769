/* Comparing and dividing numbers exactly, as they are written: 0.0075 is a multiple of
 * 0.0001, and 9007199254740993 is more than 9007199254740992. */
#include <math.h>

#include "codec/schema_priv.h"

enum { DIVISOR_DIGITS_MAX = 18 };
__extension__ typedef unsigned __int128 wide;

bool number_is_integer(const struct json *v)
{
	if (v->is_int)
		return true;
	struct decimal d = decimal_parse(v->raw);
	return d.point >= (int64_t)d.count;
}

static int compare_magnitude(const struct decimal *a, const struct decimal *b)
{
	if (a->count == 0 || b->count == 0)
		return (a->count != 0) - (b->count != 0);
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	const char *p = a->digits, *q = b->digits;
	for (size_t i = 0; i < a->count || i < b->count; i++) {
		int x = i < a->count ? decimal_next(&p) : 0;
		int y = i < b->count ? decimal_next(&q) : 0;
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

int number_compare(const struct json *a, const struct json *b)
{
	if (a->is_int && b->is_int)
		return (a->integer > b->integer) - (a->integer < b->integer);
	struct decimal x = decimal_parse(a->raw), y = decimal_parse(b->raw);
	if (x.is_negative != y.is_negative)
		return x.is_negative ? -1 : 1;
	int c = compare_magnitude(&x, &y);
	return x.is_negative ? -c : c;
}

static uint64_t multiply_mod(uint64_t a, uint64_t b, uint64_t m)
{
	return (uint64_t)((wide)a * b % m);
}

static uint64_t power_of_ten_mod(uint64_t exponent, uint64_t m)
{
	uint64_t v = 1 % m, base = 10 % m;
	for (; exponent; exponent >>= 1) {
		if (exponent & 1)
			v = multiply_mod(v, base, m);
		base = multiply_mod(base, base, m);
	}
	return v;
}

static uint64_t digits_mod(const struct decimal *d, uint64_t m)
{
	const char *p = d->digits;
	uint64_t v = 0;
	for (size_t i = 0; i < d->count; i++)
		v = (uint64_t)(((wide)v * 10 + (unsigned)decimal_next(&p)) % m);
	return v;
}

/* v = V × 10^f and of = D × 10^e, where neither V nor D ends in 0.  When f < e, V would
 * have to be a multiple of ten. */
bool number_is_multiple(const struct json *v, const struct json *of)
{
	struct decimal x = decimal_parse(v->raw), y = decimal_parse(of->raw);
	int64_t f = x.point - (int64_t)x.count, e = y.point - (int64_t)y.count;
	assert(y.count > 0);
	if (x.count == 0)
		return true;
	if (f < e)
		return false;
	if (y.count > DIVISOR_DIGITS_MAX)
		return fabs(remainder(v->number, of->number)) <= 0;
	uint64_t divisor = digits_mod(&y, UINT64_MAX);
	uint64_t rest = digits_mod(&x, divisor);
	return multiply_mod(rest, power_of_ten_mod((uint64_t)(f - e), divisor), divisor) == 0;
}
