/* makers/lesson/figures/typed.c: whether what somebody typed is the number.
 *
 * The plain text loses sign and unit; what is left is a number word, or digits in groups with
 * decimals.  Numbers are compared as texts, so no digit is lost, however long they are.
 */
#include "makers/lesson/figures/figures_priv.h"

#include "base/arena.h"

/* --- Digits --- */

static size_t count(struct str s, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == c;
	return n;
}

/* "1,024", "1 024", "1'024": groups of three behind one to three digits, no zero in front. */
static bool are_groups(struct str s)
{
	size_t first = 0;
	while (first < s.len && is_digit(s.ptr[first]))
		first++;
	if (first < 1 || first > 3 || first == s.len || s.ptr[0] == '0' ||
	    !is_one_of(s.ptr[first], ",' "))
		return false;
	for (size_t at = first; at < s.len; at += 4)
		if (s.ptr[at] != s.ptr[first] || s.len - at < 4 ||
		    !are_digits(str_sub(s, at + 1, 3)))
			return false;
	return true;
}

/* Digits without separators and without zeros in front; false when it is no whole number. */
static bool read_whole(struct arena *a, struct str s, struct str *ret)
{
	char *out = arena_new(a, char, s.len + 1);
	size_t n = 0;
	if (!are_digits(s) && !are_groups(s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (is_digit(s.ptr[i]) && (n > 0 || s.ptr[i] != '0'))
			out[n++] = s.ptr[i];
	if (n == 0)
		out[n++] = '0';
	*ret = (struct str){ out, n };
	return true;
}

/* Where the decimal sign is a comma, commas and points change places first. */
static struct str exchanged(struct arena *a, struct str s)
{
	char *out = arena_new(a, char, s.len + 1);
	for (size_t i = 0; i < s.len; i++)
		out[i] = (char)(s.ptr[i] == ',' ? '.' : s.ptr[i] == '.' ? ',' : s.ptr[i]);
	return (struct str){ out, s.len };
}

/* A comma separates thousands where it can, and is a decimal comma elsewhere. */
bool figure_digits(struct arena *a, struct str s, bool has_comma, struct str *ret)
{
	s = has_comma ? exchanged(a, s) : s;
	struct str whole = s, part = STR("");
	size_t at = str_find(s, STR("."), 0);
	if (at == SIZE_MAX && count(s, ',') == 1 && !are_groups(s))
		at = str_find(s, STR(","), 0);
	if (at != SIZE_MAX) {
		whole = str_sub(s, 0, at);
		part = str_sub(s, at + 1, s.len);
		if (!are_digits(part))
			return false;
	}
	if (!read_whole(a, whole.len == 0 && at != SIZE_MAX ? STR("0") : whole, &whole))
		return false;
	while (part.len > 0 && part.ptr[part.len - 1] == '0')
		part.len--;
	*ret = part.len == 0 ? whole
	                     : str_fmt(a, STR_FMT "." STR_FMT, STR_ARG(whole), STR_ARG(part));
	return true;
}

struct str figure_signed(struct arena *a, char sign, struct str number)
{
	bool is_negative = sign == '-' && !str_eqz(number, "0");
	return is_negative ? str_fmt(a, "-" STR_FMT, STR_ARG(number)) : number;
}

/* --- Sign and unit --- */

static bool take_sign(struct str *s, char *sign)
{
	if (s->len == 0 || *sign || (s->ptr[0] != '-' && s->ptr[0] != '+'))
		return false;
	*sign = s->ptr[0];
	*s = str_trim(str_sub(*s, 1, s->len));
	return true;
}

/* "s" is no unit in "seven", nor "days" in "workdays": letters must not touch it. */
static bool take_unit(struct str *s, struct str unit, bool is_behind)
{
	size_t left = s->len - (unit.len < s->len ? unit.len : s->len);
	if (unit.len == 0 || left == 0 || !(is_behind ? str_ends : str_starts)(*s, unit))
		return false;
	bool is_touched =
	        is_behind ? is_letter(s->ptr[left - 1]) && is_letter(unit.ptr[0])
	                  : is_letter(s->ptr[unit.len]) && is_letter(unit.ptr[unit.len - 1]);
	if (is_touched)
		return false;
	*s = str_trim(is_behind ? str_sub(*s, 0, left) : str_sub(*s, unit.len, left));
	return true;
}

static bool take_units(struct str *s, const struct figure *f, bool is_behind)
{
	for (size_t i = 0; i < f->n_units; i++)
		if (take_unit(s, f->units[i], is_behind))
			return true;
	return false;
}

/* --- The rule --- */

static bool is_word_of(const struct figure *f, struct str s)
{
	for (size_t i = 0; i < f->n_words; i++)
		if (str_eq(f->words[i], s))
			return true;
	return false;
}

bool figure_is(struct arena *a, const struct figure *f, struct str typed)
{
	struct str s = figure_plain(a, typed), number;
	char sign = 0;
	if (str_ends(s, STR(".")))
		s = str_trim(str_sub(s, 0, s.len - 1));
	take_sign(&s, &sign);
	if (take_units(&s, f, false))
		take_sign(&s, &sign);
	else
		take_units(&s, f, true);
	if (!sign && is_word_of(f, s))
		return true;
	if (!figure_digits(a, s, f->has_comma, &number))
		return false;
	return str_eq(figure_signed(a, sign, number), f->number);
}
