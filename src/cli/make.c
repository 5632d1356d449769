/* `takt make MAKER FILE`: brief in, checked artifact out.
 *
 * (1) What can be refused is refused before anything runs: an unreadable brief, a folder
 *     in the way.
 * (2) The run is started once, whatever happens to the connection (idempotency key), and
 *     outlives the server: when an embedded or attached server goes away, another is
 *     found or started and the run goes on from its last recorded step.
 * (3) The folder appears whole at the end or not at all.
 * (4) Ctrl-C cancels the run; a second one leaves at once.  No process is left in any
 *     case. */
#include <stdio.h>

#include "cli/cli.h"

#include "base/arena.h"
#include "cli/make_spec.h"
#include "cli/watch.h"
#include "codec/json.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/mailbox.h"
#include "sys/terminal.h"

enum { BRIEF_MAX = 900 * 1000, REGISTER_MS = 10 * 1000, SERVERS_MAX = 10 };

struct making {
	struct cli *c;
	const char *maker, *file, *folder;
	const char *input; /* of the run, JSON */
	struct interrupts interrupts;
	struct session session;
	char run[40], key[64];
	int moves; /* to another server */
};

/* Before anything runs */

static struct str base_name(struct str path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.ptr[i - 1] == '/')
			return str_sub(path, i, path.len);
	return path;
}

static struct str without_suffix(struct str name)
{
	for (size_t i = name.len; i > 1; i--)
		if (name.ptr[i - 1] == '.')
			return str_sub(name, 0, i - 1);
	return name;
}

static struct str brief_name(const struct making *m)
{
	return strcmp(m->file, "-") == 0 ? STR("brief") : base_name(str_z(m->file));
}

static enum rc read_brief(struct making *m, struct str *ret, struct err *err)
{
	enum rc rc = cli_read_file(m->c, m->file, BRIEF_MAX, ret, err);
	if (rc == RC_LIMIT)
		return err_set(err, CODE_BRIEF_TOO_LONG,
		               "%s is larger than %d bytes; a brief has at most 50,000 words",
		               m->file, BRIEF_MAX);
	if (rc != RC_OK)
		return rc;
	size_t bad = utf8_check(*ret);
	if (bad != ret->len || memchr(ret->ptr, '\0', ret->len))
		return err_set(err, CODE_BRIEF_NOT_TEXT,
		               "%s is not text in UTF-8 (byte %zu); convert it first", m->file,
		               bad != ret->len ? bad : 0);
	if (str_trim(*ret).len == 0)
		return err_set(err, CODE_BRIEF_TOO_SHORT,
		               "%s is empty; a brief has at least 300 words", m->file);
	return RC_OK;
}

/* `spec` is empty, or what is to be made instead of what a plan of the text would say. */
static const char *write_input(struct making *m, struct str text, struct str spec,
                               int64_t questions)
{
	struct buf b = BUF_INIT(16 << 20);
	struct json_out o;
	json_out_init(&o, &b);
	json_begin_object(&o);
	json_keyz(&o, "brief");
	json_begin_object(&o);
	json_put_str(&o, "name", brief_name(m));
	if (text.len > 0)
		json_put_str(&o, "text", text);
	json_end_object(&o);
	if (spec.len > 0)
		json_put_raw(&o, "spec", spec);
	json_keyz(&o, "options");
	json_begin_object(&o);
	if (questions)
		json_put_int(&o, "questions", questions);
	json_end_object(&o);
	json_end_object(&o);
	const char *ret = str_dupz(m->c->arena, buf_str(&b));
	buf_fini(&b);
	return ret;
}

static enum rc found_a_file(void *ctx, struct str relative, int64_t size)
{
	(void)relative;
	(void)size;
	*(bool *)ctx = true;
	return RC_LIMIT; /* one is enough */
}

static enum rc check_folder(struct making *m, struct err *err)
{
	bool is_full = false;
	enum rc rc = RC_OK;
	if (file_exists(m->folder))
		rc = folder_walk(m->folder, found_a_file, &is_full, err);
	if (is_full && !args_has(&m->c->args, "force"))
		return err_set(err, CODE_CONFLICT,
		               "%s is there already and not empty; name another with -o, or "
		               "replace it with --force",
		               m->folder);
	return is_full ? RC_OK : rc;
}

