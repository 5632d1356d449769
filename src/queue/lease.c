/* Who may work on a task, and until when.
 *
 * Definition: a lease is live at engine time t if the task is leased and
 * t < lease_until_ms.
 *
 * (1) At any time a task has at most one live lease: granting is one UPDATE from ready
 *     to leased, which also raises the attempt and draws a new token.
 * (2) lease_until_ms is written and compared by the engine's clock only.  A worker is
 *     told a duration, never a date.
 * (3) A lease that has run out changes nothing until lease_expire() looks: then the
 *     task is ready again, or has failed when it lost too many leases, or its attempt
 *     has failed when the attempt's own time limit was reached.
 * (4) A submit that meets a waiter is leased in the same commit: before each commit the
 *     lines in which something became ready are served, first come, first served.
 * (5) Memory follows the disk: a waiter leaves its lines only after the commit.
 * (6) Granting is idempotent per session: a task leased to the session that it does not
 *     say it holds is given again, the same lease, before anything new.
 * (7) What was live when the server began lasts a full term from then, whatever stands in
 *     its row: the row is written when somebody looks (task_row_read), so a start costs the
 *     same with a million leases as with none.
 * (8) A ready task whose queue may not start one now (paused, or its limits were lowered)
 *     goes back before its queue's gate when it would have been granted.
 */
#include "queue/queue_priv.h"

/* --- What is ready --- */

struct candidate {
	int64_t id, priority;
	struct str kind, queue;
};

struct candidates {
	struct candidate *list;
	size_t n;
};

static int by_priority_then_age(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static enum rc read_ready(struct tx *tx, struct rows *rows, struct str kind, struct candidates *c,
                          struct err *err)
{
	while (rows_next(rows)) {
		struct str queue = rows_str(rows, 2);
		/* Mostly they are the same text. */
		queue = str_eq(queue, kind) ? kind : str_dup(tx->arena, queue);
		c->list[c->n++] =
		        (struct candidate){ rows_int(rows, 0), rows_int(rows, 1), kind, queue };
	}
	return rows_end(rows, err);
}

/* Where it is read what is ready: in the transaction, unless that bug is planted. */
static struct db *ready_db(struct tx *tx)
{
	struct db *db = tx->db;
	if (PLANTED(select_then_update) && store_reader_borrow(tx->store, &db, NULL) == RC_OK)
		store_reader_return(tx->store, db);
	return db;
}

/* The best `want` of all the kinds. */
static enum rc find_ready(struct tx *tx, const struct lease_command *l, int64_t tenant,
                          int64_t want, struct candidates *c, struct err *err)
{
	enum rc rc = RC_OK;
	c->n = 0;
	for (size_t i = 0; i < l->n_kinds && rc == RC_OK; i++) {
		struct rows rows;
		DB_QUERY(ready_db(tx), SQL_TASK_READY, &rows, err, BIND_INT(tenant),
		         BIND_STR(l->kinds[i]), BIND_INT(want));
		rc = read_ready(tx, &rows, l->kinds[i], c, err);
	}
	if (l->n_kinds > 1)
		qsort(c->list, c->n, sizeof *c->list, by_priority_then_age);
	c->n = size_min(c->n, (size_t)want);
	return rc;
}

/* Of the candidates those that belong to the first. */
static enum rc keep_kind(struct candidates *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->list[i].kind, c->list[0].kind))
			c->list[n++] = c->list[i];
	c->n = n;
	return RC_OK;
}

static enum rc keep_key(struct tx *tx, int64_t tenant, int64_t want, struct candidates *c,
                        struct err *err)
{
	struct rows rows;
	struct candidate first = c->list[0];
	struct str key = { 0 };
	DB_QUERY(tx->db, SQL_TASK_KEY, &rows, err, BIND_INT(tenant), BIND_INT(first.id));
	while (rows_next(&rows))
		key = str_dup(tx->arena, rows_str(&rows, 0));
	enum rc rc = rows_end(&rows, err);
	c->n = 1;
	if (rc != RC_OK || !key.len)
		return rc;
	c->n = 0;
	DB_QUERY(tx->db, SQL_TASK_READY_OF_KEY, &rows, err, BIND_INT(tenant), BIND_STR(key),
	         BIND_STR(first.kind), BIND_INT(want));
	return read_ready(tx, &rows, first.kind, c, err);
}

