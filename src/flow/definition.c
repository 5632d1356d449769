/* A document becomes a checked definition: see definition.h; the language is described
 * in flow.h.
 *
 * Checked in this order, so that the first error is the one to mend first: members and
 * their types (field tables), names, references and `after` (which give the graph),
 * cycles.  The order of the steps in the document means nothing: members of a JSON
 * object have none, and a tool may have sorted them.
 *
 * A schema is looked at when it is compiled.  tests/unit/flow/test_definition.c has each
 * refusal; tests/fuzz/fuzz_workflow.c feeds bytes. */
#include "flow/definition.h"

#include "base/arena.h"
#include "codec/field.h"
#include "codec/schema.h"
#include "flow/flow.h"
#include "base/nearest.h"
#include "flow/reference.h"
#include "queue/queue.h"

enum { DESCRIPTION_MAX = 1000, WAIT_MS_MAX = 24 * 3600 * 1000, PLACE_MAX = 127 };

struct document {
	struct str name, description;
	const struct json *input, *steps, *output;
};
static const struct field document_fields[] = {
	FIELD_STR(struct document, name, .is_required = true, .min = 1, .max = WORKFLOW_NAME_MAX),
	FIELD_STR(struct document, description, .max = DESCRIPTION_MAX),
	FIELD_VALUE(struct document, input),
	FIELD_OBJECT(struct document, steps, .is_required = true, .min = 1,
	             .max = WORKFLOW_STEPS_MAX),
	FIELD_VALUE(struct document, output),
};

struct step_document {
	struct str kind, on_error;
	const struct json *input, *after, *each, *when, *retry;
	int64_t max_parallel, timeout_ms, priority;
};
static const struct field step_fields[] = {
	FIELD_STR(struct step_document, kind, .is_required = true, .min = 1, .max = TASK_KIND_MAX,
	          .bytes = "a-z0-9._-"),
	FIELD_VALUE(struct step_document, input),
	FIELD_ARRAY(struct step_document, after, .max = WORKFLOW_STEPS_MAX),
	FIELD_VALUE(struct step_document, each),
	FIELD_INT(struct step_document, max_parallel, .max = EACH_ITEMS_MAX),
	FIELD_STR(struct step_document, on_error, .one_of = "fail|collect"),
	FIELD_OBJECT(struct step_document, when),
	FIELD_OBJECT(struct step_document, retry),
	FIELD_INT(struct step_document, timeout_ms, .max = WAIT_MS_MAX),
	FIELD_INT(struct step_document, priority, .min = -TASK_PRIORITY_MAX,
	          .max = TASK_PRIORITY_MAX),
};

struct when_document {
	const struct json *value, *schema;
};
static const struct field when_fields[] = {
	FIELD_VALUE(struct when_document, value),
	FIELD_VALUE(struct when_document, schema, .is_required = true),
};

struct retry_document {
	int64_t attempts, base_ms, cap_ms;
};
static const struct field retry_fields[] = {
	FIELD_INT(struct retry_document, attempts, .min = 1, .max = TASK_ATTEMPTS_MAX),
	FIELD_INT(struct retry_document, base_ms, .min = 1, .max = WAIT_MS_MAX),
	FIELD_INT(struct retry_document, cap_ms, .min = 1, .max = WAIT_MS_MAX),
};

/* Reading one document.  `place` grows and shrinks with the walk; what does not fit is
 * cut, never overrun. */
struct reading {
	struct definition *d;
	struct arena *a;
	struct err *err;
	bool *waits; /* n × n: waits[i * n + j], step i waits for step j */
	size_t step; /* the step whose values are walked; n for the output */
	bool has_item;
	char place[PLACE_MAX + 1];
	size_t len;
};

static void place_add(struct reading *r, const char *bytes, size_t n)
{
	if (r->len + n > PLACE_MAX)
		return;
	memcpy(r->place + r->len, bytes, n);
	r->len += n;
	r->place[r->len] = '\0';
}

