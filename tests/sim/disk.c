/* The simulated disk: see disk.h. */
#include "disk.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 16, SHM_LOCKS = 8, SHM_REGIONS_MAX = 64 };

enum { REVIVE = 0x73696d }; /* a word of ours to a file, as SQLITE_FCNTL_… */

/* A write or truncation that is not yet durable.  The image has what is new, and the operation
 * what was there before; when it is undone they change places. */
struct op {
	struct op *before;
	size_t off, len;   /* of a truncation: what it took away */
	size_t len_before; /* of the file */
	bool is_truncate;
	unsigned char data[];
};

struct image {
	unsigned char *ptr;
	size_t len, cap;
};

struct file {
	char name[128];
	bool exists, exists_durable;
	struct image seen;
	struct op *pending;  /* newest first */
	bool is_buried;      /* deleted, and nobody knows whether durably */
	struct image buried; /* what it was then */
	int shared, reserved, pending_lock, exclusive; /* holders of the database locks */
	void *shm[SHM_REGIONS_MAX];
	int shm_shared[SHM_LOCKS];
	bool shm_exclusive[SHM_LOCKS];
	uint64_t shm_life; /* whose wal-index it is */
};

struct disk {
	uint64_t random;
	uint64_t ops, fail_from, fail_to, cut_at;
	bool is_dead, does_lie, is_full, cuts_at_sync;
	void (*before)(bool is_write);
	uint64_t life; /* of the simulated process; handles of an earlier one are ghosts */
	struct file files[FILES_MAX];
	size_t n;
};

struct handle {
	sqlite3_file base;
	struct file *file;
	int level; /* SQLITE_LOCK_… */
	uint64_t life;
	unsigned shm_shared, shm_exclusive; /* bit masks of what this handle holds */
};

static struct disk disk;

static uint64_t draw(void)
{
	disk.random ^= disk.random << 13;
	disk.random ^= disk.random >> 7;
	disk.random ^= disk.random << 17;
	return disk.random;
}

/* Every fallible operation asks here first, so "the n-th" is one counter. */
static int fault(int code)
{
	if (disk.before)
		disk.before(code == SQLITE_IOERR_WRITE);
	disk.ops++;
	if (disk.cut_at && disk.ops >= disk.cut_at)
		disk.is_dead = true;
	if (disk.cuts_at_sync && code == SQLITE_IOERR_FSYNC)
		disk.is_dead = true;
	if (disk.is_dead)
		return code;
	bool is_hit = disk.fail_from && disk.ops >= disk.fail_from && disk.ops < disk.fail_to;
	if (!is_hit)
		return SQLITE_OK;
	if (!disk.is_full)
		return code;
	return code == SQLITE_IOERR_WRITE ? SQLITE_FULL : SQLITE_OK;
}

/* --- Images --- */

static void *checked(void *p)
{
	if (!p)
		abort();
	return p;
}

static void image_resize(struct image *im, size_t len)
{
	if (len > im->cap) {
		im->cap = len * 2;
		im->ptr = checked(realloc(im->ptr, im->cap));
	}
	if (len > im->len)
		memset(im->ptr + im->len, 0, len - im->len);
	im->len = len;
}

static void image_put(struct image *im, size_t off, const void *from, size_t len)
{
	if (im->len < off + len)
		image_resize(im, off + len);
	if (len)
		memcpy(im->ptr + off, from, len);
}

/* Once more, of an operation that was undone. */
static void image_apply(struct image *im, const struct op *o)
{
	if (o->is_truncate)
		image_resize(im, o->off);
	else
		image_put(im, o->off, o->data, o->len);
}

/* A torn write: a part was kept, the rest of its range is garbage or old. */
static void image_tear(struct image *im, const struct op *o)
{
	if (o->is_truncate || o->len == 0)
		return;
	size_t kept = (size_t)(draw() % o->len);
	if (im->len < o->off + o->len)
		image_resize(im, o->off + o->len);
	memcpy(im->ptr + o->off, o->data, kept);
	if (draw() % 2)
		for (size_t i = kept; i < o->len; i++)
			im->ptr[o->off + i] = (unsigned char)draw();
}

