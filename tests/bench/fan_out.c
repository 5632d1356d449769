/* What a fan-out costs the others: how long a task waits for a worker that waits for it, while
 * runs fan out.
 *
 *	fan_out [ITEMS] [RUNS]     default 10,000 and 10
 *
 * A worker polls for a kind of its own; a task of it is submitted, and the time from there to
 * the worker's answer is one sample: two commits at most.  First alone, then while one run
 * after the other makes ITEMS tasks, in the engine's slices.  The difference of the two p99 is
 * the figure; it should stay below 5 ms.  Real disk, real fsync, the engine's own thread.
 * On a machine that others use, the processor time of the engine's batches says more: a task
 * waits for the batch under way and its own. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "flow/flow.h"
#include "queue/queue.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/file.h"

enum { ALONE = 1000, SAMPLES_MAX = 100000 };

static struct world {
	char folder[64];
	struct store *store;
	struct writer *writer;
	struct queue *queue;
	struct flow *flow;
	struct scope scope;
	int64_t samples[SAMPLES_MAX];
	size_t n;
} w = { .scope = { .tenant = 1, .actor = 1, .role = ROLE_OWNER } };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int replies;

static void must(enum rc rc, const struct err *err)
{
	if (rc == RC_OK)
		return;
	fprintf(stderr, "fan_out: %s\n", err->text);
	exit(1);
}

static void replied(struct loop_message *m)
{
	must(command_of_reply(m)->rc, &command_of_reply(m)->err);
	pthread_mutex_lock(&lock);
	replies++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}

static void post(struct command *c)
{
	c->reply.fn = replied;
	writer_send(w.writer, c);
}

static void wait_for(int n)
{
	pthread_mutex_lock(&lock);
	while (replies < n)
		pthread_cond_wait(&changed, &lock);
	replies = 0;
	pthread_mutex_unlock(&lock);
}

static void world_open(void)
{
	struct err err = { 0 };
	const struct env *env = &env_system;
	snprintf(w.folder, sizeof w.folder, "/tmp/takt-bench-XXXXXX");
	if (!mkdtemp(w.folder))
		exit(1);
	must(store_open(&(struct store_options){ .folder = w.folder, .env = env }, &w.store, &err),
	     &err);
	must(writer_create(&(struct writer_options){ .store = w.store, .env = env }, &w.writer,
	                   &err),
	     &err);
	must(queue_create(
	             &(struct queue_options){ .store = w.store, .writer = w.writer, .env = env },
	             &w.queue, &err),
	     &err);
	must(flow_create(&(struct flow_options){ .store = w.store,
	                                         .queue = w.queue,
	                                         .writer = w.writer },
	                 &w.flow, &err),
	     &err);
	must(writer_start(w.writer, &err), &err);
}

static void world_close(void)
{
	struct err err = { 0 };
	flow_destroy(w.flow);
	queue_destroy(w.queue);
	writer_destroy(w.writer);
	store_close(w.store);
	must(folder_remove(w.folder, &err), &err);
}

/* One task meets the worker that waits for it. */
static void sample(void)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(4096);
	static const struct str kind = STR_INIT("other");
	struct lease_command l;
	struct submit_command s;
	struct holder_command h;
	struct task_submitted result;
	struct task_new task = { .kind = kind };
	lease_command_init(&l, w.queue, w.scope, arena);
	l.worker = STR("w");
	l.kinds = &kind;
	l.n_kinds = 1;
	l.tasks_max = 1;
	l.lease_ms = LEASE_MS_DEFAULT;
	l.wait_ms = LEASE_WAIT_MS_MAX;
	post(&l.c);
	usleep(300); /* it waits by now, in most cases */
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = &task;
	s.n = 1;
	s.results = &result;
	int64_t before = env_mono_us(&env_system);
	post(&s.c);
	wait_for(2);
	if (w.n < SAMPLES_MAX)
		w.samples[w.n++] = env_mono_us(&env_system) - before;
	holder_command_init(&h, w.queue, w.scope, HOLDER_COMPLETE);
	h.task = l.leases[0].task;
	h.attempt = l.leases[0].attempt;
	h.token = l.leases[0].token;
	post(&h.c);
	wait_for(1);
}

