/* What the files of figures/ share. */
#ifndef TAKT_MAKERS_LESSON_FIGURES_PRIV_H
#define TAKT_MAKERS_LESSON_FIGURES_PRIV_H

#include "makers/lesson/figures/figures.h"

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Of a plain text: anything that is not ASCII counts as a letter. */
static inline bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static inline bool is_one_of(char c, const char *set)
{
	return c != 0 && strchr(set, c) != NULL;
}

static inline bool are_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_digit(s.ptr[i]))
			return false;
	return s.len > 0;
}

/* Without marks that nobody sees; digits, signs and blanks of other scripts and capitals as
 * plain ASCII; one blank where there are several, none at the ends. */
struct str figure_plain(struct arena *a, struct str text);
/* Canonical digits of a plain text without sign and unit; false when it has none. */
bool figure_digits(struct arena *a, struct str s, bool has_comma, struct str *ret) MUST_USE;
/* Whether the language writes 3,5 and not 3.5. */
bool figure_has_comma(struct str language);
/* The spellings of 0 … FIGURE_WORD_MAX, several ones parted by "/"; NULL when not known. */
const struct str *figure_words(struct arena *a, struct str language);
/* The same with a sign in front of the number; "-0" is "0". */
struct str figure_signed(struct arena *a, char sign, struct str number);

#endif
