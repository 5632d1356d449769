/* /v1/workflows and /v1/runs. */
#include "api/rest/rest.h"

#include "codec/field.h"
#include "codec/hex.h"
#include "codec/rfc3339.h"
#include "codec/yaml.h"

/* --- Workflows --- */

static enum rc render_put(struct request *r, struct err *err)
{
	(void)err;
	const struct workflow_put_command *w = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_put_str(&o, "name", str_z(w->name));
	json_put_int(&o, "version", w->version);
	json_end_object(&o);
	r->status = w->is_new ? 201 : 200;
	return RC_OK;
}

static enum rc read_document(struct request *r, struct str *ret, struct err *err)
{
	struct json_limits limits = json_limits_default;
	limits.bytes_max = WORKFLOW_BYTES_MAX;
	const struct json *document;
	bool is_yaml = !str_eqz(r->media, "application/json");
	enum rc rc = is_yaml ? yaml_read(r->arena, r->body, &limits, &document, err)
	                     : json_read(r->arena, r->body, &limits, &document, err);
	if (rc == RC_OK)
		*ret = document->raw;
	return rc;
}

enum rc workflows_put(struct request *r, struct err *err)
{
	struct workflow_put_command *w = arena_new(r->arena, struct workflow_put_command, 1);
	workflow_put_command_init(w, r->api->o.flow, r->scope);
	enum rc rc = read_document(r, &w->document, err);
	if (rc != RC_OK)
		return rc;
	r->state = w;
	return request_send(r, &w->c, render_put);
}

/* Without storing it.  The place is also said as line and column of the text. */
static enum rc check_on_pool(struct request *r, struct err *err)
{
	struct json_limits limits = json_limits_default;
	limits.bytes_max = WORKFLOW_BYTES_MAX;
	const struct json *document;
	bool is_yaml = !str_eqz(r->media, "application/json");
	enum rc rc = is_yaml ? yaml_read(r->arena, r->body, &limits, &document, err)
	                     : json_read(r->arena, r->body, &limits, &document, err);
	if (rc != RC_OK)
		return rc;
	rc = workflow_check(document, r->arena, err);
	if (rc != RC_OK) {
		unsigned line, column;
		struct err found = *err;
		text_place(r->body, pointer_at(document, str_z(found.place)), &line, &column);
		err_set(err, found.code, "line %u, column %u: %s", line, column, found.text);
		return err_at(err, "%s", found.place);
	}
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_put_str(&o, "name", json_get_str(document, "name", STR("")));
	json_put_int(&o, "steps", json_getz(document, "steps")->count);
	json_end_object(&o);
	return RC_OK;
}

enum rc workflows_check(struct request *r, struct err *err)
{
	(void)err;
	return request_read(r, check_on_pool);
}

static void put_days(struct json_out *o, const struct workflow *w)
{
	json_keyz(o, "days");
	json_begin_array(o);
	for (size_t i = 0; i < w->n_days; i++) {
		const struct workflow_day *d = &w->days[i];
		begin_day(o, d->day);
		json_put_int(o, "succeeded", d->succeeded);
		json_put_int(o, "failed", d->failed);
		json_put_int(o, "cancelled", d->cancelled);
		json_put_int(o, "compensation_failed", d->compensation_failed);
		json_put_int(o, "duration_ms", d->duration_ms);
		json_end_object(o);
	}
	json_end_array(o);
}

static void put_workflow(struct json_out *o, const struct workflow *w, bool is_whole)
{
	json_begin_object(o);
	json_put_str(o, "name", w->name);
	json_put_int(o, "version", w->version);
	put_opt_str(o, "description", w->description);
	put_time(o, "created_at", w->created_ms);
	if (is_whole) {
		put_json(o, "document", w->document);
		put_days(o, w);
	}
	json_end_object(o);
}

struct workflow_ask {
	struct str name;
	int64_t version, limit;
};

