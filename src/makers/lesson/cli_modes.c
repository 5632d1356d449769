/* makers/lesson/cli_modes.c: generate and check by hand; see cli_modes.h. */
#include <stdio.h>

#include "makers/lesson/cli_modes.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/schema.h"
#include "makers/lesson/generate/embedded.h"
#include "makers/lesson/lesson.h"
#include "sys/file.h"

enum { SPEC_MAX = 4 << 20, EXIT_FAILED = 1, EXIT_WRONG = 2 };

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

/* Prints the check and says whether it failed. */
static bool run_check(struct arena *a, const struct lesson_check *check, const struct json *spec,
                      const struct made_files *files)
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
	return result.verdict == CHECK_FAIL;
}

static enum rc check_all(struct arena *a, const char *folder, size_t *n_failed, struct err *err)
{
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
	for (size_t i = 0; i < lesson_checks_n && rc == RC_OK; i++)
		*n_failed += run_check(a, &lesson_checks[i], spec, &files);
	return rc;
}

int lesson_main_check(int argc, char **argv)
{
	struct err err = { 0 };
	size_t n_failed = 0;
	if (argc != 2) {
		fprintf(stderr, "usage: takt-maker-lesson --check FOLDER\n");
		return EXIT_WRONG;
	}
	struct arena *a = arena_create(1 << 16);
	enum rc rc = check_all(a, argv[1], &n_failed, &err);
	arena_destroy(a);
	if (rc != RC_OK)
		return complain(&err);
	return n_failed > 0 ? EXIT_FAILED : 0;
}
