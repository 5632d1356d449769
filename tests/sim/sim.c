/* A simulation of the queue: one process per seed, a world drawn from the seed, the real
 * engine on a simulated disk, and an auditor that believes only what it was told.  How it is
 * called: seeds.h.
 *
 * A step advances the clock, then lets a handful of actors speak in one batch (so group
 * commit is part of the world), or kills the process, or cuts the power in the middle of
 * a batch.  At the end the faults stop and everything must drain: liveness.
 */
#include <stdio.h>

#include "audit.h"
#include "base/arena.h"
#include "base/str.h"
#include "chance.h"
#include "compiled.h"
#include "disk.h"
#include "seeds.h"
#include "store/store.h"
#include "sys/env.h"

enum {
	KINDS = 4,
	LEASE_KINDS = 5,
	SESSIONS = 3,
	WORKERS = 6,
	OUTPUT_MAX = 200 * 1000,
	LOST_MAX = 16,
	BATCH_MAX = 40,
	EMPTY_IN = 8,
	HELD_MAX = 64,
	DRAIN_STEPS_MAX = 20000
};

enum verb { SUBMIT, AGAIN, LEASE, WORD, CANCEL, RETRY, QUEUE, SWEEP, VERBS };

/* One thing an actor says, and where its answer goes. */
struct speech {
	enum verb verb;
	bool is_answered;
	struct arena *arena;
	struct submit_command submit;
	struct lease_command lease;
	struct holder_command word;
	struct cancel_command cancel;
	struct retry_command retry;
	struct sweep_command sweep;
	struct queue_command queue;
	int session; /* −1: none */
	int64_t holding[HELD_MAX];
	struct task_new tasks[3];
	struct task_submitted results[3];
	char numbers[3][24], keys[3][24];
	struct str kinds[LEASE_KINDS];
	int64_t number; /* of the task it is about, or of the first submitted */
	bool is_repeat; /* a submit said again under its key, as after a lost reply */
};

struct held {
	int64_t number; /* −1: a callback */
	int session;
	struct lease lease;
	int64_t until_ms;
};

struct sim {
	uint64_t seed;
	struct disk *disk;
	struct env env;
	int64_t mono_us, wall_ms;
	struct store *store;
	struct writer *writer;
	struct queue *queue;
	struct scope scope;
	struct audit audit;
	struct task_new sent[AUDIT_TASKS_MAX]; /* for saying it again; without the texts */
	bool has_key[AUDIT_TASKS_MAX];
	struct held held[HELD_MAX]; /* leases that workers hold or held */
	size_t n_held;
	struct speech *waiting[HELD_MAX]; /* parked long polls of this life */
	size_t n_waiting;
	bool is_asking[SESSIONS];   /* a session asks one question at a time */
	struct held lost[LOST_MAX]; /* granted to a session that never heard of it */
	size_t n_lost;
	/* The world. */
	unsigned crash_in, fault_in, jump_in, lease_ms_max, sleep_ms_max;
	int checkpoint_pages;
	size_t batch_max, output_bytes;
	unsigned sessions, workers, mix[VERBS];
	unsigned long long said;
	bool is_dead; /* this life is over: the commit failed or the power is gone */
};

static struct sim sim;
/* Kinds, and as well queues; "cb" is the kind of callbacks. */
static const struct str kind_names[LEASE_KINDS] = { STR_INIT("a"), STR_INIT("b"), STR_INIT("c.d"),
	                                            STR_INIT("e-f"), STR_INIT("cb") };
static const struct str session_names[SESSIONS] = { STR_INIT("s0"), STR_INIT("s1"),
	                                            STR_INIT("s2") };
static const struct str worker_names[WORKERS] = { STR_INIT("w0"), STR_INIT("w1"), STR_INIT("w2"),
	                                          STR_INIT("w3"), STR_INIT("w4"), STR_INIT("w5") };
static const struct str key_names[AUDIT_KEYS] = { STR_INIT("k0"), STR_INIT("k1"), STR_INIT("k2") };

/* --- The environment --- */

static int64_t mono_us(void *self)
{
	return ((struct sim *)self)->mono_us;
}

static int64_t wall_ms(void *self)
{
	return ((struct sim *)self)->wall_ms;
}

