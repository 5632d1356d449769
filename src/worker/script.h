/* A program as a handler: JSON on its standard input, JSON on its standard output.
 *
 * Lines on standard error are told as they come.  Failed is what ends with another exit
 * code than 0 (code "exit", with the last lines of standard error), prints anything but
 * one JSON value ("bad_output"), runs longer than allowed ("timeout"), or cannot be
 * started ("tool_missing", final).  Whatever it started in its process group ends with
 * it. */
#ifndef TAKT_WORKER_SCRIPT_H
#define TAKT_WORKER_SCRIPT_H

#include "base/base.h"

struct arena;
struct worker_job;

struct script {
	const char *const *argv; /* NULL-terminated */
	int64_t timeout_ms;      /* 0: the task's own, or none */
};
/* For struct worker_kind; ctx is a struct script. */
void script_perform(struct worker_job *job, void *script);

/* The same without a server, for one run. */
struct script_run {
	const char *const *argv;
	const char *const *env; /* "NAME=value", added to ours; NULL-terminated; may be NULL */
	struct str input;
	int64_t timeout_ms; /* 0: none */
	bool (*is_cancelled)(void *ctx);
	void (*on_line)(void *ctx, struct str line); /* of standard error */
	void *ctx;
};
struct script_result {
	struct str output; /* when it succeeded */
	const char *code;  /* NULL: it succeeded */
	struct str message;
	bool is_final, is_cancelled;
};
void script_run(struct arena *a, const struct script_run *r, struct script_result *ret);

#endif
