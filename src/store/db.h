/* One connection, and the thin layer through which all SQL runs.
 *
 * Statements stand in src/store/sql/NAME.sql, each below a line "-- name: SQL_ID"; the
 * build turns them into `enum sql` (generated sql.h) and checks that every statement
 * on a tenant's table names `tenant`.  Parameters are ?1 … ?n.  A connection keeps its
 * prepared statements.  A connection belongs to one thread at a time.
 *
 *	rc = DB_RUN(db, SQL_TASK_HIDE, err, BIND_INT(scope.tenant), BIND_INT(id));
 *
 *	struct rows rows;
 *	for (rc = DB_QUERY(db, SQL_TASK_LIST, &rows, err, BIND_INT(scope.tenant));
 *	     rows_next(&rows);)
 *		use(rows_int(&rows, 0), rows_str(&rows, 1));
 *	rc = rows_end(&rows, err);      // always; also after an error of DB_QUERY
 */
#ifndef TAKT_STORE_DB_H
#define TAKT_STORE_DB_H

#include "base/base.h"
#include "store/sql.h" /* generated: enum sql */

struct db;

struct bind {
	enum { BIND_TYPE_NULL, BIND_TYPE_INT, BIND_TYPE_REAL, BIND_TYPE_TEXT, BIND_TYPE_BLOB } type;
	double real;
	int64_t integer;
	struct str bytes; /* borrowed until the statement has run */
};
#define BIND_INT(v) ((struct bind){ .type = BIND_TYPE_INT, .integer = (v) })
#define BIND_REAL(v) ((struct bind){ .type = BIND_TYPE_REAL, .real = (v) })
#define BIND_STR(s) ((struct bind){ .type = BIND_TYPE_TEXT, .bytes = (s) })
#define BIND_BLOB(s) ((struct bind){ .type = BIND_TYPE_BLOB, .bytes = (s) })
#define BIND_NULL ((struct bind){ .type = BIND_TYPE_NULL })
/* NULL when the view is empty with a null pointer, when the number is 0. */
struct bind bind_opt_str(struct str s);
struct bind bind_opt_int(int64_t v);

/* Runs a statement to its end.  RC_CONFLICT for a violated unique key, CODE_DISK_FULL,
 * CODE_DAMAGED, CODE_IO.  After an IO outcome the transaction may be gone: see
 * db_in_transaction(). */
enum rc db_run(struct db *db, enum sql sql, const struct bind *binds, size_t n,
               struct err *err) MUST_USE;
int64_t db_changes(const struct db *db); /* rows changed by the last db_run */

struct rows {
	struct db *db;
	void *stmt; /* NULL when the query could not begin */
	enum sql sql;
	enum rc rc;
	struct err err;
};
/* Begins a query.  The same statement can't be open twice on one connection (a bug). */
enum rc db_query(struct db *db, enum sql sql, const struct bind *binds, size_t n, struct rows *rows,
                 struct err *err);
bool rows_next(struct rows *rows);
int64_t rows_int(const struct rows *rows, int column);    /* 0 for NULL */
struct str rows_str(const struct rows *rows, int column); /* text or blob; until rows_next */
double rows_double(const struct rows *rows, int column);
bool rows_is_null(const struct rows *rows, int column);
enum rc rows_end(struct rows *rows, struct err *err) MUST_USE;

#define DB_RUN(db, sql, err, ...)                                                                  \
	db_run((db), (sql), (const struct bind[]){ __VA_ARGS__ },                                  \
	       sizeof((const struct bind[]){ __VA_ARGS__ }) / sizeof(struct bind), (err))
#define DB_QUERY(db, sql, rows, err, ...)                                                          \
	db_query((db), (sql), (const struct bind[]){ __VA_ARGS__ },                                \
	         sizeof((const struct bind[]){ __VA_ARGS__ }) / sizeof(struct bind), (rows),       \
	         (err))

/* What is read until db_snapshot_end() is read as of one moment.  For readers; short: the
 * log of the database can't be cut below a snapshot. */
enum rc db_snapshot(struct db *db, struct err *err) MUST_USE;
void db_snapshot_end(struct db *db);

/* How a statement would be run, a line per step (EXPLAIN QUERY PLAN); for tests. */
struct buf;
enum rc store_explain(struct db *db, enum sql sql, struct buf *ret, struct err *err) MUST_USE;

/* Transactions, for the writer and for migrations only. */
enum rc db_begin(struct db *db, struct err *err) MUST_USE;
enum rc db_commit(struct db *db,
                  struct err *err) MUST_USE; /* RC_UNKNOWN when it failed, but CODE_DISK_FULL
                                                (rolled back) when there was no room */
void db_rollback(struct db *db);             /* cannot fail */
enum rc db_savepoint(struct db *db, struct err *err) MUST_USE; /* one level */
enum rc db_savepoint_keep(struct db *db, struct err *err) MUST_USE;
enum rc db_savepoint_undo(struct db *db, struct err *err) MUST_USE;
bool db_in_transaction(const struct db *db);
int64_t db_total_changes(const struct db *db);

#endif
