/* The terminal: see terminal.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "sys/terminal.h"

bool terminal_is(int fd)
{
	return isatty(fd) == 1;
}

int terminal_width(int fd)
{
	struct winsize size = { 0 };
	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

void terminal_size(int fd, int *ret_columns, int *ret_rows)
{
	struct winsize size = { 0 };
	bool is_known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
	*ret_columns = is_known ? size.ws_col : 80;
	*ret_rows = is_known ? size.ws_row : 24;
}

struct terminal_keys {
	int fd;
	struct termios before;
};

/* Reading does not wait because of VMIN and VTIME, not of O_NONBLOCK: that would be the
 * other programs' of this terminal, too. */
bool terminal_keys_begin(int fd, struct terminal_keys **ret)
{
	struct termios now;
	if (tcgetattr(fd, &now) != 0)
		return false;
	struct terminal_keys *k = xcalloc(1, sizeof *k);
	k->fd = fd;
	k->before = now;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 0;
	now.c_cc[VTIME] = 0;
	now.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(fd, TCSAFLUSH, &now);
	*ret = k;
	return true;
}

void terminal_keys_end(struct terminal_keys *k)
{
	if (!k)
		return;
	tcsetattr(k->fd, TCSAFLUSH, &k->before);
	free(k);
}

bool terminal_keys_read(struct terminal_keys *k, char *ret, size_t max, size_t *ret_n)
{
	ssize_t n = read(k->fd, ret, max);
	*ret_n = n > 0 ? (size_t)n : 0;
	return n >= 0 || errno == EINTR || errno == EAGAIN;
}

bool terminal_write(int fd, struct str bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };
			poll(&p, 1, 1000);
			continue;
		}
		if (n <= 0)
			return false;
		bytes.ptr += n;
		bytes.len -= (size_t)n;
	}
	return true;
}

bool terminal_read_all(int fd, struct str *ret, size_t max)
{
	size_t cap = 0, len = 0;
	char *ptr = NULL;
	for (;;) {
		if (len == cap)
			ptr = xrealloc(ptr, cap = cap ? 2 * cap : 65536);
		ssize_t n = read(fd, ptr + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(ptr);
			return false;
		}
		len += (size_t)n;
		if (n == 0 || len > max)
			break;
	}
	*ret = (struct str){ ptr, len };
	return true;
}
