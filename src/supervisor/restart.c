/* Restarts that somebody asked for: see supervisor.h, (6) and (7).
 *
 *	idle --asked, the program may follow--> server: told to end, ended, started, ready
 *	     --with the workers------------------> each worker: told, ended, started --> idle
 *
 * Asked meanwhile: it is done afterwards, once.  While the server is not up nothing is
 * begun: what dies is started again anyway, from the program on the disk. */
#include "supervisor/supervise_priv.h"

#include "sys/env.h"
#include "sys/log.h"

static void finish(struct supervision *s, const struct err *refused)
{
	enum restart_what next = s->restart.asked;
	s->restart = (struct restart){ 0 };
	if (s->o->on_restarted)
		s->o->on_restarted(s->o->ctx, refused);
	if (next != RESTART_NOTHING)
		restart_ask(s, next);
}

/* One after the other, so that the rest goes on with the work. */
static void next_worker(struct supervision *s)
{
	struct restart *r = &s->restart;
	for (; r->worker < s->n_kids; r->worker++) {
		struct kid *k = &s->kids[r->worker];
		if (k->is_running && !k->is_leaving) {
			kid_tell_to_end(k);
			return; /* restart_kid_ended() goes on */
		}
	}
	log_note(LOG_INFO, "the workers are restarted");
	finish(s, NULL);
}

static void begin(struct supervision *s, enum restart_what what)
{
	struct restart *r = &s->restart;
	*r = (struct restart){ .stage = RESTART_OF_SERVER,
		               .what = what,
		               .began_ms = env_mono_ms(&env_system) };
	LOG(LOG_INFO, "restarting", LOG_INT("server_pid", s->kids[0].process.pid));
	kid_tell_to_end(&s->kids[0]);
}

/* The children as the next program finds them. */
static enum rc replace(struct supervision *s, struct err *err)
{
	struct handover_child *list = xcalloc(s->n_kids, sizeof *list);
	for (size_t i = 0; i < s->n_kids; i++) {
		const struct kid *k = &s->kids[i];
		list[i] = (struct handover_child){ .name = k->spec->name,
			                           .pid = k->is_running ? k->process.pid : 0,
			                           .starts = k->starts };
	}
	log_note(LOG_INFO, "the supervisor becomes the program on the disk");
	enum rc rc = s->o->replace(s->o->ctx, list, s->n_kids, err);
	free(list);
	return rc;
}

void restart_ask(struct supervision *s, enum restart_what what)
{
	struct restart *r = &s->restart;
	struct err err = { 0 };
	if (s->is_draining)
		return;
	if (r->stage != RESTART_IDLE || !s->is_server_up) {
		r->asked = what > r->asked ? what : r->asked;
		return;
	}
	enum rc rc = s->o->may_follow ? s->o->may_follow(s->o->ctx, &err) : RC_OK;
	if (rc == RC_OK && what == RESTART_SELF && s->o->replace)
		rc = replace(s, &err);
	if (rc != RC_OK) {
		log_err(LOG_ERROR, "not restarted, the old one goes on", &err);
		finish(s, &err);
		return;
	}
	begin(s, what);
}

void restart_taken_over(struct supervision *s)
{
	begin(s, RESTART_ALL);
}

static void server_gone(struct kid *k, int how)
{
	struct restart *r = &k->s->restart;
	r->gone_ms = env_mono_ms(&env_system);
	if (how != 0)
		LOG(LOG_WARN, "the old server did not end well", LOG_INT("exit_code", how));
	kid_start(k);
}

bool restart_kid_ended(struct kid *k, int how)
{
	struct supervision *s = k->s;
	struct restart *r = &s->restart;
	bool is_servers = r->stage == RESTART_OF_SERVER && k == s->kids && !r->gone_ms;
	bool is_workers = r->stage == RESTART_OF_WORKERS && k == &s->kids[r->worker];
	if (is_servers) {
		server_gone(k, how);
	} else if (is_workers) {
		r->worker++; /* first: a start that fails comes back here */
		kid_start(k);
		next_worker(s);
	}
	return is_servers || is_workers;
}

void restart_server_ready(struct supervision *s)
{
	struct restart *r = &s->restart;
	if (r->stage != RESTART_OF_SERVER) {
		enum restart_what asked = r->asked;
		r->asked = RESTART_NOTHING;
		if (asked != RESTART_NOTHING && r->stage == RESTART_IDLE)
			restart_ask(s, asked);
		return;
	}
	int64_t now = env_mono_ms(&env_system);
	LOG(LOG_INFO, "restarted", LOG_INT("server_pid", s->kids[0].process.pid),
	    LOG_INT("drain_ms", r->gone_ms - r->began_ms), LOG_INT("gap_ms", now - r->gone_ms));
	if (r->what == RESTART_SERVER) {
		finish(s, NULL);
		return;
	}
	r->stage = RESTART_OF_WORKERS;
	r->worker = 1;
	next_worker(s);
}
