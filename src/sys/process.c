/* Child processes: see process.h.
 *
 * Between fork and exec only async-signal-safe calls are made, because other threads
 * may hold any lock at that moment: all memory is prepared before.  A failure in the
 * child travels back through a close-on-exec pipe, so that "not found" is told from a
 * program that exits with 127; the pipe closing by exec is the good news.
 *
 * PR_SET_PDEATHSIG fires when the *thread* that forked ends: children are started from
 * the main thread or one that lives as long. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/process.h"

#include "sys/env.h"
#include "sys/file.h"

extern char **environ;

/* What the child needs, made before the fork. */
struct launch {
	const struct process_options *o;
	const char *program; /* path to exec */
	int report;          /* the child's end of the pipe */
	pid_t parent;
};

struct report {
	int error;
	char doing[24];
};

/* The child */

static void child_fail(const struct launch *l, const char *doing)
{
	struct report r = { .error = errno };
	for (size_t i = 0; i < sizeof r.doing - 1 && doing[i]; i++)
		r.doing[i] = doing[i];
	ssize_t n = write(l->report, &r, sizeof r);
	(void)n;
	_exit(127);
}

static void child_signals(void)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &standard, NULL); /* fails for KILL and STOP, which is fine */
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_limit(const struct launch *l, int resource, int64_t max)
{
	struct rlimit limit = { (rlim_t)max, (rlim_t)max };
	if (max > 0 && setrlimit((__rlimit_resource_t)resource, &limit) != 0)
		child_fail(l, "limiting");
}

/* What process_raise_fd_limit() found; 0: it was not called. */
static rlim_t fd_limit_at_start;

