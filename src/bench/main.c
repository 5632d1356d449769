/* takt-bench: how fast is takt on this machine, and how fast could anything be?
 *
 * The scenes are listed in scene.h; each has servers of its own on a fresh folder.
 *
 * Usage: takt-bench --takt PROGRAM --folder FOLDER [--json] [--quick] [--rounds N]
 *                   [--round-ms N] [--connections N] [--tasks N] [--agents N] [--readers N]
 *
 * FOLDER is created, and removed at the end; its disk is what is measured.  `takt bench`
 * fills these in.  Exit code 0; 1 when an acknowledged task is missing; 2 usage; 5 a server
 * failed. */
#include "base/arena.h"
#include "base/str.h"
#include "bench/echo.h"
#include "bench/figures.h"
#include "bench/scene.h"
#include "bench/talk.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/terminal.h"

enum { REPORT_MAX = 64 * 1024 };
enum { BENCH_OK = 0, BENCH_LOST = 1, BENCH_USAGE = 2, BENCH_FAILED = 5 };

/* Options */

static bool take_number(const char *text, int64_t min, int64_t max, int64_t *ret)
{
	return text && str_to_i64(str_z(text), ret) == RC_OK && *ret >= min && *ret <= max;
}

static bool take_option(struct options *o, const char *name, const char *value)
{
	const struct {
		const char *name;
		int64_t min, max, *to;
	} numbers[] = {
		{ "--rounds", 1, ROUNDS_MAX, &o->rounds },
		{ "--round-ms", 10, 600000, &o->round_ms },
		{ "--connections", 1, LOAD_CONNECTIONS_MAX, &o->connections },
		{ "--tasks", TALK_BATCH, 100 * 1000 * 1000, &o->tasks },
		{ "--agents", 100, 50 * 1000, &o->agents },
		{ "--readers", 1, 50 * 1000, &o->readers },
	};
	if (strcmp(name, "--takt") == 0)
		return (o->takt = value) != NULL;
	if (strcmp(name, "--folder") == 0)
		return (o->folder = value) != NULL;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (strcmp(name, numbers[i].name) == 0)
			return take_number(value, numbers[i].min, numbers[i].max, numbers[i].to);
	return false;
}

static bool read_options(int argc, char **argv, struct options *ret)
{
	struct options o = { .rounds = 3,
		             .round_ms = 1000,
		             .connections = 256,
		             .tasks = 1000 * 1000,
		             .agents = 10 * 1000,
		             .readers = 2000 };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			o.is_json = true;
		else if (strcmp(argv[i], "--quick") == 0)
			o.is_quick = true;
		else if (!take_option(&o, argv[i], argv[i + 1]))
			return false;
		else
			i++;
	}
	*ret = o;
	return o.takt && o.folder;
}

/* The whole */

static enum rc measure(struct bench *b, struct err *err)
{
	enum rc rc = scene_rounds(b, err);
	if (rc == RC_OK && !b->o.is_quick)
		rc = scene_depth(b, err);
	if (rc == RC_OK && !b->o.is_quick)
		rc = scene_crowd(b, err);
	served_stop(&b->takt);
	served_stop(&b->beside);
	served_stop(&b->echo);
	return rc;
}

static void report(const struct bench *b)
{
	struct buf out = BUF_INIT(REPORT_MAX);
	if (b->o.is_json)
		report_json(&b->figures, &out);
	else
		report_table(&b->figures, &out);
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
}

static int finish(struct bench *b, enum rc rc, const struct err *err)
{
	if (rc != RC_OK) {
		fprintf(stderr, "takt-bench: %s\n", err->text);
		return BENCH_FAILED;
	}
	report(b);
	if (b->figures.found == b->figures.acknowledged)
		return BENCH_OK;
	fprintf(stderr, "takt-bench: %lld submits were acknowledged, but %lld tasks are there\n",
	        (long long)b->figures.acknowledged, (long long)b->figures.found);
	return BENCH_LOST;
}

static int bench_main(const struct options *o)
{
	struct bench b = { .o = *o, .arena = arena_create(64 * 1024) };
	struct err err = { 0 };
	b.figures = (struct figures){ .rounds = (int)o->rounds,
		                      .round_ms = o->round_ms,
		                      .connections = (int)o->connections,
		                      .input_bytes = TALK_INPUT_BYTES,
		                      .tasks = o->tasks,
		                      .agents = o->agents,
		                      .readers = o->readers };
	enum rc rc = folder_create(o->folder, 0700, &err);
	if (rc == RC_OK)
		rc = measure(&b, &err);
	int exit_code = finish(&b, rc, &err);
	if (folder_remove(o->folder, &err) != RC_OK)
		fprintf(stderr, "takt-bench: %s\n", err.text);
	arena_destroy(b.arena);
	return exit_code;
}

int main(int argc, char **argv)
{
	struct options o;
	if (argc == 2 && strcmp(argv[1], "--as-echo") == 0)
		return echo_main(3); /* the first descriptor that is handed over */
	if (!read_options(argc, argv, &o)) {
		fprintf(stderr,
		        "usage: takt-bench --takt PROGRAM --folder FOLDER [--json] [--quick]"
		        " [--rounds N] [--round-ms N] [--connections N] [--tasks N]"
		        " [--agents N] [--readers N]\n");
		return BENCH_USAGE;
	}
	process_raise_fd_limit();
	return bench_main(&o);
}
