/* The story of a queue: submits with and without keys, a batch, leases of a session, a
 * heartbeat, endings good and bad, a lost lease, a cancellation, a dead letter, a callback, a
 * delay, limits, a poll that meets a submit.  Whoever has no clear answer asks again, as a
 * client does; the auditor (sim/audit.h) compares behind the fault, and in the end everything
 * has come to the end that it would have come to without. */
#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"
#include "fault.h"
#include "life.h"
#include "sim/audit.h"

enum { TRIES = 5, LEASES_MAX = 8, TASKS = 24, NUMBER_BYTES = 8 };

static struct audit audit;
static const struct str queue_names[AUDIT_QUEUES] = { STR_INIT("a"), STR_INIT("b"), STR_INIT("c"),
	                                              STR_INIT("d") };
enum { A, B, C, D };

/* What the workers hold, by the number of the task. */
static struct lease held[TASKS];
static enum task_state expected[TASKS];
static char numbers[TASKS][NUMBER_BYTES];

static void ignore_reply(struct loop_message *m)
{
	(void)m;
}

static enum rc ask(struct command *c)
{
	c->reply.fn = ignore_reply;
	return life_batch(c);
}

/* Nobody knows whether it happened, or it did not: say it again. */
static bool is_unsure(enum rc rc)
{
	return rc == RC_UNKNOWN || rc == RC_IO || rc == RC_BUSY;
}

static void complain(const char *what)
{
	audit_complain(&audit, what, 0);
}

static void look(bool is_new)
{
	for (size_t i = 0; is_new && i < audit.n; i++)
		audit.tasks[i].lease_until_ms = 0; /* what was live lasts one full term more */
	if (!audit.complaint)
		audit_all(&audit, life.queue, life.store, life.scope, true);
}

/* --- What is said --- */

/* A task of a queue, to be submitted; its input is its number. */
static int64_t plan(struct task_new *t, int queue, enum task_state end)
{
	int64_t number = (int64_t)audit.n++;
	snprintf(numbers[number], NUMBER_BYTES, "%lld", (long long)number);
	t->kind = t->queue = queue_names[queue];
	t->input = str_z(numbers[number]);
	if (t->callback_kind.len)
		t->callback_input = t->input;
	t->retry_base_ms = t->retry_cap_ms = 100;
	expected[number] = end;
	audit.tasks[number] = (struct belief){ .submitted = KNOWN_MAYBE,
		                               .queue = queue,
		                               .key = -1,
		                               .has_callback = t->callback_kind.len > 0 };
	return number;
}

static bool all_are_there(int64_t first, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (audit.tasks[first + (int64_t)i].submitted != KNOWN_YES)
			return false;
	return true;
}

static void heard_submit(int64_t first, size_t n, enum rc rc, const struct task_submitted *results)
{
	for (size_t i = 0; i < n; i++) {
		struct belief *b = &audit.tasks[first + (int64_t)i];
		if (rc == RC_OK)
			audit_submitted(&audit, first + (int64_t)i, results[i].id);
		else if (b->submitted != KNOWN_YES)
			b->submitted = rc == RC_UNKNOWN ? KNOWN_MAYBE : KNOWN_NO;
	}
}

/* Numbers that follow each other.  Without a key it is said again only when it is known not
 * to have happened: the auditor has looked. */
static enum rc submit(const struct task_new *tasks, int64_t first, size_t n)
{
	for (int i = 0; i < TRIES; i++) {
		struct submit_command s;
		struct task_submitted results[TASKS];
		submit_command_init(&s, life.queue, life.scope);
		s.tasks = tasks;
		s.n = n;
		s.results = results;
		enum rc rc = ask(&s.c);
		heard_submit(first, n, rc, results);
		life_settle();
		if (!is_unsure(rc) || (all_are_there(first, n) && !tasks->idempotency_key.len))
			return is_unsure(rc) ? RC_OK : rc;
	}
	complain("a submit does not come through");
	return RC_IO;
}

static int64_t submit_one(struct task_new t, int queue, enum task_state end)
{
	int64_t number = plan(&t, queue, end);
	if (submit(&t, number, 1) != RC_OK)
		complain("a good submit was refused");
	return number;
}

