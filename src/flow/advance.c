/* The heart: what may start now, what has ended.
 *
 * (1) A run is a function of its rows: the definition's version, the input, the steps
 *     that have begun and the outputs of tasks.  Advancing twice without news changes
 *     nothing.
 * (2) Items 1 … `submitted` of a step are tasks, and that number is written in the same
 *     transaction as the tasks: nothing is submitted twice, also after a crash.
 * (3) Steps are looked at behind the ones they wait for, so one pass suffices: a skipped
 *     or empty step lets the next begin at once.
 * (4) One batch submits at most ADVANCE_SLICE tasks of a run, and changes a bounded number
 *     of rows in all; a run with more to do stays due.
 * (5) Mistakes that only show now (a reference that finds nothing, too large a value)
 *     fail the step and with it the run.  A failing store undoes the batch instead.
 *
 * tests/unit/flow/test_run.c runs real workflows, also across restarts. */
#include "flow/advance_priv.h"

#include "codec/schema.h"

static int64_t ended(const struct step_record *s)
{
	return s->succeeded + s->failed + s->cancelled;
}

/* --- Submitting --- */

static enum rc submit(struct advance *a, int64_t i, int64_t item, int64_t *ret, struct err *err)
{
	const struct step_def *def = &a->d->steps[i];
	struct str input;
	struct task_submitted submitted;
	enum rc rc = resolve(a, def->input, &input, err);
	if (rc != RC_OK)
		return rc;
	struct task_new task = { .kind = def->kind,
		                 .input = input,
		                 .priority = def->priority,
		                 .attempts_max = def->attempts.attempts_max,
		                 .retry_base_ms = def->attempts.retry_base_ms,
		                 .retry_cap_ms = def->attempts.retry_cap_ms,
		                 .timeout_ms = def->attempts.timeout_ms,
		                 .run = a->run,
		                 .step = i + 1,
		                 .item = item };
	rc = queue_submit_tx(a->f->queue, a->tx, a->scope, &task, &submitted, err);
	if (rc == RC_OK)
		*ret = submitted.id;
	return rc;
}

/* May one more item begin? */
static bool has_room(const struct step_def *def, const struct step_record *s)
{
	return s->submitted < s->items &&
	       (!def->max_parallel || s->submitted - ended(s) < def->max_parallel);
}

static enum rc submit_items(struct advance *a, int64_t i, const struct json *item, struct err *err)
{
	const struct step_def *def = &a->d->steps[i];
	struct step_record *s = &a->steps[i];
	enum rc rc = RC_OK;
	while (rc == RC_OK && has_room(def, s) && !is_spent(a)) {
		int64_t id;
		bool is_child = def->type == STEP_CHILD;
		set_item(a, item, s->submitted);
		rc = is_child ? child_start(a, i, s->submitted + 1, &id, err)
		              : submit(a, i, s->submitted + 1, &id, err);
		if (rc != RC_OK)
			break;
		s->submitted++;
		a->slice--;
		if (!def->each)
			*(is_child ? &s->child : &s->task) = id;
		item = item ? item->next : NULL;
	}
	if (has_room(def, s))
		a->stays_due = true;
	return rc;
}

/* As many as may run and fit this batch.  After a failure some may be submitted: the
 * caller writes the number down all the same. */
static enum rc submit_slice(struct advance *a, int64_t i, struct err *err)
{
	struct step_record *s = &a->steps[i];
	struct recorded_doc *items;
	if (!a->d->steps[i].each)
		return submit_items(a, i, NULL, err);
	enum rc rc = pin_items(a, i, &items, err);
	if (rc != RC_OK)
		return rc;
	rc = submit_items(a, i, recorded_item(items, (size_t)s->submitted), err);
	unpin_items(a, i);
	return rc;
}

/* --- Beginning --- */

