/* `takt workflow`. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/list.h"
#include "codec/json.h"

enum { DEFINITION_MAX = 1 << 20 };

int workflow_put_command(struct cli *c)
{
	const char *path = c->args.words[0];
	struct str text;
	struct err err = { 0 };
	struct session s;
	struct takt_error e;
	struct takt_stored stored;
	const struct json *v;
	if (cli_read_file(c, path, DEFINITION_MAX, &text, &err) != RC_OK)
		return cli_fail_err(c, &err);
	/* What is no JSON is YAML, whatever its name. */
	bool is_yaml = json_read(c->arena, text, NULL, &v, NULL) != RC_OK;
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome =
	        takt_workflow_put(s.t, text.ptr, text.len, is_yaml, &stored, &e);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	printf(c->is_json ? "{\"name\":\"%s\",\"version\":%lld}\n" : "%s version %lld\n",
	       stored.name, (long long)stored.version);
	return EXIT_OK;
}

int workflow_list_command(struct cli *c)
{
	static const struct column columns[] = {
		{ "WORKFLOW", "name", false },
		{ "VERSION", "version", false },
		{ "CREATED", "created_at", true },
		{ "DESCRIPTION", "description", false },
	};
	static const struct list l = { "/v1/workflows",    "workflows", columns,
		                       ARRAY_LEN(columns), NULL,        "no workflows" };
	return list_command(c, &l);
}

static void print_definition(struct cli *c, const struct json *v)
{
	(void)c;
	print_json(v);
}

int workflow_show_command(struct cli *c)
{
	struct err err = { 0 };
	int64_t version;
	char tail[64] = "";
	if (args_int(&c->args, "workflow-version", 1, INT64_MAX, 0, &version, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	if (version)
		snprintf(tail, sizeof tail, "?version=%lld", (long long)version);
	return ask_command(c, "GET", cli_path(c, "/v1/workflows/", c->args.words[0], tail), NULL,
	                   print_definition);
}
