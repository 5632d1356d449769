/* sys/loop: order of timers, removal inside handlers, posts from threads, deferral. */
#include <signal.h>
#include <unistd.h>

#include "../unit.h"

#include "sys/env.h"
#include "sys/loop.h"
#include "sys/thread.h"

static struct loop *loop;

static void setup(void)
{
	ck_assert_ok(loop_create(&loop, &env_system, NULL));
}

static void teardown(void)
{
	loop_destroy(loop);
}

/* Timers */

struct numbered {
	struct loop_timer timer; /* first */
	int number;
};

static int order[1000], n_order;

static void note(struct loop_timer *t)
{
	order[n_order++] = ((struct numbered *)t)->number;
}

static void note_and_stop(struct loop_timer *t)
{
	note(t);
	loop_stop(loop);
}

START_TEST(test_timers_run_by_due_time_then_by_setting)
{
	setup();
	static struct numbered t[500];
	int64_t now = loop_now_ms(loop);
	for (int i = 0; i < 500; i++) {
		t[i] = (struct numbered){ .number = i, .timer.fn = note };
		loop_timer_set(loop, &t[i].timer, now - 1000 + i * 7919 % 50);
	}
	struct numbered last = { .number = 500, .timer.fn = note_and_stop };
	loop_timer_set(loop, &last.timer, now);
	loop_run(loop);
	ck_assert_int_eq(n_order, 501);
	for (int i = 1; i < 500; i++) {
		int a = order[i - 1], b = order[i], ka = a * 7919 % 50, kb = b * 7919 % 50;
		ck_assert(ka < kb || (ka == kb && a < b));
	}
	teardown();
}
END_TEST

START_TEST(test_timers_can_be_cleared_and_moved)
{
	setup();
	static struct numbered t[100];
	int64_t now = loop_now_ms(loop);
	for (int i = 0; i < 100; i++) {
		t[i] = (struct numbered){ .number = i, .timer.fn = note };
		loop_timer_set(loop, &t[i].timer, now - i);
	}
	for (int i = 0; i < 100; i++)
		if (i % 3 == 0)
			loop_timer_clear(loop, &t[i].timer);
		else if (i % 3 == 1)
			loop_timer_set(loop, &t[i].timer, now - 1000 + i);
	loop_timer_clear(loop, &t[0].timer); /* twice is fine */
	struct numbered last = { .number = 100, .timer.fn = note_and_stop };
	loop_timer_set(loop, &last.timer, now);
	loop_run(loop);
	ck_assert_int_eq(n_order, 33 + 33 + 1);
	for (int i = 0; i < 33; i++) {
		ck_assert_int_eq(order[i], 3 * i + 1);
		ck_assert_int_eq(order[33 + i], 98 - 3 * i);
	}
	teardown();
}
END_TEST

static int rounds;
static struct loop_message from_timer;

static void stop_by_message(struct loop_message *m)
{
	(void)m;
	loop_stop(loop);
}

static void set_again(struct loop_timer *t)
{
	if (++rounds == 1)
		loop_post(loop, &from_timer);
	loop_timer_set(loop, t, loop_now_ms(loop)); /* due at once */
}

START_TEST(test_a_timer_that_is_always_due_starves_nobody)
{
	setup();
	struct loop_timer t = { .fn = set_again };
	from_timer.fn = stop_by_message;
	loop_timer_set(loop, &t, loop_now_ms(loop));
	loop_run(loop);
	ck_assert_int_ge(rounds, 1);
	teardown();
}
END_TEST

static int64_t due_seen;

static void see_due(struct loop_timer *t)
{
	(void)t;
	due_seen = env_mono_ms(&env_system);
	loop_stop(loop);
}

START_TEST(test_a_timer_is_never_early)
{
	setup();
	for (int i = 1; i < 6; i++) {
		struct loop_timer t = { .fn = see_due };
		int64_t due = env_mono_ms(&env_system) + i;
		loop_timer_set(loop, &t, due);
		loop_run(loop);
		ck_assert_int_ge(due_seen, due);
	}
	teardown();
}
END_TEST

/* Watches */

struct pipe_watch {
	struct loop_watch watch; /* first */
	int ends[2];
};

static struct pipe_watch pipes[8];
static int n_called;

static void remove_and_free_others(struct loop_watch *w, unsigned events)
{
	ck_assert(events & LOOP_READ);
	n_called++;
	for (size_t i = 0; i < ARRAY_LEN(pipes); i++) {
		if (&pipes[i].watch == w)
			continue;
		loop_remove(loop, &pipes[i].watch);
		pipes[i].watch.fn = NULL; /* an event for it now would crash */
	}
	loop_stop(loop);
}

START_TEST(test_events_of_a_removed_watch_are_dropped)
{
	setup();
	for (size_t i = 0; i < ARRAY_LEN(pipes); i++) {
		ck_assert_int_eq(pipe(pipes[i].ends), 0);
		ck_assert_int_eq(write(pipes[i].ends[1], "x", 1), 1);
		pipes[i].watch.fn = remove_and_free_others;
		ck_assert_ok(loop_add(loop, &pipes[i].watch, pipes[i].ends[0], LOOP_READ));
	}
	loop_run(loop);
	ck_assert_int_eq(n_called, 1);
	teardown();
}
END_TEST