static enum rc check_when(struct advance *a, int64_t i, bool *ret, struct err *err)
{
	const struct step_def *def = &a->d->steps[i];
	const struct json *value;
	struct str text;
	*ret = true;
	if (!def->when)
		return RC_OK;
	enum rc rc = resolve(a, def->when_value, &text, err);
	if (rc == RC_OK)
		rc = json_read(a->tx->arena, text, &(struct json_limits){ 2 << 20, 160, 1 << 20 },
		               &value, err);
	if (rc != RC_OK)
		return rc;
	rc = schema_check(def->when, value, a->tx->arena, err);
	*ret = rc == RC_OK;
	return rc == RC_INVALID && err->code == CODE_SCHEMA ? RC_OK : rc;
}

static enum rc count_items(struct advance *a, int64_t i, struct err *err)
{
	struct recorded_doc *doc;
	a->steps[i].items = 1;
	if (!a->d->steps[i].each)
		return RC_OK;
	enum rc rc = pin_items(a, i, &doc, err);
	if (rc != RC_OK)
		return rc;
	const struct json *items = doc->value;
	unpin_items(a, i);
	if (items->type != JSON_ARRAY)
		return err_set(err, CODE_FIELD_TYPE, "\"each\" must refer to an array");
	if (items->count > EACH_ITEMS_MAX)
		return err_set(err, CODE_TOO_LARGE, "\"each\" has %u items, at most %d are allowed",
		               items->count, EACH_ITEMS_MAX);
	a->steps[i].items = items->count;
	return RC_OK;
}

static enum rc insert_step(struct advance *a, int64_t i, struct err *err)
{
	const struct step_def *def = &a->d->steps[i];
	const struct step_record *s = &a->steps[i];
	return DB_RUN(a->tx->db, SQL_STEP_INSERT, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	              BIND_INT(i + 1), BIND_INT(s->items), BIND_INT(s->submitted),
	              BIND_INT(def->max_parallel), BIND_INT(def->is_collect),
	              BIND_INT(a->tx->now_ms), bind_opt_int(s->task), bind_opt_int(s->child),
	              BIND_INT(def->type));
}

static enum rc skip_step(struct advance *a, int64_t i, struct err *err)
{
	step_event(a->f, a->tx, a->scope, a->run, a->d->steps[i].name, STEP_SKIPPED, -1, NULL);
	return step_end(a, i, STEP_SKIPPED, (struct str){ 0 }, (struct str){ 0 }, err);
}

/* Decides about the step and submits its first slice; then its row is written, once. */
static enum rc start_step(struct advance *a, int64_t i, bool *ret_holds, struct err *err)
{
	const struct step_def *def = &a->d->steps[i];
	enum rc rc = check_when(a, i, ret_holds, err);
	if (rc != RC_OK || !*ret_holds)
		return rc;
	rc = count_items(a, i, err);
	if (rc != RC_OK)
		return rc;
	step_event(a->f, a->tx, a->scope, a->run, def->name, STEP_RUNNING,
	           def->each ? a->steps[i].items : -1, NULL);
	return is_wait(def) ? wait_begin(a, i, err) : submit_slice(a, i, err);
}

static enum rc begin_step(struct advance *a, int64_t i, struct err *err)
{
	struct err why = { .rc = RC_OK };
	bool holds = true;
	struct step_record *s = &a->steps[i];
	*s = (struct step_record){ .has_begun = true, .state = STEP_RUNNING };
	enum rc started = start_step(a, i, &holds, &why);
	if (started != RC_OK && !is_own(started)) {
		*err = why;
		return started;
	}
	enum rc rc = insert_step(a, i, err);
	if (rc != RC_OK)
		return rc;
	if (started != RC_OK)
		return step_fail_by(a, i, &why, err);
	if (!holds)
		return skip_step(a, i, err);
	if (a->d->steps[i].type == STEP_EVENT)
		return wait_advance(a, i, err); /* what came early is there already */
	return s->items ? RC_OK : step_gather(a, i, err);
}

/* --- One pass over the steps --- */

static bool may_begin(const struct advance *a, int64_t i)
{
	const struct step_def *def = &a->d->steps[i];
	for (size_t j = 0; j < def->n_after; j++)
		if (!is_done(&a->steps[def->after[j]]))
			return false;
	return true;
}

