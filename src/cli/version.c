/* `takt version`. */
#include <stdio.h>

#include "cli/cli.h"

int version_command(struct cli *c)
{
	if (c->is_json)
		printf("{\"name\":\"takt\",\"version\":\"%s\"}\n", c->hooks->version);
	else
		printf("takt %s\n", c->hooks->version);
	return EXIT_OK;
}
