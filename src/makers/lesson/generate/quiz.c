/* makers/lesson/generate/quiz.c: spec → struct quiz. */
#include <sodium.h>

#include "makers/lesson/generate/quiz.h"

#include "base/arena.h"
#include "codec/json.h"

static const char *const kind_names[] = {
	[QUIZ_CHOICE] = "choice", [QUIZ_TRUE_FALSE] = "true_false", [QUIZ_CLOZE] = "cloze",
	[QUIZ_MATCH] = "match",   [QUIZ_ORDER] = "order",           [QUIZ_SHORT] = "short",
	[QUIZ_NUMBER] = "number",
};

bool quiz_is_shuffled(enum quiz_kind kind)
{
	return kind == QUIZ_CHOICE || kind == QUIZ_MATCH || kind == QUIZ_ORDER;
}

static struct str text_of(const struct json *v, const char *name)
{
	return json_get_str(v, name, STR(""));
}

/* The strings of an array, behind `extra` free places. */
static struct str *strings(struct arena *a, const struct json *array, size_t extra, size_t *n)
{
	size_t count = extra + (array ? array->count : 0);
	struct str *ret = arena_new(a, struct str, count ? count : 1);
	size_t at = extra;
	if (array) {
		json_each(item, array)
			ret[at++] = item->text;
	}
	*n = count;
	return ret;
}

/* --- The order on the screen --- */

static uint64_t draw(const unsigned char hash[32], struct str id, uint8_t round)
{
	crypto_hash_sha256_state state;
	unsigned char out[32];
	uint64_t ret = 0;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, hash, 32);
	crypto_hash_sha256_update(&state, (const unsigned char *)id.ptr, id.len);
	crypto_hash_sha256_update(&state, &round, 1);
	crypto_hash_sha256_final(&state, out);
	for (size_t i = 0; i < 8; i++)
		ret = ret << 8 | out[i];
	return ret;
}

static bool is_sorted(const size_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] != i)
			return false;
	}
	return true;
}

static void shuffle(struct arena *a, struct quiz_question *q, const unsigned char hash[32])
{
	size_t n = q->n_texts;
	q->shown = arena_new(a, size_t, n);
	q->shown_at = arena_new(a, size_t, n);
	for (size_t i = 0; i < n; i++)
		q->shown[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t other = (size_t)(draw(hash, q->id, (uint8_t)i) % i);
		size_t held = q->shown[i - 1];
		q->shown[i - 1] = q->shown[other];
		q->shown[other] = held;
	}
	/* Items to order or match must not stand in their solved order from the start. */
	bool must_move = q->kind != QUIZ_CHOICE && n > 1 && is_sorted(q->shown, n);
	for (size_t i = 0; must_move && i < n; i++)
		q->shown[i] = (i + 1) % n;
	for (size_t i = 0; i < n; i++)
		q->shown_at[q->shown[i]] = i;
}

/* --- Solutions in words --- */

/* Whether the explanation says already what was replaced by what. */
static bool tells_both(const struct quiz_question *q)
{
	return str_find(q->explanation, q->replacement, 0) != SIZE_MAX &&
	       str_find(q->explanation, q->answer, 0) != SIZE_MAX;
}

static struct str solution_of(struct arena *a, const struct quiz_question *q)
{
	struct str ret = STR("");
	switch (q->kind) {
	case QUIZ_TRUE_FALSE:
		if (q->is_true)
			return STR("True");
		if (tells_both(q))
			return STR("False");
		return str_fmt(a, "False. Not \u201c" STR_FMT "\u201d but \u201c" STR_FMT "\u201d.",
		               STR_ARG(q->replacement), STR_ARG(q->answer));
	case QUIZ_CHOICE:
	case QUIZ_CLOZE:
	case QUIZ_SHORT:
		return q->answer;
	case QUIZ_NUMBER:
		return figure_shown(a, q->answer, q->unit, q->language);
	case QUIZ_MATCH:
		for (size_t i = 0; i < q->n_texts; i++)
			ret = str_fmt(a, STR_FMT "%s" STR_FMT " \u2192 " STR_FMT, STR_ARG(ret),
			              i ? "\n" : "", STR_ARG(q->lefts[i]), STR_ARG(q->texts[i]));
		return ret;
	case QUIZ_ORDER:
		for (size_t i = 0; i < q->n_texts; i++)
			ret = str_fmt(a, STR_FMT "%s%zu. " STR_FMT, STR_ARG(ret), i ? "\n" : "",
			              i + 1, STR_ARG(q->texts[i]));
		return ret;
	}
	return ret;
}

/* --- Reading --- */

static bool read_kind(struct quiz_question *q)
{
	for (size_t i = 0; i < ARRAY_LEN(kind_names); i++) {
		if (str_eqz(q->kind_name, kind_names[i])) {
			q->kind = (enum quiz_kind)i;
			return true;
		}
	}
	return false;
}

