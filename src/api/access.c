/* The log of requests: one line each, when its answer is made.
 *
 * Every line about a request carries its request_id: the X-Request-Id it came with or was
 * given, which also stands in the answer, in every lease of a task it submitted, and in
 * the environment of the program that performs the task.  Neither query nor headers nor
 * bodies are logged: secrets travel there. */
#include "api/request.h"

#include "codec/hex.h"
#include "sys/env.h"
#include "sys/log.h"

enum { FIELDS_MAX = 12 };

static enum log_level level_of(const struct request *r, int status)
{
	switch (r->api->o.access_lines) {
	case ACCESS_ALL:
		return LOG_INFO;
	case ACCESS_ERRORS:
		return status >= 400 ? LOG_INFO : LOG_DEBUG;
	case ACCESS_OFF:
		break;
	}
	return LOG_DEBUG;
}

static size_t common_fields(const struct request *r, int status, struct log_field *f)
{
	struct str rest, id = str_cut(r->origin, ' ', &rest);
	size_t n = 0;
	f[n++] = LOG_STR("request_id", id);
	if (rest.len)
		f[n++] = LOG_STR("traceparent", rest);
	f[n++] = LOG_STR("method", http_method_text(r->method));
	f[n++] = LOG_STR("route", r->route ? str_z(r->route->path) : STR("none"));
	f[n++] = LOG_STR("path", r->path);
	f[n++] = LOG_INT("status", status);
	f[n++] = LOG_INT("micros", env_mono_us(r->api->o.env) - r->began_us);
	if (r->scope.tenant)
		f[n++] = LOG_INT("tenant", r->scope.tenant);
	return n;
}

void access_log(const struct request *r, int status, size_t bytes)
{
	struct log_field f[FIELDS_MAX];
	char id[ID_TEXT_MAX];
	enum log_level level = level_of(r, status);
	if (level < log_level_least())
		return;
	size_t n = common_fields(r, status, f);
	f[n++] = LOG_INT("bytes", (int64_t)bytes);
	if (r->about)
		f[n++] = LOG_STR(r->about_prefix, id_text(r->about_prefix, r->about, id));
	assert(n <= FIELDS_MAX);
	log_write(level, "answered", f, n);
}

void access_failed(const struct request *r, int status, const struct err *err)
{
	struct log_field f[FIELDS_MAX];
	size_t n = common_fields(r, status, f);
	f[n++] = LOG_STR("code", str_z(code_text(err->code)));
	f[n++] = LOG_STR("error", str_z(err->text));
	assert(n <= FIELDS_MAX);
	log_write(LOG_WARN, "a request failed", f, n);
}
