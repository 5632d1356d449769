/* What one step may say: see definition.h; the language is described in flow.h.
 *
 * A step has exactly one of `kind`, `workflow`, `wait` and `approve`; what each of these
 * may have beside it stands in one table below. */
#include "flow/definition_priv.h"

#include "codec/rfc3339.h"
#include "flow/flow.h"
#include "flow/reference.h"
#include "queue/queue.h"

enum {
	RETRY_MS_MAX = 24 * 3600 * 1000,
	PROMPT_MAX = 1000,
	APPROVERS_MAX = 20,
};

struct step_document {
	struct str kind, workflow, on_error;
	const struct json *wait, *approve, *compensate;
	const struct json *input, *after, *each, *when, *retry;
	int64_t max_parallel, timeout_ms, priority;
};
static const struct field step_fields[] = {
	FIELD_STR(struct step_document, kind, .min = 1, .max = TASK_KIND_MAX, .bytes = "a-z0-9._-"),
	FIELD_STR(struct step_document, workflow, .min = 1, .max = WORKFLOW_NAME_MAX + 11),
	FIELD_OBJECT(struct step_document, wait),
	FIELD_OBJECT(struct step_document, approve),
	FIELD_VALUE(struct step_document, input),
	FIELD_ARRAY(struct step_document, after, .max = WORKFLOW_STEPS_MAX),
	FIELD_VALUE(struct step_document, each),
	FIELD_INT(struct step_document, max_parallel, .max = EACH_ITEMS_MAX),
	FIELD_STR(struct step_document, on_error, .one_of = "fail|collect"),
	FIELD_OBJECT(struct step_document, when),
	FIELD_OBJECT(struct step_document, retry),
	FIELD_INT(struct step_document, timeout_ms, .max = RETRY_MS_MAX),
	FIELD_INT(struct step_document, priority, .min = -TASK_PRIORITY_MAX,
	          .max = TASK_PRIORITY_MAX),
	FIELD_OBJECT(struct step_document, compensate),
};

struct when_document {
	const struct json *value, *schema;
};
static const struct field when_fields[] = {
	FIELD_VALUE(struct when_document, value),
	FIELD_VALUE(struct when_document, schema, .is_required = true),
};
static const struct field match_fields[] = {
	FIELD_VALUE(struct when_document, value),
	FIELD_VALUE(struct when_document, schema),
};

struct retry_document {
	int64_t attempts, base_ms, cap_ms;
};
static const struct field retry_fields[] = {
	FIELD_INT(struct retry_document, attempts, .min = 1, .max = TASK_ATTEMPTS_MAX),
	FIELD_INT(struct retry_document, base_ms, .min = 1, .max = RETRY_MS_MAX),
	FIELD_INT(struct retry_document, cap_ms, .min = 1, .max = RETRY_MS_MAX),
};

struct wait_document {
	const struct json *timer_ms, *until, *match;
	struct str event, on_timeout;
	int64_t timeout_ms;
};
static const struct field wait_fields[] = {
	FIELD_VALUE(struct wait_document, timer_ms),
	FIELD_VALUE(struct wait_document, until),
	FIELD_STR(struct wait_document, event, .min = 1, .max = EVENT_NAME_MAX,
	          .bytes = "a-zA-Z0-9._-"),
	FIELD_OBJECT(struct wait_document, match),
	FIELD_INT(struct wait_document, timeout_ms, .min = 1, .max = PATIENCE_MS_MAX),
	FIELD_STR(struct wait_document, on_timeout, .one_of = "fail|continue"),
};

struct approve_document {
	struct str prompt, on_expiry;
	const struct json *show;
	int64_t approvers, expires_ms;
};
static const struct field approve_fields[] = {
	FIELD_STR(struct approve_document, prompt, .is_required = true, .min = 1,
	          .max = PROMPT_MAX),
	FIELD_VALUE(struct approve_document, show),
	FIELD_INT(struct approve_document, approvers, .min = 1, .max = APPROVERS_MAX),
	FIELD_INT(struct approve_document, expires_ms, .min = 1, .max = PATIENCE_MS_MAX),
	FIELD_STR(struct approve_document, on_expiry, .one_of = "reject|continue"),
};

