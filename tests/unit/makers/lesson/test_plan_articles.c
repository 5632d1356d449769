/* The planner on ten real articles (the shared data folder, or $TAKT_SHARED_DATA): what
 * must hold of every spec, whatever the text.  Each is planned once, before the tests are
 * forked off.  Exit code 77 when the folder is missing. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "codec/schema.h"
#include "makers/lesson/figures/figures.h"
#include "makers/lesson/lesson.h"
#include "sys/file.h"

static const char *articles_folder(void)
{
	static char path[4096];
	const char *data = getenv("TAKT_SHARED_DATA");
	(void)snprintf(path, sizeof(path), "%s/articles", data ? data : SHARED_DATA);
	return path;
}

struct article {
	char name[256];
	struct arena *arena;
	struct str text;
	struct buf out;
	const struct json *spec;
};

static struct article articles[20];
static size_t n_articles;

/* Outside of tests, too: says itself what went wrong. */
static enum rc plan_article(struct article *x, const char *name)
{
	struct err err = { 0 };
	x->arena = arena_create(1 << 16);
	x->out = (struct buf)BUF_INIT(8 << 20);
	struct str path = str_fmt(x->arena, "%s/%s", articles_folder(), name);
	enum rc rc = file_read(x->arena, str_dupz(x->arena, path), 1 << 22, &x->text, &err);
	struct lesson_brief brief = { .name = str_z(name), .text = x->text };
	if (rc == RC_OK)
		rc = lesson_plan(x->arena, &brief, &x->out, &err);
	if (rc == RC_OK)
		rc = json_read(x->arena, buf_str(&x->out), NULL, &x->spec, &err);
	if (rc != RC_OK)
		fprintf(stderr, "%s: %s\n", name, err.text);
	return rc;
}

static void forget_article(struct article *x)
{
	buf_fini(&x->out);
	arena_destroy(x->arena);
}

static enum rc plan_articles(DIR *d)
{
	enum rc rc = RC_OK;
	for (struct dirent *e;
	     rc == RC_OK && n_articles < ARRAY_LEN(articles) && (e = readdir(d));) {
		if (!str_ends(str_z(e->d_name), STR(".md")))
			continue;
		struct article *x = &articles[n_articles++];
		(void)snprintf(x->name, sizeof(x->name), "%s", e->d_name);
		rc = plan_article(x, x->name);
	}
	return rc;
}

static void each_article(void (*fn)(struct article *x, const char *name))
{
	ck_assert_uint_ge(n_articles, 10);
	for (size_t i = 0; i < n_articles; i++)
		fn(&articles[i], articles[i].name);
}

static struct str member(const struct json *v, const char *name)
{
	return json_get_str(v, name, (struct str){ "", 0 });
}

static bool stands_in(struct str part, struct str whole)
{
	return part.len > 0 && str_find(whole, part, 0) != SIZE_MAX;
}

static void passes_schema(struct article *x, const char *name)
{
	struct err err = { 0 };
	struct str text;
	const struct json *root;
	struct schema *schema;
	ck_assert_ok(file_read(x->arena, SPEC_SCHEMA, 1 << 20, &text, &err));
	ck_assert_ok(json_read(x->arena, text, NULL, &root, &err));
	ck_assert_ok(schema_compile(root, NULL, &schema, &err));
	enum rc rc = schema_check(schema, x->spec, x->arena, &err);
	ck_assert_msg(rc == RC_OK, "%s: %s: %s", name, err.place, err.text);
	schema_destroy(schema);
}

START_TEST(every_spec_passes_the_schema)
{
	each_article(passes_schema);
}
END_TEST

static void is_enough(struct article *x, const char *name)
{
	const struct json *questions = json_getz(x->spec, "questions");
	struct str types[8];
	size_t n_types = 0;
	json_each(q, questions) {
		bool is_known = false;
		for (size_t i = 0; i < n_types; i++)
			is_known |= str_eq(types[i], member(q, "type"));
		if (!is_known)
			types[n_types++] = member(q, "type");
	}
	/* An interview and an essay give eight and nine that a teacher keeps. */
	ck_assert_msg(questions->count >= 8 && questions->count <= 30, "%s: %u questions", name,
	              questions->count);
	ck_assert_msg(n_types >= 5, "%s: %zu types", name, n_types);
	ck_assert_int_ge(json_getz(x->spec, "objectives")->count, 3);
	ck_assert_int_le(json_getz(x->spec, "objectives")->count, 6);
	json_each(s, json_getz(x->spec, "sections"))
		ck_assert_int_gt((int)member(s, "summary").len, 0);
}

START_TEST(every_article_gives_enough)
{
	each_article(is_enough);
}
END_TEST

static bool has_figure(struct str number, struct str source)
{
	struct arena *a = arena_create(1 << 12);
	struct figure f;
	figure_init(a, number, STR(""), STR("en"), &f);
	bool ret = figure_stands_in(a, &f, source);
	arena_destroy(a);
	return ret;
}

