/* A layer between SQLite and the disk that gathers writes to the write-ahead log.
 *
 * SQLite writes each page of a commit in two pieces, one system call each, and then syncs.
 * Here what is contiguous waits in memory until the sync, or until somebody reads: a commit
 * of twelve pages costs one write instead of twenty-four.  Nothing is weaker for it: SQLite
 * publishes a commit after the sync only, and without a sync a written page is as lost at a
 * power cut as one that waits.
 *
 * A failure to write shows at the sync: of the frames only a beginning may be in the file
 * then, never the last, which is the one that commits.
 */
#ifndef TAKT_STORE_SQLITE_GATHER_H
#define TAKT_STORE_SQLITE_GATHER_H

/* The name of a VFS that gathers for the VFS `below` (NULL: the system's); valid for ever. */
const char *gather_vfs(const char *below);

#endif