static void fill(void *self, void *ret, size_t len)
{
	(void)self;
	for (size_t i = 0; i < len; i++)
		((unsigned char *)ret)[i] = (unsigned char)next_random();
}

static void on_fatal(void *ctx, const struct err *err)
{
	(void)ctx;
	(void)err;
	sim.is_dead = true;
}

/* --- Life and death --- */

static bool open_engines(struct err *err)
{
	struct store_options so = { .folder = "d",
		                    .env = &sim.env,
		                    .checkpoint_pages = sim.checkpoint_pages };
	if (store_open(&so, &sim.store, err) != RC_OK)
		return false;
	struct writer_options wo = { .store = sim.store, .env = &sim.env, .fatal = on_fatal };
	if (writer_create(&wo, &sim.writer, err) != RC_OK)
		return false;
	struct queue_options qo = { .store = sim.store, .writer = sim.writer, .env = &sim.env };
	return queue_create(&qo, &sim.queue, err) == RC_OK;
}

/* Leases that were live when the process died last one full term more. */
static void forgive_leases(void)
{
	for (size_t i = 0; i < sim.audit.n; i++)
		sim.audit.tasks[i].lease_until_ms = 0;
}

static void crash(bool is_power_cut)
{
	if (sim.n_waiting)
		audit_unheard(&sim.audit);
	trace(is_power_cut ? 101 : 102);
	if (is_power_cut)
		disk_power_cut(sim.disk);
	else
		disk_kill(sim.disk);
	sim.is_dead = false;
	sim.n_waiting = 0; /* their sockets are gone */
	memset(sim.is_asking, 0, sizeof sim.is_asking);
	forgive_leases();
	struct err err = { 0 };
	if (!open_engines(&err)) {
		audit_complain(&sim.audit, "the store does not open after a crash", 0);
		fprintf(stderr, "seed %llu: %s\n", (unsigned long long)sim.seed, err.text);
		return;
	}
	/* What is forgotten stays so: where there is much to read, not every crash is looked at. */
	if (sim.audit.n < 50 || one_in(3))
		audit_all(&sim.audit, sim.queue, sim.store, sim.scope, false);
}

/* --- What actors say --- */

static void on_answer(struct loop_message *m);

static struct speech *speech_new(enum verb verb)
{
	struct arena *a = arena_create(1024);
	struct speech *s = arena_new(a, struct speech, 1);
	s->verb = verb;
	s->arena = a;
	s->session = -1;
	return s;
}

static struct command *command_of(struct speech *s)
{
	struct command *const commands[VERBS] = {
		[SUBMIT] = &s->submit.c, [LEASE] = &s->lease.c, [WORD] = &s->word.c,
		[CANCEL] = &s->cancel.c, [RETRY] = &s->retry.c, [SWEEP] = &s->sweep.c,
		[QUEUE] = &s->queue.c
	};
	return commands[s->verb];
}

/* The texts of a submit live in its speech. */
static void put_texts(struct speech *s, size_t at, size_t number)
{
	snprintf(s->numbers[at], sizeof s->numbers[at], "%zu", number);
	snprintf(s->keys[at], sizeof s->keys[at], "key-%zu", number);
	s->tasks[at] = sim.sent[number];
	s->tasks[at].input = str_z(s->numbers[at]);
	if (s->tasks[at].callback_kind.len)
		s->tasks[at].callback_input = str_z(s->numbers[at]);
	struct belief *b = &sim.audit.tasks[number];
	if (s->tasks[at].deadline_in_ms) {
		int64_t at_ms = writer_now_ms(sim.writer) + s->tasks[at].deadline_in_ms;
		b->deadline_ms = b->deadline_ms ? int64_min(b->deadline_ms, at_ms) : at_ms;
		b->may_end |= 1u << TASK_FAILED;
	}
	if (sim.has_key[number])
		s->tasks[at].idempotency_key = str_z(s->keys[at]);
}

static void init_submit(struct speech *s, size_t number, size_t n)
{
	s->number = (int64_t)number;
	for (size_t i = 0; i < n; i++)
		put_texts(s, i, number + i);
	submit_command_init(&s->submit, sim.queue, sim.scope);
	s->submit.tasks = s->tasks;
	s->submit.n = n;
	s->submit.results = s->results;
}

