/* "After a session, to clean up, issue the following command:" and the command below it.
 *
 *	choice  "Which command does the text give here? “…”"
 *
 * The alternatives are the text's other commands.
 */
#include "makers/lesson/plan/plan.h"

enum { COMMAND_MIN = 4, COMMAND_MAX = 70 };

/* No pattern of commands, no output. */
static bool is_command(const struct block *b)
{
	struct str c = b->command;
	return c.len >= COMMAND_MIN && c.len <= COMMAND_MAX &&
	       str_find(c, STR("..."), 0) == SIZE_MAX && str_find(c, STR("<"), 0) == SIZE_MAX &&
	       str_find(c, STR("["), 0) == SIZE_MAX;
}

static bool is_askable(const struct block *b)
{
	return is_command(b) && b->last && is_sound_intro(b->last);
}

static void distract_command(const struct planner *p, const struct block *key,
                             struct distractors *ret)
{
	uint32_t turn = (key->index + p->seed) % 3;
	ret->n = 0;
	/* Those that begin alike first: the rest must tell them apart.  Not always the same. */
	for (uint32_t pass = 0; pass < 4; pass++)
		for (const struct block *b = p->doc->blocks; b && ret->n < 3; b = b->next) {
			struct str rest, first = str_cut(b->command, ' ', &rest);
			bool is_alike = str_eq(first, str_cut(key->command, ' ', &rest));
			if (!is_command(b) || is_alike != (pass < 2) ||
			    (pass % 2 == 0 && b->index % 3 != turn) ||
			    str_starts(b->command, key->command) ||
			    str_starts(key->command, b->command) ||
			    str_find(key->last->text, b->command, 0) != SIZE_MAX)
				continue;
			bool is_known = false;
			for (size_t i = 0; i < ret->n; i++)
				is_known |= str_starts(ret->text[i], b->command) ||
				            str_starts(b->command, ret->text[i]);
			if (!is_known)
				ret->text[ret->n++] = b->command;
		}
}

void ask_commands(struct planner *p, struct questions *all)
{
	for (const struct block *b = p->doc->blocks; b; b = b->next) {
		struct distractors d;
		if (!is_askable(b) || str_find(b->last->text, b->command, 0) != SIZE_MAX)
			continue;
		distract_command(p, b, &d);
		if (d.n < 2)
			continue;
		struct question *q = question_add(p, all, Q_CHOICE, b->last, d.n < 3 ? 0.8 : 0.9);
		struct str intro = say(p, b->last, b->last->lead, b->last->n);
		while (intro.len > 0 && strchr(": ", intro.ptr[intro.len - 1]))
			intro.len--;
		q->prompt = str_fmt(p->arena,
		                    "Which command does the text give here? \xe2\x80\x9c" STR_FMT
		                    ": \xe2\x80\xa6\xe2\x80\x9d",
		                    STR_ARG(intro));
		q->answer = b->command;
		q->distractors = d;
		q->difficulty = 2;
		q->source = str_fmt(p->arena, STR_FMT "\n" STR_FMT, STR_ARG(b->last->text),
		                    STR_ARG(b->command));
		q->explanation = text_says(p, q->source);
	}
}
