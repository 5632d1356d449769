/* Timers and events: what a running step waits for besides tasks.
 *
 * (1) A wait is one row, written in the transaction that begins its step and deleted in the
 *     one that ends it.  Nobody holds a worker meanwhile.
 * (2) When its moment has come, the row says so (`is_over`) and its run is due; what that
 *     means is decided when the run gets its turn, and whatever came before wins.
 * (3) Memory knows no more than when to look next: too early costs a look. */
#include "flow/advance_priv.h"

#include "codec/rfc3339.h"
#include "codec/schema.h"
#include "queue/idempotency.h"

#include <sodium.h>

enum { WAKE_SLICE = 100 };

/* --- Beginning --- */

struct wait_new {
	int64_t due_ms; /* 0: none */
	struct str name, value, hash, prompt;
	int64_t approvers;
};

static enum rc write_wait(struct advance *a, int64_t i, const struct wait_new *w, struct err *err)
{
	if (w->due_ms)
		a->f->wake_ms = int64_min(a->f->wake_ms, w->due_ms);
	return DB_RUN(a->tx->db, SQL_WAIT_INSERT, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	              BIND_INT(i + 1), BIND_INT(a->d->steps[i].type), BIND_INT(a->tx->now_ms),
	              bind_opt_int(w->due_ms), bind_opt_str(w->name), bind_opt_str(w->value),
	              w->hash.ptr ? BIND_BLOB(w->hash) : BIND_NULL, bind_opt_str(w->prompt),
	              BIND_INT(w->approvers));
}

static enum rc read_value(struct advance *a, const struct json *template, const struct json **ret,
                          struct err *err)
{
	struct str text;
	enum rc rc = resolve(a, template, &text, err);
	if (rc == RC_OK)
		rc = json_read(a->tx->arena, str_dup(a->tx->arena, text),
		               &(struct json_limits){ 2 << 20, 160, 1 << 20 }, ret, err);
	return rc;
}

static enum rc begin_timer(struct advance *a, int64_t i, struct err *err)
{
	const struct wait_def *def = &a->d->steps[i].wait;
	const struct json *v;
	struct wait_new w = { .due_ms = 0 };
	enum rc rc = read_value(a, def->until ? def->until : def->timer_ms, &v, err);
	if (rc != RC_OK)
		return rc;
	if (def->until) {
		if (v->type != JSON_STRING || rfc3339_parse(v->text, &w.due_ms) != RC_OK)
			return err_set(err, CODE_FIELD_TYPE,
			               "\"until\" must be a time such as 2027-01-31T08:00:00Z");
	} else if (!v->is_int || v->integer < 0 || v->integer > PATIENCE_MS_MAX) {
		return err_set(err, CODE_FIELD_TYPE,
		               "\"timer_ms\" must be milliseconds, at most ten years");
	} else {
		w.due_ms = a->tx->now_ms + v->integer - (PLANTED(early_timer) ? 50 : 0);
	}
	w.due_ms = int64_max(w.due_ms, 1);
	return write_wait(a, i, &w, err);
}

static enum rc begin_event(struct advance *a, int64_t i, struct err *err)
{
	const struct wait_def *def = &a->d->steps[i].wait;
	struct wait_new w = { .name = def->event };
	enum rc rc = RC_OK;
	if (def->match_value)
		rc = resolve(a, def->match_value, &w.value, err);
	if (rc != RC_OK)
		return rc;
	w.due_ms = def->timeout_ms ? a->tx->now_ms + def->timeout_ms : 0;
	return write_wait(a, i, &w, err);
}

static enum rc begin_approval(struct advance *a, int64_t i, struct err *err)
{
	const struct step_def *step = &a->d->steps[i];
	const struct approve_def *def = &step->approve;
	unsigned char hash[APPROVAL_HASH_BYTES];
	struct wait_new w = { .name = step->name,
		              .prompt = def->prompt,
		              .approvers = PLANTED(one_vote) ? 1 : def->approvers,
		              .hash = { (const char *)hash, sizeof hash } };
	enum rc rc = resolve(a, def->show, &w.value, err);
	if (rc != RC_OK)
		return rc;
	if (w.value.len > APPROVAL_SHOW_MAX)
		return err_set(err, CODE_TOO_LARGE,
		               "what is shown has %zu bytes; at most %d are allowed", w.value.len,
		               APPROVAL_SHOW_MAX);
	crypto_hash_sha256(hash, (const unsigned char *)w.value.ptr, w.value.len);
	w.due_ms = def->expires_ms ? a->tx->now_ms + def->expires_ms : 0;
	return write_wait(a, i, &w, err);
}

