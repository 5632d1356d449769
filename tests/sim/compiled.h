/* What SQLite compiles outlives a death: two thirds of the time of a simulated world once went
 * into reading the same schema and preparing the same statements after each.
 *
 * The simulations are linked so that sqlite3_open_v2 and the like come here first
 * (meson.build).  A connection whose process was killed is given to the next one that opens
 * the same file in the same way, with its statements and its schema, which follow from the
 * binary and are checked against the file whenever one runs, and with nothing else: its
 * transaction is over, its pages are dropped, its locks and its wal-index are gone.  So the
 * log is recovered from the disk, and takt's own opening runs as it does always.
 *
 * One death in sixteen is followed by a connection that is really new. */
#ifndef TAKT_TESTS_SIM_COMPILED_H
#define TAKT_TESTS_SIM_COMPILED_H

#include "disk.h"

/* From now on connections of this disk are kept. */
void compiled_keep(struct disk *d);
/* Every statement is prepared on every connection there is: before the seeds fork. */
void compiled_prepare(void);

#endif
