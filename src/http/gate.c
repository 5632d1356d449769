/* The strict gate: see gate.h. */
#include "http/gate.h"

#include "base/arena.h"
#include "base/str.h"
#include "http/parse.h"

/* Scanning
 *
 *	BEGIN -> LINE -> LINE_LF -> FIELD -> NAME -> VALUE -> VALUE_LF -> FIELD …
 *	                            FIELD -> END_LF -> whole
 *
 * One empty line before the request line is skipped (RFC 9112, 2.2). */
enum scan_state {
	SCAN_BEGIN,
	SCAN_BEGIN_LF,
	SCAN_LINE_FIRST,
	SCAN_LINE,
	SCAN_LINE_LF,
	SCAN_FIELD,
	SCAN_NAME,
	SCAN_VALUE,
	SCAN_VALUE_LF,
	SCAN_END_LF,
	SCAN_WHOLE
};

/* RFC 9110, 5.6.2: letters, digits and !#$%&'*+-.^_`|~ make names of headers and
 * methods.  A bit for each. */
static bool is_token(unsigned char c)
{
	static const uint64_t tokens[4] = { 0x03ff6cfa00000000u, 0x57ffffffc7fffffeu };
	return tokens[c >> 6] >> (c & 63) & 1;
}

static bool is_line_byte(unsigned char c)
{
	return c >= ' ' && c <= '~';
}

static bool is_value_byte(unsigned char c)
{
	return c == '\t' || (c >= ' ' && c != 0x7f);
}

static int refuse(struct refusal *r, int status, const char *reason)
{
	*r = (struct refusal){ status, reason };
	return -1;
}

static int refuse_byte(struct refusal *r, unsigned char c, const char *otherwise)
{
	if (c == '\n')
		return refuse(r, 400, "a line ends with a bare LF");
	return refuse(r, 400, otherwise);
}

static int after_cr(struct refusal *r, unsigned char c, enum scan_state next)
{
	return c == '\n' ? (int)next : refuse(r, 400, "a CR is not followed by LF");
}

static int scan_line(struct refusal *r, unsigned char c)
{
	if (is_line_byte(c))
		return SCAN_LINE;
	if (c == '\r')
		return SCAN_LINE_LF;
	return refuse_byte(r, c, "a byte that is not printable ASCII in the request line");
}

static int scan_field(struct refusal *r, unsigned char c)
{
	if (is_token(c))
		return SCAN_NAME;
	if (c == '\r')
		return SCAN_END_LF;
	if (c == ' ' || c == '\t')
		return refuse(r, 400, "a folded header line");
	return refuse_byte(r, c, "a header line that does not begin with a name");
}

static int scan_name(struct refusal *r, unsigned char c)
{
	if (is_token(c))
		return SCAN_NAME;
	if (c == ':')
		return SCAN_VALUE;
	if (c == ' ' || c == '\t')
		return refuse(r, 400, "a space before the colon of a header");
	return refuse_byte(r, c, "a header line without a colon, or a bad byte in its name");
}

static int scan_value(struct refusal *r, unsigned char c)
{
	if (is_value_byte(c))
		return SCAN_VALUE;
	if (c == '\r')
		return SCAN_VALUE_LF;
	return refuse_byte(r, c, "a control byte in a header");
}

static int scan_value_end(struct gate_scan *g, struct refusal *r, unsigned char c)
{
	if (++g->n_headers > PARSE_HEADERS_MAX)
		return refuse(r, 431, "too many headers");
	return after_cr(r, c, SCAN_FIELD);
}

static int scan_byte(struct gate_scan *g, struct refusal *r, unsigned char c)
{
	switch ((enum scan_state)g->state) {
	case SCAN_BEGIN:
		return c == '\r' ? (int)SCAN_BEGIN_LF : scan_line(r, c);
	case SCAN_BEGIN_LF:
		return after_cr(r, c, SCAN_LINE_FIRST);
	case SCAN_LINE_FIRST:
		return c == '\r' ? refuse(r, 400, "empty lines before the request")
		                 : scan_line(r, c);
	case SCAN_LINE:
		return scan_line(r, c);
	case SCAN_LINE_LF:
		return after_cr(r, c, SCAN_FIELD);
	case SCAN_FIELD:
		return scan_field(r, c);
	case SCAN_NAME:
		return scan_name(r, c);
	case SCAN_VALUE:
		return scan_value(r, c);
	case SCAN_VALUE_LF:
		return scan_value_end(g, r, c);
	case SCAN_END_LF:
		return after_cr(r, c, SCAN_WHOLE);
	case SCAN_WHOLE:
		break;
	}
	abort();
}

