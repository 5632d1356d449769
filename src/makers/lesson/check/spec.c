/* makers/lesson/check/spec.c: checks that need only the spec.
 *
 * They trust nothing that a planner says about itself: each claim of a question is
 * looked up in the source sentence that the question names.
 */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/schema.h"
#include "makers/lesson/figures/figures.h"
#include "makers/lesson/embedded/embedded.h"

enum { NEAR_PERCENT = 80, NEAR_WORDS_MIN = 3 };

static struct str type_of(const struct json *question)
{
	return member_text(question, "type");
}

static bool is_type(const struct json *question, const char *type)
{
	return str_eqz(type_of(question), type);
}

/* --- schema --- */

static enum rc schema_of_spec(struct arena *a, struct schema **ret, struct err *err)
{
	const struct json *root;
	struct str text = embedded_find("src/makers/lesson/spec.schema.json");
	enum rc rc = json_read(a, text, NULL, &root, err);
	return rc == RC_OK ? schema_compile(root, NULL, ret, err) : rc;
}

static void compare_file(struct findings *f, const struct json *spec,
                         const struct made_files *files)
{
	const struct made_file *file = made_files_find(files, STR("spec.json"));
	const struct json *written;
	struct err err = { 0 };
	if (!file)
		finding_add(f, STR("spec.json"), "the file is missing");
	else if (json_read(f->arena, file->bytes, NULL, &written, &err) != RC_OK)
		finding_add(f, str_fmt(f->arena, "spec.json:%s", err.place), "%s", err.text);
	else if (!json_equal(written, spec))
		finding_add(f, STR("spec.json"), "the file is not the spec the lesson is made of");
}

void check_schema(struct arena *a, const struct json *spec, const struct made_files *files,
                  struct check_result *ret)
{
	struct findings f;
	struct schema *schema = NULL;
	struct err err = { 0 };
	findings_init(&f, a);
	if (schema_of_spec(a, &schema, &err) != RC_OK)
		finding_add(&f, STR("spec.schema.json"), "%s", err.text);
	else if (schema_check(schema, spec, a, &err) != RC_OK)
		finding_add(&f, str_fmt(a, "spec.json#%s", err.place), "%s", err.text);
	schema_destroy(schema);
	compare_file(&f, spec, files);
	findings_end(&f, ret, "takt.lesson/1, %u questions",
	             (unsigned)member_list(spec, "questions")->count);
}

/* --- answers --- */

static bool is_span(struct str source, struct str text)
{
	return text.len > 0 && str_find(source, text, 0) != SIZE_MAX;
}

static void check_pairs(struct findings *f, const struct json *question, size_t index)
{
	json_each(pair, member_list(question, "pairs")) {
		struct str source = member_text(pair, "source");
		if (!is_span(source, member_text(pair, "left")))
			finding_question(f, index,
			                 "the left side \"" STR_FMT
			                 "\" does not stand in its source",
			                 STR_ARG(member_text(pair, "left")));
		if (!is_span(source, member_text(pair, "right")))
			finding_question(f, index,
			                 "the right side \"" STR_FMT
			                 "\" does not stand in its source",
			                 STR_ARG(member_text(pair, "right")));
	}
}

/* Each item behind the one before it. */
static void check_items(struct findings *f, const struct json *question, size_t index)
{
	struct str source = member_text(question, "source");
	size_t from = 0;
	json_each(item, member_list(question, "items")) {
		size_t at = item->text.len ? str_find(source, item->text, from) : SIZE_MAX;
		if (at == SIZE_MAX) {
			finding_question(f, index,
			                 "the item \"" STR_FMT
			                 "\" does not stand in the source behind the one before",
			                 STR_ARG(item->text));
			return;
		}
		from = at + item->text.len;
	}
}

/* In digits or in words. */
static void check_number(struct findings *f, struct str language, const struct json *question,
                         size_t index)
{
	struct str number = member_text(question, "answer");
	struct figure figure;
	figure_init(f->arena, number, STR(""), language, &figure);
	if (!figure_is_canonical(number))
		finding_question(f, index,
		                 "the answer \"" STR_FMT "\" is no number in its shortest form",
		                 STR_ARG(number));
	else if (!figure_stands_in(f->arena, &figure, member_text(question, "source")))
		finding_question(f, index, "the number " STR_FMT " does not stand in the source",
		                 STR_ARG(number));
}

