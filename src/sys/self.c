/* What the system knows about this process: see self.h. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/self.h"

#include "sys/file.h"

/* The first bytes of a small file of /proc, with a terminator; -1 when unreadable. */
static ssize_t read_proc(const char *path, char *ret, size_t size)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, ret, size - 1);
	if (n >= 0)
		ret[n] = '\0';
	return n;
}

/* All pages, or those that are in memory. */
static int64_t pages_bytes(bool is_resident)
{
	char text[256];
	int64_t all, resident;
	if (read_proc("/proc/self/statm", text, sizeof text) < 0 ||
	    sscanf(text, "%" SCNd64 " %" SCNd64, &all, &resident) != 2)
		return -1;
	return (is_resident ? resident : all) * sysconf(_SC_PAGESIZE);
}

int64_t self_memory_bytes(void)
{
	return pages_bytes(true);
}

int64_t self_virtual_bytes(void)
{
	return pages_bytes(false);
}

static int64_t fds_limit(bool is_hard)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return -1;
	rlim_t max = is_hard ? limit.rlim_max : limit.rlim_cur;
	return max == RLIM_INFINITY ? INT64_MAX : (int64_t)max;
}

int64_t self_fds_max(void)
{
	return fds_limit(false);
}

int64_t self_fds_most(void)
{
	return fds_limit(true);
}

int64_t self_open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	if (!dir)
		return -1;
	int64_t n = 0;
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n - 1; /* without the one that reads the folder */
}

double self_cpu_seconds(void)
{
	struct rusage u;
	if (getrusage(RUSAGE_SELF, &u) != 0)
		return -1;
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Field 22 of /proc/self/stat.  The name in field 2 may hold blanks and brackets, so
 * the fields are counted from its last bracket. */
static int64_t started_ticks(void)
{
	char text[1024];
	if (read_proc("/proc/self/stat", text, sizeof text) < 0)
		return -1;
	char *at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	int64_t ticks;
	return at && sscanf(at, "%" SCNd64, &ticks) == 1 ? ticks : -1;
}

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t self_started_at_ms(void)
{
	int64_t ticks = started_ticks();
	if (ticks < 0)
		return -1;
	int64_t after_boot_ms = ticks * 1000 / sysconf(_SC_CLK_TCK);
	return clock_ms(CLOCK_REALTIME) - clock_ms(CLOCK_BOOTTIME) + after_boot_ms;
}

int64_t self_pid(void)
{
	return getpid();
}
