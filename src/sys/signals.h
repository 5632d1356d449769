/* The names of signals (SIGTERM …), for whoever sends or awaits them through process.h.
 * Handlers are not installed anywhere: signals are read from a descriptor. */
#ifndef TAKT_SYS_SIGNALS_H
#define TAKT_SYS_SIGNALS_H

#include <signal.h>

#endif