static struct op *add_op(struct file *f, size_t off, size_t len)
{
	struct op *o = checked(malloc(sizeof *o + len));
	*o = (struct op){ .before = f->pending, .off = off, .len = len, .len_before = f->seen.len };
	size_t had = off < f->seen.len ? f->seen.len - off : 0;
	had = had < len ? had : len;
	if (had)
		memcpy(o->data, f->seen.ptr + off, had);
	f->pending = o;
	return o;
}

static void write_to(struct file *f, const void *data, size_t len, size_t off)
{
	add_op(f, off, len);
	image_put(&f->seen, off, data, len);
}

static void truncate_to(struct file *f, size_t size)
{
	add_op(f, size, size < f->seen.len ? f->seen.len - size : 0)->is_truncate = true;
	image_resize(&f->seen, size);
}

static void undo_op(struct image *im, struct op *o)
{
	if (o->is_truncate) {
		image_put(im, o->off, o->data, o->len);
	} else {
		unsigned char *ptr = im->ptr + o->off;
		for (size_t i = 0; i < o->len; i++) {
			unsigned char is = ptr[i];
			ptr[i] = o->data[i];
			o->data[i] = is;
		}
	}
	image_resize(im, o->len_before);
}

static void drop_ops(struct op *o)
{
	while (o) {
		struct op *before = o->before;
		free(o);
		o = before;
	}
}

/* The image is as it was synced; the operations since then, oldest first. */
static struct op *undo_ops(struct file *f)
{
	struct op *oldest = NULL;
	while (f->pending) {
		struct op *o = f->pending;
		f->pending = o->before;
		undo_op(&f->seen, o);
		o->before = oldest;
		oldest = o;
	}
	return oldest;
}

static void bury(struct file *f)
{
	drop_ops(undo_ops(f));
	if (f->exists_durable && !f->is_buried) {
		struct image free_one = f->buried;
		f->buried = f->seen;
		f->seen = free_one;
		f->is_buried = true;
	}
	image_resize(&f->seen, 0);
}

/* --- Files --- */

static struct file *find(const char *name)
{
	for (size_t i = 0; i < disk.n; i++)
		if (strcmp(disk.files[i].name, name) == 0)
			return &disk.files[i];
	return NULL;
}

static struct file *find_or_add(const char *name)
{
	struct file *f = find(name);
	if (f)
		return f;
	assert(disk.n < FILES_MAX);
	f = &disk.files[disk.n++];
	snprintf(f->name, sizeof f->name, "%s", name);
	return f;
}

static struct file *file_of(sqlite3_file *base)
{
	return ((struct handle *)base)->file;
}

static bool is_ghost(sqlite3_file *base)
{
	return ((struct handle *)base)->life != disk.life;
}

static int sim_close(sqlite3_file *base)
{
	(void)base;
	return SQLITE_OK;
}

static int sim_read(sqlite3_file *base, void *to, int n, sqlite3_int64 off)
{
	struct image *im = &file_of(base)->seen;
	if (fault(SQLITE_IOERR_READ) != SQLITE_OK)
		return SQLITE_IOERR_READ;
	size_t have = (size_t)off < im->len ? im->len - (size_t)off : 0;
	if (have > (size_t)n)
		have = (size_t)n;
	if (have)
		memcpy(to, im->ptr + off, have);
	if (have == (size_t)n)
		return SQLITE_OK;
	memset((char *)to + have, 0, (size_t)n - have);
	return SQLITE_IOERR_SHORT_READ;
}

/* A disk keeps a large write in pieces, each in its own time. */
static void add_pieces(struct file *f, const void *from, size_t n, int64_t off)
{
	const unsigned char *at = from;
	while (n) {
		size_t len = 512 * (1 + draw() % 16);
		len = len < n ? len : n;
		write_to(f, at, len, (size_t)off);
		at += len;
		off += (int64_t)len;
		n -= len;
	}
}

static int sim_write(sqlite3_file *base, const void *from, int n, sqlite3_int64 off)
{
	if (is_ghost(base))
		return SQLITE_OK;
	int code = fault(SQLITE_IOERR_WRITE);
	if (disk.is_dead)
		return code;
	if (code != SQLITE_OK) /* a beginning may have been written, never all */
		n = n > 1 ? (int)(draw() % (uint64_t)n) : 0;
	add_pieces(file_of(base), from, (size_t)n, off);
	return code;
}

