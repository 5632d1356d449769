/* store/: opening, migrating, refusing; the writer's batches; events. */
#include <sqlite3.h>

#include "../unit.h"
#include "../world.h"

#include "store/db.h"

static struct world w;

static char *path_of(const char *name)
{
	return str_dupz(w.arena, str_fmt(w.arena, "%s/%s", w.folder, name));
}

/* SQL from outside, as somebody with a shell would. */
static void by_hand(const char *sql)
{
	sqlite3 *db;
	ck_assert_int_eq(sqlite3_open(path_of("takt.db"), &db), SQLITE_OK);
	char *words = NULL;
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &words) == SQLITE_OK, "%s", words);
	sqlite3_close(db);
}

static enum rc try_open(bool is_migrating, struct err *err)
{
	struct store *s;
	enum rc rc = store_open(&(struct store_options){ .folder = w.folder,
	                                                 .env = &w.env,
	                                                 .is_migrating = is_migrating },
	                        &s, err);
	if (rc == RC_OK)
		store_close(s);
	return rc;
}

START_TEST(test_a_fresh_folder_gets_the_newest_schema_in_wal_mode)
{
	world_open(&w);
	world_stop(&w);
	struct migration_status st;
	ck_assert_ok(store_migration_status(w.folder, &st, NULL));
	ck_assert_int_eq(st.have, st.want);
	ck_assert_int_eq(st.want, SCHEMA_VERSION);
	ck_assert_str_eq(st.names[0], "first");
	ck_assert_ok(store_verify(w.folder, NULL));
	struct str header;
	ck_assert_ok(file_read(w.arena, path_of("takt.db"), 1 << 20, &header, NULL));
	ck_assert_int_eq(header.ptr[18], 2); /* file format, write version: WAL */
	world_start(&w);
	world_close(&w);
}
END_TEST

START_TEST(test_migrations_go_down_and_up_again)
{
	world_open(&w);
	world_submit(&w, "demo");
	world_stop(&w);
	struct migration_status st;
	for (int64_t to = SCHEMA_VERSION - 1; to >= 0; to--) {
		ck_assert_ok(store_migrate(w.folder, to, NULL));
		ck_assert_ok(store_migration_status(w.folder, &st, NULL));
		ck_assert_int_eq(st.have, to);
	}
	struct err err = { 0 };
	ck_assert_ok(store_migrate(w.folder, SCHEMA_VERSION, &err));
	ck_assert_int_eq(store_migrate(w.folder, SCHEMA_VERSION + 1, &err), RC_INVALID);
	world_start(&w);
	world_submit(&w, "demo");
	world_close(&w);
}
END_TEST

START_TEST(test_an_older_schema_wants_a_migration_and_is_left_alone)
{
	world_open(&w);
	world_stop(&w);
	ck_assert_ok(store_migrate(w.folder, 1, NULL));
	struct err err = { 0 };
	ck_assert_int_eq(try_open(false, &err), RC_CONFLICT);
	ck_assert_ptr_nonnull(strstr(err.text, "takt db migrate"));
	struct migration_status st;
	ck_assert_ok(store_migration_status(w.folder, &st, NULL));
	ck_assert_int_eq(st.have, 1);
	ck_assert_ok(try_open(true, &err));
	world_start(&w);
	world_close(&w);
}
END_TEST

START_TEST(test_newer_foreign_and_damaged_databases_are_refused)
{
	world_open(&w);
	world_submit(&w, "demo");
	world_stop(&w);
	struct err err = { 0 };
	by_hand("PRAGMA user_version = 999");
	ck_assert_int_eq(try_open(true, &err), RC_CONFLICT);
	ck_assert_int_eq(err.code, CODE_SCHEMA_NEWER);
	by_hand("PRAGMA user_version = 3; PRAGMA application_id = 1");
	ck_assert_int_eq(try_open(true, &err), RC_CONFLICT);
	ck_assert_ptr_nonnull(strstr(err.text, "no database of takt"));
	struct str noise = str_fmt(w.arena, "%08192d", 7);
	ck_assert_ok(file_write(path_of("takt.db"), noise, 0600, NULL));
	ck_assert_int_eq(try_open(true, &err), RC_IO);
	ck_assert_int_eq(err.code, CODE_DAMAGED);
	ck_assert_int_eq(store_verify(w.folder, &err), RC_IO);
	arena_destroy(w.arena);
	ck_assert_ok(folder_remove(w.folder, NULL));
}
END_TEST

