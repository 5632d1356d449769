/* A new run from a recorded step of another.
 *
 * Taken over is what has succeeded or was skipped there, does not stand behind `from`, and
 * is the same step, behind the same steps, in the version of the new run.  Their rows are
 * copied with their outputs, so the new run needs nothing of the old one; their tasks stay
 * the old one's, which also answers for undoing them. */
#include "flow/flow_priv.h"
#include "queue/idempotency.h"

/* --- Merge patch (RFC 7396) --- */

static void put_merged(struct json_out *o, const struct json *was, const struct json *patch);

static void put_members(struct json_out *o, const struct json *was, const struct json *patch)
{
	if (was && was->type == JSON_OBJECT)
		for (const struct json *m = was->first; m; m = m->next) {
			if (json_get(patch, m->name))
				continue;
			json_key(o, m->name);
			json_raw(o, m->raw);
		}
	for (const struct json *m = patch->first; m; m = m->next) {
		if (m->type == JSON_NULL)
			continue;
		json_key(o, m->name);
		put_merged(o, was && was->type == JSON_OBJECT ? json_get(was, m->name) : NULL, m);
	}
}

/* As deep as the reader let the patch nest. */
static void put_merged(struct json_out *o, const struct json *was, const struct json *patch)
{
	if (patch->type != JSON_OBJECT) {
		json_raw(o, patch->raw);
		return;
	}
	json_begin_object(o);
	put_members(o, was, patch);
	json_end_object(o);
}

static enum rc merge(struct tx *tx, struct str was_text, struct str patch_text, struct str *ret,
                     struct err *err)
{
	const struct json *was, *patch;
	struct json_out o;
	struct buf out = BUF_INIT(TASK_INPUT_MAX);
	*ret = was_text;
	if (!patch_text.len)
		return RC_OK;
	enum rc rc = json_read(tx->arena, was_text, NULL, &was, err);
	if (rc == RC_OK)
		rc = json_read(tx->arena, patch_text, &(struct json_limits){ 1 << 20, 60, 100000 },
		               &patch, err);
	if (rc != RC_OK)
		return rc;
	json_out_init(&o, &out);
	put_merged(&o, was, patch);
	if (buf_rc(&out) == RC_OK)
		*ret = str_dup(tx->arena, buf_str(&out));
	else
		rc = err_set(err, CODE_TOO_LARGE, "the input of a run has at most %d bytes",
		             TASK_INPUT_MAX);
	buf_fini(&out);
	return rc;
}

/* --- What is taken over --- */

struct fork {
	struct flow *f;
	struct tx *tx;
	struct run_fork_command *k;
	struct str workflow, input; /* of the old run */
	int64_t version;
	const struct definition *was, *d;
	enum step_state *states; /* of the old run's steps; waiting when not begun */
	int64_t *sources;        /* by step of the new one: the old step, from 1; 0: anew */
};

static enum rc load_source(struct fork *k, struct err *err)
{
	struct rows rows;
	bool is_found = false;
	DB_QUERY(k->tx->db, SQL_RUN_FORK_SOURCE, &rows, err, BIND_INT(k->k->c.scope.tenant),
	         BIND_INT(k->k->run));
	if (rows_next(&rows)) {
		is_found = true;
		k->workflow = str_dup(k->tx->arena, rows_str(&rows, 0));
		k->version = rows_int(&rows, 1);
		k->input = str_dup(k->tx->arena, rows_str(&rows, 2));
	}
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK && !is_found)
		return err_set(err, CODE_NOT_FOUND, "there is no such run");
	return rc;
}

static enum rc load_states(struct fork *k, struct err *err)
{
	struct rows rows;
	k->states = arena_new(k->tx->arena, enum step_state, k->was->n_steps);
	DB_QUERY(k->tx->db, SQL_STEP_LOAD, &rows, err, BIND_INT(k->k->c.scope.tenant),
	         BIND_INT(k->k->run));
	while (rows_next(&rows))
		k->states[rows_int(&rows, 0) - 1] = (enum step_state)rows_int(&rows, 1);
	return rows_end(&rows, err);
}

/* The old step whose output serves as that of step i; 0: none. */
static int64_t source_of(const struct fork *k, int64_t i)
{
	const struct step_def *step = &k->d->steps[i];
	int64_t was = definition_find(k->was, step->name);
	if (was < 0 || !json_equal(k->was->steps[was].source, step->source))
		return 0;
	if (k->states[was] != STEP_SUCCEEDED && k->states[was] != STEP_SKIPPED)
		return 0;
	for (size_t j = 0; j < step->n_after; j++)
		if (!k->sources[step->after[j]])
			return 0;
	return was + 1;
}

