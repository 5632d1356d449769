/* Are the bytes still what the hashes say: reads and hashes every file again. */
#include "artifact/artifact_priv.h"

#include "base/arena.h"
#include "base/str.h"

/* *ret is NULL when the file is as recorded.  Each blob has an arena of its own, which
 * ends with it: a tree may be larger than the memory. */
static enum rc file_fault(struct artifacts *a, const struct artifact_file *f, const char **ret,
                          struct err *err)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(4096);
	struct err why = { 0 };
	struct sha256 hash;
	struct str bytes;
	enum rc rc = blob_read(a, f->hash, arena, &bytes, &why);
	*ret = NULL;
	if (rc == RC_OK) {
		sha256_of(bytes, &hash);
		if (memcmp(&hash, &f->hash, sizeof hash) != 0)
			*ret = "changed";
		return RC_OK;
	}
	if (why.code != CODE_NOT_FOUND && why.code != CODE_DAMAGED) {
		if (err)
			*err = why;
		return rc;
	}
	*ret = why.code == CODE_NOT_FOUND ? "missing" : "changed";
	return RC_OK;
}

enum rc artifact_verify(struct artifacts *a, struct scope scope, int64_t id, struct arena *arena,
                        struct artifact_fault **ret, struct err *err)
{
	struct artifact at;
	struct artifact_fault *first = NULL, **end = &first;
	enum rc rc = artifact_get(a, scope, id, arena, &at, err);
	for (size_t i = 0; rc == RC_OK && i < at.n_files; i++) {
		const char *what;
		rc = file_fault(a, &at.files[i], &what, err);
		if (rc != RC_OK || !what)
			continue;
		*end = arena_new(arena, struct artifact_fault, 1);
		**end = (struct artifact_fault){ .path = at.files[i].path, .what = what };
		end = &(*end)->next;
	}
	if (rc == RC_OK)
		*ret = first;
	return rc;
}
