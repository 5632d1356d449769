/* A workflow's definition as a drawing for a terminal: boxes in layers, each step below
 * those it waits for, and in each box the names of these. */
#ifndef TAKT_CLI_GRAPH_H
#define TAKT_CLI_GRAPH_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct json;

/* Pure.  A row of boxes that is wider than `width` goes on below itself. */
void graph_render(struct arena *a, const struct json *definition, size_t width, bool is_utf8,
                  struct buf *out);

#endif
