/* The queue's part in every batch: what is due by time, who waits for work.
 *
 * Before each commit: leases that ran out, delays that ended, then the lines in which
 * something became ready, then polls whose time is over.  Each in slices, so that no
 * batch grows without bound; what is left comes with the next.
 */
#include "queue/idempotency.h"
#include "queue/queue_priv.h"

enum {
	SCRATCH_MAX = 4 << 20,
	SWEEP_MS = 10 * 1000, /* between looks for idempotency keys that ran out */
};

static struct queue *queue_of(struct participant *p)
{
	return (struct queue *)p;
}

/* --- Due work --- */

struct due {
	int64_t id, tenant;
	struct str kind;
};

static enum rc promote(struct queue *q, struct tx *tx, bool *did, struct err *err)
{
	struct due due[SLICE];
	size_t n = 0;
	struct rows rows;
	DB_QUERY(tx->db, SQL_TASK_DUE, &rows, err, BIND_INT(tx->now_ms), BIND_INT(SLICE));
	for (; rows_next(&rows); n++)
		due[n] = (struct due){ rows_int(&rows, 0), rows_int(&rows, 1),
			               str_dup(tx->arena, rows_str(&rows, 2)) };
	enum rc rc = rows_end(&rows, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		rc = DB_RUN(tx->db, SQL_TASK_PROMOTE, err, BIND_INT(due[i].tenant),
		            BIND_INT(due[i].id));
		lease_hint(q, due[i].tenant, due[i].kind);
	}
	*did |= n > 0;
	return rc;
}

/* First come, first served, until the line's kind has nothing ready. */
static enum rc serve_line(struct queue *q, struct tx *tx, struct line *line, struct err *err)
{
	for (struct waiting *w = line->first; w; w = w->next) {
		struct lease_command *l = w->who;
		if (l->is_granted)
			continue;
		l->n_leases = 0;
		enum rc rc = lease_grant(q, tx, l, err);
		if (rc != RC_OK)
			return rc;
		if (l->n_leases == 0)
			return RC_OK;
		wait_grant(q, tx, l);
	}
	return RC_OK;
}

static enum rc serve_waiters(struct queue *q, struct tx *tx, bool *did, struct err *err)
{
	for (struct line *line = q->hinted; line; line = line->next_hinted) {
		enum rc rc = serve_line(q, tx, line, err);
		if (rc != RC_OK)
			return rc;
		*did = true;
	}
	wait_unhint(q);
	return RC_OK;
}

static void end_polls(struct queue *q, struct tx *tx)
{
	for (struct lease_command *l = q->waiting_first; l && l->deadline_ms <= tx->now_ms;
	     l = l->next_waiting) {
		if (l->is_granted)
			continue;
		l->n_leases = 0;
		wait_grant(q, tx, l);
	}
}

static enum rc sweep(struct queue *q, struct tx *tx, struct err *err)
{
	if (tx->now_ms - q->idempotency_swept_ms < SWEEP_MS)
		return RC_OK;
	q->idempotency_swept_ms = tx->now_ms;
	return idempotency_expire(tx, err);
}

static enum rc min_of(struct tx *tx, enum sql sql, int64_t *least, struct err *err)
{
	struct rows rows;
	db_query(tx->db, sql, NULL, 0, &rows, err);
	if (rows_next(&rows) && !rows_is_null(&rows, 0))
		*least = int64_min(*least, rows_int(&rows, 0));
	return rows_end(&rows, err);
}

/* Asked inside the transaction, whose snapshot is there already. */
static enum rc find_next_due(struct queue *q, struct tx *tx, struct err *err)
{
	int64_t due = INT64_MAX;
	enum rc rc = min_of(tx, SQL_TASK_NEXT_EXPIRY, &due, err);
	if (rc == RC_OK)
		rc = min_of(tx, SQL_TASK_NEXT_DUE, &due, err);
	q->next_due_ms = due;
	return rc;
}

static bool queue_before_commit(struct participant *p, struct tx *tx, enum rc *rc, struct err *err)
{
	struct queue *q = queue_of(p);
	bool did = false;
	*rc = lease_expire(q, tx, &did, err);
	if (*rc == RC_OK)
		*rc = promote(q, tx, &did, err);
	if (*rc == RC_OK)
		*rc = serve_waiters(q, tx, &did, err);
	if (*rc == RC_OK)
		*rc = sweep(q, tx, err);
	if (*rc == RC_OK)
		end_polls(q, tx);
	if (*rc == RC_OK && !did)
		*rc = find_next_due(q, tx, err);
	return did;
}

/* --- Memory follows --- */

static void queue_after_commit(struct participant *p, struct tx *tx)
{
	(void)tx;
	wait_settle(queue_of(p), true);
}

static void queue_after_rollback(struct participant *p)
{
	struct queue *q = queue_of(p);
	wait_unhint(q);
	wait_settle(q, false);
}

static int64_t queue_next_due_ms(struct participant *p)
{
	struct queue *q = queue_of(p);
	return q->waiting_first ? int64_min(q->next_due_ms, q->waiting_first->deadline_ms)
	                        : q->next_due_ms;
}

/* --- Life --- */

static enum rc extend_leases(struct queue *q, struct err *err)
{
	struct db *db = store_writer_db(q->store);
	enum rc rc = db_begin(db, err);
	if (rc != RC_OK)
		return rc;
	rc = DB_RUN(db, SQL_LEASES_EXTEND, err, BIND_INT(writer_now_ms(q->writer)));
	if (rc == RC_OK)
		rc = db_commit(db, err);
	if (rc != RC_OK)
		db_rollback(db);
	return rc;
}

enum rc queue_create(const struct queue_options *o, struct queue **ret, struct err *err)
{
	assert(o->store && o->writer && o->env);
	struct queue *q = xcalloc(1, sizeof *q);
	q->store = o->store;
	q->writer = o->writer;
	q->env = o->env;
	q->disk_low_bytes = o->disk_low_bytes;
	buf_init(&q->scratch, SCRATCH_MAX);
	q->participant = (struct participant){
		.before_commit = queue_before_commit,
		.after_commit = queue_after_commit,
		.after_rollback = queue_after_rollback,
		.next_due_ms = queue_next_due_ms,
	};
	enum rc rc = extend_leases(q, err);
	if (rc != RC_OK) {
		queue_destroy(q);
		return rc;
	}
	writer_add(o->writer, &q->participant);
	*ret = q;
	return RC_OK;
}

void queue_destroy(struct queue *q)
{
	if (!q)
		return;
	while (q->waiting_first)
		wait_leave(q, q->waiting_first);
	wait_unhint(q);
	buf_fini(&q->scratch);
	free(q);
}
