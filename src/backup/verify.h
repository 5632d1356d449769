/* Does a folder hold what its manifest says: shared by verify.c, make.c and restore.c. */
#ifndef TAKT_BACKUP_VERIFY_H
#define TAKT_BACKUP_VERIFY_H

#include <stdatomic.h>

#include "backup/manifest.h"

struct db;

/* Reads every byte.  is_cancelled may be NULL. */
enum rc verify_folder(struct arena *a, const char *folder, const atomic_bool *is_cancelled,
                      struct manifest *ret, struct err *err) MUST_USE;
/* Counts and newest events, as a database of this program's schema has them. */
enum rc verify_facts(struct arena *a, struct db *db, struct manifest *ret,
                     struct err *err) MUST_USE;

#endif
