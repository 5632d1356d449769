/* When runs are forgotten, and what stays of them.
 *
 * (1) What a day came to, by workflow, is counted when a run ends, and stays.  A run that is
 *     resumed counts at each of its ends.
 * (2) A run that has ended is kept for the retention of its workflow, else the server's; then
 *     it goes with its steps, tasks and votes, and all runs below it, from the lowest up.
 *     A run below another stays as long as that one.  Artifacts stay; so do forks, which
 *     have copied what they took over.
 * (3) One batch drops at most a slice; the rows say what is left, so a restart goes on.
 *     What is still busy (a run below that undoes its work) puts its root off for a day. */
#include "flow/flow_priv.h"

enum { SLICE = 300, DAY_MS = 24 * 3600 * 1000 };

/* --- What a day came to --- */

enum rc retention_count(struct tx *tx, struct scope scope, struct str workflow,
                        enum run_state state, int64_t duration_ms, struct err *err)
{
	return DB_RUN(tx->db, SQL_WORKFLOW_DAY_ADD, err, BIND_INT(scope.tenant), BIND_STR(workflow),
	              BIND_INT(tx->now_ms / DAY_MS), BIND_INT(state == RUN_SUCCEEDED),
	              BIND_INT(state == RUN_FAILED), BIND_INT(state == RUN_CANCELLED),
	              BIND_INT(state == RUN_COMPENSATION_FAILED), BIND_INT(duration_ms));
}

int64_t retention_expires_ms(struct flow *f, const struct tx *tx, const struct definition *d)
{
	int64_t ms = tx->now_ms + (d && d->retention_ms ? d->retention_ms : f->retention_ms);
	f->expire_ms = int64_min(f->expire_ms, ms);
	return ms;
}

/* --- Forgetting --- */

struct expired {
	int64_t root, tenant; /* root 0: none */
	int64_t leaf;         /* the lowest run below it, or itself */
	bool is_busy;         /* the leaf has not come to rest */
};

static enum rc find_expired(struct tx *tx, struct expired *ret, struct err *err)
{
	struct rows rows;
	*ret = (struct expired){ .root = 0 };
	DB_QUERY(tx->db, SQL_RUN_EXPIRED, &rows, err, BIND_INT(tx->now_ms));
	if (rows_next(&rows))
		*ret = (struct expired){ .root = rows_int(&rows, 0), .tenant = rows_int(&rows, 1) };
	ret->leaf = ret->root;
	return rows_end(&rows, err);
}

/* One step down; *ret_is_deeper is false at the end. */
static enum rc descend(struct tx *tx, struct expired *e, bool *ret_is_deeper, struct err *err)
{
	struct rows rows;
	DB_QUERY(tx->db, SQL_RUN_BELOW, &rows, err, BIND_INT(e->tenant), BIND_INT(e->leaf));
	*ret_is_deeper = rows_next(&rows);
	if (*ret_is_deeper) {
		e->leaf = rows_int(&rows, 0);
		e->is_busy = !run_is_over((enum run_state)rows_int(&rows, 1));
	}
	return rows_end(&rows, err);
}

static enum rc find_leaf(struct tx *tx, struct expired *e, struct err *err)
{
	struct rows rows;
	bool is_deeper = true;
	enum rc rc = RC_OK;
	for (int depth = 0; rc == RC_OK && is_deeper && depth <= RUN_DEPTH_MAX; depth++)
		rc = descend(tx, e, &is_deeper, err);
	if (rc != RC_OK)
		return rc;
	DB_QUERY(tx->db, SQL_RUN_IS_DUE, &rows, err, BIND_INT(e->tenant), BIND_INT(e->leaf));
	e->is_busy |= rows_next(&rows);
	return rows_end(&rows, err);
}

/* Its tasks first, in slices; when all are gone, the rest of it. */
static enum rc drop_leaf(struct tx *tx, struct expired *e, int64_t *budget, struct err *err)
{
	static const enum sql rest[] = { SQL_STEP_DROP, SQL_VOTE_DROP, SQL_WAIT_DELETE_ALL,
		                         SQL_INBOX_CLEAR, SQL_RUN_DROP };
	enum rc rc = DB_RUN(tx->db, SQL_RUN_TASKS_DROP, err, BIND_INT(e->tenant), BIND_INT(e->leaf),
	                    BIND_INT(*budget));
	if (rc != RC_OK)
		return rc;
	*budget -= db_changes(tx->db);
	/* Bounded: WORKFLOW_STEPS_MAX steps, some votes, RUN_EVENTS_MAX events never taken,
	 * which went when the run ended. */
	int64_t before = db_total_changes(tx->db);
	for (size_t i = 0; i < ARRAY_LEN(rest) && rc == RC_OK && *budget > 0; i++)
		rc = DB_RUN(tx->db, rest[i], err, BIND_INT(e->tenant), BIND_INT(e->leaf));
	*budget -= db_total_changes(tx->db) - before;
	return rc;
}

static enum rc find_next(struct flow *f, struct tx *tx, struct err *err)
{
	struct rows rows;
	int64_t next = INT64_MAX;
	db_query(tx->db, SQL_RUN_NEXT_EXPIRY, NULL, 0, &rows, err);
	if (rows_next(&rows) && !rows_is_null(&rows, 0))
		next = rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	f->expire_ms = next;
	f->is_expire_known = true;
	return RC_OK;
}

static enum rc drop_one(struct tx *tx, struct expired *e, int64_t *budget, struct err *err)
{
	enum rc rc = find_leaf(tx, e, err);
	if (rc != RC_OK || !e->is_busy)
		return rc == RC_OK ? drop_leaf(tx, e, budget, err) : rc;
	*budget -= 1;
	return DB_RUN(tx->db, SQL_RUN_EXPIRE_LATER, err, BIND_INT(e->tenant), BIND_INT(e->root),
	              BIND_INT(tx->now_ms + DAY_MS));
}

enum rc retention_sweep(struct flow *f, struct tx *tx, struct err *err)
{
	int64_t budget = SLICE;
	if (f->is_swept || (f->is_expire_known && f->expire_ms > tx->now_ms))
		return RC_OK;
	f->is_swept = true;
	while (budget > 0) {
		struct expired e;
		enum rc rc = find_expired(tx, &e, err);
		if (rc == RC_OK && e.root)
			rc = drop_one(tx, &e, &budget, err);
		if (rc != RC_OK || !e.root)
			return rc == RC_OK ? find_next(f, tx, err) : rc;
	}
	f->expire_ms = tx->now_ms; /* the rest at once, in the next batch */
	f->is_expire_known = true;
	return RC_OK;
}
