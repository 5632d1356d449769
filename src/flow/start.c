/* Commands: a definition is stored, a run begins, a run is cancelled.
 *
 * Starting a run writes its row and marks it due; its first steps begin in the same
 * batch, in advance.c. */
#include "codec/schema.h"
#include "flow/advance_priv.h"
#include "queue/idempotency.h"

/* --- Storing a definition --- */

/* A repeat of what is newest is no new version; going back to older words is one, so
 * that the newest is always what was put last. */
static enum rc newest(struct tx *tx, struct scope scope, struct str name, struct str document,
                      int64_t *ret_version, bool *ret_is_same, struct err *err)
{
	struct rows rows;
	*ret_version = 0;
	*ret_is_same = false;
	DB_QUERY(tx->db, SQL_WORKFLOW_NEWEST, &rows, err, BIND_INT(scope.tenant), BIND_STR(name));
	if (rows_next(&rows)) {
		*ret_version = rows_int(&rows, 0);
		*ret_is_same = str_eq(rows_str(&rows, 3), document);
	}
	return rows_end(&rows, err);
}

static void stored_event(struct flow *f, struct tx *tx, struct scope scope, int64_t id,
                         struct str name, int64_t version)
{
	struct json_out o;
	buf_clear(&f->words);
	json_out_init(&o, &f->words);
	json_begin_object(&o);
	json_put_str(&o, "name", name);
	json_put_int(&o, "version", version);
	json_end_object(&o);
	tx_event(tx, &(struct event_new){ .tenant = scope.tenant,
	                                  .actor = scope.actor,
	                                  .type = "workflow.stored",
	                                  .subject = id,
	                                  .data = buf_str(&f->words) });
}

static enum rc insert_workflow(struct flow *f, struct tx *tx, struct scope scope,
                               const struct definition *d, struct str document, int64_t version,
                               struct err *err)
{
	int64_t id = store_new_id(tx->store, tx->now_ms);
	enum rc rc = DB_RUN(tx->db, SQL_WORKFLOW_INSERT, err, BIND_INT(id), BIND_INT(scope.tenant),
	                    BIND_STR(d->name), BIND_INT(version), BIND_INT(tx->now_ms),
	                    BIND_STR(d->description), BIND_STR(document));
	if (rc == RC_OK)
		stored_event(f, tx, scope, id, d->name, version);
	return rc;
}

static enum rc check_document(struct tx *tx, struct str text, struct definition **ret,
                              struct err *err)
{
	const struct json *document;
	if (text.len > WORKFLOW_BYTES_MAX)
		return err_set(err, CODE_TOO_LARGE, "a workflow has at most %d bytes, this has %zu",
		               WORKFLOW_BYTES_MAX, text.len);
	enum rc rc = json_read(tx->arena, text, NULL, &document, err);
	if (rc == RC_OK)
		rc = definition_read(document, tx->arena, ret, err);
	if (rc != RC_OK)
		return rc;
	rc = definition_compile(*ret, err);
	definition_fini(*ret);
	return rc;
}

static enum rc workflow_put_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct workflow_put_command *w = (struct workflow_put_command *)c;
	struct definition *d;
	bool is_same;
	struct flow *f = c->owner;
	enum rc rc = queue_check_disk(f->queue, err);
	if (rc == RC_OK)
		rc = check_document(tx, w->document, &d, err);
	if (rc == RC_OK)
		rc = newest(tx, c->scope, d->name, w->document, &w->version, &is_same, err);
	if (rc != RC_OK)
		return rc;
	w->is_new = !is_same;
	memcpy(w->name, d->name.ptr, d->name.len); /* checked: it fits */
	w->name[d->name.len] = '\0';
	return is_same ? RC_OK
	               : insert_workflow(f, tx, c->scope, d, w->document, ++w->version, err);
}

void workflow_put_command_init(struct workflow_put_command *w, struct flow *f, struct scope scope)
{
	*w = (struct workflow_put_command){
		.c = { .apply = workflow_put_apply, .owner = f, .scope = scope },
	};
}

