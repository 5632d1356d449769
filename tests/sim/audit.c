/* The auditor: see audit.h. */
#include "audit.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/store.h"

#include "queue/agent.h"

void audit_complain(struct audit *a, const char *what, int64_t about)
{
	if (a->complaint)
		return;
	a->complaint = what;
	a->about = about;
}

static bool is_end(enum task_state s)
{
	return s >= TASK_SUCCEEDED;
}

int64_t audit_number(struct audit *a, int64_t id, struct str input, bool is_retry)
{
	int64_t n;
	for (size_t i = 0; i < a->n; i++)
		if (a->tasks[i].id == id)
			return (int64_t)i;
	if (str_to_i64(input, &n) != RC_OK || n < 0 || (size_t)n >= a->n)
		return -1;
	if (!a->tasks[n].id && !is_retry)
		return n;
	if (a->n == AUDIT_TASKS_MAX)
		return -1;
	/* Nobody was told of it, so nobody may have heard of its leases either. */
	a->tasks[a->n] = (struct belief){ .submitted = KNOWN_MAYBE,
		                          .id = id,
		                          .may_end = 1u << TASK_FAILED,
		                          .has_unheard = true,
		                          .queue = a->tasks[n].queue,
		                          .key = a->tasks[n].key,
		                          .has_callback = a->tasks[n].has_callback };
	return (int64_t)a->n++;
}

/* --- Limits --- */

static bool is_live(const struct belief *b, int64_t now_ms)
{
	return b->lease_until_ms > now_ms && b->ended != KNOWN_YES &&
	       (!b->deadline_ms || b->deadline_ms > now_ms);
}

static void audit_rate(struct audit *a, int64_t number, int64_t now_ms)
{
	if (a->tasks[number].queue != AUDIT_RATED || !a->rate_n)
		return;
	int64_t most = a->rate_n * a->rate_period_ms;
	int64_t gained = (now_ms - a->credit_ms) * a->rate_n;
	a->credit = int64_min(a->credit + int64_max(gained, 0), most) - a->rate_period_ms;
	a->credit_ms = now_ms;
	if (a->credit < 0)
		audit_complain(a, "more starts than the rate allows", number);
}

void audit_limits(struct audit *a, int64_t number, int64_t now_ms)
{
	const struct belief *of = &a->tasks[number];
	int64_t in_queue = 0, of_key = 0;
	for (size_t i = 0; i < a->n; i++) {
		const struct belief *b = &a->tasks[i];
		in_queue += is_live(b, now_ms) && b->queue == of->queue;
		of_key += is_live(b, now_ms) && of->key >= 0 && b->key == of->key;
	}
	if (a->queue_max[of->queue] && in_queue > a->queue_max[of->queue])
		audit_complain(a, "more of a queue under way than it allows", number);
	if (of->key >= 0 && of_key > a->key_max[of->key])
		audit_complain(a, "more of a key under way than it allows", number);
	if (a->is_paused[of->queue] == KNOWN_YES)
		audit_complain(a, "leased from a paused queue", number);
	audit_rate(a, number, now_ms);
}

/* --- What was answered --- */

void audit_submitted(struct audit *a, int64_t number, int64_t id)
{
	struct belief *b = &a->tasks[number];
	if (b->submitted == KNOWN_YES && b->id != id)
		audit_complain(a, "one key, two tasks", number);
	b->submitted = KNOWN_YES;
	b->id = id;
}

static bool is_same_token(const struct lease_token *x, const struct lease_token *y)
{
	return memcmp(x->bytes, y->bytes, sizeof x->bytes) == 0;
}

void audit_leased(struct audit *a, int64_t number, const struct lease *l, int64_t now_ms)
{
	struct belief *b = &a->tasks[number];
	b->id = l->task;
	if (b->ended == KNOWN_YES)
		audit_complain(a, "leased after its end", number);
	if (b->lease_until_ms > now_ms)
		audit_complain(a, "leased twice", number);
	if (l->attempt <= b->attempt)
		audit_complain(a, "the fencing number did not rise", number);
	b->attempt = l->attempt;
	b->token = l->token;
	b->has_unheard = false;
	b->lease_until_ms = now_ms + l->lease_ms;
	/* Lost leases and time limits may end it without anybody's word. */
	b->may_end |= 1u << TASK_FAILED;
	audit_limits(a, number, now_ms);
}

