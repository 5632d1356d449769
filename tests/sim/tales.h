/* Three workflows that hold what a definition can say: steps with fan-out, conditions and
 * compensation; timers, events and approvals; sub-workflows.  The auditor (audit_flow.h)
 * knows them; their steps are a, b, c, d and what they wait for t, e, e2, p. */
#ifndef TAKT_TESTS_SIM_TALES_H
#define TAKT_TESTS_SIM_TALES_H

#include "audit_flow.h"

extern const char *const tale_names[TALE_KINDS]; /* of the workflows */
struct str tale_document(struct arena *a, enum tale_kind kind);
/* The input of the run with that number. */
struct str tale_input(struct arena *a, const struct tale *t, int64_t number);

#endif
