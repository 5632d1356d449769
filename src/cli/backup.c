/* `takt backup` and `takt restore`: one is made by the server and only watched here; what
 * is done without a server (verify, restore) reads the folder itself. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/list.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "codec/json.h"
#include "codec/rfc3339.h"
#include "sys/file_stream.h"
#include "sys/terminal.h"

enum { LOOK_MS = 50, PATH_TEXT_MAX = 4096 };

/* --- Made by the server --- */

static const char *request_body(struct cli *c, const char *folder, struct err *err)
{
	char absolute[PATH_TEXT_MAX];
	struct buf body = BUF_INIT(3 * PATH_TEXT_MAX);
	struct json_out o;
	if (path_absolute(folder, absolute, sizeof absolute, err) != RC_OK)
		return NULL;
	json_out_init(&o, &body);
	json_begin_object(&o);
	json_put_str(&o, "path", str_z(absolute));
	json_end_object(&o);
	const char *ret = str_dupz(c->arena, buf_str(&body));
	buf_fini(&body);
	return ret;
}

static void show_progress(const struct cli *c, const struct json *b)
{
	if (c->is_json || !terminal_is(TERMINAL_ERR))
		return;
	struct str phase = json_get_str(b, "phase", STR(""));
	double done = (double)json_get_int(b, "database_bytes_done", 0);
	double of = (double)json_get_int(b, "database_bytes", 0);
	fprintf(stderr, "\r\033[K" STR_FMT, STR_ARG(phase));
	if (str_eqz(phase, "database") && of > 0)
		fprintf(stderr, " %.0f %% of %.1f MB", 100 * done / of, of / 1e6);
	if (str_eqz(phase, "blobs"))
		fprintf(stderr, " %lld, %.1f MB", (long long)json_get_int(b, "blobs_done", 0),
		        (double)json_get_int(b, "blob_bytes_done", 0) / 1e6);
	fflush(stderr);
}

static void end_progress(const struct cli *c)
{
	if (!c->is_json && terminal_is(TERMINAL_ERR))
		fprintf(stderr, "\r\033[K");
}

static bool is_running(const struct json *b)
{
	return str_eqz(json_get_str(b, "state", STR("")), "running");
}

static int print_made(struct cli *c, const struct json *b)
{
	if (c->is_json) {
		printf(STR_FMT "\n", STR_ARG(b->raw));
	} else {
		int64_t began = 0, ended = 0;
		char took[32];
		struct str where = json_get_str(b, "path", json_get_str(b, "id", STR("")));
		if (rfc3339_parse(json_get_str(b, "started_at", STR("")), &began) != RC_OK ||
		    rfc3339_parse(json_get_str(b, "finished_at", STR("")), &ended) != RC_OK)
			ended = began;
		struct str time = duration_text(ended - began, took);
		printf(STR_FMT ": database %.1f MB, %lld blobs %.1f MB, verified, in " STR_FMT "\n",
		       STR_ARG(where), (double)json_get_int(b, "database_bytes_done", 0) / 1e6,
		       (long long)json_get_int(b, "blobs_done", 0),
		       (double)json_get_int(b, "blob_bytes_done", 0) / 1e6, STR_ARG(time));
	}
	return EXIT_OK;
}

static int say_failed(const struct cli *c, const struct json *b)
{
	const struct json *why = json_getz(b, "error");
	struct err err = { 0 };
	enum code code = code_find(json_get_str(why, "code", STR("")));
	struct str words = json_get_str(why, "message", STR("it failed"));
	(void)err_set(&err, code == CODE_NONE ? CODE_IO : code, "no backup was made: " STR_FMT,
	              STR_ARG(words));
	return cli_fail_err(c, &err);
}

static enum takt_outcome watch(struct cli *c, struct takt *t, const struct json **b,
                               struct takt_error *e)
{
	const char *id = str_dupz(c->arena, json_get_str(*b, "id", STR("")));
	const char *path = cli_path(c, "/v1/backups/", id, "");
	enum takt_outcome outcome = TAKT_OK;
	while (outcome == TAKT_OK && is_running(*b)) {
		show_progress(c, *b);
		session_wait_ms(LOOK_MS);
		outcome = cli_ask(c, t, "GET", path, NULL, b, e);
	}
	end_progress(c);
	return outcome;
}

