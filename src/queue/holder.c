/* A holder's word about its attempt: heartbeat, complete, fail, return; one or many at once.
 *
 * (1) A word counts only with task, attempt and token of the present lease.  Everybody
 *     else gets CODE_LEASE_LOST and has changed nothing.
 * (2) The same word said twice (a lost reply) is answered the same.
 * (3) A lease that has run out still counts until somebody noticed: finished work is
 *     better than repeated work, and nobody else holds it.  Then no word of it does, (2)
 *     included: its token is forgotten, also while the task waits for the next.
 * (4) Of many words said at once each counts for itself: one that is refused has changed
 *     nothing, and the others stand.
 */
#include <sodium.h>

#include "queue/queue_priv.h"

static struct str token_view(const struct lease_token *t)
{
	return (struct str){ (const char *)t->bytes, sizeof t->bytes };
}

static bool is_same_lease(const struct holder_command *h, const struct task_row *row)
{
	if (PLANTED(stale_token))
		return row->has_token;
	return row->has_token && row->attempt == h->attempt &&
	       sodium_memcmp(row->token.bytes, h->token.bytes, sizeof h->token.bytes) == 0;
}

/* The word changes nothing. */
static enum rc refuse(struct holder_command *h, enum rc rc)
{
	h->is_refused = true;
	return rc;
}

static enum rc lease_lost(struct tx *tx, struct holder_command *h, const struct task_row *row,
                          struct err *err)
{
	tx_count_refusal(tx, COUNT_LATE, 1);
	return refuse(h, err_set(err, CODE_LEASE_LOST,
	                         "the task is %s, and this token is not (any longer) its lease's; "
	                         "drop the work, its result is not wanted",
	                         task_state_text(row->state)));
}

static enum rc complete(struct queue *q, struct tx *tx, struct holder_command *h,
                        struct task_row *row, struct err *err)
{
	assert(task_can_move(row->state, TASK_SUCCEEDED));
	struct str output = h->output.len ? h->output : STR("null");
	enum rc rc = DB_RUN(tx->db, SQL_TASK_COMPLETE, err, BIND_INT(h->c.scope.tenant),
	                    BIND_INT(row->id), BIND_INT(tx->now_ms), BIND_STR(output));
	if (rc != RC_OK)
		return rc;
	assert(db_changes(tx->db) == 1);
	h->state = row->state = TASK_SUCCEEDED;
	rc = agent_attempt_ended(q, tx, row, ATTEMPT_SUCCEEDED, err);
	if (rc != RC_OK)
		return rc;
	return task_ended(q, tx, h->c.scope, row, TASK_LEASED, output, (struct str){ 0 }, err);
}

static void add_progress(struct json_out *o, const void *ctx)
{
	const struct holder_command *h = ctx;
	if (h->progress >= 0) {
		json_keyz(o, "progress");
		json_double(o, h->progress);
	}
	if (h->message.len)
		json_put_str(o, "message", h->message);
}

static void add_lines(struct json_out *o, const void *ctx)
{
	const struct holder_command *h = ctx;
	json_keyz(o, "lines");
	json_begin_array(o);
	for (size_t i = 0; i < h->n_log_lines; i++)
		json_str(o, h->log_lines[i]);
	json_end_array(o);
}

static enum rc heartbeat(struct queue *q, struct tx *tx, struct holder_command *h,
                         struct task_row *row, struct err *err)
{
	int64_t term_ms = h->lease_ms ? h->lease_ms : row->lease_ms;
	int64_t until_ms = tx->now_ms + term_ms;
	if (row->attempt_ms)
		until_ms = int64_min(until_ms, row->lease_began_ms + row->attempt_ms);
	enum rc rc = DB_RUN(tx->db, SQL_TASK_HEARTBEAT, err, BIND_INT(h->c.scope.tenant),
	                    BIND_INT(h->task), BIND_INT(h->attempt),
	                    BIND_BLOB(token_view(&h->token)), BIND_INT(term_ms), BIND_INT(until_ms),
	                    h->progress >= 0 ? BIND_REAL(h->progress) : BIND_NULL,
	                    h->message.len ? BIND_STR(h->message) : BIND_NULL);
	if (rc != RC_OK)
		return rc;
	if (h->progress >= 0 || h->message.len)
		task_event(q, tx, h->c.scope, "task.progress", row, add_progress, h);
	if (h->n_log_lines)
		task_event(q, tx, h->c.scope, "task.log", row, add_lines, h);
	h->ret_lease_ms = int64_max(until_ms - tx->now_ms, 0);
	h->state = row->state;
	return RC_OK;
}

static enum rc hand_back(struct queue *q, struct tx *tx, struct holder_command *h,
                         struct task_row *row, struct err *err)
{
	assert(task_can_move(row->state, TASK_READY));
	struct gates g;
	enum rc rc = gates_find(q, tx, h->c.scope.tenant, row->queue, row->key, &g, err);
	if (rc != RC_OK)
		return rc;
	gates_unleased(q, g);
	rc = DB_RUN(tx->db, SQL_TASK_AGAIN, err, BIND_INT(h->c.scope.tenant), BIND_INT(row->id),
	            BIND_INT(TASK_READY), BIND_INT(tx->now_ms), BIND_NULL, BIND_INT(row->failures),
	            BIND_INT(row->lost), BIND_INT(row->has_token));
	if (rc != RC_OK)
		return rc;
	h->state = row->state = TASK_READY;
	rc = agent_attempt_ended(q, tx, row, ATTEMPT_RETURNED, err);
	if (rc != RC_OK)
		return rc;
	task_event(q, tx, h->c.scope, "task.returned", row, NULL, NULL);
	lease_hint(q, h->c.scope.tenant, row->kind);
	return RC_OK;
}

