/* makers/lesson/cli_modes.c: generate and check by hand; see cli_modes.h. */
#include <stdio.h>

#include "makers/lesson/cli_modes.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/schema.h"
#include "makers/lesson/embedded/embedded.h"
#include "makers/lesson/lesson.h"
#include "makers/lesson/report.h"
#include "makers/lesson/review.h"
#include "sys/file.h"

enum { SPEC_MAX = 4 << 20, CHECKS_MAX = 4 << 20, EXIT_FAILED = 1, EXIT_WRONG = 2 };

static int complain(const struct err *err)
{
	fprintf(stderr, "takt-maker-lesson: %s%s%s\n", err->place, err->place[0] ? ": " : "",
	        err->text);
	return EXIT_WRONG;
}

/* The spec of a file, held against the schema. */
static enum rc read_spec(struct arena *a, const char *path, const struct json **ret,
                         struct err *err)
{
	struct str text;
	const struct json *root;
	struct schema *schema = NULL;
	enum rc rc = file_read(a, path, SPEC_MAX, &text, err);
	if (rc == RC_OK)
		rc = json_read(a, text, NULL, ret, err);
	if (rc == RC_OK)
		rc = json_read(a, embedded_find("src/makers/lesson/spec.schema.json"), NULL, &root,
		               err);
	if (rc == RC_OK)
		rc = schema_compile(root, NULL, &schema, err);
	if (rc == RC_OK)
		rc = schema_check(schema, *ret, a, err);
	schema_destroy(schema);
	return rc;
}

static enum rc generate(struct arena *a, const char *spec_path, const char *folder, struct err *err)
{
	const struct json *spec;
	struct made_files files;
	made_files_init(&files, a);
	enum rc rc = read_spec(a, spec_path, &spec, err);
	if (rc == RC_OK)
		rc = lesson_generate(a, spec, &files, err);
	if (rc == RC_OK)
		rc = made_files_write(&files, folder, err);
	if (rc == RC_OK)
		printf("%zu files in %s\n", files.n, folder);
	return rc;
}

int lesson_main_generate(int argc, char **argv)
{
	struct err err = { 0 };
	if (argc != 3) {
		fprintf(stderr, "usage: takt-maker-lesson --generate SPEC.json FOLDER\n");
		return EXIT_WRONG;
	}
	struct arena *a = arena_create(1 << 16);
	enum rc rc = generate(a, argv[1], argv[2], &err);
	arena_destroy(a);
	return rc == RC_OK ? 0 : complain(&err);
}

/* Prints the check, writes it down, and says whether it failed. */
static bool run_check(struct arena *a, const struct lesson_check *check, const struct json *spec,
                      const struct made_files *files, struct json_out *o)
{
	static const char *const verdicts[] = {
		[CHECK_PASS] = "pass", [CHECK_FAIL] = "FAIL", [CHECK_NOT_RUN] = "not run"
	};
	struct check_result result = { 0 };
	check->run(a, spec, files, &result);
	printf("%-8s %-12s " STR_FMT "\n", verdicts[result.verdict], check->name,
	       STR_ARG(result.evidence));
	for (const struct check_finding *f = result.findings; f; f = f->next)
		printf("         " STR_FMT ": " STR_FMT "\n", STR_ARG(f->place), STR_ARG(f->text));
	report_check(o, check, &result);
	return result.verdict == CHECK_FAIL;
}

/* The reports alone: the lesson itself is where it was. */
static enum rc write_reports(struct arena *a, const struct made_files *files,
                             const struct json *spec, struct str checks, const char *folder,
                             struct err *err)
{
	const struct json *list;
	struct made_files whole, reports;
	made_files_init(&reports, a);
	enum rc rc = json_read(a, checks, NULL, &list, err);
	if (rc == RC_OK)
		rc = report_compose(a, files, spec, list, NULL, &whole, err);
	for (size_t i = 0; rc == RC_OK && i < whole.n; i++) {
		if (str_starts(whole.items[i].path, STR("report.")))
			rc = made_files_add(&reports, whole.items[i].path, whole.items[i].bytes,
			                    err);
	}
	return rc == RC_OK ? made_files_write(&reports, folder, err) : rc;
}

static enum rc check_all(struct arena *a, const char *folder, const char *reports, size_t *n_failed,
                         struct err *err)
{
	struct buf checks = BUF_INIT(CHECKS_MAX);
	struct json_out o;
	const struct json *spec;
	struct made_files files;
	made_files_init(&files, a);
	enum rc rc = made_files_read(&files, folder, err);
	if (rc != RC_OK)
		return rc;
	const struct made_file *file = made_files_find(&files, STR("spec.json"));
	if (!file)
		return err_set(err, CODE_NOT_FOUND, "there is no spec.json in %s", folder);
	rc = json_read(a, file->bytes, NULL, &spec, err);
	json_out_init(&o, &checks);
	json_begin_array(&o);
	for (size_t i = 0; i < lesson_checks_n && rc == RC_OK; i++)
		*n_failed += run_check(a, &lesson_checks[i], spec, &files, &o);
	json_end_array(&o);
	if (rc == RC_OK && reports)
		rc = write_reports(a, &files, spec, buf_str(&checks), reports, err);
	buf_fini(&checks);
	return rc;
}

int lesson_main_check(int argc, char **argv)
{
	struct err err = { 0 };
	size_t n_failed = 0;
	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: takt-maker-lesson --check FOLDER [REPORTS]\n");
		return EXIT_WRONG;
	}
	struct arena *a = arena_create(1 << 16);
	enum rc rc = check_all(a, argv[1], argc == 3 ? argv[2] : NULL, &n_failed, &err);
	arena_destroy(a);
	if (rc != RC_OK)
		return complain(&err);
	return n_failed > 0 ? EXIT_FAILED : 0;
}

static enum rc review(struct arena *a, const char *path, struct err *err)
{
	const struct json *spec;
	struct review r;
	enum rc rc = read_spec(a, path, &spec, err);
	if (rc == RC_OK)
		rc = lesson_review(a, spec, &r, err);
	if (rc != RC_OK)
		return rc;
	for (const struct review_drop *drop = r.drops; drop; drop = drop->next)
		fprintf(stderr, "dropped " STR_FMT " (%s): " STR_FMT ": " STR_FMT "\n",
		        STR_ARG(drop->id), drop->check, STR_ARG(drop->what), STR_ARG(drop->reason));
	printf(STR_FMT "\n", STR_ARG(r.spec->raw));
	return RC_OK;
}

int lesson_main_review(int argc, char **argv)
{
	struct err err = { 0 };
	if (argc != 2) {
		fprintf(stderr, "usage: takt-maker-lesson --review SPEC.json\n");
		return EXIT_WRONG;
	}
	struct arena *a = arena_create(1 << 16);
	enum rc rc = review(a, argv[1], &err);
	arena_destroy(a);
	return rc == RC_OK ? 0 : complain(&err);
}