struct compensate_document {
	struct str kind;
	const struct json *input, *retry;
	int64_t timeout_ms;
};
static const struct field compensate_fields[] = {
	FIELD_STR(struct compensate_document, kind, .is_required = true, .min = 1,
	          .max = TASK_KIND_MAX, .bytes = "a-z0-9._-"),
	FIELD_VALUE(struct compensate_document, input),
	FIELD_OBJECT(struct compensate_document, retry),
	FIELD_INT(struct compensate_document, timeout_ms, .max = RETRY_MS_MAX),
};

const char *step_type_text(enum step_type type)
{
	static const char *const texts[STEP_TYPES] = {
		[STEP_TASK] = "task",   [STEP_CHILD] = "workflow",    [STEP_TIMER] = "timer",
		[STEP_EVENT] = "event", [STEP_APPROVAL] = "approval",
	};
	assert(type < STEP_TYPES);
	return texts[type];
}

static enum rc refuse(struct reading *r, const char *member, const char *text)
{
	err_set(r->err, CODE_BAD_WORKFLOW, "%s", text);
	return member ? at_member(r, member) : at_place(r);
}

static enum rc read_retry(struct reading *r, const struct json *v, struct attempts_def *ret)
{
	struct retry_document retry = { 0 };
	if (!v)
		return RC_OK;
	size_t was = place_push(r, STR("retry"));
	enum rc rc = read_members(r, retry_fields, ARRAY_LEN(retry_fields), v, &retry);
	if (rc == RC_OK && retry.cap_ms && retry.base_ms > retry.cap_ms)
		rc = refuse(r, "cap_ms", "must not be less than base_ms");
	ret->attempts_max = retry.attempts;
	ret->retry_base_ms = retry.base_ms;
	ret->retry_cap_ms = retry.cap_ms;
	place_pop(r, was);
	return rc;
}

static enum rc read_when(struct reading *r, const struct json *v, struct step_def *s)
{
	struct when_document when = { 0 };
	if (!v)
		return RC_OK;
	size_t was = place_push(r, STR("when"));
	enum rc rc = read_members(r, when_fields, ARRAY_LEN(when_fields), v, &when);
	/* Not by the table, to which null is nothing: here it is a value. */
	s->when_value = json_getz(v, "value");
	s->when_schema = when.schema;
	if (rc == RC_OK && !s->when_value) {
		err_set(r->err, CODE_BAD_WORKFLOW, "\"value\" is required");
		rc = at_place(r);
	}
	place_pop(r, was);
	return rc;
}

/* What only makes sense beside `each`, and what `each` may be. */
static enum rc check_each(struct reading *r, const struct json *step, const struct step_def *s)
{
	struct str pointer;
	const char *alone = json_getz(step, "max_parallel") ? "max_parallel"
	                    : json_getz(step, "on_error")   ? "on_error"
	                                                    : NULL;
	if (!s->each && alone) {
		place_push(r, str_z(alone));
		err_set(r->err, CODE_BAD_WORKFLOW, "needs \"each\" beside it");
		return at_place(r);
	}
	if (!s->each || reference_is(s->each, &pointer))
		return RC_OK;
	place_push(r, STR("each"));
	if (s->each->type != JSON_ARRAY) {
		err_set(r->err, CODE_BAD_WORKFLOW, "must be a reference or an array");
		return at_place(r);
	}
	if (s->each->count > EACH_ITEMS_MAX) {
		err_set(r->err, CODE_BAD_WORKFLOW, "has %u items; at most %d are allowed",
		        s->each->count, EACH_ITEMS_MAX);
		return at_place(r);
	}
	return RC_OK;
}

/* --- Waits --- */

static bool is_reference(const struct json *v)
{
	struct str pointer;
	return reference_is(v, &pointer);
}

