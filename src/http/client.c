/* The outbound client: see client.h.
 *
 * libcurl is opened at the first client, and called through pointers of the types that
 * its header declares; its functions are never linked, so a server that makes no
 * outbound call does not load it.
 *
 * What a failure means is decided by one question: had the whole request possibly left?
 * libcurl's answer is the count of bytes sent and the error: a refused connection, a
 * name that does not resolve, a failed handshake sent nothing; all that comes later is
 * unknown. */
#include <curl/curl.h>

#include "http/client.h"

#include "base/arena.h"
#include "sys/library.h"

/* curl's setopt and getinfo check their arguments by macros that name the linked
 * functions. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

static struct {
	bool is_open;
	CURLcode (*global_init)(long flags);
	CURL *(*easy_init)(void);
	void (*easy_cleanup)(CURL *h);
	void (*easy_reset)(CURL *h);
	CURLcode (*easy_setopt)(CURL *h, CURLoption option, ...);
	CURLcode (*easy_perform)(CURL *h);
	CURLcode (*easy_getinfo)(CURL *h, CURLINFO info, ...);
	const char *(*easy_strerror)(CURLcode code);
	struct curl_slist *(*slist_append)(struct curl_slist *list, const char *line);
	void (*slist_free_all)(struct curl_slist *list);
} curl;

struct http_client {
	CURL *handle;
	char *base_url, *unix_path, *authorization;
	int64_t connect_ms;
	char words[CURL_ERROR_SIZE];
};

static enum rc open_curl(struct err *err)
{
	/* A function pointer may be stored through void ** on POSIX (dlsym). */
	const struct library_symbol symbols[] = {
		{ "curl_global_init", (void **)&curl.global_init },
		{ "curl_easy_init", (void **)&curl.easy_init },
		{ "curl_easy_cleanup", (void **)&curl.easy_cleanup },
		{ "curl_easy_reset", (void **)&curl.easy_reset },
		{ "curl_easy_setopt", (void **)&curl.easy_setopt },
		{ "curl_easy_perform", (void **)&curl.easy_perform },
		{ "curl_easy_getinfo", (void **)&curl.easy_getinfo },
		{ "curl_easy_strerror", (void **)&curl.easy_strerror },
		{ "curl_slist_append", (void **)&curl.slist_append },
		{ "curl_slist_free_all", (void **)&curl.slist_free_all },
	};
	if (curl.is_open)
		return RC_OK;
	enum rc rc = library_open("libcurl.so.4", "libcurl4", symbols, ARRAY_LEN(symbols), err);
	if (rc != RC_OK)
		return rc;
	if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, CODE_TOOL_MISSING, "libcurl cannot be initialised");
	curl.is_open = true;
	return RC_OK;
}

static char *dup_or_null(const char *z)
{
	return z ? xstrndup(z, strlen(z)) : NULL;
}

static char *join(const char *a, const char *b)
{
	size_t size = strlen(a) + strlen(b) + 1;
	char *s = xmalloc(size);
	snprintf(s, size, "%s%s", a, b);
	return s;
}

static char *without_slash(const char *url)
{
	size_t len = strlen(url);
	while (len && url[len - 1] == '/')
		len--;
	return xstrndup(url, len);
}

/* Nothing of ours belongs into a header line but what stands on it. */
static bool is_one_line(const char *z)
{
	return !strpbrk(z, "\r\n");
}

enum rc http_client_create(const struct http_client_options *o, struct http_client **ret,
                           struct err *err)
{
	assert(o->base_url);
	if (o->bearer && !is_one_line(o->bearer))
		return err_set(err, CODE_BAD_CONFIG, "the key has a line break");
	enum rc rc = open_curl(err);
	if (rc != RC_OK)
		return rc;
	CURL *handle = curl.easy_init();
	if (!handle)
		return err_set(err, CODE_IO, "libcurl gives no handle");
	struct http_client *c = xcalloc(1, sizeof *c);
	c->handle = handle;
	c->base_url = without_slash(o->base_url);
	c->unix_path = dup_or_null(o->unix_path);
	c->authorization = o->bearer ? join("Authorization: Bearer ", o->bearer) : NULL;
	c->connect_ms = o->connect_ms ? o->connect_ms : 5000;
	*ret = c;
	return RC_OK;
}

void http_client_destroy(struct http_client *c)
{
	if (!c)
		return;
	curl.easy_cleanup(c->handle);
	free(c->base_url);
	free(c->unix_path);
	free(c->authorization);
	free(c);
}

void http_reply_fini(struct http_reply *r)
{
	buf_fini(&r->body);
}

/* One call, and why libcurl was stopped by us. */
struct transfer {
	const struct http_call *call;
	struct http_reply *reply;
	bool is_ended, is_cancelled, is_too_large;
};

static size_t on_bytes(char *ptr, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	struct str bytes = { ptr, size * n };
	if (t->call->on_data) {
		t->is_ended = !t->call->on_data(t->call->ctx, bytes);
		return t->is_ended ? 0 : bytes.len;
	}
	buf_add(&t->reply->body, bytes);
	t->is_too_large = buf_rc(&t->reply->body) != RC_OK;
	return t->is_too_large ? 0 : bytes.len;
}

static int on_progress(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up)
{
	(void)down_all, (void)down, (void)up_all, (void)up;
	struct transfer *t = ctx;
	t->is_cancelled = t->call->is_cancelled && t->call->is_cancelled(t->call->ctx);
	return t->is_cancelled;
}

