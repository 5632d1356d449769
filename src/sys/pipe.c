/* Pipes: see pipe.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "sys/pipe.h"

#include "sys/file.h"

enum rc pipe_open(struct pipe *ret, struct err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set(err, CODE_IO, "no pipe to a child: %s", strerror(errno));
	*ret = (struct pipe){ ends[0], ends[1] };
	return RC_OK;
}

void pipe_close(struct pipe *p)
{
	close_fd(&p->reader);
	close_fd(&p->writer);
}

void pipe_is_waiting(int fd, bool is_waiting)
{
	int flags = fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, is_waiting ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

ssize_t pipe_read(int fd, char *to, size_t n)
{
	ssize_t got;
	do
		got = read(fd, to, n);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno != EAGAIN)
		return 0;
	return got;
}

/* SIGPIPE is blocked around the write and one that came is taken away, so that a child
 * that reads no more is an outcome and not our end. */
ssize_t pipe_write(int fd, const char *from, size_t n)
{
	sigset_t pipe_only, before;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
	ssize_t put;
	do
		put = write(fd, from, n);
	while (put < 0 && errno == EINTR);
	int error = errno;
	if (put < 0 && error == EPIPE && !sigismember(&before, SIGPIPE)) {
		const struct timespec now = { 0 };
		sigtimedwait(&pipe_only, NULL, &now);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (put < 0)
		return error == EAGAIN ? -1 : 0;
	return put;
}