void check_answers(struct arena *a, const struct json *spec, const struct made_files *files,
                   struct check_result *ret)
{
	struct findings f;
	size_t index = 0;
	(void)files;
	findings_init(&f, a);
	json_each(question, member_list(spec, "questions")) {
		if (is_type(question, "match"))
			check_pairs(&f, question, index);
		else if (is_type(question, "order"))
			check_items(&f, question, index);
		else if (is_type(question, "number"))
			check_number(&f, member_text(spec, "language"), question, index);
		else if (!is_span(member_text(question, "source"), member_text(question, "answer")))
			finding_question(&f, index,
			                 "the answer \"" STR_FMT "\" does not stand in the source",
			                 STR_ARG(member_text(question, "answer")));
		index++;
	}
	size_t n_terms = 0;
	json_each(term, member_list(spec, "terms")) {
		if (!is_span(member_text(term, "source"), member_text(term, "definition")))
			finding_add(&f, str_fmt(a, "spec.json#/terms/%zu", n_terms),
			            "the definition does not stand in the source");
		n_terms++;
	}
	findings_end(&f, ret, "%zu questions and %zu terms, each answer stands in its source",
	             index, n_terms);
}

/* --- distractors --- */

static void check_choice(struct findings *f, const struct json *question, size_t index)
{
	struct arena *a = f->arena;
	struct str source = text_fold(a, member_text(question, "source"));
	struct str key = text_fold(a, member_text(question, "answer"));
	const struct json *distractors = member_list(question, "distractors");
	struct str *seen = arena_new(a, struct str, distractors->count + 1u);
	size_t n = 0;
	seen[n++] = key;
	json_each(distractor, distractors) {
		struct str text = text_fold(a, distractor->text);
		struct str place =
		        str_fmt(a, "spec.json#/questions/%zu/distractors/%zu", index, n - 1);
		for (size_t i = 0; i < n; i++) {
			if (str_eq(text, seen[i]))
				finding_add(f, place, "the distractor \"" STR_FMT "\" equals %s",
				            STR_ARG(distractor->text),
				            i ? "another one" : "the key");
		}
		if (text_has_words(source, text))
			finding_add(f, place, "the distractor \"" STR_FMT "\" stands in the source",
			            STR_ARG(distractor->text));
		seen[n++] = text;
	}
}

void check_distractors(struct arena *a, const struct json *spec, const struct made_files *files,
                       struct check_result *ret)
{
	struct findings f;
	size_t index = 0, n = 0;
	(void)files;
	findings_init(&f, a);
	json_each(question, member_list(spec, "questions")) {
		if (is_type(question, "choice")) {
			check_choice(&f, question, index);
			n += member_list(question, "distractors")->count;
		}
		index++;
	}
	findings_end(&f, ret, "%zu distractors, all different, none in its source", n);
}

/* --- duplicates --- */

struct asked { /* folded */
	struct str prompt, answer, wanted;
};

/* What a question asks.  The prompt of a match or order is a mere instruction, so what
 * is to be matched or ordered counts with it. */
static struct str asked(struct arena *a, const struct json *question)
{
	struct str ret = text_fold(a, member_text(question, "prompt"));
	json_each(pair, member_list(question, "pairs"))
		ret = str_fmt(a, STR_FMT "\n" STR_FMT, STR_ARG(ret),
		              STR_ARG(text_fold(a, member_text(pair, "left"))));
	json_each(item, member_list(question, "items"))
		ret = str_fmt(a, STR_FMT "\n" STR_FMT, STR_ARG(ret),
		              STR_ARG(text_fold(a, item->text)));
	return ret;
}

/* The single answer, folded; a figure as its number, so that "39%" and 39 are the same. */
static struct str answer_of(struct arena *a, struct str language, const struct json *question)
{
	struct str answer = text_fold(a, member_text(question, "answer")), number;
	struct str bare = str_sub(answer, str_starts(answer, STR("$")), answer.len);
	if (str_ends(bare, STR("%")))
		bare.len--;
	return figure_read(a, bare, language, &number) ? number : answer;
}

