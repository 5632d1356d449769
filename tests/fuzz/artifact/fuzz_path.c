/* Paths of a tree: what is let through must stay inside a folder, by the words of a second
 * and simpler reading of the rules; and clashes found by looking at all pairs. */
#include <stdio.h>

#include "artifact/artifact_priv.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where a kernel would end up, in folders below the root; -1 when it left it. */
static int depth_of(struct str path)
{
	int depth = 0;
	if (path.len && path.ptr[0] == '/')
		return -1;
	for (struct str rest = path; rest.len && depth >= 0;) {
		struct str part = str_cut(rest, '/', &rest);
		if (str_eqz(part, ".."))
			depth--;
		else if (part.len && !str_eqz(part, "."))
			depth++;
	}
	return depth;
}

static void check_accepted(struct str path)
{
	assert(depth_of(path) > 0);
	assert(path.len <= ARTIFACT_PATH_MAX);
	assert(utf8_check(path) == path.len);
	assert(!memchr(path.ptr, '\0', path.len) && !memchr(path.ptr, '\\', path.len));
	assert(str_find(path, STR("//"), 0) == SIZE_MAX);
}

static bool is_clash(struct str a, struct str b)
{
	return str_eq(a, b) || (b.len > a.len && b.ptr[a.len] == '/' && str_starts(b, a));
}

static void check_list(struct artifact_file *files, size_t n)
{
	bool clash = false;
	struct sha256 tree;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			clash |= i != k && is_clash(files[i].path, files[k].path);
	artifact_files_sort(files, n);
	assert((artifact_paths_check(files, n, NULL) != RC_OK) == clash);
	artifact_tree_hash(files, n, &tree);
}

/* Each line is a path. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct artifact_file files[32] = { 0 };
	size_t n = 0;
	struct str whole = { (const char *)data, size }, rest = whole;
	while (rest.len && n < ARRAY_LEN(files)) {
		struct str line = str_cut(rest, '\n', &rest);
		if (artifact_path_check(line, NULL) != RC_OK)
			continue;
		check_accepted(line);
		files[n++].path = line;
	}
	check_list(files, n);
	if (artifact_path_check(whole, NULL) == RC_OK)
		check_accepted(whole);
	return 0;
}