enum rc wait_begin(struct advance *a, int64_t i, struct err *err)
{
	switch (a->d->steps[i].type) {
	case STEP_TIMER:
		return begin_timer(a, i, err);
	case STEP_EVENT:
		return begin_event(a, i, err);
	case STEP_APPROVAL:
		return begin_approval(a, i, err);
	case STEP_TASK:
	case STEP_CHILD:
	case STEP_TYPES:
		break;
	}
	abort();
}

/* --- Taking an event --- */

/* Is all of `wanted` in v?  As deep as the reader let the definition nest. */
static bool contains(const struct json *v, const struct json *wanted)
{
	if (wanted->type != JSON_OBJECT || v->type != JSON_OBJECT)
		return json_equal(v, wanted);
	for (const struct json *m = wanted->first; m; m = m->next) {
		const struct json *found = json_get(v, m->name);
		if (!found || !contains(found, m))
			return false;
	}
	return true;
}

struct taking {
	const struct json *wanted; /* NULL: any */
	int64_t id;                /* the event that matches; 0: none yet */
	int64_t seen, looked;
	struct str data;
};

static bool matches(struct advance *a, const struct step_def *def, const struct json *wanted,
                    struct str data)
{
	const struct json *v;
	struct json_limits limits = { 2 << 20, 160, 1 << 20 };
	if (json_read(a->tx->arena, data, &limits, &v, NULL) != RC_OK)
		return false;
	if (wanted && !contains(v, wanted))
		return false;
	return !def->wait.match || schema_check(def->wait.match, v, a->tx->arena, NULL) == RC_OK;
}

static enum rc look(struct advance *a, const struct step_def *def, struct taking *t,
                    struct err *err)
{
	struct rows rows;
	DB_QUERY(a->tx->db, SQL_INBOX_LIST, &rows, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	         BIND_STR(def->wait.event), BIND_INT(t->seen), BIND_INT(INBOX_LOOK));
	while (!t->id && rows_next(&rows)) {
		t->looked++;
		struct str data = str_dup(a->tx->arena, rows_str(&rows, 1));
		if (matches(a, def, t->wanted, data)) {
			t->id = rows_int(&rows, 0);
			t->data = data;
		} else {
			t->seen = rows_int(&rows, 0);
		}
	}
	return rows_end(&rows, err);
}

static enum rc delete_wait(struct advance *a, int64_t i, struct err *err)
{
	return DB_RUN(a->tx->db, SQL_WAIT_DELETE, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	              BIND_INT(i + 1));
}

/* The step has what it waited for.  Its row says that it has succeeded once, as a task's. */
enum rc wait_arrive(struct advance *a, int64_t i, struct str output, struct err *err)
{
	a->steps[i].succeeded = 1;
	enum rc rc = delete_wait(a, i, err);
	if (rc == RC_OK)
		rc = DB_RUN(a->tx->db, SQL_STEP_WAIT_SUCCEEDED, err, BIND_INT(a->scope.tenant),
		            BIND_INT(a->run), BIND_INT(i + 1));
	return rc == RC_OK ? step_succeed(a, i, output, err) : rc;
}

static enum rc take(struct advance *a, int64_t i, const struct taking *t, struct err *err)
{
	enum rc rc =
	        DB_RUN(a->tx->db, SQL_INBOX_TAKE, err, BIND_INT(a->scope.tenant), BIND_INT(t->id));
	return rc == RC_OK ? wait_arrive(a, i, t->data, err) : rc;
}

static enum rc time_out(struct advance *a, int64_t i, struct err *err)
{
	const struct step_def *def = &a->d->steps[i];
	struct failure why = { .code = STR("timeout"),
		               .message = str_fmt(
		                       a->tx->arena, "no event \"" STR_FMT "\" came within %lld ms",
		                       STR_ARG(def->wait.event), (long long)def->wait.timeout_ms) };
	if (def->wait.is_continuing)
		return wait_arrive(a, i, STR("null"), err);
	return step_fail(a, i, why, err);
}

struct wait_row {
	bool is_over;
	int64_t seen, approvers;
	struct str value;
};

