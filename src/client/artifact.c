/* Artifacts from outside.
 *
 * Publishing: each file's hash is asked for first and only what the server lacks is sent.
 * Fetching: every file is checked against its hash, written to a sibling of the target,
 * and the sibling takes the target's name at the end: never half an artifact.  Paths are
 * checked again here, since a server is no reason to write outside a folder. */
#include <sodium.h>
#include <stdio.h>

#include "client/client_priv.h"

#include "codec/hex.h"
#include "sys/env.h"
#include "sys/file.h"

static void hash_text(struct str bytes, char ret[65])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, (const unsigned char *)bytes.ptr, bytes.len);
	hex_encode(hash, sizeof hash, ret);
	ret[64] = '\0';
}

/* Publishing */

static enum takt_outcome blob_upload(struct takt *t, struct str bytes, const char *hash,
                                     struct takt_error *e)
{
	char path[96];
	snprintf(path, sizeof path, "/v1/blobs/%s", hash);
	struct takt_request r = { .method = "PUT",
		                  .path = path,
		                  .body = bytes.ptr,
		                  .body_len = bytes.len,
		                  .content_type = "application/octet-stream",
		                  .is_repeatable = true };
	struct takt_reply reply;
	enum takt_outcome outcome = takt_request(t, &r, &reply, e);
	if (outcome == TAKT_OK)
		takt_reply_free(&reply);
	return outcome;
}

static bool blob_is_there(struct takt *t, const char *hash)
{
	char path[96];
	snprintf(path, sizeof path, "/v1/blobs/%s", hash);
	struct takt_request r = { .method = "HEAD", .path = path, .is_repeatable = true };
	struct takt_reply reply;
	if (takt_request(t, &r, &reply, NULL) != TAKT_OK)
		return false;
	takt_reply_free(&reply);
	return true;
}

enum { ASK_FIRST_BYTES = 64 << 10 }; /* below it the bytes cost less than the question */

static enum takt_outcome blob_put(struct takt *t, struct str bytes, char hash[65],
                                  struct takt_error *e)
{
	hash_text(bytes, hash);
	if (bytes.len > BLOB_MAX)
		return takt_say(e, CODE_TOO_LARGE, "a file of %zu bytes; at most %d", bytes.len,
		                BLOB_MAX);
	if (bytes.len >= ASK_FIRST_BYTES && blob_is_there(t, hash))
		return TAKT_OK;
	return blob_upload(t, bytes, hash, e);
}

enum takt_outcome takt_blob_put(struct takt *t, const void *bytes, size_t len, char *ret_sha256,
                                struct takt_error *e)
{
	return blob_put(t, (struct str){ bytes, len }, ret_sha256, e);
}

static enum takt_outcome put_file(struct takt *t, struct arena *a, const struct takt_file *f,
                                  struct json_out *o, struct takt_error *e)
{
	struct str bytes = { f->bytes, f->len };
	struct err err = { 0 };
	if (!f->bytes && f->from && file_read(a, f->from, BLOB_MAX, &bytes, &err) != RC_OK)
		return takt_problem(e, &err);
	char hash[65];
	enum takt_outcome outcome = blob_put(t, bytes, hash, e);
	if (outcome != TAKT_OK)
		return outcome;
	json_begin_object(o);
	json_put_str(o, "path", str_z(f->path));
	json_put_str(o, "sha256", str_z(hash));
	json_put_int(o, "size", (int64_t)bytes.len);
	if (f->is_executable)
		json_put_bool(o, "executable", true);
	json_end_object(o);
	return TAKT_OK;
}

