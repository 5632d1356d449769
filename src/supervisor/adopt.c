/* The children of a former program of this process: see supervisor.h, (7).  They are ours,
 * as the process is; they go on, and then are restarted one after the other. */
#include "supervisor/supervise_priv.h"

#include "sys/env.h"
#include "sys/replace.h"

static struct kid *place_of(struct supervision *s, const char *name)
{
	for (size_t i = 0; i < 1 + s->o->n_workers; i++)
		if (!s->kids[i].is_running && strcmp(s->kids[i].spec->name, name) == 0)
			return &s->kids[i];
	return NULL;
}

/* A child that no setting names any more is ended. */
static void adopt(struct supervision *s, const struct handover_child *child)
{
	struct kid *k = place_of(s, child->name);
	bool is_leaving = !k;
	if (child->pid <= 0)
		return;
	if (is_leaving) {
		static const struct child_spec former = { .name = "former worker" };
		k = &s->kids[s->n_kids++];
		k->spec = &former;
	}
	process_adopt(child->pid, &k->process);
	k->is_running = true;
	k->is_leaving = is_leaving;
	k->starts = child->starts;
	k->started_ms = env_mono_ms(&env_system);
	kid_watch_end(k);
	if (is_leaving)
		kid_tell_to_end(k);
}

/* What a former program of this process started goes on, then is restarted in turn. */
void supervise_take_over(struct supervision *s)
{
	s->is_ready = s->is_server_up = true;
	for (size_t i = 0; i < s->o->n_adopted; i++)
		adopt(s, &s->o->adopted[i]);
	for (size_t i = 0; i < 1 + s->o->n_workers; i++)
		if (!s->kids[i].is_running)
			kid_start(&s->kids[i]);
	if (s->is_server_up)
		restart_taken_over(s);
	else
		s->restart.asked = RESTART_ALL;
}
