/* Files and folders: see file.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "sys/file.h"

#include "base/arena.h"

/* Network and user-space file systems whose numbers linux/magic.h does not have. */
#define MAGIC_CIFS 0xff534d42u
#define MAGIC_LUSTRE 0x0bd00bd0u
#define MAGIC_GPFS 0x47504653u

void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

enum rc file_error(struct err *err, int error, const char *doing, const char *path)
{
	const char *words = strerror(error);
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return err_set(err, CODE_NOT_FOUND, "%s %s: %s", doing, path, words);
	case EEXIST:
	case ENOTEMPTY:
		return err_set(err, CODE_CONFLICT, "%s %s: %s", doing, path, words);
	case ENOSPC:
	case EDQUOT:
		return err_set(err, CODE_DISK_FULL, "%s %s: %s; free some space (df -h)", doing,
		               path, words);
	case EROFS:
		return err_set(err, CODE_FORBIDDEN, "%s %s: %s; choose a folder on a writable disk",
		               doing, path, words);
	case EACCES:
	case EPERM:
		return err_set(err, CODE_FORBIDDEN, "%s %s: %s; see its owner and mode (ls -ld)",
		               doing, path, words);
	case EFBIG:
	case ENAMETOOLONG:
		return err_set(err, CODE_TOO_LARGE, "%s %s: %s", doing, path, words);
	default:
		return err_set(err, CODE_IO, "%s %s: %s", doing, path, words);
	}
}

/* Reading */

static enum rc too_large(struct err *err, const char *path, size_t max)
{
	return err_set(err, CODE_TOO_LARGE, "%s is larger than %zu bytes", path, max);
}

/* Grows by doubling, because the size of a pipe or of /proc is not known before. */
static enum rc read_all(int fd, const char *path, size_t expected, struct buf *b, struct err *err)
{
	for (;;) {
		size_t left = b->max - b->len;
		size_t step = expected > b->len ? expected - b->len : 0;
		char *to = buf_room(b, size_min(left, step > 4096 ? step : 4096));
		assert(to);
		ssize_t n = read(fd, to, b->cap - b->len < left ? b->cap - b->len : left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_error(err, errno, "reading", path);
		if (n == 0)
			return RC_OK;
		buf_grew(b, (size_t)n);
		if (b->len == b->max)
			return too_large(err, path, b->max - 1);
	}
}

enum rc file_read(struct arena *a, const char *path, size_t max, struct str *ret, struct err *err)
{
	assert(max < SIZE_MAX);
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return file_error(err, errno, "opening", path);
	struct stat st;
	if (fstat(fd, &st) != 0)
		return file_error(err, errno, "reading", path);
	if (S_ISDIR(st.st_mode))
		return err_set(err, CODE_INVALID, "%s is a folder, not a file", path);
	size_t expected = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 0;
	if (expected > max)
		return too_large(err, path, max);
	/* One byte more than allowed tells "just fits" from "too large". */
	AUTO(buf_fini) struct buf b = BUF_INIT(max + 1);
	enum rc rc = read_all(fd, path, expected, &b, err);
	if (rc == RC_OK)
		*ret = str_dup(a, buf_str(&b));
	return rc;
}

/* Writing */

static int write_all(int fd, struct str bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes = str_sub(bytes, (size_t)n, bytes.len);
	}
	return 0;
}

/* The folder that holds `path`: "." when it has no slash. */
static void parent_of(const char *path, char *ret, size_t size)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		snprintf(ret, size, ".");
	else if (slash == path)
		snprintf(ret, size, "/");
	else
		snprintf(ret, size, "%.*s", (int)(slash - path), path);
}

static enum rc write_temporary(int fd, const char *temporary, struct str bytes, mode_t mode,
                               bool is_synced, struct err *err)
{
	if (fchmod(fd, mode) != 0 || write_all(fd, bytes) != 0 || (is_synced && fsync(fd) != 0))
		return file_error(err, errno, "writing", temporary);
	return RC_OK;
}

