/* A simulated disk as a SQLite VFS named "sim".
 *
 * The fault model, which is what takt claims to survive:
 *   - a killed process: what was written is there;
 *   - a power cut: each write since the last sync of its file was kept, lost, or left its
 *     range in ruins; files whose creation or removal was not synced come and go;
 *   - an operation that fails, once or from there on.
 * Assumed: powersafe overwrite (a torn write damages no neighbouring bytes), as SQLite's
 * own unix VFS assumes; sync means durable, unless the disk is told to lie, which is how
 * the auditor is tested.
 */
#ifndef TAKT_TESTS_SIM_DISK_H
#define TAKT_TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk;
struct sqlite3_file;

struct disk *disk_create(uint64_t seed); /* registers the VFS; one per process */
/* Chance begins anew, that of SQLite included: of a disk that was made before the fork. */
void disk_reseed(struct disk *d, uint64_t seed);
uint64_t disk_ops(const struct disk *d); /* fallible operations so far */
/* The n-th operation from now fails, and so on to the `times`-th: with an I/O error, or
 * because there is no room (writes only). */
void disk_fail(struct disk *d, uint64_t after_ops, uint64_t times, bool is_full);
/* From the n-th operation on nothing works any more: the power is going.  0: never,
 * nor at a sync. */
void disk_cut_at(struct disk *d, uint64_t after_ops);
/* At the next sync: what was written before it is seen, and not on the disk. */
void disk_cut_at_sync(struct disk *d);
bool disk_is_dead(const struct disk *d);
/* Called before each fallible operation: whoever listens may let this one fail
 * (disk_fail(d, 1, …), disk_cut_at(d, 1)).  NULL: nobody. */
void disk_listen(struct disk *d, void (*before)(bool is_write));
void disk_lie(struct disk *d, bool does_lie); /* sync does nothing */

/* The process is gone: locks and shared memory with it.  Open handles are leaked on
 * purpose: closing them would clean up like a living process. */
void disk_kill(struct disk *d);
void disk_power_cut(struct disk *d);      /* the same, and what was not synced is at risk */
uint64_t disk_life(const struct disk *d); /* another after each death */
/* The handle of a process that is gone is as if it had just been opened: compiled.h.  False
 * when it is in no state for that. */
bool disk_revive(struct disk *d, struct sqlite3_file *file);

#endif
