/* The live stream of events: see stream.h.
 *
 * A stream is a cursor into the log, so one that was cut loses nothing when it asks again
 * with the last number (Last-Event-ID).  It reads from the store by itself until it has
 * what is there; then it is at the tail.
 *
 * Definition: the tail of a tenant is the number up to which all its streams that keep up
 * have been given their events.  What comes behind it is read and written out as frames
 * once, and each of them is given those it has not seen: a busy log costs one read for an
 * interval, however many look on.
 *
 *	stream_begin → READING by itself ⇄ WRITING → at the tail ⇄ WRITING
 *
 * (1) At most one flush of the tail every FLUSH_MS; the first after a rest comes at once.
 * (2) A slow reader is waited for: it is not at the tail while the kernel has not taken
 *     what it was given, and reads by itself afterwards.  It never holds more than
 *     PAGE_BYTES and one event, which is less than the `pending_max` of http/; a reader
 *     that takes nothing for long is closed there.
 */
#include "api/rest/stream.h"

#include "api/rest/rest.h"
#include "sys/count.h"

enum { FLUSH_MS = 50, KEEP_ALIVE_MS = 15000, STREAM_PAGE = 200, PAGE_BYTES = 256 << 10 };
enum { FRAMES_MAX = 8 << 20, RETRY_MS = 50 };

/* An event as a stream sends it. */
struct frame {
	int64_t seq, run;
	size_t at, len; /* in the bytes of its page */
};

/* A read of the log under way on the pool. */
struct reading {
	struct job job;
	struct loop_message done;
	struct api *api;
	struct scope scope;
	struct event_filter filter;
	int64_t known_seq;               /* the newest there was when it began; 0: to be asked */
	void (*over)(struct reading *r); /* on the loop; then it is freed */
	void *whose;
	/* The result. */
	enum rc rc;
	struct arena *arena;
	struct frame *frames;
	size_t n;
	struct buf bytes;
	int64_t to;   /* everything up to here has been looked at */
	bool is_full; /* there is more behind it */
};

struct tail {
	struct api *api;
	struct scope scope;
	int64_t at_seq; /* negative: nobody has been there yet */
	int64_t known_seq, flushed_ms;
	struct loop_timer flush;
	bool is_reading;
	size_t n_streams;
	struct tail *next;
};

struct stream {
	struct http_exchange *x; /* NULL: closed; freed when no read is under way */
	struct tail *tail;
	size_t route; /* its number */
	struct scope scope;
	struct event_filter filter; /* .after is the cursor */
	struct loop_timer keep_alive, again;
	bool is_reading; /* by itself */
	bool is_written; /* and not yet with the kernel */
	struct stream *next, *prev;
};

#define OWNER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* --- Reading --- */

static void put_frame(struct reading *r, const struct event *e)
{
	struct json_out o;
	struct frame *f = &r->frames[r->n++];
	*f = (struct frame){ .seq = e->seq, .run = e->run, .at = r->bytes.len };
	buf_addf(&r->bytes, "id: %lld\nevent: " STR_FMT "\ndata: ", (long long)e->seq,
	         STR_ARG(e->type));
	json_out_init(&o, &r->bytes);
	event_put(&o, e);
	buf_addz(&r->bytes, "\n\n");
	f->len = r->bytes.len - f->at;
}

static void read_on_pool(struct job *j)
{
	struct reading *r = OWNER(j, struct reading, job);
	struct event *events;
	size_t n = 0;
	struct err err;
	r->rc = RC_OK;
	if (!r->known_seq)
		r->rc = event_last(r->api->o.store, r->scope, &r->known_seq, &err);
	if (r->rc == RC_OK)
		r->rc = event_read(r->api->o.store, r->scope, &r->filter, r->arena, &events, &n,
		                   &err);
	r->frames = arena_new(r->arena, struct frame, n);
	while (r->rc == RC_OK && r->n < n && r->bytes.len < PAGE_BYTES)
		put_frame(r, &events[r->n]);
	r->is_full = n == r->filter.limit || r->n < n;
	r->to = r->n ? r->frames[r->n - 1].seq : r->filter.after;
	/* A page that is not full has seen everything that was known when the read began,
	 * also what its filter left out. */
	if (!r->is_full)
		r->to = int64_max(r->to, r->known_seq);
	loop_post(r->api->o.loop, &r->done);
}

