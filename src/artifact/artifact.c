/* Versions of artifacts: created by a command of the writer, read through snapshots.
 *
 * A creation comes in two parts.  artifact_create_prepare() does on a pool's thread all
 * that needs the disk or time (paths, blobs, sorting, hashing), so that the engine only
 * writes rows.  Blobs are never removed, so what was there stays there in between. */
#include <sodium.h>

#include "artifact/artifact_priv.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "store/db.h"
#include "store/store.h"
#include "sys/file.h"

enum rc artifacts_create(const struct artifacts_options *o, struct artifacts **ret, struct err *err)
{
	assert(o->folder && o->store);
	if (sodium_init() < 0)
		return err_set(err, CODE_IO, "libsodium can't start on this machine");
	AUTO(arena_destroyp) struct arena *arena = arena_create(512);
	struct str blobs = str_fmt(arena, "%s/blobs", o->folder);
	char *blobs_z = str_dupz(arena, blobs);
	enum rc rc = folder_create(blobs_z, 0700, err);
	if (rc == RC_OK)
		rc = folder_sync(o->folder, err);
	if (rc != RC_OK)
		return rc;
	struct artifacts *a = xcalloc(1, sizeof *a);
	a->blobs = xstrndup(blobs.ptr, blobs.len);
	a->store = o->store;
	a->writer = o->writer;
	*ret = a;
	return RC_OK;
}

void artifacts_destroy(struct artifacts *a)
{
	if (!a)
		return;
	free(a->blobs);
	free(a);
}

const char *artifacts_blobs(const struct artifacts *a)
{
	return a->blobs;
}

/* --- Creating --- */

static enum rc file_check(struct artifacts *a, const struct artifact_file *f, struct err *err)
{
	enum rc rc = artifact_path_check(f->path, err);
	if (rc != RC_OK)
		return rc;
	int64_t size = blob_size(a, f->hash);
	char hex[65];
	if (size < 0)
		return err_set(err, CODE_NOT_FOUND, "there is no blob %s; upload it first",
		               sha256_text(&f->hash, hex).ptr);
	if (size != f->size)
		return err_set(err, CODE_FIELD_RANGE, "the blob has %lld bytes, not %lld",
		               (long long)size, (long long)f->size);
	return RC_OK;
}

/* Before sorting, so that the place is the one the client knows. */
static enum rc files_check(struct artifacts *a, const struct artifact_file *files, size_t n,
                           struct err *err)
{
	if (n == 0 || n > ARTIFACT_FILES_MAX) {
		err_set(err, CODE_FIELD_RANGE, "an artifact has 1 to %d files, not %zu",
		        ARTIFACT_FILES_MAX, n);
		return err_at(err, "/files");
	}
	for (size_t i = 0; i < n; i++)
		if (file_check(a, &files[i], err) != RC_OK)
			return err_at(err, "/files/%zu", i);
	return RC_OK;
}

static enum rc checks_check(struct str checks, struct arena *arena, struct err *err)
{
	const struct json_limits limits = { ARTIFACT_CHECKS_MAX, 32, 20000 };
	const struct json *v;
	if (checks.len == 0)
		return RC_OK;
	if (json_read(arena, checks, &limits, &v, err) == RC_OK && v->type != JSON_OBJECT)
		err_set(err, CODE_FIELD_TYPE, "the checks are an object");
	return err->rc == RC_OK ? RC_OK : err_at(err, "/checks");
}

static enum rc names_check(const struct artifact_create_command *c, struct err *err)
{
	if (artifact_name_check(c->name, err) != RC_OK)
		return err_at(err, "/name");
	if (c->maker.len && artifact_name_check(c->maker, err) != RC_OK)
		return err_at(err, "/maker");
	return RC_OK;
}

