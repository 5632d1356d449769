/* What is said on the connections of a load: who asks what next, and what an answer must be.
 * A talk goes in rounds; each of its lines (connections) is in a round of its own. */
#ifndef TAKT_BENCH_TALK_H
#define TAKT_BENCH_TALK_H

#include "base/base.h"

struct arena;

struct talk {
	/* The next request of a line; the bytes are the talk's, until its next word. */
	struct str (*say)(struct talk *t, int line);
	/* Its answer.  Says whether that was the end of a round. */
	enum rc (*hear)(struct talk *t, int line, int status, struct str body, bool *ret_is_end,
	                struct err *err);
	void (*end)(struct talk *t); /* gives back what is not the arena's; may be NULL */
};
void talk_end(struct talk *t); /* NULL is fine */

enum { TALK_INPUT_BYTES = 120, TALK_BATCH = 100 };

/* "POST path" with a JSON body, and as `more` any head lines, each with its end. */
struct str talk_post(struct arena *a, struct str key, const char *path, const char *more,
                     struct str body);

/* JSON of TALK_INPUT_BYTES bytes, as programs send it: a few fields, some text. */
struct str talk_input(struct arena *a);

/* A submit a round.  Keyed: with an idempotency key that grows from round to round. */
struct talk *talk_submit(struct arena *a, struct str key, bool is_keyed);

/* Submit a task, lease one, complete it: three requests and three commits a round. */
struct talk *talk_lifecycle(struct arena *a, struct str key, const char *kind, int lines);

/* A batch of TALK_BATCH tasks of kind "bench" a round: submitted; submitted, leased and
 * completed (kind "lives"); leased and completed. */
struct talk *talk_submit_batches(struct arena *a, struct str key, int lines);
struct talk *talk_lifecycle_batches(struct arena *a, struct str key, int lines);
struct talk *talk_drain_batches(struct arena *a, struct str key, int lines);

#endif
