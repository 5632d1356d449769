/* Insides of flow/, shared by its files and by tests/unit/flow. */
#ifndef TAKT_FLOW_FLOW_PRIV_H
#define TAKT_FLOW_FLOW_PRIV_H

#include "base/arena.h"
#include "base/str.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "flow/definition.h"
#include "flow/flow.h"
#include "flow/recorded.h"
#include "queue/queue.h"
#include "store/db.h"
#include "store/store.h"
#include "sys/count.h"

enum {
	DEFINITIONS_MAX = 64,    /* compiled and kept */
	RUNS_PER_BATCH = 64,     /* advanced in one batch, each once */
	CHANGES_PER_BATCH = 500, /* rows changed by advancing; each task adds an event */
	RUN_OUTPUT_MAX = 1 << 20,
	ERROR_MESSAGE_MAX = 500, /* bytes of a message in a run's error */
};

struct compiled {
	int64_t tenant, version;
	struct str name; /* in the arena, as all of it */
	struct arena *arena;
	struct definition *definition;
	uint64_t used_at;
};

struct flow {
	struct participant participant; /* first: casts back */
	struct store *store;
	struct queue *queue;
	struct writer *writer;
	struct compiled definitions[DEFINITIONS_MAX];
	size_t n_definitions;
	uint64_t clock;
	struct recorded recorded;
	struct buf value; /* scratch: resolved values, outputs */
	struct buf words; /* scratch: event data, error objects */

	/* A hint: some run may be due.  True too often costs a look, so it is set by
	 * whatever may have made a run due, even if that was undone. */
	bool has_due;
	int64_t cursor; /* the run advanced last; the next turn begins behind it */

	/* The open batch. */
	bool is_in_batch;
	int64_t changes_before;
	int64_t visited[RUNS_PER_BATCH];
	size_t n_visited;
};

/* compiled.c: definitions by name and version, 0 for the newest.  CODE_NOT_FOUND;
 * CODE_BAD_WORKFLOW when the stored one can no longer be read.  Valid until the next
 * call. */
enum rc compiled_get(struct flow *f, struct tx *tx, int64_t tenant, struct str name,
                     int64_t version, const struct compiled **ret, struct err *err) MUST_USE;
void compiled_clear(struct flow *f);

/* advance.c: everything one run can do now, within the bounds of the batch. */
enum rc run_advance(struct flow *f, struct tx *tx, int64_t tenant, int64_t run,
                    struct err *err) MUST_USE;
/* flow.c: how many more rows this batch may change; 0 or less: it is spent. */
int64_t flow_room(const struct flow *f, const struct tx *tx);
/* The run gets a turn, in this batch or in the next. */
enum rc flow_mark_due(struct flow *f, struct tx *tx, int64_t tenant, int64_t run,
                      struct err *err) MUST_USE;

/* end.c: how steps and runs end, on paper and in the log of events. */
struct failure {
	struct str code, message;
	struct str step; /* empty: none */
	int64_t item;    /* from 1; 0: none */
};
/* A JSON object {"code","message","step","item"} in f->words; until its next use. */
struct str failure_json(struct flow *f, const struct failure *why);
void step_event(struct flow *f, struct tx *tx, struct scope scope, int64_t run, struct str name,
                enum step_state state, int64_t items, const struct failure *why);
/* What still runs is cancelled on paper; the tasks follow in slices, as the run is made
 * due.  `d` may be NULL: then no events about those steps. */
enum rc run_end(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                const struct definition *d, enum run_state state, struct str output,
                const struct failure *why, struct err *err) MUST_USE;
/* Cancels tasks of an ended run, at most `slice`; *ret_left tells whether some may be
 * left. */
enum rc run_sweep(struct flow *f, struct tx *tx, struct scope scope, int64_t run, int64_t slice,
                  bool *ret_left, struct err *err) MUST_USE;

#endif
