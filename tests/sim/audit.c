/* The auditor: see audit.h. */
#include "audit.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/store.h"

void audit_complain(struct audit *a, const char *what, int64_t about)
{
	if (a->complaint)
		return;
	a->complaint = what;
	a->about = about;
}

static bool is_end(enum task_state s)
{
	return s >= TASK_SUCCEEDED;
}

static int64_t number_of(const struct task *t)
{
	int64_t n;
	return str_to_i64(t->input, &n) == RC_OK ? n : -1;
}

static void check_present(struct audit *a, int64_t n, const struct task *t, bool *seen)
{
	struct belief *b = &a->tasks[n];
	if (seen[n])
		audit_complain(a, "stored twice", n);
	seen[n] = true;
	if (b->submitted == KNOWN_NO)
		audit_complain(a, "a task that nobody submitted", n);
	if (b->submitted == KNOWN_YES && b->id != t->id)
		audit_complain(a, "another id than was acknowledged", n);
	b->submitted = KNOWN_YES;
	b->id = t->id;
	if (t->attempt < b->attempt)
		audit_complain(a, "an acknowledged lease is forgotten", n);
	if (is_end(t->state)) {
		if (b->ended == KNOWN_YES && b->end != t->state)
			audit_complain(a, "ended otherwise than acknowledged", n);
		if (!(b->may_end & (1u << t->state)))
			audit_complain(a, "ended unasked", n);
		b->ended = KNOWN_YES;
		b->end = t->state;
	} else if (b->ended == KNOWN_YES) {
		audit_complain(a, "an acknowledged ending is forgotten", n);
	} else {
		b->ended = KNOWN_NO;
	}
}

static void check_tasks(struct audit *a, struct queue *q, struct scope scope, struct arena *arena,
                        int64_t *ret_ended)
{
	bool *seen = arena_new(arena, bool, AUDIT_TASKS_MAX);
	struct task_filter f = { .state = -1, .limit = 200 };
	struct task *list;
	size_t n = 0;
	do {
		if (task_list(q, scope, &f, arena, &list, &n, NULL) != RC_OK) {
			audit_complain(a, "the list can't be read", 0);
			return;
		}
		for (size_t i = 0; i < n; i++) {
			struct task t;
			if (task_get(q, scope, list[i].id, arena, &t, NULL) != RC_OK)
				audit_complain(a, "a listed task can't be read", list[i].id);
			int64_t number = number_of(&t);
			if (number < 0 || (size_t)number >= a->n)
				audit_complain(a, "a task that is none of ours", t.id);
			else
				check_present(a, number, &t, seen);
			*ret_ended += is_end(t.state);
			f.before = t.id;
		}
	} while (n == f.limit && !a->complaint);
	for (size_t i = 0; i < a->n && !a->complaint; i++) {
		if (a->tasks[i].submitted == KNOWN_YES && !seen[i])
			audit_complain(a, "an acknowledged submit is forgotten", (int64_t)i);
		if (!seen[i])
			a->tasks[i].submitted = KNOWN_NO;
	}
}

static void check_events(struct audit *a, struct store *s, struct scope scope, struct arena *arena,
                         int64_t ended)
{
	struct event_filter f = { .limit = 1000 };
	struct event *events;
	size_t n = 0;
	int64_t endings = 0;
	do {
		if (event_read(s, scope, &f, arena, &events, &n, NULL) != RC_OK) {
			audit_complain(a, "the events can't be read", 0);
			return;
		}
		for (size_t i = 0; i < n; i++) {
			if (events[i].seq != ++f.after)
				audit_complain(a, "the events are not dense", f.after);
			endings += str_eqz(events[i].type, "task.succeeded") ||
			           str_eqz(events[i].type, "task.failed") ||
			           str_eqz(events[i].type, "task.cancelled");
		}
	} while (n == f.limit && !a->complaint);
	if (endings != ended)
		audit_complain(a, "endings and ending events differ in number", endings - ended);
}

void audit_all(struct audit *a, struct queue *q, struct store *s, struct scope scope)
{
	AUTO(arena_destroyp) struct arena *arena = arena_create(1 << 16);
	int64_t ended = 0;
	check_tasks(a, q, scope, arena, &ended);
	if (!a->complaint)
		check_events(a, s, scope, arena, ended);
}