static enum rc keep_group(struct tx *tx, const struct lease_command *l, int64_t tenant,
                          int64_t want, struct candidates *c, struct err *err)
{
	if (c->n == 0)
		return RC_OK;
	switch (l->group) {
	case LEASE_GROUP_NONE:
		return RC_OK;
	case LEASE_GROUP_KIND:
		return keep_kind(c);
	case LEASE_GROUP_KEY:
		return keep_key(tx, tenant, want, c, err);
	}
	abort();
}

/* --- Granting --- */

static void add_worker(struct json_out *o, const void *ctx)
{
	const struct lease_command *l = ctx;
	json_put_str(o, "worker", l->worker);
}

static struct str token_view(const struct lease_token *t)
{
	return (struct str){ (const char *)t->bytes, sizeof t->bytes };
}

/* The shorter of the two that are set; 0: neither. */
static int64_t shorter_ms(int64_t a, int64_t b)
{
	return a && b ? int64_min(a, b) : int64_max(a, b);
}

/* Says too whether it may be leased: it is ready, and its deadline has not passed. */
static enum rc read_grant(struct tx *tx, const struct lease_command *l, struct lease *lease,
                          bool *ret_is_good, struct err *err)
{
	struct rows rows;
	*ret_is_good = false;
	DB_QUERY(ready_db(tx), SQL_TASK_GRANT, &rows, err, BIND_INT(lease->tenant),
	         BIND_INT(lease->task));
	while (rows_next(&rows)) {
		lease->kind = str_dup(l->arena, rows_str(&rows, 0));
		lease->queue = str_dup(l->arena, rows_str(&rows, 1));
		lease->key = str_dup(l->arena, rows_str(&rows, 2));
		lease->input = str_dup(l->arena, rows_str(&rows, 3));
		lease->attempt = rows_int(&rows, 4) + 1;
		lease->attempts_max = rows_int(&rows, 5);
		lease->timeout_ms = shorter_ms(rows_int(&rows, 6), l->timeout_ms);
		lease->lease_ms = shorter_ms(l->lease_ms, lease->timeout_ms);
		lease->run = rows_int(&rows, 7);
		int64_t deadline_ms = rows_int(&rows, 8);
		lease->origin = str_dup(l->arena, rows_str(&rows, 9));
		*ret_is_good = !deadline_ms || deadline_ms > tx->now_ms;
	}
	return rows_end(&rows, err);
}

static enum rc take(struct tx *tx, const struct lease_command *l, const struct lease *lease,
                    struct err *err)
{
	assert(task_can_move(TASK_READY, TASK_LEASED));
	return DB_RUN(tx->db, SQL_TASK_LEASE, err, BIND_INT(lease->tenant), BIND_INT(lease->task),
	              BIND_INT(lease->attempt), BIND_INT(tx->now_ms), BIND_INT(l->lease_ms),
	              BIND_INT(lease->timeout_ms), BIND_INT(tx->now_ms + lease->lease_ms),
	              BIND_BLOB(token_view(&lease->token)), BIND_STR(l->worker),
	              l->session.len ? BIND_STR(l->session) : BIND_NULL,
	              bind_opt_int(l->agent ? l->agent->id : 0));
}

/* Room is made when there is something to give: most who wait are looked at for nothing. */
static struct lease *next_lease(struct lease_command *l)
{
	if (!l->leases)
		l->leases = arena_new(l->arena, struct lease, (size_t)l->tasks_max);
	assert((int64_t)l->n_leases < l->tasks_max);
	return &l->leases[l->n_leases];
}

