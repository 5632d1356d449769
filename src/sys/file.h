/* Files and folders, with durability said aloud.  Paths are C strings.
 * Errors: CODE_NOT_FOUND, CODE_CONFLICT (exists), CODE_DISK_FULL, CODE_FORBIDDEN,
 * CODE_TOO_LARGE, CODE_IO; the text names the path and errno's words. */
#ifndef TAKT_SYS_FILE_H
#define TAKT_SYS_FILE_H

#include <sys/types.h>

#include "base/base.h"
#include "base/str.h"

struct arena;

enum rc file_read(struct arena *a, const char *path, size_t max, struct str *ret,
                  struct err *err) MUST_USE;
/* Writes to a temporary name in the same folder, fsyncs, renames over `path`, fsyncs
 * the folder.  After RC_OK it is durable; otherwise the old file stands. */
enum rc file_write(const char *path, struct str bytes, mode_t mode, struct err *err) MUST_USE;
/* Likewise in one piece, but nothing is synced: after a power cut it may be empty or the old
 * one.  For what means nothing then; two syncs are milliseconds. */
enum rc file_write_volatile(const char *path, struct str bytes, mode_t mode,
                            struct err *err) MUST_USE;
/* Creates the folder and its parents; existing is fine. */
enum rc folder_create(const char *path, mode_t mode, struct err *err) MUST_USE;
enum rc folder_sync(const char *path, struct err *err) MUST_USE;
/* Removes a whole tree, not following links.  A path that is gone is fine. */
enum rc folder_remove(const char *path, struct err *err) MUST_USE;
/* Calls fn for each regular file below `root`, in bytewise order of the relative
 * path, links not followed.  fn's outcome ends the walk when it is not RC_OK. */
enum rc folder_walk(const char *root, enum rc (*fn)(void *ctx, struct str relative, int64_t size),
                    void *ctx, struct err *err) MUST_USE;
/* From now on, what this process creates is its user's alone (umask 077). */
void files_private(void);
bool file_exists(const char *path);
int file_mode(const char *path);             /* permissions, 0 … 07777; -1: there is none */
bool folder_is_network(const char *path);    /* NFS, SMB, FUSE and the like by statfs */
int64_t folder_free_bytes(const char *path); /* -1 when unknown */

/* A lock on the open file, which ends when the last copy of the descriptor is closed, so
 * with the process at the latest.  (F_OFD_SETLK, not flock: it works on NFS too.)
 * CODE_FOLDER_HELD when somebody still holds it after wait_ms (0: asks once); `ret` is a
 * descriptor to keep open. */
enum rc file_lock(const char *path, int64_t wait_ms, int *ret, struct err *err) MUST_USE;

/* Puts errno `error` into words and a code: "DOING PATH: …; what to do". */
enum rc file_error(struct err *err, int error, const char *doing, const char *path);

/* Folder of the running program, in the arena. */
struct str program_folder(struct arena *a);
void close_fd(int *fd); /* closes when >= 0, sets -1; for AUTO() */

#endif
