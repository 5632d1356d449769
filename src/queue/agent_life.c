/* The life of an agent: its first lease request, its signs of life and their absence.  See
 * agent.h.
 *
 * Looking is lazy: whoever was seen meanwhile is put off to when its silence could begin at the
 * earliest, so each agent is looked at about once in its silent_after_ms however often it polls.
 */
#include "queue/agent_priv.h"
#include "queue/queue_priv.h"
#include "sys/log.h"

enum {
	LOOKS = 2000,         /* in one round of a batch */
	LOOK_GRID_MS = 250,   /* looks come together: a crowd does not wake the engine one by one */
	TERM_GRACE_MS = 5000, /* behind the end of a lease: it is lost first */
	IDLE_KEPT_MS = 24 * 3600 * 1000, /* gone, implicit, never held a lease */
	HELD_LOOK_MS = 60 * 60 * 1000,
	FULL_SAID_MS = 60 * 1000,
};

uint64_t agent_hash(uint64_t h, struct str s)
{
	h ^= 14695981039346656037u; /* FNV-1a */
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.ptr[i]) * 1099511628211u;
	return h;
}

/* Such a name can be said in a path, a table, a log. */
bool is_agent_name(struct str name)
{
	if (name.len == 0 || name.len > AGENT_NAME_MAX || utf8_check(name) != name.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7f)
			return false;
	return true;
}

/* --- What is written down --- */

void agent_event(struct queue *q, struct tx *tx, struct scope scope, const struct agent *a,
                 const char *type, struct str detail)
{
	struct json_out o;
	buf_clear(&q->scratch);
	json_out_init(&o, &q->scratch);
	json_begin_object(&o);
	json_put_str(&o, "name", agent_name(a));
	if (detail.len)
		json_put_str(&o, "detail", detail);
	json_end_object(&o);
	assert(buf_rc(&q->scratch) == RC_OK);
	tx_event(tx, &(struct event_new){ .tenant = a->tenant,
	                                  .actor = scope.actor,
	                                  .type = type,
	                                  .subject = a->id,
	                                  .data = buf_str(&q->scratch) });
}

enum rc agent_note(struct queue *q, struct tx *tx, struct scope scope, struct agent *a,
                   enum agent_what what, const char *event, struct str detail, struct err *err)
{
	int64_t n = ++agent_change_row(q, a)->changes;
	enum rc rc = DB_RUN(tx->db, SQL_AGENT_CHANGE_INSERT, err, BIND_INT(a->id), BIND_INT(n),
	                    BIND_INT(a->tenant), BIND_INT(tx->now_ms), BIND_INT(scope.actor),
	                    BIND_INT(what), detail.len ? BIND_STR(detail) : BIND_NULL);
	if (rc == RC_OK)
		rc = DB_RUN(tx->db, SQL_AGENT_CHANGE_CUT, err, BIND_INT(a->tenant), BIND_INT(a->id),
		            BIND_INT(n - AGENT_CHANGES_MAX),
		            BIND_INT(tx->now_ms - q->retention_ms));
	if (rc == RC_OK && event)
		agent_event(q, tx, scope, a, event, detail);
	return rc;
}

enum rc agent_capability(struct tx *tx, const struct agent *a, int what, struct str name,
                         struct str value, struct err *err)
{
	return DB_RUN(tx->db, SQL_AGENT_CAPABILITY_ADD, err, BIND_INT(a->tenant), BIND_INT(what),
	              BIND_STR(name), BIND_STR(value.len ? value : STR("")), BIND_INT(a->id));
}

enum rc agent_rows_delete(struct tx *tx, const struct agent *a, struct err *err)
{
	static const enum sql all[] = { SQL_AGENT_CAPABILITY_CUT, SQL_AGENT_CHANGES_DELETE,
		                        SQL_AGENT_WORK_DELETE, SQL_AGENT_DELETE };
	enum rc rc = RC_OK;
	for (size_t i = 0; i < ARRAY_LEN(all) && rc == RC_OK; i++)
		rc = DB_RUN(tx->db, all[i], err, BIND_INT(a->tenant), BIND_INT(a->id));
	return rc;
}

