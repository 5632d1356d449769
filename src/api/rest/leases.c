/* The worker protocol: leasing.  What a holder says about its attempt is in holder.c.
 *
 * A long poll is a command that the queue parks.  When its client hangs up, a withdraw
 * follows it; when work was granted in the same moment, it is handed back at once, so
 * that no lease is given to nobody.
 */
#include "api/rest/lease.h"
#include "api/rest/rest.h"

#include "codec/field.h"
#include "codec/hex.h"
#include "store/writer.h"
#include "sys/env.h"
#include "sys/log.h"
#include "sys/planted.h"

/* --- Leasing --- */

struct lease_body {
	struct str worker, session, group;
	const struct json *kinds, *holding;
	int64_t max, lease_ms, wait_ms, timeout_ms;
};
static const struct field lease_fields[] = {
	FIELD_STR(struct lease_body, worker, .is_required = true, .min = 1, .max = 200),
	FIELD_ARRAY(struct lease_body, kinds, .is_required = true, .min = 1,
	            .max = LEASE_KINDS_MAX),
	FIELD_INT(struct lease_body, max, .min = 1, .max = LEASE_TASKS_MAX),
	FIELD_INT(struct lease_body, lease_ms, .min = LEASE_MS_MIN, .max = LEASE_MS_MAX),
	FIELD_INT(struct lease_body, wait_ms, .min = 0, .max = LEASE_WAIT_MS_MAX),
	FIELD_INT(struct lease_body, timeout_ms, .min = 1, .max = 24 * 3600 * 1000),
	FIELD_STR(struct lease_body, group, .min = 1, .one_of = "kind|key"),
	FIELD_STR(struct lease_body, session, .min = 1, .max = SESSION_MAX, .bytes = "!-~"),
	FIELD_ARRAY(struct lease_body, holding, .max = LEASE_HOLDING_MAX),
};

/* The same as of a task: another one would wait for ever. */
static bool is_kind(const struct json *v)
{
	bool is_good = v->text.len > 0 && v->text.len <= TASK_KIND_MAX;
	for (size_t i = 0; i < v->text.len && is_good; i++) {
		char c = v->text.ptr[i];
		is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
		          c == '_' || c == '-';
	}
	return is_good;
}

static enum rc check_listed_kind(const struct json *v, const struct str *before, size_t n,
                                 struct err *err)
{
	if (v->type != JSON_STRING)
		return err_set(err, CODE_FIELD_TYPE, "must be a string");
	if (!is_kind(v))
		return err_set(err, CODE_FIELD_RANGE, "a kind is 1 to %d bytes of a-z 0-9 . _ -",
		               TASK_KIND_MAX);
	for (size_t i = 0; i < n; i++)
		if (str_eq(before[i], v->text))
			return err_set(err, CODE_FIELD_RANGE, "the kind is listed twice");
	return RC_OK;
}

enum rc kinds_read(struct request *r, const struct json *list, const char *prefix,
                   const struct str **ret, size_t *ret_n, struct err *err)
{
	struct str *kinds = arena_new(r->arena, struct str, list->count);
	size_t n = 0;
	json_each(v, list) {
		if (check_listed_kind(v, kinds, n, err) != RC_OK)
			return err_at(err, "%s/kinds/%zu", prefix, n);
		kinds[n++] = v->text;
	}
	*ret = kinds;
	*ret_n = n;
	return RC_OK;
}

static enum rc read_holding(struct request *r, const struct json *list, const char *prefix,
                            struct lease_command *l, struct err *err)
{
	if (!list)
		return RC_OK;
	int64_t *ids = arena_new(r->arena, int64_t, list->count);
	size_t n = 0;
	json_each(v, list) {
		char place[64];
		snprintf(place, sizeof place, "%s/holding/%zu", prefix, n);
		if (v->type != JSON_STRING) {
			err_set(err, CODE_FIELD_TYPE, "must be a string");
			return err_at(err, "%s", place);
		}
		enum rc rc = request_body_id(v->text, "task", place, &ids[n++], err);
		if (rc != RC_OK)
			return rc;
	}
	l->holding = ids;
	l->n_holding = n;
	return RC_OK;
}

static enum lease_group group_of(struct str text)
{
	if (!text.len)
		return LEASE_GROUP_NONE;
	return str_eqz(text, "key") ? LEASE_GROUP_KEY : LEASE_GROUP_KIND;
}

enum rc lease_read(struct request *r, const struct json *body, const char *prefix,
                   struct lease_command *l, struct err *err)
{
	struct lease_body b = { .max = 1, .lease_ms = LEASE_MS_DEFAULT };
	enum rc rc = field_read(lease_fields, ARRAY_LEN(lease_fields), body, prefix, &b, err);
	if (rc == RC_OK)
		rc = kinds_read(r, b.kinds, prefix, &l->kinds, &l->n_kinds, err);
	if (rc == RC_OK)
		rc = read_holding(r, b.holding, prefix, l, err);
	if (rc != RC_OK)
		return rc;
	l->worker = b.worker;
	l->session = b.session;
	l->group = group_of(b.group);
	l->timeout_ms = b.timeout_ms;
	l->tasks_max = b.max;
	l->lease_ms = b.lease_ms;
	l->wait_ms = b.wait_ms;
	return RC_OK;
}

