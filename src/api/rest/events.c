/* /v1/events: a page of the log as JSON, or the live stream as SSE.
 *
 * A stream is a cursor into the log.  When new events are durable it reads them from the
 * store like anybody else and goes on from there; so a stream that was cut loses
 * nothing when it asks again with the last number (Last-Event-ID).  Reads of one stream
 * never overlap.  A flush waits FLUSH_MS, so that a busy log costs one read per interval
 * and not one per event.
 *
 * A slow reader is waited for: one read serves at most STREAM_PAGE events and ends with
 * the one that passes PAGE_BYTES, and the next begins when all of it is with the kernel.
 * So a stream never holds more than PAGE_BYTES and one event, which is less than the
 * `pending_max` of http/, and a reader that takes nothing for long is closed there.
 */
#include "api/rest/rest.h"

#include "codec/hex.h"
#include "store/writer.h"
#include "sys/count.h"

enum { FLUSH_MS = 20, KEEP_ALIVE_MS = 15000, STREAM_PAGE = 200, PAGE_BYTES = 256 << 10 };

struct stream {
	struct loop_timer flush, keep_alive;
	struct job job;
	struct loop_message done;
	struct http_exchange *x; /* NULL: closed; freed when no read is under way */
	struct api *api;
	size_t route; /* its number */
	struct scope scope;
	struct event_filter filter; /* .after is the cursor */
	int64_t known_seq;          /* the newest we heard of */
	int64_t asked_at_seq;       /* known_seq when the read under way began */
	bool is_reading;
	bool is_written;     /* and not yet with the kernel */
	struct arena *arena; /* of the read under way */
	struct buf out;
	int64_t read_to;
	bool is_page_full;
	enum rc rc;
	struct stream *next, *prev;
};

/* --- One event --- */

static const char *prefix_of(struct str type)
{
	if (str_starts(type, STR("task.")))
		return "task";
	if (str_starts(type, STR("run.")))
		return "run";
	if (str_starts(type, STR("queue.")))
		return "sweep";
	return str_starts(type, STR("artifact.")) ? "art" : "workflow";
}

static void put_event(struct json_out *o, const struct event *e)
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

/* --- A page --- */

static enum rc page_on_pool(struct request *r, struct err *err)
{
	const struct event_filter *f = r->state;
	struct event *events;
	size_t n;
	int64_t last;
	/* The newest number first: what arrives in between shows as "more to read". */
	enum rc rc = event_last(r->api->o.store, r->scope, &last, err);
	if (rc == RC_OK)
		rc = event_read(r->api->o.store, r->scope, f, r->arena, &events, &n, err);
	if (rc != RC_OK)
		return rc;
	struct json_out o = request_json(r);
	json_begin_object(&o);
	json_keyz(&o, "events");
	json_begin_array(&o);
	for (size_t i = 0; i < n; i++)
		put_event(&o, &events[i]);
	json_end_array(&o);
	json_put_int(&o, "last", last);
	json_end_object(&o);
	return RC_OK;
}

/* --- A stream --- */

static void stream_destroy(struct stream *s)
{
	assert(!s->is_reading && !s->x);
	arena_destroy(s->arena);
	buf_fini(&s->out);
	free(s);
}

static void stream_close(struct stream *s)
{
	struct api *a = s->api;
	*(s->prev ? &s->prev->next : &a->streams) = s->next;
	if (s->next)
		s->next->prev = s->prev;
	loop_timer_clear(a->o.loop, &s->flush);
	loop_timer_clear(a->o.loop, &s->keep_alive);
	count_add(COUNT_STREAMS, -1);
	s->x->on_gone = NULL;
	s->x->user = (void *)(uintptr_t)s->route; /* for on_done, as of every answer */
	s->x = NULL;
	if (!s->is_reading)
		stream_destroy(s);
}

static void stream_gone(struct http_exchange *x)
{
	stream_close(x->user);
}

static void put_frame(struct stream *s, const struct event *e)
{
	struct json_out o;
	buf_addf(&s->out, "id: %lld\nevent: " STR_FMT "\ndata: ", (long long)e->seq,
	         STR_ARG(e->type));
	json_out_init(&o, &s->out);
	put_event(&o, e);
	buf_addz(&s->out, "\n\n");
}

static void read_on_pool(struct job *j)
{
	struct stream *s = (struct stream *)((char *)j - offsetof(struct stream, job));
	struct event *events;
	size_t n = 0, done = 0;
	struct err err;
	s->rc = event_read(s->api->o.store, s->scope, &s->filter, s->arena, &events, &n, &err);
	while (s->rc == RC_OK && done < n && s->out.len < PAGE_BYTES)
		put_frame(s, &events[done++]);
	s->is_page_full = n == s->filter.limit || done < n;
	s->read_to = done ? events[done - 1].seq : s->filter.after;
	loop_post(s->api->o.loop, &s->done);
}

