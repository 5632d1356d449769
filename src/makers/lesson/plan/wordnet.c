/* WordNet's plain data files: index.* and cntlist.rev are sorted by bytes and searched in
 * memory (7 MB, read in 2 ms), data.noun is addressed by offset and read a line at a time
 * where it lies.  A file that is missing or cut short only makes answers "unknown"; every
 * read stays inside what was loaded. */
#include <stdio.h>

#include "makers/lesson/plan/plan.h"

enum { SENSES_MAX = 24, SIBLINGS_SCAN_MAX = 400, FILE_MAX = 16 << 20, LINE_MAX_BYTES = 16384 };

struct wordnet {
	struct arena *arena;
	struct str index[WORDNET_POS];
	struct str counts;
	FILE *nouns; /* data.noun; NULL when missing */
};

static FILE *open_file(struct arena *a, const char *folder, const char *name)
{
	struct str path = str_fmt(a, "%s/%s", folder, name);
	return fopen(str_dupz(a, path), "rb");
}

static struct str load_file(struct arena *a, const char *folder, const char *name)
{
	struct str ret = { "", 0 };
	FILE *f = open_file(a, folder, name);
	if (!f)
		return ret;
	long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
	if (size > 0 && size <= FILE_MAX && fseek(f, 0, SEEK_SET) == 0) {
		char *bytes = arena_bytes(a, (size_t)size);
		ret = (struct str){ bytes, fread(bytes, 1, (size_t)size, f) };
	}
	(void)fclose(f);
	return ret;
}

struct wordnet *wordnet_open(struct arena *a, const char *folder)
{
	static const char *const names[WORDNET_POS] = { "index.noun", "index.verb", "index.adj",
		                                        "index.adv" };
	struct wordnet *wn = arena_new(a, struct wordnet, 1);
	wn->arena = a;
	for (int i = 0; i < WORDNET_POS; i++)
		wn->index[i] = load_file(a, folder, names[i]);
	wn->counts = load_file(a, folder, "cntlist.rev");
	wn->nouns = open_file(a, folder, "data.noun");
	return wn;
}

void wordnet_close(struct wordnet *wn)
{
	if (wn->nouns)
		(void)fclose(wn->nouns);
	wn->nouns = NULL;
}

bool wordnet_is_there(const struct wordnet *wn)
{
	return wn->index[WORDNET_NOUN].len > 0;
}

static size_t line_start(struct str f, size_t at)
{
	while (at > 0 && f.ptr[at - 1] != '\n')
		at--;
	return at;
}

static struct str line_at(struct str f, size_t at)
{
	const char *end = memchr(f.ptr + at, '\n', f.len - at);
	return (struct str){ f.ptr + at, end ? (size_t)(end - (f.ptr + at)) : f.len - at };
}

static int compare_key(struct str line, struct str key, char mark)
{
	int c = memcmp(line.ptr, key.ptr, size_min(line.len, key.len));
	if (c != 0)
		return c;
	if (line.len <= key.len)
		return -1;
	return (unsigned char)line.ptr[key.len] - (unsigned char)mark;
}

/* Offset of the first line that begins with key and mark; SIZE_MAX when none does. */
static size_t find_line(struct str f, struct str key, char mark)
{
	size_t low = 0, high = f.len;
	while (low < high) {
		size_t at = line_start(f, low + (high - low) / 2);
		struct str line = line_at(f, at);
		if (compare_key(line, key, mark) < 0)
			low = at + line.len + 1;
		else
			high = at;
	}
	if (low >= f.len || compare_key(line_at(f, low), key, mark) != 0)
		return SIZE_MAX;
	return low;
}

static struct str field(struct str *rest)
{
	return str_cut(str_trim(*rest), ' ', rest);
}

static uint32_t number_of(struct str s)
{
	uint64_t v;
	return str_to_u64(s, &v) == RC_OK && v < UINT32_MAX ? (uint32_t)v : 0;
}

static struct str spelled(struct str lemma, char *room, size_t max)
{
	size_t n = size_min(lemma.len, max);
	for (size_t i = 0; i < n; i++)
		room[i] = lemma.ptr[i] == ' ' ? '_' : lemma.ptr[i];
	return (struct str){ room, n };
}

