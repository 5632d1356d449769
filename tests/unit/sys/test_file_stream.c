/* Whole files in pieces, names of folders, paths of what is not there yet. */
#include <stdio.h>

#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/file_size.h"
#include "sys/file_stream.h"
#include "sys/self.h"

static struct arena *arena;
static char dir[64];

static void open_dir(void)
{
	arena = arena_create(4096);
	snprintf(dir, sizeof dir, "/tmp/takt-stream-%lld", (long long)self_pid());
	ck_assert_ok(folder_create(dir, 0700, NULL));
}

static void close_dir(void)
{
	ck_assert_ok(folder_remove(dir, NULL));
	arena_destroy(arena);
}

static const char *at(const char *name)
{
	return str_dupz(arena, str_fmt(arena, "%s/%s", dir, name));
}

struct seen {
	size_t pieces, bytes, stop_at;
};

static enum rc see(void *ctx, struct str piece)
{
	struct seen *s = ctx;
	s->pieces++;
	s->bytes += piece.len;
	return s->stop_at && s->bytes >= s->stop_at ? RC_LIMIT : RC_OK;
}

START_TEST(a_file_is_copied_in_pieces)
{
	enum { BYTES = 1000 * 1000 };
	open_dir();
	char *text = xmalloc(BYTES);
	memset(text, 'x', BYTES);
	ck_assert_ok(file_write(at("from"), (struct str){ text, BYTES }, 0600, NULL));
	free(text);
	struct seen s = { 0 };
	ck_assert_ok(file_copy(at("from"), at("to"), 0600, see, &s, NULL));
	ck_assert_uint_eq(s.bytes, BYTES);
	ck_assert_uint_gt(s.pieces, 1);
	struct str a, b;
	ck_assert_ok(file_read(arena, at("from"), BYTES, &a, NULL));
	ck_assert_ok(file_read(arena, at("to"), BYTES, &b, NULL));
	ck_assert(str_eq(a, b));
	ck_assert_ok(file_sync(at("to"), NULL));
	close_dir();
}
END_TEST

START_TEST(what_is_there_stays_and_what_fails_leaves_nothing)
{
	open_dir();
	ck_assert_ok(file_write(at("from"), STR("new"), 0600, NULL));
	ck_assert_ok(file_write(at("to"), STR("old"), 0600, NULL));
	struct seen s = { .stop_at = 1 };
	ck_assert_int_eq(file_copy(at("from"), at("to"), 0600, NULL, NULL, NULL), RC_CONFLICT);
	ck_assert_int_eq(file_size(at("to")), 3);
	ck_assert_int_eq(file_copy(at("from"), at("other"), 0600, see, &s, NULL), RC_LIMIT);
	ck_assert(!file_exists(at("other")));
	ck_assert_int_eq(file_copy(at("none"), at("other"), 0600, NULL, NULL, NULL), RC_NOT_FOUND);
	ck_assert(!file_exists(at("other")));
	ck_assert_int_eq(file_stream(at("none"), see, &s, NULL), RC_NOT_FOUND);
	ck_assert_int_eq(file_sync(at("none"), NULL), RC_NOT_FOUND);
	close_dir();
}
END_TEST

START_TEST(names_come_sorted_and_not_too_many)
{
	const char *const *names;
	size_t n = 7;
	open_dir();
	ck_assert_ok(folder_entries(arena, at("none"), 9, &names, &n, NULL));
	ck_assert_uint_eq(n, 0);
	ck_assert_ok(file_write(at("b"), STR(""), 0600, NULL));
	ck_assert_ok(folder_create(at("a"), 0700, NULL));
	ck_assert_ok(file_write(at(".c"), STR(""), 0600, NULL));
	ck_assert_ok(folder_entries(arena, dir, 9, &names, &n, NULL));
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(names[0], ".c");
	ck_assert_str_eq(names[1], "a");
	ck_assert_str_eq(names[2], "b");
	ck_assert_ok(folder_entries(arena, dir, 2, &names, &n, NULL));
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(folder_entries(arena, at("b"), 9, &names, &n, NULL), RC_CONFLICT);
	close_dir();
}
END_TEST

START_TEST(a_name_replaces_an_empty_folder_only)
{
	open_dir();
	ck_assert_ok(folder_create(at("new"), 0700, NULL));
	ck_assert_ok(file_write(at("new/file"), STR("x"), 0600, NULL));
	ck_assert_ok(folder_create(at("empty"), 0700, NULL));
	ck_assert_ok(folder_create(at("full/inside"), 0700, NULL));
	ck_assert_int_eq(file_rename(at("new"), at("full"), NULL), RC_CONFLICT);
	ck_assert_ok(file_rename(at("new"), at("empty"), NULL));
	ck_assert(file_exists(at("empty/file")) && !file_exists(at("new")));
	close_dir();
}
END_TEST

START_TEST(a_path_of_what_is_not_there_yet)
{
	char path[256];
	open_dir();
	ck_assert_ok(folder_create(at("a"), 0700, NULL));
	ck_assert_ok(path_absolute(at("a/../a//new/"), path, sizeof path, NULL));
	ck_assert_str_eq(path, at("a/new"));
	ck_assert_ok(path_absolute("/new", path, sizeof path, NULL));
	ck_assert_str_eq(path, "/new");
	ck_assert_ok(path_absolute("new", path, sizeof path, NULL));
	ck_assert_int_eq(path[0], '/');
	static const char *const bad[] = { "", "/", "//", ".", "..", "/tmp/..", "/tmp/." };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(path_absolute(bad[i], path, sizeof path, NULL) == RC_INVALID, "%s",
		              bad[i]);
	ck_assert_int_eq(path_absolute(at("none/new"), path, sizeof path, NULL), RC_NOT_FOUND);
	ck_assert_int_eq(path_absolute(at("a/new"), path, 10, NULL), RC_INVALID);
	close_dir();
}
END_TEST

UNIT_MAIN("sys/file_stream", a_file_is_copied_in_pieces,
          what_is_there_stays_and_what_fails_leaves_nothing, names_come_sorted_and_not_too_many,
          a_name_replaces_an_empty_folder_only, a_path_of_what_is_not_there_yet)
