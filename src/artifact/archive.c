/* An artifact as a zip, through libarchive.
 *
 * The same artifact gives the same bytes each time and everywhere: files in the order of
 * their paths, no times (a zip then says 1980-01-01, its first day, in any time zone),
 * no owner, one level of compression.  Names are UTF-8, and say so.
 *
 * libarchive brings libxml2 and ICU, which few servers ever need: it is opened at the
 * first zip (sys/library.h), so its few functions are named here. */
#include <stdatomic.h>

#include <archive.h>
#include <archive_entry.h>

#include "artifact/artifact_priv.h"

#include "base/arena.h"
#include "base/str.h"
#include "sys/library.h"

/* The functions used, with libarchive's own types. */
#define ARCHIVE_TABLE(X)                                                                           \
	X(archive_write_new)                                                                       \
	X(archive_write_set_format_zip)                                                            \
	X(archive_write_set_options)                                                               \
	X(archive_write_set_bytes_per_block)                                                       \
	X(archive_write_open)                                                                      \
	X(archive_write_header)                                                                    \
	X(archive_write_data)                                                                      \
	X(archive_write_close)                                                                     \
	X(archive_write_free)                                                                      \
	X(archive_error_string)                                                                    \
	X(archive_entry_new)                                                                       \
	X(archive_entry_free)                                                                      \
	X(archive_entry_update_pathname_utf8)                                                      \
	X(archive_entry_set_filetype)                                                              \
	X(archive_entry_set_perm)                                                                  \
	X(archive_entry_set_size)

struct libarchive {
#define X(name) __typeof__(&name) name;
	ARCHIVE_TABLE(X)
#undef X
};

static enum rc libarchive_open(struct libarchive *ret, struct err *err)
{
#define X(name) { #name, (void **)&ret->name },
	const struct library_symbol symbols[] = { ARCHIVE_TABLE(X) };
#undef X
	return library_open("libarchive.so.13", "libarchive13", symbols, ARRAY_LEN(symbols), err);
}

struct zip {
	struct libarchive lib;
	struct archive *archive;
	struct buf *out;
};

/* libarchive hands over what is ready.  What does not fit is dropped, and zip_add() sees
 * it: a failure told to libarchive here would make it forget to free its compressor. */
static la_ssize_t zip_out(struct archive *archive, void *ctx, const void *bytes, size_t n)
{
	(void)archive;
	struct zip *z = ctx;
	buf_add(z->out, (struct str){ bytes, n });
	return (la_ssize_t)n;
}

static enum rc zip_failed(struct zip *z, struct err *err)
{
	if (buf_rc(z->out) != RC_OK)
		return err_set(err, CODE_TOO_LARGE, "the zip would be larger than %zu bytes",
		               z->out->max);
	const char *words = z->archive ? z->lib.archive_error_string(z->archive) : NULL;
	return err_set(err, CODE_IO, "making the zip failed: %s", words ? words : "no reason");
}

static enum rc zip_begin(struct zip *z, struct err *err)
{
	struct archive *a = z->archive = z->lib.archive_write_new();
	if (!a || z->lib.archive_write_set_format_zip(a) != ARCHIVE_OK ||
	    z->lib.archive_write_set_options(a, "zip:compression=deflate,zip:hdrcharset=UTF-8") !=
	            ARCHIVE_OK ||
	    z->lib.archive_write_set_bytes_per_block(a, 0) != ARCHIVE_OK ||
	    z->lib.archive_write_open(a, z, NULL, zip_out, NULL) != ARCHIVE_OK)
		return zip_failed(z, err);
	return RC_OK;
}

static bool entry_name(struct zip *z, struct archive_entry *e, const struct artifact_file *f,
                       struct arena *arena)
{
	/* Returns 0 when the name has no form in the locale of the process, which is "C";
	 * what counts is the UTF-8 form, and a name that is lost fails in the header. */
	(void)z->lib.archive_entry_update_pathname_utf8(e, str_dupz(arena, f->path));
	z->lib.archive_entry_set_filetype(e, AE_IFREG);
	z->lib.archive_entry_set_perm(e, f->is_executable ? 0755 : 0644);
	z->lib.archive_entry_set_size(e, f->size);
	return z->lib.archive_write_header(z->archive, e) == ARCHIVE_OK;
}

static enum rc zip_add(struct zip *z, const struct artifact_file *f, struct str bytes,
                       struct arena *arena, struct err *err)
{
	struct archive_entry *e = z->lib.archive_entry_new();
	if (!e)
		return zip_failed(z, err);
	bool is_ok =
	        entry_name(z, e, f, arena) &&
	        (bytes.len == 0 || z->lib.archive_write_data(z->archive, bytes.ptr, bytes.len) ==
	                                   (la_ssize_t)bytes.len);
	z->lib.archive_entry_free(e);
	return is_ok && buf_rc(z->out) == RC_OK ? RC_OK : zip_failed(z, err);
}

static enum rc zip_files(struct zip *z, struct artifacts *a, const struct artifact *at,
                         struct err *err)
{
	enum rc rc = zip_begin(z, err);
	for (size_t i = 0; i < at->n_files && rc == RC_OK; i++) {
		AUTO(arena_destroyp) struct arena *arena = arena_create(4096);
		struct str bytes;
		rc = artifact_blob_read(a, &at->files[i], arena, &bytes, err);
		if (rc == RC_OK)
			rc = zip_add(z, &at->files[i], bytes, arena, err);
	}
	if (rc == RC_OK &&
	    (z->lib.archive_write_close(z->archive) != ARCHIVE_OK || buf_rc(z->out) != RC_OK))
		rc = zip_failed(z, err);
	if (z->archive)
		z->lib.archive_write_free(z->archive); /* of a failed one, too */
	return rc;
}

enum rc artifact_zip_tree(struct artifacts *a, const struct artifact *at, struct buf *out,
                          struct err *err)
{
	struct zip z = { .out = out };
	if (at->bytes > ARTIFACT_ZIP_MAX)
		return err_set(err, CODE_TOO_LARGE,
		               "the files have %lld bytes; a zip is made of at most %d",
		               (long long)at->bytes, ARTIFACT_ZIP_MAX);
	enum rc rc = libarchive_open(&z.lib, err);
	return rc == RC_OK ? zip_files(&z, a, at, err) : rc;
}

enum rc artifact_zip(struct artifacts *a, struct scope scope, int64_t id, struct buf *out,
                     struct err *err)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(4096);
	struct artifact at;
	enum rc rc = artifact_get(a, scope, id, arena, &at, err);
	return rc == RC_OK ? artifact_zip_tree(a, &at, out, err) : rc;
}
