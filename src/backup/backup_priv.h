/* The insides of backup.c and make.c: one backup under way. */
#ifndef TAKT_BACKUP_BACKUP_PRIV_H
#define TAKT_BACKUP_BACKUP_PRIV_H

#include <stdatomic.h>

#include "backup/backup.h"
#include "backup/verify.h"
#include "store/writer.h"
#include "sys/lock.h"
#include "sys/loop.h"
#include "sys/mailbox.h"
#include "sys/thread.h"

struct store_copy;

/* Measured on two cores and a shared disk with 16 clients submitting: docs/operations.md. */
enum {
	SLICE_PAGES = 64,   /* copied between two batches: about 0.2 ms */
	BURST_PAGES = 1024, /* then the copy's file is synced, so that little waits for the disk */
};

struct backups {
	struct participant participant; /* first */
	struct backups_options o;
	struct lock lock; /* guards records and thread */
	struct backup records[BACKUPS_LISTED_MAX];
	size_t n_records; /* oldest first */
	bool is_running;  /* the last of them; under the lock */
	struct thread *thread;
	atomic_bool is_cancelled;

	struct {
		struct loop *loop; /* NULL: none by the clock */
		struct pool *pool;
		int64_t every_ms, keep;
		struct loop_timer timer;
		struct job job;
		atomic_bool is_beginning; /* the job is on its way */
	} schedule;

	/* The engine's part: written by the thread before is_asked, by the engine until it
	 * answers. */
	atomic_bool is_asked;
	struct store_copy *copy;
	int64_t pages_left;
	struct mailbox answers;
	struct mailbox_node answer;
	bool is_copied;
	enum rc rc;
	struct err err;
};

void schedule_end(struct backups *b);
void schedule_prune(struct backups *b); /* the backup's thread, behind a good end */
/* Of the thread: what it does, from the folder that stands to its final name. */
enum rc make_backup(struct backups *b, const struct backup *r, struct err *err) MUST_USE;
/* Changes the record of the one that is under way. */
void backups_note(struct backups *b, void (*change)(struct backup *r, void *ctx), void *ctx);
/* The engine copies so many pages; waits for its answer. */
enum rc backups_copy_some(struct backups *b, struct store_copy *copy, int64_t pages, bool *is_done,
                          struct err *err) MUST_USE;

#endif
