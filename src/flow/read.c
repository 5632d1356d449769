/* Runs and workflows for people.  Any thread but the engine's: a borrowed reader, results
 * in the caller's arena.  A run, its steps and their tasks are read from one snapshot, so
 * they agree. */
#include <string.h>

#include "flow/flow_priv.h"

/* --- Workflows --- */

static void fill_workflow(const struct rows *rows, struct str name, struct arena *a,
                          struct workflow *ret)
{
	*ret = (struct workflow){ .name = str_dup(a, name),
		                  .version = rows_int(rows, 0),
		                  .created_ms = rows_int(rows, 1),
		                  .description = str_dup(a, rows_str(rows, 2)),
		                  .document = str_dup(a, rows_str(rows, 3)) };
}

static enum rc read_workflow(struct db *db, struct scope scope, struct str name, int64_t version,
                             struct arena *a, struct workflow *ret, struct err *err)
{
	struct rows rows;
	bool is_found = false;
	if (version)
		DB_QUERY(db, SQL_WORKFLOW_GET, &rows, err, BIND_INT(scope.tenant), BIND_STR(name),
		         BIND_INT(version));
	else
		DB_QUERY(db, SQL_WORKFLOW_NEWEST, &rows, err, BIND_INT(scope.tenant),
		         BIND_STR(name));
	if (rows_next(&rows)) {
		is_found = true;
		fill_workflow(&rows, name, a, ret);
	}
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK && !is_found)
		return err_set(err, CODE_NOT_FOUND, "there is no such workflow");
	return rc;
}

static enum rc read_days(struct db *db, struct scope scope, struct arena *a, struct workflow *w,
                         struct err *err)
{
	struct rows rows;
	w->days = arena_new(a, struct workflow_day, WORKFLOW_DAYS_MAX);
	DB_QUERY(db, SQL_WORKFLOW_DAYS, &rows, err, BIND_INT(scope.tenant), BIND_STR(w->name),
	         BIND_INT(WORKFLOW_DAYS_MAX));
	while (rows_next(&rows))
		w->days[w->n_days++] =
		        (struct workflow_day){ rows_int(&rows, 0), rows_int(&rows, 1),
			                       rows_int(&rows, 2), rows_int(&rows, 3),
			                       rows_int(&rows, 4), rows_int(&rows, 5) };
	return rows_end(&rows, err);
}

enum rc workflow_get(struct flow *f, struct scope scope, struct str name, int64_t version,
                     struct arena *a, struct workflow *ret, struct err *err)
{
	struct db *db;
	enum rc rc = store_reader_borrow(f->store, &db, err);
	if (rc != RC_OK)
		return rc;
	rc = read_workflow(db, scope, name, version, a, ret, err);
	if (rc == RC_OK)
		rc = read_days(db, scope, a, ret, err);
	store_reader_return(f->store, db);
	return rc;
}

enum rc workflow_list(struct flow *f, struct scope scope, struct str after, size_t limit,
                      struct arena *a, struct workflow **ret, size_t *ret_n, struct err *err)
{
	struct db *db;
	struct rows rows;
	struct workflow *list = arena_new(a, struct workflow, limit);
	size_t n = 0;
	enum rc rc = store_reader_borrow(f->store, &db, err);
	if (rc != RC_OK)
		return rc;
	DB_QUERY(db, SQL_WORKFLOW_LIST, &rows, err, BIND_INT(scope.tenant), BIND_STR(after),
	         BIND_INT((int64_t)limit));
	while (n < limit && rows_next(&rows))
		list[n++] = (struct workflow){ .name = str_dup(a, rows_str(&rows, 0)),
			                       .version = rows_int(&rows, 1),
			                       .created_ms = rows_int(&rows, 2),
			                       .description = str_dup(a, rows_str(&rows, 3)) };
	rc = rows_end(&rows, err);
	store_reader_return(f->store, db);
	if (rc != RC_OK)
		return rc;
	*ret = list;
	*ret_n = n;
	return RC_OK;
}

/* --- One run --- */

