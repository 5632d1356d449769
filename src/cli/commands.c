/* Every command, its options and its examples: the one table that help, parsing and
 * completion read. */
#include "cli/cli.h"

#define END_OPTION                                                                                 \
	{                                                                                          \
		NULL, 0, NULL, NULL, NULL                                                          \
	}
#define END_COMMAND                                                                                \
	{                                                                                          \
		.name = NULL                                                                       \
	}

static const struct option serve_options[] = {
	{ "print-config", 0, NULL, "print every setting with its meaning and default, as YAML",
	  NULL },
	{ "ephemeral", 0, NULL,
	  "only the Unix socket, and quiet: for a command that brings its "
	  "own server",
	  NULL },
	{ "as-server", 0, "JSON", NULL, NULL },
	{ "check-follow", 0, NULL, NULL, NULL },
	{ "handover", 0, "FD", NULL, NULL },
	END_OPTION,
};
static const char *const serve_examples[] = {
	"takt serve",
	"on 127.0.0.1:8420, this machine only",
	"takt serve --listen 0.0.0.0:8420 --hosts takt.example",
	"for others, behind a key",
	"takt serve --print-config >takt.yaml",
	"a file to edit, for --config takt.yaml",
	NULL,
};

static const struct option restart_options[] = {
	{ "workers", 0, NULL, "the makers too, one after the other, when they have handed back",
	  NULL },
	{ "supervisor", 0, NULL,
	  "all of it: the supervisor becomes the program on the disk, then the rest follows",
	  NULL },
	END_OPTION,
};
static const char *const restart_examples[] = {
	"takt restart",
	"the server anew; clients wait for some 100 ms, none is refused",
	"takt restart --supervisor",
	"after an upgrade of the program",
	NULL,
};

static const struct option make_options[] = {
	{ "output", 'o', "FOLDER", "where the artifact goes (default ./NAME-MAKER)", NULL },
	{ "questions", 0, "N", "lesson: how many questions to ask for, 10 to 30", NULL },
	{ "spec-only", 0, NULL, "lesson: print the plan of FILE as JSON and make nothing", NULL },
	{ "spec", 0, NULL, "lesson: FILE is such a plan, edited; make what it says", NULL },
	{ "force", 0, NULL, "replace the folder if it is there and not empty", NULL },
	END_OPTION,
};
static const char *const make_examples[] = {
	"takt make lesson tides.md",
	"a lesson in ./tides-lesson",
	"takt make lesson tides.md -o out --questions 12 --json",
	"for a program",
	"takt make lesson tides.md --spec-only > spec.json",
	"the plan, to be read and edited",
	"takt make lesson spec.json --spec",
	"the lesson of the edited plan",
	NULL,
};

