/* The table of endpoints.  tests/api holds it against openapi.yaml, both ways. */
#include "api/request.h"
#include "api/rest/rest.h"
#include "artifact/output.h"
#include "codec/hex.h"

enum {
	TASK_BODY_MAX = TASK_INPUT_MAX + (64 << 10),
	COMPLETE_BODY_MAX = OUTPUT_MAX + (64 << 10),
	BATCH_BODY_MAX = 8 << 20,
	/* Its log becomes one event, which a stream must be able to send: see events.c. */
	HEARTBEAT_BODY_MAX = 512 << 10,
	SMALL_BODY_MAX = 64 << 10,
	EVENT_BODY_MAX = EVENT_DATA_MAX + (16 << 10),
	ARTIFACT_BODY_MAX = 4 << 20,
};

#define JSON_OR_YAML "application/json application/yaml application/x-yaml text/yaml"

const struct route routes[] = {
	/* The hot ones first: the search is linear. */
	{ HTTP_POST, "/v1/tasks", tasks_submit, .role = ROLE_MAKER, .body_max = TASK_BODY_MAX },
	{ HTTP_POST, "/v1/leases", leases_begin, .role = ROLE_AGENT, .body_max = SMALL_BODY_MAX },
	{ HTTP_POST, "/v1/tasks/finish", tasks_finish, .role = ROLE_AGENT,
	  .body_max = BATCH_BODY_MAX },
	{ HTTP_POST, "/v1/tasks/{id}/complete", tasks_complete, .role = ROLE_AGENT,
	  .body_max = COMPLETE_BODY_MAX },
	{ HTTP_POST, "/v1/tasks/{id}/heartbeat", tasks_heartbeat, .role = ROLE_AGENT,
	  .body_max = HEARTBEAT_BODY_MAX },
	{ HTTP_POST, "/v1/tasks/{id}/fail", tasks_fail, .role = ROLE_AGENT,
	  .body_max = SMALL_BODY_MAX },
	{ HTTP_POST, "/v1/tasks/{id}/return", tasks_return, .role = ROLE_AGENT,
	  .body_max = SMALL_BODY_MAX },
	{ HTTP_POST, "/v1/tasks/{id}/cancel", tasks_cancel, .role = ROLE_MAKER,
	  .body_max = SMALL_BODY_MAX },
	{ HTTP_POST, "/v1/tasks/batch", tasks_submit_batch, .role = ROLE_MAKER,
	  .body_max = BATCH_BODY_MAX },
	{ HTTP_GET, "/v1/tasks/{id}", tasks_get, .role = ROLE_VIEWER },
	{ HTTP_GET, "/v1/tasks", tasks_list, .role = ROLE_VIEWER,
	  .query = "kind state run dead cursor limit" },
	{ HTTP_POST, "/v1/tasks/{id}/retry", tasks_retry, .role = ROLE_MAKER },
	{ HTTP_POST, "/v1/tasks/{id}/discard", tasks_discard, .role = ROLE_MAKER },
	{ HTTP_GET, "/v1/queues", queues_list, .role = ROLE_VIEWER, .query = "cursor limit" },
	{ HTTP_GET, "/v1/queues/{name}", queues_get, .role = ROLE_VIEWER },
	{ HTTP_PUT, "/v1/queues/{name}", queues_put, .role = ROLE_ADMIN,
	  .body_max = SMALL_BODY_MAX },
	{ HTTP_DELETE, "/v1/queues/{name}", queues_reset, .role = ROLE_ADMIN },
	{ HTTP_POST, "/v1/queues/{name}/pause", queues_pause, .role = ROLE_ADMIN },
	{ HTTP_POST, "/v1/queues/{name}/resume", queues_resume, .role = ROLE_ADMIN },
	{ HTTP_POST, "/v1/queues/{name}/retry-dead", queues_retry_dead, .role = ROLE_ADMIN },
	{ HTTP_POST, "/v1/queues/{name}/discard-dead", queues_discard_dead, .role = ROLE_ADMIN },
	{ HTTP_GET, "/v1/agents", agents_list, .role = ROLE_VIEWER,
	  .query = "state kind label cursor limit" },
	{ HTTP_GET, "/v1/agents/{name}", agents_get, .role = ROLE_VIEWER },
	{ HTTP_PUT, "/v1/agents/{name}", agents_put, .role = ROLE_AGENT,
	  .body_max = SMALL_BODY_MAX },
	{ HTTP_DELETE, "/v1/agents/{name}", agents_remove, .role = ROLE_ADMIN },
	{ HTTP_GET, "/v1/agents/{name}/history", agents_history, .role = ROLE_VIEWER,
	  .query = "cursor limit" },
	{ HTTP_POST, "/v1/agents/{name}/drain", agents_drain, .role = ROLE_ADMIN,
	  .body_max = SMALL_BODY_MAX },
	{ HTTP_POST, "/v1/agents/{name}/resume", agents_resume, .role = ROLE_ADMIN },
	{ HTTP_GET, "/v1/events", events_begin, .role = ROLE_VIEWER, .query = "after run limit" },
	{ HTTP_POST, "/v1/workflows", workflows_put, .role = ROLE_MAKER,
	  .body_max = WORKFLOW_BYTES_MAX, .media = JSON_OR_YAML },
	{ HTTP_POST, "/v1/workflows/check", workflows_check, .role = ROLE_VIEWER,
	  .body_max = WORKFLOW_BYTES_MAX, .media = JSON_OR_YAML },
	{ HTTP_GET, "/v1/workflows", workflows_list, .role = ROLE_VIEWER, .query = "cursor limit" },
	{ HTTP_GET, "/v1/workflows/{name}", workflows_get, .role = ROLE_VIEWER,
	  .query = "version" },
	{ HTTP_POST, "/v1/runs", runs_start, .role = ROLE_MAKER, .body_max = TASK_BODY_MAX },
	{ HTTP_GET, "/v1/runs", runs_list, .role = ROLE_VIEWER,
	  .query = "workflow state cursor limit" },
	{ HTTP_GET, "/v1/runs/{id}", runs_get, .role = ROLE_VIEWER },
	{ HTTP_POST, "/v1/runs/{id}/cancel", runs_cancel, .role = ROLE_MAKER,
	  .body_max = SMALL_BODY_MAX },
	{ HTTP_POST, "/v1/runs/{id}/resume", runs_resume, .role = ROLE_MAKER,
	  .body_max = SMALL_BODY_MAX },
	{ HTTP_POST, "/v1/runs/{id}/events", runs_event, .role = ROLE_MAKER,
	  .body_max = EVENT_BODY_MAX },
	{ HTTP_POST, "/v1/runs/{id}/fork", runs_fork, .role = ROLE_MAKER,
	  .body_max = TASK_BODY_MAX },
	{ HTTP_GET, "/v1/approvals", approvals_list, .role = ROLE_VIEWER, .query = "cursor limit" },
	{ HTTP_GET, "/v1/runs/{id}/approvals/{name}", approvals_get, .role = ROLE_VIEWER },
	{ HTTP_POST, "/v1/runs/{id}/approvals/{name}", approvals_decide, .role = ROLE_MAKER,
	  .body_max = SMALL_BODY_MAX },
	{ HTTP_PUT, "/v1/blobs/{sha256}", blobs_put, .role = ROLE_AGENT, .body_max = BLOB_MAX,
	  .media = "application/octet-stream" },
	{ HTTP_HEAD, "/v1/blobs/{sha256}", blobs_head, .role = ROLE_VIEWER },
	{ HTTP_POST, "/v1/artifacts", artifacts_create_begin, .role = ROLE_AGENT,
	  .body_max = ARTIFACT_BODY_MAX },
	{ HTTP_GET, "/v1/artifacts", artifacts_list, .role = ROLE_VIEWER,
	  .query = "name run cursor limit" },
	{ HTTP_GET, "/v1/artifacts/{id}", artifacts_get, .role = ROLE_VIEWER },
	{ HTTP_GET, "/v1/artifacts/{id}/files/{path...}", artifacts_file, .role = ROLE_VIEWER },
	{ HTTP_GET, "/v1/artifacts/{id}/zip", artifacts_zip, .role = ROLE_VIEWER },
	{ HTTP_POST, "/v1/artifacts/{id}/verify", artifacts_verify, .role = ROLE_VIEWER },
	{ HTTP_POST, "/v1/backups", backups_post, .role = ROLE_OWNER, .body_max = SMALL_BODY_MAX },
	{ HTTP_GET, "/v1/backups", backups_get_all, .role = ROLE_OWNER, .query = "limit" },
	{ HTTP_GET, "/v1/backups/{id}", backups_get_one, .role = ROLE_OWNER },
	{ HTTP_GET, "/v1/info", system_info, .role = ROLE_VIEWER },
	{ HTTP_GET, "/v1/status", system_status, .role = ROLE_VIEWER },
	{ HTTP_GET, "/v1/openapi.yaml", system_openapi, .role = ROLE_VIEWER, .is_open = true },
	{ HTTP_GET, "/docs", system_docs, .role = ROLE_VIEWER, .is_open = true },
	{ HTTP_GET, "/healthz", system_healthz, .role = ROLE_VIEWER, .is_open = true },
	{ HTTP_GET, "/readyz", system_readyz, .role = ROLE_VIEWER, .is_open = true },
	{ HTTP_GET, "/metrics", system_metrics, .role = ROLE_VIEWER },
};
const size_t routes_n = ARRAY_LEN(routes);

