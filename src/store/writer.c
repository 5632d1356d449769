/* The one writer: see writer.h for what it promises.
 *
 * The path of a batch:
 *
 *	mailbox → begin → [apply, undo if refused] × n → participants until quiet
 *	        → flush → events get their numbers → time floor → COMMIT → memory → replies
 */
#include "store/writer.h"

#include "base/arena.h"
#include "base/imap.h"
#include "base/str.h"
#include "store/copy.h"
#include "store/db.h"
#include "store/event_id.h"
#include "store/store.h"
#include "sys/count.h"
#include "sys/env.h"
#include "sys/planted.h"
#include "sys/thread.h"

enum {
	BATCH_COMMANDS_MAX = 512,
	TURN_MAX = 16,   /* commands that the engine is given before the loop's turn is over */
	ROUNDS_MAX = 64, /* of participants in one batch; the rest waits for the next */
	PENDING_MAX_DEFAULT = 16384,
	SHED_MS_DEFAULT = 5000,
	BATCH_ARENA = 64 * 1024,
};

struct counted {
	enum count c;
	bool is_refusal;
	int64_t n;
};

struct writer {
	struct writer_options o;
	struct mailbox mailbox;
	/* The loop's thread: what was sent in this turn, newest first. */
	struct command *turn_first, *turn_last;
	size_t n_turn;
	struct loop_message turn_ends;
	bool is_turn_ending;     /* turn_ends is deferred */
	_Atomic int64_t pending; /* sent and not yet applied */
	_Atomic bool is_stopping, is_woken;
	struct thread *thread;
	struct participant *participants;
	struct arena *arena;
	int64_t base_ms, base_mono_us; /* engine time = base_ms + mono − base_mono */
	int64_t next_due_ms;
	bool is_dead; /* a COMMIT failed: nothing more is applied */

	/* The open batch. */
	bool is_careful; /* each command in a savepoint */
	int64_t began_us;
	struct event_new *events;
	size_t n_events, cap_events;
	struct counted *counted; /* what goes to the counters after the commit */
	size_t n_counted, cap_counted;
	struct imap last_seq;  /* tenant → number of its newest committed event */
	struct imap batch_seq; /* the same, with those of this batch */
	int64_t *touched;      /* tenants with events in this batch */
	size_t n_touched, cap_touched;
	struct command **answers; /* parked ones that are answered in this batch */
	size_t n_answers, cap_answers;
};

/* --- Time --- */

static int64_t mono_to_engine_ms(const struct writer *w, int64_t mono_us)
{
	return w->base_ms + (mono_us - w->base_mono_us) / 1000;
}

int64_t writer_now_ms(const struct writer *w)
{
	return mono_to_engine_ms(w, env_mono_us(w->o.env));
}

int64_t writer_began_ms(const struct writer *w)
{
	return w->base_ms;
}

static enum rc meta_get(struct db *db, struct str name, int64_t *ret, struct err *err)
{
	struct rows rows;
	int64_t value = 0;
	DB_QUERY(db, SQL_META_GET, &rows, err, BIND_STR(name));
	if (rows_next(&rows))
		value = rows_int(&rows, 0);
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret = value;
	return rc;
}

static enum rc start_clock(struct writer *w, struct err *err)
{
	int64_t floor_ms;
	enum rc rc = meta_get(store_writer_db(w->o.store), STR("time_floor"), &floor_ms, err);
	if (rc != RC_OK)
		return rc;
	w->base_mono_us = env_mono_us(w->o.env);
	w->base_ms = int64_max(env_wall_ms(w->o.env), floor_ms + 1);
	return RC_OK;
}

/* --- Events --- */

void tx_event(struct tx *tx, const struct event_new *e)
{
	struct writer *w = tx->writer;
	assert(e->tenant > 0 && e->type);
	if (w->n_events == w->cap_events) {
		w->cap_events = w->cap_events ? w->cap_events * 2 : 256;
		w->events = xrealloc(w->events, w->cap_events * sizeof *w->events);
	}
	struct event_new *kept = &w->events[w->n_events++];
	*kept = *e;
	kept->data = e->data.len ? str_dup(tx->arena, e->data) : STR("{}");
}

