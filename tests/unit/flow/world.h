/* A real store, writer, queue and flow in a temporary folder, a clock that the test moves,
 * and an agent that leases and answers tasks.  No threads, no waiting. */
#ifndef TAKT_TESTS_UNIT_FLOW_WORLD_H
#define TAKT_TESTS_UNIT_FLOW_WORLD_H

#include <unistd.h>

#include "../unit.h"

#include "base/arena.h"
#include "flow/flow_priv.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/log.h"

static const struct scope alice = { .tenant = 1, .actor = 7, .role = ROLE_OWNER };
static const struct scope bob = { .tenant = 2, .actor = 8, .role = ROLE_OWNER };

#define ck_assert_str_has(s, words)                                                                \
	ck_assert_msg(str_find((s), STR(words), 0) != SIZE_MAX, "\"" STR_FMT "\" has no %s",       \
	              STR_ARG(s), words)

enum { PERFORMED_MAX = 4096 };

struct world {
	char folder[64];
	struct env env;
	int64_t mono_us;
	struct store *store;
	struct writer *writer;
	struct queue *queue;
	struct flow *flow;
	struct arena *arena;
	struct err err;
	/* What the agent did, in order: kind and input of each attempt. */
	struct str performed[PERFORMED_MAX];
	size_t n_performed;
	int64_t rows_max; /* changed by one batch */
	size_t batches;
	void (*read_part)(void *w, struct output_part *p);
	bool is_mended; /* what failed for good does no longer */
};

static inline int64_t world_mono_us(void *self)
{
	return ((struct world *)self)->mono_us;
}

static inline int64_t world_wall_ms(void *self)
{
	return INT64_C(1800000000000) + ((struct world *)self)->mono_us / 1000;
}

static inline void world_random(void *self, void *ret, size_t len)
{
	(void)self;
	env_system.random(env_system.self, ret, len);
}

static inline void world_open_again(struct world *w)
{
	struct store_options so = { .folder = w->folder, .env = &w->env, .is_migrating = true };
	enum rc rc = store_open(&so, &w->store, &w->err);
	ck_assert_msg(rc == RC_OK, "%s", w->err.text);
	struct writer_options wo = { .store = w->store, .env = &w->env };
	ck_assert_ok(writer_create(&wo, &w->writer, &w->err));
	struct queue_options qo = { .store = w->store, .writer = w->writer, .env = &w->env };
	ck_assert_ok(queue_create(&qo, &w->queue, &w->err));
	struct flow_options fo = { .store = w->store,
		                   .queue = w->queue,
		                   .writer = w->writer,
		                   .read_part = w->read_part,
		                   .read_part_ctx = w };
	ck_assert_ok(flow_create(&fo, &w->flow, &w->err));
}

/* As a killed server leaves it: nothing is finished first. */
static inline void world_shut(struct world *w)
{
	flow_destroy(w->flow);
	queue_destroy(w->queue);
	writer_destroy(w->writer);
	store_close(w->store);
}

static inline struct world *world_create(void)
{
	struct world *w = xcalloc(1, sizeof *w);
	log_setup(LOG_OFF, false, "test");
	snprintf(w->folder, sizeof w->folder, "/tmp/takt-flow-XXXXXX");
	ck_assert(mkdtemp(w->folder) != NULL);
	w->mono_us = 1000000;
	w->env = (struct env){ .mono_us = world_mono_us,
		               .wall_ms = world_wall_ms,
		               .random = world_random,
		               .self = w };
	w->arena = arena_create(64 << 10);
	world_open_again(w);
	return w;
}

static inline void world_destroy(struct world *w)
{
	world_shut(w);
	arena_destroy(w->arena);
	ck_assert_ok(folder_remove(w->folder, &w->err));
	free(w);
}

static inline void reply_nothing(struct loop_message *m)
{
	(void)m;
}

/* One batch with at most one command; measures how many rows it changed. */
static inline int64_t batch(struct world *w, struct command *c)
{
	struct db *db = store_writer_db(w->store);
	int64_t before = db_total_changes(db);
	if (c) {
		c->reply.fn = reply_nothing;
		c->posted_us = w->mono_us;
	}
	int64_t due_ms = writer_batch(w->writer, c);
	int64_t rows = db_total_changes(db) - before;
	if (rows > w->rows_max)
		w->rows_max = rows;
	w->batches++;
	return due_ms;
}

