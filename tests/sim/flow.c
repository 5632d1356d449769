/* A simulation of workflows on the queue: as sim.c, one process per seed, the real engines on
 * a simulated disk, and an auditor that believes only what it was told (audit_flow.h).  How
 * it is called: seeds.h.
 *
 * Three workflows hold what a definition can say: steps with fan-out, conditions and
 * compensation; timers, events and approvals; sub-workflows.  Actors start, fork, cancel and
 * resume runs, send events, vote, and do the work.  A step of the story moves the clock, lets
 * a handful of them speak in one batch, or kills the process, cuts the power, fails the disk.
 * At the end the faults stop and everything must come to its end. */
#include <stdio.h>

#include "audit_flow.h"
#include "base/arena.h"
#include "base/str.h"
#include "chance.h"
#include "compiled.h"
#include "codec/hex.h"
#include "disk.h"
#include "seeds.h"
#include "store/store.h"
#include "sys/env.h"
#include "tales.h"

enum { BATCH_MAX = 24, EMPTY_IN = 8, HELD_MAX = 64, LIVE_MAX = 8, DRAIN_STEPS_MAX = 4000 };

enum verb { START, FORK, LEASE, WORD, EVENT, VOTE, CANCEL, RESUME, PUT };

/* One thing an actor says, and where its answer goes. */
struct speech {
	enum verb verb;
	bool is_answered, is_repeat;
	struct arena *arena;
	struct run_start_command start;
	struct run_fork_command fork;
	struct lease_command lease;
	struct holder_command word;
	struct run_event_command event;
	struct approval_command vote;
	struct run_cancel_command cancel;
	struct run_resume_command resume;
	struct workflow_put_command put;
	int64_t tale; /* which it is about */
	struct work_place place;
	int64_t serial; /* of a completion's output */
};

/* A lease that somebody holds or held. */
struct held {
	struct lease lease;
	struct work_place place;
	int64_t serial; /* of the output that was said; 0: none yet */
};

struct sim {
	struct disk *disk;
	struct env env;
	int64_t mono_us, wall_ms;
	struct writer *writer;
	struct flow_world world;
	struct audit_flow audit;
	struct held held[HELD_MAX];
	size_t n_held;
	int64_t serial;
	/* The world. */
	unsigned crash_in, fault_in, fail_in;
	int64_t sleep_ms_max, lease_ms_max;
	int checkpoint_pages;
	size_t batch_max;
	unsigned long long said;
	bool is_dead;
};
static struct sim sim;

static const struct str kinds[] = { STR_INIT("w"), STR_INIT("u") };
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

static int64_t now(void)
{
	return writer_now_ms(sim.writer);
}

/* --- Life and death --- */

static bool open_engines(struct err *err)
{
	struct store_options so = { .folder = "d",
		                    .env = &sim.env,
		                    .checkpoint_pages = sim.checkpoint_pages };
	if (store_open(&so, &sim.world.store, err) != RC_OK)
		return false;
	struct writer_options wo = { .store = sim.world.store, .env = &sim.env, .fatal = on_fatal };
	if (writer_create(&wo, &sim.writer, err) != RC_OK)
		return false;
	struct queue_options qo = { .store = sim.world.store,
		                    .writer = sim.writer,
		                    .env = &sim.env };
	if (queue_create(&qo, &sim.world.queue, err) != RC_OK)
		return false;
	struct flow_options fo = { .store = sim.world.store,
		                   .queue = sim.world.queue,
		                   .writer = sim.writer };
	return flow_create(&fo, &sim.world.flow, err) == RC_OK;
}

static void crash(bool is_power_cut)
{
	struct err err = { 0 };
	trace(is_power_cut ? 101 : 102);
	if (is_power_cut)
		disk_power_cut(sim.disk);
	else
		disk_kill(sim.disk);
	sim.is_dead = false;
	if (!open_engines(&err)) {
		flow_complain(&sim.audit, "the store does not open after a crash", 0);
		return;
	}
	/* What is forgotten stays so: where there is much to read, not every crash is looked at. */
	if (sim.audit.n < 10 || one_in(3))
		audit_runs(&sim.audit, &sim.world, false);
}

