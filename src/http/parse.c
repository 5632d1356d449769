/* Reading a head with http-parser: see parse.h. */
#include <http_parser.h>

#include "http/parse.h"

struct reading {
	struct parsed_head *head;
	bool is_in_value;
};

/* A name or value may come in pieces; they are neighbours in the one buffer. */
static void extend(struct str *s, const char *at, size_t len)
{
	if (!s->ptr)
		s->ptr = at;
	s->len = (size_t)(at - s->ptr) + len;
}

static int on_header_field(http_parser *p, const char *at, size_t len)
{
	struct reading *r = p->data;
	struct parsed_head *h = r->head;
	if (h->n_headers == 0 || r->is_in_value) {
		if (h->n_headers == PARSE_HEADERS_MAX)
			return 1;
		h->headers[h->n_headers].name = (struct str){ 0 };
		h->headers[h->n_headers++].value = (struct str){ 0 };
	}
	r->is_in_value = false;
	extend(&h->headers[h->n_headers - 1].name, at, len);
	return 0;
}

static int on_header_value(http_parser *p, const char *at, size_t len)
{
	struct reading *r = p->data;
	r->is_in_value = true;
	extend(&r->head->headers[r->head->n_headers - 1].value, at, len);
	return 0;
}

static int on_headers_complete(http_parser *p)
{
	struct reading *r = p->data;
	r->head->is_keep_alive = http_should_keep_alive(p) != 0;
	return 1; /* no body for this parser */
}

enum parse_result parse_head(struct str bytes, struct parsed_head *ret, const char **reason)
{
	static const http_parser_settings settings = {
		.on_header_field = on_header_field,
		.on_header_value = on_header_value,
		.on_headers_complete = on_headers_complete,
	};
	struct reading r = { .head = ret };
	http_parser p;
	http_parser_init(&p, HTTP_REQUEST);
	p.data = &r;
	ret->n_headers = 0;
	ret->is_keep_alive = false;
	size_t n = http_parser_execute(&p, &settings, bytes.ptr, bytes.len);
	enum http_errno e = HTTP_PARSER_ERRNO(&p);
	if (e == HPE_OK && n == bytes.len)
		return PARSE_OK;
	*reason = e == HPE_OK ? "the head is malformed" : http_errno_description(e);
	return e == HPE_INVALID_METHOD ? PARSE_UNKNOWN_METHOD : PARSE_MALFORMED;
}
