/* The children of one server: see supervisor.h, (3) to (5).
 *
 *	STARTING --server ready--> RUNNING --signal--> DRAINING --all gone--> end
 *	    |                        |                    |
 *	    +-- permanent failure ---+--------------------+--> end
 *
 * Everything happens on one loop: the ends of children come through pidfds, signals
 * through a descriptor, pauses through timers. */
#include "supervisor/supervisor.h"

#include "sys/env.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/loop.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/signals.h"

enum { EXIT_NOTHING_HELPED = 70, LOOK_MS = 50 };

struct supervision;

struct kid {
	struct supervision *s;
	const struct child_spec *spec;
	struct process process;
	struct backoff backoff;
	struct loop_watch ended;
	struct loop_timer again;
	int64_t started_ms;
	int starts;
	bool is_running;
};

struct supervision {
	const struct supervise_options *o;
	struct loop *loop;
	struct loop_watch signals, ready;
	struct loop_timer deadline;
	struct loop_timer look; /* for systems without pidfds */
	int signal_fd;
	struct kid *kids; /* the server first */
	size_t n_kids;
	bool is_ready, is_draining;
	int exit_code;
	struct err *err;
};

#define OWNER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static bool is_server(const struct kid *k)
{
	return k == k->s->kids;
}

static void note(enum log_level level, const char *what, const struct kid *k, int64_t n,
                 const char *n_is)
{
	LOG(level, what, LOG_STR("child", str_z(k->spec->name)), LOG_INT(n_is, n));
}

/* Draining */

static size_t workers_left(const struct supervision *s)
{
	size_t n = 0;
	for (size_t i = 1; i < s->n_kids; i++)
		n += s->kids[i].is_running;
	return n;
}

/* Workers first, so that they can still hand back what they hold. */
static void drain_on(struct supervision *s)
{
	if (workers_left(s))
		return;
	if (s->kids[0].is_running)
		process_signal(&s->kids[0].process, SIGTERM, false);
	else
		loop_stop(s->loop);
}

static void drain(struct supervision *s)
{
	if (s->is_draining)
		return;
	s->is_draining = true;
	for (size_t i = 0; i < s->n_kids; i++) {
		struct kid *k = &s->kids[i];
		loop_timer_clear(s->loop, &k->again);
		if (i > 0 && k->is_running)
			process_signal(&k->process, SIGTERM, false);
	}
	loop_timer_set(s->loop, &s->deadline, env_mono_ms(&env_system) + s->o->drain_ms);
	drain_on(s);
}

/* What is left is ended with all that it started. */
static void kill_all(struct supervision *s)
{
	for (size_t i = 0; i < s->n_kids; i++) {
		struct kid *k = &s->kids[i];
		if (!k->is_running)
			continue;
		note(LOG_WARN, "killed, it did not end in time", k, k->process.pid, "pid");
		process_signal(&k->process, SIGKILL, true);
	}
}

static void on_deadline(struct loop_timer *t)
{
	kill_all(OWNER(t, struct supervision, deadline));
}

static void on_signal(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct supervision *s = OWNER(w, struct supervision, signals);
	while (signals_next(s->signal_fd)) {
		if (s->is_draining)
			kill_all(s);
		else
			drain(s);
	}
}

/* Ends */

static void fail_for_good(struct supervision *s, int exit_code, const struct kid *k, int how)
{
	s->exit_code = exit_code;
	if (exit_code == EXIT_NOTHING_HELPED)
		(void)err_set(s->err, CODE_IO,
		              "the %s ended %d times before it was ready, at last with %d",
		              k->spec->name, k->starts, how);
	drain(s);
}

static void plan_restart(struct kid *k, int how)
{
	struct supervision *s = k->s;
	int64_t now = env_mono_ms(&env_system);
	int64_t wait = backoff_after(&k->backoff, &s->o->backoff, now - k->started_ms);
	LOG(LOG_WARN, "a child ended and is started again", LOG_STR("child", str_z(k->spec->name)),
	    LOG_INT("exit_code", how), LOG_INT("after_ms", wait));
	loop_timer_set(s->loop, &k->again, now + wait);
}

static void after_end(struct kid *k, int how)
{
	struct supervision *s = k->s;
	if (s->is_draining) {
		drain_on(s);
		return;
	}
	if (is_server(k) && how == s->o->permanent_exit) {
		fail_for_good(s, how, k, how);
		return;
	}
	if (is_server(k) && !s->is_ready && s->o->starts_max && k->starts >= s->o->starts_max) {
		fail_for_good(s, EXIT_NOTHING_HELPED, k, how);
		return;
	}
	plan_restart(k, how);
}