static enum rc read_run_row(struct db *db, struct scope scope, int64_t id, struct arena *a,
                            struct run *ret, struct err *err)
{
	struct rows rows;
	bool is_found = false;
	DB_QUERY(db, SQL_RUN_GET, &rows, err, BIND_INT(scope.tenant), BIND_INT(id));
	if (rows_next(&rows)) {
		is_found = true;
		*ret = (struct run){ .id = id,
			             .workflow = str_dup(a, rows_str(&rows, 0)),
			             .version = rows_int(&rows, 1),
			             .state = (enum run_state)rows_int(&rows, 2),
			             .created_ms = rows_int(&rows, 3),
			             .finished_ms = rows_int(&rows, 4),
			             .steps_done = rows_int(&rows, 5),
			             .steps_total = rows_int(&rows, 6),
			             .input = str_dup(a, rows_str(&rows, 7)),
			             .output = str_dup(a, rows_str(&rows, 8)),
			             .error = str_dup(a, rows_str(&rows, 9)),
			             .parent = rows_int(&rows, 10),
			             .forked_from = rows_int(&rows, 11),
			             .forked_step = str_dup(a, rows_str(&rows, 12)) };
	}
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK && !is_found)
		return err_set(err, CODE_NOT_FOUND, "there is no such run");
	return rc;
}

/* The steps as the definition has them: none has begun. */
static enum rc read_plan(struct db *db, struct scope scope, struct arena *a, struct run *run,
                         struct err *err)
{
	struct workflow w;
	const struct json *document;
	struct definition *d;
	enum rc rc = read_workflow(db, scope, run->workflow, run->version, a, &w, err);
	if (rc == RC_OK)
		rc = json_read(a, w.document, NULL, &document, err);
	if (rc == RC_OK)
		rc = definition_read(document, a, &d, err);
	if (rc != RC_OK)
		return rc;
	bool is_running = run->state == RUN_RUNNING || run->state == RUN_WAITING;
	run->n_steps = d->n_steps;
	run->steps = arena_new(a, struct run_step, d->n_steps);
	for (size_t i = 0; i < d->n_steps; i++)
		run->steps[i] = (struct run_step){
			.name = d->steps[i].name,
			.kind = d->steps[i].kind,
			.type = step_type_text(d->steps[i].type),
			.workflow = d->steps[i].workflow,
			.event = d->steps[i].wait.event,
			.prompt = d->steps[i].approve.prompt,
			.approvers = d->steps[i].approve.approvers,
			.undoing = "",
			.state = is_running ? STEP_WAITING : STEP_CANCELLED,
			.is_each = d->steps[i].each != NULL,
			.items = d->steps[i].each ? 0 : 1,
			.progress = -1,
			.after = d->steps[i].after,
			.n_after = d->steps[i].n_after,
			.reason = is_running ? "waiting_for_steps" : "",
		};
	return RC_OK;
}

static const char *task_reason(enum task_state state, int64_t failures)
{
	switch (state) {
	case TASK_SCHEDULED:
		return failures ? "backoff" : "delayed";
	case TASK_BLOCKED:
		return "waiting_for_capacity";
	case TASK_READY:
		return "waiting_for_agent";
	case TASK_LEASED:
		return "leased";
	case TASK_SUCCEEDED:
	case TASK_FAILED:
	case TASK_CANCELLED:
	case TASK_STATES:
		return "";
	}
	abort();
}

/* What its task says; for an `each` see items_reason(). */
static void fill_task(const struct rows *rows, struct arena *a, struct run_step *s)
{
	if (rows_is_null(rows, 11))
		return;
	s->attempt = rows_int(rows, 12);
	if (!rows_is_null(rows, 13))
		s->progress = rows_double(rows, 13);
	s->message = str_dup(a, rows_str(rows, 14));
	if (s->state == STEP_RUNNING)
		s->reason = task_reason((enum task_state)rows_int(rows, 11), rows_int(rows, 15));
}

static const char *wait_reason(const struct run_step *s)
{
	return strcmp(s->type, "timer") == 0      ? "waiting_for_timer"
	       : strcmp(s->type, "event") == 0    ? "waiting_for_event"
	       : strcmp(s->type, "approval") == 0 ? "waiting_for_approval"
	       : strcmp(s->type, "workflow") == 0 ? "waiting_for_run"
	                                          : "";
}