static const struct option run_start_options[] = {
	{ "input", 'i', "JSON", "the input: JSON, @FILE or - for standard input", NULL },
	{ "workflow-version", 0, "N", "an older version of the workflow", NULL },
	{ "key", 0, "TEXT", "idempotency key: starting again with it gives the same run", NULL },
	{ "watch", 'w', NULL, "follow it to its end; its outcome is the exit code", NULL },
	END_OPTION,
};
static const struct option run_list_options[] = {
	{ "workflow", 0, "NAME", "only of this workflow", NULL },
	{ "state", 0, "STATE", "only in this state",
	  "running|waiting|compensating|succeeded|failed|cancelled|compensation_failed" },
	{ "limit", 'n', "N", "at most so many (default 20)", NULL },
	END_OPTION,
};
static const struct option run_fork_options[] = {
	{ "from", 0, "STEP", "the step that is performed anew", NULL },
	{ "input", 'i', "JSON", "what changes in the input (a merge patch): JSON, @FILE or -",
	  NULL },
	{ "workflow-version", 0, "N", "another version of the workflow", NULL },
	END_OPTION,
};
static const struct option run_send_options[] = {
	{ "value", 0, "JSON", "what goes with it: JSON, @FILE or - for standard input", NULL },
	END_OPTION,
};
static const struct option cancel_options[] = {
	{ "reason", 0, "TEXT", "why, for people", NULL },
	END_OPTION,
};
static const struct option run_resume_options[] = {
	{ "skip", 0, NULL, "give up what could not be undone, and undo the rest", NULL },
	{ "reason", 0, "TEXT", "why, for people; it stands in the record", NULL },
	END_OPTION,
};
static const char *const run_show_examples[] = {
	"takt run show run_01kdmqg3v8r1e",
	"its tree of steps, with what failed and why",
	NULL,
};
static const struct command run_commands[] = {
	{ .name = "start",
	  .summary = "start a run of a workflow",
	  .arguments = "WORKFLOW",
	  .options = run_start_options,
	  .fn = run_start_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "list",
	  .summary = "runs, newest first",
	  .arguments = "",
	  .options = run_list_options,
	  .fn = run_list_command },
	{ .name = "show",
	  .summary = "one run as a tree of its steps",
	  .arguments = "RUN",
	  .examples = run_show_examples,
	  .fn = run_show_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "watch",
	  .summary = "follow a run to its end",
	  .arguments = "RUN",
	  .about = "Follows a run to its end; its outcome is the exit code. Ctrl-C ends the "
	           "watching, "
	           "not the run.",
	  .fn = run_watch_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "send",
	  .summary = "tell a run that something has happened",
	  .arguments = "RUN EVENT",
	  .about = "Sends an event to a run. A step that waits for it takes it; one that comes "
	           "early is kept.",
	  .options = run_send_options,
	  .fn = run_send_command,
	  .words_min = 2,
	  .words_max = 2 },
	{ .name = "fork",
	  .summary = "a new run from a recorded step of this one",
	  .arguments = "RUN --from STEP",
	  .about = "Starts a new run that takes over the outputs of all steps that do not stand "
	           "behind STEP, and performs the others.",
	  .options = run_fork_options,
	  .fn = run_fork_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "resume",
	  .summary = "undo on where a compensation has failed",
	  .arguments = "RUN",
	  .about = "Tries again what could not be undone, or gives it up with --skip, and undoes "
	           "what is left. Only for a run in compensation_failed; to perform a step again, "
	           "fork the run.",
	  .options = run_resume_options,
	  .fn = run_resume_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "cancel",
	  .summary = "cancel a run and what it has under way",
	  .arguments = "RUN",
	  .options = cancel_options,
	  .fn = run_cancel_command,
	  .words_min = 1,
	  .words_max = 1 },
	END_COMMAND,
};

static const struct option task_submit_options[] = {
	{ "input", 'i', "JSON", "the input, as INPUT: JSON, @FILE or - for standard input", NULL },
	{ "priority", 0, "N", "-100 to 100, higher first", NULL },
	{ "delay-ms", 0, "N", "ready that much later", NULL },
	{ "run-at", 0, "TIME", "ready at this time, RFC 3339", NULL },
	{ "attempts", 0, "N", "how often it is tried at most", NULL },
	{ "timeout-ms", 0, "N", "of one attempt", NULL },
	{ "key", 0, "TEXT", "idempotency key: submitting again with it gives the same task", NULL },
	END_OPTION,
};
static const char *const task_submit_examples[] = {
	"takt task submit text.shout '{\"text\": \"hello\"}'",
	"prints the task's id",
	NULL,
};
static const struct option task_list_options[] = {
	{ "kind", 0, "KIND", "only of this kind", NULL },
	{ "state", 0, "STATE", "only in this state",
	  "scheduled|blocked|ready|leased|succeeded|failed|cancelled" },
	{ "run", 0, "RUN", "only of this run", NULL },
	{ "dead", 0, "BOOL", "only dead letters: failed, neither retried nor discarded",
	  "true|false" },
	{ "limit", 'n', "N", "at most so many (default 20)", NULL },
	END_OPTION,
};
static const struct command task_commands[] = {
	{ .name = "submit",
	  .summary = "submit one task",
	  .arguments = "KIND [INPUT]",
	  .options = task_submit_options,
	  .examples = task_submit_examples,
	  .fn = task_submit_command,
	  .words_min = 1,
	  .words_max = 2 },
	{ .name = "list",
	  .summary = "tasks, newest first",
	  .arguments = "",
	  .options = task_list_options,
	  .fn = task_list_command },
	{ .name = "show",
	  .summary = "one task, with its input, output or error",
	  .arguments = "TASK",
	  .fn = task_show_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "get",
	  .arguments = "TASK",
	  .fn = task_show_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "cancel",
	  .summary = "cancel a task",
	  .arguments = "TASK",
	  .options = cancel_options,
	  .fn = task_cancel_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "retry",
	  .summary = "submit a new task for one that has failed",
	  .arguments = "TASK",
	  .fn = task_retry_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "discard",
	  .summary = "hide a dead letter",
	  .arguments = "TASK",
	  .fn = task_discard_command,
	  .words_min = 1,
	  .words_max = 1 },
	END_COMMAND,
};

