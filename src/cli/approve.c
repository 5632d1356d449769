/* `takt approve`: what waits for a person, and their word. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/list.h"
#include "codec/json.h"

int approve_list_command(struct cli *c)
{
	static const struct column columns[] = {
		{ "RUN", "run", false },           { "STEP", "step", false },
		{ "WORKFLOW", "workflow", false }, { "APPROVED", "approved", false },
		{ "OF", "approvers", false },      { "ASKED", "asked_at", true },
		{ "EXPIRES", "expires_at", true }, { "PROMPT", "prompt", false },
	};
	static const struct list l = {
		"/v1/approvals",    "approvals", columns,
		ARRAY_LEN(columns), NULL,        "nothing waits for approval"
	};
	return list_command(c, &l);
}

static const char *approval_path(struct cli *c)
{
	const char *run = cli_path(c, "/v1/runs/", c->args.words[0], "/approvals/");
	return cli_path(c, run, c->args.words[1], "");
}

static void print_approval(struct cli *c, const struct json *v)
{
	const struct json *show = json_getz(v, "show");
	(void)c;
	printf(STR_FMT "\n\n" STR_FMT "\n\nhash " STR_FMT "\n%lld of %lld approved\n",
	       STR_ARG(json_get_str(v, "prompt", STR(""))), STR_ARG(show ? show->raw : STR("null")),
	       STR_ARG(json_get_str(v, "hash", STR(""))), (long long)json_get_int(v, "approved", 0),
	       (long long)json_get_int(v, "approvers", 1));
}

int approve_show_command(struct cli *c)
{
	return ask_command(c, "GET", approval_path(c), NULL, print_approval);
}

/* Deciding */

static void print_decision(struct cli *c, const struct json *v)
{
	(void)c;
	printf(STR_FMT " " STR_FMT ": " STR_FMT "\n", STR_ARG(json_get_str(v, "run", STR(""))),
	       STR_ARG(json_get_str(v, "step", STR(""))),
	       STR_ARG(json_get_str(v, "decision", STR(""))));
}

static const char *decision_body(struct cli *c, const char *decision, struct str hash)
{
	const char *comment = args_get(&c->args, "comment");
	struct buf b = BUF_INIT(16384);
	struct json_out o;
	json_out_init(&o, &b);
	json_begin_object(&o);
	json_put_str(&o, "decision", str_z(decision));
	json_put_str(&o, "hash", hash);
	if (comment && utf8_check(str_z(comment)) == strlen(comment))
		json_put_str(&o, "comment", str_z(comment));
	json_end_object(&o);
	const char *body = str_dupz(c->arena, buf_str(&b));
	buf_fini(&b);
	return body;
}

/* Without --hash it is what is shown at this moment: who wants to be sure that it is what
 * they saw, says the hash that `show` printed. */
static int decide(struct cli *c, const char *decision)
{
	const char *hash = args_get(&c->args, "hash"), *path = approval_path(c);
	struct session s;
	struct takt_error e;
	const struct json *v;
	enum takt_outcome outcome = TAKT_OK;
	struct str pinned = str_z(hash);
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	if (!hash) {
		outcome = cli_ask(c, s.t, "GET", path, NULL, &v, &e);
		if (outcome == TAKT_OK)
			pinned = json_get_str(v, "hash", STR(""));
	}
	if (outcome == TAKT_OK)
		outcome = cli_ask(c, s.t, "POST", path, decision_body(c, decision, pinned), &v, &e);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	if (c->is_json)
		print_json(v);
	else
		print_decision(c, v);
	return EXIT_OK;
}

int approve_yes_command(struct cli *c)
{
	return decide(c, "approve");
}

int approve_no_command(struct cli *c)
{
	return decide(c, "reject");
}
