/* Verification, cheapest and most telling first: the sums say whether manifest, list and
 * database are as they were written; the list says it of the blobs; SQLite reads every
 * page; the rows are counted again. */
#include "backup/verify.h"

#include "base/arena.h"
#include "store/copy.h"
#include "store/db.h"
#include "store/event_id.h"
#include "store/sql.h"
#include "sys/file.h"

enum { TENANTS_MAX = 1 << 20 };

/* --- What the database says --- */

static enum rc read_rows(struct db *db, struct backup_summary *ret, struct err *err)
{
	struct rows rows;
	db_query(db, SQL_BACKUP_ROWS, NULL, 0, &rows, err);
	while (rows_next(&rows)) {
		ret->tasks = rows_int(&rows, 0);
		ret->runs = rows_int(&rows, 1);
		ret->events = rows_int(&rows, 2);
		ret->artifacts = rows_int(&rows, 3);
	}
	return rows_end(&rows, err);
}

static enum rc read_events(struct arena *a, struct db *db, struct manifest *ret, struct err *err)
{
	struct rows rows;
	size_t cap = 64, n = 0;
	struct manifest_events *events = arena_new(a, struct manifest_events, cap);
	db_query(db, SQL_BACKUP_EVENTS, NULL, 0, &rows, err);
	for (; n < TENANTS_MAX && rows_next(&rows); n++) {
		if (n == cap) {
			struct manifest_events *more =
			        arena_new(a, struct manifest_events, 2 * cap);
			memcpy(more, events, cap * sizeof *events);
			events = more;
			cap *= 2;
		}
		events[n] = (struct manifest_events){ rows_int(&rows, 0),
			                              event_seq(rows_int(&rows, 1)) };
	}
	ret->events = events;
	ret->n_events = n;
	return rows_end(&rows, err);
}

enum rc verify_facts(struct arena *a, struct db *db, struct manifest *ret, struct err *err)
{
	enum rc rc = read_rows(db, &ret->says, err);
	return rc == RC_OK ? read_events(a, db, ret, err) : rc;
}

/* --- Is it so --- */

struct verifying {
	struct arena *arena;
	const char *folder;
	const atomic_bool *is_cancelled;
	struct manifest m;
	struct manifest_sums sums;
	int64_t blobs, blob_bytes;
	struct err *err;
};

static enum rc changed(struct verifying *v, const char *name, const char *what)
{
	err_set(v->err, CODE_DAMAGED, "%s", what);
	return err_at(v->err, "%s", name);
}

static enum rc check_sum(struct verifying *v, const char *name, const struct sha256 *want,
                         int64_t *ret_bytes)
{
	struct sha256 have;
	const char *path = backup_path(v->arena, v->folder, name);
	if (!file_exists(path))
		return changed(v, name, "the file is missing");
	enum rc rc = sha256_of_file(path, v->is_cancelled, &have, ret_bytes, v->err);
	if (rc != RC_OK)
		return rc;
	return memcmp(&have, want, sizeof have) == 0
	               ? RC_OK
	               : changed(v, name, "its bytes are not those that were written");
}

static enum rc read_sums(struct verifying *v)
{
	struct str text;
	const char *path = backup_path(v->arena, v->folder, MANIFEST_SUMS);
	if (!file_exists(path) && !file_exists(backup_path(v->arena, v->folder, MANIFEST_FILE)))
		return err_set(v->err, CODE_NOT_FOUND, "there is no backup in %s", v->folder);
	if (!file_exists(path))
		return changed(v, MANIFEST_SUMS, "the file is missing");
	enum rc rc = file_read(v->arena, path, SUMS_MAX, &text, v->err);
	return rc == RC_OK ? manifest_sums_read(text, &v->sums, v->err) : rc;
}

static enum rc read_manifest(struct verifying *v)
{
	struct str text;
	int64_t bytes;
	enum rc rc = check_sum(v, MANIFEST_FILE, &v->sums.manifest, &bytes);
	if (rc == RC_OK)
		rc = file_read(v->arena, backup_path(v->arena, v->folder, MANIFEST_FILE),
		               MANIFEST_MAX, &text, v->err);
	if (rc == RC_OK)
		rc = manifest_read(v->arena, text, &v->m, v->err);
	if (rc != RC_OK)
		return rc;
	bool is_same = memcmp(&v->m.database, &v->sums.database, sizeof v->sums.database) == 0 &&
	               memcmp(&v->m.blobs, &v->sums.blobs, sizeof v->sums.blobs) == 0;
	return is_same ? RC_OK
	               : changed(v, MANIFEST_SUMS, "its sums are not those of the manifest");
}

