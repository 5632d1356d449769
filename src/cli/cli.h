/* The command line: one file per command, one table of all (commands.c).
 *
 * Exit codes, the same for every command (docs/reference/cli.md).  Failures go to
 * standard error, as a sentence or with --json as one object; results to standard
 * output. */
#ifndef TAKT_CLI_CLI_H
#define TAKT_CLI_CLI_H

#include "base/base.h"
#include "cli/args.h"
#include "cli/backup.h"
#include "cli/config.h"
#include "cli/db.h"
#include "client/takt.h"

struct arena;
struct json;

enum cli_exit {
	EXIT_OK = 0,
	EXIT_WORK_FAILED = 1, /* a run or a check failed */
	EXIT_USAGE = 2,
	EXIT_NOT_FOUND = 3,
	EXIT_REFUSED = 4,   /* key, state, limit */
	EXIT_NO_SERVER = 5, /* or it failed */
	EXIT_UNKNOWN = 6,   /* the answer was lost */
	EXIT_BAD_INPUT = 7,
	EXIT_INTERRUPTED = 130, /* Ctrl-C */
};

/* How `takt serve` is meant. */
struct cli_serve {
	bool is_ephemeral; /* for one command */
	bool is_check;     /* only says whether it could: for a takt that wants a follower */
	int handover_fd;   /* of the former program of this process; −1: there was none */
};

/* What the program has besides this floor; filled in by main.c. */
struct cli_hooks {
	const char *version;
	/* `takt serve`: the supervisor until its end. */
	int (*serve)(struct arena *a, const struct config *c, const struct cli_serve *how);
	/* The server process, a child of the supervisor. */
	int (*server)(struct arena *a, const struct config *c, bool is_ephemeral);
	struct db_hooks db;
	struct backup_hooks backup;
	/* `takt workflow check`: pure, see flow/flow.h. */
	enum rc (*workflow_check)(const struct json *document, struct arena *a, struct err *err);
	/* For `takt doctor`: the makers that `folder` (NULL: the standard one) holds. */
	enum rc (*makers)(struct arena *a, const char *folder,
	                  void (*each)(void *ctx, const char *name, const char *program), void *ctx,
	                  struct err *err);
};

struct cli {
	const struct cli_hooks *hooks;
	struct arena *arena; /* for the whole command */
	struct args args;
	struct config config;
	bool is_json;
	bool has_colour; /* standard output is a terminal and NO_COLOR is not set */
	bool is_utf8;
};

int cli_main(int argc, char **argv, const struct cli_hooks *hooks);

/* The table of commands, and each one's function. */
extern const struct command takt_commands[];
extern const struct option common_options[];
void cli_setup_log(const struct config *config);
int serve_command(struct cli *c);
int restart_command(struct cli *c);
int backup_create_command(struct cli *c);
int backup_list_command(struct cli *c);
int backup_verify_command(struct cli *c);
int restore_command(struct cli *c);
int make_command(struct cli *c);
int run_start_command(struct cli *c);
int run_list_command(struct cli *c);
int run_show_command(struct cli *c);
int run_cancel_command(struct cli *c);
int run_resume_command(struct cli *c);
int run_watch_command(struct cli *c);
int run_send_command(struct cli *c);
int run_fork_command(struct cli *c);
int approve_list_command(struct cli *c);
int approve_show_command(struct cli *c);
int approve_yes_command(struct cli *c);
int approve_no_command(struct cli *c);
int task_submit_command(struct cli *c);
int task_show_command(struct cli *c);
int task_list_command(struct cli *c);
int task_cancel_command(struct cli *c);
int task_retry_command(struct cli *c);
int task_discard_command(struct cli *c);
int agent_list_command(struct cli *c);
int agent_show_command(struct cli *c);
int agent_history_command(struct cli *c);
int agent_drain_command(struct cli *c);
int agent_resume_command(struct cli *c);
int agent_remove_command(struct cli *c);
int queue_list_command(struct cli *c);
int queue_show_command(struct cli *c);
int queue_set_command(struct cli *c);
int queue_reset_command(struct cli *c);
int queue_pause_command(struct cli *c);
int queue_resume_command(struct cli *c);
int queue_retry_dead_command(struct cli *c);
int queue_discard_dead_command(struct cli *c);
int workflow_put_command(struct cli *c);
int workflow_list_command(struct cli *c);
int workflow_show_command(struct cli *c);
int workflow_check_command(struct cli *c);
int artifact_list_command(struct cli *c);
int artifact_get_command(struct cli *c);
int event_tail_command(struct cli *c);
int worker_command(struct cli *c);
int db_status_command(struct cli *c);
int db_migrate_command(struct cli *c);
int db_rollback_command(struct cli *c);
int db_verify_command(struct cli *c);
int config_check_command(struct cli *c);
int doctor_command(struct cli *c);
int bench_command(struct cli *c);
int top_command(struct cli *c);
int version_command(struct cli *c);
int completion_command(struct cli *c);

/* Failures → standard error and an exit code. */
int cli_fail(const struct cli *c, const struct takt_error *e);
int cli_fail_err(const struct cli *c, const struct err *err);
int cli_usage(const struct cli *c, const char *fmt, ...) PRINTF(2, 3);

/* Asks the server and parses; the tree lives in c->arena.  `body` may be NULL. */
enum takt_outcome cli_ask(struct cli *c, struct takt *t, const char *method, const char *path,
                          const char *body, const struct json **ret, struct takt_error *e);
/* "/v1/tasks/" + id, percent-encoded. */
const char *cli_path(struct cli *c, const char *head, const char *id, const char *tail);
/* A whole file, or standard input for "-". */
enum rc cli_read_file(struct cli *c, const char *path, size_t max, struct str *ret,
                      struct err *err) MUST_USE;
/* JSON given as a word: the text itself, or @FILE, or - for standard input. */
enum rc cli_read_json(struct cli *c, const char *word, const char **ret, struct err *err) MUST_USE;

#endif