/* On a disk that is well the engine comes to rest and says that nothing is due: is that so? */
static void rest(void)
{
	int64_t due_ms = 0;
	disk_fail(sim.disk, 0, 0, false);
	disk_cut_at(sim.disk, 0);
	for (int i = 0; i < 200 && due_ms <= now(); i++) {
		due_ms = writer_batch(sim.writer, NULL);
		sim.audit.batches++;
	}
	if (due_ms > now())
		audit_idle(&sim.audit, &sim.world, now());
	if (one_in(6))
		audit_runs(&sim.audit, &sim.world, false);
}

/* --- What actors say --- */

static struct speech *speech_new(enum verb verb)
{
	struct arena *a = arena_create(1024);
	struct speech *s = arena_new(a, struct speech, 1);
	s->verb = verb;
	s->arena = a;
	return s;
}

static struct command *command_of(struct speech *s)
{
	struct command *const commands[] = {
		[START] = &s->start.c,   [FORK] = &s->fork.c,     [LEASE] = &s->lease.c,
		[WORD] = &s->word.c,     [EVENT] = &s->event.c,   [VOTE] = &s->vote.c,
		[CANCEL] = &s->cancel.c, [RESUME] = &s->resume.c, [PUT] = &s->put.c
	};
	return commands[s->verb];
}

/* Runs that have not ended as far as anybody knows: more would only be slow. */
static bool is_busy(void)
{
	int n = 0;
	for (int64_t i = 0; i < sim.audit.n; i++)
		n += !sim.audit.tales[i].is_over && sim.audit.tales[i].started != KNOWN_NO;
	return n >= LIVE_MAX || sim.audit.n == TALES_MAX;
}

static struct speech *speech_start(int64_t number)
{
	struct speech *s = speech_new(START);
	run_start_command_init(&s->start, sim.world.flow, sim.world.scope);
	s->tale = number;
	s->start.workflow = str_z(tale_names[sim.audit.tales[number].kind]);
	s->start.input = tale_input(s->arena, &sim.audit.tales[number], number);
	s->start.idempotency_key = str_fmt(s->arena, "run-%lld", (long long)number);
	return s;
}

static struct speech *say_start(void)
{
	if (is_busy())
		return NULL;
	struct tale *t = &sim.audit.tales[sim.audit.n];
	t->started = KNOWN_MAYBE;
	t->kind = (enum tale_kind)below(TALE_KINDS);
	t->items = (int64_t)below(TALE_ITEMS + 1);
	t->subs = 1 + (int64_t)below(TALE_SUBS - 1);
	t->timer_ms = (int64_t)below(20000);
	t->is_longer = one_in(2);
	t->fork_of = -1;
	return speech_start(sim.audit.n++);
}

/* As after a lost reply: the key makes it safe. */
static struct speech *say_start_again(void)
{
	int64_t number = sim.audit.n ? (int64_t)below((uint64_t)sim.audit.n) : 0;
	struct tale *t = &sim.audit.tales[number];
	if (!sim.audit.n || t->fork_of >= 0)
		return NULL;
	if (t->started == KNOWN_NO)
		t->started = KNOWN_MAYBE;
	struct speech *s = speech_start(number);
	s->is_repeat = true;
	return s;
}

/* One that somebody has heard of and for which `wanted` holds. */
static int64_t find_tale(bool (*wanted)(const struct tale *t))
{
	for (int i = 0; i < 8 && sim.audit.n; i++) {
		int64_t number = (int64_t)below((uint64_t)sim.audit.n);
		const struct tale *t = &sim.audit.tales[number];
		if (t->id && t->started == KNOWN_YES && wanted(t))
			return number;
	}
	return -1;
}

static bool is_live(const struct tale *t)
{
	return !t->is_over;
}

static bool is_waiting(const struct tale *t)
{
	return !t->is_over && t->kind == TALE_WAITS;
}

static bool is_source(const struct tale *t)
{
	return t->is_over && t->kind == TALE_LINE && t->fork_of < 0 &&
	       t->work[0][0][0][0].done == KNOWN_YES;
}

