/* How a run looks: pure functions from what GET /v1/runs/{id} said to text.
 *
 * Text from outside (messages, names, errors) is cleaned: no control bytes reach a
 * terminal, and no line is wider than asked, so that redrawing in place is exact. */
#ifndef TAKT_CLI_PROGRESS_H
#define TAKT_CLI_PROGRESS_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct json;

struct look {
	int width; /* columns */
	bool is_utf8, has_colour;
	int64_t now_ms; /* wall clock, for what is under way */
	unsigned frame; /* of the spinner */
};

struct step_view {
	struct str name, kind, state, message, reason;
	struct str error_code, error_message;
	bool is_each;
	int64_t items, items_done, items_failed;
	int64_t started_ms, finished_ms; /* 0: not yet */
	int64_t attempt;
	double progress;  /* negative: not said */
	struct str after; /* "plan, generate" */
};

struct run_view {
	struct str id, workflow, state, error_code, error_message, error_step;
	int64_t version, created_ms, finished_ms;
	struct step_view *steps;
	size_t n_steps;
};

/* Points into `run`; lists in the arena. */
void run_view_read(struct arena *a, const struct json *run, struct run_view *ret);

/* Live: one line for each step.  Returns how many lines it wrote. */
size_t progress_render(const struct run_view *r, const struct look *l, struct buf *out);
/* Plain, for a pipe: a line for each step whose state differs from `before` (NULL: all are
 * new). */
void progress_plain(const struct run_view *before, const struct run_view *now, struct buf *out);
/* `takt run show`: the execution tree.  `tasks` is the list of GET /v1/tasks?run=…, for the
 * items of each-steps; NULL: without.  A list of TREE_TASKS_MAX may not be all of them. */
enum { TREE_TASKS_MAX = 200 };
void tree_render(const struct run_view *r, const struct json *tasks, const struct look *l,
                 struct buf *out);

/* Columns that a text takes on a terminal. */
int text_columns(struct str s);
/* The text without control bytes, cut to `columns` (with an ellipsis when cut). */
void text_fit(struct buf *out, struct str s, int columns, bool is_utf8);
/* "40 ms", "1.4 s", "12 s", "3 min 04 s", "2 h 05 min" */
struct str duration_text(int64_t ms, char ret[32]);

#endif