enum rc artifact_create_prepare(struct artifact_create_command *c, struct arena *arena,
                                struct err *err)
{
	struct err local = { 0 };
	enum rc rc = names_check(c, &local);
	if (rc == RC_OK)
		rc = checks_check(c->checks, arena, &local);
	if (rc == RC_OK)
		rc = files_check(c->c.owner, c->files, c->n_files, &local);
	if (rc == RC_OK) {
		artifact_files_sort(c->files, c->n_files);
		rc = artifact_paths_check(c->files, c->n_files, &local);
		if (rc != RC_OK)
			err_at(&local, "/files");
	}
	if (rc != RC_OK) {
		if (err)
			*err = local;
		return rc;
	}
	artifact_tree_hash(c->files, c->n_files, &c->tree);
	c->bytes = 0;
	for (size_t i = 0; i < c->n_files; i++)
		c->bytes += c->files[i].size; /* at most 10,000 × 64 MiB */
	c->is_prepared = true;
	return RC_OK;
}

static struct str hash_bytes(const struct sha256 *h)
{
	return (struct str){ (const char *)h->bytes, sizeof h->bytes };
}

static enum rc next_version(struct tx *tx, struct scope scope, struct str name, int64_t *ret,
                            struct err *err)
{
	struct rows rows;
	int64_t last = 0;
	DB_QUERY(tx->db, SQL_ARTIFACT_VERSION_LAST, &rows, err, BIND_INT(scope.tenant),
	         BIND_STR(name));
	if (rows_next(&rows))
		last = rows_int(&rows, 0);
	while (rows_next(&rows))
		;
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret = last + 1;
	return rc;
}

static enum rc insert_artifact(const struct artifact_create_command *c, struct tx *tx,
                               struct err *err)
{
	return DB_RUN(tx->db, SQL_ARTIFACT_INSERT, err, BIND_INT(c->id),
	              BIND_INT(c->c.scope.tenant), BIND_STR(c->name), BIND_INT(c->version),
	              BIND_STR(c->maker.len ? c->maker : STR("")), bind_opt_int(c->run),
	              BIND_STR(c->checks.len ? c->checks : STR("{}")),
	              BIND_BLOB(hash_bytes(&c->tree)), BIND_INT((int64_t)c->n_files),
	              BIND_INT(c->bytes), BIND_INT(tx->now_ms));
}

static enum rc insert_file(const struct artifact_create_command *c, const struct artifact_file *f,
                           struct tx *tx, struct err *err)
{
	return DB_RUN(tx->db, SQL_ARTIFACT_FILE_INSERT, err, BIND_INT(c->c.scope.tenant),
	              BIND_INT(c->id), BIND_STR(f->path), BIND_BLOB(hash_bytes(&f->hash)),
	              BIND_INT(f->size), BIND_INT(f->is_executable));
}

static void tell(const struct artifact_create_command *c, struct tx *tx)
{
	AUTO(buf_fini) struct buf data = BUF_INIT(1024);
	struct json_out out;
	json_out_init(&out, &data);
	json_begin_object(&out);
	json_put_str(&out, "name", c->name);
	json_put_int(&out, "version", c->version);
	json_put_int(&out, "files", (int64_t)c->n_files);
	json_put_int(&out, "bytes", c->bytes);
	json_end_object(&out);
	tx_event(tx, &(struct event_new){ .tenant = c->c.scope.tenant,
	                                  .actor = c->c.scope.actor,
	                                  .type = "artifact.created",
	                                  .subject = c->id,
	                                  .run = c->run,
	                                  .data = buf_str(&data) });
}

static enum rc create_apply(struct command *command, struct tx *tx, struct err *err)
{
	struct artifact_create_command *c = (struct artifact_create_command *)command;
	assert(c->is_prepared);
	enum rc rc = next_version(tx, command->scope, c->name, &c->version, err);
	c->id = store_new_id(tx->store, tx->now_ms);
	if (rc == RC_OK)
		rc = insert_artifact(c, tx, err);
	for (size_t i = 0; i < c->n_files && rc == RC_OK; i++)
		rc = insert_file(c, &c->files[i], tx, err);
	if (rc == RC_OK)
		tell(c, tx);
	return rc;
}

