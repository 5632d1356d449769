/* Whether and when a failed attempt is tried again.
 *
 * The wait is drawn uniformly from zero to min(cap, base × 2^(failures − 1)): "full
 * jitter", which spreads a crowd of failures best (M. Brooker, Exponential Backoff And
 * Jitter, 2015).  Failures are counted apart from lost leases and from leases that were
 * handed back: only they use up attempts_max.
 */
#include "queue/queue_priv.h"

#include "codec/rfc3339.h"

int64_t retry_wait_ms(const struct env *env, int64_t failures, int64_t base_ms, int64_t cap_ms)
{
	assert(failures >= 1 && base_ms >= 0 && cap_ms >= 0);
	int64_t most = base_ms;
	for (int64_t i = 1; i < failures && most < cap_ms; i++)
		most *= 2;
	if (PLANTED(wait_without_cap))
		most += cap_ms;
	else
		most = int64_min(most, cap_ms);
	uint64_t draw;
	env_random(env, &draw, sizeof draw);
	return (int64_t)(draw % ((uint64_t)most + 1));
}

static void add_retry(struct json_out *o, const void *ctx)
{
	const struct task_row *row = ctx;
	char at[RFC3339_MAX];
	json_put_int(o, "failures", row->failures);
	json_keyz(o, "retry_at");
	json_str(o, rfc3339_text(row->run_at_ms, at));
}

static enum rc try_again(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                         struct str error, struct err *err)
{
	int64_t wait_ms =
	        retry_wait_ms(tx->env, row->failures, row->retry_base_ms, row->retry_cap_ms);
	enum task_state state = wait_ms > 0 ? TASK_SCHEDULED : TASK_READY;
	assert(task_can_move(row->state, state));
	struct gates g;
	enum rc rc = gates_find(q, tx, scope.tenant, row->queue, row->key, &g, err);
	if (rc != RC_OK)
		return rc;
	if (state == TASK_READY) {
		gates_unleased(q, g);
	} else {
		gates_leave(q, g, TASK_LEASED, GATE_NOWHERE);
		gates_scheduled(q, g, 1);
	}
	row->run_at_ms = tx->now_ms + wait_ms;
	rc = DB_RUN(tx->db, SQL_TASK_AGAIN, err, BIND_INT(scope.tenant), BIND_INT(row->id),
	            BIND_INT(state), BIND_INT(row->run_at_ms), BIND_STR(error),
	            BIND_INT(row->failures), BIND_INT(row->lost), BIND_INT(row->has_token));
	if (rc != RC_OK)
		return rc;
	row->state = state;
	if (state == TASK_READY)
		lease_hint(q, scope.tenant, row->kind);
	tx_count(tx, COUNT_TASKS_RETRIED, 1);
	task_event(q, tx, scope, "task.retrying", row, add_retry, row);
	return RC_OK;
}

enum rc task_attempt_failed(struct queue *q, struct tx *tx, struct scope scope,
                            struct task_row *row, struct str error, bool is_final,
                            int64_t *ret_retry_at_ms, struct err *err)
{
	row->failures++;
	*ret_retry_at_ms = 0;
	if (is_final || (row->failures >= row->attempts_max && !PLANTED(retry_without_cap)))
		return task_end_now(q, tx, scope, row, TASK_FAILED, error, err);
	enum rc rc = try_again(q, tx, scope, row, error, err);
	if (rc == RC_OK)
		*ret_retry_at_ms = row->run_at_ms;
	return rc;
}
