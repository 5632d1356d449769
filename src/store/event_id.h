/* How an event's key is made: tenant << 40 | seq, so that one tenant's events lie
 * together and appending is the cheapest thing a B-tree does. */
#ifndef TAKT_STORE_EVENT_ID_H
#define TAKT_STORE_EVENT_ID_H

#include "base/base.h"

struct db;

enum { EVENT_SEQ_BITS = 40, EVENT_TENANT_BITS = 22 };

static inline int64_t event_id(int64_t tenant, int64_t seq)
{
	assert(tenant > 0 && tenant < (INT64_C(1) << EVENT_TENANT_BITS));
	assert(seq >= 0 && seq < (INT64_C(1) << EVENT_SEQ_BITS));
	return (tenant << EVENT_SEQ_BITS) | seq;
}

static inline int64_t event_id_last(int64_t tenant)
{
	return event_id(tenant, (INT64_C(1) << EVENT_SEQ_BITS) - 1);
}

static inline int64_t event_seq(int64_t id)
{
	return id & ((INT64_C(1) << EVENT_SEQ_BITS) - 1);
}

/* The newest number of a tenant; 0 when there is none. */
enum rc event_last_of(struct db *db, int64_t tenant, int64_t *ret, struct err *err) MUST_USE;

#endif
