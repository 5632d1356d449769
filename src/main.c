/* takt: the one place that knows which pieces there are, and puts them together.
 *
 *	cli/         reads the command line and does what asks a server
 *	supervisor/  `takt serve`: this process
 *	server.c     `takt serve --as-server`: its child
 *	store/       `takt db`, when no server holds the folder
 *
 * The floors below never see each other sideways; what one needs of another goes through
 * the functions here. */
#include <stdio.h>

#include "backup/backup.h"
#include "base/arena.h"
#include "cli/cli.h"
#include "flow/definition.h"
#include "makers/maker.h"
#include "server.h"
#include "store/sql.h"
#include "store/store.h"
#include "supervisor/supervisor.h"
#include "sys/log.h"
#include "sys/replace.h"
#include "sys/terminal.h"

enum { FIRST_FD = 3, WORKERS_MAX = 64 };

/* takt serve */

static bool has_tcp(const struct config *c, bool is_ephemeral)
{
	return !is_ephemeral && strcmp(c->listen, "none") != 0;
}

static enum rc find_makers(struct arena *a, const struct config *c, struct maker *ret, size_t *n,
                           struct err *err)
{
	return makers_find(a, c->makers ? c->makers : makers_standard_folder(a), ret, n, err);
}

static const char *const *maker_argv(struct arena *a, const struct config *c, const struct maker *m)
{
	const char **argv = arena_new(a, const char *, 5);
	argv[0] = m->program;
	argv[1] = "--worker";
	argv[2] = "--socket";
	argv[3] = str_dupz(a, str_fmt(a, "%s/takt.sock", c->data));
	return argv;
}

static size_t maker_children(struct arena *a, const struct config *c, const struct maker *makers,
                             size_t n_makers, struct child_spec *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < n_makers; i++)
		for (int64_t k = 0; k < c->maker_processes && n < WORKERS_MAX; k++)
			ret[n++] = (struct child_spec){ .name = makers[i].name,
				                        .argv = maker_argv(a, c, &makers[i]) };
	return n;
}

static const char *const *server_argv(struct arena *a, const struct config *c, bool is_ephemeral)
{
	const char **argv = arena_new(a, const char *, 8);
	argv[0] = self_program(a);
	argv[1] = "serve";
	argv[2] = "--as-server";
	argv[3] = str_dupz(a, c->json);
	argv[4] = "--data";
	argv[5] = c->data;
	argv[6] = is_ephemeral ? "--ephemeral" : NULL;
	return argv;
}

/* As this program was called, for its follower: by its path, without what only the start
 * after a handover has. */
static const char *const *own_argv(struct arena *a)
{
	size_t n, kept = 1;
	const char *const *given = self_arguments(a, &n);
	const char **argv = arena_new(a, const char *, n + 2);
	argv[0] = self_program(a);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(given[i], "--handover") == 0)
			i++;
		else
			argv[kept++] = given[i];
	}
	argv[kept] = NULL;
	return argv;
}

/* For another takt, which wants to be followed by this one. */
static int say_that_it_can_follow(void)
{
	struct buf out = BUF_INIT(1024);
	supervisor_follow_write(TAKT_VERSION, SCHEMA_VERSION, &out);
	bool is_said = terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
	return is_said ? EXIT_OK : EXIT_NO_SERVER;
}

/* A person reads the line; `takt make` waits for the first byte of it. */
static void say_ready(void *ctx, const char *address, const char *folder)
{
	const bool *is_ephemeral = ctx;
	if (*is_ephemeral)
		printf("ready\n");
	else
		printf("takt %s is ready: %s  data %s  (key in %s/key)\n", TAKT_VERSION, address,
		       folder, folder);
	fflush(stdout);
}

static int complain(const struct err *err)
{
	fprintf(stderr, "takt: %s%s%s (%s)\n", err->place, err->place[0] ? ": " : "", err->text,
	        code_text(err->code));
	return err->rc == RC_CONFLICT || err->rc == RC_DENIED ? EXIT_REFUSED : EXIT_NO_SERVER;
}

