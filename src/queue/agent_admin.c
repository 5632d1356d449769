/* What is asked about an agent: registering, draining, resuming, removing.  See agent.h. */
#include "queue/agent_priv.h"
#include "queue/queue_priv.h"

static enum rc find(const struct agent_command *k, struct agent **ret, struct err *err)
{
	struct agent *a = agent_find(k->c.owner, k->c.scope.tenant, k->name);
	if (!a)
		return err_set(err, CODE_NOT_FOUND, "no agent of that name is registered");
	*ret = a;
	return RC_OK;
}

static void show(struct agent_command *k, const struct agent *a)
{
	k->shown = agent_shown_of(a->s.state, a->s.is_draining, a->s.held);
	k->is_draining = a->s.is_draining;
	k->held = a->s.held;
}

/* --- Registering --- */

/* Of all that it says: the same again is no news. */
static int64_t hash_of(const struct agent_command *k)
{
	int64_t numbers[] = { k->capacity, k->timeout_ms, k->silent_after_ms, k->startup_ms };
	uint64_t h = agent_hash(k->n_kinds, k->version);
	for (size_t i = 0; i < k->n_kinds; i++)
		h = agent_hash(h, k->kinds[i]);
	for (size_t i = 0; i < k->n_labels; i++)
		h = agent_hash(agent_hash(h, k->labels[i].name), k->labels[i].value);
	h = agent_hash(h, (struct str){ (const char *)numbers, sizeof numbers });
	return (int64_t)(h >> 1);
}

static void take_facts(const struct agent_command *k, struct agent_facts *f)
{
	f->is_implicit = false;
	f->capacity = k->capacity;
	f->timeout_ms = k->timeout_ms;
	f->silent_after_ms = k->silent_after_ms;
	f->registration = hash_of(k);
}

static enum rc write_capabilities(struct tx *tx, const struct agent_command *k, struct agent *a,
                                  struct err *err)
{
	enum rc rc =
	        DB_RUN(tx->db, SQL_AGENT_CAPABILITY_CUT, err, BIND_INT(a->tenant), BIND_INT(a->id));
	a->n_kinds = 0; /* learnt again as it asks */
	a->asked = 0;
	for (size_t i = 0; i < k->n_kinds && rc == RC_OK; i++)
		rc = agent_capability(tx, a, AGENT_KIND, k->kinds[i], (struct str){ 0 }, err);
	for (size_t i = 0; i < k->n_labels && rc == RC_OK; i++)
		rc = agent_capability(tx, a, AGENT_LABEL, k->labels[i].name, k->labels[i].value,
		                      err);
	return rc;
}

static enum rc register_new(struct queue *q, struct tx *tx, const struct agent_command *k,
                            struct agent **ret, struct err *err)
{
	struct agent *a;
	struct agent_facts f = { .state = AGENT_STARTING,
		                 .registered_ms = tx->now_ms,
		                 .since_ms = tx->now_ms };
	if (agents_count(q, k->c.scope.tenant) >= AGENTS_MAX)
		return err_set(err, CODE_AGENTS_FULL,
		               "%d agents are registered already; remove those that are gone",
		               AGENTS_MAX);
	take_facts(k, &f);
	enum rc rc =
	        agent_insert(q, tx, k->c.scope, k->name, &f, k->startup_ms, k->version, &a, err);
	if (rc == RC_OK)
		rc = write_capabilities(tx, k, a, err);
	if (rc == RC_OK)
		*ret = a;
	return rc;
}

static enum rc register_again(struct queue *q, struct tx *tx, const struct agent_command *k,
                              struct agent *a, struct err *err)
{
	if (a->s.registration == hash_of(k))
		return RC_OK;
	take_facts(k, agent_change_row(q, a));
	enum rc rc =
	        DB_RUN(tx->db, SQL_AGENT_REGISTER, err, BIND_INT(a->tenant), BIND_INT(a->id),
	               BIND_INT(k->capacity), BIND_INT(k->timeout_ms), BIND_INT(k->silent_after_ms),
	               k->startup_ms >= 0 ? BIND_INT(k->startup_ms) : BIND_NULL,
	               BIND_INT(a->s.registration), bind_opt_str(k->version));
	if (rc == RC_OK)
		rc = write_capabilities(tx, k, a, err);
	if (rc == RC_OK)
		rc = agent_note(q, tx, k->c.scope, a, AGENT_CHANGED, "agent.registered", k->version,
		                err);
	agent_look(q, a, tx->now_ms); /* its terms may be shorter now */
	return rc;
}

static enum rc register_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct agent_command *k = (struct agent_command *)c;
	struct queue *q = c->owner;
	struct agent *a = agent_find(q, c->scope.tenant, k->name);
	assert(is_agent_name(k->name));
	enum rc rc = a ? register_again(q, tx, k, a, err) : register_new(q, tx, k, &a, err);
	if (rc == RC_OK && a->s.state >= AGENT_SILENT)
		rc = agent_seen(q, tx, c->scope, a, err);
	if (rc != RC_OK)
		return rc;
	a->seen_ms = tx->now_ms;
	show(k, a);
	return RC_OK;
}

