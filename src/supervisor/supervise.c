/* The children of one server: see supervisor.h, (3) to (5); restart.c has (6)
 * and (7), adopt.c the beginning of the latter.
 *
 *	STARTING --server ready--> RUNNING --signal--> DRAINING --all gone--> end
 *	    |                        |                    |
 *	    +-- permanent failure ---+--------------------+--> end
 *
 * Everything happens on one loop: the ends of children come through pidfds, signals
 * through a descriptor, pauses through timers. */
#include "supervisor/supervise_priv.h"

#include "sys/env.h"
#include "sys/file.h"
#include "sys/log.h"
#include "sys/pipe.h"
#include "sys/replace.h"
#include "sys/signals.h"

enum { LOOK_MS = 50, SLACK_MS = 1000, EXIT_BY_TERM = 128 + SIGTERM };

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

void kid_tell_to_end(struct kid *k)
{
	struct supervision *s = k->s;
	if (!k->is_running || k->is_told)
		return;
	k->is_told = true;
	process_signal(&k->process, SIGTERM, false);
	int64_t patience_ms = is_server(k) ? s->o->drain_ms + SLACK_MS : s->o->drain_ms / 2;
	loop_timer_set(s->loop, &k->patience, env_mono_ms(&env_system) + patience_ms);
}

/* With all that it started. */
static void kid_kill(struct kid *k)
{
	if (!k->is_running)
		return;
	note(LOG_WARN, "killed, it did not end in time", k, k->process.pid, "pid");
	k->is_killed = true;
	process_signal(&k->process, SIGKILL, true);
}

/* A worker that still performs what it holds is told again, which means: hand it back now.
 * The server has a deadline of its own and is a second late at most. */
static void on_patience(struct loop_timer *t)
{
	struct kid *k = OWNER(t, struct kid, patience);
	if (is_server(k) || k->is_hurried) {
		kid_kill(k);
		return;
	}
	k->is_hurried = true;
	process_signal(&k->process, SIGTERM, false);
	loop_timer_set(k->s->loop, t, env_mono_ms(&env_system) + k->s->o->drain_ms / 2);
}

/* Workers first, so that they can still hand back what they hold. */
static void drain_on(struct supervision *s)
{
	if (workers_left(s))
		return;
	if (s->kids[0].is_running)
		kid_tell_to_end(&s->kids[0]);
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
		if (i > 0)
			kid_tell_to_end(k);
	}
	loop_timer_set(s->loop, &s->deadline, env_mono_ms(&env_system) + s->o->drain_ms);
	drain_on(s);
}

static void kill_all(struct supervision *s)
{
	for (size_t i = 0; i < s->n_kids; i++)
		kid_kill(&s->kids[i]);
}

static void on_deadline(struct loop_timer *t)
{
	kill_all(OWNER(t, struct supervision, deadline));
}

static void end_by_signal(struct supervision *s)
{
	if (s->is_draining)
		kill_all(s);
	else
		drain(s);
}

/* A terminal that was closed takes what ran in its foreground with it. */
static bool is_hung_up(const struct supervision *s)
{
	return s->o->is_ephemeral || (s->had_terminal && !has_controlling_terminal());
}

