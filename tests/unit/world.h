/* A small world for tests of the engines: a real store in a fresh folder, the writer
 * driven by hand, a clock that moves only when told, seeded randomness. */
#ifndef TAKT_TESTS_WORLD_H
#define TAKT_TESTS_WORLD_H

#include "base/arena.h"
#include "base/str.h"
#include "queue/queue.h"
#include "store/store.h"
#include "store/writer.h"
#include "sys/env.h"
#include "sys/file.h"

struct world {
	char folder[64];
	struct env env;
	int64_t mono_us, wall_ms;
	uint64_t seed;
	struct arena *arena;
	struct store *store;
	struct writer *writer;
	struct queue *queue;
	struct scope scope;
	int64_t next_due_ms;
	int64_t event_retention_ms; /* 0: the default */
	int64_t events_seen;        /* newest number told by the writer */
};

void world_open(struct world *w);  /* a fresh folder */
void world_close(struct world *w); /* folder removed */
void world_stop(struct world *w);  /* engines closed, folder kept … */
void world_start(struct world *w); /* … and opened again */
void world_sleep(struct world *w, int64_t ms);
/* One batch of one command; its outcome.  A parked command stays parked. */
enum rc world_do(struct world *w, struct command *c);
/* The same of many together. */
void world_chain(struct world *w, struct command **chain, size_t n);
void world_tick(struct world *w); /* a batch without commands */

int64_t world_submit(struct world *w, const char *kind);
/* Leases one task of a kind; false when there is none. */
bool world_lease(struct world *w, const char *kind, struct lease *ret);
enum rc world_hold(struct world *w, const struct lease *l, enum holder_verb verb,
                   struct holder_command *ret);
struct task world_task(struct world *w, int64_t id);

#endif
