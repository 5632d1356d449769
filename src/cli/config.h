/* Settings: flags > TAKT_* environment > YAML file > defaults.
 *
 * config.schema.json describes all of them; names of flags (--drain-ms) and variables
 * (TAKT_DRAIN_MS) come from the names of its properties, and so do the commented example
 * and the errors.  An unknown key or a bad value names itself, its place and what would
 * be right (CODE_BAD_CONFIG). */
#ifndef TAKT_CLI_CONFIG_H
#define TAKT_CLI_CONFIG_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct json;

struct config {
	const char *data;   /* never NULL; may be relative as given */
	const char *listen; /* "none": the Unix socket only */
	const char *makers; /* NULL: the one that came with the program */
	const char *log_level, *log_format, *access_log;
	const char *server, *key; /* NULL: not said */
	const char *const *hosts;
	size_t n_hosts;
	int64_t maker_processes, drain_ms, disk_low_bytes;
	int64_t backup_every_ms, backup_keep;
	int64_t task_retention_ms, event_retention_ms;
	const char *file; /* the file that was read; NULL: none */
	struct str json;  /* all but the key as one JSON object, for the server process */
};

struct config_flag { /* as given on the command line: "drain-ms", "500" */
	const char *name, *value;
};

/* Who wants to hear of every mistake, not of the first alone: what is wrong is left out
 * then, and the rest is read. */
struct config_report {
	void (*fn)(void *ctx, const struct err *err);
	void *ctx;
};

struct config_sources {
	const struct config_flag *flags; /* file = the flag "config" */
	size_t n_flags;
	/* The environment, as environ(7): "NAME=value" ones, NULL-terminated. */
	const char *const *environment;
	const char *home;                   /* of the user; may be NULL */
	const struct config_report *report; /* NULL: the first mistake ends the reading */
};

enum rc config_read(struct arena *a, const struct config_sources *s, struct config *ret,
                    struct err *err) MUST_USE;
/* What config.json of another process said. */
enum rc config_from_json(struct arena *a, struct str json, struct config *ret,
                         struct err *err) MUST_USE;
/* The commented example, YAML that means the defaults. */
void config_example(struct buf *out);

/* The table behind it, for flags in help and completion. */
struct config_property {
	char flag[40]; /* "drain-ms" */
	struct str name, description;
	bool has_flag;
};
/* The i-th; false behind the last. */
bool config_property_at(size_t i, struct config_property *ret);

/* The nearest of `names` (NULL-terminated) to a mistyped word; NULL when none is near. */
const char *nearest_name(struct str word, const char *const *names);

#endif