START_TEST(test_readers_see_commits_and_cannot_write)
{
	world_open(&w);
	int64_t id = world_submit(&w, "demo");
	struct db *db;
	ck_assert_ok(store_reader_borrow(w.store, &db, NULL));
	struct rows rows;
	DB_QUERY(db, SQL_TASK_STATE, &rows, NULL, BIND_INT(1), BIND_INT(id));
	ck_assert(rows_next(&rows));
	ck_assert_ok(rows_end(&rows, NULL));
	struct err err = { 0 };
	ck_assert_int_ne(DB_RUN(db, SQL_META_SET, &err, BIND_STR(STR("x")), BIND_INT(1)), RC_OK);
	store_reader_return(w.store, db);
	world_close(&w);
}
END_TEST

/* A command that writes an event, then does as told. */
struct probe {
	struct command c;
	enum rc outcome;
	bool was_committed;
};

static enum rc probe_apply(struct command *c, struct tx *tx, struct err *err)
{
	struct probe *p = (struct probe *)c;
	tx_event(tx, &(struct event_new){ .tenant = 1, .type = "probe" });
	tx_count(tx, COUNT_TASKS_SUBMITTED, 1);
	if (p->outcome != RC_OK)
		tx_count_refusal(tx, COUNT_LATE, 1);
	enum rc rc = DB_RUN(tx->db, SQL_META_SET, err, BIND_STR(STR("probe")), BIND_INT(1));
	return rc == RC_OK && p->outcome != RC_OK ? err_set(err, CODE_CONFLICT, "as told") : rc;
}

static void probe_committed(struct command *c, struct tx *tx)
{
	(void)tx;
	((struct probe *)c)->was_committed = true;
}

static int replies;

static void count_reply(struct loop_message *m)
{
	(void)m;
	replies++;
}

START_TEST(test_a_refused_command_leaves_no_trace_in_its_batch)
{
	world_open(&w);
	struct probe p[3] = { { .outcome = RC_OK },
		              { .outcome = RC_CONFLICT },
		              { .outcome = RC_OK } };
	replies = 0;
	for (int i = 0; i < 3; i++) {
		p[i].c = (struct command){ .apply = probe_apply, .committed = probe_committed };
		p[i].c.reply.fn = count_reply;
		p[i].c.node.next = i < 2 ? &p[i + 1].c.node : NULL;
	}
	writer_batch(w.writer, &p[0].c);
	ck_assert_int_eq(replies, 3);
	ck_assert_int_eq(p[0].c.rc, RC_OK);
	ck_assert_int_eq(p[1].c.rc, RC_CONFLICT);
	ck_assert_str_eq(p[1].c.err.text, "as told");
	ck_assert(p[0].was_committed && !p[1].was_committed && p[2].was_committed);
	ck_assert_int_eq(w.events_seen, 2);
	world_close(&w);
}
END_TEST

/* The batch is applied twice, because the second command has to be undone alone. */
START_TEST(test_what_a_batch_does_is_counted_once)
{
	world_open(&w);
	struct probe p[3] = { { .outcome = RC_OK },
		              { .outcome = RC_CONFLICT },
		              { .outcome = RC_OK } };
	for (int i = 0; i < 3; i++) {
		p[i].c = (struct command){ .apply = probe_apply, .reply.fn = count_reply };
		p[i].c.node.next = i < 2 ? &p[i + 1].c.node : NULL;
	}
	int64_t again = count_get(COUNT_BATCHES_AGAIN), commits = count_get(COUNT_COMMITS);
	int64_t commands = count_get(COUNT_COMMANDS), events = count_get(COUNT_EVENTS);
	writer_batch(w.writer, &p[0].c);
	ck_assert_int_eq(count_get(COUNT_BATCHES_AGAIN), again + 1);
	ck_assert_int_eq(count_get(COUNT_COMMITS), commits + 1);
	ck_assert_int_eq(count_get(COUNT_COMMANDS), commands + 2);
	ck_assert_int_eq(count_get(COUNT_EVENTS), events + 2);
	ck_assert_int_eq(count_get(COUNT_TASKS_SUBMITTED), 2);
	ck_assert_int_eq(count_get(COUNT_LATE), 1);
	ck_assert_int_eq(count_refused[CODE_CONFLICT], 1);
	world_close(&w);
}
END_TEST

