/* Reading tasks and queues: for people and programs, and the holder's row for the engine.
 *
 * A task is in `task` or, some time after its end, in `task_history`.  Whoever looks in
 * the first and then in the second misses nothing: tasks move one way only.
 */
#include "queue/queue_priv.h"

#include <inttypes.h>

enum { OLDEST_LOOK = 1000 /* tasks looked at for a queue that is not named like its kind */ };

static enum rc not_found(int64_t id, struct err *err)
{
	(void)id; /* the caller knows which it asked for; the sentence stays readable */
	return err_set(err, CODE_NOT_FOUND, "there is no such task");
}

/* --- The engine's view --- */

static void copy_row(struct tx *tx, const struct rows *rows, struct task_row *row)
{
	struct arena *a = tx->arena;
	row->state = (enum task_state)rows_int(rows, 0);
	row->place = (enum gate_place)rows_int(rows, 1);
	row->attempt = rows_int(rows, 2);
	struct str token = rows_str(rows, 3);
	row->has_token = token.len == sizeof row->token.bytes;
	if (row->has_token)
		memcpy(row->token.bytes, token.ptr, token.len);
	row->kind = str_dup(a, rows_str(rows, 4));
	row->queue = str_dup(a, rows_str(rows, 5));
	row->key = str_dup(a, rows_str(rows, 6));
	int64_t *const numbers[] = { &row->run,          &row->step,         &row->item,
		                     &row->failures,     &row->attempts_max, &row->retry_base_ms,
		                     &row->retry_cap_ms, &row->lease_ms,     &row->lease_began_ms,
		                     &row->attempt_ms,   &row->lost,         &row->run_at_ms,
		                     &row->agent };
	for (int i = 0; i < (int)ARRAY_LEN(numbers); i++)
		*numbers[i] = rows_int(rows, 7 + i);
	row->callback_kind = str_dup(a, rows_str(rows, 20));
	row->callback_input = str_dup(a, rows_str(rows, 21));
}

static enum rc look_for_row(struct tx *tx, enum sql sql, int64_t tenant, struct task_row *row,
                            bool *is_found, struct err *err)
{
	struct rows rows;
	DB_QUERY(tx->db, sql, &rows, err, BIND_INT(tenant), BIND_INT(row->id));
	while (rows_next(&rows)) {
		copy_row(tx, &rows, row);
		*is_found = true;
	}
	return rows_end(&rows, err);
}

/* A lease that was live when the server began lasts a full term from then, as if it had been
 * given in that moment. */
static void give_second_term(const struct tx *tx, struct task_row *row)
{
	int64_t began_ms = writer_began_ms(tx->writer);
	if (row->state != TASK_LEASED || row->lease_began_ms >= began_ms || PLANTED(no_second_term))
		return;
	row->second_term_ms = began_ms + row->lease_ms;
	row->lease_began_ms = began_ms;
}

enum rc task_row_read(struct tx *tx, int64_t tenant, int64_t id, struct task_row *ret,
                      struct err *err)
{
	struct task_row row = { .id = id };
	bool is_found = false;
	enum rc rc = look_for_row(tx, SQL_TASK_HOLDER, tenant, &row, &is_found, err);
	if (rc == RC_OK && !is_found)
		rc = look_for_row(tx, SQL_TASK_HOLDER_HISTORY, tenant, &row, &is_found, err);
	if (rc != RC_OK)
		return rc;
	if (!is_found)
		return not_found(id, err);
	if (row.state >= TASK_STATES)
		return err_set(err, CODE_DAMAGED, "task %" PRId64 " has an unknown state", id);
	give_second_term(tx, &row);
	*ret = row;
	return RC_OK;
}

/* --- The view of people --- */

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
		.reason = rows_int(rows, 19) ? "backoff" : "delayed", /* see explain() */
		.queue = str_dup(a, rows_str(rows, 20)),
		.place = (int)rows_int(rows, 21),
		.key = str_dup(a, rows_str(rows, 22)),
		.key_max = rows_int(rows, 23),
		.deadline_ms = rows_int(rows, 24),
		.retry_of = rows_int(rows, 25),
		.retried_as = rows_int(rows, 26),
		.is_discarded = rows_int(rows, 27) != 0,
	};
	t->created_ms = created_ms(t->id);
}

/* --- Why it does not move --- */

