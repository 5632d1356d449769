/* A process that becomes another program: the number and the children stay, and so do the
 * descriptors that are named; what the next one must know lies in sealed memory. */
#ifndef TAKT_SYS_REPLACE_H
#define TAKT_SYS_REPLACE_H

#include "base/base.h"

struct arena;
struct process;

/* Memory as a file (memfd) that nobody can change any more, at the start of its bytes. */
enum rc sealed_create(struct str bytes, int *ret_fd, struct err *err) MUST_USE;
/* CODE_INVALID when the descriptor is no sealed memory or holds more than `max` bytes. */
enum rc sealed_read(struct arena *a, int fd, size_t max, struct str *ret, struct err *err) MUST_USE;

/* Executes `program` in the place of this one.  The `keep` descriptors stay open under
 * their numbers, others close, blocked signals stay blocked and pending ones pending.
 * Returns only when it failed, and then nothing has changed. */
enum rc process_replace(const char *program, const char *const *argv, const int *keep,
                        size_t n_keep, struct err *err) MUST_USE;
void fd_close_at_exec(int fd); /* again, in the program that got it */
/* A child that a former program of this process started. */
void process_adopt(int64_t pid, struct process *ret);
/* Sends a signal to a process that need not be our child. */
enum rc process_tell(int64_t pid, int signal, struct err *err) MUST_USE;

/* How this program was started, NULL-terminated. */
const char *const *self_arguments(struct arena *a, size_t *ret_n);
/* The path under which it was called, so that a link or file which is exchanged leads to
 * the new one; its own path when that leads elsewhere today. */
const char *self_program(struct arena *a);

/* Whether there is a controlling terminal: after a hang-up there is none any more. */
bool has_controlling_terminal(void);

#endif
