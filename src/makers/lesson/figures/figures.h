/* Figures as people type them, and as texts have them.
 *
 * A question of type `number` has a canonical answer: "0", "-3.5", "1024": no sign but "-",
 * no separators, no zero that says nothing.  One rule decides whether a typed text is that
 * number; docs/makers/lesson.md ("Typed numbers") has it in words, and it is kept here (typed.c),
 * in roblox/lesson/src/server/Figures.luau and in templates/figures.js.  All three are held to
 * tests/makers/lesson/figures.json.
 *
 * What depends on a language (number words, forms of a unit) is decided here only: the
 * spellings go into the game's key and into the preview.
 */
#ifndef TAKT_MAKERS_LESSON_FIGURES_FIGURES_H
#define TAKT_MAKERS_LESSON_FIGURES_FIGURES_H

#include "base/base.h"
#include "base/str.h"

struct arena;

enum { FIGURE_SPELLINGS_MAX = 8, FIGURE_DIGITS_MAX = 15, FIGURE_WORD_MAX = 20 };

/* What counts as right. */
struct figure {
	struct str number; /* canonical */
	struct str units[FIGURE_SPELLINGS_MAX];
	size_t n_units; /* forms of the unit, the longest first; 0 without unit */
	struct str words[FIGURE_SPELLINGS_MAX];
	size_t n_words; /* the number in words, where the language's are known */
	bool has_comma; /* the language's decimal sign; its points separate thousands */
};

/* `number` is canonical; `unit` may be empty.  The spellings live in `a`. */
void figure_init(struct arena *a, struct str number, struct str unit, struct str language,
                 struct figure *ret);
/* Whether what somebody typed, well-formed UTF-8, is that number. */
bool figure_is(struct arena *a, const struct figure *f, struct str typed);

bool figure_is_canonical(struct str s);
/* "1,024" → "1024", "nine" → "9".  False when the text is no single figure without unit. */
bool figure_read(struct arena *a, struct str text, struct str language, struct str *ret);
/* Whether a running text has the number, in digits or in words. */
bool figure_stands_in(struct arena *a, const struct figure *f, struct str text);
/* The prompt for those who see no unit beside a field: "… (in days)" unless it has it. */
struct str figure_prompt(struct arena *a, struct str prompt, struct str unit);
/* For people: "300,000 people", "18%". */
struct str figure_shown(struct arena *a, struct str number, struct str unit, struct str language);
/* English, for 0 … FIGURE_WORD_MAX. */
const char *figure_word(int n);
/* -1 when the word is none of those. */
int figure_of_word(struct str word);

#endif
