/* The laws of a workflow's definition, for any bytes, read as JSON and as YAML:
 *
 * (1) The verdict does not depend on the caller's wish for an error, and a refusal is
 *     bad_workflow with a sentence.
 * (2) An accepted one has an order in which each step stands behind those it waits for.
 * (3) Each template of it can be resolved, into JSON, when every reference finds null.
 */
#include <stdio.h>

#include "base/arena.h"
#include "codec/yaml.h"
#include "flow/definition.h"
#include "flow/flow.h"
#include "flow/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rc find_null(struct reference_data *data, const struct reference *r,
                         const struct json **ret, struct err *err)
{
	static const struct json null_value = { .type = JSON_NULL, .raw = STR_INIT("null") };
	(void)data;
	(void)r;
	(void)err;
	*ret = &null_value;
	return RC_OK;
}

static void check_template(struct arena *a, const struct json *template)
{
	struct reference_data data = { find_null };
	struct buf out = BUF_INIT(1 << 20);
	const struct json *v;
	if (reference_resolve(template, &data, &out, NULL) == RC_OK) {
		enum rc rc = json_read(a, buf_str(&out), NULL, &v, NULL);
		assert(rc == RC_OK || rc == RC_LIMIT);
	}
	buf_fini(&out);
}

static void check_order(const struct definition *d)
{
	bool is_behind[WORKFLOW_STEPS_MAX] = { false };
	assert(d->n_steps >= 1 && d->n_steps <= WORKFLOW_STEPS_MAX);
	for (size_t i = 0; i < d->n_steps; i++) {
		const struct step_def *s = &d->steps[d->order[i]];
		for (size_t j = 0; j < s->n_after; j++)
			assert(is_behind[s->after[j]]);
		assert(!is_behind[d->order[i]]);
		is_behind[d->order[i]] = true;
	}
}

static void check_accepted(struct arena *a, const struct json *document)
{
	struct definition *d;
	enum rc rc = definition_read(document, a, &d, NULL);
	assert(rc == RC_OK);
	check_order(d);
	for (size_t i = 0; i < d->n_steps; i++) {
		check_template(a, d->steps[i].input);
		check_template(a, d->steps[i].each);
		check_template(a, d->steps[i].when_value);
	}
	check_template(a, d->output);
}

static void check_document(struct arena *a, const struct json *document)
{
	struct err err = { 0 };
	enum rc rc = workflow_check(document, a, &err);
	enum rc rc_silent = workflow_check(document, a, NULL);
	assert(rc == rc_silent);
	if (rc == RC_OK)
		check_accepted(a, document);
	else
		assert(rc == RC_INVALID && err.code == CODE_BAD_WORKFLOW && err.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct str in = { (const char *)data, size };
	const struct json *document;
	if (json_read(a, in, NULL, &document, NULL) == RC_OK)
		check_document(a, document);
	if (yaml_read(a, in, NULL, &document, NULL) == RC_OK)
		check_document(a, document);
	return 0;
}
