/* Which names and paths a tree may have: promise (3) of artifact.h.
 *
 * A path is checked before anything is done with it, and is refused, never repaired:
 * two spellings of one place would be two entries of one tree. */
#include "artifact/artifact_priv.h"

#include "base/str.h"

enum { PART_MAX = 255 };

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* What is wrong with the bytes, whatever the parts are. */
static const char *bytes_fault(struct str path)
{
	if (path.len == 0)
		return "is empty";
	if (path.len > ARTIFACT_PATH_MAX)
		return "is longer than 1,024 bytes";
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] == '\\')
			return "has a backslash; folders are divided by \"/\"";
		if (is_control((unsigned char)path.ptr[i]))
			return "has a control character";
	}
	if (utf8_check(path) != path.len)
		return "is not valid UTF-8";
	if (path.ptr[0] == '/')
		return "is absolute; it must be relative";
	if (path.ptr[path.len - 1] == '/')
		return "ends with \"/\"; only files are listed, not folders";
	return NULL;
}

static const char *part_fault(struct str part)
{
	if (part.len == 0)
		return "has an empty part between two \"/\"";
	if (part.len > PART_MAX)
		return "has a part that is longer than 255 bytes";
	if (str_eqz(part, "."))
		return "has a part \".\"";
	if (str_eqz(part, ".."))
		return "has a part \"..\"";
	return NULL;
}

static const char *path_fault(struct str path)
{
	const char *fault = bytes_fault(path);
	for (struct str rest = path; !fault && rest.len;)
		fault = part_fault(str_cut(rest, '/', &rest));
	return fault;
}

/* The path itself stays out of the sentence: it may hold anything. */
enum rc artifact_path_check(struct str path, struct err *err)
{
	const char *fault = path_fault(path);
	if (fault)
		return err_set(err, CODE_BAD_PATH, "the path %s", fault);
	return RC_OK;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-' || c == ' ';
}

/* A name becomes a folder's name when an artifact is fetched, so one that is hidden, or
 * that a shell or Windows would change, is refused, too. */
enum rc artifact_name_check(struct str name, struct err *err)
{
	if (name.len == 0 || name.len > ARTIFACT_NAME_MAX)
		return err_set(err, CODE_FIELD_RANGE, "a name has 1 to %d characters, not %zu",
		               ARTIFACT_NAME_MAX, name.len);
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_byte(name.ptr[i]))
			return err_set(err, CODE_FIELD_RANGE,
			               "a name is made of letters, digits, \".\", \"_\", \"-\" and "
			               "blanks; character %zu is another",
			               i + 1);
	char first = name.ptr[0], last = name.ptr[name.len - 1];
	if (first == '.' || first == ' ' || last == '.' || last == ' ')
		return err_set(err, CODE_FIELD_RANGE,
		               "a name neither begins nor ends with a dot or a blank");
	return RC_OK;
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct artifact_file *)a)->path,
	               ((const struct artifact_file *)b)->path);
}

void artifact_files_sort(struct artifact_file *files, size_t n)
{
	if (n > 1)
		qsort(files, n, sizeof *files, by_path);
}

static bool is_listed(const struct artifact_file *sorted, size_t n, struct str path)
{
	struct artifact_file wanted = { .path = path };
	return bsearch(&wanted, sorted, n, sizeof *sorted, by_path) != NULL;
}

/* "a-b" sorts between "a" and "a/b", so neighbours are not enough: each folder of each
 * path is looked up. */
static enum rc folders_check(const struct artifact_file *sorted, size_t n, struct str path,
                             struct err *err)
{
	for (size_t i = 0; i < path.len; i++) {
		struct str folder = { path.ptr, i };
		if (path.ptr[i] == '/' && is_listed(sorted, n, folder))
			return err_set(err, CODE_BAD_PATH,
			               "\"%.*s\" can't be a file and the folder of a file",
			               (int)size_min(folder.len, 120), folder.ptr);
	}
	return RC_OK;
}

enum rc artifact_paths_check(const struct artifact_file *sorted, size_t n, struct err *err)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		if (i && str_eq(sorted[i - 1].path, sorted[i].path))
			return err_set(err, CODE_BAD_PATH, "\"%.*s\" is listed twice",
			               (int)size_min(sorted[i].path.len, 120), sorted[i].path.ptr);
		rc = folders_check(sorted, n, sorted[i].path, err);
	}
	return rc;
}
