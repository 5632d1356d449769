/* /v1/agents: who performs tasks, how well; registering, draining, removing.
 *
 * What the disk knows is read on the pool; then the engine adds when each was last seen.
 */
#include "api/rest/lease.h"
#include "api/rest/rest.h"

#include "codec/field.h"
#include "codec/hex.h"
#include "queue/agent.h"

/* --- Showing --- */

static void put_share(struct json_out *o, const char *key, int64_t ppm, int64_t target_ppm,
                      bool is_met)
{
	json_key(o, str_z(key));
	json_begin_object(o);
	json_keyz(o, "value");
	if (ppm < 0)
		json_null(o);
	else
		json_double(o, (double)ppm / 1e6);
	json_keyz(o, "target");
	json_double(o, (double)target_ppm / 1e6);
	json_keyz(o, "met");
	if (ppm < 0)
		json_null(o);
	else
		json_bool(o, is_met);
	json_end_object(o);
}

static void put_recovery(struct json_out *o, int64_t ms)
{
	json_keyz(o, "recovery_ms");
	json_begin_object(o);
	json_keyz(o, "value");
	if (ms < 0)
		json_null(o);
	else
		json_int(o, ms);
	json_put_int(o, "target", AGENT_TARGET_RECOVERY_MS);
	json_keyz(o, "met");
	if (ms < 0)
		json_null(o);
	else
		json_bool(o, ms < AGENT_TARGET_RECOVERY_MS);
	json_end_object(o);
}

static void put_targets(struct json_out *o, const struct agent_targets *t)
{
	json_keyz(o, "targets");
	json_begin_object(o);
	put_share(o, "failure_rate", t->failures_ppm, AGENT_TARGET_FAILURES_PPM,
	          t->failures_ppm < AGENT_TARGET_FAILURES_PPM);
	put_share(o, "uptime", t->uptime_ppm, AGENT_TARGET_UPTIME_PPM,
	          t->uptime_ppm >= AGENT_TARGET_UPTIME_PPM);
	put_recovery(o, t->recovery_ms);
	json_end_object(o);
}

static void put_capabilities(struct json_out *o, const struct agent_shape *s)
{
	json_keyz(o, "kinds");
	json_begin_array(o);
	for (size_t i = 0; i < s->n_kinds; i++)
		json_str(o, s->kinds[i]);
	json_end_array(o);
	json_keyz(o, "labels");
	json_begin_object(o);
	for (size_t i = 0; i < s->n_labels; i++) {
		json_key(o, s->labels[i].name);
		json_str(o, s->labels[i].value);
	}
	json_end_object(o);
}

static void put_attempts(struct json_out *o, const struct agent_shape *s)
{
	const struct agent_counts *c = &s->counts;
	json_keyz(o, "attempts");
	json_begin_object(o);
	json_put_int(o, "succeeded", c->succeeded);
	json_put_int(o, "failed", c->failed);
	json_put_int(o, "timed_out", c->timed_out);
	json_put_int(o, "lost", c->lost);
	json_put_int(o, "returned", c->returned);
	json_put_int(o, "cancelled", c->cancelled);
	json_put_int(o, "duration_ms", s->duration_ms);
	json_end_object(o);
}

static void put_reasons(struct request *r, struct json_out *o, const struct agent_shape *s)
{
	struct str reasons[AGENT_REASONS_MAX];
	size_t n = agent_reasons(s, r->arena, reasons);
	json_keyz(o, "health_reasons");
	json_begin_array(o);
	for (size_t i = 0; i < n; i++)
		json_str(o, reasons[i]);
	json_end_array(o);
}

static void put_agent(struct request *r, struct json_out *o, const struct agent_shape *s,
                      const struct agent_live *live)
{
	json_put_str(o, "name", s->name);
	json_put_str(o, "state", str_z(agent_shown_text(s->shown)));
	put_time(o, "state_since", s->since_ms);
	json_put_bool(o, "draining", s->is_draining);
	put_opt_str(o, "drain_reason", s->drain_reason);
	json_put_bool(o, "implicit", s->is_implicit);
	put_capabilities(o, s);
	put_opt_str(o, "version", s->version);
	json_put_int(o, "capacity", s->capacity);
	json_put_int(o, "held", s->held);
	json_keyz(o, "load");
	json_double(o, (double)s->held / (double)s->capacity);
	json_put_int(o, "polls", live->polls);
	json_put_int(o, "timeout_ms", s->timeout_ms);
	json_put_int(o, "silent_after_ms", s->silent_after_ms);
	put_time(o, "registered_at", s->registered_ms);
	json_keyz(o, "startup_ms");
	if (s->startup_ms < 0)
		json_null(o);
	else
		json_int(o, s->startup_ms);
	put_time(o, "first_lease_at", s->first_ms);
	put_time(o, "last_seen_at", live->seen_ms ? live->seen_ms : s->seen_ms);
	put_attempts(o, s);
	json_put_int(o, "health", s->health);
	put_reasons(r, o, s);
	put_targets(o, &s->targets);
}

