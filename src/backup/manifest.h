/* What a backup says of itself: manifest.json, blobs.list and SHA256SUMS. */
#ifndef TAKT_BACKUP_MANIFEST_H
#define TAKT_BACKUP_MANIFEST_H

#include "artifact/artifact.h"
#include "backup/backup.h"

enum {
	MANIFEST_VERSION = 1,
	MANIFEST_MAX = 16 << 20,
	MANIFEST_LIST_MAX = 1 << 30,
	SUMS_MAX = 4096,
	BLOB_LINE = 96,
};

#define MANIFEST_DATABASE "takt.db"
#define MANIFEST_BLOBS "blobs.list"
#define MANIFEST_FILE "manifest.json"
#define MANIFEST_SUMS "SHA256SUMS"

struct manifest_events {
	int64_t tenant, last;
};
struct manifest {
	struct backup_summary says;
	int64_t started_ms;
	struct sha256 database, blobs; /* of takt.db, of blobs.list */
	const struct manifest_events *events;
	size_t n_events;
};

void manifest_write(const struct manifest *m, struct buf *out);
/* CODE_DAMAGED, CODE_CONFLICT for a form that this program does not know. */
enum rc manifest_read(struct arena *a, struct str json, struct manifest *ret,
                      struct err *err) MUST_USE;

/* The sums of manifest.json, takt.db, blobs.list, as sha256sum writes them. */
struct manifest_sums {
	struct sha256 manifest, database, blobs;
};
void manifest_sums_write(const struct manifest_sums *s, struct buf *out);
enum rc manifest_sums_read(struct str text, struct manifest_sums *ret, struct err *err) MUST_USE;

/* One line of blobs.list. */
struct str blob_line_write(const struct blob *b, char to[BLOB_LINE]);
enum rc blob_line_read(struct str line, struct blob *ret, struct err *err) MUST_USE;

/* The folder that gets its name when it is whole.  What a killed one left of it is removed,
 * but CODE_CONFLICT when there is anything that is not ours. */
enum rc partial_create(struct arena *a, const char *path, struct err *err) MUST_USE;

/* "FOLDER/NAME" */
const char *backup_path(struct arena *a, const char *folder, const char *name);
/* Calls fn for each blob of the list in `folder`. */
enum rc blob_list_each(const char *folder, enum rc (*fn)(void *ctx, const struct blob *b),
                       void *ctx, struct err *err) MUST_USE;

#endif
