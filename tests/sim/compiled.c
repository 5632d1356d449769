/* Connections that outlive their process: see compiled.h. */
#include "compiled.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "store/sql.h"

enum { CONNECTIONS_MAX = 8, STATEMENTS_MAX = SQL_COUNT + 16, ANEW_EVERY = 16 };

struct connection {
	sqlite3 *handle; /* NULL: no such */
	int flags;
	uint64_t life; /* of the process that has it */
	/* Texts are constants of the binary: the same pointer is the same text. */
	const char *texts[STATEMENTS_MAX];
	sqlite3_stmt *statements[STATEMENTS_MAX];
	size_t n;
};

static struct connection connections[CONNECTIONS_MAX];
static struct disk *disk;
static uint64_t life;

/* The linker's names: calls of sqlite3_NAME come to __wrap_sqlite3_NAME, and the library's own
 * is __real_sqlite3_NAME. */
int __real_sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs);
int __real_sqlite3_prepare_v3(sqlite3 *handle, const char *text, int len, unsigned flags,
                              sqlite3_stmt **ret, const char **tail);
int __real_sqlite3_finalize(sqlite3_stmt *stmt);
int __real_sqlite3_close(sqlite3 *handle);
int __wrap_sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs);
int __wrap_sqlite3_prepare_v3(sqlite3 *handle, const char *text, int len, unsigned flags,
                              sqlite3_stmt **ret, const char **tail);
int __wrap_sqlite3_finalize(sqlite3_stmt *stmt);
int __wrap_sqlite3_close(sqlite3 *handle);

static struct connection *find(const sqlite3 *handle)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (handle && connections[i].handle == handle)
			return &connections[i];
	return NULL;
}

/* Its process was killed in the middle of something: nothing of that is left. */
static bool forget_work(struct connection *c)
{
	bool is_busy = sqlite3_txn_state(c->handle, NULL) != SQLITE_TXN_NONE;
	for (sqlite3_stmt *s = NULL; is_busy && (s = sqlite3_next_stmt(c->handle, s));)
		if (sqlite3_stmt_busy(s))
			sqlite3_reset(s);
	if (!sqlite3_get_autocommit(c->handle))
		sqlite3_exec(c->handle, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_wal_hook(c->handle, NULL, NULL);
	sqlite3_busy_timeout(c->handle, 0);
	sqlite3_db_release_memory(c->handle);
	return sqlite3_txn_state(c->handle, NULL) == SQLITE_TXN_NONE;
}

/* The first that opens after a death: before the wal-index is emptied all let go of it. */
static void begin_life(void)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (connections[i].handle && !forget_work(&connections[i]))
			connections[i] = (struct connection){ 0 };
	life = disk_life(disk);
}

static bool revive(struct connection *c)
{
	static const int which[] = { SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER };
	for (size_t i = 0; i < ARRAY_LEN(which); i++) {
		sqlite3_file *file = NULL;
		if (sqlite3_file_control(c->handle, "main", which[i], &file) != SQLITE_OK ||
		    !disk_revive(disk, file)) {
			*c = (struct connection){ 0 };
			return false;
		}
	}
	c->life = life;
	return true;
}

static struct connection *find_kept(const char *name, int flags)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *c = &connections[i];
		if (c->handle && c->flags == flags && c->life != life &&
		    strcmp(name, sqlite3_db_filename(c->handle, "main")) == 0 && revive(c))
			return c;
	}
	return NULL;
}

static void keep(sqlite3 *handle, int flags)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (!connections[i].handle) {
			connections[i] = (struct connection){ .handle = handle,
				                              .flags = flags,
				                              .life = life };
			return;
		}
}

int __wrap_sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs)
{
	if (life != disk_life(disk))
		begin_life();
	bool is_anew = life % ANEW_EVERY == ANEW_EVERY - 1;
	struct connection *c = is_anew ? NULL : find_kept(name, flags);
	if (c) {
		*ret = c->handle;
		return SQLITE_OK;
	}
	int code = __real_sqlite3_open_v2(name, ret, flags, vfs);
	if (code == SQLITE_OK && !is_anew)
		keep(*ret, flags);
	return code;
}

int __wrap_sqlite3_prepare_v3(sqlite3 *handle, const char *text, int len, unsigned flags,
                              sqlite3_stmt **ret, const char **tail)
{
	struct connection *c = find(handle);
	for (size_t i = 0; c && i < c->n; i++)
		if (c->texts[i] == text) {
			*ret = c->statements[i];
			return SQLITE_OK;
		}
	int code = __real_sqlite3_prepare_v3(handle, text, len, flags, ret, tail);
	if (code == SQLITE_OK && c && c->n < STATEMENTS_MAX) {
		c->texts[c->n] = text;
		c->statements[c->n++] = *ret;
	}
	return code;
}

int __wrap_sqlite3_finalize(sqlite3_stmt *stmt)
{
	struct connection *c = find(stmt ? sqlite3_db_handle(stmt) : NULL);
	for (size_t i = 0; c && i < c->n; i++)
		if (c->statements[i] == stmt)
			return sqlite3_reset(stmt);
	return __real_sqlite3_finalize(stmt);
}

int __wrap_sqlite3_close(sqlite3 *handle)
{
	struct connection *c = find(handle);
	for (size_t i = 0; c && i < c->n; i++)
		__real_sqlite3_finalize(c->statements[i]);
	if (c)
		*c = (struct connection){ 0 };
	return __real_sqlite3_close(handle);
}

void compiled_keep(struct disk *d)
{
	disk = d;
	life = disk_life(d);
}

void compiled_prepare(void)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		for (size_t k = 0; connections[i].handle && k < SQL_COUNT; k++) {
			sqlite3_stmt *stmt;
			if (sqlite3_prepare_v3(connections[i].handle, sql_texts[k], -1,
			                       SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
				abort();
		}
}