static enum rc read_timer(struct reading *r, const struct wait_document *doc, struct step_def *s)
{
	const struct json *ms = doc->timer_ms, *until = doc->until;
	int64_t at;
	s->type = STEP_TIMER;
	s->wait.timer_ms = ms;
	s->wait.until = until;
	if (ms && !is_reference(ms) &&
	    (!ms->is_int || ms->integer < 0 || ms->integer > PATIENCE_MS_MAX))
		return refuse(r, "timer_ms",
		              "must be milliseconds, at most ten years, or a reference");
	if (until && !is_reference(until) &&
	    (until->type != JSON_STRING || rfc3339_parse(until->text, &at) != RC_OK))
		return refuse(r, "until",
		              "must be a time such as \"2027-01-31T08:00:00Z\", or a reference");
	return RC_OK;
}

static enum rc read_match(struct reading *r, const struct json *v, struct wait_def *wait)
{
	struct when_document match = { 0 };
	if (!v)
		return RC_OK;
	size_t was = place_push(r, STR("match"));
	enum rc rc = read_members(r, match_fields, ARRAY_LEN(match_fields), v, &match);
	wait->match_value = json_getz(v, "value"); /* null is a value here */
	wait->match_schema = match.schema;
	if (rc == RC_OK && !wait->match_value && !wait->match_schema)
		rc = refuse(r, NULL, "needs \"value\", \"schema\" or both");
	place_pop(r, was);
	return rc;
}

/* What only an event has. */
static const char *event_only(const struct json *v)
{
	return json_getz(v, "match")        ? "match"
	       : json_getz(v, "timeout_ms") ? "timeout_ms"
	       : json_getz(v, "on_timeout") ? "on_timeout"
	                                    : NULL;
}

static enum rc read_wait(struct reading *r, const struct json *v, struct step_def *s)
{
	struct wait_document doc = { 0 };
	enum rc rc = read_members(r, wait_fields, ARRAY_LEN(wait_fields), v, &doc);
	if (rc != RC_OK)
		return rc;
	if ((doc.timer_ms != NULL) + (doc.until != NULL) + (doc.event.len > 0) != 1)
		return refuse(r, NULL, "needs one of \"timer_ms\", \"until\" and \"event\"");
	if (!doc.event.len && event_only(v))
		return refuse(r, event_only(v), "needs \"event\" beside it");
	if (!doc.event.len)
		return read_timer(r, &doc, s);
	s->type = STEP_EVENT;
	s->wait = (struct wait_def){ .event = doc.event,
		                     .timeout_ms = doc.timeout_ms,
		                     .is_continuing = str_eqz(doc.on_timeout, "continue") };
	if (doc.on_timeout.len && !doc.timeout_ms)
		return refuse(r, "on_timeout", "needs \"timeout_ms\" beside it");
	return read_match(r, doc.match, &s->wait);
}

static enum rc read_approve(struct reading *r, const struct json *v, struct step_def *s)
{
	struct approve_document doc = { .approvers = 1 };
	enum rc rc = read_members(r, approve_fields, ARRAY_LEN(approve_fields), v, &doc);
	if (rc != RC_OK)
		return rc;
	if (doc.on_expiry.len && !doc.expires_ms)
		return refuse(r, "on_expiry", "needs \"expires_ms\" beside it");
	s->type = STEP_APPROVAL;
	s->approve = (struct approve_def){ .prompt = doc.prompt,
		                           .show = doc.show,
		                           .approvers = doc.approvers,
		                           .expires_ms = doc.expires_ms,
		                           .is_continuing = str_eqz(doc.on_expiry, "continue") };
	return RC_OK;
}

/* --- Sub-workflows: NAME or NAME@VERSION --- */

static enum rc read_workflow(struct reading *r, struct str text, struct step_def *s)
{
	struct str version;
	struct str name = str_cut(text, '@', &version);
	s->type = STEP_CHILD;
	s->workflow = name;
	if (!is_name(name) || (version.ptr && (str_to_i64(version, &s->workflow_version) != RC_OK ||
	                                       s->workflow_version < 1)))
		return refuse(r, "workflow", "must be the name of a workflow, or NAME@VERSION");
	return RC_OK;
}

