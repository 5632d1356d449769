/* One SQLite connection: see store/db.h.
 *
 * Statements are prepared at first use and kept, reset at once after use, so that no
 * read transaction lingers.  Texts are bound without a copy: the caller's bytes live
 * until the statement has run.
 */
#include "store/sqlite/db_priv.h"

#include "base/str.h"

enum control { BEGIN, SNAPSHOT, COMMIT, ROLLBACK, SAVEPOINT, KEEP, UNDO };
static const char *const control_texts[] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[SNAPSHOT] = "BEGIN",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[SAVEPOINT] = "SAVEPOINT command",
	[KEEP] = "RELEASE SAVEPOINT command",
	[UNDO] = "ROLLBACK TO SAVEPOINT command",
};

enum rc db_failure(struct db *db, int code, const char *doing, struct err *err)
{
	const char *words = db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code);
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
		return err_set(err, CODE_CONFLICT, "%s: %s", doing, words);
	case SQLITE_FULL:
		return err_set(err, CODE_DISK_FULL,
		               "the disk of the data folder is full; free some space (%s)", doing);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, CODE_DAMAGED,
		               "the database is damaged (%s: %s); restore a backup", doing, words);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return err_set(err, CODE_FORBIDDEN,
		               "%s: %s; check owner and mode of the data folder", doing, words);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, CODE_OVERLOADED, "%s: %s", doing, words);
	default:
		return err_set(err, CODE_IO, "%s: %s", doing, words);
	}
}

enum rc db_open(const char *path, int flags, const char *vfs, struct db **ret, struct err *err)
{
	struct db *db = xcalloc(1, sizeof *db);
	int code = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, vfs);
	if (code != SQLITE_OK) {
		enum rc rc = db_failure(db, code, "opening the database", err);
		err_at(err, "%s", path);
		db_close(db);
		return rc;
	}
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 0, (int *)NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	*ret = db;
	return RC_OK;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(db->stmts[i]);
	for (size_t i = 0; i < ARRAY_LEN(db->control); i++)
		sqlite3_finalize(db->control[i]);
	int code = sqlite3_close(db->handle);
	assert(code == SQLITE_OK);
	free(db);
}

enum rc db_script(struct db *db, const char *sql, struct err *err)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? RC_OK : db_failure(db, code, sql, err);
}

enum rc db_pragma_int(struct db *db, const char *pragma, int64_t *ret, struct err *err)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(db->handle, pragma, -1, &stmt, NULL);
	if (code != SQLITE_OK)
		return db_failure(db, code, pragma, err);
	code = sqlite3_step(stmt);
	int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return db_failure(db, code, pragma, err);
	*ret = value;
	return RC_OK;
}

