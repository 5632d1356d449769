/* The load of the crash test: threads that submit numbered tasks and perform them over the
 * Unix socket, and note outside the server what was promised to them.
 *
 *	crash-load SOCKET NOTES SUBMITTERS WORKERS SEED
 *
 * A line of NOTES is written before or after a request, each with one write(2):
 *
 *	sent N              a submit of number N is about to go out
 *	submitted N ID      … was acknowledged
 *	completed ID        a completion was acknowledged: the task has succeeded
 *	failed ID           a final failure was acknowledged
 *	wrong WORDS         an answer that no rule allows
 *
 * A lost answer is the normal case here: a submitter asks again with the same key, or (one
 * time in four) leaves the number unacknowledged; a worker tells its outcome again until it
 * is answered or its lease is lost.  A byte on standard input ends the submitting, its end
 * ends everything. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/thread.h"

enum { THREADS_MAX = 64, ANSWER_MAX = 256 * 1024, BACKLOG_MAX = 1000, LEASE_MS = 2000 };

static const char *socket_path;
static int notes = -1;
static atomic_bool is_submitting = true, is_running = true;
static _Atomic int64_t next_number, in_flight;

struct hand {
	struct thread *thread;
	uint64_t seed;
	int fd;
	struct arena *arena;
	struct buf request, answer;
};

static unsigned draw(struct hand *h, unsigned below)
{
	h->seed ^= h->seed << 13; /* xorshift64 */
	h->seed ^= h->seed >> 7;
	h->seed ^= h->seed << 17;
	return (unsigned)(h->seed >> 33) % below;
}

static void pause_ms(int ms)
{
	poll(NULL, 0, ms);
}

static void note(struct hand *h, struct str line)
{
	(void)h;
	if (write(notes, line.ptr, line.len) != (ssize_t)line.len)
		abort();
}

/* One request, one answer */

static bool open_socket(struct hand *h)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 20 };
	snprintf(to.sun_path, sizeof to.sun_path, "%s", socket_path);
	h->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (h->fd < 0)
		abort();
	setsockopt(h->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(h->fd, (struct sockaddr *)&to, sizeof to) == 0)
		return true;
	close_fd(&h->fd);
	return false;
}

/* Status and body of the answer; 0 while it is not whole. */
static int parse(struct str all, struct str *body)
{
	size_t end = str_find(all, STR("\r\n\r\n"), 0);
	if (end == SIZE_MAX)
		return 0;
	size_t at = str_find(str_sub(all, 0, end + 2), STR("Content-Length: "), 0);
	unsigned long len = at == SIZE_MAX ? 0 : strtoul(all.ptr + at + 16, NULL, 10);
	if (all.len < end + 4 + len)
		return 0;
	*body = str_sub(all, end + 4, len);
	return (int)strtol(all.ptr + 9, NULL, 10);
}

static int receive(struct hand *h, struct str *body)
{
	buf_clear(&h->answer);
	for (;;) {
		char *to = buf_room(&h->answer, 4096);
		ssize_t n = to ? recv(h->fd, to, 4096, 0) : -1;
		if (n <= 0)
			return 0;
		buf_grew(&h->answer, (size_t)n);
		int status = parse(buf_str(&h->answer), body);
		if (status)
			return status;
	}
}

/* The status; 0 when the answer was lost, or there was nobody to ask. */
static int ask(struct hand *h, const char *path, const char *key, struct str body,
               const struct json **ret)
{
	struct str text;
	*ret = NULL;
	if (h->fd < 0 && !open_socket(h))
		return 0;
	buf_clear(&h->request);
	buf_addf(&h->request,
	         "POST %s HTTP/1.1\r\nHost: takt\r\nContent-Type: application/json\r\n"
	         "%s%s%sContent-Length: %zu\r\n\r\n" STR_FMT,
	         path, key ? "Idempotency-Key: " : "", key ? key : "", key ? "\r\n" : "", body.len,
	         STR_ARG(body));
	struct str out = buf_str(&h->request);
	bool is_sent = send(h->fd, out.ptr, out.len, MSG_NOSIGNAL) == (ssize_t)out.len;
	int status = is_sent ? receive(h, &text) : 0;
	if (status == 0) {
		close_fd(&h->fd);
		return 0;
	}
	if (json_read(h->arena, text, NULL, ret, NULL) != RC_OK)
		note(h, STR("wrong an answer that is no JSON\n"));
	return status;
}

static void wrong(struct hand *h, const char *what, int status, const struct json *v)
{
	struct str code = json_get_str(v, "code", STR("no code"));
	note(h, str_fmt(h->arena, "wrong %s: %d " STR_FMT "\n", what, status, STR_ARG(code)));
}

/* Shed, on the way down, or on a disk without room: ask again. */
static bool is_lost(int status)
{
	return status == 0 || status == 500 || status == 503 || status == 507;
}

/* Submitting */

static void submit_one(struct hand *h)
{
	int64_t n = atomic_fetch_add(&next_number, 1);
	char key[40];
	const struct json *v;
	int status;
	snprintf(key, sizeof key, "crash-%012lld", (long long)n);
	struct str body = str_fmt(h->arena,
	                          "{\"kind\":\"crash.load\",\"input\":{\"n\":%lld},"
	                          "\"retry\":{\"base_ms\":1,\"cap_ms\":5},\"attempts_max\":50}",
	                          (long long)n);
	note(h, str_fmt(h->arena, "sent %lld\n", (long long)n));
	while (is_lost(status = ask(h, "/v1/tasks", key, body, &v))) {
		if (draw(h, 4) == 0 || !is_running)
			return;
		pause_ms(5);
	}
	if (status != 201 && status != 200) {
		wrong(h, "submit", status, v);
		return;
	}
	struct str id = json_get_str(v, "id", STR("?"));
	note(h, str_fmt(h->arena, "submitted %lld " STR_FMT "\n", (long long)n, STR_ARG(id)));
	atomic_fetch_add(&in_flight, 1);
}