static enum rc read_compensate(struct reading *r, const struct json *v, struct step_def *s)
{
	struct compensate_document doc = { 0 };
	if (!v)
		return RC_OK;
	size_t was = place_push(r, STR("compensate"));
	enum rc rc = read_members(r, compensate_fields, ARRAY_LEN(compensate_fields), v, &doc);
	s->compensate = (struct compensate_def){ .kind = doc.kind,
		                                 .input = doc.input,
		                                 .attempts.timeout_ms = doc.timeout_ms };
	if (rc == RC_OK)
		rc = read_retry(r, doc.retry, &s->compensate.attempts);
	r->d->is_compensating = true;
	place_pop(r, was);
	return rc;
}

/* --- One step --- */

/* Which members a type of step may have, besides those that all may have. */
static enum rc check_beside(struct reading *r, const struct json *step, const struct step_def *s)
{
	static const struct {
		const char *member;
		unsigned types;
	} beside[] = {
		{ "input", 1u << STEP_TASK | 1u << STEP_CHILD },
		{ "each", 1u << STEP_TASK | 1u << STEP_CHILD },
		{ "max_parallel", 1u << STEP_TASK | 1u << STEP_CHILD },
		{ "on_error", 1u << STEP_TASK | 1u << STEP_CHILD },
		{ "retry", 1u << STEP_TASK },
		{ "timeout_ms", 1u << STEP_TASK },
		{ "priority", 1u << STEP_TASK },
	};
	for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
		if (beside[i].types & 1u << s->type || !json_get(step, str_z(beside[i].member)))
			continue;
		err_set(r->err, CODE_BAD_WORKFLOW, "a step that is a %s has no \"%s\"",
		        step_type_text(s->type), beside[i].member);
		return at_member(r, beside[i].member);
	}
	return RC_OK;
}

static enum rc read_work(struct reading *r, const struct step_document *doc, struct step_def *s)
{
	const struct json *object = doc->wait ? doc->wait : doc->approve;
	if (doc->kind.len)
		return RC_OK;
	if (doc->workflow.len)
		return read_workflow(r, doc->workflow, s);
	size_t was = place_push(r, object->name);
	enum rc rc = doc->wait ? read_wait(r, object, s) : read_approve(r, object, s);
	place_pop(r, was);
	return rc;
}

enum rc read_step(struct reading *r, const struct json *step, struct step_def *s)
{
	struct step_document doc = { 0 };
	enum rc rc = check_name(r, step->name, "step");
	if (rc == RC_OK)
		rc = read_members(r, step_fields, ARRAY_LEN(step_fields), step, &doc);
	if (rc != RC_OK)
		return rc;
	int n = (doc.kind.len > 0) + (doc.workflow.len > 0) + (doc.wait != NULL) +
	        (doc.approve != NULL);
	if (n != 1)
		return refuse(r, n ? NULL : "kind",
		              n ? "has more than one of \"kind\", \"workflow\", \"wait\" and "
		                  "\"approve\""
		                : "one of \"kind\", \"workflow\", \"wait\" and \"approve\" is "
		                  "required");
	*s = (struct step_def){ .name = step->name,
		                .source = step,
		                .kind = doc.kind,
		                .input = doc.input,
		                .each = doc.each,
		                .max_parallel = doc.max_parallel,
		                .is_collect = str_eqz(doc.on_error, "collect"),
		                .attempts.timeout_ms = doc.timeout_ms,
		                .priority = doc.priority };
	rc = read_work(r, &doc, s);
	if (rc == RC_OK)
		rc = check_beside(r, step, s);
	if (rc == RC_OK)
		rc = read_retry(r, doc.retry, &s->attempts);
	if (rc == RC_OK)
		rc = read_when(r, doc.when, s);
	if (rc == RC_OK)
		rc = check_each(r, step, s);
	return rc == RC_OK ? read_compensate(r, doc.compensate, s) : rc;
}
