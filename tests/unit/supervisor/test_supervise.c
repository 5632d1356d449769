/* Restarting, draining and giving up, with real children (/bin/sh) and short pauses. */
#include <stdio.h>

#include "../unit.h"

#include "base/arena.h"
#include "sys/env.h"
#include "sys/environ.h"
#include "sys/self.h"
#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "supervisor/supervisor.h"

static struct arena *arena;
static char dir[64];

static void open_dir(void)
{
	arena = arena_create(4096);
	snprintf(dir, sizeof dir, "/tmp/takt-supervise-%lld", (long long)self_pid());
	ck_assert_ok(folder_create(dir, 0700, NULL));
}

static void close_dir(void)
{
	ck_assert_ok(folder_remove(dir, NULL));
	arena_destroy(arena);
}

static const char *fmt(const char *pattern)
{
	struct buf b = BUF_INIT(4096);
	for (; *pattern; pattern++) {
		if (*pattern == '@')
			buf_addz(&b, dir);
		else
			buf_addc(&b, *pattern);
	}
	const char *ret = str_dupz(arena, buf_str(&b));
	buf_fini(&b);
	return ret;
}

static const char *const *shell(const char *script)
{
	const char **argv = arena_new(arena, const char *, 4);
	argv[0] = "/bin/sh";
	argv[1] = "-c";
	argv[2] = fmt(script);
	return argv;
}

static size_t count_lines(const char *name)
{
	struct str text;
	size_t n = 0;
	if (file_read(arena, fmt(name), 1 << 20, &text, NULL) != RC_OK)
		return 0;
	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	return n;
}

static int run(const char *server, const char *worker, struct supervise_options *o, struct err *err)
{
	struct pipe ready;
	ck_assert_ok(pipe_open(&ready, NULL));
	struct child_spec w = { .name = "worker", .argv = worker ? shell(worker) : NULL };
	o->server = (struct child_spec){ "server", shell(server), &ready.writer, 1 };
	o->workers = &w;
	o->n_workers = worker != NULL;
	o->ready_fd = ready.reader;
	o->permanent_exit = 78;
	if (!o->drain_ms)
		o->drain_ms = 5000;
	o->backoff = (struct backoff_policy){ 1, 4, 60000 };
	int code = supervise(o, err);
	pipe_close(&ready);
	return code;
}

START_TEST(backoff_doubles_to_a_limit_and_resets_after_a_long_life)
{
	struct backoff b = { 0 };
	const struct backoff_policy *p = &backoff_default;
	int64_t expected[] = { 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000 };
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		ck_assert_int_eq(backoff_after(&b, p, 5), expected[i]);
	ck_assert_int_eq(backoff_after(&b, p, 59999), 30000);
	ck_assert_int_eq(backoff_after(&b, p, 60000), 100);
	ck_assert_int_eq(backoff_after(&b, p, 5), 200);
}
END_TEST

START_TEST(a_permanent_failure_ends_without_a_restart)
{
	open_dir();
	struct supervise_options o = { 0 };
	struct err err = { 0 };
	ck_assert_int_eq(run("echo x >>@/starts; exit 78", NULL, &o, &err), 78);
	ck_assert_uint_eq(count_lines("@/starts"), 1);
	close_dir();
}
END_TEST

START_TEST(a_server_that_never_gets_ready_is_given_up)
{
	open_dir();
	struct supervise_options o = { .starts_max = 3 };
	struct err err = { 0 };
	ck_assert_int_eq(run("echo x >>@/starts; exit 1", NULL, &o, &err), 70);
	ck_assert_uint_eq(count_lines("@/starts"), 3);
	ck_assert_msg(strstr(err.text, "ended 3 times"), "%s", err.text);
	close_dir();
}
END_TEST

/* The fifth start says that restarting goes on; then it asks for the drain. */
START_TEST(a_dying_worker_is_started_again_and_a_signal_drains)
{
	open_dir();
	struct supervise_options o = { 0 };
	struct err err = { 0 };
	int code = run("trap 'echo server >>@/ends; exit 0' TERM; printf r >&3; "
	               "while :; do sleep 0.02; done",
	               "echo x >>@/lives; "
	               "if [ $(wc -l <@/lives) -lt 5 ]; then kill -9 $$; fi; "
	               "trap 'echo worker >>@/ends; exit 0' TERM; "
	               "kill -TERM $PPID; while :; do sleep 0.02; done",
	               &o, &err);
	ck_assert_int_eq(code, 0);
	ck_assert_uint_eq(count_lines("@/lives"), 5);
	struct str ends;
	ck_assert_ok(file_read(arena, fmt("@/ends"), 100, &ends, NULL));
	ck_assert_str(ends, "worker\nserver\n");
	close_dir();
}
END_TEST

