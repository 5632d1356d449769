/* What the commands that read have in common: ask, then print JSON or a table. */
#ifndef TAKT_CLI_LIST_H
#define TAKT_CLI_LIST_H

#include "base/base.h"
#include "cli/session.h"

struct json;

struct column {
	const char *head, *member;
	bool is_time;
};
struct list {
	const char *path;   /* "/v1/tasks" */
	const char *member; /* "tasks" */
	const struct column *columns;
	size_t n_columns;
	const char *const *filters; /* options that become query parameters, NULL-terminated */
	const char *none;           /* said when there is nothing */
};
int list_command(struct cli *c, const struct list *l);

/* Opens the server (never an embedded one), asks, hands the answer to `print`. */
int ask_command(struct cli *c, const char *method, const char *path, const char *body,
                void (*print)(struct cli *c, const struct json *answer));
void print_json(const struct json *v); /* one line on standard output */
/* {"reason": …} from --reason. */
const char *reason_body(struct cli *c);

#endif
