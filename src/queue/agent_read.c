/* Looking at agents: one, a list, the sum, the history; and why nobody takes a task.
 *
 * Read from the disk, as of the last commit.  When an agent was last seen only the engine
 * knows: agent_live_init().
 */
#include "queue/agent_priv.h"
#include "queue/queue_priv.h"

enum { EXPLAIN_LOOK = 1000 /* agents looked at to say why nobody takes a task */ };

static const char *const shown_texts[AGENT_SHOWN_COUNT] = {
	[AGENT_IS_STARTING] = "starting", [AGENT_IS_IDLE] = "idle",
	[AGENT_IS_BUSY] = "busy",         [AGENT_IS_DRAINING] = "draining",
	[AGENT_IS_DRAINED] = "drained",   [AGENT_IS_SILENT] = "silent",
	[AGENT_IS_GONE] = "gone",
};

const char *agent_shown_text(enum agent_shown s)
{
	assert(s < AGENT_SHOWN_COUNT);
	return shown_texts[s];
}

bool agent_shown_parse(struct str text, enum agent_shown *ret)
{
	for (enum agent_shown s = AGENT_IS_STARTING; s < AGENT_SHOWN_COUNT; s++) {
		if (str_eqz(text, shown_texts[s])) {
			*ret = s;
			return true;
		}
	}
	return false;
}

const char *agent_what_text(int what)
{
	static const char *const texts[] = {
		[AGENT_REGISTERED] = "registered",
		[AGENT_CHANGED] = "changed",
		[AGENT_STARTED] = "started",
		[AGENT_WENT_SILENT] = "silent",
		[AGENT_WENT] = "gone",
		[AGENT_CAME_BACK] = "back",
		[AGENT_DRAINING] = "draining",
		[AGENT_DRAINED] = "drained",
		[AGENT_RESUMED] = "resumed",
	};
	bool is_known = what > 0 && what < (int)ARRAY_LEN(texts);
	return is_known ? texts[what] : "unknown";
}

/* The same as in SQL_AGENT_LIST. */
enum agent_shown agent_shown_of(enum agent_state state, bool is_draining, int64_t held)
{
	if (state >= AGENT_SILENT)
		return state == AGENT_GONE ? AGENT_IS_GONE : AGENT_IS_SILENT;
	if (is_draining)
		return held ? AGENT_IS_DRAINING : AGENT_IS_DRAINED;
	if (held)
		return AGENT_IS_BUSY;
	return state == AGENT_STARTING ? AGENT_IS_STARTING : AGENT_IS_IDLE;
}

/* --- How well --- */

int64_t agent_health(enum agent_shown shown, int64_t failing_ppm, int64_t losing_ppm)
{
	int64_t health = 100 - (failing_ppm + 2 * losing_ppm + 5000) / 10000;
	health = int64_max(health, 0);
	if (shown == AGENT_IS_GONE)
		return 0;
	return shown == AGENT_IS_SILENT ? health / 2 : health;
}

/* "1.5 %": tenths are enough. */
static struct str say_share(struct arena *a, int64_t ppm, const char *what)
{
	return str_fmt(a, "%lld.%lld %% of its recent attempts %s", (long long)(ppm / 10000),
	               (long long)(ppm / 1000 % 10), what);
}

size_t agent_reasons(const struct agent_shape *s, struct arena *a,
                     struct str ret[AGENT_REASONS_MAX])
{
	size_t n = 0;
	if (s->shown == AGENT_IS_GONE)
		ret[n++] = STR("it has not been seen for long");
	if (s->shown == AGENT_IS_SILENT)
		ret[n++] = STR("it is not seen any more");
	if (s->failing_ppm >= 1000)
		ret[n++] = say_share(a, s->failing_ppm, "failed");
	if (s->losing_ppm >= 1000)
		ret[n++] = say_share(a, s->losing_ppm, "were lost: it fell silent over them");
	return n;
}

static int64_t share_ppm(int64_t part, int64_t whole)
{
	return whole > 0 ? (int64_t)((double)part * 1e6 / (double)whole) : -1;
}

