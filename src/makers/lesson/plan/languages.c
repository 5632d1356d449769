/* The files of languages, and which of them a text is in: by its most frequent words, else by
 * its script. */
#include "makers/lesson/plan/languages.h"

#include <utf8proc.h>

#include "codec/json.h"
#include "makers/lesson/embedded/embedded.h"
#include "makers/lesson/plan/plan.h"

enum {
	SHARE_MIN = 15 /* per cent of words; running text has 25 to 50 */,
	LANGUAGES_MAX = 28,
	KNOWN_SLOTS = 8192
};
#define FOLDER "src/makers/lesson/languages/"

/* Told by name only: English has a planner of its own, for the others there are no rules. */
static const struct {
	const char *name, *words;
} others[] = {
	{ "English", "the of and to in is that it was for on are as with they at be this have from "
	             "or had by but "
	             "not what all were we when your can there use an each which do how their if "
	             "will up other "
	             "about out many then them these so some would into has more its who no you "
	             "his her she he" },
	{ "Polish",
	  "i w nie na jest do to z si\u0119 za od po dla jak ale o tym przez s\u0105 by\u0142 "
	  "by\u0142a by\u0142o oraz kt\u00f3re kt\u00f3ry kt\u00f3ra by\u0107" },
	{ "Czech",
	  "a v se na je \u017ee s z do o to jako za k po pro si jsou byl byla bylo nebo od "
	  "ale kter\u00e9 kter\u00fd b\u00fdt" },
};

static const struct {
	const char *name;
	utf8proc_int32_t from, to;
} scripts[] = {
	{ "Greek", 0x370, 0x3ff },      { "Cyrillic", 0x400, 0x52f },
	{ "Hebrew", 0x590, 0x5ff },     { "Arabic", 0x600, 0x6ff },
	{ "Devanagari", 0x900, 0x97f }, { "Japanese", 0x3040, 0x30ff },
	{ "Chinese", 0x4e00, 0x9fff },  { "Korean", 0xac00, 0xd7a3 },
};

enum { N_OTHERS = ARRAY_LEN(others), N_SCRIPTS = ARRAY_LEN(scripts) };
static_assert(LANGUAGES_MAX + N_OTHERS <= 32, "a bit for each in struct known_word");

/* --- The files --- */

