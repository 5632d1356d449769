/* cli/make_spec.c: see make_spec.h.  The maker's program is run as it is, without a server:
 * planning changes nothing and keeps nothing. */
#include <stdio.h>

#include "cli/make_spec.h"

#include "base/arena.h"
#include "cli/cli.h"
#include "codec/json.h"
#include "sys/process.h"
#include "sys/terminal.h"

enum { SPEC_MAX = 4 << 20, PLAN_MS = 60 * 1000 };

struct wanted {
	struct arena *arena;
	const char *maker, *program;
};

static void find(void *ctx, const char *name, const char *program)
{
	struct wanted *w = ctx;
	if (strcmp(name, w->maker) == 0)
		w->program = str_dupz(w->arena, str_z(program));
}

static enum rc find_program(struct cli *c, const char *maker, const char **ret, struct err *err)
{
	struct wanted w = { .arena = c->arena, .maker = maker };
	enum rc rc = c->hooks->makers(c->arena, c->config.makers, find, &w, err);
	if (rc == RC_OK && strcmp(maker, "lesson") != 0)
		rc = err_set(err, CODE_BAD_REQUEST, "--spec-only is for the maker lesson, not %s",
		             maker);
	else if (rc == RC_OK && !w.program)
		rc = err_set(err, CODE_NOT_FOUND, "there is no maker %s", maker);
	*ret = w.program;
	return rc;
}

int make_spec_only(struct cli *c, const char *maker, const char *file)
{
	struct err err = { 0 };
	struct process_result result = { 0 };
	AUTO(buf_fini) struct buf out = BUF_INIT(SPEC_MAX), errors = BUF_INIT(64 << 10);
	const char *program;
	if (strcmp(file, "-") == 0)
		return cli_usage(c, "%s", "--spec-only needs a file, not standard input");
	if (find_program(c, maker, &program, &err) != RC_OK)
		return err.code == CODE_BAD_REQUEST ? cli_usage(c, "%s", err.text)
		                                    : cli_fail_err(c, &err);
	const char *argv[] = { program, "--plan", file, NULL };
	struct process_options o = { .argv = argv, .fd_in = -1, .fd_out = -1, .fd_err = -1 };
	if (process_run(&o, STR(""), PLAN_MS, &out, &errors, &result, &err) != RC_OK)
		return cli_fail_err(c, &err);
	terminal_write(result.exit_code == 0 ? TERMINAL_OUT : TERMINAL_ERR,
	               result.exit_code == 0 ? buf_str(&out) : buf_str(&errors));
	return result.exit_code == 0 ? EXIT_OK : EXIT_BAD_INPUT;
}

enum rc make_read_spec(struct cli *c, const char *file, struct str *ret, struct err *err)
{
	struct str text;
	const struct json *spec;
	enum rc rc = cli_read_file(c, file, SPEC_MAX, &text, err);
	if (rc == RC_OK)
		rc = json_read(c->arena, text, NULL, &spec, err);
	if (rc == RC_OK && spec->type != JSON_OBJECT)
		rc = err_set(err, CODE_FIELD_TYPE, "%s is no spec: a spec is a JSON object", file);
	if (rc == RC_OK)
		*ret = spec->raw;
	return rc;
}