static enum rc workflow_on_pool(struct request *r, struct err *err)
{
	const struct workflow_ask *ask = r->state;
	struct workflow w;
	enum rc rc =
	        workflow_get(r->api->o.flow, r->scope, ask->name, ask->version, r->arena, &w, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	put_workflow(&o, &w, true);
	return RC_OK;
}

enum rc workflows_get(struct request *r, struct err *err)
{
	struct workflow_ask *ask = arena_new(r->arena, struct workflow_ask, 1);
	enum rc rc = request_query_int(r, "version", 1, INT32_MAX, &ask->version, err);
	if (rc != RC_OK)
		return rc;
	ask->name = r->params[0];
	r->state = ask;
	return request_read(r, workflow_on_pool);
}

static bool is_workflow_name(struct str s)
{
	bool is_good =
	        s.len > 0 && s.len <= WORKFLOW_NAME_MAX && s.ptr[0] >= 'a' && s.ptr[0] <= 'z';
	for (size_t i = 1; i < s.len && is_good; i++)
		is_good = (s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || s.ptr[i] == '_' ||
		          s.ptr[i] == '-' || (s.ptr[i] >= '0' && s.ptr[i] <= '9');
	return is_good;
}

static enum rc workflow_list_on_pool(struct request *r, struct err *err)
{
	const struct workflow_ask *ask = r->state;
	struct workflow *list;
	size_t n;
	enum rc rc = workflow_list(r->api->o.flow, r->scope, ask->name, (size_t)ask->limit,
	                           r->arena, &list, &n, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = begin_page(r, "workflows");
	for (size_t i = 0; i < n; i++)
		put_workflow(&o, &list[i], false);
	end_page_by_name(&o, n && n == (size_t)ask->limit ? list[n - 1].name : (struct str){ 0 });
	return RC_OK;
}

/* Names are their own cursor: they are unique and sorted. */
static enum rc query_name_cursor(struct request *r, struct str *ret, struct err *err)
{
	enum rc rc = request_query(r, "cursor", ret, err);
	if (rc != RC_OK || !ret->ptr || is_workflow_name(*ret))
		return rc;
	return request_bad_cursor(err);
}

enum rc workflows_list(struct request *r, struct err *err)
{
	struct workflow_ask *ask = arena_new(r->arena, struct workflow_ask, 1);
	ask->limit = 50;
	enum rc rc = query_name_cursor(r, &ask->name, err);
	if (rc == RC_OK)
		rc = request_query_int(r, "limit", 1, 200, &ask->limit, err);
	if (rc != RC_OK)
		return rc;
	r->state = ask;
	return request_read(r, workflow_list_on_pool);
}

/* --- Runs --- */

struct run_body {
	struct str workflow, input;
	int64_t version;
};
static const struct field run_fields[] = {
	FIELD_STR(struct run_body, workflow, .is_required = true, .min = 1,
	          .max = WORKFLOW_NAME_MAX),
	FIELD_INT(struct run_body, version, .min = 1, .max = INT32_MAX),
	FIELD_RAW(struct run_body, input, .max = TASK_INPUT_MAX),
};

static enum rc render_started(struct request *r, struct err *err)
{
	(void)err;
	const struct run_start_command *s = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_id(&o, "id", "run", s->run);
	request_about(r, "run", s->run);
	json_put_bool(&o, "duplicate", s->is_duplicate);
	json_end_object(&o);
	r->status = s->is_duplicate ? 200 : 201;
	return RC_OK;
}

enum rc runs_start(struct request *r, struct err *err)
{
	struct run_body b = { 0 };
	const struct json *body;
	enum rc rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(run_fields, ARRAY_LEN(run_fields), body, "", &b, err);
	if (rc != RC_OK)
		return rc;
	struct run_start_command *s = arena_new(r->arena, struct run_start_command, 1);
	run_start_command_init(s, r->api->o.flow, r->scope);
	s->workflow = b.workflow;
	s->version = b.version;
	s->input = b.input.len ? b.input : STR("null");
	s->idempotency_key = r->idempotency_key;
	r->state = s;
	return request_send(r, &s->c, render_started);
}

static void put_text(struct json_out *o, const char *key, struct str s)
{
	put_opt_str(o, key, s.len ? s : (struct str){ 0 });
}

static void put_approval_of(struct json_out *o, const struct run_step *s)
{
	json_keyz(o, "approval");
	if (!s->prompt.len) {
		json_null(o);
		return;
	}
	json_begin_object(o);
	json_put_str(o, "prompt", s->prompt);
	put_text(o, "hash", s->hash);
	json_put_int(o, "approvers", s->approvers);
	json_put_int(o, "approved", s->approved);
	json_end_object(o);
}

static void put_compensation_of(struct json_out *o, const struct run_step *s)
{
	json_keyz(o, "compensation");
	if (!s->undoing[0]) {
		json_null(o);
		return;
	}
	json_begin_object(o);
	json_put_str(o, "state", str_z(s->undoing));
	put_id(o, "task", "task", s->undo_task);
	json_end_object(o);
}

static void put_step(struct json_out *o, const struct run *run, const struct run_step *s)
{
	json_begin_object(o);
	json_put_str(o, "name", s->name);
	json_put_str(o, "type", str_z(s->type));
	put_text(o, "kind", s->kind);
	put_text(o, "workflow", s->workflow);
	put_id(o, "child", "run", s->child);
	put_text(o, "event", s->event);
	put_time(o, "until", s->until_ms);
	put_approval_of(o, s);
	put_compensation_of(o, s);
	json_put_bool(o, "reused", s->is_reused);
	json_put_str(o, "state", str_z(step_state_text(s->state)));
	json_put_str(o, "reason", str_z(s->reason));
	json_put_bool(o, "each", s->is_each);
	json_put_int(o, "items", s->items);
	json_put_int(o, "items_done", s->items_done);
	json_put_int(o, "items_failed", s->items_failed);
	put_time(o, "started_at", s->started_ms);
	put_time(o, "finished_at", s->finished_ms);
	put_id(o, "task", "task", s->task);
	json_put_int(o, "attempt", s->attempt);
	put_progress(o, s->progress);
	put_opt_str(o, "message", s->message);
	put_json(o, "output", s->output);
	put_json(o, "error", s->error);
	json_keyz(o, "after");
	json_begin_array(o);
	for (size_t i = 0; i < s->n_after; i++)
		json_str(o, run->steps[s->after[i]].name);
	json_end_array(o);
	json_end_object(o);
}

static void put_run(struct json_out *o, const struct run *run, bool is_whole)
{
	json_begin_object(o);
	put_id(o, "id", "run", run->id);
	json_put_str(o, "workflow", run->workflow);
	json_put_int(o, "version", run->version);
	json_put_str(o, "state", str_z(run_state_text(run->state)));
	put_time(o, "created_at", run->created_ms);
	put_time(o, "finished_at", run->finished_ms);
	json_put_int(o, "steps_done", run->steps_done);
	json_put_int(o, "steps_total", run->steps_total);
	if (is_whole) {
		put_id(o, "parent", "run", run->parent);
		put_id(o, "forked_from", "run", run->forked_from);
		put_text(o, "forked_step", run->forked_step);
		put_json(o, "error", run->error);
		put_json(o, "input", run->input);
		put_json(o, "output", run->output);
		json_keyz(o, "steps");
		json_begin_array(o);
		for (size_t i = 0; i < run->n_steps; i++)
			put_step(o, run, &run->steps[i]);
		json_end_array(o);
	}
	json_end_object(o);
}

static enum rc run_on_pool(struct request *r, struct err *err)
{
	struct run run;
	enum rc rc = run_get(r->api->o.flow, r->scope, request_path_id(r), r->arena, &run, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	put_run(&o, &run, true);
	return RC_OK;
}

enum rc runs_get(struct request *r, struct err *err)
{
	return request_read_id(r, "run", run_on_pool, err);
}

static enum rc run_list_on_pool(struct request *r, struct err *err)
{
	const struct run_filter *f = r->state;
	struct run *runs;
	size_t n;
	enum rc rc = run_list(r->api->o.flow, r->scope, f, r->arena, &runs, &n, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = begin_page(r, "runs");
	for (size_t i = 0; i < n; i++)
		put_run(&o, &runs[i], false);
	end_page_by_id(&o, n && n == f->limit ? runs[n - 1].id : 0);
	return RC_OK;
}

static enum rc query_run_state(struct request *r, int *ret, struct err *err)
{
	struct str text;
	enum run_state state;
	*ret = -1;
	enum rc rc = request_query(r, "state", &text, err);
	if (rc != RC_OK || !text.ptr)
		return rc;
	if (run_state_parse(text, &state)) {
		*ret = (int)state;
		return RC_OK;
	}
	err_set(err, CODE_FIELD_RANGE,
	        "a state is one of running, waiting, "
	        "compensating, succeeded, failed, cancelled, compensation_failed");
	return err_at(err, "?state");
}

enum rc runs_list(struct request *r, struct err *err)
{
	struct run_filter *f = arena_new(r->arena, struct run_filter, 1);
	int64_t limit = 0;
	enum rc rc = request_query_text(r, "workflow", WORKFLOW_NAME_MAX, &f->workflow, err);
	if (rc == RC_OK)
		rc = query_run_state(r, &f->state, err);
	if (rc == RC_OK)
		rc = request_cursor(r, &f->before, &limit, err);
	if (rc != RC_OK)
		return rc;
	f->limit = (size_t)limit;
	r->state = f;
	return request_read(r, run_list_on_pool);
}

static enum rc render_run_cancelled(struct request *r, struct err *err)
{
	(void)err;
	const struct run_cancel_command *k = r->state;
	put_outcome(r, "run", k->run, run_state_text(k->state));
	return RC_OK;
}

enum rc runs_cancel(struct request *r, struct err *err)
{
	struct run_cancel_command *k = arena_new(r->arena, struct run_cancel_command, 1);
	run_cancel_command_init(k, r->api->o.flow, r->scope);
	enum rc rc = request_param_id(r, "run", &k->run, err);
	if (rc == RC_OK)
		rc = request_reason(r, &k->reason, err);
	if (rc != RC_OK)
		return rc;
	r->state = k;
	return request_send(r, &k->c, render_run_cancelled);
}

/* --- Resuming --- */

static enum rc render_resumed(struct request *r, struct err *err)
{
	(void)err;
	const struct run_resume_command *k = r->state;
	put_outcome(r, "run", k->run, run_state_text(k->state));
	return RC_OK;
}

struct resume_body {
	bool skip;
	struct str reason;
};
static const struct field resume_fields[] = {
	FIELD_BOOL(struct resume_body, skip),
	FIELD_STR(struct resume_body, reason, .max = RESUME_REASON_MAX),
};

static enum rc read_resume(struct request *r, struct resume_body *b, struct err *err)
{
	const struct json *body;
	if (!r->body.len)
		return RC_OK;
	enum rc rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(resume_fields, ARRAY_LEN(resume_fields), body, "", b, err);
	return rc;
}

enum rc runs_resume(struct request *r, struct err *err)
{
	struct resume_body b = { .skip = false };
	struct run_resume_command *k = arena_new(r->arena, struct run_resume_command, 1);
	run_resume_command_init(k, r->api->o.flow, r->scope);
	enum rc rc = request_param_id(r, "run", &k->run, err);
	if (rc == RC_OK)
		rc = read_resume(r, &b, err);
	if (rc != RC_OK)
		return rc;
	k->is_skipping = b.skip;
	k->reason = b.reason;
	r->state = k;
	return request_send(r, &k->c, render_resumed);
}

/* --- Events and forks --- */

static enum rc render_event(struct request *r, struct err *err)
{
	(void)err;
	const struct run_event_command *e = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_id(&o, "id", "run", e->run);
	json_put_bool(&o, "duplicate", e->is_duplicate);
	json_end_object(&o);
	r->status = e->is_duplicate ? 200 : 201;
	return RC_OK;
}

struct event_body {
	struct str name, data;
};
static const struct field event_fields[] = {
	FIELD_STR(struct event_body, name, .is_required = true, .min = 1, .max = EVENT_NAME_MAX,
	          .bytes = "a-zA-Z0-9._-"),
	FIELD_RAW(struct event_body, data, .max = EVENT_DATA_MAX),
};

enum rc runs_event(struct request *r, struct err *err)
{
	struct event_body b = { 0 };
	const struct json *body;
	struct run_event_command *e = arena_new(r->arena, struct run_event_command, 1);
	run_event_command_init(e, r->api->o.flow, r->scope);
	enum rc rc = request_param_id(r, "run", &e->run, err);
	if (rc == RC_OK)
		rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(event_fields, ARRAY_LEN(event_fields), body, "", &b, err);
	if (rc != RC_OK)
		return rc;
	e->name = b.name;
	e->data = b.data;
	e->idempotency_key = r->idempotency_key;
	r->state = e;
	return request_send(r, &e->c, render_event);
}

static enum rc render_fork(struct request *r, struct err *err)
{
	(void)err;
	const struct run_fork_command *k = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_id(&o, "id", "run", k->fork);
	json_put_int(&o, "reused", k->reused);
	json_put_bool(&o, "duplicate", k->is_duplicate);
	json_end_object(&o);
	r->status = k->is_duplicate ? 200 : 201;
	return RC_OK;
}

struct fork_body {
	struct str from, input;
	int64_t version;
};
static const struct field fork_fields[] = {
	FIELD_STR(struct fork_body, from, .is_required = true, .min = 1, .max = WORKFLOW_NAME_MAX),
	FIELD_INT(struct fork_body, version, .min = 1, .max = INT32_MAX),
	FIELD_RAW(struct fork_body, input, .max = TASK_INPUT_MAX),
};

enum rc runs_fork(struct request *r, struct err *err)
{
	struct fork_body b = { 0 };
	const struct json *body;
	struct run_fork_command *k = arena_new(r->arena, struct run_fork_command, 1);
	run_fork_command_init(k, r->api->o.flow, r->scope);
	enum rc rc = request_param_id(r, "run", &k->run, err);
	if (rc == RC_OK)
		rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(fork_fields, ARRAY_LEN(fork_fields), body, "", &b, err);
	if (rc != RC_OK)
		return rc;
	k->from = b.from;
	k->version = b.version;
	k->input = b.input;
	k->idempotency_key = r->idempotency_key;
	r->state = k;
	return request_send(r, &k->c, render_fork);
}
