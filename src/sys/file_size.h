/* The size of a file without reading it. */
#ifndef TAKT_SYS_FILE_SIZE_H
#define TAKT_SYS_FILE_SIZE_H

#include "base/base.h"

/* Bytes of the regular file at `path`; -1 when there is none, or something else. */
int64_t file_size(const char *path);

#endif