static int64_t number_of(const struct lease *l)
{
	int64_t number = audit_number(&audit, l->task, l->input, false);
	if (number < 0)
		complain("a lease of a task that is none of ours");
	return number < 0 ? 0 : number;
}

static void heard_lease(const struct lease *l)
{
	int64_t number = number_of(l);
	if (l->is_again && l->attempt == audit.tasks[number].attempt)
		audit_leased_again(&audit, number, l);
	else
		audit_leased(&audit, number, l, life_now_ms());
	held[number] = *l;
	held[number].kind = held[number].input = held[number].queue = held[number].key = STR("");
}

/* How many tasks of the queue the session was given; of those that it has it says nothing, so
 * it is given them again. */
static size_t lease(int queue, int64_t tasks_max, int64_t lease_ms)
{
	for (int i = 0; i < TRIES; i++) {
		AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
		struct lease_command l;
		lease_command_init(&l, life.queue, life.scope, arena);
		l.worker = STR("fault");
		l.session = queue_names[queue];
		l.kinds = &queue_names[queue];
		l.n_kinds = 1;
		l.tasks_max = tasks_max;
		l.lease_ms = lease_ms;
		enum rc rc = ask(&l.c);
		for (size_t k = 0; rc == RC_OK && k < l.n_leases; k++)
			heard_lease(&l.leases[k]);
		life_settle();
		if (!is_unsure(rc))
			return l.n_leases;
	}
	complain("a lease does not come through");
	return 0;
}

static struct holder_command word(const struct lease *l, enum holder_verb verb)
{
	struct holder_command h;
	holder_command_init(&h, life.queue, life.scope, verb);
	h.task = l->task;
	h.attempt = l->attempt;
	h.token = l->token;
	h.output = STR("{}");
	h.error_code = STR("broken");
	h.error_message = STR("as told");
	h.progress = verb == HOLDER_HEARTBEAT ? 0.5 : -1;
	return h;
}

static enum rc say_final(int64_t number, enum holder_verb verb, bool is_final)
{
	if (verb == HOLDER_COMPLETE)
		audit.tasks[number].may_end |= 1u << TASK_SUCCEEDED;
	for (int i = 0; i < TRIES; i++) {
		struct holder_command h = word(&held[number], verb);
		h.is_final = is_final;
		enum rc rc = ask(&h.c);
		audit_word(&audit, number, &h, life_now_ms());
		life_settle();
		if (!is_unsure(rc))
			return rc;
	}
	complain("a word does not come through");
	return RC_IO;
}

static void say(int64_t number, enum holder_verb verb)
{
	if (say_final(number, verb, false) != RC_OK)
		audit_complain(&audit, "a good word was refused", number);
}

/* Leased and completed, one after the other. */
static void perform(int queue, int64_t number)
{
	if (lease(queue, 1, 60000) != 1)
		audit_complain(&audit, "there is work, and none was given", number);
	say(number, HOLDER_COMPLETE);
}

static void cancel(int64_t number)
{
	audit.tasks[number].may_end |= 1u << TASK_CANCELLED;
	for (int i = 0; i < TRIES; i++) {
		struct cancel_command c;
		cancel_command_init(&c, life.queue, life.scope);
		c.task = audit.tasks[number].id;
		enum rc rc = ask(&c.c);
		audit_cancel(&audit, number, rc);
		life_settle();
		if (rc == RC_OK)
			return;
	}
	audit_complain(&audit, "it can't be cancelled", number);
}

static int64_t retry(int64_t number)
{
	struct belief *old = &audit.tasks[number];
	old->may_be_retried = true;
	for (int i = 0; i < TRIES; i++) {
		struct retry_command r;
		retry_command_init(&r, life.queue, life.scope);
		r.task = old->id;
		enum rc rc = ask(&r.c);
		int64_t as = -1;
		if (rc == RC_OK) {
			as = audit_number(&audit, r.result.id, str_z(numbers[number]), true);
			audit.tasks[as].submitted = KNOWN_YES;
			audit.tasks[as].retry_of = old->id;
		}
		life_settle();
		if (rc == RC_OK)
			return as;
	}
	audit_complain(&audit, "it can't be retried", number);
	return 0;
}