enum { MAKERS_MAX = 32 };

struct known {
	struct arena *arena;
	const char *names[MAKERS_MAX + 1];
	size_t n;
};

static void know(void *ctx, const char *name, const char *program)
{
	struct known *k = ctx;
	(void)program;
	if (k->n < MAKERS_MAX)
		k->names[k->n++] = str_dupz(k->arena, str_z(name));
}

/* A server elsewhere has makers of its own: it will say. */
static enum rc check_maker(const struct making *m, struct err *err)
{
	struct known k = { .arena = m->c->arena };
	if (m->c->config.server)
		return RC_OK;
	enum rc rc = m->c->hooks->makers(m->c->arena, m->c->config.makers, know, &k, err);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < k.n; i++)
		if (strcmp(k.names[i], m->maker) == 0)
			return RC_OK;
	const char *near = nearest_name(str_z(m->maker), k.names);
	return err_set(err, CODE_NOT_FOUND, "there is no maker %s%s%s%s", m->maker,
	               near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static enum rc prepare(struct making *m, struct err *err)
{
	struct cli *c = m->c;
	struct str text = { "", 0 }, spec = { "", 0 };
	int64_t questions;
	enum rc rc = check_maker(m, err);
	if (rc == RC_OK)
		rc = args_int(&c->args, "questions", 10, 30, 0, &questions, err);
	if (rc == RC_OK)
		rc = args_has(&c->args, "spec") ? make_read_spec(c, m->file, &spec, err)
		                                : read_brief(m, &text, err);
	if (rc != RC_OK)
		return rc;
	m->folder = args_get(&c->args, "output");
	if (!m->folder)
		m->folder = str_dupz(c->arena,
		                     str_fmt(c->arena, "./" STR_FMT "-%s",
		                             STR_ARG(without_suffix(brief_name(m))), m->maker));
	m->input = write_input(m, text, spec, questions);
	return check_folder(m, err);
}

/* The run */

static void make_key(struct making *m)
{
	unsigned char random[16];
	env_random(&env_system, random, sizeof random);
	size_t n = (size_t)snprintf(m->key, sizeof m->key, "make-");
	for (size_t i = 0; i < sizeof random; i++)
		n += (size_t)snprintf(m->key + n, sizeof m->key - n, "%02x", random[i]);
}

static enum takt_outcome open_server(struct making *m, struct takt_error *e)
{
	return session_open(m->c, true, interrupts_any, &m->interrupts, &m->session, e);
}

/* The server that was attached to belonged to another command and went with it: the next
 * one is found or started.  False when that is not it; *e stays or says why not. */
static bool move(struct making *m, struct takt_error *e)
{
	enum code code = code_find(str_z(e->code));
	bool is_lost = code == CODE_NO_SERVER || code == CODE_UNKNOWN_OUTCOME ||
	               code == CODE_SHUTTING_DOWN;
	if (!is_lost || ++m->moves > SERVERS_MAX || interrupts_any(&m->interrupts))
		return false;
	session_close(&m->session);
	return open_server(m, e) == TAKT_OK;
}

/* A maker of a server that has just started stores its workflow in the first moments. */
static enum takt_outcome start_once(struct making *m, struct takt_error *e)
{
	struct takt_run_start r = { .workflow = m->maker,
		                    .input = m->input,
		                    .idempotency_key = m->key };
	struct takt_started started;
	int64_t end = env_mono_ms(&env_system) + REGISTER_MS;
	struct mailbox silent;
	mailbox_init(&silent);
	for (;;) {
		enum takt_outcome outcome = takt_run_start(m->session.t, &r, &started, e);
		if (outcome == TAKT_OK)
			snprintf(m->run, sizeof m->run, "%s", started.id);
		if (outcome != TAKT_NOT_FOUND || env_mono_ms(&env_system) > end ||
		    interrupts_any(&m->interrupts))
			return outcome;
		mailbox_wait(&silent, env_mono_us(&env_system) + 10 * 1000);
	}
}

static enum takt_outcome start(struct making *m, struct takt_error *e)
{
	enum takt_outcome outcome;
	do
		outcome = start_once(m, e);
	while (outcome != TAKT_OK && move(m, e));
	return outcome;
}

static enum takt_outcome follow(struct making *m, struct takt_run **ret, struct takt_error *e)
{
	struct watch w = { .session = &m->session,
		           .interrupts = &m->interrupts,
		           .run = m->run,
		           .is_moving = true,
		           .is_quiet = m->c->is_json,
		           .is_cancelling = true };
	enum takt_outcome outcome;
	do
		outcome = watch_run(&w, ret, e);
	while (outcome != TAKT_OK && move(m, e));
	return outcome;
}

/* The end */

static void print_questions(const struct json *output)
{
	const struct json *questions = json_getz(output, "questions");
	int64_t all = 0;
	if (!questions || questions->type != JSON_OBJECT)
		return;
	json_each(q, questions)
		all += q->integer;
	printf("  questions  %lld (", (long long)all);
	json_each(q, questions)
		printf("%s%lld " STR_FMT, q == questions->first ? "" : ", ", (long long)q->integer,
		       STR_ARG(q->name));
	printf(")\n");
}

static void print_checks(const struct json *output)
{
	const struct json *checks = json_getz(output, "checks");
	if (!checks || checks->type != JSON_ARRAY)
		return;
	json_each(c, checks) {
		struct str verdict = json_get_str(c, "verdict", STR("?"));
		if (str_eqz(verdict, "not_run"))
			verdict = STR("not run");
		printf("  %-9.*s  %-12.*s " STR_FMT "\n", STR_ARG(verdict),
		       STR_ARG(json_get_str(c, "name", STR(""))),
		       STR_ARG(json_get_str(c, "evidence", STR(""))));
	}
}

static void print_summary(struct making *m, const struct json *output,
                          const struct takt_downloaded *done)
{
	const char *preview =
	        str_dupz(m->c->arena, str_fmt(m->c->arena, "%s/preview/index.html", m->folder));
	printf(STR_FMT "\n", STR_ARG(json_get_str(output, "title", str_z(m->maker))));
	print_questions(output);
	print_checks(output);
	printf("  files      %zu, %lld bytes in %s\n", done->files, (long long)done->bytes,
	       m->folder);
	if (file_exists(preview))
		printf("  look at    %s\n", preview);
}

static void print_json_summary(struct making *m, const struct takt_run *run,
                               const struct takt_downloaded *done)
{
	struct buf b = BUF_INIT(16 << 20);
	struct json_out o;
	json_out_init(&o, &b);
	json_begin_object(&o);
	json_put_str(&o, "run", str_z(run->id));
	json_put_str(&o, "folder", str_z(m->folder));
	json_put_int(&o, "files", (int64_t)done->files);
	json_put_int(&o, "bytes", done->bytes);
	json_put_raw(&o, "output", str_z(run->output));
	json_end_object(&o);
	buf_addc(&b, '\n');
	terminal_write(TERMINAL_OUT, buf_str(&b));
	buf_fini(&b);
}

/* Out of the way under another name until the new one stands; back when it does not. */
static int replace_folder(struct making *m, const char *artifact, struct takt_downloaded *done,
                          struct takt_error *e)
{
	struct cli *c = m->c;
	struct err err = { 0 };
	const char *aside = NULL;
	if (args_has(&c->args, "force") && file_exists(m->folder)) {
		aside = str_dupz(c->arena, str_fmt(c->arena, "%s.before-%s", m->folder, m->run));
		if (rename(m->folder, aside) != 0)
			aside = NULL;
	}
	enum takt_outcome outcome;
	do
		outcome = takt_artifact_download(m->session.t, artifact, m->folder, done, e);
	while (outcome != TAKT_OK && move(m, e));
	if (outcome != TAKT_OK && aside && rename(aside, m->folder) != 0)
		fprintf(stderr, "takt: what was in %s is in %s now\n", m->folder, aside);
	if (outcome != TAKT_OK)
		return cli_fail(c, e);
	if (aside && folder_remove(aside, &err) != RC_OK)
		fprintf(stderr, "takt: %s could not be removed\n", aside);
	return EXIT_OK;
}

static int deliver(struct making *m, const struct takt_run *run)
{
	struct cli *c = m->c;
	struct takt_downloaded done;
	struct takt_error e;
	const struct json *output;
	struct err err = { 0 };
	struct str text = str_z(run->output ? run->output : "{}");
	if (json_read(c->arena, text, NULL, &output, &err) != RC_OK)
		return cli_fail_err(c, &err);
	struct str artifact = json_get_str(output, "artifact", STR(""));
	if (!artifact.len) {
		err_set(&err, CODE_IO, "the run %s names no artifact in its output", run->id);
		return cli_fail_err(c, &err);
	}
	int code = replace_folder(m, str_dupz(c->arena, artifact), &done, &e);
	if (code != EXIT_OK)
		return code;
	if (c->is_json)
		print_json_summary(m, run, &done);
	else
		print_summary(m, output, &done);
	return EXIT_OK;
}

/* Which step failed, with what; a brief that cannot be used is bad input, all else is
 * work that failed. */
static int say_failed(struct making *m, const struct takt_run *run)
{
	struct cli *c = m->c;
	const struct json *error = NULL;
	struct str text = str_z(run->error ? run->error : "{}");
	struct takt_error e = { .outcome = TAKT_INVALID };
	if (json_read(c->arena, text, NULL, &error, NULL) != RC_OK)
		error = NULL;
	struct str code = json_get_str(error, "code", STR("run_failed"));
	struct str step = json_get_str(error, "step", STR(""));
	snprintf(e.code, sizeof e.code, STR_FMT, STR_ARG(code));
	if (step.len)
		snprintf(e.place, sizeof e.place, "step " STR_FMT, STR_ARG(step));
	struct str message = json_get_str(error, "message", STR("the run failed"));
	snprintf(e.text, sizeof e.text, STR_FMT, STR_ARG(message));
	cli_fail(c, &e);
	if (!c->is_json)
		fprintf(stderr, "takt: the run is %s\n", run->id);
	bool is_brief = str_starts(code, STR("brief_")) || str_eqz(code, "nothing_to_ask");
	return is_brief ? EXIT_BAD_INPUT : EXIT_WORK_FAILED;
}

static int end(struct making *m, const struct takt_run *run)
{
	if (strcmp(run->state, "succeeded") == 0)
		return deliver(m, run);
	if (strcmp(run->state, "cancelled") == 0) {
		fprintf(stderr, "takt: cancelled; the run is %s\n", run->id);
		return m->interrupts.seen ? EXIT_INTERRUPTED : EXIT_WORK_FAILED;
	}
	return say_failed(m, run);
}

static int make(struct making *m)
{
	struct takt_error e;
	struct takt_run *run = NULL;
	enum takt_outcome outcome = open_server(m, &e);
	if (outcome == TAKT_OK)
		outcome = start(m, &e);
	if (outcome == TAKT_OK)
		outcome = follow(m, &run, &e);
	int code = EXIT_INTERRUPTED;
	if (outcome == TAKT_OK && run)
		code = end(m, run);
	else if (outcome != TAKT_OK && !m->interrupts.seen)
		code = cli_fail(m->c, &e);
	takt_run_free(run);
	session_close(&m->session);
	return code;
}

int make_command(struct cli *c)
{
	struct making m = { .c = c, .maker = c->args.words[0], .file = c->args.words[1] };
	struct err err = { 0 };
	m.session.server.pidfd = -1;
	if (args_has(&c->args, "spec-only"))
		return make_spec_only(c, m.maker, m.file);
	if (prepare(&m, &err) != RC_OK)
		return err.code == CODE_BAD_REQUEST ? cli_usage(c, "%s", err.text)
		                                    : cli_fail_err(c, &err);
	if (interrupts_open(&m.interrupts, &err) != RC_OK)
		return cli_fail_err(c, &err);
	make_key(&m);
	int code = make(&m);
	interrupts_close(&m.interrupts);
	return code;
}
