/* What players can reach, as a plan begins with: five levels, the highest at 80 % of the
 * points, so that a few wrong answers do not close it; runs of right answers that a lesson
 * of that length allows; stages and the whole without a fault.  Whoever edits the plan
 * changes it. */
#include "codec/json.h"
#include "makers/lesson/plan/plan.h"

enum { PASS_PERCENT = 60, LONG_RUN_FROM = 8 };

static const struct {
	const char *title;
	int percent;
} levels[] = {
	{ "Newcomer", 0 }, { "Learner", 15 }, { "Explorer", 35 },
	{ "Expert", 55 },  { "Master", 80 },
};

static const struct {
	const char *kind, *title, *text;
	int count;   /* of a run */
	size_t from; /* questions that the lesson has at least */
} achievements[] = {
	{ "right", "A first step", "Answer a question right.", 0, 1 },
	{ "streak", "{} in a row", "Answer {} questions right, one after the other.", 3, 3 },
	{ "streak", "{} in a row", "Answer {} questions right, one after the other.", 5,
	  LONG_RUN_FROM },
	{ "stage", "Stage {} without a fault", "Have every question of the stage right.", 0, 1 },
	{ "passed", "All the way", "Pass every stage.", 0, 1 },
	{ "perfect", "Everything right", "Have every question of the lesson right.", 0, 1 },
};

void spec_put_game(struct json_out *o, size_t n_questions)
{
	json_keyz(o, "game");
	json_begin_object(o);
	json_put_int(o, "pass_percent", PASS_PERCENT);
	json_keyz(o, "levels");
	json_begin_array(o);
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		json_begin_object(o);
		json_put_str(o, "title", str_z(levels[i].title));
		json_put_int(o, "percent", levels[i].percent);
		json_end_object(o);
	}
	json_end_array(o);
	json_keyz(o, "achievements");
	json_begin_array(o);
	for (size_t i = 0; i < ARRAY_LEN(achievements); i++) {
		if (n_questions < achievements[i].from)
			continue;
		json_begin_object(o);
		json_put_str(o, "kind", str_z(achievements[i].kind));
		json_put_str(o, "title", str_z(achievements[i].title));
		json_put_str(o, "text", str_z(achievements[i].text));
		if (achievements[i].count > 0)
			json_put_int(o, "count", achievements[i].count);
		json_end_object(o);
	}
	json_end_array(o);
	json_end_object(o);
}
