/* makers/lesson/generate/luau.c: data modules of the game.
 *
 * (1) A text becomes exactly one string literal, whatever it contains.
 * (2) LessonData has prompts and shuffled options and no field that could hold a key;
 *     check/project.c reads it back with a lexer of its own and holds it to that.
 * (3) The layout is StyLua's: one field a line, tabs, trailing commas.
 */
#include "makers/lesson/generate/parts.h"

#include "codec/hex.h"
#include "makers/lesson/generate/quiz.h"

static size_t count_byte(struct str s, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == c;
	return n;
}

/* The code point at s[at] and its length; the text is valid UTF-8. */
static uint32_t code_point(struct str s, size_t at, size_t *len)
{
	unsigned char c = (unsigned char)s.ptr[at];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t ret = n == 1 ? c : c & (0xffu >> (n + 1));
	if (at + n > s.len)
		n = s.len - at;
	for (size_t i = 1; i < n; i++)
		ret = ret << 6 | ((unsigned char)s.ptr[at + i] & 0x3f);
	*len = n;
	return ret;
}

static bool is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c & 0xfffe) == 0xfffe ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

void luau_string(struct buf *out, struct str text)
{
	char quote = count_byte(text, '"') > count_byte(text, '\'') ? '\'' : '"';
	buf_addc(out, quote);
	for (size_t at = 0, len; at < text.len; at += len) {
		uint32_t c = code_point(text, at, &len);
		if (c == '\n')
			buf_addz(out, "\\n");
		else if (c == '\\' || c == (unsigned char)quote)
			buf_addf(out, "\\%c", (char)c);
		else if (is_hidden(c))
			buf_addf(out, "\\u{%X}", (unsigned)c);
		else
			buf_add(out, str_sub(text, at, len));
	}
	buf_addc(out, quote);
}

static void indent(struct buf *out, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_addc(out, '\t');
}

static void field_text(struct buf *out, int depth, const char *name, struct str text)
{
	indent(out, depth);
	buf_addf(out, "%s = ", name);
	luau_string(out, text);
	buf_addz(out, ",\n");
}

static void field_int(struct buf *out, int depth, const char *name, int64_t v)
{
	indent(out, depth);
	buf_addf(out, "%s = %lld,\n", name, (long long)v);
}

/* texts[order[i]], or texts[i] when there is no order. */
static void field_texts(struct buf *out, int depth, const char *name, const struct str *texts,
                        const size_t *order, size_t n)
{
	indent(out, depth);
	if (n == 0) {
		buf_addf(out, "%s = {},\n", name);
		return;
	}
	buf_addf(out, "%s = {\n", name);
	for (size_t i = 0; i < n; i++) {
		indent(out, depth + 1);
		luau_string(out, texts[order ? order[i] : i]);
		buf_addz(out, ",\n");
	}
	indent(out, depth);
	buf_addz(out, "},\n");
}

static void question_data(struct buf *out, const struct quiz_question *q)
{
	size_t n_options = quiz_is_shuffled(q->kind) ? q->n_texts : 0;
	size_t n_lefts = q->kind == QUIZ_MATCH ? q->n_texts : 0;
	buf_addz(out, "\t\t{\n");
	field_text(out, 3, "id", q->id);
	field_text(out, 3, "kind", q->kind_name);
	field_text(out, 3, "section", q->section);
	field_int(out, 3, "stage", (int64_t)q->stage + 1);
	field_int(out, 3, "difficulty", q->difficulty);
	field_text(out, 3, "prompt", q->prompt);
	field_text(out, 3, "unit", q->unit);
	field_texts(out, 3, "options", q->texts, q->shown, n_options);
	field_texts(out, 3, "lefts", q->lefts, NULL, n_lefts);
	buf_addz(out, "\t\t},\n");
}

static void stage_data(struct buf *out, const struct quiz *q, size_t index)
{
	buf_addz(out, "\t\t{\n");
	field_text(out, 3, "title", q->stages[index].title);
	field_int(out, 3, "need", (int64_t)q->stages[index].need);
	buf_addz(out, "\t\t\tquestions = {\n");
	for (size_t i = 0; i < q->n_questions; i++) {
		if (q->questions[i].stage == index)
			buf_addf(out, "\t\t\t\t\"" STR_FMT "\",\n", STR_ARG(q->questions[i].id));
	}
	buf_addz(out, "\t\t\t},\n\t\t},\n");
}

static void achievement_data(struct buf *out, const struct quiz_achievement *one)
{
	buf_addz(out, "\t\t{\n");
	field_text(out, 3, "id", one->id);
	field_text(out, 3, "kind", one->kind);
	field_int(out, 3, "count", (int64_t)one->count);
	field_int(out, 3, "stage", (int64_t)one->stage);
	field_text(out, 3, "title", one->title);
	field_text(out, 3, "text", one->text);
	buf_addz(out, "\t\t},\n");
}

