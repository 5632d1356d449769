/* What becomes a task.
 *
 * (1) One task or a batch, all or none.
 * (2) An idempotency key makes a submit repeatable for a day: the same request gives
 *     the same task, another request under that key is refused (CODE_KEY_REUSED).
 * (3) A queue that holds as many waiting tasks as its depth_max takes no more from
 *     outside; what takt itself submits (steps of runs, callbacks, retries) was accepted
 *     before and is never refused.
 * (4) What the task leaves open, its queue's settings say.
 * (5) What is ready at once is offered to who waits for it, in the same commit.
 */
#include <sodium.h>

#include "queue/idempotency.h"
#include "queue/queue_priv.h"

static bool is_kind_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool is_task_kind(struct str kind)
{
	bool is_good = kind.len > 0 && kind.len <= TASK_KIND_MAX;
	for (size_t i = 0; i < kind.len && is_good; i++)
		is_good = is_kind_byte(kind.ptr[i]);
	return is_good;
}

enum rc task_check_kind(struct str kind, const char *place, struct err *err)
{
	if (is_task_kind(kind))
		return RC_OK;
	err_set(err, CODE_FIELD_RANGE, "a kind is 1 to %d bytes of a-z 0-9 . _ -", TASK_KIND_MAX);
	return err_at(err, "%s", place);
}

static enum rc check_range(const char *place, int64_t v, int64_t min, int64_t max, struct err *err)
{
	if (v >= min && v <= max)
		return RC_OK;
	err_set(err, CODE_FIELD_RANGE, "must be %lld to %lld, is %lld", (long long)min,
	        (long long)max, (long long)v);
	return err_at(err, "%s", place);
}

static enum rc check_numbers(const struct task_new *t, struct err *err)
{
	static const int64_t day_ms = INT64_C(24) * 3600 * 1000, year_ms = 366 * day_ms;
	const struct {
		const char *place;
		int64_t v, min, max;
	} rules[] = {
		{ "/priority", t->priority, -TASK_PRIORITY_MAX, TASK_PRIORITY_MAX },
		{ "/delay_ms", t->delay_ms, 0, year_ms },
		{ "/attempts_max", t->attempts_max, 0, TASK_ATTEMPTS_MAX },
		{ "/retry/base_ms", t->retry_base_ms, 0, day_ms },
		{ "/retry/cap_ms", t->retry_cap_ms, 0, day_ms },
		{ "/timeout_ms", t->timeout_ms, 0, day_ms },
		{ "/deadline_ms", t->deadline_in_ms, 0, year_ms },
		{ "/concurrency/max", t->key_max, 0, CONCURRENCY_MAX },
	};
	enum rc rc = RC_OK;
	for (size_t i = 0; i < ARRAY_LEN(rules) && rc == RC_OK; i++)
		rc = check_range(rules[i].place, rules[i].v, rules[i].min, rules[i].max, err);
	return rc;
}

static enum rc check_size(const char *place, struct str v, size_t max, struct err *err)
{
	if (v.len <= max)
		return RC_OK;
	err_set(err, CODE_TOO_LARGE, "at most %zu bytes, this has %zu", max, v.len);
	return err_at(err, "%s", place);
}

static enum rc check_task(const struct task_new *t, struct err *err)
{
	enum rc rc = task_check_kind(t->kind, "/kind", err);
	if (rc == RC_OK && t->queue.len)
		rc = task_check_kind(t->queue, "/queue", err);
	if (rc == RC_OK && t->callback_kind.len)
		rc = task_check_kind(t->callback_kind, "/callback/kind", err);
	if (rc == RC_OK)
		rc = check_numbers(t, err);
	if (rc == RC_OK)
		rc = check_size("/concurrency/key", t->key, CONCURRENCY_KEY_MAX, err);
	if (rc == RC_OK)
		rc = check_size("/callback/input", t->callback_input, CALLBACK_INPUT_MAX, err);
	return rc == RC_OK ? check_size("/input", t->input, TASK_INPUT_MAX, err) : rc;
}

enum rc queue_check_disk(struct queue *q, struct err *err)
{
	int64_t free_bytes = store_free_bytes(q->store, env_mono_ms(q->env));
	if (free_bytes >= q->disk_low_bytes)
		return RC_OK;
	return err_set(err, CODE_DISK_FULL,
	               "the disk of the data folder has %lld MB left, submits need %lld MB free; "
	               "what is under way may still finish",
	               (long long)(free_bytes >> 20), (long long)(q->disk_low_bytes >> 20));
}

