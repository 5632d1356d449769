/* Backups of a server's folder: asked for, listed, cancelled; one at a time.
 *
 *	any thread    backups_begin, …_list, …_cancel
 *	the backup's  make.c
 *	the engine's  between(): some pages, when the backup's thread has asked for them
 *
 * The two threads take turns: `copy` and what stands beside it belong to the engine from
 * is_asked until its answer is in the mailbox. */
#include "backup/backup_priv.h"

#include "base/arena.h"
#include "codec/hex.h"
#include "store/copy.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/file_size.h"
#include "sys/file_stream.h"
#include "sys/log.h"

enum { ENTRIES_MAX = 10000 };

const char *backup_state_text(enum backup_state s)
{
	static const char *const texts[] = { "running", "succeeded", "failed" };
	return texts[s];
}

const char *backup_phase_text(enum backup_phase p)
{
	static const char *const texts[] = { "database", "blobs", "verifying", "over" };
	return texts[p];
}

/* --- The engine's part --- */

static bool no_commands(struct participant *p, struct tx *tx, enum rc *rc, struct err *err)
{
	(void)p, (void)tx, (void)rc, (void)err;
	return false;
}

static int64_t next_due_ms(struct participant *p)
{
	return atomic_load(&((struct backups *)p)->is_asked) ? 0 : INT64_MAX;
}

/* Behind a batch.  Cancelled: nothing stays under way on the engine's connection. */
static void between(struct participant *p)
{
	struct backups *b = (struct backups *)p;
	if (!atomic_load(&b->is_asked))
		return;
	if (atomic_load(&b->is_cancelled)) {
		store_copy_cancel(b->copy);
		b->rc = err_set(&b->err, CODE_SHUTTING_DOWN,
		                "the server ended before the backup was whole");
	} else {
		b->rc = store_copy_step(b->copy, SLICE_PAGES, &b->is_copied, &b->err);
		b->pages_left -= SLICE_PAGES;
		if (b->rc == RC_OK && !b->is_copied && b->pages_left > 0)
			return; /* more behind the next batch */
	}
	atomic_store(&b->is_asked, false);
	mailbox_post(&b->answers, &b->answer);
}

enum rc backups_copy_some(struct backups *b, struct store_copy *copy, int64_t pages, bool *is_done,
                          struct err *err)
{
	b->copy = copy;
	b->pages_left = pages;
	b->is_copied = false;
	atomic_store(&b->is_asked, true);
	writer_wake(b->o.writer);
	while (!mailbox_take_all(&b->answers))
		mailbox_wait(&b->answers, INT64_MAX);
	if (b->rc != RC_OK) {
		*err = b->err;
		return b->rc;
	}
	*is_done = b->is_copied;
	return RC_OK;
}

/* --- Records --- */

/* Under the lock.  The oldest goes when there are too many. */
static struct backup *add_record(struct backups *b, const struct backup *r)
{
	if (b->n_records == BACKUPS_LISTED_MAX)
		memmove(&b->records[0], &b->records[1], --b->n_records * sizeof b->records[0]);
	b->records[b->n_records] = *r;
	return &b->records[b->n_records++];
}

void backups_note(struct backups *b, void (*change)(struct backup *r, void *ctx), void *ctx)
{
	lock_take(&b->lock);
	assert(b->is_running && b->n_records);
	change(&b->records[b->n_records - 1], ctx);
	lock_give(&b->lock);
}

enum rc backups_get(struct backups *b, int64_t id, struct backup *ret, struct err *err)
{
	bool is_found = false;
	lock_take(&b->lock);
	for (size_t i = 0; i < b->n_records && !is_found; i++) {
		is_found = b->records[i].id == id;
		if (is_found)
			*ret = b->records[i];
	}
	lock_give(&b->lock);
	char text[ID_TEXT_MAX];
	return is_found ? RC_OK
	                : err_set(err, CODE_NOT_FOUND, "there is no backup " STR_FMT,
	                          STR_ARG(id_text("bak", id, text)));
}

size_t backups_list(struct backups *b, struct arena *a, const struct backup **ret)
{
	lock_take(&b->lock);
	size_t n = b->n_records;
	struct backup *list = arena_new(a, struct backup, n + 1);
	for (size_t i = 0; i < n; i++)
		list[i] = b->records[n - 1 - i];
	lock_give(&b->lock);
	*ret = list;
	return n;
}

/* --- Beginning --- */

