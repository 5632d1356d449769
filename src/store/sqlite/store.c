/* The database of a data folder: how it is opened, created, checkpointed.
 * The numbered promises stand in store.h; tests/unit/store checks them. */
#include "store/sqlite/gather.h"
#include "store/sqlite/migrate.h"
#include "store/sqlite/store_priv.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/store.h"
#include "sys/count.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/file_size.h"
#include "sys/planted.h"

enum {
	PAGE_BYTES = 4096,
	WAL_CHECKPOINT_PAGES = 4 * 1024, /* 16 MiB: move it over */
	WAL_RESTART_TIMES = 3, /* so many of them: insist, so that 64 MB is never reached */
	CACHE_KIB_WRITER = 16 * 1024,
	CACHE_KIB_READER = 2 * 1024,
	ID_SLOT_BITS = 10,
	ID_COUNTER_BITS = 12,
	PATH_BYTES = 4096,
};

static int on_wal(void *ctx, sqlite3 *handle, const char *name, int pages)
{
	(void)handle;
	(void)name;
	((struct store *)ctx)->wal_pages = pages;
	count_set(COUNT_WAL_PENDING, (int64_t)pages * PAGE_BYTES);
	return SQLITE_OK;
}

/* A new file gets its journal mode under EXTRA: the switch to WAL deletes a rollback
 * journal, and only EXTRA syncs the folder after that.  Without it a power cut may bring
 * the journal back and roll the whole database back to empty. */
static enum rc configure_writer(struct store *s, struct err *err)
{
	enum rc rc = db_script(s->writer,
	                       "PRAGMA synchronous = EXTRA; PRAGMA page_size = 4096;"
	                       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	                       "PRAGMA mmap_size = 0; PRAGMA secure_delete = OFF;"
	                       "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0",
	                       err);
	if (rc != RC_OK)
		return rc;
	char pragma[64];
	snprintf(pragma, sizeof pragma, "PRAGMA cache_size = -%d", CACHE_KIB_WRITER);
	sqlite3_wal_hook(s->writer->handle, on_wal, s);
	if (PLANTED(weak_sync))
		snprintf(pragma, sizeof pragma, "PRAGMA synchronous = NORMAL");
	return db_script(s->writer, pragma, err);
}

static enum rc check_journal(struct store *s, struct err *err)
{
	sqlite3_stmt *stmt;
	int code = sqlite3_prepare_v2(s->writer->handle, "PRAGMA journal_mode", -1, &stmt, NULL);
	if (code != SQLITE_OK)
		return db_failure(s->writer, code, "journal_mode", err);
	bool is_wal = sqlite3_step(stmt) == SQLITE_ROW &&
	              strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
	sqlite3_finalize(stmt);
	if (!is_wal)
		return err_set(err, CODE_IO, "the file system of %s can't hold a WAL database",
		               s->folder);
	return RC_OK;
}

/* What a killed process wrote to the log and did not sync is read back from the page cache, and
 * looks committed; a power cut could still take it.  So it is synced before anybody is
 * told of it: a repeated word is answered from what is there, without a write. */
