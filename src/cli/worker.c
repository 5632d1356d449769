/* `takt worker --kind KIND -- PROGRAM`: a program of yours as a worker. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/session.h"
#include "sys/log.h"
#include "worker/script.h"
#include "worker/worker.h"

enum { KINDS_MAX = 64 };

static size_t read_kinds(struct cli *c, struct script *script, struct worker_kind *kinds)
{
	const char *kind;
	size_t n = 0;
	while (n < KINDS_MAX && (kind = args_nth(&c->args, "kind", n)))
		kinds[n++] = (struct worker_kind){ kind, script_perform, script };
	return n;
}

static enum rc read_numbers(struct cli *c, struct worker_options *o, struct script *script,
                            struct err *err)
{
	int64_t slots;
	enum rc rc = args_int(&c->args, "slots", 1, 64, 1, &slots, err);
	if (rc == RC_OK)
		rc = args_int(&c->args, "lease-ms", 1000, 3600 * 1000, 0, &o->lease_ms, err);
	if (rc == RC_OK)
		rc = args_int(&c->args, "timeout-ms", 1, INT64_MAX, 0, &script->timeout_ms, err);
	if (rc == RC_OK)
		o->slots = (int)slots;
	return rc;
}

int worker_command(struct cli *c)
{
	struct script script = { .argv = c->args.program };
	struct worker_kind kinds[KINDS_MAX];
	struct worker_options o = { .kinds = kinds, .name = args_get(&c->args, "name") };
	struct err err = { 0 };
	struct session s;
	struct takt_error e;
	o.n_kinds = read_kinds(c, &script, kinds);
	if (o.n_kinds == 0)
		return cli_usage(c, "say what it performs: --kind KIND");
	if (c->args.n_program == 0)
		return cli_usage(c, "say which program performs it, behind --");
	if (read_numbers(c, &o, &script, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	o.server = (struct takt_options){ .url = s.url,
		                          .unix_path = s.unix_path,
		                          .key = s.unix_path ? NULL : s.key };
	session_close(&s);
	LOG(LOG_INFO, "performing", LOG_STR("kind", str_z(kinds[0].kind)),
	    LOG_STR("program", str_z(script.argv[0])));
	return worker_main(&o) == 0 ? EXIT_OK : EXIT_NO_SERVER;
}
