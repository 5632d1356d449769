/* /v1/tasks: submitting, looking, cancelling, retrying, discarding. */
#include "api/rest/rest.h"

#include "codec/field.h"
#include "codec/hex.h"
#include "codec/rfc3339.h"

/* --- Submitting --- */

struct task_body {
	struct str kind, queue, input, run_at, deadline_at, idempotency_key;
	int64_t priority, delay_ms, attempts_max, timeout_ms, deadline_ms;
	const struct json *retry, *concurrency, *callback;
	int64_t base_ms, cap_ms;
	struct str key; /* of concurrency … */
	int64_t max;
};
struct callback_body {
	struct str kind, input;
};

#define TASK_FIELDS                                                                                \
	FIELD_STR(struct task_body, kind, .is_required = true, .min = 1, .max = TASK_KIND_MAX,     \
	          .bytes = KIND_BYTES),                                                            \
	        FIELD_STR(struct task_body, queue, .min = 1, .max = QUEUE_NAME_MAX,                \
	                  .bytes = KIND_BYTES),                                                    \
	        FIELD_RAW(struct task_body, input, .max = TASK_INPUT_MAX),                         \
	        FIELD_INT(struct task_body, priority, .min = -TASK_PRIORITY_MAX,                   \
	                  .max = TASK_PRIORITY_MAX),                                               \
	        FIELD_INT(struct task_body, delay_ms, .min = 0, .max = DELAY_MS_MAX),              \
	        FIELD_STR(struct task_body, run_at, .min = 20, .max = 40),                         \
	        FIELD_INT(struct task_body, attempts_max, .min = 1, .max = TASK_ATTEMPTS_MAX),     \
	        FIELD_OBJECT(struct task_body, retry),                                             \
	        FIELD_INT(struct task_body, timeout_ms, .min = 1, .max = DAY_MS),                  \
	        FIELD_STR(struct task_body, deadline_at, .min = 20, .max = 40),                    \
	        FIELD_INT(struct task_body, deadline_ms, .min = 1, .max = DELAY_MS_MAX),           \
	        FIELD_OBJECT(struct task_body, concurrency),                                       \
	        FIELD_OBJECT(struct task_body, callback)
#define KIND_BYTES "a-z0-9._-"
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define DELAY_MS_MAX (366 * DAY_MS)

static const struct field single_fields[] = { TASK_FIELDS };
static const struct field batch_fields[] = {
	TASK_FIELDS,
	FIELD_STR(struct task_body, idempotency_key, .min = 1, .max = TASK_KEY_MAX, .bytes = "!-~"),
};
static const struct field retry_fields[] = {
	FIELD_INT(struct task_body, base_ms, .min = 0, .max = DAY_MS),
	FIELD_INT(struct task_body, cap_ms, .min = 0, .max = DAY_MS),
};

static const struct field concurrency_fields[] = {
	FIELD_STR(struct task_body, key, .is_required = true, .min = 1, .max = CONCURRENCY_KEY_MAX),
	FIELD_INT(struct task_body, max, .min = 1, .max = CONCURRENCY_MAX),
};
static const struct field callback_fields[] = {
	FIELD_STR(struct callback_body, kind, .is_required = true, .min = 1, .max = TASK_KIND_MAX,
	          .bytes = KIND_BYTES),
	FIELD_RAW(struct callback_body, input, .max = CALLBACK_INPUT_MAX),
};

static enum rc read_time(struct str text, const char *prefix, const char *member, int64_t *ret,
                         struct err *err)
{
	if (!text.len || rfc3339_parse(text, ret) == RC_OK)
		return RC_OK;
	err_set(err, CODE_FIELD_RANGE, "must be a time as in \"2026-11-21T01:02:03Z\"");
	return err_at(err, "%s/%s", prefix, member);
}

