/* Migrations: numbered pairs of plain files, embedded by sql_table.py, each applied in
 * one transaction together with the version it leads to (PRAGMA user_version); those of a
 * new database all in one, which tests/fault cuts short everywhere.
 *
 * To change the schema: add src/store/migrations/sqlite/NNNN_what.up.sql and .down.sql,
 * list both in src/store/meson.build, never edit a released step.
 */
#include "store/sqlite/migrate.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/store.h"

/* "takt" in ASCII: a database of somebody else is recognised, not migrated. */
enum { APPLICATION_ID = 0x74616b74 };

enum rc migrate_version(struct db *db, int64_t *ret, struct err *err)
{
	int64_t application, version, objects;
	enum rc rc = db_pragma_int(db, "PRAGMA application_id", &application, err);
	if (rc == RC_OK)
		rc = db_pragma_int(db, "PRAGMA user_version", &version, err);
	if (rc == RC_OK)
		rc = db_pragma_int(db, "SELECT count(*) FROM sqlite_master", &objects, err);
	if (rc != RC_OK)
		return rc;
	if (application != APPLICATION_ID && (application || version || objects))
		return err_set(err, CODE_CONFLICT,
		               "takt.db is no database of takt (application id %lld)",
		               (long long)application);
	if (version > SCHEMA_VERSION)
		return err_set(
		        err, CODE_SCHEMA_NEWER,
		        "the database has schema %lld, this takt knows up to %d: run the newer "
		        "takt, or roll back with it (takt db rollback)",
		        (long long)version, SCHEMA_VERSION);
	*ret = version;
	return RC_OK;
}

static enum rc run_marked(struct db *db, const char *script, int64_t version, struct err *err)
{
	char mark[96];
	snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %lld",
	         APPLICATION_ID, (long long)version);
	enum rc rc = db_script(db, script, err);
	return rc == RC_OK ? db_script(db, mark, err) : rc;
}

static enum rc step(struct db *db, const char *script, int64_t version, struct err *err)
{
	enum rc rc = db_begin(db, err);
	if (rc != RC_OK)
		return rc;
	rc = run_marked(db, script, version, err);
	if (rc == RC_OK)
		rc = db_commit(db, err);
	if (rc != RC_OK)
		db_rollback(db);
	return rc;
}

/* A new database comes into being at once: one that was left half-way would be taken for an
 * older one, and refused. */
static enum rc create(struct db *db, int64_t to, struct err *err)
{
	enum rc rc = db_begin(db, err);
	if (rc != RC_OK)
		return rc;
	for (int64_t version = 0; rc == RC_OK && version < to; version++)
		rc = run_marked(db, sql_migrations[version].up, version + 1, err);
	if (rc == RC_OK)
		rc = db_commit(db, err);
	if (rc != RC_OK)
		db_rollback(db);
	return rc;
}

enum rc migrate_to(struct db *db, int64_t to, struct err *err)
{
	int64_t version;
	enum rc rc = migrate_version(db, &version, err);
	if (rc != RC_OK)
		return rc;
	if (to < 0 || to > SCHEMA_VERSION)
		return err_set(err, CODE_FIELD_RANGE, "there is no schema %lld; 0 to %d are known",
		               (long long)to, SCHEMA_VERSION);
	if (version == 0 && to > 0)
		return create(db, to, err);
	for (; rc == RC_OK && version < to; version++)
		rc = step(db, sql_migrations[version].up, version + 1, err);
	for (; rc == RC_OK && version > to; version--)
		rc = step(db, sql_migrations[version - 1].down, version - 1, err);
	return rc;
}

static enum rc open_existing(const char *folder, struct db **ret, struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(512);
	struct str path = str_fmt(a, "%s/takt.db", folder);
	enum rc rc = db_open(path.ptr, SQLITE_OPEN_READWRITE, NULL, ret, err);
	if (rc == RC_DENIED)
		return err_set(err, CODE_NOT_FOUND, "there is no database in %s", folder);
	return rc;
}

enum rc store_migration_status(const char *folder, struct migration_status *ret, struct err *err)
{
	static const char *names[SCHEMA_VERSION];
	struct db *db;
	enum rc rc = open_existing(folder, &db, err);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < SCHEMA_VERSION; i++)
		names[i] = sql_migrations[i].name;
	int64_t have;
	rc = migrate_version(db, &have, err);
	db_close(db);
	if (rc == RC_OK)
		*ret = (struct migration_status){ have, SCHEMA_VERSION, names };
	return rc;
}

enum rc store_migrate(const char *folder, int64_t to_version, struct err *err)
{
	struct db *db;
	enum rc rc = open_existing(folder, &db, err);
	if (rc != RC_OK)
		return rc;
	rc = db_script(db, "PRAGMA synchronous = FULL", err);
	if (rc == RC_OK)
		rc = migrate_to(db, to_version, err);
	db_close(db);
	return rc;
}

enum rc store_verify(const char *folder, struct err *err)
{
	struct db *db;
	enum rc rc = open_existing(folder, &db, err);
	if (rc != RC_OK)
		return rc;
	rc = migrate_integrity(db, err);
	db_close(db);
	return rc;
}

enum rc migrate_integrity(struct db *db, struct err *err)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(db->handle, "PRAGMA integrity_check(1)", -1, &stmt, NULL);
	if (code != SQLITE_OK)
		return db_failure(db, code, "integrity_check", err);
	enum rc rc = RC_OK;
	code = sqlite3_step(stmt);
	if (code != SQLITE_ROW)
		rc = db_failure(db, code, "integrity_check", err);
	else if (strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0)
		rc = err_set(err, CODE_DAMAGED, "the database is damaged: %s",
		             (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return rc;
}