static void set_queue(int queue, struct queue_settings settings)
{
	for (int i = 0; i < TRIES; i++) {
		struct queue_command k;
		queue_command_init(&k, life.queue, life.scope, QUEUE_PUT);
		k.name = queue_names[queue];
		k.settings = settings;
		enum rc rc = ask(&k.c);
		life_settle();
		if (rc == RC_OK)
			return;
	}
	complain("a queue can't be set");
}

/* What time has brought; twice, because the first may be the one that fails. */
static void tick(void)
{
	for (int i = 0; i < 2; i++) {
		life_batch(NULL);
		life_settle();
	}
}

static enum task_state state_of(int64_t number)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
	struct task t = { .state = TASK_STATES };
	fault_hold(true);
	if (task_get(life.queue, life.scope, audit.tasks[number].id, arena, &t, NULL) != RC_OK)
		complain("a task can't be read");
	fault_hold(false);
	return t.state;
}

/* --- The chapters --- */

static void a_key_and_a_callback(void)
{
	struct task_new t = { .idempotency_key = STR("the key"), .callback_kind = STR("cb") };
	int64_t number = plan(&t, A, TASK_SUCCEEDED);
	for (int i = 0; i < 2; i++) /* said twice, one task */
		if (submit(&t, number, 1) != RC_OK)
			complain("a submit with a key was refused");
	perform(A, number);
}

/* What was answered and lost on the way is given again, the same. */
static void a_batch_of_a_session(void)
{
	struct task_new tasks[3] = { 0 };
	int64_t first = plan(&tasks[0], B, TASK_SUCCEEDED);
	plan(&tasks[1], B, TASK_CANCELLED);
	plan(&tasks[2], B, TASK_SUCCEEDED);
	if (submit(tasks, first, 3) != RC_OK)
		complain("a batch was refused");
	if (lease(B, 3, 60000) != 3 || lease(B, 3, 60000) != 3)
		complain("a session was not given its leases again");
	say(first, HOLDER_HEARTBEAT);
	say(first, HOLDER_COMPLETE);
	cancel(first + 1);
	if (say_final(first + 1, HOLDER_COMPLETE, false) != RC_LOST)
		complain("a cancelled task was completed");
	say(first + 2, HOLDER_COMPLETE);
}

static void a_failure_and_its_retry(void)
{
	int64_t number = submit_one((struct task_new){ .attempts_max = 2 }, B, TASK_SUCCEEDED);
	if (lease(B, 1, 60000) != 1)
		complain("there is work, and none was given");
	say(number, HOLDER_FAIL);
	life_sleep(150);
	tick();
	perform(B, number);
}

/* Not before its time, and then surely; whoever comes back late changes nothing. */
static void a_lost_lease(void)
{
	int64_t number = submit_one((struct task_new){ 0 }, B, TASK_SUCCEEDED);
	if (lease(B, 1, LEASE_MS_MIN) != 1)
		complain("there is work, and none was given");
	struct lease late = held[number];
	int64_t until_ms = audit.tasks[number].lease_until_ms;
	if (until_ms) {
		life_sleep(until_ms - 3 - life_now_ms());
		tick();
		if (state_of(number) != TASK_LEASED)
			complain("a lease was reaped early");
	}
	for (int i = 0; i < TRIES && state_of(number) == TASK_LEASED; i++) {
		life_sleep(LEASE_MS_MIN + 500);
		tick();
	}
	if (lease(B, 1, 60000) != 1)
		complain("a lost lease does not come back");
	struct lease present = held[number];
	held[number] = late;
	if (say_final(number, HOLDER_COMPLETE, false) != RC_LOST)
		complain("a stale holder was heard");
	held[number] = present;
	say(number, HOLDER_COMPLETE);
}

static void a_dead_letter(void)
{
	int64_t number = submit_one((struct task_new){ .attempts_max = 3 }, D, TASK_FAILED);
	for (int i = 0; i < 3; i++) {
		if (lease(D, 1, 60000) != 1)
			complain("there is work, and none was given");
		say(number, HOLDER_FAIL);
		life_sleep(150);
		tick();
	}
	if (state_of(number) != TASK_FAILED)
		complain("it is tried more often than its policy says");
	int64_t again = retry(number);
	expected[again] = TASK_SUCCEEDED;
	perform(D, again);
}

