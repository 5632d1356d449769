/* GET /v1/events: a page of the log as JSON; the live stream is stream.c's. */
#include "api/rest/rest.h"
#include "api/rest/stream.h"

#include "codec/hex.h"
#include "store/writer.h"

static const char *prefix_of(struct str type)
{
	if (str_starts(type, STR("task.")))
		return "task";
	if (str_starts(type, STR("run.")))
		return "run";
	if (str_starts(type, STR("queue.")))
		return "sweep";
	if (str_starts(type, STR("agent.")))
		return "agent";
	return str_starts(type, STR("artifact.")) ? "art" : "workflow";
}

void event_put(struct json_out *o, const struct event *e)
{
	json_begin_object(o);
	json_put_int(o, "seq", e->seq);
	json_put_str(o, "type", e->type);
	put_time(o, "at", e->at_ms);
	put_id(o, "subject", prefix_of(e->type), e->subject);
	put_id(o, "run", "run", e->run);
	put_id(o, "actor", "key", e->actor);
	json_put_raw(o, "data", e->data);
	json_end_object(o);
}

/* Who asks behind the newest number has read another log: the one that there was before a
 * backup was restored.  To let him wait would be to hide events from him. */
static enum rc check_place(const struct event_filter *f, int64_t last, struct err *err)
{
	if (f->after <= last)
		return RC_OK;
	return err_set(err, CODE_BAD_CURSOR,
	               "there is no event %lld, the newest is %lld: this log was restored from a "
	               "backup (event_epoch in /v1/info); read anew",
	               (long long)f->after, (long long)last);
}

static enum rc page_on_pool(struct request *r, struct err *err)
{
	const struct event_filter *f = r->state;
	struct event *events;
	size_t n;
	int64_t last;
	/* The newest number first: what arrives in between shows as "more to read". */
	enum rc rc = event_last(r->api->o.store, r->scope, &last, err);
	if (rc == RC_OK && check_place(f, last, err) != RC_OK)
		return err_at(err, "?after");
	if (rc == RC_OK)
		rc = event_read(r->api->o.store, r->scope, f, r->arena, &events, &n, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_keyz(&o, "events");
	json_begin_array(&o);
	for (size_t i = 0; i < n; i++)
		event_put(&o, &events[i]);
	json_end_array(&o);
	json_put_int(&o, "last", last);
	json_end_object(&o);
	return RC_OK;
}

static enum rc read_filter(struct request *r, struct event_filter *f, struct err *err)
{
	int64_t limit = 100;
	enum rc rc = request_query_int(r, "after", 0, INT64_C(1) << 40, &f->after, err);
	if (rc == RC_OK)
		rc = request_query_int(r, "limit", 1, 1000, &limit, err);
	if (rc == RC_OK)
		rc = request_query_id(r, "run", "run", &f->run, err);
	f->limit = (size_t)limit;
	return rc;
}

static enum rc resume_from(struct request *r, struct event_filter *f, struct err *err)
{
	uint64_t last;
	if (r->last_event_id.len == 0)
		return RC_OK;
	if (str_to_u64(r->last_event_id, &last) == RC_OK && last < (UINT64_C(1) << 40)) {
		f->after = (int64_t)last;
		return RC_OK;
	}
	err_set(err, CODE_BAD_CURSOR, "a Last-Event-ID is the number of an event");
	return err_at(err, "Last-Event-ID");
}

/* A stream that ends at once, so that its reader connects again: to a browser's
 * EventSource anything but 200 would be the end. */
static enum rc answer_ended(struct request *r)
{
	r->content_type = STR("text/event-stream");
	request_answer(r);
	return RC_OK;
}

static enum rc place_on_pool(struct request *r, struct err *err)
{
	int64_t last;
	enum rc rc = event_last(r->api->o.store, r->scope, &last, err);
	if (rc == RC_OK && check_place(r->state, last, err) != RC_OK)
		return err_at(err, r->last_event_id.len ? "Last-Event-ID" : "?after");
	return rc;
}

static enum rc stream_from_place(struct request *r, struct err *err)
{
	(void)err;
	return r->api->is_draining ? answer_ended(r) : stream_begin(r, r->state);
}

enum rc events_begin(struct request *r, struct err *err)
{
	struct event_filter *f = arena_new(r->arena, struct event_filter, 1);
	bool is_stream = str_find(r->accept, STR("text/event-stream"), 0) != SIZE_MAX;
	enum rc rc = read_filter(r, f, err);
	if (rc == RC_OK && is_stream)
		rc = resume_from(r, f, err);
	if (rc != RC_OK)
		return rc;
	if (is_stream && r->api->is_draining)
		return answer_ended(r);
	r->state = f;
	if (is_stream)
		r->then = stream_from_place;
	return request_read(r, is_stream ? place_on_pool : page_on_pool);
}
