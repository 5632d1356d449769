/* What the tests of the planner share: a text, its plan, and what that says. */
#ifndef TAKT_TESTS_UNIT_MAKERS_LESSON_PLANNED_H
#define TAKT_TESTS_UNIT_MAKERS_LESSON_PLANNED_H

#include "unit.h"

#include "base/arena.h"
#include "base/str.h"
#include "codec/json.h"
#include "makers/lesson/lesson.h"

struct made {
	struct arena *arena;
	struct buf out;
	struct err err;
	enum rc rc;
	const struct json *spec;
};

static inline struct made made_of(const char *name, struct str text, int64_t questions)
{
	struct made m = { .arena = arena_create(1 << 16), .out = BUF_INIT(8 << 20) };
	struct lesson_brief brief = { .name = str_z(name), .text = text, .questions = questions };
	m.rc = lesson_plan(m.arena, &brief, &m.out, &m.err);
	if (m.rc == RC_OK)
		ck_assert_ok(json_read(m.arena, buf_str(&m.out), NULL, &m.spec, &m.err));
	return m;
}

static inline void unmake(struct made *m)
{
	buf_fini(&m->out);
	arena_destroy(m->arena);
}

/* The spec's member of that name; empty when there is none. */
static inline struct str member(const struct made *m, const char *name)
{
	return json_get_str(m->spec, name, STR(""));
}

static inline bool says(const struct made *m, const char *what)
{
	return str_find(buf_str(&m->out), str_z(what), 0) != SIZE_MAX;
}

#endif
