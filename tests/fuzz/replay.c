/* Runs a fuzz target over a folder of saved inputs: what was found once is tried in every
 * ordinary test run, with any compiler. */
#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"
#include "sys/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

struct replay {
	const char *folder;
	size_t n;
};

static enum rc replay_one(void *ctx, struct str relative, int64_t size)
{
	struct replay *r = ctx;
	struct str input;
	struct err err;
	(void)size;
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct str path = str_fmt(a, "%s/" STR_FMT, r->folder, STR_ARG(relative));
	enum rc rc = file_read(a, str_dupz(a, path), INPUT_MAX, &input, &err);
	if (rc != RC_OK) {
		fprintf(stderr, "%s\n", err.text);
		return rc;
	}
	r->n++;
	/* A copy of the exact size, so that a sanitizer sees each read beyond it. */
	uint8_t *copy = xmalloc(input.len ? input.len : 1);
	if (input.len)
		memcpy(copy, input.ptr, input.len);
	LLVMFuzzerTestOneInput(copy, input.len);
	free(copy);
	return RC_OK;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct replay r = { .folder = argv[i] };
		struct err err = { 0 };
		if (folder_walk(argv[i], replay_one, &r, &err) != RC_OK || r.n == 0) {
			fprintf(stderr, "%s: %s\n", argv[i], r.n ? err.text : "no inputs");
			return 1;
		}
		printf("%s: %zu inputs\n", argv[i], r.n);
	}
	return argc < 2;
}