static void limits(void)
{
	struct task_new t[3] = { 0 }, more = { 0 };
	audit.queue_max[C] = 2;
	set_queue(C, (struct queue_settings){ .depth_max = 3, .concurrency_max = 2 });
	int64_t first = plan(&t[0], C, TASK_SUCCEEDED);
	plan(&t[1], C, TASK_SUCCEEDED);
	plan(&t[2], C, TASK_SUCCEEDED);
	if (submit(t, first, 3) != RC_OK)
		complain("a batch was refused");
	if (submit(&more, plan(&more, C, TASK_STATES), 1) != RC_LIMIT)
		complain("a full queue took more");
	if (lease(C, 3, 60000) != 2)
		complain("a queue does not give as many as it may");
	say(first, HOLDER_COMPLETE);
	say(first + 1, HOLDER_COMPLETE);
	perform(C, first + 2);
}

static void a_delay(void)
{
	int64_t number = submit_one((struct task_new){ .delay_ms = 500 }, A, TASK_SUCCEEDED);
	if (state_of(number) != TASK_SCHEDULED || lease(A, 1, 60000) != 0)
		complain("a delay was not kept");
	life_sleep(600);
	tick();
	perform(A, number);
}

/* A poll waits, and a submit meets it; where the process began anew, the poll is gone. */
static void a_poll(void)
{
	static struct lease_command l;
	struct arena *arena = arena_create(1024);
	lease_command_init(&l, life.queue, life.scope, arena);
	l.worker = STR("fault");
	l.session = STR("poll");
	l.kinds = &queue_names[D];
	l.n_kinds = 1;
	l.wait_ms = 30000;
	enum rc rc = ask(&l.c);
	struct queue *asked = life.queue;
	life_settle();
	int64_t number = submit_one((struct task_new){ 0 }, D, TASK_SUCCEEDED);
	if (!is_unsure(rc) && asked == life.queue) {
		if (l.n_leases != 1)
			complain("a poll was not woken");
		else
			heard_lease(&l.leases[0]);
		say(number, HOLDER_COMPLETE);
	} else if (lease(D, 1, 1000) == 1) {
		say(number, HOLDER_COMPLETE);
	} else { /* granted to the poll, of which nobody has heard */
		life_sleep(70000);
		tick();
		perform(D, number);
	}
}

/* The callback of the first chapter is a task as others are. */
static void the_callback(void)
{
	static const struct str kind = STR_INIT("cb");
	bool is_done = false;
	for (int i = 0; i < TRIES && !is_done; i++) {
		AUTO(arena_destroyp) struct arena *arena = arena_create(1024);
		struct lease_command l;
		lease_command_init(&l, life.queue, life.scope, arena);
		l.worker = l.session = STR("callback");
		l.kinds = &kind;
		l.n_kinds = 1;
		enum rc rc = ask(&l.c);
		if (rc == RC_OK && l.n_leases == 1) {
			struct holder_command h = word(&l.leases[0], HOLDER_COMPLETE);
			is_done = ask(&h.c) == RC_OK;
		}
		life_settle();
	}
	tick();
}

static void check_ends(void)
{
	look(false);
	for (size_t i = 0; i < audit.n && !audit.complaint; i++) {
		bool is_there = audit.tasks[i].submitted == KNOWN_YES;
		if (is_there != (expected[i] != TASK_STATES))
			audit_complain(&audit, "there, or not, as it should not be", (int64_t)i);
		else if (is_there && audit.tasks[i].end != expected[i])
			audit_complain(&audit, "another end than it should have", (int64_t)i);
	}
}

static struct fault_told tell(struct disk *disk)
{
	static void (*const chapters[])(void) = {
		a_key_and_a_callback,
		a_batch_of_a_session,
		a_failure_and_its_retry,
		a_lost_lease,
		a_dead_letter,
		limits,
		a_delay,
		a_poll,
		the_callback,
	};
	audit.queue_names = queue_names;
	life_begin(disk, look, complain);
	for (size_t i = 0; i < ARRAY_LEN(chapters) && !audit.complaint; i++)
		chapters[i]();
	fault_hold(true);
	if (!audit.complaint)
		check_ends();
	return (struct fault_told){ audit.complaint, audit.about };
}

int main(int argc, char **argv)
{
	return fault_main(&(struct fault_story){ "queue", tell }, argc, argv);
}