static enum rc sync_log(struct store *s, struct err *err)
{
	sqlite3_file *log = NULL;
	int code =
	        sqlite3_file_control(s->writer->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (code == SQLITE_OK && log && log->pMethods)
		code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
	return code == SQLITE_OK ? RC_OK : db_failure(s->writer, code, "sync of the log", err);
}

static enum rc check_schema(struct store *s, bool is_migrating, struct err *err)
{
	int64_t version;
	enum rc rc = migrate_version(s->writer, &version, err);
	if (rc != RC_OK || version == SCHEMA_VERSION)
		return rc;
	if (version > 0 && !is_migrating)
		return err_set(
		        err, CODE_CONFLICT,
		        "the database has schema %lld, this takt wants %d: run `takt db migrate`",
		        (long long)version, SCHEMA_VERSION);
	return migrate_to(s->writer, SCHEMA_VERSION, err);
}

static enum rc open_all(struct store *s, const struct store_options *o, struct err *err)
{
	if (!o->env->sqlite_vfs && folder_is_network(s->folder))
		return err_set(
		        err, CODE_CONFLICT,
		        "%s is on a network file system, whose locks can't be trusted; use a "
		        "local disk",
		        s->folder);
	enum rc rc = db_open(s->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	                     gather_vfs(o->env->sqlite_vfs), &s->writer, err);
	if (rc != RC_OK)
		return rc;
	/* Before anything is written: is it ours, and no newer than us? */
	int64_t version;
	rc = migrate_version(s->writer, &version, err);
	if (rc == RC_OK)
		rc = configure_writer(s, err);
	if (rc == RC_OK)
		rc = check_journal(s, err);
	if (rc == RC_OK)
		rc = check_schema(s, o->is_migrating, err);
	if (rc == RC_OK && !PLANTED(unsynced_log))
		rc = sync_log(s, err);
	return rc;
}

/* SQLite's own statistics of memory take a lock for every allocation: 4 of 27 us of a
 * submit.  And each connection is used by one thread at a time.  Refused, which is fine,
 * when SQLite is at work already. */
static void configure_library(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
}

enum rc store_open(const struct store_options *o, struct store **ret, struct err *err)
{
	assert(o->folder && o->env);
	configure_library();
	struct store *s = xcalloc(1, sizeof *s);
	s->env = o->env;
	s->checkpoint_pages = o->checkpoint_pages ? o->checkpoint_pages : WAL_CHECKPOINT_PAGES;
	s->folder = xstrndup(o->folder, strlen(o->folder));
	s->path = xmalloc(strlen(o->folder) + sizeof "/takt.db");
	snprintf(s->path, strlen(o->folder) + sizeof "/takt.db", "%s/takt.db", o->folder);
	s->free_asked_ms = INT64_MIN / 2;
	lock_init(&s->lock);
	enum rc rc = open_all(s, o, err);
	if (rc != RC_OK) {
		store_close(s);
		return rc;
	}
	*ret = s;
	return RC_OK;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	while (s->idle) {
		struct db *db = s->idle;
		s->idle = db->next_free;
		db_close(db);
	}
	db_close(s->writer);
	lock_fini(&s->lock);
	free(s->path);
	free(s->folder);
	free(s);
}

struct db *store_writer_db(struct store *s)
{
	return s->writer;
}

static enum rc reader_open(struct store *s, struct db **ret, struct err *err)
{
	struct db *db;
	enum rc rc = db_open(s->path, SQLITE_OPEN_READONLY, s->env->sqlite_vfs, &db, err);
	if (rc != RC_OK)
		return rc;
	char pragmas[128];
	snprintf(pragmas, sizeof pragmas, "PRAGMA mmap_size = 0; PRAGMA cache_size = -%d",
	         CACHE_KIB_READER);
	sqlite3_busy_timeout(db->handle, 1000);
	rc = db_script(db, pragmas, err);
	if (rc != RC_OK) {
		db_close(db);
		return rc;
	}
	*ret = db;
	return RC_OK;
}

enum rc store_reader_borrow(struct store *s, struct db **ret, struct err *err)
{
	lock_take(&s->lock);
	struct db *db = s->idle;
	if (db)
		s->idle = db->next_free;
	lock_give(&s->lock);
	if (!db) {
		enum rc rc = reader_open(s, &db, err);
		if (rc != RC_OK)
			return rc;
	}
	lock_take(&s->lock);
	db->lent_us = env_mono_us(s->env);
	db->next_free = s->lent;
	s->lent = db;
	lock_give(&s->lock);
	*ret = db;
	return RC_OK;
}

void store_reader_return(struct store *s, struct db *db)
{
	if (!db)
		return;
	lock_take(&s->lock);
	struct db **at = &s->lent;
	while (*at != db) {
		assert(*at); /* it was lent by this store */
		at = &(*at)->next_free;
	}
	*at = db->next_free;
	db->next_free = s->idle;
	s->idle = db;
	lock_give(&s->lock);
}

static void read_lent(struct store *s, struct store_figures *f)
{
	int64_t now_us = env_mono_us(s->env);
	lock_take(&s->lock);
	for (const struct db *db = s->lent; db; db = db->next_free) {
		f->readers++;
		f->oldest_reader_us = int64_max(f->oldest_reader_us, now_us - db->lent_us);
	}
	lock_give(&s->lock);
}

void store_figures(struct store *s, struct store_figures *ret)
{
	struct store_figures f = { .free_bytes = folder_free_bytes(s->folder) };
	char wal[PATH_BYTES];
	snprintf(wal, sizeof wal, "%s-wal", s->path);
	f.database_bytes = int64_max(file_size(s->path), 0);
	f.wal_bytes = int64_max(file_size(wal), 0);
	read_lent(s, &f);
	*ret = f;
}

void store_checkpoint(struct store *s, bool is_closing)
{
	if (!is_closing && s->wal_pages < s->checkpoint_pages)
		return;
	int mode = SQLITE_CHECKPOINT_PASSIVE;
	if (is_closing)
		mode = SQLITE_CHECKPOINT_TRUNCATE;
	else if (s->wal_pages >= WAL_RESTART_TIMES * s->checkpoint_pages)
		mode = SQLITE_CHECKPOINT_RESTART;
	int in_log = 0, moved = 0;
	int64_t began_us = env_mono_us(s->env);
	/* A checkpoint that can't finish (a reader, a full disk) loses nothing: the WAL
	 * stays and the next batch tries again. */
	sqlite3_wal_checkpoint_v2(s->writer->handle, NULL, mode, &in_log, &moved);
	s->wal_pages = in_log > moved ? in_log - moved : 0;
	histogram_add(HISTOGRAM_CHECKPOINT, env_mono_us(s->env) - began_us);
	count_add(COUNT_CHECKPOINTS, 1);
	if (s->wal_pages)
		count_add(COUNT_CHECKPOINTS_HELD, 1);
	count_set(COUNT_WAL_PENDING, store_wal_bytes(s));
}

int64_t store_wal_bytes(const struct store *s)
{
	return (int64_t)s->wal_pages * PAGE_BYTES;
}

int64_t store_free_bytes(struct store *s, int64_t mono_ms)
{
	if (mono_ms - s->free_asked_ms >= 1000) {
		s->free_asked_ms = mono_ms;
		s->free_bytes = s->env->sqlite_vfs ? INT64_MAX : folder_free_bytes(s->folder);
	}
	return s->free_bytes < 0 ? INT64_MAX : s->free_bytes;
}

/* 2024-01-01 is the epoch of ids, so that 41 bits last until 2093. */
#define ID_EPOCH_MS INT64_C(1704067200000)

int64_t store_id_ms(int64_t id)
{
	return (id >> (ID_SLOT_BITS + ID_COUNTER_BITS)) + ID_EPOCH_MS;
}

int64_t store_id_of_ms(int64_t ms)
{
	return int64_max(ms - ID_EPOCH_MS, 0) << (ID_SLOT_BITS + ID_COUNTER_BITS);
}

int64_t store_new_id(struct store *s, int64_t now_ms)
{
	int64_t time = int64_max(now_ms - ID_EPOCH_MS, 0);
	int64_t least = (time << (ID_SLOT_BITS + ID_COUNTER_BITS)) | (s->slot << ID_COUNTER_BITS);
	s->last_id = int64_max(least, s->last_id + 1);
	return s->last_id;
}
