/* /v1/blobs and /v1/artifacts.  All of it touches files, so it runs on the pool; only
 * the row of a new artifact goes through the engine. */
#include "api/rest/rest.h"

#include "codec/field.h"
#include "codec/hex.h"

/* --- Blobs --- */

static enum rc param_hash(struct request *r, struct sha256 **ret, struct err *err)
{
	struct sha256 *hash = arena_new(r->arena, struct sha256, 1);
	char text[65];
	bool is_good = sha256_parse(r->params[0], hash) == RC_OK;
	/* One spelling: what is stored has one address. */
	if (!is_good || !str_eq(sha256_text(hash, text), r->params[0])) {
		err_set(err, CODE_BAD_ID,
		        "a blob's name is its SHA-256: 64 hex digits in lower case");
		return err_at(err, "{sha256}");
	}
	*ret = hash;
	return RC_OK;
}

static enum rc put_on_pool(struct request *r, struct err *err)
{
	const struct sha256 *hash = r->state;
	bool is_new;
	char text[65];
	enum rc rc = blob_put(r->api->o.artifacts, *hash, r->body, &is_new, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_put_str(&o, "sha256", sha256_text(hash, text));
	json_put_int(&o, "size", (int64_t)r->body.len);
	json_end_object(&o);
	r->status = is_new ? 201 : 200;
	return RC_OK;
}

enum rc blobs_put(struct request *r, struct err *err)
{
	struct sha256 *hash = NULL;
	enum rc rc = param_hash(r, &hash, err);
	if (rc != RC_OK)
		return rc;
	r->state = hash;
	return request_read(r, put_on_pool);
}

static enum rc head_on_pool(struct request *r, struct err *err)
{
	if (!blob_exists(r->api->o.artifacts, *(struct sha256 *)r->state))
		return err_set(err, CODE_NOT_FOUND, "there is no such blob");
	r->content_type = STR("application/octet-stream");
	return RC_OK;
}

enum rc blobs_head(struct request *r, struct err *err)
{
	struct sha256 *hash = NULL;
	enum rc rc = param_hash(r, &hash, err);
	if (rc != RC_OK)
		return rc;
	r->state = hash;
	return request_read(r, head_on_pool);
}

/* --- Creating --- */

struct artifact_body {
	struct str name, maker, run;
	const struct json *checks, *files;
};
static const struct field artifact_fields[] = {
	FIELD_STR(struct artifact_body, name, .is_required = true, .min = 1,
	          .max = ARTIFACT_NAME_MAX),
	FIELD_STR(struct artifact_body, maker, .max = 64),
	FIELD_STR(struct artifact_body, run, .min = 1, .max = 40),
	FIELD_OBJECT(struct artifact_body, checks),
	FIELD_ARRAY(struct artifact_body, files, .is_required = true, .min = 1,
	            .max = ARTIFACT_FILES_MAX),
};

struct file_body {
	struct str path, sha256;
	int64_t size;
	bool executable;
};
static const struct field file_fields[] = {
	FIELD_STR(struct file_body, path, .is_required = true, .min = 1, .max = ARTIFACT_PATH_MAX),
	FIELD_STR(struct file_body, sha256, .is_required = true, .min = 64, .max = 64,
	          .bytes = "0-9a-f"),
	FIELD_INT(struct file_body, size, .is_required = true, .min = 0, .max = BLOB_MAX),
	FIELD_BOOL(struct file_body, executable),
};

static enum rc read_files(struct request *r, const struct json *list,
                          struct artifact_create_command *c, struct err *err)
{
	c->files = arena_new(r->arena, struct artifact_file, list->count);
	json_each(v, list) {
		struct file_body b = { 0 };
		char prefix[32];
		snprintf(prefix, sizeof prefix, "/files/%zu", c->n_files);
		enum rc rc = field_read(file_fields, ARRAY_LEN(file_fields), v, prefix, &b, err);
		if (rc != RC_OK)
			return rc;
		struct artifact_file *f = &c->files[c->n_files++];
		*f = (struct artifact_file){ .path = b.path,
			                     .size = b.size,
			                     .is_executable = b.executable };
		rc = sha256_parse(b.sha256, &f->hash);
		assert(rc == RC_OK); /* the field table has seen to it */
	}
	return RC_OK;
}

static enum rc render_created(struct request *r, struct err *err)
{
	(void)err;
	const struct artifact_create_command *c = r->state;
	char text[65];
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_id(&o, "id", "art", c->id);
	json_put_str(&o, "name", c->name);
	json_put_int(&o, "version", c->version);
	json_put_str(&o, "tree", sha256_text(&c->tree, text));
	json_end_object(&o);
	r->status = 201;
	return RC_OK;
}

static enum rc prepare_on_pool(struct request *r, struct err *err)
{
	return artifact_create_prepare(r->state, r->arena, err);
}

static enum rc send_prepared(struct request *r, struct err *err)
{
	(void)err;
	struct artifact_create_command *c = r->state;
	return request_send(r, &c->c, render_created);
}

enum rc artifacts_create_begin(struct request *r, struct err *err)
{
	struct artifact_body b = { 0 };
	const struct json *body;
	struct artifact_create_command *c = arena_new(r->arena, struct artifact_create_command, 1);
	artifact_create_command_init(c, r->api->o.artifacts, r->scope);
	enum rc rc = request_body(r, &body, err);
	if (rc == RC_OK)
		rc = field_read(artifact_fields, ARRAY_LEN(artifact_fields), body, "", &b, err);
	if (rc == RC_OK && b.run.len)
		rc = request_body_id(b.run, "run", "/run", &c->run, err);
	if (rc == RC_OK)
		rc = read_files(r, b.files, c, err);
	if (rc != RC_OK)
		return rc;
	c->name = b.name;
	c->maker = b.maker;
	c->checks = b.checks ? b.checks->raw : (struct str){ 0 };
	r->state = c;
	r->then = send_prepared;
	return request_read(r, prepare_on_pool);
}

/* --- Looking --- */

static void put_file(struct json_out *o, const struct artifact_file *f)
{
	char text[65];
	json_begin_object(o);
	json_put_str(o, "path", f->path);
	json_put_str(o, "sha256", sha256_text(&f->hash, text));
	json_put_int(o, "size", f->size);
	json_put_bool(o, "executable", f->is_executable);
	json_end_object(o);
}

static void put_artifact(struct json_out *o, const struct artifact *a)
{
	char text[65];
	json_begin_object(o);
	put_id(o, "id", "art", a->id);
	json_put_str(o, "name", a->name);
	json_put_int(o, "version", a->version);
	put_opt_str(o, "maker", a->maker);
	put_id(o, "run", "run", a->run);
	put_time(o, "created_at", a->created_ms);
	json_put_str(o, "tree", sha256_text(&a->tree, text));
	json_put_int(o, "bytes", a->bytes);
	put_json(o, "checks", a->checks);
	if (a->files) {
		json_keyz(o, "files");
		json_begin_array(o);
		for (size_t i = 0; i < a->n_files; i++)
			put_file(o, &a->files[i]);
		json_end_array(o);
	}
	json_end_object(o);
}

static enum rc artifact_on_pool(struct request *r, struct err *err)
{
	struct artifact a;
	enum rc rc =
	        artifact_get(r->api->o.artifacts, r->scope, request_path_id(r), r->arena, &a, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	put_artifact(&o, &a);
	return RC_OK;
}

/* The common beginning: an id in the path, then the pool. */
enum rc artifacts_get(struct request *r, struct err *err)
{
	return request_read_id(r, "art", artifact_on_pool, err);
}

static enum rc artifact_list_on_pool(struct request *r, struct err *err)
{
	const struct artifact_filter *f = r->state;
	struct artifact *list;
	size_t n;
	enum rc rc = artifact_list(r->api->o.artifacts, r->scope, f, r->arena, &list, &n, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = begin_page(r, "artifacts");
	for (size_t i = 0; i < n; i++)
		put_artifact(&o, &list[i]);
	end_page_by_id(&o, n && n == f->limit ? list[n - 1].id : 0);
	return RC_OK;
}

enum rc artifacts_list(struct request *r, struct err *err)
{
	struct artifact_filter *f = arena_new(r->arena, struct artifact_filter, 1);
	int64_t limit = 0;
	enum rc rc = request_query_text(r, "name", ARTIFACT_NAME_MAX, &f->name, err);
	if (rc == RC_OK)
		rc = request_query_id(r, "run", "run", &f->run, err);
	if (rc == RC_OK)
		rc = request_cursor(r, &f->before, &limit, err);
	if (rc != RC_OK)
		return rc;
	f->limit = (size_t)limit;
	r->state = f;
	return request_read(r, artifact_list_on_pool);
}

/* --- Files --- */

static struct str media_type(struct str path)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".md", "text/markdown; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".zip", "application/zip" },
		{ ".gift", "text/plain; charset=utf-8" },
		{ ".luau", "text/plain; charset=utf-8" },
		{ ".txt", "text/plain; charset=utf-8" },
	};
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_ends(path, str_z(types[i].ending)))
			return str_z(types[i].type);
	return STR("application/octet-stream");
}