/* Waits, sub-runs, compensation: what is no task's word. */
static void fill_more(const struct rows *rows, struct arena *a, struct run_step *s)
{
	static const char *const undoing[] = { "", "running", "succeeded", "failed" };
	struct str hash = rows_str(rows, 21);
	int64_t undo = rows_int(rows, 18), skipped = rows_int(rows, 24);
	s->child = rows_int(rows, 16);
	s->is_reused = rows_int(rows, 17) != 0;
	s->undo_task = rows_int(rows, 19);
	/* Between two items it is not at rest. */
	s->undoing = undo == 0 && s->undo_task ? "running" : undoing[undo & 3];
	if (undo == 2 && skipped)
		s->undoing = "skipped";
	s->until_ms = rows_int(rows, 20);
	s->approved = rows_int(rows, 23);
	if (hash.len) {
		char *hex = arena_bytes(a, 2 * hash.len);
		hex_encode(hash.ptr, hash.len, hex);
		s->hash = (struct str){ hex, 2 * hash.len };
	}
}

static void fill_step(const struct rows *rows, struct arena *a, struct run_step *s)
{
	s->state = (enum step_state)rows_int(rows, 1);
	s->items = rows_int(rows, 2);
	s->items_done = rows_int(rows, 3);
	s->items_failed = rows_int(rows, 4);
	s->started_ms = rows_int(rows, 6);
	s->finished_ms = rows_int(rows, 7);
	s->task = rows_int(rows, 8);
	s->error = str_dup(a, rows_str(rows, 9));
	s->output = str_dup(a, rows_str(rows, 10));
	s->reason = s->state == STEP_RUNNING ? wait_reason(s) : "";
	fill_task(rows, a, s);
	fill_more(rows, a, s);
	if (s->is_each && s->items)
		s->progress = (double)(s->items_done + s->items_failed + rows_int(rows, 5)) /
		              (double)s->items;
}

static enum rc read_steps(struct db *db, struct scope scope, struct arena *a, struct run *run,
                          struct err *err)
{
	struct rows rows;
	DB_QUERY(db, SQL_STEP_LIST, &rows, err, BIND_INT(scope.tenant), BIND_INT(run->id));
	while (rows_next(&rows)) {
		int64_t i = rows_int(&rows, 0) - 1;
		assert(i >= 0 && i < (int64_t)run->n_steps);
		fill_step(&rows, a, &run->steps[i]);
	}
	return rows_end(&rows, err);
}

/* Of the items under way the one that is furthest speaks for all. */
static enum rc read_items_reason(struct db *db, struct scope scope, const struct run *run, size_t i,
                                 bool is_held, struct err *err)
{
	struct rows rows;
	struct run_step *s = &run->steps[i];
	DB_QUERY(db, SQL_STEP_ITEMS_STATE, &rows, err, BIND_INT(scope.tenant), BIND_INT(run->id),
	         BIND_INT((int64_t)i + 1));
	if (rows_next(&rows) && !rows_is_null(&rows, 0))
		s->reason = task_reason((enum task_state)rows_int(&rows, 0), 1);
	else if (is_held)
		s->reason = "waiting_for_disk";
	return rows_end(&rows, err);
}

static bool is_descriptor(struct str output)
{
	return str_starts(output, STR("{\"$artifact\":"));
}

/* A step that could begin waits for room on the disk, or for parts of large outputs. */
static void fill_begin(struct run *run, bool is_held)
{
	for (size_t i = 0; i < run->n_steps; i++) {
		struct run_step *s = &run->steps[i];
		bool may_begin = s->state == STEP_WAITING && s->reason[0], is_behind_large = false;
		for (size_t j = 0; j < s->n_after && may_begin; j++) {
			const struct run_step *before = &run->steps[s->after[j]];
			may_begin =
			        before->state == STEP_SUCCEEDED || before->state == STEP_SKIPPED;
			is_behind_large |= is_descriptor(before->output);
		}
		if (may_begin && is_held)
			s->reason = "waiting_for_disk";
		else if (may_begin && is_behind_large)
			s->reason = "waiting_for_output";
	}
}

