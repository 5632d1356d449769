/* Listening sockets, and who is at the other end.  Descriptors are non-blocking and
 * close-on-exec.  (Not named socket.h: with -Isrc that would hide the system's
 * <sys/socket.h> from every library's header.) */
#ifndef TAKT_SYS_LISTEN_H
#define TAKT_SYS_LISTEN_H

#include <sys/types.h>

#include "base/base.h"

/* `address` is "127.0.0.1:8420", "[::1]:8420" or ":8420" (loopback; listening on every
 * interface is written "0.0.0.0:…").  Port 0 picks one.  Non-blocking.
 * CODE_PORT_TAKEN says who can be asked: `ss -ltnp`. */
enum rc socket_listen_tcp(const char *address, int *ret_fd, struct err *err) MUST_USE;
/* Who listens on the port of such an address: "nginx (pid 4711)".  False when that is
 * nobody whom this user may see. */
bool socket_port_holder(const char *address, char *ret, size_t size);
/* A Unix socket of mode 0600; a stale file of a dead server is replaced. */
enum rc socket_listen_unix(const char *path, int *ret_fd, struct err *err) MUST_USE;
int socket_port(int fd); /* of a bound TCP socket; 0 for others */
bool socket_is_unix(int fd);
bool socket_peer_is_me_or_root(int fd); /* SO_PEERCRED: same uid as ours, or uid 0 */

#endif
