/* Outcomes become HTTP statuses and problem+json (RFC 9457) here and nowhere else. */
#include "api/request.h"

/* Codes whose status is not their outcome's. */
static int status_of_code(enum code code)
{
	switch ((int)code) {
	case CODE_UNAUTHENTICATED:
		return 401;
	case CODE_METHOD_NOT_ALLOWED:
		return 405;
	case CODE_UNSUPPORTED_MEDIA_TYPE:
		return 415;
	case CODE_AGENTS_FULL:
	case CODE_QUEUE_FULL:
		return 429;
	case CODE_DISK_FULL:
		return 507;
	default:
		return 0;
	}
}

static int status_of_rc(enum rc rc)
{
	switch (rc) {
	case RC_OK:
		return 200;
	case RC_INVALID:
		return 400;
	case RC_DENIED:
		return 403;
	case RC_NOT_FOUND:
		return 404;
	case RC_CONFLICT:
	case RC_LOST:
		return 409;
	case RC_LIMIT:
		return 413;
	case RC_BUSY:
		return 503;
	case RC_IO:
	case RC_UNKNOWN:
	case RC_COUNT:
		break;
	}
	return 500;
}

int problem_status(enum rc rc, enum code code)
{
	int status = status_of_code(code);
	return status ? status : status_of_rc(rc);
}

void problem_write(struct buf *out, int status, enum rc rc, const struct err *err,
                   struct str request_id)
{
	struct json_out o;
	struct str code = str_z(code_text(err->code));
	json_out_init(&o, out);
	json_begin_object(&o);
	json_keyz(&o, "type");
	char type[96];
	int n = snprintf(type, sizeof type, "urn:takt:error:" STR_FMT, STR_ARG(code));
	json_str(&o, (struct str){ type, (size_t)n });
	json_put_str(&o, "title", str_z(rc_text(rc)));
	json_put_int(&o, "status", status);
	json_put_str(&o, "code", code);
	json_put_str(&o, "detail", err->text[0] ? str_z(err->text) : str_z(rc_text(rc)));
	if (err->place[0])
		json_put_str(&o, "pointer", str_z(err->place));
	if (request_id.len)
		json_put_str(&o, "request_id", request_id);
	json_end_object(&o);
}
