/* What the unit tests of the lesson maker share: a fixture spec, its files, small edits. */
#ifndef TAKT_TESTS_UNIT_MAKERS_LESSON_FIXTURE_H
#define TAKT_TESTS_UNIT_MAKERS_LESSON_FIXTURE_H

#include "../../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "makers/files.h"
#include "makers/lesson/lesson.h"
#include "sys/file.h"

/* The text of tests/makers/lesson/specs/NAME.json; TESTS_ROOT comes from meson. */
static inline struct str spec_text(struct arena *a, const char *name)
{
	struct str ret;
	struct err err = { 0 };
	char *path = str_dupz(a, str_fmt(a, TESTS_ROOT "/makers/lesson/specs/%s.json", name));
	enum rc rc = file_read(a, path, 1 << 20, &ret, &err);
	ck_assert_msg(rc == RC_OK, "%s: %s", path, err.text);
	return ret;
}

static inline const struct json *spec_read(struct arena *a, struct str text)
{
	const struct json *ret;
	struct err err = { 0 };
	enum rc rc = json_read(a, text, NULL, &ret, &err);
	ck_assert_msg(rc == RC_OK, "%s: %s", err.place, err.text);
	return ret;
}

/* The first `from` becomes `to`; it must be there. */
static inline struct str edited(struct arena *a, struct str text, const char *from, const char *to)
{
	size_t at = str_find(text, str_z(from), 0);
	ck_assert_msg(at != SIZE_MAX, "\"%s\" is not in the text", from);
	struct buf out = BUF_INIT(16 << 20);
	buf_add(&out, str_sub(text, 0, at));
	buf_addz(&out, to);
	buf_add(&out, str_sub(text, at + strlen(from), text.len));
	struct str ret = str_dup(a, buf_str(&out));
	buf_fini(&out);
	return ret;
}

static inline void generate(struct arena *a, const struct json *spec, struct made_files *files)
{
	struct err err = { 0 };
	made_files_init(files, a);
	enum rc rc = lesson_generate(a, spec, files, &err);
	ck_assert_msg(rc == RC_OK, "%s: %s", err.place, err.text);
}

static inline struct str bytes_of(const struct made_files *files, const char *path)
{
	const struct made_file *file = made_files_find(files, str_z(path));
	ck_assert_msg(file != NULL, "%s is missing", path);
	return file->bytes;
}

static inline struct check_result run_check(struct arena *a, const char *name,
                                            const struct json *spec, const struct made_files *files)
{
	struct check_result ret = { 0 };
	for (size_t i = 0; i < lesson_checks_n; i++) {
		if (strcmp(lesson_checks[i].name, name) == 0) {
			lesson_checks[i].run(a, spec, files, &ret);
			return ret;
		}
	}
	ck_abort_msg("there is no check %s", name);
}

#endif
