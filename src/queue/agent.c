/* Agents in memory: see agent.h.
 *
 * All of them are there, by name and by id, and in a heap by when somebody has to look at
 * them.  A look that comes too early costs little and one that comes too late would be wrong,
 * so a sign of life moves nothing in the heap: the look finds out and puts itself off.
 *
 * tests/unit/queue/test_agents.c checks that memory follows the transaction.
 */
#include "queue/agent_priv.h"
#include "queue/queue_priv.h"

enum { KEPT_CAP_MAX = 256 };

/* --- The heap --- */

static void put(struct agents *s, size_t place, struct agent *a)
{
	s->heap[place] = a;
	a->place = place;
}

static void sift_up(struct agents *s, struct agent *a)
{
	size_t i = a->place;
	while (i > 0 && s->heap[(i - 1) / 2]->look_ms > a->look_ms) {
		put(s, i, s->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(s, i, a);
}

static void sift_down(struct agents *s, struct agent *a)
{
	size_t i = a->place;
	for (;;) {
		size_t child = 2 * i + 1;
		if (child + 1 < s->n && s->heap[child + 1]->look_ms < s->heap[child]->look_ms)
			child++;
		if (child >= s->n || s->heap[child]->look_ms >= a->look_ms)
			break;
		put(s, i, s->heap[child]);
		i = child;
	}
	put(s, i, a);
}

void agent_look(struct queue *q, struct agent *a, int64_t at_ms)
{
	a->look_ms = at_ms;
	sift_up(&q->agents, a);
	sift_down(&q->agents, a);
}

static void heap_add(struct agents *s, struct agent *a)
{
	if (s->n == s->cap_heap) {
		s->cap_heap = s->cap_heap ? s->cap_heap * 2 : 64;
		s->heap = xrealloc(s->heap, s->cap_heap * sizeof(struct agent *));
	}
	put(s, s->n++, a);
	sift_up(s, a);
}

static void heap_remove(struct agents *s, struct agent *a)
{
	struct agent *last = s->heap[--s->n];
	if (last == a)
		return;
	put(s, a->place, last);
	sift_up(s, last);
	sift_down(s, last);
}

/* --- By name and id --- */

static struct agent **bucket_of_name(struct agents *s, int64_t tenant, struct str name)
{
	uint64_t h = agent_hash((uint64_t)tenant, name);
	return &s->by_name[(h ^ (h >> 32)) & (AGENT_BUCKETS - 1)];
}

/* Ids carry milliseconds above 22 bits of server and counter: both parts differ. */
static struct agent **bucket_of_id(struct agents *s, int64_t id)
{
	uint64_t h = (uint64_t)id * 0x9E3779B97F4A7C15u;
	return &s->by_id[h >> 32 & (AGENT_BUCKETS - 1)];
}

struct str agent_name(const struct agent *a)
{
	return (struct str){ a->name, a->name_len };
}

struct agent *agent_find(const struct queue *q, int64_t tenant, struct str name)
{
	struct agents *s = (struct agents *)&q->agents;
	for (struct agent *a = *bucket_of_name(s, tenant, name); a; a = a->next_by_name)
		if (a->tenant == tenant && !a->is_removed && str_eq(agent_name(a), name))
			return a;
	return NULL;
}

struct agent *agent_of_id(const struct queue *q, int64_t id)
{
	struct agents *s = (struct agents *)&q->agents;
	for (struct agent *a = id ? *bucket_of_id(s, id) : NULL; a; a = a->next_by_id)
		if (a->id == id && !a->is_removed)
			return a;
	return NULL;
}

int64_t agents_count(const struct queue *q, int64_t tenant)
{
	const int64_t *n = imap_get(&q->agents.of_tenant, tenant);
	return n ? *n : 0;
}

static void count_states(struct agents *s, const struct agent_facts *f, int n)
{
	s->n_state[f->state] += n;
	s->n_draining += f->is_draining && f->state < AGENT_SILENT ? n : 0;
}

static void link_in(struct queue *q, struct agent *a)
{
	struct agents *s = &q->agents;
	struct agent **name = bucket_of_name(s, a->tenant, agent_name(a));
	struct agent **id = bucket_of_id(s, a->id);
	a->next_by_name = *name;
	*name = a;
	a->next_by_id = *id;
	*id = a;
	heap_add(s, a);
	++*imap_put(&s->of_tenant, a->tenant);
}

static void link_out(struct queue *q, struct agent *a)
{
	struct agents *s = &q->agents;
	struct agent **name = bucket_of_name(s, a->tenant, agent_name(a));
	struct agent **id = bucket_of_id(s, a->id);
	while (*name != a)
		name = &(*name)->next_by_name;
	*name = a->next_by_name;
	while (*id != a)
		id = &(*id)->next_by_id;
	*id = a->next_by_id;
	heap_remove(s, a);
	--*imap_put(&s->of_tenant, a->tenant);
}

static void free_agent(struct agent *a)
{
	free(a->kinds);
	free(a);
}

/* --- Changing and putting back --- */

static void keep_in(struct agents_kept *list, struct agent *a)
{
	if (list->n == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 64;
		list->v = xrealloc(list->v, list->cap * sizeof *list->v);
	}
	list->v[list->n++] = (struct agent_kept){ a, a->s };
}

/* What a crowd needed in one batch is given back. */
static void forget_kept(struct agents_kept *list)
{
	list->n = 0;
	if (list->cap <= KEPT_CAP_MAX)
		return;
	free(list->v);
	*list = (struct agents_kept){ 0 };
}

static void keep(struct queue *q, struct agent *a)
{
	if (!a->is_touched)
		keep_in(&q->agents.touched, a);
	a->is_touched = true;
	if (a->kept_in == q->command_serial)
		return;
	keep_in(&q->agents.kept, a);
	a->kept_in = q->command_serial;
}

struct agent_facts *agent_change_row(struct queue *q, struct agent *a)
{
	keep(q, a);
	a->is_row_dirty = true;
	return &a->s;
}

struct agent_facts *agent_change_work(struct queue *q, struct agent *a)
{
	keep(q, a);
	a->is_work_dirty = true;
	return &a->s;
}

static struct agent *make(struct queue *q, int64_t id, int64_t tenant, struct str name,
                          const struct agent_facts *facts, int64_t now_ms)
{
	struct agent *a = xcalloc(1, sizeof *a + name.len);
	a->id = id;
	a->tenant = tenant;
	memcpy(a->name, name.ptr, name.len);
	a->name_len = name.len;
	a->s = *facts;
	a->seen_ms = now_ms;
	a->look_ms = now_ms; /* the look finds out when it is due */
	link_in(q, a);
	return a;
}

struct agent *agent_add(struct queue *q, int64_t id, int64_t tenant, struct str name,
                        const struct agent_facts *facts, int64_t now_ms)
{
	struct agent *a = make(q, id, tenant, name, facts, now_ms);
	a->made_in = q->command_serial;
	keep(q, a);
	return a;
}

void agent_drop(struct queue *q, struct agent *a)
{
	keep(q, a);
	a->is_removed = true;
}

void agents_command_begins(struct queue *q)
{
	q->agents.kept.n = 0;
}

/* What it said it performs may not stand on the disk any more: it is learnt again. */
static void forget_kinds(struct agent *a)
{
	a->n_kinds = 0;
	a->asked = 0;
}

void agents_command_undone(struct queue *q)
{
	struct agents *s = &q->agents;
	while (s->kept.n) {
		const struct agent_kept *k = &s->kept.v[--s->kept.n];
		k->agent->s = k->facts;
		k->agent->is_removed = k->agent->made_in == q->command_serial;
		forget_kinds(k->agent);
		agent_look(q, k->agent, 0);
	}
}

static void settle_one(struct queue *q, const struct agent_kept *before, bool is_committed)
{
	struct agents *s = &q->agents;
	struct agent *a = before->agent;
	bool was_there = !a->made_in;
	bool is_over = is_committed ? a->is_removed : !was_there;
	if (is_committed && was_there)
		count_states(s, &before->facts, -1);
	if (is_committed && !is_over)
		count_states(s, &a->s, 1);
	if (is_over) {
		link_out(q, a);
		free_agent(a);
		return;
	}
	if (!is_committed) {
		a->s = before->facts;
		forget_kinds(a);
		agent_look(q, a, 0);
	}
	a->made_in = a->kept_in = 0;
	a->is_touched = a->is_row_dirty = a->is_work_dirty = a->is_removed = false;
}

void agents_settle(struct queue *q, bool is_committed)
{
	struct agents *s = &q->agents;
	forget_kept(&s->kept);
	if (!s->touched.n)
		return;
	for (size_t i = 0; i < s->touched.n; i++)
		settle_one(q, &s->touched.v[i], is_committed);
	forget_kept(&s->touched);
	count_set(COUNT_AGENTS_LIVE, s->n_state[AGENT_STARTING] + s->n_state[AGENT_LIVE]);
	count_set(COUNT_AGENTS_SILENT, s->n_state[AGENT_SILENT]);
	count_set(COUNT_AGENTS_GONE, s->n_state[AGENT_GONE]);
	count_set(COUNT_AGENTS_DRAINING, s->n_draining);
}

void agents_fini(struct queue *q)
{
	struct agents *s = &q->agents;
	for (size_t i = 0; i < s->n; i++)
		free_agent(s->heap[i]);
	free(s->heap);
	free(s->touched.v);
	free(s->kept.v);
	imap_fini(&s->of_tenant);
}

/* --- On the disk --- */

static enum rc save_row(struct tx *tx, struct agent *a, struct err *err)
{
	const struct agent_facts *s = &a->s;
	if (!a->is_row_dirty)
		return RC_OK;
	a->is_row_dirty = false;
	return DB_RUN(tx->db, SQL_AGENT_SAVE, err, BIND_INT(a->tenant), BIND_INT(a->id),
	              BIND_INT(s->state), BIND_INT(s->is_draining), BIND_INT(s->since_ms),
	              BIND_INT(a->seen_ms), BIND_INT(s->down_ms), BIND_INT(s->recoveries),
	              BIND_INT(s->recovery_ms), BIND_INT(s->changes));
}

static enum rc save_work(struct tx *tx, struct agent *a, struct err *err)
{
	const struct agent_facts *s = &a->s;
	const struct agent_counts *c = &s->counts;
	if (!a->is_work_dirty)
		return RC_OK;
	a->is_work_dirty = false;
	return DB_RUN(tx->db, SQL_AGENT_WORK_SAVE, err, BIND_INT(a->tenant), BIND_INT(a->id),
	              BIND_INT(s->held), BIND_INT(c->succeeded), BIND_INT(c->failed),
	              BIND_INT(c->timed_out), BIND_INT(c->lost), BIND_INT(c->returned),
	              BIND_INT(c->cancelled), BIND_INT(s->duration_ms), BIND_INT(s->failing_ppm),
	              BIND_INT(s->losing_ppm), bind_opt_int(s->first_ms));
}

enum rc agents_flush(struct queue *q, struct tx *tx, struct err *err)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; i < q->agents.touched.n && rc == RC_OK; i++) {
		struct agent *a = q->agents.touched.v[i].agent;
		if (a->is_removed)
			continue;
		rc = save_row(tx, a, err);
		if (rc == RC_OK)
			rc = save_work(tx, a, err);
	}
	return rc;
}

