/* One call: sent, answered, its failure put into words, and asked again when that is
 * safe.
 *
 * What is tried again, at most TRIES_MAX times with growing pauses:
 *	nothing was sent (no_server)     a repeatable call: the server may be restarting
 *	the answer was lost (unknown)    a repeatable call
 * A refusal (4xx, 503) is the caller's to judge and is never repeated here. */
#include <stdarg.h>
#include <stdio.h>

#include "client/client_priv.h"

#include "codec/hex.h"
#include "sys/env.h"
#include "sys/mailbox.h"

static bool is_given_up(const struct takt *t)
{
	return t->is_cancelled && t->is_cancelled(t->ctx);
}

/* A mailbox that nobody posts to is a wait that the system's door offers. */
bool takt_pause(const struct takt *t, int64_t ms)
{
	struct mailbox silent;
	mailbox_init(&silent);
	int64_t end = env_mono_us(&env_system) + ms * 1000, now;
	while ((now = env_mono_us(&env_system)) < end) {
		if (is_given_up(t))
			return false;
		mailbox_wait(&silent, int64_min(end, now + 200 * 1000));
	}
	return !is_given_up(t);
}

void takt_new_key(char ret[KEY_TEXT_MAX])
{
	unsigned char random[10];
	env_random(&env_system, random, sizeof random);
	int n = snprintf(ret, KEY_TEXT_MAX, "%012llx-",
	                 (unsigned long long)env_wall_ms(&env_system) & 0xffffffffffffULL);
	assert(n == 13);
	hex_encode(random, sizeof random, ret + n);
	ret[n + 20] = '\0';
}

/* Failures in words */

static enum takt_outcome outcome_of(enum rc rc)
{
	switch (rc) {
	case RC_OK:
		return TAKT_OK;
	case RC_INVALID:
		return TAKT_INVALID;
	case RC_DENIED:
		return TAKT_DENIED;
	case RC_NOT_FOUND:
		return TAKT_NOT_FOUND;
	case RC_CONFLICT:
		return TAKT_CONFLICT;
	case RC_LOST:
		return TAKT_LOST;
	case RC_LIMIT:
		return TAKT_LIMIT;
	case RC_BUSY:
		return TAKT_BUSY;
	case RC_IO:
		return TAKT_IO;
	case RC_UNKNOWN:
		return TAKT_UNKNOWN;
	case RC_COUNT:
		break;
	}
	abort();
}

enum takt_outcome takt_problem(struct takt_error *e, const struct err *err)
{
	enum takt_outcome outcome = outcome_of(err->rc);
	if (!e)
		return outcome;
	*e = (struct takt_error){ .outcome = outcome, .retry_after_ms = -1 };
	snprintf(e->code, sizeof e->code, "%s", code_text(err->code));
	snprintf(e->place, sizeof e->place, "%s", err->place);
	snprintf(e->text, sizeof e->text, "%s", err->text);
	return outcome;
}

enum takt_outcome takt_say(struct takt_error *e, enum code code, const char *fmt, ...)
{
	struct err err = { .rc = code_rc(code), .code = code };
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(err.text, sizeof err.text, fmt, ap);
	va_end(ap);
	return takt_problem(e, &err);
}

/* For an answer whose code this version does not know. */
static enum takt_outcome outcome_of_status(int status)
{
	switch (status) {
	case 401:
	case 403:
		return TAKT_DENIED;
	case 404:
		return TAKT_NOT_FOUND;
	case 409:
		return TAKT_CONFLICT;
	case 413:
	case 429:
		return TAKT_LIMIT;
	case 503:
		return TAKT_BUSY;
	default:
		return status >= 500 ? TAKT_IO : TAKT_INVALID;
	}
}

void takt_member(const struct json *v, const char *name, char *to, size_t size)
{
	struct str text = json_get_str(v, name, STR(""));
	snprintf(to, size, STR_FMT, STR_ARG(text));
}

