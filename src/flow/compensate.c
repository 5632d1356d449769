/* Compensation: what has succeeded is undone when the run fails or is cancelled.
 *
 * (1) The order is that of the rows: the step that finished last comes first (one that was
 *     cut short, with items that succeeded, before all), its items from the last to the
 *     first.  One task at a time.
 * (2) Which item is under way, and its task, is written in the transaction that submits
 *     the task; that it is undone, in one that saw the task succeed.  So a crash repeats
 *     nothing and leaves nothing out.
 * (3) One that fails ends the run in compensation_failed, and its error names it.
 * (4) What is under way when the run is stopped may still succeed before its turn to be
 *     cancelled comes.  So a run with such work compensates, too, and finds at the end of
 *     the sweep what there is to undo. */
#include "flow/advance_priv.h"

enum undo_state { UNDO_NONE, UNDO_RUNNING, UNDO_DONE, UNDO_FAILED };

struct undo {
	int64_t step; /* from 1; 0: nothing is left */
	enum step_type type;
	enum undo_state state;
	int64_t item; /* under way, or the last that is undone; 0: none yet */
	int64_t task;
};

/* The first, in the order of (1), that is not undone. */
static enum rc find_next(struct tx *tx, struct scope scope, int64_t run, const struct definition *d,
                         struct undo *ret, struct err *err)
{
	struct rows rows;
	*ret = (struct undo){ .step = 0 };
	DB_QUERY(tx->db, SQL_UNDO_LOAD, &rows, err, BIND_INT(scope.tenant), BIND_INT(run));
	while (!ret->step && rows_next(&rows)) {
		int64_t step = rows_int(&rows, 0);
		if (!d->steps[step - 1].compensate.kind.len)
			continue;
		*ret = (struct undo){ .step = step,
			              .type = (enum step_type)rows_int(&rows, 1),
			              .state = (enum undo_state)rows_int(&rows, 2),
			              .item = rows_int(&rows, 3),
			              .task = rows_int(&rows, 4) };
	}
	return rows_end(&rows, err);
}

/* Is something under way that may yet succeed, before it is cancelled? */
static enum rc find_open(struct tx *tx, struct scope scope, int64_t run, const struct definition *d,
                         bool *ret, struct err *err)
{
	struct rows rows;
	*ret = false;
	DB_QUERY(tx->db, SQL_UNDO_OPEN, &rows, err, BIND_INT(scope.tenant), BIND_INT(run));
	while (!*ret && rows_next(&rows))
		*ret = d->steps[rows_int(&rows, 0) - 1].compensate.kind.len > 0;
	return rows_end(&rows, err);
}

enum rc compensation_is_due(struct tx *tx, struct scope scope, int64_t run,
                            const struct definition *d, bool *ret, struct err *err)
{
	struct undo u;
	enum rc rc = find_next(tx, scope, run, d, &u, err);
	*ret = u.step != 0;
	return rc == RC_OK && !*ret ? find_open(tx, scope, run, d, ret, err) : rc;
}

static enum rc write_undo(struct advance *a, const struct undo *u, struct err *err)
{
	return DB_RUN(a->tx->db, SQL_UNDO_SET, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	              BIND_INT(u->step), BIND_INT(u->state), bind_opt_int(u->item),
	              bind_opt_int(u->task));
}

static const struct step_def *def_of(const struct advance *a, const struct undo *u)
{
	return &a->d->steps[u->step - 1];
}

static void say(struct advance *a, const struct undo *u, const char *state,
                const struct failure *why)
{
	compensation_event(a->f, a->tx, a->scope, a->run, def_of(a, u)->name,
	                   def_of(a, u)->each ? u->item : 0, state, why);
}

/* --- The end --- */

/* Why the run failed or was cancelled in the first place. */
static enum rc load_error(struct advance *a, struct failure *ret, struct err *err)
{
	struct rows rows;
	*ret = (struct failure){ .code = STR("failed"), .message = STR("the run failed") };
	DB_QUERY(a->tx->db, SQL_RUN_ERROR, &rows, err, BIND_INT(a->scope.tenant), BIND_INT(a->run));
	if (rows_next(&rows))
		*ret = failure_read(a->tx->arena, rows_str(&rows, 0));
	return rows_end(&rows, err);
}

