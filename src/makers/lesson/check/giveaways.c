/* makers/lesson/check/giveaways.c: no question answers another one.
 *
 * Question A gives B away when a text of A that a learner has read before answering B holds
 * B's answer and three quarters of the words that B asks with.  Read before it are A's
 * prompt, wherever A stands (a worksheet lies open), and A's explanation when A comes
 * first.  The title of B's own section stands above B and must not hold its answer at all.
 * That the answer alone stands somewhere else proves nothing: in a text on water,
 * "water" stands everywhere.
 */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"
#include "makers/lesson/figures/figures.h"

enum { SHARE_PERCENT = 75, WORDS_MIN = 3 };

struct reader {
	struct str prompt, answer, explanation; /* folded; answer "" when there is no single one */
	bool is_number;
	struct figure figure; /* of a number: the answer, in whatever spelling */
};

static struct reader read_question(struct arena *a, struct str language,
                                   const struct json *question)
{
	bool is_statement = str_eqz(member_text(question, "type"), "true_false");
	struct reader ret = {
		.prompt = text_fold(a, member_text(question, "prompt")),
		.answer = text_fold(a, member_text(question, "answer")),
		.explanation = text_fold(a, member_text(question, "explanation")),
	};
	ret.is_number = str_eqz(member_text(question, "type"), "number");
	figure_init(a, ret.answer, STR(""), language, &ret.figure);
	if (is_statement)
		ret.answer = STR("");
	return ret;
}

static bool gives_away(struct arena *a, struct str text, const struct reader *asked)
{
	size_t n_words;
	bool has_answer = asked->is_number ? figure_stands_in(a, &asked->figure, text)
	                                   : text_has_words(text, asked->answer);
	return asked->answer.len > 0 && has_answer &&
	       text_share(asked->prompt, text, &n_words) >= SHARE_PERCENT && n_words >= WORDS_MIN;
}

/* The title of the question's section. */
static struct str title_above(struct arena *a, const struct json *spec, const struct json *question)
{
	json_each(section, member_list(spec, "sections")) {
		if (str_eq(member_text(section, "id"), member_text(question, "section")))
			return text_fold(a, member_text(section, "title"));
	}
	return STR("");
}

static bool is_in_title(struct arena *a, const struct json *spec, const struct json *question,
                        const struct reader *asked)
{
	struct str title = title_above(a, spec, question);
	return asked->answer.len > 0 && !asked->is_number && title.len > 0 &&
	       text_has_words(title, asked->answer);
}

void check_giveaways(struct arena *a, const struct json *spec, const struct made_files *files,
                     struct check_result *ret)
{
	const struct json *questions = member_list(spec, "questions");
	struct reader *all = arena_new(a, struct reader, questions->count + 1u);
	struct findings f;
	size_t n = 0;
	(void)files;
	findings_init(&f, a);
	json_each(question, questions) {
		all[n] = read_question(a, member_text(spec, "language"), question);
		if (is_in_title(a, spec, question, &all[n]))
			finding_question(&f, n, "the title of its section gives it away");
		n++;
	}
	for (size_t b = 0; b < n; b++) {
		for (size_t other = 0; other < n; other++) {
			if (other != b && gives_away(a, all[other].prompt, &all[b]))
				finding_question(&f, b, "the prompt of question %zu gives it away",
				                 other + 1);
			else if (other < b && gives_away(a, all[other].explanation, &all[b]))
				finding_question(&f, b,
				                 "the explanation of question %zu gives it away",
				                 other + 1);
		}
	}
	findings_end(&f, ret, "%zu questions, none answers another", n);
}