static enum rc read_gate(struct db *db, int64_t tenant, enum gate_space space, struct str name,
                         struct gate_state *ret, struct err *err)
{
	bool is_set;
	struct gate_state s = { 0 };
	enum rc rc = gate_state_read(db, tenant, space, name, &s, err);
	if (rc == RC_OK && space == GATE_QUEUE_SPACE)
		rc = queue_settings_read(db, tenant, name, &s.settings, &is_set, err);
	if (rc == RC_OK)
		*ret = s;
	return rc;
}

static enum rc explain_key(struct db *db, struct scope scope, struct arena *a, struct task *t,
                           struct err *err)
{
	struct gate_state s;
	enum rc rc = read_gate(db, scope.tenant, GATE_KEY_SPACE, t->key, &s, err);
	if (rc != RC_OK)
		return rc;
	t->reason = "waiting_for_capacity";
	t->reason_detail = str_fmt(a, "concurrency key " STR_FMT ": %lld of %lld under way",
	                           STR_ARG(t->key), (long long)s.held, (long long)s.max);
	return RC_OK;
}

static void explain_rate(struct arena *a, int64_t now_ms, const struct gate_state *s,
                         struct task *t)
{
	int64_t next_ms = gate_next_ms(s, GATE_QUEUE_SPACE, now_ms);
	t->reason = "rate_limited";
	t->reason_until_ms = next_ms == INT64_MAX ? 0 : next_ms;
	t->reason_detail =
	        str_fmt(a, "queue " STR_FMT ": %lld starts in %lld ms", STR_ARG(t->queue),
	                (long long)s->settings.rate_n, (long long)s->settings.rate_period_ms);
}

static void explain_blocked(struct arena *a, int64_t now_ms, const struct gate_state *s,
                            struct task *t)
{
	const struct queue_settings *k = &s->settings;
	t->reason = "waiting_for_capacity";
	if (k->concurrency_max && s->ready + s->leased >= k->concurrency_max)
		t->reason_detail =
		        str_fmt(a, "queue " STR_FMT ": %lld of %lld under way", STR_ARG(t->queue),
		                (long long)(s->ready + s->leased), (long long)k->concurrency_max);
	else if (k->rate_n)
		explain_rate(a, now_ms, s, t);
}

/* Mostly the tasks of a list are of few kinds, and many agents may perform each. */
struct nobody {
	struct str kind, detail;
};

static enum rc explain_nobody(struct db *db, struct scope scope, struct arena *a, struct task *t,
                              struct nobody *last, struct err *err)
{
	enum rc rc = RC_OK;
	if (!last->kind.len || !str_eq(last->kind, t->kind))
		rc = agents_explain(db, scope, t->kind, a, &last->detail, err);
	if (rc != RC_OK)
		return rc;
	last->kind = t->kind;
	t->reason = "waiting_for_agent";
	t->reason_detail = last->detail;
	return RC_OK;
}

static enum rc explain_queue(struct queue *q, struct db *db, struct scope scope, struct arena *a,
                             struct task *t, struct nobody *last, struct err *err)
{
	struct gate_state s;
	enum rc rc = read_gate(db, scope.tenant, GATE_QUEUE_SPACE, t->queue, &s, err);
	if (rc != RC_OK)
		return rc;
	if (s.settings.is_paused)
		t->reason = "paused";
	else if (t->state == TASK_READY)
		return explain_nobody(db, scope, a, t, last, err);
	else
		explain_blocked(a, writer_now_ms(q->writer), &s, t);
	return RC_OK;
}

static enum rc explain(struct queue *q, struct db *db, struct scope scope, struct arena *a,
                       struct task *t, struct nobody *last, struct err *err)
{
	switch (t->state) {
	case TASK_SCHEDULED:
		return RC_OK; /* copy_task() has said it */
	case TASK_BLOCKED:
		return t->place == GATE_AT_KEY ? explain_key(db, scope, a, t, err)
		                               : explain_queue(q, db, scope, a, t, last, err);
	case TASK_READY:
		return explain_queue(q, db, scope, a, t, last, err);
	case TASK_LEASED:
		t->reason = "leased";
		return RC_OK;
	case TASK_SUCCEEDED:
	case TASK_FAILED:
	case TASK_CANCELLED:
	case TASK_STATES:
		break;
	}
	t->reason = "";
	return RC_OK;
}

/* --- One task --- */

static enum rc get_from(struct db *db, enum sql sql, struct scope scope, int64_t id,
                        struct arena *a, struct task *ret, bool *is_found, struct err *err)
{
	struct rows rows;
	DB_QUERY(db, sql, &rows, err, BIND_INT(scope.tenant), BIND_INT(id));
	while (rows_next(&rows)) {
		copy_task(&rows, a, ret);
		*is_found = true;
	}
	return rows_end(&rows, err);
}