/* Goes down by one token; returns what place_pop() wants to come back. */
static size_t place_push(struct reading *r, struct str token)
{
	size_t was = r->len;
	place_add(r, "/", 1);
	for (size_t i = 0; i < token.len; i++) {
		if (token.ptr[i] == '~')
			place_add(r, "~0", 2);
		else if (token.ptr[i] == '/')
			place_add(r, "~1", 2);
		else
			place_add(r, &token.ptr[i], 1);
	}
	return was;
}

static size_t place_push_index(struct reading *r, size_t index)
{
	char digits[24];
	int n = snprintf(digits, sizeof digits, "%zu", index);
	return place_push(r, (struct str){ digits, (size_t)n });
}

static void place_pop(struct reading *r, size_t was)
{
	r->len = was;
	r->place[was] = '\0';
}

/* Puts the place of the walk behind the sentence that err_set() has just written. */
static enum rc at_place(struct reading *r)
{
	return r->err ? err_at(r->err, "%s", r->place) : RC_INVALID;
}

/* --- Members and types --- */

static bool is_field(const struct field *fields, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqz(name, fields[i].name))
			return true;
	return false;
}

/* The member that no field names, with the field that may have been meant. */
static void describe_unknown(const struct field *fields, size_t n, const struct json *object,
                             const struct err *found, struct err *err)
{
	const struct json *member = object->first;
	while (member && is_field(fields, n, member->name))
		member = member->next;
	struct nearest near = nearest_begin(member ? member->name : STR(""));
	for (size_t i = 0; i < n; i++)
		nearest_offer(&near, str_z(fields[i].name));
	if (near.best.len)
		err_set(err, CODE_BAD_WORKFLOW,
		        "unknown member \"" STR_FMT "\"; did you mean \"" STR_FMT "\"?",
		        STR_ARG(near.name), STR_ARG(near.best));
	else
		err_set(err, CODE_BAD_WORKFLOW, "%s", found->text);
}

static enum rc read_members(struct reading *r, const struct field *fields, size_t n,
                            const struct json *object, void *into)
{
	struct err found = { .rc = RC_OK };
	enum rc rc = field_read(fields, n, object, r->place, into, &found);
	if (rc == RC_OK)
		return RC_OK;
	if (found.code == CODE_FIELD_UNKNOWN)
		describe_unknown(fields, n, object, &found, r->err);
	else
		err_set(r->err, CODE_BAD_WORKFLOW, "%s", found.text);
	return r->err ? err_at(r->err, "%s", found.place) : RC_INVALID;
}

/* [a-z][a-z0-9_-]* of at most 64 bytes: workflows and steps. */
static bool is_name(struct str s)
{
	if (s.len < 1 || s.len > WORKFLOW_NAME_MAX || s.ptr[0] < 'a' || s.ptr[0] > 'z')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool is_fine =
		        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
		if (!is_fine)
			return false;
	}
	return true;
}

static enum rc check_name(struct reading *r, struct str name, const char *what)
{
	if (is_name(name))
		return RC_OK;
	err_set(r->err, CODE_BAD_WORKFLOW,
	        "the name of a %s is 1 to %d of a-z, 0-9, _ and -, and begins with a letter", what,
	        WORKFLOW_NAME_MAX);
	return at_place(r);
}

