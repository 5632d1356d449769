/* Zips: the same bytes each time, and what other programs read in them. */
#include "fixture.h"

#include "sys/process.h"

static struct fixture f;

static struct buf zip_of(int64_t id)
{
	struct buf out = BUF_INIT(64 << 20);
	enum rc rc = artifact_zip(f.artifacts, alice, id, &out, &f.err);
	ck_assert_msg(rc == RC_OK, "%s", f.err.text);
	return out;
}

static int64_t make(void)
{
	static char big[300000];
	struct artifact_create_command c;
	struct artifact_file files[5];
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)(i * i >> 7);
	files[0] = file_put(&f, "z/run.sh", STR("#!/bin/sh\necho hello\n"));
	files[1] = file_put(&f, "a.txt", STR("one"));
	files[2] = file_put(&f, "z/ü 日本.txt", STR("two"));
	files[3] = file_put(&f, "empty", STR(""));
	files[4] = file_put(&f, "big.bin", (struct str){ big, sizeof big });
	files[0].is_executable = true;
	ck_assert_ok(create(&f, alice, &c, "lesson", files, 5));
	return c.id;
}

START_TEST(same_bytes_each_time)
{
	fixture_open(&f);
	int64_t id = make();
	AUTO(buf_fini) struct buf a = zip_of(id);
	ck_assert_int_eq(setenv("TZ", "Asia/Tokyo", 1), 0);
	tzset();
	AUTO(buf_fini) struct buf b = zip_of(id);
	ck_assert_uint_eq(a.len, b.len);
	ck_assert_mem_eq(a.ptr, b.ptr, a.len);
	/* Another version of equal files is an equal zip, too. */
	AUTO(buf_fini) struct buf c = zip_of(make());
	ck_assert_uint_eq(a.len, c.len);
	ck_assert_mem_eq(a.ptr, c.ptr, a.len);
	fixture_close(&f);
}
END_TEST

/* Python's zipfile is another implementation of the format than the one that wrote. */
static const char reader[] =
        "import hashlib, sys, zipfile\n"
        "z = zipfile.ZipFile(sys.argv[1])\n"
        "assert z.testzip() is None\n"
        "i = z.infolist()\n"
        "names = [x.filename for x in i]\n"
        "assert names == ['a.txt', 'big.bin', 'empty', 'z/run.sh', 'z/\\u00fc \\u65e5\\u672c.txt'],"
        " names\n"
        "assert {x.date_time for x in i} == {(1980, 1, 1, 0, 0, 0)}\n"
        "modes = [oct(x.external_attr >> 16) for x in i]\n"
        "assert modes == ['0o100644'] * 3 + ['0o100755', '0o100644'], modes\n"
        "assert z.read('a.txt') == b'one' and z.read('empty') == b''\n"
        "assert z.read('big.bin') == bytes((n * n & 0xffffffffffffffff) >> 7 & 255"
        " for n in range(300000))\n"
        "assert z.getinfo('big.bin').compress_type == zipfile.ZIP_DEFLATED\n";

static void run(const char *const *argv)
{
	struct process_options o = { .argv = argv, .fd_in = -1, .fd_out = -1, .fd_err = -1 };
	struct process_result result;
	AUTO(buf_fini) struct buf out = BUF_INIT(64 << 10);
	AUTO(buf_fini) struct buf err_out = BUF_INIT(64 << 10);
	enum rc rc = process_run(&o, STR(""), 30000, &out, &err_out, &result, &f.err);
	ck_assert_msg(rc == RC_OK, "%s", f.err.text);
	ck_assert_msg(result.exit_code == 0, "%s: " STR_FMT STR_FMT, argv[0],
	              STR_ARG(buf_str(&out)), STR_ARG(buf_str(&err_out)));
}

START_TEST(others_can_read_it)
{
	fixture_open(&f);
	AUTO(buf_fini) struct buf zip = zip_of(make());
	char *path = str_dupz(f.arena, str_fmt(f.arena, "%s/x.zip", f.folder));
	ck_assert_ok(file_write(path, buf_str(&zip), 0600, &f.err));
	char *script = str_dupz(f.arena, str_fmt(f.arena, "%s/read.py", f.folder));
	ck_assert_ok(file_write(script, str_z(reader), 0600, &f.err));
	run((const char *const[]){ "/usr/bin/python3", script, path, NULL });
	run((const char *const[]){ "/usr/bin/unzip", "-t", path, NULL });
	fixture_close(&f);
}
END_TEST

START_TEST(damage_and_limits)
{
	fixture_open(&f);
	int64_t id = make();
	AUTO(buf_fini) struct buf small = BUF_INIT(1000);
	ck_assert_int_eq(artifact_zip(f.artifacts, alice, id, &small, &f.err), RC_LIMIT);
	ck_assert_int_eq(f.err.code, CODE_TOO_LARGE);
	char *path = blob_path(f.artifacts, hash_of(STR("one")), f.arena);
	ck_assert_int_eq(unlink(path), 0);
	AUTO(buf_fini) struct buf out = BUF_INIT(64 << 20);
	ck_assert_int_eq(artifact_zip(f.artifacts, alice, id, &out, &f.err), RC_IO);
	ck_assert_int_eq(f.err.code, CODE_DAMAGED);
	ck_assert_int_eq(artifact_zip(f.artifacts, alice, id + 1, &out, &f.err), RC_NOT_FOUND);
	fixture_close(&f);
}
END_TEST

UNIT_MAIN("artifact/archive", same_bytes_each_time, others_can_read_it, damage_and_limits)
