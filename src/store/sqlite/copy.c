/* Copying the database while it is used: see store/copy.h.
 *
 * The copy's connection has no journal and never syncs: what a killed server leaves of it
 * is thrown away.  It takes the pages as they are, so its header says WAL like the
 * original's. */
#include "store/copy.h"

#include "store/sqlite/migrate.h"
#include "store/sqlite/store_priv.h"

#include "base/arena.h"
#include "base/str.h"
#include "sys/env.h"
#include "sys/file.h"

enum { CACHE_KIB = 1024, STEPS_PER_QUESTION = 10000 };

struct store_copy {
	struct store *store;
	struct db *db;
	sqlite3_backup *backup; /* NULL: nothing is under way */
	_Atomic int64_t pages, of;
};

enum rc store_copy_open(struct store *s, const char *path, struct store_copy **ret, struct err *err)
{
	struct db *db;
	char pragmas[160];
	if (file_exists(path))
		return err_set(err, CODE_CONFLICT, "%s is there already", path);
	enum rc rc = db_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, s->env->sqlite_vfs,
	                     &db, err);
	if (rc != RC_OK)
		return rc;
	snprintf(pragmas, sizeof pragmas,
	         "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
	         "PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0; PRAGMA cache_size = -%d",
	         CACHE_KIB);
	rc = db_script(db, pragmas, err);
	if (rc != RC_OK) {
		db_close(db);
		return rc;
	}
	struct store_copy *c = xcalloc(1, sizeof *c);
	c->store = s;
	c->db = db;
	*ret = c;
	return RC_OK;
}

static enum rc copy_begin(struct store_copy *c, struct err *err)
{
	c->backup = sqlite3_backup_init(c->db->handle, "main", c->store->writer->handle, "main");
	if (!c->backup)
		return db_failure(c->db, sqlite3_errcode(c->db->handle), "beginning the copy", err);
	c->store->copies++;
	return RC_OK;
}

/* The words of a failure stand at the copy's connection once it is finished. */
static int copy_finish(struct store_copy *c)
{
	int code = sqlite3_backup_finish(c->backup);
	c->backup = NULL;
	c->store->copies--;
	return code;
}

static enum rc copy_failed(struct store_copy *c, int code, struct err *err)
{
	int told = copy_finish(c);
	if ((code & 0xff) == SQLITE_FULL)
		return err_set(err, CODE_DISK_FULL, "no space is left for the copy");
	return db_failure(c->db, told != SQLITE_OK ? told : code, "copying the database", err);
}

enum rc store_copy_step(struct store_copy *c, int pages, bool *is_done, struct err *err)
{
	enum rc rc = c->backup ? RC_OK : copy_begin(c, err);
	if (rc != RC_OK)
		return rc;
	int code = sqlite3_backup_step(c->backup, pages);
	int of = sqlite3_backup_pagecount(c->backup);
	atomic_store(&c->of, of);
	atomic_store(&c->pages, of - sqlite3_backup_remaining(c->backup));
	if (code != SQLITE_OK && code != SQLITE_DONE)
		return copy_failed(c, code, err);
	*is_done = code == SQLITE_DONE;
	if (*is_done && (code = copy_finish(c)) != SQLITE_OK)
		return db_failure(c->db, code, "copying the database", err);
	return RC_OK;
}

void store_copy_cancel(struct store_copy *c)
{
	if (c->backup)
		copy_finish(c);
}

void store_copy_progress(const struct store_copy *c, int64_t *ret_pages, int64_t *ret_of)
{
	*ret_pages = atomic_load(&c->pages);
	*ret_of = atomic_load(&c->of);
}

void store_copy_close(struct store_copy *c)
{
	if (!c)
		return;
	assert(!c->backup);
	db_close(c->db);
	free(c);
}

bool store_is_copied(const struct store *s)
{
	return s->copies > 0;
}

/* --- Files that nobody writes --- */

/* "?", "#" and "%" mean something in a URI. */
static void add_path(struct buf *uri, const char *path)
{
	for (; *path; path++)
		if (*path == '?' || *path == '#' || *path == '%')
			buf_addf(uri, "%%%02X", (unsigned char)*path);
		else
			buf_addc(uri, *path);
}

enum rc store_still_open(const char *path, struct db **ret, struct err *err)
{
	AUTO(buf_fini) struct buf uri = BUF_INIT(16 << 10);
	struct db *db;
	buf_addz(&uri, "file:");
	add_path(&uri, path);
	buf_addz(&uri, "?immutable=1");
	buf_addc(&uri, '\0');
	if (buf_rc(&uri) != RC_OK)
		return err_set(err, CODE_BAD_PATH, "the path is too long");
	enum rc rc = db_open(uri.ptr, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL, &db, err);
	if (rc == RC_OK)
		*ret = db;
	return rc;
}

void store_still_close(struct db *db)
{
	db_close(db);
}

static int ask_cancelled(void *ctx)
{
	return atomic_load((const atomic_bool *)ctx);
}

enum rc store_still_verify(struct db *db, const atomic_bool *is_cancelled, struct err *err)
{
	if (is_cancelled) /* the callback only reads */
		sqlite3_progress_handler(db->handle, STEPS_PER_QUESTION, ask_cancelled,
		                         (void *)(uintptr_t)is_cancelled);
	enum rc rc = migrate_integrity(db, err);
	sqlite3_progress_handler(db->handle, 0, NULL, NULL);
	if (rc != RC_OK && is_cancelled && atomic_load(is_cancelled))
		return err_set(err, CODE_SHUTTING_DOWN, "given up");
	return rc;
}

enum rc store_still_version(struct db *db, int64_t *ret, struct err *err)
{
	return migrate_version(db, ret, err);
}

enum rc store_begin_epoch(const char *path, int64_t epoch, struct err *err)
{
	struct db *db;
	enum rc rc = db_open(path, SQLITE_OPEN_READWRITE, NULL, &db, err);
	if (rc != RC_OK)
		return rc;
	rc = db_script(db, "PRAGMA synchronous = FULL", err);
	if (rc == RC_OK)
		rc = DB_RUN(db, SQL_META_SET, err, BIND_STR(STR("event_epoch")), BIND_INT(epoch));
	db_close(db); /* the last one moves the WAL over and removes it */
	return rc;
}
