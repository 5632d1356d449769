/* Submits: see talk.h. */
#include <stdio.h>

#include "bench/talk.h"

#include "base/arena.h"
#include "base/str.h"
#include "bench/wire.h"

enum { CREATED = 201, COUNTER_DIGITS = 16 };

struct submit_talk {
	struct talk talk;
	char *bytes;
	size_t len;
	size_t counter_at; /* where the digits stand that differ in each request, or SIZE_MAX */
	int64_t counter;
};

void talk_end(struct talk *t)
{
	if (t && t->end)
		t->end(t);
}

struct str talk_post(struct arena *a, struct str key, const char *path, const char *more,
                     struct str body)
{
	return str_fmt(a,
	               "POST %s HTTP/1.1\r\n"
	               "Host: 127.0.0.1\r\n"
	               "Authorization: Bearer " STR_FMT "\r\n"
	               "Content-Type: application/json\r\n"
	               "%sContent-Length: %zu\r\n\r\n" STR_FMT,
	               path, STR_ARG(key), more, body.len, STR_ARG(body));
}

struct str talk_input(struct arena *a)
{
	static const char head[] = "{\"order\":1234567,\"customer\":\"c-20391\",\"note\":\"";
	struct buf b = BUF_INIT(TALK_INPUT_BYTES);
	buf_addz(&b, head);
	while (b.len < TALK_INPUT_BYTES - 2)
		buf_addc(&b, (char)('a' + b.len % 26));
	buf_addz(&b, "\"}");
	struct str ret = str_dup(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

static struct str submit_say(struct talk *t, int line)
{
	struct submit_talk *s = (struct submit_talk *)t;
	(void)line;
	if (s->counter_at != SIZE_MAX) {
		char digits[COUNTER_DIGITS + 8];
		snprintf(digits, sizeof digits, "%016lld", (long long)s->counter++);
		memcpy(s->bytes + s->counter_at, digits, COUNTER_DIGITS);
	}
	return (struct str){ s->bytes, s->len };
}

static enum rc submit_hear(struct talk *t, int line, int status, struct str body, bool *ret_is_end,
                           struct err *err)
{
	(void)t;
	(void)line;
	if (status != CREATED)
		return wire_unwanted(status, CREATED, body, err);
	*ret_is_end = true;
	return RC_OK;
}

struct talk *talk_submit(struct arena *a, struct str key, bool is_keyed)
{
	static const char counter[] = "0000000000000000";
	struct submit_talk *s = arena_new(a, struct submit_talk, 1);
	struct str input = talk_input(a);
	struct str body = str_fmt(a, "{\"kind\":\"bench\",\"input\":" STR_FMT "}", STR_ARG(input));
	const char *more = is_keyed ? "Idempotency-Key: bench-0000000000000000\r\n" : "";
	struct str bytes = talk_post(a, key, "/v1/tasks", more, body);
	*s = (struct submit_talk){
		.talk = { .say = submit_say, .hear = submit_hear },
		.bytes = str_dupz(a, bytes),
		.len = bytes.len,
		.counter_at = is_keyed ? str_find(bytes, str_z(counter), 0) : SIZE_MAX,
	};
	return &s->talk;
}
