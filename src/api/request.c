/* The way of every request: host and origin, route, who asks, media type, handler; and
 * the way back from the engine or the pool. */
#include "api/request.h"

#include "codec/field.h"
#include "codec/hex.h"
#include "identity/identity.h"
#include "observe/requests.h"
#include "store/writer.h"
#include "sys/count.h"
#include "sys/env.h"
#include "sys/log.h"

enum {
	SMALL_BODY = 64 << 10,
	UNASKED_BODY_MAX = 2 << 20, /* read before the key is looked at */
	OUT_MAX = 64 << 20,
	SCRATCH_MAX = 64 << 20,
	ARENA_FIRST = 2176,         /* an agent that waits, of which there may be many */
	ARENA_KEEP_MAX = 16 * 1024, /* larger ones are not recycled */
};

/* --- Life --- */

static struct request *request_create(struct api *a, struct http_exchange *x)
{
	struct arena *arena = a->n_spare ? a->spare[--a->n_spare] : arena_create(ARENA_FIRST);
	struct request *r = arena_new(arena, struct request, 1);
	r->api = a;
	r->arena = arena;
	r->x = x;
	r->status = 200;
	r->content_type = STR("application/json");
	buf_init(&r->out, OUT_MAX);
	return r;
}

static void request_destroy(struct request *r)
{
	struct api *a = r->api;
	struct arena *arena = r->arena;
	assert(r->pending == 0);
	buf_fini(&r->out);
	free(r->owned);
	if (a->n_spare < ARRAY_LEN(a->spare) && arena_held(arena) <= ARENA_KEEP_MAX) {
		arena_clear(arena);
		a->spare[a->n_spare++] = arena;
	} else {
		arena_destroy(arena);
	}
}

static void destroy_if_over(struct request *r)
{
	if (r->pending == 0 && !r->x)
		request_destroy(r);
}

void request_release(struct request *r)
{
	r->x = NULL;
	destroy_if_over(r);
}

static void on_gone(struct http_exchange *x)
{
	struct request *r = x->user;
	count_add(COUNT_HTTP_HANGUPS, 1);
	r->x = NULL;
	if (r->on_hangup)
		r->on_hangup(r);
	destroy_if_over(r);
}

/* --- Answers --- */

void request_header(struct request *r, const char *name, struct str value)
{
	assert(r->n_headers < ARRAY_LEN(r->headers));
	r->headers[r->n_headers++] = (struct http_header){ str_z(name), value };
}

struct json_out request_json(struct request *r)
{
	struct json_out o;
	json_out_init(&o, &r->out);
	return o;
}

/* Routes of one path count as one: the number of the first; routes_n for none. */
size_t route_number(const struct route *route)
{
	for (size_t i = 0; route && i < routes_n; i++)
		if (strcmp(routes[i].path, route->path) == 0)
			return i;
	return routes_n;
}

static void respond(struct request *r, int status, struct str type, struct str body)
{
	struct http_header headers[ARRAY_LEN(r->headers) + 3];
	size_t n = 0;
	for (; n < r->n_headers; n++)
		headers[n] = r->headers[n];
	headers[n++] = (struct http_header){ STR("X-Request-Id"), str_z(r->id) };
	headers[n++] = (struct http_header){ STR("X-Content-Type-Options"), STR("nosniff") };
	headers[n++] = (struct http_header){ STR("Cache-Control"), STR("no-store") };
	struct http_exchange *x = r->x;
	access_log(r, status, body.len);
	r->x = NULL;
	x->on_gone = NULL;
	x->user = (void *)(uintptr_t)route_number(r->route); /* for on_done */
	http_respond(x, status, type, headers, n, body);
	destroy_if_over(r);
}

void request_answer(struct request *r)
{
	if (!r->x) {
		destroy_if_over(r);
		return;
	}
	if (buf_rc(&r->out) != RC_OK) {
		struct err err;
		request_problem(r, err_set(&err, CODE_TOO_LARGE, "the answer is too large"), &err);
		return;
	}
	respond(r, r->status, r->content_type, buf_str(&r->out));
}