/* One segment, or with "..." all that is left.  False: the encoding is bad. */
static bool take_param(struct arena *a, struct str raw, struct str *ret)
{
	bool has_escape = raw.len && memchr(raw.ptr, '%', raw.len);
	if (has_escape)
		return percent_decode(a, raw, false, ret) == RC_OK;
	*ret = raw.len ? str_dup(a, raw) : STR("");
	return true;
}

enum match { NO_MATCH, MATCH, BAD_ENCODING };

static enum match match_path(struct arena *a, const char *pattern, struct str path,
                             struct str params[PARAMS_MAX])
{
	struct str want = str_z(pattern), have = path;
	size_t n = 0;
	while (want.len && have.len) {
		struct str want_rest, have_rest;
		want = str_sub(want, 1, want.len); /* the slash */
		have = str_sub(have, 1, have.len);
		struct str w = str_cut(want, '/', &want_rest), h = str_cut(have, '/', &have_rest);
		bool is_param = w.len && w.ptr[0] == '{';
		bool is_rest = is_param && str_ends(w, STR("...}"));
		if (is_param) {
			if (h.len == 0 || !take_param(a, is_rest ? have : h, &params[n++]))
				return h.len == 0 ? NO_MATCH : BAD_ENCODING;
		} else if (!str_eq(w, h)) {
			return NO_MATCH;
		}
		if (is_rest)
			return MATCH;
		/* What str_cut left begins behind its slash: step back onto it. */
		want = want_rest.ptr ? (struct str){ want_rest.ptr - 1, want_rest.len + 1 }
		                     : (struct str){ 0 };
		have = have_rest.ptr ? (struct str){ have_rest.ptr - 1, have_rest.len + 1 }
		                     : (struct str){ 0 };
	}
	return want.len == 0 && have.len == 0 ? MATCH : NO_MATCH;
}

