/* makers/lesson/figures/texts.c: figures in running text, and the canonical form. */
#include "makers/lesson/figures/figures_priv.h"

#include "base/arena.h"

bool figure_is_canonical(struct str s)
{
	struct str digits = str_sub(s, str_starts(s, STR("-")) ? 1 : 0, s.len), whole, part;
	size_t point = str_find(digits, STR("."), 0);
	whole = str_sub(digits, 0, point == SIZE_MAX ? digits.len : point);
	part = point == SIZE_MAX ? STR("") : str_sub(digits, point + 1, digits.len);
	if (!are_digits(whole) || (whole.len > 1 && whole.ptr[0] == '0') ||
	    whole.len + part.len > FIGURE_DIGITS_MAX)
		return false;
	if (point != SIZE_MAX && (!are_digits(part) || part.ptr[part.len - 1] == '0'))
		return false;
	return digits.len == s.len || !str_eqz(digits, "0");
}

static bool read_word(struct arena *a, struct str s, struct str language, struct str *ret)
{
	const struct str *words = figure_words(a, language);
	for (int i = 0; words && i <= FIGURE_WORD_MAX; i++)
		for (struct str rest = words[i]; rest.len > 0;)
			if (str_eq(figure_plain(a, str_cut(rest, '/', &rest)), s)) {
				*ret = str_fmt(a, "%d", i);
				return true;
			}
	return false;
}

bool figure_read(struct arena *a, struct str text, struct str language, struct str *ret)
{
	struct str s = figure_plain(a, text), number;
	char sign = 0;
	if (read_word(a, s, language, ret))
		return true;
	if (s.len > 0 && is_one_of(s.ptr[0], "+-")) {
		sign = s.ptr[0];
		s = str_trim(str_sub(s, 1, s.len));
	}
	if (!figure_digits(a, s, figure_has_comma(language), &number))
		return false;
	number = figure_signed(a, sign, number);
	if (!figure_is_canonical(number))
		return false;
	*ret = number;
	return true;
}

/* The end of the digits that begin at s[at], with what may stand between them.  A blank belongs
 * to them only before a group of three. */
static size_t run_end(struct str s, size_t at, bool with_blanks)
{
	size_t end = at;
	for (; end < s.len; end++) {
		bool is_inner = is_one_of(s.ptr[end], with_blanks ? ".,' " : ".,'") &&
		                end + 1 < s.len && is_digit(s.ptr[end + 1]);
		if (!is_digit(s.ptr[end]) && !is_inner)
			break;
	}
	return end;
}

/* "2nd" is no 2, "12:30" no 12. */
static bool is_cut(struct str s, size_t from, size_t end)
{
	struct str rest = str_sub(s, end, s.len);
	if (from > 0 && (is_digit(s.ptr[from - 1]) || is_letter(s.ptr[from - 1]) ||
	                 is_one_of(s.ptr[from - 1], "_.:")))
		return true;
	return (rest.len > 1 && is_one_of(rest.ptr[0], ":/") && is_digit(rest.ptr[1])) ||
	       str_starts(rest, STR("st")) || str_starts(rest, STR("nd")) ||
	       str_starts(rest, STR("rd")) || str_starts(rest, STR("th"));
}

static bool is_negative_at(struct str s, size_t at)
{
	return at > 0 && s.ptr[at - 1] == '-' && (at == 1 || is_one_of(s.ptr[at - 2], " ("));
}

static bool are_digits_at(struct arena *a, const struct figure *f, struct str s, size_t from,
                          size_t end)
{
	struct str found;
	if (is_cut(s, from, end) ||
	    !figure_digits(a, str_sub(s, from, end - from), f->has_comma, &found))
		return false;
	return str_eq(figure_signed(a, is_negative_at(s, from) ? '-' : 0, found), f->number);
}

static bool has_digits(struct arena *a, const struct figure *f, struct str s)
{
	for (size_t at = 0; at < s.len; at++) {
		if (!is_digit(s.ptr[at]))
			continue;
		size_t end = run_end(s, at, false), wide = run_end(s, at, true);
		if (are_digits_at(a, f, s, at, end) || are_digits_at(a, f, s, at, wide))
			return true;
		at = end;
	}
	return false;
}

/* Whether it stands there with no letter before or behind it; "twenty-one" has no "twenty". */
static bool stands_apart(struct str text, struct str form)
{
	for (size_t at = 0; (at = str_find(text, form, at)) != SIZE_MAX; at++) {
		size_t end = at + form.len;
		bool is_tail = at > 0 && is_letter(text.ptr[at - 1]) && is_letter(form.ptr[0]);
		bool is_head = end < text.len && is_letter(text.ptr[end]) &&
		               is_letter(form.ptr[form.len - 1]);
		bool is_tens = str_eqz(form, "twenty") && end < text.len && text.ptr[end] == '-';
		if (!is_tail && !is_head && !is_tens)
			return true;
	}
	return false;
}

bool figure_stands_in(struct arena *a, const struct figure *f, struct str text)
{
	struct str s = figure_plain(a, text);
	bool ret = has_digits(a, f, s);
	for (size_t i = 0; i < f->n_words && !ret; i++)
		ret = stands_apart(s, f->words[i]);
	return ret;
}

struct str figure_prompt(struct arena *a, struct str prompt, struct str unit)
{
	struct figure f;
	struct str said = figure_plain(a, prompt);
	figure_init(a, STR("0"), unit, STR("en"), &f);
	bool has_unit = unit.len == 0;
	for (size_t i = 0; i < f.n_units; i++)
		has_unit |= stands_apart(said, f.units[i]);
	return has_unit ? prompt
	                : str_fmt(a, STR_FMT " (in " STR_FMT ")", STR_ARG(prompt), STR_ARG(unit));
}