static enum rc fail(struct queue *q, struct tx *tx, struct holder_command *h, struct task_row *row,
                    struct err *err)
{
	struct str error = task_error_json(q, tx, h->error_code, h->error_message, h->error_detail);
	enum rc rc = agent_attempt_ended(q, tx, row, ATTEMPT_FAILED, err);
	if (rc == RC_OK)
		rc = task_attempt_failed(q, tx, h->c.scope, row, error, h->is_final,
		                         &h->retry_at_ms, err);
	h->state = row->state;
	return rc;
}

/* The lease is over, but these are its token and attempt: the word was heard before, or
 * the task was cancelled meanwhile. */
static enum rc say_again(struct tx *tx, struct holder_command *h, const struct task_row *row,
                         struct err *err)
{
	if (PLANTED(cancelled_completed) && row->state == TASK_CANCELLED)
		return RC_OK;
	bool is_repeat = (h->verb == HOLDER_COMPLETE && row->state == TASK_SUCCEEDED) ||
	                 (h->verb == HOLDER_FAIL &&
	                  (row->state == TASK_FAILED || row->state < TASK_LEASED)) ||
	                 (h->verb == HOLDER_RETURN &&
	                  (row->state == TASK_READY || row->state == TASK_BLOCKED));
	h->state = row->state;
	if (h->verb == HOLDER_HEARTBEAT &&
	    (row->state == TASK_CANCELLED || row->state == TASK_FAILED)) {
		h->is_cancelled = true;
		return RC_OK;
	}
	if (h->verb == HOLDER_FAIL && row->state == TASK_SCHEDULED)
		h->retry_at_ms = row->run_at_ms;
	return is_repeat ? RC_OK : lease_lost(tx, h, row, err);
}

static enum rc hear(struct queue *q, struct tx *tx, struct holder_command *h, struct err *err)
{
	struct task_row row;
	enum rc rc = task_row_read(tx, h->c.scope.tenant, h->task, &row, err);
	if (rc == RC_NOT_FOUND)
		return refuse(h, rc);
	if (rc != RC_OK)
		return rc;
	if (!is_same_lease(h, &row))
		return lease_lost(tx, h, &row, err);
	if (row.state != TASK_LEASED)
		return say_again(tx, h, &row, err);
	struct agent *a = agent_of_id(q, row.agent);
	rc = agent_seen(q, tx, h->c.scope, a, err);
	if (rc != RC_OK)
		return rc;
	h->is_draining = a && a->s.is_draining;
	switch (h->verb) {
	case HOLDER_HEARTBEAT:
		return heartbeat(q, tx, h, &row, err);
	case HOLDER_COMPLETE:
		return complete(q, tx, h, &row, err);
	case HOLDER_FAIL:
		return fail(q, tx, h, &row, err);
	case HOLDER_RETURN:
		return hand_back(q, tx, h, &row, err);
	}
	abort();
}

/* A worker for all tenants names the task only; token and attempt are its right. */
static enum rc find_tenant(struct tx *tx, struct holder_command *h, struct err *err)
{
	struct rows rows;
	int64_t tenant = 0;
	DB_QUERY(tx->db, SQL_TASK_TENANT, &rows, err, BIND_INT(h->task));
	if (rows_next(&rows))
		tenant = rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	if (!tenant)
		return refuse(h, err_set(err, CODE_NOT_FOUND, "there is no such task"));
	h->c.scope.tenant = tenant;
	return RC_OK;
}

static enum rc take_word(struct queue *q, struct tx *tx, struct holder_command *h, struct err *err)
{
	enum rc rc = RC_OK;
	h->is_refused = false;
	if (h->is_for_all)
		rc = find_tenant(tx, h, err);
	return rc == RC_OK ? hear(q, tx, h, err) : rc;
}

enum rc holder_is_live(struct queue *q, struct tx *tx, struct holder_command *h, bool *ret_is_live,
                       int64_t *ret_run, struct err *err)
{
	struct task_row row;
	enum rc rc = RC_OK;
	(void)q;
	if (h->is_for_all)
		rc = find_tenant(tx, h, err);
	if (rc == RC_OK)
		rc = task_row_read(tx, h->c.scope.tenant, h->task, &row, err);
	if (rc != RC_OK)
		return rc;
	*ret_is_live = is_same_lease(h, &row) && row.state == TASK_LEASED;
	*ret_run = row.run;
	return RC_OK;
}

static enum rc holder_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct holder_command *h = (struct holder_command *)c;
	enum rc rc = take_word(c->owner, tx, h, err);
	return rc == RC_OK && h->next ? lease_next(c->owner, tx, h->next, err) : rc;
}

void holder_command_init(struct holder_command *h, struct queue *q, struct scope scope,
                         enum holder_verb verb)
{
	*h = (struct holder_command){
		.c = { .apply = holder_apply, .owner = q, .scope = scope, .is_urgent = true },
		.verb = verb,
		.progress = -1,
	};
}

/* --- Many words at once --- */

static enum rc finish_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct finish_command *f = (struct finish_command *)c;
	for (size_t i = 0; i < f->n; i++) {
		struct holder_command *h = &f->words[i];
		assert(h->verb == HOLDER_COMPLETE || h->verb == HOLDER_FAIL);
		h->c.rc = take_word(c->owner, tx, h, &h->c.err);
		if (h->c.rc == RC_OK || h->is_refused)
			continue;
		*err = h->c.err;
		return h->c.rc;
	}
	return f->next ? lease_next(c->owner, tx, f->next, err) : RC_OK;
}

void finish_command_init(struct finish_command *f, struct queue *q, struct scope scope)
{
	*f = (struct finish_command){
		.c = { .apply = finish_apply, .owner = q, .scope = scope, .is_urgent = true },
	};
}
