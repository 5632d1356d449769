/* `takt db`: works on the folder itself, so no server may hold it. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "sys/file.h"

static const char *inside(struct cli *c, const char *name)
{
	return str_dupz(c->arena, str_fmt(c->arena, "%s/%s", c->config.data, name));
}

/* The folder is neither created nor touched when it is not a data folder. */
static enum rc hold(struct cli *c, int *fd, struct err *err)
{
	if (!file_exists(inside(c, "takt.db")))
		return err_set(err, CODE_NOT_FOUND,
		               "there is no database in %s; takt serve makes one, or say --data",
		               c->config.data);
	enum rc rc = file_lock(inside(c, "lock"), 0, fd, err);
	if (rc != RC_OK && err->code == CODE_FOLDER_HELD)
		return err_set(err, CODE_FOLDER_HELD,
		               "a server holds %s; stop it first, its clients will wait",
		               c->config.data);
	return rc;
}

static void print_status(const struct cli *c, const struct db_status *s)
{
	if (c->is_json) {
		printf("{\"version\":%lld,\"program\":%lld}\n", (long long)s->have,
		       (long long)s->want);
		return;
	}
	printf("database at version %lld, this program at %lld%s\n", (long long)s->have,
	       (long long)s->want,
	       s->have == s->want  ? ""
	       : s->have < s->want ? ": takt db migrate"
	                           : ": made by a newer takt");
	for (int64_t i = 0; i < s->want; i++)
		printf("  %s %s\n", i < s->have ? "applied" : "missing", s->names[i]);
}

static enum rc status(struct cli *c, struct err *err)
{
	struct db_status s;
	enum rc rc = c->hooks->db.status(c->config.data, &s, err);
	if (rc == RC_OK)
		print_status(c, &s);
	return rc;
}

static enum rc migrate_to(struct cli *c, int64_t to, struct err *err)
{
	enum rc rc = c->hooks->db.migrate(c->config.data, to, err);
	return rc == RC_OK ? status(c, err) : rc;
}

static enum rc migrate(struct cli *c, struct err *err)
{
	struct db_status s;
	enum rc rc = c->hooks->db.status(c->config.data, &s, err);
	if (rc != RC_OK)
		return rc;
	if (s.have > s.want)
		return err_set(err, CODE_SCHEMA_NEWER,
		               "the database is at version %lld, this program knows %lld; use the "
		               "newer takt",
		               (long long)s.have, (long long)s.want);
	return migrate_to(c, s.want, err);
}

static enum rc rollback(struct cli *c, struct err *err)
{
	struct db_status s;
	int64_t to;
	enum rc rc = c->hooks->db.status(c->config.data, &s, err);
	if (rc == RC_OK)
		rc = args_int(&c->args, "to", 0, s.have, int64_max(0, s.have - 1), &to, err);
	return rc == RC_OK ? migrate_to(c, to, err) : rc;
}

static enum rc verify(struct cli *c, struct err *err)
{
	enum rc rc = c->hooks->db.verify(c->config.data, err);
	if (rc == RC_OK)
		printf("%s\n", c->is_json ? "{\"verified\":true}" : "the database is sound");
	return rc;
}

static int with_folder(struct cli *c, enum rc (*fn)(struct cli *c, struct err *err))
{
	struct err err = { 0 };
	int fd = -1;
	enum rc rc = hold(c, &fd, &err);
	if (rc == RC_OK)
		rc = fn(c, &err);
	close_fd(&fd);
	if (rc == RC_OK)
		return EXIT_OK;
	return err.code == CODE_BAD_REQUEST ? cli_usage(c, "%s", err.text) : cli_fail_err(c, &err);
}

int db_status_command(struct cli *c)
{
	return with_folder(c, status);
}

int db_migrate_command(struct cli *c)
{
	return with_folder(c, migrate);
}

int db_rollback_command(struct cli *c)
{
	return with_folder(c, rollback);
}

int db_verify_command(struct cli *c)
{
	return with_folder(c, verify);
}