/* --- Counters --- */

static void note_count(struct writer *w, struct counted c)
{
	if (w->n_counted == w->cap_counted) {
		w->cap_counted = w->cap_counted ? w->cap_counted * 2 : 256;
		w->counted = xrealloc(w->counted, w->cap_counted * sizeof *w->counted);
	}
	w->counted[w->n_counted++] = c;
}

void tx_count(struct tx *tx, enum count c, int64_t n)
{
	note_count(tx->writer, (struct counted){ c, false, n });
}

void tx_count_refusal(struct tx *tx, enum count c, int64_t n)
{
	note_count(tx->writer, (struct counted){ c, true, n });
}

/* A command is undone: of what it has counted only refusals stay. */
static void forget_counted(struct writer *w, size_t from)
{
	size_t kept = from;
	for (size_t i = from; i < w->n_counted; i++)
		if (w->counted[i].is_refusal)
			w->counted[kept++] = w->counted[i];
	w->n_counted = kept;
}

static void count_committed(struct writer *w)
{
	count_add(COUNT_COMMITS, 1);
	count_add(COUNT_EVENTS, (int64_t)w->n_events);
	for (size_t i = 0; i < w->n_counted; i++)
		count_add(w->counted[i].c, w->counted[i].n);
}

static void count_outcomes(const struct command *chain)
{
	int64_t applied = 0;
	for (const struct command *c = chain; c; c = (const struct command *)c->node.next) {
		if (c->rc == RC_OK)
			applied++;
		else
			atomic_fetch_add_explicit(&count_refused[c->err.code], 1,
			                          memory_order_relaxed);
	}
	count_add(COUNT_COMMANDS, applied);
}

static enum rc batch_seq(struct writer *w, struct tx *tx, int64_t tenant, int64_t **ret,
                         struct err *err)
{
	int64_t *seq = imap_get(&w->batch_seq, tenant);
	if (!seq) {
		int64_t last;
		enum rc rc = event_last_of(tx->db, tenant, &last, err);
		if (rc != RC_OK)
			return rc;
		*imap_put(&w->last_seq, tenant) = last;
		seq = imap_put(&w->batch_seq, tenant);
		*seq = last;
	}
	*ret = seq;
	return RC_OK;
}

static void touch(struct writer *w, int64_t tenant)
{
	if (w->n_touched && w->touched[w->n_touched - 1] == tenant)
		return;
	if (w->n_touched == w->cap_touched) {
		w->cap_touched = w->cap_touched ? w->cap_touched * 2 : 64;
		w->touched = xrealloc(w->touched, w->cap_touched * sizeof *w->touched);
	}
	w->touched[w->n_touched++] = tenant;
}