static const struct option agent_list_options[] = {
	{ "state", 0, "STATE", "only in this state",
	  "starting|idle|busy|draining|drained|silent|gone" },
	{ "kind", 0, "KIND", "only those that perform it", NULL },
	{ "label", 0, "NAME:VALUE", "only with this label; NAME alone for any value", NULL },
	{ "limit", 'n', "N", "at most so many (default 20)", NULL },
	END_OPTION,
};
static const struct option agent_history_options[] = {
	{ "limit", 'n', "N", "at most so many (default 20)", NULL },
	END_OPTION,
};
static const char *const agent_drain_examples[] = {
	"takt agent drain build-3 --reason 'new kernel'",
	"it finishes what it holds; takt's own workers then end",
	NULL,
};
static const struct command agent_commands[] = {
	{ .name = "list",
	  .summary = "agents by name: state, load, health",
	  .arguments = "",
	  .options = agent_list_options,
	  .fn = agent_list_command },
	{ .name = "show",
	  .summary = "one agent: what it holds, how well it does, why its health is not 100",
	  .arguments = "AGENT",
	  .fn = agent_show_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "history",
	  .summary = "what became of it, newest first",
	  .arguments = "AGENT",
	  .options = agent_history_options,
	  .fn = agent_history_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "drain",
	  .summary = "give it no new work; what it holds goes on",
	  .arguments = "AGENT",
	  .options = cancel_options,
	  .examples = agent_drain_examples,
	  .fn = agent_drain_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "resume",
	  .summary = "end its draining",
	  .arguments = "AGENT",
	  .fn = agent_resume_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "remove",
	  .summary = "remove one that is gone or drained, with its history",
	  .arguments = "AGENT",
	  .fn = agent_remove_command,
	  .words_min = 1,
	  .words_max = 1 },
	END_COMMAND,
};

