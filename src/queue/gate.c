/* Gates: see gate.h. */
#include "queue/gate.h"

#include "queue/queue_priv.h"

enum { OPEN_SLICE = 100, GATE_DUE_SLICE = 50 };

/* --- In memory --- */

static size_t bucket_of(int64_t tenant, enum gate_space space, struct str name)
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)tenant ^ ((uint64_t)space << 56);
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.ptr[i]) * 1099511628211u; /* FNV-1a */
	return (size_t)(h ^ (h >> 32)) & (GATE_BUCKETS - 1);
}

static struct str name_of(const struct gate *g)
{
	return (struct str){ g->name, g->name_len };
}

static struct gate *find(const struct queue *q, int64_t tenant, enum gate_space space,
                         struct str name)
{
	for (struct gate *g = q->gates[bucket_of(tenant, space, name)]; g; g = g->next_in_bucket)
		if (g->tenant == tenant && g->space == space && str_eq(name_of(g), name))
			return g;
	return NULL;
}

static struct gate *add(struct queue *q, int64_t tenant, enum gate_space space, struct str name)
{
	struct gate *g = xcalloc(1, sizeof *g);
	struct gate **bucket = &q->gates[bucket_of(tenant, space, name)];
	g->tenant = tenant;
	g->space = space;
	g->name = xstrndup(name.ptr, name.len);
	g->name_len = name.len;
	g->next_in_bucket = *bucket;
	*bucket = g;
	q->n_gates++;
	return g;
}

static void forget_all(struct queue *q)
{
	for (size_t i = 0; i < GATE_BUCKETS; i++) {
		while (q->gates[i]) {
			struct gate *g = q->gates[i];
			q->gates[i] = g->next_in_bucket;
			free(g->name);
			free(g);
		}
	}
	q->n_gates = 0;
	q->gates_dirty = q->gates_opening = NULL;
	q->n_kept = 0;
}

/* Every change goes through here. */
static struct gate_state *change(struct queue *q, struct gate *g)
{
	if (g->kept_in != q->command_serial) {
		if (q->n_kept == q->cap_kept) {
			q->cap_kept = q->cap_kept ? q->cap_kept * 2 : 64;
			q->kept = xrealloc(q->kept, q->cap_kept * sizeof *q->kept);
		}
		q->kept[q->n_kept++] = (struct gate_kept){ g, g->s };
		g->kept_in = q->command_serial;
	}
	if (!g->is_dirty) {
		g->is_dirty = true;
		g->next_dirty = q->gates_dirty;
		q->gates_dirty = g;
	}
	return &g->s;
}

void gates_command_begins(struct queue *q)
{
	q->command_serial++;
	q->n_kept = 0;
}

void gates_command_undone(struct queue *q)
{
	while (q->n_kept) {
		const struct gate_kept *k = &q->kept[--q->n_kept];
		k->gate->s = k->state;
	}
}

void gates_settle(struct queue *q, bool is_committed)
{
	if (!is_committed || q->n_gates > GATES_MAX)
		forget_all(q);
	q->budget = BUDGET;
}

void gates_fini(struct queue *q)
{
	forget_all(q);
	free(q->kept);
}

/* --- On the disk --- */

enum rc gate_state_read(struct db *db, int64_t tenant, enum gate_space space, struct str name,
                        struct gate_state *s, struct err *err)
{
	struct rows rows;
	DB_QUERY(db, SQL_GATE_LOAD, &rows, err, BIND_INT(tenant), BIND_INT(space), BIND_STR(name));
	if (rows_next(&rows)) {
		int64_t *const numbers[] = { &s->scheduled, &s->blocked, &s->ready,
			                     &s->leased,    &s->waiting, &s->held,
			                     &s->max,       &s->credit,  &s->credit_ms };
		for (int i = 0; i < (int)ARRAY_LEN(numbers); i++)
			*numbers[i] = rows_int(&rows, i);
	}
	return rows_end(&rows, err);
}

static enum rc find_or_load(struct queue *q, struct tx *tx, int64_t tenant, enum gate_space space,
                            struct str name, struct gate **ret, struct err *err)
{
	struct gate *g = find(q, tenant, space, name);
	if (!g) {
		bool has_settings;
		struct gate_state fresh = { 0 };
		enum rc rc = gate_state_read(tx->db, tenant, space, name, &fresh, err);
		if (rc == RC_OK && space == GATE_QUEUE_SPACE)
			rc = queue_settings_read(tx->db, tenant, name, &fresh.settings,
			                         &has_settings, err);
		if (rc != RC_OK)
			return rc;
		g = add(q, tenant, space, name);
		g->s = fresh;
	}
	*ret = g;
	return RC_OK;
}

