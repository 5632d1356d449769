/* What an agent's attempts come to: leases granted, and each end counted once.  See agent.h (3). */
#include "queue/agent_priv.h"
#include "queue/queue_priv.h"

enum { ONE_PPM = 1000 * 1000 };

void agent_leased(struct queue *q, struct tx *tx, struct agent *a, int64_t lease_ms)
{
	if (!a)
		return;
	struct agent_facts *f = agent_change_work(q, a);
	f->held++;
	if (!f->first_ms)
		f->first_ms = tx->now_ms;
	a->term_ms = int64_max(a->term_ms, lease_ms);
}

static void fade(int64_t *share_ppm, bool is_so)
{
	*share_ppm += ((is_so ? ONE_PPM : 0) - *share_ppm) / AGENT_RECENT;
}

static void count_end(struct agent_facts *f, enum attempt_end how, int64_t duration_ms)
{
	int64_t *const counts[] = {
		[ATTEMPT_SUCCEEDED] = &f->counts.succeeded,
		[ATTEMPT_FAILED] = &f->counts.failed,
		[ATTEMPT_TIMED_OUT] = &f->counts.timed_out,
		[ATTEMPT_LOST] = &f->counts.lost,
		[ATTEMPT_RETURNED] = &f->counts.returned,
		[ATTEMPT_CANCELLED] = &f->counts.cancelled,
	};
	++*counts[how];
	if (how == ATTEMPT_RETURNED || how == ATTEMPT_CANCELLED)
		return; /* says nothing about the agent */
	fade(&f->failing_ppm, how == ATTEMPT_FAILED || how == ATTEMPT_TIMED_OUT);
	fade(&f->losing_ppm, how == ATTEMPT_LOST);
	if (how == ATTEMPT_SUCCEEDED || how == ATTEMPT_FAILED)
		f->duration_ms += duration_ms;
}

enum rc agent_attempt_ended(struct queue *q, struct tx *tx, const struct task_row *row,
                            enum attempt_end how, struct err *err)
{
	struct scope scope = { .role = ROLE_OWNER };
	struct agent *a = agent_of_id(q, row->agent);
	if (!a)
		return RC_OK;
	struct agent_facts *f = agent_change_work(q, a);
	assert(f->held > 0);
	f->held--;
	count_end(f, how, tx->now_ms - row->lease_began_ms);
	if (f->held)
		return RC_OK;
	a->term_ms = 0;
	agent_look_again(q, a, tx->now_ms); /* the patience was that of a lease */
	scope.tenant = a->tenant;
	return f->is_draining ? agent_note(q, tx, scope, a, AGENT_DRAINED, "agent.drained",
	                                   (struct str){ 0 }, err)
	                      : RC_OK;
}
