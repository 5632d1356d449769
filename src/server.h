/* The server process: engines, endpoints and loop wired together (server.c).  Started by
 * the supervisor as `takt serve --as-server …` with its sockets open; main.c fills the
 * options from the configuration. */
#ifndef TAKT_SERVER_H
#define TAKT_SERVER_H

#include "base/base.h"

struct server_maker {
	const char *name, *description;
};

struct server_options {
	const char *folder; /* the data folder: absolute, there, locked by the supervisor */
	int fds[8];         /* listening sockets, TCP and Unix; server_run() takes them over */
	size_t n_fds;
	int ready_fd; /* one byte is written and it is closed when requests are answered; −1 */
	bool is_ephemeral;        /* serves one command and goes; nothing on standard output */
	const char *const *hosts; /* names the Host header may have besides loopback's */
	size_t n_hosts;
	int64_t drain_ms;                     /* how long SIGTERM waits for answers under way */
	const char *access_log;               /* "off", "errors" or "all" */
	int64_t disk_low_bytes;               /* below it submits are refused */
	int64_t backup_every_ms, backup_keep; /* 0: none by the clock, all are kept */
	int64_t task_retention_ms, event_retention_ms;
	const struct server_maker *makers; /* for GET /v1/info */
	size_t n_makers;
};

/* Exit codes of the server process that mean something to the supervisor. */
enum {
	SERVER_EXIT_OK = 0,         /* drained after SIGTERM */
	SERVER_EXIT_FAILED = 70,    /* restart me: a commit failed, a thread died */
	SERVER_EXIT_PERMANENT = 78, /* do not: bad configuration, damaged, newer schema */
};

/* Runs until SIGTERM or SIGINT.  Failures are logged to standard error here. */
int server_run(const struct server_options *o);

#endif
