/* `takt run`. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/list.h"
#include "cli/progress.h"
#include "cli/watch.h"
#include "codec/json.h"
#include "sys/env.h"
#include "sys/terminal.h"

int run_list_command(struct cli *c)
{
	static const struct column columns[] = {
		{ "RUN", "id", false },
		{ "WORKFLOW", "workflow", false },
		{ "VERSION", "version", false },
		{ "STATE", "state", false },
		{ "CREATED", "created_at", true },
		{ "FINISHED", "finished_at", true },
	};
	static const char *const filters[] = { "workflow", "state", NULL };
	static const struct list l = { "/v1/runs",         "runs",  columns,
		                       ARRAY_LEN(columns), filters, "no runs" };
	return list_command(c, &l);
}

/* Showing */

static void print_tree(struct cli *c, const struct json *run, const struct json *tasks)
{
	struct look l = { .width = terminal_width(TERMINAL_OUT),
		          .is_utf8 = c->is_utf8,
		          .has_colour = c->has_colour,
		          .now_ms = env_wall_ms(&env_system) };
	struct run_view view;
	struct buf out = BUF_INIT(8 << 20);
	run_view_read(c->arena, run, &view);
	tree_render(&view, tasks, &l, &out);
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
}

static bool has_each(const struct json *run)
{
	const struct json *steps = json_getz(run, "steps");
	if (steps && steps->type == JSON_ARRAY)
		for
			json_each(s, steps) if (json_get_bool(s, "each", false)) return true;
	return false;
}

/* The items of an each-step are its tasks; without them the tree still stands. */
static const struct json *items_of(struct cli *c, struct takt *t, const char *id)
{
	const struct json *answer;
	struct takt_error e;
	const char *path = cli_path(c, "/v1/tasks?limit=200&run=", id, "");
	if (cli_ask(c, t, "GET", path, NULL, &answer, &e) != TAKT_OK)
		return NULL;
	return json_getz(answer, "tasks");
}

int run_show_command(struct cli *c)
{
	const char *id = c->args.words[0];
	struct session s;
	struct takt_error e;
	const struct json *run, *items = NULL;
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome =
	        cli_ask(c, s.t, "GET", cli_path(c, "/v1/runs/", id, ""), NULL, &run, &e);
	if (outcome == TAKT_OK && !c->is_json && has_each(run))
		items = items_of(c, s.t, id);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	if (c->is_json)
		print_json(run);
	else
		print_tree(c, run, items);
	return EXIT_OK;
}

/* Following */

static int print_end(struct cli *c, const struct takt_run *run)
{
	if (c->is_json) {
		printf("%s\n", run->json);
	} else {
		printf("%s %s\n", run->id, run->state);
		if (run->error)
			fprintf(stderr, "takt: %s\n", run->error);
		else if (run->output)
			printf("%s\n", run->output);
	}
	if (strcmp(run->state, "succeeded") == 0)
		return EXIT_OK;
	return EXIT_WORK_FAILED;
}

static int watch(struct cli *c, struct session *s, struct interrupts *i, const char *id)
{
	struct watch w = { .session = s, .interrupts = i, .run = id, .is_quiet = c->is_json };
	struct takt_run *run;
	struct takt_error e;
	if (watch_run(&w, &run, &e) != TAKT_OK)
		return cli_fail(c, &e);
	if (!run)
		return EXIT_INTERRUPTED;
	int code = print_end(c, run);
	takt_run_free(run);
	return code;
}

int run_watch_command(struct cli *c)
{
	struct interrupts i;
	struct session s;
	struct takt_error e;
	struct err err = { 0 };
	if (interrupts_open(&i, &err) != RC_OK)
		return cli_fail_err(c, &err);
	if (session_open(c, false, interrupts_any, &i, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	int code = watch(c, &s, &i, c->args.words[0]);
	session_close(&s);
	interrupts_close(&i);
	return code;
}

static int print_started(struct cli *c, const struct takt_started *started)
{
	printf(c->is_json ? "{\"id\":\"%s\",\"duplicate\":%s}\n" : "%s%.0s\n", started->id,
	       started->is_duplicate ? "true" : "false");
	return EXIT_OK;
}

static int start(struct cli *c, const struct takt_run_start *start, struct interrupts *i)
{
	struct session s;
	struct takt_error e;
	struct takt_started started;
	if (session_open(c, false, interrupts_any, i, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome = takt_run_start(s.t, start, &started, &e);
	int code = outcome != TAKT_OK            ? cli_fail(c, &e)
	           : args_has(&c->args, "watch") ? watch(c, &s, i, started.id)
	                                         : print_started(c, &started);
	session_close(&s);
	return code;
}

int run_start_command(struct cli *c)
{
	struct takt_run_start r = { .workflow = c->args.words[0],
		                    .idempotency_key = args_get(&c->args, "key") };
	const char *input = args_get(&c->args, "input");
	struct interrupts i;
	struct err err = { 0 };
	if (args_int(&c->args, "workflow-version", 1, INT64_MAX, 0, &r.version, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	if (input && cli_read_json(c, input, &r.input, &err) != RC_OK)
		return cli_fail_err(c, &err);
	if (interrupts_open(&i, &err) != RC_OK)
		return cli_fail_err(c, &err);
	int code = start(c, &r, &i);
	interrupts_close(&i);
	return code;
}

static void print_state(struct cli *c, const struct json *v)
{
	(void)c;
	struct str id = json_get_str(v, "id", STR("")), state = json_get_str(v, "state", STR(""));
	printf(STR_FMT " " STR_FMT "\n", STR_ARG(id), STR_ARG(state));
}

int run_cancel_command(struct cli *c)
{
	return ask_command(c, "POST", cli_path(c, "/v1/runs/", c->args.words[0], "/cancel"),
	                   reason_body(c), print_state);
}
