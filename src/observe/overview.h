/* The state of the engine in one look, for GET /metrics and GET /v1/status: queues, runs,
 * dead letters, the store, the process.
 *
 * All of it is bounded, however much there is: of the queues those whose oldest task has
 * waited longest stand alone and the rest is added up; runs and dead letters are counted
 * up to COUNTED_MAX. */
#ifndef TAKT_OBSERVE_OVERVIEW_H
#define TAKT_OBSERVE_OVERVIEW_H

#include "base/base.h"
#include "flow/flow.h"
#include "queue/agent.h"
#include "queue/queue.h"
#include "store/scope.h"
#include "store/store.h"

struct arena;
struct writer;

enum { OVERVIEW_QUEUES = 50, COUNTED_MAX = 10000 };

struct overview_sources {
	struct store *store;
	struct queue *queue;
	struct flow *flow;
	struct writer *writer; /* for engine time */
	const char *version;
	int64_t schema_version;
};

struct overview_queue {
	struct str name; /* empty for the rest */
	int64_t by_state[TASK_STATES];
	int64_t oldest_ms; /* age of the oldest ready task; −1: none is ready, or not known */
	int64_t ended_today;
	bool is_paused;
};

struct overview_process {
	int64_t memory_bytes, virtual_bytes, fds, fds_max,
	        started_ms; /* −1: the system does not say */
	double cpu_seconds;
};

struct overview {
	int64_t now_ms; /* engine time */
	const char *version;
	int64_t schema_version;
	struct overview_queue *queues; /* those with tasks, longest waiting first */
	size_t n_queues;
	struct overview_queue rest; /* of n_rest others, added up */
	size_t n_rest;
	int64_t runs[RUN_STATES];
	int64_t dead;
	struct agent_sum agents;
	struct store_figures store;
	struct overview_process process;
};

void overview_process(struct overview_process *ret);
/* Any thread but the engine's.  Results live in the arena. */
enum rc overview_read(const struct overview_sources *from, struct scope scope, struct arena *a,
                      struct overview *ret, struct err *err) MUST_USE;

#endif