static inline enum rc apply(struct world *w, struct command *c)
{
	batch(w, c);
	w->err = c->err;
	return c->rc;
}

/* Batches until nothing is due now. */
static inline void settle(struct world *w)
{
	for (int i = 0; batch(w, NULL) <= writer_now_ms(w->writer); i++)
		ck_assert_int_lt(i, 1000);
}

/* Moves the clock. */
static inline void later(struct world *w, int64_t ms)
{
	w->mono_us += ms * 1000;
}

/* Single quotes stand for double ones: definitions are easier to read so. */
static inline struct str quoted(struct world *w, const char *text)
{
	struct str s = str_dup(w->arena, str_z(text));
	char *p = (char *)(uintptr_t)s.ptr;
	for (size_t i = 0; i < s.len; i++)
		if (p[i] == '\'')
			p[i] = '"';
	return s;
}

static inline enum rc put(struct world *w, const char *document, int64_t *ret_version)
{
	struct workflow_put_command c;
	workflow_put_command_init(&c, w->flow, alice);
	c.document = quoted(w, document);
	enum rc rc = apply(w, &c.c);
	if (rc == RC_OK)
		ck_assert(strstr(document, c.name) != NULL);
	if (rc == RC_OK && ret_version)
		*ret_version = c.version;
	return rc;
}

static inline enum rc start(struct world *w, const char *workflow, const char *input, int64_t *ret)
{
	struct run_start_command c;
	run_start_command_init(&c, w->flow, alice);
	c.workflow = str_z(workflow);
	c.input = quoted(w, input);
	enum rc rc = apply(w, &c.c);
	*ret = c.run;
	return rc;
}

/* Stores and starts; both must succeed. */
static inline int64_t begin(struct world *w, const char *document, const char *input)
{
	int64_t run;
	enum rc rc = put(w, document, NULL);
	ck_assert_msg(rc == RC_OK, "%s: %s", w->err.place, w->err.text);
	struct str d = quoted(w, document);
	const struct json *v;
	ck_assert_ok(json_read(w->arena, d, NULL, &v, NULL));
	struct str name = json_get_str(v, "name", STR(""));
	rc = start(w, str_dupz(w->arena, name), input, &run);
	ck_assert_msg(rc == RC_OK, "%s: %s", w->err.place, w->err.text);
	return run;
}

static inline struct run see(struct world *w, int64_t id)
{
	struct run run;
	enum rc rc = run_get(w->flow, alice, id, w->arena, &run, &w->err);
	ck_assert_msg(rc == RC_OK, "%s", w->err.text);
	return run;
}

/* --- The agent: its kinds say what it does with the input. --- */

static const struct str agent_kinds[] = {
	STR_INIT("echo"),  /* gives the input back */
	STR_INIT("other"), /* the same */
	STR_INIT("fail"),  /* fails for good */
	STR_INIT("odd"),   /* fails for good when the input is odd */
	STR_INIT("flaky"), /* fails at the first attempt */
	STR_INIT("big"),   /* gives 300,000 bytes */
};

static inline size_t lease(struct world *w, int64_t max, struct lease **ret)
{
	struct lease_command *l = arena_new(w->arena, struct lease_command, 1);
	lease_command_init(l, w->queue, alice, w->arena);
	l->worker = STR("agent");
	l->kinds = agent_kinds;
	l->n_kinds = ARRAY_LEN(agent_kinds);
	l->tasks_max = max;
	l->lease_ms = LEASE_MS_DEFAULT;
	enum rc rc = apply(w, &l->c);
	ck_assert_msg(rc == RC_OK, "%s", w->err.text);
	*ret = l->leases;
	return l->n_leases;
}

static inline bool is_failing(const struct world *w, const struct lease *l)
{
	if (w->is_mended)
		return false;
	char last = l->input.len ? l->input.ptr[l->input.len - 1] : '0';
	return str_eqz(l->kind, "fail") || (str_eqz(l->kind, "flaky") && l->attempt == 1) ||
	       (str_eqz(l->kind, "odd") && (last - '0') % 2 != 0);
}