/* What a task is from its first moment on. */
struct beginning {
	int64_t id, run_at_ms, deadline_ms;
	enum task_state state;
	enum gate_place place;
};

static struct str queue_of_task(const struct task_new *t)
{
	return t->queue.len ? t->queue : t->kind;
}

static int64_t first_of(int64_t a, int64_t b, int64_t c)
{
	return a ? a : b ? b : c;
}

static enum rc insert(struct tx *tx, struct scope scope, const struct task_new *t,
                      const struct queue_settings *k, const struct beginning *b, struct err *err)
{
	int64_t attempts = first_of(t->attempts_max, k->attempts_max, RETRY_ATTEMPTS_DEFAULT);
	int64_t base_ms = first_of(t->retry_base_ms, k->retry_base_ms, RETRY_BASE_MS_DEFAULT);
	int64_t cap_ms = first_of(t->retry_cap_ms, k->retry_cap_ms, RETRY_CAP_MS_DEFAULT);
	bool has_callback = t->callback_kind.len > 0;
	return DB_RUN(
	        tx->db, SQL_TASK_INSERT, err, BIND_INT(b->id), BIND_INT(scope.tenant),
	        BIND_INT(b->state), BIND_INT(b->place), BIND_STR(t->kind),
	        BIND_STR(queue_of_task(t)), BIND_INT(t->priority), BIND_INT(attempts),
	        BIND_INT(base_ms), BIND_INT(cap_ms),
	        BIND_INT(first_of(t->timeout_ms, k->timeout_ms, 0)), BIND_INT(b->run_at_ms),
	        bind_opt_int(b->deadline_ms), bind_opt_int(t->retry_of), bind_opt_int(t->run),
	        t->run ? BIND_INT(t->step) : BIND_NULL, t->run ? BIND_INT(t->item) : BIND_NULL,
	        t->key.len ? BIND_STR(t->key) : BIND_NULL,
	        t->key.len ? BIND_INT(int64_max(t->key_max, 1)) : BIND_NULL,
	        has_callback ? BIND_STR(t->callback_kind) : BIND_NULL,
	        has_callback && t->callback_input.len ? BIND_STR(t->callback_input) : BIND_NULL,
	        BIND_STR(t->input.len ? t->input : STR("null")), bind_opt_str(tx->origin));
}

static void hash_int(crypto_generichash_state *h, int64_t v)
{
	crypto_generichash_update(h, (const unsigned char *)&v, sizeof v);
}

static void hash_str(crypto_generichash_state *h, struct str s)
{
	hash_int(h, (int64_t)s.len);
	crypto_generichash_update(h, (const unsigned char *)s.ptr, s.len);
}

/* Everything that makes two submits different requests. */
static struct idempotency_hash request_hash(const struct task_new *t)
{
	struct idempotency_hash ret;
	crypto_generichash_state h;
	crypto_generichash_init(&h, NULL, 0, sizeof ret.bytes);
	const struct str texts[] = { t->kind, t->queue,         t->input,
		                     t->key,  t->callback_kind, t->callback_input };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		hash_str(&h, texts[i]);
	const int64_t numbers[] = { t->priority,     t->delay_ms,       t->run_at_ms,
		                    t->attempts_max, t->retry_base_ms,  t->retry_cap_ms,
		                    t->timeout_ms,   t->deadline_in_ms, t->deadline_ms,
		                    t->key_max };
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		hash_int(&h, numbers[i]);
	crypto_generichash_final(&h, ret.bytes, sizeof ret.bytes);
	return ret;
}

static enum rc state_of(struct tx *tx, struct scope scope, int64_t id, enum task_state *ret,
                        struct err *err)
{
	struct rows rows;
	enum task_state state = TASK_SUCCEEDED; /* a row that retention has removed had ended */
	DB_QUERY(tx->db, SQL_TASK_STATE, &rows, err, BIND_INT(scope.tenant), BIND_INT(id));
	if (rows_next(&rows))
		state = (enum task_state)rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret = state;
	return rc;
}

static int64_t deadline_of(const struct tx *tx, const struct task_new *t)
{
	int64_t in_ms = t->deadline_in_ms ? tx->now_ms + t->deadline_in_ms : INT64_MAX;
	int64_t least = int64_min(in_ms, t->deadline_ms ? t->deadline_ms : INT64_MAX);
	return least == INT64_MAX ? 0 : least;
}

