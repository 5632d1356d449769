/* Whole files in pieces, for those that are larger than memory should hold, and the syncs
 * that make many of them durable at once.  Errors are those of file.h. */
#ifndef TAKT_SYS_FILE_STREAM_H
#define TAKT_SYS_FILE_STREAM_H

#include <sys/types.h>

#include "base/base.h"
#include "base/str.h"

struct arena;

/* Calls fn with each piece of the file, in order; its outcome ends the reading when it is
 * not RC_OK. */
enum rc file_stream(const char *path, enum rc (*fn)(void *ctx, struct str piece), void *ctx,
                    struct err *err) MUST_USE;
/* Copies, creating `to`, which must not be there; the pieces pass through fn (NULL: not).
 * Not yet durable.  After a failure nothing is left under `to`. */
enum rc file_copy(const char *from, const char *to, mode_t mode,
                  enum rc (*fn)(void *ctx, struct str piece), void *ctx, struct err *err) MUST_USE;
enum rc file_sync(const char *path, struct err *err) MUST_USE;
/* All that was written to the file system of `path` so far, in one call. */
enum rc file_system_sync(const char *path, struct err *err) MUST_USE;
/* Gives a file or folder its final name, durably.  An empty folder is replaced. */
enum rc file_rename(const char *from, const char *to, struct err *err) MUST_USE;
/* The names in a folder, sorted, at most `max` of them; none when it is not there.
 * CODE_CONFLICT when it is no folder. */
enum rc folder_entries(struct arena *a, const char *path, size_t max, const char *const **ret,
                       size_t *ret_n, struct err *err) MUST_USE;
/* The absolute path of what need not be there yet; its folder must be. */
enum rc path_absolute(const char *path, char *ret, size_t size, struct err *err) MUST_USE;

#endif
