/* libtakt: takt from outside, in C.
 *
 * One header, plain C, no other header needed.  Everything a worker or a submitting
 * program does is here: submit tasks, lease and finish them, start and follow runs,
 * publish and fetch artifacts.  What has no function of its own goes through
 * takt_request().
 *
 *	struct takt *t;
 *	struct takt_error e;
 *	struct takt_options o = { .url = "http://127.0.0.1:8420", .key = key };
 *	if (takt_open(&o, &t, &e) != TAKT_OK)
 *		return complain(e.text);
 *	struct takt_submit s = { .kind = "text.shout", .input = "{\"text\":\"hello\"}" };
 *	struct takt_submitted done;
 *	if (takt_submit(t, &s, &done, &e) == TAKT_OK)
 *		puts(done.id);
 *	takt_close(t);
 *
 * Conventions
 * (1) A function returns TAKT_OK or what went wrong; the words are in *e (NULL is fine).
 * (2) JSON goes in and out as NUL-terminated text.  Results are written on TAKT_OK only.
 * (3) What a function hands out as a pointer is given back with the _free of its type;
 *     strings inside belong to it.  _free(NULL) is fine.
 * (4) One handle, one thread at a time.  Open one per thread.
 * (5) Submits and starts always carry an idempotency key (made in order of time unless
 *     given), so a lost answer is asked for again and nothing happens twice.
 */
#ifndef TAKT_H
#define TAKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct takt;

enum takt_outcome {
	TAKT_OK,
	TAKT_INVALID,   /* the request makes no sense */
	TAKT_DENIED,    /* no key, or not allowed */
	TAKT_NOT_FOUND, /* there is no such thing */
	TAKT_CONFLICT,  /* exists already, or is in another state */
	TAKT_LOST,      /* the lease is no longer yours */
	TAKT_LIMIT,     /* a limit was reached */
	TAKT_BUSY,      /* try again; nothing happened */
	TAKT_IO,        /* server or network failed, or no server; nothing happened */
	TAKT_UNKNOWN,   /* the answer was lost; it may have happened */
};

struct takt_error {
	enum takt_outcome outcome;
	int status;      /* of HTTP; 0: it came from this side */
	char code[40];   /* stable: "lease_lost", see docs/reference/errors.md */
	char place[128]; /* JSON Pointer of the fault, or "" */
	char text[480];  /* a sentence */
	char request_id[72];
	int64_t retry_after_ms; /* −1: not said */
};

/* --- The handle --- */

struct takt_options {
	const char *url;       /* "http://127.0.0.1:8420"; with unix_path only for Host */
	const char *unix_path; /* the server's socket; NULL: TCP */
	const char *key;       /* "takt_…"; NULL: none */
	int64_t timeout_ms;    /* of a call; 0: 30 s */
	/* Asked about once a second during a call and between tries; true gives up.  */
	bool (*is_cancelled)(void *ctx);
	void *ctx;
};
enum takt_outcome takt_open(const struct takt_options *o, struct takt **ret, struct takt_error *e);
void takt_close(struct takt *t);

/* --- Any call --- */

struct takt_request {
	const char *method; /* "GET" … */
	const char *path;   /* "/v1/queues" */
	const void *body;
	size_t body_len;             /* 0: none */
	const char *content_type;    /* NULL: application/json */
	const char *accept;          /* NULL: application/json */
	const char *idempotency_key; /* NULL: none */
	const char *request_id;      /* sent as X-Request-Id; NULL: the server makes one */
	bool is_repeatable;          /* a lost answer is asked for again */
	int64_t timeout_ms;          /* 0: as opened */
	size_t reply_max;            /* bytes; 0: 16 MiB */
};
struct takt_reply {
	int status;
	char *body; /* NUL-terminated */
	size_t body_len;
};
/* Any status below 400 is TAKT_OK; a problem fills *e. */
enum takt_outcome takt_request(struct takt *t, const struct takt_request *r, struct takt_reply *ret,
                               struct takt_error *e);
void takt_reply_free(struct takt_reply *r); /* what is inside, not r itself */

/* --- Tasks: submitting --- */