static enum takt_outcome write_artifact(struct takt *t, const struct takt_artifact_new *n,
                                        struct json_out *o, struct takt_error *e)
{
	json_begin_object(o);
	json_put_str(o, "name", str_z(n->name));
	if (n->maker)
		json_put_str(o, "maker", str_z(n->maker));
	if (n->run && *n->run)
		json_put_str(o, "run", str_z(n->run));
	if (n->checks)
		json_put_raw(o, "checks", str_z(n->checks));
	json_keyz(o, "files");
	json_begin_array(o);
	for (size_t i = 0; i < n->n_files; i++) {
		struct arena *a = arena_create(ARENA_BLOCK);
		enum takt_outcome outcome = put_file(t, a, &n->files[i], o, e);
		arena_destroy(a);
		if (outcome != TAKT_OK)
			return outcome;
	}
	json_end_array(o);
	json_end_object(o);
	return TAKT_OK;
}

static enum takt_outcome post_artifact(struct takt *t, const struct buf *body,
                                       struct takt_created *ret, struct takt_error *e)
{
	struct arena *a = arena_create(ARENA_BLOCK);
	const struct json *v;
	struct ask ask = { .method = "POST", .path = "/v1/artifacts", .body = body };
	enum takt_outcome outcome = takt_ask(t, &ask, a, &v, e);
	if (outcome == TAKT_OK) {
		takt_member(v, "id", ret->id, sizeof ret->id);
		takt_member(v, "tree", ret->tree, sizeof ret->tree);
		ret->version = json_get_int(v, "version", 0);
	}
	arena_destroy(a);
	return outcome;
}

enum takt_outcome takt_artifact_create(struct takt *t, const struct takt_artifact_new *n,
                                       struct takt_created *ret, struct takt_error *e)
{
	struct buf body = BUF_INIT(BODY_MAX);
	struct json_out o;
	json_out_init(&o, &body);
	enum takt_outcome outcome = write_artifact(t, n, &o, e);
	if (outcome == TAKT_OK)
		outcome = post_artifact(t, &body, ret, e);
	buf_fini(&body);
	return outcome;
}

/* Fetching */

/* The path of a file of an artifact: each part encoded, the slashes kept. */
static const char *file_path(struct arena *a, const char *id, struct str path)
{
	struct buf b = BUF_INIT(16384);
	buf_addz(&b, takt_path(a, "/v1/artifacts/", id, "/files"));
	while (path.len) {
		struct str part = str_cut(path, '/', &path);
		buf_addc(&b, '/');
		percent_encode(&b, part);
	}
	const char *ret = str_dupz(a, buf_str(&b));
	buf_fini(&b);
	return ret;
}

enum takt_outcome takt_artifact_file(struct takt *t, const char *id, const char *path,
                                     struct takt_reply *ret, struct takt_error *e)
{
	struct arena *a = arena_create(ARENA_BLOCK);
	struct takt_request r = { .method = "GET",
		                  .path = file_path(a, id, str_z(path)),
		                  .accept = "*/*",
		                  .is_repeatable = true,
		                  .reply_max = BLOB_MAX };
	enum takt_outcome outcome = takt_request(t, &r, ret, e);
	arena_destroy(a);
	return outcome;
}

static bool is_confined(struct str path)
{
	if (path.len == 0 || path.len > 1024 || memchr(path.ptr, '\\', path.len) ||
	    memchr(path.ptr, '\0', path.len) || path.ptr[path.len - 1] == '/')
		return false;
	while (path.len) {
		struct str part = str_cut(path, '/', &path);
		if (part.len == 0 || str_eqz(part, ".") || str_eqz(part, ".."))
			return false;
	}
	return true;
}

static enum rc create_parent(struct arena *a, const char *file, struct err *err)
{
	const char *slash = strrchr(file, '/');
	return folder_create(str_dupz(a, (struct str){ file, (size_t)(slash - file) }), 0755, err);
}