static enum rc continue_step(struct advance *a, int64_t i, struct err *err)
{
	struct step_record *s = &a->steps[i];
	struct err why = { .rc = RC_OK };
	int64_t was = s->submitted;
	enum rc started = submit_slice(a, i, &why);
	if (started != RC_OK && !is_own(started)) {
		*err = why;
		return started;
	}
	enum rc rc = RC_OK;
	if (s->submitted != was)
		rc = DB_RUN(a->tx->db, SQL_STEP_SUBMITTED, err, BIND_INT(a->scope.tenant),
		            BIND_INT(a->run), BIND_INT(i + 1), BIND_INT(s->submitted));
	if (rc != RC_OK || started == RC_OK)
		return rc;
	return step_fail_by(a, i, &why, err);
}

/* What its references want of large outputs comes first. */
static enum rc begin_when_ready(struct advance *a, int64_t i, struct err *err)
{
	bool is_ready;
	struct err why = { .rc = RC_OK };
	enum rc rc = step_has_parts(a, i, &is_ready, &why);
	if (is_own(rc)) {
		a->steps[i] = (struct step_record){ .has_begun = true, .state = STEP_RUNNING };
		rc = insert_step(a, i, err);
		return rc == RC_OK ? step_fail_by(a, i, &why, err) : rc;
	}
	if (rc != RC_OK)
		*err = why;
	return rc == RC_OK && is_ready ? begin_step(a, i, err) : rc;
}

static enum rc advance_step(struct advance *a, int64_t i, struct err *err)
{
	const struct step_def *def = &a->d->steps[i];
	struct step_record *s = &a->steps[i];
	if (!s->has_begun && may_begin(a, i)) {
		if (!is_spent(a))
			return begin_when_ready(a, i, err);
		a->stays_due = true;
	}
	if (!s->has_begun || s->state != STEP_RUNNING)
		return RC_OK;
	if (is_wait(def))
		return wait_advance(a, i, err);
	if (s->failed + s->cancelled && !def->is_collect)
		return step_fail_by_item(a, i, err);
	if (ended(s) == s->items)
		return step_gather(a, i, err);
	if (!has_room(def, s))
		return RC_OK;
	bool is_ready;
	enum rc rc = step_has_parts(a, i, &is_ready, err);
	return rc == RC_OK && is_ready ? continue_step(a, i, err) : rc;
}

static enum rc end_run(struct advance *a, struct err *err)
{
	struct str output = { 0 };
	struct err why = { .rc = RC_OK };
	bool is_ready = true;
	enum rc rc = a->d->output ? end_has_parts(a, &is_ready, &why) : RC_OK;
	if (rc == RC_OK && !is_ready)
		return RC_OK;
	a->has_ended = a->is_whole_kept = true;
	if (rc == RC_OK)
		rc = resolve(a, a->d->output, &output, &why);
	if (rc == RC_OK)
		return run_end(a->f, a->tx, a->scope, a->run, a->d, RUN_SUCCEEDED, output, NULL,
		               err);
	if (!is_own(rc)) {
		*err = why;
		return rc;
	}
	enum code code = why.code == CODE_TOO_LARGE ? CODE_OUTPUT_TOO_LARGE : why.code;
	struct failure failure = { .code = str_z(code_text(code)), .message = str_z(why.text) };
	return run_stop(a->f, a->tx, a->scope, a->run, a->d, RUN_FAILED, &failure, err);
}

static int64_t count_done(const struct advance *a)
{
	int64_t n = 0;
	for (size_t i = 0; i < a->d->n_steps; i++)
		n += is_done(&a->steps[i]);
	return n;
}

static enum rc advance_steps(struct advance *a, struct err *err)
{
	for (size_t i = 0; i < a->d->n_steps; i++) {
		enum rc rc = advance_step(a, a->d->order[i], err);
		if (rc != RC_OK || a->has_ended)
			return rc;
	}
	return count_done(a) == (int64_t)a->d->n_steps ? end_run(a, err) : RC_OK;
}

