/* makers/lesson/check/keys.c: the game's key leads to the answers of the spec.
 *
 * Its numbers are followed through LessonData's shuffle; what it has for a typed number must
 * take that number, bare and with its unit, and not another one.
 */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"
#include "makers/lesson/figures/figures.h"

#define ANSWER_KEY "game/src/server/AnswerKey.luau"

/* The texts that a question may show, in the order of the spec. */
const struct json **question_options(struct arena *a, const struct json *question, size_t *n)
{
	const struct json *pairs = member_list(question, "pairs");
	const struct json *items = member_list(question, "items");
	const struct json *distractors = member_list(question, "distractors");
	size_t count = (size_t)pairs->count + items->count + distractors->count + 1;
	const struct json **ret = arena_new(a, const struct json *, count);
	*n = 0;
	if (str_eqz(member_text(question, "type"), "choice"))
		ret[(*n)++] = json_getz(question, "answer");
	json_each(distractor, distractors)
		ret[(*n)++] = distractor;
	json_each(pair, pairs)
		ret[(*n)++] = json_getz(pair, "right");
	json_each(item, items)
		ret[(*n)++] = item;
	return ret;
}

bool json_holds_text(const struct json *list, struct str text)
{
	json_each(item, list) {
		if (str_eq(item->text, text))
			return true;
	}
	return false;
}

/* The text of option `number` (from 1) as a player sees it. */
static struct str option_text(const struct json *shown, int64_t number)
{
	const struct json *options = member_list(shown, "options");
	const struct json *option = number >= 1 ? json_at(options, (size_t)number - 1) : NULL;
	return option ? option->text : STR("");
}

static bool are_places_right(struct arena *a, const struct json *question, const struct json *shown,
                             const struct json *key)
{
	size_t n;
	const struct json **right = question_options(a, question, &n);
	const struct json *places = member_list(key, "places");
	bool ret = places->count == n;
	for (size_t i = 0; ret && i < n; i++)
		ret = right[i] &&
		      str_eq(option_text(shown, json_at(places, i)->integer), right[i]->text);
	return ret;
}

static bool are_texts_right(const struct json *question, const struct json *key)
{
	const struct json *texts = member_list(key, "texts");
	const struct json *accepted = member_list(question, "accepted");
	bool ret = texts->count == accepted->count + 1 &&
	           json_holds_text(texts, member_text(question, "answer"));
	json_each(text, accepted)
		ret &= json_holds_text(texts, text->text);
	return ret;
}

/* The key's figure takes the number bare and with its unit, and not the number beside it. */
static bool is_figure_right(struct arena *a, struct str language, const struct json *question,
                            const struct json *key)
{
	const struct json *figure = json_getz(key, "figure");
	struct str number = member_text(question, "answer"), unit = member_text(question, "unit");
	struct figure f = { .number = figure ? member_text(figure, "number") : STR("") };
	struct figure right;
	if (!figure || !str_eq(f.number, number))
		return false;
	figure_init(a, number, unit, language, &right);
	json_each(form, member_list(figure, "units")) {
		if (f.n_units < FIGURE_SPELLINGS_MAX)
			f.units[f.n_units++] = form->text;
	}
	f.has_comma = json_get_bool(figure, "hasComma", false);
	json_each(word, member_list(figure, "words")) {
		struct str said;
		if (!figure_read(a, word->text, language, &said) || !str_eq(said, number))
			return false;
	}
	return f.has_comma == right.has_comma && figure_is(a, &f, number) &&
	       figure_is(a, &f, str_fmt(a, STR_FMT " " STR_FMT, STR_ARG(number), STR_ARG(unit))) &&
	       !figure_is(a, &f, str_fmt(a, STR_FMT "1", STR_ARG(number)));
}

static bool is_key_right(struct arena *a, struct str language, const struct json *question,
                         const struct json *shown, const struct json *key)
{
	struct str type = member_text(question, "type");
	if (str_eqz(type, "choice"))
		return str_eq(option_text(shown, json_get_int(key, "option", 0)),
		              member_text(question, "answer"));
	if (str_eqz(type, "true_false"))
		return json_getz(key, "truth") && json_get_bool(key, "truth", false) ==
		                                          json_get_bool(question, "is_true", true);
	if (str_eqz(type, "cloze") || str_eqz(type, "short"))
		return are_texts_right(question, key);
	if (str_eqz(type, "number"))
		return is_figure_right(a, language, question, key);
	return are_places_right(a, question, shown, key);
}

void keys_compare(struct findings *f, const struct json *spec, const struct json *data,
                  const struct json *keys)
{
	const struct json *questions = member_list(spec, "questions");
	size_t index = 0;
	if (keys->count != questions->count)
		finding_add(f, STR(ANSWER_KEY), "it has %u keys for %u questions",
		            (unsigned)keys->count, (unsigned)questions->count);
	json_each(question, questions) {
		struct str id = member_text(question, "id");
		const struct json *key = json_get(keys, id);
		const struct json *shown = json_at(member_list(data, "questions"), index++);
		if (!key || !shown ||
		    !is_key_right(f->arena, member_text(spec, "language"), question, shown, key))
			finding_add(f, str_fmt(f->arena, ANSWER_KEY "#/" STR_FMT, STR_ARG(id)),
			            "the key does not lead to the spec's answer");
	}
}