START_TEST(test_who_reads_is_seen)
{
	world_open(&w);
	struct store_figures f;
	store_figures(w.store, &f);
	ck_assert_int_eq(f.readers, 0);
	ck_assert_int_eq(f.oldest_reader_us, 0);
	ck_assert_int_gt(f.database_bytes, 0);
	ck_assert_int_gt(f.wal_bytes, 0);
	ck_assert_int_gt(f.free_bytes, 0);
	struct db *first, *second;
	ck_assert_ok(store_reader_borrow(w.store, &first, NULL));
	world_sleep(&w, 300);
	ck_assert_ok(store_reader_borrow(w.store, &second, NULL));
	store_figures(w.store, &f);
	ck_assert_int_eq(f.readers, 2);
	ck_assert_int_ge(f.oldest_reader_us, 300000);
	store_reader_return(w.store, first); /* not the one lent last */
	store_figures(w.store, &f);
	ck_assert_int_eq(f.readers, 1);
	ck_assert_int_lt(f.oldest_reader_us, 300000);
	store_reader_return(w.store, second);
	world_close(&w);
}
END_TEST

START_TEST(test_commands_that_waited_too_long_are_shed_but_not_the_urgent)
{
	world_open(&w);
	struct probe slow = { .c = { .apply = probe_apply, .posted_us = 1 } };
	struct probe urgent = { .c = { .apply = probe_apply, .posted_us = 1, .is_urgent = true } };
	world_sleep(&w, 60000);
	ck_assert_int_eq(world_do(&w, &slow.c), RC_BUSY);
	ck_assert_int_eq(slow.c.err.code, CODE_OVERLOADED);
	ck_assert_int_eq(world_do(&w, &urgent.c), RC_OK);
	world_close(&w);
}
END_TEST

START_TEST(test_events_are_read_in_pages_and_by_run)
{
	world_open(&w);
	for (int i = 0; i < 25; i++)
		world_submit(&w, "demo");
	struct event_filter f = { .limit = 10 };
	struct event *events;
	size_t n, total = 0;
	do {
		ck_assert_ok(event_read(w.store, w.scope, &f, w.arena, &events, &n, NULL));
		for (size_t i = 0; i < n; i++)
			ck_assert_int_eq(events[i].seq, ++f.after);
		total += n;
	} while (n == f.limit);
	ck_assert_uint_eq(total, 25);
	int64_t last;
	ck_assert_ok(event_last(w.store, w.scope, &last, NULL));
	ck_assert_int_eq(last, 25);
	f = (struct event_filter){ .run = 99, .limit = 10 };
	ck_assert_ok(event_read(w.store, w.scope, &f, w.arena, &events, &n, NULL));
	ck_assert_uint_eq(n, 0);
	world_close(&w);
}
END_TEST

START_TEST(test_the_wal_is_moved_over_before_it_grows_large)
{
	world_open(&w);
	char *text = arena_bytes(w.arena, 1000000);
	memset(text, 'x', 1000000);
	text[0] = text[999999] = '"';
	struct task_new task = { .kind = STR("demo"), .input = { text, 1000000 } };
	struct task_submitted ret;
	struct submit_command s;
	submit_command_init(&s, w.queue, w.scope);
	s.tasks = &task;
	s.n = 1;
	s.results = &ret;
	for (int i = 0; i < 100; i++) {
		ck_assert_ok(world_do(&w, &s.c));
		ck_assert_int_lt(store_wal_bytes(w.store), INT64_C(64) << 20);
	}
	struct str wal;
	ck_assert_ok(file_read(w.arena, path_of("takt.db-wal"), 80 << 20, &wal, NULL));
	ck_assert_uint_lt(wal.len, (size_t)64 << 20);
	world_close(&w);
}
END_TEST

UNIT_MAIN("store", test_a_fresh_folder_gets_the_newest_schema_in_wal_mode,
          test_migrations_go_down_and_up_again,
          test_an_older_schema_wants_a_migration_and_is_left_alone,
          test_newer_foreign_and_damaged_databases_are_refused,
          test_readers_see_commits_and_cannot_write,
          test_a_refused_command_leaves_no_trace_in_its_batch,
          test_what_a_batch_does_is_counted_once, test_who_reads_is_seen,
          test_commands_that_waited_too_long_are_shed_but_not_the_urgent,
          test_events_are_read_in_pages_and_by_run,
          test_the_wal_is_moved_over_before_it_grows_large)
