/* Who may work on a task, and until when.
 *
 * Definition: a lease is live at engine time t if the task is leased and
 * t < lease_until_ms.
 *
 * (1) At any time a task has at most one live lease: granting is one UPDATE from ready
 *     to leased, which also raises the attempt and draws a new token.
 * (2) lease_until_ms is written and compared by the engine's clock only.  A worker is
 *     told a duration, never a date.
 * (3) A lease that has run out changes nothing until lease_expire() looks: then the
 *     task is ready again, or has failed when it lost too many leases, or its attempt
 *     has failed when the attempt's own time limit was reached.
 * (4) A submit that meets a waiter is leased in the same commit: before each commit the
 *     lines in which something became ready are served, first come, first served.
 * (5) Memory follows the disk: a waiter leaves its lines only after the commit.
 */
#include "queue/queue_priv.h"

/* --- Granting --- */

struct candidate {
	int64_t id, priority;
};

static int by_priority_then_age(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static enum rc find_ready(struct tx *tx, const struct lease_command *l, struct candidate *found,
                          size_t *ret_n, struct err *err)
{
	size_t n = 0;
	enum rc rc = RC_OK;
	for (size_t i = 0; i < l->n_kinds && rc == RC_OK; i++) {
		struct rows rows;
		DB_QUERY(tx->db, SQL_TASK_READY, &rows, err, BIND_INT(l->c.scope.tenant),
		         BIND_STR(l->kinds[i]), BIND_INT(l->tasks_max));
		while (rows_next(&rows))
			found[n++] = (struct candidate){ rows_int(&rows, 0), rows_int(&rows, 1) };
		rc = rows_end(&rows, err);
	}
	if (l->n_kinds > 1)
		qsort(found, n, sizeof *found, by_priority_then_age);
	*ret_n = size_min(n, (size_t)l->tasks_max);
	return rc;
}

static void add_worker(struct json_out *o, const void *ctx)
{
	const struct lease_command *l = ctx;
	json_put_str(o, "worker", l->worker);
}

static enum rc grant_one(struct queue *q, struct tx *tx, struct lease_command *l, int64_t id,
                         struct err *err)
{
	struct lease *lease = &l->leases[l->n_leases];
	struct rows rows;
	*lease = (struct lease){ .task = id };
	env_random(tx->env, lease->token.bytes, sizeof lease->token.bytes);
	DB_QUERY(tx->db, SQL_TASK_LEASE, &rows, err, BIND_INT(l->c.scope.tenant), BIND_INT(id),
	         BIND_INT(tx->now_ms), BIND_INT(l->lease_ms),
	         BIND_BLOB(((struct str){ (char *)lease->token.bytes, sizeof lease->token.bytes })),
	         BIND_STR(l->worker));
	while (rows_next(&rows)) {
		lease->kind = str_dup(l->arena, rows_str(&rows, 0));
		lease->input = str_dup(l->arena, rows_str(&rows, 1));
		lease->attempt = rows_int(&rows, 2);
		lease->attempts_max = rows_int(&rows, 3);
		lease->timeout_ms = rows_int(&rows, 4);
		lease->run = rows_int(&rows, 5);
		lease->lease_ms =
		        lease->timeout_ms ? int64_min(l->lease_ms, lease->timeout_ms) : l->lease_ms;
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	assert(lease->attempt > 0); /* it was ready a moment ago, and we are alone */
	l->n_leases++;
	struct task_row row = {
		.id = id, .run = lease->run, .kind = lease->kind, .attempt = lease->attempt
	};
	task_event(q, tx, l->c.scope, "task.leased", &row, add_worker, l);
	count_add(COUNT_TASKS_LEASED, 1);
	return RC_OK;
}

enum rc lease_grant(struct queue *q, struct tx *tx, struct lease_command *l, struct err *err)
{
	size_t n;
	struct candidate *found =
	        arena_new(tx->arena, struct candidate, l->n_kinds * (size_t)l->tasks_max);
	enum rc rc = find_ready(tx, l, found, &n, err);
	if (rc != RC_OK || n == 0)
		return rc;
	l->leases = arena_new(l->arena, struct lease, n);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = grant_one(q, tx, l, found[i].id, err);
	return rc;
}

static enum rc lease_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct lease_command *l = (struct lease_command *)c;
	struct queue *q = c->owner;
	assert(l->n_kinds >= 1 && l->n_kinds <= LEASE_KINDS_MAX);
	assert(l->tasks_max >= 1 && l->tasks_max <= LEASE_TASKS_MAX);
	l->n_leases = 0;
	enum rc rc = lease_grant(q, tx, l, err);
	if (rc == RC_OK && l->n_leases == 0 && l->wait_ms > 0) {
		wait_enter(q, l, tx->now_ms);
		c->is_parked = true;
	}
	return rc;
}

void lease_command_init(struct lease_command *l, struct queue *q, struct scope scope,
                        struct arena *arena)
{
	*l = (struct lease_command){
		.c = { .apply = lease_apply, .owner = q, .scope = scope },
		.arena = arena,
		.tasks_max = 1,
		.lease_ms = LEASE_MS_DEFAULT,
	};
}

/* --- Leases that ran out --- */

static enum rc lost(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                    struct err *err)
{
	row->lost++;
	count_add(COUNT_LEASES_LOST, 1);
	if (row->lost > LEASE_LOST_MAX) {
		struct str words = str_fmt(tx->arena,
		                           "the lease ran out %lld times unanswered; the "
		                           "workers may crash on this task",
		                           (long long)row->lost);
		struct str error =
		        task_error_json(q, tx, STR("lease_lost"), words, (struct str){ 0 });
		return task_end_now(q, tx, scope, row, TASK_FAILED, error, err);
	}
	assert(task_can_move(row->state, TASK_READY));
	enum rc rc = DB_RUN(tx->db, SQL_TASK_AGAIN, err, BIND_INT(scope.tenant), BIND_INT(row->id),
	                    BIND_INT(TASK_READY), BIND_INT(tx->now_ms), BIND_NULL,
	                    BIND_INT(row->failures), BIND_INT(row->lost));
	if (rc != RC_OK)
		return rc;
	row->state = TASK_READY;
	task_event(q, tx, scope, "task.lease_lost", row, NULL, NULL);
	lease_hint(q, scope.tenant, row->kind);
	return RC_OK;
}

static enum rc timed_out(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                         struct err *err)
{
	int64_t retry_at_ms;
	struct str words = str_fmt(tx->arena, "the attempt took longer than its %lld ms",
	                           (long long)row->timeout_ms);
	struct str error = task_error_json(q, tx, STR("timeout"), words, (struct str){ 0 });
	return task_attempt_failed(q, tx, scope, row, error, false, &retry_at_ms, err);
}

static enum rc expire_one(struct queue *q, struct tx *tx, int64_t tenant, int64_t id,
                          struct err *err)
{
	struct scope scope = { .tenant = tenant, .role = ROLE_OWNER };
	struct task_row row;
	enum rc rc = task_row_read(tx, tenant, id, &row, err);
	if (rc != RC_OK)
		return rc;
	bool is_timeout = row.timeout_ms && tx->now_ms >= row.lease_began_ms + row.timeout_ms;
	return is_timeout ? timed_out(q, tx, scope, &row, err) : lost(q, tx, scope, &row, err);
}

enum rc lease_expire(struct queue *q, struct tx *tx, bool *did, struct err *err)
{
	struct {
		int64_t id, tenant;
	} found[SLICE];
	size_t n = 0;
	struct rows rows;
	DB_QUERY(tx->db, SQL_TASK_EXPIRED, &rows, err, BIND_INT(tx->now_ms), BIND_INT(SLICE));
	for (; rows_next(&rows); n++) {
		found[n].id = rows_int(&rows, 0);
		found[n].tenant = rows_int(&rows, 1);
	}
	enum rc rc = rows_end(&rows, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = expire_one(q, tx, found[i].tenant, found[i].id, err);
	*did |= n > 0;
	return rc;
}
