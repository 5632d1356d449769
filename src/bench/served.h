/* The servers under test, each a child process: `takt serve` on a fresh folder, and the
 * bare echo. */
#ifndef TAKT_BENCH_SERVED_H
#define TAKT_BENCH_SERVED_H

#include "base/base.h"
#include "sys/process.h"

struct arena;

struct served {
	struct process process; /* the supervisor, or the echo */
	int64_t pid;            /* the process that answers */
	int port;
	int64_t ready_ms; /* from exec until it says that it is ready */
	struct str key;   /* for Authorization; empty for the echo */
};

/* `program` is takt; `folder` is a new one or what an earlier server has left.  Bare: without
 * the makers' processes. */
enum rc served_takt(struct arena *a, const char *program, const char *folder, bool is_bare,
                    struct served *ret, struct err *err) MUST_USE;
enum rc served_echo(struct arena *a, struct served *ret, struct err *err) MUST_USE;
void served_stop(struct served *s); /* SIGTERM, then the end is waited for */
void served_kill(struct served *s); /* SIGKILL, all its processes */

/* What the system knows of a process; -1 when it does not say. */
int64_t served_cpu_us(struct arena *a, int64_t pid); /* user and system, all threads */
int64_t served_rss_kb(struct arena *a, int64_t pid);
/* Of the supervisor and all below it; what several share counts in parts (PSS). */
int64_t served_pss_kb(struct arena *a, const struct served *s);

#endif
