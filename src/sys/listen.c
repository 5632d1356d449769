/* Listening sockets: see listen.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/listen.h"

#include "base/str.h"
#include "sys/file.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

static enum rc bad_address(struct err *err, const char *address, const char *why)
{
	return err_set(err, CODE_BAD_CONFIG,
	               "the address \"%s\" %s; write 127.0.0.1:8420, [::1]:8420 or :8420", address,
	               why);
}

/* Splits "host:port"; host is "" for ":port", without brackets for "[::1]:port". */
static enum rc split_address(const char *address, char *host, size_t host_size, uint16_t *port,
                             struct err *err)
{
	const char *colon = strrchr(address, ':');
	uint64_t n;
	if (!colon)
		return bad_address(err, address, "has no port");
	if (str_to_u64(str_z(colon + 1), &n) != RC_OK || n > UINT16_MAX)
		return bad_address(err, address, "has no port from 0 to 65535");
	struct str h = { address, (size_t)(colon - address) };
	if (h.len >= 2 && h.ptr[0] == '[' && h.ptr[h.len - 1] == ']')
		h = str_sub(h, 1, h.len - 2);
	else if (h.len && memchr(h.ptr, ':', h.len))
		return bad_address(err, address, "needs brackets around IPv6");
	if (h.len >= host_size)
		return bad_address(err, address, "is too long");
	memcpy(host, h.ptr, h.len);
	host[h.len] = '\0';
	*port = (uint16_t)n;
	return RC_OK;
}

static enum rc parse_address(const char *address, union address *ret, socklen_t *ret_len,
                             struct err *err)
{
	char host[INET6_ADDRSTRLEN];
	uint16_t port = 0;
	enum rc rc = split_address(address, host, sizeof host, &port, err);
	if (rc != RC_OK)
		return rc;
	memset(ret, 0, sizeof *ret);
	const char *v4 = host[0] == '\0' || strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
	if (inet_pton(AF_INET, v4, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		*ret_len = sizeof ret->v4;
	} else if (inet_pton(AF_INET6, host, &ret->v6.sin6_addr) == 1) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons(port);
		*ret_len = sizeof ret->v6;
	} else {
		return bad_address(err, address, "is not numeric");
	}
	return RC_OK;
}

static enum rc listen_error(struct err *err, const char *address)
{
	int error = errno;
	switch (error) {
	case EADDRINUSE:
		return err_set(err, CODE_PORT_TAKEN,
		               "%s is taken by another program; `ss -ltnp` tells by which",
		               address);
	case EADDRNOTAVAIL:
		return err_set(err, CODE_BAD_CONFIG,
		               "this machine has no address %s; see `ip addr`", address);
	case EACCES:
	case EPERM:
		return err_set(err, CODE_FORBIDDEN,
		               "listening on %s: %s; a port below 1024 needs a privilege", address,
		               strerror(error));
	default:
		return err_set(err, CODE_IO, "listening on %s: %s", address, strerror(error));
	}
}

enum rc socket_listen_tcp(const char *address, int *ret_fd, struct err *err)
{
	union address a;
	socklen_t len = 0;
	enum rc rc = parse_address(address, &a, &len, err);
	if (rc != RC_OK)
		return rc;
	AUTO(close_fd)
	int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    bind(fd, &a.any, len) != 0 || listen(fd, 4096) != 0)
		return listen_error(err, address);
	*ret_fd = fd;
	fd = -1; /* given away */
	return RC_OK;
}

/* A file at `path` that nobody answers on is what a dead server left. */
static enum rc remove_stale(const char *path, const union address *a, struct err *err)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		return RC_OK;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, CODE_CONFLICT, "%s exists and is not a socket", path);
	AUTO(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return file_error(err, errno, "connecting to", path);
	if (connect(fd, &a->any, sizeof a->un) == 0 || errno == EAGAIN)
		return err_set(err, CODE_PORT_TAKEN, "another server listens on %s", path);
	if (errno != ECONNREFUSED && errno != ENOENT)
		return file_error(err, errno, "connecting to", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return file_error(err, errno, "removing", path);
	return RC_OK;
}

enum rc socket_listen_unix(const char *path, int *ret_fd, struct err *err)
{
	union address a = { .un = { .sun_family = AF_UNIX } };
	size_t len = strlen(path);
	if (len == 0 || len >= sizeof a.un.sun_path)
		return err_set(err, CODE_BAD_PATH,
		               "a socket's path has 1 to %zu bytes, this has %zu: %s",
		               sizeof a.un.sun_path - 1, len, path);
	memcpy(a.un.sun_path, path, len);
	enum rc rc = remove_stale(path, &a, err);
	if (rc != RC_OK)
		return rc;
	AUTO(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode before bind, so that there is no moment in which others can connect;
	 * after it once more, because only Linux looks at the first. */
	if (fd < 0 || fchmod(fd, 0600) != 0 || bind(fd, &a.any, sizeof a.un) != 0)
		return file_error(err, errno, "listening on", path);
	if (chmod(path, 0600) != 0 || listen(fd, 4096) != 0)
		return file_error(err, errno, "listening on", path);
	*ret_fd = fd;
	fd = -1; /* given away */
	return RC_OK;
}

static bool own_address(int fd, union address *ret)
{
	socklen_t len = sizeof *ret;
	memset(ret, 0, sizeof *ret);
	return getsockname(fd, &ret->any, &len) == 0;
}

int socket_port(int fd)
{
	union address a;
	if (!own_address(fd, &a))
		return 0;
	if (a.any.sa_family == AF_INET)
		return ntohs(a.v4.sin_port);
	if (a.any.sa_family == AF_INET6)
		return ntohs(a.v6.sin6_port);
	return 0;
}

bool socket_is_unix(int fd)
{
	union address a;
	return own_address(fd, &a) && a.any.sa_family == AF_UNIX;
}

bool socket_peer_is_me_or_root(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return false;
	return peer.uid == geteuid() || peer.uid == 0;
}