static void rules_data(struct buf *out, const struct quiz *q)
{
	buf_addz(out, "\tstages = {\n");
	for (size_t i = 0; i < q->n_stages; i++)
		stage_data(out, q, i);
	buf_addz(out, "\t},\n\tlevels = {\n");
	for (size_t i = 0; i < q->n_levels; i++) {
		buf_addz(out, "\t\t{\n");
		field_text(out, 3, "title", q->levels[i].title);
		buf_addf(out, "\t\t\txp = %lld,\n\t\t},\n", (long long)q->levels[i].xp);
	}
	buf_addz(out, "\t},\n\tachievements = {\n");
	for (size_t i = 0; i < q->n_achievements; i++)
		achievement_data(out, &q->achievements[i]);
	buf_addz(out, "\t},\n");
}

/* Names the stores of the game: another spec begins with empty ones, since a question's
 * id may stand for something else there. */
static struct str lesson_id(const struct quiz *q, char id[16])
{
	hex_encode(q->spec_hash, 8, id);
	return (struct str){ id, 16 };
}

void luau_lesson_data(struct buf *out, const struct quiz *q)
{
	char id[16];
	buf_addz(out, "--!strict\n"
	              "-- What a player's device may know: prompts and shuffled options.\n"
	              "-- Generated from spec.json; change that and make the lesson again.\n\n"
	              "local Types = require(script.Parent.Types)\n\n"
	              "local lesson: Types.Lesson = {\n");
	field_text(out, 1, "id", lesson_id(q, id));
	field_text(out, 1, "title", q->title);
	field_texts(out, 1, "objectives", q->objectives, NULL, q->n_objectives);
	rules_data(out, q);
	buf_addz(out, "\tquestions = {\n");
	for (size_t i = 0; i < q->n_questions; i++)
		question_data(out, &q->questions[i]);
	buf_addz(out, "\t},\n}\n\nreturn lesson\n");
}

static void field_places(struct buf *out, const struct quiz_question *q)
{
	buf_addz(out, "\t\tplaces = { ");
	for (size_t i = 0; i < q->n_texts; i++)
		buf_addf(out, "%s%zu", i ? ", " : "", q->shown_at[i] + 1);
	buf_addz(out, " },\n");
}

static void field_figure(struct buf *out, const struct figure *f)
{
	buf_addz(out, "\t\tfigure = {\n");
	field_text(out, 3, "number", f->number);
	field_texts(out, 3, "units", f->units, NULL, f->n_units);
	field_texts(out, 3, "words", f->words, NULL, f->n_words);
	buf_addf(out, "\t\t\thasComma = %s,\n", f->has_comma ? "true" : "false");
	buf_addz(out, "\t\t},\n");
}

static void question_key(struct buf *out, const struct quiz_question *q)
{
	buf_addf(out, "\t" STR_FMT " = {\n", STR_ARG(q->id));
	switch (q->kind) {
	case QUIZ_CHOICE:
		field_int(out, 2, "option", (int64_t)q->shown_at[0] + 1);
		break;
	case QUIZ_TRUE_FALSE:
		buf_addf(out, "\t\ttruth = %s,\n", q->is_true ? "true" : "false");
		break;
	case QUIZ_CLOZE:
	case QUIZ_SHORT:
		field_texts(out, 2, "texts", q->texts, NULL, q->n_texts);
		break;
	case QUIZ_NUMBER:
		field_figure(out, &q->figure);
		break;
	case QUIZ_MATCH:
	case QUIZ_ORDER:
		field_places(out, q);
		break;
	}
	field_text(out, 2, "solution", q->solution);
	field_text(out, 2, "explanation", q->explanation);
	buf_addz(out, "\t},\n");
}

void luau_answer_key(struct buf *out, const struct quiz *q)
{
	buf_addz(out, "--!strict\n"
	              "-- The key. It stands under ServerScriptService and is never replicated.\n"
	              "-- Generated from spec.json; change that and make the lesson again.\n\n"
	              "local Grading = require(script.Parent.Grading)\n\n"
	              "local keys: { [string]: Grading.Key } = {\n");
	for (size_t i = 0; i < q->n_questions; i++)
		question_key(out, &q->questions[i]);
	buf_addz(out, "}\n\nreturn keys\n");
}

void luau_settings(struct buf *out, const struct quiz *q)
{
	buf_addz(out, "--!strict\n"
	              "-- Yours to fill in: the badge of each achievement. Create a badge in the\n"
	              "-- Creator Dashboard and write its id here; 0 means that there is none.\n\n"
	              "local badges: { [string]: number } = {\n");
	for (size_t i = 0; i < q->n_achievements; i++)
		buf_addf(out, "\t" STR_FMT " = 0,\n", STR_ARG(q->achievements[i].id));
	buf_addz(out, "}\n\nreturn { badges = badges }\n");
}
