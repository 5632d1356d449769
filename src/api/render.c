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
void put_next(struct json_out *o, int64_t before_id)
{
	char text[ID_TEXT_MAX];
	json_keyz(o, "next_cursor");
	if (before_id)
		json_str(o, id_text("cur", before_id, text));
	else
		json_null(o);
}

void put_cursor(struct json_out *o, size_t n, size_t limit, int64_t last_id)
{
	put_next(o, n == limit && n > 0 ? last_id : 0);
}
