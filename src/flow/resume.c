/* What could not be undone is tried again, or given up by somebody who says why.
 *
 * A run in compensation_failed compensates again, from the item that failed: that one once
 * more, or, when it is skipped, the next.  What is undone already stays so, and the state it
 * ends in is the one it would have had.  The run above was told of its end already and is
 * not told twice (end.c). */
#include "flow/advance_priv.h"

static enum rc find_failed(struct tx *tx, const struct run_resume_command *k, int64_t *ret_step,
                           struct err *err)
{
	struct rows rows;
	*ret_step = 0;
	DB_QUERY(tx->db, SQL_UNDO_FAILED, &rows, err, BIND_INT(k->c.scope.tenant),
	         BIND_INT(k->run));
	if (rows_next(&rows))
		*ret_step = rows_int(&rows, 0);
	return rows_end(&rows, err);
}

/* Why the run failed in the first place, and which step could not be undone. */
static enum rc load_why(struct tx *tx, const struct run_resume_command *k, struct failure *ret,
                        struct str *ret_step, int64_t *ret_item, struct err *err)
{
	struct rows rows;
	struct str error = { 0 };
	const struct json *v = NULL, *compensation;
	DB_QUERY(tx->db, SQL_RUN_ERROR, &rows, err, BIND_INT(k->c.scope.tenant), BIND_INT(k->run));
	if (rows_next(&rows))
		error = str_dup(tx->arena, rows_str(&rows, 0));
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	*ret = failure_read(tx->arena, error);
	if (json_read(tx->arena, error, NULL, &v, NULL) != RC_OK)
		v = NULL;
	compensation = json_getz(v, "compensation");
	*ret_step = json_get_str(compensation, "step", STR(""));
	*ret_item = json_get_int(compensation, "item", 0);
	return RC_OK;
}

static void resumed_event(struct flow *f, struct tx *tx, const struct run_resume_command *k,
                          struct str step, int64_t item)
{
	struct json_out o;
	buf_clear(&f->words);
	json_out_init(&o, &f->words);
	json_begin_object(&o);
	json_put_str(&o, "step", step);
	if (item)
		json_put_int(&o, "item", item);
	json_put_bool(&o, "skip", k->is_skipping);
	if (k->reason.len)
		json_put_str(&o, "reason", k->reason);
	json_end_object(&o);
	tx_event(tx, &(struct event_new){ .tenant = k->c.scope.tenant,
	                                  .actor = k->c.scope.actor,
	                                  .type = "run.resumed",
	                                  .subject = k->run,
	                                  .run = k->run,
	                                  .data = buf_str(&f->words) });
}

/* The undoing of a step goes on below `undo_item`: so the item that failed is the next
 * again when the number stands one above it. */
static enum rc write_resume(struct flow *f, struct tx *tx, const struct run_resume_command *k,
                            const struct run_brief *row, int64_t step, struct err *err)
{
	struct failure why;
	struct str name;
	int64_t item, tenant = k->c.scope.tenant;
	/* Runs that ended before this was kept are taken for failed. */
	enum run_state outcome = row->outcome == RUN_CANCELLED ? RUN_CANCELLED : RUN_FAILED;
	enum rc rc = load_why(tx, k, &why, &name, &item, err);
	if (rc == RC_OK)
		rc = DB_RUN(tx->db, SQL_UNDO_RESUME, err, BIND_INT(tenant), BIND_INT(k->run),
		            BIND_INT(step), BIND_INT(!k->is_skipping), BIND_INT(k->is_skipping));
	if (rc == RC_OK)
		rc = DB_RUN(tx->db, SQL_RUN_RESUME, err, BIND_INT(tenant), BIND_INT(k->run),
		            BIND_INT(outcome), BIND_STR(failure_json(f, &why)));
	if (rc != RC_OK)
		return rc;
	resumed_event(f, tx, k, name, item);
	if (k->is_skipping)
		compensation_event(f, tx, k->c.scope, k->run, name, item, "skipped", NULL);
	return flow_mark_due(f, tx, tenant, k->run, err);
}

static enum rc check_resume(const struct run_brief *row, struct err *err)
{
	if (row->state == RUN_COMPENSATION_FAILED)
		return RC_OK;
	if (row->state == RUN_FAILED || row->state == RUN_CANCELLED)
		return err_set(err, CODE_WRONG_STATE,
		               "the run has ended and nothing is left to undo; to perform a step "
		               "again, fork the run from it");
	return err_set(err, CODE_WRONG_STATE,
	               "only a run in compensation_failed is resumed; this one is %s",
	               run_state_text(row->state));
}

static enum rc run_resume_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct run_resume_command *k = (struct run_resume_command *)c;
	struct run_brief row;
	int64_t step;
	enum rc rc = run_find(tx, c->scope, k->run, &row, err);
	if (rc != RC_OK)
		return rc;
	k->state = RUN_COMPENSATING;
	if (row.state == RUN_COMPENSATING && !k->is_skipping)
		return RC_OK; /* the reply was lost, perhaps */
	rc = check_resume(&row, err);
	if (rc == RC_OK)
		rc = find_failed(tx, k, &step, err);
	if (rc != RC_OK)
		return rc;
	return write_resume(c->owner, tx, k, &row, step, err);
}

void run_resume_command_init(struct run_resume_command *k, struct flow *f, struct scope scope)
{
	*k = (struct run_resume_command){
		.c = { .apply = run_resume_apply, .owner = f, .scope = scope },
	};
}
