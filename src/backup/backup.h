/* Backups: the whole of a data folder, copied while the server works, verified; and back.
 *
 *	backup.c    asked for, listed, cancelled; the engine's part, slice by slice
 *	schedule.c  by the clock, and keeping not too many
 *	make.c      one backup, from the empty folder to its final name
 *	manifest.c  what a backup says of itself
 *	verify.c    does it hold what it says
 *	restore.c   from a backup to a data folder
 *
 * A backup is a folder (mode 0700, files 0600):
 *
 *	takt.db        the database as it was at one moment
 *	blobs/ab/…     the bytes of artifacts that this database names
 *	blobs.list     "sha256 size" of each, sorted
 *	manifest.json  version, schema, times, the newest event of each tenant, counts, hashes
 *	SHA256SUMS     of the other three files: `sha256sum -c` knows it
 *
 * (1) It is consistent: the state of one moment, behind the beginning of the backup.  So
 *     whatever was acknowledged before it began is in it.
 * (2) A folder has its name only when all of it is durable and has been verified; before
 *     that it is NAME.partial.  A restored data folder likewise.
 * (3) Others go on: the engine copies some pages between two batches, all else happens on
 *     a thread of its own (tests/crash/test_backup.py holds the promise, docs/operations.md
 *     has what it costs).
 * (4) Nothing in it opens a server: the keys are hashes, DATA/key is not copied.
 */
#ifndef TAKT_BACKUP_BACKUP_H
#define TAKT_BACKUP_BACKUP_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct artifacts;
struct backups;
struct env;
struct loop;
struct pool;
struct store;
struct writer;

enum { BACKUPS_LISTED_MAX = 100, BACKUP_PATH_MAX = 3000 };

/* --- Of a server's folder --- */

struct backups_options {
	const char *folder; /* the data folder; backups without a path go to its backups/ */
	struct store *store;
	struct writer *writer;
	struct artifacts *artifacts;
	const struct env *env;
	const char *version;    /* of this program */
	int64_t disk_low_bytes; /* stays free on the data folder's disk */
};
/* Before the writer's first batch.  Removes what a killed server left half made. */
enum rc backups_create(const struct backups_options *o, struct backups **ret,
                       struct err *err) MUST_USE;
/* Loop's thread. */
struct backups_schedule {
	struct loop *loop;
	struct pool *pool;
	int64_t every_ms; /* 0: none */
	int64_t keep;     /* below the data folder; 0: all */
};
void backups_schedule(struct backups *b, const struct backups_schedule *s);
/* Loop's thread. */
void backups_cancel(struct backups *b);  /* one that is under way is given up, soon */
void backups_stop(struct backups *b);    /* … and waited for; the writer still runs */
void backups_destroy(struct backups *b); /* NULL is fine */

enum backup_state { BACKUP_RUNNING, BACKUP_SUCCEEDED, BACKUP_FAILED };
enum backup_phase { BACKUP_DATABASE, BACKUP_BLOBS, BACKUP_VERIFYING, BACKUP_OVER };

struct backup {
	int64_t id;
	enum backup_state state;
	enum backup_phase phase;
	char folder[BACKUP_PATH_MAX + 1]; /* absolute; its final name */
	int64_t started_ms, finished_ms;
	int64_t database_bytes, database_bytes_done;
	int64_t blobs, blobs_done, blob_bytes;
	struct err err; /* why it failed */
};
const char *backup_state_text(enum backup_state s);
const char *backup_phase_text(enum backup_phase p);

/* A thread that may wait for the disk.  `path` is absolute, or empty for one below the data
 * folder.  CODE_CONFLICT while one is under way and when the target is there and not empty;
 * CODE_BAD_PATH, CODE_DISK_FULL, CODE_FORBIDDEN. */
enum rc backups_begin(struct backups *b, struct str path, struct backup *ret,
                      struct err *err) MUST_USE;
enum rc backups_get(struct backups *b, int64_t id, struct backup *ret, struct err *err) MUST_USE;
/* Newest first. */
size_t backups_list(struct backups *b, struct arena *a, const struct backup **ret);

/* --- Of any folder, without a server --- */

struct backup_summary {
	struct str id, takt;
	int64_t schema_version, finished_ms;
	int64_t database_bytes, blobs, blob_bytes;
	int64_t tasks, runs, events, artifacts;
};
/* Reads every byte: CODE_DAMAGED with the file as its place, CODE_NOT_FOUND when there is
 * no backup, CODE_SCHEMA_NEWER. */
enum rc backup_verify(struct arena *a, const char *folder, struct backup_summary *ret,
                      struct err *err) MUST_USE;
/* Verifies, then makes `data`, which must not be there or be empty.  The log of events
 * begins a new epoch: see docs/operations.md. */
enum rc backup_restore(struct arena *a, const char *folder, const char *data,
                       struct backup_summary *ret, struct err *err) MUST_USE;

#endif