static bool is_stuck(const struct tale *t)
{
	return t->is_over && t->end == RUN_COMPENSATION_FAILED;
}

static struct speech *say_fork(void)
{
	static const char *const names[] = { "a", "b", "c" };
	int64_t source = is_busy() ? -1 : find_tale(is_source);
	if (source < 0)
		return NULL;
	int64_t number = sim.audit.n++;
	struct tale *t = &sim.audit.tales[number], *of = &sim.audit.tales[source];
	t->started = KNOWN_MAYBE;
	t->items = of->items;
	t->is_longer = of->is_longer;
	t->fork_of = source;
	t->fork_from = 1 + (int64_t)below(2);
	struct speech *s = speech_new(FORK);
	run_fork_command_init(&s->fork, sim.world.flow, sim.world.scope);
	s->tale = number;
	s->fork.run = of->id;
	s->fork.from = str_z(names[t->fork_from]);
	s->fork.input = str_fmt(s->arena, "{\"r\":%lld}", (long long)number);
	return s;
}

static struct speech *say_lease(void)
{
	if (sim.n_held >= HELD_MAX - 4)
		return NULL;
	struct speech *s = speech_new(LEASE);
	lease_command_init(&s->lease, sim.world.queue, sim.world.scope, s->arena);
	s->lease.worker = STR("sim");
	s->lease.kinds = kinds;
	s->lease.n_kinds = ARRAY_LEN(kinds);
	s->lease.tasks_max = 1 + (int64_t)below(3);
	s->lease.lease_ms = LEASE_MS_MIN + (int64_t)below((uint64_t)sim.lease_ms_max);
	return s;
}

static struct speech *speech_word(struct held *h, enum holder_verb verb)
{
	struct speech *s = speech_new(WORD);
	struct work *w = work_at(&sim.audit, &h->place);
	holder_command_init(&s->word, sim.world.queue, sim.world.scope, verb);
	s->place = h->place;
	s->word.task = h->lease.task;
	s->word.attempt = h->lease.attempt;
	s->word.token = h->lease.token;
	s->word.error_code = STR("broken");
	s->word.error_message = STR("as drawn");
	s->word.is_final = one_in(2);
	w->may_fail |= verb == HOLDER_FAIL;
	if (verb != HOLDER_COMPLETE)
		return s;
	if (!h->serial)
		audit_said(w, h->serial = ++sim.serial);
	s->serial = h->serial;
	s->word.output = str_fmt(s->arena, "{\"v\":%lld,\"t\":%lld}",
	                         (long long)work_number(&h->place), (long long)s->serial);
	if (w->done == KNOWN_NO)
		w->done = KNOWN_MAYBE;
	return s;
}

static enum holder_verb draw_verb(void)
{
	if (one_in(sim.fail_in))
		return HOLDER_FAIL;
	return one_in(10) ? HOLDER_RETURN : one_in(10) ? HOLDER_HEARTBEAT : HOLDER_COMPLETE;
}

static struct speech *say_word(void)
{
	if (!sim.n_held)
		return NULL;
	size_t at = below(sim.n_held);
	struct speech *s = speech_word(&sim.held[at], draw_verb());
	if (!one_in(8)) /* else the holder speaks again later: a repeat, or a stale word */
		sim.held[at] = sim.held[--sim.n_held];
	return s;
}

static struct speech *speech_event(int64_t number, bool is_fitting)
{
	struct tale *t = &sim.audit.tales[number];
	struct speech *s = speech_new(EVENT);
	run_event_command_init(&s->event, sim.world.flow, sim.world.scope);
	s->tale = number;
	s->event.run = t->id;
	s->event.name = STR("go");
	s->is_repeat = !is_fitting;
	s->event.data = str_fmt(s->arena, "{\"n\":%lld,\"k\":%lld}",
	                        (long long)(is_fitting ? number : -1), (long long)++t->events_said);
	return s;
}

static struct speech *say_event(void)
{
	int64_t number = find_tale(is_waiting);
	return number < 0 ? NULL : speech_event(number, !one_in(4));
}