static void load_one(struct queue *q, const struct rows *rows, int64_t now_ms)
{
	struct agent_facts f = { .state = (enum agent_state)rows_int(rows, 3),
		                 .is_draining = rows_int(rows, 4) != 0,
		                 .is_implicit = rows_int(rows, 5) != 0 };
	int64_t *const numbers[] = {
		&f.capacity,
		&f.timeout_ms,
		&f.silent_after_ms,
		&f.registered_ms,
		&f.since_ms,
		&f.down_ms,
		&f.recoveries,
		&f.recovery_ms,
		&f.changes,
		&f.registration,
		&f.held,
		&f.counts.succeeded,
		&f.counts.failed,
		&f.counts.timed_out,
		&f.counts.lost,
		&f.counts.returned,
		&f.counts.cancelled,
		&f.duration_ms,
		&f.failing_ppm,
		&f.losing_ppm,
		&f.first_ms,
	};
	for (int i = 0; i < (int)ARRAY_LEN(numbers); i++)
		*numbers[i] = rows_int(rows, 6 + i);
	make(q, rows_int(rows, 0), rows_int(rows, 1), rows_str(rows, 2), &f, now_ms);
	count_states(&q->agents, &f, 1);
}

enum rc agents_load(struct queue *q, struct err *err)
{
	struct rows rows;
	struct db *db = store_writer_db(q->store);
	int64_t now_ms = writer_now_ms(q->writer);
	db_query(db, SQL_AGENT_LOAD, NULL, 0, &rows, err);
	while (rows_next(&rows)) {
		if (rows_int(&rows, 3) < 0 || rows_int(&rows, 3) >= AGENT_STATES)
			continue; /* of a newer kind: not touched */
		load_one(q, &rows, now_ms);
	}
	return rows_end(&rows, err);
}
