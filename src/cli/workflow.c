/* `takt workflow`. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/graph.h"
#include "cli/list.h"
#include "codec/json.h"
#include "codec/yaml.h"
#include "sys/terminal.h"

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
	struct buf out = BUF_INIT(8 << 20);
	struct str about = json_get_str(v, "description", STR(""));
	buf_addf(&out, STR_FMT " version %lld%s" STR_FMT "\n",
	         STR_ARG(json_get_str(v, "name", STR(""))),
	         (long long)json_get_int(v, "version", 0), about.len ? ": " : "", STR_ARG(about));
	graph_render(c->arena, json_getz(v, "document"), (size_t)terminal_width(TERMINAL_OUT),
	             c->is_utf8, &out);
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
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

/* Checking, without a server */

static enum rc read_definition(struct cli *c, struct str text, const struct json **ret,
                               struct err *err)
{
	struct err as_yaml;
	struct json_limits limits = json_limits_default;
	limits.bytes_max = DEFINITION_MAX;
	if (json_read(c->arena, text, &limits, ret, err) == RC_OK)
		return RC_OK;
	enum rc rc = yaml_read(c->arena, text, &limits, ret, &as_yaml);
	/* What begins as JSON was meant as JSON. */
	if (rc != RC_OK && !str_starts(str_trim(text), STR("{")))
		*err = as_yaml;
	return rc;
}

/* file:line:column: what is wrong, as compilers say it. */
static int print_fault(struct cli *c, const char *path, struct str text,
                       const struct json *document, const struct err *err)
{
	char place[64];
	unsigned line, column;
	snprintf(place, sizeof place, "%s", err->place); /* line:column of broken text */
	if (document) {
		text_place(text, pointer_at(document, str_z(err->place)), &line, &column);
		snprintf(place, sizeof place, "%u:%u", line, column);
	}
	if (c->is_json) {
		struct err at = *err;
		err_at(&at, "%s:%s", path, place);
		return cli_fail_err(c, &at);
	}
	fprintf(stderr, "%s:%s: %s\n", path, place, err->text);
	return EXIT_BAD_INPUT;
}

int workflow_check_command(struct cli *c)
{
	const char *path = c->args.words[0];
	struct str text;
	struct err err = { 0 };
	const struct json *document = NULL;
	if (cli_read_file(c, path, DEFINITION_MAX, &text, &err) != RC_OK)
		return cli_fail_err(c, &err);
	if (read_definition(c, text, &document, &err) != RC_OK)
		return print_fault(c, path, text, NULL, &err);
	if (c->hooks->workflow_check(document, c->arena, &err) != RC_OK)
		return print_fault(c, path, text, document, &err);
	struct str name = json_get_str(document, "name", STR(""));
	unsigned n = json_getz(document, "steps")->count;
	if (c->is_json)
		printf("{\"name\":\"" STR_FMT "\",\"steps\":%u}\n", STR_ARG(name), n);
	else
		printf(STR_FMT ": %u step%s, nothing wrong\n", STR_ARG(name), n, n == 1 ? "" : "s");
	return EXIT_OK;
}