static const struct option queue_list_options[] = {
	{ "limit", 'n', "N", "at most so many (default 20)", NULL },
	END_OPTION,
};
static const struct option queue_set_options[] = {
	{ "concurrency", 0, "N", "tasks under way at most; 0 for no limit", NULL },
	{ "depth", 0, "N", "tasks that wait at most: more are refused; 0 for no limit", NULL },
	{ "rate", 0, "N", "starts in a period at most; 0 for no limit", NULL },
	{ "rate-period-ms", 0, "N", "the period (default 1000)", NULL },
	{ "rate-burst", 0, "N", "starts at once, after a rest (default as --rate)", NULL },
	{ "attempts", 0, "N", "of its tasks that say none; 0 for the default", NULL },
	{ "timeout-ms", 0, "N", "of an attempt, for its tasks that say none; 0 for no limit",
	  NULL },
	{ "retention-ms", 0, "N", "how long its tasks are kept after their end; 0 for the default",
	  NULL },
	END_OPTION,
};
static const char *const queue_set_examples[] = {
	"takt queue set mail.send --rate 10 --concurrency 4",
	"at most 4 at once, and 10 a second",
	NULL,
};
static const struct command queue_commands[] = {
	{ .name = "list",
	  .summary = "queues by name, and how many tasks are in them",
	  .arguments = "",
	  .options = queue_list_options,
	  .fn = queue_list_command },
	{ .name = "show",
	  .summary = "one queue: limits, tasks, what its days came to",
	  .arguments = "QUEUE",
	  .fn = queue_show_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "set",
	  .summary = "limits and defaults; what is not said stays",
	  .arguments = "QUEUE",
	  .options = queue_set_options,
	  .examples = queue_set_examples,
	  .fn = queue_set_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "reset",
	  .summary = "takt's own limits and defaults again",
	  .arguments = "QUEUE",
	  .fn = queue_reset_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "pause",
	  .summary = "nothing more of it is leased",
	  .arguments = "QUEUE",
	  .fn = queue_pause_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "resume",
	  .summary = "end its pause",
	  .arguments = "QUEUE",
	  .fn = queue_resume_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "retry-dead",
	  .summary = "retry all its dead letters",
	  .arguments = "QUEUE",
	  .fn = queue_retry_dead_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "discard-dead",
	  .summary = "hide all its dead letters",
	  .arguments = "QUEUE",
	  .fn = queue_discard_dead_command,
	  .words_min = 1,
	  .words_max = 1 },
	END_COMMAND,
};

static const struct option workflow_show_options[] = {
	{ "workflow-version", 0, "N", "an older version", NULL },
	END_OPTION,
};
static const struct command workflow_commands[] = {
	{ .name = "put",
	  .summary = "store a definition, YAML or JSON",
	  .arguments = "FILE",
	  .about = "Stores a workflow's definition from a file (- for standard input). The same "
	           "again "
	           "is the same version.",
	  .fn = workflow_put_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "list",
	  .summary = "the newest version of each",
	  .arguments = "",
	  .fn = workflow_list_command },
	{ .name = "check",
	  .summary = "is a file a workflow?",
	  .arguments = "FILE",
	  .about = "Reads a definition, YAML or JSON, and says as FILE:LINE:COLUMN what is wrong. "
	           "Needs no server.",
	  .fn = workflow_check_command,
	  .words_min = 1,
	  .words_max = 1 },
	{ .name = "show",
	  .summary = "one definition, drawn; with --json its document",
	  .arguments = "NAME",
	  .options = workflow_show_options,
	  .fn = workflow_show_command,
	  .words_min = 1,
	  .words_max = 1 },
	END_COMMAND,
};

static const struct option approve_list_options[] = {
	{ "limit", 'n', "N", "at most so many (default 20)", NULL },
	END_OPTION,
};
static const struct option decide_options[] = {
	{ "hash", 0, "HEX", "of what you saw, as `takt approve show` printed it", NULL },
	{ "comment", 0, "TEXT", "for the record", NULL },
	END_OPTION,
};
static const struct command approve_commands[] = {
	{ .name = "list",
	  .summary = "what waits for a decision",
	  .arguments = "",
	  .options = approve_list_options,
	  .fn = approve_list_command },
	{ .name = "show",
	  .summary = "what is decided about, with its hash",
	  .arguments = "RUN STEP",
	  .fn = approve_show_command,
	  .words_min = 2,
	  .words_max = 2 },
	{ .name = "yes",
	  .summary = "approve",
	  .arguments = "RUN STEP",
	  .options = decide_options,
	  .fn = approve_yes_command,
	  .words_min = 2,
	  .words_max = 2 },
	{ .name = "no",
	  .summary = "reject: the step fails",
	  .arguments = "RUN STEP",
	  .options = decide_options,
	  .fn = approve_no_command,
	  .words_min = 2,
	  .words_max = 2 },
	END_COMMAND,
};

