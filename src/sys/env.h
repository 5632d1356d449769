/* Everything that may differ between two runs of the same input comes in here.
 *
 * Engine code reads clocks and randomness from a `struct env` and nothing else, and
 * reaches the disk through the SQLite VFS named here; so a simulator can replay it.
 */
#ifndef TAKT_SYS_ENV_H
#define TAKT_SYS_ENV_H

#include "base/base.h"

struct env {
	int64_t (*mono_us)(void *self);                    /* never goes back */
	int64_t (*wall_ms)(void *self);                    /* since 1970; may jump */
	void (*random)(void *self, void *ret, size_t len); /* unguessable */
	const char *sqlite_vfs;                            /* NULL: the system's */
	void *self;
};

extern const struct env env_system;

static inline int64_t env_mono_us(const struct env *e)
{
	return e->mono_us(e->self);
}

static inline int64_t env_mono_ms(const struct env *e)
{
	return e->mono_us(e->self) / 1000;
}

static inline int64_t env_wall_ms(const struct env *e)
{
	return e->wall_ms(e->self);
}

static inline void env_random(const struct env *e, void *ret, size_t len)
{
	e->random(e->self, ret, len);
}

#endif
