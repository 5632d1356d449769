/* The process says what it is: the agent that docs/concepts.md speaks of.
 *
 * Registering is a courtesy: without it the first request for work makes the agent known, with
 * less to show.  So a server that cannot take it now costs one log line and no start.
 */
#include "worker/worker_priv.h"

#include "codec/hex.h"
#include "codec/json.h"
#include "sys/env.h"
#include "sys/log.h"

enum { BODY_MAX = 64 << 10, PATH_MAX_BYTES = 1024, STARTUP_MS_MAX = 24 * 3600 * 1000 };

static void write_words(const struct worker *w, struct buf *body)
{
	struct json_out o;
	int64_t startup_ms = (env_mono_us(&env_system) - w->began_us) / 1000;
	json_out_init(&o, body);
	json_begin_object(&o);
	json_keyz(&o, "kinds");
	json_begin_array(&o);
	for (size_t i = 0; i < w->o->n_kinds; i++)
		json_str(&o, str_z(w->kinds[i]));
	json_end_array(&o);
	json_put_int(&o, "capacity", w->n_slots);
	json_put_str(&o, "version", STR(TAKT_VERSION));
	json_put_int(&o, "startup_ms", int64_min(startup_ms, STARTUP_MS_MAX));
	json_end_object(&o);
}

static bool is_draining(const struct takt_reply *reply)
{
	const struct json *v;
	struct arena *a = arena_create(4096);
	struct str text = { reply->body, reply->body_len };
	bool is =
	        json_read(a, text, NULL, &v, NULL) == RC_OK && json_get_bool(v, "draining", false);
	arena_destroy(a);
	return is;
}

static bool put(struct worker *w, struct takt *t, const struct buf *body, const char *path)
{
	struct takt_reply reply;
	struct takt_error e;
	struct takt_request r = { .method = "PUT",
		                  .path = path,
		                  .body = body->ptr,
		                  .body_len = body->len,
		                  .is_repeatable = true };
	if (takt_request(t, &r, &reply, &e) != TAKT_OK) {
		LOG(LOG_WARN, "not registered as an agent", LOG_STR("agent", str_z(w->name)),
		    LOG_STR("code", str_z(e.code)), LOG_STR("why", str_z(e.text)));
		return false;
	}
	bool is = is_draining(&reply);
	takt_reply_free(&reply);
	return is;
}

bool worker_register(struct worker *w, struct takt *t)
{
	struct buf body = BUF_INIT(BODY_MAX), path = BUF_INIT(PATH_MAX_BYTES);
	buf_addz(&path, "/v1/agents/");
	percent_encode(&path, str_z(w->name));
	buf_addc(&path, '\0');
	write_words(w, &body);
	bool is = buf_rc(&body) == RC_OK && put(w, t, &body, path.ptr);
	buf_fini(&body);
	buf_fini(&path);
	return is;
}