enum rc agent_insert(struct queue *q, struct tx *tx, struct scope scope, struct str name,
                     const struct agent_facts *f, int64_t startup_ms, struct str version,
                     struct agent **ret, struct err *err)
{
	int64_t id = store_new_id(tx->store, tx->now_ms);
	enum rc rc =
	        DB_RUN(tx->db, SQL_AGENT_INSERT, err, BIND_INT(id), BIND_INT(scope.tenant),
	               BIND_STR(name), BIND_INT(f->state), BIND_INT(f->is_implicit),
	               BIND_INT(f->capacity), BIND_INT(f->timeout_ms), BIND_INT(f->silent_after_ms),
	               startup_ms >= 0 ? BIND_INT(startup_ms) : BIND_NULL, BIND_INT(tx->now_ms),
	               BIND_INT(f->registration), BIND_INT(scope.actor), bind_opt_str(version));
	if (rc == RC_OK)
		rc = DB_RUN(tx->db, SQL_AGENT_WORK_INSERT, err, BIND_INT(id),
		            BIND_INT(scope.tenant));
	if (rc != RC_OK)
		return rc;
	struct agent *a = agent_add(q, id, scope.tenant, name, f, tx->now_ms);
	*ret = a;
	return agent_note(q, tx, scope, a, AGENT_REGISTERED, "agent.registered", (struct str){ 0 },
	                  err);
}

/* --- Asking for work --- */

static void say_full(struct queue *q, const struct tx *tx)
{
	int64_t *said_ms = &q->agents.full_said_ms;
	if (*said_ms && tx->now_ms - *said_ms < FULL_SAID_MS)
		return;
	*said_ms = tx->now_ms;
	LOG(LOG_WARN,
	    "the registry of agents is full: lease requests under new names work, uncounted",
	    LOG_INT("agents", AGENTS_IMPLICIT_MAX));
}

static enum rc register_implicit(struct queue *q, struct tx *tx, const struct lease_command *l,
                                 struct agent **ret, struct err *err)
{
	struct agent_facts f = { .state = AGENT_LIVE,
		                 .is_implicit = true,
		                 .capacity = l->tasks_max,
		                 .silent_after_ms = AGENT_SILENT_MS_DEFAULT,
		                 .registered_ms = tx->now_ms,
		                 .since_ms = tx->now_ms };
	if (!is_agent_name(l->worker))
		return RC_OK;
	if (agents_count(q, l->c.scope.tenant) >= AGENTS_IMPLICIT_MAX) {
		say_full(q, tx);
		return RC_OK;
	}
	return agent_insert(q, tx, l->c.scope, l->worker, &f, -1, (struct str){ 0 }, ret, err);
}

static bool knows_kind(const struct agent *a, uint64_t hash)
{
	for (uint32_t i = 0; i < a->n_kinds; i++)
		if (a->kinds[i] == hash)
			return true;
	return false;
}

static enum rc learn_kind(struct queue *q, struct tx *tx, struct agent *a, struct str kind,
                          struct err *err)
{
	uint64_t hash = agent_hash(0, kind);
	if (knows_kind(a, hash) || a->n_kinds == AGENT_KINDS_MAX)
		return RC_OK;
	agent_change_row(q, a);           /* so that an undone command forgets it */
	if (a->n_kinds == a->cap_kinds) { /* most perform one or two */
		a->cap_kinds = a->cap_kinds ? a->cap_kinds * 2 : 1;
		a->kinds = xrealloc(a->kinds, a->cap_kinds * sizeof *a->kinds);
	}
	a->kinds[a->n_kinds++] = hash;
	return agent_capability(tx, a, AGENT_KIND, kind, (struct str){ 0 }, err);
}

