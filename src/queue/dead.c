/* Dead letters: tasks of no run that have failed.
 *
 * (1) A task ends once.  Retrying submits a new task that says which one it repeats
 *     (retry_of); the old one says what it was retried as, and asking again gives that.
 * (2) Discarding only hides.
 * (3) All at once is work in slices: a row in `sweep` says how far it has come, so that it
 *     goes on after a restart, and no batch grows because somebody retries a million.
 *     What fails meanwhile, the retried ones among it, is not touched again.
 */
#include "codec/hex.h"
#include "queue/queue_priv.h"

enum { DEAD_SLICE = 500 };

/* --- One --- */

struct dead_task {
	bool is_found, is_dead;
	enum task_state state;
	int64_t retried_as, run;
	struct task_new task;
};

static void copy_dead(struct arena *a, const struct rows *rows, struct dead_task *d)
{
	*d = (struct dead_task){
		.is_found = true,
		.state = (enum task_state)rows_int(rows, 0),
		.is_dead = rows_int(rows, 1) != 0,
		.retried_as = rows_int(rows, 2),
		.run = rows_int(rows, 3),
		.task = { .kind = str_dup(a, rows_str(rows, 4)),
		          .queue = str_dup(a, rows_str(rows, 5)),
		          .key = str_dup(a, rows_str(rows, 6)),
		          .key_max = rows_int(rows, 7),
		          .priority = rows_int(rows, 8),
		          .attempts_max = rows_int(rows, 9),
		          .retry_base_ms = rows_int(rows, 10),
		          .retry_cap_ms = rows_int(rows, 11),
		          .timeout_ms = rows_int(rows, 12),
		          .callback_kind = str_dup(a, rows_str(rows, 13)),
		          .callback_input = str_dup(a, rows_str(rows, 14)),
		          .input = str_dup(a, rows_str(rows, 15)) },
	};
}

static enum rc read_dead(struct tx *tx, int64_t tenant, int64_t id, struct dead_task *ret,
                         struct err *err)
{
	struct rows rows;
	struct dead_task d = { 0 };
	DB_QUERY(tx->db, SQL_TASK_RETRY_OF, &rows, err, BIND_INT(tenant), BIND_INT(id));
	while (rows_next(&rows))
		copy_dead(tx->arena, &rows, &d);
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	if (!d.is_found)
		return err_set(err, CODE_NOT_FOUND, "there is no such task");
	*ret = d;
	return RC_OK;
}

static enum rc check_dead(const struct dead_task *d, struct err *err)
{
	if (d->run)
		return err_set(err, CODE_WRONG_STATE,
		               "the task is a step of a run; start the run again instead");
	if (d->state != TASK_FAILED && d->state != TASK_CANCELLED)
		return err_set(
		        err, CODE_WRONG_STATE,
		        "the task is %s; one that has failed or was cancelled can be retried",
		        task_state_text(d->state));
	return RC_OK;
}

static void tell(struct queue *q, struct tx *tx, struct scope scope, const char *type, int64_t id,
                 int64_t retried_as)
{
	char text[ID_TEXT_MAX];
	struct json_out o;
	buf_clear(&q->scratch);
	json_out_init(&o, &q->scratch);
	json_begin_object(&o);
	if (retried_as)
		json_put_str(&o, "retried_as", id_text("task", retried_as, text));
	json_end_object(&o);
	tx_event(tx, &(struct event_new){ .tenant = scope.tenant,
	                                  .actor = scope.actor,
	                                  .type = type,
	                                  .subject = id,
	                                  .data = buf_str(&q->scratch) });
}

static enum rc mark_retried(struct tx *tx, int64_t tenant, int64_t id, int64_t as, struct err *err)
{
	enum rc rc =
	        DB_RUN(tx->db, SQL_TASK_RETRIED, err, BIND_INT(tenant), BIND_INT(id), BIND_INT(as));
	if (rc != RC_OK || db_changes(tx->db) == 1)
		return rc;
	return DB_RUN(tx->db, SQL_TASK_RETRIED_HISTORY, err, BIND_INT(tenant), BIND_INT(id),
	              BIND_INT(as));
}

