/* makers/lesson/check/checks.c: the table of checks, and how findings are collected. */
#include <stdarg.h>

#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"

const struct lesson_check lesson_checks[] = {
	{ "schema", "The spec fits its JSON Schema and stands unchanged in the artifact", true,
	  check_schema },
	{ "answers", "Every answer is a literal span of its source sentence", true, check_answers },
	{ "distractors",
	  "Wrong options differ from each other and the key, and are not in the source", true,
	  check_distractors },
	{ "duplicates", "No question asks the same thing as another", true, check_duplicates },
	{ "giveaways", "No question gives away another's answer", true, check_giveaways },
	{ "structure", "Ids are unique, sections exist, false statements are false", true,
	  check_structure },
	{ "project", "Every path of the Roblox project exists, and no player can read the key",
	  true, check_project },
	{ "place", "The Roblox place is well-formed and holds the project's sources", true,
	  check_place },
	{ "gift", "The GIFT file reads back equal to the spec", true, check_gift },
	{ "csv", "The CSV file reads back equal to the spec, and no cell is a formula", true,
	  check_csv },
	{ "worksheet", "The worksheet asks every question and loads or runs nothing", true,
	  check_worksheet },
	{ "preview", "The preview asks every question and loads nothing", true, check_preview },
	{ "manifest", "Every file is listed with its size and hash", true, check_manifest },
	{ "stylua", "StyLua parses all Luau and finds nothing to format", false, check_stylua },
	{ "luau", "Every script compiles in Luau, and the game starts", false, check_luau },
	{ "roblox-api", "Every class and member that the game uses exists in Roblox", false,
	  check_api },
	{ "game",
	  "30 simulated players, failing stores, a crash and forged calls: every number exact",
	  false, check_game },
	{ "screens",
	  "Every screen of the game, with the lesson's own texts, is in sight, readable and within "
	  "reach on a phone and on a television",
	  false, check_screens },
	{ "gift-pegjs", "An independent GIFT parser reads what the spec says", false,
	  check_gift_pegjs },
};
const size_t lesson_checks_n = ARRAY_LEN(lesson_checks);

void findings_init(struct findings *f, struct arena *a)
{
	*f = (struct findings){ .arena = a };
	f->last = &f->first;
}

static void add(struct findings *f, struct str place, const char *fmt, va_list args)
{
	char text[400];
	f->n++;
	if (f->n > FINDINGS_MAX)
		return;
	int len = vsnprintf(text, sizeof text, fmt, args);
	assert(len >= 0);
	struct check_finding *finding = arena_new(f->arena, struct check_finding, 1);
	size_t n = size_min((size_t)len, sizeof text - 1);
	while (n > 0 && utf8_check((struct str){ text, n }) != n)
		n--; /* cut between characters */
	finding->place = str_dup(f->arena, place);
	finding->text = str_dup(f->arena, (struct str){ text, n });
	*f->last = finding;
	f->last = &finding->next;
}

void finding_add(struct findings *f, struct str place, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	add(f, place, fmt, args);
	va_end(args);
}

void finding_question(struct findings *f, size_t index, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	add(f, str_fmt(f->arena, "spec.json#/questions/%zu", index), fmt, args);
	va_end(args);
}

void findings_end(const struct findings *f, struct check_result *ret, const char *fmt, ...)
{
	char text[300];
	va_list args;
	*ret = (struct check_result){ CHECK_FAIL, { 0 }, f->first };
	if (f->n > 0) {
		ret->evidence = str_fmt(f->arena, "%zu finding%s", f->n, f->n == 1 ? "" : "s");
		return;
	}
	va_start(args, fmt);
	int len = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	assert(len >= 0 && (size_t)len < sizeof text);
	ret->verdict = CHECK_PASS;
	ret->evidence = str_dup(f->arena, (struct str){ text, (size_t)len });
}

struct str text_fold(struct arena *a, struct str s)
{
	char *ret = arena_bytes(a, s.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
		if (is_blank && (n == 0 || ret[n - 1] == ' '))
			continue;
		ret[n++] = is_blank ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	if (n > 0 && ret[n - 1] == ' ')
		n--;
	return (struct str){ ret, n };
}

/* Whether the character whose first byte is at `at` belongs to words: letters and digits,
 * and beyond ASCII all but Latin-1's signs and the block of general punctuation. */
static bool is_word_at(struct str text, size_t at)
{
	if (at >= text.len)
		return false;
	unsigned char c = (unsigned char)text.ptr[at];
	unsigned char next = at + 1 < text.len ? (unsigned char)text.ptr[at + 1] : 0;
	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
	bool is_sign = c == 0xc2 || (c == 0xe2 && (next == 0x80 || next == 0x81));
	return !is_sign;
}

/* The same for the character that ends before `at`. */
static bool is_word_before(struct str text, size_t at)
{
	if (at == 0)
		return false;
	do
		at--;
	while (at > 0 && ((unsigned char)text.ptr[at] & 0xc0) == 0x80);
	return is_word_at(text, at);
}

bool text_has_words(struct str text, struct str needle)
{
	if (needle.len == 0)
		return false;
	bool is_word_first = is_word_at(needle, 0);
	bool is_word_last = is_word_before(needle, needle.len);
	size_t at = 0;
	while ((at = str_find(text, needle, at)) != SIZE_MAX) {
		bool is_inside = (is_word_first && is_word_before(text, at)) ||
		                 (is_word_last && is_word_at(text, at + needle.len));
		if (!is_inside)
			return true;
		at++;
	}
	return false;
}

struct str member_text(const struct json *v, const char *name)
{
	return json_get_str(v, name, STR(""));
}

const struct json *member_list(const struct json *v, const char *name)
{
	static const struct json empty = { .type = JSON_ARRAY };
	const struct json *ret = json_get(v, str_z(name));
	return ret && ret->type == JSON_ARRAY ? ret : &empty;
}
