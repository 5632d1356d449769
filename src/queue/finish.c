/* A holder's word about its attempt, cancellation, callbacks: how tasks end.
 *
 * (1) A word counts only with task, attempt and token of the present lease.  Everybody
 *     else gets CODE_LEASE_LOST and has changed nothing.
 * (2) The same word said twice (a lost reply) is answered the same.
 * (3) A lease that has run out still counts until somebody noticed: finished work is
 *     better than repeated work, and nobody else holds it.
 * (4) Whatever ends a task of a run tells flow/, frees its places and submits its callback,
 *     in the same transaction.
 */
#include <sodium.h>

#include "codec/hex.h"
#include "queue/queue_priv.h"

/* --- Events and errors as JSON --- */

static struct str scratch_str(struct queue *q, struct tx *tx)
{
	return str_dup(tx->arena, buf_str(&q->scratch));
}

void task_event(struct queue *q, struct tx *tx, struct scope scope, const char *type,
                const struct task_row *row, void (*more)(struct json_out *o, const void *ctx),
                const void *ctx)
{
	struct json_out o;
	buf_clear(&q->scratch);
	json_out_init(&o, &q->scratch);
	json_begin_object(&o);
	json_put_str(&o, "kind", row->kind);
	if (row->attempt)
		json_put_int(&o, "attempt", row->attempt);
	if (more)
		more(&o, ctx);
	json_end_object(&o);
	assert(buf_rc(&q->scratch) == RC_OK);
	tx_event(tx, &(struct event_new){ .tenant = scope.tenant,
	                                  .actor = scope.actor,
	                                  .type = type,
	                                  .subject = row->id,
	                                  .run = row->run,
	                                  .data = buf_str(&q->scratch) });
}

struct str task_error_json(struct queue *q, struct tx *tx, struct str code, struct str message,
                           struct str detail)
{
	struct json_out o;
	buf_clear(&q->scratch);
	json_out_init(&o, &q->scratch);
	json_begin_object(&o);
	json_put_str(&o, "code", code);
	json_put_str(&o, "message", message);
	if (detail.len)
		json_put_raw(&o, "detail", detail);
	json_end_object(&o);
	assert(buf_rc(&q->scratch) == RC_OK);
	return scratch_str(q, tx);
}

/* --- Ends --- */

void queue_on_end(struct queue *q,
                  enum rc (*fn)(void *ctx, struct tx *tx, const struct task_end *end,
                                struct err *err),
                  void *ctx)
{
	q->on_end = fn;
	q->on_end_ctx = ctx;
}

static enum rc tell_flow(struct queue *q, struct tx *tx, struct scope scope,
                         const struct task_row *row, struct str output, struct str error,
                         struct err *err)
{
	if (!row->run || !q->on_end)
		return RC_OK;
	return q->on_end(q->on_end_ctx, tx,
	                 &(struct task_end){ .task = row->id,
	                                     .run = row->run,
	                                     .step = row->step,
	                                     .item = row->item,
	                                     .state = row->state,
	                                     .output = output,
	                                     .error = error,
	                                     .scope = scope },
	                 err);
}

/* What a callback's task is told.  An output so large that the whole would be no input
 * is left out: it can be read from the task. */
static struct str callback_input(struct queue *q, struct tx *tx, const struct task_row *row,
                                 struct str output, struct str error)
{
	char id[ID_TEXT_MAX];
	struct json_out o;
	bool is_large = output.len > TASK_INPUT_MAX - CALLBACK_INPUT_MAX - 1024;
	buf_clear(&q->scratch);
	json_out_init(&o, &q->scratch);
	json_begin_object(&o);
	json_put_str(&o, "task", id_text("task", row->id, id));
	json_put_str(&o, "kind", row->kind);
	json_put_str(&o, "state", str_z(task_state_text(row->state)));
	if (output.len && !is_large)
		json_put_raw(&o, "output", output);
	if (is_large)
		json_put_bool(&o, "output_left_out", true);
	if (error.len)
		json_put_raw(&o, "error", error);
	if (row->callback_input.len)
		json_put_raw(&o, "input", row->callback_input);
	json_end_object(&o);
	assert(buf_rc(&q->scratch) == RC_OK);
	return scratch_str(q, tx);
}

static enum rc call_back(struct queue *q, struct tx *tx, struct scope scope,
                         const struct task_row *row, struct str output, struct str error,
                         struct err *err)
{
	if (!row->callback_kind.len)
		return RC_OK;
	struct task_submitted submitted;
	struct task_new task = { .kind = row->callback_kind,
		                 .input = callback_input(q, tx, row, output, error) };
	return queue_submit_tx(q, tx, scope, &task, &submitted, err);
}