static struct speech *speech_vote(int64_t number, int64_t actor, bool is_approving)
{
	struct approval a;
	struct tale *t = &sim.audit.tales[number];
	struct speech *s = speech_new(VOTE);
	if (approval_get(sim.world.flow, sim.world.scope, t->id, STR("p"), s->arena, &a, NULL) !=
	    RC_OK) {
		arena_destroy(s->arena);
		return NULL;
	}
	struct scope scope = sim.world.scope;
	scope.actor = actor;
	approval_command_init(&s->vote, sim.world.flow, scope);
	s->tale = number;
	s->vote.run = t->id;
	s->vote.step = STR("p");
	s->vote.is_approving = is_approving;
	if (hex_decode(a.hash, s->vote.hash, sizeof s->vote.hash) != RC_OK)
		flow_complain(&sim.audit, "what is shown has no hash", t->id);
	t->said_yes |= is_approving ? 1u << actor : 0;
	t->may_reject |= !is_approving;
	return s;
}

static struct speech *say_vote(void)
{
	int64_t number = find_tale(is_waiting);
	if (number < 0)
		return NULL;
	return speech_vote(number, 1 + (int64_t)below(TALE_ACTORS - 1), !one_in(8));
}

static struct speech *say_cancel(void)
{
	int64_t number = one_in(4) ? find_tale(is_live) : -1;
	if (number < 0)
		return NULL;
	struct speech *s = speech_new(CANCEL);
	run_cancel_command_init(&s->cancel, sim.world.flow, sim.world.scope);
	s->tale = number;
	s->cancel.run = sim.audit.tales[number].id;
	sim.audit.tales[number].may_cancel = true;
	return s;
}

static struct speech *speech_resume(int64_t number, bool is_skipping)
{
	struct tale *t = &sim.audit.tales[number];
	struct speech *s = speech_new(RESUME);
	run_resume_command_init(&s->resume, sim.world.flow, sim.world.scope);
	s->tale = number;
	s->resume.run = t->id;
	s->resume.is_skipping = is_skipping;
	t->may_resume = true;
	t->may_skip |= is_skipping;
	return s;
}

static struct speech *say_resume(void)
{
	int64_t number = find_tale(is_stuck);
	return number < 0 ? NULL : speech_resume(number, one_in(4));
}

/* --- What they are answered --- */

static void heard_lease(struct speech *s)
{
	if (s->lease.c.rc != RC_OK)
		return;
	for (size_t i = 0; i < s->lease.n_leases && !sim.audit.complaint; i++) {
		const struct lease *l = &s->lease.leases[i];
		struct held h = { .lease = *l };
		trace((uint64_t)l->task);
		audit_given(&sim.audit, l);
		if (sim.audit.complaint || !work_place_read(l->input, &h.place))
			return;
		h.lease.kind = h.lease.input = h.lease.queue = h.lease.key = (struct str){ 0 };
		if (sim.n_held < HELD_MAX)
			sim.held[sim.n_held++] = h;
	}
}

static void heard_word(struct speech *s)
{
	audit_heard(&sim.audit, &s->place, &s->word, s->serial);
}

static void heard_event(struct speech *s)
{
	struct tale *t = &sim.audit.tales[s->tale];
	if (s->event.c.rc == RC_OK && !s->is_repeat && !t->heard_event_ms)
		t->heard_event_ms = now();
}

static void heard_vote(struct speech *s)
{
	struct tale *t = &sim.audit.tales[s->tale];
	if (s->vote.c.rc == RC_OK && s->vote.is_approving)
		t->heard_yes |= 1u << s->vote.c.scope.actor;
}

static void heard_cancel(struct speech *s)
{
	if (s->cancel.c.rc == RC_OK)
		audit_stopped(&sim.audit, &sim.audit.tales[s->tale]);
}

