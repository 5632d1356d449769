/* The parent process: owns sockets and children, nothing else.
 *
 *	folder.c     the data folder: created, refused on network file systems, locked
 *	backoff.c    how long to wait before a child is started again
 *	supervise.c  the children: started, watched, started again, drained
 *	restart.c    restarts that were asked for, without downtime
 *	adopt.c      the children of a former program of this process
 *	follow.c     may the program on the disk follow this one
 *	handover.c   what the next program of this process must know
 *	run.c        all of it
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
 * (4) A signal drains: workers are told first; what they hold they finish within half of
 *     drain_ms or hand back, when they are told again; then the server; what is left after
 *drain_ms, or at a second signal, is killed.  A server that fails while it drains makes the exit
 *code of the whole a failure. (5) No child outlives it, however it ends (PR_SET_PDEATHSIG). (6)
 *SIGHUP restarts the server: the old one drains and lets go of the file, the new one begins on the
 *same sockets.  SIGUSR1: then the workers too, one after the other. Before anything is ended the
 *program on the disk must say that it can follow
 *     (`takt serve --check-follow`); else the old one goes on, and the log says why.
 * (7) SIGUSR2 replaces this process by the program on the disk (exec: same pid, same
 *     children), which gets sockets, lock and pipe and what it must know in sealed memory;
 *     it then restarts the children as (6) does.
 */
#ifndef TAKT_SUPERVISOR_SUPERVISOR_H
#define TAKT_SUPERVISOR_SUPERVISOR_H

#include "base/base.h"

struct arena;
struct buf;

/* --- The data folder --- */

struct folder {
	const char *path; /* absolute, in the arena */
	int lock_fd;
};
/* Creates it (0700) when missing and locks it.  CODE_FOLDER_HELD names the process that
 * holds it; CODE_IO on a network file system, whose locks cannot be trusted. */
enum rc folder_open(struct arena *a, const char *path, struct folder *ret,
                    struct err *err) MUST_USE;
/* PATH/server.json, for whoever looks for the server or waits for its restart. */
struct announcement {
	const char *address, *version; /* of this program */
	int64_t restarts;              /* that were asked for and are over, also the refused */
	const char *refused;           /* why the last one was; NULL: it was not */
};
enum rc folder_announce(const struct folder *f, const struct announcement *said,
                        struct err *err) MUST_USE;
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

/* --- Handing over to the next program of this process --- */

enum { HANDOVER_VERSION = 1, HANDOVER_CHILDREN_MAX = 256 };

struct handover_child {
	const char *name;
	int64_t pid; /* 0: it waits for its next start */
	int starts;
};
struct handover {
	const char *folder, *address;
	int lock_fd, unix_fd, tcp_fd; /* tcp_fd −1: none */
	int ready_reader, ready_writer;
	int64_t restarts;
	const struct handover_child *children; /* the server first */
	size_t n_children;
};
void handover_write(const struct handover *h, struct buf *out);
/* CODE_INVALID: of another version, or nonsense. */
enum rc handover_read(struct arena *a, struct str json, struct handover *ret,
                      struct err *err) MUST_USE;

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
	int starts_max;    /* of the server before it was ever ready; 0: no limit */
	bool is_ephemeral; /* SIGHUP drains */
	const struct handover_child *adopted; /* of a former program; the server first */
	size_t n_adopted;
	/* The server is ready, for the first time. */
	enum rc (*on_ready)(void *ctx, struct err *err);
	/* Asked before a restart ends anything; NULL: may. */
	enum rc (*may_follow)(void *ctx, struct err *err);
	/* Becomes the program on the disk; returns only when it cannot. */
	enum rc (*replace)(void *ctx, const struct handover_child *children, size_t n,
	                   struct err *err);
	/* A restart is over; `refused` says why it was not begun, NULL: it was. */
	void (*on_restarted)(void *ctx, const struct err *refused);
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
	const char *version;
	int64_t schema_version; /* that the server wants: its follower must want the same */
	/* How this program was started: argv[0] is a path; without --handover. */
	const char *const *argv;
	int handover_fd; /* sealed memory of a former program of this process; −1: none */
	/* Everything answers: `address` is where, `folder` the absolute path. */
	void (*on_ready)(void *ctx, const char *address, const char *folder);
	void *ctx;
};
int supervisor_run(const struct supervisor_options *o, struct err *err);

/* What `takt serve --check-follow` prints: that this program, with these settings, could
 * follow one that asks. */
void supervisor_follow_write(const char *version, int64_t schema_version, struct buf *out);

#endif