void audit_unheard(struct audit *a)
{
	for (size_t i = 0; i < a->n; i++) {
		a->tasks[i].may_end |= 1u << TASK_FAILED;
		a->tasks[i].has_unheard = true;
	}
}

void audit_leased_again(struct audit *a, int64_t number, const struct lease *l)
{
	struct belief *b = &a->tasks[number];
	b->id = l->task; /* the first answer may have been lost, and that of its submit, too */
	if (b->has_unheard && l->attempt > b->attempt) {
		b->attempt = l->attempt;
		b->token = l->token;
	}
	if (l->attempt != b->attempt || (b->attempt && !is_same_token(&l->token, &b->token)))
		audit_complain(a, "given again as another lease", number);
}

static void heard_end(struct audit *a, int64_t number, enum task_state state)
{
	struct belief *b = &a->tasks[number];
	if (b->ended == KNOWN_YES && b->end != state)
		audit_complain(a, "ended twice, differently", number);
	b->ended = KNOWN_YES;
	b->end = state;
	b->lease_until_ms = 0;
}

void audit_word(struct audit *a, int64_t number, const struct holder_command *h, int64_t now_ms)
{
	struct belief *b = &a->tasks[number];
	if (h->c.rc == RC_UNKNOWN && b->ended != KNOWN_YES)
		b->ended = KNOWN_MAYBE;
	if (h->c.rc != RC_OK)
		return;
	if (h->attempt < b->attempt)
		audit_complain(a, "a word under an old token was accepted", number);
	if (h->state >= TASK_SUCCEEDED)
		heard_end(a, number, h->state);
	else if (h->verb == HOLDER_HEARTBEAT)
		b->lease_until_ms = now_ms + h->ret_lease_ms;
	else
		b->lease_until_ms = 0; /* failed or returned: free to be leased again */
}

void audit_cancel(struct audit *a, int64_t number, enum rc rc)
{
	struct belief *b = &a->tasks[number];
	if (rc == RC_OK)
		heard_end(a, number, TASK_CANCELLED);
	else if (rc == RC_UNKNOWN && b->ended != KNOWN_YES)
		b->ended = KNOWN_MAYBE;
}

/* --- Comparing --- */

static void check_present(struct audit *a, int64_t n, const struct task *t, bool *seen)
{
	struct belief *b = &a->tasks[n];
	if (seen[n])
		audit_complain(a, "stored twice", n);
	seen[n] = true;
	if (b->submitted == KNOWN_NO)
		audit_complain(a, "a task that nobody submitted", n);
	if (b->submitted == KNOWN_YES && b->id != t->id)
		audit_complain(a, "another id than was acknowledged", n);
	b->submitted = KNOWN_YES;
	b->id = t->id;
	b->is_read = true;
	b->is_end_read = is_end(t->state);
	if (t->attempt < b->attempt)
		audit_complain(a, "an acknowledged lease is forgotten", n);
	if (is_end(t->state)) {
		if (b->ended == KNOWN_YES && b->end != t->state)
			audit_complain(a, "ended otherwise than acknowledged", n);
		if (!(b->may_end & (1u << t->state)))
			audit_complain(a, "ended unasked", n);
		if (str_find(t->error, STR("deadline_exceeded"), 0) != SIZE_MAX &&
		    t->finished_ms < t->deadline_ms)
			audit_complain(a, "ended before its deadline", n);
		b->ended = KNOWN_YES;
		b->end = t->state;
	} else if (b->ended == KNOWN_YES) {
		audit_complain(a, "an acknowledged ending is forgotten", n);
	} else {
		b->ended = KNOWN_NO;
	}
}

/* {"task":…,"kind":…,"state":"succeeded",…,"input":17} */
static void check_callback(struct audit *a, const struct task *t)
{
	int64_t n = -1;
	size_t at = str_find(t->input, STR(",\"input\":"), 0);
	if (at != SIZE_MAX) {
		struct str rest = str_sub(t->input, at + 9, t->input.len - at - 10);
		if (str_to_i64(rest, &n) != RC_OK)
			n = -1;
	}
	if (n < 0 || (size_t)n >= a->n || !a->tasks[n].has_callback) {
		audit_complain(a, "a callback that nobody asked for", n);
		return;
	}
	a->tasks[n].callbacks += !t->retry_of; /* a callback may be a dead letter, too */
	if (!t->retry_of && a->n_callbacks < AUDIT_TASKS_MAX) {
		a->callbacks[a->n_callbacks].id = t->id;
		a->callbacks[a->n_callbacks++].of = n;
	}
}

