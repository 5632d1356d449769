/* See seeds.h. */
#include "seeds.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chance.h"

enum { OPERATIONS_DEFAULT = 1000, AGAIN_EVERY = 25 };

static unsigned long long operations_said;

struct outcome {
	bool is_good;
	uint64_t trace;
	unsigned long long said;
};

static struct outcome tell(const struct story *s, uint64_t seed, int operations, bool does_lie)
{
	struct told t = s->tell(seed, operations, does_lie);
	if (t.complaint && !does_lie)
		fprintf(stderr, "seed %llu: %s (%lld); replay: %s %llu %llu %d\n",
		        (unsigned long long)seed, t.complaint, t.about, s->name,
		        (unsigned long long)seed, (unsigned long long)seed, operations);
	return (struct outcome){ !t.complaint, trace_sum(), t.said };
}

static struct outcome tell_in_child(const struct story *s, uint64_t seed, int operations,
                                    bool does_lie)
{
	int pipe_fds[2];
	struct outcome o = { .is_good = false };
	if (pipe(pipe_fds) != 0)
		abort();
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		o = tell(s, seed, operations, does_lie);
		if (write(pipe_fds[1], &o, sizeof o) != sizeof o)
			abort();
		exit(0); /* so that its counts are kept: tools/coverage */
	}
	close(pipe_fds[1]);
	if (read(pipe_fds[0], &o, sizeof o) != sizeof o) {
		o = (struct outcome){ .is_good = false };
		fprintf(stderr, "seed %llu: the process died; replay: %s %llu %llu %d\n",
		        (unsigned long long)seed, s->name, (unsigned long long)seed,
		        (unsigned long long)seed, operations);
	}
	close(pipe_fds[0]);
	waitpid(pid, NULL, 0);
	operations_said += o.said;
	return o;
}

/* Some seeds twice: the same seed must tell the same story. */
static bool is_good(const struct story *s, uint64_t seed, int operations, bool does_lie)
{
	struct outcome o = tell_in_child(s, seed, operations, does_lie);
	if (!o.is_good || seed % AGAIN_EVERY != 0)
		return o.is_good;
	if (tell_in_child(s, seed, operations, does_lie).trace == o.trace)
		return true;
	fprintf(stderr, "seed %llu: two runs differ\n", (unsigned long long)seed);
	return false;
}

static int run_range(const struct story *s, uint64_t from, uint64_t to, int operations,
                     bool does_lie)
{
	int passed = 0, failed = 0;
	for (uint64_t seed = from; seed <= to; seed++)
		*(is_good(s, seed, operations, does_lie) ? &passed : &failed) += 1;
	printf("%llu operations\n", operations_said);
	if (does_lie) { /* a lying disk must be found out by most seeds */
		printf("a disk that lies: found out by %d of %d seeds\n", failed, passed + failed);
		bool is_found = failed * 2 > passed;
		printf("%d passed, %d failed\n", is_found, !is_found);
		return !is_found;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}

static int run_one(const struct story *s, uint64_t seed)
{
	struct told t = s->tell(seed, OPERATIONS_DEFAULT, false);
	printf("seed %llu: %s (%lld), %llu operations, %llu things, %llu disk operations, "
	       "trace %016llx\n",
	       (unsigned long long)seed, t.complaint ? t.complaint : "good", t.about, t.said,
	       t.things, t.ops, (unsigned long long)trace_sum());
	return t.complaint != NULL;
}

int seeds_main(const struct story *s, int argc, char **argv)
{
	bool does_lie = argc > 1 && strcmp(argv[1], "--lie") == 0;
	char **args = argv + 1 + does_lie;
	int n = argc - 1 - does_lie;
	if (n < 1 || n > 3) {
		fprintf(stderr, "usage: %s SEED | %s [--lie] FROM TO [OPERATIONS]\n", s->name,
		        s->name);
		return 2;
	}
	uint64_t from = strtoull(args[0], NULL, 10);
	/* A world takes memory and gives it back all the time, and the system is slow at that. */
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_TOP_PAD, 4 << 20);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	s->begin();
	if (n == 1)
		return run_one(s, from);
	return run_range(s, from, strtoull(args[1], NULL, 10),
	                 n == 3 ? (int)strtol(args[2], NULL, 10) : OPERATIONS_DEFAULT, does_lie);
}
