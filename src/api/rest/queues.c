/* /v1/queues: how they stand, their settings, their dead letters. */
#include "api/rest/rest.h"

#include "codec/field.h"
#include "codec/rfc3339.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* --- Looking --- */

static void put_rate(struct json_out *o, const struct queue_settings *k)
{
	json_keyz(o, "rate");
	if (!k->rate_n) {
		json_null(o);
		return;
	}
	json_begin_object(o);
	json_put_int(o, "n", k->rate_n);
	json_put_int(o, "period_ms", k->rate_period_ms);
	json_put_int(o, "burst", k->rate_burst ? k->rate_burst : k->rate_n);
	json_end_object(o);
}

static void put_settings(struct json_out *o, const struct queue_settings *k)
{
	json_put_bool(o, "paused", k->is_paused);
	json_put_int(o, "depth_max", k->depth_max);
	json_put_int(o, "concurrency_max", k->concurrency_max);
	put_rate(o, k);
	json_put_int(o, "attempts_max", k->attempts_max);
	json_keyz(o, "retry");
	json_begin_object(o);
	json_put_int(o, "base_ms", k->retry_base_ms);
	json_put_int(o, "cap_ms", k->retry_cap_ms);
	json_end_object(o);
	json_put_int(o, "timeout_ms", k->timeout_ms);
	json_put_int(o, "retention_ms", k->retention_ms);
}

static void put_counts(struct json_out *o, const struct queue_count *c)
{
	json_put_str(o, "name", c->kind);
	for (enum task_state s = TASK_SCHEDULED; s <= TASK_LEASED; s++)
		json_put_int(o, task_state_text(s), c->by_state[s]);
	put_time(o, "oldest_ready_at", c->oldest_ready_ms);
	json_keyz(o, "settings");
	json_begin_object(o);
	put_settings(o, &c->settings);
	json_end_object(o);
}

struct queues_ask {
	struct str name; /* the cursor, or the queue */
	int64_t limit;
};