static void submitter(void *ctx)
{
	struct hand *h = ctx;
	while (is_submitting) {
		if (in_flight > BACKLOG_MAX)
			pause_ms(1);
		else
			submit_one(h);
		arena_clear(h->arena);
	}
}

/* Performing */

struct held {
	struct str id, token;
	int64_t attempt, n;
};

/* Until it is answered.  The status; 0 when the end came first. */
static int tell(struct hand *h, const struct held *t, const char *verb, const char *more)
{
	const struct json *v;
	int status;
	const char *path = str_dupz(
	        h->arena, str_fmt(h->arena, "/v1/tasks/" STR_FMT "/%s", STR_ARG(t->id), verb));
	struct str body = str_fmt(h->arena, "{\"token\":\"" STR_FMT "\",\"attempt\":%lld%s}",
	                          STR_ARG(t->token), (long long)t->attempt, more);
	while (is_lost(status = ask(h, path, NULL, body, &v))) {
		if (!is_running)
			return 0;
		pause_ms(5);
	}
	bool is_stale = status == 409 && str_eqz(json_get_str(v, "code", STR("")), "lease_lost");
	if (status != 200 && !is_stale)
		wrong(h, verb, status, v);
	return status;
}

static void note_end(struct hand *h, const struct held *t, const char *what, int status)
{
	if (status != 200)
		return;
	note(h, str_fmt(h->arena, "%s " STR_FMT "\n", what, STR_ARG(t->id)));
	atomic_fetch_sub(&in_flight, 1);
}

static void complete(struct hand *h, const struct held *t)
{
	const char *output =
	        str_dupz(h->arena, str_fmt(h->arena, ",\"output\":{\"n\":%lld}", (long long)t->n));
	note_end(h, t, "completed", tell(h, t, "complete", output));
}

static void perform(struct hand *h, const struct held *t)
{
	static const char error[] = ",\"error\":{\"code\":\"drawn\",\"message\":\"by lot\"}";
	static const char final[] =
	        ",\"final\":true,\"error\":{\"code\":\"drawn\",\"message\":\"by lot\"}";
	switch (draw(h, 16)) {
	case 0:
		tell(h, t, "fail", error);
		break;
	case 1:
		note_end(h, t, "failed", tell(h, t, "fail", final));
		break;
	case 2:
		tell(h, t, "return", "");
		break;
	case 3:
		tell(h, t, "heartbeat",
		     ",\"progress\":0.5,\"message\":\"half\",\"log\":[\"a line\"]");
		complete(h, t);
		break;
	default:
		complete(h, t);
		break;
	}
}

static void lease_some(struct hand *h)
{
	static const char body[] = "{\"worker\":\"load\",\"kinds\":[\"crash.load\"],\"max\":8,"
	                           "\"lease_ms\":2000,\"wait_ms\":100}";
	const struct json *v;
	_Static_assert(LEASE_MS == 2000, "the body says so too");
	int status = ask(h, "/v1/leases", NULL, str_z(body), &v);
	if (is_lost(status)) {
		pause_ms(5);
		return;
	}
	const struct json *tasks = json_getz(v, "tasks");
	if (status != 200 || !tasks) {
		wrong(h, "lease", status, v);
		return;
	}
	struct held held[8];
	size_t n = 0;
	json_each(t, tasks) {
		held[n++] = (struct held){
			.id = str_dup(h->arena, json_get_str(t, "id", STR(""))),
			.token = str_dup(h->arena, json_get_str(t, "token", STR(""))),
			.attempt = json_get_int(t, "attempt", 0),
			.n = json_get_int(json_getz(t, "input"), "n", -1),
		};
	}
	for (size_t i = 0; i < n; i++)
		perform(h, &held[i]);
}

static void worker(void *ctx)
{
	struct hand *h = ctx;
	while (is_running) {
		lease_some(h);
		arena_clear(h->arena);
	}
}

/* The whole */

static void start(struct hand *h, void (*fn)(void *ctx), uint64_t seed)
{
	struct err err;
	h->seed = seed * 0x9e3779b97f4a7c15u + 1;
	h->fd = -1;
	h->arena = arena_create(64 * 1024);
	buf_init(&h->request, ANSWER_MAX);
	buf_init(&h->answer, ANSWER_MAX);
	if (thread_start(&h->thread, "load", fn, h, &err) != RC_OK)
		abort();
}

static void finish(struct hand *h)
{
	thread_join(h->thread);
	close_fd(&h->fd);
	arena_destroy(h->arena);
	buf_fini(&h->request);
	buf_fini(&h->answer);
}

static size_t number(const char *text, size_t max)
{
	return size_min((size_t)strtoul(text, NULL, 10), max);
}

int main(int argc, char **argv)
{
	static struct hand hands[2 * THREADS_MAX];
	char byte;
	if (argc != 6)
		return 2;
	socket_path = argv[1];
	notes = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (notes < 0)
		return 1;
	size_t submitters = number(argv[3], THREADS_MAX), workers = number(argv[4], THREADS_MAX);
	uint64_t seed = strtoull(argv[5], NULL, 10);
	for (size_t i = 0; i < submitters + workers; i++)
		start(&hands[i], i < submitters ? submitter : worker, seed + i);
	if (pipe_read(STDIN_FILENO, &byte, 1) == 1) {
		is_submitting = false;
		while (pipe_read(STDIN_FILENO, &byte, 1) == 1)
			;
	}
	is_submitting = is_running = false;
	for (size_t i = 0; i < submitters + workers; i++)
		finish(&hands[i]);
	return 0;
}
