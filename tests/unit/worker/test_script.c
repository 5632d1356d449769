/* A program as a handler, without a server: what counts as success, and each way to fail. */
#include <stdio.h>

#include "../unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "sys/env.h"
#include "sys/environ.h"
#include "sys/self.h"
#include "sys/file.h"
#include "worker/script.h"

static struct arena *arena;
static struct buf lines;

static void on_line(void *ctx, struct str line)
{
	(void)ctx;
	buf_add(&lines, line);
	buf_addc(&lines, '|');
}

static struct script_result run(const char *script, const char *input, int64_t timeout_ms)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const char *const env[] = { "TAKT_TASK_ID=task_7", NULL };
	struct script_run r = { .argv = argv,
		                .env = env,
		                .input = str_z(input),
		                .timeout_ms = timeout_ms,
		                .on_line = on_line };
	struct script_result result;
	if (!arena)
		arena = arena_create(4096);
	buf_fini(&lines);
	buf_init(&lines, 1 << 20);
	script_run(arena, &r, &result);
	return result;
}

static void failed(struct script_result r, const char *code, const char *says)
{
	ck_assert_ptr_nonnull(r.code);
	ck_assert_str_eq(r.code, code);
	ck_assert_msg(str_find(r.message, str_z(says), 0) != SIZE_MAX,
	              "\"" STR_FMT "\" does not say \"%s\"", STR_ARG(r.message), says);
}

START_TEST(json_in_json_out)
{
	struct script_result r = run("tr a-z A-Z", "{\"a\": 1}", 0);
	ck_assert_ptr_null(r.code);
	ck_assert_str(r.output, "{\"A\": 1}");
	r = run("printf '\"%s\"\\n' $TAKT_TASK_ID", "null", 0);
	ck_assert_str(r.output, "\"task_7\"");
}
END_TEST

START_TEST(standard_error_becomes_lines)
{
	struct script_result r =
	        run("echo one >&2; printf two >&2; printf '\\377\\n' >&2; echo 1", "null", 0);
	ck_assert_ptr_null(r.code);
	ck_assert_str(buf_str(&lines), "one|two?|");
}
END_TEST

START_TEST(output_that_is_no_json_fails)
{
	failed(run("echo hello", "null", 0), "bad_output", "not one JSON value");
	failed(run("echo 1 2", "null", 0), "bad_output", "not one JSON value");
	failed(run("true", "null", 0), "bad_output", "printed nothing");
	failed(run("printf '\"\\377\"'", "null", 0), "bad_output", "not one JSON value");
}
END_TEST

START_TEST(too_much_output_fails)
{
	failed(run("head -c 1100000 /dev/zero | tr '\\0' 1", "null", 0), "too_large", "1048576");
}
END_TEST

START_TEST(an_exit_code_fails_with_the_last_lines)
{
	struct script_result r =
	        run("for i in 1 2 3 4 5 6 7; do echo line $i >&2; done; echo 1; exit 3", "null", 0);
	failed(r, "exit", "exit code 3: line 3\nline 4\nline 5\nline 6\nline 7");
	ck_assert(!r.is_final);
	failed(run("kill -9 $$", "null", 0), "exit", "signal 9");
}
END_TEST

START_TEST(a_missing_program_is_final)
{
	const char *const argv[] = { "no-such-program-of-takt", NULL };
	struct script_run r = { .argv = argv, .input = STR("null") };
	struct script_result result;
	arena = arena_create(4096);
	script_run(arena, &r, &result);
	failed(result, "tool_missing", "no-such-program-of-takt");
	ck_assert(result.is_final);
}
END_TEST

/* The child of the child writes its number, then both would wait for a minute. */
START_TEST(a_timeout_ends_the_whole_group)
{
	char path[64], script[200], proc[64];
	snprintf(path, sizeof path, "/tmp/takt-script-%lld", (long long)self_pid());
	snprintf(script, sizeof script, "sleep 60 & echo $! >%s; wait", path);
	int64_t before = env_mono_ms(&env_system);
	failed(run(script, "null", 150), "timeout", "150 ms");
	ck_assert_int_lt(env_mono_ms(&env_system) - before, 5000);
	struct str pid;
	ck_assert_ok(file_read(arena, path, 100, &pid, NULL));
	remove(path);
	snprintf(proc, sizeof proc, "/proc/" STR_FMT "/cmdline", STR_ARG(str_trim(pid)));
	/* The signal is sent; its end may take a moment.  A zombie has no command line. */
	struct str command = { 0 };
	int64_t end = env_mono_ms(&env_system) + 5000;
	do
		ck_assert_int_lt(env_mono_ms(&env_system), end);
	while (file_read(arena, proc, 1000, &command, NULL) == RC_OK && command.len > 0);
}
END_TEST

static bool at_once(void *ctx)
{
	(void)ctx;
	return true;
}

START_TEST(a_cancelled_task_ends_the_program)
{
	const char *const argv[] = { "/bin/sh", "-c", "sleep 60", NULL };
	struct script_run r = { .argv = argv, .input = STR("null"), .is_cancelled = at_once };
	struct script_result result;
	arena = arena_create(4096);
	int64_t before = env_mono_ms(&env_system);
	script_run(arena, &r, &result);
	ck_assert(result.is_cancelled);
	ck_assert_int_lt(env_mono_ms(&env_system) - before, 5000);
}
END_TEST

START_TEST(a_large_input_passes_and_an_unread_one_does_not_matter)
{
	struct buf big = BUF_INIT(1 << 20);
	buf_addc(&big, '"');
	while (big.len < 900000)
		buf_addz(&big, "abcdefghij");
	buf_addz(&big, "\"");
	buf_addc(&big, '\0');
	struct script_result r = run("cat", big.ptr, 0);
	ck_assert_ptr_null(r.code);
	ck_assert_uint_eq(r.output.len, big.len - 1);
	r = run("echo 1", big.ptr, 0);
	ck_assert_ptr_null(r.code);
	ck_assert_str(r.output, "1");
	buf_fini(&big);
}
END_TEST

START_TEST(a_child_that_stays_behind_does_not_hold_the_task)
{
	int64_t before = env_mono_ms(&env_system);
	struct script_result r = run("sleep 60 & echo 1", "null", 0);
	ck_assert_ptr_null(r.code);
	ck_assert_int_lt(env_mono_ms(&env_system) - before, 5000);
}
END_TEST

UNIT_MAIN("worker/script", json_in_json_out, standard_error_becomes_lines,
          output_that_is_no_json_fails, too_much_output_fails,
          an_exit_code_fails_with_the_last_lines, a_missing_program_is_final,
          a_timeout_ends_the_whole_group, a_cancelled_task_ends_the_program,
          a_large_input_passes_and_an_unread_one_does_not_matter,
          a_child_that_stays_behind_does_not_hold_the_task)
