/* sys/process: starting, feeding, limiting and ending children. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"

#include "sys/env.h"
#include "sys/file.h"
#include "sys/process.h"

static struct process_options shell(const char **argv, const char *script)
{
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = NULL;
	return (struct process_options){ .argv = argv, .fd_in = -1, .fd_out = -1, .fd_err = -1 };
}

struct ran {
	struct buf out, err_out;
	struct process_result result;
	enum rc rc;
	struct err err;
};

static void run_with(struct ran *r, struct process_options o, struct str in, int64_t timeout_ms,
                     size_t out_max)
{
	*r = (struct ran){ .out = BUF_INIT(out_max), .err_out = BUF_INIT(out_max) };
	r->rc = process_run(&o, in, timeout_ms, &r->out, &r->err_out, &r->result, &r->err);
}

static void run_shell(struct ran *r, const char *script, struct str in)
{
	const char *argv[4];
	run_with(r, shell(argv, script), in, 30000, 1 << 20);
	ck_assert_ok(r->rc);
}

static void ran_fini(struct ran *r)
{
	buf_fini(&r->out);
	buf_fini(&r->err_out);
}

START_TEST(test_both_outputs_and_the_exit_code)
{
	struct ran r;
	run_shell(&r, "cat; echo problem >&2; exit 7", STR("input"));
	ck_assert_str(buf_str(&r.out), "input");
	ck_assert_str(buf_str(&r.err_out), "problem\n");
	ck_assert_int_eq(r.result.exit_code, 7);
	ck_assert(!r.result.is_timeout);
	ran_fini(&r);
}
END_TEST

START_TEST(test_more_than_a_pipe_holds_both_ways)
{
	struct ran r;
	size_t n = 1000 * 1000;
	char *bytes = xmalloc(n);
	memset(bytes, 'a', n);
	run_shell(&r, "cat", (struct str){ bytes, n });
	ck_assert(str_eq(buf_str(&r.out), (struct str){ bytes, n }));
	ran_fini(&r);
	free(bytes);
}
END_TEST

START_TEST(test_output_beyond_the_limit_is_counted)
{
	struct ran r;
	const char *argv[4];
	run_with(&r, shell(argv, "head -c 100000 /dev/zero; head -c 5 /dev/zero >&2"), STR(""),
	         30000, 1000);
	ck_assert_uint_eq(r.out.len, 1000);
	ck_assert_uint_eq(r.err_out.len, 5);
	ck_assert_uint_eq(r.result.dropped, 99000);
	ran_fini(&r);
}
END_TEST

START_TEST(test_a_child_that_does_not_read_its_input)
{
	struct ran r;
	size_t n = 1000 * 1000;
	char *bytes = xcalloc(1, n);
	run_shell(&r, "exec true", (struct str){ bytes, n }); /* SIGPIPE would end us */
	ck_assert_int_eq(r.result.exit_code, 0);
	ran_fini(&r);
	free(bytes);
}
END_TEST

START_TEST(test_a_missing_program_is_told_from_a_failing_one)
{
	struct ran r;
	const char *missing[] = { "takt-no-such-program", NULL };
	const char *missing_path[] = { "/nowhere/takt-no-such-program", NULL };
	const char *no_program[] = { "/etc/passwd", NULL };
	struct process_options o = { .argv = missing, .fd_in = -1, .fd_out = -1, .fd_err = -1 };
	run_with(&r, o, STR(""), 1000, 100);
	ck_assert_int_eq(r.err.code, CODE_TOOL_MISSING);
	ck_assert_ptr_nonnull(strstr(r.err.text, "takt-no-such-program"));
	o.argv = missing_path;
	run_with(&r, o, STR(""), 1000, 100);
	ck_assert_int_eq(r.err.code, CODE_TOOL_MISSING);
	o.argv = no_program;
	run_with(&r, o, STR(""), 1000, 100);
	ck_assert_int_eq(r.err.code, CODE_FORBIDDEN);
	run_shell(&r, "exit 127", STR(""));
	ck_assert_int_eq(r.result.exit_code, 127);
	ran_fini(&r);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* none is left behind */
}
END_TEST

START_TEST(test_a_missing_folder_is_named)
{
	struct ran r;
	const char *argv[4];
	struct process_options o = shell(argv, "pwd");
	o.folder = "/nowhere";
	run_with(&r, o, STR(""), 1000, 100);
	ck_assert_int_eq(r.err.code, CODE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(r.err.text, "/nowhere"));
	o.folder = "/";
	run_with(&r, o, STR(""), 30000, 100);
	ck_assert_str(buf_str(&r.out), "/\n");
	ran_fini(&r);
}
END_TEST

