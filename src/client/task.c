/* Tasks from outside: submitting, performing, looking at.  Bodies are written with the
 * push writer, answers read into an arena that the typed result owns. */
#include "client/client_priv.h"

/* Writing */

static void put_raw(struct json_out *o, const char *name, const char *json)
{
	if (json && *json)
		json_put_raw(o, name, str_z(json));
}

static void put_text(struct json_out *o, const char *name, const char *text)
{
	if (text)
		json_put_str(o, name, str_z(text));
}

static void put_positive(struct json_out *o, const char *name, int64_t v)
{
	if (v > 0)
		json_put_int(o, name, v);
}

static void write_submit(struct json_out *o, const struct takt_submit *s, const char *key)
{
	json_begin_object(o);
	json_put_str(o, "kind", str_z(s->kind));
	put_raw(o, "input", s->input);
	if (s->priority)
		json_put_int(o, "priority", s->priority);
	put_positive(o, "delay_ms", s->delay_ms);
	put_text(o, "run_at", s->run_at);
	put_positive(o, "attempts_max", s->attempts_max);
	put_positive(o, "timeout_ms", s->timeout_ms);
	if (s->retry_base_ms > 0 || s->retry_cap_ms > 0) {
		json_keyz(o, "retry");
		json_begin_object(o);
		put_positive(o, "base_ms", s->retry_base_ms);
		put_positive(o, "cap_ms", s->retry_cap_ms);
		json_end_object(o);
	}
	put_text(o, "idempotency_key", key);
	json_end_object(o);
}

static void write_lease_request(struct json_out *o, const struct takt_lease_request *r)
{
	json_begin_object(o);
	json_put_str(o, "worker", str_z(r->worker));
	json_keyz(o, "kinds");
	json_begin_array(o);
	for (size_t i = 0; i < r->n_kinds; i++)
		json_str(o, str_z(r->kinds[i]));
	json_end_array(o);
	put_positive(o, "max", r->max);
	put_positive(o, "lease_ms", r->lease_ms);
	put_positive(o, "wait_ms", r->wait_ms);
	json_end_object(o);
}

static void begin_holder(struct json_out *o, struct buf *body, const struct takt_lease *l)
{
	json_out_init(o, body);
	json_begin_object(o);
	json_put_str(o, "token", str_z(l->token));
	json_put_int(o, "attempt", l->attempt);
}

/* Reading */

static void read_submitted(const struct json *v, struct takt_submitted *ret)
{
	*ret = (struct takt_submitted){ .is_duplicate = json_get_bool(v, "duplicate", false) };
	takt_member(v, "id", ret->id, sizeof ret->id);
	takt_member(v, "state", ret->state, sizeof ret->state);
}

struct leases_owner {
	struct takt_leases leases; /* first: _free finds the arena by it */
	struct arena *arena;
};

static void read_lease(struct arena *a, const struct json *v, struct takt_lease *l)
{
	l->id = takt_text(a, v, "id");
	l->kind = takt_text(a, v, "kind");
	l->input = takt_raw(a, v, "input");
	if (!l->input)
		l->input = "null";
	l->token = takt_text(a, v, "token");
	l->run = takt_text(a, v, "run");
	l->request_id = takt_text(a, v, "request_id");
	l->traceparent = takt_text(a, v, "traceparent");
	l->attempt = json_get_int(v, "attempt", 1);
	l->attempts_max = json_get_int(v, "attempts_max", 1);
	l->lease_ms = json_get_int(v, "lease_ms", 60000);
	l->timeout_ms = json_get_int(v, "timeout_ms", 0);
}

/* Takes the arena over. */
static struct takt_leases *read_leases(struct arena *a, const struct json *v)
{
	struct leases_owner *owner = arena_new(a, struct leases_owner, 1);
	owner->arena = a;
	owner->leases.is_draining = json_get_bool(v, "draining", false);
	const struct json *tasks = json_getz(v, "tasks");
	if (!tasks || tasks->type != JSON_ARRAY || tasks->count == 0)
		return &owner->leases;
	owner->leases.items = arena_new(a, struct takt_lease, tasks->count);
	json_each(task, tasks)
		read_lease(a, task, &owner->leases.items[owner->leases.n++]);
	return &owner->leases;
}

void takt_leases_free(struct takt_leases *l)
{
	if (l)
		arena_destroy(((struct leases_owner *)l)->arena);
}

/* Submitting */