static enum rc write_whole(const char *path, struct str bytes, mode_t mode, bool is_synced,
                           struct err *err)
{
	char temporary[PATH_MAX];
	if (strlen(path) + sizeof ".XXXXXX" > sizeof temporary)
		return file_error(err, ENAMETOOLONG, "writing", path);
	snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
	AUTO(close_fd) int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return file_error(err, errno, "writing", path);
	enum rc rc = write_temporary(fd, temporary, bytes, mode, is_synced, err);
	if (rc == RC_OK && rename(temporary, path) != 0)
		rc = file_error(err, errno, "renaming to", path);
	if (rc != RC_OK)
		unlink(temporary);
	return rc;
}

enum rc file_write(const char *path, struct str bytes, mode_t mode, struct err *err)
{
	char folder[PATH_MAX];
	enum rc rc = write_whole(path, bytes, mode, true, err);
	if (rc != RC_OK)
		return rc;
	parent_of(path, folder, sizeof folder);
	return folder_sync(folder, err);
}

enum rc file_write_volatile(const char *path, struct str bytes, mode_t mode, struct err *err)
{
	return write_whole(path, bytes, mode, false, err);
}

enum rc folder_sync(const char *path, struct err *err)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		return file_error(err, errno, "syncing", path);
	return RC_OK;
}

static enum rc create_one(const char *path, mode_t mode, struct err *err)
{
	if (mkdir(path, mode) == 0)
		return RC_OK;
	int error = errno;
	struct stat st;
	/* mkdir of an existing folder may also say EROFS or EACCES. */
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return RC_OK;
		return err_set(err, CODE_CONFLICT, "%s exists and is not a folder", path);
	}
	return file_error(err, error, "creating", path);
}

enum rc folder_create(const char *path, mode_t mode, struct err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	if (len == 0 || len >= sizeof part)
		return err_set(err, CODE_BAD_PATH, "a folder's path of %zu bytes", len);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		enum rc rc = create_one(part, mode, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* Removing.  By descriptors, so that a folder swapped for a link is not followed. */

static enum rc remove_at(int folder, const char *name, const char *shown, struct err *err);

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static enum rc empty_folder(int fd, const char *shown, struct err *err)
{
	DIR *dir = fdopendir(fd); /* owns fd from here on */
	if (!dir) {
		close(fd);
		return file_error(err, errno, "opening", shown);
	}
	enum rc rc = RC_OK;
	struct dirent *e;
	while (rc == RC_OK && (e = readdir(dir)) != NULL)
		if (!is_dot(e->d_name))
			rc = remove_at(dirfd(dir), e->d_name, shown, err);
	closedir(dir);
	return rc;
}

static enum rc remove_at(int folder, const char *name, const char *shown, struct err *err)
{
	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return RC_OK;
	int why = errno;
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return file_error(err, errno == ENOTDIR ? why : errno, "removing", shown);
	enum rc rc = empty_folder(fd, shown, err);
	if (rc == RC_OK && unlinkat(folder, name, AT_REMOVEDIR) != 0 && errno != ENOENT)
		return file_error(err, errno, "removing", shown);
	return rc;
}

enum rc folder_remove(const char *path, struct err *err)
{
	struct stat st;
	if (lstat(path, &st) != 0 && errno == ENOENT)
		return RC_OK;
	return remove_at(AT_FDCWD, path, path, err);
}

/* Walking.  Names are collected, then sorted: the order of readdir is the disk's.
 * Sorting whole relative paths bytewise is not the same as sorting each folder
 * ("a-b" stands before "a/b"), so all are collected first. */

struct walk {
	struct arena *arena;
	struct walk_file {
		struct str path;
		int64_t size;
	} * files;
	size_t n, cap;
};

static void walk_add(struct walk *w, struct str path, int64_t size)
{
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 64;
		w->files = xrealloc(w->files, w->cap * sizeof *w->files);
	}
	w->files[w->n++] = (struct walk_file){ path, size };
}

static enum rc walk_folder(struct walk *w, int fd, struct str prefix, struct err *err);

static enum rc walk_entry(struct walk *w, int folder, struct str prefix, const char *name,
                          struct err *err)
{
	struct stat st;
	struct str path = prefix.len ? str_fmt(w->arena, STR_FMT "/%s", STR_ARG(prefix), name)
	                             : str_fmt(w->arena, "%s", name);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? RC_OK : file_error(err, errno, "reading", path.ptr);
	if (S_ISREG(st.st_mode))
		walk_add(w, path, st.st_size);
	if (!S_ISDIR(st.st_mode))
		return RC_OK;
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return file_error(err, errno, "opening", path.ptr);
	return walk_folder(w, fd, path, err);
}

static enum rc walk_folder(struct walk *w, int fd, struct str prefix, struct err *err)
{
	DIR *dir = fdopendir(fd); /* owns fd from here on */
	if (!dir) {
		close(fd);
		return file_error(err, errno, "opening", prefix.ptr);
	}
	enum rc rc = RC_OK;
	struct dirent *e;
	while (rc == RC_OK && (e = readdir(dir)) != NULL)
		if (!is_dot(e->d_name))
			rc = walk_entry(w, dirfd(dir), prefix, e->d_name, err);
	closedir(dir);
	return rc;
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct walk_file *)a)->path, ((const struct walk_file *)b)->path);
}

