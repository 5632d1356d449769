/* A set of generated files in memory: what a generator returns, a check reads, and
 * the program publishes as an artifact.  Paths are relative, "/"-separated and
 * confined (no "..", no empty part, no leading "/"); kept in bytewise order. */
#ifndef TAKT_MAKERS_FILES_H
#define TAKT_MAKERS_FILES_H

#include "base/base.h"

struct arena;

struct made_file {
	struct str path, bytes;
	bool is_executable;
};

struct made_files {
	struct made_file *items; /* sorted by path, no duplicates */
	size_t n, cap;
	struct arena *arena; /* owns items; path and bytes are copied into it */
};

void made_files_init(struct made_files *f, struct arena *a);
/* CODE_BAD_PATH for an unconfined path or one that is there already. */
enum rc made_files_add(struct made_files *f, struct str path, struct str bytes,
                       struct err *err) MUST_USE;
const struct made_file *made_files_find(const struct made_files *f, struct str path);
/* Writes all of them below `folder` (created when missing). */
enum rc made_files_write(const struct made_files *f, const char *folder, struct err *err) MUST_USE;
enum rc made_files_read(struct made_files *f, const char *folder, struct err *err) MUST_USE;

#endif