static enum rc file_on_pool(struct request *r, struct err *err)
{
	struct str bytes;
	struct artifact_file f;
	enum rc rc = artifact_file_read(r->api->o.artifacts, r->scope, request_path_id(r),
	                                r->params[1], r->arena, &bytes, &f, err);
	if (rc != RC_OK)
		return rc;
	buf_add(&r->out, bytes);
	r->content_type = media_type(f.path);
	/* A file of an artifact is data of somebody: a browser must not run it as ours. */
	request_header(r, "Content-Security-Policy", STR("sandbox allow-scripts"));
	return RC_OK;
}

enum rc artifacts_file(struct request *r, struct err *err)
{
	return request_read_id(r, "art", file_on_pool, err);
}

static enum rc zip_on_pool(struct request *r, struct err *err)
{
	r->content_type = STR("application/zip");
	request_header(r, "Content-Disposition", STR("attachment"));
	return artifact_zip(r->api->o.artifacts, r->scope, request_path_id(r), &r->out, err);
}

enum rc artifacts_zip(struct request *r, struct err *err)
{
	return request_read_id(r, "art", zip_on_pool, err);
}

static enum rc verify_on_pool(struct request *r, struct err *err)
{
	struct artifact_fault *faults = NULL;
	enum rc rc = artifact_verify(r->api->o.artifacts, r->scope, request_path_id(r), r->arena,
	                             &faults, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_put_bool(&o, "verified", !faults);
	json_keyz(&o, "faults");
	json_begin_array(&o);
	for (struct artifact_fault *f = faults; f; f = f->next) {
		json_begin_object(&o);
		json_put_str(&o, "path", f->path);
		json_put_str(&o, "what", str_z(f->what));
		json_end_object(&o);
	}
	json_end_array(&o);
	json_end_object(&o);
	return RC_OK;
}

enum rc artifacts_verify(struct request *r, struct err *err)
{
	return request_read_id(r, "art", verify_on_pool, err);
}
