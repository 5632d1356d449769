/* makers/lesson/figures/spellings.c: forms of a unit, numbers in words and as they are shown.
 *
 * The words stand with the language's other words in ../languages/; of units only English
 * forms are known, in other languages one counts as it is written.
 */
#include "makers/lesson/figures/figures_priv.h"

#include "base/arena.h"
#include "codec/json.h"
#include "makers/lesson/embedded/embedded.h"

/* --- Words --- */

#define LANGUAGES "src/makers/lesson/languages/"

static const char *const english[FIGURE_WORD_MAX + 1] = {
	"zero",     "one",     "two",     "three",     "four",     "five",     "six",
	"seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
	"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"
};

/* The text of the language's file; empty when there is none. */
static struct str language_file(struct arena *a, struct str language)
{
	struct str path = str_fmt(a, LANGUAGES STR_FMT ".json", STR_ARG(language));
	for (size_t i = 0; i < lesson_embedded_n; i++)
		if (str_eqz(path, lesson_embedded[i].name))
			return embedded_find(lesson_embedded[i].name);
	return STR("");
}

const struct str *figure_words(struct arena *a, struct str language)
{
	bool is_english = str_eqz(language, "en");
	struct str text = is_english ? STR("") : language_file(a, language);
	struct str *ret = arena_new(a, struct str, FIGURE_WORD_MAX + 1);
	const struct json *file;
	struct err err = { 0 };
	size_t n = 0;
	for (int i = 0; is_english && i <= FIGURE_WORD_MAX; i++)
		ret[n++] = str_z(english[i]);
	if (text.len > 0) {
		enum rc rc = json_read(a, text, NULL, &file, &err);
		assert(rc == RC_OK); /* a file of our own, that a test reads */
		json_each(word, json_getz(file, "numbers"))
			ret[n++] = word->text;
	}
	assert(n == 0 || n == FIGURE_WORD_MAX + 1);
	return n > 0 ? ret : NULL;
}

const char *figure_word(int n)
{
	assert(n >= 0 && n <= FIGURE_WORD_MAX);
	return english[n];
}

int figure_of_word(struct str word)
{
	for (int i = 0; i <= FIGURE_WORD_MAX; i++)
		if (str_eq_nocase(word, str_z(english[i])))
			return i;
	return -1;
}

bool figure_has_comma(struct str language)
{
	static const char *const codes[] = { "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et",
		                             "eu", "fi", "fr", "gl", "hr", "hu", "hy", "id", "is",
		                             "it", "ka", "kk", "lt", "lv", "mk", "nb", "nl", "nn",
		                             "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr",
		                             "sv", "tr", "uk", "uz", "vi" };
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (str_eqz(language, codes[i]))
			return true;
	return false;
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

static void add_words(struct arena *a, struct figure *f, struct str language)
{
	const struct str *words = figure_words(a, language);
	for (int i = 0; words && i <= FIGURE_WORD_MAX; i++) {
		struct str rest = words[i];
		while (rest.len > 0 && str_eq(f->number, str_fmt(a, "%d", i)))
			add_spelling(f->words, &f->n_words,
			             figure_plain(a, str_cut(rest, '/', &rest)));
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
	if (str_eqz(language, "en"))
		add_english(a, &f, form);
	add_words(a, &f, language);
	f.has_comma = figure_has_comma(language);
	*ret = f;
}

/* --- For people --- */

enum { GROUPED_FROM = 5 }; /* digits: a year has four */

/* Thousands apart: by commas in English, elsewhere by narrow blanks. */
static struct str grouped(struct arena *a, struct str number, bool is_english, bool has_comma)
{
	struct buf out = BUF_INIT(256);
	size_t first = str_starts(number, STR("-")), end = first;
	while (end < number.len && is_digit(number.ptr[end]))
		end++;
	for (size_t i = 0; i < number.len; i++) {
		bool is_edge = i > first && i < end && (end - i) % 3 == 0;
		if (is_edge && end - first >= GROUPED_FROM)
			buf_addz(&out, is_english ? "," : "\u202f");
		buf_addc(&out, number.ptr[i] == '.' && has_comma ? ',' : number.ptr[i]);
	}
	struct str ret = str_dup(a, buf_str(&out));
	buf_fini(&out);
	return ret;
}

struct str figure_shown(struct arena *a, struct str number, struct str unit, struct str language)
{
	bool is_english = str_eqz(language, "en");
	struct str digits = grouped(a, number, is_english, figure_has_comma(language));
	if (unit.len == 0)
		return digits;
	return str_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(digits),
	               is_english && str_eqz(unit, "%") ? "" : " ", STR_ARG(unit));
}