enum takt_outcome takt_submit(struct takt *t, const struct takt_submit *s,
                              struct takt_submitted *ret, struct takt_error *e)
{
	char key[KEY_TEXT_MAX];
	takt_new_key(key);
	struct buf body = BUF_INIT(BODY_MAX);
	struct json_out o;
	json_out_init(&o, &body);
	write_submit(&o, s, NULL);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	struct ask ask = { .method = "POST",
		           .path = "/v1/tasks",
		           .body = &body,
		           .key = s->idempotency_key ? s->idempotency_key : key };
	enum takt_outcome outcome = takt_ask(t, &ask, a, &v, e);
	if (outcome == TAKT_OK)
		read_submitted(v, ret);
	arena_destroy(a);
	buf_fini(&body);
	return outcome;
}

static void write_batch(struct buf *body, const struct takt_submit *s, size_t n)
{
	struct json_out o;
	json_out_init(&o, body);
	json_begin_object(&o);
	json_keyz(&o, "tasks");
	json_begin_array(&o);
	for (size_t i = 0; i < n; i++) {
		char key[KEY_TEXT_MAX];
		takt_new_key(key);
		write_submit(&o, &s[i], s[i].idempotency_key ? s[i].idempotency_key : key);
	}
	json_end_array(&o);
	json_end_object(&o);
}

static enum takt_outcome read_batch(const struct json *v, size_t n, struct takt_submitted *ret,
                                    struct takt_error *e)
{
	const struct json *tasks = json_getz(v, "tasks");
	if (!tasks || tasks->type != JSON_ARRAY || tasks->count != n)
		return takt_say(e, CODE_UNKNOWN_OUTCOME, "the answer does not list the %zu tasks",
		                n);
	json_each(task, tasks)
		read_submitted(task, ret++);
	return TAKT_OK;
}

enum takt_outcome takt_submit_batch(struct takt *t, const struct takt_submit *s, size_t n,
                                    struct takt_submitted *ret, struct takt_error *e)
{
	struct buf body = BUF_INIT(BODY_MAX);
	write_batch(&body, s, n);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	/* Each task has its key, so the whole may be repeated. */
	struct ask ask = {
		.method = "POST", .path = "/v1/tasks/batch", .body = &body, .is_repeatable = true
	};
	enum takt_outcome outcome = takt_ask(t, &ask, a, &v, e);
	if (outcome == TAKT_OK)
		outcome = read_batch(v, n, ret, e);
	arena_destroy(a);
	buf_fini(&body);
	return outcome;
}

/* Looking */

struct task_owner {
	struct takt_task task;
	struct arena *arena;
};

static struct takt_task *read_task(struct arena *a, const struct json *v)
{
	struct task_owner *owner = arena_new(a, struct task_owner, 1);
	const struct json *progress = json_getz(v, "progress");
	owner->arena = a;
	owner->task = (struct takt_task){
		.id = takt_text(a, v, "id"),
		.kind = takt_text(a, v, "kind"),
		.state = takt_text(a, v, "state"),
		.reason = takt_text(a, v, "reason"),
		.run = takt_text(a, v, "run"),
		.worker = takt_text(a, v, "worker"),
		.message = takt_text(a, v, "message"),
		.input = takt_raw(a, v, "input"),
		.output = takt_raw(a, v, "output"),
		.error = takt_raw(a, v, "error"),
		.json = str_dupz(a, v->raw),
		.attempt = json_get_int(v, "attempt", 0),
		.attempts_max = json_get_int(v, "attempts_max", 0),
		.progress = progress && progress->type == JSON_NUMBER ? progress->number : -1,
	};
	return &owner->task;
}

enum takt_outcome takt_task_get(struct takt *t, const char *id, struct takt_task **ret,
                                struct takt_error *e)
{
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	struct ask ask = { .method = "GET",
		           .path = takt_path(a, "/v1/tasks/", id, ""),
		           .is_repeatable = true };
	enum takt_outcome outcome = takt_ask(t, &ask, a, &v, e);
	if (outcome != TAKT_OK)
		arena_destroy(a);
	else
		*ret = read_task(a, v);
	return outcome;
}

void takt_task_free(struct takt_task *task)
{
	if (task)
		arena_destroy(((struct task_owner *)task)->arena);
}

/* Performing */

/* POST /v1/tasks/{id}/VERB; the body is given back here.  What is said about a lease goes
 * under the id of the request that caused its task, so that one id finds all of it. */
static enum takt_outcome post_task(struct takt *t, const char *id, const char *request_id,
                                   const char *verb, struct buf *body, struct arena *a,
                                   const struct json **ret, struct takt_error *e)
{
	struct ask ask = { .method = "POST",
		           .path = takt_path(a, "/v1/tasks/", id, verb),
		           .body = body,
		           .request_id = request_id,
		           .is_repeatable = true };
	enum takt_outcome outcome = takt_ask(t, &ask, a, ret, e);
	buf_fini(body);
	return outcome;
}

