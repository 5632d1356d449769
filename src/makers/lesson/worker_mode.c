/* makers/lesson/worker_mode.c: each kind of task becomes one call into the maker; see
 * worker_mode.h. */
#include <stdio.h>

#include "makers/lesson/worker_mode.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/schema.h"
#include "makers/files.h"
#include "makers/lesson/embedded/embedded.h"
#include "makers/lesson/lesson.h"
#include "makers/lesson/report.h"
#include "makers/lesson/review.h"
#include "makers/maker.h"
#include "sys/file.h"
#include "sys/log.h"
#include "worker/worker.h"

/* A crash of this program is noticed when the lease runs out. */
enum { SPEC_MAX = 8 << 20, OUTPUT_MAX = 4 << 20, EXIT_USAGE = 2, LEASE_MS = 10 * 1000 };

static const struct json_limits limits = { 16 << 20, 64, 1000000 };

static enum rc read_json(struct arena *a, struct str text, const struct json **ret, struct err *err)
{
	return json_read(a, text, &limits, ret, err);
}

static const struct json *input_of(struct worker_job *job)
{
	const struct json *v = NULL;
	struct err err = { 0 };
	if (read_json(worker_arena(job), str_z(worker_lease(job)->input), &v, &err) != RC_OK)
		worker_fail_err(job, &err);
	return v;
}

