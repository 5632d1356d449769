/* `takt bench`: runs takt-bench, which stands beside this program, on the disk of the data
 * folder.  What it measures and how is in src/bench/main.c and docs/benchmarks.md. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "sys/environ.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/self.h"

static const char *beside(struct cli *c, const char *name)
{
	struct str folder = program_folder(c->arena);
	return str_dupz(c->arena, str_fmt(c->arena, STR_FMT "/%s", STR_ARG(folder), name));
}

/* Beside the program, as installed; in its own folder, as built. */
static const char *find_bench(struct cli *c)
{
	static const char *const places[] = { "takt-bench", "../libexec/takt/takt-bench",
		                              "bench/takt-bench" };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const char *path = beside(c, places[i]);
		if (file_exists(path))
			return path;
	}
	return "takt-bench"; /* on PATH */
}

/* Beside the data folder: the same disk, and nothing of ours inside it. */
static const char *scratch_folder(struct cli *c)
{
	struct str data = str_z(c->config.data);
	while (data.len > 1 && data.ptr[data.len - 1] == '/')
		data.len--;
	return str_dupz(c->arena, str_fmt(c->arena, STR_FMT ".bench-%lld", STR_ARG(data),
	                                  (long long)self_pid()));
}

static size_t add_numbers(struct cli *c, const char **argv, size_t n)
{
	static const struct {
		const char *option, *passed;
	} numbers[] = { { "rounds", "--rounds" },           { "round-ms", "--round-ms" },
		        { "connections", "--connections" }, { "tasks", "--tasks" },
		        { "agents", "--agents" },           { "readers", "--readers" } };
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const char *value = args_get(&c->args, numbers[i].option);
		if (!value)
			continue;
		argv[n++] = numbers[i].passed;
		argv[n++] = value;
	}
	return n;
}

int bench_command(struct cli *c)
{
	const char *argv[24] = { find_bench(c), "--takt", "/proc/self/exe", "--folder",
		                 scratch_folder(c) };
	char *self = realpath("/proc/self/exe", NULL);
	struct process process;
	struct err err = { 0 };
	int exit_code;
	if (self)
		argv[2] = str_dupz(c->arena, str_z(self));
	free(self);
	size_t n = add_numbers(c, argv, 5);
	if (args_has(&c->args, "quick"))
		argv[n++] = "--quick";
	if (c->is_json)
		argv[n++] = "--json";
	struct process_options o = { .argv = argv, .fd_in = -1, .fd_out = -1, .fd_err = -1 };
	if (process_start(&o, &process, &err) != RC_OK)
		return cli_fail_err(c, &err);
	if (!process_wait(&process, -1, &exit_code))
		return EXIT_NO_SERVER;
	return exit_code;
}
