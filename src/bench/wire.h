/* Connections of the load to the servers under test: blocking sockets over loopback. */
#ifndef TAKT_BENCH_WIRE_H
#define TAKT_BENCH_WIRE_H

#include "base/base.h"

struct buf;

enum rc wire_connect(int port, int *ret, struct err *err) MUST_USE;
enum rc wire_send(int fd, struct str bytes, struct err *err) MUST_USE;
/* What is there, at least one byte.  CODE_IO when the server has closed. */
enum rc wire_receive(int fd, char *to, size_t room, size_t *ret, struct err *err) MUST_USE;

/* One request on a connection of its own; the body of the answer is in `ret`. */
enum rc wire_ask(int port, struct str request, int status, struct buf *ret,
                 struct err *err) MUST_USE;

/* CODE_CONFLICT, with the first bytes of the answer. */
enum rc wire_unwanted(int status, int wanted, struct str body, struct err *err) MUST_USE;

#endif
