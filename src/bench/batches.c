/* Lives of tasks a hundred at a time: see talk.h. */
#include "bench/talk.h"

#include "base/arena.h"
#include "base/str.h"
#include "bench/wire.h"

enum word { SUBMIT, LEASE, FINISH, WORDS };
enum { FINISH_BYTES_MAX = 32 * 1024, HEAD_ROOM = 512 };

struct batch_talk {
	struct talk talk;
	struct str submit, lease, key;
	struct buf finish; /* head and body; said right after the leases were heard */
	enum word *next;   /* by line */
	enum word first, last;
};

static struct str say(struct talk *talk, int line)
{
	struct batch_talk *t = (struct batch_talk *)talk;
	switch (t->next[line]) {
	case SUBMIT:
		return t->submit;
	case LEASE:
		return t->lease;
	case FINISH:
		return buf_str(&t->finish);
	case WORDS:
		break;
	}
	abort();
}

/* The text behind `name`, as far as `end`; *at moves behind it.  Empty: there is no more. */
static struct str next_member(struct str body, const char *name, char end, size_t *at)
{
	size_t from = str_find(body, str_z(name), *at);
	if (from == SIZE_MAX)
		return (struct str){ 0 };
	from += strlen(name);
	size_t to = from;
	while (to < body.len && body.ptr[to] != end)
		to++;
	*at = to;
	return str_sub(body, from, to - from);
}

/* The members stand in the order in which the server writes them. */
static int add_words(struct buf *to, struct str leases)
{
	int n = 0;
	for (size_t at = 0;; n++) {
		struct str id = next_member(leases, "{\"id\":\"", '"', &at);
		struct str attempt = next_member(leases, "\"attempt\":", ',', &at);
		struct str token = next_member(leases, "\"token\":\"", '"', &at);
		if (!token.len)
			return n;
		buf_addf(to,
		         "%s{\"id\":\"" STR_FMT "\",\"attempt\":" STR_FMT ",\"token\":\"" STR_FMT
		         "\",\"output\":{\"ok\":true}}",
		         n ? "," : "", STR_ARG(id), STR_ARG(attempt), STR_ARG(token));
	}
}

static enum rc read_leases(struct batch_talk *t, struct str leases, struct err *err)
{
	struct buf words = BUF_INIT(FINISH_BYTES_MAX);
	buf_addz(&words, "{\"completed\":[");
	int n = add_words(&words, leases);
	buf_addz(&words, "]}");
	buf_clear(&t->finish);
	buf_addf(&t->finish,
	         "POST /v1/tasks/finish HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	         "Authorization: Bearer " STR_FMT "\r\nContent-Type: application/json\r\n"
	         "Content-Length: %zu\r\n\r\n",
	         STR_ARG(t->key), words.len);
	buf_add(&t->finish, buf_str(&words));
	buf_fini(&words);
	assert(buf_rc(&t->finish) == RC_OK);
	if (n == TALK_BATCH)
		return RC_OK;
	return err_set(err, CODE_CONFLICT, "%d tasks were submitted, but %d are leased", TALK_BATCH,
	               n);
}

static enum rc check_finished(struct str body, struct err *err)
{
	size_t at = 0;
	int n = 0;
	while (next_member(body, "\"state\":\"succeeded", '"', &at).ptr)
		n++;
	if (n == TALK_BATCH)
		return RC_OK;
	return err_set(err, CODE_CONFLICT, "of %d tasks %d are completed", TALK_BATCH, n);
}

static enum rc hear(struct talk *talk, int line, int status, struct str body, bool *ret_is_end,
                    struct err *err)
{
	static const int wanted[WORDS] = { 201, 200, 200 };
	struct batch_talk *t = (struct batch_talk *)talk;
	enum word said = t->next[line];
	if (status != wanted[said])
		return wire_unwanted(status, wanted[said], body, err);
	*ret_is_end = said == t->last;
	t->next[line] = said == t->last ? t->first : said + 1;
	if (said == LEASE)
		return read_leases(t, body, err);
	return said == FINISH ? check_finished(body, err) : RC_OK;
}

static void end(struct talk *talk)
{
	buf_fini(&((struct batch_talk *)talk)->finish);
}

static struct str submit_body(struct arena *a, const char *kind)
{
	struct buf b = BUF_INIT(1 << 20);
	struct str input = talk_input(a);
	buf_addz(&b, "{\"tasks\":[");
	for (int i = 0; i < TALK_BATCH; i++)
		buf_addf(&b, "%s{\"kind\":\"%s\",\"input\":" STR_FMT "}", i ? "," : "", kind,
		         STR_ARG(input));
	buf_addz(&b, "]}");
	struct str ret = str_dup(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

static struct talk *batch_talk(struct arena *a, struct str key, const char *kind, enum word first,
                               enum word last, int lines)
{
	struct batch_talk *t = arena_new(a, struct batch_talk, 1);
	*t = (struct batch_talk){
		.talk = { .say = say, .hear = hear, .end = end },
		.submit = talk_post(a, key, "/v1/tasks/batch", "", submit_body(a, kind)),
		.lease =
		        talk_post(a, key, "/v1/leases", "",
		                  str_fmt(a, "{\"worker\":\"bench\",\"kinds\":[\"%s\"],\"max\":%d}",
		                          kind, TALK_BATCH)),
		.key = key,
		.finish = BUF_INIT(FINISH_BYTES_MAX + HEAD_ROOM),
		.next = arena_new(a, enum word, (size_t)lines),
		.first = first,
		.last = last,
	};
	for (int i = 0; i < lines; i++)
		t->next[i] = first;
	return &t->talk;
}

struct talk *talk_submit_batches(struct arena *a, struct str key, int lines)
{
	return batch_talk(a, key, "bench", SUBMIT, SUBMIT, lines);
}

struct talk *talk_lifecycle_batches(struct arena *a, struct str key, int lines)
{
	return batch_talk(a, key, "lives", SUBMIT, FINISH, lines);
}

struct talk *talk_drain_batches(struct arena *a, struct str key, int lines)
{
	return batch_talk(a, key, "bench", LEASE, FINISH, lines);
}
