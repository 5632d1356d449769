/* Insides of flow/, shared by its files and by tests/unit/flow. */
#ifndef TAKT_FLOW_FLOW_PRIV_H
#define TAKT_FLOW_FLOW_PRIV_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/str.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "flow/definition.h"
#include "flow/flow.h"
#include "flow/part.h"
#include "flow/recorded.h"
#include "queue/queue.h"
#include "store/db.h"
#include "store/store.h"
#include "sys/count.h"
#include "sys/planted.h"

enum {
	DEFINITIONS_MAX = 64,    /* compiled and kept */
	RUNS_PER_BATCH = 64,     /* advanced in one batch, each once */
	CHANGES_PER_BATCH = 150, /* rows changed by advancing; each task adds an event */
	RUN_OUTPUT_MAX = 1 << 20,
	HELD_LOOK_MS = 250,      /* between looks at a disk that is nearly full */
	ERROR_MESSAGE_MAX = 500, /* bytes of a message in a run's error */
};

struct compiled {
	int64_t tenant, version;
	struct str name; /* in the arena, as all of it */
	struct arena *arena;
	struct definition *definition;
	uint64_t used_at;
	bool is_pinned; /* a run goes by it just now */
};

/* A part of a large output that a reference wants (part.c). */
struct part {
	int64_t run, step, tenant, artifact;
	struct str pointer; /* in the arena, as the value */
	struct arena *arena;
	enum { PART_WANTED, PART_ASKED, PART_HERE } state;
	const struct json *value; /* NULL: it can't be had, and why */
	struct err why;
	uint64_t used_at;
};
enum { PARTS_MAX = 256 };

struct flow {
	struct participant participant; /* first: casts back */
	struct store *store;
	struct queue *queue;
	struct writer *writer;
	struct compiled definitions[DEFINITIONS_MAX];
	size_t n_definitions;
	uint64_t clock;
	struct recorded recorded;
	struct part parts[PARTS_MAX];
	size_t n_parts;
	uint64_t parts_clock, parts_look; /* what is looked at now is not dropped */
	void (*read_part)(void *ctx, struct output_part *p);
	void *read_part_ctx;
	struct buf value; /* scratch: resolved values, outputs */
	struct buf words; /* scratch: event data, error objects */

	/* A hint: some run may be due.  True too often costs a look, so it is set by
	 * whatever may have made a run due, even if that was undone. */
	bool has_due;
	/* When the next timer or time-out is due, or earlier; unknown after a rollback. */
	int64_t wake_ms;
	bool is_wake_known;
	/* The same of the next run to be forgotten. */
	int64_t expire_ms, retention_ms;
	bool is_expire_known;
	int64_t cursor; /* the run advanced last; the next turn begins behind it */
	/* The disk is nearly full: nothing new begins.  Read by others for the reason. */
	atomic_bool is_held;
	int64_t held_until_ms; /* then it looks again */

	/* The open batch. */
	bool is_in_batch;
	int64_t changes_before;
	bool is_swept; /* retention has had its turn */
	int64_t visited[RUNS_PER_BATCH];
	size_t n_visited;
};

/* compiled.c: definitions by name and version, 0 for the newest.  CODE_NOT_FOUND;
 * CODE_BAD_WORKFLOW when the stored one can no longer be read.  Valid until the next
 * call. */
enum rc compiled_get(struct flow *f, struct tx *tx, int64_t tenant, struct str name,
                     int64_t version, const struct compiled **ret, struct err *err) MUST_USE;
void compiled_clear(struct flow *f);
/* While a run is advanced its definition stays, whatever others are read. */
void compiled_pin(struct flow *f, const struct definition *d, bool is_pinned);

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
	struct str step;                    /* empty: none */
	int64_t item;                       /* from 1; 0: none */
	const struct failure *compensation; /* what could not be undone; NULL: nothing */
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
/* The run fails or is cancelled: as run_end(), unless finished steps are to be undone
 * first. */
enum rc run_stop(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                 const struct definition *d, enum run_state state, const struct failure *why,
                 struct err *err) MUST_USE;
/* {"step","item","state","error"}: a step is being undone. */
void compensation_event(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                        struct str step, int64_t item, const char *state,
                        const struct failure *why);
/* Cancels tasks and runs of an ended run, at most `slice`; *ret_left tells whether some may be
 * left. */
enum rc run_sweep(struct flow *f, struct tx *tx, struct scope scope, int64_t run, int64_t slice,
                  bool *ret_left, struct err *err) MUST_USE;

/* start.c: a new run, due at once.  CODE_NOT_FOUND: no such workflow; CODE_SCHEMA with
 * the place in the input. */
struct run_new {
	struct str workflow; /* name */
	int64_t version;     /* 0: the newest */
	struct str input;    /* raw JSON; empty: null */
	int64_t parent, parent_step, parent_item, root, depth;
	int64_t forked_from;
	struct str forked_step;
};
enum rc run_insert(struct flow *f, struct tx *tx, struct scope scope, const struct run_new *n,
                   int64_t id, const struct definition **ret, struct err *err) MUST_USE;

/* What commands need of a run.  CODE_NOT_FOUND. */
struct run_brief {
	bool is_found;
	enum run_state state, outcome; /* outcome: while compensating */
	struct str workflow;
	int64_t version;
};
enum rc run_find(struct tx *tx, struct scope scope, int64_t run, struct run_brief *ret,
                 struct err *err) MUST_USE;
/* Cancels; RC_OK also when it was cancelled before, CODE_WRONG_STATE when it has ended
 * otherwise. */
enum rc run_cancel(struct flow *f, struct tx *tx, struct scope scope, int64_t run,
                   struct str reason, struct err *err) MUST_USE;

/* flow.c: an item of a step has ended; the run gets a turn if that can matter. */
enum rc flow_item_ended(struct flow *f, struct tx *tx, int64_t tenant, int64_t run, int64_t step,
                        enum task_state state, struct err *err) MUST_USE;

/* wait.c: wakes what waits for a time that has come. */
enum rc wait_wake(struct flow *f, struct tx *tx, bool *did, struct err *err) MUST_USE;
enum { INBOX_LOOK = 50 /* events looked at in one turn */ };

/* part.c */
void parts_clear(struct flow *f);
void parts_ask(struct flow *f);        /* after a commit */
void parts_want_again(struct flow *f); /* an answer may have been lost */
/* Is it the descriptor of an output that is kept as an artifact? */
bool descriptor_read(const struct json *v, int64_t *ret_artifact, int64_t *ret_size);

/* retention.c: what a day came to; when a run that ends now is forgotten; forgetting. */
enum rc retention_count(struct tx *tx, struct scope scope, struct str workflow,
                        enum run_state state, int64_t duration_ms, struct err *err) MUST_USE;
int64_t retention_expires_ms(struct flow *f, const struct tx *tx, const struct definition *d);
enum rc retention_sweep(struct flow *f, struct tx *tx, struct err *err) MUST_USE;

/* compensate.c: has the run finished steps that can be undone, or may it have before all is
 * cancelled? */
enum rc compensation_is_due(struct tx *tx, struct scope scope, int64_t run,
                            const struct definition *d, bool *ret, struct err *err) MUST_USE;

#endif