/* --- Starting --- */

static struct idempotency_hash request_hash(const struct run_start_command *r)
{
	struct buf words = BUF_INIT(TASK_INPUT_MAX + 1024);
	buf_add(&words, str_sub(r->workflow, 0, WORKFLOW_NAME_MAX + 1));
	buf_addf(&words, "\n%lld\n", (long long)r->version);
	buf_add(&words, r->input);
	struct idempotency_hash hash = idempotency_hash(buf_str(&words));
	buf_fini(&words);
	return hash;
}

static enum rc check_input(struct tx *tx, const struct definition *d, struct str input,
                           struct err *err)
{
	const struct json *value;
	struct err found = { .rc = RC_OK };
	if (input.len > TASK_INPUT_MAX) {
		err_set(err, CODE_TOO_LARGE,
		        "the input of a run has at most %d bytes, this has %zu", TASK_INPUT_MAX,
		        input.len);
		return err ? err_at(err, "/input") : RC_LIMIT;
	}
	enum rc rc = json_read(tx->arena, input, NULL, &value, err);
	if (rc != RC_OK || !d->input)
		return rc;
	rc = schema_check(d->input, value, tx->arena, &found);
	if (rc == RC_OK)
		return RC_OK;
	err_set(err, found.code, "%s", found.text);
	return err ? err_at(err, "/input%s", found.place) : rc;
}

static void put_run_id(struct json_out *o, const char *key, int64_t run)
{
	char text[ID_TEXT_MAX];
	if (run)
		json_put_str(o, key, id_text("run", run, text));
}

static void started_event(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                          const struct compiled *c, const struct run_new *n)
{
	struct json_out o;
	buf_clear(&f->words);
	json_out_init(&o, &f->words);
	json_begin_object(&o);
	json_put_str(&o, "workflow", c->name);
	json_put_int(&o, "version", c->version);
	put_run_id(&o, "parent", n->parent);
	put_run_id(&o, "forked_from", n->forked_from);
	json_end_object(&o);
	tx_event(tx, &(struct event_new){ .tenant = scope.tenant,
	                                  .actor = scope.actor,
	                                  .type = "run.started",
	                                  .subject = run,
	                                  .run = run,
	                                  .data = buf_str(&f->words) });
}

static enum rc write_run(struct tx *tx, struct scope scope, const struct run_new *n, int64_t id,
                         const struct compiled *c, struct str input, struct err *err)
{
	return DB_RUN(tx->db, SQL_RUN_INSERT, err, BIND_INT(id), BIND_INT(scope.tenant),
	              BIND_STR(c->name), BIND_INT(c->version), BIND_INT(scope.actor),
	              BIND_INT(tx->now_ms), BIND_INT((int64_t)c->definition->n_steps),
	              BIND_STR(input), bind_opt_int(n->parent), bind_opt_int(n->parent_step),
	              bind_opt_int(n->parent_item), bind_opt_int(n->root), BIND_INT(n->depth),
	              bind_opt_int(n->forked_from), bind_opt_str(n->forked_step),
	              bind_opt_str(tx->origin));
}

enum rc run_insert(struct flow *f, struct tx *tx, struct scope scope, const struct run_new *n,
                   int64_t id, const struct definition **ret, struct err *err)
{
	const struct compiled *c;
	struct str input = n->input.len ? n->input : STR("null");
	enum rc rc = compiled_get(f, tx, scope.tenant, n->workflow, n->version, &c, err);
	if (rc == RC_OK)
		rc = check_input(tx, c->definition, input, err);
	if (rc == RC_OK)
		rc = write_run(tx, scope, n, id, c, input, err);
	if (rc != RC_OK)
		return rc;
	started_event(f, tx, scope, id, c, n);
	tx_count(tx, COUNT_RUNS_STARTED, 1);
	if (ret)
		*ret = c->definition;
	return flow_mark_due(f, tx, scope.tenant, id, err);
}

