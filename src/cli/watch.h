/* Following a run to its end on the screen: `takt make`, `takt run watch`, `--watch`. */
#ifndef TAKT_CLI_WATCH_H
#define TAKT_CLI_WATCH_H

#include "base/base.h"
#include "cli/session.h"

/* SIGINT, SIGTERM and SIGHUP as a descriptor, opened before threads and children. */
struct interrupts {
	int fd;
	int seen; /* how many have come */
};
enum rc interrupts_open(struct interrupts *i, struct err *err) MUST_USE;
void interrupts_close(struct interrupts *i);
bool interrupts_any(void *interrupts); /* reads what is pending; true when one ever came */

struct watch {
	struct session *session;
	struct interrupts *interrupts;
	const char *run;
	bool is_moving;     /* when its server has gone for good, end with TAKT_IO at once */
	bool is_quiet;      /* draw nothing */
	bool is_cancelling; /* Ctrl-C cancels the run; else it only ends the watching */
};
/* Until the run has ended (*ret is set, takt_run_free) or the watching was interrupted
 * (*ret is NULL, TAKT_OK). */
enum takt_outcome watch_run(const struct watch *w, struct takt_run **ret, struct takt_error *e);

#endif
