/* The worker protocol: a holder's words about its attempts, one or many at once. */
#include "api/rest/lease.h"
#include "api/rest/rest.h"

#include "artifact/output.h"
#include "codec/field.h"
#include "codec/hex.h"

struct holder_body {
	struct str id, token, message, output;
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
	FIELD_RAW(struct holder_body, output, .max = OUTPUT_MAX),
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

static void holder_begin(struct request *r, enum holder_verb verb, int64_t task,
                         const struct holder_body *b, struct holder_command *h)
{
	holder_command_init(h, r->api->o.queue, r->scope, verb);
	h->task = task;
	h->attempt = b->attempt;
	enum rc rc = hex_decode(b->token, h->token.bytes, sizeof h->token.bytes);
	assert(rc == RC_OK); /* the field table has seen to it */
}

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
	holder_begin(r, verb, task, b, h);
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
	json_each(v, log) {
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
	json_put_bool(&o, "draining", h->is_draining);
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

/* Most are a word and no more: the rest is made when it is wanted. */
struct completion {
	struct holder_command word;
	struct lease_command *lease;  /* NULL: it wants no next one */
	struct output_command *large; /* around the word, when its output is large; or NULL */
};

static enum rc render_complete_and_leases(struct request *r, struct err *err)
{
	(void)err;
	const struct completion *k = r->state;
	struct json_out o = begin_state(r, &k->word);
	leases_put(&o, k->lease);
	json_put_bool(&o, "draining", k->lease->is_draining);
	json_end_object(&o);
	return RC_OK;
}

static void completion_lost(struct request *r)
{
	struct completion *k = r->state;
	leases_return(r, k->lease);
}

static enum rc read_completion(struct request *r, struct err *err)
{
	struct holder_body b = { 0 };
	struct completion *k = r->state;
	enum rc rc = read_holder(r, complete_fields, ARRAY_LEN(complete_fields), HOLDER_COMPLETE,
	                         &b, &k->word, err);
	if (rc != RC_OK)
		return rc;
	k->word.output = b.output;
	if (!b.lease)
		return RC_OK;
	k->lease = arena_new(r->arena, struct lease_command, 1);
	return lease_read_next(r, b.lease, k->lease, err);
}

static enum rc send_completion(struct request *r, struct err *err)
{
	(void)err;
	struct completion *k = r->state;
	struct command *c = k->large ? &k->large->c : &k->word.c;
	if (!k->lease)
		return request_send(r, c, render_state);
	if (!r->api->is_draining) /* then the answer has no leases */
		k->word.next = k->lease;
	r->on_lost = completion_lost;
	return request_send(r, c, render_complete_and_leases);
}

static enum rc large_on_pool(struct request *r, struct err *err)
{
	struct completion *k = r->state;
	enum rc rc = read_completion(r, err);
	if (rc != RC_OK || k->word.output.len <= OUTPUT_INLINE_MAX)
		return rc;
	k->large = arena_new(r->arena, struct output_command, 1);
	output_command_init(k->large, r->api->o.artifacts, r->api->o.queue, &k->word);
	return output_prepare(k->large, r->arena, err);
}

/* What is large is read and stored on the pool, and then sent. */
enum rc tasks_complete(struct request *r, struct err *err)
{
	struct completion *k = arena_new(r->arena, struct completion, 1);
	r->state = k; /* begins with the word */
	if (r->body.len > OUTPUT_INLINE_MAX) {
		r->then = send_completion;
		return request_read(r, large_on_pool);
	}
	enum rc rc = read_completion(r, err);
	return rc == RC_OK ? send_completion(r, err) : rc;
}

static enum rc take_error(struct holder_body *b, const char *prefix, struct holder_command *h,
                          struct err *err)
{
	enum rc rc = field_read(error_fields, ARRAY_LEN(error_fields), b->error, prefix, b, err);
	if (rc != RC_OK)
		return rc;
	h->error_code = b->code;
	h->error_message = b->message;
	h->error_detail = b->detail;
	h->is_final = b->final;
	return RC_OK;
}

enum rc tasks_fail(struct request *r, struct err *err)
{
	struct holder_body b = { 0 };
	struct holder_command *h = arena_new(r->arena, struct holder_command, 1);
	enum rc rc = read_holder(r, fail_fields, ARRAY_LEN(fail_fields), HOLDER_FAIL, &b, h, err);
	if (rc == RC_OK)
		rc = take_error(&b, "/error", h, err);
	if (rc != RC_OK)
		return rc;
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

/* --- Many words at once --- */

#define LISTED_FIELDS                                                                              \
	FIELD_STR(struct holder_body, id, .is_required = true, .min = 1, .max = ID_TEXT_MAX),      \
	        HOLDER_FIELDS

static const struct field completed_fields[] = {
	LISTED_FIELDS,
	FIELD_RAW(struct holder_body, output, .max = TASK_OUTPUT_MAX),
};
static const struct field failed_fields[] = {
	LISTED_FIELDS,
	FIELD_OBJECT(struct holder_body, error, .is_required = true),
	FIELD_BOOL(struct holder_body, final),
};

struct finish_body {
	const struct json *completed, *failed, *lease;
};
static const struct field finish_fields[] = {
	FIELD_ARRAY(struct finish_body, completed, .max = FINISH_MAX),
	FIELD_ARRAY(struct finish_body, failed, .max = FINISH_MAX),
	FIELD_OBJECT(struct finish_body, lease),
};

struct finishing {
	struct finish_command finish; /* the completed first */
	struct lease_command lease;
	size_t n_completed;
};

static enum rc read_listed(struct request *r, const struct json *v, const char *prefix,
                           enum holder_verb verb, struct holder_command *h, struct err *err)
{
	struct holder_body b = { 0 };
	bool is_failed = verb == HOLDER_FAIL;
	char place[64];
	int64_t task;
	enum rc rc = field_read(is_failed ? failed_fields : completed_fields,
	                        is_failed ? ARRAY_LEN(failed_fields) : ARRAY_LEN(completed_fields),
	                        v, prefix, &b, err);
	snprintf(place, sizeof place, "%s/id", prefix);
	if (rc == RC_OK)
		rc = request_body_id(b.id, "task", place, &task, err);
	if (rc != RC_OK)
		return rc;
	holder_begin(r, verb, task, &b, h);
	h->output = b.output;
	snprintf(place, sizeof place, "%s/error", prefix);
	return is_failed ? take_error(&b, place, h, err) : RC_OK;
}

static enum rc read_list(struct request *r, const struct json *list, const char *name,
                         enum holder_verb verb, struct finish_command *f, struct err *err)
{
	size_t at = 0;
	if (!list)
		return RC_OK;
	json_each(v, list) {
		char prefix[32];
		snprintf(prefix, sizeof prefix, "/%s/%zu", name, at++);
		enum rc rc = read_listed(r, v, prefix, verb, &f->words[f->n++], err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc read_words(struct request *r, const struct finish_body *b, struct finishing *k,
                          struct err *err)
{
	struct finish_command *f = &k->finish;
	size_t n = (b->completed ? b->completed->count : 0) + (b->failed ? b->failed->count : 0);
	if (n == 0)
		return err_set(err, CODE_FIELD_MISSING, "completed and failed are both empty");
	f->words = arena_new(r->arena, struct holder_command, n);
	enum rc rc = read_list(r, b->completed, "completed", HOLDER_COMPLETE, f, err);
	k->n_completed = f->n;
	return rc == RC_OK ? read_list(r, b->failed, "failed", HOLDER_FAIL, f, err) : rc;
}

static void put_word(struct json_out *o, const struct holder_command *h)
{
	json_begin_object(o);
	put_id(o, "id", "task", h->task);
	if (h->c.rc != RC_OK) {
		json_put_str(o, "code", str_z(code_text(h->c.err.code)));
		json_put_str(o, "detail", str_z(h->c.err.text));
	} else {
		json_put_str(o, "state", str_z(task_state_text(h->state)));
		if (h->verb == HOLDER_FAIL)
			put_time(o, "retry_at", h->retry_at_ms);
	}
	json_end_object(o);
}

static void put_words(struct json_out *o, const char *name, const struct finishing *k, size_t from,
                      size_t to)
{
	json_key(o, str_z(name));
	json_begin_array(o);
	for (size_t i = from; i < to; i++)
		put_word(o, &k->finish.words[i]);
	json_end_array(o);
}

static enum rc render_finished(struct request *r, struct err *err)
{
	(void)err;
	const struct finishing *k = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_words(&o, "completed", k, 0, k->n_completed);
	put_words(&o, "failed", k, k->n_completed, k->finish.n);
	leases_put(&o, &k->lease);
	json_put_bool(&o, "draining", k->lease.is_draining);
	json_end_object(&o);
	return RC_OK;
}

static void finishing_lost(struct request *r)
{
	struct finishing *k = r->state;
	leases_return(r, &k->lease);
}

enum rc tasks_finish(struct request *r, struct err *err)
{
	const struct json *body;
	struct finish_body b = { 0 };
	struct finishing *k = arena_new(r->arena, struct finishing, 1);
	finish_command_init(&k->finish, r->api->o.queue, r->scope);
	enum rc rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(finish_fields, ARRAY_LEN(finish_fields), body, "", &b, err);
	if (rc == RC_OK)
		rc = read_words(r, &b, k, err);
	if (rc == RC_OK && b.lease)
		rc = lease_read_next(r, b.lease, &k->lease, err);
	if (rc != RC_OK)
		return rc;
	if (b.lease && !r->api->is_draining)
		k->finish.next = &k->lease;
	r->state = k;
	r->on_lost = finishing_lost;
	return request_send(r, &k->finish.c, render_finished);
}