START_TEST(test_a_time_out_ends_the_whole_group)
{
	struct ran r;
	const char *argv[4];
	run_with(&r, shell(argv, "sleep 1000 & echo $!; wait"), STR(""), 300, 100);
	ck_assert_ok(r.rc);
	ck_assert(r.result.is_timeout);
	ck_assert_int_eq(r.result.exit_code, -1);
	uint64_t grandchild;
	ck_assert_ok(str_to_u64(str_trim(buf_str(&r.out)), &grandchild));
	/* It was killed; until init reaps it, it may still be a zombie. */
	struct buf path = BUF_INIT(100);
	buf_addf(&path, "/proc/%d/cmdline", (int)grandchild);
	buf_addc(&path, '\0');
	for (int i = 0; i < 1000; i++) {
		int fd = open(path.ptr, O_RDONLY);
		char c;
		ssize_t n = fd < 0 ? 0 : read(fd, &c, 1);
		close_fd(&fd);
		if (n <= 0) {
			buf_fini(&path);
			ran_fini(&r);
			return;
		}
		struct timespec t = { 0, 1000000 };
		nanosleep(&t, NULL);
	}
	ck_abort_msg("the grandchild lives");
}
END_TEST

START_TEST(test_what_a_leader_leaves_behind_does_not_hold_us)
{
	struct ran r;
	int64_t begin = env_mono_ms(&env_system);
	run_shell(&r, "sleep 1000 & echo done", STR(""));
	ck_assert_str(buf_str(&r.out), "done\n");
	ck_assert_int_eq(r.result.exit_code, 0);
	ck_assert_int_lt(env_mono_ms(&env_system) - begin, 20000);
	ran_fini(&r);
}
END_TEST

START_TEST(test_a_signal_shows_in_the_exit_code)
{
	struct ran r;
	run_shell(&r, "kill -TERM $$", STR(""));
	ck_assert_int_eq(r.result.exit_code, 128 + SIGTERM);
	ran_fini(&r);
}
END_TEST

START_TEST(test_the_environment_is_exactly_what_was_given)
{
	struct ran r;
	const char *argv[] = { "env", NULL };
	const char *const env[] = { "A=1", "B=2", NULL };
	struct process_options o = {
		.argv = argv, .env = env, .fd_in = -1, .fd_out = -1, .fd_err = -1
	};
	run_with(&r, o, STR(""), 30000, 1000);
	ck_assert_str(buf_str(&r.out), "A=1\nB=2\n");
	ran_fini(&r);
}
END_TEST

START_TEST(test_signals_and_descriptors_are_clean)
{
	struct ran r;
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, on purpose */
	ck_assert_int_ge(leak, 0);
	/* No pipe in the shell: it would hold one itself for a moment. */
	run_shell(&r, "grep -Eh '^Sig(Blk|Ign)' /proc/self/status; ls /proc/$$/fd; :", STR(""));
	/* Signals 32 and 33 are the C library's own; whoever started us may have had them
	 * ignored, and sigaction() does not touch them. */
	const unsigned long long library = 3ull << 31;
	unsigned long long blocked = 1, ignored = 1;
	char fds[32] = "";
	char *text = xstrndup(r.out.ptr, r.out.len);
	ck_assert_int_eq(
	        sscanf(text, "SigBlk: %llx SigIgn: %llx %31[0-9\n]", &blocked, &ignored, fds), 3);
	free(text);
	ck_assert_uint_eq(blocked & ~library, 0);
	ck_assert_uint_eq(ignored & ~library, 0);
	ck_assert_str_eq(fds, "0\n1\n2\n");
	ran_fini(&r);
}
END_TEST

START_TEST(test_kept_descriptors_come_in_order)
{
	int p[2], q[2];
	ck_assert_int_eq(pipe(p), 0);
	ck_assert_int_eq(pipe(q), 0);
	const int keep[] = { q[1], p[1] }; /* crossing each other's places */
	const char *argv[4];
	struct process_options o = shell(argv, "echo three >&3; echo four >&4");
	o.keep = keep;
	o.n_keep = 2;
	struct process child;
	int code = -1;
	ck_assert_ok(process_start(&o, &child, NULL));
	ck_assert(process_wait(&child, 30000, &code));
	ck_assert_int_eq(code, 0);
	char got[100];
	ck_assert_int_eq(read(q[0], got, sizeof got), 6);
	ck_assert_int_eq(memcmp(got, "three\n", 6), 0);
	ck_assert_int_eq(read(p[0], got, sizeof got), 5);
	ck_assert_int_eq(memcmp(got, "four\n", 5), 0);
	/* And no others: 5 is the folder that ls reads.  No shell, which opens its own. */
	const char *const ls[] = { "ls", "/proc/self/fd", NULL };
	struct ran r;
	o.argv = ls;
	run_with(&r, o, STR(""), 30000, 1000);
	ck_assert_str(buf_str(&r.out), "0\n1\n2\n3\n4\n5\n");
	ran_fini(&r);
}
END_TEST

