/* One backup, on its own thread:
 *
 *	database  the engine copies a burst, this thread syncs it, until it is the whole
 *	blobs     those that the copy names, into blobs/, listed in blobs.list
 *	manifest  what the copy says of itself, and the sums
 *	verify    every byte is read again
 *	name      NAME.partial → NAME
 */
#include <stdio.h>

#include "backup/backup_priv.h"

#include "base/arena.h"
#include "codec/hex.h"
#include "store/copy.h"
#include "store/db.h"
#include "store/sql.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/file_size.h"
#include "sys/file_stream.h"

enum { PAGE_BYTES = 4096, BLOB_FOLDERS = 256 };

struct making {
	struct backups *b;
	struct arena *arena;
	const char *partial;
	struct manifest m;
	struct manifest_sums sums;
	bool is_used[BLOB_FOLDERS]; /* blobs/ab was made */
	struct err *err;
};

static enum rc check_cancelled(const struct making *m)
{
	if (!atomic_load(&m->b->is_cancelled))
		return RC_OK;
	return err_set(m->err, CODE_SHUTTING_DOWN, "the server ended before the backup was whole");
}

/* --- The database --- */

struct pages {
	int64_t done, of;
};

static void note_pages(struct backup *r, void *ctx)
{
	const struct pages *p = ctx;
	r->database_bytes_done = p->done * PAGE_BYTES;
	r->database_bytes = p->of * PAGE_BYTES;
}

static enum rc copy_pages(struct making *m, struct store_copy *copy, const char *path)
{
	bool is_done = false;
	enum rc rc = RC_OK;
	while (rc == RC_OK && !is_done) {
		struct pages p;
		rc = backups_copy_some(m->b, copy, BURST_PAGES, &is_done, m->err);
		store_copy_progress(copy, &p.done, &p.of);
		backups_note(m->b, note_pages, &p);
		if (rc == RC_OK)
			rc = file_sync(path, m->err);
	}
	return rc;
}

static enum rc copy_database(struct making *m)
{
	struct store_copy *copy;
	const char *path = backup_path(m->arena, m->partial, MANIFEST_DATABASE);
	enum rc rc = store_copy_open(m->b->o.store, path, &copy, m->err);
	if (rc != RC_OK)
		return rc;
	rc = copy_pages(m, copy, path);
	store_copy_close(copy);
	if (rc == RC_OK)
		rc = file_sync(path, m->err);
	m->m.says.database_bytes = file_size(path);
	return rc;
}

/* --- The blobs --- */

static void note_blob(struct backup *r, void *ctx)
{
	const struct blob *b = ctx;
	r->blobs_done++;
	r->blob_bytes += b->size;
}

static enum rc copy_blob(struct making *m, const struct blob *b)
{
	enum rc rc = check_cancelled(m);
	struct arena_mark mark = arena_mark(m->arena);
	if (rc == RC_OK)
		rc = blob_copy(artifacts_blobs(m->b->o.artifacts),
		               backup_path(m->arena, m->partial, "blobs"), b, true, m->err);
	m->is_used[b->hash.bytes[0]] = true;
	arena_rewind(m->arena, mark);
	if (rc != RC_OK)
		return rc;
	m->m.says.blobs++;
	m->m.says.blob_bytes += b->size;
	backups_note(m->b, note_blob, (void *)(uintptr_t)b); /* only read */
	return RC_OK;
}

static enum rc row_blob(const struct rows *rows, struct blob *ret, struct err *err)
{
	struct str hash = rows_str(rows, 0);
	if (hash.len != sizeof ret->hash.bytes)
		return err_set(err, CODE_DAMAGED, "the row of an artifact's file is damaged");
	memcpy(ret->hash.bytes, hash.ptr, hash.len);
	ret->size = rows_int(rows, 1);
	return RC_OK;
}

static enum rc copy_blobs(struct making *m, struct db *db, struct buf *list)
{
	struct rows rows;
	struct blob b;
	char line[BLOB_LINE];
	enum rc rc = RC_OK;
	db_query(db, SQL_BACKUP_BLOBS, NULL, 0, &rows, m->err);
	while (rc == RC_OK && rows_next(&rows)) {
		rc = row_blob(&rows, &b, m->err);
		if (rc == RC_OK)
			rc = copy_blob(m, &b);
		buf_add(list, blob_line_write(&b, line));
	}
	enum rc rc_end = rows_end(&rows, rc == RC_OK ? m->err : NULL);
	if (rc == RC_OK && rc_end == RC_OK && buf_rc(list) != RC_OK)
		return err_set(m->err, CODE_TOO_LARGE, "there are too many blobs for one backup");
	return rc != RC_OK ? rc : rc_end;
}

