/* Blobs on a real disk: right, durable by name, whole or absent. */
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "fixture.h"

static struct fixture f;

static void setup(void)
{
	fixture_open(&f);
}

static const char *path_of(struct str bytes)
{
	return blob_path(f.artifacts, hash_of(bytes), f.arena);
}

static enum rc put(struct str bytes, bool *is_new)
{
	*is_new = false;
	return blob_put(f.artifacts, hash_of(bytes), bytes, is_new, &f.err);
}

/* Files below DATA/blobs, temporary ones included. */
static enum rc count_one(void *ctx, struct str relative, int64_t size)
{
	(void)relative;
	(void)size;
	++*(size_t *)ctx;
	return RC_OK;
}

static size_t count_files(void)
{
	size_t n = 0;
	ck_assert_ok(folder_walk(f.artifacts->blobs, count_one, &n, NULL));
	return n;
}

START_TEST(put_and_read)
{
	bool is_new;
	struct str back;
	struct stat st;
	setup();
	ck_assert(!blob_exists(f.artifacts, hash_of(STR("hello"))));
	ck_assert_ok(put(STR("hello"), &is_new));
	ck_assert(is_new);
	ck_assert(blob_exists(f.artifacts, hash_of(STR("hello"))));
	ck_assert_ok(blob_read(f.artifacts, hash_of(STR("hello")), f.arena, &back, &f.err));
	ck_assert_str(back, "hello");
	ck_assert_int_eq(stat(path_of(STR("hello")), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	/* DATA/blobs/2c/f24d…: the first byte of the hash names the folder. */
	ck_assert_ptr_nonnull(strstr(path_of(STR("hello")), "/blobs/2c/f24dba5f"));
	ck_assert_ok(put(STR("hello"), &is_new));
	ck_assert(!is_new);
	ck_assert_ok(put(STR(""), &is_new));
	ck_assert(is_new);
	ck_assert_ok(blob_read(f.artifacts, hash_of(STR("")), f.arena, &back, &f.err));
	ck_assert_uint_eq(back.len, 0);
	ck_assert_uint_eq(count_files(), 2);
	fixture_close(&f);
}
END_TEST

START_TEST(wrong_hash)
{
	bool is_new;
	setup();
	ck_assert_int_eq(
	        blob_put(f.artifacts, hash_of(STR("hello")), STR("hellO"), &is_new, &f.err),
	        RC_INVALID);
	ck_assert_int_eq(f.err.code, CODE_HASH_MISMATCH);
	ck_assert_uint_eq(count_files(), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(too_large)
{
	bool is_new;
	setup();
	struct str bytes = { xcalloc(1, BLOB_MAX + 1), BLOB_MAX + 1 };
	ck_assert_int_eq(blob_put(f.artifacts, hash_of(STR("")), bytes, &is_new, &f.err), RC_LIMIT);
	ck_assert_int_eq(f.err.code, CODE_TOO_LARGE);
	free((char *)(uintptr_t)bytes.ptr);
	fixture_close(&f);
}
END_TEST

START_TEST(missing)
{
	struct str back;
	setup();
	ck_assert_int_eq(blob_read(f.artifacts, hash_of(STR("x")), f.arena, &back, &f.err),
	                 RC_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(f.err.text, "2d711642b726b044"));
	fixture_close(&f);
}
END_TEST

/* What a power cut or a bad disk left behind is replaced by the next upload. */
START_TEST(damage_is_repaired)
{
	static const struct str damaged[] = { STR_INIT("hellO"), STR_INIT("hel"), STR_INIT("") };
	bool is_new;
	struct str back;
	setup();
	ck_assert_ok(put(STR("hello"), &is_new));
	for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
		ck_assert_ok(file_write(path_of(STR("hello")), damaged[i], 0600, &f.err));
		ck_assert_ok(put(STR("hello"), &is_new));
		ck_assert(is_new);
		ck_assert_ok(blob_read(f.artifacts, hash_of(STR("hello")), f.arena, &back, &f.err));
		ck_assert_str(back, "hello");
	}
	fixture_close(&f);
}
END_TEST

/* A second process' view: the folders are there, nothing is remembered. */
START_TEST(opened_again)
{
	bool is_new;
	setup();
	ck_assert_ok(put(STR("hello"), &is_new));
	artifacts_destroy(f.artifacts);
	struct artifacts_options ao = { .folder = f.folder, .store = f.store, .writer = f.writer };
	ck_assert_ok(artifacts_create(&ao, &f.artifacts, &f.err));
	ck_assert(blob_exists(f.artifacts, hash_of(STR("hello"))));
	ck_assert_ok(put(STR("hello"), &is_new));
	ck_assert(!is_new);
	fixture_close(&f);
}
END_TEST

enum { SAME_BLOBS = 40, SAME_THREADS = 2 };

static struct str same_blob(char *space, size_t size, int i)
{
	return (struct str){ space, (size_t)snprintf(space, size, "blob %d", i) };
}

static pthread_barrier_t barrier;

static void *put_same(void *ctx)
{
	size_t *n_new = ctx;
	for (int i = 0; i < SAME_BLOBS; i++) {
		char space[32];
		bool is_new = false;
		struct err err = { 0 };
		struct str bytes = same_blob(space, sizeof space, i);
		pthread_barrier_wait(&barrier);
		enum rc rc = blob_put(f.artifacts, hash_of(bytes), bytes, &is_new, &err);
		ck_assert_msg(rc == RC_OK, "%s", err.text);
		*n_new += is_new;
	}
	return NULL;
}

START_TEST(two_threads_put_the_same)
{
	pthread_t threads[SAME_THREADS];
	size_t n_new[SAME_THREADS] = { 0 };
	setup();
	ck_assert_int_eq(pthread_barrier_init(&barrier, NULL, SAME_THREADS), 0);
	for (size_t i = 0; i < SAME_THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, put_same, &n_new[i]), 0);
	for (size_t i = 0; i < SAME_THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_ge(n_new[0] + n_new[1], SAME_BLOBS);
	ck_assert_uint_eq(count_files(), SAME_BLOBS); /* no temporary file is left */
	for (int i = 0; i < SAME_BLOBS; i++) {
		char space[32];
		struct str back, bytes = same_blob(space, sizeof space, i);
		ck_assert_ok(blob_read(f.artifacts, hash_of(bytes), f.arena, &back, &f.err));
		ck_assert(str_eq(back, bytes));
	}
	fixture_close(&f);
}
END_TEST

/* The limit on file sizes cuts a write in the middle, as a full disk does, without
 * needing a disk. */
START_TEST(cut_write_leaves_no_half_blob)
{
	static char big[100000];
	struct rlimit limit;
	bool is_new;
	setup();
	memset(big, 'x', sizeof big);
	struct str bytes = { big, sizeof big };
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	struct rlimit small = { 50000, limit.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum rc rc = put(bytes, &is_new);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(rc, RC_IO);
	ck_assert_ptr_null(strstr(f.err.text, f.folder)); /* no path of this machine */
	ck_assert(!blob_exists(f.artifacts, hash_of(bytes)));
	ck_assert_uint_eq(count_files(), 0);
	ck_assert_ok(put(bytes, &is_new)); /* and nothing stands in the way later */
	ck_assert(is_new);
	fixture_close(&f);
}
END_TEST

/* A really full disk, where the test may mount one. */
START_TEST(full_disk)
{
	static char big[300000];
	bool is_new;
	setup();
	memset(big, 'y', sizeof big);
	struct str bytes = { big, sizeof big };
	if (mount("none", f.artifacts->blobs, "tmpfs", 0, "size=200k") == 0) {
		ck_assert_int_eq(put(bytes, &is_new), RC_IO);
		ck_assert_int_eq(f.err.code, CODE_DISK_FULL);
		ck_assert_uint_eq(count_files(), 0);
		ck_assert_ok(put(STR("small"), &is_new));
		ck_assert_int_eq(umount(f.artifacts->blobs), 0);
	}
	fixture_close(&f);
}
END_TEST

START_TEST(blobs_is_not_a_folder)
{
	setup();
	struct artifacts_options ao = { .folder = f.folder, .store = f.store, .writer = f.writer };
	struct artifacts *other;
	ck_assert_ok(folder_remove(f.artifacts->blobs, &f.err));
	ck_assert_ok(file_write(f.artifacts->blobs, STR("in the way"), 0600, &f.err));
	ck_assert_int_eq(artifacts_create(&ao, &other, &f.err), RC_CONFLICT);
	fixture_close(&f);
}
END_TEST

UNIT_MAIN("artifact/blob", put_and_read, wrong_hash, too_large, missing, damage_is_repaired,
          opened_again, two_threads_put_the_same, cut_write_leaves_no_half_blob, full_disk,
          blobs_is_not_a_folder)