static int serve(struct arena *a, const struct config *c, const struct cli_serve *how)
{
	struct maker makers[MAKERS_MAX];
	struct child_spec children[WORKERS_MAX];
	size_t n_makers;
	struct err err = { 0 };
	bool is_ephemeral = how->is_ephemeral;
	if (is_ephemeral && log_level_least() < LOG_WARN)
		log_setup(LOG_WARN, strcmp(c->log_format, "json") == 0, "takt");
	if (find_makers(a, c, makers, &n_makers, &err) != RC_OK)
		return complain(&err);
	if (how->is_check)
		return say_that_it_can_follow();
	struct supervisor_options o = {
		.folder = c->data,
		.listen = has_tcp(c, is_ephemeral) ? c->listen : NULL,
		.is_ephemeral = is_ephemeral,
		.server_argv = server_argv(a, c, is_ephemeral),
		.workers = children,
		.n_workers = maker_children(a, c, makers, n_makers, children),
		.permanent_exit = SERVER_EXIT_PERMANENT,
		.drain_ms = c->drain_ms,
		.version = TAKT_VERSION,
		.schema_version = SCHEMA_VERSION,
		.argv = own_argv(a),
		.handover_fd = how->handover_fd,
		.on_ready = say_ready,
		.ctx = &is_ephemeral,
	};
	int code = supervisor_run(&o, &err);
	if (is_ephemeral && err.code == CODE_FOLDER_HELD)
		return EXIT_REFUSED; /* another was faster: the command attaches to it */
	if (err.code != CODE_NONE)
		return complain(&err);
	return code == 0 ? EXIT_OK : EXIT_NO_SERVER; /* the server has said why */
}

/* takt serve --as-server */

static int server(struct arena *a, const struct config *c, bool is_ephemeral)
{
	struct maker makers[MAKERS_MAX];
	size_t n_makers;
	struct err err = { 0 };
	if (is_ephemeral)
		log_setup(LOG_WARN, strcmp(c->log_format, "json") == 0, "takt");
	if (find_makers(a, c, makers, &n_makers, &err) != RC_OK) {
		complain(&err);
		return SERVER_EXIT_PERMANENT;
	}
	struct server_maker *list = arena_new(a, struct server_maker, n_makers + 1);
	for (size_t i = 0; i < n_makers; i++)
		list[i] = (struct server_maker){ makers[i].name, makers[i].description };
	char *folder = realpath(c->data, NULL);
	struct server_options o = {
		.folder = folder ? folder : c->data,
		.fds = { FIRST_FD, FIRST_FD + 1 },
		.n_fds = has_tcp(c, is_ephemeral) ? 2 : 1,
		.is_ephemeral = is_ephemeral,
		.hosts = c->hosts,
		.n_hosts = c->n_hosts,
		.drain_ms = c->drain_ms,
		.access_log = c->access_log,
		.disk_low_bytes = c->disk_low_bytes,
		.backup_every_ms = is_ephemeral ? 0 : c->backup_every_ms,
		.backup_keep = c->backup_keep,
		.task_retention_ms = c->task_retention_ms,
		.event_retention_ms = c->event_retention_ms,
		.makers = list,
		.n_makers = n_makers,
	};
	o.ready_fd = FIRST_FD + (int)o.n_fds; /* the folder's lock lies behind it, to be held */
	int code = server_run(&o);
	free(folder);
	return code;
}

/* takt db */

static enum rc db_status(const char *folder, struct db_status *ret, struct err *err)
{
	struct migration_status s;
	enum rc rc = store_migration_status(folder, &s, err);
	if (rc == RC_OK)
		*ret = (struct db_status){ s.have, s.want, s.names };
	return rc;
}

/* takt backup, takt restore */

static struct backup_facts facts_of(const struct backup_summary *s)
{
	return (struct backup_facts){ .id = s->id,
		                      .takt = s->takt,
		                      .schema_version = s->schema_version,
		                      .finished_ms = s->finished_ms,
		                      .database_bytes = s->database_bytes,
		                      .blobs = s->blobs,
		                      .blob_bytes = s->blob_bytes,
		                      .tasks = s->tasks,
		                      .runs = s->runs,
		                      .events = s->events,
		                      .artifacts = s->artifacts };
}

static enum rc verify_backup(struct arena *a, const char *folder, struct backup_facts *ret,
                             struct err *err)
{
	struct backup_summary s;
	enum rc rc = backup_verify(a, folder, &s, err);
	if (rc == RC_OK)
		*ret = facts_of(&s);
	return rc;
}

static enum rc restore_backup(struct arena *a, const char *folder, const char *data,
                              struct backup_facts *ret, struct err *err)
{
	struct backup_summary s;
	enum rc rc = backup_restore(a, folder, data, &s, err);
	if (rc == RC_OK)
		*ret = facts_of(&s);
	return rc;
}

/* takt doctor */

static enum rc each_maker(struct arena *a, const char *folder,
                          void (*each)(void *ctx, const char *name, const char *program), void *ctx,
                          struct err *err)
{
	struct maker makers[MAKERS_MAX];
	size_t n;
	enum rc rc = makers_find(a, folder ? folder : makers_standard_folder(a), makers, &n, err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		each(ctx, makers[i].name, makers[i].program);
	return rc;
}

int main(int argc, char **argv)
{
	static const struct cli_hooks hooks = {
		.version = TAKT_VERSION,
		.serve = serve,
		.server = server,
		.db = { db_status, store_migrate, store_verify },
		.backup = { verify_backup, restore_backup },
		.workflow_check = workflow_check,
		.makers = each_maker,
	};
	return cli_main(argc, argv, &hooks);
}
