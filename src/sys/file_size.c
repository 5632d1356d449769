/* The size of a file without reading it: see file_size.h. */
#include <sys/stat.h>

#include "sys/file_size.h"

int64_t file_size(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	return (int64_t)st.st_size;
}