static enum rc retry_new(struct queue *q, struct tx *tx, struct scope scope, int64_t id,
                         struct dead_task *d, struct task_submitted *ret, struct err *err)
{
	d->task.retry_of = id;
	enum rc rc = queue_submit_tx(q, tx, scope, &d->task, ret, err);
	if (rc == RC_OK)
		rc = mark_retried(tx, scope.tenant, id, ret->id, err);
	if (rc == RC_OK)
		tell(q, tx, scope, "task.retried", id, ret->id);
	return rc;
}

static enum rc retried_before(struct tx *tx, struct scope scope, int64_t as,
                              struct task_submitted *ret, struct err *err)
{
	struct task_row row;
	enum rc rc = task_row_read(tx, scope.tenant, as, &row, err);
	if (rc == RC_NOT_FOUND) /* what retention has removed had ended */
		row.state = TASK_SUCCEEDED;
	else if (rc != RC_OK)
		return rc;
	*ret = (struct task_submitted){ .id = as, .state = row.state, .is_duplicate = true };
	return RC_OK;
}

static enum rc retry_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct retry_command *r = (struct retry_command *)c;
	struct dead_task d;
	enum rc rc = read_dead(tx, c->scope.tenant, r->task, &d, err);
	if (rc != RC_OK)
		return rc;
	if (d.retried_as)
		return retried_before(tx, c->scope, d.retried_as, &r->result, err);
	rc = check_dead(&d, err);
	return rc == RC_OK ? retry_new(c->owner, tx, c->scope, r->task, &d, &r->result, err) : rc;
}

void retry_command_init(struct retry_command *r, struct queue *q, struct scope scope)
{
	*r = (struct retry_command){ .c = { .apply = retry_apply, .owner = q, .scope = scope } };
}

static enum rc discard(struct queue *q, struct tx *tx, struct scope scope, int64_t id,
                       struct err *err)
{
	enum rc rc = DB_RUN(tx->db, SQL_TASK_DISCARD, err, BIND_INT(scope.tenant), BIND_INT(id));
	if (rc == RC_OK && db_changes(tx->db) == 1)
		tell(q, tx, scope, "task.discarded", id, 0);
	return rc;
}

static enum rc discard_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct discard_command *k = (struct discard_command *)c;
	struct dead_task d;
	enum rc rc = read_dead(tx, c->scope.tenant, k->task, &d, err);
	if (rc != RC_OK)
		return rc;
	if (d.state != TASK_FAILED || d.run)
		return err_set(err, CODE_WRONG_STATE,
		               "the task is %s%s; only a dead letter can be discarded",
		               task_state_text(d.state), d.run ? " and a step of a run" : "");
	return discard(c->owner, tx, c->scope, k->task, err);
}

void discard_command_init(struct discard_command *d, struct queue *q, struct scope scope)
{
	*d = (struct discard_command){
		.c = { .apply = discard_apply, .owner = q, .scope = scope }
	};
}

/* --- Many --- */

static enum rc sweep_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct sweep_command *s = (struct sweep_command *)c;
	struct queue *q = c->owner;
	s->id = store_new_id(q->store, tx->now_ms); /* newer than every task there is */
	enum rc rc = DB_RUN(tx->db, SQL_SWEEP_INSERT, err, BIND_INT(s->id),
	                    BIND_INT(c->scope.tenant), BIND_INT(c->scope.actor), BIND_INT(s->what),
	                    s->queue.len ? BIND_STR(s->queue) : BIND_NULL,
	                    s->kind.len ? BIND_STR(s->kind) : BIND_NULL, BIND_INT(s->id));
	q->has_sweeps = true;
	return rc;
}

void sweep_command_init(struct sweep_command *s, struct queue *q, struct scope scope)
{
	*s = (struct sweep_command){ .c = { .apply = sweep_apply, .owner = q, .scope = scope } };
}

struct sweep {
	int64_t id, after, upto, done;
	enum sweep_what what;
	struct scope scope;
	struct str queue, kind; /* empty: any */
	bool is_found;
};

