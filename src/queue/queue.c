/* The queue's part in every batch: what is due by time, what may pass, who waits for work.
 *
 * Before each commit: leases that ran out, delays that ended, deadlines that passed, gates
 * that have room, then the lines in which something became ready, then what is swept, then
 * polls whose time is over.  Each in slices, so that no batch grows without bound; what is
 * left comes with the next.
 */
#include "queue/idempotency.h"
#include "queue/queue_priv.h"

enum { SCRATCH_MAX = 4 << 20 };

static struct queue *queue_of(struct participant *p)
{
	return (struct queue *)p;
}

/* --- Who waits --- */

/* First come, first served, until the line's kind has nothing ready. */
static enum rc serve_line(struct queue *q, struct tx *tx, struct line *line, struct err *err)
{
	for (struct waiting *w = line->first; w; w = w->next) {
		struct lease_command *l = w->who;
		if (l->is_granted)
			continue;
		enum rc rc = lease_grant_session(q, tx, l, err);
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

/* --- The turn --- */

/* Once in a batch: where time has made room, and what is done in slices. */
static enum rc begin_turn(struct queue *q, struct tx *tx, struct err *err)
{
	if (q->is_time_asked)
		return RC_OK;
	q->is_time_asked = true;
	if (q->is_hint_all)
		wait_hint_all(q);
	q->is_hint_all = false;
	enum rc rc = gates_due(q, tx, err);
	return rc == RC_OK ? dead_sweep(q, tx, err) : rc;
}

static enum rc take_turn(struct queue *q, struct tx *tx, bool *did, struct err *err)
{
	enum rc rc = begin_turn(q, tx, err);
	if (rc == RC_OK)
		rc = lease_expire(q, tx, did, err);
	if (rc == RC_OK)
		rc = due_delays(q, tx, did, err);
	if (rc == RC_OK)
		rc = due_deadlines(q, tx, did, err);
	if (rc == RC_OK)
		rc = gates_open(q, tx, did, err);
	if (rc == RC_OK)
		rc = serve_waiters(q, tx, did, err);
	if (rc == RC_OK)
		rc = agents_due(q, tx, did, err);
	return rc == RC_OK ? history_sweep(q, tx, err) : rc;
}

static bool queue_before_commit(struct participant *p, struct tx *tx, enum rc *rc, struct err *err)
{
	struct queue *q = queue_of(p);
	bool did = false;
	*rc = take_turn(q, tx, &did, err);
	if (*rc == RC_OK)
		end_polls(q, tx);
	return did;
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
static enum rc queue_flush(struct participant *p, struct tx *tx, struct err *err)
{
	static const enum sql timers[] = { SQL_TASK_NEXT_EXPIRY, SQL_TASK_NEXT_DUE,
		                           SQL_TASK_NEXT_DEADLINE, SQL_GATE_NEXT_DUE };
	struct queue *q = queue_of(p);
	int64_t due = q->is_hint_all || q->has_sweeps ? tx->now_ms : INT64_MAX;
	enum rc rc = gates_flush(q, tx, err);
	if (rc == RC_OK)
		rc = agents_flush(q, tx, err);
	for (size_t i = 0; i < ARRAY_LEN(timers) && rc == RC_OK; i++)
		rc = min_of(tx, timers[i], &due, err);
	if (rc == RC_OK)
		rc = history_next_due(q, tx, &due, err);
	q->next_due_ms = due;
	return rc;
}

/* --- Memory follows --- */

static void settle(struct queue *q, bool is_committed)
{
	gates_settle(q, is_committed);
	wait_settle(q, is_committed);
	agents_settle(q, is_committed); /* behind the waiters, who know them */
	q->is_time_asked = q->is_swept = false;
}

static void queue_command_begins(struct participant *p)
{
	gates_command_begins(queue_of(p));
	agents_command_begins(queue_of(p));
}

static void queue_command_undone(struct participant *p)
{
	gates_command_undone(queue_of(p));
	agents_command_undone(queue_of(p));
}

static void queue_after_commit(struct participant *p, struct tx *tx)
{
	(void)tx;
	settle(queue_of(p), true);
}

static void queue_after_rollback(struct participant *p)
{
	struct queue *q = queue_of(p);
	q->has_sweeps = true; /* perhaps; the next batch looks */
	wait_unhint(q);
	settle(q, PLANTED(memory_ahead));
}

static int64_t queue_next_due_ms(struct participant *p)
{
	struct queue *q = queue_of(p);
	int64_t due_ms = int64_min(q->next_due_ms, agents_next_due(q));
	return q->waiting_first ? int64_min(due_ms, q->waiting_first->deadline_ms) : due_ms;
}

/* --- Life --- */

enum rc queue_create(const struct queue_options *o, struct queue **ret, struct err *err)
{
	assert(o->store && o->writer && o->env);
	struct queue *q = xcalloc(1, sizeof *q);
	q->store = o->store;
	q->writer = o->writer;
	q->env = o->env;
	q->disk_low_bytes = o->disk_low_bytes;
	q->list_rows_soon = LIST_ROWS_SOON;
	q->list_rows_max = LIST_ROWS_MAX;
	q->retention_ms = o->retention_ms ? o->retention_ms : RETENTION_MS_DEFAULT;
	q->event_retention_ms = o->event_retention_ms ? o->event_retention_ms : q->retention_ms;
	q->budget = BUDGET;
	q->has_sweeps = true; /* perhaps; the first batch looks */
	q->command_serial = 1;
	buf_init(&q->scratch, SCRATCH_MAX);
	q->participant = (struct participant){
		.before_commit = queue_before_commit,
		.command_begins = queue_command_begins,
		.command_undone = queue_command_undone,
		.flush = queue_flush,
		.after_commit = queue_after_commit,
		.after_rollback = queue_after_rollback,
		.next_due_ms = queue_next_due_ms,
	};
	enum rc rc = agents_load(q, err);
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
	gates_fini(q);
	agents_fini(q);
	buf_fini(&q->scratch);
	free(q);
}