/* An artifact's name has fewer characters than a file's. */
static const char *artifact_name(struct arena *a, struct str name, const char *suffix)
{
	struct buf b = BUF_INIT(200);
	if (str_ends(name, STR(".md")) || str_ends(name, STR(".txt")))
		name.len -= name.ptr[name.len - 1] == 'd' ? 3 : 4;
	for (size_t i = 0; i < name.len && b.len < 80; i++) {
		char c = name.ptr[i];
		bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		               (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
		buf_addc(&b, is_fine ? c : '-');
	}
	if (b.len == 0)
		buf_addz(&b, "lesson");
	buf_addz(&b, suffix);
	const char *ret = str_dupz(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

/* Files as artifacts */

static enum takt_outcome publish(struct worker_job *job, const struct made_files *files,
                                 const char *name, const char *checks, struct takt_created *ret,
                                 struct takt_error *e)
{
	struct arena *a = worker_arena(job);
	struct takt_file *list = arena_new(a, struct takt_file, files->n);
	for (size_t i = 0; i < files->n; i++)
		list[i] = (struct takt_file){ .path = str_dupz(a, files->items[i].path),
			                      .bytes = files->items[i].bytes.ptr,
			                      .len = files->items[i].bytes.len,
			                      .is_executable = files->items[i].is_executable };
	struct takt_artifact_new n = { .name = name,
		                       .maker = "lesson",
		                       .run = worker_lease(job)->run,
		                       .checks = checks,
		                       .files = list,
		                       .n_files = files->n };
	return takt_artifact_create(worker_client(job), &n, ret, e);
}

/* The draft that was read last is kept: the checks of a lesson come one after another. */
struct kept {
	struct arena *arena;
	char id[64];
	struct made_files files;
};
static struct kept kept;

static enum takt_outcome fetch_one(struct takt *t, const char *id, struct str path,
                                   struct takt_error *e)
{
	struct takt_reply reply;
	struct err err = { 0 };
	enum takt_outcome outcome =
	        takt_artifact_file(t, id, str_dupz(kept.arena, path), &reply, e);
	if (outcome != TAKT_OK)
		return outcome;
	enum rc rc =
	        made_files_add(&kept.files, path, (struct str){ reply.body, reply.body_len }, &err);
	takt_reply_free(&reply);
	if (rc == RC_OK)
		return TAKT_OK;
	*e = (struct takt_error){ .outcome = TAKT_INVALID };
	snprintf(e->code, sizeof e->code, "%s", code_text(err.code));
	snprintf(e->text, sizeof e->text, "%s", err.text);
	return TAKT_INVALID;
}

static enum takt_outcome fetch_all(struct takt *t, const char *id, struct takt_error *e)
{
	char path[128];
	snprintf(path, sizeof path, "/v1/artifacts/%s", id);
	struct takt_request r = { .method = "GET", .path = path, .is_repeatable = true };
	struct takt_reply reply;
	const struct json *v = NULL;
	enum takt_outcome outcome = takt_request(t, &r, &reply, e);
	if (outcome != TAKT_OK)
		return outcome;
	struct str text = str_dup(kept.arena, (struct str){ reply.body, reply.body_len });
	takt_reply_free(&reply);
	if (read_json(kept.arena, text, &v, NULL) != RC_OK || !json_getz(v, "files")) {
		*e = (struct takt_error){ .outcome = TAKT_IO, .code = "io" };
		snprintf(e->text, sizeof e->text, "the answer for %s lists no files", id);
		return TAKT_IO;
	}
	const struct json *files = json_getz(v, "files");
	json_each(f, files) {
		outcome = fetch_one(t, id, json_get_str(f, "path", STR("")), e);
		if (outcome != TAKT_OK)
			return outcome;
	}
	return TAKT_OK;
}

static void forget_draft(void)
{
	arena_destroy(kept.arena);
	kept = (struct kept){ 0 };
}

static const struct made_files *fetch_draft(struct worker_job *job, const char *id)
{
	struct takt_error e;
	if (kept.arena && strcmp(kept.id, id) == 0)
		return &kept.files;
	forget_draft();
	kept.arena = arena_create(256 << 10);
	made_files_init(&kept.files, kept.arena);
	if (fetch_all(worker_client(job), id, &e) != TAKT_OK) {
		worker_fail_takt(job, &e);
		forget_draft();
		return NULL;
	}
	snprintf(kept.id, sizeof kept.id, "%s", id);
	return &kept.files;
}

static const struct json *spec_of(struct worker_job *job, const struct made_files *files)
{
	const struct made_file *f = made_files_find(files, STR("spec.json"));
	const struct json *spec = NULL;
	struct err err = { 0 };
	if (!f)
		err_set(&err, CODE_NOT_FOUND, "the draft has no spec.json");
	if (!f || read_json(worker_arena(job), f->bytes, &spec, &err) != RC_OK) {
		worker_fail_err(job, &err);
		return NULL;
	}
	return spec;
}

/* lesson.plan */

static enum rc check_spec(struct arena *a, const struct json *spec, struct err *err);

/* A person's own spec stands in the place of the planner's. */
static void take_spec(struct worker_job *job, const struct json *spec)
{
	struct err err = { 0 };
	if (check_spec(worker_arena(job), spec, &err) == RC_OK)
		worker_succeed(job, str_dupz(worker_arena(job), spec->raw));
	else
		worker_fail_err(job, &err);
}

static void plan(struct worker_job *job, void *ctx)
{
	(void)ctx;
	const struct json *in = input_of(job);
	if (!in)
		return;
	if (json_getz(in, "spec")) {
		take_spec(job, json_getz(in, "spec"));
		return;
	}
	const struct json *brief_in = json_getz(in, "brief");
	struct lesson_brief brief = {
		.name = json_get_str(brief_in, "name", STR("brief")),
		.text = json_get_str(brief_in, "text", STR("")),
		.questions = json_get_int(json_getz(in, "options"), "questions", 0),
	};
	struct buf spec = BUF_INIT(SPEC_MAX);
	struct err err = { 0 };
	worker_progress(job, -1, "reading the text");
	if (lesson_plan(worker_arena(job), &brief, &spec, &err) != RC_OK) {
		worker_fail_err(job, &err);
	} else {
		buf_addc(&spec, '\0');
		worker_succeed(job, spec.ptr);
	}
	buf_fini(&spec);
}

/* lesson.review */

static void say_reviewed(struct worker_job *job, const struct review *r)
{
	struct buf out = BUF_INIT(SPEC_MAX);
	struct json_out o;
	json_out_init(&o, &out);
	json_begin_object(&o);
	json_put_raw(&o, "spec", r->spec->raw);
	json_keyz(&o, "dropped");
	review_drops(&o, worker_arena(job), r);
	json_put_int(&o, "rounds", r->rounds);
	json_end_object(&o);
	buf_addc(&out, '\0');
	worker_succeed(job, out.ptr);
	buf_fini(&out);
}

static void review(struct worker_job *job, void *ctx)
{
	(void)ctx;
	const struct json *in = input_of(job);
	if (!in)
		return;
	struct arena *a = worker_arena(job);
	const struct json *spec = json_getz(in, "spec");
	struct review reviewed;
	struct err err = { 0 };
	worker_progress(job, -1, "checking every question");
	enum rc rc = spec ? check_spec(a, spec, &err)
	                  : err_set(&err, CODE_FIELD_MISSING, "there is no spec in the input");
	if (rc == RC_OK)
		rc = lesson_review(a, spec, &reviewed, &err);
	if (rc == RC_OK)
		say_reviewed(job, &reviewed);
	else
		worker_fail_err(job, &err);
}

/* lesson.generate */

static enum rc check_spec(struct arena *a, const struct json *spec, struct err *err)
{
	const struct json *root;
	struct schema *schema;
	enum rc rc =
	        json_read(a, embedded_find("src/makers/lesson/spec.schema.json"), NULL, &root, err);
	if (rc == RC_OK)
		rc = schema_compile(root, NULL, &schema, err);
	if (rc != RC_OK)
		return rc;
	rc = schema_check(schema, spec, a, err);
	schema_destroy(schema);
	return rc;
}

static void say_generated(struct worker_job *job, const char *artifact)
{
	struct buf out = BUF_INIT(OUTPUT_MAX);
	struct json_out o;
	json_out_init(&o, &out);
	json_begin_object(&o);
	json_put_str(&o, "files", str_z(artifact));
	json_keyz(&o, "checks");
	json_begin_array(&o);
	for (size_t i = 0; i < lesson_checks_n; i++)
		json_str(&o, str_z(lesson_checks[i].name));
	json_end_array(&o);
	json_end_object(&o);
	buf_addc(&out, '\0');
	worker_succeed(job, out.ptr);
	buf_fini(&out);
}

static void generate(struct worker_job *job, void *ctx)
{
	(void)ctx;
	const struct json *in = input_of(job);
	if (!in)
		return;
	struct arena *a = worker_arena(job);
	const struct json *spec = json_getz(in, "spec");
	struct made_files files;
	struct err err = { 0 };
	made_files_init(&files, a);
	enum rc rc = spec ? check_spec(a, spec, &err)
	                  : err_set(&err, CODE_FIELD_MISSING, "there is no spec in the input");
	if (rc == RC_OK)
		rc = lesson_generate(a, spec, &files, &err);
	if (rc != RC_OK) {
		worker_fail_err(job, &err);
		return;
	}
	const char *name = artifact_name(a, json_get_str(in, "name", STR("lesson")), ".draft");
	struct takt_created created;
	struct takt_error e;
	worker_progress(job, 0.5, "storing the files");
	if (publish(job, &files, name, NULL, &created, &e) == TAKT_OK)
		say_generated(job, created.id);
	else
		worker_fail_takt(job, &e);
}

/* lesson.check */

static const struct lesson_check *find_check(struct str name)
{
	for (size_t i = 0; i < lesson_checks_n; i++)
		if (str_eqz(name, lesson_checks[i].name))
			return &lesson_checks[i];
	return NULL;
}

static void run_check(struct worker_job *job, const struct lesson_check *check,
                      const struct json *spec, const struct made_files *files)
{
	struct check_result result = { 0 };
	struct buf out = BUF_INIT(OUTPUT_MAX);
	struct json_out o;
	check->run(worker_arena(job), spec, files, &result);
	json_out_init(&o, &out);
	report_check(&o, check, &result);
	buf_addc(&out, '\0');
	worker_succeed(job, out.ptr);
	buf_fini(&out);
}

static void check(struct worker_job *job, void *ctx)
{
	(void)ctx;
	const struct json *in = input_of(job);
	if (!in)
		return;
	struct str name = json_get_str(in, "check", STR(""));
	const struct lesson_check *found = find_check(name);
	if (!found) {
		worker_fail(job, "not_found", true, "there is no check \"" STR_FMT "\"",
		            STR_ARG(name));
		return;
	}
	const char *id = str_dupz(worker_arena(job), json_get_str(in, "files", STR("")));
	const struct made_files *files = fetch_draft(job, id);
	const struct json *spec = files ? spec_of(job, files) : NULL;
	if (spec)
		run_check(job, found, spec, files);
}

/* lesson.report */

static void put_checks(struct json_out *o, const struct json *checks)
{
	json_keyz(o, "checks");
	json_begin_array(o);
	json_each(c, checks) {
		json_begin_object(o);
		json_put_str(o, "name", json_get_str(c, "name", STR("")));
		json_put_str(o, "verdict", json_get_str(c, "verdict", STR("")));
		json_put_str(o, "evidence", json_get_str(c, "evidence", STR("")));
		json_end_object(o);
	}
	json_end_array(o);
}

static void say_failed(struct worker_job *job, struct str failed, const char *draft,
                       const struct json *checks)
{
	struct buf detail = BUF_INIT(16 << 10);
	struct json_out o;
	json_out_init(&o, &detail);
	json_begin_object(&o);
	json_put_str(&o, "draft", str_z(draft));
	put_checks(&o, checks);
	json_end_object(&o);
	buf_addc(&detail, '\0');
	if (buf_rc(&detail) == RC_OK)
		worker_fail_detail(job, detail.ptr);
	buf_fini(&detail);
	worker_fail(job, code_text(CODE_CHECK_FAILED), true,
	            "checks that did not pass: " STR_FMT
	            "; the draft %s has the files, the outputs of the check step say where",
	            STR_ARG(failed), draft);
}

static void say_reported(struct worker_job *job, const struct takt_created *created,
                         const struct json *spec, const struct json *checks)
{
	struct buf out = BUF_INIT(OUTPUT_MAX);
	struct json_out o;
	json_out_init(&o, &out);
	json_begin_object(&o);
	json_put_str(&o, "artifact", str_z(created->id));
	json_put_int(&o, "version", created->version);
	json_put_str(&o, "title", json_get_str(spec, "title", STR("")));
	report_questions(&o, spec);
	put_checks(&o, checks);
	json_end_object(&o);
	buf_addc(&out, '\0');
	worker_succeed(job, out.ptr);
	buf_fini(&out);
}

/* {"gift": "pass", …}: what the artifact's record says was verified. */
static const char *verdicts(struct arena *a, const struct json *checks)
{
	struct buf out = BUF_INIT(16 << 10);
	struct json_out o;
	json_out_init(&o, &out);
	json_begin_object(&o);
	json_each(c, checks) {
		json_key(&o, json_get_str(c, "name", STR("?")));
		json_str(&o, json_get_str(c, "verdict", STR("")));
	}
	json_end_object(&o);
	const char *ret = str_dupz(a, buf_str(&out));
	buf_fini(&out);
	return ret;
}

/* What a lesson is published from. */
struct finished {
	const struct made_files *files;
	const struct json *spec, *checks, *dropped;
};

/* What review took out, then what the checks of the finished files did. */
static const struct json *all_dropped(struct arena *a, const struct json *before,
                                      const struct review *after, struct err *err)
{
	struct buf out = BUF_INIT(OUTPUT_MAX), both = BUF_INIT(OUTPUT_MAX);
	struct json_out o;
	const struct json *ret = NULL;
	json_out_init(&o, &out);
	review_drops(&o, a, after);
	struct str first = before && before->count > 0 ? before->raw : STR("[]");
	bool has_first = before && before->count > 0;
	buf_add(&both, str_sub(first, 0, first.len - 1));
	buf_addz(&both, has_first ? "," : "");
	buf_add(&both, str_sub(buf_str(&out), 1, out.len));
	enum rc rc = read_json(a, str_dup(a, buf_str(&both)), &ret, err);
	buf_fini(&out);
	buf_fini(&both);
	return rc == RC_OK ? ret : NULL;
}

/* Failed checks lead back to the spec, when they name a part of it.  False: job has failed. */
static bool repair_finished(struct worker_job *job, struct finished *x, const char *draft)
{
	struct arena *a = worker_arena(job);
	struct repair *r = arena_new(a, struct repair, 1);
	struct err err = { 0 };
	struct str failed = report_failed(a, x->checks);
	worker_progress(job, -1, "taking out what the checks name");
	if (lesson_repair(a, x->spec, x->checks, r, &err) != RC_OK) {
		worker_fail_err(job, &err);
		return false;
	}
	if (!r->is_sound) {
		say_failed(job, failed, draft, x->checks);
		return false;
	}
	x->dropped = all_dropped(a, x->dropped, &r->review, &err);
	if (!x->dropped) {
		worker_fail_err(job, &err);
		return false;
	}
	x->files = &r->files;
	x->spec = r->review.spec;
	x->checks = r->checks;
	return true;
}

static void publish_finished(struct worker_job *job, const struct finished *x, struct str name)
{
	struct arena *a = worker_arena(job);
	struct made_files whole;
	struct err err = { 0 };
	struct takt_created created;
	struct takt_error e;
	if (report_compose(a, x->files, x->spec, x->checks, x->dropped, &whole, &err) != RC_OK) {
		worker_fail_err(job, &err);
		return;
	}
	if (publish(job, &whole, artifact_name(a, name, ""), verdicts(a, x->checks), &created,
	            &e) == TAKT_OK)
		say_reported(job, &created, x->spec, x->checks);
	else
		worker_fail_takt(job, &e);
}

static void report(struct worker_job *job, void *ctx)
{
	(void)ctx;
	struct arena *a = worker_arena(job);
	const struct json *in = input_of(job);
	if (!in)
		return;
	struct finished x = { .checks = json_getz(in, "checks"),
		              .dropped = json_getz(in, "dropped") };
	if (!x.checks || x.checks->type != JSON_ARRAY) {
		worker_fail(job, "field_missing", true, "there are no checks in the input");
		return;
	}
	const char *draft = str_dupz(a, json_get_str(in, "files", STR("")));
	x.files = fetch_draft(job, draft);
	x.spec = x.files ? spec_of(job, x.files) : NULL;
	if (!x.spec || (report_failed(a, x.checks).len > 0 && !repair_finished(job, &x, draft)))
		return;
	publish_finished(job, &x, json_get_str(in, "name", STR("lesson")));
}

/* The program */

static enum takt_outcome store_workflow(struct takt *t, void *ctx, struct takt_error *e)
{
	const struct maker *m = ctx;
	struct takt_stored stored;
	enum takt_outcome outcome =
	        takt_workflow_put(t, m->workflow.ptr, m->workflow.len, false, &stored, e);
	if (outcome == TAKT_OK)
		LOG(LOG_DEBUG, "workflow stored", LOG_STR("name", str_z(stored.name)),
		    LOG_INT("version", stored.version));
	return outcome;
}

static int usage(void)
{
	fprintf(stderr, "usage: takt-maker-lesson --worker --socket PATH\n");
	return EXIT_USAGE;
}

int lesson_main_worker(int argc, char **argv)
{
	if (argc != 3 || strcmp(argv[1], "--socket") != 0)
		return usage();
	struct arena *a = arena_create(64 << 10);
	struct maker m;
	struct err err = { 0 };
	log_setup(LOG_WARN, false, "takt-maker-lesson");
	if (maker_read(a, str_dupz(a, program_folder(a)), &m, &err) != RC_OK) {
		log_err(LOG_ERROR, "the maker cannot begin", &err);
		arena_destroy(a);
		return 1;
	}
	static const struct worker_kind kinds[] = {
		{ "lesson.plan", plan, NULL },         { "lesson.review", review, NULL },
		{ "lesson.generate", generate, NULL }, { "lesson.check", check, NULL },
		{ "lesson.report", report, NULL },
	};
	struct worker_options o = { .server.unix_path = argv[2],
		                    .kinds = kinds,
		                    .n_kinds = ARRAY_LEN(kinds),
		                    .lease_ms = LEASE_MS,
		                    .on_start = store_workflow,
		                    .ctx = &m };
	int code = worker_main(&o);
	forget_draft();
	arena_destroy(a);
	return code;
}
