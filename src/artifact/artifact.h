/* Artifacts: named trees of files, content-addressed and versioned.
 *
 *	blob.c     bytes by their SHA-256 in DATA/blobs/ab/cdef…
 *	blob_copy.c into and out of backups
 *	hash.c     SHA-256 of bytes and of trees
 *	name.c     which paths a tree may have
 *	artifact.c versions: create, read, list
 *	archive.c  zip
 *	verify.c   are the bytes still what the hashes say
 *
 * (1) A blob is fsynced, then its folder, then the row that names it: a row never names
 *     bytes that are not there.
 * (2) A tree's hash is that of its sorted "sha256 size path" lines, each ended by a line
 *     feed; equal trees are equal hashes.  It speaks of contents: not of the mode.
 * (3) Paths are relative, "/"-separated, valid UTF-8, without empty, "." or ".." parts,
 *     control bytes or backslashes, at most 255 bytes a part and 1,024 in all; no path
 *     is a folder of another.
 */
#ifndef TAKT_ARTIFACT_ARTIFACT_H
#define TAKT_ARTIFACT_ARTIFACT_H

#include <stdatomic.h>

#include "base/base.h"
#include "store/scope.h"
#include "store/writer.h"

struct arena;
struct artifacts;
struct buf;

enum {
	BLOB_MAX = 64 << 20,
	ARTIFACT_FILES_MAX = 10000,
	ARTIFACT_PATH_MAX = 1024,
	ARTIFACT_NAME_MAX = 100,
	ARTIFACT_ZIP_MAX = 256 << 20,
};

struct sha256 {
	unsigned char bytes[32];
};

struct artifacts_options {
	const char *folder; /* the data folder */
	struct store *store;
	struct writer *writer;
};
enum rc artifacts_create(const struct artifacts_options *o, struct artifacts **ret,
                         struct err *err) MUST_USE;
void artifacts_destroy(struct artifacts *a);

/* CODE_BAD_PATH says which rule of (3). */
enum rc artifact_path_check(struct str path, struct err *err) MUST_USE;

/* Nothing here but the commands' apply runs on the engine's thread: all may read files. */

/* File pool's threads.  Stores bytes durably; `expected` must be their hash
 * (CODE_HASH_MISMATCH).  Storing what is there already is RC_OK and *is_new false; what
 * is there but damaged is replaced. */
enum rc blob_put(struct artifacts *a, struct sha256 expected, struct str bytes, bool *is_new,
                 struct err *err) MUST_USE;
enum rc blob_read(struct artifacts *a, struct sha256 hash, struct arena *arena, struct str *ret,
                  struct err *err) MUST_USE;
bool blob_exists(struct artifacts *a, struct sha256 hash);

/* Blobs of a folder that need not be a server's own; `blobs` holds ab/cdef….  Any thread;
 * the bytes are hashed on the way, CODE_DAMAGED with the place below the folder. */
struct blob {
	struct sha256 hash;
	int64_t size;
};
enum rc blob_check(const char *blobs, const struct blob *b, struct err *err) MUST_USE;
/* is_synced: its bytes are durable then, its name not yet. */
enum rc blob_copy(const char *from, const char *to, const struct blob *b, bool is_synced,
                  struct err *err) MUST_USE;
const char *artifacts_blobs(const struct artifacts *a); /* the server's own folder */

struct artifact_file {
	struct str path;
	struct sha256 hash;
	int64_t size;
	bool is_executable;
};

/* Creates the next version of `name`.  All blobs must be there: CODE_NOT_FOUND names
 * the first that is not (the missing ones can be uploaded and the call repeated). */
struct artifact_create_command {
	struct command c;
	struct str name;             /* [A-Za-z0-9._ -]+, no dot or blank at an end */
	struct str maker;            /* "lesson"; may be empty */
	int64_t run;                 /* 0: none */
	struct str checks;           /* raw JSON: what was verified; empty: {} */
	struct artifact_file *files; /* sorted in place */
	size_t n_files;
	/* results */
	int64_t id;
	int64_t version;
	struct sha256 tree;
	/* made by artifact_create_prepare() */
	int64_t bytes;
	bool is_prepared;
};
void artifact_create_command_init(struct artifact_create_command *c, struct artifacts *a,
                                  struct scope scope);
/* Before sending: checks names, paths, blobs and their sizes, sorts, hashes; on the file
 * pool's thread.  The place of an error is a JSON Pointer into the request.  The arena
 * must live as long as the command.  Sending an unprepared command is a bug. */
enum rc artifact_create_prepare(struct artifact_create_command *c, struct arena *arena,
                                struct err *err) MUST_USE;

struct artifact {
	int64_t id, version, run, created_ms, bytes;
	struct str name, maker, checks;
	struct sha256 tree;
	struct artifact_file *files; /* NULL in lists */
	size_t n_files;
};
enum rc artifact_get(struct artifacts *a, struct scope scope, int64_t id, struct arena *arena,
                     struct artifact *ret, struct err *err) MUST_USE;
struct artifact_filter {
	struct str name;
	int64_t run, before; /* `before`: only smaller ids; 0: from the newest */
	size_t limit;        /* 1 … 1,000 */
};
enum rc artifact_list(struct artifacts *a, struct scope scope, const struct artifact_filter *f,
                      struct arena *arena, struct artifact **ret, size_t *ret_n,
                      struct err *err) MUST_USE;
/* CODE_NOT_FOUND for the artifact or the path; CODE_DAMAGED when the bytes are missing or
 * have another size (a changed byte is found by artifact_verify() only). */
enum rc artifact_file_read(struct artifacts *a, struct scope scope, int64_t id, struct str path,
                           struct arena *arena, struct str *ret, struct artifact_file *ret_file,
                           struct err *err) MUST_USE;
/* A zip of all files, the same bytes each time (fixed dates, sorted), appended to `out`.
 * CODE_TOO_LARGE above ARTIFACT_ZIP_MAX bytes of files or what `out` takes;
 * CODE_TOOL_MISSING without libarchive. */
enum rc artifact_zip(struct artifacts *a, struct scope scope, int64_t id, struct buf *out,
                     struct err *err) MUST_USE;
struct artifact_fault {
	struct str path;
	const char *what; /* "missing", "changed" */
	struct artifact_fault *next;
};
/* Reads every byte again.  RC_OK with *ret NULL: all is as recorded. */
enum rc artifact_verify(struct artifacts *a, struct scope scope, int64_t id, struct arena *arena,
                        struct artifact_fault **ret, struct err *err) MUST_USE;

void sha256_of(struct str bytes, struct sha256 *ret);
/* CODE_SHUTTING_DOWN when *is_cancelled (NULL: never) became true meanwhile. */
enum rc sha256_of_file(const char *path, const atomic_bool *is_cancelled, struct sha256 *ret,
                       int64_t *ret_bytes, struct err *err) MUST_USE;
/* Copies a file to where none is, with the hash of what was copied. */
enum rc sha256_of_copy(const char *from, const char *to, struct sha256 *ret, int64_t *ret_bytes,
                       struct err *err) MUST_USE;
struct str sha256_text(const struct sha256 *h, char ret[65]);
enum rc sha256_parse(struct str hex, struct sha256 *ret) MUST_USE;

#endif