/* Mostly it asks for the same as the last time. */
static enum rc learn_kinds(struct queue *q, struct tx *tx, struct agent *a, const struct str *kinds,
                           size_t n, struct err *err)
{
	uint64_t asked = 0;
	enum rc rc = RC_OK;
	for (size_t i = 0; i < n; i++)
		asked = agent_hash(asked, kinds[i]);
	if (asked == a->asked)
		return RC_OK;
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = learn_kind(q, tx, a, kinds[i], err);
	a->asked = asked;
	return rc;
}

enum rc agent_meet(struct queue *q, struct tx *tx, struct lease_command *l, struct err *err)
{
	l->agent = NULL;
	l->is_draining = false;
	if (l->is_for_all)
		return RC_OK;
	enum rc rc = RC_OK;
	struct agent *a = agent_find(q, l->c.scope.tenant, l->worker);
	if (!a)
		rc = register_implicit(q, tx, l, &a, err);
	if (rc == RC_OK)
		rc = agent_seen(q, tx, l->c.scope, a, err);
	if (rc != RC_OK || !a)
		return rc;
	l->agent = a;
	l->is_draining = a->s.is_draining;
	if (a->s.timeout_ms)
		l->timeout_ms =
		        l->timeout_ms ? int64_min(l->timeout_ms, a->s.timeout_ms) : a->s.timeout_ms;
	return learn_kinds(q, tx, a, l->kinds, l->n_kinds, err);
}

void agent_polls(struct queue *q, struct agent *a, int n, int64_t now_ms)
{
	(void)q;
	if (!a)
		return;
	a->polls += n;
	assert(a->polls >= 0);
	a->seen_ms = int64_max(a->seen_ms, now_ms);
}

/* --- Signs of life --- */

static struct str outage_words(struct tx *tx, const struct agent *a)
{
	return str_fmt(tx->arena, "after %lld ms", (long long)(tx->now_ms - a->s.since_ms));
}

static enum rc come_back(struct queue *q, struct tx *tx, struct scope scope, struct agent *a,
                         struct err *err)
{
	struct str words = outage_words(tx, a);
	struct agent_facts *f = agent_change_row(q, a);
	if (!f->is_draining) {
		f->down_ms += tx->now_ms - f->since_ms;
		f->recovery_ms += tx->now_ms - f->since_ms;
		f->recoveries++;
	}
	f->state = AGENT_LIVE;
	f->since_ms = tx->now_ms;
	return agent_note(q, tx, scope, a, AGENT_CAME_BACK, "agent.back", words, err);
}

static enum rc start(struct queue *q, struct tx *tx, struct scope scope, struct agent *a,
                     struct err *err)
{
	struct agent_facts *f = agent_change_row(q, a);
	f->state = AGENT_LIVE;
	f->since_ms = tx->now_ms;
	return agent_note(q, tx, scope, a, AGENT_STARTED, NULL, (struct str){ 0 }, err);
}

enum rc agent_seen(struct queue *q, struct tx *tx, struct scope scope, struct agent *a,
                   struct err *err)
{
	if (!a)
		return RC_OK;
	enum rc rc = RC_OK;
	if (a->s.state == AGENT_STARTING)
		rc = start(q, tx, scope, a, err);
	else if (a->s.state != AGENT_LIVE)
		rc = come_back(q, tx, scope, a, err);
	a->seen_ms = tx->now_ms;
	if (a->is_row_dirty) /* it changed just now: its next look may come sooner */
		agent_look(q, a, tx->now_ms);
	return rc;
}

/* --- Their absence --- */

static int64_t patience_ms(const struct agent *a)
{
	int64_t term_ms = a->s.held ? a->term_ms + TERM_GRACE_MS : 0;
	return int64_max(a->s.silent_after_ms, term_ms);
}

static int64_t kept_ms(const struct queue *q, const struct agent *a)
{
	return a->s.is_implicit && !a->s.first_ms ? IDLE_KEPT_MS : q->retention_ms;
}

