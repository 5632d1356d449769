/* `takt task`. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/list.h"
#include "cli/progress.h"
#include "codec/json.h"
#include "sys/terminal.h"

static enum rc read_submit(struct cli *c, struct takt_submit *s, struct err *err)
{
	int64_t n;
	const struct args *a = &c->args;
	*s = (struct takt_submit){ .kind = a->words[0],
		                   .run_at = args_get(a, "run-at"),
		                   .idempotency_key = args_get(a, "key") };
	enum rc rc = args_int(a, "priority", -100, 100, 0, &n, err);
	if (rc != RC_OK)
		return rc;
	s->priority = (int)n;
	rc = args_int(a, "delay-ms", 0, INT64_MAX, 0, &s->delay_ms, err);
	if (rc == RC_OK)
		rc = args_int(a, "timeout-ms", 0, INT64_MAX, 0, &s->timeout_ms, err);
	if (rc == RC_OK)
		rc = args_int(a, "attempts", 1, 100, 0, &n, err);
	if (rc == RC_OK)
		s->attempts_max = (int)n;
	return rc;
}

static void print_submitted(struct cli *c, const struct takt_submitted *t)
{
	if (c->is_json)
		printf("{\"id\":\"%s\",\"state\":\"%s\",\"duplicate\":%s}\n", t->id, t->state,
		       t->is_duplicate ? "true" : "false");
	else
		printf("%s\n", t->id);
}

int task_submit_command(struct cli *c)
{
	struct takt_submit submit;
	struct err err = { 0 };
	struct session s;
	struct takt_error e;
	struct takt_submitted done;
	const char *input = args_get(&c->args, "input");
	if (c->args.n_words == 2) {
		if (input)
			return cli_usage(c, "the input is given twice, as INPUT and as --input");
		input = c->args.words[1];
	}
	if (read_submit(c, &submit, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	if (input && cli_read_json(c, input, &submit.input, &err) != RC_OK)
		return cli_fail_err(c, &err);
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome = takt_submit(s.t, &submit, &done, &e);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	print_submitted(c, &done);
	return EXIT_OK;
}

int task_list_command(struct cli *c)
{
	static const struct column columns[] = {
		{ "TASK", "id", false },         { "KIND", "kind", false },
		{ "STATE", "state", false },     { "REASON", "reason", false },
		{ "ATTEMPT", "attempt", false }, { "CREATED", "created_at", true },
		{ "WORKER", "worker", false },
	};
	static const char *const filters[] = { "kind", "state", "run", "dead", NULL };
	static const struct list l = { "/v1/tasks",        "tasks", columns,
		                       ARRAY_LEN(columns), filters, "no tasks" };
	return list_command(c, &l);
}

/* "name: value" lines; JSON as it is. */
static void print_task(struct cli *c, const struct json *task)
{
	struct buf out = BUF_INIT(8 << 20);
	json_each(m, task) {
		if (m->type == JSON_NULL || (m->type == JSON_STRING && !m->text.len))
			continue;
		buf_addf(&out, "%-13.*s ", STR_ARG(m->name));
		if (m->type == JSON_STRING)
			text_fit(&out, m->text, 4000, c->is_utf8);
		else
			text_fit(&out, m->raw, 1 << 20, true);
		buf_addc(&out, '\n');
	}
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
}

int task_show_command(struct cli *c)
{
	return ask_command(c, "GET", cli_path(c, "/v1/tasks/", c->args.words[0], ""), NULL,
	                   print_task);
}

static void print_state(struct cli *c, const struct json *v)
{
	(void)c;
	struct str id = json_get_str(v, "id", STR("")), state = json_get_str(v, "state", STR(""));
	printf(STR_FMT " " STR_FMT "\n", STR_ARG(id), STR_ARG(state));
}

int task_cancel_command(struct cli *c)
{
	return ask_command(c, "POST", cli_path(c, "/v1/tasks/", c->args.words[0], "/cancel"),
	                   reason_body(c), print_state);
}

int task_retry_command(struct cli *c)
{
	return ask_command(c, "POST", cli_path(c, "/v1/tasks/", c->args.words[0], "/retry"), NULL,
	                   print_state);
}

static void print_id(struct cli *c, const struct json *v)
{
	(void)c;
	struct str id = json_get_str(v, "id", STR(""));
	printf(STR_FMT " discarded\n", STR_ARG(id));
}

int task_discard_command(struct cli *c)
{
	return ask_command(c, "POST", cli_path(c, "/v1/tasks/", c->args.words[0], "/discard"), NULL,
	                   print_id);
}
