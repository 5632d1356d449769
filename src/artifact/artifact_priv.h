/* The insides of artifact/, for its own files and tests/unit/artifact. */
#ifndef TAKT_ARTIFACT_ARTIFACT_PRIV_H
#define TAKT_ARTIFACT_ARTIFACT_PRIV_H

#include <stdatomic.h>

#include "artifact/artifact.h"

enum {
	BLOB_FOLDERS = 256, /* one for each first byte of a hash */
	ARTIFACT_CHECKS_MAX = 256 << 10,
	ARTIFACT_LIST_MAX = 1000,
};

struct artifacts {
	char *blobs; /* DATA/blobs */
	struct store *store;
	struct writer *writer;
	/* DATA/blobs/ab is there, and durably so: its entry was synced by this process. */
	atomic_bool is_folder_synced[BLOB_FOLDERS];
};

/* The blob's path in the arena, with a terminator. */
char *blob_path(const struct artifacts *a, struct sha256 hash, struct arena *arena);
/* Bytes of the stored blob; -1 when there is none. */
int64_t blob_size(struct artifacts *a, struct sha256 hash);

/* The name rule of artifact_create_command; CODE_FIELD_RANGE. */
enum rc artifact_name_check(struct str name, struct err *err) MUST_USE;
void artifact_files_sort(struct artifact_file *files, size_t n);
/* What only the whole list shows: doubles, and a file where another has its folder. */
enum rc artifact_paths_check(const struct artifact_file *sorted, size_t n,
                             struct err *err) MUST_USE;
/* Promise (2). */
void artifact_tree_hash(const struct artifact_file *sorted, size_t n, struct sha256 *ret);

/* The blob of a file that a row names: anything but its bytes is damage. */
enum rc artifact_blob_read(struct artifacts *a, const struct artifact_file *file,
                           struct arena *arena, struct str *ret, struct err *err) MUST_USE;

/* artifact_zip() of a tree that is known already. */
enum rc artifact_zip_tree(struct artifacts *a, const struct artifact *at, struct buf *out,
                          struct err *err) MUST_USE;

#endif