static enum rc grant_one(struct queue *q, struct tx *tx, struct lease_command *l,
                         struct scope scope, struct gates g, int64_t id, struct err *err)
{
	struct lease *lease = next_lease(l);
	*lease = (struct lease){ .task = id, .tenant = scope.tenant };
	env_random(tx->env, lease->token.bytes, sizeof lease->token.bytes);
	bool is_good;
	enum rc rc = read_grant(tx, l, lease, &is_good, err);
	if (rc == RC_OK && !is_good) { /* its deadline has passed: it is about to fail */
		q->is_hint_all = true;
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = take(tx, l, lease, err);
	if (rc != RC_OK)
		return rc;
	l->n_leases++;
	gates_leased(q, tx, g);
	agent_leased(q, tx, l->agent, lease->lease_ms);
	struct task_row row = {
		.id = id, .run = lease->run, .kind = lease->kind, .attempt = lease->attempt
	};
	task_event(q, tx, scope, "task.leased", &row, add_worker, l);
	tx_count(tx, COUNT_TASKS_LEASED, 1);
	return RC_OK;
}

static enum rc send_back(struct queue *q, struct tx *tx, int64_t tenant, struct gates g, int64_t id,
                         struct err *err)
{
	assert(task_can_move(TASK_READY, TASK_BLOCKED));
	gates_sent_back(q, g);
	q->budget--;
	return DB_RUN(tx->db, SQL_TASK_PLACE, err, BIND_INT(tenant), BIND_INT(id),
	              BIND_INT(TASK_BLOCKED), BIND_INT(GATE_AT_QUEUE));
}

static enum rc grant_candidates(struct queue *q, struct tx *tx, struct lease_command *l,
                                struct scope scope, const struct candidates *c,
                                size_t *ret_sent_back, struct err *err)
{
	enum rc rc = RC_OK;
	size_t sent_back = 0;
	for (size_t i = 0; i < c->n && rc == RC_OK; i++) {
		struct gates g;
		rc = gates_find(q, tx, scope.tenant, c->list[i].queue, (struct str){ 0 }, &g, err);
		if (rc != RC_OK)
			break;
		if (gates_may_lease(g, tx->now_ms)) {
			rc = grant_one(q, tx, l, scope, g, c->list[i].id, err);
		} else {
			rc = send_back(q, tx, scope.tenant, g, c->list[i].id, err);
			sent_back++;
		}
	}
	*ret_sent_back = sent_back;
	return rc;
}

/* Up to `want` tasks of one tenant. */
static enum rc grant_of_tenant(struct queue *q, struct tx *tx, struct lease_command *l,
                               int64_t tenant, int64_t want, struct candidates *c, struct err *err)
{
	struct scope scope = l->c.scope;
	size_t before = l->n_leases, sent_back = 0;
	scope.tenant = tenant;
	do {
		int64_t left = want - (int64_t)(l->n_leases - before);
		enum rc rc = find_ready(tx, l, tenant, left, c, err);
		if (rc == RC_OK)
			rc = keep_group(tx, l, tenant, left, c, err);
		if (rc == RC_OK)
			rc = grant_candidates(q, tx, l, scope, c, &sent_back, err);
		if (rc != RC_OK)
			return rc;
		if (l->group != LEASE_GROUP_NONE && l->n_leases > before)
			return RC_OK;
	} while (sent_back && q->budget > 0);
	if (sent_back)
		q->is_hint_all = true; /* there may be more behind them */
	return RC_OK;
}

/* By turns, until the request is filled or nobody has work. */
static enum rc grant_for_all(struct queue *q, struct tx *tx, struct lease_command *l,
                             struct candidates *c, struct err *err)
{
	for (int empty = 0; (int64_t)l->n_leases < l->tasks_max && empty < 2;) {
		int64_t tenant, left;
		enum rc rc = turn_next(q, tx, l, &tenant, &left, err);
		if (rc != RC_OK || !tenant)
			return rc;
		size_t before = l->n_leases;
		int64_t want = int64_min(left, l->tasks_max - (int64_t)before);
		rc = grant_of_tenant(q, tx, l, tenant, want, c, err);
		if (rc != RC_OK)
			return rc;
		int64_t got = (int64_t)(l->n_leases - before);
		turn_used(q, l, got, got < want);
		empty = got ? 0 : empty + 1;
		if (l->group != LEASE_GROUP_NONE && got)
			return RC_OK;
	}
	return RC_OK;
}

enum rc lease_grant(struct queue *q, struct tx *tx, struct lease_command *l, struct err *err)
{
	bool did = false;
	enum rc rc = gates_open(q, tx, &did, err); /* places that this batch has freed */
	if (rc != RC_OK)
		return rc;
	size_t most = l->n_kinds * (size_t)l->tasks_max;
	struct candidates c = { .list = arena_new(tx->arena, struct candidate, most) };
	if (l->is_for_all)
		return grant_for_all(q, tx, l, &c, err);
	return grant_of_tenant(q, tx, l, l->c.scope.tenant, l->tasks_max, &c, err);
}

/* --- Granting again --- */

static bool is_held(const struct lease_command *l, int64_t id)
{
	for (size_t i = 0; i < l->n_holding; i++)
		if (l->holding[i] == id)
			return true;
	return false;
}

static void copy_again(struct lease_command *l, const struct rows *rows)
{
	struct str token = rows_str(rows, 11);
	struct lease *lease = next_lease(l);
	l->n_leases++;
	*lease = (struct lease){
		.task = rows_int(rows, 0),
		.tenant = rows_int(rows, 1),
		.kind = str_dup(l->arena, rows_str(rows, 2)),
		.queue = str_dup(l->arena, rows_str(rows, 3)),
		.key = str_dup(l->arena, rows_str(rows, 4)),
		.input = str_dup(l->arena, rows_str(rows, 5)),
		.attempt = rows_int(rows, 6),
		.attempts_max = rows_int(rows, 7),
		.timeout_ms = rows_int(rows, 8),
		.lease_ms = rows_int(rows, 9),
		.run = rows_int(rows, 10),
		.origin = str_dup(l->arena, rows_str(rows, 12)),
		.is_again = true,
	};
	assert(token.len == sizeof lease->token.bytes);
	memcpy(lease->token.bytes, token.ptr, token.len);
}

static enum rc grant_again(struct tx *tx, struct lease_command *l, struct err *err)
{
	struct rows rows;
	int64_t most = LEASE_HOLDING_MAX + LEASE_TASKS_MAX;
	DB_QUERY(tx->db, SQL_TASK_OF_SESSION, &rows, err, BIND_STR(l->session),
	         BIND_INT(l->is_for_all ? 0 : l->c.scope.tenant), BIND_INT(tx->now_ms),
	         BIND_INT(most),
	         BIND_INT(PLANTED(no_second_term) ? 0 : writer_began_ms(tx->writer)));
	while (rows_next(&rows))
		if ((int64_t)l->n_leases < l->tasks_max && !is_held(l, rows_int(&rows, 0)))
			copy_again(l, &rows);
	return rows_end(&rows, err);
}

enum rc lease_grant_session(struct queue *q, struct tx *tx, struct lease_command *l,
                            struct err *err)
{
	l->n_leases = 0;
	enum rc rc = l->session.len ? grant_again(tx, l, err) : RC_OK;
	l->is_draining = l->agent && l->agent->s.is_draining;
	if (rc != RC_OK || l->n_leases || l->is_draining)
		return rc;
	return lease_grant(q, tx, l, err);
}

enum rc lease_next(struct queue *q, struct tx *tx, struct lease_command *l, struct err *err)
{
	enum rc rc = agent_meet(q, tx, l, err);
	return rc == RC_OK ? lease_grant_session(q, tx, l, err) : rc;
}

static enum rc lease_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct lease_command *l = (struct lease_command *)c;
	struct queue *q = c->owner;
	assert(l->n_kinds >= 1 && l->n_kinds <= LEASE_KINDS_MAX);
	assert(l->tasks_max >= 1 && l->tasks_max <= LEASE_TASKS_MAX);
	assert(l->n_holding <= LEASE_HOLDING_MAX);
	enum rc rc = lease_next(q, tx, l, err);
	if (rc == RC_OK && l->n_leases == 0 && l->wait_ms > 0 && !l->is_draining) {
		wait_enter(q, l, tx->now_ms);
		c->is_parked = true;
	}
	return rc;
}

