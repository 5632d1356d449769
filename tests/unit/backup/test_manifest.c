/* What a backup says of itself comes back as it was written, or is refused. */
#include "../unit.h"

#include "backup/manifest.h"

#include "base/arena.h"
#include "sys/env.h"
#include "sys/file.h"

static struct manifest example(void)
{
	static const struct manifest_events events[] = { { 1, 4711 }, { 7, 1 } };
	struct manifest m = { .says = { .id = STR("bak_0akmzgapm0000"),
		                        .takt = STR("0.1.0"),
		                        .schema_version = 6,
		                        .finished_ms = 1795242852177,
		                        .database_bytes = 4096000,
		                        .blobs = 3,
		                        .blob_bytes = 1000,
		                        .tasks = 10,
		                        .runs = 2,
		                        .events = 4712,
		                        .artifacts = 1 },
		              .started_ms = 1795242852000,
		              .events = events,
		              .n_events = ARRAY_LEN(events) };
	sha256_of(STR("database"), &m.database);
	sha256_of(STR("blobs"), &m.blobs);
	return m;
}

START_TEST(it_comes_back_as_it_was_written)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	AUTO(buf_fini) struct buf text = BUF_INIT(1 << 16), again = BUF_INIT(1 << 16);
	struct manifest m = example(), back;
	manifest_write(&m, &text);
	ck_assert_ok(manifest_read(a, buf_str(&text), &back, NULL));
	manifest_write(&back, &again);
	ck_assert(str_eq(buf_str(&text), buf_str(&again)));
	ck_assert_int_eq(back.events[0].last, 4711);
	ck_assert_int_eq(back.started_ms, m.started_ms);
}
END_TEST

START_TEST(no_byte_can_be_left_out)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	AUTO(buf_fini) struct buf text = BUF_INIT(1 << 16);
	struct manifest m = example(), back;
	manifest_write(&m, &text);
	size_t whole = buf_str(&text).len - 1; /* but the line feed at the end */
	for (size_t n = 0; n < whole; n++) {
		struct err err = { 0 };
		ck_assert_int_ne(manifest_read(a, str_sub(buf_str(&text), 0, n), &back, &err),
		                 RC_OK);
		ck_assert_int_eq(err.code, CODE_DAMAGED);
		ck_assert_str_eq(err.place, MANIFEST_FILE);
	}
}
END_TEST

START_TEST(another_form_is_told_from_a_damaged_one)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	struct manifest back;
	struct err err = { 0 };
	ck_assert_int_eq(manifest_read(a, STR("{\"takt_backup\":2}"), &back, &err), RC_CONFLICT);
	ck_assert_int_eq(manifest_read(a, STR("{\"takt_backup\":0}"), &back, &err), RC_IO);
	ck_assert_int_eq(manifest_read(a, STR("[]"), &back, &err), RC_IO);
}
END_TEST

START_TEST(sums_are_three_lines_in_their_order)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	AUTO(buf_fini) struct buf text = BUF_INIT(SUMS_MAX);
	struct manifest_sums s, back;
	sha256_of(STR("1"), &s.manifest);
	sha256_of(STR("2"), &s.database);
	sha256_of(STR("3"), &s.blobs);
	manifest_sums_write(&s, &text);
	ck_assert_ok(manifest_sums_read(buf_str(&text), &back, NULL));
	ck_assert(memcmp(&s, &back, sizeof s) == 0);
	struct str all = buf_str(&text);
	struct err err = { 0 };
	ck_assert_int_eq(manifest_sums_read(str_fmt(a, STR_FMT "x", STR_ARG(all)), &back, &err),
	                 RC_IO);
	ck_assert_str_eq(err.place, MANIFEST_SUMS);
	for (size_t n = 0; n < all.len - 1; n++)
		ck_assert_int_eq(manifest_sums_read(str_sub(all, 0, n), &back, &err), RC_IO);
}
END_TEST

static char dir[64];
static int seen;

static enum rc count(void *ctx, const struct blob *b)
{
	struct blob *last = ctx;
	*last = *b;
	seen++;
	return RC_OK;
}

static enum rc list_of(const char *text, struct blob *last, struct err *err)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	ck_assert_ok(file_write(backup_path(a, dir, MANIFEST_BLOBS), str_z(text), 0600, NULL));
	seen = 0;
	return blob_list_each(dir, count, last, err);
}

START_TEST(a_list_is_read_line_by_line)
{
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	unsigned char random[4];
	env_random(&env_system, random, sizeof random);
	snprintf(dir, sizeof dir, "/tmp/takt-manifest-%02x%02x%02x%02x", random[0], random[1],
	         random[2], random[3]);
	ck_assert_ok(folder_create(dir, 0700, NULL));
	struct blob b = { .size = 12345 }, last = { 0 };
	struct err err = { 0 };
	char line[BLOB_LINE];
	sha256_of(STR("x"), &b.hash);
	const char *one = str_dupz(a, blob_line_write(&b, line));
	const char *two = str_dupz(a, str_fmt(a, "%s%s", one, one));
	ck_assert_ok(list_of("", &last, &err));
	ck_assert_int_eq(seen, 0);
	ck_assert_ok(list_of(two, &last, &err));
	ck_assert_int_eq(seen, 2);
	ck_assert(memcmp(&b, &last, sizeof b) == 0);
	ck_assert_int_eq(list_of("nonsense\n", &last, &err), RC_IO);
	ck_assert_str_eq(err.place, MANIFEST_BLOBS);
	ck_assert_int_eq(list_of(str_dupz(a, str_fmt(a, "%s \n", one)), &last, &err), RC_IO);
	ck_assert_int_eq(list_of(str_dupz(a, str_fmt(a,
	                                             "%064d 5 and more of it, which is longer "
	                                             "than any line can be\n",
	                                             1)),
	                         &last, &err),
	                 RC_IO);
	ck_assert_int_eq(list_of(str_dupz(a, str_fmt(a, "%064d -5\n", 1)), &last, &err), RC_IO);
	ck_assert_ok(folder_remove(dir, NULL));
}
END_TEST

UNIT_MAIN("backup/manifest", it_comes_back_as_it_was_written, no_byte_can_be_left_out,
          another_form_is_told_from_a_damaged_one, sums_are_three_lines_in_their_order,
          a_list_is_read_line_by_line)