/* Most bytes of a head are inside values: those are passed over without a switch. */
static size_t skip_value(const unsigned char *p, size_t at, size_t end)
{
	while (at < end && is_value_byte(p[at]))
		at++;
	return at;
}

bool gate_scan(struct gate_scan *g, struct str bytes, size_t head_max, size_t *ret_taken,
               struct refusal *refusal)
{
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	size_t end = size_min(bytes.len, head_max - g->seen), at = 0;
	refusal->status = 0;
	while (at < end) {
		if (g->state == SCAN_VALUE)
			at = skip_value(p, at, end);
		if (at == end)
			break;
		g->state = scan_byte(g, refusal, p[at++]);
		if (refusal->status)
			return false;
		if (g->state == SCAN_WHOLE) {
			*ret_taken = at;
			return true;
		}
	}
	g->seen += at;
	if (at < bytes.len)
		refuse(refusal, 431, "the request line and headers are too long");
	return false;
}

/* Reading */

static struct refusal bad(const char *reason)
{
	return (struct refusal){ 400, reason };
}

struct str http_method_text(enum http_method m)
{
	static const struct str texts[] = {
		[HTTP_GET] = STR_INIT("GET"),         [HTTP_HEAD] = STR_INIT("HEAD"),
		[HTTP_POST] = STR_INIT("POST"),       [HTTP_PUT] = STR_INIT("PUT"),
		[HTTP_PATCH] = STR_INIT("PATCH"),     [HTTP_DELETE] = STR_INIT("DELETE"),
		[HTTP_OPTIONS] = STR_INIT("OPTIONS"), [HTTP_METHOD_OTHER] = STR_INIT("other"),
	};
	assert(m < ARRAY_LEN(texts));
	return texts[m];
}

static enum http_method method_of(struct str text)
{
	for (enum http_method m = HTTP_GET; m < HTTP_METHOD_OTHER; m++)
		if (str_eq(text, http_method_text(m)))
			return m;
	return HTTP_METHOD_OTHER;
}

static struct refusal read_target(struct str target, struct request_head *ret)
{
	if (target.len == 0 || target.ptr[0] != '/')
		return bad("the target does not begin with \"/\"");
	if (memchr(target.ptr, '#', target.len))
		return bad("the target has a fragment");
	ret->target = target;
	ret->path = str_cut(target, '?', &ret->query);
	return (struct refusal){ 0 };
}

static bool is_version(struct str s)
{
	return s.len == 8 && str_starts(s, STR("HTTP/")) && s.ptr[5] >= '0' && s.ptr[5] <= '9' &&
	       s.ptr[6] == '.' && s.ptr[7] >= '0' && s.ptr[7] <= '9';
}

static bool is_method(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_token((unsigned char)s.ptr[i]))
			return false;
	return s.len > 0;
}

/* "METHOD SP target SP HTTP/1.1", with exactly these spaces. */
static struct refusal read_line(struct str line, struct request_head *ret)
{
	struct str rest;
	struct str method = str_cut(line, ' ', &rest);
	struct str target = str_cut(rest, ' ', &rest);
	if (!is_method(method) || !is_version(rest))
		return bad("the request line is not \"METHOD target HTTP/1.1\"");
	struct refusal r = read_target(target, ret);
	if (r.status)
		return r;
	if (!str_eq(rest, STR("HTTP/1.1")) && !str_eq(rest, STR("HTTP/1.0")))
		return (struct refusal){ 505, "only HTTP/1.1 and HTTP/1.0 are spoken here" };
	ret->method = method_of(method);
	ret->is_http10 = rest.ptr[7] == '0';
	return r;
}