static void on_answer(struct loop_message *m)
{
	struct speech *s = command_of_reply(m)->asker;
	enum rc rc = command_of_reply(m)->rc;
	s->is_answered = true;
	trace((uint64_t)s->verb * 16 + rc);
	switch (s->verb) {
	case START:
		audit_started(&sim.audit, s->tale, s->start.run, rc, s->is_repeat);
		break;
	case FORK:
		audit_started(&sim.audit, s->tale, s->fork.fork, rc, false);
		break;
	case LEASE:
		heard_lease(s);
		break;
	case WORD:
		heard_word(s);
		break;
	case EVENT:
		heard_event(s);
		break;
	case VOTE:
		heard_vote(s);
		break;
	case CANCEL:
		heard_cancel(s);
		break;
	case RESUME:
	case PUT:
		break; /* what comes of it is seen when all is compared */
	}
}

/* --- Steps --- */

static struct speech *say_something(void)
{
	uint64_t d = below(100);
	if (d < 10)
		return say_start();
	if (d < 12)
		return say_start_again();
	if (d < 15)
		return say_fork();
	if (d < 44)
		return say_lease();
	if (d < 86)
		return say_word();
	if (d < 91)
		return say_event();
	if (d < 96)
		return say_vote();
	return d < 98 ? say_cancel() : say_resume();
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
	sim.said += n;
	writer_batch(sim.writer, (struct command *)first);
	sim.audit.batches++;
	for (size_t i = 0; i < n; i++) {
		if (!said[i]->is_answered)
			flow_complain(&sim.audit, "no answer at all", said[i]->tale);
		arena_destroy(said[i]->arena);
	}
}

static void send_one(struct speech *s)
{
	if (s)
		send(&s, 1);
}

static void batch(void)
{
	struct speech *said[BATCH_MAX];
	size_t n = 0;
	for (size_t i = one_in(EMPTY_IN) ? 0 : 1 + below(sim.batch_max); i > 0; i--) {
		said[n] = say_something();
		n += said[n] != NULL;
	}
	send(said, n);
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
	int64_t ms = (int64_t)below((uint64_t)sim.sleep_ms_max * (one_in(20) ? 20 : 1));
	sim.mono_us += ms * 1000 + (int64_t)below(1000);
	sim.wall_ms += one_in(40) ? (int64_t)below(7200000) - 3600000 : ms;
	if (one_in(sim.crash_in))
		die(one_in(2));
	if (one_in(sim.crash_in))
		disk_cut_at(sim.disk, 1 + below(60)); /* in the middle of something */
	if (one_in(sim.crash_in))
		disk_cut_at_sync(sim.disk); /* all is written, and nothing on the disk */
	if (one_in(sim.fault_in))
		disk_fail(sim.disk, below(40), 1 + below(3), one_in(2));
	if (!sim.audit.complaint)
		batch();
	if (one_in(12) && !sim.is_dead && !disk_is_dead(sim.disk) && !sim.audit.complaint)
		rest();
	if (sim.is_dead || disk_is_dead(sim.disk))
		die(disk_is_dead(sim.disk) && one_in(2)); /* else it was killed there */
}

/* --- The end: everything that can end does --- */

static size_t drain_tasks(void)
{
	sim.n_held = 0; /* nobody speaks of what came before */
	struct speech *s = say_lease();
	s->lease.tasks_max = 50;
	send_one(s);
	size_t n = sim.n_held;
	struct speech *said[HELD_MAX];
	for (size_t i = 0; i < n; i++)
		said[i] = speech_word(&sim.held[i], HOLDER_COMPLETE);
	send(said, n);
	sim.n_held = 0;
	return n;
}

static void drain_tale(int64_t number)
{
	struct tale *t = &sim.audit.tales[number];
	if (t->started != KNOWN_YES)
		return;
	if (is_stuck(t))
		send_one(speech_resume(number, true));
	if (!is_waiting(t))
		return;
	send_one(speech_event(number, true));
	for (int64_t actor = 1; actor < TALE_ACTORS; actor++)
		send_one(speech_vote(number, actor, true));
}