/* Where it is asked from and what is wanted; empty when there is no single answer. */
static struct str wanted(struct arena *a, const struct json *question, struct str answer)
{
	if (answer.len == 0)
		return answer;
	return str_fmt(a, STR_FMT "\n" STR_FMT, STR_ARG(answer),
	               STR_ARG(text_fold(a, member_text(question, "source"))));
}

/* Whether two questions with one and the same answer ask in the same words but a few. */
static bool is_near(const struct asked *one, const struct asked *other)
{
	size_t n_words, n_other;
	if (one->answer.len == 0 || !str_eq(one->answer, other->answer))
		return false;
	return text_share(one->prompt, other->prompt, &n_words) >= NEAR_PERCENT &&
	       text_share(other->prompt, one->prompt, &n_other) >= NEAR_PERCENT &&
	       n_words >= NEAR_WORDS_MIN && n_other >= NEAR_WORDS_MIN;
}

static void compare_asked(struct findings *f, const struct asked *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(all[i].prompt, all[n].prompt))
			finding_question(f, n, "asks the same as question %zu", i + 1);
		else if (all[n].wanted.len > 0 && str_eq(all[i].wanted, all[n].wanted))
			finding_question(
			        f, n, "wants the same words of the same sentence as question %zu",
			        i + 1);
		else if (is_near(&all[n], &all[i]))
			finding_question(f, n,
			                 "asks for the same answer in nearly the same words as "
			                 "question %zu",
			                 i + 1);
	}
}

void check_duplicates(struct arena *a, const struct json *spec, const struct made_files *files,
                      struct check_result *ret)
{
	const struct json *questions = member_list(spec, "questions");
	struct asked *all = arena_new(a, struct asked, questions->count + 1u);
	struct findings f;
	size_t n = 0;
	(void)files;
	findings_init(&f, a);
	json_each(question, questions) {
		struct str answer = answer_of(a, member_text(spec, "language"), question);
		all[n] = (struct asked){ asked(a, question), answer, wanted(a, question, answer) };
		compare_asked(&f, all, n++);
	}
	findings_end(&f, ret, "%zu questions, no two alike", n);
}

/* --- structure --- */

static bool has_id(const struct json *list, struct str id, const struct json *before)
{
	json_each(item, list) {
		if (item == before)
			return false;
		if (str_eq(member_text(item, "id"), id))
			return true;
	}
	return false;
}

static void check_ids(struct findings *f, const struct json *spec, const char *name)
{
	const struct json *list = member_list(spec, name);
	const struct json *sections = member_list(spec, "sections");
	size_t index = 0;
	json_each(item, list) {
		struct str place = str_fmt(f->arena, "spec.json#/%s/%zu", name, index++);
		struct str id = member_text(item, "id"), section = member_text(item, "section");
		if (has_id(list, id, item))
			finding_add(f, place, "the id " STR_FMT " is taken", STR_ARG(id));
		if (section.len > 0 && !has_id(sections, section, NULL))
			finding_add(f, place, "there is no section " STR_FMT, STR_ARG(section));
	}
}

static void check_true_false(struct findings *f, const struct json *question, size_t index)
{
	struct arena *a = f->arena;
	struct str prompt = text_fold(a, member_text(question, "prompt"));
	struct str source = text_fold(a, member_text(question, "source"));
	struct str answer = text_fold(a, member_text(question, "answer"));
	struct str replacement = text_fold(a, member_text(question, "replacement"));
	if (json_get_bool(question, "is_true", true)) {
		if (!text_has_words(prompt, answer))
			finding_question(f, index, "the true statement lacks what makes it true");
		return;
	}
	if (str_find(prompt, replacement, 0) == SIZE_MAX)
		finding_question(f, index,
		                 "the false statement lacks its replacement \"" STR_FMT "\"",
		                 STR_ARG(replacement));
	if (str_eq(replacement, answer))
		finding_question(f, index, "the replacement is the answer itself");
	if (str_find(source, prompt, 0) != SIZE_MAX)
		finding_question(f, index, "the false statement stands in the source");
}