/* Of a callback that was read before only the list is believed. */
static bool is_known_callback(struct audit *a, int64_t id)
{
	for (size_t i = 0; i < a->n_callbacks; i++) {
		if (a->callbacks[i].id != id)
			continue;
		a->tasks[a->callbacks[i].of].callbacks++;
		return true;
	}
	return false;
}

/* Retries share the number in their callback's input with the task they repeat. */
static void check_callbacks(struct audit *a)
{
	for (size_t i = 0; i < a->n && !a->complaint; i++) {
		struct belief *b = &a->tasks[i];
		int64_t expected = 0;
		if (!b->has_callback || b->retry_of)
			continue;
		for (int64_t id = b->id; id;) {
			const struct belief *x = NULL, *next = NULL;
			for (size_t k = 0; k < a->n; k++) {
				x = a->tasks[k].id == id ? &a->tasks[k] : x;
				next = a->tasks[k].retry_of == id ? &a->tasks[k] : next;
			}
			expected += x && x->submitted == KNOWN_YES && x->ended == KNOWN_YES;
			id = next ? next->id : 0;
		}
		if (b->callbacks != expected)
			audit_complain(a, "not one callback per ending", (int64_t)i);
	}
}

static void check_retry(struct audit *a, int64_t number, const struct task *t)
{
	struct belief *b = &a->tasks[number], *old = NULL;
	if (!t->retry_of)
		return;
	for (size_t i = 0; i < a->n; i++) {
		if (a->tasks[i].id == t->retry_of)
			old = &a->tasks[i];
		if ((int64_t)i != number && a->tasks[i].retry_of == t->retry_of)
			audit_complain(a, "a dead letter was retried twice", number);
	}
	b->retry_of = t->retry_of;
	if (!a->may_retry_all && !(old && old->may_be_retried))
		audit_complain(a, "a retry that nobody asked for", number);
}

struct recount {
	int64_t n[AUDIT_QUEUES + 1][TASK_STATES];
};

static int queue_of(const struct audit *a, struct str name)
{
	for (int i = 0; i < AUDIT_QUEUES; i++)
		if (str_eq(a->queue_names[i], name))
			return i;
	return AUDIT_QUEUES;
}

