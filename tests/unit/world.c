/* The world of world.h. */
#include <stdlib.h>

#include "world.h"

#include <check.h>
#include <unistd.h>

static int64_t mono_us(void *self)
{
	return ((struct world *)self)->mono_us;
}

static int64_t wall_ms(void *self)
{
	return ((struct world *)self)->wall_ms;
}

static void fill(void *self, void *ret, size_t len)
{
	struct world *w = self;
	for (size_t i = 0; i < len; i++) {
		w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
		((unsigned char *)ret)[i] = (unsigned char)(w->seed >> 56);
	}
}

static void on_events(void *ctx, int64_t tenant, int64_t last_seq)
{
	struct world *w = ctx;
	if (tenant == w->scope.tenant)
		w->events_seen = last_seq;
}

static void must(enum rc rc, const struct err *err)
{
	ck_assert_msg(rc == RC_OK, "%s: %s", code_text(err->code), err->text);
}

void world_start(struct world *w)
{
	struct err err = { 0 };
	must(store_open(&(struct store_options){ .folder = w->folder, .env = &w->env }, &w->store,
	                &err),
	     &err);
	must(writer_create(
	             &(struct writer_options){
	                     .store = w->store, .env = &w->env, .on_events = on_events, .ctx = w },
	             &w->writer, &err),
	     &err);
	must(queue_create(&(struct queue_options){ .store = w->store,
	                                           .writer = w->writer,
	                                           .event_retention_ms = w->event_retention_ms,
	                                           .env = &w->env },
	                  &w->queue, &err),
	     &err);
}

void world_stop(struct world *w)
{
	queue_destroy(w->queue);
	writer_destroy(w->writer);
	store_close(w->store);
}

void world_open(struct world *w)
{
	*w = (struct world){ .mono_us = 1000000, .wall_ms = 1790000000000, .seed = 1 };
	snprintf(w->folder, sizeof w->folder, "/tmp/takt-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w->folder));
	w->env = (struct env){ .mono_us = mono_us, .wall_ms = wall_ms, .random = fill, .self = w };
	w->scope = (struct scope){ .tenant = 1, .actor = 7, .role = ROLE_OWNER };
	w->arena = arena_create(4096);
	world_start(w);
}

void world_close(struct world *w)
{
	world_stop(w);
	arena_destroy(w->arena);
	ck_assert_int_eq(folder_remove(w->folder, NULL), RC_OK);
}

void world_sleep(struct world *w, int64_t ms)
{
	w->mono_us += ms * 1000;
	w->wall_ms += ms;
}

static void ignore_reply(struct loop_message *m)
{
	(void)m;
}

enum rc world_do(struct world *w, struct command *c)
{
	c->node.next = NULL;
	if (!c->reply.fn)
		c->reply.fn = ignore_reply;
	w->next_due_ms = writer_batch(w->writer, c);
	return c->rc;
}

void world_chain(struct world *w, struct command **chain, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		chain[i]->node.next = i + 1 < n ? &chain[i + 1]->node : NULL;
		if (!chain[i]->reply.fn)
			chain[i]->reply.fn = ignore_reply;
	}
	w->next_due_ms = writer_batch(w->writer, chain[0]);
}

void world_tick(struct world *w)
{
	w->next_due_ms = writer_batch(w->writer, NULL);
}

int64_t world_submit(struct world *w, const char *kind)
{
	struct task_new task = { .kind = str_z(kind), .input = STR("{\"n\":1}") };
	struct task_submitted ret;
	struct submit_command s;
	submit_command_init(&s, w->queue, w->scope);
	s.tasks = &task;
	s.n = 1;
	s.results = &ret;
	ck_assert_int_eq(world_do(w, &s.c), RC_OK);
	return ret.id;
}

bool world_lease(struct world *w, const char *kind, struct lease *ret)
{
	struct str kinds[] = { str_z(kind) };
	struct lease_command l;
	lease_command_init(&l, w->queue, w->scope, w->arena);
	/* No name: not registered as an agent, so nothing is told but what the test does. */
	l.kinds = kinds;
	l.n_kinds = 1;
	ck_assert_int_eq(world_do(w, &l.c), RC_OK);
	if (l.n_leases)
		*ret = l.leases[0];
	return l.n_leases > 0;
}

enum rc world_hold(struct world *w, const struct lease *l, enum holder_verb verb,
                   struct holder_command *ret)
{
	holder_command_init(ret, w->queue, w->scope, verb);
	ret->task = l->task;
	ret->attempt = l->attempt;
	ret->token = l->token;
	ret->output = STR("{\"ok\":true}");
	ret->error_code = STR("broken");
	ret->error_message = STR("it broke");
	return world_do(w, &ret->c);
}

struct task world_task(struct world *w, int64_t id)
{
	struct task t;
	struct err err = { 0 };
	must(task_get(w->queue, w->scope, id, w->arena, &t, &err), &err);
	return t;
}