enum takt_outcome takt_task_cancel(struct takt *t, const char *id, const char *reason,
                                   struct takt_error *e)
{
	struct buf body = BUF_INIT(BODY_MAX);
	struct json_out o;
	json_out_init(&o, &body);
	json_begin_object(&o);
	put_text(&o, "reason", reason);
	json_end_object(&o);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	enum takt_outcome outcome = post_task(t, id, NULL, "/cancel", &body, a, &v, e);
	arena_destroy(a);
	return outcome;
}

/* Never repeated here: a lost answer may hold leases, which then run out by themselves. */
enum takt_outcome takt_lease(struct takt *t, const struct takt_lease_request *r,
                             struct takt_leases **ret, struct takt_error *e)
{
	struct buf body = BUF_INIT(BODY_MAX);
	struct json_out o;
	json_out_init(&o, &body);
	write_lease_request(&o, r);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	struct ask ask = { .method = "POST",
		           .path = "/v1/leases",
		           .body = &body,
		           .timeout_ms = r->wait_ms + t->timeout_ms };
	enum takt_outcome outcome = takt_ask(t, &ask, a, &v, e);
	buf_fini(&body);
	if (outcome != TAKT_OK)
		arena_destroy(a);
	else
		*ret = read_leases(a, v);
	return outcome;
}

static void write_beat(struct json_out *o, const struct takt_beat *beat)
{
	put_positive(o, "lease_ms", beat->lease_ms);
	if (beat->progress >= 0) {
		json_keyz(o, "progress");
		json_double(o, beat->progress);
	}
	put_text(o, "message", beat->message);
	if (beat->n_log) {
		json_keyz(o, "log");
		json_begin_array(o);
		for (size_t i = 0; i < beat->n_log; i++)
			json_str(o, str_z(beat->log[i]));
		json_end_array(o);
	}
}

enum takt_outcome takt_heartbeat(struct takt *t, const struct takt_lease *l,
                                 const struct takt_beat *beat, struct takt_beat_reply *ret,
                                 struct takt_error *e)
{
	struct buf body = BUF_INIT(BODY_MAX);
	struct json_out o;
	begin_holder(&o, &body, l);
	if (beat)
		write_beat(&o, beat);
	json_end_object(&o);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	enum takt_outcome outcome =
	        post_task(t, l->id, l->request_id, "/heartbeat", &body, a, &v, e);
	if (outcome == TAKT_OK && ret)
		*ret = (struct takt_beat_reply){
			.lease_ms = json_get_int(v, "lease_ms", l->lease_ms),
			.is_cancelled = json_get_bool(v, "cancelled", false),
			.is_draining = json_get_bool(v, "draining", false),
		};
	arena_destroy(a);
	return outcome;
}

enum takt_outcome takt_complete(struct takt *t, const struct takt_lease *l, const char *output,
                                const struct takt_lease_request *next,
                                struct takt_leases **ret_next, struct takt_error *e)
{
	struct buf body = BUF_INIT(BODY_MAX);
	struct json_out o;
	begin_holder(&o, &body, l);
	put_raw(&o, "output", output);
	if (next) {
		assert(next->wait_ms == 0 && ret_next);
		json_keyz(&o, "lease");
		write_lease_request(&o, next);
	}
	json_end_object(&o);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	enum takt_outcome outcome =
	        post_task(t, l->id, l->request_id, "/complete", &body, a, &v, e);
	if (outcome == TAKT_OK && next)
		*ret_next = read_leases(a, v);
	else
		arena_destroy(a);
	return outcome;
}

enum takt_outcome takt_fail(struct takt *t, const struct takt_lease *l,
                            const struct takt_failure *f, struct takt_error *e)
{
	struct buf body = BUF_INIT(BODY_MAX);
	struct json_out o;
	begin_holder(&o, &body, l);
	json_keyz(&o, "error");
	json_begin_object(&o);
	json_put_str(&o, "code", str_z(f->code));
	json_put_str(&o, "message", str_z(f->message));
	put_raw(&o, "detail", f->detail);
	json_end_object(&o);
	if (f->is_final)
		json_put_bool(&o, "final", true);
	json_end_object(&o);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	enum takt_outcome outcome = post_task(t, l->id, l->request_id, "/fail", &body, a, &v, e);
	arena_destroy(a);
	return outcome;
}

enum takt_outcome takt_return(struct takt *t, const struct takt_lease *l, struct takt_error *e)
{
	struct buf body = BUF_INIT(BODY_MAX);
	struct json_out o;
	begin_holder(&o, &body, l);
	json_end_object(&o);
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	enum takt_outcome outcome = post_task(t, l->id, l->request_id, "/return", &body, a, &v, e);
	arena_destroy(a);
	return outcome;
}
