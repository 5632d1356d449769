/* One slot: lease, perform, say how it ended, with the next lease in the same call. */
#include <stdarg.h>
#include <stdio.h>

#include "worker/worker_priv.h"

#include "sys/env.h"
#include "sys/log.h"

enum { PAUSE_FIRST_MS = 50, PAUSE_LAST_MS = 5000 };

/* What handlers say */

const struct takt_lease *worker_lease(const struct worker_job *job)
{
	return job->lease;
}

struct arena *worker_arena(struct worker_job *job)
{
	return job->arena;
}

struct takt *worker_client(struct worker_job *job)
{
	return job->slot->t;
}

bool worker_is_cancelled(struct worker_job *job)
{
	return job->beat.is_cancelled || job->slot->w->is_forced;
}

void worker_progress(struct worker_job *job, double progress, const char *message)
{
	beat_note(&job->beat, progress, message, (struct str){ 0 });
}

void worker_log(struct worker_job *job, struct str line)
{
	if (!line.ptr)
		line = STR("");
	beat_note(&job->beat, -1, NULL, line);
}

void worker_succeed(struct worker_job *job, const char *output_json)
{
	job->output = str_dupz(job->arena, str_z(output_json));
}

void worker_fail_detail(struct worker_job *job, const char *json)
{
	job->detail = str_dupz(job->arena, str_z(json));
}

void worker_fail(struct worker_job *job, const char *code, bool is_final, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(job->message, sizeof job->message, fmt, ap);
	va_end(ap);
	/* A cut may have gone through a character. */
	struct str kept = str_z(job->message);
	job->message[utf8_check(kept)] = '\0';
	snprintf(job->code, sizeof job->code, "%s", code);
	job->is_final = is_final;
	job->output = NULL;
}

void worker_fail_takt(struct worker_job *job, const struct takt_error *e)
{
	worker_fail(job, e->code, e->outcome == TAKT_INVALID, "%s%s%s", e->place,
	            e->place[0] ? ": " : "", e->text);
}

void worker_fail_err(struct worker_job *job, const struct err *err)
{
	worker_fail(job, code_text(err->code), err->rc == RC_INVALID || err->rc == RC_LIMIT,
	            "%s%s%s", err->place, err->place[0] ? ": " : "", err->text);
}

/* Saying how it ended */

static bool is_worth_a_try(enum takt_outcome outcome)
{
	return outcome == TAKT_IO || outcome == TAKT_UNKNOWN || outcome == TAKT_BUSY;
}

/* A result that the server cannot take as it is becomes a failure that says so. */
static void refuse_output(struct worker_job *job, const struct takt_error *e)
{
	worker_fail(job, e->code, true, "the output was refused: %s", e->text);
}

static enum takt_outcome say_end(struct worker_job *job, const struct takt_lease_request *next,
                                 struct takt_leases **ret_next, struct takt_error *e)
{
	struct slot *s = job->slot;
	if (s->w->is_forced)
		return takt_return(s->t, job->lease, e);
	if (job->output)
		return takt_complete(s->t, job->lease, job->output, next, ret_next, e);
	struct takt_failure f = { .code = job->code,
		                  .message = job->message,
		                  .detail = job->detail,
		                  .is_final = job->is_final };
	return takt_fail(s->t, job->lease, &f, e);
}

/* For the log. */
static const char *request_id_of(const struct takt_lease *l)
{
	return l->request_id ? l->request_id : "";
}

/* Offered for as long as the lease may live. */
static struct takt_leases *offer(struct worker_job *job, const struct takt_lease_request *next)
{
	struct takt_leases *leases = NULL;
	struct takt_error e;
	int64_t end = env_mono_ms(&env_system) + job->lease->lease_ms;
	for (;;) {
		enum takt_outcome outcome = say_end(job, next, &leases, &e);
		if (outcome == TAKT_OK)
			return leases;
		if (job->output && (outcome == TAKT_INVALID || outcome == TAKT_LIMIT)) {
			refuse_output(job, &e);
			continue;
		}
		if (!is_worth_a_try(outcome) || env_mono_ms(&env_system) >= end) {
			LOG(LOG_WARN, "a result was not taken",
			    LOG_STR("task", str_z(job->lease->id)), LOG_STR("code", str_z(e.code)),
			    LOG_STR("request_id", str_z(request_id_of(job->lease))));
			return NULL;
		}
	}
}

/* Performing */

static const struct worker_kind *kind_of(const struct worker *w, const char *kind)
{
	for (size_t i = 0; i < w->o->n_kinds; i++)
		if (strcmp(w->o->kinds[i].kind, kind) == 0)
			return &w->o->kinds[i];
	return NULL;
}