static enum rc read_run(struct flow *f, struct db *db, struct scope scope, int64_t id,
                        struct arena *a, struct run *ret, struct err *err)
{
	enum rc rc = read_run_row(db, scope, id, a, ret, err);
	if (rc == RC_OK)
		rc = read_plan(db, scope, a, ret, err);
	if (rc == RC_OK)
		rc = read_steps(db, scope, a, ret, err);
	for (size_t i = 0; rc == RC_OK && i < ret->n_steps; i++)
		if (ret->steps[i].is_each && ret->steps[i].state == STEP_RUNNING &&
		    ret->steps[i].kind.len)
			rc = read_items_reason(db, scope, ret, i, f->is_held, err);
	if (rc == RC_OK)
		fill_begin(ret, f->is_held);
	return rc;
}

enum rc run_get(struct flow *f, struct scope scope, int64_t id, struct arena *a, struct run *ret,
                struct err *err)
{
	struct db *db;
	enum rc rc = store_reader_borrow(f->store, &db, err);
	if (rc != RC_OK)
		return rc;
	rc = db_snapshot(db, err);
	if (rc == RC_OK) {
		rc = read_run(f, db, scope, id, a, ret, err);
		db_snapshot_end(db);
	}
	store_reader_return(f->store, db);
	return rc;
}

/* --- Lists --- */

static void query_runs(struct db *db, struct scope scope, const struct run_filter *filter,
                       struct rows *rows, struct err *err)
{
	struct bind tenant = BIND_INT(scope.tenant), limit = BIND_INT((int64_t)filter->limit);
	struct bind before = BIND_INT(filter->before ? filter->before : INT64_MAX);
	if (filter->workflow.len)
		DB_QUERY(db, SQL_RUN_LIST_OF_WORKFLOW, rows, err, tenant, before, limit,
		         BIND_INT(filter->state), BIND_STR(filter->workflow));
	else if (filter->state >= 0)
		DB_QUERY(db, SQL_RUN_LIST_OF_STATE, rows, err, tenant, before, limit,
		         BIND_INT(filter->state));
	else
		DB_QUERY(db, SQL_RUN_LIST, rows, err, tenant, before, limit);
}

enum rc run_list(struct flow *f, struct scope scope, const struct run_filter *filter,
                 struct arena *a, struct run **ret, size_t *ret_n, struct err *err)
{
	struct db *db;
	struct rows rows;
	struct run *list = arena_new(a, struct run, filter->limit);
	size_t n = 0;
	enum rc rc = store_reader_borrow(f->store, &db, err);
	if (rc != RC_OK)
		return rc;
	query_runs(db, scope, filter, &rows, err);
	while (n < filter->limit && rows_next(&rows))
		list[n++] = (struct run){ .id = rows_int(&rows, 0),
			                  .workflow = str_dup(a, rows_str(&rows, 1)),
			                  .version = rows_int(&rows, 2),
			                  .state = (enum run_state)rows_int(&rows, 3),
			                  .created_ms = rows_int(&rows, 4),
			                  .finished_ms = rows_int(&rows, 5),
			                  .steps_done = rows_int(&rows, 6),
			                  .steps_total = rows_int(&rows, 7) };
	rc = rows_end(&rows, err);
	store_reader_return(f->store, db);
	if (rc != RC_OK)
		return rc;
	*ret = list;
	*ret_n = n;
	return RC_OK;
}

static enum rc count_state(struct db *db, struct scope scope, enum run_state state, int64_t max,
                           int64_t *ret, struct err *err)
{
	struct rows rows;
	*ret = 0;
	DB_QUERY(db, SQL_RUN_COUNT, &rows, err, BIND_INT(scope.tenant), BIND_INT(state),
	         BIND_INT(max));
	if (rows_next(&rows))
		*ret = rows_int(&rows, 0);
	return rows_end(&rows, err);
}

enum rc run_counts(struct flow *f, struct scope scope, int64_t max, int64_t ret[RUN_STATES],
                   struct err *err)
{
	static const enum run_state counted[] = { RUN_RUNNING, RUN_WAITING, RUN_COMPENSATING,
		                                  RUN_COMPENSATION_FAILED };
	struct db *db;
	int64_t found[RUN_STATES] = { 0 };
	enum rc rc = store_reader_borrow(f->store, &db, err);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < ARRAY_LEN(counted) && rc == RC_OK; i++)
		rc = count_state(db, scope, counted[i], max, &found[counted[i]], err);
	store_reader_return(f->store, db);
	if (rc == RC_OK)
		memcpy(ret, found, sizeof found);
	return rc;
}
