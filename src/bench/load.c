/* The load generator: see load.h. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/load.h"

#include "base/str.h"
#include "bench/answer.h"
#include "sys/env.h"
#include "sys/file.h"

enum { ANSWER_MAX = 16 * 1024, SILENCE_MS = 20 * 1000 };

struct line {
	int fd;
	size_t in_len;
	int64_t sent_us;
	bool is_waiting;
	char in[ANSWER_MAX];
};

struct load {
	const struct load_request *request;
	char *bytes; /* our copy: the counter is written into it */
	struct line *lines;
	int n_lines;
	int epoll;
	int waiting;
	int64_t counter, end_us;
	uint32_t *latencies;
	size_t n_latencies, cap_latencies;
};

static int64_t now_us(void)
{
	return env_mono_us(&env_system);
}

/* Sockets */

static enum rc connect_to(int port, int *ret, struct err *err)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons((uint16_t)port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		(void)err_set(err, CODE_IO, "connecting to 127.0.0.1:%d: %s", port,
		              strerror(errno));
		close_fd(&fd);
		return RC_IO;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	*ret = fd;
	return RC_OK;
}

/* The requests are a fraction of a socket's buffer, and the one before was answered. */
static enum rc send_all(int fd, struct str bytes, struct err *err)
{
	while (bytes.len) {
		ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, CODE_IO, "sending a request: %s", strerror(errno));
		bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return RC_OK;
}

static enum rc receive(int fd, char *to, size_t room, size_t *ret, struct err *err)
{
	ssize_t n;
	do
		n = recv(fd, to, room, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, CODE_IO, "waiting for an answer: %s", strerror(errno));
	if (n == 0)
		return err_set(err, CODE_IO, "the server has closed a connection");
	*ret = (size_t)n;
	return RC_OK;
}

/* One line */

static void number_request(struct load *l)
{
	if (l->request->counter_at == SIZE_MAX)
		return;
	char digits[LOAD_COUNTER_DIGITS + 1];
	snprintf(digits, sizeof digits, "%016lld", (long long)l->counter++);
	memcpy(l->bytes + l->request->counter_at, digits, LOAD_COUNTER_DIGITS);
}

static enum rc send_next(struct load *l, struct line *line, int64_t now, struct err *err)
{
	number_request(l);
	line->sent_us = now;
	line->in_len = 0;
	line->is_waiting = true;
	l->waiting++;
	return send_all(line->fd, (struct str){ l->bytes, l->request->bytes.len }, err);
}

static void note_latency(struct load *l, int64_t us)
{
	if (l->n_latencies == l->cap_latencies) {
		l->cap_latencies = l->cap_latencies ? l->cap_latencies * 2 : 1 << 16;
		l->latencies = xrealloc(l->latencies, l->cap_latencies * sizeof *l->latencies);
	}
	l->latencies[l->n_latencies++] = (uint32_t)us;
}

static enum rc wrong_answer(struct str whole, const struct answer *a, int wanted, struct err *err)
{
	struct str body = str_sub(whole, a->head_len, 160);
	return err_set(err, CODE_CONFLICT, "an answer has status %d, not %d: " STR_FMT, a->status,
	               wanted, STR_ARG(body));
}

static enum rc on_readable(struct load *l, struct line *line, struct err *err)
{
	size_t n;
	struct answer a;
	enum rc rc = receive(line->fd, line->in + line->in_len, ANSWER_MAX - line->in_len, &n, err);
	if (rc != RC_OK)
		return rc;
	line->in_len += n;
	struct str whole = { line->in, line->in_len };
	if (!answer_read(whole, &a))
		return line->in_len < ANSWER_MAX
		               ? RC_OK
		               : err_set(err, CODE_TOO_LARGE, "an answer is too large");
	if (a.status != l->request->status)
		return wrong_answer(whole, &a, l->request->status, err);
	int64_t now = now_us();
	note_latency(l, now - line->sent_us);
	line->is_waiting = false;
	l->waiting--;
	return now < l->end_us ? send_next(l, line, now, err) : RC_OK;
}