static enum rc list_on_pool(struct request *r, struct err *err)
{
	const struct queues_ask *ask = r->state;
	struct queue_count *counts;
	size_t n;
	enum rc rc = queue_list(r->api->o.queue, r->scope, ask->name, (size_t)ask->limit, r->arena,
	                        &counts, &n, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = begin_page(r, "queues");
	for (size_t i = 0; i < n; i++) {
		json_begin_object(&o);
		put_counts(&o, &counts[i]);
		json_end_object(&o);
	}
	end_page_by_name(&o, n && n == (size_t)ask->limit ? counts[n - 1].kind : (struct str){ 0 });
	return RC_OK;
}

static bool is_name(struct str s)
{
	bool is_good = s.len > 0 && s.len <= QUEUE_NAME_MAX;
	for (size_t i = 0; i < s.len && is_good; i++) {
		char c = s.ptr[i];
		is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
		          c == '_' || c == '-';
	}
	return is_good;
}

/* Names are their own cursor: they are unique and sorted. */
enum rc queues_list(struct request *r, struct err *err)
{
	struct queues_ask *ask = arena_new(r->arena, struct queues_ask, 1);
	enum rc rc = request_query(r, "cursor", &ask->name, err);
	if (rc == RC_OK && ask->name.ptr && !is_name(ask->name))
		return request_bad_cursor(err);
	ask->limit = 50;
	if (rc == RC_OK)
		rc = request_query_int(r, "limit", 1, 200, &ask->limit, err);
	if (rc != RC_OK)
		return rc;
	r->state = ask;
	return request_read(r, list_on_pool);
}

static enum rc param_name(struct request *r, struct str *ret, struct err *err)
{
	if (!is_name(r->params[0])) {
		err_set(err, CODE_NOT_FOUND, "a queue has a name of 1 to %d bytes of a-z 0-9 . _ -",
		        QUEUE_NAME_MAX);
		return RC_NOT_FOUND;
	}
	*ret = r->params[0];
	return RC_OK;
}

static void put_days(struct json_out *o, const struct queue_info *info)
{
	json_keyz(o, "days");
	json_begin_array(o);
	for (size_t i = 0; i < info->n_days; i++) {
		const struct queue_day *d = &info->days[i];
		begin_day(o, d->day);
		json_put_int(o, "succeeded", d->succeeded);
		json_put_int(o, "failed", d->failed);
		json_put_int(o, "cancelled", d->cancelled);
		json_put_int(o, "duration_ms", d->duration_ms);
		json_end_object(o);
	}
	json_end_array(o);
}

static enum rc get_on_pool(struct request *r, struct err *err)
{
	const struct queues_ask *ask = r->state;
	struct queue_info info;
	enum rc rc = queue_get(r->api->o.queue, r->scope, ask->name, r->arena, &info, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_counts(&o, &info.count);
	put_days(&o, &info);
	json_end_object(&o);
	return RC_OK;
}

enum rc queues_get(struct request *r, struct err *err)
{
	struct queues_ask *ask = arena_new(r->arena, struct queues_ask, 1);
	enum rc rc = param_name(r, &ask->name, err);
	if (rc != RC_OK)
		return rc;
	r->state = ask;
	return request_read(r, get_on_pool);
}

/* --- Changing --- */

struct settings_body {
	bool paused;
	int64_t depth_max, concurrency_max, attempts_max, timeout_ms, retention_ms;
	const struct json *rate, *retry;
};
static const struct field settings_fields[] = {
	FIELD_BOOL(struct settings_body, paused),
	FIELD_INT(struct settings_body, depth_max, .min = 0, .max = DEPTH_MAX),
	FIELD_INT(struct settings_body, concurrency_max, .min = 0, .max = CONCURRENCY_MAX),
	FIELD_INT(struct settings_body, attempts_max, .min = 0, .max = TASK_ATTEMPTS_MAX),
	FIELD_INT(struct settings_body, timeout_ms, .min = 0, .max = DAY_MS),
	FIELD_INT(struct settings_body, retention_ms, .min = 0, .max = 3660 * DAY_MS),
	FIELD_OBJECT(struct settings_body, rate),
	FIELD_OBJECT(struct settings_body, retry),
};
struct part_body {
	int64_t n, period_ms, burst, base_ms, cap_ms;
};
static const struct field rate_fields[] = {
	FIELD_INT(struct part_body, n, .is_required = true, .min = 1, .max = RATE_MAX),
	FIELD_INT(struct part_body, period_ms, .is_required = true, .min = 1, .max = DAY_MS),
	FIELD_INT(struct part_body, burst, .min = 1, .max = RATE_MAX),
};
static const struct field retry_fields[] = {
	FIELD_INT(struct part_body, base_ms, .min = 0, .max = DAY_MS),
	FIELD_INT(struct part_body, cap_ms, .min = 0, .max = DAY_MS),
};

static enum rc read_settings(const struct json *body, struct queue_settings *ret, struct err *err)
{
	struct settings_body b = { 0 };
	struct part_body p = { 0 };
	enum rc rc = field_read(settings_fields, ARRAY_LEN(settings_fields), body, "", &b, err);
	if (rc == RC_OK && b.rate)
		rc = field_read(rate_fields, ARRAY_LEN(rate_fields), b.rate, "/rate", &p, err);
	if (rc == RC_OK && b.retry)
		rc = field_read(retry_fields, ARRAY_LEN(retry_fields), b.retry, "/retry", &p, err);
	if (rc != RC_OK)
		return rc;
	*ret = (struct queue_settings){
		.is_paused = b.paused,
		.depth_max = b.depth_max,
		.concurrency_max = b.concurrency_max,
		.rate_n = p.n,
		.rate_period_ms = p.period_ms,
		.rate_burst = p.burst,
		.attempts_max = b.attempts_max,
		.retry_base_ms = p.base_ms,
		.retry_cap_ms = p.cap_ms,
		.timeout_ms = b.timeout_ms,
		.retention_ms = b.retention_ms,
	};
	return RC_OK;
}

static enum rc render_settings(struct request *r, struct err *err)
{
	(void)err;
	const struct queue_command *k = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_put_str(&o, "name", k->name);
	json_keyz(&o, "settings");
	json_begin_object(&o);
	put_settings(&o, &k->settings);
	json_end_object(&o);
	json_end_object(&o);
	return RC_OK;
}

static enum rc change(struct request *r, enum queue_verb verb, struct err *err)
{
	const struct json *body;
	struct queue_command *k = arena_new(r->arena, struct queue_command, 1);
	queue_command_init(k, r->api->o.queue, r->scope, verb);
	enum rc rc = param_name(r, &k->name, err);
	if (rc == RC_OK && verb == QUEUE_PUT)
		rc = request_body(r, &body, err);
	if (rc == RC_OK && verb == QUEUE_PUT)
		rc = read_settings(body, &k->settings, err);
	if (rc != RC_OK)
		return rc;
	r->state = k;
	return request_send(r, &k->c, render_settings);
}

enum rc queues_put(struct request *r, struct err *err)
{
	return change(r, QUEUE_PUT, err);
}

enum rc queues_reset(struct request *r, struct err *err)
{
	return change(r, QUEUE_RESET, err);
}

enum rc queues_pause(struct request *r, struct err *err)
{
	return change(r, QUEUE_PAUSE, err);
}

enum rc queues_resume(struct request *r, struct err *err)
{
	return change(r, QUEUE_RESUME, err);
}

/* --- Dead letters --- */

static enum rc render_sweep(struct request *r, struct err *err)
{
	(void)err;
	const struct sweep_command *s = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_id(&o, "id", "sweep", s->id);
	json_end_object(&o);
	r->status = 202;
	return RC_OK;
}

static enum rc sweep(struct request *r, enum sweep_what what, struct err *err)
{
	struct sweep_command *s = arena_new(r->arena, struct sweep_command, 1);
	sweep_command_init(s, r->api->o.queue, r->scope);
	s->what = what;
	enum rc rc = param_name(r, &s->queue, err);
	if (rc != RC_OK)
		return rc;
	r->state = s;
	return request_send(r, &s->c, render_sweep);
}

enum rc queues_retry_dead(struct request *r, struct err *err)
{
	return sweep(r, SWEEP_RETRY, err);
}

enum rc queues_discard_dead(struct request *r, struct err *err)
{
	return sweep(r, SWEEP_DISCARD, err);
}