START_TEST(workers_start_only_when_the_server_is_ready)
{
	open_dir();
	struct supervise_options o = { 0 };
	struct err err = { 0 };
	int code = run("trap 'exit 0' TERM; sleep 0.1; echo server >>@/order; printf r >&3; "
	               "while :; do sleep 0.02; done",
	               "echo worker >>@/order; kill -TERM $PPID; while :; do sleep 0.02; done", &o,
	               &err);
	ck_assert_int_eq(code, 0);
	struct str order;
	ck_assert_ok(file_read(arena, fmt("@/order"), 100, &order, NULL));
	ck_assert_str(order, "server\nworker\n");
	close_dir();
}
END_TEST

START_TEST(what_does_not_end_in_time_is_killed)
{
	open_dir();
	struct supervise_options o = { .drain_ms = 50 };
	struct err err = { 0 };
	int64_t before = env_mono_ms(&env_system);
	int code = run("printf r >&3; trap '' TERM; while :; do sleep 0.02; done",
	               "trap '' TERM; kill -TERM $PPID; while :; do sleep 0.02; done", &o, &err);
	ck_assert_int_eq(code, 0);
	ck_assert_int_lt(env_mono_ms(&env_system) - before, 5000);
	close_dir();
}
END_TEST

/* As worker/ does: the first signal lets it finish, the second hands back. */
START_TEST(a_worker_that_takes_too_long_is_told_again_before_it_is_killed)
{
	open_dir();
	struct supervise_options o = { .drain_ms = 400 };
	struct err err = { 0 };
	int code = run("printf r >&3; trap 'exit 0' TERM; while :; do sleep 0.02; done",
	               "trap 'echo x >>@/told; "
	               "if [ $(wc -l <@/told) -gt 1 ]; then echo x >>@/back; exit 0; fi' TERM; "
	               "kill -TERM $PPID; while :; do sleep 0.02; done",
	               &o, &err);
	ck_assert_int_eq(code, 0);
	ck_assert_uint_eq(count_lines("@/told"), 2);
	ck_assert_uint_eq(count_lines("@/back"), 1);
	close_dir();
}
END_TEST

START_TEST(a_second_signal_does_not_wait)
{
	open_dir();
	struct supervise_options o = { .drain_ms = 60000 };
	struct err err = { 0 };
	int64_t before = env_mono_ms(&env_system);
	int code = run("printf r >&3; trap '' TERM; while :; do sleep 0.02; done",
	               "trap 'kill -TERM $PPID' TERM; kill -TERM $PPID; "
	               "while :; do sleep 0.02; done",
	               &o, &err);
	ck_assert_int_eq(code, 0);
	ck_assert_int_lt(env_mono_ms(&env_system) - before, 10000);
	close_dir();
}
END_TEST

START_TEST(a_folder_is_private_and_held_by_one)
{
	open_dir();
	struct folder f, second;
	struct err err = { 0 };
	const char *path = fmt("@/deep/data");
	ck_assert_ok(folder_open(arena, path, &f, &err));
	ck_assert_str_eq(f.path, path);
	ck_assert_int_eq(folder_open(arena, path, &second, &err), RC_CONFLICT);
	ck_assert_int_eq(err.code, CODE_FOLDER_HELD);
	ck_assert_ok(folder_announce(
	        &f, &(struct announcement){ "http://127.0.0.1:1", "1", 0, NULL }, &err));
	ck_assert_int_eq(folder_open(arena, path, &second, &err), RC_CONFLICT);
	char pid[32];
	snprintf(pid, sizeof pid, "pid %lld", (long long)self_pid());
	ck_assert_msg(strstr(err.text, pid), "%s", err.text);
	folder_close(&f);
	ck_assert(!file_exists(fmt("@/deep/data/server.json")));
	ck_assert_ok(folder_open(arena, path, &second, &err));
	folder_close(&second);
	close_dir();
}
END_TEST

START_TEST(a_server_that_aborts_while_it_drains_fails_the_whole)
{
	open_dir();
	struct supervise_options o = { 0 };
	struct err err = { 0 };
	int code =
	        run("trap 'kill -ABRT $$' TERM; printf r >&3; while :; do sleep 0.02; done",
	            "trap 'exit 0' TERM; kill -TERM $PPID; while :; do sleep 0.02; done", &o, &err);
	ck_assert_int_eq(code, 70);
	ck_assert_msg(strstr(err.text, "134 while it drained"), "%s", err.text);
	close_dir();
}
END_TEST