static void draw_extras(struct task_new *t, struct belief *b)
{
	size_t queue = one_in(2) ? below(KINDS) : 0;
	for (size_t i = 0; i < KINDS && queue == 0; i++)
		if (str_eq(kind_names[i], t->kind))
			queue = i;
	int key = one_in(3) ? (int)below(AUDIT_KEYS) : -1;
	t->queue = kind_names[queue];
	if (key >= 0) {
		t->key = key_names[key];
		t->key_max = sim.audit.key_max[key];
	}
	if (one_in(6))
		t->deadline_in_ms = 1 + (int64_t)below(8000);
	if (one_in(5))
		t->callback_kind = STR("cb");
	*b = (struct belief){ .submitted = KNOWN_MAYBE,
		              .queue = (int)queue,
		              .key = key,
		              .has_callback = t->callback_kind.len > 0 };
}

static struct speech *say_submit(void)
{
	struct audit *a = &sim.audit;
	size_t n = 1 + below(3), first = a->n;
	if (a->n + n > AUDIT_TASKS_MAX)
		return NULL;
	for (; a->n < first + n; a->n++) {
		sim.sent[a->n] = (struct task_new){
			.kind = kind_names[below(KINDS)],
			.priority = (int64_t)below(3) - 1,
			.delay_ms = one_in(4) ? (int64_t)below(5000) : 0,
			.attempts_max = 1 + (int64_t)below(4),
			.retry_base_ms = 1 + (int64_t)below(500),
			.retry_cap_ms = 2000,
			.timeout_ms = one_in(5) ? 500 + (int64_t)below(5000) : 0,
		};
		draw_extras(&sim.sent[a->n], &a->tasks[a->n]);
		sim.has_key[a->n] = one_in(2);
	}
	struct speech *s = speech_new(SUBMIT);
	init_submit(s, first, n);
	return s;
}

/* As a client does that has lost the reply, or has not: the key makes it safe. */
static struct speech *say_submit_again(void)
{
	size_t number = sim.audit.n ? below(sim.audit.n) : 0;
	if (!sim.audit.n || !sim.has_key[number] || sim.audit.tasks[number].retry_of ||
	    !sim.sent[number].kind.len)
		return NULL;
	if (sim.audit.tasks[number].submitted == KNOWN_NO)
		sim.audit.tasks[number].submitted = KNOWN_MAYBE;
	struct speech *s = speech_new(SUBMIT);
	s->is_repeat = true;
	init_submit(s, number, 1);
	return s;
}

static void draw_session(struct speech *s)
{
	int session = (int)below(sim.sessions);
	if (sim.is_asking[session])
		return;
	size_t n = 0;
	for (size_t i = 0; i < sim.n_held; i++)
		if (sim.held[i].session == session)
			s->holding[n++] = sim.held[i].lease.task;
	sim.is_asking[session] = true;
	s->session = session;
	s->lease.session = session_names[session];
	s->lease.holding = s->holding;
	s->lease.n_holding = n;
}

static struct speech *say_lease(void)
{
	if (sim.n_held >= HELD_MAX - 8)
		return NULL;
	struct speech *s = speech_new(LEASE);
	lease_command_init(&s->lease, sim.queue, sim.scope, s->arena);
	size_t n = 1 + below(LEASE_KINDS), first = below(LEASE_KINDS);
	for (size_t i = 0; i < n; i++)
		s->kinds[i] = kind_names[(first + i) % LEASE_KINDS];
	s->lease.worker = worker_names[below(sim.workers)];
	s->lease.kinds = s->kinds;
	s->lease.n_kinds = n;
	s->lease.tasks_max = 1 + (int64_t)below(3);
	s->lease.lease_ms = LEASE_MS_MIN + (int64_t)below(sim.lease_ms_max);
	s->lease.wait_ms = one_in(2) && sim.n_waiting < 16 ? (int64_t)below(10000) : 0;
	s->lease.timeout_ms = one_in(6) ? 500 + (int64_t)below(5000) : 0;
	s->lease.group = (enum lease_group)below(3);
	if (one_in(2))
		draw_session(s);
	return s;
}

/* Mostly small; in some worlds such that one fills many pages. */
static struct str draw_output(void)
{
	static char text[OUTPUT_MAX];
	size_t len = sim.output_bytes && one_in(8) ? 2 + (size_t)below(sim.output_bytes) : 2;
	memset(text, 'x', len);
	text[0] = text[len - 1] = '"';
	return (struct str){ text, len };
}

