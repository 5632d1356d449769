/* Files that are part of the program; made by embed.py. */
#ifndef TAKT_CLI_EMBEDDED_H
#define TAKT_CLI_EMBEDDED_H

#include <stddef.h>

extern const unsigned char embedded_config_schema[];
extern const size_t embedded_config_schema_len;

#endif