static void on_signal(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct supervision *s = OWNER(w, struct supervision, signals);
	for (int n; (n = signals_next(s->signal_fd)) != 0;) {
		if (n == SIGUSR1)
			restart_ask(s, RESTART_ALL);
		else if (n == SIGUSR2)
			restart_ask(s, RESTART_SELF);
		else if (n == SIGHUP && !is_hung_up(s))
			restart_ask(s, RESTART_SERVER);
		else
			end_by_signal(s);
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

/* Told to end and not killed by us, it ends with 0; or by the signal itself when that
 * came before it listened for signals. */
static void check_drained(struct kid *k, int how)
{
	struct supervision *s = k->s;
	if (how == 0 || k->is_killed)
		return;
	LOG(LOG_WARN, "a child did not end well", LOG_STR("child", str_z(k->spec->name)),
	    LOG_INT("exit_code", how));
	if (!is_server(k) || s->exit_code || (how == EXIT_BY_TERM && !s->is_server_up))
		return;
	s->exit_code = EXIT_NOTHING_HELPED;
	(void)err_set(s->err, CODE_IO,
	              "the server ended with %d while it drained; what it had acknowledged is "
	              "kept, and the next start recovers",
	              how);
}

static void after_end(struct kid *k, int how)
{
	struct supervision *s = k->s;
	if (s->is_draining) {
		check_drained(k, how);
		drain_on(s);
		return;
	}
	if (k->is_leaving || restart_kid_ended(k, how))
		return;
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

static void has_ended(struct kid *k, int how)
{
	struct supervision *s = k->s;
	k->is_running = false;
	loop_timer_clear(s->loop, &k->patience);
	after_end(k, how);
	if (is_server(k) && !k->is_running)
		s->is_server_up = false;
}

static void look(struct kid *k)
{
	int how;
	if (!k->is_running)
		return;
	loop_remove(k->s->loop, &k->ended); /* the pidfd closes when it is reaped */
	if (process_ended(&k->process, &how)) {
		has_ended(k, how);
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

void kid_watch_end(struct kid *k)
{
	struct supervision *s = k->s;
	bool has_pidfd = k->process.pidfd >= 0;
	if (has_pidfd && loop_add(s->loop, &k->ended, k->process.pidfd, LOOP_READ) == RC_OK)
		return;
	loop_timer_set(s->loop, &s->look, env_mono_ms(&env_system) + LOOK_MS);
}

void kid_start(struct kid *k)
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
	k->is_told = k->is_hurried = k->is_killed = false;
	if (is_server(k))
		k->s->is_server_up = false;
	if (process_start(&po, &k->process, &err) != RC_OK) {
		log_err(LOG_ERROR, "a child cannot be started", &err);
		after_end(k, EXIT_NOTHING_HELPED);
		return;
	}
	k->is_running = true;
	note(LOG_DEBUG, "started", k, k->process.pid, "pid");
	kid_watch_end(k);
}

static void on_again(struct loop_timer *t)
{
	kid_start(OWNER(t, struct kid, again));
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
		kid_start(&s->kids[i]);
}

static void on_server_ready(struct loop_watch *w, unsigned events)
{
	(void)events;
	struct supervision *s = OWNER(w, struct supervision, ready);
	char bytes[16];
	ssize_t n = pipe_read(w->fd, bytes, sizeof bytes);
	if (n == 0)
		loop_remove(s->loop, w);
	if (n <= 0 || s->is_draining)
		return;
	s->is_server_up = true;
	if (!s->is_ready)
		first_ready(s);
	else if (s->restart.stage == RESTART_IDLE)
		log_note(LOG_INFO, "the server is ready again");
	restart_server_ready(s);
}

/* The whole */

static enum rc open_all(struct supervision *s, struct err *err)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };
	enum rc rc = loop_create(&s->loop, &env_system, err);
	if (rc == RC_OK)
		rc = signals_open(signals, ARRAY_LEN(signals), &s->signal_fd, err);
	s->signals.fn = on_signal;
	s->ready.fn = on_server_ready;
	s->deadline.fn = on_deadline;
	s->look.fn = on_look;
	s->had_terminal = has_controlling_terminal();
	if (rc == RC_OK)
		rc = loop_add(s->loop, &s->signals, s->signal_fd, LOOP_READ);
	if (rc == RC_OK)
		pipe_is_waiting(s->o->ready_fd, false);
	if (rc == RC_OK)
		rc = loop_add(s->loop, &s->ready, s->o->ready_fd, LOOP_READ);
	return rc;
}

/* As many as the settings name, and room for those that were handed over. */
static void make_kids(struct supervision *s)
{
	s->n_kids = 1 + s->o->n_workers;
	s->kids = xcalloc(s->n_kids + s->o->n_adopted, sizeof *s->kids);
	for (size_t i = 0; i < s->n_kids + s->o->n_adopted; i++)
		s->kids[i] = (struct kid){
			.s = s,
			.ended.fn = on_ended,
			.again.fn = on_again,
			.patience.fn = on_patience,
			.process.pidfd = -1,
		};
	for (size_t i = 0; i < s->n_kids; i++)
		s->kids[i].spec = i == 0 ? &s->o->server : &s->o->workers[i - 1];
}

int supervise(const struct supervise_options *o, struct err *err)
{
	struct supervision s = { .o = o, .signal_fd = -1, .err = err };
	if (open_all(&s, err) != RC_OK) {
		s.exit_code = EXIT_NOTHING_HELPED;
	} else {
		make_kids(&s);
		if (o->n_adopted)
			supervise_take_over(&s);
		else
			kid_start(&s.kids[0]);
		loop_run(s.loop);
	}
	loop_destroy(s.loop);
	close_fd(&s.signal_fd);
	free(s.kids);
	return s.exit_code;
}
