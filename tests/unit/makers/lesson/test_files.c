/* makers/files: confined, sorted, the same after a way over the disk. */
#include <stdlib.h>

#include "fixture.h"

static struct arena *a;
static struct made_files files;
static struct err err;

static void begin(void)
{
	a = arena_create(1 << 12);
	made_files_init(&files, a);
	err = (struct err){ 0 };
}

START_TEST(paths_are_kept_in_bytewise_order)
{
	static const char *const paths[] = { "b", "a/z", "a", "B", "a/b/c", "a.x" };
	begin();
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		ck_assert_ok(made_files_add(&files, str_z(paths[i]), STR("x"), &err));
	for (size_t i = 1; i < files.n; i++)
		ck_assert_int_lt(str_cmp(files.items[i - 1].path, files.items[i].path), 0);
	ck_assert_ptr_nonnull(made_files_find(&files, STR("a/b/c")));
	ck_assert_ptr_null(made_files_find(&files, STR("a/b")));
	arena_destroy(a);
}
END_TEST

START_TEST(a_path_that_could_leave_the_folder_is_refused)
{
	static const char *const paths[] = { "",     "/",      "/etc/passwd", "..",    "../x",
		                             "a/..", "a/../b", "a//b",        "a/",    "./a",
		                             "a/.",  "a\nb",   "a\\b",        "a\x7f", "\xff" };
	begin();
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		enum rc rc = made_files_add(&files, str_z(paths[i]), STR("x"), &err);
		ck_assert_msg(rc == RC_INVALID && err.code == CODE_BAD_PATH, "\"%s\" passed",
		              paths[i]);
	}
	ck_assert_int_eq(made_files_add(&files, (struct str){ "a\0b", 3 }, STR("x"), &err),
	                 RC_INVALID);
	ck_assert_uint_eq(files.n, 0);
	arena_destroy(a);
}
END_TEST

START_TEST(a_path_is_taken_once)
{
	begin();
	ck_assert_ok(made_files_add(&files, STR("a"), STR("1"), &err));
	ck_assert_int_eq(made_files_add(&files, STR("a"), STR("2"), &err), RC_INVALID);
	ck_assert_int_eq(err.code, CODE_BAD_PATH);
	ck_assert_str(made_files_find(&files, STR("a"))->bytes, "1");
	arena_destroy(a);
}
END_TEST

START_TEST(what_is_written_reads_back_equal)
{
	char folder[] = "/tmp/takt-test-files-XXXXXX";
	begin();
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (int i = 0; i < 100; i++)
		ck_assert_ok(made_files_add(&files, str_fmt(a, "d%d/%d.txt", i % 7, i),
		                            str_fmt(a, "%d\n", i), &err));
	ck_assert_ok(made_files_add(&files, STR("empty"), STR(""), &err));
	ck_assert_ok(made_files_write(&files, folder, &err));
	struct made_files read;
	made_files_init(&read, a);
	ck_assert_ok(made_files_read(&read, folder, &err));
	ck_assert_uint_eq(read.n, files.n);
	for (size_t i = 0; i < files.n; i++) {
		ck_assert(str_eq(read.items[i].path, files.items[i].path));
		ck_assert(str_eq(read.items[i].bytes, files.items[i].bytes));
	}
	ck_assert_ok(folder_remove(folder, &err));
	arena_destroy(a);
}
END_TEST

UNIT_MAIN("makers/files", paths_are_kept_in_bytewise_order,
          a_path_that_could_leave_the_folder_is_refused, a_path_is_taken_once,
          what_is_written_reads_back_equal)