/* --- Lists --- */

struct agents_ask {
	struct agent_filter filter;
	struct str name;
	struct agent_shape *list;
	size_t n;
	struct agent_sum sum;
	int64_t *tasks; /* of one */
	size_t n_tasks;
	struct agent_live_command live;
};

/* The engine adds what only it knows. */
static enum rc ask_engine(struct request *r, struct agents_ask *ask,
                          enum rc (*render)(struct request *r, struct err *err))
{
	struct agent_live *live = arena_new(r->arena, struct agent_live, size_min(ask->n + 1, 201));
	for (size_t i = 0; i < ask->n; i++)
		live[i] = (struct agent_live){ .id = ask->list[i].id };
	agent_live_init(&ask->live, r->api->o.queue, r->scope);
	ask->live.agents = live;
	ask->live.n = ask->n;
	return request_send(r, &ask->live.c, render);
}

static void put_sum(struct json_out *o, const struct agent_sum *s)
{
	json_keyz(o, "sum");
	json_begin_object(o);
	json_put_int(o, "agents", s->agents);
	json_put_int(o, "starting", s->starting);
	json_put_int(o, "live", s->live);
	json_put_int(o, "silent", s->silent);
	json_put_int(o, "gone", s->gone);
	json_put_int(o, "draining", s->draining);
	json_put_int(o, "held", s->held);
	put_targets(o, &s->targets);
	json_end_object(o);
}

static enum rc render_list(struct request *r, struct err *err)
{
	(void)err;
	const struct agents_ask *ask = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_keyz(&o, "agents");
	json_begin_array(&o);
	for (size_t i = 0; i < ask->n; i++) {
		json_begin_object(&o);
		put_agent(r, &o, &ask->list[i], &ask->live.agents[i]);
		json_end_object(&o);
	}
	json_end_array(&o);
	put_sum(&o, &ask->sum);
	put_opt_str(&o, "next_cursor",
	            ask->n == ask->filter.limit ? ask->list[ask->n - 1].name : (struct str){ 0 });
	json_end_object(&o);
	return RC_OK;
}

static enum rc then_list(struct request *r, struct err *err)
{
	(void)err;
	return ask_engine(r, r->state, render_list);
}

static enum rc list_on_pool(struct request *r, struct err *err)
{
	struct agents_ask *ask = r->state;
	struct queue *q = r->api->o.queue;
	enum rc rc = agent_list(q, r->scope, &ask->filter, r->arena, &ask->list, &ask->n, err);
	return rc == RC_OK ? agent_sum(q, r->scope, &ask->sum, err) : rc;
}

static enum rc read_state(struct request *r, struct agent_filter *f, struct err *err)
{
	struct str text;
	enum agent_shown shown;
	f->shown = -1;
	enum rc rc = request_query(r, "state", &text, err);
	if (rc != RC_OK || !text.ptr)
		return rc;
	if (!agent_shown_parse(text, &shown)) {
		err_set(err, CODE_FIELD_RANGE,
		        "a state is starting, idle, busy, draining, drained, silent or gone");
		return err_at(err, "?state");
	}
	f->shown = (int)shown;
	return RC_OK;
}

/* "name:value", or "name" for any value. */
static enum rc read_label(struct request *r, struct agent_filter *f, struct err *err)
{
	struct str text, value;
	enum rc rc = request_query_text(r, "label", AGENT_LABEL_NAME_MAX + 1 + AGENT_LABEL_MAX,
	                                &text, err);
	if (rc != RC_OK || !text.ptr)
		return rc;
	bool has_value = memchr(text.ptr, ':', text.len) != NULL;
	f->label = str_cut(text, ':', &value);
	if (!f->label.len || utf8_check(text) != text.len) {
		err_set(err, CODE_FIELD_RANGE, "a label is NAME or NAME:VALUE");
		return err_at(err, "?label");
	}
	if (has_value)
		f->value = value.len ? value : STR("");
	return RC_OK;
}

static enum rc read_filter(struct request *r, struct agent_filter *f, struct err *err)
{
	int64_t limit = 50;
	enum rc rc = read_state(r, f, err);
	if (rc == RC_OK)
		rc = request_query_text(r, "kind", TASK_KIND_MAX, &f->kind, err);
	if (rc == RC_OK)
		rc = read_label(r, f, err);
	if (rc == RC_OK)
		rc = request_query(r, "cursor", &f->after, err);
	if (rc == RC_OK && f->after.ptr && !is_agent_name(f->after))
		return request_bad_cursor(err);
	if (rc == RC_OK)
		rc = request_query_int(r, "limit", 1, 200, &limit, err);
	f->limit = (size_t)limit;
	return rc;
}