void request_problem(struct request *r, enum rc rc, const struct err *err)
{
	if (!r->x) {
		destroy_if_over(r);
		return;
	}
	int status = problem_status(rc, err->code);
	buf_clear(&r->out);
	problem_write(&r->out, status, rc, err, str_z(r->id));
	if (status == 401)
		request_header(r, "WWW-Authenticate", STR("Bearer"));
	if (status == 429 || status == 503)
		request_header(r, "Retry-After", STR("1"));
	if (status >= 500 && status != 503)
		access_failed(r, status, err);
	respond(r, status, STR("application/problem+json"), buf_str(&r->out));
}

/* --- The engine --- */

static void command_replied(struct loop_message *m)
{
	struct command *c = command_of_reply(m);
	struct request *r = c->asker;
	r->pending--;
	if (!r->x) {
		if (c->rc == RC_OK && r->on_lost)
			r->on_lost(r);
		destroy_if_over(r);
		return;
	}
	enum rc rc = c->rc;
	if (rc == RC_OK)
		rc = r->render(r, &c->err);
	if (rc == RC_OK)
		request_answer(r);
	else
		request_problem(r, rc, &c->err);
}

enum rc request_send(struct request *r, struct command *c,
                     enum rc (*render)(struct request *r, struct err *err))
{
	c->asker = r;
	c->reply.fn = command_replied;
	c->origin = r->origin;
	r->render = render;
	r->pending++;
	writer_send(r->api->o.writer, c);
	return RC_OK;
}

/* --- The pool --- */

static void pool_done(struct loop_message *m)
{
	struct request *r = (struct request *)((char *)m - offsetof(struct request, done));
	r->pending--;
	enum rc rc = r->pool_rc;
	if (rc == RC_OK && r->then && r->x) {
		rc = r->then(r, r->err);
		if (rc == RC_OK)
			return;
	}
	if (rc == RC_OK)
		request_answer(r);
	else
		request_problem(r, rc, r->err);
}

static void run_on_pool(struct job *j)
{
	struct request *r = (struct request *)j;
	r->pool_rc = r->on_pool(r, r->err);
	r->done.fn = pool_done;
	loop_post(r->api->o.loop, &r->done);
}

enum rc request_read(struct request *r, enum rc (*fn)(struct request *r, struct err *err))
{
	r->on_pool = fn;
	r->err = arena_new(r->arena, struct err, 1);
	r->job.fn = run_on_pool;
	r->done.next = NULL;
	r->pending++;
	pool_submit(r->api->o.pool, &r->job);
	return RC_OK;
}

enum rc request_read_id(struct request *r, const char *prefix,
                        enum rc (*fn)(struct request *r, struct err *err), struct err *err)
{
	int64_t *id = arena_new(r->arena, int64_t, 1);
	enum rc rc = request_param_id(r, prefix, id, err);
	if (rc != RC_OK)
		return rc;
	r->state = id;
	return request_read(r, fn);
}

/* --- Reading requests --- */

static enum rc read_body(struct request *r, struct arena *a, const struct json **ret,
                         struct err *err)
{
	struct json_limits limits = json_limits_default;
	limits.bytes_max = r->route->body_max;
	if (r->on_pool) /* there is time for more */
		limits.values_max = 1 << 20;
	if (str_trim(r->body).len == 0)
		return err_set(err, CODE_JSON_SYNTAX, "the body is empty; a JSON object is wanted");
	enum rc rc = json_read(a, r->body, &limits, ret, err);
	if (rc != RC_OK)
		return rc;
	if ((*ret)->type != JSON_OBJECT)
		return err_set(err, CODE_FIELD_TYPE, "the body must be a JSON object");
	return RC_OK;
}

enum rc request_body(struct request *r, const struct json **ret, struct err *err)
{
	return read_body(r, r->arena, ret, err);
}

enum rc request_body_brief(struct request *r, const struct json **ret, struct err *err)
{
	return read_body(r, r->x->arena, ret, err);
}

/* Ids are never 0: filters take it for "any". */
static enum rc parse_id(const char *prefix, struct str text, int64_t *ret, struct err *err)
{
	enum rc rc = id_parse(prefix, text, ret, err);
	if (rc == RC_OK && *ret == 0)
		return err_set(err, CODE_BAD_ID, "this is nobody's id");
	return rc;
}

enum rc request_body_id(struct str text, const char *prefix, const char *place, int64_t *ret,
                        struct err *err)
{
	enum rc rc = parse_id(prefix, text, ret, err);
	return rc == RC_OK ? rc : err_at(err, "%s", place);
}

