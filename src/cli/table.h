/* Tables for people: columns as wide as their widest cell. */
#ifndef TAKT_CLI_TABLE_H
#define TAKT_CLI_TABLE_H

#include "base/base.h"
#include "base/str.h"

struct arena;

enum { TABLE_COLUMNS = 8, TABLE_ROWS = 1001 };

struct table {
	struct arena *arena;
	size_t columns, rows;
	struct str (*cells)[TABLE_COLUMNS];
};
/* `heads` are the first row. */
void table_init(struct table *t, struct arena *a, size_t columns, const char *const *heads);
void table_row(struct table *t,
               const struct str *cells); /* what is beyond the last row is dropped */
void table_print(const struct table *t, struct buf *out);

/* "2026-11-21T01:02:03.004Z" as a person reads it, "11-21 01:02:03"; "" for nothing. */
struct str time_short(struct arena *a, struct str rfc3339);

#endif