void wordnet_weights(const struct wordnet *wn, struct str lemma, uint32_t ret[WORDNET_POS])
{
	char room[64];
	struct str key = spelled(lemma, room, sizeof(room));
	for (int i = 0; i < WORDNET_POS; i++)
		ret[i] = key.len > 0 && find_line(wn->index[i], key, ' ') != SIZE_MAX;
	size_t at = key.len > 0 ? find_line(wn->counts, key, '%') : SIZE_MAX;
	while (at < wn->counts.len) {
		struct str line = line_at(wn->counts, at);
		if (compare_key(line, key, '%') != 0 || line.len < key.len + 2)
			break;
		static const int pos_of[] = { -1, 0, 1, 2, 3, 2 };
		int digit = line.ptr[key.len + 1] - '0';
		struct str rest = line;
		(void)field(&rest);
		(void)field(&rest);
		if (digit >= 1 && digit <= 5)
			ret[pos_of[digit]] += number_of(field(&rest));
		at += line.len + 1;
	}
}

/* Offsets of the lemma's noun synsets, most frequent sense first. */
static size_t senses(const struct wordnet *wn, struct str noun, struct str ret[SENSES_MAX])
{
	char room[64];
	struct str key = spelled(noun, room, sizeof(room));
	size_t at = key.len > 0 ? find_line(wn->index[WORDNET_NOUN], key, ' ') : SIZE_MAX;
	if (at == SIZE_MAX)
		return 0;
	struct str rest = line_at(wn->index[WORDNET_NOUN], at);
	size_t n = 0;
	while (rest.len > 0) {
		struct str f = field(&rest);
		if (f.len == 8 && n < SENSES_MAX)
			ret[n++] = f;
	}
	return n;
}

static struct str synset(const struct wordnet *wn, struct str offset)
{
	char line[LINE_MAX_BYTES];
	struct str none = { "", 0 };
	uint32_t at = number_of(offset);
	if (at == 0 || !wn->nouns || fseek(wn->nouns, (long)at, SEEK_SET) != 0)
		return none;
	if (!fgets(line, sizeof(line), wn->nouns))
		return none;
	return str_dup(wn->arena, str_trim(str_z(line)));
}

uint8_t wordnet_lexname(const struct wordnet *wn, struct str noun)
{
	struct str s[SENSES_MAX];
	if (senses(wn, noun, s) == 0)
		return 0;
	struct str rest = synset(wn, s[0]);
	(void)field(&rest);
	return (uint8_t)number_of(field(&rest));
}

bool wordnet_are_synonyms(const struct wordnet *wn, struct str a, struct str b)
{
	struct str x[SENSES_MAX], y[SENSES_MAX];
	size_t nx = senses(wn, a, x), ny = senses(wn, b, y);
	for (size_t i = 0; i < nx; i++)
		for (size_t j = 0; j < ny; j++)
			if (str_eq(x[i], y[j]))
				return true;
	return false;
}

/* First word of a synset line: "offset file n count word …". */
static struct str first_word(struct str line)
{
	struct str word = { "", 0 };
	for (int i = 0; i < 5; i++)
		word = field(&line);
	return word;
}

static bool is_plain_word(struct str w)
{
	for (size_t i = 0; i < w.len; i++)
		if (w.ptr[i] < 'a' || w.ptr[i] > 'z')
			return false;
	return w.len > 2;
}

/* Offset behind the first pointer of that kind in a synset line. */
static struct str pointer(struct str *rest, char kind)
{
	while (rest->len > 0) {
		struct str f = field(rest);
		if (f.len == 1 && f.ptr[0] == '|')
			break;
		if (f.len == 1 && f.ptr[0] == kind)
			return field(rest);
	}
	return (struct str){ "", 0 };
}

size_t wordnet_siblings(const struct wordnet *wn, struct arena *a, struct str noun, struct str *ret,
                        size_t max)
{
	struct str s[SENSES_MAX];
	if (senses(wn, noun, s) == 0)
		return 0;
	struct str own = synset(wn, s[0]);
	struct str parent = synset(wn, pointer(&own, '@'));
	size_t n = 0;
	for (int i = 0; i < SIBLINGS_SCAN_MAX && n < max; i++) {
		struct str child = pointer(&parent, '~');
		if (child.len == 0)
			break;
		if (str_eq(child, s[0]))
			continue;
		struct str word = first_word(synset(wn, child));
		if (is_plain_word(word) && !wordnet_are_synonyms(wn, word, noun))
			ret[n++] = str_dup(a, word);
	}
	return n;
}
