/* Steps that are runs of other workflows.
 *
 * A child begins in the transaction that begins its step, or its item; it ends as any run,
 * and tells the run above as a task tells it (end.c).  Depth and the number of runs below
 * one root are bounded, so that a workflow that starts itself comes to an end. */
#include "flow/advance_priv.h"

static enum rc check_family(struct advance *a, struct err *err)
{
	struct rows rows;
	int64_t n = 0;
	if (a->depth + 1 > RUN_DEPTH_MAX)
		return err_set(err, CODE_TOO_DEEP,
		               "workflows stand at most %d deep within each other", RUN_DEPTH_MAX);
	DB_QUERY(a->tx->db, SQL_RUN_FAMILY_GROW, &rows, err, BIND_INT(a->scope.tenant),
	         BIND_INT(a->root));
	while (rows_next(&rows))
		n = rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK && n > RUN_FAMILY_MAX)
		return err_set(err, CODE_TOO_LARGE,
		               "one run starts at most %d others, all below it counted",
		               RUN_FAMILY_MAX);
	return rc;
}

enum rc child_start(struct advance *a, int64_t i, int64_t item, int64_t *ret, struct err *err)
{
	const struct step_def *def = &a->d->steps[i];
	struct run_new n = { .workflow = def->workflow,
		             .version = def->workflow_version,
		             .parent = a->run,
		             .parent_step = i + 1,
		             .parent_item = item,
		             .root = a->root,
		             .depth = a->depth + 1 };
	int64_t id = store_new_id(a->tx->store, a->tx->now_ms);
	enum rc rc = resolve(a, def->input, &n.input, err);
	if (rc == RC_OK)
		rc = check_family(a, err);
	if (rc == RC_OK)
		rc = run_insert(a->f, a->tx, a->scope, &n, id, NULL, err);
	if (rc == RC_NOT_FOUND) { /* the step's failure, not the store's */
		struct err why = *err;
		return err_set(err, CODE_BAD_WORKFLOW, "%s", why.text);
	}
	if (rc == RC_OK)
		*ret = id;
	return rc;
}