static enum rc walk_call(struct walk *w, enum rc (*fn)(void *, struct str, int64_t), void *ctx)
{
	enum rc rc = RC_OK;
	if (w->n)
		qsort(w->files, w->n, sizeof *w->files, by_path);
	for (size_t i = 0; i < w->n && rc == RC_OK; i++)
		rc = fn(ctx, w->files[i].path, w->files[i].size);
	return rc;
}

enum rc folder_walk(const char *root, enum rc (*fn)(void *ctx, struct str relative, int64_t size),
                    void *ctx, struct err *err)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return file_error(err, errno, "opening", root);
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct walk w = { .arena = a };
	enum rc rc = walk_folder(&w, fd, (struct str){ "", 0 }, err);
	if (rc == RC_OK)
		rc = walk_call(&w, fn, ctx);
	free(w.files);
	return rc;
}

/* Asking */

void files_private(void)
{
	umask(077);
}

int file_mode(const char *path)
{
	struct stat s;
	return stat(path, &s) == 0 ? (int)(s.st_mode & 07777) : -1;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

bool folder_is_network(const char *path)
{
	static const unsigned magics[] = {
		NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC, SMB2_SUPER_MAGIC, MAGIC_CIFS,
		CODA_SUPER_MAGIC, AFS_SUPER_MAGIC, CEPH_SUPER_MAGIC, V9FS_MAGIC,
		FUSE_SUPER_MAGIC, MAGIC_LUSTRE,    MAGIC_GPFS,       OCFS2_SUPER_MAGIC,
	};
	struct statfs fs;
	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(magics); i++)
		if ((unsigned)fs.f_type == magics[i])
			return true;
	return false;
}

int64_t folder_free_bytes(const char *path)
{
	struct statfs fs;
	int64_t bytes;
	if (statfs(path, &fs) != 0 ||
	    __builtin_mul_overflow((int64_t)fs.f_bavail, (int64_t)fs.f_bsize, &bytes))
		return -1;
	return bytes;
}

/* Asks every few milliseconds: a lock that can be waited for (F_OFD_SETLKW) has no limit
 * of time but an alarm, and signals are read from a descriptor here. */
static bool lock_within(int fd, int64_t wait_ms)
{
	enum { PAUSE_MS = 5 };
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	while (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
		if ((errno != EAGAIN && errno != EACCES) || wait_ms <= 0)
			return false;
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000 * 1000 }, NULL);
		wait_ms -= PAUSE_MS;
	}
	return true;
}

enum rc file_lock(const char *path, int64_t wait_ms, int *ret, struct err *err)
{
	AUTO(close_fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_error(err, errno, "opening", path);
	if (!lock_within(fd, wait_ms)) {
		if (errno == EAGAIN || errno == EACCES)
			return err_set(err, CODE_FOLDER_HELD, "another process holds %s", path);
		return file_error(err, errno, "locking", path);
	}
	*ret = fd;
	fd = -1; /* given away */
	return RC_OK;
}

struct str program_folder(struct arena *a)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path);
	if (n <= 0)
		return str_dup(a, STR("."));
	struct str s = { path, (size_t)n };
	while (s.len > 1 && s.ptr[s.len - 1] != '/')
		s.len--;
	if (s.len > 1)
		s.len--; /* the slash, unless it is the root */
	return str_dup(a, s);
}