static struct speech *say_word(void)
{
	if (!sim.n_held)
		return NULL;
	size_t at = below(sim.n_held);
	struct held *h = &sim.held[at];
	struct speech *s = speech_new(WORD);
	static const enum holder_verb verbs[] = { HOLDER_COMPLETE, HOLDER_COMPLETE, HOLDER_FAIL,
		                                  HOLDER_HEARTBEAT, HOLDER_RETURN };
	holder_command_init(&s->word, sim.queue, sim.scope, verbs[below(ARRAY_LEN(verbs))]);
	s->number = h->number;
	s->word.task = h->lease.task;
	s->word.attempt = h->lease.attempt;
	s->word.token = h->lease.token;
	s->word.output = draw_output();
	s->word.error_code = STR("broken");
	s->word.error_message = STR("as drawn");
	s->word.is_final = one_in(8);
	if (!one_in(6)) /* else the holder may speak again later: a repeat, or a stale word */
		*h = sim.held[--sim.n_held];
	if (s->number < 0)
		return s; /* a callback: its ending is not the auditor's */
	struct belief *b = &sim.audit.tasks[s->number];
	if (s->word.verb == HOLDER_COMPLETE)
		b->may_end |= 1u << TASK_SUCCEEDED;
	if (s->word.verb == HOLDER_FAIL)
		b->may_end |= 1u << TASK_FAILED;
	return s;
}

static struct speech *say_cancel(void)
{
	if (!sim.audit.n)
		return NULL;
	int64_t number = (int64_t)below(sim.audit.n);
	struct belief *b = &sim.audit.tasks[number];
	if (!b->id)
		return NULL;
	struct speech *s = speech_new(CANCEL);
	cancel_command_init(&s->cancel, sim.queue, sim.scope);
	s->number = number;
	s->cancel.task = b->id;
	b->may_end |= 1u << TASK_CANCELLED;
	return s;
}

/* Mostly of one that has failed: the others are refused. */
static struct speech *say_retry(void)
{
	for (int i = 0; i < 20 && sim.audit.n; i++) {
		int64_t number = (int64_t)below(sim.audit.n);
		struct belief *b = &sim.audit.tasks[number];
		if (!b->id || !b->may_end || sim.audit.n > AUDIT_TASKS_MAX - 64)
			continue;
		struct speech *s = speech_new(RETRY);
		retry_command_init(&s->retry, sim.queue, sim.scope);
		s->number = number;
		s->retry.task = b->id;
		b->may_be_retried = true;
		return s;
	}
	return NULL;
}

static struct speech *say_sweep(void)
{
	if (sim.audit.n > AUDIT_TASKS_MAX / 2)
		return NULL;
	struct speech *s = speech_new(SWEEP);
	sweep_command_init(&s->sweep, sim.queue, sim.scope);
	s->sweep.what = one_in(2) ? SWEEP_RETRY : SWEEP_DISCARD;
	sim.audit.may_retry_all |= s->sweep.what == SWEEP_RETRY;
	return s;
}

static struct speech *speech_queue(size_t queue, enum queue_verb verb)
{
	struct speech *s = speech_new(QUEUE);
	queue_command_init(&s->queue, sim.queue, sim.scope, verb);
	s->number = (int64_t)queue;
	s->queue.name = kind_names[queue];
	return s;
}

/* A pause that may or may not be: nothing is believed until the answer. */
static struct speech *say_queue(void)
{
	size_t queue = below(KINDS);
	sim.audit.is_paused[queue] = KNOWN_MAYBE;
	return speech_queue(queue, one_in(3) ? QUEUE_PAUSE : QUEUE_RESUME);
}

/* --- What they are answered --- */

static void heard_submit(struct speech *s)
{
	enum rc rc = s->submit.c.rc;
	for (size_t i = 0; i < s->submit.n; i++) {
		int64_t number = s->number + (int64_t)i;
		struct belief *b = &sim.audit.tasks[number];
		if (rc == RC_OK)
			audit_submitted(&sim.audit, number, s->results[i].id);
		else if (rc != RC_UNKNOWN && !s->is_repeat)
			b->submitted = KNOWN_NO; /* IO, BUSY: "nothing happened" is a promise */
	}
}

