/* How tasks end, by their holder's word or by another's: what every end has in common, and
 * cancelling.
 *
 * Whatever ends a task of a run tells flow/, frees its places and submits its callback, in
 * the same transaction.
 */
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

static void count_end(struct tx *tx, const struct task_row *row, enum task_state end)
{
	if (end == TASK_SUCCEEDED)
		tx_count(tx, COUNT_TASKS_SUCCEEDED, 1);
	else
		tx_count(tx, end == TASK_FAILED ? COUNT_TASKS_FAILED : COUNT_TASKS_CANCELLED, 1);
	if (end == TASK_FAILED && !row->run)
		tx_count(tx, COUNT_TASKS_DEAD, 1);
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
	count_end(tx, row, row->state);
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

/* --- Cancelling --- */

static enum rc cancel(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                      struct str reason, struct err *err)
{
	struct str words = reason.len ? reason : STR("cancelled on request");
	if (row->state == TASK_LEASED) {
		enum rc rc = agent_attempt_ended(q, tx, row, ATTEMPT_CANCELLED, err);
		if (rc != RC_OK)
			return rc;
	}
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
