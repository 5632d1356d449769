/* makers/lesson/check/node_tool.c: checks by the tools of npm's world.
 *
 * Each is a small script of check/tools/, which is inside this program.  It is written into
 * a folder of its own together with the lesson, run by node, and tells its findings as JSON
 * (see tools/tool.mjs).  The packages that it wants are looked for in the folder that
 * $NODE_PATH names (a variable of Node itself), else in node_modules beside or above this program,
 * else where PATH has a node_modules/.bin.  What is missing is named: "not run: tool missing (…)".
 */
#include <stdlib.h>

#include "makers/lesson/check/check_priv.h"

#include "base/arena.h"
#include "codec/json.h"
#include "makers/lesson/embedded/embedded.h"
#include "sys/environ.h"
#include "sys/file.h"
#include "sys/process.h"

enum { OUTPUT_MAX = 1 << 20, TIMEOUT_MS = 100000, PARENTS_MAX = 6, EXIT_MISSING = 3 };
#define TOOLS "src/makers/lesson/check/tools/"

/* --- Finding the packages --- */

static const char *modules_above_program(struct arena *a)
{
	struct str parents = program_folder(a);
	for (int i = 0; i < PARENTS_MAX; i++) {
		char *path = str_dupz(a, str_fmt(a, STR_FMT "/node_modules", STR_ARG(parents)));
		if (file_exists(path))
			return path;
		parents = str_fmt(a, STR_FMT "/..", STR_ARG(parents));
	}
	return NULL;
}

static const char *modules_on_path(struct arena *a)
{
	const char *path = environ_get("PATH");
	struct str rest = str_z(path);
	while (rest.len > 0) {
		struct str folder = str_cut(rest, ':', &rest);
		if (str_ends(folder, STR("/node_modules/.bin")))
			return str_dupz(a, str_sub(folder, 0, folder.len - 5));
	}
	return NULL;
}

static const char *find_modules(struct arena *a)
{
	const char *ret = environ_get("NODE_PATH");
	if (!ret || !*ret)
		ret = modules_above_program(a);
	if (!ret)
		ret = modules_on_path(a);
	return ret ? ret : "/nonexistent";
}

/* --- Running --- */

/* What the scripts import, and the mock that they run the game on. */
static const struct {
	const char *source, *name;
} shared_tools[] = {
	{ TOOLS "layout.mjs", "layout.mjs" },
	{ TOOLS "machine.mjs", "machine.mjs" },
	{ TOOLS "rules.mjs", "rules.mjs" },
	{ TOOLS "tool.mjs", "tool.mjs" },
	{ TOOLS "walk.mjs", "walk.mjs" },
	{ "roblox/mock/roblox.luau", "roblox.luau" },
	{ "roblox/mock/screen.luau", "screen.luau" },
};

static enum rc add_tool(struct arena *a, struct made_files *all, const char *source,
                        const char *name, struct err *err)
{
	struct str path = str_fmt(a, "tools/%s", name);
	return made_files_add(all, path, embedded_find(source), err);
}

/* The scripts, and of the lesson what they read. */
static enum rc write_all(struct arena *a, const struct made_files *files, const char *script,
                         const char *folder, struct err *err)
{
	struct made_files all;
	made_files_init(&all, a);
	const char *own = str_dupz(a, str_fmt(a, TOOLS "%s", script));
	enum rc rc = add_tool(a, &all, own, script, err);
	for (size_t i = 0; i < ARRAY_LEN(shared_tools) && rc == RC_OK; i++)
		rc = add_tool(a, &all, shared_tools[i].source, shared_tools[i].name, err);
	for (size_t i = 0; i < files->n && rc == RC_OK; i++) {
		const struct made_file *file = &files->items[i];
		if (str_ends(file->path, STR(".luau")) || str_ends(file->path, STR(".json")) ||
		    str_ends(file->path, STR(".gift")))
			rc = made_files_add(&all,
			                    str_fmt(a, "lesson/" STR_FMT, STR_ARG(file->path)),
			                    file->bytes, err);
	}
	return rc == RC_OK ? made_files_write(&all, folder, err) : rc;
}

