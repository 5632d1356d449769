/* Backups by the clock: the next one is due `every_ms` after the beginning of the newest, also
 * when a server that has gone by now made that one; a failed one is tried again sooner.  The
 * oldest below the data folder go when there are more than `keep`. */
#include "backup/backup_priv.h"

#include "base/arena.h"
#include "codec/hex.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/file_stream.h"
#include "sys/log.h"

enum { AGAIN_MS = 10 * 60 * 1000, FIRST_MS = 1000 };

#define OWNER(ptr, member) ((struct backups *)((char *)(ptr)-offsetof(struct backups, member)))

/* From now on; at least a second, so that a server that starts comes first. */
static int64_t wait_ms(struct backups *b)
{
	lock_take(&b->lock);
	const struct backup *newest = b->n_records ? &b->records[b->n_records - 1] : NULL;
	int64_t due = newest ? newest->started_ms + b->schedule.every_ms : 0;
	if (newest && newest->state == BACKUP_FAILED)
		due = int64_min(due, newest->started_ms + AGAIN_MS);
	lock_give(&b->lock);
	int64_t wait = due - env_wall_ms(b->o.env);
	return int64_min(int64_max(wait, FIRST_MS), b->schedule.every_ms);
}

static void set_timer(struct backups *b)
{
	loop_timer_set(b->schedule.loop, &b->schedule.timer,
	               loop_now_ms(b->schedule.loop) + wait_ms(b));
}

static void begin_on_pool(struct job *j)
{
	struct backups *b = OWNER(j, schedule.job);
	struct backup begun;
	struct err err = { 0 };
	if (backups_begin(b, (struct str){ 0 }, &begun, &err) != RC_OK)
		log_err(LOG_WARN, "a backup by the clock was not begun", &err);
	atomic_store(&b->schedule.is_beginning, false);
}

static void on_timer(struct loop_timer *t)
{
	struct backups *b = OWNER(t, schedule.timer);
	bool is_due = wait_ms(b) <= FIRST_MS;
	if (is_due && !atomic_exchange(&b->schedule.is_beginning, true))
		pool_submit(b->schedule.pool, &b->schedule.job);
	loop_timer_set(b->schedule.loop, t,
	               loop_now_ms(b->schedule.loop) +
	                       (is_due ? int64_min(b->schedule.every_ms, AGAIN_MS) : wait_ms(b)));
}

void backups_schedule(struct backups *b, const struct backups_schedule *s)
{
	if (s->every_ms <= 0)
		return;
	b->schedule.loop = s->loop;
	b->schedule.pool = s->pool;
	b->schedule.every_ms = s->every_ms;
	b->schedule.keep = s->keep;
	b->schedule.timer.fn = on_timer;
	b->schedule.job.fn = begin_on_pool;
	set_timer(b);
}

void schedule_end(struct backups *b)
{
	if (b->schedule.loop)
		loop_timer_clear(b->schedule.loop, &b->schedule.timer);
}

/* --- Keeping not too many --- */

static bool is_inside(const struct backups *b, struct arena *a, const struct backup *r)
{
	struct str all = str_fmt(a, "%s/backups/", b->o.folder);
	return r->state == BACKUP_SUCCEEDED && str_starts(str_z(r->folder), all);
}

/* The oldest that is one too many; taken out of the list. */
static bool take_oldest(struct backups *b, struct arena *a, struct backup *ret)
{
	size_t n = 0, oldest = SIZE_MAX;
	lock_take(&b->lock);
	for (size_t i = b->n_records; i-- > 0;)
		if (is_inside(b, a, &b->records[i])) {
			n++;
			oldest = i;
		}
	bool is_too_many = n > (size_t)b->schedule.keep;
	if (is_too_many) {
		*ret = b->records[oldest];
		memmove(&b->records[oldest], &b->records[oldest + 1],
		        (--b->n_records - oldest) * sizeof b->records[0]);
	}
	lock_give(&b->lock);
	return is_too_many;
}

/* Its name goes first: a half of it must not look whole. */
static enum rc remove_one(struct arena *a, const struct backup *r, struct err *err)
{
	const char *partial = str_dupz(a, str_fmt(a, "%s.partial", r->folder));
	if (!file_exists(r->folder))
		return RC_OK;
	enum rc rc = file_rename(r->folder, partial, err);
	return rc == RC_OK ? folder_remove(partial, err) : rc;
}

void schedule_prune(struct backups *b)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct backup r;
	struct err err = { 0 };
	if (b->schedule.every_ms <= 0 || b->schedule.keep <= 0)
		return;
	while (take_oldest(b, a, &r)) {
		if (remove_one(a, &r, &err) != RC_OK)
			log_err(LOG_WARN, "an old backup can't be removed", &err);
		else
			LOG(LOG_INFO, "an old backup is removed",
			    LOG_STR("folder", str_z(r.folder)));
	}
}