static enum rc default_folder(struct backups *b, struct arena *a, struct backup *r, struct err *err)
{
	char id[ID_TEXT_MAX];
	const char *all = backup_path(a, b->o.folder, "backups");
	snprintf(r->folder, sizeof r->folder, "%s/" STR_FMT, all,
	         STR_ARG(id_text("bak", r->id, id)));
	return folder_create(all, 0700, err);
}

static enum rc given_folder(struct arena *a, struct str path, struct backup *r, struct err *err)
{
	const char *const *names;
	size_t n;
	if (path.ptr[0] != '/')
		return err_set(err, CODE_BAD_PATH, "the path must be absolute");
	enum rc rc = path_absolute(str_dupz(a, path), r->folder, sizeof r->folder, err);
	if (rc == RC_OK)
		rc = folder_entries(a, r->folder, 1, &names, &n, err);
	if (rc == RC_OK && n)
		rc = err_set(err, CODE_CONFLICT, "%s is not empty (%s is in it)", r->folder,
		             names[0]);
	return rc;
}

static enum rc has_space(struct backups *b, struct arena *a, const char *partial, bool is_inside,
                         struct err *err)
{
	int64_t need = int64_max(0, file_size(backup_path(a, b->o.folder, "takt.db"))) +
	               int64_max(0, file_size(backup_path(a, b->o.folder, "takt.db-wal")));
	int64_t keep = is_inside ? b->o.disk_low_bytes : 0;
	int64_t have = folder_free_bytes(partial);
	if (have < 0 || have - keep >= need)
		return RC_OK;
	return err_set(err, CODE_DISK_FULL,
	               "the database needs %lld MB, and only %lld MB are free for it",
	               (long long)(need >> 20) + 1, (long long)int64_max(0, have - keep) >> 20);
}

static enum rc prepare(struct backups *b, struct str path, struct backup *r, struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	enum rc rc = path.len ? given_folder(a, path, r, err) : default_folder(b, a, r, err);
	if (rc != RC_OK)
		return rc;
	const char *partial = str_dupz(a, str_fmt(a, "%s.partial", r->folder));
	rc = partial_create(a, partial, err);
	if (rc != RC_OK)
		return rc;
	rc = has_space(b, a, partial, path.len == 0, err);
	if (rc != RC_OK && folder_remove(partial, NULL) != RC_OK)
		(void)err_prefix(err, "%s stays behind", partial);
	return rc;
}

struct end {
	struct backups *b;
	enum rc rc;
	const struct err *err;
};

static void note_end(struct backup *r, void *ctx)
{
	const struct end *e = ctx;
	r->state = e->rc == RC_OK ? BACKUP_SUCCEEDED : BACKUP_FAILED;
	r->phase = BACKUP_OVER;
	r->finished_ms = env_wall_ms(e->b->o.env);
	r->blobs = r->blobs_done;
	if (e->rc != RC_OK)
		r->err = *e->err;
}

static void turn_over(struct backups *b)
{
	lock_take(&b->lock);
	b->is_running = false;
	lock_give(&b->lock);
}

static void thread_main(void *ctx)
{
	struct backups *b = ctx;
	struct err err = { 0 };
	thread_be_nice();
	lock_take(&b->lock);
	struct backup r = b->records[b->n_records - 1];
	lock_give(&b->lock);
	enum rc rc = make_backup(b, &r, &err);
	if (rc == RC_OK)
		LOG(LOG_INFO, "a backup is whole", LOG_STR("folder", str_z(r.folder)),
		    LOG_INT("ms", env_wall_ms(b->o.env) - r.started_ms));
	else
		log_err(LOG_ERROR, "a backup failed", &err);
	struct end end = { b, rc, &err };
	backups_note(b, note_end, &end);
	if (rc == RC_OK)
		schedule_prune(b);
	turn_over(b);
}

/* Only one begins, however many ask; false: another is under way. */
static bool take_turn(struct backups *b, struct backup *ret)
{
	lock_take(&b->lock);
	bool is_free = !b->is_running && !atomic_load(&b->is_cancelled);
	int64_t last = b->n_records ? b->records[b->n_records - 1].id : 0;
	b->is_running = b->is_running || is_free;
	lock_give(&b->lock);
	int64_t now = env_wall_ms(b->o.env);
	*ret = (struct backup){ .id = int64_max(store_id_of_ms(now), last + 1), .started_ms = now };
	return is_free;
}

