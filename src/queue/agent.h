/* Agents: whoever leases tasks, by the name that stands as `worker` in its lease requests.
 *
 *	agent.c        agents in memory: found, changed, put back, written
 *	agent_life.c   signs of life, and what their absence means
 *	agent_work.c   what its attempts come to
 *	agent_admin.c  registering, draining, resuming, removing
 *	agent_read.c   one agent, lists, history, sums, why nobody takes a task
 *
 * Definitions: an agent is *seen* whenever it asks for work, waits for it, or says a word
 * about a task it holds; there is no other sign of life.  It is *silent* when it was not seen
 * for its `silent_after_ms` (and, while it holds leases, for the term of the newest), *gone*
 * after nine times as long again.  A draining agent gets no new leases; it is *drained* when it
 *holds none.
 *
 * (1) A poll costs a look into a hash table.  Only what changes reaches the disk: a first
 *     lease request, a state, an outcome; outcomes are counted in memory and written once
 *     per batch and agent.
 * (2) Memory follows the transaction: put back when a command is undone, and when the batch
 *     is rolled back.  Only when it was last seen is not the transaction's.
 * (3) For each agent: leases granted = held + succeeded + failed + timed out + lost +
 *     returned + cancelled.  The task names the agent of its lease, so what was leased
 *     before a name was registered counts for nobody.
 * (4) Who never registers is registered by its first lease request, up to
 *     AGENTS_IMPLICIT_MAX of a tenant.  Beyond, and with a name that is not printable UTF-8,
 *     leasing works all the same and nothing is counted.  What is gone and never held a
 *     lease is removed after a day, others after the retention of tasks.
 * (5) After a restart everybody has a full term before being called silent.
 *
 * Workers for all tenants (lease_command_init_all) are takt's own, and not registered.
 */
#ifndef TAKT_QUEUE_AGENT_H
#define TAKT_QUEUE_AGENT_H

#include "base/base.h"
#include "queue/queue.h"

enum {
	AGENT_NAME_MAX = 200,
	AGENT_LABELS_MAX = 32,
	AGENT_LABEL_NAME_MAX = 63,
	AGENT_LABEL_MAX = 200,
	AGENT_VERSION_MAX = 100,
	AGENT_REASON_MAX = 1000,
	AGENT_CAPACITY_MAX = 10000,
	AGENT_KINDS_MAX = 64,
	AGENT_SILENT_MS_MIN = 1000,
	AGENT_SILENT_MS_MAX = 24 * 3600 * 1000,
	AGENT_SILENT_MS_DEFAULT = 60 * 1000,
	AGENT_GONE_FACTOR = 10,      /* times silent_after_ms, since it was last seen */
	AGENTS_MAX = 20000,          /* of a tenant */
	AGENTS_IMPLICIT_MAX = 15000, /* of these: the rest is for those who register */
	AGENT_CHANGES_MAX = 100,     /* kept of each */
	AGENT_TASKS_MAX = 100,       /* shown as held */
	AGENT_RECENT = 20,           /* attempts: see agent_health() */
	AGENT_TARGET_FAILURES_PPM = 10 * 1000,
	AGENT_TARGET_UPTIME_PPM = 995 * 1000,
	AGENT_TARGET_RECOVERY_MS = 5 * 60 * 1000,
};

/* As people see it.  The numbers are SQL_AGENT_LIST's. */
enum agent_shown {
	AGENT_IS_STARTING, /* registered, has not asked for work yet */
	AGENT_IS_IDLE,
	AGENT_IS_BUSY,
	AGENT_IS_DRAINING, /* finishes what it holds */
	AGENT_IS_DRAINED,
	AGENT_IS_SILENT,
	AGENT_IS_GONE,
	AGENT_SHOWN_COUNT
};
const char *agent_shown_text(enum agent_shown s);
bool agent_shown_parse(struct str text, enum agent_shown *ret);

enum agent_what { /* stored: never renumber */
	          AGENT_REGISTERED = 1,
	          AGENT_CHANGED, /* registered again, with other words */
	          AGENT_STARTED, /* asked for work for the first time */
	          AGENT_WENT_SILENT,
	          AGENT_WENT,
	          AGENT_CAME_BACK,
	          AGENT_DRAINING,
	          AGENT_DRAINED,
	          AGENT_RESUMED,
};
const char *agent_what_text(int what); /* "registered" … */

/* 1 to AGENT_NAME_MAX bytes of UTF-8 without control characters. */
bool is_agent_name(struct str name);

/* --- Changing --- */