enum rc request_reason(struct request *r, struct str *ret, struct err *err)
{
	const struct field fields[] = { { .name = "reason", .type = FIELD_TYPE_STR, .max = 1000 } };
	struct {
		struct str reason;
	} b = { 0 };
	const struct json *body;
	enum rc rc = r->body.len ? request_body(r, &body, err) : RC_OK;
	if (rc == RC_OK && r->body.len)
		rc = field_read(fields, 1, body, "", &b, err);
	if (rc == RC_OK)
		*ret = b.reason;
	return rc;
}

enum rc request_param_id(struct request *r, const char *prefix, int64_t *ret, struct err *err)
{
	enum rc rc = parse_id(prefix, r->params[0], ret, err);
	return rc == RC_OK ? rc : err_at(err, "{id}");
}

enum rc request_query(struct request *r, const char *name, struct str *ret, struct err *err)
{
	struct str rest = r->query, pair;
	*ret = (struct str){ 0 };
	while (rest.len) {
		pair = str_cut(rest, '&', &rest);
		struct str value, key = str_cut(pair, '=', &value);
		if (!str_eqz(key, name))
			continue;
		if (percent_decode(r->arena, value, true, ret) == RC_OK && ret->ptr)
			return RC_OK;
		if (value.len == 0) {
			*ret = STR("");
			return RC_OK;
		}
		err_set(err, CODE_BAD_REQUEST, "the query parameter %s is not well encoded", name);
		return err_at(err, "?%s", name);
	}
	return RC_OK;
}

static bool is_listed(const char *names, struct str name)
{
	struct str rest = str_z(names);
	while (rest.len)
		if (str_eq(str_cut(rest, ' ', &rest), name))
			return true;
	return false;
}

/* How often the query names it. */
static size_t query_count(const struct request *r, struct str name)
{
	struct str rest = r->query, value;
	size_t n = 0;
	while (rest.len)
		n += str_eq(str_cut(str_cut(rest, '&', &rest), '=', &value), name);
	return n;
}

static enum rc refuse_query(struct str key, struct err *err)
{
	char text[61];
	snprintf(text, sizeof text, STR_FMT, STR_ARG(key));
	return err_at(err, "?%s", text);
}

static enum rc check_query(struct request *r, struct err *err)
{
	struct str rest = r->query, value;
	const char *known = r->route->query;
	while (rest.len) {
		struct str key = str_cut(str_cut(rest, '&', &rest), '=', &value);
		if (!known || !is_listed(known, key)) {
			err_set(err, CODE_FIELD_UNKNOWN, "unknown query parameter; %s%s",
			        known ? "known are: " : "none is known here", known ? known : "");
			return refuse_query(key, err);
		}
		if (query_count(r, key) > 1) {
			err_set(err, CODE_BAD_REQUEST, "the query parameter comes twice");
			return refuse_query(key, err);
		}
	}
	return RC_OK;
}

enum rc request_query_text(struct request *r, const char *name, size_t max, struct str *ret,
                           struct err *err)
{
	enum rc rc = request_query(r, name, ret, err);
	if (rc != RC_OK || !ret->ptr || (ret->len >= 1 && ret->len <= max))
		return rc;
	err_set(err, CODE_FIELD_RANGE, "must have 1 to %zu bytes", max);
	return err_at(err, "?%s", name);
}

enum rc request_query_id(struct request *r, const char *name, const char *prefix, int64_t *ret,
                         struct err *err)
{
	struct str text;
	*ret = 0;
	enum rc rc = request_query(r, name, &text, err);
	if (rc != RC_OK || !text.ptr)
		return rc;
	rc = parse_id(prefix, text, ret, err);
	return rc == RC_OK ? rc : err_at(err, "?%s", name);
}

enum rc request_query_int(struct request *r, const char *name, int64_t min, int64_t max,
                          int64_t *ret, struct err *err)
{
	struct str text;
	enum rc rc = request_query(r, name, &text, err);
	if (rc != RC_OK || !text.ptr)
		return rc;
	int64_t v;
	if (str_to_i64(text, &v) == RC_OK && v >= min && v <= max) {
		*ret = v;
		return RC_OK;
	}
	err_set(err, CODE_FIELD_RANGE, "must be a number from %lld to %lld", (long long)min,
	        (long long)max);
	return err_at(err, "?%s", name);
}