static enum rc read_part(const struct field *fields, size_t n, const struct json *v,
                         const char *prefix, const char *member, void *into, struct err *err)
{
	char place[64];
	if (!v)
		return RC_OK;
	snprintf(place, sizeof place, "%s/%s", prefix, member);
	return field_read(fields, n, v, place, into, err);
}
#define READ_PART(fields, v, prefix, member, into, err)                                            \
	read_part(fields, ARRAY_LEN(fields), v, prefix, member, into, err)

static enum rc read_task(const struct field *fields, size_t n, const struct json *v,
                         const char *prefix, struct task_new *ret, struct err *err)
{
	struct task_body b = { 0 };
	struct callback_body callback = { 0 };
	int64_t run_at_ms = 0, deadline_ms = 0;
	enum rc rc = field_read(fields, n, v, prefix, &b, err);
	if (rc == RC_OK)
		rc = read_time(b.run_at, prefix, "run_at", &run_at_ms, err);
	if (rc == RC_OK)
		rc = read_time(b.deadline_at, prefix, "deadline_at", &deadline_ms, err);
	if (rc == RC_OK)
		rc = READ_PART(retry_fields, b.retry, prefix, "retry", &b, err);
	if (rc == RC_OK)
		rc = READ_PART(concurrency_fields, b.concurrency, prefix, "concurrency", &b, err);
	if (rc == RC_OK)
		rc = READ_PART(callback_fields, b.callback, prefix, "callback", &callback, err);
	if (rc != RC_OK)
		return rc;
	*ret = (struct task_new){
		.kind = b.kind,
		.queue = b.queue,
		.input = b.input,
		.priority = b.priority,
		.delay_ms = b.delay_ms,
		.run_at_ms = run_at_ms,
		.attempts_max = b.attempts_max,
		.retry_base_ms = b.base_ms,
		.retry_cap_ms = b.cap_ms,
		.timeout_ms = b.timeout_ms,
		.deadline_ms = deadline_ms,
		.deadline_in_ms = b.deadline_ms,
		.key = b.key,
		.key_max = b.max,
		.callback_kind = callback.kind,
		.callback_input = callback.input,
		.idempotency_key = b.idempotency_key,
	};
	return RC_OK;
}

static void put_submitted(struct json_out *o, const struct task_submitted *t)
{
	json_begin_object(o);
	put_id(o, "id", "task", t->id);
	json_put_str(o, "state", str_z(task_state_text(t->state)));
	json_put_bool(o, "duplicate", t->is_duplicate);
	json_end_object(o);
}

static enum rc render_submitted(struct request *r, struct err *err)
{
	(void)err;
	const struct submit_command *s = r->state;
	struct json_out o = request_json(r);
	put_submitted(&o, &s->results[0]);
	request_about(r, "task", s->results[0].id);
	r->status = s->results[0].is_duplicate ? 200 : 201;
	return RC_OK;
}

static enum rc render_batch(struct request *r, struct err *err)
{
	(void)err;
	const struct submit_command *s = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_keyz(&o, "tasks");
	json_begin_array(&o);
	for (size_t i = 0; i < s->n; i++)
		put_submitted(&o, &s->results[i]);
	json_end_array(&o);
	json_end_object(&o);
	r->status = 201;
	return RC_OK;
}

static enum rc send_submit(struct request *r, struct task_new *tasks, size_t n,
                           enum rc (*render)(struct request *r, struct err *err))
{
	struct submit_command *s = arena_new(r->arena, struct submit_command, 1);
	submit_command_init(s, r->api->o.queue, r->scope);
	s->tasks = tasks;
	s->n = n;
	s->results = arena_new(r->arena, struct task_submitted, n);
	s->is_batch = render == render_batch;
	r->state = s;
	return request_send(r, &s->c, render);
}

enum rc tasks_submit(struct request *r, struct err *err)
{
	const struct json *body;
	struct task_new *task = arena_new(r->arena, struct task_new, 1);
	enum rc rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = read_task(single_fields, ARRAY_LEN(single_fields), body, "", task, err);
	if (rc != RC_OK)
		return rc;
	task->idempotency_key = r->idempotency_key;
	return send_submit(r, task, 1, render_submitted);
}

