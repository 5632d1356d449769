/* What becomes a task.
 *
 * (1) One task or a batch, all or none.
 * (2) An idempotency key makes a submit repeatable for a day: the same request gives
 *     the same task, another request under that key is refused (CODE_KEY_REUSED).
 * (3) What is ready at once is offered to who waits for it, in the same commit.
 */
#include <sodium.h>

#include "queue/idempotency.h"
#include "queue/queue_priv.h"

static bool is_kind_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static enum rc check_kind(struct str kind, struct err *err)
{
	bool is_good = kind.len > 0 && kind.len <= TASK_KIND_MAX;
	for (size_t i = 0; i < kind.len && is_good; i++)
		is_good = is_kind_byte(kind.ptr[i]);
	if (is_good)
		return RC_OK;
	err_set(err, CODE_FIELD_RANGE, "a kind is 1 to %d bytes of a-z 0-9 . _ -", TASK_KIND_MAX);
	return err_at(err, "/kind");
}

static enum rc check_range(const char *place, int64_t v, int64_t min, int64_t max, struct err *err)
{
	if (v >= min && v <= max)
		return RC_OK;
	err_set(err, CODE_FIELD_RANGE, "must be %lld to %lld, is %lld", (long long)min,
	        (long long)max, (long long)v);
	return err_at(err, "%s", place);
}

static enum rc check_task(const struct task_new *t, struct err *err)
{
	static const int64_t year_ms = INT64_C(366) * 24 * 3600 * 1000;
	enum rc rc = check_kind(t->kind, err);
	if (rc == RC_OK)
		rc = check_range("/priority", t->priority, -TASK_PRIORITY_MAX, TASK_PRIORITY_MAX,
		                 err);
	if (rc == RC_OK)
		rc = check_range("/delay_ms", t->delay_ms, 0, year_ms, err);
	if (rc == RC_OK)
		rc = check_range("/attempts_max", t->attempts_max, 0, TASK_ATTEMPTS_MAX, err);
	if (rc == RC_OK)
		rc = check_range("/retry/base_ms", t->retry_base_ms, 0, 24 * 3600 * 1000, err);
	if (rc == RC_OK)
		rc = check_range("/retry/cap_ms", t->retry_cap_ms, 0, 24 * 3600 * 1000, err);
	if (rc == RC_OK)
		rc = check_range("/timeout_ms", t->timeout_ms, 0, 24 * 3600 * 1000, err);
	if (rc != RC_OK || t->input.len <= TASK_INPUT_MAX)
		return rc;
	err_set(err, CODE_TOO_LARGE, "an input is at most %d bytes, this has %zu", TASK_INPUT_MAX,
	        t->input.len);
	return err_at(err, "/input");
}

static enum rc check_disk(struct queue *q, struct err *err)
{
	int64_t free_bytes = store_free_bytes(q->store, env_mono_ms(q->env));
	if (free_bytes >= q->disk_low_bytes)
		return RC_OK;
	return err_set(err, CODE_DISK_FULL,
	               "the disk of the data folder has %lld MB left, submits need %lld MB free; "
	               "what is under way may still finish",
	               (long long)(free_bytes >> 20), (long long)(q->disk_low_bytes >> 20));
}

static enum rc insert(struct tx *tx, struct scope scope, const struct task_new *t, int64_t id,
                      enum task_state state, int64_t run_at_ms, struct err *err)
{
	int64_t attempts = t->attempts_max ? t->attempts_max : RETRY_ATTEMPTS_DEFAULT;
	int64_t base_ms = t->retry_base_ms ? t->retry_base_ms : RETRY_BASE_MS_DEFAULT;
	int64_t cap_ms = t->retry_cap_ms ? t->retry_cap_ms : RETRY_CAP_MS_DEFAULT;
	return DB_RUN(tx->db, SQL_TASK_INSERT, err, BIND_INT(id), BIND_INT(scope.tenant),
	              BIND_INT(state), BIND_STR(t->kind), BIND_INT(t->priority), BIND_INT(attempts),
	              BIND_INT(base_ms), BIND_INT(cap_ms), BIND_INT(t->timeout_ms),
	              BIND_INT(run_at_ms), bind_opt_int(t->run),
	              t->run ? BIND_INT(t->step) : BIND_NULL,
	              t->run ? BIND_INT(t->item) : BIND_NULL,
	              BIND_STR(t->input.len ? t->input : STR("null")));
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
	hash_str(&h, t->kind);
	hash_str(&h, t->input);
	const int64_t numbers[] = { t->priority,     t->delay_ms,      t->run_at_ms,
		                    t->attempts_max, t->retry_base_ms, t->retry_cap_ms,
		                    t->timeout_ms };
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

static enum rc submit_new(struct queue *q, struct tx *tx, struct scope scope,
                          const struct task_new *t, int64_t id, struct task_submitted *ret,
                          struct err *err)
{
	int64_t at_ms = int64_max(t->run_at_ms, tx->now_ms + t->delay_ms);
	enum task_state state = at_ms > tx->now_ms ? TASK_SCHEDULED : TASK_READY;
	enum rc rc = insert(tx, scope, t, id, state, at_ms, err);
	if (rc != RC_OK)
		return rc;
	struct task_row row = { .id = id, .kind = t->kind, .run = t->run };
	task_event(q, tx, scope, "task.submitted", &row, NULL, NULL);
	if (state == TASK_READY)
		lease_hint(q, scope.tenant, t->kind);
	count_add(COUNT_TASKS_SUBMITTED, 1);
	*ret = (struct task_submitted){ .id = id, .state = state };
	return RC_OK;
}

static enum rc submit_keyed(struct queue *q, struct tx *tx, struct scope scope,
                            const struct task_new *t, int64_t id, struct task_submitted *ret,
                            struct err *err)
{
	struct idempotency key = { .space = IDEMPOTENCY_TASK,
		                   .key = t->idempotency_key,
		                   .request = request_hash(t) };
	int64_t holder;
	enum rc rc = idempotency_claim(tx, scope, &key, id, &holder, err);
	if (rc != RC_OK)
		return rc;
	if (holder == id)
		return submit_new(q, tx, scope, t, id, ret, err);
	*ret = (struct task_submitted){ .id = holder, .is_duplicate = true };
	return state_of(tx, scope, holder, &ret->state, err);
}

enum rc queue_submit_tx(struct queue *q, struct tx *tx, struct scope scope,
                        const struct task_new *t, struct task_submitted *ret, struct err *err)
{
	enum rc rc = check_task(t, err);
	if (rc != RC_OK)
		return rc;
	int64_t id = store_new_id(q->store, tx->now_ms);
	return t->idempotency_key.len ? submit_keyed(q, tx, scope, t, id, ret, err)
	                              : submit_new(q, tx, scope, t, id, ret, err);
}

static enum rc submit_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct submit_command *s = (struct submit_command *)c;
	struct queue *q = c->owner;
	assert(s->n >= 1 && s->n <= TASK_BATCH_MAX);
	enum rc rc = check_disk(q, err);
	for (size_t i = 0; i < s->n && rc == RC_OK; i++) {
		rc = queue_submit_tx(q, tx, c->scope, &s->tasks[i], &s->results[i], err);
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
