/* sys/thread and sys/mailbox: nothing is lost, order is kept, sleepers wake. */
#include <signal.h>

#include "../unit.h"

#include "sys/env.h"
#include "sys/mailbox.h"
#include "sys/thread.h"

enum { THREADS = 4, NODES = 50000 };

struct item {
	struct mailbox_node node; /* first */
	int thread, number;
};

static struct mailbox box;
static struct item items[THREADS][NODES];

static void post_singly(void *ctx)
{
	int thread = *(int *)ctx;
	for (int i = 0; i < NODES; i++) {
		items[thread][i] = (struct item){ { NULL }, thread, i };
		mailbox_post(&box, &items[thread][i].node);
	}
}

static void start_posters(struct thread **threads, int *numbers, void (*fn)(void *))
{
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		ck_assert_ok(thread_start(&threads[i], "poster", fn, &numbers[i], NULL));
	}
}

START_TEST(test_many_posters_one_sleeping_consumer)
{
	struct thread *threads[THREADS];
	int numbers[THREADS], next[THREADS] = { 0 }, n = 0;
	mailbox_init(&box);
	start_posters(threads, numbers, post_singly);
	while (n < THREADS * NODES) {
		struct mailbox_node *node = mailbox_take_all(&box);
		if (!node)
			mailbox_wait(&box, INT64_MAX);
		for (; node; node = node->next, n++) {
			struct item *it = (struct item *)node;
			ck_assert_int_eq(it->number, next[it->thread]++);
		}
	}
	for (int i = 0; i < THREADS; i++)
		thread_join(threads[i]);
	ck_assert(mailbox_is_empty(&box));
}
END_TEST

/* One at a time, answered before the next: each post finds the consumer asleep or
 * about to sleep, so a lost wake-up hangs here. */
static struct mailbox back;

static void ping(void *ctx)
{
	(void)ctx;
	for (int i = 0; i < 20000; i++) {
		mailbox_post(&box, &items[0][i].node);
		while (!mailbox_take_all(&back))
			mailbox_wait(&back, INT64_MAX);
	}
}

START_TEST(test_no_wake_up_is_lost)
{
	struct thread *t;
	static struct mailbox_node answer;
	mailbox_init(&box);
	mailbox_init(&back);
	ck_assert_ok(thread_start(&t, "ping", ping, NULL, NULL));
	for (int i = 0; i < 20000; i++) {
		while (!mailbox_take_all(&box))
			mailbox_wait(&box, INT64_MAX);
		mailbox_post(&back, &answer);
	}
	thread_join(t);
}
END_TEST

START_TEST(test_a_chain_keeps_its_order)
{
	mailbox_init(&box);
	for (int i = 0; i < 10; i++)
		items[0][i] = (struct item){ { i < 9 ? &items[0][i + 1].node : NULL }, 0, i };
	struct item before = { { NULL }, 0, -1 };
	mailbox_post(&box, &before.node);
	mailbox_post_chain(&box, &items[0][0].node);
	int expected = -1;
	for (struct mailbox_node *n = mailbox_take_all(&box); n; n = n->next)
		ck_assert_int_eq(((struct item *)n)->number, expected++);
	ck_assert_int_eq(expected, 10);
}
END_TEST

START_TEST(test_a_wait_ends_at_its_deadline)
{
	mailbox_init(&box);
	int64_t deadline = env_mono_us(&env_system) + 5000;
	while (env_mono_us(&env_system) < deadline)
		mailbox_wait(&box, deadline);
	ck_assert(mailbox_is_empty(&box));
	mailbox_wait(&box, 1); /* long past: at once */
}
END_TEST

START_TEST(test_an_interrupt_ends_the_next_wait)
{
	mailbox_init(&box);
	mailbox_interrupt(&box);
	mailbox_wait(&box, INT64_MAX); /* hangs if it was forgotten */
}
END_TEST

/* The pool */

struct work {
	struct job job; /* first */
	int number;
};

static struct work works[10000];
static _Atomic int n_done;
static int sequence[10000];

static void count_job(struct job *j)
{
	(void)j;
	atomic_fetch_add(&n_done, 1);
}

START_TEST(test_destroying_a_pool_finishes_its_jobs)
{
	struct pool *p = pool_create("pool", 3);
	for (int i = 0; i < 10000; i++) {
		works[i].job.fn = count_job;
		pool_submit(p, &works[i].job);
	}
	pool_destroy(p);
	ck_assert_int_eq(atomic_load(&n_done), 10000);
	pool_destroy(NULL);
}
END_TEST

static void note_job(struct job *j)
{
	sequence[atomic_fetch_add(&n_done, 1)] = ((struct work *)j)->number;
}

START_TEST(test_one_thread_works_in_order)
{
	struct pool *p = pool_create("pool", 1);
	for (int i = 0; i < 1000; i++) {
		works[i] = (struct work){ { .fn = note_job }, i };
		pool_submit(p, &works[i].job);
	}
	pool_destroy(p);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(sequence[i], i);
}
END_TEST

static void look_at_signals(void *ctx)
{
	sigset_t mask;
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	*(bool *)ctx = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGINT);
}

START_TEST(test_threads_block_signals)
{
	bool is_blocked = false;
	struct thread *t;
	ck_assert_ok(
	        thread_start(&t, "a name that is too long", look_at_signals, &is_blocked, NULL));
	thread_join(t);
	ck_assert(is_blocked);
	sigset_t mine;
	pthread_sigmask(SIG_SETMASK, NULL, &mine);
	ck_assert(!sigismember(&mine, SIGTERM));
}
END_TEST

UNIT_MAIN("sys/thread", test_many_posters_one_sleeping_consumer, test_no_wake_up_is_lost,
          test_a_chain_keeps_its_order, test_a_wait_ends_at_its_deadline,
          test_an_interrupt_ends_the_next_wait, test_destroying_a_pool_finishes_its_jobs,
          test_one_thread_works_in_order, test_threads_block_signals)