static enum takt_outcome fetch_file(struct takt *t, struct arena *a, const char *id,
                                    const char *folder, const struct json *file,
                                    struct takt_downloaded *sum, struct takt_error *e)
{
	struct str path = json_get_str(file, "path", STR(""));
	if (!is_confined(path))
		return takt_say(e, CODE_BAD_PATH,
		                "the artifact has a file outside its tree: " STR_FMT,
		                STR_ARG(path));
	struct takt_reply reply;
	enum takt_outcome outcome = takt_artifact_file(t, id, str_dupz(a, path), &reply, e);
	if (outcome != TAKT_OK)
		return outcome;
	struct str bytes = { reply.body, reply.body_len };
	char hash[65];
	hash_text(bytes, hash);
	const char *to = str_dupz(a, str_fmt(a, "%s/" STR_FMT, folder, STR_ARG(path)));
	struct err err = { 0 };
	enum rc rc = RC_OK;
	if (!str_eqz(json_get_str(file, "sha256", STR("")), hash))
		rc = err_set(&err, CODE_HASH_MISMATCH, STR_FMT " came with other bytes than listed",
		             STR_ARG(path));
	if (rc == RC_OK)
		rc = create_parent(a, to, &err);
	if (rc == RC_OK)
		rc = file_write(to, bytes, json_get_bool(file, "executable", false) ? 0755 : 0644,
		                &err);
	sum->files++;
	sum->bytes += (int64_t)bytes.len;
	takt_reply_free(&reply);
	return rc == RC_OK ? TAKT_OK : takt_problem(e, &err);
}

static enum takt_outcome fetch_all(struct takt *t, struct arena *a, const char *id,
                                   const char *folder, struct takt_downloaded *sum,
                                   struct takt_error *e)
{
	const struct json *v;
	struct ask ask = { .method = "GET",
		           .path = takt_path(a, "/v1/artifacts/", id, ""),
		           .is_repeatable = true };
	enum takt_outcome outcome = takt_ask(t, &ask, a, &v, e);
	const struct json *files = outcome == TAKT_OK ? json_getz(v, "files") : NULL;
	if (outcome != TAKT_OK)
		return outcome;
	if (!files || files->type != JSON_ARRAY)
		return takt_say(e, CODE_IO, "the answer lists no files");
	json_each(file, files) {
		outcome = fetch_file(t, a, id, folder, file, sum, e);
		if (outcome != TAKT_OK)
			return outcome;
	}
	return TAKT_OK;
}

/* rename(2) replaces an empty folder and refuses a full one, in one step. */
static enum takt_outcome take_name(const char *from, const char *to, struct takt_error *e)
{
	if (rename(from, to) == 0)
		return TAKT_OK;
	return takt_say(e, CODE_CONFLICT, "%s is there already and not empty", to);
}

enum takt_outcome takt_artifact_download(struct takt *t, const char *id, const char *folder,
                                         struct takt_downloaded *ret, struct takt_error *e)
{
	struct arena *a = arena_create(ARENA_BLOCK);
	unsigned char random[4];
	char mark[9] = "";
	env_random(&env_system, random, sizeof random);
	hex_encode(random, sizeof random, mark);
	struct str name = str_z(folder);
	while (name.len > 1 && name.ptr[name.len - 1] == '/')
		name.len--;
	const char *target = str_dupz(a, name);
	const char *sibling = str_dupz(a, str_fmt(a, "%s.part-%s", target, mark));
	struct takt_downloaded sum = { 0 };
	struct err err = { 0 };
	enum takt_outcome outcome = TAKT_OK;
	if (folder_create(sibling, 0755, &err) != RC_OK)
		outcome = takt_problem(e, &err);
	if (outcome == TAKT_OK)
		outcome = fetch_all(t, a, id, sibling, &sum, e);
	if (outcome == TAKT_OK)
		outcome = take_name(sibling, target, e);
	if (outcome != TAKT_OK && folder_remove(sibling, &err) != RC_OK)
		sum.files = 0; /* the first failure is the one to tell */
	if (outcome == TAKT_OK)
		*ret = sum;
	arena_destroy(a);
	return outcome;
}