enum rc gates_find(struct queue *q, struct tx *tx, int64_t tenant, struct str queue, struct str key,
                   struct gates *ret, struct err *err)
{
	struct gates g = { 0 };
	enum rc rc = find_or_load(q, tx, tenant, GATE_QUEUE_SPACE, queue, &g.queue, err);
	if (rc == RC_OK && key.len)
		rc = find_or_load(q, tx, tenant, GATE_KEY_SPACE, key, &g.key, err);
	if (rc == RC_OK)
		*ret = g;
	return rc;
}

static enum rc save_day(struct tx *tx, struct gate *g, struct err *err)
{
	static const int64_t day_ms = INT64_C(24) * 3600 * 1000;
	struct gate_state *s = &g->s;
	if (!s->succeeded && !s->failed && !s->cancelled)
		return RC_OK;
	enum rc rc =
	        DB_RUN(tx->db, SQL_QUEUE_DAY_ADD, err, BIND_INT(g->tenant), BIND_STR(name_of(g)),
	               BIND_INT(tx->now_ms / day_ms), BIND_INT(s->succeeded), BIND_INT(s->failed),
	               BIND_INT(s->cancelled), BIND_INT(s->duration_ms));
	s->succeeded = s->failed = s->cancelled = s->duration_ms = 0;
	return rc;
}

/* When time, and nothing else, has to look at this gate again. */
static int64_t due_of(const struct gate *g, int64_t now_ms)
{
	if (!g->s.waiting)
		return 0;
	if (gate_room(&g->s, g->space, now_ms) > 0)
		return now_ms; /* the batch's budget was used up */
	int64_t next_ms = gate_next_ms(&g->s, g->space, now_ms);
	return next_ms == INT64_MAX ? 0 : next_ms;
}

static enum rc save(struct tx *tx, struct gate *g, struct err *err)
{
	const struct gate_state *s = &g->s;
	if (g->space == GATE_KEY_SPACE && !s->held && !s->waiting)
		return DB_RUN(tx->db, SQL_GATE_DELETE, err, BIND_INT(g->tenant), BIND_INT(g->space),
		              BIND_STR(name_of(g)));
	return DB_RUN(tx->db, SQL_GATE_SAVE, err, BIND_INT(g->tenant), BIND_INT(g->space),
	              BIND_STR(name_of(g)), BIND_INT(s->scheduled), BIND_INT(s->blocked),
	              BIND_INT(s->ready), BIND_INT(s->leased), BIND_INT(s->waiting),
	              BIND_INT(s->held), BIND_INT(s->max), BIND_INT(s->credit),
	              BIND_INT(s->credit_ms), bind_opt_int(due_of(g, tx->now_ms)));
}

enum rc gates_flush(struct queue *q, struct tx *tx, struct err *err)
{
	enum rc rc = RC_OK;
	while (q->gates_dirty && rc == RC_OK) {
		struct gate *g = q->gates_dirty;
		q->gates_dirty = g->next_dirty;
		g->is_dirty = false;
		rc = save(tx, g, err);
		if (rc == RC_OK)
			rc = save_day(tx, g, err);
	}
	return rc;
}

/* --- Room --- */

static bool has_rate(const struct gate_state *s)
{
	return s->settings.rate_n > 0;
}

static int64_t credit_at(const struct gate_state *s, int64_t now_ms)
{
	const struct queue_settings *k = &s->settings;
	int64_t most = (k->rate_burst ? k->rate_burst : k->rate_n) * k->rate_period_ms;
	int64_t elapsed_ms = int64_max(now_ms - s->credit_ms, 0);
	if (elapsed_ms > most / k->rate_n)
		return most;
	return int64_min(s->credit + elapsed_ms * k->rate_n, most);
}

int64_t gate_room(const struct gate_state *s, enum gate_space space, int64_t now_ms)
{
	if (space == GATE_KEY_SPACE)
		return s->max - s->held;
	int64_t room = INT64_MAX;
	if (s->settings.is_paused)
		return 0;
	if (s->settings.concurrency_max)
		room = s->settings.concurrency_max - s->ready - s->leased;
	if (has_rate(s))
		room = int64_min(room,
		                 credit_at(s, now_ms) / s->settings.rate_period_ms - s->ready);
	return room;
}

int64_t gate_next_ms(const struct gate_state *s, enum gate_space space, int64_t now_ms)
{
	const struct queue_settings *k = &s->settings;
	if (space == GATE_KEY_SPACE || k->is_paused || !has_rate(s))
		return INT64_MAX;
	if (k->concurrency_max && s->ready + s->leased >= k->concurrency_max)
		return INT64_MAX;
	int64_t most = (k->rate_burst ? k->rate_burst : k->rate_n) * k->rate_period_ms;
	int64_t wanted = (s->ready + 1) * k->rate_period_ms;
	if (wanted > most)
		return INT64_MAX; /* those that are ready have to start first */
	int64_t missing = wanted - credit_at(s, now_ms);
	return missing <= 0 ? now_ms : now_ms + (missing + k->rate_n - 1) / k->rate_n;
}

