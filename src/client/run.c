/* Workflows and runs from outside. */
#include "client/client_priv.h"

enum takt_outcome takt_workflow_put(struct takt *t, const char *definition, size_t len,
                                    bool is_yaml, struct takt_stored *ret, struct takt_error *e)
{
	struct takt_request r = { .method = "POST",
		                  .path = "/v1/workflows",
		                  .body = definition,
		                  .body_len = len,
		                  .content_type = is_yaml ? "application/yaml" : NULL,
		                  .is_repeatable = true };
	struct takt_reply reply;
	enum takt_outcome outcome = takt_request(t, &r, &reply, e);
	if (outcome != TAKT_OK)
		return outcome;
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	struct err err = { 0 };
	if (json_read(a, (struct str){ reply.body, reply.body_len }, NULL, &v, &err) != RC_OK) {
		outcome = takt_say(e, CODE_UNKNOWN_OUTCOME, "the answer is no JSON: %s", err.text);
	} else {
		takt_member(v, "name", ret->name, sizeof ret->name);
		ret->version = json_get_int(v, "version", 0);
	}
	arena_destroy(a);
	takt_reply_free(&reply);
	return outcome;
}

static void write_start(struct buf *body, const struct takt_run_start *r)
{
	struct json_out o;
	json_out_init(&o, body);
	json_begin_object(&o);
	json_put_str(&o, "workflow", str_z(r->workflow));
	if (r->version)
		json_put_int(&o, "version", r->version);
	if (r->input)
		json_put_raw(&o, "input", str_z(r->input));
	json_end_object(&o);
}

enum takt_outcome takt_run_start(struct takt *t, const struct takt_run_start *r,
                                 struct takt_started *ret, struct takt_error *e)
{
	char key[KEY_TEXT_MAX];
	takt_new_key(key);
	struct buf body = BUF_INIT(BODY_MAX);
	write_start(&body, r);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	struct ask ask = { .method = "POST",
		           .path = "/v1/runs",
		           .body = &body,
		           .key = r->idempotency_key ? r->idempotency_key : key };
	enum takt_outcome outcome = takt_ask(t, &ask, a, &v, e);
	if (outcome == TAKT_OK) {
		takt_member(v, "id", ret->id, sizeof ret->id);
		ret->is_duplicate = json_get_bool(v, "duplicate", false);
	}
	arena_destroy(a);
	buf_fini(&body);
	return outcome;
}

struct run_owner {
	struct takt_run run; /* first: _free finds the arena by it */
	struct arena *arena;
};

static struct takt_run *read_run(struct arena *a, const struct json *v)
{
	struct run_owner *owner = arena_new(a, struct run_owner, 1);
	struct str state = json_get_str(v, "state", STR(""));
	owner->arena = a;
	owner->run = (struct takt_run){
		.id = takt_text(a, v, "id"),
		.workflow = takt_text(a, v, "workflow"),
		.state = takt_text(a, v, "state"),
		.output = takt_raw(a, v, "output"),
		.error = takt_raw(a, v, "error"),
		.json = str_dupz(a, v->raw),
		.version = json_get_int(v, "version", 0),
		.is_ended = str_eqz(state, "succeeded") || str_eqz(state, "failed") ||
		            str_eqz(state, "cancelled") || str_eqz(state, "compensation_failed"),
	};
	return &owner->run;
}

enum takt_outcome takt_run_get(struct takt *t, const char *id, struct takt_run **ret,
                               struct takt_error *e)
{
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	struct ask ask = { .method = "GET",
		           .path = takt_path(a, "/v1/runs/", id, ""),
		           .is_repeatable = true };
	enum takt_outcome outcome = takt_ask(t, &ask, a, &v, e);
	if (outcome != TAKT_OK)
		arena_destroy(a);
	else
		*ret = read_run(a, v);
	return outcome;
}

void takt_run_free(struct takt_run *run)
{
	if (run)
		arena_destroy(((struct run_owner *)run)->arena);
}

enum takt_outcome takt_run_cancel(struct takt *t, const char *id, const char *reason,
                                  struct takt_error *e)
{
	struct buf body = BUF_INIT(BODY_MAX);
	struct json_out o;
	json_out_init(&o, &body);
	json_begin_object(&o);
	if (reason)
		json_put_str(&o, "reason", str_z(reason));
	json_end_object(&o);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	struct ask ask = { .method = "POST",
		           .path = takt_path(a, "/v1/runs/", id, "/cancel"),
		           .body = &body,
		           .is_repeatable = true };
	enum takt_outcome outcome = takt_ask(t, &ask, a, &v, e);
	arena_destroy(a);
	buf_fini(&body);
	return outcome;
}
