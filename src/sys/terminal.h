/* The terminal as a person sees it: is it one, how large, whole writes to it, and keys
 * as they are pressed. */
#ifndef TAKT_SYS_TERMINAL_H
#define TAKT_SYS_TERMINAL_H

#include "base/base.h"

enum { TERMINAL_IN, TERMINAL_OUT, TERMINAL_ERR }; /* the descriptors themselves */

bool terminal_is(int fd);
int terminal_width(int fd);                                  /* columns; 80 when unknown */
void terminal_size(int fd, int *ret_columns, int *ret_rows); /* 80 and 24 when unknown */

/* Keys come at once and are not shown, Ctrl-C still is a signal, Ctrl-Z is none, and
 * reading does not wait.  False when fd is no terminal: then nothing has changed. */
struct terminal_keys;
bool terminal_keys_begin(int fd, struct terminal_keys **ret);
void terminal_keys_end(struct terminal_keys *k); /* as it was before; NULL is fine */
/* What was pressed since; 0 bytes: nothing.  False when there is nobody any more. */
bool terminal_keys_read(struct terminal_keys *k, char *ret, size_t max, size_t *ret_n);

/* All bytes, also when a signal comes in between.  False when nobody reads any more. */
bool terminal_write(int fd, struct str bytes);
/* Standard input to its end, or the first max + 1 bytes of it. */
bool terminal_read_all(int fd, struct str *ret, size_t max); /* caller frees ret->ptr */

#endif
