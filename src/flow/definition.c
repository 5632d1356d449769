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
#include "flow/definition_priv.h"

#include "codec/schema.h"
#include "flow/flow.h"
#include "base/nearest.h"
#include "flow/reference.h"
#include "queue/queue.h"

enum { DESCRIPTION_MAX = 1000 };

struct document {
	struct str name, description;
	const struct json *input, *steps, *output;
	int64_t retention_ms;
};
static const struct field document_fields[] = {
	FIELD_STR(struct document, name, .is_required = true, .min = 1, .max = WORKFLOW_NAME_MAX),
	FIELD_STR(struct document, description, .max = DESCRIPTION_MAX),
	FIELD_VALUE(struct document, input),
	FIELD_OBJECT(struct document, steps, .is_required = true, .min = 1,
	             .max = WORKFLOW_STEPS_MAX),
	FIELD_VALUE(struct document, output),
	FIELD_INT(struct document, retention_ms, .min = 1, .max = PATIENCE_MS_MAX),
};

static void place_add(struct reading *r, const char *bytes, size_t n)
{
	if (r->len + n > PLACE_MAX)
		return;
	memcpy(r->place + r->len, bytes, n);
	r->len += n;
	r->place[r->len] = '\0';
}

size_t place_push(struct reading *r, struct str token)
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

size_t place_push_index(struct reading *r, size_t index)
{
	char digits[24];
	int n = snprintf(digits, sizeof digits, "%zu", index);
	return place_push(r, (struct str){ digits, (size_t)n });
}

void place_pop(struct reading *r, size_t was)
{
	r->len = was;
	r->place[was] = '\0';
}

enum rc at_place(struct reading *r)
{
	return r->err ? err_at(r->err, "%s", r->place) : RC_INVALID;
}

enum rc at_member(struct reading *r, const char *member)
{
	size_t was = place_push(r, str_z(member));
	enum rc rc = at_place(r);
	place_pop(r, was);
	return rc;
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

enum rc read_members(struct reading *r, const struct field *fields, size_t n,
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

bool is_name(struct str s)
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

enum rc check_name(struct reading *r, struct str name, const char *what)
{
	if (is_name(name))
		return RC_OK;
	err_set(r->err, CODE_BAD_WORKFLOW,
	        "the name of a %s is 1 to %d of a-z, 0-9, _ and -, and begins with a letter", what,
	        WORKFLOW_NAME_MAX);
	return at_place(r);
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
		err_set(r->err, CODE_BAD_WORKFLOW, "a step can't wait for itself%s",
		        r->has_output ? "; its own output is {ref: /output}" : "");
		return at_place(r);
	}
	r->waits[r->step * r->d->n_steps + (size_t)on] = true;
	return RC_OK;
}

static enum rc check_reference(struct reading *r, struct str pointer)
{
	struct reference ref;
	if (!reference_parse(pointer, &ref)) {
		err_set(r->err, CODE_BAD_WORKFLOW,
		        "a reference is /input…, /steps/NAME/output…%s%s",
		        r->has_item ? ", /item… or /index" : "",
		        r->has_output ? " or /output…" : "");
		return at_place(r);
	}
	switch (ref.source) {
	case REFERENCE_INPUT:
		return RC_OK;
	case REFERENCE_STEP:
		return add_wait(r, ref.step);
	case REFERENCE_OUTPUT:
		if (r->has_output)
			return RC_OK;
		err_set(r->err, CODE_BAD_WORKFLOW,
		        "/output exists only in the input of \"compensate\"");
		return at_place(r);
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

/* Members one level down: `when.value`, `wait.until` and the like. */
static enum rc walk_below(struct reading *r, const char *outer, const char *inner,
                          const struct json *v)
{
	size_t was = place_push(r, str_z(outer));
	enum rc rc = walk_member(r, inner, v);
	place_pop(r, was);
	return rc;
}

static enum rc walk_match(struct reading *r, const struct json *value)
{
	size_t was = place_push(r, STR("wait"));
	enum rc rc = walk_below(r, "match", "value", value);
	place_pop(r, was);
	return rc;
}

static enum rc walk_wait(struct reading *r, const struct step_def *s)
{
	enum rc rc = walk_below(r, "wait", "timer_ms", s->wait.timer_ms);
	if (rc == RC_OK)
		rc = walk_below(r, "wait", "until", s->wait.until);
	if (rc == RC_OK)
		rc = walk_match(r, s->wait.match_value);
	return rc == RC_OK ? walk_below(r, "approve", "show", s->approve.show) : rc;
}

static enum rc walk_step(struct reading *r, const struct json *step)
{
	const struct step_def *s = &r->d->steps[r->step];
	r->has_item = r->has_output = false;
	enum rc rc = walk_after(r, json_getz(step, "after"));
	if (rc == RC_OK)
		rc = walk_member(r, "each", s->each);
	if (rc == RC_OK)
		rc = walk_below(r, "when", "value", s->when_value);
	if (rc == RC_OK)
		rc = walk_wait(r, s);
	r->has_item = s->each != NULL;
	if (rc == RC_OK)
		rc = walk_member(r, "input", s->input);
	r->has_output = true;
	if (rc == RC_OK)
		rc = walk_below(r, "compensate", "input", s->compensate.input);
	r->has_item = r->has_output = false;
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
		                    .retention_ms = doc.retention_ms,
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

static enum rc compile_in(const struct step_def *s, const char *member, const struct json *value,
                          struct schema **ret, struct err *err)
{
	char place[PLACE_MAX + 1];
	snprintf(place, sizeof place, "/steps/" STR_FMT "/%s/schema", STR_ARG(s->name), member);
	return compile(value, place, ret, err);
}

enum rc definition_compile(struct definition *d, struct err *err)
{
	enum rc rc = compile(d->input_schema, "/input", &d->input, err);
	for (size_t i = 0; i < d->n_steps && rc == RC_OK; i++) {
		struct step_def *s = &d->steps[i];
		rc = compile_in(s, "when", s->when_schema, &s->when, err);
		if (rc == RC_OK)
			rc = compile_in(s, "wait/match", s->wait.match_schema, &s->wait.match, err);
	}
	return rc;
}

void definition_fini(struct definition *d)
{
	schema_destroy(d->input);
	for (size_t i = 0; i < d->n_steps; i++) {
		schema_destroy(d->steps[i].when);
		schema_destroy(d->steps[i].wait.match);
	}
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
