/* Looking at settings without starting anything: for `takt config check` and `takt doctor`. */
#ifndef TAKT_CLI_CONFIG_CHECK_H
#define TAKT_CLI_CONFIG_CHECK_H

#include "base/base.h"

struct cli;
struct findings;

/* Reads the settings of this command line, wrong ones too; each mistake becomes a finding,
 * and c->config is what is left of them.  `file` (may be NULL) stands for --config.  Then
 * looks for what is allowed and unwise together. */
void config_look(struct cli *c, const char *file, struct findings *f);

#endif
