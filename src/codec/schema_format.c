/* What `format` means where it is asserted: the formats of draft 2020-12 that can be
 * decided by their grammar.  The international ones (idn-…, iri-…) and `regex` stay
 * annotations. */
#include "codec/schema_priv.h"

struct scan {
	const char *p, *end;
};

static struct scan scan_of(struct str s)
{
	return (struct scan){ s.ptr, s.ptr + s.len };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool take(struct scan *s, char c)
{
	if (s->p == s->end || (*s->p | (is_alpha(c) ? 0x20 : 0)) != c)
		return false;
	s->p++;
	return true;
}

/* Exactly n digits with a value in the range. */
static bool take_number(struct scan *s, int n, int min, int max, int *ret)
{
	int v = 0;
	if (s->end - s->p < n)
		return false;
	for (int i = 0; i < n; i++, s->p++) {
		if (!is_digit(*s->p))
			return false;
		v = v * 10 + (*s->p - '0');
	}
	*ret = v;
	return v >= min && v <= max;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && is_leap);
}

static bool take_date(struct scan *s)
{
	int year, month, day;
	return take_number(s, 4, 0, 9999, &year) && take(s, '-') &&
	       take_number(s, 2, 1, 12, &month) && take(s, '-') &&
	       take_number(s, 2, 1, days_of(year, month), &day);
}

/* hh:mm:ss[.f] and Z or an offset; a leap second only where it is 23:59:60 in UTC. */
static bool take_time(struct scan *s)
{
	int hour, minute, second, off_hour = 0, off_minute = 0, sign = 0;
	if (!take_number(s, 2, 0, 23, &hour) || !take(s, ':') ||
	    !take_number(s, 2, 0, 59, &minute) || !take(s, ':') ||
	    !take_number(s, 2, 0, 60, &second))
		return false;
	if (take(s, '.')) {
		const char *begin = s->p;
		while (s->p < s->end && is_digit(*s->p))
			s->p++;
		if (s->p == begin)
			return false;
	}
	if (!take(s, 'z')) {
		sign = take(s, '-') ? 1 : take(s, '+') ? -1 : 0;
		if (!sign || !take_number(s, 2, 0, 23, &off_hour) || !take(s, ':') ||
		    !take_number(s, 2, 0, 59, &off_minute))
			return false;
	}
	int utc = (hour * 60 + minute + sign * (off_hour * 60 + off_minute) + 2880) % 1440;
	return second < 60 || utc == 1439;
}

static bool is_date(struct str s)
{
	struct scan scan = scan_of(s);
	return take_date(&scan) && scan.p == scan.end;
}

static bool is_time(struct str s)
{
	struct scan scan = scan_of(s);
	return take_time(&scan) && scan.p == scan.end;
}

static bool is_date_time(struct str s)
{
	struct scan scan = scan_of(s);
	return take_date(&scan) && take(&scan, 't') && take_time(&scan) && scan.p == scan.end;
}

/* Numbers with units in the order given; each at most once, none left out between
 * (RFC 3339, appendix A).  Returns how many there were, -1 when it is malformed. */
static int take_units(struct scan *s, const char *units)
{
	int taken = 0;
	const char *unit = units;
	while (s->p < s->end && is_digit(*s->p)) {
		while (s->p < s->end && is_digit(*s->p))
			s->p++;
		const char *at = s->p < s->end ? strchr(unit, *s->p) : NULL;
		if (!at || (taken && at != unit))
			return -1;
		s->p++;
		unit = at + 1;
		taken++;
	}
	return taken;
}

static bool is_duration(struct str s)
{
	struct scan scan = scan_of(s);
	if (scan.p == scan.end || *scan.p++ != 'P')
		return false;
	struct scan weeks = scan;
	if (take_units(&weeks, "W") == 1 && weeks.p == weeks.end)
		return true;
	int days = take_units(&scan, "YMD"), times = 0;
	if (days < 0)
		return false;
	if (scan.p < scan.end && *scan.p == 'T') {
		scan.p++;
		times = take_units(&scan, "HMS");
		if (times < 1)
			return false;
	}
	return days + times > 0 && scan.p == scan.end;
}