START_TEST(test_standard_descriptors_may_be_swapped)
{
	const char *argv[4];
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), p[2];
	ck_assert_int_eq(pipe(p), 0);
	struct process_options o = shell(argv, "echo to-err >&2");
	dup2(p[1], STDOUT_FILENO);
	o.fd_out = STDERR_FILENO; /* each takes the other's number */
	o.fd_err = STDOUT_FILENO;
	struct process child;
	enum rc rc = process_start(&o, &child, NULL);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	ck_assert_ok(rc);
	int code = -1;
	ck_assert(process_wait(&child, 30000, &code));
	char got[20];
	ck_assert_int_eq(read(p[0], got, sizeof got), 7);
	ck_assert_int_eq(memcmp(got, "to-err\n", 7), 0);
}
END_TEST

START_TEST(test_waiting_signalling_and_reaping)
{
	const char *argv[4];
	struct process_options o = shell(argv, "exec sleep 1000");
	o.is_group_leader = true;
	struct process child;
	int code = -1;
	ck_assert_ok(process_start(&o, &child, NULL));
	ck_assert_int_eq(getpgid(child.pid), child.pid);
	ck_assert(!process_ended(&child, &code));
	ck_assert(!process_wait(&child, 1, &code));
	process_signal(&child, SIGKILL, true);
	ck_assert(process_wait(&child, -1, &code));
	ck_assert_int_eq(code, 128 + SIGKILL);
	ck_assert_int_eq(child.pid, -1);
	ck_assert_int_eq(child.pidfd, -1);
	process_signal(&child, SIGKILL, true); /* must not reach everybody (kill(-1)) */
}
END_TEST

START_TEST(test_memory_and_processor_limits)
{
	struct ran r;
	const char *argv[4];
	struct process_options o = shell(argv, "ulimit -v; ulimit -t");
	o.memory_max = 512 << 20;
	o.cpu_s_max = 9;
	run_with(&r, o, STR(""), 30000, 1000);
	ck_assert_str(buf_str(&r.out), "524288\n9\n");
	ran_fini(&r);
}
END_TEST

START_TEST(test_a_child_dies_with_its_parent)
{
	int p[2];
	ck_assert_int_eq(pipe(p), 0);
	pid_t parent = fork();
	if (parent == 0) {
		const char *argv[4];
		struct process_options o = shell(argv, "exec sleep 1000");
		o.fd_out = p[1];
		struct process child;
		if (process_start(&o, &child, NULL) != RC_OK)
			_exit(1);
		_exit(0);
	}
	close(p[1]);
	waitpid(parent, NULL, 0);
	char c;
	ck_assert_int_eq(read(p[0], &c, 1), 0); /* the last writer is gone */
}
END_TEST

START_TEST(test_signals_come_from_a_descriptor)
{
	const int wanted[] = { SIGTERM, SIGUSR1 };
	int fd;
	ck_assert_ok(signals_open(wanted, 2, &fd, NULL));
	ck_assert_int_eq(signals_next(fd), 0);
	kill(getpid(), SIGTERM);
	ck_assert_int_eq(signals_next(fd), SIGTERM);
	kill(getpid(), SIGUSR1);
	ck_assert_int_eq(signals_next(fd), SIGUSR1);
	ck_assert_int_eq(signals_next(fd), 0);
	close_fd(&fd);
}
END_TEST

UNIT_MAIN("sys/process", test_both_outputs_and_the_exit_code, test_more_than_a_pipe_holds_both_ways,
          test_output_beyond_the_limit_is_counted, test_a_child_that_does_not_read_its_input,
          test_a_missing_program_is_told_from_a_failing_one, test_a_missing_folder_is_named,
          test_a_time_out_ends_the_whole_group, test_what_a_leader_leaves_behind_does_not_hold_us,
          test_a_signal_shows_in_the_exit_code, test_the_environment_is_exactly_what_was_given,
          test_signals_and_descriptors_are_clean, test_kept_descriptors_come_in_order,
          test_standard_descriptors_may_be_swapped, test_waiting_signalling_and_reaping,
          test_memory_and_processor_limits, test_a_child_dies_with_its_parent,
          test_signals_come_from_a_descriptor)
