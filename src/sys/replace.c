/* Becoming another program: see replace.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/replace.h"

#include "base/arena.h"
#include "base/str.h"
#include "sys/environ.h"
#include "sys/file.h"
#include "sys/process.h"

extern char **environ;

enum { ARGUMENTS_MAX = 1 << 20 };

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

static bool write_whole(int fd, struct str bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return true;
}

enum rc sealed_create(struct str bytes, int *ret_fd, struct err *err)
{
	AUTO(close_fd) int fd = memfd_create("takt", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || !write_whole(fd, bytes) || fcntl(fd, F_ADD_SEALS, SEALS) != 0)
		return file_error(err, errno, "sealing", "memory");
	*ret_fd = fd;
	fd = -1; /* given away */
	return RC_OK;
}

enum rc sealed_read(struct arena *a, int fd, size_t max, struct str *ret, struct err *err)
{
	int seals = fcntl(fd, F_GET_SEALS);
	off_t size = lseek(fd, 0, SEEK_END);
	if (seals < 0 || (seals & SEALS) != SEALS)
		return err_set(err, CODE_INVALID, "descriptor %d is no sealed memory", fd);
	if (size < 0 || (size_t)size > max)
		return err_set(err, CODE_INVALID,
		               "the sealed memory holds %lld bytes, not up to %zu", (long long)size,
		               max);
	char *to = arena_new(a, char, (size_t)size + 1);
	if (pread(fd, to, (size_t)size, 0) != size)
		return file_error(err, errno, "reading", "sealed memory");
	*ret = (struct str){ to, (size_t)size };
	return RC_OK;
}

static void close_at_exec(const int *fds, size_t n, bool does_close)
{
	for (size_t i = 0; i < n; i++)
		fcntl(fds[i], F_SETFD, does_close ? FD_CLOEXEC : 0);
}

void fd_close_at_exec(int fd)
{
	close_at_exec(&fd, 1, true);
}

enum rc process_replace(const char *program, const char *const *argv, const int *keep,
                        size_t n_keep, struct err *err)
{
	close_at_exec(keep, n_keep, false);
	/* exec takes no const for historical reasons and changes nothing. */
	execve(program, (char *const *)(uintptr_t)argv, environ);
	int error = errno;
	close_at_exec(keep, n_keep, true);
	return file_error(err, error, "starting", program);
}

void process_adopt(int64_t pid, struct process *ret)
{
	assert(pid > 0);
	*ret = (struct process){ .pid = (pid_t)pid,
		                 .pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0) };
}

enum rc process_tell(int64_t pid, int signal, struct err *err)
{
	if (pid > 1 && kill((pid_t)pid, signal) == 0)
		return RC_OK;
	return err_set(err, errno == EPERM ? CODE_FORBIDDEN : CODE_NOT_FOUND,
	               "process %lld can't be told: %s", (long long)pid,
	               pid > 1 ? strerror(errno) : "no such process");
}

const char *const *self_arguments(struct arena *a, size_t *ret_n)
{
	struct str text;
	size_t n = 0;
	if (file_read(a, "/proc/self/cmdline", ARGUMENTS_MAX, &text, NULL) != RC_OK)
		text = STR("takt\0");
	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '\0';
	const char **argv = arena_new(a, const char *, n + 1);
	for (size_t i = 0; i < n; i++) {
		argv[i] = text.ptr;
		text = str_sub(text, strlen(text.ptr) + 1, text.len);
	}
	argv[n] = NULL;
	*ret_n = n;
	return argv;
}

static bool is_same_file(const char *path, const char *real)
{
	char *found = realpath(path, NULL);
	bool is_same = found && access(path, X_OK) == 0 && strcmp(found, real) == 0;
	free(found);
	return is_same;
}

/* Along PATH as a shell does, from the environment of the start. */
static const char *on_path(struct arena *a, const char *name, const char *real)
{
	const char *path = environ_get("PATH");
	struct str rest = str_z(path ? path : "");
	while (rest.len) {
		struct str folder = str_cut(rest, ':', &rest);
		if (folder.len == 0 || folder.ptr[0] != '/')
			continue;
		const char *found = str_dupz(a, str_fmt(a, STR_FMT "/%s", STR_ARG(folder), name));
		if (is_same_file(found, real))
			return found;
	}
	return NULL;
}

const char *self_program(struct arena *a)
{
	size_t n;
	char cwd[PATH_MAX];
	const char *called = self_arguments(a, &n)[0], *found = NULL;
	char *own = realpath("/proc/self/exe", NULL);
	const char *real = str_dupz(a, str_z(own ? own : "takt"));
	free(own);
	if (called && !strchr(called, '/'))
		found = on_path(a, called, real);
	else if (called && called[0] == '/')
		found = is_same_file(called, real) ? called : NULL;
	else if (called && getcwd(cwd, sizeof cwd)) {
		found = str_dupz(a, str_fmt(a, "%s/%s", cwd, called));
		found = is_same_file(found, real) ? found : NULL;
	}
	return found ? found : real;
}

bool has_controlling_terminal(void)
{
	AUTO(close_fd) int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	return fd >= 0;
}