enum rc request_bad_cursor(struct err *err)
{
	err_set(err, CODE_BAD_CURSOR, "this is no cursor; take next_cursor of the page before");
	return err_at(err, "?cursor");
}

enum rc request_cursor(struct request *r, int64_t *ret_before, int64_t *ret_limit, struct err *err)
{
	struct str text;
	*ret_limit = 50;
	*ret_before = 0;
	enum rc rc = request_query_int(r, "limit", 1, 200, ret_limit, err);
	if (rc == RC_OK)
		rc = request_query(r, "cursor", &text, err);
	if (rc != RC_OK || !text.ptr)
		return rc;
	if (id_parse("cur", text, ret_before, NULL) == RC_OK)
		return RC_OK;
	return request_bad_cursor(err);
}

/* --- Arrival --- */

static bool is_id_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

static char *put_hex(char *at, uint64_t v)
{
	int digits = 1;
	while (digits < 16 && v >> (4 * digits))
		digits++;
	while (digits--)
		*at++ = "0123456789abcdef"[(v >> (4 * digits)) & 15];
	return at;
}

/* Every request has one, so it is put together by hand. */
static void make_request_id(struct request *r)
{
	memcpy(r->id, "req_", 4);
	char *at = put_hex(r->id + 4, (uint64_t)r->api->started_ms);
	*at++ = '_';
	*put_hex(at, ++r->api->request_serial) = '\0';
}

static void take_request_id(struct request *r)
{
	struct str given = http_header_get(r->x, STR("X-Request-Id"));
	bool is_good = given.len > 0 && given.len <= REQUEST_ID_MAX;
	for (size_t i = 0; i < given.len && is_good; i++)
		is_good = is_id_byte(given.ptr[i]);
	if (is_good)
		memcpy(r->id, given.ptr, given.len); /* a NUL stands behind it */
	else
		make_request_id(r);
}

/* 00-TRACE-SPAN-FLAGS in lower case hex (W3C Trace Context); another version is none. */
static bool is_traceparent(struct str s)
{
	static const char form[] = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
	if (s.len != sizeof form - 1)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
		if (form[i] == 'x' ? !is_hex : c != form[i])
			return false;
	}
	return true;
}

static void take_origin(struct request *r)
{
	struct str parent = http_header_get(r->x, STR("traceparent"));
	r->origin = is_traceparent(parent)
	                    ? str_fmt(r->arena, "%s " STR_FMT, r->id, STR_ARG(parent))
	                    : str_z(r->id);
}

/* "name", "name:port", "[v6]" or "[v6]:port" → the name; what is none of these is whole. */
static struct str host_name(struct str host)
{
	bool is_v6 = host.len && host.ptr[0] == '[';
	size_t end = str_find(host, is_v6 ? STR("]") : STR(":"), 0);
	if (end == SIZE_MAX)
		return host;
	end += is_v6;
	for (size_t i = end; i < host.len; i++)
		if (i == end ? host.ptr[i] != ':' : host.ptr[i] < '0' || host.ptr[i] > '9')
			return host;
	return str_sub(host, 0, end);
}

static bool is_our_host(const struct api *a, struct str host)
{
	static const char *const loopback[] = { "localhost", "127.0.0.1", "[::1]" };
	struct str name = host_name(host);
	for (size_t i = 0; i < ARRAY_LEN(loopback); i++)
		if (str_eq_nocase(name, str_z(loopback[i])))
			return true;
	for (size_t i = 0; i < a->o.n_hosts; i++)
		if (str_eq_nocase(name, str_z(a->o.hosts[i])))
			return true;
	return false;
}

/* Against DNS rebinding and foreign pages: a browser on this machine is no friend. */
static enum rc check_host(struct request *r, struct err *err)
{
	if (r->is_unix)
		return RC_OK;
	struct str host = http_header_get(r->x, STR("Host")),
	           origin = http_header_get(r->x, STR("Origin"));
	if (!is_our_host(r->api, host)) {
		err_set(err, CODE_BAD_HOST,
		        "this server does not answer to that Host; loopback's names and those of "
		        "the setting \"hosts\" are right");
		return err_at(err, "Host");
	}
	if (!origin.ptr)
		return RC_OK;
	size_t scheme = str_find(origin, STR("://"), 0);
	struct str from = scheme == SIZE_MAX ? origin : str_sub(origin, scheme + 3, origin.len);
	if (str_eq_nocase(from, host))
		return RC_OK;
	err_set(err, CODE_BAD_ORIGIN, "pages of another origin may not call this server");
	return err_at(err, "Origin");
}

