/* /v1/approvals and /v1/runs/{id}/approvals/{name}. */
#include "api/rest/rest.h"

#include "codec/field.h"
#include "codec/hex.h"

static void put_approval(struct json_out *o, const struct approval *a, bool is_whole)
{
	json_begin_object(o);
	put_id(o, "run", "run", a->run);
	json_put_str(o, "step", a->step);
	json_put_str(o, "workflow", a->workflow);
	json_put_int(o, "version", a->version);
	json_put_str(o, "prompt", a->prompt);
	json_put_str(o, "hash", a->hash);
	json_put_int(o, "approvers", a->approvers);
	json_put_int(o, "approved", a->approved);
	put_time(o, "asked_at", a->asked_ms);
	put_time(o, "expires_at", a->expires_ms);
	if (is_whole)
		put_json(o, "show", a->show);
	json_end_object(o);
}

/* --- What waits --- */

struct approval_page {
	int64_t run, step, limit;
};

/* A cursor is the run and the step's number: run_01m6wq7ze4000.3 */
static struct str page_cursor(struct arena *a, const struct approval *last)
{
	char id[ID_TEXT_MAX];
	return str_fmt(a, STR_FMT ".%lld", STR_ARG(id_text("run", last->run, id)),
	               (long long)last->step_no);
}

static enum rc query_page_cursor(struct request *r, struct approval_page *ret, struct err *err)
{
	struct str text, step;
	enum rc rc = request_query(r, "cursor", &text, err);
	if (rc != RC_OK || !text.ptr)
		return rc;
	struct str run = str_cut(text, '.', &step);
	if (step.ptr && id_parse("run", run, &ret->run, NULL) == RC_OK &&
	    str_to_i64(step, &ret->step) == RC_OK && ret->step > 0)
		return RC_OK;
	return request_bad_cursor(err);
}

static enum rc list_on_pool(struct request *r, struct err *err)
{
	const struct approval_page *page = r->state;
	struct approval *list;
	size_t n;
	enum rc rc = approval_list(r->api->o.flow, r->scope, page->run, page->step,
	                           (size_t)page->limit, r->arena, &list, &n, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = begin_page(r, "approvals");
	for (size_t i = 0; i < n; i++)
		put_approval(&o, &list[i], false);
	bool has_next = n && n == (size_t)page->limit;
	end_page_by_name(&o, has_next ? page_cursor(r->arena, &list[n - 1]) : (struct str){ 0 });
	return RC_OK;
}

enum rc approvals_list(struct request *r, struct err *err)
{
	struct approval_page *page = arena_new(r->arena, struct approval_page, 1);
	page->limit = 50;
	enum rc rc = query_page_cursor(r, page, err);
	if (rc == RC_OK)
		rc = request_query_int(r, "limit", 1, 200, &page->limit, err);
	if (rc != RC_OK)
		return rc;
	r->state = page;
	return request_read(r, list_on_pool);
}

/* --- One of them, with what is shown --- */

static enum rc get_on_pool(struct request *r, struct err *err)
{
	struct approval a;
	enum rc rc = approval_get(r->api->o.flow, r->scope, request_path_id(r), r->params[1],
	                          r->arena, &a, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	put_approval(&o, &a, true);
	return RC_OK;
}

enum rc approvals_get(struct request *r, struct err *err)
{
	return request_read_id(r, "run", get_on_pool, err);
}

/* --- Deciding --- */

struct decision_body {
	struct str decision, hash, comment;
};
static const struct field decision_fields[] = {
	FIELD_STR(struct decision_body, decision, .is_required = true, .one_of = "approve|reject"),
	FIELD_STR(struct decision_body, hash, .is_required = true, .min = 64, .max = 64,
	          .bytes = "0-9a-f"),
	FIELD_STR(struct decision_body, comment, .max = APPROVAL_COMMENT_MAX),
};

static enum rc render_decided(struct request *r, struct err *err)
{
	(void)err;
	const struct approval_command *k = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_id(&o, "run", "run", k->run);
	json_put_str(&o, "step", k->step);
	json_put_str(&o, "decision", k->is_approving ? STR("approve") : STR("reject"));
	json_put_bool(&o, "duplicate", k->is_duplicate);
	json_end_object(&o);
	return RC_OK;
}

enum rc approvals_decide(struct request *r, struct err *err)
{
	struct decision_body b = { 0 };
	const struct json *body;
	struct approval_command *k = arena_new(r->arena, struct approval_command, 1);
	approval_command_init(k, r->api->o.flow, r->scope);
	enum rc rc = request_param_id(r, "run", &k->run, err);
	if (rc == RC_OK)
		rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(decision_fields, ARRAY_LEN(decision_fields), body, "", &b, err);
	if (rc == RC_OK)
		rc = hex_decode(b.hash, k->hash, sizeof k->hash);
	if (rc != RC_OK)
		return rc;
	k->step = r->params[1];
	k->is_approving = str_eqz(b.decision, "approve");
	k->comment = b.comment;
	r->state = k;
	return request_send(r, &k->c, render_decided);
}