static const struct option artifact_list_options[] = {
	{ "name", 0, "NAME", "only of this name", NULL },
	{ "run", 0, "RUN", "only of this run", NULL },
	{ "limit", 'n', "N", "at most so many (default 20)", NULL },
	END_OPTION,
};
static const struct option artifact_get_options[] = {
	{ "output", 'o', "FOLDER", "where its files go (default: its id)", NULL },
	END_OPTION,
};
static const struct command artifact_commands[] = {
	{ .name = "list",
	  .summary = "artifacts, newest first",
	  .arguments = "",
	  .options = artifact_list_options,
	  .fn = artifact_list_command },
	{ .name = "get",
	  .summary = "download all files, verified by their hashes",
	  .arguments = "ARTIFACT",
	  .options = artifact_get_options,
	  .fn = artifact_get_command,
	  .words_min = 1,
	  .words_max = 1 },
	END_COMMAND,
};

static const struct option event_tail_options[] = {
	{ "after", 0, "N", "begin behind this number (default: only what comes)", NULL },
	{ "run", 0, "RUN", "only of this run", NULL },
	{ "subject", 0, "ID", "only about this task, run or artifact", NULL },
	{ "limit", 'n', "N", "end after so many", NULL },
	END_OPTION,
};
static const struct command event_commands[] = {
	{ .name = "tail",
	  .summary = "follow the log of events",
	  .arguments = "",
	  .options = event_tail_options,
	  .fn = event_tail_command },
	END_COMMAND,
};

static const struct option worker_options[] = {
	{ "kind", 'k', "KIND", "what it performs; may be given several times", NULL },
	{ "slots", 0, "N", "how many tasks at the same time (default 1)", NULL },
	{ "lease-ms", 0, "N", "length of a lease (default 60000); a heartbeat goes out each third",
	  NULL },
	{ "timeout-ms", 0, "N", "kill the program after so long (default: the task's own)", NULL },
	{ "name", 0, "TEXT", "what people see as the worker's name", NULL },
	END_OPTION,
};
static const char *const worker_examples[] = {
	"takt worker --kind text.shout -- python3 shout.py",
	"the input comes on standard input as JSON, the output goes to standard output as JSON",
	NULL,
};

static const struct option bench_options[] = {
	{ "rounds", 0, "N", "measure so often, report the middle (default 3)", NULL },
	{ "round-ms", 0, "N", "how long each load runs in a round (default 1000)", NULL },
	{ "connections", 0, "N", "keep-alive connections (default 256)", NULL },
	{ "tasks", 0, "N",
	  "how many are queued for the figures behind a full queue (default 1000000)", NULL },
	{ "agents", 0, "N", "how many wait in long polls (default 10000)", NULL },
	{ "readers", 0, "N", "how many follow the event stream (default 2000)", NULL },
	{ "quick", 0, NULL, "the rates alone: no full queue, no crowds", NULL },
	END_OPTION,
};

static const struct option top_options[] = {
	{ "once", 0, NULL, "one plain picture, of the second that follows, and no more", NULL },
	{ "interval-ms", 0, "N", "how often it asks, 250 to 60000 (default 1000)", NULL },
	{ "sort", 0, "KEY", "order of the queues (default age)",
	  "age|ready|leased|blocked|rate|name" },
	END_OPTION,
};
static const char *const top_examples[] = {
	"takt top",
	"full screen; q quits, ? helps",
	"takt top --once",
	"one picture for a log or a mail; --json for a program",
	NULL,
};

static const struct option db_rollback_options[] = {
	{ "to", 0, "N", "to this version (default: one step back)", NULL },
	END_OPTION,
};
static const struct command db_commands[] = {
	{ .name = "status",
	  .summary = "version of the database and of this program",
	  .arguments = "",
	  .fn = db_status_command,
	  .is_local = true },
	{ .name = "migrate",
	  .summary = "bring the database up to this program",
	  .arguments = "",
	  .fn = db_migrate_command,
	  .is_local = true },
	{ .name = "rollback",
	  .summary = "take migrations back",
	  .arguments = "",
	  .options = db_rollback_options,
	  .fn = db_rollback_command,
	  .is_local = true },
	{ .name = "verify",
	  .summary = "read every page and index of the database",
	  .arguments = "",
	  .fn = db_verify_command,
	  .is_local = true },
	END_COMMAND,
};