static enum rc check_who(struct request *r, struct err *err)
{
	if (r->route->is_open)
		return RC_OK;
	if (r->is_unix) {
		r->scope = identity_local(r->api->o.identity);
		return RC_OK;
	}
	enum rc rc = identity_from_header(
	        r->api->o.identity, http_header_get(r->x, STR("Authorization")), &r->scope, err);
	return rc == RC_OK ? identity_require(r->scope, r->route->role, err) : rc;
}

static enum rc check_media(struct request *r, struct err *err)
{
	if (!r->route->body_max) {
		if (r->body.len == 0)
			return RC_OK;
		return err_set(err, CODE_TOO_LARGE, "this request takes no body");
	}
	const char *allowed = r->route->media ? r->route->media : "application/json";
	if (r->body.len == 0 || is_listed(allowed, r->media))
		return RC_OK;
	err_set(err, CODE_UNSUPPORTED_MEDIA_TYPE, "the Content-Type must be %s%s",
	        strchr(allowed, ' ') ? "one of: " : "", allowed);
	return err_at(err, "Content-Type");
}

static enum rc check_idempotency_key(struct request *r, struct err *err)
{
	struct str key = r->idempotency_key;
	bool is_good = key.len <= TASK_KEY_MAX && !(key.ptr && key.len == 0);
	for (size_t i = 0; i < key.len && is_good; i++)
		is_good = key.ptr[i] > ' ' && key.ptr[i] < 0x7f;
	if (is_good)
		return RC_OK;
	err_set(err, CODE_BAD_REQUEST, "an Idempotency-Key is 1 to %d visible ASCII characters",
	        TASK_KEY_MAX);
	return err_at(err, "Idempotency-Key");
}