static int64_t number_in(const struct lease *l)
{
	if (str_eqz(l->kind, "cb"))
		return -1;
	int64_t n = audit_number(&sim.audit, l->task, l->input, false);
	if (n >= 0)
		return n;
	audit_complain(&sim.audit, "a lease of a task that is none of ours", l->task);
	return 0;
}

static void forget_lost(int64_t task)
{
	for (size_t i = 0; i < sim.n_lost; i++)
		if (sim.lost[i].lease.task == task)
			sim.lost[i--] = sim.lost[--sim.n_lost];
}

/* The worker has it now, or its answer is lost on the way. */
static void take_home(struct speech *s, const struct lease *l, int64_t number, int64_t until_ms)
{
	struct held h = { .number = number, .session = s->session, .lease = *l };
	h.until_ms = until_ms;
	h.lease.kind = h.lease.input = h.lease.queue = h.lease.key = (struct str){ 0 };
	forget_lost(l->task);
	if (s->session >= 0 && one_in(4) && sim.n_lost < LOST_MAX)
		sim.lost[sim.n_lost++] = h;
	else if (sim.n_held < HELD_MAX)
		sim.held[sim.n_held++] = h;
}

/* By an older lease, perhaps: it will learn at its next word. */
static bool says_it_holds(const struct speech *s, int64_t task)
{
	for (size_t i = 0; i < s->lease.n_holding; i++)
		if (s->holding[i] == task)
			return true;
	return false;
}

/* Whoever never heard of a lease that is live must be given it first. */
static void check_given_again(const struct speech *s, int64_t now_ms)
{
	size_t n = 0;
	for (size_t i = 0; i < sim.n_lost; i++) {
		const struct held *h = &sim.lost[i];
		if (h->number < 0 || h->session != s->session || says_it_holds(s, h->lease.task))
			continue;
		const struct belief *b = &sim.audit.tasks[h->number];
		n += b->lease_until_ms > now_ms && b->attempt == h->lease.attempt &&
		     b->ended == KNOWN_NO && (!b->deadline_ms || b->deadline_ms > now_ms);
	}
	size_t again = 0;
	for (size_t i = 0; i < s->lease.n_leases; i++)
		again += s->lease.leases[i].is_again;
	if (again < size_min(n, (size_t)s->lease.tasks_max))
		audit_complain(&sim.audit, "a lost answer was not given again", s->session);
}

static void heard_lease(struct speech *s)
{
	int64_t now_ms = writer_now_ms(sim.writer);
	if (s->session >= 0)
		sim.is_asking[s->session] = false;
	if (s->lease.c.rc == RC_UNKNOWN)
		audit_unheard(&sim.audit);
	if (s->lease.c.rc != RC_OK)
		return;
	if (s->session >= 0 && !s->lease.c.is_parked)
		check_given_again(s, now_ms);
	for (size_t i = 0; i < s->lease.n_leases && !sim.audit.complaint; i++) {
		const struct lease *l = &s->lease.leases[i];
		int64_t number = number_in(l);
		trace((uint64_t)number);
		if (number >= 0 && l->is_again)
			audit_leased_again(&sim.audit, number, l);
		else if (number >= 0)
			audit_leased(&sim.audit, number, l, now_ms);
		take_home(s, l, number, now_ms + l->lease_ms);
	}
}

static void heard_word(struct speech *s)
{
	if (s->number >= 0) /* else a callback */
		audit_word(&sim.audit, s->number, &s->word, writer_now_ms(sim.writer));
}

static void heard_cancel(struct speech *s)
{
	audit_cancel(&sim.audit, s->number, s->cancel.c.rc);
}

static void heard_retry(struct speech *s)
{
	if (s->retry.c.rc != RC_OK || s->retry.result.is_duplicate)
		return;
	struct belief *old = &sim.audit.tasks[s->number];
	if (old->ended != KNOWN_YES && old->ended != KNOWN_MAYBE)
		old->ended = KNOWN_MAYBE; /* it had ended, and nobody told */
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)s->number);
	size_t known = sim.audit.n;
	int64_t number = audit_number(&sim.audit, s->retry.result.id, str_z(text), true);
	if (number < 0) {
		audit_complain(&sim.audit, "no room for another task", s->number);
		return;
	}
	if ((size_t)number == known) { /* told of at once: no lease comes before that */
		sim.audit.tasks[number].has_unheard = false;
		sim.audit.tasks[number].may_end =
		        sim.audit.tasks[s->number].deadline_ms ? 1u << TASK_FAILED : 0;
	}
	sim.audit.tasks[number].submitted = KNOWN_YES;
	sim.audit.tasks[number].retry_of = s->retry.task;
}

