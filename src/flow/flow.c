/* The engine of workflows as a participant of every batch: who is due, and fairly.
 *
 * (1) Which runs are due stands in a table; what is kept in memory is a hint and a place
 *     to go on from, so a restart loses nothing.
 * (2) When a task ends, its step's counters change and its run becomes due if that can
 *     matter: one or two rows, whatever the size of the run.
 * (3) In one batch a run is advanced at most once, and rows are changed only up to a
 *     bound; turns go round by id, so a wide run does not keep the others waiting. */
#include "flow/flow_priv.h"

#include "codec/schema.h"

const char *run_state_text(enum run_state s)
{
	static const char *const texts[RUN_STATES] = {
		[RUN_RUNNING] = "running",
		[RUN_SUCCEEDED] = "succeeded",
		[RUN_FAILED] = "failed",
		[RUN_CANCELLED] = "cancelled",
		[RUN_WAITING] = "waiting",
		[RUN_COMPENSATING] = "compensating",
		[RUN_COMPENSATION_FAILED] = "compensation_failed",
	};
	assert(s < RUN_STATES);
	return texts[s];
}

bool run_is_over(enum run_state s)
{
	return s != RUN_RUNNING && s != RUN_WAITING && s != RUN_COMPENSATING;
}

bool run_state_parse(struct str text, enum run_state *ret)
{
	for (enum run_state s = 0; s < RUN_STATES; s++) {
		if (!str_eqz(text, run_state_text(s)))
			continue;
		*ret = s;
		return true;
	}
	return false;
}

const char *step_state_text(enum step_state s)
{
	static const char *const texts[STEP_STATES] = {
		[STEP_WAITING] = "waiting",     [STEP_RUNNING] = "running",
		[STEP_SUCCEEDED] = "succeeded", [STEP_FAILED] = "failed",
		[STEP_SKIPPED] = "skipped",     [STEP_CANCELLED] = "cancelled",
	};
	assert(s < STEP_STATES);
	return texts[s];
}

enum rc flow_mark_due(struct flow *f, struct tx *tx, int64_t tenant, int64_t run, struct err *err)
{
	f->has_due = true;
	return DB_RUN(tx->db, SQL_RUN_MARK_DUE, err, BIND_INT(tenant), BIND_INT(run));
}

/* --- A task has ended, or a run that is a step of another --- */

enum rc flow_item_ended(struct flow *f, struct tx *tx, int64_t tenant, int64_t run, int64_t step,
                        enum task_state state, struct err *err)
{
	struct rows rows;
	bool matters = false;
	DB_QUERY(tx->db, SQL_STEP_ITEM_ENDED, &rows, err, BIND_INT(tenant), BIND_INT(run),
	         BIND_INT(step), BIND_INT(state == TASK_SUCCEEDED), BIND_INT(state == TASK_FAILED),
	         BIND_INT(state == TASK_CANCELLED));
	while (rows_next(&rows)) {
		bool is_running = rows_int(&rows, 0) == STEP_RUNNING;
		bool is_last = rows_int(&rows, 1) == rows_int(&rows, 2);
		bool makes_room = rows_int(&rows, 3) > 0;
		bool is_collect = rows_int(&rows, 4) != 0;
		bool is_bad = state != TASK_SUCCEEDED && !is_collect;
		matters = is_running && (is_last || makes_room || is_bad);
	}
	enum rc rc = rows_end(&rows, err);
	return rc == RC_OK && matters ? flow_mark_due(f, tx, tenant, run, err) : rc;
}

/* A compensation's task carries its step's number below zero. */
static enum rc on_task_end(void *ctx, struct tx *tx, const struct task_end *end, struct err *err)
{
	struct flow *f = ctx;
	if (end->step < 0)
		return flow_mark_due(f, tx, end->scope.tenant, end->run, err);
	return flow_item_ended(f, tx, end->scope.tenant, end->run, end->step, end->state, err);
}

/* --- Turns --- */

struct due_run {
	int64_t id, tenant;
};

static enum rc list_due(struct tx *tx, int64_t above, int64_t to, struct due_run *list, size_t *n,
                        struct err *err)
{
	struct rows rows;
	int64_t room = (int64_t)(RUNS_PER_BATCH - *n);
	DB_QUERY(tx->db, SQL_RUN_DUE, &rows, err, BIND_INT(above), BIND_INT(to), BIND_INT(room));
	while (rows_next(&rows))
		list[(*n)++] = (struct due_run){ rows_int(&rows, 0), rows_int(&rows, 1) };
	return rows_end(&rows, err);
}

