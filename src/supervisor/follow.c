/* Whether the program on the disk may follow this one: asked before anything is ended.
 *
 * It is run as this one was, with --check-follow: it reads the settings, looks for its
 * makers, and prints what it is.  So a program that is missing, not executable, of another
 * machine, or that does not like the settings is found out while the old one still serves. */
#include "supervisor/run_priv.h"

#include "base/arena.h"
#include "codec/json.h"
#include "sys/process.h"

enum { ANSWER_MAX = 4096, ASK_MS = 10 * 1000, ARGUMENTS_MAX = 64 };

void supervisor_follow_write(const char *version, int64_t schema_version, struct buf *out)
{
	struct json_out o;
	json_out_init(&o, out);
	json_begin_object(&o);
	json_put_str(&o, "takt", str_z(version));
	json_put_int(&o, "schema_version", schema_version);
	json_put_int(&o, "handover", HANDOVER_VERSION);
	json_end_object(&o);
	buf_addc(out, '\n');
}

static enum rc judge(const struct supervisor_options *o, struct arena *a, struct str said,
                     struct err *err)
{
	const struct json *v;
	if (json_read(a, str_trim(said), NULL, &v, NULL) != RC_OK || !json_getz(v, "takt"))
		return err_set(err, CODE_CONFLICT, "%s does not say that it is takt", o->argv[0]);
	int64_t schema = json_get_int(v, "schema_version", 0);
	struct str version = json_get_str(v, "takt", STR("?"));
	if (json_get_int(v, "handover", 0) != HANDOVER_VERSION)
		return err_set(err, CODE_CONFLICT,
		               "takt " STR_FMT
		               " can't take the place of this one; stop and start it",
		               STR_ARG(version));
	if (schema != o->schema_version)
		return err_set(err, CODE_CONFLICT,
		               "takt " STR_FMT " wants schema %lld, the database has %lld; stop, "
		               "`takt db migrate`, start",
		               STR_ARG(version), (long long)schema, (long long)o->schema_version);
	return RC_OK;
}

static enum rc refusal(const struct supervisor_options *o, const struct process_result *r,
                       struct str words, struct err *err)
{
	struct str rest, line = str_cut(str_trim(words), '\n', &rest);
	if (r->is_timeout)
		return err_set(err, CODE_CONFLICT, "%s did not answer in %d s", o->argv[0],
		               ASK_MS / 1000);
	return err_set(err, CODE_CONFLICT, "%s can't follow: it ended with %d%s%.*s", o->argv[0],
	               r->exit_code, line.len ? ": " : "", (int)size_min(line.len, 120), line.ptr);
}

enum rc run_may_follow(void *ctx, struct err *err)
{
	const struct serving *s = ctx;
	const struct supervisor_options *o = s->o;
	const char *argv[ARGUMENTS_MAX + 2] = { NULL };
	size_t n = 0;
	for (; o->argv[n]; n++) {
		if (n == ARGUMENTS_MAX)
			return err_set(err, CODE_TOO_LARGE, "more than %d arguments",
			               ARGUMENTS_MAX);
		argv[n] = o->argv[n];
	}
	argv[n] = "--check-follow";
	AUTO(arena_destroyp) struct arena *a = arena_create(4096);
	AUTO(buf_fini) struct buf out = BUF_INIT(ANSWER_MAX);
	AUTO(buf_fini) struct buf words = BUF_INIT(ANSWER_MAX);
	struct process_options po = { .argv = argv, .fd_in = -1, .fd_out = -1, .fd_err = -1 };
	struct process_result r;
	enum rc rc = process_run(&po, (struct str){ "", 0 }, ASK_MS, &out, &words, &r, err);
	if (rc != RC_OK)
		return rc;
	if (r.is_timeout || r.exit_code != 0)
		return refusal(o, &r, buf_str(&words), err);
	return judge(o, a, buf_str(&out), err);
}