static enum rc load_steps(struct advance *a, struct err *err)
{
	struct rows rows;
	a->steps = arena_new(a->tx->arena, struct step_record, a->d->n_steps);
	DB_QUERY(a->tx->db, SQL_STEP_LOAD, &rows, err, BIND_INT(a->scope.tenant), BIND_INT(a->run));
	while (rows_next(&rows)) {
		int64_t i = rows_int(&rows, 0) - 1;
		assert(i >= 0 && i < (int64_t)a->d->n_steps);
		a->steps[i] = (struct step_record){
			.has_begun = true,
			.state = (enum step_state)rows_int(&rows, 1),
			.items = rows_int(&rows, 2),
			.submitted = rows_int(&rows, 3),
			.succeeded = rows_int(&rows, 4),
			.failed = rows_int(&rows, 5),
			.cancelled = rows_int(&rows, 6),
			.task = rows_int(&rows, 7),
			.child = rows_int(&rows, 8),
			.is_copied = rows_int(&rows, 10) != 0,
		};
		a->n_finished = int64_max(a->n_finished, rows_int(&rows, 9));
	}
	return rows_end(&rows, err);
}

/* --- One run --- */

struct run_row {
	bool is_found;
	enum run_state state, outcome;
	struct str workflow, origin;
	int64_t version, actor, steps_done, depth, root;
};

static enum rc load_run(struct tx *tx, int64_t tenant, int64_t run, struct run_row *ret,
                        struct err *err)
{
	struct rows rows;
	*ret = (struct run_row){ .is_found = false };
	DB_QUERY(tx->db, SQL_RUN_LOAD, &rows, err, BIND_INT(tenant), BIND_INT(run));
	if (rows_next(&rows))
		*ret = (struct run_row){ .is_found = true,
			                 .state = (enum run_state)rows_int(&rows, 0),
			                 .workflow = str_dup(tx->arena, rows_str(&rows, 1)),
			                 .version = rows_int(&rows, 2),
			                 .actor = rows_int(&rows, 3),
			                 .steps_done = rows_int(&rows, 4),
			                 .depth = rows_int(&rows, 5),
			                 .root = rows_int(&rows, 6),
			                 .outcome = (enum run_state)rows_int(&rows, 7),
			                 .origin = str_dup(tx->arena, rows_str(&rows, 8)) };
	return rows_end(&rows, err);
}

/* Its definition, kept from being dropped until it is let go, and its steps.  When the
 * definition can no longer be read, the run has failed. */
static enum rc open_run(struct advance *a, const struct run_row *row, struct err *err)
{
	const struct compiled *c;
	struct err why = { .rc = RC_OK };
	enum rc rc =
	        compiled_get(a->f, a->tx, a->scope.tenant, row->workflow, row->version, &c, &why);
	if (is_own(rc) || rc == RC_NOT_FOUND) {
		struct failure failure = { .code = str_z(code_text(why.code)),
			                   .message = str_z(why.text) };
		a->has_ended = true;
		return run_end(a->f, a->tx, a->scope, a->run, NULL, RUN_FAILED, (struct str){ 0 },
		               &failure, err);
	}
	if (rc != RC_OK) {
		*err = why;
		return rc;
	}
	a->d = c->definition;
	compiled_pin(a->f, a->d, true);
	return load_steps(a, err);
}

/* Does it only wait: for a time, an event, a person? */
static bool is_waiting(const struct advance *a)
{
	bool has_wait = false;
	for (size_t i = 0; i < a->d->n_steps; i++) {
		if (!a->steps[i].has_begun || a->steps[i].state != STEP_RUNNING)
			continue;
		if (!is_wait(&a->d->steps[i]))
			return false;
		has_wait = true;
	}
	return has_wait && !a->stays_due;
}