int64_t flow_room(const struct flow *f, const struct tx *tx)
{
	return CHANGES_PER_BATCH - (db_total_changes(tx->db) - f->changes_before);
}

static bool was_visited(const struct flow *f, int64_t run)
{
	for (size_t i = 0; i < f->n_visited; i++)
		if (f->visited[i] == run)
			return true;
	return false;
}

/* Advances those that have not had their turn in this batch. */
static enum rc take_turns(struct flow *f, struct tx *tx, const struct due_run *list, size_t n,
                          bool *ret_did, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (was_visited(f, list[i].id)) {
			f->has_due = true;
			continue;
		}
		if (f->n_visited == RUNS_PER_BATCH || flow_room(f, tx) <= 0) {
			f->has_due = true;
			return RC_OK;
		}
		f->visited[f->n_visited++] = list[i].id;
		f->cursor = list[i].id;
		*ret_did = true;
		enum rc rc = run_advance(f, tx, list[i].tenant, list[i].id, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static void begin_batch(struct flow *f, struct tx *tx)
{
	f->is_in_batch = true;
	f->changes_before = db_total_changes(tx->db);
	f->n_visited = 0;
	f->is_swept = false;
	f->is_held = queue_check_disk(f->queue, NULL) != RC_OK;
	f->held_until_ms = f->is_held ? tx->now_ms + HELD_LOOK_MS : 0;
}

static bool flow_before_commit(struct participant *p, struct tx *tx, enum rc *rc, struct err *err)
{
	struct flow *f = (struct flow *)p;
	struct due_run list[RUNS_PER_BATCH];
	size_t n = 0;
	bool did = false;
	if (!f->is_in_batch)
		begin_batch(f, tx);
	*rc = wait_wake(f, tx, &did, err);
	if (*rc == RC_OK)
		*rc = retention_sweep(f, tx, err);
	if (*rc != RC_OK)
		return false;
	if (!f->has_due || f->n_visited == RUNS_PER_BATCH || flow_room(f, tx) <= 0)
		return did;
	*rc = list_due(tx, f->cursor, INT64_MAX, list, &n, err);
	if (*rc == RC_OK && n < RUNS_PER_BATCH)
		*rc = list_due(tx, 0, f->cursor, list, &n, err);
	if (*rc != RC_OK)
		return false;
	f->has_due = n == RUNS_PER_BATCH;
	*rc = take_turns(f, tx, list, n, &did, err);
	return did;
}

static void flow_after_commit(struct participant *p, struct tx *tx)
{
	struct flow *f = (struct flow *)p;
	(void)tx;
	f->is_in_batch = false;
	if (f->read_part)
		parts_ask(f);
}

static void flow_after_rollback(struct participant *p)
{
	struct flow *f = (struct flow *)p;
	f->is_in_batch = false;
	f->has_due = true;
	f->is_wake_known = false;
	f->is_expire_known = false;
	parts_want_again(f);
	compiled_clear(f);
	recorded_clear(&f->recorded);
}

/* What is left over goes into the next batch, which begins at once, unless it waits for the
 * disk. */
static int64_t flow_next_due_ms(struct participant *p)
{
	const struct flow *f = (const struct flow *)p;
	if (f->has_due || !f->is_wake_known)
		return f->held_until_ms;
	return f->is_expire_known ? int64_min(f->wake_ms, f->expire_ms) : 0;
}

enum rc flow_create(const struct flow_options *o, struct flow **ret, struct err *err)
{
	assert(o->store && o->queue && o->writer);
	(void)err;
	struct flow *f = xcalloc(1, sizeof *f);
	f->participant = (struct participant){ .before_commit = flow_before_commit,
		                               .after_commit = flow_after_commit,
		                               .after_rollback = flow_after_rollback,
		                               .next_due_ms = flow_next_due_ms };
	f->store = o->store;
	f->queue = o->queue;
	f->writer = o->writer;
	f->read_part = o->read_part;
	f->read_part_ctx = o->read_part_ctx;
	f->retention_ms = o->retention_ms ? o->retention_ms : RETENTION_MS_DEFAULT;
	f->has_due = true; /* runs of the last server */
	buf_init(&f->value, RUN_OUTPUT_MAX);
	buf_init(&f->words, 64 << 10);
	queue_on_end(o->queue, on_task_end, f);
	writer_add(o->writer, &f->participant);
	*ret = f;
	return RC_OK;
}

void flow_destroy(struct flow *f)
{
	if (!f)
		return;
	compiled_clear(f);
	recorded_clear(&f->recorded);
	parts_clear(f);
	buf_fini(&f->value);
	buf_fini(&f->words);
	free(f);
}
