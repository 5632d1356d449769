/* Where the one fault happens: see fault.h. */
#include "fault.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/disk.h"

enum { IO, FULL, CUT, MEMORY, KINDS };
static const char *const kind_names[KINDS] = { "io", "full", "cut", "memory" };

enum {
	CHILDREN_MAX = 2,
	CHILD_SECONDS_MAX = 60,
	/* Every allocation up to here, and one of so many behind it: the later ones mostly
	 * repeat what the first said, in another place. */
	ALLOCATIONS_ALL = 300,
	ALLOCATIONS_STRIDE = 61,
	BAD_SHOWN_MAX = 20,
};

struct sum {
	long places[2]; /* operations of the disk, allocations */
	long told[KINDS], failed;
};

static const struct fault_story *story;
static struct disk *disk;
static struct sum sum;
static int only = KINDS; /* the kind that is replayed; KINDS: all, in children */
static long only_at;
static long every = 1; /* one place of so many */
static bool is_listening, is_held, has_happened, is_child, is_memory_told, fails_now;
static int n_children;
static struct {
	pid_t pid;
	int kind;
	long at;
} children[CHILDREN_MAX];

void fault_hold(bool is_held_now)
{
	is_held = is_held_now;
}

bool fault_was(void)
{
	bool was = has_happened;
	has_happened = false;
	return was;
}

/* --- Children --- */

static void wait_for_one(void)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);
	for (int i = 0; i < n_children; i++) {
		if (children[i].pid != pid)
			continue;
		if (status != 0 && sum.failed++ < BAD_SHOWN_MAX)
			fprintf(stderr, "%s; replay: fault-%s %s %ld\n",
			        WIFEXITED(status) ? "wrong" : "the process died", story->name,
			        kind_names[children[i].kind], children[i].at);
		children[i] = children[--n_children];
		return;
	}
}

/* In the child: the fault happens, and what comes behind it is told without another. */
static void begin(int kind)
{
	is_listening = false;
	has_happened = true;
	if (kind == CUT)
		disk_cut_at(disk, 1);
	else if (kind == MEMORY)
		fails_now = true;
	else
		disk_fail(disk, 1, 1, kind == FULL);
}

static void try(int kind, long at)
{
	if (only != KINDS) {
		if (kind == only && at == only_at)
			begin(kind);
		return;
	}
	if (n_children == CHILDREN_MAX)
		wait_for_one();
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		is_child = true;
		alarm(CHILD_SECONDS_MAX);
		begin(kind);
		return;
	}
	sum.told[kind]++;
	children[n_children].pid = pid;
	children[n_children].kind = kind;
	children[n_children++].at = at;
}

/* --- Places --- */

static void before_operation(bool is_write)
{
	if (!is_listening || is_held || is_memory_told)
		return;
	long at = ++sum.places[0];
	if (at % every != 0)
		return;
	try(IO, at);
	if (is_write && is_listening)
		try(FULL, at);
	if (is_listening)
		try(CUT, at);
}

static sqlite3_mem_methods real;

static bool is_refused(void)
{
	if (!is_listening || is_held || !is_memory_told)
		return false;
	long at = ++sum.places[1];
	bool is_chosen = at <= ALLOCATIONS_ALL || at % ALLOCATIONS_STRIDE == 0;
	if (only == MEMORY || (is_chosen && at % every == 0))
		try(MEMORY, at);
	bool is_now = fails_now;
	fails_now = false;
	return is_now;
}

static void *allocate(int n)
{
	return is_refused() ? NULL : real.xMalloc(n);
}

static void *reallocate(void *p, int n)
{
	return is_refused() ? NULL : real.xRealloc(p, n);
}

/* Small pieces come from a pool of each connection; without it all are asked for here. */
static void listen_to_memory(void)
{
	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
	sqlite3_mem_methods ours = real;
	ours.xMalloc = allocate;
	ours.xRealloc = reallocate;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK)
		abort();
}

/* --- Telling --- */

static bool tell(void)
{
	if (is_memory_told)
		listen_to_memory();
	disk = disk_create(1);
	disk_listen(disk, before_operation);
	is_listening = true;
	struct fault_told t = story->tell(disk);
	is_listening = false;
	if (t.complaint && sum.failed < BAD_SHOWN_MAX)
		fprintf(stderr, "fault-%s: %s (%lld)\n", story->name, t.complaint, t.about);
	return !t.complaint;
}

/* A process for the disk, one for the memory: SQLite is set up once in its life. */
static void tell_apart(bool of_memory)
{
	int fds[2];
	if (pipe(fds) != 0)
		abort();
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		is_memory_told = of_memory;
		bool is_good = tell();
		if (is_child)
			exit(is_good ? 0 : 1);
		while (n_children)
			wait_for_one();
		sum.failed += !is_good;
		if (write(fds[1], &sum, sizeof sum) != sizeof sum)
			abort();
		exit(0); /* so that its counts are kept: tools/coverage */
	}
	struct sum part = { .failed = 1 };
	close(fds[1]);
	if (read(fds[0], &part, sizeof part) != sizeof part)
		part = (struct sum){ .failed = 1 };
	close(fds[0]);
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 2; i++)
		sum.places[i] += part.places[i];
	for (int i = 0; i < KINDS; i++)
		sum.told[i] += part.told[i];
	sum.failed += part.failed;
}

static int tell_all(void)
{
	tell_apart(false);
	tell_apart(true);
	long told = 2; /* the story as it should be, in each process */
	for (int i = 0; i < KINDS; i++)
		told += sum.told[i];
	printf("%s: %ld disk operations: %ld failed, %ld without room, %ld power cuts; "
	       "%ld allocations: %ld failed\n",
	       story->name, sum.places[0], sum.told[IO], sum.told[FULL], sum.told[CUT],
	       sum.places[1], sum.told[MEMORY]);
	printf("%ld passed, %ld failed\n", told - sum.failed, sum.failed);
	return sum.failed != 0;
}

int fault_main(const struct fault_story *s, int argc, char **argv)
{
	story = s;
	if (argc == 3 && strcmp(argv[1], "--every") == 0 && strtol(argv[2], NULL, 10) > 0)
		every = strtol(argv[2], NULL, 10);
	if (argc == 1 || every > 1)
		return tell_all();
	for (only = 0; argc == 3 && only < KINDS; only++)
		if (strcmp(argv[1], kind_names[only]) == 0)
			break;
	if (argc != 3 || only == KINDS) {
		fprintf(stderr, "usage: fault-%s [--every NUMBER | io|full|cut|memory NUMBER]\n",
		        s->name);
		return 2;
	}
	only_at = strtol(argv[2], NULL, 10);
	is_memory_told = only == MEMORY;
	bool is_good = tell();
	printf("%s\n", is_good ? "good" : "wrong");
	return !is_good;
}