static void check_counts(struct audit *a, struct queue *q, struct scope scope, struct arena *arena,
                         struct recount *r)
{
	struct queue_count *counts;
	size_t n;
	if (queue_counts(q, scope, arena, &counts, &n, NULL) != RC_OK) {
		audit_complain(a, "the queues can't be read", 0);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (int s = TASK_SCHEDULED; s <= TASK_LEASED; s++)
			r->n[queue_of(a, counts[i].kind)][s] -= counts[i].by_state[s];
	for (int i = 0; i <= AUDIT_QUEUES; i++)
		for (int s = TASK_SCHEDULED; s <= TASK_LEASED; s++)
			if (r->n[i][s])
				audit_complain(a, "the counts are not those of the tasks", i);
}

/* As the list has it: without input, output and error, which are read with the rest once. */
static bool is_known(struct audit *a, const struct task *t)
{
	if (str_eqz(t->kind, "cb"))
		return is_known_callback(a, t->id);
	for (size_t i = 0; i < a->n; i++)
		if (a->tasks[i].id == t->id)
			return is_end(t->state) ? a->tasks[i].is_end_read : a->tasks[i].is_read;
	return false;
}

static void check_task(struct audit *a, struct queue *q, struct scope scope, struct arena *arena,
                       const struct task *listed, bool *seen)
{
	struct task whole;
	if (task_get(q, scope, listed->id, arena, &whole, NULL) != RC_OK) {
		audit_complain(a, "a listed task can't be read", listed->id);
		return;
	}
	bool is_callback = str_eqz(whole.kind, "cb");
	int64_t number = is_callback ? -1 : audit_number(a, whole.id, whole.input, whole.retry_of);
	if (is_callback) {
		check_callback(a, &whole);
	} else if (number < 0) {
		audit_complain(a, "a task that is none of ours", whole.id);
	} else {
		check_present(a, number, &whole, seen);
		check_retry(a, number, &whole);
	}
}

static void check_known(struct audit *a, const struct task *listed, bool *seen)
{
	if (str_eqz(listed->kind, "cb"))
		return;
	int64_t number = audit_number(a, listed->id, (struct str){ 0 }, false);
	check_present(a, number, listed, seen);
}

static void check_tasks(struct audit *a, struct queue *q, struct scope scope, struct arena *arena,
                        bool is_last, int64_t *ret_ended)
{
	bool *seen = arena_new(arena, bool, AUDIT_TASKS_MAX);
	struct recount *r = arena_new(arena, struct recount, 1);
	for (size_t i = 0; i < a->n; i++)
		a->tasks[i].callbacks = 0;
	a->n_callbacks = is_last ? 0 : a->n_callbacks;
	struct task_filter f = { .state = -1, .limit = 100 };
	struct task_page page;
	do {
		struct arena_mark page_mark = arena_mark(arena);
		if (task_list(q, scope, &f, arena, &page, NULL) != RC_OK) {
			audit_complain(a, "the list can't be read", 0);
			return;
		}
		for (size_t i = 0; i < page.n; i++) {
			const struct task *t = &page.tasks[i];
			struct arena_mark task_mark = arena_mark(arena);
			r->n[queue_of(a, t->queue)][t->state]++;
			if (!is_last && is_known(a, t))
				check_known(a, t, seen);
			else
				check_task(a, q, scope, arena, t, seen);
			*ret_ended += is_end(t->state);
			arena_rewind(arena, task_mark);
		}
		f.before = page.next;
		arena_rewind(arena, page_mark);
	} while (f.before && !a->complaint);
	for (size_t i = 0; i < a->n && !a->complaint; i++) {
		if (a->tasks[i].submitted == KNOWN_YES && !seen[i])
			audit_complain(a, "an acknowledged submit is forgotten", (int64_t)i);
		if (!seen[i])
			a->tasks[i].submitted = KNOWN_NO;
	}
	if (!a->complaint)
		check_counts(a, q, scope, arena, r);
	if (!a->complaint)
		check_callbacks(a);
}

/* Every lease that was granted is held, or has ended in one way for its agent. */
static void check_agents(struct audit *a, struct queue *q, struct scope scope, struct arena *arena,
                         int64_t leased)
{
	struct agent_filter f = { .shown = -1, .limit = 200 };
	struct agent_shape *agents;
	size_t n;
	int64_t counted = 0;
	if (agent_list(q, scope, &f, arena, &agents, &n, NULL) != RC_OK) {
		audit_complain(a, "the agents can't be read", 0);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct agent_counts *c = &agents[i].counts;
		counted += agents[i].held + c->succeeded + c->failed + c->timed_out + c->lost +
		           c->returned + c->cancelled;
	}
	if (counted != leased)
		audit_complain(a, "leases granted and what agents did with them differ",
		               counted - leased);
}

static void hear_event(struct audit *a, const struct event *e)
{
	if (e->seq != ++a->told.seq)
		audit_complain(a, "the events are not dense", a->told.seq);
	a->told.endings += str_eqz(e->type, "task.succeeded") || str_eqz(e->type, "task.failed") ||
	                   str_eqz(e->type, "task.cancelled");
	a->told.leased += str_eqz(e->type, "task.leased");
	a->told.is_agent_removed |= str_eqz(e->type, "agent.removed");
}

static void check_events(struct audit *a, struct queue *q, struct store *s, struct scope scope,
                         struct arena *arena, bool is_last, int64_t ended)
{
	struct event_filter f = { .limit = 250 };
	struct event *events;
	size_t n = 0;
	if (is_last)
		memset(&a->told, 0, sizeof a->told);
	do {
		struct arena_mark mark = arena_mark(arena);
		f.after = a->told.seq;
		if (event_read(s, scope, &f, arena, &events, &n, NULL) != RC_OK) {
			audit_complain(a, "the events can't be read", 0);
			return;
		}
		for (size_t i = 0; i < n; i++)
			hear_event(a, &events[i]);
		arena_rewind(arena, mark);
	} while (n == f.limit && !a->complaint);
	if (a->told.endings != ended)
		audit_complain(a, "endings and ending events differ in number",
		               a->told.endings - ended);
	if (!a->complaint && !a->told.is_agent_removed)
		check_agents(a, q, scope, arena, a->told.leased);
}

void audit_all(struct audit *a, struct queue *q, struct store *s, struct scope scope, bool is_last)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1 << 16);
	int64_t ended = 0;
	check_tasks(a, q, scope, arena, is_last, &ended);
	if (!a->complaint)
		check_events(a, q, s, scope, arena, is_last, ended);
}