static enum rc get_anywhere(struct queue *q, struct db *db, struct scope scope, int64_t id,
                            struct arena *a, struct task *ret, struct err *err)
{
	bool is_found = false;
	enum rc rc = get_from(db, SQL_TASK_GET, scope, id, a, ret, &is_found, err);
	if (rc == RC_OK && !is_found)
		rc = get_from(db, SQL_TASK_GET_HISTORY, scope, id, a, ret, &is_found, err);
	if (rc != RC_OK)
		return rc;
	struct nobody last = { 0 };
	return is_found ? explain(q, db, scope, a, ret, &last, err) : not_found(id, err);
}

enum rc task_get(struct queue *q, struct scope scope, int64_t id, struct arena *a, struct task *ret,
                 struct err *err)
{
	struct db *db;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	struct task task = { 0 };
	rc = get_anywhere(q, db, scope, id, a, &task, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = task;
	return rc;
}

/* --- Lists --- */

/* Where the tasks of a filter are looked for, and how to find the row at which looking ends. */
struct list_source {
	enum sql list, floor;
	struct bind more; /* of the floor: the state or kind that its index has */
	int binds;        /* of the floor */
};

static struct list_source live_source(const struct task_filter *f)
{
	if (f->is_dead)
		return (struct list_source){ SQL_TASK_LIST_DEAD, SQL_TASK_FLOOR_DEAD, BIND_NULL,
			                     3 };
	return (struct list_source){ SQL_TASK_LIST, SQL_TASK_FLOOR, BIND_NULL, 2 };
}

static struct list_source history_source(const struct task_filter *f)
{
	if (f->state >= 0)
		return (struct list_source){ SQL_HISTORY_LIST_OF_STATE, SQL_HISTORY_FLOOR_OF_STATE,
			                     BIND_INT(f->state), 4 };
	if (f->kind.len)
		return (struct list_source){ SQL_HISTORY_LIST_OF_KIND, SQL_HISTORY_FLOOR_OF_KIND,
			                     BIND_STR(f->kind), 4 };
	return (struct list_source){ SQL_HISTORY_LIST, SQL_HISTORY_FLOOR, BIND_NULL, 3 };
}

static int64_t before_of(const struct task_filter *f)
{
	return f->before ? f->before : INT64_MAX;
}

/* The id at which looking ends; 0: the end of the table is nearer. */
static enum rc find_floor(struct db *db, struct list_source from, struct scope scope,
                          const struct task_filter *f, int64_t rows_max, int64_t *ret,
                          struct err *err)
{
	const struct bind binds[] = { BIND_INT(before_of(f)), BIND_INT(rows_max - 1),
		                      BIND_INT(scope.tenant), from.more };
	struct rows rows;
	*ret = 0;
	db_query(db, from.floor, binds, (size_t)from.binds, &rows, err);
	while (rows_next(&rows))
		*ret = rows_int(&rows, 0);
	return rows_end(&rows, err);
}

/* `last` is the run or the floor. */
static enum rc list_from(struct db *db, enum sql sql, struct scope scope,
                         const struct task_filter *f, int64_t last, struct arena *a,
                         struct task_page *ret, struct err *err)
{
	struct rows rows;
	*ret = (struct task_page){ .tasks = arena_new(a, struct task, f->limit) };
	DB_QUERY(db, sql, &rows, err, BIND_INT(scope.tenant), BIND_INT(before_of(f)),
	         f->kind.len ? BIND_STR(f->kind) : BIND_NULL, BIND_INT(f->state),
	         BIND_INT((int64_t)f->limit), BIND_INT(last));
	while (rows_next(&rows))
		copy_task(&rows, a, &ret->tasks[ret->n++]);
	if (ret->n == f->limit)
		ret->next = ret->tasks[ret->n - 1].id;
	return rows_end(&rows, err);
}

static enum rc look_down(struct db *db, struct list_source from, struct scope scope,
                         const struct task_filter *f, int64_t rows_max, struct arena *a,
                         struct task_page *ret, struct err *err)
{
	int64_t floor;
	enum rc rc = find_floor(db, from, scope, f, rows_max, &floor, err);
	if (rc == RC_OK)
		rc = list_from(db, from.list, scope, f, floor, a, ret, err);
	if (rc == RC_OK && ret->n < f->limit)
		ret->next = floor;
	return rc;
}

/* Finding the floor walks the whole way down, and mostly the page is full long before. */
static enum rc list_source(const struct queue *q, struct db *db, struct list_source from,
                           struct scope scope, const struct task_filter *f, struct arena *a,
                           struct task_page *ret, struct err *err)
{
	enum rc rc = look_down(db, from, scope, f, q->list_rows_soon, a, ret, err);
	if (rc != RC_OK || ret->n == f->limit || !ret->next)
		return rc;
	return look_down(db, from, scope, f, q->list_rows_max, a, ret, err);
}

/* Tasks of runs and dead letters stay where they are. */
static bool has_history(const struct task_filter *f)
{
	return !f->is_dead && (f->state < 0 || f->state >= TASK_SUCCEEDED);
}

/* Two lists, newest first, into one; a task that moved in between stands in both.  It goes
 * as far down as both have been looked through. */
static void merge(const struct task_page *x, const struct task_page *y, size_t limit,
                  struct arena *a, struct task_page *ret)
{
	int64_t floor = int64_max(x->next, y->next);
	*ret = (struct task_page){ .tasks = arena_new(a, struct task, limit), .next = floor };
	for (size_t i = 0, j = 0; i < x->n || j < y->n;) {
		if (i < x->n && j < y->n && x->tasks[i].id == y->tasks[j].id)
			j++;
		bool is_x = j >= y->n || (i < x->n && x->tasks[i].id > y->tasks[j].id);
		struct task next = is_x ? x->tasks[i++] : y->tasks[j++];
		if (next.id < floor)
			return;
		ret->tasks[ret->n++] = next;
		if (ret->n == limit) {
			ret->next = next.id;
			return;
		}
	}
}

static enum rc list_page(const struct queue *q, struct db *db, struct scope scope,
                         const struct task_filter *f, struct arena *a, struct task_page *ret,
                         struct err *err)
{
	struct task_page live, old = { 0 };
	if (f->run) /* all its tasks are looked at: there is a limit to them */
		return list_from(db, SQL_TASK_LIST_OF_RUN, scope, f, f->run, a, ret, err);
	enum rc rc = list_source(q, db, live_source(f), scope, f, a, &live, err);
	if (rc == RC_OK && has_history(f))
		rc = list_source(q, db, history_source(f), scope, f, a, &old, err);
	if (rc == RC_OK)
		merge(&live, &old, f->limit, a, ret);
	return rc;
}

enum rc task_list(struct queue *q, struct scope scope, const struct task_filter *f, struct arena *a,
                  struct task_page *ret, struct err *err)
{
	assert(f->limit >= 1 && f->limit <= 200);
	struct db *db;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	struct nobody last = { 0 };
	struct task_page page = { 0 };
	rc = list_page(q, db, scope, f, a, &page, err);
	for (size_t i = 0; i < page.n && rc == RC_OK; i++)
		rc = explain(q, db, scope, a, &page.tasks[i], &last, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = page;
	return rc;
}

/* --- Queues --- */

static enum rc read_oldest(struct db *db, struct scope scope, struct queue_count *c,
                           struct err *err)
{
	struct rows rows;
	int64_t id = 0;
	DB_QUERY(db, SQL_QUEUE_OLDEST, &rows, err, BIND_INT(scope.tenant), BIND_STR(c->kind));
	if (rows_next(&rows))
		id = rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	if (!id) {
		DB_QUERY(db, SQL_QUEUE_OLDEST_NAMED, &rows, err, BIND_INT(scope.tenant),
		         BIND_STR(c->kind), BIND_INT(OLDEST_LOOK));
		if (rows_next(&rows))
			id = rows_int(&rows, 0);
		rc = rows_end(&rows, err);
	}
	if (rc == RC_OK && id)
		c->oldest_ready_ms = created_ms(id);
	return rc;
}

static enum rc read_count(struct db *db, struct scope scope, struct queue_count *c, struct err *err)
{
	struct gate_state s = { 0 };
	enum rc rc = gate_state_read(db, scope.tenant, GATE_QUEUE_SPACE, c->kind, &s, err);
	if (rc == RC_OK)
		rc = queue_settings_read(db, scope.tenant, c->kind, &c->settings, &c->has_settings,
		                         err);
	if (rc != RC_OK)
		return rc;
	c->by_state[TASK_SCHEDULED] = s.scheduled;
	c->by_state[TASK_BLOCKED] = s.blocked;
	c->by_state[TASK_READY] = s.ready;
	c->by_state[TASK_LEASED] = s.leased;
	return s.ready ? read_oldest(db, scope, c, err) : RC_OK;
}

static enum rc list_queues(struct db *db, struct scope scope, struct str after, size_t limit,
                           struct arena *a, struct queue_count *ret, size_t *ret_n, struct err *err)
{
	size_t n = 0;
	struct rows rows;
	DB_QUERY(db, SQL_QUEUE_NAMES, &rows, err, BIND_INT(scope.tenant), BIND_STR(after),
	         BIND_INT((int64_t)limit));
	while (rows_next(&rows))
		ret[n++] = (struct queue_count){ .kind = str_dup(a, rows_str(&rows, 0)) };
	enum rc rc = rows_end(&rows, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = read_count(db, scope, &ret[i], err);
	if (rc == RC_OK)
		*ret_n = n;
	return rc;
}

enum rc queue_list(struct queue *q, struct scope scope, struct str after, size_t limit,
                   struct arena *a, struct queue_count **ret, size_t *ret_n, struct err *err)
{
	assert(limit >= 1 && limit <= QUEUES_MAX);
	struct db *db;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	struct queue_count *counts = arena_new(a, struct queue_count, limit);
	rc = list_queues(db, scope, after, limit, a, counts, ret_n, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = counts;
	return rc;
}

static bool has_live(const struct queue_count *c)
{
	int64_t n = 0;
	for (enum task_state s = TASK_SCHEDULED; s <= TASK_LEASED; s++)
		n += c->by_state[s];
	return n > 0;
}

enum rc queue_counts(struct queue *q, struct scope scope, struct arena *a, struct queue_count **ret,
                     size_t *ret_n, struct err *err)
{
	size_t n, kept = 0;
	struct queue_count *counts;
	enum rc rc = queue_list(q, scope, (struct str){ 0 }, QUEUES_MAX, a, &counts, &n, err);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (has_live(&counts[i]))
			counts[kept++] = counts[i];
	*ret = counts;
	*ret_n = kept;
	return RC_OK;
}

static enum rc read_days(struct db *db, struct scope scope, struct queue_info *info,
                         struct err *err)
{
	struct rows rows;
	DB_QUERY(db, SQL_QUEUE_DAYS, &rows, err, BIND_INT(scope.tenant), BIND_STR(info->count.kind),
	         BIND_INT(QUEUE_DAYS_MAX));
	while (rows_next(&rows))
		info->days[info->n_days++] = (struct queue_day){
			.day = rows_int(&rows, 0),
			.succeeded = rows_int(&rows, 1),
			.failed = rows_int(&rows, 2),
			.cancelled = rows_int(&rows, 3),
			.duration_ms = rows_int(&rows, 4),
		};
	return rows_end(&rows, err);
}

enum rc queue_get(struct queue *q, struct scope scope, struct str name, struct arena *a,
                  struct queue_info *ret, struct err *err)
{
	struct db *db;
	enum rc rc = task_check_kind(name, "", err);
	if (rc == RC_OK)
		rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	struct queue_info info = { .count.kind = str_dup(a, name),
		                   .days = arena_new(a, struct queue_day, QUEUE_DAYS_MAX) };
	rc = read_count(db, scope, &info.count, err);
	if (rc == RC_OK)
		rc = read_days(db, scope, &info, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = info;
	return rc;
}

enum rc dead_count(struct queue *q, struct scope scope, int64_t max, int64_t *ret, struct err *err)
{
	struct db *db;
	struct rows rows;
	int64_t n = 0;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	DB_QUERY(db, SQL_TASK_DEAD_COUNT, &rows, err, BIND_INT(scope.tenant), BIND_INT(max));
	if (rows_next(&rows))
		n = rows_int(&rows, 0);
	rc = rows_end(&rows, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = n;
	return rc;
}

enum rc queue_ended(struct queue *q, struct scope scope, struct str name, int64_t day, int64_t *ret,
                    struct err *err)
{
	struct db *db;
	struct rows rows;
	int64_t n = 0;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	DB_QUERY(db, SQL_QUEUE_DAYS, &rows, err, BIND_INT(scope.tenant), BIND_STR(name),
	         BIND_INT(1));
	if (rows_next(&rows) && rows_int(&rows, 0) == day)
		n = rows_int(&rows, 1) + rows_int(&rows, 2) + rows_int(&rows, 3);
	rc = rows_end(&rows, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = n;
	return rc;
}