static enum rc write_progress(struct advance *a, const struct run_row *row, struct err *err)
{
	int64_t done = count_done(a);
	enum run_state state = is_waiting(a) ? RUN_WAITING : RUN_RUNNING;
	enum rc rc = RC_OK;
	if (done != row->steps_done)
		rc = DB_RUN(a->tx->db, SQL_RUN_STEPS_DONE, err, BIND_INT(a->scope.tenant),
		            BIND_INT(a->run), BIND_INT(done));
	if (rc != RC_OK || a->has_ended || state == row->state)
		return rc;
	return DB_RUN(a->tx->db, SQL_RUN_SET_STATE, err, BIND_INT(a->scope.tenant),
	              BIND_INT(a->run), BIND_INT(state));
}

/* A cancelled task changes two rows, a run some more. */
static enum rc sweep(struct advance *a, struct err *err)
{
	int64_t slice = int64_min(a->slice, flow_room(a->f, a->tx) / 2);
	return run_sweep(a->f, a->tx, a->scope, a->run, slice, &a->stays_due, err);
}

static enum rc advance_running(struct advance *a, const struct run_row *row, struct err *err)
{
	enum rc rc = advance_steps(a, err);
	if (rc == RC_OK)
		rc = write_progress(a, row, err);
	if (rc != RC_OK || !a->has_ended)
		return rc;
	rc = sweep(a, err);
	/* It may have something to undo: that is for its next turn. */
	a->stays_due |= a->d->is_compensating;
	return rc;
}

static enum rc has_live_child(struct advance *a, bool *ret, struct err *err)
{
	struct rows rows;
	DB_QUERY(a->tx->db, SQL_RUN_HAS_LIVE_CHILD, &rows, err, BIND_INT(a->scope.tenant),
	         BIND_INT(a->run));
	*ret = rows_next(&rows);
	return rows_end(&rows, err);
}

/* First all that is under way ends, also the runs below, with what they have to undo;
 * each tells when it has. */
static enum rc advance_compensating(struct advance *a, const struct run_row *row, struct err *err)
{
	bool is_busy;
	enum rc rc = sweep(a, err);
	if (rc != RC_OK || a->stays_due)
		return rc;
	rc = has_live_child(a, &is_busy, err);
	return rc != RC_OK || is_busy ? rc : compensate_advance(a, row->outcome, err);
}

static enum rc advance_live(struct advance *a, const struct run_row *row, struct err *err)
{
	enum rc rc = open_run(a, row, err);
	if (rc == RC_OK && a->d && row->state == RUN_COMPENSATING)
		rc = advance_compensating(a, row, err);
	else if (rc == RC_OK && a->d)
		rc = advance_running(a, row, err);
	else if (rc == RC_OK)
		rc = sweep(a, err);
	if (a->d)
		compiled_pin(a->f, a->d, false);
	return rc;
}

enum rc run_advance(struct flow *f, struct tx *tx, int64_t tenant, int64_t run, struct err *err)
{
	struct run_row row;
	enum rc rc = load_run(tx, tenant, run, &row, err);
	if (rc != RC_OK || !row.is_found)
		return rc;
	struct advance a = { .f = f,
		             .tx = tx,
		             .run = run,
		             .root = row.root ? row.root : run,
		             .depth = row.depth,
		             .scope = { tenant, row.actor, ROLE_MAKER },
		             .slice = ADVANCE_SLICE };
	values_init(&a);
	tx->origin = row.origin; /* its tasks and the runs below have the same */
	rc = run_is_over(row.state) ? sweep(&a, err) : advance_live(&a, &row, err);
	tx->origin = (struct str){ 0 };
	if (rc != RC_OK)
		return rc;
	if (a.stays_due)
		return flow_mark_due(f, tx, tenant, run, err);
	if (a.waits_for_part && !a.has_ended)
		return DB_RUN(tx->db, SQL_RUN_MARK_DUE, err, BIND_INT(tenant), BIND_INT(run));
	return DB_RUN(tx->db, SQL_RUN_NOT_DUE, err, BIND_INT(tenant), BIND_INT(run));
}
