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
#include "flow/flow_priv.h"

#include "codec/schema.h"
#include "flow/reference.h"

struct step_record {
	bool has_begun;
	enum step_state state;
	int64_t items, submitted, succeeded, failed, cancelled, task;
};

/* One run, being advanced. */
struct advance {
	struct reference_data data; /* first: casts back */
	struct flow *f;
	struct tx *tx;
	struct scope scope; /* of who started the run */
	int64_t run;
	const struct definition *d;
	struct step_record *steps;
	const struct json *item; /* the one whose input is put together */
	struct json index;
	char digits[24]; /* of the index */
	int64_t slice;   /* tasks that may still be submitted or cancelled */
	bool stays_due, has_ended;
};

static bool is_done(const struct step_record *s)
{
	return s->has_begun && (s->state == STEP_SUCCEEDED || s->state == STEP_SKIPPED);
}

static int64_t ended(const struct step_record *s)
{
	return s->succeeded + s->failed + s->cancelled;
}

static bool is_spent(const struct advance *a)
{
	return a->slice <= 0 || flow_room(a->f, a->tx) <= 0;
}

/* Is this failure the run's own, and not the store's? */
static bool is_own(enum rc rc)
{
	return rc == RC_INVALID || rc == RC_LIMIT;
}

/* --- Recorded values --- */

static enum rc record(struct advance *a, struct rows *rows, int64_t slot, struct recorded_doc **ret,
                      struct err *err)
{
	enum rc rc = RC_OK;
	struct str text = STR("null");
	if (rows_next(rows)) {
		if (!rows_is_null(rows, 0))
			text = rows_str(rows, 0);
		rc = recorded_add(&a->f->recorded, a->run, slot, text, ret, err);
	} else if (rows->rc == RC_OK) {
		rc = recorded_add(&a->f->recorded, a->run, slot, text, ret, err);
	}
	enum rc end = rows_end(rows, rc == RC_OK ? err : NULL);
	return rc == RC_OK ? end : rc;
}

static enum rc find_input(struct advance *a, const struct json **ret, struct err *err)
{
	struct recorded_doc *doc = recorded_find(&a->f->recorded, a->run, RECORDED_INPUT);
	enum rc rc = RC_OK;
	if (!doc) {
		struct rows rows;
		DB_QUERY(a->tx->db, SQL_RUN_INPUT, &rows, err, BIND_INT(a->scope.tenant),
		         BIND_INT(a->run));
		rc = record(a, &rows, RECORDED_INPUT, &doc, err);
	}
	if (rc == RC_OK)
		*ret = doc->value;
	return rc;
}

static enum rc find_output(struct advance *a, int64_t step, const struct json **ret,
                           struct err *err)
{
	int64_t slot = RECORDED_OUTPUT + step;
	struct recorded_doc *doc = recorded_find(&a->f->recorded, a->run, slot);
	enum rc rc = RC_OK;
	if (!doc) {
		struct rows rows;
		int64_t tenant = a->scope.tenant;
		if (a->d->steps[step].each)
			DB_QUERY(a->tx->db, SQL_STEP_OUTPUT, &rows, err, BIND_INT(tenant),
			         BIND_INT(a->run), BIND_INT(step + 1));
		else
			DB_QUERY(a->tx->db, SQL_STEP_TASK_OUTPUT, &rows, err, BIND_INT(tenant),
			         BIND_INT(a->steps[step].task));
		rc = record(a, &rows, slot, &doc, err);
	}
	if (rc == RC_OK)
		*ret = doc->value;
	return rc;
}

/* A skipped step's output is null, and so is everything below it: else a step behind it
 * could not name a part of that output, and skipping would fail the run. */
static enum rc find_in_step(struct advance *a, const struct reference *r, const struct json **ret,
                            struct err *err)
{
	static const struct json null_value = { .type = JSON_NULL, .raw = STR_INIT("null") };
	int64_t step = definition_find(a->d, r->step);
	assert(step >= 0 && is_done(&a->steps[step]));
	if (a->steps[step].state == STEP_SKIPPED) {
		*ret = &null_value;
		return RC_OK;
	}
	enum rc rc = find_output(a, step, ret, err);
	if (rc == RC_OK)
		*ret = json_pointer(*ret, r->rest);
	return rc;
}

