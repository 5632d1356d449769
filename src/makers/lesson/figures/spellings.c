/* makers/lesson/figures/spellings.c: forms of a unit, and numbers in words.
 *
 * Only English is known; in other languages a unit counts as it is written.
 */
#include "makers/lesson/figures/figures_priv.h"

#include "base/arena.h"

/* --- Words --- */

static const char *const number_words[FIGURE_WORD_MAX + 1] = {
	"zero",     "one",     "two",     "three",     "four",     "five",     "six",
	"seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
	"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"
};

const char *figure_word(int n)
{
	assert(n >= 0 && n <= FIGURE_WORD_MAX);
	return number_words[n];
}

int figure_of_word(struct str word)
{
	for (int i = 0; i <= FIGURE_WORD_MAX; i++)
		if (str_eq_nocase(word, str_z(number_words[i])))
			return i;
	return -1;
}

/* --- Units --- */

static void add_spelling(struct str *list, size_t *n, struct str s)
{
	size_t at = *n;
	for (size_t i = 0; i < *n; i++)
		if (str_eq(list[i], s))
			return;
	if (s.len == 0 || *n == FIGURE_SPELLINGS_MAX)
		return;
	for (; at > 0 && list[at - 1].len < s.len; at--)
		list[at] = list[at - 1];
	list[at] = s;
	(*n)++;
}

static const char *const synonyms[][4] = {
	{ "%", "percent", "per cent" },
	{ "$", "dollars", "dollar" },
	{ "\u20ac", "euros", "euro" },
	{ "\u00a3", "pounds", "pound" },
	{ "seconds", "second", "sec", "s" },
	{ "minutes", "minute", "min" },
	{ "hours", "hour", "h" },
};

/* One of many, many of one, and signs that stand for words. */
static void add_english(struct arena *a, struct figure *f, struct str unit)
{
	if (str_ends(unit, STR("ies")))
		add_spelling(f->units, &f->n_units,
		             str_fmt(a, STR_FMT "y", STR_ARG(str_sub(unit, 0, unit.len - 3))));
	else if (str_ends(unit, STR("s")) && !str_ends(unit, STR("ss")))
		add_spelling(f->units, &f->n_units, str_sub(unit, 0, unit.len - 1));
	else if (unit.len > 2 && is_letter(unit.ptr[unit.len - 1]))
		add_spelling(f->units, &f->n_units, str_fmt(a, STR_FMT "s", STR_ARG(unit)));
	for (size_t i = 0; i < ARRAY_LEN(synonyms); i++) {
		bool is_one = false;
		for (size_t k = 0; k < 4 && synonyms[i][k]; k++)
			is_one |= str_eqz(unit, synonyms[i][k]);
		for (size_t k = 0; k < 4 && is_one && synonyms[i][k]; k++)
			add_spelling(f->units, &f->n_units, str_z(synonyms[i][k]));
	}
}

void figure_init(struct arena *a, struct str number, struct str unit, struct str language,
                 struct figure *ret)
{
	struct figure f = { .number = number };
	struct str form = figure_plain(a, unit);
	add_spelling(f.units, &f.n_units, form);
	if (str_ends(form, STR("."))) /* a full stop at the end is dropped before */
		add_spelling(f.units, &f.n_units, str_sub(form, 0, form.len - 1));
	if (str_eqz(language, "en")) {
		add_english(a, &f, form);
		for (int i = 0; i <= FIGURE_WORD_MAX; i++)
			if (str_eq(number, str_fmt(a, "%d", i)))
				add_spelling(f.words, &f.n_words, str_z(number_words[i]));
	}
	*ret = f;
}
