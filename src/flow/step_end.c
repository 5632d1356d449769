/* How a step ends: well, with the outputs of its items in order, or not, and then so does its
 * run.  What it says to the rows and to the log of events stands in end.c. */
#include "flow/advance_priv.h"

enum rc step_end(struct advance *a, int64_t i, enum step_state state, struct str output,
                 struct str error, struct err *err)
{
	a->steps[i].state = state;
	return DB_RUN(a->tx->db, SQL_STEP_END, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	              BIND_INT(i + 1), BIND_INT(state), BIND_INT(a->tx->now_ms),
	              bind_opt_str(output), bind_opt_str(error), BIND_INT(++a->n_finished));
}

/* The step has failed, so the run has. */
enum rc step_fail(struct advance *a, int64_t i, struct failure why, struct err *err)
{
	struct str name = a->d->steps[i].name;
	const struct step_record *s = &a->steps[i];
	/* Of a single task or run that failed, its own error says more. */
	bool is_told_by_task = (s->task || s->child) && s->failed + s->cancelled > 0;
	struct str error = is_told_by_task ? (struct str){ 0 } : failure_json(a->f, &why);
	enum rc rc = step_end(a, i, STEP_FAILED, (struct str){ 0 }, error, err);
	if (rc != RC_OK)
		return rc;
	step_event(a->f, a->tx, a->scope, a->run, name, STEP_FAILED, -1, &why);
	why.step = name;
	a->has_ended = true;
	return run_stop(a->f, a->tx, a->scope, a->run, a->d, RUN_FAILED, &why, err);
}

enum rc step_fail_by(struct advance *a, int64_t i, const struct err *why, struct err *err)
{
	struct failure failure = { .code = str_z(code_text(why->code)),
		                   .message = str_z(why->text) };
	return step_fail(a, i, failure, err);
}

struct failure failure_read(struct arena *arena, struct str error)
{
	const struct json *v = NULL;
	struct str text = str_dup(arena, error);
	if (json_read(arena, text, NULL, &v, NULL) != RC_OK)
		v = NULL;
	return (struct failure){
		.code = json_get_str(v, "code", STR("failed")),
		.message = json_get_str(v, "message", STR("the task failed")),
		.step = json_get_str(v, "step", STR("")),
		.item = json_get_int(v, "item", 0),
	};
}

/* A task's or a run's error, as the step's: what the run below named is its own. */
static struct failure failure_below(struct advance *a, struct str error)
{
	struct failure why = failure_read(a->tx->arena, error);
	return (struct failure){ .code = why.code, .message = why.message };
}

/* Of several items that failed, the first in order is named. */
enum rc step_fail_by_item(struct advance *a, int64_t i, struct err *err)
{
	struct rows rows;
	struct failure why = { .code = STR("failed"), .message = STR("the task failed") };
	enum sql sql =
	        a->d->steps[i].type == STEP_CHILD ? SQL_STEP_CHILD_FAILED : SQL_STEP_TASK_FAILED;
	DB_QUERY(a->tx->db, sql, &rows, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	         BIND_INT(i + 1));
	if (rows_next(&rows)) {
		why = failure_below(a, rows_str(&rows, 2));
		why.item = a->d->steps[i].each ? rows_int(&rows, 0) : 0;
	}
	enum rc rc = rows_end(&rows, err);
	return rc == RC_OK ? step_fail(a, i, why, err) : rc;
}

static void put_item(struct json_out *o, const struct rows *rows, int64_t succeeded)
{
	struct str output = rows_str(rows, 1), error = rows_str(rows, 2);
	if (rows_int(rows, 0) == succeeded) {
		json_raw(o, output.len ? output : STR("null"));
		return;
	}
	json_begin_object(o);
	json_put_raw(o, "error", error.len ? error : STR("null"));
	json_end_object(o);
}

/* The outputs of all items, in order, into f->value. */
static enum rc collect(struct advance *a, int64_t i, struct str *ret, struct err *err)
{
	struct rows rows;
	struct json_out o;
	struct buf *value = &a->f->value;
	buf_clear(value);
	json_out_init(&o, value);
	json_begin_array(&o);
	bool is_child = a->d->steps[i].type == STEP_CHILD;
	DB_QUERY(a->tx->db, is_child ? SQL_STEP_CHILD_OUTPUTS : SQL_STEP_TASK_OUTPUTS, &rows, err,
	         BIND_INT(a->scope.tenant), BIND_INT(a->run), BIND_INT(i + 1));
	while (rows_next(&rows) && buf_rc(value) == RC_OK)
		put_item(&o, &rows, is_child ? RUN_SUCCEEDED : TASK_SUCCEEDED);
	enum rc rc = rows_end(&rows, err);
	json_end_array(&o);
	if (rc != RC_OK)
		return rc;
	if (buf_rc(value) != RC_OK)
		return err_set(err, CODE_OUTPUT_TOO_LARGE,
		               "the outputs of all items together have more than %zu bytes; let "
		               "each item give less, or store it as an artifact",
		               value->max);
	*ret = buf_str(value);
	return RC_OK;
}

enum rc step_succeed(struct advance *a, int64_t i, struct str output, struct err *err)
{
	enum rc rc = step_end(a, i, STEP_SUCCEEDED, output, (struct str){ 0 }, err);
	if (rc == RC_OK)
		step_event(a->f, a->tx, a->scope, a->run, a->d->steps[i].name, STEP_SUCCEEDED, -1,
		           NULL);
	return rc;
}

/* All items have ended well, or their errors are wanted. */
enum rc step_gather(struct advance *a, int64_t i, struct err *err)
{
	struct str output = { 0 };
	enum rc rc = a->d->steps[i].each ? collect(a, i, &output, err) : RC_OK;
	if (is_own(rc)) {
		struct err why = *err;
		return step_fail_by(a, i, &why, err);
	}
	return rc == RC_OK ? step_succeed(a, i, output, err) : rc;
}
