/* See life.h. */
#include "life.h"

#include <stdio.h>

#include "fault.h"
#include "sim/chance.h"
#include "sim/disk.h"

struct life life;

enum { OPENINGS_MAX = 3 };

/* --- The environment --- */

static int64_t mono_us(void *self)
{
	return ((struct life *)self)->mono_us;
}

static int64_t wall_ms(void *self)
{
	return ((struct life *)self)->wall_ms;
}

static void fill(void *self, void *ret, size_t len)
{
	(void)self;
	for (size_t i = 0; i < len; i++)
		((unsigned char *)ret)[i] = (unsigned char)next_random();
}

static void on_fatal(void *ctx, const struct err *err)
{
	(void)err;
	((struct life *)ctx)->is_dead = true;
}

/* --- Life and death --- */

static bool open_engines(struct err *err)
{
	struct store_options so = { .folder = "d", .env = &life.env };
	if (store_open(&so, &life.store, err) != RC_OK)
		return false;
	struct writer_options wo = {
		.store = life.store, .env = &life.env, .fatal = on_fatal, .ctx = &life
	};
	if (writer_create(&wo, &life.writer, err) != RC_OK)
		return false;
	struct queue_options qo = { .store = life.store, .writer = life.writer, .env = &life.env };
	if (queue_create(&qo, &life.queue, err) != RC_OK)
		return false;
	struct flow_options fo = { .store = life.store,
		                   .queue = life.queue,
		                   .writer = life.writer };
	return flow_create(&fo, &life.flow, err) == RC_OK;
}

static void die(void)
{
	if (disk_is_dead(life.disk))
		disk_power_cut(life.disk);
	else
		disk_kill(life.disk);
	life.is_dead = false;
}

/* The process that could not open ends; the next one can. */
static void open_again(void)
{
	struct err err = { 0 };
	for (int i = 0; i < OPENINGS_MAX; i++) {
		if (open_engines(&err))
			return;
		die();
	}
	fprintf(stderr, "%s\n", err.text);
	life.complain("the store does not open");
	exit(1); /* nothing more can be told */
}

static void look(bool is_new)
{
	fault_hold(true);
	life.look(is_new);
	fault_hold(false);
}

void life_settle(void)
{
	bool is_over = life.is_dead || disk_is_dead(life.disk);
	if (is_over) {
		die();
		open_again();
	}
	if (fault_was() || is_over)
		look(is_over);
}

enum rc life_batch(struct command *c)
{
	if (c)
		c->node.next = NULL;
	writer_batch(life.writer, c);
	return c ? c->rc : RC_OK;
}

void life_sleep(int64_t ms)
{
	life.mono_us += ms * 1000;
	life.wall_ms += ms;
}

int64_t life_now_ms(void)
{
	return writer_now_ms(life.writer);
}

void life_begin(struct disk *disk, void (*on_look)(bool is_new),
                void (*on_complaint)(const char *what))
{
	chance_begin(1);
	life = (struct life){ .disk = disk,
		              .mono_us = 1,
		              .wall_ms = 1790000000000,
		              .look = on_look,
		              .complain = on_complaint };
	life.env = (struct env){ .mono_us = mono_us,
		                 .wall_ms = wall_ms,
		                 .random = fill,
		                 .sqlite_vfs = "sim",
		                 .self = &life };
	life.scope = (struct scope){ .tenant = 1, .actor = 1, .role = ROLE_OWNER };
	open_again();
	life_settle();
}