static enum rc check_blob(void *ctx, const struct blob *b)
{
	struct verifying *v = ctx;
	struct arena_mark mark = arena_mark(v->arena);
	if (v->is_cancelled && atomic_load(v->is_cancelled))
		return err_set(v->err, CODE_SHUTTING_DOWN, "given up");
	v->blobs++;
	v->blob_bytes += b->size;
	enum rc rc = blob_check(backup_path(v->arena, v->folder, "blobs"), b, v->err);
	arena_rewind(v->arena, mark);
	return rc;
}

static enum rc check_blobs(struct verifying *v)
{
	int64_t bytes;
	enum rc rc = check_sum(v, MANIFEST_BLOBS, &v->sums.blobs, &bytes);
	if (rc == RC_OK)
		rc = blob_list_each(v->folder, check_blob, v, v->err);
	if (rc == RC_OK && (v->blobs != v->m.says.blobs || v->blob_bytes != v->m.says.blob_bytes))
		rc = changed(v, MANIFEST_BLOBS, "it does not list what the manifest counts");
	return rc;
}

/* An older schema has other tables; what it holds is counted when it was migrated. */
static enum rc check_facts(struct verifying *v, struct db *db)
{
	struct manifest is = { 0 };
	const struct backup_summary *m = &v->m.says;
	if (m->schema_version != SCHEMA_VERSION)
		return RC_OK;
	enum rc rc = verify_facts(v->arena, db, &is, v->err);
	if (rc != RC_OK)
		return rc;
	bool is_same = is.says.tasks == m->tasks && is.says.runs == m->runs &&
	               is.says.events == m->events && is.says.artifacts == m->artifacts &&
	               is.n_events == v->m.n_events;
	for (size_t i = 0; i < is.n_events && is_same; i++)
		is_same = is.events[i].tenant == v->m.events[i].tenant &&
		          is.events[i].last == v->m.events[i].last;
	return is_same ? RC_OK
	               : changed(v, MANIFEST_DATABASE,
	                         "it has other rows than the manifest counts");
}

static enum rc check_version(struct verifying *v, struct db *db)
{
	int64_t version;
	enum rc rc = store_still_version(db, &version, v->err);
	if (rc != RC_OK || version == v->m.says.schema_version)
		return rc;
	return changed(v, MANIFEST_DATABASE, "it has another schema than the manifest says");
}

static enum rc check_database(struct verifying *v)
{
	struct db *db;
	int64_t bytes;
	enum rc rc = check_sum(v, MANIFEST_DATABASE, &v->sums.database, &bytes);
	if (rc == RC_OK && bytes != v->m.says.database_bytes)
		rc = changed(v, MANIFEST_DATABASE, "it has another size than the manifest says");
	if (rc == RC_OK)
		rc = store_still_open(backup_path(v->arena, v->folder, MANIFEST_DATABASE), &db,
		                      v->err);
	if (rc != RC_OK)
		return rc;
	rc = check_version(v, db);
	if (rc == RC_OK)
		rc = store_still_verify(db, v->is_cancelled, v->err);
	if (rc == RC_OK)
		rc = check_facts(v, db);
	store_still_close(db);
	return rc;
}

enum rc verify_folder(struct arena *a, const char *folder, const atomic_bool *is_cancelled,
                      struct manifest *ret, struct err *err)
{
	struct verifying v = {
		.arena = a, .folder = folder, .is_cancelled = is_cancelled, .err = err
	};
	enum rc rc = read_sums(&v);
	if (rc == RC_OK)
		rc = read_manifest(&v);
	if (rc == RC_OK && v.m.says.schema_version > SCHEMA_VERSION)
		rc = err_set(
		        err, CODE_SCHEMA_NEWER,
		        "the backup has schema %lld, this takt knows up to %d; use takt " STR_FMT,
		        (long long)v.m.says.schema_version, SCHEMA_VERSION, STR_ARG(v.m.says.takt));
	if (rc == RC_OK)
		rc = check_database(&v);
	if (rc == RC_OK)
		rc = check_blobs(&v);
	if (rc == RC_OK)
		*ret = v.m;
	return rc;
}

enum rc backup_verify(struct arena *a, const char *folder, struct backup_summary *ret,
                      struct err *err)
{
	struct manifest m;
	struct err why = { 0 };
	enum rc rc = verify_folder(a, folder, NULL, &m, &why);
	if (rc == RC_OK)
		*ret = m.says;
	else if (err)
		*err = why;
	return rc;
}