/* --- Draining and resuming --- */

static enum rc set_draining(struct queue *q, struct tx *tx, const struct agent_command *k,
                            struct agent *a, bool is_draining, struct err *err)
{
	enum rc rc = DB_RUN(tx->db, SQL_AGENT_REASON, err, BIND_INT(a->tenant), BIND_INT(a->id),
	                    k->reason.len ? BIND_STR(k->reason) : BIND_NULL);
	if (rc != RC_OK || a->s.is_draining == is_draining)
		return rc;
	agent_change_row(q, a)->is_draining = is_draining;
	rc = agent_note(q, tx, k->c.scope, a, is_draining ? AGENT_DRAINING : AGENT_RESUMED,
	                is_draining ? "agent.draining" : "agent.resumed", k->reason, err);
	if (rc == RC_OK && is_draining && !a->s.held)
		rc = agent_note(q, tx, k->c.scope, a, AGENT_DRAINED, "agent.drained",
		                (struct str){ 0 }, err);
	return rc;
}

/* All who wait are looked at: it is asked for seldom, and so each poll need not know its agent's
 * other polls. */
static void answer_polls(struct queue *q, struct tx *tx, const struct agent *a)
{
	if (!a->polls)
		return;
	for (struct lease_command *l = q->waiting_first; l; l = l->next_waiting) {
		if (l->agent != a || l->is_granted)
			continue;
		l->n_leases = 0;
		wait_grant(q, tx, l);
	}
}

static enum rc drain_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct agent_command *k = (struct agent_command *)c;
	struct agent *a = NULL;
	enum rc rc = find(k, &a, err);
	if (rc == RC_OK)
		rc = set_draining(c->owner, tx, k, a, true, err);
	if (rc != RC_OK)
		return rc;
	answer_polls(c->owner, tx, a);
	show(k, a);
	return RC_OK;
}

static enum rc resume_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct agent_command *k = (struct agent_command *)c;
	struct agent *a = NULL;
	enum rc rc = find(k, &a, err);
	if (rc == RC_OK && a->s.is_draining)
		rc = set_draining(c->owner, tx, k, a, false, err);
	if (rc != RC_OK)
		return rc;
	agent_look(c->owner, a, tx->now_ms);
	show(k, a);
	return RC_OK;
}

/* --- Removing --- */

static enum rc remove_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct agent_command *k = (struct agent_command *)c;
	struct agent *a = NULL;
	enum rc rc = find(k, &a, err);
	if (rc != RC_OK)
		return rc;
	bool is_over = a->s.state == AGENT_GONE || a->s.is_draining;
	if (!is_over || a->s.held || a->polls)
		return err_set(
		        err, CODE_WRONG_STATE,
		        "it is %s and holds %lld tasks; drain it, and remove it when it is "
		        "drained or gone",
		        agent_shown_text(agent_shown_of(a->s.state, a->s.is_draining, a->s.held)),
		        (long long)a->s.held);
	show(k, a);
	agent_event(c->owner, tx, c->scope, a, "agent.removed", STR("on request"));
	agent_drop(c->owner, a);
	return agent_rows_delete(tx, a, err);
}

/* --- What only memory knows --- */

static enum rc live_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct agent_live_command *k = (struct agent_live_command *)c;
	(void)err;
	for (size_t i = 0; i < k->n; i++) {
		struct agent_live *l = &k->agents[i];
		const struct agent *a = agent_of_id(c->owner, l->id);
		bool is_his = a && a->tenant == c->scope.tenant;
		l->polls = is_his ? a->polls : 0;
		l->seen_ms = !is_his ? 0 : a->polls ? tx->now_ms : a->seen_ms;
	}
	return RC_OK;
}

/* --- Commands --- */

static void command_init(struct agent_command *k, struct queue *q, struct scope scope,
                         enum rc (*apply)(struct command *c, struct tx *tx, struct err *err))
{
	*k = (struct agent_command){
		.c = { .apply = apply, .owner = q, .scope = scope },
		.capacity = 1,
		.silent_after_ms = AGENT_SILENT_MS_DEFAULT,
		.startup_ms = -1,
	};
}

void agent_register_init(struct agent_command *k, struct queue *q, struct scope scope)
{
	command_init(k, q, scope, register_apply);
}

void agent_drain_init(struct agent_command *k, struct queue *q, struct scope scope)
{
	command_init(k, q, scope, drain_apply);
}

void agent_resume_init(struct agent_command *k, struct queue *q, struct scope scope)
{
	command_init(k, q, scope, resume_apply);
}

void agent_remove_init(struct agent_command *k, struct queue *q, struct scope scope)
{
	command_init(k, q, scope, remove_apply);
}

void agent_live_init(struct agent_live_command *k, struct queue *q, struct scope scope)
{
	*k = (struct agent_live_command){
		.c = { .apply = live_apply, .owner = q, .scope = scope },
	};
}
