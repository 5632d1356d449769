/* Reading the log of events: see writer.h.  Written by writer.c at the end of a batch. */
#include "base/arena.h"
#include "base/str.h"
#include "store/db.h"
#include "store/event_id.h"
#include "store/store.h"
#include "store/writer.h"

enum { EVENT_LIMIT_MAX = 1000 };

static void copy_row(const struct rows *rows, struct arena *a, struct event *e)
{
	*e = (struct event){
		.seq = event_seq(rows_int(rows, 0)),
		.at_ms = rows_int(rows, 1),
		.actor = rows_int(rows, 2),
		.type = str_dup(a, rows_str(rows, 3)),
		.subject = rows_int(rows, 4),
		.run = rows_int(rows, 5),
		.data = str_dup(a, rows_str(rows, 6)),
	};
}

/* Numbers are dense, so what is missing in front has been dropped by retention: the reader
 * is told, by an event that stands in the place of the last one dropped. */
static void put_gap(struct arena *a, int64_t after, struct event *events, size_t *n)
{
	events[1] = events[0];
	events[0] = (struct event){
		.seq = events[1].seq - 1,
		.at_ms = events[1].at_ms,
		.type = STR("events.gap"),
		.data = str_fmt(a, "{\"from\":%lld,\"to\":%lld}", (long long)after + 1,
		                (long long)events[1].seq - 1),
	};
	*n = 1;
}

static enum rc begin_query(struct db *db, struct scope scope, const struct event_filter *f,
                           struct rows *rows, struct err *err)
{
	int64_t after = event_id(scope.tenant, f->after), last = event_id_last(scope.tenant);
	int64_t limit = (int64_t)f->limit;
	if (f->run)
		return DB_QUERY(db, SQL_EVENT_AFTER_OF_RUN, rows, err, BIND_INT(after),
		                BIND_INT(last), BIND_INT(limit), BIND_INT(f->run),
		                BIND_INT(scope.tenant));
	return DB_QUERY(db, SQL_EVENT_AFTER, rows, err, BIND_INT(after), BIND_INT(last),
	                BIND_INT(limit), BIND_INT(scope.tenant));
}

enum rc event_read(struct store *s, struct scope scope, const struct event_filter *f,
                   struct arena *a, struct event **ret, size_t *ret_n, struct err *err)
{
	assert(f->limit >= 1 && f->limit <= EVENT_LIMIT_MAX && f->after >= 0);
	struct db *db;
	enum rc rc = store_reader_borrow(s, &db, err);
	if (rc != RC_OK)
		return rc;
	struct event *events = arena_new(a, struct event, f->limit + 1);
	size_t n = 0;
	struct rows rows;
	for (begin_query(db, scope, f, &rows, err); n < f->limit && rows_next(&rows); n++) {
		copy_row(&rows, a, &events[n]);
		if (n == 0 && !f->run && events[0].seq > f->after + 1)
			put_gap(a, f->after, events, &n);
	}
	rc = rows_end(&rows, err);
	store_reader_return(s, db);
	if (rc != RC_OK)
		return rc;
	*ret = events;
	*ret_n = size_min(n, f->limit); /* a gap may have pushed one out; it comes next */
	return RC_OK;
}

enum rc event_epoch(struct store *s, int64_t *ret, struct err *err)
{
	struct db *db;
	struct rows rows;
	int64_t epoch = 0;
	enum rc rc = store_reader_borrow(s, &db, err);
	if (rc != RC_OK)
		return rc;
	DB_QUERY(db, SQL_META_GET, &rows, err, BIND_STR(STR("event_epoch")));
	while (rows_next(&rows))
		epoch = rows_int(&rows, 0);
	rc = rows_end(&rows, err);
	store_reader_return(s, db);
	if (rc == RC_OK)
		*ret = epoch;
	return rc;
}

enum rc event_last(struct store *s, struct scope scope, int64_t *ret, struct err *err)
{
	struct db *db;
	enum rc rc = store_reader_borrow(s, &db, err);
	if (rc != RC_OK)
		return rc;
	int64_t seq = 0;
	rc = event_last_of(db, scope.tenant, &seq, err);
	store_reader_return(s, db);
	if (rc == RC_OK)
		*ret = seq;
	return rc;
}

enum rc event_last_of(struct db *db, int64_t tenant, int64_t *ret, struct err *err)
{
	struct rows rows;
	int64_t seq = 0;
	DB_QUERY(db, SQL_EVENT_LAST, &rows, err, BIND_INT(event_id(tenant, 0)),
	         BIND_INT(event_id_last(tenant)), BIND_INT(tenant));
	if (rows_next(&rows) && !rows_is_null(&rows, 0))
		seq = event_seq(rows_int(&rows, 0));
	enum rc rc = rows_end(&rows, err);
	if (rc == RC_OK)
		*ret = seq;
	return rc;
}
