/* Insides of a SQLite connection, shared by the files of store/sqlite. */
#ifndef TAKT_STORE_SQLITE_DB_PRIV_H
#define TAKT_STORE_SQLITE_DB_PRIV_H

#include <sqlite3.h>

#include "store/db.h"

struct db {
	sqlite3 *handle;
	struct db *next_free;     /* in the store's list of idle readers, or of lent ones */
	int64_t lent_us;          /* since when a reader is lent */
	int64_t changes;          /* by the last db_run */
	sqlite3_stmt *control[7]; /* begin, snapshot, commit, … prepared once */
	sqlite3_stmt *stmts[SQL_COUNT];
	bool is_open[SQL_COUNT]; /* a query is under way */
};

/* SQLITE_OPEN_… flags; extended result codes are on. */
enum rc db_open(const char *path, int flags, const char *vfs, struct db **ret,
                struct err *err) MUST_USE;
void db_close(struct db *db);
/* SQL that is no statement of the table: pragmas and migrations. */
enum rc db_script(struct db *db, const char *sql, struct err *err) MUST_USE;
enum rc db_pragma_int(struct db *db, const char *pragma, int64_t *ret, struct err *err) MUST_USE;
/* Puts SQLite's failure into our words. */
enum rc db_failure(struct db *db, int code, const char *doing, struct err *err);

#endif
