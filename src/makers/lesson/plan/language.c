/* Which language a text is in that is not English: by its most frequent words, else by its
 * script.  Only to be said: questions are made by rules of English grammar. */
#include <utf8proc.h>

#include "makers/lesson/plan/plan.h"

enum { SHARE_MIN = 15 /* per cent of words; running text has 25 to 40 */ };

static const struct {
	const char *name, *words;
} languages[] = {
	{ "German", "der die das und ist nicht ein eine mit den von zu auf sich des im dem auch" },
	{ "French", "le la les et est une un des que dans pour pas du qui au sur ne ce il" },
	{ "Spanish", "el la los las y es una un que en por con para se del no al su lo" },
	{ "Italian", "il la gli le e un una che di per non con del della sono nel si da" },
	{ "Portuguese", "o a os as e um uma que de para com do da em por se ao dos das" },
	{ "Dutch", "de het een en van is niet dat op te met voor zijn die er aan ook als" },
	{ "Swedish", "och att det som en den av inte med till har de ett om var jag han" },
	{ "Polish", "i w nie na jest do to z si\xc4\x99 za od po dla jak ale o tym przez" },
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

static const char *script_of(struct str s)
{
	utf8proc_int32_t c = 0;
	if (utf8proc_iterate((const utf8proc_uint8_t *)s.ptr, (utf8proc_ssize_t)s.len, &c) <= 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (c >= scripts[i].from && c <= scripts[i].to)
			return scripts[i].name;
	return NULL;
}

const char *doc_language(const struct doc *d)
{
	uint32_t count[ARRAY_LEN(languages)] = { 0 }, foreign[ARRAY_LEN(scripts)] = { 0 };
	uint32_t all = 0;
	for (const struct sentence *s = d->sentences; s; s = s->next)
		for (uint32_t i = 0; i < s->n; i++) {
			if (s->tokens[i].tag == TAG_PUNCT || s->tokens[i].tag == TAG_NUMBER)
				continue;
			all++;
			const char *script = script_of(low(s, i));
			for (size_t k = 0; k < ARRAY_LEN(languages); k++)
				count[k] += one_of(low(s, i), languages[k].words);
			for (size_t k = 0; k < ARRAY_LEN(scripts); k++)
				foreign[k] += script == scripts[k].name;
		}
	size_t best = 0;
	for (size_t k = 1; k < ARRAY_LEN(languages); k++)
		best = count[k] > count[best] ? k : best;
	if (count[best] * 100 >= all * SHARE_MIN && all > 0)
		return languages[best].name;
	for (size_t k = 0; k < ARRAY_LEN(scripts); k++)
		if (foreign[k] * 2 > all)
			return scripts[k].name;
	return NULL;
}
