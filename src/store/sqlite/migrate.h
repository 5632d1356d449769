/* Migrations on an open connection: see migrate.c. */
#ifndef TAKT_STORE_SQLITE_MIGRATE_H
#define TAKT_STORE_SQLITE_MIGRATE_H

#include "store/sqlite/db_priv.h"

/* The schema's version, 0 for an empty database.  CODE_SCHEMA_NEWER, CODE_CONFLICT. */
enum rc migrate_version(struct db *db, int64_t *ret, struct err *err) MUST_USE;
enum rc migrate_to(struct db *db, int64_t to, struct err *err) MUST_USE;
enum rc migrate_integrity(struct db *db, struct err *err) MUST_USE;

#endif
