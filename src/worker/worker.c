/* The worker's process: slots as threads, signals on the main thread's loop. */
#include <stdio.h>

#include "worker/worker_priv.h"

#include "sys/env.h"
#include "sys/environ.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/process.h"
#include "sys/self.h"
#include "sys/signals.h"

enum { DRAIN_MS = 20 * 1000, FORCED_MS = 2000, START_PAUSE_MS = 2000 };

#define OWNER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* Leaving.  The process ends by _Exit: threads that wait in a long poll are not asked,
 * the server notices that they have hung up. */

static bool is_empty(struct worker *w)
{
	for (int i = 0; i < w->n_slots; i++)
		if (w->slots[i].state != SLOT_LEFT)
			return false;
	return true;
}

static void end(struct worker *w)
{
	(void)w;
	fflush(stdout);
	_Exit(0);
}

struct left {
	struct loop_message m;
	struct worker *w;
};

static void on_left(struct loop_message *m)
{
	struct left *l = OWNER(m, struct left, m);
	struct worker *w = l->w;
	free(l);
	if (w->is_leaving && is_empty(w))
		end(w);
}

void worker_slot_left(struct worker *w)
{
	struct left *l = xcalloc(1, sizeof *l);
	l->m.fn = on_left;
	l->w = w;
	loop_post(w->loop, &l->m);
}

/* Time is up for good: what handlers still hold goes back from here. */
static void return_held(struct worker *w)
{
	struct takt *t;
	struct takt_error e;
	if (takt_open(&w->o->server, &t, &e) != TAKT_OK)
		return;
	for (int i = 0; i < w->n_slots; i++) {
		struct slot *s = &w->slots[i];
		lock_take(&s->lock);
		if (s->held && takt_return(t, s->held, &e) != TAKT_OK)
			LOG(LOG_WARN, "a lease was not taken back",
			    LOG_STR("task", str_z(s->held->id)));
		lock_give(&s->lock);
	}
	takt_close(t);
}

static void force(struct worker *w)
{
	if (w->is_last_call) {
		return_held(w);
		end(w);
	}
	w->is_last_call = true;
	w->is_forced = true; /* handlers see it as cancelled */
	loop_timer_set(w->loop, &w->deadline, env_mono_ms(&env_system) + FORCED_MS);
}

static void on_deadline(struct loop_timer *t)
{
	force(OWNER(t, struct worker, deadline));
}

/* Who has nothing leaves; the others when they are done. */
static void leave_when_done(struct worker *w)
{
	w->is_leaving = true;
	for (int i = 0; i < w->n_slots; i++) {
		int idle = SLOT_IDLE;
		atomic_compare_exchange_strong(&w->slots[i].state, &idle, SLOT_LEFT);
	}
	if (is_empty(w))
		end(w);
}

static void leave(struct worker *w)
{
	int64_t drain_ms = w->o->drain_ms ? w->o->drain_ms : DRAIN_MS;
	leave_when_done(w);
	loop_timer_set(w->loop, &w->deadline, env_mono_ms(&env_system) + drain_ms);
}

static void say_drained(const struct worker *w)
{
	LOG(LOG_INFO, "this agent is draining: no new work, and the end when nothing is held",
	    LOG_STR("agent", str_z(w->name)));
}

static void on_drained(struct loop_message *m)
{
	struct left *l = OWNER(m, struct left, m);
	struct worker *w = l->w;
	free(l);
	if (w->is_leaving)
		return;
	say_drained(w);
	leave_when_done(w);
}

void worker_drained(struct worker *w)
{
	struct left *l = xcalloc(1, sizeof *l);
	l->m.fn = on_drained;
	l->w = w;
	loop_post(w->loop, &l->m);
}

static void on_signal(struct loop_watch *watch, unsigned events)
{
	(void)events;
	struct worker *w = OWNER(watch, struct worker, signals);
	while (signals_next(w->signal_fd)) {
		if (w->is_told)
			force(w);
		else
			leave(w);
		w->is_told = true;
	}
}

/* Beginning */

static bool is_signalled(void *ctx)
{
	struct worker *w = ctx;
	if (!w->is_leaving && signals_next(w->signal_fd))
		w->is_leaving = true;
	return w->is_leaving;
}

