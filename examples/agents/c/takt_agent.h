/* An agent for takt in C: leases tasks of a kind and performs them until SIGTERM, or until the
 * server drains it; the task at hand ends first.  TAKT_SERVER and TAKT_KEY say where.
 *
 * The work is done between two words.  Work that takes more than a third of the lease must
 * send heartbeats meanwhile: POST /v1/tasks/ID/heartbeat with token and attempt, and stop
 * when the answer says "cancelled".
 */
#ifndef TAKT_AGENT_H
#define TAKT_AGENT_H

#include <jansson.h>

/* From a task's input to its output; NULL, and a sentence in *error, when that can't be done
 * however often it is tried. */
typedef json_t *agent_work(json_t *input, const char **error);

int agent_run(const char *kind, agent_work *work); /* the exit code */

#endif