/* When what it is now ends, if it is not seen again. */
static int64_t due_ms(const struct queue *q, const struct agent *a, int64_t now_ms)
{
	switch (a->s.state) {
	case AGENT_STARTING:
	case AGENT_LIVE:
		return (a->polls ? now_ms : a->seen_ms) + patience_ms(a);
	case AGENT_SILENT:
		return int64_max(a->s.since_ms, a->seen_ms + AGENT_GONE_FACTOR * patience_ms(a));
	case AGENT_GONE:
		return int64_max(a->s.since_ms, a->seen_ms) + kept_ms(q, a);
	}
	abort();
}

/* A draining one that is not heard of any more has left as it was meant to. */
static enum rc fall_silent(struct queue *q, struct tx *tx, struct scope scope, struct agent *a,
                           struct err *err)
{
	struct str words =
	        str_fmt(tx->arena, "not seen for %lld ms", (long long)(tx->now_ms - a->seen_ms));
	struct agent_facts *f = agent_change_row(q, a);
	f->since_ms = tx->now_ms;
	f->state = f->is_draining ? AGENT_GONE : AGENT_SILENT;
	return f->is_draining
	               ? agent_note(q, tx, scope, a, AGENT_WENT, "agent.gone", words, err)
	               : agent_note(q, tx, scope, a, AGENT_WENT_SILENT, "agent.silent", words, err);
}

static enum rc go(struct queue *q, struct tx *tx, struct scope scope, struct agent *a,
                  struct err *err)
{
	agent_change_row(q, a)->state = AGENT_GONE; /* since it fell silent */
	return agent_note(q, tx, scope, a, AGENT_WENT, "agent.gone", outage_words(tx, a), err);
}

static enum rc forget(struct queue *q, struct tx *tx, struct scope scope, struct agent *a,
                      struct err *err)
{
	if (a->s.held) /* its leases end first */
		return RC_OK;
	agent_event(q, tx, scope, a, "agent.removed", STR("it was gone for long"));
	agent_drop(q, a);
	return agent_rows_delete(tx, a, err);
}

static enum rc step_on(struct queue *q, struct tx *tx, struct agent *a, struct err *err)
{
	struct scope scope = { .tenant = a->tenant, .role = ROLE_OWNER };
	switch (a->s.state) {
	case AGENT_STARTING:
	case AGENT_LIVE:
		return fall_silent(q, tx, scope, a, err);
	case AGENT_SILENT:
		return go(q, tx, scope, a, err);
	case AGENT_GONE:
		return forget(q, tx, scope, a, err);
	}
	abort();
}

static void look_later(struct queue *q, struct agent *a, int64_t now_ms)
{
	int64_t at_ms = due_ms(q, a, now_ms);
	if (a->is_removed)
		at_ms = INT64_MAX; /* it leaves the heap with the batch */
	else if (at_ms <= now_ms)
		at_ms = now_ms + (a->s.state == AGENT_GONE ? HELD_LOOK_MS : LOOK_GRID_MS);
	else
		at_ms = (at_ms + LOOK_GRID_MS - 1) / LOOK_GRID_MS * LOOK_GRID_MS;
	agent_look(q, a, at_ms);
}

enum rc agents_due(struct queue *q, struct tx *tx, bool *did, struct err *err)
{
	enum rc rc = RC_OK;
	const struct agents *s = &q->agents;
	int changed = 0;
	for (int i = 0; i < LOOKS && changed < SLICE && rc == RC_OK; i++) {
		struct agent *a = s->n ? s->heap[0] : NULL;
		if (!a || a->look_ms > tx->now_ms)
			break;
		if (!a->is_removed && due_ms(q, a, tx->now_ms) <= tx->now_ms) {
			rc = step_on(q, tx, a, err);
			changed++;
		}
		look_later(q, a, tx->now_ms);
	}
	*did |= changed > 0;
	return rc;
}

void agent_look_again(struct queue *q, struct agent *a, int64_t now_ms)
{
	if (a->look_ms > due_ms(q, a, now_ms))
		look_later(q, a, now_ms);
}

int64_t agents_next_due(const struct queue *q)
{
	return q->agents.n ? q->agents.heap[0]->look_ms : INT64_MAX;
}
