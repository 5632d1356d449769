/* makers/lesson/generate/rules.c: the rules of the game, as the spec has them.
 *
 * (1) A stage is a section that has questions, in the order of the spec; questions of no
 *     known section make a last stage of their own.  `pass_percent` of a stage open the next.
 * (2) Points are 10 for each step of difficulty; levels lie at shares of all points.
 * (3) Achievements are those of the spec that can be reached: no run longer than the lesson,
 *     nothing about stages where there is one.
 *
 * roblox/lesson/src/server/GamificationHub.luau awards; it decides nothing of this.
 */
#include "makers/lesson/generate/quiz.h"

#include "base/arena.h"
#include "codec/json.h"

/* --- Stages --- */

static size_t need_of(const struct json *game, size_t n_questions)
{
	return (n_questions * (size_t)json_get_int(game, "pass_percent", 100) + 99) / 100;
}

static void add_stage(struct quiz *q, struct str title, size_t n_questions)
{
	if (n_questions == 0)
		return;
	struct quiz_stage *stage = &q->stages[q->n_stages++];
	stage->title = title;
	stage->n_questions = n_questions;
}

static void read_stages(struct arena *a, const struct json *spec, struct quiz *q)
{
	const struct json *questions = json_getz(spec, "questions");
	const struct json *sections = json_getz(spec, "sections");
	bool *is_taken = arena_new(a, bool, q->n_questions);
	size_t n_sections = sections ? sections->count : 0, n_left = 0;
	q->stages = arena_new(a, struct quiz_stage, n_sections + 1);
	for (const struct json *s = sections ? sections->first : NULL; s; s = s->next) {
		struct str id = json_get_str(s, "id", STR(""));
		size_t n = 0, at = 0;
		json_each(v, questions) {
			struct str wanted = json_get_str(v, "section", STR(""));
			if (!is_taken[at] && str_eq(wanted, id)) {
				is_taken[at] = true;
				q->questions[at].stage = q->n_stages;
				n++;
			}
			at++;
		}
		add_stage(q, json_get_str(s, "title", STR("")), n);
	}
	for (size_t i = 0; i < q->n_questions; i++) {
		if (is_taken[i])
			continue;
		q->questions[i].stage = q->n_stages;
		n_left++;
	}
	add_stage(q, q->title, n_left);
}

/* --- Levels --- */

/* Tests read pieces of specs; what is made was held to the schema before. */
static const struct json *list_of(const struct json *game, const char *key)
{
	static const struct json empty = { .type = JSON_ARRAY };
	const struct json *ret = json_get(game, str_z(key));
	return ret ? ret : &empty;
}

static void set_levels(struct arena *a, const struct json *game, struct quiz *q)
{
	const struct json *levels = list_of(game, "levels");
	int64_t total = 0;
	for (size_t i = 0; i < q->n_questions; i++)
		total += QUIZ_POINTS * q->questions[i].difficulty;
	q->levels = arena_new(a, struct quiz_level, levels->count);
	json_each(v, levels)
		q->levels[q->n_levels++] = (struct quiz_level){
			.title = json_get_str(v, "title", STR("")),
			.xp = total * json_get_int(v, "percent", 0) / 100,
		};
}

/* --- Achievements --- */

/* With the number in the place of {}. */
static struct str numbered(struct arena *a, struct str text, size_t number)
{
	size_t at = str_find(text, STR("{}"), 0);
	if (at == SIZE_MAX)
		return text;
	struct str rest = str_sub(text, at + 2, text.len);
	return str_fmt(a, STR_FMT "%zu" STR_FMT, (int)at, text.ptr, number, STR_ARG(rest));
}

static void add(struct arena *a, struct quiz *q, const struct json *v, struct str id, size_t count,
                size_t stage)
{
	size_t number = stage > 0 ? stage : count;
	q->achievements[q->n_achievements++] = (struct quiz_achievement){
		.id = id,
		.title = numbered(a, json_get_str(v, "title", STR("")), number),
		.text = numbered(a, json_get_str(v, "text", STR("")), number),
		.kind = json_get_str(v, "kind", STR("")),
		.count = count,
		.stage = stage,
	};
}

static void add_achievement(struct arena *a, struct quiz *q, const struct json *v)
{
	struct str kind = json_get_str(v, "kind", STR(""));
	size_t run = (size_t)json_get_int(v, "count", 0);
	if (str_eqz(kind, "right"))
		add(a, q, v, STR("first_right"), 1, 0);
	else if (str_eqz(kind, "streak") && q->n_questions >= run)
		add(a, q, v, str_fmt(a, "streak_%zu", run), run, 0);
	else if (str_eqz(kind, "perfect"))
		add(a, q, v, STR("perfect"), q->n_questions, 0);
	else if (str_eqz(kind, "passed") && q->n_stages > 1)
		add(a, q, v, STR("every_stage"), q->n_stages, 0);
	for (size_t i = 0; str_eqz(kind, "stage") && q->n_stages > 1 && i < q->n_stages; i++)
		add(a, q, v, str_fmt(a, "stage_%zu", i + 1), q->stages[i].n_questions, i + 1);
}

static void set_achievements(struct arena *a, const struct json *game, struct quiz *q)
{
	const struct json *list = list_of(game, "achievements");
	q->achievements =
	        arena_new(a, struct quiz_achievement, (q->n_stages + 1) * (list->count + 1));
	json_each(v, list)
		add_achievement(a, q, v);
}

void quiz_rules(struct arena *a, const struct json *spec, struct quiz *q)
{
	const struct json *game = json_getz(spec, "game");
	read_stages(a, spec, q);
	for (size_t i = 0; i < q->n_stages; i++)
		q->stages[i].need = need_of(game, q->stages[i].n_questions);
	set_levels(a, game, q);
	set_achievements(a, game, q);
}
