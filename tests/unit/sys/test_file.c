/* sys/file: what is written is read back, failures have their codes and harm nothing. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"

#include "base/arena.h"
#include "sys/file.h"

static struct arena *a;
static char root[64];

static void setup(void)
{
	a = arena_create(4096);
	snprintf(root, sizeof root, "/tmp/takt-file-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static void teardown(void)
{
	ck_assert_ok(folder_remove(root, NULL));
	ck_assert(!file_exists(root));
	arena_destroy(a);
}

static const char *in_root(const char *name)
{
	return str_fmt(a, "%s/%s", root, name).ptr;
}

static void expect_code(enum rc rc, const struct err *err, enum code code)
{
	ck_assert_int_eq(rc, code_rc(code));
	ck_assert_str_eq(code_text(err->code), code_text(code));
	ck_assert_ptr_nonnull(strstr(err->text, root));
}

START_TEST(test_what_is_written_is_read)
{
	setup();
	struct str got;
	ck_assert_ok(file_write(in_root("f"), STR("one\0two"), 0640, NULL));
	ck_assert_ok(file_read(a, in_root("f"), 7, &got, NULL));
	ck_assert(str_eq(got, STR("one\0two")));
	ck_assert_ok(file_write(in_root("f"), STR(""), 0600, NULL));
	ck_assert_ok(file_read(a, in_root("f"), 0, &got, NULL));
	ck_assert_uint_eq(got.len, 0);
	struct stat st;
	ck_assert_int_eq(stat(in_root("f"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_ok(file_write_volatile(in_root("f"), STR("new"), 0640, NULL));
	ck_assert_ok(file_read(a, in_root("f"), 3, &got, NULL));
	ck_assert(str_eq(got, STR("new")));
	ck_assert_int_eq(stat(in_root("f"), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	teardown();
}
END_TEST

START_TEST(test_a_large_file_whole_and_refused)
{
	setup();
	size_t n = 3 * 1000 * 1000;
	char *bytes = arena_bytes(a, n);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 31);
	struct str got, all = { bytes, n };
	struct err err;
	ck_assert_ok(file_write(in_root("f"), all, 0600, NULL));
	ck_assert_ok(file_read(a, in_root("f"), n, &got, NULL));
	ck_assert(str_eq(got, all));
	expect_code(file_read(a, in_root("f"), n - 1, &got, &err), &err, CODE_TOO_LARGE);
	teardown();
}
END_TEST

START_TEST(test_a_file_without_a_size_is_bounded)
{
	setup();
	struct str got;
	struct err err;
	ck_assert_ok(file_read(a, "/proc/self/cmdline", 10000, &got, NULL));
	ck_assert_uint_gt(got.len, 0);
	ck_assert_int_eq(file_read(a, "/dev/zero", 100000, &got, &err), RC_LIMIT);
	teardown();
}
END_TEST

START_TEST(test_failures_have_codes)
{
	setup();
	struct str got;
	struct err err;
	expect_code(file_read(a, in_root("none"), 9, &got, &err), &err, CODE_NOT_FOUND);
	expect_code(file_read(a, root, 9, &got, &err), &err, CODE_INVALID);
	expect_code(file_write(in_root("no/f"), STR("x"), 0600, &err), &err, CODE_NOT_FOUND);
	ck_assert_ok(file_write(in_root("f"), STR("x"), 0600, NULL));
	expect_code(folder_create(in_root("f"), 0700, &err), &err, CODE_CONFLICT);
	expect_code(folder_create(in_root("f/g"), 0700, &err), &err, CODE_CONFLICT);
	ck_assert_ok(folder_create(in_root("d/e"), 0700, NULL));
	ck_assert_int_ne(file_write(in_root("d"), STR("x"), 0600, &err), RC_OK);
	ck_assert_int_ne(file_write_volatile(in_root("d"), STR("x"), 0600, &err), RC_OK);
	expect_code(file_error(&err, ENOSPC, "writing", root), &err, CODE_DISK_FULL);
	expect_code(file_error(&err, EROFS, "writing", root), &err, CODE_FORBIDDEN);
	expect_code(file_error(&err, EACCES, "writing", root), &err, CODE_FORBIDDEN);
	expect_code(file_error(&err, EIO, "writing", root), &err, CODE_IO);
	teardown();
}
END_TEST

static enum rc count_file(void *ctx, struct str relative, int64_t size)
{
	(void)relative, (void)size;
	++*(int *)ctx;
	return RC_OK;
}

START_TEST(test_a_failed_write_leaves_the_old_file_and_no_other)
{
	setup();
	ck_assert_ok(folder_create(in_root("d/full"), 0700, NULL));
	ck_assert_ok(file_write(in_root("d/full/x"), STR("x"), 0600, NULL));
	ck_assert_int_ne(file_write(in_root("d/full"), STR("new"), 0600, NULL), RC_OK);
	int n = 0;
	ck_assert_ok(folder_walk(root, count_file, &n, NULL));
	ck_assert_int_eq(n, 1);
	teardown();
}
END_TEST

START_TEST(test_a_full_disk_is_named)
{
	setup();
	int fd = open("/dev/full", O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "x", 1), -1);
	struct err err;
	ck_assert_int_eq(file_error(&err, errno, "writing", "/dev/full"), RC_IO);
	ck_assert_int_eq(err.code, CODE_DISK_FULL);
	close(fd);
	teardown();
}
END_TEST

START_TEST(test_folders_are_created_with_parents)
{
	setup();
	ck_assert_ok(folder_create(in_root("a//b/c/"), 0700, NULL));
	ck_assert_ok(folder_create(in_root("a/b/c"), 0700, NULL));
	ck_assert(file_exists(in_root("a/b/c")));
	ck_assert_int_eq(folder_create("", 0700, NULL), RC_INVALID);
	teardown();
}
END_TEST

struct walked {
	struct buf names;
	int left;
};

static enum rc note_file(void *ctx, struct str relative, int64_t size)
{
	struct walked *w = ctx;
	buf_addf(&w->names, STR_FMT "(%d) ", STR_ARG(relative), (int)size);
	return --w->left == 0 ? RC_BUSY : RC_OK;
}

START_TEST(test_a_walk_is_sorted_and_follows_no_links)
{
	setup();
	ck_assert_ok(folder_create(in_root("a"), 0700, NULL));
	ck_assert_ok(folder_create(in_root("empty"), 0700, NULL));
	ck_assert_ok(file_write(in_root("a/z"), STR("1"), 0600, NULL));
	ck_assert_ok(file_write(in_root("a-b"), STR("22"), 0600, NULL));
	ck_assert_ok(file_write(in_root("B"), STR(""), 0600, NULL));
	ck_assert_int_eq(symlink("/etc", in_root("link")), 0);
	ck_assert_int_eq(symlink("B", in_root("link2")), 0);
	struct walked w = { BUF_INIT(1000), 0 };
	ck_assert_ok(folder_walk(root, note_file, &w, NULL));
	ck_assert_str(buf_str(&w.names), "B(0) a-b(2) a/z(1) ");
	buf_clear(&w.names);
	w.left = 2;
	ck_assert_int_eq(folder_walk(root, note_file, &w, NULL), RC_BUSY);
	ck_assert_str(buf_str(&w.names), "B(0) a-b(2) ");
	buf_fini(&w.names);
	ck_assert_int_eq(folder_walk(in_root("none"), note_file, &w, NULL), RC_NOT_FOUND);
	teardown();
}
END_TEST

START_TEST(test_removing_does_not_follow_links)
{
	setup();
	ck_assert_ok(folder_create(in_root("keep"), 0700, NULL));
	ck_assert_ok(file_write(in_root("keep/f"), STR("x"), 0600, NULL));
	ck_assert_ok(folder_create(in_root("tree/deep/er"), 0700, NULL));
	ck_assert_int_eq(symlink("../keep", in_root("tree/link")), 0);
	ck_assert_int_eq(symlink("keep", in_root("outer")), 0);
	ck_assert_ok(folder_remove(in_root("tree"), NULL));
	ck_assert_ok(folder_remove(in_root("outer"), NULL));
	ck_assert_ok(folder_remove(in_root("was never there"), NULL));
	ck_assert(!file_exists(in_root("tree")) && file_exists(in_root("keep/f")));
	teardown();
}
END_TEST

START_TEST(test_a_lock_is_held_once_and_ends_with_its_descriptor)
{
	setup();
	int first, second;
	struct err err;
	ck_assert_ok(file_lock(in_root("lock"), 0, &first, &err));
	expect_code(file_lock(in_root("lock"), 0, &second, &err), &err, CODE_FOLDER_HELD);
	close_fd(&first);
	ck_assert_int_eq(first, -1);
	ck_assert_ok(file_lock(in_root("lock"), 0, &second, &err));
	close_fd(&second);
	close_fd(&second);
	teardown();
}
END_TEST

START_TEST(test_what_the_system_tells)
{
	setup();
	ck_assert_int_gt(folder_free_bytes(root), 0);
	ck_assert_int_eq(folder_free_bytes(in_root("none")), -1);
	ck_assert(!folder_is_network("/proc"));
	struct str folder = program_folder(a);
	ck_assert(folder.len > 0 && folder.ptr[0] == '/' && folder.ptr[folder.len - 1] != '/');
	ck_assert(file_exists(str_fmt(a, "%s/test_file", folder.ptr).ptr));
	teardown();
}
END_TEST

UNIT_MAIN("sys/file", test_what_is_written_is_read, test_a_large_file_whole_and_refused,
          test_a_file_without_a_size_is_bounded, test_failures_have_codes,
          test_a_failed_write_leaves_the_old_file_and_no_other, test_a_full_disk_is_named,
          test_folders_are_created_with_parents, test_a_walk_is_sorted_and_follows_no_links,
          test_removing_does_not_follow_links,
          test_a_lock_is_held_once_and_ends_with_its_descriptor, test_what_the_system_tells)
