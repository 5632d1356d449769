/* What `takt backup verify` and `takt restore` need of backup/.  The command line never
 * includes an engine; main.c hands these functions over. */
#ifndef TAKT_CLI_BACKUP_H
#define TAKT_CLI_BACKUP_H

#include "base/base.h"
#include "base/str.h"

struct arena;

struct backup_facts {
	struct str id, takt;
	int64_t schema_version, finished_ms;
	int64_t database_bytes, blobs, blob_bytes;
	int64_t tasks, runs, events, artifacts;
};

struct backup_hooks {
	enum rc (*verify)(struct arena *a, const char *folder, struct backup_facts *ret,
	                  struct err *err);
	enum rc (*restore)(struct arena *a, const char *folder, const char *data,
	                   struct backup_facts *ret, struct err *err);
};

#endif
