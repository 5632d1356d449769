/* How steps and runs end: the rows, the events, and the tasks that are left.
 *
 * A run's state says it has ended as soon as that is decided; its open tasks are then
 * cancelled in slices while the run stays due.  Both are in the rows, so a crash between
 * two slices loses nothing. */
#include "flow/flow_priv.h"

/* At most n bytes, no character cut in two. */
static struct str cut(struct str s, size_t n)
{
	if (s.len <= n)
		return s;
	while (n && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
		n--;
	return str_sub(s, 0, n);
}

static void put_failure(struct json_out *o, const struct failure *why)
{
	json_begin_object(o);
	json_put_str(o, "code", cut(why->code, 100));
	json_put_str(o, "message", cut(why->message, ERROR_MESSAGE_MAX));
	if (why->step.len)
		json_put_str(o, "step", why->step);
	if (why->item)
		json_put_int(o, "item", why->item);
	if (why->compensation) {
		json_keyz(o, "compensation");
		put_failure(o, why->compensation);
	}
	json_end_object(o);
}

static void begin_words(struct flow *f, struct json_out *o)
{
	buf_clear(&f->words);
	json_out_init(o, &f->words);
}

static struct str end_words(struct flow *f)
{
	assert(buf_rc(&f->words) == RC_OK); /* its pieces are bounded */
	return buf_str(&f->words);
}

/* The words that were written are what an event of the run says. */
static void tell(struct flow *f, struct tx *tx, struct scope scope, int64_t run, const char *type)
{
	tx_event(tx, &(struct event_new){ .tenant = scope.tenant,
	                                  .actor = scope.actor,
	                                  .type = type,
	                                  .subject = run,
	                                  .run = run,
	                                  .data = end_words(f) });
}

struct str failure_json(struct flow *f, const struct failure *why)
{
	struct json_out o;
	begin_words(f, &o);
	put_failure(&o, why);
	return end_words(f);
}

void step_event(struct flow *f, struct tx *tx, struct scope scope, int64_t run, struct str name,
                enum step_state state, int64_t items, const struct failure *why)
{
	struct json_out o;
	begin_words(f, &o);
	json_begin_object(&o);
	json_put_str(&o, "step", name);
	json_put_str(&o, "state", str_z(step_state_text(state)));
	if (items >= 0)
		json_put_int(&o, "items", items);
	if (why) {
		json_keyz(&o, "error");
		put_failure(&o, why);
	}
	json_end_object(&o);
	tell(f, tx, scope, run, "run.step");
}

void compensation_event(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                        struct str step, int64_t item, const char *state, const struct failure *why)
{
	struct json_out o;
	begin_words(f, &o);
	json_begin_object(&o);
	json_put_str(&o, "step", step);
	if (item)
		json_put_int(&o, "item", item);
	json_put_str(&o, "state", str_z(state));
	if (why) {
		json_keyz(&o, "error");
		put_failure(&o, why);
	}
	json_end_object(&o);
	tell(f, tx, scope, run, "run.compensation");
}

static void run_event(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                      enum run_state state, const struct failure *why)
{
	static const char *const types[RUN_STATES] = {
		[RUN_RUNNING] = "run.started",
		[RUN_SUCCEEDED] = "run.succeeded",
		[RUN_FAILED] = "run.failed",
		[RUN_CANCELLED] = "run.cancelled",
		[RUN_COMPENSATING] = "run.compensating",
		[RUN_COMPENSATION_FAILED] = "run.compensation_failed",
	};
	struct json_out o;
	assert(types[state]);
	begin_words(f, &o);
	json_begin_object(&o);
	if (why) {
		json_keyz(&o, "error");
		put_failure(&o, why);
	}
	json_end_object(&o);
	tell(f, tx, scope, run, types[state]);
}

static enum rc cancel_steps(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                            const struct definition *d, struct err *err)
{
	struct rows rows;
	DB_QUERY(tx->db, SQL_STEP_CANCEL_RUNNING, &rows, err, BIND_INT(scope.tenant), BIND_INT(run),
	         BIND_INT(tx->now_ms));
	while (rows_next(&rows)) {
		int64_t step = rows_int(&rows, 0) - 1;
		if (d)
			step_event(f, tx, scope, run, d->steps[step].name, STEP_CANCELLED, -1,
			           NULL);
	}
	return rows_end(&rows, err);
}

/* Nothing waits any longer, and nobody will take what has come. */
static enum rc drop_waits(struct tx *tx, struct scope scope, int64_t run, struct err *err)
{
	enum rc rc =
	        DB_RUN(tx->db, SQL_WAIT_DELETE_ALL, err, BIND_INT(scope.tenant), BIND_INT(run));
	if (rc != RC_OK)
		return rc;
	return DB_RUN(tx->db, SQL_INBOX_CLEAR, err, BIND_INT(scope.tenant), BIND_INT(run));
}

/* Where a run stands below another. */
struct place {
	int64_t parent, step; /* parent 0: nowhere */
	bool was_told;        /* the run above has heard of an end: this one was resumed */
	struct str workflow;  /* in the transaction's arena */
	int64_t created_ms;
};

/* The run above hears of it as of a task. */
static enum rc tell_parent(struct flow *f, struct tx *tx, struct scope scope, const struct place *p,
                           enum run_state state, struct err *err)
{
	enum task_state as = state == RUN_SUCCEEDED   ? TASK_SUCCEEDED
	                     : state == RUN_CANCELLED ? TASK_CANCELLED
	                                              : TASK_FAILED;
	enum rc rc = RC_OK;
	if (!p->was_told)
		rc = flow_item_ended(f, tx, scope.tenant, p->parent, p->step, as, err);
	/* One that compensates waits for the runs below it, whatever their step's state. */
	return rc == RC_OK ? flow_mark_due(f, tx, scope.tenant, p->parent, err) : rc;
}

static enum rc write_end(struct tx *tx, struct scope scope, int64_t run, enum run_state state,
                         struct str output, struct bind error, int64_t expires_ms,
                         struct place *ret, struct err *err)
{
	struct rows rows;
	*ret = (struct place){ .parent = 0 };
	DB_QUERY(tx->db, SQL_RUN_END, &rows, err, BIND_INT(scope.tenant), BIND_INT(run),
	         BIND_INT(state), BIND_INT(tx->now_ms), bind_opt_str(output), error,
	         BIND_INT(expires_ms));
	while (rows_next(&rows))
		*ret = (struct place){ .parent = rows_int(&rows, 0),
			               .step = rows_int(&rows, 1),
			               .was_told = rows_int(&rows, 2) > 0,
			               .workflow = str_dup(tx->arena, rows_str(&rows, 3)),
			               .created_ms = rows_int(&rows, 4) };
	return rows_end(&rows, err);
}

static void count_end(struct tx *tx, enum run_state state)
{
	if (state == RUN_SUCCEEDED)
		tx_count(tx, COUNT_RUNS_SUCCEEDED, 1);
	else
		tx_count(tx, state == RUN_CANCELLED ? COUNT_RUNS_CANCELLED : COUNT_RUNS_FAILED, 1);
}

enum rc run_end(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                const struct definition *d, enum run_state state, struct str output,
                const struct failure *why, struct err *err)
{
	struct place place;
	assert(run_is_over(state));
	enum rc rc = cancel_steps(f, tx, scope, run, d, err);
	if (rc == RC_OK)
		rc = drop_waits(tx, scope, run, err);
	if (rc != RC_OK)
		return rc;
	struct bind error = why ? BIND_STR(failure_json(f, why)) : BIND_NULL;
	int64_t expires_ms = retention_expires_ms(f, tx, d);
	rc = write_end(tx, scope, run, state, output, error, expires_ms, &place, err);
	if (rc == RC_OK)
		rc = retention_count(tx, scope, place.workflow, state,
		                     tx->now_ms - place.created_ms, err);
	if (rc != RC_OK)
		return rc;
	run_event(f, tx, scope, run, state, why);
	count_end(tx, state);
	rc = place.parent ? tell_parent(f, tx, scope, &place, state, err)
	                  : DB_RUN(tx->db, SQL_RUN_FAMILY_END, err, BIND_INT(scope.tenant),
	                           BIND_INT(run));
	return rc == RC_OK ? flow_mark_due(f, tx, scope.tenant, run, err) : rc;
}

static enum rc begin_compensating(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                                  const struct definition *d, enum run_state outcome,
                                  const struct failure *why, struct err *err)
{
	enum rc rc = cancel_steps(f, tx, scope, run, d, err);
	if (rc == RC_OK)
		rc = drop_waits(tx, scope, run, err);
	if (rc == RC_OK)
		rc = DB_RUN(tx->db, SQL_RUN_COMPENSATING, err, BIND_INT(scope.tenant),
		            BIND_INT(run), BIND_INT(outcome), BIND_STR(failure_json(f, why)));
	if (rc != RC_OK)
		return rc;
	run_event(f, tx, scope, run, RUN_COMPENSATING, why);
	return flow_mark_due(f, tx, scope.tenant, run, err);
}

enum rc run_stop(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                 const struct definition *d, enum run_state state, const struct failure *why,
                 struct err *err)
{
	bool is_due = false;
	enum rc rc = RC_OK;
	if (d && d->is_compensating)
		rc = compensation_is_due(tx, scope, run, d, &is_due, err);
	if (rc != RC_OK)
		return rc;
	if (is_due)
		return begin_compensating(f, tx, scope, run, d, state, why, err);
	return run_end(f, tx, scope, run, d, state, (struct str){ 0 }, why, err);
}

/* --- Cancelling what is left --- */

struct sweep {
	int64_t ids[ADVANCE_SLICE]; /* tasks; runs when is_child */
	size_t n;                   /* of those to cancel */
	bool is_child;
	int64_t looked; /* rows */
	int64_t swept;  /* the last item looked at */
};

static enum rc next_step(struct tx *tx, struct scope scope, int64_t run, int64_t *ret_step,
                         struct sweep *s, struct err *err)
{
	struct rows rows;
	*ret_step = 0;
	DB_QUERY(tx->db, SQL_STEP_TO_SWEEP, &rows, err, BIND_INT(scope.tenant), BIND_INT(run));
	if (rows_next(&rows)) {
		*ret_step = rows_int(&rows, 0);
		s->swept = rows_int(&rows, 1);
		s->is_child = rows_int(&rows, 2) == STEP_CHILD;
	}
	return rows_end(&rows, err);
}

static enum rc find_items(struct tx *tx, struct scope scope, int64_t run, int64_t step,
                          int64_t limit, struct sweep *s, struct err *err)
{
	struct rows rows;
	DB_QUERY(tx->db, s->is_child ? SQL_RUN_CHILDREN : SQL_STEP_TASKS, &rows, err,
	         BIND_INT(scope.tenant), BIND_INT(run), BIND_INT(step), BIND_INT(s->swept),
	         BIND_INT(limit));
	while (rows_next(&rows)) {
		bool is_over = s->is_child ? run_is_over((enum run_state)rows_int(&rows, 2))
		                           : rows_int(&rows, 2) >= TASK_SUCCEEDED;
		if (!is_over)
			s->ids[s->n++] = rows_int(&rows, 0);
		s->swept = rows_int(&rows, 1);
		s->looked++;
	}
	return rows_end(&rows, err);
}

/* One that is being compensated already stays so. */
static enum rc cancel_child(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                            struct err *err)
{
	enum rc rc = run_cancel(f, tx, scope, run, STR("the run above was stopped"), err);
	return rc == RC_CONFLICT ? RC_OK : rc;
}

static enum rc sweep_step(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                          int64_t step, struct sweep *s, int64_t limit, struct err *err)
{
	enum rc rc = find_items(tx, scope, run, step, limit, s, err);
	for (size_t i = 0; i < s->n && rc == RC_OK; i++)
		rc = s->is_child ? cancel_child(f, tx, scope, s->ids[i], err)
		                 : queue_cancel_tx(f->queue, tx, scope, s->ids[i], err);
	if (rc != RC_OK)
		return rc;
	/* Fewer than asked for: there are no more, whatever the counters say. */
	if (s->looked < limit)
		s->swept = INT64_MAX;
	return DB_RUN(tx->db, SQL_STEP_SWEPT, err, BIND_INT(scope.tenant), BIND_INT(run),
	              BIND_INT(step), BIND_INT(s->swept));
}

enum rc run_sweep(struct flow *f, struct tx *tx, struct scope scope, int64_t run, int64_t slice,
                  bool *ret_left, struct err *err)
{
	*ret_left = true;
	while (slice > 0) {
		int64_t step;
		struct sweep s = { .n = 0 };
		enum rc rc = next_step(tx, scope, run, &step, &s, err);
		if (rc == RC_OK && !step)
			*ret_left = false;
		if (rc != RC_OK || !step)
			return rc;
		rc = sweep_step(f, tx, scope, run, step, &s, int64_min(slice, ADVANCE_SLICE), err);
		if (rc != RC_OK)
			return rc;
		slice -= s.looked + 1;
	}
	return RC_OK;
}