void lease_command_init(struct lease_command *l, struct queue *q, struct scope scope,
                        struct arena *arena)
{
	*l = (struct lease_command){
		.c = { .apply = lease_apply, .owner = q, .scope = scope },
		.arena = arena,
		.tasks_max = 1,
		.lease_ms = LEASE_MS_DEFAULT,
	};
}

void lease_command_init_all(struct lease_command *l, struct queue *q, struct scope scope,
                            struct arena *arena)
{
	lease_command_init(l, q, scope, arena);
	l->is_for_all = true;
}

/* --- Leases that ran out --- */

static enum rc lost(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                    struct err *err)
{
	enum rc rc = agent_attempt_ended(q, tx, row, ATTEMPT_LOST, err);
	if (rc != RC_OK)
		return rc;
	row->lost++;
	tx_count(tx, COUNT_LEASES_LOST, 1);
	if (row->lost > LEASE_LOST_MAX) {
		struct str words = str_fmt(tx->arena,
		                           "the lease ran out %lld times unanswered; the "
		                           "workers may crash on this task",
		                           (long long)row->lost);
		struct str error =
		        task_error_json(q, tx, STR("lease_lost"), words, (struct str){ 0 });
		return task_end_now(q, tx, scope, row, TASK_FAILED, error, err);
	}
	assert(task_can_move(row->state, TASK_READY));
	struct gates g;
	rc = gates_find(q, tx, scope.tenant, row->queue, row->key, &g, err);
	if (rc != RC_OK)
		return rc;
	gates_unleased(q, g);
	row->has_token = false; /* else a late failure would be taken for one that was heard */
	rc = DB_RUN(tx->db, SQL_TASK_AGAIN, err, BIND_INT(scope.tenant), BIND_INT(row->id),
	            BIND_INT(TASK_READY), BIND_INT(tx->now_ms), BIND_NULL, BIND_INT(row->failures),
	            BIND_INT(row->lost), BIND_INT(row->has_token));
	if (rc != RC_OK)
		return rc;
	row->state = TASK_READY;
	task_event(q, tx, scope, "task.lease_lost", row, NULL, NULL);
	lease_hint(q, scope.tenant, row->kind);
	return RC_OK;
}