static enum rc find(struct reference_data *data, const struct reference *r, const struct json **ret,
                    struct err *err)
{
	struct advance *a = (struct advance *)data;
	enum rc rc = RC_OK;
	switch (r->source) {
	case REFERENCE_INPUT:
		rc = find_input(a, ret, err);
		if (rc == RC_OK)
			*ret = json_pointer(*ret, r->rest);
		return rc;
	case REFERENCE_STEP:
		return find_in_step(a, r, ret, err);
	case REFERENCE_ITEM:
		*ret = json_pointer(a->item, r->rest);
		return RC_OK;
	case REFERENCE_INDEX:
		*ret = &a->index;
		return RC_OK;
	}
	abort();
}

/* Into f->value; valid until its next use. */
static enum rc resolve(struct advance *a, const struct json *template, struct str *ret,
                       struct err *err)
{
	buf_clear(&a->f->value);
	enum rc rc = reference_resolve(template, &a->data, &a->f->value, err);
	if (rc == RC_OK)
		*ret = buf_str(&a->f->value);
	return rc;
}

/* The items of an `each`, pinned until unpin: their inputs look up other values. */
static enum rc pin_items(struct advance *a, int64_t i, struct recorded_doc **ret, struct err *err)
{
	int64_t slot = RECORDED_ITEMS + i;
	struct recorded_doc *doc = recorded_find(&a->f->recorded, a->run, slot);
	enum rc rc = RC_OK;
	if (!doc) {
		struct str text;
		rc = resolve(a, a->d->steps[i].each, &text, err);
		if (rc == RC_OK)
			rc = recorded_add(&a->f->recorded, a->run, slot, text, &doc, err);
	}
	if (rc != RC_OK)
		return rc;
	doc->is_pinned = true;
	*ret = doc;
	return RC_OK;
}

static void unpin_items(struct advance *a, int64_t i)
{
	struct recorded_doc *doc = recorded_find(&a->f->recorded, a->run, RECORDED_ITEMS + i);
	if (doc)
		doc->is_pinned = false;
}

/* --- Ends of steps --- */

static enum rc end_step(struct advance *a, int64_t i, enum step_state state, struct str output,
                        struct str error, struct err *err)
{
	a->steps[i].state = state;
	return DB_RUN(a->tx->db, SQL_STEP_END, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	              BIND_INT(i + 1), BIND_INT(state), BIND_INT(a->tx->now_ms),
	              bind_opt_str(output), bind_opt_str(error));
}

/* The step has failed, so the run has. */
static enum rc fail_step(struct advance *a, int64_t i, struct failure why, struct err *err)
{
	struct str name = a->d->steps[i].name;
	/* Of a single task that failed, the task's own error says more. */
	bool is_told_by_task = a->steps[i].task && a->steps[i].failed + a->steps[i].cancelled > 0;
	struct str error = is_told_by_task ? (struct str){ 0 } : failure_json(a->f, &why);
	enum rc rc = end_step(a, i, STEP_FAILED, (struct str){ 0 }, error, err);
	if (rc != RC_OK)
		return rc;
	step_event(a->f, a->tx, a->scope, a->run, name, STEP_FAILED, -1, &why);
	why.step = name;
	a->has_ended = true;
	return run_end(a->f, a->tx, a->scope, a->run, a->d, RUN_FAILED, (struct str){ 0 }, &why,
	               err);
}

static enum rc fail_step_by(struct advance *a, int64_t i, const struct err *why, struct err *err)
{
	struct failure failure = { .code = str_z(code_text(why->code)),
		                   .message = str_z(why->text) };
	return fail_step(a, i, failure, err);
}

