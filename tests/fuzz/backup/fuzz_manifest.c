/* The texts of a backup, which may come from anywhere: what is accepted is written again,
 * read again, and then is the same. */
#include "backup/manifest.h"

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_manifest(struct arena *a, struct str in)
{
	struct manifest m, again;
	if (manifest_read(a, in, &m, NULL) != RC_OK)
		return;
	AUTO(buf_fini) struct buf text = BUF_INIT(MANIFEST_MAX), second = BUF_INIT(MANIFEST_MAX);
	manifest_write(&m, &text);
	if (buf_rc(&text) != RC_OK || manifest_read(a, buf_str(&text), &again, NULL) != RC_OK)
		abort();
	manifest_write(&again, &second);
	assert(str_eq(buf_str(&text), buf_str(&second)));
}

static void check_sums(struct str in)
{
	struct manifest_sums s, again;
	if (manifest_sums_read(in, &s, NULL) != RC_OK)
		return;
	AUTO(buf_fini) struct buf text = BUF_INIT(SUMS_MAX);
	manifest_sums_write(&s, &text);
	enum rc rc = manifest_sums_read(buf_str(&text), &again, NULL);
	assert(rc == RC_OK && memcmp(&s, &again, sizeof s) == 0);
}

static void check_line(struct str in)
{
	struct blob b, again;
	char line[BLOB_LINE];
	if (blob_line_read(in, &b, NULL) != RC_OK)
		return;
	struct str text = blob_line_write(&b, line);
	enum rc rc = blob_line_read(str_sub(text, 0, text.len - 1), &again, NULL);
	assert(rc == RC_OK && b.size == again.size);
	assert(memcmp(&b.hash, &again.hash, sizeof b.hash) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct str in = { (const char *)data, size };
	check_manifest(a, in);
	check_sums(in);
	check_line(in);
	return 0;
}
