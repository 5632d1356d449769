/* Parts of large outputs, for references.
 *
 * An output that is kept as an artifact (artifact/output.h) stands in the run as a descriptor.
 * A reference into it, or to the whole of one that is no larger than what a task may be
 * given, wants a value that the engine's thread must not read.  So the run waits: the question goes
 * to whoever keeps artifacts, after the commit; the answer comes as a command, is kept for a
 * while, and the run gets its turn.  The run stays due in its table meanwhile, so a restart
 * asks again. */
#ifndef TAKT_FLOW_PART_H
#define TAKT_FLOW_PART_H

#include "base/base.h"
#include "store/writer.h"

struct arena;
struct json;

enum { PART_BYTES_MAX = 1 << 20 };

/* A question, and its answer.  Owned by whoever has it: flow, who reads, flow. */
struct output_part {
	struct command c; /* scope: of the run */
	struct arena *arena;
	int64_t run, step, artifact;
	struct str pointer;
	const struct json *value; /* NULL: failed */
	struct err why;
	bool is_taken; /* the answer's arena has gone into the cache */
};
/* Any thread: the answer.  Then the part is sent as a command. */
void output_part_found(struct output_part *p, struct str text);
void output_part_failed(struct output_part *p, const struct err *why);

#endif