static int sim_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	if (fault(SQLITE_IOERR_TRUNCATE) != SQLITE_OK)
		return SQLITE_IOERR_TRUNCATE;
	truncate_to(file_of(base), (size_t)size);
	return SQLITE_OK;
}

static int sim_sync(sqlite3_file *base, int flags)
{
	struct file *f = file_of(base);
	(void)flags;
	if (is_ghost(base))
		return SQLITE_OK;
	if (fault(SQLITE_IOERR_FSYNC) != SQLITE_OK)
		return SQLITE_IOERR_FSYNC;
	if (disk.does_lie)
		return SQLITE_OK;
	drop_ops(f->pending);
	f->pending = NULL;
	f->exists_durable = true;
	f->is_buried = false;
	return SQLITE_OK;
}

static int sim_size(sqlite3_file *base, sqlite3_int64 *ret)
{
	*ret = (sqlite3_int64)file_of(base)->seen.len;
	return SQLITE_OK;
}

/* --- Database locks: at most one reserved, pending, exclusive; readers are counted --- */

static int sim_lock(sqlite3_file *base, int level)
{
	struct handle *h = (struct handle *)base;
	struct file *f = h->file;
	if (h->level >= level)
		return SQLITE_OK;
	if (level == SQLITE_LOCK_SHARED) {
		if (f->pending_lock || f->exclusive)
			return SQLITE_BUSY;
		f->shared++;
	} else if (level == SQLITE_LOCK_RESERVED) {
		if (f->reserved)
			return SQLITE_BUSY;
		f->reserved = 1;
	} else {
		if (h->level < SQLITE_LOCK_RESERVED && f->reserved)
			return SQLITE_BUSY;
		f->reserved = f->pending_lock = 1;
		if (f->shared > 1) {
			h->level = SQLITE_LOCK_PENDING;
			return SQLITE_BUSY;
		}
		f->exclusive = 1;
	}
	h->level = level;
	return SQLITE_OK;
}

static int sim_unlock(sqlite3_file *base, int level)
{
	struct handle *h = (struct handle *)base;
	struct file *f = h->file;
	if (is_ghost(base) || h->level <= level)
		return SQLITE_OK;
	if (h->level >= SQLITE_LOCK_RESERVED)
		f->reserved = f->pending_lock = f->exclusive = 0;
	if (level == SQLITE_LOCK_NONE)
		f->shared--;
	h->level = level;
	return SQLITE_OK;
}

static int sim_check_reserved(sqlite3_file *base, int *ret)
{
	*ret = file_of(base)->reserved;
	return SQLITE_OK;
}

enum { SHM_REGION_BYTES = 32 * 1024 };

/* In place: a connection that is revived has kept where the regions are. */
static void shm_begin(struct file *f)
{
	if (f->shm_life == disk.life)
		return;
	for (size_t i = 0; i < SHM_REGIONS_MAX && f->shm[i]; i++)
		memset(f->shm[i], 0, SHM_REGION_BYTES);
	f->shm_life = disk.life;
}

static bool revive(struct handle *h)
{
	if (h->level > SQLITE_LOCK_SHARED)
		return false;
	if (h->life == disk.life)
		return true;
	shm_begin(h->file);
	h->life = disk.life;
	h->shm_shared = h->shm_exclusive = 0;
	h->file->exists = true; /* opened to be created when it is not there */
	h->file->shared += h->level == SQLITE_LOCK_SHARED;
	return true;
}

static int sim_control(sqlite3_file *base, int op, void *arg)
{
	if (op != REVIVE)
		return SQLITE_NOTFOUND;
	*(bool *)arg = revive((struct handle *)base);
	return SQLITE_OK;
}

static int sim_sector(sqlite3_file *base)
{
	(void)base;
	return 4096;
}

static int sim_characteristics(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- The wal-index, in memory; gone with the process --- */

static int sim_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **ret)
{
	struct file *f = file_of(base);
	assert(region < SHM_REGIONS_MAX && size == SHM_REGION_BYTES);
	shm_begin(f);
	if (!f->shm[region] && extend)
		f->shm[region] = checked(calloc(1, (size_t)size));
	*ret = f->shm[region];
	return SQLITE_OK;
}