static enum rc prepare(struct db *db, enum sql sql, sqlite3_stmt **ret, struct err *err)
{
	assert(sql < SQL_COUNT && !db->is_open[sql]);
	if (!db->stmts[sql]) {
		int code = sqlite3_prepare_v3(db->handle, sql_texts[sql], -1,
		                              SQLITE_PREPARE_PERSISTENT, &db->stmts[sql], NULL);
		if (code != SQLITE_OK)
			return db_failure(db, code, sql_names[sql], err);
	}
	*ret = db->stmts[sql];
	return RC_OK;
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct bind *b)
{
	/* An empty text is not NULL, whatever its pointer. */
	const char *ptr = b->bytes.ptr ? b->bytes.ptr : "";
	switch (b->type) {
	case BIND_TYPE_INT:
		return sqlite3_bind_int64(stmt, at, b->integer);
	case BIND_TYPE_REAL:
		return sqlite3_bind_double(stmt, at, b->real);
	case BIND_TYPE_TEXT:
		return sqlite3_bind_text64(stmt, at, ptr, b->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
	case BIND_TYPE_BLOB:
		return sqlite3_bind_blob64(stmt, at, ptr, b->bytes.len, SQLITE_STATIC);
	case BIND_TYPE_NULL:
		return sqlite3_bind_null(stmt, at);
	}
	abort();
}

static enum rc bind_all(struct db *db, sqlite3_stmt *stmt, enum sql sql, const struct bind *binds,
                        size_t n, struct err *err)
{
	assert((int)n == sqlite3_bind_parameter_count(stmt));
	for (size_t i = 0; i < n; i++) {
		int code = bind_one(stmt, (int)i + 1, &binds[i]);
		if (code != SQLITE_OK)
			return db_failure(db, code, sql_names[sql], err);
	}
	return RC_OK;
}

struct bind bind_opt_str(struct str s)
{
	return s.ptr ? BIND_STR(s) : BIND_NULL;
}

struct bind bind_opt_int(int64_t v)
{
	return v ? BIND_INT(v) : BIND_NULL;
}

enum rc db_run(struct db *db, enum sql sql, const struct bind *binds, size_t n, struct err *err)
{
	sqlite3_stmt *stmt;
	enum rc rc = prepare(db, sql, &stmt, err);
	if (rc == RC_OK)
		rc = bind_all(db, stmt, sql, binds, n, err);
	if (rc != RC_OK)
		return rc;
	int code = sqlite3_step(stmt);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		rc = db_failure(db, code, sql_names[sql], err);
	sqlite3_reset(stmt);
	db->changes = sqlite3_changes64(db->handle);
	return rc;
}

int64_t db_changes(const struct db *db)
{
	return db->changes;
}

enum rc db_query(struct db *db, enum sql sql, const struct bind *binds, size_t n, struct rows *rows,
                 struct err *err)
{
	sqlite3_stmt *stmt;
	*rows = (struct rows){ .db = db, .sql = sql };
	rows->rc = prepare(db, sql, &stmt, &rows->err);
	if (rows->rc == RC_OK)
		rows->rc = bind_all(db, stmt, sql, binds, n, &rows->err);
	if (rows->rc != RC_OK) {
		if (err)
			*err = rows->err;
		return rows->rc;
	}
	rows->stmt = stmt;
	db->is_open[sql] = true;
	return RC_OK;
}

bool rows_next(struct rows *rows)
{
	if (!rows->stmt || rows->rc != RC_OK)
		return false;
	int code = sqlite3_step(rows->stmt);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		rows->rc = db_failure(rows->db, code, sql_names[rows->sql], &rows->err);
	/* The snapshot ends here, not when the caller gets round to rows_end(). */
	sqlite3_reset(rows->stmt);
	rows->db->is_open[rows->sql] = false;
	rows->stmt = NULL;
	return false;
}

int64_t rows_int(const struct rows *rows, int column)
{
	return sqlite3_column_int64(rows->stmt, column);
}

double rows_double(const struct rows *rows, int column)
{
	return sqlite3_column_double(rows->stmt, column);
}

struct str rows_str(const struct rows *rows, int column)
{
	const char *ptr = sqlite3_column_blob(rows->stmt, column);
	return (struct str){ ptr, (size_t)sqlite3_column_bytes(rows->stmt, column) };
}

bool rows_is_null(const struct rows *rows, int column)
{
	return sqlite3_column_type(rows->stmt, column) == SQLITE_NULL;
}

enum rc rows_end(struct rows *rows, struct err *err)
{
	if (rows->stmt) {
		sqlite3_reset(rows->stmt);
		rows->db->is_open[rows->sql] = false;
		rows->stmt = NULL;
	}
	if (rows->rc != RC_OK && err)
		*err = rows->err;
	return rows->rc;
}

static int control(struct db *db, enum control which)
{
	sqlite3_stmt **stmt = &db->control[which];
	int code = SQLITE_OK;
	if (!*stmt)
		code = sqlite3_prepare_v3(db->handle, control_texts[which], -1,
		                          SQLITE_PREPARE_PERSISTENT, stmt, NULL);
	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(*stmt);
	sqlite3_reset(*stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static enum rc control_rc(struct db *db, enum control which, struct err *err)
{
	int code = control(db, which);
	return code == SQLITE_OK ? RC_OK : db_failure(db, code, control_texts[which], err);
}

enum rc db_begin(struct db *db, struct err *err)
{
	return control_rc(db, BEGIN, err);
}

enum rc db_commit(struct db *db, struct err *err)
{
	int code = control(db, COMMIT);
	if (code == SQLITE_OK)
		return RC_OK;
	if ((code & 0xff) == SQLITE_FULL) {
		/* A frame did not fit, so the frame that commits was never whole on the disk:
		 * this, unlike any other failure, is known not to have happened. */
		db_rollback(db);
		return db_failure(db, code, "COMMIT", err);
	}
	struct err why;
	db_failure(db, code, "COMMIT", &why);
	return err_set(err, CODE_UNKNOWN_OUTCOME, "the commit failed: %s", why.text);
}

void db_rollback(struct db *db)
{
	if (db_in_transaction(db))
		control(db, ROLLBACK);
}

enum rc db_savepoint(struct db *db, struct err *err)
{
	return control_rc(db, SAVEPOINT, err);
}

enum rc db_savepoint_keep(struct db *db, struct err *err)
{
	return control_rc(db, KEEP, err);
}

enum rc db_savepoint_undo(struct db *db, struct err *err)
{
	enum rc rc = control_rc(db, UNDO, err);
	return rc == RC_OK ? control_rc(db, KEEP, err) : rc;
}

enum rc db_snapshot(struct db *db, struct err *err)
{
	return control_rc(db, SNAPSHOT, err);
}

void db_snapshot_end(struct db *db)
{
	db_rollback(db);
}

bool db_in_transaction(const struct db *db)
{
	return !sqlite3_get_autocommit(db->handle);
}

int64_t db_total_changes(const struct db *db)
{
	return sqlite3_total_changes64(db->handle);
}

enum rc store_explain(struct db *db, enum sql sql, struct buf *ret, struct err *err)
{
	struct buf text = BUF_INIT(1 << 20);
	sqlite3_stmt *stmt = NULL;
	buf_addz(&text, "EXPLAIN QUERY PLAN ");
	buf_addz(&text, sql_texts[sql]);
	int code = sqlite3_prepare_v2(db->handle, text.ptr, (int)text.len, &stmt, NULL);
	while (code == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
		buf_addz(ret, (const char *)sqlite3_column_text(stmt, 3));
		buf_addc(ret, '\n');
	}
	sqlite3_finalize(stmt);
	buf_fini(&text);
	return code == SQLITE_OK ? RC_OK : db_failure(db, code, sql_names[sql], err);
}
