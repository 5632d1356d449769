/* Writing the head of an answer: see answer.h. */
#include "http/answer.h"

/* RFC 9110, 15: the phrases that we ever send; others get none, which is legal. */
static struct str phrase(int status)
{
	static const struct {
		int status;
		struct str text;
	} phrases[] = {
		{ 200, STR_INIT("OK") },
		{ 201, STR_INIT("Created") },
		{ 202, STR_INIT("Accepted") },
		{ 204, STR_INIT("No Content") },
		{ 206, STR_INIT("Partial Content") },
		{ 301, STR_INIT("Moved Permanently") },
		{ 302, STR_INIT("Found") },
		{ 303, STR_INIT("See Other") },
		{ 304, STR_INIT("Not Modified") },
		{ 307, STR_INIT("Temporary Redirect") },
		{ 308, STR_INIT("Permanent Redirect") },
		{ 400, STR_INIT("Bad Request") },
		{ 401, STR_INIT("Unauthorized") },
		{ 403, STR_INIT("Forbidden") },
		{ 404, STR_INIT("Not Found") },
		{ 405, STR_INIT("Method Not Allowed") },
		{ 406, STR_INIT("Not Acceptable") },
		{ 408, STR_INIT("Request Timeout") },
		{ 409, STR_INIT("Conflict") },
		{ 410, STR_INIT("Gone") },
		{ 411, STR_INIT("Length Required") },
		{ 412, STR_INIT("Precondition Failed") },
		{ 413, STR_INIT("Content Too Large") },
		{ 415, STR_INIT("Unsupported Media Type") },
		{ 416, STR_INIT("Range Not Satisfiable") },
		{ 417, STR_INIT("Expectation Failed") },
		{ 421, STR_INIT("Misdirected Request") },
		{ 422, STR_INIT("Unprocessable Content") },
		{ 426, STR_INIT("Upgrade Required") },
		{ 428, STR_INIT("Precondition Required") },
		{ 429, STR_INIT("Too Many Requests") },
		{ 431, STR_INIT("Request Header Fields Too Large") },
		{ 500, STR_INIT("Internal Server Error") },
		{ 501, STR_INIT("Not Implemented") },
		{ 502, STR_INIT("Bad Gateway") },
		{ 503, STR_INIT("Service Unavailable") },
		{ 504, STR_INIT("Gateway Timeout") },
		{ 505, STR_INIT("HTTP Version Not Supported") },
		{ 507, STR_INIT("Insufficient Storage") },
	};
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].text;
	return (struct str){ "", 0 };
}

bool answer_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* A value may hold what a client sent; a line break in it would begin a header of the
 * client's choice. */
static void add_value(struct buf *out, struct str value)
{
	char *to = buf_room(out, value.len);
	if (!to || value.len == 0)
		return;
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		to[i] = (c < ' ' && c != '\t') || c == 0x7f ? ' ' : value.ptr[i];
	}
	buf_grew(out, value.len);
}

static void add_header(struct buf *out, struct str name, struct str value)
{
	add_value(out, name);
	buf_add(out, STR(": "));
	add_value(out, value);
	buf_add(out, STR("\r\n"));
}

static void add_framing(struct buf *out, const struct answer_head *a)
{
	switch (a->framing) {
	case ANSWER_LENGTH:
		buf_add(out, STR("Content-Length: "));
		buf_add_i64(out, (int64_t)a->length);
		buf_add(out, STR("\r\n"));
		break;
	case ANSWER_CHUNKED:
		buf_add(out, STR("Transfer-Encoding: chunked\r\n"));
		break;
	case ANSWER_UNTIL_CLOSE:
		break;
	}
}

static void add_connection(struct buf *out, enum answer_connection connection)
{
	switch (connection) {
	case ANSWER_SILENT:
		break;
	case ANSWER_KEEP_ALIVE:
		buf_add(out, STR("Connection: keep-alive\r\n"));
		break;
	case ANSWER_CLOSE:
		buf_add(out, STR("Connection: close\r\n"));
		break;
	}
}

void answer_add_head(struct buf *out, const struct answer_head *a)
{
	assert(a->status >= 100 && a->status <= 599);
	buf_add(out, STR("HTTP/1.1 "));
	buf_add_i64(out, a->status);
	buf_addc(out, ' ');
	buf_add(out, phrase(a->status));
	buf_add(out, STR("\r\n"));
	buf_add(out, a->date);
	if (a->content_type.len)
		add_header(out, STR("Content-Type"), a->content_type);
	if (answer_has_body(a->status))
		add_framing(out, a);
	add_connection(out, a->connection);
	for (size_t i = 0; i < a->n_headers; i++)
		add_header(out, a->headers[i].name, a->headers[i].value);
	buf_add(out, STR("\r\n"));
}

struct str answer_date(struct answer_date *d, int64_t wall_ms)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t second = wall_ms / 1000;
	if (d->len == 0 || d->second != second) {
		time_t s = (time_t)second;
		struct tm t;
		gmtime_r(&s, &t);
		int n = snprintf(d->line, sizeof d->line,
		                 "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[t.tm_wday],
		                 t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min,
		                 t.tm_sec);
		assert(n > 0 && (size_t)n < sizeof d->line);
		d->len = (size_t)n;
		d->second = second;
	}
	return (struct str){ d->line, d->len };
}