static enum rc check_depth(const struct gate *g, struct err *err)
{
	int64_t max = g->s.settings.depth_max;
	if (!max || gate_depth(g) < max)
		return RC_OK;
	return err_set(err, CODE_QUEUE_FULL,
	               "the queue %s holds %lld waiting tasks, which is its limit; nothing "
	               "happened, try again when it is shorter",
	               g->name, (long long)max);
}

static enum rc submit_new(struct queue *q, struct tx *tx, struct scope scope,
                          const struct task_new *t, int64_t id, bool is_outside,
                          struct task_submitted *ret, struct err *err)
{
	struct gates g;
	enum rc rc = gates_find(q, tx, scope.tenant, queue_of_task(t), t->key, &g, err);
	if (rc == RC_OK && is_outside)
		rc = check_depth(g.queue, err);
	if (rc != RC_OK)
		return rc;
	struct beginning b = { .id = id,
		               .run_at_ms = int64_max(t->run_at_ms, tx->now_ms + t->delay_ms),
		               .deadline_ms = deadline_of(tx, t),
		               .state = TASK_SCHEDULED };
	if (b.run_at_ms > tx->now_ms)
		gates_scheduled(q, g, 1);
	else
		gates_enter(q, tx, g, t->key_max, &b.state, &b.place);
	rc = insert(tx, scope, t, &g.queue->s.settings, &b, err);
	if (rc != RC_OK)
		return rc;
	struct task_row row = { .id = id, .kind = t->kind, .run = t->run };
	task_event(q, tx, scope, "task.submitted", &row, NULL, NULL);
	if (b.state == TASK_READY && !PLANTED(lost_wakeup))
		lease_hint(q, scope.tenant, t->kind);
	tx_count(tx, COUNT_TASKS_SUBMITTED, 1);
	*ret = (struct task_submitted){ .id = id, .state = b.state };
	return RC_OK;
}

static enum rc submit_keyed(struct queue *q, struct tx *tx, struct scope scope,
                            const struct task_new *t, int64_t id, bool is_outside,
                            struct task_submitted *ret, struct err *err)
{
	struct idempotency key = { .space = IDEMPOTENCY_TASK,
		                   .key = t->idempotency_key,
		                   .request = request_hash(t) };
	int64_t holder;
	enum rc rc = idempotency_claim(tx, scope, &key, id, &holder, err);
	if (rc != RC_OK)
		return rc;
	if (holder == id)
		return submit_new(q, tx, scope, t, id, is_outside, ret, err);
	*ret = (struct task_submitted){ .id = holder, .is_duplicate = true };
	return state_of(tx, scope, holder, &ret->state, err);
}

static enum rc submit_one(struct queue *q, struct tx *tx, struct scope scope,
                          const struct task_new *t, bool is_outside, struct task_submitted *ret,
                          struct err *err)
{
	enum rc rc = check_task(t, err);
	if (rc != RC_OK)
		return rc;
	int64_t id = store_new_id(q->store, tx->now_ms);
	return t->idempotency_key.len ? submit_keyed(q, tx, scope, t, id, is_outside, ret, err)
	                              : submit_new(q, tx, scope, t, id, is_outside, ret, err);
}

enum rc queue_submit_tx(struct queue *q, struct tx *tx, struct scope scope,
                        const struct task_new *t, struct task_submitted *ret, struct err *err)
{
	return submit_one(q, tx, scope, t, false, ret, err);
}

static enum rc submit_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct submit_command *s = (struct submit_command *)c;
	struct queue *q = c->owner;
	assert(s->n >= 1 && s->n <= TASK_BATCH_MAX);
	enum rc rc = queue_check_disk(q, err);
	for (size_t i = 0; i < s->n && rc == RC_OK; i++) {
		rc = submit_one(q, tx, c->scope, &s->tasks[i], true, &s->results[i], err);
		if (rc != RC_OK && (s->n > 1 || s->is_batch)) {
			char place[sizeof err->place];
			memcpy(place, err->place, sizeof place);
			err_at(err, "/tasks/%zu%s", i, place);
		}
	}
	return rc;
}

void submit_command_init(struct submit_command *s, struct queue *q, struct scope scope)
{
	*s = (struct submit_command){
		.c = { .apply = submit_apply, .owner = q, .scope = scope },
	};
}
