/* Where state lives: one SQLite database in the data folder, opened by one server.
 *
 * (1) WAL with synchronous=FULL always: an acknowledged commit survives power loss.
 *     Created under EXTRA, because switching to WAL deletes a rollback journal without
 *     syncing the folder.
 * (2) Only the writer's connection writes or checkpoints, between batches (Debian's
 *     3.40 has the WAL-reset bug); readers open read-only.
 * (3) The WAL stays under 64 MB, which bounds the time to open after a crash.
 * (4) A database newer than this binary is refused (CODE_SCHEMA_NEWER), a damaged one
 *     too (CODE_DAMAGED), a network file system too; nothing is changed then.
 */
#ifndef TAKT_STORE_STORE_H
#define TAKT_STORE_STORE_H

#include "base/base.h"

struct db;
struct env;
struct store;

struct store_options {
	const char *folder; /* the data folder; "takt.db" stands in it */
	const struct env *env;
	bool is_migrating;    /* false: an older schema is refused with a remedy */
	int checkpoint_pages; /* of the WAL: then they are moved over; 0: 16 MiB */
};

/* Opens, creates when absent, migrates up when allowed.  The caller holds the folder's
 * lock (sys/file.h). */
enum rc store_open(const struct store_options *o, struct store **ret, struct err *err) MUST_USE;
void store_close(struct store *s);           /* NULL is fine */
struct db *store_writer_db(struct store *s); /* the engine's connection */

/* A read-only connection, from any thread; give it back soon (a snapshot lives at most
 * a second).  Connections are kept; at most as many as threads that ask at once. */
enum rc store_reader_borrow(struct store *s, struct db **ret, struct err *err) MUST_USE;
void store_reader_return(struct store *s, struct db *db);

/* Between batches: checkpoints when the WAL has grown. */
void store_checkpoint(struct store *s, bool is_closing);
int64_t store_wal_bytes(const struct store *s);
/* Free bytes on the disk of the data folder, looked at no more than once a second. */
int64_t store_free_bytes(struct store *s, int64_t mono_ms);

/* For those who watch; any thread. */
struct store_figures {
	int64_t database_bytes, wal_bytes; /* the files */
	int64_t free_bytes;                /* of the disk; -1: not known */
	int64_t readers;                   /* connections lent now, */
	int64_t oldest_reader_us;          /* the longest so long already; 0: none is */
};
void store_figures(struct store *s, struct store_figures *ret);

/* Migrations: numbered pairs NNNN_name.up.sql and .down.sql, each in one transaction. */
struct migration_status {
	int64_t have, want;       /* version of the database, of this binary */
	const char *const *names; /* want names, static */
};
enum rc store_migration_status(const char *folder, struct migration_status *ret,
                               struct err *err) MUST_USE;
/* To that version, up or down.  The caller holds the folder's lock. */
enum rc store_migrate(const char *folder, int64_t to_version, struct err *err) MUST_USE;
/* PRAGMA integrity_check; CODE_DAMAGED with its first words. */
enum rc store_verify(const char *folder, struct err *err) MUST_USE;

/* New ids: 41 bits of milliseconds, 10 of server slot, 12 of counter; never backwards,
 * also not when the clock does.  Engine thread only. */
int64_t store_new_id(struct store *s, int64_t now_ms);
int64_t store_id_ms(int64_t id);    /* when it was made, ms since 1970 */
int64_t store_id_of_ms(int64_t ms); /* the least that could be made then; pure */

#endif