static const char *const backup_create_examples[] = {
	"takt backup create /var/backups/takt/monday",
	"while the server works; the folder appears whole and verified",
	"takt backup create",
	"below the data folder; a copy elsewhere is up to you",
	NULL,
};
static const struct option backup_list_options[] = {
	{ "limit", 'n', "N", "at most so many (default 20)", NULL },
	END_OPTION,
};
static const struct command backup_commands[] = {
	{ .name = "create",
	  .summary = "back up the whole data folder while the server works",
	  .arguments = "[FOLDER]",
	  .about = "Database and artifacts as of one moment, verified. FOLDER must be empty or not "
	           "there; it gets its name when all of it is on the disk. The server makes it, so "
	           "FOLDER is on its machine.",
	  .examples = backup_create_examples,
	  .fn = backup_create_command,
	  .words_max = 1 },
	{ .name = "list",
	  .summary = "backups, newest first",
	  .arguments = "",
	  .options = backup_list_options,
	  .fn = backup_list_command },
	{ .name = "verify",
	  .summary = "read every byte of a backup",
	  .arguments = "FOLDER",
	  .about = "Hashes, database and counts are held against the manifest. Asks no server.",
	  .fn = backup_verify_command,
	  .words_min = 1,
	  .words_max = 1,
	  .is_local = true },
	END_COMMAND,
};
static const char *const restore_examples[] = {
	"takt restore /var/backups/takt/monday --data /var/lib/takt-new",
	"verifies first; then takt serve --data /var/lib/takt-new",
	NULL,
};
static const char *const config_check_examples[] = {
	"takt config check takt.yaml",
	"before the server is restarted with it",
	NULL,
};
static const struct command config_commands[] = {
	{ .name = "check",
	  .summary = "are the settings right? starts nothing",
	  .arguments = "[FILE]",
	  .about = "Reads the file (else that of --config or TAKT_CONFIG), the environment and the "
	           "flags as `takt serve` would, and says everything that is wrong with them, not "
	           "only the first: its place, and what would be right. What is allowed and "
	           "unwise is a hint.",
	  .examples = config_check_examples,
	  .fn = config_check_command,
	  .words_max = 1,
	  .has_config_flags = true,
	  .is_local = true,
	  .reads_settings = true },
	END_COMMAND,
};

