/* Insides of reading a definition: definition.c (the document and its graph) and
 * definition_step.c (what one step may say). */
#ifndef TAKT_FLOW_DEFINITION_PRIV_H
#define TAKT_FLOW_DEFINITION_PRIV_H

#include "base/arena.h"
#include "codec/field.h"
#include "flow/definition.h"

enum { PLACE_MAX = 127 };

/* Reading one document.  `place` grows and shrinks with the walk; what does not fit is
 * cut, never overrun. */
struct reading {
	struct definition *d;
	struct arena *a;
	struct err *err;
	bool *waits; /* n × n: waits[i * n + j], step i waits for step j */
	size_t step; /* the step whose values are walked; n for the output */
	bool has_item, has_output;
	char place[PLACE_MAX + 1];
	size_t len;
};

/* Goes down by one token; returns what place_pop() wants to come back. */
size_t place_push(struct reading *r, struct str token);
size_t place_push_index(struct reading *r, size_t index);
void place_pop(struct reading *r, size_t was);
/* Puts the place of the walk behind the sentence that err_set() has just written. */
enum rc at_place(struct reading *r);
/* The same for one member below it. */
enum rc at_member(struct reading *r, const char *member);

/* A field table whose errors name the nearest member, at the place of the walk. */
enum rc read_members(struct reading *r, const struct field *fields, size_t n,
                     const struct json *object, void *into) MUST_USE;
/* [a-z][a-z0-9_-]* of at most 64 bytes: workflows and steps. */
bool is_name(struct str s);
enum rc check_name(struct reading *r, struct str name, const char *what) MUST_USE;

/* definition_step.c */
enum rc read_step(struct reading *r, const struct json *step, struct step_def *s) MUST_USE;

#endif