static void check_gap(struct findings *f, const struct json *question, size_t index)
{
	struct str prompt = member_text(question, "prompt");
	size_t at = str_find(prompt, STR("_____"), 0);
	if (at == SIZE_MAX)
		finding_question(f, index, "the cloze has no gap");
	else if (str_find(prompt, STR("_____"), at + 5) != SIZE_MAX)
		finding_question(f, index, "the cloze has more than one gap");
}

/* A typed answer that the prompt shows asks for nothing. */
static void check_given_away(struct findings *f, struct str language, const struct json *question,
                             size_t index)
{
	struct figure figure;
	struct str prompt = text_fold(f->arena, member_text(question, "prompt"));
	struct str answer = text_fold(f->arena, member_text(question, "answer"));
	figure_init(f->arena, answer, STR(""), language, &figure);
	if (is_type(question, "number") ? figure_stands_in(f->arena, &figure, prompt)
	                                : text_has_words(prompt, answer))
		finding_question(f, index, "the prompt gives the answer away");
}

/* Two equal sides would make two solutions right. */
static void check_sides(struct findings *f, const struct json *question, size_t index,
                        const char *side)
{
	const struct json *pairs = member_list(question, "pairs");
	json_each(pair, pairs) {
		struct str text = text_fold(f->arena, member_text(pair, side));
		for (const struct json *other = pair->next; other; other = other->next) {
			if (str_eq(text, text_fold(f->arena, member_text(other, side))))
				finding_question(f, index,
				                 "two %s sides are equal: \"" STR_FMT "\"", side,
				                 STR_ARG(text));
		}
	}
}

/* The first level is everybody's, the others lie one above the other. */
static void check_levels(struct findings *f, const struct json *game)
{
	int64_t last = -1;
	size_t index = 0;
	json_each(level, member_list(game, "levels")) {
		int64_t percent = json_get_int(level, "percent", 0);
		struct str place = str_fmt(f->arena, "spec.json#/game/levels/%zu/percent", index);
		if (index == 0 && percent != 0)
			finding_add(f, place, "the first level begins at 0, not at %lld",
			            (long long)percent);
		if (index++ > 0 && percent <= last)
			finding_add(f, place, "%lld is not above the level before, %lld",
			            (long long)percent, (long long)last);
		last = percent;
	}
}

static void check_achievements(struct findings *f, const struct json *game)
{
	size_t index = 0;
	const struct json *list = member_list(game, "achievements");
	json_each(one, list) {
		struct str kind = member_text(one, "kind");
		int64_t count = json_get_int(one, "count", 0);
		json_each(other, list) {
			if (other == one)
				break;
			if (str_eq(member_text(other, "kind"), kind) &&
			    json_get_int(other, "count", 0) == count)
				finding_add(f,
				            str_fmt(f->arena, "spec.json#/game/achievements/%zu",
				                    index),
				            "the achievement is there twice: " STR_FMT,
				            STR_ARG(kind));
		}
		index++;
	}
}

void check_structure(struct arena *a, const struct json *spec, const struct made_files *files,
                     struct check_result *ret)
{
	struct findings f;
	size_t index = 0;
	(void)files;
	findings_init(&f, a);
	check_ids(&f, spec, "sections");
	check_ids(&f, spec, "terms");
	check_ids(&f, spec, "questions");
	check_levels(&f, json_getz(spec, "game"));
	check_achievements(&f, json_getz(spec, "game"));
	json_each(question, member_list(spec, "questions")) {
		if (is_type(question, "true_false"))
			check_true_false(&f, question, index);
		if (is_type(question, "cloze"))
			check_gap(&f, question, index);
		if (is_type(question, "cloze") || is_type(question, "short") ||
		    is_type(question, "number"))
			check_given_away(&f, member_text(spec, "language"), question, index);
		check_sides(&f, question, index, "left");
		check_sides(&f, question, index, "right");
		index++;
	}
	findings_end(&f, ret, "%u sections, %u terms, %zu questions",
	             (unsigned)member_list(spec, "sections")->count,
	             (unsigned)member_list(spec, "terms")->count, index);
}