static bool is_label(struct str s)
{
	if (s.len == 0 || s.len > 63 || s.ptr[0] == '-' || s.ptr[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_alpha(s.ptr[i]) && !is_digit(s.ptr[i]) && s.ptr[i] != '-')
			return false;
	return true;
}

static bool is_hostname(struct str s)
{
	if (s.len == 0 || s.len > 253)
		return false;
	while (s.ptr) {
		struct str label = str_cut(s, '.', &s);
		if (!is_label(label))
			return false;
	}
	return true;
}

static bool is_ipv4(struct str s)
{
	int parts = 0;
	while (s.ptr) {
		struct str part = str_cut(s, '.', &s);
		uint64_t v;
		if (part.len > 3 || str_to_u64(part, &v) != RC_OK || v > 255 ||
		    (part.len > 1 && part.ptr[0] == '0'))
			return false;
		parts++;
	}
	return parts == 4;
}

/* Groups of up to four hex digits, an IPv4 address last; how many 16-bit groups that
 * makes, or -1. */
static int count_groups(struct str s, bool may_end_in_ipv4)
{
	int groups = 0;
	if (s.len == 0)
		return 0;
	while (s.ptr) {
		struct str part = str_cut(s, ':', &s);
		if (!s.ptr && may_end_in_ipv4 && is_ipv4(part))
			return groups + 2;
		if (part.len == 0 || part.len > 4)
			return -1;
		for (size_t i = 0; i < part.len; i++)
			if (!is_hex(part.ptr[i]))
				return -1;
		groups++;
	}
	return groups;
}

static bool is_ipv6(struct str s)
{
	size_t gap = str_find(s, STR("::"), 0);
	if (gap == SIZE_MAX)
		return count_groups(s, true) == 8;
	int before = count_groups(str_sub(s, 0, gap), false);
	int after = count_groups(str_sub(s, gap + 2, SIZE_MAX), true);
	return before >= 0 && after >= 0 && before + after < 8;
}

static bool is_atom(struct str s)
{
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_alpha(s.ptr[i]) && !is_digit(s.ptr[i]) &&
		    (s.ptr[i] == '\0' || !strchr("!#$%&'*+-/=?^_`{|}~", s.ptr[i])))
			return false;
	return true;
}

static bool is_quoted_local(struct str s)
{
	if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < s.len; i++) {
		bool is_escape = s.ptr[i] == '\\';
		i += is_escape;
		if (i + 1 >= s.len || s.ptr[i] < ' ' || s.ptr[i] > '~' ||
		    (!is_escape && s.ptr[i] == '"'))
			return false;
	}
	return true;
}

static bool is_email_domain(struct str s)
{
	if (s.len < 3 || s.ptr[0] != '[' || s.ptr[s.len - 1] != ']')
		return is_hostname(s);
	s = str_sub(s, 1, s.len - 2);
	return str_starts(s, STR("IPv6:")) ? is_ipv6(str_sub(s, 5, SIZE_MAX)) : is_ipv4(s);
}

static bool is_email(struct str s)
{
	size_t at = s.len;
	while (at > 0 && s.ptr[at - 1] != '@')
		at--;
	if (at < 2 || !is_email_domain(str_sub(s, at, SIZE_MAX)))
		return false;
	struct str local = str_sub(s, 0, at - 1);
	if (is_quoted_local(local))
		return true;
	while (local.ptr)
		if (!is_atom(str_cut(local, '.', &local)))
			return false;
	return true;
}

static bool is_uuid(struct str s)
{
	if (s.len != 36)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (is_dash ? s.ptr[i] != '-' : !is_hex(s.ptr[i]))
			return false;
	}
	return true;
}