static struct agent_targets targets_of(const struct agent_counts *c, int64_t life_ms,
                                       int64_t down_ms, int64_t recoveries, int64_t recovery_ms)
{
	int64_t bad = c->failed + c->timed_out + c->lost;
	int64_t down_ppm = share_ppm(int64_min(down_ms, life_ms), life_ms);
	return (struct agent_targets){
		.failures_ppm = share_ppm(bad, c->succeeded + bad),
		.uptime_ppm = down_ppm < 0 ? -1 : 1000 * 1000 - down_ppm,
		.recovery_ms = recoveries ? recovery_ms / recoveries : -1,
	};
}

struct row {
	enum agent_state state;
	int64_t down_ms, recoveries, recovery_ms;
};

/* A life ends where an agent fell silent that is gone: it does not go on being down. */
static void judge(struct agent_shape *s, const struct row *r, int64_t now_ms)
{
	bool is_out = r->state == AGENT_SILENT && !s->is_draining;
	int64_t outage_ms = is_out ? int64_max(now_ms - s->since_ms, 0) : 0;
	int64_t end_ms = r->state == AGENT_GONE ? s->since_ms : now_ms;
	s->health = agent_health(s->shown, s->failing_ppm, s->losing_ppm);
	s->targets = targets_of(&s->counts, end_ms - s->registered_ms, r->down_ms + outage_ms,
	                        r->recoveries + is_out, r->recovery_ms + outage_ms);
}

/* --- Rows --- */

static enum agent_state state_of(int64_t stored)
{
	return stored >= AGENT_STARTING && stored <= AGENT_GONE ? (enum agent_state)stored
	                                                        : AGENT_GONE;
}

static void copy(const struct rows *rows, struct arena *a, int64_t now_ms, struct agent_shape *s)
{
	struct row r = { .state = state_of(rows_int(rows, 2)) };
	*s = (struct agent_shape){
		.id = rows_int(rows, 0),
		.name = str_dup(a, rows_str(rows, 1)),
		.is_draining = rows_int(rows, 3) != 0,
		.is_implicit = rows_int(rows, 4) != 0,
		.startup_ms = rows_is_null(rows, 13) ? -1 : rows_int(rows, 13),
		.version = str_dup(a, rows_str(rows, 14)),
		.drain_reason = str_dup(a, rows_str(rows, 15)),
	};
	int64_t *const before[] = { &s->capacity,      &s->timeout_ms, &s->silent_after_ms,
		                    &s->registered_ms, &s->since_ms,   &r.down_ms,
		                    &r.recoveries,     &r.recovery_ms };
	int64_t *const behind[] = {
		&s->held,        &s->counts.succeeded, &s->counts.failed,    &s->counts.timed_out,
		&s->counts.lost, &s->counts.returned,  &s->counts.cancelled, &s->duration_ms,
		&s->failing_ppm, &s->losing_ppm,       &s->first_ms,         &s->seen_ms
	};
	for (int i = 0; i < (int)ARRAY_LEN(before); i++)
		*before[i] = rows_int(rows, 5 + i);
	for (int i = 0; i < (int)ARRAY_LEN(behind); i++)
		*behind[i] = rows_int(rows, 16 + i);
	s->shown = agent_shown_of(r.state, s->is_draining, s->held);
	judge(s, &r, now_ms);
}

static enum rc read_capabilities(struct db *db, struct scope scope, struct arena *a,
                                 struct agent_shape *s, struct err *err)
{
	enum { MOST = AGENT_KINDS_MAX * 2 };
	struct rows rows;
	s->kinds = arena_new(a, struct str, MOST);
	s->labels = arena_new(a, struct agent_label, AGENT_LABELS_MAX);
	DB_QUERY(db, SQL_AGENT_CAPABILITIES, &rows, err, BIND_INT(scope.tenant), BIND_INT(s->id));
	while (rows_next(&rows)) {
		struct str name = str_dup(a, rows_str(&rows, 1));
		if (rows_int(&rows, 0) == AGENT_KIND && s->n_kinds < MOST)
			s->kinds[s->n_kinds++] = name;
		else if (rows_int(&rows, 0) == AGENT_LABEL && s->n_labels < AGENT_LABELS_MAX)
			s->labels[s->n_labels++] =
			        (struct agent_label){ name, str_dup(a, rows_str(&rows, 2)) };
	}
	return rows_end(&rows, err);
}

