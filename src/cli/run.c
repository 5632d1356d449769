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
		json_each(s, steps)
			if (json_get_bool(s, "each", false))
				return true;
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

/* Resuming */

int run_resume_command(struct cli *c)
{
	bool is_skipping = args_has(&c->args, "skip");
	const char *reason = args_get(&c->args, "reason");
	struct buf b = BUF_INIT(16384);
	struct json_out o;
	if (reason && utf8_check(str_z(reason)) != strlen(reason))
		return cli_usage(c, "the reason is not UTF-8");
	json_out_init(&o, &b);
	json_begin_object(&o);
	json_put_bool(&o, "skip", is_skipping);
	if (reason)
		json_put_str(&o, "reason", str_z(reason));
	json_end_object(&o);
	const char *body = str_dupz(c->arena, buf_str(&b));
	buf_fini(&b);
	return ask_command(c, "POST", cli_path(c, "/v1/runs/", c->args.words[0], "/resume"), body,
	                   print_state);
}

/* Events and forks */

static void print_nothing(struct cli *c, const struct json *v)
{
	(void)c;
	(void)v;
}

/* Raw JSON of an option, checked; NULL when it is not given. */
static enum rc option_json(struct cli *c, const char *option, const char **ret, struct err *err)
{
	const char *word = args_get(&c->args, option);
	*ret = NULL;
	return word ? cli_read_json(c, word, ret, err) : RC_OK;
}

static const char *body_of(struct cli *c, struct buf *b)
{
	const char *body = str_dupz(c->arena, buf_str(b));
	buf_fini(b);
	return body;
}

int run_send_command(struct cli *c)
{
	const char *data, *event = c->args.words[1];
	struct buf b = BUF_INIT(4 << 20);
	struct json_out o;
	struct err err = { 0 };
	if (option_json(c, "value", &data, &err) != RC_OK)
		return cli_fail_err(c, &err);
	if (utf8_check(str_z(event)) != strlen(event))
		return cli_usage(c, "the name of the event is not UTF-8");
	json_out_init(&o, &b);
	json_begin_object(&o);
	json_put_str(&o, "name", str_z(event));
	if (data)
		json_put_raw(&o, "data", str_z(data));
	json_end_object(&o);
	return ask_command(c, "POST", cli_path(c, "/v1/runs/", c->args.words[0], "/events"),
	                   body_of(c, &b), print_nothing);
}

static void print_fork(struct cli *c, const struct json *v)
{
	(void)c;
	printf(STR_FMT "\n", STR_ARG(json_get_str(v, "id", STR(""))));
	int64_t n = json_get_int(v, "reused", 0);
	fprintf(stderr, "%lld step%s taken over\n", (long long)n, n == 1 ? "" : "s");
}

int run_fork_command(struct cli *c)
{
	const char *input, *from = args_get(&c->args, "from");
	struct buf b = BUF_INIT(4 << 20);
	struct json_out o;
	struct err err = { 0 };
	int64_t version;
	if (!from || utf8_check(str_z(from)) != strlen(from))
		return cli_usage(c, "--from STEP says which step is performed anew");
	if (args_int(&c->args, "workflow-version", 1, INT32_MAX, 0, &version, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	if (option_json(c, "input", &input, &err) != RC_OK)
		return cli_fail_err(c, &err);
	json_out_init(&o, &b);
	json_begin_object(&o);
	json_put_str(&o, "from", str_z(from));
	if (version)
		json_put_int(&o, "version", version);
	if (input)
		json_put_raw(&o, "input", str_z(input));
	json_end_object(&o);
	return ask_command(c, "POST", cli_path(c, "/v1/runs/", c->args.words[0], "/fork"),
	                   body_of(c, &b), print_fork);
}
