/* Those who wait for work: long polls, in memory only (a restart makes them ask again).
 *
 * Each waiter stands in one line per kind it asked for, so a task that becomes ready
 * looks at one line and not at ten thousand waiters; and in one list by deadline.  A
 * line exists while somebody stands in it.
 *
 * In a batch a waiter is *fresh* (entered in this batch, so it leaves on a rollback) or
 * *granted* (answered in this batch, so it leaves after the commit, and stays on a
 * rollback).
 */
#include "queue/queue_priv.h"

static size_t bucket_of(int64_t tenant, struct str kind)
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)tenant; /* FNV-1a */
	for (size_t i = 0; i < kind.len; i++)
		h = (h ^ (unsigned char)kind.ptr[i]) * 1099511628211u;
	return (size_t)(h ^ (h >> 32)) & (LINE_BUCKETS - 1);
}

struct line *wait_line(struct queue *q, int64_t tenant, struct str kind, bool create)
{
	struct line **bucket = &q->buckets[bucket_of(tenant, kind)];
	for (struct line *l = *bucket; l; l = l->next_in_bucket)
		if (l->tenant == tenant && str_eq((struct str){ l->kind, l->kind_len }, kind))
			return l;
	if (!create)
		return NULL;
	struct line *line = xcalloc(1, sizeof *line);
	line->tenant = tenant;
	line->kind = xstrndup(kind.ptr, kind.len);
	line->kind_len = kind.len;
	line->next_in_bucket = *bucket;
	*bucket = line;
	return line;
}

static void drop_line_if_idle(struct queue *q, struct line *line)
{
	if (line->first || line->is_hinted)
		return;
	struct str kind = { line->kind, line->kind_len };
	struct line **at = &q->buckets[bucket_of(line->tenant, kind)];
	while (*at != line)
		at = &(*at)->next_in_bucket;
	*at = line->next_in_bucket;
	free(line->kind);
	free(line);
}

static void enter_line(struct queue *q, struct lease_command *l, struct waiting *place,
                       struct str kind)
{
	struct line *line = wait_line(q, l->is_for_all ? 0 : l->c.scope.tenant, kind, true);
	*place = (struct waiting){ .who = l, .line = line, .prev = line->last };
	if (line->last)
		line->last->next = place;
	else
		line->first = place;
	line->last = place;
}

static void leave_line(struct queue *q, struct waiting *place)
{
	struct line *line = place->line;
	*(place->prev ? &place->prev->next : &line->first) = place->next;
	*(place->next ? &place->next->prev : &line->last) = place->prev;
	drop_line_if_idle(q, line);
}

/* By deadline, from the back: most pollers ask for the same time. */
static void enter_list(struct queue *q, struct lease_command *l)
{
	struct lease_command *prev = q->waiting_last;
	while (prev && prev->deadline_ms > l->deadline_ms)
		prev = prev->prev_waiting;
	l->prev_waiting = prev;
	l->next_waiting = prev ? prev->next_waiting : q->waiting_first;
	*(prev ? &prev->next_waiting : &q->waiting_first) = l;
	*(l->next_waiting ? &l->next_waiting->prev_waiting : &q->waiting_last) = l;
}

static void leave_list(struct queue *q, struct lease_command *l)
{
	*(l->prev_waiting ? &l->prev_waiting->next_waiting : &q->waiting_first) = l->next_waiting;
	*(l->next_waiting ? &l->next_waiting->prev_waiting : &q->waiting_last) = l->prev_waiting;
}

/* Remembers that the end of the batch has to look at it; once. */
static void settle_later(struct queue *q, struct lease_command *l)
{
	if (l->is_fresh || l->is_granted)
		return;
	l->next_settling = q->settling;
	q->settling = l;
}

void wait_settle(struct queue *q, bool is_committed)
{
	while (q->settling) {
		struct lease_command *l = q->settling;
		q->settling = l->next_settling;
		bool is_leaving = is_committed ? l->is_granted : l->is_fresh;
		l->is_fresh = l->is_granted = false;
		if (is_leaving)
			wait_leave(q, l);
	}
}

void wait_grant(struct queue *q, struct tx *tx, struct lease_command *l)
{
	assert(l->is_waiting && !l->is_granted);
	settle_later(q, l);
	l->is_granted = true;
	l->is_draining = l->agent && l->agent->s.is_draining;
	writer_answer(tx->writer, &l->c, RC_OK);
}

void wait_enter(struct queue *q, struct lease_command *l, int64_t now_ms)
{
	assert(!l->is_waiting);
	l->deadline_ms = now_ms + l->wait_ms;
	l->is_fresh = l->is_granted = false;
	settle_later(q, l);
	l->is_waiting = l->is_fresh = true;
	l->places = arena_new(l->arena, struct waiting, l->n_kinds);
	for (size_t i = 0; i < l->n_kinds; i++)
		enter_line(q, l, &l->places[i], l->kinds[i]);
	enter_list(q, l);
	agent_polls(q, l->agent, 1, now_ms);
	count_set(COUNT_POLLERS, ++q->n_waiting);
}

void wait_leave(struct queue *q, struct lease_command *l)
{
	assert(l->is_waiting);
	for (size_t i = 0; i < l->n_kinds; i++)
		leave_line(q, &l->places[i]);
	leave_list(q, l);
	agent_polls(q, l->agent, -1, writer_now_ms(q->writer));
	l->is_waiting = false;
	count_set(COUNT_POLLERS, --q->n_waiting);
}

static void hint(struct queue *q, struct line *line)
{
	if (!line || line->is_hinted)
		return; /* nobody waits: the next one to ask will find it */
	line->is_hinted = true;
	line->next_hinted = q->hinted;
	q->hinted = line;
}

void lease_hint(struct queue *q, int64_t tenant, struct str kind)
{
	hint(q, wait_line(q, 0, kind, false)); /* served behind the tenant's own */
	hint(q, wait_line(q, tenant, kind, false));
}

void wait_hint_all(struct queue *q)
{
	for (size_t i = 0; i < LINE_BUCKETS; i++)
		for (struct line *l = q->buckets[i]; l; l = l->next_in_bucket)
			hint(q, l);
}

void wait_unhint(struct queue *q)
{
	while (q->hinted) {
		struct line *line = q->hinted;
		q->hinted = line->next_hinted;
		line->is_hinted = false;
		drop_line_if_idle(q, line);
	}
}

/* --- A poller that hung up --- */

static enum rc withdraw_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct withdraw_command *w = (struct withdraw_command *)c;
	(void)err;
	if (!w->poller->is_waiting || w->poller->is_granted)
		return RC_OK; /* answered already; its asker returns what it was given */
	wait_grant(c->owner, tx, w->poller);
	return RC_OK;
}

void withdraw_command_init(struct withdraw_command *w, struct queue *q,
                           struct lease_command *poller)
{
	*w = (struct withdraw_command){
		.c = { .apply = withdraw_apply,
		       .owner = q,
		       .scope = poller->c.scope,
		       .is_urgent = true },
		.poller = poller,
	};
}

/* --- The server goes down --- */

static enum rc drain_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct queue *q = c->owner;
	(void)err;
	for (struct lease_command *l = q->waiting_first; l; l = l->next_waiting) {
		if (l->is_granted)
			continue;
		l->n_leases = 0;
		wait_grant(q, tx, l);
	}
	return RC_OK;
}

void drain_command_init(struct command *c, struct queue *q)
{
	*c = (struct command){ .apply = drain_apply, .owner = q, .is_urgent = true };
}
