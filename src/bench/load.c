/* The load generator: see load.h. */
#include <errno.h>
#include <sys/epoll.h>

#include "bench/load.h"

#include "base/str.h"
#include "bench/answer.h"
#include "bench/latency.h"
#include "bench/talk.h"
#include "bench/wire.h"
#include "sys/env.h"
#include "sys/file.h"

enum { ANSWER_MAX = 128 * 1024, SILENCE_MS = 20 * 1000 };

struct line {
	int fd;
	size_t in_len;
	int64_t began_us; /* its round */
	bool is_busy;     /* in a round */
	char in[ANSWER_MAX];
};

struct load {
	const struct load_plan *plan;
	struct talk *talk;
	struct line *lines;
	int n_lines;
	int epoll;
	int busy;
	int64_t end_us, begun;
	struct latencies rounds;
};

static int64_t now_us(void)
{
	return env_mono_us(&env_system);
}

/* One line */

static enum rc say_next(struct load *l, struct line *line, struct err *err)
{
	line->in_len = 0;
	return wire_send(line->fd, l->talk->say(l->talk, (int)(line - l->lines)), err);
}

static enum rc begin_round(struct load *l, struct line *line, int64_t now, struct err *err)
{
	line->began_us = now;
	line->is_busy = true;
	l->busy++;
	l->begun++;
	return say_next(l, line, err);
}

static enum rc end_round(struct load *l, struct line *line, struct err *err)
{
	int64_t now = now_us();
	latency_add(&l->rounds, now - line->began_us);
	line->is_busy = false;
	l->busy--;
	bool is_enough = l->plan->rounds_max && l->begun >= l->plan->rounds_max;
	return now < l->end_us && !is_enough ? begin_round(l, line, now, err) : RC_OK;
}

static enum rc on_answer(struct load *l, struct line *line, const struct answer *a, struct err *err)
{
	bool is_end = false;
	struct str body = { line->in + a->head_len, a->body_len };
	enum rc rc = l->talk->hear(l->talk, (int)(line - l->lines), a->status, body, &is_end, err);
	if (rc != RC_OK)
		return rc;
	return is_end ? end_round(l, line, err) : say_next(l, line, err);
}

static enum rc on_readable(struct load *l, struct line *line, struct err *err)
{
	size_t n;
	struct answer a;
	enum rc rc =
	        wire_receive(line->fd, line->in + line->in_len, ANSWER_MAX - line->in_len, &n, err);
	if (rc != RC_OK)
		return rc;
	line->in_len += n;
	if (answer_read((struct str){ line->in, line->in_len }, &a))
		return on_answer(l, line, &a, err);
	if (line->in_len == ANSWER_MAX)
		return err_set(err, CODE_TOO_LARGE, "an answer is too large");
	return RC_OK;
}

/* All lines */

static enum rc open_lines(struct load *l, int port, struct err *err)
{
	for (int i = 0; i < l->n_lines; i++) {
		struct line *line = &l->lines[i];
		enum rc rc = wire_connect(port, &line->fd, err);
		if (rc != RC_OK)
			return rc;
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = line };
		if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, line->fd, &e) != 0)
			return err_set(err, CODE_IO, "epoll_ctl: %s", strerror(errno));
	}
	return RC_OK;
}

static enum rc first_rounds(struct load *l, struct err *err)
{
	enum rc rc = RC_OK;
	for (int i = 0; i < l->n_lines && rc == RC_OK; i++)
		rc = begin_round(l, &l->lines[i], now_us(), err);
	return rc;
}

static enum rc drive(struct load *l, struct err *err)
{
	struct epoll_event events[64];
	while (l->busy) {
		if (l->plan->is_cut_off && now_us() >= l->end_us)
			return RC_OK;
		int n = epoll_wait(l->epoll, events, ARRAY_LEN(events), SILENCE_MS);
		if (n == 0)
			return err_set(err, CODE_IO, "%d answers did not come in %d s", l->busy,
			               SILENCE_MS / 1000);
		for (int i = 0; i < n; i++) {
			enum rc rc = on_readable(l, events[i].data.ptr, err);
			if (rc != RC_OK)
				return rc;
		}
	}
	return RC_OK;
}

static void sum_up(struct load *l, int64_t began_us, struct load_result *ret)
{
	latency_sort(&l->rounds);
	*ret = (struct load_result){
		.rounds = (int64_t)l->rounds.n,
		.us = now_us() - began_us,
		.p50_us = latency_at(&l->rounds, 500),
		.p99_us = latency_at(&l->rounds, 990),
	};
}

static void load_fini(struct load *l)
{
	for (int i = 0; i < l->n_lines; i++)
		close_fd(&l->lines[i].fd);
	close_fd(&l->epoll);
	free(l->lines);
	latencies_fini(&l->rounds);
}

enum rc load_run(const struct load_plan *plan, struct load_result *ret, struct err *err)
{
	int connections = plan->connections;
	assert(connections > 0 && connections <= LOAD_CONNECTIONS_MAX);
	AUTO(load_fini)
	struct load l = { .plan = plan, .talk = plan->talk, .n_lines = connections };
	l.lines = xcalloc((size_t)connections, sizeof *l.lines);
	for (int i = 0; i < connections; i++)
		l.lines[i].fd = -1;
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l.epoll < 0)
		return err_set(err, CODE_IO, "epoll_create1: %s", strerror(errno));
	enum rc rc = open_lines(&l, plan->port, err);
	if (rc != RC_OK)
		return rc;
	int64_t began_us = now_us();
	l.end_us = began_us + plan->ms * 1000;
	rc = first_rounds(&l, err);
	if (rc == RC_OK)
		rc = drive(&l, err);
	if (rc == RC_OK)
		sum_up(&l, began_us, ret);
	return rc;
}
