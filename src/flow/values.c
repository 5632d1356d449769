/* What references find: the run's input, outputs of finished steps, items.  Parsed values
 * are kept by recorded.c. */
#include "flow/advance_priv.h"

static enum rc record(struct advance *a, struct rows *rows, int64_t slot, struct recorded_doc **ret,
                      struct err *err)
{
	enum rc rc = RC_OK;
	struct str text = STR("null");
	if (rows_next(rows)) {
		if (!rows_is_null(rows, 0))
			text = rows_str(rows, 0);
		rc = recorded_add(&a->f->recorded, a->run, slot, text, ret, err);
	} else if (rows->rc == RC_OK) {
		rc = recorded_add(&a->f->recorded, a->run, slot, text, ret, err);
	}
	enum rc end = rows_end(rows, rc == RC_OK ? err : NULL);
	return rc == RC_OK ? end : rc;
}

static enum rc find_input(struct advance *a, const struct json **ret, struct err *err)
{
	struct recorded_doc *doc = recorded_find(&a->f->recorded, a->run, RECORDED_INPUT);
	enum rc rc = RC_OK;
	if (!doc) {
		struct rows rows;
		DB_QUERY(a->tx->db, SQL_RUN_INPUT, &rows, err, BIND_INT(a->scope.tenant),
		         BIND_INT(a->run));
		rc = record(a, &rows, RECORDED_INPUT, &doc, err);
	}
	if (rc == RC_OK)
		*ret = doc->value;
	return rc;
}

/* Then its output is the task's, and not written down twice. */
static bool is_of_one_task(const struct advance *a, int64_t step)
{
	const struct step_def *def = &a->d->steps[step];
	return def->type == STEP_TASK && !def->each && !a->steps[step].is_copied;
}

enum rc find_output(struct advance *a, int64_t step, const struct json **ret, struct err *err)
{
	int64_t slot = RECORDED_OUTPUT + step;
	struct recorded_doc *doc = recorded_find(&a->f->recorded, a->run, slot);
	enum rc rc = RC_OK;
	if (!doc) {
		struct rows rows;
		int64_t tenant = a->scope.tenant;
		if (is_of_one_task(a, step))
			DB_QUERY(a->tx->db, SQL_STEP_TASK_OUTPUT, &rows, err, BIND_INT(tenant),
			         BIND_INT(a->steps[step].task));
		else
			DB_QUERY(a->tx->db, SQL_STEP_OUTPUT, &rows, err, BIND_INT(tenant),
			         BIND_INT(a->run), BIND_INT(step + 1));
		rc = record(a, &rows, slot, &doc, err);
	}
	if (rc == RC_OK)
		*ret = doc->value;
	return rc;
}

/* A skipped step's output is null, and so is everything below it: else a step behind it
 * could not name a part of that output, and skipping would fail the run. */
static enum rc find_in_step(struct advance *a, const struct reference *r, const struct json **ret,
                            struct err *err)
{
	static const struct json null_value = { .type = JSON_NULL, .raw = STR_INIT("null") };
	int64_t step = definition_find(a->d, r->step);
	assert(step >= 0 && is_done(&a->steps[step]));
	if (a->steps[step].state == STEP_SKIPPED) {
		*ret = &null_value;
		return RC_OK;
	}
	enum rc rc = find_output(a, step, ret, err);
	if (rc != RC_OK)
		return rc;
	int64_t artifact, size;
	if (descriptor_read(*ret, &artifact, &size) &&
	    reference_wants_part(r, size, a->is_whole_kept))
		return part_value(a, step, r->rest, ret, err);
	*ret = json_pointer(*ret, r->rest);
	return RC_OK;
}

static enum rc find(struct reference_data *data, const struct reference *r, const struct json **ret,
                    struct err *err)
{
	struct advance *a = (struct advance *)data;
	enum rc rc = RC_OK;
	switch (r->source) {
	case REFERENCE_INPUT:
		rc = find_input(a, ret, err);
		if (rc == RC_OK)
			*ret = json_pointer(*ret, r->rest);
		return rc;
	case REFERENCE_STEP:
		return find_in_step(a, r, ret, err);
	case REFERENCE_ITEM:
		*ret = json_pointer(a->item, r->rest);
		return RC_OK;
	case REFERENCE_INDEX:
		*ret = &a->index;
		return RC_OK;
	case REFERENCE_OUTPUT:
		*ret = json_pointer(a->undo_output, r->rest);
		return RC_OK;
	}
	abort();
}

enum rc resolve(struct advance *a, const struct json *template, struct str *ret, struct err *err)
{
	buf_clear(&a->f->value);
	enum rc rc = reference_resolve(template, &a->data, &a->f->value, err);
	if (rc == RC_OK)
		*ret = buf_str(&a->f->value);
	return rc;
}

enum rc pin_items(struct advance *a, int64_t i, struct recorded_doc **ret, struct err *err)
{
	int64_t slot = RECORDED_ITEMS + i;
	struct recorded_doc *doc = recorded_find(&a->f->recorded, a->run, slot);
	enum rc rc = RC_OK;
	if (!doc) {
		struct str text;
		rc = resolve(a, a->d->steps[i].each, &text, err);
		if (rc == RC_OK)
			rc = recorded_add(&a->f->recorded, a->run, slot, text, &doc, err);
	}
	if (rc != RC_OK)
		return rc;
	doc->is_pinned = true;
	*ret = doc;
	return RC_OK;
}

void unpin_items(struct advance *a, int64_t i)
{
	struct recorded_doc *doc = recorded_find(&a->f->recorded, a->run, RECORDED_ITEMS + i);
	if (doc)
		doc->is_pinned = false;
}

void set_item(struct advance *a, const struct json *item, int64_t index)
{
	int n = snprintf(a->digits, sizeof a->digits, "%lld", (long long)index);
	a->item = item;
	a->index = (struct json){ .type = JSON_NUMBER,
		                  .is_int = true,
		                  .integer = index,
		                  .number = (double)index,
		                  .raw = { a->digits, (size_t)n } };
}

void values_init(struct advance *a)
{
	a->data.find = find;
}
