/* Following a run: see watch.h.
 *
 * A thread reads the stream of events and posts a word for each; this thread's loop asks
 * for the run when something happened (at most every 40 ms) and draws.  Events are the
 * bell, GET /v1/runs/{id} is the truth, so a lost or unknown event draws nothing wrong. */
#include <stdio.h>

#include "cli/watch.h"

#include "base/arena.h"
#include "cli/progress.h"
#include "codec/json.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/loop.h"
#include "sys/signals.h"
#include "sys/terminal.h"
#include "sys/thread.h"

enum { DRAW_MS = 100, ASK_MS = 40, LOOK_MS = 1000, GONE_MS = 8000, SCREEN_MAX = 1 << 20 };

enum rc interrupts_open(struct interrupts *i, struct err *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	*i = (struct interrupts){ .fd = -1 };
	return signals_open(signals, ARRAY_LEN(signals), &i->fd, err);
}

void interrupts_close(struct interrupts *i)
{
	close_fd(&i->fd);
}

bool interrupts_any(void *interrupts)
{
	struct interrupts *i = interrupts;
	while (signals_next(i->fd))
		i->seen++;
	return i->seen > 0;
}

#define OWNER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

struct screen {
	size_t lines; /* of ours, above the cursor */
	bool is_live; /* a terminal: redraw in place */
	bool is_hidden;
};

struct following {
	const struct watch *w;
	struct loop *loop;
	struct loop_watch signals;
	struct loop_timer draw, ask;
	struct thread *thread;
	struct takt *stream; /* the reader thread's handle */
	struct takt_error stream_error;
	enum takt_outcome stream_outcome;
	_Atomic bool is_stopping;
	struct screen screen;
	struct arena *arenas[2]; /* of the run now and of the one before */
	struct run_view now;
	bool has_now;
	unsigned frame;
	bool is_ask_set, is_away, was_cancelled;
	int64_t failing_since_ms; /* questions without an answer; 0: the last had one */
	struct takt_run *ended;
	struct takt_error *e;
	enum takt_outcome outcome;
};

/* The screen */

static void screen_erase(struct screen *s, struct buf *out)
{
	if (s->lines)
		buf_addf(out, "\033[%zuA\r", s->lines);
	buf_addz(out, "\033[J");
	s->lines = 0;
}

static void screen_show_cursor(struct screen *s)
{
	if (s->is_hidden)
		terminal_write(TERMINAL_ERR, STR("\033[?25h"));
	s->is_hidden = false;
}

static void draw_live(struct following *f)
{
	struct cli *c = f->w->session->c;
	struct look l = { .width = terminal_width(TERMINAL_ERR),
		          .is_utf8 = c->is_utf8,
		          .has_colour = c->has_colour,
		          .now_ms = env_wall_ms(&env_system),
		          .frame = f->frame };
	struct buf out = BUF_INIT(SCREEN_MAX);
	if (!f->screen.is_hidden)
		buf_addz(&out, "\033[?25l");
	f->screen.is_hidden = true;
	screen_erase(&f->screen, &out);
	f->screen.lines = progress_render(&f->now, &l, &out);
	if (f->is_away) {
		buf_addz(&out, " the server is away; waiting for it\n");
		f->screen.lines++;
	}
	terminal_write(TERMINAL_ERR, buf_str(&out));
	buf_fini(&out);
}

static void show(struct following *f, const struct run_view *before)
{
	if (f->w->is_quiet)
		return;
	if (f->screen.is_live) {
		draw_live(f);
		return;
	}
	struct buf out = BUF_INIT(SCREEN_MAX);
	progress_plain(before, &f->now, &out);
	terminal_write(TERMINAL_ERR, buf_str(&out));
	buf_fini(&out);
}

/* Asking */

static void take_run(struct following *f, struct takt_run *run)
{
	struct run_view before = f->now;
	bool had = f->has_now;
	struct arena *a = f->arenas[0];
	f->arenas[0] = f->arenas[1];
	f->arenas[1] = a;
	arena_clear(a);
	const struct json *v;
	struct str text = str_dup(a, str_z(run->json));
	static const struct json_limits limits = { 16 << 20, 128, 2000000 };
	if (json_read(a, text, &limits, &v, NULL) != RC_OK)
		return; /* it was read once already: cannot be */
	run_view_read(a, v, &f->now);
	f->has_now = true;
	show(f, had ? &before : NULL);
}

