/* Bytes by their SHA-256, in DATA/blobs/ab/cdef…
 *
 * (1) A file stands under its final name only when it is whole: file_write() writes to
 *     another name, fsyncs, renames, and fsyncs the folder.
 * (2) blob_put() returns RC_OK only when the bytes are durable and right, also when
 *     another thread, or a process that was killed, wrote them: what is there already
 *     is compared, and its folder synced again.  So a damaged blob is repaired by
 *     uploading it anew.
 * (3) Two threads that put the same blob write two temporary files with equal bytes;
 *     whichever renames last, the name has had the right bytes all the time.
 */
#include "artifact/artifact_priv.h"

#include "base/arena.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/file_size.h"
#include "sys/log.h"

/* The words of sys/ name paths of this machine, and FORBIDDEN would tell a client that
 * *he* may not: the log gets the words, the caller what he can do with. */
static enum rc blob_failed(struct err *err, const struct err *why, const char *what)
{
	log_err(LOG_ERROR, what, why);
	if (why->code == CODE_DISK_FULL)
		return err_set(err, CODE_DISK_FULL, "%s: no space is left on the server's disk",
		               what);
	return err_set(err, CODE_IO, "%s; the server's log says why", what);
}

char *blob_path(const struct artifacts *a, struct sha256 hash, struct arena *arena)
{
	char hex[65];
	struct str text = sha256_text(&hash, hex);
	struct str path = str_fmt(arena, "%s/%.2s/%s", a->blobs, text.ptr, text.ptr + 2);
	return str_dupz(arena, path);
}

int64_t blob_size(struct artifacts *a, struct sha256 hash)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(512);
	return file_size(blob_path(a, hash, arena));
}

bool blob_exists(struct artifacts *a, struct sha256 hash)
{
	return blob_size(a, hash) >= 0;
}

static enum rc blob_load(struct artifacts *a, struct sha256 hash, struct arena *arena,
                         struct str *ret, struct err *err)
{
	struct err why = { 0 };
	char *path = blob_path(a, hash, arena);
	enum rc rc = file_read(arena, path, BLOB_MAX, ret, &why);
	if (rc == RC_OK)
		return RC_OK;
	char hex[65];
	if (why.code == CODE_NOT_FOUND)
		return err_set(err, CODE_NOT_FOUND, "there is no blob %s",
		               sha256_text(&hash, hex).ptr);
	if (why.code == CODE_TOO_LARGE)
		return err_set(err, CODE_DAMAGED, "the blob %s is larger than a blob can be",
		               sha256_text(&hash, hex).ptr);
	return blob_failed(err, &why, "reading a blob failed");
}

enum rc blob_read(struct artifacts *a, struct sha256 hash, struct arena *arena, struct str *ret,
                  struct err *err)
{
	return blob_load(a, hash, arena, ret, err);
}

enum rc artifact_blob_read(struct artifacts *a, const struct artifact_file *file,
                           struct arena *arena, struct str *ret, struct err *err)
{
	struct str bytes;
	struct err why = { 0 };
	enum rc rc = blob_read(a, file->hash, arena, &bytes, &why);
	if (why.code == CODE_NOT_FOUND)
		return err_set(err, CODE_DAMAGED, "the bytes of \"%.*s\" are missing",
		               (int)size_min(file->path.len, 120), file->path.ptr);
	if (rc != RC_OK) {
		if (err)
			*err = why;
		return rc;
	}
	if (bytes.len != (size_t)file->size)
		return err_set(err, CODE_DAMAGED, "\"%.*s\" has %zu bytes, %lld were stored",
		               (int)size_min(file->path.len, 120), file->path.ptr, bytes.len,
		               (long long)file->size);
	*ret = bytes;
	return RC_OK;
}

/* Makes the folder of a hash, and its name durable, once per process. */
static enum rc folder_prepare(struct artifacts *a, struct sha256 hash, char *folder,
                              struct err *err)
{
	atomic_bool *is_synced = &a->is_folder_synced[hash.bytes[0]];
	if (atomic_load(is_synced))
		return RC_OK;
	enum rc rc = folder_create(folder, 0700, err);
	if (rc == RC_OK)
		rc = folder_sync(a->blobs, err);
	if (rc == RC_OK)
		atomic_store(is_synced, true);
	return rc;
}

static bool is_stored(struct artifacts *a, struct sha256 hash, struct str bytes)
{
	if (blob_size(a, hash) != (int64_t)bytes.len)
		return false;
	AUTO(arena_destroyp) struct arena *arena = arena_create(4096);
	struct str there;
	return blob_load(a, hash, arena, &there, NULL) == RC_OK && str_eq(there, bytes);
}

/* `was_there` tells whether nothing had to be written. */
static enum rc blob_store(struct artifacts *a, struct sha256 hash, struct str bytes,
                          bool *was_there, struct err *err)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	char *path = blob_path(a, hash, arena);
	struct str folder = { path, (size_t)(strrchr(path, '/') - path) };
	char *folder_z = str_dupz(arena, folder);
	enum rc rc = folder_prepare(a, hash, folder_z, err);
	if (rc != RC_OK)
		return rc;
	bool is_there = is_stored(a, hash, bytes);
	rc = is_there ? folder_sync(folder_z, err) : file_write(path, bytes, 0600, err);
	if (rc == RC_OK)
		*was_there = is_there;
	return rc;
}

enum rc blob_put(struct artifacts *a, struct sha256 expected, struct str bytes, bool *is_new,
                 struct err *err)
{
	if (bytes.len > BLOB_MAX)
		return err_set(err, CODE_TOO_LARGE, "a blob has at most %d bytes, not %zu",
		               BLOB_MAX, bytes.len);
	struct sha256 hash;
	sha256_of(bytes, &hash);
	if (memcmp(&hash, &expected, sizeof hash) != 0) {
		char hex[65];
		return err_set(err, CODE_HASH_MISMATCH, "the bytes have the SHA-256 %s",
		               sha256_text(&hash, hex).ptr);
	}
	struct err why = { 0 };
	bool was_there;
	if (blob_store(a, hash, bytes, &was_there, &why) != RC_OK)
		return blob_failed(err, &why, "storing a blob failed");
	*is_new = !was_there;
	return RC_OK;
}
