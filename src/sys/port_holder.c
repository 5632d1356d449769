/* Who listens on a port, out of /proc: see listen.h.  The kernel's tables of sockets say
 * which inode it is, the descriptors of the processes that we may see say whose. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sys/listen.h"

enum { TCP_LISTENING = 0x0a, NUMBER_MAX = 20 };

/* The inode of the listening socket; 0 when the table has none. */
static uint64_t inode_in(const char *table, unsigned port)
{
	FILE *f = fopen(table, "re");
	char line[512];
	uint64_t found = 0;
	while (f && !found && fgets(line, sizeof line, f)) {
		unsigned theirs, state;
		uint64_t inode;
		if (sscanf(line,
		           " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*d %*d "
		           "%" SCNu64,
		           &theirs, &state, &inode) == 3 &&
		    theirs == port && state == TCP_LISTENING)
			found = inode;
	}
	if (f)
		fclose(f);
	return found;
}

static bool has_socket(const char *pid, uint64_t inode)
{
	char path[64], want[64], is[64];
	snprintf(path, sizeof path, "/proc/%.*s/fd", NUMBER_MAX, pid);
	snprintf(want, sizeof want, "socket:[%" PRIu64 "]", inode);
	DIR *dir = opendir(path);
	bool is_found = false;
	for (struct dirent *e; dir && !is_found && (e = readdir(dir)) != NULL;) {
		char link[128];
		snprintf(link, sizeof link, "%s/%.*s", path, NUMBER_MAX, e->d_name);
		ssize_t n = readlink(link, is, sizeof is - 1);
		if (n > 0) {
			is[n] = '\0';
			is_found = strcmp(is, want) == 0;
		}
	}
	if (dir)
		closedir(dir);
	return is_found;
}

static void name_of(const char *pid, char *ret, size_t size)
{
	char path[64], name[64] = "?";
	snprintf(path, sizeof path, "/proc/%.*s/comm", NUMBER_MAX, pid);
	FILE *f = fopen(path, "re");
	if (f) {
		if (fgets(name, sizeof name, f))
			name[strcspn(name, "\n")] = '\0';
		fclose(f);
	}
	snprintf(ret, size, "%s (pid %.*s)", name, NUMBER_MAX, pid);
}

bool socket_port_holder(const char *address, char *ret, size_t size)
{
	const char *colon = strrchr(address, ':');
	unsigned port = colon ? (unsigned)strtoul(colon + 1, NULL, 10) : 0;
	uint64_t inode = inode_in("/proc/net/tcp", port);
	if (!inode)
		inode = inode_in("/proc/net/tcp6", port);
	DIR *dir = inode ? opendir("/proc") : NULL;
	bool is_found = false;
	for (struct dirent *e; dir && !is_found && (e = readdir(dir)) != NULL;) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9' || !has_socket(e->d_name, inode))
			continue;
		name_of(e->d_name, ret, size);
		is_found = true;
	}
	if (dir)
		closedir(dir);
	return is_found;
}