static enum rc choose(struct fork *k, struct err *err)
{
	int64_t from = definition_find(k->d, k->k->from);
	if (from < 0) {
		err_set(err, CODE_FIELD_RANGE, "the workflow has no step \"" STR_FMT "\"",
		        STR_ARG(str_sub(k->k->from, 0, WORKFLOW_NAME_MAX)));
		return err_at(err, "/from");
	}
	k->sources = arena_new(k->tx->arena, int64_t, k->d->n_steps);
	for (size_t n = 0; n < k->d->n_steps; n++) {
		int64_t i = k->d->order[n];
		k->sources[i] = i == from ? 0 : source_of(k, i);
	}
	return RC_OK;
}

static enum rc copy_steps(struct fork *k, struct err *err)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; i < k->d->n_steps && rc == RC_OK; i++) {
		if (!k->sources[i])
			continue;
		k->k->reused++;
		rc = DB_RUN(k->tx->db, SQL_STEP_COPY, err, BIND_INT(k->k->c.scope.tenant),
		            BIND_INT(k->k->run), BIND_INT(k->k->fork), BIND_INT(k->sources[i]),
		            BIND_INT((int64_t)i + 1));
	}
	return rc;
}

/* --- All together --- */

static enum rc make(struct fork *k, struct err *err)
{
	struct run_new n = { .workflow = k->workflow,
		             .version = k->k->version ? k->k->version : k->version,
		             .forked_from = k->k->run,
		             .forked_step = k->k->from };
	enum rc rc = merge(k->tx, k->input, k->k->input, &n.input, err);
	if (rc == RC_OK)
		rc = run_insert(k->f, k->tx, k->k->c.scope, &n, k->k->fork, &k->d, err);
	if (rc == RC_OK)
		rc = load_states(k, err);
	if (rc == RC_OK)
		rc = choose(k, err);
	return rc == RC_OK ? copy_steps(k, err) : rc;
}

static enum rc make_fork(struct flow *f, struct tx *tx, struct run_fork_command *c, struct err *err)
{
	struct fork k = { .f = f, .tx = tx, .k = c };
	const struct compiled *was;
	enum rc rc = load_source(&k, err);
	if (rc == RC_OK)
		rc = compiled_get(f, tx, c->c.scope.tenant, k.workflow, k.version, &was, err);
	if (rc != RC_OK)
		return rc;
	k.was = was->definition;
	compiled_pin(f, k.was, true);
	rc = make(&k, err);
	compiled_pin(f, k.was, false);
	return rc;
}

static struct idempotency_hash request_hash(const struct run_fork_command *k)
{
	struct buf words = BUF_INIT(TASK_INPUT_MAX + 1024);
	buf_addf(&words, "fork\n%lld\n%lld\n", (long long)k->run, (long long)k->version);
	buf_add(&words, str_sub(k->from, 0, WORKFLOW_NAME_MAX + 1));
	buf_addc(&words, '\n');
	buf_add(&words, k->input);
	struct idempotency_hash hash = idempotency_hash(buf_str(&words));
	buf_fini(&words);
	return hash;
}

static enum rc run_fork_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct run_fork_command *k = (struct run_fork_command *)c;
	struct flow *f = c->owner;
	int64_t id = store_new_id(tx->store, tx->now_ms);
	k->is_duplicate = false;
	k->reused = 0;
	k->fork = id;
	enum rc rc = queue_check_disk(f->queue, err);
	if (rc != RC_OK)
		return rc;
	if (!k->idempotency_key.len)
		return make_fork(f, tx, k, err);
	struct idempotency key = { .space = IDEMPOTENCY_RUN,
		                   .key = k->idempotency_key,
		                   .request = request_hash(k) };
	rc = idempotency_claim(tx, c->scope, &key, id, &k->fork, err);
	if (rc != RC_OK)
		return rc;
	k->is_duplicate = k->fork != id;
	return k->is_duplicate ? RC_OK : make_fork(f, tx, k, err);
}

void run_fork_command_init(struct run_fork_command *k, struct flow *f, struct scope scope)
{
	*k = (struct run_fork_command){
		.c = { .apply = run_fork_apply, .owner = f, .scope = scope },
	};
}
