/* The state of the engine in one look: see overview.h. */
#include <stdlib.h>

#include "observe/overview.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/writer.h"
#include "sys/self.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static void take_queue(const struct queue_count *c, int64_t now_ms, struct overview_queue *ret)
{
	*ret = (struct overview_queue){ .name = c->kind,
		                        .oldest_ms = -1,
		                        .is_paused = c->settings.is_paused };
	memcpy(ret->by_state, c->by_state, sizeof ret->by_state);
	if (c->oldest_ready_ms)
		ret->oldest_ms = int64_max(now_ms - c->oldest_ready_ms, 0);
}

static int64_t live(const struct overview_queue *q)
{
	int64_t n = 0;
	for (enum task_state s = TASK_SCHEDULED; s <= TASK_LEASED; s++)
		n += q->by_state[s];
	return n;
}

/* Longest waiting first, then the fullest, then by name, so that the order is one. */
static int by_age(const void *a, const void *b)
{
	const struct overview_queue *x = a, *y = b;
	if (x->oldest_ms != y->oldest_ms)
		return x->oldest_ms > y->oldest_ms ? -1 : 1;
	int64_t n = live(x), m = live(y);
	return n != m ? (n > m ? -1 : 1) : str_cmp(x->name, y->name);
}

static void add_to_rest(struct overview *o, const struct overview_queue *q)
{
	for (enum task_state s = TASK_SCHEDULED; s <= TASK_LEASED; s++)
		o->rest.by_state[s] += q->by_state[s];
	o->rest.oldest_ms = int64_max(o->rest.oldest_ms, q->oldest_ms);
	o->n_rest++;
}

static enum rc read_queues(struct queue *q, struct scope scope, struct arena *a, struct overview *o,
                           struct err *err)
{
	struct queue_count *counts;
	size_t n;
	enum rc rc = queue_counts(q, scope, a, &counts, &n, err);
	if (rc != RC_OK)
		return rc;
	o->queues = arena_new(a, struct overview_queue, n + 1);
	for (size_t i = 0; i < n; i++)
		take_queue(&counts[i], o->now_ms, &o->queues[i]);
	qsort(o->queues, n, sizeof *o->queues, by_age);
	o->n_queues = size_min(n, OVERVIEW_QUEUES);
	o->rest.oldest_ms = -1;
	for (size_t i = o->n_queues; i < n; i++)
		add_to_rest(o, &o->queues[i]);
	for (size_t i = 0; i < o->n_queues && rc == RC_OK; i++)
		rc = queue_ended(q, scope, o->queues[i].name, o->now_ms / DAY_MS,
		                 &o->queues[i].ended_today, err);
	return rc;
}

void overview_process(struct overview_process *ret)
{
	*ret = (struct overview_process){ .memory_bytes = self_memory_bytes(),
		                          .virtual_bytes = self_virtual_bytes(),
		                          .fds = self_open_fds(),
		                          .fds_max = self_fds_max(),
		                          .started_ms = self_started_at_ms(),
		                          .cpu_seconds = self_cpu_seconds() };
}

enum rc overview_read(const struct overview_sources *from, struct scope scope, struct arena *a,
                      struct overview *ret, struct err *err)
{
	struct overview o = { .now_ms = writer_now_ms(from->writer),
		              .version = from->version,
		              .schema_version = from->schema_version };
	/* First, so that it does not see the readers of this very look. */
	store_figures(from->store, &o.store);
	enum rc rc = read_queues(from->queue, scope, a, &o, err);
	if (rc == RC_OK)
		rc = run_counts(from->flow, scope, COUNTED_MAX, o.runs, err);
	if (rc == RC_OK)
		rc = dead_count(from->queue, scope, COUNTED_MAX, &o.dead, err);
	if (rc == RC_OK)
		rc = agent_sum(from->queue, scope, &o.agents, err);
	if (rc != RC_OK)
		return rc;
	overview_process(&o.process);
	*ret = o;
	return RC_OK;
}
