/* The worker protocol: leasing, and a holder's words about its attempt.
 *
 * A long poll is a command that the queue parks.  When its client hangs up, a withdraw
 * follows it; when work was granted in the same moment, it is handed back at once, so
 * that no lease is given to nobody.
 */
#include "api/rest/rest.h"

#include "codec/field.h"
#include "codec/hex.h"
#include "store/writer.h"
#include "sys/env.h"

/* --- Leasing --- */

struct lease_body {
	struct str worker, session, group;
	const struct json *kinds, *holding;
	int64_t max, lease_ms, wait_ms, timeout_ms;
};
static const struct field lease_fields[] = {
	FIELD_STR(struct lease_body, worker, .is_required = true, .min = 1, .max = 200),
	FIELD_ARRAY(struct lease_body, kinds, .is_required = true, .min = 1,
	            .max = LEASE_KINDS_MAX),
	FIELD_INT(struct lease_body, max, .min = 1, .max = LEASE_TASKS_MAX),
	FIELD_INT(struct lease_body, lease_ms, .min = LEASE_MS_MIN, .max = LEASE_MS_MAX),
	FIELD_INT(struct lease_body, wait_ms, .min = 0, .max = LEASE_WAIT_MS_MAX),
	FIELD_INT(struct lease_body, timeout_ms, .min = 1, .max = 24 * 3600 * 1000),
	FIELD_STR(struct lease_body, group, .min = 1, .one_of = "kind|key"),
	FIELD_STR(struct lease_body, session, .min = 1, .max = SESSION_MAX, .bytes = "!-~"),
	FIELD_ARRAY(struct lease_body, holding, .max = LEASE_HOLDING_MAX),
};

struct poll {
	struct lease_command lease;
	struct withdraw_command withdraw;
	struct holder_command *returns;
	struct request *request;
	struct holder_command *completion; /* of complete with `lease` */
};

/* The same as of a task: another one would wait for ever. */
static bool is_kind(const struct json *v)
{
	bool is_good = v->text.len > 0 && v->text.len <= TASK_KIND_MAX;
	for (size_t i = 0; i < v->text.len && is_good; i++) {
		char c = v->text.ptr[i];
		is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
		          c == '_' || c == '-';
	}
	return is_good;
}

static enum rc check_listed_kind(const struct json *v, const struct str *before, size_t n,
                                 struct err *err)
{
	if (v->type != JSON_STRING)
		return err_set(err, CODE_FIELD_TYPE, "must be a string");
	if (!is_kind(v))
		return err_set(err, CODE_FIELD_RANGE, "a kind is 1 to %d bytes of a-z 0-9 . _ -",
		               TASK_KIND_MAX);
	for (size_t i = 0; i < n; i++)
		if (str_eq(before[i], v->text))
			return err_set(err, CODE_FIELD_RANGE, "the kind is listed twice");
	return RC_OK;
}

static enum rc read_kinds(struct request *r, const struct json *list, const char *prefix,
                          struct lease_command *l, struct err *err)
{
	struct str *kinds = arena_new(r->arena, struct str, list->count);
	size_t n = 0;
	for
		json_each(v, list)
		{
			if (check_listed_kind(v, kinds, n, err) != RC_OK)
				return err_at(err, "%s/kinds/%zu", prefix, n);
			kinds[n++] = v->text;
		}
	l->kinds = kinds;
	l->n_kinds = n;
	return RC_OK;
}

static enum rc read_holding(struct request *r, const struct json *list, const char *prefix,
                            struct lease_command *l, struct err *err)
{
	if (!list)
		return RC_OK;
	int64_t *ids = arena_new(r->arena, int64_t, list->count);
	size_t n = 0;
	for
		json_each(v, list)
		{
			char place[64];
			snprintf(place, sizeof place, "%s/holding/%zu", prefix, n);
			if (v->type != JSON_STRING) {
				err_set(err, CODE_FIELD_TYPE, "must be a string");
				return err_at(err, "%s", place);
			}
			enum rc rc = request_body_id(v->text, "task", place, &ids[n++], err);
			if (rc != RC_OK)
				return rc;
		}
	l->holding = ids;
	l->n_holding = n;
	return RC_OK;
}

