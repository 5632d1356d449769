/* Following the log of events.  The stream ends when the reader says so; when it breaks,
 * it is opened again behind the last event that was seen, so that none is missed and
 * none is told twice. */
#include "client/client_priv.h"

#include "codec/hex.h"
#include "sys/env.h"

enum { PAUSE_FIRST_MS = 50, PAUSE_LAST_MS = 5000 };

struct follow {
	struct takt *t;
	const struct takt_watch *w;
	struct arena *arena;
	struct sse sse;
	int64_t last;
	bool is_ended; /* the reader wants no more */
	bool is_up;
	int64_t down_since_ms;
};

static bool tell(void *ctx, const struct sse *event)
{
	struct follow *f = ctx;
	if (event->seq >= 0 && event->seq <= f->last)
		return true;
	struct arena_mark mark = arena_mark(f->arena);
	struct takt_event said = { .seq = event->seq,
		                   .type = event->type,
		                   .json = str_dupz(f->arena, buf_str(&event->data)) };
	if (event->seq >= 0)
		f->last = event->seq;
	f->is_ended = !f->w->on_event(f->w->ctx, &said);
	arena_rewind(f->arena, mark);
	return !f->is_ended;
}

static void set_up(struct follow *f, bool is_up)
{
	if (f->is_up == is_up)
		return;
	f->is_up = is_up;
	f->down_since_ms = env_mono_ms(&env_system);
	if (f->w->on_connection)
		f->w->on_connection(f->w->ctx, is_up);
}

static bool on_data(void *ctx, struct str bytes)
{
	struct follow *f = ctx;
	set_up(f, true);
	return sse_feed(&f->sse, bytes, tell, f);
}

static bool is_cancelled(void *ctx)
{
	struct follow *f = ctx;
	return f->w->is_cancelled && f->w->is_cancelled(f->w->ctx);
}

static const char *stream_path(struct follow *f)
{
	struct buf path = BUF_INIT(4096);
	buf_addf(&path, "/v1/events?after=%lld", (long long)f->last);
	if (f->w->run) {
		buf_addz(&path, "&run=");
		percent_encode(&path, str_z(f->w->run));
	}
	const char *ret = str_dupz(f->arena, buf_str(&path));
	buf_fini(&path);
	return ret;
}

static enum rc stream_once(struct follow *f, struct http_reply *reply, struct err *err)
{
	struct arena_mark mark = arena_mark(f->arena);
	char last[64];
	snprintf(last, sizeof last, "Last-Event-ID: %lld", (long long)f->last);
	const char *const headers[] = { "Accept: text/event-stream", last, NULL };
	struct http_call call = { .method = "GET",
		                  .path = stream_path(f),
		                  .headers = headers,
		                  .timeout_ms = -1,
		                  .on_data = on_data,
		                  .is_cancelled = is_cancelled,
		                  .ctx = f };
	enum rc rc = http_client_call(f->t->http, &call, reply, err);
	arena_rewind(f->arena, mark);
	return rc;
}

/* What ends the following, besides the reader. */
static bool is_final(int status)
{
	return status >= 400 && status < 500 && status != 408 && status != 429;
}

static enum takt_outcome refused(struct follow *f, int status, struct takt_error *e)
{
	/* The stream's body went to on_data; the short way asks for the words again. */
	struct takt_request r = { .method = "GET", .path = stream_path(f) };
	struct takt_reply words;
	enum takt_outcome outcome = takt_request(f->t, &r, &words, e);
	if (outcome != TAKT_OK)
		return outcome;
	takt_reply_free(&words);
	return takt_say(e, CODE_IO, "the stream of events was refused with status %d", status);
}

static bool is_hopeless(const struct follow *f)
{
	return f->w->give_up_ms && env_mono_ms(&env_system) - f->down_since_ms > f->w->give_up_ms;
}

static enum takt_outcome follow(struct follow *f, struct takt_error *e)
{
	int64_t pause = PAUSE_FIRST_MS;
	for (;;) {
		struct http_reply reply = { 0 };
		struct err err = { 0 };
		buf_init(&reply.body, REPLY_MAX);
		sse_fini(&f->sse);
		sse_init(&f->sse);
		int64_t before = f->last;
		enum rc rc = stream_once(f, &reply, &err);
		int status = reply.status;
		http_reply_fini(&reply);
		if (f->is_ended || is_cancelled(f))
			return TAKT_OK;
		if (rc == RC_OK && is_final(status))
			return refused(f, status, e);
		set_up(f, false);
		if (is_hopeless(f))
			return takt_say(e, CODE_NO_SERVER, "the server has been away for %lld s",
			                (long long)f->w->give_up_ms / 1000);
		pause = f->last > before ? PAUSE_FIRST_MS : int64_min(2 * pause, PAUSE_LAST_MS);
		if (!takt_pause(f->t, pause))
			return TAKT_OK;
	}
}

enum takt_outcome takt_events(struct takt *t, const struct takt_watch *w, struct takt_error *e)
{
	struct follow f = { .t = t,
		            .w = w,
		            .arena = arena_create(ARENA_BLOCK),
		            .last = w->after,
		            .is_up = true,
		            .down_since_ms = env_mono_ms(&env_system) };
	sse_init(&f.sse);
	enum takt_outcome outcome = follow(&f, e);
	sse_fini(&f.sse);
	arena_destroy(f.arena);
	return outcome;
}
