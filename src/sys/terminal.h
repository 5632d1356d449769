/* Standard output and error as a person sees them: is it a terminal, how wide, and
 * whole writes to it. */
#ifndef TAKT_SYS_TERMINAL_H
#define TAKT_SYS_TERMINAL_H

#include "base/base.h"

enum { TERMINAL_IN, TERMINAL_OUT, TERMINAL_ERR }; /* the descriptors themselves */

bool terminal_is(int fd);
int terminal_width(int fd); /* columns; 80 when unknown */
/* All bytes, also when a signal comes in between.  False when nobody reads any more. */
bool terminal_write(int fd, struct str bytes);
/* Standard input to its end, or the first max + 1 bytes of it. */
bool terminal_read_all(int fd, struct str *ret, size_t max); /* caller frees ret->ptr */

#endif