static struct failure failure_of_task(struct arena *a, struct str error)
{
	const struct json *v = NULL;
	struct str text = str_dup(a, error);
	if (json_read(a, text, NULL, &v, NULL) != RC_OK)
		v = NULL;
	return (struct failure){
		.code = json_get_str(v, "code", STR("failed")),
		.message = json_get_str(v, "message", STR("the task failed")),
	};
}

/* Of several items that failed, the first in order is named. */
static enum rc fail_by_task(struct advance *a, int64_t i, struct err *err)
{
	struct rows rows;
	struct failure why = { .code = STR("failed"), .message = STR("the task failed") };
	DB_QUERY(a->tx->db, SQL_STEP_TASK_FAILED, &rows, err, BIND_INT(a->scope.tenant),
	         BIND_INT(a->run), BIND_INT(i + 1));
	if (rows_next(&rows)) {
		why = failure_of_task(a->tx->arena, rows_str(&rows, 2));
		why.item = a->d->steps[i].each ? rows_int(&rows, 0) : 0;
	}
	enum rc rc = rows_end(&rows, err);
	return rc == RC_OK ? fail_step(a, i, why, err) : rc;
}

static void put_item(struct json_out *o, const struct rows *rows)
{
	struct str output = rows_str(rows, 1), error = rows_str(rows, 2);
	if (rows_int(rows, 0) == TASK_SUCCEEDED) {
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
	DB_QUERY(a->tx->db, SQL_STEP_TASK_OUTPUTS, &rows, err, BIND_INT(a->scope.tenant),
	         BIND_INT(a->run), BIND_INT(i + 1));
	while (rows_next(&rows) && buf_rc(value) == RC_OK)
		put_item(&o, &rows);
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

static enum rc succeed_step(struct advance *a, int64_t i, struct err *err)
{
	struct str output = { 0 };
	enum rc rc = a->d->steps[i].each ? collect(a, i, &output, err) : RC_OK;
	if (is_own(rc)) {
		struct err why = *err;
		return fail_step_by(a, i, &why, err);
	}
	if (rc == RC_OK)
		rc = end_step(a, i, STEP_SUCCEEDED, output, (struct str){ 0 }, err);
	if (rc == RC_OK)
		step_event(a->f, a->tx, a->scope, a->run, a->d->steps[i].name, STEP_SUCCEEDED, -1,
		           NULL);
	return rc;
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
		                 .attempts_max = def->attempts_max,
		                 .retry_base_ms = def->retry_base_ms,
		                 .retry_cap_ms = def->retry_cap_ms,
		                 .timeout_ms = def->timeout_ms,
		                 .run = a->run,
		                 .step = i + 1,
		                 .item = item };
	rc = queue_submit_tx(a->f->queue, a->tx, a->scope, &task, &submitted, err);
	if (rc == RC_OK)
		*ret = submitted.id;
	return rc;
}

static void set_item(struct advance *a, const struct json *item, int64_t index)
{
	int n = snprintf(a->digits, sizeof a->digits, "%lld", (long long)index);
	a->item = item;
	a->index = (struct json){ .type = JSON_NUMBER,
		                  .is_int = true,
		                  .integer = index,
		                  .number = (double)index,
		                  .raw = { a->digits, (size_t)n } };
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
		int64_t task;
		set_item(a, item, s->submitted);
		rc = submit(a, i, s->submitted + 1, &task, err);
		if (rc != RC_OK)
			break;
		s->submitted++;
		a->slice--;
		if (!def->each)
			s->task = task;
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
	rc = submit_items(a, i, json_at(items->value, (size_t)s->submitted), err);
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
	              BIND_INT(a->tx->now_ms), bind_opt_int(s->task));
}

static enum rc skip_step(struct advance *a, int64_t i, struct err *err)
{
	step_event(a->f, a->tx, a->scope, a->run, a->d->steps[i].name, STEP_SKIPPED, -1, NULL);
	return end_step(a, i, STEP_SKIPPED, (struct str){ 0 }, (struct str){ 0 }, err);
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
	return submit_slice(a, i, err);
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
		return fail_step_by(a, i, &why, err);
	if (!holds)
		return skip_step(a, i, err);
	return s->items ? RC_OK : succeed_step(a, i, err);
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
	return fail_step_by(a, i, &why, err);
}

