/* What the server says of itself: health, info, metrics, its contract. */
#include "api/rest/rest.h"

#include "artifact/output.h"

#include "sys/self.h"

extern const char takt_openapi[]; /* embedded by the build */
extern const size_t takt_openapi_n;
extern const char takt_docs_page[], takt_docs_policy[]; /* made from it */
extern const size_t takt_docs_page_n, takt_docs_policy_n;

static enum rc answer_status(struct request *r, int status, const char *text)
{
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_put_str(&o, "status", str_z(text));
	json_end_object(&o);
	r->status = status;
	request_answer(r);
	return RC_OK;
}

enum rc system_healthz(struct request *r, struct err *err)
{
	(void)err;
	return answer_status(r, 200, "ok");
}

enum rc system_readyz(struct request *r, struct err *err)
{
	(void)err;
	return r->api->is_draining ? answer_status(r, 503, "draining")
	                           : answer_status(r, 200, "ready");
}

enum rc system_openapi(struct request *r, struct err *err)
{
	(void)err;
	r->content_type = STR("application/yaml");
	buf_add(&r->out, (struct str){ takt_openapi, takt_openapi_n });
	request_answer(r);
	return RC_OK;
}

/* The page runs its own script and style, by their hashes, and loads nothing. */
enum rc system_docs(struct request *r, struct err *err)
{
	(void)err;
	r->content_type = STR("text/html; charset=utf-8");
	request_header(r, "Content-Security-Policy",
	               (struct str){ takt_docs_policy, takt_docs_policy_n });
	buf_add(&r->out, (struct str){ takt_docs_page, takt_docs_page_n });
	request_answer(r);
	return RC_OK;
}

static void put_limits(struct json_out *o)
{
	json_keyz(o, "limits");
	json_begin_object(o);
	json_put_int(o, "input_bytes", TASK_INPUT_MAX);
	json_put_int(o, "output_bytes", OUTPUT_MAX);
	json_put_int(o, "batch_tasks", TASK_BATCH_MAX);
	json_put_int(o, "lease_kinds", LEASE_KINDS_MAX);
	json_put_int(o, "lease_tasks", LEASE_TASKS_MAX);
	json_put_int(o, "lease_wait_ms", LEASE_WAIT_MS_MAX);
	json_put_int(o, "lease_ms_max", LEASE_MS_MAX);
	json_put_int(o, "workflow_steps", WORKFLOW_STEPS_MAX);
	json_put_int(o, "each_items", EACH_ITEMS_MAX);
	json_put_int(o, "blob_bytes", BLOB_MAX);
	json_put_int(o, "artifact_files", ARTIFACT_FILES_MAX);
	json_end_object(o);
}

static void put_makers(struct json_out *o, const struct api_options *a)
{
	json_keyz(o, "makers");
	json_begin_array(o);
	for (size_t i = 0; i < a->n_makers; i++) {
		json_begin_object(o);
		json_put_str(o, "name", str_z(a->makers[i].name));
		json_put_str(o, "description", str_z(a->makers[i].description));
		json_end_object(o);
	}
	json_end_array(o);
}

enum rc system_info(struct request *r, struct err *err)
{
	(void)err;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_put_str(&o, "name", STR("takt"));
	json_put_str(&o, "version", STR(TAKT_VERSION));
	json_put_int(&o, "schema_version", r->api->o.schema_version);
	put_time(&o, "started_at", r->api->started_ms);
	json_put_int(&o, "pid", self_pid());
	json_put_int(&o, "event_epoch", r->api->o.event_epoch);
	if (r->is_unix) /* paths of this machine are nobody else's business */
		json_put_str(&o, "data_folder", str_z(r->api->o.folder));
	put_limits(&o);
	put_makers(&o, &r->api->o);
	json_end_object(&o);
	request_answer(r);
	return RC_OK;
}
