/* The settings of a queue: limits, defaults for its tasks, paused or not.
 *
 * A queue needs no settings to exist; one without has takt's own.  A change counts from its
 * commit on: places that it makes are given in the same commit, places that it takes away
 * are given back one by one, as their tasks end or are looked at by a worker.
 */
#include "queue/queue_priv.h"

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

enum rc queue_settings_read(struct db *db, int64_t tenant, struct str name,
                            struct queue_settings *ret, bool *ret_is_set, struct err *err)
{
	struct queue_settings k = { 0 };
	struct rows rows;
	bool is_set = false;
	DB_QUERY(db, SQL_QUEUE_GET, &rows, err, BIND_INT(tenant), BIND_STR(name));
	if (rows_next(&rows)) {
		int64_t *const numbers[] = { &k.depth_max,      &k.concurrency_max, &k.rate_n,
			                     &k.rate_period_ms, &k.rate_burst,      &k.attempts_max,
			                     &k.retry_base_ms,  &k.retry_cap_ms,    &k.timeout_ms,
			                     &k.retention_ms };
		is_set = true;
		k.is_paused = rows_int(&rows, 0) != 0;
		for (int i = 0; i < (int)ARRAY_LEN(numbers); i++)
			*numbers[i] = rows_int(&rows, 1 + i);
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	*ret = k;
	*ret_is_set = is_set;
	return RC_OK;
}

static enum rc check_settings(const struct queue_settings *k, struct err *err)
{
	const struct {
		const char *place;
		int64_t v, min, max;
	} rules[] = {
		{ "/depth_max", k->depth_max, 0, DEPTH_MAX },
		{ "/concurrency_max", k->concurrency_max, 0, CONCURRENCY_MAX },
		{ "/rate/n", k->rate_n, 0, RATE_MAX },
		{ "/rate/period_ms", k->rate_period_ms, k->rate_n > 0, day_ms },
		{ "/rate/burst", k->rate_burst, 0, RATE_MAX },
		{ "/attempts_max", k->attempts_max, 0, TASK_ATTEMPTS_MAX },
		{ "/retry/base_ms", k->retry_base_ms, 0, day_ms },
		{ "/retry/cap_ms", k->retry_cap_ms, 0, day_ms },
		{ "/timeout_ms", k->timeout_ms, 0, day_ms },
		{ "/retention_ms", k->retention_ms, 0, 10 * 366 * day_ms },
	};
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (rules[i].v >= rules[i].min && rules[i].v <= rules[i].max)
			continue;
		err_set(err, CODE_FIELD_RANGE, "must be %lld to %lld, is %lld",
		        (long long)rules[i].min, (long long)rules[i].max, (long long)rules[i].v);
		return err_at(err, "%s", rules[i].place);
	}
	return RC_OK;
}

static enum rc store(struct tx *tx, struct scope scope, struct str name,
                     const struct queue_settings *k, struct err *err)
{
	return DB_RUN(tx->db, SQL_QUEUE_PUT, err, BIND_INT(scope.tenant), BIND_STR(name),
	              BIND_INT(k->is_paused), BIND_INT(k->depth_max), BIND_INT(k->concurrency_max),
	              BIND_INT(k->rate_n), BIND_INT(k->rate_period_ms), BIND_INT(k->rate_burst),
	              BIND_INT(k->attempts_max), BIND_INT(k->retry_base_ms),
	              BIND_INT(k->retry_cap_ms), BIND_INT(k->timeout_ms),
	              BIND_INT(k->retention_ms));
}

static enum rc choose(struct queue_command *k, const struct gate *g, struct queue_settings *ret,
                      struct err *err)
{
	*ret = g->s.settings;
	switch (k->verb) {
	case QUEUE_PUT:
		*ret = k->settings;
		return check_settings(&k->settings, err);
	case QUEUE_PAUSE:
	case QUEUE_RESUME:
		ret->is_paused = k->verb == QUEUE_PAUSE;
		return RC_OK;
	case QUEUE_RESET:
		*ret = (struct queue_settings){ 0 };
		return RC_OK;
	}
	abort();
}

static void add_name(struct json_out *o, const void *ctx)
{
	const struct queue_command *k = ctx;
	json_put_str(o, "queue", k->name);
	json_put_bool(o, "paused", k->settings.is_paused);
}

static void tell(struct queue *q, struct tx *tx, struct queue_command *k)
{
	struct json_out o;
	buf_clear(&q->scratch);
	json_out_init(&o, &q->scratch);
	json_begin_object(&o);
	add_name(&o, k);
	json_end_object(&o);
	tx_event(tx, &(struct event_new){ .tenant = k->c.scope.tenant,
	                                  .actor = k->c.scope.actor,
	                                  .type = "queue.changed",
	                                  .data = buf_str(&q->scratch) });
}

static enum rc queue_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct queue_command *k = (struct queue_command *)c;
	struct queue *q = c->owner;
	struct gates g;
	struct queue_settings to;
	enum rc rc = task_check_kind(k->name, "", err);
	if (rc == RC_OK)
		rc = gates_find(q, tx, c->scope.tenant, k->name, (struct str){ 0 }, &g, err);
	if (rc == RC_OK)
		rc = choose(k, g.queue, &to, err);
	if (rc == RC_OK && k->verb == QUEUE_RESET)
		rc = DB_RUN(tx->db, SQL_QUEUE_DELETE, err, BIND_INT(c->scope.tenant),
		            BIND_STR(k->name));
	else if (rc == RC_OK)
		rc = store(tx, c->scope, k->name, &to, err);
	if (rc != RC_OK)
		return rc;
	gates_set(q, tx, g.queue, &to);
	k->settings = to;
	tell(q, tx, k);
	return RC_OK;
}

void queue_command_init(struct queue_command *k, struct queue *q, struct scope scope,
                        enum queue_verb verb)
{
	*k = (struct queue_command){
		.c = { .apply = queue_apply, .owner = q, .scope = scope },
		.verb = verb,
	};
}

static enum rc weight_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct weight_command *w = (struct weight_command *)c;
	if (w->weight < 1 || w->weight > WEIGHT_MAX)
		return err_set(err, CODE_FIELD_RANGE, "a weight is 1 to %d", WEIGHT_MAX);
	enum rc rc = DB_RUN(tx->db, SQL_TENANT_SET_WEIGHT, err, BIND_INT(w->tenant),
	                    BIND_INT(w->weight));
	if (rc == RC_OK && db_changes(tx->db) == 0)
		return err_set(err, CODE_NOT_FOUND, "there is no such tenant");
	return rc;
}

void weight_command_init(struct weight_command *w, struct queue *q, struct scope scope)
{
	*w = (struct weight_command){ .c = { .apply = weight_apply, .owner = q, .scope = scope } };
}
