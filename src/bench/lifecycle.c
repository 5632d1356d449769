/* Whole lives of tasks: see talk.h.  On each line a task is submitted, one is leased
 * (whoever submitted it), and that one is completed. */
#include <stdio.h>

#include "bench/talk.h"

#include "base/arena.h"
#include "base/str.h"
#include "bench/wire.h"

enum word { SUBMIT, LEASE, COMPLETE, WORDS };
enum { REQUEST_MAX = 1024, ID_MAX = 32, TOKEN_MAX = 40 };

struct life {
	enum word next;
	char id[ID_MAX], token[TOKEN_MAX]; /* of the lease */
	int64_t attempt;
};

struct lifecycle_talk {
	struct talk talk;
	struct str submit, lease;
	struct str key;
	char complete[REQUEST_MAX];
	struct life *lives; /* by line */
};

/* The text between `before` and the next quote, as the server spells it. */
static bool read_text(struct str body, const char *before, char *to, size_t room)
{
	size_t at = str_find(body, str_z(before), 0);
	if (at == SIZE_MAX)
		return false;
	size_t from = at + strlen(before), end = str_find(body, STR("\""), from);
	if (end == SIZE_MAX || end - from >= room)
		return false;
	memcpy(to, body.ptr + from, end - from);
	to[end - from] = '\0';
	return true;
}

static struct str say_complete(struct lifecycle_talk *t, const struct life *l)
{
	char body[160];
	int n = snprintf(body, sizeof body,
	                 "{\"token\":\"%s\",\"attempt\":%lld,\"output\":{\"ok\":true}}", l->token,
	                 (long long)l->attempt);
	int all = snprintf(t->complete, sizeof t->complete,
	                   "POST /v1/tasks/%s/complete HTTP/1.1\r\n"
	                   "Host: 127.0.0.1\r\n"
	                   "Authorization: Bearer " STR_FMT "\r\n"
	                   "Content-Type: application/json\r\n"
	                   "Content-Length: %d\r\n\r\n%s",
	                   l->id, STR_ARG(t->key), n, body);
	assert(all > 0 && all < REQUEST_MAX);
	return (struct str){ t->complete, (size_t)all };
}

static struct str say(struct talk *talk, int line)
{
	struct lifecycle_talk *t = (struct lifecycle_talk *)talk;
	struct life *l = &t->lives[line];
	switch (l->next) {
	case SUBMIT:
		return t->submit;
	case LEASE:
		return t->lease;
	case COMPLETE:
		return say_complete(t, l);
	case WORDS:
		break;
	}
	abort();
}

static enum rc read_lease(struct life *l, struct str body, struct err *err)
{
	char digits[24];
	size_t at = str_find(body, STR("\"attempt\":"), 0);
	if (!read_text(body, "\"id\":\"", l->id, sizeof l->id) ||
	    !read_text(body, "\"token\":\"", l->token, sizeof l->token) || at == SIZE_MAX)
		return err_set(err, CODE_CONFLICT, "a task was submitted, but none is leased");
	struct str number = str_sub(body, at + strlen("\"attempt\":"), sizeof digits - 1);
	memcpy(digits, number.ptr, number.len);
	digits[number.len] = '\0';
	l->attempt = strtoll(digits, NULL, 10);
	return RC_OK;
}

static enum rc hear(struct talk *talk, int line, int status, struct str body, bool *ret_is_end,
                    struct err *err)
{
	static const int wanted[WORDS] = { 201, 200, 200 };
	struct life *l = &((struct lifecycle_talk *)talk)->lives[line];
	enum word said = l->next;
	if (status != wanted[said])
		return wire_unwanted(status, wanted[said], body, err);
	l->next = (said + 1) % WORDS;
	*ret_is_end = said == COMPLETE;
	return said == LEASE ? read_lease(l, body, err) : RC_OK;
}

struct talk *talk_lifecycle(struct arena *a, struct str key, const char *kind, int lines)
{
	struct lifecycle_talk *t = arena_new(a, struct lifecycle_talk, 1);
	struct str submit =
	        str_fmt(a, "{\"kind\":\"%s\",\"input\":" STR_FMT "}", kind, STR_ARG(talk_input(a)));
	struct str lease = str_fmt(a, "{\"worker\":\"bench\",\"kinds\":[\"%s\"]}", kind);
	*t = (struct lifecycle_talk){
		.talk = { .say = say, .hear = hear },
		.submit = talk_post(a, key, "/v1/tasks", "", submit),
		.lease = talk_post(a, key, "/v1/leases", "", lease),
		.key = key,
		.lives = arena_new(a, struct life, (size_t)lines),
	};
	return &t->talk;
}