static enum rc read_all(struct db *db, struct scope scope, const struct agent_filter *f,
                        struct arena *a, int64_t now_ms, struct agent_shape *list, size_t *ret_n,
                        struct err *err)
{
	size_t n = 0;
	struct rows rows;
	DB_QUERY(db, SQL_AGENT_LIST, &rows, err, BIND_INT(scope.tenant),
	         BIND_STR(f->after.len ? f->after : STR("")), BIND_INT(f->shown),
	         bind_opt_str(f->kind), bind_opt_str(f->label), bind_opt_str(f->value),
	         BIND_INT((int64_t)f->limit));
	while (rows_next(&rows))
		copy(&rows, a, now_ms, &list[n++]);
	enum rc rc = rows_end(&rows, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = read_capabilities(db, scope, a, &list[i], err);
	if (rc == RC_OK)
		*ret_n = n;
	return rc;
}

enum rc agent_list(struct queue *q, struct scope scope, const struct agent_filter *f,
                   struct arena *a, struct agent_shape **ret, size_t *ret_n, struct err *err)
{
	assert(f->limit >= 1 && f->limit <= 200);
	struct db *db;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	struct agent_shape *list = arena_new(a, struct agent_shape, f->limit);
	rc = read_all(db, scope, f, a, writer_now_ms(q->writer), list, ret_n, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = list;
	return rc;
}

static enum rc not_found(struct err *err)
{
	return err_set(err, CODE_NOT_FOUND, "no agent of that name is registered");
}

static enum rc read_one(struct db *db, struct scope scope, struct str name, struct arena *a,
                        int64_t now_ms, struct agent_shape *ret, struct err *err)
{
	bool is_found = false;
	struct rows rows;
	DB_QUERY(db, SQL_AGENT_GET, &rows, err, BIND_INT(scope.tenant), BIND_STR(name));
	while (rows_next(&rows)) {
		copy(&rows, a, now_ms, ret);
		is_found = true;
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	return is_found ? read_capabilities(db, scope, a, ret, err) : not_found(err);
}

enum rc agent_get(struct queue *q, struct scope scope, struct str name, struct arena *a,
                  struct agent_shape *ret, struct err *err)
{
	struct db *db;
	struct agent_shape shape;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	rc = read_one(db, scope, name, a, writer_now_ms(q->writer), &shape, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = shape;
	return rc;
}

enum rc agent_tasks(struct queue *q, struct scope scope, int64_t id, struct arena *a, int64_t **ret,
                    size_t *ret_n, struct err *err)
{
	struct db *db;
	struct rows rows;
	size_t n = 0;
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	int64_t *tasks = arena_new(a, int64_t, AGENT_TASKS_MAX);
	DB_QUERY(db, SQL_AGENT_TASKS, &rows, err, BIND_INT(scope.tenant), BIND_INT(id),
	         BIND_INT(AGENT_TASKS_MAX));
	while (rows_next(&rows))
		tasks[n++] = rows_int(&rows, 0);
	rc = rows_end(&rows, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK) {
		*ret = tasks;
		*ret_n = n;
	}
	return rc;
}

/* --- All together --- */

static void copy_sum(const struct rows *rows, struct agent_sum *s)
{
	int64_t recoveries = rows_int(rows, 5), recovery_ms = rows_int(rows, 6);
	int64_t *const first[] = { &s->agents, &s->counts.succeeded, &s->counts.failed,
		                   &s->counts.timed_out, &s->counts.lost };
	int64_t *const second[] = { &s->starting, &s->live,     &s->silent,
		                    &s->gone,     &s->draining, &s->held };
	for (int i = 0; i < (int)ARRAY_LEN(first); i++)
		*first[i] = rows_int(rows, i);
	for (int i = 0; i < (int)ARRAY_LEN(second); i++)
		*second[i] = rows_int(rows, 7 + i);
	s->targets = targets_of(&s->counts, rows_int(rows, 13), rows_int(rows, 14), recoveries,
	                        recovery_ms);
}

enum rc agent_sum(struct queue *q, struct scope scope, struct agent_sum *ret, struct err *err)
{
	struct db *db;
	struct rows rows;
	struct agent_sum sum = { 0 };
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	DB_QUERY(db, SQL_AGENT_SUM, &rows, err, BIND_INT(scope.tenant),
	         BIND_INT(writer_now_ms(q->writer)));
	while (rows_next(&rows))
		copy_sum(&rows, &sum);
	rc = rows_end(&rows, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = sum;
	return rc;
}

/* --- History --- */

static enum rc find_id(struct db *db, struct scope scope, struct str name, int64_t *ret,
                       struct err *err)
{
	int64_t id = 0;
	struct rows rows;
	DB_QUERY(db, SQL_AGENT_ID, &rows, err, BIND_INT(scope.tenant), BIND_STR(name));
	while (rows_next(&rows))
		id = rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	if (!id)
		return not_found(err);
	*ret = id;
	return RC_OK;
}

static enum rc read_history(struct db *db, struct scope scope, int64_t id, int64_t before,
                            size_t limit, struct arena *a, struct agent_change *list, size_t *ret_n,
                            struct err *err)
{
	size_t n = 0;
	struct rows rows;
	DB_QUERY(db, SQL_AGENT_HISTORY, &rows, err, BIND_INT(scope.tenant), BIND_INT(id),
	         BIND_INT(before ? before : INT64_MAX), BIND_INT((int64_t)limit));
	while (rows_next(&rows))
		list[n++] = (struct agent_change){
			.n = rows_int(&rows, 0),
			.at_ms = rows_int(&rows, 1),
			.actor = rows_int(&rows, 2),
			.what = agent_what_text((int)rows_int(&rows, 3)),
			.detail = str_dup(a, rows_str(&rows, 4)),
		};
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret_n = n;
	return rc;
}

enum rc agent_history(struct queue *q, struct scope scope, struct str name, int64_t before,
                      size_t limit, struct arena *a, struct agent_change **ret, size_t *ret_n,
                      struct err *err)
{
	struct db *db;
	int64_t id;
	assert(limit >= 1 && limit <= 200);
	enum rc rc = store_reader_borrow(q->store, &db, err);
	if (rc != RC_OK)
		return rc;
	struct agent_change *list = arena_new(a, struct agent_change, limit);
	rc = find_id(db, scope, name, &id, err);
	if (rc == RC_OK)
		rc = read_history(db, scope, id, before, limit, a, list, ret_n, err);
	store_reader_return(q->store, db);
	if (rc == RC_OK)
		*ret = list;
	return rc;
}

/* --- Why nobody takes it --- */

struct performers {
	int64_t all, live, willing, free;
};

static struct str explain(struct arena *a, struct str kind, const struct performers *p)
{
	long long n = (long long)p->all;
	const char *s = p->all == 1 ? "" : "s";
	if (!p->all)
		return str_fmt(a, "no agent that performs " STR_FMT " is there", STR_ARG(kind));
	if (!p->live)
		return str_fmt(a, "%lld agent%s that perform%s " STR_FMT ", silent", n, s,
		               *s ? "" : "s", STR_ARG(kind));
	if (!p->willing)
		return str_fmt(a, "%lld agent%s that perform%s " STR_FMT ", draining", n, s,
		               *s ? "" : "s", STR_ARG(kind));
	if (!p->free)
		return str_fmt(a, "%lld agent%s that perform%s " STR_FMT ", busy", n, s,
		               *s ? "" : "s", STR_ARG(kind));
	return str_fmt(a, "%lld agent%s that perform%s " STR_FMT ", %lld with room, not asking now",
	               n, s, *s ? "" : "s", STR_ARG(kind), (long long)p->free);
}

enum rc agents_explain(struct db *db, struct scope scope, struct str kind, struct arena *a,
                       struct str *ret, struct err *err)
{
	struct performers p = { 0 };
	struct rows rows;
	DB_QUERY(db, SQL_AGENT_OF_KIND, &rows, err, BIND_INT(scope.tenant), BIND_STR(kind),
	         BIND_INT(EXPLAIN_LOOK));
	while (rows_next(&rows))
		p = (struct performers){ rows_int(&rows, 0), rows_int(&rows, 1), rows_int(&rows, 2),
			                 rows_int(&rows, 3) };
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret = explain(a, kind, &p);
	return rc;
}