static void on_read(struct loop_message *m)
{
	struct reading *r = OWNER(m, struct reading, done);
	assert(r->rc != RC_OK || buf_rc(&r->bytes) == RC_OK); /* PAGE_BYTES and one event */
	r->over(r);
	buf_fini(&r->bytes);
	arena_destroy(r->arena);
	free(r);
}

static void begin_reading(struct tail *t, struct event_filter filter,
                          void (*over)(struct reading *r), void *whose)
{
	struct reading *r = xcalloc(1, sizeof *r);
	*r = (struct reading){ .job.fn = read_on_pool,
		               .done.fn = on_read,
		               .api = t->api,
		               .scope = t->scope,
		               .filter = filter,
		               .known_seq = int64_max(t->known_seq, t->at_seq),
		               .over = over,
		               .whose = whose,
		               .arena = arena_create(4096),
		               .bytes = BUF_INIT(FRAMES_MAX) };
	r->filter.limit = STREAM_PAGE;
	pool_submit(t->api->o.pool, &r->job);
}

/* --- One stream --- */

static void stream_give(struct stream *s, struct str bytes)
{
	s->is_written = true;
	if (http_stream_write(s->x, bytes) != RC_OK)
		count_add(COUNT_STREAMS_DROPPED, 1); /* it is being closed: stream_gone() comes */
}

static void tail_arm(struct tail *t);
static void stream_go_on(struct stream *s);

static void stream_has_read(struct reading *r)
{
	struct stream *s = r->whose;
	s->is_reading = false;
	if (!s->x) {
		free(s);
		return;
	}
	if (r->rc != RC_OK) { /* the store was busy: the cursor stands, try again */
		struct loop *l = s->tail->api->o.loop;
		loop_timer_set(l, &s->again, loop_now_ms(l) + RETRY_MS);
		return;
	}
	s->filter.after = r->to;
	s->tail->known_seq = int64_max(s->tail->known_seq, r->known_seq);
	if (r->bytes.len)
		stream_give(s, buf_str(&r->bytes));
	if (!r->is_full && s->tail->at_seq < 0)
		s->tail->at_seq = r->to;
	stream_go_on(s);
}

static bool is_at_tail(const struct stream *s)
{
	return !s->is_reading && !s->is_written && s->tail->at_seq >= 0 &&
	       s->filter.after >= s->tail->at_seq;
}

static void stream_go_on(struct stream *s)
{
	if (s->is_reading || s->is_written || s->again.heap_at)
		return;
	if (is_at_tail(s)) {
		tail_arm(s->tail);
		return;
	}
	s->is_reading = true;
	begin_reading(s->tail, s->filter, stream_has_read, s);
}

static void on_again(struct loop_timer *t)
{
	stream_go_on(OWNER(t, struct stream, again));
}

static void on_drained(struct http_exchange *x)
{
	struct stream *s = x->user;
	s->is_written = false;
	stream_go_on(s);
}

static void on_keep_alive(struct loop_timer *t)
{
	struct stream *s = OWNER(t, struct stream, keep_alive);
	struct loop *l = s->tail->api->o.loop;
	loop_timer_set(l, t, loop_now_ms(l) + KEEP_ALIVE_MS);
	if (!s->is_written) /* there is room: it can't fail */
		(void)http_stream_write(s->x, STR(": still here\n\n"));
}

/* --- The tail --- */

/* The frames it has not seen; with a filter, those of its run. */
static void give_frames(struct stream *s, const struct reading *r)
{
	struct buf *some = &s->tail->api->scratch;
	bool is_all = s->filter.after == r->filter.after && !s->filter.run;
	struct str bytes = buf_str(&r->bytes);
	buf_clear(some);
	for (size_t i = 0; i < r->n && !is_all; i++) {
		const struct frame *f = &r->frames[i];
		if (f->seq > s->filter.after && (!s->filter.run || f->run == s->filter.run))
			buf_add(some, str_sub(bytes, f->at, f->len));
	}
	s->filter.after = int64_max(s->filter.after, r->to);
	if (!is_all)
		bytes = buf_str(some);
	if (bytes.len)
		stream_give(s, bytes);
}

static void tail_free(struct tail *t)
{
	struct tail **at = &t->api->tails;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	loop_timer_clear(t->api->o.loop, &t->flush);
	free(t);
}