static enum rc finish(struct advance *a, enum run_state state, const struct failure *compensation,
                      struct err *err)
{
	struct failure why;
	enum rc rc = load_error(a, &why, err);
	if (rc != RC_OK)
		return rc;
	why.compensation = compensation;
	return run_end(a->f, a->tx, a->scope, a->run, a->d, state, (struct str){ 0 }, &why, err);
}

static enum rc give_up(struct advance *a, struct undo *u, struct failure why, struct err *err)
{
	why.step = def_of(a, u)->name;
	why.item = def_of(a, u)->each ? u->item : 0;
	u->state = UNDO_FAILED;
	say(a, u, "failed", &(struct failure){ .code = why.code, .message = why.message });
	enum rc rc = write_undo(a, u, err);
	return rc == RC_OK ? finish(a, RUN_COMPENSATION_FAILED, &why, err) : rc;
}

/* --- What is undone, and with which input --- */

struct undone {
	struct str input, output; /* in the transaction's arena */
};

static enum rc find_item(struct advance *a, struct undo *u, bool *ret_found, struct undone *ret,
                         struct err *err)
{
	static const enum sql queries[STEP_TYPES] = {
		[STEP_TASK] = SQL_UNDO_TASK_ITEM,       [STEP_CHILD] = SQL_UNDO_CHILD_ITEM,
		[STEP_TIMER] = SQL_UNDO_WAIT_OUTPUT,    [STEP_EVENT] = SQL_UNDO_WAIT_OUTPUT,
		[STEP_APPROVAL] = SQL_UNDO_WAIT_OUTPUT,
	};
	struct rows rows;
	int64_t below = u->item ? u->item : INT64_MAX;
	*ret_found = false;
	DB_QUERY(a->tx->db, queries[u->type], &rows, err, BIND_INT(a->scope.tenant),
	         BIND_INT(a->run), BIND_INT(u->step), BIND_INT(below));
	if (rows_next(&rows)) {
		struct str input = rows_str(&rows, 1), output = rows_str(&rows, 2);
		*ret_found = true;
		u->item = rows_int(&rows, 0);
		ret->input = str_dup(a->tx->arena, input.len ? input : STR("null"));
		ret->output = str_dup(a->tx->arena, output.len ? output : STR("null"));
	}
	return rows_end(&rows, err);
}

static enum rc plain_input(struct advance *a, const struct undone *what, struct str *ret,
                           struct err *err)
{
	struct json_out o;
	struct buf *value = &a->f->value;
	buf_clear(value);
	json_out_init(&o, value);
	json_begin_object(&o);
	json_put_raw(&o, "input", what->input);
	json_put_raw(&o, "output", what->output);
	json_end_object(&o);
	if (buf_rc(value) != RC_OK)
		return err_set(err, CODE_TOO_LARGE,
		               "input and output together have more than %zu bytes; give "
		               "\"compensate\" an input of its own",
		               value->max);
	*ret = buf_str(value);
	return RC_OK;
}

/* The references of a definition's own input: what was done, and its item. */
static enum rc own_input(struct advance *a, const struct undo *u, const struct undone *what,
                         struct str *ret, struct err *err)
{
	const struct step_def *def = def_of(a, u);
	struct recorded_doc *items;
	enum rc rc =
	        json_read(a->tx->arena, what->output,
	                  &(struct json_limits){ 2 << 20, 160, 1 << 20 }, &a->undo_output, err);
	if (rc != RC_OK)
		return rc;
	if (!def->each)
		return resolve(a, def->compensate.input, ret, err);
	rc = pin_items(a, u->step - 1, &items, err);
	if (rc != RC_OK)
		return rc;
	set_item(a, recorded_item(items, (size_t)u->item - 1), u->item - 1);
	rc = resolve(a, def->compensate.input, ret, err);
	unpin_items(a, u->step - 1);
	return rc;
}