/* "Application/JSON; charset=utf-8" → "application/json" */
static struct str media_of(struct arena *a, struct str header)
{
	struct str rest, media = str_trim(str_cut(header, ';', &rest));
	char *text = str_dupz(a, media);
	for (char *p = text; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return (struct str){ text, media.len };
}

/* The exchange may go away while we work: what handlers read is ours. */
static void copy_in(struct request *r)
{
	const struct http_exchange *x = r->x;
	r->is_unix = x->is_unix;
	r->method = x->method;
	r->began_us = x->began_us;
	r->path = str_dup(r->arena, x->path);
	r->query = str_dup(r->arena, x->query);
	r->body = str_dup(r->arena, x->body);
	r->media = media_of(r->arena, http_header_get(x, STR("Content-Type")));
	struct str key = http_header_get(x, STR("Idempotency-Key"));
	r->idempotency_key = key.ptr ? str_dup(r->arena, key) : key;
	r->accept = str_dup(r->arena, http_header_get(x, STR("Accept")));
	r->last_event_id = str_dup(r->arena, http_header_get(x, STR("Last-Event-ID")));
}

static enum rc find_route(struct request *r, struct err *err)
{
	struct str allow = { 0 };
	enum rc rc = RC_OK;
	r->route = route_find(r->arena, r->x->method, r->x->path, r->params, &allow, &rc);
	if (r->route)
		return RC_OK;
	if (rc != RC_OK)
		return err_set(err, CODE_BAD_REQUEST, "the path is not well encoded");
	if (!allow.len)
		return err_set(err, CODE_NOT_FOUND,
		               "there is no such path; /v1/openapi.yaml lists all");
	request_header(r, "Allow", allow);
	return err_set(err, CODE_METHOD_NOT_ALLOWED, "this path answers to: " STR_FMT,
	               STR_ARG(allow));
}

static enum rc begin(struct request *r, struct err *err)
{
	enum rc rc = check_host(r, err);
	if (rc == RC_OK)
		rc = find_route(r, err);
	if (rc == RC_OK)
		rc = check_who(r, err);
	if (rc == RC_OK)
		rc = check_query(r, err);
	if (rc == RC_OK)
		rc = check_media(r, err);
	if (rc == RC_OK)
		rc = check_idempotency_key(r, err);
	return rc == RC_OK ? r->route->begin(r, err) : rc;
}

static void on_request(void *ctx, struct http_exchange *x)
{
	struct request *r = request_create(ctx, x);
	struct err err = { 0 };
	x->user = r;
	x->on_gone = on_gone;
	take_request_id(r);
	take_origin(r);
	copy_in(r);
	enum rc rc = begin(r, &err);
	if (rc != RC_OK)
		request_problem(r, rc, &err);
}

static bool is_known(const struct api *a, const struct http_exchange *x)
{
	struct scope scope;
	return x->is_unix ||
	       identity_from_header(a->o.identity, http_header_get(x, STR("Authorization")), &scope,
	                            NULL) == RC_OK;
}

static size_t body_limit(void *ctx, const struct http_exchange *x)
{
	struct api *a = ctx;
	struct str params[PARAMS_MAX], allow;
	struct arena_mark mark = arena_mark(x->arena);
	enum rc rc;
	const struct route *route = route_find(x->arena, x->method, x->path, params, &allow, &rc);
	arena_rewind(x->arena, mark);
	/* Where no body belongs a small one is read, so that the refusal reaches the client;
	 * likewise from somebody whose key is not good. */
	if (!route || !route->body_max)
		return SMALL_BODY;
	return route->body_max <= UNASKED_BODY_MAX || is_known(a, x) ? route->body_max : SMALL_BODY;
}

static void on_refused(void *ctx, int status, const char *reason, struct buf *body)
{
	(void)ctx;
	struct err err = { 0 };
	enum code code = status == 413 || status == 431 ? CODE_TOO_LARGE : CODE_BAD_REQUEST;
	enum rc rc = err_set(&err, code, "%s", reason);
	count_add(COUNT_HTTP_REFUSED, 1);
	problem_write(body, status, rc, &err, (struct str){ 0 });
}

static void on_done(void *ctx, const struct http_exchange *x, int status, size_t bytes_out)
{
	(void)bytes_out;
	struct api *a = ctx;
	static const enum request_method methods[] = {
		[HTTP_GET] = REQUEST_GET,         [HTTP_HEAD] = REQUEST_HEAD,
		[HTTP_POST] = REQUEST_POST,       [HTTP_PUT] = REQUEST_PUT,
		[HTTP_PATCH] = REQUEST_PATCH,     [HTTP_DELETE] = REQUEST_DELETE,
		[HTTP_OPTIONS] = REQUEST_OPTIONS, [HTTP_METHOD_OTHER] = REQUEST_OTHER,
	};
	int64_t micros = env_mono_us(a->o.env) - x->began_us;
	requests_count((size_t)(uintptr_t)x->user, methods[x->method], status, micros);
}

/* --- The whole --- */

struct api *api_create(const struct api_options *o)
{
	assert(o->loop && o->pool && o->writer && o->queue && o->flow && o->artifacts &&
	       o->identity && o->store);
	struct api *a = xcalloc(1, sizeof *a);
	a->o = *o;
	a->started_ms = env_wall_ms(o->env);
	buf_init(&a->scratch, SCRATCH_MAX);
	const char **templates = xcalloc(routes_n, sizeof *templates);
	for (size_t i = 0; i < routes_n; i++)
		templates[i] = routes[i].path;
	requests_setup(templates, routes_n); /* keeps the table for the process' life */
	return a;
}

void api_destroy(struct api *a)
{
	if (!a)
		return;
	while (a->n_spare)
		arena_destroy(a->spare[--a->n_spare]);
	buf_fini(&a->scratch);
	free(a);
}

void api_attach(struct api *a, struct http_server_options *o)
{
	o->body_limit = body_limit;
	o->on_request = on_request;
	o->on_refused = on_refused;
	o->on_done = on_done;
	o->ctx = a;
}

void api_events_arrived(struct api *a, int64_t tenant, int64_t last_seq)
{
	streams_arrived(a, tenant, last_seq);
}

static void drained(struct loop_message *m)
{
	(void)m; /* the polls' own answers say it all */
}

void api_drain(struct api *a)
{
	a->is_draining = true;
	drain_command_init(&a->drain, a->o.queue);
	a->drain.reply.fn = drained;
	writer_send(a->o.writer, &a->drain);
	streams_end(a);
}