static void heard_queue(struct speech *s)
{
	if (s->queue.c.rc == RC_OK)
		sim.audit.is_paused[s->number] = s->queue.settings.is_paused ? KNOWN_YES : KNOWN_NO;
}

static void on_answer(struct loop_message *m)
{
	struct speech *s = command_of_reply(m)->asker;
	s->is_answered = true;
	trace((uint64_t)s->verb * 16 + command_of_reply(m)->rc);
	switch (s->verb) {
	case SUBMIT:
		heard_submit(s);
		break;
	case LEASE:
		heard_lease(s);
		break;
	case WORD:
		heard_word(s);
		break;
	case CANCEL:
		heard_cancel(s);
		break;
	case RETRY:
		heard_retry(s);
		break;
	case QUEUE:
		heard_queue(s);
		break;
	case AGAIN: /* said as SUBMIT */
	case SWEEP:
	case VERBS:
		break;
	}
}

/* --- Steps --- */

static struct speech *say_something(void)
{
	static struct speech *(*const say[VERBS])(void) = { say_submit, say_submit_again, say_lease,
		                                            say_word,   say_cancel,       say_retry,
		                                            say_queue,  say_sweep };
	unsigned sum = 0;
	for (size_t i = 0; i < VERBS; i++)
		sum += sim.mix[i];
	unsigned d = (unsigned)below(sum);
	for (size_t i = 0; i < VERBS; i++) {
		if (d < sim.mix[i])
			return say[i]();
		d -= sim.mix[i];
	}
	abort();
}

static void forget_answered(void)
{
	size_t kept = 0;
	for (size_t i = 0; i < sim.n_waiting; i++) {
		if (sim.waiting[i]->is_answered)
			arena_destroy(sim.waiting[i]->arena);
		else
			sim.waiting[kept++] = sim.waiting[i];
	}
	sim.n_waiting = kept;
}

static void send(struct speech **said, size_t n)
{
	struct mailbox_node *first = NULL, **end = &first;
	for (size_t i = 0; i < n; i++) {
		struct command *c = command_of(said[i]);
		c->asker = said[i];
		c->reply.fn = on_answer;
		c->node.next = NULL;
		*end = &c->node;
		end = &c->node.next;
	}
	writer_batch(sim.writer, (struct command *)first);
}

/* Mostly somebody speaks: else only time goes by. */
static void batch(size_t most)
{
	struct speech *said[BATCH_MAX];
	size_t n = 0;
	for (size_t i = one_in(EMPTY_IN) ? 0 : 1 + below(most); i > 0; i--) {
		said[n] = say_something();
		n += said[n] != NULL;
	}
	sim.said += n;
	send(said, n);
	for (size_t i = 0; i < n; i++) {
		if (said[i]->is_answered)
			arena_destroy(said[i]->arena);
		else if (said[i]->verb == LEASE && sim.n_waiting < HELD_MAX)
			sim.waiting[sim.n_waiting++] = said[i];
		else
			audit_complain(&sim.audit, "no answer at all", said[i]->number);
	}
	forget_answered();
}

static void advance_clock(void)
{
	int64_t ms = (int64_t)below(one_in(20) ? 20 * sim.sleep_ms_max : sim.sleep_ms_max);
	sim.mono_us += ms * 1000 + (int64_t)below(1000);
	sim.wall_ms += ms;
	if (one_in(sim.jump_in))
		sim.wall_ms += (int64_t)below(7200000) - 3600000;
}

/* Sometimes the power goes soon after a death: what was seen after that must be on the disk. */
static void die(bool is_power_cut)
{
	crash(is_power_cut);
	if (!sim.audit.complaint && one_in(4))
		crash(true);
}

static void step(void)
{
	advance_clock();
	if (one_in(sim.crash_in))
		die(one_in(2));
	if (one_in(sim.crash_in))
		disk_cut_at(sim.disk, 1 + below(40)); /* in the middle of something */
	if (one_in(sim.crash_in))
		disk_cut_at_sync(sim.disk); /* all is written, and nothing on the disk */
	if (one_in(sim.fault_in))
		disk_fail(sim.disk, below(30), 1 + below(3), one_in(2));
	if (!sim.audit.complaint)
		batch(sim.batch_max);
	if (sim.is_dead || disk_is_dead(sim.disk))
		die(disk_is_dead(sim.disk) && one_in(2)); /* else it was killed there */
}

