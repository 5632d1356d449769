/* Where tasks go when they have ended, and when they are forgotten.
 *
 * A task of no run moves to task_history a minute after its end, so that the table of the
 * living stays small; reading looks in both.  A dead letter stays until it is retried,
 * discarded or as old as retention allows, then it moves like the others.  Tasks of a run
 * stay beside their run.  History is dropped when the retention of its queue (as it was
 * when the task moved) is over; what a day came to is kept.
 *
 * Events are dropped by a retention of their own, the oldest of one tenant after the other; the
 * newest of a tenant always stays, because it carries the count.  Who reads from before the oldest
 * is told so: see event_read().
 *
 * All of it in slices, at most one of each in a batch.
 */
#include "queue/idempotency.h"
#include "queue/queue_priv.h"
#include "store/event_id.h"

enum {
	HISTORY_SLICE = 500,
	SWEEP_MS = 10 * 1000,        /* between looks when there was little to do */
	SWEEP_IDLE_MS = 3600 * 1000, /* on a server that nobody talks to */
	TENANTS_SLICE = 8,
};

static bool is_full(const struct tx *tx)
{
	return db_changes(tx->db) >= HISTORY_SLICE;
}

static enum rc move(struct queue *q, struct tx *tx, bool *is_more, struct err *err)
{
	int64_t upto_ms = tx->now_ms - HISTORY_AFTER_MS;
	enum rc rc = DB_RUN(tx->db, SQL_HISTORY_COPY, err, BIND_INT(upto_ms),
	                    BIND_INT(q->retention_ms), BIND_INT(HISTORY_SLICE));
	if (rc != RC_OK || db_changes(tx->db) == 0)
		return rc;
	int64_t copied = db_changes(tx->db);
	rc = DB_RUN(tx->db, SQL_HISTORY_CUT, err, BIND_INT(upto_ms), BIND_INT(HISTORY_SLICE));
	if (rc != RC_OK)
		return rc;
	assert(db_changes(tx->db) == copied);
	*is_more |= is_full(tx);
	return RC_OK;
}

static enum rc forget(struct queue *q, struct tx *tx, bool *is_more, struct err *err)
{
	enum rc rc = DB_RUN(tx->db, SQL_HISTORY_EXPIRE, err, BIND_INT(tx->now_ms),
	                    BIND_INT(HISTORY_SLICE));
	if (rc != RC_OK)
		return rc;
	*is_more |= is_full(tx);
	rc = DB_RUN(tx->db, SQL_DEAD_EXPIRE, err, BIND_INT(tx->now_ms - q->retention_ms),
	            BIND_INT(HISTORY_SLICE));
	*is_more |= rc == RC_OK && is_full(tx);
	return rc;
}

/* --- Events --- */

struct oldest {
	int64_t id, tenant, at_ms; /* id 0: nobody has any behind that */
};

static enum rc read_oldest(struct tx *tx, int64_t after, struct oldest *ret, struct err *err)
{
	struct rows rows;
	struct oldest found = { 0 };
	DB_QUERY(tx->db, SQL_EVENT_OLDEST, &rows, err, BIND_INT(after));
	if (rows_next(&rows))
		found = (struct oldest){ rows_int(&rows, 0), rows_int(&rows, 1),
			                 rows_int(&rows, 2) };
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret = found;
	return rc;
}

/* Numbers are dense and times grow with them, so the slice is a range of ids. */
static enum rc cut_events(struct tx *tx, const struct oldest *o, int64_t upto_ms, bool *is_more,
                          struct err *err)
{
	int64_t last_seq;
	enum rc rc = event_last_of(tx->db, o->tenant, &last_seq, err);
	if (rc != RC_OK)
		return rc;
	int64_t end = int64_min(o->id + HISTORY_SLICE, event_id(o->tenant, last_seq));
	rc = DB_RUN(tx->db, SQL_EVENT_CUT, err, BIND_INT(o->id), BIND_INT(end), BIND_INT(upto_ms));
	*is_more |= rc == RC_OK && is_full(tx);
	return rc;
}

static enum rc forget_events(struct queue *q, struct tx *tx, bool *is_more, struct err *err)
{
	int64_t upto_ms = tx->now_ms - q->event_retention_ms;
	for (int i = 0; i < TENANTS_SLICE; i++) {
		struct oldest o;
		bool is_long = false;
		enum rc rc = read_oldest(tx, q->events_swept, &o, err);
		if (rc != RC_OK)
			return rc;
		if (!o.id) {
			q->events_swept = 0; /* from the first tenant, at the next look */
			return RC_OK;
		}
		if (o.at_ms <= upto_ms)
			rc = cut_events(tx, &o, upto_ms, &is_long, err);
		if (rc != RC_OK)
			return rc;
		*is_more |= is_long;
		if (is_long)
			return RC_OK; /* the same tenant again */
		q->events_swept = event_id_last(o.tenant);
	}
	return RC_OK;
}

/* --- When --- */

enum rc history_sweep(struct queue *q, struct tx *tx, struct err *err)
{
	bool is_more = false;
	if (q->is_swept || tx->now_ms < q->sweep_due_ms)
		return RC_OK;
	q->is_swept = true;
	enum rc rc = move(q, tx, &is_more, err);
	if (rc == RC_OK)
		rc = forget(q, tx, &is_more, err);
	if (rc == RC_OK)
		rc = forget_events(q, tx, &is_more, err);
	if (rc == RC_OK)
		rc = idempotency_expire(tx, err);
	q->sweep_due_ms = is_more ? tx->now_ms : tx->now_ms + SWEEP_MS;
	return rc;
}

enum rc history_next_due(struct queue *q, struct tx *tx, int64_t *least, struct err *err)
{
	bool is_more = q->sweep_due_ms <= tx->now_ms;
	int64_t due_ms = is_more ? tx->now_ms : q->sweep_due_ms - SWEEP_MS + SWEEP_IDLE_MS;
	struct rows rows;
	db_query(tx->db, SQL_HISTORY_NEXT, NULL, 0, &rows, err);
	if (rows_next(&rows) && !rows_is_null(&rows, 0))
		due_ms = int64_max(rows_int(&rows, 0) + HISTORY_AFTER_MS, q->sweep_due_ms);
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*least = int64_min(*least, due_ms);
	return rc;
}
