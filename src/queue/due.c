/* What time does to tasks: delays and back-offs end, deadlines pass.
 *
 * A deadline counts when the engine looks, like the end of a lease: a completion that
 * comes first is a completion.  Each kind of work is done in slices.
 */
#include "queue/queue_priv.h"

struct due {
	int64_t id, tenant, key_max;
	struct str kind, queue, key;
};

static enum rc read_due(struct tx *tx, struct due *due, size_t *ret_n, struct err *err)
{
	size_t n = 0;
	struct rows rows;
	DB_QUERY(tx->db, SQL_TASK_DUE, &rows, err, BIND_INT(tx->now_ms), BIND_INT(SLICE));
	for (; rows_next(&rows); n++)
		due[n] = (struct due){
			.id = rows_int(&rows, 0),
			.tenant = rows_int(&rows, 1),
			.kind = str_dup(tx->arena, rows_str(&rows, 2)),
			.queue = str_dup(tx->arena, rows_str(&rows, 3)),
			.key = str_dup(tx->arena, rows_str(&rows, 4)),
			.key_max = rows_int(&rows, 5),
		};
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret_n = n;
	return rc;
}

static enum rc end_delay(struct queue *q, struct tx *tx, const struct due *d, struct err *err)
{
	struct gates g;
	enum task_state state;
	enum gate_place place;
	enum rc rc = gates_find(q, tx, d->tenant, d->queue, d->key, &g, err);
	if (rc != RC_OK)
		return rc;
	gates_scheduled(q, g, -1);
	gates_enter(q, tx, g, d->key_max, &state, &place);
	assert(task_can_move(TASK_SCHEDULED, state));
	rc = DB_RUN(tx->db, SQL_TASK_PLACE, err, BIND_INT(d->tenant), BIND_INT(d->id),
	            BIND_INT(state), BIND_INT(place));
	if (state == TASK_READY)
		lease_hint(q, d->tenant, d->kind);
	return rc;
}

enum rc due_delays(struct queue *q, struct tx *tx, bool *did, struct err *err)
{
	struct due due[SLICE];
	size_t n = 0;
	enum rc rc = read_due(tx, due, &n, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = end_delay(q, tx, &due[i], err);
	*did |= n > 0;
	return rc;
}

static enum rc overdue(struct queue *q, struct tx *tx, int64_t tenant, int64_t id, struct err *err)
{
	struct scope scope = { .tenant = tenant, .role = ROLE_OWNER };
	struct task_row row;
	enum rc rc = task_row_read(tx, tenant, id, &row, err);
	if (rc == RC_OK && row.state == TASK_LEASED)
		rc = agent_attempt_ended(q, tx, &row, ATTEMPT_CANCELLED, err);
	if (rc != RC_OK)
		return rc;
	struct str words = str_fmt(tx->arena, "its deadline passed while it was %s",
	                           task_state_text(row.state));
	struct str error =
	        task_error_json(q, tx, STR("deadline_exceeded"), words, (struct str){ 0 });
	return task_end_now(q, tx, scope, &row, TASK_FAILED, error, err);
}

enum rc due_deadlines(struct queue *q, struct tx *tx, bool *did, struct err *err)
{
	struct {
		int64_t id, tenant;
	} found[SLICE];
	size_t n = 0;
	struct rows rows;
	DB_QUERY(tx->db, SQL_TASK_OVERDUE, &rows, err, BIND_INT(tx->now_ms), BIND_INT(SLICE));
	for (; rows_next(&rows); n++) {
		found[n].id = rows_int(&rows, 0);
		found[n].tenant = rows_int(&rows, 1);
	}
	enum rc rc = rows_end(&rows, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = overdue(q, tx, found[i].tenant, found[i].id, err);
	*did |= n > 0;
	return rc;
}