static enum takt_outcome read_problem(int status, struct str body, struct takt_error *e)
{
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v = NULL;
	enum takt_outcome outcome = outcome_of_status(status);
	struct takt_error said = { .status = status, .retry_after_ms = -1 };
	snprintf(said.code, sizeof said.code, "http_%d", status);
	if (json_read(a, body, NULL, &v, NULL) == RC_OK && v->type == JSON_OBJECT) {
		takt_member(v, "code", said.code, sizeof said.code);
		takt_member(v, "pointer", said.place, sizeof said.place);
		takt_member(v, "detail", said.text, sizeof said.text);
		takt_member(v, "request_id", said.request_id, sizeof said.request_id);
		said.retry_after_ms = json_get_int(v, "retry_after_ms", -1);
		enum code code = code_find(str_z(said.code));
		if (code != CODE_NONE)
			outcome = outcome_of(code_rc(code));
	}
	if (!said.text[0])
		snprintf(said.text, sizeof said.text, "the server answered with status %d", status);
	said.outcome = outcome;
	if (e)
		*e = said;
	arena_destroy(a);
	return outcome;
}

/* The call itself */

enum takt_outcome takt_open(const struct takt_options *o, struct takt **ret, struct takt_error *e)
{
	struct takt *t = xcalloc(1, sizeof *t);
	const char *url = o->url ? o->url : "http://localhost";
	t->url = xstrndup(url, strlen(url));
	t->unix_path = o->unix_path ? xstrndup(o->unix_path, strlen(o->unix_path)) : NULL;
	t->bearer = o->key ? xstrndup(o->key, strlen(o->key)) : NULL;
	t->timeout_ms = o->timeout_ms ? o->timeout_ms : 30 * 1000;
	t->is_cancelled = o->is_cancelled;
	t->ctx = o->ctx;
	struct http_client_options ho = { .base_url = t->url,
		                          .unix_path = t->unix_path,
		                          .bearer = t->bearer };
	struct err err = { 0 };
	if (http_client_create(&ho, &t->http, &err) != RC_OK) {
		takt_close(t);
		return takt_problem(e, &err);
	}
	*ret = t;
	return TAKT_OK;
}

void takt_close(struct takt *t)
{
	if (!t)
		return;
	if (t->http)
		http_client_destroy(t->http);
	free(t->url);
	free(t->unix_path);
	free(t->bearer);
	free(t);
}

struct lines {
	const char *list[5];
	char key[256], request_id[128], accept[128];
};

static void write_headers(struct lines *l, const struct takt_request *r)
{
	size_t n = 0;
	if (r->idempotency_key) {
		snprintf(l->key, sizeof l->key, "Idempotency-Key: %s", r->idempotency_key);
		l->list[n++] = l->key;
	}
	if (r->request_id && r->request_id[0]) {
		snprintf(l->request_id, sizeof l->request_id, "X-Request-Id: %s", r->request_id);
		l->list[n++] = l->request_id;
	}
	snprintf(l->accept, sizeof l->accept, "Accept: %s",
	         r->accept ? r->accept : "application/json");
	l->list[n++] = l->accept;
	l->list[n] = NULL;
}

static bool ask_given_up(void *ctx)
{
	return is_given_up(ctx);
}

static enum rc call_once(struct takt *t, const struct takt_request *r, struct http_reply *reply,
                         struct err *err)
{
	struct lines lines;
	write_headers(&lines, r);
	struct http_call call = { .method = r->method,
		                  .path = r->path,
		                  .body = { r->body, r->body_len },
		                  .content_type = r->content_type,
		                  .headers = lines.list,
		                  .timeout_ms = r->timeout_ms ? r->timeout_ms : t->timeout_ms,
		                  .is_cancelled = t->is_cancelled ? ask_given_up : NULL,
		                  .ctx = t };
	enum rc rc = http_client_call(t->http, &call, reply, err);
	if (rc == RC_OK && reply->status == 0) /* ended by is_cancelled */
		return err_set(err, CODE_UNKNOWN_OUTCOME, "the call was given up");
	return rc;
}