static void put_workflow(int64_t items)
{
	AUTO(buf_fini) struct buf b = BUF_INIT(1 << 20);
	struct workflow_put_command c;
	buf_addf(&b, "{\"name\":\"wide\",\"steps\":{\"a\":{\"kind\":\"item\",\"each\":[");
	for (int64_t i = 0; i < items; i++)
		buf_addf(&b, "%s%lld", i ? "," : "", (long long)i);
	buf_addz(&b, "],\"input\":{\"ref\":\"/item\"}}}}");
	workflow_put_command_init(&c, w.flow, w.scope);
	c.document = buf_str(&b);
	post(&c.c);
	wait_for(1);
}

static int64_t tasks_waiting(void)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(4096);
	struct queue_info info;
	struct err err = { 0 };
	must(queue_get(w.queue, w.scope, STR("item"), arena, &info, &err), &err);
	return info.count.by_state[TASK_READY];
}

static void fan_out(int64_t all)
{
	struct run_start_command r;
	run_start_command_init(&r, w.flow, w.scope);
	r.workflow = STR("wide");
	r.input = STR("null");
	post(&r.c);
	wait_for(1);
	while (tasks_waiting() < all)
		sample();
}

static int64_t thread_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The engine on this thread, with nothing else to do: each batch is one sample. */
static void batches_of_one_run(int64_t items)
{
	struct run_start_command r;
	run_start_command_init(&r, w.flow, w.scope);
	r.workflow = STR("wide");
	r.input = STR("null");
	r.c.reply.fn = replied;
	r.c.node.next = NULL;
	struct command *c = &r.c;
	for (int64_t due_ms = 0; due_ms <= writer_now_ms(w.writer); c = NULL) {
		int64_t before = thread_us();
		due_ms = writer_batch(w.writer, c);
		w.samples[w.n++] = thread_us() - before;
	}
	printf("%lld tasks in %zu batches\n", (long long)items, w.n);
}

static int by_size(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
	return (a > b) - (a < b);
}

static double report(const char *name)
{
	qsort(w.samples, w.n, sizeof w.samples[0], by_size);
	int64_t p50 = w.samples[w.n / 2], p99 = w.samples[w.n * 99 / 100];
	printf("%-20s %6zu samples   p50 %7.3f ms   p99 %7.3f ms   most %7.3f ms\n", name, w.n,
	       (double)p50 / 1000, (double)p99 / 1000, (double)w.samples[w.n - 1] / 1000);
	w.n = 0;
	return (double)p99 / 1000;
}

int main(int argc, char **argv)
{
	int64_t items = argc > 1 ? strtoll(argv[1], NULL, 10) : EACH_ITEMS_MAX;
	int64_t runs = argc > 2 ? strtoll(argv[2], NULL, 10) : 10;
	if (items < 1 || items > EACH_ITEMS_MAX || runs < 1) {
		fprintf(stderr, "usage: fan_out [ITEMS] [RUNS]\n");
		return 2;
	}
	world_open();
	put_workflow(items);
	for (int i = 0; i < ALONE; i++)
		sample();
	double alone = report("alone");
	int64_t began = env_mono_us(&env_system);
	for (int64_t i = 1; i <= runs; i++)
		fan_out(i * items);
	double seconds = (double)(env_mono_us(&env_system) - began) / 1e6;
	double beside = report("beside a fan-out");
	printf("added to the p99: %.3f ms; %lld tasks made in %.2f s\n", beside - alone,
	       (long long)(items * runs), seconds);
	writer_stop(w.writer);
	batches_of_one_run(items);
	report("processor, a batch");
	world_close();
	return 0;
}