int64_t gate_depth(const struct gate *g)
{
	return g->s.scheduled + g->s.blocked + g->s.ready;
}

bool gates_may_lease(struct gates g, int64_t now_ms)
{
	const struct gate_state *s = &g.queue->s;
	if (s->settings.is_paused)
		return false;
	if (s->settings.concurrency_max && s->leased >= s->settings.concurrency_max)
		return false;
	return !has_rate(s) || credit_at(s, now_ms) >= s->settings.rate_period_ms;
}

/* --- Coming and going --- */

static void open_later(struct queue *q, struct gate *g)
{
	if (!g || g->is_opening || !g->s.waiting)
		return;
	g->is_opening = true;
	g->next_opening = q->gates_opening;
	q->gates_opening = g;
}

static bool may_pass(const struct gate *g, int64_t now_ms)
{
	return !g->s.waiting && gate_room(&g->s, g->space, now_ms) > 0;
}

/* Before its queue's gate, the key's behind it. */
static enum gate_place pass_queue(struct queue *q, struct gate *g, int64_t now_ms)
{
	bool may = may_pass(g, now_ms);
	struct gate_state *s = change(q, g);
	*(may ? &s->ready : &s->blocked) += 1;
	s->waiting += !may;
	open_later(q, g);
	return may ? GATE_NOWHERE : GATE_AT_QUEUE;
}

/* The newcomer says how many of its key may be under way: a key that nobody holds is
 * not remembered. */
static void set_max(struct queue *q, struct gate *key, int64_t max)
{
	if (key->s.max == max)
		return;
	change(q, key)->max = max;
	open_later(q, key);
}

void gates_enter(struct queue *q, struct tx *tx, struct gates g, int64_t key_max,
                 enum task_state *ret_state, enum gate_place *ret_place)
{
	if (g.key)
		set_max(q, g.key, int64_max(key_max, 1) + PLANTED(key_without_places));
	if (g.key && !may_pass(g.key, tx->now_ms)) {
		change(q, g.key)->waiting++;
		change(q, g.queue)->blocked++;
		open_later(q, g.key);
		*ret_place = GATE_AT_KEY;
	} else {
		if (g.key)
			change(q, g.key)->held++;
		*ret_place = pass_queue(q, g.queue, tx->now_ms);
	}
	*ret_state = *ret_place == GATE_NOWHERE ? TASK_READY : TASK_BLOCKED;
}

void gates_leave(struct queue *q, struct gates g, enum task_state state, enum gate_place place)
{
	struct gate_state *s = change(q, g.queue);
	s->scheduled -= state == TASK_SCHEDULED;
	s->blocked -= state == TASK_BLOCKED;
	s->ready -= state == TASK_READY;
	s->leased -= state == TASK_LEASED;
	s->waiting -= place == GATE_AT_QUEUE;
	open_later(q, g.queue);
	if (!g.key || state == TASK_SCHEDULED)
		return;
	struct gate_state *k = change(q, g.key);
	*(place == GATE_AT_KEY ? &k->waiting : &k->held) -= 1;
	open_later(q, g.key);
}

void gates_scheduled(struct queue *q, struct gates g, int64_t n)
{
	change(q, g.queue)->scheduled += n;
}

void gates_leased(struct queue *q, struct tx *tx, struct gates g)
{
	struct gate_state *s = change(q, g.queue);
	if (has_rate(s)) {
		s->credit = credit_at(s, tx->now_ms) - s->settings.rate_period_ms;
		s->credit_ms = tx->now_ms;
	}
	s->ready--;
	s->leased++;
	open_later(q, g.queue);
}

void gates_unleased(struct queue *q, struct gates g)
{
	struct gate_state *s = change(q, g.queue);
	s->leased--;
	s->ready++;
}

void gates_sent_back(struct queue *q, struct gates g)
{
	struct gate_state *s = change(q, g.queue);
	s->ready--;
	s->blocked++;
	s->waiting++;
	open_later(q, g.queue);
}

void gates_ended(struct queue *q, struct gates g, enum task_state state, int64_t duration_ms)
{
	struct gate_state *s = change(q, g.queue);
	s->succeeded += state == TASK_SUCCEEDED;
	s->failed += state == TASK_FAILED;
	s->cancelled += state == TASK_CANCELLED;
	s->duration_ms += duration_ms;
}