static void hold(struct slot *s, const struct takt_lease *lease)
{
	lock_take(&s->lock);
	s->held = lease;
	lock_give(&s->lock);
}

static void run_handler(struct worker_job *job)
{
	struct err err = { 0 };
	const struct worker_kind *k = kind_of(job->slot->w, job->lease->kind);
	if (!k) {
		worker_fail(job, "unknown_kind", true, "this worker does not perform %s",
		            job->lease->kind);
		return;
	}
	if (beat_start(&job->beat, job->slot->t_beat, job->lease, &err) != RC_OK) {
		worker_fail_err(job, &err);
		return;
	}
	worker_fail(job, "no_result", false, "the worker ended the task without a result");
	k->fn(job, k->ctx);
	beat_stop(&job->beat);
}

static struct takt_leases *perform(struct slot *s, const struct takt_lease *lease,
                                   const struct takt_lease_request *next)
{
	struct worker_job *job = xcalloc(1, sizeof *job);
	job->slot = s;
	job->lease = lease;
	job->arena = arena_create(64 << 10);
	hold(s, lease);
	run_handler(job);
	struct takt_leases *leases = NULL;
	if (!job->beat.is_cancelled)
		leases = offer(job, s->w->is_leaving ? NULL : next);
	hold(s, NULL);
	arena_destroy(job->arena);
	free(job);
	return leases;
}

/* Leasing */

static bool take_state(struct slot *s, int from, int to)
{
	return atomic_compare_exchange_strong(&s->state, &from, to);
}

/* What was granted to a slot that has left meanwhile goes back. */
static void give_back(struct slot *s, struct takt_leases *l)
{
	struct takt_error e;
	for (size_t i = 0; i < l->n; i++)
		if (takt_return(s->t, &l->items[i], &e) != TAKT_OK)
			LOG(LOG_WARN, "a lease was not taken back",
			    LOG_STR("task", str_z(l->items[i].id)),
			    LOG_STR("request_id", str_z(request_id_of(&l->items[i]))));
	takt_leases_free(l);
}

/* One lease after the other, until there is none at hand. */
static void perform_all(struct slot *s, struct takt_leases *l, struct takt_lease_request next)
{
	next.wait_ms = 0;
	while (l && l->n) {
		struct takt_leases *more = perform(s, &l->items[0], &next);
		if (more && more->is_draining)
			worker_drained(s->w);
		takt_leases_free(l);
		l = more;
	}
	takt_leases_free(l);
}

static bool pause_slot(struct slot *s, int64_t ms)
{
	struct mailbox silent;
	mailbox_init(&silent);
	int64_t end = env_mono_us(&env_system) + ms * 1000, now;
	while ((now = env_mono_us(&env_system)) < end && !s->w->is_leaving)
		mailbox_wait(&silent, int64_min(end, now + 100 * 1000));
	return !s->w->is_leaving;
}

static void say_trouble(const struct slot *s, const struct takt_error *e, int64_t pause)
{
	LOG(is_worth_a_try(e->outcome) ? LOG_DEBUG : LOG_WARN, "no lease",
	    LOG_STR("worker", str_z(s->w->name)), LOG_STR("code", str_z(e->code)),
	    LOG_STR("why", str_z(e->text)), LOG_INT("again_ms", pause));
}

static void lease_on(struct slot *s)
{
	struct worker *w = s->w;
	struct takt_lease_request r = { .worker = w->name,
		                        .kinds = w->kinds,
		                        .n_kinds = w->o->n_kinds,
		                        .max = 1,
		                        .lease_ms = w->o->lease_ms,
		                        .wait_ms = WAIT_MS };
	int64_t pause = PAUSE_FIRST_MS;
	while (!w->is_leaving) {
		struct takt_leases *l;
		struct takt_error e;
		if (takt_lease(s->t, &r, &l, &e) != TAKT_OK) {
			if (w->is_leaving)
				return;
			say_trouble(s, &e, pause);
			if (!pause_slot(s, pause))
				return;
			pause = int64_min(2 * pause, PAUSE_LAST_MS);
			continue;
		}
		pause = PAUSE_FIRST_MS;
		if (l->is_draining) {
			worker_drained(w);
			if (l->n == 0) {
				takt_leases_free(l);
				return;
			}
		}
		if (!take_state(s, SLOT_IDLE, SLOT_BUSY)) {
			give_back(s, l);
			return;
		}
		perform_all(s, l, r);
		if (w->is_leaving || !take_state(s, SLOT_BUSY, SLOT_IDLE))
			return;
	}
}

void slot_main(void *slot)
{
	struct slot *s = slot;
	lease_on(s);
	s->state = SLOT_LEFT;
	worker_slot_left(s->w);
}