enum rc lease_read_next(struct request *r, const struct json *body, struct lease_command *l,
                        struct err *err)
{
	lease_command_init(l, r->api->o.queue, r->scope, r->arena);
	enum rc rc = lease_read(r, body, "/lease", l, err);
	if (rc != RC_OK || !l->wait_ms)
		return rc;
	err_set(err, CODE_FIELD_RANGE, "finishing work can't wait for the next; leave wait_ms out");
	return err_at(err, "/lease/wait_ms");
}

void leases_put(struct json_out *o, const struct lease_command *l)
{
	json_keyz(o, "tasks");
	json_begin_array(o);
	for (size_t i = 0; i < l->n_leases; i++) {
		const struct lease *lease = &l->leases[i];
		char token[2 * LEASE_TOKEN_BYTES];
		hex_encode(lease->token.bytes, LEASE_TOKEN_BYTES, token);
		json_begin_object(o);
		put_id(o, "id", "task", lease->task);
		json_put_str(o, "kind", lease->kind);
		json_put_str(o, "queue", lease->queue);
		put_opt_str(o, "concurrency_key", lease->key);
		json_put_bool(o, "again", lease->is_again);
		json_put_int(o, "attempt", lease->attempt);
		json_put_int(o, "attempts_max", lease->attempts_max);
		json_put_int(o, "lease_ms", lease->lease_ms);
		json_put_int(o, "timeout_ms", lease->timeout_ms);
		json_put_str(o, "token", (struct str){ token, sizeof token });
		put_id(o, "run", "run", lease->run);
		struct str parent, request = str_cut(lease->origin, ' ', &parent);
		put_opt_str(o, "request_id", request);
		put_opt_str(o, "traceparent", parent);
		json_put_raw(o, "input", lease->input);
		json_end_object(o);
	}
	json_end_array(o);
}

/* From the request that submitted to the one that performs. */
static void log_lease(const struct request *r, const struct lease_command *l,
                      const struct lease *lease)
{
	char task[ID_TEXT_MAX], run[ID_TEXT_MAX];
	struct str rest, origin = str_cut(lease->origin, ' ', &rest);
	if (log_level_least() > LOG_DEBUG)
		return;
	LOG(LOG_DEBUG, "leased", LOG_STR("request_id", origin),
	    LOG_STR("lease_request_id", str_z(r->id)),
	    LOG_STR("task", id_text("task", lease->task, task)),
	    LOG_STR("run", lease->run ? id_text("run", lease->run, run) : STR("")),
	    LOG_STR("kind", lease->kind), LOG_INT("attempt", lease->attempt),
	    LOG_STR("worker", l->worker), LOG_INT("tenant", lease->tenant));
}

static enum rc render_leases(struct request *r, struct err *err)
{
	(void)err;
	const struct lease_command *l = r->state;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	leases_put(&o, l);
	json_put_bool(&o, "draining", l->is_draining);
	json_end_object(&o);
	for (size_t i = 0; i < l->n_leases; i++)
		log_lease(r, l, &l->leases[i]);
	return RC_OK;
}

static enum rc nothing_to_render(struct request *r, struct err *err)
{
	(void)r;
	(void)err;
	return RC_OK;
}

void leases_return(struct request *r, struct lease_command *l)
{
	size_t n = l->n_leases;
	l->n_leases = 0; /* the returns' own replies come through here, too */
	if (n == 0)
		return;
	struct holder_command *returns = arena_new(r->arena, struct holder_command, n);
	for (size_t i = 0; i < n; i++) {
		struct holder_command *h = &returns[i];
		holder_command_init(h, r->api->o.queue, r->scope, HOLDER_RETURN);
		h->task = l->leases[i].task;
		h->attempt = l->leases[i].attempt;
		h->token = l->leases[i].token;
		request_send(r, &h->c, nothing_to_render);
	}
}

static void on_lost(struct request *r)
{
	leases_return(r, r->state);
}

/* Made only now: thousands wait, and few of them hang up. */
static void withdraw(struct request *r)
{
	struct withdraw_command *w = xmalloc(sizeof *w);
	assert(!r->owned);
	withdraw_command_init(w, r->api->o.queue, r->state);
	r->owned = w;
	request_send(r, &w->c, nothing_to_render);
}

/* As a poll whose time is over: the next one finds the next server. */
static enum rc answer_none(struct request *r, struct err *err)
{
	enum rc rc = render_leases(r, err);
	if (rc == RC_OK)
		request_answer(r);
	return rc;
}

/* Out of the parsed body, which ends with the exchange's arena. */
static void keep_words(struct request *r, struct lease_command *l)
{
	struct str *kinds = arena_new(r->arena, struct str, l->n_kinds);
	for (size_t i = 0; i < l->n_kinds; i++)
		kinds[i] = str_dup(r->arena, l->kinds[i]);
	l->kinds = kinds;
	l->worker = str_dup(r->arena, l->worker);
	l->session = str_dup(r->arena, l->session);
}

enum rc leases_begin(struct request *r, struct err *err)
{
	const struct json *body;
	struct lease_command *l = arena_new(r->arena, struct lease_command, 1);
	lease_command_init(l, r->api->o.queue, r->scope, r->arena);
	enum rc rc = request_body_brief(r, &body, err);
	if (rc == RC_OK)
		rc = lease_read(r, body, "", l, err);
	if (rc != RC_OK)
		return rc;
	keep_words(r, l);
	r->state = l;
	if (r->api->is_draining)
		return answer_none(r, err);
	if (l->wait_ms)
		http_request_release(r->x);
	if (!PLANTED(hungup_lease)) {
		r->on_lost = on_lost;
		r->on_hangup = withdraw;
	}
	return request_send(r, &l->c, render_leases);
}