static int sim_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
	struct handle *h = (struct handle *)base;
	struct file *f = h->file;
	if (is_ghost(base))
		return SQLITE_OK;
	for (int i = offset; i < offset + n; i++) {
		unsigned bit = 1u << i;
		bool is_mine = (h->shm_shared | h->shm_exclusive) & bit;
		if (!(flags & SQLITE_SHM_LOCK) || is_mine)
			continue;
		if (f->shm_exclusive[i] || (flags & SQLITE_SHM_EXCLUSIVE && f->shm_shared[i]))
			return SQLITE_BUSY;
	}
	for (int i = offset; i < offset + n; i++) {
		unsigned bit = 1u << i;
		if (flags & SQLITE_SHM_UNLOCK) {
			if (h->shm_shared & bit)
				f->shm_shared[i]--;
			if (h->shm_exclusive & bit)
				f->shm_exclusive[i] = false;
			h->shm_shared &= ~bit;
			h->shm_exclusive &= ~bit;
		} else if (flags & SQLITE_SHM_EXCLUSIVE) {
			f->shm_exclusive[i] = true;
			h->shm_exclusive |= bit;
		} else if (!(h->shm_shared & bit)) {
			f->shm_shared[i]++;
			h->shm_shared |= bit;
		}
	}
	return SQLITE_OK;
}

static void sim_shm_barrier(sqlite3_file *base)
{
	(void)base;
}

static int sim_shm_unmap(sqlite3_file *base, int does_delete)
{
	(void)base;
	(void)does_delete;
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = sim_close,
	.xRead = sim_read,
	.xWrite = sim_write,
	.xTruncate = sim_truncate,
	.xSync = sim_sync,
	.xFileSize = sim_size,
	.xLock = sim_lock,
	.xUnlock = sim_unlock,
	.xCheckReservedLock = sim_check_reserved,
	.xFileControl = sim_control,
	.xSectorSize = sim_sector,
	.xDeviceCharacteristics = sim_characteristics,
	.xShmMap = sim_shm_map,
	.xShmLock = sim_shm_lock,
	.xShmBarrier = sim_shm_barrier,
	.xShmUnmap = sim_shm_unmap,
};

/* --- The file system --- */

