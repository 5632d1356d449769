/* A copy of the database, made while the engine works.
 *
 * (1) The engine's own connection copies (SQLite's backup API), some pages at a time,
 *     between batches: what it writes meanwhile goes into the copy as well, so the copy
 *     never starts over and is the state at its end, when `is_done` was said.
 * (2) No snapshot outlives a step, and the copy's file is never synced by a step: its
 *     owner does that on another thread.
 * (3) While a copy is under way the writer undoes single commands by savepoints, since a
 *     rollback of the whole batch would make SQLite start over.
 *
 * A copy is opened and closed by any thread, stepped by the engine's only.
 */
#ifndef TAKT_STORE_COPY_H
#define TAKT_STORE_COPY_H

#include <stdatomic.h>

#include "base/base.h"

struct db;
struct store;
struct store_copy;

/* `path` must not be there yet. */
enum rc store_copy_open(struct store *s, const char *path, struct store_copy **ret,
                        struct err *err) MUST_USE;
/* Engine thread, outside a transaction.  After a failure or when it is done, nothing is
 * under way on the engine's connection any more. */
enum rc store_copy_step(struct store_copy *c, int pages, bool *is_done, struct err *err) MUST_USE;
/* Engine thread: gives up what is under way. */
void store_copy_cancel(struct store_copy *c);
/* As of the last step. */
void store_copy_progress(const struct store_copy *c, int64_t *ret_pages, int64_t *ret_of);
void store_copy_close(struct store_copy *c); /* NULL is fine; nothing may be under way */
bool store_is_copied(const struct store *s); /* engine thread */

/* --- A copy that is done, or the database of a folder that no server holds --- */

/* Reading a file that nobody writes: makes no file beside it and takes no lock. */
enum rc store_still_open(const char *path, struct db **ret, struct err *err) MUST_USE;
void store_still_close(struct db *db);
/* PRAGMA integrity_check, every page and index; CODE_DAMAGED.  CODE_SHUTTING_DOWN when
 * *is_cancelled (NULL: never) became true meanwhile. */
enum rc store_still_verify(struct db *db, const atomic_bool *is_cancelled,
                           struct err *err) MUST_USE;
/* CODE_SCHEMA_NEWER, CODE_CONFLICT when it is no database of takt. */
enum rc store_still_version(struct db *db, int64_t *ret, struct err *err) MUST_USE;

/* Notes in a database that nobody has open that its events are counted anew from here:
 * see event_epoch(). */
enum rc store_begin_epoch(const char *path, int64_t epoch, struct err *err) MUST_USE;

#endif
