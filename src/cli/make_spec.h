/* `takt make lesson FILE --spec-only`: the maker's plan by itself, for people who edit it. */
#ifndef TAKT_CLI_MAKE_SPEC_H
#define TAKT_CLI_MAKE_SPEC_H

#include "base/base.h"
#include "base/str.h"

struct cli;

/* Prints the spec of the text on standard output; needs no server.  The exit code. */
int make_spec_only(struct cli *c, const char *maker, const char *file);
/* The spec of --spec, when it is JSON: an object. */
enum rc make_read_spec(struct cli *c, const char *file, struct str *ret, struct err *err) MUST_USE;

#endif