/* A list is only replaced by its longer self: on failure the old one is still there. */
static bool add_line(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = is_one_line(line) ? curl.slist_append(*list, line) : NULL;
	if (longer)
		*list = longer;
	return longer != NULL;
}

static bool add_content_type(struct curl_slist **list, const struct http_call *call)
{
	if (call->body.len == 0 && !call->content_type)
		return add_line(list, "Content-Type:"); /* else libcurl says it is a form */
	char *line = join("Content-Type: ",
	                  call->content_type ? call->content_type : "application/json");
	bool is_added = add_line(list, line);
	free(line);
	return is_added;
}

static bool make_headers(const struct http_client *c, const struct http_call *call,
                         struct curl_slist **list)
{
	/* Without "Expect:" libcurl waits a second before a body of more than 1 MiB. */
	bool is_good = add_line(list, "Expect:") && add_content_type(list, call) &&
	               (!c->authorization || add_line(list, c->authorization));
	for (size_t i = 0; is_good && call->headers && call->headers[i]; i++)
		is_good = add_line(list, call->headers[i]);
	return is_good;
}

static void set_transport(struct http_client *c)
{
	CURL *h = c->handle;
	curl.easy_setopt(h, CURLOPT_ERRORBUFFER, c->words);
	curl.easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl.easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl.easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl.easy_setopt(h, CURLOPT_PROXY, "");
	curl.easy_setopt(h, CURLOPT_NOPROXY, "*");
	curl.easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl.easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
	curl.easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)c->connect_ms);
	if (c->unix_path)
		curl.easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, c->unix_path);
}

static void set_method(CURL *h, const struct http_call *call)
{
	if (strcmp(call->method, "HEAD") == 0) {
		curl.easy_setopt(h, CURLOPT_NOBODY, 1L);
	} else if (call->body.len || strcmp(call->method, "POST") == 0) {
		curl.easy_setopt(h, CURLOPT_POST, 1L);
		curl.easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
		curl.easy_setopt(h, CURLOPT_POSTFIELDS, call->body.len ? call->body.ptr : "");
	}
	curl.easy_setopt(h, CURLOPT_CUSTOMREQUEST, call->method);
}

static void set_call(CURL *h, const struct http_call *call, const char *url,
                     struct curl_slist *headers, struct transfer *t)
{
	int64_t timeout_ms = call->timeout_ms ? call->timeout_ms : 30000;
	curl.easy_setopt(h, CURLOPT_URL, url);
	curl.easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	curl.easy_setopt(h, CURLOPT_TIMEOUT_MS, timeout_ms < 0 ? 0L : (long)timeout_ms);
	curl.easy_setopt(h, CURLOPT_WRITEFUNCTION, on_bytes);
	curl.easy_setopt(h, CURLOPT_WRITEDATA, t);
	curl.easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl.easy_setopt(h, CURLOPT_XFERINFODATA, t);
	curl.easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
	set_method(h, call);
}

/* Bytes of the request that the kernel took; the head counts here, the body does not
 * matter: a server may act on what it has. */
static bool was_sent(CURL *h)
{
	long sent = 0;
	curl.easy_getinfo(h, CURLINFO_REQUEST_SIZE, &sent);
	return sent > 0;
}

static enum rc failed(struct http_client *c, const struct http_call *call, CURLcode code,
                      struct err *err)
{
	const char *words = c->words[0] ? c->words : curl.easy_strerror(code);
	const char *where = c->unix_path ? c->unix_path : c->base_url;
	if (!was_sent(c->handle))
		return err_set(err, CODE_NO_SERVER, "no server at %s: %s", where, words);
	return err_set(err, CODE_UNKNOWN_OUTCOME,
	               "%s %s was sent to %s, but the answer is lost: %s", call->method, call->path,
	               where, words);
}

static enum rc outcome(struct http_client *c, const struct transfer *t, CURLcode code,
                       struct err *err)
{
	long status = 0;
	curl.easy_getinfo(c->handle, CURLINFO_RESPONSE_CODE, &status);
	if (t->is_too_large)
		return err_set(err, CODE_TOO_LARGE, "the answer to %s %s is larger than %zu bytes",
		               t->call->method, t->call->path, t->reply->body.max);
	if (code != CURLE_OK && !t->is_ended && !t->is_cancelled)
		return failed(c, t->call, code, err);
	t->reply->status = (int)status;
	return RC_OK;
}

enum rc http_client_call(struct http_client *c, const struct http_call *call,
                         struct http_reply *reply, struct err *err)
{
	assert(call->method && call->path && call->path[0] == '/');
	struct transfer t = { .call = call, .reply = reply };
	struct curl_slist *headers = NULL;
	enum rc rc;
	curl.easy_reset(c->handle); /* options only: the connection stays */
	c->words[0] = '\0';
	buf_clear(&reply->body);
	if (make_headers(c, call, &headers)) {
		char *url = join(c->base_url, call->path);
		set_transport(c);
		set_call(c->handle, call, url, headers, &t);
		rc = outcome(c, &t, curl.easy_perform(c->handle), err);
		free(url);
	} else {
		rc = err_set(err, CODE_BAD_REQUEST, "a header of %s %s has a line break",
		             call->method, call->path);
	}
	curl.slist_free_all(headers);
	return rc;
}
