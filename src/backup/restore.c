/* From a backup to a data folder: verified, copied (and hashed again on the way), synced,
 * then renamed.  A killed restore leaves DATA.partial, which the next one removes. */
#include <stdio.h>

#include "backup/verify.h"

#include "base/arena.h"
#include "store/copy.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/file_stream.h"

struct restoring {
	struct arena *arena;
	const char *from, *to; /* blobs/ of the backup, of the new folder */
	struct err *err;
};

/* A folder that is a server's, or anything else, stays as it is. */
static enum rc check_target(struct arena *a, const char *data, struct err *err)
{
	const char *const *names;
	size_t n;
	int fd;
	struct err held = { 0 };
	enum rc rc = folder_entries(a, data, 1, &names, &n, err);
	if (rc != RC_OK || n == 0)
		return rc;
	const char *lock = backup_path(a, data, "lock");
	if (file_exists(lock)) {
		if (file_lock(lock, 0, &fd, &held) == RC_OK)
			close_fd(&fd);
		else if (held.code == CODE_FOLDER_HELD)
			return err_set(err, CODE_FOLDER_HELD,
			               "a server holds %s; restore into a new folder", data);
	}
	return err_set(err, CODE_CONFLICT,
	               "%s is not empty (%s is in it); restore into a new folder", data, names[0]);
}

static enum rc copy_blob(void *ctx, const struct blob *b)
{
	struct restoring *r = ctx;
	return blob_copy(r->from, r->to, b, false, r->err);
}

static enum rc copy_database(struct arena *a, const char *folder, const char *partial,
                             const struct manifest *m, struct err *err)
{
	struct sha256 hash;
	int64_t bytes;
	const char *to = backup_path(a, partial, MANIFEST_DATABASE);
	enum rc rc =
	        sha256_of_copy(backup_path(a, folder, MANIFEST_DATABASE), to, &hash, &bytes, err);
	if (rc == RC_OK && memcmp(&hash, &m->database, sizeof hash) != 0) {
		err_set(err, CODE_DAMAGED, "it changed while it was copied");
		return err_at(err, MANIFEST_DATABASE);
	}
	if (rc == RC_OK)
		rc = file_sync(to, err); /* before SQLite writes a WAL beside it */
	if (rc == RC_OK)
		rc = store_begin_epoch(to, env_wall_ms(&env_system), err);
	return rc;
}

static enum rc fill(struct arena *a, const char *folder, const char *partial,
                    const struct manifest *m, struct err *err)
{
	struct restoring r = { .arena = a,
		               .from = backup_path(a, folder, "blobs"),
		               .to = backup_path(a, partial, "blobs"),
		               .err = err };
	enum rc rc = folder_create(r.to, 0700, err);
	if (rc == RC_OK)
		rc = copy_database(a, folder, partial, m, err);
	if (rc == RC_OK)
		rc = blob_list_each(folder, copy_blob, &r, err);
	if (rc == RC_OK)
		rc = file_system_sync(partial, err);
	return rc;
}

static enum rc make_room(struct arena *a, const char *data, const char *partial, struct err *err)
{
	char parent[BACKUP_PATH_MAX + 1];
	snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(data, '/') - data), data);
	enum rc rc = check_target(a, data, err);
	if (rc == RC_OK && folder_is_network(parent[0] ? parent : "/"))
		rc = err_set(err, CODE_CONFLICT,
		             "%s is on a network file system; a data folder wants a local disk",
		             data);
	return rc == RC_OK ? partial_create(a, partial, err) : rc;
}

static enum rc has_space(const char *partial, const struct manifest *m, struct err *err)
{
	int64_t need = m->says.database_bytes + m->says.blob_bytes;
	int64_t have = folder_free_bytes(partial);
	if (have < 0 || have >= need)
		return RC_OK;
	return err_set(err, CODE_DISK_FULL, "%lld MB are needed, the disk has %lld MB",
	               (long long)(need >> 20) + 1, (long long)(have >> 20));
}

enum rc backup_restore(struct arena *a, const char *folder, const char *data,
                       struct backup_summary *ret, struct err *err)
{
	char absolute[BACKUP_PATH_MAX + 1], partial[BACKUP_PATH_MAX + 16];
	struct manifest m;
	struct err why = { 0 }, ignored = { 0 };
	files_private();
	enum rc rc = path_absolute(data, absolute, sizeof absolute, &why);
	if (rc == RC_OK)
		rc = check_target(a, absolute, &why);
	if (rc == RC_OK)
		rc = verify_folder(a, folder, NULL, &m, &why);
	snprintf(partial, sizeof partial, "%s.partial", absolute);
	if (rc == RC_OK)
		rc = make_room(a, absolute, partial, &why);
	bool is_begun = rc == RC_OK;
	if (rc == RC_OK)
		rc = has_space(partial, &m, &why);
	if (rc == RC_OK)
		rc = fill(a, folder, partial, &m, &why);
	if (rc == RC_OK)
		rc = file_rename(partial, absolute, &why);
	if (rc != RC_OK && is_begun && folder_remove(partial, &ignored) != RC_OK)
		(void)err_prefix(&why, "%s stays behind", partial);
	if (rc == RC_OK)
		*ret = m.says;
	else if (err)
		*err = why;
	return rc;
}