static void stream_read(struct stream *s)
{
	s->is_reading = true;
	s->asked_at_seq = s->known_seq;
	s->done.next = NULL;
	buf_clear(&s->out);
	arena_clear(s->arena);
	pool_submit(s->api->o.pool, &s->job);
}

static void flush_later(struct stream *s)
{
	if (!s->is_reading && !s->is_written && !s->flush.heap_at)
		loop_timer_set(s->api->o.loop, &s->flush, loop_now_ms(s->api->o.loop) + FLUSH_MS);
}

static void on_flush(struct loop_timer *t)
{
	stream_read((struct stream *)((char *)t - offsetof(struct stream, flush)));
}

static void on_keep_alive(struct loop_timer *t)
{
	struct stream *s = (struct stream *)((char *)t - offsetof(struct stream, keep_alive));
	loop_timer_set(s->api->o.loop, t, loop_now_ms(s->api->o.loop) + KEEP_ALIVE_MS);
	if (!s->is_written) /* there is room: it can't fail */
		(void)http_stream_write(s->x, STR(": still here\n\n"));
}

static void go_on(struct stream *s)
{
	if (s->is_reading || s->is_written)
		return;
	if (s->is_page_full)
		stream_read(s);
	else if (s->known_seq > s->filter.after)
		flush_later(s);
}

static void on_drained(struct http_exchange *x)
{
	struct stream *s = x->user;
	s->is_written = false;
	go_on(s);
}

static void on_read(struct loop_message *m)
{
	struct stream *s = (struct stream *)((char *)m - offsetof(struct stream, done));
	s->is_reading = false;
	if (!s->x) {
		stream_destroy(s);
		return;
	}
	if (s->rc != RC_OK) {
		flush_later(s); /* the store was busy: the cursor stands, try again */
		return;
	}
	/* A page that is not full has seen everything that was known when the read began,
	 * also what its filter left out. */
	s->filter.after = s->is_page_full ? s->read_to : int64_max(s->read_to, s->asked_at_seq);
	if (s->out.len) {
		assert(buf_rc(&s->out) == RC_OK); /* PAGE_BYTES and one event */
		s->is_written = true;
		if (http_stream_write(s->x, buf_str(&s->out)) != RC_OK) {
			count_add(COUNT_STREAMS_DROPPED, 1);
			return; /* it is being closed: stream_gone() comes */
		}
	}
	go_on(s);
}

void streams_arrived(struct api *a, int64_t tenant, int64_t last_seq)
{
	for (struct stream *s = a->streams; s; s = s->next) {
		if (s->scope.tenant != tenant || s->known_seq >= last_seq)
			continue;
		s->known_seq = last_seq;
		flush_later(s);
	}
}

void streams_end(struct api *a)
{
	while (a->streams) {
		struct http_exchange *x = a->streams->x;
		stream_close(a->streams);
		http_stream_end(x);
	}
}

static enum rc stream_begin(struct request *r, const struct event_filter *f)
{
	struct api *a = r->api;
	struct stream *s = xcalloc(1, sizeof *s);
	*s = (struct stream){ .flush.fn = on_flush,
		              .keep_alive.fn = on_keep_alive,
		              .job.fn = read_on_pool,
		              .done.fn = on_read,
		              .x = r->x,
		              .api = a,
		              .route = route_number(r->route),
		              .scope = r->scope,
		              .filter = *f,
		              .arena = arena_create(4096),
		              .next = a->streams };
	s->filter.limit = STREAM_PAGE;
	buf_init(&s->out, 8 << 20);
	if (a->streams)
		a->streams->prev = s;
	a->streams = s;
	count_add(COUNT_STREAMS, 1);
	const struct http_header headers[] = {
		{ STR("X-Request-Id"), str_z(r->id) },
		{ STR("Cache-Control"), STR("no-store") },
		{ STR("X-Accel-Buffering"), STR("no") },
	};
	struct http_exchange *x = r->x;
	x->user = s;
	x->on_gone = stream_gone;
	http_stream_begin(x, 200, STR("text/event-stream"), headers, ARRAY_LEN(headers),
	                  on_drained);
	request_release(r);
	loop_timer_set(a->o.loop, &s->keep_alive, loop_now_ms(a->o.loop) + KEEP_ALIVE_MS);
	stream_read(s); /* what is there already */
	return RC_OK;
}

/* --- The endpoint --- */

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
	if (is_stream)
		return stream_begin(r, f);
	r->state = f;
	return request_read(r, page_on_pool);
}