/* The characters of RFC 3986, percent-escapes whole, brackets only round a host. */
static bool has_uri_bytes(struct str s)
{
	bool is_fragment = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '%') {
			if (i + 2 >= s.len || !is_hex(s.ptr[i + 1]) || !is_hex(s.ptr[i + 2]))
				return false;
			i += 2;
		} else if (c == '\0' ||
		           (!is_alpha(c) && !is_digit(c) && !strchr("-._~:/?#[]@!$&'()*+,;=", c))) {
			return false;
		}
		if (c == '#' && is_fragment)
			return false;
		is_fragment = is_fragment || c == '#';
	}
	return true;
}

static bool is_port(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_digit(s.ptr[i]))
			return false;
	return true;
}

static bool is_authority(struct str s)
{
	struct str rest, host = str_cut(s, '@', &rest);
	if (rest.ptr)
		host = rest;
	if (host.len && host.ptr[0] == '[') {
		size_t close = str_find(host, STR("]"), 0);
		if (close == SIZE_MAX || !is_ipv6(str_sub(host, 1, close - 1)))
			return false;
		rest = str_sub(host, close + 1, SIZE_MAX);
		return rest.len == 0 || (rest.ptr[0] == ':' && is_port(str_sub(rest, 1, SIZE_MAX)));
	}
	host = str_cut(host, ':', &rest);
	return is_port(rest) && str_find(host, STR("["), 0) == SIZE_MAX;
}

static bool has_good_authority(struct str s)
{
	size_t begin = str_find(s, STR("//"), 0);
	if (begin != 0 && (begin == SIZE_MAX || s.ptr[begin - 1] != ':'))
		return str_find(s, STR("["), 0) == SIZE_MAX;
	s = str_sub(s, begin + 2, SIZE_MAX);
	size_t n = 0;
	while (n < s.len && s.ptr[n] != '/' && s.ptr[n] != '?' && s.ptr[n] != '#')
		n++;
	return is_authority(str_sub(s, 0, n));
}

static bool has_scheme(struct str s)
{
	struct str rest, scheme = str_cut(s, ':', &rest);
	if (!rest.ptr || scheme.len == 0 || !is_alpha(scheme.ptr[0]))
		return false;
	for (size_t i = 0; i < scheme.len; i++)
		if (!is_alpha(scheme.ptr[i]) && !is_digit(scheme.ptr[i]) &&
		    (scheme.ptr[i] == '\0' || !strchr("+-.", scheme.ptr[i])))
			return false;
	return true;
}

static bool is_uri_reference(struct str s)
{
	return has_uri_bytes(s) && has_good_authority(s);
}

static bool is_uri(struct str s)
{
	return has_scheme(s) && is_uri_reference(s);
}

static bool is_json_pointer(struct str s)
{
	if (s.len && s.ptr[0] != '/')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '~' &&
		    (i + 1 == s.len || (s.ptr[i + 1] != '0' && s.ptr[i + 1] != '1')))
			return false;
	return true;
}

static bool is_relative_json_pointer(struct str s)
{
	size_t n = 0;
	while (n < s.len && is_digit(s.ptr[n]))
		n++;
	if (n == 0 || (n > 1 && s.ptr[0] == '0'))
		return false;
	s = str_sub(s, n, SIZE_MAX);
	return str_eqz(s, "#") || is_json_pointer(s);
}

schema_format *schema_format_find(struct str name)
{
	static const struct {
		const char *name;
		schema_format *is_valid;
	} formats[] = {
		{ "date-time", is_date_time },
		{ "date", is_date },
		{ "time", is_time },
		{ "duration", is_duration },
		{ "email", is_email },
		{ "hostname", is_hostname },
		{ "ipv4", is_ipv4 },
		{ "ipv6", is_ipv6 },
		{ "uri", is_uri },
		{ "uri-reference", is_uri_reference },
		{ "uuid", is_uuid },
		{ "json-pointer", is_json_pointer },
		{ "relative-json-pointer", is_relative_json_pointer },
	};
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (str_eqz(name, formats[i].name))
			return formats[i].is_valid;
	return NULL;
}