static enum rc advance_step(struct advance *a, int64_t i, struct err *err)
{
	const struct step_def *def = &a->d->steps[i];
	struct step_record *s = &a->steps[i];
	if (!s->has_begun && may_begin(a, i)) {
		if (!is_spent(a))
			return begin_step(a, i, err);
		a->stays_due = true;
	}
	if (!s->has_begun || s->state != STEP_RUNNING)
		return RC_OK;
	if (s->failed + s->cancelled && !def->is_collect)
		return fail_by_task(a, i, err);
	if (ended(s) == s->items)
		return succeed_step(a, i, err);
	return has_room(def, s) ? continue_step(a, i, err) : RC_OK;
}

static enum rc end_run(struct advance *a, struct err *err)
{
	struct str output = { 0 };
	struct err why = { .rc = RC_OK };
	a->has_ended = true;
	enum rc rc = resolve(a, a->d->output, &output, &why);
	if (rc == RC_OK)
		return run_end(a->f, a->tx, a->scope, a->run, a->d, RUN_SUCCEEDED, output, NULL,
		               err);
	if (!is_own(rc)) {
		*err = why;
		return rc;
	}
	enum code code = why.code == CODE_TOO_LARGE ? CODE_OUTPUT_TOO_LARGE : why.code;
	struct failure failure = { .code = str_z(code_text(code)), .message = str_z(why.text) };
	return run_end(a->f, a->tx, a->scope, a->run, a->d, RUN_FAILED, (struct str){ 0 }, &failure,
	               err);
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
		};
	}
	return rows_end(&rows, err);
}

/* --- One run --- */

struct run_row {
	bool is_found;
	enum run_state state;
	struct str workflow;
	int64_t version, actor, steps_done;
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
			                 .steps_done = rows_int(&rows, 4) };
	return rows_end(&rows, err);
}

/* Its steps, unless its definition can no longer be read: then the run has failed. */
static enum rc advance_running(struct advance *a, struct run_row *row, struct err *err)
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
	rc = load_steps(a, err);
	if (rc == RC_OK)
		rc = advance_steps(a, err);
	if (rc == RC_OK)
		row->steps_done = count_done(a);
	return rc;
}

/* A cancelled task changes two rows. */
static enum rc sweep(struct advance *a, struct err *err)
{
	int64_t slice = int64_min(a->slice, flow_room(a->f, a->tx) / 2);
	return run_sweep(a->f, a->tx, a->scope, a->run, slice, &a->stays_due, err);
}

enum rc run_advance(struct flow *f, struct tx *tx, int64_t tenant, int64_t run, struct err *err)
{
	struct run_row row;
	enum rc rc = load_run(tx, tenant, run, &row, err);
	if (rc != RC_OK || !row.is_found)
		return rc;
	struct advance a = { .data = { find },
		             .f = f,
		             .tx = tx,
		             .run = run,
		             .scope = { tenant, row.actor, ROLE_MAKER },
		             .slice = ADVANCE_SLICE,
		             .has_ended = row.state != RUN_RUNNING };
	int64_t steps_done = row.steps_done;
	if (!a.has_ended)
		rc = advance_running(&a, &row, err);
	if (rc == RC_OK && a.has_ended)
		rc = sweep(&a, err);
	if (rc == RC_OK && row.steps_done != steps_done)
		rc = DB_RUN(tx->db, SQL_RUN_STEPS_DONE, err, BIND_INT(tenant), BIND_INT(run),
		            BIND_INT(row.steps_done));
	if (rc != RC_OK)
		return rc;
	if (a.stays_due)
		return flow_mark_due(f, tx, tenant, run, err);
	return DB_RUN(tx->db, SQL_RUN_NOT_DUE, err, BIND_INT(tenant), BIND_INT(run));
}
