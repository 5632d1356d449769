/* Finding or starting the server: see session.h. */
#include <stdio.h>

#include "cli/session.h"

#include "base/arena.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/mailbox.h"
#include "sys/pipe.h"
#include "sys/signals.h"

enum { KEY_FILE_MAX = 4096, START_MS = 20 * 1000, STOP_MS = 40 * 1000, ATTACH_TRIES = 100 };

static bool is_cancelled(const struct session *s)
{
	return s->is_cancelled && s->is_cancelled(s->ctx);
}

void session_wait_ms(int64_t ms)
{
	struct mailbox silent;
	mailbox_init(&silent);
	int64_t end = env_mono_us(&env_system) + ms * 1000;
	while (env_mono_us(&env_system) < end)
		mailbox_wait(&silent, end);
}

bool folder_is_held(struct arena *a, const char *folder)
{
	const char *path = str_dupz(a, str_fmt(a, "%s/lock", folder));
	int fd;
	struct err err = { 0 };
	if (!file_exists(path))
		return false;
	enum rc rc = file_lock(path, 0, &fd, &err);
	if (rc == RC_OK)
		close_fd(&fd);
	return rc != RC_OK && err.code == CODE_FOLDER_HELD;
}

static enum takt_outcome say(struct takt_error *e, enum takt_outcome outcome, enum code code,
                             const char *text)
{
	*e = (struct takt_error){ .outcome = outcome, .retry_after_ms = -1 };
	snprintf(e->code, sizeof e->code, "%s", code_text(code));
	snprintf(e->text, sizeof e->text, "%s", text);
	return outcome;
}

/* Attaching */

static void find_key(struct session *s)
{
	struct cli *c = s->c;
	struct str text;
	s->key = c->config.key;
	if (s->key)
		return;
	const char *path = str_dupz(c->arena, str_fmt(c->arena, "%s/key", c->config.data));
	if (file_read(c->arena, path, KEY_FILE_MAX, &text, NULL) == RC_OK)
		s->key = str_dupz(c->arena, str_trim(text));
}

enum takt_outcome session_handle(const struct session *s, struct takt **ret, struct takt_error *e)
{
	struct takt_options o = { .url = s->url,
		                  .unix_path = s->unix_path,
		                  .key = s->unix_path ? NULL : s->key };
	return takt_open(&o, ret, e);
}

static enum takt_outcome is_there(struct session *s, struct takt_error *e)
{
	struct takt_request r = { .method = "GET", .path = "/healthz", .timeout_ms = 10 * 1000 };
	struct takt_reply reply;
	enum takt_outcome outcome = takt_request(s->t, &r, &reply, e);
	if (outcome == TAKT_OK)
		takt_reply_free(&reply);
	return outcome;
}

/* Embedding */

static const char *own_program(struct cli *c)
{
	char *path = realpath("/proc/self/exe", NULL);
	if (!path)
		return "takt";
	const char *ret = str_dupz(c->arena, str_z(path));
	free(path);
	return ret;
}

/* The child says one line on its standard output when it is ready. */
static enum takt_outcome await_ready(struct session *s, int fd, struct takt_error *e)
{
	int64_t end = env_mono_ms(&env_system) + START_MS;
	char byte[256];
	pipe_is_waiting(fd, false);
	for (;;) {
		ssize_t n = pipe_read(fd, byte, sizeof byte);
		if (n > 0)
			return TAKT_OK;
		if (n == 0)
			return say(e, TAKT_IO, CODE_NO_SERVER,
			           "the embedded server did not start; what it said stands above");
		if (is_cancelled(s))
			return say(e, TAKT_UNKNOWN, CODE_UNKNOWN_OUTCOME, "interrupted");
		if (env_mono_ms(&env_system) > end)
			return say(e, TAKT_IO, CODE_NO_SERVER,
			           "the embedded server was not ready after 20 s");
		session_wait_ms(2);
	}
}

static void end_server(struct session *s)
{
	int code;
	if (s->server.pid <= 0)
		return;
	process_signal(&s->server, SIGTERM, false);
	if (!process_wait(&s->server, STOP_MS, &code)) {
		process_signal(&s->server, SIGKILL, true);
		if (!process_wait(&s->server, -1, &code))
			abort(); /* a killed process ends */
	}
	s->server.pid = 0;
}

static enum takt_outcome start_server(struct session *s, struct takt_error *e)
{
	struct cli *c = s->c;
	struct err err = { 0 };
	struct pipe out;
	const char *argv[12] = { own_program(c), "serve", "--ephemeral", "--data", c->config.data };
	size_t n = 5;
	if (c->config.makers) {
		argv[n++] = "--makers";
		argv[n++] = c->config.makers;
	}
	if (c->config.file) {
		argv[n++] = "--config";
		argv[n++] = c->config.file;
	}
	if (pipe_open(&out, &err) != RC_OK)
		return say(e, TAKT_IO, err.code, err.text);
	struct process_options po = { .argv = argv,
		                      .fd_in = -1,
		                      .fd_out = out.writer,
		                      .fd_err = -1,
		                      .is_group_leader = true };
	enum rc rc = process_start(&po, &s->server, &err);
	close_fd(&out.writer);
	enum takt_outcome outcome =
	        rc == RC_OK ? await_ready(s, out.reader, e) : say(e, TAKT_IO, err.code, err.text);
	pipe_close(&out);
	if (outcome == TAKT_OK)
		s->is_embedded = true;
	else
		end_server(s);
	return outcome;
}

/* Somebody holds the folder but does not answer yet: a server that starts or is being
 * restarted.  The lock tells that from a folder without a server. */
static bool is_held(struct session *s)
{
	return folder_is_held(s->c->arena, s->c->config.data);
}

bool session_is_gone(struct session *s)
{
	return !s->url && !is_held(s);
}

static enum takt_outcome attach_or_embed(struct session *s, bool may_embed, struct takt_error *e)
{
	for (int i = 0; i < ATTACH_TRIES; i++) {
		enum takt_outcome outcome = is_there(s, e);
		if (outcome == TAKT_OK || is_cancelled(s))
			return outcome;
		if (is_held(s)) {
			session_wait_ms(50);
			continue;
		}
		if (!may_embed) {
			char text[480];
			snprintf(text, sizeof text,
			         "no server holds %.300s; start one with `takt serve`, or name "
			         "one with --server",
			         s->c->config.data);
			return say(e, TAKT_IO, CODE_NO_SERVER, text);
		}
		outcome = start_server(s, e);
		if (outcome == TAKT_OK || !is_held(s))
			return outcome;
		/* Another command was faster: its server is ours too. */
	}
	return say(e, TAKT_IO, CODE_NO_SERVER,
	           "a server holds the data folder but does not answer; its log says why");
}

enum takt_outcome session_open(struct cli *c, bool may_embed, bool (*cancelled)(void *ctx),
                               void *ctx, struct session *ret, struct takt_error *e)
{
	struct session s = { .c = c, .is_cancelled = cancelled, .ctx = ctx };
	s.server.pidfd = -1;
	s.url = c->config.server;
	find_key(&s);
	if (!s.url)
		s.unix_path = str_dupz(c->arena, str_fmt(c->arena, "%s/takt.sock", c->config.data));
	enum takt_outcome outcome = session_handle(&s, &s.t, e);
	if (outcome == TAKT_OK)
		outcome = s.url ? is_there(&s, e) : attach_or_embed(&s, may_embed, e);
	if (outcome == TAKT_OK)
		*ret = s;
	else
		session_close(&s);
	return outcome;
}

void session_close(struct session *s)
{
	takt_close(s->t);
	s->t = NULL;
	end_server(s);
}
