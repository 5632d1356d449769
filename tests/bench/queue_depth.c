/* What a lease costs behind many tasks that are not for it.
 *
 *	queue_depth [TASKS]     default 1,000,000
 *
 * For each scene a fresh store is filled, then rounds of "submit 100, lease them one by
 * one, complete them" run in three batches, and the middle one is timed.  The figure is the
 * lower quartile of microseconds per lease (others use the machine, too), its share of the
 * commit included, and its ratio to an empty queue's; it should stay below 2.  Leases for
 * 1,000 tenants in turn touch a hundred tenants' pages in a batch where the others touch
 * one's; they are held against the same with a fiftieth of the tasks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "queue/queue.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/file.h"

enum { ROUND = 100, ROUNDS = 60, FILL_BATCH = 20 };

struct scene {
	const char *name;
	int64_t kinds, tenants;
	bool has_key, is_leased_for_all;
	bool is_same_kind;
};

static struct world {
	char folder[64];
	struct arena *arena;
	struct store *store;
	struct writer *writer;
	struct queue *queue;
	struct scope scope;
} w;

static void ignore(struct loop_message *m)
{
	(void)m;
}

static void must(enum rc rc, const char *what)
{
	if (rc == RC_OK)
		return;
	fprintf(stderr, "%s failed\n", what);
	exit(1);
}

static void world_open(void)
{
	const struct env *env = &env_system;
	struct store_options so = { .folder = w.folder, .env = env };
	snprintf(w.folder, sizeof w.folder, "/tmp/takt-bench-XXXXXX");
	if (!mkdtemp(w.folder))
		exit(1);
	w.scope.tenant = 1;
	w.scope.role = ROLE_OWNER;
	w.arena = arena_create(1 << 16);
	must(store_open(&so, &w.store, NULL), "opening");
	must(writer_create(&(struct writer_options){ .store = w.store, .env = env }, &w.writer,
	                   NULL),
	     "the writer");
	must(queue_create(
	             &(struct queue_options){ .store = w.store, .writer = w.writer, .env = env },
	             &w.queue, NULL),
	     "the queue");
}

static void world_close(void)
{
	queue_destroy(w.queue);
	writer_destroy(w.writer);
	store_close(w.store);
	arena_destroy(w.arena);
	must(folder_remove(w.folder, NULL), "removing the folder");
}

static enum rc world_do(struct command *c)
{
	c->node.next = NULL;
	c->reply.fn = ignore;
	writer_batch(w.writer, c);
	return c->rc;
}

static void fill_batch(const struct scene *s, int64_t from)
{
	static struct task_new tasks[FILL_BATCH];
	static struct task_submitted results[FILL_BATCH];
	static char names[FILL_BATCH][32];
	struct submit_command c;
	struct scope scope = w.scope;
	scope.tenant = 1 + (from / FILL_BATCH) % s->tenants;
	for (int i = 0; i < FILL_BATCH; i++) {
		int64_t kind = (from + i) % s->kinds;
		snprintf(names[i], sizeof names[i], "k%lld", (long long)kind);
		tasks[i] =
		        (struct task_new){ .kind = s->is_same_kind ? STR("hot") : str_z(names[i]),
			                   .key = s->has_key ? STR("one") : STR("") };
	}
	submit_command_init(&c, w.queue, scope);
	c.tasks = tasks;
	c.n = FILL_BATCH;
	c.results = results;
	must(world_do(&c.c), "filling");
}

static void submit_round(const struct scene *s)
{
	static struct task_new tasks[ROUND];
	static struct task_submitted results[ROUND];
	struct submit_command c;
	for (int i = 0; i < ROUND; i++)
		tasks[i] = (struct task_new){ .kind = STR("hot"), .priority = 1 };
	(void)s;
	submit_command_init(&c, w.queue, w.scope);
	c.tasks = tasks;
	c.n = ROUND;
	c.results = results;
	must(world_do(&c.c), "submitting");
}

/* Microseconds per lease. */
static double lease_round(const struct scene *s, struct lease_command *l)
{
	static const struct str kinds[] = { STR_INIT("hot") };
	for (int i = 0; i < ROUND; i++) {
		if (s->is_leased_for_all)
			lease_command_init_all(&l[i], w.queue, w.scope, w.arena);
		else
			lease_command_init(&l[i], w.queue, w.scope, w.arena);
		l[i].worker = STR("bench");
		l[i].kinds = kinds;
		l[i].n_kinds = 1;
		l[i].c.reply.fn = ignore;
		l[i].c.node.next = i + 1 < ROUND ? &l[i + 1].c.node : NULL;
	}
	int64_t began_us = env_mono_us(&env_system);
	writer_batch(w.writer, &l[0].c);
	return (double)(env_mono_us(&env_system) - began_us) / ROUND;
}

static void complete_round(const struct lease_command *l)
{
	static struct holder_command h[ROUND];
	for (int i = 0; i < ROUND; i++) {
		if (l[i].n_leases != 1) {
			fprintf(stderr, "a lease was not granted\n");
			exit(1);
		}
		const struct lease *lease = &l[i].leases[0];
		holder_command_init(&h[i], w.queue, w.scope, HOLDER_COMPLETE);
		h[i].is_for_all = true;
		h[i].task = lease->task;
		h[i].attempt = lease->attempt;
		h[i].token = lease->token;
		h[i].c.reply.fn = ignore;
		h[i].c.node.next = i + 1 < ROUND ? &h[i + 1].c.node : NULL;
	}
	writer_batch(w.writer, &h[0].c);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double play(const struct scene *s, int64_t tasks)
{
	static struct lease_command l[ROUND];
	double us[ROUNDS];
	world_open();
	for (int64_t i = 0; i < tasks; i += FILL_BATCH)
		fill_batch(s, i);
	for (int i = 0; i < ROUNDS; i++) {
		submit_round(s);
		us[i] = lease_round(s, l);
		complete_round(l);
		arena_clear(w.arena);
	}
	world_close();
	qsort(us, ROUNDS, sizeof *us, by_size);
	return us[ROUNDS / 4];
}

int main(int argc, char **argv)
{
	static const struct scene scenes[] = {
		{ "another kind", 1, 1, false, false, false },
		{ "the same kind, less urgent", 1, 1, false, false, true },
		{ "one saturated key, the same kind", 1, 1, true, false, true },
		{ "1,000 kinds", 1000, 1, false, false, false },
		{ "1,000 tenants, leased for all", 1, 1000, false, true, true },
	};
	int64_t tasks = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
	double empty = play(&scenes[0], 0);
	printf("%-36s %8.1f us a lease\n", "an empty queue", empty);
	for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
		double us = play(&scenes[i], tasks);
		if (scenes[i].is_leased_for_all)
			empty = play(&scenes[i], tasks / 50);
		printf("%lld: %-27s %8.1f us a lease, %.2f times\n", (long long)tasks,
		       scenes[i].name, us, us / empty);
		fflush(stdout);
	}
	return 0;
}