static void add_error(struct json_out *o, const void *ctx)
{
	const struct str *error = ctx;
	if (error->len)
		json_put_raw(o, "error", *error);
}

static const char *event_of(enum task_state end)
{
	if (end == TASK_SUCCEEDED)
		return "task.succeeded";
	return end == TASK_FAILED ? "task.failed" : "task.cancelled";
}

static void count_end(enum task_state end)
{
	if (end == TASK_SUCCEEDED)
		count_add(COUNT_TASKS_SUCCEEDED, 1);
	else
		count_add(end == TASK_FAILED ? COUNT_TASKS_FAILED : COUNT_TASKS_CANCELLED, 1);
}

enum rc task_ended(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                   enum task_state from, struct str output, struct str error, struct err *err)
{
	struct gates g;
	enum rc rc = gates_find(q, tx, scope.tenant, row->queue, row->key, &g, err);
	if (rc != RC_OK)
		return rc;
	bool was_leased = from == TASK_LEASED;
	gates_leave(q, g, from, row->place);
	gates_ended(q, g, row->state, was_leased ? tx->now_ms - row->lease_began_ms : 0);
	count_end(row->state);
	task_event(q, tx, scope, event_of(row->state), row, add_error, &error);
	rc = call_back(q, tx, scope, row, output, error, err);
	return rc == RC_OK ? tell_flow(q, tx, scope, row, output, error, err) : rc;
}

enum rc task_end_now(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                     enum task_state state, struct str error, struct err *err)
{
	assert(state == TASK_FAILED || state == TASK_CANCELLED);
	assert(task_can_move(row->state, state));
	enum rc rc = DB_RUN(tx->db, SQL_TASK_END, err, BIND_INT(scope.tenant), BIND_INT(row->id),
	                    BIND_INT(state), BIND_INT(tx->now_ms), bind_opt_str(error),
	                    BIND_INT(row->failures), BIND_INT(row->lost));
	if (rc != RC_OK)
		return rc;
	assert(db_changes(tx->db) == 1);
	enum task_state from = row->state;
	row->state = state;
	return task_ended(q, tx, scope, row, from, (struct str){ 0 }, error, err);
}

/* --- The holder --- */

static struct str token_view(const struct lease_token *t)
{
	return (struct str){ (const char *)t->bytes, sizeof t->bytes };
}

static bool is_same_lease(const struct holder_command *h, const struct task_row *row)
{
	return row->has_token && row->attempt == h->attempt &&
	       sodium_memcmp(row->token.bytes, h->token.bytes, sizeof h->token.bytes) == 0;
}

static enum rc lease_lost(const struct task_row *row, struct err *err)
{
	count_add(COUNT_LATE, 1);
	return err_set(err, CODE_LEASE_LOST,
	               "the task is %s, and this token is not (any longer) its lease's; drop the "
	               "work, its result is not wanted",
	               task_state_text(row->state));
}

static void copy_completed(struct tx *tx, const struct rows *rows, struct task_row *row)
{
	row->kind = str_dup(tx->arena, rows_str(rows, 0));
	row->queue = str_dup(tx->arena, rows_str(rows, 1));
	row->key = str_dup(tx->arena, rows_str(rows, 2));
	row->run = rows_int(rows, 3);
	row->step = rows_int(rows, 4);
	row->item = rows_int(rows, 5);
	row->lease_began_ms = rows_int(rows, 6);
	row->callback_kind = str_dup(tx->arena, rows_str(rows, 7));
	row->callback_input = str_dup(tx->arena, rows_str(rows, 8));
}

/* One row, one statement: the common case reads nothing before it writes. */
static enum rc complete(struct queue *q, struct tx *tx, struct holder_command *h, bool *ret_done,
                        struct err *err)
{
	struct task_row row = { .id = h->task, .state = TASK_SUCCEEDED, .attempt = h->attempt };
	struct rows rows;
	bool is_done = false;
	struct str output = h->output.len ? h->output : STR("null");
	DB_QUERY(tx->db, SQL_TASK_COMPLETE, &rows, err, BIND_INT(h->c.scope.tenant),
	         BIND_INT(h->task), BIND_INT(h->attempt), BIND_BLOB(token_view(&h->token)),
	         BIND_INT(tx->now_ms), BIND_STR(output));
	while (rows_next(&rows)) {
		is_done = true;
		copy_completed(tx, &rows, &row);
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK || !is_done)
		return rc;
	*ret_done = true;
	h->state = TASK_SUCCEEDED;
	return task_ended(q, tx, h->c.scope, &row, TASK_LEASED, output, (struct str){ 0 }, err);
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
	            BIND_INT(row->lost));
	if (rc != RC_OK)
		return rc;
	h->state = row->state = TASK_READY;
	task_event(q, tx, h->c.scope, "task.returned", row, NULL, NULL);
	lease_hint(q, h->c.scope.tenant, row->kind);
	return RC_OK;
}