const struct command takt_commands[] = {
	{ .name = "make",
	  .summary = "make something from a brief: takt make lesson FILE",
	  .arguments = "MAKER FILE",
	  .about = "Makes a checked artifact from a brief. FILE is a text of 300 to 50,000 words, "
	           "Markdown, HTML or plain; - is standard input.\n\n"
	           "Attaches to the server that holds the data folder, or runs one of its own for "
	           "the "
	           "time. Ctrl-C cancels cleanly. The folder appears whole, at the end, or not at "
	           "all.",
	  .options = make_options,
	  .examples = make_examples,
	  .fn = make_command,
	  .words_min = 2,
	  .words_max = 2 },
	{ .name = "serve",
	  .summary = "run the server and its makers",
	  .arguments = "",
	  .about = "Runs the server in the foreground, with the makers as child processes; logs to "
	           "standard error. SIGTERM drains, a second one ends at once.",
	  .options = serve_options,
	  .examples = serve_examples,
	  .fn = serve_command,
	  .has_config_flags = true,
	  .is_local = true },
	{ .name = "restart",
	  .summary = "restart the server that holds the data folder, without downtime",
	  .arguments = "",
	  .about = "The server answers what is under way and lets go of the database; a new one "
	           "begins on the same sockets, where connections wait meanwhile. Workers and "
	           "leases stay. First the program on the disk is asked whether it can follow; "
	           "if not, everything stays as it is.",
	  .options = restart_options,
	  .examples = restart_examples,
	  .fn = restart_command,
	  .is_local = true },
	{ .name = "run",
	  .summary = "runs of workflows: start, list, show, watch, send, fork, cancel",
	  .sub = run_commands },
	{ .name = "task",
	  .summary = "tasks: submit, list, show, cancel, retry, discard",
	  .sub = task_commands },
	{ .name = "queue",
	  .summary = "queues: list, show, set, reset, pause, resume, retry-dead, discard-dead",
	  .sub = queue_commands },
	{ .name = "agent",
	  .summary = "agents: list, show, history, drain, resume, remove",
	  .sub = agent_commands },
	{ .name = "workflow",
	  .summary = "definitions: put, list, check, show",
	  .sub = workflow_commands },
	{ .name = "approve",
	  .summary = "what waits for a person: list, show, yes, no",
	  .sub = approve_commands },
	{ .name = "artifact", .summary = "what was made: list, get", .sub = artifact_commands },
	{ .name = "event", .summary = "the log of events: tail", .sub = event_commands },
	{ .name = "worker",
	  .summary = "perform tasks with a program of yours",
	  .arguments = "--kind KIND -- PROGRAM [ARGS...]",
	  .about = "Leases tasks of the given kinds and runs the program for each: the input on "
	           "standard input as JSON, one JSON value on standard output as the output. Lines "
	           "on "
	           "standard error become log lines. An exit code other than 0, or output that is "
	           "no "
	           "JSON, fails the attempt. The program finds TAKT_TASK_ID, TAKT_ATTEMPT, "
	           "TAKT_KIND "
	           "TAKT_RUN and TAKT_REQUEST_ID in its environment, and TRACEPARENT when there is "
	           "one.",
	  .options = worker_options,
	  .examples = worker_examples,
	  .fn = worker_command,
	  .takes_program = true },
	{ .name = "top",
	  .summary = "the live engine: queues, runs, agents, events",
	  .arguments = "",
	  .about = "Shows what the server does, on the whole screen: what comes and ends in a "
	           "second, how long commits take, queues and how long their oldest task has "
	           "waited, runs with their progress, agents, the newest events. Into a pipe, or "
	           "with --once, one plain picture.",
	  .options = top_options,
	  .examples = top_examples,
	  .fn = top_command },
	{ .name = "backup",
	  .summary = "copies of the whole data folder: create, list, verify",
	  .sub = backup_commands },
	{ .name = "restore",
	  .summary = "make a data folder of a backup",
	  .arguments = "FOLDER --data NEW",
	  .about = "Verifies the backup, then makes the data folder, which must be empty or not "
	           "there, and appears whole. Asks no server.",
	  .examples = restore_examples,
	  .fn = restore_command,
	  .words_min = 1,
	  .words_max = 1,
	  .is_local = true },
	{ .name = "db",
	  .summary = "the database: status, migrate, rollback, verify",
	  .sub = db_commands,
	  .is_local = true },
	{ .name = "config",
	  .summary = "settings: check",
	  .sub = config_commands,
	  .is_local = true },
	{ .name = "doctor",
	  .summary = "look at the machine and say what would be right",
	  .arguments = "",
	  .about = "Looks at the settings, the data folder and its database, the disk and how fast "
	           "it syncs, the port, the server, limits, libraries and tools. Each finding "
	           "says what would be right. Starts nothing, changes nothing. The exit code is 1 "
	           "when something is wrong; hints do not count.",
	  .fn = doctor_command,
	  .has_config_flags = true,
	  .reads_settings = true },
	{ .name = "bench",
	  .summary = "measure durable submits against what this machine allows",
	  .arguments = "",
	  .about = "Starts a server of its own on a fresh folder beside the data folder, and a "
	           "bare echo server; sends both the same requests in turns; removes the folder.",
	  .options = bench_options,
	  .fn = bench_command,
	  .is_local = true },
	{ .name = "version",
	  .summary = "version of this program",
	  .arguments = "",
	  .fn = version_command,
	  .is_local = true },
	{ .name = "completion",
	  .summary = "completion for a shell: bash, zsh or fish",
	  .arguments = "SHELL",
	  .about = "Prints a completion script. For bash: source <(takt completion bash)",
	  .fn = completion_command,
	  .words_min = 1,
	  .words_max = 1,
	  .is_local = true },
	END_COMMAND,
};
