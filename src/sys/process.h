/* Child processes: started with a clean set of descriptors and signals, dying with
 * their parent (PR_SET_PDEATHSIG), watched through a pidfd so that a loop can wait. */
#ifndef TAKT_SYS_PROCESS_H
#define TAKT_SYS_PROCESS_H

#include <sys/types.h>

#include "base/base.h"
#include "base/str.h"

struct process_options {
	const char *const *argv;   /* NULL-terminated; argv[0] is found on PATH */
	const char *const *env;    /* NULL: inherited.  Else exactly these, NULL-terminated */
	const char *folder;        /* NULL: inherited */
	int fd_in, fd_out, fd_err; /* -1: /dev/null for in, inherited for out and err */
	const int *keep;           /* descriptors the child keeps, as 3, 4, … in order */
	size_t n_keep;
	bool is_group_leader; /* own process group, so that all of it can be killed */
	int64_t memory_max;   /* RLIMIT_AS in bytes; 0: none */
	int64_t cpu_s_max;    /* RLIMIT_CPU; 0: none */
};

struct process {
	pid_t pid;
	int pidfd; /* readable when it has ended; -1 when there is none */
};

enum rc process_start(const struct process_options *o, struct process *ret,
                      struct err *err) MUST_USE;
/* Reaps it if it has ended: true, with exit code, or 128 + signal. */
bool process_ended(struct process *p, int *exit_code);
/* Waits at most timeout_ms (-1: for ever). */
bool process_wait(struct process *p, int64_t timeout_ms, int *exit_code);
bool process_is_alive(int64_t pid); /* any process of that number */
void process_signal(const struct process *p, int signal, bool to_group);
/* As many descriptors as the system allows this process.  Its children begin with as many
 * as it had before: programs that use select() break above 1,024. */
void process_raise_fd_limit(void);

/* Runs to the end with a time limit, `in` on its standard input, both outputs captured
 * up to out->max (the rest is dropped and counted).  CODE_TOOL_MISSING when argv[0] is
 * not found; an exit code other than 0 is not an error.  A timeout kills the whole
 * group and gives exit code -1. */
struct process_result {
	int exit_code;
	bool is_timeout;
	size_t dropped;
};
enum rc process_run(const struct process_options *o, struct str in, int64_t timeout_ms,
                    struct buf *out, struct buf *err_out, struct process_result *ret,
                    struct err *err) MUST_USE;

/* Blocks the signals, and gives a descriptor that becomes readable with them. */
enum rc signals_open(const int *signals, size_t n, int *ret_fd, struct err *err) MUST_USE;
/* The next pending one, 0 when there is none. */
int signals_next(int fd);

#endif