static void look(struct kid *k)
{
	int how;
	if (!k->is_running)
		return;
	loop_remove(k->s->loop, &k->ended); /* the pidfd closes when it is reaped */
	if (process_ended(&k->process, &how)) {
		k->is_running = false;
		after_end(k, how);
	} else if (k->process.pidfd >= 0 &&
	           loop_add(k->s->loop, &k->ended, k->process.pidfd, LOOP_READ) != RC_OK) {
		abort(); /* the loop watched this descriptor a moment ago */
	}
}

static void on_ended(struct loop_watch *w, unsigned events)
{
	(void)events;
	look(OWNER(w, struct kid, ended));
}

static void on_look(struct loop_timer *t)
{
	struct supervision *s = OWNER(t, struct supervision, look);
	for (size_t i = 0; i < s->n_kids; i++)
		look(&s->kids[i]);
	loop_timer_set(s->loop, t, env_mono_ms(&env_system) + LOOK_MS);
}

/* Starts */

static void watch_end(struct kid *k)
{
	struct supervision *s = k->s;
	bool has_pidfd = k->process.pidfd >= 0;
	if (has_pidfd && loop_add(s->loop, &k->ended, k->process.pidfd, LOOP_READ) == RC_OK)
		return;
	loop_timer_set(s->loop, &s->look, env_mono_ms(&env_system) + LOOK_MS);
}

static void start(struct kid *k)
{
	struct process_options po = { .argv = k->spec->argv,
		                      .fd_in = -1,
		                      .fd_out = -1,
		                      .fd_err = -1,
		                      .keep = k->spec->keep,
		                      .n_keep = k->spec->n_keep,
		                      .is_group_leader = true };
	struct err err = { 0 };
	k->starts++;
	k->started_ms = env_mono_ms(&env_system);
	if (process_start(&po, &k->process, &err) != RC_OK) {
		log_err(LOG_ERROR, "a child cannot be started", &err);
		after_end(k, EXIT_NOTHING_HELPED);
		return;
	}
	k->is_running = true;
	note(LOG_DEBUG, "started", k, k->process.pid, "pid");
	watch_end(k);
}

static void on_again(struct loop_timer *t)
{
	start(OWNER(t, struct kid, again));
}

static void first_ready(struct supervision *s)
{
	s->is_ready = true;
	if (s->o->on_ready && s->o->on_ready(s->o->ctx, s->err) != RC_OK) {
		s->exit_code = EXIT_NOTHING_HELPED;
		drain(s);
		return;
	}
	for (size_t i = 1; i < s->n_kids && !s->is_draining; i++)
		start(&s->kids[i]);
}

static void on_server_ready(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct supervision *s = OWNER(w, struct supervision, ready);
	char bytes[16];
	ssize_t n = pipe_read(w->fd, bytes, sizeof bytes);
	if (n == 0)
		loop_remove(s->loop, w);
	else if (n > 0 && !s->is_ready && !s->is_draining)
		first_ready(s);
	else if (n > 0)
		log_note(LOG_INFO, "the server is ready again");
}

/* The whole */

static enum rc open_all(struct supervision *s, struct err *err)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	enum rc rc = loop_create(&s->loop, &env_system, err);
	if (rc == RC_OK)
		rc = signals_open(signals, ARRAY_LEN(signals), &s->signal_fd, err);
	s->signals.fn = on_signal;
	s->ready.fn = on_server_ready;
	s->deadline.fn = on_deadline;
	s->look.fn = on_look;
	if (rc == RC_OK)
		rc = loop_add(s->loop, &s->signals, s->signal_fd, LOOP_READ);
	if (rc == RC_OK)
		pipe_is_waiting(s->o->ready_fd, false);
	if (rc == RC_OK)
		rc = loop_add(s->loop, &s->ready, s->o->ready_fd, LOOP_READ);
	return rc;
}

static void make_kids(struct supervision *s)
{
	s->n_kids = 1 + s->o->n_workers;
	s->kids = xcalloc(s->n_kids, sizeof *s->kids);
	for (size_t i = 0; i < s->n_kids; i++)
		s->kids[i] = (struct kid){
			.s = s,
			.spec = i == 0 ? &s->o->server : &s->o->workers[i - 1],
			.ended.fn = on_ended,
			.again.fn = on_again,
			.process.pidfd = -1,
		};
}

int supervise(const struct supervise_options *o, struct err *err)
{
	struct supervision s = { .o = o, .signal_fd = -1, .err = err };
	if (open_all(&s, err) != RC_OK) {
		s.exit_code = EXIT_NOTHING_HELPED;
	} else {
		make_kids(&s);
		start(&s.kids[0]);
		loop_run(s.loop);
	}
	loop_destroy(s.loop);
	close_fd(&s.signal_fd);
	free(s.kids);
	return s.exit_code;
}
