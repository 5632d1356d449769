/* The six core modules of the Mustache specification. */
#include "suite.h"

#include "codec/mustache.h"

struct suite {
	struct arena *arena;
	size_t files, passed, failed;
};

static void run_case(struct suite *s, const char *path, const struct json *test)
{
	struct err err = { 0 };
	struct buf out = BUF_INIT(1 << 20);
	struct mustache_options options = { .partials = json_getz(test, "partials") };
	struct str expected = json_get_str(test, "expected", STR("?"));
	enum rc rc = mustache_render(s->arena, json_get_str(test, "template", STR("?")),
	                             json_getz(test, "data"), &options, &out, &err);
	bool is_right = rc == RC_OK && str_eq(buf_str(&out), expected);
	s->passed += is_right;
	s->failed += !is_right;
	if (!is_right)
		printf("%s: %.*s: \"%.*s\", not \"%.*s\" %s\n", path,
		       STR_ARG(json_get_str(test, "name", STR("?"))), STR_ARG(buf_str(&out)),
		       STR_ARG(expected), err.text);
	buf_fini(&out);
}

static void run_file(const char *path, void *with)
{
	struct suite *s = with;
	s->files++;
	json_each(test, json_getz(suite_json(s->arena, path), "tests"))
		run_case(s, path, test);
}

int main(int argc, char **argv)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1 << 16);
	struct suite s = { .arena = arena };
	char folder[512];
	snprintf(folder, sizeof folder, "%s/mustache", suite_data(argc, argv));
	suite_files(folder, run_file, &s);
	if (s.files == 0) {
		printf("skipped: the Mustache specification is not at %s\n", folder);
		return SUITE_SKIPPED;
	}
	printf("Mustache: %zu passed, %zu failed, %zu files\n", s.passed, s.failed, s.files);
	return s.failed || s.passed == 0;
}
