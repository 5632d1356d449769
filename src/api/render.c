/* Values as the API shows them: times, ids, payloads. */
#include "api/request.h"
#include "codec/hex.h"
#include "codec/rfc3339.h"

void put_time(struct json_out *o, const char *key, int64_t ms)
{
	char text[RFC3339_MAX];
	json_key(o, str_z(key));
	if (ms)
		json_str(o, rfc3339_text(ms, text));
	else
		json_null(o);
}

void put_id(struct json_out *o, const char *key, const char *prefix, int64_t id)
{
	char text[ID_TEXT_MAX];
	json_key(o, str_z(key));
	if (id)
		json_str(o, id_text(prefix, id, text));
	else
		json_null(o);
}

void put_json(struct json_out *o, const char *key, struct str raw)
{
	json_key(o, str_z(key));
	if (raw.len)
		json_raw(o, raw);
	else
		json_null(o);
}

void put_opt_str(struct json_out *o, const char *key, struct str s)
{
	json_key(o, str_z(key));
	if (s.len)
		json_str(o, s);
	else
		json_null(o);
}

void put_progress(struct json_out *o, double progress)
{
	json_keyz(o, "progress");
	if (progress >= 0)
		json_double(o, progress);
	else
		json_null(o);
}

/* A cursor is the id of the last one shown; opaque to clients. */
struct json_out begin_page(struct request *r, const char *name)
{
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_key(&o, str_z(name));
	json_begin_array(&o);
	return o;
}

void end_page_by_id(struct json_out *o, int64_t next)
{
	char text[ID_TEXT_MAX];
	end_page_by_name(o, next ? id_text("cur", next, text) : (struct str){ 0 });
}

void end_page_by_name(struct json_out *o, struct str next)
{
	json_end_array(o);
	put_opt_str(o, "next_cursor", next);
	json_end_object(o);
}

void put_outcome(struct request *r, const char *prefix, int64_t id, const char *state)
{
	struct json_out o = request_json(r);
	json_begin_object(&o);
	put_id(&o, "id", prefix, id);
	json_put_str(&o, "state", str_z(state));
	json_end_object(&o);
}

#define DAY_MS (INT64_C(24) * 3600 * 1000)

void begin_day(struct json_out *o, int64_t day)
{
	char at[RFC3339_MAX];
	json_begin_object(o);
	json_put_str(o, "day", str_sub(rfc3339_text(day * DAY_MS, at), 0, 10));
}
