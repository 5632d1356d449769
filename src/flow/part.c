/* The parts of large outputs that references want: see part.h.
 *
 * A part is wanted when a run would go on with it; asked for after the commit; here, or
 * failed, when the answer came.  What is here is a cache: too few places or a rollback only
 * mean that it is asked for again. */
#include "flow/part.h"

#include "flow/advance_priv.h"

/* --- Descriptors --- */

bool descriptor_read(const struct json *v, int64_t *ret_artifact, int64_t *ret_size)
{
	const struct json *id;
	if (!v || v->type != JSON_OBJECT || !(id = json_getz(v, "$artifact")) ||
	    id->type != JSON_STRING || id_parse("art", id->text, ret_artifact, NULL) != RC_OK)
		return false;
	*ret_size = json_get_int(v, "size", INT64_MAX);
	return true;
}

/* --- The cache --- */

static struct part *find(struct flow *f, int64_t run, int64_t step, struct str pointer)
{
	for (size_t i = 0; i < f->n_parts; i++) {
		struct part *p = &f->parts[i];
		if (p->run == run && p->step == step && str_eq(p->pointer, pointer))
			return p;
	}
	return NULL;
}

static void drop(struct flow *f, size_t i)
{
	arena_destroy(f->parts[i].arena);
	f->parts[i] = f->parts[--f->n_parts];
}

void parts_clear(struct flow *f)
{
	while (f->n_parts)
		drop(f, 0);
}

/* The one that was used longest ago, but none that this look has used. */
static void make_room(struct flow *f, uint64_t look)
{
	size_t oldest = SIZE_MAX;
	for (size_t i = 0; i < f->n_parts; i++)
		if (f->parts[i].used_at < look &&
		    (oldest == SIZE_MAX || f->parts[i].used_at < f->parts[oldest].used_at))
			oldest = i;
	if (oldest != SIZE_MAX)
		drop(f, oldest);
}

static enum rc want(struct advance *a, int64_t step, int64_t artifact, struct str pointer,
                    bool *ret_is_here, struct err *err)
{
	struct flow *f = a->f;
	struct part *p = find(f, a->run, step, pointer);
	if (!p && f->n_parts == PARTS_MAX)
		make_room(f, f->parts_look);
	if (!p && f->n_parts == PARTS_MAX)
		return err_set(err, CODE_TOO_LARGE,
		               "a step refers to at most %d parts of large outputs", PARTS_MAX);
	if (!p) {
		struct arena *arena = arena_create(1024);
		p = &f->parts[f->n_parts++];
		*p = (struct part){ .run = a->run,
			            .step = step,
			            .tenant = a->scope.tenant,
			            .artifact = artifact,
			            .arena = arena,
			            .pointer = str_dup(arena, pointer),
			            .state = PART_WANTED };
	}
	p->used_at = f->parts_look;
	*ret_is_here = p->state == PART_HERE;
	return RC_OK;
}

/* --- What a template wants --- */

bool reference_wants_part(const struct reference *r, int64_t size, bool is_whole_kept)
{
	return r->rest.len > 0 || (!is_whole_kept && size <= PART_BYTES_MAX);
}

static enum rc look_at_reference(struct advance *a, struct str pointer, bool is_whole_kept,
                                 bool *ret_is_ready, struct err *err)
{
	struct reference r;
	const struct json *output;
	int64_t artifact, size;
	bool is_here = true;
	if (!reference_parse(pointer, &r) || r.source != REFERENCE_STEP)
		return RC_OK;
	int64_t step = definition_find(a->d, r.step);
	if (!is_done(&a->steps[step]) || a->steps[step].state == STEP_SKIPPED)
		return RC_OK;
	enum rc rc = find_output(a, step, &output, err);
	if (rc == RC_OK && descriptor_read(output, &artifact, &size) &&
	    reference_wants_part(&r, size, is_whole_kept))
		rc = want(a, step, artifact, r.rest, &is_here, err);
	*ret_is_ready &= is_here;
	return rc;
}

/* As deep as the reader let the definition nest. */
static enum rc look(struct advance *a, const struct json *v, bool is_whole_kept, bool *ret_is_ready,
                    struct err *err)
{
	struct str pointer;
	enum rc rc = RC_OK;
	if (!v)
		return RC_OK;
	if (reference_is(v, &pointer))
		return look_at_reference(a, pointer, is_whole_kept, ret_is_ready, err);
	if (v->type != JSON_OBJECT && v->type != JSON_ARRAY)
		return RC_OK;
	for (const struct json *m = v->first; m && rc == RC_OK; m = m->next)
		rc = look(a, m, is_whole_kept, ret_is_ready, err);
	return rc;
}

