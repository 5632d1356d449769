/* A zip of any tree reads back as that tree: names, order, modes, bytes. */
#include <locale.h>
#include <stdio.h>

#include <archive.h>
#include <archive_entry.h>

#include "artifact/artifact_priv.h"
#include "base/arena.h"
#include "base/str.h"
#include "sys/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 8 };

static char folder[] = "/tmp/takt-fuzz-zip-XXXXXX";
static struct artifacts artifacts;

static void clean_up(void)
{
	enum rc rc = folder_remove(folder, NULL);
	(void)rc;
}

static void start(void)
{
	if (artifacts.blobs)
		return;
	/* For the reader only: it gives no name that the locale can't write. */
	const char *locale = setlocale(LC_CTYPE, "C.UTF-8");
	char *made = mkdtemp(folder);
	assert(locale && made);
	artifacts.blobs = folder;
	atexit(clean_up);
}

static void put(struct artifact_file *f, struct str bytes)
{
	bool is_new;
	sha256_of(bytes, &f->hash);
	f->size = (int64_t)bytes.len;
	enum rc rc = blob_put(&artifacts, f->hash, bytes, &is_new, NULL);
	assert(rc == RC_OK);
}

/* Lines "path=content"; a path that begins with "!" is executable. */
static size_t parse(struct str in, struct artifact_file *files, struct str *contents)
{
	size_t n = 0;
	while (in.len && n < FILES) {
		struct str content, path = str_cut(str_cut(in, '\n', &in), '=', &content);
		files[n].is_executable = str_starts(path, STR("!"));
		files[n].path = str_sub(path, files[n].is_executable, path.len);
		contents[n] = content;
		if (artifact_path_check(files[n].path, NULL) == RC_OK)
			put(&files[n], contents[n]), n++;
	}
	artifact_files_sort(files, n);
	return artifact_paths_check(files, n, NULL) == RC_OK ? n : 0;
}

static void check_entry(struct archive *zip, const struct artifact_file *f)
{
	struct archive_entry *e;
	static char bytes[1 << 16];
	struct sha256 hash;
	int rc = archive_read_next_header(zip, &e);
	assert(rc == ARCHIVE_OK || rc == ARCHIVE_WARN);
	const char *name = archive_entry_pathname_utf8(e);
	assert(name && str_eqz(f->path, name));
	assert((archive_entry_perm(e) & 0777) == (f->is_executable ? 0755u : 0644u));
	la_ssize_t n = archive_read_data(zip, bytes, sizeof bytes);
	assert(n == f->size);
	sha256_of((struct str){ bytes, (size_t)n }, &hash);
	assert(memcmp(&hash, &f->hash, sizeof hash) == 0);
}

static void check_zip(struct str bytes, const struct artifact *at)
{
	struct archive_entry *e;
	struct archive *zip = archive_read_new();
	int rc = archive_read_support_format_zip(zip);
	assert(rc == ARCHIVE_OK);
	rc = archive_read_open_memory(zip, bytes.ptr, bytes.len);
	assert(rc == ARCHIVE_OK);
	for (size_t i = 0; i < at->n_files; i++)
		check_entry(zip, &at->files[i]);
	rc = archive_read_next_header(zip, &e);
	assert(rc == ARCHIVE_EOF);
	archive_read_free(zip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct artifact_file files[FILES] = { 0 };
	struct str contents[FILES];
	if (size > 1 << 15)
		return 0;
	start();
	struct artifact at = { .files = files };
	at.n_files = parse((struct str){ (const char *)data, size }, files, contents);
	if (at.n_files == 0)
		return 0;
	AUTO(buf_fini) struct buf out = BUF_INIT(1 << 20);
	AUTO(buf_fini) struct buf again = BUF_INIT(1 << 20);
	enum rc rc = artifact_zip_tree(&artifacts, &at, &out, NULL);
	assert(rc == RC_OK);
	rc = artifact_zip_tree(&artifacts, &at, &again, NULL);
	assert(rc == RC_OK && str_eq(buf_str(&out), buf_str(&again)));
	check_zip(buf_str(&out), &at);
	return 0;
}
