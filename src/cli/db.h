/* What `takt db` needs of the store.  The command line never includes an engine; main.c
 * hands these functions over.  The caller of each holds the folder's lock. */
#ifndef TAKT_CLI_DB_H
#define TAKT_CLI_DB_H

#include "base/base.h"

struct db_status {
	int64_t have, want;       /* version of the database, of this program */
	const char *const *names; /* `want` names of migrations, static */
};

struct db_hooks {
	enum rc (*status)(const char *folder, struct db_status *ret, struct err *err);
	enum rc (*migrate)(const char *folder, int64_t to_version, struct err *err);
	enum rc (*verify)(const char *folder, struct err *err);
};

#endif