/* Each blob was synced as it came, its name not yet.  (One sync of the whole file system
 * was tried: it takes what all others have written along, and held commits up for 150 ms.) */
static enum rc sync_names(struct making *m)
{
	const char *blobs = backup_path(m->arena, m->partial, "blobs");
	enum rc rc = RC_OK;
	for (int i = 0; i < BLOB_FOLDERS && rc == RC_OK; i++) {
		char name[3];
		snprintf(name, sizeof name, "%02x", (unsigned)i);
		if (m->is_used[i])
			rc = folder_sync(backup_path(m->arena, blobs, name), m->err);
	}
	return rc == RC_OK ? folder_sync(blobs, m->err) : rc;
}

static enum rc write_file(struct making *m, const char *name, struct str text, struct sha256 *sum)
{
	sha256_of(text, sum);
	return file_write(backup_path(m->arena, m->partial, name), text, 0600, m->err);
}

static enum rc write_blobs(struct making *m, struct db *db)
{
	AUTO(buf_fini) struct buf list = BUF_INIT(MANIFEST_LIST_MAX);
	enum rc rc = folder_create(backup_path(m->arena, m->partial, "blobs"), 0700, m->err);
	if (rc == RC_OK)
		rc = copy_blobs(m, db, &list);
	if (rc == RC_OK)
		rc = sync_names(m);
	return rc == RC_OK ? write_file(m, MANIFEST_BLOBS, buf_str(&list), &m->sums.blobs) : rc;
}

/* --- What it says of itself --- */

static enum rc write_manifest(struct making *m)
{
	AUTO(buf_fini) struct buf text = BUF_INIT(MANIFEST_MAX);
	AUTO(buf_fini) struct buf sums = BUF_INIT(SUMS_MAX);
	struct sha256 unused;
	m->m.says.finished_ms = env_wall_ms(m->b->o.env);
	m->m.database = m->sums.database;
	m->m.blobs = m->sums.blobs;
	manifest_write(&m->m, &text);
	enum rc rc = write_file(m, MANIFEST_FILE, buf_str(&text), &m->sums.manifest);
	manifest_sums_write(&m->sums, &sums);
	if (rc == RC_OK)
		rc = write_file(m, MANIFEST_SUMS, buf_str(&sums), &unused);
	return rc == RC_OK ? folder_sync(m->partial, m->err) : rc;
}

static enum rc describe(struct making *m, struct db *db)
{
	int64_t bytes;
	const char *path = backup_path(m->arena, m->partial, MANIFEST_DATABASE);
	enum rc rc = store_still_version(db, &m->m.says.schema_version, m->err);
	if (rc == RC_OK)
		rc = verify_facts(m->arena, db, &m->m, m->err);
	if (rc == RC_OK)
		rc = sha256_of_file(path, &m->b->is_cancelled, &m->sums.database, &bytes, m->err);
	return rc;
}

static void note_phase(struct backup *r, void *ctx)
{
	r->phase = *(const enum backup_phase *)ctx;
}

static void enter(struct making *m, enum backup_phase phase)
{
	backups_note(m->b, note_phase, &phase);
}

static enum rc fill(struct making *m)
{
	struct db *db;
	enum rc rc = copy_database(m);
	if (rc == RC_OK)
		rc = store_still_open(backup_path(m->arena, m->partial, MANIFEST_DATABASE), &db,
		                      m->err);
	if (rc != RC_OK)
		return rc;
	enter(m, BACKUP_BLOBS);
	rc = write_blobs(m, db);
	if (rc == RC_OK)
		rc = describe(m, db);
	store_still_close(db);
	return rc == RC_OK ? write_manifest(m) : rc;
}

static enum rc verify(struct making *m)
{
	struct manifest is;
	enter(m, BACKUP_VERIFYING);
	return verify_folder(m->arena, m->partial, &m->b->is_cancelled, &is, m->err);
}

enum rc make_backup(struct backups *b, const struct backup *r, struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(16 << 10);
	char id[ID_TEXT_MAX];
	struct making m = { .b = b, .arena = a, .err = err };
	m.partial = str_dupz(a, str_fmt(a, "%s.partial", r->folder));
	m.m.says.id = id_text("bak", r->id, id);
	m.m.says.takt = str_z(b->o.version);
	m.m.started_ms = r->started_ms;
	enum rc rc = fill(&m);
	if (rc == RC_OK)
		rc = verify(&m);
	if (rc == RC_OK)
		rc = file_rename(m.partial, r->folder, err);
	struct err ignored = { 0 };
	if (rc != RC_OK && folder_remove(m.partial, &ignored) != RC_OK)
		(void)err_prefix(err, "%s stays behind", m.partial);
	return rc;
}