/* The server did not answer.  A restart takes a moment; a server that ended with its
 * command does not come back, and the stream that would tell so may have ended before. */
static bool is_worth_waiting(struct following *f)
{
	int64_t now = env_mono_ms(&env_system);
	if (!f->failing_since_ms)
		f->failing_since_ms = now;
	if (f->w->is_moving && session_is_gone(f->w->session))
		return false;
	return now - f->failing_since_ms < GONE_MS;
}

static void ask(struct following *f)
{
	struct takt_run *run;
	struct takt_error e;
	enum takt_outcome outcome = takt_run_get(f->w->session->t, f->w->run, &run, &e);
	if (outcome != TAKT_OK) {
		bool is_passing =
		        outcome == TAKT_IO || outcome == TAKT_BUSY || outcome == TAKT_UNKNOWN;
		if (is_passing && is_worth_waiting(f))
			return;
		*f->e = e;
		f->outcome = is_passing ? TAKT_IO : outcome; /* TAKT_IO: try another server */
		loop_stop(f->loop);
		return;
	}
	f->failing_since_ms = 0;
	take_run(f, run);
	if (run->is_ended) {
		f->ended = run;
		loop_stop(f->loop);
	} else {
		takt_run_free(run);
	}
}

static void on_ask(struct loop_timer *t)
{
	struct following *f = OWNER(t, struct following, ask);
	f->is_ask_set = false;
	ask(f);
}

static void ask_soon(struct following *f, int64_t ms)
{
	if (f->is_ask_set)
		return;
	f->is_ask_set = true;
	loop_timer_set(f->loop, &f->ask, env_mono_ms(&env_system) + ms);
}

static void leave_if_gone(struct following *f)
{
	if (!f->w->is_moving || f->ended || !session_is_gone(f->w->session))
		return;
	*f->e = (struct takt_error){ .outcome = TAKT_IO };
	snprintf(f->e->code, sizeof f->e->code, "%s", code_text(CODE_NO_SERVER));
	snprintf(f->e->text, sizeof f->e->text, "the server has gone");
	f->outcome = TAKT_IO;
	loop_stop(f->loop);
}

static void on_draw(struct loop_timer *t)
{
	struct following *f = OWNER(t, struct following, draw);
	f->frame++;
	if (f->has_now && f->screen.is_live && !f->w->is_quiet)
		draw_live(f);
	if (f->frame % (LOOK_MS / DRAW_MS) == 0) {
		ask_soon(f, 0);
		if (f->is_away)
			leave_if_gone(f);
	}
	loop_timer_set(f->loop, t, env_mono_ms(&env_system) + DRAW_MS);
}

/* Interruption: the first cancels, the second leaves at once. */
static void on_signal(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct following *f = OWNER(w, struct following, signals);
	struct takt_error e;
	interrupts_any(f->w->interrupts);
	if (!f->w->is_cancelling || f->was_cancelled) {
		loop_stop(f->loop);
		return;
	}
	f->was_cancelled = true;
	enum takt_outcome outcome =
	        takt_run_cancel(f->w->session->t, f->w->run, "interrupted by the user", &e);
	if (outcome == TAKT_OK || outcome == TAKT_CONFLICT)
		ask_soon(f, 0);
	else
		loop_stop(f->loop);
}

/* The reader thread */

enum word_kind { WORD_EVENT, WORD_AWAY, WORD_BACK, WORD_END, WORD_STOP };
struct word {
	struct loop_message m;
	struct following *f;
	enum word_kind kind;
};

static void on_word(struct loop_message *m)
{
	struct word *w = OWNER(m, struct word, m);
	struct following *f = w->f;
	switch (w->kind) {
	case WORD_EVENT:
		ask_soon(f, ASK_MS);
		break;
	case WORD_AWAY:
		f->is_away = true;
		leave_if_gone(f);
		ask_soon(f, 0);
		break;
	case WORD_BACK:
		f->is_away = false;
		ask_soon(f, 0);
		break;
	case WORD_END:
		if (f->stream_outcome != TAKT_OK && !f->ended) {
			*f->e = f->stream_error;
			f->outcome = f->stream_outcome;
			loop_stop(f->loop);
		}
		break;
	case WORD_STOP:
		loop_stop(f->loop);
		break;
	}
	free(w);
}

