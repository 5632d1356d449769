/* The API: each endpoint turns a request into one call of an engine and the result into
 * an answer.  It decides nothing.  src/api/openapi.yaml is the contract.
 *
 *	route.c     the table of endpoints: method, path, role, handler
 *	request.c   the way of every request: gate, route, who, body; and back
 *	problem.c   outcomes → statuses and problem+json
 *	rest/       the handlers, a file per noun
 *
 * Everything here runs on the loop's thread but functions named …_on_pool.
 */
#ifndef TAKT_API_API_H
#define TAKT_API_API_H

#include "base/base.h"

struct api;
struct artifacts;
struct backups;
struct env;
struct flow;
struct http_exchange;
struct http_server_options;
struct identity;
struct loop;
struct pool;
struct queue;
struct store;
struct writer;

/* Which requests get a line of the log at level info; at level debug all do. */
enum access_lines { ACCESS_OFF, ACCESS_ERRORS, ACCESS_ALL };

struct api_maker {
	const char *name, *description;
};

struct api_options {
	struct loop *loop;
	struct pool *pool; /* for reading and files */
	struct writer *writer;
	struct store *store; /* only handed on: events are read from it */
	struct queue *queue;
	struct flow *flow;
	struct artifacts *artifacts;
	struct backups *backups;
	struct identity *identity;
	const struct env *env;
	const char *const *hosts; /* names the Host header may have besides loopback's */
	size_t n_hosts;
	const struct api_maker *makers;
	size_t n_makers;
	const char *folder;
	int64_t schema_version, event_epoch;
	int64_t disk_low_bytes;
	enum access_lines access_lines;
};

struct api *api_create(const struct api_options *o) MUST_USE;
void api_destroy(struct api *a);
/* Fills in the callbacks of the HTTP server. */
void api_attach(struct api *a, struct http_server_options *o);
/* New events are durable.  The loop's thread. */
void api_events_arrived(struct api *a, int64_t tenant, int64_t last_seq);
/* From now on: /readyz says so, polls are answered empty, streams end. */
void api_drain(struct api *a);

#endif
