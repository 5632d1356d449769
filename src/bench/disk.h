/* What one durable write costs on the disk that holds `folder`. */
#ifndef TAKT_BENCH_DISK_H
#define TAKT_BENCH_DISK_H

#include "base/base.h"

struct disk_result {
	int64_t writes, us;
	int64_t p50_us, p99_us;
};
/* 4 KiB into a file that has its size already, then fdatasync, so many times. */
enum rc disk_run(const char *folder, int writes, struct disk_result *ret, struct err *err) MUST_USE;

#endif