struct takt_submit {
	const char *kind;
	const char *input;           /* JSON; NULL: null */
	const char *idempotency_key; /* NULL: one is made */
	const char *run_at;          /* RFC 3339; NULL: now */
	int64_t delay_ms;
	int priority;     /* −100 … 100, higher first */
	int attempts_max; /* 0: the server's default */
	int64_t retry_base_ms, retry_cap_ms;
	int64_t timeout_ms; /* of an attempt; 0: none */
};
struct takt_submitted {
	char id[40];
	char state[16];
	bool is_duplicate; /* the key was seen before: this is the first one's task */
};
enum takt_outcome takt_submit(struct takt *t, const struct takt_submit *s,
                              struct takt_submitted *ret, struct takt_error *e);
/* All or none; ret has room for n. */
enum takt_outcome takt_submit_batch(struct takt *t, const struct takt_submit *s, size_t n,
                                    struct takt_submitted *ret, struct takt_error *e);

struct takt_task {
	const char *id, *kind, *state;
	const char *reason; /* why it does not move; "" */
	const char *run;    /* "" when it belongs to none */
	const char *worker, *message;
	const char *input, *output, *error; /* JSON; NULL when there is none */
	const char *json;                   /* the whole answer */
	int64_t attempt, attempts_max;
	double progress; /* 0 … 1; negative: not said */
};
enum takt_outcome takt_task_get(struct takt *t, const char *id, struct takt_task **ret,
                                struct takt_error *e);
void takt_task_free(struct takt_task *task);
enum takt_outcome takt_task_cancel(struct takt *t, const char *id, const char *reason,
                                   struct takt_error *e);

/* --- Tasks: performing --- */

struct takt_lease_request {
	const char *worker; /* the agent's name: see docs/concepts.md */
	const char *const *kinds;
	size_t n_kinds;
	int max;          /* 0: 1 */
	int64_t lease_ms; /* 0: a minute */
	int64_t wait_ms;  /* how long to wait when there is no work */
};
struct takt_lease {
	const char *id, *kind;
	const char *input; /* JSON */
	const char *token;
	const char *run; /* "" when the task belongs to none */
	/* Of the request that caused the task, for logs and traces; "" when there is none. */
	const char *request_id, *traceparent;
	int64_t attempt, attempts_max;
	int64_t lease_ms;   /* how long it is yours without a heartbeat */
	int64_t timeout_ms; /* of this attempt; 0: none */
};
struct takt_leases {
	size_t n; /* may be 0 */
	struct takt_lease *items;
	bool is_draining; /* the agent gets no new work: it may leave */
};
enum takt_outcome takt_lease(struct takt *t, const struct takt_lease_request *r,
                             struct takt_leases **ret, struct takt_error *e);
void takt_leases_free(struct takt_leases *l);

struct takt_beat {
	double progress;     /* 0 … 1; negative: not said */
	const char *message; /* what it is doing; NULL: not said */
	const char *const *log;
	size_t n_log;
	int64_t lease_ms; /* 0: as it was */
};
struct takt_beat_reply {
	int64_t lease_ms;
	bool is_cancelled; /* stop: the result is not wanted */
	bool is_draining;  /* finish this; there will be no new work */
};
/* TAKT_LOST: it is somebody else's by now, or nobody wants it; drop the work. */
enum takt_outcome takt_heartbeat(struct takt *t, const struct takt_lease *l,
                                 const struct takt_beat *beat, struct takt_beat_reply *ret,
                                 struct takt_error *e);
/* Records the output.  With `next`, leases in the same call; *ret_next is then set (its
 * wait_ms must be 0).  A lost answer is asked for again. */
enum takt_outcome takt_complete(struct takt *t, const struct takt_lease *l, const char *output,
                                const struct takt_lease_request *next,
                                struct takt_leases **ret_next, struct takt_error *e);
struct takt_failure {
	const char *code;    /* [a-z_]+ */
	const char *message; /* a sentence */
	const char *detail;  /* JSON; NULL: none */
	bool is_final;       /* trying again makes no sense */
};
enum takt_outcome takt_fail(struct takt *t, const struct takt_lease *l,
                            const struct takt_failure *f, struct takt_error *e);
