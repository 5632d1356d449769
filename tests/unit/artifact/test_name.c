/* Which names and paths are refused, and that the sentence never repeats the bytes. */
#include "../unit.h"

#include "artifact/artifact_priv.h"
#include "base/str.h"

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A250 A50 A50 A50 A50 A50

static const struct str hostile[] = {
	STR_INIT(""),
	STR_INIT("/"),
	STR_INIT("//"),
	STR_INIT("."),
	STR_INIT(".."),
	STR_INIT("./"),
	STR_INIT("../"),
	STR_INIT("./a"),
	STR_INIT("../a"),
	STR_INIT("a/.."),
	STR_INIT("a/."),
	STR_INIT("a/../b"),
	STR_INIT("a/./b"),
	STR_INIT("a//b"),
	STR_INIT("a/"),
	STR_INIT("/a"),
	STR_INIT("/etc/passwd"),
	STR_INIT("//server/share"),
	STR_INIT("../../../../etc/passwd"),
	STR_INIT("a/../../etc/passwd"),
	STR_INIT("a/b/../../../c"),
	STR_INIT("..\\..\\windows"),
	STR_INIT("a\\b"),
	STR_INIT("\\\\server\\share"),
	STR_INIT("C:\\windows"),
	STR_INIT("a\0b"),
	STR_INIT("\0"),
	STR_INIT("a/\0/../b"),
	STR_INIT("a\nb"),
	STR_INIT("a\rb"),
	STR_INIT("a\tb"),
	STR_INIT("a\x1b[2Jb"),
	STR_INIT("a\x7f"),
	STR_INIT("\x01"),
	STR_INIT("a\xff"),
	STR_INIT("\xc0\xae\xc0\xae/a"), /* ".." in an overlong form */
	STR_INIT("\xe0\x80\xaf"
	         "etc"), /* "/" in an overlong form */
	STR_INIT("\xc0\xaf"),
	STR_INIT("\xed\xa0\x80"),     /* a surrogate */
	STR_INIT("\xf4\x90\x80\x80"), /* beyond Unicode */
	STR_INIT("a\xe2\x82"),        /* cut short */
	STR_INIT(A250 "aaaaaa"),      /* a part of 256 bytes */
	STR_INIT("a/" A250 "aaaaaa/b"),
	STR_INIT(A250 "/" A250 "/" A250 "/" A250 "/" A250), /* 1,254 bytes in all */
};

START_TEST(hostile_paths_are_refused)
{
	ck_assert_uint_ge(ARRAY_LEN(hostile), 30);
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct err err = { 0 };
		ck_assert_msg(artifact_path_check(hostile[i], &err) == RC_INVALID,
		              "path %zu was let through", i);
		ck_assert_int_eq(err.code, CODE_BAD_PATH);
		for (const char *c = err.text; *c; c++)
			ck_assert((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f);
		ck_assert_ptr_null(strstr(err.text, "passwd"));
	}
}
END_TEST

START_TEST(good_paths_pass)
{
	static const char *const good[] = {
		"a",        "a/b",     ".hidden",    "...",        "a..b/..c/d..",
		"-rf",      "a b/c d", "ü/日本.txt", "src/a.luau", "C:/x",
		"%2e%2e/a", "~",       A250 "aaaaa", /* a part of 255 bytes */
	};
	struct err err = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_msg(artifact_path_check(str_z(good[i]), &err) == RC_OK, "%s: %s", good[i],
		              err.text);
}
END_TEST

START_TEST(longest_path)
{
	char path[ARTIFACT_PATH_MAX + 1];
	memset(path, 'a', sizeof path);
	for (size_t i = 200; i < sizeof path; i += 200)
		path[i] = '/';
	ck_assert_ok(artifact_path_check((struct str){ path, ARTIFACT_PATH_MAX }, NULL));
	ck_assert_int_eq(artifact_path_check((struct str){ path, sizeof path }, NULL), RC_INVALID);
}
END_TEST

