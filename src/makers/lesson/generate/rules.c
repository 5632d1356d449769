/* makers/lesson/generate/rules.c: the rules of the game that follow from a spec.
 *
 * (1) A stage is a section that has questions, in the order of the spec; questions of no
 *     known section make a last stage of their own.  60 % of a stage open the next one.
 * (2) Points are 10 for each step of difficulty.  Five levels lie at fixed shares of all
 *     points, the highest at 80 %, so that a few wrong answers don't close it.
 * (3) Achievements: the first right answer, runs of right answers, every stage passed,
 *     each stage without a fault, the whole lesson without a fault.
 *
 * roblox/lesson/src/server/GamificationHub.luau awards; it decides nothing of this.
 */
#include "makers/lesson/generate/quiz.h"

#include "base/arena.h"
#include "codec/json.h"

enum { NEED_PERCENT = 60, STREAK_SHORT = 3, STREAK_LONG = 5, STREAK_LONG_FROM = 8 };

/* --- Stages --- */

static void add_stage(struct quiz *q, struct str title, size_t n_questions)
{
	if (n_questions == 0)
		return;
	struct quiz_stage *stage = &q->stages[q->n_stages++];
	stage->title = title;
	stage->n_questions = n_questions;
	stage->need = (n_questions * NEED_PERCENT + 99) / 100;
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

static void set_levels(struct quiz *q)
{
	static const struct {
		const char *title;
		int64_t percent;
	} levels[QUIZ_LEVELS] = {
		{ "Newcomer", 0 }, { "Learner", 15 }, { "Explorer", 35 },
		{ "Expert", 55 },  { "Master", 80 },
	};
	int64_t total = 0;
	for (size_t i = 0; i < q->n_questions; i++)
		total += QUIZ_POINTS * q->questions[i].difficulty;
	for (size_t i = 0; i < QUIZ_LEVELS; i++)
		q->levels[i] =
		        (struct quiz_level){ levels[i].title, total * levels[i].percent / 100 };
}

/* --- Achievements --- */

static void add(struct quiz *q, const char *kind, size_t count, size_t stage, struct str id,
                struct str title, struct str text)
{
	q->achievements[q->n_achievements++] =
	        (struct quiz_achievement){ id, title, text, kind, count, stage };
}

static void add_streak(struct arena *a, struct quiz *q, size_t count)
{
	add(q, "streak", count, 0, str_fmt(a, "streak_%zu", count),
	    str_fmt(a, "%zu in a row", count),
	    str_fmt(a, "Answer %zu questions right, one after the other.", count));
}

static void set_achievements(struct arena *a, struct quiz *q)
{
	q->achievements = arena_new(a, struct quiz_achievement, q->n_stages + 5);
	add(q, "right", 1, 0, STR("first_right"), STR("A first step"),
	    STR("Answer a question right."));
	if (q->n_questions >= STREAK_SHORT)
		add_streak(a, q, STREAK_SHORT);
	if (q->n_questions >= STREAK_LONG_FROM)
		add_streak(a, q, STREAK_LONG);
	for (size_t i = 0; i < q->n_stages && q->n_stages > 1; i++)
		add(q, "stage", q->stages[i].n_questions, i + 1, str_fmt(a, "stage_%zu", i + 1),
		    str_fmt(a, "Stage %zu without a fault", i + 1), q->stages[i].title);
	if (q->n_stages > 1)
		add(q, "passed", q->n_stages, 0, STR("every_stage"), STR("All the way"),
		    STR("Pass every stage."));
	add(q, "perfect", q->n_questions, 0, STR("perfect"), STR("Everything right"),
	    STR("Have every question of the lesson right."));
}

void quiz_rules(struct arena *a, const struct json *spec, struct quiz *q)
{
	read_stages(a, spec, q);
	set_levels(q);
	set_achievements(a, q);
}