static void read_pairs(struct arena *a, const struct json *pairs, struct quiz_question *q)
{
	size_t n = pairs ? pairs->count : 0, i = 0;
	q->lefts = arena_new(a, struct str, n ? n : 1);
	q->texts = arena_new(a, struct str, n ? n : 1);
	q->n_texts = n;
	if (!pairs)
		return;
	json_each(pair, pairs) {
		q->lefts[i] = text_of(pair, "left");
		q->texts[i++] = text_of(pair, "right");
	}
}

static void read_texts(struct arena *a, const struct json *v, struct quiz_question *q)
{
	switch (q->kind) {
	case QUIZ_CHOICE:
		q->texts = strings(a, json_getz(v, "distractors"), 1, &q->n_texts);
		q->texts[0] = q->answer;
		break;
	case QUIZ_CLOZE:
	case QUIZ_SHORT:
		q->texts = strings(a, json_getz(v, "accepted"), 1, &q->n_texts);
		q->texts[0] = q->answer;
		break;
	case QUIZ_MATCH:
		read_pairs(a, json_getz(v, "pairs"), q);
		break;
	case QUIZ_ORDER:
		q->texts = strings(a, json_getz(v, "items"), 0, &q->n_texts);
		break;
	case QUIZ_TRUE_FALSE:
	case QUIZ_NUMBER:
		break;
	}
}

static struct str section_title(const struct json *spec, struct str id)
{
	const struct json *sections = json_getz(spec, "sections");
	if (sections) {
		json_each(section, sections) {
			if (str_eq(text_of(section, "id"), id))
				return text_of(section, "title");
		}
	}
	return STR("");
}

static enum rc read_number(struct arena *a, const struct json *spec, const struct json *v,
                           struct quiz_question *q, struct err *err)
{
	if (!figure_is_canonical(q->answer))
		return err_set(err, CODE_SCHEMA,
		               "the answer \"" STR_FMT "\" is no decimal number in its shortest "
		               "form, such as 0, -3.5 or 1024",
		               STR_ARG(q->answer));
	q->unit = text_of(v, "unit");
	q->language = text_of(spec, "language");
	figure_init(a, q->answer, q->unit, q->language, &q->figure);
	return RC_OK;
}

static enum rc read_question(struct arena *a, const struct json *spec, const struct json *v,
                             const unsigned char hash[32], struct quiz_question *q, struct err *err)
{
	q->kind_name = text_of(v, "type");
	if (!read_kind(q))
		return err_set(err, CODE_SCHEMA, "the question's type is unknown");
	q->id = text_of(v, "id");
	q->section = section_title(spec, text_of(v, "section"));
	q->prompt = text_of(v, "prompt");
	q->explanation = text_of(v, "explanation");
	q->source = text_of(v, "source");
	q->difficulty = json_get_int(v, "difficulty", 1);
	q->answer = text_of(v, "answer");
	q->replacement = text_of(v, "replacement");
	q->is_true = json_get_bool(v, "is_true", true);
	read_texts(a, v, q);
	if (quiz_is_shuffled(q->kind)) {
		if (q->n_texts < 2)
			return err_set(err, CODE_SCHEMA, "the question has too few options");
		shuffle(a, q, hash);
	}
	enum rc rc = q->kind == QUIZ_NUMBER ? read_number(a, spec, v, q, err) : RC_OK;
	q->solution = solution_of(a, q);
	return rc;
}

enum rc quiz_read(struct arena *a, const struct json *spec, struct quiz *ret, struct err *err)
{
	struct quiz z = { 0 };
	const struct json *questions = json_getz(spec, "questions");
	if (!questions || questions->type != JSON_ARRAY || questions->count == 0)
		return err_set(err, CODE_SCHEMA, "a lesson needs questions");
	z.title = text_of(spec, "title");
	z.language = text_of(spec, "language");
	z.summary = text_of(spec, "summary");
	z.source_name = json_get_str(json_getz(spec, "source"), "name", STR(""));
	z.objectives = strings(a, json_getz(spec, "objectives"), 0, &z.n_objectives);
	z.spec_bytes = str_fmt(a, STR_FMT "\n", STR_ARG(str_trim(spec->raw)));
	crypto_hash_sha256(z.spec_hash, (const unsigned char *)z.spec_bytes.ptr, z.spec_bytes.len);
	z.questions = arena_new(a, struct quiz_question, questions->count);
	json_each(v, questions) {
		enum rc rc =
		        read_question(a, spec, v, z.spec_hash, &z.questions[z.n_questions], err);
		if (rc != RC_OK) {
			err_at(err, "/questions/%zu", z.n_questions);
			return rc;
		}
		z.n_questions++;
	}
	quiz_rules(a, spec, &z);
	*ret = z;
	return RC_OK;
}