static enum lease_group group_of(struct str text)
{
	if (!text.len)
		return LEASE_GROUP_NONE;
	return str_eqz(text, "key") ? LEASE_GROUP_KEY : LEASE_GROUP_KIND;
}

static enum rc read_lease(struct request *r, const struct json *body, const char *prefix,
                          struct lease_command *l, struct err *err)
{
	struct lease_body b = { .max = 1, .lease_ms = LEASE_MS_DEFAULT };
	enum rc rc = field_read(lease_fields, ARRAY_LEN(lease_fields), body, prefix, &b, err);
	if (rc == RC_OK)
		rc = read_kinds(r, b.kinds, prefix, l, err);
	if (rc == RC_OK)
		rc = read_holding(r, b.holding, prefix, l, err);
	if (rc != RC_OK)
		return rc;
	l->worker = b.worker;
	l->session = b.session;
	l->group = group_of(b.group);
	l->timeout_ms = b.timeout_ms;
	l->tasks_max = b.max;
	l->lease_ms = b.lease_ms;
	l->wait_ms = b.wait_ms;
	return RC_OK;
}

static void put_leases(struct json_out *o, const struct lease_command *l)
{
	json_keyz(o, "tasks");
	json_begin_array(o);
	for (size_t i = 0; i < l->n_leases; i++) {
		const struct lease *lease = &l->leases[i];
		char token[2 * LEASE_TOKEN_BYTES];
		hex_encode(lease->token.bytes, LEASE_TOKEN_BYTES, token);
		json_begin_object(o);
		put_id(o, "id", "task", lease->task);
		json_put_str(o, "kind", lease->kind);
		json_put_str(o, "queue", lease->queue);
		put_opt_str(o, "concurrency_key", lease->key);
		json_put_bool(o, "again", lease->is_again);
		json_put_int(o, "attempt", lease->attempt);
		json_put_int(o, "attempts_max", lease->attempts_max);
		json_put_int(o, "lease_ms", lease->lease_ms);
		json_put_int(o, "timeout_ms", lease->timeout_ms);
		json_put_str(o, "token", (struct str){ token, sizeof token });
		put_id(o, "run", "run", lease->run);
		json_put_raw(o, "input", lease->input);
		json_end_object(o);
	}
	json_end_array(o);
}

static enum rc render_leases(struct request *r, struct err *err)
{
	(void)err;
	const struct poll *p = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_leases(&o, &p->lease);
	json_end_object(&o);
	return RC_OK;
}

static enum rc nothing_to_render(struct request *r, struct err *err)
{
	(void)r;
	(void)err;
	return RC_OK;
}

/* Granted to a client that is gone. */
static void return_leases(struct request *r)
{
	struct poll *p = r->state;
	size_t n = p->lease.n_leases;
	p->lease.n_leases = 0; /* the returns' own replies come through here, too */
	if (n == 0)
		return;
	p->returns = arena_new(r->arena, struct holder_command, n);
	for (size_t i = 0; i < n; i++) {
		struct holder_command *h = &p->returns[i];
		holder_command_init(h, r->api->o.queue, r->scope, HOLDER_RETURN);
		h->task = p->lease.leases[i].task;
		h->attempt = p->lease.leases[i].attempt;
		h->token = p->lease.leases[i].token;
		request_send(r, &h->c, nothing_to_render);
	}
}

static void withdraw(struct request *r)
{
	struct poll *p = r->state;
	withdraw_command_init(&p->withdraw, r->api->o.queue, &p->lease);
	request_send(r, &p->withdraw.c, nothing_to_render);
}

enum rc leases_begin(struct request *r, struct err *err)
{
	const struct json *body;
	struct poll *p = arena_new(r->arena, struct poll, 1);
	lease_command_init(&p->lease, r->api->o.queue, r->scope, r->arena);
	enum rc rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = read_lease(r, body, "", &p->lease, err);
	if (rc != RC_OK)
		return rc;
	if (r->api->is_draining)
		return err_set(err, CODE_SHUTTING_DOWN, "the server is shutting down; ask again");
	r->state = p;
	r->on_lost = return_leases;
	r->on_hangup = withdraw;
	return request_send(r, &p->lease.c, render_leases);
}