static enum rc read_sweep(struct tx *tx, struct sweep *s, struct err *err)
{
	struct rows rows;
	db_query(tx->db, SQL_SWEEP_NEXT, NULL, 0, &rows, err);
	if (rows_next(&rows)) {
		s->is_found = true;
		s->id = rows_int(&rows, 0);
		s->scope.tenant = rows_int(&rows, 1);
		s->scope.actor = rows_int(&rows, 2);
		s->scope.role = ROLE_OWNER; /* it was allowed when it was asked for */
		s->what = (enum sweep_what)rows_int(&rows, 3);
		s->queue = str_dup(tx->arena, rows_str(&rows, 4));
		s->kind = str_dup(tx->arena, rows_str(&rows, 5));
		s->after = rows_int(&rows, 6);
		s->upto = rows_int(&rows, 7);
		s->done = rows_int(&rows, 8);
	}
	return rows_end(&rows, err);
}

static bool is_meant(const struct sweep *s, struct str queue, struct str kind)
{
	return (!s->queue.len || str_eq(s->queue, queue)) &&
	       (!s->kind.len || str_eq(s->kind, kind));
}

/* Looks at a slice; *ret_n were there, those that are meant come back in `ids`. */
static enum rc read_slice(struct tx *tx, struct sweep *s, int64_t *ids, size_t *ret_ids,
                          int64_t *ret_n, struct err *err)
{
	struct rows rows;
	size_t n_ids = 0;
	int64_t n = 0;
	DB_QUERY(tx->db, SQL_TASK_DEAD, &rows, err, BIND_INT(s->scope.tenant), BIND_INT(s->after),
	         BIND_INT(s->upto), BIND_INT(DEAD_SLICE));
	for (; rows_next(&rows); n++) {
		s->after = rows_int(&rows, 0);
		if (is_meant(s, rows_str(&rows, 1), rows_str(&rows, 2)))
			ids[n_ids++] = s->after;
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	*ret_ids = n_ids;
	*ret_n = n;
	return RC_OK;
}

static enum rc sweep_one(struct queue *q, struct tx *tx, const struct sweep *s, int64_t id,
                         struct err *err)
{
	struct task_submitted ignored;
	struct dead_task d;
	if (s->what == SWEEP_DISCARD)
		return discard(q, tx, s->scope, id, err);
	enum rc rc = read_dead(tx, s->scope.tenant, id, &d, err);
	return rc == RC_OK ? retry_new(q, tx, s->scope, id, &d, &ignored, err) : rc;
}

static enum rc end_sweep(struct queue *q, struct tx *tx, const struct sweep *s, struct err *err)
{
	struct json_out o;
	buf_clear(&q->scratch);
	json_out_init(&o, &q->scratch);
	json_begin_object(&o);
	json_put_str(&o, "what", s->what == SWEEP_RETRY ? STR("retry") : STR("discard"));
	if (s->queue.len)
		json_put_str(&o, "queue", s->queue);
	if (s->kind.len)
		json_put_str(&o, "kind", s->kind);
	json_put_int(&o, "tasks", s->done);
	json_end_object(&o);
	tx_event(tx, &(struct event_new){ .tenant = s->scope.tenant,
	                                  .actor = s->scope.actor,
	                                  .type = "queue.swept",
	                                  .subject = s->id,
	                                  .data = buf_str(&q->scratch) });
	return DB_RUN(tx->db, SQL_SWEEP_DELETE, err, BIND_INT(s->scope.tenant), BIND_INT(s->id));
}

enum rc dead_sweep(struct queue *q, struct tx *tx, struct err *err)
{
	int64_t ids[DEAD_SLICE], n = 0;
	size_t n_ids = 0;
	struct sweep s = { 0 };
	if (!q->has_sweeps)
		return RC_OK;
	enum rc rc = read_sweep(tx, &s, err);
	q->has_sweeps = s.is_found;
	if (rc != RC_OK || !s.is_found)
		return rc;
	rc = read_slice(tx, &s, ids, &n_ids, &n, err);
	for (size_t i = 0; i < n_ids && rc == RC_OK; i++)
		rc = sweep_one(q, tx, &s, ids[i], err);
	s.done += (int64_t)n_ids;
	if (rc == RC_OK && n < DEAD_SLICE)
		return end_sweep(q, tx, &s, err);
	if (rc == RC_OK)
		rc = DB_RUN(tx->db, SQL_SWEEP_ADVANCE, err, BIND_INT(s.scope.tenant),
		            BIND_INT(s.id), BIND_INT(s.after), BIND_INT(s.done));
	return rc;
}
