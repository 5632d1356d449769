/* The layer that gathers writes to the log: what waits in memory, and what makes it go down. */
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"

#include "store/sqlite/gather.h"
#include "sys/file.h"

enum { LARGE = 125 * 1024 }; /* SQLite writes no more at once */

static char folder[64], database[80], log_path[96];
static sqlite3_vfs *vfs;
static sqlite3_file *file;

static sqlite3_file *open_as(const char *path, int kind)
{
	sqlite3_file *f = xcalloc(1, (size_t)vfs->szOsFile);
	int flags = kind | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	ck_assert_int_eq(vfs->xOpen(vfs, path, f, flags, NULL), SQLITE_OK);
	return f;
}

/* A log stands beside its database: the system's VFS takes the file mode from there. */
static void begin(void)
{
	snprintf(folder, sizeof folder, "/tmp/takt-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(database, sizeof database, "%s/x.db", folder);
	snprintf(log_path, sizeof log_path, "%s-wal", database);
	vfs = sqlite3_vfs_find(gather_vfs(NULL));
	ck_assert_ptr_nonnull(vfs);
	sqlite3_file *f = open_as(database, SQLITE_OPEN_MAIN_DB);
	ck_assert_int_eq(f->pMethods->xClose(f), SQLITE_OK);
	free(f);
	file = open_as(log_path, SQLITE_OPEN_WAL);
}

static void end(void)
{
	ck_assert_int_eq(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
	ck_assert_int_eq(folder_remove(folder, NULL), RC_OK);
}

static void put(const void *bytes, int n, int64_t at)
{
	ck_assert_int_eq(file->pMethods->xWrite(file, bytes, n, at), SQLITE_OK);
}

static int64_t bytes_on_disk(void)
{
	struct stat st;
	ck_assert_int_eq(stat(log_path, &st), 0);
	return st.st_size;
}

static void assert_reads(const char *want, int64_t at)
{
	char got[16] = { 0 };
	ck_assert_int_eq(file->pMethods->xRead(file, got, (int)strlen(want), at), SQLITE_OK);
	ck_assert_str_eq(got, want);
}

START_TEST(contiguous_writes_wait_for_the_sync)
{
	begin();
	put("head", 4, 0);
	put("page", 4, 4);
	ck_assert_int_eq(bytes_on_disk(), 0);
	ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	ck_assert_int_eq(bytes_on_disk(), 8);
	assert_reads("headpage", 0);
	end();
}
END_TEST

START_TEST(whoever_looks_sees_what_waits)
{
	sqlite3_int64 size;
	begin();
	put("one", 3, 0);
	assert_reads("one", 0);
	put("two", 3, 3);
	ck_assert_int_eq(file->pMethods->xFileSize(file, &size), SQLITE_OK);
	ck_assert_int_eq(size, 6);
	put("three", 5, 6);
	ck_assert_int_eq(file->pMethods->xTruncate(file, 8), SQLITE_OK);
	ck_assert_int_eq(bytes_on_disk(), 8);
	end();
}
END_TEST

START_TEST(a_write_elsewhere_sends_down_what_waits)
{
	begin();
	put("tail", 4, 4);
	put("head", 4, 0); /* the log begins anew */
	ck_assert_int_eq(bytes_on_disk(), 8);
	assert_reads("headtail", 0);
	end();
}
END_TEST

START_TEST(memory_is_bounded)
{
	begin();
	char *large = xmalloc(LARGE);
	memset(large, 'x', LARGE);
	put("a", 1, 0);
	put(large, LARGE, 1); /* too large to wait at all */
	ck_assert_int_eq(bytes_on_disk(), LARGE + 1);
	for (int i = 0; i < 50; i++)
		put(large, 4096, LARGE + 1 + 4096 * i);
	ck_assert_int_ge(bytes_on_disk(), LARGE + 1 + 50 * 4096 - 128 * 1024);
	assert_reads("axx", 0);
	free(large);
	end();
}
END_TEST

START_TEST(closing_loses_nothing)
{
	begin();
	put("last", 4, 0);
	end();
	begin();
	put("last", 4, 0);
	ck_assert_int_eq(file->pMethods->xClose(file), SQLITE_OK);
	ck_assert_int_eq(bytes_on_disk(), 4);
	free(file);
	file = open_as(log_path, SQLITE_OPEN_WAL);
	end();
}
END_TEST

START_TEST(a_full_disk_shows_at_the_sync)
{
	begin();
	sqlite3_file *good = file;
	file = open_as(log_path, SQLITE_OPEN_WAL);
	put("lost", 4, INT64_MAX - 4); /* no file is that long */
	ck_assert_int_ne(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	put("good", 4, 0); /* what failed is not tried again */
	ck_assert_int_eq(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	ck_assert_int_eq(bytes_on_disk(), 4);
	ck_assert_int_eq(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
	file = good;
	end();
}
END_TEST

START_TEST(all_else_is_the_vfs_below)
{
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);
	char bytes[8] = { 0 };
	double day;
	int answer, pragma = 0;
	begin();
	ck_assert_str_eq(gather_vfs(NULL), gather_vfs(below->zName));
	sqlite3_file *plain = open_as(database, SQLITE_OPEN_MAIN_DB);
	ck_assert_ptr_ne(plain->pMethods, file->pMethods);
	ck_assert_int_eq(plain->pMethods->xWrite(plain, "now", 3, 0), SQLITE_OK);
	ck_assert_int_eq(vfs->xAccess(vfs, database, SQLITE_ACCESS_EXISTS, &answer), SQLITE_OK);
	ck_assert_int_eq(answer, 1);
	ck_assert_int_eq(plain->pMethods->xClose(plain), SQLITE_OK);
	free(plain);
	ck_assert_int_eq(vfs->xRandomness(vfs, sizeof bytes, bytes), sizeof bytes);
	ck_assert_int_ge(vfs->xSleep(vfs, 1), 1);
	ck_assert_int_eq(vfs->xCurrentTime(vfs, &day), SQLITE_OK);
	ck_assert(day > 2460000); /* Julian days */
	ck_assert_int_eq(file->pMethods->xLock(file, SQLITE_LOCK_SHARED), SQLITE_OK);
	ck_assert_int_eq(file->pMethods->xCheckReservedLock(file, &answer), SQLITE_OK);
	ck_assert_int_eq(file->pMethods->xUnlock(file, SQLITE_LOCK_NONE), SQLITE_OK);
	ck_assert_int_ge(file->pMethods->xSectorSize(file), 512);
	ck_assert_int_ge(file->pMethods->xDeviceCharacteristics(file), 0);
	ck_assert_int_eq(file->pMethods->xFileControl(file, SQLITE_FCNTL_LOCKSTATE, &pragma),
	                 SQLITE_OK);
	end();
}
END_TEST

UNIT_MAIN("store/gather", contiguous_writes_wait_for_the_sync, whoever_looks_sees_what_waits,
          a_write_elsewhere_sends_down_what_waits, memory_is_bounded, closing_loses_nothing,
          a_full_disk_shows_at_the_sync, all_else_is_the_vfs_below)