static inline struct str big_text(struct world *w)
{
	char *p = arena_bytes(w->arena, 300000);
	memset(p, 'x', 300000);
	p[0] = p[299999] = '"';
	return (struct str){ p, 300000 };
}

static inline enum rc answer(struct world *w, const struct lease *l)
{
	struct holder_command h;
	bool fails = is_failing(w, l);
	ck_assert_uint_lt(w->n_performed, PERFORMED_MAX);
	w->performed[w->n_performed++] =
	        str_fmt(w->arena, STR_FMT " " STR_FMT, STR_ARG(l->kind), STR_ARG(l->input));
	holder_command_init(&h, w->queue, alice, fails ? HOLDER_FAIL : HOLDER_COMPLETE);
	h.task = l->task;
	h.attempt = l->attempt;
	h.token = l->token;
	h.output = str_eqz(l->kind, "big") ? big_text(w) : l->input;
	h.error_code = STR("broken");
	h.error_message = STR("it broke");
	h.is_final = !str_eqz(l->kind, "flaky");
	return apply(w, &h.c);
}

/* Leases up to `max` tasks and answers them; how many there were. */
static inline size_t turn(struct world *w, int64_t max)
{
	struct lease *leases;
	size_t n = lease(w, max, &leases);
	for (size_t i = 0; i < n; i++) {
		enum rc rc = answer(w, &leases[i]);
		/* A task cancelled meanwhile is no longer the agent's. */
		ck_assert_msg(rc == RC_OK || rc == RC_LOST, "%s", w->err.text);
	}
	return n;
}

/* Until no task is ready and nothing is due; waits (for retries) by moving the clock. */
static inline void work(struct world *w, int64_t run)
{
	for (int i = 0; i < 5000; i++) {
		settle(w);
		if (turn(w, 10))
			continue;
		settle(w);
		if (run_is_over(see(w, run).state))
			return;
		later(w, 10000);
	}
	ck_abort_msg("the run does not end");
}

/* As a killed server leaves it, and the next one finds it. */
static inline void restart(struct world *w)
{
	world_shut(w);
	world_open_again(w);
}

static inline enum rc send_event(struct world *w, int64_t run, const char *name, const char *data)
{
	struct run_event_command e;
	run_event_command_init(&e, w->flow, alice);
	e.run = run;
	e.name = str_z(name);
	e.data = quoted(w, data);
	return apply(w, &e.c);
}

static inline struct approval asked(struct world *w, int64_t run, const char *step)
{
	struct approval a;
	enum rc rc = approval_get(w->flow, alice, run, str_z(step), w->arena, &a, &w->err);
	ck_assert_msg(rc == RC_OK, "%s", w->err.text);
	return a;
}

/* By that actor, with that hash in hex. */
static inline enum rc decide(struct world *w, int64_t run, const char *step, bool is_approving,
                             int64_t actor, struct str hash)
{
	struct approval_command k;
	struct scope who = { .tenant = alice.tenant, .actor = actor, .role = ROLE_OWNER };
	approval_command_init(&k, w->flow, who);
	k.run = run;
	k.step = str_z(step);
	k.is_approving = is_approving;
	k.comment = is_approving ? STR("") : STR("not like this");
	ck_assert_ok(hex_decode(hash, k.hash, sizeof k.hash));
	return apply(w, &k.c);
}

static inline enum rc cancel(struct world *w, int64_t run)
{
	struct run_cancel_command k;
	run_cancel_command_init(&k, w->flow, alice);
	k.run = run;
	return apply(w, &k.c);
}

/* Of the run's events of that type: how many, and the data of the last. */
static inline size_t events_of(struct world *w, int64_t run, const char *type, struct str *ret_last)
{
	struct event *events;
	size_t n, found = 0;
	struct event_filter filter = { .run = run, .limit = 1000 };
	ck_assert_ok(event_read(w->store, alice, &filter, w->arena, &events, &n, &w->err));
	for (size_t i = 0; i < n; i++) {
		if (!str_eqz(events[i].type, type))
			continue;
		found++;
		*ret_last = events[i].data;
	}
	return found;
}

static inline bool has_performed(const struct world *w, const char *what)
{
	for (size_t i = 0; i < w->n_performed; i++)
		if (str_eqz(w->performed[i], what))
			return true;
	return false;
}

#endif
