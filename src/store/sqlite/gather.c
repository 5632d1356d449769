/* Gathering writes to the write-ahead log: see gather.h.  Only files that SQLite opens as a
 * log get methods of ours; all else is the VFS below. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "store/sqlite/gather.h"

/* SQLite's own VFS cuts writes of 128 KiB and more (seekAndWriteFd in os_unix.c). */
enum { GATHER_MAX = 120 * 1024, NAME_MAX_LEN = 64, VFS_MAX = 4 };

/* The file of the VFS below stands right behind it, in the memory that SQLite gives. */
struct gathered {
	sqlite3_file base; /* first */
	sqlite3_file *below;
	char *bytes; /* not yet written, from `at` on */
	int n;
	sqlite3_int64 at;
};

struct layer {
	sqlite3_vfs vfs; /* first */
	char name[NAME_MAX_LEN];
};

static struct gathered *of(sqlite3_file *f)
{
	return (struct gathered *)f;
}

static int flush(struct gathered *g)
{
	int n = g->n;
	g->n = 0; /* after a failure SQLite writes all of it again */
	return n ? g->below->pMethods->xWrite(g->below, g->bytes, n, g->at) : SQLITE_OK;
}

static int gather_close(sqlite3_file *f)
{
	struct gathered *g = of(f);
	int code = flush(g);
	int closed = g->below->pMethods->xClose(g->below);
	free(g->bytes);
	return code != SQLITE_OK ? code : closed;
}

static int gather_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	struct gathered *g = of(f);
	int code = flush(g);
	return code != SQLITE_OK ? code : g->below->pMethods->xRead(g->below, to, n, at);
}

static int gather_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	struct gathered *g = of(f);
	bool fits = g->n == 0 || (at == g->at + g->n && n <= GATHER_MAX - g->n);
	int code = fits ? SQLITE_OK : flush(g);
	if (code != SQLITE_OK)
		return code;
	if (n > GATHER_MAX)
		return g->below->pMethods->xWrite(g->below, from, n, at);
	if (g->n == 0)
		g->at = at;
	memcpy(g->bytes + g->n, from, (size_t)n);
	g->n += n;
	return SQLITE_OK;
}

static int gather_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct gathered *g = of(f);
	int code = flush(g);
	return code != SQLITE_OK ? code : g->below->pMethods->xTruncate(g->below, size);
}

static int gather_sync(sqlite3_file *f, int flags)
{
	struct gathered *g = of(f);
	int code = flush(g);
	return code != SQLITE_OK ? code : g->below->pMethods->xSync(g->below, flags);
}

static int gather_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	struct gathered *g = of(f);
	int code = flush(g);
	return code != SQLITE_OK ? code : g->below->pMethods->xFileSize(g->below, ret);
}

static int gather_lock(sqlite3_file *f, int level)
{
	return of(f)->below->pMethods->xLock(of(f)->below, level);
}

static int gather_unlock(sqlite3_file *f, int level)
{
	return of(f)->below->pMethods->xUnlock(of(f)->below, level);
}

static int gather_is_reserved(sqlite3_file *f, int *ret)
{
	return of(f)->below->pMethods->xCheckReservedLock(of(f)->below, ret);
}

static int gather_control(sqlite3_file *f, int op, void *arg)
{
	return of(f)->below->pMethods->xFileControl(of(f)->below, op, arg);
}

static int gather_sector_size(sqlite3_file *f)
{
	return of(f)->below->pMethods->xSectorSize(of(f)->below);
}

static int gather_characteristics(sqlite3_file *f)
{
	return of(f)->below->pMethods->xDeviceCharacteristics(of(f)->below);
}

/* Version 1: a log is neither mapped nor has it shared memory of its own. */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = gather_close,
	.xRead = gather_read,
	.xWrite = gather_write,
	.xTruncate = gather_truncate,
	.xSync = gather_sync,
	.xFileSize = gather_size,
	.xLock = gather_lock,
	.xUnlock = gather_unlock,
	.xCheckReservedLock = gather_is_reserved,
	.xFileControl = gather_control,
	.xSectorSize = gather_sector_size,
	.xDeviceCharacteristics = gather_characteristics,
};

static sqlite3_vfs *vfs_below(sqlite3_vfs *vfs)
{
	return vfs->pAppData;
}

static int gather_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
                       int *ret_flags)
{
	sqlite3_vfs *below = vfs_below(vfs);
	if (!(flags & SQLITE_OPEN_WAL))
		return below->xOpen(below, name, f, flags, ret_flags);
	struct gathered *g = of(f);
	*g = (struct gathered){ .below = (sqlite3_file *)(g + 1) };
	int code = below->xOpen(below, name, g->below, flags, ret_flags);
	if (!g->below->pMethods)
		return code;
	g->base.pMethods = &methods;
	g->bytes = xmalloc(GATHER_MAX);
	return code;
}

static int gather_delete(sqlite3_vfs *vfs, const char *name, int does_sync_folder)
{
	return vfs_below(vfs)->xDelete(vfs_below(vfs), name, does_sync_folder);
}

static int gather_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	return vfs_below(vfs)->xAccess(vfs_below(vfs), name, flags, ret);
}

static int gather_full_path(sqlite3_vfs *vfs, const char *name, int n, char *ret)
{
	return vfs_below(vfs)->xFullPathname(vfs_below(vfs), name, n, ret);
}

static int gather_randomness(sqlite3_vfs *vfs, int n, char *ret)
{
	return vfs_below(vfs)->xRandomness(vfs_below(vfs), n, ret);
}

static int gather_sleep(sqlite3_vfs *vfs, int micros)
{
	return vfs_below(vfs)->xSleep(vfs_below(vfs), micros);
}

static int gather_time(sqlite3_vfs *vfs, double *ret)
{
	return vfs_below(vfs)->xCurrentTime(vfs_below(vfs), ret);
}

static int gather_last_error(sqlite3_vfs *vfs, int n, char *ret)
{
	sqlite3_vfs *below = vfs_below(vfs);
	return below->xGetLastError ? below->xGetLastError(below, n, ret) : 0;
}

static void fill(struct layer *l, sqlite3_vfs *below, const char *name)
{
	snprintf(l->name, sizeof l->name, "%s", name);
	l->vfs = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = (int)sizeof(struct gathered) + below->szOsFile,
		.mxPathname = below->mxPathname,
		.zName = l->name,
		.pAppData = below,
		.xOpen = gather_open,
		.xDelete = gather_delete,
		.xAccess = gather_access,
		.xFullPathname = gather_full_path,
		.xRandomness = gather_randomness,
		.xSleep = gather_sleep,
		.xCurrentTime = gather_time,
		.xGetLastError = gather_last_error,
	};
}

const char *gather_vfs(const char *below_name)
{
	static struct layer layers[VFS_MAX];
	static int n;
	char name[NAME_MAX_LEN];
	sqlite3_vfs *below = sqlite3_vfs_find(below_name);
	assert(below);
	snprintf(name, sizeof name, "takt-gather-%s", below->zName);
	sqlite3_vfs *known = sqlite3_vfs_find(name);
	if (known)
		return known->zName;
	assert(n < VFS_MAX);
	struct layer *l = &layers[n++];
	fill(l, below, name);
	int code = sqlite3_vfs_register(&l->vfs, 0);
	assert(code == SQLITE_OK); /* it only links it in */
	return l->name;
}
