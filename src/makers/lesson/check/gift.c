/* makers/lesson/check/gift.c: the GIFT file says what the spec says. */
#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"
#include "makers/lesson/figures/figures.h"

#define PATH "exports/questions.gift"

/* As far as GIFT can carry a text: ends trimmed, and where "->" would be an operator it
 * is an arrow. */
static struct str carried(struct arena *a, struct str text, bool has_arrows)
{
	struct buf out = BUF_INIT(1 << 16);
	text = str_trim(text);
	for (size_t i = 0; i < text.len; i++) {
		bool is_arrow = has_arrows && text.ptr[i] == '-' && i + 1 < text.len &&
		                text.ptr[i + 1] == '>';
		if (is_arrow)
			buf_addz(&out, "\u2192");
		else
			buf_addc(&out, text.ptr[i]);
		i += is_arrow;
	}
	struct str ret = str_dup(a, buf_str(&out));
	buf_fini(&out);
	return ret;
}

static const struct gift_option *find_option(const struct gift_question *q, struct str text)
{
	for (const struct gift_option *option = q->options; option; option = option->next) {
		if (str_eq(option->text, text))
			return option;
	}
	return NULL;
}

static bool is_option(struct arena *a, const struct gift_question *q, struct str text,
                      bool is_right, bool has_arrows)
{
	const struct gift_option *option = find_option(q, carried(a, text, has_arrows));
	return option && option->is_right == is_right && !option->is_pair;
}

static bool is_pair(struct arena *a, const struct gift_question *q, struct str left,
                    struct str right)
{
	const struct gift_option *option = find_option(q, carried(a, left, true));
	return option && option->is_pair && str_eq(option->partner, carried(a, right, true));
}

static bool is_choice_equal(struct arena *a, const struct json *v, const struct gift_question *q)
{
	const struct json *distractors = member_list(v, "distractors");
	bool ret = q->n_options == distractors->count + 1u &&
	           is_option(a, q, member_text(v, "answer"), true, false);
	json_each(distractor, distractors)
		ret = ret && is_option(a, q, distractor->text, false, false);
	return ret;
}

static bool is_typed_equal(struct arena *a, const struct json *v, const struct gift_question *q)
{
	const struct json *accepted = member_list(v, "accepted");
	bool ret = q->n_options == accepted->count + 1u &&
	           is_option(a, q, member_text(v, "answer"), true, true);
	json_each(text, accepted)
		ret = ret && is_option(a, q, text->text, true, true);
	return ret;
}

static bool is_match_equal(struct arena *a, const struct json *v, const struct gift_question *q)
{
	const struct json *pairs = member_list(v, "pairs");
	bool ret = q->n_options == pairs->count;
	json_each(pair, pairs)
		ret = ret && is_pair(a, q, member_text(pair, "left"), member_text(pair, "right"));
	return ret;
}

static bool is_order_equal(struct arena *a, const struct json *v, const struct gift_question *q)
{
	const struct json *items = member_list(v, "items");
	size_t place = 0;
	bool ret = q->n_options == items->count;
	json_each(item, items)
		ret = ret && is_pair(a, q, item->text, str_fmt(a, "%zu", ++place));
	return ret;
}

static bool are_answers_equal(struct arena *a, const struct json *v, const struct gift_question *q)
{
	struct str type = member_text(v, "type");
	if (str_eqz(type, "true_false"))
		return q->has_truth && q->is_true == json_get_bool(v, "is_true", true);
	if (q->has_truth || q->has_number != str_eqz(type, "number"))
		return false;
	if (q->has_number)
		return str_eq(q->options->text, member_text(v, "answer"));
	if (str_eqz(type, "choice"))
		return is_choice_equal(a, v, q);
	if (str_eqz(type, "match"))
		return is_match_equal(a, v, q);
	if (str_eqz(type, "order"))
		return is_order_equal(a, v, q);
	return is_typed_equal(a, v, q);
}

/* Who reads the file sees no unit beside a field. */
static struct str prompt_with_unit(struct arena *a, const struct json *v)
{
	return figure_prompt(a, member_text(v, "prompt"), member_text(v, "unit"));
}

static void compare(struct findings *f, const struct json *v, const struct gift_question *q)
{
	struct arena *a = f->arena;
	struct str place = str_fmt(a, PATH ":%u", q->line), type = member_text(v, "type");
	bool has_arrows = !str_eqz(type, "choice") && !str_eqz(type, "true_false");
	if (!str_eq(q->name, member_text(v, "id")))
		finding_add(f, place, "the question is named " STR_FMT ", the spec says " STR_FMT,
		            STR_ARG(q->name), STR_ARG(member_text(v, "id")));
	if (!str_eq(q->prompt, carried(a, prompt_with_unit(a, v), false)))
		finding_add(f, place, "the prompt is not that of the spec");
	if (!str_eq(q->feedback, carried(a, member_text(v, "explanation"), has_arrows)))
		finding_add(f, place, "the feedback is not the explanation of the spec");
	if (!are_answers_equal(a, v, q))
		finding_add(f, place, "the answers are not those of the spec");
}

static void compare_all(struct findings *f, const struct json *spec, const struct gift_question *q)
{
	size_t n = 0;
	json_each(v, member_list(spec, "questions")) {
		if (!q) {
			finding_add(f, STR(PATH), "question %zu and those behind it are missing",
			            n + 1);
			return;
		}
		compare(f, v, q);
		q = q->next;
		n++;
	}
	if (q)
		finding_add(f, str_fmt(f->arena, PATH ":%u", q->line),
		            "there are more questions than the spec has");
}

void check_gift(struct arena *a, const struct json *spec, const struct made_files *files,
                struct check_result *ret)
{
	const struct made_file *file = made_files_find(files, STR(PATH));
	struct gift_question *questions;
	struct findings f;
	struct err err = { 0 };
	findings_init(&f, a);
	if (!file)
		finding_add(&f, STR(PATH), "the file is missing");
	else if (gift_read(a, file->bytes, &questions, &err) != RC_OK)
		finding_add(&f, str_fmt(a, PATH ":%s", err.place), "%s", err.text);
	else
		compare_all(&f, spec, questions);
	findings_end(&f, ret, "%u questions read back equal",
	             (unsigned)member_list(spec, "questions")->count);
}