static enum rc fail(struct queue *q, struct tx *tx, struct holder_command *h, struct task_row *row,
                    struct err *err)
{
	struct str error = task_error_json(q, tx, h->error_code, h->error_message, h->error_detail);
	enum rc rc = task_attempt_failed(q, tx, h->c.scope, row, error, h->is_final,
	                                 &h->retry_at_ms, err);
	h->state = row->state;
	return rc;
}

/* The lease is over, but these are its token and attempt: the word was heard before, or
 * the task was cancelled meanwhile. */
static enum rc say_again(struct holder_command *h, const struct task_row *row, struct err *err)
{
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
	return is_repeat ? RC_OK : lease_lost(row, err);
}

static enum rc hear(struct command *c, struct tx *tx, struct err *err)
{
	struct holder_command *h = (struct holder_command *)c;
	struct queue *q = c->owner;
	struct task_row row;
	bool is_done = false;
	enum rc rc = RC_OK;
	if (h->verb == HOLDER_COMPLETE)
		rc = complete(q, tx, h, &is_done, err);
	if (rc != RC_OK || is_done)
		return rc;
	rc = task_row_read(tx, c->scope.tenant, h->task, &row, err);
	if (rc != RC_OK)
		return rc;
	if (!is_same_lease(h, &row))
		return lease_lost(&row, err);
	if (row.state != TASK_LEASED)
		return say_again(h, &row, err);
	switch (h->verb) {
	case HOLDER_HEARTBEAT:
		return heartbeat(q, tx, h, &row, err);
	case HOLDER_FAIL:
		return fail(q, tx, h, &row, err);
	case HOLDER_RETURN:
		return hand_back(q, tx, h, &row, err);
	case HOLDER_COMPLETE:
		break; /* the lease was good and the row not updated: can't be */
	}
	abort();
}

/* A worker for all tenants names the task only; token and attempt are its right. */
static enum rc find_tenant(struct tx *tx, int64_t task, int64_t *ret, struct err *err)
{
	struct rows rows;
	int64_t tenant = 0;
	DB_QUERY(tx->db, SQL_TASK_TENANT, &rows, err, BIND_INT(task));
	if (rows_next(&rows))
		tenant = rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	if (!tenant)
		return err_set(err, CODE_NOT_FOUND, "there is no such task");
	*ret = tenant;
	return RC_OK;
}

static enum rc holder_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct holder_command *h = (struct holder_command *)c;
	enum rc rc = RC_OK;
	if (h->is_for_all)
		rc = find_tenant(tx, h->task, &c->scope.tenant, err);
	if (rc == RC_OK)
		rc = hear(c, tx, err);
	if (rc != RC_OK || !h->next)
		return rc;
	return lease_grant_session(c->owner, tx, h->next, err);
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

/* --- Cancelling --- */

static enum rc cancel(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                      struct str reason, struct err *err)
{
	struct str words = reason.len ? reason : STR("cancelled on request");
	struct str error = task_error_json(q, tx, STR("cancelled"), words, (struct str){ 0 });
	return task_end_now(q, tx, scope, row, TASK_CANCELLED, error, err);
}

enum rc queue_cancel_tx(struct queue *q, struct tx *tx, struct scope scope, int64_t task,
                        struct err *err)
{
	struct task_row row;
	enum rc rc = task_row_read(tx, scope.tenant, task, &row, err);
	if (rc != RC_OK || !task_can_move(row.state, TASK_CANCELLED))
		return rc;
	return cancel(q, tx, scope, &row, STR("the run has ended"), err);
}

static enum rc cancel_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct cancel_command *k = (struct cancel_command *)c;
	struct task_row row;
	enum rc rc = task_row_read(tx, c->scope.tenant, k->task, &row, err);
	if (rc != RC_OK)
		return rc;
	k->state = TASK_CANCELLED;
	if (row.state == TASK_CANCELLED)
		return RC_OK;
	if (!task_can_move(row.state, TASK_CANCELLED))
		return err_set(err, CODE_WRONG_STATE, "the task has %s already",
		               task_state_text(row.state));
	return cancel(c->owner, tx, c->scope, &row, k->reason, err);
}

void cancel_command_init(struct cancel_command *c, struct queue *q, struct scope scope)
{
	*c = (struct cancel_command){
		.c = { .apply = cancel_apply, .owner = q, .scope = scope },
	};
}