static void drain(void)
{
	crash(false);
	for (int quiet = 0, i = 0; quiet < 12 && !sim.audit.complaint; i++) {
		sim.mono_us += 7 * 1000 * 1000;
		sim.wall_ms += 7000;
		quiet = drain_tasks() ? 0 : quiet + 1;
		if (quiet == 1 || quiet == 6) {
			audit_runs(&sim.audit, &sim.world, false);
			for (int64_t k = 0; k < sim.audit.n && !sim.audit.complaint; k++)
				drain_tale(k);
		}
		if (i > DRAIN_STEPS_MAX)
			flow_complain(&sim.audit, "it does not come to rest", i);
	}
	if (!sim.audit.complaint)
		audit_runs(&sim.audit, &sim.world, true);
	if (!sim.audit.complaint)
		audit_rest(&sim.audit, &sim.world);
}

/* --- The story of a seed --- */

static void put_definitions(void)
{
	for (size_t i = 0; i < TALE_KINDS && !sim.audit.complaint; i++) {
		struct speech *s = speech_new(PUT);
		workflow_put_command_init(&s->put, sim.world.flow, sim.world.scope);
		s->put.document = tale_document(s->arena, (enum tale_kind)i);
		struct command *c = &s->put.c;
		c->asker = s;
		c->reply.fn = on_answer;
		writer_batch(sim.writer, c);
		if (c->rc != RC_OK) {
			fprintf(stderr, "%s: %s\n", c->err.place, c->err.text);
			flow_complain(&sim.audit, "a definition is refused", (int64_t)i);
		}
		arena_destroy(s->arena);
	}
}

/* In how many steps so many operations are said. */
static unsigned steps_of(unsigned operations)
{
	unsigned steps = 2 * operations / (unsigned)(sim.batch_max + 1);
	return operations && steps < 2 ? 2 : steps;
}

static void draw_world(bool does_lie)
{
	static const unsigned crash_in[] = { 0, 60, 180, 600 }, fault_in[] = { 0, 60, 300 };
	static const unsigned fail_in[] = { 6, 20, 60 };
	static const size_t batch_max[] = { 1, 4, 6, 8, 12, BATCH_MAX };
	static const int checkpoint_pages[] = { 8, 60, 60, 60, 400, 400, 400, 0 };
	sim.checkpoint_pages = checkpoint_pages[below(ARRAY_LEN(checkpoint_pages))];
	sim.batch_max = batch_max[below(ARRAY_LEN(batch_max))];
	sim.crash_in = steps_of(does_lie ? 45 : crash_in[below(ARRAY_LEN(crash_in))]);
	sim.fault_in = steps_of(fault_in[below(ARRAY_LEN(fault_in))]);
	sim.fail_in = fail_in[below(ARRAY_LEN(fail_in))];
	sim.sleep_ms_max = one_in(8) ? 1 : one_in(2) ? 100 : 3000;
	sim.lease_ms_max = one_in(2) ? 500 : 20000;
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
	sim.world.scope = (struct scope){ .tenant = 1, .actor = 1, .role = ROLE_OWNER };
	if (!open_engines(&err)) {
		fprintf(stderr, "the store does not open: %s\n", err.text);
		abort();
	}
	struct db *reader;
	if (store_reader_borrow(sim.world.store, &reader, &err) != RC_OK)
		abort();
	store_reader_return(sim.world.store, reader);
	compiled_prepare();
	disk_kill(sim.disk);
}

static struct told tell(uint64_t seed, int operations, bool does_lie)
{
	struct err err = { 0 };
	chance_begin(seed);
	disk_reseed(sim.disk, seed);
	draw_world(does_lie);
	if (!open_engines(&err))
		flow_complain(&sim.audit, "the store does not open", 0);
	if (!sim.audit.complaint)
		put_definitions();
	disk_lie(sim.disk, does_lie);
	while (sim.said < (unsigned long long)operations && !sim.audit.complaint)
		step();
	if (!sim.audit.complaint)
		drain();
	return (struct told){ sim.audit.complaint, sim.audit.about, (unsigned long long)sim.audit.n,
		              disk_ops(sim.disk), sim.said };
}

int main(int argc, char **argv)
{
	return seeds_main(&(struct story){ "sim-flow", begin, tell }, argc, argv);
}
