/* makers/files.c: generated files in memory, sorted by path.
 *
 * (1) A path that is in the set is confined: nothing that is written below a folder
 *     can leave it, whatever a spec says.
 * (2) Insertion keeps the order, so that two sets made alike are walked alike.
 */
#include "makers/files.h"

#include "base/arena.h"
#include "base/str.h"
#include "sys/file.h"

enum { PATH_MAX_BYTES = 400, FILE_MAX_BYTES = 64 << 20 };

void made_files_init(struct made_files *f, struct arena *a)
{
	assert(a);
	*f = (struct made_files){ .arena = a };
}

static bool is_confined_part(struct str part)
{
	if (part.len == 0 || str_eqz(part, ".") || str_eqz(part, ".."))
		return false;
	for (size_t i = 0; i < part.len; i++) {
		unsigned char c = (unsigned char)part.ptr[i];
		if (c < 0x20 || c == 0x7f || c == '\\')
			return false;
	}
	return true;
}

static bool is_confined(struct str path)
{
	if (path.len == 0 || path.len > PATH_MAX_BYTES || utf8_check(path) != path.len)
		return false;
	/* A cut at the last "/" leaves an empty rest, which is no part either. */
	if (path.ptr[path.len - 1] == '/')
		return false;
	struct str rest = path;
	while (rest.len > 0) {
		struct str part = str_cut(rest, '/', &rest);
		if (!is_confined_part(part))
			return false;
	}
	return true;
}

/* Where `path` is, or would have to be. */
static size_t place_of(const struct made_files *f, struct str path)
{
	size_t low = 0, high = f->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_cmp(f->items[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void make_room(struct made_files *f)
{
	if (f->n < f->cap)
		return;
	size_t cap = f->cap ? f->cap * 2 : 32;
	struct made_file *items = arena_new(f->arena, struct made_file, cap);
	if (f->n > 0)
		memcpy(items, f->items, f->n * sizeof *items);
	f->items = items;
	f->cap = cap;
}

enum rc made_files_add(struct made_files *f, struct str path, struct str bytes, struct err *err)
{
	if (!is_confined(path)) {
		err_set(err, CODE_BAD_PATH, "the path leaves its folder or is not writable");
		return err_at(err, STR_FMT, (int)size_min(path.len, 100), path.ptr ? path.ptr : "");
	}
	if (made_files_find(f, path)) {
		err_set(err, CODE_BAD_PATH, "the path is there already");
		return err_at(err, STR_FMT, STR_ARG(path));
	}
	make_room(f);
	size_t at = place_of(f, path);
	memmove(f->items + at + 1, f->items + at, (f->n - at) * sizeof *f->items);
	f->items[at] =
	        (struct made_file){ str_dup(f->arena, path), str_dup(f->arena, bytes), false };
	f->n++;
	return RC_OK;
}

const struct made_file *made_files_find(const struct made_files *f, struct str path)
{
	size_t at = place_of(f, path);
	return at < f->n && str_eq(f->items[at].path, path) ? &f->items[at] : NULL;
}

static enum rc write_one(const struct made_file *file, const char *folder, struct arena *a,
                         struct err *err)
{
	struct str full = str_fmt(a, "%s/" STR_FMT, folder, STR_ARG(file->path));
	char *path = str_dupz(a, full);
	char *slash = strrchr(path, '/');
	assert(slash);
	*slash = '\0';
	enum rc rc = folder_create(path, 0777, err);
	if (rc != RC_OK)
		return rc;
	*slash = '/';
	return file_write(path, file->bytes, file->is_executable ? 0777 : 0666, err);
}

enum rc made_files_write(const struct made_files *f, const char *folder, struct err *err)
{
	enum rc rc = folder_create(folder, 0777, err);
	for (size_t i = 0; i < f->n && rc == RC_OK; i++) {
		struct arena_mark mark = arena_mark(f->arena);
		rc = write_one(&f->items[i], folder, f->arena, err);
		arena_rewind(f->arena, mark);
	}
	return rc;
}

struct reading {
	struct made_files *files;
	const char *folder;
	struct err *err;
};

static enum rc read_one(void *ctx, struct str relative, int64_t size)
{
	struct reading *r = ctx;
	struct arena *a = r->files->arena;
	(void)size; /* it may have changed since: file_read() looks again */
	char *path = str_dupz(a, str_fmt(a, "%s/" STR_FMT, r->folder, STR_ARG(relative)));
	struct str bytes;
	enum rc rc = file_read(a, path, FILE_MAX_BYTES, &bytes, r->err);
	if (rc != RC_OK)
		return rc;
	return made_files_add(r->files, relative, bytes, r->err);
}

enum rc made_files_read(struct made_files *f, const char *folder, struct err *err)
{
	struct reading r = { f, folder, err };
	return folder_walk(folder, read_one, &r, err);
}