enum rc agents_list(struct request *r, struct err *err)
{
	struct agents_ask *ask = arena_new(r->arena, struct agents_ask, 1);
	enum rc rc = read_filter(r, &ask->filter, err);
	if (rc != RC_OK)
		return rc;
	r->state = ask;
	r->then = then_list;
	return request_read(r, list_on_pool);
}

/* --- One --- */

static enum rc render_one(struct request *r, struct err *err)
{
	(void)err;
	const struct agents_ask *ask = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_agent(r, &o, ask->list, ask->live.agents);
	json_keyz(&o, "tasks");
	json_begin_array(&o);
	for (size_t i = 0; i < ask->n_tasks; i++) {
		char text[ID_TEXT_MAX];
		json_str(&o, id_text("task", ask->tasks[i], text));
	}
	json_end_array(&o);
	json_end_object(&o);
	return RC_OK;
}

static enum rc then_one(struct request *r, struct err *err)
{
	(void)err;
	return ask_engine(r, r->state, render_one);
}

static enum rc get_on_pool(struct request *r, struct err *err)
{
	struct agents_ask *ask = r->state;
	struct queue *q = r->api->o.queue;
	ask->list = arena_new(r->arena, struct agent_shape, 1);
	enum rc rc = agent_get(q, r->scope, ask->name, r->arena, ask->list, err);
	if (rc != RC_OK)
		return rc;
	ask->n = 1;
	return agent_tasks(q, r->scope, ask->list->id, r->arena, &ask->tasks, &ask->n_tasks, err);
}

static enum rc param_name(struct request *r, struct str *ret, struct err *err)
{
	if (!is_agent_name(r->params[0])) {
		err_set(err, CODE_FIELD_RANGE,
		        "an agent has a name of 1 to %d bytes of UTF-8 without control characters",
		        AGENT_NAME_MAX);
		return err_at(err, "{name}");
	}
	*ret = r->params[0];
	return RC_OK;
}

enum rc agents_get(struct request *r, struct err *err)
{
	struct agents_ask *ask = arena_new(r->arena, struct agents_ask, 1);
	enum rc rc = param_name(r, &ask->name, err);
	if (rc != RC_OK)
		return rc;
	r->state = ask;
	r->then = then_one;
	return request_read(r, get_on_pool);
}

/* --- History --- */

struct history_ask {
	struct str name;
	int64_t before, limit;
};