/* All lines */

static enum rc open_lines(struct load *l, int port, struct err *err)
{
	for (int i = 0; i < l->n_lines; i++) {
		struct line *line = &l->lines[i];
		enum rc rc = connect_to(port, &line->fd, err);
		if (rc != RC_OK)
			return rc;
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = line };
		if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, line->fd, &e) != 0)
			return err_set(err, CODE_IO, "epoll_ctl: %s", strerror(errno));
	}
	return RC_OK;
}

static enum rc first_requests(struct load *l, struct err *err)
{
	enum rc rc = RC_OK;
	for (int i = 0; i < l->n_lines && rc == RC_OK; i++)
		rc = send_next(l, &l->lines[i], now_us(), err);
	return rc;
}

static enum rc drive(struct load *l, struct err *err)
{
	struct epoll_event events[64];
	while (l->waiting) {
		int n = epoll_wait(l->epoll, events, ARRAY_LEN(events), SILENCE_MS);
		if (n == 0)
			return err_set(err, CODE_IO, "%d answers did not come in %d s", l->waiting,
			               SILENCE_MS / 1000);
		for (int i = 0; i < n; i++) {
			enum rc rc = on_readable(l, events[i].data.ptr, err);
			if (rc != RC_OK)
				return rc;
		}
	}
	return RC_OK;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void sum_up(struct load *l, int64_t began_us, struct load_result *ret)
{
	qsort(l->latencies, l->n_latencies, sizeof *l->latencies, by_size);
	*ret = (struct load_result){
		.answered = (int64_t)l->n_latencies,
		.us = now_us() - began_us,
		.p50_us = l->latencies[l->n_latencies / 2],
		.p99_us = l->latencies[l->n_latencies * 99 / 100],
	};
}

static void load_fini(struct load *l)
{
	for (int i = 0; i < l->n_lines; i++)
		close_fd(&l->lines[i].fd);
	close_fd(&l->epoll);
	free(l->lines);
	free(l->bytes);
	free(l->latencies);
}

enum rc load_run(int port, const struct load_request *request, int connections, int64_t ms,
                 int64_t first, struct load_result *ret, struct err *err)
{
	assert(connections > 0 && connections <= LOAD_CONNECTIONS_MAX);
	AUTO(load_fini)
	struct load l = { .request = request, .n_lines = connections, .counter = first };
	l.bytes = xstrndup(request->bytes.ptr, request->bytes.len);
	l.lines = xcalloc((size_t)connections, sizeof *l.lines);
	for (int i = 0; i < connections; i++)
		l.lines[i].fd = -1;
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l.epoll < 0)
		return err_set(err, CODE_IO, "epoll_create1: %s", strerror(errno));
	enum rc rc = open_lines(&l, port, err);
	if (rc != RC_OK)
		return rc;
	int64_t began_us = now_us();
	l.end_us = began_us + ms * 1000;
	rc = first_requests(&l, err);
	if (rc == RC_OK)
		rc = drive(&l, err);
	if (rc == RC_OK)
		sum_up(&l, began_us, ret);
	return rc;
}

enum rc load_ask(int port, struct str request, int status, struct buf *ret, struct err *err)
{
	AUTO(close_fd) int fd = -1;
	enum rc rc = connect_to(port, &fd, err);
	if (rc == RC_OK)
		rc = send_all(fd, request, err);
	struct answer a = { 0 };
	buf_clear(ret);
	while (rc == RC_OK && !answer_read(buf_str(ret), &a)) {
		size_t n;
		char *to = buf_room(ret, 4096);
		if (!to)
			return err_set(err, CODE_TOO_LARGE, "an answer is too large");
		rc = receive(fd, to, 4096, &n, err);
		if (rc == RC_OK)
			buf_grew(ret, n);
	}
	if (rc == RC_OK && a.status != status)
		return wrong_answer(buf_str(ret), &a, status, err);
	if (rc == RC_OK)
		buf_drop(ret, a.head_len);
	return rc;
}
