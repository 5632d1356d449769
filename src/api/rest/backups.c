/* /v1/backups: begun, listed, watched; for the owner. */
#include "api/rest/rest.h"

#include "codec/field.h"
#include "codec/hex.h"

/* A failure's words name paths of this machine, which are nobody's business but its
 * user's. */
static void put_error(struct json_out *o, const struct backup *b, bool is_local)
{
	json_keyz(o, "error");
	if (b->state != BACKUP_FAILED) {
		json_null(o);
		return;
	}
	json_begin_object(o);
	json_put_str(o, "code", str_z(code_text(b->err.code)));
	json_put_str(o, "message",
	             is_local ? str_z(b->err.text) : STR("the server's log says why"));
	json_end_object(o);
}

static void put_backup(struct json_out *o, const struct backup *b, bool is_local)
{
	json_begin_object(o);
	put_id(o, "id", "bak", b->id);
	json_put_str(o, "state", str_z(backup_state_text(b->state)));
	json_put_str(o, "phase", str_z(backup_phase_text(b->phase)));
	put_opt_str(o, "path", is_local ? str_z(b->folder) : (struct str){ 0 });
	put_time(o, "started_at", b->started_ms);
	put_time(o, "finished_at", b->finished_ms);
	json_put_int(o, "database_bytes", b->database_bytes);
	json_put_int(o, "database_bytes_done", b->database_bytes_done);
	json_put_int(o, "blobs_done", b->blobs_done);
	json_put_int(o, "blob_bytes_done", b->blob_bytes);
	put_error(o, b, is_local);
	json_end_object(o);
}

/* --- Beginning --- */

struct backup_body {
	struct str path;
};
static const struct field backup_fields[] = {
	FIELD_STR(struct backup_body, path, .min = 1, .max = BACKUP_PATH_MAX - 16),
};

static enum rc begin_on_pool(struct request *r, struct err *err)
{
	const struct backup_body *body = r->state;
	struct backup *begun = arena_new(r->arena, struct backup, 1);
	enum rc rc = backups_begin(r->api->o.backups, body->path, begun, err);
	if (rc != RC_OK)
		return body->path.len ? err_at(err, "/path") : rc;
	struct json_out o = request_json(r);
	put_backup(&o, begun, r->is_unix);
	r->status = 202;
	return RC_OK;
}

enum rc backups_post(struct request *r, struct err *err)
{
	struct backup_body *body = arena_new(r->arena, struct backup_body, 1);
	const struct json *v;
	*body = (struct backup_body){ 0 };
	r->state = body;
	if (r->body.len == 0)
		return request_read(r, begin_on_pool);
	enum rc rc = request_body(r, &v, err);
	if (rc == RC_OK)
		rc = field_read(backup_fields, ARRAY_LEN(backup_fields), v, "", body, err);
	if (rc != RC_OK)
		return rc;
	if (body->path.len && !r->is_unix) {
		err_set(err, CODE_FORBIDDEN,
		        "a path is taken over the Unix socket only; without one the backup goes "
		        "below the data folder");
		return err_at(err, "/path");
	}
	return request_read(r, begin_on_pool);
}

/* --- Watching --- */

enum rc backups_get_all(struct request *r, struct err *err)
{
	const struct backup *list;
	int64_t limit = BACKUPS_LISTED_MAX;
	enum rc rc = request_query_int(r, "limit", 1, BACKUPS_LISTED_MAX, &limit, err);
	if (rc != RC_OK)
		return rc;
	size_t n = backups_list(r->api->o.backups, r->arena, &list);
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_keyz(&o, "backups");
	json_begin_array(&o);
	for (size_t i = 0; i < n && i < (size_t)limit; i++)
		put_backup(&o, &list[i], r->is_unix);
	json_end_array(&o);
	json_end_object(&o);
	request_answer(r);
	return RC_OK;
}

enum rc backups_get_one(struct request *r, struct err *err)
{
	int64_t id;
	struct backup *b = arena_new(r->arena, struct backup, 1);
	enum rc rc = request_param_id(r, "bak", &id, err);
	if (rc == RC_OK)
		rc = backups_get(r->api->o.backups, id, b, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	put_backup(&o, b, r->is_unix);
	request_answer(r);
	return RC_OK;
}
