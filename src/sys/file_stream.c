/* Whole files in pieces: see file_stream.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file_stream.h"

#include "base/arena.h"
#include "sys/file.h"

enum { PIECE = 256 << 10 };

static bool write_piece(int fd, struct str bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes.ptr += n;
		bytes.len -= (size_t)n;
	}
	return true;
}

struct copy_ends {
	const char *from, *to;
	int in, out; /* out −1: none */
};

static enum rc pieces(const struct copy_ends *c, enum rc (*fn)(void *ctx, struct str piece),
                      void *ctx, struct err *err)
{
	char *room = xmalloc(PIECE);
	enum rc rc = RC_OK;
	while (rc == RC_OK) {
		ssize_t n = read(c->in, room, PIECE);
		struct str piece = { room, n > 0 ? (size_t)n : 0 };
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = file_error(err, errno, "reading", c->from);
		if (n <= 0)
			break;
		if (c->out >= 0 && !write_piece(c->out, piece))
			rc = file_error(err, errno, "writing", c->to);
		if (rc == RC_OK && fn)
			rc = fn(ctx, piece);
	}
	free(room);
	return rc;
}

enum rc file_stream(const char *path, enum rc (*fn)(void *ctx, struct str piece), void *ctx,
                    struct err *err)
{
	AUTO(close_fd) int in = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in < 0)
		return file_error(err, errno, "opening", path);
	return pieces(&(struct copy_ends){ path, NULL, in, -1 }, fn, ctx, err);
}

enum rc file_copy(const char *from, const char *to, mode_t mode,
                  enum rc (*fn)(void *ctx, struct str piece), void *ctx, struct err *err)
{
	AUTO(close_fd) int in = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in < 0)
		return file_error(err, errno, "opening", from);
	AUTO(close_fd) int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (out < 0)
		return file_error(err, errno, "creating", to);
	enum rc rc = pieces(&(struct copy_ends){ from, to, in, out }, fn, ctx, err);
	if (rc != RC_OK)
		unlink(to);
	return rc;
}

enum rc file_sync(const char *path, struct err *err)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fsync(fd) != 0)
		return file_error(err, errno, "syncing", path);
	return RC_OK;
}

enum rc file_system_sync(const char *path, struct err *err)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || syncfs(fd) != 0)
		return file_error(err, errno, "syncing the disk of", path);
	return RC_OK;
}

static enum rc sync_parent(const char *path, struct err *err)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	if (!slash)
		snprintf(parent, sizeof parent, ".");
	else if (slash == path)
		snprintf(parent, sizeof parent, "/");
	else
		snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
	return folder_sync(parent, err);
}

enum rc file_rename(const char *from, const char *to, struct err *err)
{
	if (rename(from, to) != 0)
		return file_error(err, errno, "renaming to", to);
	return sync_parent(to, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum rc folder_entries(struct arena *a, const char *path, size_t max, const char *const **ret,
                       size_t *ret_n, struct err *err)
{
	DIR *dir = opendir(path);
	size_t n = 0;
	if (!dir && errno == ENOTDIR)
		return err_set(err, CODE_CONFLICT, "%s is no folder", path);
	if (!dir && errno != ENOENT)
		return file_error(err, errno, "opening", path);
	const char **names = arena_new(a, const char *, max);
	for (struct dirent *e; dir && n < max && (e = readdir(dir)) != NULL;)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			names[n++] = str_dupz(a, str_z(e->d_name));
	if (dir)
		closedir(dir);
	if (n)
		qsort(names, n, sizeof *names, by_name);
	*ret = names;
	*ret_n = n;
	return RC_OK;
}

enum rc path_absolute(const char *path, char *ret, size_t size, struct err *err)
{
	char parent[PATH_MAX], folder[PATH_MAX];
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		len--;
	size_t name = len;
	while (name > 0 && path[name - 1] != '/')
		name--;
	struct str last = { path + name, len - name };
	if (last.len == 0 || str_eqz(last, ".") || str_eqz(last, "..") || len >= sizeof parent)
		return err_set(err, CODE_BAD_PATH, "\"%.100s\" names no folder to make", path);
	snprintf(parent, sizeof parent, "%.*s", name > 1 ? (int)name - 1 : 1, name ? path : ".");
	if (!realpath(parent, folder))
		return file_error(err, errno, "looking for", parent);
	int n = snprintf(ret, size, "%s%s" STR_FMT, folder, strcmp(folder, "/") == 0 ? "" : "/",
	                 STR_ARG(last));
	if (n < 0 || (size_t)n >= size)
		return err_set(err, CODE_BAD_PATH, "the path is too long");
	return RC_OK;
}