struct agent_label {
	struct str name, value;
};
struct agent_command {
	struct command c;
	struct str name;
	/* register: all of what it says of itself; the same again changes nothing */
	const struct str *kinds;
	size_t n_kinds;
	const struct agent_label *labels;
	size_t n_labels;
	struct str version; /* empty: not said */
	int64_t capacity;
	int64_t timeout_ms; /* of each of its attempts; 0: none */
	int64_t silent_after_ms;
	int64_t startup_ms; /* from the start of its process until now; −1: not said */
	struct str reason;  /* drain */
	/* results */
	enum agent_shown shown;
	bool is_draining;
	int64_t held;
};
/* CODE_AGENTS_FULL when the tenant has AGENTS_MAX already. */
void agent_register_init(struct agent_command *k, struct queue *q, struct scope scope);
/* No new leases; its open polls are answered empty.  Asked again only the reason changes. */
void agent_drain_init(struct agent_command *k, struct queue *q, struct scope scope);
void agent_resume_init(struct agent_command *k, struct queue *q, struct scope scope);
/* CODE_WRONG_STATE unless it is gone or drained. */
void agent_remove_init(struct agent_command *k, struct queue *q, struct scope scope);

/* What only the engine knows; changes nothing. */
struct agent_live {
	int64_t id;
	int64_t seen_ms; /* the result; 0: it is not there any more */
	int64_t polls;   /* the result: open long polls */
};
struct agent_live_command {
	struct command c;
	struct agent_live *agents;
	size_t n;
};
void agent_live_init(struct agent_live_command *k, struct queue *q, struct scope scope);

/* --- Reading: any thread but the engine's; results live in the arena. --- */

struct agent_counts {
	int64_t succeeded, failed, timed_out, lost, returned, cancelled;
};
struct agent_targets {
	int64_t failures_ppm; /* attempts failed, timed out or lost; −1: there was none */
	int64_t uptime_ppm;   /* of the time since it registered; −1: too short to tell */
	int64_t recovery_ms;  /* mean, with the one under way; −1: there was none */
};
struct agent_shape { /* one agent */
	int64_t id;
	struct str name, version, drain_reason;
	enum agent_shown shown;
	bool is_draining, is_implicit;
	struct str *kinds;
	size_t n_kinds;
	struct agent_label *labels;
	size_t n_labels;
	int64_t capacity, timeout_ms, silent_after_ms, held;
	int64_t registered_ms, startup_ms, first_ms, since_ms,
	        seen_ms; /* 0 (startup: −1): not known */
	struct agent_counts counts;
	int64_t duration_ms; /* of attempts that succeeded or failed, together */
	int64_t failing_ppm, losing_ppm;
	int64_t health; /* 0 … 100: agent_health() */
	struct agent_targets targets;
};
struct agent_sum {
	int64_t agents, starting, live, silent, gone, draining, held;
	struct agent_counts counts; /* not returned, cancelled */
	struct agent_targets targets;
};
struct agent_filter {
	int shown;        /* enum agent_shown; −1: any */
	struct str kind;  /* empty: any */
	struct str label; /* a label's name; empty: any */
	struct str value; /* its value; .ptr NULL: any */
	struct str after; /* names behind it */
	size_t limit;     /* 1 … 200 */
};
enum rc agent_get(struct queue *q, struct scope scope, struct str name, struct arena *a,
                  struct agent_shape *ret, struct err *err) MUST_USE;
/* The tasks it holds, those whose lease ends first before the others. */
enum rc agent_tasks(struct queue *q, struct scope scope, int64_t id, struct arena *a, int64_t **ret,
                    size_t *ret_n, struct err *err) MUST_USE;
enum rc agent_list(struct queue *q, struct scope scope, const struct agent_filter *f,
                   struct arena *a, struct agent_shape **ret, size_t *ret_n,
                   struct err *err) MUST_USE;
enum rc agent_sum(struct queue *q, struct scope scope, struct agent_sum *ret,
                  struct err *err) MUST_USE;
struct agent_change {
	int64_t n, at_ms, actor;
	const char *what;
	struct str detail;
};
enum rc agent_history(struct queue *q, struct scope scope, struct str name, int64_t before,
                      size_t limit, struct arena *a, struct agent_change **ret, size_t *ret_n,
                      struct err *err) MUST_USE;

/* 100 × (1 − f − 2 l), not below 0, where f and l are the shares of failed (or timed out) and
 * of lost attempts; each new attempt weighs 1 / AGENT_RECENT, so an old one fades away with
 * the attempts that follow it.  Half of that while it is silent, 0 when it is gone. */
int64_t agent_health(enum agent_shown shown, int64_t failing_ppm, int64_t losing_ppm);
/* Why it is not 100, in words; what is returned stands in the arena. */
enum { AGENT_REASONS_MAX = 4 };
size_t agent_reasons(const struct agent_shape *s, struct arena *a,
                     struct str ret[AGENT_REASONS_MAX]);

#endif
