/* Server-sent events: a stream of bytes, cut anywhere, becomes whole events.
 *
 * Lines end with LF, CR or CRLF; a blank line ends an event; several data lines are
 * joined with LF; a line that begins with a colon is a comment.  An event without data
 * is dropped, as the standard says. */
#include "client/client_priv.h"

enum { LINE_MAX = 4 << 20 };

void sse_init(struct sse *s)
{
	*s = (struct sse){ .seq = -1 };
	buf_init(&s->line, LINE_MAX);
	buf_init(&s->data, LINE_MAX);
}

void sse_fini(struct sse *s)
{
	buf_fini(&s->line);
	buf_fini(&s->data);
}

static void take_field(struct sse *s, struct str name, struct str value)
{
	if (str_eqz(name, "data")) {
		if (s->has_data)
			buf_addc(&s->data, '\n');
		buf_add(&s->data, value);
		s->has_data = true;
	} else if (str_eqz(name, "event")) {
		snprintf(s->type, sizeof s->type, STR_FMT, STR_ARG(value));
	} else if (str_eqz(name, "id")) {
		int64_t seq;
		if (str_to_i64(value, &seq) == RC_OK)
			s->seq = seq;
	}
}

static void take_line(struct sse *s)
{
	struct str line = buf_str(&s->line);
	if (line.len == 0 || line.ptr[0] == ':')
		return;
	struct str value;
	struct str name = str_cut(line, ':', &value);
	if (value.len && value.ptr[0] == ' ')
		value = str_sub(value, 1, value.len);
	take_field(s, name, value);
}

static void forget_event(struct sse *s)
{
	buf_clear(&s->data);
	s->has_data = false;
	s->type[0] = '\0';
	s->seq = -1;
}

/* A line is whole.  False when fn wants no more. */
static bool end_line(struct sse *s, bool (*fn)(void *ctx, const struct sse *event), void *ctx)
{
	bool goes_on = true;
	if (s->line.len == 0) {
		if (s->has_data)
			goes_on = fn(ctx, s);
		forget_event(s);
	} else {
		take_line(s);
	}
	buf_clear(&s->line);
	return goes_on;
}

bool sse_feed(struct sse *s, struct str bytes, bool (*fn)(void *ctx, const struct sse *event),
              void *ctx)
{
	for (size_t i = 0; i < bytes.len; i++) {
		char c = bytes.ptr[i];
		bool is_second = c == '\n' && s->is_after_cr;
		s->is_after_cr = c == '\r';
		if (is_second)
			continue;
		if (c != '\n' && c != '\r')
			buf_addc(&s->line, c);
		else if (!end_line(s, fn, ctx))
			return false;
		if (buf_rc(&s->line) != RC_OK || buf_rc(&s->data) != RC_OK) {
			s->is_broken = true;
			return false;
		}
	}
	return true;
}