/* Hands it back unperformed; no attempt is used up. */
enum takt_outcome takt_return(struct takt *t, const struct takt_lease *l, struct takt_error *e);

/* --- Workflows and runs --- */

struct takt_stored {
	char name[72];
	int64_t version;
};
/* The same definition again is the same version. */
enum takt_outcome takt_workflow_put(struct takt *t, const char *definition, size_t len,
                                    bool is_yaml, struct takt_stored *ret, struct takt_error *e);

struct takt_run_start {
	const char *workflow;
	int64_t version;             /* 0: the newest */
	const char *input;           /* JSON; NULL: null */
	const char *idempotency_key; /* NULL: one is made */
};
struct takt_started {
	char id[40];
	bool is_duplicate;
};
enum takt_outcome takt_run_start(struct takt *t, const struct takt_run_start *r,
                                 struct takt_started *ret, struct takt_error *e);
struct takt_run {
	const char *id, *workflow, *state;
	const char *output, *error; /* JSON; NULL when there is none */
	const char *json;           /* the whole answer, with the steps */
	int64_t version;
	bool is_ended;
};
enum takt_outcome takt_run_get(struct takt *t, const char *id, struct takt_run **ret,
                               struct takt_error *e);
void takt_run_free(struct takt_run *run);
enum takt_outcome takt_run_cancel(struct takt *t, const char *id, const char *reason,
                                  struct takt_error *e);

/* --- Events --- */

struct takt_event {
	int64_t seq;
	const char *type; /* "run.succeeded" */
	const char *json; /* the whole event */
};
struct takt_watch {
	const char *run; /* only of this run; NULL: all */
	int64_t after;   /* begin behind this number */
	/* False ends the stream, which then is TAKT_OK. */
	bool (*on_event)(void *ctx, const struct takt_event *event);
	/* The connection was lost (is_up false) or is there again; may be NULL. */
	void (*on_connection)(void *ctx, bool is_up);
	/* Asked about once a second; true ends the stream; may be NULL. */
	bool (*is_cancelled)(void *ctx);
	void *ctx;
	int64_t give_up_ms; /* without a connection for so long: TAKT_IO; 0: never */
};
/* Follows the stream; after a lost connection goes on behind the last event. */
enum takt_outcome takt_events(struct takt *t, const struct takt_watch *w, struct takt_error *e);

/* --- Artifacts --- */

struct takt_file {
	const char *path;  /* inside the artifact: "src/main.c" */
	const void *bytes; /* NULL: read from `from` */
	size_t len;
	const char *from; /* path on this machine */
	bool is_executable;
};
/* Uploads bytes; ret_sha256 has room for 65. */
enum takt_outcome takt_blob_put(struct takt *t, const void *bytes, size_t len, char *ret_sha256,
                                struct takt_error *e);
struct takt_artifact_new {
	const char *name;
	const char *maker;  /* NULL: none */
	const char *run;    /* NULL: none */
	const char *checks; /* JSON: what was verified; NULL: none */
	const struct takt_file *files;
	size_t n_files;
};
struct takt_created {
	char id[40];
	char tree[65];
	int64_t version;
};
/* Uploads what the server does not have, then creates the next version of `name`. */
enum takt_outcome takt_artifact_create(struct takt *t, const struct takt_artifact_new *a,
                                       struct takt_created *ret, struct takt_error *e);
/* One file, up to 64 MiB; takt_reply_free(ret). */
enum takt_outcome takt_artifact_file(struct takt *t, const char *id, const char *path,
                                     struct takt_reply *ret, struct takt_error *e);
/* All files into `folder`, which must not be there yet or be empty.  They are written to
 * a sibling and verified by their hashes, then the sibling is renamed: never half of it. */
struct takt_downloaded {
	size_t files;
	int64_t bytes;
};
enum takt_outcome takt_artifact_download(struct takt *t, const char *id, const char *folder,
                                         struct takt_downloaded *ret, struct takt_error *e);

#ifdef __cplusplus
}
#endif

#endif