static enum rc load_wait(struct advance *a, int64_t i, struct wait_row *ret, struct err *err)
{
	struct rows rows;
	*ret = (struct wait_row){ .is_over = true };
	DB_QUERY(a->tx->db, SQL_WAIT_GET, &rows, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	         BIND_INT(i + 1));
	if (rows_next(&rows))
		*ret = (struct wait_row){ .is_over = rows_int(&rows, 0) != 0,
			                  .seen = rows_int(&rows, 1),
			                  .value = str_dup(a->tx->arena, rows_str(&rows, 2)),
			                  .approvers = rows_int(&rows, 4) };
	return rows_end(&rows, err);
}

static enum rc event_advance(struct advance *a, int64_t i, const struct wait_row *row,
                             struct err *err)
{
	struct taking t = { .seen = row->seen };
	enum rc rc = RC_OK;
	if (row->value.len)
		rc = json_read(a->tx->arena, row->value,
		               &(struct json_limits){ 2 << 20, 160, 1 << 20 }, &t.wanted, err);
	if (rc == RC_OK)
		rc = look(a, &a->d->steps[i], &t, err);
	if (rc != RC_OK)
		return rc;
	if (t.id)
		return take(a, i, &t, err);
	if (t.looked == INBOX_LOOK)
		a->stays_due = true;
	else if (row->is_over)
		return time_out(a, i, err);
	if (t.seen == row->seen)
		return RC_OK;
	return DB_RUN(a->tx->db, SQL_WAIT_SEEN, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	              BIND_INT(i + 1), BIND_INT(t.seen));
}

enum rc wait_advance(struct advance *a, int64_t i, struct err *err)
{
	struct wait_row row;
	enum step_type type = a->d->steps[i].type;
	enum rc rc = load_wait(a, i, &row, err);
	if (rc != RC_OK)
		return rc;
	if (type == STEP_EVENT)
		return event_advance(a, i, &row, err);
	if (type == STEP_APPROVAL)
		return approval_advance(a, i, row.approvers, row.is_over, err);
	return row.is_over ? wait_arrive(a, i, STR("null"), err) : RC_OK;
}

/* --- Waking --- */

static enum rc find_next(struct flow *f, struct tx *tx, struct err *err)
{
	struct rows rows;
	int64_t next = INT64_MAX;
	db_query(tx->db, SQL_WAIT_NEXT, NULL, 0, &rows, err);
	if (rows_next(&rows) && !rows_is_null(&rows, 0))
		next = rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	f->wake_ms = next;
	f->is_wake_known = true;
	return RC_OK;
}

struct due_wait {
	int64_t tenant, run, step;
};

static enum rc list_due(struct tx *tx, struct due_wait *list, size_t *n, struct err *err)
{
	struct rows rows;
	DB_QUERY(tx->db, SQL_WAIT_DUE, &rows, err, BIND_INT(tx->now_ms), BIND_INT(WAKE_SLICE));
	while (rows_next(&rows))
		list[(*n)++] = (struct due_wait){ rows_int(&rows, 0), rows_int(&rows, 1),
			                          rows_int(&rows, 2) };
	return rows_end(&rows, err);
}

static enum rc wake(struct flow *f, struct tx *tx, const struct due_wait *w, struct err *err)
{
	enum rc rc = DB_RUN(tx->db, SQL_WAIT_OVER, err, BIND_INT(w->tenant), BIND_INT(w->run),
	                    BIND_INT(w->step));
	return rc == RC_OK ? flow_mark_due(f, tx, w->tenant, w->run, err) : rc;
}