static int restarts, refused;

static void count_restart(void *ctx, const struct err *why)
{
	(void)ctx;
	restarts++;
	refused += why != NULL;
}

/* The server's second life asks for the end; the worker lives on. */
START_TEST(a_hangup_restarts_the_server_only)
{
	open_dir();
	struct supervise_options o = { .on_restarted = count_restart };
	struct err err = { 0 };
	int code = run("echo x >>@/servers; trap 'exit 0' TERM; printf r >&3; "
	               "if [ $(wc -l <@/servers) -gt 1 ]; then kill -TERM $PPID; fi; "
	               "while :; do sleep 0.02; done",
	               "echo x >>@/workers; trap 'exit 0' TERM; kill -HUP $PPID; "
	               "while :; do sleep 0.02; done",
	               &o, &err);
	ck_assert_int_eq(code, 0);
	ck_assert_uint_eq(count_lines("@/servers"), 2);
	ck_assert_uint_eq(count_lines("@/workers"), 1);
	ck_assert_int_eq(restarts, 1);
	close_dir();
}
END_TEST

START_TEST(usr1_restarts_the_workers_too)
{
	open_dir();
	struct supervise_options o = { .on_restarted = count_restart };
	struct err err = { 0 };
	int code = run("echo x >>@/servers; trap 'exit 0' TERM; printf r >&3; "
	               "while :; do sleep 0.02; done",
	               "echo x >>@/workers; trap 'echo back >>@/back; exit 0' TERM; "
	               "if [ $(wc -l <@/workers) -gt 1 ]; then kill -TERM $PPID; "
	               "else kill -USR1 $PPID; fi; while :; do sleep 0.02; done",
	               &o, &err);
	ck_assert_int_eq(code, 0);
	ck_assert_uint_eq(count_lines("@/servers"), 2);
	ck_assert_uint_eq(count_lines("@/workers"), 2);
	ck_assert_uint_eq(count_lines("@/back"), 2);
	close_dir();
}
END_TEST

static enum rc never(void *ctx, struct err *err)
{
	(void)ctx;
	return err_set(err, CODE_CONFLICT, "no");
}

/* The server hears of the refusal by nothing happening: it counts to some, then ends. */
START_TEST(what_may_not_follow_does_not_end_what_runs)
{
	open_dir();
	struct supervise_options o = { .on_restarted = count_restart, .may_follow = never };
	struct err err = { 0 };
	int code = run("echo x >>@/servers; trap 'exit 0' TERM; printf r >&3; "
	               "kill -HUP $PPID; kill -USR2 $PPID; sleep 0.1; kill -TERM $PPID; "
	               "while :; do sleep 0.02; done",
	               NULL, &o, &err);
	ck_assert_int_eq(code, 0);
	ck_assert_uint_eq(count_lines("@/servers"), 1);
	ck_assert_int_ge(refused, 1);
	ck_assert_int_eq(restarts, refused);
	close_dir();
}
END_TEST

/* A server that does not let go is killed, and the next one begins. */
START_TEST(a_server_that_does_not_drain_is_killed_for_the_restart)
{
	open_dir();
	struct supervise_options o = { .drain_ms = 50 };
	struct err err = { 0 };
	int code = run("echo x >>@/servers; printf r >&3; "
	               "if [ $(wc -l <@/servers) -gt 1 ]; then trap 'exit 0' TERM; "
	               "kill -TERM $PPID; else trap '' TERM; kill -HUP $PPID; fi; "
	               "while :; do sleep 0.02; done",
	               NULL, &o, &err);
	ck_assert_int_eq(code, 0);
	ck_assert_uint_eq(count_lines("@/servers"), 2);
	close_dir();
}
END_TEST

UNIT_MAIN("supervisor", backoff_doubles_to_a_limit_and_resets_after_a_long_life,
          a_permanent_failure_ends_without_a_restart, a_server_that_never_gets_ready_is_given_up,
          a_dying_worker_is_started_again_and_a_signal_drains,
          workers_start_only_when_the_server_is_ready, what_does_not_end_in_time_is_killed,
          a_worker_that_takes_too_long_is_told_again_before_it_is_killed,
          a_second_signal_does_not_wait, a_folder_is_private_and_held_by_one,
          a_server_that_aborts_while_it_drains_fails_the_whole, a_hangup_restarts_the_server_only,
          usr1_restarts_the_workers_too, what_may_not_follow_does_not_end_what_runs,
          a_server_that_does_not_drain_is_killed_for_the_restart)
