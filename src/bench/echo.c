/* The bare echo server: see echo.h.  It reads each request to its end and answers it; no
 * time-outs, no limits, no pipelining, no second thoughts. */
#include <sys/epoll.h>
#include <sys/socket.h>

#include "bench/echo.h"

#include "base/str.h"
#include "bench/answer.h"
#include "sys/file.h"

enum { REQUEST_MAX = 16 * 1024 };

struct caller {
	int fd;
	size_t in_len;
	char in[REQUEST_MAX];
};

static const struct str reply =
        STR_INIT("HTTP/1.1 201 Created\r\n"
                 "Date: Sat, 21 Nov 2026 01:02:03 GMT\r\n"
                 "Content-Type: application/json\r\n"
                 "Content-Length: 63\r\n"
                 "X-Request-Id: req_00000000000000000000\r\n"
                 "\r\n"
                 "{\"id\":\"task_01kdmqg3v8r1e\",\"state\":\"ready\",\"duplicate\":false}   ");

static void hang_up(struct caller *c)
{
	close_fd(&c->fd); /* which takes it out of the epoll too */
	free(c);
}

static bool watch(int epoll, int fd, void *ptr)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = ptr };
	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

static void accept_one(int epoll, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	struct caller *c = xcalloc(1, sizeof *c);
	c->fd = fd;
	if (!watch(epoll, fd, c))
		hang_up(c);
}

static void serve(struct caller *c)
{
	struct answer request;
	ssize_t n = recv(c->fd, c->in + c->in_len, REQUEST_MAX - c->in_len, 0);
	if (n <= 0) {
		hang_up(c);
		return;
	}
	c->in_len += (size_t)n;
	if (!answer_read((struct str){ c->in, c->in_len }, &request))
		return;
	c->in_len = 0;
	if (send(c->fd, reply.ptr, reply.len, MSG_NOSIGNAL) < 0)
		hang_up(c);
}

int echo_main(int listener)
{
	struct epoll_event events[64];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0 || !watch(epoll, listener, NULL))
		return 1;
	for (;;) {
		int n = epoll_wait(epoll, events, ARRAY_LEN(events), -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				serve(events[i].data.ptr);
			else
				accept_one(epoll, listener);
		}
	}
}
