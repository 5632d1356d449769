/* Insides of an open data folder, shared by the files of store/sqlite. */
#ifndef TAKT_STORE_SQLITE_STORE_PRIV_H
#define TAKT_STORE_SQLITE_STORE_PRIV_H

#include "base/base.h"
#include "sys/lock.h"

struct db;
struct env;

struct store {
	struct db *writer;
	const struct env *env;
	char *folder, *path;
	struct lock lock; /* guards the two lists */
	struct db *idle;  /* readers that nobody has borrowed */
	struct db *lent;  /* and those that somebody has */
	int wal_pages, checkpoint_pages;
	int copies; /* under way on the writer's connection: see copy.c */
	int64_t free_bytes, free_asked_ms;
	int64_t slot, last_id;
};

#endif
