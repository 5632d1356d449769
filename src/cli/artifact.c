/* `takt artifact`. */
#include <stdio.h>

#include "cli/cli.h"

#include "cli/list.h"

int artifact_list_command(struct cli *c)
{
	static const struct column columns[] = {
		{ "ARTIFACT", "id", false },     { "NAME", "name", false },
		{ "VERSION", "version", false }, { "MAKER", "maker", false },
		{ "BYTES", "bytes", false },     { "CREATED", "created_at", true },
	};
	static const char *const filters[] = { "name", "run", NULL };
	static const struct list l = { "/v1/artifacts",    "artifacts", columns,
		                       ARRAY_LEN(columns), filters,     "no artifacts" };
	return list_command(c, &l);
}

int artifact_get_command(struct cli *c)
{
	const char *id = c->args.words[0];
	const char *folder = args_get(&c->args, "output");
	struct session s;
	struct takt_error e;
	struct takt_downloaded done;
	if (session_open(c, false, NULL, NULL, &s, &e) != TAKT_OK)
		return cli_fail(c, &e);
	enum takt_outcome outcome =
	        takt_artifact_download(s.t, id, folder ? folder : id, &done, &e);
	session_close(&s);
	if (outcome != TAKT_OK)
		return cli_fail(c, &e);
	if (c->is_json)
		printf("{\"files\":%zu,\"bytes\":%lld}\n", done.files, (long long)done.bytes);
	else
		printf("%zu files, %lld bytes in %s\n", done.files, (long long)done.bytes,
		       folder ? folder : id);
	return EXIT_OK;
}
