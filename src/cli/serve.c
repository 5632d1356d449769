/* `takt serve`: the configuration is read and checked here; main.c knows how to run it. */
#include <stdio.h>

#include "cli/cli.h"

#include "sys/terminal.h"

static int print_config(void)
{
	struct buf out = BUF_INIT(1 << 16);
	config_example(&out);
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
	return EXIT_OK;
}

/* The child: what the parent has resolved wins over everything. */
static int as_server(struct cli *c, const char *json)
{
	struct config given;
	struct err err = { 0 };
	if (config_from_json(c->arena, str_z(json), &given, &err) != RC_OK)
		return cli_fail_err(c, &err);
	given.data = c->config.data;
	cli_setup_log(&given);
	return c->hooks->server(c->arena, &given, args_has(&c->args, "ephemeral"));
}

int serve_command(struct cli *c)
{
	if (args_has(&c->args, "print-config"))
		return print_config();
	const char *json = args_get(&c->args, "as-server");
	if (json)
		return as_server(c, json);
	struct cli_serve how = { .is_ephemeral = args_has(&c->args, "ephemeral"),
		                 .is_check = args_has(&c->args, "check-follow") };
	struct err err = { 0 };
	int64_t fd;
	if (args_int(&c->args, "handover", 3, INT32_MAX, -1, &fd, &err) != RC_OK)
		return cli_usage(c, "%s", err.text);
	how.handover_fd = (int)fd;
	return c->hooks->serve(c->arena, &c->config, &how);
}
