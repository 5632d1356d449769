/* The terminal: see terminal.h. */
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
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