static void post(struct following *f, enum word_kind kind)
{
	struct word *w = xcalloc(1, sizeof *w);
	w->m.fn = on_word;
	w->f = f;
	w->kind = kind;
	loop_post(f->loop, &w->m);
}

static bool on_event(void *ctx, const struct takt_event *event)
{
	struct following *f = ctx;
	post(f, WORD_EVENT);
	struct str type = str_z(event->type);
	bool is_end = str_eqz(type, "run.succeeded") || str_eqz(type, "run.failed") ||
	              str_eqz(type, "run.cancelled");
	return !is_end && !f->is_stopping;
}

static void on_connection(void *ctx, bool is_up)
{
	post(ctx, is_up ? WORD_BACK : WORD_AWAY);
}

static bool is_stopping(void *ctx)
{
	struct following *f = ctx;
	return f->is_stopping;
}

static void read_stream(void *ctx)
{
	struct following *f = ctx;
	struct takt_watch w = { .run = f->w->run,
		                .on_event = on_event,
		                .on_connection = on_connection,
		                .is_cancelled = is_stopping,
		                .ctx = f,
		                .give_up_ms = GONE_MS };
	f->stream_outcome = takt_events(f->stream, &w, &f->stream_error);
	post(f, WORD_END);
}

/* The whole */

static enum rc open_all(struct following *f, struct err *err)
{
	enum rc rc = loop_create(&f->loop, &env_system, err);
	f->signals.fn = on_signal;
	f->draw.fn = on_draw;
	f->ask.fn = on_ask;
	if (rc == RC_OK)
		rc = loop_add(f->loop, &f->signals, f->w->interrupts->fd, LOOP_READ);
	if (rc == RC_OK)
		rc = thread_start(&f->thread, "events", read_stream, f, err);
	return rc;
}

/* The reader has ended; the words it still posted are taken and freed. */
static void take_last_words(struct following *f)
{
	loop_timer_clear(f->loop, &f->draw);
	loop_timer_clear(f->loop, &f->ask);
	f->is_ask_set = true;
	loop_remove(f->loop, &f->signals);
	post(f, WORD_STOP);
	loop_run(f->loop);
}

static void close_all(struct following *f)
{
	f->is_stopping = true;
	if (f->thread) {
		thread_join(f->thread);
		take_last_words(f);
	}
	screen_show_cursor(&f->screen);
	if (f->loop)
		loop_destroy(f->loop);
	takt_close(f->stream);
	arena_destroy(f->arenas[0]);
	arena_destroy(f->arenas[1]);
}

static enum takt_outcome follow(struct following *f, struct takt_error *e)
{
	struct err err = { 0 };
	if (open_all(f, &err) != RC_OK) {
		*e = (struct takt_error){ .outcome = TAKT_IO };
		snprintf(e->code, sizeof e->code, "%s", code_text(err.code));
		snprintf(e->text, sizeof e->text, "%s", err.text);
		return TAKT_IO;
	}
	ask_soon(f, 0);
	loop_timer_set(f->loop, &f->draw, env_mono_ms(&env_system) + DRAW_MS);
	loop_run(f->loop);
	return f->outcome;
}

enum takt_outcome watch_run(const struct watch *w, struct takt_run **ret, struct takt_error *e)
{
	struct following f = { .w = w, .e = e };
	enum takt_outcome outcome = session_handle(w->session, &f.stream, e);
	if (outcome != TAKT_OK)
		return outcome;
	f.arenas[0] = arena_create(16 << 10);
	f.arenas[1] = arena_create(16 << 10);
	f.screen.is_live = terminal_is(TERMINAL_ERR) && w->session->c->has_colour;
	outcome = follow(&f, e);
	close_all(&f);
	if (outcome == TAKT_OK)
		*ret = f.ended;
	else
		takt_run_free(f.ended);
	return outcome;
}