static enum rc start_new(struct flow *f, struct tx *tx, struct run_start_command *r, int64_t id,
                         struct err *err)
{
	struct run_new n = { .workflow = r->workflow, .version = r->version, .input = r->input };
	r->run = id;
	return run_insert(f, tx, r->c.scope, &n, id, NULL, err);
}

static enum rc run_start_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct run_start_command *r = (struct run_start_command *)c;
	struct flow *f = c->owner;
	int64_t id = store_new_id(tx->store, tx->now_ms);
	r->is_duplicate = false;
	enum rc rc = queue_check_disk(f->queue, err);
	if (rc != RC_OK)
		return rc;
	if (!r->idempotency_key.len)
		return start_new(f, tx, r, id, err);
	struct idempotency key = { .space = IDEMPOTENCY_RUN,
		                   .key = r->idempotency_key,
		                   .request = request_hash(r) };
	rc = idempotency_claim(tx, c->scope, &key, id, &r->run, err);
	if (rc != RC_OK)
		return rc;
	r->is_duplicate = r->run != id;
	return r->is_duplicate ? RC_OK : start_new(f, tx, r, id, err);
}

void run_start_command_init(struct run_start_command *r, struct flow *f, struct scope scope)
{
	*r = (struct run_start_command){
		.c = { .apply = run_start_apply, .owner = f, .scope = scope },
	};
}

/* --- Cancelling --- */

enum rc run_find(struct tx *tx, struct scope scope, int64_t run, struct run_brief *ret,
                 struct err *err)
{
	struct rows rows;
	*ret = (struct run_brief){ .is_found = false };
	DB_QUERY(tx->db, SQL_RUN_LOAD, &rows, err, BIND_INT(scope.tenant), BIND_INT(run));
	if (rows_next(&rows))
		*ret = (struct run_brief){ .is_found = true,
			                   .state = (enum run_state)rows_int(&rows, 0),
			                   .workflow = str_dup(tx->arena, rows_str(&rows, 1)),
			                   .version = rows_int(&rows, 2),
			                   .outcome = (enum run_state)rows_int(&rows, 7) };
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK && !ret->is_found)
		return err_set(err, CODE_NOT_FOUND, "there is no such run");
	return rc;
}

enum rc run_cancel(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                   struct str reason, struct err *err)
{
	struct run_brief row;
	const struct compiled *compiled;
	enum rc rc = run_find(tx, scope, run, &row, err);
	if (rc != RC_OK || row.state == RUN_CANCELLED)
		return rc;
	if (row.state == RUN_COMPENSATING && row.outcome == RUN_CANCELLED)
		return RC_OK;
	if (row.state == RUN_COMPENSATING)
		return err_set(err, CODE_WRONG_STATE,
		               "the run has failed already and is being undone");
	if (run_is_over(row.state))
		return err_set(err, CODE_WRONG_STATE, "the run has ended already: %s",
		               run_state_text(row.state));
	rc = compiled_get(f, tx, scope.tenant, row.workflow, row.version, &compiled, err);
	bool is_unreadable = is_own(rc) || rc == RC_NOT_FOUND; /* which only costs events */
	if (rc != RC_OK && !is_unreadable)
		return rc; /* the disk's fault: without it nothing would be undone */
	const struct definition *d = is_unreadable ? NULL : compiled->definition;
	struct failure why = { .code = STR("cancelled"),
		               .message = reason.len ? reason : STR("cancelled on request") };
	return run_stop(f, tx, scope, run, d, RUN_CANCELLED, &why, err);
}

static enum rc run_cancel_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct run_cancel_command *k = (struct run_cancel_command *)c;
	struct run_brief row;
	enum rc rc = run_cancel(c->owner, tx, c->scope, k->run, k->reason, err);
	if (rc == RC_OK)
		rc = run_find(tx, c->scope, k->run, &row, err);
	if (rc == RC_OK)
		k->state = row.state;
	return rc;
}

void run_cancel_command_init(struct run_cancel_command *r, struct flow *f, struct scope scope)
{
	*r = (struct run_cancel_command){
		.c = { .apply = run_cancel_apply, .owner = f, .scope = scope },
	};
}
