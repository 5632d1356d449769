/* The laws of the lesson planner, for any brief: Markdown, HTML or noise.
 *
 * (1) It ends in a spec or in a refusal that says why; never in both.
 * (2) The same bytes give the same spec, wherever they lie.
 * (3) A spec is JSON without control characters.
 * (4) Every key stands in its source, a number in any spelling; every right side of a pair in
 *     its own.
 * (5) No distractor equals the key.
 *
 * Few inputs of a fuzzer have the words that a lesson needs, so a first byte of '0' … '2'
 * puts a sound text before, behind, or on both sides of the rest.
 */
#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "makers/lesson/figures/figures.h"
#include "makers/lesson/lesson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char sound[] =
        "\n\n# Bees\n\nA beehive is a wooden box that gives a colony of bees room for brood. "
        "The International Bee Society (IBS) counts more than 400 beekeepers in the valley. "
        "A strong colony holds about 40,000 workers in the middle of summer. "
        "Worker bees collect nectar from flowers within a radius of 3 kilometers. "
        "Beekeepers feed the colony in September because the hive needs food for the winter. "
        "Worker bees always feed the larvae with pollen and honey. "
        "We counted 56 hives in the valley by using a simple map of the farms. "
        "An extractor is a drum that spins the frames and throws out the honey. "
        "Fresh honey contains about 18% water after the harvest. "
        "The queen leaves the old hive to found a colony of her own in early summer.\n\n"
        "The steps of a harvest are:\n\n1. Drive the bees away with cool smoke\n"
        "2. Take the sealed frames out of the hive\n3. Cut the wax caps off the comb\n\n";

static struct str brief_of(struct arena *a, struct str in)
{
	if (in.len == 0 || in.ptr[0] < '0' || in.ptr[0] > '2')
		return in;
	struct str rest = str_sub(in, 1, in.len);
	const char *before = in.ptr[0] == '1' ? "" : sound, *after = in.ptr[0] == '0' ? "" : sound;
	return str_fmt(a, "%s%s%s" STR_FMT "%s%s%s", before, before, before, STR_ARG(rest), after,
	               after, after);
}

static bool stands_in(struct str part, struct str whole)
{
	return part.len > 0 && str_find(whole, part, 0) != SIZE_MAX;
}

static struct str text_of(const struct json *v, const char *name)
{
	return json_get_str(v, name, (struct str){ "", 0 });
}

static void check_pairs(const struct json *pairs)
{
	json_each(p, pairs) {
		assert(stands_in(text_of(p, "left"), text_of(p, "source")));
		assert(stands_in(text_of(p, "right"), text_of(p, "source")));
	}
}

/* A number stands there in whatever spelling. */
static void check_answer(struct arena *a, const struct json *q, struct str language)
{
	struct str source = text_of(q, "source"), answer = text_of(q, "answer");
	if (str_eqz(text_of(q, "type"), "number")) {
		struct figure figure;
		assert(figure_is_canonical(answer));
		figure_init(a, answer, text_of(q, "unit"), language, &figure);
		assert(figure_stands_in(a, &figure, source));
	} else {
		assert(stands_in(answer, source));
	}
}

static void check_question(struct arena *a, const struct json *q, struct str language)
{
	struct str source = text_of(q, "source"), answer = text_of(q, "answer");
	assert(text_of(q, "prompt").len > 0 && source.len > 0);
	if (json_getz(q, "answer"))
		check_answer(a, q, language);
	if (json_getz(q, "pairs"))
		check_pairs(json_getz(q, "pairs"));
	if (json_getz(q, "distractors"))
		json_each(d, json_getz(q, "distractors"))
			assert(!str_eq(d->text, answer));
	if (json_getz(q, "items"))
		json_each(i, json_getz(q, "items"))
			assert(stands_in(i->text, source));
}

static void check_spec(struct arena *a, struct str spec)
{
	const struct json *v;
	enum rc rc = json_read(a, spec, NULL, &v, NULL);
	assert(rc == RC_OK && json_getz(v, "questions")->count >= 4);
	for (size_t i = 0; i < spec.len; i++)
		assert((unsigned char)spec.ptr[i] >= 0x20 || spec.ptr[i] == '\n');
	json_each(q, json_getz(v, "questions"))
		check_question(a, q, text_of(v, "language"));
	json_each(t, json_getz(v, "terms"))
		assert(stands_in(text_of(t, "definition"), text_of(t, "source")));
}

/* One term a line, the same ones each time. */
static void check_key_terms(struct arena *a, struct lesson_brief *brief)
{
	struct buf first = BUF_INIT(1 << 20), second = BUF_INIT(1 << 20);
	struct err err = { 0 };
	enum rc rc = lesson_key_terms(a, brief, &first, &err);
	assert(rc == RC_OK || err.text[0]);
	for (size_t i = 0; i < first.len; i++)
		assert((unsigned char)first.ptr[i] >= 0x20 ||
		       (first.ptr[i] == '\n' && i > 0 && first.ptr[i - 1] != '\n'));
	brief->text = str_dup(a, brief->text);
	assert(lesson_key_terms(a, brief, &second, &err) == rc &&
	       str_eq(buf_str(&first), buf_str(&second)));
	buf_fini(&first);
	buf_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(1 << 16);
	struct buf first = BUF_INIT(16 << 20), second = BUF_INIT(16 << 20);
	struct err err = { 0 };
	struct str text = brief_of(a, (struct str){ (const char *)data, size });
	struct lesson_brief brief = { .name = STR("brief"), .text = text };
	enum rc rc = lesson_plan(a, &brief, &first, &err);
	assert((rc == RC_OK) == (first.len > 0));
	assert(rc == RC_OK || err.text[0]);
	if (rc == RC_OK) {
		check_spec(a, buf_str(&first));
		brief.text = str_dup(a, text);
		rc = lesson_plan(a, &brief, &second, &err);
		assert(rc == RC_OK && str_eq(buf_str(&first), buf_str(&second)));
	}
	check_key_terms(a, &brief);
	buf_fini(&first);
	buf_fini(&second);
	return 0;
}
