/* The insides of supervise.c and restart.c: one supervision and its children. */
#ifndef TAKT_SUPERVISOR_SUPERVISE_PRIV_H
#define TAKT_SUPERVISOR_SUPERVISE_PRIV_H

#include "supervisor/supervisor.h"

#include "sys/loop.h"
#include "sys/process.h"

enum { EXIT_NOTHING_HELPED = 70 };

struct supervision;

struct kid {
	struct supervision *s;
	const struct child_spec *spec;
	struct process process;
	struct backoff backoff;
	struct loop_watch ended;
	struct loop_timer again;
	struct loop_timer patience; /* it was told to end: then it is killed */
	int64_t started_ms;
	int starts;
	bool is_running;
	bool is_told;    /* to end: it is not told twice */
	bool is_hurried; /* told a second time */
	bool is_killed;  /* by us */
	bool is_leaving; /* adopted, and no setting names it any more */
};

/* What was asked for; larger ones include the smaller. */
enum restart_what { RESTART_NOTHING, RESTART_SERVER, RESTART_ALL, RESTART_SELF };

struct restart {
	enum { RESTART_IDLE, RESTART_OF_SERVER, RESTART_OF_WORKERS } stage;
	enum restart_what what, asked; /* under way; to come behind it */
	size_t worker;                 /* the one whose turn it is */
	int64_t began_ms, gone_ms;
};

struct supervision {
	const struct supervise_options *o;
	struct loop *loop;
	struct loop_watch signals, ready;
	struct loop_timer deadline;
	struct loop_timer look; /* for systems without pidfds */
	int signal_fd;
	struct kid *kids; /* the server first */
	size_t n_kids;
	struct restart restart;
	bool is_ready;     /* the server was, once: the workers are started */
	bool is_server_up; /* it is */
	bool is_draining;
	bool had_terminal;
	int exit_code;
	struct err *err;
};

/* --- supervise.c --- */
void kid_start(struct kid *k);
void kid_watch_end(struct kid *k);
/* Once; a worker is told again at half of drain_ms; killed when it takes longer than that. */
void kid_tell_to_end(struct kid *k);

/* --- adopt.c --- */
void supervise_take_over(struct supervision *s);

/* --- restart.c --- */
void restart_ask(struct supervision *s, enum restart_what what);
/* This program has just taken the place of another: all children are still the other's. */
void restart_taken_over(struct supervision *s);
/* Told of what happens to the children; true when that belonged to the restart. */
bool restart_kid_ended(struct kid *k, int how);
void restart_server_ready(struct supervision *s);

#endif
