/* `takt restart`: asks the supervisor that holds the data folder by a signal, and waits
 * until it says in server.json that the restart is over, or why it was refused. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/session.h"

#include "base/arena.h"
#include "codec/json.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/replace.h"
#include "sys/signals.h"

enum { ANNOUNCEMENT_MAX = 16 << 10, LOOK_MS = 10, SLACK_MS = 60 * 1000 };

struct holder {
	int64_t pid, restarts;
	struct str refused; /* .ptr NULL: it was not */
};

static enum rc no_server(const struct cli *c, struct err *err)
{
	return err_set(err, CODE_NO_SERVER, "no server holds %s; start one with `takt serve`",
	               c->config.data);
}

static enum rc read_holder(struct cli *c, struct holder *ret, struct err *err)
{
	struct str text;
	const struct json *v;
	const char *path = str_dupz(c->arena, str_fmt(c->arena, "%s/server.json", c->config.data));
	if (file_read(c->arena, path, ANNOUNCEMENT_MAX, &text, NULL) != RC_OK)
		return no_server(c, err);
	enum rc rc = json_read(c->arena, text, NULL, &v, err);
	if (rc != RC_OK)
		return err_at(err, "%s", path);
	*ret = (struct holder){ .pid = json_get_int(v, "pid", 0),
		                .restarts = json_get_int(v, "restarts", 0),
		                .refused = json_get_str(v, "refused", (struct str){ 0 }) };
	return RC_OK;
}

/* The lock decides: a file that a killed server left names somebody else's process. */
static enum rc find_holder(struct cli *c, struct holder *ret, struct err *err)
{
	if (!folder_is_held(c->arena, c->config.data))
		return no_server(c, err);
	return read_holder(c, ret, err);
}

static enum rc wait_for_it(struct cli *c, const struct holder *before, struct holder *ret,
                           struct err *err)
{
	int64_t end = env_mono_ms(&env_system) + c->config.drain_ms + SLACK_MS;
	while (env_mono_ms(&env_system) < end) {
		struct arena_mark mark = arena_mark(c->arena);
		enum rc rc = find_holder(c, ret, err);
		if (rc != RC_OK)
			return err_set(err, CODE_NO_SERVER,
			               "the server ended instead; its log says why");
		if (ret->restarts > before->restarts)
			return RC_OK;
		arena_rewind(c->arena, mark);
		session_wait_ms(LOOK_MS);
	}
	return err_set(err, CODE_UNKNOWN_OUTCOME,
	               "the restart was not over after %lld s; the server's log says more",
	               (long long)(c->config.drain_ms + SLACK_MS) / 1000);
}

static enum rc restart(struct cli *c, int signal, int64_t *ret_ms, struct err *err)
{
	struct holder before, after;
	int64_t began = env_mono_ms(&env_system);
	enum rc rc = find_holder(c, &before, err);
	if (rc == RC_OK)
		rc = process_tell(before.pid, signal, err);
	/* Killed just now: what it had started ends, too, and lets the lock go. */
	if (rc != RC_OK && err->code == CODE_NOT_FOUND)
		return no_server(c, err);
	if (rc == RC_OK)
		rc = wait_for_it(c, &before, &after, err);
	if (rc != RC_OK)
		return rc;
	if (after.refused.ptr)
		return err_set(err, CODE_CONFLICT, "not restarted, the old one goes on: " STR_FMT,
		               STR_ARG(after.refused));
	*ret_ms = env_mono_ms(&env_system) - began;
	return RC_OK;
}

int restart_command(struct cli *c)
{
	struct err err = { 0 };
	int64_t ms = 0;
	int signal = args_has(&c->args, "supervisor") ? SIGUSR2
	             : args_has(&c->args, "workers")  ? SIGUSR1
	                                              : SIGHUP;
	if (restart(c, signal, &ms, &err) != RC_OK)
		return cli_fail_err(c, &err);
	if (c->is_json)
		printf("{\"restarted\":true,\"ms\":%lld}\n", (long long)ms);
	else
		printf("restarted in %lld ms\n", (long long)ms);
	return EXIT_OK;
}
