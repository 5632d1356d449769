/* "After a session, to clean up, issue the following command:" and the command below it.
 *
 *	choice  "Which command does the text give here? “…”"
 *	match   "Match each command with what the text gives it for."
 *
 * The alternatives are the text's other commands.
 */
#include "makers/lesson/plan/plan.h"

enum { COMMAND_MIN = 4, COMMAND_MAX = 70, SHARED_MAX = 3, COMMANDS_MANY = 8 };

/* No pattern of commands, no output. */
static bool is_command(const struct block *b)
{
	struct str c = b->command;
	return c.len >= COMMAND_MIN && c.len <= COMMAND_MAX &&
	       str_find(c, STR("..."), 0) == SIZE_MAX && str_find(c, STR("<"), 0) == SIZE_MAX &&
	       str_find(c, STR("["), 0) == SIZE_MAX;
}

static bool is_bare_example(const struct sentence *s)
{
	return s->n_words == 2 && one_of(low(s, 0), "for") && one_of(low(s, 1), "example instance");
}

/* The sentence that introduces the command: the last above it, or, where that is no more
 * than "For example:", the one before. */
static struct sentence *intro_of(const struct block *b)
{
	struct sentence *s = b->first;
	if (!b->last || b->last == b->first || !is_bare_example(b->last))
		return b->last;
	while (s->next_in_block != b->last)
		s = s->next_in_block;
	return s;
}

/* "The syntax is as follows:" is followed by no command. */
static bool is_about_form(const struct sentence *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (one_of(low(s, i), "syntax format output looks form file prints shows"))
			return true;
	return false;
}

static bool is_askable(const struct block *b)
{
	struct sentence *s = is_command(b) ? intro_of(b) : NULL;
	return s && (s == b->last ? is_sound_intro(s) && !is_about_form(s)
	                          : s->is_sound && s->is_second_person);
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
			    str_find(intro_of(key)->text, b->command, 0) != SIZE_MAX)
				continue;
			bool is_known = false;
			for (size_t i = 0; i < ret->n; i++)
				is_known |= str_starts(ret->text[i], b->command) ||
				            str_starts(b->command, ret->text[i]);
			if (!is_known)
				ret->text[ret->n++] = b->command;
		}
}

/* A word of the command that the sentence has, too, and no alternative: it would tell. */
static bool is_told(const struct planner *p, const struct block *b, const struct distractors *d)
{
	struct str rest = b->command;
	while (rest.len > 0) {
		struct str word = str_cut(rest, ' ', &rest);
		size_t n = 0;
		if (word.len < 3 || !span_stands_in(p->arena, p->lexicon, word, intro_of(b)->text))
			continue;
		for (size_t i = 0; i < d->n; i++)
			n += str_find(d->text[i], word, 0) != SIZE_MAX;
		if (n == 0)
			return true;
	}
	return false;
}

void ask_commands(struct planner *p, struct questions *all)
{
	for (const struct block *b = p->doc->blocks; b; b = b->next) {
		struct distractors d;
		if (!is_askable(b) || str_find(intro_of(b)->text, b->command, 0) != SIZE_MAX)
			continue;
		distract_command(p, b, &d);
		if (d.n < 2 || is_told(p, b, &d))
			continue;
		struct question *q =
		        question_add(p, all, Q_CHOICE, intro_of(b), d.n < 3 ? 0.8 : 0.9);
		struct str intro = say(p, intro_of(b), intro_of(b)->lead, intro_of(b)->n);
		while (intro.len > 0 && strchr(":. ", intro.ptr[intro.len - 1]))
			intro.len--;
		q->prompt = str_fmt(p->arena,
		                    "Which command does the text give here? \xe2\x80\x9c" STR_FMT
		                    ": \xe2\x80\xa6\xe2\x80\x9d",
		                    STR_ARG(intro));
		q->answer = b->command;
		q->distractors = d;
		q->difficulty = 2;
		q->source = str_fmt(p->arena, STR_FMT "\n" STR_FMT, STR_ARG(intro_of(b)->text),
		                    STR_ARG(b->command));
		q->explanation = text_says(p, q->source);
	}
}

static bool is_alike(const struct question *q, const struct block *b)
{
	for (size_t i = 0; i < q->n_pairs; i++)
		if (str_starts(q->pairs[i].left, b->command) ||
		    str_starts(b->command, q->pairs[i].left) ||
		    shared_stems(q->pairs[i].sentence, intro_of(b)) > SHARED_MAX)
			return true;
	return false;
}

static size_t count_askable(const struct planner *p)
{
	size_t n = 0;
	for (const struct block *b = p->doc->blocks; b; b = b->next)
		n += is_askable(b);
	return n;
}

void match_commands(struct planner *p, struct questions *all)
{
	struct question q = { .score = 0.75 };
	struct buf b = BUF_INIT(3600);
	size_t n = 0;
	size_t max = count_askable(p) >= COMMANDS_MANY ? 4 : 3; /* some are left for others */
	for (const struct block *x = p->doc->blocks; x && q.n_pairs < max; x = x->next) {
		if (!is_askable(x) || str_find(intro_of(x)->text, x->command, 0) != SIZE_MAX)
			continue;
		if (n++ % 2 == 1 || is_alike(&q, x) || intro_of(x)->is_first_person)
			continue; /* the others are asked for singly */
		struct str use = sentence_span(intro_of(x), intro_of(x)->lead, intro_of(x)->n);
		while (use.len > 0 && strchr(":., ", use.ptr[use.len - 1]))
			use.len--;
		struct str source = str_fmt(p->arena, STR_FMT "\n" STR_FMT,
		                            STR_ARG(intro_of(x)->text), STR_ARG(x->command));
		q.pairs[q.n_pairs++] = (struct pair){ x->command, use, source, intro_of(x) };
		buf_addf(&b, "%s" STR_FMT ": " STR_FMT, b.len ? "; " : "", STR_ARG(x->command),
		         STR_ARG(use));
	}
	if (q.n_pairs >= 3) {
		struct question *kept = question_add(p, all, Q_MATCH, q.pairs[0].sentence, q.score);
		memcpy(kept->pairs, q.pairs, sizeof(q.pairs));
		kept->n_pairs = q.n_pairs;
		kept->sentence = NULL;
		kept->explanation = str_dup(p->arena, buf_str(&b));
		kept->prompt = STR("Match each command with what the text gives it for.");
		kept->difficulty = 2;
	}
	buf_fini(&b);
}