/* A list is a string, or several, so that a line of the file has an end. */
static const char *read_list(struct arena *a, const struct json *file, const char *key)
{
	const struct json *v = json_get(file, str_z(key));
	if (v->type == JSON_STRING)
		return str_dupz(a, v->text);
	struct buf b = BUF_INIT(1 << 16);
	json_each(part, v)
		buf_addf(&b, "%s" STR_FMT, b.len > 0 ? " " : "", STR_ARG(part->text));
	const char *ret = str_dupz(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

static struct language read_language(struct arena *a, struct str text)
{
	const struct json *file;
	struct err err = { 0 };
	enum rc rc = json_read(a, text, NULL, &file, &err);
	assert(rc == RC_OK); /* a file of our own */
	return (struct language){
		.code = json_get_str(file, "code", STR("")),
		.name = json_get_str(file, "name", STR("")),
		.stemmer = read_list(a, file, "stemmer"),
		.words = read_list(a, file, "words"),
		.weak = read_list(a, file, "weak"),
		.loose = read_list(a, file, "loose"),
		.articles = read_list(a, file, "articles"),
		.copulas = read_list(a, file, "copulas"),
		.indefinite = read_list(a, file, "indefinite"),
		.steps = read_list(a, file, "steps"),
		.abbreviations = read_list(a, file, "abbreviations"),
		.has_ordinal_point = json_get_bool(file, "has_ordinal_point", false),
		.has_elision = json_get_bool(file, "has_elision", false),
		.has_noun_capitals = json_get_bool(file, "has_noun_capitals", false),
		.wording = json_getz(file, "say"),
	};
}

static size_t read_languages(struct arena *a, struct language *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < lesson_embedded_n; i++) {
		struct str name = str_z(lesson_embedded[i].name);
		if (!str_starts(name, STR(FOLDER)))
			continue;
		assert(n < LANGUAGES_MAX);
		ret[n++] = read_language(a, embedded_find(lesson_embedded[i].name));
	}
	return n;
}

struct str languages_known(struct arena *a)
{
	struct buf b = BUF_INIT(1000);
	struct language all[LANGUAGES_MAX];
	size_t n = read_languages(a, all);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s" STR_FMT,
		         i == 0      ? ""
		         : i + 1 < n ? ", "
		                     : " or ",
		         STR_ARG(all[i].name));
	struct str ret = str_dup(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

struct str language_say(struct arena *a, const struct language *l, const char *key,
                        const struct str *parts, size_t n)
{
	struct buf b = BUF_INIT(1 << 16);
	struct str rest = json_get_str(l->wording, key, STR(""));
	for (size_t i = 0; i < n; i++) {
		size_t at = str_find(rest, STR("{}"), 0);
		assert(at != SIZE_MAX);
		buf_add(&b, str_sub(rest, 0, at));
		buf_add(&b, parts[i]);
		rest = str_sub(rest, at + 2, rest.len);
	}
	buf_add(&b, rest);
	struct str ret = str_dup(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

/* --- Which it is --- */

/* Each function word once, with the languages that have it as bits: of the files, then of
 * `others`. */
struct known_word {
	struct str text; /* empty: a free slot */
	uint32_t languages;
};

struct tally {
	struct known_word *known; /* KNOWN_SLOTS */
	size_t n_languages;
	uint32_t words, of_language[LANGUAGES_MAX], of_other[N_OTHERS], of_script[N_SCRIPTS];
};

static struct known_word *find_known(const struct tally *t, struct str word)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < word.len; i++)
		h = (h ^ (unsigned char)word.ptr[i]) * 16777619u;
	struct known_word *k = &t->known[h % KNOWN_SLOTS];
	while (k->text.len > 0 && !str_eq(k->text, word))
		k = k + 1 < t->known + KNOWN_SLOTS ? k + 1 : t->known;
	return k;
}

static void know(struct tally *t, const char *words, size_t language)
{
	struct str rest = str_z(words);
	while (rest.len > 0) {
		struct str word = str_cut(rest, ' ', &rest);
		struct known_word *k = find_known(t, word);
		k->text = word;
		k->languages |= UINT32_C(1) << language;
	}
}

static size_t script_at(struct str s)
{
	utf8proc_int32_t c = 0;
	size_t i = 0;
	(void)utf8proc_iterate((const utf8proc_uint8_t *)s.ptr, (utf8proc_ssize_t)s.len, &c);
	while (i < N_SCRIPTS && (c < scripts[i].from || c > scripts[i].to))
		i++;
	return i;
}

static void count_word(struct tally *t, struct str word)
{
	size_t script = script_at(word);
	uint32_t languages = find_known(t, word)->languages;
	t->words++;
	if (script < N_SCRIPTS)
		t->of_script[script]++;
	for (size_t i = 0; languages != 0 && i < t->n_languages; i++)
		t->of_language[i] += languages >> i & 1;
	for (size_t i = 0; languages != 0 && i < N_OTHERS; i++)
		t->of_other[i] += languages >> (t->n_languages + i) & 1;
}

static bool is_inside_word(struct str s, size_t at)
{
	unsigned char c = (unsigned char)s.ptr[at];
	unsigned char next = at + 1 < s.len ? (unsigned char)s.ptr[at + 1] : 0;
	bool is_mark = c == 0xc2 || (c == 0xe2 && next == 0x80); /* signs; dashes and quotes */
	return (c >= 0x80 && !is_mark) || (c >= 'a' && c <= 'z');
}

/* Words as they stand between blanks and marks; "l'" counts with its apostrophe. */
static void count_block(struct tally *t, struct arena *a, struct str text)
{
	struct arena_mark mark = arena_mark(a);
	struct str s = lower_case(a, text);
	for (size_t i = 0; i < s.len; i++) {
		size_t from = i;
		while (i < s.len && is_inside_word(s, i))
			i++;
		if (i > from)
			count_word(t, str_sub(s, from, i - from + (i < s.len && s.ptr[i] == '\'')));
	}
	arena_rewind(a, mark);
}

static size_t most(const uint32_t *counts, size_t n)
{
	size_t best = 0;
	for (size_t i = 1; i < n; i++)
		best = counts[i] > counts[best] ? i : best;
	return best;
}

const struct language *language_of(struct arena *a, const struct doc *d, const char **name)
{
	struct language *all = arena_new(a, struct language, LANGUAGES_MAX);
	struct tally t = { .known = arena_new(a, struct known_word, KNOWN_SLOTS),
		           .n_languages = read_languages(a, all) };
	for (size_t i = 0; i < t.n_languages; i++)
		know(&t, all[i].words, i);
	for (size_t i = 0; i < N_OTHERS; i++)
		know(&t, others[i].words, t.n_languages + i);
	for (const struct block *b = d->blocks; b; b = b->next)
		count_block(&t, a, b->text);
	size_t own = most(t.of_language, t.n_languages), other = most(t.of_other, N_OTHERS);
	size_t script = most(t.of_script, N_SCRIPTS);
	bool is_own = t.of_language[own] > t.of_other[other];
	uint32_t best = is_own ? t.of_language[own] : t.of_other[other];
	bool is_known = t.words > 0 && best * 100 >= t.words * SHARE_MIN;
	*name = is_known && !is_own                 ? others[other].name
	        : t.of_script[script] * 2 > t.words ? scripts[script].name
	                                            : NULL;
	return is_known && is_own ? &all[own] : NULL;
}
