/* Insides of the worker: what slot, heartbeat and process share. */
#ifndef TAKT_WORKER_PRIV_H
#define TAKT_WORKER_PRIV_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/str.h"
#include "sys/lock.h"
#include "sys/loop.h"
#include "sys/mailbox.h"
#include "sys/thread.h"
#include "worker/worker.h"

enum { LOG_LINES = 100, LOG_LINE = 4000, WAIT_MS = 20 * 1000 };

/* What a handler says while it works; posted to the heartbeat thread. */
struct note {
	struct mailbox_node node; /* first */
	double progress;          /* negative: not said */
	char *message, *line;     /* NULL: not said */
};

struct beat {
	struct takt *t; /* its own handle */
	const struct takt_lease *lease;
	struct mailbox box;
	struct thread *thread;
	atomic_bool is_done; /* the handler has returned */
	atomic_bool is_cancelled, is_lost;
};
enum rc beat_start(struct beat *b, struct takt *t, const struct takt_lease *lease,
                   struct err *err) MUST_USE;
void beat_stop(struct beat *b); /* the last log lines are out when it returns */
void beat_note(struct beat *b, double progress, const char *message, struct str line);

struct worker_job {
	struct slot *slot;
	struct arena *arena;
	const struct takt_lease *lease;
	struct beat beat;
	const char *output, *detail; /* output NULL: failed, or has not said */
	char code[40], message[2000];
	bool is_final;
};

/* IDLE → BUSY by the slot, IDLE → LEFT by whoever ends it, BUSY → LEFT by the slot. */
enum slot_state { SLOT_IDLE, SLOT_BUSY, SLOT_LEFT };

struct worker;
struct slot {
	struct worker *w;
	struct thread *thread;
	struct takt *t, *t_beat;
	_Atomic int state;
	struct lock lock;              /* of `held` */
	const struct takt_lease *held; /* for handing back when time is up */
};

struct worker {
	const struct worker_options *o;
	struct loop *loop;
	struct loop_watch signals;
	struct loop_timer deadline;
	int signal_fd;
	struct slot *slots;
	int n_slots;
	const char **kinds;
	char name[201];
	int64_t began_us;
	atomic_bool is_leaving, is_forced; /* forced: hand back instead of finishing */
	bool is_last_call, is_told;        /* told: by a signal */
};
void slot_main(void *slot);
/* A slot has left: the process looks whether it was the last (any thread). */
void worker_slot_left(struct worker *w);
/* There is no new work for this agent: the process ends when nothing is held (any thread). */
void worker_drained(struct worker *w);
/* agent.c: says what this process is.  True: it is draining already. */
bool worker_register(struct worker *w, struct takt *t);

#endif
