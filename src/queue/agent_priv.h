/* Agents in the engine's memory: what the files of the queue share.  See agent.h. */
#ifndef TAKT_QUEUE_AGENT_PRIV_H
#define TAKT_QUEUE_AGENT_PRIV_H

#include "base/imap.h"
#include "queue/agent.h"

struct db;
struct task_row;

enum agent_state { AGENT_STARTING, AGENT_LIVE, AGENT_SILENT, AGENT_GONE }; /* stored */

enum { AGENT_BUCKETS = 8192, AGENT_STATES = AGENT_GONE + 1 };

/* What the transaction changes, and what is put back with it. */
struct agent_facts {
	enum agent_state state;
	bool is_draining, is_implicit;
	int64_t capacity, timeout_ms, silent_after_ms, registered_ms, since_ms;
	int64_t down_ms, recoveries, recovery_ms, changes, registration;
	/* agent_work */
	int64_t held, duration_ms, failing_ppm, losing_ppm, first_ms;
	struct agent_counts counts;
};

struct agent {
	int64_t id, tenant;
	struct agent_facts s;
	/* Not the transaction's. */
	int64_t seen_ms, polls, term_ms; /* term: of its newest lease */
	uint64_t asked;                  /* hash of the kinds it asked for last */
	uint64_t *kinds;                 /* hashes of those that are written down; owned */
	uint32_t n_kinds, cap_kinds;
	/* Bookkeeping of the batch */
	uint64_t kept_in, made_in; /* the command; made_in 0: it was there before the batch */
	bool is_touched;           /* in q->agents.touched */
	bool is_row_dirty, is_work_dirty, is_removed;
	struct agent *next_by_name, *next_by_id;
	size_t place; /* in the heap of when to look */
	int64_t look_ms;
	size_t name_len;
	char name[];
};

struct agent_kept {
	struct agent *agent;
	struct agent_facts facts;
};

struct agents_kept {
	struct agent_kept *v;
	size_t n, cap;
};

struct agents {
	struct agent *by_name[AGENT_BUCKETS], *by_id[AGENT_BUCKETS];
	struct agents_kept touched; /* as they were before this batch */
	struct agents_kept kept;    /* as they were before the present command */
	struct agent **heap;        /* the first is to be looked at first */
	size_t n, cap_heap;
	struct imap of_tenant; /* how many */
	int64_t n_state[AGENT_STATES], n_draining;
	int64_t full_said_ms;
};

/* --- agent.c --- */
enum rc agents_load(struct queue *q, struct err *err) MUST_USE;
void agents_fini(struct queue *q);
void agents_command_begins(struct queue *q);
void agents_command_undone(struct queue *q);
enum rc agents_flush(struct queue *q, struct tx *tx, struct err *err) MUST_USE;
void agents_settle(struct queue *q, bool is_committed); /* the batch is over */
struct agent *agent_find(const struct queue *q, int64_t tenant, struct str name);
struct agent *agent_of_id(const struct queue *q, int64_t id); /* NULL for 0 and strangers */
struct str agent_name(const struct agent *a);
/* Adds it to memory; the rows are the caller's.  Gone again when the command is undone. */
struct agent *agent_add(struct queue *q, int64_t id, int64_t tenant, struct str name,
                        const struct agent_facts *facts, int64_t now_ms);
/* Every change goes through one of these: of its row, of what it did. */
struct agent_facts *agent_change_row(struct queue *q, struct agent *a);
struct agent_facts *agent_change_work(struct queue *q, struct agent *a);
void agent_drop(struct queue *q, struct agent *a); /* from memory, after the commit */
int64_t agents_count(const struct queue *q, int64_t tenant);
/* The heap: look at it at that time, or at least not later. */
void agent_look(struct queue *q, struct agent *a, int64_t at_ms);

/* --- agent_life.c --- */
/* The one that asks for work, registered if need be; NULL: it works without.  Wakes it up. */
enum rc agent_meet(struct queue *q, struct tx *tx, struct lease_command *l,
                   struct err *err) MUST_USE;
/* A sign of life; NULL is fine. */
enum rc agent_seen(struct queue *q, struct tx *tx, struct scope scope, struct agent *a,
                   struct err *err) MUST_USE;
/* Silent and gone ones, in slices. */
enum rc agents_due(struct queue *q, struct tx *tx, bool *did, struct err *err) MUST_USE;
int64_t agents_next_due(const struct queue *q);
/* Its silence may begin sooner than was thought. */
void agent_look_again(struct queue *q, struct agent *a, int64_t now_ms);
void agent_polls(struct queue *q, struct agent *a, int n, int64_t now_ms); /* n more or fewer */
/* A line of its history, and the event agent.TYPE unless that is NULL. */
enum rc agent_note(struct queue *q, struct tx *tx, struct scope scope, struct agent *a,
                   enum agent_what what, const char *event, struct str detail,
                   struct err *err) MUST_USE;
void agent_event(struct queue *q, struct tx *tx, struct scope scope, const struct agent *a,
                 const char *type, struct str detail);
uint64_t agent_hash(uint64_t h, struct str s);
enum { AGENT_KIND = 1, AGENT_LABEL = 2 }; /* agent_capability.what */
enum rc agent_capability(struct tx *tx, const struct agent *a, int what, struct str name,
                         struct str value, struct err *err) MUST_USE;
enum rc agent_rows_delete(struct tx *tx, const struct agent *a, struct err *err) MUST_USE;
enum rc agent_insert(struct queue *q, struct tx *tx, struct scope scope, struct str name,
                     const struct agent_facts *facts, int64_t startup_ms, struct str version,
                     struct agent **ret, struct err *err) MUST_USE;

/* --- agent_work.c --- */
/* What became of an attempt. */
enum attempt_end {
	ATTEMPT_SUCCEEDED,
	ATTEMPT_FAILED,
	ATTEMPT_TIMED_OUT,
	ATTEMPT_LOST,
	ATTEMPT_RETURNED,
	ATTEMPT_CANCELLED, /* or its task's deadline passed */
};
void agent_leased(struct queue *q, struct tx *tx, struct agent *a, int64_t lease_ms);
enum rc agent_attempt_ended(struct queue *q, struct tx *tx, const struct task_row *row,
                            enum attempt_end how, struct err *err) MUST_USE;

/* --- agent_read.c --- */
/* Nobody has taken a ready task of the kind: why, in words. */
enum rc agents_explain(struct db *db, struct scope scope, struct str kind, struct arena *a,
                       struct str *ret, struct err *err) MUST_USE;
enum agent_shown agent_shown_of(enum agent_state state, bool is_draining, int64_t held);

#endif