static enum rc look_at_all(struct advance *a, const struct json *const *templates, size_t n,
                           bool is_whole_kept, bool *ret, struct err *err)
{
	enum rc rc = RC_OK;
	a->f->parts_look = ++a->f->parts_clock;
	*ret = true;
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = look(a, templates[i], is_whole_kept, ret, err);
	a->waits_for_part |= !*ret;
	return rc;
}

enum rc step_has_parts(struct advance *a, int64_t i, bool *ret, struct err *err)
{
	const struct step_def *d = &a->d->steps[i];
	const struct json *const templates[] = { d->when_value,  d->each,
		                                 d->input,       d->wait.timer_ms,
		                                 d->wait.until,  d->wait.match_value,
		                                 d->approve.show };
	return look_at_all(a, templates, ARRAY_LEN(templates), false, ret, err);
}

enum rc undo_has_parts(struct advance *a, int64_t i, bool *ret, struct err *err)
{
	const struct json *const templates[] = { a->d->steps[i].compensate.input,
		                                 a->d->steps[i].each };
	return look_at_all(a, templates, ARRAY_LEN(templates), false, ret, err);
}

enum rc end_has_parts(struct advance *a, bool *ret, struct err *err)
{
	return look_at_all(a, &a->d->output, 1, true, ret, err);
}

enum rc part_value(struct advance *a, int64_t step, struct str pointer, const struct json **ret,
                   struct err *err)
{
	const struct part *p = find(a->f, a->run, step, pointer);
	assert(p && p->state == PART_HERE); /* somebody has looked before */
	if (!p->value && is_own(p->why.rc))
		return err_set(err, p->why.code, "%s", p->why.text);
	if (!p->value) /* what is no longer there is the run's misfortune, not the store's */
		return err_set(err, CODE_BAD_REFERENCE, "a large output can't be read: %s",
		               p->why.text);
	*ret = p->value;
	return RC_OK;
}

/* --- Questions and answers --- */

static enum rc part_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct output_part *p = (struct output_part *)c;
	struct flow *f = c->owner;
	struct part *part = find(f, p->run, p->step, p->pointer);
	(void)tx;
	(void)err;
	f->has_due = true; /* the run is in the table */
	if (!part || part->state == PART_HERE)
		return RC_OK;
	arena_destroy(part->arena);
	part->arena = p->arena; /* its owner is the cache now */
	part->pointer = p->pointer;
	part->value = p->value;
	part->why = p->why;
	part->state = PART_HERE;
	p->is_taken = true;
	return RC_OK;
}

static void part_replied(struct loop_message *m)
{
	struct output_part *p = (struct output_part *)command_of_reply(m);
	if (!p->is_taken)
		arena_destroy(p->arena);
	free(p);
}

static void ask(struct flow *f, struct part *part)
{
	struct output_part *p = xcalloc(1, sizeof *p);
	p->arena = arena_create(1024);
	p->c = (struct command){ .apply = part_apply,
		                 .owner = f,
		                 .is_urgent = true,
		                 .scope = { part->tenant, 0, ROLE_AGENT } };
	p->c.reply.fn = part_replied;
	p->run = part->run;
	p->step = part->step;
	p->artifact = part->artifact;
	p->pointer = str_dup(p->arena, part->pointer);
	part->state = PART_ASKED;
	f->read_part(f->read_part_ctx, p);
}

void parts_ask(struct flow *f)
{
	for (size_t i = 0; i < f->n_parts; i++)
		if (f->parts[i].state == PART_WANTED)
			ask(f, &f->parts[i]);
}

void parts_want_again(struct flow *f)
{
	for (size_t i = 0; i < f->n_parts; i++)
		if (f->parts[i].state == PART_ASKED)
			f->parts[i].state = PART_WANTED;
}

void output_part_found(struct output_part *p, struct str text)
{
	const struct json_limits limits = { 2 << 20, 160, 1 << 20 };
	p->why = (struct err){ .rc = RC_OK };
	if (json_read(p->arena, str_dup(p->arena, text), &limits, &p->value, &p->why) != RC_OK)
		p->value = NULL;
}

void output_part_failed(struct output_part *p, const struct err *why)
{
	p->value = NULL;
	p->why = *why;
}