enum { DRAIN_LEASES = 50 };

static struct speech *speech_complete(const struct lease *l)
{
	struct speech *s = speech_new(WORD);
	holder_command_init(&s->word, sim.queue, sim.scope, HOLDER_COMPLETE);
	s->number = number_in(l);
	s->word.task = l->task;
	s->word.attempt = l->attempt;
	s->word.token = l->token;
	if (s->number >= 0)
		sim.audit.tasks[s->number].may_end |= 1u << TASK_SUCCEEDED;
	return s;
}

static struct speech *speech_drain(void)
{
	struct speech *s = speech_new(LEASE);
	lease_command_init(&s->lease, sim.queue, sim.scope, s->arena);
	memcpy(s->kinds, kind_names, sizeof s->kinds);
	s->lease.worker = STR("drain");
	s->lease.kinds = s->kinds;
	s->lease.n_kinds = LEASE_KINDS;
	s->lease.tasks_max = DRAIN_LEASES;
	return s;
}

/* Faults are over: workers take and finish what there is until nothing is left. */
static bool drain_once(void)
{
	struct speech *words[DRAIN_LEASES], *s = speech_drain();
	sim.n_held = 0;
	send(&s, 1);
	size_t n = s->lease.n_leases;
	assert(n <= DRAIN_LEASES);
	for (size_t i = 0; i < n; i++)
		words[i] = speech_complete(&s->lease.leases[i]);
	send(words, n);
	for (size_t i = 0; i < n; i++) {
		if (words[i]->word.c.rc != RC_OK)
			audit_complain(&sim.audit, "a good completion was refused",
			               words[i]->number);
		arena_destroy(words[i]->arena);
	}
	arena_destroy(s->arena);
	forget_answered();
	return n > 0;
}

static void set_queue(size_t queue, enum queue_verb verb, struct queue_settings settings)
{
	struct speech *s = speech_queue(queue, verb);
	s->queue.settings = settings;
	s->queue.c.asker = s;
	s->queue.c.reply.fn = on_answer;
	writer_batch(sim.writer, &s->queue.c);
	if (s->queue.c.rc != RC_OK)
		audit_complain(&sim.audit, "a queue can't be set", (int64_t)queue);
	arena_destroy(s->arena);
}

static void drain(void)
{
	disk_kill(sim.disk);
	crash(false);
	for (size_t i = 0; i < KINDS && !sim.audit.complaint; i++)
		set_queue(i, QUEUE_RESUME, (struct queue_settings){ 0 });
	for (int quiet = 0, i = 0; quiet < 10 && !sim.audit.complaint; i++) {
		sim.mono_us += 10 * 1000 * 1000;
		quiet = drain_once() ? 0 : quiet + 1;
		if (i > DRAIN_STEPS_MAX)
			audit_complain(&sim.audit, "it does not come to rest", i);
	}
	audit_all(&sim.audit, sim.queue, sim.store, sim.scope, true);
	for (size_t i = 0; i < sim.audit.n && !sim.audit.complaint; i++)
		if (sim.audit.tasks[i].submitted == KNOWN_YES &&
		    sim.audit.tasks[i].ended != KNOWN_YES)
			audit_complain(&sim.audit, "never ended", (int64_t)i);
}

/* How much of each is said.  In some worlds one thing is hardly ever said, or all the time. */
static void draw_mix(void)
{
	static const unsigned usual[VERBS] = { 96, 24, 120, 128, 12, 8, 8, 1 };
	static const unsigned times[] = { 0, 1, 1, 1, 1, 5 };
	memcpy(sim.mix, usual, sizeof sim.mix);
	if (one_in(3))
		for (size_t i = AGAIN; i < VERBS; i++)
			sim.mix[i] *= times[below(ARRAY_LEN(times))];
}

/* In how many steps so many operations are said. */
static unsigned steps_of(unsigned operations)
{
	unsigned steps = 2 * operations / (unsigned)(sim.batch_max + 1);
	return operations && steps < 2 ? 2 : steps;
}

