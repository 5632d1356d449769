/* makers/lesson/check/stylua.c: StyLua over all Luau of the artifact.
 *
 * StyLua parses real Luau, types and all, so this is at once a syntax check by another
 * program than ours.  It is what $TAKT_STYLUA names, or else looked for on PATH, then in
 * node_modules/.bin beside or above the folder of the running program; where it is missing the
 * check was not run and says so.  Its settings come from us: a stylua.toml in the artifact cannot
 * make the check milder.
 */
#include <stdlib.h>

#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "makers/lesson/embedded/embedded.h"
#include "sys/environ.h"
#include "sys/file.h"
#include "sys/process.h"

enum { OUTPUT_MAX = 64 << 10, TIMEOUT_MS = 60000, PARENTS_MAX = 6 };

/* Only Luau, and our settings. */
static enum rc write_luau(struct arena *a, const struct made_files *files, const char *folder,
                          size_t *n, struct err *err)
{
	struct made_files luau;
	made_files_init(&luau, a);
	enum rc rc =
	        made_files_add(&luau, STR("stylua.toml"), embedded_find("roblox/stylua.toml"), err);
	for (size_t i = 0; i < files->n && rc == RC_OK; i++) {
		const struct made_file *file = &files->items[i];
		if (str_ends(file->path, STR(".luau")))
			rc = made_files_add(&luau, file->path, file->bytes, err);
	}
	*n = luau.n - 1;
	return rc == RC_OK ? made_files_write(&luau, folder, err) : rc;
}

static enum rc run_tool(const char *tool, const char *folder, struct buf *out,
                        struct process_result *result, struct err *err)
{
	const char *argv[] = { tool, "--check", "--color", "Never", "--syntax", "Luau", ".", NULL };
	struct process_options options = {
		.argv = argv,
		.folder = folder,
		.fd_in = -1,
		.fd_out = -1,
		.fd_err = -1,
		.is_group_leader = true,
	};
	struct buf errors = BUF_INIT(OUTPUT_MAX);
	enum rc rc = process_run(&options, STR(""), TIMEOUT_MS, out, &errors, result, err);
	buf_add(out, buf_str(&errors));
	buf_fini(&errors);
	return rc;
}

/* What $TAKT_STYLUA says; else PATH, then the project that the program was built in. */
static enum rc run_found(struct arena *a, const char *folder, struct buf *out,
                         struct process_result *result, struct err *err)
{
	const char *chosen = environ_get("TAKT_STYLUA");
	if (chosen && *chosen)
		return run_tool(chosen, folder, out, result, err);
	enum rc rc = run_tool("stylua", folder, out, result, err);
	struct str parents = program_folder(a);
	for (int i = 0; i < PARENTS_MAX && rc != RC_OK && err->code == CODE_TOOL_MISSING; i++) {
		char *tool = str_dupz(
		        a, str_fmt(a, STR_FMT "/node_modules/.bin/stylua", STR_ARG(parents)));
		if (file_exists(tool)) {
			buf_clear(out);
			rc = run_tool(tool, folder, out, result, err);
			break;
		}
		parents = str_fmt(a, STR_FMT "/..", STR_ARG(parents));
	}
	return rc;
}

/* "Diff in ./game/…:" and "error: …" lines name what is wrong. */
static void add_findings(struct findings *f, struct str output)
{
	struct str rest = output, place = STR("game");
	while (rest.len > 0) {
		struct str line = str_cut(rest, '\n', &rest);
		if (str_starts(line, STR("Diff in "))) {
			place = str_sub(line, 8, line.len);
			if (str_starts(place, STR("./")))
				place = str_sub(place, 2, place.len);
			if (str_ends(place, STR(":")))
				place.len--;
			finding_add(f, place, "it is not formatted as StyLua formats");
		} else if (str_starts(line, STR("error"))) {
			size_t at = str_find(line, STR("game/"), 0);
			struct str named = str_sub(line, at == SIZE_MAX ? line.len : at, line.len);
			struct str ignored;
			place = str_cut(named, ':', &ignored);
			finding_add(f, place.len ? place : STR("game"), STR_FMT, STR_ARG(line));
		} else if (f->n > 0 && str_starts(str_trim(line), STR("- "))) {
			finding_add(f, place, STR_FMT, STR_ARG(str_trim(line)));
		}
	}
}

static void judge(struct arena *a, const struct process_result *result, struct str output, size_t n,
                  struct check_result *ret)
{
	struct findings f;
	findings_init(&f, a);
	if (result->exit_code != 0) {
		add_findings(&f, output);
		if (f.n == 0)
			finding_add(&f, STR("game"), "stylua ended with %d: " STR_FMT,
			            result->exit_code, (int)size_min(output.len, 200), output.ptr);
	}
	findings_end(&f, ret, "%zu Luau files parse and are formatted", n);
}

void check_stylua(struct arena *a, const struct json *spec, const struct made_files *files,
                  struct check_result *ret)
{
	char folder[] = "/tmp/takt-stylua-XXXXXX";
	struct buf output = BUF_INIT(2 * OUTPUT_MAX);
	struct process_result result = { 0 };
	struct err err = { 0 };
	size_t n = 0;
	(void)spec;
	*ret = (struct check_result){ .verdict = CHECK_NOT_RUN };
	if (!mkdtemp(folder)) {
		ret->evidence = STR("not run: no temporary folder in /tmp");
		return;
	}
	enum rc rc = write_luau(a, files, folder, &n, &err);
	if (rc == RC_OK)
		rc = run_found(a, folder, &output, &result, &err);
	if (rc == RC_OK)
		judge(a, &result, buf_str(&output), n, ret);
	else if (err.code == CODE_TOOL_MISSING)
		ret->evidence = STR("not run: tool missing (stylua)");
	else
		ret->evidence = str_fmt(a, "not run: %s", err.text);
	buf_fini(&output);
	if (folder_remove(folder, &err) != RC_OK) {
		/* What is left is a few KiB below /tmp; the verdict stands. */
	}
}