/* HEAD is answered wherever GET is, unless it has an endpoint of its own. */
static bool method_fits(enum http_method want, enum http_method have)
{
	return want == have || (want == HTTP_GET && have == HTTP_HEAD);
}

static void add_method(struct buf *allow, enum http_method method)
{
	const char *comma = allow->len ? ", " : "";
	buf_addf(allow, "%s" STR_FMT, comma, STR_ARG(http_method_text(method)));
	if (method == HTTP_GET)
		buf_addz(allow, ", HEAD");
}

const struct route *route_find(struct arena *a, enum http_method method, struct str path,
                               struct str params[PARAMS_MAX], struct str *ret_allow,
                               enum rc *ret_rc)
{
	struct buf allow = BUF_INIT(256);
	*ret_rc = RC_OK;
	*ret_allow = (struct str){ 0 };
	for (size_t i = 0; i < routes_n; i++) {
		const struct route *route = &routes[i];
		enum match m = match_path(a, route->path, path, params);
		if (m == BAD_ENCODING) {
			*ret_rc = RC_INVALID;
			return NULL;
		}
		if (m == NO_MATCH)
			continue;
		if (method_fits(route->method, method)) {
			buf_fini(&allow);
			return route;
		}
		add_method(&allow, route->method);
	}
	if (allow.len)
		*ret_allow = str_dup(a, buf_str(&allow));
	buf_fini(&allow);
	return NULL;
}
