/* The words of a command line, read by tables: the same tables give help, errors and
 * shell completion. */
#ifndef TAKT_CLI_ARGS_H
#define TAKT_CLI_ARGS_H

#include "base/base.h"
#include "base/str.h"

struct cli;

struct option {
	const char *name;    /* "output", given as --output; NULL ends the table */
	char letter;         /* -o; 0: none */
	const char *value;   /* "FOLDER" in help; NULL: a switch */
	const char *help;    /* NULL: not shown */
	const char *choices; /* "a|b|c" for help and completion; may be NULL */
};

struct command {
	const char *name; /* NULL ends the table */
	const char *summary;
	const char *arguments; /* "FILE [NAME]"; "" */
	const char *about;     /* paragraphs; may be NULL */
	const struct option *options;
	const char *const *examples; /* "command", "what it does", …; NULL-terminated */
	const struct command *sub;   /* a group; then there is no fn */
	int (*fn)(struct cli *c);
	int words_min, words_max; /* of the arguments before "--" */
	bool takes_program;       /* what follows "--" is a command line */
	bool has_config_flags;    /* every setting is an option */
	bool is_local;            /* asks no server: no --server */
	bool reads_settings;      /* itself, also wrong ones */
};

enum { ARGS_GIVEN_MAX = 64, ARGS_WORDS_MAX = 256 };

struct given {
	const char *name, *value; /* value "" for a switch */
};

struct args {
	const struct command *command; /* NULL: none was named */
	const struct command *group;   /* "run" of "run start"; else NULL */
	struct given given[ARGS_GIVEN_MAX];
	size_t n_given;
	const char *words[ARGS_WORDS_MAX];
	size_t n_words;
	const char *const *program; /* after "--", NULL-terminated */
	size_t n_program;
	bool wants_help;
};

/* RC_INVALID (CODE_BAD_REQUEST) with a sentence that names the nearest known word. */
enum rc args_read(int argc, char **argv, const struct command *commands,
                  const struct option *common, struct args *ret, struct err *err) MUST_USE;
const char *args_get(const struct args *a, const char *option); /* NULL: not given; the last */
bool args_has(const struct args *a, const char *option);
/* The n-th time an option was given; NULL behind the last. */
const char *args_nth(const struct args *a, const char *option, size_t n);
/* A number in a range; `otherwise` when it was not given. */
enum rc args_int(const struct args *a, const char *option, int64_t min, int64_t max,
                 int64_t otherwise, int64_t *ret, struct err *err) MUST_USE;

/* Help of the command named in `a`, of its group, or of the whole program. */
void args_help(const struct args *a, const struct command *commands, const struct option *common,
               struct buf *out);
/* "takt run start ID [--json]" */
void args_usage_line(const struct args *a, struct buf *out);

#endif