static enum rc history_on_pool(struct request *r, struct err *err)
{
	const struct history_ask *ask = r->state;
	struct agent_change *list;
	size_t n;
	enum rc rc = agent_history(r->api->o.queue, r->scope, ask->name, ask->before,
	                           (size_t)ask->limit, r->arena, &list, &n, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = begin_page(r, "changes");
	for (size_t i = 0; i < n; i++) {
		json_begin_object(&o);
		json_put_int(&o, "n", list[i].n);
		put_time(&o, "at", list[i].at_ms);
		json_put_str(&o, "change", str_z(list[i].what));
		put_opt_str(&o, "detail", list[i].detail);
		put_id(&o, "actor", "key", list[i].actor);
		json_end_object(&o);
	}
	end_page_by_id(&o, n && n == (size_t)ask->limit ? list[n - 1].n : 0);
	return RC_OK;
}

enum rc agents_history(struct request *r, struct err *err)
{
	struct history_ask *ask = arena_new(r->arena, struct history_ask, 1);
	enum rc rc = param_name(r, &ask->name, err);
	if (rc == RC_OK)
		rc = request_cursor(r, &ask->before, &ask->limit, err);
	if (rc != RC_OK)
		return rc;
	r->state = ask;
	return request_read(r, history_on_pool);
}

/* --- Changing --- */

#define DAY_MS (24 * 3600 * 1000)

struct agent_body {
	struct str version, reason;
	const struct json *kinds, *labels;
	int64_t capacity, timeout_ms, silent_after_ms, startup_ms;
};
static const struct field put_fields[] = {
	FIELD_ARRAY(struct agent_body, kinds, .is_required = true, .min = 1,
	            .max = AGENT_KINDS_MAX),
	FIELD_OBJECT(struct agent_body, labels, .max = AGENT_LABELS_MAX),
	FIELD_STR(struct agent_body, version, .min = 1, .max = AGENT_VERSION_MAX),
	FIELD_INT(struct agent_body, capacity, .min = 1, .max = AGENT_CAPACITY_MAX),
	FIELD_INT(struct agent_body, timeout_ms, .min = 1, .max = DAY_MS),
	FIELD_INT(struct agent_body, silent_after_ms, .min = AGENT_SILENT_MS_MIN,
	          .max = AGENT_SILENT_MS_MAX),
	FIELD_INT(struct agent_body, startup_ms, .min = 0, .max = DAY_MS),
};
static const struct field drain_fields[] = {
	FIELD_STR(struct agent_body, reason, .max = AGENT_REASON_MAX),
};

static bool is_label_name(struct str s)
{
	bool is_good = s.len > 0 && s.len <= AGENT_LABEL_NAME_MAX;
	for (size_t i = 0; i < s.len && is_good; i++) {
		char c = s.ptr[i];
		is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		          (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/';
	}
	return is_good;
}

static enum rc check_label(const struct json *v, struct err *err)
{
	if (!is_label_name(v->name))
		return err_set(err, CODE_FIELD_RANGE,
		               "a label's name is 1 to %d bytes of a-z A-Z 0-9 . _ - /",
		               AGENT_LABEL_NAME_MAX);
	if (v->type != JSON_STRING)
		return err_set(err, CODE_FIELD_TYPE, "must be a string");
	if (v->text.len > AGENT_LABEL_MAX)
		return err_set(err, CODE_FIELD_RANGE, "must be at most %d bytes", AGENT_LABEL_MAX);
	return RC_OK;
}

static enum rc read_labels(struct request *r, const struct json *labels, struct agent_command *k,
                           struct err *err)
{
	if (!labels)
		return RC_OK;
	struct agent_label *list = arena_new(r->arena, struct agent_label, labels->count + 1);
	size_t n = 0;
	json_each(v, labels) {
		if (check_label(v, err) != RC_OK)
			return err_at(err, "/labels/" STR_FMT, STR_ARG(str_sub(v->name, 0, 80)));
		list[n++] = (struct agent_label){ v->name, v->text };
	}
	k->labels = list;
	k->n_labels = n;
	return RC_OK;
}

static enum rc render_changed(struct request *r, struct err *err)
{
	(void)err;
	const struct agent_command *k = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_put_str(&o, "name", k->name);
	json_put_str(&o, "state", str_z(agent_shown_text(k->shown)));
	json_put_bool(&o, "draining", k->is_draining);
	json_put_int(&o, "held", k->held);
	json_end_object(&o);
	return RC_OK;
}

static enum rc send_change(struct request *r, struct agent_command *k, struct err *err)
{
	enum rc rc = param_name(r, &k->name, err);
	if (rc != RC_OK)
		return rc;
	r->state = k;
	return request_send(r, &k->c, render_changed);
}

enum rc agents_put(struct request *r, struct err *err)
{
	const struct json *body;
	struct agent_command *k = arena_new(r->arena, struct agent_command, 1);
	agent_register_init(k, r->api->o.queue, r->scope);
	struct agent_body b = { .capacity = k->capacity,
		                .silent_after_ms = k->silent_after_ms,
		                .startup_ms = k->startup_ms };
	enum rc rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(put_fields, ARRAY_LEN(put_fields), body, "", &b, err);
	if (rc == RC_OK)
		rc = kinds_read(r, b.kinds, "", &k->kinds, &k->n_kinds, err);
	if (rc == RC_OK)
		rc = read_labels(r, b.labels, k, err);
	if (rc != RC_OK)
		return rc;
	k->version = b.version;
	k->capacity = b.capacity;
	k->timeout_ms = b.timeout_ms;
	k->silent_after_ms = b.silent_after_ms;
	k->startup_ms = b.startup_ms;
	return send_change(r, k, err);
}

enum rc agents_drain(struct request *r, struct err *err)
{
	const struct json *body;
	struct agent_body b = { 0 };
	struct agent_command *k = arena_new(r->arena, struct agent_command, 1);
	agent_drain_init(k, r->api->o.queue, r->scope);
	enum rc rc = RC_OK;
	if (r->body.len)
		rc = request_body(r, &body, err);
	if (rc == RC_OK && r->body.len)
		rc = field_read(drain_fields, ARRAY_LEN(drain_fields), body, "", &b, err);
	if (rc != RC_OK)
		return rc;
	k->reason = b.reason;
	return send_change(r, k, err);
}

enum rc agents_resume(struct request *r, struct err *err)
{
	struct agent_command *k = arena_new(r->arena, struct agent_command, 1);
	agent_resume_init(k, r->api->o.queue, r->scope);
	return send_change(r, k, err);
}

enum rc agents_remove(struct request *r, struct err *err)
{
	struct agent_command *k = arena_new(r->arena, struct agent_command, 1);
	agent_remove_init(k, r->api->o.queue, r->scope);
	return send_change(r, k, err);
}
