/* The languages that lessons are made in besides English: which words hold a sentence
 * together, which introduce a definition, and how a question is put.  They are data,
 * ../languages/CODE.json, inside the program.  Without a grammar of the language only such
 * questions are asked as need none: see shallow.h. */
#ifndef TAKT_MAKERS_LESSON_PLAN_LANGUAGES_H
#define TAKT_MAKERS_LESSON_PLAN_LANGUAGES_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct doc;
struct json;

/* Views into static bytes.  Lists are separated by blanks, in lower case. */
struct language {
	struct str code;           /* ISO 639-1 */
	struct str name;           /* in English, for messages */
	const char *stemmer;       /* Snowball's name */
	const char *words;         /* function words: they tell the language and are no terms */
	const char *weak;          /* words that say little: no terms either */
	const char *loose;         /* a sentence that begins with one points at another */
	const char *articles;      /* what stands before a noun; empty: the language has none */
	const char *copulas;       /* "X is a …": is */
	const char *indefinite;    /* … a; empty: no definition is told by its words */
	const char *steps;         /* beginnings of words that announce a sequence */
	const char *abbreviations; /* whose point ends no sentence */
	bool has_ordinal_point;    /* "3. Mai": no end of a sentence */
	bool has_elision;          /* "l'eau": two words */
	bool has_noun_capitals;    /* nouns are written with a capital */
	const struct json *wording;
};

/* The language of most of the text's function words.  English and what no lesson is made in:
 * NULL, with its name (or its script's) in *name, which is NULL when that is not known. */
const struct language *language_of(struct arena *a, const struct doc *d, const char **name);

/* Their names: "Catalan, Danish, … or Turkish". */
struct str languages_known(struct arena *a);

/* The wording of that key with its {} filled in, in their order; the file has it, with as many
 * (a test holds all files to that). */
struct str language_say(struct arena *a, const struct language *l, const char *key,
                        const struct str *parts, size_t n);

#endif