/* --- Words of a holder --- */

struct holder_body {
	struct str token, message, output;
	int64_t attempt, lease_ms;
	const struct json *progress, *log, *error, *lease;
	bool final;
	struct str code, detail;
};
#define HOLDER_FIELDS                                                                              \
	FIELD_STR(struct holder_body, token, .is_required = true, .min = 2 * LEASE_TOKEN_BYTES,    \
	          .max = 2 * LEASE_TOKEN_BYTES, .bytes = "0-9a-f"),                                \
	        FIELD_INT(struct holder_body, attempt, .is_required = true, .min = 1,              \
	                  .max = INT32_MAX)

static const struct field heartbeat_fields[] = {
	HOLDER_FIELDS,
	FIELD_INT(struct holder_body, lease_ms, .min = LEASE_MS_MIN, .max = LEASE_MS_MAX),
	FIELD_VALUE(struct holder_body, progress),
	FIELD_STR(struct holder_body, message, .max = 1000),
	FIELD_ARRAY(struct holder_body, log, .min = 0, .max = LOG_LINES_MAX),
};
static const struct field complete_fields[] = {
	HOLDER_FIELDS,
	FIELD_RAW(struct holder_body, output, .max = TASK_OUTPUT_MAX),
	FIELD_OBJECT(struct holder_body, lease),
};
static const struct field fail_fields[] = {
	HOLDER_FIELDS,
	FIELD_OBJECT(struct holder_body, error, .is_required = true),
	FIELD_BOOL(struct holder_body, final),
};
static const struct field return_fields[] = { HOLDER_FIELDS };
static const struct field error_fields[] = {
	FIELD_STR(struct holder_body, code, .is_required = true, .min = 1, .max = 64,
	          .bytes = "a-zA-Z0-9._-"),
	FIELD_STR(struct holder_body, message, .is_required = true, .max = 4000),
	FIELD_RAW(struct holder_body, detail, .max = TASK_ERROR_MAX),
};

static enum rc read_holder(struct request *r, const struct field *fields, size_t n,
                           enum holder_verb verb, struct holder_body *b, struct holder_command *h,
                           struct err *err)
{
	const struct json *body;
	int64_t task;
	enum rc rc = request_param_id(r, "task", &task, err);
	if (rc == RC_OK)
		rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(fields, n, body, "", b, err);
	if (rc != RC_OK)
		return rc;
	holder_command_init(h, r->api->o.queue, r->scope, verb);
	h->task = task;
	h->attempt = b->attempt;
	rc = hex_decode(b->token, h->token.bytes, sizeof h->token.bytes);
	assert(rc == RC_OK); /* the field table has seen to it */
	return RC_OK;
}

static struct json_out begin_state(struct request *r, const struct holder_command *h)
{
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_id(&o, "id", "task", h->task);
	json_put_str(&o, "state", str_z(task_state_text(h->state)));
	return o;
}

static enum rc read_log(struct request *r, const struct json *log, struct holder_command *h,
                        struct err *err)
{
	if (!log)
		return RC_OK;
	struct str *lines = arena_new(r->arena, struct str, log->count);
	size_t n = 0;
	for
		json_each(v, log)
		{
			if (v->type != JSON_STRING || v->text.len > LOG_LINE_MAX) {
				bool is_text = v->type == JSON_STRING;
				err_set(err, is_text ? CODE_FIELD_RANGE : CODE_FIELD_TYPE,
				        "a log line is a string of at most %d bytes", LOG_LINE_MAX);
				return err_at(err, "/log/%zu", n);
			}
			lines[n++] = v->text;
		}
	h->log_lines = lines;
	h->n_log_lines = n;
	return RC_OK;
}

static enum rc read_progress(const struct json *v, double *ret, struct err *err)
{
	if (!v || v->type == JSON_NULL)
		return RC_OK;
	if (v->type == JSON_NUMBER && v->number >= 0 && v->number <= 1) {
		*ret = v->number;
		return RC_OK;
	}
	err_set(err, v->type == JSON_NUMBER ? CODE_FIELD_RANGE : CODE_FIELD_TYPE,
	        "must be a number from 0 to 1");
	return err_at(err, "/progress");
}

