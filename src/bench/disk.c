/* The disk alone: see disk.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/disk.h"

#include "base/str.h"
#include "sys/env.h"
#include "sys/file.h"

enum { PAGE = 4096, PAGES = 256 };

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static bool write_page(int fd, int at)
{
	static const char page[PAGE];
	return pwrite(fd, page, PAGE, (off_t)at * PAGE) == PAGE;
}

static bool fill(int fd)
{
	bool is_good = true;
	for (int i = 0; i < PAGES; i++)
		is_good = is_good && write_page(fd, i);
	return is_good && fsync(fd) == 0;
}

static bool measure(int fd, int64_t *us, int n)
{
	for (int i = 0; i < n; i++) {
		int64_t began_us = env_mono_us(&env_system);
		if (!write_page(fd, i % PAGES) || fdatasync(fd) != 0)
			return false;
		us[i] = env_mono_us(&env_system) - began_us;
	}
	return true;
}

enum rc disk_run(const char *folder, int writes, struct disk_result *ret, struct err *err)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/disk", folder);
	AUTO(close_fd) int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_error(err, errno, "creating", path);
	int64_t *us = xcalloc((size_t)writes, sizeof *us);
	bool is_good = fill(fd) && measure(fd, us, writes);
	enum rc rc = is_good ? RC_OK : file_error(err, errno, "writing", path);
	unlink(path);
	if (is_good) {
		*ret = (struct disk_result){ .writes = writes };
		for (int i = 0; i < writes; i++)
			ret->us += us[i];
		qsort(us, (size_t)writes, sizeof *us, by_size);
		ret->p50_us = us[writes / 2];
		ret->p99_us = us[writes * 99 / 100];
	}
	free(us);
	return rc;
}