static bool is_worth_a_try(const struct takt_request *r, const struct err *err)
{
	if (!r->is_repeatable)
		return false;
	return err->code == CODE_UNKNOWN_OUTCOME || err->code == CODE_NO_SERVER;
}

static enum rc call_again(struct takt *t, const struct takt_request *r, struct http_reply *reply,
                          struct err *err)
{
	int64_t pause = 50;
	for (int i = 1;; i++) {
		buf_clear(&reply->body);
		enum rc rc = call_once(t, r, reply, err);
		if (rc == RC_OK || i == TRIES_MAX || !is_worth_a_try(r, err))
			return rc;
		if (!takt_pause(t, pause))
			return rc;
		pause *= 2;
	}
}

enum takt_outcome takt_request(struct takt *t, const struct takt_request *r, struct takt_reply *ret,
                               struct takt_error *e)
{
	struct http_reply reply = { 0 };
	struct err err = { 0 };
	buf_init(&reply.body, (r->reply_max ? r->reply_max : REPLY_MAX) + 1);
	enum takt_outcome outcome;
	if (call_again(t, r, &reply, &err) != RC_OK) {
		outcome = takt_problem(e, &err);
	} else if (reply.status >= 400) {
		outcome = read_problem(reply.status, buf_str(&reply.body), e);
	} else {
		buf_addc(&reply.body, '\0');
		ret->status = reply.status;
		ret->body_len = reply.body.len - 1;
		ret->body = reply.body.ptr;
		return TAKT_OK;
	}
	buf_fini(&reply.body);
	return outcome;
}

void takt_reply_free(struct takt_reply *r)
{
	if (r)
		free(r->body);
	if (r)
		r->body = NULL;
}

static const struct json_limits reply_limits = { .bytes_max = REPLY_MAX,
	                                         .depth_max = 128,
	                                         .values_max = 2000000 };

enum takt_outcome takt_ask(struct takt *t, const struct ask *ask, struct arena *a,
                           const struct json **ret, struct takt_error *e)
{
	if (ask->body && buf_rc(ask->body) != RC_OK)
		return takt_say(e, CODE_TOO_LARGE, "the request is larger than %zu bytes",
		                ask->body->max);
	struct takt_request r = { .method = ask->method,
		                  .path = ask->path,
		                  .body = ask->body ? ask->body->ptr : NULL,
		                  .body_len = ask->body ? ask->body->len : 0,
		                  .idempotency_key = ask->key,
		                  .request_id = ask->request_id,
		                  .is_repeatable = ask->is_repeatable || ask->key,
		                  .timeout_ms = ask->timeout_ms };
	struct takt_reply reply;
	enum takt_outcome outcome = takt_request(t, &r, &reply, e);
	if (outcome != TAKT_OK)
		return outcome;
	struct str text = str_dup(a, (struct str){ reply.body, reply.body_len });
	takt_reply_free(&reply);
	struct err err = { 0 };
	if (json_read(a, text, &reply_limits, ret, &err) != RC_OK)
		return takt_say(e, CODE_UNKNOWN_OUTCOME, "the answer is no JSON: %s", err.text);
	return TAKT_OK;
}

const char *takt_raw(struct arena *a, const struct json *v, const char *name)
{
	const struct json *m = json_get(v, str_z(name));
	return m && m->type != JSON_NULL ? str_dupz(a, m->raw) : NULL;
}

const char *takt_text(struct arena *a, const struct json *v, const char *name)
{
	return str_dupz(a, json_get_str(v, name, STR("")));
}

const char *takt_path(struct arena *a, const char *head, const char *id, const char *tail)
{
	struct buf path = BUF_INIT(8192);
	buf_addz(&path, head);
	percent_encode(&path, str_z(id));
	buf_addz(&path, tail);
	const char *ret = str_dupz(a, buf_str(&path));
	buf_fini(&path);
	return ret;
}
