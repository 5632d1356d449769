/* Outputs that are too large for the database: kept as artifacts.
 *
 * A task's output above OUTPUT_INLINE_MAX bytes becomes the one file output.json of the
 * artifact "output.task_…", in the transaction that completes the task.  What the task has
 * recorded then is a descriptor:
 *
 *	{"$artifact": "art_…", "sha256": "…", "size": 300000, "media_type": "application/json"}
 *
 * What the references of a workflow want of such an output is read here, on the pool, and
 * handed to flow/ as a command (flow/part.h). */
#ifndef TAKT_ARTIFACT_OUTPUT_H
#define TAKT_ARTIFACT_OUTPUT_H

#include "artifact/artifact.h"
#include "queue/queue.h"

struct flow;
struct output_part;
struct pool;

enum {
	OUTPUT_INLINE_MAX = 256 << 10,
	OUTPUT_MAX = 16 << 20,
	OUTPUT_DESCRIPTOR_MAX = 240,
};

/* Completes a task with a large output.  The word is the caller's, initialised, and holds
 * the output; it also has the results. */
struct output_command {
	struct command c;
	struct holder_command *word;
	/* internal */
	struct queue *queue;
	struct artifact_create_command create;
	struct artifact_file file;
	char name[40], descriptor[OUTPUT_DESCRIPTOR_MAX];
};
void output_command_init(struct output_command *o, struct artifacts *a, struct queue *q,
                         struct holder_command *word);
/* Before sending, on the file pool's thread: stores the bytes.  The arena must live as long
 * as the command. */
enum rc output_prepare(struct output_command *o, struct arena *arena, struct err *err) MUST_USE;

/* Who reads for the references of workflows: flow_options.read_part and its context. */
struct output_reader {
	struct artifacts *artifacts;
	struct pool *pool;
	struct writer *writer;
	struct loop *loop; /* from which commands are sent; NULL: any thread may */
};
void output_read_part(void *reader, struct output_part *p);

#endif