static void remove_self(struct loop_watch *w, unsigned events)
{
	ck_assert(events & LOOP_HANGUP);
	n_called++;
	loop_remove(loop, w);
	loop_remove(loop, w); /* twice is fine */
	loop_stop(loop);
}

START_TEST(test_hangup_is_reported_without_asking)
{
	setup();
	ck_assert_int_eq(pipe(pipes[0].ends), 0);
	pipes[0].watch.fn = remove_self;
	ck_assert_ok(loop_add(loop, &pipes[0].watch, pipes[0].ends[0], 0));
	close(pipes[0].ends[1]);
	loop_run(loop);
	ck_assert_int_eq(n_called, 1);
	ck_assert(!pipes[0].watch.is_added);
	teardown();
}
END_TEST

START_TEST(test_a_plain_file_cannot_be_watched)
{
	setup();
	FILE *f = tmpfile();
	struct loop_watch w = { .fn = remove_self };
	ck_assert_int_eq(loop_add(loop, &w, fileno(f), LOOP_READ), RC_INVALID);
	ck_assert(!w.is_added);
	fclose(f);
	teardown();
}
END_TEST

/* Messages */

enum { THREADS = 4, MESSAGES = 20000 };

struct posted {
	struct loop_message message; /* first */
	int thread, number;
};

static struct posted posted[THREADS][MESSAGES];
static int next_number[THREADS], n_posted;

static void take_posted(struct loop_message *m)
{
	struct posted *p = (struct posted *)m;
	ck_assert_int_eq(p->number, next_number[p->thread]++);
	if (++n_posted == THREADS * MESSAGES)
		loop_stop(loop);
}

/* Singly, and in chains of three. */
static void post_all(void *ctx)
{
	int thread = *(int *)ctx;
	for (int i = 0; i < MESSAGES;) {
		int n = i % 2 || i + 3 > MESSAGES ? 1 : 3;
		struct posted *p = &posted[thread][i];
		for (int k = 0; k < n; k++, i++) {
			p[k] = (struct posted){ { take_posted, NULL }, thread, i };
			if (k + 1 < n)
				p[k].message.next = &p[k + 1].message;
		}
		loop_post(loop, &p->message);
	}
}

START_TEST(test_posts_of_many_threads_all_arrive_in_order)
{
	setup();
	struct thread *threads[THREADS];
	int numbers[THREADS];
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		ck_assert_ok(thread_start(&threads[i], "poster", post_all, &numbers[i], NULL));
	}
	loop_run(loop);
	for (int i = 0; i < THREADS; i++)
		thread_join(threads[i]);
	ck_assert_int_eq(n_posted, THREADS * MESSAGES);
	teardown();
}
END_TEST

static int n_deferred;
static struct loop_message first_deferred, second_deferred, cancelled;

static void defer_second(struct loop_message *m)
{
	(void)m;
	ck_assert_int_eq(n_deferred++, 0);
	loop_defer_cancel(loop, &cancelled);
	loop_defer(loop, &second_deferred);
}

static void defer_end(struct loop_message *m)
{
	(void)m;
	ck_assert_int_eq(n_deferred++, 1);
	loop_stop(loop);
}

START_TEST(test_deferred_work_runs_in_order_and_can_be_cancelled)
{
	setup();
	first_deferred.fn = defer_second;
	second_deferred.fn = defer_end;
	loop_defer(loop, &first_deferred);
	cancelled.fn = defer_second; /* would fail its assertion */
	loop_defer(loop, &cancelled);
	loop_run(loop);
	ck_assert_int_eq(n_deferred, 2);
	loop_defer(loop, &cancelled);
	loop_defer_cancel(loop, &cancelled);
	loop_defer_cancel(loop, &cancelled);
	loop_defer(loop, &second_deferred);
	loop_defer_cancel(loop, &second_deferred);
	teardown();
}
END_TEST

static void stop_in_handler(int signal)
{
	(void)signal;
	loop_stop(loop);
}

static void raise_signal(void *ctx)
{
	(void)ctx;
	kill(getpid(), SIGUSR1);
}

START_TEST(test_stop_from_a_signal_handler)
{
	setup();
	signal(SIGUSR1, stop_in_handler);
	struct thread *t;
	ck_assert_ok(thread_start(&t, "raiser", raise_signal, NULL, NULL));
	loop_run(loop);
	thread_join(t);
	teardown();
}
END_TEST

UNIT_MAIN("sys/loop", test_timers_run_by_due_time_then_by_setting,
          test_timers_can_be_cleared_and_moved, test_a_timer_that_is_always_due_starves_nobody,
          test_a_timer_is_never_early, test_events_of_a_removed_watch_are_dropped,
          test_hangup_is_reported_without_asking, test_a_plain_file_cannot_be_watched,
          test_posts_of_many_threads_all_arrive_in_order,
          test_deferred_work_runs_in_order_and_can_be_cancelled, test_stop_from_a_signal_handler)