static enum rc render_heartbeat(struct request *r, struct err *err)
{
	(void)err;
	const struct holder_command *h = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_put_int(&o, "lease_ms", h->ret_lease_ms);
	json_put_bool(&o, "cancelled", h->is_cancelled);
	json_end_object(&o);
	return RC_OK;
}

enum rc tasks_heartbeat(struct request *r, struct err *err)
{
	struct holder_body b = { 0 };
	struct holder_command *h = arena_new(r->arena, struct holder_command, 1);
	enum rc rc = read_holder(r, heartbeat_fields, ARRAY_LEN(heartbeat_fields), HOLDER_HEARTBEAT,
	                         &b, h, err);
	if (rc == RC_OK)
		rc = read_progress(b.progress, &h->progress, err);
	if (rc == RC_OK)
		rc = read_log(r, b.log, h, err);
	if (rc != RC_OK)
		return rc;
	h->lease_ms = b.lease_ms;
	h->message = b.message;
	r->state = h;
	return request_send(r, &h->c, render_heartbeat);
}

static enum rc render_state(struct request *r, struct err *err)
{
	(void)err;
	const struct holder_command *h = r->state;
	struct json_out o = begin_state(r, h);
	if (h->verb == HOLDER_FAIL)
		put_time(&o, "retry_at", h->retry_at_ms);
	json_end_object(&o);
	return RC_OK;
}

static enum rc render_complete_and_leases(struct request *r, struct err *err)
{
	(void)err;
	const struct poll *p = r->state;
	struct json_out o = begin_state(r, p->completion);
	put_leases(&o, &p->lease);
	json_end_object(&o);
	return RC_OK;
}

enum rc tasks_complete(struct request *r, struct err *err)
{
	struct holder_body b = { 0 };
	struct poll *p = arena_new(r->arena, struct poll, 1);
	struct holder_command *h = arena_new(r->arena, struct holder_command, 1);
	enum rc rc = read_holder(r, complete_fields, ARRAY_LEN(complete_fields), HOLDER_COMPLETE,
	                         &b, h, err);
	if (rc != RC_OK)
		return rc;
	h->output = b.output;
	if (!b.lease) {
		r->state = h;
		return request_send(r, &h->c, render_state);
	}
	lease_command_init(&p->lease, r->api->o.queue, r->scope, r->arena);
	rc = read_lease(r, b.lease, "/lease", &p->lease, err);
	if (rc == RC_OK && p->lease.wait_ms) {
		err_set(err, CODE_FIELD_RANGE, "completing can't wait; leave wait_ms out");
		rc = err_at(err, "/lease/wait_ms");
	}
	if (rc != RC_OK)
		return rc;
	if (!r->api->is_draining) /* then the answer has no leases */
		h->next = &p->lease;
	p->completion = h;
	r->state = p;
	r->on_lost = return_leases;
	return request_send(r, &h->c, render_complete_and_leases);
}

enum rc tasks_fail(struct request *r, struct err *err)
{
	struct holder_body b = { 0 };
	struct holder_command *h = arena_new(r->arena, struct holder_command, 1);
	enum rc rc = read_holder(r, fail_fields, ARRAY_LEN(fail_fields), HOLDER_FAIL, &b, h, err);
	if (rc == RC_OK)
		rc = field_read(error_fields, ARRAY_LEN(error_fields), b.error, "/error", &b, err);
	if (rc != RC_OK)
		return rc;
	h->error_code = b.code;
	h->error_message = b.message;
	h->error_detail = b.detail;
	h->is_final = b.final;
	r->state = h;
	return request_send(r, &h->c, render_state);
}

enum rc tasks_return(struct request *r, struct err *err)
{
	struct holder_body b = { 0 };
	struct holder_command *h = arena_new(r->arena, struct holder_command, 1);
	enum rc rc =
	        read_holder(r, return_fields, ARRAY_LEN(return_fields), HOLDER_RETURN, &b, h, err);
	if (rc != RC_OK)
		return rc;
	r->state = h;
	return request_send(r, &h->c, render_state);
}