enum rc wait_wake(struct flow *f, struct tx *tx, bool *did, struct err *err)
{
	struct due_wait list[WAKE_SLICE];
	size_t n = 0;
	if (f->is_wake_known && f->wake_ms > tx->now_ms)
		return RC_OK;
	if (flow_room(f, tx) <= 0)
		return RC_OK;
	enum rc rc = list_due(tx, list, &n, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = wake(f, tx, &list[i], err);
	*did |= n > 0;
	return rc == RC_OK ? find_next(f, tx, err) : rc;
}

/* --- Events come --- */

static enum rc check_event(const struct run_event_command *e, struct tx *tx, struct err *err)
{
	const struct json *v;
	bool is_name = e->name.len > 0 && e->name.len <= EVENT_NAME_MAX;
	for (size_t i = 0; i < e->name.len && is_name; i++) {
		char c = e->name.ptr[i];
		is_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		          (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
	}
	if (!is_name) {
		err_set(err, CODE_FIELD_RANGE,
		        "the name of an event is 1 to %d of a-z, A-Z, 0-9, \".\", \"_\" and \"-\"",
		        EVENT_NAME_MAX);
		return err_at(err, "/name");
	}
	if (e->data.len > EVENT_DATA_MAX) {
		err_set(err, CODE_TOO_LARGE, "an event has at most %d bytes of data, this has %zu",
		        EVENT_DATA_MAX, e->data.len);
		return err_at(err, "/data");
	}
	return e->data.len ? json_read(tx->arena, e->data, NULL, &v, err) : RC_OK;
}

static enum rc check_room(const struct run_event_command *e, struct tx *tx, struct err *err)
{
	struct rows rows;
	int64_t n = 0;
	DB_QUERY(tx->db, SQL_INBOX_COUNT, &rows, err, BIND_INT(e->c.scope.tenant),
	         BIND_INT(e->run));
	if (rows_next(&rows))
		n = rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK && n >= RUN_EVENTS_MAX)
		return err_set(err, CODE_QUEUE_FULL,
		               "the run keeps %d events already that no step has taken",
		               RUN_EVENTS_MAX);
	return rc;
}

static enum rc check_open(const struct run_event_command *e, struct tx *tx, struct err *err)
{
	struct run_brief row;
	enum rc rc = run_find(tx, e->c.scope, e->run, &row, err);
	if (rc == RC_OK && row.state != RUN_RUNNING && row.state != RUN_WAITING)
		return err_set(err, CODE_WRONG_STATE, "the run takes no events any more: it is %s",
		               run_state_text(row.state));
	return rc;
}

static void received_event(struct flow *f, struct tx *tx, const struct run_event_command *e)
{
	struct json_out o;
	buf_clear(&f->words);
	json_out_init(&o, &f->words);
	json_begin_object(&o);
	json_put_str(&o, "name", e->name);
	json_end_object(&o);
	tx_event(tx, &(struct event_new){ .tenant = e->c.scope.tenant,
	                                  .actor = e->c.scope.actor,
	                                  .type = "run.event",
	                                  .subject = e->run,
	                                  .run = e->run,
	                                  .data = buf_str(&f->words) });
}

static enum rc keep_event(struct flow *f, struct tx *tx, const struct run_event_command *e,
                          int64_t id, struct err *err)
{
	struct rows rows;
	struct str data = e->data.len ? e->data : STR("null");
	int64_t tenant = e->c.scope.tenant;
	enum rc rc = DB_RUN(tx->db, SQL_INBOX_INSERT, err, BIND_INT(id), BIND_INT(tenant),
	                    BIND_INT(e->run), BIND_STR(e->name), BIND_STR(data));
	if (rc != RC_OK)
		return rc;
	received_event(f, tx, e);
	DB_QUERY(tx->db, SQL_WAIT_OF_EVENT, &rows, err, BIND_INT(tenant), BIND_INT(e->run),
	         BIND_STR(e->name));
	bool is_awaited = rows_next(&rows);
	rc = rows_end(&rows, err);
	return rc == RC_OK && is_awaited ? flow_mark_due(f, tx, tenant, e->run, err) : rc;
}

static enum rc claim(struct run_event_command *e, struct tx *tx, int64_t id, struct err *err)
{
	struct buf words = BUF_INIT(EVENT_DATA_MAX + 1024);
	int64_t found;
	if (!e->idempotency_key.len)
		return RC_OK;
	buf_addf(&words, "%lld\n" STR_FMT "\n", (long long)e->run, STR_ARG(e->name));
	buf_add(&words, e->data);
	struct idempotency key = { .space = IDEMPOTENCY_EVENT,
		                   .key = e->idempotency_key,
		                   .request = idempotency_hash(buf_str(&words)) };
	buf_fini(&words);
	enum rc rc = idempotency_claim(tx, e->c.scope, &key, id, &found, err);
	e->is_duplicate = rc == RC_OK && found != id;
	return rc;
}

static enum rc run_event_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct run_event_command *e = (struct run_event_command *)c;
	int64_t id = store_new_id(tx->store, tx->now_ms);
	e->is_duplicate = false;
	enum rc rc = check_event(e, tx, err);
	if (rc == RC_OK)
		rc = claim(e, tx, id, err);
	if (rc != RC_OK || e->is_duplicate)
		return rc;
	rc = check_open(e, tx, err);
	if (rc == RC_OK)
		rc = check_room(e, tx, err);
	return rc == RC_OK ? keep_event(c->owner, tx, e, id, err) : rc;
}

void run_event_command_init(struct run_event_command *e, struct flow *f, struct scope scope)
{
	*e = (struct run_event_command){
		.c = { .apply = run_event_apply, .owner = f, .scope = scope },
	};
}