static enum rc run_node(struct arena *a, const char *script, const char *folder, struct buf *out,
                        struct buf *errors, struct process_result *result, struct err *err)
{
	const char *path = str_dupz(a, str_fmt(a, "tools/%s", script));
	const char *argv[] = { "node", path, "lesson", find_modules(a), NULL };
	struct process_options options = {
		.argv = argv,
		.folder = folder,
		.fd_in = -1,
		.fd_out = -1,
		.fd_err = -1,
		.is_group_leader = true,
	};
	return process_run(&options, STR(""), TIMEOUT_MS, out, errors, result, err);
}

/* --- What it said --- */

static void read_answer(struct arena *a, struct str text, struct check_result *ret)
{
	const struct json *answer;
	struct findings f;
	struct err err = { 0 };
	findings_init(&f, a);
	if (json_read(a, str_dup(a, text), NULL, &answer, &err) != RC_OK) {
		finding_add(&f, STR("game"), "the check's answer is no JSON: %s", err.text);
		findings_end(&f, ret, "%s", "");
		return;
	}
	json_each(one, member_list(answer, "findings")) {
		finding_add(&f, member_text(one, "place"), STR_FMT,
		            STR_ARG(member_text(one, "text")));
	}
	findings_end(&f, ret, STR_FMT, (int)size_min(member_text(answer, "evidence").len, 250),
	             member_text(answer, "evidence").ptr);
}

static void judge(struct arena *a, const struct process_result *result, struct str out,
                  struct str errors, struct check_result *ret)
{
	struct findings f;
	if (result->exit_code == 0) {
		read_answer(a, out, ret);
	} else if (result->exit_code == EXIT_MISSING) {
		ret->evidence = str_fmt(a, "not run: tool missing (" STR_FMT ")", STR_ARG(errors));
	} else {
		findings_init(&f, a);
		if (result->is_timeout)
			finding_add(&f, STR("game"), "the check was not done after %d s",
			            TIMEOUT_MS / 1000);
		else
			finding_add(&f, STR("game"), "the check ended with %d: " STR_FMT,
			            result->exit_code, (int)size_min(errors.len, 250), errors.ptr);
		findings_end(&f, ret, "%s", "");
	}
}

static void run_check(struct arena *a, const struct made_files *files, const char *script,
                      struct check_result *ret)
{
	char folder[] = "/tmp/takt-check-XXXXXX";
	struct buf out = BUF_INIT(OUTPUT_MAX), errors = BUF_INIT(OUTPUT_MAX);
	struct process_result result = { 0 };
	struct err err = { 0 };
	*ret = (struct check_result){ .verdict = CHECK_NOT_RUN };
	if (!mkdtemp(folder)) {
		ret->evidence = STR("not run: no temporary folder in /tmp");
		return;
	}
	enum rc rc = write_all(a, files, script, folder, &err);
	if (rc == RC_OK)
		rc = run_node(a, script, folder, &out, &errors, &result, &err);
	if (rc == RC_OK)
		judge(a, &result, buf_str(&out), buf_str(&errors), ret);
	else if (err.code == CODE_TOOL_MISSING)
		ret->evidence = STR("not run: tool missing (node)");
	else
		ret->evidence = str_fmt(a, "not run: %s", err.text);
	buf_fini(&out);
	buf_fini(&errors);
	if (folder_remove(folder, &err) != RC_OK) {
		/* What is left is small and below /tmp; the verdict stands. */
	}
}

void check_luau(struct arena *a, const struct json *spec, const struct made_files *files,
                struct check_result *ret)
{
	(void)spec;
	run_check(a, files, "luau.mjs", ret);
}

void check_api(struct arena *a, const struct json *spec, const struct made_files *files,
               struct check_result *ret)
{
	(void)spec;
	run_check(a, files, "api.mjs", ret);
}

void check_game(struct arena *a, const struct json *spec, const struct made_files *files,
                struct check_result *ret)
{
	(void)spec;
	run_check(a, files, "game.mjs", ret);
}

void check_screens(struct arena *a, const struct json *spec, const struct made_files *files,
                   struct check_result *ret)
{
	(void)spec;
	run_check(a, files, "screens.mjs", ret);
}

void check_gift_pegjs(struct arena *a, const struct json *spec, const struct made_files *files,
                      struct check_result *ret)
{
	(void)spec;
	run_check(a, files, "gift.mjs", ret);
}
