/* From the words of the command line to the command, and from failures to exit codes. */
#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "sys/environ.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/terminal.h"

const struct option common_options[] = {
	{ "data", 0, "FOLDER", "the data folder (TAKT_DATA; default ~/.local/share/takt)", NULL },
	{ "server", 0, "URL",
	  "ask this server instead of the one that holds the data folder "
	  "(TAKT_SERVER; the key comes from TAKT_KEY)",
	  NULL },
	{ "config", 0, "FILE", "settings in YAML (TAKT_CONFIG)", NULL },
	{ "json", 0, NULL, "JSON instead of tables and sentences", NULL },
	{ "help", 'h', NULL, "this text", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};

/* Failures */

static enum cli_exit exit_of(enum takt_outcome outcome)
{
	switch (outcome) {
	case TAKT_OK:
		return EXIT_OK;
	case TAKT_INVALID:
		return EXIT_BAD_INPUT;
	case TAKT_NOT_FOUND:
		return EXIT_NOT_FOUND;
	case TAKT_DENIED:
	case TAKT_CONFLICT:
	case TAKT_LOST:
	case TAKT_LIMIT:
		return EXIT_REFUSED;
	case TAKT_BUSY:
	case TAKT_IO:
		return EXIT_NO_SERVER;
	case TAKT_UNKNOWN:
		return EXIT_UNKNOWN;
	}
	abort();
}

static void print_json_error(const struct takt_error *e)
{
	struct buf out = BUF_INIT(8192);
	struct json_out o;
	json_out_init(&o, &out);
	json_begin_object(&o);
	json_keyz(&o, "error");
	json_begin_object(&o);
	json_put_str(&o, "code", str_z(e->code));
	json_put_str(&o, "message", str_z(e->text));
	if (e->place[0])
		json_put_str(&o, "place", str_z(e->place));
	if (e->request_id[0])
		json_put_str(&o, "request_id", str_z(e->request_id));
	json_end_object(&o);
	json_end_object(&o);
	buf_addc(&out, '\n');
	terminal_write(TERMINAL_ERR, buf_str(&out));
	buf_fini(&out);
}

int cli_fail(const struct cli *c, const struct takt_error *e)
{
	if (c->is_json)
		print_json_error(e);
	else
		fprintf(stderr, "takt: %s%s%s (%s)\n", e->place, e->place[0] ? ": " : "", e->text,
		        e->code);
	return (int)exit_of(e->outcome);
}

int cli_fail_err(const struct cli *c, const struct err *err)
{
	struct takt_error e = { .outcome = TAKT_IO };
	switch (err->rc) {
	case RC_INVALID:
		e.outcome = TAKT_INVALID;
		break;
	case RC_NOT_FOUND:
		e.outcome = TAKT_NOT_FOUND;
		break;
	case RC_DENIED:
	case RC_CONFLICT:
	case RC_LOST:
	case RC_LIMIT:
		e.outcome = TAKT_CONFLICT;
		break;
	case RC_UNKNOWN:
		e.outcome = TAKT_UNKNOWN;
		break;
	case RC_OK:
	case RC_BUSY:
	case RC_IO:
	case RC_COUNT:
		break;
	}
	snprintf(e.code, sizeof e.code, "%s", code_text(err->code));
	snprintf(e.place, sizeof e.place, "%s", err->place);
	snprintf(e.text, sizeof e.text, "%s", err->text);
	return cli_fail(c, &e);
}

int cli_usage(const struct cli *c, const char *fmt, ...)
{
	struct takt_error e = { .code = "usage" };
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(e.text, sizeof e.text, fmt, ap);
	va_end(ap);
	if (c->is_json) {
		print_json_error(&e);
		return EXIT_USAGE;
	}
	struct buf line = BUF_INIT(4096);
	args_usage_line(&c->args, &line);
	fprintf(stderr, "takt: %s\n" STR_FMT, e.text, STR_ARG(buf_str(&line)));
	buf_fini(&line);
	return EXIT_USAGE;
}

/* Asking */

enum takt_outcome cli_ask(struct cli *c, struct takt *t, const char *method, const char *path,
                          const char *body, const struct json **ret, struct takt_error *e)
{
	struct takt_request r = { .method = method,
		                  .path = path,
		                  .body = body,
		                  .body_len = body ? strlen(body) : 0,
		                  .is_repeatable = strcmp(method, "GET") == 0 };
	struct takt_reply reply;
	enum takt_outcome outcome = takt_request(t, &r, &reply, e);
	if (outcome != TAKT_OK)
		return outcome;
	struct str text = str_dup(c->arena, (struct str){ reply.body, reply.body_len });
	takt_reply_free(&reply);
	static const struct json_limits limits = { 16 << 20, 128, 2000000 };
	struct err err = { 0 };
	if (json_read(c->arena, text, &limits, ret, &err) == RC_OK)
		return TAKT_OK;
	*e = (struct takt_error){ .outcome = TAKT_UNKNOWN };
	snprintf(e->code, sizeof e->code, "%s", code_text(err.code));
	snprintf(e->text, sizeof e->text, "the server's answer is no JSON: %s", err.text);
	return TAKT_UNKNOWN;
}

const char *cli_path(struct cli *c, const char *head, const char *id, const char *tail)
{
	struct buf b = BUF_INIT(16384);
	buf_addz(&b, head);
	percent_encode(&b, str_z(id));
	buf_addz(&b, tail);
	const char *ret = str_dupz(c->arena, buf_str(&b));
	buf_fini(&b);
	return ret;
}

enum rc cli_read_file(struct cli *c, const char *path, size_t max, struct str *ret, struct err *err)
{
	if (strcmp(path, "-") != 0)
		return file_read(c->arena, path, max, ret, err);
	struct str text;
	if (!terminal_read_all(TERMINAL_IN, &text, max))
		return err_set(err, CODE_IO, "standard input cannot be read");
	if (text.len > max) {
		free((char *)(uintptr_t)text.ptr);
		return err_set(err, CODE_TOO_LARGE, "standard input has more than %zu bytes", max);
	}
	*ret = str_dup(c->arena, text);
	free((char *)(uintptr_t)text.ptr);
	return RC_OK;
}

enum rc cli_read_json(struct cli *c, const char *word, const char **ret, struct err *err)
{
	enum { INPUT_MAX = 16 << 20 };
	struct str text = str_z(word);
	const struct json *v;
	enum rc rc = RC_OK;
	if (word[0] == '@' || strcmp(word, "-") == 0)
		rc = cli_read_file(c, word[0] == '@' ? word + 1 : word, INPUT_MAX, &text, err);
	if (rc != RC_OK)
		return rc;
	static const struct json_limits limits = { INPUT_MAX, 128, 2000000 };
	rc = json_read(c->arena, text, &limits, &v, err);
	if (rc != RC_OK)
		return err_prefix(err, "the input");
	*ret = str_dupz(c->arena, str_trim(text));
	return RC_OK;
}

/* The whole */

static void read_taste(struct cli *c)
{
	const char *no_color = environ_get("NO_COLOR");
	const char *term = environ_get("TERM");
	c->is_utf8 = environ_is_utf8();
	c->has_colour = terminal_is(TERMINAL_OUT) && !(no_color && *no_color) &&
	                !(term && strcmp(term, "dumb") == 0);
}

static enum rc read_config(struct cli *c, struct err *err)
{
	struct config_flag flags[ARGS_GIVEN_MAX];
	for (size_t i = 0; i < c->args.n_given; i++)
		flags[i] = (struct config_flag){ c->args.given[i].name, c->args.given[i].value };
	struct config_sources s = { .flags = flags,
		                    .n_flags = c->args.n_given,
		                    .environment = environ_all(),
		                    .home = environ_home() };
	return config_read(c->arena, &s, &c->config, err);
}

void cli_setup_log(const struct config *config)
{
	enum log_level level = LOG_INFO;
	bool is_known = log_level_parse(str_z(config->log_level), &level);
	assert(is_known); /* the schema knows the words */
	log_setup(level, strcmp(config->log_format, "json") == 0, "takt");
}

static int help(const struct cli *c)
{
	struct buf out = BUF_INIT(1 << 20);
	args_help(&c->args, takt_commands, common_options, &out);
	terminal_write(TERMINAL_OUT, buf_str(&out));
	buf_fini(&out);
	return EXIT_OK;
}

static int run_command(struct cli *c)
{
	struct err err = { 0 };
	if (c->args.command->reads_settings)
		return c->args.command->fn(c);
	if (read_config(c, &err) != RC_OK)
		return cli_fail_err(c, &err);
	cli_setup_log(&c->config);
	return c->args.command->fn(c);
}

int cli_main(int argc, char **argv, const struct cli_hooks *hooks)
{
	struct cli c = { .hooks = hooks, .arena = arena_create(64 << 10) };
	struct err err = { 0 };
	int code;
	read_taste(&c);
	enum rc rc = args_read(argc, argv, takt_commands, common_options, &c.args, &err);
	c.is_json = args_has(&c.args, "json");
	if (rc != RC_OK)
		code = cli_usage(&c, "%s", err.text);
	else if (c.args.wants_help)
		code = help(&c);
	else if (!c.args.command)
		code = cli_usage(&c, "say what to do; takt --help lists the commands");
	else
		code = run_command(&c);
	if (fflush(stdout) != 0 && code == EXIT_OK)
		code = EXIT_NO_SERVER;
	arena_destroy(c.arena);
	return code;
}