static enum rc write_events(struct writer *w, struct tx *tx, struct err *err)
{
	for (size_t i = 0; i < w->n_events; i++) {
		const struct event_new *e = &w->events[i];
		int64_t *seq;
		enum rc rc = batch_seq(w, tx, e->tenant, &seq, err);
		if (rc != RC_OK)
			return rc;
		touch(w, e->tenant);
		rc = DB_RUN(tx->db, SQL_EVENT_INSERT, err, BIND_INT(event_id(e->tenant, ++*seq)),
		            BIND_INT(e->tenant), BIND_INT(tx->now_ms), BIND_INT(e->actor),
		            BIND_STR(str_z(e->type)), BIND_INT(e->subject), bind_opt_int(e->run),
		            BIND_STR(e->data));
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static void tell_events(struct writer *w)
{
	for (size_t i = 0; i < w->n_touched; i++) {
		int64_t tenant = w->touched[i], seq = *imap_get(&w->batch_seq, tenant);
		int64_t *last = imap_put(&w->last_seq, tenant);
		if (*last == seq)
			continue; /* told already: the tenant was touched twice */
		*last = seq;
		if (w->o.on_events)
			w->o.on_events(w->o.ctx, tenant, seq);
	}
}

static void forget_events(struct writer *w)
{
	for (size_t i = 0; i < w->n_touched; i++)
		*imap_put(&w->batch_seq, w->touched[i]) = *imap_get(&w->last_seq, w->touched[i]);
}

/* --- One batch --- */

static bool is_shed(const struct writer *w, const struct command *c)
{
	int64_t shed_us = (w->o.shed_ms ? w->o.shed_ms : SHED_MS_DEFAULT) * 1000;
	return !c->is_urgent && c->posted_us && env_mono_us(w->o.env) - c->posted_us > shed_us;
}

static void tell_begins(struct writer *w)
{
	for (struct participant *p = w->participants; p; p = p->next)
		if (p->command_begins)
			p->command_begins(p);
}

static void tell_undone(struct writer *w)
{
	for (struct participant *p = w->participants; p; p = p->next)
		if (p->command_undone)
			p->command_undone(p);
}

/* How far the batch was when a command began. */
struct mark {
	size_t events, counted;
	int64_t changes;
};

/* What it did inside the transaction is undone; *ret_again when that takes the whole
 * batch once more, with care. */
static enum rc undo_one(struct writer *w, struct tx *tx, struct command *c, struct mark mark,
                        bool *ret_again, struct err *err)
{
	c->is_parked = false;
	w->n_events = mark.events;
	forget_counted(w, mark.counted);
	tell_undone(w);
	if (w->is_careful)
		return db_savepoint_undo(tx->db, err);
	*ret_again = db_total_changes(tx->db) != mark.changes;
	return RC_OK;
}

/* RC_OK when the transaction stands, whatever became of the command. */
static enum rc apply_one(struct writer *w, struct tx *tx, struct command *c, bool *ret_again,
                         struct err *err)
{
	c->is_parked = false;
	if (is_shed(w, c)) {
		tx_count_refusal(tx, COUNT_SHED, 1);
		c->rc = err_set(&c->err, CODE_OVERLOADED,
		                "the server is overloaded; nothing happened, try again later");
		return RC_OK;
	}
	struct mark mark = { w->n_events, w->n_counted, db_total_changes(tx->db) };
	enum rc rc = w->is_careful ? db_savepoint(tx->db, err) : RC_OK;
	if (rc != RC_OK)
		return rc;
	tell_begins(w);
	c->err = (struct err){ 0 };
	tx->origin = c->origin;
	c->rc = c->apply(c, tx, &c->err);
	tx->origin = (struct str){ 0 };
	if (!db_in_transaction(tx->db)) { /* SQLite gave up the whole transaction */
		*err = c->err;
		return c->rc;
	}
	if (c->rc != RC_OK)
		return undo_one(w, tx, c, mark, ret_again, err);
	return w->is_careful ? db_savepoint_keep(tx->db, err) : RC_OK;
}

static enum rc ask_participants(struct writer *w, struct tx *tx, struct err *err)
{
	bool is_busy = true;
	for (int round = 0; is_busy && round < ROUNDS_MAX; round++) {
		is_busy = false;
		for (struct participant *p = w->participants; p; p = p->next) {
			enum rc rc = RC_OK;
			is_busy |= p->before_commit(p, tx, &rc, err);
			if (rc != RC_OK)
				return rc;
		}
	}
	return RC_OK;
}

static enum rc flush(struct writer *w, struct tx *tx, struct err *err)
{
	enum rc rc = RC_OK;
	size_t events = w->n_events;
	for (struct participant *p = w->participants; p && rc == RC_OK; p = p->next)
		if (p->flush)
			rc = p->flush(p, tx, err);
	assert(w->n_events == events);
	return rc;
}

/* Planted: after the commit, and not with it. */
static enum rc write_events_apart(struct writer *w, struct tx *tx, struct err *err)
{
	enum rc rc = db_begin(tx->db, err);
	if (rc == RC_OK)
		rc = write_events(w, tx, err);
	return rc == RC_OK ? db_commit(tx->db, err) : rc;
}

static enum rc commit(struct writer *w, struct tx *tx, int64_t changes_before, struct err *err)
{
	enum rc rc = flush(w, tx, err);
	if (rc == RC_OK && !PLANTED(event_outside))
		rc = write_events(w, tx, err);
	if (rc == RC_OK && db_total_changes(tx->db) != changes_before)
		rc = DB_RUN(tx->db, SQL_META_SET, err, BIND_STR(STR("time_floor")),
		            BIND_INT(tx->now_ms));
	if (rc != RC_OK)
		return rc;
	int64_t began_us = env_mono_us(w->o.env);
	rc = db_commit(tx->db, err);
	if (rc == RC_OK && PLANTED(event_outside))
		rc = write_events_apart(w, tx, err);
	histogram_add(HISTOGRAM_APPLY, began_us - w->began_us);
	histogram_add(HISTOGRAM_COMMIT, env_mono_us(w->o.env) - began_us);
	return rc;
}

static void forget_batch(struct writer *w)
{
	forget_events(w);
	for (struct participant *p = w->participants; p; p = p->next)
		if (p->after_rollback)
			p->after_rollback(p);
	w->n_answers = 0; /* those still wait: what was prepared for them is undone */
}

static enum rc apply_all(struct writer *w, struct tx *tx, struct command *chain, bool *ret_again,
                         struct err *err)
{
	enum rc rc = db_begin(tx->db, err);
	for (struct command *c = chain; c && rc == RC_OK && !*ret_again;
	     c = (struct command *)c->node.next)
		rc = apply_one(w, tx, c, ret_again, err);
	return rc;
}

/* Hardly any command fails behind its first write, and a savepoint costs it a seventh of
 * its time.  So a batch is applied without them; when one of its commands has to be undone
 * after all, the whole batch is, and is applied again with savepoints. */
static enum rc apply_chain_once(struct writer *w, struct tx *tx, struct command *chain,
                                struct err *err)
{
	bool is_again = false;
	w->is_careful = store_is_copied(tx->store); /* a rollback makes a copy start over */
	enum rc rc = apply_all(w, tx, chain, &is_again, err);
	if (rc != RC_OK || !is_again)
		return rc;
	db_rollback(tx->db);
	forget_batch(w);
	w->n_events = 0;
	w->n_counted = 0;
	w->is_careful = true;
	count_add(COUNT_BATCHES_AGAIN, 1);
	is_again = false;
	return apply_all(w, tx, chain, &is_again, err);
}

/* Everything inside the transaction.  RC_OK: durable.  RC_UNKNOWN: the commit failed.
 * Else: nothing of the batch happened. */
static enum rc transact(struct writer *w, struct tx *tx, struct command *chain, struct err *err)
{
	int64_t changes = db_total_changes(tx->db);
	enum rc rc = apply_chain_once(w, tx, chain, err);
	if (rc == RC_OK)
		rc = ask_participants(w, tx, err);
	if (rc == RC_OK)
		rc = commit(w, tx, changes, err);
	if (rc != RC_OK)
		db_rollback(tx->db);
	return rc;
}

static void follow_in_memory(struct writer *w, struct tx *tx, struct command *chain)
{
	for (struct command *c = chain; c; c = (struct command *)c->node.next)
		if (c->rc == RC_OK && c->committed)
			c->committed(c, tx);
	for (struct participant *p = w->participants; p; p = p->next)
		if (p->after_commit)
			p->after_commit(p, tx);
	tell_events(w);
}

static void undo_in_memory(struct writer *w, struct command *chain, enum rc rc,
                           const struct err *err)
{
	forget_batch(w);
	for (struct command *c = chain; c; c = (struct command *)c->node.next) {
		c->is_parked = false;
		c->rc = rc;
		c->err = *err;
	}
}

static void append_reply(struct loop_message ***end, struct command *c)
{
	c->reply.next = NULL;
	**end = &c->reply;
	*end = &c->reply.next;
}

/* From here on the commands belong to whoever asked. */
static void post_replies(struct writer *w, struct command *chain)
{
	struct loop_message *first = NULL, **end = &first;
	for (struct command *c = chain; c; c = (struct command *)c->node.next)
		if (!c->is_parked)
			append_reply(&end, c);
	for (size_t i = 0; i < w->n_answers; i++)
		append_reply(&end, w->answers[i]);
	if (w->o.loop && first) {
		loop_post(w->o.loop, first);
		return;
	}
	for (struct loop_message *m = first, *next; m; m = next) {
		next = m->next;
		m->fn(m);
	}
}

void writer_answer(struct writer *w, struct command *c, enum rc rc)
{
	assert(c->is_parked);
	c->rc = rc;
	if (w->n_answers == w->cap_answers) {
		w->cap_answers = w->cap_answers ? w->cap_answers * 2 : 64;
		w->answers = xrealloc(w->answers, w->cap_answers * sizeof(struct command *));
	}
	w->answers[w->n_answers++] = c;
}

static int64_t ask_next_due(const struct writer *w)
{
	int64_t due = INT64_MAX;
	for (struct participant *p = w->participants; p; p = p->next)
		due = int64_min(due, p->next_due_ms(p));
	return due;
}

static void finish_batch(struct writer *w, struct tx *tx, struct command *chain, enum rc rc,
                         const struct err *err)
{
	if (rc == RC_OK) {
		count_committed(w);
		follow_in_memory(w, tx, chain);
	} else {
		undo_in_memory(w, chain, rc, err);
	}
	count_outcomes(chain);
	post_replies(w, chain);
	if (rc == RC_UNKNOWN) {
		w->is_dead = true;
		if (w->o.fatal)
			w->o.fatal(w->o.ctx, err);
	}
}

static void go_between(struct writer *w)
{
	store_checkpoint(w->o.store, false);
	for (struct participant *p = w->participants; p; p = p->next)
		if (p->between)
			p->between(p);
}

int64_t writer_batch(struct writer *w, struct command *chain)
{
	struct tx tx = {
		.db = store_writer_db(w->o.store),
		.store = w->o.store,
		.writer = w,
		.arena = w->arena,
		.env = w->o.env,
		.now_ms = writer_now_ms(w),
	};
	struct err err = { 0 };
	w->began_us = env_mono_us(w->o.env);
	w->n_events = 0;
	w->n_counted = 0;
	w->n_touched = 0;
	w->n_answers = 0;
	enum rc rc = w->is_dead ? err_set(&err, CODE_SHUTTING_DOWN, "the server is restarting")
	                        : transact(w, &tx, chain, &err);
	finish_batch(w, &tx, chain, rc, &err);
	arena_clear(w->arena);
	if (!w->is_dead)
		go_between(w);
	/* After a failure with nothing to wait for, look again soon, not at once. */
	w->next_due_ms = rc == RC_OK ? ask_next_due(w) : tx.now_ms + 200;
	return w->next_due_ms;
}

/* --- The thread --- */

static void post_turn(struct writer *w)
{
	if (!w->turn_first)
		return;
	mailbox_post_chain(&w->mailbox, &w->turn_first->node);
	w->turn_first = w->turn_last = NULL;
	w->n_turn = 0;
}

static void turn_ends(struct loop_message *m)
{
	struct writer *w = (struct writer *)((char *)m - offsetof(struct writer, turn_ends));
	w->is_turn_ending = false;
	post_turn(w);
}

static void send_with_turn(struct writer *w, struct command *c)
{
	c->node.next = NULL;
	if (w->turn_last)
		w->turn_last->node.next = &c->node;
	else
		w->turn_first = c;
	w->turn_last = c;
	if (!w->is_turn_ending)
		loop_defer(w->o.loop, &w->turn_ends);
	w->is_turn_ending = true;
	if (++w->n_turn == TURN_MAX)
		post_turn(w);
}

void writer_send(struct writer *w, struct command *c)
{
	assert(c->apply && c->reply.fn);
	int64_t max = w->o.pending_max ? (int64_t)w->o.pending_max : PENDING_MAX_DEFAULT;
	if (atomic_fetch_add(&w->pending, 1) >= max && !c->is_urgent) {
		atomic_fetch_sub(&w->pending, 1);
		count_add(COUNT_SHED, 1);
		atomic_fetch_add_explicit(&count_refused[CODE_OVERLOADED], 1, memory_order_relaxed);
		c->rc = err_set(&c->err, CODE_OVERLOADED,
		                "%lld changes wait already; nothing happened, try again later",
		                (long long)max);
		c->reply.fn(&c->reply);
		return;
	}
	c->posted_us = env_mono_us(w->o.env);
	if (w->o.loop)
		send_with_turn(w, c);
	else
		mailbox_post(&w->mailbox, &c->node);
}

/* Cuts the chain behind the first n commands; returns the rest. */
static struct command *cut(struct command *chain, size_t n, size_t *ret_n)
{
	struct command *c = chain;
	size_t taken = 1;
	for (; taken < n && c->node.next; taken++)
		c = (struct command *)c->node.next;
	struct command *rest = (struct command *)c->node.next;
	c->node.next = NULL;
	*ret_n = taken;
	return rest;
}

static void count_waits(const struct writer *w, const struct command *chain)
{
	int64_t now_us = env_mono_us(w->o.env);
	for (const struct command *c = chain; c; c = (const struct command *)c->node.next)
		histogram_add(HISTOGRAM_WAIT, now_us - c->posted_us);
}

static void apply_chain(struct writer *w, struct command *chain)
{
	while (chain) {
		size_t n;
		struct command *rest = cut(chain, BATCH_COMMANDS_MAX, &n);
		int64_t left = atomic_fetch_sub(&w->pending, (int64_t)n) - (int64_t)n;
		count_set(COUNT_PENDING, left);
		histogram_add(HISTOGRAM_BATCH, (int64_t)n);
		count_waits(w, chain);
		writer_batch(w, chain);
		chain = rest;
	}
}

static void wait_for_work(struct writer *w)
{
	int64_t until_us = INT64_MAX;
	if (w->next_due_ms < INT64_MAX / 1000 - w->base_ms)
		until_us = w->base_mono_us + (w->next_due_ms - w->base_ms) * 1000;
	mailbox_wait(&w->mailbox, until_us);
}

void writer_wake(struct writer *w)
{
	atomic_store(&w->is_woken, true);
	mailbox_interrupt(&w->mailbox);
}

static void writer_main(void *ctx)
{
	struct writer *w = ctx;
	for (;;) {
		struct command *chain = (struct command *)mailbox_take_all(&w->mailbox);
		if (chain)
			apply_chain(w, chain);
		else if (atomic_load(&w->is_stopping))
			break;
		else if (atomic_exchange(&w->is_woken, false))
			w->next_due_ms = ask_next_due(w);
		else if (w->next_due_ms <= writer_now_ms(w))
			writer_batch(w, NULL);
		else
			wait_for_work(w);
	}
}

enum rc writer_start(struct writer *w, struct err *err)
{
	assert(!w->thread);
	return thread_start(&w->thread, "engine", writer_main, w, err);
}

void writer_stop(struct writer *w)
{
	atomic_store(&w->is_stopping, true);
	mailbox_interrupt(&w->mailbox);
	thread_join(w->thread);
	w->thread = NULL;
	if (!w->is_dead)
		store_checkpoint(w->o.store, true);
}

enum rc writer_create(const struct writer_options *o, struct writer **ret, struct err *err)
{
	assert(o->store && o->env);
	struct writer *w = xcalloc(1, sizeof *w);
	w->o = *o;
	w->turn_ends.fn = turn_ends;
	mailbox_init(&w->mailbox);
	w->arena = arena_create(BATCH_ARENA);
	enum rc rc = start_clock(w, err);
	if (rc != RC_OK) {
		writer_destroy(w);
		return rc;
	}
	*ret = w;
	return RC_OK;
}

void writer_destroy(struct writer *w)
{
	if (!w)
		return;
	assert(!w->thread);
	arena_destroy(w->arena);
	imap_fini(&w->last_seq);
	imap_fini(&w->batch_seq);
	free(w->events);
	free(w->counted);
	free(w->touched);
	free(w->answers);
	free(w);
}

void writer_add(struct writer *w, struct participant *p)
{
	struct participant **end = &w->participants;
	while (*end)
		end = &(*end)->next;
	p->next = NULL;
	*end = p;
}
