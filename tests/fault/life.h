/* The engines of a story, on a simulated disk, and the clock: they die, and are opened again. */
#ifndef TAKT_TESTS_FAULT_LIFE_H
#define TAKT_TESTS_FAULT_LIFE_H

#include "flow/flow.h"
#include "queue/queue.h"
#include "store/store.h"
#include "store/writer.h"
#include "sys/env.h"

struct disk;

struct life {
	struct disk *disk;
	struct env env;
	int64_t mono_us, wall_ms;
	struct store *store;
	struct writer *writer;
	struct queue *queue;
	struct flow *flow;
	struct scope scope;
	bool is_dead; /* a commit failed: the process ends */
	/* Something was wrong or the process began anew: compare.  `is_new`: it did. */
	void (*look)(bool is_new);
	void (*complain)(const char *what);
};
extern struct life life;

/* Opens the engines; where a fault is in the way, once more. */
void life_begin(struct disk *disk, void (*look)(bool is_new), void (*complain)(const char *what));
/* A batch of one command, or of none. */
enum rc life_batch(struct command *c);
/* What came of it is heard: dies and begins anew when it must, and has a look. */
void life_settle(void);
void life_sleep(int64_t ms);
int64_t life_now_ms(void);

#endif