int backup_create_command(struct cli *c)
{
	struct session s;
	struct takt_error e;
	struct err err = { 0 };
	const struct json *b;
	const char *body = NULL;
	if (c->args.n_words && !(body = request_body(c, c->args.words[0], &err)))
		return cli_fail_err(c, &err);
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome = cli_ask(c, s.t, "POST", "/v1/backups", body, &b, &e);
	if (outcome == TAKT_OK)
		outcome = watch(c, s.t, &b, &e);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	return json_getz(b, "error") && json_getz(b, "error")->type == JSON_OBJECT
	               ? say_failed(c, b)
	               : print_made(c, b);
}

int backup_list_command(struct cli *c)
{
	static const struct column columns[] = {
		{ "BACKUP", "id", false },         { "STATE", "state", false },
		{ "STARTED", "started_at", true }, { "DATABASE", "database_bytes_done", false },
		{ "BLOBS", "blobs_done", false },  { "FOLDER", "path", false },
	};
	static const char *const filters[] = { NULL };
	static const struct list l = { "/v1/backups",      "backups", columns,
		                       ARRAY_LEN(columns), filters,   "no backups" };
	return list_command(c, &l);
}

/* --- Without a server --- */

static void print_facts(const struct cli *c, const struct backup_facts *f, const char *done,
                        const char *where)
{
	char time[RFC3339_MAX];
	struct str at = rfc3339_text(f->finished_ms, time);
	if (!c->is_json) {
		printf("%s: " STR_FMT " of " STR_FMT " by takt " STR_FMT ", schema %lld\n"
		       "  %lld tasks, %lld runs, %lld events, %lld artifacts\n"
		       "  database %.1f MB, %lld blobs %.1f MB\n",
		       done, STR_ARG(f->id), STR_ARG(at), STR_ARG(f->takt),
		       (long long)f->schema_version, (long long)f->tasks, (long long)f->runs,
		       (long long)f->events, (long long)f->artifacts,
		       (double)f->database_bytes / 1e6, (long long)f->blobs,
		       (double)f->blob_bytes / 1e6);
		return;
	}
	struct buf text = BUF_INIT(16 << 10);
	struct json_out o;
	json_out_init(&o, &text);
	json_begin_object(&o);
	json_put_bool(&o, done, true);
	json_put_str(&o, "path", str_z(where));
	json_put_str(&o, "id", f->id);
	json_put_str(&o, "takt", f->takt);
	json_put_str(&o, "finished_at", at);
	json_put_int(&o, "schema_version", f->schema_version);
	json_put_int(&o, "database_bytes", f->database_bytes);
	json_put_int(&o, "blobs", f->blobs);
	json_put_int(&o, "blob_bytes", f->blob_bytes);
	json_put_int(&o, "tasks", f->tasks);
	json_put_int(&o, "runs", f->runs);
	json_put_int(&o, "events", f->events);
	json_put_int(&o, "artifacts", f->artifacts);
	json_end_object(&o);
	printf(STR_FMT "\n", STR_ARG(buf_str(&text)));
	buf_fini(&text);
}

int backup_verify_command(struct cli *c)
{
	struct backup_facts f;
	struct err err = { 0 };
	const char *folder = c->args.words[0];
	if (c->hooks->backup.verify(c->arena, folder, &f, &err) != RC_OK)
		return cli_fail_err(c, &err);
	print_facts(c, &f, "verified", folder);
	return EXIT_OK;
}

int restore_command(struct cli *c)
{
	struct backup_facts f;
	struct err err = { 0 };
	if (c->hooks->backup.restore(c->arena, c->args.words[0], c->config.data, &f, &err) != RC_OK)
		return cli_fail_err(c, &err);
	print_facts(c, &f, "restored", c->config.data);
	if (!c->is_json)
		printf("  in %s; begin with: takt serve --data %s\n", c->config.data,
		       c->config.data);
	return EXIT_OK;
}
