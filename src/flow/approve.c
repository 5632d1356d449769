/* Approvals: a step that goes on when people say so.
 *
 * (1) What is shown is put together once, when the step begins; its SHA-256 stands beside
 *     it.  A decision names the hash of what its maker saw, so nobody approves what they
 *     did not see.
 * (2) One actor has one vote; a rejection may replace an approval while it is asked for,
 *     and the first rejection decides.
 * (3) Votes that came before the expiry count, whenever the run gets its turn. */
#include "flow/advance_priv.h"

#include "codec/rfc3339.h"

/* --- What the votes say --- */

struct tally {
	int64_t approved;
	bool is_rejected;
	struct str comment; /* of the rejection */
};

static void put_vote(struct json_out *o, const struct rows *rows)
{
	char id[ID_TEXT_MAX], at[RFC3339_MAX];
	json_begin_object(o);
	json_put_str(o, "actor", id_text("key", rows_int(rows, 0), id));
	json_put_str(o, "at", rfc3339_text(rows_int(rows, 2), at));
	if (rows_str(rows, 3).len)
		json_put_str(o, "comment", rows_str(rows, 3));
	json_end_object(o);
}

/* {"approved":…,"by":[…]} into f->value. */
static enum rc count_votes(struct advance *a, int64_t i, int64_t approvers, struct tally *ret,
                           struct err *err)
{
	struct rows rows;
	struct json_out o;
	buf_clear(&a->f->value);
	json_out_init(&o, &a->f->value);
	json_begin_object(&o);
	json_keyz(&o, "by");
	json_begin_array(&o);
	DB_QUERY(a->tx->db, SQL_VOTE_LIST, &rows, err, BIND_INT(a->scope.tenant), BIND_INT(a->run),
	         BIND_INT(i + 1));
	while (rows_next(&rows)) {
		if (rows_int(&rows, 1)) {
			ret->approved++;
			put_vote(&o, &rows);
			continue;
		}
		ret->is_rejected = true;
		ret->comment = str_dup(a->tx->arena, rows_str(&rows, 3));
	}
	json_end_array(&o);
	json_put_bool(&o, "approved", ret->approved >= approvers);
	json_end_object(&o);
	return rows_end(&rows, err);
}

enum rc approval_advance(struct advance *a, int64_t i, int64_t approvers, bool is_over,
                         struct err *err)
{
	struct tally tally = { .approved = 0 };
	struct failure why = { .code = STR("rejected") };
	enum rc rc = count_votes(a, i, approvers, &tally, err);
	if (rc != RC_OK)
		return rc;
	if (tally.is_rejected) {
		why.message = tally.comment.len ? tally.comment : STR("it was rejected");
		return step_fail(a, i, why, err);
	}
	bool is_decided =
	        tally.approved >= approvers || (is_over && a->d->steps[i].approve.is_continuing);
	if (is_decided)
		return wait_arrive(a, i, buf_str(&a->f->value), err);
	if (!is_over)
		return RC_OK;
	why.message = STR("nobody decided before it expired");
	if (tally.approved)
		why.message = str_fmt(a->tx->arena, "%lld of %lld approved before it expired",
		                      (long long)tally.approved, (long long)approvers);
	return step_fail(a, i, why, err);
}

/* --- Deciding --- */

/* The number of the step that is asked about; CODE_NOT_FOUND. */
static enum rc find_step(struct flow *f, struct tx *tx, const struct approval_command *k,
                         int64_t *ret, struct run_brief *row, struct err *err)
{
	const struct compiled *c;
	enum rc rc = run_find(tx, k->c.scope, k->run, row, err);
	if (rc == RC_OK)
		rc = compiled_get(f, tx, k->c.scope.tenant, row->workflow, row->version, &c, err);
	if (rc != RC_OK)
		return rc;
	int64_t i = definition_find(c->definition, k->step);
	if (i < 0 || c->definition->steps[i].type != STEP_APPROVAL)
		return err_set(err, CODE_NOT_FOUND, "the run has no approval \"" STR_FMT "\"",
		               STR_ARG(str_sub(k->step, 0, WORKFLOW_NAME_MAX)));
	*ret = i + 1;
	return RC_OK;
}

struct asked {
	bool is_asked, is_same, has_voted, has_approved;
};

static enum rc find_asked(struct tx *tx, const struct approval_command *k, int64_t step,
                          struct asked *ret, struct err *err)
{
	struct rows rows;
	struct str hash = { (const char *)k->hash, sizeof k->hash };
	*ret = (struct asked){ .is_asked = false };
	DB_QUERY(tx->db, SQL_WAIT_GET, &rows, err, BIND_INT(k->c.scope.tenant), BIND_INT(k->run),
	         BIND_INT(step));
	if (rows_next(&rows)) {
		ret->is_asked = rows_int(&rows, 0) == 0;
		ret->is_same = str_eq(rows_str(&rows, 3), hash);
	}
	enum rc rc = rows_end(&rows, err);
	if (rc != RC_OK)
		return rc;
	DB_QUERY(tx->db, SQL_VOTE_GET, &rows, err, BIND_INT(k->c.scope.tenant), BIND_INT(k->run),
	         BIND_INT(step), BIND_INT(k->c.scope.actor));
	if (rows_next(&rows)) {
		ret->has_voted = true;
		ret->has_approved = rows_int(&rows, 0) != 0;
	}
	return rows_end(&rows, err);
}