static void tail_has_read(struct reading *r)
{
	struct tail *t = r->whose;
	t->is_reading = false;
	if (!t->n_streams) {
		tail_free(t);
		return;
	}
	if (r->rc == RC_OK) {
		for (struct stream *s = t->api->streams; s; s = s->next)
			if (s->tail == t && is_at_tail(s))
				give_frames(s, r);
		t->at_seq = r->to;
	}
	tail_arm(t);
}

static void on_flush(struct loop_timer *timer)
{
	struct tail *t = OWNER(timer, struct tail, flush);
	t->is_reading = true;
	t->flushed_ms = loop_now_ms(t->api->o.loop);
	begin_reading(t, (struct event_filter){ .after = t->at_seq }, tail_has_read, t);
}

static void tail_arm(struct tail *t)
{
	bool is_due = t->at_seq >= 0 && t->known_seq > t->at_seq;
	if (!is_due || t->is_reading || t->flush.heap_at)
		return;
	struct loop *l = t->api->o.loop;
	loop_timer_set(l, &t->flush, int64_max(loop_now_ms(l), t->flushed_ms + FLUSH_MS));
}

static struct tail *tail_find(struct api *a, int64_t tenant)
{
	struct tail *t = a->tails;
	while (t && t->scope.tenant != tenant)
		t = t->next;
	return t;
}

static struct tail *tail_enter(struct api *a, struct scope scope)
{
	struct tail *t = tail_find(a, scope.tenant);
	if (!t) {
		t = xcalloc(1, sizeof *t);
		*t = (struct tail){ .api = a,
			            .scope = scope,
			            .at_seq = -1,
			            .flush.fn = on_flush,
			            .next = a->tails };
		a->tails = t;
	}
	t->n_streams++;
	return t;
}

static void tail_leave(struct tail *t)
{
	if (--t->n_streams == 0 && !t->is_reading)
		tail_free(t);
}

void streams_arrived(struct api *a, int64_t tenant, int64_t last_seq)
{
	struct tail *t = tail_find(a, tenant);
	if (!t || t->known_seq >= last_seq)
		return;
	t->known_seq = last_seq;
	tail_arm(t);
}

/* --- Beginning and ending --- */

static void stream_close(struct stream *s)
{
	struct api *a = s->tail->api;
	*(s->prev ? &s->prev->next : &a->streams) = s->next;
	if (s->next)
		s->next->prev = s->prev;
	loop_timer_clear(a->o.loop, &s->keep_alive);
	loop_timer_clear(a->o.loop, &s->again);
	count_add(COUNT_STREAMS, -1);
	s->x->on_gone = NULL;
	s->x->user = (void *)(uintptr_t)s->route; /* for on_done, as of every answer */
	s->x = NULL;
	tail_leave(s->tail);
	s->tail = NULL;
	if (!s->is_reading)
		free(s);
}

static void stream_gone(struct http_exchange *x)
{
	stream_close(x->user);
}

void streams_end(struct api *a)
{
	while (a->streams) {
		struct http_exchange *x = a->streams->x;
		stream_close(a->streams);
		http_stream_end(x);
	}
}

static void answer_with_stream(struct request *r, struct stream *s)
{
	const struct http_header headers[] = {
		{ STR("X-Request-Id"), str_z(r->id) },
		{ STR("Cache-Control"), STR("no-store") },
		{ STR("X-Accel-Buffering"), STR("no") },
	};
	access_log(r, 200, 0);
	struct http_exchange *x = r->x;
	x->user = s;
	x->on_gone = stream_gone;
	http_request_release(x);
	http_stream_begin(x, 200, STR("text/event-stream"), headers, ARRAY_LEN(headers),
	                  on_drained);
	request_release(r);
}

enum rc stream_begin(struct request *r, const struct event_filter *f)
{
	struct api *a = r->api;
	struct stream *s = xcalloc(1, sizeof *s);
	*s = (struct stream){ .keep_alive.fn = on_keep_alive,
		              .again.fn = on_again,
		              .x = r->x,
		              .tail = tail_enter(a, r->scope),
		              .route = route_number(r->route),
		              .scope = r->scope,
		              .filter = *f,
		              .next = a->streams };
	if (a->streams)
		a->streams->prev = s;
	a->streams = s;
	count_add(COUNT_STREAMS, 1);
	answer_with_stream(r, s);
	loop_timer_set(a->o.loop, &s->keep_alive, loop_now_ms(a->o.loop) + KEEP_ALIVE_MS);
	s->is_reading = true;
	begin_reading(s->tail, s->filter, stream_has_read, s); /* what is there already */
	return RC_OK;
}