static void child_fd_limit(void)
{
	struct rlimit limit;
	if (!fd_limit_at_start || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = fd_limit_at_start;
	setrlimit(RLIMIT_NOFILE, &limit); /* lowering can't fail */
}

/* Moves a descriptor out of the way of the numbers that are about to be given. */
static int child_lift(const struct launch *l, int fd)
{
	int lifted = fcntl(fd, F_DUPFD_CLOEXEC, 3 + (int)l->o->n_keep);
	if (lifted < 0)
		child_fail(l, "duplicating");
	return lifted;
}

static void child_place(const struct launch *l, int fd, int at)
{
	if (dup2(fd, at) < 0)
		child_fail(l, "duplicating");
}

/* Everything above the kept ones closes at exec.  The flag needs Linux 5.11; before
 * that one by one. */
static void child_close_above(int first)
{
	if (syscall(SYS_close_range, (unsigned)first, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	for (int fd = first; fd < 65536; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void child_descriptors(struct launch *l)
{
	const struct process_options *o = l->o;
	int base = 3 + (int)o->n_keep;
	l->report = child_lift(l, l->report);
	int in = o->fd_in >= 0 ? o->fd_in : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (in < 0)
		child_fail(l, "opening /dev/null");
	in = child_lift(l, in);
	int out = child_lift(l, o->fd_out >= 0 ? o->fd_out : STDOUT_FILENO);
	int error = child_lift(l, o->fd_err >= 0 ? o->fd_err : STDERR_FILENO);
	/* Lifted ones sit in ascending order above base; kept ones are lifted all before
	 * the first is placed, since they may name each other's places. */
	int lifted[16];
	assert(o->n_keep <= ARRAY_LEN(lifted));
	for (size_t i = 0; i < o->n_keep; i++)
		lifted[i] = child_lift(l, o->keep[i]);
	child_place(l, in, STDIN_FILENO);
	child_place(l, out, STDOUT_FILENO);
	child_place(l, error, STDERR_FILENO);
	for (size_t i = 0; i < o->n_keep; i++)
		child_place(l, lifted[i], 3 + (int)i);
	child_close_above(base);
}

static void child_main(struct launch *l)
{
	const struct process_options *o = l->o;
	if (o->is_group_leader && setpgid(0, 0) != 0)
		child_fail(l, "making a group");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		child_fail(l, "binding to its parent");
	if (getppid() != l->parent) /* it died between fork and prctl */
		_exit(127);
	child_descriptors(l);
	child_limit(l, RLIMIT_AS, o->memory_max);
	child_limit(l, RLIMIT_CPU, o->cpu_s_max);
	child_fd_limit();
	if (o->folder && chdir(o->folder) != 0)
		child_fail(l, "entering its folder");
	child_signals();
	/* exec takes no const for historical reasons and changes nothing. */
	execve(l->program, (char *const *)(uintptr_t)o->argv,
	       o->env ? (char *const *)(uintptr_t)o->env : environ);
	child_fail(l, "starting");
}

/* The parent */

/* argv[0] along PATH, as a shell would find it.  A name with a slash is taken as is. */
static bool find_program(const char *name, char *ret, size_t size)
{
	if (strchr(name, '/')) {
		snprintf(ret, size, "%s", name);
		return strlen(name) < size;
	}
	const char *path = getenv("PATH");
	struct str rest = str_z(path ? path : "/usr/local/bin:/usr/bin:/bin");
	while (rest.len) {
		struct str folder = str_cut(rest, ':', &rest);
		int n = snprintf(ret, size, STR_FMT "/%s", STR_ARG(folder.len ? folder : STR(".")),
		                 name);
		if (n > 0 && (size_t)n < size && access(ret, X_OK) == 0)
			return true;
	}
	return false;
}

static enum rc missing(struct err *err, const char *name)
{
	return err_set(err, CODE_TOOL_MISSING, "the program %s is not there; is it on PATH?", name);
}

static enum rc report_error(struct err *err, const struct process_options *o,
                            const struct report *r)
{
	bool is_start = strcmp(r->doing, "starting") == 0;
	if (is_start && (r->error == ENOENT || r->error == ENOTDIR))
		return missing(err, o->argv[0]);
	if (!is_start && o->folder)
		return file_error(err, r->error, r->doing, o->folder);
	return file_error(err, r->error, r->doing, o->argv[0]);
}

static pid_t fork_quietly(struct launch *l)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0)
		child_main(l);
	int saved = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return pid;
}

static ssize_t read_retry(int fd, void *to, size_t len)
{
	ssize_t n;
	do
		n = read(fd, to, len);
	while (n < 0 && errno == EINTR);
	return n;
}

static int wait_pid(pid_t pid, int flags, int *status)
{
	int n;
	do
		n = waitpid(pid, status, flags);
	while (n < 0 && errno == EINTR);
	return n;
}

enum rc process_start(const struct process_options *o, struct process *ret, struct err *err)
{
	assert(o->argv && o->argv[0]);
	char program[PATH_MAX];
	if (!find_program(o->argv[0], program, sizeof program))
		return missing(err, o->argv[0]);
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return file_error(err, errno, "starting", o->argv[0]);
	struct launch l = { o, program, ends[1], getpid() };
	pid_t pid = fork_quietly(&l);
	int fork_error = errno;
	close(ends[1]);
	struct report r = { 0 };
	ssize_t n = pid > 0 ? read_retry(ends[0], &r, sizeof r) : 0;
	close(ends[0]);
	if (pid < 0)
		return file_error(err, fork_error, "starting", o->argv[0]);
	if (n == (ssize_t)sizeof r) {
		wait_pid(pid, 0, NULL);
		return report_error(err, o, &r);
	}
	*ret = (struct process){ .pid = pid, .pidfd = (int)syscall(SYS_pidfd_open, pid, 0) };
	return RC_OK;
}

static int exit_code_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool process_ended(struct process *p, int *exit_code)
{
	assert(p->pid > 0);
	int status = 0;
	int n = wait_pid(p->pid, WNOHANG, &status);
	if (n == 0)
		return false;
	*exit_code = n == p->pid ? exit_code_of(status) : 127;
	p->pid = -1; /* the number may be given to another process now */
	close_fd(&p->pidfd);
	return true;
}

/* Waits for the end without reaping; without a pidfd by looking every 10 ms. */
static void await_end(const struct process *p, int64_t ms)
{
	if (p->pidfd >= 0) {
		struct pollfd f = { .fd = p->pidfd, .events = POLLIN };
		poll(&f, 1, (int)int64_min(ms, INT_MAX));
		return;
	}
	struct timespec t = { 0, 10 * 1000 * 1000 };
	nanosleep(&t, NULL);
}

bool process_wait(struct process *p, int64_t timeout_ms, int *exit_code)
{
	int64_t end = timeout_ms < 0 ? INT64_MAX : env_mono_ms(&env_system) + timeout_ms;
	while (!process_ended(p, exit_code)) {
		int64_t left = end == INT64_MAX ? 1000 : end - env_mono_ms(&env_system);
		if (left <= 0)
			return false;
		await_end(p, left);
	}
	return true;
}

bool process_is_alive(int64_t pid)
{
	return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

void process_signal(const struct process *p, int signal, bool to_group)
{
	if (p->pid > 0)
		kill(to_group ? -p->pid : p->pid, signal);
}

/* Running to the end */

struct run {
	struct process process;
	int in, out, error; /* our ends; -1: closed */
	struct str input;
	struct buf *out_buf, *err_buf;
	size_t dropped;
	int64_t end_ms;
	bool is_timeout;
};

/* Own pipe for each stream: theirs[0] reads stdin, theirs[1], theirs[2] write. */
static int open_pipes(struct run *r, int theirs[3])
{
	int p[2];
	if (pipe2(p, O_CLOEXEC) != 0)
		return -1;
	theirs[0] = p[0];
	r->in = p[1];
	if (pipe2(p, O_CLOEXEC) != 0)
		return -1;
	r->out = p[0];
	theirs[1] = p[1];
	if (pipe2(p, O_CLOEXEC) != 0)
		return -1;
	r->error = p[0];
	theirs[2] = p[1];
	return fcntl(r->in, F_SETFL, O_NONBLOCK) | fcntl(r->out, F_SETFL, O_NONBLOCK) |
	       fcntl(r->error, F_SETFL, O_NONBLOCK);
}

static void feed(struct run *r)
{
	ssize_t n = r->input.len ? write(r->in, r->input.ptr, r->input.len) : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		r->input = str_sub(r->input, (size_t)n, r->input.len);
	if (n < 0 || r->input.len == 0) /* it reads no more, or has read all */
		close_fd(&r->in);
}

/* One piece; false when there is none now. */
static bool drain(struct run *r, int *fd, struct buf *to)
{
	char piece[16384];
	ssize_t n = *fd >= 0 ? read(*fd, piece, sizeof piece) : -1;
	if (n < 0)
		return *fd >= 0 && errno == EINTR;
	if (n == 0) {
		close_fd(fd);
		return false;
	}
	size_t fits = to ? size_min((size_t)n, to->max - to->len) : 0;
	if (fits)
		buf_add(to, (struct str){ piece, fits });
	r->dropped += (size_t)n - fits;
	return true;
}

static int64_t run_left_ms(const struct run *r)
{
	if (r->end_ms == INT64_MAX)
		return -1;
	return int64_max(0, r->end_ms - env_mono_ms(&env_system));
}

/* Feeds and drains until the leader has ended or time is up.  Without a pidfd the end
 * shows as both outputs closing, or within 50 ms. */
static void run_streams(struct run *r)
{
	for (;;) {
		int64_t left = run_left_ms(r);
		if (left == 0) {
			r->is_timeout = true;
			return;
		}
		bool has_pidfd = r->process.pidfd >= 0;
		if (!has_pidfd)
			left = left < 0 ? 50 : int64_min(left, 50);
		struct pollfd f[] = { { .fd = r->in, .events = POLLOUT },
			              { .fd = r->out, .events = POLLIN },
			              { .fd = r->error, .events = POLLIN },
			              { .fd = r->process.pidfd, .events = POLLIN } };
		int n = poll(f, ARRAY_LEN(f), (int)int64_min(left, INT_MAX));
		if (n > 0 && f[0].revents)
			feed(r);
		if (n > 0 && f[1].revents)
			drain(r, &r->out, r->out_buf);
		if (n > 0 && f[2].revents)
			drain(r, &r->error, r->err_buf);
		siginfo_t info = { 0 };
		if (has_pidfd ? n > 0 && f[3].revents
		              : waitid(P_PID, (id_t)r->process.pid, &info,
		                       WEXITED | WNOHANG | WNOWAIT) == 0 &&
		                        info.si_pid != 0)
			return;
	}
}

/* The leader is not yet reaped, so its number still names our group and nobody else's:
 * what it left behind ends here. */
static void run_finish(struct run *r, struct process_result *ret)
{
	process_signal(&r->process, SIGKILL, true);
	int exit_code = -1;
	bool has_ended = process_wait(&r->process, -1, &exit_code);
	assert(has_ended);
	while (drain(r, &r->out, r->out_buf))
		;
	while (drain(r, &r->error, r->err_buf))
		;
	*ret = (struct process_result){ .exit_code = r->is_timeout ? -1 : exit_code,
		                        .is_timeout = r->is_timeout,
		                        .dropped = r->dropped };
}

/* A child that closes its input early must not kill us: SIGPIPE is blocked in this
 * thread meanwhile, and one that came is taken away. */
static void block_pipe_signal(sigset_t *before)
{
	sigset_t pipe_only;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, before);
}

static void restore_pipe_signal(const sigset_t *before)
{
	sigset_t pipe_only;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	if (!sigismember(before, SIGPIPE)) {
		const struct timespec now = { 0 };
		while (sigtimedwait(&pipe_only, NULL, &now) == SIGPIPE)
			;
	}
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

enum rc process_run(const struct process_options *o, struct str in, int64_t timeout_ms,
                    struct buf *out, struct buf *err_out, struct process_result *ret,
                    struct err *err)
{
	struct run r = { .in = -1, .out = -1, .error = -1, .input = in };
	r.out_buf = out;
	r.err_buf = err_out;
	r.end_ms = timeout_ms < 0 ? INT64_MAX : env_mono_ms(&env_system) + timeout_ms;
	int theirs[3] = { -1, -1, -1 };
	struct process_options mine = *o;
	mine.is_group_leader = true;
	enum rc rc;
	if (open_pipes(&r, theirs) != 0) {
		rc = file_error(err, errno, "starting", o->argv[0]);
	} else {
		mine.fd_in = theirs[0];
		mine.fd_out = theirs[1];
		mine.fd_err = theirs[2];
		rc = process_start(&mine, &r.process, err);
	}
	for (int i = 0; i < 3; i++)
		close_fd(&theirs[i]);
	if (rc == RC_OK) {
		sigset_t before;
		block_pipe_signal(&before);
		run_streams(&r);
		restore_pipe_signal(&before);
		run_finish(&r, ret);
	}
	close_fd(&r.in);
	close_fd(&r.out);
	close_fd(&r.error);
	return rc;
}

/* Signals as a descriptor */

enum rc signals_open(const int *signals, size_t n, int *ret_fd, struct err *err)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < n; i++)
		sigaddset(&set, signals[i]);
	int e = pthread_sigmask(SIG_BLOCK, &set, NULL);
	assert(e == 0);
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return err_set(err, CODE_IO, "no descriptor for signals: %s", strerror(errno));
	*ret_fd = fd;
	return RC_OK;
}

int signals_next(int fd)
{
	struct signalfd_siginfo info;
	return read_retry(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

void process_raise_fd_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
		return;
	fd_limit_at_start = limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit); /* up to its own maximum: can't fail */
}