static size_t find_header(const struct request_head *h, struct str name, struct str *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < h->n_headers; i++) {
		if (!str_eq_nocase(h->headers[i].name, name))
			continue;
		if (n++ == 0)
			*ret = h->headers[i].value;
	}
	return n;
}

static bool is_host(struct str s)
{
	static const char others[] = "-._~:[]%";
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool is_alnum =
		        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!is_alnum && !(c && strchr(others, c)))
			return false;
	}
	return s.len > 0;
}

static struct refusal check_host(const struct request_head *h)
{
	struct str host = { 0 };
	size_t n = find_header(h, STR("host"), &host);
	if (n == 0 && !h->is_http10)
		return bad("the Host header is missing");
	if (n > 1)
		return bad("more than one Host header");
	if (n == 1 && !is_host(host))
		return bad("the Host header is not a host name and port");
	return (struct refusal){ 0 };
}

static struct refusal check_framing(struct request_head *h)
{
	struct str length = { 0 }, encoding = { 0 };
	size_t n_length = find_header(h, STR("content-length"), &length);
	size_t n_encoding = find_header(h, STR("transfer-encoding"), &encoding);
	if (n_length > 1)
		return bad("more than one Content-Length");
	if (n_length && n_encoding)
		return bad("Content-Length together with Transfer-Encoding");
	if (n_encoding > 1 || (n_encoding && !str_eq_nocase(encoding, STR("chunked"))))
		return bad("a Transfer-Encoding other than one \"chunked\"");
	if (n_encoding && h->is_http10)
		return bad("Transfer-Encoding in HTTP/1.0");
	/* The bound keeps every sum of sizes far from overflow. */
	if (n_length &&
	    (str_to_u64(length, &h->content_length) != RC_OK || h->content_length > INT64_MAX / 2))
		return bad("the Content-Length is not a number, or too large for one");
	h->is_chunked = n_encoding == 1;
	return (struct refusal){ 0 };
}

static struct refusal check_expect(struct request_head *h)
{
	struct str expect = { 0 };
	if (find_header(h, STR("expect"), &expect) == 0 || h->is_http10)
		return (struct refusal){ 0 };
	if (!str_eq_nocase(expect, STR("100-continue")))
		return (struct refusal){ 417, "an expectation other than 100-continue" };
	h->expects_continue = true;
	return (struct refusal){ 0 };
}

static void keep_headers(struct arena *a, const struct parsed_head *p, struct request_head *ret)
{
	struct http_header *headers = arena_new(a, struct http_header, p->n_headers);
	for (size_t i = 0; i < p->n_headers; i++)
		headers[i] =
		        (struct http_header){ p->headers[i].name, str_trim(p->headers[i].value) };
	ret->headers = headers;
	ret->n_headers = p->n_headers;
	ret->is_keep_alive = p->is_keep_alive;
}

static struct refusal read_headers(struct arena *a, struct str bytes, struct request_head *ret)
{
	struct parsed_head parsed;
	const char *reason;
	switch (parse_head(bytes, &parsed, &reason)) {
	case PARSE_OK:
		keep_headers(a, &parsed, ret);
		return (struct refusal){ 0 };
	case PARSE_UNKNOWN_METHOD:
		return (struct refusal){ 501, "the method is not known here" };
	case PARSE_MALFORMED:
		return bad(reason);
	}
	abort();
}

struct refusal gate_read_head(struct arena *a, struct str bytes, struct request_head *ret)
{
	*ret = (struct request_head){ 0 };
	if (str_starts(bytes, STR("\r\n")))
		bytes = str_sub(bytes, 2, bytes.len);
	struct str line = str_sub(bytes, 0, str_find(bytes, STR("\r\n"), 0));
	struct refusal r = read_line(line, ret);
	if (!r.status)
		r = read_headers(a, bytes, ret);
	if (!r.status)
		r = check_host(ret);
	if (!r.status)
		r = check_framing(ret);
	if (!r.status)
		r = check_expect(ret);
	return r;
}
