/* takt-maker-lesson --plan FILE and --terms FILE: for people who want to see or edit the spec, and
 * for tests. */
#include <stdio.h>

#include "base/arena.h"
#include "makers/lesson/lesson.h"
#include "makers/lesson/plan_mode.h"
#include "sys/file.h"

enum { FILE_BYTES_MAX = 16 << 20, SPEC_BYTES_MAX = 8 << 20 };

static int complain(const char *path, const struct err *err, int status)
{
	fprintf(stderr, "takt-maker-lesson: %s: %s (%s)\n", path, err->text, code_text(err->code));
	return status;
}

typedef enum rc (*maker_of)(struct arena *a, const struct lesson_brief *brief, struct buf *out,
                            struct err *err);

static int run(int argc, char **argv, maker_of make)
{
	if (argc != 2) {
		fprintf(stderr, "usage: takt-maker-lesson %s FILE\n", argv[0]);
		return 2;
	}
	AUTO(arena_destroyp) struct arena *a = arena_create(1 << 16);
	AUTO(buf_fini) struct buf out = BUF_INIT(SPEC_BYTES_MAX);
	struct err err = { 0 };
	struct lesson_brief brief = { .name = str_z(argv[1]) };
	if (file_read(a, argv[1], FILE_BYTES_MAX, &brief.text, &err) != RC_OK)
		return complain(argv[1], &err, 2);
	for (size_t i = brief.name.len; i > 0; i--)
		if (brief.name.ptr[i - 1] == '/') { /* the folder says nothing about the text */
			brief.name = str_sub(brief.name, i, brief.name.len);
			break;
		}
	if (make(a, &brief, &out, &err) != RC_OK)
		return complain(argv[1], &err, 1);
	return fwrite(out.ptr, 1, out.len, stdout) == out.len && fflush(stdout) == 0 ? 0 : 2;
}

int lesson_main_plan(int argc, char **argv)
{
	return run(argc, argv, lesson_plan);
}

int lesson_main_terms(int argc, char **argv)
{
	return run(argc, argv, lesson_key_terms);
}