/* A new rate begins with a full bucket. */
void gates_set(struct queue *q, struct tx *tx, struct gate *g, const struct queue_settings *to)
{
	struct gate_state *s = change(q, g);
	bool is_same_rate = s->settings.rate_n == to->rate_n &&
	                    s->settings.rate_period_ms == to->rate_period_ms &&
	                    s->settings.rate_burst == to->rate_burst;
	s->settings = *to;
	if (!is_same_rate) {
		s->credit = (to->rate_burst ? to->rate_burst : to->rate_n) * to->rate_period_ms;
		s->credit_ms = tx->now_ms;
	}
	open_later(q, g);
}

/* --- Opening --- */

struct blocked {
	int64_t id;
	struct str kind, queue, key;
};

static enum rc read_line(struct tx *tx, const struct gate *g, int64_t limit, struct blocked *found,
                         int64_t *ret_n, struct err *err)
{
	int64_t n = 0;
	struct rows rows;
	enum sql sql = g->space == GATE_KEY_SPACE ? SQL_BLOCKED_AT_KEY : SQL_BLOCKED_AT_QUEUE;
	DB_QUERY(tx->db, sql, &rows, err, BIND_INT(g->tenant), BIND_STR(name_of(g)),
	         BIND_INT(limit));
	for (; rows_next(&rows); n++)
		found[n] = (struct blocked){ rows_int(&rows, 0),
			                     str_dup(tx->arena, rows_str(&rows, 1)),
			                     str_dup(tx->arena, rows_str(&rows, 2)),
			                     str_dup(tx->arena, rows_str(&rows, 3)) };
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret_n = n;
	return rc;
}

/* It has passed g, the first of its line. */
static enum rc let_pass(struct queue *q, struct tx *tx, struct gate *g, const struct blocked *b,
                        struct err *err)
{
	struct gates both;
	enum gate_place place = GATE_NOWHERE;
	enum rc rc = gates_find(q, tx, g->tenant, b->queue, b->key, &both, err);
	if (rc != RC_OK)
		return rc;
	change(q, g)->waiting--;
	change(q, both.queue)->blocked--;
	if (g->space == GATE_KEY_SPACE) {
		change(q, g)->held++;
		place = pass_queue(q, both.queue, tx->now_ms);
	} else {
		change(q, g)->ready++;
	}
	enum task_state state = place == GATE_NOWHERE ? TASK_READY : TASK_BLOCKED;
	rc = DB_RUN(tx->db, SQL_TASK_PLACE, err, BIND_INT(g->tenant), BIND_INT(b->id),
	            BIND_INT(state), BIND_INT(place));
	if (state == TASK_READY)
		lease_hint(q, g->tenant, b->kind);
	return rc;
}

static enum rc open_gate(struct queue *q, struct tx *tx, struct gate *g, bool *did, struct err *err)
{
	struct blocked found[OPEN_SLICE];
	int64_t n = 1;
	enum rc rc = RC_OK;
	while (rc == RC_OK && n && g->s.waiting && q->budget > 0) {
		int64_t room = gate_room(&g->s, g->space, tx->now_ms);
		if (room <= 0)
			break;
		int64_t most = int64_min(int64_min(room, q->budget), OPEN_SLICE);
		rc = read_line(tx, g, most, found, &n, err);
		for (int64_t i = 0; i < n && rc == RC_OK; i++)
			rc = let_pass(q, tx, g, &found[i], err);
		q->budget -= n;
		*did |= n > 0;
		if (rc == RC_OK && n == 0)
			change(q, g)->waiting = 0; /* the line is the truth, the count a summary */
	}
	return rc;
}

enum rc gates_open(struct queue *q, struct tx *tx, bool *did, struct err *err)
{
	enum rc rc = RC_OK;
	while (q->gates_opening && rc == RC_OK) {
		struct gate *g = q->gates_opening;
		q->gates_opening = g->next_opening;
		g->is_opening = false;
		rc = open_gate(q, tx, g, did, err);
	}
	return rc;
}

enum rc gates_due(struct queue *q, struct tx *tx, struct err *err)
{
	struct {
		int64_t tenant;
		enum gate_space space;
		struct str name;
	} found[GATE_DUE_SLICE];
	size_t n = 0;
	struct rows rows;
	DB_QUERY(tx->db, SQL_GATE_DUE, &rows, err, BIND_INT(tx->now_ms), BIND_INT(GATE_DUE_SLICE));
	for (; rows_next(&rows); n++) {
		found[n].tenant = rows_int(&rows, 0);
		found[n].space = (enum gate_space)rows_int(&rows, 1);
		found[n].name = str_dup(tx->arena, rows_str(&rows, 2));
	}
	enum rc rc = rows_end(&rows, err);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		struct gate *g;
		rc = find_or_load(q, tx, found[i].tenant, found[i].space, found[i].name, &g, err);
		if (rc != RC_OK)
			break;
		change(q, g); /* its time is written anew */
		open_later(q, g);
	}
	return rc;
}