static enum rc read_retry(struct reading *r, const struct json *v, struct step_def *s)
{
	struct retry_document retry = { 0 };
	if (!v)
		return RC_OK;
	size_t was = place_push(r, STR("retry"));
	enum rc rc = read_members(r, retry_fields, ARRAY_LEN(retry_fields), v, &retry);
	if (rc == RC_OK && retry.cap_ms && retry.base_ms > retry.cap_ms) {
		place_push(r, STR("cap_ms"));
		err_set(r->err, CODE_BAD_WORKFLOW, "must not be less than base_ms");
		rc = at_place(r);
	}
	s->attempts_max = retry.attempts;
	s->retry_base_ms = retry.base_ms;
	s->retry_cap_ms = retry.cap_ms;
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

static enum rc read_step(struct reading *r, const struct json *step, struct step_def *s)
{
	struct step_document doc = { 0 };
	enum rc rc = check_name(r, step->name, "step");
	if (rc == RC_OK)
		rc = read_members(r, step_fields, ARRAY_LEN(step_fields), step, &doc);
	if (rc != RC_OK)
		return rc;
	*s = (struct step_def){ .name = step->name,
		                .kind = doc.kind,
		                .input = doc.input,
		                .each = doc.each,
		                .max_parallel = doc.max_parallel,
		                .is_collect = str_eqz(doc.on_error, "collect"),
		                .timeout_ms = doc.timeout_ms,
		                .priority = doc.priority };
	rc = read_retry(r, doc.retry, s);
	if (rc == RC_OK)
		rc = read_when(r, doc.when, s);
	if (rc == RC_OK)
		rc = check_each(r, step, s);
	return rc;
}

static enum rc read_steps(struct reading *r, const struct json *steps)
{
	size_t was = place_push(r, STR("steps"));
	enum rc rc = RC_OK;
	size_t i = 0;
	for (const struct json *step = steps->first; step && rc == RC_OK; step = step->next, i++) {
		size_t outer = place_push(r, step->name);
		rc = read_step(r, step, &r->d->steps[i]);
		place_pop(r, outer);
	}
	place_pop(r, was);
	return rc;
}

/* --- References: what must be there, and what waits for what --- */

static enum rc unknown_step(struct reading *r, struct str name)
{
	struct nearest near = nearest_begin(name);
	for (size_t i = 0; i < r->d->n_steps; i++)
		nearest_offer(&near, r->d->steps[i].name);
	struct str brief = str_sub(name, 0, WORKFLOW_NAME_MAX);
	if (near.best.len)
		err_set(r->err, CODE_BAD_WORKFLOW,
		        "there is no step \"" STR_FMT "\"; did you mean \"" STR_FMT "\"?",
		        STR_ARG(brief), STR_ARG(near.best));
	else
		err_set(r->err, CODE_BAD_WORKFLOW, "there is no step \"" STR_FMT "\"",
		        STR_ARG(brief));
	return at_place(r);
}

static enum rc add_wait(struct reading *r, struct str name)
{
	int64_t on = definition_find(r->d, name);
	if (on < 0)
		return unknown_step(r, name);
	if (r->step == r->d->n_steps)
		return RC_OK; /* the output waits for all */
	if ((size_t)on == r->step) {
		err_set(r->err, CODE_BAD_WORKFLOW, "a step can't wait for itself");
		return at_place(r);
	}
	r->waits[r->step * r->d->n_steps + (size_t)on] = true;
	return RC_OK;
}

static enum rc check_reference(struct reading *r, struct str pointer)
{
	struct reference ref;
	if (!reference_parse(pointer, &ref)) {
		err_set(r->err, CODE_BAD_WORKFLOW, "a reference is /input…, /steps/NAME/output…%s",
		        r->has_item ? ", /item… or /index" : "");
		return at_place(r);
	}
	switch (ref.source) {
	case REFERENCE_INPUT:
		return RC_OK;
	case REFERENCE_STEP:
		return add_wait(r, ref.step);
	case REFERENCE_ITEM:
	case REFERENCE_INDEX:
		if (r->has_item)
			return RC_OK;
		err_set(r->err, CODE_BAD_WORKFLOW,
		        "/item and /index exist only in the input of a step with \"each\"");
		return at_place(r);
	}
	abort();
}

/* As deep as the reader let the document nest. */
static enum rc walk(struct reading *r, const struct json *v)
{
	struct str pointer;
	enum rc rc = RC_OK;
	if (reference_is(v, &pointer))
		return check_reference(r, pointer);
	size_t i = 0;
	for (const struct json *m = v->first; m && rc == RC_OK; m = m->next, i++) {
		size_t was =
		        v->type == JSON_OBJECT ? place_push(r, m->name) : place_push_index(r, i);
		rc = walk(r, m);
		place_pop(r, was);
	}
	return rc;
}

static enum rc walk_member(struct reading *r, const char *name, const struct json *v)
{
	if (!v)
		return RC_OK;
	size_t was = place_push(r, str_z(name));
	enum rc rc = walk(r, v);
	place_pop(r, was);
	return rc;
}

static enum rc walk_after(struct reading *r, const struct json *after)
{
	enum rc rc = RC_OK;
	size_t i = 0;
	if (!after)
		return RC_OK;
	size_t was = place_push(r, STR("after"));
	for (const struct json *m = after->first; m && rc == RC_OK; m = m->next, i++) {
		size_t outer = place_push_index(r, i);
		if (m->type == JSON_STRING) {
			rc = add_wait(r, m->text);
		} else {
			err_set(r->err, CODE_BAD_WORKFLOW, "must be the name of a step");
			rc = at_place(r);
		}
		place_pop(r, outer);
	}
	place_pop(r, was);
	return rc;
}

static enum rc walk_step(struct reading *r, const struct json *step)
{
	const struct step_def *s = &r->d->steps[r->step];
	r->has_item = false;
	enum rc rc = walk_after(r, json_getz(step, "after"));
	if (rc == RC_OK)
		rc = walk_member(r, "each", s->each);
	if (rc == RC_OK && s->when_value) {
		size_t was = place_push(r, STR("when"));
		rc = walk_member(r, "value", s->when_value);
		place_pop(r, was);
	}
	r->has_item = s->each != NULL;
	if (rc == RC_OK)
		rc = walk_member(r, "input", s->input);
	r->has_item = false;
	return rc;
}

static enum rc walk_steps(struct reading *r, const struct json *steps)
{
	size_t was = place_push(r, STR("steps"));
	enum rc rc = RC_OK;
	r->step = 0;
	for (const struct json *step = steps->first; step && rc == RC_OK; step = step->next) {
		size_t outer = place_push(r, step->name);
		rc = walk_step(r, step);
		place_pop(r, outer);
		r->step++;
	}
	place_pop(r, was);
	return rc;
}

static void make_after(struct reading *r)
{
	size_t n = r->d->n_steps;
	for (size_t i = 0; i < n; i++) {
		int64_t *after = arena_new(r->a, int64_t, n);
		size_t n_after = 0;
		for (size_t j = 0; j < n; j++)
			if (r->waits[i * n + j])
				after[n_after++] = (int64_t)j;
		r->d->steps[i].after = after;
		r->d->steps[i].n_after = n_after;
	}
}

/* --- The order: depth first along `after`; a step met again while its own waits are
 * being followed closes a circle. --- */

enum mark { MARK_NEW, MARK_OPEN, MARK_DONE };
struct ordering {
	struct reading *r;
	enum mark *marks;
	int64_t *order, *path;
	size_t n_order, n_path;
};

static enum rc report_circle(struct ordering *o, int64_t again)
{
	const struct step_def *steps = o->r->d->steps;
	size_t from = 0;
	while (o->path[from] != again)
		from++;
	struct buf text = BUF_INIT(200); /* an error's sentence holds no more */
	for (size_t i = from; i < o->n_path; i++)
		buf_addf(&text, STR_FMT " -> ", STR_ARG(steps[o->path[i]].name));
	bool is_cut = buf_rc(&text) != RC_OK;
	struct str names = buf_str(&text);
	err_set(o->r->err, CODE_BAD_WORKFLOW, "steps wait for each other: " STR_FMT STR_FMT,
	        STR_ARG(names), STR_ARG(is_cut ? STR("…") : steps[again].name));
	buf_fini(&text);
	place_push(o->r, STR("steps"));
	place_push(o->r, steps[again].name);
	return at_place(o->r);
}

/* As deep as there are steps. */
static enum rc visit(struct ordering *o, int64_t i)
{
	const struct step_def *s = &o->r->d->steps[i];
	if (o->marks[i] == MARK_DONE)
		return RC_OK;
	if (o->marks[i] == MARK_OPEN)
		return report_circle(o, i);
	o->marks[i] = MARK_OPEN;
	o->path[o->n_path++] = i;
	for (size_t j = 0; j < s->n_after; j++) {
		enum rc rc = visit(o, s->after[j]);
		if (rc != RC_OK)
			return rc;
	}
	o->n_path--;
	o->marks[i] = MARK_DONE;
	o->order[o->n_order++] = i;
	return RC_OK;
}

static enum rc make_order(struct reading *r)
{
	size_t n = r->d->n_steps;
	struct ordering o = { .r = r,
		              .marks = arena_new(r->a, enum mark, n),
		              .order = arena_new(r->a, int64_t, n),
		              .path = arena_new(r->a, int64_t, n) };
	for (size_t i = 0; i < n; i++) {
		enum rc rc = visit(&o, (int64_t)i);
		if (rc != RC_OK)
			return rc;
	}
	r->d->order = o.order;
	return RC_OK;
}

/* --- All together --- */

static enum rc read_graph(struct reading *r, const struct document *doc)
{
	size_t n = r->d->n_steps;
	r->waits = arena_new(r->a, bool, n *n);
	enum rc rc = walk_steps(r, doc->steps);
	r->step = n;
	if (rc == RC_OK)
		rc = walk_member(r, "output", doc->output);
	if (rc != RC_OK)
		return rc;
	make_after(r);
	return make_order(r);
}

enum rc definition_read(const struct json *document, struct arena *a, struct definition **ret,
                        struct err *err)
{
	assert(document && a && ret);
	struct document doc = { 0 };
	struct reading r = { .a = a, .err = err };
	enum rc rc = read_members(&r, document_fields, ARRAY_LEN(document_fields), document, &doc);
	if (rc != RC_OK)
		return rc;
	r.d = arena_new(a, struct definition, 1);
	*r.d = (struct definition){ .name = doc.name,
		                    .description = doc.description,
		                    .input_schema = doc.input,
		                    .output = doc.output,
		                    .n_steps = doc.steps->count,
		                    .steps = arena_new(a, struct step_def, doc.steps->count) };
	size_t was = place_push(&r, STR("name"));
	rc = check_name(&r, doc.name, "workflow");
	place_pop(&r, was);
	if (rc == RC_OK)
		rc = read_steps(&r, doc.steps);
	if (rc == RC_OK)
		rc = read_graph(&r, &doc);
	if (rc == RC_OK)
		*ret = r.d;
	return rc;
}

int64_t definition_find(const struct definition *d, struct str name)
{
	for (size_t i = 0; i < d->n_steps; i++)
		if (str_eq(d->steps[i].name, name))
			return (int64_t)i;
	return -1;
}

static enum rc compile(const struct json *value, const char *place, struct schema **ret,
                       struct err *err)
{
	struct err found = { .rc = RC_OK };
	if (!value || schema_compile(value, NULL, ret, &found) == RC_OK)
		return RC_OK;
	err_set(err, CODE_BAD_WORKFLOW, "not a JSON Schema: %s", found.text);
	return err ? err_at(err, "%s%s", place, found.place) : RC_INVALID;
}

enum rc definition_compile(struct definition *d, struct err *err)
{
	enum rc rc = compile(d->input_schema, "/input", &d->input, err);
	for (size_t i = 0; i < d->n_steps && rc == RC_OK; i++) {
		struct step_def *s = &d->steps[i];
		char place[PLACE_MAX + 1];
		snprintf(place, sizeof place, "/steps/" STR_FMT "/when/schema", STR_ARG(s->name));
		rc = compile(s->when_schema, place, &s->when, err);
	}
	return rc;
}

void definition_fini(struct definition *d)
{
	schema_destroy(d->input);
	for (size_t i = 0; i < d->n_steps; i++)
		schema_destroy(d->steps[i].when);
}

enum rc workflow_check(const struct json *document, struct arena *a, struct err *err)
{
	struct definition *d;
	enum rc rc = definition_read(document, a, &d, err);
	if (rc != RC_OK)
		return rc;
	rc = definition_compile(d, err);
	definition_fini(d);
	return rc;
}