static enum rc timed_out(struct queue *q, struct tx *tx, struct scope scope, struct task_row *row,
                         struct err *err)
{
	int64_t retry_at_ms;
	enum rc rc = agent_attempt_ended(q, tx, row, ATTEMPT_TIMED_OUT, err);
	if (rc != RC_OK)
		return rc;
	struct str words = str_fmt(tx->arena, "the attempt took longer than its %lld ms",
	                           (long long)row->attempt_ms);
	struct str error = task_error_json(q, tx, STR("timeout"), words, (struct str){ 0 });
	return task_attempt_failed(q, tx, scope, row, error, false, &retry_at_ms, err);
}

/* A second term is only written down: the rest of them can wait for the next batch. */
static enum rc expire_one(struct queue *q, struct tx *tx, int64_t tenant, int64_t id, bool *did,
                          struct err *err)
{
	struct scope scope = { .tenant = tenant, .role = ROLE_OWNER };
	struct task_row row;
	enum rc rc = task_row_read(tx, tenant, id, &row, err);
	if (rc != RC_OK)
		return rc;
	if (row.second_term_ms > tx->now_ms)
		return DB_RUN(tx->db, SQL_LEASE_EXTEND, err, BIND_INT(tenant), BIND_INT(id),
		              BIND_INT(row.second_term_ms));
	*did = true;
	bool is_timeout = row.attempt_ms && tx->now_ms >= row.lease_began_ms + row.attempt_ms;
	return is_timeout ? timed_out(q, tx, scope, &row, err) : lost(q, tx, scope, &row, err);
}

enum rc lease_expire(struct queue *q, struct tx *tx, bool *did, struct err *err)
{
	struct {
		int64_t id, tenant;
	} found[SLICE];
	size_t n = 0;
	struct rows rows;
	DB_QUERY(tx->db, SQL_TASK_EXPIRED, &rows, err,
	         BIND_INT(tx->now_ms + (PLANTED(early_reap) ? 5 : 0)), BIND_INT(SLICE));
	for (; rows_next(&rows); n++) {
		found[n].id = rows_int(&rows, 0);
		found[n].tenant = rows_int(&rows, 1);
	}
	enum rc rc = rows_end(&rows, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = expire_one(q, tx, found[i].tenant, found[i].id, did, err);
	return rc;
}