static void check_key(const struct json *q, const char *name)
{
	struct str source = member(q, "source"), answer = member(q, "answer");
	if (str_eqz(member(q, "type"), "number"))
		ck_assert_msg(has_figure(answer, source), "%s: " STR_FMT, name, STR_ARG(answer));
	else if (json_getz(q, "answer"))
		ck_assert_msg(stands_in(answer, source), "%s: " STR_FMT, name, STR_ARG(answer));
	if (str_eqz(member(q, "type"), "cloze"))
		ck_assert(stands_in(STR("_____"), member(q, "prompt")));
	if (json_getz(q, "replacement"))
		ck_assert(stands_in(member(q, "replacement"), member(q, "prompt")));
	if (json_getz(q, "items"))
		json_each(i, json_getz(q, "items"))
			ck_assert(stands_in(i->text, source));
	if (json_getz(q, "pairs"))
		json_each(p, json_getz(q, "pairs")) {
			ck_assert(stands_in(member(p, "left"), member(p, "source")));
			ck_assert(stands_in(member(p, "right"), member(p, "source")));
		}
}

static void keys_are_spans(struct article *x, const char *name)
{
	json_each(q, json_getz(x->spec, "questions"))
		check_key(q, name);
	json_each(t, json_getz(x->spec, "terms"))
		ck_assert_msg(stands_in(member(t, "definition"), member(t, "source")), "%s", name);
}

START_TEST(every_key_is_a_span_of_its_source)
{
	each_article(keys_are_spans);
}
END_TEST

static void distractors_are_false(struct article *x, const char *name)
{
	json_each(q, json_getz(x->spec, "questions")) {
		const struct json *list = json_getz(q, "distractors");
		if (!list)
			continue;
		ck_assert_int_ge(list->count, 2);
		json_each(d, list) {
			ck_assert(!str_eq_nocase(d->text, member(q, "answer")));
			ck_assert_msg(!stands_in(d->text, member(q, "source")), "%s: " STR_FMT,
			              name, STR_ARG(d->text));
			for (const struct json *e = d->next; e; e = e->next)
				ck_assert(!str_eq_nocase(d->text, e->text));
		}
	}
}

START_TEST(every_distractor_is_elsewhere)
{
	each_article(distractors_are_false);
}
END_TEST

static void has_no_twins(struct article *x, const char *name)
{
	json_each(q, json_getz(x->spec, "questions")) {
		for (const struct json *r = q->next; r; r = r->next) {
			ck_assert_msg(!str_eq(member(q, "prompt"), member(r, "prompt")) ||
			                      str_eqz(member(q, "type"), "match"),
			              "%s: " STR_FMT, name, STR_ARG(member(q, "prompt")));
			ck_assert_msg(!str_eq(member(q, "source"), member(r, "source")),
			              "%s: " STR_FMT, name, STR_ARG(member(q, "source")));
		}
	}
}

START_TEST(no_sentence_is_asked_twice)
{
	each_article(has_no_twins);
}
END_TEST

/* Whoever always says "false" must not be right all the time. */
static void is_balanced(struct article *x, const char *name)
{
	int n_true = 0, n_false = 0;
	json_each(q, json_getz(x->spec, "questions")) {
		if (!json_getz(q, "is_true"))
			continue;
		n_true += json_get_bool(q, "is_true", false);
		n_false += !json_get_bool(q, "is_true", false);
	}
	ck_assert_msg(n_false - n_true <= 2 && n_true <= n_false + 1, "%s: %d true, %d false", name,
	              n_true, n_false);
}

START_TEST(answers_are_balanced)
{
	each_article(is_balanced);
}
END_TEST

static void is_repeatable(struct article *x, const char *name)
{
	struct article again;
	ck_assert_ok(plan_article(&again, name));
	ck_assert(str_eq(buf_str(&x->out), buf_str(&again.out)));
	forget_article(&again);
}

START_TEST(the_same_article_gives_the_same_bytes)
{
	each_article(is_repeatable);
}
END_TEST

/* All ten in one text, several times over: as long as a brief may be. */
START_TEST(a_long_text_is_read_too)
{
	struct buf all = BUF_INIT(4 << 20), out = BUF_INIT(8 << 20);
	struct err err = { 0 };
	struct arena *a = arena_create(1 << 16);
	for (size_t i = 0; i < n_articles * 2; i++) {
		buf_add(&all, articles[i / 2].text);
		buf_addz(&all, "\n\n");
	}
	struct lesson_brief brief = { .name = STR("all.md"),
		                      .text = buf_str(&all),
		                      .questions = 20 };
	enum rc rc = lesson_plan(a, &brief, &out, &err);
	ck_assert_msg(rc == RC_OK, "%s", err.text);
	buf_fini(&all);
	buf_fini(&out);
	arena_destroy(a);
}
END_TEST

int main(void)
{
	DIR *d = opendir(articles_folder());
	if (!d) {
		fprintf(stderr, "skipped: %s is missing\n", articles_folder());
		return 77;
	}
	enum rc rc = plan_articles(d);
	closedir(d);
	const TTest *const tests[] = { every_spec_passes_the_schema,
		                       every_article_gives_enough,
		                       every_key_is_a_span_of_its_source,
		                       every_distractor_is_elsewhere,
		                       no_sentence_is_asked_twice,
		                       answers_are_balanced,
		                       the_same_article_gives_the_same_bytes,
		                       a_long_text_is_read_too };
	int ret = rc != RC_OK ? 1
	                      : unit_run("makers/lesson/plan on articles", tests, ARRAY_LEN(tests));
	for (size_t i = 0; i < n_articles; i++)
		forget_article(&articles[i]);
	return ret;
}
