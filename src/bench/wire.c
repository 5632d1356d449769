/* Connections to the servers under test: see wire.h. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "bench/wire.h"

#include "base/str.h"
#include "bench/answer.h"
#include "sys/file.h"

enum rc wire_connect(int port, int *ret, struct err *err)
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
enum rc wire_send(int fd, struct str bytes, struct err *err)
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

enum rc wire_receive(int fd, char *to, size_t room, size_t *ret, struct err *err)
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

enum rc wire_unwanted(int status, int wanted, struct str body, struct err *err)
{
	struct str first = str_sub(body, 0, 160);
	return err_set(err, CODE_CONFLICT, "an answer has status %d, not %d: " STR_FMT, status,
	               wanted, STR_ARG(first));
}

static enum rc read_answer(int fd, struct buf *b, struct answer *ret, struct err *err)
{
	while (!answer_read(buf_str(b), ret)) {
		size_t n;
		char *to = buf_room(b, 4096);
		if (!to)
			return err_set(err, CODE_TOO_LARGE, "an answer is too large");
		enum rc rc = wire_receive(fd, to, 4096, &n, err);
		if (rc != RC_OK)
			return rc;
		buf_grew(b, n);
	}
	return RC_OK;
}

enum rc wire_ask(int port, struct str request, int status, struct buf *ret, struct err *err)
{
	AUTO(close_fd) int fd = -1;
	struct answer a = { 0 };
	buf_clear(ret);
	enum rc rc = wire_connect(port, &fd, err);
	if (rc == RC_OK)
		rc = wire_send(fd, request, err);
	if (rc == RC_OK)
		rc = read_answer(fd, ret, &a, err);
	if (rc != RC_OK)
		return rc;
	buf_drop(ret, a.head_len);
	return a.status == status ? RC_OK : wire_unwanted(a.status, status, buf_str(ret), err);
}