static enum rc start_thread(struct backups *b, const struct backup *r, struct err *err)
{
	struct err why = { 0 };
	enum rc rc;
	lock_take(&b->lock);
	add_record(b, r);
	if (atomic_load(&b->is_cancelled)) /* meanwhile: backups_stop() has looked for it already */
		rc = err_set(&why, CODE_SHUTTING_DOWN, "the server is restarting");
	else
		rc = thread_start(&b->thread, "backup", thread_main, b, &why);
	lock_give(&b->lock);
	struct end end = { b, rc, &why };
	if (rc != RC_OK) {
		backups_note(b, note_end, &end);
		*err = why;
	}
	return rc;
}

/* Who ends and who begins the next may come at once: one of them has it. */
static void join_thread(struct backups *b)
{
	lock_take(&b->lock);
	struct thread *t = b->thread;
	b->thread = NULL;
	lock_give(&b->lock);
	thread_join(t);
}

enum rc backups_begin(struct backups *b, struct str path, struct backup *ret, struct err *err)
{
	struct backup r;
	if (path.len > BACKUP_PATH_MAX - 16)
		return err_set(err, CODE_BAD_PATH, "a path has at most %d bytes",
		               BACKUP_PATH_MAX - 16);
	if (atomic_load(&b->is_cancelled))
		return err_set(err, CODE_SHUTTING_DOWN, "the server is restarting");
	if (!take_turn(b, &r))
		return err_set(err, CODE_CONFLICT, "a backup is under way; wait for its end");
	join_thread(b); /* of the one before, which is over */
	enum rc rc = prepare(b, path, &r, err);
	if (rc == RC_OK)
		rc = start_thread(b, &r, err);
	if (rc == RC_OK)
		*ret = r;
	else
		turn_over(b);
	return rc;
}

/* --- Life --- */

/* What the manifest of a former server's backup says. */
static void recall(struct backups *b, struct arena *a, const char *folder, int64_t id)
{
	struct str text;
	struct manifest m;
	if (file_read(a, backup_path(a, folder, MANIFEST_FILE), MANIFEST_MAX, &text, NULL) !=
	            RC_OK ||
	    manifest_read(a, text, &m, NULL) != RC_OK)
		return;
	struct backup r = { .id = id,
		            .state = BACKUP_SUCCEEDED,
		            .phase = BACKUP_OVER,
		            .started_ms = m.started_ms,
		            .finished_ms = m.says.finished_ms,
		            .database_bytes = m.says.database_bytes,
		            .database_bytes_done = m.says.database_bytes,
		            .blobs = m.says.blobs,
		            .blobs_done = m.says.blobs,
		            .blob_bytes = m.says.blob_bytes };
	snprintf(r.folder, sizeof r.folder, "%s", folder);
	add_record(b, &r);
}

static enum rc look_around(struct backups *b, struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	const char *const *names;
	size_t n;
	const char *all = backup_path(a, b->o.folder, "backups");
	enum rc rc = folder_entries(a, all, ENTRIES_MAX, &names, &n, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		struct str rest = str_z(names[i]), name = str_cut(rest, '.', &rest);
		const char *folder = backup_path(a, all, names[i]);
		int64_t id;
		if (id_parse("bak", name, &id, NULL) != RC_OK)
			continue; /* not ours */
		if (str_eqz(rest, "partial"))
			rc = folder_remove(folder, err);
		else if (rest.len == 0)
			recall(b, a, folder, id);
	}
	return rc;
}

enum rc backups_create(const struct backups_options *o, struct backups **ret, struct err *err)
{
	assert(o->folder && o->store && o->writer && o->artifacts && o->env && o->version);
	struct backups *b = xcalloc(1, sizeof *b);
	b->o = *o;
	b->participant = (struct participant){ .before_commit = no_commands,
		                               .between = between,
		                               .next_due_ms = next_due_ms };
	lock_init(&b->lock);
	mailbox_init(&b->answers);
	enum rc rc = look_around(b, err);
	if (rc != RC_OK) {
		backups_destroy(b);
		return rc;
	}
	writer_add(o->writer, &b->participant);
	*ret = b;
	return RC_OK;
}

void backups_cancel(struct backups *b)
{
	atomic_store(&b->is_cancelled, true);
	writer_wake(b->o.writer);
	schedule_end(b);
}

void backups_stop(struct backups *b)
{
	if (!b)
		return;
	backups_cancel(b);
	join_thread(b);
}

void backups_destroy(struct backups *b)
{
	if (!b)
		return;
	assert(!b->thread);
	lock_fini(&b->lock);
	free(b);
}
