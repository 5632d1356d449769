/* Reading tasks: for people and programs, and the holder's row for the engine. */
#include "queue/queue_priv.h"

#include <inttypes.h>

static enum rc not_found(int64_t id, struct err *err)
{
	(void)id; /* the caller knows which it asked for; the sentence stays readable */
	return err_set(err, CODE_NOT_FOUND, "there is no such task");
}

enum rc task_row_read(struct tx *tx, int64_t tenant, int64_t id, struct task_row *ret,
                      struct err *err)
{
	struct rows rows;
	bool is_found = false;
	struct task_row row = { .id = id };
	DB_QUERY(tx->db, SQL_TASK_HOLDER, &rows, err, BIND_INT(tenant), BIND_INT(id));
	if (rows_next(&rows)) {
		is_found = true;
		row.state = (enum task_state)rows_int(&rows, 0);
		row.attempt = rows_int(&rows, 1);
		struct str token = rows_str(&rows, 2);
		row.has_token = token.len == sizeof row.token.bytes;
		if (row.has_token)
			memcpy(row.token.bytes, token.ptr, token.len);
		row.kind = str_dup(tx->arena, rows_str(&rows, 3));
		int64_t *const numbers[] = {
			&row.run,          &row.step,         &row.item,
			&row.failures,     &row.attempts_max, &row.retry_base_ms,
			&row.retry_cap_ms, &row.lease_ms,     &row.lease_began_ms,
			&row.timeout_ms,   &row.lost,         &row.run_at_ms
		};
		for (int i = 0; i < (int)ARRAY_LEN(numbers); i++)
			*numbers[i] = rows_int(&rows, 4 + i);
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	if (!is_found)
		return not_found(id, err);
	if (row.state >= TASK_STATES)
		return err_set(err, CODE_DAMAGED, "task %" PRId64 " has an unknown state", id);
	*ret = row;
	return RC_OK;
}

/* Why it does not move. */
static const char *reason_of(const struct task *t, int64_t failures)
{
	switch (t->state) {
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
		break;
	}
	return "";
}

/* Ids carry their time: see store_new_id(). */
static int64_t created_ms(int64_t id)
{
	return store_id_ms(id);
}

static void copy_task(const struct rows *rows, struct arena *a, struct task *t)
{
	*t = (struct task){
		.id = rows_int(rows, 0),
		.run = rows_int(rows, 1),
		.step = rows_int(rows, 2),
		.item = rows_int(rows, 3),
		.state = (enum task_state)rows_int(rows, 4),
		.kind = str_dup(a, rows_str(rows, 5)),
		.input = str_dup(a, rows_str(rows, 6)),
		.output = str_dup(a, rows_str(rows, 7)),
		.error = str_dup(a, rows_str(rows, 8)),
		.priority = rows_int(rows, 9),
		.attempt = rows_int(rows, 10),
		.attempts_max = rows_int(rows, 11),
		.lost = rows_int(rows, 12),
		.run_at_ms = rows_int(rows, 13),
		.lease_until_ms = rows_int(rows, 14),
		.finished_ms = rows_int(rows, 15),
		.worker = str_dup(a, rows_str(rows, 16)),
		.progress = rows_is_null(rows, 17) ? -1 : rows_double(rows, 17),
		.message = str_dup(a, rows_str(rows, 18)),
	};
	t->created_ms = created_ms(t->id);
	t->reason = reason_of(t, rows_int(rows, 19));
}

enum rc task_get(struct queue *q, struct scope scope, int64_t id, struct arena *a, struct task *ret,
                 struct err *err)
{
	struct db *db;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	struct rows rows;
	bool is_found = false;
	struct task task;
	DB_QUERY(db, SQL_TASK_GET, &rows, err, BIND_INT(scope.tenant), BIND_INT(id));
	if (rows_next(&rows)) {
		copy_task(&rows, a, &task);
		is_found = true;
	}
	rc = rows_end(&rows, err);
	store_reader_return(q->store, db);
	if (rc != RC_OK)
		return rc;
	if (!is_found)
		return not_found(id, err);
	*ret = task;
	return RC_OK;
}

static void begin_list(struct db *db, struct scope scope, const struct task_filter *f,
                       struct rows *rows, struct err *err)
{
	struct bind kind = f->kind.len ? BIND_STR(f->kind) : BIND_NULL;
	int64_t before = f->before ? f->before : INT64_MAX;
	if (f->run)
		DB_QUERY(db, SQL_TASK_LIST_OF_RUN, rows, err, BIND_INT(scope.tenant),
		         BIND_INT(before), kind, BIND_INT(f->state), BIND_INT((int64_t)f->limit),
		         BIND_INT(f->run));
	else
		DB_QUERY(db, SQL_TASK_LIST, rows, err, BIND_INT(scope.tenant), BIND_INT(before),
		         kind, BIND_INT(f->state), BIND_INT((int64_t)f->limit));
}

enum rc task_list(struct queue *q, struct scope scope, const struct task_filter *f, struct arena *a,
                  struct task **ret, size_t *ret_n, struct err *err)
{
	assert(f->limit >= 1 && f->limit <= 200);
	struct db *db;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	struct task *tasks = arena_new(a, struct task, f->limit);
	size_t n = 0;
	struct rows rows;
	for (begin_list(db, scope, f, &rows, err); rows_next(&rows);)
		copy_task(&rows, a, &tasks[n++]);
	rc = rows_end(&rows, err);
	store_reader_return(q->store, db);
	if (rc != RC_OK)
		return rc;
	*ret = tasks;
	*ret_n = n;
	return RC_OK;
}

/* --- Counts --- */

struct counting {
	struct arena *arena;
	struct queue_count *counts;
	size_t n, cap;
};

static struct queue_count *count_of(struct counting *c, struct str kind)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->counts[i].kind, kind))
			return &c->counts[i];
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		struct queue_count *more = arena_new(c->arena, struct queue_count, cap);
		if (c->n)
			memcpy(more, c->counts, c->n * sizeof *more);
		c->counts = more;
		c->cap = cap;
	}
	struct queue_count *fresh = &c->counts[c->n++];
	*fresh = (struct queue_count){ .kind = str_dup(c->arena, kind) };
	return fresh;
}

static enum rc count_state(struct counting *c, struct db *db, struct scope scope, enum sql sql,
                           enum task_state state, struct err *err)
{
	struct rows rows;
	for (DB_QUERY(db, sql, &rows, err, BIND_INT(scope.tenant)); rows_next(&rows);) {
		struct queue_count *k = count_of(c, rows_str(&rows, 0));
		k->by_state[state] = rows_int(&rows, 1);
		if (state == TASK_READY)
			k->oldest_ready_ms = created_ms(rows_int(&rows, 2));
	}
	return rows_end(&rows, err);
}

enum rc queue_counts(struct queue *q, struct scope scope, struct arena *a, struct queue_count **ret,
                     size_t *ret_n, struct err *err)
{
	struct db *db;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	struct counting c = { .arena = a };
	rc = count_state(&c, db, scope, SQL_QUEUE_READY, TASK_READY, err);
	if (rc == RC_OK)
		rc = count_state(&c, db, scope, SQL_QUEUE_LEASED, TASK_LEASED, err);
	if (rc == RC_OK)
		rc = count_state(&c, db, scope, SQL_QUEUE_SCHEDULED, TASK_SCHEDULED, err);
	store_reader_return(q->store, db);
	if (rc != RC_OK)
		return rc;
	*ret = c.counts;
	*ret_n = c.n;
	return RC_OK;
}