static int sim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                    int *ret_flags)
{
	struct handle *h = (struct handle *)base;
	(void)vfs;
	*h = (struct handle){ .life = disk.life };
	if (fault(SQLITE_CANTOPEN) != SQLITE_OK)
		return SQLITE_CANTOPEN;
	struct file *f = find_or_add(name ? name : "(temporary)");
	if (!f->exists && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	f->exists = true;
	h->file = f;
	h->base.pMethods = &methods;
	if (ret_flags)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int sim_delete(sqlite3_vfs *vfs, const char *name, int does_sync_folder)
{
	struct file *f = find(name);
	(void)vfs;
	if (fault(SQLITE_IOERR_DELETE) != SQLITE_OK)
		return SQLITE_IOERR_DELETE;
	if (!f || !f->exists)
		return SQLITE_IOERR_DELETE_NOENT;
	f->exists = false;
	bury(f);
	if (does_sync_folder)
		f->exists_durable = f->is_buried = false;
	return SQLITE_OK;
}

static int sim_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	struct file *f = find(name);
	(void)vfs;
	(void)flags;
	*ret = f && f->exists && f->seen.len > 0;
	return SQLITE_OK;
}

static int sim_full_path(sqlite3_vfs *vfs, const char *name, int n, char *ret)
{
	(void)vfs;
	snprintf(ret, (size_t)n, "%s", name);
	return SQLITE_OK;
}

static int sim_randomness(sqlite3_vfs *vfs, int n, char *ret)
{
	(void)vfs;
	for (int i = 0; i < n; i++)
		ret[i] = (char)draw();
	return n;
}

static int sim_sleep(sqlite3_vfs *vfs, int micros)
{
	(void)vfs;
	return micros;
}

static int sim_time(sqlite3_vfs *vfs, double *ret)
{
	(void)vfs;
	*ret = 2460000.5;
	return SQLITE_OK;
}

struct disk *disk_create(uint64_t seed)
{
	static sqlite3_vfs vfs = {
		.iVersion = 1,
		.szOsFile = sizeof(struct handle),
		.mxPathname = 120,
		.zName = "sim",
		.xOpen = sim_open,
		.xDelete = sim_delete,
		.xAccess = sim_access,
		.xFullPathname = sim_full_path,
		.xRandomness = sim_randomness,
		.xSleep = sim_sleep,
		.xCurrentTime = sim_time,
	};
	disk.random = seed * 0x9e3779b97f4a7c15u | 1;
	/* One thread, and nobody asks how much memory it takes. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	/* The default, so that SQLite's own generator is seeded from here, too. */
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
	return &disk;
}

void disk_reseed(struct disk *d, uint64_t seed)
{
	d->random = seed * 0x9e3779b97f4a7c15u | 1;
	d->ops = 0;
	sqlite3_randomness(0, NULL);
}

uint64_t disk_ops(const struct disk *d)
{
	return d->ops;
}

void disk_fail(struct disk *d, uint64_t after_ops, uint64_t times, bool is_full)
{
	d->is_full = is_full;
	d->fail_from = d->ops + after_ops;
	d->fail_to = d->fail_from + times;
}

void disk_cut_at(struct disk *d, uint64_t after_ops)
{
	d->cut_at = after_ops ? d->ops + after_ops : 0;
	d->cuts_at_sync &= after_ops != 0;
}

void disk_cut_at_sync(struct disk *d)
{
	d->cuts_at_sync = true;
}

bool disk_is_dead(const struct disk *d)
{
	return d->is_dead;
}

void disk_listen(struct disk *d, void (*before)(bool is_write))
{
	d->before = before;
}

void disk_lie(struct disk *d, bool does_lie)
{
	d->does_lie = does_lie;
}

void disk_kill(struct disk *d)
{
	d->life++;
	d->is_dead = d->cuts_at_sync = false;
	d->fail_from = d->fail_to = d->cut_at = 0;
	for (size_t i = 0; i < d->n; i++) {
		struct file *f = &d->files[i];
		f->shared = f->reserved = f->pending_lock = f->exclusive = 0;
		memset(f->shm_shared, 0, sizeof f->shm_shared);
		memset(f->shm_exclusive, 0, sizeof f->shm_exclusive);
	}
}

uint64_t disk_life(const struct disk *d)
{
	return d->life;
}

/* A layer of the engine's may be between, which hands such words on.  What it still has to
 * write dies with the process: a ghost's writes go nowhere. */
bool disk_revive(struct disk *d, struct sqlite3_file *file)
{
	bool is_revived = false;
	(void)d;
	if (!file || !file->pMethods)
		return false;
	file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	file->pMethods->xFileControl(file, REVIVE, &is_revived);
	return is_revived;
}

/* Of each operation since the last sync: was it kept, torn, lost? */
static void redo_by_chance(struct file *f)
{
	struct op *oldest = undo_ops(f);
	for (const struct op *o = oldest; o; o = o->before) {
		uint64_t what = draw() % 3;
		if (what == 0)
			image_apply(&f->seen, o);
		else if (what == 1)
			image_tear(&f->seen, o);
	}
	drop_ops(oldest);
}

/* A file whose creation or removal nobody synced: either may be true. */
static void exist_by_chance(struct file *f)
{
	if (f->exists != f->exists_durable && draw() % 2)
		f->exists_durable = f->exists;
	bool is_old = f->is_buried && f->exists_durable && (!f->exists || draw() % 2);
	f->exists = f->exists_durable;
	f->is_buried = false;
	if (is_old) {
		struct image free_one = f->seen;
		f->seen = f->buried;
		f->buried = free_one;
	}
	if (!f->exists)
		image_resize(&f->seen, 0);
}

void disk_power_cut(struct disk *d)
{
	disk_kill(d);
	for (size_t i = 0; i < d->n; i++) {
		redo_by_chance(&d->files[i]);
		exist_by_chance(&d->files[i]);
	}
}