static enum rc read_batch(const struct json *list, struct task_new *tasks, struct err *err)
{
	size_t i = 0;
	json_each(v, list) {
		char prefix[32];
		snprintf(prefix, sizeof prefix, "/tasks/%zu", i);
		enum rc rc = read_task(batch_fields, ARRAY_LEN(batch_fields), v, prefix,
		                       &tasks[i++], err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc tasks_submit_batch(struct request *r, struct err *err)
{
	struct {
		const struct json *tasks;
	} b = { 0 };
	const struct field fields[] = {
		{ .name = "tasks",
		  .type = FIELD_TYPE_ARRAY,
		  .is_required = true,
		  .min = 1,
		  .max = TASK_BATCH_MAX },
	};
	const struct json *body;
	if (r->idempotency_key.len) {
		err_set(err, CODE_BAD_REQUEST,
		        "a batch takes no Idempotency-Key; give each task its own idempotency_key");
		return err_at(err, "Idempotency-Key");
	}
	enum rc rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(fields, 1, body, "", &b, err);
	if (rc != RC_OK)
		return rc;
	struct task_new *tasks = arena_new(r->arena, struct task_new, b.tasks->count);
	rc = read_batch(b.tasks, tasks, err);
	return rc == RC_OK ? send_submit(r, tasks, b.tasks->count, render_batch) : rc;
}

/* --- Looking --- */

static void put_task(struct json_out *o, const struct task *t, bool is_whole)
{
	json_begin_object(o);
	put_id(o, "id", "task", t->id);
	json_put_str(o, "kind", t->kind);
	json_put_str(o, "queue", t->queue);
	json_put_str(o, "state", str_z(task_state_text(t->state)));
	json_put_str(o, "reason", str_z(t->reason));
	put_opt_str(o, "reason_detail", t->reason_detail);
	put_time(o, "reason_until", t->reason_until_ms);
	json_put_int(o, "priority", t->priority);
	json_put_int(o, "attempt", t->attempt);
	json_put_int(o, "attempts_max", t->attempts_max);
	json_put_int(o, "lost", t->lost);
	put_id(o, "run", "run", t->run);
	put_time(o, "created_at", t->created_ms);
	put_time(o, "run_at", t->run_at_ms);
	put_time(o, "deadline_at", t->deadline_ms);
	put_opt_str(o, "concurrency_key", t->key);
	put_id(o, "retry_of", "task", t->retry_of);
	put_id(o, "retried_as", "task", t->retried_as);
	json_put_bool(o, "discarded", t->is_discarded);
	put_time(o, "lease_until", t->lease_until_ms);
	put_time(o, "finished_at", t->finished_ms);
	put_opt_str(o, "worker", t->worker);
	put_progress(o, t->progress);
	put_opt_str(o, "message", t->message);
	put_json(o, "error", t->error);
	if (is_whole) {
		put_json(o, "input", t->input);
		put_json(o, "output", t->output);
	}
	json_end_object(o);
}

static enum rc get_on_pool(struct request *r, struct err *err)
{
	struct task t;
	enum rc rc = task_get(r->api->o.queue, r->scope, request_path_id(r), r->arena, &t, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	put_task(&o, &t, true);
	return RC_OK;
}

enum rc tasks_get(struct request *r, struct err *err)
{
	return request_read_id(r, "task", get_on_pool, err);
}

static enum rc list_on_pool(struct request *r, struct err *err)
{
	const struct task_filter *f = r->state;
	struct task_page page;
	enum rc rc = task_list(r->api->o.queue, r->scope, f, r->arena, &page, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = begin_page(r, "tasks");
	for (size_t i = 0; i < page.n; i++)
		put_task(&o, &page.tasks[i], false);
	end_page_by_id(&o, page.next);
	return RC_OK;
}

static enum rc query_state(struct request *r, int *ret, struct err *err)
{
	struct str text;
	enum task_state state;
	*ret = -1;
	enum rc rc = request_query(r, "state", &text, err);
	if (rc != RC_OK || !text.ptr)
		return rc;
	if (task_state_parse(text, &state)) {
		*ret = (int)state;
		return RC_OK;
	}
	err_set(err, CODE_FIELD_RANGE,
	        "a state is one of scheduled, blocked, ready, leased, succeeded, failed, "
	        "cancelled");
	return err_at(err, "?state");
}

static enum rc query_dead(struct request *r, bool *ret, struct err *err)
{
	struct str text;
	enum rc rc = request_query(r, "dead", &text, err);
	if (rc != RC_OK || !text.ptr)
		return rc;
	*ret = str_eqz(text, "true");
	if (*ret || str_eqz(text, "false"))
		return RC_OK;
	err_set(err, CODE_FIELD_RANGE, "dead is true or false");
	return err_at(err, "?dead");
}

enum rc tasks_list(struct request *r, struct err *err)
{
	struct task_filter *f = arena_new(r->arena, struct task_filter, 1);
	int64_t limit = 0;
	enum rc rc = request_query_text(r, "kind", TASK_KIND_MAX, &f->kind, err);
	if (rc == RC_OK)
		rc = query_state(r, &f->state, err);
	if (rc == RC_OK)
		rc = query_dead(r, &f->is_dead, err);
	if (rc == RC_OK)
		rc = request_query_id(r, "run", "run", &f->run, err);
	if (rc == RC_OK)
		rc = request_cursor(r, &f->before, &limit, err);
	if (rc != RC_OK)
		return rc;
	f->limit = (size_t)limit;
	r->state = f;
	return request_read(r, list_on_pool);
}

/* --- Cancelling --- */

static enum rc render_cancelled(struct request *r, struct err *err)
{
	(void)err;
	const struct cancel_command *k = r->state;
	put_outcome(r, "task", k->task, task_state_text(k->state));
	return RC_OK;
}

enum rc tasks_cancel(struct request *r, struct err *err)
{
	struct cancel_command *k = arena_new(r->arena, struct cancel_command, 1);
	cancel_command_init(k, r->api->o.queue, r->scope);
	enum rc rc = request_param_id(r, "task", &k->task, err);
	if (rc == RC_OK)
		rc = request_reason(r, &k->reason, err);
	if (rc != RC_OK)
		return rc;
	r->state = k;
	return request_send(r, &k->c, render_cancelled);
}

/* --- Dead letters --- */

static enum rc render_retried(struct request *r, struct err *err)
{
	(void)err;
	const struct retry_command *k = r->state;
	struct json_out o = request_json(r);
	put_submitted(&o, &k->result);
	r->status = k->result.is_duplicate ? 200 : 201;
	return RC_OK;
}

enum rc tasks_retry(struct request *r, struct err *err)
{
	struct retry_command *k = arena_new(r->arena, struct retry_command, 1);
	retry_command_init(k, r->api->o.queue, r->scope);
	enum rc rc = request_param_id(r, "task", &k->task, err);
	if (rc != RC_OK)
		return rc;
	r->state = k;
	return request_send(r, &k->c, render_retried);
}

static enum rc render_discarded(struct request *r, struct err *err)
{
	(void)err;
	const struct discard_command *k = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_id(&o, "id", "task", k->task);
	json_put_bool(&o, "discarded", true);
	json_end_object(&o);
	return RC_OK;
}

enum rc tasks_discard(struct request *r, struct err *err)
{
	struct discard_command *k = arena_new(r->arena, struct discard_command, 1);
	discard_command_init(k, r->api->o.queue, r->scope);
	enum rc rc = request_param_id(r, "task", &k->task, err);
	if (rc != RC_OK)
		return rc;
	r->state = k;
	return request_send(r, &k->c, render_discarded);
}
