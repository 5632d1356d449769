/* How `takt top` looks: pure functions from what GET /v1/status said, now and a moment
 * ago, to lines of text.
 *
 * Text from outside is cleaned (progress.h), no line is wider and no picture higher than
 * asked.  What does not fit a narrow or low screen is left out, the least important
 * first. */
#ifndef TAKT_CLI_TOP_VIEW_H
#define TAKT_CLI_TOP_VIEW_H

#include "base/base.h"
#include "base/str.h"

struct json;
struct json_out;

enum top_page { TOP_QUEUES, TOP_RUNS, TOP_AGENTS, TOP_EVENTS, TOP_PAGES };
enum top_sort {
	TOP_BY_AGE,
	TOP_BY_READY,
	TOP_BY_LEASED,
	TOP_BY_BLOCKED,
	TOP_BY_RATE,
	TOP_BY_NAME,
	TOP_SORTS
};

struct top_view {
	int columns, rows; /* rows 0: as many as there are, for a pipe */
	bool is_utf8;
	bool has_marks;  /* bold and reverse; */
	bool has_colour; /* and colours */
	const char *address;
	const char *trouble; /* the server does not answer: its words; NULL: it does */
	/* Answers of GET /v1/status; before is NULL at first. */
	const struct json *now, *before;
	const struct json *events; /* of GET /v1/events; may be NULL */
	const struct json *agents; /* of GET /v1/agents; may be NULL */
	enum top_page page;
	enum top_sort sort;
	size_t scroll;
	bool is_paused, is_help;
	bool is_body_only; /* the page without what stands above it */
};

/* The whole picture.  In ret_scroll how far one can scroll at most. */
void top_render(const struct top_view *v, struct buf *out, size_t *ret_scroll);

/* What happens in a second, between two answers; all 0 when is_known is not set. */
struct top_rates {
	bool is_known;
	double submitted, succeeded, failed, retried, lost, refused, events, requests, commits;
	double cpu; /* of one processor: 1 is all of it */
};
struct top_rates top_rates(const struct json *now, const struct json *before);
/* For --json: the members of an object. */
void top_rates_put(struct json_out *o, const struct top_rates *r);

#endif