static enum rc submit(struct advance *a, struct undo *u, const struct undone *what, struct err *err)
{
	const struct compensate_def *def = &def_of(a, u)->compensate;
	struct task_submitted submitted;
	struct str input;
	enum rc rc =
	        def->input ? own_input(a, u, what, &input, err) : plain_input(a, what, &input, err);
	if (rc != RC_OK)
		return rc;
	struct task_new task = { .kind = def->kind,
		                 .input = input,
		                 .priority = def_of(a, u)->priority,
		                 .attempts_max = def->attempts.attempts_max,
		                 .retry_base_ms = def->attempts.retry_base_ms,
		                 .retry_cap_ms = def->attempts.retry_cap_ms,
		                 .timeout_ms = def->attempts.timeout_ms,
		                 .run = a->run,
		                 .step = -u->step,
		                 .item = u->item };
	rc = queue_submit_tx(a->f->queue, a->tx, a->scope, &task, &submitted, err);
	if (rc == RC_OK)
		u->task = submitted.id;
	return rc;
}

/* --- One after the other --- */

/* Begins with the next item of the step; *ret_waits when a task is under way now.  When
 * there is no other, the step is undone. */
static enum rc begin_item(struct advance *a, struct undo *u, bool *ret_waits, struct err *err)
{
	struct undone what;
	bool is_found;
	struct err why = { .rc = RC_OK };
	*ret_waits = false;
	enum rc rc = find_item(a, u, &is_found, &what, err);
	if (rc != RC_OK)
		return rc;
	if (!is_found) {
		u->state = UNDO_DONE;
		return write_undo(a, u, err);
	}
	*ret_waits = true;
	bool is_ready = true;
	rc = undo_has_parts(a, u->step - 1, &is_ready, &why);
	if (rc == RC_OK && !is_ready)
		return RC_OK;
	if (rc == RC_OK)
		rc = submit(a, u, &what, &why);
	if (rc == RC_OK && PLANTED(double_compensation))
		rc = submit(a, u, &what, &why);
	if (is_own(rc)) {
		struct failure failure = { .code = str_z(code_text(why.code)),
			                   .message = str_z(why.text) };
		return give_up(a, u, failure, err);
	}
	if (rc != RC_OK) {
		*err = why;
		return rc;
	}
	u->state = UNDO_RUNNING;
	say(a, u, "running", NULL);
	return write_undo(a, u, err);
}

/* Has its task ended?  Then the item is undone, or cannot be. */
static enum rc look_at_task(struct advance *a, struct undo *u, bool *ret_waits, struct err *err)
{
	struct rows rows;
	enum task_state state = TASK_FAILED;
	struct failure why = { .code = STR("failed"), .message = STR("its task is gone") };
	*ret_waits = true;
	DB_QUERY(a->tx->db, SQL_UNDO_TASK_STATE, &rows, err, BIND_INT(a->scope.tenant),
	         BIND_INT(u->task));
	if (rows_next(&rows)) {
		state = (enum task_state)rows_int(&rows, 0);
		why = failure_read(a->tx->arena, rows_str(&rows, 1));
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK || state < TASK_SUCCEEDED)
		return rc;
	if (state != TASK_SUCCEEDED)
		return give_up(a, u, why, err);
	*ret_waits = false;
	say(a, u, "succeeded", NULL);
	u->state = UNDO_NONE;
	return write_undo(a, u, err);
}

enum rc compensate_advance(struct advance *a, enum run_state outcome, struct err *err)
{
	bool waits = false;
	while (!waits) {
		struct undo u;
		if (is_spent(a)) {
			a->stays_due = true;
			return RC_OK;
		}
		enum rc rc = find_next(a->tx, a->scope, a->run, a->d, &u, err);
		if (rc == RC_OK && !u.step)
			return finish(a, outcome, NULL, err);
		if (rc == RC_OK)
			rc = u.state == UNDO_RUNNING ? look_at_task(a, &u, &waits, err)
			                             : begin_item(a, &u, &waits, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}