void artifact_create_command_init(struct artifact_create_command *c, struct artifacts *a,
                                  struct scope scope)
{
	*c = (struct artifact_create_command){
		.c = { .apply = create_apply, .owner = a, .scope = scope },
	};
}

/* --- Reading --- */

static enum rc read_hash(const struct rows *rows, int column, struct sha256 *ret)
{
	struct str bytes = rows_str(rows, column);
	if (bytes.len != sizeof ret->bytes)
		return RC_INVALID;
	memcpy(ret->bytes, bytes.ptr, sizeof ret->bytes);
	return RC_OK;
}

/* Columns as in SQL_ARTIFACT_GET and SQL_ARTIFACT_LIST…. */
static enum rc read_artifact(const struct rows *rows, struct arena *arena, struct artifact *ret,
                             struct err *err)
{
	*ret = (struct artifact){
		.id = rows_int(rows, 0),
		.name = str_dup(arena, rows_str(rows, 1)),
		.version = rows_int(rows, 2),
		.maker = str_dup(arena, rows_str(rows, 3)),
		.run = rows_int(rows, 4),
		.checks = str_dup(arena, rows_str(rows, 5)),
		.n_files = (size_t)rows_int(rows, 7),
		.bytes = rows_int(rows, 8),
		.created_ms = rows_int(rows, 9),
	};
	if (read_hash(rows, 6, &ret->tree) != RC_OK || ret->n_files > ARTIFACT_FILES_MAX)
		return err_set(err, CODE_DAMAGED, "the row of an artifact is damaged");
	return RC_OK;
}

static enum rc read_file(const struct rows *rows, struct arena *arena, struct artifact_file *ret,
                         struct err *err)
{
	*ret = (struct artifact_file){
		.path = str_dup(arena, rows_str(rows, 0)),
		.size = rows_int(rows, 2),
		.is_executable = rows_int(rows, 3) != 0,
	};
	if (read_hash(rows, 1, &ret->hash) != RC_OK || ret->size < 0)
		return err_set(err, CODE_DAMAGED, "the row of a file is damaged");
	return RC_OK;
}

static enum rc not_found(int64_t id, struct err *err)
{
	char text[ID_TEXT_MAX];
	return err_set(err, CODE_NOT_FOUND, "there is no artifact " STR_FMT,
	               STR_ARG(id_text("art", id, text)));
}

static enum rc get_row(struct db *db, struct scope scope, int64_t id, struct arena *arena,
                       struct artifact *ret, struct err *err)
{
	struct rows rows;
	size_t n = 0;
	enum rc rc = RC_OK, rc_end;
	DB_QUERY(db, SQL_ARTIFACT_GET, &rows, err, BIND_INT(scope.tenant), BIND_INT(id));
	for (; rows_next(&rows); n++)
		rc = read_artifact(&rows, arena, ret, err);
	rc_end = rows_end(&rows, err);
	if (rc_end != RC_OK || rc != RC_OK)
		return rc_end != RC_OK ? rc_end : rc;
	return n ? RC_OK : not_found(id, err);
}

/* As many as the artifact's row says, or the rows are damaged. */
static enum rc get_files(struct db *db, struct scope scope, struct arena *arena,
                         struct artifact *at, struct err *err)
{
	struct rows rows;
	size_t n = 0;
	enum rc rc = RC_OK, rc_end;
	at->files = arena_new(arena, struct artifact_file, at->n_files + 1);
	DB_QUERY(db, SQL_ARTIFACT_FILES, &rows, err, BIND_INT(scope.tenant), BIND_INT(at->id));
	for (; rc == RC_OK && n <= at->n_files && rows_next(&rows); n++)
		rc = read_file(&rows, arena, &at->files[n], err);
	rc_end = rows_end(&rows, err);
	if (rc_end != RC_OK || rc != RC_OK)
		return rc_end != RC_OK ? rc_end : rc;
	if (n != at->n_files)
		return err_set(err, CODE_DAMAGED, "files of an artifact are missing");
	return RC_OK;
}

