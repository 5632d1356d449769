/* RFC 3339: see rfc3339.h.  The calendar arithmetic counts days in the proleptic
 * Gregorian calendar from 1970-03-01 backwards, as in H. Hinnant's paper
 * "chrono-Compatible Low-Level Date Algorithms". */
#include "codec/rfc3339.h"

#include "base/str.h"

enum { DAYS_TO_1970 = 719468, DAYS_OF_ERA = 146097, MS_OF_DAY = 86400000 };

static const int64_t END_MS = 253402300800000; /* of the year 9999 */

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = year / 400, year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * DAYS_OF_ERA + day_of_era - DAYS_TO_1970;
}

static void date_of(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + DAYS_TO_1970, era = z / DAYS_OF_ERA, day_of_era = z - era * DAYS_OF_ERA;
	int64_t year_of_era =
	        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
	        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;
	*day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

struct str rfc3339_text(int64_t ms, char ret[RFC3339_MAX])
{
	assert(ms >= 0 && ms < INT64_C(253402300800000));
	int year, month, day;
	date_of(ms / MS_OF_DAY, &year, &month, &day);
	int64_t rest = ms % MS_OF_DAY;
	int n = snprintf(ret, RFC3339_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day,
	                 (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60),
	                 (int)(rest % 1000));
	return (struct str){ ret, (size_t)n };
}

/* n digits at *at, moved on; false when they are not digits. */
static bool digits(struct str s, size_t *at, size_t n, int64_t *ret)
{
	int64_t v = 0;
	if (s.len - *at < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.ptr[*at + i];
		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	*at += n;
	*ret = v;
	return true;
}

static bool literal(struct str s, size_t *at, const char *any_of)
{
	if (*at >= s.len || !strchr(any_of, s.ptr[*at]))
		return false;
	(*at)++;
	return true;
}

static int64_t fraction_ms(struct str s, size_t *at)
{
	int64_t ms = 0, weight = 100;
	for (; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9'; (*at)++, weight /= 10)
		ms += (s.ptr[*at] - '0') * weight;
	return ms;
}

static bool offset_minutes(struct str s, size_t *at, int64_t *ret)
{
	int64_t hours, minutes;
	*ret = 0;
	if (literal(s, at, "Zz"))
		return true;
	bool is_minus = *at < s.len && s.ptr[*at] == '-';
	if (!literal(s, at, "+-") || !digits(s, at, 2, &hours) || !literal(s, at, ":") ||
	    !digits(s, at, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret = (hours * 60 + minutes) * (is_minus ? -1 : 1);
	return true;
}

static bool is_date(int64_t year, int64_t month, int64_t day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (year < 1970 || month < 1 || month > 12 || day < 1)
		return false;
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return day <= days[month - 1] + (month == 2 && is_leap);
}

enum rc rfc3339_parse(struct str s, int64_t *ret_ms)
{
	int64_t year, month, day, hour, minute, second, ms = 0, offset;
	size_t at = 0;
	if (!digits(s, &at, 4, &year) || !literal(s, &at, "-") || !digits(s, &at, 2, &month) ||
	    !literal(s, &at, "-") || !digits(s, &at, 2, &day) || !literal(s, &at, "Tt ") ||
	    !digits(s, &at, 2, &hour) || !literal(s, &at, ":") || !digits(s, &at, 2, &minute) ||
	    !literal(s, &at, ":") || !digits(s, &at, 2, &second))
		return RC_INVALID;
	if (literal(s, &at, "."))
		ms = fraction_ms(s, &at);
	if (!offset_minutes(s, &at, &offset) || at != s.len)
		return RC_INVALID;
	if (!is_date(year, month, day) || hour > 23 || minute > 59 || second > 60)
		return RC_INVALID;
	int64_t minutes = (days_of(year, month, day) * 24 + hour) * 60 + minute - offset;
	int64_t result = (minutes * 60 + second) * 1000 + ms;
	if (result < 0 || result >= END_MS) /* an offset leads out of the years that there are */
		return RC_INVALID;
	*ret_ms = result;
	return RC_OK;
}
