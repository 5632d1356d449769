/* Planted bugs: do the tests find what they are there to find?
 *
 * PLANTED(name) is the constant false, and its code is not there, but in a build with
 * `-Dplanted=true`, which tools/planted makes: there it says whether $PLANTED_BUG names this
 * bug.  Each is one condition where somebody might have written it; docs/decisions/ has why.
 * A name that is not in the table does not compile. */
#ifndef TAKT_SYS_PLANTED_H
#define TAKT_SYS_PLANTED_H

#include <stdbool.h>

#define PLANTED_TABLE(X)                                                                           \
	X(stale_token, "a word under an old token is accepted")                                    \
	X(early_reap, "a lease is reaped 5 ms before its time")                                    \
	X(weak_sync, "synchronous=NORMAL: the log is not synced at a commit")                      \
	X(unsynced_log, "after a crash it is told what the log has and the disk has not")          \
	X(no_unique, "an idempotency key is not unique")                                           \
	X(select_then_update, "what is ready is read beside the transaction that leases it")       \
	X(event_outside, "events are written in a transaction of their own")                       \
	X(retry_without_cap, "attempts are repeated without end")                                  \
	X(wait_without_cap, "the wait before a retry grows past its cap")                          \
	X(cancelled_completed, "a cancelled task is completed")                                    \
	X(lost_wakeup, "a submit does not wake who waits")                                         \
	X(double_compensation, "what is undone is undone twice")                                   \
	X(memory_ahead, "the memory follows a transaction that was undone")                        \
	X(hungup_lease, "a lease is given to a poller that hung up")                               \
	X(no_second_term, "leases that were live at a restart get no second term")                 \
	X(key_without_places, "a concurrency key gives more places than it has")                   \
	X(early_timer, "a timer of a workflow rings 50 ms early")                                  \
	X(one_vote, "an approval needs one vote, whatever it says")

enum planted {
	PLANTED_none,
#define X(name, what) PLANTED_##name,
	PLANTED_TABLE(X)
#undef X
};

#ifdef TAKT_PLANTED
enum planted planted(void);
#define PLANTED(name) (planted() == PLANTED_##name)
#else
#define PLANTED(name) ((void)PLANTED_##name, false)
#endif

#endif