static bool is_for_good(enum takt_outcome outcome)
{
	return outcome == TAKT_INVALID || outcome == TAKT_DENIED;
}

static void pause_ms(int64_t ms)
{
	struct mailbox silent;
	mailbox_init(&silent);
	mailbox_wait(&silent, env_mono_us(&env_system) + ms * 1000);
}

static enum takt_outcome say_start(struct worker *w, struct takt *t, struct takt_error *e)
{
	int64_t pause = 50;
	for (;;) {
		enum takt_outcome outcome = w->o->on_start(t, w->o->ctx, e);
		if (outcome == TAKT_OK || is_for_good(outcome) || is_signalled(w))
			return outcome;
		pause_ms(pause);
		pause = int64_min(2 * pause, START_PAUSE_MS);
	}
}

/* What must be done before the first lease; the server may still be starting. */
static enum takt_outcome prepare(struct worker *w, struct takt_error *e)
{
	struct takt_options to = w->o->server;
	struct takt *t;
	to.is_cancelled = is_signalled;
	to.ctx = w;
	enum takt_outcome outcome = takt_open(&to, &t, e);
	if (outcome != TAKT_OK)
		return outcome;
	if (w->o->on_start)
		outcome = say_start(w, t, e);
	if (outcome == TAKT_OK && !w->is_leaving && worker_register(w, t)) {
		say_drained(w);
		w->is_leaving = true;
	}
	takt_close(t);
	return outcome;
}

static enum takt_outcome start_slot(struct worker *w, struct slot *s, struct takt_error *e)
{
	struct err err = { 0 };
	s->w = w;
	lock_init(&s->lock);
	enum takt_outcome outcome = takt_open(&w->o->server, &s->t, e);
	if (outcome == TAKT_OK)
		outcome = takt_open(&w->o->server, &s->t_beat, e);
	if (outcome != TAKT_OK)
		return outcome;
	if (thread_start(&s->thread, "slot", slot_main, s, &err) == RC_OK)
		return TAKT_OK;
	snprintf(e->text, sizeof e->text, "%s", err.text);
	return TAKT_IO;
}

static void name_worker(struct worker *w)
{
	const char *host = environ_get("HOSTNAME");
	if (w->o->name)
		snprintf(w->name, sizeof w->name, "%s", w->o->name);
	else
		snprintf(w->name, sizeof w->name, "%.40s-%lld", host && *host ? host : "worker",
		         (long long)self_pid());
}

static enum rc open_loop(struct worker *w, struct err *err)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	enum rc rc = loop_create(&w->loop, &env_system, err);
	if (rc == RC_OK)
		rc = signals_open(signals, ARRAY_LEN(signals), &w->signal_fd, err);
	w->signals.fn = on_signal;
	w->deadline.fn = on_deadline;
	if (rc == RC_OK)
		rc = loop_add(w->loop, &w->signals, w->signal_fd, LOOP_READ);
	return rc;
}

static int cannot_begin(const char *why)
{
	LOG(LOG_ERROR, "the worker cannot begin", LOG_STR("why", str_z(why)));
	return 1;
}

int worker_main(const struct worker_options *o)
{
	struct worker w = { .o = o, .n_slots = o->slots ? o->slots : 1, .signal_fd = -1 };
	struct takt_error e = { 0 };
	struct err err = { 0 };
	w.began_us = env_mono_us(&env_system);
	name_worker(&w);
	if (open_loop(&w, &err) != RC_OK)
		return cannot_begin(err.text);
	w.kinds = xcalloc(o->n_kinds, sizeof *w.kinds);
	for (size_t i = 0; i < o->n_kinds; i++)
		w.kinds[i] = o->kinds[i].kind;
	enum takt_outcome outcome = prepare(&w, &e);
	if (w.is_leaving)
		return 0;
	if (outcome != TAKT_OK)
		return cannot_begin(e.text);
	w.slots = xcalloc((size_t)w.n_slots, sizeof *w.slots);
	for (int i = 0; i < w.n_slots; i++)
		if (start_slot(&w, &w.slots[i], &e) != TAKT_OK)
			return cannot_begin(e.text);
	loop_run(w.loop); /* ends in end() */
	return 0;
}