static void vote_event(struct flow *f, struct tx *tx, const struct approval_command *k)
{
	struct json_out o;
	char hex[2 * APPROVAL_HASH_BYTES];
	hex_encode(k->hash, sizeof k->hash, hex);
	buf_clear(&f->words);
	json_out_init(&o, &f->words);
	json_begin_object(&o);
	json_put_str(&o, "step", k->step);
	json_put_str(&o, "decision", k->is_approving ? STR("approve") : STR("reject"));
	json_put_str(&o, "hash", (struct str){ hex, sizeof hex });
	if (k->comment.len)
		json_put_str(&o, "comment", k->comment);
	json_end_object(&o);
	tx_event(tx, &(struct event_new){ .tenant = k->c.scope.tenant,
	                                  .actor = k->c.scope.actor,
	                                  .type = "run.approval",
	                                  .subject = k->run,
	                                  .run = k->run,
	                                  .data = buf_str(&f->words) });
}

static enum rc vote(struct flow *f, struct tx *tx, const struct approval_command *k, int64_t step,
                    struct err *err)
{
	enum rc rc = DB_RUN(tx->db, SQL_VOTE_PUT, err, BIND_INT(k->c.scope.tenant),
	                    BIND_INT(k->run), BIND_INT(step), BIND_INT(k->c.scope.actor),
	                    BIND_INT(k->is_approving), BIND_INT(tx->now_ms), BIND_STR(k->comment));
	if (rc != RC_OK)
		return rc;
	vote_event(f, tx, k);
	return flow_mark_due(f, tx, k->c.scope.tenant, k->run, err);
}

static enum rc approval_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct approval_command *k = (struct approval_command *)c;
	struct run_brief row;
	struct asked asked;
	int64_t step = 0;
	k->is_duplicate = false;
	if (k->comment.len > APPROVAL_COMMENT_MAX)
		return err_set(err, CODE_TOO_LARGE, "a comment has at most %d bytes",
		               APPROVAL_COMMENT_MAX);
	enum rc rc = find_step(c->owner, tx, k, &step, &row, err);
	if (rc == RC_OK)
		rc = find_asked(tx, k, step, &asked, err);
	if (rc != RC_OK)
		return rc;
	if (asked.is_asked && !asked.is_same)
		return err_set(err, CODE_APPROVAL_CHANGED,
		               "the hash is not that of what is shown now; look at it again");
	if (asked.has_voted && asked.has_approved == k->is_approving) {
		k->is_duplicate = true;
		return RC_OK;
	}
	if (!asked.is_asked)
		return err_set(err, CODE_WRONG_STATE,
		               "there is nothing to decide: the run is %s, and this step does not "
		               "ask now",
		               run_state_text(row.state));
	return vote(c->owner, tx, k, step, err);
}

void approval_command_init(struct approval_command *a, struct flow *f, struct scope scope)
{
	*a = (struct approval_command){
		.c = { .apply = approval_apply, .owner = f, .scope = scope },
	};
}

/* --- Reading --- */

static struct str hex_text(struct arena *a, struct str bytes)
{
	char *hex = arena_bytes(a, 2 * bytes.len);
	hex_encode(bytes.ptr, bytes.len, hex);
	return (struct str){ hex, 2 * bytes.len };
}

static void fill_approval(const struct rows *rows, struct arena *a, struct approval *ret)
{
	*ret = (struct approval){ .run = rows_int(rows, 0),
		                  .step_no = rows_int(rows, 1),
		                  .asked_ms = rows_int(rows, 2),
		                  .expires_ms = rows_int(rows, 3),
		                  .hash = hex_text(a, rows_str(rows, 4)),
		                  .prompt = str_dup(a, rows_str(rows, 5)),
		                  .approvers = rows_int(rows, 6),
		                  .step = str_dup(a, rows_str(rows, 7)),
		                  .workflow = str_dup(a, rows_str(rows, 8)),
		                  .version = rows_int(rows, 9),
		                  .approved = rows_int(rows, 10) };
}

enum rc approval_list(struct flow *f, struct scope scope, int64_t after_run, int64_t after_step,
                      size_t limit, struct arena *a, struct approval **ret, size_t *ret_n,
                      struct err *err)
{
	struct db *db;
	struct rows rows;
	struct approval *list = arena_new(a, struct approval, limit);
	size_t n = 0;
	enum rc rc = store_reader_borrow(f->store, &db, err);
	if (rc != RC_OK)
		return rc;
	DB_QUERY(db, SQL_APPROVAL_LIST, &rows, err, BIND_INT(scope.tenant), BIND_INT(after_run),
	         BIND_INT(after_step), BIND_INT((int64_t)limit));
	while (n < limit && rows_next(&rows))
		fill_approval(&rows, a, &list[n++]);
	rc = rows_end(&rows, err);
	store_reader_return(f->store, db);
	if (rc != RC_OK)
		return rc;
	*ret = list;
	*ret_n = n;
	return RC_OK;
}

enum rc approval_get(struct flow *f, struct scope scope, int64_t run, struct str step,
                     struct arena *a, struct approval *ret, struct err *err)
{
	struct db *db;
	struct rows rows;
	bool is_found = false;
	enum rc rc = store_reader_borrow(f->store, &db, err);
	if (rc != RC_OK)
		return rc;
	DB_QUERY(db, SQL_APPROVAL_GET, &rows, err, BIND_INT(scope.tenant), BIND_INT(run),
	         BIND_STR(step));
	if (rows_next(&rows)) {
		is_found = true;
		fill_approval(&rows, a, ret);
		ret->show = str_dup(a, rows_str(&rows, 11));
	}
	rc = rows_end(&rows, err);
	store_reader_return(f->store, db);
	if (rc == RC_OK && !is_found)
		return err_set(err, CODE_NOT_FOUND, "nothing waits for approval there");
	return rc;
}
