/* The parent process: owns sockets and children, nothing else.
 *
 *	folder.c     the data folder: created, refused on network file systems, locked
 *	backoff.c    how long to wait before a child is started again
 *	supervise.c  the children: started, watched, restarted, drained
 *
 * It parses no request and holds no state worth losing: when it is killed, its children
 * die with it and the next one begins from the data folder.
 *
 * (1) The sockets stay open here from start to end, so connections wait in the backlog
 *     while the server is restarted; none is refused.
 * (2) The lock of the folder is held by this process and the server: whoever is the last
 *     to go lets go of it.
 * (3) A child that ends is started again after a pause that doubles up to a limit and
 *     falls back after a long life.  Exit code `permanent_exit` of the server ends
 *     everything: trying again would fail again.
 * (4) A signal drains: workers are told first and hand back what they hold, then the
 *     server; what is left after drain_ms, or at a second signal, is killed.
 * (5) No child outlives it, however it ends (PR_SET_PDEATHSIG).
 */
#ifndef TAKT_SUPERVISOR_SUPERVISOR_H
#define TAKT_SUPERVISOR_SUPERVISOR_H

#include "base/base.h"

struct arena;

/* --- The data folder --- */

struct folder {
	const char *path; /* absolute, in the arena */
	int lock_fd;
};
/* Creates it (0700) when missing and locks it.  CODE_FOLDER_HELD names the process that
 * holds it; CODE_IO on a network file system, whose locks cannot be trusted. */
enum rc folder_open(struct arena *a, const char *path, struct folder *ret,
                    struct err *err) MUST_USE;
/* PATH/server.json: {"pid", "address", "started_at"} for whoever looks for the server. */
enum rc folder_announce(const struct folder *f, const char *address, struct err *err) MUST_USE;
void folder_close(struct folder *f); /* takes the announcement back, lets go of the lock */

/* --- Restarting --- */

struct backoff_policy {
	int64_t first_ms, max_ms;
	int64_t reset_ms; /* a life that long is a new beginning */
};
extern const struct backoff_policy backoff_default; /* 100 ms … 30 s, 60 s */

struct backoff {
	int64_t next_ms; /* 0: has not failed yet */
};
/* It lived for lived_ms and ended; says how long to wait before the next start. */
int64_t backoff_after(struct backoff *b, const struct backoff_policy *p, int64_t lived_ms);

/* --- Children --- */

struct child_spec {
	const char *name; /* for the log */
	const char *const *argv;
	const int *keep; /* descriptors it gets as 3, 4, … */
	size_t n_keep;
};

struct supervise_options {
	struct child_spec server;
	const struct child_spec *workers; /* started when the server is ready */
	size_t n_workers;
	int ready_fd;       /* the server's bytes of readiness are read here; not closed */
	int permanent_exit; /* of the server: do not restart */
	int64_t drain_ms;
	struct backoff_policy backoff;
	int starts_max; /* of the server before it was ever ready; 0: no limit */
	/* The server is ready, for the first time. */
	enum rc (*on_ready)(void *ctx, struct err *err);
	void *ctx;
};
/* Until SIGTERM or SIGINT, or until the server failed for good.  Exit code of the whole:
 * 0 after a drain, `permanent_exit` after that, 70 when nothing helped. */
int supervise(const struct supervise_options *o, struct err *err);

/* --- All of it: `takt serve` --- */

struct supervisor_options {
	const char *folder;
	const char *listen; /* "127.0.0.1:8420"; NULL: the Unix socket only */
	bool is_ephemeral;  /* serves one command: three starts, then gives up */
	/* The server's command line; sockets come as 3 (Unix) and 4 (TCP, when listening),
	 * then the ready pipe, then the lock. */
	const char *const *server_argv;
	const struct child_spec *workers;
	size_t n_workers;
	int permanent_exit;
	int64_t drain_ms;
	/* Everything answers: `address` is where, `folder` the absolute path. */
	void (*on_ready)(void *ctx, const char *address, const char *folder);
	void *ctx;
};
int supervisor_run(const struct supervisor_options *o, struct err *err);

#endif