START_TEST(names)
{
	static const char *const good[] = { "a", "Lesson 1", "a.b_c-d", "0", "v1.0" };
	static const char *const bad[] = { "",   ".",   "..",  ".a",   "a.", " a",
		                           "a ", "a/b", "a\\", "a\nb", "ü",  "a:b" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_ok(artifact_name_check(str_z(good[i]), NULL));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(artifact_name_check(str_z(bad[i]), NULL) == RC_INVALID, "%s", bad[i]);
	ck_assert_ok(artifact_name_check(str_sub(STR(A250), 0, ARTIFACT_NAME_MAX), NULL));
	ck_assert_int_eq(artifact_name_check(str_sub(STR(A250), 0, ARTIFACT_NAME_MAX + 1), NULL),
	                 RC_INVALID);
}
END_TEST

static enum rc check_list(const char *const *paths, size_t n, struct err *err)
{
	struct artifact_file files[8];
	ck_assert_uint_le(n, ARRAY_LEN(files));
	for (size_t i = 0; i < n; i++)
		files[i] = (struct artifact_file){ .path = str_z(paths[i]) };
	artifact_files_sort(files, n);
	return artifact_paths_check(files, n, err);
}

START_TEST(file_and_folder_clash)
{
	struct err err = { 0 };
	/* "a-b" and "a.b" sort between "a" and "a/b". */
	const char *clash[] = { "a/b/c", "a-b", "x", "a.b", "a" };
	ck_assert_int_eq(check_list(clash, 5, &err), RC_INVALID);
	ck_assert_int_eq(err.code, CODE_BAD_PATH);
	ck_assert_ptr_nonnull(strstr(err.text, "\"a\""));
	const char *deep[] = { "p/q/r/s", "p/q", "p/qq" };
	ck_assert_int_eq(check_list(deep, 3, &err), RC_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "\"p/q\""));
	const char *fine[] = { "a/b/c", "a-b", "a/b/d", "ab", "a/bc" };
	ck_assert_ok(check_list(fine, 5, &err));
}
END_TEST

START_TEST(listed_twice)
{
	struct err err = { 0 };
	const char *twice[] = { "b", "a/x", "c", "a/x" };
	ck_assert_int_eq(check_list(twice, 4, &err), RC_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "twice"));
}
END_TEST

START_TEST(tree_hash)
{
	/* printf '%s 0 a\n%s 3 b/c\n' EMPTY ABC | sha256sum */
	struct artifact_file files[] = {
		{ .path = STR("b/c"), .size = 3 },
		{ .path = STR("a"), .size = 0 },
	};
	struct sha256 tree, other;
	char text[65];
	sha256_of(STR("abc"), &files[0].hash);
	sha256_of(STR(""), &files[1].hash);
	ck_assert_str_eq(sha256_text(&files[0].hash, text).ptr,
	                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	artifact_files_sort(files, 2);
	artifact_tree_hash(files, 2, &tree);
	ck_assert_str_eq(sha256_text(&tree, text).ptr,
	                 "ed17ad881b57de8e277c7cec6ac0e95e1ad4d63b075caf01ac44757e627eea11");
	files[0].is_executable = true;
	artifact_tree_hash(files, 2, &other);
	ck_assert_mem_eq(&tree, &other, sizeof tree);
	files[0].path = STR("A");
	artifact_tree_hash(files, 2, &other);
	ck_assert_mem_ne(&tree, &other, sizeof tree);
	ck_assert_ok(sha256_parse(str_z(text), &other));
	ck_assert_mem_eq(&tree, &other, sizeof tree);
	ck_assert_int_eq(sha256_parse(str_sub(str_z(text), 0, 63), &other), RC_INVALID);
	text[5] = 'g';
	ck_assert_int_eq(sha256_parse(str_z(text), &other), RC_INVALID);
}
END_TEST

UNIT_MAIN("artifact/name", hostile_paths_are_refused, good_paths_pass, longest_path, names,
          file_and_folder_clash, listed_twice, tree_hash)
