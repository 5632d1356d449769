/* The real clocks and the real randomness: see env.h. */
#include <errno.h>
#include <sys/random.h>

#include "sys/env.h"

static int64_t system_mono_us(void *self)
{
	(void)self;
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t system_wall_ms(void *self)
{
	(void)self;
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void system_random(void *self, void *ret, size_t len)
{
	(void)self;
	char *to = ret;
	while (len) {
		ssize_t n = getrandom(to, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			abort(); /* without randomness no token is safe */
		to += n;
		len -= (size_t)n;
	}
}

const struct env env_system = {
	.mono_us = system_mono_us,
	.wall_ms = system_wall_ms,
	.random = system_random,
};