/* Extremes on purpose: what is always middling finds nothing. */
static void draw_world(void)
{
	static const unsigned crash_in[] = { 0, 60, 160, 800 }, fault_in[] = { 0, 80, 400 };
	static const int checkpoint_pages[] = { 8, 60, 60, 60, 400, 400, 400, 0 };
	static const size_t batch_max[] = { 1, 4, 8, 16, 24, BATCH_MAX };
	static const size_t output_bytes[] = { 0, 0, 5000, OUTPUT_MAX - 2 };
	sim.checkpoint_pages = checkpoint_pages[below(ARRAY_LEN(checkpoint_pages))];
	sim.batch_max = batch_max[below(ARRAY_LEN(batch_max))];
	sim.crash_in = steps_of(crash_in[below(ARRAY_LEN(crash_in))]);
	sim.fault_in = steps_of(fault_in[below(ARRAY_LEN(fault_in))]);
	sim.output_bytes = output_bytes[below(ARRAY_LEN(output_bytes))];
	sim.sessions = 1 + (unsigned)below(SESSIONS);
	sim.workers = 1 + (unsigned)below(WORKERS);
	sim.jump_in = one_in(2) ? 30 : 0;
	sim.lease_ms_max = one_in(2) ? 500 : 20000;
	sim.sleep_ms_max = one_in(8) ? 1 : one_in(2) ? 50 : 1500;
	draw_mix();
}

/* Limits, which stay as they are for the whole story. */
static void draw_limits(void)
{
	struct audit *a = &sim.audit;
	a->queue_names = kind_names;
	for (size_t i = 0; i < AUDIT_KEYS; i++)
		a->key_max[i] = 1 + (int64_t)below(3);
	if (one_in(2))
		a->queue_max[0] = 1 + (int64_t)below(4);
	if (one_in(2)) {
		a->rate_n = 1 + (int64_t)below(4);
		a->rate_period_ms = 100 + (int64_t)below(2000);
		a->credit = a->rate_n * a->rate_period_ms;
	}
	set_queue(0, QUEUE_PUT, (struct queue_settings){ .concurrency_max = a->queue_max[0] });
	set_queue(AUDIT_RATED, QUEUE_PUT,
	          (struct queue_settings){ .rate_n = a->rate_n,
	                                   .rate_period_ms = a->rate_period_ms });
	if (one_in(2))
		set_queue(2, QUEUE_PUT, (struct queue_settings){ .depth_max = 5 });
}

static void begin(void)
{
	struct err err = { 0 };
	chance_begin(0);
	sim.disk = disk_create(0);
	compiled_keep(sim.disk);
	sim.env = (struct env){ .mono_us = mono_us,
		                .wall_ms = wall_ms,
		                .random = fill,
		                .sqlite_vfs = "sim",
		                .self = &sim };
	sim.mono_us = 1;
	sim.wall_ms = 1790000000000;
	sim.scope = (struct scope){ .tenant = 1, .actor = 1, .role = ROLE_OWNER };
	if (!open_engines(&err)) {
		fprintf(stderr, "the store does not open: %s\n", err.text);
		abort();
	}
	struct db *reader;
	if (store_reader_borrow(sim.store, &reader, &err) != RC_OK)
		abort();
	store_reader_return(sim.store, reader);
	compiled_prepare();
	disk_kill(sim.disk);
}

/* The seed's whole story. */
static struct told tell(uint64_t seed, int operations, bool does_lie)
{
	struct err err = { 0 };
	sim.seed = seed;
	chance_begin(seed);
	disk_reseed(sim.disk, seed);
	draw_world();
	if (!open_engines(&err)) {
		audit_complain(&sim.audit, "the store does not open", 0);
		fprintf(stderr, "%s\n", err.text);
	}
	if (!sim.audit.complaint)
		draw_limits();
	disk_lie(sim.disk, does_lie);
	if (does_lie)
		sim.crash_in = steps_of(60);
	while (sim.said < (unsigned long long)operations && !sim.audit.complaint)
		step();
	if (!sim.audit.complaint)
		drain();
	return (struct told){ sim.audit.complaint, sim.audit.about, sim.audit.n, disk_ops(sim.disk),
		              sim.said };
}

int main(int argc, char **argv)
{
	return seeds_main(&(struct story){ "sim", begin, tell }, argc, argv);
}
