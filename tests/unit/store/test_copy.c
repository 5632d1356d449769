/* Copies of a database that is being written: whole, of one moment, and never begun anew. */
#include "../unit.h"
#include "../world.h"

#include "store/copy.h"
#include "store/db.h"

static struct world w;

static const char *path_of(const char *name)
{
	return str_dupz(w.arena, str_fmt(w.arena, "%s/%s", w.folder, name));
}

static int64_t tasks_in(const char *path)
{
	struct db *db;
	struct rows rows;
	int64_t n = -1;
	ck_assert_ok(store_still_open(path, &db, NULL));
	ck_assert_ok(store_still_verify(db, NULL, NULL));
	db_query(db, SQL_BACKUP_ROWS, NULL, 0, &rows, NULL);
	while (rows_next(&rows))
		n = rows_int(&rows, 0);
	ck_assert_ok(rows_end(&rows, NULL));
	store_still_close(db);
	return n;
}

/* Writes, then wants to be undone. */
static enum rc spoil(struct command *c, struct tx *tx, struct err *err)
{
	(void)c;
	ck_assert_ok(DB_RUN(tx->db, SQL_META_SET, err, BIND_STR(STR("spoilt")), BIND_INT(1)));
	return err_set(err, CODE_CONFLICT, "no");
}

static void no_reply(struct loop_message *m)
{
	(void)m;
}

static void submit_many(size_t n)
{
	for (size_t i = 0; i < n; i++)
		world_submit(&w, "demo");
}

START_TEST(what_is_written_and_undone_meanwhile_neither_misses_nor_delays_it)
{
	enum { PAGES = 4 };
	struct store_copy *copy;
	struct err err = { 0 };
	int64_t done, of, steps = 0, submitted = 1000;
	bool is_done = false;
	world_open(&w);
	submit_many((size_t)submitted);
	ck_assert_ok(store_copy_open(w.store, path_of("copy.db"), &copy, &err));
	while (!is_done) {
		ck_assert_msg(store_copy_step(copy, PAGES, &is_done, &err) == RC_OK, "%s",
		              err.text);
		ck_assert(store_is_copied(w.store) != is_done);
		if (is_done)
			break;
		struct command c = { .apply = spoil, .reply.fn = no_reply };
		ck_assert_int_eq(world_do(&w, &c), RC_CONFLICT);
		world_submit(&w, "demo");
		submitted++;
		ck_assert_int_lt(++steps, 1000); /* the file grows slower than it is copied */
	}
	store_copy_progress(copy, &done, &of);
	ck_assert_int_eq(done, of);
	ck_assert_int_gt(of, 20 * PAGES);
	ck_assert_int_le(steps, of / PAGES + 1);
	store_copy_close(copy);
	ck_assert_int_eq(tasks_in(path_of("copy.db")), submitted);
	world_submit(&w, "demo"); /* behind its end: not in it */
	ck_assert_int_eq(tasks_in(path_of("copy.db")), submitted);
	world_close(&w);
}
END_TEST

START_TEST(one_that_is_given_up_leaves_the_engine_as_it_was)
{
	struct store_copy *copy;
	bool is_done;
	world_open(&w);
	submit_many(100);
	ck_assert_ok(store_copy_open(w.store, path_of("copy.db"), &copy, NULL));
	ck_assert_ok(store_copy_step(copy, 1, &is_done, NULL));
	ck_assert(!is_done && store_is_copied(w.store));
	store_copy_cancel(copy);
	store_copy_cancel(copy); /* twice is fine */
	ck_assert(!store_is_copied(w.store));
	store_copy_close(copy);
	world_submit(&w, "demo");
	world_close(&w);
}
END_TEST

START_TEST(a_file_that_is_there_is_not_written_over)
{
	struct store_copy *copy;
	struct err err = { 0 };
	world_open(&w);
	ck_assert_ok(file_write(path_of("mine"), STR("mine"), 0600, NULL));
	ck_assert_int_eq(store_copy_open(w.store, path_of("mine"), &copy, &err), RC_CONFLICT);
	ck_assert_int_ne(store_copy_open(w.store, path_of("no/such/folder"), &copy, &err), RC_OK);
	world_close(&w);
}
END_TEST

START_TEST(a_path_that_would_mean_something_in_a_uri_is_a_path)
{
	struct store_copy *copy;
	bool is_done = false;
	world_open(&w);
	submit_many(3);
	const char *path = path_of("a?mode=rw#b%41.db");
	ck_assert_ok(store_copy_open(w.store, path, &copy, NULL));
	while (!is_done)
		ck_assert_ok(store_copy_step(copy, 100, &is_done, NULL));
	store_copy_close(copy);
	ck_assert_int_eq(tasks_in(path), 3);
	world_close(&w);
}
END_TEST

START_TEST(an_epoch_is_noted_and_read)
{
	int64_t epoch = -1;
	world_open(&w);
	ck_assert_ok(event_epoch(w.store, &epoch, NULL));
	ck_assert_int_eq(epoch, 0);
	world_stop(&w);
	ck_assert_ok(store_begin_epoch(path_of("takt.db"), 4711, NULL));
	ck_assert(!file_exists(path_of("takt.db-wal")));
	world_start(&w);
	ck_assert_ok(event_epoch(w.store, &epoch, NULL));
	ck_assert_int_eq(epoch, 4711);
	world_close(&w);
}
END_TEST

UNIT_MAIN("store/copy", what_is_written_and_undone_meanwhile_neither_misses_nor_delays_it,
          one_that_is_given_up_leaves_the_engine_as_it_was,
          a_file_that_is_there_is_not_written_over,
          a_path_that_would_mean_something_in_a_uri_is_a_path, an_epoch_is_noted_and_read)