enum rc artifact_get(struct artifacts *a, struct scope scope, int64_t id, struct arena *arena,
                     struct artifact *ret, struct err *err)
{
	struct db *db;
	struct artifact found;
	enum rc rc = store_reader_borrow(a->store, &db, err);
	if (rc != RC_OK)
		return rc;
	rc = get_row(db, scope, id, arena, &found, err);
	if (rc == RC_OK)
		rc = get_files(db, scope, arena, &found, err);
	store_reader_return(a->store, db);
	if (rc == RC_OK)
		*ret = found;
	return rc;
}

static void list_query(struct db *db, struct scope scope, const struct artifact_filter *f,
                       struct rows *rows, struct err *err)
{
	struct bind tenant = BIND_INT(scope.tenant);
	struct bind before = BIND_INT(f->before > 0 ? f->before : INT64_MAX);
	struct bind limit = BIND_INT((int64_t)f->limit);
	if (f->run)
		DB_QUERY(db, SQL_ARTIFACT_LIST_OF_RUN, rows, err, tenant, before, limit,
		         BIND_INT(f->run), bind_opt_str(f->name));
	else if (f->name.len)
		DB_QUERY(db, SQL_ARTIFACT_LIST_OF_NAME, rows, err, tenant, before, limit,
		         BIND_STR(f->name));
	else
		DB_QUERY(db, SQL_ARTIFACT_LIST, rows, err, tenant, before, limit);
}

enum rc artifact_list(struct artifacts *a, struct scope scope, const struct artifact_filter *f,
                      struct arena *arena, struct artifact **ret, size_t *ret_n, struct err *err)
{
	assert(f->limit >= 1 && f->limit <= ARTIFACT_LIST_MAX);
	struct db *db;
	struct rows rows;
	size_t n = 0;
	enum rc rc = store_reader_borrow(a->store, &db, err), rc_end;
	if (rc != RC_OK)
		return rc;
	struct artifact *list = arena_new(arena, struct artifact, f->limit);
	list_query(db, scope, f, &rows, err);
	for (; rc == RC_OK && n < f->limit && rows_next(&rows); n++)
		rc = read_artifact(&rows, arena, &list[n], err);
	rc_end = rows_end(&rows, err);
	store_reader_return(a->store, db);
	if (rc_end != RC_OK || rc != RC_OK)
		return rc_end != RC_OK ? rc_end : rc;
	*ret = list;
	*ret_n = n;
	return RC_OK;
}

static enum rc find_file(struct artifacts *a, struct scope scope, int64_t id, struct str path,
                         struct arena *arena, struct artifact_file *ret, struct err *err)
{
	struct db *db;
	struct rows rows;
	size_t n = 0;
	enum rc rc = store_reader_borrow(a->store, &db, err), rc_end;
	if (rc != RC_OK)
		return rc;
	DB_QUERY(db, SQL_ARTIFACT_FILE_GET, &rows, err, BIND_INT(scope.tenant), BIND_INT(id),
	         BIND_STR(path));
	for (; rows_next(&rows); n++)
		rc = read_file(&rows, arena, ret, err);
	rc_end = rows_end(&rows, err);
	store_reader_return(a->store, db);
	if (rc_end != RC_OK || rc != RC_OK)
		return rc_end != RC_OK ? rc_end : rc;
	char text[ID_TEXT_MAX];
	return n ? RC_OK
	         : err_set(err, CODE_NOT_FOUND, "there is no file \"%.*s\" in " STR_FMT,
	                   (int)size_min(path.len, 120), path.ptr,
	                   STR_ARG(id_text("art", id, text)));
}

enum rc artifact_file_read(struct artifacts *a, struct scope scope, int64_t id, struct str path,
                           struct arena *arena, struct str *ret, struct artifact_file *ret_file,
                           struct err *err)
{
	struct artifact_file file;
	enum rc rc = artifact_path_check(path, err);
	if (rc == RC_OK)
		rc = find_file(a, scope, id, path, arena, &file, err);
	if (rc == RC_OK)
		rc = artifact_blob_read(a, &file, arena, ret, err);
	if (rc == RC_OK)
		*ret_file = file;
	return rc;
}
